//! relman's own shape: `{"application","environment","version","changeId","actor"}`.

use serde_json::Value;

use super::error::Misunderstood;
use super::fields::{change, environment, id, version, word};
use super::{Ask, Heard, Object, Order, Source};

/// Keys that say who is meant; one of them alone is a body that somebody got wrong.
const KEYS: [&str; 7] =
    ["application", "environment", "version", "changeId", "configItem", "changeDescription", "actor"];

/// Elsewhere some of these keys hold objects, or nothing: that counts only in a body that has no other mark.
pub(super) fn is_marked(object: &Object, alone: bool) -> bool {
    let plain = |value: &Value| !value.is_object() && !value.is_array() && (alone || !value.is_null());
    KEYS.iter().any(|key| object.get(*key).is_some_and(plain))
}

pub(super) fn read(object: &Object, hash: String) -> Result<Heard, Misunderstood> {
    let source = Source::Relman;
    let order = Order {
        source,
        application: word(object, "application")?,
        project: None,
        ask: Ask::Release { environment: environment(object, source)?, version: version(object, source)? },
        change: change(object)?,
        actor: word(object, "actor")?,
        id: id(object, hash)?,
    };
    Ok(Heard::Orders(vec![order]))
}
