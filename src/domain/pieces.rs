//! A merge of which a part was taken back by itself: it is followed in pieces then, as a single change is there or not.

use std::collections::{BTreeSet, HashSet};

use super::ancestry::Ancestry;
use super::history::Commit;
use super::kin::Kin;
use super::name::CommitId;
use super::presence::Reverts;

/// What a merge is followed by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pieces {
    /// The commit that has what the merge has brought, but for the parts: whoever took it has that without the merge.
    pub rest: Option<CommitId>,
    /// What was taken back by itself.
    pub parts: Vec<CommitId>,
}

impl Pieces {
    /// Finds out what of a merge was taken back by itself after it was merged.
    pub fn of(commit: &Commit, ancestry: &Ancestry, kin: &Kin, reverts: &Reverts) -> Self {
        let merge = commit.id;
        // The tip of the branch that it merged, where that is one.
        let brought = if let [_, tip] = commit.parents.as_slice() { Some(*tip) } else { None };
        let whole = Pieces { rest: brought, parts: Vec::new() };
        if reverts.is_empty() {
            return whole;
        }
        let within: HashSet<CommitId> = ancestry.brought_by(merge).into_iter().collect();
        let mut open: Vec<CommitId> = Vec::new();
        for (taker, targets) in reverts {
            // What the branch itself took back never was a part of it.
            if !within.contains(taker) {
                open.extend(targets);
            }
        }
        let (mut parts, mut seen) = (BTreeSet::new(), HashSet::new());
        while let Some(target) = open.pop() {
            if target == merge || !seen.insert(target) {
                continue;
            }
            if let Some(further) = reverts.get(&target) {
                open.extend(further);
            } else if within.contains(&target) && ancestry.is_merge(target) {
                open.extend(ancestry.brought_by(target));
            } else {
                // It may have been picked, and the pick been taken back.
                parts.extend(kin.of(target).into_iter().filter(|commit| within.contains(commit)));
            }
        }
        let mut rest = brought;
        while let Some(commit) = rest.filter(|commit| parts.contains(commit)) {
            rest = ancestry.first_parent(commit).filter(|parent| within.contains(parent));
        }
        if rest.is_none() {
            // All of it was taken back piece by piece, and the newest piece stands for the merge.
            rest = brought;
            parts.retain(|part| Some(*part) != brought);
        }
        Pieces { rest, parts: parts.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: usize) -> CommitId {
        CommitId::parse(&format!("{n:040x}")).expect("an id")
    }

    /// 2, 3 and 4 were made on 1 and merged into it by 5; 6, 7 and 8 stand on that.
    fn pieces(reverts: &[(usize, usize)]) -> (Option<usize>, Vec<usize>) {
        let merge = Commit {
            id: id(5),
            tree: gix::ObjectId::null(gix::hash::Kind::Sha1),
            parents: vec![id(1), id(4)],
            author: "A".into(),
            at: 0,
            message: "Merge".into(),
        };
        let line = [(1, vec![]), (2, vec![1]), (3, vec![2]), (4, vec![3]), (5, vec![1, 4]), (6, vec![5])];
        let line = line.into_iter().chain([(7, vec![6]), (8, vec![7])]);
        let ancestry = Ancestry::new(line.map(|(n, own)| (id(n), own.into_iter().map(id).collect())).collect());
        let reverts: Reverts = reverts.iter().map(|(taker, target)| (id(*taker), vec![id(*target)])).collect();
        let mut kin = Kin::default();
        kin.repeats(id(9), [id(3)]);
        let found = Pieces::of(&merge, &ancestry, &kin, &reverts);
        let number = |commit: CommitId| (1..=9).find(|n| id(*n) == commit).expect("a commit");
        (found.rest.map(number), found.parts.into_iter().map(number).collect())
    }

    #[test]
    fn what_was_taken_back_by_itself_is_a_part() {
        assert_eq!(pieces(&[]), (Some(4), vec![]));
        assert_eq!(pieces(&[(6, 5)]), (Some(4), vec![]), "all of it at once");
        assert_eq!(pieces(&[(6, 1)]), (Some(4), vec![]), "something else");
        assert_eq!(pieces(&[(6, 3)]), (Some(4), vec![3]));
        assert_eq!(pieces(&[(6, 4)]), (Some(3), vec![4]));
        assert_eq!(pieces(&[(6, 4), (7, 3)]), (Some(2), vec![3, 4]));
        assert_eq!(pieces(&[(6, 4), (7, 3), (8, 2)]), (Some(4), vec![2, 3]));
        assert_eq!(pieces(&[(6, 3), (7, 6)]), (Some(4), vec![3]), "and brought again");
        assert_eq!(pieces(&[(6, 9)]), (Some(4), vec![3]), "by a pick of it");
        assert_eq!(pieces(&[(3, 2)]), (Some(4), vec![]), "on the branch itself");
        assert_eq!(pieces(&[(3, 2), (6, 3)]), (Some(4), vec![2]), "on the branch, and then not");
    }
}
