//! Triggers: what a release that starts elsewhere says, read from the body of a request.
//!
//! [`understand`] takes bytes and headers, and says which orders they hold, or why there are none. One file a sender:
//! it knows the marks of its bodies and reads what is needed of them; [`json`] reads them in bounded time and memory,
//! and nothing in them is trusted. [`place`] finds the environment that is meant, and [`signature`] checks who sent it.

mod bitbucket_cloud;
mod bitbucket_datacenter;
mod error;
mod fields;
mod github;
mod gitlab;
mod headers;
mod jira;
mod jira_automation;
pub mod json;
pub mod memory;
mod ods;
mod own;
pub mod place;
mod push;
pub mod signature;

pub use error::Misunderstood;
pub use headers::{Headers, InvalidHeader};

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::change::Change;
use super::name::{CommitId, EnvironmentName};
use super::version::Declared;
use super::word::words;

/// The largest body that is read, in bytes. A push of many commits, or an issue with many comments, is smaller.
pub const MAX_BODY: usize = 10 * 1024 * 1024;

words! {
    /// Who sends bodies that relman understands.
    pub enum Source {
        /// A webhook of Jira.
        Jira = "jira",
        /// A rule of Jira Automation that sends custom data.
        JiraAutomation = "jira-automation",
        /// OpenDevStack, as its release manager was called.
        Ods = "ods",
        /// A push to Bitbucket Data Center.
        BitbucketDatacenter = "bitbucket-datacenter",
        /// A push to Bitbucket Cloud.
        BitbucketCloud = "bitbucket-cloud",
        /// A push to GitHub.
        GitHub = "github",
        /// A push to GitLab.
        GitLab = "gitlab",
        /// A push to Gitea or Forgejo.
        Gitea = "gitea",
        /// relman's own shape.
        Relman = "relman",
    }
}

impl Source {
    /// The name for people.
    pub fn title(self) -> &'static str {
        match self {
            Source::Jira => "Jira",
            Source::JiraAutomation => "Jira Automation",
            Source::Ods => "OpenDevStack",
            Source::BitbucketDatacenter => "Bitbucket Data Center",
            Source::BitbucketCloud => "Bitbucket Cloud",
            Source::GitHub => "GitHub",
            Source::GitLab => "GitLab",
            Source::Gitea => "Gitea",
            Source::Relman => "relman's own shape",
        }
    }
}

/// What a body says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Something is to be done, once for each order.
    Orders(Vec<Order>),
    /// There is nothing to do, and why.
    Nothing(String),
}

/// One thing that is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Who says it.
    pub source: Source,
    /// The application that it is for, where that is said.
    pub application: Option<String>,
    /// Jira's project, by key or id, where a rule of Jira Automation says it.
    pub project: Option<String>,
    /// What is to be done.
    pub ask: Ask,
    /// The change request behind it.
    pub change: Change,
    /// Who began it.
    pub actor: Option<String>,
    /// By this the same event is known again.
    pub id: String,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A version is to come to an environment.
    Release {
        /// The environment, as the sender calls it.
        environment: EnvironmentName,
        /// The version.
        version: Declared,
    },
    /// Something happened in Jira that an environment may wait for.
    Event(Event),
    /// The branch of an environment was pushed, so it is to be deployed at this commit.
    Push {
        /// The environment.
        environment: EnvironmentName,
        /// The commit that its branch was moved to.
        commit: CommitId,
    },
}

/// An event of Jira that names no environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub happening: Happening,
    /// The versions that it concerns, as Jira calls them.
    pub versions: Vec<String>,
    /// The id of Jira's project, where it is said.
    pub project_id: Option<String>,
    /// The key of Jira's project, where it is said.
    pub project_key: Option<String>,
}

/// What happened in Jira.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// A version was released.
    VersionReleased,
    /// An issue came to a status. Names of statuses are translated, ids are not.
    Status {
        /// The status by its id.
        id: Option<String>,
        /// The status by its name.
        name: Option<String>,
    },
}

type Object = Map<String, Value>;

/// Reads a body: which orders it holds, or why there is nothing to do.
pub fn understand(body: &[u8], headers: &Headers) -> Result<Heard, Misunderstood> {
    if body.len() > MAX_BODY {
        return Err(Misunderstood::TooLarge);
    }
    let value = json::read(body)?;
    let Value::Object(object) = &value else { return Err(Misunderstood::NotAnObject(json::describe(&value))) };
    let announced = headers.announced();
    if let Some((source, event)) = &announced
        && !headers::is_push(event)
    {
        return Ok(Heard::Nothing(format!("the event {event} of {} starts no release", source.title())));
    }
    let marks = marks(object, announced.as_ref().map(|(source, _)| *source));
    let source = match marks.as_slice() {
        [] => return Ok(Heard::Nothing(no_mark(object))),
        [source] => *source,
        [first, second, ..] => return Err(Misunderstood::Ambiguous(*first, *second)),
    };
    if let Some((header, _)) = announced
        && header != source
    {
        return Err(Misunderstood::OtherHeader { header, body: source });
    }
    let id = hash(&value);
    match source {
        Source::Jira => jira::read(object, id),
        Source::JiraAutomation => jira_automation::read(object, id),
        Source::Ods => ods::read(object),
        Source::BitbucketDatacenter => bitbucket_datacenter::read(object, id),
        Source::BitbucketCloud => bitbucket_cloud::read(object, id),
        Source::GitHub | Source::Gitea => github::read(object, source, id),
        Source::GitLab => gitlab::read(object, id),
        Source::Relman => own::read(object, id),
    }
}

/// The senders whose marks a body has.
fn marks(object: &Object, announced: Option<Source>) -> Vec<Source> {
    let automation = jira_automation::is_marked(object);
    let mut marks: Vec<Source> = [
        (jira::is_marked(object), Source::Jira),
        (automation, Source::JiraAutomation),
        (ods::is_marked(object), Source::Ods),
        (bitbucket_datacenter::is_marked(object), Source::BitbucketDatacenter),
        (bitbucket_cloud::is_marked(object), Source::BitbucketCloud),
        (gitlab::is_marked(object), Source::GitLab),
        (github::is_marked(object), github::which(object, announced)),
    ]
    .into_iter()
    .filter_map(|(marked, source)| marked.then_some(source))
    .collect();
    // A rule of Jira Automation uses the same keys as relman; GitLab uses some for deployments and jobs.
    let by_others = automation || gitlab::starts_nothing(object);
    if !by_others && own::is_marked(object, marks.is_empty()) {
        marks.push(Source::Relman);
    }
    marks
}

/// Says what a body without a known mark has instead: a test connection, or somebody else's shape.
fn no_mark(object: &Object) -> String {
    if object.is_empty() {
        return "the body is an empty object".into();
    }
    let mut keys: Vec<String> = object.keys().take(6).map(|key| key.chars().take(40).collect()).collect();
    if object.len() > keys.len() {
        keys.push("…".into());
    }
    format!("the body has no mark of a release or a push; its keys are {}", keys.join(", "))
}

/// A hash of what a body says, however it is laid out.
fn hash(value: &Value) -> String {
    let mut sorted = value.clone();
    sorted.sort_all_objects();
    let digest = Sha256::digest(sorted.to_string().as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

#[cfg(test)]
mod tests;
