//! Runs of commits that may be one commit elsewhere: a branch that was rebased or picked onto one line, and squashed onto
//! another one. What is told here follows from the names of files; whether it is so, their contents tell.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use super::ancestry::Ancestry;
use super::name::CommitId;

/// How far above the newest commit of an issue the branch may end, whose last commits often name nothing.
const ABOVE: usize = 10;

/// Over how many commits of a line a run may reach, with those of others in between.
const BELOW: usize = 50;

/// How many runs are held against squashes, the shortest first. A few are enough where there is any; more come of files that
/// each commit changes.
const MOST: usize = 200;

/// How many commits that may be a squash, or a part of one, are looked at of one issue.
const MOST_SUSPECTS: usize = 300;

/// How many commits are walked over in all to find runs.
const MOST_STEPS: usize = 200_000;

/// Commits of one issue among which some may be the same branch in two ways.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suspects {
    /// Those that may be a whole branch, squashed.
    pub whole: Vec<CommitId>,
    /// Those that may be a part of it.
    pub parts: Vec<CommitId>,
}

/// The names of the files that commits change, of merges beside their first parent.
pub type Files = HashMap<CommitId, Paths>;

/// The names of some files.
pub type Paths = BTreeSet<Vec<u8>>;

/// Commits of one line that may have been squashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// What may be the squash.
    pub whole: CommitId,
    /// The commits of the run, the newest first; others of the line stand between them, and change other files.
    pub parts: Vec<CommitId>,
    /// All files that they or the squash change.
    pub paths: Rc<Paths>,
}

/// Suspects in their history.
#[derive(Debug)]
pub struct Runs<'a> {
    ancestry: &'a Ancestry,
    /// What may be a squash, with what of the same issue stands on other lines.
    apart: BTreeMap<CommitId, HashSet<CommitId>>,
    /// Where runs may end.
    ends: BTreeSet<CommitId>,
}

impl<'a> Runs<'a> {
    /// Looks for suspects that stand on different lines; only such ones may be the same.
    pub fn new(ancestry: &'a Ancestry, suspects: &[Suspects]) -> Self {
        let all: HashSet<CommitId> =
            suspects.iter().flat_map(|one| one.whole.iter().chain(&one.parts)).copied().collect();
        let contained = ancestry.containing(all);
        let is_apart = |one: CommitId, other: CommitId| !contained.has(one, other) && !contained.has(other, one);
        let mut apart: BTreeMap<CommitId, HashSet<CommitId>> = BTreeMap::new();
        for Suspects { whole, parts } in suspects {
            for one in whole.iter().take(MOST_SUSPECTS) {
                let parts = parts.iter().copied().take(MOST_SUSPECTS);
                let others: Vec<CommitId> = parts.filter(|part| is_apart(*one, *part)).collect();
                if !others.is_empty() {
                    apart.entry(*one).or_default().extend(others);
                }
            }
        }
        let mut ends: BTreeSet<CommitId> = apart.values().flatten().copied().collect();
        if !ends.is_empty() {
            let above = ancestry.by_first_parents();
            let mut newest: Vec<CommitId> = ends.iter().copied().collect();
            for _ in 0..ABOVE {
                newest = newest.iter().filter_map(|one| above.get(one)).flatten().copied().collect();
                newest.retain(|one| ends.insert(*one));
            }
        }
        Runs { ancestry, apart, ends }
    }

    /// The commits of which it must be known which files they change.
    pub fn wanted(&self) -> BTreeSet<CommitId> {
        let lines = self.ends.iter().flat_map(|end| self.line(*end));
        lines.chain(self.apart.keys().copied()).collect()
    }

