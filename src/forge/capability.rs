//! What a forge can do, in small pieces, and the door to all of them.

use super::Result;
use super::credentials::{Credential, fixes};
use super::error::Error;
use super::kind::ForgeKind;
use super::locate::Location;
use super::origin::Verdict;
use super::pull_request::{CommitStatus, NewPullRequest, PullRequest, RepositorySettings, State};
use super::{bitbucket_cloud, bitbucket_datacenter, gitea, github, gitlab};
use crate::domain::name::{BranchName, CommitId};
use crate::http::{self, Answer, Api, Network, Patience, Transport};

/// Opens, finds and changes pull requests.
pub trait PullRequests {
    /// The open ones, forks' among them where the forge lists those; between two branches where it can be asked so.
    fn list(&self, sides: Option<(&BranchName, &BranchName)>) -> Result<Vec<PullRequest>>;
    /// All that are open, of this repository's own branches.
    fn list_open(&self) -> Result<Vec<PullRequest>> {
        Ok(self.list(None)?.into_iter().filter(|found| found.same_repository && found.state == State::Open).collect())
    }
    /// The open one between two branches of this repository. What a forge filters is filtered again: one that ignores a
    /// filter would let relman write into a stranger's pull request.
    fn find_open(&self, head: &BranchName, base: &BranchName) -> Result<Option<PullRequest>> {
        let ours = |found: &PullRequest| {
            found.same_repository && found.state == State::Open && found.head == *head && found.base == *base
        };
        Ok(self.list(Some((head, base)))?.into_iter().find(ours))
    }
    /// The one with this number, whatever has become of it.
    fn read(&self, number: u64) -> Result<PullRequest>;
    /// Opens one. [`Error::Duplicate`] and [`Error::Nothing`] say that there is one, or nothing to do.
    fn create(&self, wanted: &NewPullRequest) -> Result<PullRequest>;
    /// Changes title, description and draft, and adds reviewers and labels where the same request does that.
    ///
    /// [`Error::Stale`] says that somebody else was faster.
    fn update(&self, current: &PullRequest, wanted: &NewPullRequest) -> Result<PullRequest>;
}

/// Asks people for a review, where that is a request of its own.
pub trait Reviewers {
    /// Asks those who neither are asked nor have answered, and returns whom it asked.
    fn ask(&self, current: &PullRequest, names: &[String]) -> Result<Vec<String>>;
}

/// Puts labels on a pull request, where that is a request of its own.
pub trait Labels {
    /// Adds labels, and returns those that the forge does not have.
    fn label(&self, current: &PullRequest, names: &[String]) -> Result<Vec<String>>;
}

/// Tells how a repository is set up.
pub trait Settings {
    /// The settings that matter for a pull request into `base`.
    fn settings(&self, base: &BranchName) -> Result<RepositorySettings>;
}

/// Shows beside a commit how its deployment went.
pub trait Statuses {
    /// Sets the status with this key, replacing an earlier one.
    fn set_status(&self, commit: CommitId, status: &CommitStatus) -> Result<()>;
}

/// Tells which pull request brought a commit, and who agreed to it.
pub trait Origins {
    /// The pull requests that a commit belongs to, those of other branches and open ones among them where the forge
    /// lists them.
    fn bringing(&self, commit: CommitId) -> Result<Vec<PullRequest>>;
    /// Who merged a pull request and who approved it, by the names that people see there.
    fn verdict(&self, pull: &PullRequest) -> Result<Verdict>;
}

/// How a forge takes a thing that not every forge has.
pub enum Taken<'a, T: ?Sized> {
    /// Not at all.
    Never,
    /// In the request that creates or updates.
    Within,
    /// By a request of its own.
    Apart(&'a T),
}

