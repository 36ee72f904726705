//! Where an issue, a commit or a version is, read from the clones that there are. In reading order: what is asked for and
//! what comes of it here, `sought` finds the commits, `spans` what each environment held when.

mod sought;
mod spans;

use std::collections::HashMap;

use crate::domain::ancestry::{Ancestry, Containment};
use crate::domain::diff::Change;
use crate::domain::error::Explain as _;
use crate::domain::issues::Projects;
use crate::domain::landscape::EnvironmentBranch;
use crate::domain::name::{CommitId, EnvironmentName, RepositoryName};
use crate::domain::problem::Problem;
use crate::domain::timeline::Timeline;
use crate::domain::version::Declared;
use crate::domain::whereabouts::{Kind, Place, RanThere, Share, Sought, Whereabouts, waits};
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

impl Workspace {
    /// Finds an issue, a commit, a tag or a version in all environments.
    pub fn whereabouts(&self, what: &str) -> Result<Whereabouts> {
        let history = self.history(&[])?;
        let landscape = &history.landscape;
        let mut lineups = Lineups::open(self, landscape)?;
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
                holds: branch.declared().and_then(Declared::text).or(now.as_ref().and_then(|n| n.side.version.clone())),
                now: now.as_ref().map(|lineup| commits_of(&lineups, lineup)),
                spans: match timeline {
                    Some(timeline) => spans::of(&mut lineups, branch, timeline, &mut tags)?,
                    None => Vec::new(),
                },
                complete: timeline.is_none_or(|timeline| timeline.complete),
                environment,
            });
        }
        let heads = self.default_heads(&mut lineups)?;
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
        let contained: Vec<(&Trace, Containment<'_>)> =
            traces.iter().map(|trace| (trace, trace.ancestry.containing(trace.sought.items()))).collect();
        let places: Vec<Place> = held.iter().map(|held| place(held, &contained)).collect();
        let on_default = contained
            .iter()
            .filter(|(trace, contained)| {
                let share = heads.get(&trace.name).map(|head| share_of(trace, contained, *head));
                share.is_some_and(|share| share.is_whole())
            })
            .map(|(trace, _)| trace.name.clone())
            .collect();
        warn_of_ends(&mut lineups, kind, &traces, &places);
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
        let warnings = lineups.warnings;
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
            Ok(lineup) => Ok(commits_of(lineups, &lineup)),
            Err(Error::Git(error)) => Err(error.into()),
            // A list that can't be read names no components.
            Err(_) => Ok(Commits::new()),
        }
    }
}

impl Lineups<'_> {
    /// The clone of the app repo, or of a component that was looked for.
    pub(super) fn repository(&self, name: &RepositoryName) -> Option<&Repository> {
        self.clones().find(|clone| clone.name == *name).map(|clone| &clone.repository)
    }
}

/// The commits of a line-up that the clones have.
fn commits_of(lineups: &Lineups<'_>, lineup: &Lineup) -> Commits {
    let app = lineup.side.commit.map(|commit| (lineups.app.name.clone(), commit));
    let components =
        lineup.components.iter().filter_map(|(component, commit)| Some((component.name.clone(), (*commit)?)));
    let here = |name: &RepositoryName, commit: CommitId| {
        lineups.repository(name).is_some_and(|repository| repository.has_object(commit.object()))
    };
    app.into_iter().chain(components).filter(|(name, commit)| here(name, *commit)).collect()
}

fn share_of(trace: &Trace, contained: &Containment<'_>, tip: CommitId) -> Share {
    let mut share = Share::default();
    trace.sought.held_by(tip, &trace.name, contained, &mut share);
    share
}

/// What a set of commits has of everything that is looked for; `None` where a clone ends too early to tell.
fn share_in(commits: &Commits, contained: &[(&Trace, Containment<'_>)]) -> Option<Share> {
    let mut share = Share::default();
    for (trace, contained) in contained {
        match commits.get(&trace.name) {
            Some(tip) => trace.sought.held_by(*tip, &trace.name, contained, &mut share),
            None => {
                let missing = trace.sought.changes.iter().filter_map(|change| change.first());
                share.missing.extend(missing.map(|commit| (trace.name.clone(), *commit)));
            }
        }
    }
    Some(share).filter(|share| share.unknown == 0)
}

/// Says where clones are shallow, if the answer depends on what they lack: an issue may always have older commits.
fn warn_of_ends(lineups: &mut Lineups<'_>, kind: Kind, traces: &[Trace], places: &[Place]) {
    let is_unknown = places.iter().any(|place| place.share.is_none());
    for trace in traces.iter().filter(|_| is_unknown || kind == Kind::Issue) {
        let Some(end) = trace.sought.ends.first() else { continue };
        let message = format!("the clone of {} is shallow: what came before {} is not known", trace.name, end.short());
        lineups.warn(
            Problem::warning("shallow-clone", message)
                .hint("git fetch --unshallow there brings the rest")
                .repository(trace.name.to_string()),
        );
    }
}

/// What an environment has, and since when: the beginning of the time that has not been broken since.
fn place(held: &Held, contained: &[(&Trace, Containment<'_>)]) -> Place {
    let share = held.now.as_ref().and_then(|now| share_in(now, contained));
    let ran = held.ran.as_ref().map(|(ran, commits)| RanThere { share: share_in(commits, contained), ..ran.clone() });
    let mut place = Place {
        environment: held.environment.clone(),
        holds: held.holds.clone(),
        share,
        ran,
        since: None,
        version: None,
    };
    let has = |span: &Span| share_in(&span.commits, contained).map(|share| share.is_whole());
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
    } else if let Some(last) = held.spans.iter().rev().find(|span| has(span) == Some(true)) {
        place.version = last.version.clone();
    }
    place
}
