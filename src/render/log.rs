//! The log of environments: each change of version, the newest first.

mod graph;

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::logbook::{Entry, Logbook};
use crate::domain::name::{CommitId, TagName};
use crate::domain::problem::Problem;
use crate::domain::record::{Deployment, Outcome, Record};
use crate::domain::text::safe;
use crate::domain::timeline::{Change, Source, Timeline};

use super::schema::Document;
use super::table::{self, Shrinks};
use super::time::Time;
use super::{Page, ProblemJson, document, time};

pub use graph::graph;

/// How many deployments are shown of a change.
const SHOWN_DEPLOYMENTS: usize = 3;

/// Under the times, so that what belongs to a change stands out from the next one.
const INDENT: usize = 18;

/// Each change of what environments declare, the newest first.
#[derive(Serialize, JsonSchema)]
pub(super) struct LogJson<'a> {
    schema: Document,
    /// When the oldest clone was brought up to date; `null` where there is no remote.
    fetched_at: Option<Time>,
    entries: Vec<EntryJson<'a>>,
    /// How many older entries `--limit` hides.
    left_out: usize,
    problems: Vec<ProblemJson<'a>>,
}

/// A change of what an environment declares.
#[derive(Serialize, JsonSchema)]
struct EntryJson<'a> {
    /// The environment; `null` where a fast-forward made the change common to several.
    environment: Option<&'a str>,
    /// The environments that a fast-forward made the change common to.
    shared_by: Vec<&'a str>,
    /// When the commit was made, and not before the one that it follows.
    at: Option<Time>,
    /// Who made it.
    by: &'a str,
    /// The commit of the release repo.
    commit: CommitId,
    /// What was declared before; `null` for nothing.
    from_version: Option<&'a str>,
    /// What is declared since; `null` for nothing.
    to_version: Option<&'a str>,
    source: Source,
    /// The candidate that the commits name since, else the one that was deployed.
    candidate: Option<&'a str>,
    /// The tag that was deployed, else the candidate.
    tag: Option<String>,
    /// The commit of the app repo that was deployed, else that of the candidate, where there is a clone.
    app_commit: Option<String>,
    /// The pull request that brought the change.
    pull_request: Option<PullRequestJson<'a>>,
    /// The deployments while this was declared, within the times that were asked for, the oldest first.
    deployments: Vec<DeploymentJson>,
}

/// A pull request, as far as it is known.
#[derive(Serialize, JsonSchema)]
pub(super) struct PullRequestJson<'a> {
    /// Its number.
    number: u64,
    /// Its page.
    url: Option<&'a str>,
}

/// A deployment: its last record as it was written, with the outcome as it stands.
#[derive(Serialize, JsonSchema)]
pub(super) struct DeploymentJson {
    #[serde(flatten)]
    record: Record,
    /// When it was started, RFC 3339 in UTC with milliseconds.
    #[schemars(extend("format" = "date-time"))]
    started_at: String,
}

impl From<&Deployment> for DeploymentJson {
    fn from(deployment: &Deployment) -> Self {
        let record = Record { outcome: deployment.outcome, ..deployment.record.clone() };
        DeploymentJson { record, started_at: deployment.started.clone() }
    }
}

impl<'a> From<&'a Change> for Option<PullRequestJson<'a>> {
    fn from(change: &'a Change) -> Self {
        let mark = change.pull_request.as_ref()?;
        Some(PullRequestJson { number: mark.number, url: mark.url.as_deref() })
    }
}

/// The log as a document. `commits` are those of the app repo, by tag.
pub fn json(
    logbook: &Logbook<'_>,
    fetched_at: Option<i64>,
    commits: &HashMap<TagName, CommitId>,
    problems: &[Problem],
) -> String {
    document(&LogJson {
        schema: Document::Log,
        fetched_at: fetched_at.and_then(time::rfc3339),
        entries: logbook.entries.iter().map(|entry| entry_json(entry, commits)).collect(),
        left_out: logbook.left_out,
        problems: problems.iter().map(Into::into).collect(),
    })
}

fn entry_json<'a>(entry: &'a Entry<'a>, commits: &HashMap<TagName, CommitId>) -> EntryJson<'a> {
    let change = entry.change;
    let tag = entry.tag();
    let recorded = entry.ran().and_then(|deployment| deployment.record.app_commit.clone());
    EntryJson {
        environment: entry.environment.map(|name| name.as_str()),
        shared_by: entry.shared_by.iter().map(|name| name.as_str()).collect(),
        at: time::rfc3339(change.at),
        by: &change.by,
        commit: change.commit,
        from_version: change.from.as_deref(),
        to_version: change.to.as_deref(),
        source: change.source,
        candidate: change.candidate.as_ref().map(TagName::as_str),
        app_commit: recorded.or_else(|| tag.as_ref().and_then(|tag| commits.get(tag)).map(ToString::to_string)),
        tag: tag.map(|tag| tag.to_string()),
        pull_request: change.into(),
        deployments: entry.deployments.iter().copied().map(Into::into).collect(),
    }
}

