//! Reading references: loose files and packed-refs here, every other storage through `git for-each-ref`.
//!
//! gix 0.90 lists no references at all in a reftable repository, and its prefix iterator refuses prefixes that Git
//! allows (`refs/tags/v1.0.0-rc.`), so the packed buffer and the folder are read directly.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use gix::ObjectId;
use gix::bstr::{BStr, BString, ByteSlice as _};

use super::Result;
use super::error::{Error, Said};
use super::repository::Repository;

/// How many symbolic references are followed before they count as a circle; Git follows as many.
const MAX_SYMBOLIC: usize = 5;

/// The largest file of a reference that is read; a name has 4096 bytes at most, the rest of a longer one means nothing.
const MAX_LOOSE: u64 = 4096;

/// A reference and the object that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ref {
    /// The full name, such as `refs/tags/v1.0.0`; any bytes that Git allows.
    pub name: BString,
    /// The object: a commit, or the tag object of an annotated tag.
    pub target: ObjectId,
    /// What the tag object points at in the end, where reading the list told it for nothing.
    pub peeled: Option<ObjectId>,
}

/// How a repository stores its references.
pub(super) enum RefStore {
    /// One file a reference, and packed-refs.
    Files(Box<Files>),
    /// Something else, reftable say: the `git` program reads it.
    Program,
}

pub(super) struct Files {
    git_dir: PathBuf,
    common_dir: PathBuf,
    /// gix's own store, which holds packed-refs since the repository was opened.
    store: gix::RefStore,
    packed: RefCell<Option<Packed>>,
    /// The loose names below a folder, sorted, where folders are listed only once.
    listed: RefCell<Option<HashMap<String, Vec<BString>>>>,
}

struct Packed {
    stamp: (u64, Option<SystemTime>),
    buffer: Option<gix::refs::file::packed::SharedBufferSnapshot>,
}

impl RefStore {
    pub(super) fn new(gix: &gix::Repository, _folder: &Path) -> Self {
        let storage = gix.config_snapshot().string("extensions.refStorage");
        match storage {
            Some(storage) if !storage.eq_ignore_ascii_case(b"files") => RefStore::Program,
            _ => RefStore::Files(Box::new(Files {
                git_dir: gix.git_dir().to_owned(),
                common_dir: gix.common_dir().to_owned(),
                store: gix.refs.clone(),
                packed: RefCell::new(None),
                listed: RefCell::new(None),
            })),
        }
    }

    /// What a symbolic reference points at, as a full name; `None` where it is detached or missing.
    pub(super) fn symbolic_target(&self, repository: &Repository, name: &str) -> Result<Option<BString>> {
        match self {
            RefStore::Files(files) => match files.read_loose(name.into())? {
                Some(Loose::Symbolic(target)) => Ok(Some(target)),
                _ => Ok(None),
            },
            RefStore::Program => {
                let asked = repository.git().args(["symbolic-ref", "-q", "--"]).arg(name).output()?;
                match asked.status() {
                    Some(0) => Ok(Some(asked.stdout().trim().into())),
                    Some(1) => Ok(None),
                    _ if asked.stderr().contains("No such ref") => Ok(None),
                    _ => Err(asked.failure()),
                }
            }
        }
    }
}

pub(super) enum Loose {
    Object(ObjectId),
    Symbolic(BString),
}

impl Files {
    pub(super) fn read_loose(&self, name: &BStr) -> Result<Option<Loose>> {
        let Ok(relative) = name.to_path() else { return Ok(None) };
        let root = if name.starts_with(b"refs/") { &self.common_dir } else { &self.git_dir };
        read_file(&root.join(relative), name)
    }

