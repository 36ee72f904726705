//! What is on its way to an environment: merged and not deployed yet, or proposed by a pull request.

use crate::domain::environment::Tagging;
use crate::domain::history::Commit;
use crate::domain::landscape::{EnvironmentBranch, Landscape};
use crate::domain::name::{BranchName, EnvironmentName, TagName};
use crate::domain::record::Record;
use crate::domain::release_file::Application;
use crate::domain::version::{Declared, Version};

use super::compare::same_commits;
use super::promotion::{Verb, Wish};
use super::{Result, Workspace};

/// A version on its way to an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnItsWay {
    /// What is to be deployed.
    pub version: Declared,
    /// The candidate that is named.
    pub candidate: Option<TagName>,
    /// The keys in the messages of the commits that ship, sorted.
    pub issues: Vec<String>,
}

impl Workspace {
    /// What an environment declares and has not deployed well since; `deployments` are those that ended well, newest
    /// first.
    pub fn undeployed(
        &self,
        branch: &EnvironmentBranch,
        application: &Application,
        deployments: &[Record],
    ) -> Result<Option<OnItsWay>> {
        let (Some(name), Some(version)) = (&branch.name, branch.declared()) else { return Ok(None) };
        if !takes_candidates(branch) || version.version().is_none() {
            return Ok(None);
        }
        let decision = self.resolve_past(name, None, None)?.decision;
        let commits = decision.recorded();
        let runs = |record: &Record| record.version == version.text() && same_commits(&record.repositories, &commits);
        if deployments.first().is_some_and(runs) {
            return Ok(None);
        }
        let issues = self.brought(branch, application, &commits, deployments)?.issues;
        Ok(Some(OnItsWay { version: version.clone(), candidate: decision.candidate, issues }))
    }

    /// What a pull request from one of the branches of the release repo would bring to an environment; `None` where
    /// that is not known here, or no version.
    pub fn would_bring(&self, target: &EnvironmentName, head: &BranchName) -> Result<Option<OnItsWay>> {
        let landscape = self.environments().landscape()?;
        let branch = self.branch(&landscape, target)?;
        if !takes_candidates(branch) {
            return Ok(None);
        }
        let Some(tip) = self.tip_of_head(head)? else { return Ok(None) };
        let commit = self.release.commit(tip)?;
        let (_, Ok(file)) = self.environments().release_file(&commit)? else { return Ok(None) };
        let Some(version) = file.version.version() else { return Ok(None) };
        let candidate = match named(&commit, version) {
            Some(candidate) => candidate,
            None => self.candidate_of(&landscape, target, &file.application, version, head)?,
        };
        let old = self.running_tag(&file.application, &landscape, branch)?;
        let diff = self.ships(&file.application, &landscape, branch, old.as_ref(), (version, &candidate))?;
        Ok(Some(OnItsWay { version: file.version.clone(), candidate: Some(candidate), issues: diff.issues().added }))
    }

    /// The candidate that a promotion from a branch would name now.
    fn candidate_of(
        &self,
        landscape: &Landscape,
        target: &EnvironmentName,
        application: &Application,
        version: &Version,
        head: &BranchName,
    ) -> Result<TagName> {
        let source = head.as_str().strip_prefix("environment/").and_then(|name| EnvironmentName::parse(name).ok());
        let wish = Wish::new(Verb::Promote, source, target.clone());
        self.named_candidate(application, version, landscape, &wish, &mut Vec::new())
    }
}

/// Whether an environment deploys what was tagged before: its promotions are those of whom anybody waits to hear.
fn takes_candidates(branch: &EnvironmentBranch) -> bool {
    matches!(branch.tagging(), Some(Tagging::Reuse | Tagging::Final))
}

/// The candidate that a commit of relman names for a version.
fn named(commit: &Commit, version: &Version) -> Option<TagName> {
    let candidate = commit.trailer("Candidate")?;
    (commit.trailer("Version") == Some(version.as_str())).then(|| TagName::parse(candidate).ok()).flatten()
}
