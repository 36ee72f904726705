//! Promotions: the merge that is tried out, the way that is chosen, and what a forge's buttons make of it.
//!
//! The situations are those in which a plain pull request between environment branches goes wrong. In each of them the
//! source carries an edit that is its own business, and that must never arrive at the target.

use crate::sandbox::{Repo, Room, assert_whole};
use crate::shop::{BUTTONS, Button, Shop, file};

#[test]
fn a_clean_merge_that_brings_nothing_else_goes_directly() {
    let room = Room::new();
    let shop = Shop::new(&room);
    // The branches were cut from one root and set apart, so the first one is a branch that both sides then share.
    shop.server.git("branch -f environment/prod environment/qa");
    shop.qa_without_an_edit("1.1.0");
    for version in ["1.1.0", "1.2.0"] {
        shop.qa_without_an_edit(version);
        let document = shop.promote_and_press(Button::Merge);
        assert_eq!((&document["via"], &document["reason"]), (&"direct".into(), &"clean".into()), "{document}");
        shop.prod_holds(version);
    }
    assert_eq!(shop.promote("")["result"], "unchanged");
}

#[test]
fn an_edit_of_the_source_never_arrives_whatever_button_is_pressed() {
    for button in BUTTONS {
        let room = Room::new();
        let shop = Shop::new(&room);
        shop.server.git("branch -f environment/prod environment/qa");
        for version in ["1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.5.0"] {
            shop.qa(version);
            let document = shop.promote_and_press(button);
            assert_eq!(document["via"], "branch", "{button:?} {document}");
            shop.prod_holds(version);
        }
    }
}

#[test]
fn after_a_squash_the_next_promotion_is_clean() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.server.git("branch -f environment/prod environment/qa");
    shop.qa_without_an_edit("1.1.0");
    shop.press(Button::Squash, "environment/qa", "environment/prod");
    shop.qa("1.2.0");
    let document = shop.promote_and_press(Button::Squash);
    assert_eq!((&document["via"], &document["reason"]), (&"branch".into(), &"conflict".into()), "{document}");
    shop.prod_holds("1.2.0");
}

#[test]
fn a_hotfix_on_the_target_is_promoted_over() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.server.git("branch -f environment/prod environment/qa");
    shop.server.git("fetch -q . environment/prod");
    shop.server.branch("environment/prod", &shop.server.git("rev-parse environment/prod"));
    shop.server.release_file("prod", "Hotfix", &file("1.0.1", ""));
    shop.qa("1.1.0");
    let document = shop.promote_and_press(Button::Merge);
    assert_eq!(document["reason"], "conflict", "{document}");
    shop.prod_holds("1.1.0");
}

#[test]
fn what_was_reverted_is_promoted_again() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.server.git("branch -f environment/prod environment/qa");
    shop.qa("1.1.0");
    shop.press(Button::Merge, "environment/qa", "environment/prod");
    let forge = shop.server.clone_as("revert", "");
    forge.git("checkout -q -B base origin/environment/prod");
    forge.git("revert --no-edit -m 1 HEAD");
    forge.git("push -q origin base:environment/prod");
    shop.prod_holds("1.0.0");
    let document = shop.promote_and_press(Button::Merge);
    assert_eq!((&document["via"], &document["reason"]), (&"branch".into(), &"nothing-to-merge".into()), "{document}");
    shop.prod_holds("1.1.0");
}

#[test]
fn work_in_progress_is_not_promoted_without_a_version() {
    let room = Room::new();
    let shop = Shop::new(&room);
    room.relman("foo-release", "promote dev qa -y --format json").refused(5, "needs-version");
    room.relman("foo-release", "promote dev qa -y --version 1.1.0").ok();
    shop.press(Button::Squash, "promote/qa/1.1.0", "environment/qa");
    assert_eq!(shop.server.git("show environment/qa:release.yml"), file("1.1.0", "").trim_end());
}

#[test]
fn a_second_run_changes_nothing() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.qa("1.1.0");
    shop.promote("");
    let head = shop.server.git("rev-parse promote/prod/1.1.0");
    let again = shop.promote("");
    assert_eq!(again["plan"][0]["kind"], "keep", "{again}");
    assert_eq!(shop.server.git("rev-parse promote/prod/1.1.0"), head);
}

