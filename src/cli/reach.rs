//! How far a promotion reaches: a forge with a token, its pages alone, or nothing but Git.

use std::time::Duration;

use crate::domain::app_file::parse_duration;
use crate::domain::error::{Exit, Explain as _};
use crate::domain::name::EnvironmentName;
use crate::domain::problem::Problem;
use crate::domain::promotion::{MergeRules, Way};
use crate::domain::text::shell_word;
use crate::forge::{self, Location, NewPullRequest, RepositorySettings};
use crate::plan::OpenAlready;
use crate::plan::promotion::Proposal;
use crate::render::promotion::PullRequestJson;
use crate::workspace::Workspace;

use super::forges::{self, Connection};
use super::{Context, UsageError, forge_clues};

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
    /// The flags that ask for something which only a forge can do.
    fn for_the_forge(&self) -> Vec<&'static str> {
        let flags = [
            (self.draft, "--draft"),
            (!self.reviewers.is_empty(), "--reviewer"),
            (!self.labels.is_empty(), "--label"),
            (self.wait.is_some(), "--wait"),
        ];
        flags.into_iter().filter_map(|(given, flag)| given.then_some(flag)).collect()
    }

    /// Refuses those flags, where they could have no effect.
    fn refuse(&self, why: &str, hint: &str) -> Result<(), UsageError> {
        let flags = self.for_the_forge();
        if flags.is_empty() {
            return Ok(());
        }
        Err(UsageError::new(format!("{} can do nothing here: {why}", flags.join(" and ")), hint))
    }
}

/// How far pull requests can be reached: a forge with credentials, its pages alone, or nothing.
#[derive(Default)]
pub(super) struct Reach {
    location: Option<Location>,
    connection: Option<Connection>,
    settings: RepositorySettings,
}

impl Reach {
    fn of_pages(location: Location) -> Self {
        Reach { location: Some(location), ..Reach::default() }
    }

    /// What is known of how the forge merges.
    pub(super) fn rules(&self) -> MergeRules {
        let settings = &self.settings;
        MergeRules {
            merge_commits: if settings.semi_linear == Some(true) { Some(false) } else { settings.merge_commits },
            deletes_head: settings.deletes_head_branch,
            keeps_approvals: settings.keeps_approvals,
        }
    }

    /// Whether the forge is known to make merge commits and nothing else.
    pub(super) fn only_merge_commits(&self) -> bool {
        self.settings.only_merge_commits()
    }

    /// What can't be known of the forge, as a warning for a promotion that goes directly.
    pub(super) fn unknown(&self, way: Way) -> Option<Problem> {
        let location = self.location.as_ref()?;
        let unknown = self.settings.unknown();
        let message = match &self.connection {
            Some(_) => format!("the forge does not say {}", unknown.join(", ")),
            None => format!("{} was not asked {}", location.kind.title(), unknown.join(", ")),
        };
        (way == Way::Direct && !unknown.is_empty()).then(|| {
            Problem::warning("settings-unknown", message).hint(
                "merge it with a merge commit, for a squash makes the next promotion conflict; and keep its head branch, \
                 which is an environment",
            )
        })
    }

    /// The open pull requests that an environment is the head of, as far as the forge tells.
    pub(super) fn headed_by(&self, environment: &EnvironmentName) -> Vec<(u64, EnvironmentName)> {
        let headed = self.connection.as_ref().and_then(|connection| connection.headed_by(environment).ok());
        headed.unwrap_or_default().into_iter().map(|(pull, target)| (pull.number, target)).collect()
    }

    /// Whether relman opens the pull request itself.
    pub(super) fn can_open(&self) -> bool {
        self.connection.is_some()
    }

    /// What is open already between the branches of a proposal. A dry run does not look: it needs no token.
    pub(super) fn open_already(&self, context: &Context<'_>, proposal: &Proposal) -> forge::Result<OpenAlready> {
        match &self.connection {
            Some(connection) if !context.dry_run() => connection.foresee(&proposal.pull_request()),
            _ => Ok(OpenAlready::Unknown),
        }
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

    /// What a person does where relman opens no pull request.
    pub(super) fn by_hand(&self, workspace: &Workspace, proposal: &Proposal, triggered: bool) -> String {
        let head = proposal.head_branch();
        let base = proposal.target.0.branch();
        if self.page(proposal).is_some() {
            return match proposal.way {
                Way::Direct => format!(
                    "Open the pull request from {head} to {base}, merge it with a merge commit, and keep {head}; its page:"
                ),
                Way::Branch => format!("Open the pull request from {head} to {base}; its page:"),
            };
        }
        let way = if proposal.way == Way::Direct { "a merge commit" } else { "any merge" };
        let place = workspace.remote_name().map(|remote| format!(" on {}", shell_word(remote))).unwrap_or_default();
        let instead = if triggered {
            "let the environment's own entry say `trigger: push`, and relman does it the next time"
        } else {
            "run the command again with --direct-push, and relman does it"
        };
        format!("Merge {head} into {base}{place}, by {way}; or {instead}.")
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

/// Finds the forge of the target, and connects to it where that is wanted and there is a token.
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
    let Some(location) = forge_clues::find(context, workspace, target)? else {
        args.refuse("no forge is known", "name it with --forge TYPE=URL, or leave that out")?;
        return Ok(Reach::default());
    };
    if !location.kind.has_api() {
        let why = format!("relman knows nothing of {} but its pages", location.kind.title());
        args.refuse(&why, "leave that out; the page of the pull request can do it")?;
        return Ok(Reach::of_pages(location));
    }
    if context.offline() && !context.dry_run() {
        args.refuse("no forge is asked --offline", "leave out --offline")?;
    }
    if args.web || context.offline() {
        return Ok(Reach::of_pages(location));
    }
    let connection = match forges::connect(context, workspace, &location) {
        Ok(connection) => connection,
        Err(forge::Error::NoToken { .. }) if context.dry_run() || args.for_the_forge().is_empty() => {
            return Ok(Reach::of_pages(location));
        }
        // A plan needs no token, so a place that must not get one is no reason to show none.
        Err(error) if context.dry_run() && error.exit() == Exit::Unauthorised => {
            context.ui.warn(&error.to_string(), &error.hints().join("; "));
            return Ok(Reach::of_pages(location));
        }
        Err(error) => return Err(error.into()),
    };
    for (_, sentence) in &connection.warnings {
        context.ui.warn(sentence, "");
    }
    let settings = match connection.settings(target) {
        Ok(settings) => settings,
        // A token may open pull requests and still not read settings; what is not known is told as a warning. One that
        // may do neither is found out before anything is pushed, when it is asked what is open already.
        Err(error) if matches!(error.exit(), Exit::Unauthorised | Exit::NotFound) => {
            context.ui.detail(1, &format!("the settings of the repository can't be read: {error}"));
            RepositorySettings::default()
        }
        Err(error) => return Err(error.into()),
    };
    Ok(Reach { location: Some(location), connection: Some(connection), settings })
}
