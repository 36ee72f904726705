//! Why a promotion is refused, and what to type instead.

use crate::domain::error::{Exit, Explain};
use crate::domain::name::{BranchName, EnvironmentName};
use crate::domain::text::shell_word;
use crate::domain::version::Version;

/// Why there is no promotion.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The target takes no promotions from the source.
    #[error("{target} takes no promotions from {from}")]
    NoEdge {
        /// The source.
        from: EnvironmentName,
        /// The target.
        target: EnvironmentName,
        /// Where the target takes promotions from.
        expected: Vec<EnvironmentName>,
    },
    /// Source and target are the same.
    #[error("{0} can't be promoted to itself")]
    Itself(EnvironmentName),
    /// The source holds nothing that could be promoted.
    #[error("environment/{0} holds no version that could be promoted")]
    NothingDeclared(EnvironmentName),
    /// The source holds `WIP` or `ref:`, and the target needs a version.
    #[error("{from} holds {held}, and {target} needs a version")]
    NeedsVersion {
        /// The source.
        from: EnvironmentName,
        /// What it holds.
        held: String,
        /// The target.
        target: EnvironmentName,
    },
    /// `WIP` or `ref:` was given for an environment that needs a version.
    #[error("{target} needs a version, and {given} is none")]
    NotAVersion {
        /// The target.
        target: EnvironmentName,
        /// What was given.
        given: String,
    },
    /// The target has no `version:` to change.
    #[error("environment/{0} has no `version`, since it is driven from outside")]
    NoKey(EnvironmentName),
    /// There is no candidate.
    #[error("there is no candidate of {version}, so {target} would have nothing to deploy")]
    NoCandidate {
        /// The version.
        version: Version,
        /// The target.
        target: EnvironmentName,
    },
    /// The source has deployed candidates of the version, and none successfully.
    #[error("no candidate of {version} has been deployed successfully to {from}")]
    NotProven {
        /// The version.
        version: Version,
        /// The source.
        from: EnvironmentName,
    },
    /// It is lower than what was deployed last, where nothing is declared.
    #[error("{version} is lower than {current}, which {target} has deployed last")]
    GoesBack {
        /// The version.
        version: String,
        /// What was deployed last.
        current: String,
        /// The target.
        target: EnvironmentName,
    },
    /// The version is lower than what the target runs.
    #[error("{version} is lower than {current}, which {target} holds")]
    Downgrade {
        /// The version.
        version: String,
        /// What the target holds.
        current: String,
        /// The target.
        target: EnvironmentName,
    },
    /// A direct promotion was asked for, and is not safe.
    #[error("a direct promotion is not possible: {reason}")]
    NotDirect {
        /// Why.
        reason: &'static str,
    },
    /// The head branch exists, and relman did not make what is on it.
    #[error("the branch {branch} exists, and holds commits that relman did not make")]
    ForeignHead {
        /// The branch.
        branch: BranchName,
        /// Where it is, if that is not the release clone itself.
        remote: Option<String>,
    },
    /// Git can't have a branch of this name beside one that exists.
    #[error("Git can't have the branch {branch} beside {other}")]
    BlockedHead {
        /// The branch that is to be made.
        branch: BranchName,
        /// The one that is in its way.
        other: String,
    },
    /// A version is to be trusted that was never released.
    #[error("{0} has no final tag, so there is nothing to be trusted")]
    NeverReleased(Version),
    /// Nothing ran before, so there is nothing to go back to.
    #[error("{0} has held no other version before")]
    NothingBefore(EnvironmentName),
}

impl Explain for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::NoEdge { .. } => "no-edge",
            Refused::Itself(_) => "same-environment",
            Refused::NothingDeclared(_) => "nothing-declared",
            Refused::NeedsVersion { .. } | Refused::NotAVersion { .. } => "needs-version",
            Refused::NoKey(_) => "no-version-key",
            Refused::NoCandidate { .. } => "no-candidate",
            Refused::NotProven { .. } => "not-proven",
            Refused::Downgrade { .. } | Refused::GoesBack { .. } => "downgrade",
            Refused::NotDirect { .. } => "not-direct",
            Refused::ForeignHead { .. } => "foreign-head",
            Refused::BlockedHead { .. } => "blocked-head",
            Refused::NeverReleased(_) => "no-final-tag",
            Refused::NothingBefore(_) => "nothing-before",
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Refused::Itself(_) => Exit::Usage,
            Refused::NoCandidate { .. }
            | Refused::NothingDeclared(_)
            | Refused::NothingBefore(_)
            | Refused::NeverReleased(_) => Exit::NotFound,
            _ => Exit::Refused,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Refused::NoEdge { from, target, expected } => {
                let mut hints = Vec::new();
                for source in expected {
                    hints.push(format!("relman promote {source} {target}"));
                }
                hints.push(format!("if it is meant: relman promote {from} {target} --allow-skip REASON"));
                hints
            }
            Refused::Itself(_) => vec!["name two environments; relman redeploy ENV runs one again".into()],
            Refused::NothingDeclared(name) => vec![format!("relman set {name} VERSION begins a release there")],
            Refused::NeedsVersion { from, target, .. } => {
                vec![format!("name the version: relman promote {from} {target} --version 1.2.0")]
            }
            Refused::NotAVersion { target, .. } => vec![format!("relman set {target} 1.2.0")],
            Refused::NoKey(name) => vec![format!("add `version:` to release.yml on environment/{name}")],
            Refused::NoCandidate { version, .. } => {
                vec![format!("a candidate of {version} is made when an environment of type qa deploys it")]
            }
            Refused::NotProven { from, .. } => {
                vec![format!("deploy to {from} again: relman redeploy {from}")]
            }
            Refused::Downgrade { target, .. } => {
                vec![
                    format!("to go back: relman rollback {target}"),
                    "or say to set or promote that it is meant: --allow-downgrade".into(),
                ]
            }
            Refused::GoesBack { version, target, .. } => {
                vec![format!("to go back: relman deploy {target} --version {}", shell_word(version))]
            }
            Refused::NotDirect { .. } => {
                vec!["leave out --via direct, and relman makes a branch with the version alone".into()]
            }
            Refused::ForeignHead { branch, remote } => {
                let delete = match remote {
                    Some(remote) => format!("git push {} :{}", shell_word(remote), shell_word(&branch.full())),
                    None => format!("git branch -D -- {}", shell_word(branch.as_str())),
                };
                vec![format!("look at it, and delete it if nobody needs it: {delete}")]
            }
            Refused::BlockedHead { other, .. } => {
                vec![format!("rename or delete {other}; or push without a pull request: --direct-push")]
            }
            Refused::NeverReleased(version) => vec![
                format!("--unproven is for versions whose tag {} was made by hand", version.final_tag()),
                "leave it out, and a candidate is taken".into(),
            ],
            Refused::NothingBefore(name) => vec![format!("name the version: relman rollback {name} VERSION")],
        }
    }
}
