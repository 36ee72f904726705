//! Reading the app repo and its components: heads, the tags of one version, `app.yml`, values files.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gix::ObjectId;
use gix::bstr::ByteSlice as _;

use crate::domain::app_file::AppFile;
use crate::domain::candidate::{self, NumberError};
use crate::domain::file::FileError;
use crate::domain::name::{BranchName, CommitId, TagName};
use crate::domain::tags::{TagMessage, Tagged, VersionTags};
use crate::domain::version::Version;
use crate::domain::yaml::MAX_FILE;

use super::Result;
use super::objects::{Content, EntryKind};
use super::refs::Ref;
use super::remote::asked_tags;
use super::repository::Repository;

/// Which tags count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagSource<'a> {
    /// The clone's own, and what a remote was asked for before.
    Clone(Option<&'a str>),
    /// Only what this remote answered just now.
    Asked(&'a str),
}

/// The release tags that a clone has of its own, held to those of a remote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnReleaseTags {
    /// Those that the remote has not, as far as its own are kept, sorted.
    pub lonely: Vec<String>,
    /// Those that the remote has elsewhere, sorted: the tag, the commits that it stands on here and there.
    pub differing: Vec<(String, CommitId, CommitId)>,
}

/// The numbers of the candidates of a version, without reading a single object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// The highest candidate's number.
    pub highest: Option<u64>,
    /// Whether the final tag exists.
    pub final_exists: bool,
}

/// Why the file that describes the app can't be used.
#[derive(Clone, Debug, PartialEq)]
pub enum AppFileState {
    /// There is a file, and it was read.
    Read {
        /// The path of the file.
        path: &'static str,
        /// The object that holds it.
        blob: ObjectId,
        /// What it says.
        file: Box<AppFile>,
    },
    /// There is none: a monorepo without a pipeline.
    Absent,
    /// It is larger than relman reads; its size in bytes.
    TooLarge(&'static str, u64),
    /// It is not valid.
    Invalid(FileError),
}

impl Repository {
    /// The head of a branch, as the remote has it where there is one.
    pub fn branch_head(&self, remote: Option<&str>, branch: &BranchName) -> Result<Option<CommitId>> {
        if let Some(remote) = remote {
            let tracked = format!("refs/remotes/{remote}/");
            if let Some(head) = self.find_ref(&format!("{tracked}{branch}"))? {
                return Ok(Some(CommitId::new(head)));
            }
            // A remote of which nothing is known was never pushed to, so far as this clone can tell.
            if !self.list_refs(&tracked)?.is_empty() {
                return Ok(None);
            }
        }
        Ok(self.find_ref(&branch.full())?.map(CommitId::new))
    }

    /// The candidate numbers of a version, from names alone.
    pub fn candidate_numbers(
        &self,
        version: &Version,
        source: TagSource<'_>,
    ) -> Result<std::result::Result<Numbers, NumberError>> {
        let mut numbers = Numbers::default();
        for root in roots(source) {
            let prefix = format!("{root}{}", version.candidate_prefix());
            for reference in self.refs_with_prefix(&prefix)? {
                match candidate::number(version, &reference.name[root.len()..]) {
                    Ok(number) => numbers.highest = numbers.highest.max(number),
                    Err(error) => return Ok(Err(error)),
                }
            }
            numbers.final_exists |= self.find_ref(&format!("{root}{}", version.final_tag()))?.is_some();
        }
        Ok(Ok(numbers))
    }

    /// The tags of a version, with the commits that they stand on and what their messages say.
    pub fn version_tags(
        &self,
        version: &Version,
        source: TagSource<'_>,
    ) -> Result<std::result::Result<VersionTags, NumberError>> {
        let mut tags = VersionTags::default();
        // What a remote answered comes last, and counts more than a tag of this clone.
        for root in roots(source) {
            let prefix = format!("{root}{}", version.candidate_prefix());
            for reference in self.refs_with_prefix(&prefix)? {
                let number = match candidate::number(version, &reference.name[root.len()..]) {
                    Ok(Some(number)) => number,
                    Ok(None) => continue,
                    Err(error) => return Ok(Err(error)),
                };
                if let Some(tagged) = self.tagged(reference.target)? {
                    tags.candidates.insert(number, tagged);
                }
            }
            if let Some(id) = self.find_ref(&format!("{root}{}", version.final_tag()))?
                && let Some(tagged) = self.tagged(id)?
            {
                tags.final_tag = Some(tagged);
            }
        }
        Ok(Ok(tags))
    }

