//! gitlab.com, and GitLab on a server of one's own.

mod origin;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Result;
use super::capability::{Forge, Labels, PullRequests, Settings, Statuses, Taken, perhaps};
use super::error::Error;
use super::kind::ForgeKind;
use super::locate::Repository;
use super::open::missing;
use super::pull_request::{BuildState, CommitStatus, NewPullRequest, PullRequest, RepositorySettings, State};
use crate::domain::name::{BranchName, CommitId};
use crate::http::percent::path;
use crate::http::{Answer, Api, Method, Request, pages};

const PAGE: usize = 100;

/// The words before a title that make a draft, the one that is written first.
const DRAFT: [&str; 5] = ["Draft:", "[Draft]", "(Draft)", "WIP:", "[WIP]"];

/// A project on GitLab.
pub(super) struct GitLab {
    api: Api,
    repository: Repository,
}

#[derive(Deserialize)]
struct Wire {
    iid: u64,
    #[serde(default)]
    web_url: String,
    title: String,
    #[serde(default)]
    description: Option<String>,
    state: String,
    #[serde(default)]
    draft: Option<bool>,
    /// The older name of `draft`.
    #[serde(default)]
    work_in_progress: Option<bool>,
    source_branch: String,
    target_branch: String,
    #[serde(default)]
    source_project_id: Option<u64>,
    #[serde(default)]
    target_project_id: Option<u64>,
    #[serde(default)]
    sha: Option<String>,
    #[serde(default)]
    author: Option<User>,
    #[serde(default)]
    merged_by: Option<User>,
    #[serde(default)]
    reviewers: Option<Vec<User>>,
    #[serde(default)]
    labels: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct User {
    #[serde(default)]
    id: u64,
    username: String,
}

impl GitLab {
    pub(super) fn new(api: Api, repository: Repository) -> Self {
        GitLab { api, repository }
    }

    /// The project's whole path is one segment.
    fn below(&self, rest: &[&str]) -> String {
        path(&[&["projects", &self.repository.full()][..], rest].concat())
    }

    fn list_request(&self, sides: Option<(&BranchName, &BranchName)>, page: u32) -> Request {
        let mut request = Request::get(self.below(&["merge_requests"])).with("state", "opened");
        if let Some((head, base)) = sides {
            request = request.with("source_branch", head.as_str()).with("target_branch", base.as_str());
        }
        request.with("per_page", PAGE.to_string()).with("page", page.to_string())
    }

    fn create_request(&self, wanted: &NewPullRequest, reviewers: &[u64]) -> Request {
        let mut body = json!({
            "source_branch": wanted.head.as_str(),
            "target_branch": wanted.base.as_str(),
            "title": titled(wanted),
            "description": wanted.body,
            "remove_source_branch": false,
            "squash": false,
        });
        if !wanted.labels.is_empty() {
            body["labels"] = json!(wanted.labels.join(","));
        }
        if !reviewers.is_empty() {
            body["reviewer_ids"] = json!(reviewers);
        }
        Request::new(Method::Post, self.below(&["merge_requests"])).json(body)
    }

    fn update_request(&self, current: &PullRequest, wanted: &NewPullRequest, reviewers: &[u64]) -> Request {
        let mut body = json!({"description": wanted.body});
        // What need not change stays as a person wrote it, with their own mark of a draft.
        if (&current.title, current.draft) != (&wanted.title, wanted.draft) {
            body["title"] = json!(titled(wanted));
        }
        let labels = missing(&current.labels, &wanted.labels);
        if !labels.is_empty() {
            body["add_labels"] = json!(labels.join(","));
        }
        if !reviewers.is_empty() {
            body["reviewer_ids"] = json!(reviewers);
        }
        Request::new(Method::Put, self.below(&["merge_requests", &current.number.to_string()])).json(body)
    }

