//! The `git` program as a child process: its environment, its output, and what its failures mean.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, OnceLock, mpsc};
use std::time::{Duration, Instant};

use super::Result;
use super::error::Error;
use super::finished::Finished;

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

/// How long a call that reaches a remote may take; one that takes longer has been forgotten by the other side.
pub(super) const LONGEST: Duration = Duration::from_secs(10 * 60);

/// Whether Git and ssh may ask for passwords and the like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asking {
    /// Somebody is there.
    #[default]
    Allowed,
    /// Nobody is there; a program that was set by `GIT_ASKPASS` or `core.askPass` may know the answer all the same.
    Unattended,
    /// It was forbidden.
    Never,
}

/// Whether this process may ask, said once by whoever knows the terminal and the flags: it holds for the whole process,
/// as its terminal does.
static ASKING: OnceLock<Asking> = OnceLock::new();

/// Says whether calls may ask, before the first one is made.
pub fn set_asking(asking: Asking) {
    // Whoever says it twice has said it.
    let _ = ASKING.set(asking);
}

/// What a process keeps to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bounds {
    /// What the clones hold: what a partial clone lacks is not brought in.
    Clones,
    /// What lies on this machine: no call reaches a remote, whichever it is.
    Machine,
}

/// The bounds of this process, where it has any.
static BOUNDS: OnceLock<Bounds> = OnceLock::new();

/// Keeps the whole process within bounds from here on.
pub fn keep_to(bounds: Bounds) {
    // Whoever says it twice has said it.
    let _ = BOUNDS.set(bounds);
}

/// Whether what a partial clone lacks may be brought in.
pub(super) fn brings_in() -> bool {
    BOUNDS.get().is_none()
}

/// Says whether calls that reach a remote are to be ended before they have: somebody has stopped relman.
#[derive(Clone)]
pub struct Halt(Arc<dyn Fn() -> bool + Send + Sync>);

impl Halt {
    /// Ends calls once `is_halted` says so; it is asked several times a second.
    pub fn new(is_halted: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Halt(Arc::new(is_halted))
    }

    /// Whether calls are to be ended now.
    pub fn is_halted(&self) -> bool {
        (self.0)()
    }
}

/// How much of what a hook may print is kept from each end, in bytes: a hook that prints without end fills no memory.
/// Git's own report comes last, some hundred bytes a reference.
const KEPT: usize = 4 * 1024 * 1024;

/// How often whatever may be halted is looked after.
pub(super) const TICK: Duration = Duration::from_millis(50);

