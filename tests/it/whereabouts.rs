//! `relman where`: what is there by its id and by its content, what was taken back, since when, and where it waits.

use serde_json::{Value, json};

use crate::diff::{Shop, record};
use crate::sandbox::{Repo, Room, assert_whole};

pub fn told(shop: &Shop<'_>, what: &str) -> Value {
    shop.room.call("foo-release").arg("where").arg(what).words("--format json").run().ok().json()
}

/// Whether an environment has it: `yes`, `partly`, `no`; and whether it took something back.
pub fn at<'v>(told: &'v Value, environment: &str) -> (&'static str, &'v Value) {
    let place = told["environments"].as_array().unwrap().iter().find(|place| place["name"] == environment).unwrap();
    assert_eq!(place["known"], true, "{place}");
    match (place["has"].as_bool().unwrap(), place["partly"].as_bool().unwrap()) {
        (true, false) => ("yes", place),
        (false, true) => ("partly", place),
        (false, false) => ("no", place),
        (true, true) => panic!("{place}"),
    }
}

/// What qa and prod have.
fn both(told: &Value) -> (&'static str, &'static str) {
    (at(told, "qa").0, at(told, "prod").0)
}

#[test]
fn what_is_ahead_waits_for_a_promotion() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let one = shop.commit("left", "FOO-1 One");
    shop.ready();
    for (what, kind) in [("FOO-1", "issue"), (&one[..8], "commit"), (one.as_str(), "commit"), ("foo-1", "issue")] {
        let told = told(&shop, what);
        assert_eq!((told["kind"].as_str(), both(&told)), (Some(kind), ("yes", "no")), "{what}");
        assert_eq!(told["commits"][0]["id"], one.as_str());
        assert_eq!(told["waits"][0]["command"], "relman promote qa prod");
        assert_eq!(at(&told, "qa").1["version"], "1.1.0");
        assert_eq!(told["schema"], "relman.where/1");
    }
    assert_whole!("where_text", room.relman("foo-release", "where FOO-1").ok());
}

#[test]
fn what_would_take_a_higher_version_away_is_not_told_to_be_promoted() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let fix = shop.commit("left", "FOO-9 A fix for eu");
    shop.ready();
    for tag in ["v1.0.1-rc.1", "v1.0.1"] {
        shop.lib.tag(tag, &fix);
        shop.app.relman_tag(tag, "main", &[("foo-lib", &fix)]);
    }
    let right = shop.lib.git("rev-parse right");
    shop.lib.tag("v1.2.0", &right);
    shop.app.relman_tag("v1.2.0", "main", &[("foo-lib", &right)]);
    shop.release.environment("eu", "1.0.1", "type: prod; from: [qa]");
    shop.release.environment("us", "1.2.0", "type: prod; from: [eu]");
    let told = told(&shop, "FOO-9");
    let wait = told["waits"].as_array().unwrap().iter().find(|wait| wait["to"] == "us").unwrap();
    assert_eq!((&wait["from"], &wait["command"]), (&"eu".into(), &Value::Null), "{told}");
    room.relman("foo-release", "where FOO-9")
        .ok()
        .shows("eu has it, us has not; us holds 1.2.0, which is higher: a later version has to bring it.\n");
}

#[test]
fn messages_are_read_in_the_encoding_that_they_name() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let commit = ["-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-q", "--allow-empty", "-F", "-"];
    shop.lib.git("checkout -q -f left");
    shop.lib.git_fed(commit, b"FOO-1 Gr\xfc\xdfe");
    shop.ready();
    assert_eq!(told(&shop, "FOO-1")["commits"][0]["subject"], "FOO-1 Gr\u{fc}\u{df}e");
}

#[test]
fn a_name_that_no_file_can_have_is_not_found() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.ready();
    let long = "a".repeat(300);
    let ask = |command: &str| room.call("foo-release").arg(command).arg(&long);
    ask("where").words("--format json").run().refused(3, "not-found");
    ask("diff").words("qa --format json").run().refused(2, "invalid-version");
}

#[test]
fn versions_and_tags_are_found_by_their_commits() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("left", "FOO-1 One");
    shop.ready();
    for (what, there) in [("1.1.0", ("yes", "partly")), ("v1.1.0-rc.1", ("yes", "partly")), ("1.0.0", ("yes", "yes"))] {
        let told = told(&shop, what);
        // The app repo stands on one commit in both versions.
        assert_eq!((told["kind"].as_str(), both(&told)), (Some("version"), there), "{what}");
    }
    // A tag that only a component has.
    shop.lib.tag("lib-7", "main");
    assert_eq!(both(&told(&shop, "lib-7")), ("yes", "yes"));
}

