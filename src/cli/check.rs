//! `relman check`: validates files, branches and tags; a gate for CI.

use crate::domain::error::Exit;
use crate::domain::problem::Severity;
use crate::render;
use crate::ui::Format;

use super::{Context, Outcome};

/// Validate files, branches and tags
///
/// Ends with 10 if there is an error, with --strict also if there is a warning. Reads the clones and asks no remote.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Treat warnings as errors
    #[arg(long)]
    strict: bool,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    let workspace = context.workspace()?;
    let progress = context.ui.progress("reading files, branches and tags");
    let problems = workspace.survey()?;
    drop(progress);
    let ui = context.ui;
    let answer = match ui.format() {
        Format::Json => render::check::json(&problems),
        Format::Text => render::check::text(&problems, render::Page { color: ui.color(), width: ui.width() }),
    };
    ui.answer(&answer)?;
    let failed = problems.iter().any(|problem| args.strict || problem.severity == Severity::Error);
    Ok(if failed { Exit::ProblemsFound } else { Exit::Success })
}
