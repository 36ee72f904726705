//! `relman trigger`: bodies from elsewhere, followed on real repositories.

use serde_json::{Value, json};

use crate::sandbox::{Answer, Call, Repo, Room, assert_whole, release_file};

/// A step that writes down what the pipeline was told.
const APP: &str = "pipeline:\n  steps:\n  - {name: work, run: 'env >> \"$OUT/env\"'}\n";

/// A release repo and an app repo, each on a server with a clone.
struct Desk<'r> {
    room: &'r Room,
    release: Repo<'r>,
    app: Repo<'r>,
}

fn desk(room: &Room) -> Desk<'_> {
    let app = room.server("foo-app");
    app.commit_files("main", "Describe the app", &[("app.yml", APP)]);
    let release = room.server("foo-release");
    release.environment("dev", "WIP", "type: dev");
    release.environment("qa", "1.0.0", "type: qa");
    release.environment("prod", "1.0.0", "type: prod; from: [qa]; trigger: push");
    for (server, name) in [(&release, "foo-release"), (&app, "foo-app")] {
        server.clone_as(name, "");
    }
    std::fs::create_dir(room.path("out")).unwrap();
    Desk { room, release, app }
}

impl<'r> Desk<'r> {
    fn call(&self, line: &str, body: &Value) -> Call<'r> {
        self.call_text(line, &body.to_string())
    }

    fn call_text(&self, line: &str, body: &str) -> Call<'r> {
        let call = self.room.call("foo-release").words("trigger").words(line);
        call.env("OUT", self.room.path("out")).input(body)
    }

    fn trigger(&self, body: &Value) -> Answer {
        self.call("-y --format json", body).run()
    }

    /// What happened, and why.
    #[track_caller]
    fn result(&self, body: &Value) -> (String, String) {
        let document = self.trigger(body).ok().json();
        assert_eq!(document["schema"], "relman.trigger/1");
        let text = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
        (text("result"), text("reason"))
    }

    #[track_caller]
    fn nothing(&self, body: &Value, part: &str) {
        let before = self.state();
        let (result, reason) = self.result(body);
        assert_eq!((result.as_str(), reason.contains(part)), ("nothing", true), "{reason}");
        assert_eq!(self.state(), before);
    }

    /// All references of the servers.
    fn state(&self) -> String {
        format!("{}\n{}", self.release.git("for-each-ref"), self.app.git("for-each-ref"))
    }

    fn message(&self, branch: &str) -> String {
        self.release.git_args(["log", "-1", "--format=%B", branch])
    }

    fn version(&self, branch: &str) -> String {
        let text = self.release.git_args(["show", &format!("{branch}:release.yml")]);
        text.lines().find_map(|line| line.strip_prefix("version:")).unwrap().trim().to_owned()
    }

    fn fact(&self, name: &str) -> Option<String> {
        let text = std::fs::read_to_string(self.room.path("out/env")).unwrap_or_default();
        let found = text.lines().filter_map(|line| line.strip_prefix(&format!("{name}="))).next_back();
        found.map(str::to_owned)
    }

    /// How often the pipeline ran.
    fn runs(&self) -> usize {
        let text = std::fs::read_to_string(self.room.path("out/env")).unwrap_or_default();
        text.lines().filter(|line| line.starts_with("RELMAN_ENVIRONMENT=")).count()
    }

    fn push_body(&self, environment: &str) -> Value {
        github(
            &format!("refs/heads/environment/{environment}"),
            &self.release.git(&format!("rev-parse environment/{environment}")),
        )
    }
}

fn body(environment: &str, version: &str) -> Value {
    json!({ "environment": environment, "version": version })
}

fn github(reference: &str, after: &str) -> Value {
    json!({ "ref": reference, "before": "0".repeat(40), "after": after, "deleted": false, "sender": { "login": "ada" } })
}

fn status(id: &str, history: &str, versions: &[&str]) -> Value {
    let versions: Vec<Value> = versions.iter().map(|name| json!({ "name": name })).collect();
    json!({
        "webhookEvent": "jira:issue_updated",
        "issue": { "key": "OPS-7", "fields": { "project": { "id": "1", "key": "OPS" }, "fixVersions": versions } },
        "changelog": { "id": history, "items": [{ "field": "status", "to": id, "toString": "Freigegeben" }] },
    })
}

