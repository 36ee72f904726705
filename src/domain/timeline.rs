//! The history of one environment: which version its branch declared, since when, by whom, and what ran of it.
//!
//! What was declared is read from the branch's first-parent line, so that changes made by hand and by a forge's merge
//! button count as well; what ran is read from the records. The two are never mixed.

mod build;
mod problems;

use std::rc::Rc;

use super::history::Commit;
use super::name::{CommitId, EnvironmentName, TagName};
use super::pull_request_mark::PullRequestMark;
use super::record::{self, Deployment, Outcome, Record};
use super::version::Declared;
use super::word::words;

pub use problems::{Common, from_the_future, problems, problems_of, shared_history};

/// A commit of the first-parent line, as it was read.
#[derive(Clone, Debug)]
pub struct Step {
    /// The commit.
    pub commit: Commit,
    /// What its release file declares; `None` where the file can't be read.
    pub declared: Option<Declared>,
    /// The commits that it merged which speak of the version it declares, the newest first.
    pub merged: Vec<Commit>,
    /// Other environments whose first-parent line it is a part of as well.
    pub shared_with: Rc<[EnvironmentName]>,
}

/// Everything that a timeline is made of.
#[derive(Clone, Debug)]
pub struct Story {
    /// The environment.
    pub environment: EnvironmentName,
    /// The first-parent line, oldest first.
    pub line: Vec<Step>,
    /// The records of this environment, by the commit that they are noted on.
    pub records: Vec<(CommitId, Vec<Record>)>,
    /// Commits that the branch is known to have stood on, from the log of its reference.
    pub stood_on: Vec<CommitId>,
    /// Whether the line goes back to its beginning; a shallow clone's does not.
    pub complete: bool,
    /// The time, in seconds since 1970.
    pub now: i64,
}

/// A change of what an environment declares.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The commit that made it.
    pub commit: CommitId,
    /// When, in seconds since 1970: when the commit was made, and not before the one that it follows.
    pub at: i64,
    /// Who made the commit; not yet stripped for a terminal.
    pub by: String,
    /// What was declared before, as it stands in the file.
    pub from: Option<String>,
    /// What is declared since, as it stands in the file.
    pub to: Option<String>,
    /// Where this is known from.
    pub source: Source,
    /// The candidate that the commits name for the version, the newest; else the one that was deployed.
    pub candidate: Option<TagName>,
    /// The pull request that brought it.
    pub pull_request: Option<PullRequestMark>,
    /// Other environments that have this commit in their first-parent line; it belongs to none of them then.
    pub shared_with: Rc<[EnvironmentName]>,
    /// The deployments of this environment while it declared this, oldest first.
    pub deployments: Vec<Deployment>,
}

words! {
    /// Where a change is known from.
    pub enum Source {
        /// The release file of the branch.
        File = "file",
        /// The release file of the branch, which can't be read at this commit.
        Unreadable = "unreadable",
        /// Records, as the file has no `version` and the environment is driven from outside.
        Records = "records",
        /// Records on a commit that is no longer in the first-parent line of the branch.
        Lost = "lost",
    }
}

/// A commit that a branch stood on and that is no longer in its first-parent line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The commit.
    pub commit: CommitId,
    /// When it was deployed, in seconds since 1970, where a record says so.
    pub deployed_at: Option<i64>,
}

/// What an environment declared at a time.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing<'a> {
    /// The commit that the branch stood on, and the change that is in force there.
    Known(CommitId, Option<&'a Change>),
    /// The branch has this commit together with other environments; which of them stood on it then can't be told.
    Shared(CommitId, &'a [EnvironmentName]),
    /// The branch is younger than that.
    NotYet,
    /// The clone's history does not go back so far.
    Unknown,
}

/// The history of one environment.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// The environment.
    pub environment: EnvironmentName,
    /// The changes, oldest first.
    pub changes: Vec<Change>,
    /// All its deployments, in the order in which they were started.
    pub deployments: Vec<Deployment>,
    /// What the branch no longer has: it was rewritten by force, or merged the wrong way round.
    pub lost: Vec<Lost>,
    /// Whether the history goes back to its beginning.
    pub complete: bool,
    line: Vec<Place>,
    records: Vec<Record>,
    now: i64,
}

/// A commit of the line: since when it counts, and which change is in force.
#[derive(Clone, Debug)]
struct Place {
    commit: CommitId,
    at: i64,
    change: Option<usize>,
    named: Option<TagName>,
    shared_with: Rc<[EnvironmentName]>,
}

