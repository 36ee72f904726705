//! What a deployment will do, and how it ended.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::deployment::Nothing;
use crate::domain::record::Record;
use crate::domain::text::safe;
use crate::domain::word::words;
use crate::domain::yaml::write;
use crate::plan::deploy::Deployment;
use crate::ui::Format;
use crate::workspace::resolve::Resolved;

use super::jira::{Report, ReportJson};
use super::plan::StepJson;
use super::resolve::Fields;
use super::schema::Document;
use super::{WarningJson, document, resolve};

/// How a deployment ended, or that it is planned.
#[derive(Serialize, JsonSchema)]
pub(super) struct DeployJson<'a> {
    schema: Document,
    result: DeployEnding,
    /// Why it failed, for people; or a word for why there was nothing to do.
    reason: Option<&'a str>,
    #[serde(flatten)]
    fields: Fields<'a>,
    /// What ran the pipeline.
    engine: Option<&'a str>,
    /// Where the run can be looked at.
    url: Option<&'a str>,
    /// The file that holds what the pipeline printed.
    log: Option<String>,
    /// The record of its end.
    record: Option<&'a Record>,
    /// All that is done, in its order.
    plan: Vec<StepJson>,
    warnings: Vec<WarningJson<'a>>,
    /// What Jira was told; left out where the environment tells it nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    jira: Option<ReportJson<'a>>,
}

words! {
    /// What became of a deployment.
    pub enum DeployEnding {
        /// The pipeline ended well.
        Deployed = "deployed",
        /// The pipeline failed, or was interrupted.
        Failed = "failed",
        /// There was nothing to do.
        Nothing = "nothing",
        /// It was shown, by `--dry-run`.
        Planned = "planned",
    }
}

/// How a deployment ended, or that it is planned.
#[derive(Clone, Copy)]
pub struct DeployAnswer<'a> {
    /// What was used.
    pub resolved: &'a Resolved,
    /// What is done.
    pub plan: &'a Deployment,
    /// What became of it.
    pub result: DeployEnding,
    /// Why it failed.
    pub reason: Option<&'a str>,
    /// Where the run can be looked at.
    pub url: Option<&'a str>,
    /// The file that the output of the pipeline is in.
    pub log: Option<&'a Path>,
    /// The record of its end.
    pub record: Option<&'a Record>,
    /// What Jira was told, or will be.
    pub jira: Option<&'a Report>,
}

/// A deployment as a document.
pub fn json(answer: &DeployAnswer<'_>) -> String {
    document(&DeployJson {
        schema: Document::Deploy,
        result: answer.result,
        reason: answer.reason,
        fields: answer.resolved.into(),
        engine: Some(answer.plan.engine.as_str()),
        url: answer.url,
        log: answer.log.map(|path| path.display().to_string()),
        record: answer.record,
        plan: answer.plan.deeds().into_iter().map(Into::into).collect(),
        warnings: answer.resolved.warnings.iter().map(Into::into).collect(),
        jira: answer.jira.map(Into::into),
    })
}

/// That there was nothing to do, as a document.
pub fn nothing_json(nothing: &Nothing) -> String {
    let environment = nothing.environment().map(ToString::to_string);
    document(&DeployJson {
        schema: Document::Deploy,
        result: DeployEnding::Nothing,
        reason: Some(nothing.code()),
        fields: Fields::of_nothing(environment.as_deref()),
        engine: None,
        url: None,
        log: None,
        record: None,
        plan: Vec::new(),
        warnings: Vec::new(),
        jira: None,
    })
}

/// That there was nothing to do, for people.
pub fn nothing_text(nothing: &Nothing) -> String {
    format!("nothing: {}\n", safe(&nothing.reason()))
}

/// That a deployment has ended well, for people.
pub fn deployed_text(resolved: &Resolved) -> String {
    let version = resolved.declared.text().unwrap_or_default();
    let version = safe(&version);
    match &resolved.decision.tag {
        Some(tag) => format!("Deployed {version} to {}, from the tag {}.\n", resolved.environment, safe(tag.as_str())),
        None => format!("Deployed {version} to {}.\n", resolved.environment),
    }
}

/// What an engine would hand to its system, as YAML or as JSON: something else can hand it over just as well.
pub fn manifest(manifest: &serde_json::Value, format: Format) -> String {
    match format {
        Format::Text => write::block(manifest),
        Format::Json => document(manifest),
    }
}

/// What a deployment will do, for people.
pub fn plan_text(resolved: &Resolved, plan: &Deployment) -> String {
    let mut text = format!("{}engine    {}\n", resolve::text(resolved), plan.engine.as_str());
    for (word, value) in &plan.starts {
        text.push_str(&format!("{word:9} {}\n", safe(value)));
    }
    text.push_str("\nIn this order:\n");
    for deed in plan.deeds() {
        text.push_str(&format!("  {}\n", safe(&deed.summary)));
    }
    text
}
