//! Writing: objects, commits and tags without a work tree, and references that move only from the value that was read.

use std::collections::BTreeMap;

use gix::ObjectId;
use gix::bstr::ByteSlice as _;
use gix::objs::tree::EntryKind;

use crate::domain::name::CommitId;
pub use crate::plan::NewFile;

use super::Result;
use super::error::{Error, Said};
use super::program::Git;
use super::repository::Repository;

/// Who writes a commit or a tag, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// Seconds since 1970; `None` means now.
    pub at: Option<i64>,
}

/// One change of a reference, which fails where the reference is not what `old` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefChange {
    /// The full name.
    pub name: String,
    /// What it must be before; `None`: it must not exist.
    pub old: Option<ObjectId>,
    /// What it becomes.
    pub new: ObjectId,
}

impl Repository {
    fn write_error(&self, what: &str, error: &dyn std::error::Error) -> Error {
        Error::Write { path: self.folder().to_owned(), what: what.to_owned(), cause: Said::chain(error) }
    }

    /// Writes a tree: the files of `base`, with `files` put in or replaced. One that is replaced stays executable.
    pub fn write_tree(&self, base: Option<ObjectId>, files: &[NewFile]) -> Result<ObjectId> {
        let wrap = |error: gix::Error| self.write_error("a tree", &error);
        let start = base.unwrap_or_else(|| ObjectId::empty_tree(self.hash()));
        let mut editor = self.gix.edit_tree(start).map_err(wrap)?;
        for file in files {
            let blob = self.gix.write_blob(&file.content).map_err(wrap)?;
            let replaced = base.map(|base| self.entry(base, &file.path)).transpose()?.flatten();
            let executable = file.executable || replaced.is_some_and(|entry| entry.executable);
            let kind = if executable { EntryKind::BlobExecutable } else { EntryKind::Blob };
            editor.upsert(file.path.as_bytes().as_bstr(), kind, blob.detach()).map_err(wrap)?;
        }
        Ok(editor.write().map_err(wrap)?.detach())
    }

    /// Writes a commit, by the `git` program, so that identity, signing and encoding are the user's own.
    /// No reference moves.
    pub fn write_commit(
        &self,
        tree: ObjectId,
        parents: &[CommitId],
        message: &str,
        person: Option<&Person>,
    ) -> Result<CommitId> {
        let mut git = self.git().arg("commit-tree").arg(tree.to_string());
        for parent in parents {
            git = git.arg("-p").arg(parent.to_string());
        }
        let key = "commit.gpgSign";
        let signs = self.may_sign && self.config_bool(key) == Some(true);
        if signs {
            git = git.arg("-S");
        }
        let finished = as_person(git, person).arg("-F").arg("-").input(message).output()?;
        if !finished.is_success() && is_identity_error(&finished.stderr()) {
            return Err(Error::NoIdentity { path: self.folder().to_owned() });
        }
        let printed = finished.success().map_err(|error| if signs { unsigned(error, key) } else { error })?;
        let text = printed.trim().to_str_lossy();
        CommitId::parse(&text).ok_or_else(|| self.unreadable("the new commit", "git commit-tree printed no id"))
    }

    /// Writes an annotated tag object, without a signature. No reference moves.
    pub fn write_tag(&self, name: &str, target: CommitId, message: &str, person: Option<&Person>) -> Result<ObjectId> {
        let ident = as_person(self.git().args(["var", "GIT_COMMITTER_IDENT"]), person).output()?;
        if !ident.is_success() {
            return Err(Error::NoIdentity { path: self.folder().to_owned() });
        }
        let tagger = ident.success()?.trim().to_str_lossy().into_owned();
        let object = format!("object {target}\ntype commit\ntag {name}\ntagger {tagger}\n\n{}\n", message.trim_end());
        let printed = self.git().arg("mktag").input(object).run()?;
        ObjectId::from_hex(printed.trim()).map_err(|_| self.unreadable("the new tag", "git mktag printed no id"))
    }

