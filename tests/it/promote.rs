//! Promotions: the merge that is tried out, the way that is chosen, and what is refused.

use crate::sandbox::{Repo, Room, assert_whole};
use crate::shop::{Button, Shop, file};

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
fn the_first_version_of_a_product_is_set_again_and_again() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.server.release_file("qa", "Begin", &file("", ""));
    let set = || room.relman("foo-release", "set qa 1.1.0 -y --format json").ok().json();
    set();
    assert_eq!(set()["plan"][0]["kind"], "keep");
    room.relman("foo-release", "redeploy qa -y").ok();
    assert_eq!(set()["plan"][0]["kind"], "push-commit", "its own commit stands on what qa held before");
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
fn without_a_remote_nothing_is_called_pushed() {
    let room = Room::new();
    room.relman("", "init foo").ok();
    let release = Repo::at(&room, "foo-release");
    let done = "Committed; there is no remote to push to.\n";
    assert!(room.relman("foo-release", "set qa 1.1.0 --direct-push -y").ok().out.ends_with(done));
    assert!(release.git("show environment/qa:release.yml").contains("\nversion: 1.1.0"));
    room.relman("foo-release", "redeploy qa -y")
        .ok()
        .says("Committed to environment/qa; there is no remote to push to.\n");
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

/// Installs an `update` hook at the server, which acts once, just before a push is taken; `$1` is the reference.
fn before_a_push(shop: &Shop<'_>, act: &str) {
    let script = format!(
        "#!/bin/sh\nif [ ! -e raced ]; then\n  touch raced\n  unset GIT_QUARANTINE_PATH\n  {act}\nfi\nexit 0\n"
    );
    let hook = shop.room.write("remotes/foo-release.git/hooks/update", script);
    std::process::Command::new("chmod").arg("+x").arg(hook).status().unwrap();
    shop.server.git("config core.hooksPath hooks");
}

/// A `git` for the room that acts once, just before relman's first push leaves.
fn before_git_pushes(shop: &Shop<'_>, act: &str) -> std::ffi::OsString {
    let path = std::env::var_os("PATH").unwrap();
    let real = std::env::split_paths(&path).map(|folder| folder.join("git")).find(|git| git.is_file()).unwrap();
    let server = shop.room.path("remotes/foo-release.git");
    let script = format!(
        "#!/bin/sh\nfor word in \"$@\"; do\n  if [ \"$word\" = push ] && [ ! -e '{0}/raced' ]; then\n    touch '{0}/raced'\n    \
         (cd '{0}' && GIT_DIR='{0}' && export GIT_DIR && {act})\n  fi\ndone\nexec '{1}' \"$@\"\n",
        server.display(),
        real.display()
    );
    let git = shop.room.write("wrapped/git", script.replace("{git}", &real.display().to_string()));
    std::process::Command::new("chmod").arg("+x").arg(git).status().unwrap();
    std::env::join_paths(std::iter::once(shop.room.path("wrapped")).chain(std::env::split_paths(&path))).unwrap()
}

#[test]
fn of_two_that_race_one_wins_and_the_other_says_so() {
    let room = Room::new();
    let shop = Shop::new(&room);
    before_a_push(
        &shop,
        "[ \"$1\" = refs/heads/environment/qa ] && git update-ref \"$1\" $(git commit-tree -p \"$2\" -m other \"$2^{tree}\") \"$2\"",
    );
    let lost = room.relman("foo-release", "set qa 1.1.0 --direct-push -y --format json").refused(5, "push-rejected");
    assert!(lost.err.contains("somebody else was first") && lost.err.contains("run the command again"), "{}", lost.err);
    assert!(!shop.server.git("show environment/qa:release.yml").contains("1.1.0"));
    room.relman("foo-release", "set qa 1.1.0 --direct-push -y").ok();
    assert!(shop.server.git("show environment/qa:release.yml").contains("1.1.0"));
}

#[test]
fn whoever_comes_second_with_the_same_finds_the_firsts() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.qa("1.1.0");
    let at_once = |line: &str| -> Vec<String> {
        let start = |_| {
            let mut call = room.call("foo-release").words(line).into_command();
            call.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap()
        };
        let runs: Vec<_> = (0..4).map(start).collect();
        let answer = |run: std::process::Child| {
            let output = run.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            document["result"].as_str().unwrap().to_owned()
        };
        runs.into_iter().map(answer).collect()
    };
    // Each makes a commit, and finds the branch of the one that was first.
    assert_eq!(at_once("promote qa prod -y --format json"), ["manual"; 4]);
    let mut results = at_once("promote qa prod -y --direct-push --format json");
    results.sort();
    assert!(results.contains(&"pushed".to_owned()), "{results:?}");
    assert!(results.iter().all(|result| ["pushed", "unchanged"].contains(&result.as_str())), "{results:?}");
    assert_eq!(shop.server.git("rev-list --count main..environment/prod"), "2", "it was promoted once");
    shop.prod_holds("1.1.0");
}

#[test]
fn what_was_reset_or_deleted_meanwhile_is_not_brought_back() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.qa("1.1.0");
    shop.server.release_file("prod", "A mistake", &file("1.0.1", ""));
    let path = before_git_pushes(&shop, "'{git}' update-ref refs/heads/environment/prod refs/heads/environment/prod~1");
    let run = |line: &str| room.call("foo-release").words(line).arg("--format").arg("json").env("PATH", &path).run();
    run("promote qa prod --via branch --direct-push -y").refused(5, "push-rejected");
    shop.prod_holds("1.0.0");
    std::fs::remove_file(room.path("remotes/foo-release.git/raced")).unwrap();
    before_git_pushes(&shop, "'{git}' update-ref -d refs/heads/environment/qa");
    run("redeploy qa -y").refused(5, "push-rejected");
    assert!(shop.server.git("branch --list environment/qa").is_empty());
}

#[test]
fn a_redeployment_that_somebody_else_made_meanwhile_is_enough() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let act = "'{git}' update-ref refs/heads/environment/qa \
               $('{git}' commit-tree -p environment/qa -m other 'environment/qa^{tree}')";
    let path = before_git_pushes(&shop, act);
    let run = room.call("foo-release").words("redeploy qa -y --format json").env("PATH", &path).run().ok().json();
    assert_eq!(run["result"], "unchanged", "{run}");
}

#[test]
fn a_name_that_git_can_not_have_beside_another_is_told() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.qa("1.1.0");
    shop.server.branch("promote/prod", &shop.server.git("rev-parse main"));
    room.relman("foo-release", "promote qa prod -y --format json").refused(5, "blocked-head");
    shop.server.git("branch -D promote/prod");
    shop.server.branch("promote/prod/1.1.0/x", &shop.server.git("rev-parse main"));
    room.relman("foo-release", "promote qa prod -y --format json").refused(5, "blocked-head");
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
