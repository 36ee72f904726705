//! What the history of an environment branch carries of a release that started elsewhere: triggers, change requests.

use crate::domain::change::Change;
use crate::domain::history::Commit;
use crate::domain::name::{CommitId, EnvironmentName};
use crate::domain::record::{self, Outcome, Record};
use crate::domain::version::Declared;

use super::Result;
use super::release_repo::ReleaseRepo;

/// How many commits are looked at, from the tip back, for the change request behind a version.
const CHANGE_DEPTH: usize = 200;

/// Whether a commit carries this trigger for an environment.
pub fn is_triggered(commit: &Commit, environment: &EnvironmentName, id: &str) -> bool {
    commit.trailer("Trigger-Id") == Some(id)
        && commit.trailer("Trigger-Environment").is_none_or(|name| name == environment.as_str())
}

impl ReleaseRepo<'_> {
    /// The change request behind what a commit of an environment branch declares: named by the newest commit since this
    /// came to the branch, or by one that was merged there.
    pub fn change(&mut self, on: CommitId) -> Result<Change> {
        let mut commit = self.repository.commit(on)?;
        let declared = self.declared(&commit)?;
        for _ in 0..CHANGE_DEPTH {
            let change = Change::of(&commit);
            if !change.is_empty() {
                return Ok(change);
            }
            for merged in commit.parents.iter().skip(1).filter(|id| self.repository.has_object(id.object())) {
                let merged = self.repository.commit(*merged)?;
                let change = Change::of(&merged);
                if !change.is_empty() && self.declared(&merged)? == declared {
                    return Ok(change);
                }
            }
            let Some(parent) = commit.parents.first().filter(|id| self.repository.has_object(id.object())) else {
                break;
            };
            commit = self.repository.commit(*parent)?;
            if self.declared(&commit)? != declared {
                break;
            }
        }
        Ok(Change::default())
    }

    fn declared(&mut self, commit: &Commit) -> Result<Option<Declared>> {
        Ok(self.release_file(commit)?.1.ok().map(|file| file.version.clone()))
    }

    /// Whether a commit that can be reached from `tip` carries this trigger for an environment.
    pub fn has_trigger(&self, tip: CommitId, environment: &EnvironmentName, id: &str) -> Result<bool> {
        for commit in self.repository.commits_between(None, tip)? {
            if is_triggered(&self.repository.commit(commit)?, environment, id) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The newest deployment to an environment that this trigger began, and how it stands.
    pub fn triggered_deployment(&self, environment: &EnvironmentName, id: &str) -> Result<Option<(Record, Outcome)>> {
        let mut of_commits = self.records_of(&[environment])?.remove(environment).unwrap_or_default();
        let mut records: Vec<Record> = of_commits.drain(..).flat_map(|(_, records)| records).collect();
        records.sort_by(|a, b| a.at.cmp(&b.at));
        let standing = record::standing(&records, self.now);
        let newest = standing.into_iter().rfind(|(record, _)| record.trigger_id.as_deref() == Some(id));
        Ok(newest.map(|(record, outcome)| (record.clone(), outcome)))
    }
}
