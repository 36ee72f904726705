//! What can go wrong between relman and a repository.

use std::path::{Path, PathBuf};

use crate::domain::error::{Exit, Explain};
use crate::domain::text::shell_word;

use super::clones::is_in_the_cache;
pub use super::said::Said;
use super::unprepared::Unprepared;

/// A failure to read, write or reach a repository.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no repository at the path.
    #[error("{} is not a Git repository", path.display())]
    NotARepository {
        /// Where one was looked for.
        path: PathBuf,
    },
    /// A flag or a setting names a place where there is no repository.
    #[error("{by} names {}, which is not a Git repository", path.display())]
    Misnamed {
        /// The flag or the setting.
        by: String,
        /// The place.
        path: PathBuf,
        /// What to type instead.
        mend: String,
    },
    /// Git does not trust the repository: somebody else owns it, or it is bare and was not named.
    #[error("Git does not trust the repository at {}", path.display())]
    Untrusted {
        /// The repository.
        path: PathBuf,
        /// What Git says about it.
        #[source]
        cause: Said,
    },
    /// The repository is there and can't be opened.
    #[error("the repository at {} can't be opened", path.display())]
    Open {
        /// The repository.
        path: PathBuf,
        /// Why.
        #[source]
        cause: Said,
    },
    /// A clone in relman's cache is damaged, and can't be deleted.
    #[error("relman's own clone {} is damaged, and can't be deleted", path.display())]
    Damaged {
        /// The clone.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// Somebody else was faster to make something at a place.
    #[error("{} was made by somebody else in the meantime, and nothing that exists is overwritten", path.display())]
    Taken {
        /// The place.
        path: PathBuf,
    },
    /// Reading references or objects failed.
    #[error("{what} can't be read in {}", path.display())]
    Read {
        /// The repository.
        path: PathBuf,
        /// What was to be read.
        what: String,
        /// Why.
        #[source]
        cause: Said,
    },
    /// Writing an object or a reference failed.
    #[error("{what} can't be written in {}", path.display())]
    Write {
        /// The repository.
        path: PathBuf,
        /// What was to be written.
        what: String,
        /// Why.
        #[source]
        cause: Said,
    },
    /// A reference is not what it was when it was read.
    #[error("{reference} in {} has changed in the meantime", path.display())]
    Moved {
        /// The repository.
        path: PathBuf,
        /// The full name of the reference.
        reference: String,
        /// What Git says about it.
        #[source]
        cause: Said,
    },
    /// A branch is to be moved that is checked out, which would leave its work tree behind.
    #[error("{branch} is checked out in {}, which would be left behind", folder.display())]
    CheckedOut {
        /// The branch, by its short name.
        branch: String,
        /// The work tree.
        folder: PathBuf,
    },
    /// A reference that was to be moved is a symbolic one, so that another one would move.
    #[error("{reference} in {} is no branch of its own: it points at {target}", path.display())]
    Symbolic {
        /// The repository.
        path: PathBuf,
        /// The full name of the reference.
        reference: String,
        /// What it points at.
        target: String,
    },
    /// Git knows no author for a new commit or tag.
    #[error("Git does not know who you are, so nothing can be committed in {}", path.display())]
    NoIdentity {
        /// The repository.
        path: PathBuf,
    },
    /// The `git` program is not installed.
    #[error("the program `git` can't be started")]
    NoProgram(#[source] std::io::Error),
    /// The `git` program failed for a reason of its own.
    #[error("`git {command}` failed in {}", path.display())]
    Program {
        /// The repository or folder it ran in.
        path: PathBuf,
        /// The subcommand.
        command: String,
        /// What it said.
        #[source]
        cause: Said,
    },
    /// Somebody has stopped relman, and so it ended a call that reaches a remote.
    #[error("`git {command}` was ended, because relman was told to end")]
    Halted {
        /// The subcommand.
        command: String,
    },
    /// A remote can't be reached.
    #[error("the remote {remote} of {} can't be reached", path.display())]
    Unreachable {
        /// The repository.
        path: PathBuf,
        /// The remote's name.
        remote: String,
        /// Whether something was to be pushed.
        is_push: bool,
        /// What Git said.
        #[source]
        cause: Said,
    },
    /// A remote refuses us.
    #[error("the remote {remote} of {} refuses access", path.display())]
    Unauthorised {
        /// The repository.
        path: PathBuf,
        /// The remote's name.
        remote: String,
        /// What Git said.
        #[source]
        cause: Said,
    },
    /// A remote was reached, and a rule of the server forbids what was pushed.
    #[error("the remote {remote} of {} declines what was pushed", path.display())]
    Declined {
        /// The repository.
        path: PathBuf,
        /// The remote's name.
        remote: String,
        /// What it said, one line for each reference.
        #[source]
        cause: Said,
    },
    /// The server has no room for branches that are pushed to it for the first time.
    #[error(transparent)]
    Unprepared(Box<Unprepared>),
    /// A remote was reached and did not take what was pushed.
    #[error("the remote {remote} of {} does not take what was pushed", path.display())]
    Rejected {
        /// The repository.
        path: PathBuf,
        /// The remote's name.
        remote: String,
        /// What it said, one line for each reference.
        #[source]
        cause: Said,
    },
    /// The clone has only a part of the history, and the answer could be wrong.
    #[error("{} is {kind}, so {what} could be wrong", path.display())]
    Incomplete {
        /// The repository.
        path: PathBuf,
        /// `a shallow clone`, or `a clone without tags`.
        kind: &'static str,
        /// The answer that was asked for.
        what: String,
    },
    /// A remote has several push URLs, so that a push would be no lock.
    #[error("the remote {remote} of {} has several push URLs", path.display())]
    SeveralPushUrls {
        /// The repository.
        path: PathBuf,
        /// The remote's name.
        remote: String,
    },
    /// A remote was named that is not configured.
    #[error("{} has no remote named {remote}", path.display())]
    NoRemote {
        /// The repository.
        path: PathBuf,
        /// The name that was given.
        remote: String,
    },
    /// There are several remotes, none of them is `origin`, and nothing says which one is meant.
    #[error("{} has several remotes, and none is named origin: {}", path.display(), names.join(", "))]
    SeveralRemotes {
        /// The repository.
        path: PathBuf,
        /// Their names.
        names: Vec<String>,
    },
    /// The URL of a remote is one that nothing can be done with.
    #[error("the URL of the remote {remote} of {} can't be used", path.display())]
    RemoteUrl {
        /// The repository.
        path: PathBuf,
        /// The remote's name.
        remote: String,
        /// What is wrong with it.
        #[source]
        cause: Said,
    },
    /// Something other than Git failed: a folder that can't be made, a lock that can't be taken.
    #[error("{what}")]
    Io {
        /// What was being done, as a sentence.
        what: String,
        /// Why it failed.
        #[source]
        cause: std::io::Error,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Error::NotARepository { .. } | Error::Misnamed { .. } => "not-a-repository",
            Error::Damaged { .. } => "repository-unusable",
            Error::Taken { .. } => "exists",
            Error::Declined { .. } => "remote-refused",
            Error::Unprepared(unprepared) => unprepared.code(),
            Error::Untrusted { .. } => "untrusted-repository",
            Error::Open { .. } => "repository-unusable",
            Error::Read { .. } => "read-failed",
            Error::Write { .. } => "write-failed",
            Error::Moved { .. } => "ref-moved",
            Error::CheckedOut { .. } => "checked-out",
            Error::Symbolic { .. } => "symbolic-branch",
            Error::NoIdentity { .. } => "no-identity",
            Error::NoProgram(_) => "git-missing",
            Error::Program { .. } => "git-failed",
            Error::Halted { .. } => "interrupted",
            Error::Unreachable { .. } => "remote-unreachable",
            Error::Unauthorised { .. } => "remote-refused",
            Error::Rejected { .. } => "push-rejected",
            Error::Incomplete { .. } => "incomplete-clone",
            Error::SeveralPushUrls { .. } => "several-push-urls",
            Error::NoRemote { .. } => "no-remote",
            Error::SeveralRemotes { .. } => "several-remotes",
            Error::RemoteUrl { .. } => "invalid-url",
            Error::Io { .. } => "io",
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Error::NotARepository { .. } | Error::Misnamed { .. } => Exit::NotFound,
            Error::Untrusted { .. } | Error::Unauthorised { .. } | Error::Declined { .. } => Exit::Unauthorised,
            Error::CheckedOut { .. }
            | Error::Moved { .. }
            | Error::Symbolic { .. }
            | Error::Incomplete { .. }
            | Error::Taken { .. }
            | Error::Rejected { .. } => Exit::Refused,
            Error::NoIdentity { .. }
            | Error::SeveralPushUrls { .. }
            | Error::NoRemote { .. }
            | Error::SeveralRemotes { .. }
            | Error::RemoteUrl { .. } => Exit::Usage,
            Error::Halted { .. } => Exit::Interrupted,
            Error::Unreachable { .. } => Exit::Unreachable,
            Error::Unprepared(unprepared) => unprepared.exit(),
            Error::Open { .. }
            | Error::Damaged { .. }
            | Error::Read { .. }
            | Error::Write { .. }
            | Error::NoProgram(_)
            | Error::Program { .. }
            | Error::Io { .. } => Exit::Unexpected,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Error::Misnamed { mend, .. } => vec![mend.clone()],
            Error::Damaged { path, .. } => vec![format!("delete it: rm -rf {}; the next run makes it anew", place(path))],
            Error::Taken { .. } => vec!["run the command again: it keeps what is there as it should be".into()],
            Error::Unprepared(unprepared) => unprepared.hints(),
            Error::Declined { .. } => vec![
                "a rule of the server forbids it, in the words above: a protected branch, a hook, or a right that is missing".into(),
                "whoever administers the repository can let you push these names".into(),
            ],
            Error::Untrusted { path, cause } => {
                let path = place(path);
                if cause.to_string().contains("safe.bareRepository") {
                    vec![format!("if you trust it, name it: relman -C {path} …")]
                } else {
                    vec![format!("if you trust it: git config --global --add safe.directory {path}")]
                }
            }
            Error::Moved { .. } => vec!["run the command again: it reads anew and decides anew".into()],
            Error::CheckedOut { folder, .. } => vec![format!(
                "switch to another branch there first: git -C {} switch --detach",
                place(folder)
            )],
            Error::Symbolic { path, reference, .. } => vec![format!(
                "make it a branch: git -C {} symbolic-ref --delete {}",
                place(path),
                shell_word(reference)
            )],
            Error::NoIdentity { .. } => {
                vec!["git config --global user.name NAME".into(), "git config --global user.email ADDRESS".into()]
            }
            Error::NoProgram(_) => vec!["install Git 2.32 or newer, and make sure that it is on the PATH".into()],
            Error::Unreachable { path, remote, is_push, .. } => {
                let mut hints = vec![
                    "trying again is safe".into(),
                    format!("to see it without relman: git -C {} ls-remote --heads {remote}", place(path)),
                ];
                if !is_push {
                    hints.push("--offline answers from the clones alone".into());
                }
                hints
            }
            Error::Unauthorised { path, remote, .. } => vec![format!(
                "relman uses Git's own credentials; to see it without relman: git -C {} ls-remote --heads {remote}",
                place(path)
            )],
            Error::Incomplete { path, kind, .. } => {
                let path = place(path);
                match *kind {
                    "a shallow clone" => {
                        vec![format!("git -C {path} fetch --unshallow --tags"), "or leave out --offline".into()]
                    }
                    _ => vec!["relman fetch brings the tags".into(), "or leave out --offline".into()],
                }
            }
            Error::Rejected { .. } => vec!["relman fetch shows what the remote has now; relman never forces".into()],
            Error::SeveralPushUrls { path, remote } => vec![format!(
                "git -C {} remote get-url --push --all {remote} lists them; relman needs exactly one",
                place(path)
            )],
            Error::RemoteUrl { path, remote, .. } => vec![format!(
                "mend it: git -C {} remote set-url {} URL",
                place(path),
                shell_word(remote)
            )],
            Error::SeveralRemotes { path, names } => vec![format!(
                "name the one that counts: git -C {} config checkout.defaultRemote {}",
                place(path),
                names.iter().map(|name| shell_word(name)).collect::<Vec<_>>().join("|")
            )],
            Error::NoRemote { path, .. } => {
                vec![format!("git -C {} remote lists them", place(path))]
            }
            Error::Write { .. } => vec!["use clones of your own; --offline reads these as they are, and knows of nothing that came later".into()],
            Error::Open { path, .. } | Error::Read { path, .. } | Error::Program { path, .. } if is_in_the_cache(path) => {
                let path = place(path);
                vec![format!("if it is damaged: it is relman's own copy, made anew after rm -rf {path}")]
            }
            Error::Read { path, .. } if path.is_dir() => {
                vec![format!("git -C {} fsck tells what is damaged", place(path))]
            }
            Error::Read { .. } => vec!["git fsck in that repository tells what is damaged".into()],
            Error::NotARepository { .. }
            | Error::Open { .. }
            | Error::Program { .. }
            | Error::Halted { .. }
            | Error::Io { .. } => vec![],
        }
    }
}

/// A path as a word of a command.
fn place(path: &Path) -> String {
    shell_word(&path.display().to_string())
}
