//! What came of telling Jira: what was done about each issue and each version, and what went wrong.

use super::key::{IssueKey, ProjectKey};

/// The word for an issue or a project that is not there, or hidden.
pub const NOT_THERE: &str = "not-in-jira";

/// Something that was done about an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It was moved to a status.
    Moved(String),
    /// It was given a version.
    Given(String),
    /// It was commented on.
    Commented,
}

impl Deed {
    /// What was done, as in `moved to Done`.
    pub fn sentence(&self) -> String {
        match self {
            Deed::Moved(status) => format!("moved to {status}"),
            Deed::Given(name) => format!("given the fix version {name}"),
            Deed::Commented => "commented on".to_owned(),
        }
    }
}

/// Something that went wrong, or can't be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The word for scripts.
    pub code: &'static str,
    /// What it is, in a sentence without a full stop.
    pub message: String,
    /// Whether it may go well when it is tried again, perhaps after somebody has looked at it.
    pub again: bool,
}

/// What came of one issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueAccount {
    /// The issue.
    pub key: IssueKey,
    /// What was done; nothing where it was told before.
    pub deeds: Vec<Deed>,
    /// What went wrong.
    pub troubles: Vec<Trouble>,
}

/// What became of a version of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionAccount {
    /// The project.
    pub project: ProjectKey,
    /// The name of the version.
    pub name: String,
    /// Whether it was made.
    pub created: bool,
    /// Whether it was released.
    pub released: bool,
    /// What went wrong.
    pub trouble: Option<Trouble>,
}

/// What came of telling Jira of one event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The issues that were looked at, sorted.
    pub issues: Vec<IssueAccount>,
    /// The versions that were looked at.
    pub versions: Vec<VersionAccount>,
    /// Why it was given up, where that happened.
    pub stopped: Option<Trouble>,
    /// How many issues were not told because of it.
    pub left: usize,
}

impl Account {
    /// Whether anything was changed in Jira.
    pub fn changed(&self) -> bool {
        self.issues.iter().any(|issue| !issue.deeds.is_empty())
            || self.versions.iter().any(|version| version.created || version.released)
    }

    /// Whether Jira has any of the issues.
    pub fn knows_any(&self) -> bool {
        let there = |issue: &IssueAccount| issue.troubles.iter().all(|trouble| trouble.code != NOT_THERE);
        self.issues.iter().any(there)
    }

    /// Everything that went wrong, each with what it is about.
    pub fn troubles(&self) -> impl Iterator<Item = (String, &Trouble)> {
        let issues =
            self.issues.iter().flat_map(|issue| issue.troubles.iter().map(|trouble| (issue.key.to_string(), trouble)));
        let versions = self.versions.iter().filter_map(|version| {
            let what = format!("the version {} of {}", version.name, version.project);
            version.trouble.as_ref().map(|trouble| (what, trouble))
        });
        issues.chain(versions)
    }

    /// Whether something was missed that may go well when it is tried again.
    pub fn missed(&self) -> bool {
        self.stopped.is_some() || self.troubles().any(|(_, trouble)| trouble.again)
    }
}
