//! Waiting for a run on another machine: when to look again, and when to stop.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
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

    /// One that never waits, for tests.
    #[cfg(test)]
    pub(super) fn hurried(interrupts: &'a Interrupts) -> Self {
        Watch { pause: Duration::ZERO, ..Watch::begin(None, interrupts) }
    }

    /// Waits until the run is to be looked at again, or is to be stopped.
    pub(super) fn next(&mut self) -> Next {
        self.wait(Duration::ZERO, || {})
    }

    /// The same, and does meanwhile what is to be done all the time.
    pub(super) fn next_while(&mut self, meanwhile: impl FnMut()) -> Next {
        self.wait(Duration::ZERO, meanwhile)
    }

    /// The same, where the system has said how long it wants to be left alone.
    pub(super) fn next_after(&mut self, least: Duration) -> Next {
        self.wait(least, || {})
    }

    fn wait(&mut self, least: Duration, mut meanwhile: impl FnMut()) -> Next {
        let until = Instant::now() + spread(self.pause).max(least);
        self.pause = (self.pause * 3 / 2).min(LONGEST);
        loop {
            meanwhile();
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

/// A pause that differs between runs by up to a quarter, so that those that began together do not stay together.
fn spread(pause: Duration) -> Duration {
    // The keys of a new state are random.
    let share = RandomState::new().build_hasher().finish() % 256;
    pause + pause * u32::try_from(share).unwrap_or(0) / 1024
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

    #[test]
    fn pauses_differ_and_never_get_shorter() {
        let pauses: Vec<Duration> = (0..50).map(|_| spread(LONGEST)).collect();
        assert!(pauses.iter().all(|pause| (LONGEST..LONGEST * 5 / 4).contains(pause)), "{pauses:?}");
        assert!(pauses.iter().any(|pause| *pause != pauses[0]), "{pauses:?}");
    }
}
