//! The forge that a release repo lies on: found, asked with a token where there is one, and named by its pages.

use std::time::{Duration, Instant};

use crate::domain::app_file::parse_duration;
use crate::domain::error::{Exit, Explain as _};
use crate::domain::name::{BranchName, EnvironmentName};
use crate::domain::problem::Problem;
use crate::domain::promotion::{MergeRules, Way};
use crate::forge::runner::Children;
use crate::forge::{self, Forge, Location, NewPullRequest, RepositorySettings};
use crate::plan::PullRequestWish;
use crate::plan::promotion::Proposal;
use crate::render::doctor::Finding;
use crate::render::promotion::{Ending, PullRequestJson};
use crate::workspace::Workspace;
use crate::workspace::overview::OpenPromotion;

use super::deeds::Opened;
use super::forge_clues::{find, places};
use super::login::token_is_given;
use super::{Context, Failure, UsageError};

fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).ok_or_else(|| "a time such as 90s, 30m or 2h is expected".to_owned())
}

/// Flags for the pull request.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct PullRequestArgs {
    /// Open the pull request as a draft
    #[arg(long, conflicts_with_all = ["direct_push", "web"])]
    pub(super) draft: bool,
    /// Ask this person to review it, by the name at the forge; again for each
    #[arg(long = "reviewer", value_name = "R", conflicts_with_all = ["direct_push", "web"])]
    pub(super) reviewers: Vec<String>,
    /// Give it this label, where the forge has labels; again for each
    #[arg(long = "label", value_name = "L", conflicts_with_all = ["direct_push", "web"])]
    pub(super) labels: Vec<String>,
    /// Print the page on which the pull request is opened, and ask the forge nothing
    #[arg(long, conflicts_with = "direct_push")]
    pub(super) web: bool,
    /// Wait until the pull request is merged, an hour at the most or as long as is said: 30m, 2h
    #[arg(long, value_name = "DUR", num_args = 0..=1, require_equals = true, default_missing_value = "1h")]
    #[arg(value_parser = duration, conflicts_with_all = ["direct_push", "web"])]
    pub(super) wait: Option<Duration>,
}

impl PullRequestArgs {
    /// Whether something was asked for that only a forge can do.
    fn asks_the_forge(&self) -> bool {
        self.draft || self.wait.is_some() || !self.reviewers.is_empty() || !self.labels.is_empty()
    }
}

/// A forge with credentials.
pub(super) struct Connection {
    forge: Box<dyn Forge>,
    settings: RepositorySettings,
}

impl Connection {
    /// The settings that matter for pull requests to an environment.
    pub(super) fn settings(&self, target: &EnvironmentName) -> forge::Result<RepositorySettings> {
        self.forge.settings(&target.branch())
    }

    /// The open pull requests whose head is the branch of an environment: number and target.
    pub(super) fn headed_by(&self, environment: &EnvironmentName) -> forge::Result<Vec<(u64, EnvironmentName)>> {
        let head = environment.branch();
        let mut headed = Vec::new();
        for pull in self.forge.list_open()?.into_iter().filter(|pull| pull.head == head) {
            let target =
                pull.base.as_str().strip_prefix("environment/").and_then(|name| EnvironmentName::parse(name).ok());
            headed.extend(target.map(|target| (pull.number, target)));
        }
        Ok(headed)
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

    pub(super) fn open(&self, wish: &PullRequestWish) -> anyhow::Result<Opened> {
        let opened = forge::open_or_update(self.forge.as_ref(), &wanted(wish))?;
        Ok(Opened {
            ending: match opened.outcome {
                forge::Outcome::Created => Ending::Created,
                forge::Outcome::Updated => Ending::Updated,
                forge::Outcome::Unchanged => Ending::Unchanged,
            },
            forge: self.forge.kind().word(),
            number: opened.pull_request.number,
            url: opened.pull_request.url,
            warnings: opened.notes.into_iter().map(|note| Problem::warning(note.code, note.message)).collect(),
        })
    }
}

/// How far pull requests can be reached: a forge with credentials, its pages alone, or nothing.
#[derive(Default)]
pub(super) struct Reach {
    location: Option<Location>,
    connection: Option<Connection>,
}

impl Reach {
    /// What is known of how the forge merges.
    pub(super) fn rules(&self) -> MergeRules {
        let Some(settings) = self.connection.as_ref().map(|connection| &connection.settings) else {
            return MergeRules::default();
        };
        MergeRules {
            merge_commits: if settings.semi_linear == Some(true) { Some(false) } else { settings.merge_commits },
            deletes_head: settings.deletes_head_branch,
            keeps_approvals: settings.keeps_approvals,
        }
    }

    /// Whether the forge is known to make merge commits and nothing else.
    pub(super) fn only_merge_commits(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.settings.only_merge_commits())
    }

    /// What can't be known of the forge, as a warning for a promotion that goes directly.
    pub(super) fn unknown(&self, way: Way) -> Option<Problem> {
        let unknown = self.connection.as_ref()?.settings.unknown();
        (way == Way::Direct && !unknown.is_empty()).then(|| {
            Problem::warning("settings-unknown", format!("the forge does not say {}", unknown.join(", ")))
                .hint("a pull request from an environment branch needs a merge commit, and its head must stay")
        })
    }

    /// The open pull requests that an environment is the head of, as far as the forge tells.
    pub(super) fn headed_by(&self, environment: &EnvironmentName) -> Vec<(u64, EnvironmentName)> {
        self.connection.as_ref().and_then(|connection| connection.headed_by(environment).ok()).unwrap_or_default()
    }

    /// Whether relman opens the pull request itself.
    pub(super) fn can_open(&self) -> bool {
        self.connection.is_some()
    }

