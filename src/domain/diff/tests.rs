use proptest::prelude::*;

use super::*;

fn id(n: u8) -> CommitId {
    CommitId::parse(&format!("{n:02x}").repeat(20)).expect("an id")
}

fn commit(n: u8, parents: &[u8], message: &str) -> Commit {
    Commit {
        id: id(n),
        tree: id(0).object(),
        parents: parents.iter().map(|n| id(*n)).collect(),
        author: "Ada".into(),
        at: i64::from(n),
        message: message.to_owned(),
    }
}

fn differing(is_given: bool, commit: Commit) -> Differing {
    Differing { commit, is_given, content: Content::Own }
}

fn given(n: u8, parents: &[u8], message: &str) -> Differing {
    differing(true, commit(n, parents, message))
}

fn held(n: u8, parents: &[u8], message: &str) -> Differing {
    differing(false, commit(n, parents, message))
}

/// Compares two sides whose newest commits are the first ones of either, or else what both have.
fn compare_in(list: Vec<Differing>, around: Around) -> Commits {
    let base = || around.common.first().map_or(id(1), |commit| commit.id);
    let tip = |side| list.iter().find(|one| one.is_given == side).map_or_else(base, |one| one.commit.id);
    let around = Around { tips: Some((tip(true), tip(false))), ..around };
    Commits::new(list, &around, &Projects::default())
}

fn compare(list: Vec<Differing>) -> Commits {
    compare_in(list, Around::default())
}

fn twins(pairs: &[(u8, u8)]) -> Around {
    Around { twins: pairs.iter().map(|(one, other)| (id(*one), id(*other))).collect(), ..Around::default() }
}

fn revert(n: u8) -> String {
    format!("Revert \"FOO-1\"\n\nThis reverts commit {}.", id(n))
}

fn ids(changes: &[Change]) -> Vec<CommitId> {
    changes.iter().map(|change| change.id).collect()
}

#[test]
fn sides_and_issues_are_told_apart() {
    let commits = compare(vec![
        given(3, &[2], "FOO-10 and FOO-9"),
        given(2, &[1], "Merge pull request #7 from ada/FOO-11\n\nCart"),
        held(4, &[1], "FOO-1 A fix"),
    ]);
    assert_eq!((ids(&commits.added), ids(&commits.removed)), (vec![id(3), id(2)], vec![id(4)]));
    assert_eq!(commits.issues.added, ["FOO-9", "FOO-10", "FOO-11"]);
    assert_eq!(commits.issues.removed, ["FOO-1"]);
    let merged = &commits.added[1];
    assert_eq!((merged.pull_request, merged.title.as_deref()), (Some(7), Some("Cart")));
    assert_eq!(commits.missing_fixes().map(|change| change.id).collect::<Vec<_>>(), [id(4)]);
}

#[test]
fn what_is_there_by_content_is_on_neither_side() {
    let mut pick = held(4, &[1], "FOO-1 A fix");
    pick.content = Content::Same;
    let mut original = given(3, &[1], "FOO-1 A fix");
    original.content = Content::Same;
    let commits = compare(vec![original, pick]);
    assert_eq!(commits, Commits { same: 2, ..Commits::default() });
}

#[test]
fn a_commit_without_a_change_is_told_and_is_no_lost_fix() {
    let mut empty = held(4, &[1], "FOO-1 Run it again");
    empty.content = Content::Nothing;
    let commits = compare(vec![empty]);
    assert_eq!((commits.removed.len(), commits.missing_fixes().count()), (1, 0));
}

#[test]
fn a_pick_that_met_a_conflict_is_known_by_what_it_says() {
    let says = |n: u8| format!("FOO-1 A fix\n\n(cherry picked from commit {})", id(n));
    assert_eq!(compare(vec![given(3, &[1], "FOO-1 A fix"), held(4, &[1], &says(3))]).same, 2);
    assert_eq!(compare(vec![given(3, &[1], &says(9)), held(4, &[1], &says(9))]).same, 2);
    // Repeated on the same side only: still new.
    assert_eq!(compare(vec![given(5, &[3], &says(3)), given(3, &[1], "FOO-1 A fix")]).same, 0);
}

