//! What is left of each commit of a comparison: which commits make the same change, and which were taken back.

use std::collections::{HashMap, HashSet};

use crate::domain::message;
use crate::domain::name::CommitId;
use crate::domain::naming::reverts_among;

use super::{Content, Differing};

/// What is left of the commits of a comparison.
pub(super) struct Standing {
    undone: HashSet<CommitId>,
    same: HashSet<CommitId>,
}

impl Standing {
    /// Finds out what is left. `list` has children before their parents; `twins` are commits, in the list or not, that
    /// are known to change the same.
    pub(super) fn of(list: &[Differing], twins: &[(CommitId, CommitId)]) -> Self {
        let changes = Changes::of(list, twins);
        let undone = undone(list, &changes);
        let mut alive: HashMap<CommitId, [usize; 2]> = HashMap::new();
        let mut there: HashMap<CommitId, [usize; 2]> = HashMap::new();
        for differing in list {
            let (id, side) = (differing.commit.id, usize::from(differing.is_given));
            there.entry(changes.of_commit(id)).or_default()[side] += 1;
            alive.entry(changes.of_commit(id)).or_default()[side] += usize::from(!undone.contains(&id));
        }
        let same = |differing: &&Differing| {
            let id = differing.commit.id;
            let other = usize::from(!differing.is_given);
            let change = changes.of_commit(id);
            match there[&change][other] {
                // Git found what the other side has of it; which commit that is was not asked, as nothing is taken back.
                0 => differing.content == Content::Same,
                // What one side took back and the other did not is on one side alone.
                _ => (alive[&change][other] == 0) == undone.contains(&id),
            }
        };
        let same = list.iter().filter(same).map(|differing| differing.commit.id).collect();
        Standing { undone, same }
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

/// Commits by the change that they make: each commit leads to another one of the same change, and in the end to one that
/// stands for all.
struct Changes(HashMap<CommitId, CommitId>);

impl Changes {
    /// A cherry-pick that met a conflict has another content, and is the same change all the same: what it says counts.
    fn of(list: &[Differing], twins: &[(CommitId, CommitId)]) -> Self {
        let mut changes = Changes(HashMap::new());
        for differing in list {
            for origin in message::picked_from(&differing.commit.message) {
                changes.join(differing.commit.id, origin);
            }
        }
        twins.iter().for_each(|(one, other)| changes.join(*one, *other));
        changes
    }

    fn join(&mut self, one: CommitId, other: CommitId) {
        let (one, other) = (self.of_commit(one), self.of_commit(other));
        if one != other {
            self.0.insert(one, other);
        }
    }

    fn of_commit(&self, commit: CommitId) -> CommitId {
        let mut found = commit;
        while let Some(next) = self.0.get(&found) {
            found = *next;
        }
        found
    }
}

/// The commits of either side that were taken back on the same side, and the commits that did so.
fn undone(list: &[Differing], changes: &Changes) -> HashSet<CommitId> {
    let by_id: HashMap<CommitId, &Differing> = list.iter().map(|differing| (differing.commit.id, differing)).collect();
    let mut undone = HashSet::new();
    let reverts = reverts_among(list.iter().map(|differing| &differing.commit));
    // Children come first, so that what takes back a revert is known before the revert itself is looked at.
    for (index, differing) in list.iter().enumerate() {
        let taker = &differing.commit;
        if undone.contains(&taker.id) {
            continue;
        }
        for named in reverts.get(&taker.id).into_iter().flatten().copied() {
            let here = |other: &&Differing| other.is_given == differing.is_given;
            let repeated = |other: &&Differing| {
                here(other)
                    && changes.of_commit(other.commit.id) == changes.of_commit(named)
                    && !undone.contains(&other.commit.id)
            };
            let exact = by_id.get(&named).copied().filter(here);
            // A revert that was picked names what it took back where it was made.
            let below = || list[index + 1..].iter().find(repeated);
            // What both sides have and one took back may have been picked again since.
            let above = || list[..index].iter().rev().find(repeated);
            if let Some(target) = exact.or_else(below).or_else(above) {
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
