//! What the words of a forge mean: a pull request, what is wanted of one, the settings of its repository.

use crate::domain::name::{BranchName, CommitId};

/// A pull request, or merge request, as the forge has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequest {
    /// The number that people say.
    pub number: u64,
    /// Its web page.
    pub url: String,
    /// The title, without the words by which some forges mark a draft.
    pub title: String,
    /// The description.
    pub body: String,
    /// Whether it is marked as not ready.
    pub draft: bool,
    /// The branch that is to be merged.
    pub head: BranchName,
    /// The branch that it is to be merged into.
    pub base: BranchName,
    /// What has become of it.
    pub state: State,
    /// Who opened it.
    pub author: Option<String>,
    /// Who merged it, where the forge says so.
    pub merged_by: Option<String>,
    /// The reviewers, in the words in which this forge's API wants them.
    pub reviewers: Vec<String>,
    /// The names of its labels.
    pub labels: Vec<String>,
    /// The tip of the head branch, where the forge says so.
    pub head_commit: Option<CommitId>,
    /// Whether both branches are of this repository; a fork may have a branch of the same name.
    pub same_repository: bool,
    /// What an update must name so that it does not undo another one, where the forge wants that.
    pub version: Option<u64>,
}

/// What has become of a pull request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits.
    Open,
    /// It was merged.
    Merged,
    /// It was declined or closed without a merge.
    Closed,
}

impl State {
    /// The word for scripts.
    pub fn word(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Merged => "merged",
            State::Closed => "closed",
        }
    }
}

/// A pull request as it is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPullRequest {
    /// The branch that is to be merged.
    pub head: BranchName,
    /// The branch that it is to be merged into.
    pub base: BranchName,
    /// The title.
    pub title: String,
    /// The description, in Markdown.
    pub body: String,
    /// Whether it is to be marked as not ready.
    pub draft: bool,
    /// Who is to review it, in the words of the forge; added, never taken away.
    pub reviewers: Vec<String>,
    /// Labels, added where the forge has any.
    pub labels: Vec<String>,
}

/// What is known of a repository's settings; `None` is: can't be known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepositorySettings {
    /// A merge commit may be made.
    pub merge_commits: Option<bool>,
    /// All commits may be squashed into one.
    pub squash: Option<bool>,
    /// The commits may be rebased.
    pub rebase: Option<bool>,
    /// The target may be fast-forwarded.
    pub fast_forward: Option<bool>,
    /// A branch is merged only when it stands on top of its target, so that it would have to be rebased first.
    pub semi_linear: Option<bool>,
    /// The head branch is deleted after the merge, by itself or by default.
    pub deletes_head_branch: Option<bool>,
    /// Approvals stay when the head branch moves.
    pub keeps_approvals: Option<bool>,
    /// The base branch is protected.
    pub base_protected: Option<bool>,
    /// Whoever may push can delete the base branch, were it by a tick in the form of a merge.
    pub base_deletable: Option<bool>,
}

impl RepositorySettings {
    /// Why a pull request with an environment branch as its head would be unsafe, as a word for scripts and a sentence;
    /// `None` where nothing that is known speaks against it.
    pub fn against_direct(&self) -> Option<(&'static str, &'static str)> {
        if self.merge_commits == Some(false) {
            let fast_forward = self.fast_forward == Some(true) && self.squash != Some(true);
            return Some(if fast_forward {
                ("fast-forward-only", "the forge merges by fast-forward or rebase only")
            } else {
                ("squash-only", "the forge makes no merge commits")
            });
        }
        if self.semi_linear == Some(true) {
            return Some(("fast-forward-only", "the forge merges only what was rebased onto its target"));
        }
        if self.deletes_head_branch == Some(true) {
            return Some(("deletes-head-branch", "the forge deletes the head branch after a merge"));
        }
        if self.keeps_approvals == Some(true) {
            return Some(("keeps-approvals", "approvals stay when the head branch moves"));
        }
        None
    }

    /// Whether the forge is known to make merge commits and nothing else.
    pub fn only_merge_commits(&self) -> bool {
        self.merge_commits == Some(true)
            && [self.squash, self.rebase, self.fast_forward].iter().all(|other| *other == Some(false))
    }

    /// The settings that decide about *direct* and can't be known here, as words for a warning.
    pub fn unknown(&self) -> Vec<&'static str> {
        [
            (self.merge_commits, "how pull requests are merged"),
            (self.deletes_head_branch, "whether head branches are deleted after a merge"),
            (self.keeps_approvals, "whether approvals stay when the head branch moves"),
        ]
        .into_iter()
        .filter(|(setting, _)| setting.is_none())
        .map(|(_, words)| words)
        .collect()
    }
}

/// How far the build or deployment of a commit has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuildState {
    /// It is running.
    Running,
    /// It went well.
    Succeeded,
    /// It failed.
    Failed,
}

/// What is to be shown beside a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitStatus {
    /// How far it has come.
    pub state: BuildState,
    /// What tells it from the other statuses of the commit, such as `relman/qa`.
    pub key: String,
    /// What people read.
    pub description: String,
    /// Where there is more to see.
    pub url: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_speaks_against_direct() {
        let known = RepositorySettings {
            merge_commits: Some(true),
            squash: Some(false),
            rebase: Some(false),
            fast_forward: Some(false),
            semi_linear: Some(false),
            deletes_head_branch: Some(false),
            keeps_approvals: Some(false),
            base_protected: Some(true),
            base_deletable: Some(false),
        };
        assert_eq!(known.against_direct(), None);
        assert!(known.only_merge_commits());
        assert!(known.unknown().is_empty());
        let word = |settings: RepositorySettings| settings.against_direct().map(|(word, _)| word);
        assert_eq!(
            word(RepositorySettings { deletes_head_branch: Some(true), ..known.clone() }),
            Some("deletes-head-branch")
        );
        assert_eq!(word(RepositorySettings { keeps_approvals: Some(true), ..known.clone() }), Some("keeps-approvals"));
        let squash = RepositorySettings { merge_commits: Some(false), squash: Some(true), ..known.clone() };
        assert_eq!(word(squash), Some("squash-only"));
        let forward = RepositorySettings { merge_commits: Some(false), fast_forward: Some(true), ..known };
        assert_eq!(word(forward), Some("fast-forward-only"));
        let unknown = RepositorySettings::default();
        assert_eq!(unknown.against_direct(), None);
        assert!(!unknown.only_merge_commits());
        assert_eq!(unknown.unknown().len(), 3);
    }
}
