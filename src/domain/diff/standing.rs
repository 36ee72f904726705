//! What each commit of a comparison comes to: which ones the other side has as well, and which were taken back. What is
//! there is decided as `where` decides it: by following each change through the history.

use std::collections::{HashMap, HashSet};

use crate::domain::ancestry::Ancestry;
use crate::domain::history::Commit;
use crate::domain::kin::Kin;
use crate::domain::message;
use crate::domain::name::CommitId;
use crate::domain::naming::reverts_among;
use crate::domain::pieces::Pieces;
use crate::domain::presence::{Presence, Reverts};

use super::keys::Naming;
use super::{Content, Differing};

/// What must be known beside the commits of a comparison to tell what they come to.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// What is compared: what is given, and what receives it.
    pub tips: Option<(CommitId, CommitId)>,
    /// Commits that both sides have, children before their parents: those that only a part of the others stand on, and
    /// what lies above one that is named.
    pub common: Vec<Commit>,
    /// Commits that neither side has and that are named.
    pub elsewhere: Vec<Commit>,
    /// Commits that change the same, as far as that matters.
    pub twins: Vec<(CommitId, CommitId)>,
}

/// What is left of the commits of a comparison.
#[derive(Default)]
pub(super) struct Standing {
    undone: HashSet<CommitId>,
    same: HashSet<CommitId>,
    followed: HashSet<CommitId>,
    moved: Vec<Moved>,
    merge_of: HashMap<CommitId, CommitId>,
}

/// A change that something takes back, where one side has it and the other has not.
pub(super) struct Moved {
    /// The commits that bring it.
    pub change: Vec<CommitId>,
    /// Whether it is what is given that has it.
    pub comes: bool,
    /// Whether the other one had it and took it back.
    pub is_taken_back: bool,
}

/// What a commit comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// Its side is as it was before.
    Undone,
    /// The other side has done the same.
    Same,
    /// Its side alone has done it.
    Own,
}

impl Standing {
    /// Finds out what is left. `list` has children before their parents.
    pub(super) fn of(list: &[Differing], around: &Around, naming: &Naming<'_>) -> Self {
        let mut kin = Kin::default();
        for commit in list.iter().map(|one| &one.commit).chain(&around.common).chain(&around.elsewhere) {
            kin.repeats(commit.id, message::picked_from(&commit.message));
        }
        around.twins.iter().for_each(|(one, other)| kin.twins(*one, *other));
        let all: Vec<&Commit> =
            list.iter().map(|one| &one.commit).chain(&around.common).chain(&around.elsewhere).collect();
        let reverts = reverts_among(all.iter().copied());
        let piece = list.iter().map(|one| &one.commit).chain(&around.common);
        let merges: Vec<&Commit> = piece.clone().filter(|one| naming.tells(one)).collect();
        let is_needed = !reverts.is_empty();
        let piece = piece.filter(|_| is_needed).map(|commit| (commit.id, commit.parents.clone()));
        let ancestry = Ancestry::new(piece.collect());
        // Whoever took a branch has what its merge has brought, with or without a merge.
        let mut merge_of: HashMap<CommitId, CommitId> = HashMap::new();
        let pieces: Vec<Pieces> = merges.iter().map(|merge| Pieces::of(merge, &ancestry, &kin, &reverts)).collect();
        for (merge, pieces) in merges.iter().zip(pieces) {
            pieces.rest.into_iter().for_each(|rest| kin.twins(merge.id, rest));
            merge_of.extend(pieces.parts.into_iter().map(|part| (part, merge.id)));
        }
        let side: HashMap<CommitId, bool> = list.iter().map(|one| (one.commit.id, one.is_given)).collect();
        let common: HashSet<CommitId> = around.common.iter().map(|commit| commit.id).collect();
        let is_same = |one: &&Differing| {
            let other = |id: &CommitId| side.get(id).map_or(common.contains(id), |side| *side != one.is_given);
            one.content == Content::Same || kin.of(one.commit.id).iter().any(other)
        };
        let same = list.iter().filter(is_same).map(|one| one.commit.id).collect();
        let mut standing = Standing { same, merge_of, ..Standing::default() };
        if !reverts.is_empty() {
            standing.follow(list, around, &ancestry, &kin, &reverts);
        }
        standing
    }

