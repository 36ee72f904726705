//! What each error means to whoever called: its code, the exit status, and what to type next.

use std::path::Path;

use crate::domain::error::{Exit, Explain};
use crate::domain::text::{shell_path, shell_word};

use super::clones::is_in_the_cache;
use super::error::{ANSWERS, Error};

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
            Error::Unsigned { .. } => "not-signed",
            Error::NoProgram(_) => "git-missing",
            Error::Program { .. } => "git-failed",
            Error::Halted { .. } => "interrupted",
            Error::Unreachable { .. } => "remote-unreachable",
            Error::Unauthorised { .. } => "remote-refused",
            Error::Rejected { .. } => "push-rejected",
            Error::Incomplete { .. } | Error::Lacking { .. } => "incomplete-clone",
            Error::SeveralPushUrls { .. } => "several-push-urls",
            Error::NoRemote { .. } => "no-remote",
            Error::SeveralRemotes { .. } => "several-remotes",
            Error::RemoteUrl { .. } => "invalid-url",
            Error::Io { .. } | Error::NoRoom { .. } => "io",
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
            | Error::Lacking { .. }
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
            | Error::Unsigned { .. }
            | Error::NoProgram(_)
            | Error::Program { .. }
            | Error::NoRoom { .. }
            | Error::Io { .. } => Exit::Unexpected,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Error::Misnamed { mend, .. } | Error::NoRoom { mend, .. } => vec![mend.clone()],
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
            Error::Unsigned { key, .. } => vec![
                "user.signingKey names the key; git config --show-origin --get-regexp 'gpg|sign' shows what is set, and where".into(),
                format!("or sign nothing: set {key} to false there"),
            ],
            Error::NoProgram(_) => vec!["install Git 2.32 or newer, and make sure that it is on the PATH".into()],
            Error::Lacking { path, is_offline, .. } => {
                let first = match is_offline {
                    true => "leave out --offline, so that its remote is asked",
                    false => "trying again is safe, as soon as its remote can be reached",
                };
                vec![first.into(), whole(path)]
            }
            Error::Unreachable { path, remote, is_needed, cause } => {
                let mut hints = vec![
                    "trying again is safe".into(),
                    format!("to see it without relman: git -C {} ls-remote --heads {}", place(path), shell_word(remote)),
                ];
                if cause.to_string().contains("promisor remote") {
                    hints.push(whole(path));
                } else if !is_needed {
                    hints.push("--offline answers from the clones alone".into());
                }
                hints
            }
            Error::Unauthorised { path, remote, .. } => vec![format!(
                "relman uses Git's own credentials; to see it without relman: git -C {} ls-remote --heads {}",
                place(path),
                shell_word(remote)
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
                "git -C {} remote get-url --push --all {} lists them; relman needs exactly one",
                place(path),
                shell_word(remote)
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
            Error::Write { what, .. } if what == ANSWERS => vec![
                "use clones of your own; --offline reads these as they are, and knows of nothing that came later".into(),
            ],
            Error::Write { path, .. } => vec![format!(
                "look at the rights and the space in {}, or use a clone of your own",
                place(path)
            )],
            Error::Open { path, .. } | Error::Read { path, .. } | Error::Program { path, .. } if is_in_the_cache(path) => {
                let path = place(path);
                vec![format!("if it is damaged: it is relman's own copy, made anew after rm -rf {path}")]
            }
            Error::Read { path, .. } => {
                // What can't be read may be a file of the clone.
                let is_clone = |folder: &&Path| {
                    folder.join(".git").exists() || (folder.join("objects").is_dir() && !folder.ends_with(".git"))
                };
                let clone = path.ancestors().find(is_clone);
                vec![format!("git -C {} fsck tells what is damaged", place(clone.unwrap_or(path)))]
            }
            Error::Program { path, cause, .. } if is_stopped_by_its_hook(&cause.to_string()) => vec![format!(
                "the hook reference-transaction of the clone forbids it: {}",
                hooks(path)
            )],
            Error::Program { path, command, cause } if command == "push" && !cause.to_string().contains("fatal: ") => {
                vec![format!("a hook of the clone may have refused it: {}", hooks(path))]
            }
            Error::Program { path, cause, .. } if speaks_of_damage(&cause.to_string()) => {
                vec![format!("git -C {} fsck tells what is damaged", place(path))]
            }
            Error::Program { path, command, .. } if command == "fetch" => {
                vec![format!("to see it without relman: git -C {} fetch", place(path))]
            }
            Error::Open { path, .. } => vec![format!("git -C {} status tells what Git makes of it", place(path))],
            Error::NotARepository { .. }
            | Error::Program { .. }
            | Error::Halted { .. }
            | Error::Io { .. } => vec![],
        }
    }
}

/// Whether Git says that a hook of the clone has stopped it from moving references.
fn is_stopped_by_its_hook(said: &str) -> bool {
    said.contains("aborted by hook") || said.contains("aborted by the reference-transaction hook")
}

/// Whether Git says that it can't read files of the clone itself.
fn speaks_of_damage(said: &str) -> bool {
    const WORDS: [&str; 5] = ["packed-refs", "bad config", "not a git repository: '", "bad object", "corrupt"];
    said.lines().any(|line| !line.starts_with("remote:") && WORDS.iter().any(|words| line.contains(words)))
}

/// Where the hooks of a clone are.
fn hooks(clone: &Path) -> String {
    format!("git -C {} config core.hooksPath names their folder, else it is .git/hooks", place(clone))
}

/// How a partial clone becomes a whole one.
fn whole(path: &Path) -> String {
    format!("or bring in all of it once: git -C {} fetch --refetch --no-filter", place(path))
}

/// A path as a word of a command.
fn place(path: &Path) -> String {
    shell_path(path)
}
