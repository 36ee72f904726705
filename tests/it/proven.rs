//! Which candidate a promotion names, and that what is pushed says it: whatever is named is what prod deploys.

use crate::sandbox::{Repo, Room};
use crate::shop::{Shop, file};

/// A shop whose app has three candidates of 1.1.0, the second of which qa has deployed.
fn proven(room: &Room) -> Shop<'_> {
    let shop = Shop::new(room);
    let app = Repo::at(room, "foo-app");
    app.tag("v1.1.0-rc.2", "main");
    app.tag("v1.1.0-rc.3", "main");
    shop.qa("1.1.0");
    deployed(&shop, "qa", "succeeded", "v1.1.0-rc.2", "2026-11-22T08:00:00.000Z");
    shop
}

fn deployed(shop: &Shop<'_>, environment: &str, outcome: &str, candidate: &str, at: &str) {
    let tip = shop.server.git(&format!("rev-parse environment/{environment}"));
    shop.server.record(&tip, environment, outcome, "1.1.0", candidate, at);
}

fn trailers(shop: &Shop<'_>, branch: &str) -> String {
    shop.server.git(&format!("log -1 --format=%(trailers) {branch}"))
}

#[test]
fn a_branch_that_names_another_candidate_is_replaced() {
    let room = Room::new();
    let shop = proven(&room);
    assert_eq!(shop.promote("")["candidate"], "v1.1.0-rc.2");
    // A fix, deployed to qa, while the promotion waits.
    deployed(&shop, "qa", "succeeded", "v1.1.0-rc.3", "2026-11-22T09:00:00.000Z");
    let renewed = shop.promote("");
    assert_eq!((&renewed["candidate"], &renewed["plan"][0]["kind"]), (&"v1.1.0-rc.3".into(), &"push-commit".into()));
    assert!(trailers(&shop, "promote/prod/1.1.0").contains("Candidate: v1.1.0-rc.3"));
    assert_eq!(shop.promote("")["plan"][0]["kind"], "keep", "and then it is as it should be");
    shop.press(crate::shop::Button::Merge, "promote/prod/1.1.0", "environment/prod");
    assert_eq!(room.relman("foo-release", "resolve prod --format json").ok().json()["candidate"], "v1.1.0-rc.3");
}

#[test]
fn a_newer_candidate_of_what_the_target_declares_changes_no_file_and_that_is_said() {
    let room = Room::new();
    let shop = proven(&room);
    shop.promote("");
    shop.press(crate::shop::Button::Merge, "promote/prod/1.1.0", "environment/prod");
    deployed(&shop, "qa", "succeeded", "v1.1.0-rc.3", "2026-11-22T09:00:00.000Z");
    let warned = |line: &str| {
        let told = room.relman("foo-release", &format!("promote qa prod {line} --format json")).ok().json();
        assert_eq!(told["candidate"], "v1.1.0-rc.3", "{told}");
        told["warnings"].as_array().unwrap().iter().any(|warning| warning["code"] == "changes-no-file")
    };
    assert!(warned("-n"), "before anything is done");
    room.relman("foo-release", "promote qa prod -n")
        .ok()
        .talks("prod declares 1.1.0 already, so what is merged changes no file; only its message names v1.1.0-rc.3")
        .talks("--direct-push");
    let before = shop.server.git("rev-parse environment/prod^{tree}");
    assert!(!warned("-y --direct-push"), "no forge is asked to merge it");
    assert_eq!(shop.server.git("rev-parse environment/prod^{tree}"), before);
    assert_eq!(room.relman("foo-release", "resolve prod --format json").ok().json()["candidate"], "v1.1.0-rc.3");
}

#[test]
fn a_branch_that_somebody_made_alike_with_another_candidate_is_replaced() {
    let room = Room::new();
    let shop = proven(&room);
    shop.promote("");
    let (tree, parent) =
        (shop.server.git("rev-parse promote/prod/1.1.0^{tree}"), shop.server.git("rev-parse environment/prod"));
    let message = "Promote 1.1.0 from qa to prod\n\nVersion: 1.1.0\nPrevious-Version: 1.0.0\nCandidate: v1.1.0-rc.1\n";
    let forged = shop.server.git_args(["commit-tree", &tree, "-p", &parent, "-m", message]);
    shop.server.git(&format!("update-ref refs/heads/promote/prod/1.1.0 {forged}"));
    shop.promote("");
    assert!(trailers(&shop, "promote/prod/1.1.0").contains("Candidate: v1.1.0-rc.2"));
}

