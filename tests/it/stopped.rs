//! Deployments that are stopped: by a signal, or by SIGKILL.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::Signal;

use crate::deploy::{Team, hook, is_alive, outcomes, team};
use crate::sandbox::{Room, signal};

fn start(mut command: Command) -> Child {
    command.stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap()
}

/// Waits for what becomes true by itself.
fn until(what: &str, mut is_true: impl FnMut() -> bool) {
    for _ in 0..1200 {
        if is_true() {
            return;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("{what}");
}

/// A step that says when it has begun, with a child of its own.
const LONG: &str = "run: 'sleep 60 & echo $! > \"$OUT/child\"; touch \"$OUT/begun\"; wait'";

fn begun(team: &Team<'_>) {
    until("no step has begun", || team.wrote("begun").is_some());
}

#[test]
fn an_interrupted_run_says_so() {
    let room = Room::new();
    let team = team(&room, &[LONG]);
    let mut child = start(team.call("foo-release", "qa -y").into_command());
    begun(&team);
    signal(&child, Signal::TERM);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(!is_alive(&team.wrote("child").unwrap()));
    assert_eq!(outcomes(&team.records("qa")), ["running", "interrupted"]);
}

#[test]
fn a_job_of_github_that_is_cancelled_tells_relman() {
    let template = include_str!("../../src/scaffold/templates/ci/github.yml");
    let line = template.lines().find_map(|line| line.trim().strip_prefix("run: ").filter(|run| run.contains("deploy")));
    let room = Room::new();
    let team = team(&room, &[LONG]);
    // As the runner does it: a file with the lines, which bash is given, and a signal to that bash alone.
    let script = room.write("tmp/script.sh", line.unwrap().replace("deploy", "deploy qa"));
    let call = team.call("foo-release", "").into_command();
    let mut bash = Command::new("bash");
    bash.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(script).stdin(Stdio::null());
    bash.env_clear().current_dir(call.get_current_dir().unwrap());
    bash.envs(call.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let own = std::path::Path::new(env!("CARGO_BIN_EXE_relman")).parent().unwrap().display().to_string();
    bash.env("PATH", format!("{own}:{}", std::env::var("PATH").unwrap()));
    let mut child = start(bash);
    begun(&team);
    signal(&child, Signal::INT);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(!is_alive(&team.wrote("child").unwrap()));
    assert_eq!(outcomes(&team.records("qa")), ["running", "interrupted"]);
}

#[test]
fn what_was_killed_is_finished_by_the_next_run() {
    let room = Room::new();
    let team = team(&room, &["run: 'test -e \"$OUT/again\" || { touch \"$OUT/again\"; kill -9 $PPID; }'"]);
    team.call("foo-release", "qa -y").run().ends(-1);
    assert_eq!(outcomes(&team.records("qa")), ["running"]);
    assert_eq!(team.deploy("qa").ok().json()["tag"], "v1.0.0-rc.1");
    assert_eq!(outcomes(&team.records("qa")), ["running", "running", "succeeded"]);
}

#[test]
fn what_was_killed_leaves_nothing_behind() {
    let room = Room::new();
    let step = "run: 'test -e \"$OUT/begun\" && exit; sleep 60 & echo $! > \"$OUT/child\"; touch \"$OUT/begun\"; wait'";
    let team = team(&room, &[step]);
    let places = || {
        let entries = std::fs::read_dir(room.path("tmp")).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.join("foo-app").is_dir()).collect::<Vec<_>>()
    };
    let mut child = start(team.call("foo-release", "qa -y").into_command());
    begun(&team);
    child.kill().unwrap();
    child.wait().unwrap();
    until("the step lives on", || !is_alive(&team.wrote("child").unwrap()));
    assert_eq!(places().len(), 1, "nobody could remove it yet");
    team.deploy("qa").ok();
    assert_eq!(places(), [""; 0].map(std::path::PathBuf::from));
}

/// Has the server of the release repo take a record only once the test is over, from the given one on.
fn hold_records(team: &Team<'_>, from: usize) -> Held {
    let out = team.room.path("out");
    let script = format!(
        "cd '{}'; while read old new name; do case $name in refs/notes/*) echo x >> pushes; \
         test $(wc -l < pushes) -lt {from} && continue; touch held; while test -e held; do sleep 0.1; done;; esac; done",
        out.display()
    );
    hook(&team.release, "pre-receive", &script);
    Held(out)
}

/// Lets go of the server at the end, however the test ends; the room itself may be gone before the server looks again.
struct Held(std::path::PathBuf);

impl Drop for Held {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(self.0.join("held"));
    }
}

#[test]
fn a_signal_while_the_start_is_recorded_ends_it() {
    for sent in [Signal::TERM, Signal::INT] {
        let room = Room::new();
        let team = team(&room, &[LONG]);
        let _held = hold_records(&team, 1);
        let mut child = start(team.call("foo-release", "qa -y").into_command());
        until("no record is pushed", || team.wrote("held").is_some());
        signal(&child, sent);
        assert_eq!(child.wait().unwrap().code(), Some(130));
        assert_eq!((team.wrote("begun"), team.wrote("pushes").as_deref()), (None, Some("x")), "it was not tried again");
    }
}

#[test]
fn a_signal_while_the_end_is_recorded_ends_it_with_the_line() {
    let room = Room::new();
    let team = team(&room, &[LONG]);
    let held = hold_records(&team, 2);
    let mut command = team.call("foo-release", "qa -y").into_command();
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    begun(&team);
    signal(&child, Signal::TERM);
    let (mut said, mut stderr) = (String::new(), child.stderr.take().unwrap());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    drop(held);
    std::io::Read::read_to_string(&mut stderr, &mut said).unwrap();
    assert!(said.contains("can't be recorded") && said.contains("\"outcome\":\"interrupted\""), "{said}");
}
