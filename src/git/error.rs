//! What can go wrong between relman and a repository.

use std::path::PathBuf;

pub use super::said::Said;
use super::unprepared::Unprepared;

/// What of a clone can't be written where only the answers of its remote are to be kept.
pub(super) const ANSWERS: &str = "what its remote answers";

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
    /// A folder is not one in which anything can be made.
    #[error("nothing can be made in {}", folder.display())]
    NoRoom {
        /// The folder.
        folder: PathBuf,
        /// How another one is named.
        mend: String,
        /// Why.
        #[source]
        cause: std::io::Error,
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
    /// A partial clone lacks an object, and its remote is not asked for it.
    #[error("{what} is not in the partial clone {}, and its remote is not asked for it", path.display())]
    Lacking {
        /// The repository.
        path: PathBuf,
        /// What was to be read.
        what: String,
        /// Whether remotes are to be left alone; else this one could not be reached before.
        is_offline: bool,
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
    /// Git is set to sign, and could not.
    #[error("Git is set to sign by {key}, and could not")]
    Unsigned {
        /// The setting.
        key: &'static str,
        /// What it said.
        #[source]
        cause: Said,
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
        /// Whether no clone answers in its place: something was to be pushed, or cloned.
        is_needed: bool,
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