#[test]
fn a_component_that_was_renamed_has_what_it_had() {
    for kept in [true, false] {
        let room = Room::new();
        let shop = Shop::new(&room);
        let base = shop.lib.git("rev-parse main");
        let one = shop.commit("left", "FOO-1 One");
        shop.ready();
        let (qa, app) = (shop.release.git("rev-parse environment/qa"), shop.app.git("rev-parse main"));
        shop.on("main", &["branch -f right left"]);
        record(&shop, &qa, "qa", "1.1.0", &app);
        shop.rename_lib(kept);
        for what in ["FOO-1", &one, "1.1.0", "v1.1.0-rc.1"] {
            let told = told(&shop, what);
            let prod = if told["kind"] == "version" { "partly" } else { "no" };
            assert_eq!(both(&told), ("yes", prod), "{what} {told}");
            assert_eq!(at(&told, "qa").1["version"], "1.1.0", "it came under the old name: {told}");
            assert_eq!(told["warnings"], json!([]), "a clone under one of the names is enough");
        }
        assert_eq!(both(&told(&shop, &base)), ("yes", "yes"), "prod has it by the old name");
    }
}

#[test]
fn a_commit_that_two_components_share_is_there_with_either() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let one = shop.commit("left", "FOO-1 One");
    shop.ready();
    // prod is the one that has a fork beside the component, and the fork goes further.
    let right = shop.lib.git("rev-parse right");
    shop.lib.clone_as("foo-fork", "");
    shop.app.app_file("main", &["name: foo-lib", "name: foo-fork"]);
    shop.app.relman_tag("v1.0.1", "main", &[("foo-lib", &right), ("foo-fork", &one)]);
    shop.release.environment("prod", "1.0.1", "type: prod; from: [qa]");
    for what in ["FOO-1", &one] {
        let told = told(&shop, what);
        assert_eq!(both(&told), ("yes", "yes"), "{what} {told}");
        assert_eq!(told["commits"].as_array().unwrap().len(), 2);
        room.call("foo-release").arg("where").arg(what).run().ok().shows("foo-lib, foo-fork  [SHORT-ID]");
    }
}

#[test]
fn a_cherry_pick_is_as_good_as_the_commit() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let fix = shop.commit("left", "FOO-1 Fix");
    shop.commit("right", "FOO-2 Other");
    shop.on("right", &[&format!("cherry-pick {fix}")]);
    let picked = shop.lib.git("rev-parse right");
    shop.ready();
    for what in ["FOO-1", &fix] {
        let told = told(&shop, what);
        assert_eq!(both(&told), ("yes", "yes"), "{what}");
        // Of an issue, either may count as the first: both were committed in the same second.
        let other = if what == "FOO-1" && told["commits"][0]["id"] == picked.as_str() { "qa" } else { "prod" };
        assert_eq!(at(&told, other).1["under_another_id"].as_array().unwrap().len(), 1, "{what}");
        assert_eq!(told["waits"].as_array().unwrap().len(), 0);
    }
    room.relman("foo-release", "where FOO-1").ok().shows("as [SHORT-ID]");
}

#[test]
fn a_cherry_pick_that_met_a_conflict_is_known_by_its_note() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let fix = shop.commit("left", "FOO-1 Fix");
    shop.on("right", &[]);
    std::fs::write(shop.lib.path.join("other.txt"), "resolved otherwise\n").unwrap();
    shop.lib.git("add -A");
    shop.lib.git_args(["commit", "-q", "-m", &format!("Backport\n\n(cherry picked from commit {fix})")]);
    shop.ready();
    assert_eq!(both(&told(&shop, &fix)), ("yes", "yes"));
}

#[test]
fn a_pick_is_asked_for_as_well_as_the_commit_that_it_repeats() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let fix = shop.commit("left", "FOO-1 Fix");
    shop.lib.git("branch side right");
    let mut picks = Vec::new();
    for branch in ["right", "side"] {
        shop.on(branch, &[]);
        std::fs::write(shop.lib.path.join("other.txt"), format!("resolved for {branch}\n")).unwrap();
        shop.lib.git("add -A");
        shop.lib.git_args(["commit", "-q", "-m", &format!("Backport\n\n(cherry picked from commit {fix})")]);
        picks.push(shop.lib.git("rev-parse HEAD"));
    }
    shop.ready();
    for pick in &picks {
        let told = told(&shop, pick);
        assert_eq!(both(&told), ("yes", "yes"), "{told}");
        assert_eq!(at(&told, "qa").1["under_another_id"][0], fix.as_str());
    }
}

#[test]
fn a_backport_counts_for_the_issue_whatever_its_message_says() {
    for message in ["Backport the fix\n\n(cherry picked from commit ID)", "Backport the fix"] {
        let room = Room::new();
        let shop = Shop::new(&room);
        let fix = shop.commit("left", "FOO-1 Fix");
        shop.commit("left", "FOO-1b FOO-1 Second half");
        shop.commit("right", "FOO-2 Other");
        shop.on("right", &[&format!("cherry-pick {fix}")]);
        shop.lib.git_args(["commit", "-q", "--amend", "-m", &message.replace("ID", &fix)]);
        let pick = shop.lib.git("rev-parse HEAD");
        shop.ready();
        let told = told(&shop, "FOO-1");
        assert_eq!(both(&told), ("yes", "partly"), "{message}");
        let prod = at(&told, "prod").1;
        assert_eq!(
            (&prod["under_another_id"][0], prod["missing"].as_array().unwrap().len()),
            (&pick.as_str().into(), 1)
        );
        assert_eq!(told["commits"].as_array().unwrap().len(), 2);
    }
}

