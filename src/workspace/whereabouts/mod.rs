//! Where an issue, a commit or a version is, read from the clones that there are. In reading order: what is asked for and
//! what comes of it here, `sought` knows what was asked for, `gathered` finds the commits, `spans` what each environment held when.

mod gathered;
mod sought;
mod spans;

use std::collections::{HashMap, HashSet};

use crate::domain::ancestry::{Ancestry, Containment};
use crate::domain::diff::Change;
use crate::domain::error::Explain as _;
use crate::domain::issues::Projects;
use crate::domain::landscape::EnvironmentBranch;
use crate::domain::name::{CommitId, EnvironmentName, RepositoryName};
use crate::domain::presence::Presence;
use crate::domain::problem::Problem;
use crate::domain::timeline::Timeline;
use crate::domain::version::Declared;
use crate::domain::whereabouts::{Found, Kind, Place, RanThere, Share, Sought, Spot, Whereabouts, distinct, waits};
use crate::git::repository::Repository;

use super::lineup::{Lineup, Lineups};
use super::{Error, Result, Workspace};
use spans::Span;

/// The commit of each repository.
type Commits = HashMap<RepositoryName, CommitId>;

/// An environment, with what it holds and has held.
struct Held {
    environment: EnvironmentName,
    holds: Option<String>,
    /// Whether its branch declares no version.
    from_outside: bool,
    /// What it declares now; `None` where that can't be told.
    now: Option<Commits>,
    /// What ran last there, with its commits.
    ran: Option<(RanThere, Commits)>,
    /// What it held, oldest first.
    spans: Vec<Span>,
    /// Whether its history goes back to its beginning.
    complete: bool,
}

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
        let heads = self.default_heads(&mut lineups)?;
        let mut tags = HashMap::new();
        let mut held = Vec::new();
        for branch in landscape.in_order() {
            let Some(environment) = branch.name.clone() else { continue };
            let timeline = history.timelines.iter().find(|timeline| timeline.environment == environment);
            let now = self.now(&mut lineups, branch, timeline)?;
            held.push(Held {
                ran: match timeline.and_then(|timeline| timeline.ran_at(self.choices.now)) {
                    Some(deployment) => Some(spans::ran(&mut lineups, deployment, &mut tags)?),
                    None => None,
                },
                from_outside: matches!(branch.declared(), Some(Declared::Absent)),
                holds: branch.declared().and_then(Declared::text).or(now.as_ref().and_then(|n| n.side.version.clone())),
                now: now.as_ref().map(|lineup| commits_of(&mut lineups, lineup)),
                spans: match timeline {
                    Some(timeline) => spans::of(&mut lineups, branch, timeline, &mut tags)?,
                    None => Vec::new(),
                },
                complete: timeline.is_none_or(|timeline| timeline.complete),
                environment,
            });
        }
        let (kind, traces) = self.trace(&mut lineups, what, &held, &heads)?;
        let projects = landscape.in_order().find_map(|branch| branch.file.as_ref().ok()).map(|file| Projects::of(file));
        let projects = projects.unwrap_or_default();
        let mut commits = Vec::new();
        for trace in &traces {
            let Some(repository) = lineups.repository(&trace.name) else { continue };
            for change in trace.sought.changes.iter().filter_map(|change| change.first()) {
                commits.push((trace.name.clone(), Change::of(&repository.commit(*change)?, &projects)));
            }
        }
        let mut followed = Vec::with_capacity(traces.len());
        for trace in &traces {
            if let Some(repository) = lineups.repository(&trace.name) {
                followed.push(trace.follow(repository)?);
            }
        }
        let sought: Vec<&Sought> = traces.iter().map(|trace| &trace.sought).collect();
        let distinct = distinct(&sought);
        let places: Vec<Place> = held.iter().map(|held| place(held, &followed, &distinct)).collect();
        let at_head =
            |followed: &&Followed<'_>| heads.get(&followed.trace.name).is_some_and(|head| followed.has_all(*head));
        let on_default = followed.iter().filter(at_head).map(|followed| followed.trace.name.clone()).collect();
        // What a rewritten or a common history hides of the times, and a wrong clock.
        let hiding = |problem: &&Problem| {
            matches!(problem.code, "rewritten-branch" | "shared-history" | "record-from-the-future")
        };
        history.problems.iter().filter(hiding).for_each(|problem| lineups.warn(problem.clone()));
        warn_of_ends(&mut lineups, kind, &followed, &places);
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
        let waits = waits(&places, &landscape.graph);
        let warnings = lineups.into_warnings();
        Ok(Whereabouts { what: what.to_owned(), kind, commits, places, waits, on_default, fetched_at, warnings })
    }

    /// What an environment holds now. One that holds nothing has nothing; what can't be told becomes a warning.
    fn now(
        &self,
        lineups: &mut Lineups<'_>,
        branch: &EnvironmentBranch,
        timeline: Option<&Timeline>,
    ) -> Result<Option<Lineup>> {
        match lineups.environment(branch, timeline) {
            Ok(lineup) => {
                for (component, _) in &lineup.components {
                    lineups.member(component);
                }
                Ok(Some(lineup))
            }
            Err(Error::Git(error)) => Err(error.into()),
            Err(error) => {
                let hint = error.hints().into_iter().next().unwrap_or_default();
                let problem = Problem::warning(error.code(), error.to_string()).hint(hint);
                lineups.warn(problem.environment(branch.text.clone()));
                Ok(None)
            }
        }
    }

    /// The heads of the default branches, and of those that the list of components names.
    fn default_heads(&self, lineups: &mut Lineups<'_>) -> Result<Commits> {
        let Some(branch) = lineups.app.default_branch()? else { return Ok(Commits::new()) };
        if lineups.app.head(&branch)?.is_none() {
            return Ok(Commits::new());
        }
        match lineups.heads(crate::domain::diff::Side::default(), None, Some(&branch)) {
            Ok(lineup) => {
                lineups.today = lineup.components.iter().map(|(component, _)| component.name.clone()).collect();
                Ok(commits_of(lineups, &lineup))
            }
            Err(Error::Git(error)) => Err(error.into()),
            // A list that can't be read names no components.
            Err(_) => Ok(Commits::new()),
        }
    }
}

