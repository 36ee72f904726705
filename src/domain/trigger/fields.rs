//! Taking values out of a body: texts on one line, of the right type, and not longer than they may be.

use serde_json::Value;

use super::error::Misunderstood;
use super::json::describe;
use super::{Object, Source};
use crate::domain::change::{Change, plain_line};
use crate::domain::name::EnvironmentName;
use crate::domain::version::Declared;

/// The longest name, id or key that is taken, in characters.
const MAX_TEXT: usize = 200;

/// A text that may be absent, `null` or empty; blanks around it do not count.
pub(super) fn text<'o>(object: &'o Object, key: &str) -> Result<Option<&'o str>, Misunderstood> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
        Some(other) => Err(wrong(key, other, "a text")),
    }
}

/// A text on one line, or a whole number as a text.
pub(super) fn word(object: &Object, key: &str) -> Result<Option<String>, Misunderstood> {
    let line = match object.get(key) {
        Some(Value::Number(number)) if !number.is_f64() => Some(number.to_string()),
        _ => text(object, key)?.and_then(plain_line),
    };
    match line {
        Some(line) if line.chars().count() > MAX_TEXT => Err(Misunderstood::TooLong(key.to_owned(), MAX_TEXT)),
        line => Ok(line),
    }
}

/// A value that is not of the type that it must have.
pub(super) fn wrong(key: &str, found: &Value, expected: &'static str) -> Misunderstood {
    Misunderstood::WrongType { key: key.to_owned(), found: describe(found), expected }
}

/// An object that may be absent or `null`.
pub(super) fn object<'o>(from: &'o Object, key: &str) -> Result<Option<&'o Object>, Misunderstood> {
    match from.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(other) => Err(wrong(key, other, "an object")),
    }
}

/// A list of objects that must be there.
pub(super) fn objects<'o>(
    from: &'o Object,
    key: &'static str,
    source: Source,
) -> Result<Vec<&'o Object>, Misunderstood> {
    match from.get(key) {
        None | Some(Value::Null) => Err(Misunderstood::Missing { from: source, key }),
        Some(Value::Array(list)) => {
            let object = |value: &'o Value| value.as_object().ok_or_else(|| wrong(key, value, "an object"));
            list.iter().map(object).collect()
        }
        Some(other) => Err(wrong(key, other, "a list")),
    }
}

/// The environment, which must be named.
pub(super) fn environment(object: &Object, source: Source) -> Result<EnvironmentName, Misunderstood> {
    let text = text(object, "environment")?.ok_or(Misunderstood::Missing { from: source, key: "environment" })?;
    Ok(EnvironmentName::parse(text)?)
}

/// The version, which must be given.
pub(super) fn version(object: &Object, source: Source) -> Result<Declared, Misunderstood> {
    let text = text(object, "version")?.ok_or(Misunderstood::Missing { from: source, key: "version" })?;
    Ok(Declared::parse(text)?)
}

/// The change request behind it.
pub(super) fn change(object: &Object) -> Result<Change, Misunderstood> {
    Ok(Change {
        request: word(object, "changeId")?,
        item: word(object, "configItem")?,
        description: text(object, "changeDescription")?.and_then(plain_line),
    })
}

/// What the sender calls its event, else the hash of the body.
pub(super) fn id(object: &Object, hash: String) -> Result<String, Misunderstood> {
    Ok(word(object, "triggerId")?.unwrap_or(hash))
}

/// The first text below one of these paths. A forge says much that relman does not need; what is otherwise than
/// expected there is no reason to stop.
pub(super) fn first_of(object: &Object, paths: &[&str]) -> Option<String> {
    let at = |path: &&str| {
        let mut parts = path.split('.');
        let first = object.get(parts.next()?)?;
        let value = parts.try_fold(first, |value, part| value.get(part))?;
        plain_line(value.as_str()?).filter(|line| line.chars().count() <= MAX_TEXT)
    };
    paths.iter().find_map(at)
}
