//! Reading the release repo: the environment branches, their files, the records of their deployments.

use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

use gix::ObjectId;
use gix::bstr::ByteSlice as _;

use crate::domain::history::Commit;
use crate::domain::landscape::{EnvironmentBranch, Landscape, LocalBranch, Unusable};
use crate::domain::name::{CommitId, EnvironmentName, TagName};
use crate::domain::record::{self, NOTES_REF, Record};
use crate::domain::release_file::{Application, ReleaseFile};
use crate::domain::yaml::MAX_FILE;

use super::Result;
use super::error::{Error, Said};
use super::last_deployment::Noted;
use super::listing::ListedRef;
use super::objects::{Content, EntryKind};
use super::repository::Repository;

/// The largest note that is read; a line of a record has about 2 KiB.
pub(super) const MAX_NOTE: u64 = 4 * 1024 * 1024;

/// How many commits are looked at, from the remote's tip back, for one that a local branch stands on.
const BEHIND_DEPTH: usize = 2000;

/// The release repo, with what was read of it kept, so that no object is read twice.
pub struct ReleaseRepo<'a> {
    pub(super) repository: &'a Repository,
    pub(super) remote: Option<&'a str>,
    pub(super) now: i64,
    files: HashMap<ObjectId, std::result::Result<Rc<ReleaseFile>, Unusable>>,
    /// By its path and length, the last file of that length that could be read.
    read: HashMap<(&'static str, usize), Known>,
    /// What is known of the notes, once somebody has asked.
    pub(super) noted: Option<Noted>,
}

/// A release file, and the bytes that it was read from.
struct Known {
    bytes: Vec<u8>,
    file: Rc<ReleaseFile>,
}

impl<'a> ReleaseRepo<'a> {
    /// Looks at a repository through the branches of a remote, or through its own where there is none.
    /// `now` is the time in seconds since 1970.
    pub fn new(repository: &'a Repository, remote: Option<&'a str>, now: i64) -> Self {
        ReleaseRepo { repository, remote, now, files: HashMap::new(), read: HashMap::new(), noted: None }
    }

    /// Reads all environment branches.
    pub fn landscape(&mut self) -> Result<Landscape> {
        let local_prefix = "refs/heads/environment/";
        let local = self.repository.list_refs(local_prefix)?;
        let mut branches = Vec::new();
        let notes = self.notes()?;
        match self.remote {
            None => {
                for reference in &local {
                    branches.push(self.branch(&reference.name[local_prefix.len()..], reference, notes)?);
                }
            }
            Some(remote) => {
                let prefix = format!("refs/remotes/{remote}/environment/");
                let tracked = self.repository.list_refs(&prefix)?;
                let local_by_name: HashMap<&[u8], Option<ObjectId>> = local
                    .iter()
                    .map(|reference| (&reference.name[local_prefix.len()..], reference.target.as_ref().ok().copied()))
                    .collect();
                for reference in &tracked {
                    let text = &reference.name[prefix.len()..];
                    let mut branch = self.branch(text, reference, notes)?;
                    let target = reference.target.as_ref().ok().copied();
                    if let Some(local) = local_by_name.get(text).filter(|local| **local != target) {
                        branch.local = self.stands(*local, target);
                    }
                    branches.push(branch);
                }
                for reference in &local {
                    let text = &reference.name[local_prefix.len()..];
                    if !tracked.iter().any(|tracked| tracked.name[prefix.len()..] == *text) {
                        let mut branch = self.branch(text, reference, notes)?;
                        // A bare clone keeps the remote's branches as its own.
                        branch.local_only = !(tracked.is_empty() && self.repository.is_bare());
                        branches.push(branch);
                    }
                }
            }
        }
        Ok(Landscape::new(branches))
    }

    /// How a local branch stands to the remote's, which is another commit.
    fn stands(&self, local: Option<ObjectId>, tracked: Option<ObjectId>) -> LocalBranch {
        let (Some(local), Some(tracked)) = (local, tracked) else { return LocalBranch::Differs };
        let mut next = VecDeque::from([tracked]);
        let mut seen = HashSet::from([tracked]);
        while let Some(id) = next.pop_front() {
            if id == local {
                return LocalBranch::Behind;
            }
            // What can't be read is told of where the branch is; what is cut off or far away is not merely older.
            if seen.len() > BEHIND_DEPTH || !self.repository.has_object(id) {
                continue;
            }
            let Ok(commit) = self.repository.commit(CommitId::new(id)) else { continue };
            next.extend(commit.parents.iter().map(|parent| parent.object()).filter(|parent| seen.insert(*parent)));
        }
        LocalBranch::Differs
    }

    /// Reads the branch of one environment, and no other.
    pub fn one(&mut self, name: &EnvironmentName) -> Result<Option<EnvironmentBranch>> {
        let found = self.reference(name)?;
        let notes = self.notes()?;
        found.map(|found| self.branch(name.as_str().as_bytes(), &found, notes)).transpose()
    }

