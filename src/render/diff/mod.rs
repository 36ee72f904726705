//! What one environment, version or tag has beyond another: JSON here, [`text`] for people, [`markdown`] for the pages of
//! forges.

pub mod markdown;
pub mod text;

use serde::Serialize;

use crate::domain::diff::{Change, Diff, FileChange, RepositoryDiff, Side};
use crate::domain::name::{CommitId, RepositoryName};

use super::{WarningJson, document, time};

#[derive(Serialize)]
struct DiffJson<'a> {
    schema: &'static str,
    from: SideJson<'a>,
    to: SideJson<'a>,
    fetched_at: Option<String>,
    repositories: Vec<RepositoryJson<'a>>,
    issues: IssuesJson,
    missing_fixes: Vec<MissingJson<'a>>,
    components: ComponentsJson<'a>,
    pipeline: FileJson<'a>,
    chart: FileJson<'a>,
    values: FileJson<'a>,
    release_file: ReleaseFileJson<'a>,
    warnings: Vec<WarningJson<'a>>,
}

#[derive(Serialize)]
struct SideJson<'a> {
    name: &'a str,
    environment: Option<&'a str>,
    at: Option<&'a str>,
    version: Option<&'a str>,
    basis: &'static str,
    tag: Option<&'a str>,
    release_commit: Option<String>,
    commit: Option<String>,
    ran: Option<RanJson<'a>>,
}

#[derive(Serialize)]
struct RanJson<'a> {
    version: Option<&'a str>,
    tag: Option<&'a str>,
    commit: Option<String>,
    at: &'a str,
}

#[derive(Serialize)]
struct RepositoryJson<'a> {
    name: &'a str,
    from_commit: Option<String>,
    to_commit: Option<String>,
    added: Option<Vec<ChangeJson<'a>>>,
    removed: Option<Vec<ChangeJson<'a>>>,
    same: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<&'a str>,
}

#[derive(Serialize)]
struct ChangeJson<'a> {
    id: String,
    subject: &'a str,
    author: &'a str,
    at: Option<String>,
    issues: &'a [String],
    pull_request: Option<u64>,
    merge: bool,
    undone: bool,
}

#[derive(Serialize)]
struct IssuesJson {
    added: Vec<String>,
    removed: Vec<String>,
}

#[derive(Serialize)]
struct MissingJson<'a> {
    repository: &'a str,
    #[serde(flatten)]
    change: ChangeJson<'a>,
}

#[derive(Serialize)]
struct ComponentsJson<'a> {
    added: Vec<ComponentJson<'a>>,
    removed: Vec<ComponentJson<'a>>,
    renamed: Vec<RenamedJson<'a>>,
}

#[derive(Serialize)]
struct RenamedJson<'a> {
    name: &'a str,
    was: &'a str,
}

#[derive(Serialize)]
struct ComponentJson<'a> {
    name: &'a str,
    commit: Option<String>,
}

#[derive(Serialize)]
struct FileJson<'a> {
    changed: Option<bool>,
    paths: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<&'a str>,
}

#[derive(Serialize)]
struct ReleaseFileJson<'a> {
    changed_keys: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<&'a str>,
}

/// The comparison as a document.
pub fn json(diff: &Diff) -> String {
    let issues = diff.issues();
    document(&DiffJson {
        schema: "relman.diff/1",
        from: (&diff.from).into(),
        to: (&diff.to).into(),
        fetched_at: diff.fetched_at.and_then(time::rfc3339),
        repositories: diff.repositories.iter().map(Into::into).collect(),
        issues: IssuesJson { added: issues.added, removed: issues.removed },
        missing_fixes: diff
            .missing_fixes()
            .into_iter()
            .map(|(name, change)| MissingJson { repository: name.as_str(), change: change.into() })
            .collect(),
        components: ComponentsJson {
            added: diff.components.added.iter().map(component).collect(),
            removed: diff.components.removed.iter().map(component).collect(),
            renamed: (diff.components.renamed.iter())
                .map(|(was, name)| RenamedJson { name: name.as_str(), was: was.as_str() })
                .collect(),
        },
        pipeline: (&diff.pipeline).into(),
        chart: (&diff.chart).into(),
        values: (&diff.values).into(),
        release_file: ReleaseFileJson {
            changed_keys: &diff.release_file.changed_keys,
            patch: diff.release_file.patch.as_deref(),
        },
        warnings: diff.warnings.iter().map(Into::into).collect(),
    })
}

