//! Every sender's body: as it is sent, and bent in every way that a stranger may bend it.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::domain::error::Explain as _;

const COMMIT: &str = "823b2230a56056231c9425d63758fa87078a66b4";
const ZERO: &str = "0000000000000000000000000000000000000000";

fn heard_with(body: &Value, lines: &[&str]) -> Result<Heard, Misunderstood> {
    understand(body.to_string().as_bytes(), &Headers::parse(lines.iter().copied()).expect("headers"))
}

fn heard(body: &Value) -> Result<Heard, Misunderstood> {
    heard_with(body, &[])
}

#[track_caller]
fn order(body: &Value) -> Order {
    match heard(body) {
        Ok(Heard::Orders(mut orders)) if orders.len() == 1 => orders.remove(0),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn nothing(body: &Value) -> String {
    match heard(body) {
        Ok(Heard::Nothing(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

fn release(environment: &str, version: &str) -> Ask {
    Ask::Release {
        environment: EnvironmentName::parse(environment).expect("a name"),
        version: Declared::parse(version).expect("a version"),
    }
}

fn push(environment: &str) -> Ask {
    Ask::Push {
        environment: EnvironmentName::parse(environment).expect("a name"),
        commit: CommitId::parse(COMMIT).expect("an id"),
    }
}

fn own() -> Value {
    json!({
        "application": "shop-app", "environment": "qa", "version": "1.2.0", "changeId": "CHG-7",
        "configItem": "shop", "changeDescription": "Fix\nthe till", "actor": "ada@example.com",
    })
}

fn automation() -> Value {
    json!({
        "source": "jira", "project": "OPS", "issue": "OPS-7", "version": "1.2.0", "environment": "qa",
        "actor": "ada@example.com",
    })
}

fn ods() -> Value {
    json!({
        "branch": "master", "repository": "releasemanager", "project": "SHOP",
        "env": [
            { "name": "version", "value": "1.2.0" }, { "name": "environment", "value": "Q" },
            { "name": "changeId", "value": "1.2.0" }, { "name": "configItem", "value": "BI-1" },
            { "name": "changeDescription", "value": "first" }, { "name": "rePromote", "value": "true" },
            { "name": "releaseStatusJiraIssueKey", "value": "SHOP-1" },
        ],
    })
}

fn released() -> Value {
    json!({
        "timestamp": 1, "webhookEvent": "jira:version_released",
        "version": { "id": "10000", "name": "1.0", "released": true, "projectId": 10002 },
    })
}

fn transition() -> Value {
    json!({
        "timestamp": 1, "webhookEvent": "jira:issue_updated", "user": { "displayName": "Ada" },
        "issue": { "key": "OPS-7", "fields": {
            "project": { "id": "10000", "key": "OPS" }, "status": { "id": "10002", "name": "Fertig" },
            "fixVersions": [{ "name": "1.2.0" }],
        } },
        "changelog": { "id": "10228", "items": [
            { "field": "resolution", "to": "10000", "toString": "Done" },
            { "field": "status", "fieldtype": "jira", "from": "3", "to": "10002", "toString": "Fertig" },
        ] },
    })
}

fn datacenter() -> Value {
    json!({
        "eventKey": "repo:refs_changed", "date": "2018-07-05T18:22:00+0000",
        "actor": { "name": "ada", "displayName": "Ada Lovelace" },
        "repository": { "slug": "shop-release", "project": { "key": "SHOP" } },
        "changes": [{ "ref": { "id": "refs/heads/environment/qa", "displayId": "environment/qa", "type": "BRANCH" },
            "fromHash": ZERO, "toHash": COMMIT, "type": "UPDATE" }],
    })
}

fn cloud() -> Value {
    json!({
        "push": { "changes": [{ "old": null, "new": { "type": "branch", "name": "environment/qa",
            "target": { "type": "commit", "hash": COMMIT } } }] },
        "repository": { "full_name": "team/shop-release" }, "actor": { "display_name": "Ada Lovelace" },
    })
}

fn github() -> Value {
    json!({
        "ref": "refs/heads/environment/qa", "before": ZERO, "after": COMMIT, "deleted": false,
        "repository": { "full_name": "team/shop-release" }, "sender": { "login": "ada" },
    })
}

fn gitea() -> Value {
    json!({
        "ref": "refs/heads/environment/qa", "before": ZERO, "after": COMMIT, "compare_url": "http://x/compare",
        "repository": { "full_name": "team/shop-release" }, "pusher": { "login": "ada" },
    })
}

fn gitlab() -> Value {
    json!({
        "object_kind": "push", "event_name": "push", "ref": "refs/heads/environment/qa", "before": ZERO,
        "after": COMMIT, "checkout_sha": COMMIT, "user_username": "ada",
        "project": { "path_with_namespace": "team/shop-release" }, "repository": { "name": "shop-release" },
    })
}

fn all() -> Vec<(Source, Value)> {
    vec![
        (Source::Relman, own()),
        (Source::JiraAutomation, automation()),
        (Source::Ods, ods()),
        (Source::Jira, released()),
        (Source::Jira, transition()),
        (Source::BitbucketDatacenter, datacenter()),
        (Source::BitbucketCloud, cloud()),
        (Source::GitHub, github()),
        (Source::Gitea, gitea()),
        (Source::GitLab, gitlab()),
    ]
}

#[test]
fn every_sender_is_known() {
    for (source, body) in all() {
        assert_eq!(order(&body).source, source, "{body}");
    }
}

#[test]
fn the_own_shape_carries_the_change() {
    let order = order(&own());
    assert_eq!(order.ask, release("qa", "1.2.0"));
    assert_eq!(order.application.as_deref(), Some("shop-app"));
    assert_eq!(order.actor.as_deref(), Some("ada@example.com"));
    let change =
        Change { request: Some("CHG-7".into()), item: Some("shop".into()), description: Some("Fix the till".into()) };
    assert_eq!(order.change, change);
}

#[test]
fn an_issue_that_sends_custom_data_is_the_change_request_unless_one_is_named() {
    assert_eq!(order(&automation()).change.request.as_deref(), Some("OPS-7"));
    let mut named = automation();
    named["changeId"] = 4711.into();
    assert_eq!(order(&named).change.request.as_deref(), Some("4711"));
    for (project, issue, expected) in [
        (json!("SHOP"), json!("OPS-7"), Some("SHOP")),
        (json!(10002), json!("OPS-7"), Some("10002")),
        (json!(null), json!("OPS-7"), Some("OPS")),
        (json!(""), json!("the till"), None),
    ] {
        named["project"] = project;
        named["issue"] = issue;
        assert_eq!(order(&named).project.as_deref(), expected, "{named}");
    }
}

#[test]
fn parameters_of_opendevstack_have_their_defaults() {
    assert_eq!(order(&ods()).ask, release("Q", "1.2.0"));
    let with = |env: Value| json!({ "project": "SHOP", "env": env });
    assert_eq!(order(&with(json!([{ "name": "version", "value": "1.0" }]))).ask, release("dev", "1.0"));
    assert_eq!(order(&with(json!([{ "name": "version", "value": "wip" }]))).ask, release("dev", "WIP"));
    assert_eq!(order(&with(json!([{ "name": "environment", "value": " DEV " }]))).ask, release("DEV", "WIP"));
    assert!(nothing(&with(json!([]))).contains("neither"));
    assert!(nothing(&with(json!([{ "name": "DEBUG", "value": true }]))).contains("neither"));
    let twice = with(json!([{ "name": "version", "value": "1" }, { "name": "version", "value": "2" }]));
    assert_eq!(heard(&twice), Err(Misunderstood::Contradiction("version".into())));
    // GitLab puts these into the body of a request to a pipeline trigger.
    let by_gitlab = json!({ "environment": "qa", "version": "1.0", "id": "123", "ref": "main", "variables": {} });
    assert!(order(&by_gitlab).id.starts_with("sha256:"), "a project's id is no event's");
    let later =
        json!({ "project": "SHOP", "repository": "rm", "branch": "master", "environment": "qa", "version": "1.0" });
    assert_eq!(order(&later).ask, release("qa", "1.0"));
}

#[test]
fn a_version_that_is_released_is_an_event() {
    let Ask::Event(event) = order(&released()).ask else { panic!() };
    assert_eq!((event.happening, event.versions), (Happening::VersionReleased, vec!["1.0".to_owned()]));
    assert_eq!((event.project_id.as_deref(), event.project_key), (Some("10002"), None));
    for sibling in ["created", "updated", "unreleased", "moved", "merged", "deleted"] {
        let mut body = released();
        body["webhookEvent"] = format!("jira:version_{sibling}").into();
        assert!(nothing(&body).contains(sibling));
    }
}

#[test]
fn an_issue_counts_only_when_its_status_was_changed() {
    let order_of = order(&transition());
    let Ask::Event(event) = order_of.ask else { panic!() };
    assert_eq!(event.happening, Happening::Status { id: Some("10002".into()), name: Some("Fertig".into()) });
    assert_eq!((event.versions, event.project_key.as_deref()), (vec!["1.2.0".to_owned()], Some("OPS")));
    assert_eq!((order_of.id.as_str(), order_of.change.request.as_deref()), ("OPS-7/10228", Some("OPS-7")));
    assert_eq!(order_of.actor.as_deref(), Some("Ada"));
    for items in [json!([]), json!([{ "field": "status", "fieldtype": "custom" }]), json!([{ "field": "Fix Version" }])]
    {
        let mut body = transition();
        body["changelog"]["items"] = items;
        assert!(nothing(&body).contains("OPS-7"));
    }
    let mut body = transition();
    body["changelog"] = Value::Null;
    assert!(nothing(&body).contains("OPS-7"));
}

#[test]
fn a_push_means_each_environment_branch_in_it() {
    for (_, body) in all().split_off(5) {
        assert_eq!(order(&body).ask, push("qa"), "{body}");
    }
    let mut body = datacenter();
    let change = |id: &str, to: &str, kind: &str| json!({ "ref": { "id": id }, "toHash": to, "type": kind });
    body["changes"] = json!([
        change("refs/heads/environment/qa", COMMIT, "UPDATE"),
        change("refs/tags/v1.0.0", COMMIT, "ADD"),
        change("refs/heads/environment/dev", COMMIT, "ADD"),
        change("refs/heads/environment/old", ZERO, "DELETE"),
    ]);
    let Ok(Heard::Orders(orders)) = heard(&body) else { panic!() };
    assert_eq!(orders.into_iter().map(|order| order.ask).collect::<Vec<_>>(), [push("dev"), push("qa")]);
}

#[test]
fn other_references_and_deletions_are_nothing() {
    for (reference, to, part) in [
        ("refs/heads/main", COMMIT, "no environment branch"),
        ("refs/heads/environment/a/b", COMMIT, "no environment branch"),
        ("refs/heads/environments/qa", COMMIT, "no environment branch"),
        ("refs/tags/v1.0.0", COMMIT, "is a tag"),
        ("refs/heads/environment/qa", ZERO, "was deleted"),
        ("refs/heads/main", "not an id", "no environment branch"),
    ] {
        for mut body in [github(), gitea(), gitlab()] {
            body["ref"] = reference.into();
            body["after"] = to.into();
            assert!(nothing(&body).contains(part), "{body}");
        }
        let mut body = datacenter();
        body["changes"][0]["ref"]["id"] = reference.into();
        body["changes"][0]["toHash"] = to.into();
        assert!(nothing(&body).contains(part), "{body}");
    }
    let mut body = cloud();
    body["push"]["changes"][0]["old"] = body["push"]["changes"][0]["new"].take();
    assert!(nothing(&body).contains("was deleted"));
    body["push"]["changes"] = json!([]);
    assert!(nothing(&body).contains("nothing was pushed"));
    let mut body = cloud();
    body["push"]["changes"][0]["new"]["type"] = "tag".into();
    assert!(nothing(&body).contains("is a tag"));
    let mut body = github();
    body["deleted"] = true.into();
    assert!(nothing(&body).contains("was deleted"));
    for (key, event) in [("eventKey", "pr:opened"), ("object_kind", "merge_request")] {
        assert!(nothing(&json!({ key: event })).contains(event));
    }
}

#[test]
fn headers_tell_the_event_and_must_fit_the_body() {
    for (line, body) in [
        ("X-Event-Key: repo:refs_changed", datacenter()),
        ("X-Event-Key: repo:push", cloud()),
        ("X-GitHub-Event: push", github()),
        ("X-Gitea-Event: push", gitea()),
        ("X-Gitea-Event: push", github()),
        ("X-Gitlab-Event: Push Hook", gitlab()),
    ] {
        assert!(matches!(heard_with(&body, &[line]), Ok(Heard::Orders(_))), "{line}");
    }
    for line in ["X-GitHub-Event: ping", "X-Event-Key: diagnostics:ping", "X-Gitlab-Event: Pipeline Hook"] {
        assert!(matches!(heard_with(&github(), &[line]), Ok(Heard::Nothing(_))), "{line}");
    }
    assert!(matches!(heard_with(&gitlab(), &["X-GitHub-Event: push"]), Err(Misunderstood::OtherHeader { .. })));
    assert!(matches!(heard_with(&own(), &["X-Event-Key: repo:push"]), Err(Misunderstood::OtherHeader { .. })));
}

#[test]
fn a_body_with_two_marks_is_refused() {
    for (key, value) in
        [("environment", json!("prod")), ("version", json!("9")), ("env", json!([])), ("eventKey", json!("x"))]
    {
        let mut body = transition();
        body[key] = value;
        assert!(matches!(heard(&body), Err(Misunderstood::Ambiguous(..))), "{body}");
    }
}

#[test]
fn what_gitlab_says_of_jobs_and_deployments_is_nothing() {
    for (kind, environment) in [("deployment", json!("qa")), ("build", json!(null)), ("pipeline", json!(null))] {
        let body = json!({ "object_kind": kind, "environment": environment, "status": "success", "ref": "main" });
        assert!(nothing(&body).contains(&format!("the event {kind} of GitLab")), "{body}");
    }
    let mut body = gitlab();
    body["environment"] = json!(null);
    assert_eq!(order(&body).source, Source::GitLab);
    body["environment"] = json!("qa");
    assert!(matches!(heard(&body), Err(Misunderstood::Ambiguous(..))), "a push that names a target could mean either");
}

#[test]
fn a_body_without_a_mark_is_a_test_and_a_part_of_ours_is_an_error() {
    for body in
        [json!({}), json!({ "test": true }), json!({ "zen": "x", "hook_id": 1 }), json!({ "actor": { "name": "x" } })]
    {
        assert!(!nothing(&body).is_empty());
    }
    for body in [
        json!({ "environment": "qa" }),
        json!({ "version": "1.0" }),
        json!({ "environment": "qa", "version": " " }),
        json!({ "environment": null, "version": "1.0" }),
        json!({ "environment": null, "version": null }),
        json!({ "changeId": "CHG-1" }),
        json!({ "actor": "ada" }),
        json!({ "source": "jira", "version": "1.0" }),
    ] {
        assert!(matches!(heard(&body), Err(Misunderstood::Missing { .. })), "{body}");
    }
    for body in [json!([]), json!("x"), json!(1), json!(null), json!([own()])] {
        assert!(matches!(heard(&body), Err(Misunderstood::NotAnObject(_))), "{body}");
    }
}

#[test]
fn values_of_the_wrong_type_are_named() {
    for (key, value) in
        [("version", json!(1.10)), ("version", json!(true)), ("environment", json!(["qa"])), ("changeId", json!({}))]
    {
        let mut body = own();
        body[key] = value;
        let error = heard(&body).expect_err("refused");
        assert!(error.to_string().contains(key), "{error}");
    }
    let number = heard(&json!({ "environment": "qa", "version": 1.10 })).expect_err("refused");
    assert!(number.hints()[0].contains("quotes"), "{:?}", number.hints());
    for (pointer, value) in [
        ("/changes", json!({})),
        ("/changes/0", json!(1)),
        ("/changes/0/toHash", json!("abc")),
        ("/changes/0/ref", json!("x")),
    ] {
        let mut body = datacenter();
        *body.pointer_mut(pointer).expect("there") = value;
        assert!(matches!(heard(&body), Err(Misunderstood::WrongType { .. })), "{body}");
    }
}

#[test]
fn hostile_values_are_refused_by_the_rules_for_names() {
    for version in ["../../x", "1.0\n2.0", "$(id) x", "1.0~1", "a..b", "1.0-rc.1", &"9".repeat(300), "\u{1b}[31m"] {
        let mut body = own();
        body["version"] = version.into();
        let error = heard(&body).expect_err(version);
        assert_eq!((error.code(), error.exit().status()), ("invalid-version", 2), "{version:?}");
    }
    for environment in ["--all", "../prod", "qa\nprod", "a/b", "qa..x", "$(id)", &"q".repeat(101)] {
        let mut body = own();
        body["environment"] = environment.into();
        assert_eq!(heard(&body).expect_err(environment).code(), "invalid-name");
    }
    let mut body = own();
    body["changeId"] = "CHG-1\nVersion: 9\u{2028}Candidate: v9-rc.1\u{1b}[2J".into();
    assert_eq!(order(&body).change.request.as_deref(), Some("CHG-1 Version: 9 Candidate: v9-rc.1[2J"));
    body["changeId"] = "x".repeat(201).into();
    assert!(matches!(heard(&body), Err(Misunderstood::TooLong(..))));
}

#[test]
fn what_is_no_json_is_told_from_what_was_cut_off() {
    let of = |text: &str| understand(text.as_bytes(), &Headers::default()).expect_err("refused");
    assert_eq!(of(""), Misunderstood::Empty);
    assert_eq!(of(" \n"), Misunderstood::Empty);
    assert!(matches!(of("environment=qa&version=1.0"), Misunderstood::NotJson { line: 1, .. }));
    assert!(matches!(of("<html>"), Misunderstood::NotJson { .. }));
    assert!(matches!(of("{\"a\":1} x"), Misunderstood::NotJson { .. }));
    assert!(matches!(of("{\"a\":1}{\"a\":1}"), Misunderstood::NotJson { .. }));
    assert!(matches!(of("{\"a\": 1e999}"), Misunderstood::NotJson { .. }));
    assert_eq!(of("{\"a\": \"x"), Misunderstood::CutOff);
    assert_eq!(of(r#"{"a": {"b": 1, "b": 2}}"#), Misunderstood::DuplicateKey("b".into()));
    assert_eq!(of(r#"{"version": "1", "version": "2"}"#), Misunderstood::DuplicateKey("version".into()));
    assert!(understand(b"\xff\xfe{", &Headers::default()).is_err());
    assert!(understand(b"{\"environment\": \"q\xffa\"}", &Headers::default()).is_err());
    let marked = [b"\xef\xbb\xbf".as_slice(), own().to_string().as_bytes()].concat();
    assert!(understand(&marked, &Headers::default()).is_ok());
}

#[test]
fn depth_number_and_size_have_limits() {
    let of = |text: String| understand(text.as_bytes(), &Headers::default());
    let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert!(of(nested(json::MAX_DEPTH - 1)).is_ok());
    assert_eq!(of(nested(json::MAX_DEPTH)), Err(Misunderstood::TooDeep));
    assert_eq!(of("[".repeat(1_000_000)), Err(Misunderstood::TooDeep));
    assert_eq!(of(format!("{{\"a\":[{}0]}}", "0,".repeat(json::MAX_VALUES))), Err(Misunderstood::TooMany));
    assert_eq!(of(format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_BODY))), Err(Misunderstood::TooLarge));
}

#[test]
fn the_same_body_has_the_same_id_however_it_is_laid_out() {
    let id = |text: &str| match understand(text.as_bytes(), &Headers::default()) {
        Ok(Heard::Orders(orders)) => orders[0].id.clone(),
        other => panic!("{other:?}"),
    };
    let first = id(r#"{"environment":"qa","version":"1.0","changeId":"C"}"#);
    assert!(first.starts_with("sha256:") && first.len() == 71, "{first}");
    assert_eq!(id("{ \"version\": \"1.0\",\n \"changeId\": \"C\", \"environment\": \"qa\" }\n"), first);
    assert_ne!(id(r#"{"environment":"qa","version":"1.0","changeId":"D"}"#), first);
    assert_eq!(id(r#"{"environment":"qa","version":"1.0","triggerId":"REL-7 again","id":"123"}"#), "REL-7 again");
}

#[test]
fn the_parameters_of_opendevstack_may_come_in_any_order() {
    let mut other = ods();
    other["env"].as_array_mut().expect("a list").reverse();
    assert_eq!(order(&other), order(&ods()));
    other["env"][0]["value"] = "SHOP-2".into();
    assert_ne!(order(&other).id, order(&ods()).id);
}

/// The paths of all values in a body.
fn paths(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut below = |key: &str, value: &Value| {
        let path = format!("{at}/{key}");
        found.push(path.clone());
        paths(value, &path, found);
    };
    match value {
        Value::Object(object) => object.iter().for_each(|(key, value)| below(key, value)),
        Value::Array(list) => list.iter().enumerate().for_each(|(index, value)| below(&index.to_string(), value)),
        _ => {}
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        Just(Value::from(COMMIT)),
        Just(Value::from("refs/heads/environment/prod")),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec(("(env|ref|after|version|environment|source|name|[a-z]{1,6})", inner), 0..5)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// What must hold of every answer, whatever was sent.
fn is_sound(heard: &Result<Heard, Misunderstood>) -> Result<(), TestCaseError> {
    let one_line =
        |text: &Option<String>| text.as_ref().is_none_or(|text| text.lines().count() == 1 && !text.contains('\u{1b}'));
    match heard {
        Err(error) => prop_assert_eq!(error.exit().status(), 2),
        Ok(Heard::Nothing(reason)) => prop_assert!(!reason.is_empty()),
        Ok(Heard::Orders(orders)) => {
            prop_assert!(!orders.is_empty());
            for order in orders {
                prop_assert!(one_line(&order.change.request) && one_line(&order.change.item));
                prop_assert!(one_line(&order.change.description) && one_line(&order.actor));
                prop_assert!(one_line(&Some(order.id.clone())) && one_line(&order.application));
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_bytes_make_it_stumble(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        is_sound(&understand(&bytes, &Headers::default()))?;
    }

    #[test]
    fn no_document_makes_it_stumble(value in any_json()) {
        is_sound(&heard(&value))?;
    }

    #[test]
    fn a_body_that_is_cut_off_is_never_acted_on(which in 0..10usize, part in 0.0..1.0f64) {
        let text = all()[which].1.to_string();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a part of a length")]
        let end = (text.len() as f64 * part) as usize;
        prop_assert!(understand(&text.as_bytes()[..end], &Headers::default()).is_err());
    }

    #[test]
    fn order_of_keys_and_keys_of_others_do_not_matter(which in 0..10usize, extra in any_json()) {
        let (_, body) = &all()[which];
        let mut entries: Vec<_> = body.as_object().expect("an object").clone().into_iter().collect();
        entries.reverse();
        let reversed = Value::Object(entries.into_iter().collect());
        prop_assert_eq!(heard(&reversed), heard(body));
        let mut more = body.clone();
        more["somethingElse"] = extra;
        let asks = |heard: Result<Heard, Misunderstood>| match heard {
            Ok(Heard::Orders(orders)) => orders.into_iter().map(|order| order.ask).collect(),
            _ => Vec::new(),
        };
        prop_assert_eq!(asks(heard(&more)), asks(heard(body)));
    }

    #[test]
    fn a_value_that_is_another_or_missing_gives_an_answer(which in 0..10usize, at in any::<prop::sample::Index>(), other in prop::option::of(any_json())) {
        let mut body = all()[which].1.clone();
        let mut found = Vec::new();
        paths(&body, "", &mut found);
        let path = at.get(&found).clone();
        match other {
            Some(other) => *body.pointer_mut(&path).expect("there") = other,
            None => {
                let (parent, key) = path.rsplit_once('/').expect("a path");
                match body.pointer_mut(parent).expect("there") {
                    Value::Object(object) => drop(object.shift_remove(key)),
                    Value::Array(list) => drop(list.pop()),
                    _ => {}
                }
            }
        }
        is_sound(&heard(&body))?;
    }
}
