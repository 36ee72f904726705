//! What `trace` looks at: the record of one deployment, and beside it everything that the clones say of the same.

use jiff::tz::TimeZone;

use crate::domain::app_file::{self, Pipeline};
use crate::domain::chain::{App, Chain, Component, Found};
use crate::domain::environment::Tagging;
use crate::domain::landscape::Landscape;
use crate::domain::name::{CommitId, EnvironmentName, RepositoryName, TagName};
use crate::domain::problem::Problem;
use crate::domain::record::{Deployment, FileRecord, Outcome, Record};
use crate::domain::release_file::Application;
use crate::domain::selector::{Point, Selector};
use crate::domain::timeline;
use crate::domain::version::{AppRef, Declared, Version};

use super::overview::{no_clone, unusable_clone, unusable_file};
use super::selected::Selected;
use super::team::Member;
use super::{Error, Result, Workspace};

/// Everything about one deployment.
pub struct Trace {
    /// What was asked for, and what was declared and ran.
    pub selected: Selected,
    /// The deployment that the chain is of: the one that ran, else the last one, whatever came of it.
    pub deployment: Option<Deployment>,
    /// The newest deployment that was tried, where it has not succeeded.
    pub last_tried: Option<Deployment>,
    /// The chain.
    pub chain: Chain,
    /// When the oldest clone was brought up to date, in seconds since 1970.
    pub fetched_at: Option<i64>,
    /// What is wrong with the history, or hides a part of the answer.
    pub problems: Vec<Problem>,
    app: Option<Member>,
}

/// What the release repo says of the deployment.
struct Release {
    commit: Option<CommitId>,
    declared: Option<Declared>,
    tagging: Option<Tagging>,
    kind: Option<String>,
}

impl Workspace {
    /// Follows the chain of the deployment that a selector means. Nothing is asked of a remote.
    pub fn follow(&self, selector: &Selector, zone: &TimeZone) -> Result<Trace> {
        let selected = self.selected(selector, zone)?;
        let mut problems = timeline::problems(std::slice::from_ref(&selected.timeline));
        let last = last_deployment(&selected);
        let last_tried = last.clone().filter(|last| last.outcome != Outcome::Succeeded);
        let deployment = selected.ran.clone().or(last);
        let release = self.release_of(&selected, deployment.as_ref())?;
        let landscape = self.environments().landscape()?;
        let mut fetched = vec![self.remote.as_ref().and_then(|_| self.release.fetched_at())];
        let mut found = Found {
            release_commit: release.commit,
            declared: release.declared.as_ref().and_then(Declared::text),
            tagged_deployments: release.tagging.is_some_and(|tagging| tagging != Tagging::None)
                && matches!(release.declared, Some(Declared::Version(_))),
            named: selected.named_candidate(release.commit),
            ..Found::default()
        };
        let app = self.traced_app(&landscape, &mut found, &mut problems)?;
        if let Some(app) = &app {
            fetched.push(app.remote.as_ref().and_then(|_| app.repository.fetched_at()));
            self.look_into_app(app, &release, deployment.as_ref(), selector, &mut found, &mut problems, &mut fetched)?;
        }
        let chain = Chain::new(&found, deployment.as_ref().map(|deployment| &deployment.record));
        let fetched_at = fetched.into_iter().flatten().min();
        Ok(Trace { selected, deployment, last_tried, chain, fetched_at, problems, app })
    }

    /// The commit of the release repo that was deployed, and what its file says.
    fn release_of(&self, selected: &Selected, deployment: Option<&Deployment>) -> Result<Release> {
        let recorded = deployment.and_then(|one| one.record.release_commit.as_deref()).and_then(CommitId::parse);
        let commit = recorded.or_else(|| selected.commit());
        let mut release = Release { commit, declared: None, tagging: None, kind: None };
        // What a branch lost by force may be gone from the clone as well.
        let Some(commit) = commit.filter(|commit| self.release.has_object(commit.object())) else { return Ok(release) };
        let (_, file) = self.environments().release_file(&self.release.commit(commit)?)?;
        if let Ok(file) = file {
            let entry = file.entry(&selected.environment);
            release.tagging = entry.and_then(|entry| entry.tagging());
            release.kind = entry.and_then(|entry| entry.kind.as_ref()).map(ToString::to_string);
            release.declared = Some(file.version.clone());
        }
        Ok(release)
    }

