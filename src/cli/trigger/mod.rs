//! `relman trigger`: a release that starts elsewhere, told by the body of a request.

mod body;
mod explain;

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use crate::domain::error::Exit;
use crate::domain::name::EnvironmentName;
use crate::domain::promotion::Trigger;
use crate::domain::trigger::{Heard, Order, signature, understand};
use crate::render;
use crate::render::trigger::{Acted, Ending};
use crate::ui::Format;
use crate::workspace::Workspace;
use crate::workspace::promotion::{Verb, Wish};
use crate::workspace::trigger::{Deed, Intent};

use super::promote::{self, How};
use super::{Context, Outcome, deploy, failure, forges, race};

/// How often a trigger is looked at anew because another run was faster.
const TRIES: u32 = 10;

/// Act on a request from elsewhere: a webhook's body, or a few keys of one's own
///
/// Understands what Jira, Jira Automation, OpenDevStack, Bitbucket, GitHub, GitLab and Gitea send, and
/// {"environment": "qa", "version": "1.2.0"}. A version is set, by a pull request unless the environment's own entry says
/// `trigger: push`; where release.yml has no `version`, it is deployed. The push of an environment branch deploys it at
/// that commit. What is not meant for this release repo ends with nothing, and so does the same request again.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file that holds the body; standard input without it, or with -
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Say what the body means, and do nothing
    #[arg(long)]
    explain: bool,
    /// A header that came with the body, or a file that holds some, one a line; again for each
    #[arg(long = "header", value_name = "NAME:VALUE|@FILE")]
    headers: Vec<String>,
    /// Act only on a body that this file's secret has signed, or that came with the secret itself
    #[arg(long, value_name = "F")]
    secret_file: Option<PathBuf>,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    let headers = body::headers(&args.headers)?;
    let secret = args.secret_file.as_deref().map(body::secret).transpose()?;
    let body = body::read(args.file.as_deref())?;
    if let Some(secret) = &secret {
        signature::check(secret, &headers, &body)?;
    }
    match understand(&body, &headers)? {
        Heard::Nothing(reason) => answer(context, &[Acted::nothing(None, reason)], Exit::Success),
        Heard::Orders(orders) => follow(context, args, &orders),
    }
}

/// Follows every order of a body. One that fails does not keep the next from being tried.
fn follow(context: &Context<'_>, args: &Args, orders: &[Order]) -> Outcome {
    let workspace = context.workspace()?;
    let mut acted = Vec::new();
    let mut worst = Exit::Success;
    for order in orders {
        let outcome =
            if args.explain { explain::explain(context, &workspace, order) } else { act(context, &workspace, order) };
        let exit = match outcome {
            Ok((one, exit)) => {
                acted.push(one);
                exit
            }
            Err(error) if orders.len() == 1 => return Err(error),
            Err(error) => {
                acted.push(Acted::failed(order));
                failure::report(context.ui, &error)
            }
        };
        worst = if worst == Exit::Success { exit } else { worst };
    }
    answer(context, &acted, worst)
}

fn answer(context: &Context<'_>, acted: &[Acted<'_>], exit: Exit) -> Outcome {
    let ui = context.ui;
    match ui.format() {
        Format::Json => ui.answer(&render::trigger::json(acted))?,
        Format::Text => ui.answer(&render::trigger::text(acted))?,
    }
    Ok(exit)
}

fn intend(context: &Context<'_>, workspace: &Workspace, order: &Order) -> anyhow::Result<Intent> {
    let progress = context.ui.progress("reading branches");
    let intent = workspace.intend(order)?;
    drop(progress);
    Ok(intent)
}

fn act<'o>(context: &Context<'_>, workspace: &Workspace, order: &'o Order) -> anyhow::Result<(Acted<'o>, Exit)> {
    let mut tries = 1;
    loop {
        let intent = intend(context, workspace, order)?;
        let reason = match &intent.deed {
            Deed::Nothing(reason) => Some(reason.clone()),
            Deed::Proposed(..) => waiting(context, workspace, &intent)?,
            _ => None,
        };
        if let Some(reason) = reason {
            return Ok((Acted { intent: Some(intent), ..Acted::nothing(Some(order), reason) }, Exit::Success));
        }
        context.ui.say(&render::trigger::sentence(order, &intent));
        let json = context.ui.format() == Format::Json;
        let (outcome, kept) = match json {
            true => context.ui.keep_answers(|| deed(context, workspace, order, &intent)),
            false => (deed(context, workspace, order, &intent), String::new()),
        };
        match outcome {
            Ok(exit) => {
                let action = if json { serde_json::from_str(&kept)? } else { Value::Null };
                let action = Some(action).filter(|action: &Value| !action.is_null());
                return Ok((Acted { order: Some(order), ending: Ending::Acted, action, intent: Some(intent) }, exit));
            }
            // Another run was faster, perhaps with the same trigger.
            Err(error) if tries < TRIES && is_lost_race(&intent, &error) => {
                context.ui.detail(1, &format!("another run was faster; reading again ({error})"));
                std::thread::sleep(pause(tries));
                tries += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

fn deed(context: &Context<'_>, workspace: &Workspace, order: &Order, intent: &Intent) -> Outcome {
    let Some(environment) = intent.environment.clone() else { return Ok(Exit::Success) };
    let policy = match intent.deed {
        Deed::Nothing(_) => return Ok(Exit::Success),
        Deed::Deploy { at } => {
            let (id, actor, change) = (order.id.clone(), order.actor.clone(), order.change.clone());
            let origin = deploy::Origin { id, actor, change };
            return deploy::triggered(context, workspace, &environment, intent.version.clone(), at, origin);
        }
        Deed::Set(policy) | Deed::Proposed(_, policy) => policy,
    };
    promote::run(context, workspace, wish(order, intent, &environment), &How::of_trigger(policy))
}

/// What an order asks for, as the command that sets versions takes it.
fn wish(order: &Order, intent: &Intent, environment: &EnvironmentName) -> Wish {
    let trigger = Trigger { id: order.id.clone(), environment: environment.clone(), actor: order.actor.clone() };
    Wish {
        version: intent.version.clone(),
        trigger: Some((trigger, order.change.clone())),
        ..Wish::new(Verb::Set, None, environment.clone())
    }
}

/// Why a trigger whose branch is there already needs nothing more. Where a forge can be asked, only an open pull request
/// counts: a run that was stopped before it could open one is to be finished.
fn waiting(context: &Context<'_>, workspace: &Workspace, intent: &Intent) -> anyhow::Result<Option<String>> {
    let (Deed::Proposed(head, _), Some(environment)) = (&intent.deed, &intent.environment) else { return Ok(None) };
    let Some(connection) = forges::connect_if_possible(context, workspace, environment)? else {
        return Ok(Some(format!("the branch {head} carries this trigger already, and waits to be merged")));
    };
    let page = connection.open_page(head, environment)?;
    Ok(page.map(|page| format!("the open pull request {page} carries this trigger already")))
}

fn is_lost_race(intent: &Intent, error: &anyhow::Error) -> bool {
    // A deployment looks after its races itself.
    !matches!(intent.deed, Deed::Deploy { .. }) && race::was_lost(error)
}

/// A little longer with every try, and never the same for two runs.
fn pause(tries: u32) -> Duration {
    let nanos = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |age| age.subsec_nanos());
    let jitter = u64::from(nanos ^ std::process::id().rotate_left(16)) % 150;
    Duration::from_millis((20 + jitter) * u64::from(tries))
}
