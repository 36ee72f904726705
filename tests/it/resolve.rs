//! `relman resolve`: which commits a deployment would use, under which tag.

use serde_json::{Value, json};

use crate::sandbox::{Repo, Room, assert_whole};

/// A release repo and an app repo without remotes, with commits to talk about.
struct Story<'r> {
    room: &'r Room,
    release: Repo<'r>,
    app: Repo<'r>,
}

fn story(room: &Room) -> Story<'_> {
    Story { room, release: room.repo("foo-release"), app: room.repo("foo-app") }
}

impl Story<'_> {
    fn resolve(&self, environment: &str) -> Value {
        self.room.relman("foo-release", &format!("resolve {environment} --format json")).ok().json()
    }

    /// `tag (candidate) makes source`, in short.
    fn facts(&self, environment: &str) -> String {
        brief(&self.resolve(environment))
    }

    #[track_caller]
    fn refused(&self, environment: &str, status: i32, code: &str) {
        self.room.relman("foo-release", &format!("resolve {environment} --format json")).refused(status, code);
    }
}

fn brief(facts: &Value) -> String {
    let text = |key: &str| facts[key].as_str().unwrap_or("-").to_owned();
    let makes = if facts["creates"] == true { "makes" } else { "uses" };
    format!("{} ({}) {makes} {}", text("tag"), text("candidate"), text("source"))
}

#[test]
fn the_table_of_tagging() {
    let room = Room::new();
    let it = story(&room);
    let first = it.app.commit("main", "one");
    it.app.branch("develop", "main");
    it.app.branch("release/2.0", "main");
    it.app.tag("v1.0-rc.1", "main");
    it.app.tag("v3.0-rc.1", "main");
    it.app.tag("v3.0", "main");
    it.app.tag("v5.0-rc.1", "main");
    let second = it.app.commit("main", "two");
    it.app.tag("v1.0-rc.2", "main");
    for (environment, version, entry, want) in [
        ("dev-wip", "WIP", "type: dev", "- (-) uses refs/heads/main"),
        ("dev-wip-branch", "WIP", "type: dev; branch: develop", "- (-) uses refs/heads/develop"),
        ("dev-release", "2.0", "type: dev", "- (-) uses refs/heads/release/2.0"),
        ("dev-version", "4.0", "type: dev", "- (-) uses refs/heads/main"),
        ("dev-branch", "4.0", "type: dev; branch: develop", "- (-) uses refs/heads/develop"),
        ("dev-final", "3.0", "type: dev", "- (-) uses refs/heads/main"),
        ("qa-new", "4.0", "type: qa", "v4.0-rc.1 (v4.0-rc.1) makes refs/heads/main"),
        ("qa-branch", "4.0", "type: qa; branch: develop", "v4.0-rc.1 (v4.0-rc.1) makes refs/heads/develop"),
        ("qa-release", "2.0", "type: qa", "v2.0-rc.1 (v2.0-rc.1) makes refs/heads/release/2.0"),
        ("qa-again", "1.0", "type: qa", "v1.0-rc.2 (v1.0-rc.2) uses refs/heads/main"),
        ("qa-moved", "5.0", "type: qa", "v5.0-rc.2 (v5.0-rc.2) makes refs/heads/main"),
        ("qa-final", "3.0", "type: qa", "v3.0 (v3.0-rc.1) uses refs/tags/v3.0"),
        ("staging", "1.0", "type: staging", "v1.0-rc.2 (v1.0-rc.2) uses refs/tags/v1.0-rc.2"),
        ("staging-final", "3.0", "type: staging", "v3.0 (v3.0-rc.1) uses refs/tags/v3.0"),
        ("prod", "1.0", "type: prod", "v1.0 (v1.0-rc.2) makes refs/tags/v1.0-rc.2"),
        ("prod-final", "3.0", "type: prod", "v3.0 (v3.0-rc.1) uses refs/tags/v3.0"),
        ("own-final", "1.0", "type: live; tags: final", "v1.0 (v1.0-rc.2) makes refs/tags/v1.0-rc.2"),
        ("own-none", "1.0", "type: prod; tags: none", "- (-) uses refs/heads/main"),
        ("ref-branch", "ref:develop", "type: dev", "- (-) uses refs/heads/develop"),
        ("ref-branch-qa", "ref:develop", "type: qa", "- (-) uses refs/heads/develop"),
        ("ref-tag", "ref:v1.0-rc.1", "type: qa", "v1.0-rc.1 (v1.0-rc.1) uses refs/tags/v1.0-rc.1"),
        ("ref-final", "ref:v3.0", "type: staging", "v3.0 (v3.0-rc.1) uses refs/tags/v3.0"),
    ] {
        it.release.environment(environment, version, entry);
        assert_eq!(it.facts(environment), want, "{environment}");
    }
    it.release.environment("ref-commit", &format!("ref:{first}"), "type: dev");
    assert_eq!(it.facts("ref-commit"), format!("- (-) uses {first}"));
    assert_eq!(it.resolve("qa-again")["commit"], second);
    assert_eq!(it.resolve("ref-tag")["commit"], first);
    for (environment, version, entry, status, code) in [
        ("qa-wip", "WIP", "type: qa", 2, "wip-needs-version"),
        ("staging-wip", "WIP", "type: staging", 2, "wip-needs-version"),
        ("prod-wip", "WIP", "type: prod", 2, "wip-needs-version"),
        ("staging-none", "9.9", "type: staging", 3, "no-candidate"),
        ("prod-none", "9.9", "type: prod", 3, "no-candidate"),
        ("dev-gone", "WIP", "type: dev; branch: gone", 3, "no-branch"),
        ("qa-gone", "4.0", "type: qa; branch: gone", 3, "no-branch"),
        ("ref-gone", "ref:gone", "type: dev", 3, "no-ref"),
        ("ref-prod", "ref:main", "type: prod", 5, "ref-not-a-release"),
        ("empty", "", "type: prod", 3, "nothing-declared"),
        ("odd", "1.0", "type: canary", 2, "type-without-tagging"),
        ("typeless", "1.0", "api: x", 2, "type-missing"),
        ("broken", "{", "type: qa", 2, "invalid-yaml"),
    ] {
        it.release.environment(environment, version, entry);
        it.refused(environment, status, code);
    }
    it.refused("nowhere", 3, "no-environment");
}

