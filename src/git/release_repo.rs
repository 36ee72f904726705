//! Reading the release repo: the environment branches, their files, the records of their deployments.

use std::collections::HashMap;
use std::rc::Rc;

use gix::ObjectId;
use gix::bstr::ByteSlice as _;

use crate::domain::history::Commit;
use crate::domain::landscape::{EnvironmentBranch, Landscape, Unusable};
use crate::domain::name::{CommitId, EnvironmentName, TagName};
use crate::domain::record::{self, NOTES_REF, Outcome, Record};
use crate::domain::release_file::{Application, ReleaseFile};
use crate::domain::resolution::Trail;
use crate::domain::version::Version;
use crate::domain::yaml::MAX_FILE;

use super::Result;
use super::objects::{Content, EntryKind};
use super::repository::Repository;

/// The largest note that is read; a line of a record has about 2 KiB.
const MAX_NOTE: u64 = 4 * 1024 * 1024;

/// How many commits are looked at, from the tip back, for the last deployment of an environment.
const RECORD_DEPTH: usize = 200;

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

/// The release repo, with what was read of it kept, so that no object is read twice.
pub struct ReleaseRepo<'a> {
    repository: &'a Repository,
    remote: Option<&'a str>,
    now: i64,
    files: HashMap<ObjectId, std::result::Result<Rc<ReleaseFile>, Unusable>>,
}

impl<'a> ReleaseRepo<'a> {
    /// Looks at a repository through the branches of a remote, or through its own where there is none.
    /// `now` is the time in seconds since 1970.
    pub fn new(repository: &'a Repository, remote: Option<&'a str>, now: i64) -> Self {
        ReleaseRepo { repository, remote, now, files: HashMap::new() }
    }

    /// Reads all environment branches.
    pub fn landscape(&mut self) -> Result<Landscape> {
        let local_prefix = "refs/heads/environment/";
        let local = self.repository.refs_with_prefix(local_prefix)?;
        let mut branches = Vec::new();
        let notes = self.notes()?;
        match self.remote {
            None => {
                for reference in &local {
                    let text = reference.name[local_prefix.len()..].as_bstr();
                    branches.push(self.branch(text, reference.target, notes)?);
                }
            }
            Some(remote) => {
                let prefix = format!("refs/remotes/{remote}/environment/");
                let tracked = self.repository.refs_with_prefix(&prefix)?;
                let local_by_name: HashMap<&[u8], ObjectId> =
                    local.iter().map(|reference| (&reference.name[local_prefix.len()..], reference.target)).collect();
                for reference in &tracked {
                    let text = reference.name[prefix.len()..].as_bstr();
                    let mut branch = self.branch(text, reference.target, notes)?;
                    branch.local_differs = local_by_name.get(text.as_bytes()).is_some_and(|id| *id != reference.target);
                    branches.push(branch);
                }
                for reference in &local {
                    let text = reference.name[local_prefix.len()..].as_bstr();
                    if !tracked.iter().any(|tracked| tracked.name[prefix.len()..] == **text) {
                        let mut branch = self.branch(text, reference.target, notes)?;
                        branch.local_only = true;
                        branches.push(branch);
                    }
                }
            }
        }
        Ok(Landscape::new(branches))
    }

    /// Reads the branch of one environment, and no other.
    pub fn one(&mut self, name: &EnvironmentName) -> Result<Option<EnvironmentBranch>> {
        let branch = name.branch();
        let tracked = match self.remote {
            Some(remote) => self.repository.find_ref(&format!("refs/remotes/{remote}/{branch}"))?,
            None => None,
        };
        let tip = match tracked {
            Some(tip) => Some(tip),
            None => self.repository.find_ref(&branch.full())?,
        };
        let notes = self.notes()?;
        tip.map(|tip| self.branch(name.as_str().into(), tip, notes)).transpose()
    }

    /// The application that the first readable environment branch names.
    pub fn application(&mut self) -> Result<Option<Application>> {
        let roots = match self.remote {
            Some(remote) => vec![format!("refs/remotes/{remote}/environment/"), "refs/heads/environment/".into()],
            None => vec!["refs/heads/environment/".to_owned()],
        };
        for root in roots {
            for reference in self.repository.refs_with_prefix(&root)? {
                let commit = self.repository.commit(CommitId::new(reference.target))?;
                if let (_, Ok(file)) = self.release_file(&commit)? {
                    return Ok(Some(file.application.clone()));
                }
            }
        }
        Ok(None)
    }

