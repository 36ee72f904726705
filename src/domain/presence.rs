//! Whether a change is in a commit: the one answer to what it means to have something.
//!
//! A change is there or not, like a line in a file. Its commits bring it, under whatever id; what reverts one of them takes
//! it away, and what reverts that brings it back. A merge keeps what both sides agree on, and else what one of them did
//! since the history that they have in common, as Git merges files. So what is told of a commit is what lies in its files.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};

use super::ancestry::{Ancestry, Containment};
use super::kin::Kin;
use super::name::CommitId;

/// What some commits take back, each with those that it names.
pub type Reverts = HashMap<CommitId, Vec<CommitId>>;

/// Which changes the commits of a piece of history have.
#[derive(Debug)]
pub struct Presence<'a> {
    contained: Containment<'a>,
    changes: Vec<Followed>,
}

/// One change, followed through the history.
#[derive(Debug)]
struct Followed {
    /// What brings it. Where nothing takes it back, whatever contains one of these has it.
    bringing: Vec<CommitId>,
    /// For each place of the history whether it is there, where something takes it back.
    there: Option<Vec<bool>>,
    /// All commits that do something to it, as far as they are part of the history.
    acting: Vec<CommitId>,
}

/// What a commit does to a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Brings,
    TakesBack,
    /// Whatever that commit has changed is as it was before.
    Undoes(CommitId),
    /// It does again what that commit did.
    Repeats(CommitId),
}

/// What commits do to one change.
type Effects = HashMap<CommitId, Effect>;

impl<'a> Presence<'a> {
    /// Follows changes through a piece of history, each one given by the commits that bring it. Before that piece, none of
    /// them is there.
    pub fn new(ancestry: &'a Ancestry, changes: &[Vec<CommitId>], kin: &Kin, reverts: &Reverts) -> Self {
        let naming = Naming::of(kin, reverts);
        let mut effects: Vec<Effects> = changes
            .iter()
            .map(|change| {
                let mut effects: Effects = change.iter().map(|commit| (*commit, Effect::Brings)).collect();
                naming.follow(change.clone(), &mut effects);
                effects
            })
            .collect();
        let known = effects.iter().flat_map(HashMap::keys).chain(reverts.keys()).copied();
        let contained = ancestry.containing(known.collect::<HashSet<CommitId>>());
        let merges = naming.merges(ancestry);
        for effects in &mut effects {
            naming.add_merges(merges.clone(), &contained, effects);
        }
        let changes = effects
            .into_iter()
            .map(|effects| {
                let brings = |(_, effect): &(&CommitId, &Effect)| **effect == Effect::Brings;
                let bringing = effects.iter().filter(brings).map(|(commit, _)| *commit).collect();
                let is_simple = effects.iter().all(|all| brings(&all) || ancestry.place(*all.0).is_none());
                let there = (!is_simple).then(|| followed(ancestry, &effects));
                let acting = effects.into_keys().filter(|commit| ancestry.place(*commit).is_some()).collect();
                Followed { bringing, there, acting }
            })
            .collect();
        Presence { contained, changes }
    }

    /// Whether a commit has a change, by its number. One outside of the history has none.
    pub fn has(&self, commit: CommitId, change: usize) -> bool {
        let Some(followed) = self.changes.get(change) else { return false };
        match &followed.there {
            Some(there) => self.contained.ancestry().place(commit).is_some_and(|place| there[place]),
            None => followed.bringing.iter().any(|one| self.contained.has(commit, *one)),
        }
    }

    /// For each change whether it is in what two commits have in common: in the newest such commit, or in several of them
    /// merged.
    pub fn in_common(&self, one: CommitId, other: CommitId) -> Vec<bool> {
        let ancestry = self.contained.ancestry();
        let bases = match (ancestry.place(one), ancestry.place(other)) {
            (Some(one), Some(other)) => ancestry.merge_bases(one, other),
            _ => Vec::new(),
        };
        let in_bases = |followed: &Followed| match &followed.there {
            Some(there) => all_merged(ancestry, there, &bases),
            None => bases.iter().any(|base| followed.bringing.iter().any(|one| self.contained.has_at(*base, *one))),
        };
        self.changes.iter().map(in_bases).collect()
    }

    /// The commits that do something to a change.
    pub fn acting(&self, change: usize) -> &[CommitId] {
        self.changes.get(change).map_or(&[], |followed| &followed.acting)
    }

    /// Whether a commit is this one or has it among its ancestors, where that one does something to a change.
    pub fn contains(&self, commit: CommitId, item: CommitId) -> bool {
        self.contained.has(commit, item)
    }

    /// Where a commit stands among the others: whatever it contains stands before it. `None` for a strange one.
    pub fn rank(&self, commit: CommitId) -> Option<usize> {
        self.contained.ancestry().rank(commit)
    }
}

/// Which commits name which others.
struct Naming<'k> {
    kin: &'k Kin,
    taken_back_by: HashMap<CommitId, Vec<CommitId>>,
}

