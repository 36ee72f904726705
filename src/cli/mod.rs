//! The command line: what can be typed, and which room does it.
//!
//! clap lives here only. A command is one file: its arguments, then read, decide, render. Error kinds become exit codes
//! in `failure`.

mod branch;
mod check;
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
mod next_rc;
mod offer;
mod promote;
mod race;
mod reach;
mod redeploy;
mod refresh;
mod resolve;
mod status;
mod tag;
mod trace;
mod trigger;
mod verify;
mod whereabouts;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{CommandFactory as _, Parser, Subcommand};

use crate::domain::error::Exit;
use crate::git::program::Asking;
use crate::ui::{ColorChoice, Format, Manner, Ui};

pub use context::Context;
pub use failure::{Failure, UsageError};

/// The result of a command: the exit status that it ends with, or why it failed.
pub type Outcome = anyhow::Result<Exit>;

/// Release management in Git: one branch per environment, tags as releases, promotion by pull request.
#[derive(Debug, Parser)]
#[command(name = "relman", version, disable_help_subcommand = true, max_term_width = 100)]
#[command(after_help = "relman demo DIR makes a playground; relman init NAME starts for real.\n\
    Exit codes: 0 done, 1 unexpected, 2 usage, 3 not found, 4 not authorised, 5 refused, 6 unreachable, 7 pipeline failed, 10 problems found.")]
pub struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

/// Flags that every command understands, before or after its name.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Use the release repo in this folder, or look for it from there
    #[arg(short = 'C', value_name = "DIR", global = true, env = "RELMAN_REPO", hide_env_values = true, value_parser = any_path())]
    repo: Option<PathBuf>,
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

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a release repo and an app repo
    Init(init::Args),
    /// Make a playground: both repos, two components and their remotes
    Demo(demo::Args),
    /// Add an environment, or list them
    Env(env::Args),
    /// Show which version each environment branch holds
    Status(status::Args),
    /// Show what a deployment would use, as facts for a script
    Resolve(resolve::Args),
    /// Print the tag of the next candidate
    NextRc(next_rc::Args),
    /// Create and push the tags of a release in all repositories
    Tag(tag::Args),
    /// Make release/VERSION in the app repo and all components
    Branch(branch::Args),
    /// Promote a version from one environment to another, by a pull request
    Promote(promote::PromoteArgs),
    /// Set the version of an environment, by a pull request
    Set(promote::SetArgs),
    /// Set an environment back to a version that it held before
    Rollback(promote::RollbackArgs),
    /// Run the pipeline of an environment again
    Redeploy(redeploy::Args),
    /// Deploy what an environment branch declares; this is what CI runs
    Deploy(deploy::Args),
    /// Show each change of version of the environments, the newest first
    Log(log::Args),
    /// Show what TO would gain and lose if it were given FROM's version
    Diff(diff::Args),
    /// Act on a request from elsewhere: a webhook's body, or a few keys of one's own
    Trigger(trigger::Args),
    /// Show the whole chain of one deployment: commits, tags, components, pipeline, values, record
    Trace(trace::Args),
    /// Prove that the tags of a version are what they should be, in every repository
    Verify(verify::Args),
    /// Show which environments have an issue, a commit or a version, since when, and where it waits
    Where(whereabouts::Args),
    /// Tell Jira what it has missed
    Jira(jira::Args),
    /// Validate files, branches and tags
    Check(check::Args),
    /// Show what relman finds on this machine, and what of it would hurt
    Doctor(doctor::Args),
    /// Bring all clones up to date, side by side
    Fetch(fetch::Args),
    /// Print the completions for a shell
    Completions(complete::CompletionArgs),
    /// Print the manual page, or write all pages into a folder
    Man(complete::ManArgs),
}

/// A path that may be empty, as a variable may be.
fn any_path() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

/// Runs the program: reads the command line, runs the command, says what went wrong.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let globals = &cli.globals;
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
    let context = Context::new(&ui, globals.clone());
    let exit = match run(&context, &cli.command) {
        Ok(exit) => exit,
        Err(error) => failure::report(&ui, &error),
    };
    ExitCode::from(exit.status())
}

fn run(context: &Context<'_>, command: &Command) -> Outcome {
    if context.wants_markdown() && !matches!(command, Command::Diff(_)) {
        return Err(UsageError::new("only diff prints Markdown", "use --format text or --format json").into());
    }
    match command {
        Command::Init(args) => init::run(context, args),
        Command::Demo(args) => demo::run(context, args),
        Command::Env(args) => env::run(context, args),
        Command::Status(args) => status::run(context, args),
        Command::Resolve(args) => resolve::run(context, args),
        Command::NextRc(args) => next_rc::run(context, args),
        Command::Tag(args) => tag::run(context, args),
        Command::Branch(args) => branch::run(context, args),
        Command::Promote(args) => promote::promote(context, args),
        Command::Set(args) => promote::set(context, args),
        Command::Rollback(args) => promote::rollback(context, args),
        Command::Redeploy(args) => redeploy::run(context, args),
        Command::Deploy(args) => deploy::run(context, args),
        Command::Log(args) => log::run(context, args),
        Command::Diff(args) => diff::run(context, args),
        Command::Trigger(args) => trigger::run(context, args),
        Command::Trace(args) => trace::run(context, args),
        Command::Verify(args) => verify::run(context, args),
        Command::Where(args) => whereabouts::run(context, args),
        Command::Jira(args) => jira::run(context, args),
        Command::Check(args) => check::run(context, args),
        Command::Doctor(args) => doctor::run(context, args),
        Command::Fetch(args) => fetch::run(context, args),
        Command::Completions(args) => complete::completions(context, args),
        Command::Man(args) => complete::man(context, args),
    }
}

/// Help and versions go to stdout; what can't be understood goes to stderr, in the format that was asked for.
fn usage(error: &clap::Error) -> ExitCode {
    let wants_json = std::env::args_os()
        .skip(1)
        .collect::<Vec<_>>()
        .windows(2)
        .any(|pair| pair[0] == "--format" && pair[1] == "json")
        || std::env::args_os().any(|arg| arg == "--format=json");
    if error.use_stderr() && wants_json {
        let ui = Ui::new(Manner { format: Format::Json, ..Manner::default() });
        let message = error.to_string();
        let first = message.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let error = UsageError::new(first, "relman --help lists what can be typed");
        return ExitCode::from(failure::report(&ui, &error.into()).status());
    }
    let printed = error.print();
    let exit = if error.use_stderr() {
        Exit::Usage
    } else {
        let ui = Ui::new(Manner::default());
        ui.printed(printed).map_or_else(|error| failure::report(&ui, &error.into()), |()| Exit::Success)
    };
    ExitCode::from(exit.status())
}

/// The whole command line as clap sees it, for completions, manual pages and the reference.
pub fn definition() -> clap::Command {
    Cli::command()
}
