//! Requests, judged by the descriptions that the makers of the forges publish.
//!
//! `steady` (npm `@stdy/cli`) says whether a request fits a description; the answer comes from the fake, which has a
//! memory. It runs where `RELMAN_STEADY` names the program and `RELMAN_CONTRACT_DIR` the folder with the descriptions.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use relman::domain::name::{BranchName, CommitId};
use relman::forge::capability::connect_with;
use relman::forge::{BuildState, CommitStatus, Credential, ForgeKind, NewPullRequest, Outcome, open_or_update, origin};
use relman::http::{Login, Network, Outgoing, Patience, Token};
use serde_json::{Value, json};

use super::judge::steady;
use super::steady::{Judged, places};
use super::store::{COMMIT, Running, TOKEN, location};
use super::suite::wanted;

/// Everything that relman asks of a forge, before the judge; returns what of the description was used.
fn judge(kind: ForgeKind, description: &Path, program: &str, beside: &'static [&'static str]) -> BTreeSet<String> {
    let steady = steady(program, description);
    let running = Running::start(kind);
    let mut location = location(kind, &steady.url);
    location.allow_http = true;
    let patience = Patience::default();
    let seen = Arc::<Mutex<BTreeSet<String>>>::default();
    let transport = Judged {
        network: Network::new(&location.web, &patience),
        judge: steady.url.clone(),
        fake: running.server.url.clone(),
        beside,
        shown: if kind == ForgeKind::BitbucketCloud { without_description } else { Clone::clone },
        seen: seen.clone(),
    };
    let login = Login::Token(Token::new(TOKEN).unwrap());
    let credential = Credential { login, source: "a test".into(), warnings: vec![] };
    let forge = connect_with(&location, Some(&credential), Box::new(transport), patience).unwrap();
    let person = if kind == ForgeKind::BitbucketCloud { "{11111111-aaaa}" } else { "alice" };
    let first = NewPullRequest { draft: true, labels: vec!["release".into()], ..wanted() };
    assert_eq!(open_or_update(&*forge, &first).unwrap().outcome, Outcome::Created);
    let second =
        NewPullRequest { reviewers: vec![person.into()], labels: vec!["prod".into()], body: "x".into(), ..wanted() };
    assert_eq!(open_or_update(&*forge, &second).unwrap().outcome, Outcome::Updated);
    let odd = BranchName::parse("environment/größe+a&b#1%2F").unwrap();
    assert_eq!(forge.find_open(&odd, &odd).unwrap(), None);
    assert_eq!(forge.list_open().unwrap().len(), 1);
    assert_eq!(forge.read(1).unwrap().number, 1);
    running.store.lock().unwrap().settings = json!({"name": "x"});
    forge.settings(&wanted().base).unwrap();
    let url = "https://ci.example/1".to_owned();
    for state in [BuildState::Running, BuildState::Succeeded, BuildState::Failed] {
        let status = CommitStatus { state, key: "relman/qa".into(), description: "1.2.0".into(), url: url.clone() };
        forge.set_status(CommitId::parse(COMMIT).unwrap(), &status).unwrap();
    }
    running.store.lock().unwrap().add_merged("environment/qa", "environment/prod", COMMIT, &["alice"]);
    let found = origin(&*forge, CommitId::parse(COMMIT).unwrap(), &wanted().base).unwrap();
    assert_eq!(found.unwrap().approved_by, ["alice"]);
    let seen = seen.lock().unwrap().clone();
    eprintln!("{kind}: {} operations of the description were used: {seen:#?}", seen.len());
    seen
}

/// "Other fields: description - a string", says the text about Bitbucket Cloud; the schema has no such field.
fn without_description(request: &Outgoing) -> Outgoing {
    let mut shown = request.clone();
    if let Some(body) = &request.body {
        let mut body: Value = serde_json::from_str(body).unwrap();
        body.as_object_mut().unwrap().remove("description").expect("a field");
        shown.body = Some(body.to_string());
    }
    shown
}

/// Checks that nothing was left out.
fn used(seen: &BTreeSet<String>, expected: &[&str]) {
    for operation in expected {
        assert!(seen.contains(*operation), "{operation} was not used: {seen:#?}");
    }
}

#[test]
fn bitbucket_datacenter() {
    let Some((folder, program)) = places() else { return };
    let file = folder.join("bitbucket-datacenter.json");
    let seen = judge(
        ForgeKind::BitbucketDatacenter,
        &file,
        &program,
        &["/settings/pull-requests", "/rest/branch-permissions/"],
    );
    let below = "/rest/api/latest/projects/{projectKey}/repos/{repositorySlug}/pull-requests";
    used(
        &seen,
        &[
            &format!("GET {below}"),
            &format!("POST {below}"),
            &format!("GET {below}/{{pullRequestId}}"),
            &format!("PUT {below}/{{pullRequestId}}"),
            &format!("GET {below}/{{pullRequestId}}/activities"),
            "GET /rest/api/latest/projects/{projectKey}/repos/{repositorySlug}/commits/{commitId}/pull-requests",
            "POST /rest/build-status/1.0/commits/{commitId}",
        ],
    );
}

#[test]
fn bitbucket_cloud() {
    let Some((folder, program)) = places() else { return };
    let file = folder.join("bitbucket-cloud.json");
    let seen = judge(
        ForgeKind::BitbucketCloud,
        &file,
        &program,
        &["/statuses/build", "/branching-model/settings", "/branch-restrictions", "/commit/"],
    );
    let below = "/2.0/repositories/{workspace}/{repo_slug}";
    used(
        &seen,
        &[
            &format!("GET {below}/pullrequests"),
            &format!("POST {below}/pullrequests"),
            &format!("GET {below}/pullrequests/{{pull_request_id}}"),
            &format!("PUT {below}/pullrequests/{{pull_request_id}}"),
            &format!("GET {below}/refs/branches/{{name}}"),
        ],
    );
}

