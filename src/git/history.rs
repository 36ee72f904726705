//! Walking history: which commits lie between two others, and which are missing by their content.

use std::collections::HashSet;

use gix::bstr::ByteSlice as _;

use crate::domain::diff::{Content, Differing};
use crate::domain::history::Commit;
use crate::domain::name::CommitId;

use super::Result;
use super::repository::Repository;

/// What differs between two commits.
pub struct Differences {
    /// The commits, children before their parents.
    pub commits: Vec<Differing>,
    /// Whether commits were compared by their content.
    pub by_content: bool,
}

impl Repository {
    /// The commits that can be reached from `tip` and not from `before`.
    pub fn commits_between(&self, before: Option<CommitId>, tip: CommitId) -> Result<Vec<CommitId>> {
        let wrap = |error: &dyn std::error::Error| self.read_error("the history", error);
        let mut walk = self.gix.rev_walk([tip.object()]);
        if let Some(before) = before {
            walk = walk.with_hidden([before.object()]);
        }
        let mut commits = Vec::new();
        for info in walk.all().map_err(|error| wrap(&error))? {
            commits.push(CommitId::new(info.map_err(|error| wrap(&error))?.id));
        }
        Ok(commits)
    }

    /// The commits that can be reached from one of two commits and not from the other, children before their parents,
    /// each with whether it is on the side of `given`, and whether the other side has it by its content.
    ///
    /// Contents are compared only where both sides have commits of their own, and among these alone. In a partial clone
    /// they may be missing; nothing is fetched for them, and `by_content` says that they were not compared.
    pub fn differing(&self, given: CommitId, held: CommitId) -> Result<Differences> {
        let range = format!("{held}...{given}");
        let listed = self.git().args(["rev-list", "--topo-order", "--left-right"]).arg(&range).arg("--").run()?;
        let mut commits: Vec<(CommitId, bool)> = Vec::new();
        for line in listed.lines() {
            let (side, id) = line.split_at(line.len().min(1));
            match (side, std::str::from_utf8(id).ok().and_then(CommitId::parse)) {
                (b"<", Some(id)) => commits.push((id, false)),
                (b">", Some(id)) => commits.push((id, true)),
                _ => return Err(self.unreadable("the history", "an unexpected line came from git rev-list")),
            }
        }
        let both = commits.iter().any(|(_, is_given)| *is_given) && commits.iter().any(|(_, is_given)| !is_given);
        let same = if both { self.same_by_content(&range)? } else { Some(HashSet::new()) };
        let by_content = same.is_some();
        let same = same.unwrap_or_default();
        let mut differing = Vec::with_capacity(commits.len());
        for (id, is_given) in commits {
            let commit = self.commit(id)?;
            let content = match same.contains(&id) {
                // For Git, all commits that change nothing are one change.
                true if self.changes_nothing(&commit)? => Content::Nothing,
                true => Content::Same,
                false => Content::Own,
            };
            differing.push(Differing { commit, is_given, content });
        }
        let commits = differing;
        Ok(Differences { commits, by_content })
    }

    /// Whether a commit has the files of its first parent; where a clone has no parent of it, whether it has no files.
    fn changes_nothing(&self, commit: &Commit) -> Result<bool> {
        let parent = commit.parents.first().filter(|parent| self.has_object(parent.object()));
        let before = match parent {
            Some(parent) => self.commit(*parent)?.tree,
            None => gix::ObjectId::empty_tree(self.hash()),
        };
        Ok(commit.tree == before)
    }

    /// The commits of a symmetric difference that both sides have; `None` where the clone lacks the contents.
    fn same_by_content(&self, range: &str) -> Result<Option<HashSet<CommitId>>> {
        Ok(self.marked_as_same(&[range])?.map(HashSet::from_iter))
    }

    /// The commits of a range of two sides whose change is on both; `None` where the clone lacks the contents.
    pub(super) fn marked_as_same(&self, range: &[&str]) -> Result<Option<Vec<CommitId>>> {
        let asked = self
            .git()
            // What a partial clone lacks would be fetched one by one.
            .env("GIT_NO_LAZY_FETCH", "1")
            .args(["rev-list", "--cherry-mark", "--no-merges"])
            .args(range)
            .arg("--")
            .output()?;
        if !asked.is_success() && self.is_partial() {
            return Ok(None);
        }
        let printed = asked.success()?;
        let same = printed.lines().filter_map(|line| line.strip_prefix(b"="));
        Ok(Some(same.filter_map(|id| std::str::from_utf8(id).ok().and_then(CommitId::parse)).collect()))
    }

    /// Those of the commits that no branch has: of the remote, or of this repository where there is none.
    pub fn on_no_branch(&self, remote: Option<&str>, commits: &[CommitId]) -> Result<Vec<CommitId>> {
        if commits.is_empty() {
            return Ok(Vec::new());
        }
        let branches = match remote {
            Some(remote) => format!("--glob=refs/remotes/{remote}/*"),
            None => "--branches".to_owned(),
        };
        let ids = commits.iter().map(ToString::to_string);
        let printed = self.git().arg("rev-list").args(ids).arg("--not").arg(branches).arg("--").run()?;
        let listed = printed.lines().filter_map(|line| std::str::from_utf8(line).ok().and_then(CommitId::parse));
        Ok(listed.filter(|id| commits.contains(id)).collect())
    }

    /// Where the history of a shallow clone ends: the commits whose parents are not here. Empty for a whole one.
    pub fn shallow_ends(&self) -> Result<HashSet<CommitId>> {
        let ends =
            self.gix.shallow_commits().map_err(|error| self.read_error("the list of shallow commits", &error))?;
        Ok(ends.iter().flat_map(|ends| ends.iter()).map(|id| CommitId::new(*id)).collect())
    }

    /// The paths of the files that differ between two commits, those that came and went among them.
    pub fn paths_between(&self, old: CommitId, new: CommitId) -> Result<Vec<String>> {
        let call = self.git().args(["diff-tree", "-r", "-z", "--name-only", "--no-renames"]);
        let printed = call.arg(old.to_string()).arg(new.to_string()).arg("--").run()?;
        let paths = printed.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        Ok(paths.map(|path| String::from_utf8_lossy(path).into_owned()).collect())
    }

    /// How two commits differ, as a patch, in all files or in these. Nothing outside of Git is run for it.
    pub fn patch(&self, old: CommitId, new: CommitId, paths: &[String]) -> Result<String> {
        let call = self.git().config("core.quotePath=false").args([
            "diff-tree",
            "-r",
            "-p",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
            "--find-renames",
        ]);
        let printed = call.arg(old.to_string()).arg(new.to_string()).arg("--").args(paths).run()?;
        Ok(String::from_utf8_lossy(&printed).into_owned())
    }

    /// Whether this is a release repo: it has environment branches, of its own or of a remote, or a release file.
    pub fn is_release_repo(&self) -> Result<bool> {
        if !self.list_refs("refs/heads/environment/")?.is_empty() {
            return Ok(true);
        }
        if let Some(remote) = self.remote(None)?
            && !self.list_refs(&format!("refs/remotes/{}/environment/", remote.name))?.is_empty()
        {
            return Ok(true);
        }
        // A single-branch clone has no environment branch until it is told to fetch them.
        let Some(head) = self.find_ref("HEAD")? else { return Ok(false) };
        let Some(head) = self.peel_to_commit(head)? else { return Ok(false) };
        let tree = self.commit(head)?.tree;
        Ok(self.entry(tree, "release.yml")?.is_some() || self.entry(tree, "release.yaml")?.is_some())
    }
}
