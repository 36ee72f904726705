//! What somebody wants of an environment's version: promote, set, roll back.

use crate::domain::change::Change;
use crate::domain::name::EnvironmentName;
use crate::domain::promotion::Trigger;
use crate::domain::release_file::Via;
use crate::domain::version::Declared;

/// What somebody wants.
#[derive(Clone, Debug)]
pub struct Wish {
    /// What is done.
    pub verb: Verb,
    /// Where the version comes from.
    pub source: Option<EnvironmentName>,
    /// Where it is brought to.
    pub target: EnvironmentName,
    /// The version, where one was given.
    pub version: Option<Declared>,
    /// The way, where one was asked for.
    pub via: Option<Via>,
    /// Why a step of the way may be skipped.
    pub allow_skip: Option<String>,
    /// Whether a lower version is meant.
    pub allow_downgrade: bool,
    /// Why a version without a candidate is trusted.
    pub unproven: Option<String>,
    /// What began it elsewhere, and the change request behind that.
    pub trigger: Option<(Trigger, Change)>,
}

impl Wish {
    /// A wish without any particulars.
    pub fn new(verb: Verb, source: Option<EnvironmentName>, target: EnvironmentName) -> Self {
        Wish {
            verb,
            source,
            target,
            version: None,
            via: None,
            allow_skip: None,
            allow_downgrade: false,
            unproven: None,
            trigger: None,
        }
    }
}

/// The three commands that change a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// From one environment to another.
    Promote,
    /// A version by its name.
    Set,
    /// Back to a version that ran before.
    Rollback,
}

impl Verb {
    /// The word for scripts.
    pub fn as_str(self) -> &'static str {
        match self {
            Verb::Promote => "promote",
            Verb::Set => "set",
            Verb::Rollback => "rollback",
        }
    }
}
