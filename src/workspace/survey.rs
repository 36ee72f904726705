//! What `check` looks at: release files, branches, clones, and the release tags of all repositories.

use std::collections::HashSet;

use crate::domain::app_file::{AppFile, Component};
use crate::domain::environment::Tagging;
use crate::domain::error::Explain as _;
use crate::domain::landscape::{EnvironmentBranch, Landscape};
use crate::domain::problem::Problem;
use crate::domain::release_file::Application;
use crate::domain::resolution::Unresolved;
use crate::domain::secret::looks_like_secret;
use crate::domain::tag_check::{self, ReleaseTags};
use crate::domain::text::shell_path;
use crate::domain::timeline;
use crate::domain::version::Version;
use crate::git;
use crate::git::repository::Repository;

use super::overview::{CLONE_UNUSABLE, no_clone, unusable_clone, unusable_file};
use super::release_tags::add_component_tags;
use super::team::Member;
use super::{Error, Result, Workspace};

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
        let read = self.release_problems(&landscape, &release_name, &mut problems);
        unless_damaged(read, &release_name, &mut problems)?;
        let application = landscape.first_file().map(|file| file.application.clone());
        if let Some(application) = application {
            let read = self.app_problems(&application, &landscape, &mut problems);
            unless_damaged(read, application.name.as_str(), &mut problems)?;
        }
        let mut seen = HashSet::new();
        problems.retain(|problem| seen.insert((problem.message.clone(), problem.environment.clone())));
        // One damage is met in several words, by whatever reads the clone.
        let mut damaged = HashSet::new();
        problems.retain(|problem| problem.code != CLONE_UNUSABLE || damaged.insert(problem.repository.clone()));
        Ok(problems)
    }

    fn release_problems(&self, landscape: &Landscape, name: &str, problems: &mut Vec<Problem>) -> Result<()> {
        self.clone_problems(&self.release, name, self.remote.is_some(), problems)?;
        let branches: Vec<&EnvironmentBranch> = landscape.in_order().collect();
        problems.extend(timeline::problems(&self.environments().timelines(landscape, &branches)?));
        Ok(())
    }

    fn app_problems(
        &self,
        application: &Application,
        landscape: &Landscape,
        problems: &mut Vec<Problem>,
    ) -> Result<()> {
        let app = match self.app_if_present(application) {
            Ok(Some(app)) => app,
            Ok(None) => {
                problems.push(no_clone(&application.name));
                return Ok(());
            }
            Err(error) => {
                problems.push(unusable_clone(application.name.as_str(), &error));
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
        for component in &file.repositories {
            match self.component_if_present(&app, component) {
                Ok(Some(member)) => {
                    let read = self.component_problems(&member, component, problems);
                    unless_damaged(read, member.name.as_str(), problems)?;
                    members.extend(Some(member).filter(|_| !component.is_pinned()));
                }
                _ if component.is_pinned() => {}
                Ok(None) => problems.push(no_clone(&component.name)),
                Err(error) => problems.push(unusable_clone(component.name.as_str(), &error)),
            }
        }
        let mut tags = ReleaseTags { app_name: app.name.to_string(), ..ReleaseTags::default() };
        for branch in landscape.in_order().filter(|branch| branch.tagging() == Some(Tagging::Final)) {
            tags.in_use.extend(branch.declared().and_then(|declared| declared.version()).cloned());
        }
        let mut found = app.repository.release_tags(app.tag_source())?;
        found.retain(|name, _| tags.final_version(name).is_some() || name.contains("-rc."));
        self.add_app_tags(&app, found, &mut tags)?;
        for member in &members {
            // Tags on branches that the clone was never told of would count as missing.
            if member.knows_all_branches() {
                let read = member.repository.release_tags(member.tag_source()).map_err(Error::from);
                let read = read.and_then(|found| add_component_tags(member, found, &mut tags));
                if unless_damaged(read, member.name.as_str(), problems)?.is_none() {
                    // What can't be read is not missing.
                    tags.components.remove(&member.name);
                }
            }
        }
        for member in std::iter::once(&app).chain(&members) {
            let read = own_tags(member, &tags);
            let found = unless_damaged(read, member.name.as_str(), problems)?;
            problems.extend(found.into_iter().flatten());
        }
        let vouched = tags.in_use.iter().map(|version| Ok((version.clone(), self.is_vouched_for(landscape, version)?)));
        let vouched: Vec<(Version, bool)> = vouched.collect::<Result<_>>()?;
        for (version, _) in vouched.iter().filter(|(_, is_vouched_for)| *is_vouched_for) {
            tags.in_use.remove(version);
        }
        problems.extend(tag_check::problems(&tags));
        Ok(())
    }

    fn component_problems(&self, member: &Member, component: &Component, problems: &mut Vec<Problem>) -> Result<()> {
        problems.extend(unknown_branch_or_pin(member, component)?);
        if component.is_pinned() {
            return Ok(());
        }
        self.clone_problems(&member.repository, member.name.as_str(), member.remote.is_some(), problems)?;
        head_is_there(member)
    }

    /// Whether an environment that declares a version vouches for it with an `Unproven:` trailer, so that it needs no
    /// candidate.
    pub(super) fn is_vouched_for(&self, landscape: &Landscape, version: &Version) -> Result<bool> {
        let mut environments = self.environments();
        for branch in landscape.in_order().filter(|branch| branch.tagging() == Some(Tagging::Final)) {
            if branch.declared().and_then(|declared| declared.version()) == Some(version)
                && environments.trail(landscape, branch, version)?.unproven.is_some()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn clone_problems(
        &self,
        repository: &Repository,
        name: &str,
        has_remote: bool,
        problems: &mut Vec<Problem>,
    ) -> Result<()> {
        // Where Git can't read it, the folder is no repository to Git.
        repository.head_branch()?;
        if repository.is_shallow()? {
            problems.push(
                Problem::warning(
                    "shallow-clone",
                    format!("the clone of {name} is shallow, so its history and tags may be incomplete"),
                )
                .hint(format!("git -C {} fetch --unshallow --tags", shell_path(repository.folder())))
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
}

/// What was read of a clone; `None` where it can't be read, which is a finding and hides no other one.
fn unless_damaged<T>(read: Result<T>, name: &str, problems: &mut Vec<Problem>) -> Result<Option<T>> {
    match read {
        Err(Error::Git(
            error @ (git::Error::Read { .. }
            | git::Error::Lacking { .. }
            | git::Error::Open { .. }
            | git::Error::Io { .. }),
        )) => {
            problems.push(unusable_clone(name, &Error::Git(error)));
            Ok(None)
        }
        read => read.map(Some),
    }
}

/// What the tags of a clone say by themselves, beside those of its remote.
fn own_tags(member: &Member, tags: &ReleaseTags) -> Result<Vec<Problem>> {
    let mut problems: Vec<Problem> = one_branch_only(member)?.into_iter().collect();
    let Some(remote) = &member.remote else { return Ok(problems) };
    let mut own = member.repository.compare_release_tags(remote)?;
    // Where not all of the remote's are kept, it may have any of them.
    let is_known = member.repository.keeps_all_tags(remote);
    own.lonely.retain(|tag| is_known && (tags.final_version(tag).is_some() || tag.contains("-rc.")));
    problems.extend(tag_check::local_only(member.name.as_str(), &own.lonely));
    let problem =
        |(tag, here, there): (String, _, _)| tag_check::at_two_places(member.name.as_str(), &tag, here, there);
    problems.extend(own.differing.into_iter().map(problem));
    Ok(problems)
}

/// Reads the commit that the next candidate would be made of.
fn head_is_there(member: &Member) -> Result<()> {
    if let Some(branch) = member.default_branch()?
        && let Some(head) = member.head(&branch)?
    {
        member.repository.commit(head)?;
    }
    Ok(())
}

/// A branch or a tag that the list of components names, and that is not there.
fn unknown_branch_or_pin(member: &Member, component: &Component) -> Result<Option<Problem>> {
    let unresolved = match (&component.tag, &component.branch) {
        (Some(tag), _) if member.repository.tag_commit(tag, member.tag_source())?.is_none() => {
            Unresolved::NoPinnedTag { repository: member.name.clone(), tag: tag.clone() }
        }
        (None, Some(branch)) if member.head(branch)?.is_none() => {
            Unresolved::NoBranch { repository: member.name.clone(), branch: branch.clone() }
        }
        _ => return Ok(None),
    };
    // A clone that was told of one branch can't tell.
    let problem = match member.knows_all_branches() {
        true => Problem::error(unresolved.code(), unresolved.to_string()),
        false => Problem::warning(unresolved.code(), format!("{unresolved}, as far as this clone knows")),
    };
    let hint = unresolved.hints().into_iter().next().unwrap_or_default();
    Ok(Some(problem.hint(hint).repository(member.name.to_string())))
}

/// A clone that was told of one branch only, so that release branches and tags may be missing in it. A shallow one is
/// mostly both, and told of already.
fn one_branch_only(member: &Member) -> Result<Option<Problem>> {
    if member.knows_all_branches() || member.repository.is_shallow()? {
        return Ok(None);
    }
    let message = format!("the clone of {} knows one branch only, so branches and tags may be missing", member.name);
    let problem = Problem::warning("single-branch-clone", message).hint("relman fetch brings all of them");
    Ok(Some(problem.repository(member.name.to_string())))
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
