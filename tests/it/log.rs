//! `relman log`: what was declared and what ran, told alike whoever changed the branches and how.

use crate::sandbox::{Repo, Room, assert_whole};
use crate::shop::{BUTTONS, Button, Shop, file};

/// The changes of a log, the oldest first: environment, from, to.
fn told(room: &Room, line: &str) -> Vec<(String, String, String)> {
    let document = room.relman("foo-release", &format!("log --format json {line}")).ok().json();
    assert_eq!(document["schema"], "relman.log/1");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
    let entries = document["entries"].as_array().unwrap().iter().rev();
    entries
        .map(|entry| (text(&entry["environment"]), text(&entry["from_version"]), text(&entry["to_version"])))
        .collect()
}

fn changes(list: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    list.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect()
}

/// The newest entry about an environment.
fn newest(room: &Room, environment: &str) -> serde_json::Value {
    let document = room.relman("foo-release", &format!("log {environment} --limit 1 --format json")).ok().json();
    document["entries"][0].clone()
}

#[test]
fn changes_by_hand_by_buttons_and_by_relman_are_told_alike() {
    for button in BUTTONS {
        let room = Room::new();
        let shop = Shop::new(&room);
        // The source has an edit of its own, so that relman proposes a branch, which survives every button.
        shop.qa("1.1.0");
        shop.promote_and_press(button);
        shop.qa("1.2.0");
        shop.promote_and_press(button);
        room.relman("foo-release", "set prod 1.3.0 --direct-push -y").ok();
        room.relman("foo-release", "rollback prod --direct-push -y").ok();
        let hand = shop.server.clone_as("hand", "");
        hand.git("checkout -q environment/prod");
        room.write("work/hand/release.yml", file("1.4.0", ""));
        hand.git_args(["commit", "-qam", "By hand"]);
        hand.git("push -q");
        room.relman("foo-release", "fetch").ok();
        let expected = changes(&[
            ("prod", "-", "1.0.0"),
            ("prod", "1.0.0", "1.1.0"),
            ("prod", "1.1.0", "1.2.0"),
            ("prod", "1.2.0", "1.3.0"),
            ("prod", "1.3.0", "1.2.0"),
            ("prod", "1.2.0", "1.4.0"),
        ]);
        assert_eq!(told(&room, "prod"), expected, "{button:?}");
    }
}

#[test]
fn a_merge_button_leaves_its_pull_request_and_the_candidate_that_was_promoted() {
    for (button, number, candidate) in [
        (Button::Merge, 1.into(), "v1.1.0-rc.1".into()),
        // This squash keeps nothing of the message; the number is the button's own.
        (Button::Squash, 1.into(), serde_json::Value::Null),
        (Button::Rebase, serde_json::Value::Null, "v1.1.0-rc.1".into()),
        (Button::FastForward, serde_json::Value::Null, "v1.1.0-rc.1".into()),
    ] {
        let room = Room::new();
        let shop = Shop::new(&room);
        shop.qa("1.1.0");
        shop.promote_and_press(button);
        room.relman("foo-release", "fetch").ok();
        let entry = newest(&room, "prod");
        assert_eq!(
            (&entry["pull_request"]["number"], &entry["candidate"]),
            (&number, &candidate),
            "{button:?} {entry}"
        );
        let commit = Repo::at(&room, "foo-app").git("rev-parse v1.1.0-rc.1^0");
        let expected = if candidate.is_null() { serde_json::Value::Null } else { commit.into() };
        assert_eq!((&entry["tag"], &entry["app_commit"]), (&candidate, &expected), "{button:?}");
    }
}

#[test]
fn a_merge_of_the_environment_itself_names_the_candidate_of_its_records() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.server.git("branch -f environment/prod environment/qa");
    shop.qa_without_an_edit("1.1.0");
    shop.press(Button::Merge, "environment/qa", "environment/prod");
    let merge = shop.server.git("rev-parse environment/prod");
    shop.server.record(&merge, "prod", "running", "1.1.0", "v1.1.0-rc.1", "2026-01-05T10:00:00.000Z");
    room.relman("foo-release", "fetch").ok();
    let entry = newest(&room, "prod");
    assert_eq!((&entry["commit"], &entry["to_version"]), (&merge.into(), &"1.1.0".into()), "{entry}");
    assert_eq!(entry["candidate"], "v1.1.0-rc.1", "{entry}");
    // It was started long ago, and never came to an end.
    assert_eq!(entry["deployments"][0]["outcome"], "interrupted", "{entry}");
    assert_eq!(entry["deployments"][0]["schema"], "relman.record/1");
}

