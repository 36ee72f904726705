//! The engine that runs the steps itself, by `sh -eu` in the app's checkout.

use std::io::Write as _;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::domain::app_file::{self, Step, duration_text};

use super::group::{Group, KILL, TERMINATE};
use super::lines::{Tail, each_line};
use super::log::Log;
use super::{Ending, Engine, Error, Job, Release, Told, withhold};

/// How long the processes of a step have to end after they were asked to.
const GRACE: Duration = Duration::from_secs(5);

/// How long processes that a step has left behind may go on after it has ended.
const LEFTOVER: Duration = Duration::from_secs(1);

/// How often is looked whether something has happened.
const TICK: Duration = Duration::from_millis(30);

/// Runs steps by `sh -eu`.
///
/// The facts are variables and never part of a script, so no value can become a command.
#[derive(Clone, Debug)]
pub(super) struct Shell(pub(super) app_file::Shell);

impl Engine for Shell {
    fn starts(&self, release: &Release) -> Vec<(&'static str, String)> {
        let kind = release.facts.kind.as_deref();
        let steps: Vec<&str> =
            self.0.steps.iter().filter(|step| step.is_for(kind)).map(|step| step.name.as_str()).collect();
        vec![("steps", if steps.is_empty() { "none".to_owned() } else { steps.join(", ") })]
    }

    fn run(&self, job: &Job<'_>, tell: &mut dyn FnMut(Told<'_>)) -> Result<Ending, Error> {
        let mut log = job.open_log()?;
        for (index, step) in self.0.steps.iter().enumerate() {
            if !step.is_for(job.release.facts.kind.as_deref()) {
                let types: Vec<&str> = step.when.iter().map(|kind| kind.as_str()).collect();
                let line = format!("left out: it is for {} only", types.join(", "));
                tell(Told::Line { part: &step.name, line: &line });
                continue;
            }
            if job.interrupts.caught().is_some() {
                return Ok(interrupted(step));
            }
            tell(Told::Begins(&step.name));
            let ended = run_step(job, step, index, &mut log, tell)?;
            if ended != Ending::Succeeded {
                return Ok(ended);
            }
        }
        Ok(Ending::Succeeded)
    }
}

/// A step, as the beginning of a sentence.
fn called(step: &Step) -> String {
    format!("the step {}", step.name)
}

fn interrupted(step: &Step) -> Ending {
    Ending::Interrupted { part: called(step), why: "was interrupted".to_owned() }
}

/// Why a step is being stopped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    Interrupted,
    TooLong(Duration),
}

