//! `relman promote`, `set` and `rollback`: bring a version to an environment, by a pull request.

use crate::domain::environment::TriggerPolicy;
use crate::domain::error::Exit;
use crate::domain::name::EnvironmentName;
use crate::domain::problem::Problem;
use crate::domain::promotion::HeadFound;
use crate::domain::record;
use crate::domain::release_file::Via;
use crate::domain::version::Declared;
use crate::plan::promotion::{Delivery, Proposal};
use crate::plan::{self, OpenAlready, Plan, Step};
use crate::render;
use crate::render::promotion::{Ending, PullRequestJson};
use crate::ui::Format;
use crate::workspace::Workspace;
use crate::workspace::promotion::{Decided, Verb, Wish};

use super::deeds::{Deeds, check_remotes};
use super::failure::StepFailed;
use super::reach::{self, Reach};
use super::{Context, Failure, Outcome, UsageError, identity, jira, offer, race};

/// Promote a version from one environment to another, by a pull request
///
/// The merge is tried out first. If it is clean and changes nothing but the version, the environment branch itself is
/// proposed; otherwise a branch with one commit that changes the version and nothing else.
#[derive(Debug, clap::Args)]
pub(super) struct PromoteArgs {
    /// The environment that holds the version
    #[arg(value_name = "FROM", requires = "target")]
    source: Option<EnvironmentName>,
    /// The environment that gets it
    #[arg(value_name = "TO")]
    target: Option<EnvironmentName>,
    /// Promote this version instead of the one that FROM holds
    #[arg(long, value_name = "V", allow_hyphen_values = true)]
    version: Option<String>,
    /// Go on although TO takes no promotions from FROM
    #[arg(long, value_name = "REASON", value_parser = reason)]
    allow_skip: Option<String>,
    #[command(flatten)]
    how: How,
}

/// Set the version of an environment, by a pull request
///
/// This is how a release starts: relman set qa 1.2.0.
#[derive(Debug, clap::Args)]
pub(super) struct SetArgs {
    /// The environment
    #[arg(value_name = "ENV")]
    environment: EnvironmentName,
    /// The version; on a terminal relman offers the next one
    #[arg(value_name = "VERSION", allow_hyphen_values = true)]
    version: Option<String>,
    /// Trust a version that is older than its candidates, and say why
    #[arg(long, value_name = "REASON", value_parser = reason)]
    unproven: Option<String>,
    #[command(flatten)]
    how: How,
}

/// Set an environment back to a version that it held before, by a pull request
///
/// A rollback goes forward: it is a new commit, so the version that was rolled back from can be promoted again.
#[derive(Debug, clap::Args)]
pub(super) struct RollbackArgs {
    /// The environment
    #[arg(value_name = "ENV")]
    environment: EnvironmentName,
    /// The version; else the one that was held before
    #[arg(value_name = "VERSION", allow_hyphen_values = true)]
    version: Option<String>,
    #[command(flatten)]
    how: How,
}

/// What all of these commands understand.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct How {
    /// The way: auto, direct (the environment branch itself) or branch (one commit with the version)
    #[arg(long, value_name = "WAY", value_parser = clap::builder::PossibleValuesParser::new(Via::WORDS))]
    via: Option<String>,
    /// Go on although the version is lower
    #[arg(long)]
    allow_downgrade: bool,
    /// Push to the environment branch, without a pull request
    #[arg(long)]
    direct_push: bool,
    #[command(flatten)]
    pull_request: reach::PullRequestArgs,
}

/// A reason that says something: it stays in the history.
fn reason(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() { Err("a reason is missing") } else { Ok(text.to_owned()) }
}

