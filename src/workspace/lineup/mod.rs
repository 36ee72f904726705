//! What an environment, a version or a tag stands for: the commit of every repository. Clones answer as they are; nothing
//! is asked of a remote and nothing is cloned.

mod error;
mod named;
mod remembered;
mod renamed;

use std::rc::Rc;

use crate::domain::app_file::Component;
use crate::domain::candidate::Candidate;
use crate::domain::diff::{Basis, Side};
use crate::domain::landscape::Landscape;
use crate::domain::name::{BranchName, CommitId, EnvironmentName, RepositoryName, TagName};
use crate::domain::problem::Problem;
use crate::domain::record::{Record, RepositoryRecord};
use crate::domain::release_file::ReleaseFile;
use crate::domain::resolution::{Unresolved, candidate_below};
use crate::domain::tags::TagMessage;
use crate::domain::timeline::{self, Common};
use crate::domain::version::{AppRef, Version};

use super::overview::{no_clone, unusable_clone};
use super::team::Member;
use super::{Error, Result, Workspace};

pub use error::Unclear;
pub(super) use remembered::Listed;
pub(super) use renamed::Contents;

/// The commit of every repository.
#[derive(Clone, Default)]
pub(super) struct Lineup {
    /// What is told of it.
    pub side: Side,
    /// The components, in the order of the app's list.
    pub components: Vec<(Component, Option<CommitId>)>,
    /// The type of the environment.
    pub kind: Option<String>,
    /// The release file that it was read from.
    pub file: Option<Rc<ReleaseFile>>,
}

/// Finds line-ups, and keeps the clones that it has found.
pub(super) struct Lineups<'w> {
    workspace: &'w Workspace,
    landscape: &'w Landscape,
    /// The app repo.
    pub app: Member,
    /// The components that were looked for, in that order.
    members: Vec<(RepositoryName, Option<Rc<Member>>)>,
    /// The components of the newest list, where somebody has asked for it.
    pub today: Vec<RepositoryName>,
    /// What was noticed on the way.
    pub warnings: Vec<Problem>,
    /// What the environments that were looked at have in common with others.
    common: Vec<Common>,
    /// What was asked for and is in such a history.
    in_common: Vec<(EnvironmentName, String)>,
}

impl<'w> Lineups<'w> {
    pub(super) fn new(workspace: &'w Workspace, landscape: &'w Landscape, app: Member) -> Self {
        Lineups {
            workspace,
            landscape,
            app,
            members: Vec::new(),
            today: Vec::new(),
            warnings: Vec::new(),
            common: Vec::new(),
            in_common: Vec::new(),
        }
    }

    /// Of the clone of the application that the release files name; an error where there is none.
    pub(super) fn open(workspace: &'w Workspace, landscape: &'w Landscape) -> Result<Self> {
        let Some(file) = landscape.first_file() else {
            return Err(match landscape.in_order().find_map(|branch| Some((branch, branch.file.as_ref().err()?))) {
                Some((branch, unusable)) => Error::unusable(unusable, &branch.branch()),
                None => Error::NoEnvironments { path: workspace.release.folder().to_owned() },
            });
        };
        let app = workspace.app_here(&file.application)?;
        app.repository.look_once();
        Ok(Lineups::new(workspace, landscape, app))
    }

    /// The clone of a component; the first time that there is none, that becomes a warning.
    pub(super) fn member(&mut self, component: &Component) -> Option<Rc<Member>> {
        if let Some((_, known)) = self.members.iter().find(|(name, _)| *name == component.name) {
            return known.clone();
        }
        let found = match self.workspace.component_if_present(&self.app, component) {
            Ok(Some(member)) => Some(Rc::new(member)),
            Ok(None) => {
                self.warnings.push(no_clone(&component.name));
                None
            }
            Err(error) => {
                self.warnings.push(unusable_clone(component.name.as_str(), &error));
                None
            }
        };
        self.members.push((component.name.clone(), found.clone()));
        found
    }

    /// The clones that were looked at.
    pub(super) fn clones(&self) -> impl Iterator<Item = &Member> {
        std::iter::once(&self.app).chain(self.members.iter().filter_map(|(_, member)| member.as_deref()))
    }

