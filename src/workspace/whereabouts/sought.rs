//! Which commits an issue, a commit or a version consists of in each repository, and the history that they lie in.

use std::collections::{HashMap, HashSet};

use gix::bstr::ByteSlice as _;

use crate::domain::ancestry::Ancestry;
use crate::domain::history::Commit;
use crate::domain::issues::{Projects, is_key};
use crate::domain::message;
use crate::domain::name::{CommitId, RepositoryName, TagName};
use crate::domain::problem::Problem;
use crate::domain::version::Version;
use crate::domain::whereabouts::{Kind, Sought};
use crate::git::repository::Repository;

use super::{Commits, Held, Trace};
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
        heads: &Commits,
    ) -> Result<(Kind, Vec<Trace>)> {
        let tips = Tips { held, heads };
        let version = version_traces(lineups, what, &tips)?;
        if !version.is_empty() {
            return Ok((Kind::Version, version));
        }
        if is_key(what) {
            let traces = issue_traces(lineups, what, &tips)?;
            if traces.is_empty() { Err(nowhere(what)) } else { Ok((Kind::Issue, traces)) }
        } else {
            let traces = commit_traces(lineups, what, &tips)?;
            if !traces.is_empty() {
                return Ok((Kind::Commit, traces));
            }
            let key = what.to_ascii_uppercase();
            let traces = if is_key(&key) { issue_traces(lineups, &key, &tips)? } else { Vec::new() };
            if traces.is_empty() { Err(nowhere(what)) } else { Ok((Kind::Issue, traces)) }
        }
    }
}

fn nowhere(what: &str) -> Error {
    Unclear::FoundNowhere { what: what.to_owned() }.into()
}

/// The commits that everything is looked for in.
struct Tips<'h> {
    held: &'h [Held],
    heads: &'h Commits,
}

impl Tips<'_> {
    /// What environments hold now in a repository, each commit once.
    fn now(&self, name: &RepositoryName) -> HashSet<CommitId> {
        self.held.iter().filter_map(|held| held.now.as_ref()?.get(name).copied()).collect()
    }

    /// What they hold now, and the head of the default branch.
    fn living(&self, name: &RepositoryName) -> HashSet<CommitId> {
        self.now(name).into_iter().chain(self.heads.get(name).copied()).collect()
    }

    /// That, and what they ever held.
    fn all(&self, name: &RepositoryName) -> Vec<CommitId> {
        let spans = self.held.iter().flat_map(|held| &held.spans);
        let past = spans.filter_map(|span| span.commits.get(name).copied());
        let all: HashSet<CommitId> = past.chain(self.living(name)).collect();
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
        commits = super::commits_of(lineups, &lineup);
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
        let ancestry = Ancestry::new(repository.history_above(*commit, &tips.all(&name))?);
        let sought = Sought { changes: vec![vec![*commit]], reverts: Vec::new() };
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
    let mut traces = Vec::new();
    for (name, commit) in found {
        let Some(repository) = lineups.repository(&name) else { continue };
        let (trace, compared) = commit_trace(repository, name.clone(), commit, tips)?;
        if !compared {
            lineups.warn(content_unknown(&name));
        }
        traces.push(trace);
    }
    Ok(traces)
}

/// Also says whether contents could be compared where that mattered.
fn commit_trace(
    repository: &Repository,
    name: RepositoryName,
    commit: CommitId,
    tips: &Tips<'_>,
) -> Result<(Trace, bool)> {
    let above = repository.history_above(commit, &tips.all(&name))?;
    let mut change = vec![commit];
    let mut reverts = Vec::new();
    // Whatever stands above is looked through for words about this commit.
    for (id, _) in &above {
        repository.message_of(*id, |message| {
            if let Some(targets) = reverted_by(message) {
                reverts.push((*id, targets));
            } else if message.contains_str("(cherry picked from commit ")
                && message::picked_from(&message.to_str_lossy()).any(|origin| origin == commit)
            {
                change.push(*id);
            }
        })?;
    }
    let ancestry = Ancestry::new(above);
    let mut compared = true;
    if repository.commit(commit)?.parents.len() < 2 {
        for tip in tips.living(&name) {
            let contained = ancestry.containing(change.iter().copied());
            if change.iter().any(|known| contained.has(tip, *known)) {
                continue;
            }
            match repository.same_change(commit, tip)? {
                Some(same) => change.extend(same),
                None => compared = false,
            }
        }
    }
    sort_reverts(&mut reverts, &ancestry);
    Ok((Trace { name, sought: Sought { changes: vec![change], reverts }, ancestry }, compared))
}

