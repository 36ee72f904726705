//! Which issue keys come and go: those of the changes that one side has and the other has not.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;

use crate::domain::ancestry::Ancestry;
use crate::domain::history::Commit;
use crate::domain::issues::Projects;
use crate::domain::message;
use crate::domain::name::CommitId;
use crate::domain::octopus::Octopus;
use crate::domain::pieces::takes_back;

use super::standing::{Around, Standing, empty};
use super::{Differing, IssueKeys};

/// Which commits tell of which issues. What takes something back names them for what it takes back.
pub(super) struct Naming {
    told: HashMap<CommitId, Vec<String>>,
    named_by: HashMap<String, HashSet<CommitId>>,
    octopuses: HashMap<CommitId, Octopus>,
}

impl Naming {
    pub(super) fn of(list: &[Differing], around: &Around, ancestry: &Ancestry, projects: &Projects) -> Self {
        let mut told = HashMap::new();
        let mut merges: Vec<CommitId> = Vec::new();
        let mut named_by: HashMap<String, HashSet<CommitId>> = HashMap::new();
        let mut taking_back: HashMap<CommitId, Vec<String>> = HashMap::new();
        let history = || list.iter().map(|one| &one.commit).chain(&around.common);
        let empty = empty(list);
        for commit in history() {
            let own = projects.keys(&commit.message);
            if message::is_revert(&commit.message) {
                taking_back.insert(commit.id, own);
                continue;
            }
            if own.is_empty() {
                continue;
            }
            for key in &own {
                named_by.entry(key.clone()).or_default().insert(commit.id);
            }
            if commit.parents.len() > 1 {
                merges.push(commit.id);
            }
            told.insert(commit.id, own);
        }
        // What changes nothing is no part of an issue that one side can lack, but where there is nothing else.
        for commits in named_by.values_mut().filter(|commits| !commits.is_subset(&empty)) {
            commits.retain(|commit| !empty.contains(commit));
        }
        for commit in &empty {
            if let Some(keys) = told.get_mut(commit) {
                keys.retain(|key| named_by[key].contains(commit));
            }
        }
        // A merge tells of what nothing that it has brought tells of, and not of what all of that takes back.
        let mut taken: HashMap<CommitId, Vec<String>> = HashMap::new();
        for merge in merges {
            let is_doubtful =
                |keys: &&mut Vec<String>| !taking_back.is_empty() || keys.iter().any(|key| named_by[key].len() > 1);
            let Some(keys) = told.get_mut(&merge).filter(is_doubtful) else { continue };
            let brought = ancestry.brought_by(merge);
            keys.retain(|key| {
                let is_told_better = brought.iter().any(|commit| named_by[key].contains(commit));
                let names = |commit| taking_back.get(&commit).map(|keys| keys.contains(key));
                let Ok(takes_back) = takes_back(merge, ancestry, |commit| Ok::<_, Infallible>(names(commit)));
                if takes_back {
                    taken.entry(merge).or_default().push(key.clone());
                }
                !(is_told_better || takes_back)
            });
        }
        // Nor does a commit that has all of such a merge.
        if !taken.is_empty() {
            let picked = history()
                .flat_map(|commit| message::picked_from(&commit.message).map(|origin| (commit.id, origin)))
                .collect::<Vec<_>>();
            for (commit, merge) in picked.iter().chain(&around.squashes) {
                if let (Some(keys), Some(taken)) = (told.get_mut(commit), taken.get(merge)) {
                    keys.retain(|key| !taken.contains(key));
                }
            }
        }
        let is_octopus = |commit: &&Commit| commit.parents.len() > 2 && told.contains_key(&commit.id);
        let octopus = |commit: &Commit| (commit.id, Octopus::of(commit, ancestry, |name| projects.keys(name)));
        let octopuses = history().filter(is_octopus).map(octopus).collect();
        Naming { told, named_by, octopuses }
    }

