//! The tree as JSON, for pipelines and scripts.

use serde_json::{Map, Number, Value as Json};

use super::{Node, Scalar, Value};

impl Node {
    /// The value as JSON, by YAML's core schema.
    ///
    /// A number is a number only if JSON would write it as the file does: `3` and `1.5`, but the texts `1.10`, `0x10`,
    /// `1e3` and `007`.
    pub fn to_json(&self) -> Json {
        match &self.value {
            Value::Scalar(scalar) => scalar.to_json(),
            Value::List(items) => Json::Array(items.iter().map(Node::to_json).collect()),
            Value::Map(entries) => {
                let mut map = Map::with_capacity(entries.len());
                for (key, node) in entries {
                    map.insert(key.text.clone(), node.to_json());
                }
                Json::Object(map)
            }
        }
    }
}

impl Scalar {
    fn to_json(&self) -> Json {
        if self.is_null() {
            return Json::Null;
        }
        if !self.is_text() {
            if let Some(boolean) = boolean(&self.text) {
                return Json::Bool(boolean);
            }
            if let Some(number) = number(&self.text) {
                return Json::Number(number);
            }
        }
        Json::String(self.text.clone())
    }
}

/// Reads the words that the core schema takes for a boolean.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// Reads a number that JSON would write in the same way.
fn number(text: &str) -> Option<Number> {
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        return None;
    }
    let number = match (text.parse::<i64>(), text.parse::<u64>()) {
        (Ok(number), _) => Number::from(number),
        (_, Ok(number)) => Number::from(number),
        _ => Number::from_f64(text.parse().ok()?)?,
    };
    (number.to_string() == text).then_some(number)
}
