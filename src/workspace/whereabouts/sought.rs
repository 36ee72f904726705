//! Which commits an issue, a commit or a version consists of in each repository, and the history that they lie in.

use std::collections::HashSet;

use crate::domain::ancestry::Ancestry;
use crate::domain::issues::is_key;
use crate::domain::name::{CommitId, RepositoryName, TagName};
use crate::domain::problem::Problem;
use crate::domain::sought::Sought;
use crate::domain::version::Version;
use crate::domain::whereabouts::Kind;

use super::held::{Heads, Held, warn_of_unread};
use super::{Commits, Trace, gathered};
use crate::workspace::lineup::{Lineups, Unclear};
use crate::workspace::{Error, Result, Workspace};

impl Workspace {
    /// Finds out what is asked for, and its commits. What has the name of a version or a tag is that; then come issue
    /// keys, then the first digits of commits.
    pub(super) fn trace(
        &self,
        lineups: &mut Lineups<'_>,
        what: &str,
        held: &[Held],
        heads: &Heads,
    ) -> Result<(Kind, Vec<Trace>)> {
        let tips = Tips { held, heads };
        let version = version_traces(lineups, what, &tips)?;
        if !version.is_empty() {
            return Ok((Kind::Version, version));
        }
        if is_key(what) {
            let traces = issue_traces(lineups, what, &tips)?;
            if traces.is_empty() { Err(nowhere(lineups, what, &tips)?) } else { Ok((Kind::Issue, traces)) }
        } else {
            let traces = commit_traces(lineups, what, &tips)?;
            if !traces.is_empty() {
                return Ok((Kind::Commit, traces));
            }
            let key = what.to_ascii_uppercase();
            let traces = if is_key(&key) { issue_traces(lineups, &key, &tips)? } else { Vec::new() };
            if traces.is_empty() { Err(nowhere(lineups, what, &tips)?) } else { Ok((Kind::Issue, traces)) }
        }
    }
}

fn nowhere(lineups: &mut Lineups<'_>, what: &str, tips: &Tips<'_>) -> Result<Error> {
    let mut shallow = Vec::new();
    for clone in lineups.clones() {
        if clone.repository.is_shallow()? {
            shallow.push(clone.name.clone());
        }
    }
    // What could not be looked at may have it.
    tips.held.iter().flat_map(Held::contents).for_each(|contents| warn_of_unread(lineups, contents));
    let unread = lineups.warnings.iter().map(|problem| problem.message.clone()).collect();
    Ok(Unclear::FoundNowhere { what: what.to_owned(), shallow, unread }.into())
}

/// The commits that everything is looked for in.
pub(super) struct Tips<'h> {
    held: &'h [Held],
    heads: &'h Heads,
}

impl Tips<'_> {
    /// What environments hold now in a repository, what ran last, and the head of the default branch; each commit once.
    pub(super) fn living(&self, name: &RepositoryName) -> HashSet<CommitId> {
        let living = self.held.iter().flat_map(Held::living).filter_map(|contents| contents.commits.get(name));
        living.chain(self.heads.listed.get(name)).copied().collect()
    }

    /// That, what they ever held, and the head of the repository's own default branch.
    pub(super) fn all(&self, name: &RepositoryName) -> Vec<CommitId> {
        let held = self.held.iter().flat_map(Held::contents).filter_map(|contents| contents.commits.get(name));
        let heads = self.heads.listed.get(name).into_iter().chain(self.heads.own.get(name));
        let all: HashSet<CommitId> = held.chain(heads).copied().collect();
        all.into_iter().collect()
    }
}

fn names(lineups: &Lineups<'_>) -> Vec<RepositoryName> {
    lineups.clones().map(|clone| clone.name.clone()).collect()
}

