//! A GitHub Enterprise Server with one repository.

use serde_json::{Value, json};

use super::server::{Asked, Reply};
use super::store::{COMMIT, Dialect, Pull, Store, paged, strings, text, unknown_field};

pub struct Fake;

fn wire(pull: &Pull) -> Value {
    let side = |branch: &str, id: u64| json!({"ref": branch, "label": format!("acme:{branch}"), "sha": COMMIT, "repo": {"id": id}});
    json!({
        "number": pull.number, "id": 1000 + pull.number, "html_url": format!("https://gh.example/pull/{}", pull.number),
        "title": pull.title, "body": if pull.body.is_empty() { Value::Null } else { json!(pull.body) }, "draft": pull.draft,
        "state": if pull.open { "open" } else { "closed" },
        "merged_at": if pull.merged { json!("2026-11-22T10:00:00Z") } else { Value::Null },
        "head": side(&pull.head, if pull.fork { 7 } else { 1 }), "base": side(&pull.base, 1),
        "user": {"login": "jane", "id": 1}, "assignee": null, "requested_teams": [],
        "requested_reviewers": pull.reviewers.iter().map(|login| json!({"login": login})).collect::<Value>(),
        "labels": pull.labels.iter().map(|name| json!({"name": name, "id": 3})).collect::<Value>(),
    })
}

fn invalid(errors: Value) -> Reply {
    Reply::json(
        422,
        json!({"message": "Validation Failed", "errors": errors,
        "documentation_url": "https://docs.github.com/rest/pulls/pulls#create-a-pull-request"}),
    )
}

fn custom(message: &str) -> Reply {
    invalid(json!([{"resource": "PullRequest", "code": "custom", "message": message}]))
}

fn not_found() -> Reply {
    Reply::json(404, json!({"message": "Not Found", "documentation_url": "https://docs.github.com/rest"}))
}

impl Dialect for Fake {
    fn stranger(&self) -> Reply {
        Reply::json(401, json!({"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"}))
    }

    fn answer(&self, store: &mut Store, asked: &Asked) -> Reply {
        let (method, path) = asked.route();
        assert_eq!(asked.header("accept"), Some("application/vnd.github+json"));
        assert!(asked.header("x-github-api-version").is_some());
        let ["api", "v3", "repos", "acme", "foo-release", rest @ ..] = &path[..] else { return not_found() };
        match (method, rest) {
            ("GET", []) => Reply::json(200, store.settings.clone()),
            ("GET", ["branches", branch]) => match store.branches.contains(*branch) {
                true => Reply::json(200, json!({"name": branch, "protected": false})),
                false => not_found(),
            },
            ("GET", ["rules", "branches", _]) if !store.protected => Reply::json(200, json!([])),
            ("GET", ["rules", "branches", _]) => Reply::json(
                200,
                json!([{"type": "pull_request",
                "parameters": {"dismiss_stale_reviews_on_push": true, "allowed_merge_methods": ["merge", "squash"]}}]),
            ),
            ("POST", ["statuses", _]) => {
                store.statuses.push(asked.body.clone());
                Reply::json(201, json!({}))
            }
            ("GET", ["pulls"]) => list(store, asked),
            ("POST", ["pulls"]) => create(store, &asked.body),
            // Who merged it is left out here.
            ("GET", ["commits", sha, "pulls"]) => Reply::json(200, store.bringing(sha).iter().map(wire).collect()),
            ("GET", ["pulls", number, "reviews"]) => {
                let said = |login: &str, state: &str| json!({"id": 1, "user": {"login": login}, "state": state});
                let approved_by = store.find(number).map(|pull| pull.approved_by.clone()).unwrap_or_default();
                let approved = approved_by.iter().map(|login| said(login, "APPROVED"));
                let all = [said("Carol", "APPROVED"), said("Carol", "CHANGES_REQUESTED")];
                Reply::json(200, all.into_iter().chain(approved).collect())
            }
            ("POST", ["pulls", number, "requested_reviewers"]) => {
                let names = strings(&asked.body["reviewers"]);
                if names.iter().any(|name| !store.users.contains(name)) {
                    let message = "Reviews may only be requested from collaborators.";
                    return Reply::json(422, json!({"message": message}));
                }
                let pull = store.find(number).unwrap();
                pull.reviewers.extend(names);
                Reply::json(201, wire(pull))
            }
            ("POST", ["issues", number, "labels"]) => {
                let names = strings(&asked.body["labels"]);
                store.find(number).unwrap().labels.extend(names);
                Reply::json(200, json!([]))
            }
            ("GET", ["pulls", number]) => store.find(number).map_or_else(not_found, |pull| {
                let mut body = wire(pull);
                body["merged_by"] = if pull.merged { json!({"login": "wendy", "id": 2}) } else { Value::Null };
                Reply::json(200, body)
            }),
            ("PATCH", ["pulls", number]) => {
                if let Some(field) = unknown_field(&asked.body, &["title", "body", "state", "base"]) {
                    return invalid(json!([{"field": field, "code": "unknown"}]));
                }
                if store.is_stale() {
                    return Reply::json(409, json!({"message": "Conflict"}));
                }
                let Some(pull) = store.find(number) else { return not_found() };
                pull.title = text(&asked.body, "title").to_owned();
                pull.body = text(&asked.body, "body").to_owned();
                Reply::json(200, wire(pull))
            }
            _ => not_found(),
        }
    }
}

fn list(store: &mut Store, asked: &Asked) -> Reply {
    assert_eq!(asked.query("state"), Some("open"));
    // Without an owner the filter is ignored.
    let head = asked
        .query("head")
        .and_then(|head| head.split_once(':'))
        .map(|(owner, head)| (owner.to_owned(), head.to_owned()));
    let base = asked.query("base").map(str::to_owned);
    let all = store.list(|pull| {
        let owner = if pull.fork { "mallory" } else { "acme" };
        head.as_ref().is_none_or(|head| (head.0.as_str(), head.1.as_str()) == (owner, pull.head.as_str()))
            && base.as_ref().is_none_or(|base| *base == pull.base)
    });
    let (pulls, more) = paged(asked, "per_page", store.page.min(100), all);
    let reply = Reply::json(200, pulls.iter().map(wire).collect());
    if more {
        reply.with("Link", "<https://evil.example/?page=2>; rel=\"next\", <https://evil.example/?page=9>; rel=\"last\"")
    } else {
        reply
    }
}

fn create(store: &mut Store, body: &Value) -> Reply {
    if let Some(field) = unknown_field(body, &["title", "head", "base", "body", "draft", "maintainer_can_modify"]) {
        return invalid(json!([{"field": field, "code": "unknown"}]));
    }
    let (head, base) = (text(body, "head"), text(body, "base"));
    for (field, branch) in [("head", head), ("base", base)] {
        if !store.branches.contains(branch) {
            return invalid(json!([{"resource": "PullRequest", "field": field, "code": "invalid"}]));
        }
    }
    if store.twin(head, base).is_some() {
        return custom(&format!("A pull request already exists for acme:{head}."));
    }
    if store.empty.contains(head) {
        return custom(&format!("No commits between {base} and {head}"));
    }
    let pull = store.add(head, base);
    pull.title = text(body, "title").to_owned();
    pull.body = text(body, "body").to_owned();
    pull.draft = body["draft"] == json!(true);
    Reply::json(201, wire(pull))
}
