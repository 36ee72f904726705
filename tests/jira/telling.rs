//! Telling Jira, twice and in every kind of weather.

use std::time::{Duration, Instant};

use relman::domain::error::{Exit, Explain as _};
use relman::domain::jira::telling::{Comment, Release};
use relman::domain::jira::{Deed, Event, IssueKey, ProjectKey, Telling};
use relman::domain::name::{EnvironmentName, TagName};
use relman::jira::{Told, tell};
use serde_json::json;

use super::fake::{Running, TOKEN};
use super::server::{Fault, Reply};

pub const MINUTE: Duration = Duration::from_secs(60);
const MARKER: &str = "relman 0123456789abcdef0123";

/// Everything that can be told of a deployment.
pub fn telling(issues: &[&str]) -> Telling {
    Telling {
        event: Event::Deployed,
        environment: EnvironmentName::parse("prod").unwrap(),
        version: "1.2.0".into(),
        tag: TagName::parse("v1.2.0").ok(),
        issues: issues.iter().map(|key| IssueKey::parse(key).unwrap()).collect(),
        comment: Some(Comment { text: "1.2.0 was deployed to prod.".into(), marker: MARKER.into(), later: vec![] }),
        status: Some("Done".into()),
        beyond: Vec::new(),
        fix_version: Some("1.2.0".into()),
        release: Some(Release {
            name: "1.2.0".into(),
            day: "2026-11-22".into(),
            projects: vec![ProjectKey::parse("SHOP").unwrap()],
        }),
    }
}

fn told(running: &Running, telling: &Telling) -> Told {
    tell(&running.jira(MINUTE), telling, Some("https://ci.example/7"), MINUTE)
}

#[test]
fn everything_is_done_once() {
    let running = Running::start(&["SHOP-1", "SHOP-2", "SHOP-3", "SHOP-4", "SHOP-5", "SHOP-6"]);
    let telling = telling(&["SHOP-1", "SHOP-2", "SHOP-3", "SHOP-4", "SHOP-5", "SHOP-6"]);
    let first = told(&running, &telling);
    assert!(first.error.is_none(), "{first:?}");
    let keys: Vec<String> = first.account.issues.iter().map(|issue| issue.key.to_string()).collect();
    assert_eq!(keys, ["SHOP-1", "SHOP-2", "SHOP-3", "SHOP-4", "SHOP-5", "SHOP-6"]);
    for issue in &first.account.issues {
        assert_eq!(issue.deeds, [Deed::Moved("Done".into()), Deed::Given("1.2.0".into()), Deed::Commented]);
        let kept = running.issue(&issue.key.to_string());
        assert_eq!((kept.status, kept.fix_versions, kept.comments.len()), ("Done", vec!["1.2.0".to_owned()], 1));
        assert!(kept.comments[0].starts_with("1.2.0 was deployed to prod.\nhttps://ci.example/7\n"));
    }
    let version = &first.account.versions[0];
    assert!(version.created && version.released && first.account.versions.len() == 1, "made once: {version:?}");
    assert_eq!(running.memory().versions[0].day.as_deref(), Some("2026-11-22"));

    let (before, writes) = (running.all(), running.writes());
    let second = told(&running, &telling);
    assert!(!second.account.changed() && !second.account.missed(), "{second:?}");
    assert_eq!((running.all(), running.writes()), (before, writes), "twice changes nothing");
}

#[test]
fn without_comments_the_issue_itself_says_what_is_left() {
    let running = Running::start(&["SHOP-1", "SHOP-2"]);
    let telling = Telling { comment: None, ..telling(&["SHOP-1", "SHOP-2"]) };
    running.change("SHOP-1", |issue| issue.status = "Done");
    assert!(told(&running, &telling).account.changed());
    let (before, writes) = (running.all(), running.writes());
    assert_eq!(running.issue("SHOP-1").status, "Done", "it was there already");
    assert!(!told(&running, &telling).account.changed());
    assert_eq!((running.all(), running.writes()), (before, writes));
}

