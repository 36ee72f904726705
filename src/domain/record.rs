//! Records of deployments, as JSON lines in a Git note: what ran, not what was declared.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::name::{EnvironmentName, TagName};
use super::word::words;

/// The notes reference that holds the records.
pub const NOTES_REF: &str = "refs/notes/relman/deployments";

/// The schema that a line must name to be read.
pub const SCHEMA: &str = "relman.record/1";

/// After how long, in seconds, a deployment without an end counts as interrupted.
const INTERRUPTED_AFTER: i64 = 24 * 60 * 60;

/// How far, in seconds, clocks of two machines may be apart without a word about it.
const SKEW: i64 = 5 * 60;

words! {
    /// How a deployment went.
    #[derive(Deserialize)]
    pub enum Outcome {
        /// It was started, and its end is not known.
        Running = "running",
        /// The pipeline ended well.
        Succeeded = "succeeded",
        /// The pipeline failed.
        Failed = "failed",
        /// It was started and never came to an end.
        Interrupted = "interrupted",
    }
}

/// One line of a note: the start of a deployment, or its end. The fields stand in the order in which they are written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Record {
    /// When, RFC 3339 in UTC with milliseconds.
    #[schemars(extend("format" = "date-time"))]
    pub at: String,
    /// What start and end of one deployment have in common.
    pub id: String,
    /// The schema of the line.
    pub schema: String,
    /// The environment.
    pub environment: String,
    /// How it went.
    pub outcome: Outcome,
    /// What was deployed, as `version:` says it.
    #[serde(default)]
    pub version: Option<String>,
    /// The tag that was deployed.
    #[serde(default)]
    pub tag: Option<String>,
    /// The candidate behind it.
    #[serde(default)]
    pub candidate: Option<String>,
    /// The commit of the release repo.
    #[serde(default)]
    pub release_commit: Option<String>,
    /// The commit of the app repo.
    #[serde(default)]
    pub app_commit: Option<String>,
    /// The commits of all repositories, the app first.
    #[serde(default)]
    pub repositories: Vec<RepositoryRecord>,
    /// The file that defines the pipeline.
    #[serde(default)]
    pub pipeline: Option<FileRecord>,
    /// The Helm values files.
    #[serde(default)]
    pub values: Vec<FileRecord>,
    /// What ran the pipeline.
    #[serde(default)]
    pub engine: Option<String>,
    /// Where the run can be looked at.
    #[serde(default)]
    pub url: Option<String>,
    /// Who started it.
    #[serde(default)]
    pub actor: Option<String>,
    /// Whether `release/<V>` was in some repositories only.
    #[serde(default)]
    pub mixed: bool,
    /// The change request that asked for it.
    #[serde(default)]
    pub change_request: Option<String>,
    /// The pull request that brought the version.
    #[serde(default)]
    pub pull_request: Option<PullRequestRecord>,
    /// Why it failed.
    #[serde(default)]
    pub error: Option<String>,
    /// Why a final tag that stands on no candidate was trusted.
    #[serde(default)]
    pub unproven: Option<String>,
    /// The event elsewhere that began it, where one did so without a commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger_id: Option<String>,
    /// The item of the configuration that the change request is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_item: Option<String>,
    /// What the change request says is changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_description: Option<String>,
}

/// A repository of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct RepositoryRecord {
    /// Its name.
    pub name: String,
    /// The commit.
    pub commit: String,
    /// The reference that the commit came from.
    pub r#ref: String,
}

/// A file of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct FileRecord {
    /// Its path in the app repo.
    pub path: String,
    /// The object that holds it.
    pub blob: String,
}

/// The pull request behind a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct PullRequestRecord {
    /// Its number.
    pub number: u64,
    /// Where it can be looked at.
    #[serde(default)]
    pub url: Option<String>,
    /// Who opened it.
    #[serde(default)]
    pub author: Option<String>,
    /// Who merged it.
    #[serde(default)]
    pub merged_by: Option<String>,
    /// Who approved it.
    #[serde(default)]
    pub approved_by: Vec<String>,
}

impl Record {
    /// The record of the end of a deployment whose start this is.
    #[must_use]
    pub fn ended(&self, at: String, outcome: Outcome, error: Option<String>) -> Self {
        Record { at, outcome, error, ..self.clone() }
    }

