//! github.com, GitHub Enterprise Cloud and GitHub Enterprise Server.

mod origin;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Result;
use super::capability::{Forge, Labels, PullRequests, Reviewers, Settings, Statuses, Taken, perhaps};
use super::error::Error;
use super::kind::ForgeKind;
use super::locate::Repository;
use super::open::missing;
use super::pull_request::{BuildState, CommitStatus, NewPullRequest, PullRequest, RepositorySettings, State};
use crate::domain::name::{BranchName, CommitId};
use crate::http::percent::path;
use crate::http::{Answer, Api, Method, Request, pages};

/// The headers that pin the form of the answers.
pub(super) const HEADERS: [(&str, &str); 2] =
    [("Accept", "application/vnd.github+json"), ("X-GitHub-Api-Version", "2022-11-28")];

const PAGE: usize = 100;

/// A repository on GitHub.
pub(super) struct GitHub {
    api: Api,
    repository: Repository,
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
    merged_at: Option<String>,
    #[serde(default)]
    merged_by: Option<User>,
    head: Side,
    base: Side,
    #[serde(default)]
    user: Option<User>,
    #[serde(default)]
    requested_reviewers: Option<Vec<User>>,
    #[serde(default)]
    requested_teams: Option<Vec<Team>>,
    #[serde(default)]
    labels: Option<Vec<Label>>,
}

#[derive(Deserialize)]
struct Side {
    #[serde(rename = "ref")]
    name: String,
    #[serde(default)]
    sha: Option<String>,
    /// Null where the fork is gone.
    #[serde(default)]
    repo: Option<WireRepository>,
}

#[derive(Deserialize)]
struct WireRepository {
    id: u64,
}

#[derive(Deserialize)]
struct User {
    login: String,
}

#[derive(Deserialize)]
struct Team {
    slug: String,
}

#[derive(Deserialize)]
struct Label {
    name: String,
}

impl GitHub {
    pub(super) fn new(api: Api, repository: Repository) -> Self {
        GitHub { api, repository }
    }

    fn below(&self, rest: &[&str]) -> String {
        path(&[&["repos", &self.repository.owner, &self.repository.name][..], rest].concat())
    }

    fn list_request(&self, sides: Option<(&BranchName, &BranchName)>, page: u32) -> Request {
        let mut request = Request::get(self.below(&["pulls"])).with("state", "open");
        if let Some((head, base)) = sides {
            // Without the owner the filter is ignored, and the answer is every open pull request.
            request = request.with("head", format!("{}:{head}", self.repository.owner)).with("base", base.as_str());
        }
        request.with("per_page", PAGE.to_string()).with("page", page.to_string())
    }

    fn create_request(&self, wanted: &NewPullRequest) -> Request {
        let body = json!({
            "title": wanted.title,
            "body": wanted.body,
            "head": wanted.head.as_str(),
            "base": wanted.base.as_str(),
            "draft": wanted.draft,
        });
        Request::new(Method::Post, self.below(&["pulls"])).json(body)
    }

    fn update_request(&self, number: u64, wanted: &NewPullRequest) -> Request {
        let body = json!({"title": wanted.title, "body": wanted.body});
        Request::new(Method::Patch, self.below(&["pulls", &number.to_string()])).json(body)
    }

    fn reviewers_request(&self, number: u64, names: &[String]) -> Request {
        // `organisation/team` is a team, which is known by its own name alone.
        let team = |name: &String| name.split_once('/').map(|(_, team)| team.to_owned());
        let teams: Vec<String> = names.iter().filter_map(team).collect();
        let people: Vec<&String> = names.iter().filter(|name| !name.contains('/')).collect();
        let body = json!({"reviewers": people, "team_reviewers": teams});
        Request::new(Method::Post, self.below(&["pulls", &number.to_string(), "requested_reviewers"])).json(body)
    }

