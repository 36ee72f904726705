//! `relman tag`: creates and pushes the tags of a candidate or a final version in all repositories.

use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::domain::environment::Tagging;
use crate::domain::error::Exit;
use crate::domain::name::{CommitId, EnvironmentName, TagName};
use crate::domain::problem::Problem;
use crate::domain::version::{Declared, Version};
use crate::git::Error as GitError;
use crate::git::write::Person;
use crate::plan::tags::{Candidate, TagPush, TagSet};
use crate::plan::{self, Step};
use crate::render;
use crate::render::tags::{Ending, TagAnswer};
use crate::ui::Format;
use crate::workspace::resolve::Resolved;
use crate::workspace::team::{Member, side_by_side};
use crate::workspace::{Error, Workspace};

use super::deeds::{Deeds, check_remotes};
use super::{Context, Failure, Outcome, UsageError};

/// For how long a run tries again after another one was faster.
const PATIENCE: Duration = Duration::from_secs(600);

/// Create and push the tags of a release in all repositories
///
/// The components first, the app repo last, so that the app's tag proves that the whole set exists. The remotes are the
/// lock: any number of runs may race, and none takes the number of another.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which kind of tag
    #[arg(value_name = "KIND")]
    kind: Kind,
    /// The version
    #[arg(value_name = "VERSION", allow_hyphen_values = true)]
    version: Version,
    /// The environment that decides about branches and candidates; else the only one that makes such tags
    #[arg(long = "env", value_name = "ENV")]
    environment: Option<EnvironmentName>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// vVERSION-rc.N, on the heads
    Candidate,
    /// vVERSION, on the commits of a candidate
    Final,
}

impl Kind {
    fn tagging(self) -> Tagging {
        match self {
            Kind::Candidate => Tagging::Candidate,
            Kind::Final => Tagging::Final,
        }
    }
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    let ui = context.ui;
    let workspace = context.workspace()?;
    let progress = ui.progress("asking the remotes for branches and tags");
    workspace.fetch_environments()?;
    let environment = environment(&workspace, args)?;
    let declared = Declared::Version(args.version.clone());
    let resolved = workspace.resolve_past(&environment, Some(declared.clone()), None)?;
    drop(progress);
    if args.kind == Kind::Candidate && resolved.decision.tag == Some(args.version.final_tag()) {
        return Err(Failure::refused(
            "already-final",
            format!("{} is final, so no candidate of it is made", args.version),
            vec!["go on with the next version".into()],
        )
        .into());
    }
    context.say_offline();
    context.warn(&resolved.warnings);
    let set = tag_set(&resolved)?;
    let plan = plan::tags::plan(&set);
    check_remotes(&plan)?;
    if context.dry_run() {
        ui.answer(&match ui.format() {
            Format::Text => render::plan::text(&plan, true),
            Format::Json => render::tags::tag_json(
                &TagAnswer::new(&set, resolved.decision.mixed, Ending::Planned, &[]),
                &resolved.warnings,
            ),
        })?;
        return Ok(Exit::Success);
    }
    super::promote::consent(context, &plan)?;
    let mut warnings = resolved.warnings.clone();
    let fallback = super::identity::fallback(context, &workspace.release);
    let made = make(context, &workspace, &environment, &declared, resolved, &fallback)?;
    warnings.extend(made.unnoted.iter().cloned());
    let answer = TagAnswer::new(&made.set, made.resolved.decision.mixed, made.result(), &made.created);
    ui.answer(&match ui.format() {
        Format::Text => render::tags::tag_text(&answer),
        Format::Json => render::tags::tag_json(&answer, &warnings),
    })?;
    Ok(Exit::Success)
}

/// The tags of a release, all of which exist now.
pub(super) struct Made {
    set: TagSet,
    /// What was decided when the tags were made.
    pub(super) resolved: Resolved,
    /// The repositories in which this run made the tag.
    created: Vec<String>,
    /// What clones could not note of that.
    unnoted: Vec<Problem>,
}

impl Made {
    fn result(&self) -> Ending {
        let unpinned = self.set.components.iter().filter(|component| !component.pinned).count() + 1;
        match self.created.len() {
            0 => Ending::Unchanged,
            all if all == unpinned => Ending::Created,
            _ => Ending::Completed,
        }
    }
}

