//! What the history of an environment branch carries of a release that started elsewhere: triggers, change requests.

use std::collections::HashSet;

use crate::domain::change::Change;
use crate::domain::history::{Commit, trailers};
use crate::domain::name::{CommitId, EnvironmentName};
use crate::domain::record::{self, Outcome, Record};
use crate::domain::trigger::memory::remembers;
use crate::domain::version::Declared;

use super::Result;
use super::objects::Content;
use super::release_repo::{MAX_NOTE, ReleaseRepo};

/// How many commits are looked at, from the tip back, for the change request behind a version.
const CHANGE_DEPTH: usize = 200;

/// Whether a commit carries this trigger for an environment.
pub fn is_triggered(commit: &Commit, environment: &EnvironmentName, id: &str) -> bool {
    trailers(&commit.message).any(|(key, value)| key.eq_ignore_ascii_case("Trigger-Id") && value == id)
        && commit.trailer("Trigger-Environment").is_none_or(|name| name == environment.as_str())
}

impl ReleaseRepo<'_> {
    /// The change request behind what a commit of an environment branch declares: the newest that a commit names since
    /// this came to the branch, on either side of the merges.
    pub fn change(&mut self, on: CommitId) -> Result<Change> {
        let mut declared = None;
        let mut seen = HashSet::new();
        let mut next = vec![on];
        while let Some(id) = next.pop() {
            if seen.len() >= CHANGE_DEPTH || !self.repository.has_object(id.object()) || !seen.insert(id) {
                continue;
            }
            let commit = self.repository.commit(id)?;
            let says = self.declared(&commit)?;
            if *declared.get_or_insert_with(|| says.clone()) != says {
                continue;
            }
            let change = Change::of(&commit);
            if !change.is_empty() {
                return Ok(change);
            }
            // What was merged came later than what it was merged into.
            next.extend(&commit.parents);
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

    /// Whether a note remembers this trigger for an environment, because it found its version there already.
    pub fn remembers_trigger(&self, environment: &EnvironmentName, id: &str) -> Result<bool> {
        let Some(notes) = self.notes()? else { return Ok(false) };
        for (_, blob) in self.repository.all_notes(notes)? {
            if let Content::Bytes(note) = self.repository.content(blob, MAX_NOTE)?
                && remembers(&String::from_utf8_lossy(&note), environment, id)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Of the deployments of a commit that one trigger has begun and that have not gone wrong, the first one's id.
    pub fn first_begun(&self, on: CommitId, environment: &EnvironmentName, id: &str) -> Result<Option<String>> {
        Ok(self.records_on(on)?.and_then(|note| record::first_begun(&note, environment, id)))
    }

    /// The ids of the [unfinished](record::unfinished) deployments of what begins to be deployed.
    pub fn unfinished(&self, on: CommitId, start: &Record) -> Result<Vec<String>> {
        Ok(self.records_on(on)?.map(|note| record::unfinished(&note, start)).unwrap_or_default())
    }

    /// The lines in the note of a commit.
    fn records_on(&self, on: CommitId) -> Result<Option<String>> {
        let Some(notes) = self.notes()? else { return Ok(None) };
        Ok(match self.repository.note(notes, on.object(), MAX_NOTE)? {
            Some(Content::Bytes(note)) => Some(String::from_utf8_lossy(&note).into_owned()),
            Some(Content::TooLarge(_)) | None => None,
        })
    }

    /// The newest deployment to an environment that this trigger began and that has not gone wrong, and how it stands.
    pub fn triggered_deployment(&self, environment: &EnvironmentName, id: &str) -> Result<Option<(Record, Outcome)>> {
        let mut of_commits = self.records_of(&[environment])?.remove(environment).unwrap_or_default();
        let mut records: Vec<Record> = of_commits.drain(..).flat_map(|(_, records)| records).collect();
        records.sort_by(|a, b| a.at.cmp(&b.at));
        let standing = record::standing(&records, self.now);
        let holds = |outcome| matches!(outcome, Outcome::Running | Outcome::Succeeded);
        let ours = |record: &Record| record.trigger_id.as_deref() == Some(id);
        let newest = standing.into_iter().rfind(|(record, outcome)| ours(record) && holds(*outcome));
        Ok(newest.map(|(record, outcome)| (record.clone(), outcome)))
    }
}
