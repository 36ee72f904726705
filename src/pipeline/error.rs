//! Pipelines that can't be run at all, or whose run can't be followed.

use crate::domain::error::{Exit, Explain};
use crate::http;

/// Why a pipeline can't be run. A pipeline that ran and failed is no error but an [`Ending`](super::Ending).
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something that the engine needs is missing or wrong, here or in a file.
    #[error("{what}")]
    Unusable {
        /// What is wrong, and why it matters.
        what: String,
        /// What to do about it.
        hint: String,
    },
    /// The system that runs pipelines knows nobody, or does not let this one in.
    #[error("{what}")]
    Unauthorised {
        /// What was refused, with the system's own words.
        what: String,
        /// What to do about it.
        hint: String,
    },
    /// The system does not have what app.yml names.
    #[error("{what}")]
    NotFound {
        /// What is not there.
        what: String,
        /// What to do about it.
        hint: String,
    },
    /// The system that runs pipelines can't be reached.
    #[error("{what}")]
    Unreachable {
        /// What was being done, with the system's own words.
        what: String,
    },
    /// The system refused what it was asked for, or answered something that can't be understood.
    #[error("{what}")]
    Refused {
        /// What was being done, with the system's own words.
        what: String,
    },
    /// The conversation with the system failed.
    #[error(transparent)]
    Http(#[from] http::Error),
    /// A run was started, or may have been, and can't be found.
    #[error("the run with the id {id} can't be found{}", cause.as_ref().map(|why| format!("; it may not have been started: {why}")).unwrap_or_default())]
    NotFoundAgain {
        /// The id that was handed to it.
        id: String,
        /// Why nothing is known of it.
        cause: Option<String>,
    },
    /// A run that was being waited for can't be looked at any more.
    #[error("{run} goes on, and how it ends can't be seen: {cause}")]
    OutOfSight {
        /// The run.
        run: String,
        /// Why not.
        cause: http::Error,
    },
    /// A run was started at another commit than its tag should name.
    #[error("{run} is at {found}, but {tag} was made on {wanted}; it was cancelled")]
    AnotherCommit {
        /// The run.
        run: String,
        /// The tag.
        tag: String,
        /// The commit that the system found.
        found: String,
        /// The commit that was tagged.
        wanted: String,
    },
    /// Something on this machine failed.
    #[error("{what}")]
    Io {
        /// What was being done.
        what: String,
        /// Why it failed.
        #[source]
        cause: std::io::Error,
    },
}

impl Error {
    pub(super) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Error {
        let what = what.into();
        move |cause| Error::Io { what, cause }
    }
}

impl Error {
    /// Whether something may go on elsewhere whose end nobody knows.
    pub fn leaves_it_open(&self) -> bool {
        matches!(self, Error::OutOfSight { .. } | Error::NotFoundAgain { .. })
    }
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Error::Unusable { .. } => "engine-unusable",
            Error::Unauthorised { .. } => "engine-unauthorised",
            Error::NotFound { .. } => "engine-not-found",
            Error::Unreachable { .. } => "engine-unreachable",
            Error::Refused { .. } => "engine-refused",
            Error::Http(error) => match error {
                http::Error::Unauthorised { .. } => "engine-unauthorised",
                http::Error::NotFound { .. } => "engine-not-found",
                http::Error::Rejected { .. } => "run-refused",
                http::Error::Unreachable { .. } => "engine-unreachable",
                error => error.code(),
            },
            Error::NotFoundAgain { .. } => "run-not-found",
            Error::OutOfSight { .. } => "run-out-of-sight",
            Error::AnotherCommit { .. } => "run-at-another-commit",
            Error::Io { .. } => "io",
        }
    }
    fn exit(&self) -> Exit {
        match self {
            Error::Unusable { .. } => Exit::Usage,
            Error::Unauthorised { .. } => Exit::Unauthorised,
            Error::NotFound { .. } => Exit::NotFound,
            Error::Unreachable { .. } | Error::NotFoundAgain { .. } => Exit::Unreachable,
            Error::Http(error) | Error::OutOfSight { cause: error, .. } => error.exit(),
            Error::AnotherCommit { .. } | Error::Refused { .. } => Exit::Refused,
            Error::Io { .. } => Exit::Unexpected,
        }
    }
    fn hints(&self) -> Vec<String> {
        match self {
            Error::Unusable { hint, .. } | Error::Unauthorised { hint, .. } | Error::NotFound { hint, .. } => {
                vec![hint.clone()]
            }
            Error::Http(error) | Error::OutOfSight { cause: error, .. } => error.hints(),
            Error::NotFoundAgain { .. } => {
                vec!["look at the system whether it runs; deploying again takes the same tags".into()]
            }
            Error::AnotherCommit { .. } => vec!["somebody has moved the tag: `relman verify` says where".into()],
            Error::Unreachable { .. } => vec!["run it again later: it takes the same tags".into()],
            Error::Refused { .. } | Error::Io { .. } => vec![],
        }
    }
}
