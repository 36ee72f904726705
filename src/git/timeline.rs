//! The one reader of an environment branch's history: its first-parent line, the records, and what it shares with others.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use gix::bstr::ByteSlice as _;

use crate::domain::history::Commit;
use crate::domain::landscape::{EnvironmentBranch, Landscape, Unusable};
use crate::domain::name::{CommitId, EnvironmentName};
use crate::domain::record::{self, Record};
use crate::domain::release_file::ReleaseFile;
use crate::domain::timeline::{Step, Story, Timeline};
use crate::domain::version::{Declared, Version};

use super::Result;
use super::error::Error;
use super::objects::Content;
use super::release_repo::{MAX_NOTE, ReleaseRepo};
use super::repository::Repository;

/// How many commits of what was merged are looked at for facts about a version.
const MERGED_DEPTH: usize = 50;

/// The records of several environments, each by the commit that they are noted on.
pub(super) type Records = HashMap<EnvironmentName, Vec<(CommitId, Vec<Record>)>>;

/// A commit of a line, with its release file or why that can't be used.
pub(super) type Seen = (Commit, std::result::Result<Rc<ReleaseFile>, Unusable>);

/// The first-parent line of a branch, newest first, with what the release file says at each commit.
pub(super) struct Line<'r, 'a> {
    releases: &'r mut ReleaseRepo<'a>,
    next: Option<CommitId>,
    /// Whether it has ended where a shallow clone does.
    cut: bool,
}

impl Line<'_, '_> {
    /// The next older commit; `None` behind the first one, and where a shallow clone ends.
    pub(super) fn next(&mut self) -> Result<Option<Seen>> {
        let Some(id) = self.next.take() else { return Ok(None) };
        let repository = self.releases.repository;
        let commit = repository.commit(id)?;
        let (_, file) = self.releases.release_file(&commit)?;
        if let Some(parent) = commit.parents.first() {
            self.cut = !repository.has_object(parent.object()) && repository.is_shallow()?;
            self.next = Some(*parent).filter(|_| !self.cut);
        }
        Ok(Some((commit, file)))
    }
}

impl<'a> ReleaseRepo<'a> {
    /// Follows the first-parent line back from a commit.
    pub(super) fn line(&mut self, tip: CommitId) -> Line<'_, 'a> {
        Line { releases: self, next: Some(tip), cut: false }
    }

    /// What an environment has declared, the newest first, each with when that began, in seconds since 1970. Looks at no
    /// more than `depth` commits of its line; a file that can't be used declares nothing.
    pub fn declarations(&mut self, name: &EnvironmentName, depth: usize) -> Result<Vec<(Declared, i64)>> {
        let Some(tip) = self.tip(name)? else { return Ok(Vec::new()) };
        let mut declared: Vec<(Declared, i64)> = Vec::new();
        let mut line = self.line(tip);
        for _ in 0..depth {
            let Some((commit, file)) = line.next()? else { break };
            let Ok(file) = file else { continue };
            match declared.last_mut() {
                Some((last, since)) if *last == file.version => *since = commit.at,
                _ => declared.push((file.version.clone(), commit.at)),
            }
        }
        Ok(declared)
    }

    /// The history of one environment.
    pub fn timeline(&mut self, landscape: &Landscape, branch: &EnvironmentBranch) -> Result<Option<Timeline>> {
        Ok(self.timelines(landscape, &[branch])?.pop())
    }

    /// The histories of several environments, in their order. Branches whose name is none, and those that can't be
    /// read, are left out; the landscape says so.
    pub fn timelines(&mut self, landscape: &Landscape, branches: &[&EnvironmentBranch]) -> Result<Vec<Timeline>> {
        let named: Vec<(&EnvironmentName, &EnvironmentBranch)> = branches
            .iter()
            .filter(|branch| branch.is_readable())
            .filter_map(|branch| Some((branch.name.as_ref()?, *branch)))
            .collect();
        let names: Vec<&EnvironmentName> = named.iter().map(|(name, _)| *name).collect();
        let mut records = self.records_of(&names)?;
        let mut family = Family::new(self.repository, self.remote, landscape);
        let mut timelines = Vec::new();
        for (name, branch) in named {
            let (line, complete) = self.steps(branch, name, &mut family)?;
            timelines.push(Timeline::new(Story {
                environment: name.clone(),
                line,
                records: records.remove(name).unwrap_or_default(),
                stood_on: self.stood_on(branch)?,
                complete,
                now: self.now,
            }));
        }
        Ok(timelines)
    }

