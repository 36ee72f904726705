//! What a deployment would use.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::environment::Tagging;
use crate::domain::name::CommitId;
use crate::domain::text::safe;
use crate::domain::version::Declared;
use crate::workspace::resolve::Resolved;

use super::schema::Document;
use super::{WarningJson, document, table};

/// What a deployment would use.
#[derive(Serialize, JsonSchema)]
pub(super) struct ResolveJson<'a> {
    schema: Document,
    #[serde(flatten)]
    fields: Fields<'a>,
    warnings: Vec<WarningJson<'a>>,
}

/// What is said of a resolution, whichever document it stands in; nothing at all where there is none.
#[derive(Default, Serialize, JsonSchema)]
pub(super) struct Fields<'a> {
    /// The environment.
    environment: Option<&'a str>,
    /// Its type.
    r#type: Option<&'a str>,
    tagging: Option<Tagging>,
    /// What is deployed, as `version:` says it.
    version: Option<String>,
    /// The tag that is deployed.
    tag: Option<&'a str>,
    /// The candidate behind it.
    candidate: Option<&'a str>,
    /// Whether the tag, or a part of it, is yet to be made.
    creates: bool,
    /// Whether `release/<version>` exists in some repositories only.
    mixed: bool,
    /// The commit of the app repo.
    commit: Option<CommitId>,
    /// The reference that the commit came from.
    source: Option<&'a str>,
    /// All repositories, the app repo first.
    repositories: Vec<RepositoryJson<'a>>,
    /// The Helm values files, in the order in which they are layered.
    values: Vec<FileJson<'a>>,
    /// The file that defines the pipeline.
    pipeline: Option<FileJson<'a>>,
}

/// A repository, and what is used of it.
#[derive(Serialize, JsonSchema)]
pub(super) struct RepositoryJson<'a> {
    /// Its name.
    name: &'a str,
    /// The commit.
    commit: CommitId,
    /// The reference that the commit came from.
    r#ref: &'a str,
}

/// A file of the app repo.
#[derive(Serialize, JsonSchema)]
pub(super) struct FileJson<'a> {
    /// Its path.
    path: &'a str,
    /// The id of the object that holds it.
    blob: String,
}

impl<'a> Fields<'a> {
    /// Where nothing was resolved.
    pub(super) fn of_nothing(environment: Option<&'a str>) -> Self {
        Fields { environment, ..Fields::default() }
    }
}

impl<'a> From<&'a Resolved> for Fields<'a> {
    fn from(resolved: &'a Resolved) -> Self {
        let decision = &resolved.decision;
        Fields {
            environment: Some(resolved.environment.as_str()),
            r#type: resolved.kind.as_deref(),
            tagging: Some(resolved.tagging),
            version: resolved.declared.text(),
            tag: decision.tag.as_ref().map(|tag| tag.as_str()),
            candidate: decision.candidate.as_ref().map(|tag| tag.as_str()),
            creates: decision.creates,
            mixed: decision.mixed,
            commit: Some(decision.app.commit),
            source: Some(&decision.app.reference),
            repositories: std::iter::once(&decision.app)
                .chain(&decision.components)
                .map(|pick| RepositoryJson { name: pick.name.as_str(), commit: pick.commit, r#ref: &pick.reference })
                .collect(),
            values: resolved.values.iter().map(|(path, blob)| FileJson { path, blob: blob.to_string() }).collect(),
            pipeline: resolved.pipeline.as_ref().map(|(path, blob)| FileJson { path, blob: blob.to_string() }),
        }
    }
}

/// The facts as a document.
pub fn json(resolved: &Resolved) -> String {
    document(&ResolveJson {
        schema: Document::Resolve,
        fields: resolved.into(),
        warnings: resolved.warnings.iter().map(Into::into).collect(),
    })
}

/// The facts for people.
pub fn text(resolved: &Resolved) -> String {
    let decision = &resolved.decision;
    let version = resolved.declared.text().unwrap_or_default();
    let version = safe(&version);
    let tag = decision.tag.as_ref().map(|tag| safe(tag.as_str()));
    let mut text = match (&resolved.declared, &tag) {
        (Declared::Wip, _) => format!("{} deploys WIP\n", resolved.environment),
        (_, Some(tag)) if decision.creates => {
            format!("{} deploys {version} and makes the tag {tag}\n", resolved.environment)
        }
        (_, Some(tag)) => format!("{} deploys {version} from the tag {tag}\n", resolved.environment),
        (_, None) => format!("{} deploys {version}\n", resolved.environment),
    };
    if let (Some(candidate), Some(tag)) = (&decision.candidate, &decision.tag)
        && candidate != tag
    {
        text.push_str(&format!("candidate {}\n", safe(candidate.as_str())));
    }
    text.push('\n');
    let rows: Vec<Vec<String>> = std::iter::once(&decision.app)
        .chain(&decision.components)
        .map(|pick| {
            let reference = pick.reference.trim_start_matches("refs/heads/").trim_start_matches("refs/tags/");
            vec![pick.name.to_string(), pick.commit.short(), safe(reference).into_owned()]
        })
        .collect();
    text.push_str(&table::table(&rows, None));
    if !resolved.values.is_empty() {
        let paths: Vec<&str> = resolved.values.iter().map(|(path, _)| path.as_str()).collect();
        text.push_str(&format!("\nvalues    {}\n", paths.join(", ")));
    } else if resolved.pipeline.is_some() {
        text.push('\n');
    }
    if let Some((path, _)) = &resolved.pipeline {
        text.push_str(&format!("pipeline  {path}\n"));
    }
    text
}
