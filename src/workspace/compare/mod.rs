//! What one environment, version or tag has beyond another, read from the clones that there are.

mod deployed;
mod files;

use std::path::PathBuf;

use jiff::tz::TimeZone;

pub use deployed::same_commits;

use crate::domain::diff::{Commits, Components, Diff, ReleaseFileChange, RepositoryDiff, Side};
use crate::domain::issues::Projects;
use crate::domain::landscape::{EnvironmentBranch, Landscape};
use crate::domain::name::{CommitId, EnvironmentName, RepositoryName, TagName};
use crate::domain::problem::Problem;
use crate::domain::release_file::Application;
use crate::domain::version::Version;
use crate::git::repository::Repository;

use super::lineup::{Lineup, Lineups, Unclear};
use super::team::{Member, side_by_side};
use super::{Error, Result, Workspace};

/// What is shown as a patch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Patches {
    /// The file that defines the pipeline.
    pub pipeline: bool,
    /// The chart.
    pub chart: bool,
    /// The values.
    pub values: bool,
    /// Everything, in every repository.
    pub all: bool,
}

/// A repository whose commits are to be compared.
struct Pair {
    name: RepositoryName,
    from: Option<CommitId>,
    to: Option<CommitId>,
    /// The Git directory, where there is a clone that has both commits.
    clone: Option<PathBuf>,
}

impl Workspace {
    /// Compares what two texts stand for: environments, versions or tags. Dates are those of a zone.
    pub fn diff(&self, from: &str, to: &str, patches: Patches, zone: &TimeZone) -> Result<Diff> {
        let landscape = self.environments().landscape()?;
        let mut lineups = Lineups::open(self, &landscape)?;
        let given = lineups.named(&landscape, from, zone)?;
        if let (None, Some(environment)) = (given.side.commit, &given.side.environment) {
            return Err(nothing_in(&given.side, environment));
        }
        let held = lineups.named(&landscape, to, zone)?;
        self.compare(lineups, &given, &held, patches)
    }

    /// What an environment would gain and lose by a candidate, as far as there is a clone of the app.
    pub(super) fn ships(
        &self,
        application: &Application,
        landscape: &Landscape,
        target: &EnvironmentBranch,
        old: Option<&TagName>,
        new: (&Version, &TagName),
    ) -> Result<Diff> {
        let Some(app) = self.app_if_present(application)? else { return Ok(Diff::default()) };
        if app.repository.tag_commit(new.1, app.tag_source())?.is_none() {
            return Ok(Diff::default());
        }
        let mut lineups = Lineups::new(self, landscape, app);
        let given = lineups.tagged(Side { name: new.1.to_string(), ..Side::default() }, new.0, new.1)?;
        let side = Side { name: target.text.clone(), environment: target.name.clone(), ..Side::default() };
        let held = match (old, target.declared().and_then(|declared| declared.version())) {
            (Some(old), Some(version)) => lineups.tagged(side, version, old)?,
            _ => Lineup { side, ..Lineup::default() },
        };
        let held = Lineup {
            kind: target.entry().and_then(|entry| entry.kind.as_ref()).map(ToString::to_string),
            file: target.file.as_ref().ok().cloned(),
            ..held
        };
        self.compare(lineups, &given, &held, Patches::default())
    }

    fn compare(&self, mut lineups: Lineups<'_>, given: &Lineup, held: &Lineup, patches: Patches) -> Result<Diff> {
        let projects = held.file.as_ref().or(given.file.as_ref()).map(|file| Projects::of(file)).unwrap_or_default();
        let (pairs, components) = pairs(&mut lineups, given, held)?;
        let jobs: Vec<Option<Job<'_>>> = pairs.iter().map(Job::of).collect();
        let answers = side_by_side(&jobs, |job| job.as_ref().map(|job| job.run(&projects, patches.all)));
        let mut repositories = Vec::with_capacity(pairs.len());
        for (pair, answer) in pairs.into_iter().zip(answers) {
            let answer = answer.transpose()?;
            let (commits, patch) = match answer {
                Some(answer) => {
                    answer.warnings.into_iter().for_each(|warning| lineups.warn(warning));
                    (answer.commits, answer.patch)
                }
                None => (None, None),
            };
            repositories.push(RepositoryDiff { name: pair.name, from: pair.from, to: pair.to, commits, patch });
        }
        let mut diff = Diff {
            from: given.side.clone(),
            to: held.side.clone(),
            repositories,
            components,
            release_file: self.release_file_change(given, held, patches.all)?,
            ..Diff::default()
        };
        if let (Some(new), Some(old)) = (given.side.commit, held.side.commit) {
            let known = |commit: CommitId| lineups.app.repository.has_object(commit.object());
            if known(new) && known(old) {
                files::compare(&lineups.app, (old, new), held, patches, &mut diff)?;
            }
        }
        let age = |clone: &Member| clone.remote.as_ref().and_then(|_| clone.repository.fetched_at());
        let release = self.remote.as_ref().and_then(|_| self.release.fetched_at());
        diff.fetched_at = lineups.clones().filter_map(age).chain(release).min();
        diff.warnings = lineups.into_warnings();
        Ok(diff)
    }

    /// What differs in the release file for the environment that receives.
    fn release_file_change(&self, given: &Lineup, held: &Lineup, patch: bool) -> Result<ReleaseFileChange> {
        let (Some(new), Some(old), Some(environment)) = (&given.file, &held.file, &held.side.environment) else {
            return Ok(ReleaseFileChange::default());
        };
        let patch = match (patch, given.side.release_commit, held.side.release_commit) {
            (true, Some(new), Some(old)) if new != old => {
                let paths = ["release.yml".to_owned(), "release.yaml".to_owned()];
                Some(self.release.patch(old, new, &paths)?).filter(|patch| !patch.is_empty())
            }
            _ => None,
        };
        Ok(ReleaseFileChange { changed_keys: old.changed_keys(new, environment), patch })
    }
}