#[test]
fn a_ref_never_makes_a_tag() {
    let room = Room::new();
    let it = story(&room);
    let backend = room.repo("foo-backend");
    let at = backend.commit("main", "one");
    it.app.app_file("main", &["name: foo-backend"]);
    it.app.relman_tag("v1.0-rc.1", "main", &[("foo-backend", &at)]);
    backend.tag("v1.0-rc.1", "main");
    it.release.environment("prod", "ref:v1.0-rc.1", "type: prod");
    assert_eq!(it.facts("prod"), "v1.0-rc.1 (v1.0-rc.1) uses refs/tags/v1.0-rc.1");
    it.app.relman_tag("v1.0", "main", &[("foo-backend", &at)]);
    it.release.environment("prod", "ref:v1.0", "type: prod");
    assert_eq!(it.facts("prod"), "v1.0 (v1.0-rc.1) uses refs/tags/v1.0", "the component's tag stays unmade");
    it.app.tag("v9.0", "main");
    it.release.environment("prod", "ref:v9.0", "type: prod");
    it.refused("prod", 5, "final-not-on-candidate");
}

#[test]
fn a_version_may_be_given() {
    let room = Room::new();
    let it = story(&room);
    it.app.commit("main", "one");
    let text = "application: foo-app\nenvironments:\n- name: outside\n  type: qa\n";
    it.release.release_file("outside", "Set", text);
    it.refused("outside", 2, "version-needed");
    assert_eq!(it.facts("outside --version 2.0"), "v2.0-rc.1 (v2.0-rc.1) makes refs/heads/main");
    it.refused("outside --version WIP", 2, "wip-needs-version");
    it.refused("outside --version 1.0-rc.1", 2, "invalid-version");
    it.release.environment("dev", "1.0", "type: dev");
    assert_eq!(it.resolve("dev --version WIP")["version"], "WIP");
}