    /// The line that is written, without its line break.
    pub fn line(&self) -> String {
        // Texts, lists and structs can't fail to serialise.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The subject of the commit that writes it.
    pub fn subject(&self, prefix: &str) -> String {
        let version = self.version.as_deref().unwrap_or("-");
        format!("{prefix}record: {} {version} {}", self.environment, self.outcome.as_str())
    }

    /// The candidate, as a tag.
    pub fn candidate_tag(&self) -> Option<TagName> {
        self.candidate.as_deref().and_then(|text| TagName::parse(text).ok())
    }

    /// The time in seconds since 1970; `None` where `at` is no time.
    pub fn seconds(&self) -> Option<i64> {
        self.at.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
    }

    /// Whether its time lies so far ahead of `now`, in seconds since 1970, that one of two clocks must be wrong.
    pub fn is_ahead_of(&self, now: i64) -> bool {
        self.seconds().is_some_and(|at| at > now + SKEW)
    }
}

/// The environment that the subject of a commit which wrote a record names; `None` where it is no such subject.
pub fn environment_of(subject: &str) -> Option<&str> {
    let (_, written) = subject.split_once("record: ")?;
    let mut words = written.split(' ');
    let (environment, outcome) = (words.next()?, words.next_back()?);
    let outcomes = [Outcome::Running, Outcome::Succeeded, Outcome::Failed, Outcome::Interrupted];
    outcomes.iter().any(|known| known.as_str() == outcome).then_some(environment)
}

/// A moment, in milliseconds since 1970, as records write it.
pub fn moment(milliseconds: i64) -> String {
    let moment = jiff::Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    moment.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// What a note holds after a line was added to it; a line that is there already is not doubled.
pub fn appended(note: &str, line: &str) -> String {
    if note.lines().any(|known| known == line) {
        return note.to_owned();
    }
    match note.trim_end() {
        "" => format!("{line}\n"),
        before => format!("{before}\n{line}\n"),
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

/// How every deployment among these records stands at `now`, in seconds since 1970: its newest line, and its outcome.
///
/// The records are sorted by time, and so are the answers. A start without an end is `running`, and `interrupted` once
/// its environment has a newer record or 24 hours have passed. Whoever reads outcomes of records asks here.
pub fn standing(records: &[Record], now: i64) -> Vec<(&Record, Outcome)> {
    let mut newest: HashMap<&str, &str> = HashMap::new();
    let mut last_lines: HashMap<&str, usize> = HashMap::new();
    for (index, record) in records.iter().enumerate() {
        newest.insert(&record.environment, &record.at);
        let last = last_lines.entry(&record.id).or_insert(index);
        // Clocks of two machines may differ: an end is the end, whatever its time.
        if record.outcome != Outcome::Running || records[*last].outcome == Outcome::Running {
            *last = index;
        }
    }
    let deployments = records.iter().enumerate().filter(|(index, record)| last_lines[record.id.as_str()] == *index);
    deployments
        .map(|(_, record)| {
            let is_stale = || record.seconds().is_some_and(|at| now - at > INTERRUPTED_AFTER);
            let is_left = || newest[record.environment.as_str()] > record.at.as_str();
            match record.outcome {
                Outcome::Running if is_left() || is_stale() => (record, Outcome::Interrupted),
                outcome => (record, outcome),
            }
        })
        .collect()
}

/// The last deployment of an environment among records that are sorted by time, as it stands at `now`.
pub fn latest<'a>(records: &'a [Record], environment: &EnvironmentName, now: i64) -> Option<(&'a Record, Outcome)> {
    standing(records, now).into_iter().rfind(|(record, _)| record.environment == environment.as_str())
}

/// A deployment: what its records say together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// When it was started, as its first record says it.
    pub started: String,
    /// Its last record.
    pub record: Record,
    /// How it went, as it stood at the time that was asked for.
    pub outcome: Outcome,
}

impl Deployment {
    /// When it was started, in seconds since 1970.
    pub fn started_at(&self) -> Option<i64> {
        self.started.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
    }
}

/// The deployments among records that are sorted by time, in the order in which they were started, as they stand at
/// `now`, in seconds since 1970.
pub fn deployments(records: &[Record], now: i64) -> Vec<Deployment> {
    let mut started: HashMap<&str, &str> = HashMap::new();
    for record in records {
        started.entry(&record.id).or_insert(&record.at);
    }
    let mut deployments: Vec<Deployment> = standing(records, now)
        .into_iter()
        .map(|(record, outcome)| {
            let started = started.get(record.id.as_str()).copied().unwrap_or(&record.at).to_owned();
            Deployment { started, record: record.clone(), outcome }
        })
        .collect();
    deployments.sort_by(|a, b| a.started.cmp(&b.started));
    deployments
}

/// Of the deployments that one trigger has begun and that have not gone wrong, the id of the one that a note names first.
///
/// Lines stand in a note in the order in which they were taken, so all who read it find the same one.
pub fn first_begun(note: &str, environment: &EnvironmentName, trigger: &str) -> Option<String> {
    let records: Vec<Record> = note.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let went_wrong = |id: &str| {
        let wrong = [Outcome::Failed, Outcome::Interrupted];
        records.iter().any(|record| record.id == id && wrong.contains(&record.outcome))
    };
    let ours = |record: &&Record| {
        record.trigger_id.as_deref() == Some(trigger)
            && record.environment == environment.as_str()
            && !went_wrong(&record.id)
    };
    records.iter().find(ours).map(|record| record.id.clone())
}

/// The earlier deployments of just what `start` begins to deploy, by the same engine, of which no end is known: their ids,
/// the newest first.
pub fn unfinished(note: &str, start: &Record) -> Vec<String> {
    let records: Vec<Record> = note.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let is_same = |record: &Record| {
        (&record.environment, &record.tag, &record.app_commit, &record.engine)
            == (&start.environment, &start.tag, &start.app_commit, &start.engine)
    };
    let has_ended = |id: &str| {
        let ends = [Outcome::Succeeded, Outcome::Failed];
        records.iter().any(|record| record.id == id && ends.contains(&record.outcome))
    };
    let mut found: Vec<String> = Vec::new();
    for record in records.iter().rev().filter(|record| is_same(record) && record.id != start.id) {
        if !has_ended(&record.id) && !found.contains(&record.id) {
            found.push(record.id.clone());
        }
    }
    found
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
    fn the_subject_of_a_record_names_its_environment() {
        let record = &parse(&line("2026-03-03T09:00:00.000Z", "succeeded"))[0];
        assert_eq!(environment_of(&record.subject("REL-1 ")), Some("qa"));
        for other in ["Notes added by 'git notes append'", "record: keeping", "trigger: qa 1.0.0 already"] {
            assert_eq!(environment_of(other), None, "{other}");
        }
    }

    #[test]
    fn what_has_no_end_is_found_again() {
        let of = |id: &str, outcome: &str| {
            line("2026-11-22T09:00:00.000Z", outcome).replace(r#""id":"1""#, &format!(r#""id":"{id}""#))
        };
        let note =
            [of("1", "running"), of("1", "failed"), of("2", "running"), of("3", "running"), of("3", "interrupted")];
        let other = of("4", "running").replace(r#""qa""#, r#""dev""#);
        let start: Record = serde_json::from_str(&of("5", "running")).expect("a record");
        let note = format!("{}\n{other}\n{}\n", note.join("\n"), of("5", "running"));
        assert_eq!(unfinished(&note, &start), ["3", "2"]);
        let newer = Record { tag: Some("v1.0.0-rc.2".into()), ..start };
        assert_eq!(unfinished(&note, &newer), [""; 0]);
    }

    #[test]
    fn the_first_of_several_that_one_trigger_has_begun_is_the_first_line() {
        let begun = |at: &str, id: &str, outcome: &str| {
            let line = line(at, outcome).replace(r#""id":"1""#, &format!(r#""id":"{id}""#));
            line.replacen('{', r#"{"trigger_id":"T","#, 1)
        };
        let (later, earlier) = ("2026-11-22T09:30:04.200Z", "2026-11-22T09:29:00.000Z");
        let qa = EnvironmentName::parse("qa").expect("a name");
        // The clock of the second machine is behind.
        let note = format!("{}\n{}\n", begun(later, "a", "running"), begun(earlier, "b", "running"));
        assert_eq!(first_begun(&note, &qa, "T").as_deref(), Some("a"));
        let ended = format!("{note}{}\n", begun(later, "a", "failed"));
        assert_eq!(first_begun(&ended, &qa, "T").as_deref(), Some("b"));
        let done = format!("{note}{}\n", begun(later, "a", "succeeded"));
        assert_eq!(first_begun(&done, &qa, "T").as_deref(), Some("a"));
        assert_eq!(first_begun(&note, &qa, "other"), None);
        assert_eq!(first_begun(&note, &EnvironmentName::parse("prod").expect("a name"), "T"), None);
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
    fn a_line_has_its_fields_in_order_and_says_what_is_not_known() {
        let start = parse(&line("2026-11-22T09:30:04.200Z", "running")).remove(0);
        let end = start.ended(moment(1_795_339_804_205), Outcome::Failed, Some("step deploy failed".into()));
        let text = end.line();
        let keys = [
            "at",
            "id",
            "schema",
            "environment",
            "outcome",
            "version",
            "tag",
            "candidate",
            "release_commit",
            "app_commit",
            "repositories",
            "pipeline",
            "values",
            "engine",
            "url",
            "actor",
            "mixed",
            "change_request",
            "pull_request",
            "error",
            "unproven",
        ];
        let places: Vec<_> = keys.iter().map(|key| text.find(&format!("\"{key}\":")).expect(key)).collect();
        assert!(places.is_sorted(), "{text}");
        assert!(text.starts_with("{\"at\":\"2026-11-22T09:30:04.205Z\",\"id\":\"1\","), "{text}");
        assert_eq!(parse(&text), std::slice::from_ref(&end));
        assert_eq!(end.subject("OPS-1 "), "OPS-1 record: qa 1.0.0 failed");
    }

    #[test]
    fn a_line_is_added_once() {
        assert_eq!(appended("", "a"), "a\n");
        assert_eq!(appended("a\n\n", "b"), "a\nb\n");
        assert_eq!(appended("a\nb\n", "a"), "a\nb\n");
    }

    /// Records by time in minutes: id, environment, outcome. All of them are of the same day.
    fn records(lines: &[(u32, &str, &str, &str)]) -> Vec<Record> {
        let text = |(minute, id, environment, outcome): &(u32, &str, &str, &str)| {
            let line = line(&format!("2026-11-22T09:{minute:02}:00.000Z"), outcome);
            line.replace(r#""id":"1""#, &format!(r#""id":"{id}""#)).replace(r#""qa""#, &format!(r#""{environment}""#))
        };
        parse(&lines.iter().map(text).collect::<Vec<_>>().join("\n"))
    }

    fn standings(records: &[Record]) -> Vec<(&str, Outcome)> {
        let now = records.last().and_then(Record::seconds).expect("a time") + 60;
        standing(records, now).into_iter().map(|(record, outcome)| (record.id.as_str(), outcome)).collect()
    }

    #[test]
    fn a_start_without_an_end_is_interrupted_after_a_day() {
        let records = records(&[(30, "a", "qa", "running")]);
        let qa = EnvironmentName::parse("qa").expect("a name");
        let at = records[0].seconds().expect("a time");
        assert_eq!(latest(&records, &qa, at + 60).map(|(_, o)| o), Some(Outcome::Running));
        assert_eq!(latest(&records, &qa, at + INTERRUPTED_AFTER + 1).map(|(_, o)| o), Some(Outcome::Interrupted));
        assert_eq!(latest(&records, &EnvironmentName::parse("prod").expect("a name"), at), None);
    }

    #[test]
    fn a_start_without_an_end_is_interrupted_once_its_environment_has_a_newer_record() {
        let restarted = records(&[(1, "a", "qa", "running"), (2, "b", "qa", "running")]);
        assert_eq!(standings(&restarted), [("a", Outcome::Interrupted), ("b", Outcome::Running)]);
        let elsewhere = records(&[(1, "a", "qa", "running"), (2, "b", "prod", "succeeded")]);
        assert_eq!(standings(&elsewhere), [("a", Outcome::Running), ("b", Outcome::Succeeded)]);
    }

    #[test]
    fn an_end_stands_for_its_start() {
        let ended = records(&[(1, "a", "qa", "running"), (2, "b", "qa", "running"), (3, "a", "qa", "failed")]);
        assert_eq!(standings(&ended), [("b", Outcome::Interrupted), ("a", Outcome::Failed)]);
        let clocks_differ = records(&[(1, "a", "qa", "succeeded"), (2, "a", "qa", "running")]);
        assert_eq!(standings(&clocks_differ), [("a", Outcome::Succeeded)]);
    }
}