#[test]
fn github() {
    let Some((_, program)) = places() else { return };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/forge/github.openapi.json");
    let seen = judge(ForgeKind::GitHub, &file, &program, &[]);
    let below = "/api/v3/repos/{owner}/{repo}";
    used(
        &seen,
        &[
            &format!("GET {below}"),
            &format!("GET {below}/branches/{{branch}}"),
            &format!("GET {below}/rules/branches/{{branch}}"),
            &format!("GET {below}/pulls"),
            &format!("POST {below}/pulls"),
            &format!("GET {below}/pulls/{{pull_number}}"),
            &format!("PATCH {below}/pulls/{{pull_number}}"),
            &format!("GET {below}/pulls/{{pull_number}}/reviews"),
            &format!("POST {below}/pulls/{{pull_number}}/requested_reviewers"),
            &format!("POST {below}/issues/{{issue_number}}/labels"),
            &format!("POST {below}/statuses/{{sha}}"),
            &format!("GET {below}/commits/{{commit_sha}}/pulls"),
        ],
    );
}

#[test]
fn gitlab() {
    let Some((folder, program)) = places() else { return };
    let file = folder.join("gitlab-merge-requests.json");
    let beside = &["/api/v4/users", "/repository/branches/", "/repository/commits/", "/approvals", "/statuses/"];
    let seen = judge(ForgeKind::GitLab, &file, &program, beside);
    let below = "/api/v4/projects/{id}";
    used(
        &seen,
        &[
            &format!("GET {below}"),
            &format!("GET {below}/merge_requests"),
            &format!("POST {below}/merge_requests"),
            &format!("GET {below}/merge_requests/{{merge_request_iid}}"),
            &format!("PUT {below}/merge_requests/{{merge_request_iid}}"),
        ],
    );
}

#[test]
fn gitea_and_forgejo() {
    let Some((folder, program)) = places() else { return };
    let swagger: Value =
        serde_json::from_slice(&std::fs::read(folder.join("gitea-1.21.swagger2.json")).unwrap()).unwrap();
    let room = tempfile::tempdir().unwrap();
    let file = room.path().join("gitea.json");
    std::fs::write(&file, of_swagger(&swagger).to_string()).unwrap();
    for kind in [ForgeKind::Gitea, ForgeKind::Forgejo] {
        // Which pull request a commit came by is told since 1.22.
        let seen = judge(kind, &file, &program, &["/commits/"]);
        let below = "/api/v1/repos/{owner}/{repo}";
        used(
            &seen,
            &[
                &format!("GET {below}"),
                &format!("GET {below}/branches/{{branch}}"),
                &format!("GET {below}/labels"),
                &format!("GET {below}/pulls"),
                &format!("POST {below}/pulls"),
                &format!("GET {below}/pulls/{{index}}"),
                &format!("PATCH {below}/pulls/{{index}}"),
                &format!("GET {below}/pulls/{{index}}/reviews"),
                &format!("POST {below}/pulls/{{index}}/requested_reviewers"),
                &format!("POST {below}/issues/{{index}}/labels"),
                &format!("POST {below}/statuses/{{sha}}"),
            ],
        );
    }
}

/// The part of a Swagger 2 description that is about a repository's pull requests, as OpenAPI 3, closed.
fn of_swagger(swagger: &Value) -> Value {
    let mut paths = serde_json::Map::new();
    let parts = ["/pulls", "/branches/{branch}", "/labels", "/statuses/{sha}"];
    for (path, operations) in swagger["paths"].as_object().unwrap() {
        let Some(rest) = path.strip_prefix("/repos/{owner}/{repo}") else { continue };
        if !rest.is_empty() && !parts.iter().any(|part| rest.contains(part)) {
            continue;
        }
        let mut opened = serde_json::Map::new();
        for (method, operation) in operations.as_object().unwrap() {
            let (mut parameters, mut body) = (Vec::new(), Value::Null);
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                if parameter["in"] == "body" {
                    body = json!({"required": true, "content": {"application/json": {"schema": parameter["schema"]}}});
                } else if parameter["in"] != "formData" {
                    let mut schema = json!({"type": parameter["type"]});
                    for key in ["enum", "format", "items"] {
                        if !parameter[key].is_null() {
                            schema[key] = parameter[key].clone();
                        }
                    }
                    parameters.push(json!({"name": parameter["name"], "in": parameter["in"],
                        "required": parameter["required"] == json!(true), "schema": schema}));
                }
            }
            let mut new = json!({"parameters": parameters, "responses": {"200": {"description": "well"}}});
            if !body.is_null() {
                new["requestBody"] = body;
            }
            opened.insert(method.clone(), new);
        }
        paths.insert(format!("/api/v1{path}"), Value::Object(opened));
    }
    let mut schemas = swagger["definitions"].clone();
    for (name, schema) in schemas.as_object_mut().unwrap() {
        if name.ends_with("Option") || name.ends_with("Options") {
            schema["additionalProperties"] = json!(false);
        }
    }
    let text = json!({"openapi": "3.0.3", "info": {"title": "Gitea", "version": "1.21"}, "paths": paths,
        "components": {"schemas": schemas}})
    .to_string()
    .replace("#/definitions/", "#/components/schemas/");
    serde_json::from_str(&text).unwrap()
}
