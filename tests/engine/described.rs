//! Requests, judged by the description that GitHub publishes. It runs where `RELMAN_STEADY` names the program that judges.

use std::path::Path;

use relman::http::percent::query;
use relman::http::{Method, Network, Outgoing, Patience, Transport as _, WebUrl};

use super::farm::{Farm, Plot, System};
use super::judge::steady;
use super::sandbox::Room;
use super::server::Asked;

/// Shows a request to the judge, and returns which operation it is.
pub fn verdict(judge: &str, asked: &Asked) -> String {
    let method = match asked.method.as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        other => panic!("{other} is not expected"),
    };
    let headers = vec![("Content-Type", "application/json".to_owned())];
    let url = format!("{judge}{}{}", asked.raw_path, query(&asked.query));
    let body = (!asked.body.is_null()).then(|| asked.body.to_string());
    let request = Outgoing { method, url, headers, authorization: None, body };
    let network = Network::new(&WebUrl::parse(judge).unwrap(), &Patience::default());
    let verdict = network.send(&request).expect("a verdict");
    let header = |name: &str| verdict.header(name).unwrap_or_default();
    let why = String::from_utf8_lossy(&verdict.body);
    assert_eq!(header("x-steady-request-valid"), "true", "{request:?}: {why} {:?}", verdict.headers);
    format!("{} {}", asked.method, header("x-steady-matched-path"))
}

#[test]
fn every_request_to_github_fits_its_description() {
    let Ok(program) = std::env::var("RELMAN_STEADY") else {
        eprintln!("SKIPPED: requests are not judged by GitHub's description, for RELMAN_STEADY is not set");
        return;
    };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engine/github.openapi.json");
    let steady = steady(&program, &file);
    let room = Room::new();
    let farm = Farm::with(&room, System::Github, "timeout: 4s");
    farm.memory().judge = Some(steady.url.clone());
    farm.memory().plots.insert("qa".into(), Plot::Fails);
    farm.memory().plots.insert("dev".into(), Plot::Endless);
    farm.deploy("qa").ends(7);
    // A lost answer, and a run that is cancelled.
    farm.server.fault([super::server::Fault::Well, super::server::Fault::CutAfter]);
    farm.deploy("dev").ends(7);
    let below = "/api/v3/repos/{owner}/{repo}/actions";
    let judged = farm.memory().judged.clone();
    for operation in [
        "GET BELOW/workflows/{workflow_id}",
        "POST BELOW/workflows/{workflow_id}/dispatches",
        "GET BELOW/workflows/{workflow_id}/runs",
        "GET BELOW/runs/{run_id}",
        "GET BELOW/runs/{run_id}/jobs",
        "POST BELOW/runs/{run_id}/cancel",
        "GET BELOW/jobs/{job_id}/logs",
    ] {
        let operation = operation.replace("BELOW", below);
        assert!(judged.contains(&operation), "{operation} was not used: {judged:#?}");
    }
}
