//! Why a body is not understood, and what to do about it.

use super::json::{MAX_DEPTH, MAX_VALUES};
use super::{MAX_BODY, Source};
use crate::domain::error::{Exit, Explain};
use crate::domain::name::InvalidName;
use crate::domain::version::InvalidDeclaration;

/// A body that can't be understood, or that could mean several things.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misunderstood {
    /// It is larger than any event of a release.
    #[error("the body is larger than {} MiB", MAX_BODY / 1024 / 1024)]
    TooLarge,
    /// There is nothing.
    #[error("the body is empty")]
    Empty,
    /// It is not JSON.
    #[error("the body is not JSON: {why}, at line {line} column {column}")]
    NotJson {
        /// What is wrong.
        why: String,
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
    },
    /// It ends in the middle of a value.
    #[error("the body ends too early: it was cut off")]
    CutOff,
    /// It is nested too deeply.
    #[error("the body is nested more than {MAX_DEPTH} levels deep")]
    TooDeep,
    /// It has too many values.
    #[error("the body has more than {MAX_VALUES} values")]
    TooMany,
    /// An object has a key twice, so that programs read different things in it.
    #[error("the body has the key {0:?} twice in one object")]
    DuplicateKey(String),
    /// It is a list, a text or the like.
    #[error("the body is {0}, and not an object")]
    NotAnObject(&'static str),
    /// It has the marks of two senders.
    #[error("the body has the marks of {} and of {}", .0.title(), .1.title())]
    Ambiguous(Source, Source),
    /// The body and a header name two senders.
    #[error("a header says that the body is from {}, but it has the marks of {}", .header.title(), .body.title())]
    OtherHeader {
        /// The sender by the header.
        header: Source,
        /// The sender by the body.
        body: Source,
    },
    /// What the sender always says is missing.
    #[error("the body has no {key}, and {} always has one", .from.title())]
    Missing {
        /// Whose body it is.
        from: Source,
        /// What is missing.
        key: &'static str,
    },
    /// A value is not what it must be.
    #[error("{key} in the body is {found}, and must be {expected}")]
    WrongType {
        /// The path of the value.
        key: String,
        /// What it is.
        found: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// A value is given twice, and differently.
    #[error("the body names {0} twice, and differently")]
    Contradiction(String),
    /// A text is longer than any such text.
    #[error("{0} in the body is longer than {1} characters")]
    TooLong(String, usize),
    /// The version is none.
    #[error(transparent)]
    Version(#[from] InvalidDeclaration),
    /// The environment's name is none.
    #[error(transparent)]
    Name(#[from] InvalidName),
}

impl Explain for Misunderstood {
    fn code(&self) -> &'static str {
        match self {
            Misunderstood::TooLarge => "body-too-large",
            Misunderstood::NotJson { .. } | Misunderstood::CutOff => "invalid-json",
            Misunderstood::Ambiguous(..) | Misunderstood::OtherHeader { .. } | Misunderstood::Contradiction(_) => {
                "ambiguous-body"
            }
            Misunderstood::Version(error) => error.code(),
            Misunderstood::Name(error) => error.code(),
            _ => "invalid-body",
        }
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Misunderstood::Missing { from: Source::Relman, .. } | Misunderstood::Empty => {
                vec![r#"the smallest body is {"environment": "qa", "version": "1.2.0"}"#.into()]
            }
            Misunderstood::WrongType { key, found: "a number", .. } => {
                vec![format!("put {key} between quotes, so that a version such as 1.10 stays what it is")]
            }
            Misunderstood::Ambiguous(..) => vec!["send the keys of one of them only".into()],
            Misunderstood::Version(error) => error.hints(),
            Misunderstood::Name(error) => error.hints(),
            _ => vec![],
        }
    }
}
