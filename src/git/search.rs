//! Looking for commits: by what their messages say, by the first digits of an id, by their content.

use std::collections::{HashMap, HashSet};

use gix::bstr::ByteSlice as _;
use gix::objs::Kind;

use crate::domain::ancestry::Ancestry;
use crate::domain::name::CommitId;

use super::Result;
use super::repository::Repository;

/// The fewest digits that are taken for the beginning of an id, as by Git.
const SHORTEST: usize = 4;

impl Repository {
    /// Reads every commit that can be reached from these, each once, and shows its message.
    pub fn walk(&self, tips: &[CommitId], mut visit: impl FnMut(CommitId, &[u8])) -> Result<Ancestry> {
        let ends = if self.is_shallow()? { self.shallow_ends()? } else { HashSet::new() };
        let mut seen: HashSet<CommitId> = HashSet::new();
        let mut open: Vec<CommitId> = tips.to_vec();
        let mut read = Vec::new();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            let mut parents = self.with_commit(id, |parents, message| {
                visit(id, message);
                parents
            })?;
            if ends.contains(&id) {
                parents.clear();
            }
            open.extend(&parents);
            read.push((id, parents));
        }
        Ok(Ancestry::new(read))
    }

    /// The history above a commit, up to these: what can be reached from them and not from it, and at the end the commit
    /// itself, with their parents. No object is read for it where the clone has a commit-graph.
    pub fn history_above(&self, bottom: CommitId, tips: &[CommitId]) -> Result<Vec<(CommitId, Vec<CommitId>)>> {
        let mut input = format!("^{bottom}\n");
        tips.iter().for_each(|tip| input.push_str(&format!("{tip}\n")));
        let printed = self.git().args(["rev-list", "--parents", "--stdin"]).input(input).run()?;
        let mut read = Vec::new();
        for line in printed.lines() {
            let line = line.to_str_lossy();
            let mut ids = line.split(' ').map(CommitId::parse);
            let Some(Some(id)) = ids.next() else {
                return Err(self.unreadable("the history", "an unexpected line came from git rev-list"));
            };
            read.push((id, ids.flatten().collect()));
        }
        read.push((bottom, Vec::new()));
        Ok(read)
    }

    /// Shows the message of a commit.
    pub fn message_of(&self, id: CommitId, read: impl FnOnce(&[u8])) -> Result<()> {
        self.with_commit(id, |_, message| read(message))
    }

    /// Runs `read` on the parents and the message of a commit.
    fn with_commit<T>(&self, id: CommitId, read: impl FnOnce(Vec<CommitId>, &[u8]) -> T) -> Result<T> {
        self.with_object(id.object(), |kind, data| {
            if kind != Kind::Commit {
                return Err(self.unreadable(format!("the commit {id}"), "the object is no commit"));
            }
            // The first empty line ends the head; whatever stands in a signature is indented.
            let (head, message) = data.split_once_str("\n\n").unwrap_or((data, b""));
            let parents = head.lines().filter_map(|line| line.strip_prefix(b"parent "));
            let parents = parents.filter_map(|hex| hex.to_str().ok().and_then(CommitId::parse)).collect();
            Ok(read(parents, message))
        })
    }

    /// The commits whose id begins with these digits; a whole id is its own beginning.
    pub fn commits_beginning(&self, digits: &str) -> Result<Vec<CommitId>> {
        let is_hex = digits.len() >= SHORTEST && digits.bytes().all(|b| b.is_ascii_hexdigit());
        if !is_hex || digits.len() > self.hash().len_in_hex() {
            return Ok(Vec::new());
        }
        let asked = format!("--disambiguate={}", digits.to_ascii_lowercase());
        let printed = self.git().env("GIT_NO_LAZY_FETCH", "1").args(["rev-parse", &asked]).run()?;
        let mut found = Vec::new();
        for id in printed.lines().filter_map(|line| line.to_str().ok().and_then(CommitId::parse)) {
            if self.has_object(id.object()) && self.is_commit(id)? {
                found.push(id);
            }
        }
        Ok(found)
    }

    /// Whether an object that is here is a commit.
    pub(super) fn is_commit(&self, id: CommitId) -> Result<bool> {
        self.with_object(id.object(), |kind, _| Ok(kind == Kind::Commit))
    }

    /// The commits up to `tip`, and not up to `commit`, that change the same. `None` where the clone lacks contents.
    pub fn same_change(&self, commit: CommitId, tip: CommitId) -> Result<Option<Vec<CommitId>>> {
        // On the side of the commit nothing but itself is compared.
        let (sides, itself) = (format!("{commit}...{tip}"), format!("^{commit}^@"));
        let same = self.marked_as_same(&[&sides, &itself])?;
        Ok(same.map(|same| same.into_iter().filter(|id| *id != commit).collect()))
    }

    /// What commits change, as a number that is the same for the same change; merges and commits without a change have
    /// none. `None` where the clone lacks contents.
    pub fn patch_ids(&self, commits: &[CommitId]) -> Result<Option<HashMap<CommitId, String>>> {
        let input: String = commits.iter().map(|id| format!("{id}\n")).collect();
        let call = self.git().env("GIT_NO_LAZY_FETCH", "1");
        let call = call.args(["diff-tree", "--stdin", "-r", "-p", "--root", "--no-ext-diff", "--no-textconv"]);
        let patches = call.input(input).output()?;
        if !patches.is_success() && self.is_partial() {
            return Ok(None);
        }
        let printed = self.git().args(["patch-id", "--stable"]).input(patches.success()?).run()?;
        let mut ids = HashMap::new();
        for line in printed.lines() {
            let text = line.to_str_lossy();
            if let Some((patch, commit)) = text.split_once(' ')
                && let Some(commit) = CommitId::parse(commit)
            {
                ids.insert(commit, patch.to_owned());
            }
        }
        Ok(Some(ids))
    }
}
