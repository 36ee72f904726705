//! The checkout that CI has made: which commit it is, and whether that is still the tip of its branch.

use crate::domain::deployment::{Head, Nothing, Place};
use crate::domain::landscape::Landscape;
use crate::domain::name::{CommitId, EnvironmentName};
use crate::git::Repository;
use crate::workspace::{self, Workspace};

use super::Context;

/// The repository that one stands in, whichever it is, and what is checked out there.
pub(super) struct Checkout {
    repository: Option<Repository>,
    pub(super) head: Option<Head>,
    commit: Option<CommitId>,
}

impl Checkout {
    pub(super) fn find(context: &Context<'_>) -> anyhow::Result<Self> {
        let Some(repository) = Repository::discover(&context.start()?)? else {
            return Ok(Checkout { repository: None, head: None, commit: None });
        };
        let commit = repository.find_ref("HEAD")?.map(CommitId::new);
        let head = match (repository.head_branch()?, commit) {
            // What is the current branch of a bare repository says nothing about a push to it.
            (Some(_), _) if repository.is_bare() => None,
            (Some(branch), _) => Some(Head::Branch(branch.to_string())),
            (None, commit) => commit.map(Head::Detached),
        };
        Ok(Checkout { repository: Some(repository), head, commit })
    }

    /// Whether one stands in no repository at all.
    pub(super) fn is_nowhere(&self) -> bool {
        self.repository.is_none()
    }

    /// The commit that is to be deployed, or why there is nothing to do.
    pub(super) fn commit(
        &self,
        workspace: &Workspace,
        landscape: &Landscape,
        place: &Place,
    ) -> anyhow::Result<Result<CommitId, Nothing>> {
        let name = &place.environment;
        let tip = tip(workspace, name)?;
        let here = place.checked_out && self.is(&workspace.release);
        let Some(tip) = tip else {
            if here {
                return Ok(Err(Nothing::Deleted(name.clone())));
            }
            let known = landscape.in_order().filter(|branch| !branch.local_only);
            let known = known.filter_map(|branch| branch.name.clone()).collect();
            return Err(workspace::Error::NoEnvironment { name: name.clone(), known }.into());
        };
        match self.commit {
            Some(head) if here && head != tip => Ok(Err(Nothing::Superseded(name.clone()))),
            _ => Ok(Ok(tip)),
        }
    }

    fn is(&self, release: &Repository) -> bool {
        let real = |repository: &Repository| repository.folder().canonicalize().ok();
        self.repository.as_ref().is_some_and(|own| real(own) == real(release))
    }
}

/// The tip of an environment's branch: the remote's where there is one, whatever this clone has of its own.
fn tip(workspace: &Workspace, name: &EnvironmentName) -> crate::git::Result<Option<CommitId>> {
    let full = match workspace.remote_name() {
        Some(remote) => format!("refs/remotes/{remote}/{}", name.branch()),
        None => name.branch().full(),
    };
    Ok(workspace.release.find_ref(&full)?.map(CommitId::new))
}
