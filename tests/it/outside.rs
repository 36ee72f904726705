//! Environments that something else drives: the file says no version, and the records stand for it, in every command alike.

use serde_json::Value;

use crate::diff::{Shop, record};
use crate::sandbox::{Answer, Room, assert_whole};
use crate::whereabouts::{at, note, told};

/// A release repo whose environments are driven from outside, with records of eu: version, outcome, branch of the lib.
fn driven_from_outside(shop: &Shop<'_>, records: &[(&str, &str, &str)]) {
    let file =
        "application: foo-app\nenvironments:\n- name: test\n  type: qa\n- name: eu\n  type: prod\n  from: [test]\n";
    shop.ready();
    for name in ["test", "eu"] {
        let tip = shop.release.commit_files(&format!("environment/{name}"), "From outside", &[("release.yml", file)]);
        let of_test = [("1.1.0", "succeeded", "left")];
        let records = if name == "test" { &of_test[..] } else { records };
        for (hour, (version, outcome, branch)) in records.iter().enumerate() {
            note(shop, &tip, name, &format!("2026-01-07T{:02}:00:00.000Z", 10 + hour), version, outcome, branch);
        }
    }
}

#[test]
fn where_the_file_has_no_version_the_records_tell() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let one = shop.commit("right", "FOO-1 One");
    shop.ready();
    let tip = shop.release.commit_files(
        "environment/eu",
        "Driven from outside",
        &[("release.yml", "application: foo-app\nenvironments:\n- name: eu\n  type: prod\n")],
    );
    record(&shop, &tip, "eu", "1.0.0", &shop.app.git("rev-parse main"));
    let told = told(&shop, &one);
    let (has, place) = at(&told, "eu");
    assert_eq!((has, &place["since"], &place["version"]), ("yes", &"2026-01-07T08:00:00Z".into(), &"1.0.0".into()));
}

#[test]
fn a_deployment_that_failed_changes_nothing() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let one = shop.commit("right", "FOO-1 One");
    shop.on("left", &["merge -q --ff-only right"]);
    let two = shop.commit("left", "FOO-2 Two");
    driven_from_outside(&shop, &[("1.0.0", "succeeded", "right"), ("1.1.0", "failed", "left")]);
    let first = told(&shop, &one);
    let (has, place) = at(&first, "eu");
    assert_eq!((has, &place["since"], &place["version"]), ("yes", &"2026-01-07T10:00:00Z".into(), &"1.0.0".into()));
    let second = told(&shop, &two);
    let (has, place) = at(&second, "eu");
    assert_eq!((has, &place["version"]), ("no", &Value::Null), "it never had it");
    // What takes no promotions is not told to be promoted to.
    let waits = second["waits"].as_array().unwrap().iter().find(|wait| wait["to"] == "eu").unwrap();
    assert_eq!(waits["command"], "relman deploy eu --version 1.1.0");
}

/// What each command takes eu to hold.
fn held_by_eu(shop: &Shop<'_>) -> Vec<String> {
    let ask = |line: &str| shop.room.relman("foo-release", &format!("{line} --format json")).ok().json();
    let of = |document: &Value| {
        let environments = document["environments"].as_array().unwrap();
        environments.iter().find(|one| one["name"] == "eu").unwrap().clone()
    };
    let (now, then) = (of(&ask("status")), of(&ask("status --at 2026-01-08")));
    let (where_, diff, trace) = (of(&ask("where FOO-1")), ask("diff test eu"), ask("trace eu"));
    let answers = [
        &now["version"],
        &now["ran"]["version"],
        &then["version"],
        &then["ran"]["version"],
        &where_["holds"],
        &where_["ran"]["version"],
        &diff["to"]["version"],
        &trace["declared"]["version"],
        &trace["ran"]["version"],
    ];
    answers.map(|answer| answer.as_str().unwrap_or("nothing").to_owned()).to_vec()
}

