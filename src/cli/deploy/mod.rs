//! `relman deploy`: what CI runs when an environment branch is pushed.
//!
//! Read and decide, tag, check everything out in private, say that it begins, run, say how it ended.

mod access;
mod checkout;
mod herald;
mod journal;
mod ready;
mod triggered;

use std::path::Path;

use crate::domain::change::Change;
use crate::domain::deployment::{Ci, Nothing, Place, place};
use crate::domain::environment::Tagging;
use crate::domain::error::Exit;
use crate::domain::name::{CommitId, EnvironmentName};
use crate::domain::record::{self, Outcome as Ended, Record};
use crate::domain::version::Declared;
use crate::domain::yaml::Node;
use crate::pipeline::{self, Ending, Interrupts, Job, Mask, Told};
use crate::plan::deploy::{CheckOut, Deployment};
use crate::render;
use crate::render::deploy::{DeployAnswer, DeployEnding};
use crate::ui::Format;
use crate::workspace::Workspace;
use crate::workspace::resolve::Resolved;
use crate::workspace::team::side_by_side;

use super::{Context, Failure, Outcome, UsageError, identity, jira, login, tag};
use checkout::Checkout;
use herald::Herald;
use journal::Journal;
use ready::Ready;
pub(super) use triggered::{Origin, foresee, triggered};

/// Deploy what an environment branch declares; this is what CI runs
///
/// Makes the tags, checks app and components out into a private folder, runs the pipeline of that app commit, and
/// records what happened. Without ENV, the branch that is checked out or that the CI system names counts; anything but
/// an environment branch, a pull request's build and a commit that is no longer the tip end with nothing.
#[derive(Debug, clap::Args)]
#[command(disable_version_flag = true)]
pub(super) struct Args {
    /// The environment; else the one that is checked out, or that the CI system names
    #[arg(value_name = "ENV")]
    environment: Option<EnvironmentName>,
    /// The version, where the branch has no `version` because it is driven from outside
    #[arg(long, value_name = "V", allow_hyphen_values = true)]
    version: Option<String>,
    /// Print what the engine would hand to its system (tekton: the PipelineRun), and do nothing else
    #[arg(long)]
    render: bool,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    let ci = identity::ci();
    let nothing_to_do = |nothing: &Nothing| match args.render {
        true => render_nothing(context, nothing),
        false => end_with_nothing(context, nothing),
    };
    let mut checkout = Checkout::find(context)?;
    let place = match place::decide(args.environment.as_ref(), checkout.head.as_ref(), &ci) {
        Ok(Err(nothing)) => return nothing_to_do(&nothing),
        Ok(Ok(place)) => {
            checkout.require()?;
            place
        }
        Err(unclear) => {
            checkout.require()?;
            if checkout.is_nowhere() {
                context.workspace()?;
            }
            return Err(unclear.into());
        }
    };
    let given = args.version.as_deref().map(Declared::parse).transpose()?;
    let workspace = context.workspace()?;
    match read(context, &workspace, &checkout, &place, given)? {
        Ok(order) if args.render => render_only(context, &workspace, order),
        Ok(order) => carry_out(context, &workspace, order, &ci),
        Err(nothing) => nothing_to_do(&nothing),
    }
}

fn end_with_nothing(context: &Context<'_>, nothing: &Nothing) -> Outcome {
    context.ui.answer(&match context.ui.format() {
        Format::Text => render::deploy::nothing_text(nothing),
        Format::Json => render::deploy::nothing_json(nothing),
    })?;
    Ok(Exit::Success)
}

/// What is to be deployed, all of it read and decided.
struct Order {
    environment: EnvironmentName,
    declared: Declared,
    /// The commit of the release repo.
    on: CommitId,
    resolved: Resolved,
    /// The environment's entry.
    target: Node,
    /// The change request behind it.
    change: Change,
    /// What began it, where that was no push.
    origin: Option<Origin>,
    commit_prefix: String,
}

