//! Making repositories and branches: the hands of a plan.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind::{NotADirectory, NotFound};
use std::path::Path;

use crate::domain::name::{BranchName, CommitId};
use crate::plan::init::Found;
use crate::plan::{CommitPush, Content, Expected, NewCommit, NewRepository};

use super::Result;
use super::error::Error;
use super::objects::Content as BlobContent;
use super::program::Git;
use super::push::Pushed;
use super::repository::Repository;
use super::scratch::{self, scratch};
use super::write::{Person, RefChange};

/// The beginning of the names of folders in which repositories are built, and what is built in them.
const SCRATCH: &str = ".relman-init-";
const NEW: &str = "new";

/// What helps where nothing can be made.
const ANOTHER_FOLDER: &str = "name another folder: --dir DIR";

/// Deletes what runs that were killed have left in a folder where repositories are made.
pub fn clear_left_behind(folder: &Path) {
    scratch::clear_left_behind(folder, SCRATCH, NEW);
}

/// Carries plans out on repositories of this machine and their remotes.
#[derive(Clone, Debug, Default)]
pub struct Hands {
    /// Who commits and tags where Git knows nobody.
    pub fallback: Option<Person>,
}

impl Hands {
    /// Makes a repository, whole or not at all.
    pub fn make_repository(&self, wanted: &NewRepository) -> Result<()> {
        let parent = wanted.folder.parent().unwrap_or(Path::new("."));
        // Built out of sight and moved into place in one step, so that there is all of it or nothing.
        let scratch = scratch(parent, SCRATCH, NEW, ANOTHER_FOLDER)?;
        fill(&scratch.path().join(NEW), wanted)?;
        scratch.move_to(NEW, &wanted.folder)
    }

    /// Makes a branch that must not exist.
    pub fn make_branch(
        &self,
        folder: &Path,
        branch: &BranchName,
        base: CommitId,
        commit: Option<&NewCommit>,
    ) -> Result<()> {
        let repository = Repository::open(folder)?;
        let tip = match commit {
            Some(commit) => write(&repository, Some(base), commit)?,
            None => base,
        };
        let change = RefChange { name: branch.full(), old: None, new: tip.object() };
        repository.update_refs("relman env add", &[change])
    }

    /// Pushes branches, the first one before the others.
    pub fn push(&self, folder: &Path, remote: &str, branches: &[BranchName]) -> Result<Pushed> {
        let repository = Repository::open(folder)?;
        let (first, rest) = branches.split_at(branches.len().min(1));
        let mut all = Pushed::default();
        for part in [first, rest] {
            if !part.is_empty() {
                let push = repository.push_branches(remote, part);
                let pushed = push.map_err(|error| repository.unprepared(error, part))?;
                all.words.extend(pushed.words);
                all.unnoted = pushed.unnoted.or(all.unnoted);
            }
        }
        Ok(all)
    }

    /// Makes a commit and moves a branch to it, at the remote or here, if the branch is what was expected.
    pub fn push_commit(&self, push: &CommitPush) -> Result<Pushed> {
        let repository = Repository::open(&push.folder)?;
        let tree = match &push.content {
            Content::Tree(tree) => *tree,
            Content::Edit(files) => {
                let base = push
                    .parents
                    .first()
                    .map(|parent| repository.commit(*parent))
                    .transpose()?
                    .map(|parent| parent.tree);
                repository.write_tree(base, files)?
            }
        };
        let person = self.fallback.as_ref().filter(|_| !repository.has_identity());
        let commit = repository.write_commit(tree, &push.parents, &push.message, person)?;
        match &push.remote {
            Some(remote) => repository.push_commit(remote, commit, &push.branch, push.expected),
            None => {
                if let Some(folder) = repository.checked_out()?.remove(&push.branch.full()) {
                    return Err(Error::CheckedOut { branch: push.branch.to_string(), folder });
                }
                let old = match push.expected {
                    Expected::Absent => None,
                    Expected::Parent(old) | Expected::Replaced(old) => Some(old.object()),
                };
                let change = RefChange { name: push.branch.full(), old, new: commit.object() };
                repository.update_refs("relman", &[change])?;
                Ok(Pushed::default())
            }
        }
    }
}

