//! The `git` program as a child process: its environment, its output, and what its failures mean.

use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::Result;
use super::error::{Error, Said};

/// Variables by which Git tells its own children about one repository. relman may run inside a hook, where they name
/// another repository than the one that is meant, so no child ever sees them.
/// From `git rev-parse --local-env-vars`, without the ones that carry configuration, and with the quarantine of a push.
const LOCAL: [&str; 15] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// One call of the `git` program.
pub struct Git {
    command: Command,
    folder: PathBuf,
    name: String,
    input: Option<Vec<u8>>,
}

impl Git {
    /// A call that belongs to the repository with this Git directory, in the folder where its hooks expect to run.
    pub fn in_repository(git_dir: &Path, folder: &Path) -> Self {
        let mut git = Git::in_folder(folder);
        git.command.arg("--git-dir").arg(git_dir);
        git
    }

    /// A call in a folder that need not be a repository, such as `git init`.
    pub fn in_folder(folder: &Path) -> Self {
        let mut command = Command::new("git");
        command.current_dir(folder).stdin(Stdio::null());
        for name in LOCAL {
            command.env_remove(name);
        }
        // Messages are recognised in English; nothing may ask on a terminal that shows several fetches at once.
        command.env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0");
        if std::env::var_os("GIT_SSH_COMMAND").is_none() && std::env::var_os("GIT_SSH").is_none() {
            // An own `core.sshCommand` still wins over this default.
            command.env("GIT_SSH_VARIANT", "auto");
        }
        for (name, value) in super::login::lent() {
            command.env(name, value);
        }
        Git { command, folder: folder.to_owned(), name: String::new(), input: None }
    }

    /// Adds an argument; the first one is the subcommand.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        if self.name.is_empty() {
            self.name = arg.as_ref().to_string_lossy().into_owned();
        }
        self.command.arg(arg);
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(self, args: I) -> Self {
        args.into_iter().fold(self, Git::arg)
    }

    /// Sets a configuration value for this call alone. Must come before the subcommand.
    #[must_use]
    pub fn config(mut self, setting: &str) -> Self {
        self.command.arg("-c").arg(setting);
        self
    }

    /// Sets a variable for this call alone.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.command.env(name, value.into());
        self
    }

    /// Gives the call something to read on its standard input.
    #[must_use]
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = Some(bytes.into());
        self
    }

    /// Runs to the end and returns whatever came of it; fails only where the program can't be run at all.
    pub fn output(mut self) -> Result<Finished> {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        if self.input.is_some() {
            self.command.stdin(Stdio::piped());
        }
        let mut child = self.command.spawn().map_err(Error::NoProgram)?;
        let writer = match (self.input.take(), child.stdin.take()) {
            (Some(bytes), Some(mut stdin)) => Some(std::thread::spawn(move || stdin.write_all(&bytes))),
            _ => None,
        };
        let output = child.wait_with_output().map_err(Error::NoProgram)?;
        if let Some(writer) = writer {
            // A child that stops reading early says why by its exit status, which the caller looks at.
            let _ = writer.join();
        }
        Ok(Finished { output, folder: self.folder, name: self.name })
    }

    /// Runs to the end and returns what was printed; a failing exit status is an error.
    pub fn run(self) -> Result<Vec<u8>> {
        self.output()?.success()
    }

    /// Like [`Git::run`], for an answer that is one line of text.
    pub fn line(self) -> Result<String> {
        let bytes = self.run()?;
        Ok(String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']).to_owned())
    }
}

/// A call that has ended, well or not.
pub struct Finished {
    output: Output,
    folder: PathBuf,
    name: String,
}

impl Finished {
    /// Whether the exit status was 0.
    pub fn is_success(&self) -> bool {
        self.output.status.success()
    }

    /// The exit status; `None` after a signal.
    pub fn status(&self) -> Option<i32> {
        self.output.status.code()
    }

    /// What was printed, whatever the exit status.
    pub fn stdout(&self) -> &[u8] {
        &self.output.stdout
    }

    /// What was said on standard error, as text.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).trim().to_owned()
    }

    /// What was printed; a failing exit status is an error.
    pub fn success(self) -> Result<Vec<u8>> {
        if self.is_success() { Ok(self.output.stdout) } else { Err(self.failure()) }
    }

    /// The error that says that this call failed, with the program's own words.
    pub fn failure(self) -> Error {
        let said = match (self.stderr(), self.status()) {
            (text, _) if !text.is_empty() => text,
            (_, Some(status)) => format!("it ended with status {status}"),
            (_, None) => "it was ended by a signal".to_owned(),
        };
        Error::Program { path: self.folder, command: self.name, cause: Said::new(said) }
    }

    /// The error that says that a remote could not be used: refused, or out of reach.
    pub fn remote_failure(self, remote: &str) -> Error {
        let said = self.stderr();
        let path = self.folder.clone();
        let remote = remote.to_owned();
        let lower = said.to_ascii_lowercase();
        let has = |needles: &[&str]| needles.iter().any(|needle| lower.contains(needle));
        let cause = Said::new(if said.is_empty() { "it said nothing" } else { &said });
        if has(&[
            "authentication failed",
            "permission denied",
            "could not read username",
            "could not read password",
            "returned error: 401",
            "returned error: 403",
            "access denied",
            "not authorized",
            "host key verification failed",
        ]) {
            return Error::Unauthorised { path, remote, cause };
        }
        if has(&[
            "could not read from remote",
            "unable to access",
            "unable to connect",
            "could not resolve",
            "connection",
            "timed out",
            "does not appear to be a git repository",
            "repository not found",
            "does not exist",
            "no such remote",
            "early eof",
            "hung up",
            "rpc failed",
            "unable to look up",
        ]) {
            return Error::Unreachable { path, remote, cause };
        }
        self.failure()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_never_sees_the_repository_of_a_hook() {
        let folder = tempfile::tempdir().expect("a folder");
        let git = Git::in_folder(folder.path());
        for name in LOCAL {
            assert!(git.command.get_envs().any(|(key, value)| key == name && value.is_none()), "{name}");
        }
    }

    #[test]
    fn a_failure_keeps_the_words_of_git() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = Git::in_folder(folder.path()).arg("no-such-subcommand").run().expect_err("it must fail");
        let Error::Program { command, cause, .. } = error else { panic!("{error:?}") };
        assert_eq!(command, "no-such-subcommand");
        assert!(cause.to_string().contains("no-such-subcommand"), "{cause}");
    }
}
