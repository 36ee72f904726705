//! What a merge is that tells of an issue: the single changes that it brought. Each is there or not by itself, as any other.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::ancestry::Ancestry;
use super::kin::Kin;
use super::name::CommitId;
use super::presence::{Presence, Reverts};

/// The commits that a merge brought, the newest first: without merges, what is known to change nothing, what takes
/// something back, and what was taken back before it was merged. None, where the merge brought nothing else.
pub fn brought_by(
    merge: CommitId,
    ancestry: &Ancestry,
    kin: &Kin,
    reverts: &Reverts,
    is_empty: impl Fn(CommitId) -> bool,
) -> Vec<CommitId> {
    let brought = ancestry.brought_by(merge);
    let within: HashSet<CommitId> = brought.iter().copied().collect();
    let mut taken_back: HashSet<CommitId> = HashSet::new();
    for target in reverts.values().flatten().copied() {
        if ancestry.is_merge(target) && within.contains(&target) {
            taken_back.extend(ancestry.brought_by(target));
        } else {
            taken_back.extend(kin.of(target).into_iter().filter(|commit| within.contains(commit)));
        }
    }
    let is_piece =
        |commit: &CommitId| !ancestry.is_merge(*commit) && !reverts.contains_key(commit) && !is_empty(*commit);
    let (doubtful, others): (Vec<CommitId>, Vec<CommitId>) =
        brought.into_iter().filter(is_piece).partition(|piece| taken_back.contains(piece));
    if doubtful.is_empty() {
        return others;
    }
    let changes: Vec<Vec<CommitId>> = doubtful.iter().map(|piece| kin.of(*piece)).collect();
    let present = Presence::new(ancestry, &changes, kin, reverts);
    let standing = doubtful.into_iter().enumerate().filter(|(number, _)| present.has(merge, *number));
    let mut pieces: Vec<CommitId> = standing.map(|(_, piece)| piece).chain(others).collect();
    pieces.sort_by_key(|piece| std::cmp::Reverse(ancestry.rank(*piece)));
    pieces
}

/// Whether all that a merge has brought takes something back, and some of it something of an issue: such a merge is no part
/// of that issue, whatever it is called. `names` says of a commit that takes something back whether it names the issue, and
/// nothing of any other.
pub fn takes_back<E>(
    merge: CommitId,
    ancestry: &Ancestry,
    mut names: impl FnMut(CommitId) -> Result<Option<bool>, E>,
) -> Result<bool, E> {
    let (mut is_any, mut is_named) = (false, false);
    for commit in ancestry.brought_by(merge) {
        let is_plain = !ancestry.is_merge(commit);
        is_any |= is_plain;
        match names(commit)? {
            Some(named) => is_named |= named,
            None if is_plain => return Ok(false),
            None => {}
        }
    }
    Ok(is_any && is_named)
}

/// Pieces of a merge that share one fate, whatever becomes of the merge, so that following one of them is enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The newest of them.
    pub newest: CommitId,
    /// How many there are.
    pub count: usize,
}

/// The pieces of a merge in groups. By itself stands what others repeat or take back; what came somewhere without the merge
/// stands with what came there too. `tips` are the commits that are asked about.
pub fn grouped(
    merge: CommitId,
    pieces: &[CommitId],
    ancestry: &Ancestry,
    kin: &Kin,
    reverts: &Reverts,
    tips: &[CommitId],
) -> Vec<Group> {
    let brought = ancestry.brought_by(merge);
    let targets: HashSet<CommitId> = reverts.values().flatten().copied().collect();
    // What each of them lies below: places where others leave the branch, and merges in it that others name.
    let mut marks: HashMap<CommitId, BTreeSet<CommitId>> =
        brought.iter().map(|commit| (*commit, BTreeSet::new())).collect();
    for left in ancestry.left_at(&brought, merge).into_iter().chain(tips.iter().copied()) {
        marks.entry(left).and_modify(|marks| {
            marks.insert(left);
        });
    }
    for commit in &brought {
        let own = marks[commit].clone();
        for parent in ancestry.parents_of(*commit) {
            marks.entry(parent).and_modify(|marks| marks.extend(&own));
        }
    }
    for inner in brought.iter().filter(|one| ancestry.is_merge(**one)) {
        if targets.contains(inner) || !kin.repeated_by(*inner).is_empty() {
            for commit in ancestry.brought_by(*inner) {
                marks.entry(commit).and_modify(|marks| {
                    marks.insert(*inner);
                });
            }
        }
    }
    let mut groups: Vec<Group> = Vec::new();
    let mut known: BTreeMap<&BTreeSet<CommitId>, usize> = BTreeMap::new();
    for piece in pieces {
        let same = kin.of(*piece);
        let is_named = same.len() > 1 || same.iter().any(|commit| targets.contains(commit));
        let Some(marks) = marks.get(piece).filter(|_| !is_named) else {
            groups.push(Group { newest: *piece, count: 1 });
            continue;
        };
        let index = *known.entry(marks).or_insert(groups.len());
        match groups.get_mut(index) {
            Some(group) => group.count += 1,
            None => groups.push(Group { newest: *piece, count: 1 }),
        }
    }
    groups
}