#[test]
fn what_relman_proposed_is_renewed_when_the_target_has_moved() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.qa("1.1.0");
    shop.promote("");
    shop.server.release_file("prod", "Hotfix", &file("1.0.1", ""));
    shop.promote("");
    assert_eq!(shop.server.git("rev-parse promote/prod/1.1.0^"), shop.server.git("rev-parse environment/prod"));
    shop.press(Button::Rebase, "promote/prod/1.1.0", "environment/prod");
    shop.prod_holds("1.1.0");
}

#[test]
fn a_branch_that_somebody_else_made_is_left_alone() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.qa("1.1.0");
    let theirs = shop.server.commit("promote/prod/1.1.0", "My own idea of it");
    room.relman("foo-release", "promote qa prod -y --format json").refused(5, "foreign-head");
    assert_eq!(shop.server.git("rev-parse promote/prod/1.1.0"), theirs);
}

#[test]
fn a_direct_push_needs_no_forge() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.qa("1.1.0");
    assert_whole!("promote_direct_push", room.relman("foo-release", "promote qa prod --direct-push -y").ok());
    shop.prod_holds("1.1.0");
    let message = shop.server.git("log -1 --format=%B environment/prod");
    let source = shop.server.git("rev-parse environment/qa");
    assert_eq!(
        message.trim_end(),
        format!(
            "Promote 1.1.0 from qa to prod\n\nPromoted-From: environment/qa@{source}\nVersion: 1.1.0\nPrevious-Version: 1.0.0\nCandidate: v1.1.0-rc.1"
        )
    );
    // prod takes the candidate that was named, whatever is built afterwards.
    Repo::at(&room, "foo-app").tag("v1.1.0-rc.2", "main");
    let resolved = room.relman("foo-release", "resolve prod --format json").ok().json();
    assert_eq!(resolved["candidate"], "v1.1.0-rc.1", "{resolved}");
    room.relman("foo-release", "promote qa prod --direct-push -y").ok().shows("Nothing to do");
}

#[test]
fn a_direct_push_of_a_clean_merge_is_a_merge_with_the_target_first() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.server.git("branch -f environment/prod environment/qa");
    let before = shop.server.git("rev-parse environment/prod");
    shop.qa_without_an_edit("1.1.0");
    room.relman("foo-release", "promote qa prod --direct-push -y").ok();
    let parents = shop.server.git("log -1 --format=%P environment/prod");
    assert_eq!(parents, format!("{before} {}", shop.server.git("rev-parse environment/qa")));
    shop.prod_holds("1.1.0");
}

#[test]
fn a_dry_run_shows_the_plan_and_changes_no_branch() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.qa("1.1.0");
    let before = shop.server.git("for-each-ref");
    assert_whole!("promote_dry_run", room.relman("foo-release", "promote qa prod --dry-run").ok());
    let document = room.relman("foo-release", "promote qa prod --dry-run --format json").ok().json();
    assert_eq!(document["result"], "planned");
    assert_eq!(shop.server.git("for-each-ref"), before);
    // What was shown is what is done.
    let done = shop.promote("");
    assert_eq!(done["plan"], document["plan"]);
}

#[test]
fn a_script_must_say_that_it_is_meant() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.qa("1.1.0");
    room.relman("foo-release", "promote qa prod").ends(2).talks("--yes");
    assert!(shop.server.git("branch --list promote/*").is_empty());
}

#[test]
fn refusals_come_before_anything_is_touched() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.qa("2.0.0");
    let before = shop.server.git("for-each-ref");
    for (line, status, code) in [
        ("promote nowhere prod", 3, "no-environment"),
        ("promote qa nowhere", 3, "no-environment"),
        ("promote prod prod", 2, "same-environment"),
        ("promote dev prod --version 1.1.0", 5, "no-edge"),
        ("promote qa prod", 3, "no-candidate"),
        ("promote qa prod --version 1.0.0-rc.1", 2, "invalid-version"),
        ("promote qa prod --version WIP", 5, "needs-version"),
        ("promote qa prod --via direct --version 1.1.0", 5, "not-direct"),
        ("set qa 1.0.0", 5, "downgrade"),
        ("set qa ref:main", 5, "needs-version"),
        ("set qa", 2, "usage"),
        ("rollback prod", 3, "nothing-before"),
    ] {
        room.relman("foo-release", &format!("{line} -y --format json")).refused(status, code);
    }
    assert_eq!(shop.server.git("for-each-ref"), before);
    room.relman("foo-release", "promote dev prod --version 1.1.0 --allow-skip hotfix -y --direct-push").ok();
    assert!(shop.server.git("log -1 --format=%B environment/prod").contains("Skipped: hotfix"));
}