    fn branch(&mut self, text: &gix::bstr::BStr, tip: ObjectId, notes: Option<CommitId>) -> Result<EnvironmentBranch> {
        let commit = self.repository.commit(CommitId::new(tip))?;
        let (path, file) = self.release_file(&commit)?;
        let text = text.to_str_lossy().into_owned();
        let name = EnvironmentName::parse(&text).ok();
        let deployment = match (&name, notes) {
            (Some(name), Some(notes)) => self.last_deployment(notes, &commit, name)?,
            _ => None,
        };
        let named_candidate = commit.trailer("Candidate").and_then(|tag| TagName::parse(tag).ok());
        Ok(EnvironmentBranch {
            name,
            named_candidate,
            commit: commit.id,
            changed_at: commit.at,
            changed_by: commit.author,
            file,
            path,
            local_differs: false,
            local_only: false,
            deployment,
            text,
        })
    }

    /// The release file of a commit, and its path.
    pub fn release_file(
        &mut self,
        commit: &Commit,
    ) -> Result<(&'static str, std::result::Result<Rc<ReleaseFile>, Unusable>)> {
        let entries = self.repository.folder_entries(commit.tree)?;
        let find = |name: &str| entries.iter().find(|(known, _)| known == name).map(|(_, entry)| *entry);
        let (path, entry) = match (find("release.yml"), find("release.yaml")) {
            (Some(_), Some(_)) => return Ok(("release.yml", Err(Unusable::Both))),
            (Some(entry), None) => ("release.yml", entry),
            (None, Some(entry)) => ("release.yaml", entry),
            (None, None) => return Ok(("release.yml", Err(Unusable::Missing))),
        };
        if entry.kind != EntryKind::File {
            return Ok((path, Err(Unusable::NotAFile)));
        }
        if let Some(known) = self.files.get(&entry.id) {
            return Ok((path, known.clone()));
        }
        let file = match self.repository.content(entry.id, MAX_FILE as u64)? {
            Content::TooLarge(size) => Err(Unusable::TooLarge(size)),
            Content::Bytes(bytes) => ReleaseFile::parse(path, &bytes).map(Rc::new).map_err(Unusable::Invalid),
        };
        self.files.insert(entry.id, file.clone());
        Ok((path, file))
    }

    fn notes(&self) -> Result<Option<CommitId>> {
        match self.repository.find_ref(NOTES_REF)? {
            Some(id) => self.repository.peel_to_commit(id),
            None => Ok(None),
        }
    }

    /// The records in the note of a commit, sorted by time.
    pub fn records(&self, notes: CommitId, on: CommitId) -> Result<Vec<Record>> {
        match self.repository.note(notes, on.object(), MAX_NOTE)? {
            Some(Content::Bytes(bytes)) => Ok(record::parse(&String::from_utf8_lossy(&bytes))),
            Some(Content::TooLarge(_)) | None => Ok(Vec::new()),
        }
    }

    fn last_deployment(
        &self,
        notes: CommitId,
        tip: &Commit,
        name: &EnvironmentName,
    ) -> Result<Option<(Record, Outcome)>> {
        let mut commit = tip.clone();
        for _ in 0..RECORD_DEPTH {
            let records = self.records(notes, commit.id)?;
            if let Some((record, outcome)) = record::latest(&records, name, self.now) {
                return Ok(Some((record.clone(), outcome)));
            }
            let Some(parent) = commit.parents.first() else { break };
            if self.repository.is_shallow()? && !self.repository.has_object(parent.object()) {
                break;
            }
            commit = self.repository.commit(*parent)?;
        }
        Ok(None)
    }

