//! GitLab CI, as far as relman speaks to it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::farm::{Dialect, LOG, Memory, Phase, Run};
use super::server::{Asked, Reply};

pub struct Fake;

/// From this number on, pipelines are those of somebody else.
const FOREIGN: u64 = 1000;

fn not_found(what: &str) -> Reply {
    Reply::json(404, json!({"message": format!("404 {what} Not Found")}))
}

fn base(message: &str) -> Reply {
    Reply::json(400, json!({"message": {"base": [message]}}))
}

fn status(run: &Run) -> &'static str {
    match run.phase() {
        Phase::Waiting => "pending",
        Phase::Running => "running",
        Phase::Succeeded => "success",
        Phase::Failed => "failed",
        Phase::Stopped => "canceled",
    }
}

fn wire(run: &Run) -> Value {
    json!({
        "id": run.number, "iid": run.number, "project_id": 1, "sha": run.commit, "ref": run.reference, "status": status(run),
        "source": "api", "web_url": format!("https://gitlab.example/acme/foo-app/-/pipelines/{}", run.number),
    })
}

fn job(run: &Run, id: u64, name: &str, status: &str, allow_failure: bool) -> Value {
    json!({"id": run.number * 10 + id, "name": name, "stage": "rollout", "status": status, "allow_failure": allow_failure,
           "failure_reason": (status == "failed").then_some("script_failure")})
}

/// What a job sees of a variable: GitLab and its runner put other variables into it.
fn expanded(value: &str) -> String {
    if value.contains('$') || value.contains("%PATH%") { "EXPANDED".into() } else { value.into() }
}

impl Dialect for Fake {
    fn stranger(&self) -> Reply {
        Reply::json(401, json!({"message": "401 Unauthorized"}))
    }

    fn answer(&self, memory: &mut Memory, asked: &Asked) -> Reply {
        let (method, path) = asked.route();
        let ["api", "v4", "projects", "acme/foo-app", rest @ ..] = &path[..] else { return not_found("Project") };
        match (method, rest) {
            ("GET", []) => {
                let mut project = json!({"id": 1, "path_with_namespace": "acme/foo-app", "builds_access_level": "enabled",
                                         "ci_config_path": null});
                for (key, value) in memory.project.as_object().into_iter().flatten() {
                    project[key] = value.clone();
                }
                Reply::json(200, project)
            }
            ("POST", ["pipeline"]) => create(memory, &asked.body),
            ("GET", ["pipelines"]) => {
                assert_eq!(asked.query("source"), Some("api"));
                let sha = asked.query("sha");
                let found = memory.runs.iter().rev().filter(|run| sha.is_none_or(|sha| sha == run.commit));
                let foreign = (0..memory.strangers).map(|number| {
                    json!({"id": FOREIGN + number, "sha": sha, "ref": "main", "status": "success", "source": "api"})
                });
                Reply::json(200, foreign.chain(found.map(wire)).collect())
            }
            ("GET", ["pipelines", number]) => memory.run(number).map_or_else(
                || not_found("Pipeline"),
                |run| {
                    run.looks += 1;
                    Reply::json(200, wire(run))
                },
            ),
            ("GET", ["pipelines", number, "variables"])
                if number.parse::<u64>().is_ok_and(|number| number >= FOREIGN) =>
            {
                Reply::json(403, json!({"message": "403 Forbidden"}))
            }
            ("GET", ["pipelines", number, "variables"]) => memory.run(number).map_or_else(
                || not_found("Pipeline"),
                |run| {
                    let list = run
                        .facts
                        .iter()
                        .map(|(key, value)| json!({"key": key, "value": value, "variable_type": "env_var"}));
                    Reply::json(200, list.collect())
                },
            ),
            ("GET", ["pipelines", number, "jobs"]) => memory.run(number).map_or_else(
                || not_found("Pipeline"),
                // Newest first.
                |run| {
                    let main = job(run, 2, "helm", status(run), false);
                    Reply::json(200, json!([main, job(run, 1, "lint", "failed", true)]))
                },
            ),
            ("POST", ["pipelines", number, "cancel"]) => memory.run(number).map_or_else(
                || not_found("Pipeline"),
                |run| {
                    run.cancelled |= matches!(run.phase(), Phase::Waiting | Phase::Running);
                    Reply::json(200, wire(run))
                },
            ),
            ("GET", ["jobs", _, "trace"]) => {
                Reply { status: 200, headers: vec![("Content-Type", "text/plain".into())], body: LOG.into() }
            }
            _ => not_found("Route"),
        }
    }
}

fn create(memory: &mut Memory, body: &Value) -> Reply {
    for key in body.as_object().unwrap().keys() {
        assert!(["ref", "variables", "inputs"].contains(&key.as_str()), "GitLab knows no {key}");
    }
    let Some(reference) = body["ref"].as_str() else { return Reply::json(400, json!({"error": "ref is missing"})) };
    let Some(commit) = memory.commit(reference) else { return base("Reference not found") };
    let mut facts = BTreeMap::new();
    for variable in body["variables"].as_array().unwrap() {
        let (key, value) = (variable["key"].as_str().unwrap(), variable["value"].as_str().unwrap());
        let valid = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !valid || facts.insert(key.to_owned(), expanded(value)).is_some() {
            return base(&format!("Variables key {key} is invalid or there twice"));
        }
    }
    let id = facts["RELMAN_RUN"].clone();
    Reply::json(201, wire(memory.add(reference, &commit, facts, &id)))
}
