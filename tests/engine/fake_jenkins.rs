//! Jenkins below a path, with one job in a folder.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::farm::{Dialect, LOG, Memory, Phase, Run};
use super::server::{Asked, Reply};

pub struct Fake;

fn not_found() -> Reply {
    Reply::page(404, "<html>Not Found</html>")
}

fn parameters(run: &Run) -> Value {
    let list: Vec<Value> = run.facts.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    json!([{}, {"_class": "hudson.model.ParametersAction", "parameters": list}])
}

/// The number of a run's item in the queue.
fn queue_id(run: &Run) -> u64 {
    run.number + 100
}

fn result(run: &Run) -> Option<&'static str> {
    match run.phase() {
        Phase::Waiting | Phase::Running => None,
        Phase::Succeeded => Some("SUCCESS"),
        Phase::Failed => Some("FAILURE"),
        Phase::Stopped => Some("ABORTED"),
    }
}

/// Jenkins points to one of its pages after most deeds.
fn done() -> Reply {
    Reply::json(302, Value::Null).with("Location", "http://jenkins.internal/jenkins/job/team/")
}

impl Dialect for Fake {
    fn stranger(&self) -> Reply {
        Reply::page(401, "<html><title>Error 401 Unauthorized</title></html>")
    }

    fn answer(&self, memory: &mut Memory, asked: &Asked) -> Reply {
        let (method, path) = asked.route();
        if let ["jenkins", "queue", rest @ ..] = &path[..] {
            return queue(memory, asked, method, rest);
        }
        let ["jenkins", "job", "team", "job", "foo app", rest @ ..] = &path[..] else { return not_found() };
        match (method, rest) {
            ("GET", ["api", "json"]) if asked.query("tree").unwrap().starts_with("builds") => {
                let begun = memory.runs.iter().rev().filter(|run| run.phase() != Phase::Waiting);
                let build =
                    |run: &Run| json!({"number": run.number, "queueId": queue_id(run), "actions": parameters(run)});
                Reply::json(200, json!({"builds": begun.map(build).collect::<Vec<_>>()}))
            }
            ("GET", ["api", "json"]) => {
                let names: Vec<Value> = memory.declared.iter().map(|name| json!({"name": name})).collect();
                let buildable = memory.project["buildable"].as_bool().unwrap_or(true);
                Reply::json(200, json!({"buildable": buildable, "property": [{}, {"parameterDefinitions": names}]}))
            }
            ("POST", ["buildWithParameters"]) => build(memory, asked),
            ("GET", [number, "api", "json"]) => memory.run(number).map_or_else(not_found, |run| {
                run.looks += 1;
                let result = result(run);
                Reply::json(200, json!({"number": run.number, "building": result.is_none(), "result": result}))
            }),
            ("GET", [number, "wfapi", "describe"]) => {
                if memory.old {
                    return not_found();
                }
                memory.run(number).map_or_else(not_found, |run| {
                    let status = match run.phase() {
                        Phase::Failed => "FAILED",
                        Phase::Succeeded => "SUCCESS",
                        Phase::Stopped => "ABORTED",
                        _ => "IN_PROGRESS",
                    };
                    Reply::json(200, json!({"stages": [{"name": "helm", "status": status}]}))
                })
            }
            ("GET", [_, "consoleText"]) => {
                Reply { status: 200, headers: vec![("Content-Type", "text/plain".into())], body: LOG.into() }
            }
            ("POST", [number, "stop"]) => memory.run(number).map_or_else(not_found, |run| {
                run.cancelled = true;
                done()
            }),
            _ => not_found(),
        }
    }
}

fn queue(memory: &mut Memory, asked: &Asked, method: &str, rest: &[&str]) -> Reply {
    match (method, rest) {
        ("GET", ["api", "json"]) => {
            let waiting = memory.runs.iter().filter(|run| run.phase() == Phase::Waiting);
            let items: Vec<Value> =
                waiting.map(|run| json!({"id": queue_id(run), "actions": parameters(run)})).collect();
            Reply::json(200, json!({"items": items}))
        }
        ("GET", ["item", id, "api", "json"]) => {
            let Some(run) = memory.runs.iter_mut().find(|run| queue_id(run).to_string() == *id) else {
                return not_found();
            };
            run.looks += 1;
            let begun = run.phase() != Phase::Waiting;
            let why = (!begun).then_some("Waiting for next available executor");
            let executable = begun.then(|| json!({"number": run.number}));
            Reply::json(200, json!({"id": queue_id(run), "cancelled": false, "why": why, "executable": executable}))
        }
        ("POST", ["cancelItem"]) => {
            let id = asked.query("id").unwrap();
            let Some(run) = memory.runs.iter_mut().find(|run| queue_id(run).to_string() == id) else {
                return not_found();
            };
            run.cancelled = true;
            done()
        }
        _ => not_found(),
    }
}

fn build(memory: &mut Memory, asked: &Asked) -> Reply {
    assert_eq!(asked.body, Value::Null);
    if memory.declared.is_empty() {
        return Reply::page(400, "<html>foo-app is not parameterized</html>");
    }
    // What is not declared is dropped.
    let declared = asked.form.iter().filter(|(name, _)| memory.declared.contains(name)).cloned();
    let facts: BTreeMap<String, String> = declared.collect();
    // What waits with the same parameters is the same.
    let same = memory.runs.iter().find(|run| run.phase() == Phase::Waiting && run.facts == facts).map(queue_id);
    let id = same.unwrap_or_else(|| {
        let (commit, run) = (facts["RELMAN_COMMIT"].clone(), facts["RELMAN_RUN"].clone());
        let tag = facts.get("RELMAN_TAG").cloned().unwrap_or_default();
        queue_id(memory.add(&tag, &commit, facts, &run))
    });
    // The address that Jenkins believes to have is not always the one that it is reached at.
    Reply::json(201, Value::Null).with("Location", format!("http://jenkins.internal/queue/item/{id}/"))
}
