//! Webhooks of Jira: a version that was released, an issue that came to a status. They name no environment.

use serde_json::Value;

use super::error::Misunderstood;
use super::fields::{first_of, object, objects, text, word};
use super::{Ask, Event, Happening, Heard, Object, Order, Source};
use crate::domain::change::Change;

pub(super) fn is_marked(object: &Object) -> bool {
    object.contains_key("webhookEvent")
}

pub(super) fn read(body: &Object, hash: String) -> Result<Heard, Misunderstood> {
    let event = text(body, "webhookEvent")?.unwrap_or_default();
    match event {
        "jira:version_released" => released(body, hash),
        "jira:issue_updated" => transition(body, hash),
        other => Ok(Heard::Nothing(format!("the event {other} of Jira starts no release"))),
    }
}

fn released(body: &Object, id: String) -> Result<Heard, Misunderstood> {
    let missing = |key| Misunderstood::Missing { from: Source::Jira, key };
    let version = object(body, "version")?.ok_or_else(|| missing("version"))?;
    let name = text(version, "name")?.ok_or_else(|| missing("version.name"))?;
    if version.get("released") == Some(&Value::Bool(false)) {
        return Ok(Heard::Nothing(format!("Jira says that {name} is not released")));
    }
    let event = Event {
        happening: Happening::VersionReleased,
        versions: vec![name.to_owned()],
        project_id: word(version, "projectId")?,
        project_key: None,
    };
    Ok(heard(event, Change::default(), actor(body), id))
}

/// An issue's status that was changed. Whatever else was changed starts nothing.
fn transition(body: &Object, hash: String) -> Result<Heard, Misunderstood> {
    let missing = |key| Misunderstood::Missing { from: Source::Jira, key };
    let issue = object(body, "issue")?.ok_or_else(|| missing("issue"))?;
    let key = word(issue, "key")?.ok_or_else(|| missing("issue.key"))?;
    let Some(log) = object(body, "changelog")? else {
        return Ok(Heard::Nothing(format!("nothing says that the status of {key} was changed")));
    };
    let items = objects(log, "items", Source::Jira)?;
    let Some(item) = items.iter().rev().find(|item| is_status(item)) else {
        return Ok(Heard::Nothing(format!("the status of {key} was not changed")));
    };
    let fields = object(issue, "fields")?.ok_or_else(|| missing("issue.fields"))?;
    let mut versions = Vec::new();
    if fields.get("fixVersions").is_some_and(|versions| !versions.is_null()) {
        for version in objects(fields, "fixVersions", Source::Jira)? {
            versions.extend(text(version, "name")?.map(str::to_owned));
        }
    }
    let project = object(fields, "project")?;
    let of_project = |name| project.map(|project| word(project, name)).transpose().map(Option::flatten);
    let event = Event {
        happening: Happening::Status { id: word(item, "to")?, name: text(item, "toString")?.map(str::to_owned) },
        versions,
        project_id: of_project("id")?,
        project_key: of_project("key")?,
    };
    // The entry of an issue's history has an id of its own; a body without one is known by all that it says.
    let id = word(log, "id")?.map_or(hash, |id| format!("{key}/{id}"));
    Ok(heard(event, Change { request: Some(key), ..Change::default() }, actor(body), id))
}

/// A field of the user's own may be called so as well.
fn is_status(item: &Object) -> bool {
    let is = |key: &str, word: &str| {
        item.get(key).and_then(Value::as_str).is_some_and(|text| text.eq_ignore_ascii_case(word))
    };
    (is("fieldId", "status") || is("field", "status")) && !is("fieldtype", "custom")
}

fn actor(body: &Object) -> Option<String> {
    first_of(body, &["user.displayName", "user.name", "user.emailAddress"])
}

fn heard(event: Event, change: Change, actor: Option<String>, id: String) -> Heard {
    let ask = Ask::Event(event);
    Heard::Orders(vec![Order { source: Source::Jira, application: None, project: None, ask, change, actor, id }])
}
