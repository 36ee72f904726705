//! `relman tag` and `relman branch`: one tag over all repositories, the app repo last, the remotes as the lock.

use crate::sandbox::{Repo, Room, release_file};

/// A release over an app repo, a backend and a pinned library, each on a server with a clone.
struct Team<'r> {
    room: &'r Room,
    app: Repo<'r>,
    backend: Repo<'r>,
}

fn team(room: &Room) -> Team<'_> {
    let app = room.server("foo-app");
    let backend = room.server("foo-backend");
    let lib = room.server("foo-lib");
    lib.commit("main", "lib");
    lib.tag("v9.0.0", "main");
    backend.commit("main", "backend 1");
    app.app_file("main", &["name: foo-backend", "{name: foo-lib, tag: v9.0.0}"]);
    let release = room.server("foo-release");
    release.environment("qa", "1.0.0", "type: qa");
    release.environment("prod", "1.0.0", "type: prod; from: [qa]");
    for (server, name) in [(&release, "foo-release"), (&app, "foo-app"), (&backend, "foo-backend"), (&lib, "foo-lib")] {
        server.clone_as(name, "");
    }
    Team { room, app, backend }
}

impl Team<'_> {
    fn tag(&self, line: &str) -> serde_json::Value {
        self.room.relman("foo-release", &format!("tag {line} -y --format json")).ok().json()
    }
}

#[test]
fn a_candidate_marks_every_repository_and_says_where() {
    let room = Room::new();
    let team = team(&room);
    let made = team.tag("candidate 1.0.0");
    assert_eq!(
        (&made["result"], &made["tag"], &made["mixed"]),
        (&"created".into(), &"v1.0.0-rc.1".into(), &false.into())
    );
    let names: Vec<_> =
        made["repositories"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["foo-backend", "foo-app"], "the app repo is last, what is pinned is left alone");
    assert_eq!(team.app.git("cat-file -t v1.0.0-rc.1"), "tag");
    let message = team.app.git("tag -l --format=%(contents) v1.0.0-rc.1");
    let lib = Repo::at(&room, "../remotes/foo-lib.git").git("rev-parse main");
    let expected = [
        "v1.0.0-rc.1".to_owned(),
        String::new(),
        "Relman-Tag: 1".into(),
        format!("Component: foo-backend {}", team.backend.git("rev-parse main")),
        format!("Component: foo-lib {lib}"),
        format!("Release: {}", Repo::at(&room, "../remotes/foo-release.git").git("rev-parse environment/qa")),
    ];
    assert_eq!(message.trim_end().lines().collect::<Vec<_>>(), expected);
    assert!(Repo::at(&room, "../remotes/foo-lib.git").git("tag -l v1.0.0*").is_empty());
}

#[test]
fn a_second_run_burns_no_number_and_new_commits_take_the_next() {
    let room = Room::new();
    let team = team(&room);
    team.tag("candidate 1.0.0");
    assert_eq!(team.tag("candidate 1.0.0")["result"], "unchanged");
    team.backend.commit("main", "backend 2");
    let made = team.tag("candidate 1.0.0");
    assert_eq!((&made["result"], &made["tag"]), (&"created".into(), &"v1.0.0-rc.2".into()));
}

#[test]
fn a_run_that_stopped_half_way_is_completed_under_its_number() {
    let room = Room::new();
    let team = team(&room);
    team.backend.relman_tag("v1.0.0-rc.1", "main", &[]);
    let made = team.tag("candidate 1.0.0");
    assert_eq!((&made["result"], &made["tag"]), (&"completed".into(), &"v1.0.0-rc.1".into()));
    // Half-made on other commits than the heads: the number is spent.
    team.backend.relman_tag("v1.0.0-rc.2", "main", &[]);
    team.backend.commit("main", "backend 2");
    assert_eq!(team.tag("candidate 1.0.0")["tag"], "v1.0.0-rc.3");
}

