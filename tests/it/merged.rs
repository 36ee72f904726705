//! Merged pull requests: what `where` and `diff` say of their commits, by number and by name.

use serde_json::{Value, json};

use crate::diff::Shop;
use crate::sandbox::Room;
use crate::whereabouts::{at, told};

/// Merges a branch of some commits into `left`, as GitHub's button does; the branch alone has the key. Returns the merge.
fn pull_request(shop: &Shop<'_>, number: usize, subjects: &[&str]) -> String {
    let branch = format!("feature/FOO-{number}-x");
    shop.lib.git(&format!("branch -f {branch} left"));
    for subject in subjects {
        shop.commit(&branch, subject);
    }
    shop.on("left", &[]);
    let message = format!("Merge pull request #{number} from ada/{branch}\n\nDo the thing");
    shop.lib.git_args(["merge", "-q", "--no-ff", "-m", &message, &branch]);
    shop.lib.git("rev-parse left")
}

fn diff(shop: &Shop<'_>, from: &str, to: &str) -> (Value, String) {
    let ask = |format: &str| shop.room.relman("foo-release", &format!("diff {from} {to} --format {format}")).ok();
    (ask("json").json(), ask("text").out)
}

#[test]
fn what_stands_for_the_rest_of_a_pull_request_says_so() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let merge = pull_request(&shop, 7, &["one", "two", "three", "four"]);
    shop.on("right", &[&format!("cherry-pick -x {merge}^2~1")]);
    shop.ready();
    let told_now = told(&shop, "FOO-7");
    let rest = told_now["commits"].as_array().unwrap().iter().find(|one| one["id"] == merge.as_str()).unwrap();
    assert_eq!(rest["stands_for"], json!({"merge": merge, "commits": 3, "of": 4}), "{told_now}");
    assert_eq!(at(&told_now, "prod").1["missing"], json!([{"repository": "foo-lib", "id": merge}]));
    let answer = room.relman("foo-release", "where FOO-7").ok();
    answer
        .shows("foo-lib  [SHORT-ID]  3 of 4 commits of Merge pull request #7 from ada/feature/FOO-7-x")
        .shows("without [SHORT-ID] of foo-lib (3 of 4 commits of Merge pull request #7 from ad…)");
    // Where all of them share one fate, it is the merge.
    shop.on("right", &["reset -q --hard left~1"]);
    for repo in [&shop.lib, &shop.app] {
        repo.git("tag -d v1.0.0 v1.0.0-rc.1 v1.1.0 v1.1.0-rc.1");
    }
    shop.ready();
    let told_now = told(&shop, "FOO-7");
    assert_eq!(told_now["commits"][0]["stands_for"], json!({"merge": merge, "commits": 4, "of": 4}), "{told_now}");
    let answer = room.relman("foo-release", "where FOO-7").ok();
    assert!(!answer.out.contains("commits of"), "{}", answer.out);
}

#[test]
fn a_merge_that_was_picked_whole_is_listed_once() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let merge = pull_request(&shop, 7, &["one", "two"]);
    shop.on("right", &[&format!("cherry-pick -m 1 {merge}")]);
    let pick = shop.lib.git("rev-parse right");
    shop.ready();
    let told = told(&shop, "FOO-7");
    let commits = told["commits"].as_array().unwrap();
    assert_eq!((commits.len(), &commits[0]["id"]), (1, &merge.as_str().into()), "{told}");
    assert_eq!((at(&told, "qa").0, at(&told, "prod").0), ("yes", "yes"));
    assert_eq!(at(&told, "prod").1["under_another_id"], json!([pick]));
    assert_eq!(at(&told, "qa").1["under_another_id"], json!([]));
}

#[test]
fn what_differs_by_ids_alone_is_the_same_by_content() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let one = shop.commit("left", "FOO-1 One");
    shop.commit("right", "FOO-2 Two");
    shop.on("right", &[&format!("cherry-pick {one}")]);
    shop.on("left", &["cherry-pick right~1"]);
    shop.ready();
    let (_, text) = diff(&shop, "qa", "prod");
    assert!(text.contains("\nsame changes    foo-lib (4 commits under other ids)\n"), "{text}");
    assert!(!text.contains("only in"), "{text}");
}

