//! `relman check`: a gate for CI that says everything at once.

use crate::sandbox::{Repo, Room, assert_whole};

/// The codes of what is found, with `!` before errors, sorted.
fn codes(room: &Room) -> Vec<String> {
    let found = room.relman("foo-release", "check --format json").json();
    assert_eq!(found["schema"], "relman.check/1");
    let mut codes: Vec<String> = found["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| {
            let mark = if problem["severity"] == "error" { "!" } else { "" };
            assert!(!problem["message"].as_str().unwrap().is_empty());
            assert!(!problem["hint"].as_str().unwrap().is_empty(), "{problem} has no hint");
            format!("{mark}{}", problem["code"].as_str().unwrap())
        })
        .collect();
    codes.sort();
    codes
}

/// A release that is as it should be: a component, a candidate, a final tag.
fn sound(room: &Room) -> (Repo<'_>, Repo<'_>, Repo<'_>) {
    let release = room.repo("foo-release");
    release.environment("dev", "WIP", "type: dev");
    release.environment("qa", "1.0", "type: qa; from: [dev]");
    release.environment("prod", "1.0", "type: prod; from: [qa]");
    let backend = room.repo("foo-backend");
    let at = backend.commit("main", "one");
    backend.tag("v1.0-rc.1", "main");
    backend.tag("v1.0", "main");
    let app = room.repo("foo-app");
    app.app_file("main", &["name: foo-backend"]);
    app.relman_tag("v1.0-rc.1", "main", &[("foo-backend", &at)]);
    app.relman_tag("v1.0", "main", &[("foo-backend", &at)]);
    (release, app, backend)
}

#[test]
fn a_sound_release_has_no_problems() {
    let room = Room::new();
    sound(&room);
    room.relman("foo-release", "check").ok().says("No problems found.\n").silent();
    room.relman("foo-release", "check --strict").ok();
    assert_eq!(codes(&room), [""; 0]);
}

#[test]
fn warnings_fail_only_the_strict() {
    let room = Room::new();
    let (_, app, backend) = sound(&room);
    app.light_tag("v2.0-rc.1", "main");
    backend.tag("v2.0-rc.1", "main");
    room.relman("foo-release", "check").ok().shows("warning[lightweight-tag]");
    room.relman("foo-release", "check --strict").ends(10);
}

#[test]
fn everything_that_can_be_wrong_with_files_and_branches() {
    let room = Room::new();
    for (name, version, entry, want) in [
        ("typo", "1.0", "type: qa; fron: [dev]", "similar-key"),
        ("odd", "1.0", "type: canary", "!type-without-tagging"),
        ("typeless", "1.0", "api: x", "!type-missing"),
        ("wip", "WIP", "type: prod", "!wip-needs-version"),
        ("bad", "1.0-rc.1", "type: qa", "!invalid-version"),
        ("source", "1.0", "type: qa; from: [gone]", "!unknown-source"),
        ("syntax", "{", "type: qa", "!invalid-yaml"),
        ("twice", "1.0\nversion: 2", "type: qa", "!duplicate-key"),
        ("doubled", "1.0", "type: qa\n- name: doubled", "!duplicate-name"),
        ("further", "1.0", "type: qa\n- name: nowhere; type: dev", "entry-without-branch"),
        ("secret", "1.0", "type: qa; credentials: deployer:hunter2", "credentials-look-secret"),
        ("self", "1.0", "type: qa; from: [self]", "!cycle"),
    ] {
        let room = Room::new();
        let (release, _, _) = sound(&room);
        release.environment(name, version, entry);
        assert_eq!(codes(&room), [want], "{name}");
    }
    let (release, _, _) = sound(&room);
    release.release_file("lost", "Set", &crate::sandbox::release_file("other", "1.0", "type: qa"));
    assert_eq!(codes(&room), ["!branch-without-entry", "entry-without-branch"]);
    let plus = crate::sandbox::release_file("qa", "1.0", "type: qa");
    release.release_file("a+b", "Set", &plus);
    release.commit("environment/none", "nothing");
    assert_eq!(codes(&room), ["!branch-without-entry", "!file-missing", "!invalid-name", "entry-without-branch"]);
}

#[test]
fn promotions_that_go_in_a_circle() {
    let room = Room::new();
    let (release, _, _) = sound(&room);
    release.environment("dev", "WIP", "type: dev; from: [prod]");
    assert_eq!(codes(&room), ["!cycle"]);
    room.relman("foo-release", "check").ends(10).shows("dev").shows("circle");
}

