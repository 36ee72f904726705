//! What a deployment would use.

use serde::Serialize;

use crate::domain::text::safe;
use crate::domain::version::Declared;
use crate::workspace::resolve::Resolved;

use super::{WarningJson, document, table};

#[derive(Serialize)]
struct ResolveJson<'a> {
    schema: &'static str,
    #[serde(flatten)]
    fields: Fields<'a>,
    warnings: Vec<WarningJson<'a>>,
}

/// What is said of a resolution, whichever document it stands in; nothing at all where there is none.
#[derive(Default, Serialize)]
pub(super) struct Fields<'a> {
    environment: Option<&'a str>,
    r#type: Option<&'a str>,
    tagging: Option<&'a str>,
    version: Option<String>,
    tag: Option<&'a str>,
    candidate: Option<&'a str>,
    creates: bool,
    mixed: bool,
    commit: Option<String>,
    source: Option<&'a str>,
    repositories: Vec<RepositoryJson<'a>>,
    values: Vec<FileJson<'a>>,
    pipeline: Option<FileJson<'a>>,
}

#[derive(Serialize)]
pub(super) struct RepositoryJson<'a> {
    name: &'a str,
    commit: String,
    r#ref: &'a str,
}

#[derive(Serialize)]
pub(super) struct FileJson<'a> {
    path: &'a str,
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
            tagging: Some(resolved.tagging.as_str()),
            version: resolved.declared.text(),
            tag: decision.tag.as_ref().map(|tag| tag.as_str()),
            candidate: decision.candidate.as_ref().map(|tag| tag.as_str()),
            creates: decision.creates,
            mixed: decision.mixed,
            commit: Some(decision.app.commit.to_string()),
            source: Some(&decision.app.reference),
            repositories: std::iter::once(&decision.app)
                .chain(&decision.components)
                .map(|pick| RepositoryJson {
                    name: pick.name.as_str(),
                    commit: pick.commit.to_string(),
                    r#ref: &pick.reference,
                })
                .collect(),
            values: resolved.values.iter().map(|(path, blob)| FileJson { path, blob: blob.to_string() }).collect(),
            pipeline: resolved.pipeline.map(|(path, blob)| FileJson { path, blob: blob.to_string() }),
        }
    }
}

/// The facts as a document.
pub fn json(resolved: &Resolved) -> String {
    document(&ResolveJson {
        schema: "relman.resolve/1",
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
    if let Some((path, _)) = resolved.pipeline {
        text.push_str(&format!("pipeline  {path}\n"));
    }
    text
}
