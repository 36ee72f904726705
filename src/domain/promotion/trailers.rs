//! The facts that a commit of relman carries.

use crate::domain::change::{Change, plain_line};
use crate::domain::history::{Commit, trailers};
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
    /// What else asked for the same, in the commit that this one replaces.
    pub earlier: Vec<Trigger>,
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
    /// The triggers that a commit carries for an environment, the newest last, which alone names who began it.
    fn all_of(commit: &Commit, target: &EnvironmentName) -> Vec<Self> {
        if commit.trailer("Trigger-Environment") != Some(target.as_str()) {
            return Vec::new();
        }
        let ids = trailers(&commit.message).filter(|(key, _)| *key == "Trigger-Id").map(|(_, id)| id);
        let mut all: Vec<Trigger> =
            ids.map(|id| Trigger { id: id.to_owned(), environment: target.clone(), actor: None }).collect();
        if let Some(last) = all.last_mut() {
            last.actor = commit.trailer("Triggered-By").map(str::to_owned);
        }
        all
    }

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
        lines.extend(self.earlier.iter().chain(&self.trigger).flat_map(Trigger::trailers));
        lines
    }
}

impl Trailers {
    /// Takes over what the commit that this one replaces says of triggers and of the change request: the same body again
    /// is known, and what nobody contradicts stays.
    pub fn take_over(&mut self, replaced: &Commit, target: &EnvironmentName) {
        if replaced.trailer("Version") != Some(self.version.as_str()) {
            return;
        }
        if self.change.is_empty() {
            self.change = Change::of(replaced);
        }
        let mut earlier = Trigger::all_of(replaced, target);
        match &self.trigger {
            Some(own) => earlier.retain(|other| other.id != own.id),
            None => self.trigger = earlier.pop(),
        }
        self.earlier = earlier;
    }

    /// Whether a message carries these facts and no others. The commit of the environment that a version comes from may
    /// be an older one: a deployment does not depend on it.
    pub fn are_those_of(&self, message: &str) -> bool {
        facts(message) == facts(&format!("subject\n\n{}", self.lines().join("\n")))
    }
}

/// What the trailers of a message say about a promotion.
fn facts(message: &str) -> Vec<(&str, &str)> {
    let without_commit = |value| str::split_once(value, '@').map_or(value, |(branch, _)| branch);
    trailers(message)
        .filter(|(key, _)| !FOREIGN.contains(key))
        .map(|(key, value)| (key, if key == "Promoted-From" { without_commit(value) } else { value }))
        .collect()
}

/// Trailers that a server's hooks or a signing policy add to every commit.
const FOREIGN: [&str; 2] = ["Signed-off-by", "Change-Id"];

/// A text that can't end a trailer early or begin another.
fn one_line(text: &str) -> String {
    plain_line(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(candidate: u64, from: char) -> Trailers {
        Trailers {
            promoted_from: EnvironmentName::parse("qa").ok().zip(CommitId::parse(&from.to_string().repeat(40))),
            version: "1.2.0".into(),
            candidate: TagName::parse(&format!("v1.2.0-rc.{candidate}")).ok(),
            ..Trailers::default()
        }
    }

    fn message(trailers: &Trailers) -> String {
        format!("Promote it\n\n{}\n", trailers.lines().join("\n"))
    }

    #[test]
    fn a_commit_with_other_facts_is_another_one() {
        let wanted = of(3, 'a');
        assert!(wanted.are_those_of(&message(&wanted)));
        assert!(wanted.are_those_of(&message(&of(3, 'b'))), "what is deployed is the same");
        assert!(!wanted.are_those_of(&message(&of(1, 'a'))), "another candidate");
        assert!(!wanted.are_those_of(&message(&Trailers { promoted_from: None, ..wanted.clone() })));
        assert!(!wanted.are_those_of(&message(&Trailers { unproven: Some("old".into()), ..wanted.clone() })));
        assert!(!wanted.are_those_of("Promote it\n"));
        assert!(wanted.are_those_of(&format!("{}Signed-off-by: A <a@b>\n", message(&wanted))));
    }
}
