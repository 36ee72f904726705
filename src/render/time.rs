//! Times: RFC 3339 in UTC for scripts, the local time with its zone for people.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::text::safe;

/// A time in a document: RFC 3339 in UTC.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, extend("format" = "date-time"))]
pub struct Time(String);

/// Seconds since 1970 as RFC 3339 in UTC; `None` for a time that no calendar has.
pub fn rfc3339(seconds: i64) -> Option<Time> {
    Timestamp::from_second(seconds).ok().map(|time| Time(time.to_string()))
}

/// Seconds since 1970 as date and time in the local zone.
pub fn local(seconds: i64) -> String {
    match Timestamp::from_second(seconds) {
        Ok(time) => time.to_zoned(zone().clone()).strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => "?".into(),
    }
}

/// A time in RFC 3339, such as that of a record, as date and time in the local zone; what is none stays what it is.
pub fn local_of(text: &str) -> String {
    match text.parse::<Timestamp>() {
        Ok(time) => local(time.as_second()),
        Err(_) => safe(text).into_owned(),
    }
}

/// The local zone, from the one file that describes it. Asking jiff for it by name would list the whole database of
/// zones first, which takes longer than everything else that `status` does.
pub fn zone() -> &'static TimeZone {
    static ZONE: OnceLock<TimeZone> = OnceLock::new();
    ZONE.get_or_init(|| {
        let file = match std::env::var("TZ") {
            Err(_) => PathBuf::from("/etc/localtime"),
            Ok(name) if matches!(name.as_str(), "" | "UTC") => return TimeZone::UTC,
            // An absolute name replaces the folder.
            Ok(name) => Path::new("/usr/share/zoneinfo").join(name.trim_start_matches(':')),
        };
        let read = std::fs::read(file).ok().and_then(|bytes| TimeZone::tzif("local", &bytes).ok());
        read.unwrap_or_else(TimeZone::system)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_get_utc() {
        assert_eq!(rfc3339(1_795_339_804), Some(Time("2026-11-22T09:30:04Z".into())));
        assert_eq!(rfc3339(i64::MAX), None);
    }
}