fn read(
    context: &Context<'_>,
    workspace: &Workspace,
    checkout: &Checkout,
    place: &Place,
    given: Option<Declared>,
) -> anyhow::Result<Result<Order, Nothing>> {
    let progress = context.ui.progress("asking the remotes for branches and tags");
    workspace.fetch_environments()?;
    let landscape = workspace.environments().landscape()?;
    let on = match checkout.commit(workspace, &landscape, place)? {
        Ok(commit) => commit,
        Err(nothing) => return Ok(Err(nothing)),
    };
    let environment = place.environment.clone();
    let branch = workspace.branch(&landscape, &environment)?;
    let file = branch.file.as_ref().map_err(|unusable| workspace_error(unusable, &branch.branch()))?;
    let declared = match (&file.version, given) {
        (Declared::Empty, _) => return Ok(Err(Nothing::NoVersion(environment))),
        (Declared::Absent, None) => return Err(version_needed(&environment)),
        (Declared::Absent, Some(given)) => given,
        (declared, Some(given)) if *declared != given => return Err(declared_otherwise(&environment, declared)),
        (declared, _) => declared.clone(),
    };
    let resolved = workspace.resolve(&environment, Some(declared.clone()))?;
    drop(progress);
    if resolved.release_commit != on {
        return Ok(Err(Nothing::Superseded(environment)));
    }
    // Resolving has looked at the entry already, so it is there.
    let target = branch.entry().map(|entry| entry.entry.clone());
    let target = target.ok_or_else(|| anyhow::anyhow!("{} has no entry", branch.branch()))?;
    let commit_prefix = file.commit_prefix.clone().unwrap_or_default();
    let change = workspace.environments().change(on)?;
    Ok(Ok(Order { environment, declared, on, resolved, target, change, origin: None, commit_prefix }))
}

fn workspace_error(unusable: &crate::domain::landscape::Unusable, branch: &str) -> crate::workspace::Error {
    crate::workspace::Error::unusable(unusable, branch)
}

fn version_needed(environment: &EnvironmentName) -> anyhow::Error {
    let message = format!("environment/{environment} has no `version`, so one must be given");
    UsageError::new(message, format!("relman deploy {environment} --version V")).into()
}

fn declared_otherwise(environment: &EnvironmentName, declared: &Declared) -> anyhow::Error {
    let declared = declared.text().unwrap_or_default();
    Failure::refused(
        "declared-otherwise",
        format!("environment/{environment} declares {declared}, and that is what is deployed"),
        vec![format!("relman set {environment} VERSION declares another one")],
    )
    .into()
}

/// Says that there is nothing to render. Whoever reads the answer takes it for a manifest, so it stays empty.
fn render_nothing(context: &Context<'_>, nothing: &Nothing) -> Outcome {
    context.ui.say(render::deploy::nothing_text(nothing).trim_end());
    Ok(Exit::Success)
}

/// Prints what the engine would hand to its system. Nothing is asked, made or recorded.
fn render_only(context: &Context<'_>, workspace: &Workspace, order: Order) -> Outcome {
    let ready = Ready::new(workspace, order.resolved, &order.target, &order.change)?;
    context.say_offline();
    context.warn(&ready.resolved.warnings);
    let Some(manifest) = ready.engine.manifest(&ready.release)? else {
        let message = format!("the engine {} has nothing to render", ready.plan.engine.as_str());
        return Err(UsageError::new(message, "leave out --render, or look with --dry-run").into());
    };
    context.ui.answer(&render::deploy::manifest(&manifest, context.ui.format()))?;
    Ok(Exit::Success)
}

