//! What can't be done is refused before anything is touched, and what can't be known is said.

use super::command::{Desk, file};
use super::sandbox::{Repo, Room};
use super::server::{Asked, Fault, Reply, Server};
use super::store::{Running, TOKEN};
use super::suite::each;
use relman::forge::ForgeKind;

#[test]
fn a_refused_token_is_found_out_before_anything_is_pushed() {
    each(|running| {
        let room = Room::new();
        let desk = Desk::new(&room, running);
        for reply in [
            Reply::json(401, serde_json::json!({ "message": "who are you" })),
            Reply::json(403, serde_json::json!({ "message": "not you" })),
            Reply::page(302, "").with("Location", "/login?next=%2F"),
        ] {
            *running.server.always.lock().unwrap() = Some(Fault::Answer(reply));
            desk.relman("promote qa prod -y --via branch --format json").refused(4, "forge-refused-access");
            assert_eq!(desk.server.git("branch --list promote/*"), "", "nothing was pushed");
        }
    });
}

#[test]
fn a_page_without_a_token_tells_how_to_merge() {
    each(|running| {
        let room = Room::new();
        let desk = Desk::new(&room, running);
        desk.server.git("branch -f environment/prod environment/qa~1");
        let forge = format!("{}={}/acme/foo-release", running.kind.word(), running.server.url);
        for line in ["promote qa prod", "promote qa prod --web", "promote qa prod -n"] {
            let call =
                |format: &str| room.call("foo-release").words(line).words(format).arg("--forge").arg(&forge).run().ok();
            let said = call("").talks("merge it with a merge commit").talks("squash").talks("keep its head branch");
            assert!(said.out.contains("merge it with a merge commit, and keep environment/qa"), "{}", said.out);
            let document = call("--format json").json();
            assert_eq!(document["via"], "direct", "{document}");
            assert_eq!(document["warnings"].as_array().unwrap().last().unwrap()["code"], "settings-unknown");
        }
        // A branch of its own survives every button.
        let branch =
            room.call("foo-release").words("promote qa prod --via branch -y --format json --forge").arg(&forge);
        assert!(!branch.run().ok().out.contains("settings-unknown"));
    });
}

#[test]
fn flags_that_could_do_nothing_are_refused() {
    let room = Room::new();
    let running = Running::start(ForgeKind::Gitea);
    let desk = Desk::new(&room, &running);
    desk.server.git("branch -f environment/prod environment/qa~1");
    let azure = "azure=https://dev.azure.com/acme/shop/_git/foo-release";
    let gitea = format!("gitea={}/acme/foo-release", running.server.url);
    let call = |line: &str, forge: &str| {
        room.call("foo-release").words(line).arg("--forge").arg(forge).env("RELMAN_TOKEN", TOKEN).run()
    };
    for flag in ["--draft", "--reviewer bob", "--label x", "--wait"] {
        let word = flag.split(' ').next().unwrap();
        for (line, forge) in [
            (format!("promote qa prod -y {flag}"), azure),
            (format!("promote qa prod -n {flag}"), azure),
            (format!("promote qa prod -y {flag}"), "none"),
            (format!("promote qa prod -y --offline {flag}"), gitea.as_str()),
        ] {
            let refused = call(&line, forge).ends(2);
            assert!(refused.err.contains(word) && refused.out.is_empty(), "{line}: {}", refused.err);
        }
    }
    // A plan may be looked at anywhere, and a page needs none of them.
    call("promote qa prod -n --offline --draft", &gitea).ok();
    call("promote qa prod --offline", &gitea).ok();
    assert!(call("promote qa prod", azure).ok().out.contains("pullrequestcreate"));
    assert_eq!(running.server.requests().len(), 0);
}

#[test]
fn a_place_that_may_get_no_token_is_refused_whether_there_is_one_or_not() {
    let room = Room::new();
    let running = Running::start(ForgeKind::Gitea);
    let desk = Desk::new(&room, &running);
    let text = format!("{}forge:\n  type: gitea\n  url: {}\n", file("1.0.0"), running.server.url);
    desk.server.release_file("prod", "Name a forge", &text);
    let clone = Repo::at(&room, "foo-release");
    clone.git("fetch -q");
    for remote in
        ["http://git.example.invalid/acme/foo-release.git", "ssh://git@git.example.invalid:7999/acme/foo-release.git"]
    {
        clone.git(&format!("config remote.origin.url {remote}"));
        for (target, from) in [("prod", "qa"), ("qa", "prod")] {
            // Only prod's file names a forge; for qa the port of ssh lets one be guessed.
            if target == "qa" && remote.starts_with("http") {
                continue;
            }
            for token in ["", TOKEN] {
                let line = format!("promote {from} {target} -y --allow-skip test --format json");
                let call = room.call("foo-release").words(&line).env("RELMAN_TOKEN", token);
                call.run().refused(4, "untrusted-forge");
            }
            // Without a token one goes on; here as far as the remote, which is not there.
            room.relman("foo-release", &format!("promote {from} {target} --web --allow-skip test")).ends(6);
        }
    }
    assert_eq!(running.server.requests().len(), 0);
    room.relman("foo-release", "status --pull-requests --format json").refused(4, "untrusted-forge");
}