    /// The branch of an environment, as the remote has it where there is one.
    fn reference(&self, name: &EnvironmentName) -> Result<Option<ListedRef>> {
        let branch = name.branch();
        let tracked = match self.remote {
            Some(remote) => self.repository.list_ref(&format!("refs/remotes/{remote}/{branch}"))?,
            None => None,
        };
        match tracked {
            Some(found) => Ok(Some(found)),
            None => self.repository.list_ref(&branch.full()),
        }
    }

    /// The commit that the branch of an environment stands on.
    pub(super) fn tip(&self, name: &EnvironmentName) -> Result<Option<CommitId>> {
        self.reference(name)?.map(|found| found.target.map(CommitId::new)).transpose()
    }

    /// The names below `environment/`, of this repository and of the remote.
    pub fn names(&self) -> Result<Vec<String>> {
        let mut roots = vec!["refs/heads/environment/".to_owned()];
        roots.extend(self.remote.map(|remote| format!("refs/remotes/{remote}/environment/")));
        let mut names = Vec::new();
        for root in roots {
            for reference in self.repository.list_refs(&root)? {
                names.push(reference.name[root.len()..].to_str_lossy().into_owned());
            }
        }
        Ok(names)
    }

    /// The application that the first readable environment branch names, else what is checked out says: a clone of a
    /// single branch has no environment branches.
    pub fn application(&mut self) -> Result<Option<Application>> {
        let roots = match self.remote {
            Some(remote) => vec![format!("refs/remotes/{remote}/environment/"), "refs/heads/environment/".into()],
            None => vec!["refs/heads/environment/".to_owned()],
        };
        let mut tips = Vec::new();
        for root in roots {
            tips.extend(self.repository.list_refs(&root)?.into_iter().map(|reference| reference.target));
        }
        tips.extend(self.repository.find_ref("HEAD").transpose());
        for tip in tips {
            match tip.and_then(|tip| self.repository.commit(CommitId::new(tip))).and_then(|c| self.release_file(&c)) {
                Ok((_, Ok(file))) => return Ok(Some(file.application.clone())),
                Ok((_, Err(_))) => {}
                Err(error) => why_unreadable(error).map(|_| ())?,
            }
        }
        Ok(None)
    }

    /// Reads a branch. One that can't be read is told of as that; it must not hide the others.
    fn branch(&mut self, text: &[u8], found: &ListedRef, notes: Option<CommitId>) -> Result<EnvironmentBranch> {
        let hash = self.repository.hash();
        let unreadable = |commit: Option<ObjectId>, why: String| EnvironmentBranch {
            text: text.to_str_lossy().into_owned(),
            name: std::str::from_utf8(text).ok().and_then(|text| EnvironmentName::parse(text).ok()),
            commit: CommitId::new(commit.unwrap_or_else(|| ObjectId::null(hash))),
            changed_at: 0,
            changed_by: String::new(),
            named_candidate: None,
            file: Err(Unusable::Unreadable(why)),
            path: "release.yml",
            symbolic: None,
            local: LocalBranch::Same,
            local_only: false,
            deployment: None,
        };
        let mut branch = match &found.target {
            Ok(tip) => match self.readable(text, *tip, notes) {
                Ok(branch) => branch,
                Err(error) => unreadable(Some(*tip), why_unreadable(error)?),
            },
            Err(error) => unreadable(None, Said::chain(error).to_string()),
        };
        branch.symbolic = found.symbolic.as_ref().map(|target| target.to_str_lossy().into_owned());
        Ok(branch)
    }

    fn readable(&mut self, text: &[u8], tip: ObjectId, notes: Option<CommitId>) -> Result<EnvironmentBranch> {
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
            symbolic: None,
            local: LocalBranch::Same,
            local_only: false,
            deployment,
            text,
        })
    }

    /// The branch of an environment as it was when it stood on a commit; without its deployments.
    pub fn branch_at(&mut self, name: &EnvironmentName, commit: CommitId) -> Result<EnvironmentBranch> {
        self.readable(name.as_str().as_bytes(), commit.object(), None)
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
            Content::Bytes(bytes) => self.read(path, bytes),
        };
        self.files.insert(entry.id, file.clone());
        Ok((path, file))
    }

    fn read(&mut self, path: &'static str, bytes: Vec<u8>) -> std::result::Result<Rc<ReleaseFile>, Unusable> {
        let alike =
            self.read.get(&(path, bytes.len())).and_then(|known| known.file.with_version_in(&known.bytes, &bytes));
        let file = match alike {
            Some(file) => Rc::new(file),
            None => ReleaseFile::parse(path, &bytes).map(Rc::new).map_err(Unusable::Invalid)?,
        };
        self.read.insert((path, bytes.len()), Known { bytes, file: Rc::clone(&file) });
        Ok(file)
    }

    pub(super) fn notes(&self) -> Result<Option<CommitId>> {
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
}

/// Why a branch can't be read, where its own content is the reason, or a partial clone that lacks it.
fn why_unreadable(error: Error) -> Result<String> {
    match error {
        Error::Read { .. }
        | Error::Lacking { .. }
        | Error::Io { .. }
        | Error::Unreachable { .. }
        | Error::Unauthorised { .. } => Ok(Said::chain(&error).to_string()),
        error => Err(error),
    }
}
