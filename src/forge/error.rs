//! What can go wrong between relman and a forge.

use crate::domain::error::{Exit, Explain};
use crate::domain::name::BranchName;

use super::kind::ForgeKind;
use crate::http;

/// A failure to find, reach or use a forge. No variant ever holds a token.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A word that names no kind of forge.
    #[error("{text:?} in {source_name} is no kind of forge")]
    UnknownKind {
        /// The word.
        text: String,
        /// Where it stands.
        source_name: &'static str,
    },
    /// A URL that can't be a forge's; it is not repeated, since it may hold a password.
    #[error("the URL in {source_name} can't be used: {why}")]
    InvalidUrl {
        /// Where it stands.
        source_name: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A host that must not get a token.
    #[error("no token is sent to {host}: {why}")]
    UntrustedHost {
        /// The host.
        host: String,
        /// Why not.
        why: &'static str,
        /// The line to type.
        fix: String,
    },
    /// A host that would get a token without encryption.
    #[error("no token is sent to {host} over http, where everybody on the way could read it")]
    PlainHttp {
        /// The host.
        host: String,
        /// The line to type.
        fix: String,
    },
    /// There is no token.
    #[error("there is no token for {host}; looked at: {}", looked.join(", "))]
    NoToken {
        /// The host.
        host: String,
        /// The places that were looked at, in order.
        looked: Vec<String>,
        /// What to do about it.
        fixes: Vec<String>,
    },
    /// A token that is there, or should be, can't be used.
    #[error("the token of {place} can't be used: {why}")]
    TokenUnusable {
        /// The place.
        place: String,
        /// Why.
        why: String,
    },
    /// The head branch holds nothing that the base branch lacks.
    #[error("{head} holds nothing that {base} lacks, so there is nothing to promote")]
    Nothing {
        /// The head branch.
        head: BranchName,
        /// The base branch.
        base: BranchName,
    },
    /// There is such a pull request already.
    #[error("there is a pull request from {head} to {base} already{}", number.map(|n| format!(": number {n}")).unwrap_or_default())]
    Duplicate {
        /// The head branch.
        head: BranchName,
        /// The base branch.
        base: BranchName,
        /// Its number, where the forge says it.
        number: Option<u64>,
    },
    /// Somebody else changed the pull request since it was read.
    #[error("pull request {number} was changed by somebody else in the meantime")]
    Stale {
        /// Its number.
        number: u64,
    },
    /// The pull request is merged or closed.
    #[error("pull request {number} is not open any more")]
    NotOpen {
        /// Its number.
        number: u64,
    },
    /// A reviewer whom the forge does not accept.
    #[error("the reviewers {} are not accepted{}", names.join(", "), said_after(said))]
    Reviewers {
        /// Who was asked for.
        names: Vec<String>,
        /// What the forge said.
        said: String,
        /// How this forge wants a reviewer to be named.
        hint: &'static str,
    },
    /// The conversation with it failed.
    #[error(transparent)]
    Http(#[from] http::Error),
    /// relman does not speak this forge's API.
    #[error("relman does not speak the API of {}", kind.title())]
    NoApi {
        /// The kind of forge.
        kind: ForgeKind,
    },
}

fn said_after(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Error::UnknownKind { .. } => "unknown-forge",
            Error::InvalidUrl { .. } => "invalid-forge-url",
            Error::UntrustedHost { .. } => "untrusted-forge",
            Error::PlainHttp { .. } => "plain-http",
            Error::NoToken { .. } => "no-token",
            Error::TokenUnusable { .. } => "token-unusable",
            Error::Nothing { .. } => "nothing-to-promote",
            Error::Duplicate { .. } => "pull-request-exists",
            Error::Stale { .. } => "pull-request-changed",
            Error::NotOpen { .. } => "pull-request-closed",
            Error::Reviewers { .. } => "invalid-reviewer",
            Error::Http(error) => match error {
                http::Error::Unauthorised { .. } => "forge-refused-access",
                http::Error::NotFound { .. } => "not-on-forge",
                http::Error::Rejected { .. } => "forge-refused",
                http::Error::Unreachable { .. } => "forge-unreachable",
                error => error.code(),
            },
            Error::NoApi { .. } => "no-forge-api",
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Error::UnknownKind { .. } | Error::InvalidUrl { .. } | Error::NoApi { .. } => Exit::Usage,
            Error::UntrustedHost { .. }
            | Error::PlainHttp { .. }
            | Error::NoToken { .. }
            | Error::TokenUnusable { .. } => Exit::Unauthorised,
            Error::Nothing { .. }
            | Error::Duplicate { .. }
            | Error::Stale { .. }
            | Error::NotOpen { .. }
            | Error::Reviewers { .. } => Exit::Refused,
            Error::Http(error) => error.exit(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Error::UnknownKind { .. } => vec![format!("one of: {}", ForgeKind::WORDS.join(", "))],
            Error::InvalidUrl { .. } => vec!["the form is https://HOST[:PORT][/PATH]".into()],
            Error::UntrustedHost { fix, .. } | Error::PlainHttp { fix, .. } => {
                vec![format!("if you trust it: {fix}"), "--web needs no token".into()]
            }
            Error::NoToken { fixes, .. } => fixes.clone(),
            Error::TokenUnusable { .. } => Vec::new(),
            Error::Duplicate { .. } | Error::Stale { .. } | Error::NotOpen { .. } => {
                vec!["run the command again: it reads anew and decides anew".into()]
            }
            Error::Reviewers { hint, .. } => vec![(*hint).into()],
            Error::Http(http::Error::NotFound { .. }) => vec![
                "a private repository looks missing to a token that may not read it".into(),
                "`relman doctor` says which repository and which token are used".into(),
            ],
            Error::Http(error @ http::Error::Garbled { .. }) => {
                [error.hints(), vec!["--forge TYPE=URL names the forge and its address".into()]].concat()
            }
            Error::Http(error) => error.hints(),
            Error::NoApi { .. } => vec!["--web prints the page that opens a pull request".into()],
            Error::Nothing { .. } => {
                vec!["where only a message differs, --direct-push brings it there without the forge".into()]
            }
        }
    }
}
