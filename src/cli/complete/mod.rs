//! `relman completions`, and the answer to a shell that completes a word.
//!
//! A shell asks by running `RELMAN_COMPLETE=<shell> relman -- <words>`, as the scripts in `completions/` do. [`line`]
//! reads the words, clap's engine tells what may stand at the last of them, [`names`] fills in what only the
//! repositories know. One line of the answer is one candidate, with a tab and what it means; the lines `:files` and
//! `:folders` ask the shell for its own.

mod line;
mod names;

use std::ffi::OsString;
use std::fmt::Write as _;

use clap_complete::{CompletionCandidate, Shell};

use crate::domain::error::Exit;
use crate::domain::text::safe;
use crate::git::program::{Bounds, keep_to};

use self::line::Line;
use super::{Context, Outcome, definition};

/// The variable by which a shell asks; it names the shell.
const ASKED_BY: &str = "RELMAN_COMPLETE";

/// The longest explanation, in characters: a shell shows one line.
const LONGEST: usize = 80;

/// Print the completions for a shell
///
/// The script asks relman itself at each TAB, so it also knows environments, versions and tags.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    context.ui.answer(match args.shell {
        Shell::Bash => include_str!("../../../completions/relman.bash"),
        Shell::Zsh => include_str!("../../../completions/_relman"),
        Shell::Fish => include_str!("../../../completions/relman.fish"),
        Shell::PowerShell => include_str!("../../../completions/_relman.ps1"),
        Shell::Elvish => include_str!("../../../completions/relman.elv"),
        other => {
            return Err(super::UsageError::new(
                format!("there is no script for {other}"),
                "see relman completions --help",
            )
            .into());
        }
    })?;
    Ok(Exit::Success)
}

/// The answer to a shell that completes a word; `None` where a person or a script runs relman.
///
/// Whatever goes wrong, the answer is shorter: nothing may be said in the middle of a line that somebody types.
pub(super) fn asked() -> Option<String> {
    let shell = std::env::var_os(ASKED_BY)?;
    let mut words = std::env::args_os().skip(1);
    if words.next()? != "--" {
        return None;
    }
    keep_to(Bounds::Machine);
    let words: Vec<OsString> = words.collect();
    let line = match shell.to_str() {
        Some("bash") => Line::of_bash(&words),
        Some("powershell") => Line::of_powershell(words),
        _ => Line::of_words(words),
    };
    Some(line.map(|line| answer(&line)).unwrap_or_default())
}

fn answer(line: &Line) -> String {
    let last = line.words.len() - 1;
    let mut command = names::ask_for(definition(), line);
    let mut candidates =
        clap_complete::engine::complete(&mut command, line.words.clone(), last, None).unwrap_or_default();
    // Flags are offered to whoever begins to type one: a dozen of them would hide the few names.
    if line.current().is_empty() {
        candidates.retain(|candidate| !candidate.get_value().as_encoded_bytes().starts_with(b"-"));
    }
    let mut text = String::new();
    for candidate in &candidates {
        if let Some(asks) = names::asks_shell(candidate) {
            let _ = writeln!(text, "{asks}");
        } else if let Some(value) = candidate.get_value().to_str().filter(|value| is_plain(value))
            && let Some(rest) = line.rest(value)
        {
            let _ = writeln!(text, "{rest}\t{}", explanation(candidate));
        }
    }
    text
}

/// Whether a word is the same word in every shell, without a quote around it. Any other is not offered: names come from
/// repositories, and what a shell puts on the line may be run.
fn is_plain(word: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-+/@=".contains(&b);
    word.bytes().all(plain) && word.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-')
}

/// What a candidate means, on one line and without anything that a terminal could act on.
fn explanation(candidate: &CompletionCandidate) -> String {
    let text = candidate.get_help().map(ToString::to_string).unwrap_or_default();
    safe(text.lines().next().unwrap_or_default()).chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_that_need_no_quotes_are_offered() {
        for plain in ["qa", "prod-eu", "1.2.0+build.5", "v1.2.0-rc.1", "prod@1.2.0", "--via=direct", "R2/1.0"] {
            assert!(is_plain(plain), "{plain}");
        }
        for odd in [
            "",
            "$(touch x)",
            "`x`",
            "a;b",
            "a b",
            "a'b",
            "a\"b",
            "a\\b",
            "a|b",
            "a&b",
            "a>b",
            "a{b,c}",
            "a#",
            "!x",
            "=ls",
            "@x",
            "%x",
            "~",
            "a,b",
            "1:2",
            "ö",
            "a\nb",
            "a\tb",
            "a\u{1b}",
        ] {
            assert!(!is_plain(odd), "{odd:?}");
        }
    }

    #[test]
    fn an_explanation_is_one_line_that_does_nothing() {
        let explained = |text: &str| explanation(&CompletionCandidate::new("x").help(Some(text.to_owned().into())));
        assert_eq!(explained("a\tb\u{7}\u{202e}c\nd"), "a bc");
        assert_eq!(explained(&"x".repeat(500)).len(), LONGEST);
        assert_eq!(explanation(&CompletionCandidate::new("x")), "");
    }
}