/// A tag, or a version by its tag or its release branch.
fn version_traces(lineups: &mut Lineups<'_>, what: &str, tips: &Tips<'_>) -> Result<Vec<Trace>> {
    let mut commits = Commits::new();
    let is_tag = match TagName::parse(what) {
        Ok(tag) => lineups.app.repository.tag_commit(&tag, lineups.app.tag_source())?.is_some(),
        Err(_) => false,
    };
    let is_version = match Version::parse(what) {
        Ok(version) => {
            lineups.newest_tag(&version)?.is_some() || lineups.app.head(&version.release_branch())?.is_some()
        }
        Err(_) => false,
    };
    if is_tag || is_version {
        let lineup = lineups.given(what)?;
        let listed = lineups.listed(&lineup);
        commits = lineups.by_todays_names(listed).commits;
    } else if let Ok(tag) = TagName::parse(what) {
        // A tag of a component alone.
        for member in lineups.clones() {
            if let Some(commit) = member.repository.tag_commit(&tag, member.tag_source())? {
                commits.insert(member.name.clone(), commit);
            }
        }
    }
    let mut traces = Vec::new();
    for name in names(lineups) {
        let (Some(commit), Some(repository)) = (commits.get(&name), lineups.repository(&name)) else { continue };
        let ancestry = Ancestry::new(repository.history_above(&[*commit], &tips.all(&name))?);
        let sought = Sought { changes: vec![vec![*commit]], ..Sought::default() };
        traces.push(Trace { name, sought, ancestry });
    }
    Ok(traces)
}

/// The commit that begins with these digits, wherever it is.
fn commit_traces(lineups: &mut Lineups<'_>, what: &str, tips: &Tips<'_>) -> Result<Vec<Trace>> {
    let mut found: Vec<(RepositoryName, CommitId)> = Vec::new();
    for member in lineups.clones() {
        for commit in member.repository.commits_beginning(what)? {
            found.push((member.name.clone(), commit));
        }
    }
    let distinct: HashSet<CommitId> = found.iter().map(|(_, commit)| *commit).collect();
    if distinct.len() > 1 {
        let found = found.iter().map(|(name, commit)| format!("{} in {name}", commit.short())).collect();
        return Err(Unclear::AmbiguousCommit { what: what.to_owned(), found }.into());
    }
    // Under a name that nobody uses, a history is only a copy of one under another name.
    let is_used = |name: &RepositoryName| !tips.all(name).is_empty();
    if found.iter().any(|(name, _)| is_used(name)) {
        found.retain(|(name, _)| is_used(name));
    }
    let mut traces = Vec::new();
    for (name, commit) in found {
        let Some(repository) = lineups.repository(&name) else { continue };
        let (trace, compared) = gathered::of_commit(repository, name.clone(), commit, tips)?;
        if !compared {
            lineups.warn(content_unknown(&name));
        }
        traces.push(trace);
    }
    Ok(traces)
}

/// The commits whose messages name an issue. What only the past has is looked for where nothing else is left of it, in any
/// of the repositories.
fn issue_traces(lineups: &mut Lineups<'_>, key: &str, tips: &Tips<'_>) -> Result<Vec<Trace>> {
    let mut traces = Vec::new();
    let mut unknown = Vec::new();
    {
        let mut named = Vec::new();
        for clone in lineups.clones() {
            named.extend(gathered::Named::read(&clone.repository, clone.name.clone(), key, tips)?);
        }
        if named.iter().any(|named| named.changes) {
            named.retain(|named| named.changes);
        }
        let lives = named.iter().any(gathered::Named::lives);
        for named in named {
            let Some((trace, compared)) = named.finish(lives, tips)? else { continue };
            if !compared {
                unknown.push(content_unknown(&trace.name));
            }
            traces.push(trace);
        }
    }
    unknown.into_iter().for_each(|problem| lineups.warn(problem));
    Ok(traces)
}

fn content_unknown(name: &RepositoryName) -> Problem {
    Problem::warning(
        "content-unknown",
        format!("the clone of {name} has no contents, so cherry-picks without a note are not known"),
    )
    .hint(format!("a whole clone beside the release repo, named {name}, has them"))
    .repository(name.to_string())
}
