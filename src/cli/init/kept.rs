//! An app repo that exists already and is kept: where it is, and what it lacks.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::domain::app_file::AppFile;
use crate::domain::location::{InvalidUrl, check_url, holds_password, last_segment, without_login, without_secrets};
use crate::domain::name::RepositoryName;
use crate::git::app_repo::AppFileState;
use crate::git::clones::Places;
use crate::git::repository::Repository;
use crate::scaffold::ExistingApp;

use super::super::{Context, UsageError};
use super::wish::Wish;

/// An app repo that is kept.
pub(super) struct KeptApp {
    pub(super) name: RepositoryName,
    /// Where it can be cloned from, unless that follows from the release repo's own remote.
    pub(super) url: Option<String>,
    /// Its clone, where that is not found beside the release repo.
    pub(super) clone: Option<PathBuf>,
    pub(super) lacks: ExistingApp,
}

impl Wish {
    /// Looks at the app repo that is to be kept.
    pub(super) fn existing_app(&self, context: &Context<'_>) -> anyhow::Result<Option<KeptApp>> {
        let Some(place) = &self.use_app else { return Ok(None) };
        let name = last_segment(place.trim_end_matches("/.git"));
        let path = Path::new(place);
        let (repository, url, clone) = if path.is_dir() {
            let repository = Repository::open(path)?;
            let folder = repository.folder().to_owned();
            let url = repository.remote(None)?.and_then(|remote| remote.url);
            (repository, url, Some(folder))
        } else {
            check_url(place)?;
            let looks_like_url = place.contains("://") || place.contains('@');
            if !looks_like_url {
                return Err(UsageError::new(
                    format!("--use-app {place}: there is no such folder, and it is no URL"),
                    "name the clone of the app repo, or the URL that it can be cloned from",
                )
                .into());
            }
            if context.offline() {
                return Err(
                    UsageError::new("a URL can't be looked at --offline", "name a clone of the app repo").into()
                );
            }
            if holds_password(place) {
                return Err(UsageError::new(
                    "the URL after --use-app must not hold a password: it would be kept in files",
                    "leave it out, and let Git's credential helper have it",
                )
                .into());
            }
            let place = without_login(place);
            let progress = context.ui.progress("looking at the app repo");
            let places = Places { cache: crate::config::cache_folder(), ..Places::default() };
            // The last part may be a piece of a password, so it is not shown by itself.
            let name = RepositoryName::parse(name).map_err(|_| InvalidUrl {
                url: without_secrets(&place).into_owned(),
                why: "its last part is no name of a repository",
            })?;
            let made = places.clone_into_cache(&name, &place)?;
            drop(progress);
            let made = made.context("there is no folder for relman's cache: set RELMAN_CACHE_DIR")?;
            (made.repository, Some(place.into_owned()), None)
        };
        let name = match &clone {
            Some(folder) => {
                folder.file_name().and_then(|name| name.to_str()).unwrap_or(name).trim_end_matches(".git").to_owned()
            }
            None => name.to_owned(),
        };
        let name = RepositoryName::parse(&name)?;
        let expected = self.remote_base.as_ref().map(|base| base.url(name.as_str()));
        let beside = |folder: &PathBuf| folder.parent() == Some(&self.folder);
        Ok(Some(KeptApp {
            lacks: existing(&repository)?,
            url: url.map(|url| without_login(&url).into_owned()).filter(|url| Some(url) != expected.as_ref()),
            clone: clone.filter(|folder| !beside(folder)),
            name,
        }))
    }
}

/// What is in an app repo, at the head of its default branch.
fn existing(repository: &Repository) -> anyhow::Result<ExistingApp> {
    let remote = repository.remote(None)?.map(|remote| remote.name);
    let mut head = None;
    for remote in [None, remote.as_deref()] {
        if let Some(branch) = repository.default_branch(remote)?
            && let Some(commit) = repository.branch_head(remote, &branch)?
        {
            head = Some(commit);
        }
    }
    let Some(head) = head else { return Ok(ExistingApp::default()) };
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
