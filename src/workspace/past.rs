//! The matrix as it was: what each environment declared at a time, and what ran then.

use crate::domain::landscape::{EnvironmentBranch, Landscape, LocalBranch, Unusable};
use crate::domain::moment::Moment;
use crate::domain::name::EnvironmentName;
use crate::domain::problem::Problem;
use crate::domain::record::Deployment;
use crate::domain::timeline::Standing;

use super::overview::{Overview, Row};
use super::{Result, Workspace};

impl Workspace {
    /// Reads the state of all environments, or of those that are named, as it was at a time; of a day, at its end.
    ///
    /// Names, types and their order are those of the release files of that time. Where the branches of the app repo
    /// stood then, Git does not keep, so what a version would have stood for is left open.
    pub fn overview_at(&self, only: &[EnvironmentName], moment: &Moment) -> Result<Overview> {
        let history = self.history(only)?;
        let mut problems = history.problems;
        let mut environments = self.environments();
        let mut branches: Vec<EnvironmentBranch> = Vec::new();
        let mut ran: Vec<(EnvironmentName, Option<Deployment>)> = Vec::new();
        for timeline in &history.timelines {
            let name = &timeline.environment;
            let (commit, unusable) = match timeline.declared_at(moment.end) {
                Standing::Known(commit, _) => (Some(commit), None),
                Standing::Shared(commit, others) => {
                    let names: Vec<&str> = others.iter().map(EnvironmentName::as_str).collect();
                    (Some(commit), Some(Unusable::Shared(names.join(" and "))))
                }
                Standing::Unknown => (None, Some(Unusable::CutOff)),
                Standing::NotYet => {
                    problems.push(
                        Problem::warning("not-yet", format!("{} had no commit then", name.branch()))
                            .hint(format!("relman log {name} shows when it began"))
                            .environment(name.to_string()),
                    );
                    continue;
                }
            };
            let Some(mut branch) = (match commit {
                Some(commit) => Some(environments.branch_at(name, commit)?),
                None => history.landscape.find(name).cloned(),
            }) else {
                continue;
            };
            branch.changed_at = timeline.time_of(branch.commit).unwrap_or(branch.changed_at);
            branch.deployment = timeline.last_deployment_at(moment.end).map(|last| (last.record, last.outcome));
            (branch.local, branch.local_only, branch.symbolic) = (LocalBranch::Same, false, None);
            if let Some(unusable) = unusable {
                branch.file = Err(unusable);
            }
            branches.push(branch);
            ran.push((name.clone(), timeline.ran_at(moment.end).cloned()));
        }
        let landscape = Landscape::new(branches);
        let application = landscape.first_file();
        let rows = landscape
            .in_order()
            .map(|branch| Row {
                from: branch.name.as_ref().map(|name| landscape.graph.from(name).to_vec()).unwrap_or_default(),
                deploys: None,
                heads_moved: None,
                promotions: Vec::new(),
                problems: branch.problems(),
                ran: ran.iter().find(|(name, _)| Some(name) == branch.name.as_ref()).and_then(|(_, ran)| ran.clone()),
                branch: branch.clone(),
            })
            .collect();
        Ok(Overview {
            application: application.map(|file| file.application.name.clone()),
            release_repo: self.release.folder().to_owned(),
            fetched_at: history.fetched_at,
            rows,
            problems,
            at: Some(moment.clone()),
        })
    }
}
