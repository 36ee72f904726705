//! When somebody else was first: a push that was refused for what it found.

use crate::domain::error::{Exit, Explain};
use crate::domain::name::BranchName;
use crate::git::Error as GitError;

/// Whether something failed only because something else was there than was read.
pub(super) fn was_lost(error: &anyhow::Error) -> bool {
    error.is::<Lost>()
        || matches!(error.downcast_ref::<GitError>(), Some(GitError::Rejected { .. } | GitError::Moved { .. }))
}

/// A branch that somebody else has moved, made or removed meanwhile.
#[derive(Debug, thiserror::Error)]
#[error("somebody else was first: {branch} is not what was read any more")]
pub(super) struct Lost {
    branch: BranchName,
    code: &'static str,
}

impl Lost {
    /// Says it of a branch that was to be pushed.
    pub(super) fn of(branch: &BranchName, error: &anyhow::Error) -> Self {
        let code = error.downcast_ref::<GitError>().map_or("push-rejected", |error| error.code());
        Lost { branch: branch.clone(), code }
    }
}

impl Explain for Lost {
    fn code(&self) -> &'static str {
        self.code
    }
    fn exit(&self) -> Exit {
        Exit::Refused
    }
    fn hints(&self) -> Vec<String> {
        vec!["run the command again: it begins with what is there now".to_owned()]
    }
}
