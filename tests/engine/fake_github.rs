//! GitHub Actions, as far as relman speaks to it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::farm::{Dialect, Memory, Phase, Run, is_storage, storage, stored};
use super::server::{Asked, Reply};

pub struct Fake;

fn said(status: u16, message: &str) -> Reply {
    Reply::json(status, json!({"message": message, "documentation_url": "https://docs.github.com/rest"}))
}

fn not_found() -> Reply {
    said(404, "Not Found")
}

fn wire(run: &Run) -> Value {
    let (status, conclusion) = match run.phase() {
        Phase::Waiting => ("queued", None),
        Phase::Running => ("in_progress", None),
        Phase::Succeeded => ("completed", Some("success")),
        Phase::Failed => ("completed", Some("failure")),
        Phase::Stopped => ("completed", Some("cancelled")),
    };
    json!({
        "id": run.number, "name": "deploy", "display_title": format!("Deploy ({})", run.id), "event": "workflow_dispatch",
        "head_sha": run.commit, "status": status, "conclusion": conclusion, "html_url": page(run.number),
    })
}

fn page(number: u64) -> String {
    format!("https://github.example/acme/foo-app/actions/runs/{number}")
}

fn jobs(run: &Run) -> Value {
    let (status, conclusion) = match run.phase() {
        Phase::Waiting => return json!({"total_count": 0, "jobs": []}),
        Phase::Running => ("in_progress", None),
        Phase::Succeeded => ("completed", Some("success")),
        Phase::Failed => ("completed", Some("failure")),
        Phase::Stopped => ("completed", Some("cancelled")),
    };
    let steps = json!([
        {"name": "Set up job", "status": "completed", "conclusion": "success", "number": 1},
        {"name": "helm", "status": status, "conclusion": conclusion, "number": 2},
    ]);
    let job =
        json!({"id": run.number * 10, "name": "deploy", "status": status, "conclusion": conclusion, "steps": steps});
    json!({"total_count": 1, "jobs": [job]})
}

impl Dialect for Fake {
    fn stranger(&self) -> Reply {
        said(401, "Bad credentials")
    }

    fn is_open(&self, asked: &Asked) -> bool {
        is_storage(asked)
    }

    fn answer(&self, memory: &mut Memory, asked: &Asked) -> Reply {
        let (method, path) = asked.route();
        if is_storage(asked) {
            return stored(asked, "text/plain");
        }
        assert_eq!(asked.header("accept"), Some("application/vnd.github+json"));
        let ["api", "v3", "repos", "acme", "foo-app", "actions", rest @ ..] = &path[..] else { return not_found() };
        match (method, rest) {
            ("GET", ["workflows", "deploy.yml"]) => {
                let state = memory.project["state"].as_str().unwrap_or("active");
                Reply::json(
                    200,
                    json!({"id": 1, "name": "deploy", "path": ".github/workflows/deploy.yml", "state": state}),
                )
            }
            ("POST", ["workflows", "deploy.yml", "dispatches"]) => dispatch(memory, &asked.body),
            ("GET", ["workflows", "deploy.yml", "runs"]) => {
                assert_eq!(asked.query("event"), Some("workflow_dispatch"));
                let runs: Vec<Value> = memory.runs.iter().rev().map(wire).collect();
                Reply::json(200, json!({"total_count": runs.len(), "workflow_runs": runs}))
            }
            ("GET", ["runs", number]) => memory.run(number).map_or_else(not_found, |run| {
                run.looks += 1;
                Reply::json(200, wire(run))
            }),
            ("GET", ["runs", number, "jobs"]) => {
                memory.run(number).map_or_else(not_found, |run| Reply::json(200, jobs(run)))
            }
            ("POST", ["runs", number, "cancel"]) => memory.run(number).map_or_else(not_found, |run| {
                if !matches!(run.phase(), Phase::Waiting | Phase::Running) {
                    return said(409, "Cannot cancel a workflow run that is completed.");
                }
                run.cancelled = true;
                Reply::json(202, json!({}))
            }),
            ("GET", ["jobs", _, "logs"]) => Reply::json(302, Value::Null).with("Location", storage(asked)),
            _ => not_found(),
        }
    }
}

fn dispatch(memory: &mut Memory, body: &Value) -> Reply {
    let known: &[&str] = if memory.old { &["ref", "inputs"] } else { &["ref", "inputs", "return_run_details"] };
    if let Some(key) = body.as_object().unwrap().keys().find(|key| !known.contains(&key.as_str())) {
        return said(422, &format!("Invalid request.\n\n\"{key}\" is not a permitted key."));
    }
    let Some(reference) = body["ref"].as_str() else {
        return said(422, "Invalid request.\n\n\"ref\" wasn't supplied.");
    };
    let Some(commit) = memory.commit(reference) else { return said(422, &format!("No ref found for: {reference}")) };
    let inputs = body["inputs"].as_object().cloned().unwrap_or_default();
    let unexpected: Vec<&String> =
        inputs.keys().filter(|key| !["relman", "relman_run"].contains(&key.as_str())).collect();
    if !unexpected.is_empty() {
        return said(422, &format!("Unexpected inputs provided: {unexpected:?}"));
    }
    for name in ["relman", "relman_run"] {
        if !inputs.get(name).is_some_and(Value::is_string) {
            return said(422, &format!("Required input '{name}' not provided"));
        }
    }
    if Value::Object(inputs.clone()).to_string().len() > 65_535 {
        return said(422, "inputs are too large.");
    }
    // What a workflow reads by fromJSON.
    let facts: BTreeMap<String, String> = serde_json::from_str(inputs["relman"].as_str().unwrap()).unwrap();
    let number = memory.add(reference, &commit, facts, inputs["relman_run"].as_str().unwrap()).number;
    if body["return_run_details"] != json!(true) {
        return Reply::json(204, Value::Null);
    }
    Reply::json(200, json!({"workflow_run_id": number, "run_url": "https://api", "html_url": page(number)}))
}
