//! release.yml and app.yml as they lie on branches: what is read, and how an error says where it is.

use crate::sandbox::{Room, assert_whole};

fn app(room: &Room) {
    let app = room.repo("foo-app");
    app.commit("main", "one");
    app.tag("v1.10-rc.1", "main");
}

#[test]
fn versions_are_read_as_they_are_written() {
    let room = Room::new();
    app(&room);
    let release = room.repo("foo-release");
    for (written, read) in [
        ("1.10", "1.10"),
        ("'1.10'", "1.10"),
        ("\"1.10\"", "1.10"),
        ("1.10 # the next one", "1.10"),
        ("1e3", "1e3"),
        ("0x10", "0x10"),
        ("017", "017"),
        ("no", "no"),
        ("true", "true"),
        ("2026-11-22", "2026-11-22"),
        ("1_000", "1_000"),
        ("&v 1.10", "1.10"),
        ("!!str 1.10", "1.10"),
        ("wörk", "wörk"),
    ] {
        release.environment("qa", written, "type: qa");
        let shown = room.relman("foo-release", "status --format json").ok().json();
        assert_eq!(shown["environments"][0]["version"], read, "{written}");
    }
}

#[test]
fn files_in_every_dress() {
    let room = Room::new();
    app(&room);
    let release = room.repo("foo-release");
    for (name, text) in [
        ("crlf", "application: foo-app\r\nversion: 1.10\r\nenvironments:\r\n- name: qa\r\n  type: qa\r\n"),
        ("bom", "\u{feff}application: foo-app\nversion: 1.10\nenvironments: [{name: qa, type: qa}]\n"),
        ("start", "---\n# a comment\napplication: foo-app\nversion: 1.10\nenvironments: [{name: qa, type: qa}]\n...\n"),
        ("flow", "{application: foo-app, version: 1.10, environments: [{name: qa, type: qa}]}"),
        (
            "nested",
            "x: {version: 9}\napplication: {name: foo-app}\nversion: 1.10\nenvironments: [{name: qa, type: qa}]",
        ),
        ("anchors", "e: &e {name: qa, type: qa}\napplication: foo-app\nversion: 1.10\nenvironments: [*e]\n"),
    ] {
        release.release_file("qa", name, text);
        room.relman("foo-release", "next-rc qa").ok().says("v1.10-rc.2\n");
    }
}

#[test]
fn errors_name_branch_file_line_and_column() {
    let room = Room::new();
    app(&room);
    let release = room.repo("foo-release");
    let head = "application: foo-app\nversion: 1.0\nenvironments:\n";
    for (text, code, message) in [
        (
            "",
            "empty-file",
            "release.yml:1:1: the file says nothing; expected `application`, `version` and `environments`",
        ),
        (
            "version: 1.0\n",
            "missing-key",
            "release.yml:1:1: there is no `application`; expected the name of the app repo",
        ),
        (
            &format!("{head}- name: qa\n  type: qa\n  tags: canddiate\n"),
            "invalid-value",
            "release.yml:6:9: `tags` is \"canddiate\"; expected one of none, candidate, reuse, final",
        ),
        (
            &format!("{head}- name: qa\n  type: qa\n- name: qa\n  type: dev\n"),
            "duplicate-name",
            "release.yml:6:9: the environment `qa` is here and on line 4; expected each name once",
        ),
        (
            "application: a\nversion: 1\nversion: 2\n",
            "duplicate-key",
            "release.yml:3:1: the key \"version\" is here and on line 2; expected each key once",
        ),
        (
            "application: a\n---\nversion: 1\n",
            "several-documents",
            "release.yml:2:1: a second document begins here; expected one document",
        ),
        (
            "application: a\nversion: ~\n",
            "invalid-version",
            "release.yml:2:10: `version` is ~, which is neither a version nor nothing; expected a version such as `1.2.0`",
        ),
        (
            "application: a\nversion: [1]\n",
            "invalid-version",
            "release.yml:2:10: `version` is a list; expected a version such as `1.2.0`",
        ),
        (
            "application: a\nversion: \"\"\n",
            "invalid-version",
            "release.yml:2:10: `version` is an empty text, which is neither a version nor nothing; expected a version such as `1.2.0`",
        ),
        (
            "application: a\nversion: ref:a b\n",
            "invalid-version",
            "release.yml:2:10: \"ref:a b\" names neither a branch, a tag nor a full commit id",
        ),
    ] {
        release.release_file("qa", "Set", text);
        let answer = room.relman("foo-release", "resolve qa --format json");
        let said = answer.error()["message"].as_str().unwrap().to_owned();
        assert_eq!(said, format!("{message} (on environment/qa)"));
        answer.refused(2, code);
    }
    let wrong = format!("{head}- name: qa\n  type: qa\n  tags: canddiate\n");
    release.release_file("qa", "Set", &wrong);
    room.relman("foo-release", "resolve qa").ends(2).talks("hint: did you mean `candidate`?");
}