    /// A tag with the commit that it stands on and what its message says; `None` where there is none.
    pub fn tagged_as(&self, tag: &TagName, source: TagSource<'_>) -> Result<Option<Tagged>> {
        let mut found = None;
        for root in roots(source) {
            if let Some(id) = self.find_ref(&format!("{root}{tag}"))? {
                found = self.tagged(id)?.or(found);
            }
        }
        Ok(found)
    }

    fn tagged(&self, id: ObjectId) -> Result<Option<Tagged>> {
        let Some(commit) = self.peel_to_commit(id)? else { return Ok(None) };
        let tag = if commit.object() == id { None } else { self.tag(id)? };
        Ok(Some(Tagged {
            commit,
            annotated: tag.is_some(),
            message: tag.and_then(|tag| TagMessage::parse(&tag.message)),
        }))
    }

    /// The highest candidate of a version and the commit that it stands on, with as few objects read as can be.
    pub fn highest_candidate(
        &self,
        version: &Version,
        source: TagSource<'_>,
    ) -> Result<std::result::Result<Option<(u64, CommitId)>, NumberError>> {
        let mut highest: Option<(u64, Ref)> = None;
        for root in roots(source) {
            let prefix = format!("{root}{}", version.candidate_prefix());
            for reference in self.refs_with_prefix(&prefix)? {
                match candidate::number(version, &reference.name[root.len()..]) {
                    Ok(Some(number)) if highest.as_ref().is_none_or(|(known, _)| number >= *known) => {
                        highest = Some((number, reference));
                    }
                    Ok(_) => {}
                    Err(error) => return Ok(Err(error)),
                }
            }
        }
        match highest {
            Some((number, reference)) => Ok(Ok(self.commit_of(&reference)?.map(|commit| (number, commit)))),
            None => Ok(Ok(None)),
        }
    }

    /// The candidates of a version by their numbers, each with when it was made, in seconds since 1970. One without a
    /// time of its own counts as made with its commit.
    pub fn candidate_times(
        &self,
        version: &Version,
        source: TagSource<'_>,
    ) -> Result<std::result::Result<BTreeMap<u64, i64>, NumberError>> {
        let mut times = BTreeMap::new();
        for root in roots(source) {
            for reference in self.refs_with_prefix(&format!("{root}{}", version.candidate_prefix()))? {
                let number = match candidate::number(version, &reference.name[root.len()..]) {
                    Ok(Some(number)) => number,
                    Ok(None) => continue,
                    Err(error) => return Ok(Err(error)),
                };
                let made = match self.tag(reference.target)?.and_then(|tag| tag.at) {
                    Some(at) => Some(at),
                    None => match self.commit_of(&reference)? {
                        Some(commit) => Some(self.commit(commit)?.at),
                        None => None,
                    },
                };
                times.extend(made.map(|at| (number, at)));
            }
        }
        Ok(Ok(times))
    }

    /// The commit that a reference stands for; packed references say it without a look at the object.
    pub fn commit_of(&self, reference: &Ref) -> Result<Option<CommitId>> {
        match reference.peeled {
            Some(peeled) => Ok(Some(CommitId::new(peeled))),
            None => self.peel_to_commit(reference.target),
        }
    }

    /// What the message of a tag says, where relman wrote it.
    pub fn tag_message(&self, tag: &TagName, source: TagSource<'_>) -> Result<Option<TagMessage>> {
        let mut found = None;
        for root in roots(source) {
            if let Some(id) = self.find_ref(&format!("{root}{tag}"))? {
                found = self.tag(id)?.and_then(|tag| TagMessage::parse(&tag.message)).or(found);
            }
        }
        Ok(found)
    }

    /// The commit that a tag stands on.
    pub fn tag_commit(&self, tag: &TagName, source: TagSource<'_>) -> Result<Option<CommitId>> {
        let mut found = None;
        for root in roots(source) {
            if let Some(reference) = self.find_ref_entry(&format!("{root}{tag}"))? {
                found = self.commit_of(&reference)?.or(found);
            }
        }
        Ok(found)
    }

    /// The names of all tags that look like relman's, `v…`, each with its object, for `check`.
    pub fn release_tags(&self, source: TagSource<'_>) -> Result<HashMap<String, ObjectId>> {
        let mut tags = HashMap::new();
        for root in roots(source) {
            for reference in self.refs_with_prefix(&format!("{root}v"))? {
                if let Ok(name) = reference.name[root.len()..].to_str() {
                    tags.insert(name.to_owned(), reference.target);
                }
            }
        }
        Ok(tags)
    }

