//! When somebody else was first: a push that was refused for what it found.

use crate::domain::error::Explain as _;
use crate::domain::name::BranchName;
use crate::git::Error as GitError;

use super::Failure;

/// Whether a step failed only because something else was there than was read.
pub(super) fn was_lost(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<GitError>(), Some(GitError::Rejected { .. } | GitError::Moved { .. }))
}

/// What is said of a branch that somebody else has moved, made or removed meanwhile.
pub(super) fn lost(branch: &BranchName, error: anyhow::Error) -> anyhow::Error {
    let code = error.downcast_ref::<GitError>().map_or("push-rejected", |error| error.code());
    let hints = vec!["run the command again: it begins with what is there now".to_owned()];
    Failure::refused(code, format!("somebody else was first: {branch} is not what was read any more"), hints).into()
}
