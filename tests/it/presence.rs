//! What `where` and `diff` tell of random small histories, made by Git: what they say is there is what lies in the files.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use crate::diff::Shop;
use crate::sandbox::Room;

/// What somebody does next on one of two branches.
#[derive(Clone, Debug)]
enum Deed {
    Commit,
    Pick { what: Index, says_so: bool },
    Revert(Index),
    Merge,
}

fn deed() -> impl Strategy<Value = (bool, Deed)> {
    let deed = prop_oneof![
        3 => Just(Deed::Commit),
        3 => (any::<Index>(), any::<bool>()).prop_map(|(what, says_so)| Deed::Pick { what, says_so }),
        4 => any::<Index>().prop_map(Deed::Revert),
        2 => Just(Deed::Merge),
    ];
    (any::<bool>(), deed)
}

/// The files of a commit that belong to changes.
fn files(shop: &Shop<'_>, commit: &str) -> BTreeSet<String> {
    let listed = shop.lib.git(&format!("ls-tree --name-only {commit}"));
    listed.lines().filter(|name| name.starts_with("foo-")).map(str::to_owned).collect()
}

/// Makes a commit, where that is possible without a conflict and changes something.
fn act(shop: &Shop<'_>, branch: &str, deed: &Deed, made: &mut Vec<String>, changes: &mut usize) {
    let other = if branch == "left" { "right" } else { "left" };
    let here = files(shop, branch);
    let done =
        |what: &str| -> (BTreeSet<String>, BTreeSet<String>) { (files(shop, &format!("{what}^1")), files(shop, what)) };
    shop.on(branch, &[]);
    match deed {
        Deed::Commit => {
            *changes += 1;
            made.push(shop.commit(branch, &format!("FOO-{changes} Change")));
            return;
        }
        Deed::Pick { what, says_so } => {
            let Some(what) = what.index(made.len() + 1).checked_sub(1).map(|index| made[index].clone()) else { return };
            let (before, after) = done(&what);
            let is_merge = shop.lib.git(&format!("rev-list --parents -1 {what}")).split(' ').count() > 2;
            // A merge that is taken back in part elsewhere would say more than it does.
            let is_one = before.symmetric_difference(&after).count() == 1;
            let adds = after.difference(&before).all(|file| !here.contains(file));
            if is_merge || !is_one || !adds || !before.difference(&after).all(|file| here.contains(file)) {
                return;
            }
            shop.lib.git(&format!("cherry-pick {} {what}", if *says_so { "-x" } else { "--keep-redundant-commits" }));
        }
        Deed::Revert(what) => {
            let Some(what) = what.index(made.len() + 1).checked_sub(1).map(|index| made[index].clone()) else { return };
            let (before, after) = done(&what);
            let is_merge = shop.lib.git(&format!("rev-list --parents -1 {what}")).split(' ').count() > 2;
            let takes = after.difference(&before).any(|file| here.contains(file));
            let brings = before.difference(&after).any(|file| !here.contains(file));
            if !takes && !brings {
                return;
            }
            shop.lib.git(&format!("revert --no-edit {} {what}", if is_merge { "-m 1" } else { "" }));
        }
        Deed::Merge => {
            if !shop.lib.git(&format!("rev-list {other} --not {branch}")).is_empty() {
                shop.lib.git(&format!("merge -q --no-ff -m Join {other}"));
            } else {
                return;
            }
        }
    }
    made.push(shop.lib.git("rev-parse HEAD"));
}

