//! `relman trigger` against every forge: one pull request for one body, however often and however interrupted.

use super::sandbox::{Answer, Repo, Room};
use super::server::{Fault, Reply};
use super::store::{Running, TOKEN};
use super::suite::each;

const BODY: &str = r#"{"environment": "qa", "version": "1.1.0", "changeId": "CHG-7", "actor": "ada"}"#;

/// A release repo on a server that is a plain folder, and its clone.
fn server(room: &Room) -> Repo<'_> {
    room.repo("foo-app").commit("main", "FOO-1 Work");
    let server = room.server("foo-release");
    server.environment("qa", "1.0.0", "type: qa");
    server.clone_as("foo-release", "");
    server
}

fn trigger(room: &Room, running: &Running, body: &str) -> Answer {
    let forge = format!("{}={}/acme/foo-release", running.kind.word(), running.server.url);
    let call = room.call("foo-release").words("trigger -y --format json --forge").arg(forge);
    let answer = call.env("RELMAN_TOKEN", TOKEN).env("NO_PROXY", "*").input(body).run();
    assert!(!format!("{}{}", answer.out, answer.err).contains(TOKEN));
    answer
}

#[test]
fn one_body_opens_one_pull_request_and_the_same_again_is_nothing() {
    each(|running| {
        let room = Room::new();
        let server = server(&room);
        running.store.lock().unwrap().branches.insert("promote/qa/1.1.0".into());
        let made = trigger(&room, running, BODY).ok().json();
        assert_eq!((&made["result"], &made["acts_as"]), (&"created".into(), &"pull-request".into()), "{made}");
        assert_eq!(made["action"]["pull_request"]["number"], 1);
        {
            let pulls = &running.store.lock().unwrap().pulls;
            assert!(pulls[0].body.contains("Change-Request: CHG-7"), "{}", pulls[0].body);
            assert!(pulls[0].body.contains("Trigger-Id: sha256:"), "{}", pulls[0].body);
        }
        let before = server.git("for-each-ref");
        let again = trigger(&room, running, BODY).ok().json();
        assert_eq!(again["result"], "nothing", "{again}");
        assert!(again["reason"].as_str().unwrap().contains("open pull request"), "{again}");
        // The environment moves on, so that a second look would have to make the branch anew.
        server.git("config receive.denyCurrentBranch ignore");
        server.environment("qa", "1.0.0", "type: qa; note: changed");
        assert_eq!(trigger(&room, running, BODY).ok().json()["result"], "nothing");
        let kept = |refs: &str| refs.lines().find(|line| line.contains("promote/")).map(str::to_owned);
        assert_eq!(kept(&server.git("for-each-ref")), kept(&before));
        // Another request for the same version brings the one that is there up to date.
        let other = trigger(&room, running, &BODY.replace("CHG-7", "CHG-8")).ok().json();
        assert_eq!(other["result"], "updated", "{other}");
        assert_eq!(running.store.lock().unwrap().pulls.len(), 1);
    });
}

#[test]
fn a_run_that_stopped_before_the_pull_request_is_finished_by_the_next() {
    each(|running| {
        let room = Room::new();
        let server = server(&room);
        running.store.lock().unwrap().branches.insert("promote/qa/1.1.0".into());
        *running.server.always.lock().unwrap() = Some(Fault::Answer(Reply::json(401, serde_json::json!({}))));
        trigger(&room, running, BODY).ends(4);
        *running.server.always.lock().unwrap() = None;
        // As a run leaves it that was killed after the push.
        room.call("foo-release").words("trigger -y").input(BODY).run().ok();
        assert!(!server.git("for-each-ref refs/heads/promote/qa/1.1.0").is_empty());
        let made = trigger(&room, running, BODY).ok().json();
        assert_eq!(made["result"], "created", "{made}");
        assert_eq!(trigger(&room, running, BODY).ok().json()["result"], "nothing");
    });
}

#[test]
fn a_secret_that_is_missing_keeps_the_forge_unasked() {
    let room = Room::new();
    let running = Running::start(relman::forge::ForgeKind::Gitea);
    server(&room);
    let secret = room.write("secret", "s3cret");
    let forge = format!("gitea={}/acme/foo-release", running.server.url);
    let call = room.call("foo-release").words("trigger -y --format json --forge").arg(forge);
    let call = call.words("--secret-file").arg(secret).env("RELMAN_TOKEN", TOKEN).env("NO_PROXY", "*");
    call.input(BODY).run().refused(4, "signature-missing");
    assert!(running.server.requests().is_empty());
}
