//! What was deployed to an environment, newest first, as the records say.

use crate::domain::name::EnvironmentName;
use crate::domain::record::{Outcome, Record};

use super::Result;
use super::release_repo::ReleaseRepo;

impl ReleaseRepo<'_> {
    /// The deployments of an environment that ended well, newest first.
    pub fn deployments(&self, name: &EnvironmentName) -> Result<Vec<Record>> {
        let all = self.records_of(&[name])?.into_values().flatten().flat_map(|(_, records)| records);
        let mut found: Vec<Record> = all.filter(|record| record.outcome == Outcome::Succeeded).collect();
        found.sort_by(|a, b| b.at.cmp(&a.at));
        Ok(found)
    }
}
