//! What every system is told, and what is made of how its runs end.

use std::process::Stdio;

use serde_json::Value;

use super::farm::{Farm, HOSTILE, Phase, Plot, System, TOKEN, each};
use super::sandbox::{Room, signal};

#[test]
fn a_run_at_the_tag_is_started_with_the_facts_and_waited_for() {
    each(|system| {
        let room = Room::new();
        let farm = Farm::new(&room, system);
        let answer = farm.deploy("qa").ok();
        let document = answer.json();
        assert_eq!((&document["result"], &document["engine"]), (&"deployed".into(), &system.engine().into()));
        let runs = farm.runs();
        assert_eq!(runs.len(), 1, "{runs:?}");
        let run = &runs[0];
        let commit = farm.app.git("rev-parse v1.0.0-rc.1^0");
        assert_eq!((run.phase(), run.commit.as_str()), (Phase::Succeeded, commit.as_str()));
        assert!(run.reference.ends_with("v1.0.0-rc.1"), "{}", run.reference);
        for (name, value) in [("RELMAN_ENVIRONMENT", "qa"), ("RELMAN_TAG", "v1.0.0-rc.1"), ("RELMAN_COMMIT", &commit)] {
            assert_eq!(run.fact(name), value, "{name}");
        }
        let target: Value = serde_json::from_str(run.fact("RELMAN_TARGET")).unwrap();
        assert_eq!(target["deep"]["word"], HOSTILE);
        if system != System::Jenkins {
            assert_eq!(run.fact("RELMAN_TARGET_API_URL"), "https://qa");
            let repositories: Value = serde_json::from_str(run.fact("RELMAN_REPOSITORIES")).unwrap();
            assert_eq!((&repositories[0]["commit"], &repositories[0]["path"]), (&commit.into(), &Value::Null));
        }
        assert!(run.facts.keys().all(|name| name.starts_with("RELMAN_")), "{:?}", run.facts);
        assert!(!format!("{:?}", run.facts).contains(TOKEN));

        let url = document["url"].as_str().unwrap();
        assert!(url.contains("foo") && url.contains('1'), "{url}");
        assert!(answer.err.contains("helm | ") || answer.err.contains("deploy | "), "{}", answer.err);
        let records = farm.records("qa");
        assert_eq!(farm.outcomes("qa"), ["running", "succeeded"]);
        assert_eq!((&records[1]["url"], &records[1]["id"]), (&url.into(), &run.id.clone().into()));
        assert_eq!(records[1]["engine"], system.engine());
        assert!(!room.path("work/foo-release/pwned").exists());
    });
}

#[test]
fn without_a_tag_the_run_is_at_the_branch() {
    each(|system| {
        let room = Room::new();
        let farm = Farm::new(&room, system);
        farm.deploy("dev").ok();
        let runs = farm.runs();
        assert_eq!(runs[0].commit, farm.app.git("rev-parse main"));
        if system != System::Jenkins {
            assert!(runs[0].reference.ends_with("main"), "{}", runs[0].reference);
        }
        assert_eq!(farm.tags(), "");
    });
}

#[test]
fn a_run_that_fails_says_where_and_with_which_words() {
    each(|system| {
        let room = Room::new();
        let farm = Farm::new(&room, system);
        farm.memory().plots.insert("qa".into(), Plot::Fails);
        let answer = farm.watch(farm.call("qa").run()).ends(7);
        let said = &answer.err;
        assert!(said.contains("The run is http"), "{said}");
        assert!(said.contains("helm") && said.contains("failed"), "{said}");
        assert!(said.contains("helm upgrade") && said.contains("Error: boom"), "{said}");
        assert!(!said.contains('\u{1b}') && !said.contains('\u{7}'), "{said:?}");
        assert_eq!(farm.outcomes("qa"), ["running", "failed"]);
        let reason = farm.records("qa")[1]["error"].as_str().unwrap().to_owned();
        assert!(reason.contains("helm") && !reason.contains("boom"), "{reason}");
        // The next run takes the same tag, and another run.
        farm.memory().plots.clear();
        assert_eq!(farm.deploy("qa").ok().json()["tag"], "v1.0.0-rc.1");
        assert_eq!(farm.runs().len(), 2);
    });
}

