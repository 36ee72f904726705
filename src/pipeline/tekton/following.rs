//! Telling what becomes of a run while it is waited for: how its tasks stand, and what they print.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::time::{Duration, Instant};

use crate::pipeline::group::Group;
use crate::pipeline::lines::{Tail, each_line};
use crate::pipeline::{Error, Told};

use super::super::log::Log;
use super::PIPELINE_RUNS;
use super::kubectl::Kubectl;
use super::status::{State, Task, tasks};

/// What a task is called for `kubectl`.
const TASK_RUNS: &str = "taskruns.tekton.dev";

/// How long is listened to what is still printed, once a run has ended.
const HEAR_OUT: Duration = Duration::from_secs(5);

/// How often is looked whether something was printed.
const TICK: Duration = Duration::from_millis(30);

/// What the lines are called that come from none of the tasks.
const OWN: &str = "tekton";

/// A line, and the task and step that has printed it.
struct Printed {
    task: String,
    part: String,
    line: Vec<u8>,
}

/// A run that is waited for. What its steps print is best effort: the outcome does not depend on it.
pub(super) struct Following<'a, 't> {
    kubectl: &'a Kubectl,
    name: &'a str,
    log: Log<'a>,
    tell: &'t mut dyn FnMut(Told<'_>),
    /// How the run and its tasks stood when they were last looked at.
    told: BTreeMap<String, String>,
    tasks: Vec<Task>,
    /// The containers that are or were listened to.
    heard: BTreeSet<(String, String)>,
    listeners: Vec<Group>,
    /// Held by everybody who still reads what a listener prints.
    readers: Arc<()>,
    tails: BTreeMap<String, Tail>,
    sender: SyncSender<Printed>,
    printed: Receiver<Printed>,
}

impl<'a, 't> Following<'a, 't> {
    pub(super) fn begin(kubectl: &'a Kubectl, name: &'a str, log: Log<'a>, tell: &'t mut dyn FnMut(Told<'_>)) -> Self {
        let (sender, printed) = mpsc::sync_channel(64);
        Following {
            kubectl,
            name,
            log,
            tell,
            told: BTreeMap::new(),
            tasks: Vec::new(),
            heard: BTreeSet::new(),
            listeners: Vec::new(),
            readers: Arc::default(),
            tails: BTreeMap::new(),
            sender,
            printed,
        }
    }

    /// The tasks, as they stood when they were last looked at.
    pub(super) fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    /// The last lines that a task has printed.
    pub(super) fn tail(&self, task: &str) -> Vec<String> {
        self.tails.get(task).cloned().unwrap_or_default().into()
    }

    /// Tells something about the run itself.
    pub(super) fn say(&mut self, line: &str) {
        let _ = writeln!(self.log, "{OWN} | {line}");
        (self.tell)(Told::Line { part: OWN, line });
    }

    /// Looks how the run stands, and tells what has changed.
    pub(super) fn look(&mut self) -> Result<State, Error> {
        let Some(run) = self.kubectl.get(PIPELINE_RUNS, self.name)? else {
            return Ok(State::Failed { reason: "Deleted".into(), message: "it is not there any more".into() });
        };
        let state = State::of(&run);
        // Who may not see the tasks is still told how the run goes.
        if let Ok(list) = self.kubectl.list(TASK_RUNS, &format!("tekton.dev/pipelineRun={}", self.name)) {
            self.tasks = tasks(&list);
        }
        for task in self.tasks.clone() {
            if self.changed(&task.run, task.state.word()) {
                self.say(&format!("{}: {}", task.name, task.state.word()));
            }
            for step in &task.steps {
                if let Some(pod) = &task.pod
                    && self.heard.insert((pod.clone(), step.container.clone()))
                {
                    let part = format!("{}/{}", task.name, step.name);
                    self.listen(&task.name, part, self.kubectl.follow(pod, &step.container));
                }
            }
        }
        if self.changed("", state.word()) {
            self.say(&format!("the run: {}", state.word()));
        }
        Ok(state)
    }

    fn changed(&mut self, what: &str, word: &str) -> bool {
        self.told.insert(what.to_owned(), word.to_owned()).is_none_or(|before| before != word)
    }

    fn listen(&mut self, task: &str, part: String, mut command: Command) {
        let Ok((reader, writer)) = std::io::pipe() else { return };
        let Ok(errors) = writer.try_clone() else { return };
        command.stdout(writer).stderr(errors);
        let Ok(listener) = Group::start(command) else { return };
        self.listeners.push(listener);
        let (sender, task, reading) = (self.sender.clone(), task.to_owned(), Arc::clone(&self.readers));
        each_line(reader, move |line| {
            let _reading = &reading;
            sender.send(Printed { task: task.clone(), part: part.clone(), line }).is_ok()
        });
    }

    /// Passes on what was printed since.
    pub(super) fn pass_on(&mut self) {
        while let Ok(Printed { task, part, line }) = self.printed.try_recv() {
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches(['\n', '\r']);
            let _ = writeln!(self.log, "{part} | {text}");
            (self.tell)(Told::Line { part: &part, line: text });
            self.tails.entry(task).or_default().push(text);
        }
    }

    /// Passes on what is still printed by a run that has ended.
    pub(super) fn hear_out(&mut self) {
        let begun = Instant::now();
        while begun.elapsed() < HEAR_OUT && Arc::strong_count(&self.readers) > 1 {
            self.pass_on();
            std::thread::sleep(TICK);
        }
        self.pass_on();
    }
}

impl Drop for Following<'_, '_> {
    fn drop(&mut self) {
        for listener in self.listeners.drain(..) {
            let _ = listener.end();
        }
    }
}
