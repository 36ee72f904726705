//! Reading objects: commits, tags, trees, files. What is missing in a partial clone is brought in by `git`.

use encoding_rs::{Encoding, REPLACEMENT, UTF_8};
use gix::ObjectId;
use gix::bstr::{BStr, BString, ByteSlice as _};
use gix::objs::tree::{self, EntryRef};
use gix::objs::{CommitRef, CommitRefIter, Data, Find as _, FindHeader as _, Kind, TagRef, TreeRefIter};

use crate::domain::history::Commit;
use crate::domain::name::CommitId;

use super::Result;
use super::error::Error;
use super::program::brings_in;
use super::repository::{MAX_OBJECT, Repository};

/// How many tags may point at tags before they count as a circle.
const MAX_NESTED_TAGS: usize = 5;

/// A file as a commit has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The object that holds the content.
    pub id: ObjectId,
    /// What the entry is.
    pub kind: EntryKind,
    /// Whether it is a file that can be run.
    pub executable: bool,
}

/// What stands in a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A file, executable or not.
    File,
    /// A folder.
    Folder,
    /// A symbolic link or a submodule.
    Other,
}

impl From<EntryRef<'_>> for Entry {
    fn from(entry: EntryRef<'_>) -> Self {
        let kind = match entry.mode.kind() {
            tree::EntryKind::Blob | tree::EntryKind::BlobExecutable => EntryKind::File,
            tree::EntryKind::Tree => EntryKind::Folder,
            _ => EntryKind::Other,
        };
        let executable = entry.mode.kind() == tree::EntryKind::BlobExecutable;
        Entry { id: entry.oid.to_owned(), kind, executable }
    }
}

/// The content of a file, or why it is not here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The bytes.
    Bytes(Vec<u8>),
    /// The file is larger than was allowed; its size in bytes.
    TooLarge(u64),
}

/// An annotated tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// What it points at.
    pub target: ObjectId,
    /// The message, without a signature.
    pub message: String,
    /// When it was made, in seconds since 1970, where a tagger is named.
    pub at: Option<i64>,
}

impl Repository {
    /// Runs `read` on the bytes of an object that must be there and fit its id. Neither gix nor the disk promises that.
    pub(super) fn with_object<T>(&self, id: ObjectId, read: impl FnOnce(Kind, &[u8]) -> Result<T>) -> Result<T> {
        self.with_bytes(id, |kind, data| {
            let object = Data { kind, data, object_hash: id.kind() };
            let is = |id: &ObjectId| object.verify_checksum(id).is_ok();
            // `git replace` puts one object in the place of another.
            let replaced = || self.gix.objects.store_ref().replacements().any(|(from, to)| from == id && is(&to));
            if !is(&id) && !replaced() {
                return Err(self.unreadable(format!("the object {id}"), "its content does not fit its id"));
            }
            read(kind, data)
        })
    }

    /// Like [`Repository::with_object`], but takes the bytes as they are: for walks through whole histories.
    pub(super) fn with_bytes<T>(&self, id: ObjectId, read: impl FnOnce(Kind, &[u8]) -> Result<T>) -> Result<T> {
        let mut buffer = self.buffer.take();
        let outcome = self.with_object_in(id, &mut buffer, read);
        self.buffer.replace(buffer);
        outcome
    }

    fn with_object_in<T>(
        &self,
        id: ObjectId,
        buffer: &mut Vec<u8>,
        read: impl FnOnce(Kind, &[u8]) -> Result<T>,
    ) -> Result<T> {
        let wrap = |error: gix::Error| self.read_error(&format!("the object {id}"), &error);
        if let Some(data) = self.gix.objects.try_find(&id, buffer).map_err(wrap)? {
            return read(data.kind, data.data);
        }
        if !self.is_partial() {
            return Err(self.unreadable(format!("the object {id}"), "it is not in this repository"));
        }
        if !brings_in() || self.is_cut_off.get() {
            let (path, what) = (self.folder().to_owned(), format!("the object {id}"));
            return Err(Error::Lacking { path, what, is_offline: !brings_in() });
        }
        // A partial clone: git brings the object here when it is asked for it.
        let finished = self.git().args(["cat-file", "-e"]).arg(id.to_string()).output()?;
        if !finished.is_success() {
            // The next object would fail alike, and each try may take long.
            self.is_cut_off.set(true);
            let remote = self.remote(None).ok().flatten().map_or_else(|| "of the partial clone".into(), |r| r.name);
            return Err(finished.remote_failure(&remote));
        }
        match self.gix.objects.try_find(&id, buffer).map_err(wrap)? {
            Some(data) => read(data.kind, data.data),
            None => Err(self.unreadable(
                format!("the object {id}"),
                "it is not in this repository, and its remote has not sent it",
            )),
        }
    }

