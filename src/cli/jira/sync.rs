//! `relman jira sync`: tells Jira of the deployments that it has missed.

use crate::domain::error::{Exit, Explain as _};
use crate::domain::jira::{Account, Event, Telling};
use crate::domain::name::{EnvironmentName, TagName};
use crate::domain::record::Record;
use crate::domain::version::Declared;
use crate::render;
use crate::render::jira::Report;
use crate::ui::Format;
use crate::workspace::Workspace;

use super::super::{Context, Failure, Outcome, UsageError};
use super::desk::{self, Desk};

/// How many deployments of an environment are gone back to.
const BACK: usize = 10;

/// Tell Jira of the deployments that it has missed
///
/// Goes back from the newest deployment of each environment to the last one of which Jira knows all. What Jira knows
/// already stays as it is.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The environment; else all that have `jira:` in their release file
    #[arg(value_name = "ENV")]
    environment: Option<EnvironmentName>,
}

/// The deployments of one environment that Jira may have missed, newest first.
struct Due {
    desk: Desk,
    tellings: Vec<(Telling, Option<String>)>,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    let ui = context.ui;
    if context.offline() {
        return Err(UsageError::new("Jira can't be told --offline", "leave out --offline").into());
    }
    let workspace = context.workspace()?;
    let progress = ui.progress("reading what was deployed");
    let all = due(context, &workspace, args.environment.as_ref())?;
    drop(progress);
    if context.dry_run() {
        let plan = all.iter().flat_map(|due| &due.tellings);
        let plan: Vec<Report> = plan.map(|(telling, _)| Report { telling: telling.clone(), account: None }).collect();
        return answer(context, &plan).map(|()| Exit::Success);
    }
    for due in &all {
        due.desk.require()?;
    }
    consent(context, &all)?;
    let progress = ui.progress("telling Jira");
    let mut reports = Vec::new();
    let mut failed = None;
    'environments: for due in &all {
        for (telling, page) in &due.tellings {
            due.desk.tell(telling, page.as_deref());
            let Some((telling, told)) = due.desk.take() else { continue };
            let account = told.account;
            let (changed, stopped) = (account.changed(), account.stopped.is_some());
            failed = failed.or(told.error);
            reports.push(Report { telling, account: Some(account) });
            if stopped {
                break 'environments;
            }
            // What comes before it has been told by whoever told this one, or can't be told either.
            if !changed {
                break;
            }
        }
    }
    drop(progress);
    answer(context, &reports)?;
    for (what, trouble) in reports.iter().filter_map(|report| report.account.as_ref()).flat_map(Account::troubles) {
        ui.warn(&format!("{what}: {}", trouble.message), "");
    }
    match failed {
        Some(error) => {
            if ui.format() == Format::Text {
                ui.error(&format!("Jira is not told of everything: {error}"), &[], &error.hints());
            }
            Ok(error.exit())
        }
        None => Ok(Exit::Success),
    }
}

fn answer(context: &Context<'_>, reports: &[Report]) -> anyhow::Result<()> {
    Ok(context.ui.answer(&match context.ui.format() {
        Format::Json => render::jira::json(reports),
        Format::Text if reports.is_empty() => "Nothing was deployed that Jira is told of.\n".to_owned(),
        Format::Text => reports.iter().map(render::jira::text).collect(),
    })?)
}

fn consent(context: &Context<'_>, all: &[Due]) -> anyhow::Result<()> {
    let ui = context.ui;
    if context.yes() || all.iter().all(|due| due.tellings.is_empty()) {
        return Ok(());
    }
    if !ui.is_interactive() {
        let hint = "say that it is meant: --yes (or look first: --dry-run)";
        return Err(UsageError::new("nobody is there to be asked", hint).into());
    }
    for (telling, _) in all.iter().flat_map(|due| &due.tellings) {
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
    workspace.fetch_environments()?;
    let landscape = workspace.environments().landscape()?;
    let names: Vec<EnvironmentName> = match only {
        Some(name) => vec![workspace.branch(&landscape, name)?.name.clone().unwrap_or_else(|| name.clone())],
        None => landscape.in_order().filter_map(|branch| branch.name.clone()).collect(),
    };
    let mut all = Vec::new();
    for name in &names {
        if let Some(desk) = Desk::open(context, workspace, name)? {
            let tellings = tellings(context, workspace, &desk, name)?;
            all.push(Due { desk, tellings });
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

fn tellings(
    context: &Context<'_>,
    workspace: &Workspace,
    desk: &Desk,
    name: &EnvironmentName,
) -> anyhow::Result<Vec<(Telling, Option<String>)>> {
    let deployments = desk.deployments(workspace)?;
    // Without comments nothing says of which deployment an issue was told, and an older one could undo a newer one.
    let back = if desk.settings().comments.contains(&Event::Deployed) { BACK } else { 1 };
    let beyond: Vec<String> = desk
        .settings()
        .transitions
        .iter()
        .filter(|transition| transition.environment != *name)
        .map(|transition| transition.status.clone())
        .collect();
    let mut tellings: Vec<(Telling, Option<String>)> = Vec::new();
    for (at, record) in deployments.iter().enumerate() {
        if tellings.len() == back {
            break;
        }
        let Some(mut telling) = telling(context, workspace, desk, record, &deployments[at + 1..])? else { continue };
        telling.beyond = beyond.clone();
        // A deployment that was repeated is told once.
        if !tellings.iter().any(|(known, _)| known.tag == telling.tag && known.version == telling.version) {
            tellings.push((telling, record.url.clone()));
        }
    }
    Ok(tellings)
}

fn telling(
    context: &Context<'_>,
    workspace: &Workspace,
    desk: &Desk,
    record: &Record,
    earlier: &[Record],
) -> anyhow::Result<Option<Telling>> {
    let Some(declared) = record.version.as_deref().and_then(|text| Declared::parse(text).ok()) else {
        return Ok(None);
    };
    let tag = record.tag.as_deref().and_then(|tag| TagName::parse(tag).ok());
    let issues = desk.brought_since(context, workspace, &record.repositories, earlier)?;
    let event = desk::Event { event: Event::Deployed, declared: &declared, tag: tag.as_ref(), day: Some(&record.at) };
    Ok(desk.telling(&event, &issues))
}
