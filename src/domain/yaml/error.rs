//! What can be wrong with a YAML file, and where.

use std::borrow::Cow;

use granit_parser::{ErrorKind, ScanError};

use super::super::error::{Exit, Explain};
use super::{MAX_DEPTH, MAX_FILE, MAX_NODES};

/// A text that is not the YAML that relman reads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {kind}")]
pub struct YamlError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What is wrong.
    pub kind: YamlErrorKind,
}

/// What is wrong with a YAML text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum YamlErrorKind {
    /// The file is larger than [`MAX_FILE`].
    #[error("the file has {0} bytes; {MAX_FILE} are allowed")]
    TooLarge(usize),
    /// The bytes are no text.
    #[error("the file is not UTF-8")]
    Encoding,
    /// A character that no text file has a use for.
    #[error("the control character U+{:04X} is not allowed", u32::from(*.0))]
    Control(char),
    /// The YAML parser can't go on.
    #[error("{message}")]
    Syntax {
        /// What is wrong.
        message: Cow<'static, str>,
        /// What to do about it; may be empty.
        hint: &'static str,
    },
    /// Git left the marks of a merge conflict.
    #[error("a merge conflict was left here")]
    Conflict,
    /// A tab stands where YAML wants spaces.
    #[error("a tab stands where YAML allows spaces only")]
    Tab,
    /// A colon stands where no key can be.
    #[error("this colon makes a key of a text that can't be one here")]
    Colon,
    /// There is more than one document.
    #[error("a second document begins here")]
    Documents,
    /// A map has a key twice.
    #[error("the key {key:?} is here and on line {first}")]
    DuplicateKey {
        /// The key.
        key: String,
        /// The line of its first occurrence.
        first: usize,
    },
    /// A key is a list, a map, an alias or nothing.
    #[error("a key must be a text, not {0}")]
    Key(&'static str),
    /// The nesting is deeper than [`MAX_DEPTH`].
    #[error("the nesting is deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// There are more values than [`MAX_NODES`], or aliases multiply them.
    #[error("the file holds more than {MAX_NODES} values, or its aliases multiply into that")]
    TooMany,
    /// An alias names an anchor that is not there.
    #[error("this alias names an anchor that is not defined above it")]
    UnknownAnchor,
    /// An alias stands inside what it repeats.
    #[error("this alias repeats what it is a part of")]
    Recursion,
    /// A merge key has a value that can't be merged.
    #[error("`<<` needs a map or a list of maps, not {0}")]
    Merge(&'static str),
}

impl YamlErrorKind {
    /// What was expected at the place of the error, where there is a short way to say it.
    pub fn expected(&self) -> Option<&'static str> {
        match self {
            YamlErrorKind::Tab => Some("spaces"),
            YamlErrorKind::Documents => Some("one document"),
            YamlErrorKind::DuplicateKey { .. } => Some("each key once"),
            YamlErrorKind::Encoding => Some("UTF-8 text"),
            _ => None,
        }
    }
}

impl Explain for YamlError {
    fn code(&self) -> &'static str {
        match self.kind {
            YamlErrorKind::TooLarge(_) => "file-too-large",
            YamlErrorKind::Encoding => "not-utf-8",
            YamlErrorKind::Control(_) => "control-character",
            YamlErrorKind::Documents => "several-documents",
            YamlErrorKind::DuplicateKey { .. } => "duplicate-key",
            YamlErrorKind::TooDeep | YamlErrorKind::TooMany => "file-too-complex",
            _ => "invalid-yaml",
        }
    }
    fn exit(&self) -> Exit {
        Exit::Usage
    }
    fn hints(&self) -> Vec<String> {
        let hint = match &self.kind {
            YamlErrorKind::TooLarge(_) => "keep what relman does not read in a file of its own",
            YamlErrorKind::Encoding => "save the file as UTF-8",
            YamlErrorKind::Control(_) => "delete the character, or write it as an escape in double quotes",
            YamlErrorKind::Tab => "indent with spaces",
            YamlErrorKind::Colon => {
                "put the text into quotes if the colon is a part of it, else look at the indentation"
            }
            YamlErrorKind::Documents => "keep one document, and delete the others with their `---`",
            YamlErrorKind::DuplicateKey { .. } => "delete one of the two",
            YamlErrorKind::Key(_) => {
                "write keys as plain words, and put a text that begins with `{` or `[` into quotes"
            }
            YamlErrorKind::TooDeep | YamlErrorKind::TooMany => "simplify the file",
            YamlErrorKind::UnknownAnchor | YamlErrorKind::Recursion => {
                "define the anchor (`&name`) above the alias (`*name`)"
            }
            YamlErrorKind::Merge(_) => "name the map to merge: `<<: *name`",
            YamlErrorKind::Conflict => "resolve the conflict, and commit the file again",
            YamlErrorKind::Syntax { hint: "", .. } => {
                "look at the indentation, the quotes and the brackets here and just above"
            }
            YamlErrorKind::Syntax { hint, .. } => hint,
        };
        vec![hint.to_owned()]
    }
}

