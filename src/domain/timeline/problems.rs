//! What is wrong with histories: branches that were rewritten by force, and history that a fast-forward made common.

use std::collections::HashSet;

use crate::domain::name::{CommitId, EnvironmentName};
use crate::domain::problem::Problem;

use super::Timeline;

/// Everything that is wrong with some histories; what several of them have in common is told once.
pub fn problems(timelines: &[Timeline]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut told: HashSet<(CommitId, Vec<&EnvironmentName>)> = HashSet::new();
    for timeline in timelines {
        let name = &timeline.environment;
        let branch = name.branch();
        if let Some(last) = timeline.lost.last() {
            let how_many = match timeline.lost.len() {
                1 => "a commit".to_owned(),
                more => format!("{more} commits"),
            };
            problems.push(
                Problem::warning(
                    "rewritten-branch",
                    format!(
                        "{branch} was rewritten: {how_many} that it stood on can't be reached along first parents any more, such as {}",
                        last.commit.short()
                    ),
                )
                .hint(format!("relman log {name} shows what the records still know; protect the branch against force pushes"))
                .environment(name.to_string()),
            );
        }
        if let Some((commit, others)) = timeline.shared() {
            let mut all: Vec<&EnvironmentName> = others.iter().chain([name]).collect();
            all.sort();
            let names: Vec<&str> = all.iter().map(|name| name.as_str()).collect();
            if told.insert((commit, all.clone())) {
                problems.push(
                    Problem::warning(
                        "shared-history",
                        format!(
                            "{} have one history up to {}, so whose it was can't be told",
                            names.join(" and "),
                            commit.short()
                        ),
                    )
                    .hint("a fast-forward does that; promote by a merge commit, or by a branch of its own: promotion.via: branch"),
                );
            }
        }
    }
    problems
}