#[test]
fn a_revert_that_was_picked_takes_back_what_was_picked() {
    for picking in ["cherry-pick", "cherry-pick -x"] {
        let room = Room::new();
        let shop = Shop::new(&room);
        let one = shop.commit("left", "FOO-1 One");
        shop.on("left", &[&format!("revert --no-edit {one}")]);
        shop.commit("right", "FOO-2 Other");
        shop.on("right", &[&format!("{picking} left~1"), &format!("{picking} left")]);
        shop.ready();
        for what in ["FOO-1", &one] {
            let told = told(&shop, what);
            assert_eq!(both(&told), ("no", "no"), "{picking} {what} {told}");
            assert_eq!(at(&told, "prod").1["undone"].as_array().unwrap().len(), 1);
        }
        shop.on("right", &[&format!("{picking} {one}")]);
        shop.lib.git("tag -d v1.0.0 v1.0.0-rc.1");
        shop.app.git("tag -d v1.0.0 v1.0.0-rc.1");
        shop.lib.git("tag -d v1.1.0 v1.1.0-rc.1");
        shop.app.git("tag -d v1.1.0 v1.1.0-rc.1");
        shop.ready();
        assert_eq!(both(&told(&shop, &one)), ("no", "yes"), "picked again, it is there");
    }
}

#[test]
fn half_an_issue_may_be_named_by_its_branch_alone() {
    let room = Room::new();
    let shop = Shop::new(&room);
    for (number, subject) in [(1, "FOO-7 First half"), (2, "second half")] {
        shop.lib.git(&format!("branch topic{number} left"));
        shop.commit(&format!("topic{number}"), subject);
        shop.on("left", &[]);
        let message = format!("Merge pull request #{number} from ada/feature/FOO-7-{number}");
        shop.lib.git_args(["merge", "-q", "--no-ff", "-m", &message, &format!("topic{number}")]);
        if number == 1 {
            shop.lib.git("branch -f right left");
        }
    }
    shop.ready();
    let told = told(&shop, "FOO-7");
    assert_eq!(both(&told), ("yes", "partly"));
    // The first merge is told by its commit.
    assert_eq!(told["commits"].as_array().unwrap().len(), 2);
    assert_eq!(at(&told, "prod").1["missing"][0]["id"], shop.lib.git("rev-parse left"));
}

#[test]
fn what_is_declared_and_what_ran_are_told_apart() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("left", "FOO-1 One");
    shop.ready();
    let before = shop.release.git("rev-parse environment/prod");
    record(&shop, &before, "prod", "1.0.0", &shop.app.git("rev-parse main"));
    let told_before = told(&shop, "FOO-1");
    assert_eq!((at(&told_before, "prod").0, &at(&told_before, "prod").1["ran"]["has"]), ("no", &false.into()));
    // Declared since, and not deployed.
    shop.release.environment("prod", "1.1.0", "type: prod; from: [qa]");
    let declared = told(&shop, "FOO-1");
    let prod = at(&declared, "prod").1;
    assert_eq!(
        (&prod["has"], &prod["ran"]["has"], &prod["ran"]["version"]),
        (&true.into(), &false.into(), &"1.0.0".into())
    );
    assert_eq!(at(&declared, "qa").1["ran"], Value::Null, "no record says what ran");
    let answer = room.relman("foo-release", "where FOO-1").ok();
    let row = answer.out.lines().find(|line| line.starts_with("prod")).unwrap();
    assert!(row.contains("declared") && !row.contains("yes"), "{row}");
    answer.shows("What ran last in prod is 1.0.0 (2026-01-07 08:00), which does not have it.");
    let elsewhere = room.call("foo-release").words("where FOO-1").env("TZ", "XYZ-9").run().ok();
    elsewhere.shows("What ran last in prod is 1.0.0 (2026-01-07 17:00), which does not have it.");
}

#[test]
fn what_was_reverted_is_not_there_until_it_comes_again() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let one = shop.commit("right", "FOO-1 One");
    shop.on("left", &["merge -q --ff-only right", &format!("revert --no-edit {one}")]);
    shop.ready();
    for what in ["FOO-1", &one] {
        let told = told(&shop, what);
        assert_eq!(both(&told), ("no", "yes"), "{what}");
        assert_eq!(at(&told, "qa").1["undone"][0]["id"], one.as_str());
    }
    room.relman("foo-release", "where FOO-1").ok().shows("taken back");
    shop.on("left", &["revert --no-edit HEAD"]);
    shop.lib.git("tag -d v1.1.0 v1.1.0-rc.1");
    shop.app.git("tag -d v1.1.0 v1.1.0-rc.1");
    shop.ready();
    assert_eq!(both(&told(&shop, "FOO-1")), ("yes", "yes"));
}

