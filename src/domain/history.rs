//! Commits as the domain sees them, and what their messages carry.

use super::name::CommitId;

/// A commit, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: CommitId,
    /// The tree that it records.
    pub tree: gix::ObjectId,
    /// Its parents, the first one being the line that it continues.
    pub parents: Vec<CommitId>,
    /// The author's name, not yet stripped for a terminal.
    pub author: String,
    /// When it was committed, in seconds since 1970.
    pub at: i64,
    /// The whole message.
    pub message: String,
}

impl Commit {
    /// The first line of the message.
    pub fn subject(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }

    /// The value of the last trailer with this name, such as `Candidate`.
    pub fn trailer(&self, name: &str) -> Option<&str> {
        trailers(&self.message).filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).last()
    }
}

/// The trailers of a message: the `Key: value` lines of its last paragraph, in order.
///
/// Follows `git interpret-trailers` where it matters: the last paragraph counts, the subject never does, and a
/// paragraph in which something else stands is text.
pub fn trailers(message: &str) -> impl Iterator<Item = (&str, &str)> {
    let body = message.trim_end();
    let block = match body.rfind("\n\n") {
        Some(at) => &body[at + 2..],
        None => "",
    };
    let all_trailers = !block.is_empty() && block.lines().all(|line| parse_trailer(line).is_some());
    let block = if all_trailers { block } else { "" };
    block.lines().filter_map(parse_trailer)
}

fn parse_trailer(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    let valid = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    valid.then(|| (key, value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(message: &str) -> Vec<(&str, &str)> {
        trailers(message).collect()
    }

    #[test]
    fn the_last_paragraph_counts() {
        let message = "Promote 1.2.0\n\nVersion: 0.9\n\nVersion: 1.2.0\nCandidate: v1.2.0-rc.3\n";
        assert_eq!(of(message), [("Version", "1.2.0"), ("Candidate", "v1.2.0-rc.3")]);
    }

    #[test]
    fn a_subject_is_no_trailer() {
        assert!(of("Fix: the thing").is_empty());
        assert!(of("").is_empty());
    }

    #[test]
    fn prose_is_no_trailer() {
        assert!(of("s\n\nThis is text.\nVersion: 1.0").is_empty());
    }

    #[test]
    fn carriage_returns_do_not_stick() {
        assert_eq!(of("s\n\nVersion: 1.0\r\n"), [("Version", "1.0")]);
    }
}
