//! Programs that may know a token, run without a prompt and with a time limit.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

/// One call of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The program.
    pub program: String,
    /// Its arguments; there is never a secret in them.
    pub arguments: Vec<String>,
    /// What it reads on its standard input.
    pub input: String,
}

impl Call {
    /// A call that reads nothing.
    pub fn new(program: &str, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Call { program: program.to_owned(), arguments, input: String::new() }
    }
}

/// What came of a call.
#[derive(Clone)]
pub enum Ran {
    /// It ended well and printed this; it may be a secret.
    Printed(Zeroizing<String>),
    /// It is not installed.
    Missing,
    /// It failed, and how.
    Failed(String),
}

impl std::fmt::Debug for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Ran::Printed(_) => f.write_str("Printed(…)"),
            Ran::Missing => f.write_str("Missing"),
            Ran::Failed(how) => write!(f, "Failed({how:?})"),
        }
    }
}

/// Something that runs programs.
pub trait Runner {
    /// Runs a program to its end.
    fn run(&self, call: &Call) -> Ran;
}

/// Runs programs as children of this process.
#[derive(Clone, Debug)]
pub struct Children {
    /// Where they run.
    pub folder: PathBuf,
    /// How long each may take.
    pub limit: Duration,
}

impl Children {
    /// Children in a folder, with the usual limit.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Children { folder: folder.into(), limit: Duration::from_secs(20) }
    }

    fn command(&self, call: &Call) -> Command {
        let mut command = Command::new(&call.program);
        command.args(&call.arguments).current_dir(&self.folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        // Inside a hook, Git's variables name another repository; what configures Git and ssh stays.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            let stays = ["GIT_CONFIG_", "GIT_SSH", "GIT_SSL_", "GIT_EXEC_PATH", "GIT_PROXY_"];
            if text.starts_with("GIT_") && !stays.iter().any(|prefix| text.starts_with(prefix)) {
                command.env_remove(&name);
            }
        }
        // An empty askpass is none, for Git, and keeps it from looking for another.
        command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_ASKPASS", "").env("SSH_ASKPASS", "");
        command.env("GCM_INTERACTIVE", "never").env("GH_PROMPT_DISABLED", "1").env("NO_PROMPT", "1");
        command.env("NO_COLOR", "1").env("LC_ALL", "C");
        command
    }
}

impl Runner for Children {
    fn run(&self, call: &Call) -> Ran {
        let mut child = match self.command(call).spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ran::Missing,
            Err(error) => return Ran::Failed(error.to_string()),
        };
        if let Some(mut stdin) = child.stdin.take() {
            // A child that does not read says by its exit status whether that matters.
            let _ = stdin.write_all(call.input.as_bytes());
        }
        let (sender, printed) = mpsc::channel();
        if let Some(mut stdout) = child.stdout.take() {
            // Not joined: a grandchild may keep the pipe open long after the child has ended.
            std::thread::spawn(move || {
                let mut text = Zeroizing::new(String::new());
                let read = stdout.by_ref().take(64 * 1024).read_to_string(&mut text);
                let _ = sender.send(read.map(|_| text));
            });
        }
        let deadline = Instant::now() + self.limit;
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(10)),
                Ok(None) => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Ran::Failed(format!("it did not end within {} seconds", self.limit.as_secs()));
                }
                Err(error) => return Ran::Failed(error.to_string()),
            }
        };
        if !status.success() {
            return Ran::Failed(match status.code() {
                Some(code) => format!("it ended with status {code}"),
                None => "it was ended by a signal".into(),
            });
        }
        match printed.recv_timeout(Duration::from_secs(2)) {
            Ok(Ok(text)) => Ran::Printed(text),
            Ok(Err(error)) => Ran::Failed(error.to_string()),
            Err(_) => Ran::Failed("what it printed can't be read".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn children(limit: Duration) -> Children {
        Children { folder: std::env::temp_dir(), limit }
    }

    #[test]
    fn what_a_child_prints_is_read_and_not_shown() {
        let mut call = Call::new("sh", &["-c", "cat; printf %s \"$GIT_TERMINAL_PROMPT$GIT_ASKPASS\""]);
        call.input = "secret".into();
        let ran = children(Duration::from_secs(10)).run(&call);
        assert_eq!(format!("{ran:?}"), "Printed(…)");
        let Ran::Printed(text) = ran else { panic!("it ran") };
        assert_eq!(text.as_str(), "secret0");
    }

    #[test]
    fn failures_are_told_apart() {
        let runner = children(Duration::from_millis(300));
        assert!(matches!(runner.run(&Call::new("no-such-program-at-all", &[])), Ran::Missing));
        let failed = |script| match runner.run(&Call::new("sh", &["-c", script])) {
            Ran::Failed(how) => how,
            other => panic!("{other:?}"),
        };
        assert!(failed("echo token; exit 3").contains("status 3"));
        let started = Instant::now();
        assert!(failed("sleep 30").contains("did not end"));
        assert!(started.elapsed() < Duration::from_secs(5));
    }
}
