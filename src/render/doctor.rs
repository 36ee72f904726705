//! What `doctor` finds: what is well, and what would hurt.

use serde::Serialize;

use crate::domain::problem::{Problem, Severity};
use crate::domain::text::safe;

use super::{Page, document};

/// One finding.
pub struct Finding(Result<(&'static str, String), Problem>);

impl Finding {
    /// Something that is as it should be.
    pub fn good(code: &'static str, message: String) -> Self {
        Finding(Ok((code, message)))
    }

    /// Something that would hurt.
    pub fn bad(problem: Problem) -> Self {
        Finding(Err(problem))
    }

    /// The code.
    pub fn code(&self) -> &'static str {
        match &self.0 {
            Ok((code, _)) => code,
            Err(problem) => problem.code,
        }
    }
}

#[derive(Serialize)]
struct DoctorJson<'a> {
    schema: &'static str,
    findings: Vec<FindingJson<'a>>,
}

#[derive(Serialize)]
struct FindingJson<'a> {
    code: &'a str,
    severity: &'static str,
    message: &'a str,
    hint: &'a str,
}

/// The findings as a document.
pub fn json(findings: &[Finding]) -> String {
    document(&DoctorJson {
        schema: "relman.doctor/1",
        findings: findings
            .iter()
            .map(|finding| match &finding.0 {
                Ok((code, message)) => FindingJson { code, severity: "ok", message, hint: "" },
                Err(problem) => FindingJson {
                    code: problem.code,
                    severity: if problem.severity == Severity::Error { "error" } else { "warning" },
                    message: &problem.message,
                    hint: &problem.hint,
                },
            })
            .collect(),
    })
}

/// The findings for people.
pub fn text(findings: &[Finding], page: Page) -> String {
    let mut text = String::new();
    for finding in findings {
        match &finding.0 {
            Ok((_, message)) => {
                let ok = page.style(console::Style::new().green()).apply_to("ok");
                text.push_str(&format!("{ok}: {}\n", safe(message)));
            }
            Err(problem) => {
                text.push_str(&format!("{}: {}\n", page.label(problem.severity), safe(&problem.message)));
                if !problem.hint.is_empty() {
                    text.push_str(&format!("  {}\n", safe(&problem.hint)));
                }
            }
        }
    }
    text
}
