//! Where `relman init` and `relman demo` make things, what they write of places, and what has no room there.

use serde_json::json;

use crate::sandbox::{Repo, Room};

#[test]
fn what_is_made_begins_at_the_folder_after_c() {
    let room = Room::new();
    std::fs::create_dir_all(room.path("work/there")).unwrap();
    room.relman("", "-C there init pay").ok();
    room.relman("", "-C there init shop --dir deep").ok();
    room.relman("", "-C there demo play").ok();
    for made in ["there/pay-release", "there/deep/shop-app", "there/play/remotes"] {
        assert!(room.path("work").join(made).is_dir(), "{made}");
    }
    assert_eq!(std::fs::read_dir(room.path("work")).unwrap().count(), 1, "nothing was made elsewhere");
    room.relman("", "-C nowhere init pay --format json").refused(3, "no-folder");
    room.relman("", "-C nowhere demo play --format json").refused(3, "no-folder");
    // The variable names a release repo that exists, for all commands; nothing new goes in there.
    room.call("").words("init pay").env("RELMAN_REPO", room.path("work/there/pay-release")).run().ok();
    assert!(room.path("work/pay-release").is_dir());
    // An app repo that is kept is looked for from there, too.
    room.relman("", "-C there init other --use-app pay-app").ok();
}

#[test]
fn a_relative_base_of_remotes_is_meant_from_where_one_stands() {
    let room = Room::new();
    for name in ["pay-release", "pay-app"] {
        room.repo_with(&format!("srv/{name}.git"), &["--bare"]);
    }
    room.relman("", "init pay --remote-base ./srv --push").ok();
    let url = room.path("work/srv/pay-app.git").display().to_string();
    assert_eq!(Repo::at(&room, "pay-app").git("remote get-url origin"), url);
    assert_eq!(Repo::at(&room, "srv/pay-app.git").git("rev-parse main").len(), 40);
    std::fs::create_dir(room.path("home/git")).unwrap();
    room.relman("", "init home --remote-base ~/git").ok();
    let origin = Repo::at(&room, "home-app").git("remote get-url origin");
    assert_eq!(origin, room.path("home/git/home-app.git").display().to_string());
    for (base, part) in [
        ("git.example.com/team", "there is no folder"),
        ("~/nowhere", "there is no folder"),
        ("file:///nowhere/at/all", "there is no folder /nowhere/at/all"),
        ("https://git.example.com/x?y=1", "can't follow `?`"),
        ("ext::sh", "remote helper"),
    ] {
        room.relman("", &format!("init foo --remote-base {base}")).ends(2).talks(part);
    }
    assert!(!room.path("work/foo-release").exists());
}

#[test]
fn nothing_is_made_where_it_could_not_be_pushed() {
    let room = Room::new();
    room.relman("", "init foo --remote-base ../remotes --push --offline")
        .ends(2)
        .talks("nothing can be pushed --offline");
    assert_eq!(std::fs::read_dir(room.path("work")).unwrap().count(), 0);
    room.relman("", "init foo --remote-base ../remotes --push --offline -n").ok();
}

#[test]
fn a_first_branch_that_would_be_an_environment_is_refused() {
    let room = Room::new();
    for name in ["environment", "environment/dev"] {
        room.write("home/gitconfig", format!("[user]\n\tname = A\n\temail = a@b\n[init]\n\tdefaultBranch = {name}\n"));
        for flag in ["", " -n"] {
            room.relman("", &format!("init foo{flag}")).ends(2).talks("git config --global init.defaultBranch main");
        }
    }
    assert_eq!(std::fs::read_dir(room.path("work")).unwrap().count(), 0);
}

#[test]
fn a_branch_that_leaves_no_room_is_named_before_anything_is_made() {
    let room = Room::new();
    let server = room.server("foo-release");
    room.server("foo-app");
    let base = room.path("remotes").display().to_string();
    room.call("").words("init foo --push --remote-base").arg(&base).run().ok();
    let release = Repo::at(&room, "foo-release");
    release.git("branch environment/loc/al");
    server.git("branch environment/deep/x main");
    for (line, other) in [
        ("env add loc --type qa", "the branch environment/loc/al:"),
        ("env add loc --type qa -n", "branch -m environment/loc/al OTHER"),
        ("env add deep --type qa --push --yes", "the branch environment/deep/x of origin"),
        ("env add deep --type qa -n", "push origin :refs/heads/environment/deep/x"),
        ("env add QA --type qa -n", "the branch environment/qa: on macOS and Windows"),
    ] {
        room.relman("foo-release", line).ends(5).talks(other);
        room.relman("foo-release", &format!("{line} --format json")).refused(5, "branch-in-the-way");
    }
    assert!(!release.git("branch --list").contains("environment/deep"));
    // A name that only begins alike is none of them.
    room.relman("foo-release", "env add lo --type qa").ok();
    let plain = room.repo("bar-release");
    plain.commit_files("main", "Begin", &[("release.yml", "application: bar-app\nversion:\nenvironments: []\n")]);
    plain.git("branch environment main");
    room.relman("bar-release", "env add qa --type qa --format json").refused(5, "branch-in-the-way");
}

