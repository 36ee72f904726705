//! The issues that a deployment brings: those in the commits that the deployment before it did not have.

use std::collections::BTreeSet;

use crate::domain::diff::Side;
use crate::domain::landscape::EnvironmentBranch;
use crate::domain::name::{CommitId, TagName};
use crate::domain::record::{Record, RepositoryRecord};
use crate::domain::release_file::Application;
use crate::domain::version::{Declared, Version};

use super::super::lineup::{Lineup, Lineups};
use super::super::{Result, Workspace};
use super::Patches;

/// What a deployment brings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    /// The keys in the messages of its commits, sorted.
    pub issues: Vec<String>,
    /// The repositories of which that can't be known here.
    pub unknown: Vec<String>,
}

impl Workspace {
    /// The issues that a deployment brings to an environment. `after` are its commits, the app's among them; `earlier`
    /// are the deployments before it, newest first. Those of the same commits are passed over, so that a deployment that
    /// is repeated brings what it brought.
    pub fn brought(
        &self,
        branch: &EnvironmentBranch,
        application: &Application,
        after: &[RepositoryRecord],
        earlier: &[Record],
    ) -> Result<Brought> {
        let unknown = || Ok(Brought { unknown: vec![application.name.to_string()], ..Brought::default() });
        let Some(app) = self.app_if_present(application)? else { return unknown() };
        let landscape = self.environments().landscape()?;
        let mut lineups = Lineups::new(self, &landscape, app);
        let given = match commit_of(after, application) {
            Some(commit) => lineups.ran(Side::default(), commit, after)?,
            None => return unknown(),
        };
        let Some(held) = self.before(&mut lineups, branch, application, after, earlier)? else { return unknown() };
        let held = Lineup { file: branch.file.as_ref().ok().cloned(), ..held };
        let diff = self.compare(lineups, &given, &held, Patches::default())?;
        let unknown = diff.repositories.iter().filter(|repository| repository.commits.is_none());
        Ok(Brought {
            unknown: unknown.map(|repository| repository.name.to_string()).collect(),
            issues: diff.issues().added,
        })
    }

    /// What was deployed before: what a record says, else the tag of the version that the branch declared before.
    fn before(
        &self,
        lineups: &mut Lineups<'_>,
        branch: &EnvironmentBranch,
        application: &Application,
        after: &[RepositoryRecord],
        earlier: &[Record],
    ) -> Result<Option<Lineup>> {
        let record = earlier.iter().find(|record| !same_commits(&record.repositories, after));
        if let Some(record) = record
            && let Some(commit) = commit_of(&record.repositories, application)
        {
            return lineups.ran(Side::default(), commit, &record.repositories).map(Some);
        }
        let version = match (record.and_then(|record| record.version.as_deref()), &branch.name) {
            (Some(version), _) => Version::parse(version).ok(),
            (None, Some(name)) => {
                let current = branch.declared().and_then(Declared::text);
                let held = self.environments().held_versions(branch, name)?.held;
                let earlier = held.into_iter().find(|version| Some(version) != current.as_ref());
                earlier.and_then(|version| Version::parse(&version).ok())
            }
            (None, None) => None,
        };
        let Some(version) = version else { return Ok(None) };
        let recorded = record.and_then(|record| TagName::parse(record.tag.as_deref()?).ok());
        let tag = match recorded {
            Some(tag) => Some(tag),
            None => lineups.newest_tag(&version)?,
        };
        match tag {
            Some(tag) => lineups.tagged(Side::default(), &version, &tag).map(Some),
            None => Ok(None),
        }
    }
}

fn commit_of(commits: &[RepositoryRecord], application: &Application) -> Option<CommitId> {
    let app = commits.iter().find(|repository| repository.name == application.name.as_str());
    app.and_then(|app| CommitId::parse(&app.commit))
}

/// Whether two deployments had the same commits.
pub fn same_commits(a: &[RepositoryRecord], b: &[RepositoryRecord]) -> bool {
    let commits = |list: &[RepositoryRecord]| {
        list.iter().map(|one| (one.name.clone(), one.commit.clone())).collect::<BTreeSet<_>>()
    };
    commits(a) == commits(b)
}
