//! Release files that are read, and such that are refused with a place and advice.

use proptest::prelude::*;

use super::super::error::{Exit, Explain};
use super::super::version::{AppRef, Version};
use super::*;

fn read(text: &str) -> ReleaseFile {
    ReleaseFile::parse("release.yml", text.as_bytes()).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

fn refused(text: &str) -> FileError {
    match ReleaseFile::parse("release.yml", text.as_bytes()) {
        Ok(file) => panic!("{text:?} was read as {file:?}"),
        Err(error) => error,
    }
}

const WHOLE: &str = "\
application: {name: foo-app, url: https://git.example.com/foo/foo-app.git}
version: 1.10
environments:
- name: dev
  type: dev
  branch: main
- name: qa
  kind: qa
  from: dev
  mixed: refuse
- name: prod-eu
  stage: prod
  from: [qa, staging]
  trigger: push
  jira-trigger: {version_released: true, statuses: [Done, 10001]}
  credentials: prod-eu-deployer
  api: https://api.eu.example.com
  replicas: 3
- name: prod-cn
  type: air-gapped
  tags: final
- name: lab
  type: experiment
forge: {type: gitlab, url: https://git.example.com}
promotion:
  via: branch
  title: Release
jira:
  url: https://jira.example.com
commit_prefix: 'FOO-1: '
";

#[test]
fn a_whole_file_is_understood() {
    let file = read(WHOLE);
    assert_eq!(file.application.name.as_str(), "foo-app");
    assert_eq!(file.application.url.as_deref(), Some("https://git.example.com/foo/foo-app.git"));
    assert_eq!(file.version, Declared::Version(Version::parse("1.10").expect("a version")));
    assert_eq!(file.version_line, Some(2));
    let tagging: Vec<_> = file.environments.iter().map(Environment::tagging).collect();
    assert_eq!(
        tagging,
        [Some(Tagging::None), Some(Tagging::Candidate), Some(Tagging::Final), Some(Tagging::Final), None]
    );
    let prod = file.entry(&EnvironmentName::parse("prod-eu").expect("a name")).expect("an entry");
    assert_eq!(prod.from.as_ref().map(|from| from.iter().map(|n| n.as_str()).collect()), Some(vec!["qa", "staging"]));
    assert_eq!((prod.trigger, prod.line), (TriggerPolicy::Push, 11));
    let statuses = vec!["Done".to_owned(), "10001".to_owned()];
    assert_eq!(prod.jira_trigger, Some(JiraTrigger { version_released: true, statuses }));
    assert_eq!(prod.credentials.as_deref(), Some("prod-eu-deployer"));
    assert_eq!(prod.entry.to_json()["replicas"], 3);
    let qa = &file.environments[1];
    assert_eq!((qa.mixed, qa.from.as_ref().map(Vec::len)), (MixedPolicy::Refuse, Some(1)));
    assert_eq!(file.environments[0].branch.as_ref().map(|b| b.as_str()), Some("main"));
    let forge = file.forge.expect("a forge");
    assert_eq!((forge.kind.as_deref(), forge.line), (Some("gitlab"), 24));
    assert_eq!((file.promotion.via, file.promotion.title.as_deref()), (Via::Branch, Some("Release")));
    assert_eq!(file.jira.and_then(|jira| jira.url).as_deref(), Some("https://jira.example.com"));
    assert_eq!(file.commit_prefix.as_deref(), Some("FOO-1: "));
    assert_eq!(file.warnings, []);
}

#[test]
fn a_version_is_text_whatever_it_looks_like() {
    for (written, want) in [
        ("1.10", "1.10"),
        ("'1.10'", "1.10"),
        ("1e3", "1e3"),
        ("0x10", "0x10"),
        ("010", "010"),
        ("no", "no"),
        ("2026.11", "2026.11"),
        ("2026-11-22", "2026-11-22"),
        ("release-7", "release-7"),
        ("\"null\"", "null"),
    ] {
        let file = read(&format!("application: a\nversion: {written}\n"));
        assert_eq!(file.version.version().map(Version::as_str), Some(want), "{written}");
    }
}

#[test]
fn all_that_version_can_declare() {
    let declared = |line: &str| read(&format!("application: a\n{line}")).version;
    assert_eq!(declared(""), Declared::Absent);
    assert_eq!(declared("version:\n"), Declared::Empty);
    assert_eq!(declared("version:   # later\n"), Declared::Empty);
    assert_eq!(declared("version: wip\n"), Declared::Wip);
    assert_eq!(declared("version: ref:main\n"), Declared::Ref(AppRef::Name(BranchName::parse("main").expect("ok"))));
    assert!(matches!(
        declared("version: ref:0123456789abcdef0123456789abcdef01234567\n"),
        Declared::Ref(AppRef::Commit(_))
    ));
}

#[test]
fn mistakes_have_a_place_a_code_and_advice() {
    for (text, place, code, says, hint) in [
        ("", "1:1", "empty-file", "says nothing", ""),
        ("- a\n", "1:1", "invalid-value", "is a list; expected a map", ""),
        ("version: 1.0.0\n", "1:1", "missing-key", "no `application`", "application: foo-app"),
        ("version: 1.0\naplication: foo\n", "2:1", "missing-key", "but there is \"aplication\"", "did you mean"),
        ("application: a\nenvironments:\n- {nmae: qa}\n", "3:4", "missing-key", "\"nmae\"", "mean `name`?"),
        ("application: {nam: foo}\n", "1:15", "missing-key", "\"nam\"", "mean `name`?"),
        ("application: a b\n", "1:14", "invalid-name", "repository name", "letters"),
        ("application: {url: x}\n", "1:14", "missing-key", "no `name`", "name: foo-app"),
        ("application: {name: a, url: --upload-pack=x}\n", "1:29", "invalid-url", "option", "https://"),
        ("application: {name: a, url: 'ext::sh -c x'}\n", "1:29", "invalid-url", "remote helper", "https://"),
        ("application: {name: a, url: \"h\\e[0m\"}\n", "1:29", "invalid-url", "control", ""),
        ("application: a\nversion: ~\n", "2:10", "invalid-version", "`version` is ~", "nothing after it"),
        ("application: a\nversion: null\n", "2:10", "invalid-version", "is null", "nothing after it"),
        ("application: a\nversion: ''\n", "2:10", "invalid-version", "an empty text", "nothing after it"),
        ("application: a\nversion: [1.0]\n", "2:10", "invalid-version", "a list", ""),
        ("application: a\nversion: 1.0-rc.1\n", "2:10", "invalid-version", "marks a candidate", "`1.0`"),
        ("application: a\nversion: 1 0\n", "2:10", "invalid-version", "Git does not allow", "check-ref-format"),
        ("application: a\nversion: ref:\n", "2:13", "invalid-yaml", "colon", "quotes"),
        ("application: a\nversion: 'ref:'\n", "2:10", "invalid-version", "neither a branch", "ref:main"),
        ("application: a\nversion: 1.0\nversion: 1.1\n", "3:1", "duplicate-key", "line 2", "delete"),
        ("application: a\nenvironments: {dev: x}\n", "2:15", "invalid-value", "is a map; expected a list", ""),
        ("application: a\nenvironments: [dev]\n", "2:16", "invalid-value", "is a text; expected a map", ""),
        ("application: a\nenvironments:\n- type: qa\n", "3:3", "missing-key", "no `name`", "name: qa"),
        ("application: a\nenvironments:\n- name: ../x\n", "3:9", "invalid-name", "environment name", ""),
        ("application: a\nenvironments:\n- name: a\n- name: a\n", "4:9", "duplicate-name", "line 3", "rename"),
        ("application: a\nenvironments:\n- {name: a, kind: qa, stage: qa}\n", "3:23", "invalid-value", "both", "type"),
        ("application: a\nenvironments:\n- {name: a, type: q/a}\n", "3:19", "invalid-name", "environment type", ""),
        ("application: a\nenvironments:\n- {name: a, tags: finale}\n", "3:19", "invalid-value", "one of", "`final`"),
        ("application: a\nenvironments:\n- {name: a, tags: [final]}\n", "3:19", "invalid-value", "a list", ""),
        ("application: a\nenvironments:\n- {name: a, mixed: maybe}\n", "3:20", "invalid-value", "warn, refuse", ""),
        ("application: a\nenvironments:\n- {name: a, from: [b c]}\n", "3:20", "invalid-name", "b c", ""),
        ("application: a\nenvironments:\n- {name: a, from: {b: c}}\n", "3:19", "invalid-value", "a map", ""),
        ("application: a\nenvironments:\n- {name: a, branch: a..b}\n", "3:21", "invalid-name", "branch name", ""),
        ("application: a\npromotion: {via: brunch}\n", "2:18", "invalid-value", "one of", "`branch`"),
        ("application: a\nforge: gitlab\n", "2:8", "invalid-value", "expected a map", ""),
        ("application: a\ncommit_prefix: \"a\\nb\"\n", "2:16", "invalid-value", "one line", ""),
        ("application: a\n---\n", "2:1", "several-documents", "second document", ""),
    ] {
        let error = refused(text);
        let shown = error.to_string();
        assert!(shown.starts_with(&format!("release.yml:{place}: ")), "{text:?}: {shown}");
        assert_eq!((error.code, error.exit()), (code, Exit::Usage), "{text:?}: {shown}");
        assert!(shown.contains(says), "{text:?}: {shown}");
        assert!(error.hints().concat().contains(hint), "{text:?}: {:?}", error.hints());
    }
}

#[test]
fn a_message_neither_grows_nor_controls_the_terminal() {
    let long = refused(&format!("application: '{}'\n", "\\x1b x".repeat(30_000)));
    assert!(long.to_string().len() < 600, "{}", long.to_string().len());
    let version = refused(&format!("application: a\nversion: {}\n", "~".repeat(190)));
    assert!(version.to_string().len() < 1000);
    let escape = refused("application: \"a\\e[31m\"\n");
    assert!(!escape.to_string().contains('\u{1b}'), "{escape}");
}

#[test]
fn unknown_and_similar_keys_are_warnings() {
    let file = read(
        "application: a\nversion: 1.0\nforg: x\nowner: me\nenvironments:\n- {name: qa, form: dev, Type: qa, tag: none, api: x}\n",
    );
    let said: Vec<_> =
        file.warnings.iter().map(|w| (w.code, w.line, w.environment.as_deref(), w.hint.as_str())).collect();
    assert_eq!(said.len(), 5, "{said:?}");
    assert_eq!(said[0], ("unknown-key", Some(3), None, "did you mean `forge`?"));
    assert!(said[1].3.contains("commit_prefix"));
    assert_eq!(said[2], ("similar-key", Some(6), Some("qa"), "did you mean `from`?"));
    assert_eq!(said[3].3, "did you mean `type`?");
    assert_eq!(said[4].3, "did you mean `tags`?");
}

#[test]
fn a_version_under_a_misspelt_key_is_not_no_version() {
    for key in ["vesion", "verison", "versions", "Version"] {
        let text = format!("application: a\n{key}: 1.0\nenvironments: []\n");
        let error = ReleaseFile::parse("release.yml", text.as_bytes()).unwrap_err();
        assert_eq!((error.code, error.line), ("missing-key", 2), "{key}");
        assert!(error.to_string().contains(&format!("there is no `version`, but there is \"{key}\"")), "{error}");
    }
    for own in ["revision: 1.0", "owner: me", "subversion: 1.0", "versions: [1.0, 1.1]", "versions: {a: 1.0}"] {
        assert_eq!(read(&format!("application: a\n{own}\nenvironments: []\n")).version, Declared::Absent, "{own}");
    }
}

#[test]
fn keys_without_a_value_count_as_absent() {
    let file =
        read("application: a\nenvironments:\n- name: qa\n  type:\n  from: ~\n  branch:\nforge:\npromotion:\njira:\n");
    let qa = &file.environments[0];
    assert_eq!((&qa.kind, &qa.from, &qa.branch), (&None, &None, &None));
    assert_eq!((file.forge, file.promotion.via, file.jira), (None, Via::Auto, None));
    assert_eq!(*read("application: a\nenvironments:\n").environments, []);
}

#[test]
fn anchors_and_merges_describe_entries() {
    let file = read(
        "application: a\nenvironments:\n- &eu {name: prod-eu, type: prod, api: eu, from: [qa]}\n- <<: *eu\n  name: prod-cn\n",
    );
    let cn = &file.environments[1];
    assert_eq!((cn.name.as_str(), cn.kind.as_ref().map(TypeName::as_str)), ("prod-cn", Some("prod")));
    assert_eq!(cn.entry.get("api").and_then(Node::as_str), Some("eu"));
}

proptest! {
    #[test]
    fn any_lines_are_read_or_refused(lines in proptest::collection::vec(
        "(application|version|environments|- name|  type|  from|promotion|  via): ?(|a|qa|\\[a\\]|\\{name: b\\}|1.0|~|'')", 0..12))
    {
        let _ = ReleaseFile::parse("release.yml", lines.join("\n").as_bytes());
    }
}

/// What reading the second text by the first one gives, if it is read so.
fn by_another(own: &str, other: &str) -> Option<ReleaseFile> {
    read(own).with_version_in(own.as_bytes(), other.as_bytes())
}

#[test]
fn a_file_with_another_version_is_read_by_the_first_one() {
    let around =
        "environments:\n- {name: qa, type: qa, size: 1.2.0}\n- {name: prod, type: prod, tgas: x}\nmore: 1.2.0\n";
    for (before, after) in [
        ("application: a\nversion: ", format!("\n{around}")),
        ("application: a\r\nversion:   ", format!(" # held\r\n{around}")),
        ("application: a\nversion: '", format!("'\n{around}")),
        ("\u{feff}application: a # ä\n\"version\": \"", format!("\" # ü\n{around}")),
        ("{version: ", ", application: a, environments: [{name: qa, type: qa}]}".to_owned()),
    ] {
        let file = |version: &str| format!("{before}{version}{after}");
        for version in ["1.3.0", "1e3.0", "0x100", "2.0-b", "10_12"] {
            let found = by_another(&file("1.2.0"), &file(version));
            // A key in quotes is read as YAML; that is rare.
            assert_eq!(found.is_some(), !before.contains("\"version"), "{before}{version}");
            if let Some(found) = found {
                assert_eq!(format!("{found:?}"), format!("{:?}", read(&file(version))));
            }
        }
    }
}

#[test]
fn a_file_in_which_more_differs_is_read_as_yaml() {
    let file = |version: &str| format!("application: a\nversion: {version}\nenvironments:\n- {{name: qa, type: qa}}\n");
    let own = file("1.2.0");
    for version in [
        "1.2.00", "12.0", "v1.20", "~    ", "null ", "1.2 #", "1.2: ", "&a 1.", "*abcd", "'1.2'", "WIP  ", "1.2\nx",
        "1,2.0",
    ] {
        assert_eq!(by_another(&own, &file(version)), None, "{version}");
    }
    assert_eq!(by_another(&own, &own.replace("type: qa", "type: xx")), None);
    assert_eq!(by_another(&own, &own.replace("application: a", "application: b")), None);
    for version in ["&a 1.2.0", "!!str 1.2.0", "v1.2.0"] {
        let other = file(version).replace("1.2", "1.3");
        let found = by_another(&file(version), &other);
        assert!(found.is_none_or(|found| found == read(&other)), "{version}");
    }
    // A comment may end as the key does.
    for line_break in ["\n", "\r", "\r\n"] {
        let anchored = format!("version: &v # version:{line_break}  aa\napplication: *v\n");
        assert_eq!(by_another(&anchored, &anchored.replace("aa", "11")), None);
    }
    let nothing = "application: a\nenvironments: []\n";
    assert_eq!(by_another(nothing, nothing), None);
}

proptest! {
    #[test]
    fn a_file_is_the_same_however_it_is_read(
        old in "[0-9v][0-9a-z.-]{0,6}",
        new in "[0-9a-zA-Z.:#'\"&*!~, -]{1,7}",
        quote in "['\"]?",
        end in "( |\t)?(# [0-9.]*)?",
        flow: bool,
    ) {
        let file = |version: &str| match flow {
            true => format!("{{application: a, version: {quote}{version}{quote}, environments: [{{name: qa, type: qa}}]}}"),
            false => format!("application: a\nversion: {quote}{version}{quote}{end}\nenvironments: [{{name: qa, type: qa}}]\n"),
        };
        let (own, other) = (file(&old), file(&new));
        if let Ok(known) = ReleaseFile::parse("release.yml", own.as_bytes())
            && let Some(found) = known.with_version_in(own.as_bytes(), other.as_bytes())
        {
            prop_assert_eq!(Ok(format!("{found:?}")), ReleaseFile::parse("release.yml", other.as_bytes()).map(|file| format!("{file:?}")));
        }
    }
}
