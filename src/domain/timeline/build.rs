//! Making a timeline of what was read: commits, records, and the log of the branch.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::domain::history::Commit;
use crate::domain::name::{CommitId, TagName};
use crate::domain::pull_request_mark::PullRequestMark;
use crate::domain::record::{self, Deployment, Record};
use crate::domain::version::Declared;

use super::{Change, Lost, Place, Source, Step, Story, Timeline};

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
        // A line may be noted on several commits, as git copies notes at an amend; it belongs to the one that it names.
        let says = |commit: &CommitId, record: &Record| {
            record.release_commit.as_deref().and_then(CommitId::parse).as_ref() == Some(commit)
        };
        let home: HashMap<&str, CommitId> = notes
            .iter()
            .flat_map(|(commit, records)| {
                records.iter().filter(|record| says(commit, record)).map(|r| (&*r.id, *commit))
            })
            .collect();
        let mut seen = HashSet::new();
        for (commit, records) in &notes {
            let is_here = |record: &Record| home.get(&*record.id).is_none_or(|home| home == commit);
            let ids = records.iter().filter(|record| is_here(record) && seen.insert(record.id.as_str()));
            on.entry(*commit).or_default().extend(ids.filter_map(|r| by_id.get(r.id.as_str())).map(|d| (*d).clone()));
        }
        let mut changes: Vec<Change> = Vec::new();
        let mut line: Vec<Place> = Vec::new();
        let mut before: Option<Option<Declared>> = None;
        let mut named = None;
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
                    named = None;
                    if !begins_empty {
                        changes.push(change(step, at, from));
                    }
                }
                if let Some(current) = changes.last_mut() {
                    if let Some(candidate) = named_by(step, current.to.as_deref()) {
                        named = Some(candidate.clone());
                        current.candidate = Some(candidate);
                    }
                    take(current, here);
                }
            }
            before = Some(step.declared.clone());
            let change = changes.len().checked_sub(1);
            let shared_with = Rc::clone(&step.shared_with);
            line.push(Place { commit: step.commit.id, at, change, named: named.clone(), shared_with });
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

/// The candidate that a commit, or what it merged, names for a version.
fn named_by(step: &Step, version: Option<&str>) -> Option<TagName> {
    let names = |commit: &Commit| {
        let of_version = version.is_some() && commit.trailer("Version") == version;
        of_version.then(|| commit.trailer("Candidate").and_then(|text| TagName::parse(text).ok())).flatten()
    };
    std::iter::once(&step.commit).chain(&step.merged).find_map(names)
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
