//! What every environment holds, ran last, and held before. First all of it is listed, and each repository in it looked for;
//! only then can it be said which of them have a commit, and by which name.

use std::collections::HashMap;

use crate::domain::diff::Side;
use crate::domain::error::{Explain as _, with_causes};
use crate::domain::landscape::EnvironmentBranch;
use crate::domain::name::EnvironmentName;
use crate::domain::problem::Problem;
use crate::domain::record::Deployment;
use crate::domain::timeline::Timeline;
use crate::domain::version::Declared;
use crate::domain::whereabouts::RanThere;

use super::Commits;
use super::spans::{self, Span};
use crate::workspace::history::History;
use crate::workspace::lineup::{Contents, Lineups, Listed};
use crate::workspace::overview::no_clone;
use crate::workspace::{Error, Result, Workspace};

/// An environment, with what it holds and has held.
pub(super) struct Held<C = Contents> {
    pub environment: EnvironmentName,
    pub holds: Option<String>,
    /// Whether its branch declares no version.
    pub from_outside: bool,
    /// What it declares now; `None` where that can't be told.
    pub now: Option<C>,
    /// What ran last there.
    pub ran: Option<(RanThere, C)>,
    /// What it held, oldest first.
    pub spans: Vec<Span<C>>,
    /// Whether its history goes back to its beginning.
    pub complete: bool,
}

/// The heads of default branches.
pub(super) struct Heads {
    /// Those that a deployment would take today: of the branches that the list of components names.
    pub listed: Commits,
    /// Those of all clones, whatever a list says of them.
    pub own: Commits,
}

impl Held<Listed> {
    fn by_todays_names(self, lineups: &mut Lineups<'_>) -> Held {
        Held {
            now: self.now.map(|now| lineups.by_todays_names(now)),
            ran: self.ran.map(|(ran, listed)| (ran, lineups.by_todays_names(listed))),
            spans: self.spans.into_iter().map(|span| span.by_todays_names(lineups)).collect(),
            environment: self.environment,
            holds: self.holds,
            from_outside: self.from_outside,
            complete: self.complete,
        }
    }
}

impl Held {
    /// Everything that it has, had, or ran.
    pub(super) fn contents(&self) -> impl Iterator<Item = &Contents> {
        self.living().chain(self.spans.iter().map(|span| &span.contents))
    }

    /// What it holds now, and what ran last.
    pub(super) fn living(&self) -> impl Iterator<Item = &Contents> {
        self.now.iter().chain(self.ran.iter().map(|(_, contents)| contents))
    }
}

impl Workspace {
    /// Reads what all environments hold and held, and finds the heads of the default branches.
    pub(super) fn held(&self, lineups: &mut Lineups<'_>, history: &History) -> Result<(Vec<Held>, Heads)> {
        let heads = self.heads_of_today(lineups)?;
        let mut tags = HashMap::new();
        let mut listed = Vec::new();
        for branch in history.landscape.in_order() {
            let Some(environment) = branch.name.clone() else { continue };
            let timeline = history.timelines.iter().find(|timeline| timeline.environment == environment);
            let (now, version) = self.now(lineups, branch, timeline)?.unzip();
            let ran = match timeline.and_then(|timeline| timeline.ran_at(self.choices.now)) {
                Some(deployment) => Some((ran(deployment), lineups.remembered_by_record(&deployment.record)?)),
                None => None,
            };
            let from_outside = branch.is_from_outside();
            listed.push(Held {
                holds: branch.declared().and_then(Declared::text).or(version.flatten()),
                now: match &ran {
                    // Nothing else says what it holds.
                    Some((_, ran)) if from_outside => now.map(|_| ran.clone()),
                    _ => now,
                },
                ran,
                from_outside,
                spans: match timeline {
                    Some(timeline) => spans::of(lineups, branch, timeline, &mut tags)?,
                    None => Vec::new(),
                },
                complete: timeline.is_none_or(|timeline| timeline.complete),
                environment,
            });
        }
        let held = listed.into_iter().map(|one| one.by_todays_names(lineups)).collect();
        let own = lineups.own_heads()?.into_iter().collect();
        Ok((held, Heads { listed: lineups.by_todays_names(heads).commits, own }))
    }

    /// What an environment holds now, and its version. One that holds nothing has nothing; what can't be told becomes a warning.
    fn now(
        &self,
        lineups: &mut Lineups<'_>,
        branch: &EnvironmentBranch,
        timeline: Option<&Timeline>,
    ) -> Result<Option<(Listed, Option<String>)>> {
        match lineups.environment(branch, timeline) {
            Ok(lineup) => {
                for (component, _) in &lineup.components {
                    lineups.member(component);
                }
                Ok(Some((lineups.listed(&lineup), lineup.side.version)))
            }
            Err(Error::Git(error)) => Err(error.into()),
            Err(error) => {
                lineups.warn(unread(&error).environment(branch.text.clone()));
                Ok(None)
            }
        }
    }

    /// The heads of the default branches, and of those that the list of components names.
    fn heads_of_today(&self, lineups: &mut Lineups<'_>) -> Result<Listed> {
        let Some(branch) = lineups.app.default_branch()? else { return Ok(Listed::new()) };
        let Some(head) = lineups.app.head(&branch)? else { return Ok(Listed::new()) };
        match lineups.heads(Side::default(), None, Some(&branch)) {
            Ok(lineup) => {
                lineups.today = lineup.components.iter().map(|(component, _)| component.name.clone()).collect();
                Ok(lineups.listed(&lineup))
            }
            Err(Error::Git(error)) => Err(error.into()),
            Err(error) => {
                lineups.warn(unread(&error));
                Ok(vec![(lineups.app.name.clone(), Some(head))])
            }
        }
    }
}

/// What was deployed; whoever asks adds how much of something it has.
fn ran(deployment: &Deployment) -> RanThere {
    let record = &deployment.record;
    RanThere { version: record.version.clone(), tag: record.tag.clone(), at: record.at.clone(), share: None }
}

/// What can't be read, as a warning with its reason.
fn unread(error: &Error) -> Problem {
    let hint = error.hints().into_iter().next().unwrap_or_default();
    let problem = Problem::warning(error.code(), with_causes(error)).hint(hint);
    match error {
        Error::AppFile { repository, path, cause, .. } => {
            problem.repository(repository.to_string()).at(path.clone(), Some(cause.line))
        }
        _ => problem,
    }
}

/// Says which repositories of some contents are not known here.
pub(super) fn warn_of_unread(lineups: &mut Lineups<'_>, contents: &Contents) {
    for (name, commit) in &contents.unread {
        match (lineups.repository(name), commit) {
            (None, _) => lineups.warn(no_clone(name)),
            (Some(_), Some(commit)) => lineups.note_missing(name, *commit),
            // What a tag lacks was said where it was looked for.
            (Some(_), None) => {}
        }
    }
}
