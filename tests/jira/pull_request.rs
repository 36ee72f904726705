//! Promotions by pull request: a forge and Jira side by side, and the program between them.

use relman::forge::ForgeKind;

use super::command::{ALL, Desk, jira};
use super::fake::{Running, TOKEN};
use super::sandbox::{Answer, Room};
use super::server::{Fault, Reply};
use super::store::{self, KINDS};

/// A release repo that lies on a forge. qa has deployed 1.1.0, which ships SHOP-1 and SHOP-2, and prod has 1.0.0.
struct Forged<'r> {
    desk: Desk<'r>,
    forge: &'r store::Running,
}

impl<'r> Forged<'r> {
    fn new(room: &'r Room, jira: &'r Running, forge: &'r store::Running, settings: &str) -> Self {
        let desk = Desk::new(room, jira, settings);
        desk.quietly("deploy qa -y").ok();
        forge.store.lock().unwrap().branches.insert("promote/prod/1.1.0".into());
        Forged { desk, forge }
    }

    fn relman(&self, line: &str) -> Answer {
        self.with_jira(line, TOKEN)
    }

    /// With a token for the forge, and another one for Jira.
    fn with_jira(&self, line: &str, token: &str) -> Answer {
        let forge = format!("{}={}/acme/foo-release", self.forge.kind.word(), self.forge.server.url);
        let call = self.desk.call(line).arg("--forge").arg(forge);
        let answer = self.desk.run(call.env("RELMAN_TOKEN", store::TOKEN).env("RELMAN_JIRA_TOKEN", token));
        assert!(
            !answer.out.contains(store::TOKEN) && !answer.err.contains(store::TOKEN),
            "{}{}",
            answer.out,
            answer.err
        );
        answer
    }

    fn page(&self) -> String {
        let listed = self.relman("status --pull-requests --format json").ok().json();
        let rows = listed["environments"].as_array().unwrap().clone();
        let open = rows.iter().flat_map(|row| row["promotions"].as_array().unwrap().clone());
        open.map(|one| one["url"].as_str().unwrap().to_owned()).next_back().unwrap()
    }
}

#[test]
fn a_pull_request_is_told_once_with_its_page() {
    for kind in KINDS {
        let (room, jira, forge) = (Room::new(), jira(), store::Running::start(kind));
        let there = Forged::new(&room, &jira, &forge, "  transitions: {prod: {promoted: In Test, deployed: Done}}\n");
        let made = there.relman("promote qa prod -y --format json").ok().json();
        assert_eq!(
            (made["result"].as_str(), &made["warnings"]),
            (Some("created"), &serde_json::json!([])),
            "{kind}: {made}"
        );
        let page = made["pull_request"]["url"].as_str().unwrap().to_owned();
        for key in ["SHOP-1", "SHOP-2"] {
            let issue = jira.issue(key);
            let lines: Vec<&str> = issue.comments[0].lines().collect();
            let first = "1.1.0 (v1.1.0-rc.1) of foo-app is on its way to prod.";
            assert_eq!((lines[0], lines[1], lines.len()), (first, page.as_str(), 3), "{kind}");
            assert_eq!((issue.status, issue.comments.len()), ("In Test", 1));
        }
        let before = (jira.all(), jira.writes());
        let again = there.relman("promote qa prod -y --format json").ok().json();
        assert_eq!(again["result"], "unchanged", "{kind}: {again}");
        there.relman("jira sync prod -y").ok();
        assert_eq!((jira.all(), jira.writes()), before, "{kind}: twice changes nothing");
    }
}

#[test]
fn a_pull_request_that_nobody_told_of_is_told_by_sync() {
    for kind in KINDS {
        let (room, jira, forge) = (Room::new(), jira(), store::Running::start(kind));
        let there = Forged::new(&room, &jira, &forge, ALL);
        // Jira does not know who asks.
        let made = there.with_jira("promote qa prod -y", "wrong-token").ok();
        made.talks("Jira is not told").talks("relman jira sync prod tells what is missing");
        assert!(jira.issue("SHOP-1").comments.is_empty());
        let page = there.page();
        there.relman("jira sync prod -y").ok().shows("promoted 1.1.0 to prod (v1.1.0-rc.1)\n  SHOP-1: ");
        let comment = jira.issue("SHOP-1").comments.concat();
        assert!(comment.contains("is on its way to prod.") && comment.contains(&page), "{kind}: {comment}");
        let before = jira.all();
        there.relman("promote qa prod -y").ok();
        there.relman("jira sync -y").ok();
        let after = jira.all();
        assert_eq!(
            after.0["SHOP-2"].comments.len(),
            before.0["SHOP-2"].comments.len() + 1,
            "qa's own deployment, untold as well"
        );
        assert_eq!(after.0["SHOP-2"].comments[0], before.0["SHOP-2"].comments[0]);
    }
}

#[test]
fn a_pull_request_opened_by_hand_is_told_by_sync_and_then_by_its_deployment() {
    let (room, jira, forge) = (Room::new(), jira(), store::Running::start(ForgeKind::Gitea));
    let there = Forged::new(&room, &jira, &forge, ALL);
    {
        let mut store = there.forge.store.lock().unwrap();
        store.add("environment/qa", "environment/prod");
        let fork = store.add("environment/qa", "environment/prod");
        (fork.fork, fork.head) = (true, "environment/qa".into());
    }
    there.relman("jira sync prod -y").ok();
    let comments = jira.issue("SHOP-1").comments;
    assert_eq!(comments.len(), 1, "{comments:#?}");
    assert!(comments[0].starts_with("1.1.0 (v1.1.0-rc.1) of foo-app is on its way to prod."));
    // Merged by the button.
    there.desk.declare("prod", "1.1.0");
    there.forge.store.lock().unwrap().pulls.clear();
    there.relman("deploy prod -y").ok();
    let issue = jira.issue("SHOP-1");
    assert_eq!((issue.status, issue.comments.len(), jira.memory().versions[0].released), ("Done", 2, true));
    let before = jira.all();
    there.relman("jira sync prod -y").ok();
    assert_eq!(jira.all(), before);
}

#[test]
fn a_closed_one_is_not_told_and_a_forge_that_is_down_is_said() {
    let (room, jira, forge) = (Room::new(), jira(), store::Running::start(ForgeKind::GitHub));
    let there = Forged::new(&room, &jira, &forge, ALL);
    there.with_jira("promote qa prod -y", "wrong-token").ok();
    there.forge.store.lock().unwrap().pulls[0].open = false;
    let synced = there.relman("jira sync prod -y").ok();
    assert!(!synced.out.contains("promoted"), "{}", synced.out);
    assert!(jira.issue("SHOP-1").comments.is_empty(), "its branch alone proves nothing");
    *there.forge.server.always.lock().unwrap() = Some(Fault::Answer(Reply::json(500, serde_json::json!({}))));
    let synced = there.relman("jira sync -y").ends(6);
    synced.shows("deployed 1.1.0 to qa").talks("127.0.0.1");
    assert_eq!(jira.issue("SHOP-1").comments.len(), 1, "what Git proves is told all the same");
}
