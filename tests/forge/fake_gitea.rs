//! A Gitea or Forgejo with one repository, which answers as running ones were seen to.

use serde_json::{Value, json};

use super::server::{Asked, Reply};
use super::store::{COMMIT, Dialect, Pull, Store, paged, strings, text, unknown_field};

pub struct Fake;

fn wire(pull: &Pull) -> Value {
    let side = |branch: &str, id: u64| json!({"label": branch, "ref": branch, "sha": COMMIT, "repo_id": id, "repo": {"id": id, "parent": null}});
    let title = if pull.draft { format!("WIP: {}", pull.title) } else { pull.title.clone() };
    json!({
        "id": 470 + pull.number, "number": pull.number, "url": "", "html_url": format!("https://tea.example/pulls/{}", pull.number),
        "title": title, "body": pull.body, "user": {"id": 1, "login": "jane"}, "labels": pull.labels.iter().map(|name| json!({"id": 4, "name": name})).collect::<Value>(),
        "milestone": null, "assignee": null, "assignees": null,
        "requested_reviewers": if pull.reviewers.is_empty() { Value::Null } else { pull.reviewers.iter().map(|login| json!({"login": login})).collect() },
        "state": if pull.open { "open" } else { "closed" }, "mergeable": false, "merged": pull.merged,
        "merged_by": if pull.merged { json!({"id": 2, "login": "wendy"}) } else { Value::Null },
        "merged_at": null, "closed_at": null, "due_date": null, "merge_base": COMMIT,
        "base": side(&pull.base, 1), "head": side(&pull.head, if pull.fork { 7 } else { 1 }),
    })
}

fn error(status: u16, message: &str) -> Reply {
    Reply::json(status, json!({"message": message, "url": "https://tea.example/api/swagger"}))
}

/// The same words for a missing repository and a missing branch.
fn not_found() -> Reply {
    Reply::json(
        404,
        json!({"errors": [], "message": "The target couldn't be found.", "url": "https://tea.example/api/swagger"}),
    )
}

impl Dialect for Fake {
    fn stranger(&self) -> Reply {
        error(401, "user does not exist [uid: 0, name: ]")
    }

    fn answer(&self, store: &mut Store, asked: &Asked) -> Reply {
        let (method, path) = asked.route();
        let ["api", "v1", "repos", "acme", "foo-release", rest @ ..] = &path[..] else { return not_found() };
        match (method, rest) {
            ("GET", []) => Reply::json(200, store.settings.clone()),
            ("GET", ["branches", branch]) => match store.branches.contains(*branch) {
                true => Reply::json(200, json!({"name": branch, "protected": store.protected})),
                false => not_found(),
            },
            ("GET", ["labels"]) => {
                let page = asked.query("page") == Some("1");
                let labels = store.labels.iter().enumerate().map(|(id, name)| json!({"id": id, "name": name}));
                Reply::json(200, if page { labels.collect() } else { json!([]) })
            }
            ("POST", ["statuses", _]) => {
                store.statuses.push(asked.body.clone());
                Reply::json(201, json!({}))
            }
            ("GET", ["pulls"]) => {
                // `state=opened` is ignored; and so is any filter for branches.
                assert_eq!(asked.query("state"), Some("open"));
                let all = store.list(|_| true);
                let (pulls, _) = paged(asked, "limit", store.page.min(50), all);
                Reply::json(200, pulls.iter().map(wire).collect())
            }
            ("POST", ["pulls"]) => create(store, &asked.body),
            ("GET", ["commits", sha, "pull"]) => {
                store.bringing(sha).first().map_or_else(not_found, |pull| Reply::json(200, wire(pull)))
            }
            ("GET", ["pulls", number, "reviews"]) => {
                let said = |login: &str| json!({"id": 1, "user": {"login": login}, "state": "APPROVED"});
                let approved_by = store.find(number).map(|pull| pull.approved_by.clone()).unwrap_or_default();
                let mut all = vec![said("carol")];
                all[0]["dismissed"] = json!(!approved_by.is_empty());
                Reply::json(200, all.into_iter().chain(approved_by.iter().map(|login| said(login))).collect())
            }
            ("POST", ["pulls", number, "requested_reviewers"]) => {
                let names = strings(&asked.body["reviewers"]);
                if let Some(name) = names.iter().find(|name| !store.users.contains(*name)) {
                    return error(422, &format!("Reviewer can't read [user_id: {name}, repo_name: foo-release]"));
                }
                let pull = store.find(number).unwrap();
                pull.reviewers.extend(names);
                Reply::json(201, json!([]))
            }
            ("POST", ["issues", number, "labels"]) => {
                let ids = asked.body["labels"].as_array().unwrap().clone();
                let names: Vec<String> =
                    ids.iter().map(|id| store.labels[id.as_u64().expect("an id") as usize].clone()).collect();
                store.find(number).unwrap().labels.extend(names);
                Reply::json(200, json!([]))
            }
            ("GET", ["pulls", number]) => {
                store.find(number).map_or_else(not_found, |pull| Reply::json(200, wire(pull)))
            }
            // There is no looking up by two branches before 1.22.
            ("PATCH", ["pulls", number]) => {
                if let Some(field) = unknown_field(&asked.body, &["title", "body"]) {
                    return error(422, &format!("unknown field {field}"));
                }
                if store.is_stale() {
                    return error(409, "conflict");
                }
                let Some(pull) = store.find(number) else { return not_found() };
                set(pull, &asked.body);
                Reply::json(201, wire(pull))
            }
            _ => not_found(),
        }
    }
}

fn set(pull: &mut Pull, body: &Value) {
    if let Some(title) = body["title"].as_str() {
        pull.draft = title.starts_with("WIP: ");
        pull.title = title.trim_start_matches("WIP: ").to_owned();
    }
    pull.body = text(body, "body").to_owned();
}

fn create(store: &mut Store, body: &Value) -> Reply {
    if let Some(field) = unknown_field(body, &["title", "body", "head", "base"]) {
        return error(422, &format!("unknown field {field}"));
    }
    let (head, base) = (text(body, "head"), text(body, "base"));
    text(body, "title");
    if store.unseen > 0 {
        store.unseen -= 1;
        return not_found();
    }
    if [head, base].iter().any(|branch| !store.branches.contains(*branch)) {
        return not_found();
    }
    if let Some(number) = store.twin(head, base) {
        return error(
            409,
            &format!(
                "pull request already exists for these targets [id: {}, issue_id: {number}, head_repo_id: 1, \
            base_repo_id: 1, head_branch: {head}, base_branch: {base}]",
                470 + number
            ),
        );
    }
    if store.empty.contains(head) {
        return error(422, "There are no changes between the head and the base");
    }
    let pull = store.add(head, base);
    set(pull, body);
    Reply::json(201, wire(pull))
}
