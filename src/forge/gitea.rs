//! Gitea and Forgejo, whose APIs are the same for what relman needs.

mod origin;

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Result;
use super::capability::{Forge, Labels, PullRequests, Reviewers, Settings, Statuses, Taken, perhaps};
use super::error::Error;
use super::gitlab::untitled;
use super::kind::ForgeKind;
use super::locate::Repository;
use super::open::missing;
use super::pull_request::{BuildState, CommitStatus, NewPullRequest, PullRequest, RepositorySettings, State};
use crate::domain::name::{BranchName, CommitId};
use crate::http::percent::path;
use crate::http::{Answer, Api, Method, Request, pages};

/// Servers give no more on a page, whatever they are asked for.
const PAGE: &str = "50";

/// The words before a title that make a draft, the one that is written first.
const DRAFT: [&str; 2] = ["WIP:", "[WIP]"];

/// How often a pull request is asked for again: right after the first push to a new repository, the server has not
/// seen the branch yet, and says for up to a second that there is nothing.
const TRIES: u32 = 4;

/// A repository on Gitea or Forgejo.
pub(super) struct Gitea {
    api: Api,
    repository: Repository,
    kind: ForgeKind,
}

#[derive(Deserialize)]
struct Wire {
    number: u64,
    #[serde(default)]
    html_url: String,
    title: String,
    #[serde(default)]
    body: Option<String>,
    state: String,
    #[serde(default)]
    draft: Option<bool>,
    #[serde(default)]
    merged: bool,
    #[serde(default)]
    merged_by: Option<User>,
    head: Side,
    base: Side,
    #[serde(default)]
    user: Option<User>,
    #[serde(default)]
    requested_reviewers: Option<Vec<User>>,
    #[serde(default)]
    labels: Option<Vec<Label>>,
}

#[derive(Deserialize)]
struct Side {
    #[serde(rename = "ref")]
    name: String,
    #[serde(default)]
    sha: Option<String>,
    #[serde(default)]
    repo_id: i64,
}

#[derive(Deserialize)]
struct User {
    login: String,
}

#[derive(Deserialize)]
struct Label {
    id: u64,
    name: String,
}

impl Gitea {
    pub(super) fn new(api: Api, repository: Repository, kind: ForgeKind) -> Self {
        Gitea { api, repository, kind }
    }

    fn below(&self, rest: &[&str]) -> String {
        path(&[&["repos", &self.repository.owner, &self.repository.name][..], rest].concat())
    }

    /// `state=opened` would be ignored, and there is no filter for branches.
    fn list_request(&self, page: u32) -> Request {
        let request = Request::get(self.below(&["pulls"])).with("state", "open");
        request.with("limit", PAGE).with("page", page.to_string())
    }

    fn create_request(&self, wanted: &NewPullRequest) -> Request {
        let (head, base) = (wanted.head.as_str(), wanted.base.as_str());
        let body = json!({"title": titled(wanted), "body": wanted.body, "head": head, "base": base});
        Request::new(Method::Post, self.below(&["pulls"])).json(body)
    }

    fn update_request(&self, current: &PullRequest, wanted: &NewPullRequest) -> Request {
        let mut body = json!({"body": wanted.body});
        // What need not change stays as a person wrote it, with their own mark of a draft.
        if (&current.title, current.draft) != (&wanted.title, wanted.draft) {
            body["title"] = json!(titled(wanted));
        }
        Request::new(Method::Patch, self.below(&["pulls", &current.number.to_string()])).json(body)
    }

    fn pull_request(&self, body: Value, doing: &str) -> Result<PullRequest> {
        let wire: Wire = self.api.read(body, doing)?;
        from_wire(wire).ok_or_else(|| self.api.garbled(doing, "its branches can't be read").into())
    }

    fn refusal(&self, answer: &Answer, wanted: &NewPullRequest, doing: &str) -> Error {
        let said = self.api.said(answer);
        let (head, base) = (wanted.head.clone(), wanted.base.clone());
        match answer.status {
            409 if said.contains("already exists") => Error::Duplicate { head, base, number: number_in(&said) },
            422 if said.contains("no changes between") => Error::Nothing { head, base },
            404 => self.not_found(wanted, doing, said),
            _ => self.api.rejected(answer, doing).into(),
        }
    }

