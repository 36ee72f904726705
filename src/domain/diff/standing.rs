//! What each commit of a comparison comes to: which ones the other side has as well, and which were taken back. What is
//! there is decided as `where` decides it: by following each change through the history.

use std::collections::{HashMap, HashSet};

use crate::domain::ancestry::Ancestry;
use crate::domain::history::Commit;
use crate::domain::kin::Kin;
use crate::domain::message;
use crate::domain::name::CommitId;
use crate::domain::naming::reverts_among;
use crate::domain::pieces;
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
    /// Commits that change all at once what a merge has changed, each before that merge.
    pub squashes: Vec<(CommitId, CommitId)>,
    /// Commits that change all at once what several others have changed, each with those.
    pub runs: Vec<(CommitId, Vec<CommitId>)>,
    /// Merges that add something themselves, as far as that matters.
    pub adding: HashSet<CommitId>,
    /// Whether some contents were lacking that had to be compared for that.
    pub lacks_contents: bool,
}

/// What is left of the commits of a comparison.
#[derive(Default)]
pub(super) struct Standing {
    undone: HashSet<CommitId>,
    same: HashSet<CommitId>,
    followed: HashSet<CommitId>,
    moved: Vec<Moved>,
    /// The merges that tell of an issue what nothing that they have brought does, by what they have brought.
    merges_of: HashMap<CommitId, Vec<CommitId>>,
    /// What those merges have brought.
    pieces: HashMap<CommitId, Vec<CommitId>>,
    /// Those of them that add something themselves.
    adding: HashSet<CommitId>,
}

/// A change that something takes back, where one side has it and the other has not.
pub(super) struct Moved {
    /// The commits that bring it.
    pub change: Vec<CommitId>,
    /// Whether it is what is given that has it.
    pub comes: bool,
    /// What took its place, where the other one had it and took it back.
    pub anew: Vec<CommitId>,
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
    pub(super) fn of(list: &[Differing], around: &Around, ancestry: &Ancestry, naming: &Naming) -> Self {
        let history = list.iter().map(|one| &one.commit).chain(&around.common);
        let all: Vec<&Commit> = history.clone().chain(&around.elsewhere).collect();
        let mut kin = Kin::default();
        for commit in &all {
            kin.repeats(commit.id, message::picked_from(&commit.message));
        }
        around.twins.iter().for_each(|(one, other)| kin.twins(*one, *other));
        around.squashes.iter().for_each(|(squash, merge)| kin.squashes(*squash, *merge));
        around.runs.iter().for_each(|(whole, parts)| kin.makes_of(*whole, parts.clone()));
        let reverts = reverts_among(all.iter().copied());
        let merges: Vec<&Commit> = history.filter(|one| naming.tells(one)).collect();
        let mut standing = Standing { adding: around.adding.clone(), ..Standing::default() };
        standing.take_apart(&merges, list, ancestry, &mut kin, &reverts);
        let side: HashMap<CommitId, bool> = list.iter().map(|one| (one.commit.id, one.is_given)).collect();
        let common: HashSet<CommitId> = around.common.iter().map(|commit| commit.id).collect();
        let carried = carried(ancestry, &kin);
        let is_same = |one: &&Differing| {
            let other = |id: &CommitId| side.get(id).map_or(common.contains(id), |side| *side != one.is_given);
            let with_a_merge = || carried.get(&one.commit.id).is_some_and(|carrying| carrying.iter().any(other));
            let same = kin.of(one.commit.id);
            let in_parts = || {
                let mut made_of = same.iter().flat_map(|one| kin.made_of(*one));
                made_of.any(|parts| parts.iter().all(|part| kin.of(*part).iter().any(other)))
            };
            one.content == Content::Same || same.iter().any(other) || with_a_merge() || in_parts()
        };
        standing.same = list.iter().filter(is_same).map(|one| one.commit.id).collect();
        if !reverts.is_empty() {
            standing.follow((list, around), ancestry, naming, &kin, &reverts);
        }
        standing
    }