#[test]
fn scripts_are_told_what_an_app_repo_lacks() {
    let room = Room::new();
    let app = room.repo("legacy");
    app.commit_files("main", "Begin", &[("app.yml", "repositories: []\n"), ("chart/Chart.yaml", "name: x\n")]);
    let lacks = |line: &str| {
        let document = room.relman("", &format!("init foo --use-app legacy --format json {line}")).ok().json();
        let codes = document["app_lacks"].as_array().unwrap().iter().map(|lack| lack["code"].clone());
        codes.collect::<Vec<_>>()
    };
    let all = ["no-pipeline", "component-not-listed", "no-values", "no-values"];
    assert_eq!(lacks("--env dev:dev --env qa:qa --component foo-web -n"), all);
    assert_eq!(lacks("--env dev:dev --env qa:qa --component foo-web"), all);
    let plain = room.relman("", "init bar --format json").ok().json();
    assert_eq!((plain.get("app_lacks"), &plain["warnings"]), (None, &json!([])));
    // What is advised fits: one repository is made, and a deployment may be there already.
    let told = room.relman("", "init one --use-app legacy").ok().talks("push the release repo").talks("add to legacy");
    assert!(!told.err.contains("both repositories") && !told.err.contains("of the app repo"), "{}", told.err);
    app.commit_files("main", "Whole", &[("app.yml", "pipeline:\n  steps:\n  - {name: a, run: b}\n")]);
    let whole = room.relman("", "init two --use-app legacy --env prod:prod").ok();
    assert!(!whole.err.contains("`pipeline`"), "{}", whole.err);
    room.relman("", "init base --remote-base git@git.example.com:team").ok().talks(
        "make base-release and base-app at git@git.example.com:team, empty, without a README; then the same command \
         with --push",
    );
}

#[test]
fn a_place_of_this_machine_is_not_written_into_a_file_that_everybody_gets() {
    let room = Room::new();
    let app = room.repo("legacy");
    app.commit_files("main", "Begin", &[("app.yml", "repositories: []\n")]);
    let whole = room.path("work/remotes/legacy.git").display().to_string();
    let written = |name: &str| {
        let file = Repo::at(&room, &format!("{name}-release")).git("show main:release.yml");
        file.lines().find(|line| line.starts_with("application:")).unwrap().to_owned()
    };
    for (index, url) in ["../remotes/legacy.git", &whole, &format!("file://{whole}")].into_iter().enumerate() {
        match index {
            0 => app.git_args(["remote", "add", "origin", url]),
            _ => app.git_args(["remote", "set-url", "origin", url]),
        };
        let name = format!("out{index}");
        let line = format!("init {name} --use-app legacy");
        room.relman("", &line).ok().talks("release.yml does not name it").talks("{name: legacy, url: URL}");
        assert_eq!(written(&name), "application: legacy");
        let document = room.relman("", &format!("{line} --format json")).ok().json();
        assert_eq!(document["warnings"][0]["code"], "app-url-of-this-machine");
    }
    // Where the release repo lies on this machine as well, it is of use, and whole.
    app.git_args(["remote", "set-url", "origin", "../remotes/legacy.git"]);
    room.relman("", "init here --use-app legacy --remote-base ../remotes").ok().talks("release.yml names");
    assert_eq!(written("here"), format!("application: {{name: legacy, url: \"{whole}\"}}"));
    std::fs::create_dir(room.path("work/remotes")).unwrap();
    let beside = room.relman("", "init beside --use-app legacy --remote-base remotes").ok();
    assert!(!beside.err.contains("warning"), "it follows from the base: {}", beside.err);
    assert_eq!(written("beside"), "application: legacy");
}