    /// The commits that a tag of a version binds.
    pub(super) fn tagged(&mut self, side: Side, version: &Version, tag: &TagName) -> Result<Lineup> {
        let commit = self.app.repository.tag_commit(tag, self.app.tag_source())?;
        let commit = commit.ok_or_else(|| self.unknown(tag.as_str()))?;
        let app = (self.app.name.clone(), self.app.moved(tag)?);
        self.say_whether_moved(tag, app, Some(commit));
        let list = self.list(commit)?;
        let (message, below) = self.bound(version, tag)?;
        let mut components = Vec::with_capacity(list.len());
        for component in list {
            let recorded = message.as_ref().and_then(|message| message.component(&component.name));
            let member = self.member(&component);
            let own = match &member {
                Some(member) => {
                    let tags =
                        [component.tag.as_ref().or(Some(tag)), below.as_ref().filter(|_| !component.is_pinned())];
                    own_tag(member, tags.into_iter().flatten())?
                }
                None => None,
            };
            if let (Some(recorded), Some(own)) = (recorded, own)
                && recorded != own
            {
                let own_tag = component.tag.as_ref().unwrap_or(tag);
                let (own, recorded) = (own.short(), recorded.short());
                let message =
                    format!("{own_tag} of {} stands on {own}, and {tag} was made for {recorded}", component.name);
                self.warn(
                    Problem::warning("moved-tag", message)
                        .hint("what was recorded is compared; a deployment would refuse it")
                        .repository(component.name.to_string()),
                );
            }
            let commit = recorded.or(own);
            if let (Some(member), Some(pin)) = (&member, &component.tag) {
                self.say_whether_moved(pin, (component.name.clone(), member.moved(pin)?), commit);
            }
            if commit.is_none() && member.is_some() {
                self.warn(
                    Problem::warning("half-tagged", format!("{} has no tag {tag}", component.name))
                        .hint("relman fetch brings the tags; relman verify says more")
                        .repository(component.name.to_string()),
                );
            }
            components.push((component, commit));
        }
        let version = side.version.clone().or_else(|| Some(version.to_string()));
        let side = Side { version, tag: Some(tag.clone()), commit: Some(commit), ..side };
        Ok(Lineup { side, components, ..Lineup::default() })
    }

    /// What the message of a tag has recorded, and for a final tag without such a message the candidate below it.
    pub(super) fn bound(&self, version: &Version, tag: &TagName) -> Result<(Option<TagMessage>, Option<TagName>)> {
        let message = self.app.repository.tag_message(tag, self.app.tag_source())?;
        if *tag != version.final_tag() || message.is_some() {
            return Ok((message, None));
        }
        let state = self.app.state(Some(version), None, None)?;
        let number = state.tags.final_tag.as_ref().and_then(|tagged| candidate_below(version, &state, tagged));
        let below = number.and_then(|number| state.tags.candidates.get(&number)).and_then(|t| t.message.clone());
        Ok((below, number.map(|number| version.candidate_tag(number))))
    }

    /// A tag that the remote had elsewhere than this clone has it was moved by force, on one side or the other. Which one is
    /// right today, the remote alone knows, and it is not asked.
    fn say_whether_moved(
        &mut self,
        tag: &TagName,
        (name, moved): (RepositoryName, Option<(CommitId, CommitId)>),
        compared: Option<CommitId>,
    ) {
        let (Some((here, there)), Some(compared)) = (moved, compared) else { return };
        let (here, there, compared) = (here.short(), there.short(), compared.short());
        let message =
            format!("{tag} of {name} was on {there} when its remote was last asked, and is on {here} in this clone");
        let problem = Problem::warning("moved-tag", message)
            .hint(format!("somebody has moved it by force; {compared} is compared, and relman fetch asks the remote"))
            .repository(name.to_string());
        self.warn(problem);
    }

    /// The heads: of `release/V` where there is a version and that branch, else of the configured branches.
    pub(super) fn heads(
        &mut self,
        side: Side,
        version: Option<&Version>,
        wanted: Option<&BranchName>,
    ) -> Result<Lineup> {
        let repository = self.app.name.clone();
        match (head_of(&self.app, version, wanted)?, wanted) {
            (Some(commit), _) => self.at_heads(side, version, commit),
            (None, Some(branch)) => Err(Unresolved::NoBranch { repository, branch: branch.clone() }.into()),
            (None, None) => Err(Unresolved::NoDefaultBranch { repository }.into()),
        }
    }

    fn at_heads(&mut self, side: Side, version: Option<&Version>, commit: CommitId) -> Result<Lineup> {
        let mut components = Vec::new();
        for component in self.list(commit)? {
            let commit = match (self.member(&component), &component.tag) {
                (Some(member), Some(pin)) => member.repository.tag_commit(pin, member.tag_source())?,
                (Some(member), None) => head_of(&member, version, component.branch.as_ref())?,
                (None, _) => None,
            };
            components.push((component, commit));
        }
        let version = side.version.clone().or_else(|| version.map(ToString::to_string));
        Ok(Lineup { side: Side { version, commit: Some(commit), ..side }, components, ..Lineup::default() })
    }

