//! Pull requests of which only the merge names the issue: `where` and `diff` follow the single changes that it has brought.

use crate::diff::Shop;
use crate::presence::{found, keys, merge_of_three, told};
use crate::sandbox::Room;

/// Picks commits to `right`.
fn pick(shop: &Shop<'_>, way: &str, commits: &[String]) {
    for commit in commits {
        shop.on("right", &[&format!("cherry-pick {way} {commit}")]);
    }
}

/// Writes a file that is part of the next commit.
fn write(shop: &Shop<'_>, name: &str, content: &str) {
    std::fs::write(shop.lib.path.join(name), format!("{content}\n")).unwrap();
}

/// Neither side would gain or lose an issue, or lose a fix.
#[track_caller]
fn moves_nothing(shop: &Shop<'_>, way: &str) {
    for names in ["qa prod", "prod qa"] {
        let (comes, goes, lost, _) = told(shop, names);
        assert_eq!((comes, goes, lost), (keys([]), keys([]), keys([])), "{way} {names}");
    }
}

#[test]
fn picks_of_its_commits_are_as_good_as_the_merge() {
    for (way, count) in [("", 1), ("", 2), ("", 3), ("-x", 1), ("-x", 2), ("-x", 3)] {
        let room = Room::new();
        let shop = Shop::new(&room);
        let parts = merge_of_three(&shop);
        shop.commit("right", "Other work");
        pick(&shop, way, &parts[..count]);
        shop.ready();
        // Where all of it is there, the merge is as well.
        let (has, comes, same) = if count == 3 { ("yes", keys([]), 7) } else { ("partly", keys(["FOO-1"]), 2 * count) };
        assert_eq!(found(&shop, "FOO-1"), ["yes", has], "{way} {count}");
        assert_eq!(told(&shop, "qa prod"), (comes, keys([]), keys([]), same as u64), "{way} {count}");
        // Where all of it shares one fate, it is told as the merge.
        let whole = shop.room.relman("foo-release", "where FOO-1 --format json").ok().json();
        let commits: Vec<&str> =
            whole["commits"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
        let merge = shop.lib.git("rev-parse left");
        match count {
            3 => assert_eq!(commits, [merge.as_str()], "{way}"),
            2 => assert_eq!(commits, [&*parts[2], &*parts[1], &*parts[0]], "{way}"),
            // What nobody has picked goes together.
            _ => assert_eq!(commits, [&*merge, &*parts[0]], "{way}"),
        }
    }
}

#[test]
fn a_revert_that_was_picked_takes_back_no_more_than_it_did_where_it_was_made() {
    for way in ["", "-x"] {
        let room = Room::new();
        let shop = Shop::new(&room);
        let parts = merge_of_three(&shop);
        let merge = shop.lib.git("rev-parse left");
        shop.on("right", &["reset -q --hard left"]);
        // The third part was gone when the rest of it was taken back.
        shop.on("left", &[&format!("revert --no-edit {}", parts[2]), &format!("revert --no-edit -m 1 {merge}")]);
        pick(&shop, way, &[shop.lib.git("rev-parse left")]);
        shop.ready();
        assert_eq!(found(&shop, "FOO-1"), ["taken back", "partly"], "{way}");
        assert_eq!(told(&shop, "qa prod").1, keys(["FOO-1"]), "{way}");
    }
}

#[test]
fn a_squash_on_one_side_is_the_merge_on_the_other_one() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.on("right", &["checkout -q -b topic"]);
    let work = ["FOO-1 One half", "FOO-1 Other half"];
    for (name, subject) in ["one", "two"].into_iter().zip(work) {
        write(&shop, name, subject);
        shop.lib.git("add -A");
        shop.lib.git_args(["commit", "-q", "-m", subject]);
    }
    shop.on("right", &["merge -q --no-ff -m Join topic"]);
    shop.on("left", &["merge -q --squash topic"]);
    shop.lib.git_args(["commit", "-q", "-m", "FOO-1 Both halves (#7)"]);
    shop.ready();
    assert_eq!(found(&shop, "FOO-1"), ["yes", "yes"]);
    for names in ["qa prod", "prod qa"] {
        assert_eq!(told(&shop, names), (keys([]), keys([]), keys([]), 4), "{names}");
    }
    // Where the lines have met since, both have the merge, and one of them the squash as well.
    shop.on("left", &["checkout -q -b meeting", "merge -q -m Meet right"]);
    let meeting = shop.lib.git("rev-parse meeting");
    shop.lib.tag("v1.3.0-rc.1", &meeting);
    shop.app.relman_tag("v1.3.0-rc.1", "main", &[("foo-lib", &meeting)]);
    shop.release.environment("qa", "1.3.0", "type: qa");
    assert_eq!(found(&shop, "FOO-1"), ["yes", "yes"]);
    moves_nothing(&shop, "");
    // The other way round, both have the squash, and one of them the merge as well.
    shop.on("right", &["branch before", "merge -q -m Meet left"]);
    shop.ready();
    assert_eq!(found(&shop, "FOO-1"), ["yes", "yes"]);
    moves_nothing(&shop, "");
    shop.on("right", &["reset -q --hard before"]);
    shop.ready();
    // What is changed beside it makes it another commit.
    shop.on("left", &[]);
    write(&shop, "two", "Another half");
    shop.lib.git("add -A");
    shop.lib.git("commit -q --amend --no-edit");
    let left = shop.lib.git("rev-parse left");
    shop.lib.tag("v1.2.0-rc.1", &left);
    shop.app.relman_tag("v1.2.0-rc.1", "main", &[("foo-lib", &left)]);
    shop.release.environment("qa", "1.2.0", "type: qa");
    assert_eq!(found(&shop, "FOO-1"), ["partly", "partly"]);
}

