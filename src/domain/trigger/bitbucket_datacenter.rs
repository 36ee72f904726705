//! Pushes to Bitbucket Data Center, one or several branches in a body.

use super::error::Misunderstood;
use super::fields::{first_of, object, objects, text};
use super::push::{self, Moved, moved_to};
use super::{Heard, Object, Source};

pub(super) fn is_marked(object: &Object) -> bool {
    object.contains_key("eventKey")
}

pub(super) fn read(body: &Object, id: String) -> Result<Heard, Misunderstood> {
    let source = Source::BitbucketDatacenter;
    let event = text(body, "eventKey")?.unwrap_or_default();
    if event != "repo:refs_changed" {
        return Ok(Heard::Nothing(format!("the event {event} of Bitbucket Data Center starts no release")));
    }
    let mut moves = Vec::new();
    for change in objects(body, "changes", source)? {
        let reference = object(change, "ref")?.map(|reference| text(reference, "id")).transpose()?.flatten();
        let reference = match reference {
            Some(reference) => reference,
            None => text(change, "refId")?.ok_or(Misunderstood::Missing { from: source, key: "changes.ref.id" })?,
        };
        let kind = text(change, "type")?.unwrap_or_default();
        if !change.contains_key("toHash") {
            return Err(Misunderstood::Missing { from: source, key: "changes.toHash" });
        }
        let to = moved_to(change, "toHash").filter(|_| kind != "DELETE");
        moves.push(Moved { reference: reference.to_owned(), to });
    }
    let actor = first_of(body, &["actor.displayName", "actor.name"]);
    push::heard(source, moves, actor.as_deref(), &id)
}