impl<'k> Naming<'k> {
    fn of(kin: &'k Kin, reverts: &Reverts) -> Self {
        let mut taken_back_by: HashMap<CommitId, Vec<CommitId>> = HashMap::new();
        for (taker, targets) in reverts {
            targets.iter().for_each(|target| taken_back_by.entry(*target).or_default().push(*taker));
        }
        // The order in which they come out of a map must not matter.
        taken_back_by.values_mut().for_each(|takers| takers.sort_unstable());
        Naming { kin, taken_back_by }
    }

    fn takers(&self, commit: CommitId) -> impl Iterator<Item = CommitId> + '_ {
        self.taken_back_by.get(&commit).into_iter().flatten().copied()
    }

    /// The merges that others take back or repeat.
    fn merges(&self, ancestry: &Ancestry) -> Vec<CommitId> {
        let named = self.taken_back_by.keys().copied().chain(self.kin.origins());
        let merges: BTreeSet<CommitId> = named.filter(|commit| ancestry.is_merge(*commit)).collect();
        merges.into_iter().collect()
    }

    /// Adds what follows from the effects of some commits: by what takes them back, and by what repeats them.
    fn follow(&self, mut open: Vec<CommitId>, effects: &mut Effects) {
        while let Some(commit) = open.pop() {
            let same = effects[&commit];
            let other = match same {
                Effect::Brings => Effect::TakesBack,
                Effect::TakesBack => Effect::Brings,
                Effect::Undoes(_) | Effect::Repeats(_) => Effect::Undoes(commit),
            };
            let repeating = self.kin.repeated_by(commit).iter().map(|repeats| (*repeats, same));
            for (next, effect) in self.takers(commit).map(|taker| (taker, other)).chain(repeating) {
                if let Entry::Vacant(entry) = effects.entry(next) {
                    entry.insert(effect);
                    open.push(next);
                }
            }
        }
    }

    /// Adds the merges that have brought one of the commits that matter, as far as others name them.
    fn add_merges(&self, mut merges: Vec<CommitId>, contained: &Containment<'_>, effects: &mut Effects) {
        loop {
            let brought = |merge: &CommitId| effects.keys().any(|commit| contained.brought(*merge, *commit));
            let (new, others): (Vec<CommitId>, Vec<CommitId>) = merges.iter().partition(|merge| brought(merge));
            if new.is_empty() {
                return;
            }
            merges = others;
            for merge in new {
                let takers = self.takers(merge).map(|taker| (taker, Effect::Undoes(merge)));
                let repeating = self.kin.repeated_by(merge).iter().map(|repeats| (*repeats, Effect::Repeats(merge)));
                let mut open = Vec::new();
                for (next, effect) in takers.chain(repeating) {
                    if let Entry::Vacant(entry) = effects.entry(next) {
                        entry.insert(effect);
                        open.push(next);
                    }
                }
                self.follow(open, effects);
            }
        }
    }
}

/// For each place of a history whether a change is there.
fn followed(ancestry: &Ancestry, effects: &Effects) -> Vec<bool> {
    let at: HashMap<usize, Effect> =
        effects.iter().filter_map(|(commit, effect)| Some((ancestry.place(*commit)?, *effect))).collect();
    let named = |place: usize| match at.get(&place) {
        Some(Effect::Undoes(other) | Effect::Repeats(other)) => ancestry.place(*other),
        _ => None,
    };
    let mut there = vec![false; ancestry.len()];
    for place in ancestry.parents_first(named) {
        let parents = ancestry.parents_at(place);
        let mut now = parents.first().is_some_and(|first| there[*first]);
        for other in parents.iter().skip(1) {
            now = merged(ancestry, &there, (parents[0], now), *other);
        }
        let of_other =
            named(place).map(|other| (ancestry.first_parent_at(other).is_some_and(|first| there[first]), there[other]));
        there[place] = match (at.get(&place), of_other) {
            (Some(Effect::Brings), _) => true,
            (Some(Effect::TakesBack), _) => false,
            (Some(Effect::Undoes(_)), Some((before, after))) if before != after => before,
            (Some(Effect::Repeats(_)), Some((before, after))) if before != after => after,
            _ => now,
        };
    }
    there
}

/// Where both sides agree, there is nothing to merge; where they don't, one of them has changed what both had.
fn merged(ancestry: &Ancestry, there: &[bool], (place, here): (usize, bool), other: usize) -> bool {
    if here == there[other] {
        return here;
    }
    !all_merged(ancestry, there, &ancestry.merge_bases(place, other))
}

/// Whether a change is in several commits merged one after the other, as Git does with what two sides have in common.
fn all_merged(ancestry: &Ancestry, there: &[bool], places: &[usize]) -> bool {
    let Some((first, others)) = places.split_first() else { return false };
    others.iter().fold(there[*first], |now, next| merged(ancestry, there, (*first, now), *next))
}

#[cfg(test)]
mod tests;
