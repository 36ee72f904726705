//! The beginning of a run elsewhere: it is started, or the one that was started is found.

use std::time::Duration;

use crate::http;

use super::super::system::{Order, Run, Started, System};
use super::super::watch::{Next, Watch};
use super::super::{Error, Interrupts, Told};
use super::{CANCELLING, STARTING, passes};

/// A run that is about to begin.
pub(super) struct Starting<'a> {
    pub(super) system: &'a dyn System,
    pub(super) order: &'a Order<'a>,
    /// How long is looked for a run.
    pub(super) finding: Duration,
    pub(super) interrupts: &'a Interrupts,
    pub(super) tell: &'a mut dyn FnMut(Told<'_>),
}

impl Starting<'_> {
    /// The run of an earlier deployment of the same that still goes on, since its relman was killed: nothing is started
    /// twice.
    pub(super) fn taken_up(&mut self, unfinished: &[String]) -> Result<Option<Run>, Error> {
        for id in unfinished {
            let Some(mut run) = self.system.find(&Order { id, ..*self.order })? else { continue };
            if self.goes_on(&mut run)? {
                let line = format!("the deployment {id} has started it already, and it goes on: it is waited for");
                (self.tell)(Told::Line { part: "run", line: &line });
                return Ok(Some(run));
            }
        }
        Ok(None)
    }

    fn goes_on(&self, run: &mut Run) -> Result<bool, Error> {
        loop {
            let before = run.id.clone();
            if self.system.look(run)?.end.is_some() {
                return Ok(false);
            }
            // What has left a queue by now is looked at where it is.
            if run.id == before {
                return Ok(true);
            }
        }
    }

    /// Starts a run, or finds the one that was started; `None` where a signal came before.
    pub(super) fn start(&mut self) -> Result<Option<Run>, Error> {
        let mut watch = Watch::begin(Some(STARTING.min(self.finding)), self.interrupts);
        loop {
            if self.interrupts.caught().is_some() {
                return Ok(None);
            }
            let (error, least) = match self.system.start(self.order) {
                Ok(Started::Run(run)) => return Ok(Some(run)),
                Ok(Started::Somewhere) => return self.find(None).map(Some),
                Ok(Started::Refused(error)) => return Err(error),
                Ok(Started::NotYet(error)) => (error, Duration::ZERO),
                Err(Error::Http(error)) => match &error {
                    http::Error::RateLimited { wait, .. } if wait.unwrap_or(0) <= STARTING.as_secs() => {
                        let least = Duration::from_secs(wait.unwrap_or(0));
                        (Error::Http(error), least)
                    }
                    // It may have been started all the same.
                    http::Error::Unreachable { .. } | http::Error::Garbled { .. } => {
                        return self.find(Some(error)).map(Some);
                    }
                    _ => return Err(Error::Http(error)),
                },
                Err(error) => return Err(error),
            };
            if watch.next_after(least) != Next::Look && self.interrupts.caught().is_none() {
                return Err(error);
            }
        }
    }

    /// Finds the run of the order; `lost` is why nothing is known of it.
    pub(super) fn find(&mut self, lost: Option<http::Error>) -> Result<Run, Error> {
        let nobody = Interrupts::default();
        let mut watch = Watch::begin(Some(self.finding), self.interrupts);
        let mut told = false;
        let mut interrupted = false;
        loop {
            match self.system.find(self.order) {
                Ok(Some(run)) => return Ok(run),
                Ok(None) => {}
                Err(error) if passes(&error) => {}
                Err(error) => return Err(error.into()),
            }
            if !told {
                let line = match &lost {
                    None => format!("started; looking for the run with the id {}", self.order.id),
                    Some(why) => format!("{why}; looking for a run with the id {}", self.order.id),
                };
                (self.tell)(Told::Line { part: "run", line: &line });
                told = true;
            }
            match watch.next() {
                Next::Look => {}
                // What was started is to be stopped, so it is looked for a moment longer.
                Next::Interrupted if !interrupted => {
                    interrupted = true;
                    watch = Watch::begin(Some(CANCELLING), &nobody);
                }
                Next::Interrupted | Next::TooLong(_) => {
                    let cause = lost.map(|error| error.to_string());
                    return Err(Error::NotFoundAgain { id: self.order.id.to_owned(), cause });
                }
            }
        }
    }
}
