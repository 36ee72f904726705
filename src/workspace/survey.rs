//! What `check` looks at: release files, branches, clones, and the release tags of all repositories.

use crate::domain::app_file::AppFile;
use crate::domain::environment::Tagging;
use crate::domain::landscape::{EnvironmentBranch, Landscape};
use crate::domain::problem::Problem;
use crate::domain::secret::looks_like_secret;
use crate::domain::tag_check::{self, ReleaseTags};
use crate::domain::text::shell_word;
use crate::domain::timeline;
use crate::domain::version::Version;
use crate::git::repository::Repository;

use super::overview::{no_clone, unusable_clone, unusable_file};
use super::release_tags::add_component_tags;
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
        for branch in landscape.in_order().filter(|branch| branch.tagging() == Some(Tagging::Final)) {
            tags.in_use.extend(branch.declared().and_then(|declared| declared.version()).cloned());
        }
        let mut found = app.repository.release_tags(app.remote.as_deref())?;
        found.retain(|name, _| tags.final_version(name).is_some() || name.contains("-rc."));
        self.add_app_tags(&app, found, &mut tags)?;
        for member in &members {
            let found = member.repository.release_tags(member.remote.as_deref())?;
            add_component_tags(member, found, &mut tags)?;
        }
        let vouched = tags.in_use.iter().map(|version| Ok((version.clone(), self.is_vouched_for(landscape, version)?)));
        let vouched: Vec<(Version, bool)> = vouched.collect::<Result<_>>()?;
        for (version, _) in vouched.iter().filter(|(_, is_vouched_for)| *is_vouched_for) {
            tags.in_use.remove(version);
        }
        problems.extend(tag_check::problems(&tags));
        Ok(())
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
        let folder = repository.folder().display().to_string();
        if repository.is_shallow()? {
            problems.push(
                Problem::warning(
                    "shallow-clone",
                    format!("the clone of {name} is shallow, so its history and tags may be incomplete"),
                )
                .hint(format!("git -C {} fetch --unshallow --tags", shell_word(&folder)))
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
