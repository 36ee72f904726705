//! `relman fetch`: brings all clones up to date, side by side.

use crate::domain::error::Exit;
use crate::render;
use crate::ui::Format;

use super::{Context, Outcome, UsageError};

/// Bring all clones up to date, side by side
///
/// The release repo, the app repo and its components. Where there is no clone of one, relman makes one in its cache.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(context: &Context<'_>, _args: &Args) -> Outcome {
    if context.offline() {
        return Err(UsageError::new("fetch can't work --offline", "leave out --offline").into());
    }
    let workspace = context.workspace()?;
    let progress = context.ui.progress("fetching");
    let fetched = workspace.fetch_all()?;
    drop(progress);
    let ui = context.ui;
    let answer = match ui.format() {
        Format::Json => render::fetch::json(&fetched),
        Format::Text => render::fetch::text(&fetched),
    };
    ui.answer(&answer)?;
    if ui.format() == Format::Text {
        for failure in fetched.iter().filter_map(|one| one.failure.as_ref()) {
            ui.error(&failure.message, &[], &failure.hints);
        }
    }
    let worst = fetched.iter().filter_map(|one| one.failure.as_ref().map(|failure| failure.exit)).max();
    Ok(worst.unwrap_or(Exit::Success))
}