/// Makes what is missing, and reads again whenever another run was faster. `fallback` tags where Git knows nobody.
pub(super) fn make(
    context: &Context<'_>,
    workspace: &Workspace,
    environment: &EnvironmentName,
    declared: &Declared,
    mut resolved: Resolved,
    fallback: &Person,
) -> anyhow::Result<Made> {
    let begun = Instant::now();
    let mut created: Vec<(TagName, String)> = Vec::new();
    let mut unnoted = Vec::new();
    let mut refusals = Refusals::default();
    let mut checked = false;
    loop {
        let set = tag_set(&resolved)?;
        refusals.look(&set, &created)?;
        let plan = plan::tags::plan(&set);
        if !checked {
            check_remotes(&plan)?;
            check_write_access(missing(&resolved, &set))?;
            checked = true;
        }
        let progress = context.ui.progress("tagging");
        let deeds = Deeds::signed_by(fallback.clone());
        let report = plan::execute(&plan, &deeds);
        drop(progress);
        unnoted.extend(deeds.report_unnoted(context));
        for step in &report.done {
            if let Step::PushTag(push) = step {
                created.push((push.tag.clone(), push.name.to_string()));
            }
        }
        let Some((step, error)) = report.failed else {
            created.retain(|(tag, _)| tag == &set.tag);
            let created = created.into_iter().map(|(_, name)| name).collect();
            return Ok(Made { set, resolved, created, unnoted });
        };
        let (Step::PushTag(push), Some(GitError::Rejected { cause, .. } | GitError::Moved { cause, .. })) =
            (step, error.downcast_ref::<GitError>())
        else {
            return Err(error.context(super::failure::StepFailed::new(step, &report.left)));
        };
        refusals.note(push, &cause.to_string());
        if begun.elapsed() > PATIENCE {
            return Err(error.context(super::failure::StepFailed::new(step, &report.left)));
        }
        context.ui.detail(1, &format!("{} in {} was taken meanwhile; reading again", push.tag, push.name));
        std::thread::sleep(refusals.pause());
        resolved = workspace.resolve_past(environment, Some(declared.clone()), refusals.spent)?;
    }
}

/// Names that a remote has refused, and that count as taken even if the next read does not show them.
#[derive(Default)]
struct Refusals {
    refused: Option<(String, TagName, String)>,
    unseen: u32,
    tries: u32,
    spent: Option<u64>,
}

impl Refusals {
    fn note(&mut self, push: &TagPush, said: &str) {
        self.tries += 1;
        self.refused = Some((push.name.to_string(), push.tag.clone(), said.to_owned()));
    }

    /// Looks whether what was refused is there now. Refused twice and nowhere to be seen is no race.
    fn look(&mut self, set: &TagSet, created: &[(TagName, String)]) -> anyhow::Result<()> {
        let Some((name, tag, said)) = self.refused.take() else { return Ok(()) };
        let seen = set
            .components
            .iter()
            .chain([&set.app])
            .any(|one| one.name.as_str() == name && one.exists && set.tag == tag);
        // Another number is tried now, so the refused one was seen, or its set was.
        if seen || set.tag != tag {
            return Ok(());
        }
        self.unseen += 1;
        if self.unseen > 1 {
            let mut hints =
                vec!["the token or key must be allowed to push tags; a rule of the server may forbid this name".into()];
            let have: Vec<&str> =
                created.iter().filter(|(made, _)| *made == tag).map(|(_, name)| name.as_str()).collect();
            if !have.is_empty() {
                hints.push(format!("{tag} was made in {}: the same command makes the rest then", have.join(", ")));
            }
            return Err(Failure::unauthorised(
                "tag-refused",
                format!("{name} refuses the tag {tag}, and does not have it either\n{said}"),
                hints,
            )
            .into());
        }
        self.spent =
            self.spent.max(crate::domain::candidate::Candidate::parse(tag.as_str()).map(|candidate| candidate.number));
        Ok(())
    }

    /// A little longer with every try, and never the same for two runs.
    fn pause(&self) -> Duration {
        let nanos =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |age| age.subsec_nanos());
        let jitter = u64::from(nanos ^ std::process::id().rotate_left(16)) % 150;
        Duration::from_millis((20 + jitter) * u64::from(self.tries.min(8)))
    }
}

