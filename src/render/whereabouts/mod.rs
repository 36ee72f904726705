//! Where something is: JSON here, [`text`] for people.

pub mod text;

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::diff::Change;
use crate::domain::name::{CommitId, RepositoryName};
use crate::domain::sought::Part;
use crate::domain::whereabouts::{Kind, Place, Share, Wait, Whereabouts};

use super::schema::Document;
use super::time::Time;
use super::{WarningJson, document, time};

/// Which environments have an issue, a commit or a version.
#[derive(Serialize, JsonSchema)]
pub(super) struct WhereJson<'a> {
    schema: Document,
    /// What was asked for.
    what: &'a str,
    kind: Kind,
    /// When the oldest clone was brought up to date; `null` where there is no remote.
    fetched_at: Option<Time>,
    /// The commits that it consists of.
    commits: Vec<CommitJson<'a>>,
    environments: Vec<PlaceJson<'a>>,
    /// From where to where it can go next.
    waits: Vec<WaitJson<'a>>,
    /// The repositories whose default branch has all that they have of it.
    on_default_branch: Vec<&'a str>,
    warnings: Vec<WarningJson<'a>>,
}

/// A commit that it consists of.
#[derive(Serialize, JsonSchema)]
struct CommitJson<'a> {
    /// The name of its repository.
    repository: &'a str,
    /// Its id.
    id: CommitId,
    /// The first line of its message.
    subject: &'a str,
    /// Who wrote it.
    author: &'a str,
    /// When it was made.
    at: Option<Time>,
    /// Where it stands for several of the commits that a merge has brought, how many of how many.
    stands_for: Option<PartJson>,
}

/// How many of the commits that a merge has brought share one fate, so that one line tells of them.
#[derive(Serialize, JsonSchema)]
struct PartJson {
    /// The merge.
    merge: CommitId,
    /// How many of its commits.
    commits: usize,
    /// How many it has brought that change something.
    of: usize,
}

/// An environment, and whether it has it.
#[derive(Serialize, JsonSchema)]
struct PlaceJson<'a> {
    /// Its name.
    name: &'a str,
    /// Whether what it declares has all of it.
    has: bool,
    /// Whether what it declares has a part of it.
    partly: bool,
    /// Whether it is known at all; `has` and `partly` are false otherwise.
    known: bool,
    /// Since when it is there without a break.
    since: Option<Time>,
    /// The version that it came with; where it is there no more, or only in part, the last one that had it.
    version: Option<&'a str>,
    /// What the environment declares now.
    holds: Option<&'a str>,
    /// The ids under which it is there by its content.
    under_another_id: Vec<CommitId>,
    /// What is not there.
    missing: Vec<IdJson<'a>>,
    /// What was taken back.
    undone: Vec<IdJson<'a>>,
    /// Whether the last successful deployment has it, where a record tells of it.
    ran: Option<RanJson<'a>>,
}

/// What ran last, and whether it has it.
#[derive(Serialize, JsonSchema)]
struct RanJson<'a> {
    /// What was deployed, as `version:` says it.
    version: Option<&'a str>,
    /// The tag that was deployed.
    tag: Option<&'a str>,
    /// When it ended, RFC 3339 in UTC with milliseconds.
    #[schemars(extend("format" = "date-time"))]
    at: &'a str,
    /// Whether it is known at all; `has` and `partly` are false otherwise.
    known: bool,
    /// Whether it has all of it.
    has: bool,
    /// Whether it has a part of it.
    partly: bool,
}

/// A commit of a repository.
#[derive(Serialize, JsonSchema)]
struct IdJson<'a> {
    /// The name of the repository.
    repository: &'a str,
    /// The commit.
    id: CommitId,
}

/// A promotion that would bring it on.
#[derive(Serialize, JsonSchema)]
struct WaitJson<'a> {
    /// The environment that has it, or more of it.
    from: &'a str,
    /// The environment that lacks it, or a part of it.
    to: &'a str,
    /// Whether the first one has all of it.
    whole: bool,
    /// What the next one would get.
    brings: Vec<IdJson<'a>>,
    /// What of it the next one would lose.
    takes: Vec<IdJson<'a>>,
    /// What to type; `null` where the next one holds a higher version, so that it would be a step back, or would lose what
    /// `takes` names.
    command: Option<String>,
}

/// The answer as a document.
pub fn json(found: &Whereabouts) -> String {
    document(&WhereJson {
        schema: Document::Where,
        what: &found.what,
        kind: found.kind,
        fetched_at: found.fetched_at.and_then(time::rfc3339),
        commits: found.commits.iter().map(|(name, change)| commit(name, change, found)).collect(),
        environments: found.places.iter().map(place).collect(),
        waits: found.waits.iter().map(wait_json).collect(),
        on_default_branch: found.on_default.iter().map(|name| name.as_str()).collect(),
        warnings: found.warnings.iter().map(Into::into).collect(),
    })
}

fn commit<'a>(name: &'a RepositoryName, change: &'a Change, found: &Whereabouts) -> CommitJson<'a> {
    let part = found.parts.get(&change.id);
    CommitJson {
        repository: name.as_str(),
        id: change.id,
        subject: &change.subject,
        author: &change.author,
        at: time::rfc3339(change.at),
        stands_for: part.map(|Part { merge, commits, of }| PartJson { merge: *merge, commits: *commits, of: *of }),
    }
}

fn place(place: &Place) -> PlaceJson<'_> {
    let share = place.share.as_ref();
    PlaceJson {
        name: place.environment.as_str(),
        has: place.has(),
        partly: place.partly(),
        known: share.is_some(),
        since: place.since.and_then(time::rfc3339),
        version: place.version.as_deref(),
        holds: place.holds.as_deref(),
        under_another_id: share.map(|s| s.under_another_id.to_vec()).unwrap_or_default(),
        missing: share.map(|s| s.missing.iter().map(id_json).collect()).unwrap_or_default(),
        undone: share.map(|s| s.undone.iter().map(id_json).collect()).unwrap_or_default(),
        ran: place.ran.as_ref().map(|ran| RanJson {
            version: ran.version.as_deref(),
            tag: ran.tag.as_deref(),
            at: &ran.at,
            known: ran.share.is_some(),
            has: ran.share.as_ref().is_some_and(Share::is_whole),
            partly: ran.share.as_ref().is_some_and(Share::is_part),
        }),
    }
}

fn wait_json(wait: &Wait) -> WaitJson<'_> {
    WaitJson {
        from: wait.from.as_str(),
        to: wait.to.as_str(),
        whole: wait.is_whole,
        brings: wait.brings.iter().map(id_json).collect(),
        takes: wait.takes.iter().map(id_json).collect(),
        command: wait.command(),
    }
}

fn id_json((name, id): &(RepositoryName, CommitId)) -> IdJson<'_> {
    IdJson { repository: name.as_str(), id: *id }
}
