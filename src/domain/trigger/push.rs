//! What pushes have in common: branches and tags that were moved, of which environment branches count.

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::Misunderstood;
use super::fields::wrong;
use super::{Ask, Heard, Object, Order, Source};
use crate::domain::change::Change;
use crate::domain::name::{CommitId, EnvironmentName};

/// A reference that was moved, by its full name.
pub(super) struct Moved<'o> {
    pub(super) reference: String,
    /// Where it was moved to; `None`: it was deleted.
    pub(super) to: Option<&'o Value>,
}

/// Where a value says that a reference was moved to; nothing and zeros mean that it was deleted.
pub(super) fn moved_to<'o>(object: &'o Object, key: &str) -> Option<&'o Value> {
    let zeros = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty() && text.bytes().all(|b| b == b'0'));
    object.get(key).filter(|value| !value.is_null() && !zeros(value))
}

/// The orders that a push holds: one for each environment branch that was moved.
pub(super) fn heard(
    source: Source,
    moves: Vec<Moved<'_>>,
    actor: Option<&str>,
    id: &str,
) -> Result<Heard, Misunderstood> {
    let mut pushed: BTreeMap<EnvironmentName, CommitId> = BTreeMap::new();
    let mut reasons = Vec::new();
    for moved in moves {
        let name = moved.reference.strip_prefix("refs/heads/environment/").map(EnvironmentName::parse);
        let (Some(Ok(name)), Some(to)) = (name, moved.to) else {
            reasons.push(reason(&moved));
            continue;
        };
        let commit = to.as_str().and_then(CommitId::parse);
        let commit = commit.ok_or_else(|| wrong(&moved.reference, to, "a full commit id"))?;
        if pushed.insert(name, commit).is_some_and(|other| other != commit) {
            return Err(Misunderstood::Contradiction(moved.reference));
        }
    }
    if pushed.is_empty() {
        return Ok(Heard::Nothing(match reasons.as_slice() {
            [] => "nothing was pushed".into(),
            [reason] => reason.clone(),
            [reason, more @ ..] => format!("{reason}, and {} more changes concern no environment either", more.len()),
        }));
    }
    let order = |(environment, commit)| Order {
        source,
        application: None,
        project: None,
        ask: Ask::Push { environment, commit },
        change: Change::default(),
        actor: actor.map(str::to_owned),
        id: id.to_owned(),
    };
    Ok(Heard::Orders(pushed.into_iter().map(order).collect()))
}

fn reason(moved: &Moved<'_>) -> String {
    let reference: String = moved.reference.chars().take(200).collect();
    if moved.to.is_none() {
        format!("{reference} was deleted")
    } else if reference.starts_with("refs/tags/") {
        format!("{reference} is a tag")
    } else {
        format!("{reference} is no environment branch")
    }
}