#[test]
fn a_fix_that_was_merged_twice_is_taken_back_with_one_revert() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let one = shop.commit("left", "FOO-1 One");
    shop.lib.git("branch side right");
    shop.on("side", &[&format!("cherry-pick {one}")]);
    shop.on("left", &["merge -q --no-ff -m Join side", &format!("revert --no-edit {one}")]);
    shop.ready();
    assert!(!shop.lib.git("ls-tree --name-only left").contains("foo-1"));
    for what in ["FOO-1", &one] {
        assert_eq!(both(&told(&shop, what)), ("no", "no"), "{what}");
    }
}

#[test]
fn reverts_by_buttons_and_short_ids_take_back() {
    let short = |id: &str| format!("Revert one\n\nThis reverts commit {}.", &id[..12]);
    let messages: [&dyn Fn(&str) -> String; 6] = [
        &short,
        &|id| format!("Revert one\n\nThis reverts commit {} (FOO-1 One (#5), 2026-01-01).", &id[..7]),
        &|_| "Revert \"FOO-1 One (#5)\" (#7)\n\nReverts acme/lib#5".to_owned(),
        &|_| "Revert \"FOO-1 One\"\n\nThis reverts merge request !5".to_owned(),
        &|_| "Revert \"FOO-1 One (#5)\" (#7)".to_owned(),
        &|id| format!("Revert \"FOO-1 One\"\n\nReverted commit `{}`.", &id[..8]),
    ];
    for message in messages {
        let room = Room::new();
        let shop = Shop::new(&room);
        let one = shop.commit("left", "FOO-1 One (#5)");
        shop.on("left", &["revert --no-commit HEAD"]);
        let message = message(&one);
        shop.lib.git_args(["commit", "-q", "-m", &message]);
        shop.ready();
        for what in ["FOO-1", &one] {
            let told = told(&shop, what);
            assert_eq!((both(&told), told["commits"].as_array().unwrap().len()), (("no", "no"), 1), "{message} {what}");
            assert_eq!(at(&told, "qa").1["undone"][0]["id"], one.as_str(), "{message} {what}");
            assert_eq!(told["waits"].as_array().unwrap().len(), 0, "{message}");
        }
    }
}

#[test]
fn a_pull_request_that_reverts_is_no_part_of_the_issue() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let one = shop.commit("left", "FOO-1 One");
    shop.lib.git("branch revert-5 left");
    shop.on("revert-5", &[&format!("revert --no-edit {one}")]);
    shop.on("left", &[]);
    let message = "Merge pull request #7 from ada/revert-5\n\nRevert \"FOO-1 One\"";
    shop.lib.git_args(["merge", "-q", "--no-ff", "-m", message, "revert-5"]);
    shop.ready();
    let told = told(&shop, "FOO-1");
    assert_eq!((both(&told), told["commits"].as_array().unwrap().len()), (("no", "no"), 1), "{told}");
}

#[test]
fn half_of_an_issue_that_only_its_branch_names_is_missed() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let merged = |branch: &str, topic: &str, message: &str| {
        shop.on(branch, &[]);
        shop.lib.git_args(["merge", "-q", "--no-ff", "-m", message, topic]);
    };
    shop.lib.git("branch first right");
    shop.commit("first", "FOO-7 First half");
    merged("right", "first", "Merge pull request #1 from ada/feature/FOO-7-a\n\nFirst half");
    shop.on("left", &["merge -q --ff-only right"]);
    shop.lib.git("branch second left");
    shop.commit("second", "second half");
    merged("left", "second", "Merge pull request #2 from ada/feature/FOO-7-b\n\nSecond half");
    shop.ready();
    let told_now = told(&shop, "FOO-7");
    assert_eq!((both(&told_now), told_now["commits"].as_array().unwrap().len()), (("yes", "partly"), 2), "{told_now}");
    // The branch arrives by another merge, and nothing is missing any more.
    merged("right", "second", "Merge branch 'second' into right");
    shop.lib.git("tag -d v1.0.0 v1.0.0-rc.1 v1.1.0 v1.1.0-rc.1");
    shop.app.git("tag -d v1.0.0 v1.0.0-rc.1 v1.1.0 v1.1.0-rc.1");
    shop.ready();
    assert_eq!(both(&told(&shop, "FOO-7")), ("yes", "yes"));
}

#[test]
fn taking_back_a_merge_takes_back_what_it_brought() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.lib.git("branch topic left");
    let one = shop.commit("topic", "FOO-1 One");
    shop.on("left", &["merge -q --no-ff -m Merge topic", "revert --no-edit -m 1 HEAD"]);
    shop.ready();
    assert_eq!(both(&told(&shop, &one)), ("no", "no"));
    assert_eq!(at(&told(&shop, "FOO-1"), "qa").1["undone"][0]["id"], one.as_str());
}

#[test]
fn some_of_an_issue_is_partly() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("right", "FOO-1 One");
    shop.on("left", &["merge -q --ff-only right"]);
    let two = shop.commit("left", "FOO-1-b FOO-1 Two");
    shop.ready();
    let told = told(&shop, "FOO-1");
    assert_eq!(both(&told), ("yes", "partly"));
    assert_eq!(at(&told, "prod").1["missing"][0]["id"], two.as_str());
    assert_eq!((&told["waits"][0]["to"], &told["waits"][0]["whole"]), (&"prod".into(), &true.into()));
    // A part of it is left after a step back.
    for version in ["1.1.0", "1.0.0"] {
        shop.release.environment("prod", version, "type: prod; from: [qa]");
    }
    let answer = room.relman("foo-release", "where FOO-1").ok().shows("qa has all of it, prod a part: relman promote");
    let row = answer.out.lines().find(|line| line.starts_with("prod ")).unwrap();
    assert!(row.contains("had all with 1.1.0"), "{row}");
}