/// Why a side that stands for nothing can't be given: nothing is declared now, or nothing was at the time that was named.
fn nothing_in(side: &Side, environment: &EnvironmentName) -> Error {
    let environment = environment.clone();
    match side.name.split_once('@') {
        None => Error::NothingDeclared { environment },
        Some((_, at)) => {
            let at = side.at.clone().unwrap_or_else(|| at.to_owned());
            Unclear::NothingThen { environment, at }.into()
        }
    }
}

/// The repositories of both sides, and the components that only one of them has.
fn pairs(lineups: &mut Lineups<'_>, given: &Lineup, held: &Lineup) -> Result<(Vec<Pair>, Components)> {
    let mut components = Components::default();
    let app = lineups.app.name.clone();
    let clone = clone_with(&lineups.app, [given.side.commit, held.side.commit]);
    let mut pairs = vec![Pair { name: app, from: given.side.commit, to: held.side.commit, clone }];
    let nothing_yet = held.side.commit.is_none();
    for (component, from) in &given.components {
        let there = held.components.iter().find(|(known, _)| known.name == component.name);
        let (to, member) = match there {
            Some((_, to)) => (*to, lineups.member(component)),
            None if nothing_yet => (None, lineups.member(component)),
            None => match from.and_then(|from| lineups.other_name((component, from), given, held)) {
                Some((was, to, member)) => {
                    components.renamed.push((was.clone(), component.name.clone()));
                    (Some(to), Some(member))
                }
                None => {
                    components.added.push((component.name.clone(), *from));
                    continue;
                }
            },
        };
        let mut clone = member.as_ref().and_then(|member| clone_with(member, [*from, to]));
        let mut name = component.name.clone();
        if clone.is_none()
            && let (Some(from), Some(to)) = (*from, to)
            && let Some(other) = lineups.called_otherwise_today(&[given, held], &component.name, [from, to])?
        {
            clone = Some(other.repository.git_dir().to_owned());
            name = other.name;
        }
        if let (Some(member), None) = (member, &clone) {
            for lacking in [*from, to].into_iter().flatten() {
                lineups.note_missing(&member.name, lacking);
            }
        }
        pairs.push(Pair { name, from: *from, to, clone });
    }
    for (component, to) in &held.components {
        let is_given = given.components.iter().any(|(known, _)| known.name == component.name);
        if !is_given && !components.renamed.iter().any(|(was, _)| *was == component.name) {
            components.removed.push((component.name.clone(), *to));
        }
    }
    Ok((pairs, components))
}

/// The Git directory of a clone that has all of these commits.
fn clone_with(member: &Member, commits: [Option<CommitId>; 2]) -> Option<PathBuf> {
    let all = commits.iter().all(|commit| commit.is_some_and(|id| member.repository.has_object(id.object())));
    all.then(|| member.repository.git_dir().to_owned())
}

/// The comparison of one repository, which waits for the `git` program.
struct Job<'p> {
    name: &'p RepositoryName,
    clone: &'p PathBuf,
    from: CommitId,
    to: CommitId,
}

struct Compared {
    /// What differs; `None` where the clone ends too early to tell.
    commits: Option<Commits>,
    patch: Option<String>,
    warnings: Vec<Problem>,
}

impl<'p> Job<'p> {
    fn of(pair: &'p Pair) -> Option<Self> {
        Some(Job { name: &pair.name, clone: pair.clone.as_ref()?, from: pair.from?, to: pair.to? })
    }

    fn run(&self, projects: &Projects, patch: bool) -> Result<Compared> {
        let mut compared = Compared { commits: Some(Commits::default()), patch: None, warnings: Vec::new() };
        if self.from == self.to {
            return Ok(compared);
        }
        let repository = Repository::open(self.clone)?;
        let differences = repository.differing(self.from, self.to)?;
        if !differences.by_content {
            compared.warnings.push(
                Problem::warning(
                    "content-unknown",
                    format!("the clone of {} has no contents, so cherry-picks without a note count as new", self.name),
                )
                .hint(format!("a whole clone beside the release repo, named {}, has them", self.name))
                .repository(self.name.to_string()),
            );
        }
        let is_root =
            |side: bool| differences.commits.iter().any(|d| d.is_given == side && d.commit.parents.is_empty());
        let ends = if repository.is_shallow()? { repository.shallow_ends()? } else { Default::default() };
        let cut = differences.commits.iter().find(|differing| ends.contains(&differing.commit.id));
        if let Some(end) = cut {
            compared.warnings.push(
                Problem::warning(
                    "shallow-clone",
                    format!(
                        "the clone of {} is shallow: what came before {} is not known",
                        self.name,
                        end.commit.id.short()
                    ),
                )
                .hint("git fetch --unshallow there brings the rest")
                .repository(self.name.to_string()),
            );
        } else if is_root(true) && is_root(false) {
            compared.warnings.push(
                Problem::warning("unrelated", format!("the two commits of {} have no history in common", self.name))
                    .hint("everything counts as new, and everything as lost")
                    .repository(self.name.to_string()),
            );
        }
        // What lies below may be what both have in common, and nothing of the lists be true.
        let is_known = cut.is_none();
        if is_known {
            let commits = Commits::new(differences.commits, &differences.around, projects);
            let changing = repository.changing_something(&commits.carried)?;
            compared.commits = Some(commits.without_carried(|merge| changing.contains(&merge)));
        } else {
            compared.commits = None;
        }
        if patch {
            compared.patch = Some(repository.patch(self.to, self.from, &[])?).filter(|patch| !patch.is_empty());
        }
        Ok(compared)
    }
}
