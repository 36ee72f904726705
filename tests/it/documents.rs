//! Holds every document that relman prints to the schema that the document names.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use jsonschema::Validator;
use relman::render::schema::Document;
use serde_json::Value;

/// The schemas that were asked for, ready to be used.
static SCHEMAS: OnceLock<Mutex<HashMap<String, Arc<Validator>>>> = OnceLock::new();

/// What is wrong with a text that relman has printed, be it one document or one a line; nothing where it is none.
pub fn misfits(text: &str) -> Vec<String> {
    if !text.starts_with('{') {
        return Vec::new();
    }
    let mut found = Vec::new();
    match serde_json::from_str(text) {
        Ok(whole) => judge(&whole, "", &mut found),
        Err(_) => {
            let lines = text.lines().filter_map(|line| serde_json::from_str(line).ok());
            lines.for_each(|line: Value| judge(&line, "", &mut found));
        }
    }
    found
}

/// Looks at a value, and at every document in it: an action in a trigger, a record in a log.
fn judge(value: &Value, place: &str, found: &mut Vec<String>) {
    if let Some(name) = value.get("schema").and_then(Value::as_str) {
        let validator = schema(name);
        let wrong = validator.iter_errors(value);
        found.extend(wrong.map(|error| format!("{name}: {place}{}: {error}", error.instance_path())));
    }
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, inner)| judge(inner, &format!("{place}/{key}"), found));
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, inner)| judge(inner, &format!("{place}/{index}"), found));
        }
        _ => {}
    }
}

/// The schema that a document names by `relman.status/1`.
fn schema(id: &str) -> Arc<Validator> {
    let known = SCHEMAS.get_or_init(Mutex::default);
    if let Some(validator) = known.lock().unwrap().get(id) {
        return validator.clone();
    }
    let name = id.strip_prefix("relman.").and_then(|rest| rest.strip_suffix("/1"));
    let document = name.and_then(Document::parse).unwrap_or_else(|| panic!("no schema is called {id}"));
    let validator = Arc::new(compiled(document.schema().as_value()));
    known.lock().unwrap().insert(id.to_owned(), validator.clone());
    validator
}

/// A schema that values can be held to, times included.
fn compiled(schema: &Value) -> Validator {
    jsonschema::options().should_validate_formats(true).build(schema).unwrap_or_else(|error| panic!("{error}"))
}
