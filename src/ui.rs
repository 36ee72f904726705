//! The only place that touches stdout, stderr, prompts, colour and progress.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::mpsc::{self, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::domain::error::{Exit, Explain};
use crate::domain::location::without_secrets;
use crate::domain::text::{safe, safe_lines};
use crate::interrupt::Interrupts;

/// When colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How answers are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON document, for scripts.
    Json,
}

/// How loud a command is, and whether it may ask.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// Text or JSON.
    pub format: Format,
    /// When colours are used.
    pub color: ColorChoice,
    /// Whether talk on stderr is left out; errors are not.
    pub quiet: bool,
    /// How much is told of what happens.
    pub verbose: u8,
    /// Whether nothing may be asked, even on a terminal.
    pub no_input: bool,
}

/// The screen.
pub struct Ui {
    manner: Manner,
    color_out: bool,
    color_err: bool,
    interactive: bool,
    /// Answers that are kept instead of printed.
    kept: RefCell<Option<String>>,
    /// What is never printed.
    hidden: RefCell<Vec<Zeroizing<String>>>,
}

/// A shorter secret is none, and hiding it would tear holes into any text.
const SHORTEST_SECRET: usize = 8;

/// The answer could not be written: the disk is full, say. A reader that has gone away is no such failure.
#[derive(Debug, thiserror::Error)]
#[error("the answer can't be written")]
pub struct Unwritten(#[source] io::Error);

/// A question has no answer. All questions come before the first deed.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// Ctrl-C, or another signal.
    #[error("nothing was done")]
    Interrupted,
    /// There is no terminal any more, say.
    #[error("the answer can't be read; nothing was done")]
    Unread(#[source] io::Error),
}

impl Explain for Unanswered {
    fn code(&self) -> &'static str {
        match self {
            Unanswered::Interrupted => "interrupted",
            Unanswered::Unread(_) => "unexpected",
        }
    }
    fn exit(&self) -> Exit {
        match self {
            Unanswered::Interrupted => Exit::Interrupted,
            Unanswered::Unread(_) => Exit::Unexpected,
        }
    }
}