#[test]
fn a_tag_by_hand_that_a_component_lacks_is_not_completed() {
    let room = Room::new();
    let team = team(&room);
    team.app.light_tag("v1.0.0-rc.7", "main");
    for line in ["tag candidate 1.0.0 -y --format json", "deploy qa -y --format json", "resolve qa --format json"] {
        room.relman("foo-release", line).refused(3, "half-tagged");
    }
    assert!(team.backend.git("tag -l v1.0.0-*").is_empty());
    // Where the component has it as well, it is a candidate like any other.
    team.backend.light_tag("v1.0.0-rc.7", "main");
    let made = team.tag("candidate 1.0.0");
    assert_eq!((&made["result"], &made["tag"]), (&"unchanged".into(), &"v1.0.0-rc.7".into()));
    team.app.light_tag("v1.0.0-rc.8", "main");
    team.app.commit("main", "later");
    assert_eq!(team.tag("candidate 1.0.0")["tag"], "v1.0.0-rc.9");
}

#[test]
fn a_final_tag_stands_on_the_candidate_everywhere() {
    let room = Room::new();
    let team = team(&room);
    room.relman("foo-release", "tag final 1.0.0 -y --format json").refused(3, "no-candidate");
    team.tag("candidate 1.0.0");
    let candidate = team.backend.git("rev-parse v1.0.0-rc.1^0");
    team.backend.commit("main", "backend 2");
    let made = team.tag("final 1.0.0");
    assert_eq!((&made["result"], &made["tag"]), (&"created".into(), &"v1.0.0".into()));
    assert_eq!(team.backend.git("rev-parse v1.0.0^0"), candidate, "not the head, but what was tested");
    assert!(team.app.git("tag -l --format=%(contents) v1.0.0").contains("Candidate: v1.0.0-rc.1\n"));
    assert_eq!(team.tag("final 1.0.0")["result"], "unchanged");
    room.relman("foo-release", "tag candidate 1.0.0 -y --format json").refused(5, "already-final");
}

#[test]
fn a_dry_run_makes_nothing_and_a_script_must_mean_it() {
    let room = Room::new();
    let team = team(&room);
    let planned = room.relman("foo-release", "tag candidate 1.0.0 -n --format json").ok().json();
    assert_eq!((&planned["result"], &planned["repositories"][1]["state"]), (&"planned".into(), &"planned".into()));
    room.relman("foo-release", "tag candidate 1.0.0").ends(2).talks("--yes");
    room.relman("foo-release", "tag candidate 1.0.0 -y --offline").ends(2).talks("offline");
    assert!(team.app.git("tag").is_empty() && team.backend.git("tag").is_empty());
}

#[test]
fn the_environment_that_decides_must_be_clear() {
    let room = Room::new();
    let team = team(&room);
    let server = Repo::at(&room, "../remotes/foo-release.git");
    server.release_file("qa-2", "Another", &release_file("qa-2", "1.0.0", "type: qa"));
    room.relman("foo-release", "tag candidate 1.0.0 -y").ends(2).talks("--env");
    assert_eq!(team.tag("candidate 1.0.0 --env qa-2")["result"], "created");
    room.relman("foo-release", "tag candidate 1.0.0 --env nowhere -y").ends(3);
}

#[test]
fn nothing_is_tagged_where_one_repository_can_not_be_reached() {
    let room = Room::new();
    let team = team(&room);
    std::fs::rename(room.path("remotes/foo-backend.git"), room.path("remotes/gone.git")).unwrap();
    room.relman("foo-release", "tag candidate 1.0.0 -y").ends(6);
    assert!(team.app.git("tag").is_empty());
    std::fs::rename(room.path("remotes/gone.git"), room.path("remotes/foo-backend.git")).unwrap();
    room.relman("foo-release", "tag candidate 1.0.0 -y").ok();
}

#[test]
fn a_server_that_refuses_the_name_is_believed_the_second_time() {
    let room = Room::new();
    let team = team(&room);
    room.write("remotes/foo-app.git/hooks/pre-receive", "#!/bin/sh\necho 'no tags here' >&2\nexit 1\n");
    std::process::Command::new("chmod")
        .arg("+x")
        .arg(room.path("remotes/foo-app.git/hooks/pre-receive"))
        .status()
        .unwrap();
    team.app.git("config core.hooksPath hooks");
    room.relman("foo-release", "tag candidate 1.0.0 -y").ends(4).talks("no tags here");
    std::fs::remove_file(room.path("remotes/foo-app.git/hooks/pre-receive")).unwrap();
    room.relman("foo-release", "tag candidate 1.0.0 -y").ok();
    // Every app tag is backed by one in each component.
    for tag in team.app.git("tag").lines() {
        assert!(!team.backend.git(&format!("tag -l {tag}")).is_empty(), "{tag}");
    }
}