    fn traced_app(
        &self,
        landscape: &Landscape,
        found: &mut Found,
        problems: &mut Vec<Problem>,
    ) -> Result<Option<Member>> {
        let file = landscape.first_file();
        let Some(Application { name, .. }) = file.map(|file| &file.application) else { return Ok(None) };
        let application =
            &file.ok_or_else(|| Error::NoEnvironments { path: self.release.folder().to_owned() })?.application;
        let problem = match self.app_if_present(application) {
            Ok(Some(app)) => return Ok(Some(app)),
            Ok(None) => no_clone(name),
            Err(error) => unusable_clone(name.as_str(), &error),
        };
        found.app = App::Unreadable { name: name.clone(), why: problem.message.clone(), file: None };
        problems.push(problem);
        Ok(None)
    }

    #[expect(clippy::too_many_arguments, reason = "one reader of one repository")]
    fn look_into_app(
        &self,
        app: &Member,
        release: &Release,
        deployment: Option<&Deployment>,
        selector: &Selector,
        found: &mut Found,
        problems: &mut Vec<Problem>,
        fetched: &mut Vec<Option<i64>>,
    ) -> Result<()> {
        let record = deployment.map(|deployment| &deployment.record);
        let recorded = record.and_then(|record| record.tag.as_deref()).and_then(|tag| TagName::parse(tag).ok());
        if record.is_none() {
            self.derive(app, release, found)?;
        }
        if let Some(tag) = recorded.or_else(|| found.tag.clone()) {
            found.tagged = app.repository.tagged_as(&tag, app.tag_source())?;
            if let (Some(tagged), Some(version)) =
                (&found.tagged, release.declared.as_ref().and_then(Declared::version))
            {
                let below =
                    |number: &u64, commit: CommitId| (commit == tagged.commit).then(|| version.candidate_tag(*number));
                let state = app.repository.version_tags(version, app.tag_source())??;
                found.candidate = state.candidates.iter().rev().find_map(|(number, own)| below(number, own.commit));
            }
            found.tag = Some(tag);
        }
        let commit = record.and_then(|record| record.app_commit.as_deref()).and_then(CommitId::parse);
        let commit = commit.or(found.tagged.as_ref().map(|tagged| tagged.commit)).or(found.fixed_commit);
        let Some(commit) = commit else { return Ok(()) };
        if !app.repository.has_object(commit.object()) {
            let why =
                format!("the clone of {} lacks the commit {}; relman fetch may bring it", app.name, commit.short());
            found.app = App::Unreadable { name: app.name.clone(), why, file: None };
            return Ok(());
        }
        // A file that could not be read then can't be mended now; the record and the tag may know what it said.
        let (app_file, found_file) = match self.app_file(app, commit) {
            Ok(read) => read,
            Err(error) => {
                let (Error::AppFile { path, .. } | Error::AppFileTooLarge { path, .. }) = &error else {
                    return Err(error);
                };
                let problem = unusable_file(&app.name, &error);
                found.app = App::Unreadable {
                    name: app.name.clone(),
                    why: problem.message.clone(),
                    file: app.repository.files_at(commit, std::slice::from_ref(path))?.pop().map(file_record),
                };
                problems.push(problem);
                return Ok(());
            }
        };
        let components = self.traced_components(app, &app_file.repositories, record, found, problems, fetched)?;
        let values = self.values(app, commit, release.kind.as_deref(), &selector.environment)?;
        found.app = App::Read {
            name: app.name.clone(),
            components,
            pipeline: app.pipeline_file(commit, &app_file, found_file)?.map(file_record).ok_or_else(|| {
                let named = app_file.pipeline.as_ref().and_then(Pipeline::definition);
                match (named, found_file) {
                    (Some(named), Some((path, _))) => format!("{path} names {named}, which is not in the app commit"),
                    _ => "app.yml is not in the app commit".into(),
                }
            }),
            values: values.into_iter().map(file_record).collect(),
        };
        Ok(())
    }

