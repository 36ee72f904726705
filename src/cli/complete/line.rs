//! The line that is being typed, as far as the cursor: its words, and which repositories they name.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::git::clones::expand;
use crate::workspace::Choices;

/// Words of a line, the last of which is to be completed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The name of the program and what follows it, without the flags that only say where to look.
    pub(super) words: Vec<OsString>,
    /// How many bytes of the last word the shell keeps as they are: it takes what follows for a word of its own.
    kept: usize,
    repo: Option<PathBuf>,
    app: Option<PathBuf>,
    remote: Option<String>,
}

impl Line {
    /// Reads words as a shell would hand them to the program; `None` where not even its name is there.
    pub(super) fn of_words(words: Vec<OsString>) -> Option<Line> {
        let last = words.len().checked_sub(1).filter(|last| *last > 0)?;
        let mut line = Line { words: Vec::new(), kept: 0, repo: None, app: None, remote: None };
        let mut rest = words.into_iter().enumerate();
        let mut only_arguments = false;
        while let Some((at, word)) = rest.next() {
            if at == last || at == 0 || only_arguments {
                line.words.push(word);
            } else if word == "-C" || word == "--app" || word == "--remote" {
                // What is to be completed stays, as does the flag that it belongs to.
                match rest.next() {
                    Some((at, value)) if at < last => line.place(word.as_encoded_bytes(), &value),
                    value => line.words.extend([word].into_iter().chain(value.map(|(_, value)| value))),
                }
            } else if !line.place_attached(&word) {
                only_arguments = word == "--";
                line.words.push(word);
            }
        }
        Some(line)
    }

    /// Reads what bash hands over: the line as far as the cursor, and the part of the last word that bash will replace.
    /// Bash ends words where others don't, at `@`, `=` and `:`.
    pub(super) fn of_bash(words: &[OsString]) -> Option<Line> {
        let [line, replaced] = words else { return None };
        let mut line = Line::of_words(split(line.to_str()?).into_iter().map(OsString::from).collect())?;
        let replaced = replaced.to_str()?;
        line.kept = line.current().to_str()?.strip_suffix(replaced).map_or(0, str::len);
        Some(line)
    }

    /// Reads what PowerShell hands over: the words, and the last one behind a `=`, since an older PowerShell leaves out
    /// empty arguments.
    pub(super) fn of_powershell(mut words: Vec<OsString>) -> Option<Line> {
        let last = words.pop()?;
        words.push(last.to_str()?.strip_prefix('=')?.into());
        Line::of_words(words)
    }

    /// The word that is to be completed.
    pub(super) fn current(&self) -> &OsStr {
        self.words.last().map(OsString::as_os_str).unwrap_or_default()
    }

    /// What the shell puts in place of what it replaces, so that the last word becomes `value`.
    pub(super) fn rest<'v>(&self, value: &'v str) -> Option<&'v str> {
        let kept = self.current().to_str()?.get(..self.kept)?;
        value.strip_prefix(kept)
    }

    /// The words before it.
    pub(super) fn before(&self) -> &[OsString] {
        self.words.split_last().map(|(_, before)| before).unwrap_or_default()
    }

    /// Where the names are looked for. No remote is asked, and no time is needed.
    pub(super) fn choices(&self) -> Choices {
        let variable = || std::env::var_os("RELMAN_REPO").map(PathBuf::from);
        Choices {
            repo: self.repo.clone().or_else(variable).filter(|path| !path.as_os_str().is_empty()),
            app: self.app.clone(),
            remote: self.remote.clone(),
            offline: true,
            cache: crate::config::cache_folder(),
            now: 0,
        }
    }

    /// Takes a flag that holds its value: `-Cfolder`, `--app=folder`.
    fn place_attached(&mut self, word: &OsStr) -> bool {
        let Some(text) = word.to_str() else { return false };
        for flag in ["-C", "--app=", "--remote="] {
            if let Some(value) = text.strip_prefix(flag) {
                self.place(flag.trim_end_matches('=').as_bytes(), OsStr::new(value));
                return true;
            }
        }
        false
    }

    fn place(&mut self, flag: &[u8], value: &OsStr) {
        // The shell has not replaced `~` yet where it hands over what was typed.
        let path = || value.to_str().map_or_else(|| PathBuf::from(value), |text| expand(text, Path::new("")));
        match flag {
            b"-C" => self.repo = Some(path()),
            b"--app" => self.app = Some(path()),
            _ => self.remote = value.to_str().map(str::to_owned),
        }
    }
}

