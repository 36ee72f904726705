//! The facts that a commit of relman carries.

use crate::domain::change::{Change, plain_line};
use crate::domain::name::{CommitId, EnvironmentName, TagName};

/// The facts that a commit of relman carries, as trailers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trailers {
    /// The environment and commit that the version comes from.
    pub promoted_from: Option<(EnvironmentName, CommitId)>,
    /// The version.
    pub version: String,
    /// What the target held before.
    pub previous: Option<String>,
    /// The candidate.
    pub candidate: Option<TagName>,
    /// Why a step was skipped.
    pub skipped: Option<String>,
    /// Why a version without a candidate is trusted.
    pub unproven: Option<String>,
    /// The version that was rolled back from.
    pub rolled_back: Option<String>,
    /// The change request behind it.
    pub change: Change,
    /// What began it elsewhere.
    pub trigger: Option<Trigger>,
}

/// What began a release elsewhere, as its commit tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// By this the same event is known again.
    pub id: String,
    /// The environment that it was for: branches are merged into each other, and one event may be for several.
    pub environment: EnvironmentName,
    /// Who began it.
    pub actor: Option<String>,
}

impl Trigger {
    /// The lines, in their order.
    pub fn trailers(&self) -> Vec<String> {
        let mut lines = Vec::new();
        lines.extend(self.actor.as_deref().and_then(plain_line).map(|actor| format!("Triggered-By: {actor}")));
        lines.push(format!("Trigger-Environment: {}", self.environment));
        lines.push(format!("Trigger-Id: {}", self.id));
        lines
    }
}

impl Trailers {
    /// The lines, in their order.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        lines.extend(self.promoted_from.as_ref().map(|(name, id)| format!("Promoted-From: {}@{id}", name.branch())));
        lines.push(format!("Version: {}", self.version));
        lines.extend(self.previous.as_ref().map(|previous| format!("Previous-Version: {previous}")));
        lines.extend(self.candidate.as_ref().map(|tag| format!("Candidate: {tag}")));
        lines.extend(self.rolled_back.as_ref().map(|version| format!("Rolled-Back: {version}")));
        lines.extend(self.skipped.as_ref().map(|reason| format!("Skipped: {}", one_line(reason))));
        lines.extend(self.unproven.as_ref().map(|reason| format!("Unproven: {}", one_line(reason))));
        lines.extend(self.change.trailers());
        lines.extend(self.trigger.iter().flat_map(Trigger::trailers));
        lines
    }
}

/// A text that can't end a trailer early or begin another.
fn one_line(text: &str) -> String {
    plain_line(text).unwrap_or_default()
}