    /// Takes merges for what they have brought, where they have brought anything; else whoever has the branch has all that
    /// the merge has.
    fn take_apart(
        &mut self,
        merges: &[&Commit],
        list: &[Differing],
        ancestry: &Ancestry,
        kin: &mut Kin,
        reverts: &Reverts,
    ) {
        let empty = empty(list);
        for merge in merges {
            let pieces = pieces::brought_by(merge.id, ancestry, kin, reverts, |commit| empty.contains(&commit));
            for piece in &pieces {
                self.merges_of.entry(*piece).or_default().push(merge.id);
            }
            if !pieces.is_empty() {
                self.pieces.insert(merge.id, pieces);
            } else if let [_, tip] = merge.parents.as_slice() {
                kin.twins(merge.id, *tip);
            }
        }
    }

    /// Follows the changes that something takes back, on both sides.
    fn follow(
        &mut self,
        (list, around): (&[Differing], &Around),
        ancestry: &Ancestry,
        naming: &Naming,
        kin: &Kin,
        reverts: &Reverts,
    ) {
        let changes = taken_back(list, ancestry, kin, reverts);
        let present = Presence::new(ancestry, &changes, kin, reverts);
        let side: HashMap<CommitId, bool> = list.iter().map(|one| (one.commit.id, one.is_given)).collect();
        let empty = empty(list);
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
                let others = if in_common[number] { naming.sharing(&change, self) } else { HashSet::new() };
                let others = others.into_iter().filter(|one| side.get(one) == Some(&!has[1]));
                let anew = others.flat_map(|one| present.made_anew(&kin.of(one), number)).collect();
                self.moved.push(Moved { change, comes: has[1], anew });
            }
        }
        // Of what stands on one side in the end, an earlier go may have been taken back on the way.
        let pairs = undone(list, ancestry, kin, reverts);
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
        // A merge whose pull request takes something back, or is taken back, is what it brings.
        let targets: HashSet<CommitId> = reverts.values().flatten().copied().collect();
        for merge in list.iter().map(|one| &one.commit).filter(|one| one.parents.len() > 1) {
            let is_named = message::is_revert(&merge.message) || targets.contains(&merge.id) || self.is_apart(merge.id);
            if is_named && !self.followed.contains(&merge.id) {
                let mut brought = ancestry.brought_by(merge.id);
                brought.retain(|one| !ancestry.is_merge(*one) && !empty.contains(one));
                if !brought.is_empty() && brought.iter().all(|one| self.undone.contains(one)) {
                    self.undone.insert(merge.id);
                }
            }
        }
    }

    /// The merges that have brought nothing but what the other side has under another id and what was taken back, with
    /// the merges that they have brought.
    pub(super) fn carried(&self, list: &[Differing], ancestry: &Ancestry) -> HashSet<CommitId> {
        let mut carried = HashSet::new();
        if self.same.is_empty() {
            return carried;
        }
        let (empty, listed) = (empty(list), list.iter().map(|one| one.commit.id).collect::<HashSet<CommitId>>());
        let moves_nothing = |commit: &CommitId| {
            let is_idle = || [&self.same, &self.undone, &empty].iter().any(|idle| idle.contains(commit));
            ancestry.is_merge(*commit) || !listed.contains(commit) || is_idle()
        };
        for merge in list.iter().map(|one| &one.commit).filter(|one| one.parents.len() > 1) {
            // Its newest commits tell most of the others apart, without a look at what lies below them.
            if self.undone.contains(&merge.id) || !merge.parents[1..].iter().all(moves_nothing) {
                continue;
            }
            let brought = ancestry.brought_by(merge.id);
            let has_same = brought.iter().any(|commit| self.same.contains(commit) && !ancestry.is_merge(*commit));
            if has_same && brought.iter().all(moves_nothing) {
                carried.insert(merge.id);
                carried.extend(brought.into_iter().filter(|commit| ancestry.is_merge(*commit)));
            }
        }
        carried
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

    /// Whether a commit is a merge that is taken for what it has brought.
    pub(super) fn is_apart(&self, commit: CommitId) -> bool {
        self.pieces.contains_key(&commit)
    }

    /// Whether there is more in a merge than what it has brought.
    pub(super) fn adds(&self, merge: CommitId) -> bool {
        self.adding.contains(&merge) && !self.is_undone(merge)
    }

    /// What a merge is taken for.
    pub(super) fn pieces_of(&self, merge: CommitId) -> &[CommitId] {
        self.pieces.get(&merge).map_or(&[], Vec::as_slice)
    }

    /// The merges that are taken for this commit and others that they have brought.
    pub(super) fn merges_of(&self, piece: CommitId) -> &[CommitId] {
        self.merges_of.get(&piece).map_or(&[], Vec::as_slice)
    }

    /// The changes among the followed ones that come or go.
    pub(super) fn moved(&self) -> &[Moved] {
        &self.moved
    }
}

