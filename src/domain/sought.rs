//! What is looked for in the repositories: changes, each by the commits that make it, and how they are in a commit.

use std::collections::{BTreeSet, HashMap};

use super::ancestry::Ancestry;
use super::kin::Kin;
use super::name::CommitId;
use super::pieces::Group;
use super::presence::{Presence, Reverts};

/// What is looked for in one repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sought {
    /// The changes, each by the commits that make it: the first one, and those that repeat it.
    pub changes: Vec<Vec<CommitId>>,
    /// Commits that take others back.
    pub reverts: Reverts,
    /// Commits that repeat others.
    pub kin: Kin,
    /// The changes, by their numbers, that were taken back before another one took their place. They count where they
    /// are there, and nobody lacks them.
    pub replaced: BTreeSet<usize>,
    /// The merges among whose pieces some of the changes are.
    pub merges: Vec<Merged>,
    /// Changes, by their first commits, that are told as the merge that has brought them.
    pub told_as: HashMap<CommitId, CommitId>,
    /// Changes, by their first commits, that stand for several of the commits that a merge has brought.
    pub parts: HashMap<CommitId, Part>,
}

/// How much of a merge one change stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The merge.
    pub merge: CommitId,
    /// How many of its commits, all of one fate.
    pub commits: usize,
    /// How many commits it has brought that change something.
    pub of: usize,
}

/// A merge that is followed by what it brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The merge.
    pub merge: CommitId,
    /// Its pieces.
    pub groups: Vec<Group>,
}

/// A merge by the numbers of its changes.
struct Numbered {
    merge: CommitId,
    /// Each once, the lowest first.
    numbers: Vec<usize>,
    /// The number of each of its groups, and how many commits that group is.
    parts: Vec<(usize, usize)>,
}

impl Sought {
    /// Tells apart what was taken back before another change of the same was made that stands today. Where none of the
    /// living commits has it, it is no part of what is looked for any more.
    pub fn without_replaced(mut self, ancestry: &Ancestry, living: &[CommitId]) -> Self {
        if self.changes.len() < 2 || self.reverts.is_empty() {
            return self;
        }
        let present = self.in_history(ancestry);
        let numbers = 0..self.changes.len();
        let replaces = |later: CommitId, by: usize, number: usize| {
            let mut standing = living.iter().filter(|tip| present.contains(**tip, later));
            standing.clone().any(|tip| present.has(*tip, by)) && standing.all(|tip| !present.has(*tip, number))
        };
        let is_replaced_by = |by: usize, number: usize| {
            let anew = present.made_anew(&self.changes[by], number);
            by != number && anew.into_iter().any(|later| replaces(later, by, number))
        };
        let is_replaced = |number: &usize| numbers.clone().any(|by| is_replaced_by(by, *number));
        let replaced: BTreeSet<usize> = numbers.clone().filter(is_replaced).collect();
        let lives = |number: &usize| living.iter().any(|tip| present.has(*tip, *number));
        let kept: Vec<bool> = numbers.clone().map(|number| !replaced.contains(&number) || lives(&number)).collect();
        self.replaced = replaced;
        self.keep(|number| kept[number]);
        self
    }

    /// Tells each merge as one where all that it brought has one fate in all of these commits, and else what shares one
    /// whatever comes.
    pub fn in_merges(mut self, ancestry: &Ancestry, tips: &[CommitId]) -> Self {
        let merges: Vec<Numbered> = self.merges.iter().map(|one| self.numbered(one)).collect();
        let is_split = merges.iter().any(|one| one.numbers.len() > 1);
        let present = is_split.then(|| self.in_history(ancestry));
        let mut dropped: BTreeSet<usize> = BTreeSet::new();
        for Numbered { merge, mut numbers, parts } in merges {
            numbers.retain(|number| !dropped.contains(number));
            let Some((first, others)) = numbers.split_first() else { continue };
            let kind = |number: usize, tip: CommitId| {
                let found = present.as_ref().map(|present| self.found(number, tip, present, false));
                found.map(|found| std::mem::discriminant(&found))
            };
            let is_one = others.iter().all(|other| {
                self.replaced.contains(other) == self.replaced.contains(first)
                    && tips.iter().all(|tip| kind(*other, *tip) == kind(*first, *tip))
            });
            if is_one {
                dropped.extend(others);
            }
            let of = parts.iter().map(|(_, count)| count).sum();
            let parts = if is_one { vec![(*first, of)] } else { parts };
            // A merge that adds something stands for that.
            let adds = self.changes.iter().any(|change| change.first() == Some(&merge));
            let may_be_told = |count: usize| is_one || (count > 1 && !adds);
            let largest = parts.iter().filter(|(_, count)| may_be_told(*count)).max_by_key(|(_, count)| *count);
            if let Some(commit) = largest.and_then(|(number, _)| self.changes[*number].first()) {
                self.told_as.entry(*commit).or_insert(merge);
            }
            for (number, commits) in parts.into_iter().filter(|(_, count)| *count > 1) {
                if let Some(commit) = self.changes[number].first() {
                    self.parts.entry(*commit).or_insert(Part { merge, commits, of });
                }
            }
        }
        drop(present);
        self.keep(|number| !dropped.contains(&number));
        self
    }

