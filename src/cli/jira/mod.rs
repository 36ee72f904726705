//! `relman jira`, and what other commands tell Jira when they are done.

mod desk;
mod missed;
mod sync;

use clap::Subcommand;

use crate::domain::jira::Event;
use crate::domain::name::{EnvironmentName, TagName};
use crate::domain::record::Record;
use crate::domain::version::Declared;
use crate::plan::promotion::{Delivery, Proposal};
use crate::plan::{Plan, Step};
use crate::render::jira::Report;
use crate::workspace::Workspace;
use crate::workspace::promotion::Decided;
use crate::workspace::resolve::Resolved;

use super::{Context, Outcome};
pub(super) use desk::Desk;
use desk::Event as Told;

/// Tell Jira what it has missed
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Sync(sync::Args),
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    match &args.action {
        Action::Sync(args) => sync::run(context, args),
    }
}

/// Adds to the plan of a promotion what Jira is told of it. What a person is left to do has not happened yet.
pub(super) fn plan_promotion(
    context: &Context<'_>,
    workspace: &Workspace,
    decided: &Decided,
    proposal: &Proposal,
    plan: &mut Plan,
) -> anyhow::Result<Option<Desk>> {
    if proposal.delivery == Delivery::ByHand {
        return Ok(None);
    }
    let Some(desk) = Desk::open(context, workspace, &decided.target.environment)? else { return Ok(None) };
    let event = Told { event: Event::Promoted, declared: &decided.version, tag: decided.candidate.as_ref(), day: None };
    plan.steps.extend(desk.telling(&event, &decided.diff.issues().added).map(Step::TellJira));
    Ok(Some(desk))
}

/// What Jira will be told once a deployment has ended well. That it can't be known holds no deployment up.
pub(super) fn plan_deployment(context: &Context<'_>, workspace: &Workspace, resolved: &Resolved) -> Option<Report> {
    let planned = try_plan(context, workspace, resolved);
    planned.unwrap_or_else(|error| {
        context
            .ui
            .warn(&format!("what Jira will be told is not known: {error}"), "the deployment does not depend on it");
        None
    })
}

fn try_plan(context: &Context<'_>, workspace: &Workspace, resolved: &Resolved) -> anyhow::Result<Option<Report>> {
    let Some(desk) = Desk::open(context, workspace, &resolved.environment)? else { return Ok(None) };
    let decision = &resolved.decision;
    let issues = desk.brought(context, workspace, &decision.recorded(), None)?;
    let tag = decision.tag.as_ref();
    let event = Told { event: Event::Deployed, declared: &resolved.declared, tag, day: None };
    Ok(desk.telling(&event, &issues).map(|telling| Report { telling, account: None }))
}

/// Tells Jira how a deployment ended. Whatever goes wrong is a warning: what was deployed stays deployed.
pub(super) fn tell_deployment(context: &Context<'_>, workspace: &Workspace, record: &Record) -> Option<Report> {
    match try_tell(context, workspace, record) {
        Ok(report) => report,
        Err(error) => {
            let hint = format!("relman jira sync {} tells what is missing", record.environment);
            context.ui.warn(&format!("Jira is not told: {error}"), &hint);
            None
        }
    }
}

fn try_tell(context: &Context<'_>, workspace: &Workspace, record: &Record) -> anyhow::Result<Option<Report>> {
    let name = EnvironmentName::parse(&record.environment)?;
    let Some(desk) = Desk::open(context, workspace, &name)? else { return Ok(None) };
    let Some(declared) = record.version.as_deref().and_then(|text| Declared::parse(text).ok()) else {
        return Ok(None);
    };
    let issues = desk.brought(context, workspace, &record.repositories, Some(record))?;
    let mut last = None;
    for event in desk.events(record.outcome) {
        let tag = if event == Event::Promoted { &record.candidate } else { &record.tag };
        let tag = tag.as_deref().and_then(|tag| TagName::parse(tag).ok());
        let event = Told { event, declared: &declared, tag: tag.as_ref(), day: Some(&record.at) };
        let Some(telling) = desk.telling(&event, &issues) else { continue };
        let progress = context.ui.progress("telling Jira");
        desk.tell(&telling, record.url.as_deref());
        drop(progress);
        desk.report(context);
        let Some((telling, told)) = desk.take() else { continue };
        let stopped = told.account.stopped.is_some();
        last = Some(Report { telling, account: Some(told.account) });
        if stopped {
            break;
        }
    }
    Ok(last)
}
