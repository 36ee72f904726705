//! `relman where`: what ran last is judged by what ran, whatever is declared since, and what can't be read is not known.

use serde_json::{Value, json};

use crate::diff::Shop;
use crate::sandbox::Room;
use crate::whereabouts::{at, note, told};

/// An environment's part of the answer.
fn place<'v>(told: &'v Value, environment: &str) -> &'v Value {
    told["environments"].as_array().unwrap().iter().find(|place| place["name"] == environment).unwrap()
}

/// What is known of a share: whether at all, whether all of it is there, whether a part.
fn known(share: &Value) -> (bool, bool, bool) {
    let is = |name: &str| share[name].as_bool().unwrap_or_else(|| panic!("no {name} in {share}"));
    (is("known"), is("has"), is("partly"))
}

const YES: (bool, bool, bool) = (true, true, false);
const NO: (bool, bool, bool) = (true, false, false);
const UNKNOWN: (bool, bool, bool) = (false, false, false);

/// qa runs 1.1.0 with FOO-1 of foo-lib, as a record says, and declares a version with another app.yml since.
fn left_behind(room: &Room, app_yml: Option<&str>) -> (String, Value) {
    let shop = Shop::new(room);
    let fix = shop.commit("left", "FOO-1 One");
    shop.lib.tag("lib-7", &fix);
    shop.lib.git("branch -f main left");
    shop.ready();
    let tip = shop.release.git("rev-parse environment/qa");
    note(&shop, &tip, "qa", "2026-01-07T08:00:00.000Z", "1.1.0", "succeeded", "left");
    match app_yml {
        Some(text) => drop(shop.app.commit_files("main", "Change the app", &[("app.yml", text)])),
        None => {
            shop.app.git("checkout -q -f main");
            shop.app.git("rm -q app.yml");
            shop.app.git("commit -q -m Gone");
        }
    }
    let app = shop.app.git("rev-parse main");
    shop.app.tag("v1.2.0-rc.1", &app);
    shop.release.environment("qa", "1.2.0", "type: qa");
    for what in ["1.1.0", "v1.1.0-rc.1", "lib-7", &fix] {
        let told = told(&shop, what);
        assert_eq!(known(&place(&told, "qa")["ran"]), YES, "{what} {told}");
    }
    let answer = room.relman("foo-release", "where FOO-1").ok();
    let answer = answer.shows("What ran last in qa is v1.1.0 (2026-01-07 08:00), which has it.\n");
    assert!(!answer.out.contains("No environment") && !answer.out.contains("had it with"), "{}", answer.out);
    (fix.clone(), told(&shop, "FOO-1"))
}

#[test]
fn a_component_that_is_declared_no_more_still_runs() {
    for app_yml in [Some("repositories: []\n"), Some("repositories:\n- {name: foo-lib, tag: v1.0.0}\n"), None] {
        let room = Room::new();
        let (fix, told) = left_behind(&room, app_yml);
        assert_eq!((known(place(&told, "qa")), known(place(&told, "prod"))), (NO, NO), "{app_yml:?} {told}");
        assert_eq!(known(&place(&told, "qa")["ran"]), YES, "{app_yml:?} {told}");
        assert_eq!(told["commits"][0]["id"], fix.as_str());
        assert_eq!(told["on_default_branch"], json!(["foo-lib"]), "its own default branch has it");
        assert_eq!(told["warnings"], json!([]));
    }
}

