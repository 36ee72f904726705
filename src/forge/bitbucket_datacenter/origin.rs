//! Which pull request brought a commit, and who agreed to it, as Bitbucket Data Center tells.

use serde_json::Value;

use super::{BitbucketDatacenter, PAGE, Page, Wire, from_wire};
use crate::domain::name::CommitId;
use crate::forge::capability::Origins;
use crate::forge::origin::Verdict;
use crate::forge::{PullRequest, Result};
use crate::http::{self, Request};

impl Origins for BitbucketDatacenter {
    fn bringing(&self, commit: CommitId) -> Result<Vec<PullRequest>> {
        let doing = "find the pull request of a commit";
        let path = self.below(&["commits", &commit.to_string(), "pull-requests"]);
        let answer = self.api.fetch(&Request::get(path).with("limit", PAGE), doing)?;
        let page: Page = self.api.read(answer.body, doing)?;
        let wires = page.values.into_iter().map(|value| self.api.read::<Wire>(value, doing));
        Ok(wires.collect::<http::Result<Vec<Wire>>>()?.into_iter().filter_map(from_wire).collect())
    }

    fn verdict(&self, pull: &PullRequest) -> Result<Verdict> {
        let number = pull.number.to_string();
        let fetch = |rest: &[&str]| {
            let path = self.below(&[&["pull-requests", &number][..], rest].concat());
            self.api.fetch(&Request::get(path), "read the approvals")
        };
        let body = fetch(&[])?.body;
        let name = |user: &Value| user["name"].as_str().map(str::to_owned);
        let people = [&body["reviewers"], &body["participants"]];
        let all = people.into_iter().filter_map(Value::as_array).flatten();
        let approved_by = all.filter(|one| one["approved"] == true).filter_map(|one| name(&one["user"])).collect();
        // Only the history tells who pressed the button; the newest comes first.
        let history = fetch(&["activities"])?.body;
        let mut events = history["values"].as_array().into_iter().flatten();
        let merged = events.find(|event| event["action"] == "MERGED");
        Ok(Verdict { merged_by: merged.and_then(|event| name(&event["user"])), approved_by })
    }
}
