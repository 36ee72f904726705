//! Which pull request brought a commit, and who agreed to it, as GitLab tells.

use super::{GitLab, PAGE, Wire, from_wire};
use crate::domain::name::CommitId;
use crate::forge::capability::Origins;
use crate::forge::origin::Verdict;
use crate::forge::{PullRequest, Result};
use crate::http::Request;

impl Origins for GitLab {
    fn bringing(&self, commit: CommitId) -> Result<Vec<PullRequest>> {
        let doing = "find the merge request of a commit";
        let path = self.below(&["repository", "commits", &commit.to_string(), "merge_requests"]);
        let answer = self.api.fetch(&Request::get(path).with("per_page", PAGE.to_string()), doing)?;
        let wires: Vec<Wire> = self.api.read(answer.body, doing)?;
        Ok(wires.into_iter().filter_map(from_wire).collect())
    }

    fn verdict(&self, pull: &PullRequest) -> Result<Verdict> {
        let path = self.below(&["merge_requests", &pull.number.to_string(), "approvals"]);
        let body = self.api.fetch(&Request::get(path), "read the approvals")?.body;
        let all = body["approved_by"].as_array().into_iter().flatten();
        let names = all.filter_map(|one| one["user"]["username"].as_str().map(str::to_owned));
        Ok(Verdict { merged_by: pull.merged_by.clone(), approved_by: names.collect() })
    }
}
