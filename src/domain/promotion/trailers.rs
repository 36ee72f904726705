//! The facts that a commit of relman carries.

use crate::domain::name::{CommitId, EnvironmentName, TagName};
use crate::domain::text::safe;

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
        lines
    }
}

/// A text that can't end a trailer early or begin another.
fn one_line(text: &str) -> String {
    safe(text).split_whitespace().collect::<Vec<_>>().join(" ")
}