#[test]
fn what_was_taken_back_leaves_no_issue() {
    let commits = compare(vec![given(3, &[2], &revert(2)), given(2, &[1], "FOO-1")]);
    assert_eq!((commits.added.len(), commits.issues.added.len()), (2, 0));
    assert!(commits.added.iter().all(|change| change.undone));
    // Taken back and brought again.
    let again = vec![given(4, &[3], &revert(3)), given(3, &[2], &revert(2)), given(2, &[1], "FOO-1")];
    assert_eq!(compare(again).issues.added, ["FOO-1"]);
    // A fix that was taken back where it ran would not be lost.
    let commits = compare(vec![held(3, &[2], &revert(2)), held(2, &[1], "FOO-1")]);
    assert_eq!((commits.missing_fixes().count(), commits.issues.removed.len()), (0, 0));
}

#[test]
fn a_fix_that_was_taken_over_and_taken_back_would_be_lost() {
    // 3 repeats 4, and 5 takes it back.
    let list = |same| {
        let mut list = vec![given(5, &[3], &revert(3)), given(3, &[1], "FOO-1"), held(4, &[1], "FOO-1")];
        list[1..].iter_mut().for_each(|one| one.content = same);
        list
    };
    let picked = format!("FOO-1\n\n(cherry picked from commit {})", id(4));
    let by_note = vec![given(5, &[3], &revert(3)), given(3, &[1], &picked), held(4, &[1], "FOO-1")];
    let by_content = compare_in(list(Content::Same), twins(&[(3, 4)]));
    for commits in [by_content, compare(by_note)] {
        assert_eq!(commits.missing_fixes().map(|change| change.id).collect::<Vec<_>>(), [id(4)]);
        assert_eq!((commits.issues.added.len(), commits.issues.removed.as_slice()), (0, &["FOO-1".to_owned()][..]));
        assert!(commits.added.iter().all(|change| change.undone) && commits.same == 0);
    }
    // Taken back on both sides, nothing is left to tell.
    let mut both = list(Content::Same);
    both.insert(0, held(6, &[4], &revert(4)));
    both[0].content = Content::Same;
    both[1].content = Content::Same;
    let commits = compare_in(both, twins(&[(3, 4), (5, 6)]));
    assert_eq!(commits, Commits { same: 4, ..Commits::default() });
}

#[test]
fn a_revert_that_was_picked_takes_back_what_was_picked() {
    let pick = |what: &str, n: u8| format!("{what}\n\n(cherry picked from commit {})", id(n));
    // 2 and its revert 3 are elsewhere.
    let list = |first: &str| vec![given(5, &[4], &pick(&revert(2), 3)), given(4, &[1], first)];
    let by_note = compare(list(&pick("FOO-1", 2)));
    let by_content = compare_in(list("FOO-1"), twins(&[(2, 4)]));
    for commits in [by_note, by_content] {
        assert_eq!(commits.issues, IssueKeys::default());
        assert!(commits.added.iter().all(|change| change.undone));
    }
}

#[test]
fn what_was_taken_back_and_picked_again_is_where_it_was() {
    // Both sides have 2.
    let again = format!("FOO-1\n\n(cherry picked from commit {})", id(2));
    let list = vec![held(4, &[3], &again), held(3, &[2], &revert(2))];
    let commits = compare_in(list, Around { common: vec![commit(2, &[1], "FOO-1")], ..Around::default() });
    assert_eq!((commits.issues.clone(), commits.missing_fixes().count()), (IssueKeys::default(), 0));
}

#[test]
fn taking_back_what_both_have_takes_the_issue_along() {
    let revert = format!("Revert \"FOO-1\"\n\nThis reverts commit {}.", id(2));
    let commits = compare(vec![given(3, &[2], &revert)]);
    assert_eq!((commits.issues.added.len(), commits.issues.removed.as_slice()), (0, &["FOO-1".to_owned()][..]));
    let commits = compare(vec![held(3, &[2], &revert)]);
    assert_eq!((commits.issues.added.as_slice(), commits.issues.removed.len()), (&["FOO-1".to_owned()][..], 0));
    // A revert that only one side has is a fix like any other.
    assert_eq!(commits.missing_fixes().count(), 1);
}

