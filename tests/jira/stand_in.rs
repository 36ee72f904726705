//! A Jira 8.20 that somebody else wrote: `jira820`, with its own workflow, issues and versions.
//!
//! It runs where `RELMAN_JIRA820` names the program. It has no logins, and takes no versions, so that those are left to the other tests.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use relman::domain::jira::{IssueKey, Telling};
use relman::http::{Api, Login, Network, Patience, Request, Token};
use relman::jira::{Clues, Jira, locate, tell};
use serde_json::Value;

use super::telling::{MINUTE, telling};

/// The program, which ends with the test.
struct StandIn {
    child: Child,
    url: String,
}

impl Drop for StandIn {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(program: &str) -> StandIn {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut child = Command::new(program)
        .env("JIRA820_PORT", port.to_string())
        .env("JIRA820_PROJECT_KEY", "SHOP")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    for _ in 0..600 {
        assert!(child.try_wait().unwrap().is_none(), "{program} has ended");
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return StandIn { child, url: format!("http://127.0.0.1:{port}") };
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{program} does not listen");
}

#[test]
fn the_stand_in_is_told_once() {
    let Some(program) = std::env::var("RELMAN_JIRA820").ok().filter(|program| !program.is_empty()) else {
        eprintln!("SKIPPED: no Jira that somebody else wrote is told, for RELMAN_JIRA820 is not set");
        return;
    };
    let running = start(&program);
    let site = locate(&Clues { variable: Some(&running.url), ..Clues::default() }).unwrap();
    let patience = Patience::default();
    let api = Api {
        service: "Jira",
        base: format!("{}/rest/api/2", running.url),
        host: site.web.authority(),
        login: None,
        scheme: "Bearer",
        headers: vec![],
        transport: Box::new(Network::new(&site.web, &patience)),
        patience,
        fixes: vec![],
    };
    let get = |path: &str| -> Value { api.fetch(&Request::get(path.to_owned()), "look").unwrap().body };
    // Of its own issues, two that can be moved to the same status.
    let found = api
        .fetch(&Request::get("/search".into()).with("jql", "project = SHOP").with("maxResults", "60"), "search")
        .unwrap()
        .body;
    let mut ways: Vec<(String, String)> = Vec::new();
    for issue in found["issues"].as_array().unwrap() {
        let key = issue["key"].as_str().unwrap();
        for way in get(&format!("/issue/{key}/transitions"))["transitions"].as_array().unwrap() {
            ways.push((key.to_owned(), way["to"]["name"].as_str().unwrap().to_owned()));
        }
    }
    let (key, status) = ways.first().expect("an issue that can be moved").clone();
    let other = ways.iter().find(|(known, to)| *known != key && *to == status).expect("another one").0.clone();
    let login = Login::Token(Token::new("none-needed").unwrap());
    let jira = Jira::connect(&site, login, MINUTE);
    let telling = Telling {
        status: Some(status.clone()),
        fix_version: None,
        release: None,
        issues: [&key, &other].map(|key| IssueKey::parse(key).unwrap()).to_vec(),
        ..telling(&[])
    };
    let first = tell(&jira, &telling, None, MINUTE);
    assert!(first.error.is_none() && !first.account.missed(), "{first:?}");
    for key in [&key, &other] {
        let fields = &get(&format!("/issue/{key}"))["fields"];
        assert_eq!(fields["status"]["name"], status.as_str(), "{key}");
    }
    let comments = |key: &str| get(&format!("/issue/{key}/comment"))["total"].as_u64().unwrap();
    let before = comments(&key);
    let second = tell(&jira, &telling, None, MINUTE);
    assert!(!second.account.changed() && second.error.is_none(), "{second:?}");
    assert_eq!(comments(&key), before);
    let missing = Telling { issues: vec![IssueKey::parse("SHOP-999999").unwrap()], ..telling };
    assert_eq!(tell(&jira, &missing, None, MINUTE).account.issues[0].troubles[0].code, "not-in-jira");
}