/// The words of a line as bash reads them; a quote that is still open holds the last one. Nothing is replaced.
fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, ' ' | '\t' | '\n') => words.extend(word.take()),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (Some(open), c) if c == open => quote = None,
            (None | Some('"'), '\\') => word.get_or_insert_default().extend(chars.next()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.push(word.unwrap_or_default());
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(words: &[&str]) -> Line {
        Line::of_words(words.iter().map(OsString::from).collect()).expect("a line")
    }

    fn bash(text: &str, replaced: &str) -> Option<Line> {
        Line::of_bash(&[text.into(), replaced.into()])
    }

    #[test]
    fn a_line_of_bash_has_the_words_that_the_program_will_get() {
        assert_eq!(split("relman promote q"), ["relman", "promote", "q"]);
        assert_eq!(split("relman  promote "), ["relman", "promote", ""]);
        assert_eq!(split("relman -C 'my dir' \"a b\"c d\\ e"), ["relman", "-C", "my dir", "a bc", "d e"]);
        assert_eq!(split("relman trace \"pro"), ["relman", "trace", "pro"]);
        assert_eq!(split("relman trace '"), ["relman", "trace", ""]);
        assert_eq!(split("relman '' $(touch x) \\"), ["relman", "", "$(touch", "x)", ""]);
    }

    #[test]
    fn bash_keeps_what_it_takes_for_a_word_of_its_own() {
        let trace = bash("relman trace prod@1.", "1.").expect("a line");
        assert_eq!(trace.current(), "prod@1.");
        assert_eq!(trace.rest("prod@1.2.0"), Some("1.2.0"));
        assert_eq!(trace.rest("qa@1.2.0"), None);
        let plain = bash("relman status q", "q").expect("a line");
        assert_eq!(plain.rest("qa"), Some("qa"));
        let quoted = bash("relman status \"q", "q").expect("a line");
        assert_eq!(quoted.rest("qa"), Some("qa"));
        assert_eq!(bash("relman --via=", "").expect("a line").rest("--via=direct"), Some("direct"));
        assert_eq!(bash("relman", "relman"), None);
        assert_eq!(Line::of_bash(&[]), None);
    }

    #[test]
    fn powershell_marks_the_word_that_may_be_empty() {
        let read = |words: &[&str]| Line::of_powershell(words.iter().map(OsString::from).collect());
        assert_eq!(read(&["relman", "status", "="]), Some(line(&["relman", "status", ""])));
        assert_eq!(read(&["relman", "status", "=q"]), Some(line(&["relman", "status", "q"])));
        assert_eq!((read(&["relman", "status"]), read(&[])), (None, None));
    }

    #[test]
    fn flags_that_say_where_to_look_are_taken_from_the_line() {
        let read = line(&["relman", "-C", "demo", "--app=a", "--remote", "up", "status", "q"]);
        assert_eq!(read.words, ["relman", "status", "q"]);
        let choices = read.choices();
        assert_eq!((choices.repo, choices.app), (Some("demo".into()), Some("a".into())));
        assert_eq!((choices.remote.as_deref(), choices.offline), (Some("up"), true));
        assert_eq!(line(&["relman", "status", "-Cdemo", ""]).words, ["relman", "status", ""]);
        let home = std::env::home_dir().expect("a home");
        assert_eq!(line(&["relman", "-C", "~/x", "status", ""]).choices().repo, Some(home.join("x")));
    }

    #[test]
    fn what_is_being_typed_stays_on_the_line() {
        for words in [
            &["relman", "-C", "de"][..],
            &["relman", "-C"],
            &["relman", "--app=d"],
            &["relman", "where", "--", "-C", "x"],
        ] {
            assert_eq!(line(words).words, words);
        }
        assert_eq!(line(&["relman", "promote", "qa", "q"]).before(), ["relman", "promote", "qa"]);
    }

    proptest! {
        #[test]
        fn no_line_is_too_odd(text in "(relman )?[a-z'\"\\\\ @=$-]{0,30}", replaced in "[a-z'\" @]{0,5}") {
            if let Some(line) = bash(&text, &replaced) {
                prop_assert!(!line.words.is_empty());
                let _ = line.rest("prod@1.2.0");
            }
        }
    }
}
