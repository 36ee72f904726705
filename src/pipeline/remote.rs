//! What is alike in all systems that run a pipeline elsewhere: it is started or found (`starting`), waited for, and
//! stopped.

mod starting;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::{Duration, Instant};

use crate::domain::app_file::{self, duration_text};
use crate::domain::deployment::Start;
use crate::http;

use super::access::Access;
use super::bitbucket_pipelines::BitbucketPipelines;
use super::github_actions::GithubActions;
use super::gitlab::Gitlab;
use super::jenkins::Jenkins;
use super::log::Log;
use super::system::{Culprit, End, Look, Order, Run, System};
use super::watch::{Next, Watch};
use super::{Ending, Engine, Error, Interrupts, Job, Release, Told};
use starting::Starting;

/// How long a tag that was just pushed may be unknown to the system, and how long it may want to be left alone.
const STARTING: Duration = Duration::from_secs(120);

/// How long is looked for a run that was started, or may have been: the answer was lost, or the system takes that long to
/// answer. As long may a run that was just started be unknown to the copy that is asked.
const FINDING: Duration = Duration::from_secs(120);

/// How many looks in a row may fail; with the pauses between them that is about ten minutes.
const TROUBLES: u32 = 60;

/// How long is waited for the end of a run that was cancelled. CI systems give a job that is stopped less than ten.
const CANCELLING: Duration = Duration::from_secs(5);

/// Runs the app repo's own pipeline on another system.
#[derive(Clone, Debug)]
pub(super) enum Remote {
    GithubActions(app_file::Github),
    Gitlab(app_file::Gitlab),
    BitbucketPipelines(app_file::Bitbucket),
    Jenkins(app_file::Jenkins),
}

impl Remote {
    fn system<'a>(&'a self, access: Option<&'a Access>) -> Result<Box<dyn System + 'a>, Error> {
        let access = access.ok_or_else(|| Error::Unusable {
            what: format!("nothing is known of the system that runs {}", self.engine().as_str()),
            hint: "run it without --offline".into(),
        })?;
        Ok(match self {
            Remote::GithubActions(github) => Box::new(GithubActions { access, workflow: &github.workflow }),
            Remote::Gitlab(_) => Box::new(Gitlab { access }),
            Remote::BitbucketPipelines(bitbucket) => {
                Box::new(BitbucketPipelines { access, pipeline: &bitbucket.pipeline })
            }
            Remote::Jenkins(jenkins) => Box::new(Jenkins { access, job: &jenkins.job }),
        })
    }

    fn engine(&self) -> app_file::Engine {
        match self {
            Remote::GithubActions(_) => app_file::Engine::GithubActions,
            Remote::Gitlab(_) => app_file::Engine::Gitlab,
            Remote::BitbucketPipelines(_) => app_file::Engine::BitbucketPipelines,
            Remote::Jenkins(_) => app_file::Engine::Jenkins,
        }
    }

    fn limit(&self) -> Option<Duration> {
        match self {
            Remote::GithubActions(github) => github.timeout,
            Remote::Gitlab(gitlab) => gitlab.timeout,
            Remote::BitbucketPipelines(bitbucket) => bitbucket.timeout,
            Remote::Jenkins(jenkins) => jenkins.timeout,
        }
    }
}

impl Engine for Remote {
    fn check(&self, release: &Release, access: Option<&Access>) -> Result<(), Error> {
        self.system(access)?.check(release)
    }

    fn starts(&self, release: &Release) -> Vec<(&'static str, String)> {
        let mut starts = match self {
            Remote::GithubActions(github) => vec![("workflow", github.workflow.clone())],
            Remote::BitbucketPipelines(bitbucket) => vec![("custom", bitbucket.pipeline.clone())],
            Remote::Jenkins(jenkins) => vec![("job", format!("{} at {}", jenkins.job.join("/"), jenkins.url))],
            Remote::Gitlab(_) => Vec::new(),
        };
        starts.extend(release.facts.start().map(|start| ("at", start.full())));
        starts
    }