#[test]
fn a_marker_is_found_on_the_last_page_and_whatever_else_is_said() {
    let running = Running::start(&["SHOP-1"]);
    running.change("SHOP-1", |issue| {
        issue.comments = (0..5).map(|n| format!("nice {n}")).collect();
        issue.comments.push(format!("h1. edited by somebody ({MARKER})"));
    });
    assert!(!told(&running, &Telling { release: None, ..telling(&["SHOP-1"]) }).account.changed());
    assert_eq!(running.writes(), 0);
}

#[test]
fn a_status_goes_by_its_id_and_what_went_on_is_left() {
    let running = Running::start(&["SHOP-1", "SHOP-2", "SHOP-3"]);
    running.change("SHOP-2", |issue| issue.status = "Open");
    running.change("SHOP-3", |issue| issue.status = "Done");
    let telling = Telling {
        status: Some("10001".into()),
        beyond: vec!["done".into()],
        fix_version: None,
        release: None,
        ..telling(&["SHOP-1", "SHOP-2", "SHOP-3"])
    };
    let told = told(&running, &telling);
    assert_eq!(running.issue("SHOP-1").status, "In Test");
    assert_eq!(running.issue("SHOP-3").status, "Done");
    let trouble = &told.account.issues[1].troubles[0];
    assert_eq!((trouble.code, running.issue("SHOP-2").status), ("no-transition", "Open"));
    assert!(trouble.message.contains("Open") && trouble.message.contains("10001"), "{}", trouble.message);
    assert_eq!(running.issue("SHOP-2").comments.len(), 1, "the comment is true all the same");
    assert!(!told.account.missed(), "a person has to look after it");
}

#[test]
fn what_one_issue_refuses_is_its_own_trouble() {
    let running = Running::start(&["SHOP-1", "SHOP-2", "SHOP-3"]);
    running.change("SHOP-1", |issue| issue.asks_for_more = true);
    running.change("SHOP-2", |issue| issue.fixed = true);
    let telling = telling(&["GPT-4", "SHOP-1", "SHOP-2", "SHOP-3"]);
    let first = told(&running, &telling);
    let codes: Vec<Vec<&str>> =
        first.account.issues.iter().map(|issue| issue.troubles.iter().map(|trouble| trouble.code).collect()).collect();
    assert_eq!(codes, [vec!["not-in-jira"], vec!["jira-refused"], vec!["jira-refused-access"], vec![]]);
    let words = &first.account.issues[1].troubles[0].message;
    assert!(words.contains("Resolution is required"), "{words}");
    assert_eq!(running.issue("SHOP-1").comments.len(), 1);
    assert_eq!(running.issue("SHOP-2").comments.len(), 0, "so that it is tried again");
    assert_eq!(running.issue("SHOP-3").status, "Done");
    assert_eq!(first.error.expect("an error").exit(), Exit::Unauthorised);
    // Somebody gives the permission.
    running.change("SHOP-2", |issue| issue.fixed = false);
    let second = told(&running, &telling);
    assert_eq!((running.issue("SHOP-2").status, running.issue("SHOP-2").comments.len()), ("Done", 1));
    assert!(second.error.is_none() && second.account.stopped.is_none(), "{second:?}");
    // Where none of them is there, it is another Jira.
    let elsewhere = told(&running, &Telling { release: None, ..telling_of_none() });
    assert_eq!(elsewhere.error.expect("an error").exit(), Exit::NotFound);
}

fn telling_of_none() -> Telling {
    telling(&["GPT-4", "COVID-19"])
}

