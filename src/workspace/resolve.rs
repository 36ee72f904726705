//! Gathering what a deployment depends on, and letting the domain decide.

use gix::ObjectId;

use crate::domain::app_file::{AppFile, Component};
use crate::domain::candidate::Candidate;
use crate::domain::environment::Tagging;
use crate::domain::landscape::{EnvironmentBranch, Landscape};
use crate::domain::name::{BranchName, CommitId, EnvironmentName, TagName};
use crate::domain::problem::Problem;
use crate::domain::release_file::Application;
use crate::domain::resolution::{self, AppSource, Decision, RepositoryState, SourceKind, Target, Trail};
use crate::domain::values::{CHART_FOLDERS, values_files};
use crate::domain::version::{AppRef, Declared, Version};
use crate::git::app_repo::TagSource;

use super::team::{Member, Question};
use super::{Error, Result, Workspace};

/// What a deployment would use.
pub struct Resolved {
    /// The environment.
    pub environment: EnvironmentName,
    /// Its type, where the entry says it.
    pub kind: Option<String>,
    /// What it does about tags.
    pub tagging: Tagging,
    /// What the branch declares, or what was given instead.
    pub declared: Declared,
    /// The decision about all repositories.
    pub decision: Decision,
    /// The Helm values files that count, in order.
    pub values: Vec<(String, ObjectId)>,
    /// The file that defines the pipeline.
    pub pipeline: Option<(String, ObjectId)>,
    /// Why a final tag that stands on no candidate is trusted; `None` where it needs no trust.
    pub unproven: Option<String>,
    /// What should be known about it.
    pub warnings: Vec<Problem>,
    /// The tip of the environment's branch.
    pub release_commit: CommitId,
    /// The repositories, as they were when the decision was made.
    pub team: Team,
}

/// The repositories of a release, with what was read of each.
pub struct Team {
    /// The app repo.
    pub app: Member,
    /// What the version finds in it.
    pub app_state: RepositoryState,
    /// The components, in the order of the app's list.
    pub components: Vec<(Member, RepositoryState)>,
}

impl Workspace {
    /// Finds out what a deployment of an environment would use. `given` stands in for what the branch declares.
    pub fn resolve(&self, environment: &EnvironmentName, given: Option<Declared>) -> Result<Resolved> {
        self.fetch_environments()?;
        self.resolve_past(environment, given, None)
    }

    /// Like [`Workspace::resolve`], with the environment branches as they were fetched before. Candidates up to `spent`
    /// count as taken even if nothing shows them.
    pub fn resolve_past(
        &self,
        environment: &EnvironmentName,
        given: Option<Declared>,
        spent: Option<u64>,
    ) -> Result<Resolved> {
        let mut environments = self.environments();
        let landscape = environments.landscape()?;
        let branch = self.branch(&landscape, environment)?;
        let file = branch.file.as_ref().map_err(|unusable| Error::unusable(unusable, &branch.branch()))?.clone();
        let Some((entry, tagging)) = branch.entry().and_then(|entry| Some((entry, entry.tagging()?))) else {
            let problem = branch.problems().into_iter().find(|problem| {
                matches!(problem.code, "branch-without-entry" | "type-without-tagging" | "type-missing")
            });
            return Err(Error::entry(
                problem.unwrap_or_else(|| Problem::error("invalid-entry", "the entry can't be used")),
            ));
        };
        let declared = match given {
            Some(declared) => declared,
            None => file.version.clone(),
        };
        match declared {
            Declared::Empty => return Err(Error::NothingDeclared { environment: environment.clone() }),
            Declared::Absent => return Err(Error::VersionNeeded { environment: environment.clone() }),
            Declared::Wip if tagging != Tagging::None => {
                return Err(resolution::Unresolved::WipNeedsVersion { environment: environment.clone() }.into());
            }
            _ => {}
        }
        let target = Target {
            environment: environment.clone(),
            tagging,
            branch: entry.branch.clone(),
            mixed: entry.mixed,
            makes_tags: !matches!(declared, Declared::Ref(_)),
            spent,
        };
        let kind = entry.kind.as_ref().map(ToString::to_string);
        let mut warnings = Vec::new();
        let gathered = self.gather(&file.application, &declared, &target, &landscape, branch, &mut warnings)?;
        let values = self.values(&gathered.app, gathered.decision.app.commit, kind.as_deref(), environment)?;
        Ok(Resolved {
            environment: environment.clone(),
            kind,
            tagging,
            declared,
            decision: gathered.decision,
            values,
            pipeline: gathered.pipeline,
            unproven: gathered.unproven,
            warnings,
            release_commit: branch.commit,
            team: Team { app: gathered.app, app_state: gathered.app_state, components: gathered.components },
        })
    }

