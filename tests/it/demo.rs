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
fn a_release_is_played_from_a_body_to_prod() {
    let room = Room::new();
    demo(&room);
    let server = crate::sandbox::Repo::at(&room, "shop/remotes/shop-release.git");
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_relman")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    // Whoever may change an environment's own branch says what may start elsewhere, and how.
    for (name, rule) in [("qa", "trigger: push"), ("prod", "trigger: push, jira-trigger: {version_released: true}")] {
        let branch = format!("environment/{name}");
        let file = server.git_args(["show", &format!("{branch}:release.yml")]);
        let of = |line: &str| line.trim_start().trim_start_matches("- ").trim_start_matches("name: ") == name;
        let line = file.lines().find(|line| of(line)).unwrap_or_else(|| panic!("{file}"));
        let indent = " ".repeat(line.len() - line.trim_start().len() + 2);
        let rules: String = rule.split(", ").map(|rule| format!("\n{indent}{rule}")).collect();
        let file = file.replacen(line, &format!("{line}{rules}"), 1);
        let blob = server.git_fed(["hash-object", "-w", "--stdin"], format!("{file}\n").as_bytes());
        let listed = server.git_args(["ls-tree", &branch]);
        let tree: String = listed
            .lines()
            .map(|line| {
                if line.ends_with("\trelease.yml") {
                    format!("100644 blob {blob}\trelease.yml\n")
                } else {
                    format!("{line}\n")
                }
            })
            .collect();
        let tree = server.git_fed(["mktree"], tree.as_bytes());
        let commit = server.git_args(["commit-tree", &tree, "-p", &branch, "-m", "Let releases start in Jira"]);
        server.git(&format!("update-ref refs/heads/{branch} {commit}"));
    }
    let trigger = |body: &str| {
        let call = room.call("shop/shop-release").words("trigger -y --format json").env("PATH", &path);
        call.input(body).run().ok()
    };
    // An issue asks for 1.3.0 in qa. Its branch is pushed, and the push deploys it.
    let asked = r#"{"source": "jira", "issue": "OPS-7", "environment": "Q", "version": "1.3.0", "actor": "ada"}"#;
    let answer = trigger(asked);
    assert_eq!(answer.json()["result"], "pushed", "{}", answer.out);
    answer.talks("remote | Deployed 1.3.0 to qa, from the tag v1.3.0-rc.1");
    assert_eq!(trigger(asked).json()["result"], "nothing");
    // The version is released in Jira, and prod waits for that. What was deployed to qa gets its final tag.
    let released =
        r#"{"webhookEvent": "jira:version_released", "version": {"id": "1", "name": "1.3.0", "released": true}}"#;
    let answer = trigger(released);
    assert_eq!(answer.json()["understood"]["environment"], "prod", "{}", answer.out);
    answer.talks("remote | Deployed 1.3.0 to prod, from the tag v1.3.0.");
    assert_eq!(trigger(released).json()["result"], "nothing");
    for (environment, change) in [("qa", Some("OPS-7")), ("prod", None)] {
        let tip = format!("environment/{environment}");
        let notes = server.git_args(["log", "-1", "--notes=relman/deployments", "--format=%N", &tip]);
        let last: serde_json::Value = serde_json::from_str(notes.trim().lines().last().unwrap()).unwrap();
        assert_eq!((&last["outcome"], &last["version"]), (&"succeeded".into(), &"1.3.0".into()));
        assert_eq!(last["change_request"].as_str(), change, "{environment}");
    }
    let app = crate::sandbox::Repo::at(&room, "shop/remotes/shop-app.git");
    assert_eq!(app.git("rev-parse v1.3.0^0"), app.git("rev-parse v1.3.0-rc.1^0"));
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

/// A call with settings in the environment, where none in a file wins over them; Git can't sign.
fn told_to_sign<'r>(room: &'r Room, words: &str) -> crate::sandbox::Call<'r> {
    let settings = [("commit.gpgSign", "true"), ("tag.gpgSign", "true"), ("gpg.program", "false")];
    let call = room.call("").words(words).env("GIT_CONFIG_COUNT", settings.len().to_string());
    settings.iter().enumerate().fold(call, |call, (index, (key, value))| {
        call.env(&format!("GIT_CONFIG_KEY_{index}"), key).env(&format!("GIT_CONFIG_VALUE_{index}"), value)
    })
}

#[test]
fn nobody_signs_for_the_people_of_the_story() {
    let room = Room::new();
    told_to_sign(&room, "demo shop").run().ok();
    room.relman("shop/shop-release", "check").ok();
    // What is the user's own is signed as Git is set, or not made.
    told_to_sign(&room, "init pay --format json").run().refused(1, "not-signed");
    told_to_sign(&room, "init pay").run().ends(1).talks("commit.gpgSign, and could not").talks("hint: user.signingKey");
    assert!(!room.path("work/pay-release").exists());
    let clone = told_to_sign(&room, "-C shop/shop-release tag candidate 1.3.0 --env qa -y --format json");
    clone.run().refused(1, "not-signed").talks("tag.gpgSign");
}
