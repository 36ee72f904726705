//! Which commits make the same change: cherry-picks that say so, and commits whose content is the same.

use std::collections::{HashMap, HashSet};

use super::name::CommitId;

/// What is known of commits that repeat each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kin {
    origins: HashMap<CommitId, Vec<CommitId>>,
    repeated_by: HashMap<CommitId, Vec<CommitId>>,
    twins: HashMap<CommitId, Vec<CommitId>>,
}

impl Kin {
    /// A commit says that it repeats others, in the order in which its message names them.
    pub fn repeats(&mut self, commit: CommitId, origins: impl IntoIterator<Item = CommitId>) {
        for origin in origins {
            self.origins.entry(commit).or_default().push(origin);
            self.repeated_by.entry(origin).or_default().push(commit);
        }
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
            for other in self.repeated_by(commit).iter().chain(twins).copied().chain(self.origin(commit)) {
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
}
