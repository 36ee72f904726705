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
    /// What does again all that a merge has brought, and it with that.
    repeating: Vec<CommitId>,
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
        let merges = naming.merges(ancestry);
        let known = effects.iter().flat_map(HashMap::keys).chain(reverts.keys()).copied();
        let known = known.chain(merges.iter().flat_map(|merge| kin.of(*merge)));
        let contained = ancestry.containing(known.collect::<HashSet<CommitId>>());
        for effects in &mut effects {
            naming.add_merges(merges.clone(), &contained, effects);
        }
        let changes = effects
            .into_iter()
            .map(|effects| {
                let brings = |(_, effect): &(&CommitId, &Effect)| **effect == Effect::Brings;
                let bringing = effects.iter().filter(brings).map(|(commit, _)| *commit).collect();
                let repeats =
                    |(commit, effect): (&CommitId, &Effect)| matches!(effect, Effect::Repeats(_)).then_some(*commit);
                let repeating = effects.iter().filter_map(repeats).collect();
                let is_simple = effects.iter().all(|all| brings(&all) || ancestry.place(*all.0).is_none());
                let mut idle = HashSet::new();
                let there = (!is_simple).then(|| followed(&contained, &effects, kin, &mut idle));
                let is_acting = |commit: &CommitId| ancestry.place(*commit).is_some() && !idle.contains(commit);
                let acting = effects.into_keys().filter(is_acting).collect();
                Followed { bringing, repeating, there, acting }
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

    /// Those of the commits of a change that took the place of an earlier one: it was made on a history that had taken the
    /// earlier one back. What was made with the earlier one standing, or before it, only came again.
    pub fn made_anew(&self, change: &[CommitId], earlier: usize) -> Vec<CommitId> {
        let bringing = self.changes.get(earlier).map_or(&[][..], |followed| &followed.bringing);
        let others = |commit: &CommitId| bringing.iter().filter(|other| *other != commit).copied().collect::<Vec<_>>();
        let is_after = |commit: &CommitId| others(commit).into_iter().any(|other| self.contains(*commit, other));
        let is_before = |commit: &CommitId| others(commit).into_iter().any(|other| self.contains(other, *commit));
        let (after, rest): (Vec<CommitId>, Vec<CommitId>) = change.iter().partition(|commit| is_after(commit));
        let is_old = after.iter().any(|commit| self.has(*commit, earlier)) || rest.iter().any(is_before);
        if is_old { Vec::new() } else { after }
    }

    /// The commits that do something to a change.
    pub fn acting(&self, change: usize) -> &[CommitId] {
        self.changes.get(change).map_or(&[], |followed| &followed.acting)
    }

    /// The commits that bring a change together with all else of a merge.
    pub fn repeating(&self, change: usize) -> &[CommitId] {
        self.changes.get(change).map_or(&[], |followed| &followed.repeating)
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

/// For each place of a history whether a change is there. `idle` gets the commits that take back or do again a merge and
/// find nothing to do about the change.
fn followed(contained: &Containment<'_>, effects: &Effects, kin: &Kin, idle: &mut HashSet<CommitId>) -> Vec<bool> {
    let ancestry = contained.ancestry();
    let at: HashMap<usize, (CommitId, Effect)> =
        effects.iter().filter_map(|(commit, effect)| Some((ancestry.place(*commit)?, (*commit, *effect)))).collect();
    let named = |effect: Effect| match effect {
        Effect::Undoes(other) | Effect::Repeats(other) => ancestry.place(other),
        Effect::Brings | Effect::TakesBack => None,
    };
    // Two commits of the same content that take back a merge have taken back what was there for both.
    let before_equals = |commit: CommitId, effect: Effect| {
        let is_equal = |other: &CommitId| effects.get(other) == Some(&effect) && !contained.has(*other, commit);
        let equals = kin.equals(commit).filter(move |_| matches!(effect, Effect::Undoes(_))).filter(is_equal);
        equals.filter_map(|other| ancestry.first_parent_at(ancestry.place(other)?)).collect::<Vec<_>>()
    };
    let mut needed: HashMap<usize, Vec<usize>> =
        at.iter().filter_map(|(place, (_, effect))| Some((*place, vec![named(*effect)?]))).collect();
    let mut places: Vec<usize> = needed.keys().copied().collect();
    places.sort_unstable();
    for place in places {
        let (commit, effect) = at[&place];
        for before in before_equals(commit, effect) {
            // What came of this one itself tells nothing.
            if !needs(ancestry, &needed, before, place) {
                needed.entry(place).or_default().push(before);
            }
        }
    }
    let mut there = vec![false; ancestry.len()];
    for place in ancestry.parents_first(|place| needed.get(&place).map_or(&[], Vec::as_slice)) {
        let parents = ancestry.parents_at(place);
        let mut now = parents.first().is_some_and(|first| there[*first]);
        for other in parents.iter().skip(1) {
            now = merged(ancestry, &there, (parents[0], now), *other);
        }
        let Some((commit, effect)) = at.get(&place).copied() else {
            there[place] = now;
            continue;
        };
        let of_other = needed.get(&place).and_then(|needed| needed.split_first()).map(|(other, equals)| {
            let before = ancestry.first_parent_at(*other).is_some_and(|first| there[first]);
            (before, there[*other], equals.iter().all(|equal| there[*equal] != before))
        });
        there[place] = match (effect, of_other) {
            (Effect::Brings, _) => true,
            (Effect::TakesBack, _) => false,
            (Effect::Undoes(_), Some((before, after, true))) if before != after => before,
            (Effect::Repeats(_), Some((before, after, _))) if before != after => after,
            _ => now,
        };
        if there[place] == now && named(effect).is_some() {
            idle.insert(commit);
        }
    }
    there
}

/// Whether one place must be known before another one is.
fn needs(ancestry: &Ancestry, needed: &HashMap<usize, Vec<usize>>, place: usize, other: usize) -> bool {
    let (mut seen, mut open) = (HashSet::from([place]), vec![place]);
    while let Some(place) = open.pop() {
        if place == other {
            return true;
        }
        let further = ancestry.parents_at(place).iter().chain(needed.get(&place).into_iter().flatten());
        open.extend(further.filter(|further| seen.insert(**further)));
    }
    false
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
