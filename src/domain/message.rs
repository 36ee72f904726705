//! What the message of a commit tells beside its text: the pull request that it merges, and what it reverts or repeats.

use super::name::CommitId;

/// What a merge, by a button or by hand, says of itself; `pull_request_mark` knows the number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Merge<'m> {
    /// The branch that was merged, without the owner of a fork or the name of a remote.
    pub branch: Option<&'m str>,
    /// The title of the pull request.
    pub title: Option<&'m str>,
}

/// What a message says about a merge: by the buttons of GitHub, GitLab, Gitea, Azure DevOps and both Bitbuckets, and by
/// `git merge`. `None` where it says nothing of the kind; a squash is called by its title already.
pub fn merge(message: &str) -> Option<Merge<'_>> {
    let subject = message.lines().next().unwrap_or_default().trim();
    let body = message.lines().skip(1).map(str::trim).find(|line| !line.is_empty());
    if let Some(rest) = subject.strip_prefix("Merge pull request ") {
        return merge_pull_request(rest, body);
    }
    if let Some(rest) = subject.strip_prefix("Pull request #") {
        // Bitbucket Data Center: the branch stands in a line below.
        let (_, title) = rest.split_once(": ")?;
        let branch = message.lines().find_map(|line| from_to(line.trim().strip_prefix("Merge in ")?));
        return Some(Merge { branch, title: Some(title.trim()) });
    }
    if let Some(rest) = subject.strip_prefix("Merged in ") {
        // Bitbucket Cloud.
        let (branch, _) = rest.strip_suffix(')')?.rsplit_once(" (pull request #")?;
        return Some(Merge { branch: Some(branch), title: body });
    }
    if let Some((_, title)) = subject.strip_prefix("Merged PR ").and_then(|rest| rest.split_once(": ")) {
        // Azure DevOps.
        return Some(Merge { branch: None, title: Some(title.trim()) });
    }
    let of_gitlab = || message.lines().any(|line| line.trim().starts_with("See merge request "));
    let (branch, of_remote) = match subject.strip_prefix("Merge branch '") {
        Some(rest) => (rest, false),
        None => (subject.strip_prefix("Merge remote-tracking branch '")?, true),
    };
    let (branch, _) = branch.split_once('\'')?;
    let title = body.filter(|line| !line.starts_with("See merge request ") && of_gitlab());
    Some(Merge { branch: Some(if of_remote { after_first_slash(branch) } else { branch }), title })
}

/// The branches in the headline of a merge of several at once, in their order, as `git merge` writes it.
pub fn merged_branches(message: &str) -> Vec<&str> {
    let subject = message.lines().next().unwrap_or_default();
    let words = ["Merge branches ", "Merge remote-tracking branches "];
    let Some(rest) = words.iter().find_map(|words| subject.strip_prefix(words)) else { return Vec::new() };
    let names = rest.split_once("' into ").map_or(rest, |(names, _)| names);
    names.split('\'').skip(1).step_by(2).collect()
}

/// What follows `Merge pull request`: on GitHub, Gitea, and Bitbucket Data Center as it was.
fn merge_pull_request<'m>(rest: &'m str, body: Option<&'m str>) -> Option<Merge<'m>> {
    if let Some(rest) = rest.strip_prefix('\'') {
        let (title, rest) = rest.rsplit_once("' (#")?;
        return Some(Merge { branch: from_to(rest), title: Some(title) });
    }
    let (_, rest) = rest.strip_prefix('#')?.split_once(' ')?;
    Some(match rest.strip_prefix("from ") {
        Some(branch) => Merge { branch: Some(after_first_slash(branch)), title: body },
        // It has no title, and the branch says more than the whole headline. That of a fork stands behind its repository.
        None => {
            let branch = from_to(rest).map(|branch| branch.split_once(':').map_or(branch, |(_, branch)| branch));
            Merge { branch, title: branch }
        }
    })
}

/// The branch in `… from BRANCH to TARGET` and `… from BRANCH into TARGET`.
fn from_to(text: &str) -> Option<&str> {
    let rest = text.split_once("from ")?.1;
    Some(rest.split_once(' ').map_or(rest, |(branch, _)| branch))
}

fn after_first_slash(branch: &str) -> &str {
    branch.split_once('/').map_or(branch, |(_, rest)| rest)
}

/// The commits that a message says it takes back, as `git revert` writes it.
pub fn reverts(message: &str) -> impl Iterator<Item = CommitId> {
    taken_back(message).into_iter().filter_map(|target| match target {
        Target::Commit(digits) => CommitId::parse(&digits),
        Target::PullRequest(_) | Target::Subject(_) | Target::Title(_) => None,
    })
}

