//! The app repo and its components: finding their clones, and asking their remotes side by side.

use std::path::PathBuf;

use crate::domain::app_file::{AppFile, Component, Engine, MAX_DEFINITION};
use crate::domain::file::FileError;
use crate::domain::location::{check_url, neighbour};
use crate::domain::name::{BranchName, CommitId, RepositoryName, TagName};
use crate::domain::release_file::Application;
use crate::domain::resolution::RepositoryState;
use crate::domain::version::Version;
use crate::domain::yaml::MAX_FILE;
use crate::git::app_repo::{AppFileState, TagSource};
use crate::git::clones::{Clone, Search};
use crate::git::objects::Content;
use crate::git::repository::Repository;

use super::{Error, Result, Workspace};

/// One repository of a release, with its clone.
pub struct Member {
    /// Its name.
    pub name: RepositoryName,
    /// The clone.
    pub repository: Repository,
    /// The remote that the clone is asked through.
    pub remote: Option<String>,
    /// The URL of that remote, or the one it was cloned from.
    pub url: Option<String>,
    /// Whether that URL is one that only a file names: whoever can change the file chooses the host in it.
    pub url_is_foreign: bool,
    /// Whether the remote has been asked in this run.
    pub asked: bool,
}

impl Member {
    /// Which tags count for this repository: what the remote answered, as far as that is known to be all of it, else
    /// what the clone has.
    pub fn tag_source(&self) -> TagSource<'_> {
        match &self.remote {
            Some(remote) if self.asked || self.repository.keeps_all_tags(remote) => TagSource::Asked(remote),
            remote => TagSource::Clone(remote.as_deref()),
        }
    }

    /// All tags that may be there: what the remote answered in this run, else the clone's own as well. For whoever judges
    /// tags, and for numbers, of which none may be given twice; a gap does no harm.
    pub fn all_tags(&self) -> TagSource<'_> {
        match &self.remote {
            Some(remote) if self.asked => TagSource::Asked(remote),
            remote => TagSource::Clone(remote.as_deref()),
        }
    }

    /// Refuses a clone whose tags may be incomplete, unless its remote has been asked.
    pub fn require_tags(&self, what: &str) -> Result<()> {
        if self.asked {
            return Ok(());
        }
        let incomplete = |kind| {
            Err(crate::git::Error::Incomplete {
                path: self.repository.folder().to_owned(),
                kind,
                what: what.to_owned(),
            }
            .into())
        };
        if self.repository.is_shallow()? {
            return incomplete("a shallow clone");
        }
        if self.lacks_tags() {
            return incomplete("a clone without tags");
        }
        Ok(())
    }

    /// Whether the remote's tags were left out of the clone, and never brought since.
    pub fn lacks_tags(&self) -> bool {
        let left_out = self.remote.as_ref().is_some_and(|remote| self.repository.leaves_out_tags(remote));
        left_out && !self.repository.was_fetched_whole()
    }

    /// Whether the clone has been told of all branches of its remote.
    pub fn knows_all_branches(&self) -> bool {
        self.remote.as_ref().is_none_or(|remote| self.repository.knows_all_branches(remote))
    }

    /// The default branch, as far as the clone knows it.
    pub fn default_branch(&self) -> Result<Option<BranchName>> {
        Ok(self.repository.default_branch(self.remote.as_deref())?)
    }

    /// The text of a file that defines the pipeline.
    pub fn definition(&self, path: &str, blob: gix::ObjectId) -> Result<Vec<u8>> {
        match self.repository.content(blob, MAX_DEFINITION)? {
            Content::Bytes(bytes) => Ok(bytes),
            Content::TooLarge(size) => Err(Error::AppFileTooLarge {
                repository: self.name.clone(),
                path: path.to_owned(),
                size,
                most: MAX_DEFINITION,
            }),
        }
    }

    /// The file that defines the pipeline at a commit: the one that the engine is told to run, else the app file, `found`
    /// with its path and blob. `None` where there is neither.
    pub fn pipeline_file(
        &self,
        commit: CommitId,
        file: &AppFile,
        found: Option<(&'static str, gix::ObjectId)>,
    ) -> Result<Option<(String, gix::ObjectId)>> {
        let app_file = found.map(|(path, blob)| (path.to_owned(), blob));
        let Some(pipeline) = &file.pipeline else { return Ok(app_file) };
        let Some(path) = pipeline.definition() else { return Ok(app_file) };
        let named = self.repository.files_at(commit, &[path.into_owned()])?.pop();
        // A job of Jenkins may take its script from elsewhere.
        Ok(if pipeline.engine() == Engine::Jenkins { named.or(app_file) } else { named })
    }

    /// Where this clone and the remote, as it answered last, have a tag, if that is not the same.
    pub fn moved(&self, tag: &TagName) -> Result<Option<(CommitId, CommitId)>> {
        let Some(remote) = &self.remote else { return Ok(None) };
        let here = self.repository.tag_commit(tag, TagSource::Clone(None))?;
        let there = self.repository.tag_commit(tag, TagSource::Asked(remote))?;
        Ok(here.zip(there).filter(|(here, there)| here != there))
    }

    /// The head of a branch.
    pub fn head(&self, branch: &BranchName) -> Result<Option<CommitId>> {
        Ok(self.repository.branch_head(self.remote.as_deref(), branch)?)
    }

    /// What a version finds in this repository. `branch` is the configured one, `pin` the tag of a pinned component.
    pub fn state(
        &self,
        version: Option<&Version>,
        component: Option<&Component>,
        branch: Option<&BranchName>,
    ) -> Result<RepositoryState> {
        let pinned = match component.and_then(|component| component.tag.as_ref()) {
            Some(tag) => {
                let commit = self.repository.tag_commit(tag, TagSource::Clone(self.remote.as_deref()))?;
                let commit = commit.ok_or_else(|| crate::domain::resolution::Unresolved::NoPinnedTag {
                    repository: self.name.clone(),
                    tag: tag.clone(),
                })?;
                Some((tag.clone(), commit))
            }
            None => None,
        };
        let branch = match branch {
            Some(branch) => Some(branch.clone()),
            None => self.default_branch()?,
        };
        let branch = match branch {
            Some(branch) => {
                let head = self.head(&branch)?;
                Some((branch, head))
            }
            None => None,
        };
        let (release_head, tags) = match version {
            Some(version) if pinned.is_none() => {
                (self.head(&version.release_branch())?, self.repository.version_tags(version, self.tag_source())??)
            }
            _ => (None, Default::default()),
        };
        Ok(RepositoryState { name: self.name.clone(), pinned, release_head, branch, tags })
    }
}