#[test]
fn a_part_of_an_issue_waits_where_the_next_one_lacks_it() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("right", "FOO-1 One");
    shop.on("left", &["merge -q --ff-only right"]);
    let two = shop.commit("left", "FOO-1-b FOO-1 Two");
    shop.lib.git("branch -f main left");
    let three = shop.commit("main", "FOO-1-c FOO-1 Three");
    shop.ready();
    let waiting = told(&shop, "FOO-1");
    assert_eq!(both(&waiting), ("partly", "partly"), "{waiting}");
    let wait = &waiting["waits"][0];
    let ids = |list: &Value| list.as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<_>>();
    assert_eq!((&wait["whole"], &wait["command"]), (&false.into(), &"relman promote qa prod".into()), "{waiting}");
    assert_eq!((ids(&wait["brings"]), ids(&wait["takes"])), (vec![json!(two)], vec![]));
    let part = "\nprod lacks [SHORT-ID] of foo-lib (FOO-1-b FOO-1 Two), which qa has: relman promote qa prod\n";
    let nobody = "\nNo environment has all of it. It is on the default branch of foo-lib.\n";
    room.relman("foo-release", "where FOO-1").ok().shows(part).shows(nobody);

    // Somebody has all of it, and what it lacks itself does not wait there.
    shop.release.environment("dev", "WIP", "type: dev");
    shop.release.environment("qa", "1.1.0", "type: qa; from: [dev]");
    let all = room.relman("foo-release", "where FOO-1").ok();
    let all = all.shows("dev has all of it, qa a part: relman promote dev qa --version VERSION\n").shows(part);
    assert!(!all.out.contains("No environment"), "{}", all.out);
    let row = all.out.lines().find(|line| line.starts_with("qa ")).unwrap();
    assert!(row.contains(&format!("without {} of foo-lib", &three[..10])), "{row}");

    // prod takes what qa has, and goes back again.
    shop.release.environment("prod", "1.1.0", "type: prod; from: [qa]");
    assert_eq!(told(&shop, "FOO-1")["waits"].as_array().unwrap().len(), 1, "qa and prod have the same part");
    shop.on("right", &[&format!("cherry-pick -x {three}")]);
    let right = shop.lib.git("rev-parse right");
    shop.lib.tag("v1.0.5-rc.1", &right);
    shop.app.relman_tag("v1.0.5-rc.1", "main", &[("foo-lib", &right)]);
    shop.release.environment("prod", "1.0.5", "type: prod; from: [qa]");
    let apart = told(&shop, "FOO-1");
    let wait = apart["waits"].as_array().unwrap().iter().find(|wait| wait["to"] == "prod").unwrap();
    assert_eq!((ids(&wait["brings"]), ids(&wait["takes"])), (vec![json!(two)], vec![json!(three)]), "{apart}");
    // A promotion would lose the one for the other.
    assert_eq!(wait["command"], Value::Null);
    room.relman("foo-release", "where FOO-1").ok().shows(
        "prod lacks [SHORT-ID] of foo-lib (FOO-1-b FOO-1 Two), which qa has, and has [SHORT-ID] of foo-lib (FOO-1-c FOO-1 \
         Three), which qa lacks: a version that has both has to bring it.\n",
    );
}

#[test]
fn a_merge_stands_for_an_issue_that_only_its_branch_names() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.lib.git("branch topic left");
    shop.commit("topic", "work without a key");
    shop.on("left", &[]);
    shop.lib.git_args(["merge", "-q", "--no-ff", "-m", "Merge pull request #3 from ada/feature/foo-5-cart", "topic"]);
    shop.ready();
    assert_eq!(both(&told(&shop, "FOO-5")), ("yes", "no"));
}

#[test]
fn arms_of_an_octopus_squashes_and_unrelated_histories() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let mut arms = Vec::new();
    for arm in ["a", "b", "c"] {
        shop.lib.git(&format!("branch {arm} left"));
        arms.push(shop.commit(arm, &format!("arm-{arm}")));
    }
    shop.on("left", &["merge -q --no-ff -m Octopus a b c"]);
    shop.on("right", &["merge -q --squash a"]);
    shop.lib.git_args(["commit", "-q", "-m", "FOO-1 Squashed (#4)"]);
    shop.ready();
    // A squash of one commit changes the same; of the others nothing is there.
    let of: Vec<_> = arms.iter().map(|arm| both(&told(&shop, arm))).collect();
    assert_eq!(of, [("yes", "yes"), ("yes", "no"), ("yes", "no")]);
    shop.lib.git("checkout -q --orphan fresh");
    std::fs::write(shop.lib.path.join("new.txt"), "new\n").unwrap();
    shop.lib.git("add -A");
    shop.lib.git_args(["commit", "-q", "-m", "FOO-2 Anew"]);
    let fresh = shop.lib.git("rev-parse HEAD");
    assert_eq!(both(&told(&shop, &fresh)), ("no", "no"));
    // No environment could have had the issue, so it is not known.
    room.relman("foo-release", "where FOO-2 --format json").refused(3, "not-found");
    shop.lib.git("branch -f main fresh");
    let told = told(&shop, "FOO-2");
    assert_eq!((both(&told), &told["on_default_branch"][0]), (("no", "no"), &"foo-lib".into()));
    room.relman("foo-release", "where FOO-2")
        .ok()
        .shows("No environment has it. It is on the default branch of foo-lib.");
}