    fn understand(&self, wire: Wire) -> Option<PullRequest> {
        let id = |side: &Side| side.repo.as_ref().map(|repository| repository.id);
        let owner = &self.repository.owner;
        let teams = wire.requested_teams.unwrap_or_default().into_iter().map(|team| format!("{owner}/{}", team.slug));
        let people = wire.requested_reviewers.unwrap_or_default().into_iter().map(|user| user.login);
        Some(PullRequest {
            number: wire.number,
            url: wire.html_url,
            title: wire.title,
            body: wire.body.unwrap_or_default(),
            draft: wire.draft.unwrap_or(false),
            head: BranchName::parse(&wire.head.name).ok()?,
            base: BranchName::parse(&wire.base.name).ok()?,
            state: match wire.state.as_str() {
                "open" => State::Open,
                _ if wire.merged_at.is_some() => State::Merged,
                _ => State::Closed,
            },
            author: wire.user.map(|user| user.login),
            merged_by: wire.merged_by.map(|user| user.login),
            reviewers: people.chain(teams).collect(),
            labels: wire.labels.unwrap_or_default().into_iter().map(|label| label.name).collect(),
            head_commit: wire.head.sha.as_deref().and_then(CommitId::parse),
            same_repository: id(&wire.head).is_some() && id(&wire.head) == id(&wire.base),
            version: None,
        })
    }

    fn pull_request(&self, body: Value, doing: &str) -> Result<PullRequest> {
        let wire: Wire = self.api.read(body, doing)?;
        self.understand(wire).ok_or_else(|| self.api.garbled(doing, "its branches can't be read").into())
    }

    fn refusal(&self, answer: &Answer, wanted: &NewPullRequest, doing: &str) -> Error {
        let said = self.api.said(answer);
        let (head, base) = (wanted.head.clone(), wanted.base.clone());
        if said.contains("A pull request already exists") {
            return Error::Duplicate { head, base, number: None };
        }
        if said.contains("No commits between") {
            return Error::Nothing { head, base };
        }
        let invalid = |field: &str| {
            let errors = answer.body["errors"].as_array();
            errors.is_some_and(|all| all.iter().any(|one| one["field"] == field && one["code"] == "invalid"))
        };
        for (field, branch) in [("head", &head), ("base", &base)] {
            if invalid(field) {
                let said = format!("there is no branch {branch}");
                return self.api.not_found(doing, said).into();
            }
        }
        self.api.rejected(answer, doing).into()
    }
}

impl PullRequests for GitHub {
    fn list(&self, sides: Option<(&BranchName, &BranchName)>) -> Result<Vec<PullRequest>> {
        let doing = "list the pull requests";
        let found = pages(
            &self.api,
            self.list_request(sides, 1),
            doing,
            |answer| {
                let wires: Vec<Wire> = self.api.read(answer.body.clone(), doing)?;
                Ok(wires.into_iter().map(|wire| self.understand(wire)).collect())
            },
            |answer, count, page| answer.has_next.unwrap_or(count >= PAGE).then(|| self.list_request(sides, page + 1)),
        )?;
        Ok(found.into_iter().flatten().collect())
    }

    fn read(&self, number: u64) -> Result<PullRequest> {
        let doing = format!("read pull request {number}");
        let request = Request::get(self.below(&["pulls", &number.to_string()]));
        self.pull_request(self.api.fetch(&request, &doing)?.body, &doing)
    }

    fn create(&self, wanted: &NewPullRequest) -> Result<PullRequest> {
        let doing = "open a pull request";
        let answer = self.api.call(&self.create_request(wanted), doing)?;
        match answer.status {
            200..=299 => self.pull_request(answer.body, doing),
            _ => Err(self.refusal(&answer, wanted, doing)),
        }
    }

    fn update(&self, current: &PullRequest, wanted: &NewPullRequest) -> Result<PullRequest> {
        let doing = format!("update pull request {}", current.number);
        let answer = self.api.call(&self.update_request(current.number, wanted), &doing)?;
        match answer.status {
            200..=299 => self.pull_request(answer.body, &doing),
            409 => Err(Error::Stale { number: current.number }),
            _ => Err(self.refusal(&answer, wanted, &doing)),
        }
    }
}

impl Reviewers for GitHub {
    fn ask(&self, current: &PullRequest, names: &[String]) -> Result<Vec<String>> {
        // Whoever has answered is not among the requested any more; asking again would take the answer back.
        let number = current.number.to_string();
        let request = Request::get(self.below(&["pulls", &number, "reviews"])).with("per_page", PAGE.to_string());
        let reviews = self.api.fetch(&request, "read the reviews")?.body;
        let author = |review: &Value| review["user"]["login"].as_str().map(str::to_owned);
        let answered: Vec<String> = reviews.as_array().into_iter().flatten().filter_map(author).collect();
        let asked = missing(&answered, names);
        if !asked.is_empty() {
            let answer = self.api.call(&self.reviewers_request(current.number, &asked), "ask for a review")?;
            if !(200..300).contains(&answer.status) {
                let hint = "a reviewer is a user's login or ORGANISATION/TEAM, and may read the repository";
                return Err(Error::Reviewers { names: asked, said: self.api.said(&answer), hint });
            }
        }
        Ok(asked)
    }
}