#[test]
fn a_pull_request_that_is_there_commit_by_commit_does_not_ship() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let merge = pull_request(&shop, 7, &["one", "two"]);
    shop.commit("left", "FOO-9 More");
    shop.commit("right", "FOO-8 Other");
    shop.on("right", &[&format!("cherry-pick {merge}^2~1 {merge}^2")]);
    shop.ready();
    let subjects = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|one| one["subject"].as_str().unwrap().to_owned()).collect()
    };
    let lib = |told: &Value| told["repositories"].as_array().unwrap().last().unwrap().clone();
    let (told, text) = diff(&shop, "qa", "prod");
    assert_eq!((subjects(&lib(&told)["added"]), &lib(&told)["same"]), (vec!["FOO-9 More".into()], &json!(5)), "{told}");
    assert!(text.contains("foo-lib: 1 commit, 1 commit only in prod, 5 there under another id"), "{text}");
    let page = room.relman("foo-release", "diff qa prod --format markdown").ok().out;
    assert!(!page.contains("Do the thing") && page.contains("FOO-9 More"), "{page}");
    let (told, _) = diff(&shop, "prod", "qa");
    assert_eq!(
        (subjects(&lib(&told)["removed"]), told["missing_fixes"].as_array().unwrap().len()),
        (vec!["FOO-9 More".into()], 1)
    );
}

#[test]
fn a_merge_that_changes_something_itself_ships_whatever_it_has_brought() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let merge = pull_request(&shop, 7, &["one", "two"]);
    std::fs::write(shop.lib.path.join("resolved.txt"), "by hand\n").unwrap();
    shop.lib.git("add -A");
    shop.lib.git("commit -q --amend --no-edit");
    shop.commit("right", "FOO-8 Other");
    shop.on("right", &[&format!("cherry-pick {merge}^2~1 {merge}^2")]);
    shop.ready();
    let (_, text) = diff(&shop, "qa", "prod");
    assert!(
        text.contains("foo-lib: 1 commit, 1 commit only in prod, 4 there under another id")
            && text.contains("Do the thing (#7)"),
        "{text}"
    );
}

#[test]
fn a_merge_is_what_it_has_brought_by_its_id_as_by_its_issue() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let merge = pull_request(&shop, 7, &["one", "two", "three"]);
    shop.commit("right", "FOO-8 Other");
    shop.on("right", &[&format!("cherry-pick {merge}^2~2 {merge}^2~1")]);
    shop.ready();
    let (by_issue, by_id) = (told(&shop, "FOO-7"), told(&shop, &merge));
    assert_eq!(
        (at(&by_id, "qa").0, at(&by_id, "prod").0, &by_id["kind"]),
        ("yes", "partly", &"commit".into()),
        "{by_id}"
    );
    for what in ["commits", "environments", "waits"] {
        assert_eq!(by_id[what], by_issue[what], "{what}");
    }
    shop.on("right", &[&format!("cherry-pick {merge}^2")]);
    for repo in [&shop.lib, &shop.app] {
        repo.git("tag -d v1.0.0 v1.0.0-rc.1 v1.1.0 v1.1.0-rc.1");
    }
    shop.ready();
    assert_eq!(at(&told(&shop, &merge[..10]), "prod").0, "yes");
}

#[test]
fn of_several_branches_merged_at_once_each_has_its_own_issue() {
    let room = Room::new();
    let shop = Shop::new(&room);
    for (number, name) in [(1, "one"), (2, "two"), (3, "three")] {
        shop.lib.git(&format!("branch feature/FOO-{number}-x left"));
        shop.commit(&format!("feature/FOO-{number}-x"), name);
    }
    // As Git does where a branch is not what it stands on.
    shop.commit("left", "more");
    shop.on("left", &["merge -q --no-ff feature/FOO-1-x feature/FOO-2-x feature/FOO-3-x"]);
    assert!(
        shop.lib.git("log -1 --format=%s left").starts_with("Merge branches 'feature/FOO-1-x', 'feature/FOO-2-x' and")
    );
    shop.commit("right", "FOO-8 Other");
    shop.on("right", &["cherry-pick feature/FOO-2-x"]);
    shop.ready();
    for (number, there) in [(1, "no"), (2, "yes"), (3, "no")] {
        let told = told(&shop, &format!("FOO-{number}"));
        assert_eq!((at(&told, "qa").0, at(&told, "prod").0), ("yes", there), "FOO-{number} {told}");
    }
    let (told, _) = diff(&shop, "qa", "prod");
    assert_eq!(told["issues"]["added"], json!(["FOO-1", "FOO-3"]), "{told}");
}