#[test]
fn every_command_takes_what_succeeded_last_for_what_is_there() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("right", "FOO-1 One");
    shop.on("left", &["merge -q --ff-only right"]);
    driven_from_outside(&shop, &[("1.0.0", "succeeded", "right"), ("1.1.0", "failed", "left")]);
    assert_eq!(held_by_eu(&shop), ["1.0.0"; 9]);
    // What failed stands beside it, as what it is.
    let ask = |line: &str| room.relman("foo-release", line).ok();
    let tried = |document: Value| (document["outcome"].clone(), document["version"].clone());
    let failed = (Value::from("failed"), Value::from("1.1.0"));
    assert_eq!(tried(ask("status eu --format json").json()["environments"][0]["deployment"].clone()), failed);
    assert_eq!(tried(ask("trace eu --format json").json()["last_tried"].clone()), failed);
    let row = |answer: Answer| answer.out.lines().find(|line| line.starts_with("eu ")).unwrap().to_owned();
    for line in ["status", "status --at 2026-01-08"] {
        let row = row(ask(line));
        assert!(row.contains(" 1.0.0 (from outside) ") && row.contains("failed v1.1.0"), "{line}: {row}");
    }
    assert_whole!("trace_outside", ask("trace eu"));
    // What failed was never there, whatever is asked for.
    let never = ask("trace eu@1.1.0 --format json").json();
    assert_eq!((&never["declared"]["version"], &never["ran"]), (&Value::Null, &Value::Null), "{never}");
    ask("trace eu@1.1.0").shows("declared    nothing: no deployment has succeeded\n");
    assert_eq!(tried(never["last_tried"].clone()), failed);
    // Tried again, with success.
    let tip = shop.release.git("rev-parse environment/eu");
    note(&shop, &tip, "eu", "2026-01-07T12:00:00.000Z", "1.1.0", "succeeded", "left");
    assert_eq!(held_by_eu(&shop), ["1.1.0"; 9]);
    assert_eq!(ask("trace eu --format json").json()["last_tried"], Value::Null);
}

#[test]
fn where_nothing_succeeded_nothing_is_there() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("right", "FOO-1 One");
    driven_from_outside(&shop, &[("1.0.0", "failed", "right")]);
    let ask = |line: &str| room.relman("foo-release", line).ok();
    let eu = &ask("status eu --format json").json()["environments"][0];
    assert_eq!(
        (&eu["version"], &eu["ran"], &eu["deployment"]["outcome"]),
        (&Value::Null, &Value::Null, &"failed".into())
    );
    ask("status eu").shows("(given from outside)");
    ask("trace eu").shows("declared    nothing: no deployment has succeeded\n").shows("last tried  1.0.0, failed");
}

#[test]
fn a_record_under_a_former_name_is_of_the_component_that_has_the_commit() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("right", "FOO-1 One");
    shop.on("left", &["merge -q --ff-only right"]);
    let two = shop.commit("left", "FOO-2 Two");
    driven_from_outside(&shop, &[("1.0.0", "succeeded", "right")]);
    // Whatever recorded it called the component otherwise.
    let notes = "refs/notes/relman/deployments";
    for name in ["test", "eu"] {
        let tip = shop.release.git(&format!("rev-parse environment/{name}"));
        let said = shop.release.git(&format!("notes --ref={notes} show {tip}"));
        let said = said.replace("\"foo-lib\"", "\"old-lib\"");
        shop.release.git_args(["notes", &format!("--ref={notes}"), "add", "-f", "-m", &said, &tip]);
    }
    let ask = |line: &str| room.relman("foo-release", &format!("{line} --format json")).ok().json();
    let trace = ask("trace eu");
    let components: Vec<&Value> = trace["repositories"].as_array().unwrap().iter().skip(1).collect();
    let [lib] = components.as_slice() else { panic!("{trace}") };
    assert_eq!(
        (&lib["name"], &lib["recorded_as"], &lib["proof"][0]),
        (&"foo-lib".into(), &"old-lib".into(), &"record".into())
    );
    room.relman("foo-release", "trace eu").ok().shows("foo-lib (recorded as old-lib)");
    let diff = ask("diff test eu");
    let lib = diff["repositories"].as_array().unwrap().last().unwrap();
    assert_eq!((&lib["name"], &lib["added"][0]["id"]), (&"foo-lib".into(), &two.as_str().into()), "{diff}");
    assert_eq!((&diff["warnings"], &diff["issues"]["added"][0]), (&Value::Array(vec![]), &"FOO-2".into()), "{diff}");
    assert_eq!(at(&told(&shop, "FOO-2"), "eu").0, "no");
}
