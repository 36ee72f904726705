//! The forges that environments lie on: found, and connected to where there is a token.

use std::time::{Duration, Instant};

use crate::domain::error::{Exit, Explain as _};
use crate::domain::name::{BranchName, CommitId, EnvironmentName};
use crate::domain::problem::Problem;
use crate::domain::pull_request_mark::PullRequestMark;
use crate::forge::runner::Children;
use crate::forge::{self, Forge, Location, NewPullRequest, PullRequest, RepositorySettings};
use crate::plan::{OpenAlready, PullRequestWish};
use crate::render::promotion::Ending;
use crate::workspace::Workspace;
use crate::workspace::overview::OpenPromotion;

use super::deeds::Opened;
use super::forge_clues::{find, places};
use super::{Context, Failure};

/// A forge with credentials.
pub(super) struct Connection {
    forge: Box<dyn Forge>,
    /// Where the token comes from.
    pub(super) source: String,
    /// What is to be known about the token: a word for scripts, and a sentence.
    pub(super) warnings: Vec<(&'static str, String)>,
}

impl Connection {
    /// The settings that matter for pull requests to an environment.
    pub(super) fn settings(&self, target: &EnvironmentName) -> forge::Result<RepositorySettings> {
        self.forge.settings(&target.branch())
    }

    /// What is open already of a pull request that is wanted.
    pub(super) fn foresee(&self, wish: &PullRequestWish) -> forge::Result<OpenAlready> {
        Ok(match forge::foresee(self.forge.as_ref(), &wanted(wish))? {
            None => OpenAlready::Nothing,
            Some((found, true)) => OpenAlready::Outdated(found.number),
            Some((found, false)) => OpenAlready::AsWanted(found.number),
        })
    }

    /// The open pull requests whose head is the branch of an environment, each with its target.
    pub(super) fn headed_by(
        &self,
        environment: &EnvironmentName,
    ) -> forge::Result<Vec<(PullRequest, EnvironmentName)>> {
        let head = environment.branch();
        let mut headed = Vec::new();
        for pull in self.forge.list_open()?.into_iter().filter(|pull| pull.head == head) {
            let target =
                pull.base.as_str().strip_prefix("environment/").and_then(|name| EnvironmentName::parse(name).ok());
            headed.extend(target.map(|target| (pull, target)));
        }
        Ok(headed)
    }

    /// The open pull requests to an environment.
    pub(super) fn open_to(&self, target: &EnvironmentName) -> forge::Result<Vec<PullRequest>> {
        let base = target.branch();
        Ok(self.forge.list_open()?.into_iter().filter(|pull| pull.base == base).collect())
    }

    /// The page of the pull request that is open from a branch to an environment.
    pub(super) fn open_page(&self, head: &BranchName, target: &EnvironmentName) -> forge::Result<Option<String>> {
        Ok(self.forge.find_open(head, &target.branch())?.map(|pull| pull.url))
    }

    /// The pull requests that are open between environment branches, or from a branch of a promotion to one.
    pub(super) fn open_promotions(&self) -> forge::Result<Vec<OpenPromotion>> {
        let environment = |branch: &str| branch.strip_prefix("environment/").map(str::to_owned);
        let mut open = Vec::new();
        for pull in self.forge.list_open()? {
            let Some(to) = environment(pull.base.as_str()) else { continue };
            let from = environment(pull.head.as_str());
            if from.is_some() || pull.head.as_str().starts_with(&format!("promote/{to}/")) {
                open.push(OpenPromotion { from, to, number: pull.number, url: pull.url, state: pull.state.word() });
            }
        }
        Ok(open)
    }

    /// The pull request whose merge brought a commit to the branch of an environment.
    pub(super) fn bringing(
        &self,
        commit: CommitId,
        target: &EnvironmentName,
    ) -> forge::Result<Option<PullRequestMark>> {
        let merged = forge::origin::merged(self.forge.as_ref(), commit, &target.branch())?;
        Ok(merged
            .map(|pull| PullRequestMark { number: pull.number, url: Some(pull.url).filter(|url| !url.is_empty()) }))
    }

