//! Running the pipeline of a release: one file an engine, behind one small trait.
//!
//! Every engine is handed the same facts. `shell` runs the steps itself, over checkouts that relman has made; the others
//! start a run on another machine and wait for it. `group` holds the processes of a step together, `lines` reads what
//! they print, `log` keeps it, `place` is the folder for it all. `system` is what another
//! machine can do, `watch` the patience with it.

mod access;
mod bitbucket_pipelines;
mod error;
mod github_actions;
mod gitlab;
mod group;
mod jenkins;
mod lines;
mod log;
mod log_tail;
mod place;
mod remote;
mod shell;
mod system;
mod tekton;
mod watch;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::domain::app_file::Pipeline;
use crate::domain::deployment::Facts;
use crate::domain::deployment::facts::is_withheld;
use crate::domain::name::CommitId;
use crate::domain::yaml::Node;

use log::Log;
use remote::Remote;

pub use crate::interrupt::Interrupts;
pub use access::Access;
pub use error::Error;
pub use log::{Mask, new_log};
pub use place::Place;

/// What is deployed: all that is known before anything has been done.
#[derive(Clone, Debug)]
pub struct Release {
    /// The facts.
    pub facts: Facts,
    /// The facts as variables.
    pub variables: Vec<(String, String)>,
    /// The commit of the release repo.
    pub release_commit: CommitId,
    /// Where the app repo is cloned from, without a user's name or password; `None` where it has no remote.
    pub app_url: Option<String>,
}

impl Release {
    /// A plain key of the environment's entry.
    pub fn target(&self, key: &str) -> Option<&str> {
        self.facts.target.get(key).and_then(Node::as_str).filter(|text| !text.is_empty())
    }
}

/// A pipeline that is to be run.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// What is deployed.
    pub release: &'a Release,
    /// What no other deployment is called: thirty-two hexadecimal digits, as in its records.
    pub id: &'a str,
    /// A private folder. Where the pipeline runs here, all repositories are checked out in it, side by side.
    pub place: &'a Path,
    /// The file that everything which the pipeline prints is written to.
    pub log: &'a Path,
    /// What keeps secrets out of the log.
    pub mask: Mask<'a>,
    /// What lets relman into the system that runs the pipeline, where it runs elsewhere.
    pub access: Option<&'a Access>,
    /// Earlier deployments of just this, of which no end is known: where such a run still goes on elsewhere, it is
    /// waited for, and no other is started.
    pub unfinished: &'a [String],
    /// Signals that this process was sent.
    pub interrupts: &'a Interrupts,
}

impl Job<'_> {
    /// The checkout of the app repo.
    pub fn checkout(&self) -> PathBuf {
        self.place.join(self.release.facts.application.as_str())
    }

    /// A folder for files of the engine's own.
    pub fn scratch(&self) -> PathBuf {
        self.place.join(".relman")
    }

    fn open_log(&self) -> Result<Log<'_>, Error> {
        Log::open(self.log, self.mask)
    }
}

/// Keeps relman's own secrets from a program that is about to be started.
fn withhold(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_withheld) {
            command.env_remove(&name);
        }
    }
}

/// How a pipeline ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All of it ended well.
    Succeeded,
    /// A part of it failed.
    Failed {
        /// What failed, as the beginning of a sentence: `the step deploy`, `the run #12`.
        part: String,
        /// Why, as the rest of the sentence.
        why: String,
        /// The last lines that it printed, where they are known.
        tail: Vec<String>,
    },
    /// A signal to relman stopped it.
    Interrupted {
        /// What was stopped, as the beginning of a sentence.
        part: String,
        /// What became of it, as the rest: `was interrupted`, `was cancelled`, `goes on`.
        why: String,
    },
}

/// Something to tell while a pipeline runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told<'a> {
    /// The run can be looked at here. It is told as soon as it is known, and may be told again if it changes.
    Url(&'a str),
    /// A part of the pipeline begins.
    Begins(&'a str),
    /// A line that a part has printed, or that says what becomes of it.
    Line {
        /// The part: a step, a task, a job.
        part: &'a str,
        /// The line.
        line: &'a str,
    },
}

/// What runs pipelines.
pub trait Engine {
    /// Makes sure, before anything is tagged, that the pipeline can be started. It changes nothing.
    fn check(&self, _release: &Release, _access: Option<&Access>) -> Result<(), Error> {
        Ok(())
    }

    /// What will be started, as words and values for a plan.
    fn starts(&self, release: &Release) -> Vec<(&'static str, String)>;

    /// What the engine would hand to its system, where that is a document that something else could hand over as well.
    fn manifest(&self, _release: &Release) -> Result<Option<serde_json::Value>, Error> {
        Ok(None)
    }

    /// Runs a pipeline to its end, and tells what happens.
    fn run(&self, job: &Job<'_>, tell: &mut dyn FnMut(Told<'_>)) -> Result<Ending, Error>;
}

/// The engine that runs a pipeline.
pub fn engine(pipeline: &Pipeline) -> Box<dyn Engine> {
    match pipeline.clone() {
        Pipeline::Shell(shell) => Box::new(shell::Shell(shell)),
        Pipeline::Tekton(tekton) => Box::new(tekton::Tekton(tekton)),
        Pipeline::GithubActions(github) => Box::new(Remote::GithubActions(github)),
        Pipeline::Gitlab(gitlab) => Box::new(Remote::Gitlab(gitlab)),
        Pipeline::BitbucketPipelines(bitbucket) => Box::new(Remote::BitbucketPipelines(bitbucket)),
        Pipeline::Jenkins(jenkins) => Box::new(Remote::Jenkins(jenkins)),
    }
}

#[cfg(test)]
impl Release {
    /// The release 1.0.0 of `app` and `back` for qa, with an environment's entry.
    fn example(entry: &str) -> Self {
        use crate::domain::app_file::Site;
        use crate::domain::name::{EnvironmentName, RepositoryName, TagName};
        use crate::domain::resolution::Pick;
        let pick = |name: &str, digit: &str| Pick {
            name: RepositoryName::parse(name).expect("a name"),
            commit: CommitId::parse(&digit.repeat(40)).expect("an id"),
            reference: "refs/tags/v1.0.0-rc.1".into(),
        };
        let facts = Facts {
            application: RepositoryName::parse("app").expect("a name"),
            environment: EnvironmentName::parse("qa").expect("a name"),
            kind: Some("qa".into()),
            version: Some("1.0.0".into()),
            tag: TagName::parse("v1.0.0-rc.1").ok(),
            candidate: TagName::parse("v1.0.0-rc.1").ok(),
            repositories: vec![pick("app", "a"), pick("back", "b")],
            values: vec!["chart/values.yaml".into()],
            target: crate::domain::yaml::parse(entry.as_bytes()).expect("YAML").root,
            change: Default::default(),
        };
        Release {
            variables: facts.variables(Site::Remote).expect("facts"),
            facts,
            release_commit: CommitId::parse(&"f".repeat(40)).expect("an id"),
            app_url: Some("https://git.example.com/team/app.git".into()),
        }
    }
}
