//! `relman diff`, held against what `git rev-list` says of the same commits: every shape that a history can take.

use serde_json::{Value, json};

use crate::sandbox::{Repo, Room, assert_whole};

/// A release repo with qa and prod, an app repo, and one component. Whatever a test does to the component on `left` is
/// what qa gets, and on `right` what prod has.
pub struct Shop<'r> {
    pub room: &'r Room,
    pub app: Repo<'r>,
    pub lib: Repo<'r>,
    pub release: Repo<'r>,
}

impl<'r> Shop<'r> {
    pub fn new(room: &'r Room) -> Self {
        let lib = room.repo("foo-lib");
        let base = lib.commit_files("main", "Begin", &[("base.txt", "base\n")]);
        lib.branch("left", &base);
        lib.branch("right", &base);
        lib.git("checkout -q -f main");
        let app = room.repo("foo-app");
        app.app_file("main", &["name: foo-lib"]);
        Shop { room, app, lib, release: room.repo("foo-release") }
    }

    /// Tags what stands on `left` and `right`, and lets qa and prod declare it.
    pub fn ready(&self) {
        for (version, branch, environment, kind) in
            [("1.1.0", "left", "qa", "type: qa"), ("1.0.0", "right", "prod", "type: prod; from: [qa]")]
        {
            let at = self.lib.git(&format!("rev-parse {branch}"));
            for tag in [format!("v{version}-rc.1"), format!("v{version}")] {
                self.lib.tag(&tag, &at);
                self.app.relman_tag(&tag, "main", &[("foo-lib", &at)]);
            }
            self.release.environment(environment, version, kind);
        }
    }

    /// Gives the component another name: in the list of the app, and its clone; `kept` says whether the old clone stays. qa
    /// declares the first version that has the new name.
    pub fn rename_lib(&self, kept: bool) {
        let left = self.lib.git("rev-parse left");
        self.lib.clone_as("foo-library", "");
        self.app.app_file("main", &["name: foo-library"]);
        Repo::at(self.room, "foo-library").tag("v1.2.0-rc.1", &left);
        self.app.relman_tag("v1.2.0-rc.1", "main", &[("foo-library", &left)]);
        self.release.environment("qa", "1.2.0", "type: qa");
        if !kept {
            std::fs::rename(&self.lib.path, self.room.path("elsewhere")).unwrap();
        }
    }

    fn diff(&self) -> Value {
        self.room.relman("foo-release", "diff qa prod --format json").ok().json()
    }

    /// Does something in the component's work tree, on a branch.
    pub fn on(&self, branch: &str, lines: &[&str]) {
        self.lib.git(&format!("checkout -q -f {branch}"));
        for line in lines {
            self.lib.git(line);
        }
    }

    /// Adds a file with its own content, as a commit that nothing else can be taken for.
    pub fn commit(&self, branch: &str, message: &str) -> String {
        self.lib.git(&format!("checkout -q -f {branch}"));
        let name = message.split_whitespace().next().unwrap().to_lowercase();
        std::fs::write(self.lib.path.join(format!("{name}.txt")), format!("{message}\n")).unwrap();
        self.lib.git("add -A");
        self.lib.git_args(["commit", "-q", "-m", message]);
        self.lib.git("rev-parse HEAD")
    }

    /// What relman says of the component is what Git says.
    #[track_caller]
    fn agrees(&self) -> Value {
        self.ready();
        let told = self.diff();
        let lib = part(&told, "foo-lib");
        for (side, list) in [("--right-only", "added"), ("--left-only", "removed")] {
            let mut told = ids(&lib[list]);
            let asked = format!("rev-list --cherry-pick {side} right...left");
            let mut expected: Vec<String> = self.lib.git(&asked).lines().map(str::to_owned).collect();
            told.sort();
            expected.sort();
            assert_eq!(told, expected, "{list}");
        }
        let mut missing = ids(&told["missing_fixes"]);
        let asked = "rev-list --cherry-pick --left-only --no-merges right...left";
        let mut expected: Vec<String> = self.lib.git(asked).lines().map(str::to_owned).collect();
        missing.sort();
        expected.sort();
        assert_eq!(missing, expected, "missing fixes");
        told
    }
}

fn part<'v>(told: &'v Value, name: &str) -> &'v Value {
    told["repositories"].as_array().unwrap().iter().find(|repository| repository["name"] == name).unwrap()
}

fn ids(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
}

fn words(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
}

#[test]
fn a_straight_line_ships_what_was_added() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("left", "FOO-1 One");
    shop.commit("left", "FOO-2 Two");
    let told = shop.agrees();
    assert_eq!(words(&told["issues"]["added"]), ["FOO-1", "FOO-2"]);
    assert_eq!(told["issues"]["removed"].as_array().unwrap().len(), 0);
    let lib = part(&told, "foo-lib");
    assert_eq!(lib["from_commit"], shop.lib.git("rev-parse left"));
    assert_eq!(lib["to_commit"], shop.lib.git("rev-parse right"));
    assert_eq!((&told["from"]["tag"], &told["to"]["tag"]), (&"v1.1.0".into(), &"v1.0.0".into()));
    assert_eq!(told["schema"], "relman.diff/1");
}

