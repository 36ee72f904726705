//! The headers that came with a body: which event it is, and what proves who sent it.

use std::fmt;

use super::Source;
use crate::domain::error::{Exit, Explain};

/// Headers of a request. Upper and lower case of a name do not count.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl fmt::Debug for Headers {
    /// The names only: a value may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// A text that is no header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a header is written as NAME:VALUE, and its name has no blanks")]
pub struct InvalidHeader;

impl Explain for InvalidHeader {
    fn code(&self) -> &'static str {
        "usage"
    }
    fn exit(&self) -> Exit {
        Exit::Usage
    }
    fn hints(&self) -> Vec<String> {
        vec!["for example --header 'X-Event-Key: repo:refs_changed', or --header @FILE with one on each line".into()]
    }
}

/// The headers by which a forge announces its events, the more particular ones first: Gitea sends GitHub's as well.
const ANNOUNCING: [(&str, Source); 5] = [
    ("X-Gitea-Event", Source::Gitea),
    ("X-Forgejo-Event", Source::Gitea),
    ("X-Gogs-Event", Source::Gitea),
    ("X-GitHub-Event", Source::GitHub),
    ("X-Gitlab-Event", Source::GitLab),
];

impl Headers {
    /// Reads headers, each written as `NAME:VALUE`.
    pub fn parse<'t>(lines: impl IntoIterator<Item = &'t str>) -> Result<Self, InvalidHeader> {
        let mut headers = Vec::new();
        for line in lines {
            let (name, value) = line.split_once(':').ok_or(InvalidHeader)?;
            let is_name = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
            if name.is_empty() || !name.bytes().all(is_name) {
                return Err(InvalidHeader);
            }
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        Ok(Headers(headers))
    }

    /// All values of a header.
    pub fn all<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h str> {
        self.0.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Which forge announces which event.
    pub(super) fn announced(&self) -> Option<(Source, String)> {
        for (name, source) in ANNOUNCING {
            if let Some(event) = self.all(name).next() {
                return Some((source, event.to_owned()));
            }
        }
        let event = self.all("X-Event-Key").next()?;
        // Both kinds of Bitbucket use this header, with other words.
        let source = if event == "repo:push" { Source::BitbucketCloud } else { Source::BitbucketDatacenter };
        Some((source, event.to_owned()))
    }
}

/// Whether an event is a push of branches or tags, or a collection of events that tells in its body.
pub(super) fn is_push(event: &str) -> bool {
    ["push", "push hook", "tag push hook", "system hook", "repo:push", "repo:refs_changed"]
        .contains(&event.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case_and_values_keep_their_colons() {
        let headers = Headers::parse(["x-event-key: repo:push", "A:", "X-Event-Key:other"]).expect("headers");
        assert_eq!(headers.all("X-Event-Key").collect::<Vec<_>>(), ["repo:push", "other"]);
        assert_eq!(headers.all("a").next(), Some(""));
        for bad in ["", "x", ":v", "a b: c", "ä: c", "a\n: c"] {
            assert!(Headers::parse([bad]).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn gitea_is_known_although_it_announces_itself_as_github_too() {
        let headers = Headers::parse(["X-GitHub-Event: push", "X-Gitea-Event: push"]).expect("headers");
        assert_eq!(headers.announced(), Some((Source::Gitea, "push".into())));
    }
}