#[test]
fn an_issue_of_which_one_part_comes_and_another_one_goes_is_told_twice() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let parts = merge_of_three(&shop);
    shop.on("left", &[&format!("revert --no-edit {}", parts[0])]);
    shop.on("right", &["reset -q --hard left"]);
    shop.on("left", &[&format!("revert --no-edit {}", parts[1]), "revert --no-edit HEAD^"]);
    shop.ready();
    let (added, removed, ..) = told(&shop, "qa prod");
    assert_eq!((added, removed), (keys(["FOO-1"]), keys(["FOO-1"])));
    assert_eq!(found(&shop, "FOO-1"), ["partly", "partly"]);
}

#[test]
fn taking_back_all_of_it_at_once_is_taking_back_each_part() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let parts = merge_of_three(&shop);
    let merge = shop.lib.git("rev-parse left");
    shop.on("right", &["reset -q --hard left", &format!("revert --no-edit -m 1 {merge}")]);
    let one_by_one: Vec<String> = parts.iter().rev().map(|part| format!("revert --no-edit {part}")).collect();
    shop.on("left", &one_by_one.iter().map(String::as_str).collect::<Vec<_>>());
    shop.ready();
    assert_eq!(found(&shop, "FOO-1"), ["taken back", "taken back"]);
    moves_nothing(&shop, "");
}

#[test]
fn what_a_pull_request_took_from_main_is_no_part_of_it() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.on("left", &["checkout -q -b foo-1-cart"]);
    shop.commit("foo-1-cart", "One part");
    shop.commit("left", "Other work");
    shop.on("foo-1-cart", &["merge -q --no-ff -m Update left"]);
    // A pull request within the pull request.
    shop.on("foo-1-cart", &["checkout -q -b aside"]);
    let inner = shop.commit("aside", "Inner part");
    shop.on("foo-1-cart", &["merge -q --no-ff -m Aside aside"]);
    shop.on("left", &[]);
    shop.lib.git_args(["merge", "-q", "--no-ff", "-m", "Merge branch 'FOO-1-cart'", "foo-1-cart"]);
    let one = shop.lib.git("log --format=%H --grep=^One left");
    shop.commit("right", "Elsewhere");
    pick(&shop, "", &[one, inner]);
    shop.ready();
    assert_eq!(found(&shop, "FOO-1"), ["yes", "yes"]);
    assert_eq!(told(&shop, "qa prod").0, keys([]));
}