pub(super) fn promote(context: &Context<'_>, args: &PromoteArgs) -> Outcome {
    let workspace = context.workspace()?;
    let (source, target) = match (&args.source, &args.target) {
        (Some(source), Some(target)) => (source.clone(), target.clone()),
        _ => offer::promotion(context, &workspace)?,
    };
    run(
        context,
        &workspace,
        Wish {
            version: args.version.as_deref().map(Declared::parse).transpose()?,
            via: args.how.via(),
            allow_skip: args.allow_skip.clone(),
            allow_downgrade: args.how.allow_downgrade,
            ..Wish::new(Verb::Promote, Some(source), target)
        },
        &args.how,
    )
}

pub(super) fn set(context: &Context<'_>, args: &SetArgs) -> Outcome {
    args.how.refuse_direct("set")?;
    let workspace = context.workspace()?;
    let version = match &args.version {
        Some(version) => Declared::parse(version)?,
        None => offer::version(context, &workspace, &args.environment)?,
    };
    let wish = Wish {
        version: Some(version),
        via: args.how.via(),
        allow_downgrade: args.how.allow_downgrade,
        unproven: args.unproven.clone(),
        ..Wish::new(Verb::Set, None, args.environment.clone())
    };
    run(context, &workspace, wish, &args.how)
}

pub(super) fn rollback(context: &Context<'_>, args: &RollbackArgs) -> Outcome {
    args.how.refuse_direct("rollback")?;
    let workspace = context.workspace()?;
    let wish = Wish {
        version: args.version.as_deref().map(Declared::parse).transpose()?,
        via: args.how.via(),
        allow_downgrade: true,
        ..Wish::new(Verb::Rollback, None, args.environment.clone())
    };
    run(context, &workspace, wish, &args.how)
}

impl How {
    /// As a trigger goes: to the environment branch itself where its entry allows that, else by a pull request.
    pub(super) fn of_trigger(policy: TriggerPolicy) -> Self {
        How { direct_push: policy == TriggerPolicy::Push, ..How::default() }
    }

    /// There is no other branch that could be merged.
    fn refuse_direct(&self, verb: &str) -> Result<(), UsageError> {
        match self.via() {
            Some(Via::Direct) => Err(UsageError::new(
                format!("{verb} can't go directly: it merges no other environment"),
                "leave out --via",
            )),
            _ => Ok(()),
        }
    }

    fn via(&self) -> Option<Via> {
        self.via.as_deref().and_then(Via::parse)
    }
}

