//! Edits compared byte for byte.

use proptest::prelude::*;

use super::*;

fn refusal(error: &EditError) -> String {
    format!("{}: {error}", error.code())
}

#[test]
fn only_the_value_changes() {
    for (before, value, after) in [
        ("version: 1.0.0\n", "1.1.0", "version: 1.1.0\n"),
        ("version: 1.0.0", "1.1.0", "version: 1.1.0"),
        ("version: 1.0.0   # now\n", "1.1.0", "version: 1.1.0   # now\n"),
        ("version:    1.0.0\n", "1.1.0", "version:    1.1.0\n"),
        ("version: 1.0.0\n", "1.10", "version: \"1.10\"\n"),
        ("version: 1.0.0\n", "WIP", "version: WIP\n"),
        ("version: 1.0.0\n", "no", "version: \"no\"\n"),
        ("version: 1.0.0\n", "ref:main", "version: ref:main\n"),
        ("version: 1.0.0\n", "2026-11-22", "version: \"2026-11-22\"\n"),
        ("version: '1.0'\n", "2", "version: '2'\n"),
        ("version: '1.0'\n", "it's", "version: 'it''s'\n"),
        ("version: \"1.0\"\n", "a\"b\\c", "version: \"a\\\"b\\\\c\"\n"),
        ("\u{feff}version: 1.0\r\na: b\r\n", "1.1.0", "\u{feff}version: 1.1.0\r\na: b\r\n"),
        ("---\nversion: 1.0\n...\n", "1.1.0", "---\nversion: 1.1.0\n...\n"),
        ("%YAML 1.2\n---\nversion: 1.0\n", "1.1.0", "%YAML 1.2\n---\nversion: 1.1.0\n"),
        ("# ü\na: ö\nversion: 1.0 # ä\n", "1.1.0", "# ü\na: ö\nversion: 1.1.0 # ä\n"),
        ("{a: b, version: 1.0, c: d}", "1.1.0", "{a: b, version: 1.1.0, c: d}"),
        ("{\"version\": \"1.0\"}", "1.1.0", "{\"version\": \"1.1.0\"}"),
        ("? version\n: 1.0\n", "1.1.0", "? version\n: 1.1.0\n"),
        ("version: !!str 1.0\n", "1.1.0", "version: !!str 1.1.0\n"),
        ("version: &v 1.0\n", "1.1.0", "version: &v 1.1.0\n"),
        ("version: one\n  two\na: b\n", "1.1.0", "version: 1.1.0\na: b\n"),
        ("version:\n  1.0\na: b\n", "1.1.0", "version:\n  1.1.0\na: b\n"),
        ("  version: 1.0\n  a: b\n", "1.1.0", "  version: 1.1.0\n  a: b\n"),
        ("a: {version: 2}\nversion: 1.0\n", "1.1.0", "a: {version: 2}\nversion: 1.1.0\n"),
        ("a: &a {version: 2}\n<<: *a\nversion: 1.0\n", "1.1.0", "a: &a {version: 2}\n<<: *a\nversion: 1.1.0\n"),
        ("a: !vault x\nb: !x {c: 1}\nversion: 1.0\n", "1.1.0", "a: !vault x\nb: !x {c: 1}\nversion: 1.1.0\n"),
        (
            "%YAML 1.1\n---\na: {1: x, true: y}\nversion: 1.0\n",
            "1.1.0",
            "%YAML 1.1\n---\na: {1: x, true: y}\nversion: 1.1.0\n",
        ),
        ("'version': 1.0\n", "1.1.0", "'version': 1.1.0\n"),
        ("version: ~\n", "1.1.0", "version: 1.1.0\n"),
        ("version: ''\n", "1.1.0", "version: '1.1.0'\n"),
        ("version: 1.10\n", "1.10", "version: 1.10\n"),
        ("version: ~\n", "~", "version: \"~\"\n"),
        // Nothing yet.
        ("version:\n", "1.1.0", "version: 1.1.0\n"),
        ("version:", "1.1.0", "version: 1.1.0"),
        ("version: \n", "1.1.0", "version: 1.1.0\n"),
        ("version:\r\na: b\r\n", "1.1.0", "version: 1.1.0\r\na: b\r\n"),
        ("version: # c\n", "1.1.0", "version: 1.1.0 # c\n"),
        ("version:  # c\n", "1.1.0", "version: 1.1.0 # c\n"),
        ("version:   # c\n", "1.1.0", "version: 1.1.0  # c\n"),
        ("version:\t# c\n", "1.1.0", "version: 1.1.0\t# c\n"),
        ("version:\n# c\na: b\n", "1.1.0", "version: 1.1.0\n# c\na: b\n"),
        ("version:\n  # c\na: b\n", "1.1.0", "version: 1.1.0\n  # c\na: b\n"),
        ("version: &v # c\n", "1.1.0", "version: &v 1.1.0 # c\n"),
        ("version: !!str\n", "1.1.0", "version: !!str 1.1.0\n"),
        ("{version: }", "1.1.0", "{version: 1.1.0}"),
        ("{version: , a: b}", "1.1.0", "{version: 1.1.0, a: b}"),
        ("{\"version\":}", "1.1.0", "{\"version\": 1.1.0}"),
        ("version :\n", "1.1.0", "version : 1.1.0\n"),
        ("? version\n: \na: b\n", "1.1.0", "? version\n: 1.1.0\na: b\n"),
        ("version:\n", "1.10", "version: \"1.10\"\n"),
    ] {
        match set_scalar(before, "version", value) {
            Ok(text) => assert_eq!(text, after, "{before:?}"),
            Err(error) => panic!("{before:?}: {}", refusal(&error)),
        }
    }
}