#[test]
fn the_answer_for_people_and_for_scripts() {
    let room = Room::new();
    let it = story(&room);
    let backend = room.repo("foo-backend");
    backend.commit("main", "one");
    let lib = room.repo("foo-lib");
    lib.commit("main", "one");
    lib.tag("v2.0", "main");
    it.app.commit_files(
        "main",
        "Describe",
        &[
            ("app.yml", "repositories:\n- name: foo-backend\n- name: foo-lib\n  tag: v2.0\npipeline:\n  steps: []\n"),
            ("chart/Chart.yaml", "name: foo\n"),
            ("chart/values.yaml", "a: 1\n"),
            ("chart/values.qa.yaml", "a: 2\n"),
            ("chart/values.prod.yaml", "a: 3\n"),
            ("chart/values.qa-eu.yaml", "a: 4\n"),
        ],
    );
    it.release.environment("qa-eu", "1.0", "type: qa");
    assert_whole!("resolve_text", room.relman("foo-release", "resolve qa-eu").ok().silent());
    assert_whole!("resolve_json", room.relman("foo-release", "resolve qa-eu --format json").ok().silent());
}

/// Two commits with a candidate on each, and a prod environment at this version.
fn two_candidates(it: &Story<'_>) -> (String, String) {
    let first = it.app.commit("main", "one");
    it.app.tag("v1.0-rc.1", "main");
    let second = it.app.commit("main", "two");
    it.app.tag("v1.0-rc.2", "main");
    (first, second)
}

const APPROVED: &str = "Promote 1.0 to prod\n\nVersion: 1.0\nCandidate: v1.0-rc.1\n";

#[test]
fn prod_gets_what_was_approved_and_not_what_was_built_after() {
    let room = Room::new();
    let it = story(&room);
    let (first, _) = two_candidates(&it);
    for environment in ["prod", "staging"] {
        it.release.environment(environment, "0.9", &format!("type: {environment}"));
        it.release.environment_saying(environment, "1.0", &format!("type: {environment}"), APPROVED);
        it.release.environment(environment, "1.0", &format!("type: {environment}; api: changed-later"));
        let facts = it.resolve(environment);
        assert_eq!((&facts["candidate"], &facts["commit"]), (&"v1.0-rc.1".into(), &json!(first)), "{environment}");
    }
}

#[test]
fn the_newest_naming_counts_and_another_versions_does_not() {
    let room = Room::new();
    let it = story(&room);
    two_candidates(&it);
    it.release.environment_saying("prod", "1.0", "type: prod", "Set\n\nVersion: 1.0\nCandidate: v1.0-rc.2");
    it.release.environment_saying("prod", "1.0", "type: prod; a: 1", APPROVED);
    it.release.environment_saying("prod", "1.0", "type: prod; a: 2", "Set\n\nVersion: 0.9\nCandidate: v1.0-rc.2");
    it.release.environment_saying("prod", "1.0", "type: prod; a: 3", "Set\n\nCandidate: v1.0-rc.2");
    assert_eq!(it.resolve("prod")["candidate"], "v1.0-rc.1");
}

#[test]
fn a_naming_from_before_the_version_came_is_forgotten() {
    let room = Room::new();
    let it = story(&room);
    two_candidates(&it);
    it.release.environment_saying("prod", "1.0", "type: prod", APPROVED);
    it.release.environment("prod", "0.9", "type: prod");
    it.release.environment("prod", "1.0", "type: prod");
    let answer = room.relman("foo-release", "resolve prod --format json").ok();
    let facts = answer.silent().json();
    assert_eq!(facts["candidate"], "v1.0-rc.2");
    assert_eq!(facts["warnings"][0]["code"], "candidate-not-named");
}

#[test]
fn a_naming_on_the_other_side_of_a_merge_counts() {
    let room = Room::new();
    let it = story(&room);
    two_candidates(&it);
    it.release.environment("prod", "0.9", "type: prod");
    let promoted = it.release.commit_files(
        "promote/prod/1.0",
        APPROVED,
        &[("release.yml", &crate::sandbox::release_file("prod", "1.0", "type: prod"))],
    );
    it.release.commit_as(
        "environment/prod",
        "Grace",
        "Merge pull request 7",
        &[("release.yml", crate::sandbox::release_file("prod", "1.0", "type: prod").as_bytes())],
        &[&promoted],
    );
    assert_eq!(it.resolve("prod")["candidate"], "v1.0-rc.1");
}

