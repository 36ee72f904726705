//! Pushes to Bitbucket Cloud, one or several branches in a body.

use serde_json::Value;

use super::error::Misunderstood;
use super::fields::{first_of, object, objects, text};
use super::push::{self, Moved};
use super::{Heard, Object, Source};

pub(super) fn is_marked(body: &Object) -> bool {
    body.get("push").is_some_and(Value::is_object)
}

pub(super) fn read(body: &Object, id: String) -> Result<Heard, Misunderstood> {
    let source = Source::BitbucketCloud;
    let push = object(body, "push")?.ok_or(Misunderstood::Missing { from: source, key: "push" })?;
    let mut moves = Vec::new();
    for change in objects(push, "changes", source)? {
        let (new, old) = (object(change, "new")?, object(change, "old")?);
        let side = new.or(old).ok_or(Misunderstood::Missing { from: source, key: "push.changes.new" })?;
        let name = text(side, "name")?.ok_or(Misunderstood::Missing { from: source, key: "push.changes.new.name" })?;
        let folder = match text(side, "type")?.unwrap_or_default() {
            "branch" => "heads",
            "tag" | "annotated_tag" => "tags",
            _ => "unknown",
        };
        let to = match new {
            None => None,
            Some(new) => {
                let target = object(new, "target")?.and_then(|target| target.get("hash"));
                Some(target.ok_or(Misunderstood::Missing { from: source, key: "push.changes.new.target.hash" })?)
            }
        };
        moves.push(Moved { reference: format!("refs/{folder}/{name}"), to });
    }
    let actor = first_of(body, &["actor.display_name", "actor.nickname", "actor.username"]);
    push::heard(source, moves, actor.as_deref(), &id)
}
