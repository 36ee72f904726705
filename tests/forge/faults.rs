//! What every forge must bear: servers that refuse, hang, redirect, lie, or send a token back.

use std::time::{Duration, Instant};

use relman::domain::error::{Exit, Explain as _};
use relman::forge::{Error, ForgeKind, Outcome, open_or_update};
use relman::http::{self, Login, Token};
use serde_json::json;

use super::server::{Fault, Reply};
use super::store::{KINDS, Running, TOKEN, connect};
use super::suite::{each, error_of, wanted};

#[test]
fn strangers_are_refused() {
    each(|running| {
        for token in [None, Some("tok-somebody-elses")] {
            let error = error_of(open_or_update(&*running.forge_with(token), &wanted()));
            assert!(matches!(error, Error::Http(http::Error::Unauthorised { .. })), "{error:?}");
            assert_eq!(error.exit(), Exit::Unauthorised);
            assert!(error.hints().iter().any(|hint| hint.contains("RELMAN_TOKEN")), "{:?}", error.hints());
        }
        assert_eq!(running.server.count("POST"), 0);
    });
}

#[test]
fn a_server_that_sends_the_token_back_does_not_get_it_printed() {
    let encoded = "bWU6dG9rLTVlY3JldC0wMTIzNDU2Nzg5";
    each(|running| {
        let secret = Token::new(TOKEN).unwrap();
        for login in [Login::Token(secret.clone()), Login::Basic { user: "me".into(), secret }] {
            let echoed = match &login {
                Login::Token(_) => TOKEN.to_owned(),
                Login::Basic { .. } => format!("{encoded}, which is {TOKEN}"),
            };
            let said = format!("{} bad {echoed}", "x".repeat(485));
            let body =
                json!({"message": said, "error": {"message": said}, "errors": [{"message": said}], "values": said});
            let forge = connect(&running.location(), Some(login));
            for status in [200, 400, 401, 403, 404, 405, 409, 422, 500] {
                *running.server.always.lock().unwrap() = Some(Fault::Answer(Reply::json(status, body.clone())));
                for error in [error_of(forge.create(&wanted())), error_of(forge.read(1)), error_of(forge.list_open())] {
                    let shown = format!("{error} {error:?} {:?}", error.hints());
                    assert!(!shown.contains("tok-5") && !shown.contains("bWU6"), "{status}: {shown}");
                }
            }
            let place = format!("/api/{echoed}?token={echoed}");
            *running.server.always.lock().unwrap() = Some(Fault::Answer(Reply::page(301, "").with("Location", place)));
            let error = error_of(forge.list_open());
            assert!(!error.to_string().contains("tok-5") && !error.to_string().contains("bWU6"), "{error}");
        }
    });
}

#[test]
fn a_login_page_is_no_success_and_gets_no_token() {
    each(|running| {
        for place in ["/login?next=%2F", "https://sso.evil.example/saml", "/users/sign_in", "/dashboard"] {
            let before = running.server.requests().len();
            running.server.fault([Fault::Answer(Reply::page(302, "<html>").with("Location", place))]);
            let error = error_of(open_or_update(&*running.forge(), &wanted()));
            assert!(matches!(error, Error::Http(http::Error::Unauthorised { .. })), "{place}: {error:?}");
            assert_eq!(running.server.requests().len(), before + 1, "nothing is followed");
        }
        running.server.fault([Fault::Answer(Reply::page(301, "").with("Location", "/somewhere/api/else?x=y"))]);
        let error = error_of(open_or_update(&*running.forge(), &wanted()));
        assert!(matches!(error, Error::Http(http::Error::Garbled { .. })), "{error:?}");
    });
}

#[test]
fn a_server_that_asks_for_patience_gets_some() {
    each(|running| {
        let later = |seconds: &str| {
            Fault::Answer(Reply::json(429, json!({"message": "slow down"})).with("Retry-After", seconds))
        };
        // The list, and then the creation, which was not carried out.
        running.server.fault([later("1"), Fault::Well]);
        let started = Instant::now();
        assert_eq!(open_or_update(&*running.forge(), &wanted()).unwrap().outcome, Outcome::Created);
        assert!(started.elapsed() >= Duration::from_secs(1));
        let forge = running.forge();
        running.store.lock().unwrap().pulls.clear();
        running.server.fault([later("0")]);
        forge.create(&wanted()).unwrap();
        // Too long to wait, and no word of how long.
        running.server.fault([later("3600")]);
        let started = Instant::now();
        let error = error_of(open_or_update(&*forge, &wanted()));
        assert!(matches!(error, Error::Http(http::Error::RateLimited { wait: Some(3600), .. })), "{error:?}");
        assert_eq!(error.exit(), Exit::Unreachable);
        assert!(started.elapsed() < Duration::from_secs(2));
    });
    let running = Running::start(ForgeKind::GitHub);
    let limited = Reply::json(403, json!({"message": "API rate limit exceeded"})).with("X-RateLimit-Remaining", "0");
    running.server.fault([Fault::Answer(limited)]);
    assert!(matches!(error_of(running.forge().list_open()), Error::Http(http::Error::RateLimited { .. })));
}

