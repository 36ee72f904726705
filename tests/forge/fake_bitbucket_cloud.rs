//! A Bitbucket Cloud with one repository.

use serde_json::{Value, json};

use super::server::{Asked, Reply};
use super::store::{Dialect, Pull, Store, paged, text, unknown_field};

pub struct Fake;

fn wire(pull: &Pull) -> Value {
    let side = |branch: &str, repository: &str| {
        json!({"branch": {"name": branch}, "commit": {"hash": "31c54529bd80", "type": "commit"},
               "repository": {"full_name": repository, "type": "repository"}})
    };
    json!({
        "id": pull.number, "type": "pullrequest", "title": pull.title, "description": pull.body, "draft": pull.draft,
        "state": if pull.open { "OPEN" } else if pull.merged { "MERGED" } else { "DECLINED" },
        "source": side(&pull.head, if pull.fork { "mallory/foo-release" } else { "acme/foo-release" }),
        "destination": side(&pull.base, "acme/foo-release"), "close_source_branch": false,
        "reviewers": pull.reviewers.iter().map(|uuid| json!({"uuid": uuid, "type": "user"})).collect::<Value>(),
        "author": {"display_name": "Jane", "nickname": "jane", "uuid": "{1}"}, "rendered": {}, "unheard": [1],
        "links": {"html": {"href": format!("https://bitbucket.org/acme/foo-release/pull-requests/{}", pull.number)}},
    })
}

/// What only the answer about one of them holds.
fn whole(pull: &Pull) -> Value {
    let mut body = wire(pull);
    let person = |name: &str, approved: bool| json!({"type": "participant", "user": {"nickname": name, "display_name": "X"}, "approved": approved});
    let approved = pull.approved_by.iter().map(|name| person(name, true));
    body["participants"] = [person("carol", false)].into_iter().chain(approved).collect();
    if !pull.open {
        body["closed_by"] = json!({"nickname": "wendy", "display_name": "Wendy", "uuid": "{2}"});
    }
    body
}

fn error(status: u16, message: &str, fields: Value) -> Reply {
    let mut error = json!({"message": message});
    if !fields.is_null() {
        error["fields"] = fields;
    }
    Reply::json(status, json!({"type": "error", "error": error}))
}

impl Dialect for Fake {
    fn stranger(&self) -> Reply {
        error(401, "Token is invalid, expired, or not supported for this endpoint.", Value::Null)
    }

    fn answer(&self, store: &mut Store, asked: &Asked) -> Reply {
        let (method, path) = asked.route();
        let ["2.0", "repositories", "acme", "foo-release", rest @ ..] = &path[..] else {
            return error(404, "Repository not found", Value::Null);
        };
        match (method, rest) {
            ("GET", ["refs", "branches", _]) => Reply::json(200, store.settings.clone()),
            ("GET", ["branching-model" | "branch-restrictions", ..]) if store.restrictions.is_none() => {
                error(403, "Your credentials lack one or more required privilege scopes.", Value::Null)
            }
            ("GET", ["branching-model", "settings"]) => {
                let deletes = store.settings["default_branch_deletion"].as_str().unwrap_or("false");
                Reply::json(200, json!({"type": "branching_model_settings", "default_branch_deletion": deletes}))
            }
            ("GET", ["branch-restrictions"]) => {
                let all = store.restrictions.clone().unwrap_or_default();
                let (values, more) = paged(asked, "pagelen", store.page.min(50), all);
                let mut body = json!({"pagelen": 50, "page": 1, "values": values});
                if more {
                    body["next"] = json!("https://evil.example/steal?page=2");
                }
                Reply::json(200, body)
            }
            ("GET", ["commit", sha, "pullrequests"]) => {
                let short = |pull: &Pull| json!({"type": "pullrequest", "id": pull.number, "title": pull.title});
                Reply::json(200, json!({"values": store.bringing(sha).iter().map(short).collect::<Value>()}))
            }
            ("POST", ["commit", _, "statuses", "build"]) => {
                store.statuses.push(asked.body.clone());
                Reply::json(201, json!({}))
            }
            ("GET", ["pullrequests"]) => {
                let q = asked.query("q").unwrap_or_default();
                // The grammar that relman uses of the query language, and no more.
                let clause = |name: &str| {
                    let (_, rest) = q.split_once(&format!("{name}=\""))?;
                    Some(rest.split('"').next().unwrap().to_owned())
                };
                assert_eq!(clause("state").as_deref(), Some("OPEN"), "{q}");
                let (head, base) = (clause("source.branch.name"), clause("destination.branch.name"));
                let all = store.list(|pull| {
                    head.as_ref().is_none_or(|head| *head == pull.head)
                        && base.as_ref().is_none_or(|base| *base == pull.base)
                });
                let (pulls, more) = paged(asked, "pagelen", store.page.min(50), all);
                let mut body = json!({"pagelen": 50, "page": 1, "values": pulls.iter().map(wire).collect::<Value>()});
                if more {
                    body["next"] = json!("https://evil.example/steal?page=2");
                }
                Reply::json(200, body)
            }
            ("POST", ["pullrequests"]) => create(store, &asked.body),
            ("GET", ["pullrequests", number]) => match store.find(number) {
                Some(pull) => Reply::json(200, whole(pull)),
                None => error(404, "There is no pull request here", Value::Null),
            },
            ("PUT", ["pullrequests", number]) => update(store, number, &asked.body),
            _ => error(404, "Resource not found", Value::Null),
        }
    }
}