    /// Whether an object is in this repository; nothing is brought in for the answer.
    pub fn has_object(&self, id: ObjectId) -> bool {
        self.gix.has_object(id)
    }

    /// Whether an object is in this repository and is a commit; nothing is brought in for the answer.
    pub fn is_commit(&self, id: CommitId) -> Result<bool> {
        let header = self.gix.objects.try_header(&id.object());
        let header = header.map_err(|error| self.read_error(&format!("the object {id}"), &error))?;
        Ok(header.is_some_and(|header| header.kind == Kind::Commit))
    }

    /// The commit that a reference stands for, tags peeled; `None` where it ends at something else.
    pub fn peel_to_commit(&self, id: ObjectId) -> Result<Option<CommitId>> {
        Ok(self.peel(id)?.ok())
    }

    /// The commit that a reference stands for, tags peeled; else what it ends at, in a word.
    pub fn peel(&self, id: ObjectId) -> Result<std::result::Result<CommitId, &'static str>> {
        let mut id = id;
        for _ in 0..=MAX_NESTED_TAGS {
            // Many names stand for few commits.
            if self.commits.borrow().contains(&id) {
                return Ok(Ok(CommitId::new(id)));
            }
            let (kind, target) = self.with_bytes(id, |kind, data| {
                let target = match kind {
                    Kind::Tag => {
                        let tag = TagRef::from_bytes(data, self.hash())
                            .map_err(|error| self.read_error(&format!("the tag {id}"), &error))?;
                        Some(tag.target())
                    }
                    Kind::Commit | Kind::Tree | Kind::Blob => None,
                };
                Ok((kind, target))
            })?;
            match (kind, target) {
                (_, Some(target)) => id = target,
                (Kind::Commit, None) => {
                    self.commits.borrow_mut().insert(id);
                    return Ok(Ok(CommitId::new(id)));
                }
                (Kind::Tree, None) => return Ok(Err("tree")),
                (_, None) => return Ok(Err("blob")),
            }
        }
        Ok(Err("tag"))
    }

    /// Reads an annotated tag; `None` where the object is no tag.
    pub fn tag(&self, id: ObjectId) -> Result<Option<Tag>> {
        self.with_object(id, |kind, data| {
            if kind != Kind::Tag {
                return Ok(None);
            }
            let wrong = |error: gix::Error| self.read_error(&format!("the tag {id}"), &error);
            let tag = TagRef::from_bytes(data, self.hash()).map_err(wrong)?;
            let at = tag.tagger().ok().flatten().map(|tagger| tagger.seconds());
            Ok(Some(Tag { target: tag.target(), message: tag.message.to_str_lossy().into_owned(), at }))
        })
    }

    /// Reads a commit.
    pub fn commit(&self, id: CommitId) -> Result<Commit> {
        self.with_object(id.object(), |kind, data| {
            if kind != Kind::Commit {
                return Err(self.unreadable(format!("the commit {id}"), "the object is no commit"));
            }
            let wrong = |error: gix::Error| self.read_error(&format!("the commit {id}"), &error);
            let commit = CommitRef::from_bytes(data, self.hash()).map_err(wrong)?;
            let author = commit.author().map_err(wrong)?;
            let committer = commit.committer().map_err(wrong)?;
            Ok(Commit {
                id,
                tree: commit.tree(),
                parents: commit.parents().map(CommitId::new).collect(),
                author: text(author.trim().name, commit.encoding),
                at: committer.seconds(),
                message: text(commit.message, commit.encoding),
            })
        })
    }

    /// The tree of a commit, for walks through whole histories.
    pub(super) fn tree(&self, id: CommitId) -> Result<ObjectId> {
        self.with_bytes(id.object(), |_, data| {
            let wrong = |error: gix::Error| self.read_error(&format!("the commit {id}"), &error);
            CommitRefIter::from_bytes(data, self.hash()).tree_id().map_err(wrong)
        })
    }

    /// The first parent of a commit; `None` for a first commit, and where a shallow clone ends.
    pub fn first_parent(&self, id: CommitId) -> Result<Option<CommitId>> {
        let parent = self.with_bytes(id.object(), |kind, data| {
            if kind != Kind::Commit {
                return Err(self.unreadable(format!("the commit {id}"), "the object is no commit"));
            }
            Ok(CommitRefIter::from_bytes(data, self.hash()).parent_ids().next().map(CommitId::new))
        })?;
        match parent {
            Some(parent) if !self.has_object(parent.object()) && self.is_shallow()? => Ok(None),
            parent => Ok(parent),
        }
    }

    /// The entries of a folder, in Git's order.
    pub fn folder_entries(&self, tree: ObjectId) -> Result<Vec<(BString, Entry)>> {
        self.with_folder(tree, |entries| {
            entries.map(|entry| entry.map(|entry| (entry.filename.to_owned(), entry.into()))).collect()
        })
    }

    /// What a folder has under a name; `None` where there is nothing.
    pub(super) fn entry_named(&self, tree: ObjectId, name: &[u8]) -> Result<Option<Entry>> {
        self.with_folder(tree, |mut entries| {
            let found = entries.find(|entry| entry.as_ref().map_or(true, |entry| entry.filename == name));
            Ok(found.transpose()?.map(Entry::from))
        })
    }

    fn with_folder<T>(
        &self,
        tree: ObjectId,
        read: impl FnOnce(TreeRefIter<'_>) -> std::result::Result<T, gix::Error>,
    ) -> Result<T> {
        self.with_object(tree, |kind, data| {
            if kind != Kind::Tree {
                return Err(self.unreadable(format!("the folder {tree}"), "the object is no tree"));
            }
            read(TreeRefIter::from_bytes(data, self.hash()))
                .map_err(|error| self.read_error(&format!("the folder {tree}"), &error))
        })
    }

    /// What stands under a path, its parts separated by `/`; `None` where there is nothing.
    pub fn entry(&self, tree: ObjectId, path: &str) -> Result<Option<Entry>> {
        let mut here = Entry { id: tree, kind: EntryKind::Folder, executable: false };
        for part in path.split('/') {
            if here.kind != EntryKind::Folder {
                return Ok(None);
            }
            match self.entry_named(here.id, part.as_bytes())? {
                Some(entry) => here = entry,
                None => return Ok(None),
            }
        }
        Ok(Some(here))
    }

    /// The content of a file, unless it is larger than `limit` bytes. One that is larger than any object may be is never
    /// read into memory.
    pub fn content(&self, blob: ObjectId, limit: u64) -> Result<Content> {
        let read = self.with_object(blob, |kind, data| match kind {
            Kind::Blob if data.len() as u64 > limit => Ok(Content::TooLarge(data.len() as u64)),
            Kind::Blob => Ok(Content::Bytes(data.to_vec())),
            _ => Err(self.unreadable(format!("the file {blob}"), "the object is no file")),
        });
        // The size is asked for only where reading has failed: it costs as much as reading a small file.
        let Err(error) = read else { return read };
        match self.gix.objects.try_header(&blob) {
            Ok(Some(header)) if header.size > limit.min(MAX_OBJECT) => Ok(Content::TooLarge(header.size)),
            _ => Err(error),
        }
    }

    /// The note on an object, in the notes reference with this full name.
    ///
    /// Git spreads many notes over folders named after the first digits of the object.
    pub fn note(&self, notes: CommitId, on: ObjectId, limit: u64) -> Result<Option<Content>> {
        let mut tree = self.commit(notes)?.tree;
        let hex = on.to_string();
        let mut rest: &str = &hex;
        loop {
            let entries = self.folder_entries(tree)?;
            let by_name = |name: &str| entries.iter().find(|(known, _)| known == name).map(|(_, entry)| *entry);
            if let Some(entry) = by_name(rest)
                && entry.kind == EntryKind::File
            {
                return self.content(entry.id, limit).map(Some);
            }
            match rest.get(..2).and_then(by_name) {
                Some(entry) if entry.kind == EntryKind::Folder && rest.len() > 2 => {
                    tree = entry.id;
                    rest = &rest[2..];
                }
                _ => return Ok(None),
            }
        }
    }

    /// Whether `ancestor` is `commit` itself or can be reached from it.
    pub fn reaches(&self, commit: CommitId, ancestor: CommitId) -> Result<bool> {
        if commit == ancestor {
            return Ok(true);
        }
        let finished = self
            .git()
            .args(["merge-base", "--is-ancestor"])
            .arg(ancestor.to_string())
            .arg(commit.to_string())
            .output()?;
        match finished.status() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(finished.failure()),
        }
    }
}

/// A name as bytes, as text for people.
pub fn lossy(name: &BStr) -> String {
    name.to_str_lossy().into_owned()
}

/// What a commit says, in the encoding that its header names; in UTF-8 without one, and where it can't be decoded.
fn text(bytes: &BStr, encoding: Option<&BStr>) -> String {
    let named = encoding.and_then(|name| Encoding::for_label(name)).filter(|named| *named != REPLACEMENT);
    let encoding = named.unwrap_or(UTF_8);
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}
