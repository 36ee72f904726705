//! `relman log`: each change of version of the environments, with who, by which pull request, and what was deployed.

use crate::domain::error::Exit;
use crate::domain::logbook::{Filter, Logbook};
use crate::domain::moment::Moment;
use crate::domain::name::EnvironmentName;
use crate::render;
use crate::ui::Format;

use super::{Context, Outcome};

/// How many changes are shown to a person who does not say how many.
const SHOWN: usize = 30;

/// Show each change of version of the environments, the newest first
///
/// What a branch declared is read from its first-parent history, what was deployed from the records. Reads the clone
/// and asks no remote; `relman fetch` brings it up to date.
#[derive(Debug, clap::Args)]
#[command(disable_version_flag = true)]
pub(super) struct Args {
    /// Only these environments
    #[arg(value_name = "ENV")]
    environments: Vec<EnvironmentName>,
    /// Only changes from this date on, such as 2026-03-01, yesterday or "3 weeks ago"
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    since: Option<String>,
    /// Only changes up to this date; a date without a time is that whole day
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    until: Option<String>,
    /// Only changes to this version
    #[arg(long, value_name = "V", allow_hyphen_values = true)]
    version: Option<String>,
    /// Show at most this many changes, the newest
    #[arg(long, value_name = "NUMBER")]
    limit: Option<usize>,
    /// Draw when each version reached each environment
    #[arg(long)]
    graph: bool,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    let ui = context.ui;
    let date = |text: &Option<String>| {
        text.as_deref().map(|text| Moment::parse(text, context.now(), render::time::zone())).transpose()
    };
    let (since, until) = (date(&args.since)?, date(&args.until)?);
    let workspace = context.workspace()?;
    let progress = ui.progress("reading the history of the environments");
    let mut history = workspace.history(&args.environments)?;
    drop(progress);
    let filter = Filter {
        since: since.as_ref().map(|moment| moment.begin),
        until: until.as_ref().map(|moment| moment.end),
        version: args.version.clone(),
        limit: args.limit.or((ui.format() == Format::Text).then_some(SHOWN)),
    };
    let logbook = Logbook::new(&history.timelines, &filter);
    let page = render::Page { color: ui.color(), width: ui.width() };
    match ui.format() {
        Format::Json => {
            let tags = logbook.entries.iter().filter_map(|entry| entry.tag());
            let commits = workspace.tagged_commits(&history.landscape, tags, &mut history.problems)?;
            ui.answer(&render::log::json(&logbook, history.fetched_at, &commits, &history.problems))?;
        }
        Format::Text => {
            let draw = if args.graph { render::log::graph } else { render::log::text };
            ui.answer(&draw(&logbook, &history.timelines, page))?;
            if logbook.left_out > 0 {
                let all = logbook.entries.len() + logbook.left_out;
                ui.say(&format!(
                    "{} older changes are left out; --limit {all} shows all, --since DATE fewer.",
                    logbook.left_out
                ));
            }
            context.warn(&history.problems);
            for (word, moment) in [("since", &since), ("until", &until)] {
                if let Some(moment) = moment {
                    ui.say(&format!("Only changes {word} {}.", moment.shown));
                }
            }
            if let Some(fetched_at) = history.fetched_at {
                ui.say(&format!(
                    "As of {}; relman fetch brings the clone up to date.",
                    render::time::local(fetched_at)
                ));
            }
        }
    }
    Ok(Exit::Success)
}
