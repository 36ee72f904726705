//! Reading references: loose files and packed-refs here, every other storage through `git for-each-ref`.
//!
//! gix 0.90 lists no references at all in a reftable repository, and its prefix iterator refuses prefixes that Git
//! allows (`refs/tags/v1.0.0-rc.`), so the packed buffer and the folder are read directly.

use gix::ObjectId;
use gix::bstr::{BStr, BString, ByteSlice as _};

use super::Result;
use super::ref_files::{Files, Loose};
use super::repository::Repository;

/// How many symbolic references are followed before they count as a circle; Git follows as many.
const MAX_SYMBOLIC: usize = 5;

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

impl RefStore {
    pub(super) fn new(gix: &gix::Repository) -> Self {
        let storage = gix.config_snapshot().string("extensions.refStorage");
        match storage {
            Some(storage) if !storage.eq_ignore_ascii_case(b"files") => RefStore::Program,
            _ => RefStore::Files(Box::new(Files::new(gix))),
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

impl Repository {
    /// Whether each reference is a file, or stands in packed-refs.
    pub(super) fn has_files(&self) -> bool {
        matches!(self.refs, RefStore::Files(_))
    }

    /// From here on, looks at each reference once. For a command that asks for many, and neither fetches nor writes.
    pub fn look_once(&self) {
        if let RefStore::Files(files) = &self.refs {
            files.look_once();
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
