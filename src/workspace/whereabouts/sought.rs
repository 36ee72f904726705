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
use crate::domain::whereabouts::{Kind, Revert, Sought};
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
            if traces.is_empty() { Err(nowhere(lineups, what)?) } else { Ok((Kind::Issue, traces)) }
        } else {
            let traces = commit_traces(lineups, what, &tips)?;
            if !traces.is_empty() {
                return Ok((Kind::Commit, traces));
            }
            let key = what.to_ascii_uppercase();
            let traces = if is_key(&key) { issue_traces(lineups, &key, &tips)? } else { Vec::new() };
            if traces.is_empty() { Err(nowhere(lineups, what)?) } else { Ok((Kind::Issue, traces)) }
        }
    }
}

fn nowhere(lineups: &Lineups<'_>, what: &str) -> Result<Error> {
    let mut shallow = Vec::new();
    for clone in lineups.clones() {
        if clone.repository.is_shallow()? {
            shallow.push(clone.name.clone());
        }
    }
    Ok(Unclear::FoundNowhere { what: what.to_owned(), shallow }.into())
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
        let sought = Sought { changes: vec![vec![*commit]], ends: ends(repository, &ancestry)?, ..Sought::default() };
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
    let itself = repository.commit(commit)?;
    // Whatever it repeats is as good, and so is whatever repeats either.
    let origins: HashSet<CommitId> = message::picked_from(&itself.message).chain([commit]).collect();
    let mut change = vec![commit];
    let mut reverts = Vec::new();
    // Whatever stands above is looked through for words about this commit.
    for (id, _) in &above {
        repository.message_of(*id, |message| match Words::of(message) {
            Words::Reverts(targets, picked) => reverts.push(Revert { commit: *id, targets, origins: picked }),
            Words::Picks(picked) if picked.iter().any(|origin| origins.contains(origin)) => change.push(*id),
            _ if *id != commit && origins.contains(id) => change.push(*id),
            _ => {}
        })?;
    }
    let ancestry = Ancestry::new(above);
    let mut changes = [change];
    let compared = add_repeats(&mut changes, repository, &ancestry, &tips.living(&name))?;
    sort_reverts(&mut reverts, &ancestry);
    let sought = Sought { changes: changes.to_vec(), reverts, ends: ends(repository, &ancestry)? };
    Ok((Trace { name, sought, ancestry }, compared))
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
    let mut picks: Vec<(CommitId, Vec<CommitId>)> = Vec::new();
    let ancestry = repository.walk(&tips.all(&name), |id, message| {
        let words = Words::of(message);
        if let Words::Reverts(targets, origins) = words {
            reverts.push(Revert { commit: id, targets, origins });
        } else if (message.contains_str(key) || message.contains_str(&small))
            && projects.keys(&message.to_str_lossy()).iter().any(|known| known == key)
        {
            named.push(id);
        } else if let Words::Picks(origins) = words {
            picks.push((id, origins));
        }
    })?;
    let brought = ancestry.containing(named.iter().copied());
    let mut commits = named.iter().map(|id| repository.commit(*id)).collect::<std::result::Result<Vec<_>, _>>()?;
    // A merge is told by what it brought, where that names the issue itself.
    commits.retain(|merge| !named.iter().any(|id| *id != merge.id && brought.brought(merge.id, *id)));
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
    let mut compared = patches.is_some();
    let mut changes = grouped(commits, &patches.unwrap_or_default(), &ancestry);
    add_picks(&mut changes, &picks);
    compared &= add_repeats(&mut changes, repository, &ancestry, &living)?;
    sort_reverts(&mut reverts, &ancestry);
    let sought = Sought { changes, reverts, ends: ends(repository, &ancestry)? };
    Ok((Some(Trace { name, sought, ancestry }), compared))
}

/// Adds commits that say that they repeat one of these, and do not name the issue themselves.
fn add_picks(changes: &mut [Vec<CommitId>], picks: &[(CommitId, Vec<CommitId>)]) {
    for change in changes {
        // What was picked may be picked again.
        let mut next = 0;
        while let Some(known) = change.get(next).copied() {
            let again = picks.iter().filter(|(id, origins)| origins.contains(&known) && !change.contains(id));
            let again: Vec<CommitId> = again.map(|(id, _)| *id).collect();
            change.extend(again);
            next += 1;
        }
    }
}

/// Adds commits that change what these do, where a tip lacks them; also says whether contents could be compared.
fn add_repeats(
    changes: &mut [Vec<CommitId>],
    repository: &Repository,
    ancestry: &Ancestry,
    tips: &HashSet<CommitId>,
) -> Result<bool> {
    let contained = ancestry.containing(changes.iter().flatten().copied());
    let lacks = |tip: CommitId, change: &[CommitId]| !change.iter().any(|known| contained.has(tip, *known));
    let mut lacking: HashSet<CommitId> = HashSet::new();
    let mut firsts = Vec::new();
    for change in changes.iter() {
        let without: Vec<CommitId> = tips.iter().copied().filter(|tip| lacks(*tip, change)).collect();
        firsts.extend(change.first().filter(|_| !without.is_empty()));
        lacking.extend(without);
    }
    let lacking: Vec<CommitId> = lacking.into_iter().collect();
    let Some(pairs) = repository.repeating(&firsts, &lacking)? else { return Ok(false) };
    for (first, other) in pairs {
        if let Some(change) = changes.iter_mut().find(|change| change.first() == Some(&first)) {
            change.push(other);
        }
    }
    Ok(true)
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

/// What a message says of other commits.
enum Words {
    /// That it takes back these, and what it repeats in doing so.
    Reverts(Vec<CommitId>, Vec<CommitId>),
    /// That it repeats these.
    Picks(Vec<CommitId>),
    Nothing,
}

impl Words {
    fn of(message: &[u8]) -> Self {
        let (reverts, picks) =
            (message.contains_str("This reverts commit "), message.contains_str("(cherry picked from commit "));
        if !reverts && !picks {
            return Words::Nothing;
        }
        let text = message.to_str_lossy();
        let targets: Vec<CommitId> = message::reverts(&text).collect();
        let origins: Vec<CommitId> = message::picked_from(&text).collect();
        match (targets.is_empty(), origins.is_empty()) {
            (false, _) => Words::Reverts(targets, origins),
            (true, false) => Words::Picks(origins),
            (true, true) => Words::Nothing,
        }
    }
}

/// The highest first, so that what takes back a revert is known before the revert.
fn sort_reverts(reverts: &mut [Revert], ancestry: &Ancestry) {
    reverts.sort_by_key(|revert| std::cmp::Reverse(ancestry.rank(revert.commit)));
}

/// Where a piece of history ends since the clone does.
fn ends(repository: &Repository, ancestry: &Ancestry) -> Result<Vec<CommitId>> {
    if !repository.is_shallow()? {
        return Ok(Vec::new());
    }
    Ok(repository.shallow_ends()?.into_iter().filter(|end| ancestry.rank(*end).is_some()).collect())
}

fn content_unknown(name: &RepositoryName) -> Problem {
    Problem::warning(
        "content-unknown",
        format!("the clone of {name} has no contents, so cherry-picks without a note are not known"),
    )
    .hint(format!("a whole clone beside the release repo, named {name}, has them"))
    .repository(name.to_string())
}