#[test]
fn an_octopus_brings_all_its_arms() {
    let room = Room::new();
    let shop = Shop::new(&room);
    for arm in ["a", "b", "c"] {
        shop.lib.git(&format!("branch {arm} left"));
        shop.commit(arm, &format!("FOO-{} Arm {arm}", arm.as_bytes()[0]));
    }
    shop.on("left", &["merge -q --no-ff -m Octopus a b c"]);
    let told = shop.agrees();
    assert_eq!(words(&told["issues"]["added"]), ["FOO-97", "FOO-98", "FOO-99"]);
    assert_eq!(part(&told, "foo-lib")["added"].as_array().unwrap().len(), 4);
}

#[test]
fn a_revert_takes_its_issue_along() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let one = shop.commit("left", "FOO-1 One");
    shop.commit("left", "FOO-2 Two");
    shop.on("left", &[&format!("revert --no-edit {one}")]);
    let told = shop.agrees();
    assert_eq!(words(&told["issues"]["added"]), ["FOO-2"]);
    let undone = part(&told, "foo-lib")["added"].as_array().unwrap().iter().filter(|c| c["undone"] == true).count();
    assert_eq!(undone, 2);
    let text = room.relman("foo-release", "diff qa prod").ok();
    assert_eq!(text.out.matches("taken back").count(), 2, "{}", text.out);
}

#[test]
fn a_revert_of_what_prod_has_takes_it_from_prod() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let one = shop.commit("right", "FOO-1 One");
    shop.on("left", &["merge -q --ff-only right", &format!("revert --no-edit {one}")]);
    let told = shop.agrees();
    assert_eq!((words(&told["issues"]["added"]), words(&told["issues"]["removed"])), (vec![], vec!["FOO-1"]));
}

#[test]
fn a_cherry_pick_counts_as_present_and_a_lost_fix_is_told() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let fix = shop.commit("right", "FOO-1 Fix");
    let lost = shop.commit("right", "FOO-2 Lost");
    shop.commit("left", "FOO-3 New");
    shop.on("left", &[&format!("cherry-pick {fix}")]);
    let told = shop.agrees();
    assert_eq!(ids(&told["missing_fixes"]), [lost.as_str()]);
    assert_eq!(told["missing_fixes"][0]["repository"], "foo-lib");
    assert_eq!(part(&told, "foo-lib")["same"], 2);
    assert_eq!(words(&told["issues"]["added"]), ["FOO-3"]);
    let text = room.relman("foo-release", "diff qa prod").ok();
    let (lost, new) = (text.out.find("FOO-2 Lost").unwrap(), text.out.find("FOO-3 New").unwrap());
    assert!(text.out.contains("prod would lose 1 commit") && lost < new, "{}", text.out);
}

#[test]
fn a_cherry_pick_that_met_a_conflict_is_known_by_its_note() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let fix = shop.commit("left", "FOO-1 Fix");
    shop.on("right", &[]);
    std::fs::write(shop.lib.path.join("foo-1.txt"), "resolved otherwise\n").unwrap();
    shop.lib.git("add -A");
    shop.lib.git_args(["commit", "-q", "-m", &format!("FOO-1 Fix\n\n(cherry picked from commit {fix})")]);
    shop.ready();
    let told = shop.diff();
    assert_eq!((told["missing_fixes"].as_array().unwrap().len(), &part(&told, "foo-lib")["same"]), (0, &2.into()));
}

#[test]
fn a_squash_with_more_in_it_is_another_commit_with_the_number_of_its_pull_request() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.lib.git("branch topic left");
    shop.commit("topic", "FOO-1 One");
    shop.commit("topic", "FOO-1b Two");
    shop.on("right", &["merge -q --no-ff -m Merge topic"]);
    shop.on("left", &["merge -q --squash topic"]);
    std::fs::write(shop.lib.path.join("more.txt"), "more\n").unwrap();
    shop.lib.git("add -A");
    shop.lib.git_args(["commit", "-q", "-m", "FOO-1 All of it (#12)"]);
    let told = shop.agrees();
    assert_eq!(part(&told, "foo-lib")["added"][0]["pull_request"], 12);
    assert_eq!(told["missing_fixes"].as_array().unwrap().len(), 2);
}