/// Where a repository would be cloned from.
struct Place {
    url: String,
    /// Whether only a file says so.
    foreign: bool,
}

/// What to ask a remote for.
#[derive(Clone, Debug)]
pub struct Question {
    /// The candidates and the final tag of this version.
    pub version: Option<Version>,
    /// All branches.
    pub heads: bool,
}

impl Workspace {
    /// The URL that an application is cloned from: its own, else the neighbour of the release repo's remote.
    pub fn app_url(&self, application: &Application) -> Result<Option<String>> {
        match &application.url {
            Some(url) => {
                check_url(url)?;
                Ok(Some(url.clone()))
            }
            None => {
                self.neighbour_url(self.remote.as_ref().and_then(|remote| remote.url.as_deref()), &application.name)
            }
        }
    }

    fn neighbour_url(&self, base: Option<&str>, name: &RepositoryName) -> Result<Option<String>> {
        let Some(url) = base.and_then(|base| neighbour(base, name)) else { return Ok(None) };
        check_url(&url)?;
        // A relative path begins at the clone that it was configured in.
        let is_path = !url.contains("://") && !url.split('/').next().is_some_and(|start| start.contains(':'));
        Ok(Some(if is_path { self.release.folder().join(&url).display().to_string() } else { url }))
    }

    /// Finds the clone of the app repo; makes one in the cache where there is none and remotes may be asked.
    pub fn app(&self, application: &Application) -> Result<Member> {
        self.member(&application.name, true, self.app_place(application)?, true)
    }

    /// Like [`Workspace::app`], and never clones: an error where there is none.
    pub fn app_here(&self, application: &Application) -> Result<Member> {
        self.member(&application.name, true, self.app_place(application)?, false)
    }

    /// Like [`Workspace::app`], and never clones: `None` where there is none.
    pub fn app_if_present(&self, application: &Application) -> Result<Option<Member>> {
        self.if_present(self.app_here(application))
    }

    /// Finds the clone of a component, as [`Workspace::app`] does.
    pub fn component(&self, app: &Member, component: &Component) -> Result<Member> {
        self.member(&component.name, false, self.component_place(app, component)?, true)
    }

    /// Like [`Workspace::component`], and never clones: `None` where there is none.
    pub fn component_if_present(&self, app: &Member, component: &Component) -> Result<Option<Member>> {
        self.if_present(self.member(&component.name, false, self.component_place(app, component)?, false))
    }

    fn app_place(&self, application: &Application) -> Result<Option<Place>> {
        let foreign = application.url.is_some();
        Ok(self.app_url(application)?.map(|url| Place { url, foreign }))
    }

    fn component_place(&self, app: &Member, component: &Component) -> Result<Option<Place>> {
        let url = match &component.url {
            Some(url) => {
                check_url(url)?;
                Some(url.clone())
            }
            None => self.neighbour_url(app.url.as_deref(), &component.name)?,
        };
        let foreign = component.url.is_some() || app.url_is_foreign;
        Ok(url.map(|url| Place { url, foreign }))
    }