#[test]
fn a_branch_of_which_only_the_beginning_was_taken_is_there_in_part() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let parts = merge_of_three(&shop);
    shop.on("right", &[&format!("merge -q --ff-only {}", parts[1])]);
    shop.ready();
    assert_eq!(found(&shop, "FOO-1"), ["yes", "partly"]);
    assert_eq!(told(&shop, "qa prod").0, keys(["FOO-1"]));
}

#[test]
fn a_merge_that_was_picked_whole_is_there_however_often_that_is_told() {
    for way in ["-x -m 1", "-m 1"] {
        let room = Room::new();
        let shop = Shop::new(&room);
        merge_of_three(&shop);
        let merge = shop.lib.git("rev-parse left");
        // Its note and its content say the same.
        pick(&shop, way, std::slice::from_ref(&merge));
        shop.ready();
        assert_eq!(found(&shop, "FOO-1"), ["yes", "yes"], "{way}");
        moves_nothing(&shop, way);
        shop.on("right", &["revert --no-edit right"]);
        shop.ready();
        assert_eq!(found(&shop, "FOO-1"), ["yes", "taken back"], "{way}");
        assert_eq!(told(&shop, "qa prod").0, keys(["FOO-1"]), "{way}");
        assert_eq!(told(&shop, "prod qa").1, keys(["FOO-1"]), "{way}");
    }
}

#[test]
fn a_branch_that_was_merged_twice_is_there_where_it_was_squashed() {
    let room = Room::new();
    let shop = Shop::new(&room);
    merge_of_three(&shop);
    let base = shop.lib.git("rev-parse left^1");
    // Another line has merged the same branch, and comes to the first one.
    shop.on(
        "left",
        &[
            &format!("checkout -q -b line {base}"),
            "commit -q --allow-empty -m Begin",
            "merge -q --no-ff -m FOO-1-again left^2",
            "checkout -q left",
            "merge -q -m Meet line",
        ],
    );
    shop.on("right", &["merge -q --squash left~1^2"]);
    shop.lib.git_args(["commit", "-q", "-m", "FOO-1 All of it"]);
    shop.ready();
    assert_eq!(found(&shop, "FOO-1"), ["yes", "yes"]);
    moves_nothing(&shop, "");
}

#[test]
fn a_merge_that_only_takes_back_is_no_part_of_the_issue_whatever_it_is_called() {
    for title in ["Merge branch 'revert-1-feature/FOO-1-x'", "Pull request #7: Rollback of FOO-1"] {
        let room = Room::new();
        let shop = Shop::new(&room);
        merge_of_three(&shop);
        let merge = shop.lib.git("rev-parse left");
        shop.on("right", &["reset -q --hard left", "checkout -q -b undo left"]);
        let said = format!("Revert \"Merge branch 'FOO-1'\"\n\nThis reverts commit {merge}.");
        shop.on("undo", &[&format!("revert --no-edit -m 1 {merge}")]);
        shop.lib.git_args(["commit", "-q", "--amend", "-m", &said]);
        shop.on("left", &[]);
        shop.lib.git_args(["merge", "-q", "--no-ff", "-m", title, "undo"]);
        shop.ready();
        assert_eq!(found(&shop, "FOO-1"), ["taken back", "yes"], "{title}");
        let (comes, goes, ..) = told(&shop, "qa prod");
        assert_eq!((comes, goes), (keys([]), keys(["FOO-1"])), "{title}");
        let (comes, goes, ..) = told(&shop, "prod qa");
        assert_eq!((comes, goes), (keys(["FOO-1"]), keys([])), "{title}");
    }
}

