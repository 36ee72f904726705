//! Bitbucket Data Center, and Bitbucket Server before it.

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
use super::restrictions::{Restriction, matches_datacenter, restricted};
use crate::domain::name::{BranchName, CommitId};
use crate::http::percent::path;
use crate::http::{self, Answer, Api, Method, Request, pages};

const PAGE: &str = "100";

/// A repository on Bitbucket Data Center.
pub(super) struct BitbucketDatacenter {
    api: Api,
    repository: Repository,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    values: Vec<Value>,
    #[serde(default)]
    is_last_page: Option<bool>,
    #[serde(default)]
    next_page_start: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    id: u64,
    version: u64,
    title: String,
    #[serde(default)]
    description: Option<String>,
    state: String,
    #[serde(default)]
    draft: Option<bool>,
    from_ref: WireRef,
    to_ref: WireRef,
    #[serde(default)]
    author: Option<Participant>,
    #[serde(default)]
    reviewers: Vec<Participant>,
    #[serde(default)]
    links: Links,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRef {
    id: String,
    #[serde(default)]
    latest_commit: Option<String>,
    repository: WireRepository,
}

#[derive(Deserialize)]
struct WireRepository {
    slug: String,
    project: Project,
}

#[derive(Deserialize)]
struct Project {
    key: String,
}

#[derive(Deserialize)]
struct Participant {
    user: User,
}

#[derive(Deserialize)]
struct User {
    name: String,
}

#[derive(Deserialize, Default)]
struct Links {
    #[serde(default, rename = "self")]
    own: Vec<Link>,
}

#[derive(Deserialize)]
struct Link {
    href: String,
}

impl BitbucketDatacenter {
    pub(super) fn new(api: Api, repository: Repository) -> Self {
        BitbucketDatacenter { api, repository }
    }

    fn below(&self, rest: &[&str]) -> String {
        let Repository { owner, name } = &self.repository;
        path(&[&["api", "latest", "projects", owner, "repos", name][..], rest].concat())
    }

    /// The open ones, of one head branch if it is named.
    fn list_request(&self, head: Option<&BranchName>, start: u64) -> Request {
        let request = Request::get(self.below(&["pull-requests"])).with("state", "OPEN");
        let request = match head {
            Some(head) => request.with("direction", "OUTGOING").with("at", head.full()),
            None => request.with("direction", "INCOMING"),
        };
        request.with("limit", PAGE).with("start", start.to_string())
    }

    fn restrictions_request(&self, start: u64) -> Request {
        let Repository { owner, name } = &self.repository;
        let path = path(&["branch-permissions", "latest", "projects", owner, "repos", name, "restrictions"]);
        Request::get(path).with("limit", PAGE).with("start", start.to_string())
    }

    /// What is forbidden on a branch.
    fn restrictions(&self, branch: &BranchName) -> http::Result<Vec<Restriction>> {
        let doing = "read the branch permissions";
        let mut last = 0;
        pages(
            &self.api,
            self.restrictions_request(0),
            doing,
            |answer| {
                let page: Page = self.api.read(answer.body.clone(), doing)?;
                let wires = page.values.into_iter().map(|value| self.api.read::<WireRestriction>(value, doing));
                wires.map(|wire| wire.map(|wire| wire.about(branch))).collect()
            },
            |answer, _, _| {
                last = next_start(answer, last)?;
                Some(self.restrictions_request(last))
            },
        )
    }

    fn create_request(&self, wanted: &NewPullRequest) -> Request {
        let Repository { owner, name } = &self.repository;
        let reference =
            |branch: &BranchName| json!({"id": branch.full(), "repository": {"slug": name, "project": {"key": owner}}});
        let mut body = json!({
            "title": wanted.title,
            "description": wanted.body,
            "fromRef": reference(&wanted.head),
            "toRef": reference(&wanted.base),
            "reviewers": reviewers(&wanted.reviewers),
        });
        if wanted.draft {
            // Servers before 8.18 know no drafts.
            body["draft"] = json!(true);
        }
        Request::new(Method::Post, self.below(&["pull-requests"])).json(body)
    }

    fn update_request(&self, current: &PullRequest, wanted: &NewPullRequest) -> Request {
        let mut names = current.reviewers.clone();
        names.extend(missing(&current.reviewers, &wanted.reviewers));
        let mut body = json!({
            "version": current.version,
            "title": wanted.title,
            "description": wanted.body,
            // Those who are left out are taken off.
            "reviewers": reviewers(&names),
        });
        if current.draft != wanted.draft {
            body["draft"] = json!(wanted.draft);
        }
        Request::new(Method::Put, self.below(&["pull-requests", &current.number.to_string()])).json(body)
    }