#[test]
fn reasons_reach_the_commit_though_its_edit_was_proposed_before() {
    let room = Room::new();
    let shop = proven(&room);
    Repo::at(&room, "foo-app").tag("v1.1.0", "v1.1.0-rc.1^0");
    shop.promote("");
    room.relman("foo-release", "set prod 1.1.0 --unproven old -y").ok();
    assert!(trailers(&shop, "promote/prod/1.1.0").contains("Unproven: old"));
    room.relman("foo-release", "promote dev prod --version 1.1.0 --allow-skip hurry -y").ok();
    let said = trailers(&shop, "promote/prod/1.1.0");
    assert!(said.contains("Skipped: hurry") && !said.contains("Unproven"), "{said}");
}

#[test]
fn more_than_the_version_on_the_branch_is_somebodys_own() {
    let room = Room::new();
    let shop = proven(&room);
    shop.promote("");
    let message = "More\n\nVersion: 1.1.0\nPrevious-Version: 1.0.0\n";
    let theirs = shop.server.commit_files("promote/prod/1.1.0", message, &[("extra.txt", "mine")]);
    room.relman("foo-release", "promote qa prod -y --format json").refused(5, "foreign-head");
    assert_eq!(shop.server.git("rev-parse promote/prod/1.1.0"), theirs);
}

#[test]
fn a_version_that_is_set_names_what_its_sources_have_proven() {
    let room = Room::new();
    let shop = proven(&room);
    deployed(&shop, "qa", "failed", "v1.1.0-rc.3", "2026-11-22T09:00:00.000Z");
    let set = || room.relman("foo-release", "set prod 1.1.0 -n --format json").ok().json();
    let document = set();
    assert_eq!(document["candidate"], "v1.1.0-rc.2", "{document}");
    assert!(!document["warnings"].to_string().contains("candidate-unproven"), "{document}");
    // It does not matter that qa has moved on.
    shop.qa("1.2.0");
    assert_eq!(set()["candidate"], "v1.1.0-rc.2");
    let given = room.relman("foo-release", "promote qa prod --version 1.1.0 -n --format json").ok().json();
    assert_eq!(given["candidate"], "v1.1.0-rc.2", "{given}");
}

#[test]
fn a_version_whose_deployments_all_failed_is_not_set() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.qa("1.1.0");
    deployed(&shop, "qa", "failed", "v1.1.0-rc.1", "2026-11-22T09:00:00.000Z");
    room.relman("foo-release", "set prod 1.1.0 -y --format json").refused(5, "not-proven");
}

#[test]
fn a_rollback_goes_back_to_what_ran_there() {
    let room = Room::new();
    let shop = proven(&room);
    room.relman("foo-release", "promote qa prod --direct-push -y").ok();
    deployed(&shop, "prod", "succeeded", "v1.1.0-rc.2", "2026-11-22T08:30:00.000Z");
    // qa goes on with the version, and prod with another one.
    deployed(&shop, "qa", "succeeded", "v1.1.0-rc.3", "2026-11-22T09:00:00.000Z");
    shop.server.release_file("prod", "Go on", &file("1.2.0", ""));
    let back = room.relman("foo-release", "rollback prod 1.1.0 -n --format json").ok().json();
    assert_eq!(back["candidate"], "v1.1.0-rc.2", "{back}");
    let forward = room.relman("foo-release", "set prod 1.1.0 --allow-downgrade -n --format json").ok().json();
    assert_eq!(forward["candidate"], "v1.1.0-rc.3", "{forward}");
}

#[test]
fn only_what_was_released_can_be_trusted_unproven() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let set = |line: &str| room.relman("foo-release", &format!("set prod {line} -n --format json"));
    set("9.9.9 --unproven imported").refused(3, "no-final-tag");
    set("1.1.0 --unproven=").ends(2);
    Repo::at(&room, "foo-app").tag("v9.9.9", "main");
    set("9.9.9 --unproven imported").ok();
    drop(shop);
}
