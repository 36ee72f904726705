//! What a system can do that runs pipelines elsewhere, and the words for it: an order, a run, a look at it, its end.

use crate::http;

use super::{Error, Release};

/// A run that is to be started.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order<'a> {
    /// What is deployed.
    pub(super) release: &'a Release,
    /// What no other deployment is called, so that its run can be told from all others.
    pub(super) id: &'a str,
}

/// A run, as its system knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// How the system names it.
    pub(super) id: String,
    /// Where it can be looked at, once that is known.
    pub(super) url: Option<String>,
}

impl Run {
    /// How messages name it.
    pub(super) fn called(&self) -> String {
        format!("the run {}", self.url.as_deref().unwrap_or(&self.id))
    }
}

/// What came of starting a run.
#[derive(Debug)]
pub(super) enum Started {
    /// It is there.
    Run(Run),
    /// It is there or will be in a moment, and has to be found.
    Somewhere,
    /// The system does not know yet what was pushed a moment ago, or so it seems.
    NotYet(Error),
    /// The system wants no such run.
    Refused(Error),
}

/// How a run is, at one moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Look {
    /// The commit that it runs at, where the system says it.
    pub(super) commit: Option<String>,
    /// The parts of it, in their order, each with a word on how it is.
    pub(super) parts: Vec<(String, String)>,
    /// How it has ended, if it has.
    pub(super) end: Option<End>,
}

/// How a run has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Well.
    Well,
    /// Not well: why, as the rest of a sentence.
    Badly(String),
}

/// What is known of the part that made a run fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Culprit {
    /// The part, as the beginning of a sentence.
    pub(super) part: String,
    /// Why, as the rest of it.
    pub(super) why: String,
    /// The last lines that it printed, where they are known.
    pub(super) tail: Vec<String>,
}

/// A system that runs pipelines.
pub(super) trait System {
    /// Makes sure that the pipeline is there and can be started. It changes nothing.
    fn check(&self, release: &Release) -> Result<(), Error>;
    /// Starts a run.
    fn start(&self, order: &Order<'_>) -> Result<Started, Error>;
    /// Looks for the run that belongs to an order.
    fn find(&self, order: &Order<'_>) -> http::Result<Option<Run>>;
    /// Looks how a run is. Its name and its address may become known, or others, by that.
    fn look(&self, run: &mut Run) -> http::Result<Look>;
    /// The part that made a run fail, where the system tells.
    fn culprit(&self, run: &Run) -> http::Result<Option<Culprit>>;
    /// Asks the system to stop a run.
    fn cancel(&self, run: &Run) -> http::Result<()>;
}