#[test]
fn a_clone_without_contents_says_that_it_can_compare_none() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.on("right", &["checkout -q -b topic"]);
    for name in ["one", "two"] {
        write(&shop, name, name);
        shop.lib.git("add -A");
        shop.lib.git_args(["commit", "-q", "-m", &format!("FOO-1 {name}")]);
    }
    shop.on("right", &["merge -q --no-ff -m Join topic"]);
    shop.on("left", &["merge -q --squash topic"]);
    shop.lib.git("commit -q -m FOO-1");
    shop.ready();
    let whole = room.path("whole");
    std::fs::rename(&shop.lib.path, &whole).unwrap();
    let source = format!("file://{}", whole.display());
    shop.app.git_args(["-C", &whole.display().to_string(), "config", "uploadpack.allowFilter", "true"]);
    shop.app.git_args(["clone", "-q", "--no-checkout", "--filter=blob:none", &source, "../foo-lib"]);
    std::fs::rename(&whole, room.path("away")).unwrap();
    for line in ["where FOO-1", "diff qa prod"] {
        let answer = room.relman("foo-release", &format!("{line} --format json")).ok().json();
        let warnings = answer["warnings"].as_array().unwrap();
        assert!(warnings.iter().any(|warning| warning["code"] == "content-unknown"), "{line}: {warnings:?}");
    }
}

#[test]
fn a_clone_that_ends_between_picks_says_so() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let parts = merge_of_three(&shop);
    shop.commit("right", "Other work");
    pick(&shop, "", &parts[..2]);
    shop.ready();
    let whole = room.path("whole");
    std::fs::rename(&shop.lib.path, &whole).unwrap();
    let source = format!("file://{}", whole.display());
    shop.app.git_args(["clone", "-q", "--depth", "2", "--no-single-branch", &source, "../foo-lib"]);
    let told = room.relman("foo-release", "diff qa prod --format json").ok().json();
    assert!(told["warnings"].as_array().unwrap().iter().any(|one| one["code"] == "shallow-clone"), "{told}");
}

/// One branch of two commits, squashed to `left` as `FOO-1` and put on `right` commit by commit by `button`, where a commit
/// that is somebody else's stands between them if that is picking.
fn squashed_and_rebased(shop: &Shop<'_>, subjects: [&str; 2], button: &str) {
    shop.on("left", &["checkout -q -b topic"]);
    for (content, subject) in ["one", "two"].into_iter().zip(subjects) {
        write(shop, "cart", content);
        write(shop, content, content);
        shop.lib.git("add -A");
        shop.lib.git_args(["commit", "-q", "-m", subject]);
    }
    shop.on("left", &["merge -q --squash topic"]);
    shop.lib.git_args(["commit", "-q", "-m", "FOO-1 Both (#7)"]);
    shop.commit("right", "Other work");
    match button {
        "rebase" => shop.on("right", &["cherry-pick topic~1 topic"]),
        _ => {
            shop.on("right", &["cherry-pick topic~1"]);
            shop.commit("right", "Work between");
            shop.on("right", &["cherry-pick topic"]);
        }
    }
}

#[test]
fn a_squash_on_one_side_is_the_rebased_branch_on_the_other_one() {
    for button in ["rebase", "pick"] {
        // Often only the first commit of a branch names the issue, or the last one.
        for subjects in [["FOO-1 One", "FOO-1 Two"], ["FOO-1 One", "As the review says"], ["Begin", "FOO-1 Two"]] {
            let room = Room::new();
            let shop = Shop::new(&room);
            squashed_and_rebased(&shop, subjects, button);
            shop.ready();
            let way = format!("{button} {subjects:?}");
            assert_eq!(found(&shop, "FOO-1"), ["yes", "yes"], "{way}");
            moves_nothing(&shop, &way);
            // What was taken back of it on the one side is there on the other one.
            shop.on("right", &["revert --no-edit right"]);
            shop.ready();
            let (comes, goes, ..) = told(&shop, "qa prod");
            assert_eq!(found(&shop, "FOO-1"), ["yes", "partly"], "{way}");
            assert_eq!((comes, goes), (keys(["FOO-1"]), keys([])), "{way}");
            shop.on("right", &["reset -q --hard right^"]);
            shop.on("left", &["revert --no-edit left"]);
            shop.ready();
            assert_eq!(found(&shop, "FOO-1"), ["taken back", "yes"], "{way}");
            let (comes, goes, ..) = told(&shop, "qa prod");
            assert_eq!((comes, goes), (keys([]), keys(["FOO-1"])), "{way}");
            // Where the lines meet, one of them has the branch twice.
            shop.on("left", &["reset -q --hard left^"]);
            for (here, there) in [("left", "right"), ("right", "left")] {
                shop.on(here, &["branch -f before", &format!("merge -q -m Meet {there}")]);
                shop.ready();
                assert_eq!(found(&shop, "FOO-1"), ["yes", "yes"], "{way} {here}");
                moves_nothing(&shop, &format!("{way} {here}"));
                shop.on(here, &["reset -q --hard before"]);
            }
        }
    }
}

