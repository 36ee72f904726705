//! Finding the release repo from wherever a person stands.

use std::path::{Path, PathBuf};

use crate::domain::name::RepositoryName;
use crate::git::clones::{expand, release_repos_in};
use crate::git::repository::Repository;

use super::{Error, Result};

/// Finds the release repo.
///
/// `named` (from `-C` or `RELMAN_REPO`) is a release repo, or a folder to look from. Otherwise it is the repository one
/// stands in, if that has environment branches; else what `git config relman.releaseRepo` names; else a neighbour whose
/// name ends in `-release`, the one that belongs to the repository one stands in if there are several.
pub fn release_repo(named: Option<&Path>) -> Result<Repository> {
    let start = match named {
        Some(path) if !path.is_dir() => return Err(Error::NoFolder { path: path.to_owned() }),
        Some(path) => path.to_owned(),
        None => std::env::current_dir().map_err(|_| Error::NoFolder { path: PathBuf::from(".") })?,
    };
    let here = Repository::discover(&start)?;
    if let Some(repository) = here {
        if repository.is_release_repo()? {
            return Ok(repository);
        }
        if let Some(configured) = repository.config("relman.releaseRepo") {
            return Ok(Repository::open(&expand(&configured, repository.folder()))?);
        }
        if let Some(found) = among_neighbours(&repository)? {
            return Ok(found);
        }
        if named.is_some() {
            // Named by its user: a release repo without a single environment is still what was meant.
            return Ok(repository);
        }
    } else if let Some(only) = only_release_repo_in(&start)? {
        return Ok(only);
    }
    Err(Error::NoReleaseRepo { start })
}

fn among_neighbours(standing: &Repository) -> Result<Option<Repository>> {
    let candidates = standing.folder().parent().map(release_repos_in).unwrap_or_default();
    let mut found = Vec::new();
    for path in candidates {
        match Repository::open(&path) {
            Ok(repository) if repository.is_release_repo()? => found.push((path, repository)),
            Ok(_) | Err(crate::git::Error::NotARepository { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if found.len() > 1 {
        let folder = standing.folder().file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let stem = |name: &str| name.rsplit_once('-').map_or(name.to_owned(), |(stem, _)| stem.to_owned());
        let own = stem(&folder);
        let fits = |path: &Path| path.file_name().and_then(|name| name.to_str()).is_some_and(|name| stem(name) == own);
        if found.iter().filter(|(path, _)| fits(path)).count() == 1 {
            found.retain(|(path, _)| fits(path));
        }
    }
    match found.len() {
        0 | 1 => Ok(found.pop().map(|(_, repository)| repository)),
        _ => Err(Error::SeveralReleaseRepos { paths: found.into_iter().map(|(path, _)| path).collect() }),
    }
}

/// Standing beside the clones, in no repository at all: the one release repo in this folder.
fn only_release_repo_in(folder: &Path) -> Result<Option<Repository>> {
    let inside = release_repos_in(folder);
    match inside.as_slice() {
        [only] => match Repository::open(only) {
            Ok(repository) => Ok(repository.is_release_repo()?.then_some(repository)),
            Err(crate::git::Error::NotARepository { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        },
        [] => Ok(None),
        several => Err(Error::SeveralReleaseRepos { paths: several.to_vec() }),
    }
}

/// The name that a repository is known by: its remote's last segment, else its folder's name.
pub fn known_as(repository: &Repository) -> Option<RepositoryName> {
    let url = repository.remote(None).ok().flatten().and_then(|remote| remote.url);
    let text = match &url {
        Some(url) => crate::domain::location::last_segment(url).to_owned(),
        None => repository.folder().file_name()?.to_str()?.trim_end_matches(".git").to_owned(),
    };
    RepositoryName::parse(&text).ok()
}
