//! What is left of each commit of a comparison: which commits make the same change, and which were taken back.

use std::collections::{HashMap, HashSet};

use crate::domain::ancestry::Ancestry;
use crate::domain::history::Commit;
use crate::domain::issues::Projects;
use crate::domain::kin::Kin;
use crate::domain::message;
use crate::domain::name::CommitId;
use crate::domain::naming::reverts_among;
use crate::domain::presence::{Presence, Reverts};

use super::{Content, Differing, Outside};

/// What is left of the commits of a comparison.
pub(super) struct Standing {
    undone: HashSet<CommitId>,
    same: HashSet<CommitId>,
    /// The commits that bring, or take back, a change that was followed.
    followed: HashSet<CommitId>,
    moved: Vec<Moved>,
}

/// A change that one side has in the end, and the other one has not, where something takes it back.
pub(super) struct Moved {
    /// The commits that bring it.
    members: Vec<CommitId>,
    /// The commits of the list that bring it or take it back.
    acting: Vec<CommitId>,
    /// Whether it is the side that is given which has it.
    comes: bool,
}

impl Moved {
    /// The issues of the change, and whether they come. They are those of what brings it; where none of these is known or
    /// has any, of what takes it back.
    pub(super) fn issues(
        &self,
        list: &HashMap<CommitId, &Commit>,
        outside: &HashMap<CommitId, Outside>,
        projects: &Projects,
    ) -> (bool, Vec<String>) {
        let named = |id: &CommitId| list.get(id).copied().or_else(|| outside.get(id).map(|known| &known.commit));
        let brought = self.members.iter().filter_map(|id| outside.get(id)).flat_map(|known| &known.brought);
        let own: Vec<&Commit> = self.members.iter().filter_map(named).chain(brought).collect();
        // What was taken back may be a revert, of which only this is known.
        let is_revert = self.members.first().and_then(named).is_some_and(|one| message::takes_away(&one.message));
        let keys = |commits: &[&Commit]| commits.iter().flat_map(|one| projects.keys(&one.message)).collect();
        let mut told: Vec<String> = keys(&own);
        if told.is_empty() {
            told = keys(&self.acting.iter().filter_map(named).collect::<Vec<_>>());
        }
        (self.comes != is_revert, told)
    }
}

impl Standing {
    /// Finds out what is left. `list` has children before their parents; `twins` are commits, in the list or not, that
    /// are known to change the same; `outside` are commits elsewhere that messages in the list name.
    pub(super) fn of(list: &[Differing], twins: &[(CommitId, CommitId)], outside: &HashMap<CommitId, Outside>) -> Self {
        let mut kin = Kin::default();
        for commit in list.iter().map(|one| &one.commit).chain(outside.values().map(|known| &known.commit)) {
            kin.repeats(commit.id, message::picked_from(&commit.message));
        }
        twins.iter().for_each(|(one, other)| kin.twins(*one, *other));
        let side: HashMap<CommitId, bool> = list.iter().map(|one| (one.commit.id, one.is_given)).collect();
        let beside: HashSet<CommitId> = outside.values().flat_map(|known| &known.repeated_beside).copied().collect();
        let is_same = |one: &&Differing| {
            let other = |id: &CommitId| side.get(id).is_some_and(|side| *side != one.is_given);
            one.content == Content::Same || beside.contains(&one.commit.id) || kin.of(one.commit.id).iter().any(other)
        };
        let same: HashSet<CommitId> = list.iter().filter(is_same).map(|one| one.commit.id).collect();
        let reverts = reverts_among(list.iter().map(|differing| &differing.commit));
        let mut standing = Standing { undone: HashSet::new(), same, followed: HashSet::new(), moved: Vec::new() };
        if !reverts.is_empty() {
            // What stands below a pick of it was taken back before: it is not there any more.
            let taken_back: HashSet<CommitId> = reverts.values().flatten().copied().collect();
            let counts = |known: &&Outside| {
                known.is_common && (taken_back.contains(&known.commit.id) || !known.repeated_beside.is_empty())
            };
            let common = outside.values().filter(counts).map(|known| known.commit.id).collect();
            standing.follow(list, &common, &kin, &reverts);
            standing.undone_merges(list);
        }
        standing
    }

    /// Follows the changes that something takes back, on both sides.
    fn follow(&mut self, list: &[Differing], common: &HashSet<CommitId>, kin: &Kin, reverts: &Reverts) {
        let listed = list.iter().map(|one| (one.commit.id, one.commit.parents.clone()));
        let ancestry = Ancestry::new(listed.collect());
        let changes = taken_back(list, kin, reverts);
        let present = Presence::after(&ancestry, &changes, common, kin, reverts);
        let side: HashMap<CommitId, bool> = list.iter().map(|one| (one.commit.id, one.is_given)).collect();
        let tips = [false, true].map(|given| list.iter().find(|one| one.is_given == given).map(|one| one.commit.id));
        let mut acts: HashMap<CommitId, Vec<Act>> = HashMap::new();
        for (change, members) in changes.iter().enumerate() {
            let before = present.was_there(change);
            // Of what was brought where nobody can look, nothing follows.
            if !before && !members.iter().any(|commit| side.contains_key(commit)) {
                continue;
            }
            let [held, given] = tips.map(|tip| tip.map_or(before, |tip| present.has(tip, change)));
            let differs = [held != before, given != before];
            let acting = present.acting(change);
            self.followed.extend(acting);
            if held != given {
                let (members, acting) = (members.clone(), acting.to_vec());
                self.moved.push(Moved { members, acting, comes: given });
            }
            for commit in present.acting(change) {
                let own = side[commit];
                let others = || present.acting(change).iter().any(|other| side[other] != own);
                let act = match (differs[usize::from(own)], differs[usize::from(!own)]) {
                    (false, false) if others() => Act::Same,
                    (false, _) => Act::Undone,
                    (true, true) => Act::Same,
                    (true, false) => Act::Own,
                };
                acts.entry(*commit).or_default().push(act);
            }
        }
        // Of what stands on one side in the end, an earlier go may have been taken back on the way.
        let pairs = undone(list, kin, reverts);
        for (commit, acts) in acts {
            self.same.remove(&commit);
            if acts.iter().all(|act| *act == Act::Undone) {
                self.undone.insert(commit);
            } else if acts.iter().all(|act| *act != Act::Own) {
                self.same.insert(commit);
            } else if pairs.contains(&commit) {
                self.undone.insert(commit);
            }
        }
    }