#[test]
fn a_direct_merge_takes_the_candidate_that_was_deployed_there() {
    let room = Room::new();
    let it = story(&room);
    two_candidates(&it);
    it.release.environment("prod", "0.9", "type: prod; from: [qa]");
    let deployed = it.release.environment("qa", "1.0", "type: qa");
    it.release.record(&deployed, "qa", "succeeded", "1.0", "v1.0-rc.1", "2026-01-05T10:00:00.000Z");
    it.release.record(&deployed, "qa", "failed", "1.0", "v1.0-rc.2", "2026-01-05T11:00:00.000Z");
    it.release.merge_environment("qa", "prod", "1.0", "type: prod; from: [qa]", "Merge qa");
    let answer = room.relman("foo-release", "resolve prod --format json").ok().silent();
    assert_eq!(answer.json()["candidate"], "v1.0-rc.1");
}

#[test]
fn trailers_count_more_than_records() {
    let room = Room::new();
    let it = story(&room);
    two_candidates(&it);
    it.release.environment("prod", "0.9", "type: prod");
    let deployed = it.release.environment("qa", "1.0", "type: qa");
    it.release.record(&deployed, "qa", "succeeded", "1.0", "v1.0-rc.2", "2026-01-05T10:00:00.000Z");
    it.release.merge_environment("qa", "prod", "1.0", "type: prod", APPROVED);
    assert_eq!(it.resolve("prod")["candidate"], "v1.0-rc.1");
}

#[test]
fn a_candidate_that_failed_or_still_runs_is_not_taken_unnamed() {
    for (outcome, hours, code) in
        [("failed", 48, Some("candidate-not-good")), ("running", 1, Some("candidate-not-good")), ("running", 48, None)]
    {
        let room = Room::new();
        let it = story(&room);
        two_candidates(&it);
        it.release.environment("prod", "1.0", "type: prod; from: [qa]");
        let deployed = it.release.environment("qa", "1.0", "type: qa");
        let at = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(hours);
        let at = format!("{:.3}", at.round(jiff::Unit::Millisecond).unwrap());
        it.release.record(&deployed, "qa", "succeeded", "1.0", "v1.0-rc.2", "2026-01-05T10:00:00.000Z");
        it.release.record(&deployed, "qa", outcome, "1.0", "v1.0-rc.2", &at);
        match code {
            Some(code) => it.refused("prod", 5, code),
            None => assert_eq!(it.resolve("prod")["candidate"], "v1.0-rc.2", "{outcome} since {at}"),
        }
    }
}

#[test]
fn the_record_of_an_environment_that_nothing_comes_from_says_nothing() {
    let room = Room::new();
    let it = story(&room);
    two_candidates(&it);
    it.release.environment("prod", "1.0", "type: prod; from: [qa]");
    it.release.environment("qa", "1.0", "type: qa");
    let deployed = it.release.environment("demo", "1.0", "type: qa");
    it.release.record(&deployed, "demo", "failed", "1.0", "v1.0-rc.2", "2026-01-05T10:00:00.000Z");
    room.relman("foo-release", "resolve prod").ok().talks("warning: nothing names a candidate of 1.0");
}

#[test]
fn a_named_candidate_must_exist() {
    let room = Room::new();
    let it = story(&room);
    it.app.commit("main", "one");
    it.app.tag("v1.0-rc.2", "main");
    it.release.environment_saying("prod", "1.0", "type: prod", APPROVED);
    it.refused("prod", 3, "named-candidate-missing");
}

#[test]
fn a_final_tag_stands_on_the_named_candidate_or_is_refused() {
    let room = Room::new();
    let it = story(&room);
    let (first, second) = two_candidates(&it);
    it.app.tag("v1.0", &second);
    for environment in ["prod", "staging"] {
        it.release.environment_saying(environment, "1.0", &format!("type: {environment}"), APPROVED);
        it.refused(environment, 5, "other-candidate");
        it.release.environment_saying(
            environment,
            "1.0",
            &format!("type: {environment}; a: 1"),
            "Set\n\nVersion: 1.0\nCandidate: v1.0-rc.7",
        );
        it.refused(environment, 5, "other-candidate");
        let fits = "Set\n\nVersion: 1.0\nCandidate: v1.0-rc.2";
        it.release.environment_saying(environment, "1.0", &format!("type: {environment}; a: 2"), fits);
        assert_eq!(it.facts(environment), "v1.0 (v1.0-rc.2) uses refs/tags/v1.0");
    }
    assert_ne!(first, second);
}