#[test]
fn merges_of_every_forge_name_their_pull_request_and_their_issue() {
    let room = Room::new();
    let shop = Shop::new(&room);
    for (number, message) in [
        (1, "Merge pull request #1 from ada/feature/FOO-1\n\nTitle 1"),
        (2, "Merge branch 'feature/FOO-2' into 'main'\n\nTitle 2\n\nSee merge request shop/lib!2"),
        (3, "Pull request #3: Title 3\n\nMerge in SHOP/lib from feature/FOO-3 to main"),
        (4, "Merged in feature/FOO-4 (pull request #4)\n\nTitle 4"),
    ] {
        shop.lib.git(&format!("branch t{number} left"));
        shop.commit(&format!("t{number}"), &format!("work-{number} without a key"));
        shop.on("left", &[]);
        shop.lib.git_args(["merge", "-q", "--no-ff", "-m", message, &format!("t{number}")]);
    }
    let told = shop.agrees();
    assert_eq!(words(&told["issues"]["added"]), ["FOO-1", "FOO-2", "FOO-3", "FOO-4"]);
    let added = part(&told, "foo-lib")["added"].as_array().unwrap().clone();
    let mut numbers: Vec<u64> = added.iter().filter_map(|c| c["pull_request"].as_u64()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4]);
    let text = room.relman("foo-release", "diff qa prod").ok();
    for line in ["Title 1 (#1)", "Title 2 (#2)", "Title 3 (#3)", "Title 4 (#4)"] {
        assert!(text.out.contains(line), "{line} in\n{}", text.out);
    }
}

#[test]
fn unrelated_histories_are_said() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.lib.git("checkout -q --orphan fresh");
    shop.lib.git("rm -q -rf .");
    std::fs::write(shop.lib.path.join("new.txt"), "new\n").unwrap();
    shop.lib.git("add -A");
    shop.lib.git_args(["commit", "-q", "-m", "FOO-1 Anew"]);
    shop.lib.git("branch -f left fresh");
    let told = shop.agrees();
    assert_eq!(told["warnings"][0]["code"], "unrelated", "{told}");
}

#[test]
fn a_tag_that_was_moved_by_force_is_said_and_the_record_counts() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("left", "FOO-1 One");
    shop.ready();
    let before = shop.diff();
    let moved = shop.commit("left", "FOO-2 Slipped in");
    shop.lib.git_args(["tag", "-f", "-a", "-m", "moved", "v1.1.0", &moved]);
    let told = shop.diff();
    assert_eq!(part(&told, "foo-lib")["from_commit"], part(&before, "foo-lib")["from_commit"]);
    assert_eq!(told["warnings"][0]["code"], "moved-tag", "{told}");
}

#[test]
fn a_tag_of_the_app_that_the_remote_has_elsewhere_is_said() {
    let room = Room::new();
    let server = room.server("foo-app");
    let old = server.commit("main", "FOO-1 One");
    server.tag("v1.0.0-rc.1", &old);
    server.tag("v1.0.0", &old);
    let clone = server.clone_as("foo-app", "");
    let release = room.repo("foo-release");
    release.environment("prod", "1.0.0", "type: prod");
    release.environment("qa", "WIP", "type: qa; tags: none");
    let new = server.commit("main", "FOO-2 Two");
    server.git_args(["tag", "-f", "-a", "-m", "moved", "v1.0.0", &new]);
    clone.git("fetch -q origin +refs/tags/v1.0.0:refs/relman/origin/tags/v1.0.0");
    let told = room.relman("foo-release", "diff qa prod --format json").ok().json();
    assert_eq!(told["warnings"][0]["code"], "moved-tag", "{told}");
    assert_eq!(told["to"]["commit"], new.as_str());
}

#[test]
fn of_a_pin_only_what_is_known_of_the_remote_is_said() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.lib.tag("v8", "left");
    shop.app.app_file("main", &["{name: foo-lib, tag: v8}"]);
    shop.ready();
    let server = room.path("work/lib-server");
    std::fs::rename(&shop.lib.path, &server).unwrap();
    let clone = Repo::at(&room, "lib-server").clone_as("foo-lib", "");
    clone.git("fetch -q origin +refs/tags/v8:refs/relman/origin/tags/v8");
    // Moved in the clone and pushed: both are the same now, and the clone does not know that its remote has followed.
    let new = clone.commit("main", "FOO-1 Slipped in");
    clone.git_args(["tag", "-f", "-a", "-m", "moved", "v8", &new]);
    clone.git("push -q -f origin refs/tags/v8");
    let told = room.relman("foo-release", "diff 1.1.0 1.0.0 --format json").ok().json();
    let warning = told["warnings"].as_array().unwrap().iter().find(|one| {
        one["code"] == "moved-tag" && one["message"].as_str().unwrap().starts_with("v8 of foo-lib was on ")
    });
    let warning = warning.unwrap_or_else(|| panic!("{told}"));
    let (message, old) = (warning["message"].as_str().unwrap(), clone.git("rev-parse refs/relman/origin/tags/v8^0"));
    let expected = format!(
        "v8 of foo-lib was on {} when its remote was last asked, and is on {} in this clone",
        &old[..10],
        &new[..10]
    );
    assert_eq!(message, expected);
    // What the tag of the app has recorded is compared, and the hint names it.
    let compared = told["repositories"].as_array().unwrap().iter().find(|one| one["name"] == "foo-lib").unwrap();
    let compared = &compared["from_commit"].as_str().unwrap()[..10];
    let answer = room.relman("foo-release", "diff 1.1.0 1.0.0").ok();
    assert!(
        answer.err.contains(&format!("{compared} is compared, and relman fetch asks the remote")),
        "{}",
        answer.err
    );
}