const FIELDS: [&str; 7] =
    ["title", "description", "source", "destination", "close_source_branch", "reviewers", "draft"];

fn reviewers(store: &Store, body: &Value) -> Result<Vec<String>, Reply> {
    let ids: Vec<String> =
        body["reviewers"].as_array().into_iter().flatten().map(|one| text(one, "uuid").to_owned()).collect();
    match ids.iter().find(|id| !store.users.contains(*id)) {
        None => Ok(ids),
        Some(id) => Err(error(400, "Bad request", json!({"reviewers": [format!("Malformed reviewers list: {id}")]}))),
    }
}

fn create(store: &mut Store, body: &Value) -> Reply {
    if let Some(field) = unknown_field(body, &FIELDS) {
        return error(400, "Bad request", json!({field: ["extra keys not allowed"]}));
    }
    let (head, base) = (text(&body["source"]["branch"], "name"), text(&body["destination"]["branch"], "name"));
    for (side, branch) in [("source", head), ("destination", base)] {
        if !store.branches.contains(branch) {
            return error(400, &format!("{side}: branch not found: {branch}"), Value::Null);
        }
    }
    let ids = match reviewers(store, body) {
        Ok(ids) => ids,
        Err(reply) => return reply,
    };
    if store.twin(head, base).is_some() {
        return error(409, "There is already an open pull request for these branches", Value::Null);
    }
    if store.empty.contains(head) {
        return error(400, "There are no changes to be pulled", Value::Null);
    }
    let pull = store.add(head, base);
    pull.title = text(body, "title").to_owned();
    pull.body = text(body, "description").to_owned();
    pull.draft = body["draft"] == json!(true);
    pull.reviewers = ids;
    Reply::json(201, wire(pull))
}

fn update(store: &mut Store, number: &str, body: &Value) -> Reply {
    if let Some(field) = unknown_field(body, &FIELDS) {
        return error(400, "Bad request", json!({field: ["extra keys not allowed"]}));
    }
    assert_eq!(body["close_source_branch"], json!(false), "it must be said again");
    text(&body["destination"]["branch"], "name");
    let ids = match reviewers(store, body) {
        Ok(ids) => ids,
        Err(reply) => return reply,
    };
    if store.is_stale() {
        return error(409, "The pull request was changed", Value::Null);
    }
    let Some(pull) = store.find(number) else { return error(404, "There is no pull request here", Value::Null) };
    pull.title = text(body, "title").to_owned();
    pull.body = text(body, "description").to_owned();
    pull.draft = body["draft"] == json!(true);
    pull.reviewers = ids;
    Reply::json(200, wire(pull))
}