impl<'a> From<&'a Side> for SideJson<'a> {
    fn from(side: &'a Side) -> Self {
        SideJson {
            name: &side.name,
            environment: side.environment.as_ref().map(|name| name.as_str()),
            at: side.at.as_deref(),
            version: side.version.as_deref(),
            basis: side.basis.as_str(),
            tag: side.tag.as_ref().map(|tag| tag.as_str()),
            release_commit: side.release_commit.map(|id| id.to_string()),
            commit: side.commit.map(|id| id.to_string()),
            ran: side.ran.as_ref().map(|ran| RanJson {
                version: ran.version.as_deref(),
                tag: ran.tag.as_deref(),
                commit: ran.commit.map(|id| id.to_string()),
                at: &ran.at,
            }),
        }
    }
}

impl<'a> From<&'a RepositoryDiff> for RepositoryJson<'a> {
    fn from(repository: &'a RepositoryDiff) -> Self {
        let list = |changes: &'a [Change]| changes.iter().map(Into::into).collect();
        let commits = repository.commits.as_ref();
        RepositoryJson {
            name: repository.name.as_str(),
            from_commit: repository.from.map(|id| id.to_string()),
            to_commit: repository.to.map(|id| id.to_string()),
            added: commits.map(|commits| list(&commits.added)),
            removed: commits.map(|commits| list(&commits.removed)),
            same: commits.map(|commits| commits.same),
            patch: repository.patch.as_deref(),
        }
    }
}

impl<'a> From<&'a Change> for ChangeJson<'a> {
    fn from(change: &'a Change) -> Self {
        ChangeJson {
            id: change.id.to_string(),
            subject: &change.subject,
            author: &change.author,
            at: time::rfc3339(change.at),
            issues: &change.issues,
            pull_request: change.pull_request,
            merge: change.is_merge,
            undone: change.undone,
        }
    }
}

impl<'a> From<&'a FileChange> for FileJson<'a> {
    fn from(file: &'a FileChange) -> Self {
        FileJson { changed: file.changed, paths: &file.paths, patch: file.patch.as_deref() }
    }
}

fn component((name, commit): &(RepositoryName, Option<CommitId>)) -> ComponentJson<'_> {
    ComponentJson { name: name.as_str(), commit: commit.map(|id| id.to_string()) }
}

/// A number of commits, in words.
fn commits(number: usize) -> String {
    if number == 1 { "1 commit".to_owned() } else { format!("{number} commits") }
}

/// What a commit is called: the title of its pull request where the subject is only a merge's.
fn called(change: &Change) -> String {
    let title = change.title.as_deref().unwrap_or(&change.subject);
    match change.pull_request {
        Some(number) if !title.contains(&format!("#{number}")) => format!("{title} (#{number})"),
        _ => title.to_owned(),
    }
}

/// What else differs, each in a few words: components, pipeline, chart, values, keys of the release file.
fn other_changes(diff: &Diff) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    let mut components: Vec<String> = Vec::new();
    components.extend(diff.components.added.iter().map(|(name, _)| format!("{name} is new")));
    components.extend(diff.components.removed.iter().map(|(name, _)| format!("{name} goes")));
    components.extend(diff.components.renamed.iter().map(|(was, name)| format!("{was} becomes {name}")));
    if !components.is_empty() {
        lines.push(("components", components.join(", ")));
    }
    for (what, file) in [("pipeline", &diff.pipeline), ("chart", &diff.chart), ("values", &diff.values)] {
        if file.changed == Some(true) {
            lines.push((what, some_of(&file.paths)));
        }
    }
    if !diff.release_file.changed_keys.is_empty() {
        lines.push(("release.yml", diff.release_file.changed_keys.join(", ")));
    }
    lines
}

fn some_of(paths: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown = paths.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match paths.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The patches that were asked for, each with what it is of.
fn patches(diff: &Diff) -> Vec<(String, &str)> {
    let mut patches = Vec::new();
    for (what, file) in [("pipeline", &diff.pipeline), ("chart", &diff.chart), ("values", &diff.values)] {
        patches.extend(file.patch.as_deref().map(|patch| (what.to_owned(), patch)));
    }
    patches.extend(diff.release_file.patch.as_deref().map(|patch| ("release.yml".to_owned(), patch)));
    for repository in &diff.repositories {
        patches.extend(repository.patch.as_deref().map(|patch| (repository.name.to_string(), patch)));
    }
    patches
}