    /// Follows the changes that something takes back, on both sides.
    fn follow(&mut self, list: &[Differing], around: &Around, ancestry: &Ancestry, kin: &Kin, reverts: &Reverts) {
        let changes = taken_back(list, around, kin, reverts);
        let present = Presence::new(ancestry, &changes, kin, reverts);
        let side: HashMap<CommitId, bool> = list.iter().map(|one| (one.commit.id, one.is_given)).collect();
        let Some((given, held)) = around.tips else { return };
        let in_common = present.in_common(given, held);
        let mut acts: HashMap<CommitId, Vec<Act>> = HashMap::new();
        let mut earlier: HashSet<CommitId> = HashSet::new();
        for (number, change) in changes.into_iter().enumerate() {
            let acting: Vec<CommitId> =
                present.acting(number).iter().copied().filter(|commit| side.contains_key(commit)).collect();
            // Of what was brought where nobody can look, nothing follows.
            if !change.iter().any(|commit| ancestry.place(*commit).is_some()) {
                continue;
            }
            let has = [present.has(held, number), present.has(given, number)];
            let differs = has.map(|has| has != in_common[number]);
            for commit in &acting {
                let own = side[commit];
                let ours = || acting.iter().filter(|other| side[other] == own);
                let stands = |other: &CommitId| present.has(*other, number) == has[usize::from(own)];
                let act = match (differs[usize::from(own)], differs[usize::from(!own)]) {
                    (false, false) if ours().count() < acting.len() || ours().all(stands) => Act::Same,
                    (false, _) => Act::Undone,
                    (true, true) => Act::Same,
                    (true, false) => Act::Own,
                };
                if !stands(commit) {
                    earlier.insert(*commit);
                }
                acts.entry(*commit).or_default().push(act);
            }
            if has[0] != has[1] {
                self.moved.push(Moved { change, comes: has[1], is_taken_back: in_common[number] });
            }
        }
        // Of what stands on one side in the end, an earlier go may have been taken back on the way.
        let pairs = undone(list, kin, reverts);
        for (commit, acts) in acts {
            self.followed.insert(commit);
            self.same.remove(&commit);
            if acts.iter().all(|act| *act == Act::Undone) {
                self.undone.insert(commit);
            } else if acts.iter().all(|act| *act != Act::Own) {
                self.same.insert(commit);
            } else if pairs.contains(&commit) || (acts.len() == 1 && earlier.contains(&commit)) {
                self.undone.insert(commit);
            }
        }
        // A merge whose pull request takes something back does so by what it brings.
        let by_id = by_id(list, around);
        for merge in list.iter().map(|one| &one.commit).filter(|one| one.parents.len() > 1) {
            if message::is_revert(&merge.message) && !self.followed.contains(&merge.id) {
                let brought = brought_by(merge, &by_id);
                if brought.len() > 1 && brought.iter().all(|one| *one == merge.id || self.undone.contains(one)) {
                    self.undone.insert(merge.id);
                }
            }
        }
    }

    /// Whether a commit and what takes it back are on the same side, so that nothing of it is left. That is said of both.
    pub(super) fn is_undone(&self, commit: CommitId) -> bool {
        self.undone.contains(&commit)
    }

    /// Whether the other side has the same, under another id.
    pub(super) fn is_same(&self, commit: CommitId) -> bool {
        self.same.contains(&commit)
    }

    /// Whether what a commit does was followed, since something takes it back or it takes something back.
    pub(super) fn is_followed(&self, commit: CommitId) -> bool {
        self.followed.contains(&commit)
    }

    /// The merge that has brought a commit, where that one was taken back by itself.
    pub(super) fn merge_of(&self, part: CommitId) -> Option<CommitId> {
        self.merge_of.get(&part).copied()
    }

    /// The changes among the followed ones that come or go.
    pub(super) fn moved(&self) -> &[Moved] {
        &self.moved
    }
}

