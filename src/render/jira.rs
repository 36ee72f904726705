//! What Jira was told: what was done about each issue, and what was not.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::jira::{Account, Deed, Event, IssueAccount, Telling, Trouble, VersionAccount};
use crate::domain::text::safe;
use crate::domain::word::words;

use super::document;
use super::schema::Document;

/// What Jira was told of one event, or will be.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was to be told.
    pub telling: Telling,
    /// What came of it; `None` while it is a plan.
    pub account: Option<Account>,
}

/// What Jira was told.
#[derive(Serialize, JsonSchema)]
pub(super) struct SyncJson<'a> {
    schema: Document,
    result: SyncEnding,
    events: Vec<ReportJson<'a>>,
}

words! {
    /// How telling Jira ended. Of several events it is that of the one that needs most attention.
    pub enum SyncEnding {
        /// Something was told.
        Told = "told",
        /// All of it had been told before.
        Unchanged = "unchanged",
        /// It is about to be told.
        Planned = "planned",
        /// Not all of it could be told; running it again may do more.
        Incomplete = "incomplete",
    }
}

/// What Jira was told of one event.
#[derive(Serialize, JsonSchema)]
pub(super) struct ReportJson<'a> {
    event: Event,
    /// The environment.
    environment: &'a str,
    /// What was promoted or deployed, as `version:` says it.
    version: &'a str,
    /// The tag behind it.
    tag: Option<&'a str>,
    result: SyncEnding,
    issues: Vec<IssueJson<'a>>,
    versions: Vec<VersionJson<'a>>,
    /// Why the event was given up.
    problem: Option<TroubleJson<'a>>,
    /// How many issues were not told because of that.
    left: usize,
}

/// An issue, and what was done about it.
#[derive(Serialize, JsonSchema)]
struct IssueJson<'a> {
    /// Its key.
    key: String,
    result: SyncEnding,
    deeds: Vec<DeedJson<'a>>,
    problems: Vec<TroubleJson<'a>>,
}

/// Something that was done about an issue.
#[derive(Serialize, JsonSchema)]
struct DeedJson<'a> {
    kind: DeedKind,
    /// The status that it was moved to, or the fix version that it was given.
    value: Option<&'a str>,
}

words! {
    /// What was done about an issue.
    pub enum DeedKind {
        /// It was moved to another status.
        Moved = "moved",
        /// It was given a fix version.
        FixVersion = "fix-version",
        /// It was commented on.
        Commented = "commented",
    }
}

/// A version of a project in Jira.
#[derive(Serialize, JsonSchema)]
struct VersionJson<'a> {
    /// The key of the project.
    project: &'a str,
    /// The name of the version.
    name: &'a str,
    /// Whether it was made.
    created: bool,
    /// Whether it was released.
    released: bool,
    /// What went wrong.
    problem: Option<TroubleJson<'a>>,
}

/// Something that went wrong.
#[derive(Serialize, JsonSchema)]
struct TroubleJson<'a> {
    /// A short, stable name of it.
    code: &'static str,
    /// What went wrong, for people.
    message: &'a str,
}

impl<'a> From<&'a Trouble> for TroubleJson<'a> {
    fn from(trouble: &'a Trouble) -> Self {
        TroubleJson { code: trouble.code, message: &trouble.message }
    }
}

impl<'a> From<&'a IssueAccount> for IssueJson<'a> {
    fn from(issue: &'a IssueAccount) -> Self {
        IssueJson {
            key: issue.key.to_string(),
            result: match (issue.deeds.is_empty(), issue.troubles.is_empty()) {
                (_, false) => SyncEnding::Incomplete,
                (false, true) => SyncEnding::Told,
                (true, true) => SyncEnding::Unchanged,
            },
            deeds: issue.deeds.iter().map(Into::into).collect(),
            problems: issue.troubles.iter().map(Into::into).collect(),
        }
    }
}

impl<'a> From<&'a Deed> for DeedJson<'a> {
    fn from(deed: &'a Deed) -> Self {
        match deed {
            Deed::Moved(status) => DeedJson { kind: DeedKind::Moved, value: Some(status) },
            Deed::Given(name) => DeedJson { kind: DeedKind::FixVersion, value: Some(name) },
            Deed::Commented => DeedJson { kind: DeedKind::Commented, value: None },
        }
    }
}