#[test]
fn a_renamed_branch_is_followed_by_the_entry_that_names_it() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.ready();
    let one = shop.commit("left", "FOO-9 On trunk");
    shop.lib.git("checkout -q --detach");
    shop.lib.git("branch -m left trunk");
    shop.app.app_file("main", &["{name: foo-lib, branch: trunk}"]);
    shop.release.environment("dev", "WIP", "type: dev");
    let told = room.relman("foo-release", "diff dev qa --format json").ok().json();
    assert_eq!(ids(&part(&told, "foo-lib")["added"]), [one]);
    shop.app.app_file("main", &["{name: foo-lib, branch: gone}"]);
    let told = room.relman("foo-release", "diff dev qa --format json").ok().json();
    assert_eq!(part(&told, "foo-lib")["added"], Value::Null, "{told}");
}

#[test]
fn components_that_come_and_go_are_told() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.ready();
    let fresh = room.repo("foo-new").commit("main", "Begin");
    shop.app.app_file("main", &["name: foo-new"]);
    shop.app.relman_tag("v1.2.0-rc.1", "main", &[("foo-new", &fresh)]);
    let told = room.relman("foo-release", "diff 1.2.0 prod --format json").ok().json();
    assert_eq!(told["components"]["added"][0]["name"], "foo-new");
    assert_eq!(told["components"]["added"][0]["commit"], fresh.as_str());
    assert_eq!(told["components"]["removed"][0]["name"], "foo-lib");
    assert_eq!(told["from"]["basis"], "given");
    assert_eq!(told["pipeline"]["changed"], false, "only the list has changed: {told}");
    room.relman("foo-release", "diff 1.2.0 prod").ok().shows("foo-new is new, foo-lib goes");
}

#[test]
fn a_component_that_was_renamed_ships_its_commits() {
    for kept in [true, false] {
        let room = Room::new();
        let shop = Shop::new(&room);
        let one = shop.commit("left", "FOO-1 One");
        let fix = shop.commit("right", "FOO-2 Fix");
        shop.ready();
        shop.rename_lib(kept);
        for (line, new, old, added, lost) in
            [("qa prod", "foo-library", "foo-lib", &one, &fix), ("prod qa", "foo-lib", "foo-library", &fix, &one)]
        {
            let answer = room.relman("foo-release", &format!("diff {line} --format json")).ok();
            let told = answer.json();
            let lib = part(&told, new);
            assert_eq!((ids(&lib["added"]), ids(&lib["removed"])), (vec![added.clone()], vec![lost.clone()]), "{line}");
            assert_eq!(told["components"]["renamed"][0], json!({"name": new, "was": old}), "{told}");
            assert_eq!((&told["components"]["added"], &told["components"]["removed"]), (&json!([]), &json!([])));
            assert_eq!(told["warnings"], json!([]), "a clone under one of the names is enough");
            room.relman("foo-release", &format!("diff {line}")).ok().shows(&format!("{old} becomes {new}"));
        }
    }
}

#[test]
fn a_missing_clone_is_reported_and_the_rest_is_told() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("left", "FOO-1 One");
    shop.ready();
    std::fs::rename(&shop.lib.path, room.path("elsewhere")).unwrap();
    let told = shop.diff();
    assert_eq!((&told["warnings"][0]["code"], &part(&told, "foo-lib")["added"]), (&"no-clone".into(), &Value::Null));
    assert_eq!(told["repositories"].as_array().unwrap().len(), 2);
    let answer = room.relman("foo-release", "diff qa prod").ok().talks("there is no clone of foo-lib");
    assert!(answer.out.contains("foo-lib: not known here"), "{}", answer.out);
    std::fs::rename(&shop.app.path, room.path("elsewhere-too")).unwrap();
    room.relman("foo-release", "diff qa prod --format json").refused(3, "no-clone");
}

#[test]
fn a_shallow_clone_says_where_its_answer_ends() {
    let room = Room::new();
    let app = room.server("foo-app");
    app.commit("main", "FOO-1 One");
    app.tag("v1.0.0-rc.1", "main");
    app.tag("v1.0.0", "main");
    for n in 2..8 {
        app.commit("main", &format!("FOO-{n}"));
    }
    app.clone_as("foo-app", "--depth 3").git("fetch -q --depth 1 origin tag v1.0.0");
    let release = room.repo("foo-release");
    release.environment("prod", "1.0.0", "type: prod; from: [dev]");
    release.environment("dev", "WIP", "type: dev");
    let told = room.relman("foo-release", "diff dev prod --format json").ok().json();
    assert_eq!(told["warnings"][0]["code"], "shallow-clone", "{told}");
    // Whether one has what the other has lies below the end.
    assert_eq!((&told["repositories"][0]["added"], &told["repositories"][0]["removed"]), (&Value::Null, &Value::Null));
    assert_eq!((ids(&told["missing_fixes"]).len(), words(&told["issues"]["removed"]).len()), (0, 0));
    room.relman("foo-release", "diff dev prod").ok().shows("foo-app: not known here");
    // Deep enough, it is.
    Repo::at(&room, "foo-app").git("fetch -q --deepen 4 origin main");
    let told = room.relman("foo-release", "diff dev prod --format json").ok().json();
    assert_eq!((ids(&told["repositories"][0]["added"]).len(), told["warnings"].as_array().unwrap().len()), (6, 0));
}

