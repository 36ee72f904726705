//! What is said where the command line can't be understood, or where help was asked for.

use std::ffi::{OsStr, OsString};
use std::process::ExitCode;

use clap::ValueEnum as _;
use clap::error::{ContextKind, ContextValue};

use crate::domain::error::Exit;
use crate::domain::text::in_short;
use crate::ui::{ColorChoice, Format, Manner, Ui};

use super::failure::{self, UsageError};

/// Help and versions go to stdout; what can't be understood goes to stderr, in the format that was asked for.
pub(super) fn told(error: clap::Error, words: &[OsString]) -> ExitCode {
    let error = shortened(error);
    if error.use_stderr() && value(words, "--format").is_some_and(|format| format == "json") {
        let ui = Ui::new(Manner { format: Format::Json, ..Manner::default() });
        let error = explained(&error.to_string());
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

/// When help and errors of the command line have colours, as far as it can be seen before all of it is understood.
pub(super) fn color(words: &[OsString]) -> clap::ColorChoice {
    let asked = value(words, "--color").and_then(|asked| ColorChoice::from_str(asked, false).ok());
    match asked.unwrap_or_default() {
        ColorChoice::Auto => clap::ColorChoice::Auto,
        ColorChoice::Always => clap::ColorChoice::Always,
        ColorChoice::Never => clap::ColorChoice::Never,
    }
}

/// What is given for a flag that every command understands: the last time that it stands there.
fn value<'w>(words: &'w [OsString], flag: &str) -> Option<&'w str> {
    let before_names = words.iter().take_while(|word| *word != "--").map(OsString::as_os_str);
    let mut words = before_names.map(OsStr::to_str).peekable();
    let mut found = None;
    while let Some(word) = words.next() {
        let Some(word) = word else { continue };
        if word == flag {
            found = words.peek().copied().flatten();
        } else if let Some(value) = word.strip_prefix(flag).and_then(|rest| rest.strip_prefix('=')) {
            found = Some(value);
        }
    }
    found
}

/// What clap says in paragraphs, as one message and hints: first what is wrong, then tips, usage, where help is.
fn explained(said: &str) -> UsageError {
    let on_one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    if !said.starts_with("error: ") {
        // Help, because nothing was typed behind a name that needs more.
        let usage = said.lines().find(|line| line.starts_with("Usage: ")).map(str::to_owned);
        let hints = usage.into_iter().chain(["relman --help lists what can be typed".to_owned()]).collect();
        return UsageError::with_hints("a command is missing", hints);
    }
    let mut paragraphs = said.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty());
    let message = on_one_line(paragraphs.next().unwrap_or_default().trim_start_matches("error: "));
    let hints = paragraphs.flat_map(|paragraph| {
        // Each tip is a line of its own; all else goes together.
        let tips = paragraph.lines().map(|line| line.trim().strip_prefix("tip: ").map(on_one_line));
        tips.collect::<Option<Vec<_>>>().unwrap_or_else(|| vec![on_one_line(paragraph)])
    });
    UsageError::with_hints(message, hints.collect())
}

/// Cuts what was typed, as far as nobody reads it.
fn shortened(mut error: clap::Error) -> clap::Error {
    let cut = |(kind, value): (ContextKind, &ContextValue)| match value {
        ContextValue::String(text) => Some((kind, ContextValue::String(in_short(text).into_owned()))),
        // A tip that repeats such a word is none.
        ContextValue::StyledStrs(tips) if tips.iter().any(|tip| in_short(&tip.to_string()) != tip.to_string()) => {
            Some((kind, ContextValue::None))
        }
        _ => None,
    };
    let values: Vec<(ContextKind, ContextValue)> = error.context().filter_map(cut).collect();
    for (kind, value) in values {
        error.insert(kind, value);
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn the_last_value_of_a_flag_counts_and_names_do_not() {
        assert_eq!(value(&words("relman --format text diff --format=json"), "--format"), Some("json"));
        assert_eq!(value(&words("relman diff --formats json"), "--format"), None);
        assert_eq!(value(&words("relman where -- --format json"), "--format"), None);
        assert_eq!(value(&words("relman diff --format"), "--format"), None);
    }

    #[test]
    fn colours_are_known_before_the_rest_is() {
        assert_eq!(color(&words("relman --color never nonsense")), clap::ColorChoice::Never);
        assert_eq!(color(&words("relman --color=always")), clap::ColorChoice::Always);
        assert_eq!(color(&words("relman --color sometimes")), clap::ColorChoice::Auto);
    }
}