#[test]
fn what_is_told_lies_in_the_files() {
    let config = Config { cases: 20, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..Config::default() };
    let told = TestRunner::new(config).run(&(vec(deed(), 0..5), vec(deed(), 4..14)), |(before, deeds)| {
        let room = Room::new();
        let shop = Shop::new(&room);
        let (mut made, mut changes) = (Vec::new(), 0);
        // What is done before the branches part is done on one of them, and the other one follows.
        for (_, deed) in &before {
            act(&shop, "left", deed, &mut made, &mut changes);
        }
        shop.on("right", &["reset -q --hard left"]);
        for (index, (is_left, deed)) in deeds.iter().enumerate() {
            // Some clones have a commit-graph of a part of their history.
            if deeds.len() % 2 == 0 && index == deeds.len() / 2 {
                shop.lib.git("commit-graph write --reachable");
            }
            act(&shop, if *is_left { "left" } else { "right" }, deed, &mut made, &mut changes);
        }
        shop.ready();
        let (left, right) = (files(&shop, "left"), files(&shop, "right"));
        for number in 1..=changes {
            let told = room.relman("foo-release", &format!("where FOO-{number} --format json")).ok().json();
            let file = format!("foo-{number}.txt");
            for (name, files) in [("qa", &left), ("prod", &right)] {
                let places = told["environments"].as_array().unwrap();
                let place = places.iter().find(|place| place["name"] == name).unwrap();
                prop_assert_eq!(&place["has"], files.contains(&file), "{} in {}: {}", file, name, told);
                prop_assert_eq!(&place["partly"], false, "{}", told);
            }
        }
        let told = room.relman("foo-release", "diff qa prod --format json").ok().json();
        let issues = |files: std::collections::btree_set::Difference<'_, String>| -> BTreeSet<String> {
            files.map(|file| file.trim_end_matches(".txt").to_uppercase()).collect()
        };
        let keys = |part: &str| -> BTreeSet<String> {
            told["issues"][part].as_array().unwrap().iter().map(|key| key.as_str().unwrap().to_owned()).collect()
        };
        prop_assert_eq!(keys("added"), issues(left.difference(&right)), "{}", told);
        prop_assert_eq!(keys("removed"), issues(right.difference(&left)), "{}", told);
        let fixes = told["missing_fixes"].as_array().unwrap();
        let lost = fixes.iter().flat_map(|fix| fix["issues"].as_array().unwrap()).map(|key| key.as_str().unwrap());
        for key in lost {
            let file = format!("{}.txt", key.to_lowercase());
            prop_assert!(left.contains(&file) != right.contains(&file), "{} is no lost fix: {}", key, told);
        }
        Ok(())
    });
    told.unwrap();
}

/// What `diff` tells: the keys that come, those that go, those of the fixes that would be lost, and how many commits of the
/// component the other side has under another id.
pub fn told(shop: &Shop<'_>, names: &str) -> (Vec<String>, Vec<String>, Vec<String>, u64) {
    let told = shop.room.relman("foo-release", &format!("diff {names} --format json")).ok().json();
    let words = |list: &serde_json::Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|key| key.as_str().unwrap().to_owned()).collect()
    };
    let lost = told["missing_fixes"].as_array().unwrap().iter().flat_map(|fix| words(&fix["issues"])).collect();
    let same = told["repositories"].as_array().unwrap().iter().map(|one| one["same"].as_u64().unwrap()).sum();
    (words(&told["issues"]["added"]), words(&told["issues"]["removed"]), lost, same)
}

pub fn keys<const N: usize>(keys: [&str; N]) -> Vec<String> {
    keys.map(str::to_owned).to_vec()
}

#[test]
fn a_pick_of_a_pick_is_known_where_the_one_in_between_is_elsewhere() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let fix = shop.commit("left", "FOO-1 Fix");
    shop.on("right", &["checkout -q -b aside", &format!("cherry-pick -x {fix}"), "checkout -q right"]);
    shop.commit("right", "FOO-2 Other");
    shop.on("right", &["cherry-pick -x aside"]);
    // So that only their words tell that they are the same.
    std::fs::write(shop.lib.path.join("foo-1.txt"), "as it fits here\n").unwrap();
    shop.lib.git("commit -q -a --amend --no-edit");
    shop.ready();
    assert_eq!(told(&shop, "qa prod"), (keys([]), keys(["FOO-2"]), keys(["FOO-2"]), 2));
    assert_eq!(told(&shop, "prod qa"), (keys(["FOO-2"]), keys([]), keys([]), 2));
}

