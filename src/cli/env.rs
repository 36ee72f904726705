//! `relman env`: adds an environment, or lists them.

use clap::Subcommand;

use crate::domain::error::Exit;
use crate::render;
use crate::ui::Format;

use super::{Context, Outcome};

/// Add an environment, or list them
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show the environments and where promotions come from
    List,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    match &args.action {
        Action::List => list(context),
    }
}

fn list(context: &Context<'_>) -> Outcome {
    let workspace = context.workspace()?;
    let landscape = workspace.environments().landscape()?;
    let ui = context.ui;
    let answer = match ui.format() {
        Format::Json => render::environments::json(&landscape),
        Format::Text => render::environments::text(&landscape, render::Page { color: ui.color(), width: ui.width() }),
    };
    ui.answer(&answer)?;
    Ok(Exit::Success)
}
