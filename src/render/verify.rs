//! Whether a version is what it says.

use serde::Serialize;

use crate::domain::problem::{Problem, Severity};
use crate::domain::text::safe;
use crate::domain::verification::Facts;

use super::{Page, document, located, table};

#[derive(Serialize)]
struct VerifyJson<'a> {
    schema: &'static str,
    version: &'a str,
    r#final: Option<String>,
    candidate: Option<String>,
    source: &'static str,
    repositories: Vec<&'a str>,
    problems: Vec<FindingJson<'a>>,
}

#[derive(Serialize)]
struct FindingJson<'a> {
    code: &'a str,
    severity: &'static str,
    repository: Option<&'a str>,
    message: &'a str,
    hint: &'a str,
}

/// The findings as a document; `offline` where no remote was asked.
pub fn json(facts: &Facts, problems: &[Problem], offline: bool) -> String {
    document(&VerifyJson {
        schema: "relman.verify/1",
        version: facts.version.as_str(),
        r#final: facts.final_tag().map(|tag| tag.to_string()),
        candidate: facts.candidate().map(|tag| tag.to_string()),
        source: if offline { "local" } else { "remote" },
        repositories: repositories(facts),
        problems: problems
            .iter()
            .map(|problem| FindingJson {
                code: problem.code,
                severity: match problem.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                },
                repository: problem.repository.as_deref(),
                message: &problem.message,
                hint: &problem.hint,
            })
            .collect(),
    })
}

fn repositories(facts: &Facts) -> Vec<&str> {
    std::iter::once(facts.tags.app_name.as_str()).chain(facts.shipped.iter().map(|name| name.as_str())).collect()
}

/// The findings for people, and what they add up to.
pub fn text(facts: &Facts, problems: &[Problem], page: Page) -> String {
    let mut text = String::new();
    for (index, problem) in problems.iter().enumerate() {
        let line = format!("{}[{}]: {}", page.label(problem.severity), problem.code, located(problem));
        text.push_str(&table::wrapped("", 0, &line, page.width));
        // What helps against many is said once.
        let is_last = problems.get(index + 1).is_none_or(|next| next.hint != problem.hint || next.code != problem.code);
        if is_last && !problem.hint.is_empty() {
            text.push_str(&table::wrapped("", 2, &safe(&problem.hint), page.width));
        }
    }
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    if !problems.is_empty() {
        text.push('\n');
    }
    let names = repositories(facts);
    let all = match names.len() {
        1 => format!("in {}", names[0]),
        many => format!("in all {many} repositories"),
    };
    text.push_str(&match (errors, facts.final_tag(), facts.candidate()) {
        (0, Some(tag), Some(candidate)) => format!("{tag} stands on {candidate} {all}.\n"),
        (0, Some(tag), None) => format!("{tag} stands on no candidate; an environment vouches for it.\n"),
        (1, ..) => format!("{} is not proven: 1 error.\n", facts.version),
        (errors, ..) => format!("{} is not proven: {errors} errors.\n", facts.version),
    });
    text
}
