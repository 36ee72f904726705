//! Which commits make the same change: by the names of files first, which is soon told, and then by their contents.

use std::collections::{HashMap, HashSet};

use gix::bstr::ByteSlice as _;

use crate::domain::name::CommitId;

use super::Result;
use super::repository::Repository;

impl Repository {
    /// The commits that make the same change as an earlier one of these, each behind that one. `None` where the clone lacks
    /// contents.
    pub fn twins_among(&self, commits: &[CommitId]) -> Result<Option<Vec<(CommitId, CommitId)>>> {
        let mut seen = HashSet::new();
        let commits: Vec<CommitId> = commits.iter().copied().filter(|commit| seen.insert(*commit)).collect();
        if commits.len() < 2 {
            return Ok(Some(Vec::new()));
        }
        let Some(patches) = self.patch_ids(&commits)? else { return Ok(None) };
        let mut first: HashMap<&str, CommitId> = HashMap::new();
        let twins = commits.into_iter().filter_map(|commit| {
            let other = *first.entry(patches.get(&commit)?).or_insert(commit);
            (other != commit).then_some((other, commit))
        });
        Ok(Some(twins.collect()))
    }

    /// Those of some commits and of some others that change the same files as one of the other kind. `None` where the clone
    /// lacks contents.
    pub fn touching_the_same(&self, ours: &[CommitId], others: &[CommitId]) -> Result<Option<Vec<CommitId>>> {
        if ours.is_empty() || others.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let input = lines(&[ours, others].concat());
        let Some(files) = self.files_of(input)? else { return Ok(None) };
        Ok(Some(of_the_same(&files, [ours, others]).into_iter().flatten().flatten().collect()))
    }

    /// The commits that change all at once what a merge has changed, each before that merge. `None` where the clone lacks
    /// contents.
    pub fn squashes_among(
        &self,
        merges: &[CommitId],
        commits: &[CommitId],
    ) -> Result<Option<Vec<(CommitId, CommitId)>>> {
        if merges.is_empty() || commits.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let mut steps: Vec<(CommitId, String)> = commits.iter().map(|id| (*id, format!("{id}\n"))).collect();
        for merge in merges {
            // Beside its first parent, it is one change.
            let first = self.parents(*merge)?.first().map(|parent| format!("{merge} {parent}\n"));
            steps.extend(first.map(|line| (*merge, line)));
        }
        let line = |wanted: &HashSet<CommitId>| -> String {
            steps.iter().filter(|(id, _)| wanted.contains(id)).map(|(_, line)| line.as_str()).collect()
        };
        let all: HashSet<CommitId> = steps.iter().map(|(id, _)| *id).collect();
        let Some(files) = self.files_of(line(&all))? else { return Ok(None) };
        let groups = of_the_same(&files, [merges, commits]);
        if groups.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let wanted: HashSet<CommitId> = groups.iter().flatten().flatten().copied().collect();
        let Some(patches) = self.patches_of(line(&wanted))? else { return Ok(None) };
        let mut squashes = Vec::new();
        for [merges, commits] in &groups {
            for merge in merges.iter().filter(|merge| patches.contains_key(merge)) {
                let same = commits.iter().filter(|commit| patches.get(commit) == patches.get(merge));
                squashes.extend(same.map(|commit| (*commit, *merge)));
            }
        }
        squashes.sort_unstable();
        Ok(Some(squashes))
    }

    /// Those of some commits that have the files of their parent, merges aside.
    pub fn without_change(&self, commits: &[CommitId]) -> Result<HashSet<CommitId>> {
        let mut found = HashSet::new();
        for id in commits {
            let commit = self.commit(*id)?;
            if let [parent] = commit.parents.as_slice()
                && self.has_object(parent.object())
                && self.tree(*parent)? == commit.tree
            {
                found.insert(*id);
            }
        }
        Ok(found)
    }

    /// The names of the files that each commit of these lines changes, each ended by a zero byte, commits without a change
    /// aside, and merges that no parent is named of. `None` where the clone lacks contents.
    pub(super) fn files_of(&self, input: String) -> Result<Option<HashMap<CommitId, Vec<u8>>>> {
        let known: HashSet<CommitId> =
            input.lines().filter_map(|line| CommitId::parse(line.split(' ').next()?)).collect();
        let call = self.diff_tree().env("GIT_NO_LAZY_FETCH", "1").args(["--stdin", "--root"]);
        let listed = call.args(["--name-only", "--no-renames", "-z"]).input(input).output()?;
        if !listed.is_success() && self.is_partial() {
            return Ok(None);
        }
        let printed = listed.success()?;
        let mut files: HashMap<CommitId, Vec<u8>> = HashMap::new();
        let mut current = None;
        for word in printed.split(|byte| *byte == 0) {
            let id = word.to_str().ok().and_then(CommitId::parse);
            match (id.filter(|id| known.contains(id)), current) {
                (Some(id), _) => current = Some(id),
                (None, Some(id)) if !word.is_empty() => {
                    let names = files.entry(id).or_default();
                    names.extend(word);
                    names.push(0);
                }
                (None, _) => {}
            }
        }
        Ok(Some(files))
    }

    /// What commits change, as a number that is the same for the same change; merges and commits without a change have
    /// none. `None` where the clone lacks contents.
    pub fn patch_ids(&self, commits: &[CommitId]) -> Result<Option<HashMap<CommitId, String>>> {
        self.patches_of(lines(commits))
    }

    /// The same for what stands in lines that are read by Git.
    fn patches_of(&self, input: String) -> Result<Option<HashMap<CommitId, String>>> {
        let call = self.diff_tree().env("GIT_NO_LAZY_FETCH", "1").args(["--stdin", "-p", "--root"]);
        let patches = call.input(input).output()?;
        if !patches.is_success() && self.is_partial() {
            return Ok(None);
        }
        let printed = self.git().args(["patch-id", "--stable"]).input(patches.success()?).run()?;
        let mut ids = HashMap::new();
        for line in printed.lines() {
            let text = line.to_str_lossy();
            if let Some((patch, commit)) = text.split_once(' ')
                && let Some(commit) = CommitId::parse(commit)
            {
                ids.insert(commit, patch.to_owned());
            }
        }
        Ok(Some(ids))
    }
}

/// Commits of two kinds by the files that they change, as far as there are some of each kind.
fn of_the_same(files: &HashMap<CommitId, Vec<u8>>, kinds: [&[CommitId]; 2]) -> Vec<[Vec<CommitId>; 2]> {
    let mut by_files: HashMap<&[u8], [Vec<CommitId>; 2]> = HashMap::new();
    for (kind, ids) in kinds.into_iter().enumerate() {
        for id in ids {
            if let Some(files) = files.get(id) {
                by_files.entry(files).or_default()[kind].push(*id);
            }
        }
    }
    by_files.into_values().filter(|kinds| kinds.iter().all(|ids| !ids.is_empty())).collect()
}

fn lines(commits: &[CommitId]) -> String {
    commits.iter().map(|id| format!("{id}\n")).collect()
}
