//! What merges change themselves, beside what they bring.

use std::collections::HashSet;

use gix::bstr::ByteSlice as _;

use crate::domain::name::CommitId;

use super::Result;
use super::repository::Repository;

impl Repository {
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
