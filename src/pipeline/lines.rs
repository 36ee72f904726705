//! Reading what a program prints, line by line.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, PipeReader, Read as _};

/// The longest line that is told in one piece, in bytes.
const MAX_LINE: u64 = 64 * 1024;

/// How many of its last lines something that failed is told with.
const TAIL: usize = 12;

/// Hands on each line of a pipe, with its line break, until `take` answers no. Never much more than one line is held.
pub(super) fn each_line(reader: PipeReader, mut take: impl FnMut(Vec<u8>) -> bool + Send + 'static) {
    std::thread::spawn(move || {
        let mut reader = BufReader::new(reader);
        loop {
            let mut line = Vec::new();
            match (&mut reader).take(MAX_LINE).read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) if !take(line) => return,
                Ok(_) => {}
            }
        }
    });
}

/// The last lines of something.
#[derive(Clone, Debug, Default)]
pub(super) struct Tail(VecDeque<String>);

impl Tail {
    /// Adds a line, and forgets the oldest one where there are enough.
    pub(super) fn push(&mut self, line: &str) {
        self.0.push_back(line.to_owned());
        if self.0.len() > TAIL {
            self.0.pop_front();
        }
    }
}

impl From<Tail> for Vec<String> {
    fn from(tail: Tail) -> Self {
        tail.0.into()
    }
}
