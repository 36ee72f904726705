//! From a text on the command line to a line-up: environments as they are and as they were, tags, versions.

use jiff::tz::TimeZone;

use crate::domain::diff::{Basis, Ran, Side};
use crate::domain::environment::Tagging;
use crate::domain::error::Explain as _;
use crate::domain::landscape::{EnvironmentBranch, Landscape};
use crate::domain::name::{BranchName, CommitId, EnvironmentName, TagName};
use crate::domain::problem::Problem;
use crate::domain::promotion;
use crate::domain::record::Record;
use crate::domain::resolution::Unresolved;
use crate::domain::selector::{Point, Selector, Unselected};
use crate::domain::timeline::{self, Timeline};
use crate::domain::version::{AppRef, Declared, Version};
use crate::workspace::selected::{DeclaredState, Selected};
use crate::workspace::{Error, Result};

use super::{Lineup, Lineups, Unclear, version_of};

impl Lineups<'_> {
    /// What a text on the command line stands for. The name of an environment wins.
    pub(in crate::workspace) fn named(&mut self, landscape: &Landscape, text: &str, zone: &TimeZone) -> Result<Lineup> {
        match text.parse::<Selector>() {
            Ok(selector) => match landscape.find(&selector.environment) {
                Some(branch) if selector.at.is_none() => self.environment(branch, None),
                Some(branch) => {
                    let selected = self.workspace.selected(&selector, zone)?;
                    self.past(text, branch, &selected)
                }
                None => self.given(text),
            },
            Err(_) => self.given(text),
        }
    }

    /// What an environment held at another time: the tag that it declared then, or what a record says that ran.
    fn past(&mut self, text: &str, branch: &EnvironmentBranch, selected: &Selected) -> Result<Lineup> {
        self.warn_of_history(&selected.timeline);
        let ran = selected.ran.as_ref().map(|deployment| &deployment.record);
        let at = match &selected.point {
            Point::Time(moment) => Some(moment.shown.clone()),
            _ => None,
        };
        let side = Side {
            name: text.to_owned(),
            environment: Some(selected.environment.clone()),
            at,
            version: selected.version().map(str::to_owned),
            release_commit: selected.commit(),
            ran: ran.map(ran_of),
            ..Side::default()
        };
        let commit = match &selected.declared {
            DeclaredState::NotYet => return Ok(Lineup { side, ..Lineup::default() }),
            DeclaredState::Unknown => {
                let (environment, at) =
                    (selected.environment.clone(), text.split_once('@').map_or(text, |(_, at)| at).to_owned());
                return Err(Unselected::CutOff { environment, at }.into());
            }
            DeclaredState::Known(commit, _) => *commit,
            DeclaredState::Shared(commit, _) => {
                self.in_common.push((selected.environment.clone(), text.to_owned()));
                *commit
            }
        };
        let commit = self.workspace.release.commit(commit)?;
        let (_, file) = self.workspace.environments().release_file(&commit)?;
        let file = file.map_err(|unusable| Error::unusable(&unusable, &branch.branch()))?;
        let entry = file.entry(&selected.environment);
        // What was declared when nothing had an entry yet is taken by what the branch says now.
        let tagging = entry.and_then(|entry| entry.tagging()).or(branch.tagging());
        let ran_this = ran.filter(|record| record.version == file.version.text());
        let mut lineup = match (&file.version, ran_this) {
            (Declared::Empty, _) => Lineup { side, ..Lineup::default() },
            (Declared::Absent, _) => match ran {
                Some(record) => self.record(side, record)?,
                None => return Err(Unclear::NothingRan { environment: selected.environment.clone() }.into()),
            },
            (Declared::Ref(reference @ AppRef::Commit(_)), _) => self.reference(side, reference)?,
            (Declared::Version(version), _) => {
                let tag = match tagging {
                    Some(Tagging::None) => None,
                    tagging => self.past_tag(version, tagging, selected, ran_this)?,
                };
                match (tag, ran_this) {
                    (Some(tag), _) => self.tagged(side, version, &tag)?,
                    (None, Some(record)) => self.record(side, record)?,
                    (None, None) => return Err(self.not_recorded(text, &file.version)),
                }
            }
            (_, Some(record)) => self.record(side, record)?,
            (declared, None) => return Err(self.not_recorded(text, declared)),
        };
        lineup.kind = entry.and_then(|entry| entry.kind.as_ref()).map(ToString::to_string);
        lineup.file = Some(file);
        Ok(lineup)
    }

    /// Says what is wrong with a history, and remembers what it has in common with others, to say that of both sides once.
    fn warn_of_history(&mut self, timeline: &Timeline) {
        timeline::problems_of(timeline).for_each(|problem| self.warn(problem));
        self.common.extend(timeline.common());
    }

    /// The tag that a version stood for at another time.
    fn past_tag(
        &self,
        version: &Version,
        tagging: Option<Tagging>,
        selected: &Selected,
        ran: Option<&Record>,
    ) -> Result<Option<TagName>> {
        let repository = &self.app.repository;
        let source = self.app.tag_source();
        let final_tag = repository.tag_commit(&version.final_tag(), source)?.map(|_| version.final_tag());
        if tagging == Some(Tagging::Final) && final_tag.is_some() {
            return Ok(final_tag);
        }
        let named = match &selected.declared {
            DeclaredState::Known(_, Some(change)) => change.candidate.clone(),
            _ => None,
        };
        let ran = ran.and_then(|record| record.tag.as_deref()).and_then(|tag| TagName::parse(tag).ok());
        for tag in ran.into_iter().chain(named) {
            if repository.tag_commit(&tag, source)?.is_some() {
                return Ok(Some(tag));
            }
        }
        let until = match &selected.point {
            Point::Time(moment) => moment.end,
            _ => i64::MAX,
        };
        // Of candidates that nothing names, the highest that there was by then.
        let times = repository.candidate_times(version, source)??;
        let newest = times.into_iter().rev().find(|(_, made)| *made <= until);
        Ok(newest.map(|(number, _)| version.candidate_tag(number)).or(final_tag))
    }

    fn not_recorded(&self, text: &str, declared: &Declared) -> Error {
        Unclear::NotRecorded { what: text.to_owned(), declared: declared.text().unwrap_or_default() }.into()
    }

    /// What an environment holds by what its branch declares; by what ran, where the branch has no `version`. Its history
    /// is read where it is not known already.
    pub(in crate::workspace) fn environment(
        &mut self,
        branch: &EnvironmentBranch,
        timeline: Option<&Timeline>,
    ) -> Result<Lineup> {
        let file = branch.file.as_ref().map_err(|unusable| Error::unusable(unusable, &branch.branch()))?.clone();
        let Some(name) = branch.name.clone() else {
            return Err(Error::NoEnvironments { path: self.workspace.release.folder().to_owned() });
        };
        let read = match timeline {
            Some(_) => None,
            None => self.workspace.environments().timeline(self.landscape, branch)?,
        };
        read.iter().for_each(|read| self.warn_of_history(read));
        let now = self.workspace.choices.now;
        let ran =
            timeline.or(read.as_ref()).and_then(|timeline| timeline.ran_at(now)).map(|deployment| &deployment.record);
        let side = Side {
            name: name.to_string(),
            environment: Some(name.clone()),
            version: file.version.text(),
            release_commit: Some(branch.commit),
            ran: ran.map(ran_of),
            ..Side::default()
        };
        let entry = file.entry(&name);
        let wanted = entry.and_then(|entry| entry.branch.as_ref());
        let mut lineup = match &file.version {
            Declared::Empty => Lineup { side, ..Lineup::default() },
            Declared::Absent => match ran {
                Some(record) => self.record(side, record)?,
                None => return Err(Unclear::NothingRan { environment: name }.into()),
            },
            Declared::Wip => self.heads(side, None, wanted)?,
            Declared::Ref(reference) => self.reference(side, reference)?,
            Declared::Version(version) => match self.held_tag(branch, &name, version)? {
                Some(tag) => self.tagged(side, version, &tag)?,
                None if matches!(branch.tagging(), Some(Tagging::Reuse | Tagging::Final)) => {
                    return Err(Unresolved::NoCandidate { version: version.clone(), environment: name }.into());
                }
                None => self.heads(side, Some(version), wanted)?,
            },
        };
        lineup.kind = entry.and_then(|entry| entry.kind.as_ref()).map(ToString::to_string);
        lineup.file = Some(file);
        Ok(lineup)
    }

    /// The tag that an environment holds of the version that it declares; `None` where none counts, or there is none.
    fn held_tag(
        &mut self,
        branch: &EnvironmentBranch,
        name: &EnvironmentName,
        version: &Version,
    ) -> Result<Option<TagName>> {
        if branch.tagging() == Some(Tagging::None) {
            return Ok(None);
        }
        let exists =
            |tag: &TagName| Ok::<_, Error>(self.app.repository.tag_commit(tag, self.app.tag_source())?.is_some());
        if exists(&version.final_tag())? {
            return Ok(Some(version.final_tag()));
        }
        if matches!(branch.tagging(), Some(Tagging::Reuse | Tagging::Final)) {
            return match self.workspace.approved_candidate(&self.app, self.landscape, branch, version)? {
                Ok((number, _)) => Ok(Some(version.candidate_tag(number))),
                Err(refused) => {
                    let hint = refused.hints().into_iter().next().unwrap_or_default();
                    self.warn(Problem::warning(refused.code(), refused.to_string()).hint(hint));
                    Ok(None)
                }
            };
        }
        // The candidate that a promotion from here would name.
        let highest = self.app.repository.highest_candidate(version, self.app.tag_source())??;
        let highest = highest.map(|(number, _)| version.candidate_tag(number));
        let mut deployed = self.workspace.environments().deployed_candidates(&[name], version)?;
        let mut known = Vec::with_capacity(deployed.len());
        for (tag, _) in &deployed {
            known.push(exists(tag)?);
        }
        let mut known = known.into_iter();
        deployed.retain(|_| known.next() == Some(true));
        match promotion::candidate(version, None, &deployed, highest.clone(), Some(name), name, &mut Vec::new()) {
            Ok(tag) => Ok(Some(tag)),
            Err(_) if highest.is_none() => Ok(None),
            Err(refused) => {
                let hint = "the highest candidate is compared";
                self.warn(Problem::warning(refused.code(), refused.to_string()).hint(hint));
                Ok(highest)
            }
        }
    }

    /// What a text on the command line stands for that names no environment: a tag, a version, `WIP` or `ref:…`.
    pub(in crate::workspace) fn given(&mut self, text: &str) -> Result<Lineup> {
        let side = Side { name: text.to_owned(), basis: Basis::Given, ..Side::default() };
        if let Ok(tag) = TagName::parse(text)
            && self.app.repository.tag_commit(&tag, self.app.tag_source())?.is_some()
        {
            return match version_of(&tag) {
                Some(version) => self.tagged(side, &version, &tag),
                None => self.reference(side, &AppRef::Name(BranchName::parse(text)?)),
            };
        }
        match Declared::parse(text)? {
            Declared::Wip => self.heads(side, None, None),
            Declared::Ref(reference) => self.reference(side, &reference),
            Declared::Version(version) => match self.newest_tag(&version)? {
                Some(tag) => self.tagged(side, &version, &tag),
                None if self.app.head(&version.release_branch())?.is_some() => self.heads(side, Some(&version), None),
                None => Err(self.unknown(text)),
            },
            Declared::Empty | Declared::Absent => Err(self.unknown(text)),
        }
    }

    /// The final tag of a version, else its highest candidate.
    pub(in crate::workspace) fn newest_tag(&self, version: &Version) -> Result<Option<TagName>> {
        let source = self.app.tag_source();
        if self.app.repository.tag_commit(&version.final_tag(), source)?.is_some() {
            return Ok(Some(version.final_tag()));
        }
        let highest = self.app.repository.highest_candidate(version, source)??;
        Ok(highest.map(|(number, _)| version.candidate_tag(number)))
    }

    pub(in crate::workspace) fn unknown(&self, text: &str) -> Error {
        let known = self.landscape.in_order().filter_map(|branch| branch.name.clone()).collect();
        let (application, clone) = (self.app.name.clone(), self.app.repository.folder().to_owned());
        Unclear::NothingCalled { what: text.to_owned(), application, clone, known }.into()
    }
}

/// What is told of a deployment.
fn ran_of(record: &Record) -> Ran {
    Ran {
        version: record.version.clone(),
        tag: record.tag.clone(),
        commit: record.app_commit.as_deref().and_then(CommitId::parse),
        at: record.at.clone(),
    }
}