pub(super) fn run(context: &Context<'_>, workspace: &Workspace, wish: Wish, how: &How) -> Outcome {
    let ui = context.ui;
    let progress = ui.progress("reading branches and tags");
    let reach = reach::reach(context, workspace, &wish.target, how.direct_push, &how.pull_request)?;
    let rules = reach.rules();
    let mut decided = workspace.decide_promotion(&wish, rules)?;
    drop(progress);
    if !decided.already {
        decided.warnings.extend(reach.unknown(decided.choice.way));
        decided.warnings.extend(decided.changes_no_file().filter(|_| !how.direct_push));
        decided.warnings.extend(reach.headed_by(&wish.target).into_iter().map(|(number, target)| {
            let message = format!("{} is the head of the open pull request {number} to {target}", wish.target);
            Problem::warning("heads-pull-request", message).hint("once this is merged, that one ships it too")
        }));
    }
    context.say_offline();
    context.warn(&decided.warnings);
    if decided.already {
        remember(context, workspace, &wish, &decided);
        return finish(context, &decided, &Plan::default(), Ending::Unchanged, None);
    }
    let mut proposal = propose(workspace, &decided, how, &reach);
    proposal.open = reach.open_already(context, &proposal)?;
    let mut plan = plan::promotion::plan(&proposal).map_err(crate::workspace::Error::from)?;
    check_remotes(&plan)?;
    let desk = jira::plan_promotion(context, workspace, &decided, &proposal, &mut plan)?;
    let pull_request = (proposal.delivery != Delivery::DirectPush).then(|| reach.pull_request(&proposal)).flatten();
    if ui.format() == Format::Text {
        ui.say(render::promotion::text(&decided).trim_end());
    }
    if context.dry_run() {
        if ui.format() == Format::Text {
            ui.answer(&render::plan::text(&plan, true))?;
            if let Some(url) = pull_request.as_ref().and_then(|pull_request| pull_request.url.as_ref()) {
                ui.answer(&format!("  {url}\n"))?;
            }
            return Ok(Exit::Success);
        }
        return finish(context, &decided, &plan, Ending::Planned, pull_request);
    }
    consent(context, &plan)?;
    let fallback = wish.trigger.as_ref().map(|_| identity::fallback(context, &workspace.release));
    let deeds = Deeds::with(reach.connection()).or_by(fallback).telling(desk);
    let progress = ui.progress("proposing");
    let meanwhile = || workspace.decide_promotion(&wish, rules);
    let held = carry_out(&plan, &deeds, &decided, meanwhile)?;
    drop(progress);
    if let Some(held) = held {
        remember(context, workspace, &wish, &held);
        return finish(context, &held, &Plan::default(), Ending::Unchanged, None);
    }
    let (ending, pull_request) = match (deeds.opened(), proposal.delivery) {
        (_, Delivery::DirectPush) => (Ending::Pushed, None),
        (Some(opened), _) => {
            context.warn(&opened.warnings);
            decided.warnings.extend(opened.warnings.iter().cloned());
            let json = PullRequestJson {
                forge: opened.forge.to_owned(),
                number: Some(opened.number),
                url: Some(opened.url.clone()),
                head: proposal.head_branch().to_string(),
                base: proposal.target.0.branch().to_string(),
            };
            // What was pushed is a part of it, even if no word of it had to change.
            let pushed = plan.steps.iter().any(|step| matches!(step, Step::PushCommit(_)));
            let ending = if pushed && opened.ending == Ending::Unchanged { Ending::Updated } else { opened.ending };
            (ending, Some(json))
        }
        (None, _) => (Ending::Manual, pull_request),
    };
    decided.warnings.extend(deeds.report_unnoted(context));
    decided.warnings.extend(deeds.report_jira(context));
    if ending == Ending::Pushed {
        deeds.pass_on(ui);
        super::refresh::refresh(context, workspace, &decided.target.environment);
    }
    let opened = pull_request.as_ref().and_then(|pull_request| pull_request.number);
    finish(context, &decided, &plan, ending, pull_request)?;
    if let (Some(limit), Some(number)) = (how.pull_request.wait, opened) {
        let progress = ui.progress(&format!("waiting until the pull request {number} is merged"));
        deeds.wait(number, limit)?;
        drop(progress);
        ui.say("Merged.");
    }
    Ok(Exit::Success)
}

/// Remembers a trigger that no commit carries, since there was nothing to change.
fn remember(context: &Context<'_>, workspace: &Workspace, wish: &Wish, decided: &Decided) {
    let Some((trigger, _)) = wish.trigger.as_ref().filter(|_| !context.dry_run() && !context.offline()) else { return };
    let at = record::moment(context.now_in_milliseconds());
    let fallback = identity::fallback(context, &workspace.release);
    if let Err(error) = workspace.remember_trigger(decided, trigger, at, Some(&fallback)) {
        let hint = "the same body would be followed once the environment has moved on";
        context.ui.warn(&format!("this trigger can't be remembered: {error}"), hint);
    }
}

