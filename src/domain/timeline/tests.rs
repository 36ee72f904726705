//! Histories that are told by hand, and what is read from them.

use jiff::tz::TimeZone;

use super::*;
use crate::domain::selector::{Point, Unselected};

const NOW: i64 = 1_795_339_804;

fn id(number: usize) -> CommitId {
    CommitId::parse(&format!("{number:040x}")).expect("an id")
}

fn env(name: &str) -> EnvironmentName {
    EnvironmentName::parse(name).expect("a name")
}

/// A commit, by its number, at so many seconds, that declares this; `-` is no version, `` an empty one.
fn step(number: usize, at: i64, declares: &str, message: &str) -> Step {
    Step {
        commit: Commit {
            id: id(number),
            tree: id(0).object(),
            parents: vec![id(number - 1)],
            author: "Ada".into(),
            at,
            message: message.into(),
        },
        declared: match declares {
            "-" => Some(Declared::Absent),
            "" => Some(Declared::Empty),
            "?" => None,
            text => Some(Declared::parse(text).expect("a version")),
        },
        merged: Vec::new(),
        shared_with: Rc::default(),
    }
}

fn record(on: usize, deployment: &str, at: i64, outcome: &str, version: &str) -> (CommitId, Vec<Record>) {
    let at = record::moment(at * 1000);
    let line = format!(
        r#"{{"at":"{at}","id":"{deployment}","schema":"relman.record/1","environment":"prod","outcome":"{outcome}","version":"{version}","candidate":"v{version}-rc.1","actor":"ci"}}"#
    );
    (id(on), record::parse(&line))
}

fn timeline(line: Vec<Step>, records: Vec<(CommitId, Vec<Record>)>) -> Timeline {
    let story = Story { environment: env("prod"), line, records, stood_on: Vec::new(), complete: true, now: NOW };
    Timeline::new(story)
}

fn told(timeline: &Timeline) -> Vec<(i64, Option<&str>, Option<&str>)> {
    timeline.changes.iter().map(|change| (change.at, change.from.as_deref(), change.to.as_deref())).collect()
}

#[test]
fn only_changes_of_the_version_are_changes() {
    let line = vec![
        step(1, 100, "", "Begin"),
        step(2, 200, "1.0.0", "Set"),
        step(3, 300, "1.0.0", "Another key"),
        step(4, 400, "1.1.0", "Merge pull request #7 from a/b"),
        step(5, 500, "WIP", "x"),
        step(6, 600, "ref:main", "x"),
        step(7, 700, "", "Take it back"),
        step(8, 800, "1.1.0", "x"),
    ];
    let timeline = timeline(line, vec![]);
    assert_eq!(
        told(&timeline),
        [
            (200, None, Some("1.0.0")),
            (400, Some("1.0.0"), Some("1.1.0")),
            (500, Some("1.1.0"), Some("WIP")),
            (600, Some("WIP"), Some("ref:main")),
            (700, Some("ref:main"), None),
            (800, None, Some("1.1.0")),
        ]
    );
    assert_eq!(timeline.changes[1].pull_request.as_ref().map(|mark| mark.number), Some(7));
    assert_eq!(timeline.last_change_to("1.1.0").map(|change| change.at), Some(800));
    assert_eq!(timeline.last_commit_of(&timeline.changes[0]), id(3));
}

#[test]
fn a_file_that_cant_be_read_is_a_change_to_something_unknown() {
    let timeline = timeline(vec![step(1, 1, "1.0.0", ""), step(2, 2, "?", ""), step(3, 3, "1.0.0", "")], vec![]);
    assert_eq!(
        timeline.changes.iter().map(|change| change.source).collect::<Vec<_>>(),
        [Source::File, Source::Unreadable, Source::File]
    );
}

#[test]
fn clocks_that_are_wrong_put_nothing_out_of_order() {
    let line = vec![
        step(1, 100, "1.0.0", ""),
        step(2, NOW + 5000, "1.1.0", "from the future"),
        step(3, 300, "1.2.0", ""),
        step(4, 5, "1.3.0", "from 1970"),
        step(5, 400, "1.4.0", ""),
    ];
    let timeline = timeline(line, vec![]);
    assert_eq!(timeline.changes.iter().map(|change| change.at).collect::<Vec<_>>(), [100, 100, 300, 300, 400]);
    assert_eq!(timeline.declared_at(350), Standing::Known(id(4), timeline.changes.get(3)));
}

