//! What a plan says before anything is done, and what it must not hide: hostile words, remotes that are two, and what is
//! left to a person.

use crate::sandbox::{Repo, Room};

fn file(version: &str, more: &str) -> String {
    format!(
        "application: foo-app\nversion: {version}\nenvironments:\n- name: qa\n  type: qa\n- name: prod\n  type: prod\n  from: [qa]\n{more}"
    )
}

/// A release repo on a server and its clone, and an app repo with candidates; prod's file may say more.
fn shop<'r>(room: &'r Room, more: &str) -> Repo<'r> {
    let app = room.repo("foo-app");
    for version in ["1.0.0", "1.1.0"] {
        app.commit("main", version);
        app.tag(&format!("v{version}-rc.1"), "main");
    }
    let server = room.server("foo-release");
    let root = server.commit_files("main", "Begin", &[("release.yml", &file("1.0.0", more))]);
    for name in ["qa", "prod"] {
        server.branch(&format!("environment/{name}"), &root);
    }
    server.release_file("qa", "Set 1.1.0", &file("1.1.0", more));
    server.clone_as("foo-release", "");
    server
}

#[test]
fn what_is_left_to_a_person_is_no_step() {
    let room = Room::new();
    shop(&room, "");
    let direct = room.relman("foo-release", "promote qa prod -n").ok();
    assert_eq!(
        direct.out,
        "This is left to you:\n  Merge environment/qa into environment/prod on origin, by a merge commit; or run the \
         command again with --direct-push, and relman does it.\n"
    );
    let branch = room.relman("foo-release", "promote qa prod -n --via branch").ok();
    let (steps, left) = branch.out.split_once("After that, this is left to you:\n").unwrap();
    assert!(steps.starts_with("This would be done:\n  push a new branch promote/prod/1.1.0"), "{steps}");
    assert!(left.starts_with("  Merge promote/prod/1.1.0 into environment/prod"), "{left}");
}

#[test]
fn what_is_left_to_a_person_is_said_again_and_nothing_changes_by_it() {
    let room = Room::new();
    let server = shop(&room, "");
    for line in ["promote qa prod --via branch", "promote qa prod"] {
        let first = room.relman("foo-release", &format!("{line} -y --format json")).ok().json();
        assert_eq!(first["result"], "manual", "{first}");
        let refs = server.git("for-each-ref");
        // Nothing is to be changed, so nobody has to say yes to it.
        let second = room.relman("foo-release", &format!("{line} --format json")).ok().json();
        assert_eq!((&second["result"], &second["pull_request"]), (&"manual".into(), &first["pull_request"]));
        assert!(second["plan"].as_array().unwrap().iter().all(|step| step["changes"] == false), "{second}");
        assert_eq!(server.git("for-each-ref"), refs);
    }
}

#[test]
fn escapes_in_the_words_of_a_project_reach_no_commit() {
    let room = Room::new();
    let more = "promotion:\n  title: \"\\e[31m{version}\\a for\\u202e {to}\"\n";
    let server = shop(&room, more);
    room.relman("foo-release", "promote qa prod -y --direct-push --via branch").ok();
    assert_eq!(server.git("log -1 --format=%s environment/prod"), "[31m1.1.0 for prod");
}

#[test]
fn a_remote_with_two_push_urls_is_refused_before_anything_is_shown_or_done() {
    let room = Room::new();
    let server = shop(&room, "");
    let other = server.clone_as("other", "--bare");
    let clone = Repo::at(&room, "foo-release");
    for url in [server.url(), other.url()] {
        clone.git(&format!("remote set-url --add --push origin {url}"));
    }
    let refs = server.git("for-each-ref");
    for line in ["promote qa prod --via branch", "promote qa prod --direct-push", "set qa 1.2.0", "redeploy qa"] {
        for how in ["-n", "-y", "-n --format json"] {
            let refused = room.relman("foo-release", &format!("{line} {how}")).ends(2);
            assert!(
                refused.out.is_empty() && refused.err.contains("push"),
                "{line} {how}: {}{}",
                refused.out,
                refused.err
            );
        }
    }
    assert_eq!(server.git("for-each-ref"), refs);
    // Nothing is pushed on this way, so there is nothing to refuse.
    room.relman("foo-release", "promote qa prod -n").ok();
    let found = room.relman("foo-release", "doctor --format json").ok().json();
    let codes: Vec<_> = found["findings"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
    assert!(codes.contains(&&"several-push-urls".into()), "{found}");
}