fn carry_out(context: &Context<'_>, workspace: &Workspace, order: Order, ci: &Ci) -> Outcome {
    let ui = context.ui;
    let Order { environment, declared, on, resolved, target, change, origin, commit_prefix } = order;
    let mut ready = Ready::new(workspace, resolved, &target, &change)?;
    context.say_offline();
    context.warn(&ready.resolved.warnings);
    let forge = herald::forge(context, workspace, &environment);
    let news = jira::plan_deployment(context, workspace, &ready.resolved);
    let with_others = |plan: &mut Deployment| {
        plan.shown_at = forge.as_ref().map(|forge| forge.web.authority());
        plan.telling = news.as_ref().map(|news| news.telling.clone());
    };
    with_others(&mut ready.plan);
    if context.dry_run() {
        ui.answer(&match ui.format() {
            Format::Text => ready.shown(),
            Format::Json => {
                let url = ci.url();
                render::deploy::json(&DeployAnswer {
                    jira: news.as_ref(),
                    ..ready.answer(DeployEnding::Planned, url.as_deref())
                })
            }
        })?;
        return Ok(Exit::Success);
    }
    consent(context, workspace, &ready.resolved, &ready.shown())?;
    ready.open(context, workspace)?;
    check_records(context, workspace, &ready.resolved, on)?;
    let fallback = identity::fallback(context, &workspace.release);
    let herald = Herald::send(context, workspace, &environment, on, forge.clone());
    let place = pipeline::Place::new(environment.as_str())?;
    if ready.resolved.decision.creates {
        let Ready { resolved, release: before, access, .. } = ready;
        let mut made = tag::make(context, workspace, &environment, &declared, resolved, &fallback)?;
        ready::come_from_tag(&mut made.resolved);
        ready = Ready::new(workspace, made.resolved, &target, &change)?;
        with_others(&mut ready.plan);
        ready.open_again(context, workspace, &before, access)?;
    }
    if !ready.plan.checkouts.is_empty() {
        let _progress = ui.progress("checking out");
        check_out(&ready.plan.checkouts, place.path())?;
    }
    let interrupts = Interrupts::listen()?;
    let records = ready.plan.records.clone();
    let journal =
        Journal { context, workspace, records, prefix: commit_prefix, fallback, change, origin, herald, interrupts };
    perform(&journal, &ready, place, ci)
}

/// Runs the pipeline between its two records, and answers how it went.
fn perform(journal: &Journal<'_>, ready: &Ready, place: pipeline::Place, ci: &Ci) -> Outcome {
    let (context, ui) = (journal.context, journal.context.ui);
    let interrupts = &journal.interrupts;
    login::hide_given(ui);
    let start = journal.start(&ready.resolved, ready.plan.engine, ci);
    // Made before, so that nothing can go wrong between a start and its end.
    let log = pipeline::new_log(ready.resolved.environment.as_str())?;
    if let Err(error) = journal.begin(&ready.resolved, &start) {
        // Nothing has run, so there is nothing to read in it.
        let _ = std::fs::remove_file(&log);
        return Err(error);
    }
    let environment = &ready.resolved.environment;
    if journal.is_second(&start, environment)? {
        let _ = std::fs::remove_file(&log);
        let nothing = Nothing::Begun(environment.clone());
        let at = record::moment(context.now_in_milliseconds());
        journal.end(&start.ended(at, Ended::Interrupted, Some(nothing.reason())));
        return end_with_nothing(context, &nothing);
    }
    let unfinished = journal.unfinished(&start)?;
    let job = Job {
        release: &ready.release,
        id: &start.id,
        place: place.path(),
        log: &log,
        mask: Mask(&|text| ui.masked(text)),
        access: ready.access.as_ref(),
        unfinished: &unfinished,
        interrupts,
    };
    std::fs::create_dir(job.scratch())?;
    ui.say(&format!("The log is {}", log.display()));
    let mut url = start.url.clone();
    let ending = ready.engine.run(&job, &mut |told| match told {
        Told::Line { part, line } => ui.pass_on(part, line),
        Told::Begins(part) => ui.detail(1, &format!("{part} begins")),
        Told::Url(run) => {
            ui.say(&format!("The run is {run}"));
            url = Some(run.to_owned());
        }
    });
    let (ended, reason) = outcome_of(&ending);
    let end = start.ended(record::moment(context.now_in_milliseconds()), ended, reason.clone());
    let end = Record { url, pull_request: journal.herald.pull_request(), ..end };
    journal.end(&end);
    // The record is there; what follows is news, and holds nobody up who wants to stop.
    interrupts.let_go();
    let news = jira::tell_deployment(context, journal.workspace, &end);
    if let (Ended::Succeeded, Some(environment)) = (ended, &ready.plan.refreshed) {
        // What is merged from here ships this candidate from now on.
        super::refresh::refresh(context, journal.workspace, environment);
    }
    if !ready.plan.checkouts.is_empty() && ended != Ended::Succeeded && ui.is_verbose() {
        ui.detail(1, &format!("what was checked out stays in {}", place.keep().display()));
    }
    if ending.is_err() {
        ui.say(&format!("All that was printed is in {}", log.display()));
    }
    let ending = ending?;
    if ui.format() == Format::Json {
        let result = if ended == Ended::Succeeded { DeployEnding::Deployed } else { DeployEnding::Failed };
        let url = end.url.as_deref();
        let (reason, log, record) = (reason.as_deref(), Some(log.as_path()), Some(&end));
        let jira = news.as_ref();
        ui.answer(&render::deploy::json(&DeployAnswer { reason, log, record, jira, ..ready.answer(result, url) }))?;
    }
    finish(context, &ready.resolved, &ending, &log)
}

