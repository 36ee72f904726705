//! Which pull request brought a commit, and who agreed to it, as Gitea tells.

use super::{Gitea, PAGE};
use crate::domain::name::CommitId;
use crate::forge::capability::Origins;
use crate::forge::origin::{Verdict, approving};
use crate::forge::{PullRequest, Result};
use crate::http::{self, Request};

impl Origins for Gitea {
    fn bringing(&self, commit: CommitId) -> Result<Vec<PullRequest>> {
        let doing = "find the pull request of a commit";
        match self.api.fetch(&Request::get(self.below(&["commits", &commit.to_string(), "pull"])), doing) {
            Ok(answer) => Ok(vec![self.pull_request(answer.body, doing)?]),
            // One that was pushed has none.
            Err(http::Error::NotFound { .. }) => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }

    fn verdict(&self, pull: &PullRequest) -> Result<Verdict> {
        let path = self.below(&["pulls", &pull.number.to_string(), "reviews"]);
        let reviews = self.api.fetch(&Request::get(path).with("limit", PAGE), "read the reviews")?;
        Ok(Verdict { merged_by: pull.merged_by.clone(), approved_by: approving(&reviews.body) })
    }
}