#[test]
fn a_final_tag_on_no_candidate_needs_somebodys_word() {
    let room = Room::new();
    let it = story(&room);
    it.app.commit("main", "one");
    it.app.tag("v1.0-rc.1", "main");
    it.app.commit("main", "two");
    it.app.tag("v1.0", "main");
    it.release.environment("prod", "1.0", "type: prod");
    it.refused("prod", 5, "final-not-on-candidate");
    it.release.environment("staging", "1.0", "type: staging");
    assert_eq!(it.facts("staging"), "v1.0 (-) uses refs/tags/v1.0");
    it.release.environment_saying(
        "prod",
        "1.0",
        "type: prod; a: 1",
        "Set\n\nVersion: 1.0\nUnproven: older than relman",
    );
    assert_eq!(it.facts("prod"), "v1.0 (-) uses refs/tags/v1.0");
    it.release.environment_saying("prod", "1.0", "type: prod; a: 2", "Set\n\nVersion: 1.1\nUnproven: another");
    assert_eq!(it.facts("prod"), "v1.0 (-) uses refs/tags/v1.0", "the word given for 1.0 still holds");
    it.release.environment("prod", "0.9", "type: prod");
    it.release.environment("prod", "1.0", "type: prod");
    it.refused("prod", 5, "final-not-on-candidate");
}

#[test]
fn qa_gets_a_finished_version_and_is_told_of_newer_commits() {
    let room = Room::new();
    let it = story(&room);
    it.app.commit("main", "one");
    it.app.tag("v1.0-rc.1", "main");
    it.app.tag("v1.0", "main");
    it.release.environment("qa", "1.0", "type: qa");
    room.relman("foo-release", "resolve qa").ok().silent();
    it.app.commit("main", "two");
    room.relman("foo-release", "resolve qa").ok().talks("warning: 1.0 is final; commits after v1.0 are not deployed");
}

/// An app with one component, both with a commit.
fn with_backend<'r>(it: &Story<'r>) -> (Repo<'r>, String) {
    let backend = it.room.repo("foo-backend");
    let at = backend.commit("main", "one");
    it.app.app_file("main", &["name: foo-backend"]);
    (backend, at)
}

#[test]
fn a_candidate_binds_the_commits_that_it_records() {
    let room = Room::new();
    let it = story(&room);
    let (backend, at) = with_backend(&it);
    it.app.relman_tag("v1.0-rc.1", "main", &[("foo-backend", &at)]);
    backend.tag("v1.0-rc.1", "main");
    let moved = backend.commit("main", "two");
    it.release.environment("staging", "1.0", "type: staging");
    it.release.environment("prod", "1.0", "type: prod");
    for environment in ["staging", "prod"] {
        assert_eq!(it.resolve(environment)["repositories"][1]["commit"], json!(at));
    }
    backend.git("tag -d v1.0-rc.1");
    backend.tag("v1.0-rc.1", &moved);
    for environment in ["staging", "prod"] {
        it.refused(environment, 5, "moved-tag");
    }
}

#[test]
fn a_hand_made_tag_falls_back_to_the_components_tag() {
    let room = Room::new();
    let it = story(&room);
    let (backend, at) = with_backend(&it);
    it.app.tag("v1.0-rc.1", "main");
    it.release.environment("prod", "1.0", "type: prod");
    it.refused("prod", 3, "half-tagged");
    backend.tag("v1.0-rc.1", "main");
    backend.commit("main", "two");
    let facts = it.resolve("prod");
    assert_eq!(facts["repositories"][1], json!({"name": "foo-backend", "commit": at, "ref": "refs/tags/v1.0-rc.1"}));
}