#[test]
fn since_when_is_told_by_the_history_of_the_branch() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let one = shop.commit("left", "FOO-1 One");
    shop.ready();
    shop.release.environment("prod", "1.1.0", "type: prod; from: [qa]");
    let first = shop.release.git("log -1 --format=%ct environment/prod");
    let there = told(&shop, &one);
    let since =
        |told: &Value| told["environments"].as_array().unwrap().iter().find(|p| p["name"] == "prod").unwrap().clone();
    assert_eq!(since(&there)["since"], rfc3339(&first));
    // Rolled back, and brought again: it is there since it came again.
    shop.release.environment("prod", "1.0.0", "type: prod; from: [qa]");
    let gone = told(&shop, &one);
    assert_eq!((at(&gone, "prod").0, &since(&gone)["version"]), ("no", &"1.1.0".into()));
    room.relman("foo-release", "where FOO-1").ok().shows("had it with 1.1.0");
    shop.release.environment("prod", "1.1.0", "type: prod; from: [qa]");
    let again = shop.release.git("log -1 --format=%ct environment/prod");
    assert_eq!(since(&told(&shop, &one))["since"], rfc3339(&again));
    assert_ne!(first, again);
}

fn rfc3339(seconds: &str) -> String {
    jiff::Timestamp::from_second(seconds.parse().unwrap()).unwrap().to_string()
}

#[test]
fn a_later_candidate_of_the_same_version_has_its_own_time() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("left", "FOO-1 One");
    let at_one = shop.lib.git("rev-parse left");
    shop.app.relman_tag("v2.0.0-rc.1", "main", &[("foo-lib", &at_one)]);
    shop.release.environment("qa", "2.0.0", "type: qa");
    let two = shop.commit("left", "FOO-2 Two");
    shop.app.relman_tag("v2.0.0-rc.2", "main", &[("foo-lib", &two)]);
    let tagged = shop.app.git("for-each-ref --format=%(taggerdate:unix) refs/tags/v2.0.0-rc.2");
    assert_eq!(at(&told(&shop, &two), "qa").1["since"], rfc3339(&tagged));
    let declared = shop.release.git("log -1 --format=%ct environment/qa");
    assert_eq!(at(&told(&shop, "FOO-1"), "qa").1["since"], rfc3339(&declared));
}

#[test]
fn a_renamed_branch_and_a_missing_clone() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let one = shop.commit("left", "FOO-1 One");
    shop.ready();
    shop.release.environment("dev", "WIP", "type: dev");
    shop.lib.git("checkout -q --detach");
    shop.lib.git("branch -m left trunk");
    shop.app.app_file("main", &["{name: foo-lib, branch: trunk}"]);
    assert_eq!(at(&told(&shop, &one), "dev").0, "yes");
    std::fs::rename(&shop.lib.path, room.path("elsewhere")).unwrap();
    let answer = room.relman("foo-release", "where 1.1.0 --format json").ok().json();
    assert_eq!(answer["warnings"][0]["code"], "no-clone", "{answer}");
    room.call("foo-release").arg("where").arg(&one).words("--format json").run().refused(3, "not-found");
}

#[test]
fn a_shallow_release_clone_does_not_invent_a_time() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let one = shop.commit("right", "FOO-1 One");
    shop.ready();
    for n in 0..3 {
        shop.release.environment_saying("prod", "1.0.0", "type: prod; from: [qa]", &format!("Again {n}"));
    }
    let clone = shop.release.clone_as("shallow/foo-release", "--depth 1 --no-single-branch");
    drop(clone);
    let told = room
        .call("shallow/foo-release")
        .arg("where")
        .arg(&one)
        .words("--format json --app")
        .arg(&shop.app.path)
        .run()
        .ok()
        .json();
    let (has, place) = at(&told, "prod");
    assert_eq!((has, &place["since"]), ("yes", &Value::Null));
    assert!(told["warnings"].to_string().contains("shallow-clone"), "{told}");
}

