//! `relman status`: which version each environment branch holds.

use crate::domain::error::Exit;
use crate::domain::name::EnvironmentName;
use crate::domain::problem::Severity;
use crate::render;
use crate::ui::Format;
use crate::workspace::Workspace;
use crate::workspace::overview::Overview;

use super::{Context, Failure, Outcome, UsageError, forges};

/// Show which version each environment branch holds
///
/// Reads the clones and asks no remote; `relman fetch` brings them up to date.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only these environments
    #[arg(value_name = "ENV")]
    environments: Vec<EnvironmentName>,
    /// Ask the forge for open promotions
    #[arg(long)]
    pull_requests: bool,
    /// End with 10 if there is an error
    #[arg(long)]
    check: bool,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    let workspace = context.workspace()?;
    let mut overview = workspace.overview(&args.environments)?;
    if args.pull_requests {
        let progress = context.ui.progress("asking the forge for open pull requests");
        add_promotions(context, &workspace, &mut overview)?;
        drop(progress);
    }
    let ui = context.ui;
    match ui.format() {
        Format::Json => ui.answer(&render::status::json(&overview))?,
        Format::Text => {
            ui.answer(&render::status::text(&overview, render::Page { color: ui.color(), width: ui.width() }))?;
            context.say_age(overview.fetched_at);
        }
    }
    let errors = overview.rows.iter().flat_map(|row| &row.problems).chain(&overview.problems);
    let failed = args.check && errors.into_iter().any(|problem| problem.severity == Severity::Error);
    Ok(if failed { Exit::ProblemsFound } else { Exit::Success })
}

/// Puts every open promotion to the environment that feeds it; one from a branch of its own to the one that it changes.
fn add_promotions(context: &Context<'_>, workspace: &Workspace, overview: &mut Overview) -> anyhow::Result<()> {
    if context.offline() {
        return Err(
            UsageError::new("a forge can't be asked --offline", "leave out --offline or --pull-requests").into()
        );
    }
    let Some(name) = overview.rows.iter().find_map(|row| row.branch.name.clone()) else { return Ok(()) };
    let Some(connection) = forges::look(context, workspace, &name)?.connection else {
        return Err(Failure::unauthorised(
            "no-token",
            "there is no forge that could be asked, or no token for it",
            vec!["relman doctor says which places were looked at".into()],
        )
        .into());
    };
    for open in connection.open_promotions()? {
        let at = open.from.as_ref().unwrap_or(&open.to);
        if let Some(row) = overview.rows.iter_mut().find(|row| &row.branch.text == at) {
            row.promotions.push(open);
        }
    }
    Ok(())
}