    /// What `ref:` names; a release tag binds its components, anything else goes with the heads.
    fn reference(&mut self, side: Side, reference: &AppRef) -> Result<Lineup> {
        let repository = &self.app.repository;
        let missing = || Error::NoSuchRef { repository: self.app.name.clone(), target: reference.to_string() };
        match reference {
            AppRef::Commit(id) => {
                let is_here =
                    repository.has_object(id.object()) && repository.peel_to_commit(id.object())? == Some(*id);
                if is_here { self.at_heads(side, None, *id) } else { Err(missing()) }
            }
            AppRef::Name(name) => {
                if let Some(commit) = self.app.head(name)? {
                    return self.at_heads(side, None, commit);
                }
                let tag = TagName::parse(name.as_str()).map_err(|_| missing())?;
                let commit = repository.tag_commit(&tag, self.app.tag_source())?.ok_or_else(missing)?;
                match version_of(&tag) {
                    Some(version) => self.tagged(side, &version, &tag),
                    None => self.at_heads(side, None, commit),
                }
            }
        }
    }

    /// What a record says that ran.
    pub(super) fn record(&mut self, side: Side, record: &Record) -> Result<Lineup> {
        let unread =
            || Unclear::RecordWithoutCommits { environment: record.environment.clone(), at: record.at.clone() };
        let commit = record.app_commit.as_deref().and_then(CommitId::parse).ok_or_else(unread)?;
        let side = Side {
            version: record.version.clone(),
            tag: record.tag.as_deref().and_then(|tag| TagName::parse(tag).ok()),
            ..side
        };
        self.ran(side, commit, &record.repositories)
    }

    /// What ran at these commits, the app's at `commit`.
    pub(super) fn ran(&mut self, side: Side, commit: CommitId, repositories: &[RepositoryRecord]) -> Result<Lineup> {
        let is_here = self.app.repository.has_object(commit.object());
        let list = if is_here { self.list(commit)? } else { Vec::new() };
        let mut components = Vec::new();
        for recorded in repositories {
            let Ok(name) = RepositoryName::parse(&recorded.name) else { continue };
            if name == self.app.name {
                continue;
            }
            let known = list.iter().find(|component| component.name == name).cloned();
            let component = known.unwrap_or_else(|| Component::named(name));
            components.push((component, CommitId::parse(&recorded.commit)));
        }
        let side = Side { basis: Basis::Ran, commit: Some(commit), ..side };
        Ok(Lineup { side, components, ..Lineup::default() })
    }

    /// The components of the app at a commit.
    fn list(&self, commit: CommitId) -> Result<Vec<Component>> {
        Ok(self.workspace.app_file(&self.app, commit)?.0.repositories)
    }

    /// Says that a clone lacks a commit.
    pub(super) fn note_missing(&mut self, name: &RepositoryName, commit: CommitId) {
        if self.has(name, commit) {
            return;
        }
        self.warn(
            Problem::warning("no-commit", format!("the clone of {name} does not have {}", commit.short()))
                .hint("relman fetch brings the clones up to date")
                .repository(name.to_string()),
        );
    }

    /// Everything that was noticed.
    pub(super) fn into_warnings(mut self) -> Vec<Problem> {
        let shared = timeline::shared_history(&self.common, &self.in_common);
        shared.into_iter().for_each(|problem| self.warn(problem));
        self.warnings
    }

    /// Says something once, whatever it was noticed at.
    pub(super) fn warn(&mut self, problem: Problem) {
        let is_said = |said: &Problem| (said.code, &said.message) == (problem.code, &problem.message);
        if !self.warnings.iter().any(is_said) {
            self.warnings.push(problem);
        }
    }
}

/// The commit of the first of these tags that there is.
fn own_tag<'t>(member: &Member, tags: impl Iterator<Item = &'t TagName>) -> Result<Option<CommitId>> {
    for tag in tags {
        if let Some(commit) = member.repository.tag_commit(tag, member.tag_source())? {
            return Ok(Some(commit));
        }
    }
    Ok(None)
}

/// The head of `release/V`, else of the configured branch, else of the default branch.
fn head_of(member: &Member, version: Option<&Version>, wanted: Option<&BranchName>) -> Result<Option<CommitId>> {
    if let Some(version) = version
        && let Some(head) = member.head(&version.release_branch())?
    {
        return Ok(Some(head));
    }
    let branch = match wanted {
        Some(branch) => Some(branch.clone()),
        None => member.default_branch()?,
    };
    match branch {
        Some(branch) => member.head(&branch),
        None => Ok(None),
    }
}

/// The version that a tag of a release belongs to.
pub(super) fn version_of(tag: &TagName) -> Option<Version> {
    match Candidate::parse(tag.as_str()) {
        Some(candidate) => Some(candidate.version),
        None => tag.as_str().strip_prefix('v').and_then(|rest| Version::parse(rest).ok()),
    }
}
