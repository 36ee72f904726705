//! The references of the app repo and its components, as far as `status` asks for them.

use std::collections::HashMap;

use crate::domain::app_file::Component;
use crate::domain::environment::Tagging;
use crate::domain::error::Explain as _;
use crate::domain::landscape::{EnvironmentBranch, Landscape};
use crate::domain::name::{BranchName, CommitId, RepositoryName, TagName};
use crate::domain::problem::Problem;
use crate::domain::tags::TagMessage;
use crate::domain::version::{AppRef, Declared, Version};
use crate::git;

use super::overview::{DeployKind, Deploys, unusable_file};
use super::team::Member;
use super::{Error, Result, Workspace};

/// The references of the app repo and its components, each looked up once.
pub(super) struct AppRefs<'a> {
    workspace: &'a Workspace,
    landscape: &'a Landscape,
    app: &'a Member,
    default: Option<BranchName>,
    pub(super) components: Vec<(Component, Option<Member>)>,
    versions: HashMap<Version, VersionRefs>,
}

/// What one version finds in the app repo.
#[derive(Clone, Debug, Default)]
struct VersionRefs {
    release_head: Option<CommitId>,
    highest: Option<(u64, CommitId)>,
    final_tag: Option<CommitId>,
    problem: Option<Problem>,
}

impl<'a> AppRefs<'a> {
    pub(super) fn new(
        workspace: &'a Workspace,
        landscape: &'a Landscape,
        app: &'a Member,
        problems: &mut Vec<Problem>,
    ) -> Result<Self> {
        let default = app.default_branch()?;
        let head = match &default {
            Some(branch) => app.head(branch)?,
            None => None,
        };
        let mut components = Vec::new();
        if let Some(head) = head {
            match workspace.app_file(app, head) {
                Ok((file, _)) => {
                    for component in file.repositories {
                        let member = workspace.component_or_problem(app, &component, problems);
                        member.iter().for_each(|member| member.repository.look_once());
                        components.push((component, member));
                    }
                }
                Err(error) => problems.push(unusable_file(&app.name, &error)),
            }
        }
        Ok(AppRefs { workspace, landscape, app, default, components, versions: HashMap::new() })
    }

    /// The app repo.
    pub(super) fn app(&self) -> &Member {
        self.app
    }

    /// The repository whose clone an error of reading is about.
    pub(super) fn unreadable(&self, error: &Error) -> &RepositoryName {
        let Error::Git(git::Error::Read { path, .. } | git::Error::Open { path, .. }) = error else {
            return &self.app.name;
        };
        let mut members = self.components.iter().filter_map(|(_, member)| member.as_ref());
        let found = members.find(|member| path.starts_with(member.repository.folder()));
        found.map_or(&self.app.name, |member| &member.name)
    }

    /// What a branch deploys, and whether the heads have moved since.
    pub(super) fn state_of(
        &mut self,
        branch: &EnvironmentBranch,
        problems: &mut Vec<Problem>,
    ) -> Result<(Option<Deploys>, Option<bool>)> {
        let (Some(declared), Some(entry)) = (branch.declared(), branch.entry()) else { return Ok((None, None)) };
        let (declared, wanted, tagging) = (declared.clone(), entry.branch.clone(), entry.tagging());
        match declared {
            Declared::Empty | Declared::Absent => Ok((None, None)),
            Declared::Wip if tagging != Some(Tagging::None) => Ok((None, None)),
            Declared::Wip => {
                let deploys = self.branch_head(wanted.as_ref(), problems)?;
                let moved = self.unmoved(deploys.as_ref());
                Ok((deploys, moved))
            }
            Declared::Ref(reference) => {
                let deploys = self.named(&reference)?;
                if deploys.is_none() {
                    problems.push(
                        Problem::error(
                            "no-ref",
                            format!("{} has neither a branch nor a tag {reference}", self.app.name),
                        )
                        .hint("relman fetch brings the clones up to date"),
                    );
                }
                let moved = deploys.as_ref().map(|_| false);
                Ok((deploys, moved))
            }
            Declared::Version(version) => {
                let Some(tagging) = tagging else { return Ok((None, None)) };
                self.version_state(branch, &version, tagging, wanted.as_ref(), problems)
            }
        }
    }

