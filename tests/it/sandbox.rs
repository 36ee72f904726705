//! The sealed room that every test runs in, and the words that tests are told in.
//!
//! A [`Room`] has a home of its own, no system or user configuration, and a clock that stands still for fixtures. In it
//! lie [`Repo`]s, made by `git fast-import` with one process a commit or tag, so that a story costs milliseconds:
//!
//! ```ignore
//! let room = Room::new();
//! let app = room.repo("foo-app");
//! app.commit("main", "feat: one");
//! app.tag("v1.0.0-rc.1", "main");
//! room.repo("foo-release").environment("qa", "1.0.0", "type: qa");
//! room.relman("foo-release", "next-rc qa").ok().says("v1.0.0-rc.2\n");
//! ```

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

#[path = "documents.rs"]
pub mod documents;

/// When the first fixture commit is made: 2026-01-05 08:00 UTC. Each later one is a minute younger.
const BEGIN: i64 = 1_767_600_000;

/// A temporary folder with nothing of the machine in it but the programs on the PATH.
pub struct Room {
    folder: tempfile::TempDir,
    root: PathBuf,
    clock: Cell<i64>,
}

impl Room {
    pub fn new() -> Room {
        let folder = tempfile::Builder::new().prefix("relman-room-").tempdir().unwrap();
        // Git and the program report resolved paths, and the temporary folder may be a link.
        let root = folder.path().canonicalize().unwrap();
        for name in ["home", "cache", "config", "work", "remotes", "tmp"] {
            std::fs::create_dir(root.join(name)).unwrap();
        }
        let room = Room { folder, root, clock: Cell::new(BEGIN) };
        room.write(
            "home/gitconfig",
            "[user]\n\tname = Ada Lovelace\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n\
             [protocol \"file\"]\n\tallow = always\n[gc]\n\tauto = 0\n[advice]\n\tdetachedHead = false\n",
        );
        room
    }

    /// All files of the room that hold a text: repositories, logs, whatever relman or Git has written.
    pub fn files_with(&self, text: &str) -> Vec<PathBuf> {
        files_with(&self.path(""), text.as_bytes())
    }

    /// A path in the room. Repositories lie in `work`, servers in `remotes`.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// Writes a file, and the folders that it lies in.
    pub fn write(&self, relative: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(relative);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// A repository with a work tree, `work/<name>`, without a commit.
    pub fn repo(&self, name: &str) -> Repo<'_> {
        self.init(self.path("work").join(name), &[])
    }

