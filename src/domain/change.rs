//! The change request behind a release: what asked for it, as it travels from a trigger to the pipeline.

use super::history::Commit;
use super::text::safe;

/// The longest description that is kept, in characters.
const MAX_DESCRIPTION: usize = 1_000;

/// What a change management system says about a release. All of it is one line of plain text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The change request, such as an issue's key.
    pub request: Option<String>,
    /// The item of the configuration that is changed.
    pub item: Option<String>,
    /// What is changed, in a sentence.
    pub description: Option<String>,
}

impl Change {
    /// What a commit's trailers say.
    pub fn of(commit: &Commit) -> Self {
        let trailer = |name: &str| commit.trailer(name).and_then(plain_line);
        Change {
            request: trailer("Change-Request"),
            item: trailer("Config-Item"),
            description: trailer("Change-Description"),
        }
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Change::default()
    }

    /// The trailers that say it.
    pub fn trailers(&self) -> Vec<String> {
        let line = |name: &str, text: &Option<String>| text.as_ref().map(|text| format!("{name}: {text}"));
        [
            line("Change-Request", &self.request),
            line("Config-Item", &self.item),
            line("Change-Description", &self.description),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The variables that tell a pipeline; empty where nothing is said.
    pub fn variables(&self) -> [(&'static str, String); 3] {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        [
            ("RELMAN_CHANGE_ID", text(&self.request)),
            ("RELMAN_CONFIG_ITEM", text(&self.item)),
            ("RELMAN_CHANGE_DESCRIPTION", text(&self.description)),
        ]
    }
}

/// A text on one line, without anything that a terminal acts on; `None` where nothing is left. What is longer than a
/// description may be is cut.
pub fn plain_line(text: &str) -> Option<String> {
    // What separates lines elsewhere must not join words here.
    let spaced: String =
        text.chars().map(|c| if c == '\r' || c == '\u{2028}' || c == '\u{2029}' { ' ' } else { c }).collect();
    let line = safe(&spaced).split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return None;
    }
    Some(match line.char_indices().nth(MAX_DESCRIPTION) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::name::CommitId;

    fn commit(message: &str) -> Commit {
        let id = gix::ObjectId::null(gix::hash::Kind::Sha1);
        Commit {
            id: CommitId::new(id),
            tree: id,
            parents: vec![],
            author: String::new(),
            at: 0,
            message: message.to_owned(),
        }
    }

    #[test]
    fn a_change_is_read_from_the_trailers_that_it_writes() {
        let change = Change {
            request: Some("OPS-7".into()),
            item: Some("shop: core".into()),
            description: Some("Fix the till".into()),
        };
        let message = format!("Set 1.2.0 in qa\n\nVersion: 1.2.0\n{}\n", change.trailers().join("\n"));
        assert_eq!(Change::of(&commit(&message)), change);
        assert_eq!(Change::of(&commit("Set 1.2.0 in qa\n\nVersion: 1.2.0")), Change::default());
        assert!(Change::default().is_empty() && Change::default().trailers().is_empty());
    }

    #[test]
    fn a_line_is_one_line() {
        assert_eq!(plain_line(" a\r\nVersion: 9\tb\u{2028}c "), Some("a Version: 9 b c".into()));
        assert_eq!(plain_line(" \u{1b}\n"), None);
        let long = plain_line(&"ö".repeat(2_000)).expect("a line");
        assert_eq!(long.chars().count(), MAX_DESCRIPTION + 1);
    }

    proptest! {
        #[test]
        fn no_text_can_begin_another_trailer(text in ".*", more in "(?s).*") {
            let change = Change { request: plain_line(&text), item: plain_line(&more), description: None };
            let lines = change.trailers();
            prop_assert!(lines.iter().all(|line| line.lines().count() == 1));
            let message = format!("s\n\nVersion: 1\n{}", lines.join("\n"));
            prop_assert_eq!(Change::of(&commit(&message)), change);
        }
    }
}
