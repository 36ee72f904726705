//! Why nothing can be deployed: each reason with its code, its exit status and what to do about it.

use crate::domain::candidate::NumberError;
use crate::domain::error::{Exit, Explain};
use crate::domain::name::{BranchName, EnvironmentName, RepositoryName, TagName};
use crate::domain::text::shell_word;
use crate::domain::version::Version;

/// Why nothing can be deployed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unresolved {
    /// `WIP` where a version is needed.
    #[error("environment {environment} needs a version, and WIP is none")]
    WipNeedsVersion {
        /// The environment.
        environment: EnvironmentName,
    },
    /// There is no candidate to take.
    #[error("there is no candidate of {version}, so {environment} has nothing to deploy")]
    NoCandidate {
        /// The version.
        version: Version,
        /// The environment.
        environment: EnvironmentName,
    },
    /// The branch names a candidate that does not exist in the app repo.
    #[error("the branch of {environment} names {tag}, which the app repo does not have as a candidate of its version")]
    NamedCandidateMissing {
        /// The environment.
        environment: EnvironmentName,
        /// The candidate.
        tag: TagName,
    },
    /// The branch names one candidate, and the final tag stands on another.
    #[error("the branch of {environment} names {named}, but {final_tag} stands on {on}")]
    OtherCandidate {
        /// The environment.
        environment: EnvironmentName,
        /// The candidate that the branch names.
        named: TagName,
        /// The final tag.
        final_tag: TagName,
        /// The candidate that it stands on.
        on: TagName,
    },
    /// The final tag does not stand on one candidate in every repository.
    #[error("{tag} in {repository} is on no candidate of {version}")]
    FinalNotOnCandidate {
        /// The final tag.
        tag: TagName,
        /// The repository in which it does not.
        repository: RepositoryName,
        /// The version.
        version: Version,
    },
    /// A component has a final tag of this version from its own past.
    #[error("{repository} already has a tag {tag} that belongs to no candidate of {version}")]
    ForeignFinal {
        /// The component.
        repository: RepositoryName,
        /// The tag.
        tag: TagName,
        /// The version.
        version: Version,
    },
    /// The only candidate there is has failed, or is still being deployed, where it comes from.
    #[error("{tag} is the highest candidate of {version}, and its last deployment {state}")]
    CandidateNotGood {
        /// The candidate.
        tag: TagName,
        /// The version.
        version: Version,
        /// `has failed`, or `is still running`.
        state: &'static str,
    },
    /// A branch that is to be deployed does not exist.
    #[error("{repository} has no branch {branch}")]
    NoBranch {
        /// The repository.
        repository: RepositoryName,
        /// The branch.
        branch: BranchName,
    },
    /// It is not known which branch is the default one.
    #[error("the default branch of {repository} is not known")]
    NoDefaultBranch {
        /// The repository.
        repository: RepositoryName,
    },
    /// Repositories differ in whether they have a release branch, and the entry forbids that.
    #[error("release/{version} exists in {with} but not in {without}, and the entry says `mixed: refuse`")]
    Mixed {
        /// The version.
        version: Version,
        /// Repositories that have the branch.
        with: String,
        /// Repositories that have it not.
        without: String,
    },
    /// A component was tagged on another commit than the app's tag recorded.
    #[error("{tag} in {repository} is on {found}, but the app repo's tag recorded {recorded}")]
    MovedTag {
        /// The tag.
        tag: TagName,
        /// The component.
        repository: RepositoryName,
        /// Where the tag stands.
        found: String,
        /// Where it stood.
        recorded: String,
    },
    /// A component has neither a tag nor a recorded commit.
    #[error("{tag} does not exist in {repository}, so the release is only half tagged")]
    HalfTagged {
        /// The tag.
        tag: TagName,
        /// The component.
        repository: RepositoryName,
    },
    /// The app repo has a candidate that was made by hand, and a component lacks it.
    #[error("{tag} was made by hand in {app} and does not exist in {repository}, so the release is only half tagged")]
    HalfTaggedByHand {
        /// The tag.
        tag: TagName,
        /// The app repo.
        app: RepositoryName,
        /// The component.
        repository: RepositoryName,
    },
    /// The tag that a component is pinned to does not exist.
    #[error("{repository} is pinned to the tag {tag}, which does not exist")]
    NoPinnedTag {
        /// The component.
        repository: RepositoryName,
        /// The tag.
        tag: TagName,
    },
    /// A number has no successor.
    #[error(transparent)]
    Number(#[from] NumberError),
}

