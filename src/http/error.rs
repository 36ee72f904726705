//! What can go wrong in a conversation with a service.

use crate::domain::error::{Exit, Explain};

/// A failure to reach a service, or to get from it what was asked for. No variant ever holds a token.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The service refuses the token.
    #[error("{host} refuses to {doing}{}", said_after(said))]
    Unauthorised {
        /// The host.
        host: String,
        /// What was being done.
        doing: String,
        /// What the service said.
        said: String,
        /// Whether the service knows who asks, and forbids it.
        known: bool,
        /// What to do about it.
        fixes: Box<[String]>,
    },
    /// What was asked for is not there, or can't be seen with this token.
    #[error("{host} can't {doing}: not found, or hidden from this token{}", said_after(said))]
    NotFound {
        /// The host.
        host: String,
        /// What was being done.
        doing: String,
        /// What the service said.
        said: String,
    },
    /// The service refuses for a reason of its own.
    #[error("{host} refused to {doing} (status {status}){}", said_after(said))]
    Rejected {
        /// The host.
        host: String,
        /// What was being done.
        doing: String,
        /// The status of the answer.
        status: u16,
        /// What the service said.
        said: String,
    },
    /// The service asks for patience.
    #[error("{host} asks for fewer requests{}", wait.map(|s| format!(": again in {s} seconds")).unwrap_or_default())]
    RateLimited {
        /// The host.
        host: String,
        /// How many seconds it wants us to wait.
        wait: Option<u64>,
    },
    /// The service can't be reached, or is not well.
    #[error("{host} can't be reached: {why}")]
    Unreachable {
        /// The host.
        host: String,
        /// Why.
        why: String,
    },
    /// The answer is not what the service's API sends.
    #[error("{host} does not answer as the API of {service} does when asked to {doing}: {why}")]
    Garbled {
        /// The host.
        host: String,
        /// What was being done.
        doing: String,
        /// The name of the service that was expected.
        service: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

/// What a service said, to stand at the end of a sentence.
fn said_after(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Error::Unauthorised { .. } => "access-refused",
            Error::NotFound { .. } => "not-found",
            Error::Rejected { .. } => "refused",
            Error::RateLimited { .. } => "rate-limited",
            Error::Unreachable { .. } => "unreachable",
            Error::Garbled { .. } => "not-the-api",
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Error::Unauthorised { .. } => Exit::Unauthorised,
            Error::NotFound { .. } => Exit::NotFound,
            Error::Rejected { .. } => Exit::Refused,
            Error::RateLimited { .. } | Error::Unreachable { .. } | Error::Garbled { .. } => Exit::Unreachable,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Error::Unauthorised { fixes, .. } => fixes.to_vec(),
            Error::NotFound { .. } => vec!["what is private looks missing to a token that may not read it".into()],
            Error::RateLimited { .. } | Error::Unreachable { .. } => vec!["trying again is safe".into()],
            Error::Garbled { .. } => vec!["a login page or a proxy may stand in between".into()],
            Error::Rejected { .. } => Vec::new(),
        }
    }
}
