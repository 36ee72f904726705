//! Whether a version is what it says.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::problem::{Problem, Severity};
use crate::domain::text::safe;
use crate::domain::verification::Facts;

use super::schema::Document;
use super::{Asked, Page, document, located, table};

/// Whether the tags of a version are what they say.
#[derive(Serialize, JsonSchema)]
pub(super) struct VerifyJson<'a> {
    schema: Document,
    /// The version.
    version: &'a str,
    /// The final tag; `null` where the app repo has none.
    r#final: Option<String>,
    /// The candidate that the final tag stands on; without a final tag, the highest.
    candidate: Option<String>,
    source: Asked,
    /// The repositories that were looked at, the app repo first.
    repositories: Vec<&'a str>,
    problems: Vec<FindingJson<'a>>,
}

/// Something that is wrong with the tags.
#[derive(Serialize, JsonSchema)]
struct FindingJson<'a> {
    /// A short, stable name of it, such as `half-tagged`.
    code: &'a str,
    severity: Severity,
    /// The repository that it concerns.
    repository: Option<&'a str>,
    /// What is wrong, for people.
    message: &'a str,
    /// What to do about it, for people; may be empty.
    hint: &'a str,
}

/// The findings as a document; `offline` where no remote was asked.
pub fn json(facts: &Facts, problems: &[Problem], offline: bool) -> String {
    document(&VerifyJson {
        schema: Document::Verify,
        version: facts.version.as_str(),
        r#final: facts.final_tag().map(|tag| tag.to_string()),
        candidate: facts.candidate().map(|tag| tag.to_string()),
        source: if offline { Asked::Local } else { Asked::Remote },
        repositories: repositories(facts),
        problems: problems
            .iter()
            .map(|problem| FindingJson {
                code: problem.code,
                severity: problem.severity,
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
