//! What a trigger comes to in this release repo: which environment it means, and whether it was followed already.

use crate::domain::environment::TriggerPolicy;
use crate::domain::landscape::{EnvironmentBranch, Landscape};
use crate::domain::name::{BranchName, CommitId, EnvironmentName};
use crate::domain::promotion::{self, Refused, Trigger};
use crate::domain::record::Outcome;
use crate::domain::trigger::memory::Memory;
use crate::domain::trigger::{Ask, Order, place};
use crate::domain::version::Declared;
use crate::git::triggers::is_triggered;
use crate::git::write::Person;

use super::promotion::Decided;
use super::{Error, Result, Workspace};

/// What a trigger comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// The environment, where one is meant.
    pub environment: Option<EnvironmentName>,
    /// The version, where one is named.
    pub version: Option<Declared>,
    /// What is to be done.
    pub deed: Deed,
}

/// What is to be done about a trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Nothing, and why.
    Nothing(String),
    /// The version is set, in the way that the environment's own entry allows.
    Set(TriggerPolicy),
    /// The same; a branch that is yet to be merged carries the trigger already.
    Proposed(BranchName, TriggerPolicy),
    /// The environment is deployed: with a version that its branch does not say, or at a commit that was pushed.
    Deploy {
        /// The commit that must be the tip of the branch.
        at: Option<CommitId>,
    },
}

impl Workspace {
    /// Finds out what a trigger comes to, by the environment branches as the remote has them now.
    pub fn intend(&self, order: &Order) -> Result<Intent> {
        match order.ask {
            Ask::Push { .. } => self.fetch_environments()?,
            // What is proposed already lies on branches of its own.
            Ask::Release { .. } | Ask::Event(_) => self.fetch_promotions()?,
        }
        let landscape = self.environments().landscape()?;
        if let Some(reason) = other_application(&landscape, order) {
            return Ok(Intent { environment: None, version: None, deed: Deed::Nothing(reason) });
        }
        let (environment, version) = match &order.ask {
            Ask::Push { environment, commit } => {
                let deed = self.pushed(&landscape, environment, *commit, &order.id)?;
                return Ok(Intent { environment: Some(environment.clone()), version: None, deed });
            }
            Ask::Release { environment, version } => (place::named(&landscape, environment)?, version.clone()),
            Ask::Event(event) => match place::awaited(&landscape, event)? {
                Ok(found) => found,
                Err(reason) => return Ok(Intent { environment: None, version: None, deed: Deed::Nothing(reason) }),
            },
        };
        let branch = self.branch(&landscape, &environment)?;
        let deed = match place::unheard(branch, order.project.as_ref()) {
            Some(reason) => Deed::Nothing(reason),
            None => self.released(branch, &environment, &version, &order.id)?,
        };
        Ok(Intent { environment: Some(environment), version: Some(version), deed })
    }

    /// A version that is to come to an environment.
    fn released(
        &self,
        branch: &EnvironmentBranch,
        environment: &EnvironmentName,
        version: &Declared,
        id: &str,
    ) -> Result<Deed> {
        let file = branch.file.as_ref().map_err(|unusable| Error::unusable(unusable, &branch.branch()))?;
        self.require_history("whether this trigger was followed already")?;
        if file.version == Declared::Absent {
            if let Some(reason) = self.deployed_already(environment, id)? {
                return Ok(Deed::Nothing(reason));
            }
            self.refuse_to_go_back(environment, version)?;
            return Ok(Deed::Deploy { at: None });
        }
        if self.environments().has_trigger(branch.commit, environment, id)? {
            return Ok(Deed::Nothing(format!("{} carries this trigger already", branch.branch())));
        }
        if self.environments().remembers_trigger(environment, id)? {
            let what = "had the version already when this trigger came first";
            return Ok(Deed::Nothing(format!("{} {what}", branch.branch())));
        }
        let policy = branch.entry().map(|entry| entry.trigger).unwrap_or_default();
        let proposed = self.proposed(branch, environment, id)?;
        Ok(proposed.map_or(Deed::Set(policy), |head| Deed::Proposed(head, policy)))
    }

