//! Deployments: which environment is meant, when there is nothing to do, and the facts that a pipeline is given.
//!
//! [`place`] reads what CI systems say about themselves, [`facts`] is what every engine hands to its pipeline.

pub mod facts;
pub mod place;

pub use facts::{Facts, Start};
pub use place::{Ci, Head, Place};

use super::name::EnvironmentName;

/// Why a deployment ends well without having done anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Nothing {
    /// The build belongs to a pull request.
    PullRequest,
    /// What was pushed is no environment branch.
    OtherRef(String),
    /// The branch was deleted.
    Deleted(EnvironmentName),
    /// The branch holds no version yet.
    NoVersion(EnvironmentName),
    /// The commit that is checked out is not, or no longer, the tip of its branch.
    Superseded(EnvironmentName),
    /// Another run deploys what the same trigger has begun.
    Begun(EnvironmentName),
}

impl Nothing {
    /// The word for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Nothing::PullRequest => "pull-request",
            Nothing::OtherRef(_) => "other-ref",
            Nothing::Deleted(_) => "deleted",
            Nothing::NoVersion(_) => "no-version",
            Nothing::Superseded(_) => "superseded",
            Nothing::Begun(_) => "begun-already",
        }
    }

    /// The environment, where one is meant.
    pub fn environment(&self) -> Option<&EnvironmentName> {
        match self {
            Nothing::PullRequest | Nothing::OtherRef(_) => None,
            Nothing::Deleted(name) | Nothing::NoVersion(name) | Nothing::Superseded(name) | Nothing::Begun(name) => {
                Some(name)
            }
        }
    }

    /// The reason for people.
    pub fn reason(&self) -> String {
        match self {
            Nothing::PullRequest => "a pull request's build deploys nothing".into(),
            Nothing::OtherRef(reference) => format!("{reference} is no environment branch"),
            Nothing::Deleted(name) => format!("{} was deleted", name.branch()),
            Nothing::NoVersion(name) => format!("{} holds no version yet", name.branch()),
            Nothing::Begun(name) => {
                format!("another run has deployed to {name}, or does so now, what the same trigger asks for")
            }
            Nothing::Superseded(name) => {
                format!("the commit that is to be deployed is not the tip of {} at the remote", name.branch())
            }
        }
    }
}