    /// Visits the loose references below `folder` whose full name begins with `prefix`.
    fn walk(
        &self,
        folder: &Path,
        name: &mut BString,
        prefix: &[u8],
        visit: &mut dyn FnMut(&BString, &Path) -> Result<()>,
    ) -> Result<()> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if is_absent(&error) => return Ok(()),
            Err(cause) => {
                return Err(Error::Io { what: format!("the folder {} can't be read", folder.display()), cause });
            }
        };
        for entry in entries {
            let entry = entry
                .map_err(|cause| Error::Io { what: format!("the folder {} can't be read", folder.display()), cause })?;
            let file_name = entry.file_name();
            let Some(part) = <[u8]>::from_os_str(&file_name) else { continue };
            let before = name.len();
            name.extend_from_slice(part);
            let fits = name.len() >= prefix.len() && name.starts_with(prefix);
            // A folder may lead to names with the prefix (`refs/tags/v1` to `refs/tags/v1/x`), or stand beyond it.
            let leads = fits || prefix.starts_with(name);
            // What Git does not take for a reference: locks, and hidden files such as .DS_Store.
            if leads && !part.ends_with(b".lock") && !part.starts_with(b".") {
                // The kind comes with the entry, so that ten thousand loose tags of other versions cost no call each.
                let kind = entry.file_type().ok();
                if kind.is_some_and(|kind| kind.is_dir()) {
                    name.push(b'/');
                    self.walk(&entry.path(), name, prefix, visit)?;
                } else if fits {
                    visit(name, &entry.path())?;
                }
            }
            name.truncate(before);
        }
        Ok(())
    }

    /// The loose references whose full name begins with `prefix`.
    pub(super) fn loose(&self, prefix: &str) -> Result<Vec<(BString, Result<Loose>)>> {
        let (parent, _) = prefix.rsplit_once('/').unwrap_or(("refs", ""));
        let folder = self.common_dir.join(parent);
        let mut name = BString::from(format!("{parent}/"));
        // One that can't be read is kept with its reason; whoever needs it fails, the others do not.
        let note = |name: &BString, read: Result<Option<Loose>>, found: &mut Vec<(BString, Result<Loose>)>| {
            // `None`: packed or deleted since the folder was listed.
            found.extend(read.transpose().map(|loose| (name.clone(), loose)));
        };
        let mut found = Vec::new();
        let mut listed = self.listed.borrow_mut();
        let Some(listed) = listed.as_mut() else {
            self.walk(&folder, &mut name, prefix.as_bytes(), &mut |name, path| {
                note(name, read_file(path, name.as_bstr()), &mut found);
                Ok(())
            })?;
            return Ok(found);
        };
        if !listed.contains_key(parent) {
            let mut names = Vec::new();
            let all = name.clone();
            self.walk(&folder, &mut name, &all, &mut |name, _| {
                names.push(name.clone());
                Ok(())
            })?;
            names.sort_unstable();
            listed.insert(parent.to_owned(), names);
        }
        let names = listed.get(parent).map_or(&[][..], Vec::as_slice);
        let begin = names.partition_point(|name| name.as_slice() < prefix.as_bytes());
        for name in names[begin..].iter().take_while(|name| name.starts_with(prefix.as_bytes())) {
            note(name, self.read_loose(name.as_bstr()), &mut found);
        }
        Ok(found)
    }

    /// Runs `read` on packed-refs as it is now, or not at all where there is none.
    pub(super) fn with_packed<T>(
        &self,
        read: impl FnOnce(&gix::refs::packed::Buffer) -> Result<T>,
    ) -> Result<Option<T>> {
        let path = self.common_dir.join("packed-refs");
        let stamp = match fs::metadata(&path) {
            Ok(data) => (data.len(), data.modified().ok()),
            Err(error) if is_absent(&error) => return Ok(None),
            Err(cause) => return Err(Error::Io { what: format!("{} can't be read", path.display()), cause }),
        };
        let mut slot = self.packed.borrow_mut();
        if slot.as_ref().is_none_or(|packed| packed.stamp != stamp) {
            let unreadable =
                |error| Error::Read { path: path.clone(), what: "packed-refs".into(), cause: Said::chain(&error) };
            if slot.is_some() {
                // gix looks at the time alone, which a file that was written twice in a moment keeps.
                self.store.force_refresh_packed_buffer().map_err(unreadable)?;
            }
            let buffer = self.store.cached_packed_buffer().map_err(unreadable)?;
            *slot = Some(Packed { stamp, buffer });
        }
        match slot.as_ref().and_then(|packed| packed.buffer.as_ref()) {
            Some(buffer) => read(buffer).map(Some),
            None => Ok(None),
        }
    }
}

