use serde_json::json;

use super::*;
use crate::forge::capability::tests::{api, wanted};

fn forge() -> GitLab {
    GitLab::new(api(ForgeKind::GitLab), Repository { owner: "group/sub".into(), name: "foo".into() })
}

fn pull_request(reviewers: &[&str]) -> PullRequest {
    crate::forge::capability::tests::pull_request(reviewers)
}

#[test]
fn requests_are_what_the_documentation_asks_for() {
    let forge = forge();
    let list = forge.list_request(Some((&wanted().head, &wanted().base)), 1);
    assert_eq!(list.path, "/projects/group%2Fsub%2Ffoo/merge_requests");
    assert_eq!(
        list.query,
        [
            ("state", "opened".to_owned()),
            ("source_branch", "environment/qa".into()),
            ("target_branch", "environment/prod".into()),
            ("per_page", "100".into()),
            ("page", "1".into()),
        ]
    );
    let create = forge.create_request(&NewPullRequest { draft: true, ..wanted() }, &[5]);
    assert_eq!((create.method, create.path), (Method::Post, list.path));
    assert_eq!(
        create.body,
        Some(json!({
            "source_branch": "environment/qa", "target_branch": "environment/prod", "title": "Draft: T", "description": "B",
            "remove_source_branch": false, "squash": false, "labels": "one,two", "reviewer_ids": [5],
        }))
    );
    let update = forge.update_request(&pull_request(&[]), &wanted(), &[]);
    assert_eq!((update.method, update.path.as_str()), (Method::Put, "/projects/group%2Fsub%2Ffoo/merge_requests/7"));
    assert_eq!(update.body, Some(json!({"title": "T", "description": "B", "add_labels": "two"})));
    let kept = PullRequest { title: "T".into(), draft: true, ..pull_request(&[]) };
    let update = forge.update_request(&kept, &NewPullRequest { draft: true, labels: vec![], ..wanted() }, &[]);
    assert_eq!(update.body, Some(json!({"description": "B"})), "a person's own mark of a draft stays");
}

#[test]
fn marks_of_drafts_are_taken_off() {
    for (title, expected) in [
        ("Draft: x", ("x", true)),
        ("draft:x", ("x", true)),
        ("[Draft] x", ("x", true)),
        ("WIP: x", ("x", true)),
        ("Drafty x", ("Drafty x", false)),
        ("ä", ("ä", false)),
    ] {
        assert_eq!(untitled(title, &DRAFT), (expected.0.to_owned(), expected.1), "{title}");
    }
}

#[test]
fn a_duplicate_names_its_number() {
    let message = json!({"message": ["Another open merge request already exists for this source branch: !42"]});
    let answer = Answer { status: 409, body: message, has_next: None, location: None };
    let error = forge().refusal(&answer, &wanted(), "open");
    assert!(matches!(error, Error::Duplicate { number: Some(42), .. }), "{error:?}");
}

#[test]
fn merge_methods_become_settings() {
    let word = |project: Value| settings_from(&project, None, None).against_direct().map(|(word, _)| word);
    assert_eq!(word(json!({"merge_method": "merge", "squash_option": "default_on"})), None);
    assert_eq!(word(json!({"merge_method": "merge", "squash_option": "always"})), Some("squash-only"));
    assert_eq!(word(json!({"merge_method": "rebase_merge", "squash_option": "never"})), Some("fast-forward-only"));
    assert_eq!(word(json!({"merge_method": "ff", "squash_option": "never"})), Some("fast-forward-only"));
    assert_eq!(word(json!({"remove_source_branch_after_merge": true})), Some("deletes-head-branch"));
    let kept = settings_from(&json!({}), None, Some(&json!({"reset_approvals_on_push": false})));
    assert_eq!(kept.keeps_approvals, Some(true));
    assert!(
        settings_from(&json!({"merge_method": "merge", "squash_option": "never"}), None, None).only_merge_commits()
    );
}
