//! `relman jira sync`: tells Jira what it has missed.

use crate::domain::error::{Exit, Explain as _};
use crate::domain::jira::Account;
use crate::domain::name::EnvironmentName;
use crate::jira;
use crate::render;
use crate::render::jira::Report;
use crate::ui::Format;
use crate::workspace::Workspace;

use super::super::{Context, Failure, Outcome, UsageError, failure};
use super::desk::Desk;
use super::missed::{Missed, missed};

/// Tell Jira what it has missed
///
/// The last ten deployments of each environment that ended well, what is merged and not deployed yet, and, where a forge
/// can be asked, what its open pull requests propose. What Jira knows already stays as it is.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The environment; else all that have `jira:` in their release file
    #[arg(value_name = "ENV")]
    environment: Option<EnvironmentName>,
}

/// What Jira may have missed of one environment.
struct Due {
    desk: Desk,
    missed: Missed,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    let ui = context.ui;
    if context.offline() {
        return Err(UsageError::new("Jira can't be told --offline", "leave out --offline").into());
    }
    let workspace = context.workspace()?;
    let progress = ui.progress("reading what was promoted and deployed");
    let all = due(context, &workspace, args.environment.as_ref())?;
    drop(progress);
    let mut ending = Exit::Success;
    if context.dry_run() {
        let plan = all.iter().flat_map(|due| &due.missed.tellings);
        let plan: Vec<Report> = plan.map(|(telling, _)| Report { telling: telling.clone(), account: None }).collect();
        answer(context, &plan)?;
    } else {
        consent(context, &all)?;
        ending = tell(context, &all)?;
    }
    for error in all.iter().flat_map(|due| &due.missed.unknown) {
        let exit = failure::report(ui, error);
        ending = if ending == Exit::Success { exit } else { ending };
    }
    Ok(ending)
}

/// Tells what is missing, one environment after the other. What stands against one keeps no other from being told.
fn tell(context: &Context<'_>, all: &[Due]) -> anyhow::Result<Exit> {
    let ui = context.ui;
    let progress = ui.progress("telling Jira");
    let mut reports = Vec::new();
    let mut unreachable: Vec<jira::Error> = Vec::new();
    let mut failed: Vec<jira::Error> = Vec::new();
    for due in all {
        if let Err(error) = due.desk.require() {
            unreachable.push(error);
            continue;
        }
        for (telling, page) in &due.missed.tellings {
            due.desk.tell(telling, page.as_deref());
            let Some((telling, told)) = due.desk.take() else { continue };
            let stopped = told.account.stopped.is_some();
            failed.extend(told.error);
            reports.push(Report { telling, account: Some(told.account) });
            if stopped {
                break;
            }
        }
    }
    drop(progress);
    unreachable.dedup_by_key(|error| error.to_string());
    if unreachable.len() == 1 && all.iter().all(|due| due.desk.require().is_err()) {
        return Err(unreachable.remove(0).into());
    }
    answer(context, &reports)?;
    for (what, trouble) in reports.iter().filter_map(|report| report.account.as_ref()).flat_map(Account::troubles) {
        ui.warn(&format!("{what}: {}", trouble.message), "");
    }
    // Old commits may name what is no issue; only where Jira has none of all of them, it is another Jira.
    if reports.iter().filter_map(|report| report.account.as_ref()).any(Account::knows_any) {
        failed.retain(|error| error.exit() != Exit::NotFound);
    }
    failed.dedup_by_key(|error| error.to_string());
    if ui.format() == Format::Text {
        for error in &failed {
            ui.error(&format!("Jira is not told of everything: {error}"), &[], &error.hints());
        }
    }
    let mut exit = failed.first().map_or(Exit::Success, jira::Error::exit);
    for error in unreachable {
        let other = failure::report(ui, &error.into());
        exit = if exit == Exit::Success { other } else { exit };
    }
    Ok(exit)
}

fn answer(context: &Context<'_>, reports: &[Report]) -> anyhow::Result<()> {
    Ok(context.ui.answer(&match context.ui.format() {
        Format::Json => render::jira::json(reports),
        Format::Text if reports.is_empty() => "Nothing was promoted or deployed that Jira is told of.\n".to_owned(),
        Format::Text => reports.iter().map(render::jira::text).collect(),
    })?)
}

fn consent(context: &Context<'_>, all: &[Due]) -> anyhow::Result<()> {
    let ui = context.ui;
    if context.yes() || all.iter().all(|due| due.missed.tellings.is_empty()) {
        return Ok(());
    }
    if !ui.is_interactive() {
        let hint = "say that it is meant: --yes (or look first: --dry-run)";
        return Err(UsageError::new("nobody is there to be asked", hint).into());
    }
    for (telling, _) in all.iter().flat_map(|due| &due.missed.tellings) {
        ui.say(render::jira::text(&Report { telling: telling.clone(), account: None }).trim_end());
    }
    if ui.confirm("Go ahead? What Jira knows already stays as it is", true)? {
        Ok(())
    } else {
        Err(Failure::interrupted().into())
    }
}

/// What may be missing of each environment.
fn due(context: &Context<'_>, workspace: &Workspace, only: Option<&EnvironmentName>) -> anyhow::Result<Vec<Due>> {
    workspace.fetch_promotions()?;
    let landscape = workspace.environments().landscape()?;
    let names: Vec<EnvironmentName> = match only {
        Some(name) => vec![workspace.branch(&landscape, name)?.name.clone().unwrap_or_else(|| name.clone())],
        None => landscape.in_order().filter_map(|branch| branch.name.clone()).collect(),
    };
    let mut all = Vec::new();
    for name in &names {
        if let Some(desk) = Desk::open(context, workspace, name)? {
            let missed = missed(context, workspace, &desk)?;
            all.push(Due { desk, missed });
        }
    }
    if all.is_empty() {
        let message = match only {
            Some(name) => format!("the release file of environment/{name} has no `jira:`"),
            None => "no environment has `jira:` in its release file".to_owned(),
        };
        let hint =
            "write for example `jira: {url: https://jira.example.com}` into release.yml on the environment's branch";
        return Err(UsageError::new(message, hint).into());
    }
    Ok(all)
}