#[test]
fn unknown_keys_are_warnings_with_a_guess() {
    let room = Room::new();
    app(&room);
    let release = room.repo("foo-release");
    let text = "application: foo-app\nversion: 1.10\nenvironmets: []\nenvironments:\n- name: qa\n  type: qa\n  form: [dev]\n  namespace: foo\npromotoin: {}\n";
    release.release_file("qa", "Set", text);
    assert_whole!("yaml_unknown_keys", room.relman("foo-release", "check").ok());
    let found = room.relman("foo-release", "check --format json").ok().json();
    let lines: Vec<_> =
        found["problems"].as_array().unwrap().iter().map(|p| (p["code"].clone(), p["line"].clone())).collect();
    assert!(lines.contains(&("similar-key".into(), 7.into())), "{lines:?}");
    room.relman("foo-release", "next-rc qa").ok();
}

#[test]
fn a_misspelt_key_is_guessed_where_it_leaves_nothing_to_read() {
    let room = Room::new();
    app(&room);
    let release = room.repo("foo-release");
    release.release_file("qa", "Set", "application: foo-app\nversion: 1.0\nenviroments:\n- {name: qa, type: qa}\n");
    room.relman("foo-release", "check")
        .ends(10)
        .shows("branch-without-entry")
        .shows("unknown-key")
        .shows("did you mean `environments`?");
    release.release_file("qa", "Set", "aplication: foo-app\nversion: 1.0\nenvironments:\n- {name: qa, type: qa}\n");
    room.relman("foo-release", "check").ends(10).shows("\"aplication\"").shows("did you mean `application`?");
    room.relman("foo-release", "next-rc qa").ends(2).talks("release.yml:1:1").talks("did you mean `application`?");
}

#[test]
fn the_file_has_two_names_and_only_one_at_a_time() {
    let room = Room::new();
    app(&room);
    let release = room.repo("foo-release");
    let text = crate::sandbox::release_file("qa", "1.10", "type: qa");
    release.commit_files("environment/qa", "yaml", &[("release.yaml", &text)]);
    room.relman("foo-release", "next-rc qa").ok().says("v1.10-rc.2\n");
    release.commit_files("environment/qa", "both", &[("release.yml", &text)]);
    room.relman("foo-release", "next-rc qa --format json").refused(2, "file-doubled");
}

#[test]
fn an_entry_of_another_environment_has_no_effect() {
    let room = Room::new();
    app(&room);
    let release = room.repo("foo-release");
    release.environment("prod", "1.10", "type: prod");
    let text =
        "application: foo-app\nversion: 1.10\nenvironments:\n- name: qa\n  type: qa\n- name: prod\n  type: dev\n";
    release.release_file("qa", "Set", text);
    let facts = room.relman("foo-release", "resolve prod --format json").ok().json();
    assert_eq!((&facts["tagging"], &facts["tag"]), (&"final".into(), &"v1.10".into()));
}

#[test]
fn the_apps_file_and_where_it_is_wrong() {
    let room = Room::new();
    let app = room.repo("foo-app");
    room.repo("foo-backend").commit("main", "one");
    let at = app.commit_files("main", "bad", &[("app.yml", "repositories:\n- name: foo-backend\n- nam: x\n")]);
    let release = room.repo("foo-release");
    release.environment("qa", "1.0", "type: qa");
    let answer = room.relman("foo-release", "resolve qa --format json");
    let said = answer.error()["message"].as_str().unwrap().to_owned();
    let want = format!(
        "app.yml of foo-app at {} can't be used: app.yml:3:3: this repository has no `name`, but there is \"nam\"; expected a name",
        &at[..10]
    );
    assert_eq!(said, want);
    answer.refused(2, "missing-key");
    room.relman("foo-release", "next-rc qa --format json").refused(2, "missing-key");
    room.relman("foo-release", "status").ok().shows("error: app.yml of foo-app at");
    room.relman("foo-release", "check").ends(10).shows("error[missing-key]");
    let big = format!("# {}\n", "x".repeat(300_000));
    app.commit_files("main", "big", &[("app.yml", &big)]);
    room.relman("foo-release", "next-rc qa --format json").refused(2, "file-too-large");
}

#[test]
fn where_there_is_no_app_file_the_list_of_an_ods_file_is_read() {
    let room = Room::new();
    let app = room.repo("foo-app");
    let ods = "version: 1\nrepositories:\n- name: foo-backend\n  anything: else\npipeline: {tasks: []}\n";
    app.commit_files("main", "ods", &[("ods.yaml", ods)]);
    room.repo("foo-release").environment("qa", "1.0", "type: qa");
    let backend = room.repo("foo-backend");
    backend.commit("main", "one");
    backend.tag("v1.0-rc.4", "main");
    room.relman("foo-release", "next-rc qa").ok().says("v1.0-rc.5\n");
    app.commit_files("main", "own", &[("app.yml", "repositories: []\n")]);
    room.relman("foo-release", "next-rc qa").ok().says("v1.0-rc.1\n");
}