#[test]
fn a_run_that_somebody_stops_has_failed() {
    each(|system| {
        let room = Room::new();
        let farm = Farm::new(&room, system);
        farm.memory().plots.insert("qa".into(), Plot::Stopped);
        let answer = farm.deploy("qa").ends(7);
        let reason = answer.json()["reason"].as_str().unwrap().to_owned();
        assert!(["cancelled", "stopped", "aborted"].iter().any(|word| reason.contains(word)), "{reason}");
        assert_eq!(farm.outcomes("qa"), ["running", "failed"]);
    });
}

#[test]
fn an_interrupted_deployment_cancels_its_run() {
    each(|system| {
        let room = Room::new();
        let farm = Farm::new(&room, system);
        farm.memory().plots.insert("qa".into(), Plot::Endless);
        let mut command = farm.call("qa").into_command();
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        farm.until_running();
        signal(&child, rustix::process::Signal::INT);
        assert_eq!(child.wait().unwrap().code(), Some(130));
        assert!(farm.runs()[0].cancelled);
        assert_eq!(farm.outcomes("qa"), ["running", "interrupted"]);
        let reason = farm.records("qa")[1]["error"].as_str().unwrap().to_owned();
        assert!(reason.contains("was cancelled"), "{reason}");
    });
}

#[test]
fn a_run_that_takes_too_long_is_cancelled() {
    each(|system| {
        let room = Room::new();
        let farm = Farm::with(&room, system, "timeout: 3s");
        farm.memory().plots.insert("qa".into(), Plot::Endless);
        let reason = farm.deploy("qa").ends(7).json()["reason"].as_str().unwrap().to_owned();
        assert!(reason.contains("took longer than 3s") && reason.contains("was cancelled"), "{reason}");
        assert!(farm.runs()[0].cancelled);
    });
}

#[test]
fn of_two_runs_at_once_each_deployment_waits_for_its_own() {
    each(|system| {
        let room = Room::new();
        let farm = Farm::new(&room, system);
        for name in ["dev-2", "dev-3", "dev-4"] {
            farm.release.environment(name, "WIP", "type: dev");
        }
        // A server of some years ago says nothing of the run that it starts.
        farm.memory().old = true;
        for name in ["dev", "dev-3"] {
            farm.memory().plots.insert(name.into(), Plot::Fails);
        }
        let names = ["dev", "dev-2", "dev-3", "dev-4"];
        let children: Vec<_> = names
            .map(|name| {
                farm.call(name)
                    .words("--format json")
                    .into_command()
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .into();
        for (name, child) in names.into_iter().zip(children) {
            let output = child.wait_with_output().unwrap();
            let failed = name == "dev" || name == "dev-3";
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(if failed { 7 } else { 0 }), "{name}: {said}");
            let document: Value = serde_json::from_slice(&output.stdout).unwrap();
            let runs = farm.runs();
            let own: Vec<_> = runs.iter().filter(|run| run.fact("RELMAN_ENVIRONMENT") == name).collect();
            assert_eq!(own.len(), 1, "{name}: {runs:?}");
            assert_eq!(document["record"]["id"], own[0].id.as_str());
            let url = document["url"].as_str().unwrap().trim_end_matches('/');
            assert!(url.ends_with(&format!("/{}", own[0].number)), "{name}: {url} is not of {:?}", own[0]);
        }
    });
}

#[test]
fn a_plan_asks_nobody_and_needs_no_token() {
    each(|system| {
        let room = Room::new();
        let farm = Farm::new(&room, system);
        let shown = farm.stranger("qa").words("-n").run().ok();
        assert!(shown.out.contains(system.engine()) && shown.out.contains("v1.0.0-rc.1"), "{}", shown.out);
        assert!(farm.server.requests().is_empty(), "{:?}", farm.server.requests());
        assert_eq!(farm.tags(), "");
    });
}
