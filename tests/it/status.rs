//! `relman status`: the matrix, what a version stands for, and what is wrong.

use crate::sandbox::{Room, assert_whole, release_file};

/// Three environments in a row: dev on WIP, qa on a candidate, prod on a final version.
fn foo(room: &Room) {
    let app = room.repo("foo-app");
    app.commit("main", "feat: FOO-1 first");
    app.tag("v1.0.0-rc.1", "main");
    app.tag("v1.0.0", "main");
    app.commit("main", "feat: FOO-2 second");
    app.tag("v1.1.0-rc.1", "main");
    app.tag("v1.1.0-rc.2", "main");
    let release = room.repo("foo-release");
    release.environment("dev", "WIP", "type: dev");
    release.environment("qa", "1.1.0", "type: qa; from: [dev]");
    release.environment("prod", "1.0.0", "type: prod; from: [qa]");
}

#[test]
fn the_matrix() {
    let room = Room::new();
    foo(&room);
    assert_whole!("status_matrix", room.relman("foo-release", "status").ok().silent());
}

#[test]
fn the_matrix_as_a_document() {
    let room = Room::new();
    foo(&room);
    assert_whole!("status_json", room.relman("foo-release", "status --format json").ok().silent());
}

#[test]
fn only_the_environments_that_are_named() {
    let room = Room::new();
    foo(&room);
    let shown = room.relman("foo-release", "status qa --format json").ok().json();
    let names: Vec<_> = shown["environments"].as_array().unwrap().iter().map(|row| &row["name"]).collect();
    assert_eq!(names, ["qa"]);
    room.relman("foo-release", "status qs --format json").refused(3, "no-environment");
    room.relman("foo-release", "status qs").ends(3).talks("hint: did you mean qa?");
}

/// What one environment's row says of a declared version, as `ref kind moved`.
fn deploys(room: &Room, environment: &str) -> String {
    let shown = room.relman("foo-release", &format!("status {environment} --format json")).ok().json();
    let row = &shown["environments"][0];
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
    let moved = row["heads_moved"].as_bool().map_or("?", |moved| if moved { "moved" } else { "same" });
    format!("{} {} {moved}", text(&row["deploys"]["ref"]), text(&row["deploys"]["ref_kind"]))
}

#[test]
fn what_a_version_stands_for_depends_on_the_tagging() {
    let room = Room::new();
    let app = room.repo("foo-app");
    let first = app.commit("main", "one");
    app.branch("develop", "main");
    app.branch("release/2.0", "main");
    app.tag("v1.0-rc.2", "main");
    app.tag("v1.0-rc.10", "main");
    app.tag("v3.0-rc.1", "main");
    app.tag("v3.0", "main");
    app.commit("main", "two");
    let release = room.repo("foo-release");
    for (name, version, entry, want) in [
        ("wip", "WIP", "type: dev", "refs/heads/main branch same"),
        ("wip-lower", "wip", "type: dev", "refs/heads/main branch same"),
        ("wip-branch", "WIP", "type: dev; branch: develop", "refs/heads/develop branch same"),
        ("dev", "1.0", "type: dev", "refs/heads/main branch same"),
        ("dev-release", "2.0", "type: dev", "refs/heads/release/2.0 branch same"),
        ("qa", "1.0", "type: qa", "refs/tags/v1.0-rc.10 candidate moved"),
        ("qa-same", "1.0", "type: qa; branch: develop", "refs/tags/v1.0-rc.10 candidate same"),
        ("qa-final", "3.0", "type: qa", "refs/tags/v3.0 final moved"),
        ("qa-new", "4.0", "type: qa", "refs/heads/main branch same"),
        ("qa-release", "2.0", "type: qa", "refs/heads/release/2.0 branch same"),
        ("staging", "1.0", "type: staging", "refs/tags/v1.0-rc.10 candidate same"),
        ("staging-final", "3.0", "type: staging", "refs/tags/v3.0 final same"),
        ("prod", "1.0", "type: prod", "refs/tags/v1.0-rc.10 candidate same"),
        ("prod-final", "3.0", "type: prod", "refs/tags/v3.0 final same"),
        ("own", "1.0", "type: canary; tags: reuse", "refs/tags/v1.0-rc.10 candidate same"),
        ("older-name", "1.0", "kind: qa", "refs/tags/v1.0-rc.10 candidate moved"),
        ("oldest-name", "1.0", "stage: prod", "refs/tags/v1.0-rc.10 candidate same"),
        ("ref-branch", "ref:develop", "type: dev", "refs/heads/develop ref same"),
        ("ref-tag", "ref:v1.0-rc.2", "type: dev", "refs/tags/v1.0-rc.2 ref same"),
        ("empty", "", "type: prod", "- - ?"),
        ("none", "9.9", "type: prod", "- - same"),
    ] {
        release.environment(name, version, entry);
        assert_eq!(deploys(&room, name), want, "{name}");
    }
    release.environment("ref-commit", &format!("ref:{first}"), "type: dev");
    assert_eq!(deploys(&room, "ref-commit"), format!("{first} ref same"));
}

