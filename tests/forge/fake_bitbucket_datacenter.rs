//! A Bitbucket Data Center with one repository.

use serde_json::{Value, json};

use super::server::{Asked, Reply};
use super::store::{COMMIT, Dialect, Pull, Store, text, unknown_field};

pub struct Fake;

fn wire(pull: &Pull) -> Value {
    let repository = |project: &str| json!({"slug": "foo-release", "id": 1, "project": {"key": project, "id": 2}});
    let side = |branch: &str, project: &str| {
        json!({"id": format!("refs/heads/{branch}"), "displayId": branch, "latestCommit": COMMIT,
               "repository": repository(project)})
    };
    json!({
        "id": pull.number, "version": pull.version, "title": pull.title,
        "description": pull.body.replace('\n', "\r\n"), "draft": pull.draft,
        "state": if pull.open { "OPEN" } else if pull.merged { "MERGED" } else { "DECLINED" },
        "open": pull.open, "closed": !pull.open, "createdDate": "2018-07-05T05:01:10+0000", "updatedDate": 1530766870981u64,
        "fromRef": side(&pull.head, if pull.fork { "~MALLORY" } else { "acme" }), "toRef": side(&pull.base, "acme"),
        "locked": false, "author": {"user": {"name": "jane", "id": 1}, "role": "AUTHOR"},
        "reviewers": pull.reviewers.iter().map(|name| json!({"user": {"name": name}, "role": "REVIEWER"})).collect::<Value>(),
        "participants": pull.approved_by.iter().map(|name| json!({"user": {"name": name}, "approved": true})).collect::<Value>(),
        "links": {"self": [{"href": format!("https://bb.example/pr/{}", pull.number)}]},
    })
}

fn error(status: u16, exception: &str, message: &str, more: Value) -> Reply {
    let name = format!("com.atlassian.bitbucket.pull.{exception}");
    let mut error = json!({"context": null, "message": message, "exceptionName": name});
    for (key, value) in more.as_object().into_iter().flatten() {
        error[key] = value.clone();
    }
    Reply::json(status, json!({"errors": [error]}))
}

fn reviewers(store: &Store, body: &Value) -> Result<Vec<String>, Reply> {
    let names: Vec<String> =
        body["reviewers"].as_array().into_iter().flatten().map(|one| text(&one["user"], "name").to_owned()).collect();
    match names.iter().find(|name| !store.users.contains(*name)) {
        None => Ok(names),
        Some(name) => {
            let message = format!("{name} is not a user.");
            let more = json!({"reviewerErrors": [{"context": name, "message": message}], "validReviewers": []});
            Err(error(
                409,
                "InvalidPullRequestReviewersException",
                "Errors encountered while adding some reviewers",
                more,
            ))
        }
    }
}

impl Dialect for Fake {
    fn stranger(&self) -> Reply {
        error(
            401,
            "AuthenticationException",
            "Authentication failed. Please check your credentials and try again.",
            Value::Null,
        )
    }

    fn answer(&self, store: &mut Store, asked: &Asked) -> Reply {
        let (method, path) = asked.route();
        match (method, &path[..]) {
            ("POST", ["rest", "build-status", "1.0", "commits", _]) => {
                store.statuses.push(asked.body.clone());
                Reply::json(204, Value::Null)
            }
            (
                "GET",
                ["rest", "branch-permissions", "latest", "projects", "acme", "repos", "foo-release", "restrictions"],
            ) => match store.restrictions.clone() {
                Some(all) => page(asked, store.page, &all),
                None => {
                    error(401, "AuthorisationException", "You are not permitted to access this resource", Value::Null)
                }
            },
            (_, ["rest", "api", "latest", "projects", "acme", "repos", "foo-release", rest @ ..]) => {
                repository(store, asked, rest)
            }
            _ => error(404, "NoSuchProjectException", "Project does not exist.", Value::Null),
        }
    }
}

/// One page of a list, as long as was asked for and as this server allows.
fn page(asked: &Asked, cap: usize, all: &[Value]) -> Reply {
    let limit = asked.query("limit").map_or(25, |text| text.parse::<usize>().unwrap()).min(cap);
    let start = asked.query("start").map_or(0, |text| text.parse::<usize>().unwrap());
    let last = all.len() <= start + limit;
    let values: Vec<&Value> = all.iter().skip(start).take(limit).collect();
    let next = if last { Value::Null } else { json!(start + limit) };
    Reply::json(
        200,
        json!({"size": values.len(), "limit": limit, "isLastPage": last, "values": values, "start": start,
               "nextPageStart": next}),
    )
}

