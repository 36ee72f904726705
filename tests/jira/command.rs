//! The program itself: promotions and deployments tell Jira, and no trouble there touches them.

use serde_json::{Value, json};

use super::fake::{Running, TOKEN, Version};
use super::sandbox::{Answer, Call, Repo, Room, signal};
use super::server::{Fault, Reply};

pub const ALL: &str = "  comment: true\n  transitions: {qa: In Test, prod: Done}\n  fix_version: 'shop {version}'\n  \
                   release_version: true\n";

/// A release over an app repo and a backend, on servers that are plain folders. qa has deployed 1.0.0.
pub struct Desk<'r> {
    room: &'r Room,
    jira: &'r Running,
    pub release: Repo<'r>,
    app: Repo<'r>,
    settings: String,
}

impl<'r> Desk<'r> {
    pub fn new(room: &'r Room, jira: &'r Running, settings: &str) -> Self {
        let app = room.server("foo-app");
        let backend = room.server("foo-backend");
        backend.commit("main", "SHOP-90 Begin the backend");
        let file = "repositories:\n- name: foo-backend\npipeline:\n  steps:\n  - {name: work, run: 'env > \"$OUT\"; test ! -e \"$OUT.fail\"'}\n";
        app.commit_files("main", "SHOP-91 Begin the app", &[("app.yml", file)]);
        let release = room.server("foo-release");
        let settings = if settings.is_empty() {
            String::new()
        } else {
            format!("jira:\n  url: {}\n  projects: [SHOP]\n{settings}", jira.url())
        };
        let desk = Desk { room, jira, release, app, settings };
        for name in ["qa", "prod"] {
            desk.declare(name, "1.0.0");
        }
        for (server, name) in [(&desk.release, "foo-release"), (&desk.app, "foo-app"), (&backend, "foo-backend")] {
            server.clone_as(name, "");
        }
        for environment in ["qa", "prod"] {
            desk.quietly(&format!("deploy {environment} -y")).ok();
        }
        desk.app.commit("main", "SHOP-2 Sell more");
        backend.commit("main", "Merge branch 'feature/SHOP-1-cart' into main");
        desk.declare("qa", "1.1.0");
        desk
    }

    pub fn declare(&self, environment: &str, version: &str) {
        let entries = "- name: qa\n  type: qa\n- name: prod\n  type: prod\n  from: [qa]\n";
        let text = format!("application: foo-app\nversion: {version}\nenvironments:\n{entries}{}", self.settings);
        self.release.release_file(environment, &format!("Set {version}"), &text);
    }

    pub fn call(&self, line: &str) -> Call<'r> {
        self.room
            .call("foo-release")
            .words(line)
            .env("OUT", self.room.path("out"))
            .env("RELMAN_JIRA_URL", self.jira.url())
            .env("RELMAN_JIRA_TOKEN", TOKEN)
            .env("RELMAN_JIRA_TIMEOUT", "20")
            .env("NO_PROXY", "*")
    }

    /// Runs it, and looks for the token in all that it says and writes.
    fn relman(&self, line: &str) -> Answer {
        self.run(self.call(line))
    }

    pub fn run(&self, call: Call<'_>) -> Answer {
        let answer = call.run();
        assert!(!answer.out.contains(TOKEN) && !answer.err.contains(TOKEN), "{}{}", answer.out, answer.err);
        let written = self.room.files_with(TOKEN);
        assert!(written.is_empty(), "the token is in {written:?}");
        answer
    }

    fn deploy(&self, environment: &str) -> Answer {
        self.relman(&format!("deploy {environment} -y --format json"))
    }

    /// Without a token, and so without a word to Jira.
    pub fn quietly(&self, line: &str) -> Answer {
        self.run(self.call(line).env("RELMAN_JIRA_TOKEN", ""))
    }
}

pub fn jira() -> Running {
    Running::start(&["SHOP-1", "SHOP-2", "SHOP-90", "SHOP-91"])
}