/// How a message names what it takes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The first digits of a commit's id or all of them, written small.
    Commit(String),
    /// The number of a pull request.
    PullRequest(u64),
    /// The first line of the other's message.
    Subject(String),
    /// The title of the pull request that the other merges, or is.
    Title(String),
}

/// What a message says that it takes back: in the words of `git revert`, also with `--reference`, and of the buttons of
/// GitHub, GitLab, Bitbucket, Gitea and Azure DevOps; where it names nothing else, by the subject that it quotes. A merge
/// says by its title what the commits that it brings take back; where it was picked, it takes that back itself.
pub fn taken_back(message: &str) -> Vec<Target> {
    let mut targets = Vec::new();
    if !may_take_back(message) {
        return targets;
    }
    // From there on, a squash lists the commits of its branch.
    for line in message.lines().take_while(|line| !line.starts_with("* ")) {
        for words in ["This reverts commit ", "Reverted commit `"] {
            targets.extend(digits_after(line, words).map(Target::Commit));
        }
        targets.extend(pull_request_taken_back(line.trim()).map(Target::PullRequest));
    }
    if targets.is_empty() {
        let quoted = quoted_subject(message.lines().next().unwrap_or_default().trim()).map(Target::Subject);
        let of_merge = || merge(message)?.title.and_then(quoted_subject).map(Target::Title);
        targets.extend(quoted.or_else(of_merge));
    }
    targets
}

/// Whether a message says that it takes something back; of a merge, whether its pull request does.
pub fn is_revert(message: &str) -> bool {
    !taken_back(message).is_empty()
}

/// One of these is in every message that takes something back.
pub const TAKING_BACK: [&str; 2] = ["evert", "Reapply "];

/// Whether it is worth to look closer: every way to take something back has one of these words, and few other messages do.
fn may_take_back(message: &str) -> bool {
    TAKING_BACK.iter().any(|words| message.contains(words))
}

fn pull_request_taken_back(line: &str) -> Option<u64> {
    let (reference, mark) = match line.strip_prefix("Reverts ") {
        Some(reference) => (reference, '#'),
        None => match line.strip_prefix("This reverts merge request ") {
            Some(reference) => (reference, '!'),
            None => (line.strip_prefix("This reverts pull request ")?, '#'),
        },
    };
    let (repository, number) = reference.trim_end_matches('.').rsplit_once(mark)?;
    let is_name = !repository.contains(char::is_whitespace);
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    if is_name && is_number { number.parse().ok() } else { None }
}

/// What `Revert "…"` quotes; what a revert of a revert quotes is the first revert.
fn quoted_subject(subject: &str) -> Option<String> {
    let (rest, is_second) = match subject.strip_prefix("Revert ") {
        Some(rest) => (rest, false),
        None => (subject.strip_prefix("Reapply ")?, true),
    };
    let mark = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (quoted, after) = rest[1..].rsplit_once(mark)?;
    // A number in brackets is the pull request of the revert itself.
    let is_own = after.is_empty() || after.starts_with(" (");
    let quoted = if is_second { format!("Revert \"{quoted}\"") } else { quoted.to_owned() };
    (is_own && !quoted.is_empty()).then_some(quoted)
}

/// The commits that a message says it repeats, as `git cherry-pick -x` writes it.
pub fn picked_from(message: &str) -> impl Iterator<Item = CommitId> {
    digits_after(message, "(cherry picked from commit ").filter_map(|digits| CommitId::parse(&digits))
}

/// The fewest digits that are taken for the beginning of an id, as by Git.
const SHORTEST: usize = 4;