#[test]
fn the_tip_may_name_an_older_candidate() {
    let room = Room::new();
    let app = room.repo("foo-app");
    app.commit("main", "one");
    app.tag("v1.0-rc.1", "main");
    app.commit("main", "two");
    app.tag("v1.0-rc.2", "main");
    let release = room.repo("foo-release");
    release.environment_saying("prod", "1.0", "type: prod", "Promote\n\nVersion: 1.0\nCandidate: v1.0-rc.1");
    assert_eq!(deploys(&room, "prod"), "refs/tags/v1.0-rc.1 candidate same");
}

#[test]
fn components_move_the_heads_too() {
    let room = Room::new();
    let app = room.repo("foo-app");
    let backend = room.repo("foo-backend");
    let at = backend.commit("main", "one");
    app.app_file("main", &["name: foo-backend", "{name: foo-lib, tag: v2.0}"]);
    app.relman_tag("v1.0-rc.1", "main", &[("foo-backend", &at)]);
    room.repo("foo-release").environment("qa", "1.0", "type: qa");
    assert_eq!(deploys(&room, "qa"), "refs/tags/v1.0-rc.1 candidate same", "the commit that the tag records");
    backend.commit("main", "two");
    assert_eq!(deploys(&room, "qa"), "refs/tags/v1.0-rc.1 candidate moved");
    std::fs::remove_dir_all(&backend.path).unwrap();
    assert_eq!(deploys(&room, "qa"), "refs/tags/v1.0-rc.1 candidate ?");
    room.relman("foo-release", "status").ok().shows("warning: there is no clone of foo-backend");
}

#[test]
fn everything_that_can_be_wrong_with_a_branch() {
    let room = Room::new();
    let app = room.repo("foo-app");
    app.commit("main", "one");
    app.light_tag("v7-rc.99999999999999999999", "main");
    let release = room.repo("foo-release");
    release.environment("wip", "WIP", "type: qa");
    release.environment("odd", "1.0", "type: canary");
    release.environment("bare", "1.0", "api: https://api.example.com");
    release.environment("away", "ref:nowhere", "type: dev");
    release.environment("branchless", "WIP", "type: dev; branch: gone");
    release.environment("none", "6.0", "type: prod");
    release.environment("huge", "7", "type: qa");
    release.environment("bad", "1.0-rc.3", "type: qa");
    release.environment("a+b", "1.0", "type: qa");
    release.release_file("other", "Set", &release_file("another", "1.0", "type: qa"));
    release.commit("environment/missing", "nothing here");
    let text = release_file("two", "1.0", "type: qa");
    release.commit_files("environment/two", "Two", &[("release.yml", &text), ("release.yaml", &text)]);
    assert_whole!("status_wrong", room.relman("foo-release", "status").ok());
    room.relman("foo-release", "status --check").ends(10);
    room.relman("foo-release", "status wip --check").ends(10);
    release.environment("fine", "WIP", "type: dev");
    let fine = room.relman("foo-release", "status fine --check --format json");
    assert_eq!(fine.json()["environments"][0]["problems"], serde_json::json!([]));
}

