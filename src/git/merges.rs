//! What merges change themselves, beside what they bring.

use std::collections::HashSet;

use gix::bstr::ByteSlice as _;

use crate::domain::name::CommitId;

use super::Result;
use super::repository::Repository;

/// How many merges are done again to see what they add themselves.
pub(super) const MOST_MERGED: usize = 50;

impl Repository {
    /// Those of some merges that change more than what they merge and what conflicts in it: somebody put it into the merge.
    /// Of very many, the first ones are looked at. None where Git is too old to tell (before 2.35); `None` where the clone lacks contents.
    pub fn adding_themselves(&self, merges: &[CommitId]) -> Result<Option<HashSet<CommitId>>> {
        let mut adding = HashSet::new();
        if merges.is_empty() {
            return Ok(Some(adding));
        }
        let merges = &merges[..merges.len().min(MOST_MERGED)];
        let known: HashSet<CommitId> = merges.iter().copied().collect();
        let call = self.git().env("GIT_NO_LAZY_FETCH", "1").config("core.fsmonitor=false");
        let call = call.args(["log", "--no-walk", "--stdin", "--format=%H", "--no-show-signature", "--no-color"]);
        let call = call.args(["--remerge-diff", "-p", "-U0", "--no-ext-diff", "--no-textconv"]);
        let merged = call.input(merges.iter().map(|id| format!("{id}\n")).collect::<String>()).output()?;
        if !merged.is_success() {
            return Ok((!self.is_partial()).then_some(adding));
        }
        let (mut current, mut is_file) = (None, false);
        for line in merged.stdout().lines() {
            // What conflicted is said below the name of the file.
            if is_file && !line.starts_with_str("remerge ") {
                adding.extend(current);
            }
            is_file = line.starts_with_str("diff --git ");
            if let Some(id) = line.to_str().ok().and_then(CommitId::parse).filter(|id| known.contains(id)) {
                current = Some(id);
            }
        }
        Ok(Some(adding))
    }

    /// Those of some merges that change something themselves: a conflict was resolved there, or something was added. All of
    /// them where the clone lacks contents.
    pub fn changing_something(&self, merges: &[CommitId]) -> Result<HashSet<CommitId>> {
        let asked: HashSet<CommitId> = merges.iter().copied().collect();
        if asked.is_empty() {
            return Ok(asked);
        }
        let input: String = merges.iter().map(|merge| format!("{merge}\n")).collect();
        // What each side has changed alone is left out of such a patch.
        let call = self.diff_tree().env("GIT_NO_LAZY_FETCH", "1").args(["--stdin", "--cc", "--no-color"]);
        let printed = call.input(input).output()?;
        if !printed.is_success() && self.is_partial() {
            return Ok(asked);
        }
        let printed = printed.success()?;
        let (mut changing, mut current) = (HashSet::new(), None);
        for line in printed.lines() {
            let id = line.to_str().ok().and_then(CommitId::parse).filter(|id| asked.contains(id));
            match id {
                Some(_) => current = id,
                // Each is named; a patch stands below those that have one.
                None => changing.extend(current),
            }
        }
        Ok(changing)
    }
}
