//! `relman branch`: makes `release/VERSION` in all repositories.

use crate::domain::candidate::Candidate;
use crate::domain::error::Exit;
use crate::domain::name::TagName;
use crate::domain::version::Version;
use crate::plan::branches::{BranchPush, Wanted};
use crate::plan::{self};
use crate::render;
use crate::render::tags::Ending;
use crate::ui::Format;
use crate::workspace::Error;

use super::deeds::{Deeds, check_remotes};
use super::{Context, Outcome};

/// Make release/VERSION in the app repo and all components
///
/// Without --from, the configured branches are frozen. A branch that exists is left alone, wherever it stands.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The version that the branch is for
    #[arg(value_name = "VERSION", allow_hyphen_values = true)]
    version: Version,
    /// Begin at this version's final tag (a hotfix), or at this candidate (a fix while work has moved on)
    #[arg(long, value_name = "VERSION|TAG", allow_hyphen_values = true)]
    from: Option<String>,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    let ui = context.ui;
    let from = args.from.as_deref().map(from_tag).transpose()?;
    let workspace = context.workspace()?;
    let progress = ui.progress("asking the remotes for branches and tags");
    let path = workspace.release.folder().to_owned();
    workspace.fetch_environments()?;
    let application = workspace.environments().application()?.ok_or(Error::NoEnvironments { path })?;
    let starts = workspace.release_branches(&application, &args.version, from.as_ref())?;
    drop(progress);
    context.say_offline();
    let branch = args.version.release_branch();
    let wanted: Vec<Wanted> = starts
        .iter()
        .map(|start| Wanted {
            push: BranchPush {
                name: start.member.name.clone(),
                folder: start.member.repository.folder().to_owned(),
                remote: start.member.remote.clone(),
                branch: branch.clone(),
                commit: start.commit,
            },
            exists: start.exists,
        })
        .collect();
    let plan = plan::branches::plan(&wanted);
    check_remotes(&plan)?;
    if context.dry_run() {
        ui.answer(&match ui.format() {
            Format::Text => render::plan::text(&plan, true),
            Format::Json => render::tags::branch_json(&branch, &wanted, &[], Ending::Planned),
        })?;
        return Ok(Exit::Success);
    }
    super::promote::consent(context, &plan)?;
    let missing = starts.iter().filter(|start| start.exists.is_none()).map(|start| (&start.member, start.commit));
    super::tag::check_write_access(missing)?;
    let progress = ui.progress("making branches");
    let deeds = Deeds::default();
    let report = plan::execute(&plan, &deeds);
    drop(progress);
    let unnoted = deeds.report_unnoted(context);
    if let Some((step, error)) = report.failed {
        return Err(error.context(super::failure::StepFailed::new(step, &report.left)));
    }
    ui.answer(&match ui.format() {
        Format::Text => render::plan::done(&plan),
        Format::Json => {
            let result = match plan.changes() {
                false => Ending::Unchanged,
                true if starts.iter().any(|start| start.exists.is_some()) => Ending::Completed,
                true => Ending::Created,
            };
            render::tags::branch_json(&branch, &wanted, &unnoted, result)
        }
    })?;
    Ok(Exit::Success)
}

/// A version stands for its final tag; a candidate's tag, or a final tag, stands for itself.
fn from_tag(text: &str) -> anyhow::Result<TagName> {
    if Candidate::parse(text).is_some() {
        return Ok(TagName::parse(text)?);
    }
    if let Some(rest) = text.strip_prefix('v')
        && rest.starts_with(|first: char| first.is_ascii_digit())
        && let Ok(version) = Version::parse(rest)
    {
        return Ok(version.final_tag());
    }
    Ok(Version::parse(text)?.final_tag())
}