#[test]
fn what_ran_is_not_what_was_declared() {
    let line = vec![step(1, 1000, "1.0.0", ""), step(2, 2000, "1.1.0", ""), step(3, 3000, "1.1.0", "again")];
    let timeline = timeline(
        line,
        vec![
            record(1, "a", 1100, "running", "1.0.0"),
            record(1, "a", 1200, "succeeded", "1.0.0"),
            record(2, "b", 2100, "failed", "1.1.0"),
            record(3, "c", 3100, "running", "1.1.0"),
            record(3, "c", 3200, "succeeded", "1.1.0"),
        ],
    );
    let ran = |at| timeline.ran_at(at).and_then(|deployment| deployment.record.version.as_deref());
    assert_eq!(ran(1150), None, "it was running still");
    assert_eq!(ran(1200), Some("1.0.0"));
    assert_eq!(ran(2500), Some("1.0.0"), "what failed does not run");
    assert_eq!(ran(3200), Some("1.1.0"));
    assert_eq!(timeline.declared_at(2500), Standing::Known(id(2), timeline.changes.get(1)));
    assert_eq!(timeline.declared_at(999), Standing::NotYet);
    let outcomes: Vec<Outcome> = timeline.changes[1].deployments.iter().map(|deployment| deployment.outcome).collect();
    assert_eq!(outcomes, [Outcome::Failed, Outcome::Succeeded], "those of the whole time that it was declared");
    assert_eq!(timeline.last_deployment_at(1150).map(|deployment| deployment.outcome), Some(Outcome::Running));
    assert_eq!(timeline.last_deployment_at(1000), None);
    assert_eq!(timeline.changes[1].candidate.as_ref().map(TagName::as_str), Some("v1.1.0-rc.1"));
}

#[test]
fn a_candidate_is_the_one_that_was_named_last() {
    let named = |version: &str, candidate: &str| format!("x\n\nVersion: {version}\nCandidate: {candidate}");
    let mut merge = step(2, 200, "1.1.0", "Merge pull request #9 from acme/promote");
    merge.merged.push(step(9, 150, "1.1.0", &named("1.1.0", "v1.1.0-rc.2")).commit);
    let line = vec![
        step(1, 100, "1.0.0", &named("1.0.0", "v1.0.0-rc.1")),
        merge,
        step(3, 300, "1.1.0", &named("1.1.0", "v1.1.0-rc.3")),
        step(4, 400, "1.2.0", &named("1.1.0", "v1.1.0-rc.9")),
    ];
    let timeline = timeline(line, vec![record(3, "a", 350, "succeeded", "1.1.0")]);
    let named: Vec<_> = timeline.changes.iter().map(|change| change.candidate.as_ref().map(TagName::as_str)).collect();
    assert_eq!(named, [Some("v1.0.0-rc.1"), Some("v1.1.0-rc.3"), None], "another version's counts for nothing");
    let at = |commit| timeline.named_at(id(commit)).map(TagName::as_str);
    assert_eq!([at(1), at(2), at(3), at(4)], [Some("v1.0.0-rc.1"), Some("v1.1.0-rc.2"), Some("v1.1.0-rc.3"), None]);
}

#[test]
fn without_a_version_in_the_file_the_records_stand_for_it() {
    let timeline = timeline(
        vec![step(1, 1000, "-", ""), step(2, 2000, "-", "")],
        vec![
            record(1, "a", 1100, "succeeded", "1.0.0"),
            record(1, "b", 1200, "succeeded", "1.1.0"),
            record(1, "c", 1300, "failed", "1.1.0"),
            record(2, "d", 2100, "succeeded", "1.0.0"),
        ],
    );
    assert_eq!(
        told(&timeline),
        [(1100, None, Some("1.0.0")), (1200, Some("1.0.0"), Some("1.1.0")), (2100, Some("1.1.0"), Some("1.0.0"))]
    );
    assert_eq!(timeline.changes[1].deployments.len(), 2);
    assert_eq!(timeline.changes[1].by, "ci");
    let declared = |at| match timeline.declared_at(at) {
        Standing::Known(_, change) => change.and_then(|change| change.to.clone()),
        other => panic!("{other:?}"),
    };
    assert_eq!(declared(1050), None);
    assert_eq!(declared(1150).as_deref(), Some("1.0.0"));
    assert_eq!(declared(1999).as_deref(), Some("1.1.0"));
    assert_eq!(declared(2150).as_deref(), Some("1.0.0"));
}

#[test]
fn what_the_branch_no_longer_has_is_told_from_records_and_logs() {
    let story = Story {
        environment: env("prod"),
        line: vec![step(1, 1000, "1.0.0", ""), step(2, 2000, "1.2.0", "")],
        records: vec![record(7, "a", 1500, "succeeded", "1.1.0")],
        stood_on: vec![id(1), id(7), id(8), id(2)],
        complete: true,
        now: NOW,
    };
    let timeline = Timeline::new(story.clone());
    let lost: Vec<_> = timeline.lost.iter().map(|lost| (lost.commit, lost.deployed_at)).collect();
    assert_eq!(lost, [(id(7), Some(1500)), (id(8), None)]);
    assert_eq!(
        told(&timeline),
        [(1000, None, Some("1.0.0")), (1500, None, Some("1.1.0")), (2000, Some("1.0.0"), Some("1.2.0"))]
    );
    assert_eq!(timeline.changes[1].source, Source::Lost);
    assert_eq!(timeline.ran_at(1600).and_then(|d| d.record.version.as_deref()), Some("1.1.0"));
    // The line does not say so, and what it does say stays as it is.
    assert_eq!(timeline.declared_at(1600), Standing::Known(id(1), timeline.changes.first()));
    assert_eq!(problems(&[timeline])[0].code, "rewritten-branch");
    // In a shallow clone, what is not there may have been cut off.
    assert_eq!(Timeline::new(Story { complete: false, ..story }).lost, []);
}

