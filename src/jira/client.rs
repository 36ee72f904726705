//! One Jira with a login: each question and each deed by its name.

use std::time::Duration;

use super::answer::{Comment, Comments, Fields, Issue, Transition, Transitions, Version};
use super::error::fixes;
use super::request;
use super::site::Site;
use crate::domain::jira::{IssueKey, ProjectKey};
use crate::http::{Answer, Api, Login, Network, Patience, Request, Result, Transport};

/// How patient a conversation with Jira is: a deployment waits for it.
pub fn patience(limit: Duration) -> Patience {
    Patience {
        connect: limit.min(Duration::from_secs(5)),
        request: limit.min(Duration::from_secs(10)),
        attempts: 3,
        pause: Duration::from_millis(300),
        waiting: limit.min(Duration::from_secs(20)),
    }
}

/// A Jira that can be talked to.
#[derive(Debug)]
pub struct Jira {
    api: Api,
}

impl Jira {
    /// Connects over the network; no conversation takes longer than `limit` in all.
    pub fn connect(site: &Site, login: Login, limit: Duration) -> Self {
        let patience = patience(limit);
        Jira::connect_with(site, login, Box::new(Network::new(&site.web, &patience)), patience)
    }

    /// Connects through something that carries requests.
    pub fn connect_with(site: &Site, login: Login, transport: Box<dyn Transport>, patience: Patience) -> Self {
        Jira {
            api: Api {
                service: "Jira",
                base: format!("{}/rest/api/2", site.web),
                host: site.web.authority(),
                login: Some(login),
                scheme: "Bearer",
                // Without it, Jira takes requests that change something for those of a strange page in a browser.
                headers: vec![("X-Atlassian-Token", "no-check")],
                transport,
                patience,
                fixes: fixes(),
            },
        }
    }

    fn read<T: serde::de::DeserializeOwned>(&self, request: &Request, doing: &str) -> Result<T> {
        let Answer { body, .. } = self.api.fetch(request, doing)?;
        self.api.read(body, doing)
    }

    fn write(&self, request: &Request, doing: &str) -> Result<()> {
        self.api.fetch(request, doing).map(|_| ())
    }

    /// An issue's status, versions and project.
    pub fn issue(&self, key: &IssueKey) -> Result<Fields> {
        Ok(self.read::<Issue>(&request::issue(key), &format!("read the issue {key}"))?.fields)
    }

    /// The comments on an issue from one of them on, and where the next ones begin, if there are more.
    pub fn comments(&self, key: &IssueKey, from: usize) -> Result<(Vec<Comment>, Option<usize>)> {
        let doing = format!("read the comments on {key}");
        let page: Comments = self.read(&request::comments(key, from), &doing)?;
        let next = from + page.comments.len();
        let more = !page.comments.is_empty() && next < page.total;
        Ok((page.comments, more.then_some(next)))
    }

    /// Comments on an issue.
    pub fn comment(&self, key: &IssueKey, body: &str) -> Result<()> {
        self.write(&request::comment(key, body), &format!("comment on {key}"))
    }

    /// What can be done with an issue now.
    pub fn transitions(&self, key: &IssueKey) -> Result<Vec<Transition>> {
        let doing = format!("list the transitions of {key}");
        Ok(self.read::<Transitions>(&request::transitions(key), &doing)?.transitions)
    }

    /// Moves an issue by a transition.
    pub fn transition(&self, key: &IssueKey, transition: &Transition) -> Result<()> {
        let doing = format!("move {key} to {}", transition.to.name);
        self.write(&request::transition(key, &transition.id), &doing)
    }

    /// Gives an issue a version, which the project must have.
    pub fn add_fix_version(&self, key: &IssueKey, name: &str) -> Result<()> {
        self.write(&request::add_fix_version(key, name), &format!("give {key} the fix version {name}"))
    }

    /// The version of a project with this name, if it has one.
    pub fn version(&self, project: &ProjectKey, name: &str) -> Result<Option<Version>> {
        let doing = format!("list the versions of {project}");
        let versions: Vec<Version> = self.read(&request::versions(project), &doing)?;
        Ok(versions.into_iter().find(|version| version.name == name))
    }

    /// Makes a version of a project, which goes by its number.
    pub fn create_version(&self, project_id: u64, name: &str) -> Result<()> {
        self.write(&request::create_version(project_id, name), &format!("make the version {name}"))
    }

    /// Releases a version; the day is as in `2026-11-22`.
    pub fn release_version(&self, version: &Version, day: &str) -> Result<()> {
        self.write(&request::release_version(&version.id, day), &format!("release the version {}", version.name))
    }

    /// The error for an answer that is not Jira's.
    pub fn garbled(&self, doing: &str, why: &str) -> crate::http::Error {
        self.api.garbled(doing, why)
    }
}
