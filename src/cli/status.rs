//! `relman status`: which version each environment branch holds.

use crate::domain::error::Exit;
use crate::domain::moment::Moment;
use crate::domain::name::EnvironmentName;
use crate::domain::problem::Severity;
use crate::render;
use crate::ui::Format;
use crate::workspace::Workspace;
use crate::workspace::overview::Overview;

use super::{Context, Outcome, UsageError, forges};

/// Show which version each environment branch holds
///
/// Reads the clones and asks no remote; `relman fetch` brings them up to date.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only these environments
    #[arg(value_name = "ENV")]
    environments: Vec<EnvironmentName>,
    /// Show what was declared and what ran at this date, such as 2026-03-01, yesterday or "3 weeks ago"
    #[arg(long, value_name = "DATE", allow_hyphen_values = true, conflicts_with = "pull_requests")]
    at: Option<String>,
    /// Ask the forge for open promotions
    #[arg(long)]
    pull_requests: bool,
    /// End with 10 if there is an error
    #[arg(long)]
    check: bool,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    let at = args.at.as_deref().map(|text| Moment::parse(text, context.now(), render::time::zone())).transpose()?;
    let workspace = context.workspace()?;
    let mut overview = match &at {
        Some(moment) => workspace.overview_at(&args.environments, moment)?,
        None => workspace.overview(&args.environments)?,
    };
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
            if at.is_some() {
                let sentence = "Where branches of the app repo stood then, Git does not keep; relman trace ENV@DATE tells what is known.";
                ui.say(render::table::wrapped("", 0, sentence, ui.width()).trim_end());
            }
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
    let mut asked = false;
    for home in forges::homes(context, workspace)? {
        let Some(location) = home.forge? else { continue };
        asked = true;
        for open in forges::connect(context, workspace, &location)?.open_promotions()? {
            // A pull request belongs to the forge that its target names.
            if !home.environments.iter().any(|name| name.as_str() == open.to) {
                continue;
            }
            let at = open.from.as_ref().unwrap_or(&open.to);
            if let Some(row) = overview.rows.iter_mut().find(|row| &row.branch.text == at) {
                row.promotions.push(open);
            }
        }
    }
    if asked {
        return Ok(());
    }
    Err(UsageError::new("there is no forge that could be asked", "name it with --forge TYPE=URL").into())
}