    /// Like [`Room::repo`], with options for `git init`.
    pub fn repo_with(&self, name: &str, options: &[&str]) -> Repo<'_> {
        self.init(self.path("work").join(name), options)
    }

    /// A bare repository that plays the server's part: `remotes/<name>.git`.
    pub fn server(&self, name: &str) -> Repo<'_> {
        self.init(self.path("remotes").join(format!("{name}.git")), &["--bare"])
    }

    fn init(&self, path: PathBuf, options: &[&str]) -> Repo<'_> {
        let made = self.git_command(&self.root).args(["init", "--quiet"]).args(options).arg(&path).output().unwrap();
        assert!(made.status.success(), "git init: {}", String::from_utf8_lossy(&made.stderr));
        Repo { room: self, path, tips: RefCell::default() }
    }

    /// Whether `git init` knows an option; a test about a newer Git is skipped otherwise.
    pub fn git_init_knows(&self, option: &str) -> bool {
        let path = self.path("work/probe");
        let tried = self.git_command(&self.root).args(["init", "--quiet", option]).arg(&path).output().unwrap();
        let _ = std::fs::remove_dir_all(path);
        tried.status.success()
    }

    /// What every child sees: no variable of the machine but the PATH.
    fn seal(&self, command: &mut Command) {
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.path("home"));
        command.env("TMPDIR", self.path("tmp"));
        command.env("TZ", "UTC").env("LC_ALL", "C");
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", self.path("home/gitconfig"));
        command.env("GIT_CEILING_DIRECTORIES", &self.root);
        command.env("XDG_CONFIG_HOME", self.path("config")).env("XDG_CACHE_HOME", self.path("home/.cache"));
        command.env("RELMAN_CACHE_DIR", self.path("cache"));
        for variable in ["LLVM_PROFILE_FILE", "SystemRoot"] {
            if let Some(value) = std::env::var_os(variable) {
                command.env(variable, value);
            }
        }
    }

    fn git_command(&self, folder: &Path) -> Command {
        let mut command = Command::new("git");
        self.seal(&mut command);
        let date = format!("{} +0000", self.clock.get());
        command.env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date);
        command.current_dir(folder).stdin(Stdio::null());
        command
    }

    fn tick(&self) -> i64 {
        self.clock.set(self.clock.get() + 60);
        self.clock.get()
    }

    /// Runs relman in `work/<folder>`; the words of the line are its arguments.
    pub fn relman(&self, folder: &str, line: &str) -> Answer {
        self.call(folder).words(line).run()
    }

    /// A call of relman in `work/<folder>` that is yet to be given its arguments.
    pub fn call(&self, folder: &str) -> Call<'_> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_relman"));
        self.seal(&mut command);
        command.current_dir(self.path("work").join(folder)).stdin(Stdio::null());
        Call { room: self, command }
    }

    /// A text without what differs from run to run: the place of the room, ids, and when clones were fetched.
    pub fn steady(&self, text: &str) -> String {
        let text = text.replace(&self.root.display().to_string(), "[ROOM]");
        let mut steady = String::new();
        for line in text.split_inclusive('\n') {
            match line.find("As of 2") {
                Some(at) => steady.push_str(&format!("{}As of [TIME]{}", &line[..at], &line[at + 22..])),
                None => steady.push_str(&without_ids(line)),
            }
        }
        steady
    }

    /// Keeps the room for a look at it, and says where it is.
    #[expect(dead_code, reason = "for whoever looks for the reason of a failure")]
    pub fn keep(self) -> PathBuf {
        self.folder.keep()
    }
}

/// Replaces dates with minutes, such as `2026-01-05 08:00`.
fn without_dates(text: &str) -> String {
    let shape = |window: &str| {
        window
            .bytes()
            .zip("dddd-dd-dd dd:dd".bytes())
            .all(|(b, shape)| if shape == b'd' { b.is_ascii_digit() } else { b == shape })
    };
    let mut steady = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match rest.get(..16).filter(|window| shape(window)) {
            Some(_) => {
                steady.push_str("[DATE AND TIME] ");
                rest = &rest[16..];
            }
            None => {
                steady.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    steady
}

/// Replaces runs of 10, 40 and 64 hexadecimal digits.
fn without_ids(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while !rest.is_empty() {
        let run = rest.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len());
        let word = &rest[..run];
        text.push_str(match run {
            10 if word.bytes().any(|b| b.is_ascii_digit()) => "[SHORT-ID]",
            40 | 64 => "[ID]",
            _ => word,
        });
        let gap = rest[run..].find(|c: char| c.is_ascii_hexdigit()).map_or(rest.len(), |at| run + at);
        text.push_str(&rest[run..gap]);
        rest = &rest[gap..];
    }
    text
}

/// A call of relman.
pub struct Call<'r> {
    room: &'r Room,
    command: Command,
}

