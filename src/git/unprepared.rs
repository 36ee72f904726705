//! What a server lacks for branches that are pushed to it for the first time, the repository or an empty one; what it
//! lacks to be cloned, any branch; and what Git was told to use with it and it does not know.

use std::path::PathBuf;

use crate::domain::error::{Exit, Explain};
use crate::domain::location::last_segment;
use crate::domain::name::BranchName;
use crate::domain::text::{shell_path, shell_word};

use super::error::{Error, Said};
use super::repository::Repository;

/// How servers say that there is no repository, or none that this user may know of.
const MISSING: [&str; 6] = [
    "not found",
    "does not appear to be a git repository",
    "does not exist",
    "could not be found",
    "no such",
    "cannot find",
];

/// A server that is not ready for new branches, or for a clone.
#[derive(Debug, thiserror::Error)]
pub enum Unprepared {
    /// There is no repository at the remote's URL.
    #[error("there is no repository at {url}, the remote {remote} of {}", path.display())]
    Missing {
        /// The clone.
        path: PathBuf,
        /// The remote's name.
        remote: String,
        /// Where it leads.
        url: String,
        /// The names of further repositories that are pushed next.
        next: Vec<String>,
        /// What Git said.
        #[source]
        cause: Said,
    },
    /// The repository has commits of its own, and none of the clone's.
    #[error("the repository at {url}, the remote {remote} of {}, has commits of its own", path.display())]
    NotEmpty {
        /// The clone.
        path: PathBuf,
        /// The remote's name.
        remote: String,
        /// Where it leads.
        url: String,
        /// What it said, one line for each reference.
        #[source]
        cause: Said,
    },
    /// What was to be cloned has no branch: nothing was pushed to it yet, or something else answers in its place.
    #[error("{url} lists no branch at all, so there is nothing to clone")]
    ListsNothing {
        /// The URL, without secrets.
        url: String,
    },
    /// The server was reached, and does not know what Git is set to use: the repository's hash, signed pushes.
    #[error("the remote {remote} of {} can't do what Git is set to do here", path.display())]
    Unable {
        /// The clone.
        path: PathBuf,
        /// The remote's name.
        remote: String,
        /// What Git said.
        #[source]
        cause: Said,
    },
}

/// How Git says that the other side does not know what it is set to use.
const UNABLE: [&str; 2] = ["the receiving end does not support", "mismatched algorithms"];

/// Whether Git says so; what it adds then is that the connection broke, as it does for a server that is away.
pub(super) fn says_unable(said: &str) -> bool {
    UNABLE.iter().any(|words| said.contains(words))
}

impl Explain for Unprepared {
    fn code(&self) -> &'static str {
        match self {
            Unprepared::Missing { .. } => "no-server-repository",
            Unprepared::NotEmpty { .. } => "server-not-empty",
            Unprepared::ListsNothing { .. } => "remote-unreachable",
            Unprepared::Unable { .. } => "remote-unable",
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Unprepared::Missing { .. } | Unprepared::ListsNothing { .. } => Exit::Unreachable,
            Unprepared::NotEmpty { .. } | Unprepared::Unable { .. } => Exit::Refused,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Unprepared::Missing { path, remote, url, next, .. } => vec![
                format!(
                    "make {}{} on the server, empty and without a README, and run the command again",
                    last_segment(url),
                    match next.is_empty() {
                        true => String::new(),
                        false => format!(" (and {}, unless it is there)", next.join(", ")),
                    }
                ),
                format!(
                    "if it is there, your login may not see it: git -C {} ls-remote --heads {}",
                    shell_path(path),
                    shell_word(remote)
                ),
            ],
            Unprepared::ListsNothing { url } => vec![
                format!("if a login page or a proxy answers there, this shows it: git ls-remote {}", shell_word(url)),
                "a repository that is still empty needs a first push".to_owned(),
            ],
            Unprepared::NotEmpty { url, .. } => vec![
                format!(
                    "if it holds nothing but the README that the server began it with: make {} anew, empty, and run the \
                     command again",
                    last_segment(url)
                ),
                "else take another name; relman never forces".to_owned(),
            ],
            Unprepared::Unable { path, cause, .. } => {
                vec![mended(&cause.to_string(), &shell_path(path))]
            }
        }
    }
}

