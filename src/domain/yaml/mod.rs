//! YAML as a small tree with positions: read once, used for settings, for messages and for edits.
//!
//! [`parse`] takes the bytes of a file that somebody else wrote. Whatever they hold, the time and the memory that it
//! takes are bounded, and what YAML leaves open (several documents, keys given twice, keys that are lists) is refused
//! rather than guessed. [`edit`] changes one value of a text and leaves every other byte as it was. [`write`](mod@write) makes
//! a document of values.

pub mod edit;
mod error;
mod json;
mod parse;
mod plain;
pub mod write;

use std::collections::HashSet;
use std::ops::Range;

pub use error::{YamlError, YamlErrorKind};
pub use parse::parse;

/// The largest file that is read, in bytes.
pub const MAX_FILE: usize = 256 * 1024;

/// The deepest nesting that is read.
pub const MAX_DEPTH: usize = 64;

/// The largest number of values in one file, aliases written out.
pub const MAX_NODES: usize = 50_000;

/// One YAML document.
#[derive(Clone, Debug)]
pub struct Document {
    /// The value that the document is; an empty scalar where the file says nothing.
    pub root: Node,
    /// The anchors that some alias repeats.
    aliased: HashSet<usize>,
}

impl Document {
    /// Whether an alias somewhere in the document repeats this node.
    pub fn is_repeated(&self, node: &Node) -> bool {
        node.anchor != 0 && self.aliased.contains(&node.anchor)
    }
}

/// A value with the place that it was read from.
///
/// Two nodes are equal if they say the same, wherever they stand.
#[derive(Clone, Debug)]
pub struct Node {
    /// What the value is.
    pub value: Value,
    /// The bytes of the text that hold the value, without its anchor and tag; for an alias, those of the alias.
    pub span: Range<usize>,
    /// The line that the value begins on, counted from 1.
    pub line: usize,
    /// The column that the value begins in, in characters, counted from 1.
    pub column: usize,
    /// Whether the value is written here or repeated from another place.
    pub origin: Origin,
    /// The number of its anchor, 0 for none.
    anchor: usize,
}

/// How a value came to where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is written here.
    Here,
    /// An alias (`*name`) repeats it from its anchor.
    Alias,
    /// A merge key (`<<`) brought it.
    Merge,
}

/// The three shapes of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A text, a number, a word such as `true`, or nothing.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the file; what a merge key brought comes last.
    Map(Vec<(Key, Node)>),
}

/// A single value, as text.
///
/// Two scalars are equal if their texts are, and if both or neither can be taken for something else than a text.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// The text, with quotes, escapes and line folding resolved.
    pub text: String,
    /// How it is written.
    pub style: Style,
    /// Whether a tag (`!!str` or `!`) says that it is a text.
    tagged_text: bool,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As it is, without quotes.
    Plain,
    /// In single quotes.
    Single,
    /// In double quotes.
    Double,
    /// As a block that begins with `|`.
    Literal,
    /// As a block that begins with `>`.
    Folded,
}

/// The key of a map's entry.
#[derive(Clone, Debug)]
pub struct Key {
    /// The text of the key.
    pub text: String,
    /// The bytes that hold the key.
    pub span: Range<usize>,
    /// The line that the key begins on, counted from 1.
    pub line: usize,
    /// The column that the key begins in, in characters, counted from 1.
    pub column: usize,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl PartialEq for Scalar {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.is_text() == other.is_text()
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Scalar {
    /// Whether it is a text whatever it reads like: quoted, a block, or tagged as a string.
    pub fn is_text(&self) -> bool {
        self.tagged_text || self.style != Style::Plain
    }

    /// Whether nothing at all is written.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && !self.is_text()
    }

    /// Whether YAML reads it as null: nothing at all, `~` or `null`.
    pub fn is_null(&self) -> bool {
        !self.is_text() && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }
}

impl Node {
    /// The value of a key, where the node is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, node)| node)
    }

    /// The key and the value, where the node is a map that has the key.
    pub fn entry(&self, key: &str) -> Option<(&Key, &Node)> {
        self.as_map()?.iter().find(|(known, _)| known.text == key).map(|(key, node)| (key, node))
    }

    /// The entries, where the node is a map.
    pub fn as_map(&self) -> Option<&[(Key, Node)]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items, where the node is a list.
    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The scalar, where the node is one.
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a scalar that is not null, numbers and booleans as they are written.
    pub fn as_str(&self) -> Option<&str> {
        self.as_scalar().filter(|scalar| !scalar.is_null()).map(|scalar| scalar.text.as_str())
    }

    /// The value of a plain `true` or `false`.
    pub fn as_bool(&self) -> Option<bool> {
        let scalar = self.as_scalar().filter(|scalar| !scalar.is_text())?;
        json::boolean(&scalar.text)
    }

    /// Whether nothing at all is written.
    pub fn is_empty(&self) -> bool {
        self.as_scalar().is_some_and(Scalar::is_empty)
    }

    /// Whether YAML reads the value as null: nothing at all, `~` or `null`.
    pub fn is_null(&self) -> bool {
        self.as_scalar().is_some_and(Scalar::is_null)
    }

    /// What the value is, in words for a message: `a map`, `a list`, `a text` or `nothing`.
    pub fn describe(&self) -> &'static str {
        match &self.value {
            Value::Map(_) => "a map",
            Value::List(_) => "a list",
            Value::Scalar(scalar) if scalar.is_null() => "nothing",
            Value::Scalar(_) => "a text",
        }
    }
}

#[cfg(test)]
mod tests;
