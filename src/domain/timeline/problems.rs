//! What is wrong with histories: branches that were rewritten by force, history that a fast-forward made common, and
//! records whose time has not come yet.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::domain::name::{CommitId, EnvironmentName};
use crate::domain::problem::Problem;
use crate::domain::record::Record;

use super::Timeline;

/// How many environments, and how many commits, a message names before it says how many more there are.
const LISTED: usize = 5;

/// A piece of history that several environments have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Common {
    /// Its newest commit.
    pub commit: CommitId,
    /// Those that have it.
    pub environments: BTreeSet<EnvironmentName>,
}

/// Everything that is wrong with some histories; what several of them have in common is told once.
pub fn problems(timelines: &[Timeline]) -> Vec<Problem> {
    let common: Vec<Common> = timelines.iter().filter_map(Timeline::common).collect();
    timelines.iter().flat_map(problems_of).chain(shared_history(&common, &[])).collect()
}

/// What is wrong with one history by itself.
pub fn problems_of(timeline: &Timeline) -> impl Iterator<Item = Problem> {
    rewritten(timeline).into_iter().chain(record_ahead(timeline))
}

/// Says that the newest record is of a time that has not come yet.
fn record_ahead(timeline: &Timeline) -> Option<Problem> {
    let record = timeline.records.last().filter(|record| record.is_ahead_of(timeline.now))?;
    Some(from_the_future(&timeline.environment, record))
}

/// Says that a branch was rewritten by force.
fn rewritten(timeline: &Timeline) -> Option<Problem> {
    let (name, branch) = (&timeline.environment, timeline.environment.branch());
    let last = timeline.lost.last()?;
    let how_many = match timeline.lost.len() {
        1 => "a commit".to_owned(),
        more => format!("{more} commits"),
    };
    let message = format!(
        "{branch} was rewritten: {how_many} that it stood on can't be reached along first parents any more, such as {}",
        last.commit.short()
    );
    let hint = format!("relman log {name} shows what the records still know; protect the branch against force pushes");
    Some(Problem::warning("rewritten-branch", message).hint(hint).environment(name.to_string()))
}

/// Says what several environments have in common: all that touches one of them at once. `asked` are points in the history
/// of one, as somebody has typed them.
pub fn shared_history(common: &[Common], asked: &[(EnvironmentName, String)]) -> Vec<Problem> {
    let mut groups: Vec<(BTreeSet<&EnvironmentName>, Vec<&Common>)> = Vec::new();
    for one in common {
        let mut all: BTreeSet<&EnvironmentName> = one.environments.iter().collect();
        let mut pieces = vec![one];
        groups.retain(|(known, others)| {
            let apart = known.is_disjoint(&all);
            if !apart {
                all.extend(known);
                pieces.extend(others);
            }
            apart
        });
        groups.push((all, pieces));
    }
    let told = groups.into_iter().map(|(all, mut pieces)| {
        // The largest group comes first, and its oldest piece of history with it.
        pieces.sort_by_key(|one| (Reverse(one.environments.len()), &one.environments, one.commit));
        pieces.dedup();
        let told = pieces.iter().enumerate().map(|(index, one)| {
            let have = if index == 0 { " have one history" } else { "" };
            format!("{}{have} up to {}", names(one), one.commit.short())
        });
        let told = some_of(told.collect());
        let asked: Vec<&str> =
            asked.iter().filter(|(name, _)| all.contains(name)).map(|(_, text)| text.as_str()).collect();
        let asked = if asked.is_empty() { String::new() } else { format!(", with {} in it", asked.join(" and ")) };
        Problem::warning("shared-history", format!("{told}{asked}, so whose it was can't be told")).hint(
            "a fast-forward does that; promote by a merge commit, or by a branch of its own: promotion.via: branch",
        )
    });
    told.collect()
}

fn names(common: &Common) -> String {
    let names: Vec<String> = common.environments.iter().map(ToString::to_string).collect();
    match names.split_last() {
        Some((last, others)) if names.len() <= LISTED => format!("{} and {last}", others.join(", ")),
        _ => some_of(names),
    }
}

fn some_of(mut words: Vec<String>) -> String {
    let more = words.len().saturating_sub(LISTED);
    words.truncate(LISTED);
    match more {
        0 => words.join(", "),
        more => format!("{} and {more} more", words.join(", ")),
    }
}

/// What to know about the newest record of an environment whose time has not come yet.
pub fn from_the_future(environment: &EnvironmentName, record: &Record) -> Problem {
    Problem::warning(
        "record-from-the-future",
        format!("a record of {environment} is of {}, which this machine's clock has not reached", record.at),
    )
    .hint("one of two clocks is wrong; until that time it counts as the newest, whatever is deployed after it")
    .environment(environment.to_string())
}