#[test]
fn only_the_value_goes() {
    for (before, after) in [
        ("version: 1.0.0\na: b\n", "version:\na: b\n"),
        ("version: 1.0.0", "version:"),
        ("version:   1.0.0   # now\n", "version:   # now\n"),
        ("version: '1.0'\r\na: b\r\n", "version:\r\na: b\r\n"),
        ("a: b\nversion:\n  1.0\nc: d\n", "a: b\nversion:\n\nc: d\n"),
        ("{a: b, version: \"1.0\", c: d}", "{a: b, version:, c: d}"),
        ("version: ~\n", "version:\n"),
        ("version: # none\n", "version: # none\n"),
        ("version:\n", "version:\n"),
    ] {
        match clear_scalar(before, "version") {
            Ok(text) => assert_eq!(text, after, "{before:?}"),
            Err(error) => panic!("{before:?}: {}", refusal(&error)),
        }
    }
    for (before, says) in [
        ("version: |\n  1.0\n", "is a block"),
        ("a: &v 1.0\nversion: *v\n", "is an alias"),
        ("version: !!str 1.0\n", "would change more"),
        ("a: b\n", "missing-key"),
    ] {
        let error = clear_scalar(before, "version").expect_err(before);
        assert!(refusal(&error).contains(says), "{before:?}: {}", refusal(&error));
    }
}

#[test]
fn what_can_not_be_edited_is_refused_by_name() {
    for (before, says) in [
        ("a: &v 1.0\nversion: *v\n", "cannot-edit: the value of `version` on line 2 is an alias"),
        ("version: &v 1.0\na: *v\n", "cannot-edit: the value of `version` on line 1 is repeated"),
        ("version: &v\na: *v\n", "cannot-edit: the value of `version` on line 1 is repeated"),
        ("version: |\n  1.0\n", "is a block"),
        ("version: >-\n  1.0\n", "is a block"),
        ("a: &a {version: 1.0}\n<<: *a\n", "brought by a merge key"),
        ("version: [1.0]\n", "is a list"),
        ("version: {a: b}\n", "is a map"),
        ("a: 1\n---\nversion: 1.0\n", "several-documents"),
        ("version: 1\n---\nversion: 1.0\n", "several-documents"),
        ("version: 1\nversion: 2\n", "duplicate-key"),
        ("version: 1\na: 1\na: 2\n", "duplicate-key"),
        ("a: {version: 1}\n", "missing-key"),
        ("", "missing-key"),
        ("version", "missing-key"),
        ("{version}", "so is the colon"),
        ("? version\n", "so is the colon"),
    ] {
        match set_scalar(before, "version", "1.1.0") {
            Ok(text) => panic!("{before:?} became {text:?}"),
            Err(error) => {
                assert!(refusal(&error).contains(says), "{before:?}: {}", refusal(&error));
                assert!(!error.hints().is_empty(), "{before:?}");
            }
        }
    }
    for value in ["a\nb", "a\u{1b}", "\u{85}"] {
        assert_eq!(
            set_scalar("version: 1\n", "version", value),
            Err(EditError::Text { key: "version".into() }),
            "{value:?}"
        );
    }
}

#[test]
fn other_keys_are_edited_alike() {
    assert_eq!(set_scalar("a: b\nc: d\n", "c", "e").as_deref(), Ok("a: b\nc: e\n"));
    assert!(matches!(set_scalar("a: b\n", "c", "e"), Err(EditError::Missing { .. })));
}

