//! Looking for commits: by what their messages say, by the first digits of an id, by their content.

use std::collections::{HashMap, HashSet};

use gix::ObjectId;
use gix::bstr::{BString, ByteSlice as _};
use gix::objs::Kind;

use crate::domain::ancestry::Ancestry;
use crate::domain::name::CommitId;

use super::Result;
use super::objects::{Entry, EntryKind};
use super::repository::Repository;

/// The fewest digits that are taken for the beginning of an id, as by Git.
const SHORTEST: usize = 4;

/// What a commit changes.
enum Changed {
    /// The file at this path, and maybe others.
    Path(BString),
    /// No file.
    Nothing,
}

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

    /// The history above some commits, up to these: what can be reached from any of them and not from what the former have
    /// in common, with their parents, and at the end that common commit itself. No object is read for it where the clone has
    /// a commit-graph.
    pub fn history_above(&self, bottoms: &[CommitId], tips: &[CommitId]) -> Result<Vec<(CommitId, Vec<CommitId>)>> {
        let end = self.common_ancestor(bottoms)?;
        let mut input: String = end.iter().map(|end| format!("^{end}\n")).collect();
        tips.iter().chain(bottoms).for_each(|tip| input.push_str(&format!("{tip}\n")));
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
        read.extend(end.map(|end| (end, Vec::new())));
        Ok(read)
    }

    /// The newest commit that all of these have; `None` where they have none in common.
    fn common_ancestor(&self, commits: &[CommitId]) -> Result<Option<CommitId>> {
        if let [one] = commits {
            return Ok(Some(*one));
        }
        let ids = commits.iter().map(ToString::to_string);
        let asked = self.git().args(["merge-base", "--octopus"]).args(ids).output()?;
        if asked.status() == Some(1) {
            return Ok(None);
        }
        let printed = asked.success()?;
        Ok(printed.lines().next().and_then(|line| line.to_str().ok()).and_then(CommitId::parse))
    }

    /// Those of the commits that can't be reached from some others.
    pub fn outside_of(&self, commits: &[CommitId], others: &[CommitId]) -> Result<Vec<CommitId>> {
        let names: Vec<String> = others.iter().map(ToString::to_string).collect();
        self.unreachable(commits, &names.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Runs `read` on the message of a commit.
    pub fn message_of<T>(&self, id: CommitId, read: impl FnOnce(&[u8]) -> T) -> Result<T> {
        self.with_commit(id, |_, message| read(message))
    }

    /// Runs `read` on the parents and the message of a commit.
    fn with_commit<T>(&self, id: CommitId, read: impl FnOnce(Vec<CommitId>, &[u8]) -> T) -> Result<T> {
        self.with_bytes(id.object(), |kind, data| {
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
    pub fn is_commit(&self, id: CommitId) -> Result<bool> {
        self.with_bytes(id.object(), |kind, _| Ok(kind == Kind::Commit))
    }

    /// The commits up to these tips that change what one of these commits changes, each behind that one. What all of them
    /// stand on is left out, and what can be reached from `hidden`; of a merge nothing is looked for. `None` where the
    /// clone lacks contents.
    pub fn repeating(
        &self,
        commits: &[CommitId],
        tips: &[CommitId],
        hidden: &[CommitId],
    ) -> Result<Option<Vec<(CommitId, CommitId)>>> {
        let mut paths = Vec::new();
        let mut changing = Vec::new();
        for commit in commits {
            match self.changed_path(*commit)? {
                Some(Changed::Path(path)) => {
                    paths.push(path);
                    changing.push(*commit);
                }
                Some(Changed::Nothing) => {}
                None => return Ok(None),
            }
        }
        if changing.is_empty() || tips.is_empty() {
            return Ok(Some(Vec::new()));
        }
        // A twin of one may lie below another one.
        let all: Vec<CommitId> = changing.iter().chain(tips).copied().collect();
        let common = self.common_ancestor(&all)?;
        let mut input: String = common.iter().map(|common| format!("^{common}\n")).collect();
        tips.iter().for_each(|tip| input.push_str(&format!("{tip}\n")));
        hidden.iter().for_each(|tip| input.push_str(&format!("^{tip}\n")));
        let mut input = input.into_bytes();
        // Whatever repeats a commit changes its files, one of which is enough to look for.
        if !paths.iter().any(|path| path.contains(&b'\n')) {
            input.extend(b"--\n");
            paths.iter().for_each(|path| input.extend(path.iter().chain(b"\n")));
        }
        let call = self.git().env("GIT_NO_LAZY_FETCH", "1").env("GIT_LITERAL_PATHSPECS", "1");
        let asked = call.args(["rev-list", "--full-history", "--no-merges", "--stdin"]).input(input).output()?;
        if !asked.is_success() && self.is_partial() {
            return Ok(None);
        }
        let printed = asked.success()?;
        let listed = printed.lines().filter_map(|line| line.to_str().ok().and_then(CommitId::parse));
        let found: Vec<CommitId> = listed.filter(|id| !commits.contains(id)).collect();
        if found.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let all: Vec<CommitId> = changing.iter().chain(&found).copied().collect();
        let Some(patches) = self.patch_ids(&all)? else { return Ok(None) };
        let same =
            |one: &CommitId, other: &CommitId| patches.contains_key(one) && patches.get(one) == patches.get(other);
        let pairs = changing.iter().flat_map(|commit| found.iter().map(move |other| (*commit, *other)));
        Ok(Some(pairs.filter(|(commit, other)| same(commit, other)).collect()))
    }

    /// One path that differs between a commit and its parent. `None` where the clone lacks contents.
    fn changed_path(&self, commit: CommitId) -> Result<Option<Changed>> {
        let commit = self.commit(commit)?;
        if commit.parents.len() > 1 {
            return Ok(Some(Changed::Nothing));
        }
        let parent = commit.parents.first().filter(|parent| self.has_object(parent.object()));
        let mut old = parent.map(|parent| self.commit(*parent)).transpose()?.map(|parent| parent.tree);
        let mut new = Some(commit.tree);
        let mut path = BString::default();
        if old == new {
            return Ok(Some(Changed::Nothing));
        }
        loop {
            if [old, new].into_iter().flatten().any(|tree| !self.has_object(tree)) {
                return Ok(None);
            }
            let entries = |tree: Option<ObjectId>| tree.map_or(Ok(Vec::new()), |tree| self.folder_entries(tree));
            let (before, after) = (entries(old)?, entries(new)?);
            let differs = |one: &&(BString, Entry), others: &[(BString, Entry)]| !others.contains(one);
            let first =
                after.iter().find(|one| differs(one, &before)).or(before.iter().find(|one| differs(one, &after)));
            // Only a change that is no file's, such as of a mode that is not told apart, leaves nothing to look for.
            let Some((name, _)) = first else { return Ok(Some(Changed::Nothing)) };
            path.extend_from_slice(name);
            let entry =
                |list: &[(BString, Entry)]| list.iter().find(|(known, _)| known == name).map(|(_, entry)| *entry);
            let folder =
                |entry: Option<Entry>| entry.filter(|entry| entry.kind == EntryKind::Folder).map(|entry| entry.id);
            let (before, after) = (entry(&before), entry(&after));
            let is_file = [before, after].iter().flatten().any(|entry| entry.kind != EntryKind::Folder);
            if is_file {
                return Ok(Some(Changed::Path(path)));
            }
            (old, new) = (folder(before), folder(after));
            path.push(b'/');
        }
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