impl<'a> From<&'a VersionAccount> for VersionJson<'a> {
    fn from(version: &'a VersionAccount) -> Self {
        VersionJson {
            project: version.project.as_str(),
            name: &version.name,
            created: version.created,
            released: version.released,
            problem: version.trouble.as_ref().map(Into::into),
        }
    }
}

impl<'a> From<&'a Report> for ReportJson<'a> {
    fn from(told: &'a Report) -> Self {
        let planned = |key: &_| IssueJson {
            key: ToString::to_string(key),
            result: SyncEnding::Planned,
            deeds: Vec::new(),
            problems: Vec::new(),
        };
        let (telling, account) = (&told.telling, told.account.as_ref());
        ReportJson {
            event: telling.event,
            environment: telling.environment.as_str(),
            version: &telling.version,
            tag: telling.tag.as_ref().map(|tag| tag.as_str()),
            result: result(account),
            issues: match account {
                Some(account) => account.issues.iter().map(Into::into).collect(),
                None => telling.issues.iter().map(planned).collect(),
            },
            versions: account.iter().flat_map(|account| &account.versions).map(Into::into).collect(),
            problem: account.and_then(|account| account.stopped.as_ref()).map(Into::into),
            left: account.map_or(0, |account| account.left),
        }
    }
}

fn result(account: Option<&Account>) -> SyncEnding {
    match account {
        None => SyncEnding::Planned,
        Some(account) if account.missed() => SyncEnding::Incomplete,
        Some(account) if account.changed() => SyncEnding::Told,
        Some(_) => SyncEnding::Unchanged,
    }
}

/// Everything that Jira was told, as a document.
pub fn json(all: &[Report]) -> String {
    let results: Vec<SyncEnding> = all.iter().map(|told| result(told.account.as_ref())).collect();
    let worst =
        [SyncEnding::Planned, SyncEnding::Incomplete, SyncEnding::Told].into_iter().find(|word| results.contains(word));
    document(&SyncJson {
        schema: Document::Jira,
        result: worst.unwrap_or(SyncEnding::Unchanged),
        events: all.iter().map(Into::into).collect(),
    })
}

/// What was done about each issue and each version, a line for each, for people.
pub fn lines(account: &Account) -> Vec<String> {
    let mut lines = Vec::new();
    for issue in &account.issues {
        let deeds: Vec<String> = issue.deeds.iter().map(Deed::sentence).collect();
        if !deeds.is_empty() {
            lines.push(format!("{}: {}", issue.key, safe(&deeds.join(", "))));
        }
    }
    for version in &account.versions {
        let deeds: Vec<&str> = [(version.created, "created"), (version.released, "released")]
            .iter()
            .filter(|d| d.0)
            .map(|d| d.1)
            .collect();
        if !deeds.is_empty() {
            lines.push(format!("version {} of {}: {}", safe(&version.name), version.project, deeds.join(", ")));
        }
    }
    lines
}

/// What came of telling Jira of one event, for people.
pub fn text(told: &Report) -> String {
    let telling = &told.telling;
    let tag = telling.tag.as_ref().map(|tag| format!(" ({tag})")).unwrap_or_default();
    let mut text = format!("{}{}\n", safe(&telling.subject()), safe(&tag));
    let Some(account) = &told.account else {
        text.push_str(&format!("  {}\n", safe(&telling.summary())));
        return text;
    };
    let mut lines = lines(account);
    match account.issues.iter().filter(|issue| issue.deeds.is_empty() && issue.troubles.is_empty()).count() {
        0 => {}
        1 => lines.push("1 issue has been told before".to_owned()),
        same => lines.push(format!("{same} issues have been told before")),
    }
    if lines.is_empty() {
        lines = untold(account);
    }
    for line in lines {
        text.push_str(&format!("  {line}\n"));
    }
    text
}

/// What is said where there is nothing to say of any issue: what became of the versions, and whether something stood against
/// it.
fn untold(account: &Account) -> Vec<String> {
    let same = account.versions.iter().filter(|version| version.trouble.is_none());
    let same: Vec<String> = same
        .map(|version| format!("version {} of {} is as it should be already", safe(&version.name), version.project))
        .collect();
    match (same.is_empty(), account.stopped.is_some() || account.troubles().next().is_some()) {
        (false, _) => same,
        (true, true) => vec!["nothing was told".to_owned()],
        (true, false) => vec!["there was nothing to tell".to_owned()],
    }
}
