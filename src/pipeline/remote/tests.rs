use std::cell::{Cell, RefCell};

use super::*;
use crate::domain::error::{Exit, Explain as _};

/// A system whose looks were thought out before.
struct Script {
    looks: RefCell<Vec<http::Result<Look>>>,
    cancelled: Cell<bool>,
    culprit: Option<Culprit>,
}

fn script(looks: Vec<http::Result<Look>>) -> Script {
    Script { looks: RefCell::new(looks), cancelled: Cell::new(false), culprit: None }
}

fn down() -> http::Error {
    http::Error::Unreachable { host: "h.example".into(), why: "it is down".into() }
}

fn refused() -> http::Error {
    http::Error::Unauthorised { host: "h.example".into(), doing: "look".into(), said: String::new(), fixes: vec![] }
}

impl System for Script {
    fn check(&self, _release: &Release) -> Result<(), Error> {
        Ok(())
    }
    fn start(&self, _order: &Order<'_>) -> Result<Started, Error> {
        Ok(Started::Run(Run { id: "7".into(), url: None }))
    }
    fn find(&self, _order: &Order<'_>) -> http::Result<Option<Run>> {
        Ok(None)
    }
    fn look(&self, run: &mut Run) -> http::Result<Look> {
        run.url = Some("https://h.example/7".into());
        let mut looks = self.looks.borrow_mut();
        if looks.is_empty() { Err(down()) } else { looks.remove(0) }
    }
    fn culprit(&self, _run: &Run) -> http::Result<Option<Culprit>> {
        Ok(self.culprit.clone())
    }
    fn cancel(&self, _run: &Run) -> http::Result<()> {
        self.cancelled.set(true);
        Ok(())
    }
}

fn follow(system: &Script, release: &Release, interrupts: &Interrupts) -> (Result<Ending, Error>, Vec<String>) {
    let order = Order { release, id: "0123" };
    let run = Run { id: "7".into(), url: None };
    let following = Following { system, order: &order, run, told: BTreeMap::new(), commit_told: false };
    let mut told = Vec::new();
    let ending = following.follow(Watch::hurried(interrupts), &mut |one| {
        told.push(match one {
            Told::Url(url) => url.to_owned(),
            Told::Begins(part) => part.to_owned(),
            Told::Line { part, line } => format!("{part} | {line}"),
        });
    });
    (ending, told)
}

fn at(state: &str) -> http::Result<Look> {
    Ok(Look { parts: vec![("build".into(), state.into())], ..Look::default() })
}

fn ended(end: End) -> http::Result<Look> {
    Ok(Look { end: Some(end), ..Look::default() })
}

#[test]
fn what_changes_is_told_once() {
    let release = Release::example("{name: qa}");
    let system = script(vec![at("queued"), at("queued"), at("running"), ended(End::Well)]);
    let (ending, told) = follow(&system, &release, &Interrupts::default());
    assert_eq!(ending.expect("an end"), Ending::Succeeded);
    assert_eq!(told, ["https://h.example/7", "build | queued", "build | running"]);
}

#[test]
fn troubles_pass_unless_they_stay() {
    let release = Release::example("{name: qa}");
    let mut looks: Vec<http::Result<Look>> = (0..TROUBLES).map(|_| Err(down())).collect();
    looks.extend([at("running"), Err(down()), ended(End::Well)]);
    let (ending, told) = follow(&script(looks), &release, &Interrupts::default());
    assert_eq!(ending.expect("an end"), Ending::Succeeded);
    assert_eq!(told.iter().filter(|line| line.contains("looked at again")).count(), 2, "{told:?}");

    let (ending, _) = follow(&script(vec![at("running")]), &release, &Interrupts::default());
    let error = ending.expect_err("it stays down");
    assert_eq!((error.code(), error.exit()), ("run-out-of-sight", Exit::Unreachable));
    assert!(error.to_string().contains("https://h.example/7 goes on"), "{error}");

    let (ending, _) = follow(&script(vec![Err(refused())]), &release, &Interrupts::default());
    assert_eq!(ending.expect_err("no access").exit(), Exit::Unauthorised);
}

#[test]
fn a_failure_is_the_culprits_or_the_runs() {
    let release = Release::example("{name: qa}");
    let bad = || vec![ended(End::Badly("was cancelled".into()))];
    let (ending, _) = follow(&script(bad()), &release, &Interrupts::default());
    let run = Ending::Failed { part: "the run https://h.example/7".into(), why: "was cancelled".into(), tail: vec![] };
    assert_eq!(ending.expect("an end"), run);
    let culprit = Culprit { part: "the job a".into(), why: "failed".into(), tail: vec!["boom".into()] };
    let (ending, _) = follow(&Script { culprit: Some(culprit), ..script(bad()) }, &release, &Interrupts::default());
    let job = Ending::Failed { part: "the job a".into(), why: "failed".into(), tail: vec!["boom".into()] };
    assert_eq!(ending.expect("an end"), job);
}

#[test]
fn a_tag_is_at_its_commit_and_a_branch_may_move_on() {
    let elsewhere = || Ok(Look { commit: Some("1".repeat(40)), ..Look::default() });
    let mut release = Release::example("{name: qa}");
    let system = script(vec![elsewhere(), ended(End::Well)]);
    let (ending, _) = follow(&system, &release, &Interrupts::default());
    let error = ending.expect_err("another commit");
    assert_eq!((error.code(), error.exit(), system.cancelled.get()), ("run-at-another-commit", Exit::Refused, true));

    release.facts.tag = None;
    release.facts.repositories[0].reference = "refs/heads/main".into();
    let system = script(vec![elsewhere(), elsewhere(), ended(End::Well)]);
    let (ending, told) = follow(&system, &release, &Interrupts::default());
    assert_eq!((ending.expect("an end"), system.cancelled.get()), (Ending::Succeeded, false));
    assert_eq!(told.iter().filter(|line| line.contains("the branch is at 1111")).count(), 1, "{told:?}");
}
