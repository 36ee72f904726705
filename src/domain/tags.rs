//! Tags of one version in one repository, and what the messages of relman's own tags say.

use std::collections::BTreeMap;

use super::history::trailers;
use super::name::{CommitId, RepositoryName, TagName};

/// A tag that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagged {
    /// The commit that it stands on.
    pub commit: CommitId,
    /// Whether it is an annotated tag; a lightweight one is no lock and can't carry a message.
    pub annotated: bool,
    /// What its message says, where relman wrote it.
    pub message: Option<TagMessage>,
}

/// The facts that relman writes into a tag's message.
///
/// The message is the tag's name, an empty line, and trailers; they end where a signature begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagMessage {
    /// The commit of each component; binding for whoever deploys the tag.
    pub components: Vec<(RepositoryName, CommitId)>,
    /// For a final tag, the candidate that it finishes.
    pub candidate: Option<TagName>,
    /// The commit of the release repo that asked for the tag.
    pub release: Option<CommitId>,
}

impl TagMessage {
    /// Reads a message; `None` where relman did not write it (no `Relman-Tag: 1`).
    pub fn parse(message: &str) -> Option<TagMessage> {
        let end = message.find("\n-----BEGIN ").map_or(message.len(), |at| at + 1);
        let mut ours = false;
        let mut read = TagMessage::default();
        for (key, value) in trailers(&message[..end]) {
            match key {
                "Relman-Tag" => ours = value == "1",
                "Component" => {
                    if let Some((name, id)) = value.split_once(' ')
                        && let (Ok(name), Some(id)) = (RepositoryName::parse(name), CommitId::parse(id.trim()))
                    {
                        read.components.push((name, id));
                    }
                }
                "Candidate" => read.candidate = TagName::parse(value).ok(),
                "Release" => read.release = CommitId::parse(value),
                _ => {}
            }
        }
        ours.then_some(read)
    }

    /// Writes the message of the tag called `tag`.
    pub fn render(&self, tag: &TagName) -> String {
        let mut text = format!("{tag}\n\nRelman-Tag: 1\n");
        for (name, id) in &self.components {
            text.push_str(&format!("Component: {name} {id}\n"));
        }
        if let Some(candidate) = &self.candidate {
            text.push_str(&format!("Candidate: {candidate}\n"));
        }
        if let Some(release) = self.release {
            text.push_str(&format!("Release: {release}\n"));
        }
        text
    }

    /// The commit that is recorded for a component.
    pub fn component(&self, name: &RepositoryName) -> Option<CommitId> {
        self.components.iter().find(|(known, _)| known == name).map(|(_, id)| *id)
    }
}

/// The tags of one version in one repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionTags {
    /// The candidates by number.
    pub candidates: BTreeMap<u64, Tagged>,
    /// The final tag.
    pub final_tag: Option<Tagged>,
}

impl VersionTags {
    /// The highest candidate's number.
    pub fn highest(&self) -> Option<u64> {
        self.candidates.last_key_value().map(|(number, _)| *number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: &str) -> CommitId {
        CommitId::parse(&digit.repeat(40)).expect("an id")
    }

    fn message() -> TagMessage {
        TagMessage {
            components: vec![(RepositoryName::parse("foo-backend").expect("a name"), id("a"))],
            candidate: Some(TagName::parse("v1.0.0-rc.2").expect("a tag")),
            release: Some(id("b")),
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let tag = TagName::parse("v1.0.0").expect("a tag");
        assert_eq!(TagMessage::parse(&message().render(&tag)), Some(message()));
    }

    #[test]
    fn a_signature_is_no_trailer() {
        let tag = TagName::parse("v1.0.0").expect("a tag");
        let signed =
            format!("{}-----BEGIN SSH SIGNATURE-----\nU1NI\n-----END SSH SIGNATURE-----\n", message().render(&tag));
        assert_eq!(TagMessage::parse(&signed), Some(message()));
    }

    #[test]
    fn a_tag_made_by_hand_is_not_ours() {
        assert_eq!(TagMessage::parse("Release 1.0.0\n\nComponent: foo-backend deadbeef\n"), None);
        assert_eq!(TagMessage::parse("Release 1.0.0"), None);
        assert_eq!(TagMessage::parse(""), None);
    }
}
