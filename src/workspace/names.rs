//! What can be named: environments, versions and tags, as the clones know them; for a shell that completes a word.

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::candidate::Candidate;
use crate::domain::name::EnvironmentName;
use crate::domain::version::{Declared, Version};

use super::team::Member;
use super::{Result, Workspace};

/// How many environments at the most are told with what they declare; nobody reads a longer list.
const MOST_DESCRIBED: usize = 100;

/// How many commits of an environment are looked at for the versions that it has had.
const DEPTH: usize = 200;

/// How many tags at the most are looked at; where more begin so, more has to be typed.
const MOST_TAGS: usize = 20_000;

/// How far a version has come in the app repo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It has a release branch.
    Branch,
    /// It has candidates; this is the highest number.
    Candidate(u64),
    /// It has a final tag.
    Final,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stage::Branch => f.write_str("release branch"),
            Stage::Candidate(number) => write!(f, "rc.{number}"),
            Stage::Final => f.write_str("final"),
        }
    }
}

impl Workspace {
    /// The environments whose names begin so, each with what its branch declares, where that can be read.
    pub fn environments_beginning(&self, start: &str) -> Result<Vec<(EnvironmentName, Option<Declared>)>> {
        let mut releases = self.environments();
        let mut names: Vec<EnvironmentName> = releases
            .names()?
            .iter()
            .filter(|name| name.starts_with(start))
            .filter_map(|name| EnvironmentName::parse(name).ok())
            .collect();
        names.sort();
        names.dedup();
        let described = names.len() <= MOST_DESCRIBED;
        let mut declared = |name: &EnvironmentName| {
            let newest = if described { releases.declarations(name, 1).ok()?.pop() } else { None };
            newest.map(|(declared, _)| declared)
        };
        Ok(names.into_iter().map(|name| (declared(&name), name)).map(|(declared, name)| (name, declared)).collect())
    }

    /// The versions that an environment has declared and that begin so, the newest first, each with when it came, in
    /// seconds since 1970.
    pub fn versions_held(&self, environment: &EnvironmentName, start: &str) -> Result<Vec<(Version, i64)>> {
        let mut held: Vec<(Version, i64)> = Vec::new();
        for (declared, since) in self.environments().declarations(environment, DEPTH)? {
            if let Declared::Version(version) = declared
                && version.as_str().starts_with(start)
                && !held.iter().any(|(known, _)| *known == version)
            {
                held.push((version, since));
            }
        }
        Ok(held)
    }

    /// The versions of the app that begin so, the newest first as far as that can be told from their names.
    pub fn versions_beginning(&self, start: &str) -> Result<Vec<(Version, Stage)>> {
        let Some(app) = self.app_in_reach()? else { return Ok(Vec::new()) };
        let mut found: BTreeMap<Version, Stage> = BTreeMap::new();
        let mut add = |version: Version, stage: Stage| {
            let known = found.entry(version).or_insert(stage);
            *known = stage.max(*known);
        };
        for tag in tags(&app, &format!("v{start}"))? {
            match Candidate::parse(&tag) {
                Some(candidate) => add(candidate.version, Stage::Candidate(candidate.number)),
                None => tag
                    .strip_prefix('v')
                    .and_then(|text| Version::parse(text).ok())
                    .into_iter()
                    .for_each(|version| add(version, Stage::Final)),
            }
        }
        let mut roots = vec!["refs/heads/release/".to_owned()];
        roots.extend(app.remote.iter().map(|remote| format!("refs/remotes/{remote}/release/")));
        for root in roots {
            for reference in app.repository.list_refs(&format!("{root}{start}"))? {
                let text = std::str::from_utf8(&reference.name[root.len()..]);
                text.ok()
                    .and_then(|text| Version::parse(text).ok())
                    .into_iter()
                    .for_each(|version| add(version, Stage::Branch));
            }
        }
        let mut versions: Vec<(Version, Stage)> = found.into_iter().collect();
        versions.sort_by_cached_key(|(version, _)| std::cmp::Reverse((version.semver(), version.clone())));
        Ok(versions)
    }

    /// The tags of the app that begin so, sorted, and look like relman's: `v…`.
    pub fn tags_beginning(&self, start: &str) -> Result<Vec<String>> {
        match self.app_in_reach()? {
            Some(app) if start.starts_with('v') => tags(&app, start),
            _ => Ok(Vec::new()),
        }
    }

    fn app_in_reach(&self) -> Result<Option<Member>> {
        match self.environments().application()? {
            Some(application) => self.app_if_present(&application),
            None => Ok(None),
        }
    }
}

fn tags(app: &Member, start: &str) -> Result<Vec<String>> {
    let tags = app.repository.tags_beginning(start, app.tag_source())?;
    Ok(if tags.len() > MOST_TAGS { Vec::new() } else { tags.into_iter().collect() })
}
