//! The history of one environment: which version its branch declared, since when, by whom, and what ran of it.
//!
//! What was declared is read from the branch's first-parent line, so that changes made by hand and by a forge's merge
//! button count as well; what ran is read from the records. The two are never mixed.

mod problems;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::history::Commit;
use super::name::{CommitId, EnvironmentName, TagName};
use super::pull_request_mark::PullRequestMark;
use super::record::{self, Deployment, Outcome, Record};
use super::version::Declared;

pub use problems::problems;

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
    /// The candidate that is named for the version.
    pub candidate: Option<TagName>,
    /// The pull request that brought it.
    pub pull_request: Option<PullRequestMark>,
    /// Other environments that have this commit in their first-parent line; it belongs to none of them then.
    pub shared_with: Rc<[EnvironmentName]>,
    /// The deployments of this environment while it declared this, oldest first.
    pub deployments: Vec<Deployment>,
}

/// Where a change is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The release file of the branch.
    File,
    /// The release file of the branch, which can't be read at this commit.
    Unreadable,
    /// Records, as the file has no `version` and the environment is driven from outside.
    Records,
    /// Records on a commit that is no longer in the first-parent line of the branch.
    Lost,
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
    shared_with: Rc<[EnvironmentName]>,
}

impl Timeline {
    /// Makes a history of what was read.
    pub fn new(story: Story) -> Self {
        let Story { environment, line: steps, records: notes, stood_on, complete, now } = story;
        let in_line: HashSet<CommitId> = steps.iter().map(|step| step.commit.id).collect();
        let mut all: Vec<Record> = notes.iter().flat_map(|(_, records)| records).cloned().collect();
        all.sort_by(|a, b| a.at.cmp(&b.at));
        let deployments = record::deployments(&all, now);
        let by_id: HashMap<&str, &Deployment> =
            deployments.iter().map(|deployment| (deployment.record.id.as_str(), deployment)).collect();
        let mut on: HashMap<CommitId, Vec<Deployment>> = HashMap::new();
        let mut seen = HashSet::new();
        for (commit, records) in &notes {
            let ids = records.iter().filter(|record| seen.insert(record.id.as_str()));
            on.entry(*commit).or_default().extend(ids.filter_map(|r| by_id.get(r.id.as_str())).map(|d| (*d).clone()));
        }
        let mut changes: Vec<Change> = Vec::new();
        let mut line: Vec<Place> = Vec::new();
        let mut before: Option<Option<Declared>> = None;
        for step in &steps {
            let last = line.last().map(|place| place.at);
            let at = effective(step.commit.at, last, now);
            let here = on.get(&step.commit.id).map_or(&[][..], Vec::as_slice);
            if step.declared == Some(Declared::Absent) {
                // Driven from outside: whatever was deployed from this commit stands for the file.
                record_changes(step, at, here, &mut changes);
            } else {
                if before.as_ref() != Some(&step.declared) {
                    let from = changes.last().and_then(|change| change.to.clone());
                    let begins_empty = from.is_none() && step.declared == Some(Declared::Empty);
                    if !begins_empty {
                        changes.push(change(step, at, from));
                    }
                }
                if let Some(current) = changes.last_mut() {
                    note(current, step, here);
                }
            }
            before = Some(step.declared.clone());
            let change = changes.len().checked_sub(1);
            line.push(Place { commit: step.commit.id, at, change, shared_with: step.shared_with.clone() });
        }
        let mut lost = Vec::new();
        if complete {
            for (commit, here) in notes.iter().filter(|(commit, _)| !in_line.contains(commit)) {
                lost.push(Lost { commit: *commit, deployed_at: here.first().and_then(Record::seconds) });
                let own = on.get(commit).map_or(&[][..], Vec::as_slice);
                lost_changes(*commit, own, &mut changes);
            }
            for commit in stood_on {
                if !in_line.contains(&commit) && !lost.iter().any(|known| known.commit == commit) {
                    lost.push(Lost { commit, deployed_at: None });
                }
            }
        }
        let mut timeline =
            Timeline { environment, changes: Vec::new(), deployments, lost, complete, line, records: all, now };
        timeline.sort(changes);
        timeline
    }

    /// Puts the changes in order; those known from records alone may have come between others.
    fn sort(&mut self, changes: Vec<Change>) {
        let mut order: Vec<usize> = (0..changes.len()).collect();
        order.sort_by_key(|index| changes[*index].at);
        let mut place_of = vec![0; changes.len()];
        for (place, index) in order.iter().enumerate() {
            place_of[*index] = place;
        }
        let mut taken: Vec<Option<Change>> = changes.into_iter().map(Some).collect();
        self.changes = order.iter().filter_map(|index| taken[*index].take()).collect();
        for place in &mut self.line {
            place.change = place.change.map(|index| place_of[index]);
        }
    }

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

