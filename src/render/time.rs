//! Times: RFC 3339 in UTC for scripts, the local time with its zone for people.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Seconds since 1970 as RFC 3339 in UTC; `None` for a time that no calendar has.
pub fn rfc3339(seconds: i64) -> Option<String> {
    Timestamp::from_second(seconds).ok().map(|time| time.to_string())
}

/// Seconds since 1970 as date and time in the local zone.
pub fn local(seconds: i64) -> String {
    match Timestamp::from_second(seconds) {
        Ok(time) => time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => "?".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_get_utc() {
        assert_eq!(rfc3339(1_795_339_804).as_deref(), Some("2026-11-22T09:30:04Z"));
        assert_eq!(rfc3339(i64::MAX), None);
    }
}
