//! Finding the release repo from wherever a person stands.

use std::path::{Path, PathBuf};

use crate::domain::location::last_segment;
use crate::domain::name::RepositoryName;
use crate::git::clones::{expand, misconfigured, release_repos_in};
use crate::git::repository::Repository;

use super::{Choices, Error, Result, Workspace};

/// The setting that names the release repo.
const CONFIGURED: &str = "relman.releaseRepo";

/// The folder that the user stands in.
pub fn standing() -> Result<PathBuf> {
    std::env::current_dir().map_err(|_| Error::NoCurrentFolder)
}

/// Finds the release repo.
///
/// What is named (by `-C` or `RELMAN_REPO`) is a release repo, or a folder to look from. Otherwise it is the repository
/// one stands in, if that is a release repo; else what `git config relman.releaseRepo` names; else a neighbour whose
/// name ends in `-release` and that belongs to the repository one stands in: its application is that repository, or,
/// where there is only one, its application lists it as a component.
pub fn release_repo(choices: &Choices) -> Result<Repository> {
    let named = choices.repo.as_deref();
    let standing = standing()?;
    let start = match named {
        Some(path) if !path.is_dir() => return Err(Error::NoFolder { path: path.to_owned() }),
        Some(path) => path.to_owned(),
        None => standing,
    };
    let here = if named.is_some() { Repository::discover_named(&start)? } else { Repository::discover(&start)? };
    let Some(here) = here else {
        return only_release_repo_in(&start)?.ok_or(Error::NoReleaseRepo { start });
    };
    if here.is_release_repo()? {
        return Ok(here);
    }
    // What is configured for all repositories of a user says nothing about one that was named.
    let configured = if named.is_some() { here.own_config(CONFIGURED)? } else { here.config(CONFIGURED) };
    if let Some(configured) = configured {
        let opened = Repository::open(&expand(&configured, &here.main_home()));
        return Ok(opened.map_err(|error| misconfigured(error, &here, CONFIGURED))?);
    }
    match owner_among_neighbours(&here, choices)? {
        Some(found) => Ok(found),
        // Named by its user: a release repo without a single environment is still what was meant.
        None if named.is_some() => Ok(here),
        None => Err(Error::NoReleaseRepo { start }),
    }
}

/// The neighbour that the repository belongs to. One that belongs to another product is never taken: a command that
/// was meant for this repository would act on that one.
fn owner_among_neighbours(standing: &Repository, choices: &Choices) -> Result<Option<Repository>> {
    let names = names_of(standing);
    let mut neighbours = Vec::new();
    let homes = standing.homes();
    let mut beside: Vec<PathBuf> = homes.iter().filter_map(|home| home.parent()).flat_map(release_repos_in).collect();
    beside.sort();
    beside.dedup();
    for path in beside {
        if homes.contains(&path) {
            continue;
        }
        match open_neighbour(&path, choices) {
            Ok(Some(neighbour)) => neighbours.push((path, neighbour)),
            Ok(None) => {}
            // Whose it is can't be read; by its name it may be the one that is meant.
            Err(error) if names.iter().any(|name| stem(name) == stem(&name_of(&path))) => return Err(error),
            Err(_) => {}
        }
    }
    let mut owners: Vec<&(PathBuf, (Workspace, Option<RepositoryName>))> = neighbours
        .iter()
        .filter(|(_, (_, application))| {
            application.as_ref().is_some_and(|name| names.iter().any(|n| n == name.as_str()))
        })
        .collect();
    let same_stem = |path: &Path| names.iter().any(|name| stem(name) == stem(&name_of(path)));
    if owners.len() > 1 && owners.iter().filter(|(path, _)| same_stem(path)).count() == 1 {
        owners.retain(|(path, _)| same_stem(path));
    }
    let owner = match owners.as_slice() {
        [(path, _)] => Some(path.clone()),
        [] => match neighbours.as_slice() {
            [(path, (workspace, _))] if lists_component(workspace, &names)? => Some(path.clone()),
            _ => None,
        },
        several => {
            return Err(Error::SeveralReleaseRepos { paths: several.iter().map(|(path, _)| path.clone()).collect() });
        }
    };
    let found = neighbours.into_iter().find(|(path, _)| Some(path) == owner.as_ref());
    Ok(found.map(|(_, (workspace, _))| workspace.release))
}

/// A neighbour, if it is a release repo, and the application that it names.
fn open_neighbour(path: &Path, choices: &Choices) -> Result<Option<(Workspace, Option<RepositoryName>)>> {
    let release = match Repository::open(path) {
        Ok(release) if release.is_release_repo()? => release,
        Ok(_) | Err(crate::git::Error::NotARepository { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let remote = release.remote(None)?;
    let workspace = Workspace { release, remote, choices: Choices { offline: true, ..choices.clone() } };
    let application = workspace.environments().application()?.map(|application| application.name);
    Ok(Some((workspace, application)))
}

/// Whether the application of a release repo lists one of these names as a component, as far as its clone tells.
fn lists_component(workspace: &Workspace, names: &[String]) -> Result<bool> {
    let Some(application) = workspace.environments().application()? else { return Ok(false) };
    let Some(app) = workspace.app_if_present(&application)? else { return Ok(false) };
    let Some(branch) = app.default_branch()? else { return Ok(false) };
    let Some(head) = app.head(&branch)? else { return Ok(false) };
    let (file, _) = workspace.app_file(&app, head)?;
    Ok(file.repositories.iter().any(|component| names.iter().any(|name| name == component.name.as_str())))
}

/// What a repository may be called: its folder's name, and the last segment of its remote.
fn names_of(repository: &Repository) -> Vec<String> {
    let url = repository.remote(None).ok().flatten().and_then(|remote| remote.url);
    let mut names: Vec<String> = repository.homes().iter().map(|home| name_of(home)).collect();
    names.extend(url.map(|url| last_segment(&url).to_owned()));
    names
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.strip_suffix(".git").unwrap_or(name).to_owned()
}

/// `foo` for `foo-app` and `foo-release`.
fn stem(name: &str) -> &str {
    name.rsplit_once('-').map_or(name, |(stem, _)| stem)
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
    // The remote's name stands last, where there is one.
    RepositoryName::parse(names_of(repository).last()?).ok()
}
