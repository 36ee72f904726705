//! The engine that has Tekton run the pipeline, in a Kubernetes cluster that `kubectl` reaches.
//!
//! `pipeline_run` says what is made, `kubectl` makes it, `following` tells what becomes of it, and `status` reads what
//! Tekton says.

mod following;
mod kubectl;
mod pipeline_run;
mod status;

use std::time::Duration;

use serde_json::Value as Json;

use crate::domain::app_file::{self, Source, duration_text};

use super::watch::{Next, Watch};
use super::{Access, Ending, Engine, Error, Job, Release, Told};
use following::Following;
use kubectl::Kubectl;
use pipeline_run::{ID_LABEL, PipelineRun, namespace};
use status::{State, culprit};

/// What a run is called for `kubectl`.
const PIPELINE_RUNS: &str = "pipelineruns.tekton.dev";

/// How long a run that took too long may take to be cancelled.
const GRACE: Duration = Duration::from_secs(30);

/// How long the cluster may be out of reach while a run is waited for.
const MAX_LOST: Duration = Duration::from_secs(5 * 60);

/// Makes a PipelineRun, and waits for it.
#[derive(Clone, Debug)]
pub(super) struct Tekton(pub(super) app_file::Tekton);

impl Tekton {
    fn kubectl(&self, release: &Release) -> Result<Kubectl, Error> {
        Ok(Kubectl::new(release.target("kube-context"), namespace(&self.0, release)?))
    }

    /// Makes the run. Where the answer is lost, the run may be there all the same, and is then found by its label.
    fn create(&self, kubectl: &Kubectl, object: &Json, id: &str) -> Result<Json, Error> {
        let lost = match kubectl.create(object) {
            Err(error @ Error::Unreachable { .. }) => error,
            other => return other,
        };
        let found = kubectl.list(PIPELINE_RUNS, &format!("{ID_LABEL}={id}")).ok();
        found.and_then(|list| list["items"].get(0).cloned()).ok_or(lost)
    }
}

impl Engine for Tekton {
    fn check(&self, release: &Release, _: Option<&Access>) -> Result<(), Error> {
        self.kubectl(release)?.try_create(&PipelineRun::new(&self.0, release, None)?.to_json())
    }

    fn starts(&self, release: &Release) -> Vec<(&'static str, String)> {
        let pipeline = match &self.0.source {
            Source::File { path, .. } => format!("{path} of the app repo"),
            Source::Spec(_) => "the `spec` in app.yml".to_owned(),
        };
        let namespace = release.target("pipeline-namespace").or(self.0.namespace.as_deref());
        let namespace = namespace.map_or("kubectl's own namespace".to_owned(), |name| format!("the namespace {name}"));
        let context = release.target("kube-context").map(|name| format!(" of the context {name}")).unwrap_or_default();
        vec![("pipeline", pipeline), ("run", format!("a PipelineRun in {namespace}{context}"))]
    }

    fn manifest(&self, release: &Release) -> Result<Option<Json>, Error> {
        PipelineRun::new(&self.0, release, None).map(|run| Some(run.to_json()))
    }

    fn run(&self, job: &Job<'_>, tell: &mut dyn FnMut(Told<'_>)) -> Result<Ending, Error> {
        let release = job.release;
        let object = PipelineRun::new(&self.0, release, Some(job.id))?.to_json();
        let kubectl = self.kubectl(release)?;
        if job.interrupts.caught().is_some() {
            return Ok(Ending::Interrupted { part: "the PipelineRun".into(), why: "was not made: interrupted".into() });
        }
        let made = self.create(&kubectl, &object, job.id)?;
        let metadata = &made["metadata"];
        let (Some(name), namespace) = (metadata["name"].as_str(), metadata["namespace"].as_str()) else {
            return Err(Error::Refused { what: "kubectl does not say what the PipelineRun is called".into() });
        };
        let called = namespace.map_or(name.to_owned(), |namespace| format!("{namespace}/{name}"));
        let part = format!("the PipelineRun {called}");
        let kubectl = kubectl.within(namespace);
        if let (Some(base), Some(namespace)) = (release.target("tekton-dashboard"), namespace) {
            tell(Told::Url(&format!("{}/#/namespaces/{namespace}/pipelineruns/{name}", base.trim_end_matches('/'))));
        }
        let mut following = Following::begin(&kubectl, name, job.open_log()?, tell);
        following.say(&format!("made {part}"));
        let mut watch = Watch::begin(self.0.timeout, job.interrupts);
        let outcome = follow(&mut following, &mut watch);
        let stop = match outcome {
            Ok(Stop::Ended(state)) => {
                following.hear_out();
                return Ok(ending(part, state, &following));
            }
            Ok(stop) => stop,
            Err(error) => {
                following.say(&format!("{part} goes on, and nobody watches it any more"));
                return Err(error);
            }
        };
        let cancelled = kubectl.patch(PIPELINE_RUNS, name, &pipeline_run::cancelled());
        let became = match &cancelled {
            Ok(()) => "was cancelled".to_owned(),
            Err(error) => format!("can't be cancelled and goes on ({error})"),
        };
        Ok(match stop {
            Stop::TooLong(limit) => {
                if cancelled.is_ok() {
                    // For what its `finally` tasks print. Whatever comes of it, it took too long.
                    let _ = follow(&mut following, &mut Watch::begin(Some(GRACE), job.interrupts));
                    following.hear_out();
                }
                let why = format!("took longer than {} and {became}", duration_text(limit));
                Ending::Failed { part, why, tail: Vec::new() }
            }
            _ => Ending::Interrupted { part, why: format!("was interrupted and {became}") },
        })
    }
}

/// Why a run is not waited for any longer.
enum Stop {
    Ended(State),
    Interrupted,
    TooLong(Duration),
}

/// Waits for a run, and tells what happens.
fn follow(following: &mut Following<'_, '_>, watch: &mut Watch<'_>) -> Result<Stop, Error> {
    let mut lost = None;
    loop {
        match watch.next_while(|| following.pass_on()) {
            Next::Interrupted => return Ok(Stop::Interrupted),
            Next::TooLong(limit) => return Ok(Stop::TooLong(limit)),
            Next::Look => {}
        }
        match following.look() {
            Ok(State::Unfinished(_)) => lost = None,
            Ok(state) => return Ok(Stop::Ended(state)),
            Err(error @ Error::Unreachable { .. }) => {
                let since = *lost.get_or_insert_with(|| {
                    following.say(&format!("{error}; trying again"));
                    std::time::Instant::now()
                });
                if since.elapsed() >= MAX_LOST {
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
    }
}

fn ending(part: String, state: State, following: &Following<'_, '_>) -> Ending {
    match state {
        State::Failed { reason, message } => match culprit(following.tasks()) {
            Some((task, why)) => Ending::Failed {
                part: format!("the task {} of {part}", task.name),
                why,
                tail: following.tail(&task.name),
            },
            None => Ending::Failed { part, why: format!("failed ({reason}): {message}"), tail: Vec::new() },
        },
        State::Succeeded | State::Unfinished(_) => Ending::Succeeded,
    }
}