impl Explain for Unresolved {
    fn code(&self) -> &'static str {
        match self {
            Unresolved::WipNeedsVersion { .. } => "wip-needs-version",
            Unresolved::NoCandidate { .. } => "no-candidate",
            Unresolved::NamedCandidateMissing { .. } => "named-candidate-missing",
            Unresolved::OtherCandidate { .. } => "other-candidate",
            Unresolved::FinalNotOnCandidate { .. } => "final-not-on-candidate",
            Unresolved::ForeignFinal { .. } => "foreign-final-tag",
            Unresolved::CandidateNotGood { .. } => "candidate-not-good",
            Unresolved::NoBranch { .. } => "no-branch",
            Unresolved::NoDefaultBranch { .. } => "no-default-branch",
            Unresolved::Mixed { .. } => "mixed-release-branches",
            Unresolved::MovedTag { .. } => "moved-tag",
            Unresolved::HalfTagged { .. } | Unresolved::HalfTaggedByHand { .. } => "half-tagged",
            Unresolved::NoPinnedTag { .. } => "no-pinned-tag",
            Unresolved::Number(error) => error.code(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Unresolved::WipNeedsVersion { .. } => Exit::Usage,
            Unresolved::NoCandidate { .. }
            | Unresolved::NamedCandidateMissing { .. }
            | Unresolved::NoBranch { .. }
            | Unresolved::NoDefaultBranch { .. }
            | Unresolved::HalfTagged { .. }
            | Unresolved::HalfTaggedByHand { .. }
            | Unresolved::NoPinnedTag { .. } => Exit::NotFound,
            Unresolved::OtherCandidate { .. }
            | Unresolved::FinalNotOnCandidate { .. }
            | Unresolved::ForeignFinal { .. }
            | Unresolved::CandidateNotGood { .. }
            | Unresolved::Mixed { .. }
            | Unresolved::MovedTag { .. } => Exit::Refused,
            Unresolved::Number(error) => error.exit(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Unresolved::WipNeedsVersion { environment } => {
                vec![format!(
                    "set a version on environment/{environment}, or name one: relman resolve {environment} --version V"
                )]
            }
            Unresolved::NoCandidate { version, .. } => {
                vec![format!(
                    "a candidate of {version} is made when an environment that tags candidates (type qa) deploys it"
                )]
            }
            Unresolved::NamedCandidateMissing { .. } => vec!["relman fetch brings the clones up to date".into()],
            Unresolved::OtherCandidate { .. } => vec!["go on with the next version".into()],
            Unresolved::FinalNotOnCandidate { version, .. } => vec![
                "go on with the next version".into(),
                format!(
                    "or, for a version that is older than relman: relman set ENV {} --unproven REASON",
                    shell_word(version.as_str())
                ),
            ],
            Unresolved::ForeignFinal { .. } => vec!["go on with the next version".into()],
            Unresolved::CandidateNotGood { version, .. } => {
                vec![format!("promote {version} from an environment in which a candidate has succeeded")]
            }
            Unresolved::NoBranch { branch, .. } => {
                vec![format!("push {branch}, or mend `branch` in the entry or in app.yml")]
            }
            Unresolved::NoDefaultBranch { repository } => vec![
                format!("in the clone of {repository}: git remote set-head origin --auto"),
                "or name the branch: `branch` in the entry or in app.yml".into(),
            ],
            Unresolved::Mixed { version, without, .. } => vec![format!("push release/{version} in {without} too")],
            Unresolved::MovedTag { .. } => vec!["a release tag must never move; go on with the next version".into()],
            Unresolved::HalfTagged { .. } => {
                vec!["the next deployment in qa completes the tags, or takes the next number".into()]
            }
            Unresolved::HalfTaggedByHand { tag, app, repository } => vec![
                format!("tag the commit of {repository} that belongs to it: {tag}"),
                format!("or push a commit to {app}: the candidate after it gets the next number"),
            ],
            Unresolved::NoPinnedTag { .. } => vec!["mend `tag` in app.yml".into()],
            Unresolved::Number(error) => error.hints(),
        }
    }
}