#[test]
fn names_that_differ_in_capital_letters_alone() {
    let room = Room::new();
    let (release, _, _) = sound(&room);
    // As files, both would be one on some of the disks that the tests may run on.
    release.git("pack-refs --all");
    release.environment("QA", "", "type: qa; from: [dev]");
    assert_eq!(codes(&room), ["similar-names"]);
    room.relman("foo-release", "check").shows("QA and qa differ in capital letters alone");
}

#[test]
fn several_applications() {
    let room = Room::new();
    let (release, _, _) = sound(&room);
    let other = crate::sandbox::release_file("prod", "1.0", "type: prod; from: [qa]").replace("foo-app", "bar-app");
    release.release_file("prod", "Set", &other);
    assert_eq!(codes(&room), ["!several-applications"]);
}

#[test]
fn everything_that_can_be_wrong_with_tags() {
    let wrong = |make: &dyn Fn(&Repo<'_>, &Repo<'_>, &Repo<'_>)| {
        let room = Room::new();
        let (release, app, backend) = sound(&room);
        make(&release, &app, &backend);
        codes(&room)
    };
    assert_eq!(wrong(&|_, _, backend| drop(backend.git("tag -d v1.0-rc.1"))), ["!half-tagged"]);
    assert_eq!(wrong(&|_, _, backend| backend.tag("v1.0-rc.2", "main")), ["abandoned-candidate"]);
    assert_eq!(
        wrong(&|_, app, _| app.light_tag("v0.9", "main")),
        ["!half-tagged", "final-not-on-candidate", "lightweight-tag",]
    );
    let moved = wrong(&|_, _, backend| {
        backend.git("tag -d v1.0-rc.1");
        let two = backend.commit("main", "two");
        backend.tag("v1.0-rc.1", &two);
    });
    assert!(moved.contains(&"!moved-tag".to_owned()), "{moved:?}");
    let unproven = wrong(&|_, app, _| {
        app.git("tag -d v1.0");
        app.commit("main", "two");
        app.tag("v1.0", "main");
    });
    assert_eq!(unproven, ["!final-not-on-candidate"]);
    let vouched = wrong(&|release, app, _| {
        app.git("tag -d v1.0");
        app.commit("main", "two");
        app.tag("v1.0", "main");
        let message = "Set\n\nVersion: 1.0\nUnproven: imported by init";
        release.environment_saying("prod", "1.0", "type: prod; from: [qa]; a: 1", message);
    });
    assert_eq!(vouched, ["final-not-on-candidate"], "somebody's word makes it a warning");
    assert_eq!(wrong(&|_, app, _| app.light_tag("vendor", "main")), [""; 0], "no release tag at all");
}

#[test]
fn clones_that_are_missing_shallow_or_behind() {
    let room = Room::new();
    let release = room.server("foo-release");
    release.environment("dev", "WIP", "type: dev");
    let app = room.server("foo-app");
    app.commit("main", "one");
    app.commit("main", "two");
    release.clone_as("foo-release", "--branch environment/dev");
    assert_eq!(codes(&room), ["no-clone"]);
    let clone = app.clone_as("foo-app", "--depth 1");
    assert_eq!(codes(&room), ["shallow-clone"]);
    // It is one of a single branch as well, which its depth hid.
    clone.git("fetch --quiet --unshallow");
    assert_eq!(codes(&room), ["single-branch-clone"]);
    clone.git("config remote.origin.fetch +refs/heads/*:refs/remotes/origin/*");
    assert_eq!(codes(&room), [""; 0]);
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3 * 24 * 60 * 60);
    for name in ["FETCH_HEAD", "packed-refs"] {
        if let Ok(file) = std::fs::File::options().append(true).open(clone.path.join(".git").join(name)) {
            file.set_modified(old).unwrap();
        }
    }
    assert_eq!(codes(&room), ["clone-behind"]);
    room.relman("foo-release", "fetch").ok();
    assert_eq!(codes(&room), [""; 0]);
}

#[test]
fn nothing_to_check_is_an_error() {
    let room = Room::new();
    room.repo("foo-release").commit("main", "one");
    room.relman("foo-release", "-C . check --format json").ends(10).shows("no-environments");
}

#[test]
fn errors_come_first() {
    let room = Room::new();
    let (release, app, backend) = sound(&room);
    app.light_tag("v2.0-rc.1", "main");
    backend.tag("v1.0-rc.7", "main");
    release.environment("prod", "WIP", "type: prod; from: [qa]");
    assert_whole!("check_text", room.relman("foo-release", "check").ends(10).silent());
}