/// Reads the file of a loose reference; `None` where there is none.
fn read_file(path: &Path, name: &BStr) -> Result<Option<Loose>> {
    match read_start(path) {
        Ok(bytes) => parse_loose(&bytes, path).map(Some),
        Err(error) if is_absent(&error) => Ok(None),
        Err(cause) => Err(Error::Io { what: format!("the reference {name} can't be read"), cause }),
    }
}

fn is_absent(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, IsADirectory, NotADirectory, NotFound};
    // No file can have a name that is too long; a packed reference may.
    matches!(error.kind(), NotFound | NotADirectory | IsADirectory | InvalidFilename)
}

/// The beginning of a file: as much as a reference may have, and a byte more.
fn read_start(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(MAX_LOOSE + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn parse_loose(bytes: &[u8], path: &Path) -> Result<Loose> {
    let wrong = |why: &str| Error::Read { path: path.to_owned(), what: "the reference".into(), cause: Said::new(why) };
    if bytes.len() as u64 > MAX_LOOSE {
        return Err(wrong("the file is larger than any reference"));
    }
    let text = bytes.trim_end();
    if let Some(target) = text.strip_prefix(b"ref:") {
        let target = target.trim().as_bstr();
        let is_full = target.starts_with(b"refs/") && <&gix::refs::FullNameRef>::try_from(target).is_ok();
        return if is_full {
            Ok(Loose::Symbolic(target.into()))
        } else {
            Err(wrong("the file points at something that is no name of a reference"))
        };
    }
    ObjectId::from_hex(text)
        .map(Loose::Object)
        .map_err(|_| wrong("the file holds neither an object id nor the name of another reference"))
}

impl Repository {
    /// Whether each reference is a file, or stands in packed-refs.
    pub(super) fn has_files(&self) -> bool {
        matches!(self.refs, RefStore::Files(_))
    }

    /// From here on, lists each folder of loose references once. For a command that asks for many prefixes, and
    /// neither fetches nor writes.
    pub fn list_once(&self) {
        if let RefStore::Files(files) = &self.refs {
            files.listed.borrow_mut().get_or_insert_default();
        }
    }

    /// All references whose full name begins with `prefix`, sorted by name.
    ///
    /// The prefix may end in the middle of a name: `refs/tags/v1.0.0-rc.` is fine. A reference that can't be read is
    /// an error, never a shorter list.
    pub fn refs_with_prefix(&self, prefix: &str) -> Result<Vec<Ref>> {
        let files = match &self.refs {
            RefStore::Files(files) => files,
            RefStore::Program => return self.refs_by_program(prefix),
        };
        // Loose first: a reference that is packed in between is then seen twice, never missed.
        let found = files.loose(prefix)?;
        let mut list = Vec::with_capacity(found.len());
        for (name, loose) in found {
            let target = match loose? {
                Loose::Object(id) => Some(id),
                Loose::Symbolic(target) => self.follow(target.as_bstr())?.map(|(target, _)| target),
            };
            if let Some(target) = target {
                list.push(Ref { name, target, peeled: None });
            }
        }
        list.sort_by(|a, b| a.name.cmp(&b.name));
        let packed = files.with_packed(|buffer| {
            let mut packed = Vec::new();
            for reference in
                buffer.iter_prefixed(prefix.into()).map_err(|error| self.read_error("packed-refs", &error))?
            {
                let reference = reference.map_err(|error| self.read_error("packed-refs", &error))?;
                let name = reference.name.as_bstr();
                if list.binary_search_by(|loose| loose.name.as_bstr().cmp(name)).is_err() {
                    let target = reference.target();
                    let peeled = reference.object.map(|_| reference.object());
                    packed.push(Ref { name: name.to_owned(), target, peeled });
                }
            }
            Ok(packed)
        })?;
        if let Some(mut packed) = packed
            && !packed.is_empty()
        {
            list.append(&mut packed);
            list.sort_by(|a, b| a.name.cmp(&b.name));
        }
        Ok(list)
    }

    /// The object that a full reference name stands for, symbolic references followed; `None` where there is none.
    pub fn find_ref(&self, name: &str) -> Result<Option<ObjectId>> {
        self.follow(name.into()).map(|found| found.map(|(target, _)| target))
    }

    /// The reference with this full name; its own name is kept where a symbolic one was followed.
    pub fn find_ref_entry(&self, name: &str) -> Result<Option<Ref>> {
        let found = self.follow(name.into())?;
        Ok(found.map(|(target, peeled)| Ref { name: name.into(), target, peeled }))
    }

    /// The object that a name stands for, and what it peels to where packed-refs says so.
    pub(super) fn follow(&self, name: &BStr) -> Result<Option<(ObjectId, Option<ObjectId>)>> {
        let files = match &self.refs {
            RefStore::Files(files) => files,
            RefStore::Program => {
                let text = name.to_str_lossy();
                let asked =
                    self.git().args(["rev-parse", "--verify", "-q", "--end-of-options"]).arg(text.as_ref()).output()?;
                return match asked.status() {
                    Some(0) => Ok(ObjectId::from_hex(asked.stdout().trim()).ok().map(|id| (id, None))),
                    Some(1) => Ok(None),
                    _ => Err(asked.failure()),
                };
            }
        };
        let mut name = name.to_owned();
        for _ in 0..MAX_SYMBOLIC {
            match files.read_loose(name.as_bstr())? {
                Some(Loose::Object(id)) => return Ok(Some((id, None))),
                Some(Loose::Symbolic(target)) => name = target,
                None => {
                    let Ok(full) = <&gix::refs::FullNameRef>::try_from(name.as_bstr()) else { return Ok(None) };
                    let packed = files.with_packed(|buffer| {
                        let found = buffer.try_find(full).map_err(|error| self.read_error("packed-refs", &error))?;
                        Ok(found.map(|reference| (reference.target(), reference.object.map(|_| reference.object()))))
                    })?;
                    return Ok(packed.flatten());
                }
            }
        }
        Ok(None)
    }

    /// What a symbolic reference such as `refs/remotes/origin/HEAD` points at, as a full name.
    pub fn symbolic_ref(&self, name: &str) -> Result<Option<BString>> {
        self.refs.symbolic_target(self, name)
    }

    fn refs_by_program(&self, prefix: &str) -> Result<Vec<Ref>> {
        // A pattern matches whole components, or is a glob; a valid prefix holds no glob characters of its own.
        let pattern = if prefix.ends_with('/') { prefix.to_owned() } else { format!("{prefix}*") };
        let format = "--format=%(objectname) %(*objectname) %(refname)";
        let printed = self.git().args(["for-each-ref", format, "--"]).arg(pattern).run()?;
        let mut list = Vec::new();
        for line in printed.lines() {
            let mut parts = line.splitn(3, |byte| *byte == b' ');
            let (Some(target), Some(peeled), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
                return Err(self.unreadable("the references", "an unexpected line came from git for-each-ref"));
            };
            let target = ObjectId::from_hex(target)
                .map_err(|_| self.unreadable("the references", "an unexpected line came from git for-each-ref"))?;
            list.push(Ref { name: name.into(), target, peeled: ObjectId::from_hex(peeled).ok() });
        }
        list.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(list)
    }
}