#[test]
fn taking_back_a_merge_takes_back_what_it_brought() {
    let revert = format!("Revert merge\n\nThis reverts commit {}, reversing\nchanges made to {}.", id(5), id(2));
    let list = vec![
        given(6, &[5], &revert),
        given(5, &[2, 4, 8], "Merge branches"),
        given(4, &[3], "FOO-4"),
        given(3, &[1], "FOO-3"),
        given(8, &[1], "FOO-8"),
        given(2, &[1], "FOO-2"),
    ];
    assert_eq!(compare(list).issues.added, ["FOO-2"]);
}

#[test]
fn what_ran_is_told_where_it_is_something_else() {
    let ran = |commit| Some(Ran { version: Some("1.0.0".into()), tag: None, commit, at: String::new() });
    let side = Side { version: Some("1.0.0".into()), commit: Some(id(1)), ran: ran(Some(id(1))), ..Side::default() };
    assert!(!side.ran_differs());
    assert!(Side { ran: ran(Some(id(2))), ..side.clone() }.ran_differs());
    assert!(Side { ran: ran(None), version: Some("2".into()), ..side.clone() }.ran_differs());
    assert!(!Side { ran: ran(Some(id(2))), basis: Basis::Ran, ..side }.ran_differs());
}

proptest! {
    /// Whatever the history, each commit is in one place, and swapping the sides swaps the answer.
    #[test]
    fn swapping_the_sides_swaps_the_answer(
        commits in proptest::collection::vec((any::<bool>(), 0u8..3, 0u8..40, 0u8..40, 0u8..3), 0..30)
    ) {
        let list: Vec<Differing> = commits
            .iter()
            .enumerate()
            .map(|(index, (is_given, content, parent, target, kind))| {
                let n = 100 - u8::try_from(index).expect("few");
                let message = match kind {
                    0 => format!("FOO-{target} x"),
                    1 => format!("Revert FOO-{target}\n\nThis reverts commit {}.", id(60 + target)),
                    _ => format!("FOO-{target}\n\n(cherry picked from commit {})", id(60 + target)),
                };
                // A parent is older.
                let mut one = differing(*is_given, commit(n, &[60 + parent % (n - 60)], &message));
                one.content = [Content::Own, Content::Same, Content::Nothing][usize::from(*content)];
                one
            })
            .collect();
        let swapped = list.iter().cloned().map(|one| Differing { is_given: !one.is_given, ..one }).collect();
        let (ours, theirs) = (compare(list.clone()), compare(swapped));
        prop_assert_eq!(ours.added.len() + ours.removed.len() + ours.same, list.len());
        prop_assert_eq!(ours.added, theirs.removed);
        prop_assert_eq!(ours.removed, theirs.added);
        prop_assert_eq!(ours.issues.added, theirs.issues.removed);
        prop_assert_eq!(ours.same, theirs.same);
    }
}

#[test]
fn reverts_by_buttons_and_short_ids_leave_no_issue() {
    let short = format!("Revert one\n\nThis reverts commit {}.", &id(2).to_string()[..12]);
    for message in ["Revert \"FOO-1 One (#5)\" (#7)\n\nReverts acme/lib#5", "Revert \"FOO-1 One (#5)\" (#7)", &short] {
        let commits = compare(vec![given(3, &[2], message), given(2, &[1], "FOO-1 One (#5)")]);
        assert_eq!(commits.issues, IssueKeys::default(), "{message}");
        assert!(commits.added.iter().all(|change| change.undone), "{message}");
        // What is taken back is in both: the issue goes.
        let commits = compare(vec![given(3, &[2], message)]);
        assert_eq!((commits.issues.added.len(), commits.issues.removed.len()), (0, usize::from(message != short)));
    }
}

#[test]
fn a_merge_tells_of_an_issue_what_nothing_else_does() {
    let merge = "Merge pull request #7 from ada/FOO-1-cart";
    let taken = compare(vec![
        given(5, &[4], &revert(3)),
        given(4, &[2, 3], merge),
        given(3, &[2], "FOO-1 One"),
        given(2, &[1], "Other"),
    ]);
    assert_eq!(taken.issues, IssueKeys::default(), "its one commit was taken back");
    let alone = compare(vec![given(4, &[2, 3], merge), given(3, &[2], "One")]);
    assert_eq!(alone.issues.added, ["FOO-1"]);
    let back = "Merge pull request #8 from ada/revert-7\n\nRevert \"FOO-1 One\"";
    assert_eq!(compare(vec![given(6, &[4, 5], back)]).issues, IssueKeys::default());
}
