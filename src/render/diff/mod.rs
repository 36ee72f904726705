//! What one environment, version or tag has beyond another: JSON here, [`text`] for people, [`markdown`] for the pages of
//! forges.

pub mod markdown;
pub mod text;

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::diff::{Basis, Change, Diff, FileChange, RepositoryDiff, Side};
use crate::domain::name::{CommitId, RepositoryName};

use super::schema::Document;
use super::time::Time;
use super::{WarningJson, document, subject, time};

/// What one environment, version or tag has beyond another, over all repositories.
#[derive(Serialize, JsonSchema)]
pub(super) struct DiffJson<'a> {
    schema: Document,
    /// What is given.
    from: SideJson<'a>,
    /// What would receive it.
    to: SideJson<'a>,
    /// When the oldest clone was brought up to date; `null` where there is no remote.
    fetched_at: Option<Time>,
    /// The repositories that both sides have.
    repositories: Vec<RepositoryJson<'a>>,
    issues: IssuesJson,
    /// What would be lost although it changes something: no merges, nothing that was taken back.
    missing_fixes: Vec<MissingJson<'a>>,
    components: ComponentsJson<'a>,
    /// The file that defines the pipeline.
    pipeline: FileJson<'a>,
    /// The Helm chart.
    chart: FileJson<'a>,
    /// The Helm values files.
    values: FileJson<'a>,
    release_file: ReleaseFileJson<'a>,
    warnings: Vec<WarningJson<'a>>,
}

/// One side of the comparison.
#[derive(Serialize, JsonSchema)]
struct SideJson<'a> {
    /// What it is called.
    name: &'a str,
    /// The environment, where it is one.
    environment: Option<&'a str>,
    /// The date that was asked for, as it was understood, for people.
    at: Option<&'a str>,
    /// The version, as `version:` says it.
    version: Option<&'a str>,
    basis: Basis,
    /// The tag, where it is one.
    tag: Option<&'a str>,
    /// The commit of the release repo.
    release_commit: Option<CommitId>,
    /// The commit of the app repo; `null` where nothing was deployed yet.
    commit: Option<CommitId>,
    /// The last successful deployment, where a record tells of it.
    ran: Option<RanJson<'a>>,
}

/// The last successful deployment of an environment.
#[derive(Serialize, JsonSchema)]
struct RanJson<'a> {
    /// What was deployed, as `version:` says it.
    version: Option<&'a str>,
    /// The tag that was deployed.
    tag: Option<&'a str>,
    /// The commit of the app repo.
    commit: Option<CommitId>,
    /// When it ended, RFC 3339 in UTC with milliseconds.
    #[schemars(extend("format" = "date-time"))]
    at: &'a str,
}

/// A repository that both sides have.
#[derive(Serialize, JsonSchema)]
struct RepositoryJson<'a> {
    /// Its name.
    name: &'a str,
    /// The commit of `from`; `null` where it is not known.
    from_commit: Option<CommitId>,
    /// The commit of `to`; `null` where it is not known.
    to_commit: Option<CommitId>,
    /// What `to` would gain, the newest first; `null` where it is not known.
    added: Option<Vec<ChangeJson<'a>>>,
    /// What `to` would lose, the newest first; `null` where it is not known.
    removed: Option<Vec<ChangeJson<'a>>>,
    /// How many commits are left out since the other side has them by their content; `null` where it is not known.
    same: Option<usize>,
    /// The changes line by line; with `--patch` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<&'a str>,
}

/// A commit.
#[derive(Serialize, JsonSchema)]
struct ChangeJson<'a> {
    /// Its id.
    id: CommitId,
    /// The first line of its message.
    subject: &'a str,
    /// Who wrote it.
    author: &'a str,
    /// When it was made.
    at: Option<Time>,
    /// The keys of issues that it names.
    issues: &'a [String],
    /// The number of the pull request that it came by.
    pull_request: Option<u64>,
    /// Whether it is a merge.
    merge: bool,
    /// Whether it was taken back among these commits, or takes one of them back.
    undone: bool,
}

/// The keys of issues.
#[derive(Serialize, JsonSchema)]
struct IssuesJson {
    /// Those that `to` would gain.
    added: Vec<String>,
    /// Those that `to` would lose.
    removed: Vec<String>,
}

/// A commit that would be lost.
#[derive(Serialize, JsonSchema)]
struct MissingJson<'a> {
    /// The name of its repository.
    repository: &'a str,
    #[serde(flatten)]
    change: ChangeJson<'a>,
}

/// The components that only one side has.
#[derive(Serialize, JsonSchema)]
struct ComponentsJson<'a> {
    /// Those that `to` would gain.
    added: Vec<ComponentJson<'a>>,
    /// Those that `to` would lose.
    removed: Vec<ComponentJson<'a>>,
    /// Those that go by another name in `to`; `repositories` has them by `name`.
    renamed: Vec<RenamedJson<'a>>,
}

/// A component that goes by another name in `to`.
#[derive(Serialize, JsonSchema)]
struct RenamedJson<'a> {
    /// Its name in `from`.
    name: &'a str,
    /// Its name in `to`.
    was: &'a str,
}

/// A component that only one side has.
#[derive(Serialize, JsonSchema)]
struct ComponentJson<'a> {
    /// Its name.
    name: &'a str,
    /// Its commit; `null` where it is not known.
    commit: Option<CommitId>,
}

/// Files of the app repo, and whether they differ.
#[derive(Serialize, JsonSchema)]
struct FileJson<'a> {
    /// Whether they differ; `null` where it is not known.
    changed: Option<bool>,
    /// The paths of those that differ.
    paths: &'a [String],
    /// The changes line by line; only with the flag that asks for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<&'a str>,
}

/// The release files of two environments, and how they differ beside the version.
#[derive(Serialize, JsonSchema)]
struct ReleaseFileJson<'a> {
    /// The keys whose values differ.
    changed_keys: &'a [String],
    /// The changes line by line; with `--patch` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<&'a str>,
}

/// The comparison as a document.
pub fn json(diff: &Diff) -> String {
    let issues = diff.issues();
    document(&DiffJson {
        schema: Document::Diff,
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
            basis: side.basis,
            tag: side.tag.as_ref().map(|tag| tag.as_str()),
            release_commit: side.release_commit,
            commit: side.commit,
            ran: side.ran.as_ref().map(|ran| RanJson {
                version: ran.version.as_deref(),
                tag: ran.tag.as_deref(),
                commit: ran.commit,
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
            from_commit: repository.from,
            to_commit: repository.to,
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
            id: change.id,
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
    ComponentJson { name: name.as_str(), commit: *commit }
}

/// A number of commits, in words.
fn commits(number: usize) -> String {
    if number == 1 { "1 commit".to_owned() } else { format!("{number} commits") }
}

/// What a commit is called: the title of its pull request where the subject is only a merge's.
fn called(change: &Change) -> String {
    let title = subject(change.title.as_deref().unwrap_or(&change.subject));
    match change.pull_request {
        Some(number) if !title.contains(&format!("#{number}")) => format!("{title} (#{number})"),
        _ => title,
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