#[test]
fn a_fix_that_was_taken_over_and_taken_back_would_be_lost() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let fix = shop.commit("right", "FOO-1 Fix");
    shop.commit("left", "FOO-2 Other");
    shop.on("left", &[&format!("cherry-pick {fix}"), "revert --no-edit HEAD"]);
    shop.ready();
    let told = shop.diff();
    assert_eq!((ids(&told["missing_fixes"]), words(&told["issues"]["removed"])), (vec![fix.clone()], vec!["FOO-1"]));
    // The other way round, prod's fix is what would come.
    let told = room.relman("foo-release", "diff prod qa --format json").ok().json();
    assert_eq!(
        (words(&told["issues"]["added"]), part(&told, "foo-lib")["added"][0]["id"].as_str()),
        (vec!["FOO-1"], Some(fix.as_str()))
    );
}

#[test]
fn a_revert_that_was_picked_takes_back_what_was_picked() {
    for picking in ["cherry-pick", "cherry-pick -x"] {
        let room = Room::new();
        let shop = Shop::new(&room);
        let one = shop.commit("main", "FOO-1 One");
        shop.on("main", &[&format!("revert --no-edit {one}")]);
        shop.commit("left", "FOO-2 Other");
        shop.on("left", &[&format!("{picking} main~1"), &format!("{picking} main")]);
        shop.ready();
        let told = shop.diff();
        assert_eq!((words(&told["issues"]["added"]), words(&told["issues"]["removed"])), (vec!["FOO-2"], vec![]));
        let added = part(&told, "foo-lib")["added"].as_array().unwrap().clone();
        assert_eq!(added.iter().filter(|commit| commit["undone"] == true).count(), 2, "{picking} {told}");
        let back = room.relman("foo-release", "diff prod qa --format json").ok().json();
        assert_eq!(ids(&back["missing_fixes"]).len(), 1, "{back}");
    }
}

#[test]
fn what_was_taken_back_and_picked_again_is_where_it_was() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let one = shop.commit("right", "FOO-1 One");
    shop.on("left", &["merge -q --ff-only right"]);
    shop.commit("left", "FOO-2 Two");
    shop.on("right", &[&format!("revert --no-edit {one}"), &format!("cherry-pick {one}")]);
    shop.ready();
    let told = shop.diff();
    assert_eq!((words(&told["issues"]["added"]), words(&told["issues"]["removed"])), (vec!["FOO-2"], vec![]));
    assert_eq!(ids(&told["missing_fixes"]), [""; 0], "{told}");
}

#[test]
fn a_commit_that_changes_nothing_is_no_lost_fix() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.on("right", &["commit -q --allow-empty -m Again"]);
    let fix = shop.commit("right", "FOO-1 Fix");
    shop.ready();
    let told = shop.diff();
    assert_eq!((ids(&told["missing_fixes"]), ids(&part(&told, "foo-lib")["removed"]).len()), (vec![fix], 2));
}

#[test]
fn what_ran_is_told_apart_from_what_is_declared() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("left", "FOO-1 One");
    shop.ready();
    let tip = shop.release.git("rev-parse environment/prod");
    record(&shop, &tip, "prod", "0.9.0", &shop.app.git("rev-list --max-parents=0 main"));
    let told = shop.diff();
    assert_eq!((&told["to"]["basis"], &told["to"]["ran"]["version"]), (&"declared".into(), &"0.9.0".into()));
    room.relman("foo-release", "diff qa prod").ok().shows("What ran last in prod is 0.9.0 (2026-01-07 08:00);");
}

#[test]
fn where_the_file_has_no_version_the_records_stand_for_it() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let one = shop.commit("left", "FOO-1 One");
    shop.ready();
    let tip = shop.release.commit_files(
        "environment/prod",
        "Driven from outside",
        &[("release.yml", "application: foo-app\nenvironments:\n- name: prod\n  type: prod\n")],
    );
    shop.room.relman("foo-release", "diff qa prod --format json").refused(3, "no-record");
    record(&shop, &tip, "prod", "1.0.0", &shop.app.git("rev-parse main"));
    let told = shop.diff();
    assert_eq!((&told["to"]["basis"], &told["to"]["version"]), (&"ran".into(), &"1.0.0".into()));
    assert_eq!(ids(&part(&told, "foo-lib")["added"]), [one]);
}

