//! `relman status`: which version each environment branch holds.

use crate::domain::error::Exit;
use crate::domain::name::EnvironmentName;
use crate::domain::problem::Severity;
use crate::render;
use crate::ui::Format;

use super::{Context, Outcome};

/// Show which version each environment branch holds
///
/// Reads the clones and asks no remote; `relman fetch` brings them up to date.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only these environments
    #[arg(value_name = "ENV")]
    environments: Vec<EnvironmentName>,
    /// End with 10 if anything is wrong
    #[arg(long)]
    check: bool,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    let workspace = context.workspace()?;
    let overview = workspace.overview(&args.environments)?;
    let ui = context.ui;
    match ui.format() {
        Format::Json => ui.answer(&render::status::json(&overview))?,
        Format::Text => {
            ui.answer(&render::status::text(&overview, render::Page { color: ui.color(), width: ui.width() }))?;
            if let Some(fetched_at) = overview.fetched_at {
                ui.say(&format!(
                    "As of {}; relman fetch brings the clones up to date.",
                    render::time::local(fetched_at)
                ));
            }
        }
    }
    let errors = overview.rows.iter().flat_map(|row| &row.problems).chain(&overview.problems);
    let failed = args.check && errors.into_iter().any(|problem| problem.severity == Severity::Error);
    Ok(if failed { Exit::ProblemsFound } else { Exit::Success })
}
