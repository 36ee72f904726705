//! Planning a deployment: every tag, checkout, record and word to others, and the pipeline in between.

use std::path::PathBuf;

use crate::domain::app_file::Engine;
use crate::domain::jira::Telling;
use crate::domain::name::{CommitId, EnvironmentName, RepositoryName};

use super::{Plan, Step, StepKind};

/// What a deployment does. It is shown by `--dry-run`, carried out part by part, and part of the answer.
///
/// A tag that somebody else pushes meanwhile changes the release; then all of it is planned again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// The tags; no steps where none is made.
    pub tags: Plan,
    /// The repositories that are checked out side by side; none where the pipeline runs elsewhere.
    pub checkouts: Vec<CheckOut>,
    /// Where its records go.
    pub records: Records,
    /// The host of the forge that shows it beside the release commit, where there is one.
    pub shown_at: Option<String>,
    /// What runs the pipeline.
    pub engine: Engine,
    /// What it starts, as words and values.
    pub starts: Vec<(&'static str, String)>,
    /// What Jira is told once it has ended well.
    pub telling: Option<Telling>,
    /// The environment whose open pull requests name another candidate from now on.
    pub refreshed: Option<EnvironmentName>,
}

/// A repository that is checked out at a commit, in a folder of its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckOut {
    /// The repository, and the folder.
    pub name: RepositoryName,
    /// The clone that it comes from.
    pub git_dir: PathBuf,
    /// The remote that has what the clone lacks.
    pub remote: Option<String>,
    /// The commit.
    pub commit: CommitId,
}

/// The note that records are written into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Records {
    /// The remote that takes them; `None`: the release repo itself.
    pub remote: Option<String>,
    /// The commit of the release repo that the note is on.
    pub on: CommitId,
}

/// One thing that a deployment does, for people and scripts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// What kind of step it is.
    pub kind: StepKind,
    /// What it is, in a sentence without a full stop.
    pub summary: String,
    /// Whether it changes anything.
    pub changes: bool,
}

impl From<&Step> for Deed {
    fn from(step: &Step) -> Self {
        Deed { kind: step.kind(), summary: step.summary(), changes: step.changes() }
    }
}

impl Deployment {
    /// All that is done, in its order.
    pub fn deeds(&self) -> Vec<Deed> {
        let mut deeds: Vec<Deed> = self.tags.steps.iter().map(Deed::from).collect();
        let mut add = |kind, changes, summary| deeds.push(Deed { kind, summary, changes });
        for checkout in &self.checkouts {
            let CheckOut { name, commit, .. } = checkout;
            add(StepKind::CheckOut, false, format!("check out {name} at {} in a folder of its own", commit.short()));
        }
        let place = self.records.remote.as_ref().map(|remote| format!(" at {remote}")).unwrap_or_default();
        let on = self.records.on.short();
        let record = |what| format!("record {what}, in a note{place} on {on}");
        let show = |what, host| format!("show {what} beside {on} at {host}, where there is a token for it");
        add(StepKind::Record, true, record("that it begins"));
        if let Some(host) = &self.shown_at {
            add(StepKind::Status, true, show("that it begins", host));
        }
        let starts: Vec<String> = self.starts.iter().map(|(word, value)| format!("{word}: {value}")).collect();
        let starts = if starts.is_empty() { String::new() } else { format!(" ({})", starts.join("; ")) };
        add(StepKind::Run, true, format!("run the pipeline by {}{starts}", self.engine.as_str()));
        add(StepKind::Record, true, record("how it ended"));
        if let Some(host) = &self.shown_at {
            add(StepKind::Status, true, show("how it ended", host));
        }
        if let Some(telling) = &self.telling {
            add(StepKind::Jira, true, telling.summary());
        }
        if let (Some(environment), Some(host)) = (&self.refreshed, &self.shown_at) {
            let what = format!("bring open pull requests from {environment} up to date at {host}");
            add(StepKind::PullRequest, true, format!("{what}, where there is a token for it"));
        }
        deeds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_told_in_its_order() {
        let id = |digit: &str| CommitId::parse(&digit.repeat(40)).expect("an id");
        let mut plan = Deployment {
            tags: Plan { steps: vec![Step::Keep { summary: "keep v1.0.0-rc.1 in app".into() }] },
            checkouts: vec![CheckOut {
                name: RepositoryName::parse("app").expect("a name"),
                git_dir: "/clones/app/.git".into(),
                remote: None,
                commit: id("a"),
            }],
            records: Records { remote: Some("origin".into()), on: id("f") },
            shown_at: Some("git.example.com".into()),
            engine: Engine::Shell,
            starts: vec![("steps", "deploy, smoke".into())],
            telling: None,
            refreshed: EnvironmentName::parse("qa").ok(),
        };
        let told = |plan: &Deployment| -> Vec<String> {
            let deed =
                |deed: Deed| format!("{}{} {}", deed.kind.as_str(), if deed.changes { "!" } else { "" }, deed.summary);
            plan.deeds().into_iter().map(deed).collect()
        };
        assert_eq!(
            told(&plan),
            [
                "keep keep v1.0.0-rc.1 in app",
                "check-out check out app at aaaaaaaaaa in a folder of its own",
                "record! record that it begins, in a note at origin on ffffffffff",
                "status! show that it begins beside ffffffffff at git.example.com, where there is a token for it",
                "run! run the pipeline by shell (steps: deploy, smoke)",
                "record! record how it ended, in a note at origin on ffffffffff",
                "status! show how it ended beside ffffffffff at git.example.com, where there is a token for it",
                "pull-request! bring open pull requests from qa up to date at git.example.com, where there is a token for it",
            ]
        );
        // Where there is no forge, nothing is told to one.
        plan.shown_at = None;
        assert_eq!(told(&plan).len(), 5);
    }
}
