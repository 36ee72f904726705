//! Which arguments hold what only the repositories know, or a path; and the candidates for them.

use std::ffi::{OsStr, OsString};
use std::sync::Arc;

use clap::ValueHint;
use clap::builder::StyledStr;
use clap_complete::{ArgValueCompleter, CompletionCandidate};

use crate::domain::name::EnvironmentName;
use crate::domain::version::Declared;
use crate::render;
use crate::workspace::{self, Workspace};

use super::line::Line;

/// How many versions and tags at the most are offered, the newest first: a longer list is not read.
const MOST: usize = 200;

/// What an argument can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Environment,
    /// An environment at a version: `prod@1.2.0`.
    State,
    Version,
    Tag,
}

/// Marks a candidate that asks the shell for its own files or folders.
const FILES: &str = ":files";
const FOLDERS: &str = ":folders";

/// What the argument of a command holds, by the word that its help calls it.
fn kinds(command: &str, word: &str) -> &'static [Kind] {
    use Kind::{Environment, State, Tag, Version};
    match (command, word) {
        ("diff", "FROM" | "TO") => &[Environment, State, Version, Tag],
        (_, "ENV" | "E" | "FROM" | "TO") => &[Environment],
        (_, "ENV[@VERSION|@DATE|@COMMIT]") => &[Environment, State],
        (_, "ENV|VERSION") => &[Environment, Version],
        (_, "VERSION" | "V") => &[Version],
        (_, "VERSION|TAG" | "WHAT") => &[Version, Tag],
        _ => &[],
    }
}

/// The definition, with a completer at each argument that holds a name or a path.
pub(super) fn ask_for(definition: clap::Command, line: &Line) -> clap::Command {
    complete_all(definition, &Arc::new(Known { choices: line.choices(), taken: line.before().to_vec() }))
}

fn complete_all(command: clap::Command, known: &Arc<Known>) -> clap::Command {
    let name = command.get_name().to_owned();
    let command = command.mut_args(|arg| match completer(&name, &arg, known) {
        Some(completer) => arg.add(completer),
        None => arg,
    });
    command.mut_subcommands(|subcommand| complete_all(subcommand, known))
}

fn completer(command: &str, arg: &clap::Arg, known: &Arc<Known>) -> Option<ArgValueCompleter> {
    let word = arg.get_value_names()?.first()?.as_str();
    let kinds = kinds(command, word);
    if !kinds.is_empty() {
        let known = Arc::clone(known);
        return Some(ArgValueCompleter::new(move |typed: &OsStr| known.beginning(kinds, typed)));
    }
    let asks = match arg.get_value_hint() {
        _ if word == "DIR" => FOLDERS,
        ValueHint::AnyPath => FILES,
        _ => return None,
    };
    // The shell completes paths itself: it knows how to quote them, and what `~` is.
    Some(ArgValueCompleter::new(move |_: &OsStr| vec![CompletionCandidate::new(asks).id(Some(asks.to_owned()))]))
}

/// The line that asks the shell for its own files or folders, where a candidate stands for that.
pub(super) fn asks_shell(candidate: &CompletionCandidate) -> Option<&str> {
    candidate.get_id().map(String::as_str).filter(|id| [FILES, FOLDERS].contains(id))
}

/// A word, and what it means.
type Offer = (String, Option<String>);

/// What is known before a name is looked for.
struct Known {
    choices: workspace::Choices,
    /// The words before it: an environment is not offered twice.
    taken: Vec<OsString>,
}

impl Known {
    fn beginning(&self, kinds: &[Kind], typed: &OsStr) -> Vec<CompletionCandidate> {
        // Nothing that is offered begins with anything else. It becomes part of a path where references are files.
        let fits = |typed: &&str| typed.is_empty() || (super::is_plain(typed) && !typed.contains(".."));
        let Some(typed) = typed.to_str().filter(fits) else { return Vec::new() };
        let Ok(workspace) = Workspace::open(self.choices.clone()) else { return Vec::new() };
        // What can't be read is not offered; the command itself will say why.
        let offers = kinds.iter().flat_map(|kind| self.of_kind(&workspace, *kind, typed).unwrap_or_default());
        offers.map(|(value, help)| CompletionCandidate::new(value).help(help.map(StyledStr::from))).collect()
    }

    /// What begins with what was typed, each with what it means.
    fn of_kind(&self, workspace: &Workspace, kind: Kind, typed: &str) -> workspace::Result<Vec<Offer>> {
        let mut offers: Vec<Offer> = match kind {
            Kind::Environment => {
                let found = workspace.environments_beginning(typed)?;
                let free = found.into_iter().filter(|(name, _)| !self.taken.iter().any(|word| word == name.as_str()));
                free.map(|(name, declared)| (name.to_string(), declared.as_ref().and_then(said))).collect()
            }
            Kind::State => {
                let Some((environment, at)) = typed.split_once('@') else { return Ok(Vec::new()) };
                let Ok(environment) = EnvironmentName::parse(environment) else { return Ok(Vec::new()) };
                let held = workspace.versions_held(&environment, at)?.into_iter();
                let since = |seconds| Some(format!("since {}", render::time::local(seconds)));
                held.map(|(version, at)| (format!("{environment}@{version}"), since(at))).collect()
            }
            Kind::Version => {
                let found = workspace.versions_beginning(typed)?.into_iter();
                found.map(|(version, stage)| (version.to_string(), Some(stage.to_string()))).collect()
            }
            Kind::Tag => workspace.tags_beginning(typed)?.into_iter().rev().map(|tag| (tag, None)).collect(),
        };
        if kind != Kind::Environment {
            offers.truncate(MOST);
        }
        Ok(offers)
    }
}

/// What a branch declares, in a few words.
fn said(declared: &Declared) -> Option<String> {
    match declared {
        Declared::Empty => Some("nothing yet".into()),
        declared => declared.text(),
    }
}