    /// The components of the list, each with its tag, as far as there are clones. One that the record knows by another name
    /// than the list is found by its commit; so is a clone that has another name today.
    fn traced_components(
        &self,
        app: &Member,
        list: &[app_file::Component],
        record: Option<&Record>,
        found: &mut Found,
        problems: &mut Vec<Problem>,
        fetched: &mut Vec<Option<i64>>,
    ) -> Result<Vec<Component>> {
        let names: Vec<RepositoryName> = list.iter().map(|component| component.name.clone()).collect();
        let is_named = |name: &str| app.name.as_str() == name || names.iter().any(|known| known.as_str() == name);
        let bound = found.bound(record);
        let mut components = Vec::new();
        for component in list {
            let tag = component.tag.clone().or_else(|| found.tag.clone());
            let own = |(name, _): &&(String, CommitId)| component.name.as_str() == name;
            let commit = bound.iter().flatten().find(own).map(|(_, commit)| *commit);
            let said = problems.len();
            let mut member = self.component_or_problem(app, component, problems);
            if let (None, Some(commit)) = (&member, commit) {
                member = self.clone_of_today(app, &names, &[commit])?;
                problems.truncate(if member.is_some() { said } else { problems.len() });
            }
            if let Some(member) = &member {
                // Whoever has no such name may have another one for it.
                for said in bound.iter().filter(|said| !said.iter().any(|one| own(&one))) {
                    let is_free = |name: &str| !is_named(name) && found.former.iter().all(|(former, _)| former != name);
                    let has = |commit: CommitId| member.repository.has_object(commit.object());
                    let former = said.iter().find(|(name, commit)| is_free(name) && has(*commit));
                    found.former.extend(former.map(|(former, _)| (former.clone(), component.name.clone())));
                }
            }
            let commit = match (&member, &tag) {
                (Some(member), Some(tag)) => member.repository.tag_commit(tag, member.tag_source())?,
                _ => None,
            };
            fetched.extend(
                member.as_ref().map(|member| member.remote.as_ref().and_then(|_| member.repository.fetched_at())),
            );
            components.push(Component { name: component.name.clone(), tag, commit, has_clone: member.is_some() });
        }
        Ok(components)
    }

    /// What would be taken for what is declared, where no record says what was.
    fn derive(&self, app: &Member, release: &Release, found: &mut Found) -> Result<()> {
        match &release.declared {
            Some(Declared::Version(version)) if found.tagged_deployments => {
                found.tag = self.likely_tag(app, version, release.tagging, found.named.as_ref())?;
            }
            Some(Declared::Ref(AppRef::Commit(commit))) => found.fixed_commit = Some(*commit),
            Some(Declared::Ref(AppRef::Name(name))) => {
                // A branch moves on; a tag does not.
                let is_branch = app.head(name)?.is_some();
                found.tag = TagName::parse(name.as_str()).ok().filter(|_| !is_branch);
            }
            _ => {}
        }
        Ok(())
    }

    /// The final tag where the environment makes it and it exists, else the candidate that is named, else what there is.
    fn likely_tag(
        &self,
        app: &Member,
        version: &Version,
        tagging: Option<Tagging>,
        named: Option<&TagName>,
    ) -> Result<Option<TagName>> {
        let tags = app.repository.version_tags(version, app.tag_source())??;
        let finished = tags.final_tag.is_some().then(|| version.final_tag());
        let highest = || tags.highest().map(|number| version.candidate_tag(number));
        Ok(match tagging {
            Some(Tagging::Final) => finished.or_else(|| named.cloned()).or_else(highest),
            _ => named.cloned().or(finished).or_else(highest),
        })
    }
}

/// The last deployment that there was by then, or of what was asked for, whatever came of it.
fn last_deployment(selected: &Selected) -> Option<Deployment> {
    let timeline = &selected.timeline;
    match &selected.point {
        Point::Newest => timeline.deployments.last().cloned(),
        Point::Time(moment) => timeline.last_deployment_at(moment.end),
        Point::Version(version) => {
            timeline.deployments.iter().rfind(|one| one.record.version.as_ref() == Some(version)).cloned()
        }
        Point::Commit(commit) => {
            let id = commit.to_string();
            timeline.deployments.iter().rfind(|one| one.record.release_commit.as_ref() == Some(&id)).cloned()
        }
    }
}

fn file_record((path, blob): (String, gix::ObjectId)) -> FileRecord {
    FileRecord { path, blob: blob.to_string() }
}

impl Selected {
    /// The candidate that the commits of the release repo name, for what was declared at one of them.
    fn named_candidate(&self, commit: Option<CommitId>) -> Option<TagName> {
        self.timeline.named_at(commit?).cloned()
    }
}

impl Trace {
    /// The definition of the pipeline exactly as it was; `None` where that is not known.
    pub fn pipeline(&self) -> Result<Option<Vec<u8>>> {
        let (Some(link), Some(app)) = (&self.chain.pipeline, &self.app) else { return Ok(None) };
        let Ok(blob) = gix::ObjectId::from_hex(link.value.blob.as_bytes()) else { return Ok(None) };
        if !app.repository.has_object(blob) && !app.repository.is_partial() {
            return Ok(None);
        }
        app.definition(&link.value.path, blob).map(Some)
    }

    /// Whether a clone of the app repo has a commit.
    pub fn has_app(&self, commit: CommitId) -> bool {
        self.app.as_ref().is_some_and(|app| app.repository.has_object(commit.object()))
    }

    /// The environment.
    pub fn environment(&self) -> &EnvironmentName {
        &self.selected.environment
    }
}