#[test]
fn versions_that_may_not_be_made_are_said_once_for_each_issue_and_made_later() {
    let running = Running::start(&["SHOP-1", "SHOP-2"]);
    running.memory().administers = false;
    let first = told(&running, &telling(&["SHOP-1", "SHOP-2"]));
    assert!(first.account.missed() && running.issue("SHOP-1").comments.is_empty());
    assert_eq!(running.server.requests().iter().filter(|asked| asked.path.last().unwrap() == "version").count(), 1);
    assert!(first.account.versions[0].trouble.is_some());
    running.memory().administers = true;
    assert!(!told(&running, &telling(&["SHOP-1", "SHOP-2"])).account.missed());
    assert!(running.memory().versions[0].released);
}

#[test]
fn a_lost_answer_is_made_up_for() {
    let running = Running::start(&["SHOP-1"]);
    // The issue, its comments, the transitions; the move is made, and its answer is lost.
    running.server.fault([Fault::Well, Fault::Well, Fault::Well, Fault::CutAfter]);
    let first = told(&running, &telling(&["SHOP-1"]));
    assert!(first.account.stopped.is_some() && running.issue("SHOP-1").comments.is_empty(), "{first:?}");
    assert_eq!(first.account.left, 1);
    told(&running, &telling(&["SHOP-1"]));
    let kept = running.issue("SHOP-1");
    assert_eq!((kept.status, kept.fix_versions.len(), kept.comments.len()), ("Done", 1, 1));
}

#[test]
fn trouble_with_jira_as_a_whole_ends_it_at_once() {
    let keys = ["SHOP-1", "SHOP-2", "SHOP-3", "SHOP-4", "SHOP-5", "SHOP-6", "SHOP-7", "SHOP-8"];
    let echo = format!("bad token {TOKEN}");
    for (fault, exit, code) in [
        (Fault::Answer(Reply::json(401, json!({"message": echo}))), Exit::Unauthorised, "jira-refused-access"),
        (Fault::Answer(Reply::json(403, json!({"errorMessages": [echo]}))), Exit::Unauthorised, "jira-refused-access"),
        (Fault::Answer(Reply::page(302, "").with("Location", "/login.jsp")), Exit::Unauthorised, "jira-refused-access"),
        (Fault::Answer(Reply::page(500, "<html>oops</html>")), Exit::Unreachable, "jira-unreachable"),
        (Fault::Answer(Reply::page(200, "<html>Log in</html>")), Exit::Unreachable, "not-the-api"),
        (Fault::Answer(Reply::json(429, json!({})).with("Retry-After", "3600")), Exit::Unreachable, "rate-limited"),
        (Fault::Cut, Exit::Unreachable, "jira-unreachable"),
    ] {
        let running = Running::start(&keys);
        *running.server.always.lock().unwrap() = Some(fault.clone());
        let told = told(&running, &telling(&keys));
        let stopped = told.account.stopped.as_ref().unwrap_or_else(|| panic!("{fault:?}"));
        // Some issues may be hidden from somebody who is known, so a few are tried.
        let forbidden = matches!(&fault, Fault::Answer(reply) if reply.status == 403);
        let left = if forbidden { 5 } else { 8 };
        assert_eq!((stopped.code, told.account.left), (code, left), "{fault:?}");
        assert_eq!(told.error.as_ref().unwrap().exit(), exit, "{fault:?}");
        assert!(!format!("{told:?}").contains(TOKEN), "{told:?}");
        // Four issues at a time, each asked for three times at most; a login that is refused is not tried again.
        let most = match exit {
            Exit::Unauthorised if forbidden => 7,
            Exit::Unauthorised => 4,
            _ => 12,
        };
        assert!(running.server.requests().len() <= most, "{fault:?}: {}", running.server.requests().len());
        assert_eq!(running.writes(), 0);
    }
}