#[test]
fn a_revert_of_a_revert_brings_the_issue_back() {
    for by_number in [false, true] {
        let room = Room::new();
        let shop = Shop::new(&room);
        if by_number {
            // Squashed by a forge, whose messages know only numbers.
            shop.commit("left", "FOO-1 Cart (#5)");
            shop.on("left", &["rm -q foo-1.txt"]);
            shop.lib.git_args(["commit", "-q", "-m", "Revert \"FOO-1 Cart\" (#6)\n\nReverts acme/lib#5"]);
        } else {
            shop.commit("left", "FOO-1 Cart");
            shop.on("left", &["revert --no-edit HEAD"]);
        }
        shop.on("right", &["reset -q --hard left"]);
        if by_number {
            shop.on("left", &["checkout -q HEAD~1 -- ."]);
            let again = "Revert \"Revert \"FOO-1 Cart\"\" (#7)\n\nReverts acme/lib#6";
            shop.lib.git_args(["commit", "-q", "-m", again]);
        } else {
            shop.on("left", &["revert --no-edit HEAD"]);
        }
        shop.ready();
        assert_eq!(told(&shop, "qa prod"), (keys(["FOO-1"]), keys([]), keys([]), 0), "{by_number}");
        let (added, removed, lost, _) = told(&shop, "prod qa");
        assert_eq!((added, removed, lost.len()), (keys([]), keys(["FOO-1"]), 1), "{by_number}");
    }
}

#[test]
fn a_pull_request_that_was_taken_back_ships_no_issue() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.on("left", &["checkout -q -b foo-1-cart"]);
    shop.commit("foo-1-cart", "One part");
    shop.on("foo-1-cart", &["commit -q --allow-empty -m Nothing"]);
    shop.on("left", &[]);
    let merge = "Merge pull request #5 from ada/FOO-1-cart\n\nCart";
    shop.lib.git_args(["merge", "-q", "--no-ff", "-m", merge, "foo-1-cart"]);
    shop.on("left", &["revert --no-edit -m 1 HEAD"]);
    shop.ready();
    assert_eq!(told(&shop, "qa prod"), (keys([]), keys([]), keys([]), 0));
    let lib = &room.relman("foo-release", "diff qa prod --format json").ok().json()["repositories"][1];
    let is_undone = |change: &serde_json::Value| change["undone"] == true || change["subject"] == "Nothing";
    assert!(lib["added"].as_array().unwrap().iter().all(is_undone), "{lib}");
    // Against the state before the revert, the issue goes.
    shop.on("right", &["reset -q --hard left^"]);
    shop.lib.git("tag -f -a -m x v1.0.0 right");
    shop.lib.git("tag -f -a -m x v1.0.0-rc.1 right");
    let right = shop.lib.git("rev-parse right");
    for tag in ["v1.0.0", "v1.0.0-rc.1"] {
        shop.app.git(&format!("tag -d {tag}"));
        shop.app.relman_tag(tag, "main", &[("foo-lib", &right)]);
    }
    assert_eq!(told(&shop, "qa prod"), (keys([]), keys(["FOO-1"]), keys([]), 0));
}

#[test]
fn a_fix_that_was_picked_and_merged_is_on_both_sides() {
    for (way, from, into) in
        [("", "left", "right"), ("-x", "left", "right"), ("", "right", "left"), ("-x", "right", "left")]
    {
        let room = Room::new();
        let shop = Shop::new(&room);
        let fix = shop.commit("left", "FOO-1 Fix");
        shop.commit("right", "FOO-2 Other");
        shop.on("right", &[&format!("cherry-pick {way} {fix}")]);
        shop.on(into, &[&format!("merge -q --no-ff -m Join {from}")]);
        shop.ready();
        let (comes, goes) = if into == "right" { (keys([]), keys(["FOO-2"])) } else { (keys([]), keys([])) };
        assert_eq!(told(&shop, "qa prod"), (comes, goes.clone(), goes, 1), "{way} {from}");
    }
}

#[test]
fn what_both_took_back_is_in_neither() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let fix = shop.commit("left", "FOO-1 Fix");
    shop.on("right", &["reset -q --hard left"]);
    shop.commit("right", "FOO-2 Other");
    for branch in ["left", "right"] {
        shop.on(branch, &[&format!("revert --no-edit {fix}")]);
    }
    shop.on("right", &["merge -q --no-ff -m Join left"]);
    shop.ready();
    assert_eq!(told(&shop, "qa prod"), (keys([]), keys(["FOO-2"]), keys(["FOO-2"]), 1));
}

#[test]
fn what_was_taken_back_and_made_anew_does_not_go() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("left", "FOO-1 One way");
    shop.on("right", &["reset -q --hard left"]);
    shop.on("left", &["revert --no-edit HEAD"]);
    shop.commit("left", "FOO-1 Another way");
    shop.ready();
    assert_eq!(told(&shop, "qa prod"), (keys(["FOO-1"]), keys([]), keys([]), 0));
}