    fn version_state(
        &mut self,
        branch: &EnvironmentBranch,
        version: &Version,
        tagging: Tagging,
        wanted: Option<&BranchName>,
        problems: &mut Vec<Problem>,
    ) -> Result<(Option<Deploys>, Option<bool>)> {
        let found = self.version(version)?;
        problems.extend(found.problem.clone());
        let head = match found.release_head {
            Some(commit) => {
                Some(Deploys { reference: version.release_branch().full(), kind: DeployKind::Branch, commit })
            }
            None if matches!(tagging, Tagging::None | Tagging::Candidate) => self.branch_head(wanted, problems)?,
            None => None,
        };
        if tagging == Tagging::None {
            let moved = self.unmoved(head.as_ref());
            return Ok((head, moved));
        }
        if let Some(commit) = found.final_tag {
            let deploys = Deploys { reference: version.final_tag().full(), kind: DeployKind::Final, commit };
            // Where candidates are made, commits after a finished version wait for the next one.
            let moved = match (tagging, &head) {
                (Tagging::Candidate, Some(head)) => Some(head.commit != commit),
                (Tagging::Candidate, None) => None,
                _ => Some(false),
            };
            return Ok((Some(deploys), moved));
        }
        let chosen = match (tagging, found.highest) {
            (Tagging::Candidate, highest) | (_, highest @ None) => highest,
            (_, Some(_)) => self.approved(branch, version, problems)?,
        };
        if chosen.is_none() && found.highest.is_some() {
            return Ok((None, Some(false)));
        }
        // The highest of a few that were brought by hand may be an old one.
        let is_unknown = match chosen {
            Some(_) => self.app.lacks_tags(),
            None => self.app.require_tags("the answer").is_err(),
        };
        if is_unknown {
            problems.push(
                Problem::warning(
                    "tags-incomplete",
                    format!("the clone of {} may lack tags, so what {version} stands for is not known", self.app.name),
                )
                .hint("relman fetch brings the tags"),
            );
            return Ok((None, None));
        }
        match chosen {
            Some((number, commit)) => {
                let tag = version.candidate_tag(number);
                let moved = match tagging {
                    Tagging::Candidate => self.heads_moved(&tag, commit, version, head.as_ref())?,
                    _ => Some(false),
                };
                Ok((Some(Deploys { reference: tag.full(), kind: DeployKind::Candidate, commit }), moved))
            }
            None if tagging == Tagging::Candidate => {
                let moved = head.as_ref().map(|_| false);
                Ok((head, moved))
            }
            None => {
                problems.push(
                    Problem::error("no-candidate", format!("there is no candidate of {version} to deploy"))
                        .hint("a candidate is made where the type is qa; relman fetch brings the tags"),
                );
                Ok((None, Some(false)))
            }
        }
    }

    /// The candidate that a deployment would take, by the same rules; why it would take none is a problem.
    fn approved(
        &self,
        branch: &EnvironmentBranch,
        version: &Version,
        problems: &mut Vec<Problem>,
    ) -> Result<Option<(u64, CommitId)>> {
        match self.workspace.approved_candidate(self.app, self.landscape, branch, version)? {
            Ok(approved) => Ok(Some(approved)),
            Err(refused) => {
                let hint = refused.hints().into_iter().next().unwrap_or_default();
                problems.push(Problem::error(refused.code(), refused.to_string()).hint(hint));
                Ok(None)
            }
        }
    }

    /// What is deployed by its head can't be behind it; where a clone is missing, that is not known of all.
    fn unmoved(&self, head: Option<&Deploys>) -> Option<bool> {
        let missing = self.components.iter().any(|(component, member)| member.is_none() && !component.is_pinned());
        head.filter(|_| !missing).map(|_| false)
    }

