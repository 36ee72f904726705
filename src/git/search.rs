//! Looking for commits: by what their messages say, by the first digits of an id, by their content.

use std::collections::{HashMap, HashSet};

use gix::ObjectId;
use gix::bstr::{BString, ByteSlice as _};
use gix::hash::Prefix;
use gix::objs::Kind;

use crate::domain::ancestry::Ancestry;
use crate::domain::name::CommitId;

use super::Result;
use super::graph::Wanted;
use super::objects::{Entry, EntryKind};
use super::repository::Repository;

/// The fewest digits that are taken for the beginning of an id, as by Git.
const SHORTEST: usize = 4;

/// How many commits are looked into without a call of `git`, which takes as long as this many.
const FEW: usize = 100;

/// How many paths Git is asked about at once.
pub(super) const MOST_PATHS: usize = 250;

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
    /// in common, with their parents, and at the end the newest commits that they have in common. No object is read for it
    /// where the clone has a commit-graph.
    pub fn history_above(&self, bottoms: &[CommitId], tips: &[CommitId]) -> Result<Vec<(CommitId, Vec<CommitId>)>> {
        let tips = [tips, bottoms].concat();
        if let Some(piece) = self.piece(&Wanted { tips: &tips, common: bottoms, hidden: &[] }) {
            return Ok(with_ends(piece.commits, piece.ends));
        }
        let ends = self.newest_in_common(bottoms)?;
        let input = ends.iter().map(|end| format!("^{end}\n")).chain(tips.iter().map(|tip| format!("{tip}\n")));
        let printed = self.git().args(["rev-list", "--parents", "--stdin"]).input(input.collect::<String>()).run()?;
        let mut read = Vec::new();
        for line in printed.lines() {
            let line = line.to_str_lossy();
            let mut ids = line.split(' ').map(CommitId::parse);
            let Some(Some(id)) = ids.next() else {
                return Err(self.unreadable("the history", "an unexpected line came from git rev-list"));
            };
            read.push((id, ids.flatten().collect()));
        }
        Ok(with_ends(read, ends))
    }

    /// The newest commits that all of these have; none where they have none in common.
    fn newest_in_common(&self, commits: &[CommitId]) -> Result<Vec<CommitId>> {
        // Whatever stands on another one of them has all that this one has, and Git takes its time for each.
        let all: HashSet<&CommitId> = commits.iter().collect();
        let mut lowest = Vec::new();
        for commit in &all {
            if !self.parents(**commit)?.iter().any(|parent| all.contains(parent)) {
                lowest.push(**commit);
            }
        }
        if let [one] = lowest.as_slice() {
            return Ok(vec![*one]);
        }
        let ids = lowest.iter().map(ToString::to_string);
        let asked = self.git().args(["merge-base", "--octopus", "--all"]).args(ids).output()?;
        if asked.status() == Some(1) {
            return Ok(Vec::new());
        }
        let printed = asked.success()?;
        Ok(printed.lines().filter_map(|line| line.to_str().ok().and_then(CommitId::parse)).collect())
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

    /// The parents of a commit.
    pub(super) fn parents(&self, id: CommitId) -> Result<Vec<CommitId>> {
        self.with_commit(id, |parents, _| parents)
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

    /// The commits whose id begins with these digits; a whole id is its own beginning. Nothing is fetched for the answer.
    pub fn commits_beginning(&self, digits: &str) -> Result<Vec<CommitId>> {
        let whole = self.hash().len_in_hex();
        let padded = format!("{:0<whole$}", digits.to_ascii_lowercase());
        let Some(first) = CommitId::parse(&padded).filter(|_| digits.len() >= SHORTEST && padded.len() == whole) else {
            return Ok(Vec::new());
        };
        let mut objects = HashSet::new();
        if digits.len() == whole {
            objects.insert(first.object());
        } else if let Ok(prefix) = Prefix::new(&first.object(), digits.len()) {
            let found = self.gix.objects.lookup_prefix(prefix, Some(&mut objects));
            found.map_err(|error| self.read_error(&format!("the objects that begin with {digits}"), &error))?;
        }
        let mut commits = Vec::new();
        for id in objects.into_iter().map(CommitId::new) {
            if self.is_commit(id)? {
                commits.push(id);
            }
        }
        commits.sort_unstable();
        Ok(commits)
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
        let wanted: HashSet<&CommitId> = commits.iter().collect();
        // Whatever repeats a commit changes its files, one of which is enough to look for. Of very many, Git compares each
        // with each, and to take all commits is sooner done.
        let (changing, paths): (Vec<CommitId>, Option<Vec<BString>>) = if wanted.len() > MOST_PATHS {
            (commits.to_vec(), None)
        } else {
            let Some(changed) = self.changed_paths(commits)? else { return Ok(None) };
            let (changing, paths) = changed.into_iter().unzip();
            (changing, Some(paths))
        };
        if changing.is_empty() || tips.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let Some(mut found) = self.changing(paths.as_deref(), &changing, tips, hidden)? else { return Ok(None) };
        found.retain(|id| !wanted.contains(id));
        // Names of files are compared much sooner than contents, and most commits part there.
        let Some(all) = self.touching_the_same(&changing, &found)? else { return Ok(None) };
        if all.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let Some(patches) = self.patch_ids(&all)? else { return Ok(None) };
        let mut by_patch: HashMap<&str, Vec<CommitId>> = HashMap::new();
        for other in &found {
            if let Some(patch) = patches.get(other) {
                by_patch.entry(patch).or_default().push(*other);
            }
        }
        let same = |commit: &CommitId| by_patch.get(patches.get(commit)?.as_str());
        let pairs =
            changing.iter().flat_map(|commit| same(commit).into_iter().flatten().map(|other| (*commit, *other)));
        Ok(Some(pairs.collect()))
    }

    /// Those of some commits that change a file, each with one that it changes. `None` where the clone lacks contents.
    fn changed_paths(&self, commits: &[CommitId]) -> Result<Option<Vec<(CommitId, BString)>>> {
        let mut changed = Vec::new();
        for commit in commits {
            match self.changed_path(*commit)? {
                Some(Changed::Path(path)) => changed.push((*commit, path)),
                Some(Changed::Nothing) => {}
                None => return Ok(None),
            }
        }
        Ok(Some(changed))
    }

    /// The commits up to these tips that change one of the paths, or anything, without merges, what is hidden, and what the tips and the
    /// bottoms all stand on: a twin of one may lie below another one. `None` where the clone lacks contents.
    fn changing(
        &self,
        paths: Option<&[BString]>,
        bottoms: &[CommitId],
        tips: &[CommitId],
        hidden: &[CommitId],
    ) -> Result<Option<Vec<CommitId>>> {
        let all = [bottoms, tips].concat();
        let ends = match self.piece(&Wanted { tips, common: &all, hidden }) {
            Some(mut piece) if piece.commits.len() <= FEW => {
                piece.commits.retain(|(_, parents)| parents.len() < 2);
                return match paths {
                    Some(paths) => self.those_changing(paths, piece.commits),
                    None => Ok(Some(piece.commits.into_iter().map(|(id, _)| id).collect())),
                };
            }
            Some(piece) => piece.ends,
            None => self.newest_in_common(&all)?,
        };
        let mut input: String = ends.iter().chain(hidden).map(|end| format!("^{end}\n")).collect();
        tips.iter().for_each(|tip| input.push_str(&format!("{tip}\n")));
        let mut input = input.into_bytes();
        if let Some(paths) = paths.filter(|paths| !paths.iter().any(|path| path.contains(&b'\n'))) {
            input.extend(b"--\n");
            paths.iter().for_each(|path| input.extend(path.iter().chain(b"\n")));
        }
        let call = self.git().env("GIT_NO_LAZY_FETCH", "1").env("GIT_LITERAL_PATHSPECS", "1");
        let asked = call.args(["rev-list", "--full-history", "--no-merges", "--stdin"]).input(input).output()?;
        if !asked.is_success() && self.is_partial() {
            return Ok(None);
        }
        let printed = asked.success()?;
        Ok(Some(printed.lines().filter_map(|line| line.to_str().ok().and_then(CommitId::parse)).collect()))
    }

    /// Those of a few commits, no merges, that change one of the paths. `None` where the clone lacks contents.
    fn those_changing(
        &self,
        paths: &[BString],
        commits: Vec<(CommitId, Vec<CommitId>)>,
    ) -> Result<Option<Vec<CommitId>>> {
        let mut trees: HashMap<CommitId, ObjectId> = HashMap::new();
        let mut tree_of = |commit: CommitId| -> Result<ObjectId> {
            // A commit is the parent of the next one.
            if let Some(known) = trees.get(&commit) {
                return Ok(*known);
            }
            let tree = self.tree(commit)?;
            trees.insert(commit, tree);
            Ok(tree)
        };
        let mut steps = Vec::new();
        for (id, parents) in commits {
            let before = parents.first().map(|parent| tree_of(*parent)).transpose()?;
            steps.push((id, before, tree_of(id)?));
        }
        let mut found = HashSet::new();
        for path in paths {
            let mut known = HashMap::new();
            for (id, before, after) in &steps {
                match self.differs_at(path, (*before, *after), &mut known)? {
                    Some(true) => found.insert(*id),
                    Some(false) => false,
                    None => return Ok(None),
                };
            }
        }
        Ok(Some(found.into_iter().collect()))
    }

    /// Whether two trees differ under a path; `known` has what stands there in folders that were looked into. `None` where
    /// the clone lacks a folder on the way.
    fn differs_at(
        &self,
        path: &BString,
        (before, after): (Option<ObjectId>, ObjectId),
        known: &mut HashMap<(ObjectId, usize), Option<Entry>>,
    ) -> Result<Option<bool>> {
        let root = |tree: ObjectId| Entry { id: tree, kind: EntryKind::Folder, executable: false };
        let mut both = [before.map(root), Some(root(after))];
        for (depth, part) in path.split_str("/").enumerate() {
            if both[0] == both[1] {
                return Ok(Some(false));
            }
            for here in &mut both {
                let Some(folder) = here.filter(|entry| entry.kind == EntryKind::Folder).map(|entry| entry.id) else {
                    *here = None;
                    continue;
                };
                *here = match known.get(&(folder, depth)) {
                    Some(known) => *known,
                    None if !self.has_object(folder) => return Ok(None),
                    None => {
                        let found = self.entry_named(folder, part)?;
                        known.insert((folder, depth), found);
                        found
                    }
                };
            }
        }
        Ok(Some(both[0] != both[1]))
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
            let first = first_not_in(&after, &before).or_else(|| first_not_in(&before, &after));
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
}

/// The first entry of a folder that another folder does not have.
fn first_not_in<'e>(entries: &'e [(BString, Entry)], others: &[(BString, Entry)]) -> Option<&'e (BString, Entry)> {
    let others: HashMap<&BString, &Entry> = others.iter().map(|(name, entry)| (name, entry)).collect();
    entries.iter().find(|(name, entry)| others.get(name) != Some(&entry))
}

