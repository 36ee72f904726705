//! `relman diff`: what one environment would gain and lose if it were given another's version.

use crate::domain::error::Exit;
use crate::render::{self, Page};
use crate::ui::Format;
use crate::workspace::compare::Patches;

use super::{Context, Outcome};

/// Show what TO would gain and lose if it were given FROM's version
///
/// `relman diff qa prod` tells what `relman promote qa prod` ships: commits and issues of each repository, what changes of
/// the pipeline, the chart and the values, and first of all commits that run in TO and are missing from FROM. FROM and TO
/// are environments, versions or tags. Nothing is asked of a remote.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What is given: an environment, ENV@DATE, a version or a tag
    #[arg(value_name = "FROM", allow_hyphen_values = true)]
    from: String,
    /// What would receive it: an environment, ENV@DATE, a version or a tag
    #[arg(value_name = "TO", allow_hyphen_values = true)]
    to: String,
    /// Show how the file that defines the pipeline differs
    #[arg(long)]
    pipeline: bool,
    /// Show how the chart differs
    #[arg(long)]
    chart: bool,
    /// Show how the values files of TO differ
    #[arg(long)]
    values: bool,
    /// Show how everything differs: release.yml, and all files of all repositories
    #[arg(long)]
    patch: bool,
    /// List all commits
    #[arg(long)]
    all: bool,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    let workspace = context.workspace()?;
    let progress = context.ui.progress("comparing");
    let patches = Patches { pipeline: args.pipeline, chart: args.chart, values: args.values, all: args.patch };
    let diff = workspace.diff(&args.from, &args.to, patches, render::time::zone())?;
    drop(progress);
    let ui = context.ui;
    let all = args.all || ui.is_verbose();
    if context.wants_markdown() {
        ui.answer(&render::diff::markdown::page(&diff, all))?;
        return Ok(Exit::Success);
    }
    match ui.format() {
        Format::Json => ui.answer(&render::diff::json(&diff))?,
        Format::Text => {
            context.warn(&diff.warnings);
            ui.answer(&render::diff::text::text(&diff, Page { color: ui.color(), width: ui.width() }, all))?;
            context.say_age(diff.fetched_at);
        }
    }
    Ok(Exit::Success)
}
