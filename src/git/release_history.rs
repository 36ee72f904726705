//! What the history of an environment branch tells: candidates that were named and deployed, versions that were held.

use std::collections::HashMap;

use crate::domain::landscape::{EnvironmentBranch, Landscape};
use crate::domain::name::{CommitId, EnvironmentName, TagName};
use crate::domain::record::{self, Outcome, Record};
use crate::domain::resolution::Trail;
use crate::domain::version::Version;

use super::Result;
use super::release_repo::ReleaseRepo;

/// The versions that an environment held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The versions, newest first; one that came back stands here again.
    pub held: Vec<String>,
    /// The versions that were rolled back from.
    pub rolled_back: Vec<String>,
    succeeded: Vec<String>,
    failed: Vec<String>,
}

impl ReleaseRepo<'_> {
    /// What the history of an environment branch, since `version` came to it, says about candidates.
    ///
    /// Follows the first-parent line back while the branch declared this version, then looks at every commit between
    /// there and the tip, on either side of the merges.
    pub fn trail(&mut self, landscape: &Landscape, branch: &EnvironmentBranch, version: &Version) -> Result<Trail> {
        let mut trail = Trail::default();
        let mut merged = Vec::new();
        let mut before = None;
        let mut line = self.line(branch.commit);
        while let Some((commit, file)) = line.next()? {
            if !file.is_ok_and(|file| file.version.version() == Some(version)) {
                before = Some(commit.id);
                break;
            }
            merged.extend(commit.parents.iter().skip(1).copied());
        }
        let mut newest: Option<i64> = None;
        for id in self.repository.commits_between(before, branch.commit)? {
            let commit = self.repository.commit(id)?;
            if commit.trailer("Version") != Some(version.as_str()) {
                continue;
            }
            if let Some(candidate) = commit.trailer("Candidate").and_then(|text| TagName::parse(text).ok())
                && newest.is_none_or(|at| commit.at > at)
            {
                newest = Some(commit.at);
                trail.named = Some(candidate);
            }
            if trail.unproven.is_none()
                && let Some(reason) = commit.trailer("Unproven")
            {
                trail.unproven = Some(reason.to_owned());
            }
        }
        let Some(notes) = self.notes()? else { return Ok(trail) };
        let mut best: Option<Record> = None;
        for id in merged {
            for record in self.records(notes, id)? {
                let newer = best.as_ref().is_none_or(|best| record.at > best.at);
                if record.outcome == Outcome::Succeeded && record.version.as_deref() == Some(version.as_str()) && newer
                {
                    best = Some(record);
                }
            }
        }
        trail.deployed_by_source = best.and_then(|record| record.candidate_tag());
        trail.outcomes = self.outcomes_at_sources(landscape, branch, version, notes)?;
        Ok(trail)
    }

    /// The candidates of a version that environments have deployed, oldest first, each with the outcome of its newest
    /// deployment. The version may have left them since.
    pub fn deployed_candidates(
        &mut self,
        names: &[&EnvironmentName],
        version: &Version,
    ) -> Result<Vec<(TagName, Outcome)>> {
        let records = self.records_of(names)?.into_values().flatten().flat_map(|(_, records)| records).collect();
        Ok(self.by_candidate(records, version))
    }

    /// The versions that an environment held, newest first, along its first-parent line. One whose deployments are
    /// recorded and all went wrong is left out.
    pub fn held_versions(&mut self, branch: &EnvironmentBranch, name: &EnvironmentName) -> Result<History> {
        let recorded: HashMap<CommitId, Vec<Record>> =
            self.records_of(&[name])?.remove(name).unwrap_or_default().into_iter().collect();
        let mut history = History::default();
        let mut line = self.line(branch.commit);
        while let Some((commit, file)) = line.next()? {
            history.rolled_back.extend(commit.trailer("Rolled-Back").map(str::to_owned));
            if let Some(version) = file.ok().and_then(|file| file.version.text())
                && history.held.last() != Some(&version)
            {
                history.held.push(version);
            }
            if let (Some(records), Some(version)) = (recorded.get(&commit.id), history.held.last().cloned()) {
                if records.iter().any(|record| record.outcome == Outcome::Succeeded) {
                    history.succeeded.push(version);
                } else {
                    history.failed.push(version);
                }
            }
        }
        let current = history.held.first().cloned();
        let (succeeded, failed) = (history.succeeded.clone(), history.failed.clone());
        history.held.retain(|version| {
            Some(version) == current.as_ref() || succeeded.contains(version) || !failed.contains(version)
        });
        Ok(history)
    }

    fn outcomes_at_sources(
        &self,
        landscape: &Landscape,
        branch: &EnvironmentBranch,
        version: &Version,
        notes: CommitId,
    ) -> Result<Vec<(TagName, Outcome)>> {
        let mut records = Vec::new();
        for source in branch.name.iter().flat_map(|name| landscape.graph.from(name)) {
            if let Some(source) = landscape.find(source) {
                records.extend(self.records(notes, source.commit)?);
            }
        }
        Ok(self.by_candidate(records, version))
    }

    /// The candidates of a version among records, by their newest deployment, oldest first, with its outcome.
    fn by_candidate(&self, mut records: Vec<Record>, version: &Version) -> Vec<(TagName, Outcome)> {
        records.sort_by(|a, b| a.at.cmp(&b.at));
        let mut outcomes: Vec<(TagName, Outcome)> = Vec::new();
        for (record, outcome) in record::standing(&records, self.now) {
            if record.version.as_deref() != Some(version.as_str()) {
                continue;
            }
            let Some(tag) = record.candidate_tag() else { continue };
            outcomes.retain(|(known, _)| known != &tag);
            outcomes.push((tag, outcome));
        }
        outcomes
    }
}