impl Ui {
    /// Looks at the terminal and the environment once.
    pub fn new(manner: Manner) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        let color = |terminal: bool| match manner.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => terminal && !plain,
        };
        let json = manner.format == Format::Json;
        Ui {
            manner,
            color_out: color(io::stdout().is_terminal()) && !json,
            color_err: color(io::stderr().is_terminal()),
            interactive: !manner.no_input && !json && io::stdin().is_terminal() && io::stderr().is_terminal(),
            kept: RefCell::default(),
            hidden: RefCell::default(),
        }
    }

    /// Sees to it that a secret is never printed from now on, whoever says it: a server may send back what it was sent.
    pub fn hide(&self, secret: &str) {
        let mut hidden = self.hidden.borrow_mut();
        if secret.len() >= SHORTEST_SECRET && !hidden.iter().any(|known| known.as_str() == secret) {
            hidden.push(Zeroizing::new(secret.to_owned()));
        }
    }

    /// A text without what is never printed; `None` where nothing of it is in there.
    pub fn masked(&self, text: &str) -> Option<String> {
        match self.without_hidden(text) {
            Cow::Owned(text) => Some(text),
            Cow::Borrowed(_) => None,
        }
    }

    fn without_hidden<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.hidden.borrow().iter().fold(Cow::Borrowed(text), |text, secret| match text.contains(secret.as_str()) {
            true => Cow::Owned(text.replace(secret.as_str(), "…")),
            false => text,
        })
    }

    /// Text or JSON.
    pub fn format(&self) -> Format {
        self.manner.format
    }

    /// Whether answers may carry colours.
    pub fn color(&self) -> bool {
        self.color_out
    }

    /// Whether somebody is there to be asked.
    pub fn is_interactive(&self) -> bool {
        self.interactive
    }

    /// The width of the terminal in columns; `None` in a pipe.
    pub fn width(&self) -> Option<usize> {
        console::Term::stdout().size_checked().map(|(_, columns)| columns.into())
    }

    /// Prints an answer on stdout.
    pub fn answer(&self, text: &str) -> Result<(), Unwritten> {
        if let Some(kept) = self.kept.borrow_mut().as_mut() {
            kept.push_str(text);
            return Ok(());
        }
        self.printed(io::stdout().lock().write_all(self.without_hidden(text).as_bytes()))
    }

    /// Keeps the answers of `work` instead of printing them, for a command whose answer contains another's.
    pub fn keep_answers<T>(&self, work: impl FnOnce() -> T) -> (T, String) {
        let before = self.kept.replace(Some(String::new()));
        let outcome = work();
        let kept = self.kept.replace(before).unwrap_or_default();
        (outcome, kept)
    }

    /// Prints a file on stdout byte for byte; on a terminal, without anything that it would act on.
    pub fn exactly(&self, bytes: &[u8]) -> Result<(), Unwritten> {
        if io::stdout().is_terminal() {
            return self.answer(&safe_lines(&String::from_utf8_lossy(bytes)));
        }
        self.printed(io::stdout().lock().write_all(bytes))
    }

    /// What came of printing on stdout. Where its reader has gone away there is nobody left to tell, and the command
    /// ends as it would have.
    pub fn printed(&self, outcome: io::Result<()>) -> Result<(), Unwritten> {
        match outcome.and_then(|()| io::stdout().lock().flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Unwritten(error)),
            _ => Ok(()),
        }
    }

    /// Says something on stderr that is not the answer.
    pub fn say(&self, text: &str) {
        if !self.manner.quiet && self.manner.format == Format::Text {
            self.error_line(&shown(text));
        }
    }

    /// Says something that matters only to somebody who asked for it with `-v`.
    pub fn detail(&self, level: u8, text: &str) {
        if self.manner.verbose >= level {
            self.error_line(&shown(text));
        }
    }

    /// Whether more is told than usual.
    pub fn is_verbose(&self) -> bool {
        self.manner.verbose > 0
    }

    /// Passes on a line that something else has printed, in every format: whoever waits wants to see it.
    pub fn pass_on(&self, source: &str, line: &str) {
        if !self.manner.quiet {
            self.error_line(&format!("{} | {}", safe(source), shown(line)));
        }
    }

    /// Says that something is not as it should be, and what to do about it.
    pub fn warn(&self, message: &str, hint: &str) {
        // In JSON, warnings are a part of the document.
        if self.manner.quiet || self.manner.format == Format::Json {
            return;
        }
        self.labelled("warning", console::Style::new().yellow().bold(), message);
        if !hint.is_empty() {
            self.hint(hint);
        }
    }

    /// Says why the command failed.
    pub fn error(&self, message: &str, causes: &[String], hints: &[String]) {
        self.labelled("error", console::Style::new().red().bold(), message);
        for cause in causes {
            for line in cause.lines() {
                self.error_line(&format!("  {}", shown(line)));
            }
        }
        for hint in hints {
            self.hint(hint);
        }
    }

    /// Prints one document on stderr, as it is.
    pub fn error_document(&self, json: &str) {
        self.error_line(json);
    }

    fn hint(&self, hint: &str) {
        self.labelled("hint", console::Style::new().cyan(), hint);
    }

    fn labelled(&self, label: &str, style: console::Style, text: &str) {
        let label = style.force_styling(self.color_err).apply_to(format!("{label}:"));
        self.error_line(&format!("{label} {}", shown(text)));
    }

    fn error_line(&self, line: &str) {
        // Where stderr is gone as well, there is no place left to say so.
        let _ = writeln!(io::stderr().lock(), "{}", self.without_hidden(line));
    }

    /// Asks for a line of text; the default is taken on Enter.
    pub fn ask(&self, question: &str, default: &str) -> Result<String, Unanswered> {
        let theme = dialoguer::theme::SimpleTheme;
        let input = dialoguer::Input::with_theme(&theme).with_prompt(safe(question));
        let default = safe(default).into_owned();
        let input = if default.is_empty() { input.allow_empty(true) } else { input.default(default) };
        answered(|| input.interact_text())
    }

    /// Asks for one of a few words.
    pub fn choose(&self, question: &str, words: &[&str], default: usize) -> Result<usize, Unanswered> {
        let theme = dialoguer::theme::SimpleTheme;
        let select = dialoguer::Select::with_theme(&theme).with_prompt(safe(question));
        answered(|| select.items(words.iter().map(|word| safe(word))).default(default).interact())
    }

    /// Asks a question that is answered with Yes or No.
    pub fn confirm(&self, question: &str, default: bool) -> Result<bool, Unanswered> {
        let theme = dialoguer::theme::SimpleTheme;
        let confirm = dialoguer::Confirm::with_theme(&theme).with_prompt(safe(question)).default(default);
        answered(|| confirm.interact())
    }

    /// Shows what is being waited for, once that takes longer than a second, until the guard is dropped.
    pub fn progress(&self, text: &str) -> Progress {
        let terminal = console::Term::stderr();
        if self.manner.quiet || self.manner.format == Format::Json || !terminal.is_term() {
            return Progress(None);
        }
        let text = safe_lines(text);
        let (done, wait) = mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            if wait.recv_timeout(Duration::from_secs(1)) != Err(mpsc::RecvTimeoutError::Timeout) {
                return;
            }
            for frame in ["|", "/", "-", "\\"].iter().cycle() {
                // A terminal that can't be written to shows nothing; the work goes on.
                let _ = terminal.clear_line();
                let _ = terminal.write_str(&format!("{frame} {text}"));
                if wait.recv_timeout(Duration::from_millis(120)) != Err(mpsc::RecvTimeoutError::Timeout) {
                    break;
                }
            }
            let _ = terminal.clear_line();
        });
        Progress(Some((done, thread)))
    }
}