/// A record of a deployment with the commits of both repositories.
pub fn record(shop: &Shop<'_>, commit: &str, environment: &str, version: &str, app_commit: &str) {
    let right = shop.lib.git("rev-parse right");
    let line = serde_json::json!({
        "at": "2026-01-07T08:00:00.000Z", "id": "1", "schema": "relman.record/1", "environment": environment,
        "outcome": "succeeded", "version": version, "release_commit": commit, "app_commit": app_commit,
        "repositories": [
            {"name": "foo-app", "commit": app_commit, "ref": "x"},
            {"name": "foo-lib", "commit": right, "ref": "x"},
        ],
    });
    shop.release.git_args(["notes", "--ref=relman/deployments", "append", "-m", &line.to_string(), commit]);
}

/// The keys that come, and those that go.
fn keys(told: &Value) -> (Vec<&str>, Vec<&str>) {
    (words(&told["issues"]["added"]), words(&told["issues"]["removed"]))
}

#[test]
fn what_messages_name_elsewhere_is_read_there() {
    // A fix was picked to a release branch, and main was merged into that: main has the fix itself.
    let room = Room::new();
    let shop = Shop::new(&room);
    let fix = shop.commit("left", "FOO-1 A fix");
    shop.commit("right", "FOO-9 Own work");
    shop.on("right", &[&format!("cherry-pick -x {fix}"), "merge -q --no-ff --no-edit left"]);
    shop.commit("left", "FOO-3 More");
    shop.ready();
    let told = shop.diff();
    assert_eq!((keys(&told), told["missing_fixes"].as_array().unwrap().len()), ((vec!["FOO-3"], vec!["FOO-9"]), 1));

    // A pick of a pick that neither side has.
    let room = Room::new();
    let shop = Shop::new(&room);
    let fix = shop.commit("left", "FOO-1 A fix");
    shop.lib.git("branch between main");
    shop.commit("between", "FOO-8 Elsewhere");
    shop.on("between", &[&format!("cherry-pick -x {fix}")]);
    shop.on("right", &["cherry-pick -x between"]);
    std::fs::write(shop.lib.path.join("foo-1.txt"), "As the release needs it\n").unwrap();
    shop.lib.git("commit -q -a --amend --no-edit");
    shop.ready();
    let told = shop.diff();
    assert_eq!((keys(&told), told["missing_fixes"].as_array().unwrap().len()), ((vec![], vec![]), 0));

    // A merge that both sides have is taken back: what it has brought goes.
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.on("main", &["checkout -q -b topic"]);
    shop.commit("topic", "FOO-1 Part of it");
    shop.on("main", &["merge -q --no-ff -m Merged topic"]);
    shop.on("right", &["merge -q --ff-only main"]);
    shop.on("left", &["merge -q --ff-only main", "revert --no-edit -m 1 main"]);
    shop.lib.git_args([
        "commit",
        "-q",
        "--amend",
        "-m",
        &format!("Back out\n\nThis reverts commit {}.", shop.lib.git("rev-parse main")),
    ]);
    shop.ready();
    assert_eq!(keys(&shop.diff()), (vec![], vec!["FOO-1"]));
    // And comes again with a revert of that.
    shop.on("right", &["merge -q --ff-only left"]);
    shop.on("left", &["revert --no-edit HEAD"]);
    let at = |branch: &str| shop.lib.git(&format!("rev-parse {branch}"));
    for (version, branch) in [("2.1.0", "left"), ("2.0.0", "right")] {
        shop.lib.tag(&format!("v{version}"), &at(branch));
        shop.app.relman_tag(&format!("v{version}"), "main", &[("foo-lib", &at(branch))]);
    }
    let told = room.relman("foo-release", "diff 2.1.0 2.0.0 --format json").ok().json();
    assert_eq!(told["issues"]["removed"], json!([]), "{told}");
}

#[test]
fn an_environment_is_compared_with_what_it_was() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let one = shop.commit("left", "FOO-1 One");
    shop.ready();
    shop.release.environment("prod", "1.1.0", "type: prod; from: [qa]; api: https://new.example.com");
    let told = room.relman("foo-release", "diff prod prod@1.0.0 --format json").ok().json();
    assert_eq!(ids(&part(&told, "foo-lib")["added"]), [one]);
    assert_eq!(words(&told["release_file"]["changed_keys"]), ["prod.api"]);
    let told = room.relman("foo-release", "diff prod prod@2026-01-05 --format json").ok().json();
    assert_eq!(told["to"]["at"], "2026-01-05 UTC");
    // Before there was a branch there was nothing.
    let told = room.relman("foo-release", "diff prod prod@2020-01-01 --format json").ok().json();
    assert_eq!((&told["to"]["commit"], &told["repositories"][0]["added"]), (&Value::Null, &Value::Null));
    room.relman("foo-release", "diff prod@2020-01-01 prod --format json").refused(3, "nothing-declared");
    room.relman("foo-release", "diff prod@nonsense prod --format json").refused(3, "nothing-selected");
}

