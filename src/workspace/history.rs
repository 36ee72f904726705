//! The histories of environments, as the clone of the release repo has them. Nothing is asked of a remote.

use std::collections::HashMap;

use crate::domain::landscape::{EnvironmentBranch, Landscape};
use crate::domain::name::{CommitId, EnvironmentName, TagName};
use crate::domain::problem::Problem;
use crate::domain::timeline::{self, Timeline};

use super::overview::{no_clone, unusable_clone};
use super::{Result, Workspace};

/// The histories of some environments.
pub struct History {
    /// The environments that the release repo has now.
    pub landscape: Landscape,
    /// The histories, in the order in which environments are shown.
    pub timelines: Vec<Timeline>,
    /// When the clone of the release repo was brought up to date, in seconds since 1970; `None` without a remote.
    pub fetched_at: Option<i64>,
    /// What is wrong with the histories, or hides a part of them.
    pub problems: Vec<Problem>,
}

impl Workspace {
    /// Reads the histories of all environments, or of those that are named.
    pub fn history(&self, only: &[EnvironmentName]) -> Result<History> {
        let mut environments = self.environments();
        let landscape = environments.landscape()?;
        for name in only {
            self.branch(&landscape, name)?;
        }
        let wanted = |branch: &&EnvironmentBranch| {
            only.is_empty() || branch.name.as_ref().is_some_and(|name| only.contains(name))
        };
        let branches: Vec<&EnvironmentBranch> = landscape.in_order().filter(wanted).collect();
        let timelines = environments.timelines(&landscape, &branches)?;
        let mut problems: Vec<Problem> = branches
            .iter()
            .filter(|branch| !branch.is_readable() || branch.name.is_none())
            .flat_map(|branch| branch.problems())
            .collect();
        problems.extend(timeline::problems(&timelines));
        if timelines.iter().any(|timeline| !timeline.complete) {
            problems.push(
                Problem::warning(
                    "shallow-clone",
                    "the clone of the release repo is shallow, so what came before is missing",
                )
                .hint("git fetch --unshallow brings the whole history"),
            );
        }
        Ok(History {
            landscape,
            timelines,
            fetched_at: self.remote.as_ref().and_then(|_| self.release.fetched_at()),
            problems,
        })
    }

    /// The commits of the app repo that tags stand on, as far as there is a clone that has them.
    pub fn tagged_commits(
        &self,
        landscape: &Landscape,
        tags: impl Iterator<Item = TagName>,
        problems: &mut Vec<Problem>,
    ) -> Result<HashMap<TagName, CommitId>> {
        let mut commits = HashMap::new();
        let mut tags = tags.peekable();
        let file = landscape.first_file();
        let Some(application) = file.map(|file| &file.application).filter(|_| tags.peek().is_some()) else {
            return Ok(commits);
        };
        match self.app_if_present(application) {
            Ok(Some(app)) => {
                for tag in tags {
                    if let Some(commit) = app.repository.tag_commit(&tag, app.tag_source())? {
                        commits.insert(tag, commit);
                    }
                }
            }
            Ok(None) => problems.push(no_clone(&application.name)),
            Err(error) => problems.push(unusable_clone(application.name.as_str(), &error)),
        }
        Ok(commits)
    }
}
