//! Changing one value of a YAML text, and no other byte.
//!
//! A change is a replaced span. The new text is read again and compared with the old one; a change that would do more
//! than it should is never handed out.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::super::error::{Exit, Explain};
use super::plain::written;
use super::{Document, Key, Node, Origin, Scalar, Style, Value, YamlError, parse};

/// A change that can't be made without touching more than the one value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The text is not the YAML that relman reads.
    #[error(transparent)]
    Yaml(#[from] YamlError),
    /// The key is not there.
    #[error("there is no key `{key}` at the top of the file")]
    Missing {
        /// The key that was looked for.
        key: String,
    },
    /// The value is written in a way that an edit can't keep.
    #[error("the value of `{key}` on line {line} is {what}")]
    Form {
        /// The key of the value.
        key: String,
        /// The line of the value, counted from 1.
        line: usize,
        /// The way it is written.
        what: &'static str,
        /// The way to write it instead.
        instead: &'static str,
    },
    /// The new value can't be written on one line.
    #[error("the new value of `{key}` holds a line break or another control character")]
    Text {
        /// The key of the value.
        key: String,
    },
    /// The text after the change would not say what it should, or would say something else differently.
    #[error("the edit of `{key}` would change more than its value")]
    Differs {
        /// The key of the value.
        key: String,
    },
}

impl Explain for EditError {
    fn code(&self) -> &'static str {
        match self {
            EditError::Yaml(error) => error.code(),
            EditError::Text { .. } => "invalid-value",
            EditError::Missing { .. } => "missing-key",
            EditError::Form { .. } | EditError::Differs { .. } => "cannot-edit",
        }
    }
    fn exit(&self) -> Exit {
        Exit::Usage
    }
    fn hints(&self) -> Vec<String> {
        match self {
            EditError::Yaml(error) => error.hints(),
            EditError::Text { .. } => Vec::new(),
            EditError::Missing { key } => vec![format!("add a line `{key}:` to the file")],
            EditError::Form { instead, .. } => vec![(*instead).to_owned()],
            EditError::Differs { key } => vec![format!("change `{key}` by hand")],
        }
    }
}

/// Gives a key at the top of a text a new value, and returns the new text.
///
/// Quotes stay as they are; a value without quotes gets some if a YAML reader could take it for something else than a
/// text. Anchors, tags, comments, the order and the line endings stay.
pub fn set_scalar(text: &str, key: &str, new_value: &str) -> Result<String, EditError> {
    let before = parse(text.as_bytes())?;
    let (at, node, scalar) = find_scalar(&before, key)?;
    if scalar.text == new_value && !scalar.is_null() {
        return Ok(text.to_owned());
    }
    let value = written(new_value, scalar.style).ok_or_else(|| EditError::Text { key: key.to_owned() })?;
    let after = if node.span.is_empty() {
        match place_for_value(text, at, node) {
            Some((at, space)) => format!("{}{space}{value}{}", &text[..at], &text[at..]),
            None => return Err(form(key, node, "missing, and so is the colon before it")),
        }
    } else {
        format!("{}{value}{}", &text[..node.span.start], &text[node.span.end..])
    };
    verify_scalar(&before, text, &after, key, Some(new_value))?;
    Ok(after)
}

/// Takes the value of a key at the top of a text away, and returns the new text, in which the key stands alone.
///
/// The blanks between colon and value go with it; comments, the order and the line endings stay.
pub fn clear_scalar(text: &str, key: &str) -> Result<String, EditError> {
    let before = parse(text.as_bytes())?;
    let (_, node, _) = find_scalar(&before, key)?;
    let head = text[..node.span.start].trim_end_matches([' ', '\t']);
    let after = format!("{head}{}", &text[node.span.end..]);
    verify_scalar(&before, text, &after, key, None)?;
    Ok(after)
}