#[test]
fn where_a_declared_list_can_not_be_read_that_is_said_and_nothing_denied() {
    let room = Room::new();
    let (_, told) = left_behind(&room, Some("repositories: [\n"));
    assert_eq!((known(place(&told, "qa")), known(&place(&told, "qa")["ran"])), (UNKNOWN, YES), "{told}");
    assert_eq!(told["waits"], json!([]), "nobody knows whether it waits");
    let warnings = told["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 1, "said once: {told}");
    assert!(warnings[0]["message"].as_str().unwrap().contains("app.yml:1:"), "{told}");
    room.relman("foo-release", "where FOO-1").ok().shows("not known");
}

#[test]
fn what_prod_still_runs_is_found_whatever_the_default_branch_lists() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("right", "FOO-1 One");
    shop.ready();
    let tip = shop.release.git("rev-parse environment/prod");
    note(&shop, &tip, "prod", "2026-01-07T08:00:00.000Z", "1.0.0", "succeeded", "right");
    shop.app.app_file("main", &[]);
    shop.release.environment("prod", "2.0.0", "type: prod; from: [qa]");
    shop.release.environment("qa", "WIP", "type: dev");
    let told = told(&shop, "FOO-1");
    assert_eq!((known(place(&told, "qa")), known(&place(&told, "prod")["ran"])), (NO, YES), "{told}");
    // No candidate of what is declared exists.
    assert_eq!(known(place(&told, "prod")), UNKNOWN, "{told}");
}

#[test]
fn a_component_that_was_renamed_and_left_out_since_is_known_by_its_other_clone() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let one = shop.commit("right", "FOO-1 One");
    shop.on("left", &["merge -q --ff-only right"]);
    shop.ready();
    let (qa, prod) = (shop.release.git("rev-parse environment/qa"), shop.release.git("rev-parse environment/prod"));
    note(&shop, &prod, "prod", "2026-01-07T08:00:00.000Z", "1.0.0", "succeeded", "right");
    note(&shop, &qa, "qa", "2026-01-07T09:00:00.000Z", "1.1.0", "succeeded", "left");
    shop.rename_lib(false);
    shop.app.app_file("main", &[]);
    shop.app.tag("v1.3.0-rc.1", "main");
    shop.release.environment("prod", "1.3.0", "type: prod; from: [qa]");
    for what in ["FOO-1", &one] {
        let told = told(&shop, what);
        let ran = |name: &str| known(&place(&told, name)["ran"]);
        assert_eq!((ran("qa"), ran("prod"), known(place(&told, "prod"))), (YES, YES, NO), "{what} {told}");
        assert_eq!(told["warnings"], json!([]), "a clone under one of the names is enough");
    }
}

#[test]
fn what_runs_without_a_clone_of_it_is_not_known_and_named() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.app.commit("main", "FOO-1 In the app");
    shop.ready();
    let tip = shop.release.git("rev-parse environment/prod");
    let (old, lib) = (shop.app.git("rev-parse main~1"), shop.lib.git("rev-parse right"));
    shop.app.relman_tag("v0.9.0", &old, &[("foo-lib", &lib)]);
    shop.app.relman_tag("v0.9.0-rc.1", &old, &[("foo-lib", &lib)]);
    shop.lib.tag("v0.9.0-rc.1", &lib);
    shop.lib.tag("v0.9.0", &lib);
    note(&shop, &tip, "prod", "2026-01-07T08:00:00.000Z", "1.0.0", "succeeded", "right");
    shop.release.environment("prod", "0.9.0", "type: prod; from: [qa]");
    assert_eq!(at(&told(&shop, "FOO-1"), "prod").0, "no");
    std::fs::rename(&shop.lib.path, room.path("elsewhere")).unwrap();
    let told = told(&shop, "FOO-1");
    // What is found in the app is there; of what is not found, foo-lib may have a part.
    assert_eq!((known(place(&told, "qa")), known(place(&told, "prod"))), (YES, UNKNOWN), "{told}");
    let warnings = told["warnings"].as_array().unwrap();
    assert_eq!((warnings.len(), &warnings[0]["code"]), (1, &"no-clone".into()), "{told}");
    assert!(warnings[0]["message"].as_str().unwrap().contains("no clone of foo-lib"), "{told}");
}

