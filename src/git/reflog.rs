//! The log of a reference: where it has stood in this clone.

use gix::bstr::ByteSlice as _;

use crate::domain::name::CommitId;

use super::Result;
use super::refs::RefStore;
use super::repository::Repository;

impl Repository {
    /// The objects that a reference stood on, as its log says; none where there is no log.
    pub fn logged(&self, name: &str) -> Result<Vec<CommitId>> {
        let mut ids = Vec::new();
        if let RefStore::Program = self.refs {
            let asked = self.git().args(["reflog", "show", "--format=%H", "--end-of-options"]).arg(name).output()?;
            if !asked.is_success() {
                return Err(asked.failure());
            }
            ids.extend(asked.stdout().lines().filter_map(|line| CommitId::parse(&line.to_str_lossy())));
            return Ok(ids);
        }
        let wrong = |error: &dyn std::error::Error| self.read_error(&format!("the log of {name}"), error);
        let mut buffer = Vec::new();
        let log = self.gix.refs.reflog_iter(name, &mut buffer).map_err(|error| wrong(&error))?;
        for line in log.into_iter().flatten() {
            let line = line.map_err(|error| wrong(&error))?;
            // A clone begins without a log, so the first line alone knows where it stood before.
            ids.extend([line.previous_oid(), line.new_oid()].map(CommitId::new));
        }
        ids.retain(|id| !id.object().is_null());
        ids.dedup();
        Ok(ids)
    }
}
