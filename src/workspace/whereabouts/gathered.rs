//! The commits of an issue, and of a commit: which ones repeat each other, and what takes them back.

use std::collections::{BTreeSet, HashMap, HashSet};

use gix::bstr::ByteSlice as _;

use crate::domain::ancestry::Ancestry;
use crate::domain::history::Commit;
use crate::domain::issues::Projects;
use crate::domain::kin::Kin;
use crate::domain::message::{self, Target};
use crate::domain::name::{CommitId, RepositoryName};
use crate::domain::naming::{Known, is_whole, meant};
use crate::domain::presence::Reverts;
use crate::domain::sought::Sought;
use crate::git::repository::Repository;

use super::Trace;
use super::merged::MOST_COMPARED;
use super::sought::Tips;
use crate::workspace::Result;

/// What was found in a repository, and whether contents could be compared where that mattered.
pub(super) type Gathered = (Trace, bool);

/// What messages say of other commits.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) takes_back: Vec<(CommitId, Vec<Target>)>,
    pub(super) kin: Kin,
    /// Commits with the words of a merge.
    pub(super) like_merges: Vec<CommitId>,
}

impl Heard {
    /// Listens to a message, and says whether it takes something back.
    fn hear(&mut self, id: CommitId, message: &[u8]) -> bool {
        if message.contains_str("(cherry picked from commit ") {
            self.kin.repeats(id, message::picked_from(&message.to_str_lossy()));
        }
        if !message::TAKING_BACK.iter().any(|words| message.contains_str(words)) {
            return false;
        }
        let message = message.to_str_lossy();
        let targets = message::taken_back(&message);
        if !targets.is_empty() {
            self.takes_back.push((id, targets));
        }
        message::is_revert(&message)
    }
}

/// The repository that something is looked for in.
pub(super) struct Search<'r> {
    pub(super) repository: &'r Repository,
    pub(super) name: RepositoryName,
    pub(super) heard: Heard,
    pub(super) ancestry: Ancestry,
    /// Whether the whole history was read, down to its beginning.
    pub(super) is_whole: bool,
    /// The issue, where it is one.
    pub(super) key: Option<String>,
}

/// The history above a commit, and all that has its change.
pub(super) fn of_commit(
    repository: &Repository,
    name: RepositoryName,
    commit: CommitId,
    tips: &Tips<'_>,
) -> Result<Gathered> {
    let own = repository.commit(commit)?;
    if own.parents.len() > 1 {
        return of_merge(repository, name, own, tips);
    }
    let bottoms = with_origins(repository, commit)?;
    let above = repository.history_above(&bottoms, &tips.all(&name))?;
    let mut heard = Heard::default();
    // Whatever stands above is looked through for words about this commit.
    for (id, _) in &above {
        repository.message_of(*id, |message| {
            heard.hear(*id, message);
        })?;
    }
    let search = Search { repository, name, heard, ancestry: Ancestry::new(above), is_whole: false, key: None };
    search.finish(vec![own], &[], tips)
}

/// All that a merge has brought, as if the branch named an issue. That lies below the merge, so all of the history is read.
fn of_merge(repository: &Repository, name: RepositoryName, merge: Commit, tips: &Tips<'_>) -> Result<Gathered> {
    let mut heads = tips.all(&name);
    heads.push(merge.id);
    let mut heard = Heard::default();
    let ancestry = repository.walk(&heads, |id, message| {
        heard.hear(id, message);
    })?;
    Search { repository, name, heard, ancestry, is_whole: true, key: None }.finish(vec![merge], &[], tips)
}

/// A commit and what it repeats, be it by way of another one.
fn with_origins(repository: &Repository, commit: CommitId) -> Result<Vec<CommitId>> {
    let mut found = vec![commit];
    let mut next = 0;
    while let Some(commit) = found.get(next).copied() {
        next += 1;
        let origins: Vec<CommitId> =
            repository.message_of(commit, |message| message::picked_from(&message.to_str_lossy()).collect())?;
        for origin in origins {
            if !found.contains(&origin) && repository.is_commit(origin)? {
                found.push(origin);
            }
        }
    }
    Ok(found)
}

/// The commits of a repository whose messages name an issue.
pub(super) struct Named<'r> {
    search: Search<'r>,
    /// Each with whether an environment or a default branch has it now.
    commits: Vec<(Commit, bool)>,
    /// Merges that only take changes of the issue back.
    takers: Vec<CommitId>,
    /// Whether any of them is there now and changes something.
    pub(super) changes: bool,
}