#[test]
fn a_version_is_proposed_on_a_branch_that_carries_the_change() {
    let room = Room::new();
    let desk = desk(&room);
    let body = json!({
        "application": "foo-app", "environment": "QA", "version": "1.1.0", "changeId": "CHG-7", "configItem": "shop",
        "changeDescription": "Fix the till\nVersion: 9", "actor": "ada@example.com", "triggerId": "REL-1",
    });
    let document = desk.trigger(&body).ok().json();
    assert_eq!((&document["result"], &document["acts_as"]), (&"manual".into(), &"pull-request".into()));
    let understood = &document["understood"];
    for (name, value) in [
        ("source", "relman"),
        ("application", "foo-app"),
        ("environment", "qa"),
        ("version", "1.1.0"),
        ("change_request", "CHG-7"),
        ("actor", "ada@example.com"),
        ("trigger_id", "REL-1"),
    ] {
        assert_eq!(understood[name], value, "{name}");
    }
    assert_eq!(document["action"]["schema"], "relman.set/1");
    let message = desk.message("promote/qa/1.1.0");
    for line in [
        "Version: 1.1.0",
        "Change-Request: CHG-7",
        "Config-Item: shop",
        "Change-Description: Fix the till Version: 9",
        "Triggered-By: ada@example.com",
        "Trigger-Environment: qa",
        "Trigger-Id: REL-1",
    ] {
        assert!(message.lines().any(|known| known == line), "{line} is not in\n{message}");
    }
    assert_eq!((desk.version("environment/qa"), desk.version("promote/qa/1.1.0")), ("1.0.0".into(), "1.1.0".into()));
    desk.nothing(&body, "promote/qa/1.1.0");
}

#[test]
fn where_the_own_entry_allows_it_the_branch_is_pushed_and_the_change_comes_back_in_the_deployment() {
    let room = Room::new();
    let desk = desk(&room);
    desk.app.tag("v1.1.0-rc.1", "main");
    let body =
        json!({ "source": "jira", "issue": "OPS-7", "environment": "prod", "version": "1.1.0", "configItem": "shop" });
    assert_eq!(desk.result(&body).0, "pushed");
    assert_eq!(desk.version("environment/prod"), "1.1.0");
    desk.nothing(&body, "carries this trigger already");

    let deploy = || room.call("foo-release").words("deploy prod -y --format json").env("OUT", room.path("out")).run();
    let record = &deploy().ok().json()["record"];
    assert_eq!(record["change_request"], "OPS-7");
    assert_eq!(desk.fact("RELMAN_CHANGE_ID").as_deref(), Some("OPS-7"));
    assert_eq!(desk.fact("RELMAN_CONFIG_ITEM").as_deref(), Some("shop"));
    assert_eq!(desk.fact("RELMAN_CHANGE_DESCRIPTION").as_deref(), Some(""));
    // A deployment of the same version once more still belongs to that change.
    room.relman("foo-release", "redeploy prod -y").ok();
    assert_eq!(deploy().ok().json()["record"]["change_request"], "OPS-7");
    assert_eq!(desk.fact("RELMAN_CHANGE_ID").as_deref(), Some("OPS-7"));
}

#[test]
fn the_change_is_found_behind_a_redeployment_and_behind_merges() {
    let room = Room::new();
    let desk = desk(&room);
    let body = json!({ "environment": "qa", "version": "1.1.0", "changeId": "CHG-7" });
    assert_eq!(desk.result(&body).0, "manual");
    // Somebody adds to the branch, and merges it by a button; then qa is redeployed, and merged into prod.
    let more =
        desk.release.git_args(["commit-tree", "promote/qa/1.1.0^{tree}", "-p", "promote/qa/1.1.0", "-m", "More"]);
    let merge = |onto: &str, what: &str| {
        let tree = format!("{what}^{{tree}}");
        let args = ["commit-tree", &tree, "-p", onto, "-p", what, "-m", "Merge"];
        let id = desk.release.git_args(args);
        desk.release.git(&format!("update-ref refs/heads/{onto} {id}"));
    };
    merge("environment/qa", &more);
    let deploy = |line: &str| room.call("foo-release").words(line).env("OUT", room.path("out")).run().ok().json();
    assert_eq!(deploy("deploy qa -y --format json")["record"]["change_request"], "CHG-7");
    room.relman("foo-release", "redeploy qa -y").ok();
    assert_eq!(deploy("deploy qa -y --format json")["record"]["change_request"], "CHG-7");
    room.relman("foo-release", "promote qa prod -y --via branch --direct-push").ok();
    assert!(desk.message("environment/prod").contains("Change-Request: CHG-7"), "a promotion carries it on");
    assert!(!desk.message("environment/prod").contains("Trigger-Id"), "it is no trigger");
    // Another version is another change.
    room.relman("foo-release", "set qa 1.2.0 -y --direct-push").ok();
    assert_eq!(deploy("deploy qa -y --format json")["record"]["change_request"], Value::Null);
}

