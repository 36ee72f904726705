//! Records of deployments, as JSON lines in a Git note: what ran, not what was declared.

use serde::Deserialize;

use super::name::{EnvironmentName, TagName};

/// The notes reference that holds the records.
pub const NOTES_REF: &str = "refs/notes/relman/deployments";

/// The schema that a line must name to be read.
pub const SCHEMA: &str = "relman.record/1";

/// After how long, in seconds, a deployment without an end counts as interrupted.
pub const INTERRUPTED_AFTER: i64 = 24 * 60 * 60;

/// How a deployment went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was started, and its end is not known.
    Running,
    /// The pipeline ended well.
    Succeeded,
    /// The pipeline failed.
    Failed,
    /// It was started and never came to an end.
    Interrupted,
}

impl Outcome {
    /// The word for scripts.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Running => "running",
            Outcome::Succeeded => "succeeded",
            Outcome::Failed => "failed",
            Outcome::Interrupted => "interrupted",
        }
    }
}

/// One line of a note: the start of a deployment, or its end.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Record {
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// What start and end of one deployment have in common.
    pub id: String,
    /// The schema of the line.
    pub schema: String,
    /// The environment.
    pub environment: String,
    /// How it went.
    pub outcome: Outcome,
    /// The version; `None` for `ref:` deployments of an unnamed commit.
    #[serde(default)]
    pub version: Option<String>,
    /// The tag that was deployed.
    #[serde(default)]
    pub tag: Option<String>,
    /// The candidate behind it.
    #[serde(default)]
    pub candidate: Option<String>,
    /// Where the run can be looked at.
    #[serde(default)]
    pub url: Option<String>,
}

impl Record {
    /// The candidate, as a tag.
    pub fn candidate_tag(&self) -> Option<TagName> {
        self.candidate.as_deref().and_then(|text| TagName::parse(text).ok())
    }

    /// The time in seconds since 1970; `None` where `at` is no time.
    pub fn seconds(&self) -> Option<i64> {
        self.at.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
    }
}

/// The records of a note, sorted by time. Blank lines, and lines of a schema that is not ours, are skipped.
pub fn parse(note: &str) -> Vec<Record> {
    let mut records: Vec<Record> = note
        .lines()
        .filter(|line| !line.trim().is_empty())
        .filter_map(|line| serde_json::from_str::<Record>(line).ok())
        .filter(|record| record.schema == SCHEMA && record.seconds().is_some())
        .collect();
    records.sort_by(|a, b| a.at.cmp(&b.at));
    records
}

/// The last deployment of an environment among records that are sorted by time, as it stands at `now`.
///
/// A start without an end is `running`, and `interrupted` once 24 hours have passed.
pub fn latest<'a>(records: &'a [Record], environment: &EnvironmentName, now: i64) -> Option<(&'a Record, Outcome)> {
    let record = records.iter().rev().find(|record| record.environment == environment.as_str())?;
    let stale = record.seconds().is_some_and(|at| now - at > INTERRUPTED_AFTER);
    let outcome = match record.outcome {
        Outcome::Running if stale => Outcome::Interrupted,
        outcome => outcome,
    };
    Some((record, outcome))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(at: &str, outcome: &str) -> String {
        format!(
            r#"{{"at":"{at}","id":"1","schema":"relman.record/1","environment":"qa","outcome":"{outcome}","version":"1.0.0","tag":null,"candidate":"v1.0.0-rc.1","url":null,"more":[1]}}"#
        )
    }

    #[test]
    fn lines_are_sorted_and_strangers_skipped() {
        let note = format!(
            "{}\n\n{{\"schema\":\"other\"}}\nnot json\n{}\n",
            line("2026-11-22T09:30:04.200Z", "succeeded"),
            line("2026-11-22T09:29:00.000Z", "running")
        );
        let records = parse(&note);
        assert_eq!(records.iter().map(|r| r.outcome).collect::<Vec<_>>(), [Outcome::Running, Outcome::Succeeded]);
    }

    #[test]
    fn a_start_without_an_end_is_interrupted_after_a_day() {
        let records = parse(&line("2026-11-22T09:30:04.200Z", "running"));
        let qa = EnvironmentName::parse("qa").expect("a name");
        let at = records[0].seconds().expect("a time");
        assert_eq!(latest(&records, &qa, at + 60).map(|(_, o)| o), Some(Outcome::Running));
        assert_eq!(latest(&records, &qa, at + INTERRUPTED_AFTER + 1).map(|(_, o)| o), Some(Outcome::Interrupted));
        assert_eq!(latest(&records, &EnvironmentName::parse("prod").expect("a name"), at), None);
    }
}