#[test]
fn what_ran_at_a_commit_that_no_clone_has_is_not_known() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("left", "FOO-1 One");
    shop.ready();
    let tip = shop.release.git("rev-parse environment/prod");
    // Newer than this clone of the component, which others have fetched.
    let other = shop.lib.clone_as("other", "--branch right");
    let new = other.commit("right", "FOO-2 Two");
    let app = shop.app.git("rev-parse main");
    let line = |repositories: Value, app: Value| {
        json!({
            "at": "2026-01-07T08:00:00.000Z", "id": "1", "schema": "relman.record/1", "environment": "prod",
            "outcome": "succeeded", "version": "1.0.0", "release_commit": tip, "app_commit": app,
            "repositories": repositories,
        })
    };
    let write = |line: Value| {
        shop.release.git_args(["notes", "--ref=relman/deployments", "add", "-f", "-m", &line.to_string(), &tip])
    };
    write(line(
        json!([{"name": "foo-app", "commit": app, "ref": "x"}, {"name": "foo-lib", "commit": new, "ref": "x"}]),
        json!(app),
    ));
    let lacking = told(&shop, "FOO-1");
    assert_eq!((known(place(&lacking, "prod")), known(&place(&lacking, "prod")["ran"])), (NO, UNKNOWN), "{lacking}");
    assert_eq!(lacking["warnings"][0]["code"], "no-commit", "{lacking}");
    room.relman("foo-release", "where FOO-1").ok().shows("is 1.0.0 (2026-01-07 08:00), of which that is not known.");
    // A record that names the app alone, or nothing, denies nothing either.
    for app in [json!(app), Value::Null] {
        write(line(json!([]), app));
        let told = told(&shop, "FOO-1");
        assert_eq!(known(&place(&told, "prod")["ran"]), UNKNOWN, "{told}");
    }
}

#[test]
fn the_default_branch_of_a_pinned_component_counts_as_one() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.ready();
    shop.lib.git("checkout -q -f main");
    shop.commit("main", "FOO-1 Beyond the pin");
    shop.app.app_file("main", &["{name: foo-lib, tag: v1.0.0}"]);
    let told = told(&shop, "FOO-1");
    assert_eq!((known(place(&told, "qa")), &told["on_default_branch"]), (NO, &json!(["foo-lib"])), "{told}");
}

#[test]
fn a_pinned_component_ran_at_its_pin_and_not_at_its_own_tag_of_the_same_name() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let one = shop.commit("left", "FOO-1 One");
    shop.lib.git("branch -f main left");
    shop.lib.tag("v2.0.0", "right");
    shop.lib.tag("v1.0.0", &one);
    shop.app.app_file("main", &["{name: foo-lib, tag: v2.0.0}"]);
    // By hand, so that nothing but the list says which commit it was.
    for tag in ["v1.0.0-rc.1", "v1.0.0"] {
        shop.app.tag(tag, "main");
    }
    shop.release.environment("prod", "1.0.0", "type: prod");
    let told = told(&shop, "FOO-1");
    let prod = place(&told, "prod");
    assert_eq!((known(prod), &prod["version"]), (NO, &Value::Null), "it never had it: {told}");
}

#[test]
fn a_record_under_the_former_name_of_the_app_is_of_the_app() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.app.commit("main", "FOO-1 In the app");
    shop.ready();
    let tip = shop.release.git("rev-parse environment/qa");
    let (app, lib) = (shop.app.git("rev-parse main"), shop.lib.git("rev-parse left"));
    let line = json!({
        "at": "2026-01-07T08:00:00.000Z", "id": "1", "schema": "relman.record/1", "environment": "qa",
        "outcome": "succeeded", "version": "1.1.0", "release_commit": tip, "app_commit": app,
        "repositories": [
            {"name": "old-app", "commit": app, "ref": "x"},
            {"name": "foo-lib", "commit": lib, "ref": "x"},
        ],
    });
    shop.release.git_args(["notes", "--ref=relman/deployments", "append", "-m", &line.to_string(), &tip]);
    let told = told(&shop, "FOO-1");
    assert_eq!((known(&place(&told, "qa")["ran"]), &told["warnings"]), (YES, &json!([])), "{told}");
}

