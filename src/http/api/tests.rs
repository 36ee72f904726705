use std::sync::Mutex;

use serde_json::json;

use super::*;
use crate::http::Token;

/// Answers that were thought out before, and the requests that got them.
struct Script {
    answers: Mutex<Vec<std::result::Result<Incoming, Broken>>>,
    asked: std::sync::Arc<Mutex<Vec<Outgoing>>>,
}

impl Transport for Script {
    fn send(&self, request: &Outgoing) -> std::result::Result<Incoming, Broken> {
        self.asked.lock().unwrap().push(request.clone());
        self.answers.lock().unwrap().remove(0)
    }
}

fn incoming(status: u16, headers: &[(&str, &str)], body: &str) -> std::result::Result<Incoming, Broken> {
    let headers = headers.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Ok(Incoming { status, headers, body: body.as_bytes().to_vec() })
}

fn call(request: &Request, answers: Vec<std::result::Result<Incoming, Broken>>) -> (Result<Answer>, Vec<Outgoing>) {
    let asked = std::sync::Arc::default();
    let api = Api {
        service: "Gitea",
        base: "https://h.example/api/v1".into(),
        host: "h.example".into(),
        login: Token::new("tok-secret").map(Login::Token),
        scheme: "token",
        headers: vec![("Accept", "application/x+json")],
        transport: Box::new(Script { answers: Mutex::new(answers), asked: std::sync::Arc::clone(&asked) }),
        patience: Patience { pause: Duration::from_millis(1), waiting: Duration::from_secs(2), ..Patience::default() },
        fixes: vec![],
    };
    let answer = api.call(request, "do it");
    let asked = asked.lock().unwrap().clone();
    (answer, asked)
}

#[test]
fn a_request_carries_what_it_must_and_shows_no_token() {
    let request = Request::new(Method::Post, "/x".into()).with("q", "a b").json(json!({"k": "ä"}));
    let (answer, asked) = call(&request, vec![incoming(201, &[("link", "<u>; rel=\"next\"")], "{\"id\":1}")]);
    let answer = answer.expect("an answer");
    assert_eq!((answer.status, answer.has_next, answer.body), (201, Some(true), json!({"id": 1})));
    let sent = &asked[0];
    assert_eq!(sent.url, "https://h.example/api/v1/x?q=a%20b");
    assert_eq!(sent.body.as_deref(), Some("{\"k\":\"ä\"}"));
    assert_eq!(sent.authorization.as_ref().map(Token::expose), Some("token tok-secret"));
    let names: Vec<&str> = sent.headers.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["User-Agent", "Accept", "Content-Type"]);
    assert_eq!(sent.headers[1].1, "application/x+json");
    assert!(!format!("{sent:?}").contains("secret"));
}

#[test]
fn what_is_repeated() {
    let times = |method, answers: Vec<std::result::Result<Incoming, Broken>>| {
        call(&Request::new(method, "/x".into()), answers).1.len()
    };
    let cut = || Err(Broken::Network("cut".into()));
    let well = || incoming(200, &[], "{}");
    for status in [429, 502, 503] {
        let later = || incoming(status, &[("retry-after", "0")], "");
        assert_eq!(times(Method::Get, vec![incoming(status, &[], ""), well()]), 2, "{status}");
        assert_eq!(times(Method::Post, vec![incoming(status, &[], ""), well()]), 1, "{status}");
        assert_eq!(times(Method::Put, vec![later(), later(), well()]), 3, "{status}");
        assert_eq!(times(Method::Get, (0..9).map(|_| later()).collect()), 4, "never for ever");
        assert_eq!(times(Method::Get, vec![incoming(status, &[("retry-after", "3")], "")]), 1, "too long to wait");
    }
    assert_eq!(times(Method::Get, vec![cut(), cut(), well()]), 3);
    assert_eq!(times(Method::Patch, vec![cut(), well()]), 1);
    for status in [400, 401, 403, 404, 409, 422, 500, 504] {
        assert_eq!(times(Method::Get, vec![incoming(status, &[], "{}"), well()]), 1, "{status}");
    }
}

#[test]
fn what_an_answer_means() {
    let code = |answer| {
        let error = call(&Request::get("/x".into()), vec![answer]).0.err().expect("an error");
        crate::domain::error::Explain::code(&error)
    };
    let html = [("content-type", "text/html")];
    assert_eq!(code(incoming(200, &html, "hello")), "not-the-api");
    assert_eq!(code(incoming(200, &[], " <html>")), "not-the-api");
    assert_eq!(code(incoming(200, &[], "{")), "not-the-api");
    assert_eq!(code(incoming(302, &[("location", "/login")], "")), "access-refused");
    assert_eq!(code(incoming(302, &[("location", "https://h.example/")], "")), "access-refused");
    assert_eq!(code(incoming(307, &[("location", "https://h.example/api/v1/y")], "")), "not-the-api");
    assert_eq!(code(incoming(301, &[], "")), "access-refused");
    assert_eq!(code(incoming(401, &html, "<html>")), "access-refused");
    assert_eq!(code(incoming(403, &[("x-ratelimit-remaining", "0")], "{}")), "rate-limited");
    assert_eq!(code(incoming(403, &[("x-ratelimit-remaining", "12")], "{}")), "access-refused");
    assert_eq!(code(incoming(500, &html, "<html>")), "unreachable");
    assert_eq!(code(Err(Broken::TooLarge)), "not-the-api");
    let kept = |status, body| call(&Request::get("/x".into()), vec![incoming(status, &[], body)]).0.expect("an answer");
    assert_eq!(kept(404, "<html>").body, Value::Null);
    assert_eq!(kept(204, "").body, Value::Null);
    assert_eq!(kept(422, "{\"a\":1}").body, json!({"a": 1}));
}

#[test]
fn the_words_of_every_forge_are_found() {
    for (body, expected) in [
        (json!({"message": "Bad credentials", "documentation_url": "u"}), "Bad credentials"),
        (
            json!({"message": "Validation Failed", "errors": [{"resource": "PullRequest", "code": "custom", "message": "No commits"}]}),
            "Validation Failed; No commits",
        ),
        (json!({"message": ["Another one: !3"]}), "Another one: !3"),
        (json!({"message": {"title": ["is too long"]}}), "title: is too long"),
        (json!({"error": "insufficient_scope", "error_description": "Needs api"}), "insufficient_scope; Needs api"),
        (json!({"errors": [{"context": null, "message": "No project", "exceptionName": "x"}]}), "No project"),
        (
            json!({"type": "error", "error": {"message": "Bad request", "fields": {"reviewers": ["Malformed"]}}}),
            "Bad request; reviewers: Malformed",
        ),
        (json!({"message": "a\u{1b}[31m\nb"}), "a[31m b"),
        (json!([1, 2]), ""),
        (Value::Null, ""),
    ] {
        assert_eq!(words(&body), expected, "{body}");
    }
}
