//! Bitbucket Cloud, at bitbucket.org: requests and answers.

mod origin;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Result;
use super::capability::{Forge, PullRequests, Settings, Statuses, if_allowed, perhaps};
use super::error::Error;
use super::kind::ForgeKind;
use super::locate::Repository;
use super::open::missing;
use super::pull_request::{BuildState, CommitStatus, NewPullRequest, PullRequest, RepositorySettings, State};
use super::restrictions::{Restriction, matches_cloud, restricted};
use crate::domain::name::{BranchName, CommitId};
use crate::http::percent::path;
use crate::http::{self, Answer, Api, Method, Request, pages};

const PAGE: &str = "50";

/// A repository on Bitbucket Cloud.
pub(super) struct BitbucketCloud {
    api: Api,
    repository: Repository,
}

#[derive(Deserialize)]
struct Wire {
    id: u64,
    title: String,
    #[serde(default)]
    description: Option<String>,
    state: String,
    #[serde(default)]
    draft: Option<bool>,
    source: Side,
    destination: Side,
    #[serde(default)]
    author: Option<Account>,
    #[serde(default)]
    closed_by: Option<Account>,
    #[serde(default)]
    reviewers: Option<Vec<Account>>,
    #[serde(default)]
    links: Links,
}

#[derive(Deserialize)]
struct Side {
    branch: Branch,
    #[serde(default)]
    commit: Option<Commit>,
    /// Null where the fork is gone.
    #[serde(default)]
    repository: Option<WireRepository>,
}

#[derive(Deserialize)]
struct Branch {
    name: String,
}

#[derive(Deserialize)]
struct Commit {
    #[serde(default)]
    hash: String,
}

#[derive(Deserialize)]
struct WireRepository {
    full_name: String,
}

#[derive(Deserialize)]
struct Account {
    #[serde(default)]
    uuid: Option<String>,
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    nickname: Option<String>,
}

#[derive(Deserialize, Default)]
struct Links {
    #[serde(default)]
    html: Option<Link>,
}

#[derive(Deserialize)]
struct Link {
    href: String,
}

impl BitbucketCloud {
    pub(super) fn new(api: Api, repository: Repository) -> Self {
        BitbucketCloud { api, repository }
    }

    fn below(&self, rest: &[&str]) -> String {
        path(&[&["repositories", &self.repository.owner, &self.repository.name][..], rest].concat())
    }

    fn list_request(&self, sides: Option<(&BranchName, &BranchName)>, page: u32) -> Request {
        let filter = match sides {
            Some((head, base)) => format!(
                "source.branch.name={} AND destination.branch.name={} AND state=\"OPEN\"",
                quoted(head.as_str()),
                quoted(base.as_str())
            ),
            None => "state=\"OPEN\"".into(),
        };
        let request = Request::get(self.below(&["pullrequests"]));
        request.with("q", filter).with("pagelen", PAGE).with("page", page.to_string())
    }

    fn restrictions_request(&self, page: u32) -> Request {
        let request = Request::get(self.below(&["branch-restrictions"]));
        request.with("pagelen", PAGE).with("page", page.to_string())
    }

    /// What is forbidden on a branch.
    fn restrictions(&self, branch: &BranchName) -> http::Result<Vec<Restriction>> {
        let doing = "read the branch restrictions";
        pages(
            &self.api,
            self.restrictions_request(1),
            doing,
            |answer| {
                let wires = self.values(answer, doing)?.into_iter();
                wires.map(|value| Ok(self.api.read::<WireRestriction>(value, doing)?.about(branch))).collect()
            },
            |answer, count, page| has_next(answer, count).then(|| self.restrictions_request(page + 1)),
        )
    }

    /// The items on a page.
    fn values(&self, answer: &Answer, doing: &str) -> http::Result<Vec<Value>> {
        let values = answer.body["values"].as_array().cloned();
        values.ok_or_else(|| self.api.garbled(doing, "it holds no list"))
    }

    fn create_request(&self, wanted: &NewPullRequest) -> Request {
        let mut body = json!({
            "title": wanted.title,
            "description": wanted.body,
            "source": {"branch": {"name": wanted.head.as_str()}},
            "destination": {"branch": {"name": wanted.base.as_str()}},
            "close_source_branch": false,
            "reviewers": reviewers(&wanted.reviewers),
        });
        if wanted.draft {
            body["draft"] = json!(true);
        }
        Request::new(Method::Post, self.below(&["pullrequests"])).json(body)
    }

