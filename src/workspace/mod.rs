//! All repositories of a release together: which clones there are, what their remotes say, what that adds up to.
//!
//! [`discover`] finds the release repo, [`Workspace`] holds it open, [`team`] finds the app repo and its components and
//! asks their remotes side by side, [`resolve`] and [`overview`] gather what the domain decides on.

mod app_refs;
mod approval;
pub mod branches;
pub mod compare;
pub mod discover;
pub mod error;
pub mod fetch;
mod former_names;
pub mod history;
pub mod lineup;
pub mod names;
pub mod next;
pub mod on_its_way;
pub mod overview;
pub mod past;
pub mod promotion;
mod release_tags;
pub mod resolve;
pub mod selected;
pub mod survey;
pub mod team;
pub mod trace;
pub mod trigger;
pub mod verify;
pub mod whereabouts;
mod wish;

use std::path::PathBuf;

use crate::domain::landscape::{EnvironmentBranch, Landscape};
use crate::domain::name::EnvironmentName;
use crate::git::clones::Places;
use crate::git::release_repo::ReleaseRepo;
use crate::git::repository::{Remote, Repository};

pub use error::Error;

/// The result of whatever concerns several repositories.
pub type Result<T> = std::result::Result<T, Error>;

/// How a command was asked to look at repositories.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// The release repo, or a folder to look from.
    pub repo: Option<PathBuf>,
    /// The clone of the app repo.
    pub app: Option<PathBuf>,
    /// The remote to use, in the release repo and in all the others.
    pub remote: Option<String>,
    /// Whether remotes must be left alone.
    pub offline: bool,
    /// relman's cache.
    pub cache: Option<PathBuf>,
    /// The time, in seconds since 1970.
    pub now: i64,
}

/// A release repo that is open.
pub struct Workspace {
    /// The release repo.
    pub release: Repository,
    /// Its remote, where it has one.
    pub remote: Option<Remote>,
    /// How it is looked at.
    pub choices: Choices,
}

impl Workspace {
    /// Finds the release repo and opens it.
    pub fn open(choices: Choices) -> Result<Self> {
        let release = discover::release_repo(&choices)?;
        let remote = release.remote(choices.remote.as_deref())?;
        Ok(Workspace { release, remote, choices })
    }

    /// The name of the remote.
    pub fn remote_name(&self) -> Option<&str> {
        self.remote.as_ref().map(|remote| remote.name.as_str())
    }

    /// Where clones of the app repo and its components are looked for.
    pub fn places(&self) -> Places {
        Places { app: self.choices.app.clone(), standing: discover::standing().ok(), cache: self.choices.cache.clone() }
    }

    /// A view of the environment branches.
    pub fn environments(&self) -> ReleaseRepo<'_> {
        ReleaseRepo::new(&self.release, self.remote_name(), self.choices.now)
    }

    /// Asks the remote of the release repo for the environment branches and the records.
    pub fn fetch_environments(&self) -> Result<()> {
        match self.remote_name() {
            Some(remote) if !self.choices.offline => Ok(self.release.fetch_environments(remote)?),
            _ => Ok(()),
        }
    }

    /// Makes sure that the history of the environment branches is whole, for an answer that depends on it.
    pub fn require_history(&self, what: &str) -> Result<()> {
        if !self.release.is_shallow()? {
            return Ok(());
        }
        match self.remote_name() {
            Some(remote) if !self.choices.offline => Ok(self.release.fetch_history(remote)?),
            _ => Err(crate::git::Error::Incomplete {
                path: self.release.folder().to_owned(),
                kind: "a shallow clone",
                what: what.to_owned(),
            }
            .into()),
        }
    }

    /// The branch of an environment, or an error that lists the ones there are.
    pub fn branch<'l>(&self, landscape: &'l Landscape, name: &EnvironmentName) -> Result<&'l EnvironmentBranch> {
        landscape.find(name).ok_or_else(|| Error::NoEnvironment {
            name: name.clone(),
            known: landscape.in_order().filter_map(|branch| branch.name.clone()).collect(),
        })
    }
}