/// A text as it may stand on a terminal: nothing that a terminal acts on, and no secrets of URLs.
fn shown(text: &str) -> String {
    safe_lines(&without_secrets(text))
}

/// Waits for an answer. The terminal gets its cursor back, which is hidden meanwhile, also where none comes: a signal
/// would end the process before that.
fn answered<T>(ask: impl FnOnce() -> dialoguer::Result<T>) -> Result<T, Unanswered> {
    let interrupts = Interrupts::listen().map_err(Unanswered::Unread)?;
    let answer = ask();
    interrupts.let_go();
    let unanswered = match answer {
        _ if interrupts.caught().is_some() => Unanswered::Interrupted,
        Ok(answer) => return Ok(answer),
        Err(dialoguer::Error::IO(error)) => Unanswered::Unread(error),
    };
    let terminal = console::Term::stderr();
    // A terminal that has gone away needs no cursor.
    let _ = terminal.show_cursor().and_then(|()| terminal.write_line(""));
    Err(unanswered)
}

/// Something that is being waited for; dropping it clears the line.
pub struct Progress(Option<(Sender<()>, JoinHandle<()>)>);

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, thread)) = self.0.take() {
            drop(done);
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_secret_is_not_in_what_is_printed() {
        let ui = Ui::new(Manner::default());
        assert_eq!(ui.without_hidden("tok-12345 is said"), "tok-12345 is said");
        for secret in ["tok-12345", "tok-12345", "dG9rLTEyMzQ1", "qa"] {
            ui.hide(secret);
        }
        assert_eq!(ui.without_hidden("tok-12345, dG9rLTEyMzQ1, tok-12345"), "…, …, …");
        assert_eq!(ui.without_hidden("qa"), "qa", "a word is no secret");
    }
}
