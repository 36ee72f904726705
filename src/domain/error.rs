//! How every error of relman explains itself: a code for scripts, an exit status, and what to type next.

/// The exit status of the process, as scripts see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done, already so, nothing to do, or the plan was shown.
    Success = 0,
    /// Something failed that relman has no name for.
    Unexpected = 1,
    /// The command line, a file, a version or a webhook body is invalid.
    Usage = 2,
    /// An environment, a clone, a tag or a candidate does not exist.
    NotFound = 3,
    /// Credentials are missing or do not suffice.
    Unauthorised = 4,
    /// A rule or a precondition forbids it, or another writer was first.
    Refused = 5,
    /// A remote, a forge or the network can't be reached; trying again is safe.
    Unreachable = 6,
    /// The pipeline ran and failed.
    PipelineFailed = 7,
    /// A check ran and found an error.
    ProblemsFound = 10,
    /// Interrupted, or a question was answered with No.
    Interrupted = 130,
}

impl Exit {
    /// The number that the process ends with.
    pub fn status(self) -> u8 {
        self as u8
    }
}

/// What an error says beside its message.
///
/// Each room of the house has an error enum of its own; code, exit status and hints stand next to the variant they
/// belong to.
pub trait Explain: std::error::Error {
    /// A short, stable name for scripts, such as `no-candidate`.
    fn code(&self) -> &'static str;
    /// The exit status that this error ends the process with.
    fn exit(&self) -> Exit;
    /// What to type or to look at next; may be empty.
    fn hints(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The causes of an error, as far as each says something that is not said already.
pub fn causes(error: &dyn std::error::Error) -> Vec<String> {
    let mut said = error.to_string();
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !said.contains(&text) {
            said.push_str(&text);
            causes.push(text);
        }
        cause = error.source();
    }
    causes
}

/// An error and its causes on one line.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    std::iter::once(error.to_string()).chain(causes(error)).collect::<Vec<_>>().join(": ")
}
