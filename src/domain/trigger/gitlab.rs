//! Pushes to GitLab.

use super::error::Misunderstood;
use super::fields::{first_of, text};
use super::push::{self, Moved, moved_to};
use super::{Heard, Object, Source};

pub(super) fn is_marked(object: &Object) -> bool {
    object.contains_key("object_kind")
}

/// Whether it is another event than a push.
pub(super) fn starts_nothing(object: &Object) -> bool {
    object.get("object_kind").and_then(|kind| kind.as_str()).is_some_and(|kind| !is_push(kind))
}

fn is_push(kind: &str) -> bool {
    matches!(kind, "push" | "tag_push")
}

pub(super) fn read(object: &Object, id: String) -> Result<Heard, Misunderstood> {
    let source = Source::GitLab;
    let kind = text(object, "object_kind")?.unwrap_or_default();
    if !is_push(kind) {
        return Ok(Heard::Nothing(format!("the event {kind} of GitLab starts no release")));
    }
    let reference = text(object, "ref")?.ok_or(Misunderstood::Missing { from: source, key: "ref" })?.to_owned();
    if !object.contains_key("after") {
        return Err(Misunderstood::Missing { from: source, key: "after" });
    }
    let to = moved_to(object, "after");
    let actor = first_of(object, &["user_username", "user_name"]);
    push::heard(source, vec![Moved { reference, to }], actor.as_deref(), &id)
}
