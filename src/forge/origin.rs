//! Where a commit came from: the pull request whose merge made it, and who agreed to that.

use serde_json::Value;

use super::Result;
use super::capability::Forge;
use super::pull_request::{PullRequest, State};
use crate::domain::name::{BranchName, CommitId};
use crate::domain::record::PullRequestRecord;

/// What became of a pull request by whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Who merged it, where the forge says so.
    pub merged_by: Option<String>,
    /// Who approved it, and has not taken that back.
    pub approved_by: Vec<String>,
}

/// The merged pull request that brought a commit to a branch; `None` where there is none.
pub fn merged(forge: &dyn Forge, commit: CommitId, base: &BranchName) -> Result<Option<PullRequest>> {
    let brought = forge.bringing(commit)?.into_iter().filter(|pull| pull.state == State::Merged && pull.base == *base);
    // A commit comes to a branch once; of several that contain it, the last one did it.
    Ok(brought.max_by_key(|pull| pull.number))
}

/// The merged pull request that brought a commit to a branch, with who agreed to it; `None` where there is none.
///
/// Who merged and approved it stays unknown where this token may not read that.
pub fn origin(forge: &dyn Forge, commit: CommitId, base: &BranchName) -> Result<Option<PullRequestRecord>> {
    let Some(pull) = merged(forge, commit, base)? else { return Ok(None) };
    let verdict = forge.verdict(&pull).unwrap_or_default();
    Ok(Some(PullRequestRecord {
        number: pull.number,
        url: Some(pull.url).filter(|url| !url.is_empty()),
        author: pull.author,
        merged_by: pull.merged_by.or(verdict.merged_by),
        approved_by: verdict.approved_by,
    }))
}

/// Those whose last word in a list of reviews, oldest first, was an approval. GitHub and Gitea write them alike.
pub(super) fn approving(reviews: &Value) -> Vec<String> {
    let mut approving: Vec<String> = Vec::new();
    for review in reviews.as_array().into_iter().flatten() {
        let Some(name) = review["user"]["login"].as_str() else { continue };
        // A comment takes nothing back.
        let decisive = ["APPROVED", "CHANGES_REQUESTED", "REQUEST_CHANGES", "DISMISSED"];
        let Some(word) = review["state"].as_str().filter(|word| decisive.contains(word)) else { continue };
        approving.retain(|known| known != name);
        if word == "APPROVED" && review["dismissed"] != true {
            approving.push(name.to_owned());
        }
    }
    approving
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_last_word_counts() {
        let review = |name: &str, state: &str| json!({"user": {"login": name}, "state": state});
        let reviews = json!([
            review("ada", "APPROVED"),
            review("bob", "APPROVED"),
            review("ada", "COMMENTED"),
            review("bob", "CHANGES_REQUESTED"),
            review("carol", "REQUEST_CHANGES"),
            review("carol", "APPROVED"),
            review("carol", "APPROVED"),
            {"user": {"login": "dora"}, "state": "APPROVED", "dismissed": true},
            {"user": null, "state": "APPROVED"},
        ]);
        assert_eq!(approving(&reviews), ["ada", "carol"]);
        assert!(approving(&json!({"message": "not a list"})).is_empty());
    }
}