#[test]
fn a_deployment_tells_the_issues_that_it_brings_once() {
    let (room, jira) = (Room::new(), jira());
    let desk = Desk::new(&room, &jira, ALL);
    let first = desk.deploy("qa").ok().json();
    let told = &first["jira"];
    assert_eq!(
        (&told["event"], &told["result"], &told["tag"]),
        (&json!("deployed"), &json!("told"), &json!("v1.1.0-rc.1"))
    );
    let keys: Vec<&Value> = told["issues"].as_array().unwrap().iter().map(|issue| &issue["key"]).collect();
    assert_eq!(keys, ["SHOP-1", "SHOP-2"], "{told}");
    assert_eq!(told["issues"][0]["deeds"][0], json!({"kind": "moved", "value": "In Test"}));
    for key in ["SHOP-1", "SHOP-2"] {
        let issue = jira.issue(key);
        assert_eq!((issue.status, issue.fix_versions, issue.comments.len()), ("In Test", vec!["shop 1.1.0".into()], 1));
        assert!(
            issue.comments[0].starts_with("1.1.0 (v1.1.0-rc.1) of foo-app was deployed to qa."),
            "{issue:?}",
            issue = jira.issue(key)
        );
    }
    assert_eq!(jira.issue("SHOP-91").comments.len(), 0, "1.0.0 had that");
    assert!(!jira.memory().versions[0].released);

    let (before, writes) = (jira.all(), jira.writes());
    let second = desk.deploy("qa").ok().json();
    assert_eq!(second["jira"]["result"], "unchanged", "{second}");
    let synced = desk.relman("jira sync qa -y --format json").ok().json();
    assert_eq!((&synced["schema"], &synced["result"]), (&json!("relman.jira/1"), &json!("unchanged")), "{synced}");
    assert_eq!((jira.all(), jira.writes()), (before, writes), "twice changes nothing");
    let variables = std::fs::read_to_string(room.path("out")).unwrap();
    assert!(!variables.contains("RELMAN_JIRA_TOKEN"), "steps never see it");
}

#[test]
fn a_version_is_released_where_final_tags_are_made() {
    let (room, jira) = (Room::new(), jira());
    let desk = Desk::new(&room, &jira, ALL);
    desk.quietly("deploy qa -y").ok();
    desk.declare("prod", "1.1.0");
    let planned = desk.quietly("deploy prod -n").ok();
    planned.shows("in Jira, comment on, give the fix version shop 1.1.0 to, move to Done SHOP-1, SHOP-2; release the version shop 1.1.0 of SHOP");
    assert!(jira.server.requests().is_empty(), "a plan asks nobody");
    jira.change("SHOP-1", |issue| issue.status = "In Test");
    let answer = desk.relman("deploy prod -y").ok();
    answer
        .talks("Jira: SHOP-1: moved to Done, given the fix version shop 1.1.0, commented on")
        .talks("Jira: version shop 1.1.0 of SHOP: created, released");
    let version = jira.memory().versions[0].clone();
    assert!(version.released && version.day.is_some(), "{version:?}");
    assert_eq!(jira.issue("SHOP-1").status, "Done");
}

