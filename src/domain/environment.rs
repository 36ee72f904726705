//! Environments: the entry that describes one, and what its type means for tags.

use super::name::{BranchName, EnvironmentName, TypeName};
use super::word::words;
use super::yaml::Node;

words! {
    /// What a deployment to an environment does about tags; in the order in which a version goes through them.
    #[derive(PartialOrd, Ord)]
    pub enum Tagging {
        /// Deploys branches; makes and needs no tag.
        None = "none",
        /// Makes candidates, `v<V>-rc.<N>`.
        Candidate = "candidate",
        /// Takes a candidate or a final tag that exists; makes none.
        Reuse = "reuse",
        /// Takes a candidate and makes the final tag, `v<V>`.
        Final = "final",
    }
}

impl Tagging {
    /// What a type means where the entry does not say it: `dev`, `qa`, `staging` and `prod` are known.
    pub fn of_type(kind: &TypeName) -> Option<Self> {
        Some(match kind.as_str() {
            "dev" => Tagging::None,
            "qa" => Tagging::Candidate,
            "staging" => Tagging::Reuse,
            "prod" => Tagging::Final,
            _ => return None,
        })
    }
}

words! {
    /// What an entry wants done when some repositories have `release/<V>` and others have not.
    #[derive(Default)]
    pub enum MixedPolicy {
        /// Say so and go on.
        #[default]
        Warn = "warn",
        /// Refuse to make the candidate.
        Refuse = "refuse",
    }
}

words! {
    /// What a release that was started elsewhere, such as in Jira, does to an environment.
    #[derive(Default)]
    pub enum TriggerPolicy {
        /// It opens a pull request.
        #[default]
        PullRequest = "pull-request",
        /// It pushes to the environment's branch.
        Push = "push",
    }
}

/// Which events of Jira reach an environment that they do not name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JiraTrigger {
    /// Whether releasing a version does.
    pub version_released: bool,
    /// The statuses, by id or name, that an issue's move into does.
    pub statuses: Vec<String>,
}

/// One entry of `environments:` in a release file.
#[derive(Clone, Debug, PartialEq)]
pub struct Environment {
    /// The name; its branch is `environment/<name>`.
    pub name: EnvironmentName,
    /// The kind of environment; `None` where the entry does not say.
    pub kind: Option<TypeName>,
    /// What `tags:` says, where it says something.
    pub tags: Option<Tagging>,
    /// The app branch that WIP deploys; `None` means the app repo's default branch.
    pub branch: Option<BranchName>,
    /// Where promotions come from; `None` where the entry does not say.
    pub from: Option<Vec<EnvironmentName>>,
    /// What to do about mixed release branches.
    pub mixed: MixedPolicy,
    /// What a release that was started elsewhere does.
    pub trigger: TriggerPolicy,
    /// Which events of Jira reach it without naming it.
    pub jira_trigger: Option<JiraTrigger>,
    /// The name of a secret in the pipeline's store.
    pub credentials: Option<String>,
    /// The whole entry as it stands, the user's own keys included.
    pub entry: Node,
    /// The line that the entry begins on, counted from 1.
    pub line: usize,
}

impl Environment {
    /// What this environment does about tags: its own word, else its type's; `None` where neither says.
    pub fn tagging(&self) -> Option<Tagging> {
        self.tags.or_else(|| self.kind.as_ref().and_then(Tagging::of_type))
    }
}
