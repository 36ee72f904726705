//! What `check` looks at: release files, branches, clones, and the release tags of all repositories.

use std::collections::{BTreeMap, HashMap};

use crate::domain::app_file::AppFile;
use crate::domain::environment::Tagging;
use crate::domain::landscape::{EnvironmentBranch, Landscape};
use crate::domain::name::CommitId;
use crate::domain::problem::Problem;
use crate::domain::secret::looks_like_secret;
use crate::domain::tag_check::{self, AppTag, ComponentTag, ReleaseTags};
use crate::domain::tags::TagMessage;
use crate::domain::timeline;
use crate::git::repository::Repository;

use super::overview::{no_clone, unusable_clone, unusable_file};
use super::team::Member;
use super::{Result, Workspace};

/// After how long, in seconds, a clone counts as behind.
const BEHIND_AFTER: i64 = 24 * 60 * 60;

impl Workspace {
    /// Finds everything that is wrong with files, branches, clones and tags. Nothing is asked of a remote.
    pub fn survey(&self) -> Result<Vec<Problem>> {
        let landscape = self.environments().landscape()?;
        let mut problems = Vec::new();
        if landscape.branches.is_empty() {
            problems.push(
                Problem::error(
                    "no-environments",
                    format!("{} has no environment branches", self.release.folder().display()),
                )
                .hint("relman env add NAME --type dev makes one; relman fetch brings those of the remote"),
            );
        }
        // Whatever `status` tells is a finding, so that a gate never passes what a person would see.
        let overview = self.overview(&[])?;
        problems.extend(overview.rows.into_iter().flat_map(|row| row.problems));
        problems.extend(overview.problems);
        problems.extend(landscape.in_order().filter_map(secrets));
        let release_name =
            super::discover::known_as(&self.release).map_or_else(|| "the release repo".to_owned(), |n| n.to_string());
        self.clone_problems(&self.release, &release_name, self.remote.is_some(), &mut problems)?;
        let branches: Vec<&EnvironmentBranch> = landscape.in_order().collect();
        problems.extend(timeline::problems(&self.environments().timelines(&landscape, &branches)?));
        self.app_problems(&landscape, &mut problems)?;
        let mut seen = std::collections::HashSet::new();
        problems.retain(|problem| seen.insert((problem.code, problem.message.clone(), problem.environment.clone())));
        Ok(problems)
    }

    fn app_problems(&self, landscape: &Landscape, problems: &mut Vec<Problem>) -> Result<()> {
        let application =
            landscape.in_order().find_map(|branch| branch.file.as_ref().ok().map(|file| file.application.clone()));
        let Some(application) = application else { return Ok(()) };
        let app = match self.app_if_present(&application) {
            Ok(Some(app)) => app,
            Ok(None) => {
                problems.push(no_clone(&application.name));
                return Ok(());
            }
            Err(error) => {
                problems.push(unusable_clone(&application.name, &error));
                return Ok(());
            }
        };
        self.clone_problems(&app.repository, app.name.as_str(), app.remote.is_some(), problems)?;
        let head = match app.default_branch()? {
            Some(branch) => app.head(&branch)?,
            None => None,
        };
        let file = match head.map(|head| self.app_file(&app, head)) {
            Some(Ok((file, _))) => file,
            Some(Err(error)) => {
                problems.push(unusable_file(&app.name, &error));
                AppFile::default()
            }
            None => AppFile::default(),
        };
        problems.extend(file.warnings.iter().cloned().map(|warning| warning.repository(app.name.to_string())));
        let mut members = Vec::new();
        for component in file.repositories.iter().filter(|component| !component.is_pinned()) {
            match self.component_if_present(&app, component) {
                Ok(Some(member)) => {
                    self.clone_problems(&member.repository, member.name.as_str(), member.remote.is_some(), problems)?;
                    members.push(member);
                }
                Ok(None) => problems.push(no_clone(&component.name)),
                Err(error) => problems.push(unusable_clone(&component.name, &error)),
            }
        }
        let mut tags = ReleaseTags { app_name: app.name.to_string(), ..ReleaseTags::default() };
        tags.app = self.app_tags(&app)?;
        for member in &members {
            tags.components.insert(member.name.clone(), component_tags(member)?);
        }
        for branch in landscape.in_order().filter(|branch| branch.tagging() == Some(Tagging::Final)) {
            tags.in_use.extend(branch.declared().and_then(|declared| declared.version()).cloned());
        }
        self.forget_unproven(landscape, &mut tags)?;
        problems.extend(tag_check::problems(&tags));
        Ok(())
    }