/// What a record says of an ending. What a step has printed stays in the log: it may hold secrets.
fn outcome_of(ending: &Result<Ending, pipeline::Error>) -> (Ended, Option<String>) {
    match ending {
        Ok(Ending::Succeeded) => (Ended::Succeeded, None),
        Ok(Ending::Failed { part, why, .. }) => (Ended::Failed, Some(format!("{part} {why}"))),
        Ok(Ending::Interrupted { part, why }) => (Ended::Interrupted, Some(format!("{part} {why}"))),
        // How it ends is not known, so it is not called a failure.
        Err(error) if error.leaves_it_open() => (Ended::Interrupted, Some(error.to_string())),
        Err(error) => (Ended::Failed, Some(error.to_string())),
    }
}

fn finish(context: &Context<'_>, resolved: &Resolved, ending: &Ending, log: &Path) -> Outcome {
    let ui = context.ui;
    let text = ui.format() == Format::Text;
    let hints = [format!("all that was printed is in {}", log.display())];
    match ending {
        Ending::Succeeded => {
            if text {
                ui.answer(&render::deploy::deployed_text(resolved))?;
            }
            Ok(Exit::Success)
        }
        Ending::Failed { part, why, tail } => {
            if text {
                ui.error(&format!("{part} {why}"), tail, &hints);
            }
            Ok(Exit::PipelineFailed)
        }
        Ending::Interrupted { part, why } => {
            if text {
                ui.error(&format!("{part} {why}"), &[], &hints);
            }
            Ok(Exit::Interrupted)
        }
    }
}

/// Makes sure that it is meant. Steps run even where no tag is made, so this always asks.
fn consent(context: &Context<'_>, workspace: &Workspace, resolved: &Resolved, plan: &str) -> anyhow::Result<()> {
    let ui = context.ui;
    let team = &resolved.team;
    let remotes = workspace.remote.is_some()
        || team.app.remote.is_some()
        || team.components.iter().any(|(member, _)| member.remote.is_some());
    if context.offline() && remotes {
        return Err(UsageError::new(
            "nothing can be deployed --offline",
            "leave out --offline, or look with --dry-run",
        )
        .into());
    }
    if context.yes() {
        return Ok(());
    }
    if !ui.is_interactive() {
        let hint = "say that it is meant: --yes (or look first: --dry-run)";
        return Err(UsageError::new("nobody is there to be asked", hint).into());
    }
    ui.say(plan.trim_end());
    if ui.confirm("Go ahead?", true)? { Ok(()) } else { Err(Failure::interrupted().into()) }
}

/// Makes sure, before the first tag, that the release repo takes records; tagging looks after the other repositories.
fn check_records(
    context: &Context<'_>,
    workspace: &Workspace,
    resolved: &Resolved,
    on: CommitId,
) -> anyhow::Result<()> {
    let Some(remote) = workspace.remote_name() else { return Ok(()) };
    match workspace.release.check_write_access(remote, on) {
        Err(error) if resolved.tagging == Tagging::Final => Err(error.into()),
        Err(error) => {
            context.ui.detail(1, &format!("the release repo may not take records: {error}"));
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// Checks repositories out, side by side, in folders of their names.
fn check_out(checkouts: &[CheckOut], place: &Path) -> anyhow::Result<()> {
    let done = side_by_side(checkouts, |checkout| {
        let repository = crate::git::Repository::open(&checkout.git_dir)?;
        repository.check_out_into(&place.join(checkout.name.as_str()), checkout.commit, checkout.remote.as_deref())
    });
    done.into_iter().collect::<crate::git::Result<Vec<()>>>()?;
    Ok(())
}
