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
pub mod status;
pub mod table;
pub mod tags;
pub mod time;
pub mod trace;
pub mod trigger;
pub mod verify;
pub mod whereabouts;

use serde::Serialize;

use crate::domain::error::Exit;
use crate::domain::problem::{Problem, Severity};
use crate::domain::text::{safe, safe_json};
use crate::ui::Format;
use crate::workspace::next::NextCandidate;

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

#[derive(Serialize)]
struct ErrorJson<'a> {
    schema: &'static str,
    code: &'a str,
    exit: u8,
    message: &'a str,
    hints: &'a [String],
}

/// Why a command failed, as a document on one line.
pub fn error(code: &str, exit: Exit, message: &str, hints: &[String]) -> String {
    let document = ErrorJson { schema: "relman.error/1", code, exit: exit.status(), message, hints };
    // Strings and numbers always make a document.
    safe_json(&serde_json::to_string(&document).unwrap_or_default()).into_owned()
}

/// A problem as `status` shows it in JSON.
#[derive(Serialize)]
struct ProblemJson<'a> {
    code: &'a str,
    message: &'a str,
    hint: &'a str,
}

impl<'a> From<&'a Problem> for ProblemJson<'a> {
    fn from(problem: &'a Problem) -> Self {
        ProblemJson { code: problem.code, message: &problem.message, hint: &problem.hint }
    }
}

/// A warning beside an answer, in JSON.
#[derive(Serialize)]
struct WarningJson<'a> {
    code: &'a str,
    message: &'a str,
}

impl<'a> From<&'a Problem> for WarningJson<'a> {
    fn from(problem: &'a Problem) -> Self {
        WarningJson { code: problem.code, message: &problem.message }
    }
}

#[derive(Serialize)]
struct NextRcJson<'a> {
    schema: &'static str,
    version: &'a str,
    tag: String,
    number: u64,
    latest: Option<LatestJson>,
    final_exists: bool,
    source: &'static str,
}

#[derive(Serialize)]
struct LatestJson {
    tag: String,
    number: u64,
}

/// The next candidate: its tag on one line, or a document.
pub fn next_rc(next: &NextCandidate, format: Format) -> String {
    let tag = next.version.candidate_tag(next.number).to_string();
    match format {
        Format::Text => format!("{tag}\n"),
        Format::Json => document(&NextRcJson {
            schema: "relman.next-rc/1",
            version: next.version.as_str(),
            tag,
            number: next.number,
            latest: next
                .latest
                .map(|number| LatestJson { tag: next.version.candidate_tag(number).to_string(), number }),
            final_exists: next.final_exists,
            source: if next.asked { "remote" } else { "local" },
        }),
    }
}