#[test]
fn the_same_heads_are_the_same_candidate() {
    let room = Room::new();
    let it = story(&room);
    let (backend, at) = with_backend(&it);
    it.release.environment("qa", "1.0", "type: qa");
    assert_eq!(it.facts("qa"), "v1.0-rc.1 (v1.0-rc.1) makes refs/heads/main");
    backend.tag("v1.0-rc.1", "main");
    assert_eq!(it.facts("qa"), "v1.0-rc.1 (v1.0-rc.1) makes refs/heads/main", "half made, and completed");
    it.app.relman_tag("v1.0-rc.1", "main", &[("foo-backend", &at)]);
    assert_eq!(it.facts("qa"), "v1.0-rc.1 (v1.0-rc.1) uses refs/heads/main");
    backend.commit("main", "two");
    assert_eq!(it.facts("qa"), "v1.0-rc.2 (v1.0-rc.2) makes refs/heads/main");
    backend.tag("v1.0-rc.2", "main");
    backend.commit("main", "three");
    assert_eq!(it.facts("qa"), "v1.0-rc.3 (v1.0-rc.3) makes refs/heads/main", "2 is abandoned and spent");
}

#[test]
fn a_component_that_joined_since_makes_a_new_candidate() {
    let room = Room::new();
    let it = story(&room);
    let (backend, at) = with_backend(&it);
    it.app.relman_tag("v1.0-rc.1", "main", &[("foo-backend", &at)]);
    backend.tag("v1.0-rc.1", "main");
    room.repo("foo-frontend").commit("main", "one");
    it.release.environment("qa", "1.0", "type: qa");
    assert_eq!(it.facts("qa"), "v1.0-rc.1 (v1.0-rc.1) uses refs/heads/main");
    it.app.app_file("main", &["name: foo-backend", "name: foo-frontend"]);
    assert_eq!(it.facts("qa"), "v1.0-rc.2 (v1.0-rc.2) makes refs/heads/main");
}

#[test]
fn pinned_components_stay_where_they_are() {
    let room = Room::new();
    let it = story(&room);
    let lib = room.repo("foo-lib");
    let pinned = lib.commit("main", "one");
    lib.tag("v2.0", "main");
    lib.commit("main", "two");
    lib.tag("v1.0-rc.9", "main");
    it.app.app_file("main", &["{name: foo-lib, tag: v2.0}"]);
    it.release.environment("qa", "1.0", "type: qa");
    let facts = it.resolve("qa");
    assert_eq!(facts["tag"], "v1.0-rc.1");
    assert_eq!(facts["repositories"][1], json!({"name": "foo-lib", "commit": pinned, "ref": "refs/tags/v2.0"}));
    it.app.app_file("main", &["{name: foo-lib, tag: v9.0}"]);
    it.refused("qa", 3, "no-pinned-tag");
}

#[test]
fn a_release_branch_in_some_repositories_only() {
    let room = Room::new();
    let it = story(&room);
    let (backend, at) = with_backend(&it);
    it.app.branch("release/1.0", "main");
    it.app.commit("main", "unreleased");
    it.release.environment("qa", "1.0", "type: qa");
    it.release.environment("strict", "1.0", "type: qa; mixed: refuse");
    let answer = room.relman("foo-release", "resolve qa --format json").ok();
    let facts = answer.silent().json();
    let warning = &facts["warnings"][0];
    assert_eq!(warning["message"], "release/1.0 exists in foo-app but not in foo-backend");
    assert_eq!((&facts["mixed"], &facts["source"]), (&true.into(), &"refs/heads/release/1.0".into()));
    assert_eq!(facts["repositories"][1]["ref"], "refs/heads/main");
    it.refused("strict", 5, "mixed-release-branches");
    backend.branch("release/1.0", &at);
    backend.commit("main", "unreleased");
    for environment in ["qa", "strict"] {
        let facts = it.resolve(environment);
        assert_eq!((&facts["mixed"], &facts["repositories"][1]["commit"]), (&false.into(), &json!(at)));
    }
}

#[test]
fn a_components_own_past_refuses_the_version() {
    let room = Room::new();
    let it = story(&room);
    let (backend, _) = with_backend(&it);
    backend.tag("v1.0", "main");
    it.release.environment("qa", "1.0", "type: qa");
    let answer = room.relman("foo-release", "resolve qa --format json");
    assert!(answer.error()["message"].as_str().unwrap().contains("foo-backend already has a tag v1.0"));
    answer.refused(5, "foreign-final-tag");
    it.release.environment("dev", "1.0", "type: dev");
    assert_eq!(it.facts("dev"), "- (-) uses refs/heads/main");
}