    fn update_request(&self, current: &PullRequest, wanted: &NewPullRequest) -> Request {
        let mut names = current.reviewers.clone();
        names.extend(missing(&current.reviewers, &wanted.reviewers));
        let body = json!({
            "title": wanted.title,
            "description": wanted.body,
            "destination": {"branch": {"name": wanted.base.as_str()}},
            "close_source_branch": false,
            "draft": wanted.draft,
            "reviewers": reviewers(&names),
        });
        Request::new(Method::Put, self.below(&["pullrequests", &current.number.to_string()])).json(body)
    }

    fn pull_request(&self, body: Value, doing: &str) -> Result<PullRequest> {
        let wire: Wire = self.api.read(body, doing)?;
        from_wire(wire).ok_or_else(|| self.api.garbled(doing, "its branches can't be read").into())
    }

    fn refusal(&self, answer: &Answer, wanted: &NewPullRequest, doing: &str) -> Error {
        let said = self.api.said(answer);
        let lower = said.to_lowercase();
        let (head, base) = (wanted.head.clone(), wanted.base.clone());
        let fields = &answer.body["error"]["fields"];
        if lower.contains("already") && lower.contains("pull request") {
            return Error::Duplicate { head, base, number: None };
        }
        if lower.contains("no changes to be pulled") {
            return Error::Nothing { head, base };
        }
        if !fields["reviewers"].is_null() || lower.contains("reviewer") {
            return reviewers_refused(&wanted.reviewers, said);
        }
        if lower.contains("branch not found") {
            return self.api.not_found(doing, said).into();
        }
        self.api.rejected(answer, doing).into()
    }
}

/// Whether there is a page after this one. Its address is not followed, since a token goes with it: its number is enough.
fn has_next(answer: &Answer, count: usize) -> bool {
    answer.body["next"].is_string() && count > 0
}

fn reviewers_refused(names: &[String], said: String) -> Error {
    Error::Reviewers {
        names: names.to_vec(),
        said,
        hint: "Bitbucket Cloud knows a reviewer by an id in braces, as the account's page or `/2.0/users` shows it",
    }
}

/// A text as a string of the query language.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn reviewers(ids: &[String]) -> Value {
    ids.iter().map(|id| json!({"uuid": id})).collect()
}

/// Bitbucket Cloud takes no names, for people may change them.
fn check_reviewers(names: &[String]) -> Result<()> {
    let bad: Vec<String> =
        names.iter().filter(|name| !(name.starts_with('{') && name.ends_with('}'))).cloned().collect();
    if bad.is_empty() { Ok(()) } else { Err(reviewers_refused(&bad, String::new())) }
}

fn from_wire(wire: Wire) -> Option<PullRequest> {
    let name = |account: Account| account.nickname.or(account.display_name);
    let of = |side: &Side| side.repository.as_ref().map(|repository| repository.full_name.clone());
    let same_repository = of(&wire.source).is_some() && of(&wire.source) == of(&wire.destination);
    let state = match wire.state.as_str() {
        "OPEN" => State::Open,
        "MERGED" => State::Merged,
        _ => State::Closed,
    };
    Some(PullRequest {
        number: wire.id,
        url: wire.links.html.map(|link| link.href).unwrap_or_default(),
        title: wire.title,
        body: wire.description.unwrap_or_default(),
        draft: wire.draft.unwrap_or(false),
        head: BranchName::parse(&wire.source.branch.name).ok()?,
        base: BranchName::parse(&wire.destination.branch.name).ok()?,
        state,
        author: wire.author.and_then(name),
        merged_by: wire.closed_by.filter(|_| state == State::Merged).and_then(name),
        reviewers: wire.reviewers.unwrap_or_default().into_iter().filter_map(|account| account.uuid).collect(),
        labels: Vec::new(),
        // Twelve digits only, here.
        head_commit: wire.source.commit.and_then(|commit| CommitId::parse(&commit.hash)),
        same_repository,
        version: None,
    })
}

impl PullRequests for BitbucketCloud {
    fn list(&self, sides: Option<(&BranchName, &BranchName)>) -> Result<Vec<PullRequest>> {
        let doing = "list the pull requests";
        Ok(pages(
            &self.api,
            self.list_request(sides, 1),
            doing,
            |answer| {
                let wires = self.values(answer, doing)?.into_iter();
                let wires = wires.map(|value| self.api.read::<Wire>(value, doing));
                wires.filter_map(|wire| wire.map(from_wire).transpose()).collect()
            },
            |answer, count, page| has_next(answer, count).then(|| self.list_request(sides, page + 1)),
        )?)
    }