impl Labels for GitHub {
    fn label(&self, current: &PullRequest, names: &[String]) -> Result<Vec<String>> {
        // Longer names are refused; a label that is not there is made.
        let (fitting, long): (Vec<_>, Vec<_>) = names.iter().cloned().partition(|name| name.chars().count() <= 50);
        if !fitting.is_empty() {
            let path = self.below(&["issues", &current.number.to_string(), "labels"]);
            self.api.fetch(&Request::new(Method::Post, path).json(json!({"labels": fitting})), "add labels")?;
        }
        Ok(long)
    }
}

impl Settings for GitHub {
    fn settings(&self, base: &BranchName) -> Result<RepositorySettings> {
        let doing = "read the settings";
        let repository = self.api.fetch(&Request::get(self.below(&[])), doing)?.body;
        let branch = perhaps(self.api.fetch(&Request::get(self.below(&["branches", base.as_str()])), doing))?;
        let rules = Request::get(self.below(&["rules", "branches", base.as_str()])).with("per_page", PAGE.to_string());
        let rules = perhaps(self.api.fetch(&rules, doing))?;
        Ok(settings_from(&repository, branch.as_ref(), rules.as_ref()))
    }
}

/// The settings of a repository, a branch and the rules for it; a token without write access sees fewer fields.
fn settings_from(repository: &Value, branch: Option<&Value>, rules: Option<&Value>) -> RepositorySettings {
    let flag = |name: &str| repository[name].as_bool();
    let rules: Vec<&Value> = rules.and_then(Value::as_array).into_iter().flatten().collect();
    let of = |kind: &str| rules.iter().find(|rule| rule["type"] == kind);
    let reviews = of("pull_request").map(|rule| &rule["parameters"]);
    let allowed = reviews.and_then(|rule| rule["allowed_merge_methods"].as_array());
    let may = |method: &str, flag: Option<bool>| match allowed {
        Some(methods) if !methods.iter().any(|one| one == method) => Some(false),
        _ => flag,
    };
    let linear = of("required_linear_history").is_some();
    RepositorySettings {
        merge_commits: if linear { Some(false) } else { may("merge", flag("allow_merge_commit")) },
        squash: may("squash", flag("allow_squash_merge")),
        rebase: may("rebase", flag("allow_rebase_merge")),
        // The button never does that.
        fast_forward: Some(false),
        semi_linear: Some(false),
        deletes_head_branch: flag("delete_branch_on_merge"),
        keeps_approvals: reviews.and_then(|rule| rule["dismiss_stale_reviews_on_push"].as_bool()).map(|gone| !gone),
        base_protected: branch.and_then(|branch| branch["protected"].as_bool()).map(|on| on || !rules.is_empty()),
        // A protected branch can't be deleted here, and the others are told of already.
        base_deletable: None,
    }
}

impl Statuses for GitHub {
    fn set_status(&self, commit: CommitId, status: &CommitStatus) -> Result<()> {
        let state = match status.state {
            BuildState::Running => "pending",
            BuildState::Succeeded => "success",
            BuildState::Failed => "failure",
        };
        let description: String = status.description.chars().take(140).collect();
        let body = json!({"state": state, "context": status.key, "description": description, "target_url": status.url});
        let path = self.below(&["statuses", &commit.to_string()]);
        self.api.fetch(&Request::new(Method::Post, path).json(body), "set the status of a commit")?;
        Ok(())
    }
}

impl Forge for GitHub {
    fn kind(&self) -> ForgeKind {
        ForgeKind::GitHub
    }
    fn reviewers(&self) -> Taken<'_, dyn Reviewers> {
        Taken::Apart(self)
    }
    fn labels(&self) -> Taken<'_, dyn Labels> {
        Taken::Apart(self)
    }
    fn changes_drafts(&self) -> bool {
        // Only GraphQL can.
        false
    }
}

#[cfg(test)]
mod tests;
