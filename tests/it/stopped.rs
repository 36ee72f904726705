//! Deployments that are stopped: by a signal, or by SIGKILL.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::deploy::{Team, is_alive, outcomes, team};
use crate::sandbox::Room;

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

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").arg(name).arg(child.id().to_string()).status().unwrap().success());
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
    signal(&child, "-TERM");
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
    signal(&child, "-INT");
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