fn fill(place: &Path, wanted: &NewRepository) -> Result<()> {
    let parent = place.parent().unwrap_or(Path::new("."));
    Git::in_folder(parent)
        .args(["init", "--quiet"])
        .arg(format!("--initial-branch={}", wanted.default_branch))
        .arg("--")
        .arg(place)
        .run()?;
    let repository = Repository::open(place)?;
    let root = write(&repository, None, &wanted.root)?;
    let mut changes = vec![RefChange { name: wanted.default_branch.full(), old: None, new: root.object() }];
    for branch in &wanted.branches {
        let tip = match &branch.commit {
            Some(commit) => write(&repository, Some(root), commit)?,
            None => root,
        };
        changes.push(RefChange { name: branch.name.full(), old: None, new: tip.object() });
    }
    repository.update_refs("relman init", &changes)?;
    Git::in_folder(place).args(["reset", "--quiet", "--hard"]).run()?;
    if let Some(url) = &wanted.origin {
        Git::in_folder(place).args(["remote", "add", "--", "origin"]).arg(url).run()?;
    }
    for (key, value) in &wanted.config {
        Git::in_folder(place).args(["config", "--local"]).arg(key).arg(value).run()?;
    }
    Ok(())
}

fn write(repository: &Repository, parent: Option<CommitId>, commit: &NewCommit) -> Result<CommitId> {
    let base = parent.map(|parent| repository.commit(parent)).transpose()?.map(|parent| parent.tree);
    let tree = repository.write_tree(base, &commit.files)?;
    let parents: Vec<CommitId> = parent.into_iter().collect();
    repository.write_commit(tree, &parents, &commit.message, None)
}

/// Looks at the place where a repository is to be made.
pub fn find(wanted: &NewRepository) -> Result<Found> {
    // A folder can't be moved into the place of a link, nor made where a link leads nowhere.
    let leads_nowhere = |path: &Path| path.is_symlink() && !path.exists();
    if wanted.folder.ancestors().any(leads_nowhere) {
        return Ok(Found::Other);
    }
    match fs::read_dir(&wanted.folder) {
        Ok(mut entries) => {
            if entries.next().is_none() {
                return Ok(if wanted.folder.is_symlink() { Found::Other } else { Found::Nothing });
            }
        }
        Err(error) if error.kind() == NotFound => return Ok(Found::Nothing),
        Err(error) if error.kind() == NotADirectory && wanted.folder.exists() => return Ok(Found::Other),
        Err(cause) if cause.kind() == NotADirectory => {
            let parent = wanted.folder.parent().unwrap_or(Path::new("/"));
            return Err(Error::NoRoom { folder: parent.to_owned(), mend: ANOTHER_FOLDER.to_owned(), cause });
        }
        Err(cause) => return Err(Error::Io { what: format!("{} can't be read", wanted.folder.display()), cause }),
    }
    let repository = match Repository::open(&wanted.folder) {
        Ok(repository) => repository,
        Err(Error::NotARepository { .. }) => return Ok(Found::Other),
        Err(error) => return Err(error),
    };
    let mut branches: Vec<(&BranchName, Vec<&NewCommit>)> = vec![(&wanted.default_branch, vec![&wanted.root])];
    for branch in &wanted.branches {
        branches.push((&branch.name, std::iter::once(&wanted.root).chain(&branch.commit).collect()));
    }
    for (branch, commits) in branches {
        // What a later commit writes replaces what an earlier one wrote.
        let mut files = BTreeMap::new();
        for commit in commits {
            files.extend(commit.files.iter().map(|file| (&file.path, &file.content)));
        }
        if !holds(&repository, branch, &files)? {
            return Ok(Found::Other);
        }
    }
    // What is kept is pushed to its remote, which must be the one that was asked for.
    match &wanted.origin {
        Some(url) if repository.own_config("remote.origin.url")?.as_ref() != Some(url) => Ok(Found::Other),
        _ => Ok(Found::Same),
    }
}

fn holds(repository: &Repository, branch: &BranchName, files: &BTreeMap<&String, &Vec<u8>>) -> Result<bool> {
    let Some(tip) = repository.find_ref(&branch.full())? else { return Ok(false) };
    let tree = repository.commit(CommitId::new(tip))?.tree;
    for (path, content) in files {
        let Some(entry) = repository.entry(tree, path)? else { return Ok(false) };
        match repository.content(entry.id, content.len() as u64)? {
            BlobContent::Bytes(bytes) if bytes == **content => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

impl Repository {
    /// The first commit of a branch, along first parents: where environment branches begin.
    pub fn root_of(&self, tip: CommitId) -> Result<CommitId> {
        if self.is_shallow()? {
            return Err(Error::Incomplete {
                path: self.folder().to_owned(),
                kind: "a shallow clone",
                what: "the commit that environment branches begin with".into(),
            });
        }
        let mut commit = self.commit(tip)?;
        while let Some(parent) = commit.parents.first() {
            commit = self.commit(*parent)?;
        }
        Ok(commit.id)
    }
}
