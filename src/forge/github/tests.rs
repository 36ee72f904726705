use serde_json::json;

use super::*;
use crate::forge::capability::tests::{api, wanted};

fn forge() -> GitHub {
    GitHub::new(api(ForgeKind::GitHub), Repository { owner: "o".into(), name: "foo".into() })
}

fn pull_request(reviewers: &[&str]) -> PullRequest {
    crate::forge::capability::tests::pull_request(reviewers)
}

#[test]
fn requests_are_what_the_documentation_asks_for() {
    let forge = forge();
    let list = forge.list_request(Some((&wanted().head, &wanted().base)), 1);
    assert_eq!(list.path, "/repos/o/foo/pulls");
    assert_eq!(
        list.query,
        [
            ("state", "open".to_owned()),
            ("head", "o:environment/qa".into()),
            ("base", "environment/prod".into()),
            ("per_page", "100".into()),
            ("page", "1".into()),
        ]
    );
    let create = forge.create_request(&wanted());
    assert_eq!((create.method, create.path), (Method::Post, list.path));
    assert_eq!(
        create.body,
        Some(json!({
            "title": "T", "body": "B", "head": "environment/qa", "base": "environment/prod", "draft": false,
        }))
    );
    let update = forge.update_request(7, &wanted());
    assert_eq!((update.method, update.path.as_str()), (Method::Patch, "/repos/o/foo/pulls/7"));
    assert_eq!(update.body, Some(json!({"title": "T", "body": "B"})));
    let ask = forge.reviewers_request(7, &["bob".into(), "o/team".into()]);
    assert_eq!(ask.path, "/repos/o/foo/pulls/7/requested_reviewers");
    assert_eq!(ask.body, Some(json!({"reviewers": ["bob"], "team_reviewers": ["team"]})));
}

#[test]
fn a_team_counts_as_a_reviewer_and_a_lost_fork_as_none_of_ours() {
    let side = |id: Value| json!({"ref": "a/b", "sha": "x", "repo": id});
    let wire = json!({"number": 7, "html_url": "u", "title": "t", "body": null, "state": "closed", "merged_at": "2026",
        "head": side(Value::Null), "base": side(json!({"id": 1})), "requested_teams": [{"slug": "team"}]});
    let found = forge().pull_request(wire, "read").expect("a pull request");
    assert_eq!(
        (found.reviewers, found.same_repository, found.state),
        (vec!["o/team".to_owned()], false, State::Merged)
    );
    assert_eq!(pull_request(&[]).number, 7);
}

#[test]
fn rules_count_as_settings() {
    let repository = json!({"allow_merge_commit": true, "allow_squash_merge": true, "allow_rebase_merge": true,
        "delete_branch_on_merge": false});
    let rule = |parameters: Value| json!([{"type": "pull_request", "parameters": parameters}]);
    let settings = |rules: Value| settings_from(&repository, Some(&json!({"protected": false})), Some(&rules));
    assert_eq!(settings(json!([])).against_direct(), None);
    assert_eq!(settings(json!([])).base_protected, Some(false));
    let linear = settings(json!([{"type": "required_linear_history"}]));
    assert_eq!((linear.merge_commits, linear.base_protected), (Some(false), Some(true)));
    let only = settings(rule(json!({"allowed_merge_methods": ["merge"], "dismiss_stale_reviews_on_push": true})));
    assert!(only.only_merge_commits());
    let kept = settings(rule(json!({"dismiss_stale_reviews_on_push": false})));
    assert_eq!(kept.against_direct().map(|(word, _)| word), Some("keeps-approvals"));
    assert_eq!(settings_from(&json!({}), None, None).merge_commits, None);
}
