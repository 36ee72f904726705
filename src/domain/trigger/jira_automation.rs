//! Rules of Jira Automation that send custom data, the one kind of Jira's events that can name an environment.

use super::error::Misunderstood;
use super::fields::{change, environment, id, version, word};
use super::{Ask, Heard, Object, Order, Source};
use crate::domain::jira::IssueKey;

pub(super) fn is_marked(object: &Object) -> bool {
    object.get("source").and_then(|source| source.as_str()).is_some_and(|source| source.eq_ignore_ascii_case("jira"))
}

pub(super) fn read(object: &Object, hash: String) -> Result<Heard, Misunderstood> {
    let source = Source::JiraAutomation;
    let issue = word(object, "issue")?;
    let of_issue = issue.as_deref().and_then(IssueKey::parse).map(|key| key.project().to_string());
    let project = word(object, "project")?.or(of_issue);
    let mut change = change(object)?;
    change.request = change.request.or(issue);
    let order = Order {
        source,
        application: word(object, "application")?,
        project,
        ask: Ask::Release { environment: environment(object, source)?, version: version(object, source)? },
        change,
        actor: word(object, "actor")?,
        id: id(object, hash)?,
    };
    Ok(Heard::Orders(vec![order]))
}