impl<'r> Named<'r> {
    /// Looks for them; `None` where there is none.
    pub(super) fn read(
        repository: &'r Repository,
        name: RepositoryName,
        key: &str,
        tips: &Tips<'_>,
    ) -> Result<Option<Self>> {
        let projects = Projects::only_of(key);
        let small = key.to_ascii_lowercase();
        let mut named: Vec<CommitId> = Vec::new();
        let mut heard = Heard::default();
        let ancestry = repository.walk(&tips.all(&name), |id, message| {
            let takes_back = heard.hear(id, message);
            if message.starts_with_str("Merge") || message.starts_with_str("Pull request #") {
                heard.like_merges.push(id);
            }
            if !takes_back
                && (message.contains_str(key) || message.contains_str(&small))
                && projects.keys(&message.to_str_lossy()).iter().any(|known| known == key)
            {
                named.push(id);
            }
        })?;
        let commits = named.into_iter().map(|id| repository.commit(id)).collect::<std::result::Result<Vec<_>, _>>()?;
        let takers = Search::takers(repository, &ancestry, &commits, (key, &projects))?;
        let mut commits: Vec<Commit> = commits.into_iter().filter(|commit| !takers.contains(&commit.id)).collect();
        let ids: Vec<CommitId> = commits.iter().map(|commit| commit.id).collect();
        let contained = ancestry.containing(ids.iter().copied());
        let living = tips.living(&name);
        let lives = |id: &CommitId| living.iter().any(|tip| contained.has(*tip, *id));
        let lives: HashSet<CommitId> = ids.iter().copied().filter(lives).collect();
        // What changes nothing is no part that anybody can lack, but where there is nothing else.
        let empty = repository.without_change(&ids)?;
        let changes = !lives.is_subset(&empty);
        if changes {
            commits.retain(|commit| !empty.contains(&commit.id));
        }
        let commits = without_merges_of(commits, &ancestry);
        let with_life = |commit: Commit| {
            let lives = lives.contains(&commit.id);
            (commit, lives)
        };
        let commits: Vec<(Commit, bool)> = commits.into_iter().map(with_life).collect();
        let search = Search { repository, name, heard, ancestry, is_whole: true, key: Some(key.to_owned()) };
        Ok((!commits.is_empty()).then_some(Named { search, commits, takers, changes }))
    }

    /// Whether an environment or a default branch has any of them now.
    pub(super) fn lives(&self) -> bool {
        self.commits.iter().any(|(_, lives)| *lives)
    }

    /// Finds all that have their changes; of those that are there now, or of all. `None` where none is left.
    pub(super) fn finish(self, only_living: bool, tips: &Tips<'_>) -> Result<Option<Gathered>> {
        let wanted = self.commits.into_iter().filter(|(_, lives)| *lives || !only_living);
        let commits: Vec<Commit> = wanted.map(|(commit, _)| commit).collect();
        if commits.is_empty() {
            return Ok(None);
        }
        self.search.finish(commits, &self.takers, tips).map(Some)
    }
}

/// Without the merges that have brought a commit which names the issue itself: that one says it better.
fn without_merges_of(commits: Vec<Commit>, ancestry: &Ancestry) -> Vec<Commit> {
    let contained = ancestry.containing(commits.iter().map(|commit| commit.id));
    let (mut merges, mut kept): (Vec<Commit>, Vec<Commit>) =
        commits.into_iter().partition(|commit| commit.parents.len() > 1);
    merges.sort_by_key(|merge| ancestry.rank(merge.id));
    for merge in merges {
        if !kept.iter().any(|commit| contained.brought(merge.id, commit.id)) {
            kept.push(merge);
        }
    }
    kept
}

