use std::cell::{Cell, RefCell};

use super::super::system::Started;
use super::*;
use crate::domain::error::{Exit, Explain as _};

/// A system whose looks were thought out before.
struct Script {
    looks: RefCell<Vec<http::Result<Look>>>,
    /// How often the run is not found.
    hidden: Cell<usize>,
    /// How often it can't be cancelled.
    uncancellable: Cell<usize>,
    cancelled: Cell<bool>,
    culprit: Option<Culprit>,
}

fn script(looks: Vec<http::Result<Look>>) -> Script {
    Script {
        looks: RefCell::new(looks),
        hidden: Cell::new(0),
        uncancellable: Cell::new(0),
        cancelled: Cell::new(false),
        culprit: None,
    }
}

fn down() -> http::Error {
    http::Error::Unreachable { host: "h.example".into(), why: "it is down".into() }
}

fn refused() -> http::Error {
    http::Error::Unauthorised {
        host: "h.example".into(),
        doing: "look".into(),
        said: String::new(),
        known: false,
        fixes: Box::default(),
    }
}

impl System for Script {
    fn check(&self, _release: &Release) -> Result<(), Error> {
        Ok(())
    }
    fn start(&self, _order: &Order<'_>) -> Result<Started, Error> {
        Ok(Started::Somewhere)
    }
    fn find(&self, _order: &Order<'_>) -> http::Result<Option<Run>> {
        let hidden = self.hidden.get();
        self.hidden.set(hidden.saturating_sub(1));
        Ok((hidden == 0).then(|| Run { id: "7".into(), url: None }))
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
        if self.uncancellable.get() > 0 {
            self.uncancellable.set(self.uncancellable.get() - 1);
            return Err(down());
        }
        self.cancelled.set(true);
        Ok(())
    }
}

fn follow(system: &Script, release: &Release, interrupts: &Interrupts) -> (Result<Ending, Error>, Vec<String>) {
    let order = Order { release, id: "0123" };
    let run = Run { id: "7".into(), url: None };
    let following = Following::of(system, &order, run);
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

#[test]
fn what_was_started_before_a_signal_is_found_and_stopped() {
    let release = Release::example("{name: qa}");
    let order = Order { release: &release, id: "0123" };
    let system = script(vec![at("queued"), ended(End::Badly("was cancelled".into()))]);
    system.hidden.set(2);
    system.uncancellable.set(1);
    let interrupts = Interrupts::default();
    let mut told = Vec::new();
    let mut starting = Starting {
        system: &system,
        order: &order,
        finding: FINDING,
        interrupts: &interrupts,
        tell: &mut |one| told.push(format!("{one:?}")),
    };
    let run = starting.start().expect("found").expect("a run");
    assert!(told.iter().any(|line| line.contains("looking for the run with the id 0123")), "{told:?}");
    let following = Following::of(&system, &order, run);
    let ending = following.follow(Watch::begin(None, &Interrupts::with(15)), &mut |_| {}).expect("an end");
    assert!(matches!(&ending, Ending::Interrupted { why, .. } if why == "was cancelled"), "{ending:?}");
    assert!(system.cancelled.get(), "a cancelling that fails is tried again");

    // The signal comes while it is looked for.
    let system = script(vec![]);
    system.hidden.set(2);
    let interrupts = Interrupts::with(15);
    let mut starting =
        Starting { system: &system, order: &order, finding: FINDING, interrupts: &interrupts, tell: &mut |_| {} };
    assert_eq!(starting.find(None).expect("found").id, "7");
}

#[test]
fn a_run_that_goes_on_is_taken_up_and_no_other() {
    let release = Release::example("{name: qa}");
    let order = Order { release: &release, id: "0123" };
    let taken = |looks| {
        let system = script(looks);
        let interrupts = Interrupts::default();
        let mut starting =
            Starting { system: &system, order: &order, finding: FINDING, interrupts: &interrupts, tell: &mut |_| {} };
        starting.taken_up(&["0122".into()])
    };
    assert_eq!(taken(vec![at("running")]).expect("looked").expect("a run").id, "7");
    assert_eq!(taken(vec![ended(End::Well)]).expect("looked"), None);
    assert!(taken(vec![Err(refused())]).is_err(), "what can't be looked at may go on");
}

#[test]
fn a_run_that_was_just_started_may_be_unknown_for_a_moment() {
    let release = Release::example("{name: qa}");
    let unknown = || Err(http::Error::NotFound { host: "h".into(), doing: "look".into(), said: String::new() });
    let (ending, _) = follow(&script(vec![unknown(), unknown(), ended(End::Well)]), &release, &Interrupts::default());
    assert_eq!(ending.expect("an end"), Ending::Succeeded);
    let (ending, _) = follow(&script(vec![at("running"), unknown()]), &release, &Interrupts::default());
    assert_eq!(ending.expect_err("it is gone").exit(), Exit::NotFound);
}