#[test]
fn what_a_fast_forward_made_common_belongs_to_nobody() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.server.git("branch -f environment/prod environment/qa");
    shop.qa_without_an_edit("1.1.0");
    shop.press(Button::FastForward, "environment/qa", "environment/prod");
    shop.server.branch("environment/prod", &shop.server.git("rev-parse environment/prod"));
    shop.server.release_file("prod", "Set 1.2.0", &file("1.2.0", ""));
    room.relman("foo-release", "fetch").ok();
    let expected = changes(&[("-", "-", "1.0.0"), ("-", "1.0.0", "1.1.0"), ("prod", "1.1.0", "1.2.0")]);
    assert_eq!(told(&room, "prod"), expected);
    assert_eq!(told(&room, "qa prod"), expected, "once for both");
    let document = room.relman("foo-release", "log prod --format json").ok().json();
    assert_eq!(document["entries"][2]["shared_by"], serde_json::json!(["prod", "qa"]));
    let codes: Vec<_> = document["problems"].as_array().unwrap().iter().map(|problem| &problem["code"]).collect();
    assert_eq!(codes, ["rewritten-branch", "shared-history"], "{document}");
    room.relman("foo-release", "log qa prod").ok().shows("prod/qa").shows("whose it was can't be told");
}

#[test]
fn a_branch_that_was_rewritten_by_force_still_shows_what_was_deployed() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let before = shop.server.git("rev-parse environment/prod");
    shop.server.branch("environment/prod", &before);
    let lost = shop.server.release_file("prod", "Set 1.1.0", &file("1.1.0", ""));
    shop.server.record(&lost, "prod", "succeeded", "1.1.0", "v1.1.0-rc.1", "2026-01-05T09:00:00.000Z");
    room.relman("foo-release", "fetch").ok();
    shop.server.branch("environment/prod", &before);
    shop.server.release_file("prod", "Set 1.2.0", &file("1.2.0", ""));
    room.relman("foo-release", "fetch").ok();
    let document = room.relman("foo-release", "log prod --format json").ok().json();
    let entries = document["entries"].as_array().unwrap();
    let lost_one = entries.iter().find(|entry| entry["source"] == "lost").unwrap();
    assert_eq!((&lost_one["to_version"], &lost_one["commit"]), (&"1.1.0".into(), &lost.into()), "{document}");
    assert_eq!(document["problems"][0]["code"], "rewritten-branch", "{document}");
    room.relman("foo-release", "log prod").ok().shows("the branch was rewritten").talks("was rewritten");
}

/// Three environments over some weeks, with deployments that failed, succeeded, and were left.
fn quarter(room: &Room) -> Repo<'_> {
    let release = room.repo("foo-release");
    release.environment("dev", "WIP", "type: dev");
    release.environment("qa", "1.0.0", "type: qa; from: [dev]");
    let said = "Promote 1.0.0 (#12)\n\nPromoted-From: environment/qa@0\nVersion: 1.0.0\nCandidate: v1.0.0-rc.1\n";
    let first = release.environment_saying("prod", "1.0.0", "type: prod; from: [qa]", said);
    release.environment("qa", "1.1.0", "type: qa; from: [dev]");
    let said = "Merged in promote/prod/1.1.0 (pull request #15)\n\nVersion: 1.1.0\nCandidate: v1.1.0-rc.2\n";
    let second = release.environment_saying("prod", "1.1.0", "type: prod; from: [qa]", said);
    for (commit, outcome, version, at) in [
        (&first, "succeeded", "1.0.0", "2026-01-05T08:10:00.000Z"),
        (&second, "failed", "1.1.0", "2026-01-05T08:20:00.000Z"),
        (&second, "interrupted", "1.1.0", "2026-01-05T08:21:00.000Z"),
        (&second, "failed", "1.1.0", "2026-01-05T08:22:00.000Z"),
        (&second, "succeeded", "1.1.0", "2026-01-05T08:23:00.000Z"),
    ] {
        release.record(commit, "prod", outcome, version, &format!("v{version}-rc.1"), at);
    }
    release
}

#[test]
fn environments_stand_side_by_side_in_time() {
    let room = Room::new();
    quarter(&room);
    assert_whole!("log_text", room.relman("foo-release", "log").ok());
    assert_whole!("log_one", room.relman("foo-release", "log prod").ok());
    assert_whole!("log_graph", room.relman("foo-release", "log --graph").ok());
}

