//! The last deployment of an environment, found without reading all records: those near the tip, and those written last.

use std::collections::{HashMap, HashSet};

use gix::ObjectId;

use crate::domain::history::Commit;
use crate::domain::name::{CommitId, EnvironmentName};
use crate::domain::record::{self, Outcome, Record};

use super::Result;
use super::objects::Content;
use super::release_repo::{MAX_NOTE, ReleaseRepo};

/// How many commits are looked at, from the tip back.
const RECORD_DEPTH: usize = 200;

/// How many changes of the notes are looked at, the newest.
const WRITTEN_DEPTH: usize = 500;

/// How many notes may change at once before that is no record but a rearrangement.
const WRITTEN_AT_ONCE: usize = 50;

/// How many notes that were written last are read; those that others than relman write don't say whose they are.
const WRITTEN: usize = 100;

/// What is known of the notes of one commit of the notes reference.
pub(super) struct Noted {
    notes: CommitId,
    /// The blobs of the notes, by what they are on.
    blobs: HashMap<ObjectId, ObjectId>,
    /// What has a note that was written last, each environment's newest among them.
    written: HashSet<ObjectId>,
    /// What these notes say.
    records: Vec<Record>,
}

impl ReleaseRepo<'_> {
    /// The newest record, on whichever commit it is noted: an old job that is run again deploys an old commit.
    pub(super) fn last_deployment(
        &mut self,
        notes: CommitId,
        tip: &Commit,
        name: &EnvironmentName,
    ) -> Result<Option<(Record, Outcome)>> {
        self.take_notes(notes)?;
        let Some(noted) = &self.noted else { return Ok(None) };
        let mut line: HashSet<ObjectId> = HashSet::new();
        let mut commit = tip.clone();
        for _ in 0..RECORD_DEPTH {
            line.insert(commit.id.object());
            let Some(parent) = commit.parents.first() else { break };
            if self.repository.is_shallow()? && !self.repository.has_object(parent.object()) {
                break;
            }
            commit = self.repository.commit(*parent)?;
        }
        let is_its = |record: &Record| record.environment == name.as_str();
        let mut found: Vec<Record> = noted.records.iter().filter(|record| is_its(record)).cloned().collect();
        for blob in line.difference(&noted.written).filter_map(|on| noted.blobs.get(on)) {
            found.extend(self.records_in(*blob)?.into_iter().filter(is_its));
        }
        found.sort_by(|a, b| a.at.cmp(&b.at));
        Ok(record::latest(&found, name, self.now).map(|(record, outcome)| (record.clone(), outcome)))
    }

    /// Lists the notes, and reads those that were written last; once for all environments.
    fn take_notes(&mut self, notes: CommitId) -> Result<()> {
        if self.noted.as_ref().is_none_or(|known| known.notes != notes) {
            let blobs: HashMap<ObjectId, ObjectId> = self.repository.all_notes(notes)?.into_iter().collect();
            let written: HashSet<ObjectId> = self.written_last(notes)?.into_iter().collect();
            let mut records = Vec::new();
            for blob in written.iter().filter_map(|on| blobs.get(on)) {
                records.extend(self.records_in(*blob)?);
            }
            self.noted = Some(Noted { notes, blobs, written, records });
        }
        Ok(())
    }

    /// What a note says.
    fn records_in(&self, blob: ObjectId) -> Result<Vec<Record>> {
        Ok(match self.repository.content(blob, MAX_NOTE)? {
            Content::Bytes(note) => record::parse(&String::from_utf8_lossy(&note)),
            Content::TooLarge(_) => Vec::new(),
        })
    }

    /// What has a note that was written last, as the history of the notes tells.
    fn written_last(&self, notes: CommitId) -> Result<Vec<ObjectId>> {
        let names = self.names()?;
        let mut told: HashSet<String> = HashSet::new();
        let mut written: Vec<ObjectId> = Vec::new();
        let mut commit = self.repository.commit(notes)?;
        for _ in 0..WRITTEN_DEPTH {
            if written.len() >= WRITTEN || names.iter().all(|name| told.contains(name)) {
                break;
            }
            let parent = commit.parents.first().filter(|parent| self.repository.has_object(parent.object()));
            let before = parent.map(|parent| self.repository.commit(*parent)).transpose()?;
            // A clone may have been made without the past of the notes; what they say now is all there.
            let Some(before) = before.filter(|before| self.repository.has_object(before.tree)) else {
                written.extend(self.changed_notes(None, commit.tree)?);
                break;
            };
            // One environment's older records are of no use; what somebody else wrote may be anybody's.
            let is_new = record::environment_of(commit.subject()).is_none_or(|name| told.insert(name.to_owned()));
            if is_new {
                written.extend(self.changed_notes(Some(before.tree), commit.tree)?);
            }
            commit = before;
        }
        Ok(written)
    }

    fn changed_notes(&self, before: Option<ObjectId>, now: ObjectId) -> Result<Vec<ObjectId>> {
        let changed = self.repository.notes_between(before, now)?;
        Ok(if changed.len() > WRITTEN_AT_ONCE { Vec::new() } else { changed })
    }
}