    /// `None` where there is no clone.
    pub(super) fn if_present(&self, member: Result<Member>) -> Result<Option<Member>> {
        match member {
            Ok(member) => Ok(Some(member)),
            Err(Error::NoClone { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn member(&self, name: &RepositoryName, is_app: bool, place: Option<Place>, may_clone: bool) -> Result<Member> {
        let places = self.places();
        let foreign = place.as_ref().is_some_and(|place| place.foreign);
        let url = place.map(|place| place.url);
        let found = match places.find(&self.release, name, is_app, url.as_deref())? {
            Search::Found(found) => *found,
            Search::Missing(looked) => {
                let missing =
                    |url| Error::NoClone { repository: name.clone(), looked, url, offline: self.choices.offline };
                match &url {
                    Some(from) if may_clone && !self.choices.offline => match places.clone_into_cache(name, from)? {
                        Some(made) => made,
                        None => return Err(missing(url)),
                    },
                    _ => return Err(missing(url)),
                }
            }
        };
        let Clone { repository, cached } = found;
        // Every clone may call its remote otherwise, so a name that was given counts where it exists.
        let remote = match repository.remote(self.choices.remote.as_deref()) {
            Err(crate::git::Error::NoRemote { .. }) => repository.remote(None)?,
            remote => remote?,
        };
        // What the user has cloned is the user's choice; what relman clones is the choice of whoever wrote the file.
        let remote_url = remote.as_ref().filter(|_| !cached).and_then(|remote| remote.url.clone());
        Ok(Member {
            name: name.clone(),
            repository,
            remote: remote.map(|remote| remote.name),
            url_is_foreign: foreign && remote_url.is_none(),
            url: remote_url.or(url),
            asked: false,
        })
    }

    /// Asks the remotes of all these repositories at once; those without a remote answer for themselves.
    pub fn ask(&self, members: &mut [&mut Member], question: &Question) -> Result<()> {
        if self.choices.offline {
            return Ok(());
        }
        let jobs: Vec<Option<(PathBuf, String)>> = members
            .iter()
            .map(|member| {
                let remote = member.remote.clone().filter(|_| !member.asked)?;
                Some((member.repository.git_dir().to_owned(), remote))
            })
            .collect();
        let answers: Vec<Option<Result<()>>> = side_by_side(&jobs, |job| {
            let (path, remote) = job.as_ref()?;
            let ask = || -> Result<()> {
                let repository = Repository::open(path)?;
                match (&question.version, question.heads) {
                    (Some(version), heads) => repository.fetch_version(remote, version, heads)?,
                    (None, true) => repository.fetch_heads(remote)?,
                    (None, false) => {}
                }
                Ok(())
            };
            Some(ask())
        });
        for (member, answer) in members.iter_mut().zip(answers) {
            if let Some(answer) = answer {
                answer?;
                member.asked = true;
            }
        }
        Ok(())
    }

    /// The app's file at a commit; no file is an empty one. Also its path and blob, where there is a file.
    pub fn app_file(&self, app: &Member, commit: CommitId) -> Result<(AppFile, Option<(&'static str, gix::ObjectId)>)> {
        match app.repository.app_file(commit)? {
            AppFileState::Read { path, blob, file } => {
                if let Some(own) = file.repositories.iter().find(|component| component.name == app.name) {
                    let cause = FileError {
                        path: path.to_owned(),
                        line: own.line,
                        column: 1,
                        message: format!("`repositories` lists {}, which is the app repo itself", app.name),
                        expected: Some("components only".into()),
                        hint: Some("take the entry out: the app repo is always part of a release".into()),
                        code: "invalid-value",
                    };
                    return Err(Error::AppFile {
                        repository: app.name.clone(),
                        path: path.to_owned(),
                        commit,
                        cause: Box::new(cause),
                    });
                }
                Ok((*file, Some((path, blob))))
            }
            AppFileState::Absent => Ok((AppFile::default(), None)),
            AppFileState::TooLarge(path, size) => Err(Error::AppFileTooLarge {
                repository: app.name.clone(),
                path: path.to_owned(),
                size,
                most: MAX_FILE as u64,
            }),
            AppFileState::Invalid(cause) => Err(Error::AppFile {
                repository: app.name.clone(),
                path: cause.path.clone(),
                commit,
                cause: Box::new(cause),
            }),
        }
    }
}

/// Runs a job for each item at the same time, and returns the answers in the order of the items.
pub fn side_by_side<T: Sync, R: Send>(items: &[T], job: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let job = &job;
    std::thread::scope(|scope| {
        let running: Vec<_> = items.iter().map(|item| scope.spawn(move || job(item))).collect();
        running
            .into_iter()
            .map(|thread| match thread.join() {
                Ok(answer) => answer,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    })
}