/// Adds an item to the end of a list at the top of a text, and returns the new text.
///
/// The lines are those of the item without its dash, such as `name: qa` and `type: qa`. The list must be written with
/// dashes; its indentation and line endings are kept.
pub fn append_to_list(text: &str, key: &str, entry_lines: &[String]) -> Result<String, EditError> {
    let before = parse(text.as_bytes())?;
    let (_, node) = find(&before, key)?;
    let instead = "write the list below its key, each item behind a dash on a line of its own, and try again";
    let form = |what| Err(EditError::Form { key: key.to_owned(), line: node.line, what, instead });
    let items = match &node.value {
        _ if node.origin == Origin::Alias => return form("an alias (`*name`), which stands for a list elsewhere"),
        _ if node.origin == Origin::Merge => return form("brought by a merge key (`<<`)"),
        _ if before.is_repeated(node) => return form("repeated elsewhere by an alias (`*name`)"),
        Value::List(_) if text[node.span.clone()].starts_with('[') && is_flow(text, node) => {
            return form("a list in brackets (`[…]`)");
        }
        Value::List(items) => items,
        _ => return form("not a list"),
    };
    let Some(last) = items.last() else { return form("a list without items") };
    let item = parse(entry_lines.join("\n").as_bytes())?;
    let Some(indent) = dash_column(text, last) else { return form("a list whose dashes do not begin their lines") };

    let at = end_of_item(text, last, indent);
    let (head, tail) = text.split_at(at);
    let ended = head.ends_with('\n');
    let crlf = if ended { head.ends_with("\r\n") } else { text.contains("\r\n") };
    let newline = if crlf { "\r\n" } else { "\n" };
    let margin = " ".repeat(indent);
    let mut lines = entry_lines.iter().enumerate().map(|(n, line)| match n {
        0 => format!("{margin}- {line}"),
        _ => format!("{margin}  {line}"),
    });
    let added = lines.by_ref().collect::<Vec<_>>().join(newline);
    let after = if ended { format!("{head}{added}{newline}{tail}") } else { format!("{head}{newline}{added}{tail}") };

    let mut wanted = items.to_vec();
    wanted.push(item.root);
    verify(&before, &after, key, |node| node.as_list() == Some(&wanted))?;
    Ok(after)
}

/// The entry at the top of the document.
fn find<'d>(document: &'d Document, key: &str) -> Result<(&'d Key, &'d Node), EditError> {
    document.root.entry(key).ok_or_else(|| EditError::Missing { key: key.to_owned() })
}

/// The key at the top of the document and its value, if that is written in a way that an edit can keep.
fn find_scalar<'d>(document: &'d Document, key: &str) -> Result<(&'d Key, &'d Node, &'d Scalar), EditError> {
    let (at, node) = find(document, key)?;
    let what = match &node.value {
        _ if node.origin == Origin::Alias => "an alias (`*name`), which stands for a value elsewhere",
        _ if node.origin == Origin::Merge => "brought by a merge key (`<<`)",
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
        Value::Scalar(scalar) if matches!(scalar.style, Style::Literal | Style::Folded) => "a block (`|` or `>`)",
        Value::Scalar(_) if document.is_repeated(node) => "repeated elsewhere by an alias (`*name`)",
        Value::Scalar(scalar) => return Ok((at, node, scalar)),
    };
    Err(form(key, node, what))
}

/// What is said of a value that an edit can't keep.
fn form(key: &str, node: &Node, what: &'static str) -> EditError {
    let instead = "write the value itself behind the key and its colon, and try again";
    EditError::Form { key: key.to_owned(), line: node.line, what, instead }
}

/// Where the value of a key that has none goes, and what is to be put before it.
fn place_for_value(text: &str, key: &Key, node: &Node) -> Option<(usize, &'static str)> {
    // After an anchor or a tag the parser's place is right. Otherwise it is where the key ends, before the colon.
    let mut at = node.span.start.max(key.span.end);
    if !text.get(key.span.end..at)?.contains(':') {
        at += text[at..].find(|c| c != ' ' && c != '\t').filter(|n| text[at + n..].starts_with(':'))? + 1;
    }
    let rest = &text[at..];
    match rest.strip_prefix(' ') {
        // The one space after the colon serves, unless a comment needs it.
        Some(after) if !after.starts_with('#') => Some((at + 1, "")),
        _ => Some((at, " ")),
    }
}