    /// A merge of which all that it has brought was taken back is taken back itself.
    fn undone_merges(&mut self, list: &[Differing]) {
        if self.undone.is_empty() {
            return;
        }
        let by_id: HashMap<CommitId, &Differing> = list.iter().map(|one| (one.commit.id, one)).collect();
        let listed = list.iter().map(|one| (one.commit.id, one.commit.parents.clone()));
        let ancestry = Ancestry::new(listed.collect());
        let undone: Vec<CommitId> = self.undone.iter().copied().collect();
        let contained = ancestry.containing(undone.iter().copied());
        for merge in list.iter().filter(|one| one.commit.parents.len() > 1) {
            if undone.iter().any(|commit| contained.brought(merge.commit.id, *commit)) {
                let brought = brought_by(merge, &by_id);
                let is_plain = |id: &&CommitId| by_id.get(id).is_some_and(|one| one.commit.parents.len() < 2);
                if brought.iter().filter(is_plain).all(|commit| self.undone.contains(commit)) {
                    self.undone.insert(merge.commit.id);
                }
            }
        }
    }

    /// Whether a commit brings or takes back a change that something takes back, so that [`Standing::moved`] tells of it.
    pub(super) fn is_followed(&self, commit: CommitId) -> bool {
        self.followed.contains(&commit)
    }

    /// The changes that something takes back and that one side alone has in the end.
    pub(super) fn moved(&self) -> &[Moved] {
        &self.moved
    }

    /// Whether a commit and what takes it back are on the same side, so that nothing of it is left. That is said of both.
    pub(super) fn is_undone(&self, commit: CommitId) -> bool {
        self.undone.contains(&commit)
    }

    /// Whether the other side has the same, under another id.
    pub(super) fn is_same(&self, commit: CommitId) -> bool {
        self.same.contains(&commit)
    }
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

/// The changes that something takes back, each by the commits that bring it.
fn taken_back(list: &[Differing], kin: &Kin, reverts: &Reverts) -> Vec<Vec<CommitId>> {
    let by_id: HashMap<CommitId, &Differing> = list.iter().map(|differing| (differing.commit.id, differing)).collect();
    let mut seen = HashSet::new();
    let mut changes = Vec::new();
    let mut open: Vec<CommitId> = reverts.values().flatten().copied().collect();
    open.sort_unstable();
    let mut looked_at = HashSet::new();
    while let Some(target) = open.pop() {
        // What a revert takes back is a target itself.
        if !looked_at.insert(target) || reverts.contains_key(&target) {
            continue;
        }
        if let Some(merge) = by_id.get(&target).filter(|target| target.commit.parents.len() > 1) {
            open.extend(brought_by(merge, &by_id).into_iter().filter(|commit| *commit != target));
            continue;
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
    let by_id: HashMap<CommitId, &Differing> = list.iter().map(|differing| (differing.commit.id, differing)).collect();
    let mut undone = HashSet::new();
    // Children come first, so that what takes back a revert is known before the revert itself is looked at.
    for (index, differing) in list.iter().enumerate() {
        let taker = &differing.commit;
        if undone.contains(&taker.id) {
            continue;
        }
        for named in reverts.get(&taker.id).into_iter().flatten().copied() {
            let here = |other: &&Differing| other.is_given == differing.is_given;
            // A revert that was picked names what it took back where it was made.
            let same = kin.of(named);
            let repeated = |other: &&Differing| {
                here(other) && same.contains(&other.commit.id) && !undone.contains(&other.commit.id)
            };
            let exact = by_id.get(&named).copied().filter(here);
            if let Some(target) = exact.or_else(|| list[index + 1..].iter().find(repeated)) {
                undone.insert(taker.id);
                undone.extend(brought_by(target, &by_id));
            }
        }
    }
    undone
}

/// A commit, and where it is a merge, what it brought, as far as that differs.
fn brought_by(target: &Differing, by_id: &HashMap<CommitId, &Differing>) -> HashSet<CommitId> {
    let mut brought = HashSet::from([target.commit.id]);
    if let [first, others @ ..] = target.commit.parents.as_slice()
        && !others.is_empty()
    {
        let before = reachable(std::slice::from_ref(first), by_id);
        brought.extend(reachable(others, by_id).difference(&before));
    }
    brought
}

fn reachable(tips: &[CommitId], by_id: &HashMap<CommitId, &Differing>) -> HashSet<CommitId> {
    let mut found = HashSet::new();
    let mut open = tips.to_vec();
    while let Some(id) = open.pop() {
        if let Some(differing) = by_id.get(&id)
            && found.insert(id)
        {
            open.extend(&differing.commit.parents);
        }
    }
    found
}