fn digits_after<'m>(text: &'m str, words: &'m str) -> impl Iterator<Item = String> + 'm {
    text.match_indices(words).filter_map(move |(at, _)| {
        let rest = &text[at + words.len()..];
        let end = rest.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len());
        (end >= SHORTEST).then(|| rest[..end].to_ascii_lowercase())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_buttons_of_every_forge_are_understood() {
        for message in [
            "Merge pull request #12 from ada/feature/FOO-7\n\nAdd a cart",
            "Merge pull request 'Add a cart' (#12) from feature/FOO-7 into main\n\nReviewed-on: x",
            "Pull request #12: Add a cart\n\nMerge in SHOP/app from feature/FOO-7 to main\n\n* commit 'abc':",
            "Merged in feature/FOO-7 (pull request #12)\n\nAdd a cart",
            "Merge branch 'feature/FOO-7' into 'main'\n\nAdd a cart\n\nSee merge request shop/app!12",
        ] {
            let expected = Merge { branch: Some("feature/FOO-7"), title: Some("Add a cart") };
            assert_eq!(merge(message), Some(expected), "{message}");
        }
        for from in ["feature/FOO-7", "~ada/app:feature/FOO-7"] {
            let old = format!("Merge pull request #12 in SHOP/app from {from} to main\n\n* commit 'abc':");
            let branch = Some("feature/FOO-7");
            assert_eq!(merge(&old), Some(Merge { branch, title: branch }));
        }
        assert_eq!(merge("Merged PR 12: Add a cart"), Some(Merge { branch: None, title: Some("Add a cart") }));
    }

    #[test]
    fn merges_by_hand_have_a_branch_and_no_title() {
        assert_eq!(merge("Merge branch 'x/y' into z\n\nWhy."), Some(Merge { branch: Some("x/y"), title: None }));
        let remote = "Merge remote-tracking branch 'origin/x/y'";
        assert_eq!(merge(remote), Some(Merge { branch: Some("x/y"), title: None }));
    }

    #[test]
    fn a_merge_of_several_branches_names_each() {
        for end in ["", " into release/1.0", "\n\n* branch 'd'"] {
            let message = format!("Merge branches 'feature/FOO-1-a', 'b' and 'c'{end}");
            assert_eq!(merged_branches(&message), ["feature/FOO-1-a", "b", "c"]);
        }
        assert_eq!(
            merged_branches("Merge remote-tracking branches 'origin/a' and 'origin/b'"),
            ["origin/a", "origin/b"]
        );
        assert!(merged_branches("Merge branch 'a'").is_empty());
    }

    #[test]
    fn what_only_looks_like_it_is_none() {
        for message in ["", "Fix (#12)", "Pull request #12", "Merged in x", "Merge pull request", "Merge branch x"] {
            assert_eq!(merge(message), None, "{message}");
        }
    }

    #[test]
    fn every_way_to_take_something_back_is_understood() {
        let id = "a1b2c3d4".repeat(5);
        let commit = |digits: &str| vec![Target::Commit(digits.to_owned())];
        let subject = |text: &str| vec![Target::Subject(text.to_owned())];
        for (message, expected) in [
            (format!("Revert \"x\"\n\nThis reverts commit {id}."), commit(&id)),
            (format!("Revert \"x\"\n\nThis reverts commit {}.", id.to_uppercase()), commit(&id)),
            (format!("Back out\n\nThis reverts commit {id}, reversing\nchanges made to {id}."), commit(&id)),
            ("A title\n\nThis reverts commit a1b2c3d (x, 2026-01-01).".into(), commit("a1b2c3d")),
            ("Revert \"Merged PR 5: x\"\n\nReverted commit `a1b2c3d4`.".into(), commit("a1b2c3d4")),
            ("Revert \"x (#5)\" (#7)\n\nReverts acme/lib#5".into(), vec![Target::PullRequest(5)]),
            ("Revert \"x\"\n\nThis reverts merge request !6".into(), vec![Target::PullRequest(6)]),
            ("Revert 'x'\n\nThis reverts pull request #6.".into(), vec![Target::PullRequest(6)]),
            ("Revert \"x (#5)\" (#7)".into(), subject("x (#5)")),
            ("Revert \"Revert \"x\"\"".into(), subject("Revert \"x\"")),
            ("Reapply \"x\"".into(), subject("Revert \"x\"")),
            // What a squash lists was taken back within its branch.
            (format!("x (#9)\n\n* a\n\n* Revert \"a\"\n\nThis reverts commit {id}."), vec![]),
            ("Revert the thing".into(), vec![]),
            ("Reverts to the old colour #5 of many".into(), vec![]),
            ("Revert \"".into(), vec![]),
            ("This reverts commit abc.".into(), vec![]),
        ] {
            assert_eq!(taken_back(&message), expected, "{message}");
            assert_eq!(is_revert(&message), !expected.is_empty(), "{message}");
        }
        assert_eq!(
            taken_back("Merge pull request #7 from ada/revert-5\n\nRevert \"SHOP-1 one\""),
            [Target::Title("SHOP-1 one".into())]
        );
        assert!(!is_revert("Merge pull request #7 from ada/x\n\nSHOP-1 one"));
    }

    #[test]
    fn reverts_and_picks_name_whole_commits() {
        let id = "a".repeat(40);
        let text = format!(
            "Revert \"x\"\n\nThis reverts commit {id}.\nThis reverts commit abc.\n(cherry picked from commit {id})"
        );
        assert_eq!(reverts(&text).map(|id| id.to_string()).collect::<Vec<_>>(), std::slice::from_ref(&id));
        assert_eq!(picked_from(&text).map(|id| id.to_string()).collect::<Vec<_>>(), [id]);
    }
}
