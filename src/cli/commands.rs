//! The table of the commands, and how what was typed becomes one of them.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args as _, FromArgMatches as _};

use super::{Context, Globals, Outcome, Output, UsageError};
use super::{
    branch, check, complete, demo, deploy, diff, doctor, env, fetch, init, jira, log, manual, next_rc, promote,
};
use super::{redeploy, resolve, schema, status, tag, trace, trigger, usage, verify, whereabouts};

/// A command with its arguments, ready to run.
pub(super) type Ready = Box<dyn FnOnce(&Context<'_>) -> Outcome>;

/// One command: its name, what may follow it, and what runs.
struct Entry {
    name: &'static str,
    define: fn(clap::Command) -> clap::Command,
    read: fn(&ArgMatches) -> Result<Ready, clap::Error>,
}

/// What a command says of itself is the text of its arguments.
macro_rules! commands {
    ($($name:literal: $args:ty => $run:path,)+) => {
        &[$(Entry {
            name: $name,
            define: <$args as clap::Args>::augment_args,
            read: |matches| {
                let args = <$args as clap::FromArgMatches>::from_arg_matches(matches)?;
                Ok(Box::new(move |context| $run(context, &args)))
            },
        }),+]
    };
}

/// In the order in which `relman --help` lists them.
const COMMANDS: &[Entry] = commands! {
    "init": init::Args => init::run,
    "demo": demo::Args => demo::run,
    "env": env::Args => env::run,
    "status": status::Args => status::run,
    "resolve": resolve::Args => resolve::run,
    "next-rc": next_rc::Args => next_rc::run,
    "tag": tag::Args => tag::run,
    "branch": branch::Args => branch::run,
    "promote": promote::PromoteArgs => promote::promote,
    "set": promote::SetArgs => promote::set,
    "rollback": promote::RollbackArgs => promote::rollback,
    "redeploy": redeploy::Args => redeploy::run,
    "deploy": deploy::Args => deploy::run,
    "log": log::Args => log::run,
    "diff": diff::Args => diff::run,
    "trigger": trigger::Args => trigger::run,
    "trace": trace::Args => trace::run,
    "verify": verify::Args => verify::run,
    "where": whereabouts::Args => whereabouts::run,
    "jira": jira::Args => jira::run,
    "check": check::Args => check::run,
    "doctor": doctor::Args => doctor::run,
    "fetch": fetch::Args => fetch::run,
    "completions": complete::Args => complete::run,
    "man": manual::Args => manual::run,
    "schema": schema::Args => schema::run,
};

/// The whole command line as clap sees it, for completions, manual pages and the reference.
pub fn definition() -> clap::Command {
    define(COMMANDS)
}

/// The command that was typed, with the flags that every command understands.
///
/// To define all commands costs more time than some of them need to run, so only those are defined whose name is among
/// the words. What can't be understood so is read again with all of them, so that errors and help know each command.
pub(super) fn typed(words: &[OsString]) -> Result<(Globals, Ready), clap::Error> {
    let named = COMMANDS.iter().filter(|entry| words.iter().any(|word| word == entry.name));
    match read(define(named.clone()), named, words) {
        Err(error) if error.kind() != ErrorKind::DisplayVersion => read(definition(), COMMANDS, words),
        read => read,
    }
}

fn define<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> clap::Command {
    let root = Globals::augment_args(clap::Command::new("relman"))
        .version(env!("CARGO_PKG_VERSION"))
        .about("Release management in Git: one branch per environment, tags as releases, promotion by pull request")
        .after_help(
            "relman demo DIR makes a playground; relman init NAME starts for real.\n\
             Exit codes: 0 done, 1 unexpected, 2 usage, 3 not found, 4 not authorised, 5 refused, 6 unreachable, \
             7 pipeline failed, 10 problems found.",
        )
        .max_term_width(100)
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .arg_required_else_help(true);
    let commands = entries.into_iter().map(|entry| (entry.define)(clap::Command::new(entry.name)));
    root.subcommands(commands)
}

fn read<'e>(
    definition: clap::Command,
    entries: impl IntoIterator<Item = &'e Entry>,
    words: &[OsString],
) -> Result<(Globals, Ready), clap::Error> {
    let mut root = definition.color(usage::color(words));
    let matches = root.try_get_matches_from_mut(words)?;
    let is_repo_typed = matches.value_source("repo") == Some(ValueSource::CommandLine);
    let globals = Globals { is_repo_typed, ..Globals::from_arg_matches(&matches)? };
    let Some((entry, matches)) = matches
        .subcommand()
        .and_then(|(name, matches)| Some((entries.into_iter().find(|entry| entry.name == name)?, matches)))
    else {
        return Err(root.error(ErrorKind::MissingSubcommand, "a command is missing"));
    };
    let ready = (entry.read)(matches)?;
    if globals.format == Output::Markdown && entry.name != "diff" {
        return Ok((globals, Box::new(|_| Err(only_diff_prints_markdown()))));
    }
    Ok((globals, ready))
}

fn only_diff_prints_markdown() -> anyhow::Error {
    UsageError::new("only diff prints Markdown", "use --format text or --format json").into()
}
