//! What starts the release manager of OpenDevStack: parameters as a list of names and values.

use serde_json::Value;

use super::error::Misunderstood;
use super::fields::{change, environment, objects, text, version, wrong};
use super::{Ask, Heard, Object, Order, Source, hash};

/// The parameters that are read. `rePromote`, `mainBranch` and others are known there, and mean nothing here.
const NAMES: [&str; 5] = ["version", "environment", "changeId", "changeDescription", "configItem"];

pub(super) fn is_marked(object: &Object) -> bool {
    object.get("env").is_some_and(Value::is_array)
}

pub(super) fn read(object: &Object) -> Result<Heard, Misunderstood> {
    let source = Source::Ods;
    let mut given = Object::new();
    for parameter in objects(object, "env", source)? {
        let name = text(parameter, "name")?.ok_or(Misunderstood::Missing { from: source, key: "env.name" })?;
        let Some(name) = NAMES.iter().find(|known| **known == name) else { continue };
        let value = match parameter.get("value") {
            None | Some(Value::Null) => continue,
            Some(Value::String(value)) if value.trim().is_empty() => continue,
            Some(value @ Value::String(_)) => value.clone(),
            Some(other) => return Err(wrong(name, other, "a text")),
        };
        if given.insert((*name).to_owned(), value.clone()).is_some_and(|other| other != value) {
            return Err(Misunderstood::Contradiction((*name).to_owned()));
        }
    }
    if !given.contains_key("version") && !given.contains_key("environment") {
        return Ok(Heard::Nothing("the body names neither a version nor an environment".into()));
    }
    // As there: work in progress, in dev.
    for (name, default) in [("version", "WIP"), ("environment", "dev")] {
        given.entry(name).or_insert_with(|| default.into());
    }
    let order = Order {
        source,
        application: None,
        project: None,
        ask: Ask::Release { environment: environment(&given, source)?, version: version(&given, source)? },
        change: change(&given)?,
        actor: None,
        id: hash_in_any_order(object),
    };
    Ok(Heard::Orders(vec![order]))
}

/// A hash of the body in which the order of the parameters does not count.
fn hash_in_any_order(object: &Object) -> String {
    let mut sorted = object.clone();
    if let Some(Value::Array(parameters)) = sorted.get_mut("env") {
        parameters.iter_mut().for_each(Value::sort_all_objects);
        parameters.sort_by_cached_key(Value::to_string);
    }
    hash(&Value::Object(sorted))
}