#[test]
fn a_promotion_tells_them_that_the_version_is_on_its_way() {
    let (room, jira) = (Room::new(), jira());
    let settings = "  transitions: {prod: {promoted: In Test, deployed: Done}}\n";
    let desk = Desk::new(&room, &jira, settings);
    desk.quietly("deploy qa -y").ok();
    let line = "promote qa prod --direct-push --format json";
    let planned = desk.quietly(&format!("{line} -n")).ok().json();
    let steps: Vec<&Value> = planned["plan"].as_array().unwrap().iter().map(|step| &step["kind"]).collect();
    assert_eq!(steps, ["push-commit", "jira"], "{planned}");
    // What a person is left to do has not happened.
    let by_hand = desk.relman("promote qa prod -y").ok();
    assert!(!format!("{}{}", by_hand.out, by_hand.err).to_lowercase().contains("jira"));
    assert!(jira.server.requests().is_empty());
    let pushed = desk.relman(&format!("{line} -y")).ok().json();
    assert_eq!((&pushed["result"], &pushed["warnings"]), (&json!("pushed"), &json!([])), "{pushed}");
    for key in ["SHOP-1", "SHOP-2"] {
        assert_eq!(jira.issue(key).status, "In Test");
        assert!(jira.issue(key).comments[0].starts_with("1.1.0 (v1.1.0-rc.1) of foo-app is on its way to prod."));
    }
    desk.deploy("prod").ok();
    assert_eq!((jira.issue("SHOP-1").status, jira.issue("SHOP-1").comments.len()), ("Done", 2));
}

#[test]
fn a_deployment_that_fails_moves_nothing() {
    let (room, jira) = (Room::new(), jira());
    let desk = Desk::new(&room, &jira, ALL);
    room.write("out.fail", "");
    let failed = desk.deploy("qa").ends(7).json();
    assert_eq!(failed["jira"], Value::Null);
    assert!(jira.server.requests().is_empty());

    let (room, jira) = (Room::new(), self::jira());
    let desk = Desk::new(&room, &jira, "  comment: [failed]\n  transitions: {qa: In Test}\n  fix_version: true\n");
    room.write("out.fail", "");
    let failed = desk.deploy("qa").ends(7).json();
    assert_eq!(failed["jira"]["event"], "failed");
    let issue = jira.issue("SHOP-1");
    assert_eq!((issue.status, issue.fix_versions.len(), issue.comments.len()), ("In Progress", 0, 1));
    assert!(issue.comments[0].starts_with("The deployment of 1.1.0 (v1.1.0-rc.1) of foo-app to qa failed."));
}

#[test]
fn no_trouble_in_jira_touches_a_deployment_and_sync_does_the_rest() {
    for (fault, exit) in [
        (Fault::Answer(Reply::json(401, json!({"message": format!("bad {TOKEN}")}))), 4),
        (Fault::Answer(Reply::json(403, json!({"errorMessages": ["no"]}))), 4),
        (Fault::Answer(Reply::page(404, "<html>You have found a dead link</html>")), 3),
        (Fault::Answer(Reply::json(429, json!({})).with("Retry-After", "3600")), 6),
        (Fault::Answer(Reply::page(503, "<html>down</html>")), 6),
        (Fault::Answer(Reply::page(200, "<html>log in</html>")), 6),
        (Fault::Cut, 6),
        (Fault::Hang, 6),
    ] {
        let (room, jira) = (Room::new(), jira());
        let desk = Desk::new(&room, &jira, ALL);
        *jira.server.always.lock().unwrap() = Some(fault.clone());
        let limited = |line: &str| desk.run(desk.call(line).env("RELMAN_JIRA_TIMEOUT", "1"));
        let answer = limited("deploy qa -y").ok();
        answer.talks("warning: Jira").talks("relman jira sync qa tells what is missing");
        assert!(!desk.app.git("tag -l v1.1.0-rc.1").is_empty());
        limited("jira sync qa -y").ends(exit);
        *jira.server.always.lock().unwrap() = None;
        let synced = desk.relman("jira sync -y --format json").ok().json();
        assert_eq!(synced["result"], "told", "{fault:?}: {synced}");
        assert_eq!((jira.issue("SHOP-1").status, jira.issue("SHOP-2").comments.len()), ("In Test", 1), "{fault:?}");
    }
}

