//! Candidates: which tags count, which number is next.

use super::error::{Exit, Explain};
use super::name::TagName;
use super::version::Version;

/// A candidate tag whose number can't be counted with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// The digits do not fit into 64 bits, or have no successor.
    #[error("the number of the tag {tag} is too large to be followed by another")]
    TooLarge {
        /// The tag, without `refs/tags/`.
        tag: String,
    },
}

impl Explain for NumberError {
    fn code(&self) -> &'static str {
        "candidate-number-too-large"
    }
    fn exit(&self) -> Exit {
        Exit::Usage
    }
    fn hints(&self) -> Vec<String> {
        let NumberError::TooLarge { tag } = self;
        vec![
            format!("if the tag was made by mistake, delete it at the remote: git push origin :refs/tags/{tag}"),
            "or go on with another version".into(),
        ]
    }
}

/// One candidate of a version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Candidate {
    /// The version that it is a candidate of.
    pub version: Version,
    /// Its number, the `N` of `v<V>-rc.<N>`.
    pub number: u64,
}

impl Candidate {
    /// The tag that marks this candidate.
    pub fn tag(&self) -> TagName {
        self.version.candidate_tag(self.number)
    }

    /// Reads the name of a tag as a candidate of whichever version; `None` for every other tag.
    pub fn parse(tag: &str) -> Option<Candidate> {
        let (version, digits) = tag.strip_prefix('v')?.rsplit_once("-rc.")?;
        let number = strict_number(digits.as_bytes())?.ok()?;
        Some(Candidate { version: Version::parse(version).ok()?, number })
    }
}

/// Reads a decimal number without sign and leading zeros: `None` if it is none, `Err` if it is too large.
fn strict_number(digits: &[u8]) -> Option<Result<u64, ()>> {
    match digits {
        [] => return None,
        [b'0', _, ..] => return None,
        _ if !digits.iter().all(u8::is_ascii_digit) => return None,
        _ => {}
    }
    // Only ASCII digits are left, so the one way to fail is overflow.
    let text = std::str::from_utf8(digits).ok()?;
    Some(text.parse::<u64>().map_err(drop))
}

/// The number of the candidate of `version` that `tag` (without `refs/tags/`) marks.
///
/// Only `v<V>-rc.<N>` with N a decimal number without leading zeros counts; every other tag is `Ok(None)`.
pub fn number(version: &Version, tag: &[u8]) -> Result<Option<u64>, NumberError> {
    let Some(digits) = tag.strip_prefix(version.candidate_prefix().as_bytes()) else { return Ok(None) };
    match strict_number(digits) {
        None => Ok(None),
        Some(Ok(number)) => Ok(Some(number)),
        Some(Err(())) => Err(NumberError::TooLarge { tag: String::from_utf8_lossy(tag).into_owned() }),
    }
}

/// The number after `highest`, where `None` means that there is no candidate yet.
pub fn next_number(version: &Version, highest: Option<u64>) -> Result<u64, NumberError> {
    match highest {
        None => Ok(1),
        Some(number) => number
            .checked_add(1)
            .ok_or_else(|| NumberError::TooLarge { tag: version.candidate_tag(number).as_str().to_owned() }),
    }
}
