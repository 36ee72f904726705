//! Tags and release branches: what was made, repository by repository.

use serde::Serialize;

use crate::domain::name::BranchName;
use crate::domain::problem::Problem;
use crate::plan::branches::Wanted;
use crate::plan::tags::TagSet;

use super::{WarningJson, document, table};

#[derive(Serialize)]
struct TagJson<'a> {
    schema: &'static str,
    result: &'a str,
    tag: &'a str,
    mixed: bool,
    repositories: &'a [RepositoryJson],
    warnings: Vec<WarningJson<'a>>,
}

#[derive(Serialize)]
struct BranchJson<'a> {
    schema: &'static str,
    result: &'a str,
    branch: &'a str,
    repositories: Vec<RepositoryJson>,
}

#[derive(Serialize)]
struct RepositoryJson {
    name: String,
    commit: String,
    state: &'static str,
}

/// How a run of `relman tag` ended.
pub struct TagAnswer<'a> {
    result: &'a str,
    tag: &'a str,
    mixed: bool,
    repositories: Vec<RepositoryJson>,
    short: Vec<Vec<String>>,
}

impl<'a> TagAnswer<'a> {
    /// With the names of the repositories in which this run made the tag; what is missing else is planned.
    pub fn new(set: &'a TagSet, mixed: bool, result: &'a str, created: &[String]) -> Self {
        let mut answer =
            TagAnswer { result, tag: set.tag.as_str(), mixed, repositories: Vec::new(), short: Vec::new() };
        for one in set.components.iter().filter(|one| !one.pinned).chain([&set.app]) {
            let state = match (created.iter().any(|name| name == one.name.as_str()), one.exists) {
                (true, _) => "created",
                (false, true) => "existed",
                (false, false) => "planned",
            };
            answer.repositories.push(RepositoryJson {
                name: one.name.to_string(),
                commit: one.commit.to_string(),
                state,
            });
            answer.short.push(vec![one.name.to_string(), one.commit.short(), state.to_owned()]);
        }
        answer
    }
}

/// The tags as a document.
pub fn tag_json(answer: &TagAnswer<'_>, warnings: &[Problem]) -> String {
    document(&TagJson {
        schema: "relman.tag/1",
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
pub fn branch_json(branch: &BranchName, wanted: &[Wanted], result: &str) -> String {
    let state = |wanted: &Wanted| match (wanted.exists, result) {
        (Some(_), _) => "existed",
        (None, "planned") => "planned",
        (None, _) => "created",
    };
    document(&BranchJson {
        schema: "relman.branch/1",
        result,
        branch: branch.as_str(),
        repositories: wanted
            .iter()
            .map(|wanted| RepositoryJson {
                name: wanted.push.name.to_string(),
                commit: wanted.exists.unwrap_or(wanted.push.commit).to_string(),
                state: state(wanted),
            })
            .collect(),
    })
}