impl Timeline {
    /// What the branch declared at a time, in seconds since 1970.
    pub fn declared_at(&self, time: i64) -> Standing<'_> {
        let passed = self.line.partition_point(|place| place.at <= time);
        let Some(place) = passed.checked_sub(1).map(|index| &self.line[index]) else {
            return if self.complete { Standing::NotYet } else { Standing::Unknown };
        };
        // Where the branch stands now is known, whoever else stands there.
        let is_tip = passed == self.line.len() && time >= self.now;
        if !place.shared_with.is_empty() && !is_tip {
            return Standing::Shared(place.commit, &place.shared_with);
        }
        Standing::Known(place.commit, self.in_force(place, time))
    }

    /// The change in force at a place of the line; where records stand for the file, the one whose deployment ran then.
    fn in_force(&self, place: &Place, time: i64) -> Option<&Change> {
        self.standing(&self.changes[place.change?], || self.ran_at(time))
    }

    /// A change as it is; where records stand for the file, the one whose deployment ran. What failed never stood.
    pub fn standing<'a>(
        &'a self,
        change: &'a Change,
        ran: impl FnOnce() -> Option<&'a Deployment>,
    ) -> Option<&'a Change> {
        if change.source != Source::Records {
            return Some(change);
        }
        self.change_of(ran()?)
    }

    /// The change that a deployment belongs to.
    pub fn change_of(&self, deployment: &Deployment) -> Option<&Change> {
        let id = &deployment.record.id;
        self.changes.iter().find(|change| change.deployments.iter().any(|own| own.record.id == *id))
    }

    /// The candidate that the commits named for what was declared, up to this commit of the line.
    pub fn named_at(&self, commit: CommitId) -> Option<&TagName> {
        self.line.iter().find(|place| place.commit == commit)?.named.as_ref()
    }

    /// What a commit of the line declared.
    pub fn declared_by(&self, commit: CommitId) -> Option<&Change> {
        match self.line.iter().find(|place| place.commit == commit) {
            Some(place) => place.change.map(|index| &self.changes[index]),
            None => self.changes.iter().rev().find(|change| change.commit == commit),
        }
    }

    /// The change that brought a version last.
    pub fn last_change_to(&self, version: &str) -> Option<&Change> {
        self.changes.iter().rev().find(|change| change.to.as_deref() == Some(version))
    }

    /// The newest commit of the line, as far as it was read, that stood under a change.
    pub fn last_commit_of(&self, change: &Change) -> CommitId {
        let own = |place: &&Place| place.change.is_some_and(|index| self.changes[index].commit == change.commit);
        self.line.iter().rev().find(own).map_or(change.commit, |place| place.commit)
    }

    /// The deployment that ran at a time: the last one that had succeeded by then.
    pub fn ran_at(&self, time: i64) -> Option<&Deployment> {
        let succeeded =
            |deployment: &&Deployment| deployment.outcome == Outcome::Succeeded && self.is_by(&deployment.record, time);
        self.deployments.iter().filter(succeeded).max_by(|a, b| a.record.at.cmp(&b.record.at))
    }

    /// The deployment that was the last to be started by a time, as it stood then.
    pub fn last_deployment_at(&self, time: i64) -> Option<Deployment> {
        let until: Vec<Record> = self.records.iter().filter(|record| self.is_by(record, time)).cloned().collect();
        record::deployments(&until, time).pop()
    }

    /// Whether a record had been written by a time. It has been by now, even where its clock is ahead of this one.
    fn is_by(&self, record: &Record, time: i64) -> bool {
        record.seconds().is_some_and(|at| at.min(self.now) <= time)
    }

    /// Whether the environment ever declared, or ran, exactly this.
    pub fn knows_version(&self, text: &str) -> bool {
        self.changes.iter().any(|change| change.to.as_deref() == Some(text))
            || self.deployments.iter().any(|deployment| deployment.record.version.as_deref() == Some(text))
    }

    /// All commits that the environment is known to have stood on.
    pub fn commits(&self) -> impl Iterator<Item = CommitId> + '_ {
        self.line.iter().map(|place| place.commit).chain(self.lost.iter().map(|lost| lost.commit))
    }

    /// When a commit of the line was made, not before the one that it follows; in seconds since 1970.
    pub fn time_of(&self, commit: CommitId) -> Option<i64> {
        self.line.iter().find(|place| place.commit == commit).map(|place| place.at)
    }

    /// What the branch has together with other environments, up to the newest such commit.
    pub fn common(&self) -> Option<Common> {
        let place = self.line.iter().rev().find(|place| !place.shared_with.is_empty())?;
        let environments = place.shared_with.iter().chain([&self.environment]).cloned().collect();
        Some(Common { commit: place.commit, environments })
    }
}

#[cfg(test)]
mod tests;
