//! What `status` shows: every environment, what its branch declares, and what that stands for among the references
//! that the clones have. Nothing is asked of a remote, nothing is cloned.

use std::path::PathBuf;

use crate::domain::app_file::Component;
use crate::domain::error::{Explain as _, with_causes};
use crate::domain::landscape::{EnvironmentBranch, Landscape};
use crate::domain::location::{place, without_secrets};
use crate::domain::moment::Moment;
use crate::domain::name::{CommitId, EnvironmentName, RepositoryName};
use crate::domain::problem::Problem;
use crate::domain::record::{Deployment, Outcome};
use crate::domain::timeline::{Timeline, from_the_future};
use crate::domain::word::words;

use super::app_refs::AppRefs;
use super::team::Member;
use super::{Error, Result, Workspace};

/// What a declared version stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deploys {
    /// The full name of the reference; for `ref:` and a commit, its id.
    pub reference: String,
    /// What the reference is.
    pub kind: DeployKind,
    /// The commit of the app repo.
    pub commit: CommitId,
}

words! {
    /// What kind of reference a version stands for.
    pub enum DeployKind {
        /// The head of a branch.
        Branch = "branch",
        /// A candidate.
        Candidate = "candidate",
        /// A final tag.
        Final = "final",
        /// Whatever `ref:` names.
        Ref = "ref",
    }
}

/// One environment.
pub struct Row {
    /// Its branch.
    pub branch: EnvironmentBranch,
    /// Where promotions to it come from.
    pub from: Vec<EnvironmentName>,
    /// What it deploys, as far as the clones know.
    pub deploys: Option<Deploys>,
    /// Whether a candidate made now would stand on other commits; `None` where a clone is missing.
    pub heads_moved: Option<bool>,
    /// Pull requests that would change it, or be fed by it; empty where no forge was asked.
    pub promotions: Vec<OpenPromotion>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// The last deployment that had succeeded at the time that was asked for; of now, where it stands for the file alone.
    pub ran: Option<Deployment>,
}

/// A pull request that is open at the forge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPromotion {
    /// The environment whose branch is its head; `None`: a branch of its own.
    pub from: Option<String>,
    /// The environment that it changes.
    pub to: String,
    /// Its number.
    pub number: u64,
    /// Its page.
    pub url: String,
    /// What has become of it.
    pub state: &'static str,
}

/// The whole matrix.
pub struct Overview {
    /// The application, where the branches agree on one.
    pub application: Option<RepositoryName>,
    /// The release repo; absolute.
    pub release_repo: PathBuf,
    /// When the oldest clone was brought up to date, in seconds since 1970.
    pub fetched_at: Option<i64>,
    /// The environments, in order.
    pub rows: Vec<Row>,
    /// What is wrong with the environments taken together, and with clones.
    pub problems: Vec<Problem>,
    /// The time that it is of; `None` for now.
    pub at: Option<Moment>,
}