fn warned(room: &Room, what: &str) -> Vec<String> {
    let told = room.call("foo-release").arg("diff").words(what).words("--format json").run().ok().json();
    told["warnings"].as_array().unwrap().iter().map(|warning| warning["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_branch_that_was_rewritten_is_said_wherever_it_is_compared() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.ready();
    shop.release.environment("prod", "1.1.0", "type: prod; from: [qa]");
    let lost = shop.release.git("rev-parse environment/prod");
    record(&shop, &lost, "prod", "1.1.0", &shop.app.git("rev-parse main"));
    for what in ["qa prod", "prod qa", "prod@1.1.0 1.0.0", "1.0.0 prod@2026-01-08"] {
        assert_eq!(warned(&room, what), [""; 0], "{what}");
    }
    shop.release.git("branch -f environment/prod environment/prod~1");
    for what in ["qa prod", "prod qa", "prod@1.1.0 1.0.0", "1.0.0 prod@2026-01-08", "prod prod@1.1.0"] {
        assert_eq!(warned(&room, what), ["rewritten-branch"], "{what}");
    }
    assert_eq!(warned(&room, "qa 1.0.0"), [""; 0], "prod is no part of it");
    room.relman("foo-release", "diff qa prod").ok().talks("environment/prod was rewritten");
}

#[test]
fn what_a_fast_forward_made_common_is_said_once_for_both_sides() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.ready();
    // prod goes on from where qa stands.
    shop.release.git("branch -D environment/prod");
    shop.release.branch("environment/prod", &shop.release.id("environment/qa"));
    shop.release.environment("prod", "1.0.0", "type: prod; from: [qa]");
    shop.release.environment("qa", "1.1.0", "type: qa; api: https://new.example.com");
    // A third one that only the beginning is common with.
    shop.release.branch("environment/dev", &shop.release.git("rev-list --max-parents=0 environment/prod"));
    shop.release.environment("dev", "WIP", "type: dev");
    let shared = shop.release.git("rev-parse environment/qa~1");
    let past = format!("prod@{}", &shared[..12]);
    let first = shop.release.git("log -1 --format=%cI environment/prod~1");
    for what in [
        "qa prod",
        "prod 1.1.0",
        "1.0.0 qa",
        "prod@1.0.0 qa",
        "dev prod",
        &format!("{past} qa"),
        &format!("prod@{first} qa"),
    ] {
        assert_eq!(warned(&room, what), ["shared-history"], "{what}");
    }
    let told = room.relman("foo-release", "where 1.1.0 --format json").ok().json();
    let codes: Vec<_> = told["warnings"].as_array().unwrap().iter().map(|warning| &warning["code"]).collect();
    assert_eq!(codes, ["shared-history"], "{told}");
    room.relman("foo-release", "diff qa prod").ok().talks("whose it was can't be told");
}

#[test]
fn files_are_shown_as_patches_on_request() {
    let room = Room::new();
    let app = room.repo("foo-app");
    let chart = |extra: &[(&str, &str)], yml: &str| {
        let mut files = vec![("chart/Chart.yaml", "name: foo\n"), ("app.yml", yml)];
        files.extend(extra);
        app.commit_files("main", "Chart", &files);
    };
    let steps = |run: &str| format!("pipeline:\n  steps:\n  - name: a\n    run: {run}\n");
    chart(&[("chart/values.prod.yaml", "a: 1\n"), ("chart/values.qa.yaml", "a: 1\n")], &steps("one"));
    app.tag("v1.0.0-rc.1", "main");
    app.tag("v1.0.0", "main");
    chart(
        &[
            ("chart/values.prod.yaml", "a: 2\u{1b}[31m\n"),
            ("chart/values.qa.yaml", "a: 2\n"),
            ("chart/templates/x.yaml", "x\n"),
        ],
        &steps("two"),
    );
    app.tag("v1.1.0-rc.1", "main");
    let release = room.repo("foo-release");
    release.environment("prod", "1.0.0", "type: prod; from: [qa]");
    release.environment("qa", "1.1.0", "type: qa");
    let told = room.relman("foo-release", "diff qa prod --format json").ok().json();
    assert_eq!(words(&told["values"]["paths"]), ["chart/values.prod.yaml"]);
    assert_eq!(words(&told["chart"]["paths"]), ["chart/templates/x.yaml"]);
    assert_eq!((&told["pipeline"]["changed"], &told["pipeline"]["patch"]), (&true.into(), &Value::Null));
    assert_whole!("diff_patches", room.relman("foo-release", "diff qa prod --pipeline --chart --values").ok());
    let whole = room.relman("foo-release", "diff qa prod --patch --format markdown").ok();
    assert!(whole.out.contains("```diff\ndiff --git a/app.yml b/app.yml") && !whole.out.contains('\u{1b}'));
}

#[test]
fn thirty_components_and_five_hundred_commits_stay_readable() {
    let room = Room::new();
    let app = room.repo("foo-app");
    let names: Vec<String> = (1..=30).map(|n| format!("foo-part-{n}")).collect();
    let entries: Vec<String> = names.iter().map(|name| format!("name: {name}")).collect();
    app.app_file("main", &entries.iter().map(String::as_str).collect::<Vec<_>>());
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let subject =
        format!("{}\u{1b}[31m", "a subject that goes on and on until no terminal can hold it any more ".repeat(2));
    for (index, name) in names.iter().enumerate() {
        let part = room.repo(name);
        before.push(part.commit("main", "Begin"));
        let mut stream = String::new();
        for n in 0..if index % 2 == 0 { 33 } else { 0 } {
            let message = format!("FOO-{index}{n:02} {subject}");
            let who = "Grace Brewster Murray Hopper <grace@example.com> 1767600000 +0000";
            stream.push_str(&format!("commit refs/heads/main\ncommitter {who}\ndata {}\n{message}\n", message.len()));
            if n == 0 {
                stream.push_str(&format!("from {}\n", before[index]));
            }
        }
        part.git_fed(["fast-import", "--quiet"], stream.as_bytes());
        after.push(part.git("rev-parse main"));
    }
    for (tag, ids) in [("v1.0.0-rc.1", before), ("v1.1.0-rc.1", after)] {
        let list: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(ids.iter().map(String::as_str)).collect();
        app.relman_tag(tag, "main", &list);
    }
    room.repo("foo-release").environment("qa", "1.1.0", "type: qa");
    let answer = room.relman("foo-release", "diff qa 1.0.0").ok();
    let lines = answer.out.lines().count();
    assert!(lines < 150, "{lines} lines");
    assert!(answer.out.contains("and 29 more") && answer.out.contains("435 more commits: --all"), "{}", answer.out);
    assert!(!answer.out.contains('\u{1b}'));
    let all = room.relman("foo-release", "diff qa 1.0.0 --all").ok();
    assert_eq!(all.out.matches("a subject that goes on").count(), 15 * 33 * 2);
    assert!(room.relman("foo-release", "diff qa 1.0.0 -v").ok().out.lines().count() > 495);
}

#[test]
fn an_unknown_name_says_where_to_look() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.ready();
    room.relman("foo-release", "diff qa pord --format json").refused(3, "not-found");
    assert_whole!("diff_unknown", room.relman("foo-release", "diff qa prdo"));
    room.relman("foo-release", "diff qa --format json").refused(2, "usage");
    room.relman("foo-release", "status --format markdown").ends(2).talks("only diff prints Markdown");
}

