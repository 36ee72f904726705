//! The findings of `check`.

use serde::Serialize;

use crate::domain::problem::{Problem, Severity};
use crate::domain::text::safe;

use super::{Page, document, located};

#[derive(Serialize)]
struct CheckJson<'a> {
    schema: &'static str,
    problems: Vec<FindingJson<'a>>,
}

#[derive(Serialize)]
struct FindingJson<'a> {
    code: &'a str,
    severity: &'static str,
    environment: Option<&'a str>,
    repository: Option<&'a str>,
    path: Option<&'a str>,
    line: Option<usize>,
    message: &'a str,
    hint: &'a str,
}

/// The findings as a document.
pub fn json(problems: &[Problem]) -> String {
    document(&CheckJson {
        schema: "relman.check/1",
        problems: problems
            .iter()
            .map(|problem| FindingJson {
                code: problem.code,
                severity: match problem.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                },
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
