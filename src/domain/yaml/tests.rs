//! What the tree says of all kinds of files.

use proptest::prelude::*;

use super::super::error::Explain;
use super::*;

fn read(text: &str) -> Node {
    parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text:?}: {error}")).root
}

fn refused(bytes: &[u8]) -> YamlError {
    match parse(bytes) {
        Ok(document) => panic!("{:?} was read as {document:?}", String::from_utf8_lossy(bytes)),
        Err(error) => error,
    }
}

#[test]
fn the_version_is_found_in_every_way_of_writing() {
    for (text, want) in [
        ("version: 1.10", "1.10"),
        ("version: 1.10\n", "1.10"),
        ("version: 1.10 # the one\n", "1.10"),
        ("version:    1.10   \n", "1.10"),
        ("version:\t1.10\n", "1.10"),
        ("version: '1.10'\n", "1.10"),
        ("version: \"1.10\"\n", "1.10"),
        ("version: \"\\x31.10\"\n", "1.10"),
        ("\u{feff}version: 1.10\r\n", "1.10"),
        ("---\nversion: 1.10\n...\n", "1.10"),
        ("%YAML 1.1\n---\nversion: 1.10\n", "1.10"),
        ("# first\n\nversion: 1.10\n", "1.10"),
        ("{version: 1.10, a: b}", "1.10"),
        ("{\"version\": \"1.10\"}", "1.10"),
        ("? version\n: 1.10\n", "1.10"),
        ("'version': 1.10\n", "1.10"),
        ("version: !!str 1.10\n", "1.10"),
        ("version: &v 1.10\nother: *v\n", "1.10"),
        ("first: &v 1.10\nversion: *v\n", "1.10"),
        ("base: &b {version: 1.10}\n<<: *b\n", "1.10"),
        ("base: &b {version: 2}\n<<: *b\nversion: 1.10\n", "1.10"),
        ("a: &a {version: 1.10}\nb: &b {version: 2}\n<<: [*a, *b]\n", "1.10"),
        ("version: 1e3\n", "1e3"),
        ("version: 0x10\n", "0x10"),
        ("version: 017\n", "017"),
        ("version: no\n", "no"),
        ("version: true\n", "true"),
        ("version: 2026-11-22\n", "2026-11-22"),
        ("version: 1:30\n", "1:30"),
        ("version: .inf\n", ".inf"),
        ("version: 123456789012345678901234567890\n", "123456789012345678901234567890"),
        ("version: ref:main\n", "ref:main"),
        ("version: wörk\n", "wörk"),
        ("version: |\n  1.10\n", "1.10\n"),
        ("version: >-\n  1.10\n", "1.10"),
        ("version: one\n  two\n", "one two"),
        ("a:\n  version: 2\nversion: 1.10\n", "1.10"),
        ("  version: 1.10\n  a: 2\n", "1.10"),
    ] {
        assert_eq!(read(text).get("version").and_then(Node::as_str), Some(want), "{text:?}");
    }
}

#[test]
fn nothing_and_null_are_told_apart() {
    for (text, empty, null) in [
        ("v:", true, true),
        ("v: # c\n", true, true),
        ("v: &a\n", true, true),
        ("{v: }", true, true),
        ("{v}", true, true),
        ("v: ~", false, true),
        ("v: null", false, true),
        ("v: NULL", false, true),
        ("v: ''", false, false),
        ("v: \"\"", false, false),
        ("v: '~'", false, false),
        ("v: !!str", false, false),
        ("v: nil", false, false),
    ] {
        let root = read(text);
        let node = root.get("v").unwrap_or_else(|| panic!("{text:?}"));
        assert_eq!((node.is_empty(), node.is_null()), (empty, null), "{text:?}");
    }
    assert!(read("").is_empty() && read("# only a comment\n").is_empty() && read("---\n").is_empty());
}

#[test]
fn positions_point_at_the_value() {
    let text = "\u{feff}a: ü 1 # c\r\nlist:\r\n- {b: 'x'}\r\n\r\n# tail\r\nlast: >\r\n  text\r\n";
    let root = read(text);
    let a = root.get("a").expect("a");
    assert_eq!((a.line, a.column, &text[a.span.clone()]), (1, 4, "ü 1"));
    let list = root.get("list").expect("list");
    assert_eq!(&text[list.span.clone()], "{b: 'x'}");
    let b = list.as_list().and_then(|l| l[0].get("b")).expect("b");
    assert_eq!((b.line, b.column, &text[b.span.clone()]), (3, 7, "'x'"));
    let (key, _) = root.entry("last").expect("last");
    assert_eq!((key.line, key.column, &text[key.span.clone()]), (6, 1, "last"));
}

