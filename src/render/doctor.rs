//! What `doctor` finds: what is well, and what would hurt.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::problem::{Problem, Severity};
use crate::domain::text::safe;
use crate::domain::word::words;

use super::schema::Document;
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

/// What `relman doctor` finds, in the order in which it looks.
#[derive(Serialize, JsonSchema)]
pub(super) struct DoctorJson<'a> {
    schema: Document,
    findings: Vec<FindingJson<'a>>,
}

/// Something that is as it should be, or would hurt.
#[derive(Serialize, JsonSchema)]
struct FindingJson<'a> {
    /// A short, stable name of what was looked at.
    code: &'a str,
    severity: Health,
    /// What was found, for people.
    message: &'a str,
    /// What to do about it, for people; may be empty.
    hint: &'a str,
}

words! {
    /// How well it is.
    pub enum Health {
        /// As it should be.
        Ok = "ok",
        /// It may hurt.
        Warning = "warning",
        /// It will hurt.
        Error = "error",
    }
}

impl From<Severity> for Health {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => Health::Error,
            Severity::Warning => Health::Warning,
        }
    }
}

/// The findings as a document.
pub fn json(findings: &[Finding]) -> String {
    document(&DoctorJson {
        schema: Document::Doctor,
        findings: findings
            .iter()
            .map(|finding| match &finding.0 {
                Ok((code, message)) => FindingJson { code, severity: Health::Ok, message, hint: "" },
                Err(problem) => FindingJson {
                    code: problem.code,
                    severity: problem.severity.into(),
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
