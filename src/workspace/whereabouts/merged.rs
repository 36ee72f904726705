//! Merges that tell of an issue: what they have brought, which commit is the same branch squashed, and what takes them back.

use std::collections::{BTreeMap, HashMap, HashSet};

use gix::bstr::ByteSlice as _;

use crate::domain::ancestry::Ancestry;
use crate::domain::history::Commit;
use crate::domain::issues::Projects;
use crate::domain::message::is_revert;
use crate::domain::name::CommitId;
use crate::domain::naming::{is_whole, meant};
use crate::domain::octopus::Octopus;
use crate::domain::pieces::{Group, brought_by, grouped, takes_back};
use crate::domain::runs::Suspects;
use crate::domain::sought::Merged;
use crate::git::repository::Repository;

use super::gathered::Search;
use super::sought::Tips;
use crate::workspace::Result;

/// Of how many commits that a merge has brought contents are compared. A merge of more is hardly a pull request.
pub(super) const MOST_COMPARED: usize = 1000;

impl Search<'_> {
    /// The single changes that the merges among some commits have brought, where there are any; else whoever has the
    /// branch has all that the merge has.
    pub(super) fn pieces(&mut self, commits: &[Commit]) -> Result<Vec<(CommitId, Vec<CommitId>)>> {
        let merges: Vec<&Commit> = commits.iter().filter(|commit| commit.parents.len() > 1).collect();
        if !self.is_whole || merges.is_empty() {
            return Ok(Vec::new());
        }
        let brought: Vec<CommitId> = merges.iter().flat_map(|merge| self.ancestry.brought_by(merge.id)).collect();
        let empty =
            if brought.len() > MOST_COMPARED { HashSet::new() } else { self.repository.without_change(&brought)? };
        let reverts = self.reverts(brought.into_iter())?;
        let mut found = Vec::new();
        for merge in merges {
            let kin = &self.heard.kin;
            let mut pieces = brought_by(merge.id, &self.ancestry, kin, &reverts, |commit| empty.contains(&commit));
            if let Some(key) = &self.key {
                let octopus = Octopus::of(merge, &self.ancestry, |name| Projects::only_of(key).keys(name));
                pieces.retain(|piece| octopus.counts(*piece, key));
            }
            if !pieces.is_empty() {
                found.push((merge.id, pieces));
            } else if let [_, tip] = merge.parents.as_slice() {
                self.heard.kin.twins(merge.id, *tip);
            }
        }
        Ok(found)
    }

    /// Puts what merges have brought in the place of the merges.
    pub(super) fn in_pieces(
        &self,
        mut commits: Vec<Commit>,
        merges: Vec<(CommitId, Vec<CommitId>)>,
        adding: &HashSet<CommitId>,
        tips: &Tips<'_>,
    ) -> Result<(Vec<Commit>, Vec<Merged>)> {
        if merges.is_empty() {
            return Ok((commits, Vec::new()));
        }
        let (kin, tips) = (&self.heard.kin, tips.all(&self.name));
        let reverts = self.reverts(merges.iter().flat_map(|(_, pieces)| pieces).copied())?;
        let mut found = Vec::new();
        for (merge, pieces) in merges {
            let mut groups = grouped(merge, &pieces, &self.ancestry, kin, &reverts, &tips);
            if adding.contains(&merge) {
                groups.push(Group { newest: merge, count: 1 });
            } else {
                commits.retain(|commit| commit.id != merge);
            }
            for group in &groups {
                if !commits.iter().any(|commit| commit.id == group.newest) {
                    commits.push(self.repository.commit(group.newest)?);
                }
            }
            found.push(Merged { merge, groups });
        }
        Ok((commits, found))
    }

    /// The merges that add something themselves, as far as somebody has what they brought and not the merge. `None` where the
    /// clone lacks contents.
    pub(super) fn adding_merges(
        &self,
        merges: &[(CommitId, Vec<CommitId>)],
        tips: &Tips<'_>,
    ) -> Result<Option<HashSet<CommitId>>> {
        let all: Vec<CommitId> =
            merges.iter().flat_map(|(merge, pieces)| pieces.iter().chain([merge])).copied().collect();
        let mut doubtful: Vec<CommitId> = Vec::new();
        for (_, lacked) in self.lacked_by_tip(&all, tips) {
            let lacked: HashSet<CommitId> = lacked.into_iter().collect();
            let has_a_piece = |pieces: &[CommitId]| pieces.iter().any(|piece| !lacked.contains(piece));
            let lacking = merges.iter().filter(|(merge, pieces)| lacked.contains(merge) && has_a_piece(pieces));
            doubtful.extend(lacking.map(|(merge, _)| *merge));
        }
        doubtful.sort_unstable();
        doubtful.dedup();
        Ok(self.repository.adding_themselves(&doubtful)?)
    }

    /// The merges among some commits that only take changes of the issue back.
    pub(super) fn takers(
        repository: &Repository,
        ancestry: &Ancestry,
        commits: &[Commit],
        (key, projects): (&str, &Projects),
    ) -> Result<Vec<CommitId>> {
        let names = |commit| {
            repository.message_of(commit, |message| {
                let message = message.to_str_lossy();
                is_revert(&message).then(|| projects.keys(&message).iter().any(|named| named == key))
            })
        };
        let mut takers = Vec::new();
        for merge in commits.iter().filter(|commit| commit.parents.len() > 1) {
            if takes_back(merge.id, ancestry, names)? {
                takers.push(merge.id);
            }
        }
        Ok(takers)
    }

    /// A commit that changes what a merge has changed with all that it brought has the same: the branch was squashed, or the
    /// merge was picked. It is looked for among the commits of the issue, and among those that have the words of a merge
    /// which has brought one of these. Says whether contents could be compared.
    pub(super) fn join_squashes(&mut self, commits: &[Commit], takers: &[CommitId]) -> Result<bool> {
        if !self.is_whole {
            return Ok(true);
        }
        let named: HashSet<CommitId> = commits.iter().map(|commit| commit.id).chain(takers.iter().copied()).collect();
        let tells = |merge: &CommitId| {
            named.contains(merge) || self.ancestry.parents_of(*merge).skip(1).any(|tip| named.contains(&tip))
        };
        let mut merges: Vec<CommitId> = self.ancestry.merges().filter(tells).collect();
        let mut plain: Vec<CommitId> = commits.iter().filter(|one| one.parents.len() < 2).map(|one| one.id).collect();
        let worded = self.worded_as_merges(&named)?;
        merges.extend(worded.iter().map(|(_, merge)| *merge));
        plain.extend(worded.iter().map(|(commit, _)| *commit));
        for list in [&mut merges, &mut plain] {
            list.sort_unstable();
            list.dedup();
        }
        let Some(squashes) = self.repository.squashes_among(&merges, &plain)? else { return Ok(false) };
        for (squash, merge) in squashes {
            if !self.ancestry.brought_by(merge).contains(&squash) {
                self.heard.kin.squashes(squash, merge);
            }
        }
        Ok(true)
    }

    /// The commits that are no merges and have the words of one that has brought any of some others, each with that one: a
    /// merge that was picked without a note.
    fn worded_as_merges(&self, brought: &HashSet<CommitId>) -> Result<Vec<(CommitId, CommitId)>> {
        let is_plain = |commit: &&CommitId| !self.ancestry.is_merge(**commit);
        let mut picks: HashMap<Vec<u8>, Vec<CommitId>> = HashMap::new();
        for commit in self.heard.like_merges.iter().filter(is_plain) {
            picks.entry(self.subject(*commit)?).or_default().push(*commit);
        }
        if picks.is_empty() {
            return Ok(Vec::new());
        }
        let contained = self.ancestry.containing(brought.iter().copied());
        let mut found = Vec::new();
        for merge in self.heard.like_merges.iter().filter(|commit| self.ancestry.is_merge(**commit)) {
            if brought.iter().any(|commit| contained.brought(*merge, *commit)) {
                let same = picks.get(&self.subject(*merge)?);
                found.extend(same.into_iter().flatten().map(|pick| (*pick, *merge)));
            }
        }
        Ok(found)
    }

    fn subject(&self, commit: CommitId) -> Result<Vec<u8>> {
        Ok(self.repository.message_of(commit, |message| message.lines().next().unwrap_or_default().to_vec())?)
    }

    /// A commit that changes what several others have changed on another line has the same: one branch was squashed there
    /// and rebased here. It is looked for among the commits of the issue and what merges have brought. What else it is made
    /// of is a part of the issue as well, whatever that names, and joins the commits. Says whether contents could be
    /// compared.
    pub(super) fn join_runs(
        &mut self,
        commits: &mut Vec<Commit>,
        merges: &[(CommitId, Vec<CommitId>)],
        tips: &Tips<'_>,
    ) -> Result<bool> {
        let whole: Vec<CommitId> = commits.iter().filter(|one| one.parents.len() < 2).map(|one| one.id).collect();
        let pieces = merges.iter().filter(|(_, pieces)| pieces.len() <= MOST_COMPARED).flat_map(|(_, pieces)| pieces);
        let parts: Vec<CommitId> = whole.iter().chain(pieces).copied().collect();
        if !self.is_whole || parts.len() < 2 {
            return Ok(true);
        }
        // Only where somebody has the one and lacks the other it matters whether they are the same.
        let mut suspects = Vec::new();
        for (_, lacked) in self.lacked_by_tip(&parts, tips) {
            let lacked: HashSet<CommitId> = lacked.into_iter().collect();
            let split = |all: &[CommitId]| all.iter().copied().partition::<Vec<_>, _>(|one| lacked.contains(one));
            let ((no_whole, whole), (no_parts, parts)) = (split(&whole), split(&parts));
            suspects.push(Suspects { whole: no_whole, parts });
            suspects.push(Suspects { whole, parts: no_parts });
        }
        let Some(found) = self.repository.squashed_runs(&suspects, &self.ancestry)? else { return Ok(false) };
        for (whole, made_of) in found {
            for part in made_of.iter().filter(|part| !parts.contains(part)) {
                if !commits.iter().any(|commit| commit.id == *part) {
                    commits.push(self.repository.commit(*part)?);
                }
            }
            self.heard.kin.makes_of(whole, made_of);
        }
        Ok(true)
    }

    /// The commits of which several take back the same merge, which has brought one of these: a revert that was picked has
    /// taken back no more than what was there where it was made.
    pub(super) fn taking_back_one_merge(&self, own: &[CommitId], pieces: &[CommitId]) -> Vec<CommitId> {
        let mut takers: BTreeMap<CommitId, Vec<CommitId>> = BTreeMap::new();
        for (taker, targets) in &self.heard.takes_back {
            for target in targets.iter().filter(|target| is_whole(target)).filter_map(|target| meant(target, 0, &[])) {
                if self.ancestry.is_merge(target) {
                    takers.entry(target).or_default().push(*taker);
                }
            }
        }
        takers.retain(|_, takers| takers.len() > 1);
        if takers.is_empty() {
            return Vec::new();
        }
        let contained = self.ancestry.containing(own.iter().chain(pieces).copied());
        let brought = |merge: &CommitId| own.iter().chain(pieces).any(|commit| contained.brought(*merge, *commit));
        takers.into_iter().filter(|(merge, _)| brought(merge)).flat_map(|(_, takers)| takers).collect()
    }
}
