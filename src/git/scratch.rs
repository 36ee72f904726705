//! Folders in which something is made out of sight, before it is moved into place in one step.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

/// After how long what a killed run has left is cleared away; no run takes a day.
const LEFT_BEHIND: Duration = Duration::from_secs(24 * 60 * 60);

/// Makes a folder beside what is made, deleted when it is dropped. `content` is what is going to be made in it.
///
/// A run that was killed leaves its folder behind; those of more than a day ago go now.
pub fn scratch(parent: &Path, prefix: &str, content: &str) -> io::Result<TempDir> {
    // What can't be cleared away stays; it is in nobody's way.
    let _ = clear(parent, prefix, content);
    tempfile::Builder::new().prefix(prefix).tempdir_in(parent)
}

fn clear(parent: &Path, prefix: &str, content: &str) -> io::Result<()> {
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_named_so = name
            .to_str()
            .and_then(|name| name.strip_prefix(prefix))
            .is_some_and(|rest| rest.len() == 6 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        if is_named_so && entry.file_type()?.is_dir() && is_left_behind(&entry.path(), content)? {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

/// Whether a folder is old, and holds nothing but what is made in such folders.
fn is_left_behind(folder: &Path, content: &str) -> io::Result<bool> {
    let changed = fs::metadata(folder)?.modified()?;
    if SystemTime::now().duration_since(changed).is_ok_and(|age| age > LEFT_BEHIND) {
        for entry in fs::read_dir(folder)? {
            if entry?.file_name() != content {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_run_left_goes_after_a_day() {
        let parent = tempfile::tempdir().expect("a folder");
        let make = |name: &str, content: &str, hours: u64| {
            let folder = parent.path().join(name);
            fs::create_dir_all(folder.join(content)).expect("a folder");
            fs::write(folder.join(content).join("file"), "x").expect("a file");
            let then = SystemTime::now() - Duration::from_secs(hours * 3600);
            fs::File::open(&folder).expect("a folder").set_modified(then).expect("a time");
        };
        make(".relman-init-aB3xyz", "new", 30);
        make(".relman-init-young1", "new", 2);
        make(".relman-init-others", "notes", 30);
        make(".relman-init-config.d", "new", 30);
        make(".relman-config", "new", 30);
        let made = scratch(parent.path(), ".relman-init-", "new").expect("a folder");
        assert!(made.path().is_dir());
        let mut names: Vec<String> = fs::read_dir(parent.path())
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .filter(|name| !made.path().ends_with(name))
            .collect();
        names.sort();
        assert_eq!(names, [".relman-config", ".relman-init-config.d", ".relman-init-others", ".relman-init-young1"]);
    }
}
