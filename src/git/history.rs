//! Walking history: which commits lie between two others, and which are missing by their content.

use std::collections::{HashMap, HashSet};

use gix::ObjectId;
use gix::bstr::ByteSlice as _;

use crate::domain::diff::{Around, Content, Differing};
use crate::domain::history::Commit;
use crate::domain::name::CommitId;

use super::Result;
use super::graph::Wanted;
use super::repository::Repository;
use super::threads::both;

/// What differs between two commits.
pub struct Differences {
    /// The commits, children before their parents.
    pub commits: Vec<Differing>,
    /// Whether commits were compared by their content.
    pub by_content: bool,
    /// What must be known beside them to tell what they come to.
    pub around: Around,
}

/// The commits on either side of two, in Git's order.
struct Listed {
    commits: Vec<Line>,
    /// Whether contents were compared.
    by_content: bool,
    /// Those of the commits that were read already.
    known: HashMap<CommitId, Commit>,
}

/// A commit on one of two sides, its parents, and whether the other side has the same change.
struct Line {
    id: CommitId,
    parents: Vec<CommitId>,
    is_same: bool,
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
        let Listed { commits, by_content, mut known } = self.sides(given, held)?;
        let parents: HashMap<CommitId, &[CommitId]> =
            commits.iter().map(|one| (one.id, one.parents.as_slice())).collect();
        // A commit on the way to one of a side is on that side too.
        let mut side = HashSet::new();
        let mut open = vec![given];
        while let Some(id) = open.pop() {
            if let Some(parents) = parents.get(&id)
                && side.insert(id)
            {
                open.extend(*parents);
            }
        }
        let mut differing = Vec::with_capacity(commits.len());
        for one in &commits {
            let content = if one.is_same { Content::Same } else { Content::Own };
            let commit = known.remove(&one.id).map_or_else(|| self.commit(one.id), Ok)?;
            differing.push(Differing { commit, is_given: side.contains(&one.id), content });
        }
        let trees: HashMap<CommitId, ObjectId> = differing.iter().map(|one| (one.commit.id, one.commit.tree)).collect();
        for one in &mut differing {
            // For Git, all commits that change nothing are one change.
            if one.commit.parents.len() < 2 && self.changes_nothing(&one.commit, &trees)? {
                one.content = Content::Nothing;
            }
        }
        let around = self.around((given, held), &differing)?;
        let by_content = by_content && !around.lacks_contents;
        Ok(Differences { commits: differing, by_content, around })
    }

    /// Whether a commit has the files of its first parent; where a clone has no parent of it, whether it has no files.
    /// `trees` are those that were read already.
    fn changes_nothing(&self, commit: &Commit, trees: &HashMap<CommitId, ObjectId>) -> Result<bool> {
        let before = match commit.parents.first() {
            Some(parent) if trees.contains_key(parent) => trees[parent],
            Some(parent) if self.has_object(parent.object()) => self.commit(*parent)?.tree,
            _ => ObjectId::empty_tree(self.hash()),
        };
        Ok(commit.tree == before)
    }

    /// What Git lists of two commits.
    fn sides(&self, given: CommitId, held: CommitId) -> Result<Listed> {
        let range = format!("{held}...{given}");
        let list = |how: &[&str]| {
            let call = self.git().args(["rev-list", "--topo-order", "--parents", "--left-right"]).args(how);
            call.arg(&range).arg("--")
        };
        // What a partial clone lacks would be fetched one by one.
        let asked = list(&["--cherry-mark"]).env("GIT_NO_LAZY_FETCH", "1");
        // While Git compares contents, the commits can be read.
        let (asked, known) = both(|| asked.output(), || self.commits_of_either(&[given, held]));
        let (asked, known) = (asked?, known?);
        let by_content = asked.is_success() || !self.is_partial();
        let printed = if by_content { asked.success()? } else { list(&[]).run()? };
        let mut commits = Vec::new();
        for line in printed.lines() {
            let (mark, ids) = line.split_at(line.len().min(1));
            let mut ids = ids.split(|byte| *byte == b' ').map(|id| id.to_str().ok().and_then(CommitId::parse));
            let (b"<" | b">" | b"=", Some(Some(id))) = (mark, ids.next()) else {
                return Err(self.unreadable("the history", "an unexpected line came from git rev-list"));
            };
            commits.push(Line { id, parents: ids.flatten().collect(), is_same: mark == b"=" });
        }
        Ok(Listed { commits, by_content, known })
    }

    /// The commits that not all of these have, as far as they are known without a call of `git`.
    fn commits_of_either(&self, tips: &[CommitId]) -> Result<HashMap<CommitId, Commit>> {
        let piece = self.piece(&Wanted { tips, common: tips, hidden: &[] }).unwrap_or_default();
        piece.commits.into_iter().map(|(id, _)| Ok((id, self.commit(id)?))).collect()
    }

    /// Those of the commits that no branch has: of the remote, or of this repository where there is none. A bare clone
    /// has the branches of its remote as its own.
    pub fn on_no_branch(&self, remote: Option<&str>, commits: &[CommitId]) -> Result<Vec<CommitId>> {
        let tracked = match remote {
            Some(remote) => {
                let prefix = format!("refs/remotes/{remote}/");
                (!self.list_refs(&prefix)?.is_empty()).then(|| format!("--glob={prefix}*"))
            }
            None => None,
        };
        self.unreachable(commits, &[tracked.as_deref().unwrap_or("--branches")])
    }

    /// Those of the commits that can't be reached from what is named.
    pub(super) fn unreachable(&self, commits: &[CommitId], from: &[&str]) -> Result<Vec<CommitId>> {
        if commits.is_empty() {
            return Ok(Vec::new());
        }
        // There may be more of them than fit on a command line.
        let input: String = commits.iter().map(|id| format!("{id}\n")).collect();
        let call = self.git().args(["rev-list", "--stdin", "--not"]).args(from).arg("--").input(input);
        let printed = call.run()?;
        let asked: HashSet<&CommitId> = commits.iter().collect();
        let listed = printed.lines().filter_map(|line| std::str::from_utf8(line).ok().and_then(CommitId::parse));
        Ok(listed.filter(|id| asked.contains(id)).collect())
    }

    /// Where the history of a shallow clone ends: the commits whose parents are not here. Empty for a whole one.
    pub fn shallow_ends(&self) -> Result<HashSet<CommitId>> {
        let ends =
            self.gix.shallow_commits().map_err(|error| self.read_error("the list of shallow commits", &error))?;
        Ok(ends.iter().flat_map(|ends| ends.iter()).map(|id| CommitId::new(*id)).collect())
    }

    /// The paths of the files below a folder that differ between two commits, those that came and went among them. Without
    /// a name, it is the folder of everything.
    pub fn paths_between(&self, old: CommitId, new: CommitId, folder: &str) -> Result<Vec<String>> {
        let call = self.diff_tree().env("GIT_LITERAL_PATHSPECS", "1").args(["-z", "--name-only", "--no-renames"]);
        let call = call.arg(old.to_string()).arg(new.to_string()).arg("--");
        let printed = call.args((!folder.is_empty()).then_some(folder)).run()?;
        let paths = printed.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        Ok(paths.map(|path| String::from_utf8_lossy(path).into_owned()).collect())
    }

    /// How two commits differ, as a patch, in all files or in these. Nothing outside of Git is run for it.
    pub fn patch(&self, old: CommitId, new: CommitId, paths: &[String]) -> Result<String> {
        let call = self.diff_tree().args(["-p", "--no-color", "--find-renames"]);
        let printed = call.arg(old.to_string()).arg(new.to_string()).arg("--").args(paths).run()?;
        Ok(String::from_utf8_lossy(&printed).into_owned())
    }

    /// Whether there are environment branches, of its own or of these remotes.
    pub fn has_environments(&self, remotes: impl IntoIterator<Item: std::fmt::Display>) -> Result<bool> {
        if !self.list_refs("refs/heads/environment/")?.is_empty() {
            return Ok(true);
        }
        for remote in remotes {
            if !self.list_refs(&format!("refs/remotes/{remote}/environment/"))?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether this is a release repo: it has environment branches, of its own or of a remote, or a release file.
    pub fn is_release_repo(&self) -> Result<bool> {
        if self.has_environments(self.remote_names())? {
            return Ok(true);
        }
        // A single-branch clone has no environment branch until it is told to fetch them.
        let Some(head) = self.find_ref("HEAD")? else { return Ok(false) };
        let Some(head) = self.peel_to_commit(head)? else { return Ok(false) };
        let tree = self.commit(head)?.tree;
        Ok(self.entry(tree, "release.yml")?.is_some() || self.entry(tree, "release.yaml")?.is_some())
    }
}
