use serde_json::json;

use super::*;
use crate::forge::capability::tests::{api, wanted};

fn forge() -> BitbucketCloud {
    BitbucketCloud::new(api(ForgeKind::BitbucketCloud), Repository { owner: "ws".into(), name: "foo".into() })
}

fn pull_request(reviewers: &[&str]) -> PullRequest {
    crate::forge::capability::tests::pull_request(reviewers)
}

#[test]
fn requests_are_what_the_documentation_asks_for() {
    let forge = forge();
    let list = forge.list_request(Some((&wanted().head, &wanted().base)), 2);
    assert_eq!(list.path, "/repositories/ws/foo/pullrequests");
    let q = "source.branch.name=\"environment/qa\" AND destination.branch.name=\"environment/prod\" AND state=\"OPEN\"";
    assert_eq!(list.query, [("q", q.to_owned()), ("pagelen", "50".into()), ("page", "2".into())]);
    let create = forge.create_request(&NewPullRequest { draft: true, ..wanted() });
    assert_eq!((create.method, create.path), (Method::Post, list.path));
    assert_eq!(
        create.body,
        Some(json!({
            "title": "T", "description": "B", "source": {"branch": {"name": "environment/qa"}},
            "destination": {"branch": {"name": "environment/prod"}}, "close_source_branch": false,
            "reviewers": [{"uuid": "bob"}], "draft": true,
        }))
    );
    let update = forge.update_request(&pull_request(&["{a}"]), &wanted());
    assert_eq!((update.method, update.path.as_str()), (Method::Put, "/repositories/ws/foo/pullrequests/7"));
    assert_eq!(
        update.body,
        Some(json!({
            "title": "T", "description": "B", "destination": {"branch": {"name": "environment/prod"}},
            "close_source_branch": false, "draft": false, "reviewers": [{"uuid": "{a}"}, {"uuid": "bob"}],
        }))
    );
}

#[test]
fn names_are_quoted_in_the_query_language() {
    assert_eq!(quoted(r#"a"b\c"#), r#""a\"b\\c""#);
}

#[test]
fn reviewers_are_ids_in_braces() {
    assert!(check_reviewers(&["{504c3b62-8120-4f0c-a7bc-87800b9d6f70}".into()]).is_ok());
    assert!(check_reviewers(&["bob".into()]).is_err());
}

#[test]
fn a_fork_that_is_gone_is_not_ours() {
    let wire = json!({"id": 1, "title": "t", "state": "SUPERSEDED",
        "source": {"branch": {"name": "a"}, "repository": null},
        "destination": {"branch": {"name": "b"}, "repository": {"full_name": "ws/foo"}}});
    let found = forge().pull_request(wire, "read").expect("a pull request");
    assert_eq!((found.same_repository, found.state), (false, State::Closed));
}
