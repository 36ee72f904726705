//! Candidates: which tags count, which number is next.

use super::error::{Exit, Explain};
use super::name::TagName;
use super::text::shell_word;
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
            format!(
                "if the tag was made by mistake, delete it at the remote: git push origin {}",
                shell_word(&format!(":refs/tags/{tag}"))
            ),
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).expect("a version")
    }

    #[test]
    fn strange_tags_do_not_count() {
        for (of, tag, want) in [
            ("1.0.0", "v1.0.0-rc.1", Some(1)),
            ("1.0.0", "v1.0.0-rc.0", Some(0)),
            ("1.0.0", "v1.0.0-rc.9", Some(9)),
            ("1.0.0", "v1.0.0-rc.10", Some(10)),
            ("1.0.0", "v1.0.0-rc.18446744073709551615", Some(u64::MAX)),
            ("1.0.0", "v1.0.0-rc.01", None),
            ("1.0.0", "v1.0.0-rc.010", None),
            ("1.0.0", "v1.0.0-rc.00", None),
            ("1.0.0", "v1.0.0-rc.000000000000000000000000000001", None),
            ("1.0.0", "v1.0.0-rc.+1", None),
            ("1.0.0", "v1.0.0-rc.-5", None),
            ("1.0.0", "v1.0.0-rc.1e9", None),
            ("1.0.0", "v1.0.0-rc.0x20", None),
            ("1.0.0", "v1.0.0-rc.1_000", None),
            ("1.0.0", "v1.0.0-rc.1.0", None),
            ("1.0.0", "v1.0.0-rc.１３", None),
            ("1.0.0", "v1.0.0-rc.٣", None),
            ("1.0.0", "v1.0.0-rc.", None),
            ("1.0.0", "v1.0.0-rc", None),
            ("1.0.0", "v1.0.0-rc.1 ", None),
            ("1.0.0", "v1.0.0-rc.11-hotfix", None),
            ("1.0.0", "v1.0.0-rc.12.1", None),
            ("1.0.0", "v1.0.0-rc.1/x", None),
            ("1.0.0", "v1.0.0-rc.1^{}", None),
            ("1.0.0", "V1.0.0-rc.1", None),
            ("1.0.0", "v1.0.0-RC.1", None),
            ("1.0.0", "xv1.0.0-rc.88", None),
            ("1.0.0", "1.0.0-rc.1", None),
            ("1.0.0", "v1.0.0", None),
            ("1.0.0", "v1.0.0.1-rc.1", None),
            ("1.0.0", "v1.0.00-rc.50", None),
            ("1.0.0", "v1.0.0-rc-rc.1", None),
            ("1.0.0", "v1.0.0-rc.1-rc.2", None),
            ("1.0.0.1", "v1.0.0.1-rc.1", Some(1)),
            ("1.0.0-rc", "v1.0.0-rc-rc.1", Some(1)),
            ("1.0.0-rc", "v1.0.0-rc.1", None),
            ("1.0.0-rc.1.x", "v1.0.0-rc.1.x-rc.4", Some(4)),
            ("1.10", "v1.1-rc.1", None),
            ("1.1", "v1.10-rc.1", None),
            ("R2/1.0", "vR2/1.0-rc.3", Some(3)),
            ("R2/1.0", "v1.0-rc.3", None),
            ("\"1\"", "v\"1\"-rc.2", Some(2)),
            ("wörk", "vwörk-rc.2", Some(2)),
            ("rc.1", "vrc.1-rc.2", Some(2)),
        ] {
            assert_eq!(number(&version(of), tag.as_bytes()), Ok(want), "{of}: {tag}");
        }
        assert_eq!(number(&version("1.0.0"), b"v1.0.0-rc.\xff"), Ok(None));
        assert_eq!(number(&version("1.0.0"), b"\xff"), Ok(None));
        assert_eq!(number(&version("1.0.0"), b""), Ok(None));
    }

    #[test]
    fn a_number_too_large_names_its_tag() {
        for tag in ["v1.0.0-rc.18446744073709551616", "v1.0.0-rc.99999999999999999999"] {
            let error = number(&version("1.0.0"), tag.as_bytes()).expect_err(tag);
            assert_eq!((error.code(), error.exit()), ("candidate-number-too-large", Exit::Usage));
            assert!(error.to_string().contains(tag) && error.hints()[0].contains(tag), "{error}");
            assert_eq!(Candidate::parse(tag), None);
        }
        assert_eq!(next_number(&version("1"), None), Ok(1));
        assert_eq!(next_number(&version("1"), Some(0)), Ok(1));
        assert_eq!(next_number(&version("1"), Some(9)), Ok(10));
        assert_eq!(next_number(&version("1"), Some(u64::MAX - 1)), Ok(u64::MAX));
        let error = next_number(&version("1"), Some(u64::MAX)).expect_err("no successor");
        assert!(error.to_string().contains("v1-rc.18446744073709551615"));
    }

    #[test]
    fn a_tag_is_read_as_a_candidate_of_its_version() {
        for (tag, want) in [
            ("v1.0.0-rc.3", Some(("1.0.0", 3))),
            ("v1.0.0-rc-rc.3", Some(("1.0.0-rc", 3))),
            ("v1.0.0-rc.1.x-rc.3", Some(("1.0.0-rc.1.x", 3))),
            ("vR2/1.0-rc.3", Some(("R2/1.0", 3))),
            ("vv1-rc.1", Some(("v1", 1))),
            ("v1.0.0-rc.1-rc.3", None),
            ("v-rc.3", None),
            ("vwip-rc.3", None),
            ("v1.0.0", None),
            ("1.0.0-rc.3", None),
            ("v1.0.0-rc.03", None),
        ] {
            let read = Candidate::parse(tag);
            assert_eq!(read.as_ref().map(|c| (c.version.as_str(), c.number)), want, "{tag}");
        }
    }

    proptest! {
        #[test]
        fn a_number_comes_back_from_its_tag(text in "[0-9a-zA-Zü.+/-]{1,10}", highest in proptest::option::of(0..u64::MAX)) {
            if let Ok(version) = Version::parse(&text) {
                let next = next_number(&version, highest).expect("a successor");
                prop_assert!(highest.is_none_or(|highest| next > highest));
                let tag = version.candidate_tag(next);
                prop_assert_eq!(number(&version, tag.as_str().as_bytes()), Ok(Some(next)));
                prop_assert_eq!(Candidate::parse(tag.as_str()), Some(Candidate { version: version.clone(), number: next }));
                prop_assert_eq!(number(&version, version.final_tag().as_str().as_bytes()), Ok(None));
            }
        }

        #[test]
        fn any_bytes_are_a_tag_of_somebody(tag in proptest::collection::vec(any::<u8>(), 0..30), digits in "[0-9+e.]{0,22}") {
            let version = version("1.0");
            let _ = number(&version, &tag);
            let read = number(&version, format!("v1.0-rc.{digits}").as_bytes());
            let digits_only = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            let strict = digits_only && (digits == "0" || !digits.starts_with('0'));
            match read {
                Ok(Some(number)) => prop_assert_eq!(number.to_string(), digits),
                Ok(None) => prop_assert!(!strict),
                Err(_) => prop_assert!(strict && digits.parse::<u64>().is_err()),
            }
        }
    }
}
