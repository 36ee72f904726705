//! What a deployment would use: which commits, under which tag, from which candidate.
//!
//! The rules follow one table: an environment's tagging and what its branch declares decide which reference counts.
//! Everything is decided from facts that were read before; nothing here looks anything up. In reading order: the facts
//! and the decision are here, `source` finds the app commit, `decision` the rest, `error` says why not.

mod decision;
mod error;
mod source;

use super::environment::{MixedPolicy, Tagging};
use super::name::{BranchName, CommitId, EnvironmentName, RepositoryName, TagName};
use super::record::Outcome;
use super::tags::VersionTags;

pub use decision::{Decision, decide, highest_number};
pub use error::Unresolved;
pub use source::{app_source, branch_head, candidate_below, half_made_final, require_proof};

/// One repository of a release, as far as a version is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryState {
    /// Its name.
    pub name: RepositoryName,
    /// The tag that a component is pinned to, and its commit.
    pub pinned: Option<(TagName, CommitId)>,
    /// The head of `release/<V>`.
    pub release_head: Option<CommitId>,
    /// The configured or default branch, and its head; `None` for the head where there is no such branch.
    pub branch: Option<(BranchName, Option<CommitId>)>,
    /// The tags of the version.
    pub tags: VersionTags,
}

/// A commit of a repository and the reference that it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// The repository.
    pub name: RepositoryName,
    /// The commit.
    pub commit: CommitId,
    /// The full name of the reference, or the commit id where the commit itself was asked for.
    pub reference: String,
}

/// What the history of an environment branch says about the candidate of the version that it declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trail {
    /// The candidate in the newest commit since the version came to the branch that names version and candidate.
    pub named: Option<TagName>,
    /// The candidate of the newest successful deployment of a commit that was merged.
    pub deployed_by_source: Option<TagName>,
    /// Why a final tag without a candidate is to be trusted.
    pub unproven: Option<String>,
    /// For each candidate, the outcome of its newest deployment at the tips of the environments that promotions come
    /// from.
    pub outcomes: Vec<(TagName, Outcome)>,
}

/// What a deployment starts from in the app repo. The list of components is read from `commit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppSource {
    /// The commit.
    pub commit: CommitId,
    /// The full name of the reference that it came from.
    pub reference: String,
    /// What that reference is.
    pub kind: SourceKind,
}

/// What the app commit came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A branch that is deployed as it is.
    Branch,
    /// A branch on whose head a candidate stands or will stand.
    CandidateHead,
    /// A candidate with this number.
    Candidate(u64),
    /// The final tag.
    Final,
    /// What `ref:` names.
    Ref,
}

/// The environment, reduced to what resolving asks of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The environment.
    pub environment: EnvironmentName,
    /// What it does about tags.
    pub tagging: Tagging,
    /// The branch that its entry names.
    pub branch: Option<BranchName>,
    /// What to do about mixed release branches.
    pub mixed: MixedPolicy,
    /// Whether tags may be made; a deployment of a `ref:` makes none.
    pub makes_tags: bool,
    /// The highest number that counts as taken although no tag shows it: a remote has refused its name.
    pub spent: Option<u64>,
}