#[test]
fn somebody_who_waits_for_jira_no_longer_can_stop_the_deployment() {
    let (room, jira) = (Room::new(), jira());
    let desk = Desk::new(&room, &jira, ALL);
    *jira.server.always.lock().unwrap() = Some(Fault::Hang);
    let mut command = desk.call("deploy qa -y").env("RELMAN_JIRA_TIMEOUT", "600").into_command();
    let mut running = command.stderr(std::process::Stdio::null()).spawn().unwrap();
    while jira.server.requests().is_empty() {
        assert!(running.try_wait().unwrap().is_none(), "it has ended without Jira");
        std::thread::yield_now();
    }
    signal(&running, rustix::process::Signal::TERM);
    let ended = running.wait().unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&ended), Some(15), "{ended}");
    let note = desk.release.git("log -1 --notes=relman/deployments --format=%N environment/qa");
    assert!(note.contains("\"succeeded\""), "what was deployed is recorded: {note}");
}

#[test]
fn an_issue_that_is_not_there_is_said_and_the_others_are_told() {
    let (room, jira) = (Room::new(), Running::start(&["SHOP-2"]));
    let desk = Desk::new(&room, &jira, ALL);
    let answer = desk.relman("deploy qa -y").ok();
    let answer = answer.talks("Jira, SHOP-1: ").talks("not found").talks("Jira: SHOP-2: moved to In Test");
    assert!(!answer.err.contains("jira sync"), "it can't be told by that either: {}", answer.err);
    let synced = desk.relman("jira sync qa -y").ok();
    synced.shows("deployed 1.1.0 to qa (v1.1.0-rc.1)").shows("1 issue has been told before").talks("SHOP-1: ");
}

#[test]
fn sync_says_in_words_that_nothing_was_to_be_told() {
    let (room, jira) = (Room::new(), jira());
    let desk = Desk::new(&room, &jira, "  comment: false\n  release_version: true\n");
    desk.relman("jira sync prod -y")
        .ok()
        .says("deployed 1.0.0 to prod (v1.0.0)\n  nothing was told\n")
        .talks("no version");
    jira.memory().versions.push(Version { id: 7, name: "1.0.0".into(), released: false, day: None });
    desk.relman("jira sync prod -y").ok().shows("  version 1.0.0 of SHOP: released\n");
    let again = desk.relman("jira sync prod -y").ok();
    again.says("deployed 1.0.0 to prod (v1.0.0)\n  version 1.0.0 of SHOP is as it should be already\n");
}

#[test]
fn sync_goes_back_as_far_as_jira_knows_nothing() {
    let (room, jira) = (Room::new(), jira());
    let desk = Desk::new(&room, &jira, "  comment: true\n");
    desk.quietly("deploy qa -y").ok();
    desk.app.commit("main", "SHOP-91 Again");
    desk.declare("qa", "1.2.0");
    desk.quietly("deploy qa -y").ok();
    let planned = desk.quietly("jira sync -n").ok();
    planned.shows("deployed 1.1.0 to qa").shows("deployed 1.2.0 to qa (v1.2.0-rc.1)\n  in Jira, comment on SHOP-91\n");
    desk.relman("jira sync").ends(2).talks("--yes");
    assert!(jira.server.requests().is_empty());
    desk.relman("jira sync -y").ok();
    assert_eq!((jira.issue("SHOP-91").comments.len(), jira.issue("SHOP-1").comments.len()), (1, 1));
    let (before, asked) = (jira.all(), jira.server.requests().len());
    desk.relman("jira sync -y").ok().shows("1 issue has been told before");
    assert_eq!(jira.all(), before);
    assert_eq!(jira.server.requests().len(), asked + 6, "each of the three issues is looked at, and its comments");
}

