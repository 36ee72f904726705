//! References as files: loose ones, one file each, and packed-refs.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use gix::ObjectId;
use gix::bstr::{BStr, BString, ByteSlice as _};

use super::Result;
use super::error::{Error, Said};

/// The largest file of a reference that is read; a name has 4096 bytes at most, the rest of a longer one means nothing.
const MAX_LOOSE: u64 = 4096;

pub(super) struct Files {
    git_dir: PathBuf,
    common_dir: PathBuf,
    /// gix's own store, which holds packed-refs since the repository was opened.
    store: gix::RefStore,
    packed: RefCell<Option<Packed>>,
    /// What was looked at, where nothing is looked at twice.
    seen: RefCell<Option<Seen>>,
}

struct Packed {
    /// `None`: there is no such file.
    stamp: Option<(u64, Option<SystemTime>)>,
    buffer: Option<gix::refs::file::packed::SharedBufferSnapshot>,
}

/// The references as one command saw them.
#[derive(Default)]
struct Seen {
    /// The loose names below a folder, sorted.
    folders: HashMap<String, Vec<BString>>,
    /// Loose references by their names; `None`: there is no such file.
    loose: HashMap<BString, Option<Loose>>,
    /// The folders in which a file was looked for that is not there.
    missed_in: HashSet<String>,
    /// Whether a file was missed since packed-refs was looked at: it may have been packed in between.
    missed: bool,
}

#[derive(Clone)]
pub(super) enum Loose {
    Object(ObjectId),
    Symbolic(BString),
}

impl Files {
    pub(super) fn new(gix: &gix::Repository) -> Self {
        Files {
            git_dir: gix.git_dir().to_owned(),
            common_dir: gix.common_dir().to_owned(),
            store: gix.refs.clone(),
            packed: RefCell::new(None),
            seen: RefCell::new(None),
        }
    }

    /// From here on, looks at each reference once.
    pub(super) fn look_once(&self) {
        self.seen.borrow_mut().get_or_insert_default();
    }

    pub(super) fn read_loose(&self, name: &BStr) -> Result<Option<Loose>> {
        if self.seen.borrow().is_none() {
            return self.read_now(name);
        }
        if let Some(known) = self.seen.borrow().as_ref().and_then(|seen| seen.loose.get(name).cloned()) {
            return Ok(known);
        }
        let parent = name.to_str().ok().and_then(|name| name.rsplit_once('/')).map(|(parent, _)| parent);
        if parent.is_some_and(|parent| !self.may_lie_in(parent, name)) {
            return Ok(None);
        }
        let read = self.read_now(name)?;
        if let Some(seen) = self.seen.borrow_mut().as_mut() {
            if read.is_none() {
                seen.missed = true;
                seen.missed_in.extend(parent.map(str::to_owned));
            }
            seen.loose.insert(name.to_owned(), read.clone());
        }
        Ok(read)
    }

    /// Whether there may be a loose reference with this name: its folder is listed as soon as a second one is looked for in
    /// vain. Of one that can't be listed nothing is known.
    fn may_lie_in(&self, parent: &str, name: &BStr) -> bool {
        let is_missed_in = self.seen.borrow().as_ref().is_some_and(|seen| seen.missed_in.contains(parent));
        if is_missed_in && self.list(parent).is_err() {
            return true;
        }
        let seen = self.seen.borrow();
        let names = seen.as_ref().and_then(|seen| seen.folders.get(parent));
        names.is_none_or(|names| names.binary_search_by(|known| known.as_bstr().cmp(name)).is_ok())
    }

    /// Lists the loose names below a folder, unless they are known.
    fn list(&self, parent: &str) -> Result<()> {
        if self.seen.borrow().as_ref().is_none_or(|seen| seen.folders.contains_key(parent)) {
            return Ok(());
        }
        let mut names = Vec::new();
        let mut name = BString::from(format!("{parent}/"));
        let all = name.clone();
        self.walk(&self.common_dir.join(parent), &mut name, &all, &mut |name, _| {
            names.push(name.clone());
            Ok(())
        })?;
        names.sort_unstable();
        if let Some(seen) = self.seen.borrow_mut().as_mut() {
            seen.folders.insert(parent.to_owned(), names);
            seen.missed = true;
        }
        Ok(())
    }

    fn read_now(&self, name: &BStr) -> Result<Option<Loose>> {
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
        if self.seen.borrow().is_none() {
            self.walk(&folder, &mut name, prefix.as_bytes(), &mut |name, path| {
                note(name, read_file(path, name.as_bstr()), &mut found);
                Ok(())
            })?;
            return Ok(found);
        }
        self.list(parent)?;
        let names = self
            .seen
            .borrow()
            .as_ref()
            .and_then(|seen| seen.folders.get(parent).map(|names| names_with(names, prefix)));
        for name in names.unwrap_or_default() {
            note(&name, self.read_loose(name.as_bstr()), &mut found);
        }
        Ok(found)
    }

    /// Runs `read` on packed-refs as it is now, or not at all where there is none.
    pub(super) fn with_packed<T>(
        &self,
        read: impl FnOnce(&gix::refs::packed::Buffer) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut slot = self.packed.borrow_mut();
        let is_fresh = match self.seen.borrow_mut().as_mut() {
            Some(seen) => !std::mem::take(&mut seen.missed),
            None => false,
        };
        if !is_fresh || slot.is_none() {
            self.refresh(&mut slot)?;
        }
        match slot.as_ref().and_then(|packed| packed.buffer.as_ref()) {
            Some(buffer) => read(buffer).map(Some),
            None => Ok(None),
        }
    }

