//! Clones as people and CI systems have them, and what fetching must leave alone.

use serde_json::Value;

use crate::diff::Shop;
use crate::sandbox::{Repo, Room, release_file};

#[test]
fn records_that_were_not_pushed_survive_every_fetch() {
    let room = Room::new();
    let server = room.server("foo-release");
    let tip = server.environment("qa", "1.0.0", "type: qa");
    let clone = server.clone_as("foo-release", "");
    room.repo("foo-app").commit("main", "one");
    clone.record(&tip, "qa", "succeeded", "1.0.0", "v1.0.0-rc.1", "2026-11-22T09:00:00.000Z");
    let own = clone.git("rev-parse refs/notes/relman/deployments");
    for line in ["fetch", "resolve qa", "fetch"] {
        room.relman("foo-release", line).ok();
        assert_eq!(clone.git("rev-parse refs/notes/relman/deployments"), own, "{line}");
    }
    // What the server has beyond it arrives.
    clone.git("push -q origin refs/notes/relman/deployments");
    let other = server.clone_as("other", "");
    other.git("fetch -q origin refs/notes/relman/*:refs/notes/relman/*");
    other.record(&tip, "qa", "failed", "1.0.0", "v1.0.0-rc.2", "2026-11-22T10:00:00.000Z");
    other.git("push -q origin refs/notes/relman/deployments");
    room.relman("foo-release", "fetch").ok();
    let status = room.relman("foo-release", "status --format json").ok().json();
    assert_eq!(status["environments"][0]["deployment"]["outcome"], "failed", "{status}");
}

#[test]
fn a_single_branch_clone_is_a_release_repo() {
    let room = Room::new();
    let server = room.server("foo-release");
    server.commit_files("main", "Begin", &[("release.yml", &release_file("qa", "", "type: qa"))]);
    server.environment("qa", "1.0.0", "type: qa");
    server.clone_as("foo-release", "--single-branch --branch main");
    room.repo("foo-app").commit("main", "one");
    room.relman("foo-release", "status").ok().shows("relman fetch brings those of the remote");
    let resolved = room.relman("foo-release", "resolve qa --format json").ok().json();
    assert_eq!(resolved["tag"], "v1.0.0-rc.1");
    assert_eq!(room.relman("foo-release", "status --format json").ok().json()["environments"][0]["version"], "1.0.0");
}

#[test]
fn a_bare_clone_of_a_server_has_pushed_everything() {
    let room = Room::new();
    let server = room.server("foo-release");
    server.environment("qa", "1.0.0", "type: qa");
    server.clone_as("foo-release.git", "--bare");
    let status = room.relman("foo-release.git", "status --format json").ok().json();
    let problems = status["environments"][0]["problems"].to_string();
    assert!(!problems.contains("not-pushed"), "{problems}");
}

#[test]
fn what_was_never_pushed_is_read_from_the_clone() {
    let room = Room::new();
    let base = room.path("remotes").display().to_string();
    room.call("").words("init foo --remote-base").arg(base).run().ok();
    let status = room.relman("foo-release", "status --format json").ok().json();
    assert_eq!(status["environments"][0]["deploys"]["ref"], "refs/heads/main", "{status}");
    assert_eq!(status["environments"][0]["problems"][0]["code"], "not-pushed", "{status}");
}

#[test]
fn a_release_whose_component_lost_its_tag_is_not_deployed() {
    let room = Room::new();
    let backend = room.repo("foo-backend");
    let at = backend.commit("main", "one");
    let app = room.repo("foo-app");
    app.app_file("main", &["name: foo-backend"]);
    app.relman_tag("v1.0.0-rc.1", "main", &[("foo-backend", &at)]);
    room.repo("foo-release").environment("prod", "1.0.0", "type: prod");
    room.relman("foo-release", "resolve prod --format json").refused(3, "half-tagged");
    backend.tag("v1.0.0-rc.1", "main");
    room.relman("foo-release", "resolve prod").ok();
}