#[test]
fn sync_tells_what_an_older_deployment_missed_although_the_newer_one_is_known() {
    let (room, jira) = (Room::new(), jira());
    let desk = Desk::new(&room, &jira, ALL);
    desk.quietly("deploy qa -y").ok();
    // SHOP-2 ships again with the next version, SHOP-1 does not.
    desk.app.commit("main", "SHOP-2 Sell even more");
    desk.app.commit("main", "SHOP-91 Again");
    desk.declare("qa", "1.2.0");
    desk.deploy("qa").ok();
    assert_eq!((jira.issue("SHOP-1").comments.len(), jira.issue("SHOP-2").comments.len()), (0, 1));
    jira.change("SHOP-2", |issue| issue.status = "In Progress");
    desk.relman("jira sync qa -y").ok().shows("SHOP-1: moved to In Test, given the fix version shop 1.1.0");
    let missed = jira.issue("SHOP-1");
    assert_eq!((missed.status, missed.comments.len()), ("In Test", 1));
    assert_eq!(
        jira.issue("SHOP-2").status,
        "In Progress",
        "what the newer one has told and a person has changed stays"
    );
    let before = jira.all();
    desk.relman("jira sync -y").ok();
    assert_eq!(jira.all(), before);
}

#[test]
fn one_environment_without_a_token_keeps_no_other_from_being_told() {
    let (room, jira) = (Room::new(), jira());
    let desk = Desk::new(&room, &jira, ALL);
    desk.quietly("deploy qa -y").ok();
    let elsewhere = "application: foo-app\nversion: 1.0.0\nenvironments:\n- name: prod\n  type: prod\njira:\n  url: https://evil.example.com\n";
    desk.release.release_file("prod", "Tell somebody else", elsewhere);
    Repo::at(&room, "foo-release").git_args(["config", "relman.jiraUrl", &jira.url()]);
    let synced = desk.run(desk.call("jira sync -y").env("RELMAN_JIRA_URL", "")).ends(4);
    synced.shows("SHOP-1: moved to In Test").talks("evil.example.com");
}

#[test]
fn sync_tells_what_is_merged_and_what_failed() {
    let (room, jira) = (Room::new(), jira());
    let desk = Desk::new(&room, &jira, "  comment: [promoted, deployed, failed]\n");
    desk.quietly("deploy qa -y").ok();
    // As the button of a forge does it: nobody tells Jira.
    desk.quietly("promote qa prod --direct-push -y").ok();
    let line = "1.1.0 (v1.1.0-rc.1) of foo-app is on its way to prod.";
    desk.quietly("jira sync prod -n")
        .ok()
        .shows("promoted 1.1.0 to prod (v1.1.0-rc.1)\n  in Jira, comment on SHOP-1, SHOP-2\n");
    desk.relman("jira sync prod -y").ok().shows("SHOP-1: commented on");
    assert!(jira.issue("SHOP-1").comments[0].starts_with(line), "{:?}", jira.issue("SHOP-1"));
    // What promote itself tells has the same mark.
    room.write("out.fail", "");
    desk.quietly("deploy prod -y").ends(7);
    desk.relman("jira sync prod -y").ok().shows("failed 1.1.0 to prod");
    let comments = jira.issue("SHOP-1").comments;
    assert_eq!(comments.len(), 2, "{comments:#?}");
    assert!(comments[1].starts_with("The deployment of 1.1.0 (v1.1.0) of foo-app to prod failed."), "{comments:#?}");
    std::fs::remove_file(room.path("out.fail")).unwrap();
    desk.deploy("prod").ok();
    let before = jira.all();
    desk.relman("jira sync prod -y").ok();
    assert_eq!(jira.all(), before, "what is deployed is on its way no more");
}

#[test]
fn a_deployment_makes_good_for_a_promotion_that_told_nobody() {
    for (settings, fails, expected) in [
        ("  comment: [promoted]\n", false, Some("is on its way to prod.")),
        ("  comment: [promoted]\n", true, Some("is on its way to prod.")),
        ("  comment: true\n", true, Some("is on its way to prod.")),
        ("  comment: true\n", false, Some("was deployed to prod.")),
        ("  comment: [failed]\n", false, None),
    ] {
        let (room, jira) = (Room::new(), jira());
        let desk = Desk::new(&room, &jira, settings);
        desk.quietly("deploy qa -y").ok();
        desk.quietly("promote qa prod --direct-push -y").ok();
        if fails {
            room.write("out.fail", "");
        }
        for _ in 0..2 {
            desk.relman("deploy prod -y").ends(if fails { 7 } else { 0 });
            let comments = jira.issue("SHOP-1").comments;
            let found: Vec<&str> = comments.iter().map(|text| text.lines().next().unwrap()).collect();
            assert_eq!(found.len(), usize::from(expected.is_some()), "{settings}: {found:?}");
            assert!(expected.is_none_or(|part| found[0].ends_with(part)), "{settings}: {found:?}");
        }
    }
}