/// The changes that matter and that something takes back, each by the commits that bring it: what the commits of the list
/// take back, be it behind other reverts, and what they do that anything takes back.
fn taken_back(list: &[Differing], around: &Around, kin: &Kin, reverts: &Reverts) -> Vec<Vec<CommitId>> {
    let by_id = by_id(list, around);
    let listed: HashSet<CommitId> = list.iter().map(|one| one.commit.id).collect();
    // Whatever a merge has brought is taken back with it.
    let with_brought = |target: CommitId| match by_id.get(&target) {
        Some(merge) if merge.parents.len() > 1 => brought_by(merge, &by_id),
        _ => HashSet::from([target]),
    };
    let mut open: Vec<CommitId> =
        list.iter().filter_map(|one| reverts.get(&one.commit.id)).flatten().copied().collect();
    let targets: HashSet<CommitId> = reverts.values().flatten().copied().collect();
    for target in targets.into_iter().flat_map(with_brought).collect::<HashSet<CommitId>>() {
        if !reverts.contains_key(&target) && kin.of(target).iter().any(|commit| listed.contains(commit)) {
            open.push(target);
        }
    }
    open.sort_unstable();
    let (mut seen, mut looked_at, mut changes) = (HashSet::new(), HashSet::new(), Vec::new());
    while let Some(target) = open.pop() {
        if !looked_at.insert(target) {
            continue;
        }
        if let Some(further) = reverts.get(&target) {
            open.extend(further);
            continue;
        }
        if by_id.get(&target).is_some_and(|commit| commit.parents.len() > 1) {
            open.extend(with_brought(target));
        }
        if !seen.contains(&target) {
            let change = kin.of(target);
            seen.extend(change.iter().copied());
            changes.push(change);
        }
    }
    changes
}

/// The commits of either side that were taken back on the same side, and the commits that did so.
fn undone(list: &[Differing], kin: &Kin, reverts: &Reverts) -> HashSet<CommitId> {
    let by_id: HashMap<CommitId, &Commit> = list.iter().map(|one| (one.commit.id, &one.commit)).collect();
    let side: HashMap<CommitId, bool> = list.iter().map(|one| (one.commit.id, one.is_given)).collect();
    let mut undone = HashSet::new();
    // Children come first, so that what takes back a revert is known before the revert itself is looked at.
    for (index, differing) in list.iter().enumerate() {
        let taker = &differing.commit;
        if undone.contains(&taker.id) {
            continue;
        }
        for named in reverts.get(&taker.id).into_iter().flatten().copied() {
            // A revert that was picked names what it took back where it was made.
            let same = kin.of(named);
            let repeated = |other: &&Differing| {
                other.is_given == differing.is_given
                    && same.contains(&other.commit.id)
                    && !undone.contains(&other.commit.id)
            };
            let exact = by_id.get(&named).copied().filter(|other| side[&other.id] == differing.is_given);
            let target = exact.or_else(|| list[index + 1..].iter().find(repeated).map(|one| &one.commit));
            if let Some(target) = target {
                undone.insert(taker.id);
                undone.extend(brought_by(target, &by_id));
            }
        }
    }
    undone
}

/// All commits that are known of both sides.
pub(super) fn by_id<'l>(list: &'l [Differing], around: &'l Around) -> HashMap<CommitId, &'l Commit> {
    list.iter().map(|one| &one.commit).chain(&around.common).map(|commit| (commit.id, commit)).collect()
}

/// A commit, and where it is a merge, what it brought, as far as that is known.
pub(super) fn brought_by(target: &Commit, by_id: &HashMap<CommitId, &Commit>) -> HashSet<CommitId> {
    let mut brought = HashSet::from([target.id]);
    if let [first, others @ ..] = target.parents.as_slice()
        && !others.is_empty()
    {
        let before = reachable(std::slice::from_ref(first), by_id);
        brought.extend(reachable(others, by_id).difference(&before));
    }
    brought
}

fn reachable(tips: &[CommitId], by_id: &HashMap<CommitId, &Commit>) -> HashSet<CommitId> {
    let mut found = HashSet::new();
    let mut open = tips.to_vec();
    while let Some(id) = open.pop() {
        if let Some(commit) = by_id.get(&id)
            && found.insert(id)
        {
            open.extend(&commit.parents);
        }
    }
    found
}
