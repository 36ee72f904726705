//! What must be known beside the commits that differ between two others, to tell what they come to: what they name, and
//! what both sides have beside them. No more history is read than that.

use std::collections::{BTreeSet, HashMap, HashSet};

use gix::bstr::ByteSlice as _;
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;

use crate::domain::ancestry::Ancestry;
use crate::domain::diff::{Around, Content, Differing};
use crate::domain::history::Commit;
use crate::domain::message::{self, Target};
use crate::domain::name::CommitId;
use crate::domain::naming::{Known, meant};

use super::Result;
use super::repository::Repository;

/// What commits name, and what else is to be read for that.
struct Named<'l> {
    list: &'l [Differing],
    listed: HashSet<CommitId>,
    /// Those that were read beside the list.
    found: Vec<Commit>,
    seen: HashSet<CommitId>,
    /// What is taken back, as far as it is not listed.
    taken_back: BTreeSet<CommitId>,
}

impl Repository {
    /// What must be known around the commits of a comparison.
    pub(super) fn around(&self, tips: (CommitId, CommitId), list: &[Differing]) -> Result<Around> {
        let listed: HashSet<CommitId> = list.iter().map(|one| one.commit.id).collect();
        let mut named = Named { list, listed, found: Vec::new(), seen: HashSet::new(), taken_back: BTreeSet::new() };
        self.read_named(&mut named)?;
        let mut around = Around { tips: Some(tips), ..Around::default() };
        // What is taken back may have been brought again under another id.
        let brings = |commit: &&Commit| {
            named.taken_back.contains(&commit.id) && !message::is_revert(&commit.message) && commit.parents.len() < 2
        };
        let taken_back: Vec<CommitId> = named.found.iter().filter(brings).map(|commit| commit.id).collect();
        if !taken_back.is_empty() {
            let again = self.repeating(&taken_back, &[tips.0, tips.1], &[])?.unwrap_or_default();
            for (_, other) in &again {
                if !named.listed.contains(other) && named.seen.insert(*other) {
                    named.found.push(self.commit(*other)?);
                }
            }
            around.twins.extend(again);
        }
        let ids: Vec<CommitId> = named.found.iter().map(|commit| commit.id).collect();
        let elsewhere: HashSet<CommitId> = self.unreachable(&ids, &[&tips.0.to_string()])?.into_iter().collect();
        let (elsewhere, common): (Vec<Commit>, Vec<Commit>) =
            named.found.into_iter().partition(|commit| elsewhere.contains(&commit.id));
        around.elsewhere = elsewhere;
        let listed = &named.listed;
        let (heads, bottoms) = edges(list, listed);
        let beside = self.beside(&heads, &bottoms)?;
        let mut below: Vec<CommitId> = common.iter().map(|commit| commit.id).collect();
        for merge in common.iter().filter(|commit| commit.parents.len() > 1) {
            below.extend(self.commits_between(merge.parents.first().copied(), merge.id)?);
        }
        let ids = if below.is_empty() {
            beside.clone()
        } else {
            let bottoms: Vec<CommitId> = bottoms.iter().chain(&below).copied().collect();
            let above = self.history_above(&bottoms, &heads)?;
            above.into_iter().map(|(id, _)| id).filter(|id| !listed.contains(id)).collect()
        };
        around.common = ids.into_iter().map(|id| self.commit(id)).collect::<Result<Vec<Commit>>>()?;
        self.hear_elsewhere(&mut around, listed)?;
        self.add_twins(&mut around, list, &heads, &beside)?;
        Ok(around)
    }

    /// Reads the commits that the ones of the list name, and those that they name in turn.
    fn read_named(&self, named: &mut Named<'_>) -> Result<()> {
        let mut next = 0;
        loop {
            let commit = match named.list.get(next) {
                Some(one) => &one.commit,
                None => match named.found.get(next - named.list.len()) {
                    Some(commit) => commit,
                    None => return Ok(()),
                },
            };
            next += 1;
            let mut wanted: Vec<CommitId> = message::picked_from(&commit.message).collect();
            for target in message::taken_back(&commit.message) {
                let meant = match meant(&target, 0, &[]) {
                    Some(id) => Some(id),
                    None => self.target_below(commit, &target)?,
                };
                wanted.extend(meant);
                named.taken_back.extend(meant);
            }
            for id in wanted {
                if !named.listed.contains(&id) && named.seen.insert(id) && self.is_commit(id)? {
                    named.found.push(self.commit(id)?);
                }
            }
        }
    }

