//! Folders in which something is made out of sight, before it is moved into place in one step.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use super::error::Error;

/// The file in such a folder that is locked as long as somebody makes something there.
const LOCK: &str = "lock";

/// After how long a folder without that file counts as left behind: a run was killed before it could make one.
const LEFT_BEHIND: Duration = Duration::from_secs(24 * 60 * 60);

/// A folder beside what is made, deleted when this is dropped.
pub struct Scratch {
    // Dropped before the folder, since some systems delete no file that is open.
    _lock: File,
    folder: TempDir,
}

impl Scratch {
    /// Where something is to be made.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Moves what was made under a name in here to its place, where nothing may be by then but an empty folder.
    pub fn move_to(&self, name: &str, place: &Path) -> super::Result<()> {
        use io::ErrorKind::{AlreadyExists, DirectoryNotEmpty, NotADirectory};
        fs::rename(self.path().join(name), place).map_err(|cause| match cause.kind() {
            AlreadyExists | DirectoryNotEmpty | NotADirectory => Error::Taken { path: place.to_owned() },
            _ => Error::Io { what: format!("the folder {} can't be made", place.display()), cause },
        })
    }
}

/// Makes a folder beside what is made, and clears away what runs that were killed have left of the same kind. `content`
/// is what is going to be made in it, and `mend` what helps where `parent` is not one to write in.
pub fn scratch(parent: &Path, prefix: &str, content: &str, mend: &str) -> super::Result<Scratch> {
    let no_room = |cause: io::Error| Error::NoRoom {
        folder: parent.to_owned(),
        mend: mend.to_owned(),
        // Of a path that nobody has chosen there is nothing to tell.
        cause: cause.kind().into(),
    };
    fs::create_dir_all(parent).map_err(no_room)?;
    clear_left_behind(parent, prefix, content);
    begin(parent, prefix).map_err(no_room)
}

fn begin(parent: &Path, prefix: &str) -> io::Result<Scratch> {
    loop {
        let folder = tempfile::Builder::new().prefix(prefix).tempdir_in(parent)?;
        let path = folder.path().join(LOCK);
        let lock = File::create(&path)?;
        // Where a file system knows no locks, nobody clears up either.
        let is_locked = lock.lock().is_ok();
        // Whoever clears up may have been faster, and taken it for one that was left.
        if !is_locked || path.exists() {
            return Ok(Scratch { _lock: lock, folder });
        }
    }
}

/// Deletes the folders that runs which were killed have left behind. Those that somebody still works in stay, and so
/// does all that can't be deleted; it is in nobody's way.
pub fn clear_left_behind(parent: &Path, prefix: &str, content: &str) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_named_so = name
            .to_str()
            .and_then(|name| name.strip_prefix(prefix))
            .is_some_and(|rest| rest.len() == 6 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        if is_named_so && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            let _ = clear(&entry.path(), content);
        }
    }
}

fn clear(folder: &Path, content: &str) -> io::Result<()> {
    // What holds anything else is somebody's own.
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        if name != content && name != LOCK {
            return Ok(());
        }
    }
    let lock = folder.join(LOCK);
    // Where others may write too, it may be anything; only a file is one of ours.
    if fs::symlink_metadata(&lock).is_ok_and(|found| !found.is_file()) {
        return Ok(());
    }
    match File::open(lock) {
        Ok(lock) => {
            if lock.try_lock().is_ok() {
                // A `git` that the killed run had started may still be writing there for a moment, and what then stays
                // is known by its lock to the next run.
                match fs::remove_dir_all(folder.join(content)) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => fs::remove_dir_all(folder)?,
                }
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let changed = fs::metadata(folder)?.modified()?;
            if SystemTime::now().duration_since(changed).is_ok_and(|age| age > LEFT_BEHIND) {
                fs::remove_dir_all(folder)?;
            }
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_run_left_goes_unless_somebody_works_in_it() {
        let parent = tempfile::tempdir().expect("a folder");
        let make = |name: &str, content: &str, hours: u64| {
            let folder = parent.path().join(name);
            fs::create_dir_all(folder.join(content)).expect("a folder");
            fs::write(folder.join(content).join("file"), "x").expect("a file");
            let then = SystemTime::now() - Duration::from_secs(hours * 3600);
            File::open(&folder).expect("a folder").set_modified(then).expect("a time");
            folder
        };
        let lock = |folder: &Path| File::create(folder.join(LOCK)).expect("a file");
        lock(&make(".relman-init-killed", "new", 0));
        let half = make(".relman-init-halfgo", "new", 0);
        lock(&half);
        fs::remove_dir_all(half.join("new")).expect("a folder");
        let held = lock(&make(".relman-init-living", "new", 0));
        held.lock().expect("a lock");
        lock(&make(".relman-init-others", "notes", 0));
        lock(&make(".relman-init-config.d", "new", 0));
        make(".relman-init-oldest", "new", 30);
        make(".relman-init-young1", "new", 2);
        let made = scratch(parent.path(), ".relman-init-", "new", "go").expect("a folder");
        let second = scratch(parent.path(), ".relman-init-", "new", "go").expect("a folder");
        assert!(made.path().is_dir(), "it is not taken for one that was left");
        drop(second);
        let mut names: Vec<String> = fs::read_dir(parent.path())
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .filter(|name| !made.path().ends_with(name))
            .collect();
        names.sort();
        let expected = [".relman-init-config.d", ".relman-init-living", ".relman-init-others", ".relman-init-young1"];
        assert_eq!(names, expected);
    }

    #[test]
    fn a_place_that_somebody_else_took_is_named() {
        let parent = tempfile::tempdir().expect("a folder");
        let made = scratch(parent.path(), ".x-", "new", "go").expect("a folder");
        let place = parent.path().join("place");
        for taken in [false, true] {
            fs::create_dir(made.path().join("new")).expect("a folder");
            fs::write(made.path().join("new/file"), "x").expect("a file");
            let moved = made.move_to("new", &place);
            assert_eq!(matches!(moved, Err(Error::Taken { .. })), taken, "{moved:?}");
        }
    }
}
