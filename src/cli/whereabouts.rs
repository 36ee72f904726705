//! `relman where`: which environments have an issue, a commit or a version, since when, and where it waits.

use crate::domain::error::Exit;
use crate::render::{self, Page};
use crate::ui::Format;

use super::{Context, Outcome};

/// Show which environments have an issue, a commit or a version, since when, and where it waits
///
/// A cherry-pick counts as the commit itself; what was reverted does not count. Nothing is asked of a remote.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// An issue key, the first digits of a commit, a tag or a version
    #[arg(value_name = "WHAT", allow_hyphen_values = true, value_parser = clap::builder::NonEmptyStringValueParser::new())]
    what: String,
    /// List all commits
    #[arg(long)]
    all: bool,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    let workspace = context.workspace()?;
    let ui = context.ui;
    let progress = ui.progress("reading the history of all repositories");
    let found = workspace.whereabouts(&args.what)?;
    drop(progress);
    match ui.format() {
        Format::Json => ui.answer(&render::whereabouts::json(&found))?,
        Format::Text => {
            context.warn(&found.warnings);
            let page = Page { color: ui.color(), width: ui.width() };
            ui.answer(&render::whereabouts::text::text(&found, page, args.all || ui.is_verbose()))?;
            context.say_age(found.fetched_at);
        }
    }
    Ok(Exit::Success)
}
