//! Waiting for a run on another machine: when to look again, and when to stop.

use std::time::{Duration, Instant};

use super::Interrupts;

/// How long until the second look. Each later one takes half as long again.
const FIRST: Duration = Duration::from_millis(200);

/// The longest time between two looks.
const LONGEST: Duration = Duration::from_secs(10);

/// How often is looked whether a signal has come.
const TICK: Duration = Duration::from_millis(30);

/// What to do with a run that is being waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Look how it is.
    Look,
    /// Stop it: relman was told to end.
    Interrupted,
    /// Stop it: it has taken longer than it may.
    TooLong(Duration),
}

/// The patience with a run on another machine.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    begun: Instant,
    pause: Duration,
    limit: Option<Duration>,
    interrupts: &'a Interrupts,
}

impl<'a> Watch<'a> {
    /// Begins to wait for a run that may take as long as `limit`.
    pub(super) fn begin(limit: Option<Duration>, interrupts: &'a Interrupts) -> Self {
        Watch { begun: Instant::now(), pause: FIRST, limit, interrupts }
    }

    /// Waits until the run is to be looked at again, or is to be stopped.
    pub(super) fn next(&mut self) -> Next {
        let until = Instant::now() + self.pause;
        self.pause = (self.pause * 3 / 2).min(LONGEST);
        loop {
            if self.interrupts.caught().is_some() {
                return Next::Interrupted;
            }
            if let Some(limit) = self.limit.filter(|limit| self.begun.elapsed() >= *limit) {
                return Next::TooLong(limit);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Next::Look;
            }
            std::thread::sleep(left.min(TICK));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_looked_at_until_its_time_is_over() {
        let interrupts = Interrupts::default();
        assert_eq!(Watch::begin(None, &interrupts).next(), Next::Look);
        let limit = Duration::from_nanos(1);
        assert_eq!(Watch::begin(Some(limit), &interrupts).next(), Next::TooLong(limit));
    }
}
