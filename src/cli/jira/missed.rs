//! What Jira may have missed of one environment: deployments by their records, promotions by Git and the forge.

use crate::cli::{Context, forges};
use crate::domain::jira::{Event, IssueKey, Telling};
use crate::domain::name::TagName;
use crate::domain::record::Record;
use crate::domain::version::Declared;
use crate::workspace::Workspace;

use super::desk::{self, Desk};

/// How many deployments of an environment are gone back to.
const BACK: usize = 10;

/// What may be missing of one environment.
pub(super) struct Missed {
    /// In the order in which it happened, each with the page that tells more.
    pub(super) tellings: Vec<(Telling, Option<String>)>,
    /// What could not be found out, so that more may be missing.
    pub(super) unknown: Vec<anyhow::Error>,
}

/// Finds what Jira may have missed of an environment.
pub(super) fn missed(context: &Context<'_>, workspace: &Workspace, desk: &Desk) -> anyhow::Result<Missed> {
    let deployments = desk.deployments(workspace)?;
    let mut tellings = deployed(context, workspace, desk, &deployments)?;
    let mut unknown = Vec::new();
    match desk.undeployed(workspace, &deployments) {
        Ok(found) => tellings.extend(found.map(|telling| (telling, None))),
        Err(error) => unknown.push(error.into()),
    }
    if let Some(record) = desk.failed() {
        let failed = telling(context, workspace, desk, Event::Failed, record, &deployments)?;
        tellings.extend(failed.map(|telling| (telling, record.url.clone())));
    }
    match proposed(context, workspace, desk) {
        Ok(found) => tellings.extend(found),
        Err(error) => unknown.push(error),
    }
    let elsewhere = desk.settings().transitions.iter().filter(|other| other.environment != *desk.environment());
    let elsewhere: Vec<String> = elsewhere.map(|other| other.status.clone()).collect();
    for (telling, _) in &mut tellings {
        telling.beyond.extend(elsewhere.iter().cloned());
    }
    Ok(Missed { tellings, unknown })
}

/// The deployments that Jira may have missed, the newest last.
fn deployed(
    context: &Context<'_>,
    workspace: &Workspace,
    desk: &Desk,
    deployments: &[Record],
) -> anyhow::Result<Vec<(Telling, Option<String>)>> {
    // Without comments nothing says of which deployment an issue was told, and an older one could undo a newer one.
    let back = if desk.settings().comments.contains(&Event::Deployed) { BACK } else { 1 };
    let mut tellings: Vec<(Telling, Option<String>)> = Vec::new();
    for (at, record) in deployments.iter().enumerate() {
        let earlier = &deployments[at + 1..];
        let Some(mut telling) = telling(context, workspace, desk, Event::Deployed, record, earlier)? else { continue };
        // A deployment that was repeated is told once, of all that it has brought.
        let same = |known: &Telling| known.tag == telling.tag && known.version == telling.version;
        if let Some((known, _)) = tellings.iter_mut().find(|(known, _)| same(known)) {
            merge(&mut known.issues, telling.issues);
            continue;
        }
        if tellings.len() == back {
            break;
        }
        // An issue that a newer deployment has told has gone on.
        if let Some(comment) = &mut telling.comment {
            let newer = tellings.iter().filter_map(|(newer, _)| newer.comment.as_ref());
            comment.later.extend(newer.map(|newer| newer.marker.clone()));
        }
        tellings.push((telling, record.url.clone()));
    }
    tellings.reverse();
    Ok(tellings)
}

fn merge(issues: &mut Vec<IssueKey>, more: Vec<IssueKey>) {
    issues.extend(more);
    issues.sort();
    issues.dedup();
}

fn telling(
    context: &Context<'_>,
    workspace: &Workspace,
    desk: &Desk,
    event: Event,
    record: &Record,
    earlier: &[Record],
) -> anyhow::Result<Option<Telling>> {
    let Some(declared) = record.version.as_deref().and_then(|text| Declared::parse(text).ok()) else {
        return Ok(None);
    };
    let tag = record.tag.as_deref().and_then(|tag| TagName::parse(tag).ok());
    let issues = desk.brought_since(context, workspace, &record.repositories, earlier)?;
    let event = desk::Event { event, declared: &declared, tag: tag.as_ref(), day: Some(&record.at) };
    Ok(desk.telling(&event, &issues))
}

/// What the open pull requests to an environment would bring, as far as there is a forge that can be asked.
fn proposed(
    context: &Context<'_>,
    workspace: &Workspace,
    desk: &Desk,
) -> anyhow::Result<Vec<(Telling, Option<String>)>> {
    let target = desk.environment();
    let Some(connection) = forges::connect_if_possible(context, workspace, target)? else {
        context.ui.detail(1, &format!("no forge was asked for open pull requests to {target}"));
        return Ok(Vec::new());
    };
    let mut tellings = Vec::new();
    for pull in connection.open_to(target)? {
        let found = workspace.would_bring(target, &pull.head)?;
        tellings.extend(found.and_then(|found| desk.on_its_way(&found)).map(|telling| (telling, Some(pull.url))));
    }
    Ok(tellings)
}