/// Carries a plan out. Where somebody else's push came first, that may have been the same one: then its pull request is
/// found, or the target holds the version already, which is what is returned.
fn carry_out(
    plan: &Plan,
    deeds: &Deeds,
    decided: &Decided,
    meanwhile: impl FnOnce() -> crate::workspace::Result<Decided>,
) -> anyhow::Result<Option<Decided>> {
    let report = plan::execute(plan, deeds);
    let Some((step, error)) = report.failed else { return Ok(None) };
    let failed = StepFailed::new(step, &report.left);
    let Step::PushCommit(push) = step else { return Err(error.context(failed)) };
    if !race::was_lost(&error) {
        return Err(error.context(failed));
    }
    let now = meanwhile()?;
    if now.already {
        return Ok(Some(now));
    }
    if push.branch != decided.head || now.head_found != HeadFound::Same || now.trailers != decided.trailers {
        return Err(race::Lost::of(&push.branch, &error).into());
    }
    let rest = Plan { steps: report.left.into_iter().cloned().collect() };
    let report = plan::execute(&rest, deeds);
    match report.failed {
        Some((step, error)) => Err(error.context(StepFailed::new(step, &report.left))),
        None => Ok(None),
    }
}

/// A person at a terminal is asked; a script says `--yes`.
pub(super) fn consent(context: &Context<'_>, plan: &Plan) -> anyhow::Result<()> {
    let ui = context.ui;
    if plan.pushes() {
        refuse_offline_push(context)?;
    }
    if context.yes() || !plan.changes() {
        return Ok(());
    }
    if !ui.is_interactive() {
        return Err(UsageError::new(
            "nobody is there to be asked",
            "say that it is meant: --yes (or look first: --dry-run)",
        )
        .into());
    }
    ui.say(render::plan::text(plan, false).trim_end());
    if ui.confirm("Go ahead?", true)? { Ok(()) } else { Err(Failure::interrupted().into()) }
}

/// Refuses to push where remotes are to be left alone; a plan may be looked at.
pub(super) fn refuse_offline_push(context: &Context<'_>) -> Result<(), UsageError> {
    if context.offline() && !context.dry_run() {
        return Err(UsageError::new("nothing can be pushed --offline", "leave out --offline, or look with --dry-run"));
    }
    Ok(())
}

pub(super) fn propose(workspace: &Workspace, decided: &Decided, how: &How, reach: &Reach) -> Proposal {
    let delivery = if how.direct_push {
        Delivery::DirectPush
    } else if reach.can_open() {
        Delivery::PullRequest
    } else {
        Delivery::ByHand
    };
    let mut proposal = Proposal {
        folder: workspace.release.folder().to_owned(),
        remote: workspace.remote_name().map(str::to_owned),
        way: decided.choice.way,
        delivery,
        target: (decided.target.environment.clone(), decided.target.commit),
        source: decided.source.as_ref().map(|side| (side.environment.clone(), side.commit)),
        path: decided.path,
        text: decided.text.clone(),
        // A version that the source does not hold is none that continues it.
        continues_source: reach.only_merge_commits()
            && decided.source.as_ref().is_some_and(|source| source.version == decided.version.text()),
        merged: decided.merged,
        head: decided.head.clone(),
        head_found: decided.head_found,
        message: render::promotion::message(decided),
        title: render::promotion::title(decided),
        body: render::promotion::body(decided),
        draft: how.pull_request.draft,
        reviewers: how.pull_request.reviewers.clone(),
        labels: how.pull_request.labels.clone(),
        open: OpenAlready::Unknown,
        by_hand: String::new(),
    };
    proposal.by_hand = reach.by_hand(workspace, &proposal, decided.trailers.trigger.is_some());
    proposal
}

fn finish(
    context: &Context<'_>,
    decided: &Decided,
    plan: &Plan,
    ending: Ending,
    pull_request: Option<PullRequestJson>,
) -> Outcome {
    let ui = context.ui;
    match ui.format() {
        Format::Json => ui.answer(&render::promotion::json(decided, plan, ending, pull_request.as_ref()))?,
        Format::Text => {
            if decided.already {
                let version = decided.version.text().unwrap_or_default();
                ui.answer(&format!("{} holds {version} already. Nothing to do.\n", decided.target.environment))?;
            } else {
                ui.answer(&render::promotion::ended(plan, ending, pull_request.as_ref()))?;
            }
        }
    }
    Ok(Exit::Success)
}