/// A Git server that tells whoever comes what they came with.
struct Echo;

impl super::server::Answers for Echo {
    fn answer(&mut self, asked: &Asked) -> Reply {
        use base64::Engine as _;
        let Some(sent) = asked.header("authorization") else {
            return Reply::page(401, "who are you").with("WWW-Authenticate", "Basic realm=git");
        };
        let encoded = sent.rsplit(' ').next().unwrap();
        let plain = base64::engine::general_purpose::STANDARD.decode(encoded).unwrap();
        let body = format!("I know {sent}\nand {}\n", String::from_utf8(plain).unwrap());
        Reply { status: 403, headers: vec![("Content-Type", "text/plain".into())], body }
    }
}

#[test]
fn a_server_that_sends_the_token_back_gets_it_printed_at_no_verbosity() {
    let quiet = |said: &str, line: &str| {
        assert!(!said.contains(TOKEN), "{line}: {said}");
        assert!(!said.contains(&TOKEN[..12]), "{line}: {said}");
    };
    let formats = ["", "-v", "-vv", "-vvv", "-q"];
    each(|running| {
        let room = Room::new();
        let desk = Desk::new(&room, running);
        for how in ["", "-vvv", "-vvv --format json"] {
            // In the words of a refusal, in the address of a pull request, in a value that should be a number.
            for (status, body) in [
                (422, serde_json::json!({"message": format!("bad {TOKEN}"), "errors": [{"message": TOKEN}]})),
                (500, serde_json::json!({ "message": TOKEN })),
                (401, serde_json::json!({ "message": TOKEN })),
                (200, serde_json::json!([{"number": TOKEN, "iid": TOKEN, "id": TOKEN, "title": TOKEN}])),
                (200, serde_json::json!({"values": [{"id": TOKEN, "title": TOKEN}], "isLastPage": true})),
            ] {
                *running.server.always.lock().unwrap() = Some(Fault::Answer(Reply::json(status, body)));
                // It looks for the token in all that is said and written.
                desk.relman(&format!("promote qa prod -y {how}"));
                desk.relman(&format!("doctor {how}"));
            }
        }
    });
    let room = Room::new();
    let running = Running::start(ForgeKind::Gitea);
    let desk = Desk::new(&room, &running);
    let side = |name: &str| serde_json::json!({"ref": format!("environment/{name}"), "repo_id": 1});
    let open = serde_json::json!([{"number": 1, "html_url": format!("https://tea.example/{TOKEN}/1"), "title": TOKEN,
        "state": "open", "head": side("qa"), "base": side("prod")}]);
    let reply = Reply::json(200, open).with("Link", "<https://tea.example/>; rel=\"first\"");
    *running.server.always.lock().unwrap() = Some(Fault::Answer(reply));
    for how in formats {
        let status = desk.relman(&format!("status --pull-requests --format json {how}")).ok().json();
        assert_eq!(status["environments"][0]["promotions"][0]["url"], "https://tea.example/…/1", "{status}");
    }
    let room = Room::new();
    let server = Server::start(std::sync::Arc::new(std::sync::Mutex::new(Echo)));
    let release = room.repo("foo-release");
    release.release_file("qa", "Begin", &file("1.0.0"));
    release.git(&format!("remote add origin {}/acme/foo-release.git", server.url));
    for how in formats {
        let call =
            room.call("foo-release").words(&format!("fetch {how}")).arg("--forge").arg(format!("gitea={}", server.url));
        let answer = call.env("RELMAN_TOKEN", TOKEN).env("NO_PROXY", "*").run();
        let said = format!("{}{}", answer.out, answer.err);
        assert!(said.contains("I know"), "{how}: the server's words are passed on: {said}");
        quiet(&said, how);
        let encoded =
            server.requests().iter().filter_map(|asked| asked.header("authorization").map(str::to_owned)).next_back();
        let encoded = encoded.unwrap();
        assert!(!said.contains(encoded.rsplit(' ').next().unwrap()), "{how}: {said}");
    }
}