    /// The page on which a person opens it.
    pub(super) fn page(&self, proposal: &Proposal) -> Option<String> {
        let wanted = NewPullRequest {
            head: proposal.head_branch(),
            base: proposal.target.0.branch(),
            title: proposal.title.clone(),
            body: proposal.body.clone(),
            draft: false,
            reviewers: Vec::new(),
            labels: Vec::new(),
        };
        forge::new_pull_request_page(self.location.as_ref()?, &wanted)
    }

    /// The pull request that is yet to be opened, for scripts.
    pub(super) fn pull_request(&self, proposal: &Proposal) -> Option<PullRequestJson> {
        let location = self.location.as_ref()?;
        Some(PullRequestJson {
            forge: location.kind.word().to_owned(),
            number: None,
            url: if self.can_open() { None } else { self.page(proposal) },
            head: proposal.head_branch().to_string(),
            base: proposal.target.0.branch().to_string(),
        })
    }

    pub(super) fn connection(self) -> Option<Connection> {
        self.connection
    }
}

/// What is found of a forge, for `doctor` and for `status --pull-requests`.
pub(super) struct Look {
    /// What is told of it.
    pub(super) findings: Vec<Finding>,
    /// The forge, where there is one and a token for it.
    pub(super) connection: Option<Connection>,
}

/// Looks for the forge and a token, and says where each comes from; the token itself is never said.
pub(super) fn look(context: &Context<'_>, workspace: &Workspace, target: &EnvironmentName) -> anyhow::Result<Look> {
    let mut findings = Vec::new();
    let location = match find(context, workspace, target) {
        Ok(Some(location)) => location,
        Ok(None) => {
            findings.push(Finding::good(
                "forge",
                "no forge: pull requests are opened by hand, or --direct-push is used".into(),
            ));
            return Ok(Look { findings, connection: None });
        }
        Err(error) => return Err(error),
    };
    findings.push(Finding::good("forge", format!("the forge is {} at {}", location.kind.title(), location.web)));
    if !location.kind.has_api() || context.offline() {
        return Ok(Look { findings, connection: None });
    }
    let runner = Children::in_folder(workspace.release.folder());
    let search = match forge::find_credential(&location, &places(&workspace.release, &runner)) {
        Ok(search) => search,
        Err(error) => {
            let hint = error.hints().into_iter().next().unwrap_or_default();
            findings.push(Finding::bad(Problem::warning(error.code(), error.to_string()).hint(hint)));
            return Ok(Look { findings, connection: None });
        }
    };
    let Some(credential) = search.credential else {
        let places = search.looked.join(", ");
        let hint = forge::credentials::fixes(location.kind).into_iter().next().unwrap_or_default();
        findings.push(Finding::bad(
            Problem::warning("no-token", format!("there is no token; looked at {places}")).hint(hint),
        ));
        return Ok(Look { findings, connection: None });
    };
    findings.push(Finding::good("token", format!("the token comes from {}", credential.source)));
    for (code, sentence) in &credential.warnings {
        findings.push(Finding::bad(Problem::warning(code, sentence.clone())));
    }
    let forge = forge::connect(&location, Some(&credential))?;
    Ok(Look { findings, connection: Some(Connection { forge, settings: RepositorySettings::default() }) })
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

/// Finds the forge of the release repo, and connects to it where that is wanted and there is a token.
pub(super) fn reach(
    context: &Context<'_>,
    workspace: &Workspace,
    target: &EnvironmentName,
    direct_push: bool,
    args: &PullRequestArgs,
) -> anyhow::Result<Reach> {
    if direct_push {
        // The target is pushed to; no setting of a forge matters.
        return Ok(Reach::default());
    }
    let Some(location) = find(context, workspace, target)? else {
        if args.asks_the_forge() && !context.dry_run() {
            return Err(UsageError::new(
                "a draft, reviewers, labels and waiting need a forge, and none is known",
                "name it with --forge TYPE=URL, or leave those flags out",
            )
            .into());
        }
        return Ok(Reach::default());
    };
    if args.web || context.offline() || !location.kind.has_api() {
        return Ok(Reach { location: Some(location), connection: None });
    }
    let runner = Children::in_folder(workspace.release.folder());
    let search = match forge::find_credential(&location, &places(&workspace.release, &runner)) {
        Ok(search) => search,
        // A plan needs no token, so a place that must not get one is no reason to show none.
        Err(error)
            if error.exit() == Exit::Unauthorised
                && (context.dry_run() || !args.asks_the_forge() && !token_is_given()) =>
        {
            context.ui.warn(&error.to_string(), &error.hints().join("; "));
            return Ok(Reach { location: Some(location), connection: None });
        }
        Err(error) => return Err(error.into()),
    };
    for place in &search.looked {
        context.ui.detail(1, &format!("token: looked at {place}"));
    }
    let needs_token = args.asks_the_forge() && !context.dry_run();
    let credential = match search.credential {
        Some(credential) => credential,
        None if needs_token => search.required(&location)?,
        None => return Ok(Reach { location: Some(location), connection: None }),
    };
    context.ui.detail(1, &format!("token: from {}", credential.source));
    for (_, sentence) in &credential.warnings {
        context.ui.warn(sentence, "");
    }
    let forge = forge::connect(&location, Some(&credential))?;
    let settings = match forge.settings(&target.branch()) {
        Ok(settings) => settings,
        // A token may open pull requests and still not read settings; what is not known is told as a warning.
        Err(error) if matches!(error.exit(), Exit::Unauthorised | Exit::NotFound) => {
            context.ui.detail(1, &format!("the settings of the repository can't be read: {error}"));
            RepositorySettings::default()
        }
        Err(error) => return Err(error.into()),
    };
    Ok(Reach { location: Some(location), connection: Some(Connection { forge, settings }) })
}