    fn pull_request(&self, body: Value, doing: &str) -> Result<PullRequest> {
        let wire: Wire = self.api.read(body, doing)?;
        from_wire(wire).ok_or_else(|| self.api.garbled(doing, "its branches can't be read").into())
    }

    /// The error that an answer to a create or an update means.
    fn refusal(&self, answer: &Answer, wanted: &NewPullRequest, number: Option<u64>, doing: &str) -> Error {
        let first = &answer.body["errors"][0];
        let exception = first["exceptionName"].as_str().unwrap_or_default();
        let is = |name: &str| exception.ends_with(name);
        let (head, base) = (wanted.head.clone(), wanted.base.clone());
        match number {
            _ if is("DuplicatePullRequestException") => {
                Error::Duplicate { head, base, number: first["existingPullRequest"]["id"].as_u64() }
            }
            _ if is("EmptyPullRequestException") => Error::Nothing { head, base },
            _ if is("InvalidPullRequestReviewersException") || !first["reviewerErrors"].is_null() => Error::Reviewers {
                names: wanted.reviewers.clone(),
                said: self.api.said(answer),
                hint: "a reviewer is the name by which they log in to Bitbucket, and may read the repository",
            },
            Some(number) if is("PullRequestOutOfDateException") => Error::Stale { number },
            Some(number) if is("IllegalPullRequestStateException") => Error::NotOpen { number },
            // An older or a newer server may name it otherwise; the pull request is read again before the next try.
            Some(number) if answer.status == 409 && exception.is_empty() => Error::Stale { number },
            _ => self.api.rejected(answer, doing).into(),
        }
    }
}

fn reviewers(names: &[String]) -> Value {
    names.iter().map(|name| json!({"user": {"name": name}})).collect()
}

fn from_wire(wire: Wire) -> Option<PullRequest> {
    let branch = |reference: &WireRef| BranchName::parse(reference.id.strip_prefix("refs/heads/")?).ok();
    let (from, to) = (&wire.from_ref.repository, &wire.to_ref.repository);
    let same = from.slug == to.slug && from.project.key == to.project.key;
    Some(PullRequest {
        number: wire.id,
        url: wire.links.own.first().map(|link| link.href.clone()).unwrap_or_default(),
        title: wire.title,
        body: wire.description.unwrap_or_default(),
        draft: wire.draft.unwrap_or(false),
        head: branch(&wire.from_ref)?,
        base: branch(&wire.to_ref)?,
        state: match wire.state.as_str() {
            "OPEN" => State::Open,
            "MERGED" => State::Merged,
            _ => State::Closed,
        },
        author: wire.author.map(|author| author.user.name),
        merged_by: None,
        reviewers: wire.reviewers.into_iter().map(|reviewer| reviewer.user.name).collect(),
        labels: Vec::new(),
        head_commit: wire.from_ref.latest_commit.as_deref().and_then(CommitId::parse),
        same_repository: same,
        version: Some(wire.version),
    })
}

impl PullRequests for BitbucketDatacenter {
    fn list(&self, sides: Option<(&BranchName, &BranchName)>) -> Result<Vec<PullRequest>> {
        // It is asked for the head alone; the base is looked at afterwards.
        let head = sides.map(|(head, _)| head);
        let doing = "list the pull requests";
        let mut last = 0;
        Ok(pages(
            &self.api,
            self.list_request(head, 0),
            doing,
            |answer| {
                let page: Page = self.api.read(answer.body.clone(), doing)?;
                let wires = page.values.into_iter().map(|value| self.api.read::<Wire>(value, doing));
                // One whose branch has a name that Git forbids is none of ours.
                wires.filter_map(|wire| wire.map(from_wire).transpose()).collect()
            },
            |answer, _, _| {
                last = next_start(answer, last)?;
                Some(self.list_request(head, last))
            },
        )?)
    }

    fn read(&self, number: u64) -> Result<PullRequest> {
        let doing = format!("read pull request {number}");
        let request = Request::get(self.below(&["pull-requests", &number.to_string()]));
        self.pull_request(self.api.fetch(&request, &doing)?.body, &doing)
    }

    fn create(&self, wanted: &NewPullRequest) -> Result<PullRequest> {
        let doing = "open a pull request";
        let answer = self.api.call(&self.create_request(wanted), doing)?;
        match answer.status {
            200..=299 => self.pull_request(answer.body, doing),
            _ => Err(self.refusal(&answer, wanted, None, doing)),
        }
    }

