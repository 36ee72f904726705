//! What a command is about to do, as data: shown by `--dry-run`, carried out by [`execute()`], compared whole in tests.
//!
//! A planner is pure: it gets what was read, and returns a [`Plan`] or the reason why there is none. A step finds or
//! creates, so that running again finishes what was left. The one place that acts is [`execute()`], through [`Ports`].

pub mod branches;
pub mod environment;
pub mod execute;
pub mod init;
pub mod promotion;
mod step;
pub mod tags;

pub use execute::{Ports, Report, execute};
pub use step::{CommitPush, Content, Expected, NewBranch, NewCommit, NewFile, NewRepository, PullRequestWish, Step};

/// Steps in the order in which they are carried out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<Step>,
}

impl Plan {
    /// Whether a remote is pushed to.
    pub fn pushes(&self) -> bool {
        self.steps.iter().any(|step| match step {
            Step::Push { .. } => true,
            Step::PushCommit(push) => push.remote.is_some(),
            Step::PushTag(push) => push.remote.is_some(),
            Step::PushBranch(push) => push.remote.is_some(),
            _ => false,
        })
    }

    /// Whether carrying it out changes anything.
    pub fn changes(&self) -> bool {
        self.steps.iter().any(Step::changes)
    }
}
