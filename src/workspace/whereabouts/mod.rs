//! Where an issue, a commit or a version is, read from the clones that there are. In reading order: what is asked for and
//! what comes of it here, `held` and `spans` know what each environment holds and held when, `sought` what was asked for, and
//! `gathered` and `merged` find its commits.

mod gathered;
mod held;
mod merged;
mod sought;
mod spans;

use std::collections::{HashMap, HashSet};

use crate::domain::ancestry::{Ancestry, Containment};
use crate::domain::diff::Change;
use crate::domain::issues::Projects;
use crate::domain::name::{CommitId, RepositoryName};
use crate::domain::presence::Presence;
use crate::domain::problem::Problem;
use crate::domain::sought::{Found, Sought, Spot, distinct};
use crate::domain::whereabouts::{Kind, Place, RanThere, Share, Whereabouts, waits};
use crate::git::repository::Repository;

use super::lineup::{Contents, Lineups};
use super::{Result, Workspace};
use held::Held;
use spans::Span;

/// The commit of each repository.
type Commits = HashMap<RepositoryName, CommitId>;

/// What is looked for in a repository, and the history that it is looked for in.
struct Trace {
    name: RepositoryName,
    sought: Sought,
    ancestry: Ancestry,
}

/// A trace, with which commits have what it looks for.
struct Followed<'t> {
    trace: &'t Trace,
    present: Presence<'t>,
    /// Where the history ends before its beginning, since the clone does, in the order of the ids.
    ends: Vec<CommitId>,
    /// Which commits have such an end below them.
    cut: Containment<'t>,
}

impl Trace {
    fn follow(&self, repository: &Repository) -> Result<Followed<'_>> {
        let ends = if repository.is_shallow()? { repository.shallow_ends()? } else { HashSet::new() };
        let mut ends: Vec<CommitId> = ends.into_iter().filter(|end| self.ancestry.rank(*end).is_some()).collect();
        ends.sort_unstable();
        let cut = self.ancestry.containing(ends.iter().copied());
        Ok(Followed { trace: self, present: self.sought.in_history(&self.ancestry), ends, cut })
    }
}

impl Followed<'_> {
    /// How a change is in a commit.
    fn found(&self, number: usize, tip: CommitId) -> Found {
        self.trace.sought.found(number, tip, &self.present, self.cut.has_any(tip))
    }

    fn has_all(&self, tip: CommitId) -> bool {
        let has = |number| matches!(self.found(number, tip), Found::There(_));
        (0..self.trace.sought.changes.len()).all(|number| has(number) || self.is_replaced(number))
    }

    fn is_replaced(&self, number: usize) -> bool {
        self.trace.sought.replaced.contains(&number)
    }
}

impl Workspace {
    /// Finds an issue, a commit, a tag or a version in all environments.
    pub fn whereabouts(&self, what: &str) -> Result<Whereabouts> {
        let history = self.history(&[])?;
        let landscape = &history.landscape;
        let mut lineups = Lineups::open(self, landscape)?;
        let (held, heads) = self.held(&mut lineups, &history)?;
        let (kind, traces) = self.trace(&mut lineups, what, &held, &heads)?;
        let projects = landscape.first_file().map(Projects::of);
        let projects = projects.unwrap_or_default();
        let mut commits = Vec::new();
        let mut parts = HashMap::new();
        for trace in &traces {
            let Some(repository) = lineups.repository(&trace.name) else { continue };
            for number in 0..trace.sought.changes.len() {
                let Some(commit) = trace.sought.told_as(number) else { continue };
                parts.extend(trace.sought.part(number).map(|part| (commit, part)));
                commits.push((trace.name.clone(), Change::of(&repository.commit(commit)?, &projects)));
            }
        }
        let mut followed = Vec::with_capacity(traces.len());
        for trace in &traces {
            if let Some(repository) = lineups.repository(&trace.name) {
                followed.push(trace.follow(repository)?);
            }
        }
        let sought: Vec<&Sought> = traces.iter().map(|trace| &trace.sought).collect();
        let question = Question { kind, followed: &followed, distinct: distinct(&sought) };
        let places: Vec<Place> = held.iter().map(|held| question.place(held)).collect();
        let at_head = |followed: &&Followed<'_>| {
            let heads = [&heads.listed, &heads.own].into_iter();
            heads.filter_map(|heads| heads.get(&followed.trace.name)).any(|head| followed.has_all(*head))
        };
        let on_default = followed.iter().filter(at_head).map(|followed| followed.trace.name.clone()).collect();
        // What a rewritten or a common history hides of the times, and a wrong clock.
        let hiding = |problem: &&Problem| {
            matches!(problem.code, "rewritten-branch" | "shared-history" | "record-from-the-future")
        };
        history.problems.iter().filter(hiding).for_each(|problem| lineups.warn(problem.clone()));
        warn_of_ends(&mut lineups, kind, &followed, &places);
        for (held, place) in held.iter().zip(&places) {
            let now = held.now.iter().filter(|_| place.share.is_none());
            let ran = held.ran.iter().filter(|_| place.ran.as_ref().is_some_and(|ran| ran.share.is_none()));
            for contents in now.chain(ran.map(|(_, contents)| contents)) {
                held::warn_of_unread(&mut lineups, contents);
            }
        }
        if let Some(cut) =
            held.iter().zip(&places).find(|(held, place)| !held.complete && place.since.is_none() && place.has())
        {
            lineups.warn(
                Problem::warning("shallow-clone", format!("since when {} has it is not known here", cut.0.environment))
                    .hint("the clone of the release repo is shallow: git fetch --unshallow brings the rest"),
            );
        }
        let ages =
            lineups.clones().filter_map(|clone| clone.remote.as_ref().and_then(|_| clone.repository.fetched_at()));
        let fetched_at = ages.chain(history.fetched_at).min();
        let waits = waits(&places, &landscape.graph, kind);
        let warnings = lineups.into_warnings();
        let what = what.to_owned();
        Ok(Whereabouts { what, kind, commits, parts, places, waits, on_default, fetched_at, warnings })
    }
}

