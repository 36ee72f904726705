//! Walking history: which commits lie between two others, and which are missing by their content.

use crate::domain::name::CommitId;

use super::Result;
use super::repository::Repository;

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

    /// The commits of `old` whose change is not in `new`, cherry-picks recognised by their content. Merges do not count.
    pub fn missing_by_content(&self, new: CommitId, old: CommitId) -> Result<Vec<CommitId>> {
        if self.commits_between(Some(new), old)?.is_empty() {
            return Ok(Vec::new());
        }
        let printed = self
            .git()
            .args(["rev-list", "--cherry-pick", "--right-only", "--no-merges"])
            .arg(format!("{new}...{old}"))
            .arg("--")
            .run()?;
        Ok(String::from_utf8_lossy(&printed).lines().filter_map(CommitId::parse).collect())
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
