//! Systems that are down, slow, strict, or not there: what ends a deployment, with which exit status, and what does not.

use std::process::Stdio;

use serde_json::{Value, json};

use super::farm::{Farm, Plot, System, each};
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
        // How it ends is not known, so nobody calls it a failure.
        assert_eq!(farm.outcomes("qa"), ["running", "interrupted"]);
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
        let said = |status| Reply::json(status, json!({"message": "the pipeline is broken"}));
        let page = "<html><head><title>Error 400 the pipeline is broken</title></head></html>";
        for (refusal, status, code) in [
            (said(400), 5, "run-refused"),
            (Reply::page(400, page), 5, "run-refused"),
            (said(401), 4, "engine-unauthorised"),
            (said(403), 4, "engine-unauthorised"),
            (said(404), 3, "engine-not-found"),
            (said(409), 5, "run-refused"),
            (said(422), 5, "run-refused"),
        ] {
            let shown = format!("{system:?} {refusal:?}");
            farm.server.fault(well(CHECKS).chain([Fault::Answer(refusal)]));
            let error = farm.deploy("qa").ends(status).error();
            assert_eq!(error["code"], code, "{shown}: {error}");
            assert!(error["message"].as_str().unwrap().contains("the pipeline is broken"), "{shown}: {error}");
            let records = farm.records("qa");
            let last = records.last().unwrap();
            assert_eq!(last["outcome"], "failed", "{shown}");
            assert!(last["error"].as_str().unwrap().contains("the pipeline is broken"), "{shown}: {last}");
        }
        assert!(farm.runs().is_empty());
    });
}

#[test]
fn a_start_that_nobody_answers_is_looked_for_and_then_given_up() {
    each(|system| {
        let down = Fault::Answer(Reply::page(503, "<html>maintenance</html>"));
        for silence in [Fault::Hang, Fault::Cut, down] {
            let room = Room::new();
            let farm = Farm::with(&room, system, "timeout: 4s");
            let shown = format!("{system:?} {silence:?}");
            farm.server.fault(well(CHECKS).chain([silence]));
            let answer = farm.deploy("qa").ends(6);
            let error: Value = serde_json::from_str(answer.err.lines().last().unwrap()).unwrap();
            let id = farm.records("qa").last().unwrap()["id"].as_str().unwrap().to_owned();
            assert_eq!(error["code"], "run-not-found", "{shown}: {error}");
            assert!(error["message"].as_str().unwrap().contains(&id), "{shown}: {error}");
            assert!(error["hints"][0].as_str().unwrap().contains("look at the system"), "{shown}: {error}");
            assert!(answer.err.contains(&format!("looking for a run with the id {id}")), "{shown}: {}", answer.err);
            assert_eq!(farm.outcomes("qa"), ["running", "interrupted"], "{shown}");
            assert!(farm.runs().is_empty());
        }
    });
}

#[test]
fn a_run_that_was_started_while_nobody_answered_is_waited_for() {
    each(|system| {
        let room = Room::new();
        let farm = Farm::with(&room, system, "timeout: 20s");
        // An answer that comes after all patience is over.
        farm.server.fault(well(CHECKS).chain([Fault::HangAfter]));
        farm.deploy("qa").ok();
        assert_eq!((farm.runs().len(), farm.outcomes("qa")), (1, vec!["running".into(), "succeeded".into()]));
    });
}

#[test]
fn a_server_that_falls_silent_costs_no_more_than_the_time_limit() {
    each(|system| {
        let room = Room::new();
        let farm = Farm::with(&room, system, "timeout: 4s");
        farm.memory().plots.insert("qa".into(), Plot::Endless);
        farm.server.fault(well(CHECKS + 1).chain(std::iter::repeat_n(Fault::Hang, 40)));
        let reason = farm.deploy("qa").ends(7).json()["reason"].as_str().unwrap().to_owned();
        assert!(reason.contains("took longer than 4s and goes on"), "{reason}");
        assert_eq!(farm.outcomes("qa"), ["running", "failed"]);
    });
}

#[test]
fn a_run_that_is_not_known_everywhere_yet_is_waited_for() {
    each(|system| {
        let room = Room::new();
        let farm = Farm::new(&room, system);
        let unknown = || Fault::Answer(Reply::json(404, json!({"message": "Not Found"})));
        farm.server.fault(well(CHECKS + 1).chain([unknown(), unknown()]));
        farm.deploy("qa").ok();
        assert_eq!(farm.outcomes("qa"), ["running", "succeeded"]);
    });
}

#[test]
fn a_limit_that_is_told_in_words_alone_is_waited_for() {
    let room = Room::new();
    let farm = Farm::new(&room, System::Github);
    let limit = Reply::json(403, json!({"message": "You have exceeded a secondary rate limit. Please wait"}));
    farm.server.fault(well(CHECKS + 1).chain([Fault::Answer(limit)]));
    assert!(farm.deploy("qa").ok().err.contains("looked at again"));
}

#[test]
fn somebody_elses_pipeline_is_passed_over() {
    let room = Room::new();
    let farm = Farm::new(&room, System::Gitlab);
    // GitLab shows the variables of a pipeline to who has started it.
    farm.memory().strangers = 1;
    farm.server.fault(well(CHECKS).chain([Fault::CutAfter]));
    farm.deploy("qa").ok();
    assert_eq!(farm.outcomes("qa"), ["running", "succeeded"]);
}

#[test]
fn the_run_of_a_relman_that_was_killed_is_taken_up() {
    each(|system| {
        let room = Room::new();
        let farm = Farm::new(&room, system);
        farm.memory().plots.insert("qa".into(), Plot::Endless);
        let mut child = farm.call("qa").into_command().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        farm.until_running();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(farm.outcomes("qa"), ["running"]);
        {
            let mut memory = farm.memory();
            memory.plots.clear();
            (memory.runs[0].plot, memory.runs[0].looks) = (Plot::Succeeds, 0);
        }
        let answer = farm.deploy("qa").ok();
        assert!(answer.err.contains("it is waited for"), "{}", answer.err);
        assert_eq!(farm.runs().len(), 1, "nothing is started twice");
        assert_eq!(farm.outcomes("qa"), ["running", "running", "succeeded"]);
        // What has ended is not waited for again.
        farm.deploy("qa").ok();
        assert_eq!(farm.runs().len(), 2);
    });
}
