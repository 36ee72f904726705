//! `relman fetch`: all clones, side by side.

use crate::sandbox::{Repo, Room, assert_whole};

fn served(room: &Room) -> (Repo<'_>, Repo<'_>, Repo<'_>) {
    let release = room.server("foo-release");
    release.environment("qa", "1.0", "type: qa");
    let app = room.server("foo-app");
    app.app_file("main", &["name: foo-backend"]);
    let backend = room.server("foo-backend");
    backend.commit("main", "one");
    release.clone_as("foo-release", "--branch environment/qa");
    app.clone_as("foo-app", "");
    (release, app, backend)
}

/// `name state` of each repository.
fn states(room: &Room) -> Vec<String> {
    let shown = room.relman("foo-release", "fetch --format json").json();
    assert_eq!(shown["schema"], "relman.fetch/1");
    let all = shown["repositories"].as_array().unwrap();
    all.iter().map(|one| format!("{} {}", one["name"].as_str().unwrap(), one["state"].as_str().unwrap())).collect()
}

#[test]
fn everything_is_brought() {
    let room = Room::new();
    let (release, app, backend) = served(&room);
    assert_eq!(states(&room), ["foo-release fetched", "foo-app fetched", "foo-backend cloned"]);
    let deployed = release.environment("qa", "2.0", "type: qa");
    release.environment("prod", "1.0", "type: prod");
    release.record(&deployed, "qa", "succeeded", "2.0", "v2.0-rc.1", "2026-01-05T10:00:00.000Z");
    let head = app.commit("main", "two");
    app.tag("v2.0-rc.1", "main");
    backend.tag("v2.0-rc.1", "main");
    assert_eq!(states(&room), ["foo-release fetched", "foo-app fetched", "foo-backend fetched"]);
    let shown = room.relman("foo-release", "status --format json").ok().json();
    let rows = shown["environments"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    let qa = rows.iter().find(|row| row["name"] == "qa").unwrap();
    assert_eq!((&qa["version"], &qa["deploys"]["commit"]), (&"2.0".into(), &head.into()));
    assert_eq!(qa["deployment"]["outcome"], "succeeded");
    room.relman("foo-release", "next-rc qa --offline").ok().says("v2.0-rc.2\n");
}

#[test]
fn what_is_gone_at_the_server_goes_here_and_local_work_stays() {
    let room = Room::new();
    let (release, app, _) = served(&room);
    app.tag("v1.0-rc.1", "main");
    release.environment("old", "1.0", "type: qa");
    states(&room);
    let clone = Repo::at(&room, "foo-app");
    clone.git("tag v9.9 origin/main");
    clone.git("branch mine origin/main");
    app.git("tag -d v1.0-rc.1");
    release.git("update-ref -d refs/heads/environment/old");
    states(&room);
    let shown = room.relman("foo-release", "status --format json").ok().json();
    assert_eq!(shown["environments"].as_array().unwrap().len(), 1);
    room.relman("foo-release", "next-rc 1.0 --offline").ok().says("v1.0-rc.1\n");
    assert_eq!(clone.git("tag --list"), "v9.9");
    assert!(clone.git("branch --list mine").contains("mine"));
}

#[test]
fn one_that_fails_does_not_stop_the_others() {
    let room = Room::new();
    let (_, app, backend) = served(&room);
    backend.clone_as("foo-backend", "");
    std::fs::remove_dir_all(&backend.path).unwrap();
    app.tag("v1.0-rc.1", "main");
    let answer = room.relman("foo-release", "fetch --format json").ends(6);
    assert_eq!(answer.json()["repositories"][2]["state"], "failed");
    assert!(answer.json()["repositories"][2]["message"].as_str().unwrap().contains("can't be reached"));
    room.relman("foo-release", "next-rc 1.0 --offline").ok().says("v1.0-rc.2\n");
}

#[test]
fn clones_without_remotes_are_left_alone() {
    let room = Room::new();
    room.repo("foo-release").environment("qa", "1.0", "type: qa");
    room.repo("foo-app").commit("main", "one");
    assert_eq!(states(&room), ["foo-release no-remote", "foo-app no-remote"]);
    assert_whole!("fetch_text", room.relman("foo-release", "fetch").ok().silent());
}

#[test]
fn fetching_offline_makes_no_sense() {
    let room = Room::new();
    served(&room);
    room.relman("foo-release", "fetch --offline --format json").refused(2, "usage");
}

#[test]
fn a_tag_that_only_the_clone_has_counts_no_longer() {
    let room = Room::new();
    let (_, app, _) = served(&room);
    app.tag("v1.0-rc.1", "main");
    let clone = Repo::at(&room, "foo-app");
    clone.git("tag -a -m mine v1.0-rc.77 origin/main");
    states(&room);
    let ask = |line: &str| room.relman("foo-release", line);
    let deploys = || {
        let shown = ask("status --format json").ok().json();
        shown["environments"][0]["deploys"]["ref"].as_str().unwrap().to_owned()
    };
    let codes = || {
        let shown = ask("check --format json").json();
        let codes = shown["problems"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned());
        codes.collect::<Vec<_>>()
    };
    let told = || codes().contains(&"local-only-tag".to_owned());
    assert_eq!(deploys(), "refs/tags/v1.0-rc.1");
    // It may have been pushed since then, and no number is given twice.
    ask("next-rc qa --offline").ok().says("v1.0-rc.78\n");
    ask("next-rc qa").ok().says("v1.0-rc.2\n");
    ask("check").shows("foo-app has tags in this clone that the remote lacked at the last relman fetch: v1.0-rc.77");
    assert!(told());
    // What git brings by itself can't be told from what was made here.
    clone.git("fetch origin");
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
    std::fs::File::open(room.path("work/foo-app/.git/FETCH_HEAD")).unwrap().set_modified(later).unwrap();
    assert!(!told());
    ask("next-rc qa --offline").ok().says("v1.0-rc.78\n");
    // All tags of one remote say nothing about another.
    std::fs::remove_file(room.path("work/foo-app/.git/FETCH_HEAD")).unwrap();
    for name in ["foo-release", "foo-app"] {
        Repo::at(&room, name).git(&format!("remote add fork ../../remotes/{name}.git"));
    }
    ask("fetch --remote fork").ok();
    assert!(!told());
    assert_eq!(deploys(), "refs/tags/v1.0-rc.77");
}
