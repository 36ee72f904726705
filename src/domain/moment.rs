//! Dates that a person types, such as `yesterday`, `3 weeks ago` or `2026-03-01 14:00`.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::error::{Exit, Explain};

/// A moment, or a whole day where no time was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The first second that is meant, since 1970.
    pub begin: i64,
    /// The last second that is meant and has passed, since 1970; for a moment, the same.
    pub end: i64,
    /// Whether a whole day is meant.
    pub is_day: bool,
    /// The date, with its zone, as it was understood: `2026-03-01 CET` or `2026-03-01 14:00:00 CET`.
    pub shown: String,
}

/// A date that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDate {
    /// It is none of the shapes that are understood.
    #[error("{0:?} is no date")]
    Unreadable(String),
    /// It has not come yet.
    #[error("{text:?} lies in the future: {shown}")]
    Future {
        /// What was typed.
        text: String,
        /// How it was understood.
        shown: String,
    },
    /// A zone in brackets, whose clocks are not known here; without it, another moment would be meant.
    #[error("{0:?} names a zone in brackets")]
    NamedZone(String),
    /// The clocks were put back, and showed this time twice.
    #[error("the clocks showed {0:?} twice")]
    Twice(String),
    /// The clocks were put forward, past this time.
    #[error("the clocks never showed {0:?}: they were put forward")]
    Never(String),
}

impl Explain for InvalidDate {
    fn code(&self) -> &'static str {
        "invalid-date"
    }
    fn exit(&self) -> Exit {
        Exit::Usage
    }
    fn hints(&self) -> Vec<String> {
        vec![
            match self {
                InvalidDate::Unreadable(_) => {
                    "type 2026-03-01, \"2026-03-01 14:00\", 2026-03-01T14:00:00Z, yesterday, \"last monday\" or \"3 weeks ago\""
                }
                InvalidDate::NamedZone(_) => "say how far the zone is from UTC instead: 2026-03-01T14:00:00+01:00",
                InvalidDate::Future { .. } => "Git knows what was, not what will be; type a date that has passed",
                InvalidDate::Twice(_) => "say which one is meant by its distance from UTC: 2026-10-25T02:30:00+01:00",
                InvalidDate::Never(_) => "type a time before or after",
            }
            .to_owned(),
        ]
    }
}

impl Moment {
    /// Reads a date in a zone; `now` is in seconds since 1970.
    ///
    /// A date without a time, and whatever counts in days, weeks, months or years, is that whole day.
    pub fn parse(text: &str, now: i64, zone: &TimeZone) -> Result<Self, InvalidDate> {
        let unreadable = || InvalidDate::Unreadable(text.to_owned());
        let clock = Timestamp::from_second(now).map_err(|_| unreadable())?;
        let today = clock.to_zoned(zone.clone()).date();
        let lower = text.trim().to_ascii_lowercase();
        let words: Vec<&str> = lower.split_whitespace().collect();
        let read = match words.as_slice() {
            ["now"] => Read::Instant(clock),
            ["today"] => Read::Day(today),
            ["yesterday"] => Read::Day(today.yesterday().map_err(|_| unreadable())?),
            ["last", day] => {
                Read::Day(today.nth_weekday(-1, weekday(day).ok_or_else(unreadable)?).map_err(|_| unreadable())?)
            }
            [number, unit, "ago"] => ago(number, unit, clock, today).ok_or_else(unreadable)?,
            _ => written(text.trim(), zone).map_err(|fault| match fault {
                Fault::Unreadable => unreadable(),
                Fault::NamedZone => InvalidDate::NamedZone(text.to_owned()),
                Fault::Twice => InvalidDate::Twice(text.to_owned()),
                Fault::Never => InvalidDate::Never(text.to_owned()),
            })?,
        };
        let moment = read.on(zone).ok_or_else(unreadable)?;
        if moment.begin > now {
            return Err(InvalidDate::Future { text: text.to_owned(), shown: moment.shown });
        }
        Ok(Moment { end: moment.end.min(now), ..moment })
    }
}

enum Read {
    Instant(Timestamp),
    Day(Date),
}

enum Fault {
    Unreadable,
    NamedZone,
    Twice,
    Never,
}