    fn gather(
        &self,
        application: &Application,
        declared: &Declared,
        target: &Target,
        landscape: &Landscape,
        branch: &EnvironmentBranch,
        warnings: &mut Vec<Problem>,
    ) -> Result<Gathered> {
        let mut app = self.app(application)?;
        let asked_version = asked_version(declared);
        let question = Question { version: asked_version.clone(), heads: true };
        // The components of the list as it is known now are asked together with the app; whatever a new list adds is
        // asked afterwards.
        let mut components = self.known_components(&app, target.branch.as_ref(), asked_version.as_ref())?;
        let mut everyone: Vec<&mut Member> = std::iter::once(&mut app).chain(components.iter_mut()).collect();
        self.ask(&mut everyone, &question)?;
        app.require_tags("the resolution")?;

        let (version, source, app_state, trail) = match declared {
            Declared::Ref(reference) => self.named_source(&app, reference, target, asked_version)?,
            _ => {
                let app_state = app.state(asked_version.as_ref(), None, target.branch.as_ref())?;
                let trail = match (&asked_version, target.tagging) {
                    (Some(version), Tagging::Reuse | Tagging::Final) => {
                        self.require_history("the resolution")?;
                        self.environments().trail(landscape, branch, version)?
                    }
                    _ => Trail::default(),
                };
                let source = match &asked_version {
                    Some(version) => {
                        match self.half_made_final(&app, target, version, &app_state, &trail, &mut components)? {
                            Some(source) => source,
                            None => resolution::app_source(target, version, &app_state, &trail, warnings)?,
                        }
                    }
                    None => {
                        let (branch, commit) = resolution::branch_head(&app_state, target.branch.as_ref())?;
                        AppSource { commit, reference: branch.full(), kind: SourceKind::Branch }
                    }
                };
                (asked_version, source, app_state, trail)
            }
        };
        let (file, found) = self.app_file(&app, source.commit)?;
        let pipeline = app.pipeline_file(source.commit, &file, found)?;
        let members = self.members(&app, &file, version.as_ref(), true, components)?;
        let states = states_of(&file, &members, version.as_ref())?;
        let is_final = source.kind == SourceKind::Final;
        let decision = resolution::decide(target, version.as_ref(), source, &app_state, &states, &trail, warnings)?;
        let components = members.into_iter().zip(states).collect();
        let unproven = trail.unproven.filter(|_| is_final && decision.candidate.is_none());
        if let (Some(reason), Some(tag)) = (&unproven, &decision.tag) {
            let text = format!("{tag} stands on no candidate, and is trusted all the same: {reason}");
            warnings.push(Problem::warning("unproven", text));
        }
        Ok(Gathered { app, app_state, components, decision, pipeline, unproven })
    }