/// What lets Git and a server get along that does not know what Git is set to use.
fn mended(said: &str, path: &str) -> String {
    if said.contains("algorithm") {
        "both must name objects by the same hash: make the repository on the server with the hash of the clone; or move away \
         what was made here, and make it anew with that of the server (GIT_DEFAULT_HASH=sha1 relman init …)"
            .to_owned()
    } else if said.contains("signed push") {
        format!("git -C {path} config push.gpgSign if-asked signs a push where the server knows how")
    } else {
        format!("git -C {path} config --show-origin --get-regexp '^push' lists what a push is set to use")
    }
}

impl Unprepared {
    /// Tells of the repositories that are pushed next as well: they are as likely to be missing.
    pub fn go_on_with(&mut self, names: impl Iterator<Item = String>) {
        if let Unprepared::Missing { next, .. } = self {
            next.extend(names);
        }
    }
}

impl Repository {
    /// Says of a failed call to a remote what the server lacks for new branches, where it is that. A remote that this clone
    /// has seen is missing for another reason.
    pub fn unprepared(&self, error: Error, branches: &[BranchName]) -> Error {
        let (Error::Unreachable { remote, .. } | Error::Rejected { remote, .. }) = &error else { return error };
        let Ok(Some(known)) = self.remote(Some(remote)) else { return error };
        let Some(url) = known.push_url.or(known.url) else { return error };
        let was_seen = self.list_refs(&format!("refs/remotes/{remote}/")).is_ok_and(|refs| !refs.is_empty());
        match error {
            Error::Unreachable { path, remote, cause, .. } if !was_seen && says_missing(&cause.to_string()) => {
                Error::Unprepared(Box::new(Unprepared::Missing { path, remote, url, next: Vec::new(), cause }))
            }
            // An environment that is there may be one that somebody else has just added.
            Error::Rejected { path, remote, cause }
                if branches.iter().any(|branch| !branch.as_str().starts_with("environment/")) =>
            {
                Error::Unprepared(Box::new(Unprepared::NotEmpty { path, remote, url, cause }))
            }
            error => error,
        }
    }
}

fn says_missing(said: &str) -> bool {
    let lower = said.to_ascii_lowercase();
    !lower.contains("could not resolve") && MISSING.iter().any(|words| lower.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_lacks_an_ability_is_told_from_one_that_is_away() {
        let hash = "fatal: the receiving end does not support this repository's hash algorithm";
        for (said, hint) in [
            (hash, "GIT_DEFAULT_HASH"),
            ("fatal: mismatched algorithms: client sha256; server sha1", "GIT_DEFAULT_HASH"),
            ("fatal: the receiving end does not support --signed push", "if-asked"),
            ("fatal: the receiving end does not support push options", "--get-regexp"),
        ] {
            assert!(says_unable(said), "{said}");
            assert!(mended(said, "x").contains(hint), "{said}");
        }
        assert!(!says_unable("fatal: the remote end hung up unexpectedly"));
    }

    #[test]
    fn a_missing_repository_is_told_from_a_server_that_is_away() {
        for said in [
            "fatal: '/srv/x.git' does not appear to be a git repository",
            "remote: Repository not found.\nfatal: repository 'https://github.com/a/b.git/' not found",
            "ERROR: The project you were looking for could not be found or you don't have permission to view it.",
            "ERROR: Repository not found.\nfatal: Could not read from remote repository.",
        ] {
            assert!(says_missing(said), "{said}");
        }
        for said in [
            "ssh: Could not resolve hostname h: Name or service not known",
            "fatal: unable to access 'https://h/x/': Could not resolve host: h",
            "fatal: unable to access 'https://h/x/': Failed to connect to h port 443: Connection refused",
            "it did not end within 2 minutes",
        ] {
            assert!(!says_missing(said), "{said}");
        }
    }
}