impl Read {
    fn on(self, zone: &TimeZone) -> Option<Moment> {
        match self {
            Read::Instant(at) => {
                let second = at.as_second();
                let shown = at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string();
                Some(Moment { begin: second, end: second, is_day: false, shown })
            }
            Read::Day(date) => {
                let begin = date.to_zoned(zone.clone()).ok()?;
                let end = date.tomorrow().ok()?.to_zoned(zone.clone()).ok()?.timestamp().as_second() - 1;
                // Where the clocks change on that day, the zone has the name that it has at the end, which is what counts.
                let last = Timestamp::from_second(end).ok()?.to_zoned(zone.clone());
                let shown = format!("{date} {}", last.strftime("%Z"));
                Some(Moment { begin: begin.timestamp().as_second(), end, is_day: true, shown })
            }
        }
    }
}

fn weekday(word: &str) -> Option<Weekday> {
    Some(match word {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    })
}

fn ago(number: &str, unit: &str, now: Timestamp, today: Date) -> Option<Read> {
    let number: i64 = match number {
        "a" | "an" | "one" => 1,
        digits if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok()?,
        _ => return None,
    };
    let span = Span::new();
    let instant = |span: Span| now.checked_sub(span).ok().map(Read::Instant);
    let day = |span: Span| today.checked_sub(span).ok().map(Read::Day);
    match unit.strip_suffix('s').unwrap_or(unit) {
        "second" => instant(span.try_seconds(number).ok()?),
        "minute" => instant(span.try_minutes(number).ok()?),
        "hour" => instant(span.try_hours(number).ok()?),
        "day" => day(span.try_days(number).ok()?),
        "week" => day(span.try_weeks(number).ok()?),
        "month" => day(span.try_months(number).ok()?),
        "year" => day(span.try_years(number).ok()?),
        _ => None,
    }
}