#[test]
fn one_more_is_one() {
    let room = Room::new();
    let shop = Shop::new(&room);
    for number in 1..=21 {
        shop.commit("left", &format!("step {number} of {}", if number > 10 { "FOO-2" } else { "FOO-1" }));
    }
    shop.ready();
    room.relman("foo-release", "where FOO-2").ok().shows("\n  and 1 more commit: --all shows it\n");
    let (_, text) = diff(&shop, "qa", "prod");
    assert!(text.contains("\n1 more commit: --all shows it, --format json holds it\n"), "{text}");
}

#[test]
fn a_revert_that_was_merged_elsewhere_and_picked_whole_takes_back_what_it_names() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let merge = pull_request(&shop, 7, &["one", "two"]);
    shop.on("right", &["reset -q --hard left"]);
    shop.on("left", &["checkout -q -b undo", &format!("revert --no-edit -m 1 {merge}"), "checkout -q -b aside left"]);
    let message = "Merge pull request #8 from ada/revert-7-feature/FOO-7-x\n\nRevert \"Do the thing\"";
    shop.lib.git_args(["merge", "-q", "--no-ff", "-m", message, "undo"]);
    // Picked without a note, and then what was picked is on no branch.
    shop.on("right", &["cherry-pick -m 1 aside", "branch -D -q aside undo"]);
    shop.commit("left", "FOO-9 More");
    shop.ready();
    let told_now = told(&shop, "FOO-7");
    assert_eq!((at(&told_now, "qa").0, at(&told_now, "prod").0), ("yes", "no"), "{told_now}");
    assert_eq!(at(&told(&shop, &merge), "prod").0, "no");
    let (told, text) = diff(&shop, "qa", "prod");
    assert_eq!(told["issues"]["added"], json!(["FOO-7", "FOO-9"]), "{told}\n{text}");
}

#[test]
fn what_was_reapplied_by_a_pull_request_is_there_again() {
    // Merged by a button, and as one commit with the words of a merge.
    for words in ["Merge pull request #N from ada/b\n\nTITLE", "Merged PR N: TITLE"] {
        let room = Room::new();
        let shop = Shop::new(&room);
        let mut changes: Vec<String> = Vec::new();
        for (number, title) in [(5, "FOO-5 One"), (6, "Revert \"FOO-5 One\""), (7, "Reapply \"FOO-5 One\"")] {
            let message = words.replacen("N", &number.to_string(), 1).replace("TITLE", title);
            if words.starts_with("Merged") {
                match changes.first() {
                    None => drop(shop.commit("left", "x")),
                    Some(_) => shop.on("left", &["revert --no-edit left"]),
                }
                shop.lib.git_args(["commit", "-q", "--amend", "-m", &message]);
                changes.push(shop.lib.git("rev-parse left"));
                continue;
            }
            shop.on("left", &["checkout -q -B topic left"]);
            match changes.last() {
                None => drop(shop.commit("topic", title)),
                Some(last) => {
                    shop.on("topic", &[&format!("revert --no-edit {last}")]);
                    let told = format!("{title}\n\nThis reverts commit {last}.");
                    shop.lib.git_args(["commit", "-q", "--amend", "-m", &told]);
                }
            }
            changes.push(shop.lib.git("rev-parse topic"));
            shop.on("left", &[]);
            shop.lib.git_args(["merge", "-q", "--no-ff", "-m", &message, "topic"]);
        }
        shop.ready();
        for what in ["FOO-5", &changes[0]] {
            let told = told(&shop, what);
            assert_eq!(at(&told, "qa").0, "yes", "{words} {what} {told}");
        }
    }
}

#[test]
fn a_revert_of_one_commit_is_none_of_the_pull_request_with_its_title() {
    let room = Room::new();
    let shop = Shop::new(&room);
    pull_request(&shop, 7, &["Do the thing", "FOO-8 And more"]);
    shop.on("left", &["revert --no-edit left^2~1"]);
    shop.lib.git_args(["commit", "-q", "--amend", "-m", "Revert \"Do the thing\""]);
    shop.ready();
    assert_eq!(at(&told(&shop, "FOO-8"), "qa").0, "yes");
}