    /// Versions that an environment branch vouches for with an `Unproven:` trailer need no candidate.
    fn forget_unproven(&self, landscape: &Landscape, tags: &mut ReleaseTags) -> Result<()> {
        let mut environments = self.environments();
        for branch in landscape.in_order().filter(|branch| branch.tagging() == Some(Tagging::Final)) {
            let Some(version) = branch.declared().and_then(|declared| declared.version()) else { continue };
            if environments.trail(landscape, branch, version)?.unproven.is_some() {
                tags.in_use.remove(version);
            }
        }
        Ok(())
    }

    fn clone_problems(
        &self,
        repository: &Repository,
        name: &str,
        has_remote: bool,
        problems: &mut Vec<Problem>,
    ) -> Result<()> {
        let folder = repository.folder().display().to_string();
        if repository.is_shallow()? {
            problems.push(
                Problem::warning(
                    "shallow-clone",
                    format!("the clone of {name} is shallow, so its history and tags may be incomplete"),
                )
                .hint(format!("git -C {} fetch --unshallow --tags", crate::git::error::shell_word(&folder)))
                .repository(name.to_owned()),
            );
        }
        let age = repository.fetched_at().filter(|_| has_remote).map(|at| self.choices.now - at);
        if age.is_some_and(|age| age > BEHIND_AFTER) {
            problems.push(
                Problem::warning("clone-behind", format!("the clone of {name} was last fetched more than a day ago"))
                    .hint("relman fetch brings all clones up to date")
                    .repository(name.to_owned()),
            );
        }
        Ok(())
    }

    fn app_tags(&self, app: &Member) -> Result<BTreeMap<String, AppTag>> {
        let mut tags = BTreeMap::new();
        let mut lists: HashMap<CommitId, Vec<_>> = HashMap::new();
        for (name, id) in app.repository.release_tags(app.remote.as_deref())? {
            let is_release = tag_check::final_version(&name).is_some() || name.contains("-rc.");
            if !is_release {
                continue;
            }
            let Some(commit) = app.repository.peel_to_commit(id)? else { continue };
            let tag = if commit.object() == id { None } else { app.repository.tag(id)? };
            let message = tag.as_ref().and_then(|tag| TagMessage::parse(&tag.message));
            let components = match message {
                Some(message) => message.components.into_iter().map(|(name, id)| (name, Some(id))).collect(),
                None => match lists.get(&commit) {
                    Some(list) => list.clone(),
                    None => {
                        // A file that could not be read then can't be mended now.
                        let list = self.app_file(app, commit).map(|(file, _)| file.repositories).unwrap_or_default();
                        let list: Vec<_> =
                            list.into_iter().filter(|c| !c.is_pinned()).map(|c| (c.name, None)).collect();
                        lists.insert(commit, list.clone());
                        list
                    }
                },
            };
            // Pinned components are recorded as well, and have no tag of the release.
            let pinned: Vec<_> = if tag.is_some() && !components.is_empty() {
                let list = self.app_file(app, commit).map(|(file, _)| file.repositories).unwrap_or_default();
                list.into_iter().filter(|c| c.is_pinned()).map(|c| c.name).collect()
            } else {
                Vec::new()
            };
            let components = components.into_iter().filter(|(name, _)| !pinned.contains(name)).collect();
            tags.insert(name, AppTag { commit, annotated: tag.is_some(), components });
        }
        Ok(tags)
    }
}

fn component_tags(member: &Member) -> Result<BTreeMap<String, ComponentTag>> {
    let mut tags = BTreeMap::new();
    for (name, id) in member.repository.release_tags(member.remote.as_deref())? {
        if let Some(commit) = member.repository.peel_to_commit(id)? {
            tags.insert(name, ComponentTag { commit, annotated: commit.object() != id });
        }
    }
    Ok(tags)
}

/// `credentials` is the name of a secret. A value that looks like the secret itself is told, and never shown.
fn secrets(branch: &EnvironmentBranch) -> Option<Problem> {
    let entry = branch.entry()?;
    let value = entry.credentials.as_deref()?;
    looks_like_secret(value).then(|| {
        Problem::warning(
            "credentials-look-secret",
            format!("`credentials` of {} looks like a secret, not like the name of one", branch.text),
        )
        .hint("keep the secret in the pipeline's store and write its name here; what was pushed must be replaced there")
        .environment(branch.text.clone())
        .at(branch.path, Some(entry.line))
    })
}