    fn version(&mut self, version: &Version) -> Result<VersionRefs> {
        if let Some(known) = self.versions.get(version) {
            return Ok(known.clone());
        }
        let repository = &self.app.repository;
        let mut found = VersionRefs::default();
        match repository.highest_candidate(version, self.app.tag_source())? {
            Ok(highest) => found.highest = highest,
            Err(error) => {
                let hint = error.hints().into_iter().next().unwrap_or_default();
                found.problem = Some(Problem::error("candidate-number-too-large", error.to_string()).hint(hint));
            }
        }
        found.final_tag = repository.tag_commit(&version.final_tag(), self.app.tag_source())?;
        found.release_head = self.app.head(&version.release_branch())?;
        self.versions.insert(version.clone(), found.clone());
        Ok(found)
    }

    fn branch_head(&self, wanted: Option<&BranchName>, problems: &mut Vec<Problem>) -> Result<Option<Deploys>> {
        let Some(branch) = wanted.or(self.default.as_ref()) else {
            problems.push(
                Problem::warning("no-default-branch", format!("the default branch of {} is not known", self.app.name))
                    .hint("name it: `branch` in the entry; or in the clone: git remote set-head origin --auto"),
            );
            return Ok(None);
        };
        let head = self.app.head(branch)?;
        if head.is_none() {
            problems.push(
                Problem::error("no-branch", format!("{} has no branch {branch}", self.app.name))
                    .hint("mend `branch` in the entry; or relman fetch"),
            );
        }
        Ok(head.map(|commit| Deploys { reference: branch.full(), kind: DeployKind::Branch, commit }))
    }

    fn named(&self, reference: &AppRef) -> Result<Option<Deploys>> {
        let repository = &self.app.repository;
        match reference {
            AppRef::Commit(id) => {
                let there = repository.has_object(id.object());
                Ok(there.then(|| Deploys { reference: id.to_string(), kind: DeployKind::Ref, commit: *id }))
            }
            AppRef::Name(name) => {
                if let Some(commit) = self.app.head(name)? {
                    return Ok(Some(Deploys { reference: name.full(), kind: DeployKind::Ref, commit }));
                }
                let Ok(tag) = TagName::parse(name.as_str()) else { return Ok(None) };
                let commit = repository.tag_commit(&tag, self.app.tag_source())?;
                Ok(commit.map(|commit| Deploys { reference: tag.full(), kind: DeployKind::Ref, commit }))
            }
        }
    }

    /// Whether the heads are past a candidate: by references alone, over the list of components at the app's default
    /// head. `None` where a clone is missing.
    fn heads_moved(
        &self,
        tag: &TagName,
        commit: CommitId,
        version: &Version,
        head: Option<&Deploys>,
    ) -> Result<Option<bool>> {
        let Some(head) = head else { return Ok(None) };
        // A clone that was told of one branch only may lack the release branch.
        if head.reference != version.release_branch().full() && !self.app.knows_all_branches() {
            return Ok(None);
        }
        if head.commit != commit {
            return Ok(Some(true));
        }
        let mut missing = false;
        for (component, member) in &self.components {
            if component.is_pinned() {
                continue;
            }
            let Some(member) = member else {
                missing = true;
                continue;
            };
            let mut at_tag = member.repository.tag_commit(tag, member.tag_source())?;
            if at_tag.is_none() {
                at_tag = self.recorded(tag, &component.name)?;
            }
            let at_head = match member.head(&version.release_branch())? {
                Some(head) => Some(head),
                None if !member.knows_all_branches() => None,
                None => {
                    match component.branch.clone().map_or_else(|| member.default_branch(), |branch| Ok(Some(branch)))? {
                        Some(branch) => member.head(&branch)?,
                        None => None,
                    }
                }
            };
            match (at_tag, at_head) {
                (Some(at_tag), Some(at_head)) if at_tag == at_head => {}
                (Some(_), Some(_)) => return Ok(Some(true)),
                _ => missing = true,
            }
        }
        Ok(if missing { None } else { Some(false) })
    }

    fn recorded(&self, tag: &TagName, component: &RepositoryName) -> Result<Option<CommitId>> {
        let message: Option<TagMessage> = self.app.repository.tag_message(tag, self.app.tag_source())?;
        Ok(message.and_then(|message| message.component(component)))
    }
}
