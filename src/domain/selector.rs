//! Which state of an environment is meant: `prod`, `prod@1.2.0`, `prod@yesterday`, `prod@<commit>`.

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;

use super::candidate::Candidate;
use super::error::{Exit, Explain};
use super::moment::{InvalidDate, Moment};
use super::name::{CommitId, EnvironmentName, InvalidName};
use super::timeline::Timeline;
use super::version::Version;

/// How many digits of a commit id are enough, as Git itself prints at least so many.
const USUAL_ID: usize = 7;

/// How few are enough where a letter among them shows that it is no number: what Git takes at least.
const SHORTEST_ID: usize = 4;

/// `ENV` or `ENV@WHAT`. The name of an environment can't hold an `@`, so the first one ends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    /// The environment.
    pub environment: EnvironmentName,
    /// What follows the `@`: a version, a date or a commit, whichever the history of the environment makes it.
    pub at: Option<String>,
}

/// A text that selects no state of an environment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSelector {
    /// What stands before the `@` is no name.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// Nothing follows the `@`.
    #[error("nothing follows the @ in {0:?}")]
    Nothing(String),
}

impl Explain for InvalidSelector {
    fn code(&self) -> &'static str {
        "invalid-selector"
    }
    fn exit(&self) -> Exit {
        Exit::Usage
    }
    fn hints(&self) -> Vec<String> {
        vec!["type ENV, ENV@VERSION, ENV@DATE or ENV@COMMIT, such as prod@2026-03-01".into()]
    }
}

impl FromStr for Selector {
    type Err = InvalidSelector;

    fn from_str(text: &str) -> Result<Self, InvalidSelector> {
        let (name, at) = match text.split_once('@') {
            Some((_, "")) => return Err(InvalidSelector::Nothing(text.to_owned())),
            Some((name, at)) => (name, Some(at.to_owned())),
            None => (text, None),
        };
        Ok(Selector { environment: EnvironmentName::parse(name)?, at })
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.at {
            Some(at) => write!(f, "{}@{at}", self.environment),
            None => write!(f, "{}", self.environment),
        }
    }
}

/// What follows the `@`, once the history of the environment has been looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Point {
    /// Nothing: what is there now.
    Newest,
    /// The last time that the environment held, or ran, this version.
    Version(String),
    /// What was there at this time.
    Time(Moment),
    /// What this commit of the release repo declared.
    Commit(CommitId),
}

/// Nothing in the history of an environment is meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unselected {
    /// It is a date, and one that can't be used.
    #[error(transparent)]
    Date(#[from] InvalidDate),
    /// It is neither a date nor anything that the environment has had.
    #[error("{at:?} is no version or commit that {environment} ever had, and no date")]
    Unknown {
        /// The environment.
        environment: EnvironmentName,
        /// What was typed.
        at: String,
    },
    /// The history of the clone ends after it.
    #[error("what {environment} was at {at} is not known: the clone of the release repo is shallow")]
    CutOff {
        /// The environment.
        environment: EnvironmentName,
        /// What was typed.
        at: String,
    },
    /// Several commits begin with these digits.
    #[error("several commits of {environment} begin with {at}")]
    Ambiguous {
        /// The environment.
        environment: EnvironmentName,
        /// What was typed.
        at: String,
    },
    /// A commit begins so, but chance may have it that a mistyped number does too.
    #[error("{at:?} is no version that {environment} ever had and no date, and for a commit it is too short")]
    TooShort {
        /// The environment.
        environment: EnvironmentName,
        /// What was typed.
        at: String,
        /// The first commit that begins so.
        commit: CommitId,
    },
    /// It is a candidate of a version that the environment has had.
    #[error("{at:?} is a candidate, and what {environment} had is {version}")]
    Candidate {
        /// The environment.
        environment: EnvironmentName,
        /// What was typed.
        at: String,
        /// Its version.
        version: Version,
    },
}

