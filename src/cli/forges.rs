//! The forge that a release repo lies on: found, asked with a token where there is one, and named by its pages.

use std::path::Path;

use crate::domain::error::{Exit, Explain as _};
use crate::domain::name::EnvironmentName;
use crate::domain::problem::Problem;
use crate::domain::promotion::{MergeRules, Way};
use crate::forge::credentials::{Places, Scope};
use crate::forge::runner::Children;
use crate::forge::{self, Clues, Forge, Found, Location, NewPullRequest, RepositorySettings};
use crate::plan::PullRequestWish;
use crate::plan::promotion::Proposal;
use crate::render::promotion::{Ending, PullRequestJson};
use crate::workspace::Workspace;

use super::Context;

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
}

/// A pull request that was found or opened.
#[derive(Clone, Debug)]
pub(super) struct Opened {
    /// What became of it.
    pub(super) ending: Ending,
    /// The forge.
    pub(super) forge: &'static str,
    /// Its number.
    pub(super) number: u64,
    /// Its page.
    pub(super) url: String,
    /// What the forge did not take.
    pub(super) warnings: Vec<Problem>,
}

/// A forge with credentials.
pub(super) struct Connection {
    forge: Box<dyn Forge>,
    settings: RepositorySettings,
}

impl Connection {
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

    /// What can't be known of the forge, as a warning for a promotion that goes directly.
    pub(super) fn unknown(&self, way: Way) -> Option<Problem> {
        let unknown = self.connection.as_ref()?.settings.unknown();
        (way == Way::Direct && !unknown.is_empty()).then(|| {
            Problem::warning("settings-unknown", format!("the forge does not say {}", unknown.join(", ")))
                .hint("a pull request from an environment branch needs a merge commit, and its head must stay")
        })
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
    let Some(location) = find(context, workspace, target)? else { return Ok(Reach::default()) };
    if args.web || context.offline() || !location.kind.has_api() {
        return Ok(Reach { location: Some(location), connection: None });
    }
    let runner = Children::in_folder(workspace.release.folder());
    let search = match forge::find_credential(&location, &places(workspace, &runner)) {
        Ok(search) => search,
        // A plan needs no token, so a place that must not get one is no reason to show none.
        Err(error) if context.dry_run() && error.exit() == Exit::Unauthorised => {
            context.ui.warn(&error.to_string(), &error.hints().join("; "));
            return Ok(Reach { location: Some(location), connection: None });
        }
        Err(error) => return Err(error.into()),
    };
    for place in &search.looked {
        context.ui.detail(1, &format!("token: looked at {place}"));
    }
    let needs_token = (args.draft || !args.reviewers.is_empty()) && !context.dry_run();
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

/// Finds out which forge it is, if any.
fn find(context: &Context<'_>, workspace: &Workspace, target: &EnvironmentName) -> anyhow::Result<Option<Location>> {
    let release = &workspace.release;
    let variable = std::env::var("RELMAN_FORGE").ok();
    let config = ["relman.forge", "relman.forgeUrl", "relman.allowHttp"].map(|key| release.config(key));
    let file = workspace.environments().one(target)?.and_then(|branch| branch.file.ok());
    let settings = file.as_ref().and_then(|file| file.forge.as_ref());
    let remote = workspace.remote.as_ref().and_then(|remote| remote.url.as_deref());
    let clues = Clues {
        flag: context.forge(),
        variable: variable.as_deref(),
        config: config[0].as_deref(),
        config_url: config[1].as_deref(),
        config_http: config[2].as_deref(),
        file: settings.and_then(|settings| settings.kind.as_deref()),
        file_url: settings.and_then(|settings| settings.url.as_deref()),
        remote,
    };
    Ok(match forge::locate(&clues)? {
        Found::Forge(location) => Some(location),
        Found::Nothing { why, .. } => {
            context.ui.detail(1, &format!("no forge: {why}"));
            None
        }
    })
}

/// The places that may hold a token, as they are on this machine.
fn places<'a>(workspace: &Workspace, runner: &'a Children) -> Places<'a> {
    let listed =
        workspace.release.git().args(["config", "--show-scope", "--null", "--get-all", "relman.tokenCommand"]).output();
    let printed = listed.map(|finished| finished.stdout().to_vec()).unwrap_or_default();
    let text = String::from_utf8_lossy(&printed).into_owned();
    // With --null: scope, NUL, value, NUL, and so on.
    let parts: Vec<&str> = text.split('\0').collect();
    let commands = parts.chunks_exact(2).map(|pair| (Scope::parse(pair[0]), pair[1].to_owned())).collect();
    Places {
        variable: &|name| std::env::var(name).ok(),
        file: &|path: &Path| std::fs::read_to_string(path),
        commands,
        runner,
    }
}
