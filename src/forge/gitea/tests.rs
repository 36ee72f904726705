use serde_json::json;

use super::*;
use crate::forge::capability::tests::{api, wanted};

fn forge() -> Gitea {
    Gitea::new(api(ForgeKind::Gitea), Repository { owner: "o".into(), name: "foo".into() }, ForgeKind::Gitea)
}

fn pull_request(reviewers: &[&str]) -> PullRequest {
    crate::forge::capability::tests::pull_request(reviewers)
}

#[test]
fn requests_are_what_the_documentation_asks_for() {
    let forge = forge();
    let list = forge.list_request(3);
    assert_eq!(list.path, "/repos/o/foo/pulls");
    assert_eq!(list.query, [("state", "open".to_owned()), ("limit", "50".into()), ("page", "3".into())]);
    let create = forge.create_request(&NewPullRequest { draft: true, ..wanted() });
    assert_eq!((create.method, create.path), (Method::Post, list.path));
    assert_eq!(
        create.body,
        Some(json!({
            "title": "WIP: T", "body": "B", "head": "environment/qa", "base": "environment/prod",
        }))
    );
    let update = forge.update_request(&pull_request(&[]), &wanted());
    assert_eq!((update.method, update.path.as_str()), (Method::Patch, "/repos/o/foo/pulls/7"));
    assert_eq!(update.body, Some(json!({"title": "T", "body": "B"})));
    let kept = PullRequest { title: "T".into(), draft: true, ..pull_request(&[]) };
    let update = forge.update_request(&kept, &NewPullRequest { draft: true, ..wanted() });
    assert_eq!(update.body, Some(json!({"body": "B"})), "a person's own mark of a draft stays");
}

#[test]
fn the_number_of_a_duplicate_is_its_issue_id() {
    let said = "pull request already exists for these targets [id: 473, issue_id: 12, head_repo_id: 1]";
    assert_eq!(number_in(said), Some(12));
    assert_eq!(number_in("pull request already exists"), None);
}

#[test]
fn drafts_are_known_by_the_field_or_by_the_title() {
    let wire = |title: &str, draft: Value| {
        let side = json!({"ref": "a/b", "repo_id": 1});
        let wire = json!({"number": 7, "html_url": "u", "title": title, "state": "open", "draft": draft, "head": side,
            "base": side, "requested_reviewers": null, "labels": null, "user": null});
        let found = forge().pull_request(wire, "read").expect("a pull request");
        (found.title, found.draft)
    };
    assert_eq!(wire("WIP: x", Value::Null), ("x".to_owned(), true));
    assert_eq!(wire("[WIP] x", json!(true)), ("x".to_owned(), true));
    assert_eq!(wire("x", json!(false)), ("x".to_owned(), false));
    assert_eq!(pull_request(&["a"]).reviewers, ["a"]);
}

#[test]
fn buttons_become_settings() {
    let settings = settings_from(
        &json!({"allow_merge_commits": true, "allow_squash_merge": false, "allow_rebase": false,
            "allow_rebase_explicit": false, "default_delete_branch_after_merge": false}),
        Some(&json!({"protected": true})),
    );
    assert!(settings.only_merge_commits());
    assert_eq!((settings.base_protected, settings.deletes_head_branch), (Some(true), Some(false)));
    let forward = json!({"allow_merge_commits": false, "allow_fast_forward_only_merge": true});
    assert_eq!(settings_from(&forward, None).against_direct().map(|(word, _)| word), Some("fast-forward-only"));
    assert_eq!(settings_from(&json!({}), None).merge_commits, None);
}