    fn merge_request(&self, body: Value, doing: &str) -> Result<PullRequest> {
        let wire: Wire = self.api.read(body, doing)?;
        from_wire(wire).ok_or_else(|| self.api.garbled(doing, "its branches can't be read").into())
    }

    /// The ids of people, who are known by their names.
    fn ids(&self, names: &[String]) -> Result<Vec<u64>> {
        let mut ids = Vec::new();
        let mut unknown = Vec::new();
        for name in names {
            let request = Request::get("/users".into()).with("username", name.trim_start_matches('@'));
            let doing = "look up a reviewer";
            let users: Vec<User> = self.api.read(self.api.fetch(&request, doing)?.body, doing)?;
            let same = |user: &&User| user.username.eq_ignore_ascii_case(name.trim_start_matches('@'));
            match users.iter().find(same) {
                Some(user) => ids.push(user.id),
                None => unknown.push(name.clone()),
            }
        }
        if unknown.is_empty() {
            return Ok(ids);
        }
        let hint = "a reviewer is a user's name on GitLab, as in @name";
        Err(Error::Reviewers { names: unknown, said: "there is nobody of this name".into(), hint })
    }

    fn refusal(&self, answer: &Answer, wanted: &NewPullRequest, doing: &str) -> Error {
        let said = self.api.said(answer);
        let lower = said.to_lowercase();
        if lower.contains("open merge request already exists") {
            let digits =
                said.split('!').nth(1).map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
            let number = digits.and_then(|digits| digits.parse().ok());
            return Error::Duplicate { head: wanted.head.clone(), base: wanted.base.clone(), number };
        }
        if lower.contains("branch") && lower.contains("does not exist") {
            return self.api.not_found(doing, said).into();
        }
        self.api.rejected(answer, doing).into()
    }
}

/// The title with the mark of a draft, where it is to be one.
fn titled(wanted: &NewPullRequest) -> String {
    if wanted.draft { format!("{} {}", DRAFT[0], wanted.title) } else { wanted.title.clone() }
}

/// A title without a mark, and whether there was one.
pub(super) fn untitled(title: &str, marks: &[&str]) -> (String, bool) {
    for mark in marks {
        if title.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark)) {
            return (title[mark.len()..].trim_start().to_owned(), true);
        }
    }
    (title.to_owned(), false)
}

fn from_wire(wire: Wire) -> Option<PullRequest> {
    let draft = wire.draft.or(wire.work_in_progress);
    let (title, marked) = untitled(&wire.title, &DRAFT);
    let draft = draft.unwrap_or(marked);
    Some(PullRequest {
        number: wire.iid,
        url: wire.web_url,
        title: if draft { title } else { wire.title },
        body: wire.description.unwrap_or_default(),
        draft,
        head: BranchName::parse(&wire.source_branch).ok()?,
        base: BranchName::parse(&wire.target_branch).ok()?,
        state: match wire.state.as_str() {
            // `locked` is an open one that is just being merged.
            "opened" | "locked" => State::Open,
            "merged" => State::Merged,
            _ => State::Closed,
        },
        author: wire.author.map(|user| user.username),
        merged_by: wire.merged_by.map(|user| user.username),
        reviewers: wire.reviewers.unwrap_or_default().into_iter().map(|user| user.username).collect(),
        labels: wire.labels.unwrap_or_default(),
        head_commit: wire.sha.as_deref().and_then(CommitId::parse),
        same_repository: wire.source_project_id == wire.target_project_id,
        version: None,
    })
}

impl PullRequests for GitLab {
    fn list(&self, sides: Option<(&BranchName, &BranchName)>) -> Result<Vec<PullRequest>> {
        let doing = "list the merge requests";
        let found = pages(
            &self.api,
            self.list_request(sides, 1),
            doing,
            |answer| {
                let wires: Vec<Wire> = self.api.read(answer.body.clone(), doing)?;
                Ok(wires.into_iter().map(from_wire).collect())
            },
            |answer, count, page| answer.has_next.unwrap_or(count >= PAGE).then(|| self.list_request(sides, page + 1)),
        )?;
        Ok(found.into_iter().flatten().collect())
    }

