//! The last lines of a log, without what only a terminal or the system's own pages can show.

use crate::domain::text::safe;
use crate::http;

/// How many of its last lines a failed job is told with.
const LINES: usize = 12;

/// The longest line that is told whole, in characters.
const LONGEST: usize = 1000;

/// The last lines of a log that was asked for; where it can't be read, why not.
pub(super) fn tail(log: http::Result<String>) -> Vec<String> {
    match log {
        Ok(log) => last_lines(&log),
        Err(error @ http::Error::Garbled { .. }) => vec![error.to_string()],
        // What failed is known without it, and its page has more.
        Err(_) => Vec::new(),
    }
}

/// The last lines of a log that say something.
fn last_lines(log: &str) -> Vec<String> {
    let mut lines: Vec<String> = log.lines().rev().filter_map(plain).take(LINES).collect();
    lines.reverse();
    lines
}

/// A line as it would stand on a screen at last; `None` where nothing is left of it.
fn plain(line: &str) -> Option<String> {
    // A carriage return begins the line anew.
    let line = line.trim_end().rsplit('\r').next().unwrap_or_default();
    let line = without_escapes(line);
    let line = without_marks(without_time(&line));
    let line: String = safe(line).trim_end().chars().take(LONGEST).collect();
    (!line.trim().is_empty()).then_some(line)
}

/// Without the sequences that colour a terminal and move its cursor.
fn without_escapes(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        if c != '\u{1b}' {
            text.push(c);
            continue;
        }
        // ESC [, parameters, and one letter that ends it; any other is two characters long.
        if rest.next() == Some('[') {
            rest.by_ref().find(|c| ('@'..='~').contains(c));
        }
    }
    text
}

/// Without the moment that GitHub writes before each line.
fn without_time(line: &str) -> &str {
    let Some((moment, rest)) = line.split_once(' ') else { return line };
    let is_moment = moment.len() > 20 && moment.ends_with('Z') && moment.as_bytes()[10] == b'T';
    let digits = moment.bytes().all(|b| b.is_ascii_digit() || b"-:.TZ".contains(&b));
    if is_moment && digits { rest } else { line }
}

/// Without the marks by which GitHub and GitLab fold their pages.
fn without_marks(line: &str) -> &str {
    if ["section_start:", "section_end:", "##[endgroup]"].iter().any(|mark| line.starts_with(mark)) {
        return "";
    }
    let marks = ["##[error]", "##[warning]", "##[group]", "##[command]"];
    marks.iter().find_map(|mark| line.strip_prefix(mark)).unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_those_that_a_person_would_see() {
        let log = "2026-11-22T09:30:04.1234567Z ##[group]Run helm\n2026-11-22T09:30:05.1234567Z \u{1b}[36;1mhelm upgrade\u{1b}[0m\n\
                   2026-11-22T09:30:06.1234567Z ##[endgroup]\n\n2026-11-22T09:30:07.1234567Z ##[error]Process completed with exit code 1.\n";
        assert_eq!(last_lines(log), ["Run helm", "helm upgrade", "Process completed with exit code 1."]);
        let log = "section_start:1560896352:step\r\u{1b}[0Kheader\n 10%\r 50%\r100%\r\nsection_end:1:step\r\u{1b}[0K\nERROR: Job failed\n";
        assert_eq!(last_lines(log), ["header", "100%", "ERROR: Job failed"]);
    }

    #[test]
    fn a_log_is_cut_and_does_nothing_to_a_terminal() {
        let many: String = (0..100).map(|number| format!("line {number}\n")).collect();
        assert_eq!((last_lines(&many).len(), last_lines(&many)[LINES - 1].as_str()), (LINES, "line 99"));
        assert_eq!(last_lines(&"ä".repeat(5000))[0].chars().count(), LONGEST);
        assert_eq!(last_lines("a\u{1b}]0;title\u{7}b\u{9b}31mc\u{1b}"), ["a0;titleb31mc"]);
        assert_eq!(last_lines(""), [""; 0]);
    }

    #[test]
    fn a_log_that_is_too_large_is_said_to_be() {
        let error = http::Error::Garbled {
            host: "h".into(),
            doing: "read the log".into(),
            service: "Jenkins",
            why: "it is too large".into(),
        };
        assert!(tail(Err(error))[0].contains("too large"));
        assert_eq!(tail(Err(http::Error::RateLimited { host: "h".into(), wait: None })), [""; 0]);
        assert_eq!(tail(Ok("one\n\ntwo\n".into())), ["one", "two"]);
    }
}