    /// Refuses a version that is lower than the one that was deployed last, where an environment is driven from outside:
    /// its records stand for what its branch does not declare.
    fn refuse_to_go_back(&self, environment: &EnvironmentName, version: &Declared) -> Result<()> {
        let deployments = self.environments().deployments(environment)?;
        let Some(text) = deployments.first().and_then(|record| record.version.as_deref()) else { return Ok(()) };
        let Ok(current) = Declared::parse(text) else { return Ok(()) };
        if promotion::order(&current, version, None) == promotion::Order::Backward {
            let version = version.text().unwrap_or_default();
            return Err(Refused::GoesBack { version, current: text.to_owned(), target: environment.clone() }.into());
        }
        Ok(())
    }

    /// Remembers a trigger that found its version there already, in the note of the commit that declares it: the same
    /// again must not bring the version back once the environment has moved on.
    pub fn remember_trigger(
        &self,
        decided: &Decided,
        trigger: &Trigger,
        at: String,
        fallback: Option<&Person>,
    ) -> Result<()> {
        let version = decided.version.text().unwrap_or_default();
        let memory = Memory::new(at, &trigger.environment, &version, &trigger.id);
        let (line, subject) = (memory.line(), memory.subject(&decided.commit_prefix));
        Ok(self.release.write_line(self.remote_name(), decided.target.commit, &line, &subject, fallback)?)
    }

    /// An environment branch that was pushed.
    fn pushed(&self, landscape: &Landscape, environment: &EnvironmentName, commit: CommitId, id: &str) -> Result<Deed> {
        let name = environment.branch();
        let Some(branch) = landscape.find(environment).filter(|branch| !branch.local_only) else {
            return Ok(Deed::Nothing(format!("there is no branch {name}")));
        };
        if branch.commit != commit {
            return Ok(Deed::Nothing(format!("{} is not, or no longer, the tip of {name}", commit.short())));
        }
        if branch.declared() == Some(&Declared::Absent) {
            let why = "is deployed when a version is named, for it has no `version` of its own";
            return Ok(Deed::Nothing(format!("{name} {why}")));
        }
        let done = self.deployed_already(environment, id)?;
        Ok(done.map_or(Deed::Deploy { at: Some(commit) }, Deed::Nothing))
    }

    /// Why there is nothing to deploy: this very trigger has begun a deployment that did not fail.
    fn deployed_already(&self, environment: &EnvironmentName, id: &str) -> Result<Option<String>> {
        let newest = self.environments().triggered_deployment(environment, id)?;
        Ok(newest.and_then(|(record, outcome)| match outcome {
            Outcome::Succeeded => Some(format!("this trigger was deployed to {environment} already, at {}", record.at)),
            Outcome::Running => Some(format!(
                "this trigger is being deployed to {environment}, since {}; if that run is gone, relman deploy {environment} starts anew",
                record.at
            )),
            Outcome::Failed | Outcome::Interrupted => None,
        }))
    }

    /// The branch that a pull request for this trigger is proposed from.
    fn proposed(
        &self,
        target: &EnvironmentBranch,
        environment: &EnvironmentName,
        id: &str,
    ) -> Result<Option<BranchName>> {
        let root = match self.remote_name() {
            Some(remote) => format!("refs/remotes/{remote}/"),
            None => "refs/heads/".to_owned(),
        };
        for reference in self.release.list_refs(&format!("{root}promote/{environment}/"))? {
            let tip = CommitId::new(reference.target?);
            for commit in self.release.commits_between(Some(target.commit), tip)? {
                if is_triggered(&self.release.commit(commit)?, environment, id) {
                    let name = String::from_utf8_lossy(&reference.name[root.len()..]).into_owned();
                    return Ok(BranchName::parse(&name).ok());
                }
            }
        }
        Ok(None)
    }
}

/// Why a trigger is not for this release repo.
fn other_application(landscape: &Landscape, order: &Order) -> Option<String> {
    let wanted = order.application.as_deref()?;
    let ours = landscape.applications();
    if ours.is_empty() || ours.iter().any(|name| name.as_str() == wanted) {
        return None;
    }
    let ours: Vec<&str> = ours.iter().map(|name| name.as_str()).collect();
    Some(format!("the body is for the application {wanted}, and this release repo deploys {}", ours.join(", ")))
}