#[test]
fn a_gate_never_passes_what_status_shows() {
    let room = Room::new();
    room.repo("foo-app").commit("main", "one");
    let release = room.repo("foo-release");
    release.environment("prod", "1.0.0", "type: prod");
    let shown = room.relman("foo-release", "status --check --format json").ends(10).json();
    assert_eq!(shown["environments"][0]["problems"][0]["code"], "no-candidate");
    let found = room.relman("foo-release", "check --format json").ends(10).json();
    assert_eq!(
        (&found["problems"][0]["code"], &found["problems"][0]["environment"]),
        (&"no-candidate".into(), &"prod".into())
    );
}

#[test]
fn a_misspelt_environment_is_noticed() {
    let room = Room::new();
    room.repo("foo-app").commit("main", "one");
    room.repo("foo-release").environment("staging", "1.0.0", "type: qa");
    room.relman("foo-release", "next-rc stagign").ok().says("vstagign-rc.1\n").talks("did you mean staging?");
    room.relman("foo-release", "next-rc 2.0.0").ok().silent();
}

#[test]
fn a_folder_with_several_release_repos_asks_which() {
    let room = Room::new();
    for name in ["foo-release", "bar-release"] {
        room.repo(name).environment("qa", "1.0.0", "type: qa");
    }
    room.relman("", "status").ends(2).talks("bar-release").talks("relman -C");
    std::fs::remove_dir_all(room.path("work/bar-release")).unwrap();
    room.relman("", "status").ok().shows("qa");
    assert!(Repo::at(&room, "foo-release").path.exists());
}

#[test]
fn what_a_partial_clone_lacks_is_no_damage() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("left", "FOO-1 One");
    shop.ready();
    let whole = room.path("work/whole-app");
    shop.app.git("config uploadpack.allowFilter true");
    std::fs::rename(&shop.app.path, &whole).unwrap();
    let clone = Repo::at(&room, "whole-app").clone_as("foo-app", "--no-checkout --filter=blob:none");
    let far = room.path("work/far-away");
    std::fs::rename(&whole, &far).unwrap();
    let mend = "fetch --refetch --no-filter";
    for line in ["diff qa prod", "where FOO-1", "trace qa"] {
        let ask = |how: &str| room.relman("foo-release", &format!("{how}{line} --format json"));
        let hints = |error: &Value| -> String {
            error["hints"].as_array().unwrap().iter().map(|hint| format!("{}\n", hint.as_str().unwrap())).collect()
        };
        // It would need what is not there.
        let away = hints(&ask("").refused(6, "remote-unreachable").error());
        assert!(away.contains(mend) && !away.contains("--offline"), "{line}: {away}");
        let offline = hints(&ask("--offline ").refused(5, "incomplete-clone").error());
        assert!(offline.contains("leave out --offline") && offline.contains(mend), "{line}: {offline}");
        assert!(!offline.contains("fsck"), "{line}: {offline}");
    }
    // What is advised helps.
    std::fs::rename(&far, &whole).unwrap();
    clone.git(mend);
    std::fs::rename(&whole, &far).unwrap();
    room.relman("foo-release", "--offline diff qa prod").ok();
}

#[test]
fn what_a_whole_clone_lacks_is_damage_in_every_command() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("left", "FOO-1 One");
    shop.commit("left", "FOO-2 Two");
    shop.commit("right", "FOO-3 Three");
    shop.ready();
    let lost = shop.lib.git("rev-parse left~1");
    std::fs::remove_file(shop.lib.path.join(".git/objects").join(&lost[..2]).join(&lost[2..])).unwrap();
    for line in ["diff qa prod", "where FOO-2"] {
        let error = room.relman("foo-release", &format!("{line} --format json")).refused(1, "read-failed").error();
        assert!(error["hints"][0].as_str().unwrap().contains(" fsck tells what is damaged"), "{line}: {error}");
        assert!(error["message"].as_str().unwrap().contains(&lost), "{line}: {error}");
    }
}
