//! Which pull request brought a commit, as far as the commit's own message tells.

use super::history::{Commit, trailers};

/// A pull request as a message names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequestMark {
    /// Its number.
    pub number: u64,
    /// Its page, where the message has the URL.
    pub url: Option<String>,
}

impl Commit {
    /// The pull request that this commit's message names; see [`of_message`].
    pub fn pull_request(&self) -> Option<PullRequestMark> {
        of_message(&self.message)
    }
}

/// The pull request that a message names, in the words of the merge and squash buttons of GitHub, GitLab, Bitbucket
/// (Cloud and Data Center), Gitea and Azure DevOps, or in a trailer.
pub fn of_message(message: &str) -> Option<PullRequestMark> {
    let subject = message.lines().next().unwrap_or_default().trim();
    let mark = |number| PullRequestMark { number, url: None };
    trailers(message)
        .filter(|(key, _)| ["pull-request", "merge-request", "reviewed-on"].iter().any(|k| key.eq_ignore_ascii_case(k)))
        .find_map(|(_, value)| of_value(value))
        .or_else(|| of_subject(subject).map(mark))
        .or_else(|| message.lines().skip(1).find_map(of_gitlab).map(mark))
}

fn of_subject(subject: &str) -> Option<u64> {
    // A revert quotes the subject of what it reverts; it begins with another word, and the quote ends with a mark.
    let begins = ["Merge pull request #", "Pull request #", "Merged PR "];
    begins
        .iter()
        .find_map(|begin| leading_number(subject.strip_prefix(begin)?))
        .or_else(|| {
            let gitea = subject.strip_prefix("Merge pull request '").and_then(|rest| rest.rsplit_once("' (#"));
            gitea.and_then(|(_, rest)| leading_number(rest))
        })
        .or_else(|| {
            let inside = subject.strip_suffix(')')?.rsplit_once('(')?.1;
            whole_number(inside.strip_prefix("pull request #").or_else(|| inside.strip_prefix('#'))?)
        })
}

/// GitLab's last line: `See merge request group/project!12`.
fn of_gitlab(line: &str) -> Option<u64> {
    let reference = line.trim().strip_prefix("See merge request ")?;
    whole_number(reference.rsplit_once('!')?.1)
}

/// The value of a trailer: `12`, `#12`, `!12`, or a URL that ends in the number.
fn of_value(value: &str) -> Option<PullRequestMark> {
    if let Some(number) = whole_number(value.trim_start_matches(['#', '!'])) {
        return Some(PullRequestMark { number, url: None });
    }
    if !value.starts_with("https://") && !value.starts_with("http://") {
        return None;
    }
    let (before, number) = value.trim_end_matches('/').rsplit_once('/')?;
    let kinds = ["/pull", "/pulls", "/pull-requests", "/merge_requests", "/pullrequest"];
    let number = whole_number(number).filter(|_| kinds.iter().any(|kind| before.ends_with(kind)))?;
    Some(PullRequestMark { number, url: Some(value.to_owned()) })
}

fn leading_number(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    whole_number(&text[..digits])
}

fn whole_number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_forge_names_its_pull_requests_in_its_own_way() {
        for (message, number) in [
            ("Merge pull request #12 from acme/environment/qa\n\nPromote 1.2.0 to prod", Some(12)),
            ("Promote 1.2.0 to prod (#12)", Some(12)),
            (
                "Pull request #12: Promote 1.2.0\n\nMerge in PAY/pay-release from environment/qa to environment/prod",
                Some(12),
            ),
            ("Merge pull request #12 in PAY/pay-release from environment/qa to environment/prod", Some(12)),
            ("Merged in promote/prod/1.2.0 (pull request #12)\n\nPromote 1.2.0", Some(12)),
            (
                "Merge branch 'environment/qa' into 'environment/prod'\n\nPromote 1.2.0\n\nSee merge request acme/pay!12",
                Some(12),
            ),
            ("Merge pull request 'Promote 1.2.0' (#12) from environment/qa into environment/prod", Some(12)),
            ("Promote\n\nReviewed-on: https://gitea.example.com/acme/pay/pulls/12", Some(12)),
            ("Merged PR 12: Promote 1.2.0", Some(12)),
            ("Set 1.2.0\n\nPull-Request: #12", Some(12)),
            ("Revert \"Promote 1.2.0 (#12)\" (#15)", Some(15)),
            ("Revert \"Promote 1.2.0 (#12)\"\n\nThis reverts commit abc.", None),
            ("Revert \"Merge pull request #12 from acme/qa\"", None),
            ("Merge branch 'environment/qa'", None),
            ("Set 1.2.0 (for #12)", None),
            ("Fix (#)", None),
            ("Fix (#99999999999999999999)", None),
            ("Set 1.2.0\n\nPull-Request: https://evil.example.com/12", None),
            ("", None),
        ] {
            assert_eq!(of_message(message).map(|mark| mark.number), number, "{message}");
        }
        let mark = of_message("x\n\nMerge-Request: https://gitlab.example.com/a/b/-/merge_requests/7");
        assert_eq!(
            mark.and_then(|mark| mark.url).as_deref(),
            Some("https://gitlab.example.com/a/b/-/merge_requests/7")
        );
    }

    proptest! {
        #[test]
        fn any_message_can_be_read(message in "\\PC{0,20}(\n\n?(Pull-Request: |See merge request )?\\PC{0,20}){0,3}") {
            let _ = of_message(&message);
        }
    }
}
