//! Bitbucket Pipelines, as far as relman speaks to it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::farm::{Dialect, Memory, Phase, Run, is_storage, storage, stored};
use super::server::{Asked, Reply};

pub struct Fake;

/// The only step of a pipeline.
const STEP: &str = "{11111111-0000-0000-0000-000000000001}";

fn error(status: u16, message: &str, detail: &str) -> Reply {
    Reply::json(status, json!({"type": "error", "error": {"message": message, "detail": detail, "data": {"key": "x"}}}))
}

fn not_found() -> Reply {
    error(404, "Not found", "There is no such thing")
}

fn state(run: &Run) -> Value {
    let completed = |name: &str| json!({"name": "COMPLETED", "result": {"name": name}});
    match run.phase() {
        Phase::Waiting => json!({"name": "PENDING"}),
        Phase::Running => json!({"name": "IN_PROGRESS", "stage": {"name": "RUNNING"}}),
        Phase::Succeeded => completed("SUCCESSFUL"),
        Phase::Failed => completed("FAILED"),
        Phase::Stopped => completed("STOPPED"),
    }
}

fn uuid(number: u64) -> String {
    format!("{{00000000-0000-0000-0000-{number:012}}}")
}

/// What a pipeline runs on, as it was asked for.
fn target(run: &Run) -> Value {
    let commit = json!({"type": "commit", "hash": run.commit});
    let selector = json!({"type": "custom", "pattern": "deploy"});
    let named = [("tag", "refs/tags/"), ("branch", "refs/heads/")];
    match named.into_iter().find_map(|(kind, prefix)| Some((kind, run.reference.strip_prefix(prefix)?))) {
        Some((kind, name)) => json!({"type": "pipeline_ref_target", "ref_type": kind, "ref_name": name,
                                     "commit": commit, "selector": selector}),
        None => json!({"type": "pipeline_commit_target", "commit": commit, "selector": selector}),
    }
}

fn step(run: &Run) -> Value {
    let state = match run.phase() {
        Phase::Running => json!({"name": "IN_PROGRESS"}),
        _ => state(run),
    };
    json!({"type": "pipeline_step", "uuid": STEP, "name": "helm", "state": state})
}

fn wire(run: &Run) -> Value {
    let variables: Vec<Value> = run.facts.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
    json!({"type": "pipeline", "uuid": uuid(run.number), "build_number": run.number, "state": state(run),
           "target": target(run), "variables": variables})
}

fn find<'m>(memory: &'m mut Memory, id: &str) -> Option<&'m mut Run> {
    memory.runs.iter_mut().find(|run| uuid(run.number) == id)
}

impl Dialect for Fake {
    fn stranger(&self) -> Reply {
        Reply::json(
            401,
            json!({"type": "error", "error": {"message": "Token is invalid, expired, or not supported for this endpoint."}}),
        )
    }

    fn is_open(&self, asked: &Asked) -> bool {
        is_storage(asked)
    }

    fn answer(&self, memory: &mut Memory, asked: &Asked) -> Reply {
        let (method, path) = asked.route();
        if is_storage(asked) {
            return stored(asked, "application/octet-stream");
        }
        let ["2.0", "repositories", "acme", "foo-app", "pipelines", rest @ ..] = &path[..] else { return not_found() };
        match (method, rest) {
            ("GET", []) => Reply::json(200, json!({"values": memory.runs.iter().rev().map(wire).collect::<Vec<_>>()})),
            ("POST", [""]) => create(memory, &asked.body),
            ("GET", [id]) => find(memory, id).map_or_else(not_found, |run| {
                run.looks += 1;
                Reply::json(200, wire(run))
            }),
            ("GET", [id, "steps"]) => {
                find(memory, id).map_or_else(not_found, |run| Reply::json(200, json!({"values": [step(run)]})))
            }
            ("POST", [id, "stopPipeline"]) => find(memory, id).map_or_else(not_found, |run| {
                if !matches!(run.phase(), Phase::Waiting | Phase::Running) {
                    return error(400, "Bad request", "The pipeline is already completed.");
                }
                run.cancelled = true;
                Reply::json(204, Value::Null)
            }),
            // A step that has ended has its log in a storage elsewhere.
            ("GET", [_, "steps", STEP, "log"]) => Reply::json(307, Value::Null).with("Location", storage(asked)),
            _ => not_found(),
        }
    }
}

fn create(memory: &mut Memory, body: &Value) -> Reply {
    for key in body.as_object().unwrap().keys() {
        assert!(["target", "variables"].contains(&key.as_str()), "Bitbucket knows no {key}");
    }
    let target = &body["target"];
    let bad = |detail: &str| error(400, "Bad request", detail);
    if target["selector"] != json!({"type": "custom", "pattern": "deploy"}) {
        return bad("Requested selector is not found in bitbucket-pipelines.yml.");
    }
    let (kind, name) =
        (target["ref_type"].as_str().unwrap_or_default(), target["ref_name"].as_str().unwrap_or_default());
    let full = match (target["type"].as_str(), kind) {
        (Some("pipeline_ref_target"), "tag") => format!("refs/tags/{name}"),
        (Some("pipeline_ref_target"), "branch") => format!("refs/heads/{name}"),
        (Some("pipeline_commit_target"), "") => String::new(),
        other => return bad(&format!("{other:?} is no target")),
    };
    if target["commit"]["type"] != "commit" {
        return bad("The commit has no type");
    }
    let hash = target["commit"]["hash"].as_str().unwrap();
    let found = if full.is_empty() { Some(hash.to_owned()) } else { memory.commit(&full) };
    let Some(commit) = found else { return error(404, "Not found", "Could not find the revision") };
    let mut facts = BTreeMap::new();
    for variable in body["variables"].as_array().unwrap() {
        let (key, value) = (variable["key"].as_str().unwrap(), variable["value"].as_str().unwrap());
        if value.is_empty() || key.is_empty() || !key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return bad(&format!("The variable {key} is invalid"));
        }
        facts.insert(key.to_owned(), value.to_owned());
    }
    let id = facts["RELMAN_RUN"].clone();
    Reply::json(201, wire(memory.add(&full, &commit, facts, &id)))
}
