//! A GitLab with one project.

use serde_json::{Value, json};

use super::server::{Asked, Reply};
use super::store::{COMMIT, Dialect, Pull, Store, paged, text, unknown_field};

pub struct Fake;

fn wire(pull: &Pull) -> Value {
    let title = if pull.draft { format!("Draft: {}", pull.title) } else { pull.title.clone() };
    json!({
        "id": 9000 + pull.number, "iid": pull.number, "project_id": 1, "title": title, "description": pull.body,
        "draft": pull.draft, "work_in_progress": pull.draft,
        "state": if pull.open { "opened" } else if pull.merged { "merged" } else { "closed" },
        "source_branch": pull.head, "target_branch": pull.base, "sha": COMMIT,
        "source_project_id": if pull.fork { 7 } else { 1 }, "target_project_id": 1, "assignee": null,
        "merged_by": if pull.merged { json!({"id": 6, "username": "wendy"}) } else { Value::Null },
        "author": {"id": 5, "username": "jane", "name": "Jane"}, "labels": pull.labels,
        "reviewers": pull.reviewers.iter().map(|name| json!({"id": id_of(name), "username": name})).collect::<Value>(),
        "web_url": format!("https://gl.example/acme/foo-release/-/merge_requests/{}", pull.number),
    })
}

fn id_of(name: &str) -> u64 {
    name.bytes().map(u64::from).sum()
}

fn not_found() -> Reply {
    Reply::json(404, json!({"message": "404 Project Not Found"}))
}

impl Dialect for Fake {
    fn stranger(&self) -> Reply {
        Reply::json(401, json!({"message": "401 Unauthorized"}))
    }

    fn answer(&self, store: &mut Store, asked: &Asked) -> Reply {
        let (method, path) = asked.route();
        if let ("GET", ["api", "v4", "users"]) = (method, &path[..]) {
            let name = asked.query("username").unwrap();
            let found = store.users.iter().find(|user| user.as_str() == name);
            return Reply::json(
                200,
                found.map(|name| json!({"id": id_of(name), "username": name})).into_iter().collect(),
            );
        }
        let ["api", "v4", "projects", "acme/foo-release", rest @ ..] = &path[..] else { return not_found() };
        match (method, rest) {
            ("GET", []) => Reply::json(200, store.settings.clone()),
            ("GET", ["repository", "branches", branch]) => {
                Reply::json(200, json!({"name": branch, "protected": store.protected}))
            }
            ("GET", ["approvals"]) => not_found(),
            ("GET", ["repository", "commits", sha, "merge_requests"]) => {
                Reply::json(200, store.bringing(sha).iter().map(wire).collect())
            }
            ("GET", ["merge_requests", number, "approvals"]) => store.find(number).map_or_else(not_found, |pull| {
                let by = pull.approved_by.iter().map(|name| json!({"user": {"id": id_of(name), "username": name}}));
                Reply::json(200, json!({"iid": pull.number, "approved_by": by.collect::<Value>()}))
            }),
            ("POST", ["statuses", _]) => {
                store.statuses.push(asked.body.clone());
                Reply::json(201, json!({}))
            }
            ("GET", ["merge_requests"]) => {
                assert_eq!(asked.query("state"), Some("opened"));
                let (head, base) = (asked.query("source_branch"), asked.query("target_branch"));
                let all = store.list(|pull| {
                    head.is_none_or(|head| head == pull.head) && base.is_none_or(|base| base == pull.base)
                });
                let (pulls, more) = paged(asked, "per_page", store.page.min(100), all);
                let reply = Reply::json(200, pulls.iter().map(wire).collect());
                if more { reply.with("Link", "<https://evil.example/?page=2>; rel=\"next\"") } else { reply }
            }
            ("POST", ["merge_requests"]) => create(store, &asked.body),
            ("GET", ["merge_requests", number]) => {
                store.find(number).map_or_else(not_found, |pull| Reply::json(200, wire(pull)))
            }
            ("PUT", ["merge_requests", number]) => update(store, number, &asked.body),
            _ => not_found(),
        }
    }
}

fn set(store: &mut Store, number: u64, body: &Value, labels: &str) -> Reply {
    let ids: Option<Vec<u64>> =
        body["reviewer_ids"].as_array().map(|ids| ids.iter().filter_map(Value::as_u64).collect());
    let users = store.users.clone();
    let pull = store.find(&number.to_string()).unwrap();
    if let Some(title) = body["title"].as_str() {
        pull.draft = title.starts_with("Draft: ");
        pull.title = title.trim_start_matches("Draft: ").to_owned();
    }
    pull.body = text(body, "description").to_owned();
    // The list replaces the one that is there.
    if let Some(ids) = ids {
        pull.reviewers = users.into_iter().filter(|user| ids.contains(&id_of(user))).collect();
    }
    pull.labels.extend(body[labels].as_str().into_iter().flat_map(|text| text.split(',')).map(str::to_owned));
    Reply::json(if labels == "labels" { 201 } else { 200 }, wire(pull))
}

fn create(store: &mut Store, body: &Value) -> Reply {
    let known = [
        "source_branch",
        "target_branch",
        "title",
        "description",
        "remove_source_branch",
        "squash",
        "labels",
        "reviewer_ids",
    ];
    if let Some(field) = unknown_field(body, &known) {
        return Reply::json(400, json!({"error": format!("{field} is invalid")}));
    }
    assert_eq!((&body["remove_source_branch"], &body["squash"]), (&json!(false), &json!(false)));
    let (head, base) = (text(body, "source_branch"), text(body, "target_branch"));
    text(body, "title");
    for (side, branch) in [("Source", head), ("Target", base)] {
        if !store.branches.contains(branch) {
            return Reply::json(
                400,
                json!({"message": {"base": [format!("{side} branch \"{branch}\" does not exist")]}}),
            );
        }
    }
    if let Some(number) = store.twin(head, base) {
        let message = format!("Another open merge request already exists for this source branch: !{number}");
        return Reply::json(409, json!({"message": [message]}));
    }
    let number = store.add(head, base).number;
    set(store, number, body, "labels")
}

fn update(store: &mut Store, number: &str, body: &Value) -> Reply {
    if let Some(field) = unknown_field(body, &["title", "description", "add_labels", "reviewer_ids"]) {
        return Reply::json(400, json!({"error": format!("{field} is invalid")}));
    }
    if store.is_stale() {
        return Reply::json(409, json!({"message": "409 Conflict"}));
    }
    let Some(pull) = store.find(number) else { return not_found() };
    let number = pull.number;
    set(store, number, body, "add_labels")
}