#[test]
fn what_came_after_a_squash_or_after_its_branch_is_missed_where_it_is_not() {
    for branch in ["left", "right"] {
        let room = Room::new();
        let shop = Shop::new(&room);
        squashed_and_rebased(&shop, ["FOO-1 One", "FOO-1 Two"], "rebase");
        shop.on(branch, &[]);
        write(&shop, "two", "better");
        shop.lib.git_args(["commit", "-q", "-a", "-m", "FOO-1 Do it better"]);
        shop.ready();
        let (has, moves) = match branch {
            "left" => (["yes", "partly"], (keys(["FOO-1"]), keys([]), keys([]))),
            _ => (["partly", "yes"], (keys([]), keys(["FOO-1"]), keys(["FOO-1"]))),
        };
        assert_eq!(found(&shop, "FOO-1"), has, "{branch}");
        let (comes, goes, lost, _) = told(&shop, "qa prod");
        assert_eq!((comes, goes, lost), moves, "{branch}");
    }
    // Where anything else is in the squash, it is another commit.
    let room = Room::new();
    let shop = Shop::new(&room);
    squashed_and_rebased(&shop, ["FOO-1 One", "FOO-1 Two"], "rebase");
    shop.on("left", &[]);
    write(&shop, "two", "more");
    shop.lib.git("add -A");
    shop.lib.git("commit -q --amend --no-edit");
    shop.ready();
    assert_eq!(found(&shop, "FOO-1"), ["partly", "partly"]);
}

#[test]
fn a_revert_of_a_merge_that_was_picked_as_a_merge_is_no_part_of_the_issue() {
    for way in ["-x -m 1", "-m 1"] {
        let room = Room::new();
        let shop = Shop::new(&room);
        merge_of_three(&shop);
        let merge = shop.lib.git("rev-parse left");
        shop.on("right", &["reset -q --hard left"]);
        shop.on("left", &["checkout -q -b undo", &format!("revert --no-edit -m 1 {merge}"), "checkout -q left"]);
        shop.lib.git_args(["merge", "-q", "--no-ff", "-m", "Merge branch 'revert-1-feature/FOO-1-x'", "undo"]);
        shop.ready();
        assert_eq!(found(&shop, "FOO-1"), ["taken back", "yes"], "{way}");
        assert_eq!(told(&shop, "qa prod").1, keys(["FOO-1"]), "{way}");
        shop.commit("right", "Other work");
        pick(&shop, way, &[shop.lib.git("rev-parse left")]);
        shop.ready();
        assert_eq!(found(&shop, "FOO-1"), ["taken back", "taken back"], "{way}");
        moves_nothing(&shop, way);
        // Where only the pick is, it takes away.
        shop.on("left", &["branch -f main left", &format!("reset -q --hard {merge}")]);
        shop.ready();
        assert_eq!(found(&shop, "FOO-1"), ["yes", "taken back"], "{way}");
    }
}

#[test]
fn a_merge_that_was_picked_without_a_note_is_known_by_its_words() {
    for subject in ["Merge pull request #7 from ada/cart", "Merge branch 'cart'", "Merged in cart (pull request #7)"] {
        let room = Room::new();
        let shop = Shop::new(&room);
        shop.on("left", &["checkout -q -b cart"]);
        for name in ["one", "two"] {
            write(&shop, name, name);
            shop.lib.git("add -A");
            shop.lib.git_args(["commit", "-q", "-m", &format!("FOO-1 {name}")]);
        }
        shop.on("left", &[]);
        shop.lib.git_args(["merge", "-q", "--no-ff", "-m", subject, "cart"]);
        shop.commit("right", "Other work");
        pick(&shop, "-m 1", &[shop.lib.git("rev-parse left")]);
        shop.ready();
        assert_eq!(found(&shop, "FOO-1"), ["yes", "yes"], "{subject}");
        moves_nothing(&shop, subject);
        // Another commit with these words is no pick.
        shop.on("right", &[]);
        write(&shop, "two", "other");
        shop.lib.git("add -A");
        shop.lib.git("commit -q --amend --no-edit");
        shop.ready();
        assert_eq!(found(&shop, "FOO-1"), ["yes", "no"], "{subject}");
        assert_eq!(told(&shop, "qa prod").0, keys(["FOO-1"]), "{subject}");
    }
}