    fn read(&self, number: u64) -> Result<PullRequest> {
        let doing = format!("read pull request {number}");
        let request = Request::get(self.below(&["pullrequests", &number.to_string()]));
        self.pull_request(self.api.fetch(&request, &doing)?.body, &doing)
    }

    fn create(&self, wanted: &NewPullRequest) -> Result<PullRequest> {
        check_reviewers(&wanted.reviewers)?;
        let doing = "open a pull request";
        let answer = self.api.call(&self.create_request(wanted), doing)?;
        match answer.status {
            200..=299 => self.pull_request(answer.body, doing),
            _ => Err(self.refusal(&answer, wanted, doing)),
        }
    }

    fn update(&self, current: &PullRequest, wanted: &NewPullRequest) -> Result<PullRequest> {
        check_reviewers(&wanted.reviewers)?;
        let doing = format!("update pull request {}", current.number);
        let answer = self.api.call(&self.update_request(current, wanted), &doing)?;
        match answer.status {
            200..=299 => self.pull_request(answer.body, &doing),
            409 => Err(Error::Stale { number: current.number }),
            _ => Err(self.refusal(&answer, wanted, &doing)),
        }
    }
}

impl Settings for BitbucketCloud {
    fn settings(&self, base: &BranchName) -> Result<RepositorySettings> {
        let doing = "read the settings";
        let request = Request::get(self.below(&["refs", "branches", base.as_str()]));
        let branch = perhaps(self.api.fetch(&request, doing))?;
        let known = branch.map(|body| settings_from(&body)).unwrap_or_default();
        // The rest is for administrators of the repository alone.
        let request = Request::get(self.below(&["branching-model", "settings"]));
        let model = perhaps(self.api.fetch(&request, doing))?;
        let restrictions = if_allowed(self.restrictions(base))?;
        let of = |kinds: &[&str]| restrictions.as_deref().and_then(|all| restricted(all, kinds));
        let resets = of(&["reset_pullrequest_approvals_on_change", "smart_reset_pullrequest_approvals"]);
        Ok(RepositorySettings {
            deletes_head_branch: model.and_then(|body| deletes_by_default(&body)),
            keeps_approvals: resets.map(|reset| !reset),
            base_protected: of(&["push"]),
            base_deletable: of(&["delete"]).map(|kept| !kept),
            ..known
        })
    }
}

/// Said as a text, not as a truth value.
fn deletes_by_default(model: &Value) -> Option<bool> {
    match &model["default_branch_deletion"] {
        Value::Bool(deletes) => Some(*deletes),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

#[derive(Deserialize)]
struct WireRestriction {
    kind: String,
    #[serde(default)]
    branch_match_kind: Option<String>,
    #[serde(default)]
    pattern: Option<String>,
}

impl WireRestriction {
    fn about(self, branch: &BranchName) -> Restriction {
        let by_pattern = self.branch_match_kind.as_deref().is_none_or(|kind| kind == "glob");
        let applies = by_pattern.then(|| matches_cloud(self.pattern.as_deref().unwrap_or_default(), branch));
        Restriction { kind: self.kind, applies }
    }
}

/// Which ways of merging a branch allows.
fn settings_from(body: &Value) -> RepositorySettings {
    let strategies = body["merge_strategies"].as_array();
    let has = |names: &[&str]| {
        strategies.map(|strategies| strategies.iter().any(|one| one.as_str().is_some_and(|one| names.contains(&one))))
    };
    RepositorySettings {
        merge_commits: has(&["merge_commit", "rebase_merge"]),
        squash: has(&["squash", "squash_fast_forward"]),
        rebase: has(&["rebase_fast_forward", "rebase_merge"]),
        fast_forward: has(&["fast_forward", "rebase_fast_forward"]),
        semi_linear: strategies.map(|_| false),
        ..RepositorySettings::default()
    }
}

impl Statuses for BitbucketCloud {
    fn set_status(&self, commit: CommitId, status: &CommitStatus) -> Result<()> {
        let state = match status.state {
            BuildState::Running => "INPROGRESS",
            BuildState::Succeeded => "SUCCESSFUL",
            BuildState::Failed => "FAILED",
        };
        // Keys longer than this are refused.
        let key: String = status.key.chars().take(40).collect();
        let body = json!({"state": state, "key": key, "name": status.key, "description": status.description, "url": status.url});
        let path = self.below(&["commit", &commit.to_string(), "statuses", "build"]);
        self.api.fetch(&Request::new(Method::Post, path).json(body), "set the status of a commit")?;
        Ok(())
    }
}

impl Forge for BitbucketCloud {
    fn kind(&self) -> ForgeKind {
        ForgeKind::BitbucketCloud
    }
}

#[cfg(test)]
mod tests;
