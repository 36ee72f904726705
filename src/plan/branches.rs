//! Planning release branches: `release/<V>` in every repository.

use std::path::PathBuf;

use crate::domain::name::{BranchName, CommitId, RepositoryName};

use super::{Plan, Step};

/// A branch that is made at a commit that exists, and pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchPush {
    /// The repository.
    pub name: RepositoryName,
    /// Its clone.
    pub folder: PathBuf,
    /// The remote; `None`: the branch is made in this repository itself.
    pub remote: Option<String>,
    /// The branch.
    pub branch: BranchName,
    /// The commit that it begins at.
    pub commit: CommitId,
}

/// One repository, and the branch that it has or gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The branch, were it made now.
    pub push: BranchPush,
    /// Where the branch stands already.
    pub exists: Option<CommitId>,
}

/// Plans the branches that are missing; one that is there is left alone, wherever it stands.
pub fn plan(wanted: &[Wanted]) -> Plan {
    let steps = wanted
        .iter()
        .map(|wanted| match wanted.exists {
            Some(at) => Step::Keep {
                summary: format!("keep {} in {}, at {}", wanted.push.branch, wanted.push.name, at.short()),
            },
            None => Step::PushBranch(wanted.push.clone()),
        })
        .collect();
    Plan { steps }
}
