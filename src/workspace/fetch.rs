//! Bringing all clones up to date, side by side.

use std::path::{Path, PathBuf};

use crate::domain::error::{Exit, Explain};
use crate::domain::word::words;
use crate::git::repository::Repository;

use super::team::{Member, side_by_side};
use super::{Error, Result, Workspace};

words! {
    /// What became of one clone.
    pub enum State {
        /// It was brought up to date.
        Fetched = "fetched",
        /// It was made, in relman's cache.
        Cloned = "cloned",
        /// It has no remote.
        NoRemote = "no-remote",
        /// It could not be brought up to date.
        Failed = "failed",
    }
}

/// One repository, and what became of its clone.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The name.
    pub name: String,
    /// Where the clone lies.
    pub path: Option<PathBuf>,
    /// What became of it.
    pub state: State,
    /// Why it failed.
    pub failure: Option<FetchFailure>,
}

/// Why a clone could not be brought up to date.
#[derive(Clone, Debug)]
pub struct FetchFailure {
    /// The exit status that it means for the command.
    pub exit: Exit,
    /// What went wrong.
    pub message: String,
    /// What to do about it.
    pub hints: Vec<String>,
}

impl From<&Error> for FetchFailure {
    fn from(error: &Error) -> Self {
        let mut message = error.to_string();
        let mut cause = std::error::Error::source(error);
        while let Some(error) = cause {
            let text = error.to_string();
            if !message.contains(&text) {
                message = format!("{message}: {text}");
            }
            cause = error.source();
        }
        FetchFailure { exit: error.exit(), message, hints: error.hints() }
    }
}

impl Workspace {
    /// Brings the release repo, the app repo and its components up to date. One that fails does not stop the others.
    pub fn fetch_all(&self) -> Result<Vec<Fetched>> {
        let release_name =
            super::discover::known_as(&self.release).map_or_else(|| "release repo".to_owned(), |n| n.to_string());
        let mut all = vec![fetch_one(release_name, self.release.folder(), self.remote_name())];
        let Some(application) = self.environments().application()? else { return Ok(all) };
        // The app first: its list says which components there are.
        let known = self.app_if_present(&application).ok().flatten().is_some();
        let app = match self.app(&application) {
            Ok(app) => app,
            Err(error) => {
                all.push(failed(application.name.to_string(), &error));
                return Ok(all);
            }
        };
        all.push(fetch_member(&app, !known));
        let head = match app.default_branch()? {
            Some(branch) => app.head(&branch)?,
            None => None,
        };
        let Some(head) = head else { return Ok(all) };
        let (file, _) = self.app_file(&app, head)?;
        let mut jobs = Vec::new();
        for component in &file.repositories {
            let present = self.component_if_present(&app, component).ok().flatten().is_some();
            match self.component(&app, component) {
                Ok(member) => {
                    jobs.push((
                        member.name.to_string(),
                        member.repository.folder().to_owned(),
                        member.remote.clone(),
                        present,
                    ));
                }
                Err(error) => all.push(failed(component.name.to_string(), &error)),
            }
        }
        all.extend(side_by_side(&jobs, |(name, folder, remote, present)| {
            mark_new(fetch_one(name.clone(), folder, remote.as_deref()), !present)
        }));
        Ok(all)
    }
}

fn fetch_member(member: &Member, new: bool) -> Fetched {
    mark_new(fetch_one(member.name.to_string(), member.repository.folder(), member.remote.as_deref()), new)
}

fn mark_new(mut fetched: Fetched, new: bool) -> Fetched {
    if new && fetched.state == State::Fetched {
        fetched.state = State::Cloned;
    }
    fetched
}

fn fetch_one(name: String, folder: &Path, remote: Option<&str>) -> Fetched {
    let path = Some(folder.to_owned());
    let Some(remote) = remote else { return Fetched { name, path, state: State::NoRemote, failure: None } };
    match Repository::open(folder).and_then(|repository| repository.fetch_everything(remote)) {
        Ok(()) => Fetched { name, path, state: State::Fetched, failure: None },
        Err(error) => Fetched { path, ..failed(name, &error.into()) },
    }
}

fn failed(name: String, error: &Error) -> Fetched {
    Fetched { name, path: None, state: State::Failed, failure: Some(error.into()) }
}
