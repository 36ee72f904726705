//! An app repo that exists already and is kept: where it is, and what it lacks.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::domain::app_file::AppFile;
use crate::domain::location::{
    InvalidUrl, check_url, holds_password, is_of_this_machine, is_path, last_segment, without_login, without_secrets,
};
use crate::domain::name::{CommitId, RepositoryName};
use crate::domain::problem::Problem;
use crate::domain::release_file::ReleaseFile;
use crate::domain::text::shell_path;
use crate::git::app_repo::AppFileState;
use crate::git::clones::Places;
use crate::git::repository::Repository;
use crate::scaffold::{ExistingApp, RemoteBase};

use super::super::context::absolute;
use super::super::{Context, Failure, UsageError};

/// An app repo that is kept.
pub(super) struct KeptApp {
    pub(super) name: RepositoryName,
    /// Where it can be cloned from, unless that follows from the release repo's own remote.
    pub(super) url: Option<String>,
    /// Its clone, where that is not found beside the release repo.
    pub(super) clone: Option<PathBuf>,
    pub(super) lacks: ExistingApp,
    /// What is to be known of its URL.
    pub(super) warning: Option<Problem>,
}

/// Where the release repo will lie, by which the app repo may be found without a URL.
pub(super) struct Around<'a> {
    pub(super) folder: &'a Path,
    pub(super) remote_base: Option<&'a RemoteBase>,
}

impl Around<'_> {
    /// Looks at the app repo that is to be kept.
    pub(super) fn look(&self, context: &Context<'_>, place: &str) -> anyhow::Result<KeptApp> {
        let path = context.place(place)?;
        if path.is_dir() { self.clone_at(place, &path) } else { self.repository_at(context, place) }
    }

    fn clone_at(&self, place: &str, path: &Path) -> anyhow::Result<KeptApp> {
        let repository = match Repository::open(path) {
            Err(crate::git::Error::NotARepository { .. }) => return Err(not_a_clone(place, path)?.into()),
            opened => opened?,
        };
        refuse_release_repo(place, Some(path), &repository)?;
        let folder = repository.folder().to_owned();
        // A linked worktree has a name of its own, by which nobody else finds the repository.
        let home = repository.main_home();
        let name = home.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let name = RepositoryName::parse(name.trim_end_matches(".git"))?;
        let url = repository.remote(None)?.and_then(|remote| remote.url);
        let (url, warning) = match url {
            Some(url) => self.url_to_write(&name, &without_login(&url), &folder),
            None => (None, None),
        };
        Ok(KeptApp {
            lacks: existing(&repository)?,
            url,
            clone: Some(folder).filter(|folder| folder.parent() != Some(self.folder)),
            warning,
            name,
        })
    }

    fn repository_at(&self, context: &Context<'_>, place: &str) -> anyhow::Result<KeptApp> {
        check_url(place)?;
        if !(place.contains("://") || place.contains('@')) {
            return Err(UsageError::new(
                format!("--use-app {place}: there is no such folder, and it is no URL"),
                "name the clone of the app repo, or the URL that it can be cloned from",
            )
            .into());
        }
        if context.offline() {
            return Err(UsageError::new("a URL can't be looked at --offline", "name a clone of the app repo").into());
        }
        if holds_password(place) {
            return Err(UsageError::new(
                "the URL after --use-app must not hold a password: it would be kept in files",
                "leave it out, and let Git's credential helper have it",
            )
            .into());
        }
        let url = without_login(place);
        // The last part may be a piece of a password, so it is not shown by itself.
        let name = RepositoryName::parse(last_segment(place.trim_end_matches("/.git"))).map_err(|_| InvalidUrl {
            url: without_secrets(&url).into_owned(),
            why: "its last part is no name of a repository",
        })?;
        let progress = context.ui.progress("looking at the app repo");
        let places = Places { cache: crate::config::cache_folder(), ..Places::default() };
        let made = places.clone_into_cache(&name, &url)?;
        drop(progress);
        let repository = made.context("there is no folder for relman's cache: set RELMAN_CACHE_DIR")?.repository;
        refuse_release_repo(&url, None, &repository)?;
        let url = url.into_owned();
        // It was named, so it is written down, wherever it leads.
        let warning = is_of_this_machine(&url).then(|| leads_nowhere_else(&name, &url, true));
        Ok(KeptApp {
            lacks: existing(&repository)?,
            url: Some(url).filter(|url| !self.follows_from_the_base(&name, url)),
            clone: None,
            warning,
            name,
        })
    }

    /// Whether the URL of the app repo follows from the release repo's own.
    fn follows_from_the_base(&self, name: &RepositoryName, url: &str) -> bool {
        self.remote_base.is_some_and(|base| base.url(name.as_str()) == url)
    }

    /// The URL as `release.yml` may name it, which everybody gets. What leads somewhere on this machine only is left out,
    /// unless the release repo's remote is to lie on this machine as well.
    fn url_to_write(&self, name: &RepositoryName, url: &str, clone: &Path) -> (Option<String>, Option<Problem>) {
        // Git takes a relative path from inside the clone that has it for its remote.
        let whole = match is_path(url) {
            true => absolute(&clone.join(url)).unwrap_or_else(|_| clone.join(url)).to_string_lossy().into_owned(),
            false => url.to_owned(),
        };
        if self.follows_from_the_base(name, &whole) {
            return (None, None);
        }
        if !is_of_this_machine(&whole) {
            return (Some(whole), None);
        }
        let stays_here = self.remote_base.is_some_and(|base| is_of_this_machine(base.as_str()));
        let warning = leads_nowhere_else(name, &whole, stays_here);
        (Some(whole).filter(|_| stays_here), Some(warning))
    }
}

