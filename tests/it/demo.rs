//! `relman demo`: the playground that the README begins with.

use crate::sandbox::{Room, assert_whole};

/// The moment that the story ends at in these tests.
const NOW: &str = "1795339804";

fn demo(room: &Room) {
    room.call("").words("demo shop").env("SOURCE_DATE_EPOCH", NOW).run().ok();
}

#[test]
fn it_says_what_to_try_and_the_status_is_worth_a_look() {
    let room = Room::new();
    assert_whole!("demo", room.call("").words("demo shop").env("SOURCE_DATE_EPOCH", NOW).run().ok());
    assert_whole!("demo_status", room.relman("shop/shop-release", "status").ok());
    assert_whole!("demo_resolve", room.relman("shop/shop-release", "resolve qa").ok());
    room.relman("shop/shop-release", "next-rc qa").ok().says("v1.2.0-rc.4\n");
    room.relman("shop/shop-release", "check").ok().says("No problems found.\n").silent();
    room.relman("shop/shop-release", "fetch").ok();
}

#[test]
fn everything_that_it_tells_to_try_works() {
    let room = Room::new();
    let told = room.call("").words("demo shop").env("SOURCE_DATE_EPOCH", NOW).run().ok().err;
    let lines: Vec<&str> = told.lines().filter_map(|line| line.trim().strip_prefix("relman ")).collect();
    assert!(lines.len() >= 4, "{told}");
    for line in lines {
        // What stands after two blanks explains the command.
        let command = line.split("  ").next().unwrap();
        room.relman("shop/shop-release", command).ok();
    }
}

#[test]
fn a_push_to_an_environment_deploys_it() {
    let room = Room::new();
    demo(&room);
    let server = crate::sandbox::Repo::at(&room, "shop/remotes/shop-release.git");
    let run = |words: &str, path: &str| room.call("shop/shop-release").words(words).env("PATH", path).run().ok();
    // A shell that does not find relman pushes all the same.
    run("redeploy qa -y", "/usr/bin:/bin").talks("remote | relman is not on the PATH");
    assert!(server.git("for-each-ref refs/notes").is_empty());
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_relman")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    run("redeploy qa -y", &path).talks("remote | Deployed 1.2.0 to qa");
    run("promote qa prod --direct-push -y", &path).talks("remote | Deployed 1.2.0 to prod");
    let subjects = server.git("log --format=%s refs/notes/relman/deployments");
    let records: Vec<&str> = subjects.lines().rev().collect();
    assert_eq!(records[..2], ["record: qa 1.2.0 running", "record: qa 1.2.0 succeeded"]);
    assert_eq!(records[2..], ["record: prod 1.2.0 running", "record: prod 1.2.0 succeeded"]);
    room.relman("shop/shop-release", "fetch").ok();
    let status = room.relman("shop/shop-release", "status qa --format json").ok().json();
    assert_eq!(status["environments"][0]["deployment"]["outcome"], "succeeded");
}

#[test]
fn the_same_moment_makes_the_same_commits() {
    let (one, two) = (Room::new(), Room::new());
    let heads = |room: &Room| {
        demo(room);
        crate::sandbox::Repo::at(room, "shop/remotes/shop-app.git").git("for-each-ref")
    };
    assert_eq!(heads(&one), heads(&two));
}

#[test]
fn a_folder_that_is_taken_is_left_alone_and_a_playground_is_known_again() {
    let room = Room::new();
    room.write("work/mine/notes.txt", "mine");
    room.relman("", "demo mine").ends(5);
    assert_eq!(std::fs::read_dir(room.path("work/mine")).unwrap().count(), 1);
    demo(&room);
    room.relman("", "demo shop").ok().shows("is a playground already");
    room.relman("", "demo other -n").ok();
    assert!(!room.path("work/other").exists());
}

#[test]
fn a_wrong_moment_makes_no_wrong_history() {
    let room = Room::new();
    for wrong in ["soon", "-9223372036854775808", "-99999999999999", "99999999999999999"] {
        let answer = room.call("").words("demo shop").env("SOURCE_DATE_EPOCH", wrong).run().ends(2);
        assert!(answer.err.contains("SOURCE_DATE_EPOCH"), "{}", answer.err);
        assert!(!room.path("work/shop").exists());
    }
}