    /// What a run that was stopped between two final tags has left: components that are tagged, and an app repo that is
    /// not. Which components there are is read from the highest candidate.
    fn half_made_final(
        &self,
        app: &Member,
        target: &Target,
        version: &Version,
        app_state: &RepositoryState,
        trail: &Trail,
        components: &mut Vec<Member>,
    ) -> Result<Option<AppSource>> {
        if !matches!(target.tagging, Tagging::Reuse | Tagging::Final) || app_state.tags.final_tag.is_some() {
            return Ok(None);
        }
        let Some((_, highest)) = app_state.tags.candidates.last_key_value() else { return Ok(None) };
        let mut file = self.app_file(app, highest.commit)?.0;
        file.repositories.retain(|component| !component.is_pinned());
        *components = self.members(app, &file, Some(version), true, std::mem::take(components))?;
        let states = states_of(&file, components, Some(version))?;
        Ok(resolution::half_made_final(target, version, app_state, &states, trail)?)
    }

    /// The clones of the components in the list at the head that a version would be taken from, as this clone of the
    /// app knows it before anything was asked.
    pub(super) fn known_components(
        &self,
        app: &Member,
        branch: Option<&BranchName>,
        version: Option<&Version>,
    ) -> Result<Vec<Member>> {
        if self.choices.offline {
            return Ok(Vec::new());
        }
        let Some(head) = self.list_head(app, branch, version)? else { return Ok(Vec::new()) };
        // A list that can't be read now may be mended at the remote; the list that counts is read again later.
        let Ok((file, _)) = self.app_file(app, head) else { return Ok(Vec::new()) };
        let mut members = Vec::new();
        for component in &file.repositories {
            if let Some(member) = self.component_if_present(app, component)? {
                members.push(member);
            }
        }
        Ok(members)
    }

    /// The commit whose list of components counts before a candidate is chosen: the head of the release branch, else
    /// of the configured branch.
    pub(super) fn list_head(
        &self,
        app: &Member,
        branch: Option<&BranchName>,
        version: Option<&Version>,
    ) -> Result<Option<CommitId>> {
        if let Some(version) = version
            && let Some(head) = app.head(&version.release_branch())?
        {
            return Ok(Some(head));
        }
        let branch = match branch {
            Some(branch) => Some(branch.clone()),
            None => app.default_branch()?,
        };
        match branch {
            Some(branch) => app.head(&branch),
            None => Ok(None),
        }
    }

    /// The clones of all components of a list, in its order, every remote asked.
    pub(super) fn members(
        &self,
        app: &Member,
        file: &AppFile,
        version: Option<&Version>,
        heads: bool,
        mut known: Vec<Member>,
    ) -> Result<Vec<Member>> {
        let mut members = Vec::with_capacity(file.repositories.len());
        for component in &file.repositories {
            let position = known.iter().position(|member| member.name == component.name);
            members.push(match position {
                Some(position) => known.swap_remove(position),
                None => self.component(app, component)?,
            });
        }
        let mut unasked: Vec<&mut Member> = members.iter_mut().filter(|member| !member.asked).collect();
        self.ask(&mut unasked, &Question { version: version.cloned(), heads })?;
        self.bring_pinned_tags(&file.repositories, &members)?;
        Ok(members)
    }

    /// A pinned tag that the clone does not have is asked for by its name.
    fn bring_pinned_tags(&self, components: &[Component], members: &[Member]) -> Result<()> {
        for (component, member) in components.iter().zip(members) {
            let (Some(tag), Some(remote)) = (&component.tag, &member.remote) else { continue };
            if self.choices.offline || member.repository.tag_commit(tag, TagSource::Clone(Some(remote)))?.is_some() {
                continue;
            }
            member.repository.fetch_tag(remote, tag)?;
        }
        Ok(())
    }