    fn run(&self, job: &Job<'_>, tell: &mut dyn FnMut(Told<'_>)) -> Result<Ending, Error> {
        let system = self.system(job.access)?;
        let order = Order { release: job.release, id: job.id };
        let mut log = job.open_log()?;
        let mut tell = |told: Told<'_>| {
            note(&mut log, told);
            tell(told);
        };
        let ending = drive(system.as_ref(), &order, job.unfinished, self.limit(), job.interrupts, &mut tell)?;
        if let Ending::Failed { part, tail, .. } = &ending {
            tail.iter().for_each(|line| note(&mut log, Told::Line { part, line }));
        }
        Ok(ending)
    }
}

/// Writes down what is told. A log that can't be written is no reason to lose sight of a run.
fn note(log: &mut Log<'_>, told: Told<'_>) {
    let _ = match told {
        Told::Url(url) => writeln!(log, "{url}"),
        Told::Begins(part) => writeln!(log, "{part} begins"),
        Told::Line { part, line } => writeln!(log, "{part} | {line}"),
    };
}

/// Starts a run and waits for its end.
fn drive(
    system: &dyn System,
    order: &Order<'_>,
    unfinished: &[String],
    limit: Option<Duration>,
    interrupts: &Interrupts,
    tell: &mut dyn FnMut(Told<'_>),
) -> Result<Ending, Error> {
    let watch = Watch::begin(limit, interrupts);
    let finding = limit.map_or(FINDING, |limit| limit.min(FINDING));
    let mut starting = Starting { system, order, finding, interrupts, tell };
    let started = match starting.taken_up(unfinished)? {
        Some(run) => Ok(Some(run)),
        None => starting.start(),
    };
    let started = match started {
        Err(Error::NotFoundAgain { id, .. }) if interrupts.caught().is_some() => {
            let part = format!("the run with the id {id}");
            return Ok(Ending::Interrupted { part, why: "may go on: it could not be found in time".into() });
        }
        started => started?,
    };
    match started {
        Some(run) => Following::of(system, order, run).follow(watch, tell),
        None => Ok(Ending::Interrupted { part: "the run".into(), why: "was not started".into() }),
    }
}

/// Whether a failure may be over at the next look.
fn passes(error: &http::Error) -> bool {
    use http::Error::{Garbled, RateLimited, Unreachable};
    matches!(error, Unreachable { .. } | RateLimited { .. } | Garbled { .. })
}

/// A run that is being waited for.
struct Following<'a> {
    system: &'a dyn System,
    order: &'a Order<'a>,
    run: Run,
    /// Since when it is waited for.
    begun: Instant,
    /// Whether the system has shown it.
    seen: bool,
    /// What was told of each part.
    told: BTreeMap<String, String>,
    /// Whether it was told that the run is at another commit.
    commit_told: bool,
}

impl<'a> Following<'a> {
    fn of(system: &'a dyn System, order: &'a Order<'a>, run: Run) -> Self {
        Following { system, order, run, begun: Instant::now(), seen: false, told: BTreeMap::new(), commit_told: false }
    }

    /// Whether a look that failed may go well the next time. A run that was just started is not known everywhere yet.
    fn passes(&self, error: &http::Error) -> bool {
        let new = !self.seen && self.begun.elapsed() < FINDING;
        passes(error) || new && matches!(error, http::Error::NotFound { .. })
    }

