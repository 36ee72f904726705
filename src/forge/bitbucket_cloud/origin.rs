//! Which pull request brought a commit, and who agreed to it, as Bitbucket Cloud tells.

use serde_json::Value;

use super::BitbucketCloud;
use crate::domain::name::CommitId;
use crate::forge::capability::{Origins, PullRequests as _};
use crate::forge::origin::Verdict;
use crate::forge::{PullRequest, Result};
use crate::http::{self, Request};

/// A commit of a release repo belongs to one or two; each is asked for by itself.
const MOST: usize = 5;

impl Origins for BitbucketCloud {
    fn bringing(&self, commit: CommitId) -> Result<Vec<PullRequest>> {
        let doing = "find the pull request of a commit";
        let path = self.below(&["commit", &commit.to_string(), "pullrequests"]);
        let answer = match self.api.fetch(&Request::get(path), doing) {
            // Nor is there an answer while the links of a repository are yet to be indexed.
            Err(http::Error::NotFound { .. }) => return Ok(Vec::new()),
            answer => answer?,
        };
        // The list holds little more than numbers.
        let numbers = answer.body["values"].as_array().into_iter().flatten().filter_map(|one| one["id"].as_u64());
        numbers.take(MOST).map(|number| self.read(number)).collect()
    }

    fn verdict(&self, pull: &PullRequest) -> Result<Verdict> {
        let path = self.below(&["pullrequests", &pull.number.to_string()]);
        let body = self.api.fetch(&Request::get(path), "read the approvals")?.body;
        let all = body["participants"].as_array().into_iter().flatten();
        let name = |one: &Value| {
            let user = &one["user"];
            user["nickname"].as_str().or(user["display_name"].as_str()).map(str::to_owned)
        };
        let approved_by = all.filter(|one| one["approved"] == true).filter_map(name).collect();
        Ok(Verdict { merged_by: pull.merged_by.clone(), approved_by })
    }
}
