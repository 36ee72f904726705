//! What a forge is told of a deployment, and what it tells about it: a status beside the release commit, and the pull
//! request that brought it.
//!
//! It is there where a token is, runs beside the deployment with little patience, and never delays or fails one.

use std::cell::{Cell, OnceCell};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use crate::cli::forge_clues;
use crate::domain::name::{BranchName, CommitId, EnvironmentName};
use crate::domain::record::{Outcome, PullRequestRecord, Record};
use crate::forge::runner::Children;
use crate::forge::{self, BuildState, CommitStatus, Credential, Forge, Location};
use crate::git::Repository;
use crate::http::{Login, Network, Patience};
use crate::workspace::Workspace;

use super::Context;

/// How long a deployment waits for the forge: at its start for the pull request, at its end for the last status.
const WAIT: Duration = Duration::from_secs(5);

/// What is longer is cut by some forges, and refused by others.
const LONGEST: usize = 140;

/// What came from the forge.
enum News {
    /// The login that was found, whose secret must not be printed by what follows.
    Login(Login),
    /// What the search for the pull request came to.
    Found(Result<Option<PullRequestRecord>, String>),
    /// What became of a status.
    Told(Result<(), String>),
    /// There will be nothing more, and why.
    Silent(String),
}

/// A line to the forge while a deployment runs.
pub(super) struct Herald<'a> {
    context: &'a Context<'a>,
    /// Where there is no line, there is nobody to tell.
    line: Option<Line>,
    begun: Instant,
    found: OnceCell<Option<PullRequestRecord>>,
    /// How many statuses are not answered yet.
    open: Cell<u32>,
}

struct Line {
    orders: Sender<CommitStatus>,
    news: Receiver<News>,
    /// Where a status leads that has no build to show.
    page: String,
}

impl<'a> Herald<'a> {
    /// Begins to look for the pull request of a release commit, if there is a forge to ask.
    pub(super) fn send(
        context: &'a Context<'a>,
        workspace: &Workspace,
        environment: &EnvironmentName,
        on: CommitId,
        forge: Option<Location>,
    ) -> Self {
        let line = forge.map(|forge| line(workspace, environment, on, forge));
        Herald { context, line, begun: Instant::now(), found: OnceCell::new(), open: Cell::new(0) }
    }

    /// The pull request whose merge made the release commit, as far as the forge has told by now.
    pub(super) fn pull_request(&self) -> Option<PullRequestRecord> {
        while self.found.get().is_none() && self.hear(WAIT.saturating_sub(self.begun.elapsed())) {}
        self.found.get().cloned().flatten()
    }

    /// Has a record shown beside the release commit. Does not wait.
    pub(super) fn tell(&self, record: &Record) {
        let Some(line) = &self.line else { return };
        if line.orders.send(status(record, &line.page)).is_ok() {
            self.open.set(self.open.get() + 1);
        }
    }

    /// Waits for the answers, a little.
    pub(super) fn wait(&self) {
        let begun = Instant::now();
        while self.open.get() > 0 && self.hear(WAIT.saturating_sub(begun.elapsed())) {}
    }

    /// Hears one piece of news, if it comes in time.
    fn hear(&self, longest: Duration) -> bool {
        let Some(line) = &self.line else { return false };
        let Ok(news) = line.news.recv_timeout(longest) else { return false };
        let trouble = match news {
            News::Login(login) => {
                self.context.hide(&login);
                None
            }
            News::Found(Ok(found)) => {
                let _ = self.found.set(found);
                None
            }
            News::Found(Err(why)) => {
                let _ = self.found.set(None);
                Some(format!("the pull request behind this deployment is not known: {why}"))
            }
            News::Told(told) => {
                self.open.set(self.open.get().saturating_sub(1));
                told.err().map(|why| format!("the release commit does not show this deployment: {why}"))
            }
            News::Silent(why) => {
                let _ = self.found.set(None);
                self.open.set(0);
                Some(format!("no forge is told of this deployment: {why}"))
            }
        };
        if let Some(trouble) = trouble {
            self.context.ui.detail(1, &trouble);
        }
        true
    }
}

/// The forge that a deployment is shown at, if there is one.
pub(super) fn forge(context: &Context<'_>, workspace: &Workspace, environment: &EnvironmentName) -> Option<Location> {
    if context.offline() {
        return None;
    }
    match forge_clues::find(context, workspace, environment) {
        Ok(location) => location.filter(|location| location.kind.has_api()),
        Err(error) => {
            context.ui.detail(1, &format!("no forge is told of this deployment: {error}"));
            None
        }
    }
}

/// Opens the line: a thread that looks for a token, asks and tells.
fn line(workspace: &Workspace, environment: &EnvironmentName, on: CommitId, location: Location) -> Line {
    let page = location.web.to_string();
    let (folder, base) = (workspace.release.folder().to_owned(), environment.branch());
    let (orders, ordered) = mpsc::channel();
    let (teller, news) = mpsc::channel();
    std::thread::spawn(move || serve(&folder, &location, on, &base, &ordered, &teller));
    Line { orders, news, page }
}

fn serve(
    folder: &Path,
    location: &Location,
    on: CommitId,
    base: &BranchName,
    orders: &Receiver<CommitStatus>,
    news: &Sender<News>,
) {
    // Nobody listens any more where the deployment has ended.
    let say = |one: News| drop(news.send(one));
    let credential = match credential(folder, location) {
        Ok(credential) => credential,
        Err(why) => return say(News::Silent(why)),
    };
    say(News::Login(credential.login.clone()));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let found = connect(location, &credential).and_then(|forge| forge::origin(&*forge, on, base));
            say(News::Found(found.map_err(|error| error.to_string())));
        });
        let forge = connect(location, &credential);
        for status in orders {
            let told = match &forge {
                Ok(forge) => forge.set_status(on, &status).map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            say(News::Told(told));
        }
    });
}

fn credential(folder: &Path, location: &Location) -> Result<Credential, String> {
    let release = Repository::open(folder).map_err(|error| error.to_string())?;
    let runner = Children::in_folder(folder);
    let search = forge::find_credential(location, &forge_clues::places(&release, &runner));
    let search = search.map_err(|error| error.to_string())?;
    search.credential.ok_or_else(|| "there is no token".to_owned())
}

/// A forge that is asked once, and not for long.
fn connect(location: &Location, credential: &Credential) -> forge::Result<Box<dyn Forge>> {
    let patience = Patience {
        connect: Duration::from_secs(3),
        request: WAIT,
        attempts: 1,
        pause: Duration::ZERO,
        waiting: Duration::ZERO,
    };
    let network = Box::new(Network::new(&location.web, &patience));
    forge::capability::connect_with(location, Some(credential), network, patience)
}

/// What people see beside the commit.
fn status(record: &Record, page: &str) -> CommitStatus {
    let (state, verb) = match record.outcome {
        Outcome::Running => (BuildState::Running, "deploying"),
        Outcome::Succeeded => (BuildState::Succeeded, "deployed"),
        Outcome::Failed => (BuildState::Failed, "failed to deploy"),
        Outcome::Interrupted => (BuildState::Failed, "interrupted while deploying"),
    };
    let version = record.version.as_deref().unwrap_or("nothing");
    let tag = record.tag.as_deref().map(|tag| format!(", from the tag {tag}")).unwrap_or_default();
    let description = format!("{verb} {version}{tag}");
    CommitStatus {
        state,
        key: format!("relman/{}", record.environment),
        description: description.chars().take(LONGEST).collect(),
        url: record.url.clone().unwrap_or_else(|| page.to_owned()),
    }
}