    /// What the history of an environment branch, since `version` came to it, says about candidates.
    ///
    /// Follows the first-parent line back while the branch declared this version, then looks at every commit between
    /// there and the tip, on either side of the merges.
    pub fn trail(&mut self, landscape: &Landscape, branch: &EnvironmentBranch, version: &Version) -> Result<Trail> {
        let mut trail = Trail::default();
        let mut merged = Vec::new();
        let mut before = None;
        let mut commit = self.repository.commit(branch.commit)?;
        loop {
            let (_, file) = self.release_file(&commit)?;
            let declares = file.as_ref().is_ok_and(|file| file.version.version() == Some(version));
            if !declares {
                before = Some(commit.id);
                break;
            }
            merged.extend(commit.parents.iter().skip(1).copied());
            let Some(parent) = commit.parents.first() else { break };
            if !self.repository.has_object(parent.object()) && self.repository.is_shallow()? {
                break;
            }
            commit = self.repository.commit(*parent)?;
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

    /// The candidates of a version that an environment has deployed, since the version came to it, oldest first, each
    /// with the outcome of its newest deployment.
    pub fn deployed_candidates(
        &mut self,
        branch: &EnvironmentBranch,
        version: &Version,
    ) -> Result<Vec<(TagName, Outcome)>> {
        let Some(notes) = self.notes()? else { return Ok(Vec::new()) };
        let mut records = Vec::new();
        let mut commit = self.repository.commit(branch.commit)?;
        loop {
            let (_, file) = self.release_file(&commit)?;
            if !file.as_ref().is_ok_and(|file| file.version.version() == Some(version)) {
                break;
            }
            records.extend(self.records(notes, commit.id)?);
            match commit.parents.first() {
                Some(parent) if self.repository.has_object(parent.object()) => {
                    commit = self.repository.commit(*parent)?
                }
                _ => break,
            }
        }
        records
            .retain(|record| record.version.as_deref() == Some(version.as_str()) && record.environment == branch.text);
        records.sort_by(|a, b| a.at.cmp(&b.at));
        let mut deployed: Vec<(TagName, Outcome)> = Vec::new();
        for record in &records {
            let Some(tag) = record.candidate_tag() else { continue };
            deployed.retain(|(known, _)| known != &tag);
            deployed.push((tag, record.outcome));
        }
        Ok(deployed)
    }

    /// The versions that an environment held, newest first, along its first-parent line. One whose deployments are
    /// recorded and all went wrong is left out.
    pub fn held_versions(&mut self, branch: &EnvironmentBranch, name: &EnvironmentName) -> Result<History> {
        let notes = self.notes()?;
        let mut history = History::default();
        let mut commit = self.repository.commit(branch.commit)?;
        loop {
            history.rolled_back.extend(commit.trailer("Rolled-Back").map(str::to_owned));
            let (_, file) = self.release_file(&commit)?;
            if let Some(version) = file.as_ref().ok().and_then(|file| file.version.text())
                && history.held.last() != Some(&version)
            {
                history.held.push(version);
            }
            if let (Some(notes), Some(version)) = (notes, history.held.last().cloned()) {
                let records = self.records(notes, commit.id)?;
                let own = records.iter().filter(|record| record.environment == name.as_str());
                let outcomes: Vec<Outcome> = own.map(|record| record.outcome).collect();
                if outcomes.contains(&Outcome::Succeeded) {
                    history.succeeded.push(version);
                } else if !outcomes.is_empty() {
                    history.failed.push(version);
                }
            }
            match commit.parents.first() {
                Some(parent) if self.repository.has_object(parent.object()) => {
                    commit = self.repository.commit(*parent)?
                }
                _ => break,
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
        records.retain(|record| record.version.as_deref() == Some(version.as_str()));
        records.sort_by(|a, b| a.at.cmp(&b.at));
        let mut outcomes: Vec<(TagName, Outcome)> = Vec::new();
        for record in &records {
            let Some(tag) = record.candidate_tag() else { continue };
            let stale = record.seconds().is_some_and(|at| self.now - at > record::INTERRUPTED_AFTER);
            let outcome =
                if record.outcome == Outcome::Running && stale { Outcome::Interrupted } else { record.outcome };
            match outcomes.iter_mut().find(|(known, _)| known == &tag) {
                Some((_, known)) => *known = outcome,
                None => outcomes.push((tag, outcome)),
            }
        }
        Ok(outcomes)
    }
}

impl Repository {
    /// The commits that can be reached from `tip` and not from `before`.
    pub fn commits_between(&self, before: Option<CommitId>, tip: CommitId) -> Result<Vec<CommitId>> {
        let wrap = |error: &dyn std::error::Error| self.read_error("the history", error);
        let mut walk = self.gix.rev_walk([tip.object()]);
        if let Some(before) = before {
            walk = walk.with_hidden([before.object()]);
        }
        let mut commits = Vec::new();
        for info in walk.all().map_err(|error| wrap(&error))? {
            commits.push(CommitId::new(info.map_err(|error| wrap(&error))?.id));
        }
        Ok(commits)
    }

    /// The commits of `old` whose change is not in `new`, cherry-picks recognised by their content. Merges do not count.
    pub fn missing_by_content(&self, new: CommitId, old: CommitId) -> Result<Vec<CommitId>> {
        if self.commits_between(Some(new), old)?.is_empty() {
            return Ok(Vec::new());
        }
        let printed = self
            .git()
            .args(["rev-list", "--cherry-pick", "--right-only", "--no-merges"])
            .arg(format!("{new}...{old}"))
            .arg("--")
            .run()?;
        Ok(String::from_utf8_lossy(&printed).lines().filter_map(CommitId::parse).collect())
    }

    /// Whether this repository has environment branches, of its own or of a remote.
    pub fn is_release_repo(&self) -> Result<bool> {
        if !self.refs_with_prefix("refs/heads/environment/")?.is_empty() {
            return Ok(true);
        }
        match self.remote(None)? {
            Some(remote) => {
                Ok(!self.refs_with_prefix(&format!("refs/remotes/{}/environment/", remote.name))?.is_empty())
            }
            None => Ok(false),
        }
    }
}