impl Workspace {
    /// Reads the state of all environments, or of those that are named.
    pub fn overview(&self, only: &[EnvironmentName]) -> Result<Overview> {
        self.release.look_once();
        let landscape = self.environments().landscape()?;
        for name in only {
            self.branch(&landscape, name)?;
        }
        let mut problems = landscape.problems();
        problems.extend(self.several_urls(&landscape));
        let application = landscape.first_file().map(|file| file.application.clone());
        let mut fetched = vec![self.remote.as_ref().and_then(|_| self.release.fetched_at())];
        let app = match &application {
            Some(application) => match self.app_if_present(application) {
                Ok(Some(member)) => Some(member),
                Ok(None) => {
                    problems.push(no_clone(&application.name));
                    None
                }
                Err(error) => {
                    problems.push(unusable_clone(application.name.as_str(), &error));
                    None
                }
            },
            None => None,
        };
        let refs = match &app {
            Some(app) => {
                app.repository.look_once();
                fetched.push(app.remote.as_ref().and_then(|_| app.repository.fetched_at()));
                // One clone that is damaged must not hide what all the others tell.
                AppRefs::new(self, &landscape, app, &mut problems)
                    .map_err(|error| problems.push(unusable_clone(app.name.as_str(), &error)))
                    .ok()
            }
            None => None,
        };
        if let Some(refs) = &refs {
            for (_, member) in &refs.components {
                if let Some(member) = member {
                    fetched.push(member.remote.as_ref().and_then(|_| member.repository.fetched_at()));
                }
            }
        }
        let mut rows = self.rows(&landscape, only, refs, &mut problems);
        self.add_what_ran(&landscape, &mut rows)?;
        if !only.is_empty() {
            problems.retain(|problem| {
                problem.environment.as_ref().is_none_or(|name| only.iter().any(|o| o.as_str() == name))
            });
        }
        Ok(Overview {
            application: application.map(|application| application.name),
            release_repo: self.release.folder().to_owned(),
            fetched_at: fetched.into_iter().flatten().min(),
            rows,
            problems,
            at: None,
        })
    }

    fn rows(
        &self,
        landscape: &Landscape,
        only: &[EnvironmentName],
        mut refs: Option<AppRefs<'_>>,
        problems: &mut Vec<Problem>,
    ) -> Vec<Row> {
        let mut rows = Vec::new();
        for branch in landscape.in_order() {
            if !only.is_empty() && !branch.name.as_ref().is_some_and(|name| only.contains(name)) {
                continue;
            }
            let mut row_problems = branch.problems();
            if let (Some(name), Some((record, _))) = (&branch.name, &branch.deployment)
                && record.is_ahead_of(self.choices.now)
            {
                row_problems.push(from_the_future(name, record));
            }
            // What another repository has under the same names is no answer.
            let (deploys, heads_moved) = match refs.as_mut().filter(|refs| self.is_of(landscape, branch, refs.app())) {
                Some(refs) => refs.state_of(branch, &mut row_problems).unwrap_or_else(|error| {
                    let problem = unusable_clone(refs.unreadable(&error).as_str(), &error);
                    if !problems.contains(&problem) {
                        problems.push(problem);
                    }
                    (None, None)
                }),
                None => (None, None),
            };
            let from = branch.name.as_ref().map(|name| landscape.graph.from(name).to_vec()).unwrap_or_default();
            for problem in &mut row_problems {
                problem.environment.get_or_insert_with(|| branch.text.clone());
            }
            rows.push(Row {
                branch: branch.clone(),
                from,
                deploys,
                heads_moved,
                promotions: Vec::new(),
                problems: row_problems,
                ran: None,
            });
        }
        rows
    }

    /// Where a branch declares no version, what ran last stands for it: the last deployment, or where that has not
    /// succeeded, the last one in its whole history that has.
    fn add_what_ran(&self, landscape: &Landscape, rows: &mut [Row]) -> Result<()> {
        let mut unsure = Vec::new();
        for (number, row) in rows.iter_mut().enumerate().filter(|(_, row)| row.branch.is_from_outside()) {
            match &row.branch.deployment {
                Some((record, outcome @ Outcome::Succeeded)) => {
                    let (started, record) = (record.at.clone(), record.clone());
                    row.ran = Some(Deployment { started, record, outcome: *outcome });
                }
                Some(_) => unsure.push(number),
                None => {}
            }
        }
        let branches: Vec<&EnvironmentBranch> = unsure.iter().map(|number| &rows[*number].branch).collect();
        let timelines = match branches.as_slice() {
            [] => return Ok(()),
            branches => self.environments().timelines(landscape, branches)?,
        };
        for number in unsure {
            let own = |timeline: &&Timeline| Some(&timeline.environment) == rows[number].branch.name.as_ref();
            let timeline = timelines.iter().find(own);
            rows[number].ran = timeline.and_then(|timeline| timeline.ran_at(self.choices.now)).cloned();
        }
        Ok(())
    }
}