    /// A missing branch and a missing repository get the same answer, so it asks what there is.
    fn not_found(&self, wanted: &NewPullRequest, doing: &str, mut said: String) -> Error {
        for branch in [&wanted.head, &wanted.base] {
            let request = Request::get(self.below(&["branches", branch.as_str()]));
            let gone = |request| self.api.call(request, doing).is_ok_and(|answer| answer.status == 404);
            if gone(&request) {
                said = match gone(&Request::get(self.below(&[]))) {
                    true => format!("there is no repository {}", self.repository.full()),
                    false => format!("there is no branch {branch}"),
                };
                break;
            }
        }
        self.api.not_found(doing, said).into()
    }
}

/// The number of the pull request that a 409 is about: there `id` is one of the database's, and `issue_id` the number.
fn number_in(said: &str) -> Option<u64> {
    let (_, rest) = said.split_once("issue_id: ")?;
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
}

fn titled(wanted: &NewPullRequest) -> String {
    if wanted.draft { format!("{} {}", DRAFT[0], wanted.title) } else { wanted.title.clone() }
}

fn from_wire(wire: Wire) -> Option<PullRequest> {
    let (title, marked) = untitled(&wire.title, &DRAFT);
    Some(PullRequest {
        number: wire.number,
        url: wire.html_url,
        title,
        body: wire.body.unwrap_or_default(),
        draft: wire.draft.unwrap_or(false) || marked,
        head: BranchName::parse(&wire.head.name).ok()?,
        base: BranchName::parse(&wire.base.name).ok()?,
        state: match wire.state.as_str() {
            "open" => State::Open,
            _ if wire.merged => State::Merged,
            _ => State::Closed,
        },
        author: wire.user.map(|user| user.login),
        merged_by: wire.merged_by.map(|user| user.login),
        reviewers: wire.requested_reviewers.unwrap_or_default().into_iter().map(|user| user.login).collect(),
        labels: wire.labels.unwrap_or_default().into_iter().map(|label| label.name).collect(),
        head_commit: wire.head.sha.as_deref().and_then(CommitId::parse),
        same_repository: wire.head.repo_id == wire.base.repo_id,
        version: None,
    })
}

impl PullRequests for Gitea {
    fn list(&self, _sides: Option<(&BranchName, &BranchName)>) -> Result<Vec<PullRequest>> {
        let doing = "list the pull requests";
        let all = pages(
            &self.api,
            self.list_request(1),
            doing,
            |answer| {
                let wires: Vec<Wire> = self.api.read(answer.body.clone(), doing)?;
                Ok(wires.into_iter().map(from_wire).collect())
            },
            // The server may cap a page below what was asked for, so that only an empty one is surely the last.
            |answer, count, page| answer.has_next.unwrap_or(count > 0).then(|| self.list_request(page + 1)),
        )?;
        Ok(all.into_iter().flatten().filter(|found| found.same_repository && found.state == State::Open).collect())
    }

    fn read(&self, number: u64) -> Result<PullRequest> {
        let doing = format!("read pull request {number}");
        let request = Request::get(self.below(&["pulls", &number.to_string()]));
        self.pull_request(self.api.fetch(&request, &doing)?.body, &doing)
    }

    fn create(&self, wanted: &NewPullRequest) -> Result<PullRequest> {
        let doing = "open a pull request";
        let mut attempt = 1;
        loop {
            let answer = self.api.call(&self.create_request(wanted), doing)?;
            match answer.status {
                200..=299 => return self.pull_request(answer.body, doing),
                404 if attempt < TRIES => {
                    std::thread::sleep(Duration::from_millis(100) * 2u32.pow(attempt));
                    attempt += 1;
                }
                _ => return Err(self.refusal(&answer, wanted, doing)),
            }
        }
    }

    fn update(&self, current: &PullRequest, wanted: &NewPullRequest) -> Result<PullRequest> {
        let doing = format!("update pull request {}", current.number);
        let answer = self.api.call(&self.update_request(current, wanted), &doing)?;
        match answer.status {
            // 201, here.
            200..=299 => self.pull_request(answer.body, &doing),
            409 => Err(Error::Stale { number: current.number }),
            404 => Err(self.api.rejected(&answer, &doing).into()),
            _ => Err(self.refusal(&answer, wanted, &doing)),
        }
    }
}