    /// The names of all tags that begin so, sorted.
    pub fn tags_beginning(&self, start: &str, source: TagSource<'_>) -> Result<BTreeSet<String>> {
        let mut tags = BTreeSet::new();
        for root in roots(source) {
            for reference in self.refs_with_prefix(&format!("{root}{start}"))? {
                tags.extend(reference.name[root.len()..].to_str().map(str::to_owned));
            }
        }
        Ok(tags)
    }

    /// Holds the release tags that this clone has of its own to those that are kept of a remote.
    pub fn compare_release_tags(&self, remote: &str) -> Result<OwnReleaseTags> {
        let there = self.release_tags(TagSource::Asked(remote))?;
        let mut own = OwnReleaseTags::default();
        for (name, here) in self.release_tags(TagSource::Clone(None))? {
            let Some(there) = there.get(&name) else {
                own.lonely.push(name);
                continue;
            };
            if *there != here
                && let (Ok(here), Ok(there)) = (self.peel(here)?, self.peel(*there)?)
                && here != there
            {
                own.differing.push((name, here, there));
            }
        }
        own.lonely.sort();
        own.differing.sort();
        Ok(own)
    }

    /// The tags that look like candidates of a version, whatever their numbers are, and its final tag; by name, each
    /// with its object.
    pub fn tags_of(&self, version: &Version, source: TagSource<'_>) -> Result<HashMap<String, ObjectId>> {
        let mut tags = HashMap::new();
        for root in roots(source) {
            for reference in self.refs_with_prefix(&format!("{root}{}", version.candidate_prefix()))? {
                if let Ok(name) = reference.name[root.len()..].to_str() {
                    tags.insert(name.to_owned(), reference.target);
                }
            }
            let name = version.final_tag();
            tags.extend(self.find_ref(&format!("{root}{name}"))?.map(|id| (name.to_string(), id)));
        }
        Ok(tags)
    }

    /// Reads `app.yml` of a commit, or the list of repositories in an `ods.yml` where there is none.
    pub fn app_file(&self, commit: CommitId) -> Result<AppFileState> {
        let tree = self.commit(commit)?.tree;
        let entries = self.folder_entries(tree)?;
        let find = |name: &str| {
            entries
                .iter()
                .find(|(known, entry)| known == name && entry.kind == EntryKind::File)
                .map(|(_, entry)| *entry)
        };
        for (path, ods) in [("app.yml", false), ("app.yaml", false), ("ods.yml", true), ("ods.yaml", true)] {
            let Some(entry) = find(path) else { continue };
            let bytes = match self.content(entry.id, MAX_FILE as u64)? {
                Content::TooLarge(size) => return Ok(AppFileState::TooLarge(path, size)),
                Content::Bytes(bytes) => bytes,
            };
            let file = if ods { AppFile::parse_ods(path, &bytes) } else { AppFile::parse(path, &bytes) };
            return Ok(match file {
                Ok(file) => AppFileState::Read { path, blob: entry.id, file: Box::new(file) },
                Err(error) => AppFileState::Invalid(error),
            });
        }
        Ok(AppFileState::Absent)
    }

    /// The paths of all files in a commit, down to a depth of folders.
    pub fn paths_at(&self, commit: CommitId, depth: usize) -> Result<Vec<String>> {
        let mut paths = Vec::new();
        let mut folders = vec![(self.commit(commit)?.tree, String::new(), depth)];
        while let Some((tree, prefix, depth)) = folders.pop() {
            for (name, entry) in self.folder_entries(tree)? {
                let path = format!("{prefix}{}", name.to_str_lossy());
                match entry.kind {
                    EntryKind::Folder if depth > 1 => folders.push((entry.id, format!("{path}/"), depth - 1)),
                    EntryKind::File => paths.push(path),
                    _ => {}
                }
            }
        }
        paths.sort();
        Ok(paths)
    }

    /// Those of the paths that are files in a commit, each with the object that holds it.
    pub fn files_at(&self, commit: CommitId, paths: &[String]) -> Result<Vec<(String, ObjectId)>> {
        let tree = self.commit(commit)?.tree;
        let mut found = Vec::new();
        for path in paths {
            if let Some(entry) = self.entry(tree, path)?
                && entry.kind == EntryKind::File
            {
                found.push((path.clone(), entry.id));
            }
        }
        Ok(found)
    }
}

fn roots(source: TagSource<'_>) -> Vec<String> {
    match source {
        TagSource::Asked(remote) => vec![asked_tags(remote)],
        TagSource::Clone(Some(remote)) => vec!["refs/tags/".into(), asked_tags(remote)],
        TagSource::Clone(None) => vec!["refs/tags/".into()],
    }
}