fn run_step(
    job: &Job<'_>,
    step: &Step,
    index: usize,
    log: &mut Log<'_>,
    tell: &mut dyn FnMut(Told<'_>),
) -> Result<Ending, Error> {
    let failed = |what: &str| Error::io(format!("the step {} can't be {what}", step.name));
    // A file, since a script may be longer than an argument can be, and may begin with a dash.
    let script = job.scratch().join(format!("step-{}.sh", index + 1));
    std::fs::write(&script, &step.run).map_err(failed("written down"))?;
    let (reader, writer) = std::io::pipe().map_err(failed("listened to"))?;
    let mut command = Command::new("sh");
    command.arg("-eu").arg(&script).current_dir(job.checkout()).stdin(Stdio::null());
    command.stdout(writer.try_clone().map_err(failed("listened to"))?).stderr(writer);
    withhold(&mut command);
    command.envs(job.release.variables.iter().map(|(name, value)| (name, value)));
    let begun = Instant::now();
    let mut group = Group::start(command).map_err(failed("started"))?;
    let (sender, lines) = mpsc::sync_channel(64);
    each_line(reader, move |line| sender.send(line).is_ok());

    let mut tail = Tail::default();
    let mut stopped: Option<(Stop, Instant)> = None;
    let mut ended: Option<Instant> = None;
    let mut asked_leftovers = false;
    writeln!(log, "== {} ==", step.name).map_err(failed("logged"))?;
    loop {
        let silent = match lines.recv_timeout(TICK) {
            Ok(line) => {
                log.write_all(&line).map_err(failed("logged"))?;
                let text = String::from_utf8_lossy(&line);
                let text = text.trim_end_matches(['\n', '\r']);
                tell(Told::Line { part: &step.name, line: text });
                tail.push(text);
                false
            }
            Err(RecvTimeoutError::Timeout) => false,
            // Every process has closed its output; the leader may still run.
            Err(RecvTimeoutError::Disconnected) => {
                if ended.is_none() {
                    std::thread::sleep(TICK);
                }
                true
            }
        };
        if stopped.is_none() && ended.is_none() {
            if let Some(signal) = job.interrupts.caught() {
                stopped = Some((Stop::Interrupted, Instant::now()));
                group.signal(signal);
            } else if let Some(limit) = step.timeout.filter(|limit| begun.elapsed() >= *limit) {
                stopped = Some((Stop::TooLong(limit), Instant::now()));
                group.signal(TERMINATE);
            }
        }
        if stopped.is_some_and(|(_, since)| since.elapsed() >= GRACE) {
            group.signal(KILL);
        }
        if ended.is_none() && group.has_ended().map_err(failed("waited for"))? {
            ended = Some(Instant::now());
        }
        let Some(since) = ended else { continue };
        if silent || since.elapsed() >= LEFTOVER * 3 {
            break;
        }
        if since.elapsed() >= LEFTOVER && !asked_leftovers {
            asked_leftovers = true;
            group.signal(TERMINATE);
        }
    }
    let status = group.end().map_err(failed("waited for"))?;
    Ok(match stopped {
        Some((Stop::Interrupted, _)) => interrupted(step),
        Some((Stop::TooLong(limit), _)) => Ending::Failed {
            part: called(step),
            why: format!("took longer than {} and was stopped", duration_text(limit)),
            tail: tail.into(),
        },
        None if status.success() => Ending::Succeeded,
        None => Ending::Failed { part: called(step), why: why(status), tail: tail.into() },
    })
}

fn why(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("ended with status {code}"),
        None => "was ended by a signal".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Interrupts, Mask};
    use super::*;

    fn run(steps: &[(&str, &str)], timeout: Option<u64>) -> (Ending, Vec<String>, tempfile::TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        let steps: Vec<Step> = steps
            .iter()
            .map(|(name, script)| Step {
                name: (*name).to_owned(),
                run: (*script).to_owned(),
                when: Vec::new(),
                timeout: timeout.map(Duration::from_secs),
                line: 1,
            })
            .collect();
        let release = Release {
            variables: vec![("FACT".into(), "a 'b' $(c)\n\"d\"".into())],
            ..Release::example("{name: qa, type: qa}")
        };
        let job = Job {
            release: &release,
            id: "1",
            place: folder.path(),
            log: &folder.path().join("log"),
            mask: Mask(&|_| None),
            access: None,
            unfinished: &[],
            interrupts: &Interrupts::default(),
        };
        for made in [job.checkout(), job.scratch()] {
            std::fs::create_dir(made).expect("a folder");
        }
        let mut told = Vec::new();
        let ending = Shell(app_file::Shell { steps }).run(&job, &mut |said| {
            if let Told::Line { part, line } = said {
                told.push(format!("{part} | {line}"));
            }
        });
        (ending.expect("an ending"), told, folder)
    }

    #[test]
    fn steps_run_one_after_the_other_and_are_heard() {
        let (ending, told, folder) =
            run(&[("one", "echo 1; echo 2 >&2"), ("two", "-- : ||\nprintf '%s' \"$FACT\"")], None);
        assert_eq!(ending, Ending::Succeeded);
        assert_eq!(told[..2], ["one | 1", "one | 2"]);
        assert!(told[told.len() - 2..] == ["two | a 'b' $(c)", "two | \"d\""], "{told:?}");
        let log = std::fs::read_to_string(folder.path().join("log")).expect("a log");
        assert!(log.starts_with("== one ==\n1\n2\n== two =="), "{log}");
    }

    #[test]
    fn the_first_failure_ends_it_with_its_last_lines() {
        let (ending, told, _) = run(&[("one", "seq 1 20; exit 3"), ("two", "echo never")], None);
        let Ending::Failed { part, why, tail } = ending else { panic!("{ending:?}") };
        assert_eq!((part.as_str(), why.as_str()), ("the step one", "ended with status 3"));
        assert_eq!((tail.len(), tail.last().map(String::as_str)), (12, Some("20")));
        assert!(!told.iter().any(|line| line.contains("never")));
        for script in ["false; true", "echo $NOT_SET"] {
            assert!(matches!(run(&[("strict", script)], None).0, Ending::Failed { .. }), "{script}");
        }
    }

    #[test]
    fn what_takes_too_long_is_stopped_with_all_that_it_started() {
        let begun = Instant::now();
        let (ending, _, folder) = run(&[("slow", "(sleep 30; echo late > late) & echo $! > child; sleep 30")], Some(1));
        assert!(begun.elapsed() < Duration::from_secs(10));
        assert!(matches!(&ending, Ending::Failed { why, .. } if why.contains("longer than 1s")), "{ending:?}");
        let child = std::fs::read_to_string(folder.path().join("app/child")).expect("written");
        // One that has ended may still be listed, until somebody asks how.
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
        assert!(stat.is_empty() || stat.contains(") Z "), "the child of the step lives on: {stat}");
    }

    #[test]
    fn what_a_step_leaves_behind_does_not_hold_it_up() {
        let begun = Instant::now();
        assert_eq!(run(&[("leaves", "sleep 30 & echo done")], None).0, Ending::Succeeded);
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}
