//! `relman verify`: a gate that proves the tags of a version, in every repository.

use crate::domain::error::Exit;
use crate::domain::problem::Severity;
use crate::domain::version::Version;
use crate::render;
use crate::ui::Format;

use super::{Context, Outcome};

/// Prove that the tags of a version are what they should be, in every repository
///
/// The final tag must stand on the commits of one candidate everywhere. Ends with 10 if anything is wrong: a tag that is
/// missing, was moved, is not annotated, or is on no branch. Asks the remotes.
#[derive(Debug, clap::Args)]
#[command(disable_version_flag = true)]
pub(super) struct Args {
    /// The version
    #[arg(value_name = "VERSION", allow_hyphen_values = true)]
    version: String,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    let version = Version::parse(&args.version)?;
    let workspace = context.workspace()?;
    let progress = context.ui.progress("asking the remotes for tags and branches");
    let facts = workspace.tag_facts(&version)?;
    drop(progress);
    context.say_offline();
    let problems = facts.problems();
    let ui = context.ui;
    ui.answer(&match ui.format() {
        Format::Json => render::verify::json(&facts, &problems, context.offline()),
        Format::Text => render::verify::text(&facts, &problems, render::Page { color: ui.color(), width: ui.width() }),
    })?;
    let failed = problems.iter().any(|problem| problem.severity == Severity::Error);
    Ok(if failed { Exit::ProblemsFound } else { Exit::Success })
}
