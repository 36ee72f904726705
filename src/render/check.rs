//! The findings of `check`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::problem::{Problem, Severity};
use crate::domain::text::safe;

use super::schema::Document;
use super::{Page, document, located};

/// What `relman check` finds wrong with files, branches and tags.
#[derive(Serialize, JsonSchema)]
pub(super) struct CheckJson<'a> {
    schema: Document,
    problems: Vec<FindingJson<'a>>,
}

/// Something that is wrong, and where.
#[derive(Serialize, JsonSchema)]
struct FindingJson<'a> {
    /// A short, stable name of it, such as `branch-without-entry`.
    code: &'a str,
    severity: Severity,
    /// The environment that it concerns.
    environment: Option<&'a str>,
    /// The repository that it concerns.
    repository: Option<&'a str>,
    /// The file that it was found in.
    path: Option<&'a str>,
    /// The line in that file, counted from 1.
    line: Option<usize>,
    /// What is wrong, for people.
    message: &'a str,
    /// What to do about it, for people; may be empty.
    hint: &'a str,
}

/// The findings as a document.
pub fn json(problems: &[Problem]) -> String {
    document(&CheckJson {
        schema: Document::Check,
        problems: problems
            .iter()
            .map(|problem| FindingJson {
                code: problem.code,
                severity: problem.severity,
                environment: problem.environment.as_deref(),
                repository: problem.repository.as_deref(),
                path: problem.path.as_deref(),
                line: problem.line,
                message: &problem.message,
                hint: &problem.hint,
            })
            .collect(),
    })
}

/// The findings for people, errors first.
pub fn text(problems: &[Problem], page: Page) -> String {
    if problems.is_empty() {
        return "No problems found.\n".into();
    }
    let mut text = String::new();
    let mut sorted: Vec<&Problem> = problems.iter().collect();
    sorted.sort_by_key(|problem| std::cmp::Reverse(problem.severity));
    for problem in &sorted {
        text.push_str(&format!("{}[{}]: {}\n", page.label(problem.severity), problem.code, located(problem)));
        if !problem.hint.is_empty() {
            text.push_str(&format!("  {}\n", safe(&problem.hint)));
        }
    }
    let errors = sorted.iter().filter(|problem| problem.severity == Severity::Error).count();
    text.push_str(&format!("\n{}, {}\n", count(errors, "error"), count(sorted.len() - errors, "warning")));
    text
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
