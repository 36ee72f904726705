//! The command line: what can be typed, and which room does it.
//!
//! clap lives here only. A command is one file: its arguments, then read, decide, render. Error kinds become exit codes
//! in `failure`.

mod branch;
mod check;
mod commands;
mod complete;
mod context;
mod deeds;
mod demo;
mod deploy;
mod diff;
mod doctor;
mod env;
mod failure;
mod fetch;
mod forge_clues;
mod forges;
mod identity;
mod init;
mod jira;
mod log;
mod login;
mod manual;
mod next_rc;
mod offer;
mod promote;
mod race;
mod reach;
mod redeploy;
mod refresh;
mod resolve;
mod schema;
mod status;
mod tag;
mod trace;
mod trigger;
mod usage;
mod verify;
mod whereabouts;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::{OsStringValueParser, TypedValueParser};

use crate::domain::error::Exit;
use crate::git::program::{Asking, Bounds, keep_to};
use crate::ui::{ColorChoice, Format, Manner, Ui};

pub use commands::definition;
pub use context::Context;
pub use failure::{Failure, UsageError};

/// The result of a command: the exit status that it ends with, or why it failed.
pub type Outcome = anyhow::Result<Exit>;

/// Flags that every command understands, before or after its name.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Use the release repo in this folder, or look for it from there
    #[arg(short = 'C', value_name = "DIR", global = true, env = "RELMAN_REPO", hide_env_values = true, value_parser = any_path())]
    repo: Option<PathBuf>,
    /// Whether that was typed, and does not come from the environment.
    #[arg(skip)]
    is_repo_typed: bool,
    /// Use this clone of the app repo
    #[arg(long, value_name = "DIR", global = true)]
    app: Option<PathBuf>,
    /// Use this remote instead of origin
    #[arg(long, value_name = "NAME", global = true)]
    remote: Option<String>,
    /// Print text, or one JSON document; diff prints Markdown as well
    #[arg(long, value_name = "FORMAT", global = true, default_value = "text")]
    format: Output,
    /// Ask no remote; answer from the clones
    #[arg(long, global = true)]
    offline: bool,
    /// Show what would be done, and do nothing
    #[arg(short = 'n', long, global = true)]
    dry_run: bool,
    /// Answer yes to every question
    #[arg(short = 'y', long, global = true)]
    yes: bool,
    /// Ask nothing, even on a terminal
    #[arg(long, global = true)]
    no_input: bool,
    /// The forge that the release repo lies on, where its URL does not tell
    #[arg(long, value_name = "TYPE[=URL]", global = true)]
    forge: Option<String>,
    /// Use colours
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto")]
    color: ColorChoice,
    /// Say nothing but answers and errors
    #[arg(short = 'q', long, global = true)]
    quiet: bool,
    /// Say more; twice, still more
    #[arg(short = 'v', long, action = clap::ArgAction::Count, global = true)]
    verbose: u8,
}

/// What `--format` can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Output {
    /// For people
    Text,
    /// One JSON document, for scripts
    Json,
    /// For the page of a forge
    Markdown,
}

impl Output {
    /// How everything but the answer itself is said.
    fn manner(self) -> Format {
        match self {
            Output::Json => Format::Json,
            Output::Text | Output::Markdown => Format::Text,
        }
    }
}

/// A path that may be empty, as a variable may be.
fn any_path() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

/// Runs the program: reads the command line, runs the command, says what went wrong.
pub fn main() -> ExitCode {
    if let Some(answer) = complete::asked() {
        // A shell that gets no answer offers nothing; there is nobody to tell why.
        let _ = Ui::new(Manner::default()).answer(&answer);
        return ExitCode::SUCCESS;
    }
    let words: Vec<OsString> = std::env::args_os().collect();
    let (globals, command) = match commands::typed(&words) {
        Ok(typed) => typed,
        Err(error) => return usage::told(error, &words),
    };
    let ui = Ui::new(Manner {
        format: globals.format.manner(),
        color: globals.color,
        quiet: globals.quiet,
        verbose: globals.verbose,
        no_input: globals.no_input,
    });
    crate::git::program::set_asking(match (globals.no_input, ui.is_interactive()) {
        (true, _) => Asking::Never,
        (false, false) => Asking::Unattended,
        (false, true) => Asking::Allowed,
    });
    if globals.offline {
        keep_to(Bounds::Clones);
    }
    let context = Context::new(&ui, globals);
    let exit = match command(&context) {
        Ok(exit) => exit,
        Err(error) => failure::report(&ui, &error),
    };
    ExitCode::from(exit.status())
}