#[test]
fn what_is_no_app_repo_is_refused_by_name() {
    let room = Room::new();
    room.relman("", "init foo").ok();
    room.relman("", "init bar --use-app foo-release").ends(5).talks("that is a release repo, and so no app repo");
    std::fs::create_dir_all(room.path("work/folder")).unwrap();
    room.relman("", "init bar --use-app folder").ends(3).talks("--use-app folder: that is no Git repository");
    let inside = room.relman("", "init bar --use-app foo-app/chart").ends(3);
    let inside = inside.talks("--use-app [ROOM]/work/foo-app");
    assert!(!inside.err.contains("-C DIR"), "{}", inside.err);
    let by_url = Repo::at(&room, "foo-release").url();
    let refused = room.call("").words("init bar --use-app").arg(by_url).run().ends(5);
    refused.talks("that is a release repo").talks("relman -C CLONE env add");
    assert!(!room.path("work/bar-release").exists());
    // One without a clone of its environments is known by its file, and a file that is only called so is none.
    let room = Room::new();
    let app = room.repo("one");
    app.commit_files("main", "Begin", &[("release.yml", "application: x\nversion:\nenvironments: []\n")]);
    room.relman("", "init bar --use-app one --format json").refused(5, "release-repo");
    app.commit_files("main", "Notes", &[("release.yml", "changelog: {exclude: [bots]}\n")]);
    room.relman("", "init bar --use-app one").ok();
    // A worktree is called as somebody likes it; the app is called as its clone is.
    app.git("worktree add -q --detach ../../elsewhere");
    room.relman("", "init baz --use-app ../elsewhere --component foo-web")
        .ok()
        .talks("the component repositories (foo-web)");
    assert!(Repo::at(&room, "baz-release").git("show HEAD:release.yml").contains("application: one\n"));
}

#[test]
fn what_a_server_lacks_is_said_by_name() {
    let room = Room::new();
    let base = room.path("remotes").display().to_string();
    let push = |name: &str| room.call("").words(&format!("init {name} --push --remote-base")).arg(&base).run();
    room.call("").words("init new --remote-base").arg(&base).run().ok();
    room.relman("new-release", "env add uat --type qa --push --yes").ends(6).talks("make new-release on the server");
    push("foo").ends(6).talks("make foo-release (and foo-app, unless it is there) on the server, empty");
    let server = room.server("foo-release");
    let missing = push("foo").ends(6).talks("make foo-app on the server, empty");
    assert!(!missing.err.contains("--offline"), "{}", missing.err);
    // What the server began with a README.
    room.server("foo-app").commit("main", "Initial commit");
    let filled = push("foo").ends(5).talks("make foo-app anew, empty");
    assert!(!filled.err.contains("git pull") && !filled.err.contains("relman fetch"), "{}", filled.err);
    // A rule of the server, be it for new repositories or for one more environment.
    for name in ["foo-release", "bar-release"] {
        let hook = format!("remotes/{name}.git/hooks/pre-receive");
        if name == "bar-release" {
            room.server(name);
        }
        let hook = room.write(&hook, "#!/bin/sh\necho 'not on Sundays' >&2\nexit 1\n");
        std::process::Command::new("chmod").arg("+x").arg(hook).status().unwrap();
        let bare = Repo::at(&room, &format!("../remotes/{name}.git"));
        bare.git_args(["config", "core.hooksPath", "hooks"]);
    }
    for answer in [push("bar"), room.relman("foo-release", "env add uat --type qa --push --yes")] {
        let answer = answer.ends(4).talks("not on Sundays").talks("a rule of the server forbids it");
        assert!(!answer.err.contains("credentials"), "{}", answer.err);
    }
    // An environment that somebody else has just added is no repository that must be empty.
    drop(server);
    std::fs::remove_dir_all(room.path("remotes/foo-release.git")).unwrap();
    let gone = room.relman("foo-release", "env add eu --type qa --push --yes").ends(6);
    assert!(!gone.err.contains("make foo-release"), "it was there before: {}", gone.err);
}