impl Call<'_> {
    /// Adds the words of a line.
    #[must_use]
    pub fn words(mut self, line: &str) -> Self {
        self.command.args(line.split_whitespace());
        self
    }

    /// Adds one argument, blanks and all.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Gives it this text on its standard input.
    #[must_use]
    pub fn input(mut self, text: impl AsRef<[u8]>) -> Self {
        let path = self.room.write(&format!("tmp/input-{}", self.room.tick()), text);
        self.command.stdin(std::fs::File::open(path).unwrap());
        self
    }

    /// The call itself, for whoever runs several at once.
    pub fn into_command(self) -> Command {
        self.command
    }

    /// Runs it to the end. Whatever happens, it must not have panicked.
    pub fn run(mut self) -> Answer {
        let output = self.command.output().unwrap();
        Answer::new(self.room, &output, &self.command)
    }

    /// Runs it on a terminal of so many columns that `script` pretends to be, and returns all that stands on it then;
    /// `None` where there is no such program.
    #[cfg(target_os = "linux")]
    pub fn on_a_terminal(self, columns: usize) -> Option<String> {
        let output = self.terminal(columns).stdin(Stdio::null()).output().ok()?;
        Some(String::from_utf8(output.stdout).expect("answers are UTF-8").replace("\r\n", "\n"))
    }

    /// The same, with somebody who types this.
    #[cfg(target_os = "linux")]
    pub fn answered_on_a_terminal(self, typed: &str) -> Option<String> {
        let path = self.room.write(&format!("tmp/typed-{}", self.room.tick()), typed);
        let output = self.terminal(100).stdin(std::fs::File::open(path).unwrap()).output().ok()?;
        Some(String::from_utf8(output.stdout).expect("answers are UTF-8").replace("\r\n", "\n"))
    }

    /// Runs it on such a terminal, where somebody presses Ctrl-C once `question` stands there. Returns the status that it
    /// ends with, and all that stands there then.
    #[cfg(target_os = "linux")]
    pub fn stopped_at(self, question: &str) -> Option<(i32, String)> {
        let mut terminal = self.terminal(80);
        let mut script = terminal.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
        let (mut keys, mut screen) = (script.stdin.take().unwrap(), script.stdout.take().unwrap());
        let (mut shown, mut byte) = (Vec::new(), [0]);
        while screen.read(&mut byte).unwrap() > 0 {
            shown.push(byte[0]);
            if shown.ends_with(question.as_bytes()) {
                break;
            }
        }
        let rest = std::thread::spawn(move || {
            let mut rest = Vec::new();
            screen.read_to_end(&mut rest).unwrap();
            rest
        });
        // The key may come before it is waited for, as a person's may, who then presses it again.
        let status = loop {
            if let Some(status) = script.try_wait().unwrap() {
                break status.code().unwrap_or(-1);
            }
            let _ = keys.write_all(b"\x03");
            std::thread::sleep(std::time::Duration::from_millis(50));
        };
        shown.extend(rest.join().unwrap());
        Some((status, String::from_utf8(shown).expect("answers are UTF-8").replace("\r\n", "\n")))
    }

    /// The call of `script` that pretends to be a terminal, and ends as relman does.
    #[cfg(target_os = "linux")]
    fn terminal(self, columns: usize) -> Command {
        let quoted = |word: &OsStr| format!("'{}'", word.to_str().unwrap().replace('\'', "'\\''"));
        let words: Vec<String> =
            std::iter::once(self.command.get_program()).chain(self.command.get_args()).map(quoted).collect();
        // A question waits for somebody who is not there.
        let line = format!("stty rows 24 cols {columns}; exec timeout --foreground 20 {}", words.join(" "));
        let mut call = Command::new("script");
        call.args(["-qec", &line, "/dev/null"]).env_clear().env("TERM", "xterm").env("SHELL", "/bin/sh");
        call.envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        call.current_dir(self.command.get_current_dir().unwrap());
        call
    }

    /// Runs it where its folder is deleted first, as under a shell that still stands there.
    pub fn run_in_a_deleted_folder(self) -> Answer {
        let mut shell = Command::new("sh");
        shell.args(["-c", r#"rmdir "$PWD" && exec "$0" "$@""#]).arg(self.command.get_program());
        shell.args(self.command.get_args()).env_clear().stdin(Stdio::null());
        shell.envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.current_dir(self.command.get_current_dir().unwrap());
        let output = shell.output().unwrap();
        Answer::new(self.room, &output, &shell)
    }

    /// Runs it with a stdout that is this file.
    pub fn run_into(mut self, path: &str) -> Answer {
        let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
        let output = self.command.stdout(file).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        Answer::new(self.room, &output, &self.command)
    }

    /// Runs it with a stdout whose reader has already gone.
    pub fn run_into_closed_pipe(mut self) -> Answer {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = self.command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        Answer::new(self.room, &output, &self.command)
    }
}

/// What relman answered.
pub struct Answer {
    pub status: i32,
    pub out: String,
    pub err: String,
    line: String,
    steady_out: String,
    steady_err: String,
}

impl Answer {
    fn new(room: &Room, output: &Output, command: &Command) -> Answer {
        let out = String::from_utf8(output.stdout.clone()).expect("answers are UTF-8");
        let err = String::from_utf8(output.stderr.clone()).expect("talk is UTF-8");
        let words: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy().into_owned()).collect();
        let line = format!("relman {}", words.join(" "));
        assert!(!err.contains("panicked at"), "{line}\n{err}");
        let misfits = [documents::misfits(&out), documents::misfits(&err)].concat();
        assert!(misfits.is_empty(), "{line}\n{out}{err}\nthis is not what its schema says:\n{}", misfits.join("\n"));
        Answer {
            status: output.status.code().unwrap_or(-1),
            steady_out: room.steady(&out),
            steady_err: room.steady(&err),
            out,
            err,
            line,
        }
    }

    /// The answer without dates: for what was committed just now.
    pub fn without_times(mut self) -> Self {
        self.steady_out = without_dates(&self.steady_out);
        self
    }

    /// It ended well.
    #[track_caller]
    pub fn ok(self) -> Self {
        self.ends(0)
    }

    /// It ended with this status.
    #[track_caller]
    pub fn ends(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}\nstdout: {}\nstderr: {}", self.line, self.out, self.err);
        self
    }

    /// It printed exactly this.
    #[track_caller]
    pub fn says(self, out: &str) -> Self {
        assert_eq!(self.out, out, "{}\nstderr: {}", self.line, self.err);
        self
    }

    /// It printed nothing on stderr.
    #[track_caller]
    pub fn silent(self) -> Self {
        assert_eq!(self.err, "", "{}", self.line);
        self
    }

    /// Stderr holds this.
    #[track_caller]
    pub fn talks(self, part: &str) -> Self {
        assert!(self.steady_err.contains(part), "{}: {part:?} is not in\n{}", self.line, self.steady_err);
        self
    }

    /// Stdout holds this.
    #[track_caller]
    pub fn shows(self, part: &str) -> Self {
        assert!(self.steady_out.contains(part), "{}: {part:?} is not in\n{}", self.line, self.steady_out);
        self
    }

    /// The document on stdout.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{}: {error}\n{}{}", self.line, self.out, self.err))
    }

    /// The error document on stderr.
    #[track_caller]
    pub fn error(&self) -> Value {
        assert_eq!(self.out, "", "{}: an error leaves stdout empty", self.line);
        serde_json::from_str(&self.err).unwrap_or_else(|error| panic!("{}: {error}\n{}", self.line, self.err))
    }

    /// The document on stderr has this code, and the process ended with this status.
    #[track_caller]
    pub fn refused(self, status: i32, code: &str) -> Self {
        let error = self.error();
        assert_eq!((&error["code"], &error["exit"]), (&code.into(), &status.into()), "{}\n{}", self.line, self.err);
        assert_eq!(error["schema"], "relman.error/1");
        self.ends(status)
    }

    /// Everything that was printed, for a snapshot: without ids, times of fetching and the place of the room.
    pub fn whole(&self) -> String {
        format!("$ {}\n{}--- {}\n{}", self.line, self.steady_out, self.status, self.steady_err)
    }
}