#[test]
fn a_branch_that_was_rewritten_by_force_is_told() {
    let room = Room::new();
    let server = room.server("foo-release");
    let first = server.environment("prod", "1.0", "type: prod");
    server.environment("prod", "1.1", "type: prod");
    let clone = server.clone_as("foo-release", "");
    assert!(!codes(&room).contains(&"rewritten-branch".to_owned()));
    server.branch("environment/prod", &first);
    server.environment("prod", "1.2", "type: prod");
    clone.git("fetch -q");
    // The log of the remote-tracking reference knows what the branch stood on.
    room.relman("foo-release", "check").shows("environment/prod was rewritten");
    assert!(codes(&room).contains(&"rewritten-branch".to_owned()));
    // Another clone knows nothing of it, until there is a record.
    let fresh = server.clone_as("fresh/foo-release", "");
    let seen = |fresh: &Repo<'_>| fresh.room.relman("fresh/foo-release", "check --format json").json().to_string();
    assert!(!seen(&fresh).contains("rewritten-branch"));
    let lost = clone.git("rev-parse origin/environment/prod@{1}");
    clone.record(&lost, "prod", "succeeded", "1.1", "v1.1-rc.1", "2026-01-05T09:00:00.000Z");
    fresh.git_args(["fetch", "-q", &clone.url(), "refs/notes/relman/deployments:refs/notes/relman/deployments"]);
    assert!(seen(&fresh).contains("rewritten-branch"), "{}", seen(&fresh));
}

#[test]
fn history_that_a_fast_forward_made_common_is_told_once() {
    let room = Room::new();
    let release = room.repo("foo-release");
    let entries = "environments:\n- {name: qa, type: qa, from: []}\n- {name: prod, type: qa, from: []}\n";
    release.release_file("qa", "Describe both", &format!("application: foo-app\nversion: 1.0\n{entries}"));
    release.branch("environment/prod", &release.id("environment/qa"));
    release.release_file("prod", "Set", &format!("application: foo-app\nversion: 1.1\n{entries}"));
    room.repo("foo-app").app_file("main", &[]);
    assert_eq!(codes(&room), ["shared-history"]);
    room.relman("foo-release", "check").shows("prod and qa have one history up to");
    // What the default branch has belongs to no environment.
    release.branch("main", &release.id("environment/qa"));
    assert_eq!(codes(&room), [""; 0]);
}

#[test]
fn one_name_that_leads_to_two_repositories_is_found() {
    let room = Room::new();
    let release = room.server("foo-release");
    let file = |name: &str, url: &str| {
        let application = if url.is_empty() { "foo-app".to_owned() } else { format!("{{name: foo-app, url: {url}}}") };
        format!("application: {application}\nversion: 1.0\nenvironments:\n- name: {name}\n  type: qa\n")
    };
    let [app, other] = [("foo-app", 2), ("other", 5)].map(|(name, number)| {
        let app = room.server(name);
        app.app_file("main", &[]);
        app.tag(&format!("v1.0-rc.{number}"), "main");
        app
    });
    release.release_file("prod", "Begin", &file("prod", ""));
    release.release_file("qa", "Begin", &file("qa", &app.url()));
    release.clone_as("foo-release", "");
    room.relman("foo-release", "fetch").ok();
    // Written out or not, it is the same place.
    assert!(!codes(&room).contains(&"!several-applications".into()));
    release.release_file("qa", "Move", &file("qa", &other.url()));
    room.relman("foo-release", "fetch").ok();
    for (name, next) in [("prod", "v1.0-rc.3\n"), ("qa", "v1.0-rc.6\n"), ("1.0", "v1.0-rc.3\n")] {
        room.relman("foo-release", &format!("next-rc {name}")).ok().says(next);
    }
    room.relman("foo-release", "check").ends(10).shows("error[several-applications]").shows("other.git (qa)");
    let status = room.relman("foo-release", "status --format json").ok().json();
    let deploys: Vec<_> =
        status["environments"].as_array().unwrap().iter().map(|row| (&row["name"], &row["deploys"]["ref"])).collect();
    assert_eq!(deploys, [(&"prod".into(), &"refs/tags/v1.0-rc.2".into()), (&"qa".into(), &serde_json::Value::Null)]);
    // Not even where a clone of that name lies beside the release clone.
    app.clone_as("foo-app", "");
    assert_eq!(room.relman("foo-release", "status --format json").ok().json(), status);
}