    /// What `ref:` names: a commit, a branch, or a tag. A release tag counts as the release that it marks.
    fn named_source(
        &self,
        app: &Member,
        reference: &AppRef,
        target: &Target,
        version: Option<Version>,
    ) -> Result<(Option<Version>, AppSource, RepositoryState, Trail)> {
        let trail = Trail::default();
        let missing = || Error::NoSuchRef { repository: app.name.clone(), target: reference.to_string() };
        let at_heads = |commit, reference: String| -> Result<_> {
            if target.tagging == Tagging::Final {
                return Err(Error::RefNotATag { environment: target.environment.clone(), target: reference });
            }
            let state = app.state(None, None, None)?;
            Ok((None, AppSource { commit, reference, kind: SourceKind::Ref }, state, Trail::default()))
        };
        match reference {
            AppRef::Commit(id) => {
                match app.repository.has_object(id.object()).then(|| app.repository.peel_to_commit(id.object())) {
                    Some(Ok(Some(commit))) if commit == *id => at_heads(commit, id.to_string()),
                    _ => Err(missing()),
                }
            }
            AppRef::Name(name) => {
                if let Some(commit) = app.head(name)? {
                    return at_heads(commit, name.full());
                }
                let tag = TagName::parse(name.as_str()).map_err(|_| missing())?;
                if let Some(version) = version {
                    let state = app.state(Some(&version), None, None)?;
                    let candidate = Candidate::parse(tag.as_str()).filter(|candidate| candidate.version == version);
                    let found = match candidate {
                        Some(candidate) => state
                            .tags
                            .candidates
                            .get(&candidate.number)
                            .map(|tagged| (tagged.commit, SourceKind::Candidate(candidate.number))),
                        None => match &state.tags.final_tag {
                            Some(tagged) => {
                                resolution::require_proof(target, &version, &state, tagged)?;
                                Some((tagged.commit, SourceKind::Final))
                            }
                            None => None,
                        },
                    };
                    if let Some((commit, kind)) = found {
                        return Ok((Some(version), AppSource { commit, reference: tag.full(), kind }, state, trail));
                    }
                }
                let remote = app.remote.as_deref();
                if let (Some(remote), false) = (remote, self.choices.offline) {
                    app.repository.fetch_tag(remote, &tag)?;
                }
                match app.repository.tag_commit(&tag, TagSource::Clone(remote))? {
                    Some(commit) => at_heads(commit, tag.full()),
                    None => Err(missing()),
                }
            }
        }
    }

    pub(super) fn values(
        &self,
        app: &Member,
        commit: CommitId,
        kind: Option<&str>,
        environment: &EnvironmentName,
    ) -> Result<Vec<(String, ObjectId)>> {
        for folder in CHART_FOLDERS {
            let chart = if folder.is_empty() { "Chart.yaml".to_owned() } else { format!("{folder}/Chart.yaml") };
            if !app.repository.files_at(commit, &[chart])?.is_empty() {
                return Ok(app.repository.files_at(commit, &values_files(folder, kind, environment))?);
            }
        }
        Ok(Vec::new())
    }
}

/// What a version finds in each component of a list.
fn states_of(file: &AppFile, members: &[Member], version: Option<&Version>) -> Result<Vec<RepositoryState>> {
    let mut states = Vec::with_capacity(members.len());
    for (component, member) in file.repositories.iter().zip(members) {
        if !component.is_pinned() {
            member.require_tags("the resolution")?;
        }
        states.push(member.state(version, Some(component), component.branch.as_ref())?);
    }
    Ok(states)
}

struct Gathered {
    app: Member,
    app_state: RepositoryState,
    components: Vec<(Member, RepositoryState)>,
    decision: Decision,
    pipeline: Option<(String, ObjectId)>,
    unproven: Option<String>,
}

/// The version whose tags are needed: the declared one, or that of the release tag which `ref:` names.
fn asked_version(declared: &Declared) -> Option<Version> {
    match declared {
        Declared::Version(version) => Some(version.clone()),
        Declared::Ref(AppRef::Name(name)) => match Candidate::parse(name.as_str()) {
            Some(candidate) => Some(candidate.version),
            None => name.as_str().strip_prefix('v').and_then(|rest| Version::parse(rest).ok()),
        },
        _ => None,
    }
}