#[test]
fn below_the_end_of_a_shallow_clone_nothing_is_known() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let old = shop.commit("right", "FOO-1 One");
    shop.on("left", &["merge -q --ff-only right"]);
    shop.commit("left", "FOO-2 Two");
    let young = shop.commit("left", "FOO-3 Three");
    shop.commit("right", "FOO-4 Four");
    shop.ready();
    shop.release.clone_as("cut/foo-release", "--no-single-branch");
    for repo in [&shop.app, &shop.lib] {
        let name = repo.path.file_name().unwrap().to_str().unwrap();
        repo.clone_as(&format!("cut/{name}"), "--depth 1 --no-single-branch");
    }
    let ask = |what: &str| room.call("cut/foo-release").arg("where").arg(what).words("--format json").run();
    let known = |told: &Value| -> Vec<(bool, bool)> {
        let places = told["environments"].as_array().unwrap().iter();
        places.map(|place| (place["known"] == true, place["has"] == true)).collect()
    };
    // qa has it for sure; of prod nothing can be said.
    for what in ["FOO-3", &young] {
        let told = ask(what).ok().json();
        assert_eq!(known(&told), [(true, true), (false, false)], "{what} {told}");
        assert!(told["warnings"].to_string().contains("shallow-clone"), "{told}");
        assert_eq!(told["waits"].as_array().unwrap().len(), 0);
    }
    room.call("cut/foo-release").words("where FOO-3").run().ok().shows("not known");
    for what in ["FOO-1", &old] {
        let refused = ask(what).refused(3, "not-found");
        assert!(refused.error()["hints"].to_string().contains("foo-lib is shallow"), "{}", refused.err);
    }
    let told = ask("1.0.0").ok().json();
    assert_eq!(known(&told), [(false, false), (true, true)], "{told}");
}

pub fn note(shop: &Shop<'_>, on: &str, environment: &str, at: &str, version: &str, outcome: &str, branch: &str) {
    let (app, lib) = (shop.app.git("rev-parse main"), shop.lib.git(&format!("rev-parse {branch}")));
    let line = serde_json::json!({
        "at": at, "id": at, "schema": "relman.record/1", "environment": environment, "outcome": outcome,
        "version": version, "tag": format!("v{version}"), "release_commit": on, "app_commit": app,
        "repositories": [
            {"name": "foo-app", "commit": app, "ref": "x"},
            {"name": "foo-lib", "commit": lib, "ref": "x"},
        ],
    });
    shop.release.git_args(["notes", "--ref=relman/deployments", "append", "-m", &line.to_string(), on]);
}

#[test]
fn what_was_declared_and_never_could_be_deployed_was_never_there() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let one = shop.commit("right", "FOO-1 One");
    let two = shop.commit("left", "FOO-2 Two");
    shop.ready();
    let declare = |version: &str, outcome: &str, hour: &str| {
        let tip = shop.release.environment("eu", version, "type: prod");
        let branch = if version == "1.0.0" { "right" } else { "left" };
        note(&shop, &tip, "eu", &format!("2026-01-07T{hour}:00:00.000Z"), version, outcome, branch);
    };
    declare("1.0.0", "succeeded", "08");
    // As long as it is declared, it is what the environment is to have.
    declare("1.1.0", "failed", "09");
    let declared = told(&shop, &two);
    let (has, eu) = at(&declared, "eu");
    assert_eq!((has, &eu["ran"]["has"], eu["since"].is_string()), ("yes", &false.into(), true), "{declared}");
    declare("1.0.0", "succeeded", "10");
    let failed = told(&shop, &two);
    assert_eq!((at(&failed, "eu").0, &at(&failed, "eu").1["version"]), ("no", &Value::Null), "{failed}");
    let kept = told(&shop, &one);
    assert_eq!((at(&kept, "eu").0, &at(&kept, "eu").1["since"]), ("yes", &"2026-01-07T08:00:00Z".into()), "{kept}");
    // It is known all the same, where nothing else has it any more.
    shop.release.environment("qa", "1.0.0", "type: qa");
    let nowhere = told(&shop, "FOO-2");
    assert_eq!((at(&nowhere, "eu").0, &nowhere["commits"][0]["id"]), ("no", &two.as_str().into()), "{nowhere}");
}

#[test]
fn a_branch_that_was_rewritten_is_said() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("right", "FOO-1 One");
    shop.ready();
    shop.release.environment("prod", "1.1.0", "type: prod; from: [qa]");
    let lost = shop.release.git("rev-parse environment/prod");
    note(&shop, &lost, "prod", "2026-01-07T10:00:00.000Z", "1.1.0", "succeeded", "left");
    shop.release.git("branch -f environment/prod environment/prod~1");
    let told = told(&shop, "FOO-1");
    let codes: Vec<&str> =
        told["warnings"].as_array().unwrap().iter().map(|warning| warning["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"rewritten-branch"), "{told}");
}

#[test]
fn a_missing_clone_is_named_where_nothing_is_found() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("left", "FOO-1 One");
    shop.ready();
    std::fs::rename(&shop.lib.path, room.path("elsewhere")).unwrap();
    let refused = room.relman("foo-release", "where FOO-1 --format json").refused(3, "not-found");
    assert!(refused.error()["hints"].to_string().contains("there is no clone of foo-lib"), "{}", refused.err);
}