#[test]
fn the_same_body_does_nothing_after_the_environment_has_moved_on() {
    let room = Room::new();
    let desk = desk(&room);
    for version in ["2026-a", "2026-b"] {
        desk.app.tag(&format!("v{version}-rc.1"), "main");
        assert_eq!(desk.result(&body("prod", version)).0, "pushed");
    }
    desk.nothing(&body("prod", "2026-a"), "carries this trigger already");
    // The same words for another environment are another event.
    let with_id = |environment: &str| json!({ "environment": environment, "version": "2026-b", "triggerId": "REL-9" });
    assert_eq!(desk.result(&with_id("qa")).0, "manual");
    desk.release.git("branch -f environment/qa promote/qa/2026-b");
    desk.nothing(&with_id("qa"), "environment/qa carries this trigger already");
    let merged = desk.release.git("rev-parse environment/qa");
    let tree = desk.release.git("rev-parse environment/prod^{tree}");
    let merge =
        desk.release.git_args(["commit-tree", &tree, "-p", "environment/prod", "-p", &merged, "-m", "Merge qa"]);
    desk.release.git(&format!("branch -f environment/prod {merge}"));
    assert_eq!(desk.result(&with_id("prod")).0, "unchanged");
}

#[test]
fn a_downgrade_is_refused() {
    let room = Room::new();
    let desk = desk(&room);
    let before = desk.state();
    desk.trigger(&body("qa", "0.9.0")).refused(5, "downgrade");
    assert_eq!(desk.state(), before);
}

#[test]
fn an_event_of_jira_reaches_the_environment_that_waits_for_it() {
    let room = Room::new();
    let desk = desk(&room);
    let entry = "type: qa; trigger: push; jira-trigger: {version_released: true, statuses: ['10002', Ready]}";
    desk.release.environment("qa", "1.0.0", entry);
    let released =
        |name: &str| json!({ "timestamp": 1, "webhookEvent": "jira:version_released", "version": { "name": name } });
    assert_eq!(desk.result(&released("1.1.0")).0, "pushed");
    assert_eq!(desk.version("environment/qa"), "1.1.0");
    assert_eq!(desk.result(&status("10002", "55", &["1.2.0"])).0, "pushed");
    let message = desk.message("environment/qa");
    assert!(message.contains("Change-Request: OPS-7") && message.contains("Trigger-Id: OPS-7/55"), "{message}");
    desk.nothing(&released("1.1.0"), "carries this trigger already");
    desk.nothing(&status("3", "56", &["1.2.0"]), "waits for the status Freigegeben");
    desk.nothing(
        &json!({ "webhookEvent": "jira:version_created", "version": { "name": "9" } }),
        "jira:version_created",
    );
    desk.trigger(&status("10002", "57", &["1.3.0", "1.4.0"])).refused(2, "version-unclear");
    desk.trigger(&status("10002", "58", &[])).refused(2, "version-unclear");
    desk.release.environment("prod", "1.0.0", "type: prod; jira-trigger: {version_released: true}");
    desk.trigger(&released("1.5.0")).refused(2, "environment-unclear");
}