#[test]
fn an_old_job_that_was_run_again_breaks_the_time_that_something_was_there() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let fix = shop.commit("left", "FOO-1 One");
    shop.ready();
    let old = shop.release.environment("eu", "1.0.0", "type: prod");
    let new = shop.release.environment("eu", "1.1.0", "type: prod");
    let deploy = |on: &str, hour: &str, version: &str, branch: &str| {
        note(&shop, on, "eu", &format!("2026-01-07T{hour}:00:00.000Z"), version, "succeeded", branch);
    };
    deploy(&old, "08", "1.0.0", "right");
    deploy(&new, "09", "1.1.0", "left");
    let eu = |told: &Value| place(told, "eu").clone();
    assert_eq!(eu(&told(&shop, &fix))["since"], "2026-01-07T09:00:00Z");
    deploy(&old, "10", "1.0.0", "right");
    let back = eu(&told(&shop, &fix));
    assert_eq!((known(&back), known(&back["ran"])), (YES, NO), "{back}");
    deploy(&new, "11", "1.1.0", "left");
    let again = eu(&told(&shop, &fix));
    assert_eq!((known(&again["ran"]), &again["since"]), (YES, &"2026-01-07T11:00:00Z".into()), "{again}");
}

#[test]
fn what_ran_from_a_commit_that_the_branch_has_lost_is_part_of_its_past() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let fix = shop.commit("left", "FOO-1 One");
    shop.ready();
    let tip = shop.release.environment("eu", "1.0.0", "type: prod");
    let lost = shop.release.environment("eu", "1.1.0", "type: prod");
    note(&shop, &lost, "eu", "2026-01-07T09:00:00.000Z", "1.1.0", "succeeded", "left");
    shop.release.git_args(["branch", "-f", "environment/eu", &tip]);
    note(&shop, &tip, "eu", "2026-01-07T10:00:00.000Z", "1.0.0", "succeeded", "right");
    let told = told(&shop, &fix);
    let eu = place(&told, "eu");
    assert_eq!((known(eu), known(&eu["ran"]), &eu["version"]), (NO, NO, &"1.1.0".into()), "{told}");
}

#[test]
fn what_was_deployed_by_mistake_is_told_with_its_own_version() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let fix = shop.commit("left", "FOO-1 One");
    shop.ready();
    // A job that was given another version than the branch declares.
    let tip = shop.release.environment("eu", "1.0.0", "type: prod");
    note(&shop, &tip, "eu", "2026-01-07T09:00:00.000Z", "1.1.0", "succeeded", "left");
    note(&shop, &tip, "eu", "2026-01-07T10:00:00.000Z", "1.0.0", "succeeded", "right");
    let told = told(&shop, &fix);
    assert_eq!((known(place(&told, "eu")), &place(&told, "eu")["version"]), (NO, &"1.1.0".into()), "{told}");
}

#[test]
fn what_is_declared_no_more_and_still_runs_is_called_so() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("left", "FOO-1 One");
    shop.ready();
    let tip = shop.release.environment("prod", "1.1.0", "type: prod; from: [qa]");
    note(&shop, &tip, "prod", "2026-01-07T08:00:00.000Z", "1.1.0", "succeeded", "left");
    // Rolled back, and not deployed yet.
    shop.release.environment("prod", "1.0.0", "type: prod; from: [qa]");
    let answer = room.relman("foo-release", "where FOO-1").ok();
    let row = answer.out.lines().find(|line| line.starts_with("prod ")).unwrap();
    assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["prod", "still", "runs", "-", "1.1.0", "1.0.0"]);
    answer
        .shows("What ran last in prod is v1.1.0 (2026-01-07 08:00), which has it.")
        .shows("\nqa has it, what prod declares has not: relman promote qa prod\n");
}