impl From<&ScanError> for YamlErrorKind {
    /// The parser's error in words for people who do not know how a parser works.
    fn from(error: &ScanError) -> Self {
        let say = |message: &'static str, hint| YamlErrorKind::Syntax { message: message.into(), hint };
        match error.kind() {
            ErrorKind::RecursionLimitExceeded => YamlErrorKind::TooDeep,
            ErrorKind::UnknownAnchor => YamlErrorKind::UnknownAnchor,
            ErrorKind::MappingValueNotAllowed => YamlErrorKind::Colon,
            ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar => YamlErrorKind::Tab,
            ErrorKind::SimpleKeyExpected => {
                say("this line is no `key: value`", "put a colon and a space between the key and the value")
            }
            ErrorKind::ExpectedBlockMappingKey => say("a key was expected here", INDENT),
            ErrorKind::ExpectedBlockSequenceEntry => say("a `-` was expected here", INDENT),
            ErrorKind::InvalidQuotedScalarIndent | ErrorKind::UnclosedQuotedScalar => {
                say("a quoted text does not end", "close the quotes")
            }
            ErrorKind::UnclosedFlowCollection { .. }
            | ErrorKind::InvalidColonPlacement
            | ErrorKind::ExpectedFlowMappingSeparator
            | ErrorKind::ExpectedFlowSequenceSeparator
            | ErrorKind::UnexpectedEofFlowMapping
            | ErrorKind::UnexpectedEofFlowSequence => {
                say("a list or a map in brackets does not end", "close the bracket, and put commas between the entries")
            }
            ErrorKind::MisplacedFlowCollectionEnd => say("this bracket closes nothing", "delete it, or open it before"),
            ErrorKind::BlockSequenceEntryNotAllowed => {
                say("a list can't begin here", "begin the list on a line of its own, or put the text into quotes")
            }
            ErrorKind::UnexpectedCharacter { character } => {
                YamlErrorKind::Syntax { message: format!("a text can't begin with {character:?}").into(), hint: QUOTES }
            }
            ErrorKind::MissingAnchorOrAliasName => say("a text can't begin with `*` or `&`", QUOTES),
            ErrorKind::InvalidBlockScalarHeader => say("a text can't begin with `|` or `>`", QUOTES),
            ErrorKind::UnknownQuotedScalarEscape => say(
                "double quotes hold an escape that YAML does not know",
                "write `\\\\` for a backslash, or use single quotes",
            ),
            ErrorKind::InvalidTrailingSingleQuotedScalar => {
                say("something follows the closing quote", "in single quotes, write `''` for an apostrophe")
            }
            ErrorKind::InvalidTrailingDoubleQuotedScalar => {
                say("something follows the closing quote", "in double quotes, write `\\\"` for a quote")
            }
            _ => YamlErrorKind::Syntax { message: error.info().to_string().into(), hint: "" },
        }
    }
}

const INDENT: &str = "indent the keys of one map, and the dashes of one list, alike";
const QUOTES: &str = "put the text into quotes";