/// How `where` finds something in qa and in prod: `yes`, `partly`, `taken back` or `no`.
pub fn found(shop: &Shop<'_>, what: &str) -> [&'static str; 2] {
    let told = shop.room.relman("foo-release", &format!("where {what} --format json")).ok().json();
    ["qa", "prod"].map(|name| {
        let places = told["environments"].as_array().unwrap();
        let place = places.iter().find(|place| place["name"] == name).unwrap();
        match (place["has"] == true, place["partly"] == true, place["undone"].as_array().is_some_and(|l| !l.is_empty()))
        {
            (true, ..) => "yes",
            (_, true, _) => "partly",
            (_, _, true) => "taken back",
            _ => "no",
        }
    })
}

/// Gives qa what `left` has by now, as 1.2.0.
fn qa_takes_left_again(shop: &Shop<'_>) {
    let left = shop.lib.git("rev-parse left");
    shop.lib.tag("v1.2.0-rc.1", &left);
    shop.app.relman_tag("v1.2.0-rc.1", "main", &[("foo-lib", &left)]);
    shop.release.environment("qa", "1.2.0", "type: qa");
}

/// Merges a branch of three commits that only the merge tells an issue of; returns the commits.
pub fn merge_of_three(shop: &Shop<'_>) -> [String; 3] {
    shop.on("left", &["checkout -q -b foo-1-cart"]);
    let parts = ["One part", "Second part", "Third part"].map(|part| shop.commit("foo-1-cart", part));
    shop.on("left", &[]);
    let merge = "Merge pull request #5 from ada/FOO-1-cart\n\nCart";
    shop.lib.git_args(["merge", "-q", "--no-ff", "-m", merge, "foo-1-cart"]);
    parts
}

#[test]
fn a_pull_request_of_which_a_part_was_taken_back_is_there_in_part() {
    for (taken, expected) in
        [(vec![0], "partly"), (vec![2], "partly"), (vec![2, 1], "partly"), (vec![2, 1, 0], "taken back")]
    {
        let room = Room::new();
        let shop = Shop::new(&room);
        let parts = merge_of_three(&shop);
        shop.on("right", &["reset -q --hard left"]);
        for number in &taken {
            shop.on("left", &[&format!("revert --no-edit {}", parts[*number])]);
        }
        shop.ready();
        assert_eq!(found(&shop, "FOO-1"), [expected, "yes"], "{taken:?}");
        assert_eq!(told(&shop, "qa prod"), (keys([]), keys(["FOO-1"]), keys([]), 0), "{taken:?}");
        // Against a state that has nothing of it, what is left comes.
        let begin = shop.lib.git("rev-list --max-parents=0 left");
        shop.lib.tag("v0.9.0", &begin);
        shop.app.relman_tag("v0.9.0", "main", &[("foo-lib", &begin)]);
        let comes = if expected == "partly" { keys(["FOO-1"]) } else { keys([]) };
        assert_eq!(told(&shop, "qa 0.9.0"), (comes, keys([]), keys([]), 0), "{taken:?}");
        // Brought again, it is whole.
        shop.on("left", &["revert --no-edit HEAD"]);
        if taken.len() == 1 {
            qa_takes_left_again(&shop);
            assert_eq!(found(&shop, "FOO-1"), ["yes", "yes"], "{taken:?}");
        }
    }
}

#[test]
fn what_a_branch_took_back_before_it_was_merged_is_no_part_of_it() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.on("left", &["checkout -q -b foo-1-cart"]);
    shop.commit("foo-1-cart", "One part");
    shop.on("foo-1-cart", &["revert --no-edit HEAD"]);
    shop.commit("foo-1-cart", "Second part");
    shop.on("left", &[]);
    shop.lib.git_args(["merge", "-q", "--no-ff", "-m", "Merge branch 'FOO-1-cart'", "foo-1-cart"]);
    shop.ready();
    assert_eq!(found(&shop, "FOO-1"), ["yes", "no"]);
}

#[test]
fn what_was_taken_back_and_done_again_is_there() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("left", "FOO-1 One way");
    shop.on("left", &["revert --no-edit HEAD"]);
    shop.on("right", &["reset -q --hard left"]);
    let again = shop.commit("left", "FOO-1 Another way");
    shop.ready();
    assert_eq!(found(&shop, "FOO-1"), ["yes", "no"], "prod has taken back what nobody wants any more");
    assert_eq!(told(&shop, "qa prod"), (keys(["FOO-1"]), keys([]), keys([]), 0));
    // Taken back as well, nothing of it is left.
    shop.on("left", &[&format!("revert --no-edit {again}")]);
    shop.lib.git("tag -f -a -m x v1.1.0-rc.1 left");
    qa_takes_left_again(&shop);
    assert_eq!(found(&shop, "FOO-1"), ["taken back", "taken back"]);
}