#[test]
fn a_sick_server_is_tried_again_only_for_reading() {
    each(|running| {
        let sick = |status| Fault::Answer(Reply::page(status, "<html>oops</html>"));
        running.server.fault([sick(503), sick(502)]);
        assert_eq!(open_or_update(&*running.forge(), &wanted()).unwrap().outcome, Outcome::Created);
        *running.server.always.lock().unwrap() = Some(sick(503));
        let error = error_of(running.forge().list_open());
        assert!(matches!(error, Error::Http(http::Error::Unreachable { .. })), "{error:?}");
        assert_eq!(error.exit(), Exit::Unreachable);
        let posts = running.server.count("POST");
        error_of(running.forge().create(&wanted()));
        assert_eq!(running.server.count("POST"), posts + 1, "a creation is not repeated");
        *running.server.always.lock().unwrap() = None;
        running.server.fault([sick(500)]);
        let gets = running.server.count("GET");
        error_of(running.forge().list_open());
        assert_eq!(running.server.count("GET"), gets + 1);
    });
}

#[test]
fn a_server_that_hangs_is_given_up() {
    each(|running| {
        *running.server.always.lock().unwrap() = Some(Fault::Hang);
        let started = Instant::now();
        let error = error_of(running.forge().create(&wanted()));
        assert!(matches!(error, Error::Http(http::Error::Unreachable { .. })), "{error:?}");
        assert!(error.to_string().contains("in time"), "{error}");
        assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
    });
}

#[test]
fn cut_connections() {
    each(|running| {
        running.server.fault([Fault::Cut, Fault::CutWithin]);
        assert_eq!(open_or_update(&*running.forge(), &wanted()).unwrap().outcome, Outcome::Created);
        *running.server.always.lock().unwrap() = Some(Fault::Cut);
        let error = error_of(open_or_update(&*running.forge(), &wanted()));
        assert!(matches!(error, Error::Http(http::Error::Unreachable { .. })), "{error:?}");
    });
    // Nobody listens at all.
    for kind in KINDS {
        let location = super::store::location(kind, "http://127.0.0.1:1");
        let forge = connect(&location, None);
        assert!(matches!(error_of(forge.list_open()), Error::Http(http::Error::Unreachable { .. })));
    }
}

#[test]
fn a_creation_whose_answer_is_lost_is_found() {
    each(|running| {
        running.server.fault([Fault::Well, Fault::CutAfter]);
        let opened = open_or_update(&*running.forge(), &wanted()).unwrap();
        assert_eq!(opened.outcome, Outcome::Created);
        assert_eq!(running.store.lock().unwrap().pulls.len(), 1);
    });
}

#[test]
fn a_page_for_people_is_no_answer() {
    each(|running| {
        for reply in [
            Reply::page(200, "<!DOCTYPE html><html>Please log in</html>"),
            Reply { body: "  \n<html>".into(), ..Reply::json(200, json!({})) },
            Reply { body: "{\"values\": [".into(), ..Reply::json(200, json!({})) },
            Reply { body: "[1, 2]".into(), ..Reply::json(200, json!({})) },
            Reply { body: "\"text\"".into(), ..Reply::json(200, json!({})) },
            Reply::page(418, "<html>teapot</html>"),
        ] {
            running.server.fault([Fault::Answer(reply.clone())]);
            let error = error_of(running.forge().list_open());
            assert!(matches!(error, Error::Http(http::Error::Garbled { .. })), "{reply:?}: {error:?}");
        }
        let huge = Reply { body: format!("[\"{}\"]", "x".repeat(17 * 1024 * 1024)), ..Reply::json(200, json!({})) };
        running.server.fault([Fault::Answer(huge)]);
        let error = error_of(running.forge().list_open());
        assert!(
            error.to_string().contains("too large") || matches!(error, Error::Http(http::Error::Unreachable { .. })),
            "{error:?}"
        );
    });
}

#[test]
fn a_forge_debug_prints_no_token() {
    each(|running| {
        let credential = relman::forge::Credential {
            login: Login::Basic { user: "me".into(), secret: Token::new(TOKEN).unwrap() },
            source: "RELMAN_TOKEN".into(),
            warnings: vec![],
        };
        let shown = format!("{credential:?} {:?}", running.location());
        assert!(!shown.contains(TOKEN), "{shown}");
    });
}
