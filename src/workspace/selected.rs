//! The state of an environment that `ENV@VERSION`, `ENV@DATE` or `ENV@COMMIT` selects: what was declared, what ran.

use jiff::tz::TimeZone;

use crate::domain::name::{CommitId, EnvironmentName};
use crate::domain::record::{Deployment, Outcome};
use crate::domain::selector::{Point, Selector};
use crate::domain::timeline::{Change, Standing, Timeline};

use super::{Error, Result, Workspace};

/// A state of an environment. What was declared and what ran are told apart.
pub struct Selected {
    /// The environment.
    pub environment: EnvironmentName,
    /// What was asked for.
    pub point: Point,
    /// What is known of what the branch declared.
    pub declared: DeclaredState,
    /// The deployment that ran: the last one that had succeeded by then; of a version or a commit, its own.
    pub ran: Option<Deployment>,
    /// The whole history.
    pub timeline: Timeline,
}

/// What is known of what a branch declared.
#[derive(Clone, Debug, PartialEq)]
pub enum DeclaredState {
    /// The commit of the release repo, and the change that was in force; `None` where nothing had been declared yet.
    Known(CommitId, Option<Change>),
    /// History that the branch has in common with others, from a fast-forward: which of them stood there is not known.
    Shared(CommitId, Vec<EnvironmentName>),
    /// The branch is younger than that.
    NotYet,
    /// The clone's history does not go back so far.
    Unknown,
}

impl Selected {
    /// What the file said, as it stands there; `None` where it said nothing or that is not known.
    pub fn version(&self) -> Option<&str> {
        match &self.declared {
            DeclaredState::Known(_, change) => change.as_ref()?.to.as_deref(),
            _ => None,
        }
    }

    /// The commit of the release repo that is meant.
    pub fn commit(&self) -> Option<CommitId> {
        match &self.declared {
            DeclaredState::Known(commit, _) | DeclaredState::Shared(commit, _) => Some(*commit),
            DeclaredState::NotYet | DeclaredState::Unknown => None,
        }
    }
}

impl Workspace {
    /// Finds what a selector means. Dates are those of a zone.
    pub fn selected(&self, selector: &Selector, zone: &TimeZone) -> Result<Selected> {
        let mut environments = self.environments();
        let landscape = environments.landscape()?;
        let branch = self.branch(&landscape, &selector.environment)?;
        let timeline = match (environments.timeline(&landscape, branch)?, &branch.file) {
            (Some(timeline), _) => timeline,
            (None, Err(unusable)) => return Err(Error::unusable(unusable, &branch.branch())),
            (None, Ok(_)) => return Err(Error::NoEnvironments { path: self.release.folder().to_owned() }),
        };
        let now = self.choices.now;
        let point = Point::find(&timeline, selector.at.as_deref(), now, zone)?;
        let (declared, ran) = match &point {
            Point::Newest => (state(timeline.declared_at(now)), timeline.ran_at(now).cloned()),
            Point::Time(moment) => (state(timeline.declared_at(moment.end)), timeline.ran_at(moment.end).cloned()),
            Point::Version(version) => {
                let of_version = |deployment: &&Deployment| deployment.record.version.as_deref() == Some(version);
                let ran = last(timeline.deployments.iter().filter(of_version));
                let deployed = ran.as_ref().and_then(released);
                let change = timeline.last_change_to(version);
                let commit = deployed.or_else(|| change.map(|change| timeline.last_commit_of(change)));
                let change = change.and_then(|change| timeline.standing(change, || ran.as_ref())).cloned();
                (commit.map_or(DeclaredState::Unknown, |commit| DeclaredState::Known(commit, change)), ran)
            }
            Point::Commit(commit) => {
                let ran = last(timeline.deployments.iter().filter(|deployment| released(deployment) == Some(*commit)));
                let change = timeline.declared_by(*commit);
                let change = change.and_then(|change| timeline.standing(change, || ran.as_ref())).cloned();
                (DeclaredState::Known(*commit, change), ran)
            }
        };
        Ok(Selected { environment: selector.environment.clone(), point, declared, ran, timeline })
    }
}

fn state(standing: Standing<'_>) -> DeclaredState {
    match standing {
        Standing::Known(commit, change) => DeclaredState::Known(commit, change.cloned()),
        Standing::Shared(commit, others) => DeclaredState::Shared(commit, others.to_vec()),
        Standing::NotYet => DeclaredState::NotYet,
        Standing::Unknown => DeclaredState::Unknown,
    }
}

/// The commit of the release repo that was deployed.
fn released(deployment: &Deployment) -> Option<CommitId> {
    deployment.record.release_commit.as_deref().and_then(CommitId::parse)
}

/// The last deployment that succeeded.
fn last<'a>(deployments: impl Iterator<Item = &'a Deployment>) -> Option<Deployment> {
    deployments.filter(|deployment| deployment.outcome == Outcome::Succeeded).last().cloned()
}