#[test]
fn what_nobody_has_any_more_is_no_part_of_an_issue_that_lives_elsewhere() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("right", "FOO-1 Stopgap");
    shop.ready();
    // prod has left the stopgap behind, and the app has the issue for good.
    shop.app.commit("main", "FOO-1 For good");
    let (app, lib) = (shop.app.git("rev-parse main"), shop.lib.git("rev-parse main"));
    for tag in ["v1.2.0-rc.1", "v1.2.0"] {
        shop.lib.tag(tag, &lib);
        shop.app.relman_tag(tag, &app, &[("foo-lib", &lib)]);
    }
    shop.release.environment("prod", "1.2.0", "type: prod; from: [qa]");
    let told = told(&shop, "FOO-1");
    assert_eq!((at(&told, "prod").0, told["commits"].as_array().unwrap().len()), ("yes", 1), "{told}");
}

#[test]
fn all_that_is_missing_is_named_where_all_is_wanted() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("right", "FOO-1 One");
    shop.on("left", &["merge -q --ff-only right"]);
    let more: Vec<String> = (0..3).map(|n| shop.commit("left", &format!("m{n} FOO-1"))).collect();
    shop.ready();
    room.relman("foo-release", "where FOO-1").ok().shows("and 1 more (--all names them)");
    let all = room.relman("foo-release", "where FOO-1 --all").ok();
    let row = all.out.lines().find(|line| line.starts_with("prod")).unwrap();
    assert!(more.iter().all(|id| row.contains(&id[..10])), "{row}");
}

#[test]
fn what_is_unclear_or_unknown_is_refused() {
    let room = Room::new();
    let shop = Shop::new(&room);
    // Enough commits that four digits name two of them.
    let mut digits = std::collections::HashMap::new();
    let mut twice = None;
    for n in 0..2000 {
        if twice.is_some() {
            break;
        }
        let id = shop.lib.commit("many", &format!("n {n}"));
        if digits.insert(id[..4].to_owned(), n).is_some() {
            twice = Some(id[..4].to_owned());
        }
    }
    shop.ready();
    let twice = twice.expect("two ids that begin alike");
    room.relman("foo-release", &format!("where {twice} --format json")).refused(2, "ambiguous-commit");
    for what in ["FOO-99", "9.9.9", "deadbeef", "no such thing", "-x"] {
        room.call("foo-release").words("where --format json --").arg(what).run().refused(3, "not-found");
    }
    room.call("foo-release").arg("where").arg("").run().ends(2);
}

#[test]
fn what_can_not_be_told_is_said_once_and_is_no_past_that_something_had() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("left", "FOO-1 One");
    shop.ready();
    shop.release.environment("prod", "3.0.0", "type: prod; from: [qa]");
    let told = told(&shop, "1.0.0");
    let prod = told["environments"].as_array().unwrap().iter().find(|place| place["name"] == "prod").unwrap();
    assert_eq!((&prod["known"], &prod["version"], &prod["holds"]), (&false.into(), &Value::Null, &"3.0.0".into()));
    assert_eq!(told["warnings"].as_array().unwrap().len(), 1, "{told}");
    let answer = room.relman("foo-release", "where 1.0.0").ok();
    assert!(!answer.out.contains("had it with"), "{}", answer.out);
    assert_eq!(answer.err.matches("no candidate of 3.0.0, so").count(), 1, "{}", answer.err);
    let nowhere = room.relman("foo-release", "where 3.0.0").ends(3);
    assert_eq!(nowhere.err.matches("no candidate of 3.0.0").count(), 1, "{}", nowhere.err);
}

#[test]
fn the_end_of_a_shallow_history_is_named_alike_at_each_run() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.on("left", &[]);
    for side in ["one", "two", "three"] {
        shop.lib.branch(side, "left");
        shop.commit(side, &format!("{side}, below the end"));
        shop.commit(side, &format!("{side}, the end"));
    }
    shop.on("left", &["merge -q --no-ff -m Octopus one two three"]);
    shop.commit("left", "FOO-1 One");
    shop.lib.git("branch -q -D one two three");
    shop.ready();
    let whole = room.path("work/whole");
    std::fs::rename(&shop.lib.path, &whole).unwrap();
    Repo::at(&room, "whole").clone_as("foo-lib", "--depth 3 --no-single-branch --branch left");
    let first = room.relman("foo-release", "where FOO-1").ok();
    let ends = first.err.lines().next().unwrap_or_default();
    assert!(ends.contains(" and ") && ends.contains("is shallow: what came before "), "{}", first.err);
    for _ in 0..6 {
        assert_eq!(room.relman("foo-release", "where FOO-1").ok().err, first.err);
    }
}

#[test]
fn a_version_of_which_only_a_candidate_exists_is_there_since_it_was_declared() {
    let room = Room::new();
    let app = room.repo("foo-app");
    app.commit("main", "FOO-1 one");
    app.relman_tag("v1.0.0-rc.1", "main", &[]);
    let release = room.repo("foo-release");
    release.environment("prod", "1.0.0", "type: prod");
    let declared = room.relman("foo-release", "log prod --format json").ok().json();
    let since = &declared["entries"][0]["at"];
    let found = room.relman("foo-release", "where 1.0.0 --format json").ok().json();
    assert_eq!(&found["environments"][0]["since"], since, "{found}");
    assert!(since.is_string(), "{declared}");
}