/// Says that a URL is of use on this machine only.
fn leads_nowhere_else(name: &RepositoryName, url: &str, written: bool) -> Problem {
    let hint = format!("once it lies on a server, write into release.yml: application: {{name: {name}, url: URL}}");
    match written {
        true => Problem::warning(
            "app-url-of-this-machine",
            format!("release.yml names {url} as the place of {name}, which nobody finds from another machine"),
        )
        .hint(hint),
        false => Problem::warning(
            "app-url-of-this-machine",
            format!("the remote of {name} is {url}, which nobody finds from another machine, so release.yml does not name it"),
        )
        .hint(format!("{hint}; it needs none beside the release repo")),
    }
}

fn not_a_clone(place: &str, path: &Path) -> crate::git::Result<Failure> {
    let hint = match Repository::discover_named(path)? {
        Some(around) => {
            format!("it lies inside of a repository, which is named whole: --use-app {}", shell_path(around.folder()))
        }
        None => "name the clone of the app repo, or its URL; without --use-app an app repo is made".to_owned(),
    };
    Ok(Failure::not_found("not-a-repository", format!("--use-app {place}: that is no Git repository"), vec![hint]))
}

/// Refuses a repository with environments, or with a release file. A file that is only called so may be anything.
fn refuse_release_repo(place: &str, folder: Option<&Path>, repository: &Repository) -> anyhow::Result<()> {
    let remote = repository.remote(None)?.map(|remote| remote.name);
    if !repository.has_environments(remote)? && !has_release_file(repository)? {
        return Ok(());
    }
    let place = without_secrets(place);
    let clone = folder.map_or_else(|| "CLONE".to_owned(), shell_path);
    let hints = vec![
        "name the repository whose tags are the releases; without --use-app one is made".to_owned(),
        format!("to add an environment to this one: relman -C {clone} env add NAME --type T"),
    ];
    let message = format!("--use-app {place}: that is a release repo, and so no app repo");
    Err(Failure::refused("release-repo", message, hints).into())
}

fn has_release_file(repository: &Repository) -> crate::git::Result<bool> {
    let Some(head) = head(repository)? else { return Ok(false) };
    let tree = repository.commit(head)?.tree;
    for path in ["release.yml", "release.yaml"] {
        if let Some(text) = repository.text_at(tree, path)?
            && ReleaseFile::parse(path, text.as_bytes()).is_ok()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The head of the default branch, as the remote has it where it is known.
fn head(repository: &Repository) -> crate::git::Result<Option<CommitId>> {
    let remote = repository.remote(None)?.map(|remote| remote.name);
    let mut head = None;
    for remote in [None, remote.as_deref()] {
        if let Some(branch) = repository.default_branch(remote)?
            && let Some(commit) = repository.branch_head(remote, &branch)?
        {
            head = Some(commit);
        }
    }
    Ok(head)
}

/// What is in an app repo, at the head of its default branch.
fn existing(repository: &Repository) -> anyhow::Result<ExistingApp> {
    let Some(head) = head(repository)? else { return Ok(ExistingApp::default()) };
    let file: Option<AppFile> = match repository.app_file(head)? {
        AppFileState::Read { file, .. } => Some(*file),
        _ => None,
    };
    Ok(ExistingApp {
        paths: repository.paths_at(head, 2)?,
        components: file
            .as_ref()
            .map(|file| file.repositories.iter().map(|component| component.name.clone()).collect()),
        has_pipeline: file.is_some_and(|file| file.pipeline.is_some()),
    })
}
