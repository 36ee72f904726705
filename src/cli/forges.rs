//! The forge that a release repo lies on, if there is one that can be asked.

use crate::domain::name::EnvironmentName;
use crate::domain::promotion::MergeRules;
use crate::plan::PullRequestWish;
use crate::plan::promotion::Proposal;
use crate::render::promotion::{Ending, PullRequestJson};
use crate::workspace::Workspace;

use super::Context;

/// Flags for the pull request.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct PullRequestArgs {
    /// Open the pull request as a draft
    #[arg(long)]
    pub(super) draft: bool,
    /// Ask this person to review it, by the name at the forge; again for each
    #[arg(long = "reviewer", value_name = "R")]
    pub(super) reviewers: Vec<String>,
    /// Give it this label, where the forge has labels; again for each
    #[arg(long = "label", value_name = "L")]
    pub(super) labels: Vec<String>,
}

/// A pull request that was found or opened.
#[derive(Clone, Debug)]
pub(super) struct Opened {
    /// What became of it.
    pub(super) ending: Ending,
    /// The forge.
    pub(super) forge: &'static str,
    /// Its number.
    pub(super) number: u64,
    /// Its page.
    pub(super) url: String,
}

/// A forge with credentials.
pub(super) struct Connection;

impl Connection {
    pub(super) fn open(&self, _wish: &PullRequestWish) -> anyhow::Result<Opened> {
        anyhow::bail!("no forge")
    }
}

/// How far pull requests can be reached: a forge with credentials, its pages alone, or nothing.
pub(super) struct Reach;

impl Reach {
    pub(super) fn rules(&self) -> MergeRules {
        MergeRules::default()
    }
    pub(super) fn can_open(&self) -> bool {
        false
    }
    pub(super) fn page(&self, _proposal: &Proposal) -> Option<String> {
        None
    }
    pub(super) fn pull_request(&self, proposal: &Proposal) -> Option<PullRequestJson> {
        let _ = proposal;
        None
    }
    pub(super) fn connection(self) -> Option<Connection> {
        None
    }
}

/// Finds the forge.
pub(super) fn reach(
    _context: &Context<'_>,
    _workspace: &Workspace,
    _target: &EnvironmentName,
    _direct_push: bool,
    _args: &PullRequestArgs,
) -> anyhow::Result<Reach> {
    Ok(Reach)
}
