//! Listening for the signals by which a person, a terminal or a CI system stops a run.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The last signal that this process was sent, from the moment of [`Interrupts::listen`].
#[derive(Clone, Debug, Default)]
pub struct Interrupts {
    last: Arc<AtomicUsize>,
    /// Whether a signal may end the process again.
    let_go: Arc<AtomicBool>,
}

/// The listener of this process. A signal handler can't be taken back, so there is one for all who listen in turn.
static LISTENER: Mutex<Option<Interrupts>> = Mutex::new(None);

impl Interrupts {
    /// From here on, SIGINT, SIGTERM and SIGHUP no longer end the process but are noted, until [`Interrupts::let_go`].
    /// One at a time listens.
    pub fn listen() -> std::io::Result<Self> {
        let mut listener = LISTENER.lock().unwrap_or_else(PoisonError::into_inner);
        let interrupts = match &*listener {
            Some(interrupts) => interrupts.clone(),
            None => Interrupts::register()?,
        };
        interrupts.last.store(0, Ordering::SeqCst);
        interrupts.let_go.store(false, Ordering::SeqCst);
        *listener = Some(interrupts.clone());
        Ok(interrupts)
    }

    fn register() -> std::io::Result<Self> {
        let interrupts = Interrupts::default();
        #[cfg(unix)]
        {
            use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
            for signal in [SIGINT, SIGTERM, SIGHUP] {
                let number = usize::try_from(signal).unwrap_or(1);
                signal_hook::flag::register_conditional_default(signal, Arc::clone(&interrupts.let_go))?;
                signal_hook::flag::register_usize(signal, Arc::clone(&interrupts.last), number)?;
            }
        }
        Ok(interrupts)
    }

    /// From here on a signal ends the process, as it does everywhere: what must not be cut short is done.
    pub fn let_go(&self) {
        self.let_go.store(true, Ordering::SeqCst);
    }

    /// The number of the signal that came, if one did.
    pub fn caught(&self) -> Option<i32> {
        match self.last.load(Ordering::SeqCst) {
            0 => None,
            number => i32::try_from(number).ok(),
        }
    }

    /// As if a signal had come, for tests.
    #[cfg(test)]
    pub(crate) fn with(signal: i32) -> Self {
        let interrupts = Interrupts::default();
        interrupts.last.store(usize::try_from(signal).unwrap_or(1), Ordering::SeqCst);
        interrupts
    }
}