impl Search<'_> {
    fn finish(mut self, mut commits: Vec<Commit>, takers: &[CommitId], tips: &Tips<'_>) -> Result<Gathered> {
        let origins = self.listen_to_origins()?;
        let strange = self.listen_elsewhere(&commits)?;
        let merges = self.pieces(&commits)?;
        let joined = self.join_squashes(&commits, takers)?;
        // What has all of a merge that only takes back is no part either.
        commits.retain(|commit| !self.heard.kin.of(commit.id).iter().any(|same| takers.contains(same)));
        let compared = self.compare(&commits, &merges, &strange, &origins, tips)? && joined;
        let compared = self.join_runs(&mut commits, &merges, tips)? && compared;
        let adding = self.adding_merges(&merges, tips)?;
        let compared = compared && adding.is_some();
        let (commits, merges) = self.in_pieces(commits, merges, &adding.unwrap_or_default(), tips)?;
        let changes = self.changes(commits);
        let reverts = self.reverts(changes.iter().flatten().copied())?;
        let living: Vec<CommitId> = tips.living(&self.name).into_iter().collect();
        let Search { name, heard, ancestry, .. } = self;
        let sought = Sought { changes, reverts, kin: heard.kin, merges, ..Sought::default() };
        let sought = sought.without_replaced(&ancestry, &living).in_merges(&ancestry, &tips.all(&name));
        Ok((Trace { name, sought, ancestry }, compared))
    }

    /// Listens to the commits that others say they repeat, wherever they are: one that was picked from a third branch may
    /// be a pick itself. Returns all of them.
    fn listen_to_origins(&mut self) -> Result<Vec<CommitId>> {
        let is_elsewhere = |origin: &CommitId| self.ancestry.rank(*origin).is_none();
        let (mut open, mut found): (Vec<CommitId>, Vec<CommitId>) = self.heard.kin.origins().partition(is_elsewhere);
        let mut seen: HashSet<CommitId> = open.iter().copied().collect();
        while let Some(origin) = open.pop() {
            if !self.repository.is_commit(origin)? {
                continue;
            }
            found.push(origin);
            let heard = &mut self.heard;
            let further: Vec<CommitId> = self.repository.message_of(origin, |message| {
                heard.hear(origin, message);
                message::picked_from(&message.to_str_lossy()).collect()
            })?;
            let is_new = |origin: &CommitId| self.ancestry.rank(*origin).is_none() && seen.insert(*origin);
            open.extend(further.into_iter().filter(is_new));
        }
        Ok(found)
    }

    /// Listens to the commits that are named by what takes them back and that are elsewhere; a revert that was picked names
    /// such ones. Returns those that bring something.
    fn listen_elsewhere(&mut self, commits: &[Commit]) -> Result<Vec<CommitId>> {
        let mut strange = Vec::new();
        let mut seen: HashSet<CommitId> = commits.iter().map(|commit| commit.id).collect();
        let mut next = 0;
        while next < self.heard.takes_back.len() {
            let targets = self.heard.takes_back[next].1.clone();
            next += 1;
            for target in targets.iter().filter(|target| is_whole(target)).filter_map(|target| meant(target, 0, &[])) {
                let is_elsewhere = self.ancestry.rank(target).is_none() && seen.insert(target);
                if !is_elsewhere || !self.repository.is_commit(target)? {
                    continue;
                }
                let heard = &mut self.heard;
                if !self.repository.message_of(target, |message| heard.hear(target, message))? {
                    strange.push(target);
                }
            }
        }
        if !self.is_whole && !strange.is_empty() {
            // What stands below the commit that was asked for is no twin of it.
            let bottoms: Vec<CommitId> = commits.iter().map(|commit| commit.id).collect();
            strange = self.repository.outside_of(&strange, &bottoms)?;
        }
        Ok(strange)
    }

    /// Finds commits of the same content, where somebody lacks a change otherwise. Says whether contents could be compared.
    fn compare(
        &mut self,
        commits: &[Commit],
        merges: &[(CommitId, Vec<CommitId>)],
        strange: &[CommitId],
        origins: &[CommitId],
        tips: &Tips<'_>,
    ) -> Result<bool> {
        let own: Vec<CommitId> = commits.iter().filter(|c| c.parents.len() < 2).map(|commit| commit.id).collect();
        // A merge that has brought more than that is followed by ids and notes.
        let pieces = merges.iter().filter(|(_, pieces)| pieces.len() <= MOST_COMPARED);
        let pieces: Vec<CommitId> = pieces.flat_map(|(_, pieces)| pieces).copied().collect();
        // What repeats one of them may have been changed to fit, and what it repeats be elsewhere under another id.
        let kin: BTreeSet<CommitId> = own.iter().chain(&pieces).flat_map(|commit| self.heard.kin.of(*commit)).collect();
        let mut alike = Vec::with_capacity(kin.len());
        for commit in kin {
            if !self.ancestry.is_merge(commit) && self.repository.is_commit(commit)? {
                alike.push(commit);
            }
        }
        let (lacked, lacking) = self.lacked(&alike, tips);
        let Some(repeating) = self.repository.repeating(&lacked, &lacking, &[])? else { return Ok(false) };
        repeating.into_iter().for_each(|(one, other)| self.heard.kin.twins(one, other));
        let mut compared: Vec<CommitId> = own.iter().chain(strange).copied().collect();
        for (one, other) in [(&pieces, compared.clone()), (&lacked, origins.to_vec())] {
            let Some(alike) = self.repository.touching_the_same(one, &other)? else { return Ok(false) };
            compared.extend(alike);
        }
        compared.extend(self.taking_back_one_merge(&own, &pieces));
        let Some(twins) = self.repository.twins_among(&compared)? else { return Ok(false) };
        twins.into_iter().for_each(|(one, other)| self.heard.kin.twins(one, other));
        Ok(true)
    }

    /// Those of some commits that somebody lacks, and who that is.
    fn lacked(&self, own: &[CommitId], tips: &Tips<'_>) -> (Vec<CommitId>, Vec<CommitId>) {
        let by_tip = self.lacked_by_tip(own, tips);
        let lacked: BTreeSet<CommitId> = by_tip.iter().flat_map(|(_, missing)| missing).copied().collect();
        (lacked.into_iter().collect(), by_tip.into_iter().map(|(tip, _)| tip).collect())
    }

    /// Whoever lacks one of some commits under any id that is known so far, among what environments and default branches
    /// hold, with what it lacks.
    pub(super) fn lacked_by_tip(&self, own: &[CommitId], tips: &Tips<'_>) -> Vec<(CommitId, Vec<CommitId>)> {
        let living = tips.living(&self.name);
        let kin: HashMap<CommitId, Vec<CommitId>> = own.iter().map(|id| (*id, self.heard.kin.of(*id))).collect();
        let items = kin.values().flatten().chain(&living).copied();
        let contained = self.ancestry.containing(items);
        let mut by_tip = Vec::new();
        for tip in living.into_iter().filter(|tip| self.ancestry.rank(*tip).is_some()) {
            // Below a commit there is no twin of it.
            let lacks =
                |id: &&CommitId| !contained.has(**id, tip) && !kin[*id].iter().any(|known| contained.has(tip, *known));
            let missing: Vec<CommitId> = own.iter().filter(lacks).copied().collect();
            if !missing.is_empty() {
                by_tip.push((tip, missing));
            }
        }
        by_tip
    }

    /// The commits by the changes that they make. The newest change comes first, and in each the commit that the others
    /// repeat.
    fn changes(&self, mut commits: Vec<Commit>) -> Vec<Vec<CommitId>> {
        let kin = &self.heard.kin;
        let is_pick = |commit: &Commit| {
            message::picked_from(&commit.message).next().is_some() || kin.is_made_of_several(commit.id)
        };
        commits.sort_by_cached_key(|commit| (is_pick(commit), commit.at, self.ancestry.rank(commit.id)));
        let mut seen = HashSet::new();
        let mut changes: Vec<Vec<CommitId>> = Vec::new();
        for commit in commits {
            if !seen.contains(&commit.id) {
                let change = self.heard.kin.of(commit.id);
                seen.extend(change.iter().copied());
                changes.push(change);
            }
        }
        changes.sort_by_key(|change| std::cmp::Reverse(change.first().and_then(|first| self.ancestry.rank(*first))));
        changes
    }

    /// What takes back what, of some commits and of what was heard. Messages are read again only where some name others by
    /// numbers or subjects.
    pub(super) fn reverts(&self, commits: impl Iterator<Item = CommitId>) -> Result<Reverts> {
        let mut candidates: HashSet<CommitId> = HashSet::new();
        // A merge takes back nothing itself; what it has brought does.
        let takers = || self.heard.takes_back.iter().filter(|(taker, _)| !self.ancestry.is_merge(*taker));
        if takers().any(|(_, targets)| !targets.iter().all(is_whole)) {
            candidates.extend(commits);
            candidates.extend(takers().map(|(taker, _)| *taker));
            candidates.extend(self.ancestry.merges());
        }
        let mut known = Vec::with_capacity(candidates.len());
        for commit in candidates {
            if let Some(rank) = self.ancestry.rank(commit) {
                self.repository.message_of(commit, |message| {
                    known.push(Known::of(commit, rank, &message.to_str_lossy()));
                })?;
            }
        }
        let mut reverts = Reverts::new();
        for (taker, targets) in takers() {
            let rank = self.ancestry.rank(*taker).unwrap_or(0);
            let named: Vec<CommitId> = targets.iter().filter_map(|target| meant(target, rank, &known)).collect();
            if !named.is_empty() {
                reverts.insert(*taker, named);
            }
        }
        Ok(reverts)
    }
}