/// Whether a list whose text begins with `[` is one in brackets, and not one whose first item is.
fn is_flow(text: &str, node: &Node) -> bool {
    // A list with dashes ends where its last item does; a bracket's list ends behind that.
    text[node.span.clone()].ends_with(']')
        && node.as_list().and_then(<[Node]>::last).is_none_or(|last| last.span.end < node.span.end)
}

/// The column of the dash of a list's item, counted from 0; `None` where something else precedes it.
fn dash_column(text: &str, item: &Node) -> Option<usize> {
    let mut end = text[item.span.start..].find('\n').map_or(text.len(), |n| item.span.start + n);
    loop {
        let start = text[..end].rfind('\n').map_or(0, |n| n + 1);
        let line = &text[start..end];
        let indent = line.len() - line.trim_start_matches(' ').len();
        if line[indent..].starts_with('-') {
            return Some(indent);
        }
        // An item may begin on a line below its dash, after comments.
        end = start.checked_sub(1)?;
    }
}

/// Where the lines of an item end: behind its last value's line, and behind the comments that are indented like it.
fn end_of_item(text: &str, item: &Node, indent: usize) -> usize {
    let next_line = |from: usize| text[from..].find('\n').map_or(text.len(), |n| from + n + 1);
    let block = item.span.end > item.span.start && text[..item.span.end].ends_with('\n');
    let mut at = if block { item.span.end } else { next_line(item.span.end) };
    while at < text.len() {
        let end = next_line(at);
        let line = &text[at..end];
        let inner = line.trim_start_matches(' ');
        if !inner.starts_with('#') || line.len() - inner.len() <= indent {
            break;
        }
        at = end;
    }
    at
}

/// Compares the texts before and after: everything but the one value is equal, and a second reader agrees on it. `None` is
/// no value at all.
fn verify_scalar(before: &Document, old: &str, new: &str, key: &str, value: Option<&str>) -> Result<(), EditError> {
    verify(before, new, key, |node| {
        node.origin == Origin::Here && node.as_str() == value && (value.is_some() || node.is_empty())
    })?;
    let second_old = second_reading(old, key);
    let second_new = second_reading(new, key);
    match (second_old, second_new) {
        (Some(_), Some(read)) if read.as_deref() == value => Ok(()),
        // A text that the second reader never understood says nothing about the edit.
        (None, None) => Ok(()),
        _ => Err(EditError::Differs { key: key.to_owned() }),
    }
}

/// Compares the new text with the old document: the value of `key` is as it should be, and all others are as before.
fn verify(before: &Document, new: &str, key: &str, good: impl FnOnce(&Node) -> bool) -> Result<(), EditError> {
    let differs = || EditError::Differs { key: key.to_owned() };
    let after = parse(new.as_bytes()).map_err(|_| differs())?;
    let (Some(old), Some(new)) = (before.root.as_map(), after.root.as_map()) else { return Err(differs()) };
    let same_rest = old.len() == new.len()
        && old
            .iter()
            .zip(new)
            .all(|((old_key, old), (new_key, new))| old_key == new_key && (old_key.text == key || old == new));
    match after.root.get(key) {
        Some(node) if same_rest && good(node) => Ok(()),
        _ => Err(differs()),
    }
}

/// The value of a key as another YAML reader sees it: `None` where it can't read the text, `Some(None)` for no value.
fn second_reading(text: &str, key: &str) -> Option<Option<String>> {
    serde_yaml::with_deserializer_from_str(text, |reader| reader.deserialize_map(Pick(key))).ok()?
}

/// Takes one value out of a map.
struct Pick<'k>(&'k str);

impl<'de> Visitor<'de> for Pick<'_> {
    type Value = Option<Option<String>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a map with the key `{}`", self.0)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<String>()? {
            if key == self.0 {
                found = Some(map.next_value_seed(MaybeText)?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// Reads a scalar as it is written, and nothing as `None`.
struct MaybeText;

impl<'de> DeserializeSeed<'de> for MaybeText {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        serde::Deserialize::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests;