#[test]
fn json_keeps_what_json_can_say() {
    let text = "a: 3\nb: -7\nc: 1.5\nd: 1.0\ne: 1.10\nf: 1e3\ng: 0x10\nh: 007\ni: +1\nj: .5\nk: '3'\nl: true\nm: no\n\
                n: ~\no: !!str 3\np: 18446744073709551615\nq: 18446744073709551616\nr: -0\ns: [1, {t: }]\nu: .inf\nv: 1_0\n";
    let want = r#"{"a":3,"b":-7,"c":1.5,"d":1.0,"e":"1.10","f":"1e3","g":"0x10","h":"007","i":"+1","j":".5","k":"3","l":true,"m":"no","n":null,"o":"3","p":18446744073709551615,"q":"18446744073709551616","r":"-0","s":[1,{"t":null}],"u":".inf","v":"1_0"}"#;
    assert_eq!(read(text).to_json().to_string(), want);
}

#[test]
fn equality_looks_at_what_is_said() {
    assert_eq!(read("a: 1\nb: [x]"), read("# c\n\na:   1\nb:\n- 'x'\n").clone_with_plain("b"));
    assert_ne!(read("a: '1'"), read("a: 1"));
    assert_ne!(read("a: 1"), read("a: 2"));
    assert_eq!(read("a: \"x\""), read("a: 'x'"));
}

impl Node {
    /// The same tree with the texts of one list unquoted.
    fn clone_with_plain(&self, key: &str) -> Node {
        let mut copy = self.clone();
        if let Value::Map(entries) = &mut copy.value {
            for (_, node) in entries.iter_mut().filter(|(known, _)| known.text == key) {
                if let Value::List(items) = &mut node.value {
                    for item in items {
                        if let Value::Scalar(scalar) = &mut item.value {
                            scalar.style = Style::Plain;
                        }
                    }
                }
            }
        }
        copy
    }
}

#[test]
fn what_yaml_leaves_open_is_refused() {
    for (text, code, line, column) in [
        (&b"a: 1\na: 2\n"[..], "duplicate-key", 2, 1),
        (b"x:\n- b: 1\n  'b': 2\n", "duplicate-key", 3, 3),
        (b"{a: 1, a: 2}", "duplicate-key", 1, 8),
        (b"<<: {a: 1}\n<<: {b: 1}\n", "duplicate-key", 2, 1),
        (b"a: 1\n---\nb: 2\n", "several-documents", 2, 1),
        (b"---\n---\n", "several-documents", 2, 1),
        (b"a: \xff\n", "not-utf-8", 1, 4),
        (b"\xff\xfea\0:\0", "not-utf-8", 1, 1),
        (b"a: 1\nb: x\0y\n", "control-character", 2, 5),
        (b"a: \x1b[31m\n", "control-character", 1, 4),
        ("a: \u{9b}31m\n".as_bytes(), "control-character", 1, 4),
        (b"? [a]\n: 1\n", "invalid-yaml", 1, 3),
        (b"? {a: 1}\n: 1\n", "invalid-yaml", 1, 3),
        (b": 1\n", "invalid-yaml", 1, 1),
        (b"x: &x a\n*x : 1\n", "invalid-yaml", 2, 1),
        (b"a: *nowhere\n", "invalid-yaml", 1, 4),
        (b"a: &a [*a]\n", "invalid-yaml", 1, 8),
        (b"a: [1, 2\n", "invalid-yaml", 1, 4),
        (b"a: 'x\n", "invalid-yaml", 2, 1),
        (b"a: 1\n b: 2\n", "invalid-yaml", 2, 3),
        (b"a:\n\t- b\n", "invalid-yaml", 2, 2),
        (b"<<: 5\n", "invalid-yaml", 1, 5),
        (b"<<: [{a: 1}, 5]\n", "invalid-yaml", 1, 14),
        (b"a: @x\n", "invalid-yaml", 1, 4),
    ] {
        let error = refused(text);
        let shown = String::from_utf8_lossy(text);
        assert_eq!((error.code(), error.line, error.column), (code, line, column), "{shown:?}: {error}");
        assert!(!error.kind.to_string().is_empty(), "{shown:?}");
    }
    assert_eq!(refused(b"a: 1\nb: 2\na: 3\n").kind.to_string(), "the key \"a\" is here and on line 1");
}

#[test]
fn common_mistakes_are_told_in_plain_words() {
    for (text, line, says, hint) in [
        ("a: b\nversion 1.0\nc: d\n", 2, "no `key: value`", "a colon and a space"),
        ("a: b: c\n", 1, "this colon", "quotes"),
        ("a:\n  - b\n - c\n", 3, "a key was expected", "alike"),
        ("- a\nb: 1\n", 2, "a `-` was expected", "alike"),
        ("a: 'x\nb: c\n", 2, "does not end", "close the quotes"),
        ("a: \"x\nb: c\n", 2, "does not end", "close the quotes"),
        ("a: [1, 2\nb: 3\n", 2, "in brackets does not end", "close the bracket"),
        ("a: {b: 1\nc: 2\n", 2, "in brackets does not end", "close the bracket"),
        ("a: [1]]\n", 1, "closes nothing", "delete it"),
        ("a: - b\n", 1, "a list can't begin here", "a line of its own"),
        ("a: @x\n", 1, "can't begin with '@'", "quotes"),
        ("a: *\n", 1, "can't begin with `*`", "quotes"),
        ("a: |x\n", 1, "can't begin with `|`", "quotes"),
        ("a: \"\\d\"\n", 1, "an escape", "backslash"),
        ("a: 'it's'\n", 1, "follows the closing quote", "apostrophe"),
        ("a: \"x\" y\n", 1, "follows the closing quote", "`\\\"`"),
        ("a: 1\n\tb: 2\n", 1, "a tab", "spaces"),
        ("version: {{ x }}\n", 1, "a key must be a text", "quotes"),
        ("a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n", 2, "a merge conflict", "resolve"),
        ("<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> x\n", 1, "a merge conflict", "resolve"),
    ] {
        let error = refused(text.as_bytes());
        assert_eq!(error.line, line, "{text:?}: {error}");
        assert!(error.to_string().contains(says), "{text:?}: {error}");
        assert!(error.hints().concat().contains(hint), "{text:?}: {:?}", error.hints());
    }
}

