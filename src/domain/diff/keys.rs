//! Which issue keys come and go: those of the changes that one side has and the other has not.

use std::collections::HashMap;

use crate::domain::history::Commit;
use crate::domain::issues::Projects;
use crate::domain::message;
use crate::domain::name::CommitId;

use super::standing::{Around, Moved, Standing, brought_by, by_id};
use super::{Differing, IssueKeys};

/// Which commits name which issues. What takes something back names them for what it takes back.
pub(super) struct Naming<'l> {
    by_id: HashMap<CommitId, &'l Commit>,
    keys: HashMap<CommitId, Vec<String>>,
    named_by: HashMap<String, Vec<CommitId>>,
}

impl<'l> Naming<'l> {
    pub(super) fn of(list: &'l [Differing], around: &'l Around, projects: &Projects) -> Self {
        let by_id = by_id(list, around);
        let mut keys = HashMap::new();
        let mut named_by: HashMap<String, Vec<CommitId>> = HashMap::new();
        for commit in by_id.values() {
            let own = projects.keys(&commit.message);
            if !own.is_empty() && !message::is_revert(&commit.message) {
                own.iter().for_each(|key| named_by.entry(key.clone()).or_default().push(commit.id));
                keys.insert(commit.id, own);
            }
        }
        Naming { by_id, keys, named_by }
    }

    /// Whether a commit is a merge that tells of an issue what nothing that it has brought does.
    pub(super) fn tells(&self, commit: &Commit) -> bool {
        commit.parents.len() > 1 && !self.told_by(commit).is_empty()
    }

    /// The issues that a commit tells of: those that it names, and of a merge those that nothing it has brought names.
    fn told_by(&self, commit: &Commit) -> Vec<&str> {
        let Some(keys) = self.keys.get(&commit.id) else { return Vec::new() };
        let is_merge = commit.parents.len() > 1;
        let is_alone = |key: &&String| self.named_by[*key].iter().all(|other| *other == commit.id);
        if !is_merge || keys.iter().all(|key| is_alone(&key)) {
            return keys.iter().map(String::as_str).collect();
        }
        let mut brought = brought_by(commit, &self.by_id);
        brought.remove(&commit.id);
        let is_told = |key: &&String| self.named_by[*key].iter().any(|other| brought.contains(other));
        keys.iter().filter(|key| !is_told(key)).map(String::as_str).collect()
    }

    fn told_by_id(&self, commit: CommitId) -> Vec<&str> {
        self.by_id.get(&commit).map_or_else(Vec::new, |commit| self.told_by(commit))
    }
}

/// The keys that come and go.
pub(super) fn moving(list: &[Differing], standing: &Standing, naming: &Naming<'_>, projects: &Projects) -> IssueKeys {
    let mut issues = IssueKeys::default();
    let add = |issues: &mut IssueKeys, comes: bool, keys: &[&str]| {
        let moving = if comes { &mut issues.added } else { &mut issues.removed };
        moving.extend(keys.iter().map(|key| (*key).to_owned()));
    };
    for Differing { commit, is_given, .. } in list {
        if standing.is_followed(commit.id) || standing.is_same(commit.id) {
            continue;
        }
        if !message::is_revert(&commit.message) {
            add(&mut issues, *is_given, &naming.told_by(commit));
        } else if commit.parents.len() < 2 {
            // What it takes back is not known, so its own words must do.
            let keys = projects.keys(&commit.message);
            add(&mut issues, !*is_given, &keys.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
    let told = |moved: &Moved| -> Vec<&str> {
        let own: Vec<&str> = moved.change.iter().flat_map(|commit| naming.told_by_id(*commit)).collect();
        if !own.is_empty() {
            return own;
        }
        let merges = moved.change.iter().filter_map(|commit| standing.merge_of(*commit));
        merges.flat_map(|merge| naming.told_by_id(merge)).collect()
    };
    let (again, others): (Vec<&Moved>, Vec<&Moved>) = standing.moved().iter().partition(|moved| moved.is_taken_back);
    others.into_iter().for_each(|moved| add(&mut issues, moved.comes, &told(moved)));
    // What one side took back and did anew is there with its new commits.
    let mut back = IssueKeys::default();
    for moved in again {
        let anew = if moved.comes { &issues.removed } else { &issues.added };
        let left: Vec<&str> = told(moved).into_iter().filter(|key| !anew.iter().any(|known| known == key)).collect();
        add(&mut back, moved.comes, &left);
    }
    issues.added.extend(back.added);
    issues.removed.extend(back.removed);
    issues.tidy();
    issues
}