impl Explain for Unselected {
    fn code(&self) -> &'static str {
        match self {
            Unselected::Date(error) => error.code(),
            Unselected::Unknown { .. } | Unselected::TooShort { .. } | Unselected::Candidate { .. } => {
                "nothing-selected"
            }
            Unselected::CutOff { .. } => "incomplete-clone",
            Unselected::Ambiguous { .. } => "ambiguous-commit",
        }
    }
    fn exit(&self) -> Exit {
        match self {
            Unselected::Date(error) => error.exit(),
            Unselected::Unknown { .. } | Unselected::TooShort { .. } | Unselected::Candidate { .. } => Exit::NotFound,
            Unselected::CutOff { .. } => Exit::Refused,
            Unselected::Ambiguous { .. } => Exit::Usage,
        }
    }
    fn hints(&self) -> Vec<String> {
        match self {
            Unselected::Date(error) => error.hints(),
            Unselected::Unknown { environment, .. } => vec![
                format!("relman log {environment} lists what it had"),
                "a date is 2026-03-01, \"2026-03-01 14:00\", yesterday or \"3 weeks ago\"".into(),
            ],
            Unselected::CutOff { .. } => vec!["git fetch --unshallow there brings the whole history".into()],
            Unselected::Ambiguous { .. } => vec!["type more digits".into()],
            Unselected::TooShort { environment, commit, .. } => {
                vec![format!("{environment}@{} is a commit of {environment}", commit.short())]
            }
            Unselected::Candidate { environment, version, .. } => {
                vec![format!("{environment}@{version} is the last time that it had that, with its candidate")]
            }
        }
    }
}

impl Point {
    /// Finds out what is meant by `at`. What the environment has had comes before what reads as a date, since a
    /// version may be called `2026-03-01`; with a time, a date is a date.
    pub fn find(timeline: &Timeline, at: Option<&str>, now: i64, zone: &TimeZone) -> Result<Self, Unselected> {
        let Some(at) = at else { return Ok(Point::Newest) };
        if timeline.knows_version(at) {
            return Ok(Point::Version(at.to_owned()));
        }
        if let Some(version) = Version::of_final_tag(at)
            && timeline.knows_version(version.as_str())
        {
            return Ok(Point::Version(version.to_string()));
        }
        if let Some(id) = CommitId::parse(at)
            && timeline.commits().any(|commit| commit == id)
        {
            return Ok(Point::Commit(id));
        }
        let date = match Moment::parse(at, now, zone) {
            Ok(moment) => return Ok(Point::Time(moment)),
            Err(error) => error,
        };
        let (environment, at) = (timeline.environment.clone(), at.to_owned());
        let begins = at.to_ascii_lowercase();
        let could_be = !begins.is_empty() && begins.bytes().all(|b| b.is_ascii_hexdigit());
        let mut found: Vec<CommitId> =
            timeline.commits().filter(|commit| could_be && commit.to_string().starts_with(&begins)).collect();
        found.sort_unstable();
        found.dedup();
        let has_letter = begins.bytes().any(|b| b.is_ascii_alphabetic());
        let is_enough = at.len() >= USUAL_ID || (at.len() >= SHORTEST_ID && has_letter);
        match found.as_slice() {
            [] => {}
            [only] if is_enough => return Ok(Point::Commit(*only)),
            [commit, ..] if !is_enough => return Err(Unselected::TooShort { environment, at, commit: *commit }),
            _ => return Err(Unselected::Ambiguous { environment, at }),
        }
        if let Some(version) = Candidate::parse(&at).map(|candidate| candidate.version)
            && timeline.knows_version(version.as_str())
        {
            return Err(Unselected::Candidate { environment, at, version });
        }
        match date {
            InvalidDate::Unreadable(_) => Err(match timeline.complete {
                true => Unselected::Unknown { environment, at },
                false => Unselected::CutOff { environment, at },
            }),
            date => Err(date.into()),
        }
    }
}