    /// Waits until a pull request is merged. One that is closed, or not merged in time, is a failure.
    pub(super) fn wait(&self, number: u64, limit: Duration) -> anyhow::Result<()> {
        let begun = Instant::now();
        let mut pause = Duration::from_secs(1);
        loop {
            match self.forge.read(number)?.state {
                forge::State::Merged => return Ok(()),
                forge::State::Closed => {
                    let message = format!("the pull request {number} was closed without a merge");
                    return Err(Failure::refused("pull-request-closed", message, vec![]).into());
                }
                forge::State::Open => {}
            }
            if begun.elapsed() + pause > limit {
                return Err(Failure::refused(
                    "not-merged-in-time",
                    format!("the pull request {number} is still open"),
                    vec!["run the command again to go on waiting; it finds the pull request".into()],
                )
                .into());
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_secs(15));
        }
    }

    /// Finds the open one and brings it up to date, or opens one.
    pub(super) fn open(&self, wish: &PullRequestWish) -> forge::Result<Opened> {
        Ok(self.told(forge::open_or_update(self.forge.as_ref(), &wanted(wish))?))
    }

    /// Brings one up to date if relman has a part in its text; `None`: it is a person's alone, and stays as it is.
    pub(super) fn refresh(&self, pull: PullRequest, wish: &PullRequestWish) -> forge::Result<Option<Opened>> {
        let refreshed = forge::refresh(self.forge.as_ref(), pull, &wanted(wish))?;
        Ok(refreshed.map(|opened| self.told(opened)))
    }

    fn told(&self, opened: forge::Opened) -> Opened {
        Opened {
            ending: match opened.outcome {
                forge::Outcome::Created => Ending::Created,
                forge::Outcome::Updated => Ending::Updated,
                forge::Outcome::Unchanged => Ending::Unchanged,
            },
            forge: self.forge.kind().word(),
            number: opened.pull_request.number,
            url: opened.pull_request.url,
            warnings: opened.notes.into_iter().map(|note| Problem::warning(note.code, note.message)).collect(),
        }
    }
}

fn wanted(wish: &PullRequestWish) -> NewPullRequest {
    NewPullRequest {
        head: wish.head.clone(),
        base: wish.base.clone(),
        title: wish.title.clone(),
        body: wish.body.clone(),
        draft: wish.draft,
        reviewers: wish.reviewers.clone(),
        labels: wish.labels.clone(),
    }
}

/// Where the pull requests to some environments are opened.
pub(super) struct Home {
    /// The forge, where one is found; or why what is said about it can't be used.
    pub(super) forge: anyhow::Result<Option<Location>>,
    /// The environments.
    pub(super) environments: Vec<EnvironmentName>,
}

/// The forges of all environments, each once. `forge:` is read from the branch that a pull request changes, so they may
/// differ.
pub(super) fn homes(context: &Context<'_>, workspace: &Workspace) -> anyhow::Result<Vec<Home>> {
    let landscape = workspace.environments().landscape()?;
    let mut homes: Vec<Home> = Vec::new();
    for branch in landscape.in_order() {
        let Some(name) = branch.name.clone() else { continue };
        let forge = find(context, workspace, &name);
        let known = homes.iter_mut().find(|home| match (&home.forge, &forge) {
            (Ok(one), Ok(other)) => one == other,
            _ => false,
        });
        match known {
            Some(home) => home.environments.push(name),
            None => homes.push(Home { forge, environments: vec![name] }),
        }
    }
    Ok(homes)
}

/// Connects to a forge. That there is no token, or that it must not go there, is an error.
pub(super) fn connect(context: &Context<'_>, workspace: &Workspace, location: &Location) -> forge::Result<Connection> {
    let runner = Children::in_folder(workspace.release.folder());
    let search = forge::find_credential(location, &places(&workspace.release, &runner))?;
    for place in &search.looked {
        context.ui.detail(1, &format!("token: looked at {place}"));
    }
    let credential = search.required(location)?;
    context.hide(&credential.login);
    context.ui.detail(1, &format!("token: from {}", credential.source));
    let forge = forge::connect(location, Some(&credential))?;
    Ok(Connection { forge, source: credential.source, warnings: credential.warnings })
}

/// A connection to the forge of an environment; `None` where there is no forge that could be asked, or no token for it.
pub(super) fn connect_if_possible(
    context: &Context<'_>,
    workspace: &Workspace,
    target: &EnvironmentName,
) -> anyhow::Result<Option<Connection>> {
    match find(context, workspace, target)? {
        Some(location) if location.kind.has_api() && !context.offline() => {
            match connect(context, workspace, &location) {
                Err(error) if error.exit() == Exit::Unauthorised => Ok(None),
                connected => Ok(Some(connected?)),
            }
        }
        _ => Ok(None),
    }
}