#[test]
fn a_log_can_be_narrowed_and_says_so() {
    let room = Room::new();
    quarter(&room);
    let expected = changes(&[("qa", "1.0.0", "1.1.0"), ("prod", "1.0.0", "1.1.0")]);
    assert_eq!(told(&room, "--version 1.1.0"), expected);
    assert_eq!(told(&room, "--version v1.1.0"), expected);
    assert_eq!(told(&room, "--version v1.1.0-rc.2"), expected);
    assert_eq!(told(&room, "--limit 2"), expected);
    let with_what_was_deployed =
        changes(&[("prod", "-", "1.0.0"), ("qa", "1.0.0", "1.1.0"), ("prod", "1.0.0", "1.1.0")]);
    assert_eq!(told(&room, "--since 2026-01-05T08:04:00Z"), with_what_was_deployed);
    assert_eq!(told(&room, "--until 2026-01-04"), []);
    assert_eq!(told(&room, "--since 2026-01-05 --until 2026-01-05").len(), 5);
    room.relman("foo-release", "log --limit 2").ok().talks("3 older changes are left out; --limit 5 shows all");
    room.relman("foo-release", "log --limit 4").ok().talks("1 older change is left out; --limit 5 shows all");
    room.relman("foo-release", "log --limit 0").ok().talks("5 older changes");
    room.relman("foo-release", "log --until 2026-01-04").ok().says("No change fits what was asked for.\n");
    let zone = room.call("foo-release").words("log --since 2026-01-05").env("TZ", "CET-1CEST,M3.5.0,M10.5.0/3").run();
    zone.ok().shows("2026-01-05 09:").talks("Only what was changed or deployed since 2026-01-05 CET.");
    room.relman("foo-release", "log --since 05.01.2026 --format json").refused(2, "invalid-date");
    room.relman("foo-release", "log --since 2999-01-01 --format json").refused(2, "invalid-date");
    room.relman("foo-release", "log --since 2026-01-06 --until 2026-01-05 --format json").refused(2, "usage");
    room.relman("foo-release", "log pord --format json").refused(3, "no-environment");
}

#[test]
fn a_deployment_brings_its_change_into_the_time_that_is_asked_for() {
    let room = Room::new();
    let release = quarter(&room);
    let again = release.id("environment/prod");
    release.record(&again, "prod", "succeeded", "1.1.0", "v1.1.0-rc.2", "2026-01-20T10:00:00.000Z");
    let expected = changes(&[("prod", "1.0.0", "1.1.0")]);
    assert_eq!(told(&room, "--since 2026-01-06"), expected);
    assert_eq!(told(&room, "--since 2026-01-20T10:00:00Z --until 2026-01-20T10:00:00Z"), expected);
    assert_eq!(told(&room, "--since 2026-01-20T10:00:01Z"), []);
    assert_eq!(told(&room, "--since 2026-01-06 --until 2026-01-20T09:59:59Z"), []);
    let answer = room.relman("foo-release", "log --since 2026-01-06").ok();
    answer
        .shows("\n                  succeeded 2026-01-20 10:00\n                  4 more deployments at other times\n");
    // The old job is run again: what is shown is what was asked for, however many came since.
    let first = release.git("rev-parse environment/prod~1");
    release.record(&first, "prod", "succeeded", "1.0.0", "v1.0.0-rc.1", "2026-02-03T08:10:00.000Z");
    assert_eq!(told(&room, "--since 2026-02-01"), changes(&[("prod", "-", "1.0.0")]));
    for minute in 0..4 {
        let at = format!("2026-03-01T08:0{minute}:00.000Z");
        release.record(&first, "prod", "failed", "1.0.0", "v1.0.0-rc.1", &at);
    }
    room.relman("foo-release", "log --since 2026-02-01 --until 2026-02-28").ok().shows("succeeded 2026-02-03");
}

#[test]
fn what_was_deployed_at_another_time_is_no_part_of_the_time_that_is_asked_for() {
    let room = Room::new();
    let release = room.repo("foo-release");
    release.environment("prod", "1.0.0", "type: prod");
    let commit = release.environment("prod", "1.1.0", "type: prod");
    for (day, outcome) in [("2026-01-20", "failed"), ("2026-02-03", "succeeded")] {
        release.record(&commit, "prod", outcome, "1.1.0", "v1.1.0", &format!("{day}T10:00:00.000Z"));
    }
    let deployed = |line: &str| -> Vec<String> {
        let document = room.relman("foo-release", &format!("log {line} --format json")).ok().json();
        let deployments = document["entries"][0]["deployments"].as_array().unwrap();
        deployments.iter().map(|deployment| deployment["at"].as_str().unwrap()[..10].to_owned()).collect()
    };
    let outside = "A change of another time is listed where it was deployed in this one.";
    // The change itself lies in that time, and nothing was deployed yet.
    assert_eq!(deployed("--until 2026-01-10"), [""; 0]);
    let answer = room.relman("foo-release", "log --until 2026-01-10").ok();
    let answer = answer.shows("\n                  2 deployments at other times\n");
    assert!(!answer.out.contains("succeeded") && !answer.err.contains(outside), "{}{}", answer.out, answer.err);
    let graph = room.relman("foo-release", "log --graph --until 2026-01-10").ok();
    assert!(!graph.out.contains("succeeded"), "{}", graph.out);
    assert_eq!(deployed("--until 2026-01-31"), ["2026-01-20"]);
    let failed = room.relman("foo-release", "log --until 2026-01-31").ok();
    let failed = failed.shows("failed 2026-01-20 10:00\n                  1 more deployment at other times\n");
    assert!(!failed.out.contains("succeeded"), "{}", failed.out);
    assert_eq!(deployed("--since 2026-02-01"), ["2026-02-03"]);
    room.relman("foo-release", "log --since 2026-02-01").ok().talks(outside);
    assert_eq!(deployed(""), ["2026-01-20", "2026-02-03"]);
}

