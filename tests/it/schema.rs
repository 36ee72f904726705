//! Says what is wrong with a value by a JSON schema, and stops at a keyword that it does not know.

use serde_json::Value;

/// What is wrong with a value, each with its place. `root` is the document that `$ref` points into.
pub fn misfits(root: &Value, schema: &Value, value: &Value, place: &str, found: &mut Vec<String>) {
    if let Some(reference) = schema.get("$ref") {
        let pointer = reference.as_str().unwrap().trim_start_matches('#');
        let schema = root.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is not there"));
        return misfits(root, schema, value, place, found);
    }
    if value.is_null() && schema.get("nullable") == Some(&Value::Bool(true)) {
        return;
    }
    let mut complain = |what: &str| found.push(format!("{place}: {what}"));
    for (keyword, rule) in schema.as_object().unwrap() {
        match keyword.as_str() {
            "type" => {
                let fits = match rule.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_i64(),
                    "number" => value.is_number(),
                    other => panic!("the type {other}"),
                };
                if !fits {
                    complain(&format!("no {rule}"));
                }
            }
            "const" if rule != value => complain(&format!("not {rule}")),
            "enum" if !rule.as_array().unwrap().contains(value) => complain(&format!("none of {rule}")),
            "required" => {
                for key in rule.as_array().unwrap().iter().filter(|key| value.get(key.as_str().unwrap()).is_none()) {
                    complain(&format!("no {key}"));
                }
            }
            "maxProperties" if value.as_object().is_some_and(|map| map.len() as u64 > rule.as_u64().unwrap()) => {
                complain(&format!("more than {rule} keys"));
            }
            "oneOf" => {
                let mut alternatives = Vec::new();
                for schema in rule.as_array().unwrap() {
                    let mut wrong = Vec::new();
                    misfits(root, schema, value, place, &mut wrong);
                    alternatives.push(wrong);
                }
                if alternatives.iter().filter(|wrong| wrong.is_empty()).count() != 1 {
                    complain(&format!("not one of several: {alternatives:?}"));
                }
            }
            "const"
            | "enum"
            | "properties"
            | "additionalProperties"
            | "maxProperties"
            | "items"
            | "nullable"
            | "description"
            | "format"
            | "default" => {}
            other => assert!(other.starts_with("x-kubernetes-"), "the keyword {other}"),
        }
    }
    for (key, inner) in value.as_object().into_iter().flatten() {
        let rest = schema.get("additionalProperties");
        match schema.get("properties").and_then(|known| known.get(key)).or(rest.filter(|rest| rest.is_object())) {
            Some(schema) => misfits(root, schema, inner, &format!("{place}/{key}"), found),
            None if rest == Some(&Value::Bool(false)) => found.push(format!("{place}/{key}: unknown")),
            None => {}
        }
    }
    for (index, inner) in value.as_array().into_iter().flatten().enumerate() {
        if let Some(schema) = schema.get("items") {
            misfits(root, schema, inner, &format!("{place}/{index}"), found);
        }
    }
}
