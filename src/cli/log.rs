//! `relman log`: each change of version of the environments, with who, by which pull request, and what was deployed.

use crate::domain::error::Exit;
use crate::domain::logbook::{Filter, Logbook};
use crate::domain::moment::Moment;
use crate::domain::name::{CommitId, EnvironmentName};
use crate::domain::timeline::Timeline;
use crate::render;
use crate::ui::Format;
use crate::workspace::Workspace;

use super::{Context, Outcome, UsageError, forges};

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
    /// Only what was changed or deployed from this date on, such as 2026-03-01, yesterday or "3 weeks ago"
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    since: Option<String>,
    /// Only what was changed or deployed up to this date; a date without a time is that whole day
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    until: Option<String>,
    /// Only changes to this version; a tag stands for its version
    #[arg(long, value_name = "V", allow_hyphen_values = true)]
    version: Option<String>,
    /// Show at most this many changes, the newest
    #[arg(long, value_name = "NUMBER")]
    limit: Option<usize>,
    /// Draw when each version reached each environment
    #[arg(long)]
    graph: bool,
    /// Ask the forge for the pull requests that neither the commits nor the records name
    #[arg(long)]
    pull_requests: bool,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    let ui = context.ui;
    let date = |text: &Option<String>| {
        text.as_deref().map(|text| Moment::parse(text, context.now(), render::time::zone())).transpose()
    };
    let (since, until) = (date(&args.since)?, date(&args.until)?);
    if let (Some(since), Some(until)) = (&since, &until)
        && since.begin > until.end
    {
        let message =
            format!("--since ({}) is after --until ({}), so nothing could be shown", since.shown, until.shown);
        return Err(UsageError::new(message, "exchange the two dates").into());
    }
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
    if args.pull_requests {
        let progress = ui.progress("asking the forge for pull requests");
        add_pull_requests(context, &workspace, &mut history.timelines, &filter)?;
        drop(progress);
    }
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
                let how_many = match logbook.left_out {
                    1 => "1 older change is".to_owned(),
                    more => format!("{more} older changes are"),
                };
                ui.say(&format!("{how_many} left out; --limit {all} shows all, --since DATE fewer."));
            }
            context.warn(&history.problems);
            for (word, moment) in [("since", &since), ("until", &until)] {
                if let Some(moment) = moment {
                    ui.say(&format!("Only what was changed or deployed {word} {}.", moment.shown));
                }
            }
            if logbook.entries.iter().any(|entry| entry.is_outside) {
                ui.say("A change of another time is listed where it was deployed in this one.");
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

/// Asks the forges for the pull requests of the changes that are told, where nothing that was read names them.
fn add_pull_requests(
    context: &Context<'_>,
    workspace: &Workspace,
    timelines: &mut [Timeline],
    filter: &Filter,
) -> anyhow::Result<()> {
    if context.offline() {
        return Err(
            UsageError::new("a forge can't be asked --offline", "leave out --offline or --pull-requests").into()
        );
    }
    let unnamed: Vec<(EnvironmentName, CommitId)> = {
        let logbook = Logbook::new(timelines, filter);
        let entries = logbook.entries.iter().filter(|entry| entry.change.pull_request.is_none());
        entries.filter_map(|entry| Some((entry.environment?.clone(), entry.change.commit))).collect()
    };
    let mut asked = false;
    for home in forges::homes(context, workspace)? {
        let Some(location) = home.forge? else { continue };
        asked = true;
        let own: Vec<_> = unnamed.iter().filter(|(environment, _)| home.environments.contains(environment)).collect();
        if own.is_empty() {
            continue;
        }
        let connection = forges::connect(context, workspace, &location)?;
        for (environment, commit) in own {
            let Some(mark) = connection.bringing(*commit, environment)? else { continue };
            let own = timelines.iter_mut().filter(|timeline| timeline.environment == *environment);
            for change in own.flat_map(|timeline| &mut timeline.changes).filter(|change| change.commit == *commit) {
                change.pull_request.get_or_insert_with(|| mark.clone());
            }
        }
    }
    if asked {
        return Ok(());
    }
    Err(UsageError::new("there is no forge that could be asked", "name it with --forge TYPE=URL").into())
}
