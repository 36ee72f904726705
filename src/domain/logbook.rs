//! The log of several environments side by side in time: which changes are told, in which order, and how many.

use std::cmp::Reverse;
use std::collections::{HashMap, hash_map};

use super::candidate::Candidate;
use super::name::{CommitId, EnvironmentName, TagName};
use super::record::{Deployment, Outcome};
use super::timeline::{Change, Timeline};
use super::version::Version;

/// Which changes are told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those that were made or deployed from this second on, since 1970.
    pub since: Option<i64>,
    /// Those that were made or deployed up to this second, since 1970.
    pub until: Option<i64>,
    /// Those to this version, as the file says it, or as a tag of it does.
    pub version: Option<String>,
    /// At most so many, the newest.
    pub limit: Option<usize>,
}

/// A change, and whose it is.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The environment; `None` where several have the change in common, so that it belongs to none of them.
    pub environment: Option<&'a EnvironmentName>,
    /// The environments that have the change in common, sorted; empty where it is one environment's own.
    pub shared_by: Vec<&'a EnvironmentName>,
    /// The change.
    pub change: &'a Change,
    /// The deployments while it was in force, within the times that were asked for, oldest first; of what several have in
    /// common, everybody's.
    pub deployments: Vec<&'a Deployment>,
    /// How many there were at other times.
    pub others: usize,
    /// Whether the change was made at another time, and is told for its deployments alone.
    pub is_outside: bool,
}

/// The changes of several environments, the newest first.
#[derive(Clone, Debug, Default)]
pub struct Logbook<'a> {
    /// What is told.
    pub entries: Vec<Entry<'a>>,
    /// How many older changes fit the filter and are left out for the limit.
    pub left_out: usize,
}

impl<'a> Logbook<'a> {
    /// Puts the changes of some environments in order. What they have in common is told once.
    pub fn new(timelines: &'a [Timeline], filter: &Filter) -> Self {
        let mut told: HashMap<(CommitId, Option<&str>), usize> = HashMap::new();
        let mut entries: Vec<Entry<'a>> = Vec::new();
        for timeline in timelines {
            // The newest first here too, so that changes of the same second stay in order.
            for change in timeline.changes.iter().rev().filter(|change| filter.takes(change)) {
                let (deployments, others): (Vec<&Deployment>, Vec<&Deployment>) =
                    change.deployments.iter().partition(|deployment| filter.spans(deployment));
                let mut shared_by: Vec<&EnvironmentName> = change.shared_with.iter().collect();
                let mut entry = Entry {
                    environment: None,
                    shared_by: Vec::new(),
                    change,
                    deployments,
                    others: others.len(),
                    is_outside: !filter.overlaps(change.at, change.at),
                };
                if shared_by.is_empty() {
                    entry.environment = Some(&timeline.environment);
                    entries.push(entry);
                    continue;
                }
                match told.entry((change.commit, change.to.as_deref())) {
                    hash_map::Entry::Occupied(known) => {
                        let known = &mut entries[*known.get()];
                        known.others += entry.others;
                        known.deployments.extend(entry.deployments);
                        known.deployments.sort_by(|a, b| a.started.cmp(&b.started));
                    }
                    hash_map::Entry::Vacant(place) => {
                        place.insert(entries.len());
                        shared_by.push(&timeline.environment);
                        shared_by.sort();
                        entries.push(Entry { shared_by, ..entry });
                    }
                }
            }
        }
        entries.sort_by_key(|entry| Reverse(entry.change.at));
        let limit = filter.limit.unwrap_or(usize::MAX);
        let left_out = entries.len().saturating_sub(limit);
        entries.truncate(limit);
        Logbook { entries, left_out }
    }
}

impl Entry<'_> {
    /// The tag that was deployed, else the candidate that is named.
    pub fn tag(&self) -> Option<TagName> {
        let deployed = self.ran().and_then(|deployment| deployment.record.tag.as_deref());
        deployed.and_then(|tag| TagName::parse(tag).ok()).or_else(|| self.change.candidate.clone())
    }

    /// The last deployment of this very version: the last that succeeded, else the last of all.
    pub fn ran(&self) -> Option<&Deployment> {
        let own = || self.deployments.iter().rev().filter(|d| d.record.version == self.change.to);
        own().find(|deployment| deployment.outcome == Outcome::Succeeded).or_else(|| own().next()).copied()
    }

    /// The last deployment of another version than the one that was declared, and that version.
    pub fn ran_otherwise(&self) -> Option<(&Deployment, &str)> {
        self.deployments.iter().rev().find_map(|deployment| Some((*deployment, self.another_version(deployment)?)))
    }

    /// The version of a deployment, where it is known and not the one that was declared.
    pub fn another_version<'d>(&self, deployment: &'d Deployment) -> Option<&'d str> {
        let version = deployment.record.version.as_deref()?;
        (self.change.to.as_deref() != Some(version)).then_some(version)
    }
}

impl Filter {
    fn takes(&self, change: &Change) -> bool {
        let in_time =
            self.overlaps(change.at, change.at) || change.deployments.iter().any(|deployment| self.spans(deployment));
        in_time && self.version.as_deref().is_none_or(|asked| is_of_version(change, asked))
    }

    /// Whether a deployment was going on in the time that was asked for.
    fn spans(&self, deployment: &Deployment) -> bool {
        let begin = deployment.started_at();
        let end = deployment.record.seconds().or(begin);
        begin.or(end).zip(end).is_some_and(|(begin, end)| self.overlaps(begin, end))
    }

    /// Whether something that went on from one second to another is in the time that was asked for.
    fn overlaps(&self, begin: i64, end: i64) -> bool {
        self.since.is_none_or(|since| end >= since) && self.until.is_none_or(|until| begin <= until)
    }
}

/// Whether a change is to a version, or something of that version was deployed; a tag stands for its version too.
fn is_of_version(change: &Change, asked: &str) -> bool {
    let tagged = Candidate::parse(asked).map(|candidate| candidate.version).or_else(|| Version::of_final_tag(asked));
    let is_it = |version: &str| version == asked || tagged.as_ref().is_some_and(|tagged| tagged.as_str() == version);
    let ran = change.deployments.iter().filter_map(|deployment| deployment.record.version.as_deref());
    change.to.as_deref().into_iter().chain(ran).any(is_it)
}
