//! What is asked of Jira, as data. Version 2 of its API is the one that the cloud and the data center have in common,
//! and takes texts as texts.

use serde_json::json;

use crate::domain::jira::{IssueKey, ProjectKey};
use crate::http::percent::path;
use crate::http::{Method, Request};

/// How many comments are asked for at once.
pub const COMMENTS: usize = 100;

fn issue_path(key: &IssueKey, rest: &[&str]) -> String {
    let key = key.to_string();
    path(&[&["issue", &key], rest].concat())
}

/// An issue: its status, its versions and its project.
pub fn issue(key: &IssueKey) -> Request {
    Request::get(issue_path(key, &[])).with("fields", "status,fixVersions,project")
}

/// The comments on an issue, from one of them on.
pub fn comments(key: &IssueKey, from: usize) -> Request {
    Request::get(issue_path(key, &["comment"]))
        .with("startAt", from.to_string())
        .with("maxResults", COMMENTS.to_string())
}

/// A new comment.
pub fn comment(key: &IssueKey, body: &str) -> Request {
    Request::new(Method::Post, issue_path(key, &["comment"])).json(json!({ "body": body })).once()
}

/// What can be done with an issue in its status.
pub fn transitions(key: &IssueKey) -> Request {
    Request::get(issue_path(key, &["transitions"]))
}

/// Moves an issue.
pub fn transition(key: &IssueKey, id: &str) -> Request {
    Request::new(Method::Post, issue_path(key, &["transitions"])).json(json!({"transition": {"id": id}}))
}

/// Adds a version to those that an issue is fixed in; the others stay.
pub fn add_fix_version(key: &IssueKey, name: &str) -> Request {
    let body = json!({"update": {"fixVersions": [{"add": {"name": name}}]}});
    Request::new(Method::Put, issue_path(key, &[])).json(body)
}

/// The versions of a project.
pub fn versions(project: &ProjectKey) -> Request {
    Request::get(path(&["project", project.as_str(), "versions"]))
}

/// A new version of a project, which goes by its number.
pub fn create_version(project_id: u64, name: &str) -> Request {
    Request::new(Method::Post, path(&["version"])).json(json!({"name": name, "projectId": project_id}))
}

/// Releases a version.
pub fn release_version(id: &str, day: &str) -> Request {
    Request::new(Method::Put, path(&["version", id])).json(json!({"released": true, "releaseDate": day}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> IssueKey {
        IssueKey::parse("SHOP-42").expect("a key")
    }

    #[test]
    fn requests() {
        let shown = |request: Request| {
            let query = crate::http::percent::query(&request.query);
            let body = request.body.map(|body| format!(" {body}")).unwrap_or_default();
            format!("{} {}{query}{body}", request.method.word(), request.path)
        };
        let project = ProjectKey::parse("SHOP").expect("a key");
        for (request, expected) in [
            (issue(&key()), "GET /issue/SHOP-42?fields=status%2CfixVersions%2Cproject"),
            (comments(&key(), 100), "GET /issue/SHOP-42/comment?startAt=100&maxResults=100"),
            (comment(&key(), "a\n\"b\""), r#"POST /issue/SHOP-42/comment {"body":"a\n\"b\""}"#),
            (transitions(&key()), "GET /issue/SHOP-42/transitions"),
            (transition(&key(), "31"), r#"POST /issue/SHOP-42/transitions {"transition":{"id":"31"}}"#),
            (
                add_fix_version(&key(), "shop 1.2.0"),
                r#"PUT /issue/SHOP-42 {"update":{"fixVersions":[{"add":{"name":"shop 1.2.0"}}]}}"#,
            ),
            (versions(&project), "GET /project/SHOP/versions"),
            (create_version(10002, "1.2.0"), r#"POST /version {"name":"1.2.0","projectId":10002}"#),
            (
                release_version("../7", "2026-11-22"),
                r#"PUT /version/..%2F7 {"released":true,"releaseDate":"2026-11-22"}"#,
            ),
        ] {
            assert_eq!(shown(request), expected);
        }
    }
}
