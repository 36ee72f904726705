//! Where the repositories of a release lie: a clone beside the release clone, one that the configuration names, or a
//! bare, partial clone of relman's own in its cache.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::domain::location::last_segment;
use crate::domain::name::RepositoryName;
use crate::domain::text::shell_path;

use super::Result;
use super::error::Error;
use super::program::Git;
use super::repository::Repository;
use super::scratch::scratch;
use super::unprepared::Unprepared;

/// What helps where relman's own clones have no room.
const ANOTHER_CACHE: &str = "RELMAN_CACHE_DIR=DIR names another folder for the clones that relman makes";

/// Where to look for the clones of a release.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// A clone of the app repo that was named on the command line.
    pub app: Option<PathBuf>,
    /// A folder that the user stands in, which may be a clone of its own.
    pub standing: Option<PathBuf>,
    /// relman's cache.
    pub cache: Option<PathBuf>,
}

/// A clone that was found.
pub struct Clone {
    /// The clone.
    pub repository: Repository,
    /// Whether it is one of relman's own, in its cache.
    pub cached: bool,
}

/// What came of looking for a clone.
pub enum Search {
    /// There is one.
    Found(Box<Clone>),
    /// There is none; these are the places that were looked at.
    Missing(Vec<PathBuf>),
}

impl Places {
    /// Looks for the clone of `name`: the folder that was named, `relman.clone.<name>`, a neighbour of the release
    /// clone, the folder that the user stands in, the cache. `url` is where it would be cloned from.
    pub fn find(&self, release: &Repository, name: &RepositoryName, is_app: bool, url: Option<&str>) -> Result<Search> {
        let named = if is_app { self.app.clone() } else { None };
        let is_flag = named.is_some();
        let configured =
            release.config(&format!("relman.clone.{name}")).map(|path| expand(&path, &release.main_home()));
        if let Some(path) = named.or(configured) {
            // A place that somebody named must be right; looking elsewhere would hide a mistake.
            return Repository::open(&path)
                .map(|repository| Search::Found(Box::new(Clone { repository, cached: false })))
                .map_err(|error| misnamed(error, release, name, is_flag));
        }
        let mut looked = Vec::new();
        let mut beside = release.homes();
        if !is_app && let Some(app) = &self.app {
            beside.push(app.clone());
        }
        for folder in beside {
            let Some(parent) = folder.parent() else { continue };
            for candidate in [parent.join(name.as_str()), parent.join(format!("{name}.git"))] {
                match Repository::open(&candidate) {
                    Ok(repository) => return Ok(Search::Found(Box::new(Clone { repository, cached: false }))),
                    Err(Error::NotARepository { .. }) => looked.push(candidate),
                    Err(error) => return Err(error),
                }
            }
        }
        if let Some(standing) = &self.standing
            && let Some(repository) = Repository::discover(standing)?
            && stands_for(&repository, name)
        {
            return Ok(Search::Found(Box::new(Clone { repository, cached: false })));
        }
        if let (Some(cache), Some(url)) = (&self.cache, url) {
            let path = cache_path(cache, name, url);
            match usable(&path)? {
                Some(repository) => return Ok(Search::Found(Box::new(Clone { repository, cached: true }))),
                None => looked.push(path),
            }
        }
        Ok(Search::Missing(looked))
    }

    /// Makes a bare, partial clone in the cache, or opens the one that is there. One that is too damaged to be opened is
    /// made anew.
    pub fn clone_into_cache(&self, name: &RepositoryName, url: &str) -> Result<Option<Clone>> {
        let Some(cache) = &self.cache else { return Ok(None) };
        let no_room = |cause| Error::NoRoom { folder: cache.clone(), mend: ANOTHER_CACHE.to_owned(), cause };
        fs::create_dir_all(cache).map_err(no_room)?;
        let path = cache_path(cache, name, url);
        let lock_path = path.with_extension("lock");
        let lock = File::create(&lock_path).map_err(no_room)?;
        lock.lock().map_err(|cause| Error::Io { what: format!("{} can't be locked", lock_path.display()), cause })?;
        let mut repository = usable(&path)?;
        if repository.is_none() {
            let scratch = scratch(cache, ".cloning-", "clone.git", ANOTHER_CACHE)?;
            let target = scratch.path().join("clone.git");
            let configured = |key: &str| Git::in_folder(cache).args(["config", "--get", key]).run().is_ok();
            let finished = Git::in_folder(cache)
                .with_manners(configured)
                .limited()
                .config("gc.auto=0")
                .args(["clone", "--quiet", "--bare", "--no-tags", "--filter=blob:none"])
                .args(["-c", "remote.origin.fetch=+refs/heads/*:refs/remotes/origin/*", "--"])
                .arg(url)
                .arg(&target)
                .output()?;
            if !finished.is_success() {
                return Err(finished.remote_failure(&crate::domain::location::without_secrets(url)));
            }
            let new = Repository::open(&target)?;
            new.fetch_heads("origin")?;
            // Git takes any page that a server answers with for a repository without references.
            if new.list_refs("refs/remotes/origin/")?.is_empty() {
                let url = crate::domain::location::without_secrets(url).into_owned();
                return Err(Error::Unprepared(Box::new(Unprepared::ListsNothing { url })));
            }
            if path.exists() {
                fs::remove_dir_all(&path).map_err(|cause| Error::Damaged { path: path.clone(), cause })?;
            }
            scratch.move_to("clone.git", &path)?;
            repository = Some(Repository::open(&path)?);
        }
        Ok(repository.map(|repository| Clone { repository, cached: true }))
    }
}