#[test]
fn what_one_side_still_has_of_the_first_way_counts_there() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("left", "FOO-1 One way");
    shop.on("right", &["reset -q --hard left"]);
    shop.on("left", &["revert --no-edit HEAD"]);
    shop.commit("left", "FOO-1 Another way");
    shop.ready();
    assert_eq!(found(&shop, "FOO-1"), ["yes", "partly"]);
    assert_eq!(told(&shop, "prod qa").0, keys([]), "qa has it already");
}

#[test]
fn a_pick_of_a_pick_from_a_third_branch_is_the_same_issue() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let fix = shop.commit("left", "FOO-1 Fix");
    // The one in between says that it is a pick, and the next one names it alone.
    shop.on("right", &["checkout -q -b aside", &format!("cherry-pick -x {fix}")]);
    let between = shop.lib.git("rev-parse HEAD");
    shop.commit("right", "FOO-2 Other");
    shop.on("right", &["cherry-pick aside"]);
    std::fs::write(shop.lib.path.join("foo-1.txt"), "as it fits here\n").unwrap();
    let words = format!("FOO-1 Fix\n\n(cherry picked from commit {between})");
    shop.lib.git_args(["commit", "-q", "-a", "--amend", "-m", &words]);
    let pick = shop.lib.git("rev-parse HEAD");
    shop.ready();
    for what in ["FOO-1", &fix, &pick] {
        assert_eq!(found(&shop, what), ["yes", "yes"], "{what}");
    }
    assert_eq!(told(&shop, "qa prod"), (keys([]), keys(["FOO-2"]), keys(["FOO-2"]), 2));
}

#[test]
fn a_twin_of_what_was_picked_is_there_by_the_pick() {
    let room = Room::new();
    let shop = Shop::new(&room);
    // The same change came twice to one side; what the other one picked, and made fit, names one of the two.
    shop.on("left", &["checkout -q -b aside"]);
    let fix = shop.commit("aside", "FOO-1 Fix");
    shop.commit("left", "FOO-2 Other");
    shop.on("left", &[&format!("cherry-pick {fix}")]);
    let twin = shop.lib.git("rev-parse left");
    shop.on("left", &["merge -q --no-edit aside"]);
    shop.on("right", &[&format!("cherry-pick -x {fix}")]);
    std::fs::write(shop.lib.path.join("foo-1.txt"), "as it fits here\n").unwrap();
    shop.lib.git("commit -q -a --amend --no-edit");
    shop.ready();
    let (comes, goes, lost, _) = told(&shop, "qa prod");
    assert_eq!((comes, goes, lost), (keys(["FOO-2"]), keys([]), keys([])));
    for what in [&fix, &twin, "FOO-1"] {
        assert_eq!(found(&shop, what), ["yes", "yes"], "{what}");
    }
}

#[test]
fn a_pick_is_there_by_a_twin_of_what_it_repeats() {
    let room = Room::new();
    let shop = Shop::new(&room);
    // What was picked stands on no side; one side has it without a note, and the other one as it fits there.
    shop.on("left", &["checkout -q -b aside"]);
    let fix = shop.commit("aside", "FOO-1 Fix");
    shop.commit("left", "FOO-2 Other");
    shop.on("left", &[&format!("cherry-pick {fix}")]);
    shop.on("right", &[&format!("cherry-pick -x {fix}")]);
    std::fs::write(shop.lib.path.join("foo-1.txt"), "as it fits here\n").unwrap();
    shop.lib.git("commit -q -a --amend --no-edit");
    let pick = shop.lib.git("rev-parse HEAD");
    let twin = shop.lib.git("rev-parse left");
    shop.ready();
    assert_eq!(told(&shop, "prod qa"), (keys([]), keys(["FOO-2"]), keys(["FOO-2"]), 2));
    for what in [&fix, &pick, &twin, "FOO-1"] {
        assert_eq!(found(&shop, what), ["yes", "yes"], "{what}");
    }
}