/// A repository in the room.
pub struct Repo<'r> {
    pub room: &'r Room,
    pub path: PathBuf,
    /// Where branches and tags stand that were made through this value.
    tips: RefCell<HashMap<String, String>>,
}

impl<'r> Repo<'r> {
    /// A repository that is there already, `work/<name>`.
    pub fn at(room: &'r Room, name: &str) -> Repo<'r> {
        Repo { room, path: room.path("work").join(name), tips: RefCell::default() }
    }

    /// Runs git here and returns what it printed, without the line break at its end.
    #[track_caller]
    pub fn git(&self, line: &str) -> String {
        self.git_args(line.split_whitespace())
    }

    #[track_caller]
    pub fn git_args<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> String {
        self.git_fed(args, b"")
    }

    #[track_caller]
    pub fn git_fed<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>, input: &[u8]) -> String {
        let args: Vec<OsString> = args.into_iter().map(|arg| arg.as_ref().to_owned()).collect();
        let mut command = self.room.git_command(&self.path);
        command.args(&args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A child that reads nothing closes the pipe; its status tells whether that was right.
        let _ = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned()
    }

    fn import(&self, stream: &[u8]) -> String {
        self.git_fed(["fast-import", "--quiet", "--force", "--date-format=raw"], stream)
    }

    /// Commits to a branch without changing a file.
    pub fn commit(&self, branch: &str, message: &str) -> String {
        self.commit_files(branch, message, &[])
    }

    /// Commits files to a branch, which begins with this commit if it is not there yet.
    pub fn commit_files(&self, branch: &str, message: &str, files: &[(&str, &str)]) -> String {
        self.commit_bytes(branch, message, &files.iter().map(|(p, c)| (*p, c.as_bytes())).collect::<Vec<_>>())
    }

    pub fn commit_bytes(&self, branch: &str, message: &str, files: &[(&str, &[u8])]) -> String {
        self.commit_as(branch, "Ada Lovelace", message, files, &[])
    }

    /// Commits with everything that can be said about a commit; `merged` are its further parents.
    pub fn commit_as(
        &self,
        branch: &str,
        author: &str,
        message: &str,
        files: &[(&str, &[u8])],
        merged: &[&str],
    ) -> String {
        let full = format!("refs/heads/{branch}");
        let who = format!("{author} <ada@example.com> {} +0000", self.room.tick());
        let mut stream = format!("commit {full}\nmark :1\nauthor {who}\ncommitter {who}\n").into_bytes();
        push_data(&mut stream, message.as_bytes());
        if let Some(tip) = self.tips.borrow().get(&full) {
            stream.extend(format!("from {tip}\n").bytes());
        }
        for parent in merged {
            stream.extend(format!("merge {parent}\n").bytes());
        }
        for (path, content) in files {
            stream.extend(format!("M 100644 inline {path}\n").bytes());
            push_data(&mut stream, content);
        }
        stream.extend(b"\nget-mark :1\n");
        let id = self.import(&stream);
        self.tips.borrow_mut().insert(full, id.clone());
        id
    }

    /// Makes a branch that stands on a commit.
    pub fn branch(&self, name: &str, at: &str) {
        self.reset(&format!("refs/heads/{name}"), at);
    }

    /// Makes a lightweight tag.
    pub fn light_tag(&self, name: &str, at: &str) {
        self.reset(&format!("refs/tags/{name}"), at);
    }

    fn reset(&self, full: &str, at: &str) {
        let id = self.id(at);
        self.import(format!("reset {full}\nfrom {id}\n\n").as_bytes());
        self.tips.borrow_mut().insert(full.to_owned(), id);
    }

    /// Makes an annotated tag as a person makes one; `at` is a branch or an id.
    pub fn tag(&self, name: &str, at: &str) {
        self.tag_saying(name, at, name);
    }

    /// Makes a tag as relman makes one: with the commits of the components in its message.
    pub fn relman_tag(&self, name: &str, at: &str, components: &[(&str, &str)]) {
        let lines: String = components.iter().map(|(name, id)| format!("Component: {name} {id}\n")).collect();
        self.tag_saying(name, at, &format!("{name}\n\nRelman-Tag: 1\n{lines}"));
    }

    pub fn tag_saying(&self, name: &str, at: &str, message: &str) {
        let id = self.id(at);
        let who = format!("Ada Lovelace <ada@example.com> {} +0000", self.room.tick());
        let mut stream = format!("tag {name}\nfrom {id}\ntagger {who}\n").into_bytes();
        push_data(&mut stream, message.as_bytes());
        self.import(&stream);
    }

    /// The commit that a branch stands on, as this value knows it; an id stays what it is.
    pub fn id(&self, at: &str) -> String {
        match self.tips.borrow().get(&format!("refs/heads/{at}")) {
            Some(id) => id.clone(),
            None if at.len() >= 40 => at.to_owned(),
            None => self.git(&format!("rev-parse {at}^0")),
        }
    }

    /// An environment branch with a release file of one entry. `version` is put after the colon as it is.
    pub fn environment(&self, name: &str, version: &str, entry: &str) -> String {
        self.environment_saying(name, version, entry, &format!("Set {name}"))
    }

    /// Like [`Repo::environment`], with a message that may end in trailers.
    pub fn environment_saying(&self, name: &str, version: &str, entry: &str, message: &str) -> String {
        self.release_file(name, message, &release_file(name, version, entry))
    }

    /// An environment branch with this release file.
    pub fn release_file(&self, name: &str, message: &str, text: &str) -> String {
        self.commit_files(&format!("environment/{name}"), message, &[("release.yml", text)])
    }

    /// Merges an environment branch into another, as a promotion by a merge button does: the version comes along.
    pub fn merge_environment(&self, from: &str, to: &str, version: &str, entry: &str, message: &str) -> String {
        let source = self.id(&format!("environment/{from}"));
        let file = release_file(to, version, entry);
        let branch = format!("environment/{to}");
        self.commit_as(&branch, "Ada Lovelace", message, &[("release.yml", file.as_bytes())], &[&source])
    }

    /// An `app.yml` on a branch that lists components, each line as it is.
    pub fn app_file(&self, branch: &str, components: &[&str]) -> String {
        let entries: String = components.iter().map(|entry| format!("- {entry}\n")).collect();
        self.commit_files(branch, "Describe the app", &[("app.yml", &format!("repositories:\n{entries}"))])
    }

    /// A record of a deployment, as a line in the note of a commit.
    pub fn record(&self, commit: &str, environment: &str, outcome: &str, version: &str, candidate: &str, at: &str) {
        let line = serde_json::json!({
            "at": at, "id": at, "schema": "relman.record/1", "environment": environment, "outcome": outcome,
            "version": version, "tag": candidate, "candidate": candidate, "release_commit": commit,
        });
        self.git_args(["notes", "--ref=relman/deployments", "append", "-m", &line.to_string(), commit]);
    }

    /// The URL that clones come from.
    pub fn url(&self) -> String {
        format!("file://{}", self.path.display())
    }

    /// A clone in `work/<name>`, made with these options for `git clone`.
    pub fn clone_as(&self, name: &str, options: &str) -> Repo<'r> {
        let path = self.room.path("work").join(name);
        let mut command = self.room.git_command(&self.room.root);
        command.args(["clone", "--quiet"]).args(options.split_whitespace()).arg(self.url()).arg(&path);
        let made = command.output().unwrap();
        assert!(made.status.success(), "git clone: {}", String::from_utf8_lossy(&made.stderr));
        Repo { room: self.room, path, tips: RefCell::default() }
    }
}

