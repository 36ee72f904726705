//! What came of a call of the `git` program, and what its words mean for whoever asked a remote.

use std::path::PathBuf;
use std::process::Output;

use super::Result;
use super::error::{ANSWERS, Error, Said};
use super::program::{LONGEST, brings_in};
use super::unprepared::{Unprepared, says_unable};

/// How Git begins to say that a file of its own can't be written.
const LOCAL_FAULTS: [&str; 4] = ["unable to create", "cannot lock ref", "insufficient permission", "unable to write"];

/// Why it can't, where trying again won't help.
const FORBIDDEN: [&str; 4] =
    ["permission denied", "insufficient permission", "read-only file system", "unable to create directory"];

/// A call that has ended, well or not.
pub struct Finished {
    output: Output,
    folder: PathBuf,
    name: String,
    given_up: bool,
}

impl Finished {
    pub(super) fn new(output: Output, folder: PathBuf, name: String, given_up: bool) -> Self {
        Finished { output, folder, name, given_up }
    }

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

    /// What was said, and by a push as well what a hook of the clone has printed: Git lets its words through beside its own
    /// report.
    fn said(&self) -> String {
        let mut said = String::new();
        if self.name == "push" {
            let printed = String::from_utf8_lossy(&self.output.stdout);
            let is_report = |line: &&str| line.starts_with("To ") || *line == "Done" || line.get(1..2) == Some("\t");
            printed.lines().filter(|line| !is_report(line)).for_each(|line| said.push_str(&format!("{line}\n")));
        }
        format!("{said}{}", self.stderr()).trim().to_owned()
    }

    /// What was printed; a failing exit status is an error.
    pub fn success(self) -> Result<Vec<u8>> {
        if self.is_success() { Ok(self.output.stdout) } else { Err(self.failure()) }
    }

    /// The error that says that this call failed, with the program's own words.
    pub fn failure(&self) -> Error {
        let said = match (self.said(), self.status()) {
            (text, _) if !text.is_empty() => text,
            (_, Some(status)) => format!("it ended with status {status}"),
            (_, None) => "it was ended by a signal".to_owned(),
        };
        let what = format!("an object that `git {}` needs", self.name);
        if said.contains("lazy fetching disabled") {
            return Error::Lacking { path: self.folder.clone(), what, is_offline: !brings_in() };
        }
        if said.lines().any(misses_an_object) {
            return Error::Read { path: self.folder.clone(), what, cause: Said::new(said) };
        }
        Error::Program { path: self.folder.clone(), command: self.name.clone(), cause: Said::new(said) }
    }

    /// The error that says that a remote could not be used: refused, or out of reach.
    pub fn remote_failure(&self, remote: &str) -> Error {
        let said = self.stderr();
        let path = self.folder.clone();
        let remote = remote.to_owned();
        let is_needed = matches!(&*self.name, "push" | "clone");
        if self.given_up {
            let minutes = LONGEST.as_secs() / 60;
            return Error::Unreachable {
                path,
                remote,
                is_needed,
                cause: Said::new(format!("it did not end within {minutes} minutes")),
            };
        }
        // A file of this machine that can't be written says nothing about the remote.
        let is_local =
            |line: &&str| !line.starts_with("remote:") && LOCAL_FAULTS.iter().any(|words| line.contains(words));
        let lower = said.to_ascii_lowercase();
        let forbids = |line: &&str| is_local(line) && FORBIDDEN.iter().any(|words| line.contains(words));
        if let Some(index) = lower.lines().position(|line| forbids(&line)) {
            // Git says the same of each reference; one tells it all.
            let line = said.lines().nth(index).unwrap_or_default();
            return Error::Write { path, what: ANSWERS.into(), cause: Said::new(line) };
        }
        let lower = lower.lines().filter(|line| !is_local(line)).collect::<Vec<_>>().join("\n");
        // Where a hook of the clone refuses a push, no remote was asked: Git itself adds no more than that nothing was pushed.
        if !said.contains("fatal: ") && said.lines().any(|line| line.starts_with("error: failed to push")) {
            return self.failure();
        }
        let has = |needles: &[&str]| needles.iter().any(|needle| lower.contains(needle));
        let cause = Said::new(if said.is_empty() { "it said nothing" } else { &said });
        if says_unable(&said) {
            return Error::Unprepared(Box::new(Unprepared::Unable { path, remote, cause }));
        }
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
            "' not found",
            "protocol error",
            "invalid server response",
            "not valid: is this a git repository",
            "does not exist",
            "no such remote",
            "early eof",
            "hung up",
            "rpc failed",
            "unable to look up",
            "cannot access url",
            "http-push failed",
        ]) {
            return Error::Unreachable { path, remote, is_needed, cause };
        }
        self.failure()
    }
}

/// Whether Git says in a line that it can't read an object, which it names.
fn misses_an_object(line: &str) -> bool {
    const WORDS: [&str; 4] = ["unable to read tree (", "unable to read ", "Could not read ", "could not parse commit "];
    WORDS.iter().filter_map(|words| line.split_once(words)).any(|(_, rest)| {
        let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        digits == 40 || digits == 64
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::error::with_causes;
    use crate::git::program::Git;

    #[test]
    fn a_lock_file_that_cannot_be_made_is_no_remote_that_refuses() {
        let folder = tempfile::tempdir().expect("a folder");
        let said = |text: &str| {
            let call =
                Git::in_folder(folder.path()).config(&format!("alias.say=!echo \"{text}\" >&2; false")).arg("say");
            call.output().expect("an outcome").remote_failure("origin")
        };
        let local = "error: cannot lock ref 'refs/x': Unable to create '/r/x.lock': Permission denied";
        assert!(matches!(said(local), Error::Write { .. }));
        let many = format!("{local}\n{}", local.replace("refs/x", "refs/y"));
        assert_eq!(with_causes(&said(&many)).matches("cannot lock ref").count(), 1);
        let taken = "error: cannot lock ref 'refs/x': Unable to create '/r/x.lock': File exists.";
        assert!(matches!(said(taken), Error::Program { .. }));
        assert!(matches!(said("git@host: Permission denied (publickey)."), Error::Unauthorised { .. }));
        assert!(matches!(said("remote: unable to create x: Permission denied"), Error::Unauthorised { .. }));
    }
}