impl Reviewers for Gitea {
    fn ask(&self, current: &PullRequest, names: &[String]) -> Result<Vec<String>> {
        let number = current.number.to_string();
        // Whoever has answered is not among the requested any more.
        let request = Request::get(self.below(&["pulls", &number, "reviews"])).with("limit", PAGE);
        let reviews = self.api.fetch(&request, "read the reviews")?.body;
        let author = |review: &Value| review["user"]["login"].as_str().map(str::to_owned);
        let answered: Vec<String> = reviews.as_array().into_iter().flatten().filter_map(author).collect();
        let asked = missing(&answered, names);
        if !asked.is_empty() {
            let path = self.below(&["pulls", &number, "requested_reviewers"]);
            let request = Request::new(Method::Post, path).json(json!({"reviewers": asked}));
            let answer = self.api.call(&request, "ask for a review")?;
            if !(200..300).contains(&answer.status) {
                let hint = "a reviewer is a user's login, and may read the repository";
                return Err(Error::Reviewers { names: asked, said: self.api.said(&answer), hint });
            }
        }
        Ok(asked)
    }
}

impl Labels for Gitea {
    fn label(&self, current: &PullRequest, names: &[String]) -> Result<Vec<String>> {
        let doing = "list the labels";
        // Before 1.23 the API knows labels by their ids only.
        let list = |page: u32| Request::get(self.below(&["labels"])).with("limit", PAGE).with("page", page.to_string());
        let labels = pages(
            &self.api,
            list(1),
            doing,
            |answer| self.api.read::<Vec<Label>>(answer.body.clone(), doing),
            |answer, count, page| answer.has_next.unwrap_or(count > 0).then(|| list(page + 1)),
        )?;
        let wanted = |label: &&Label| names.iter().any(|name| name.eq_ignore_ascii_case(&label.name));
        let known: Vec<&Label> = labels.iter().filter(wanted).collect();
        if !known.is_empty() {
            let ids: Vec<u64> = known.iter().map(|label| label.id).collect();
            let path = self.below(&["issues", &current.number.to_string(), "labels"]);
            self.api.fetch(&Request::new(Method::Post, path).json(json!({"labels": ids})), "add labels")?;
        }
        let known: Vec<String> = known.iter().map(|label| label.name.clone()).collect();
        Ok(missing(&known, names))
    }
}

impl Settings for Gitea {
    fn settings(&self, base: &BranchName) -> Result<RepositorySettings> {
        let doing = "read the settings";
        let repository = self.api.fetch(&Request::get(self.below(&[])), doing)?.body;
        let branch = perhaps(self.api.fetch(&Request::get(self.below(&["branches", base.as_str()])), doing))?;
        Ok(settings_from(&repository, branch.as_ref()))
    }
}

fn settings_from(repository: &Value, branch: Option<&Value>) -> RepositorySettings {
    let flag = |name: &str| repository[name].as_bool();
    // Before 1.22 there is no such button.
    let forward = flag("allow_fast_forward_only_merge").or(flag("allow_merge_commits").map(|_| false));
    let rebase = match (flag("allow_rebase"), flag("allow_rebase_explicit")) {
        (None, None) => None,
        (plain, explicit) => Some(plain == Some(true) || explicit == Some(true)),
    };
    RepositorySettings {
        merge_commits: flag("allow_merge_commits"),
        squash: flag("allow_squash_merge"),
        rebase,
        fast_forward: forward,
        semi_linear: Some(false),
        deletes_head_branch: flag("default_delete_branch_after_merge"),
        // Only administrators may read the rules of a branch.
        keeps_approvals: None,
        base_protected: branch.and_then(|branch| branch["protected"].as_bool()),
        // A protected branch can't be deleted here, and the others are told of already.
        base_deletable: None,
    }
}

impl Statuses for Gitea {
    fn set_status(&self, commit: CommitId, status: &CommitStatus) -> Result<()> {
        let state = match status.state {
            BuildState::Running => "pending",
            BuildState::Succeeded => "success",
            BuildState::Failed => "failure",
        };
        let (context, text, url) = (&status.key, &status.description, &status.url);
        let body = json!({"state": state, "context": context, "description": text, "target_url": url});
        let path = self.below(&["statuses", &commit.to_string()]);
        self.api.fetch(&Request::new(Method::Post, path).json(body), "set the status of a commit")?;
        Ok(())
    }
}

impl Forge for Gitea {
    fn kind(&self) -> ForgeKind {
        self.kind
    }
    fn reviewers(&self) -> Taken<'_, dyn Reviewers> {
        Taken::Apart(self)
    }
    fn labels(&self) -> Taken<'_, dyn Labels> {
        Taken::Apart(self)
    }
}

#[cfg(test)]
mod tests;
