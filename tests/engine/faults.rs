//! Systems that are down, slow, strict, or not there: what ends a deployment, with which exit status, and what does not.

use serde_json::json;

use super::farm::{Farm, System, each};
use super::sandbox::Room;
use super::server::{Fault, Reply};

fn well(count: usize) -> impl Iterator<Item = Fault> {
    std::iter::repeat_n(Fault::Well, count)
}

/// How many requests are made before the one that starts a run.
const CHECKS: usize = 1;

#[test]
fn what_is_wrong_is_found_before_the_first_tag() {
    each(|system| {
        let room = Room::new();
        let farm = Farm::new(&room, system);
        let login = Reply::json(302, json!(null)).with("Location", "https://sso.example/login?to=x");
        for (fault, status) in [
            (Fault::Answer(Reply::json(401, json!({"message": "who are you"}))), 4),
            (Fault::Answer(Reply::json(403, json!({"message": "not you"}))), 4),
            (Fault::Answer(Reply::json(404, json!({"message": "Not Found"}))), 3),
            (Fault::Answer(Reply::json(429, json!({})).with("Retry-After", "3600")), 6),
            (Fault::Answer(Reply::page(503, "<html>maintenance</html>")), 6),
            (Fault::Answer(Reply::page(200, "<html>Log in</html>")), 6),
            (Fault::Answer(login), 4),
            (Fault::Cut, 6),
        ] {
            let shown = format!("{system:?} {fault:?}");
            farm.server.fault([fault]);
            let answer = farm.deploy("qa");
            assert_eq!(answer.status, status, "{shown}: {}", answer.err);
            assert_eq!(farm.tags(), "", "{shown}");
            assert!(farm.records("qa").is_empty(), "{shown}");
        }
        assert!(farm.runs().is_empty());
        farm.deploy("qa").ok();
    });
}

#[test]
fn without_a_token_nothing_is_made() {
    each(|system| {
        let room = Room::new();
        let farm = Farm::new(&room, system);
        let call = farm.stranger("qa").env("RELMAN_JENKINS_URL", &farm.server.url).words("--format json");
        let said = call.run().ends(4).error();
        assert_eq!(said["code"], "no-token", "{said}");
        assert!(said["hints"][0].as_str().unwrap().contains("TOKEN"), "{said}");
        assert!(farm.tags().is_empty() && farm.server.requests().is_empty());
    });
}

#[test]
fn troubles_that_pass_while_a_run_is_waited_for_are_no_failure() {
    each(|system| {
        let room = Room::new();
        let farm = Farm::new(&room, system);
        farm.server.fault(well(CHECKS + 1).chain([
            Fault::Answer(Reply::page(503, "<html>maintenance</html>")),
            Fault::Cut,
            Fault::CutWithin,
            Fault::Answer(Reply::page(200, "<html>Back soon</html>")),
            Fault::Answer(Reply::json(429, json!({})).with("Retry-After", "1")),
        ]));
        let answer = farm.deploy("qa").ok();
        assert!(answer.err.contains("looked at again"), "{}", answer.err);
        assert_eq!(farm.runs().len(), 1);
    });
}

#[test]
fn a_token_that_is_taken_away_ends_the_wait() {
    each(|system| {
        let room = Room::new();
        let farm = Farm::new(&room, system);
        farm.server.fault(well(CHECKS + 1).chain([Fault::Answer(Reply::json(401, json!({"message": "revoked"})))]));
        let answer = farm.deploy("qa").ends(4);
        assert!(answer.err.contains("goes on"), "{}", answer.err);
        assert_eq!(farm.outcomes("qa"), ["running", "failed"]);
    });
}

#[test]
fn a_run_whose_start_was_answered_to_nobody_is_found() {
    each(|system| {
        let room = Room::new();
        let farm = Farm::new(&room, system);
        farm.server.fault(well(CHECKS).chain([Fault::CutAfter]));
        let document = farm.deploy("qa").ok().json();
        let runs = farm.runs();
        assert_eq!(runs.len(), 1, "{runs:?}");
        assert_eq!(document["record"]["id"], runs[0].id.as_str());
    });
}

#[test]
fn a_start_is_put_off_as_long_as_the_system_says() {
    each(|system| {
        let room = Room::new();
        let farm = Farm::new(&room, system);
        let patience = Reply::json(429, json!({"message": "slow down"})).with("Retry-After", "1");
        farm.server.fault(well(CHECKS).chain([Fault::Answer(patience)]));
        // A server that reads from a copy does not know the tag for a moment.
        farm.memory().unseen = if system == System::Jenkins { 0 } else { 2 };
        farm.deploy("qa").ok();
        assert_eq!(farm.runs().len(), 1);
    });
}

#[test]
fn a_start_that_is_refused_is_recorded_with_the_systems_words() {
    each(|system| {
        let room = Room::new();
        let farm = Farm::new(&room, system);
        let refusal = Reply::json(422, json!({"message": "the pipeline is broken"}));
        farm.server.fault(well(CHECKS).chain([Fault::Answer(refusal)]));
        let answer = farm.deploy("qa").ends(5);
        assert!(answer.err.contains("the pipeline is broken"), "{}", answer.err);
        assert_eq!(farm.outcomes("qa"), ["running", "failed"]);
        assert!(farm.runs().is_empty());
    });
}