    /// The change in force at a place of the line; where records stand for the file, those until then.
    fn in_force(&self, place: &Place, time: i64) -> Option<&Change> {
        let change = &self.changes[place.change?];
        if change.source != Source::Records {
            return Some(change);
        }
        self.changes.iter().rev().find(|change| change.source == Source::Records && change.at <= time)
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
        let succeeded = |deployment: &&Deployment| {
            deployment.outcome == Outcome::Succeeded && deployment.record.seconds().is_some_and(|end| end <= time)
        };
        self.deployments.iter().filter(succeeded).max_by(|a, b| a.record.at.cmp(&b.record.at))
    }

    /// The deployment that was the last to be started by a time, as it stood then.
    pub fn last_deployment_at(&self, time: i64) -> Option<Deployment> {
        let until: Vec<Record> =
            self.records.iter().filter(|record| record.seconds().is_some_and(|at| at <= time)).cloned().collect();
        record::deployments(&until, time).pop()
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

    /// The newest commit that the branch has together with other environments, and those.
    pub fn shared(&self) -> Option<(CommitId, &[EnvironmentName])> {
        let place = self.line.iter().rev().find(|place| !place.shared_with.is_empty())?;
        Some((place.commit, &place.shared_with))
    }
}

/// When a commit counts from: no commit came before the one that it follows, and none from the future.
fn effective(own: i64, last: Option<i64>, now: i64) -> i64 {
    match last {
        Some(last) if own > now => last,
        Some(last) => own.max(last),
        None => own.min(now),
    }
}

fn change(step: &Step, at: i64, from: Option<String>) -> Change {
    Change {
        commit: step.commit.id,
        at,
        by: step.commit.author.clone(),
        from,
        to: step.declared.as_ref().and_then(Declared::text),
        source: if step.declared.is_some() { Source::File } else { Source::Unreadable },
        candidate: None,
        pull_request: step.commit.pull_request(),
        shared_with: step.shared_with.clone(),
        deployments: Vec::new(),
    }
}

/// Adds what a commit says of the change in force: a candidate, and what was deployed from it.
fn note(current: &mut Change, step: &Step, deployed: &[Deployment]) {
    let version = current.to.as_deref();
    let names = |commit: &Commit| {
        let of_version = version.is_some() && commit.trailer("Version") == version;
        of_version.then(|| commit.trailer("Candidate").and_then(|text| TagName::parse(text).ok())).flatten()
    };
    if let Some(named) = std::iter::once(&step.commit).chain(&step.merged).find_map(names) {
        current.candidate = Some(named);
    }
    take(current, deployed);
}

/// Takes deployments in, and what they know better than messages.
fn take(current: &mut Change, deployed: &[Deployment]) {
    for deployment in deployed {
        let record = &deployment.record;
        let same_version = record.version.as_deref() == current.to.as_deref();
        if current.candidate.is_none() && same_version {
            current.candidate = record.candidate_tag();
        }
        if let Some(known) = record.pull_request.as_ref().filter(|_| same_version) {
            let mark = PullRequestMark { number: known.number, url: known.url.clone() };
            match &mut current.pull_request {
                Some(named) if named.number == mark.number && named.url.is_none() => *named = mark,
                Some(_) => {}
                none => *none = Some(mark),
            }
        }
        current.deployments.push(deployment.clone());
    }
}

/// What records say of a commit whose file has no version.
fn record_changes(step: &Step, at: i64, deployed: &[Deployment], changes: &mut Vec<Change>) {
    for deployment in deployed {
        let record = &deployment.record;
        if changes.last().is_none_or(|last| last.to != record.version || last.source != Source::Records) {
            let from = changes.last().and_then(|change| change.to.clone());
            let by = record.actor.clone().unwrap_or_else(|| step.commit.author.clone());
            let started = deployment.started_at().map_or(at, |started| started.max(at));
            let mut new = Change { by, at: started, source: Source::Records, ..change(step, at, from) };
            new.to.clone_from(&record.version);
            new.pull_request = None;
            changes.push(new);
        }
        if let Some(current) = changes.last_mut() {
            take(current, std::slice::from_ref(deployment));
        }
    }
}

/// What records say of a commit that the branch no longer has.
fn lost_changes(commit: CommitId, deployed: &[Deployment], changes: &mut Vec<Change>) {
    let mut current: Option<Change> = None;
    for deployment in deployed {
        let record = &deployment.record;
        if current.as_ref().is_none_or(|current| current.to != record.version) {
            changes.extend(current.take());
            current = Some(Change {
                commit,
                at: deployment.started_at().unwrap_or_default(),
                by: record.actor.clone().unwrap_or_default(),
                from: None,
                to: record.version.clone(),
                source: Source::Lost,
                candidate: None,
                pull_request: None,
                shared_with: Rc::default(),
                deployments: Vec::new(),
            });
        }
        if let Some(current) = &mut current {
            take(current, std::slice::from_ref(deployment));
        }
    }
    changes.extend(current);
}

#[cfg(test)]
mod tests;