#[test]
fn the_last_deployment_is_shown_apart() {
    let room = Room::new();
    let app = room.repo("foo-app");
    app.commit("main", "one");
    app.tag("v1.0-rc.1", "main");
    let release = room.repo("foo-release");
    let deployed = release.environment("qa", "1.0", "type: qa");
    release.record(&deployed, "qa", "running", "1.0", "v1.0-rc.1", "2026-01-05T10:00:00.000Z");
    let outcome = || {
        let shown = room.relman("foo-release", "status qa --format json").ok().json();
        shown["environments"][0]["deployment"]["outcome"].as_str().unwrap().to_owned()
    };
    assert_eq!(outcome(), "interrupted", "a start without an end, more than a day ago");
    release.record(&deployed, "qa", "succeeded", "1.0", "v1.0-rc.1", "2026-01-05T10:05:00.000Z");
    assert_eq!(outcome(), "succeeded");
    release.environment("qa", "1.0", "type: qa; api: x");
    assert_eq!(outcome(), "succeeded", "the record lies on an older commit of the branch");
    release.record(&deployed, "prod", "failed", "1.0", "v1.0-rc.1", "2026-01-05T11:00:00.000Z");
    assert_eq!(outcome(), "succeeded", "another environment's record on the same commit");
    let newer = release.git("rev-parse environment/qa");
    release.record(&newer, "qa", "failed", "1.0", "v1.0-rc.1", "2026-01-05T12:00:00.000Z");
    assert_eq!(outcome(), "failed");
    // An old job that was run again is the last one all the same.
    let again = r#"{"at":"2026-01-05T13:00:00.000Z","id":"again","schema":"relman.record/1","environment":"qa","outcome":"succeeded","version":"1.0","tag":"v1.0-rc.1"}"#;
    release.git_args(["notes", "--ref=relman/deployments", "append", "-m", again, &deployed]);
    assert_eq!(outcome(), "succeeded", "the newest record counts, wherever it is noted");
    room.relman("foo-release", "status").ok().shows("succeeded v1.0-rc.1");
}

#[test]
fn the_last_deployment_is_known_however_far_back_its_commit_lies() {
    let room = Room::new();
    room.repo("foo-app").commit("main", "one");
    let release = room.repo("foo-release");
    let old = release.environment("qa", "1.0", "type: qa");
    let redeploys = |many: usize| {
        let begin = release.git("rev-parse environment/qa");
        let mut stream = String::new();
        for n in 0..many {
            stream
                .push_str("commit refs/heads/environment/qa\ncommitter A <a@b.example> 1767600000 +0000\ndata 1\nx\n");
            if n == 0 {
                stream.push_str(&format!("from {begin}\n"));
            }
        }
        release.git_fed(["fast-import", "--quiet"], stream.as_bytes());
    };
    release.record(&old, "qa", "succeeded", "1.0", "v1.0-rc.1", "2026-01-05T10:00:00.000Z");
    redeploys(210);
    let at = || {
        let shown = room.relman("foo-release", "status qa --format json").ok().json();
        shown["environments"][0]["deployment"]["at"].as_str().unwrap_or("nothing").to_owned()
    };
    assert_eq!(at(), "2026-01-05T10:00:00.000Z");
    let newer = release.git("rev-parse environment/qa");
    release.record(&newer, "qa", "failed", "1.0", "v1.0-rc.1", "2026-01-05T11:00:00.000Z");
    assert_eq!(at(), "2026-01-05T11:00:00.000Z");
    // The old job is run again, and other environments are deployed to after that.
    release.record(&old, "qa", "succeeded", "1.0", "v1.0-rc.1", "2026-01-05T12:00:00.000Z");
    release.record(&newer, "prod", "succeeded", "1.0", "v1.0-rc.1", "2026-01-05T13:00:00.000Z");
    assert_eq!(at(), "2026-01-05T12:00:00.000Z");
}

#[test]
fn many_notes_lie_in_folders() {
    let room = Room::new();
    room.repo("foo-app").commit("main", "one");
    let release = room.repo("foo-release");
    let deployed = release.environment("dev", "WIP", "type: dev");
    release.record(&deployed, "dev", "failed", "1.0", "v1.0-rc.1", "2026-01-05T10:00:00.000Z");
    // Git spreads notes over folders on its own once there are some hundreds; the layout is what counts here.
    let blob = release.git(&format!("rev-parse refs/notes/relman/deployments:{deployed}"));
    let path = format!("{}/{}/{}", &deployed[..2], &deployed[2..4], &deployed[4..]);
    let mut stream = b"commit refs/notes/relman/deployments\ncommitter a <a@b> 0 +0000\ndata 0\n".to_vec();
    stream.extend(format!("deleteall\nM 100644 {blob} {path}\n").bytes());
    release.git_fed(["fast-import", "--quiet", "--force"], &stream);
    assert_eq!(release.git(&format!("notes --ref=relman/deployments show {deployed}")).lines().count(), 1);
    room.relman("foo-release", "status").ok().shows("failed v1.0-rc.1");
}

