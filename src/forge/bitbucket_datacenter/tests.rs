use serde_json::json;

use super::*;
use crate::forge::capability::tests::{api, wanted};

fn forge() -> BitbucketDatacenter {
    BitbucketDatacenter::new(
        api(ForgeKind::BitbucketDatacenter),
        Repository { owner: "~me".into(), name: "foo".into() },
    )
}

fn pull_request(reviewers: &[&str]) -> PullRequest {
    crate::forge::capability::tests::pull_request(reviewers)
}

#[test]
fn requests_are_what_the_documentation_asks_for() {
    let forge = forge();
    let list = forge.list_request(Some(&wanted().head), 25);
    assert_eq!(list.path, "/api/latest/projects/~me/repos/foo/pull-requests");
    assert_eq!(
        list.query,
        [
            ("state", "OPEN".to_owned()),
            ("direction", "OUTGOING".into()),
            ("at", "refs/heads/environment/qa".into()),
            ("limit", "100".into()),
            ("start", "25".into()),
        ]
    );
    let reference = |id: &str| json!({"id": id, "repository": {"slug": "foo", "project": {"key": "~me"}}});
    let create = forge.create_request(&wanted());
    assert_eq!((create.method, create.path), (Method::Post, list.path));
    assert_eq!(
        create.body,
        Some(json!({
            "title": "T", "description": "B",
            "fromRef": reference("refs/heads/environment/qa"), "toRef": reference("refs/heads/environment/prod"),
            "reviewers": [{"user": {"name": "bob"}}],
        }))
    );
    let update = forge.update_request(&pull_request(&["alice", "BOB"]), &wanted());
    assert_eq!(
        (update.method, update.path.as_str()),
        (Method::Put, "/api/latest/projects/~me/repos/foo/pull-requests/7")
    );
    assert_eq!(
        update.body,
        Some(json!({
            "version": 3, "title": "T", "description": "B",
            "reviewers": [{"user": {"name": "alice"}}, {"user": {"name": "BOB"}}],
        }))
    );
}

#[test]
fn refusals_are_told_apart_by_their_exceptions() {
    let said = |exception: &str, number| {
        let error = json!({"message": "m", "exceptionName": exception, "existingPullRequest": {"id": 9}});
        let answer = Answer { status: 409, body: json!({"errors": [error]}), has_next: None, location: None };
        crate::domain::error::Explain::code(&forge().refusal(&answer, &wanted(), number, "do it"))
    };
    assert_eq!(said("com.atlassian.bitbucket.pull.DuplicatePullRequestException", None), "pull-request-exists");
    assert_eq!(said("com.atlassian.bitbucket.pull.EmptyPullRequestException", None), "nothing-to-promote");
    assert_eq!(said("com.atlassian.bitbucket.pull.InvalidPullRequestReviewersException", None), "invalid-reviewer");
    assert_eq!(said("com.atlassian.bitbucket.pull.PullRequestOutOfDateException", Some(7)), "pull-request-changed");
    assert_eq!(said("com.atlassian.bitbucket.pull.IllegalPullRequestStateException", Some(7)), "pull-request-closed");
    assert_eq!(said("com.atlassian.bitbucket.project.OtherException", Some(7)), "forge-refused");
    assert_eq!(said("", Some(7)), "pull-request-changed");
}

#[test]
fn merge_strategies_become_settings() {
    let settings = |ids: &[&str]| {
        let strategies: Value = ids.iter().map(|id| json!({"id": id, "enabled": true})).collect();
        settings_from(&json!({"mergeConfig": {"strategies": strategies}}))
    };
    assert!(settings(&["no-ff"]).only_merge_commits());
    assert_eq!(settings(&["ff-only"]).against_direct().map(|(word, _)| word), Some("fast-forward-only"));
    assert_eq!(settings(&["squash", "squash-ff-only"]).against_direct().map(|(word, _)| word), Some("squash-only"));
    assert_eq!(settings(&["squash", "no-ff"]).against_direct(), None);
    assert_eq!(settings_from(&json!({})), RepositorySettings::default());
    let off =
        json!({"mergeConfig": {"strategies": [{"id": "no-ff", "enabled": false}, {"id": "squash", "enabled": true}]}});
    assert_eq!(settings_from(&off).merge_commits, Some(false));
    assert_eq!(settings_from(&json!({"unapproveOnUpdate": false})).keeps_approvals, Some(true));
}