fn with_ends(mut commits: Vec<(CommitId, Vec<CommitId>)>, ends: Vec<CommitId>) -> Vec<(CommitId, Vec<CommitId>)> {
    commits.extend(ends.into_iter().map(|end| (end, Vec::new())));
    commits
}

#[cfg(test)]
mod tests {
    use gix::objs::{Kind, Write as _, compute_hash};

    use crate::git::program::Git;

    use super::*;

    #[test]
    fn only_commits_are_meant_by_their_first_digits() {
        for format in ["sha1", "sha256"] {
            let folder = tempfile::tempdir().expect("a folder");
            Git::in_folder(folder.path()).args(["init", "-q", "--object-format", format]).run().expect("a repository");
            let repository = Repository::open(folder.path()).expect("a repository");
            let write = |kind: Kind, content: &str| {
                repository.gix.objects.write_buf(kind, content.as_bytes()).expect("an object")
            };
            let hash = repository.hash();
            let text = |n: usize| {
                let (tree, who) = (ObjectId::empty_tree(hash), "A <a@b> 1 +0000");
                format!("tree {tree}\nauthor {who}\ncommitter {who}\n\n{n}\n")
            };
            let commit = CommitId::new(write(Kind::Commit, &text(0)));
            let id = commit.to_string();
            let begins = |kind: Kind, content: &str| {
                compute_hash(hash, kind, content.as_bytes()).expect("an id").to_string().starts_with(&id[..4])
            };
            let blob = (0..).map(|n| n.to_string()).find(|content| begins(Kind::Blob, content)).expect("a file");
            let blob = write(Kind::Blob, &blob);
            let found = |digits: &str| repository.commits_beginning(digits).expect("an answer");
            for digits in [&id[..4], &id[..5], &id[..7], &id, &id[..8].to_uppercase()] {
                assert_eq!(found(digits), [commit], "{digits}");
            }
            let absent = "0".repeat(hash.len_in_hex());
            let longer = format!("{id}0");
            for digits in ["", "-abc", "zzzz", "ffff\u{e9}", &id[..3], &blob.to_string(), &absent, &longer] {
                assert_eq!(found(digits), [], "{digits}");
            }
            let twin = (1..).map(text).find(|content| begins(Kind::Commit, content)).expect("a commit");
            let mut both = [commit, CommitId::new(write(Kind::Commit, &twin))];
            both.sort_unstable();
            assert_eq!(found(&id[..4]), both);
        }
    }
}