/// Reads `2026-03-01`, with or without a time, with or without a distance from UTC.
fn written(text: &str, zone: &TimeZone) -> Result<Read, Fault> {
    // Whatever does not begin so, `03/01/2026` or `20260301` say, means another day to somebody else.
    let shape = text.bytes().zip("dddd-dd-dd".bytes()).filter(|(b, shape)| match shape {
        b'd' => b.is_ascii_digit(),
        _ => b == shape,
    });
    if shape.count() < 10 {
        return Err(Fault::Unreadable);
    }
    if text.len() == 10 {
        return text.parse::<Date>().map(Read::Day).map_err(|_| Fault::Unreadable);
    }
    if text.contains('[') {
        return Err(Fault::NamedZone);
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(Read::Instant(at));
    }
    let local = text.parse::<DateTime>().map_err(|_| Fault::Unreadable)?;
    let clock = zone.to_ambiguous_timestamp(local);
    match clock.offset() {
        jiff::tz::AmbiguousOffset::Unambiguous { .. } => {
            clock.unambiguous().map(Read::Instant).map_err(|_| Fault::Unreadable)
        }
        jiff::tz::AmbiguousOffset::Gap { .. } => Err(Fault::Never),
        jiff::tz::AmbiguousOffset::Fold { .. } => Err(Fault::Twice),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Sunday, 2026-11-22 09:30:04 UTC.
    const NOW: i64 = 1_795_339_804;

    /// Central European time by its rule, without the machine's database of zones.
    fn berlin() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a zone")
    }

    fn utc(seconds: i64) -> String {
        Timestamp::from_second(seconds).expect("a time").to_string()
    }

    fn read(text: &str, zone: &TimeZone) -> (String, String, bool) {
        let moment = Moment::parse(text, NOW, zone).unwrap_or_else(|error| panic!("{text}: {error}"));
        (utc(moment.begin), utc(moment.end), moment.is_day)
    }

    #[test]
    fn a_date_without_a_time_is_that_whole_day() {
        for (text, day) in [
            ("2026-03-01", "2026-03-01"),
            ("yesterday", "2026-11-21"),
            ("Yesterday ", "2026-11-21"),
            ("1 day ago", "2026-11-21"),
            ("a week ago", "2026-11-15"),
            ("3 weeks ago", "2026-11-01"),
            ("2 months ago", "2026-09-22"),
            ("1 year ago", "2025-11-22"),
            ("last monday", "2026-11-16"),
            ("last sunday", "2026-11-15"),
            ("last saturday", "2026-11-21"),
        ] {
            let expected = (format!("{day}T00:00:00Z"), format!("{day}T23:59:59Z"), true);
            assert_eq!(read(text, &TimeZone::UTC), expected, "{text}");
        }
        // Of today, as much as has passed.
        assert_eq!(read("today", &TimeZone::UTC).1, utc(NOW));
    }

    #[test]
    fn a_time_is_that_moment() {
        for (text, at) in [
            ("2026-03-01 14:00", "2026-03-01T14:00:00Z"),
            ("2026-03-01T14:00:05", "2026-03-01T14:00:05Z"),
            ("2026-03-01T14:00:00Z", "2026-03-01T14:00:00Z"),
            ("2026-03-01T14:00:00.250Z", "2026-03-01T14:00:00Z"),
            ("2026-03-01T14:00:00+01:00", "2026-03-01T13:00:00Z"),
            ("2026-03-01 14:00+01:00", "2026-03-01T13:00:00Z"),
            ("2 hours ago", "2026-11-22T07:30:04Z"),
            ("90 minutes ago", "2026-11-22T08:00:04Z"),
            ("now", "2026-11-22T09:30:04Z"),
        ] {
            assert_eq!(read(text, &TimeZone::UTC), (at.to_owned(), at.to_owned(), false), "{text}");
        }
    }

    #[test]
    fn days_are_those_of_the_zone_and_say_so() {
        // The day on which the clocks are put forward has 23 hours.
        let day = ("2026-03-28T23:00:00Z".to_owned(), "2026-03-29T21:59:59Z".to_owned(), true);
        assert_eq!(read("2026-03-29", &berlin()), day);
        let shown = |text| Moment::parse(text, NOW, &berlin()).expect(text).shown;
        assert_eq!(shown("2026-07-01"), "2026-07-01 CEST");
        assert_eq!((shown("2026-03-29").as_str(), shown("2026-10-25").as_str()), ("2026-03-29 CEST", "2026-10-25 CET"));
        assert_eq!(shown("2026-03-01 14:00"), "2026-03-01 14:00:00 CET");
    }

    #[test]
    fn what_is_unclear_or_yet_to_come_is_refused() {
        let refused = |text: &str| {
            let error = Moment::parse(text, NOW, &berlin()).expect_err(text);
            assert_eq!((error.code(), error.exit(), error.hints().len()), ("invalid-date", Exit::Usage, 1));
            error
        };
        for text in [
            "",
            "tomorrow",
            "03/01/2026",
            "01.03.2026",
            "20260301",
            "2026-03",
            "2026-3-1",
            "2026-02-30",
            "last week",
            "-1 days ago",
            "1.5 hours ago",
            "99999999999999999999 days ago",
            "1000000 years ago",
            "2026-03-01 25:00",
            "2026-03-01 noon",
            "1795339804",
            "three weeks ago",
            "v1.0.0",
            "２０２６-03-01",
        ] {
            assert_eq!(refused(text), InvalidDate::Unreadable(text.to_owned()), "{text}");
        }
        for text in ["2026-01-01T12:00:00[Europe/Berlin]", "2026-01-01T12:00:00+05:00[Europe/Berlin]"] {
            assert_eq!(refused(text), InvalidDate::NamedZone(text.to_owned()));
        }
        assert!(matches!(refused("2026-11-23"), InvalidDate::Future { .. }));
        assert!(matches!(refused("2026-11-22 10:31"), InvalidDate::Future { .. }));
        assert!(matches!(refused("2026-10-25 02:30"), InvalidDate::Twice(_)));
        assert!(matches!(refused("2026-03-29 02:30"), InvalidDate::Never(_)));
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_a_date_that_has_passed_or_none(text in "\\PC{0,30}|[0-9]{1,4}-[0-9]{1,2}-[0-9]{1,2}( [0-9]{2}:[0-9]{2})?|[0-9]{1,20} (day|hour|month|year)s? ago") {
            if let Ok(moment) = Moment::parse(&text, NOW, &berlin()) {
                prop_assert!(moment.begin <= moment.end && moment.end <= NOW);
                prop_assert_eq!(moment.is_day, !moment.shown.contains(':'));
                // What was understood can be typed again.
                let again = moment.shown.rsplit_once(' ').map(|(date, _)| date).unwrap_or_default();
                if let Ok(again) = Moment::parse(again, NOW, &berlin()) {
                    prop_assert_eq!(again, moment);
                }
            }
        }
    }
}