    fn follow(mut self, mut watch: Watch<'_>, tell: &mut dyn FnMut(Told<'_>)) -> Result<Ending, Error> {
        if let Some(url) = &self.run.url {
            tell(Told::Url(url));
        }
        let mut troubles = 0;
        let mut least = Duration::ZERO;
        loop {
            match watch.next_after(least) {
                Next::Look => {}
                Next::Interrupted => return self.stop(None),
                Next::TooLong(limit) => return self.stop(Some(limit)),
            }
            least = Duration::ZERO;
            match self.look(tell) {
                Ok(look) => {
                    troubles = 0;
                    self.seen = true;
                    self.mind_the_commit(&look, tell)?;
                    if let Some(end) = look.end {
                        return Ok(self.ended(end));
                    }
                }
                Err(error) if self.passes(&error) && troubles < TROUBLES => {
                    if let http::Error::RateLimited { wait: Some(seconds), .. } = &error {
                        least = Duration::from_secs(*seconds);
                    }
                    if troubles == 0 {
                        tell(Told::Line { part: "run", line: &format!("{error}; it is looked at again") });
                    }
                    troubles += 1;
                }
                Err(error) => return Err(Error::OutOfSight { run: self.run.called(), cause: error }),
            }
        }
    }

    /// Looks once, and tells what is new.
    fn look(&mut self, tell: &mut dyn FnMut(Told<'_>)) -> http::Result<Look> {
        let before = self.run.url.clone();
        let look = self.system.look(&mut self.run)?;
        if let Some(url) = self.run.url.as_deref().filter(|url| before.as_deref() != Some(*url)) {
            tell(Told::Url(url));
        }
        for (part, how) in &look.parts {
            if self.told.get(part) != Some(how) {
                tell(Told::Line { part, line: how });
                self.told.insert(part.clone(), how.clone());
            }
        }
        Ok(look)
    }

    /// A tag names one commit for ever. A branch may have moved on since it was resolved: then the definition of the
    /// pipeline is a newer one, and the facts still name the commit that is deployed.
    fn mind_the_commit(&mut self, look: &Look, tell: &mut dyn FnMut(Told<'_>)) -> Result<(), Error> {
        let Some(wanted) = self.order.release.facts.commit().map(|id| id.to_string()) else { return Ok(()) };
        let Some(found) = look.commit.as_ref().filter(|found| **found != wanted) else { return Ok(()) };
        match self.order.release.facts.start() {
            Some(Start::Tag(tag)) => {
                // What becomes of that run is told by its page.
                let _ = self.system.cancel(&self.run);
                Err(Error::AnotherCommit { run: self.run.called(), tag: tag.to_string(), found: found.clone(), wanted })
            }
            _ if !self.commit_told => {
                self.commit_told = true;
                let line = format!("the branch is at {found} by now, and the facts name {wanted}");
                tell(Told::Line { part: "run", line: &line });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn ended(&self, end: End) -> Ending {
        let End::Badly(why) = end else { return Ending::Succeeded };
        // That it failed is known; where it did is worth a question and no more.
        match self.system.culprit(&self.run) {
            Ok(Some(Culprit { part, why, tail })) => Ending::Failed { part, why, tail },
            Ok(None) | Err(_) => Ending::Failed { part: self.run.called(), why, tail: Vec::new() },
        }
    }

    /// Stops the run: it took too long, or relman was told to end.
    fn stop(mut self, limit: Option<Duration>) -> Result<Ending, Error> {
        let mut cancelled = self.system.cancel(&self.run);
        let mut told = self.run.id.clone();
        let nobody = Interrupts::default();
        let mut watch = Watch::begin(Some(CANCELLING), &nobody);
        let mut end = None;
        while end.is_none() && watch.next() == Next::Look {
            end = self.system.look(&mut self.run).ok().and_then(|look| look.end);
            // A server may have been down for a moment; a build that has left the queue is another thing to stop.
            if end.is_none() && (cancelled.is_err() || self.run.id != told) {
                cancelled = self.system.cancel(&self.run);
                told.clone_from(&self.run.id);
            }
        }
        let became = match (&end, cancelled) {
            // It was faster than its cancelling.
            (Some(End::Well), _) => return Ok(Ending::Succeeded),
            (Some(End::Badly(_)), _) => "was cancelled".to_owned(),
            (None, Ok(())) => "was told to stop, and has not ended yet".to_owned(),
            (None, Err(error)) => format!("goes on: {error}"),
        };
        let part = self.run.called();
        Ok(match limit {
            None => Ending::Interrupted { part, why: became },
            Some(limit) => {
                let why = format!("took longer than {} and {became}", duration_text(limit));
                Ending::Failed { part, why, tail: Vec::new() }
            }
        })
    }
}

#[cfg(test)]
mod tests;