/// The commits whose messages name an issue.
fn issue_traces(lineups: &mut Lineups<'_>, key: &str, tips: &Tips<'_>) -> Result<Vec<Trace>> {
    let mut traces = Vec::new();
    for name in names(lineups) {
        let Some(repository) = lineups.repository(&name) else { continue };
        let (trace, compared) = issue_trace(repository, name.clone(), key, tips)?;
        if !compared {
            lineups.warn(content_unknown(&name));
        }
        traces.extend(trace);
    }
    Ok(traces)
}

fn issue_trace(
    repository: &Repository,
    name: RepositoryName,
    key: &str,
    tips: &Tips<'_>,
) -> Result<(Option<Trace>, bool)> {
    let projects = Projects::only_of(key);
    let small = key.to_ascii_lowercase();
    let mut named: Vec<CommitId> = Vec::new();
    let mut reverts = Vec::new();
    let ancestry = repository.walk(&tips.all(&name), |id, message| {
        if let Some(targets) = reverted_by(message) {
            reverts.push((id, targets));
        } else if (message.contains_str(key) || message.contains_str(&small))
            && projects.keys(&message.to_str_lossy()).iter().any(|known| known == key)
        {
            named.push(id);
        }
    })?;
    let mut commits = named.into_iter().map(|id| repository.commit(id)).collect::<std::result::Result<Vec<_>, _>>()?;
    // A merge is told by what it brought, where that names the issue itself.
    if commits.iter().any(|commit| commit.parents.len() < 2) {
        commits.retain(|commit| commit.parents.len() < 2);
    }
    // What only the past has is looked for where nothing else is left of the issue.
    let contained = ancestry.containing(commits.iter().map(|commit| commit.id));
    let living = tips.living(&name);
    let lives = |commit: &Commit| living.iter().any(|tip| contained.has(*tip, commit.id));
    if commits.iter().any(lives) {
        commits.retain(lives);
    }
    if commits.is_empty() {
        return Ok((None, true));
    }
    let patches = match commits.len() {
        1 => Some(HashMap::new()),
        _ => repository.patch_ids(&commits.iter().map(|commit| commit.id).collect::<Vec<_>>())?,
    };
    let compared = patches.is_some();
    let changes = grouped(commits, &patches.unwrap_or_default(), &ancestry);
    sort_reverts(&mut reverts, &ancestry);
    Ok((Some(Trace { name, sought: Sought { changes, reverts }, ancestry }), compared))
}

/// Puts commits together that repeat each other, by their patch or by what they say. The newest change comes first, and
/// in each the commit that the others repeat.
fn grouped(mut commits: Vec<Commit>, patches: &HashMap<CommitId, String>, ancestry: &Ancestry) -> Vec<Vec<CommitId>> {
    let is_pick = |commit: &Commit| message::picked_from(&commit.message).next().is_some();
    commits.sort_by_key(|commit| (is_pick(commit), commit.at, ancestry.rank(commit.id)));
    let mut groups: Vec<(Vec<CommitId>, HashSet<CommitId>)> = Vec::new();
    for commit in &commits {
        let mut origins: HashSet<CommitId> = message::picked_from(&commit.message).collect();
        origins.insert(commit.id);
        let patch = patches.get(&commit.id);
        let same = groups.iter_mut().find(|(group, known)| {
            !known.is_disjoint(&origins) || (patch.is_some() && group.iter().any(|other| patches.get(other) == patch))
        });
        match same {
            Some((group, known)) => {
                group.push(commit.id);
                known.extend(origins);
            }
            None => groups.push((vec![commit.id], origins)),
        }
    }
    let mut changes: Vec<Vec<CommitId>> = groups.into_iter().map(|(group, _)| group).collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.first().and_then(|first| ancestry.rank(*first))));
    changes
}

/// What a message says that it takes back; `None` where it takes back nothing.
fn reverted_by(message: &[u8]) -> Option<Vec<CommitId>> {
    if !message.contains_str("This reverts commit ") {
        return None;
    }
    let targets: Vec<CommitId> = message::reverts(&message.to_str_lossy()).collect();
    (!targets.is_empty()).then_some(targets)
}

/// The highest first, so that what takes back a revert is known before the revert.
fn sort_reverts(reverts: &mut [(CommitId, Vec<CommitId>)], ancestry: &Ancestry) {
    reverts.sort_by_key(|(taker, _)| std::cmp::Reverse(ancestry.rank(*taker)));
}

fn content_unknown(name: &RepositoryName) -> Problem {
    Problem::warning(
        "content-unknown",
        format!("the clone of {name} has no contents, so cherry-picks without a note are not known"),
    )
    .hint(format!("a whole clone beside the release repo, named {name}, has them"))
    .repository(name.to_string())
}
