//! Requests, judged by the descriptions that Atlassian publishes of Jira Data Center and of Jira Cloud.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use relman::http::{Login, Network, Outgoing, Patience, Token};
use relman::jira::{Clues, Jira, locate, tell};
use serde_json::{Value, json};

use super::fake::{Running, TOKEN};
use super::judge::steady;
use super::steady::{Judged, places};
use super::telling::{MINUTE, telling};

/// What of a description a whole telling uses.
const USED: [&str; 9] = [
    "GET issue/{issueIdOrKey}",
    "PUT issue/{issueIdOrKey}",
    "GET issue/{issueIdOrKey}/comment",
    "POST issue/{issueIdOrKey}/comment",
    "GET issue/{issueIdOrKey}/transitions",
    "POST issue/{issueIdOrKey}/transitions",
    "GET project/{projectIdOrKey}/versions",
    "POST version",
    "PUT version/{id}",
];

fn judge(description: &str, prefix: &str, shown: fn(&Outgoing) -> Outgoing) {
    let Some((folder, program)) = places() else { return };
    let steady = steady(&program, &folder.join(description));
    let running = Running::start(&["SHOP-1", "SHOP-2"]);
    let web = format!("{}/jira", steady.url);
    let site = locate(&Clues { variable: Some(&web), ..Clues::default() }).unwrap();
    let seen = Arc::<Mutex<BTreeSet<String>>>::default();
    let patience = Patience::default();
    let transport = Judged {
        network: Network::new(&site.web, &patience),
        judge: steady.url.clone(),
        fake: running.server.url.clone(),
        beside: &[],
        shown,
        seen: seen.clone(),
    };
    let login = Login::Token(Token::new(TOKEN).unwrap());
    let jira = Jira::connect_with(&site, login, Box::new(transport), patience);
    let told = tell(&jira, &telling(&["SHOP-1", "SHOP-2"]), Some("https://ci.example/7"), MINUTE);
    assert!(told.error.is_none() && !told.account.missed(), "{told:?}");
    assert_eq!(running.issue("SHOP-2").comments.len(), 1);
    let seen = seen.lock().unwrap();
    eprintln!("{description}: {} operations of the description were used", seen.len());
    for operation in USED {
        let (method, path) = operation.split_once(' ').unwrap();
        assert!(seen.contains(&format!("{method} {prefix}/{path}")), "{operation} was not used: {seen:#?}");
    }
}

/// Servers of a data center often have a path of their own, which the description leaves out.
fn without_context(request: &Outgoing) -> Outgoing {
    Outgoing { url: request.url.replacen("/jira/rest/", "/rest/", 1), ..request.clone() }
}

#[test]
fn data_center() {
    judge("jira-datacenter.json", "/rest/api/2", |request| {
        let mut shown = without_context(request);
        // The description says that the day is a moment; every Jira takes and gives days.
        if let Some(body) = &request.body {
            let mut body: Value = serde_json::from_str(body).unwrap();
            if let Some(day) = body["releaseDate"].as_str().map(|day| format!("{day}T00:00:00.000Z")) {
                body["releaseDate"] = json!(day);
                shown.body = Some(body.to_string());
            }
        }
        shown
    });
}

#[test]
fn cloud() {
    // There is a description of version 3 only, which is version 2 with texts as documents.
    judge("jira-cloud.json", "/rest/api/3", |request| {
        let mut shown = without_context(request);
        shown.url = shown.url.replacen("/rest/api/2/", "/rest/api/3/", 1);
        if let Some(body) = request.body.as_ref().filter(|_| request.url.ends_with("/comment")) {
            let body: Value = serde_json::from_str(body).unwrap();
            let paragraph = json!({"type": "paragraph", "content": [{"type": "text", "text": body["body"]}]});
            let document = json!({"type": "doc", "version": 1, "content": [paragraph]});
            shown.body = Some(json!({"body": document}).to_string());
        }
        shown
    });
}