impl Workspace {
    /// Whether the app repo that a branch means is the one that all of them are looked up in.
    fn is_of(&self, landscape: &Landscape, branch: &EnvironmentBranch, app: &Member) -> bool {
        let Ok(file) = &branch.file else { return true };
        let Some(first) = landscape.first_file() else { return true };
        if first.application == file.application {
            return true;
        }
        // A clone beside the release clone is found by its name, wherever the URL leads.
        let leads_to = |application| self.app_url(application).ok().flatten().map(|url| place(&url));
        let is_app = |own: Member| own.repository.git_dir() == app.repository.git_dir();
        leads_to(&file.application) == leads_to(&first.application)
            && self.app_here(&file.application).is_ok_and(is_app)
    }

    /// Branches that name one application and lead to different repositories.
    fn several_urls(&self, landscape: &Landscape) -> Option<Problem> {
        let first = &landscape.first_file()?.application;
        let named =
            || landscape.in_order().filter_map(|branch| Some((branch, &branch.file.as_ref().ok()?.application)));
        // Nearly always all say the same.
        if named().all(|(_, application)| application == first) {
            return None;
        }
        let mut places: Vec<(String, String, Vec<&str>)> = Vec::new();
        for (branch, application) in named().filter(|(_, application)| application.name == first.name) {
            // One that can't be used is told of where it is.
            let Ok(Some(url)) = self.app_url(application) else { continue };
            let place = place(&url);
            match places.iter_mut().find(|(other, ..)| *other == place) {
                Some((.., environments)) => environments.push(&branch.text),
                None => places.push((place, url, vec![&branch.text])),
            }
        }
        if places.len() < 2 {
            return None;
        }
        let places: Vec<String> =
            places.iter().map(|(_, url, on)| format!("{} ({})", without_secrets(url), on.join(", "))).collect();
        let message = format!("the branches lead to several repositories called {}: {}", first.name, places.join("; "));
        let problem = Problem::error("several-applications", message);
        Some(problem.hint("write the same `application` on each branch; until then each means its own, or the one clone that stands for it"))
    }

    /// The clone of a component, for what tells without it as well; what is wrong with it is a problem.
    pub(super) fn component_or_problem(
        &self,
        app: &Member,
        component: &Component,
        problems: &mut Vec<Problem>,
    ) -> Option<Member> {
        match self.component_if_present(app, component) {
            Ok(Some(member)) => return Some(member),
            Ok(None) => problems.push(no_clone(&component.name)),
            Err(error) => problems.push(unusable_clone(component.name.as_str(), &error)),
        }
        None
    }
}

pub(super) fn no_clone(name: &RepositoryName) -> Problem {
    Problem::warning("no-clone", format!("there is no clone of {name}, so what a version stands for is not known"))
        .hint(format!("relman fetch looks for one; or clone it beside the release repo, as {name}"))
        .repository(name.to_string())
}

/// The code of a clone that can't be opened or read.
pub(super) const CLONE_UNUSABLE: &str = "clone-unusable";

pub(super) fn unusable_clone(name: &str, error: &Error) -> Problem {
    let hint = error.hints().into_iter().next().unwrap_or_else(|| "relman doctor looks at each clone".into());
    Problem::error(CLONE_UNUSABLE, with_causes(error)).hint(hint).repository(name.to_owned())
}

pub(super) fn unusable_file(app: &RepositoryName, error: &Error) -> Problem {
    let code = error.code();
    let hint = error.hints().into_iter().next().unwrap_or_else(|| format!("mend the file in {app}"));
    let problem = Problem::error(code, with_causes(error)).hint(hint).repository(app.to_string());
    match error {
        Error::AppFile { path, cause, .. } => problem.at(path.clone(), Some(cause.line)),
        _ => problem,
    }
}