/// What is looked for in all repositories.
struct Question<'q> {
    kind: Kind,
    followed: &'q [Followed<'q>],
    /// All changes that are looked for, each once.
    distinct: Vec<Vec<Spot>>,
}

/// Says where clones are shallow, if the answer depends on what they lack: an issue may always have older commits.
fn warn_of_ends(lineups: &mut Lineups<'_>, kind: Kind, followed: &[Followed<'_>], places: &[Place]) {
    let is_unknown = places.iter().any(|place| place.share.is_none());
    for Followed { trace, ends, .. } in followed.iter().filter(|_| is_unknown || kind == Kind::Issue) {
        let Some(end) = ends.first() else { continue };
        let others = if ends.len() > 1 { format!(" and {} more", ends.len() - 1) } else { String::new() };
        let (name, end) = (&trace.name, end.short());
        let message = format!("the clone of {name} is shallow: what came before {end}{others} is not known");
        lineups.warn(
            Problem::warning("shallow-clone", message)
                .hint("git fetch --unshallow there brings the rest")
                .repository(trace.name.to_string()),
        );
    }
}

impl Question<'_> {
    /// What some contents have of everything that is looked for; `None` where that is not known.
    fn share_in(&self, contents: &Contents) -> Option<Share> {
        let mut share = Share::default();
        for (number, spots) in self.distinct.iter().enumerate() {
            let found = spots.iter().filter_map(|spot| {
                let one = &self.followed[spot.repository];
                let (name, first) = (&one.trace.name, one.trace.sought.told_as(spot.number)?);
                let found = match contents.commits.get(name) {
                    Some(tip) => Some(one.found(spot.number, *tip)),
                    None => contents.unread.contains_key(name).then_some(Found::Unknown),
                };
                let counts = matches!(found, Some(Found::There(_))) || !one.is_replaced(spot.number);
                counts.then_some((name, first, found))
            });
            share.add(number, found);
        }
        // An issue may have commits in a repository that nobody could look into.
        let may_have_more = self.kind == Kind::Issue && share.there == 0 && !contents.unread.is_empty();
        Some(share).filter(|share| share.unknown == 0 && !may_have_more)
    }

    /// What an environment has, and since when: the beginning of the time that has not been broken since.
    fn place(&self, held: &Held) -> Place {
        let share = held.now.as_ref().and_then(|now| self.share_in(now));
        let ran = held.ran.as_ref().map(|(ran, contents)| RanThere { share: self.share_in(contents), ..ran.clone() });
        let mut place = Place {
            environment: held.environment.clone(),
            holds: held.holds.clone(),
            from_outside: held.from_outside,
            share,
            ran,
            since: None,
            version: None,
        };
        let spans: Vec<&Span> = held.spans.iter().filter(|span| !span.is_failed).collect();
        let has = |span: &Span| self.share_in(&span.contents).map(|share| share.is_whole());
        if place.has() {
            let had: Vec<&Span> = spans.iter().rev().copied().take_while(|span| has(span) == Some(true)).collect();
            let before = spans.len().checked_sub(had.len() + 1).map(|index| has(spans[index]));
            // Where the oldest time that is known has it already, an unfinished history does not tell when it came.
            let begins = match before {
                Some(before) => before.is_some(),
                None => held.complete,
            };
            if let Some(first) = had.last() {
                place.since = Some(first.at).filter(|_| begins && !first.is_shared);
                place.version = first.version.clone();
            } else {
                place.version = held.holds.clone();
            }
        } else if place.share.is_some()
            && let Some(last) = spans.iter().rev().find(|span| has(span) == Some(true))
        {
            place.version = last.version.clone();
        }
        place
    }
}
