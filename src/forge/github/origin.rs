//! Which pull request brought a commit, and who agreed to it, as GitHub tells.

use super::{GitHub, PAGE, Wire};
use crate::domain::name::CommitId;
use crate::forge::capability::{Origins, PullRequests as _};
use crate::forge::origin::{Verdict, approving};
use crate::forge::{PullRequest, Result};
use crate::http::Request;

impl Origins for GitHub {
    fn bringing(&self, commit: CommitId) -> Result<Vec<PullRequest>> {
        let doing = "find the pull request of a commit";
        let path = self.below(&["commits", &commit.to_string(), "pulls"]);
        let answer = self.api.fetch(&Request::get(path).with("per_page", PAGE.to_string()), doing)?;
        let wires: Vec<Wire> = self.api.read(answer.body, doing)?;
        Ok(wires.into_iter().filter_map(|wire| self.understand(wire)).collect())
    }

    fn verdict(&self, pull: &PullRequest) -> Result<Verdict> {
        // Lists leave out who merged it.
        let merged_by = self.read(pull.number)?.merged_by;
        let path = self.below(&["pulls", &pull.number.to_string(), "reviews"]);
        let reviews = self.api.fetch(&Request::get(path).with("per_page", PAGE.to_string()), "read the reviews")?;
        Ok(Verdict { merged_by, approved_by: approving(&reviews.body) })
    }
}