#[test]
fn what_is_shared_belongs_to_nobody() {
    let shared: Rc<[EnvironmentName]> = vec![env("qa")].into();
    let mut line = vec![step(1, 1000, "1.0.0", ""), step(2, 2000, "1.1.0", ""), step(3, 3000, "1.2.0", "")];
    line[0].shared_with = Rc::clone(&shared);
    line[1].shared_with = Rc::clone(&shared);
    let timeline = timeline(line.clone(), vec![]);
    assert_eq!(timeline.declared_at(2500), Standing::Shared(id(2), &[env("qa")]));
    assert_eq!(timeline.declared_at(3000), Standing::Known(id(3), timeline.changes.last()));
    let with_prod = |step: &Step| Step { shared_with: vec![env("prod")].into(), ..step.clone() };
    let qa = Timeline::new(Story {
        environment: env("qa"),
        line: line[..2].iter().map(with_prod).collect(),
        records: vec![],
        stood_on: vec![],
        complete: true,
        now: NOW,
    });
    let told = problems(&[timeline, qa]);
    assert_eq!(told.iter().map(|problem| problem.code).collect::<Vec<_>>(), ["shared-history"], "once for both");
    assert!(told[0].message.starts_with("prod and qa have one history"), "{}", told[0].message);
    let common = |commit: usize, names: &[&str]| Common {
        commit: id(commit),
        environments: names.iter().map(|name| env(name)).collect(),
    };
    let some = [
        common(2, &["prod", "qa"]),
        common(1, &["dev", "prod", "qa"]),
        common(2, &["prod", "qa"]),
        common(3, &["a", "b"]),
    ];
    let told: Vec<String> =
        shared_history(&some, &[(env("qa"), "qa@1.0.0".into())]).into_iter().map(|problem| problem.message).collect();
    let (one, two, three) = (id(1).short(), id(2).short(), id(3).short());
    assert_eq!(
        told,
        [
            format!(
                "dev, prod and qa have one history up to {one}, prod and qa up to {two}, with qa@1.0.0 in it, so whose it was can't be told"
            ),
            format!("a and b have one history up to {three}, so whose it was can't be told"),
        ],
        "each pair once"
    );
    let many: Vec<String> = (0..45).map(|number| format!("eu-{number:02}")).collect();
    let many = common(1, &many.iter().map(String::as_str).collect::<Vec<_>>());
    let told = shared_history(&[many], &[]).remove(0).message;
    assert!(told.starts_with("eu-00, eu-01, eu-02, eu-03, eu-04 and 40 more have one history"), "{told}");
    // The branch stands there now, whoever else does.
    line.pop();
    let tip = Timeline::new(Story {
        environment: env("prod"),
        line,
        records: vec![],
        stood_on: vec![],
        complete: true,
        now: NOW,
    });
    assert!(matches!(tip.declared_at(NOW), Standing::Known(..)));
    assert!(matches!(tip.declared_at(NOW - 1), Standing::Shared(..)));
}

#[test]
fn a_point_is_whatever_the_history_makes_it() {
    let timeline = timeline(
        vec![
            step(1, 1_790_000_000, "1.0.0", ""),
            step(2, 1_790_000_100, "2026-03-01", ""),
            step(0x123_4567, 1_790_000_200, "ref:main", ""),
        ],
        vec![record(1, "a", 1_790_000_050, "succeeded", "0.9")],
    );
    let find = |at: &str| Point::find(&timeline, Some(at), NOW, &TimeZone::UTC);
    assert_eq!(Point::find(&timeline, None, NOW, &TimeZone::UTC), Ok(Point::Newest));
    for version in ["1.0.0", "2026-03-01", "ref:main", "0.9"] {
        assert_eq!(find(version), Ok(Point::Version(version.to_owned())), "{version}");
    }
    assert!(matches!(find("2026-03-01 23:59"), Ok(Point::Time(moment)) if !moment.is_day));
    assert!(matches!(find("yesterday"), Ok(Point::Time(moment)) if moment.is_day));
    assert_eq!(find(&id(2).to_string()), Ok(Point::Commit(id(2))));
    assert_eq!(find(&"0".repeat(37)), Err(Unselected::Ambiguous { environment: env("prod"), at: "0".repeat(37) }));
    assert_eq!(find(&id(0x123_4567).to_string()[..38]), Ok(Point::Commit(id(0x123_4567))));
    for unknown in ["1.0", "abc", "deadbeef", "tomorrow"] {
        assert!(matches!(find(unknown), Err(Unselected::Unknown { .. })), "{unknown}");
    }
    assert!(matches!(find("2027-01-01"), Err(Unselected::Date(_))));
    assert!(matches!(find("0000"), Err(Unselected::TooShort { .. })), "a number as well");
    assert_eq!(find("v1.0.0"), Ok(Point::Version("1.0.0".into())));
    assert!(matches!(find("v1.0.0-rc.2"), Err(Unselected::Candidate { .. })));
}