#[test]
fn a_candidate_must_have_succeeded_where_records_are_kept() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let app = Repo::at(&room, "foo-app");
    app.tag("v1.1.0-rc.2", "main");
    app.tag("v1.1.0-rc.3", "main");
    shop.qa("1.1.0");
    let tip = shop.server.git("rev-parse environment/qa");
    shop.server.record(&tip, "qa", "failed", "1.1.0", "v1.1.0-rc.3", "2026-11-22T09:00:00.000Z");
    room.relman("foo-release", "promote qa prod -y --format json").refused(5, "not-proven");
    shop.server.record(&tip, "qa", "succeeded", "1.1.0", "v1.1.0-rc.2", "2026-11-22T08:00:00.000Z");
    assert_eq!(shop.promote("")["candidate"], "v1.1.0-rc.2");
}

#[test]
fn a_release_begins_with_set_and_a_rollback_goes_forward() {
    let room = Room::new();
    let shop = Shop::new(&room);
    room.relman("foo-release", "set qa 1.1.0 --direct-push -y").ok();
    room.relman("foo-release", "promote qa prod --direct-push -y").ok();
    shop.prod_holds("1.1.0");
    let before = shop.server.git("rev-parse environment/prod");
    assert_whole!("rollback", room.relman("foo-release", "rollback prod --direct-push -y").ok());
    shop.prod_holds("1.0.0");
    assert_eq!(shop.server.git("rev-parse environment/prod^"), before, "it is a new commit");
    // The version that was rolled back from can be promoted again, and is not what the next rollback goes to.
    room.relman("foo-release", "promote qa prod --direct-push -y").ok();
    shop.prod_holds("1.1.0");
    assert_eq!(room.relman("foo-release", "rollback prod -n --format json").ok().json()["version"], "1.0.0");
}

#[test]
fn a_redeployment_is_a_commit_that_changes_nothing() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let before = shop.server.git("rev-parse environment/qa");
    room.relman("foo-release", "redeploy qa -n").ok();
    assert_eq!(shop.server.git("rev-parse environment/qa"), before);
    room.relman("foo-release", "redeploy qa -y").ok();
    assert_eq!(shop.server.git("rev-parse environment/qa^"), before);
    assert_eq!(
        shop.server.git("rev-parse environment/qa^{tree}"),
        shop.server.git(&format!("rev-parse {before}^{{tree}}"))
    );
    let done = room.relman("foo-release", "redeploy qa -y --format json").ok().json();
    assert_eq!((&done["schema"], &done["result"]), (&"relman.redeploy/1".into(), &"pushed".into()));
}

#[test]
fn a_redeployment_by_ci_is_made_by_whoever_started_the_build() {
    let room = Room::new();
    let shop = Shop::new(&room);
    room.write("home/gitconfig", "[user]\n\tuseConfigOnly = true\n[protocol \"file\"]\n\tallow = always\n");
    let author = || shop.server.git("log -1 --format=%an/%ae/%cn environment/dev");
    let call = room.call("foo-release").words("redeploy dev -y");
    let call = call.env("GITLAB_USER_NAME", "Grace Hopper").env("GITLAB_USER_EMAIL", "grace@example.com");
    call.run().ok().says("Pushed to environment/dev; its pipeline runs again.\n").silent();
    assert_eq!(author(), "Grace Hopper/grace@example.com/Grace Hopper");
    room.relman("foo-release", "redeploy dev -y").ok().talks("relman <relman@localhost>");
    assert_eq!(author(), "relman/relman@localhost/relman");
    // Somebody whom Git knows is nobody's stand-in.
    Repo::at(&room, "foo-release").git("config user.email own@example.com");
    Repo::at(&room, "foo-release").git("config user.name Own");
    room.call("foo-release").words("redeploy dev -y").env("GITHUB_ACTOR", "grace").run().ok();
    assert_eq!(author(), "Own/own@example.com/Own");
}