#[test]
fn with_a_remote_its_branches_count() {
    let room = Room::new();
    room.server("foo-app").commit("main", "one");
    let server = room.server("foo-release");
    server.commit("main", "begin");
    server.environment("dev", "WIP", "type: dev");
    server.environment("qa", "1.0", "type: qa");
    let release = server.clone_as("foo-release", "");
    room.server("foo-app").clone_as("foo-app", "");
    release.git("branch --no-track environment/qa origin/environment/dev");
    let mine = release_file("mine", "WIP", "type: dev");
    release.commit_files("environment/mine", "Mine", &[("release.yml", &mine)]);
    let answer = room.relman("foo-release", "status --format json").ok();
    let shown = answer.json();
    let by_name = |name: &str| {
        let rows = shown["environments"].as_array().unwrap();
        rows.iter().find(|row| row["name"] == name).unwrap().clone()
    };
    assert_eq!(by_name("qa")["version"], "1.0");
    assert_eq!((&by_name("qa")["local_differs"], &by_name("dev")["local_differs"]), (&true.into(), &false.into()));
    assert_eq!(by_name("qa")["problems"][0]["code"], "local-differs");
    assert_eq!(by_name("mine")["problems"][0]["code"], "not-pushed");
    assert!(shown["fetched_at"].is_string());
    room.relman("foo-release", "status").ok().talks("As of [TIME]; relman fetch brings the clones up to date.");
}

#[test]
fn a_local_branch_that_is_merely_behind_is_shown_and_stops_no_gate() {
    let room = Room::new();
    room.server("foo-app").commit("main", "one");
    let server = room.server("foo-release");
    server.commit("main", "begin");
    server.environment("qa", "1.0", "type: qa");
    let release = server.clone_as("foo-release", "");
    room.server("foo-app").clone_as("foo-app", "");
    release.git("branch --no-track environment/qa origin/environment/qa");
    server.environment("qa", "1.1", "type: qa");
    release.git("fetch");
    room.relman("foo-release", "check --strict").ok();
    room.relman("foo-release", "status").ok().shows("local branch is behind");
    let shown = room.relman("foo-release", "status --format json").ok().json();
    assert_eq!(shown["environments"][0]["local_differs"], true);
    release.commit_files("environment/qa", "Mine", &[("notes", "x")]);
    room.relman("foo-release", "status").ok().shows("local branch differs");
    room.relman("foo-release", "check --strict").ends(10).shows("local-differs");
}

#[test]
fn nothing_is_asked_and_nothing_cloned() {
    let room = Room::new();
    let server = room.server("foo-release");
    server.environment("dev", "WIP", "type: dev");
    server.clone_as("foo-release", "--branch environment/dev");
    std::fs::remove_dir_all(room.path("remotes")).unwrap();
    room.relman("foo-release", "status").ok().shows("there is no clone of foo-app");
    assert_eq!(std::fs::read_dir(room.path("cache")).unwrap().count(), 0);
}

/// A release that ran, and one that was declared and failed, a day apart; the days are those of the records.
fn two_days(room: &Room) -> (String, String) {
    let release = room.repo("foo-release");
    release.environment("dev", "WIP", "type: dev");
    let first = release.environment("prod", "1.0.0", "type: prod; from: [dev]");
    release.record(&first, "prod", "succeeded", "1.0.0", "v1.0.0-rc.1", "2026-01-05T08:10:00.000Z");
    let second = release.environment("prod", "1.1.0", "type: prod; from: [dev]");
    release.record(&second, "prod", "failed", "1.1.0", "v1.1.0-rc.1", "2026-01-06T09:00:00.000Z");
    (first, second)
}

