//! Why it is not known what a text on the command line stands for.

use std::path::PathBuf;

use crate::domain::error::{Exit, Explain};
use crate::domain::file::did_you_mean;
use crate::domain::name::{EnvironmentName, RepositoryName};
use crate::domain::text::shell_path;

/// A text stands for nothing, or for something that can't be told from the clones.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unclear {
    /// Nothing is called so.
    #[error("there is no environment, no tag and no version {what}")]
    NothingCalled {
        /// What was named.
        what: String,
        /// The app repo, whose tags were looked at.
        application: RepositoryName,
        /// Its clone.
        clone: PathBuf,
        /// The environments that exist.
        known: Vec<EnvironmentName>,
    },
    /// Nothing that an environment could have is called so.
    #[error("{what} is no issue, no commit, no tag and no version in the history of these clones")]
    FoundNowhere {
        /// What was named.
        what: String,
        /// The clones whose history ends before its beginning.
        shallow: Vec<RepositoryName>,
        /// What could not be looked at, in sentences.
        unread: Vec<String>,
    },
    /// Several commits begin with the digits that were given.
    #[error("several commits begin with {what}: {}", found.join(", "))]
    AmbiguousCommit {
        /// What was named.
        what: String,
        /// The commits, each with its repository.
        found: Vec<String>,
    },
    /// The environment is driven from outside, and nothing says what it runs.
    #[error("environment/{environment} has no `version`, and no record says what runs there")]
    NothingRan {
        /// The environment.
        environment: EnvironmentName,
    },
    /// The branch was younger, or held no version yet.
    #[error("{environment} held no version then ({at})")]
    NothingThen {
        /// The environment.
        environment: EnvironmentName,
        /// The time, as it was understood, or what else was typed.
        at: String,
    },
    /// What stood for a branch at another time is known only from records, and there is none.
    #[error("{what} declared {declared}, and no record says which commits that was")]
    NotRecorded {
        /// What was named.
        what: String,
        /// What was declared.
        declared: String,
    },
    /// A record does not say which commits were deployed.
    #[error("the record of {environment} from {at} does not say which commits were deployed")]
    RecordWithoutCommits {
        /// The environment.
        environment: String,
        /// When it was written.
        at: String,
    },
}

impl Explain for Unclear {
    fn code(&self) -> &'static str {
        match self {
            Unclear::NothingCalled { .. } | Unclear::FoundNowhere { .. } => "not-found",
            Unclear::AmbiguousCommit { .. } => "ambiguous-commit",
            Unclear::NothingRan { .. } | Unclear::NotRecorded { .. } => "no-record",
            Unclear::NothingThen { .. } => "nothing-declared",
            Unclear::RecordWithoutCommits { .. } => "record-incomplete",
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Unclear::AmbiguousCommit { .. } => Exit::Usage,
            _ => Exit::NotFound,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Unclear::NothingCalled { what, application, clone, known } => {
                let names: Vec<&str> = known.iter().map(EnvironmentName::as_str).collect();
                let similar = did_you_mean(what, &names).map(|similar| format!("did you mean {similar}?"));
                let clone = shell_path(clone);
                let tags = format!("relman fetch brings the tags; git -C {clone} tag lists those of {application}");
                similar.into_iter().chain([tags]).collect()
            }
            Unclear::FoundNowhere { shallow, unread, .. } => {
                let cut = shallow.iter().map(|name| {
                    format!(
                        "the clone of {name} is shallow: git fetch --unshallow there brings the rest of its history"
                    )
                });
                let looked = "what environments hold and held was looked at, and the default branches";
                unread
                    .iter()
                    .cloned()
                    .chain(cut)
                    .chain([looked.into(), "relman fetch brings the clones up to date".into()])
                    .collect()
            }
            Unclear::AmbiguousCommit { .. } => vec!["type more digits".into()],
            Unclear::NothingThen { environment, .. } => {
                vec![format!("relman log {environment} lists what it had, and since when")]
            }
            Unclear::NothingRan { .. } | Unclear::NotRecorded { .. } | Unclear::RecordWithoutCommits { .. } => {
                vec!["relman fetch brings the records; relman deploy writes them".into()]
            }
        }
    }
}