#[test]
fn a_protected_branch_is_told_as_such() {
    let room = Room::new();
    let shop = Shop::new(&room);
    room.write(
        "remotes/foo-release.git/hooks/pre-receive",
        "#!/bin/sh\necho 'environment branches are protected' >&2\nexit 1\n",
    );
    std::process::Command::new("chmod")
        .arg("+x")
        .arg(room.path("remotes/foo-release.git/hooks/pre-receive"))
        .status()
        .unwrap();
    shop.server.git("config core.hooksPath hooks");
    for line in ["redeploy qa", "set qa 1.1.0 --direct-push", "set qa 1.1.0"] {
        room.relman("foo-release", &format!("{line} -y")).ends(4).talks("environment branches are protected");
    }
}

#[test]
fn of_two_that_race_one_wins_and_the_other_says_so() {
    let room = Room::new();
    let shop = Shop::new(&room);
    // The server moves the branch between what was read and what is pushed.
    room.write(
        "remotes/foo-release.git/hooks/update",
        "#!/bin/sh\nif [ \"$1\" = refs/heads/environment/qa ] && [ ! -e raced ]; then\n  touch raced\n\
         new=$(git commit-tree -p \"$2\" -m other \"$2^{tree}\")\n  unset GIT_QUARANTINE_PATH\n  git update-ref \"$1\" \"$new\" \"$2\"\nfi\n",
    );
    std::process::Command::new("chmod")
        .arg("+x")
        .arg(room.path("remotes/foo-release.git/hooks/update"))
        .status()
        .unwrap();
    shop.server.git("config core.hooksPath hooks");
    let lost = room.relman("foo-release", "set qa 1.1.0 --direct-push -y");
    assert!([4, 5].contains(&lost.status), "{} {}", lost.status, lost.err);
    assert!(!shop.server.git("show environment/qa:release.yml").contains("1.1.0"));
    room.relman("foo-release", "set qa 1.1.0 --direct-push -y").ok();
    assert!(shop.server.git("show environment/qa:release.yml").contains("1.1.0"));
}

#[test]
fn nobodys_work_tree_is_touched() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.qa("1.1.0");
    room.write("work/foo-release/release.yml", "half an edit");
    let clone = Repo::at(&room, "foo-release");
    let (index, head) = (clone.git("ls-files -s"), clone.git("rev-parse HEAD"));
    shop.promote("--direct-push");
    assert_eq!((clone.git("ls-files -s"), clone.git("rev-parse HEAD")), (index, head));
    assert_eq!(std::fs::read_to_string(room.path("work/foo-release/release.yml")).unwrap(), "half an edit");
}

#[test]
fn a_fix_that_would_be_lost_is_told_and_a_cherry_pick_counts_as_present() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let app = Repo::at(&room, "foo-app");
    let base = app.git("rev-parse v1.0.0-rc.1^0");
    app.branch("hotfix", &base);
    let fix = app.commit_files("hotfix", "FOO-9 Fix it", &[("fix.txt", "fixed\n")]);
    app.tag("v1.0.2-rc.1", "hotfix");
    app.tag("v1.0.2", "hotfix");
    shop.server.release_file("prod", "Hotfix", &file("1.0.2", ""));
    shop.qa("1.1.0");
    let told = room.relman("foo-release", "promote qa prod -n --format json").ok().json();
    assert_eq!(told["warnings"][1]["code"], "missing-fixes", "{told}");
    // The same change, on the way to 1.1.0.
    app.branch("next", &app.git("rev-parse v1.1.0-rc.1^0"));
    app.commit("next", "FOO-10 Something else");
    app.git("checkout -q -f next");
    app.git(&format!("cherry-pick {fix}"));
    app.tag("v1.1.0-rc.2", &app.git("rev-parse next"));
    let told = room.relman("foo-release", "promote qa prod -n --format json").ok().json();
    assert_eq!(told["candidate"], "v1.1.0-rc.2", "{told}");
    assert!(!told["warnings"].to_string().contains("missing-fixes"), "{told}");
}

#[test]
fn a_project_can_word_its_own_commits() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let worded = format!(
        "{}promotion:\n  title: \"{{version}} for {{to}}\"\ncommit_prefix: \"[ci skip] \"\n",
        file("1.0.0", "")
    );
    shop.server.release_file("prod", "Word it", &worded);
    shop.qa("1.1.0");
    shop.promote("--direct-push");
    assert_eq!(shop.server.git("log -1 --format=%s environment/prod"), "[ci skip] 1.1.0 for prod");
}