    /// Reads packed-refs again where it is not the file that was read.
    fn refresh(&self, slot: &mut Option<Packed>) -> Result<()> {
        let path = self.common_dir.join("packed-refs");
        let stamp = match fs::metadata(&path) {
            Ok(data) => Some((data.len(), data.modified().ok())),
            Err(error) if is_absent(&error) => None,
            Err(cause) => return Err(Error::Io { what: format!("{} can't be read", path.display()), cause }),
        };
        if slot.as_ref().is_some_and(|packed| packed.stamp == stamp) {
            return Ok(());
        }
        let unreadable =
            |error| Error::Read { path: path.clone(), what: "packed-refs".into(), cause: Said::chain(&error) };
        if slot.is_some() {
            // gix looks at the time alone, which a file that was written twice in a moment keeps.
            self.store.force_refresh_packed_buffer().map_err(unreadable)?;
        }
        let buffer = match stamp {
            Some(_) => self.store.cached_packed_buffer().map_err(unreadable)?,
            None => None,
        };
        *slot = Some(Packed { stamp, buffer });
        Ok(())
    }
}

/// Those of sorted names that begin so.
fn names_with(names: &[BString], prefix: &str) -> Vec<BString> {
    let begin = names.partition_point(|name| name.as_slice() < prefix.as_bytes());
    names[begin..].iter().take_while(|name| name.starts_with(prefix.as_bytes())).cloned().collect()
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

#[cfg(test)]
mod tests {
    use super::super::program::Git;
    use super::super::repository::Repository;
    use super::*;

    fn git(folder: &Path, args: &[&str]) -> String {
        let call = Git::in_folder(folder).config("user.name=A").config("user.email=a@example.org");
        let call = call.config("commit.gpgSign=false").config("tag.gpgSign=false");
        call.args(args).line().expect("Git does it")
    }

    /// A repository with a commit, and these references to it.
    fn with_references(names: &[&str]) -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().expect("a folder");
        git(folder.path(), &["init", "--quiet", "--initial-branch=main", "."]);
        git(folder.path(), &["commit", "--quiet", "--allow-empty", "-m", "one"]);
        let commit = git(folder.path(), &["rev-parse", "HEAD"]);
        names.iter().for_each(|name| drop(git(folder.path(), &["update-ref", name, &commit])));
        (folder, commit)
    }

    fn found(repository: &Repository, name: &str) -> Option<String> {
        repository.find_ref(name).expect("readable").map(|id| id.to_string())
    }

    #[test]
    fn what_is_packed_while_one_looks_is_found() {
        let (folder, commit) = with_references(&["refs/tags/v1", "refs/tags/v2", "refs/heads/release/1"]);
        let repository = Repository::open(folder.path()).expect("a repository");
        repository.look_once();
        // By the second one, the folder is listed with what it has now.
        for name in ["refs/tags/a", "refs/tags/b", "refs/heads/release/a", "refs/heads/release/b"] {
            assert_eq!(found(&repository, name), None);
        }
        git(folder.path(), &["pack-refs", "--all"]);
        for name in ["refs/tags/v1", "refs/heads/release/1"] {
            assert_eq!(found(&repository, name).as_deref(), Some(&*commit), "{name}");
        }
        let tags = repository.refs_with_prefix("refs/tags/v").expect("readable");
        assert_eq!(tags.iter().map(|tag| tag.name.to_string()).collect::<Vec<_>>(), ["refs/tags/v1", "refs/tags/v2"]);
    }

    #[test]
    fn whoever_looks_once_sees_one_state() {
        let (folder, one) = with_references(&["refs/tags/v1"]);
        let open = || Repository::open(folder.path()).expect("a repository");
        let (once, anew) = (open(), open());
        once.look_once();
        for repository in [&once, &anew] {
            assert_eq!(found(repository, "refs/tags/v1").as_deref(), Some(&*one));
        }
        git(folder.path(), &["commit", "--quiet", "--allow-empty", "-m", "two"]);
        git(folder.path(), &["tag", "--force", "v1"]);
        let two = git(folder.path(), &["rev-parse", "HEAD"]);
        assert_eq!(found(&once, "refs/tags/v1").as_deref(), Some(&*one));
        assert_eq!(found(&anew, "refs/tags/v1").as_deref(), Some(&*two));
    }

    #[test]
    fn loose_and_packed_names_are_all_found_by_whoever_looks_once() {
        let (folder, commit) = with_references(&["refs/tags/v1-rc.1", "refs/tags/v1-rc.2"]);
        git(folder.path(), &["pack-refs", "--all"]);
        git(folder.path(), &["update-ref", "refs/tags/v1-rc.3", &commit]);
        git(folder.path(), &["update-ref", "refs/tags/deep/v1-rc.4", &commit]);
        let repository = Repository::open(folder.path()).expect("a repository");
        repository.look_once();
        for (prefix, count) in [("refs/tags/v1-rc.", 3), ("refs/tags/", 4), ("refs/tags/deep/v1", 1), ("refs/none/", 0)]
        {
            assert_eq!(repository.refs_with_prefix(prefix).expect("readable").len(), count, "{prefix}");
        }
        for name in ["refs/tags/x", "refs/tags/y"] {
            assert_eq!(found(&repository, name), None);
        }
        for name in ["refs/tags/v1-rc.1", "refs/tags/v1-rc.3", "refs/tags/deep/v1-rc.4", "HEAD"] {
            assert_eq!(found(&repository, name).as_deref(), Some(&*commit), "{name}");
        }
    }
}
