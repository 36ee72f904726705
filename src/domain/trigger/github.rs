//! Pushes to GitHub, and to Gitea and Forgejo, which send nearly the same.

use serde_json::Value;

use super::error::Misunderstood;
use super::fields::{first_of, text};
use super::push::{self, Moved, moved_to};
use super::{Heard, Object, Source};

/// Only pushes say from where to where; GitLab's do as well, and say what they are.
pub(super) fn is_marked(object: &Object) -> bool {
    object.get("ref").is_some_and(Value::is_string)
        && object.contains_key("after")
        && !object.contains_key("object_kind")
}

/// Which of them it is: by the header, else by a key that only Gitea has.
pub(super) fn which(object: &Object, announced: Option<Source>) -> Source {
    match announced {
        Some(Source::Gitea) => Source::Gitea,
        Some(Source::GitHub) => Source::GitHub,
        _ if object.contains_key("compare_url") => Source::Gitea,
        _ => Source::GitHub,
    }
}

pub(super) fn read(object: &Object, source: Source, id: String) -> Result<Heard, Misunderstood> {
    let reference = text(object, "ref")?.ok_or(Misunderstood::Missing { from: source, key: "ref" })?.to_owned();
    let deleted = object.get("deleted") == Some(&Value::Bool(true));
    let to = moved_to(object, "after").filter(|_| !deleted);
    let actor = first_of(object, &["sender.login", "pusher.login", "pusher.username", "pusher.name"]);
    push::heard(source, vec![Moved { reference, to }], actor.as_deref(), &id)
}
