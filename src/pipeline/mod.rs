//! Running the pipeline of a release: one file an engine, behind one small trait.
//!
//! Every engine is handed the same facts, as variables. `shell` runs the steps itself; `group` holds the processes
//! of a step together and `interrupt` listens for signals.

mod group;
mod interrupt;
mod shell;

use std::path::{Path, PathBuf};

use crate::domain::app_file::{Engine as Kind, Step};
use crate::domain::error::{Exit, Explain};

pub use interrupt::Interrupts;
pub use shell::Shell;

/// A pipeline that is to be run.
#[derive(Clone, Debug)]
pub struct Job<'a> {
    /// The checkout of the app repo, beside those of its components.
    pub folder: &'a Path,
    /// A folder for files of the engine's own.
    pub scratch: &'a Path,
    /// The file that everything which the steps print is written to.
    pub log: &'a Path,
    /// The facts.
    pub variables: &'a [(String, String)],
    /// Whether a variable of this process is kept from the steps.
    pub withheld: fn(&str) -> bool,
    /// The steps.
    pub steps: &'a [Step],
    /// The type of the environment.
    pub kind: Option<&'a str>,
    /// Signals that this process was sent.
    pub interrupts: &'a Interrupts,
}

/// How a pipeline ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Every step ended well.
    Succeeded,
    /// A step failed.
    Failed {
        /// The step.
        step: String,
        /// Why, as the end of a sentence that begins with the step.
        why: String,
        /// The last lines that it printed.
        tail: Vec<String>,
    },
    /// A signal stopped it in this step.
    Interrupted {
        /// The step.
        step: String,
    },
}

/// Something to tell while a pipeline runs: a line that a step printed, or what happens to the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told<'a> {
    /// The step.
    pub step: &'a str,
    /// What it printed; `None` where it begins.
    pub line: Option<&'a str>,
}

/// What runs pipelines.
pub trait Engine {
    /// Runs a pipeline to its end, and tells what happens.
    fn run(&self, job: &Job<'_>, tell: &mut dyn FnMut(Told<'_>)) -> Result<Ending, Error>;
}

/// A pipeline that can't be run at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The engine is known, and not part of relman yet.
    #[error("the engine {} is not part of this release yet", .0.as_str())]
    NotYet(Kind),
    /// Something other than a step failed.
    #[error("{what}")]
    Io {
        /// What was being done.
        what: String,
        /// Why it failed.
        #[source]
        cause: std::io::Error,
    },
}

impl Error {
    fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Error {
        let what = what.into();
        move |cause| Error::Io { what, cause }
    }
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Error::NotYet(_) => "engine-unsupported",
            Error::Io { .. } => "io",
        }
    }
    fn exit(&self) -> Exit {
        match self {
            Error::NotYet(_) => Exit::Usage,
            Error::Io { .. } => Exit::Unexpected,
        }
    }
    fn hints(&self) -> Vec<String> {
        match self {
            Error::NotYet(_) => {
                vec!["`engine: shell` runs the steps of app.yml; a step can start any pipeline and wait for it".into()]
            }
            Error::Io { .. } => vec![],
        }
    }
}

/// The engine that runs pipelines of a kind.
pub fn engine(kind: Kind) -> Result<Box<dyn Engine>, Error> {
    match kind {
        Kind::Shell => Ok(Box::new(Shell)),
        Kind::Tekton | Kind::GithubActions | Kind::Gitlab | Kind::BitbucketPipelines | Kind::Jenkins => {
            Err(Error::NotYet(kind))
        }
    }
}

/// A file for what a pipeline prints, which stays when relman ends. Only its owner can read it.
pub fn new_log(environment: &str) -> Result<PathBuf, Error> {
    let failed = || Error::io("the log of the pipeline can't be made");
    let file = tempfile::Builder::new()
        .prefix(&format!("relman-{environment}-"))
        .suffix(".log")
        .tempfile()
        .map_err(failed())?;
    file.into_temp_path().keep().map_err(|error| failed()(error.error))
}