/// The environment that was named, else the only one that makes such tags.
fn environment(workspace: &Workspace, args: &Args) -> anyhow::Result<EnvironmentName> {
    let landscape = workspace.environments().landscape()?;
    let wanted = args.kind.tagging();
    if let Some(name) = &args.environment {
        return match workspace.branch(&landscape, name)?.tagging() {
            // Its rules would answer another question.
            Some(found) if found != wanted => Err(UsageError::new(
                format!("{name} makes {} tags, and no {} tags", found.as_str(), wanted.as_str()),
                "name another environment with --env",
            )
            .into()),
            // What is wrong with its entry is told when it is resolved.
            _ => Ok(name.clone()),
        };
    }
    let names: Vec<&EnvironmentName> = landscape
        .in_order()
        .filter(|branch| branch.tagging() == Some(wanted))
        .filter_map(|branch| branch.name.as_ref())
        .collect();
    match names.as_slice() {
        [only] => Ok((*only).clone()),
        [] => {
            // One whose file can't be used may be the one that is meant.
            let unusable = landscape.in_order().find_map(|branch| Some((branch, branch.file.as_ref().err()?)));
            if let Some((branch, unusable)) = unusable {
                return Err(Error::unusable(unusable, &branch.branch()).into());
            }
            Err(Failure::not_found(
                "no-environment",
                format!("no environment makes {} tags", wanted.as_str()),
                vec!["name one: --env ENV".into()],
            )
            .into())
        }
        several => {
            let names: Vec<&str> = several.iter().map(|name| name.as_str()).collect();
            Err(UsageError::new(
                format!("several environments make {} tags", wanted.as_str()),
                format!("name one with --env: {}", names.join(", ")),
            )
            .into())
        }
    }
}

/// The tags that a decision asks for, and which of them exist.
pub(super) fn tag_set(resolved: &Resolved) -> anyhow::Result<TagSet> {
    let decision = &resolved.decision;
    let tag = decision.tag.clone().ok_or_else(|| {
        UsageError::new(format!("{} makes no tags", resolved.environment), "name an environment that tags, with --env")
    })?;
    let number = crate::domain::candidate::Candidate::parse(tag.as_str()).map(|candidate| candidate.number);
    let exists = |state: &crate::domain::resolution::RepositoryState| match number {
        Some(number) => state.tags.candidates.contains_key(&number),
        None => state.tags.final_tag.is_some(),
    };
    let repository = |member: &Member, state, commit, pinned| Candidate {
        name: member.name.clone(),
        folder: member.repository.folder().to_owned(),
        remote: member.remote.clone(),
        commit,
        exists: exists(state),
        pinned,
    };
    let team = &resolved.team;
    let components = team
        .components
        .iter()
        .zip(&decision.components)
        .map(|((member, state), pick)| repository(member, state, pick.commit, state.pinned.is_some()))
        .collect();
    Ok(TagSet {
        app: repository(&team.app, &team.app_state, decision.app.commit, false),
        components,
        candidate: decision.candidate.clone().filter(|_| number.is_none()),
        release: resolved.release_commit,
        tag,
    })
}

fn missing<'r>(resolved: &'r Resolved, set: &'r TagSet) -> impl Iterator<Item = (&'r Member, CommitId)> {
    let members = resolved.team.components.iter().map(|(member, _)| member).chain([&resolved.team.app]);
    members
        .zip(set.components.iter().chain([&set.app]))
        .filter(|(_, one)| !one.exists && !one.pinned)
        .map(|(member, one)| (member, one.commit))
}

/// Makes sure, before the first change, that every repository can be written to.
pub(super) fn check_write_access<'m>(members: impl Iterator<Item = (&'m Member, CommitId)>) -> anyhow::Result<()> {
    let jobs: Vec<(std::path::PathBuf, String, CommitId)> = members
        .filter_map(|(member, commit)| Some((member.repository.folder().to_owned(), member.remote.clone()?, commit)))
        .collect();
    let answers = side_by_side(&jobs, |(folder, remote, commit)| {
        crate::git::Repository::open(folder)?.check_write_access(remote, *commit)
    });
    answers.into_iter().collect::<Result<Vec<()>, GitError>>()?;
    Ok(())
}