/// The text of a release file with one entry.
pub fn release_file(name: &str, version: &str, entry: &str) -> String {
    let blank = if version.is_empty() { "" } else { " " };
    let entry: String = entry.split("; ").map(|line| format!("  {line}\n")).collect();
    format!("application: foo-app\nversion:{blank}{version}\nenvironments:\n- name: {name}\n{entry}")
}

fn push_data(stream: &mut Vec<u8>, bytes: &[u8]) {
    stream.extend(format!("data {}\n", bytes.len()).bytes());
    stream.extend(bytes);
    stream.push(b'\n');
}

/// The files below a folder that hold these bytes.
fn files_with(folder: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            found.extend(files_with(&path, bytes));
        } else if std::fs::read(&path).is_ok_and(|text| text.windows(bytes.len()).any(|window| window == bytes)) {
            found.push(path);
        }
    }
    found
}

/// Sends a signal to a process, without the program `kill`, which bare machines lack.
pub fn signal(child: &std::process::Child, signal: rustix::process::Signal) {
    rustix::process::kill_process(rustix::process::Pid::from_child(child), signal).unwrap();
}

/// Says on the real stderr that a test can't be made here, past the harness that keeps what passing tests say.
pub fn skip(test: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {why}");
}

/// Holds an answer to a file in `tests/it/snapshots`.
macro_rules! assert_whole {
    ($name:literal, $answer:expr) => {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!($name, $answer.whole());
        });
    };
}
pub(crate) use assert_whole;