#[test]
fn a_half_made_final_is_completed_on_its_candidate() {
    let room = Room::new();
    let it = story(&room);
    let (backend, at) = with_backend(&it);
    it.app.relman_tag("v1.0-rc.1", "main", &[("foo-backend", &at)]);
    backend.tag("v1.0-rc.1", "main");
    backend.tag("v1.0", "main");
    let second = backend.commit("main", "two");
    it.app.commit("main", "two");
    it.app.relman_tag("v1.0-rc.2", "main", &[("foo-backend", &second)]);
    backend.tag("v1.0-rc.2", "main");
    it.release.environment("prod", "1.0", "type: prod");
    it.release.environment("staging", "1.0", "type: staging");
    assert_eq!(it.facts("prod"), "v1.0 (v1.0-rc.1) makes refs/tags/v1.0-rc.1");
    assert_eq!(it.facts("staging"), "v1.0-rc.1 (v1.0-rc.1) uses refs/tags/v1.0-rc.1");
    let other = "Set\n\nVersion: 1.0\nCandidate: v1.0-rc.2";
    it.release.environment_saying("prod", "1.0", "type: prod; a: 1", other);
    it.refused("prod", 5, "other-candidate");
}

#[test]
fn a_components_final_on_no_candidate_is_refused_in_prod() {
    let room = Room::new();
    let it = story(&room);
    let (backend, at) = with_backend(&it);
    it.app.relman_tag("v1.0-rc.1", "main", &[("foo-backend", &at)]);
    backend.tag("v1.0-rc.1", "main");
    backend.commit("main", "two");
    backend.tag("v1.0", "main");
    it.release.environment("prod", "1.0", "type: prod");
    it.refused("prod", 5, "foreign-final-tag");
    it.app.relman_tag("v1.0", "main", &[("foo-backend", &at)]);
    it.refused("prod", 5, "moved-tag");
}

#[test]
fn a_final_tag_that_a_component_lacks_is_completed() {
    let room = Room::new();
    let it = story(&room);
    let (backend, at) = with_backend(&it);
    it.app.relman_tag("v1.0-rc.1", "main", &[("foo-backend", &at)]);
    backend.tag("v1.0-rc.1", "main");
    it.app.relman_tag("v1.0", "main", &[("foo-backend", &at)]);
    it.release.environment("prod", "1.0", "type: prod");
    assert_eq!(it.facts("prod"), "v1.0 (v1.0-rc.1) makes refs/tags/v1.0");
    backend.tag("v1.0", "main");
    assert_eq!(it.facts("prod"), "v1.0 (v1.0-rc.1) uses refs/tags/v1.0");
}

#[test]
fn a_new_version_on_the_server_is_seen_at_once() {
    let room = Room::new();
    let release = room.server("foo-release");
    release.environment("qa", "1.0", "type: qa");
    let app = room.server("foo-app");
    app.commit("main", "one");
    release.clone_as("foo-release", "--branch environment/qa --single-branch");
    app.clone_as("foo-app", "");
    release.environment("qa", "2.0", "type: qa");
    release.environment("prod", "1.0", "type: prod");
    let head = app.commit("main", "two");
    app.tag("v1.0-rc.1", "main");
    let facts = |line: &str| room.relman("foo-release", line).ok().json();
    let qa = facts("resolve qa --format json");
    assert_eq!((&qa["version"], &qa["commit"]), (&"2.0".into(), &json!(head)));
    assert_eq!(facts("resolve prod --format json")["candidate"], "v1.0-rc.1");
}

#[test]
fn a_shallow_release_clone_is_completed_before_its_history_is_believed() {
    let room = Room::new();
    let release = room.server("foo-release");
    release.environment("prod", "0.9", "type: prod");
    release.environment_saying("prod", "1.0", "type: prod", APPROVED);
    release.environment("prod", "1.0", "type: prod; api: changed");
    let app = room.server("foo-app");
    app.commit("main", "one");
    app.tag("v1.0-rc.1", "main");
    app.tag("v1.0-rc.2", "main");
    release.clone_as("foo-release", "--branch environment/prod --depth 1");
    app.clone_as("foo-app", "");
    room.relman("foo-release", "resolve prod --offline --format json").refused(5, "incomplete-clone");
    let answer = room.relman("foo-release", "resolve prod --format json").ok().silent();
    assert_eq!(answer.json()["candidate"], "v1.0-rc.1");
}