    /// The line of a branch, oldest first, and whether it goes back to its beginning.
    fn steps(
        &mut self,
        branch: &EnvironmentBranch,
        name: &EnvironmentName,
        family: &mut Family<'_>,
    ) -> Result<(Vec<Step>, bool)> {
        let mut read = Vec::new();
        let mut line = self.line(branch.commit);
        while let Some((commit, file)) = line.next()? {
            read.push((commit, file.ok().map(|file| file.version.clone())));
        }
        let complete = !line.cut;
        let ids: Vec<CommitId> = read.iter().map(|(commit, _)| commit.id).collect();
        let shared = family.shared(name, &ids)?;
        let mut known: HashSet<CommitId> = ids.into_iter().collect();
        let mut steps = Vec::with_capacity(read.len());
        for ((commit, declared), shared_with) in read.into_iter().zip(shared).rev() {
            let merged = match &declared {
                Some(Declared::Version(version)) => self.merged(&commit, version.as_str(), &mut known)?,
                _ => Vec::new(),
            };
            steps.push(Step { commit, declared, merged, shared_with });
        }
        Ok((steps, complete))
    }

    /// The commits that a merge brought along which speak of the version that it declares, the newest first.
    fn merged(&mut self, merge: &Commit, version: &str, known: &mut HashSet<CommitId>) -> Result<Vec<Commit>> {
        let mut found: Vec<Commit> = Vec::new();
        for side in merge.parents.iter().skip(1) {
            if !self.repository.has_object(side.object()) && self.repository.is_shallow()? {
                continue;
            }
            let mut line = self.line(*side);
            for _ in 0..MERGED_DEPTH {
                let Some((commit, file)) = line.next()? else { break };
                let declares = file.is_ok_and(|file| file.version.text().as_deref() == Some(version));
                if !declares || !known.insert(commit.id) {
                    break;
                }
                if commit.trailer("Version") == Some(version) {
                    found.push(commit);
                }
            }
        }
        found.sort_by_key(|commit| std::cmp::Reverse(commit.at));
        Ok(found)
    }

    /// The records of some environments.
    pub(super) fn records_of(&self, names: &[&EnvironmentName]) -> Result<Records> {
        let mut found = Records::new();
        let texts: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
        self.notes_naming(&texts, |on, note| {
            let mut own: HashMap<&EnvironmentName, Vec<Record>> = HashMap::new();
            for record in note {
                if let Some(name) = names.iter().find(|name| name.as_str() == record.environment) {
                    own.entry(name).or_default().push(record);
                }
            }
            for (name, records) in own {
                found.entry(name.clone()).or_default().push((on, records));
            }
        })?;
        Ok(found)
    }

    /// The records of a version, to whichever environment it was deployed, sorted by time.
    pub fn records_of_version(&self, version: &Version) -> Result<Vec<Record>> {
        let mut found = Vec::new();
        self.notes_naming(&[version.as_str()], |_, note| {
            found.extend(note.into_iter().filter(|record| record.version.as_deref() == Some(version.as_str())));
        })?;
        found.sort_by(|a, b| a.at.cmp(&b.at));
        Ok(found)
    }

    /// Takes those notes apart that hold one of these texts. The tree of the notes is read once.
    fn notes_naming(&self, texts: &[&str], mut take: impl FnMut(CommitId, Vec<Record>)) -> Result<()> {
        let Some(notes) = self.notes()? else { return Ok(()) };
        // As a record is written; text that somebody else escaped in another way is no version of ours.
        let marks: Vec<String> = texts.iter().filter_map(|text| serde_json::to_string(text).ok()).collect();
        for (on, blob) in self.repository.all_notes(notes)? {
            let Content::Bytes(note) = self.repository.content(blob, MAX_NOTE)? else { continue };
            if marks.iter().any(|mark| note.contains_str(mark)) {
                take(CommitId::new(on), record::parse(&String::from_utf8_lossy(&note)));
            }
        }
        Ok(())
    }

