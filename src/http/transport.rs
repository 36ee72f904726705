//! What carries a request to a server, and how patient it is.

use std::time::Duration;

use super::message::{Incoming, Outgoing};

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// No connection, or one that was cut: trying again may help.
    Network(String),
    /// The answer is larger than relman reads.
    TooLarge,
}

/// Something that carries a request to a server and an answer back, once, and follows no redirect.
pub trait Transport: Send + Sync {
    /// Sends a request and waits for the answer.
    fn send(&self, request: &Outgoing) -> Result<Incoming, Broken>;
}

/// How patient a conversation is.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How long a connection may take.
    pub connect: Duration,
    /// How long one request may take in all.
    pub request: Duration,
    /// How often a request is tried, the first time counted.
    pub attempts: u32,
    /// The pause before the second attempt; it doubles.
    pub pause: Duration,
    /// How long all the pauses of one request may be.
    pub waiting: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            connect: Duration::from_secs(10),
            request: Duration::from_secs(30),
            attempts: 4,
            pause: Duration::from_millis(400),
            waiting: Duration::from_secs(60),
        }
    }
}
