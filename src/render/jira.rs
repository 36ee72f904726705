//! What Jira was told: what was done about each issue, and what was not.

use serde::Serialize;

use crate::domain::jira::{Account, Deed, IssueAccount, Telling, Trouble, VersionAccount};
use crate::domain::text::safe;

use super::document;

/// What Jira was told of one event, or will be.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was to be told.
    pub telling: Telling,
    /// What came of it; `None` while it is a plan.
    pub account: Option<Account>,
}

#[derive(Serialize)]
struct SyncJson<'a> {
    schema: &'static str,
    result: &'static str,
    events: Vec<ReportJson<'a>>,
}

/// What Jira was told of one event, as a part of a document.
#[derive(Serialize)]
pub(super) struct ReportJson<'a> {
    event: &'static str,
    environment: &'a str,
    version: &'a str,
    tag: Option<&'a str>,
    result: &'static str,
    issues: Vec<IssueJson<'a>>,
    versions: Vec<VersionJson<'a>>,
    problem: Option<TroubleJson<'a>>,
    left: usize,
}

#[derive(Serialize)]
struct IssueJson<'a> {
    key: String,
    result: &'static str,
    deeds: Vec<DeedJson<'a>>,
    problems: Vec<TroubleJson<'a>>,
}

#[derive(Serialize)]
struct DeedJson<'a> {
    kind: &'static str,
    value: Option<&'a str>,
}

#[derive(Serialize)]
struct VersionJson<'a> {
    project: &'a str,
    name: &'a str,
    created: bool,
    released: bool,
    problem: Option<TroubleJson<'a>>,
}

#[derive(Serialize)]
struct TroubleJson<'a> {
    code: &'static str,
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
                (_, false) => "incomplete",
                (false, true) => "told",
                (true, true) => "unchanged",
            },
            deeds: issue.deeds.iter().map(Into::into).collect(),
            problems: issue.troubles.iter().map(Into::into).collect(),
        }
    }
}

impl<'a> From<&'a Deed> for DeedJson<'a> {
    fn from(deed: &'a Deed) -> Self {
        match deed {
            Deed::Moved(status) => DeedJson { kind: "moved", value: Some(status) },
            Deed::Given(name) => DeedJson { kind: "fix-version", value: Some(name) },
            Deed::Commented => DeedJson { kind: "commented", value: None },
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
            result: "planned",
            deeds: Vec::new(),
            problems: Vec::new(),
        };
        let (telling, account) = (&told.telling, told.account.as_ref());
        ReportJson {
            event: telling.event.as_str(),
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

fn result(account: Option<&Account>) -> &'static str {
    match account {
        None => "planned",
        Some(account) if account.missed() => "incomplete",
        Some(account) if account.changed() => "told",
        Some(_) => "unchanged",
    }
}

/// Everything that Jira was told, as a document.
pub fn json(all: &[Report]) -> String {
    let results: Vec<&str> = all.iter().map(|told| result(told.account.as_ref())).collect();
    let worst = ["planned", "incomplete", "told"].into_iter().find(|word| results.contains(word));
    document(&SyncJson {
        schema: "relman.jira/1",
        result: worst.unwrap_or("unchanged"),
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