#[test]
fn a_place_that_a_setting_names_is_mended_in_that_setting() {
    let room = Room::new();
    room.relman("", "init foo").ok();
    let release = Repo::at(&room, "foo-release");
    let app = room
        .relman("foo-release", "resolve dev --app ../nope")
        .ends(3)
        .talks("--app names [ROOM]/work/foo-release/../nope");
    assert!(app.err.contains("name the clone of foo-app: --app DIR") && !app.err.contains("-C DIR"), "{}", app.err);
    release.git("config relman.clone.foo-app ../nope");
    for line in ["resolve dev", "--offline resolve dev"] {
        let answer = room.relman("foo-release", line).ends(3).talks("relman.clone.foo-app names [ROOM]/work/");
        let answer = answer.talks("git -C [ROOM]/work/foo-release config relman.clone.foo-app DIR");
        assert!(!answer.err.contains("name the release repo"), "{}", answer.err);
    }
    Repo::at(&room, "foo-app").git("config relman.releaseRepo ../nope");
    let answer = room.relman("foo-app", "status").ends(3).talks("relman.releaseRepo names [ROOM]/work/");
    answer.talks("git -C [ROOM]/work/foo-app config relman.releaseRepo DIR");
}

#[test]
fn a_folder_that_was_deleted_is_none_to_stand_in() {
    let room = Room::new();
    room.relman("", "demo play").ok();
    let elsewhere = room.path("work/made").display().to_string();
    let release = room.path("work/play/shop-release").display().to_string();
    for line in ["status", "check", "init pay", &format!("demo {elsewhere}"), &format!("-C {release} status")] {
        std::fs::create_dir(room.path("work/gone")).unwrap();
        room.call("gone").words(line).words("--format json").run_in_a_deleted_folder().refused(3, "no-folder");
    }
    assert!(!room.path("work/made").exists());
    std::fs::create_dir(room.path("work/gone")).unwrap();
    room.call("gone").words("schema status").run_in_a_deleted_folder().ok();
}

#[test]
fn a_base_of_remotes_that_was_mistyped_can_be_taken_back() {
    let room = Room::new();
    for name in ["pay-release", "pay-app"] {
        room.repo_with(&format!("srv/{name}.git"), &["--bare"]);
    }
    let right = room.path("work/srv").display().to_string();
    room.relman("", "init pay --remote-base /nowhere/at/all").ends(2).talks("there is no folder /nowhere/at/all");
    room.relman("", "init pay --remote-base ../remotes --push").ends(6);
    let again = format!("init pay --remote-base {right} --push");
    room.relman("", &format!("{again} --format json")).refused(5, "exists");
    let told = room.relman("", &again).ends(5);
    let both = ["pay-release", "pay-app"].map(|name| format!("mv [ROOM]/work/{name} [ROOM]/work/{name}.old"));
    told.talks(&format!("move them away: {}", both.join(" && ")));
    for name in ["pay-release", "pay-app"] {
        std::fs::rename(room.path("work").join(name), room.path("work").join(format!("{name}.old"))).unwrap();
    }
    room.relman("", &again).ok();
    // Nothing is pushed to another place than the one that is named.
    Repo::at(&room, "pay-app").git("remote set-url origin /elsewhere");
    room.relman("", &again).ends(5).talks("pay-app");
    room.relman("", "init pay --remote up --format json").refused(2, "usage");
}

/// Not even an administrator can make anything in that folder.
#[cfg(target_os = "linux")]
#[test]
fn where_nothing_can_be_made_it_is_said_how_another_folder_is_named() {
    let room = Room::new();
    room.relman("", "demo /proc/play").ends(1).talks("nothing can be made in /proc").talks("hint: name another folder");
    room.relman("", "init pay --dir /proc").ends(1).talks("nothing can be made in /proc").talks("--dir DIR");
    let release = room.server("foo-release");
    release.environment("qa", "1.0", "type: qa");
    room.server("foo-app").app_file("main", &[]);
    release.clone_as("foo-release", "");
    let cached = room.call("foo-release").words("next-rc 1.0").env("RELMAN_CACHE_DIR", "/proc/cache");
    cached.run().ends(1).talks("nothing can be made in /proc/cache").talks("RELMAN_CACHE_DIR=DIR names another folder");
}

#[test]
fn nothing_is_made_below_a_file() {
    let room = Room::new();
    room.write("work/file", "mine");
    let line = |line: &str| room.relman("", &format!("{line} --format json"));
    line("init pay --dir file").refused(1, "io").talks("nothing can be made in [ROOM]/work/file");
    room.relman("", "init pay --dir file/x").ends(1).talks("hint: name another folder: --dir DIR");
    room.relman("", "demo file/x").ends(1).talks("nothing can be made in").talks("hint: name another folder");
    line("demo file").refused(5, "exists").talks("work/file is a file");
    // What is there itself is in the way.
    room.write("work/pay-release", "mine");
    line("init pay").refused(5, "exists");
    assert_eq!(std::fs::read(room.path("work/file")).unwrap(), b"mine");
}
