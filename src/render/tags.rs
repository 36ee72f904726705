//! Tags and release branches: what was made, repository by repository.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::name::{BranchName, CommitId};
use crate::domain::problem::Problem;
use crate::domain::word::words;
use crate::plan::branches::Wanted;
use crate::plan::tags::TagSet;

use super::schema::Document;
use super::{WarningJson, document, table};

/// The tags that were made in all repositories.
#[derive(Serialize, JsonSchema)]
pub(super) struct TagJson<'a> {
    schema: Document,
    result: Ending,
    /// The tag.
    tag: &'a str,
    /// Whether `release/<version>` exists in some repositories only.
    mixed: bool,
    /// The repositories in the order in which they are tagged, the app repo last.
    repositories: &'a [RepositoryJson],
    warnings: Vec<WarningJson<'a>>,
}

/// The release branches that were made in all repositories.
#[derive(Serialize, JsonSchema)]
pub(super) struct BranchJson<'a> {
    schema: Document,
    result: Ending,
    /// The branch.
    branch: &'a str,
    repositories: Vec<RepositoryJson>,
    warnings: Vec<WarningJson<'a>>,
}

/// A repository, and where its tag or branch stands.
#[derive(Serialize, JsonSchema)]
struct RepositoryJson {
    /// Its name.
    name: String,
    /// The commit.
    commit: CommitId,
    state: State,
}

words! {
    /// How making the set of tags or branches ended.
    pub enum Ending {
        /// All of them were made.
        Created = "created",
        /// Those that were missing were made.
        Completed = "completed",
        /// All of them were there.
        Unchanged = "unchanged",
        /// The plan was shown, by `--dry-run`.
        Planned = "planned",
    }
}

words! {
    /// What became of one tag or branch.
    pub enum State {
        /// It was made by this run.
        Created = "created",
        /// It was there.
        Existed = "existed",
        /// It is yet to be made.
        Planned = "planned",
    }
}

/// How a run of `relman tag` ended.
pub struct TagAnswer<'a> {
    result: Ending,
    tag: &'a str,
    mixed: bool,
    repositories: Vec<RepositoryJson>,
    short: Vec<Vec<String>>,
}

impl<'a> TagAnswer<'a> {
    /// With the names of the repositories in which this run made the tag; what is missing else is planned.
    pub fn new(set: &'a TagSet, mixed: bool, result: Ending, created: &[String]) -> Self {
        let mut answer =
            TagAnswer { result, tag: set.tag.as_str(), mixed, repositories: Vec::new(), short: Vec::new() };
        for one in set.components.iter().filter(|one| !one.pinned).chain([&set.app]) {
            let state = match (created.iter().any(|name| name == one.name.as_str()), one.exists) {
                (true, _) => State::Created,
                (false, true) => State::Existed,
                (false, false) => State::Planned,
            };
            answer.repositories.push(RepositoryJson { name: one.name.to_string(), commit: one.commit, state });
            answer.short.push(vec![one.name.to_string(), one.commit.short(), state.as_str().to_owned()]);
        }
        answer
    }
}

/// The tags as a document.
pub fn tag_json(answer: &TagAnswer<'_>, warnings: &[Problem]) -> String {
    document(&TagJson {
        schema: Document::Tag,
        result: answer.result,
        tag: answer.tag,
        mixed: answer.mixed,
        repositories: &answer.repositories,
        warnings: warnings.iter().map(Into::into).collect(),
    })
}

/// The tags for people; the first line is the tag.
pub fn tag_text(answer: &TagAnswer<'_>) -> String {
    format!("{}\n\n{}", answer.tag, table::table(&answer.short, None))
}

/// The branches as a document.
pub fn branch_json(branch: &BranchName, wanted: &[Wanted], warnings: &[Problem], result: Ending) -> String {
    let state = |wanted: &Wanted| match (wanted.exists, result) {
        (Some(_), _) => State::Existed,
        (None, Ending::Planned) => State::Planned,
        (None, _) => State::Created,
    };
    document(&BranchJson {
        schema: Document::Branch,
        result,
        branch: branch.as_str(),
        repositories: wanted
            .iter()
            .map(|wanted| RepositoryJson {
                name: wanted.push.name.to_string(),
                commit: wanted.exists.unwrap_or(wanted.push.commit),
                state: state(wanted),
            })
            .collect(),
        warnings: warnings.iter().map(Into::into).collect(),
    })
}