    /// The runs that change at least the files of what may be the squash.
    pub fn possible(&self, files: &Files) -> Vec<Run> {
        let (mut found, mut steps) = (Vec::new(), 0);
        for (whole, named) in &self.apart {
            let Some(own) = files.get(whole).filter(|_| steps < MOST_STEPS) else { continue };
            let own_paths = Rc::new(own.clone());
            for end in &self.ends {
                let of_end = files.get(end).is_some_and(|changed| !changed.is_disjoint(own));
                if !of_end || self.ancestry.is_merge(*end) {
                    continue;
                }
                let (mut parts, mut paths) = (Vec::new(), Rc::clone(&own_paths));
                let mut open: BTreeSet<&Vec<u8>> = own.iter().collect();
                for commit in self.line(*end) {
                    steps += 1;
                    let Some(changed) = files.get(&commit).filter(|changed| !changed.is_disjoint(own)) else {
                        continue;
                    };
                    // What a merge has brought there is no part of one branch.
                    if self.ancestry.is_merge(commit) || commit == *whole {
                        break;
                    }
                    parts.push(commit);
                    if !changed.is_subset(&paths) {
                        Rc::make_mut(&mut paths).extend(changed.iter().cloned());
                    }
                    open.retain(|path| !changed.contains(*path));
                    if open.is_empty() && parts.len() > 1 && parts.iter().any(|part| named.contains(part)) {
                        found.push(Run { whole: *whole, parts: parts.clone(), paths: Rc::clone(&paths) });
                    }
                }
            }
            found.sort_by_key(|run: &Run| run.parts.len());
            found.truncate(MOST);
        }
        found
    }

    /// A commit and those below it on its line.
    fn line(&self, end: CommitId) -> impl Iterator<Item = CommitId> + '_ {
        std::iter::successors(Some(end), |commit| self.ancestry.first_parent(*commit)).take(BELOW)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: usize) -> CommitId {
        CommitId::parse(&format!("{n:040x}")).expect("an id")
    }

    /// Commit 1 below two lines: 10 on the one, 20 to 24 on the other one.
    fn history() -> Ancestry {
        let on = |n: usize, parent: usize| (id(n), vec![id(parent)]);
        Ancestry::new(vec![on(24, 23), on(23, 22), on(22, 21), on(21, 20), on(20, 1), on(10, 1), (id(1), vec![])])
    }

    fn files(list: &[(usize, &str)]) -> Files {
        let names = |names: &str| names.split(' ').map(|name| name.as_bytes().to_vec()).collect();
        list.iter().map(|(n, list)| (id(*n), names(list))).collect()
    }

    fn possible(whole: usize, parts: &[usize], list: &[(usize, &str)]) -> Vec<Vec<CommitId>> {
        let history = history();
        let suspects = Suspects { whole: vec![id(whole)], parts: parts.iter().map(|n| id(*n)).collect() };
        Runs::new(&history, &[suspects]).possible(&files(list)).into_iter().map(|run| run.parts).collect()
    }

    #[test]
    fn a_run_has_all_files_of_the_squash_and_one_of_its_commits_names_the_issue() {
        let list = [(10, "a b"), (20, "a"), (21, "z"), (22, "b"), (23, "z"), (24, "b")];
        let all = [vec![id(22), id(20)], vec![id(24), id(22), id(20)]];
        assert_eq!(possible(10, &[20], &list), all);
        // The newest of them may name nothing, but not all of them.
        assert_eq!(possible(10, &[24], &list), [all[1].clone()]);
        assert!(possible(10, &[], &list).is_empty() && possible(10, &[23], &list).is_empty());
        assert!(possible(10, &[20], &[(10, "a b c"), (20, "a"), (22, "b")]).is_empty());
    }

    #[test]
    fn what_stands_on_each_other_is_not_looked_at() {
        let history = history();
        let suspects = |whole, parts: &[usize]| {
            [Suspects { whole: vec![id(whole)], parts: parts.iter().map(|n| id(*n)).collect() }]
        };
        assert!(Runs::new(&history, &suspects(24, &[20, 21])).wanted().is_empty());
        assert_eq!(Runs::new(&history, &suspects(10, &[20])).wanted().len(), 7);
    }
}