#[test]
fn a_record_of_another_version_is_not_taken_for_one_of_what_was_declared() {
    let room = Room::new();
    let release = room.repo("foo-release");
    release.environment("prod", "1.0.0", "type: prod");
    let commit = release.environment("prod", "1.1.0", "type: prod");
    release.record(&commit, "prod", "succeeded", "1.0.0", "v1.0.0", "2026-01-05T09:00:00.000Z");
    let answer = room.relman("foo-release", "log prod --version 1.0.0").ok();
    answer.shows("succeeded 2026-01-05 09:00, of 1.0.0 and not of what was declared");
    room.relman("foo-release", "log prod --graph").ok().shows("1.0.0 → 1.1.0  succeeded 1.0.0");
}

#[test]
fn a_record_that_an_amend_copied_is_told_where_it_belongs() {
    let room = Room::new();
    let release = room.repo("foo-release");
    let first = release.environment("prod", "1.0.0", "type: prod");
    let second = release.environment("prod", "1.1.0", "type: prod");
    release.record(&first, "prod", "succeeded", "1.0.0", "v1.0.0", "2026-01-05T09:00:00.000Z");
    release.git_args(["notes", "--ref=relman/deployments", "copy", &first, &second]);
    let document = room.relman("foo-release", "log prod --format json").ok().json();
    let deployed = |entry: usize| document["entries"][entry]["deployments"].as_array().unwrap().len();
    assert_eq!((deployed(0), deployed(1)), (0, 1), "{document}");
}

#[test]
fn without_a_version_in_the_file_the_records_stand_for_it() {
    let room = Room::new();
    let release = room.repo("foo-release");
    let text = "application: foo-app\nenvironments:\n- {name: prod, type: prod}\n";
    let commit = release.release_file("prod", "Describe prod", text);
    release.record(&commit, "prod", "succeeded", "1.0.0", "v1.0.0-rc.1", "2026-01-05T09:00:00.000Z");
    release.record(&commit, "prod", "succeeded", "1.1.0", "v1.1.0-rc.1", "2026-01-06T09:00:00.000Z");
    assert_eq!(told(&room, "prod"), changes(&[("prod", "-", "1.0.0"), ("prod", "1.0.0", "1.1.0")]));
    assert_eq!(newest(&room, "prod")["source"], "records");
    assert_eq!(told(&room, "--until 2026-01-05"), changes(&[("prod", "-", "1.0.0")]));
    room.relman("foo-release", "trace prod").ok().shows("1.1.0, given from outside 2026-01-06 09:00");
}

#[test]
fn nothing_in_a_history_reaches_the_terminal_as_it_is() {
    let room = Room::new();
    let release = room.repo("foo-release");
    let file = crate::sandbox::release_file("prod", "1.0.0", "type: prod");
    let evil = "\u{1b}[31mEve\u{202e}";
    let commit = release.commit_as(
        "environment/prod",
        evil,
        "x\n\nVersion: 1.0.0\u{1b}]0;x\u{7}",
        &[("release.yml", file.as_bytes())],
        &[],
    );
    release.record(&commit, "prod", "succeeded", "1.0.0", "v1\u{1b}[2J", "2026-01-05T09:00:00.000Z");
    for line in ["log", "log --graph", "log --format json"] {
        let answer = room.relman("foo-release", line).ok();
        let unsafe_one = |c: &char| (c.is_control() && *c != '\n') || *c == '\u{202e}';
        assert_eq!(answer.out.chars().find(unsafe_one), None, "{line}: {}", answer.out);
    }
    let empty = room.repo("empty/foo-release");
    empty.commit_files("main", "Begin", &[("release.yml", &file)]);
    room.relman("empty/foo-release", "log").ok().says("No version was ever declared here.\n");
}

#[test]
fn a_shallow_clone_says_that_it_does_not_know_the_beginning() {
    let room = Room::new();
    let release = quarter(&room);
    release.git("checkout -q -b main environment/dev");
    release.clone_as("shallow/foo-release", "--depth 1 --no-single-branch");
    let answer = room.relman("shallow/foo-release", "log prod").ok();
    answer.shows("1.1.0").talks("shallow");
}