#[test]
fn a_duplicate_is_seen_in_a_large_map() {
    let mut text: String = (0..2000).map(|n| format!("k{n}: {n}\n")).collect();
    assert_eq!(read(&text).as_map().map(<[_]>::len), Some(2000));
    text.push_str("k3: again\n");
    assert_eq!(refused(text.as_bytes()).kind, YamlErrorKind::DuplicateKey { key: "k3".into(), first: 4 });
}

#[test]
fn hostile_files_are_refused_soon() {
    let laughs = {
        let mut text = String::from("a: &a [x, x, x, x, x, x, x, x, x]\n");
        for (name, before) in "bcdefghi".chars().zip("abcdefgh".chars()) {
            let many = vec![format!("*{before}"); 9].join(", ");
            text.push_str(&format!("{name}: &{name} [{many}]\n"));
        }
        text
    };
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), vec!["*a"; 20_000].join(","));
    let chain = {
        let mut text = String::from("a0: &a0 [x]\n");
        for n in 1..4000 {
            text.push_str(&format!("a{n}: &a{n} [*a{}]\n", n - 1));
        }
        text
    };
    let anchors: String = (0..20_000).map(|n| format!("- &a{n} x\n")).chain(["- *a1\n".to_owned()]).collect();
    let nested: String = (0..1000)
        .map(|n| format!("- {}x{}\n", (0..60).map(|m| format!("&a{n}_{m} [")).collect::<String>(), "]".repeat(60)))
        .take(300)
        .chain(["- *a1_1\n".to_owned()])
        .collect();
    let merges = {
        let keys: String = (0..5000).map(|n| format!("k{n}: 1, ")).collect();
        format!("a: &a {{{keys}}}\nb: [{}]\n", vec!["{<<: *a}"; 2000].join(","))
    };
    for (what, text, code) in [
        ("laughs", laughs, "file-too-complex"),
        ("long", long, "file-too-complex"),
        ("chain", chain, "file-too-complex"),
        ("nested anchors", nested, "file-too-complex"),
        ("merges", merges, "file-too-complex"),
        ("flow", "[".repeat(100_000), "file-too-complex"),
        ("maps", "{a: ".repeat(60_000), "file-too-complex"),
        ("dashes", "- ".repeat(100_000), "file-too-complex"),
        ("questions", "? ".repeat(100_000), "invalid-yaml"),
        ("values", "- \n".repeat(80_000), "file-too-complex"),
        ("size", "x".repeat(MAX_FILE + 1), "file-too-large"),
        ("indent", (0..600).map(|n| format!("{}a:\n", " ".repeat(n))).collect(), "file-too-complex"),
    ] {
        let start = std::time::Instant::now();
        let error = refused(text.as_bytes());
        assert_eq!(error.code(), code, "{what}: {error}");
        assert!(start.elapsed().as_secs() < 5, "{what} took {:?}", start.elapsed());
    }
    assert!(parse(anchors.as_bytes()).is_ok());
    assert!(parse(format!("a: {}\n", "x".repeat(MAX_FILE - 4)).as_bytes()).is_ok());
}

#[test]
fn sixty_four_levels_are_enough() {
    let nest = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(nest(MAX_DEPTH).as_bytes()).is_ok());
    assert_eq!(refused(nest(MAX_DEPTH + 1).as_bytes()).kind, YamlErrorKind::TooDeep);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn any_text_of_yaml_marks_is_read_or_refused(text in r#"([-:?\[\]{},&*!|>'"%@#ab1~<. \t\r\n]|: |- |\n  |<<: |\*a|&a ){0,60}"#) {
        if let Ok(document) = parse(text.as_bytes()) {
            spans_are_inside(&document.root, &text);
            let _ = document.root.to_json();
        }
    }
}

/// Every span is a piece of the text.
fn spans_are_inside(node: &Node, text: &str) {
    assert!(text.get(node.span.clone()).is_some(), "{:?} of {text:?}", node.span);
    match &node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter().for_each(|item| spans_are_inside(item, text)),
        Value::Map(entries) => entries.iter().for_each(|(key, node)| {
            assert!(text.get(key.span.clone()).is_some());
            spans_are_inside(node, text);
        }),
    }
}