/// One repository on one forge.
pub trait Forge: PullRequests + Settings + Statuses + Origins {
    /// The kind of forge.
    fn kind(&self) -> ForgeKind;
    /// How it takes reviewers.
    fn reviewers(&self) -> Taken<'_, dyn Reviewers> {
        Taken::Within
    }
    /// How it takes labels.
    fn labels(&self) -> Taken<'_, dyn Labels> {
        Taken::Never
    }
    /// Whether a draft can be made ready, and the other way round.
    fn changes_drafts(&self) -> bool {
        true
    }
}

/// Opens the door to a forge, with a credential for it.
pub fn connect(location: &Location, credential: Option<&Credential>) -> Result<Box<dyn Forge>> {
    let patience = Patience::default();
    connect_with(location, credential, Box::new(Network::new(&location.web, &patience)), patience)
}

/// Like [`connect`], over a transport of one's own.
pub fn connect_with(
    location: &Location,
    credential: Option<&Credential>,
    transport: Box<dyn Transport>,
    patience: Patience,
) -> Result<Box<dyn Forge>> {
    let api = api(location, credential, transport, patience)?;
    let kind = location.kind;
    let repository = location.repository.clone();
    Ok(match kind {
        ForgeKind::BitbucketDatacenter => Box::new(bitbucket_datacenter::BitbucketDatacenter::new(api, repository)),
        ForgeKind::BitbucketCloud => Box::new(bitbucket_cloud::BitbucketCloud::new(api, repository)),
        ForgeKind::GitHub => Box::new(github::GitHub::new(api, repository)),
        ForgeKind::GitLab => Box::new(gitlab::GitLab::new(api, repository)),
        _ => Box::new(gitea::Gitea::new(api, repository, kind)),
    })
}

/// The API of a forge, for whoever asks it about something else than pull requests.
pub fn api(
    location: &Location,
    credential: Option<&Credential>,
    transport: Box<dyn Transport>,
    patience: Patience,
) -> Result<Api> {
    if credential.is_some() {
        // Whoever found it has asked already; a token that leaks once has leaked.
        location.may_get_token()?;
    }
    let kind = location.kind;
    let web = &location.web;
    let is = |host: &str| web.host == host;
    let (base, scheme, headers) = match kind {
        ForgeKind::BitbucketDatacenter => (format!("{web}/rest"), "Bearer", vec![("X-Atlassian-Token", "no-check")]),
        ForgeKind::BitbucketCloud if is("bitbucket.org") => ("https://api.bitbucket.org/2.0".into(), "Bearer", vec![]),
        ForgeKind::BitbucketCloud => (format!("{web}/2.0"), "Bearer", vec![]),
        ForgeKind::GitHub => {
            let base = match web.host.as_str() {
                "github.com" => "https://api.github.com".into(),
                host if host.ends_with(".ghe.com") => format!("https://api.{host}"),
                _ => format!("{web}/api/v3"),
            };
            (base, "Bearer", github::HEADERS.to_vec())
        }
        ForgeKind::GitLab => (format!("{web}/api/v4"), "Bearer", vec![]),
        ForgeKind::Gitea | ForgeKind::Forgejo => (format!("{web}/api/v1"), "token", vec![]),
        ForgeKind::Azure | ForgeKind::None => return Err(Error::NoApi { kind }),
    };
    let login = credential.map(|credential| credential.login.clone());
    let mut fixes = fixes(kind);
    if let Some(credential) = credential {
        fixes.insert(0, format!("the token came from {}", credential.source));
    }
    let host = web.authority();
    Ok(Api { service: kind.title(), base, host, login, scheme, headers, transport, patience, fixes })
}

/// A part of the settings that this token may not be allowed to see: then it is not known.
pub(super) fn perhaps(answer: http::Result<Answer>) -> http::Result<Option<serde_json::Value>> {
    if_allowed(answer.map(|answer| answer.body))
}

/// What was read, unless this token may not read it.
pub(super) fn if_allowed<T>(answer: http::Result<T>) -> http::Result<Option<T>> {
    use http::Error::{NotFound, Rejected, Unauthorised};
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Unauthorised { .. } | NotFound { .. } | Rejected { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
pub(super) mod tests;