    /// Where the branch has stood, as far as the log of the reference that it is read from tells.
    fn stood_on(&self, branch: &EnvironmentBranch) -> Result<Vec<CommitId>> {
        let name = match self.remote {
            Some(remote) if !branch.local_only => format!("refs/remotes/{remote}/{}", branch.branch()),
            _ => format!("refs/heads/{}", branch.branch()),
        };
        self.repository.logged(&name)
    }
}

/// The first-parent lines of all environments, as far as they have been looked at.
struct Family<'a> {
    repository: &'a Repository,
    remote: Option<&'a str>,
    tips: Vec<(EnvironmentName, CommitId)>,
    parents: HashMap<CommitId, Option<CommitId>>,
    /// What the default branch has.
    common: Option<HashSet<CommitId>>,
}

impl<'a> Family<'a> {
    fn new(repository: &'a Repository, remote: Option<&'a str>, landscape: &Landscape) -> Self {
        let tips = landscape
            .branches
            .iter()
            .filter(|branch| branch.is_readable() && branch.symbolic.is_none())
            .filter_map(|branch| Some((branch.name.clone()?, branch.commit)))
            .collect();
        Family { repository, remote, tips, parents: HashMap::new(), common: None }
    }

    /// For each commit of an environment's line, newest first: the other environments that have it in theirs. What the
    /// default branch has is no environment's own, and shared by nobody.
    ///
    /// Where two lines meet, they are one from there on, so that one place says all.
    fn shared(&mut self, name: &EnvironmentName, line: &[CommitId]) -> Result<Vec<Rc<[EnvironmentName]>>> {
        let places: HashMap<CommitId, usize> = line.iter().enumerate().map(|(place, id)| (*id, place)).collect();
        let mut seen: HashMap<CommitId, Option<usize>> = HashMap::new();
        let mut meetings: Vec<(usize, EnvironmentName)> = Vec::new();
        for (other, tip) in self.tips.clone().into_iter().filter(|(other, _)| other != name) {
            let mut walked = Vec::new();
            let mut next = Some(tip);
            let mut meeting = None;
            while let Some(id) = next {
                if let Some(place) = places.get(&id) {
                    meeting = Some(*place);
                    break;
                }
                if let Some(known) = seen.get(&id) {
                    meeting = *known;
                    break;
                }
                walked.push(id);
                next = self.parent(id)?;
            }
            seen.extend(walked.into_iter().map(|id| (id, meeting)));
            meetings.extend(meeting.map(|place| (place, other)));
        }
        meetings.sort();
        let nobody: Rc<[EnvironmentName]> = Rc::default();
        let mut shared = vec![nobody; line.len()];
        for (index, (place, _)) in meetings.iter().enumerate() {
            let end = meetings.get(index + 1).map_or(line.len(), |(next, _)| *next);
            let mut others: Vec<EnvironmentName> = meetings[..=index].iter().map(|(_, other)| other.clone()).collect();
            others.sort();
            let others: Rc<[EnvironmentName]> = others.into();
            for at in *place..end {
                // What comes before a commit of the default branch is the default branch's as well.
                if self.common()?.contains(&line[at]) {
                    return Ok(shared);
                }
                shared[at] = Rc::clone(&others);
            }
        }
        Ok(shared)
    }

    /// The first parent of a commit. A line that can't be followed ends there: its own environment says why.
    fn parent(&mut self, id: CommitId) -> Result<Option<CommitId>> {
        if let Some(known) = self.parents.get(&id) {
            return Ok(*known);
        }
        let parent = match self.repository.first_parent(id) {
            Ok(parent) => parent,
            Err(Error::Read { .. } | Error::Lacking { .. } | Error::Io { .. }) => None,
            Err(error) => return Err(error),
        };
        self.parents.insert(id, parent);
        Ok(parent)
    }

    /// The commits that the default branch has; none where it is an environment's.
    fn common(&mut self) -> Result<&HashSet<CommitId>> {
        if self.common.is_none() {
            let default = self.repository.default_branch(self.remote)?;
            let default = default.filter(|branch| !branch.as_str().starts_with("environment/"));
            let tip = match default {
                Some(branch) => self.repository.branch_head(self.remote, &branch)?,
                None => None,
            };
            let commits = match tip {
                Some(tip) => self.repository.commits_between(None, tip)?,
                None => Vec::new(),
            };
            self.common = Some(commits.into_iter().collect());
        }
        Ok(self.common.get_or_insert_default())
    }
}