/// What others do again with all else that a merge has brought, with those others.
fn carried(ancestry: &Ancestry, kin: &Kin) -> HashMap<CommitId, Vec<CommitId>> {
    let mut carried: HashMap<CommitId, Vec<CommitId>> = HashMap::new();
    for merge in kin.origins().filter(|origin| ancestry.is_merge(*origin)) {
        for piece in ancestry.brought_by(merge) {
            carried.entry(piece).or_default().extend(kin.repeated_by(merge));
        }
    }
    carried
}

/// The changes that matter and that something takes back, each by the commits that bring it: what the commits of the list
/// take back, be it behind other reverts, and what they do that anything takes back.
fn taken_back(list: &[Differing], ancestry: &Ancestry, kin: &Kin, reverts: &Reverts) -> Vec<Vec<CommitId>> {
    let listed: HashSet<CommitId> = list.iter().map(|one| one.commit.id).collect();
    // Whatever a merge has brought is taken back with it, or with what repeats it, and so is what a squash is made of.
    let taken_with = |target: CommitId| {
        let same = kin.of(target);
        let merges = same.iter().filter(|same| ancestry.is_merge(**same));
        let mut taken: HashSet<CommitId> = merges.flat_map(|merge| with_brought(*merge, ancestry)).collect();
        taken.extend(same.iter().flat_map(|same| kin.made_of(*same)).flatten());
        taken.insert(target);
        taken
    };
    let mut open: Vec<CommitId> =
        list.iter().filter_map(|one| reverts.get(&one.commit.id)).flatten().copied().collect();
    let targets: HashSet<CommitId> = reverts.values().flatten().copied().collect();
    for target in targets.into_iter().flat_map(taken_with).collect::<HashSet<CommitId>>() {
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
        open.extend(taken_with(target));
        // A merge is what it has brought, where that is anything, and a squash is what it is made of.
        let is_piece = |commit: &CommitId| !ancestry.is_merge(*commit) && !reverts.contains_key(commit);
        let is_several = ancestry.brought_by(target).iter().any(is_piece) || kin.is_made_of_several(target);
        if !seen.contains(&target) && !is_several {
            let change = kin.of(target);
            seen.extend(change.iter().copied());
            changes.push(change);
        }
    }
    changes
}

/// The commits of either side that were taken back on the same side, and the commits that did so.
fn undone(list: &[Differing], ancestry: &Ancestry, kin: &Kin, reverts: &Reverts) -> HashSet<CommitId> {
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
                undone.extend(with_brought(target.id, ancestry));
            }
        }
    }
    undone
}

/// The commits that change nothing.
pub(super) fn empty(list: &[Differing]) -> HashSet<CommitId> {
    list.iter().filter(|one| one.content == Content::Nothing).map(|one| one.commit.id).collect()
}

/// A commit, and where it is a merge, what it brought, as far as that is known.
fn with_brought(commit: CommitId, ancestry: &Ancestry) -> Vec<CommitId> {
    [vec![commit], ancestry.brought_by(commit)].concat()
}