#[test]
fn an_issue_that_is_hidden_keeps_no_other_from_being_told() {
    let running = Running::start(&["SHOP-1", "SHOP-2", "SHOP-3", "SHOP-4"]);
    running.change("SHOP-2", |issue| issue.hidden = true);
    let all = told(&running, &telling(&["SHOP-1", "SHOP-2", "SHOP-3", "SHOP-4"]));
    assert!(all.error.is_none() && all.account.stopped.is_none(), "{all:?}");
    assert_eq!(all.account.issues[1].troubles[0].code, "not-in-jira");
    for key in ["SHOP-1", "SHOP-3", "SHOP-4"] {
        assert_eq!(running.issue(key).comments.len(), 1, "{key}");
    }
    // Where it is the only one, somebody should look at the token.
    let alone = told(&running, &Telling { release: None, ..telling(&["SHOP-2"]) });
    assert_eq!(alone.error.expect("an error").exit(), Exit::Unauthorised);
}

#[test]
fn a_comment_that_a_server_in_between_has_lost_sight_of_is_not_made_twice() {
    for status in [502, 503] {
        let running = Running::start(&["SHOP-1"]);
        let telling = Telling { status: None, fix_version: None, release: None, ..telling(&["SHOP-1"]) };
        let late = Reply::page(status, "<html>too slow</html>").with("Retry-After", "0");
        // The issue and its comments; the comment is made.
        running.server.fault([Fault::Well, Fault::Well, Fault::AnswerAfter(late)]);
        let first = told(&running, &telling);
        assert_eq!(running.issue("SHOP-1").comments.len(), 1, "{status}");
        assert!(first.account.stopped.is_some(), "what became of it is not known: {first:?}");
        assert!(!told(&running, &telling).account.changed());
        assert_eq!(running.issue("SHOP-1").comments.len(), 1, "{status}");
    }
}

#[test]
fn comments_without_an_end_are_not_read_to_their_end() {
    let running = Running::start(&["SHOP-1"]);
    running.change("SHOP-1", |issue| issue.endless = true);
    let limit = Duration::from_millis(300);
    let told = tell(&running.jira(MINUTE), &telling(&["SHOP-1"]), None, limit);
    assert_eq!(told.account.stopped.expect("stopped").code, "jira-too-slow");
    assert!(running.issue("SHOP-1").comments.is_empty());
}

#[test]
fn a_version_that_jira_does_not_have_is_said_and_not_made() {
    let running = Running::start(&["SHOP-1"]);
    let telling = Telling { fix_version: None, ..telling(&["SHOP-1"]) };
    let told = told(&running, &telling);
    let trouble = told.account.versions[0].trouble.clone().expect("a trouble");
    assert_eq!((trouble.code, running.memory().versions.len()), ("no-version", 0));
    assert!(trouble.message.contains("SHOP has no version 1.2.0"), "{}", trouble.message);
    assert_eq!(running.issue("SHOP-1").comments.len(), 1);
}

#[test]
fn a_server_that_asks_for_patience_gets_some() {
    let running = Running::start(&["SHOP-1"]);
    let later = || Fault::Answer(Reply::json(429, json!({})).with("Retry-After", "0"));
    running.server.fault([later(), Fault::Well, Fault::Well, Fault::Well, later()]);
    let told = told(&running, &telling(&["SHOP-1"]));
    assert!(told.error.is_none() && running.issue("SHOP-1").comments.len() == 1, "{told:?}");
}

#[test]
fn a_jira_that_hangs_holds_nobody_up() {
    let running = Running::start(&["SHOP-1", "SHOP-2", "SHOP-3", "SHOP-4", "SHOP-5", "SHOP-6"]);
    *running.server.always.lock().unwrap() = Some(Fault::Hang);
    let limit = Duration::from_secs(1);
    let telling = telling(&["SHOP-1", "SHOP-2", "SHOP-3", "SHOP-4", "SHOP-5", "SHOP-6"]);
    let begun = Instant::now();
    let told = tell(&running.jira(limit), &telling, None, limit);
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    assert_eq!((told.account.left, told.error.unwrap().exit()), (6, Exit::Unreachable));
}
