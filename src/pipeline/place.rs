//! The private folder of a deployment. It goes when relman ends; where relman was killed, the next run removes it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// What the name of every such folder begins with.
const PREFIX: &str = "relman-";

/// The file in it that is locked for as long as its relman lives. No repository can be called so.
const OWNER: &str = ".owner";

/// A private folder, which is removed in the end.
#[derive(Debug)]
pub struct Place {
    folder: TempDir,
    _owner: File,
}

impl Place {
    /// Makes a folder that only its owner can look into, and removes those that killed runs of the same user have left.
    pub fn new(environment: &str) -> io::Result<Self> {
        sweep(&std::env::temp_dir());
        Place::within(&std::env::temp_dir(), environment)
    }

    fn within(temporary: &Path, environment: &str) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix(&format!("{PREFIX}{environment}-")).tempdir_in(temporary)?;
        // Locked first and named afterwards, so that nobody finds it without its lock.
        let claim = folder.path().join(".claim");
        let owner = File::create(&claim)?;
        // Where the file system knows no locks, nobody can tell whether the owner lives, and the folder is not swept.
        if owner.try_lock().is_ok() {
            fs::rename(&claim, folder.path().join(OWNER))?;
        }
        Ok(Place { folder, _owner: owner })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Leaves it there for somebody to look at.
    pub fn keep(self) -> PathBuf {
        // Without an owner it is not swept; where that fails, the next run removes it.
        let _ = fs::remove_file(self.folder.path().join(OWNER));
        self.folder.keep()
    }
}

/// Removes the folders whose owners are dead. What can't be looked at or removed is somebody else's, and stays.
fn sweep(temporary: &Path) {
    let Ok(entries) = fs::read_dir(temporary) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        let path = entry.path();
        if !is_own_folder(&path) {
            continue;
        }
        let Ok(owner) = File::open(path.join(OWNER)) else { continue };
        if owner.try_lock().is_ok() {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

/// Whether it is a folder, not a link to one, and this user's.
fn is_own_folder(path: &Path) -> bool {
    let Ok(found) = fs::symlink_metadata(path) else { return false };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        found.is_dir() && found.uid() == rustix::process::geteuid().as_raw()
    }
    #[cfg(not(unix))]
    found.is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_dead_owner_has_left_is_removed() {
        let temporary = tempfile::tempdir().expect("a folder");
        let alive = Place::within(temporary.path(), "qa").expect("a place");
        let kept = Place::within(temporary.path(), "qa").expect("a place").keep();
        let left = temporary.path().join("relman-qa-left");
        let foreign = temporary.path().join("relman-of-somebody");
        for folder in [&left, &foreign] {
            fs::create_dir_all(folder.join("foo-app")).expect("a folder");
        }
        fs::write(left.join(OWNER), "").expect("a file");
        sweep(temporary.path());
        assert!(alive.path().is_dir() && kept.is_dir() && foreign.is_dir());
        assert!(!left.exists());
        let gone = alive.path().to_owned();
        drop(alive);
        assert!(!gone.exists());
    }

    #[cfg(unix)]
    #[test]
    fn no_link_is_followed() {
        let (temporary, elsewhere) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        fs::write(elsewhere.path().join(OWNER), "").expect("a file");
        std::os::unix::fs::symlink(elsewhere.path(), temporary.path().join("relman-qa-x")).expect("a link");
        sweep(temporary.path());
        assert!(elsewhere.path().join(OWNER).exists());
    }
}