#[test]
fn an_item_joins_the_end_of_the_list() {
    let item = ["name: qa".to_owned(), "type: qa".to_owned()];
    for (before, after) in [
        ("l:\n- name: a\n", "l:\n- name: a\n- name: qa\n  type: qa\n"),
        ("l:\n- name: a", "l:\n- name: a\n- name: qa\n  type: qa"),
        ("l:\n  - name: a\nz: 1\n", "l:\n  - name: a\n  - name: qa\n    type: qa\nz: 1\n"),
        ("l:\r\n- name: a\r\nz: 1\r\n", "l:\r\n- name: a\r\n- name: qa\r\n  type: qa\r\nz: 1\r\n"),
        ("a: b\r\nl:\r\n- name: a", "a: b\r\nl:\r\n- name: a\r\n- name: qa\r\n  type: qa"),
        (
            "l:\n- name: a # first\n\n# about z\nz: 1\n",
            "l:\n- name: a # first\n- name: qa\n  type: qa\n\n# about z\nz: 1\n",
        ),
        (
            "l:\n- name: a\n  # more of a\n# z\nz: 1\n",
            "l:\n- name: a\n  # more of a\n- name: qa\n  type: qa\n# z\nz: 1\n",
        ),
        ("l:\n- {name: a,\n   b: c}\nz: 1\n", "l:\n- {name: a,\n   b: c}\n- name: qa\n  type: qa\nz: 1\n"),
        ("l:\n- [a]\n", "l:\n- [a]\n- name: qa\n  type: qa\n"),
        ("l:\n- name: a\n  from:\nz: 1\n", "l:\n- name: a\n  from:\n- name: qa\n  type: qa\nz: 1\n"),
        (
            "l:\n- name: a\n  t: |\n    x\n    y\nz: 1\n",
            "l:\n- name: a\n  t: |\n    x\n    y\n- name: qa\n  type: qa\nz: 1\n",
        ),
        ("l:\n-\n  name: a\n", "l:\n-\n  name: a\n- name: qa\n  type: qa\n"),
        ("l:\n- # c\n  name: a\n", "l:\n- # c\n  name: a\n- name: qa\n  type: qa\n"),
        ("l:\n-   name: a\n    b: c\n", "l:\n-   name: a\n    b: c\n- name: qa\n  type: qa\n"),
        ("x: &x {name: b}\nl:\n- *x\n", "x: &x {name: b}\nl:\n- *x\n- name: qa\n  type: qa\n"),
        ("l:\n- a\n...\n", "l:\n- a\n- name: qa\n  type: qa\n...\n"),
        ("l:\n- a\n-\n", "l:\n- a\n-\n- name: qa\n  type: qa\n"),
        ("\u{feff}l:\n- ä\n", "\u{feff}l:\n- ä\n- name: qa\n  type: qa\n"),
    ] {
        match append_to_list(before, "l", &item) {
            Ok(text) => assert_eq!(text, after, "{before:?}"),
            Err(error) => panic!("{before:?}: {}", refusal(&error)),
        }
    }
    for (before, says) in [
        ("l: [a]\n", "in brackets"),
        ("l: []\n", "in brackets"),
        ("l: [[a]]\n", "in brackets"),
        ("l:\n", "not a list"),
        ("l: a\n", "not a list"),
        ("l: {a: b}\n", "not a list"),
        ("x: &x [a]\nl: *x\n", "an alias"),
        ("l: &x\n- a\nx: *x\n", "repeated"),
        ("x: 1\n", "missing-key"),
        ("l:\n- a\nl:\n- b\n", "duplicate-key"),
    ] {
        let error = append_to_list(before, "l", &item).expect_err(before);
        assert!(refusal(&error).contains(says), "{before:?}: {}", refusal(&error));
    }
    assert!(append_to_list("l:\n- a\n", "l", &["a: [".to_owned()]).is_err());
    assert!(append_to_list("l:\n- a\n", "l", &["a: 1".to_owned(), "- b".to_owned()]).is_err());
}

proptest! {
    #[test]
    fn an_edit_changes_one_value_and_no_other_byte(
        prefix in "(# ü\n|a: b\n|---\n|\u{feff}|l:\r\n- x\r\n|)",
        colon in ":( {1,3}|\t)",
        quote in "(|'|\")",
        old in "[a-z0-9.]{1,8}",
        suffix in "(|\n|\r\n|  # c\n|\nz: \\[1, \\{version: 2\\}\\]\n)",
        new in "\\PC{1,20}",
    ) {
        let head = format!("{prefix}version{colon}");
        let before = format!("{head}{quote}{old}{quote}{suffix}");
        let document = parse(before.as_bytes()).expect("a document");
        let same = document.root.get("version").and_then(Node::as_str) == Some(&new);
        match set_scalar(&before, "version", &new) {
            Ok(after) => {
                let root = parse(after.as_bytes()).expect("a document").root;
                prop_assert_eq!(root.get("version").and_then(Node::as_str), Some(new.as_str()));
                prop_assert!(after.starts_with(&head) && after.ends_with(&suffix));
                if !same && !quote.is_empty() {
                    prop_assert!(after[head.len()..].starts_with(&quote));
                }
            }
            Err(error) => prop_assert!(matches!(error, EditError::Text { .. }), "{before:?} {new:?}: {error}"),
        }
    }

    #[test]
    fn no_text_makes_an_edit_panic(
        text in r##"(version: |version:|[-?:] |[\[\]{},&*!|>'"#ab1~. \t\r\n]|\n- |\n  |<<: |\*a|&a |---\n){0,30}"##,
        new in "[a-z0-9.:' ]{0,6}",
    ) {
        let _ = append_to_list(&text, "version", &["a: 1".to_owned()]);
        if let Ok(after) = clear_scalar(&text, "version") {
            prop_assert!(parse(after.as_bytes()).expect("a document").root.get("version").is_some_and(Node::is_empty));
        }
        if let Ok(after) = set_scalar(&text, "version", &new) {
            let root = parse(after.as_bytes()).expect("a document").root;
            prop_assert_eq!(root.get("version").and_then(Node::as_str), Some(new.as_str()));
        }
    }
}