    /// A merge with the numbers of its changes.
    fn numbered(&self, merged: &Merged) -> Numbered {
        let number_of = |group: &Group| self.changes.iter().position(|change| change.contains(&group.newest));
        let parts: Vec<(usize, usize)> =
            merged.groups.iter().filter_map(|group| Some((number_of(group)?, group.count))).collect();
        let mut numbers: Vec<usize> = parts.iter().map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        Numbered { merge: merged.merge, numbers, parts }
    }

    /// The commit that a change is told as, by its number.
    pub fn told_as(&self, number: usize) -> Option<CommitId> {
        let first = self.changes.get(number)?.first()?;
        Some(self.told_as.get(first).copied().unwrap_or(*first))
    }

    /// How much of a merge a change stands for, by its number, where that is more than itself.
    pub fn part(&self, number: usize) -> Option<Part> {
        self.parts.get(self.changes.get(number)?.first()?).copied()
    }

    /// Goes on with some of the changes alone.
    fn keep(&mut self, is_kept: impl Fn(usize) -> bool) {
        let kept: Vec<usize> = (0..self.changes.len()).filter(|number| is_kept(*number)).collect();
        self.replaced = (0..kept.len()).filter(|index| self.replaced.contains(&kept[*index])).collect();
        self.changes = kept.into_iter().map(|number| std::mem::take(&mut self.changes[number])).collect();
    }

    /// Finds out which commits of a history have what is looked for.
    pub fn in_history<'a>(&self, ancestry: &'a Ancestry) -> Presence<'a> {
        Presence::new(ancestry, &self.changes, &self.kin, &self.reverts)
    }

    /// How a change, by its number, is in a commit. `is_cut` says whether the history of that commit ends too early to
    /// tell what it lacks.
    pub fn found(&self, number: usize, tip: CommitId, present: &Presence<'_>, is_cut: bool) -> Found {
        let change = &self.changes[number];
        let bringing = change.iter().chain(present.repeating(number));
        let there = || bringing.clone().copied().filter(|commit| present.contains(tip, *commit));
        let first = change.first().is_some_and(|first| present.contains(tip, *first));
        if present.has(tip, number) {
            let other = if first { None } else { there().max_by_key(|commit| present.rank(*commit)) };
            Found::There(other)
        } else if there().next().is_some() {
            Found::Undone
        } else if is_cut {
            Found::Unknown
        } else {
            Found::Missing
        }
    }
}

/// How a change is in a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is there, under the id that is given where that is not its first one.
    There(Option<CommitId>),
    /// It was there, and was taken back.
    Undone,
    /// It may be below the end of a history that is cut off.
    Unknown,
    /// It is not there.
    Missing,
}

/// A change in one of the repositories that it is looked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The number of the repository.
    pub repository: usize,
    /// The number of the change among those that are looked for there.
    pub number: usize,
}

/// All changes that are looked for, each once, with the repositories that have it: one history may go by several names.
pub fn distinct(sought: &[&Sought]) -> Vec<Vec<Spot>> {
    let mut distinct: Vec<Vec<Spot>> = Vec::new();
    let mut known: HashMap<CommitId, Vec<usize>> = HashMap::new();
    for (repository, sought) in sought.iter().enumerate() {
        for (number, change) in sought.changes.iter().enumerate() {
            // One commit may have several changes of a repository, and those stay apart.
            let is_elsewhere = |index: &usize| distinct[*index].iter().all(|spot: &Spot| spot.repository != repository);
            let mut indices = change.iter().filter_map(|commit| known.get(commit)).flatten().copied();
            let index = indices.find(is_elsewhere).unwrap_or(distinct.len());
            if index == distinct.len() {
                distinct.push(Vec::new());
            }
            distinct[index].push(Spot { repository, number });
            for commit in change {
                known.entry(*commit).or_default().push(index);
            }
        }
    }
    distinct
}
