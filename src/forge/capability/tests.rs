use super::*;
use crate::forge::locate::{Clues, Found, locate};
use crate::forge::pull_request::State;
use crate::http::{Broken, Incoming, Outgoing};
use crate::http::{Login, Token};

/// A transport for tests that only build requests.
struct Nowhere;

impl Transport for Nowhere {
    fn send(&self, request: &Outgoing) -> std::result::Result<Incoming, Broken> {
        Err(Broken::Network(format!("nothing is sent to {}", request.url)))
    }
}

/// An API that reaches nobody.
pub(in crate::forge) fn api(kind: ForgeKind) -> Api {
    Api {
        service: kind.title(),
        base: "https://h.example".into(),
        host: "h.example".into(),
        login: None,
        scheme: "Bearer",
        headers: vec![],
        transport: Box::new(Nowhere),
        patience: Patience::default(),
        fixes: vec![],
    }
}

/// A pull request that is wanted.
pub(in crate::forge) fn wanted() -> NewPullRequest {
    NewPullRequest {
        head: BranchName::parse("environment/qa").expect("a branch"),
        base: BranchName::parse("environment/prod").expect("a branch"),
        title: "T".into(),
        body: "B".into(),
        draft: false,
        reviewers: vec!["bob".into()],
        labels: vec!["one".into(), "two".into()],
    }
}

/// A pull request that is there.
pub(in crate::forge) fn pull_request(reviewers: &[&str]) -> PullRequest {
    PullRequest {
        number: 7,
        url: "https://h.example/7".into(),
        title: "old".into(),
        body: "old".into(),
        draft: false,
        head: wanted().head,
        base: wanted().base,
        state: State::Open,
        author: None,
        merged_by: None,
        reviewers: reviewers.iter().map(|name| (*name).to_owned()).collect(),
        labels: vec!["one".into()],
        head_commit: None,
        same_repository: true,
        version: Some(3),
    }
}

/// The address that a forge's first request goes to.
fn address(flag: &str, remote: &str) -> String {
    let clues = Clues { flag: Some(flag), remote: Some(remote), ..Clues::default() };
    let Found::Forge(location) = locate(&clues).expect("an answer") else { panic!("a forge") };
    let patience = Patience { attempts: 1, ..Patience::default() };
    let forge = connect_with(&location, None, Box::new(Nowhere), patience).expect("a forge");
    let error = forge.read(7).expect_err("nobody is there").to_string();
    error.split_once("sent to ").map(|(_, url)| url.to_owned()).expect("an address")
}

#[test]
fn every_api_has_its_address() {
    for (flag, remote, expected) in [
        ("github", "git@github.com:o/r.git", "https://api.github.com/repos/o/r/pulls/7"),
        ("github", "git@acme.ghe.com:o/r.git", "https://api.acme.ghe.com/repos/o/r/pulls/7"),
        ("github", "git@ghe.example.com:o/r.git", "https://ghe.example.com/api/v3/repos/o/r/pulls/7"),
        ("gitlab", "git@gitlab.com:g/s/r.git", "https://gitlab.com/api/v4/projects/g%2Fs%2Fr/merge_requests/7"),
        (
            "gitlab=https://h.example/gl",
            "git@h.example:g/r",
            "https://h.example/gl/api/v4/projects/g%2Fr/merge_requests/7",
        ),
        (
            "bitbucket-cloud",
            "git@bitbucket.org:w/r.git",
            "https://api.bitbucket.org/2.0/repositories/w/r/pullrequests/7",
        ),
        (
            "bitbucket-datacenter",
            "https://h.example:8443/bb/scm/~me/r.git",
            "https://h.example:8443/bb/rest/api/latest/projects/~me/repos/r/pull-requests/7",
        ),
        ("gitea", "https://h.example:3000/x/o/r", "https://h.example:3000/x/api/v1/repos/o/r/pulls/7"),
        ("forgejo", "https://codeberg.org/o/r", "https://codeberg.org/api/v1/repos/o/r/pulls/7"),
    ] {
        assert_eq!(address(flag, remote), expected, "{flag}");
    }
}

#[test]
fn no_door_opens_with_a_token_where_none_may_go() {
    let clues = Clues { remote: Some("https://h.example/scm/p/r.git"), ..Clues::default() };
    let Found::Forge(location) = locate(&clues).expect("an answer") else { panic!("a guess") };
    let login = Login::Token(Token::new("tok-secret").expect("a token"));
    let credential = Credential { login, source: "RELMAN_TOKEN".into(), warnings: vec![] };
    let result = connect_with(&location, Some(&credential), Box::new(Nowhere), Patience::default());
    assert!(matches!(result.err(), Some(Error::UntrustedHost { .. })));
    let azure = Clues { remote: Some("git@ssh.dev.azure.com:v3/o/p/r"), ..Clues::default() };
    let Found::Forge(location) = locate(&azure).expect("an answer") else { panic!("a forge") };
    assert!(matches!(connect(&location, None).err(), Some(Error::NoApi { .. })));
}
