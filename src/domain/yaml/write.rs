//! Writing a whole document, so that every YAML reader takes it for the same values.

use serde_json::Value as Json;

use super::plain::is_plain;
use crate::domain::text::is_unsafe;

/// A value in block style, with a line break at its end. What a terminal could act on is escaped.
pub fn block(value: &Json) -> String {
    let mut text = String::new();
    match value {
        Json::Object(entries) if !entries.is_empty() => map(entries, 0, &mut text),
        Json::Array(items) if !items.is_empty() => list(items, 0, &mut text),
        other => scalar(other, 0, &mut text),
    }
    text
}

fn indent(depth: usize, text: &mut String) {
    text.push_str(&"  ".repeat(depth));
}

/// The entries of a map. The first one stands where the text ends, the others below it.
fn map(entries: &serde_json::Map<String, Json>, depth: usize, text: &mut String) {
    for (index, (key, value)) in entries.iter().enumerate() {
        if index > 0 {
            indent(depth, text);
        }
        match is_plain(key) {
            true => text.push_str(key),
            false => quote(key, text),
        }
        text.push(':');
        match value {
            Json::Object(entries) if !entries.is_empty() => {
                text.push('\n');
                indent(depth + 1, text);
                map(entries, depth + 1, text);
            }
            Json::Array(items) if !items.is_empty() => {
                text.push('\n');
                indent(depth, text);
                list(items, depth, text);
            }
            other => {
                text.push(' ');
                scalar(other, depth + 1, text);
            }
        }
    }
}

/// The items of a list. The first one stands where the text ends, the others below it.
fn list(items: &[Json], depth: usize, text: &mut String) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            indent(depth, text);
        }
        text.push_str("- ");
        match item {
            Json::Object(entries) if !entries.is_empty() => map(entries, depth + 1, text),
            Json::Array(items) if !items.is_empty() => list(items, depth + 1, text),
            other => scalar(other, depth + 1, text),
        }
    }
}

/// A value on one line; or a text on several, each at a depth.
fn scalar(value: &Json, depth: usize, text: &mut String) {
    match value {
        Json::String(value) if is_plain(value) => text.push_str(value),
        Json::String(value) if is_literal(value) => {
            text.push_str(if value.ends_with('\n') { "|" } else { "|-" });
            for line in value.lines() {
                text.push('\n');
                if !line.is_empty() {
                    indent(depth, text);
                    text.push_str(line);
                }
            }
        }
        Json::String(value) => quote(value, text),
        // Numbers, booleans, null, and what is empty, are the same in JSON.
        other => text.push_str(&other.to_string()),
    }
    text.push('\n');
}

/// Whether a text of several lines can stand as it is.
fn is_literal(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    body.contains('\n')
        && !body.starts_with([' ', '\t', '\n'])
        && !body.ends_with('\n')
        && body.chars().all(|c| matches!(c, '\n' | '\t') || !is_unsafe(c))
        // Readers differ in what they make of a line that has nothing but spaces in it.
        && body.lines().all(|line| line.is_empty() || !line.trim().is_empty())
}

fn quote(value: &str, text: &mut String) {
    text.push('"');
    for c in value.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            c if is_unsafe(c) && u32::from(c) > 0xffff => text.push_str(&format!("\\U{:08x}", u32::from(c))),
            c if is_unsafe(c) => text.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => text.push(c),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_reads_as_people_write_it() {
        let value = json!({
            "kind": "PipelineRun",
            "metadata": {"labels": {"relman/tag": "v1.0.0-rc.1"}, "annotations": {}},
            "spec": {
                "params": [{"name": "a", "value": "1.10"}, {"name": "b", "value": ["yes", "x y"]}],
                "script": "set -eu\n  echo '1'\n\necho 2\n",
                "end": "a\nb",
                "odd": "\u{1b}[31m\u{202e}\u{e0041}\t\"",
                "lists": [[1, []], null, true],
            },
        });
        assert_eq!(
            block(&value),
            r#"kind: PipelineRun
metadata:
  labels:
    relman/tag: v1.0.0-rc.1
  annotations: {}
spec:
  params:
  - name: a
    value: "1.10"
  - name: b
    value:
    - "yes"
    - "x y"
  script: |
    set -eu
      echo '1'

    echo 2
  end: |-
    a
    b
  odd: "\u001b[31m\u202e\U000e0041\t\""
  lists:
  - - 1
    - []
  - null
  - true
"#
        );
    }

    fn values() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i32>().prop_map(Json::from),
            "[ -~äß🚀\n\t#:|>%@`'\"\\\\]{0,20}".prop_map(Json::from),
            "(yes|no|on|~|null|1e3|0x1|1:30|- a|a: b|---|\\.\\.\\.|<<|=|2026-11-22|\\PC{0,6})".prop_map(Json::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::btree_map("[ -~ä\n]{0,8}", inner, 0..4)
                    .prop_map(|map| Json::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(value in values()) {
            let text = block(&value);
            let read: Json = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
            prop_assert_eq!(&read, &value, "{}", text);
        }
    }
}