#[test]
fn an_issue_that_has_gone_on_is_not_brought_back_by_sync() {
    let (room, jira) = (Room::new(), jira());
    let desk = Desk::new(&room, &jira, "  transitions: {qa: In Progress, prod: Done}\n");
    desk.quietly("deploy qa -y").ok();
    jira.change("SHOP-1", |issue| issue.status = "Done");
    desk.relman("jira sync qa -y").ok();
    assert_eq!((jira.issue("SHOP-1").status, jira.issue("SHOP-1").comments.len()), ("Done", 1));
}

#[test]
fn a_url_that_only_a_file_names_gets_no_token() {
    let (room, jira) = (Room::new(), jira());
    let desk = Desk::new(&room, &jira, ALL);
    for url in ["", "https://jira.example.com", "http://127.0.0.1:1"] {
        let call = |line: &str| desk.call(line).env("RELMAN_JIRA_URL", url);
        let fix = format!("git config relman.jiraUrl {}", jira.url());
        desk.run(call("deploy qa -y")).ok().talks("only release.yml names it").talks(&fix).talks("relman jira sync qa");
        let refused = desk.run(call("jira sync qa -y --format json")).refused(4, "untrusted-jira");
        assert!(refused.error()["hints"][0].as_str().unwrap().contains(&fix));
    }
    assert!(jira.server.requests().is_empty(), "nothing is sent there at all");
    Repo::at(&room, "foo-release").git_args(["config", "relman.jiraUrl", &jira.url()]);
    desk.run(desk.call("jira sync qa -y").env("RELMAN_JIRA_URL", "")).ok();
    assert_eq!(jira.issue("SHOP-1").comments.len(), 1);
}

#[test]
fn what_sync_needs_is_named() {
    let (room, jira) = (Room::new(), jira());
    let desk = Desk::new(&room, &jira, ALL);
    desk.deploy("qa").ok();
    desk.quietly("jira sync -y --format json").refused(4, "no-token");
    desk.relman("jira sync nowhere -y --format json").refused(3, "no-environment");
    desk.relman("jira sync --offline -y --format json").refused(2, "usage");
    let file = room.write("token", TOKEN);
    let from_file = desk.call("jira sync -y").env("RELMAN_JIRA_TOKEN", "").env("RELMAN_JIRA_TOKEN_FILE", &file);
    from_file.run().ok();
    std::fs::remove_file(file).unwrap();
    jira.memory().login = "Basic bWVAZXhhbXBsZS5jb206amlyYS01ZWNyZXQtMDEyMzQ1Njc4OQ==".into();
    desk.run(desk.call("jira sync -y").env("RELMAN_JIRA_EMAIL", "me@example.com")).ok();
}

#[test]
fn without_jira_nobody_hears_of_it() {
    let (room, jira) = (Room::new(), jira());
    let desk = Desk::new(&room, &jira, "");
    for line in [
        "deploy qa -n",
        "deploy qa -y",
        "deploy qa -y --format json",
        "promote qa prod -n",
        "promote qa prod --direct-push -y --format json",
        "deploy prod -y -v",
        "status --format json",
        "check",
        "doctor",
    ] {
        let answer = desk.relman(line);
        let said = format!("{}{}", answer.out, answer.err).to_lowercase();
        assert!(!said.contains("jira"), "{line}: {said}");
    }
    assert!(jira.server.requests().is_empty());
    desk.relman("jira sync -y --format json").refused(2, "usage");
}