/// The log for people; `timelines` are all that were asked for.
pub fn text(logbook: &Logbook<'_>, timelines: &[Timeline], page: Page) -> String {
    if logbook.entries.is_empty() {
        return match timelines.iter().all(|timeline| timeline.changes.is_empty()) {
            true => "No version was ever declared here.\n".into(),
            false => "No change fits what was asked for.\n".into(),
        };
    }
    let several = timelines.len() > 1;
    let dim = page.style(console::Style::new().dim());
    let any = |has: fn(&Entry<'_>) -> bool| logbook.entries.iter().any(has);
    let heads = [
        "WHEN",
        if several { "ENVIRONMENT" } else { "" },
        "VERSION",
        if any(|entry| entry.change.candidate.is_some()) { "CANDIDATE" } else { "" },
        if any(|entry| entry.change.pull_request.is_some()) { "PR" } else { "" },
        "BY",
    ];
    let shown: Vec<usize> = (0..heads.len()).filter(|index| !heads[*index].is_empty()).collect();
    let mut rows: Vec<Vec<String>> = vec![shown.iter().map(|index| dim.apply_to(heads[*index]).to_string()).collect()];
    for entry in &logbook.entries {
        let cells = cells(entry, page);
        rows.push(shown.iter().map(|index| cells[*index].clone()).collect());
    }
    // By, environment, version, as far as they are there.
    let place = |head: &str| shown.iter().position(|index| heads[*index] == head);
    let shrinking: Vec<Shrinks> = [("BY", 8), ("ENVIRONMENT", 14), ("VERSION", 16)]
        .into_iter()
        .filter_map(|(head, least)| Some(Shrinks { column: place(head)?, least }))
        .collect();
    let table = table::fitted(&rows, page.width, &shrinking);
    let mut lines = table.lines();
    let mut text = format!("{}\n", lines.next().unwrap_or_default());
    for (line, entry) in lines.zip(&logbook.entries) {
        text.push_str(&format!("{line}\n"));
        for detail in details(entry, page) {
            text.push_str(&table::wrapped("", INDENT, &detail, page.width));
        }
    }
    text
}

fn cells(entry: &Entry<'_>, page: Page) -> [String; 6] {
    let change = entry.change;
    let bold = page.style(console::Style::new().bold());
    [
        time::local(change.at),
        whose(entry),
        bold.apply_to(moved(change)).to_string(),
        change.candidate.as_ref().map_or_else(String::new, |tag| candidate(tag, change.to.as_deref())),
        change.pull_request.as_ref().map_or_else(String::new, |mark| format!("#{}", mark.number)),
        safe(&change.by).into_owned(),
    ]
}

fn whose(entry: &Entry<'_>) -> String {
    match entry.environment {
        Some(name) => name.to_string(),
        None => entry.shared_by.iter().map(|name| name.as_str()).collect::<Vec<_>>().join("/"),
    }
}

/// `1.1.0 → 1.2.0`.
fn moved(change: &Change) -> String {
    let nothing = if change.source == Source::Unreadable { "?" } else { "(none)" };
    let to = safe(change.to.as_deref().unwrap_or(nothing)).into_owned();
    match &change.from {
        Some(from) => format!("{} → {to}", safe(from)),
        None => to,
    }
}

/// The end of a candidate's tag where the version says the rest: `rc.3`.
fn candidate(tag: &TagName, version: Option<&str>) -> String {
    let prefix = version.map(|version| format!("v{version}-"));
    let short = prefix.and_then(|prefix| tag.as_str().strip_prefix(prefix.as_str()));
    safe(short.unwrap_or(tag.as_str())).into_owned()
}

/// What else is to be said of a change: how it was deployed, and what is odd about it.
fn details(entry: &Entry<'_>, page: Page) -> Vec<String> {
    let yellow = page.style(console::Style::new().yellow());
    let mut lines = Vec::new();
    match entry.change.source {
        Source::Unreadable => lines.push(yellow.apply_to("its release file can't be read").to_string()),
        Source::Lost => {
            lines.push(yellow.apply_to("from records alone: the branch was rewritten, and has it no more").to_string());
        }
        Source::File | Source::Records => {}
    }
    if entry.environment.is_none() {
        lines.push(yellow.apply_to("one history after a fast-forward: whose it was can't be told").to_string());
    }
    let counted = |count: usize, word: &str, when: &str| {
        format!("{count} {word}deployment{} {when}", if count == 1 { "" } else { "s" })
    };
    let hidden = entry.deployments.len().saturating_sub(SHOWN_DEPLOYMENTS);
    if hidden > 0 {
        lines.push(counted(hidden, "more ", "before"));
    }
    for deployment in &entry.deployments[hidden..] {
        lines.push(deployed(deployment, entry, page));
    }
    if entry.others > 0 {
        let word = if entry.deployments.is_empty() { "" } else { "more " };
        lines.push(counted(entry.others, word, "at other times"));
    }
    lines
}

/// `succeeded 2026-03-03 14:05, shell, by ci`.
fn deployed(deployment: &Deployment, entry: &Entry<'_>, page: Page) -> String {
    let record = &deployment.record;
    let mut parts = vec![format!("{} {}", outcome(deployment.outcome, page), time::local_of(&record.at))];
    if let Some(version) = entry.another_version(deployment) {
        let yellow = page.style(console::Style::new().yellow());
        parts.push(yellow.apply_to(format!("of {} and not of what was declared", safe(version))).to_string());
    }
    if entry.environment.is_none() {
        parts.push(format!("to {}", safe(&record.environment)));
    }
    parts.extend(record.engine.as_deref().map(|engine| safe(engine).into_owned()));
    parts.extend(record.actor.as_deref().map(|actor| format!("by {}", safe(actor))));
    parts.extend(record.error.as_deref().map(|error| safe(error).into_owned()));
    parts.extend(record.url.as_deref().map(|url| safe(url).into_owned()));
    parts.join(", ")
}

/// The word for an outcome, coloured.
pub(super) fn outcome(outcome: Outcome, page: Page) -> String {
    let style = match outcome {
        Outcome::Succeeded => console::Style::new().green(),
        Outcome::Failed | Outcome::Interrupted => console::Style::new().red(),
        Outcome::Running => console::Style::new().yellow(),
    };
    page.style(style).apply_to(outcome.as_str()).to_string()
}