    /// What a commit takes back, where it does not say so by a whole id: the newest one below it that fits.
    fn target_below(&self, taker: &Commit, target: &Target) -> Result<Option<CommitId>> {
        if let Target::Commit(digits) = target {
            let fitting = self.commits_beginning(digits)?;
            return Ok(fitting.first().copied().filter(|_| fitting.len() == 1));
        }
        let wrap = |error: &dyn std::error::Error| self.read_error("the history", error);
        let walk = self.gix.rev_walk(taker.parents.iter().map(|parent| parent.object()));
        let walk = walk.sorting(Sorting::ByCommitTime(CommitTimeOrder::NewestFirst));
        for info in walk.all().map_err(|error| wrap(&error))? {
            let id = CommitId::new(info.map_err(|error| wrap(&error))?.id);
            let known = self.message_of(id, |message| Known::of(id, 0, &message.to_str_lossy()))?;
            if meant(target, 1, &[known]).is_some() {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// The commits that both sides have and that not all of the others stand on; they end at `heads`.
    fn beside(&self, heads: &[CommitId], bottoms: &[CommitId]) -> Result<Vec<CommitId>> {
        if heads.len() < 2 || bottoms.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.history_above(bottoms, heads)?.into_iter().map(|(id, _)| id).collect())
    }

    /// Reads what commits that both sides have say that they repeat.
    fn hear_elsewhere(&self, around: &mut Around, listed: &HashSet<CommitId>) -> Result<()> {
        let mut known: HashSet<CommitId> = listed.clone();
        known.extend(around.common.iter().chain(&around.elsewhere).map(|commit| commit.id));
        let origins = around.common.iter().flat_map(|commit| message::picked_from(&commit.message));
        for id in origins.collect::<BTreeSet<CommitId>>() {
            if known.insert(id) && self.is_commit(id)? {
                around.elsewhere.push(self.commit(id)?);
            }
        }
        Ok(())
    }

    /// Finds commits of the same content: among those that Git has marked, where it matters which they are, and among the
    /// ones of the list and those that both sides have beside them.
    fn add_twins(
        &self,
        around: &mut Around,
        list: &[Differing],
        heads: &[CommitId],
        beside: &[CommitId],
    ) -> Result<()> {
        let said = list.iter().map(|one| &one.commit).chain(&around.common);
        let mut compared: Vec<CommitId> = Vec::new();
        if said.into_iter().any(|commit| message::is_revert(&commit.message)) {
            let is_marked = |one: &&Differing| one.content == Content::Same;
            compared.extend(list.iter().filter(is_marked).map(|one| one.commit.id));
        }
        if !beside.is_empty() {
            let all = list.iter().map(|one| &one.commit).chain(&around.common);
            let ancestry = Ancestry::new(all.map(|commit| (commit.id, commit.parents.clone())).collect());
            let contained = ancestry.containing(heads.iter().copied());
            let is_plain = |one: &&Differing| one.commit.parents.len() < 2 && one.content != Content::Nothing;
            let lacks = |one: &&Differing| heads.iter().any(|head| !contained.has(one.commit.id, *head));
            let ours: Vec<CommitId> = list.iter().filter(is_plain).filter(lacks).map(|one| one.commit.id).collect();
            compared.extend(self.touching_the_same(&ours, beside)?);
        }
        compared.sort_unstable();
        compared.dedup();
        if compared.len() < 2 {
            return Ok(());
        }
        let mut first: HashMap<String, CommitId> = HashMap::new();
        for (commit, patch) in self.patch_ids(&compared)?.into_iter().flatten() {
            let other = *first.entry(patch).or_insert(commit);
            if other != commit {
                around.twins.push((commit, other));
            }
        }
        Ok(())
    }

    /// Those of some commits and of some others that change the same files as one of the other kind.
    fn touching_the_same(&self, ours: &[CommitId], others: &[CommitId]) -> Result<Vec<CommitId>> {
        if ours.is_empty() {
            return Ok(Vec::new());
        }
        let Some(files) = self.files_of(&[ours, others].concat())? else { return Ok(Vec::new()) };
        let mut by_files: HashMap<&[u8], (Vec<CommitId>, Vec<CommitId>)> = HashMap::new();
        ours.iter().filter_map(|id| Some((id, files.get(id)?))).for_each(|(id, files)| {
            by_files.entry(files).or_default().0.push(*id);
        });
        others.iter().filter_map(|id| Some((id, files.get(id)?))).for_each(|(id, files)| {
            by_files.entry(files).or_default().1.push(*id);
        });
        let both = by_files.into_values().filter(|(ours, others)| !ours.is_empty() && !others.is_empty());
        Ok(both.flat_map(|(ours, others)| [ours, others].concat()).collect())
    }

    /// The names of the files that each commit changes, merges and commits without a change aside. `None` where the clone
    /// lacks contents.
    fn files_of(&self, commits: &[CommitId]) -> Result<Option<HashMap<CommitId, Vec<u8>>>> {
        let input: String = commits.iter().map(|id| format!("{id}\n")).collect();
        let call = self.diff_tree().env("GIT_NO_LAZY_FETCH", "1").args(["--stdin", "--root"]);
        let listed = call.args(["--name-only", "--no-renames"]).input(input).output()?;
        if !listed.is_success() && self.is_partial() {
            return Ok(None);
        }
        let printed = listed.success()?;
        let mut files: HashMap<CommitId, Vec<u8>> = HashMap::new();
        let known: HashSet<&CommitId> = commits.iter().collect();
        let mut current = None;
        for line in printed.lines() {
            let id = line.to_str().ok().and_then(CommitId::parse);
            match (id.filter(|id| known.contains(id)), current) {
                (Some(id), _) => current = Some(id),
                (None, Some(id)) => {
                    let names = files.entry(id).or_default();
                    names.extend(line);
                    names.push(b'\n');
                }
                (None, None) => {}
            }
        }
        Ok(Some(files))
    }
}

/// Where the commits of a comparison end: the commits that both sides have and that they stand on, and of each line of them
/// the one below.
fn edges(list: &[Differing], listed: &HashSet<CommitId>) -> (Vec<CommitId>, Vec<CommitId>) {
    let (mut heads, mut bottoms) = (BTreeSet::new(), BTreeSet::new());
    for commit in list.iter().map(|one| &one.commit) {
        heads.extend(commit.parents.iter().filter(|parent| !listed.contains(parent)).copied());
        if !commit.parents.iter().any(|parent| listed.contains(parent)) {
            bottoms.extend(commit.parents.first().copied());
        }
    }
    (heads.into_iter().collect(), bottoms.into_iter().collect())
}