#[test]
fn a_squash_is_known_where_the_merge_was_taken_back_and_brought_again() {
    let room = Room::new();
    let shop = Shop::new(&room);
    merge_of_three(&shop);
    let merge = shop.lib.git("rev-parse left");
    shop.on("right", &["merge -q --squash left^2"]);
    shop.lib.git_args(["commit", "-q", "-m", "FOO-1 All of it (#7)"]);
    // What brings it again changes the same as the squash.
    let back = format!("revert --no-edit -m 1 {merge}");
    shop.on("left", &[&back, "revert --no-edit HEAD"]);
    shop.ready();
    assert_eq!(found(&shop, "FOO-1"), ["yes", "yes"]);
    moves_nothing(&shop, "");
    shop.on("left", &[&back]);
    shop.ready();
    assert_eq!(found(&shop, "FOO-1"), ["taken back", "yes"]);
    let (comes, goes, ..) = told(&shop, "qa prod");
    assert_eq!((comes, goes), (keys([]), keys(["FOO-1"])));
}

#[test]
fn what_changes_nothing_is_no_part_that_can_be_lacking() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let one = shop.commit("left", "FOO-1 One");
    shop.on("left", &["commit -q --allow-empty -m FOO-1-again", "commit -q --allow-empty -m FOO-2"]);
    pick(&shop, "-x", &[one]);
    shop.ready();
    assert_eq!(found(&shop, "FOO-1"), ["yes", "yes"]);
    // Where there is nothing else, it is what is asked for.
    assert_eq!(found(&shop, "FOO-2"), ["yes", "no"]);
    assert_eq!(told(&shop, "qa prod"), (keys(["FOO-2"]), keys([]), keys([]), 2));
    shop.app.commit_files("main", "FOO-2 Work", &[("work.txt", "work\n")]);
    assert_eq!(found(&shop, "FOO-2"), ["no", "no"]);
}

#[test]
fn what_a_merge_adds_itself_is_lacking_where_only_its_commits_were_picked() {
    for (file, content, is_lacking) in [("more", "more", true), ("shared", "both", false)] {
        let room = Room::new();
        let shop = Shop::new(&room);
        let commit = |name: &str, content: &str, subject: &str| {
            write(&shop, name, content);
            shop.lib.git("add -A");
            shop.lib.git_args(["commit", "-q", "-m", subject]);
            shop.lib.git("rev-parse HEAD")
        };
        shop.on("left", &["checkout -q -b cart"]);
        let part = commit("shared", "one", "One part");
        shop.on("left", &[]);
        if !is_lacking {
            commit("shared", "other", "Other work");
        }
        // How a conflict was resolved is nothing that anybody lacks.
        let strategy = if is_lacking { "" } else { "-s ours" };
        shop.lib.git(&format!("merge -q --no-ff --no-commit {strategy} cart"));
        commit(file, content, "Merge branch 'FOO-1-cart'");
        shop.commit("right", "Elsewhere");
        pick(&shop, "-x", &[part]);
        shop.ready();
        let (has, comes) = if is_lacking { ("partly", keys(["FOO-1"])) } else { ("yes", keys([])) };
        assert_eq!(found(&shop, "FOO-1"), ["yes", has], "{file}");
        assert_eq!(told(&shop, "qa prod").0, comes, "{file}");
        // A pick of the whole merge has it.
        shop.on("right", &["reset -q --hard right~1"]);
        if is_lacking {
            pick(&shop, "-m 1", &[shop.lib.git("rev-parse left")]);
            shop.ready();
            assert_eq!(found(&shop, "FOO-1"), ["yes", "yes"], "{file}");
            moves_nothing(&shop, file);
        }
    }
}