#[test]
fn the_whole_answer_reads_well() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("right", "FOO-7 Fix rounding");
    shop.commit("left", "FOO-1 Offer a gift wrap");
    shop.lib.git("branch topic left");
    shop.commit("topic", "tests for it");
    shop.on("left", &[]);
    shop.lib.git_args(["merge", "-q", "--no-ff", "-m", "Merge pull request #8 from ada/FOO-2\n\nPay later", "topic"]);
    shop.ready();
    assert_whole!("diff_text", room.relman("foo-release", "diff qa prod").ok());
    assert_whole!("diff_markdown", room.relman("foo-release", "diff qa prod --format markdown").ok());
}

#[test]
fn before_the_branch_began_there_is_nothing_to_give_and_nobody_is_told_to_write() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("left", "FOO-1 One");
    shop.ready();
    let refused = room.relman("foo-release", "diff prod@2025-12-31 qa --format json").refused(3, "nothing-declared");
    let error = refused.error();
    assert_eq!(error["message"], "prod held no version then (2025-12-31 UTC)");
    assert_eq!(error["hints"], json!(["relman log prod lists what it had, and since when"]));
    // As what receives, it has nothing yet.
    room.relman("foo-release", "diff qa prod@2025-12-31").ok().shows("nothing yet");
}

#[test]
fn a_long_name_does_not_run_into_what_is_said_of_it() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("right", "FOO-2 Two");
    shop.ready();
    room.relman("foo-release", "diff qa v1.0.0-rc.1").ok().shows("only in v1.0.0-rc.1  foo-lib (1 commit)\n");
}

#[test]
fn a_subject_that_nobody_reads_to_its_end_is_cut() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("left", &format!("FOO-1 GH-3 {}", "x".repeat(100_000)));
    shop.ready();
    let markdown = room.relman("foo-release", "diff qa prod --format markdown").ok();
    assert!(markdown.out.contains("GH-\u{2060}3 xxx") && !markdown.out.contains("GH-3"), "{}", markdown.out);
    for line in ["diff qa prod --format markdown", "diff qa prod", "where FOO-1"] {
        let answer = room.relman("foo-release", line).ok();
        assert!(answer.out.contains("xxx…") && answer.out.len() < 2000, "{line}: {} bytes", answer.out.len());
    }
    let subject = shop.diff()["repositories"][1]["added"][0]["subject"].as_str().unwrap().len();
    assert_eq!(subject, "FOO-1 GH-3 ".len() + 100_000, "scripts get all of it");
}