/// One call of the `git` program.
pub struct Git {
    command: Command,
    folder: PathBuf,
    name: String,
    input: Option<Vec<u8>>,
    longest: Option<Duration>,
    halt: Option<Halt>,
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
        if !brings_in() {
            command.env("GIT_NO_LAZY_FETCH", "1");
        }
        if BOUNDS.get() == Some(&Bounds::Machine) {
            // A list of protocols, and none is called so.
            command.env("GIT_ALLOW_PROTOCOL", "none");
        }
        Git { command, folder: folder.to_owned(), name: String::new(), input: None, longest: None, halt: None }
    }

    /// Prepares the call for reaching a remote: nothing asks where nobody is, and a silent server is given up after a
    /// minute. What the user has configured about that stays; `configured` knows it.
    #[must_use]
    pub fn with_manners(self, configured: impl Fn(&str) -> bool) -> Self {
        self.asking(ASKING.get().copied().unwrap_or_default(), configured)
    }

    fn asking(mut self, asking: Asking, configured: impl Fn(&str) -> bool) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some();
        let has_askpass = || set("GIT_ASKPASS") || configured("core.askPass");
        if asking == Asking::Never || (asking == Asking::Unattended && !has_askpass()) {
            // An empty askpass is none for Git, and keeps it from looking for another.
            self.command.env("GIT_ASKPASS", "");
        }
        if asking != Asking::Allowed {
            self.command.env("SSH_ASKPASS_REQUIRE", "never").env("GCM_INTERACTIVE", "never");
        }
        if !set("GIT_SSH_COMMAND") && !set("GIT_SSH") && !configured("core.sshCommand") && !configured("ssh.variant") {
            let batch = if asking == Asking::Allowed { "" } else { " -o BatchMode=yes" };
            let alive = "-o ConnectTimeout=30 -o ServerAliveInterval=20 -o ServerAliveCountMax=3";
            self.command.env("GIT_SSH_COMMAND", format!("ssh {alive}{batch}"));
        }
        let speed = ["GIT_HTTP_LOW_SPEED_LIMIT", "GIT_HTTP_LOW_SPEED_TIME"];
        let own = ["http.lowSpeedLimit", "http.lowSpeedTime"];
        if !speed.iter().any(|name| set(name)) && !own.iter().any(|key| configured(key)) {
            // A server that works on an answer sends a byte a second, to say that it is there.
            self.command.env(speed[0], "1").env(speed[1], "60");
        }
        self
    }

    /// Ends the call after ten minutes, as one whose remote does not answer.
    #[must_use]
    pub fn limited(self) -> Self {
        self.limited_to(LONGEST)
    }

    fn limited_to(mut self, longest: Duration) -> Self {
        self.longest = Some(longest);
        self
    }

    /// Ends the call, if it is one that reaches a remote, as soon as this says so.
    #[must_use]
    pub fn halted_by(mut self, halt: Option<Halt>) -> Self {
        self.halt = halt;
        self
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
        // A hook of the clone prints what it likes into the report of a push.
        let kept = [(self.name == "push").then_some(KEPT), Some(KEPT)];
        let (output, given_up) = match self.longest {
            None => (wait_for(child, kept).map_err(Error::NoProgram)?, false),
            Some(longest) => wait(child, kept, longest, self.halt.as_ref()).map_err(Error::NoProgram)?,
        };
        if given_up && self.halt.as_ref().is_some_and(Halt::is_halted) {
            return Err(Error::Halted { command: self.name });
        }
        if given_up {
            return Ok(Finished::new(output, self.folder, self.name, given_up));
        }
        if let Some(writer) = writer {
            // A child that stops reading early says why by its exit status, which the caller looks at.
            let _ = writer.join();
        }
        Ok(Finished::new(output, self.folder, self.name, given_up))
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

/// Waits for a child to end, however long that takes.
fn wait_for(mut child: Child, kept: [Option<usize>; 2]) -> io::Result<Output> {
    let [of_stdout, of_stderr] = kept;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let errors = std::thread::spawn(move || read_ends(err, of_stderr));
    let stdout = read_ends(out, of_stdout)?;
    // The thread does nothing that can panic; if it did, there is nothing that was said.
    let stderr = errors.join().unwrap_or_else(|_| Ok(Vec::new()))?;
    Ok(Output { status: child.wait()?, stdout, stderr })
}

/// Reads a stream to its end, and keeps so many bytes from its beginning and so many from its end; `None`: all of them.
fn read_ends(stream: Option<impl Read>, kept: Option<usize>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let Some(mut stream) = stream else { return Ok(bytes) };
    let Some(kept) = kept else {
        stream.read_to_end(&mut bytes)?;
        return Ok(bytes);
    };
    while stream.by_ref().take(kept as u64).read_to_end(&mut bytes)? > 0 {
        if bytes.len() > 2 * kept {
            bytes.drain(kept..bytes.len() - kept);
        }
    }
    Ok(bytes)
}

/// Waits for a child to end, and ends it where that takes too long; says which of the two it was.
fn wait(
    mut child: Child,
    kept: [Option<usize>; 2],
    longest: Duration,
    halt: Option<&Halt>,
) -> io::Result<(Output, bool)> {
    let (done, finished) = mpsc::channel();
    let streams: [Option<Box<dyn Read + Send>>; 2] = [
        child.stdout.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>),
        child.stderr.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>),
    ];
    for (index, (stream, kept)) in streams.into_iter().zip(kept).enumerate() {
        let done = done.clone();
        std::thread::spawn(move || {
            // Nobody listens any more where the child was given up.
            let _ = done.send((index, read_ends(stream, kept)));
        });
    }
    drop(done);
    let until = Instant::now() + longest;
    let mut texts = [Vec::new(), Vec::new()];
    let mut open = texts.len();
    while open > 0 {
        let left = until.saturating_duration_since(Instant::now());
        match finished.recv_timeout(if halt.is_some() { left.min(TICK) } else { left }) {
            Ok((index, read)) => {
                texts[index] = read?;
                open -= 1;
            }
            Err(_) if Instant::now() < until && !halt.is_some_and(Halt::is_halted) => {}
            Err(_) => {
                child.kill()?;
                let [stdout, stderr] = texts;
                return Ok((Output { status: child.wait()?, stdout, stderr }, true));
            }
        }
    }
    let [stdout, stderr] = texts;
    Ok((Output { status: child.wait()?, stdout, stderr }, false))
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

    fn variable(git: &Git, name: &str) -> Option<String> {
        let (_, value) = git.command.get_envs().find(|(key, _)| *key == name)?;
        Some(value?.to_string_lossy().into_owned())
    }

    #[test]
    fn nothing_asks_where_nobody_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let call = |asking, configured: &'static [&'static str]| {
            Git::in_folder(folder.path()).asking(asking, |key| configured.contains(&key))
        };
        let never = call(Asking::Never, &["core.askPass"]);
        assert_eq!(variable(&never, "GIT_ASKPASS").as_deref(), Some(""));
        assert_eq!(variable(&never, "SSH_ASKPASS_REQUIRE").as_deref(), Some("never"));
        assert!(variable(&never, "GIT_SSH_COMMAND").is_some_and(|ssh| ssh.contains("BatchMode=yes")));
        assert_eq!(variable(&call(Asking::Unattended, &["core.askPass"]), "GIT_ASKPASS"), None);
        let allowed = call(Asking::Allowed, &[]);
        assert_eq!(variable(&allowed, "GIT_ASKPASS"), None);
        assert!(variable(&allowed, "GIT_SSH_COMMAND").is_some_and(|ssh| !ssh.contains("BatchMode")));
        assert_eq!(variable(&allowed, "GIT_HTTP_LOW_SPEED_TIME").as_deref(), Some("60"));
        let own = call(Asking::Never, &["core.sshCommand", "http.lowSpeedTime"]);
        assert_eq!(variable(&own, "GIT_SSH_COMMAND"), None);
        assert_eq!(variable(&own, "GIT_HTTP_LOW_SPEED_TIME"), None);
    }

    #[test]
    fn of_what_is_printed_without_end_both_ends_are_kept() {
        let ends = |text: &[u8], kept| read_ends(Some(text), kept).expect("bytes");
        assert_eq!(ends(b"abcdef", None), b"abcdef");
        assert_eq!(ends(b"abcdef", Some(3)), b"abcdef");
        assert_eq!(ends(b"abcdefg", Some(3)), b"abcefg");
        let long: Vec<u8> = (0..=255).cycle().take(100_003).collect();
        assert_eq!(ends(&long, Some(10)), [&long[..10], &long[long.len() - 10..]].concat());
    }

    #[test]
    fn a_call_that_hangs_is_given_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let begun = Instant::now();
        let hang = Git::in_folder(folder.path()).config("alias.hang=!sleep 20").arg("hang");
        let finished = hang.limited_to(Duration::from_millis(300)).output().expect("an outcome");
        assert!(!finished.is_success() && begun.elapsed() < Duration::from_secs(15));
        assert!(matches!(finished.remote_failure("origin"), Error::Unreachable { .. }));
        let git = Git::in_folder(folder.path()).arg("--version").limited();
        assert!(git.line().expect("a version").starts_with("git version"));
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
