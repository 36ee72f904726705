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
        let Some(files) = self.files_of(&[ours, others].concat())? else { return Ok(None) };
        let mut by_files: HashMap<&[u8], (Vec<CommitId>, Vec<CommitId>)> = HashMap::new();
        ours.iter().filter_map(|id| Some((id, files.get(id)?))).for_each(|(id, files)| {
            by_files.entry(files).or_default().0.push(*id);
        });
        others.iter().filter_map(|id| Some((id, files.get(id)?))).for_each(|(id, files)| {
            by_files.entry(files).or_default().1.push(*id);
        });
        let both = by_files.into_values().filter(|(ours, others)| !ours.is_empty() && !others.is_empty());
        Ok(Some(both.flat_map(|(ours, others)| [ours, others].concat()).collect()))
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

    /// What commits change, as a number that is the same for the same change; merges and commits without a change have
    /// none. `None` where the clone lacks contents.
    pub fn patch_ids(&self, commits: &[CommitId]) -> Result<Option<HashMap<CommitId, String>>> {
        let input: String = commits.iter().map(|id| format!("{id}\n")).collect();
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
