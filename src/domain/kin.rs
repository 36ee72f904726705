//! Which commits make the same change: cherry-picks that say so, and commits whose content is the same.

use std::collections::{HashMap, HashSet};

use super::name::CommitId;

/// What is known of commits that repeat each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kin {
    origins: HashMap<CommitId, Vec<CommitId>>,
    repeated_by: HashMap<CommitId, Vec<CommitId>>,
    twins: HashMap<CommitId, Vec<CommitId>>,
    squashed: HashMap<CommitId, Vec<CommitId>>,
    made_of: HashMap<CommitId, Vec<Vec<CommitId>>>,
}

impl Kin {
    /// A commit says that it repeats others, in the order in which its message names them.
    pub fn repeats(&mut self, commit: CommitId, origins: impl IntoIterator<Item = CommitId>) {
        for origin in origins {
            // A message that was edited may name one twice.
            add(&mut self.origins, commit, origin);
            add(&mut self.repeated_by, origin, commit);
        }
    }

    /// A commit has all at once what a merge has brought. One branch may have been merged several times.
    pub fn squashes(&mut self, commit: CommitId, merge: CommitId) {
        add(&mut self.squashed, commit, merge);
        add(&mut self.repeated_by, merge, commit);
    }

    /// A commit has all at once what several others have. One branch may have come to several lines.
    pub fn makes_of(&mut self, commit: CommitId, parts: Vec<CommitId>) {
        parts.iter().for_each(|part| add(&mut self.repeated_by, *part, commit));
        self.made_of.entry(commit).or_default().push(parts);
    }

    /// What a commit is made of that has the changes of several others: each of those, in one way or in several.
    pub fn made_of(&self, commit: CommitId) -> impl Iterator<Item = &[CommitId]> {
        let picked = self.origins.get(&commit).filter(|origins| origins.len() > 1 && self.origin(commit).is_none());
        self.made_of.get(&commit).into_iter().flatten().chain(picked).map(Vec::as_slice)
    }

    /// Whether a commit has what several others have, or repeats one that has, and is none of those itself.
    pub fn is_made_of_several(&self, commit: CommitId) -> bool {
        let same = self.of(commit);
        same.iter()
            .any(|one| self.made_of(*one).next().is_some_and(|parts| !parts.iter().any(|part| same.contains(part))))
    }

    /// Two commits change the same.
    pub fn twins(&mut self, one: CommitId, other: CommitId) {
        self.twins.entry(one).or_default().push(other);
        self.twins.entry(other).or_default().push(one);
    }

    /// The commits that say they repeat this one.
    pub fn repeated_by(&self, commit: CommitId) -> &[CommitId] {
        self.repeated_by.get(&commit).map_or(&[], Vec::as_slice)
    }

    /// The commits that have the change of this one just as it is: those of the same content, and the one it repeats.
    pub fn equals(&self, commit: CommitId) -> impl Iterator<Item = CommitId> + '_ {
        self.twins.get(&commit).into_iter().flatten().copied().chain(self.origin(commit))
    }

    /// The commits that others say they repeat.
    pub fn origins(&self) -> impl Iterator<Item = CommitId> + '_ {
        self.repeated_by.keys().copied()
    }

    /// All commits that have the change of this one, and it first.
    pub fn of(&self, commit: CommitId) -> Vec<CommitId> {
        let mut seen = HashSet::from([commit]);
        let mut found = vec![commit];
        let mut next = 0;
        while let Some(commit) = found.get(next).copied() {
            next += 1;
            let twins = self.twins.get(&commit).into_iter().flatten();
            let squashed = self.squashed.get(&commit).into_iter().flatten();
            let others = self.repeated_by(commit).iter().chain(twins).chain(squashed).copied();
            for other in others.chain(self.origin(commit)) {
                if seen.insert(other) {
                    found.push(other);
                }
            }
        }
        found
    }

    /// The one commit that another one repeats. A pick of a pick names both, the last one being its own origin; a commit
    /// that was made of several picks has the change of each, and is none of them.
    fn origin(&self, commit: CommitId) -> Option<CommitId> {
        let origins = self.origins.get(&commit)?;
        let (last, others) = origins.split_last()?;
        let known = self.origins.get(last).map_or(&[][..], Vec::as_slice);
        others.iter().all(|other| known.contains(other)).then_some(*last)
    }
}

fn add(map: &mut HashMap<CommitId, Vec<CommitId>>, key: CommitId, value: CommitId) {
    let values = map.entry(key).or_default();
    if !values.contains(&value) {
        values.push(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: usize) -> CommitId {
        CommitId::parse(&format!("{n:040x}")).expect("an id")
    }

    fn of(kin: &Kin, n: usize) -> Vec<CommitId> {
        let mut found = kin.of(id(n));
        found.sort();
        found
    }

    #[test]
    fn picks_are_kin_in_both_directions_and_to_each_other() {
        let mut kin = Kin::default();
        kin.repeats(id(2), [id(1)]);
        kin.repeats(id(3), [id(1), id(2)]);
        kin.repeats(id(4), [id(1)]);
        kin.twins(id(4), id(5));
        for n in 1..=5 {
            assert_eq!(of(&kin, n), [1, 2, 3, 4, 5].map(id), "{n}");
        }
        assert_eq!(of(&kin, 6), [id(6)]);
    }

    #[test]
    fn a_commit_made_of_several_picks_has_each_and_makes_them_no_kin() {
        let mut kin = Kin::default();
        kin.repeats(id(3), [id(1), id(2)]);
        assert_eq!((of(&kin, 1), of(&kin, 2), of(&kin, 3)), (vec![id(1), id(3)], vec![id(2), id(3)], vec![id(3)]));
    }

    #[test]
    fn what_is_named_twice_is_one_origin_and_a_squash_is_of_every_merge_of_its_branch() {
        let mut kin = Kin::default();
        kin.repeats(id(2), [id(1), id(1)]);
        kin.squashes(id(2), id(1));
        assert_eq!((of(&kin, 1), of(&kin, 2)), (vec![id(1), id(2)], vec![id(1), id(2)]));
        kin.squashes(id(5), id(3));
        kin.squashes(id(5), id(4));
        for n in 3..=5 {
            assert_eq!(of(&kin, n), [3, 4, 5].map(id), "{n}");
        }
    }

    #[test]
    fn what_is_made_of_several_has_each_in_every_way_that_is_known() {
        let mut kin = Kin::default();
        kin.makes_of(id(5), vec![id(2), id(1)]);
        kin.makes_of(id(5), vec![id(4), id(3)]);
        kin.repeats(id(6), [id(5)]);
        assert_eq!((of(&kin, 1), of(&kin, 4)), (vec![id(1), id(5), id(6)], vec![id(4), id(5), id(6)]));
        assert_eq!(kin.made_of(id(5)).collect::<Vec<_>>(), [[id(2), id(1)], [id(4), id(3)]]);
        assert_eq!([1, 5, 6].map(|n| kin.is_made_of_several(id(n))), [false, true, true]);
        // A pick of a pick names both, and is none of several.
        kin.repeats(id(8), [id(7)]);
        kin.repeats(id(9), [id(7), id(8)]);
        assert!(!kin.is_made_of_several(id(9)));
    }
}