/// The commits of a line-up that the clones have.
fn commits_of(lineups: &mut Lineups<'_>, lineup: &Lineup) -> Commits {
    let app = lineup.side.commit.map(|commit| (lineups.app.name.clone(), commit));
    let components =
        lineup.components.iter().filter_map(|(component, commit)| Some((component.name.clone(), (*commit)?)));
    lineups.by_todays_names(app.into_iter().chain(components))
}

/// What a set of commits has of everything that is looked for; `None` where a clone ends too early to tell.
fn share_in(commits: &Commits, followed: &[Followed<'_>], distinct: &[Vec<Spot>]) -> Option<Share> {
    let mut share = Share::default();
    for spots in distinct {
        let found = spots.iter().filter_map(|spot| {
            let one = &followed[spot.repository];
            let first = one.trace.sought.changes[spot.number].first()?;
            let found = commits.get(&one.trace.name).map(|tip| one.found(spot.number, *tip));
            let counts = matches!(found, Some(Found::There(_))) || !one.is_replaced(spot.number);
            counts.then_some((&one.trace.name, *first, found))
        });
        share.add(found);
    }
    Some(share).filter(|share| share.unknown == 0)
}

/// Says where clones are shallow, if the answer depends on what they lack: an issue may always have older commits.
fn warn_of_ends(lineups: &mut Lineups<'_>, kind: Kind, followed: &[Followed<'_>], places: &[Place]) {
    let is_unknown = places.iter().any(|place| place.share.is_none());
    for Followed { trace, ends, .. } in followed.iter().filter(|_| is_unknown || kind == Kind::Issue) {
        let Some(end) = ends.first() else { continue };
        let others = if ends.len() > 1 { format!(" and {} others", ends.len() - 1) } else { String::new() };
        let (name, end) = (&trace.name, end.short());
        let message = format!("the clone of {name} is shallow: what came before {end}{others} is not known");
        lineups.warn(
            Problem::warning("shallow-clone", message)
                .hint("git fetch --unshallow there brings the rest")
                .repository(trace.name.to_string()),
        );
    }
}

/// What an environment has, and since when: the beginning of the time that has not been broken since.
fn place(held: &Held, followed: &[Followed<'_>], distinct: &[Vec<Spot>]) -> Place {
    let share_in = |commits: &Commits| share_in(commits, followed, distinct);
    let share = held.now.as_ref().and_then(share_in);
    let ran = held.ran.as_ref().map(|(ran, commits)| RanThere { share: share_in(commits), ..ran.clone() });
    let mut place = Place {
        environment: held.environment.clone(),
        holds: held.holds.clone(),
        from_outside: held.from_outside,
        share,
        ran,
        since: None,
        version: None,
    };
    let has = |span: &Span| share_in(&span.commits).map(|share| share.is_whole());
    if place.has() {
        let had: Vec<&Span> = held.spans.iter().rev().take_while(|span| has(span) == Some(true)).collect();
        let before = held.spans.len().checked_sub(had.len() + 1).map(|index| has(&held.spans[index]));
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
        && let Some(last) = held.spans.iter().rev().find(|span| has(span) == Some(true))
    {
        place.version = last.version.clone();
    }
    place
}