fn repository(store: &mut Store, asked: &Asked, rest: &[&str]) -> Reply {
    match (asked.method.as_str(), rest) {
        ("GET", ["settings", "pull-requests"]) => Reply::json(200, store.settings.clone()),
        ("GET", ["pull-requests"]) => {
            let at = asked.query("at").map(str::to_owned);
            assert!(at.as_deref().is_none_or(|at| at.starts_with("refs/heads/")), "{at:?}");
            assert_eq!(asked.query("state"), Some("OPEN"));
            let outgoing = asked.query("direction") == Some("OUTGOING");
            let all = store
                .list(|pull| at.as_deref().is_none_or(|at| !outgoing || at == format!("refs/heads/{}", pull.head)));
            page(asked, store.page, &all.iter().map(wire).collect::<Vec<_>>())
        }
        ("POST", ["pull-requests"]) => create(store, &asked.body),
        ("GET", ["commits", sha, "pull-requests"]) => {
            page(asked, store.page, &store.bringing(sha).iter().map(wire).collect::<Vec<_>>())
        }
        ("GET", ["pull-requests", number, "activities"]) => {
            let merged = store.find(number).is_some_and(|pull| pull.merged);
            let event = |action: &str, name: &str| json!({"id": 1, "action": action, "user": {"name": name}});
            let mut events = vec![event("APPROVED", "alice"), event("OPENED", "jane")];
            events.splice(0..0, merged.then(|| event("MERGED", "wendy")));
            page(asked, store.page, &events)
        }
        ("GET", ["pull-requests", number]) => match store.find(number) {
            Some(pull) => Reply::json(200, wire(pull)),
            None => error(404, "NoSuchPullRequestException", "Pull request does not exist.", Value::Null),
        },
        ("PUT", ["pull-requests", number]) => update(store, number, &asked.body),
        _ => Reply::json(404, Value::Null),
    }
}

fn create(store: &mut Store, body: &Value) -> Reply {
    if let Some(field) = unknown_field(body, &["title", "description", "draft", "fromRef", "toRef", "reviewers"]) {
        return error(400, "BadRequest", &format!("Unrecognized field {field}"), Value::Null);
    }
    let branch = |name: &str| {
        let side = &body[name];
        assert_eq!(side["repository"], json!({"slug": "foo-release", "project": {"key": "acme"}}));
        text(side, "id").strip_prefix("refs/heads/").expect("a full name").to_owned()
    };
    let (head, base) = (branch("fromRef"), branch("toRef"));
    for branch in [&head, &base] {
        if !store.branches.contains(branch) {
            let message = format!("Branch \"refs/heads/{branch}\" does not exist in this repository.");
            return error(404, "NoSuchBranchException", &message, Value::Null);
        }
    }
    let names = match reviewers(store, body) {
        Ok(names) => names,
        Err(reply) => return reply,
    };
    if let Some(number) = store.twin(&head, &base) {
        let existing = wire(store.find(&number.to_string()).unwrap());
        let message = "Only one pull request may be open for a given source and target branch";
        return error(409, "DuplicatePullRequestException", message, json!({"existingPullRequest": existing}));
    }
    if store.empty.contains(&head) {
        return error(409, "EmptyPullRequestException", "The branch is already up-to-date.", Value::Null);
    }
    let pull = store.add(&head, &base);
    pull.title = text(body, "title").to_owned();
    pull.body = body["description"].as_str().unwrap_or_default().to_owned();
    pull.draft = body["draft"] == json!(true);
    pull.reviewers = names;
    Reply::json(201, wire(pull))
}

fn update(store: &mut Store, number: &str, body: &Value) -> Reply {
    if let Some(field) = unknown_field(body, &["version", "title", "description", "draft", "reviewers"]) {
        return error(400, "BadRequest", &format!("Unrecognized field {field}"), Value::Null);
    }
    let names = match reviewers(store, body) {
        Ok(names) => names,
        Err(reply) => return reply,
    };
    let stale = store.is_stale();
    let Some(pull) = store.find(number) else {
        return error(404, "NoSuchPullRequestException", "Pull request does not exist.", Value::Null);
    };
    if stale {
        pull.version += 1;
    }
    if body["version"] != json!(pull.version) {
        let message = "You are attempting to modify a pull request based on out-of-date information.";
        return error(409, "PullRequestOutOfDateException", message, json!({"currentVersion": pull.version}));
    }
    pull.version += 1;
    pull.title = text(body, "title").to_owned();
    pull.body = body["description"].as_str().unwrap_or_default().to_owned();
    if let Some(draft) = body["draft"].as_bool() {
        pull.draft = draft;
    }
    // Whoever is left out is taken off.
    pull.reviewers = names;
    Reply::json(200, wire(pull))
}
