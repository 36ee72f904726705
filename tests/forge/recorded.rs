//! Bodies that real forges sent, answered to relman as they are.
//!
//! They lie outside of the repository: `RELMAN_CONTRACT_DIR` names the folder above `recorded`.

use std::path::PathBuf;

use relman::domain::name::{BranchName, CommitId};
use relman::forge::{Error, ForgeKind, PullRequest, State};
use relman::http;

use super::sandbox::skip;
use super::server::{Fault, Reply};
use super::store::{COMMIT, Running};
use super::suite::{error_of, wanted};

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("RELMAN_CONTRACT_DIR").map(|folder| PathBuf::from(folder).join("recorded"));
    if folder.is_none() {
        skip("recorded", "answers are not read from recorded bodies, for RELMAN_CONTRACT_DIR is not set");
    }
    folder
}

fn reply(file: &str, status: u16) -> Option<Fault> {
    let body = String::from_utf8(std::fs::read(folder()?.join(file)).expect(file)).unwrap();
    Some(Fault::Answer(Reply { body, ..Reply::json(status, serde_json::Value::Null) }))
}

/// The pull request that a forge reads from a recorded body.
fn read(kind: ForgeKind, file: &str) -> Option<PullRequest> {
    let running = Running::start(kind);
    running.server.fault([reply(file, 200)?]);
    Some(running.forge().read(1).unwrap_or_else(|error| panic!("{file}: {error}")))
}

#[test]
fn single_pull_requests() {
    for (kind, file, expected) in [
        (
            ForgeKind::BitbucketDatacenter,
            "bitbucket-server/pr.json",
            "1 feature/x > master Open Updated Files by jcitizen",
        ),
        (
            ForgeKind::BitbucketDatacenter,
            "bitbucket-server/pr_iso_dates.json",
            "1 feature/x > master Open Updated Files by jcitizen",
        ),
        (
            ForgeKind::BitbucketCloud,
            "bitbucket-cloud/pr.json",
            "4982 Lachlan-Vass/ios-date-picker-component-duplicate-marc-1579222909688 > master Open \
             IOS date picker component duplicate March issue by Lachlan",
        ),
        (ForgeKind::GitHub, "github/pr.json", "1347 new-topic > master Open new-feature by octocat"),
        (ForgeKind::GitLab, "gitlab/merge.json", "1 fix > master Closed JS fix by dblessing"),
        (ForgeKind::Gitea, "gitea/pr.json", "1 feature > master Open Add License File by jcitizen"),
        (ForgeKind::Forgejo, "gitea/pr.json", "1 feature > master Open Add License File by jcitizen"),
    ] {
        let Some(found) = read(kind, file) else { return };
        let said = format!(
            "{} {} > {} {:?} {} by {}",
            found.number,
            found.head,
            found.base,
            found.state,
            found.title,
            found.author.unwrap_or_default()
        );
        assert_eq!(said, expected, "{file}");
        assert!(found.url.starts_with("http"), "{file}: {}", found.url);
        eprintln!("{file}: {said}");
    }
    let fork = read(ForgeKind::BitbucketCloud, "bitbucket-cloud/pr.json").unwrap();
    assert!(!fork.same_repository);
}

#[test]
fn lists() {
    for (kind, file) in [
        (ForgeKind::BitbucketDatacenter, "bitbucket-server/prs.json"),
        (ForgeKind::BitbucketCloud, "bitbucket-cloud/prs.json"),
        (ForgeKind::GitHub, "github/pulls.json"),
        (ForgeKind::GitLab, "gitlab/merges.json"),
        (ForgeKind::Gitea, "gitea/prs.json"),
    ] {
        let Some(fault) = reply(file, 200) else { return };
        let running = Running::start(kind);
        running.server.fault([fault]);
        let found = running.forge().list_open().unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(found.iter().all(|pull| pull.state == State::Open && pull.same_repository), "{file}");
        eprintln!("{file}: {} open", found.len());
    }
}

#[test]
fn lists_of_a_commit() {
    let commit = CommitId::parse(COMMIT).unwrap();
    for (kind, file) in [
        (ForgeKind::BitbucketDatacenter, "bitbucket-server/prs.json"),
        (ForgeKind::GitHub, "github/pulls.json"),
        (ForgeKind::GitLab, "gitlab/merges.json"),
        (ForgeKind::Gitea, "gitea/pr.json"),
    ] {
        let Some(fault) = reply(file, 200) else { return };
        let running = Running::start(kind);
        running.server.fault([fault]);
        let found = running.forge().bringing(commit).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(!found.is_empty() && found.iter().all(|pull| pull.author.is_some()), "{file}: {found:?}");
    }
}

#[test]
fn errors() {
    for (kind, file, said) in [
        (ForgeKind::BitbucketDatacenter, "bitbucket-server/error.json", "Project dev does not exist."),
        (ForgeKind::BitbucketCloud, "bitbucket-cloud/error.json", "Repository dev/null not found"),
        (ForgeKind::GitHub, "github/error.json", "Not Found"),
    ] {
        let Some(fault) = reply(file, 404) else { return };
        let running = Running::start(kind);
        running.server.fault([fault]);
        let error = error_of(running.forge().create(&wanted()));
        assert!(
            matches!(error, Error::Http(http::Error::NotFound { .. })) && error.to_string().contains(said),
            "{error}"
        );
    }
}

#[test]
fn settings() {
    let base = BranchName::parse("environment/prod").unwrap();
    for (kind, file) in [
        (ForgeKind::GitHub, "github/repo.json"),
        (ForgeKind::GitLab, "gitlab/repo.json"),
        (ForgeKind::Gitea, "gitea/repo.json"),
        (ForgeKind::BitbucketCloud, "bitbucket-cloud/branch.json"),
    ] {
        let Some(fault) = reply(file, 200) else { return };
        let running = Running::start(kind);
        running.server.fault([fault]);
        let known = running.forge().settings(&base).unwrap_or_else(|error| panic!("{file}: {error}"));
        eprintln!("{file}: {known:?}");
    }
}