#[test]
fn twins_are_promoted_each_by_its_own() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let twin = |version: &str| {
        file(version, "").replace("- name: prod\n", "- name: prod-cn\n  type: prod\n  from: [qa]\n- name: prod\n")
    };
    shop.server.branch("environment/prod-cn", &shop.server.git("rev-parse main"));
    shop.server.release_file("prod-cn", "Set 1.0.0", &twin("1.0.0"));
    shop.qa("1.1.0");
    shop.promote_and_press(Button::Merge);
    shop.prod_holds("1.1.0");
    let document = room.relman("foo-release", "promote qa prod-cn -y --format json").ok().json();
    assert_eq!(document["via"], "branch", "{document}");
    shop.press(Button::Squash, "promote/prod-cn/1.1.0", "environment/prod-cn");
    assert_eq!(shop.server.git("show environment/prod-cn:release.yml"), twin("1.1.0").trim_end());
    // One ahead of the other, then together again.
    shop.qa("1.2.0");
    shop.promote_and_press(Button::Rebase);
    shop.prod_holds("1.2.0");
    assert_eq!(shop.server.git("show environment/prod-cn:release.yml"), twin("1.1.0").trim_end());
    room.relman("foo-release", "promote qa prod-cn -y --direct-push").ok();
    assert_eq!(shop.server.git("show environment/prod-cn:release.yml"), twin("1.2.0").trim_end());
}

#[test]
fn killed_at_any_moment_the_next_run_completes_it() {
    let room = Room::new();
    let shop = Shop::new(&room);
    for (index, line) in
        ["promote qa prod -y --direct-push", "promote qa prod -y --via branch", "set prod 1.2.0 -y --direct-push"]
            .into_iter()
            .enumerate()
    {
        for pause in [0, 10, 20, 40, 60, 80, 120, 160] {
            shop.server.git("branch -f environment/prod main");
            shop.server.release_file("prod", "Start over", &file("1.0.0", ""));
            shop.server.branch("environment/prod", &shop.server.git("rev-parse environment/prod"));
            shop.qa("1.1.0");
            let mut command = room.call("foo-release").words(line).into_command();
            let mut child =
                command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
            std::thread::sleep(std::time::Duration::from_millis(pause));
            child.kill().unwrap();
            child.wait().unwrap();
            // The git of the killed run may still be pushing. Then it is another writer, and wins or loses as one.
            let mut again = room.relman("foo-release", line);
            if again.status == 5 {
                again = room.relman("foo-release", line);
            }
            assert_eq!(again.status, 0, "{line} after {pause} ms: {}", again.err);
            let expected = match index {
                0 => file("1.1.0", ""),
                1 => file("1.0.0", ""),
                _ => file("1.2.0", ""),
            };
            assert_eq!(shop.prod(), expected.trim_end(), "{line} after {pause} ms");
            if index == 1 {
                assert_eq!(shop.server.git("show promote/prod/1.1.0:release.yml"), file("1.1.0", "").trim_end());
            }
        }
    }
}

#[test]
fn a_single_branch_clone_can_promote() {
    let room = Room::new();
    let shop = Shop::new(&room);
    std::fs::remove_dir_all(room.path("work/foo-release")).unwrap();
    shop.server.clone_as("foo-release", "--single-branch --branch main");
    shop.qa("1.1.0");
    shop.promote_and_press(Button::Squash);
    shop.prod_holds("1.1.0");
    shop.qa("1.2.0");
    room.relman("foo-release", "promote qa prod -y --direct-push").ok();
    shop.prod_holds("1.2.0");
}

#[test]
fn commits_are_signed_where_git_is_set_so() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let key = room.path("home/key");
    let made =
        std::process::Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status();
    if !made.is_ok_and(|status| status.success()) {
        return crate::sandbox::skip("commits_are_signed_where_git_is_set_so", "there is no ssh-keygen");
    }
    let clone = Repo::at(&room, "foo-release");
    clone.git("config gpg.format ssh");
    clone.git("config commit.gpgSign true");
    clone.git_args(["config", "user.signingKey", &key.display().to_string()]);
    shop.qa("1.1.0");
    shop.promote("");
    assert!(shop.server.git("cat-file commit promote/prod/1.1.0").contains("BEGIN SSH SIGNATURE"));
    shop.promote("--direct-push");
    assert!(shop.server.git("cat-file commit environment/prod").contains("BEGIN SSH SIGNATURE"));
}
