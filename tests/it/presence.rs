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
    let config = Config { cases: 10, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..Config::default() };
    let told = TestRunner::new(config).run(&vec(deed(), 4..14), |deeds| {
        let room = Room::new();
        let shop = Shop::new(&room);
        let (mut made, mut changes) = (Vec::new(), 0);
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
        // What a merge has brought that both have, diff does not look for.
        if shop.lib.git("log --format=%b left right").contains("reversing") {
            return Ok(());
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
        Ok(())
    });
    told.unwrap();
}
