//! From what was decided to what is read: text for people, JSON for scripts.
//!
//! JSON has structs of its own, so that renaming a type inside breaks no script; fields are only ever added.

pub mod check;
pub mod deploy;
pub mod diff;
pub mod doctor;
pub mod environments;
pub mod fetch;
pub mod init;
pub mod jira;
pub mod log;
pub mod markdown;
pub mod plan;
pub mod promotion;
pub mod redeploy;
pub mod resolve;
pub mod schema;
pub mod status;
pub mod table;
pub mod tags;
pub mod time;
pub mod trace;
pub mod trigger;
pub mod verify;
pub mod whereabouts;

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::error::Exit;
use crate::domain::problem::{Problem, Severity};
use crate::domain::text::{beginning, safe, safe_json};
use crate::domain::word::words;
use crate::ui::Format;
use crate::workspace::next::NextCandidate;

use schema::Document;

/// What a text is laid out for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Page {
    /// Whether colours may be used.
    pub color: bool,
    /// The width in columns, where there is one.
    pub width: Option<usize>,
}

impl Page {
    fn style(self, style: console::Style) -> console::Style {
        style.force_styling(self.color)
    }

    /// The label of a problem, coloured by how bad it is.
    fn label(self, severity: Severity) -> String {
        match severity {
            Severity::Error => self.style(console::Style::new().red().bold()).apply_to("error").to_string(),
            Severity::Warning => self.style(console::Style::new().yellow().bold()).apply_to("warning").to_string(),
        }
    }
}

/// A subject or a title for people: a line that nobody would read to its end is cut, also where nothing cuts it to the
/// width of a terminal.
fn subject(text: &str) -> String {
    const LONGEST: usize = 200;
    beginning(&safe(text), LONGEST).into_owned()
}

/// The name of an author for people.
fn author(name: &str) -> String {
    const LONGEST: usize = 60;
    beginning(&safe(name), LONGEST).into_owned()
}

/// What a problem says for people, with the branch and the line that it was found at where the message has them not.
fn located(problem: &Problem) -> String {
    let said = |place: &str| problem.message.contains(place);
    let branch = problem.environment.as_ref().map(|name| format!("environment/{name}")).filter(|place| !said(place));
    let line = match (&problem.path, problem.line) {
        (Some(path), Some(line)) => Some(format!("{path}:{line}")).filter(|place| !said(place)),
        _ => None,
    };
    let places: Vec<String> = branch.into_iter().chain(line).collect();
    let text = match places.as_slice() {
        [] => problem.message.clone(),
        places => format!("{} ({})", problem.message, places.join(", ")),
    };
    safe(&text).into_owned()
}

/// One document, with its line break.
fn document(value: &impl Serialize) -> String {
    // Every document is made of strings, numbers, lists and structs, none of which can fail to serialise.
    let mut text = safe_json(&serde_json::to_string_pretty(value).unwrap_or_default()).into_owned();
    text.push('\n');
    text
}

/// Why a command failed; on stderr.
#[derive(Serialize, JsonSchema)]
struct ErrorJson<'a> {
    schema: Document,
    /// A short, stable name of what went wrong, such as `no-environment`.
    code: &'a str,
    /// The exit status that the command ends with.
    exit: u8,
    /// What went wrong, for people.
    message: &'a str,
    /// What to do about it, for people.
    hints: &'a [String],
}

/// Why a command failed, as a document on one line.
pub fn error(code: &str, exit: Exit, message: &str, hints: &[String]) -> String {
    let document = ErrorJson { schema: Document::Error, code, exit: exit.status(), message, hints };
    // Strings and numbers always make a document.
    safe_json(&serde_json::to_string(&document).unwrap_or_default()).into_owned()
}

/// Something that is wrong.
#[derive(Serialize, JsonSchema)]
struct ProblemJson<'a> {
    /// A short, stable name of it, such as `branch-without-entry`.
    code: &'a str,
    /// What is wrong, for people.
    message: &'a str,
    /// What to do about it, for people; may be empty.
    hint: &'a str,
}

impl<'a> From<&'a Problem> for ProblemJson<'a> {
    fn from(problem: &'a Problem) -> Self {
        ProblemJson { code: problem.code, message: &problem.message, hint: &problem.hint }
    }
}

/// A warning beside an answer.
#[derive(Serialize, JsonSchema)]
struct WarningJson<'a> {
    /// A short, stable name of it, such as `candidate-not-named`.
    code: &'a str,
    /// What is to be known, for people.
    message: &'a str,
}

impl<'a> From<&'a Problem> for WarningJson<'a> {
    fn from(problem: &'a Problem) -> Self {
        WarningJson { code: problem.code, message: &problem.message }
    }
}

words! {
    /// Who was asked.
    pub enum Asked {
        /// The remotes.
        Remote = "remote",
        /// The clones.
        Local = "local",
    }
}

/// The next candidate of a version.
#[derive(Serialize, JsonSchema)]
struct NextRcJson<'a> {
    schema: Document,
    /// The version.
    version: &'a str,
    /// The tag of the next candidate.
    tag: String,
    /// Its number.
    number: u64,
    /// The highest candidate that there is.
    latest: Option<LatestJson>,
    /// Whether the version has its final tag.
    final_exists: bool,
    source: Asked,
}

/// The highest candidate of a version.
#[derive(Serialize, JsonSchema)]
struct LatestJson {
    /// Its tag.
    tag: String,
    /// Its number.
    number: u64,
}

/// The next candidate: its tag on one line, or a document.
pub fn next_rc(next: &NextCandidate, format: Format) -> String {
    let tag = next.version.candidate_tag(next.number).to_string();
    match format {
        Format::Text => format!("{tag}\n"),
        Format::Json => document(&NextRcJson {
            schema: Document::NextRc,
            version: next.version.as_str(),
            tag,
            number: next.number,
            latest: next
                .latest
                .map(|number| LatestJson { tag: next.version.candidate_tag(number).to_string(), number }),
            final_exists: next.final_exists,
            source: if next.asked { Asked::Remote } else { Asked::Local },
        }),
    }
}