    fn update(&self, current: &PullRequest, wanted: &NewPullRequest) -> Result<PullRequest> {
        let doing = format!("update pull request {}", current.number);
        let answer = self.api.call(&self.update_request(current, wanted), &doing)?;
        match answer.status {
            200..=299 => self.pull_request(answer.body, &doing),
            _ => Err(self.refusal(&answer, wanted, Some(current.number), &doing)),
        }
    }
}

impl Settings for BitbucketDatacenter {
    fn settings(&self, base: &BranchName) -> Result<RepositorySettings> {
        let request = Request::get(self.below(&["settings", "pull-requests"]));
        let body = perhaps(self.api.fetch(&request, "read the settings"))?;
        let known = body.map(|body| settings_from(&body)).unwrap_or_default();
        // These are for administrators of the repository alone.
        let restrictions = if_allowed(self.restrictions(base))?;
        let of = |kinds: &[&str]| restrictions.as_deref().and_then(|all| restricted(all, kinds));
        Ok(RepositorySettings {
            base_protected: of(&["read-only", "pull-request-only"]),
            base_deletable: of(&["read-only", "no-deletes"]).map(|kept| !kept),
            ..known
        })
    }
}

/// Where the page after an answer begins, if there is one; a server that pages in a circle comes to no other page.
fn next_start(answer: &Answer, last: u64) -> Option<u64> {
    let page: Page = serde_json::from_value(answer.body.clone()).ok()?;
    page.next_page_start.filter(|next| page.is_last_page == Some(false) && *next > last)
}

/// One of the "branch permissions", those of the project among them.
#[derive(Deserialize)]
struct WireRestriction {
    r#type: String,
    matcher: Matcher,
}

#[derive(Deserialize)]
struct Matcher {
    #[serde(default)]
    id: String,
    r#type: MatcherType,
}

#[derive(Deserialize)]
struct MatcherType {
    id: String,
}

impl WireRestriction {
    fn about(self, branch: &BranchName) -> Restriction {
        let Matcher { id, r#type } = self.matcher;
        let applies = match r#type.id.as_str() {
            "ANY_REF" => Some(true),
            "BRANCH" => Some(id == branch.full()),
            "PATTERN" => Some(matches_datacenter(&id, branch)),
            _ => None,
        };
        Restriction { kind: self.r#type, applies }
    }
}

/// The strategies are `no-ff`, `ff`, `ff-only`, `rebase-no-ff`, `rebase-ff-only`, `squash` and `squash-ff-only`.
fn settings_from(body: &Value) -> RepositorySettings {
    let strategies = body["mergeConfig"]["strategies"].as_array();
    let enabled = |ids: &[&str]| {
        let on = |strategy: &Value| {
            strategy["enabled"].as_bool().unwrap_or(true) && strategy["id"].as_str().is_some_and(|id| ids.contains(&id))
        };
        strategies.map(|strategies| strategies.iter().any(on))
    };
    RepositorySettings {
        merge_commits: enabled(&["no-ff", "ff", "rebase-no-ff"]),
        squash: enabled(&["squash", "squash-ff-only"]),
        rebase: enabled(&["rebase-no-ff", "rebase-ff-only"]),
        fast_forward: enabled(&["ff", "ff-only"]),
        semi_linear: strategies.map(|_| false),
        // There is no such setting: whoever merges ticks a box, or not.
        deletes_head_branch: None,
        keeps_approvals: body["unapproveOnUpdate"].as_bool().map(|withdrawn| !withdrawn),
        ..RepositorySettings::default()
    }
}

impl Statuses for BitbucketDatacenter {
    fn set_status(&self, commit: CommitId, status: &CommitStatus) -> Result<()> {
        let state = match status.state {
            BuildState::Running => "INPROGRESS",
            BuildState::Succeeded => "SUCCESSFUL",
            BuildState::Failed => "FAILED",
        };
        let body = json!({"state": state, "key": status.key, "name": status.key, "description": status.description, "url": status.url});
        let path = path(&["build-status", "1.0", "commits", &commit.to_string()]);
        self.api.fetch(&Request::new(Method::Post, path).json(body), "set the status of a commit")?;
        Ok(())
    }
}

impl Forge for BitbucketDatacenter {
    fn kind(&self) -> ForgeKind {
        ForgeKind::BitbucketDatacenter
    }
}

#[cfg(test)]
mod tests;