#[test]
fn a_rule_of_another_project_starts_nothing_where_projects_are_listed() {
    let room = Room::new();
    let desk = desk(&room);
    let text = release_file("qa", "1.0.0", "type: qa; trigger: push") + "jira: {projects: [SHOP]}\n";
    desk.release.release_file("qa", "Listen to SHOP", &text);
    let body = |issue: &str, more: Value| {
        let mut body = json!({ "source": "jira", "issue": issue, "environment": "qa", "version": "1.1.0" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    desk.nothing(&body("OTHER-1", json!({})), "the project OTHER, which `jira.projects` does not list");
    desk.nothing(&body("SHOP-1", json!({ "project": "OTHER" })), "the project OTHER");
    assert_eq!(desk.result(&body("SHOP-1", json!({ "project": "SHOP" }))).0, "pushed");
}

#[test]
fn an_entry_on_another_branch_starts_nothing() {
    let room = Room::new();
    let desk = desk(&room);
    let text = release_file("qa", "1.0.0", "type: qa")
        + "- {name: prod, type: prod, trigger: push, jira-trigger: {version_released: true}}\n";
    desk.release.release_file("qa", "Another's entry", &text);
    desk.release.environment("prod", "1.0.0", "type: prod");
    let released = json!({ "webhookEvent": "jira:version_released", "version": { "name": "1.1.0" } });
    desk.nothing(&released, "waits for a version that is released");
    desk.app.tag("v1.1.0-rc.1", "main");
    assert_eq!(desk.result(&body("prod", "1.1.0")).0, "manual", "the push is not allowed by its own entry");
}

#[test]
fn an_environment_without_a_version_is_deployed_once() {
    let room = Room::new();
    let desk = desk(&room);
    let text = "application: foo-app\nenvironments:\n- {name: test, type: qa}\n";
    desk.release.release_file("test", "Driven from outside", text);
    desk.release.git("branch -D environment/qa");
    let body = json!({ "project": "FOO", "env": [
        { "name": "version", "value": "1.1.0" }, { "name": "environment", "value": "Q" },
        { "name": "changeId", "value": "CHG-9" }, { "name": "changeDescription", "value": "all of it" },
    ] });
    let document = desk.trigger(&body).ok().json();
    assert_eq!((&document["result"], &document["acts_as"]), (&"deployed".into(), &"deploy".into()), "{document}");
    assert_eq!(document["action"]["tag"], "v1.1.0-rc.1");
    let record = &document["action"]["record"];
    assert_eq!(
        (&record["change_request"], &record["trigger_id"]),
        (&"CHG-9".into(), &document["understood"]["trigger_id"])
    );
    assert_eq!(desk.fact("RELMAN_CHANGE_ID").as_deref(), Some("CHG-9"));
    assert_eq!(desk.fact("RELMAN_CHANGE_DESCRIPTION").as_deref(), Some("all of it"));
    desk.nothing(&body, "was deployed to test already");
    assert_eq!(desk.runs(), 1);
}

#[test]
fn a_deployment_that_failed_may_be_triggered_again() {
    let room = Room::new();
    let desk = desk(&room);
    let failing = "pipeline:\n  steps:\n  - {name: work, run: 'test -e \"$OUT/ready\"'}\n";
    desk.app.commit_files("main", "A pipeline that needs something", &[("app.yml", failing)]);
    desk.release.release_file(
        "qa",
        "Driven from outside",
        "application: foo-app\nenvironments:\n- {name: qa, type: qa}\n",
    );
    let document = desk.trigger(&body("qa", "1.1.0")).ends(7).json();
    assert_eq!(document["result"], "failed");
    room.write("out/ready", "");
    assert_eq!(desk.result(&body("qa", "1.1.0")).0, "deployed");
}

#[test]
fn a_push_deploys_its_environment_at_that_commit_and_no_other() {
    let room = Room::new();
    let desk = desk(&room);
    let old = desk.push_body("qa");
    desk.release.environment("qa", "1.1.0", "type: qa");
    desk.nothing(&old, "no longer, the tip of environment/qa");
    let document = desk.trigger(&desk.push_body("qa")).ok().json();
    assert_eq!((&document["result"], &document["understood"]["environment"]), (&"deployed".into(), &"qa".into()));
    assert_eq!(document["action"]["version"], "1.1.0");
    desk.nothing(&desk.push_body("qa"), "already");
    let tip = desk.release.git("rev-parse environment/qa");
    for (reference, part) in [
        ("refs/heads/environment/gone", "there is no branch environment/gone"),
        ("refs/tags/v1.1.0", "is a tag"),
        ("refs/heads/main", "no environment branch"),
    ] {
        desk.nothing(&github(reference, &tip), part);
    }
    desk.release.release_file(
        "qa",
        "Driven from outside",
        "application: foo-app\nenvironments:\n- {name: qa, type: qa}\n",
    );
    desk.nothing(&desk.push_body("qa"), "no `version` of its own");
    assert_eq!(desk.runs(), 1);
}

#[test]
fn webhooks_may_come_in_any_order() {
    let room = Room::new();
    let desk = desk(&room);
    let older = desk.push_body("qa");
    desk.release.environment("qa", "1.1.0", "type: qa");
    let newer = desk.push_body("qa");
    assert_eq!(desk.trigger(&newer).ok().json()["result"], "deployed");
    desk.nothing(&older, "no longer, the tip of environment/qa");
    desk.nothing(&newer, "already");
    assert_eq!((desk.runs(), desk.fact("RELMAN_VERSION").as_deref()), (1, Some("1.1.0")));
}

#[test]
fn several_branches_in_one_push_are_deployed_each_whatever_becomes_of_the_others() {
    let room = Room::new();
    let desk = desk(&room);
    let change = |environment: &str| {
        let branch = format!("environment/{environment}");
        let commit = desk.release.git(&format!("rev-parse {branch}"));
        json!({ "ref": { "id": format!("refs/heads/{branch}") }, "toHash": commit, "type": "UPDATE" })
    };
    let changes: Vec<Value> = ["prod", "qa", "dev"].map(change).into();
    let document = desk.trigger(&json!({ "eventKey": "repo:refs_changed", "changes": changes })).ends(3).json();
    // By their names: dev, prod, qa. There is no candidate for prod.
    let environments = |one: &Value| one["understood"]["environment"].as_str().unwrap().to_owned();
    assert_eq!((&document["result"], environments(&document)), (&"deployed".into(), "dev".into()));
    let also = document["also"].as_array().unwrap();
    assert_eq!((&also[0]["result"], environments(&also[0])), (&"failed".into(), "prod".into()));
    assert_eq!((&also[1]["result"], environments(&also[1])), (&"deployed".into(), "qa".into()));
}

#[test]
fn what_is_not_for_this_repository_is_nothing_and_needs_none() {
    let room = Room::new();
    let desk = desk(&room);
    desk.nothing(&json!({ "test": true }), "no mark");
    desk.nothing(&json!({ "application": "other", "environment": "qa", "version": "1.1.0" }), "deploys foo-app");
    // No release repo is looked for where there is nothing to do.
    std::fs::create_dir(room.path("work/empty")).unwrap();
    room.call("empty").words("trigger").input("{}").run().ok().says("nothing: the body is an empty object\n").silent();
    room.call("empty").words("trigger").input(body("qa", "1").to_string()).run().ends(3);
}

#[test]
fn an_unknown_environment_and_an_unclear_one_are_told_apart() {
    let room = Room::new();
    let desk = desk(&room);
    desk.trigger(&body("staging", "1.1.0")).refused(3, "no-environment");
    desk.release.environment("prod-cn", "1.0.0", "type: prod");
    desk.trigger(&body("P", "1.1.0")).refused(2, "environment-unclear");
}

#[test]
fn a_body_can_be_explained() {
    let room = Room::new();
    let desk = desk(&room);
    let before = desk.state();
    let body = json!({ "source": "jira", "issue": "OPS-7", "environment": "Q", "version": "1.1.0", "actor": "ada", "triggerId": "REL-1" });
    assert_whole!("trigger_explain", desk.call("--explain", &body).run().ok());
    let document = desk.call("--explain --format json", &body).run().ok().json();
    assert_eq!(
        (&document["result"], &document["acts_as"], &document["action"]),
        (&"explained".into(), &"pull-request".into(), &Value::Null)
    );
    assert_whole!("trigger_explain_push", desk.call("--explain", &desk.push_body("qa")).run().ok());
    assert_eq!(desk.state(), before);
}

#[test]
fn what_would_be_refused_or_change_nothing_is_explained_as_that() {
    let room = Room::new();
    let desk = desk(&room);
    let text = release_file("uat", "x", "type: qa").replace("version: x\n", "");
    desk.release.release_file("uat", "Driven from outside", &text);
    let before = desk.state();
    let explained = |body: &Value| desk.call("--explain --format json", body).run();
    let nothing = explained(&body("qa", "1.0.0")).ok().json();
    assert_eq!((&nothing["result"], &nothing["acts_as"]), (&"explained".into(), &Value::Null));
    assert_eq!(nothing["reason"], "qa holds 1.0.0 already");
    for (environment, version, status, part) in [
        ("qa", "0.9.0", 5, "0.9.0 is lower than 1.0.0, which qa holds"),
        ("qa", "WIP", 5, "WIP"),
        ("prod", "9.0.0", 3, "9.0.0"),
        ("uat", "WIP", 2, "WIP"),
    ] {
        let body = body(environment, version);
        let document = explained(&body).ends(status).json();
        assert_eq!((&document["result"], &document["acts_as"]), (&"explained".into(), &Value::Null));
        let reason = document["reason"].as_str().unwrap();
        assert!(reason.contains(part), "{reason}");
        // As it would end.
        let refused = desk.call("-n --format json", &body).run();
        assert_eq!(refused.error()["message"], reason);
        refused.ends(status);
    }
    assert_whole!("trigger_explain_refused", desk.call("--explain", &body("qa", "0.9.0")).run().ends(5));
    assert_eq!(desk.state(), before);
    desk.app.app_file("main", &[]);
    let document = explained(&body("uat", "1.1.0")).ends(2).json();
    assert!(document["reason"].as_str().unwrap().contains("has no `pipeline`"), "{document}");
    // What was understood is said also where it can't be told what would become of it.
    Repo::at(&room, "foo-app").git("remote set-url origin https://127.0.0.1:1/foo-app.git");
    let unreachable = desk.call("--explain", &body("uat", "1.1.0")).run().ends(6);
    unreachable.shows("version      1.1.0\n").shows("does         would end with 6: ");
}

#[test]
fn a_plan_is_shown_and_nothing_done() {
    let room = Room::new();
    let desk = desk(&room);
    let before = desk.state();
    let document = desk.call("-n --format json", &body("qa", "1.1.0")).run().ok().json();
    assert_eq!((&document["result"], &document["action"]["result"]), (&"planned".into(), &"planned".into()));
    assert_whole!("trigger_dry_run", desk.call("-n", &body("qa", "1.1.0")).run().ok());
    desk.call("", &body("qa", "1.1.0")).run().ends(2).talks("--yes");
    assert_eq!(desk.state(), before);
}

#[test]
fn only_who_knows_the_secret_is_followed() {
    let room = Room::new();
    let desk = desk(&room);
    let secret = room.write("secret", "It's a Secret to Everybody\n");
    let body = body("qa", "1.1.0");
    let with = |headers: &[&str]| {
        let call = desk.call("-y --format json --secret-file", &body).arg(&secret);
        headers.iter().fold(call, |call, header| call.words("--header").arg(header)).run()
    };
    let before = desk.state();
    with(&[]).refused(4, "signature-missing");
    with(&["X-Hub-Signature-256: sha256=00"]).refused(4, "signature-wrong");
    let wrong = with(&["X-Gitlab-Token: It's a Secret"]).refused(4, "signature-wrong");
    assert!(!wrong.err.contains("Everybody"), "{}", wrong.err);
    assert_eq!(desk.state(), before);
    // openssl dgst -sha256 -hmac "It's a Secret to Everybody"
    let signed = room.call("foo-release").words("trigger -y --format json --secret-file").arg(&secret);
    let signed = signed
        .words("--header")
        .arg("X-Hub-Signature-256: sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
    // The signature fits, and the body is refused for what it is.
    signed.input("Hello, World!").run().refused(2, "invalid-json");
    assert_eq!(with(&["X-Relman-Token: It's a Secret to Everybody"]).ok().json()["result"], "manual");
    // From a file, the secret is in no list of processes.
    room.write("headers", "X-Event-Key: repo:push\r\n\nX-Gitlab-Token: It's a Secret\n");
    let file = format!("@{}", room.path("headers").display());
    let wrong = with(&[&file]).refused(4, "signature-wrong");
    assert!(!wrong.err.contains("a Secret"), "{}", wrong.err);
    room.write("headers", "X-Request-Id: 1\nX-Gitlab-Token: It's a Secret to Everybody\n");
    assert_eq!(with(&[&file]).ok().json()["result"], "nothing", "it was followed before");
    room.write("headers", "It's a Secret\n");
    let none = with(&[&file]).refused(2, "usage");
    assert!(!none.err.contains("a Secret"), "{}", none.err);
    with(&["@nowhere"]).refused(2, "usage").talks("the headers in nowhere can't be read");
    room.write("headers", format!("X-Relman-Token: {}", "x".repeat(70_000)));
    with(&[&file]).refused(2, "usage").talks("is larger than 64 KiB");
    room.write("secret", "\n");
    with(&["X-Relman-Token: "]).refused(2, "usage");
    // What is cut off would be another secret than the sender's.
    room.write("secret", "x".repeat(70_000));
    with(&[&format!("X-Relman-Token: {}", "x".repeat(65_536))]).refused(2, "usage").talks("is larger than 64 KiB");
    room.call("foo-release").words("trigger --secret-file nowhere").input("{}").run().ends(2);
}

#[test]
fn bodies_that_are_no_bodies_are_refused() {
    let room = Room::new();
    let desk = desk(&room);
    let of = |text: &str| desk.call_text("-y --format json", text).run();
    of("").refused(2, "invalid-body");
    of("environment=qa&version=1.1.0").refused(2, "invalid-json");
    of("{\"environment\": \"qa\", ").refused(2, "invalid-json");
    of("[]").refused(2, "invalid-body");
    of(&"[".repeat(100_000)).refused(2, "invalid-body");
    of(r#"{"environment": "qa", "environment": "prod", "version": "1.1.0"}"#).refused(2, "invalid-body");
    of(r#"{"environment": "qa", "version": 1.10}"#).refused(2, "invalid-body");
    of(r#"{"environment": "../qa", "version": "1.1.0"}"#).refused(2, "invalid-name");
    of(r#"{"environment": "qa", "version": "1.1.0\u001b[31m"}"#).refused(2, "invalid-version");
    desk.call("-y --header nonsense", &body("qa", "1.1.0")).run().ends(2);
    desk.call("-y --header", &body("qa", "1.1.0"))
        .arg("X-GitHub-Event: ping")
        .run()
        .ok()
        .shows("nothing: the event ping");
    room.relman("foo-release", "trigger missing.json").ends(2).talks("missing.json can't be read");
    let file = room.write("body.json", body("qa", "1.1.0").to_string());
    room.call("foo-release").words("trigger -n").arg(&file).run().ok();
    room.call("foo-release").words("trigger -n -").input(body("qa", "1.1.0").to_string()).run().ok();
}

#[test]
fn a_body_of_fifty_megabytes_is_refused_unread() {
    let room = Room::new();
    let desk = desk(&room);
    let body = format!("{{\"environment\": \"qa\", \"version\": \"1.1.0\", \"more\": \"{}\"}}", "x".repeat(50 << 20));
    desk.call_text("-y --format json", &body).run().refused(2, "body-too-large");
    let file = room.write("body.json", &body);
    room.call("foo-release").words("trigger -y --format json").arg(&file).run().refused(2, "body-too-large");
    // Where no end is in sight, no end is waited for.
    #[cfg(unix)]
    room.relman("foo-release", "trigger -y --format json /dev/zero").refused(2, "body-too-large");
}

/// Runs all of them at the same time.
fn at_once(commands: Vec<std::process::Command>) -> Vec<std::process::Output> {
    std::thread::scope(|scope| {
        let running: Vec<_> =
            commands.into_iter().map(|mut command| scope.spawn(move || command.output().unwrap())).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn two_at_once_with_the_same_body_make_one_commit() {
    let room = Room::new();
    let desk = desk(&room);
    desk.app.tag("v1.1.0-rc.1", "main");
    for name in ["clone-1", "clone-2", "clone-3", "clone-4"] {
        desk.release.clone_as(name, "");
        room.repo(&format!("{name}-app"));
    }
    let before: usize = desk.release.git("rev-list --count environment/prod").parse().unwrap();
    let commands: Vec<_> = (1..=4)
        .map(|number| {
            let call = room.call(&format!("clone-{number}")).words("trigger -y --format json --app ../foo-app");
            // Of one person in one second, all four would make the very same commit, and no push would be refused.
            let call = call.env("GIT_COMMITTER_NAME", format!("Runner {number}"));
            call.input(body("prod", "1.1.0").to_string()).into_command()
        })
        .collect();
    let outputs = at_once(commands);
    let mut results: Vec<String> = Vec::new();
    for output in &outputs {
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        results.push(document["result"].as_str().unwrap().to_owned());
    }
    // Within one second they make the same commit, and then all of them have pushed it.
    assert!(results.contains(&"pushed".to_owned()), "{results:?}");
    assert!(results.iter().all(|result| ["pushed", "unchanged", "nothing"].contains(&result.as_str())), "{results:?}");
    let after: usize = desk.release.git("rev-list --count environment/prod").parse().unwrap();
    assert_eq!(after, before + 1);
}

#[test]
fn a_body_that_found_its_version_there_already_is_remembered() {
    let room = Room::new();
    let desk = desk(&room);
    for version in ["release-6", "release-7"] {
        desk.app.tag(&format!("v{version}-rc.1"), "main");
    }
    assert_eq!(desk.result(&body("prod", "release-7")).0, "pushed");
    let mut again = body("prod", "release-7");
    again["triggerId"] = "E8".into();
    let tip = desk.release.git("rev-parse environment/prod");
    let plan = desk.call("-n --format json", &again).run().ok().json();
    assert_eq!(plan["result"], "unchanged", "{plan}");
    assert!(desk.release.git("for-each-ref refs/notes").is_empty(), "a plan remembers nothing");
    assert_eq!(desk.result(&again).0, "unchanged");
    assert_eq!(desk.release.git("rev-parse environment/prod"), tip, "nothing that deploys again");
    assert_eq!(desk.result(&body("prod", "release-6")).0, "pushed");
    desk.nothing(&again, "had the version already when this trigger came first");
    assert_eq!(desk.version("environment/prod"), "release-6");
    // For another environment it is another one.
    again["environment"] = "qa".into();
    assert_ne!(desk.result(&again).0, "nothing");
    let log = room.relman("foo-release", "log prod").ok();
    assert!(!log.out.contains("E8"), "no record: {}", log.out);
}

#[test]
fn bodies_that_ask_for_one_version_do_not_throw_each_other_out() {
    let room = Room::new();
    let desk = desk(&room);
    let asking = |id: &str, change: Option<&str>| {
        let mut body = body("qa", "1.1.0");
        body["triggerId"] = id.into();
        body["changeId"] = change.map_or(Value::Null, Value::from);
        body
    };
    let head = || desk.release.git("rev-parse promote/qa/1.1.0");
    desk.result(&asking("A", Some("CHG-1")));
    desk.result(&asking("B", None));
    let message = desk.message("promote/qa/1.1.0");
    assert!(message.contains("Trigger-Id: A\n") && message.contains("Trigger-Id: B"), "{message}");
    assert!(message.contains("Change-Request: CHG-1"), "what nobody contradicts stays: {message}");
    let before = head();
    for id in ["A", "B"] {
        assert_eq!(desk.result(&asking(id, Some("CHG-1"))).0, "nothing", "{id}");
    }
    // A person asks for the same.
    room.relman("foo-release", "set qa 1.1.0 -y").ok();
    assert_eq!(head(), before);
}

#[test]
fn an_environment_without_a_version_is_not_taken_back_either() {
    let room = Room::new();
    let desk = desk(&room);
    let outside = "application: foo-app\nenvironments:\n- {name: qa, type: qa}\n";
    desk.release.release_file("qa", "Driven from outside", outside);
    let mut first = body("qa", "2.0.0");
    first["configItem"] = "shop".into();
    first["changeDescription"] = "Fix the till".into();
    assert_eq!(desk.result(&first).0, "deployed");
    let note = desk.release.git("log -1 --notes=relman/deployments --format=%N environment/qa");
    assert!(note.contains(r#""config_item":"shop","change_description":"Fix the till""#), "{note}");
    let refused = desk.trigger(&body("qa", "1.0.0")).refused(5, "downgrade");
    assert!(refused.error()["hints"][0].as_str().unwrap().contains("relman deploy qa --version 1.0.0"));
    assert_eq!(desk.result(&body("qa", "release-7")).0, "deployed", "nothing tells which of them is lower");
}

#[test]
fn of_two_bodies_at_once_the_later_one_is_followed_after_the_other() {
    let room = Room::new();
    let desk = desk(&room);
    for version in ["release-1", "release-2", "release-3"] {
        desk.app.tag(&format!("v{version}-rc.1"), "main");
        desk.release.clone_as(version, "");
    }
    let before: usize = desk.release.git("rev-list --count environment/prod").parse().unwrap();
    let commands: Vec<_> = ["release-1", "release-2", "release-3"]
        .map(|version| {
            let call = room.call(version).words("trigger -y --app ../foo-app");
            call.input(body("prod", version).to_string()).into_command()
        })
        .into();
    for output in at_once(commands) {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let after: usize = desk.release.git("rev-list --count environment/prod").parse().unwrap();
    assert_eq!(after, before + 3, "each of them was followed");
}

#[test]
fn of_several_runs_that_would_deploy_for_one_body_one_does() {
    let room = Room::new();
    let desk = desk(&room);
    desk.release.release_file(
        "qa",
        "Driven from outside",
        "application: foo-app\nenvironments:\n- {name: qa, type: qa}\n",
    );
    let commands: Vec<_> = (1..=3)
        .map(|number| {
            desk.release.clone_as(&format!("clone-{number}"), "");
            let call = room.call(&format!("clone-{number}")).words("trigger -y --format json");
            let call = call.env("OUT", room.path("out"));
            call.input(body("qa", "1.1.0").to_string()).into_command()
        })
        .collect();
    let outputs = at_once(commands);
    let mut results: Vec<String> = Vec::new();
    for output in &outputs {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        results.push(document["result"].as_str().unwrap().to_owned());
    }
    results.sort();
    assert_eq!((results.as_slice(), desk.runs()), (&["deployed", "nothing", "nothing"].map(str::to_owned)[..], 1));
    desk.nothing(&body("qa", "1.1.0"), "was deployed to qa already");
}

/// As CI systems check out the branch that a trigger's job runs on.
#[test]
fn a_checkout_of_a_default_branch_without_a_release_file_is_enough_where_it_is_named() {
    let room = Room::new();
    let desk = desk(&room);
    desk.release.commit_files("main", "Begin", &[("README.md", "Releases of foo\n")]);
    desk.release.clone_as("ci/foo-release", "--branch main --single-branch");
    let call = |line: &str| room.call("ci/foo-release").words(line).input(body("qa", "1.1.0").to_string());
    let none = call("trigger -y --format json").run().refused(3, "no-release-repo");
    assert!(none.error()["hints"].to_string().contains("-C ."), "{}", none.err);
    let answer = call("-C . trigger -y --format json").run().ok().json();
    assert_eq!((&answer["result"], &answer["acts_as"]), (&"manual".into(), &"pull-request".into()));
}

#[test]
fn a_shallow_clone_knows_what_was_triggered_long_ago() {
    let room = Room::new();
    let desk = desk(&room);
    for version in ["a", "b"] {
        desk.app.tag(&format!("v{version}-rc.1"), "main");
        assert_eq!(desk.result(&body("prod", version)).0, "pushed");
    }
    desk.release.clone_as("shallow", "--depth 1 --branch environment/prod");
    let call = room.call("shallow").words("trigger -y").input(body("prod", "a").to_string());
    call.run().ok().shows("nothing: environment/prod carries this trigger already");
}

#[test]
fn where_git_knows_nobody_the_ci_systems_actor_commits() {
    let room = Room::new();
    let desk = desk(&room);
    desk.app.tag("v1.1.0-rc.1", "main");
    room.write("home/gitconfig", "[user]\n\tuseConfigOnly = true\n[protocol \"file\"]\n\tallow = always\n");
    let call = desk.call("-y", &body("prod", "1.1.0"));
    call.env("GITHUB_ACTOR", "ada").run().ok();
    let author = desk.release.git("log -1 --format=%an:%ae environment/prod");
    assert_eq!(author, "ada:ada@users.noreply.github.com");
}