/// The clone in the cache, if Git can open it. Nothing is lost with one that it can't: it is a copy of the remote.
fn usable(path: &Path) -> Result<Option<Repository>> {
    match Repository::open(path) {
        Ok(repository) => Ok(Some(repository)),
        Err(Error::NotARepository { .. } | Error::Open { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The error for a clone that a flag or a setting named, and that is none.
fn misnamed(error: Error, release: &Repository, name: &RepositoryName, is_flag: bool) -> Error {
    match error {
        Error::NotARepository { path } if is_flag => {
            Error::Misnamed { by: "--app".to_owned(), path, mend: format!("name the clone of {name}: --app DIR") }
        }
        error => misconfigured(error, release, &format!("relman.clone.{name}")),
    }
}

/// The error for a repository that a setting named, and that is none: the setting is what has to be mended.
pub fn misconfigured(error: Error, repository: &Repository, key: &str) -> Error {
    let Error::NotARepository { path } = error else { return error };
    let folder = shell_path(repository.folder());
    Error::Misnamed {
        by: key.to_owned(),
        path,
        mend: format!("name the right place: git -C {folder} config {key} DIR"),
    }
}

/// Whether a repository is one of relman's own, by its name and the lock beside it.
pub(super) fn is_in_the_cache(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".git"));
    let hex = name.and_then(|name| name.rsplit_once('-')).map(|(_, hex)| hex);
    hex.is_some_and(|hex| hex.len() == 16 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
        && path.with_extension("lock").is_file()
}

/// The folder of a cached clone: the name for people, a hash of the URL so that two servers never share one.
fn cache_path(cache: &Path, name: &RepositoryName, url: &str) -> PathBuf {
    let digest = Sha256::digest(url.as_bytes());
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    cache.join(format!("{name}-{hex}.git"))
}

/// Whether a repository is a clone of `name`: its folder is called so, or its remote is.
fn stands_for(repository: &Repository, name: &RepositoryName) -> bool {
    let folder = repository.folder().file_name().is_some_and(|folder| folder == name.as_str());
    let remote = || {
        let remote = repository.remote(None).ok().flatten()?;
        remote.url.map(|url| last_segment(&url) == name.as_str())
    };
    folder || remote().unwrap_or(false)
}

/// A path from the configuration: `~/` is the home folder, a relative one begins at the release clone.
pub fn expand(path: &str, base: &Path) -> PathBuf {
    if let Some(rest) = path.strip_prefix("~/")
        && let Some(home) = std::env::home_dir()
    {
        return home.join(rest);
    }
    base.join(path)
}

/// The folders in a folder that may be release repos: those whose name ends in `-release`.
pub fn release_repos_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.strip_suffix(".git").unwrap_or(name).ends_with("-release") && path.is_dir()
        })
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_servers_never_share_a_cached_clone() {
        let name = RepositoryName::parse("foo-app").expect("a name");
        let a = cache_path(Path::new("/c"), &name, "https://a.example.com/foo-app.git");
        let b = cache_path(Path::new("/c"), &name, "https://b.example.com/foo-app.git");
        assert_ne!(a, b);
        let text = a.display().to_string();
        assert!(
            text.starts_with("/c/foo-app-") && text.ends_with(".git") && text.len() == "/c/foo-app-.git".len() + 16,
            "{text}"
        );
    }
}