    fn read(&self, number: u64) -> Result<PullRequest> {
        let doing = format!("read merge request {number}");
        let request = Request::get(self.below(&["merge_requests", &number.to_string()]));
        self.merge_request(self.api.fetch(&request, &doing)?.body, &doing)
    }

    fn create(&self, wanted: &NewPullRequest) -> Result<PullRequest> {
        let doing = "open a merge request";
        let reviewers = self.ids(&wanted.reviewers)?;
        let answer = self.api.call(&self.create_request(wanted, &reviewers), doing)?;
        match answer.status {
            200..=299 => self.merge_request(answer.body, doing),
            _ => Err(self.refusal(&answer, wanted, doing)),
        }
    }

    fn update(&self, current: &PullRequest, wanted: &NewPullRequest) -> Result<PullRequest> {
        let doing = format!("update merge request {}", current.number);
        let new = missing(&current.reviewers, &wanted.reviewers);
        let reviewers = match new.is_empty() {
            true => Vec::new(),
            // The list replaces the one that is there.
            false => self.ids(&[current.reviewers.clone(), new].concat())?,
        };
        let answer = self.api.call(&self.update_request(current, wanted, &reviewers), &doing)?;
        match answer.status {
            200..=299 => self.merge_request(answer.body, &doing),
            409 => Err(Error::Stale { number: current.number }),
            _ => Err(self.refusal(&answer, wanted, &doing)),
        }
    }
}

impl Settings for GitLab {
    fn settings(&self, base: &BranchName) -> Result<RepositorySettings> {
        let doing = "read the settings";
        let project = self.api.fetch(&Request::get(self.below(&[])), doing)?.body;
        let branch = Request::get(self.below(&["repository", "branches", base.as_str()]));
        let branch = perhaps(self.api.fetch(&branch, doing))?;
        // Not there without a subscription.
        let approvals = perhaps(self.api.fetch(&Request::get(self.below(&["approvals"])), doing))?;
        Ok(settings_from(&project, branch.as_ref(), approvals.as_ref()))
    }
}

fn settings_from(project: &Value, branch: Option<&Value>, approvals: Option<&Value>) -> RepositorySettings {
    let method = project["merge_method"].as_str();
    let squash = project["squash_option"].as_str();
    RepositorySettings {
        // Squashing always, it makes a merge commit of one commit, which is no merge of the branch.
        merge_commits: method.map(|method| method != "ff" && squash != Some("always")),
        squash: squash.map(|option| option != "never"),
        rebase: method.map(|method| method == "ff"),
        fast_forward: method.map(|method| method == "ff"),
        semi_linear: method.map(|method| method == "rebase_merge"),
        deletes_head_branch: project["remove_source_branch_after_merge"].as_bool(),
        keeps_approvals: approvals.and_then(|body| body["reset_approvals_on_push"].as_bool()).map(|reset| !reset),
        base_protected: branch.and_then(|branch| branch["protected"].as_bool()),
        // A protected branch can't be deleted here, and the others are told of already.
        base_deletable: None,
    }
}

impl Statuses for GitLab {
    fn set_status(&self, commit: CommitId, status: &CommitStatus) -> Result<()> {
        let state = match status.state {
            BuildState::Running => "running",
            BuildState::Succeeded => "success",
            BuildState::Failed => "failed",
        };
        let body =
            json!({"state": state, "name": status.key, "description": status.description, "target_url": status.url});
        let path = self.below(&["statuses", &commit.to_string()]);
        self.api.fetch(&Request::new(Method::Post, path).json(body), "set the status of a commit")?;
        Ok(())
    }
}

impl Forge for GitLab {
    fn kind(&self) -> ForgeKind {
        ForgeKind::GitLab
    }
    fn labels(&self) -> Taken<'_, dyn Labels> {
        Taken::Within
    }
}

#[cfg(test)]
mod tests;
