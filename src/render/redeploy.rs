//! A redeployment: what was pushed.

use serde::Serialize;

use crate::domain::name::{CommitId, EnvironmentName};
use crate::plan::{Plan, Step};
use crate::ui::Format;

use super::document;

pub use super::promotion::Ending;

#[derive(Serialize)]
struct RedeployJson<'a> {
    schema: &'static str,
    result: &'static str,
    version: Option<&'a str>,
    candidate: Option<()>,
    from: Option<()>,
    to: SideJson<'a>,
    pull_request: Option<()>,
    plan: Vec<StepJson>,
    warnings: Vec<()>,
}

#[derive(Serialize)]
struct SideJson<'a> {
    environment: &'a str,
    version: Option<&'a str>,
    commit: String,
}

#[derive(Serialize)]
struct StepJson {
    kind: &'static str,
    summary: String,
    changes: bool,
}

/// How a redeployment ended.
pub fn answer(
    environment: &EnvironmentName,
    version: Option<&str>,
    commit: CommitId,
    plan: &Plan,
    ending: Ending,
    format: Format,
) -> String {
    match format {
        Format::Json => document(&RedeployJson {
            schema: "relman.redeploy/1",
            result: ending.as_str(),
            version,
            candidate: None,
            from: None,
            to: SideJson { environment: environment.as_str(), version, commit: commit.to_string() },
            pull_request: None,
            plan: plan
                .steps
                .iter()
                .map(|step: &Step| StepJson { kind: step.kind(), summary: step.summary(), changes: step.changes() })
                .collect(),
            warnings: Vec::new(),
        }),
        Format::Text => match ending {
            Ending::Unchanged => {
                format!("{environment} was pushed to by somebody else in the meantime. Nothing to do.\n")
            }
            _ => format!("Pushed to {}; its pipeline runs again.\n", environment.branch()),
        },
    }
}
