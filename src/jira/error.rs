//! What can go wrong between relman and Jira.

use crate::domain::error::{Exit, Explain};
use crate::http;

/// A failure to find, reach or use Jira. No variant ever holds a token.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// Nothing says where Jira is.
    #[error("nothing says where Jira is")]
    NoUrl,
    /// A URL that can't be Jira's; it is not repeated, since it may hold a password.
    #[error("the URL of Jira in {place} can't be used: {why}")]
    InvalidUrl {
        /// Where it stands.
        place: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A host that must not get a token.
    #[error("no token is sent to {host}: only release.yml names it")]
    UntrustedHost {
        /// The host.
        host: String,
        /// The line to type.
        fix: String,
    },
    /// A host that would get a token without encryption.
    #[error("no token is sent to {host} over http, where everybody on the way could read it")]
    PlainHttp {
        /// The host.
        host: String,
    },
    /// There is no token.
    #[error("there is no token for Jira at {host}; looked at: RELMAN_JIRA_TOKEN, RELMAN_JIRA_TOKEN_FILE")]
    NoToken {
        /// The host.
        host: String,
    },
    /// A token that is there, or should be, can't be used.
    #[error("the token of {place} can't be used: {why}")]
    TokenUnusable {
        /// The place.
        place: String,
        /// Why.
        why: String,
        /// What to do about it.
        fix: String,
    },
    /// The conversation with it failed.
    #[error(transparent)]
    Http(#[from] http::Error),
}

/// What to type where there is no token, or one that does not suffice.
pub fn fixes() -> Vec<String> {
    vec![
        "Jira Cloud: set RELMAN_JIRA_EMAIL, and RELMAN_JIRA_TOKEN to an API token of that person".into(),
        "Jira Data Center: set RELMAN_JIRA_TOKEN to a personal access token".into(),
    ]
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Error::NoUrl => "no-jira",
            Error::InvalidUrl { .. } => "invalid-jira-url",
            Error::UntrustedHost { .. } => "untrusted-jira",
            Error::PlainHttp { .. } => "plain-http",
            Error::NoToken { .. } => "no-token",
            Error::TokenUnusable { .. } => "token-unusable",
            Error::Http(error) => match error {
                http::Error::Unauthorised { .. } => "jira-refused-access",
                http::Error::NotFound { .. } => "not-in-jira",
                http::Error::Rejected { .. } => "jira-refused",
                http::Error::Unreachable { .. } => "jira-unreachable",
                error => error.code(),
            },
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Error::NoUrl | Error::InvalidUrl { .. } => Exit::Usage,
            Error::UntrustedHost { .. }
            | Error::PlainHttp { .. }
            | Error::NoToken { .. }
            | Error::TokenUnusable { .. } => Exit::Unauthorised,
            Error::Http(error) => error.exit(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Error::NoUrl => vec!["write `jira: {url: https://…}` into release.yml, or set RELMAN_JIRA_URL".into()],
            Error::InvalidUrl { .. } => vec!["the form is https://HOST[:PORT][/PATH]".into()],
            Error::UntrustedHost { fix, .. } => {
                vec![format!("if you trust it: {fix} (in CI: set RELMAN_JIRA_URL beside the token)")]
            }
            Error::PlainHttp { host } => vec![format!("if you trust the network: git config relman.allowHttp {host}")],
            Error::NoToken { .. } => fixes(),
            Error::TokenUnusable { fix, .. } => vec![fix.clone()],
            Error::Http(error) => error.hints(),
        }
    }
}