#[test]
fn the_matrix_of_a_date_tells_what_was_declared_and_what_ran_apart() {
    let room = Room::new();
    let (first, second) = two_days(&room);
    let at = |date: &str| room.call("foo-release").words("status --format json --at").arg(date).run().ok().json();
    let prod = |document: &serde_json::Value| document["environments"][1].clone();
    let document = at("2026-01-05T08:02:30Z");
    assert_eq!(document["at"], "2026-01-05T08:02:30Z");
    let then = prod(&document);
    assert_eq!((&then["commit"], &then["version"]), (&first.into(), &"1.0.0".into()), "{document}");
    assert_eq!((&then["ran"], &then["deployment"]), (&serde_json::Value::Null, &serde_json::Value::Null), "not yet");
    let then = prod(&at("2026-01-05"));
    assert_eq!((&then["commit"], &then["version"]), (&second.into(), &"1.1.0".into()));
    assert_eq!((&then["ran"]["version"], &then["deployment"]["outcome"]), (&"1.0.0".into(), &"succeeded".into()));
    let then = prod(&at("2026-01-06 09:00:00"));
    assert_eq!((&then["ran"]["version"], &then["deployment"]["outcome"]), (&"1.0.0".into(), &"failed".into()));
    assert_eq!((&then["deploys"], &then["heads_moved"]), (&serde_json::Value::Null, &serde_json::Value::Null));
    // Before there was anything, there are no rows, and that is said.
    let before = at("2026-01-05T08:01:00Z");
    assert_eq!(
        (before["environments"].as_array().unwrap().len(), &before["problems"][0]["code"]),
        (1, &"not-yet".into())
    );
    assert!(room.relman("foo-release", "status --format json").ok().json().get("at").is_none());
    assert_whole!("status_at", room.relman("foo-release", "status --at 2026-01-06"));
    room.relman("foo-release", "status --at 1990-01-01")
        .ok()
        .shows("No environment had a commit at the end of 1990-01-01 UTC.\n");
    let zone = ["2026-01-01T12:00:00[Europe/Berlin]", "2026-01-01T12:00:00+01:00[Europe/Berlin]"];
    for text in zone {
        let answer = room.call("foo-release").words("status --format json --at").arg(text).run();
        answer.refused(2, "invalid-date");
    }
    room.relman("foo-release", "status --at tomorrow --format json").refused(2, "invalid-date");
    room.relman("foo-release", "status --at yesterday --pull-requests").ends(2);
}

#[test]
fn what_a_fast_forward_made_common_is_not_told_of_the_past() {
    let room = Room::new();
    let release = room.repo("foo-release");
    let text = "application: foo-app\nversion: 1.0\nenvironments:\n- {name: qa, type: qa, from: []}\n- {name: prod, type: qa, from: []}\n";
    release.release_file("qa", "Describe both", text);
    release.branch("environment/prod", &release.id("environment/qa"));
    release.release_file("prod", "Set", &text.replace("1.0", "1.1"));
    let document = room.relman("foo-release", "status prod --format json --at 2026-01-05T08:01:30Z").ok().json();
    let then = &document["environments"][0];
    assert_eq!((&then["version"], &then["problems"][0]["code"]), (&serde_json::Value::Null, &"shared-history".into()));
    let now = room.relman("foo-release", "status prod --format json --at now").ok().json();
    assert_eq!(now["environments"][0]["version"], "1.1");
}

#[test]
fn a_clone_that_may_lack_tags_is_not_said_to_deploy_a_branch() {
    for option in ["--no-tags", "--depth 1 --no-tags"] {
        let room = Room::new();
        let app = room.server("foo-app");
        app.app_file("main", &[]);
        app.tag("v1.0-rc.1", "main");
        app.commit("main", "two");
        let release = room.server("foo-release");
        release.environment("qa", "1.0", "type: qa");
        release.clone_as("foo-release", "");
        app.clone_as("foo-app", option);
        let qa = room.relman("foo-release", "status --format json").ok().json()["environments"][0].clone();
        assert_eq!((&qa["deploys"], &qa["heads_moved"]), (&serde_json::Value::Null, &serde_json::Value::Null), "{qa}");
        assert_eq!(qa["problems"][0]["code"], "tags-incomplete");
        if !option.contains("depth") {
            room.relman("foo-release", "fetch").ok();
            let qa = room.relman("foo-release", "status --format json").ok().json()["environments"][0].clone();
            assert_eq!((&qa["deploys"]["ref"], &qa["heads_moved"]), (&"refs/tags/v1.0-rc.1".into(), &true.into()));
        }
    }
}

#[test]
fn a_few_tags_brought_by_hand_do_not_say_which_is_the_highest() {
    let room = Room::new();
    let release = room.server("foo-release");
    release.environment("qa", "1.0", "type: qa");
    let app = room.server("foo-app");
    app.commit("main", "one");
    app.branch("release/1.0", "main");
    app.tag("v1.0-rc.1", "main");
    app.tag("v1.0-rc.2", "main");
    release.clone_as("foo-release", "--branch environment/qa");
    let clone = app.clone_as("foo-app", "--no-tags");
    clone.git("fetch -q --no-tags origin refs/tags/v1.0-rc.1:refs/tags/v1.0-rc.1");
    assert_eq!(deploys(&room, "qa"), "- - ?");
    let shown = room.relman("foo-release", "status qa --format json").ok().json();
    assert_eq!(shown["environments"][0]["problems"][0]["code"], "tags-incomplete", "{shown}");
    room.relman("foo-release", "fetch").ok();
    assert_eq!(deploys(&room, "qa"), "refs/tags/v1.0-rc.2 candidate same");
}
