//! `relman resolve`: what a deployment would use, as facts for a script.

use crate::domain::error::Exit;
use crate::domain::name::EnvironmentName;
use crate::domain::version::Declared;
use crate::render;
use crate::ui::Format;

use super::{Context, Outcome};

/// Show what a deployment would use, as facts for a script
///
/// Asks the remotes for branches and tags, and changes nothing at any of them.
#[derive(Debug, clap::Args)]
#[command(disable_version_flag = true)]
pub(super) struct Args {
    /// The environment
    #[arg(value_name = "ENV")]
    environment: EnvironmentName,
    /// Use this instead of what the branch holds
    #[arg(long, value_name = "V", allow_hyphen_values = true)]
    version: Option<String>,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    let given = args.version.as_deref().map(Declared::parse).transpose()?;
    let workspace = context.workspace()?;
    let progress = context.ui.progress("asking the remotes for branches and tags");
    let resolved = workspace.resolve(&args.environment, given)?;
    drop(progress);
    context.say_offline();
    context.warn(&resolved.warnings);
    let answer = match context.ui.format() {
        Format::Json => render::resolve::json(&resolved),
        Format::Text => render::resolve::text(&resolved),
    };
    context.ui.answer(&answer)?;
    Ok(Exit::Success)
}
