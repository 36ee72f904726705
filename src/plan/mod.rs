//! What a command is about to do, as data: shown by `--dry-run`, carried out by [`execute()`], compared whole in tests.
//!
//! A planner is pure: it gets what was read, and returns a [`Plan`] or the reason why there is none. A step finds or
//! creates, so that running again finishes what was left. The one place that acts is [`execute()`], through [`Ports`].

use std::path::Path;

pub mod branches;
pub mod deploy;
pub mod environment;
pub mod execute;
pub mod init;
pub mod promotion;
mod step;
pub mod tags;

pub use execute::{Ports, Report, execute};
pub use step::{
    CommitPush, Content, Expected, NewBranch, NewCommit, NewFile, NewRepository, OpenAlready, PullRequestWish, Step,
    StepKind,
};

/// Steps in the order in which they are carried out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<Step>,
}

impl Plan {
    /// Whether a remote is pushed to.
    pub fn pushes(&self) -> bool {
        !self.remotes().is_empty()
    }

    /// The repositories that are pushed from, each with the remote that is pushed to.
    pub fn remotes(&self) -> Vec<(&Path, &str)> {
        fn pair<'p>(folder: &'p Path, remote: &'p Option<String>) -> Option<(&'p Path, &'p str)> {
            Some((folder, remote.as_deref()?))
        }
        let remotes = self.steps.iter().filter_map(|step| match step {
            Step::Push { folder, remote, .. } => Some((folder.as_path(), remote.as_str())),
            Step::PushCommit(push) => pair(&push.folder, &push.remote),
            Step::PushTag(push) => pair(&push.folder, &push.remote),
            Step::PushBranch(push) => pair(&push.folder, &push.remote),
            _ => None,
        });
        remotes.collect()
    }

    /// Whether carrying it out changes anything.
    pub fn changes(&self) -> bool {
        self.steps.iter().any(Step::changes)
    }
}