    /// Whether Git knows who writes commits and tags here.
    pub fn has_identity(&self) -> bool {
        self.identity().is_some()
    }

    /// The name and the address that Git has for commits and tags here.
    pub fn identity(&self) -> Option<(String, String)> {
        let ident = self.git().args(["var", "GIT_COMMITTER_IDENT"]).line().ok()?;
        let (name, rest) = ident.split_once(" <")?;
        Some((name.to_owned(), rest.split_once('>')?.0.to_owned()))
    }

    /// Moves references, all of them or none. Each must be what it was read as.
    pub fn update_refs(&self, reason: &str, changes: &[RefChange]) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        for change in changes {
            // git would move what it points at, or put a branch in the place of the link.
            if let Some(target) = self.symbolic_ref(&change.name)? {
                return Err(Error::Symbolic {
                    path: self.folder().to_owned(),
                    reference: change.name.clone(),
                    target: target.to_str_lossy().into_owned(),
                });
            }
        }
        let zero = ObjectId::null(self.hash());
        let mut input = String::from("start\n");
        for change in changes {
            let old = change.old.unwrap_or(zero);
            input.push_str(&format!("update {} {} {}\n", change.name, change.new, old));
        }
        input.push_str("prepare\ncommit\n");
        let finished = self.git().args(["update-ref", "--no-deref", "-m", reason, "--stdin"]).input(input).output()?;
        if finished.is_success() {
            return Ok(());
        }
        let said = finished.stderr();
        let raced = ["but expected", "reference already exists", "unable to resolve reference"];
        match changes.iter().find(|change| said.contains(&change.name)) {
            Some(change) if raced.iter().any(|text| said.contains(text)) => Err(Error::Moved {
                path: self.folder().to_owned(),
                reference: change.name.clone(),
                cause: Said::new(said),
            }),
            _ => Err(finished.failure()),
        }
    }

    /// Where each branch is checked out: full reference name to folder.
    pub fn checked_out(&self) -> Result<BTreeMap<String, std::path::PathBuf>> {
        let printed = self.git().args(["worktree", "list", "--porcelain", "-z"]).run()?;
        let mut folders = BTreeMap::new();
        let mut folder = None;
        for line in printed.split(|byte| *byte == 0) {
            let line = line.to_str_lossy();
            if let Some(path) = line.strip_prefix("worktree ") {
                folder = Some(std::path::PathBuf::from(path));
            } else if let (Some(branch), Some(path)) = (line.strip_prefix("branch "), &folder) {
                folders.insert(branch.to_owned(), path.clone());
            }
        }
        Ok(folders)
    }
}

/// The error for what Git was told to sign, if that is what went wrong.
pub(super) fn unsigned(error: Error, key: &'static str) -> Error {
    match error {
        Error::Program { cause, .. } if ["gpg", "sign", "key"].iter().any(|word| cause.to_string().contains(word)) => {
            Error::Unsigned { key, cause }
        }
        error => error,
    }
}

pub(super) fn as_person(git: Git, person: Option<&Person>) -> Git {
    let Some(person) = person else { return git };
    let mut git = git
        .env("GIT_AUTHOR_NAME", &person.name)
        .env("GIT_AUTHOR_EMAIL", &person.email)
        .env("GIT_COMMITTER_NAME", &person.name)
        .env("GIT_COMMITTER_EMAIL", &person.email);
    if let Some(at) = person.at {
        git = git.env("GIT_AUTHOR_DATE", format!("@{at} +0000")).env("GIT_COMMITTER_DATE", format!("@{at} +0000"));
    }
    git
}

fn is_identity_error(said: &str) -> bool {
    [
        "tell me who you are",
        "unable to auto-detect email",
        "empty ident name",
        "no email was given",
        "no name was given",
    ]
    .iter()
    .any(|text| said.to_ascii_lowercase().contains(text))
}