    /// Whether a commit counts for an issue that a merge tells of which has brought it.
    fn counts(&self, merge: CommitId, commit: CommitId, key: &str) -> bool {
        self.octopuses.get(&merge).is_none_or(|octopus| octopus.counts(commit, key))
    }

    /// Whether a commit is a merge that tells of an issue what nothing that it has brought does.
    pub(super) fn tells(&self, commit: &Commit) -> bool {
        commit.parents.len() > 1 && !self.told_by(commit.id).is_empty()
    }

    /// The issues that a commit tells of.
    fn told_by(&self, commit: CommitId) -> &[String] {
        self.told.get(&commit).map_or(&[], Vec::as_slice)
    }

    /// The issues that a commit counts for: those that it tells of itself, but for a merge that is taken for what it has
    /// brought, and those that the merges tell of that have brought it.
    pub(super) fn told_with(&self, commit: CommitId, standing: &Standing) -> Vec<&str> {
        let own = Some(commit).filter(|commit| !standing.is_apart(*commit) || standing.adds(*commit));
        let own = own.into_iter().flat_map(|one| self.told_by(one));
        let counts = |(merge, key): &(CommitId, &String)| self.counts(*merge, commit, key);
        let merges = standing.merges_of(commit).iter();
        let told = merges.flat_map(|merge| self.told_by(*merge).iter().map(|key| (*merge, key))).filter(counts);
        own.chain(told.map(|(_, key)| key)).map(String::as_str).collect()
    }

    /// The commits that count for the same issues as one of these.
    pub(super) fn sharing(&self, commits: &[CommitId], standing: &Standing) -> HashSet<CommitId> {
        let keys: HashSet<&str> = commits.iter().flat_map(|commit| self.told_with(*commit, standing)).collect();
        let named = keys.into_iter().filter_map(|key| self.named_by.get(key)).flatten();
        named
            .flat_map(|commit| std::slice::from_ref(commit).iter().chain(standing.pieces_of(*commit)))
            .copied()
            .collect()
    }
}

/// Something that comes or goes, and the issues that it counts for.
struct Moving<'n> {
    commits: &'n [CommitId],
    comes: bool,
    keys: Vec<&'n str>,
}

/// The keys that come and go.
pub(super) fn moving(list: &[Differing], standing: &Standing, naming: &Naming, projects: &Projects) -> IssueKeys {
    let mut issues = IssueKeys::default();
    let mut all: Vec<Moving<'_>> = Vec::new();
    for Differing { commit, is_given, .. } in list {
        if standing.is_followed(commit.id) || standing.is_same(commit.id) {
            continue;
        }
        if !message::is_revert(&commit.message) {
            let keys = naming.told_with(commit.id, standing);
            all.push(Moving { commits: std::slice::from_ref(&commit.id), comes: *is_given, keys });
        } else if commit.parents.len() < 2 {
            // What it takes back is not known, so its own words must do.
            issues.add(!*is_given, projects.keys(&commit.message));
        }
    }
    for moved in standing.moved() {
        let keys = moved.change.iter().flat_map(|commit| naming.told_with(*commit, standing)).collect();
        all.push(Moving { commits: &moved.change, comes: moved.comes, keys });
    }
    let first = all.len() - standing.moved().len();
    for (index, moving) in all.iter().enumerate() {
        // What one side took back and did anew is there with its new commits.
        let anew = index.checked_sub(first).map_or(&[][..], |number| &standing.moved()[number].anew);
        let is_anew = |key: &str| {
            let is_other = |other: &&Moving<'_>| other.comes != moving.comes && other.keys.contains(&key);
            !anew.is_empty()
                && all.iter().filter(is_other).flat_map(|other| other.commits).any(|commit| anew.contains(commit))
        };
        let keys = moving.keys.iter().filter(|key| !is_anew(key)).map(|key| (*key).to_owned());
        issues.add(moving.comes, keys);
    }
    issues.tidy();
    issues
}