#[test]
fn a_hotfix_takes_no_unreleased_commit_along() {
    let room = Room::new();
    let team = team(&room);
    team.tag("candidate 1.0.0");
    team.tag("final 1.0.0");
    let released = team.app.git("rev-parse v1.0.0^0");
    team.backend.commit("main", "unreleased");
    team.app.commit("main", "unreleased");
    let made = room.relman("foo-release", "branch 1.0.1 --from 1.0.0 -y --format json").ok().json();
    assert_eq!((&made["result"], &made["branch"]), (&"created".into(), &"release/1.0.1".into()));
    assert_eq!(team.app.git("rev-parse release/1.0.1"), released);
    let backend = Repo::at(&room, "foo-backend");
    backend.git("fetch -q");
    backend.git("checkout -q release/1.0.1");
    backend.git("commit -q --allow-empty -m fix");
    backend.git("push -q");
    let tagged = team.tag("candidate 1.0.1");
    assert_eq!((&tagged["tag"], &tagged["mixed"]), (&"v1.0.1-rc.1".into(), &false.into()));
    assert_eq!(team.app.git("rev-parse v1.0.1-rc.1^0"), released);
    assert_eq!(team.backend.git("log --format=%s v1.0.0..v1.0.1-rc.1"), "fix");
}

#[test]
fn a_release_branch_that_exists_is_left_alone() {
    let room = Room::new();
    let team = team(&room);
    let made = room.relman("foo-release", "branch 1.0.0 -y --format json").ok().json();
    assert_eq!(made["result"], "created");
    team.backend.commit("main", "later");
    let again = room.relman("foo-release", "branch 1.0.0 -y --format json").ok().json();
    assert_eq!((&again["result"], &again["repositories"][0]["state"]), (&"unchanged".into(), &"existed".into()));
    // Where candidates exist, it must be said where a branch begins.
    team.tag("candidate 2.0.0");
    room.relman("foo-release", "branch 2.0.0 -y --format json").refused(5, "candidates-exist");
    room.relman("foo-release", "branch 2.0.0 --from v2.0.0-rc.1 -n").ok();
    room.relman("foo-release", "branch 3.0.0 --from 2.9.0 -y --format json").refused(3, "no-tag");
    room.relman("foo-release", "branch 2.0.0 --from v2.0.0-rc.1 -y").ok();
    assert_eq!(team.backend.git("rev-parse release/2.0.0"), team.backend.git("rev-parse v2.0.0-rc.1^0"));
}

#[test]
fn tags_are_signed_where_git_is_set_so() {
    let room = Room::new();
    let team = team(&room);
    let key = room.path("home/key");
    let made =
        std::process::Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status();
    if !made.is_ok_and(|status| status.success()) {
        crate::sandbox::skip("tags_are_signed_where_git_is_set_so", "there is no ssh-keygen");
        return;
    }
    for name in ["foo-app", "foo-backend"] {
        let clone = Repo::at(&room, name);
        clone.git("config gpg.format ssh");
        clone.git("config tag.gpgSign true");
        clone.git_args(["config", "user.signingKey", &key.display().to_string()]);
    }
    team.tag("candidate 1.0.0");
    let content = team.app.git("cat-file tag v1.0.0-rc.1");
    assert!(content.contains("tag v1.0.0-rc.1\n") && content.contains("BEGIN SSH SIGNATURE"), "{content}");
    // What stands before the signature is still read.
    assert_eq!(team.tag("candidate 1.0.0")["result"], "unchanged");
}

#[test]
fn an_environment_whose_file_can_not_be_read_may_be_the_one_that_tags() {
    let room = Room::new();
    let _team = team(&room);
    let misspelt = release_file("qa", "1.0.0", "type: qa").replace("version", "verison");
    Repo::at(&room, "../remotes/foo-release.git").git("branch -D environment/qa");
    let release = room.repo("broken");
    let tip = release.commit_files("main", "Set qa", &[("release.yml", &misspelt)]);
    let server = room.path("remotes/foo-release.git");
    release.git(&format!("push --quiet {} {tip}:refs/heads/environment/qa", server.display()));
    room.relman("foo-release", "tag candidate 1.0.0 -n").ends(2).talks("\"verison\"").talks("environment/qa");
}
