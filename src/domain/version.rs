//! Versions: an opaque text that makes tag and branch names, and what an environment branch can declare.

use std::fmt;

use super::error::{Exit, Explain};
use super::name::{BranchName, CommitId, TagName};
use super::word::words;

/// The longest version, in bytes; `v<V>-rc.<N>` must still fit into a file name.
pub const MAX_VERSION: usize = 200;

/// A version of the application: any text that makes valid tag and branch names.
///
/// relman never takes a version apart to decide what happens. [`Version::semver`] gives an ordered view where there
/// is one, for suggestions and for the warning about a downgrade.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(String);

/// A text that can't be a version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVersion {
    /// It holds control characters.
    #[error("the version {0:?} holds control characters")]
    Control(String),
    /// There is no text.
    #[error("the version is empty")]
    Empty,
    /// `WIP` stands where a version is needed.
    #[error("{0:?} means work in progress, and is no version")]
    Wip(String),
    /// The text ends like a candidate's tag.
    #[error("the version {version:?} ends in {suffix:?}, which marks a candidate")]
    LooksLikeCandidate {
        /// The text that was given.
        version: String,
        /// Its ending, `-rc.<digits>`.
        suffix: String,
    },
    /// The text is longer than [`MAX_VERSION`].
    #[error("the version is {0} bytes long; 200 are allowed")]
    TooLong(usize),
    /// Git would not take one of the names made from it.
    #[error("{version:?} is no version: Git does not allow {name:?} as a name")]
    NoReference {
        /// The text that was given.
        version: String,
        /// The tag or branch that it would make.
        name: String,
    },
}

impl Explain for InvalidVersion {
    fn code(&self) -> &'static str {
        "invalid-version"
    }
    fn exit(&self) -> Exit {
        Exit::Usage
    }
    fn hints(&self) -> Vec<String> {
        match self {
            InvalidVersion::LooksLikeCandidate { version, suffix } => {
                let base = &version[..version.len() - suffix.len()];
                if base.is_empty() {
                    vec![]
                } else {
                    vec![format!("name the version itself, `{base}`; its candidates are numbered by relman")]
                }
            }
            InvalidVersion::Empty | InvalidVersion::Wip(_) => vec!["a version is a text such as `1.2.0`".into()],
            InvalidVersion::TooLong(_) => vec![],
            InvalidVersion::Control(_) => vec!["type it anew; what was copied brought them along".into()],
            InvalidVersion::NoReference { .. } => {
                vec!["`git help check-ref-format` lists what tags and branches can't be called".into()]
            }
        }
    }
}

impl Version {
    /// Checks that a text can be a version.
    pub fn parse(text: &str) -> Result<Self, InvalidVersion> {
        if text.is_empty() {
            return Err(InvalidVersion::Empty);
        }
        if text.len() > MAX_VERSION {
            return Err(InvalidVersion::TooLong(text.len()));
        }
        if text.eq_ignore_ascii_case("wip") {
            return Err(InvalidVersion::Wip(text.to_owned()));
        }
        if let Some(at) = text.rfind("-rc.")
            && text.len() > at + 4
            && text.as_bytes()[at + 4..].iter().all(u8::is_ascii_digit)
        {
            return Err(InvalidVersion::LooksLikeCandidate { version: text.to_owned(), suffix: text[at..].to_owned() });
        }
        // Git takes those beyond ASCII in a name; YAML readers take one of them for the end of the line.
        if text.chars().any(|c| !c.is_ascii() && c.is_control()) {
            return Err(InvalidVersion::Control(text.to_owned()));
        }
        for name in [format!("v{text}"), format!("v{text}-rc.1"), format!("release/{text}")] {
            if BranchName::parse(&name).is_err() {
                return Err(InvalidVersion::NoReference { version: text.to_owned(), name });
            }
        }
        Ok(Version(text.to_owned()))
    }

    /// The version whose final tag has this name.
    pub fn of_final_tag(text: &str) -> Option<Self> {
        text.strip_prefix('v').and_then(|version| Version::parse(version).ok())
    }

    /// The text, exactly as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The tag of the finished release, `v<V>`.
    pub fn final_tag(&self) -> TagName {
        known_good(TagName::parse(&format!("v{}", self.0)))
    }

    /// The tag of a candidate, `v<V>-rc.<N>`.
    pub fn candidate_tag(&self, number: u64) -> TagName {
        known_good(TagName::parse(&format!("{}{number}", self.candidate_prefix())))
    }

    /// What every candidate's tag of this version begins with, `v<V>-rc.`.
    pub fn candidate_prefix(&self) -> String {
        format!("v{}-rc.", self.0)
    }

    /// The branch that fixes for this version are made on, `release/<V>`.
    pub fn release_branch(&self) -> BranchName {
        known_good(BranchName::parse(&format!("release/{}", self.0)))
    }

    /// The version as semantic versioning sees it, where it does.
    pub fn semver(&self) -> Option<semver::Version> {
        semver::Version::parse(&self.0).ok()
    }

    /// The next minor version by semantic versioning, as a suggestion; `None` where numbers end.
    pub fn next_minor(highest: &semver::Version) -> Option<String> {
        highest.minor.checked_add(1).map(|minor| format!("{}.{minor}.0", highest.major))
    }
}

/// Unwraps a name that [`Version::parse`] has checked when the version was made.
#[expect(clippy::expect_used, reason = "Version::parse has checked each of the names made from a version")]
fn known_good<T>(name: Result<T, super::name::InvalidName>) -> T {
    name.expect("a version's names were checked when it was parsed")
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Version {
    type Err = InvalidVersion;
    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        Version::parse(text)
    }
}

/// What `ref:` points at, in the app repo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppRef {
    /// A commit, by its full id.
    Commit(CommitId),
    /// A branch or a tag, by its short name; a branch is looked for first.
    Name(BranchName),
}

impl fmt::Display for AppRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AppRef::Commit(id) => id.fmt(f),
            AppRef::Name(name) => name.fmt(f),
        }
    }
}

words! {
    /// What kind of value `version:` has.
    pub enum DeclaredKind {
        /// `WIP`: whatever the branch of the app repo holds.
        Wip = "wip",
        /// A version.
        Version = "version",
        /// `ref:` and a reference or a commit.
        Ref = "ref",
        /// Nothing yet.
        Empty = "empty",
        /// There is no `version:`, or it can't be read.
        None = "none",
    }
}

/// What an environment branch says in `version:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Declared {
    /// `WIP`, in any case: the head of a branch.
    Wip,
    /// A version.
    Version(Version),
    /// `ref:` and a branch, tag or commit of the app repo.
    Ref(AppRef),
    /// The key is there and has no value: nothing is deployed yet.
    Empty,
    /// The key is not there: the environment is driven from outside.
    Absent,
}

/// A `version:` that can't be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDeclaration {
    /// It is meant as a version and can't be one.
    #[error(transparent)]
    Version(#[from] InvalidVersion),
    /// What follows `ref:` is neither a commit id nor a name.
    #[error("{0:?} names neither a branch, a tag nor a full commit id")]
    Ref(String),
}

impl Explain for InvalidDeclaration {
    fn code(&self) -> &'static str {
        "invalid-version"
    }
    fn exit(&self) -> Exit {
        Exit::Usage
    }
    fn hints(&self) -> Vec<String> {
        match self {
            InvalidDeclaration::Version(error) => error.hints(),
            InvalidDeclaration::Ref(_) => {
                vec!["write `ref:main`, `ref:v1.2.0` or `ref:` and 40 hexadecimal digits".into()]
            }
        }
    }
}

impl Declared {
    /// Reads a value that is not empty.
    pub fn parse(text: &str) -> Result<Self, InvalidDeclaration> {
        if text.eq_ignore_ascii_case("wip") {
            return Ok(Declared::Wip);
        }
        if let Some(rest) = text.strip_prefix("ref:") {
            if let Some(id) = CommitId::parse(rest) {
                return Ok(Declared::Ref(AppRef::Commit(id)));
            }
            return match BranchName::parse(rest) {
                Ok(name) => Ok(Declared::Ref(AppRef::Name(name))),
                Err(_) => Err(InvalidDeclaration::Ref(text.to_owned())),
            };
        }
        Ok(Declared::Version(Version::parse(text)?))
    }

    /// The version, where there is one.
    pub fn version(&self) -> Option<&Version> {
        match self {
            Declared::Version(version) => Some(version),
            _ => None,
        }
    }

    /// The value as it stands in the file, `None` where there is none.
    pub fn text(&self) -> Option<String> {
        match self {
            Declared::Wip => Some("WIP".into()),
            Declared::Version(version) => Some(version.to_string()),
            Declared::Ref(target) => Some(format!("ref:{target}")),
            Declared::Empty | Declared::Absent => None,
        }
    }

    /// What kind of value it is.
    pub fn kind(&self) -> DeclaredKind {
        match self {
            Declared::Wip => DeclaredKind::Wip,
            Declared::Version(_) => DeclaredKind::Version,
            Declared::Ref(_) => DeclaredKind::Ref,
            Declared::Empty => DeclaredKind::Empty,
            Declared::Absent => DeclaredKind::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_version_is_opaque() {
        for good in [
            "1",
            "0",
            "1.10",
            "1.0.0",
            "1.0.0.1",
            "1.0.0-rc",
            "1.0.0-rc.x",
            "1.0.0-rc.1.x",
            "1.0.0-rc.1-hotfix",
            "1.0.0-rc.+1",
            "1.0.0-rc.1e9",
            "1.0.0-rc.１",
            "1.0.0-RC.1",
            "rc.1",
            "1.0.0+build.5",
            "2026.11",
            "2026-11-22",
            "release-7",
            "R2/1.0",
            "feature/x/1",
            "v1",
            "wörk",
            "日本語",
            "🚀1",
            "'1'",
            "\"1\"",
            "a=b",
            "a,b",
            "a;b",
            "$(x)",
            "`x`",
            "a&b",
            "a|b",
            "<a>",
            "!",
            "%",
            "#1",
            "@",
            "a@b",
            "-x",
            "--force",
            "HEAD",
            "1e3",
            "0x10",
            "no",
            "null",
            "true",
            "wip1",
            "WIP-1",
            "{}",
            "a{1}",
            &"x".repeat(MAX_VERSION),
        ] {
            let version = Version::parse(good).unwrap_or_else(|error| panic!("{good:?}: {error}"));
            assert_eq!(version.as_str(), good);
            assert_eq!(version.final_tag().as_str(), format!("v{good}"));
            assert_eq!(version.candidate_tag(10).as_str(), format!("v{good}-rc.10"));
            assert_eq!(version.release_branch().as_str(), format!("release/{good}"));
        }
    }

    #[test]
    fn what_git_does_not_name_is_no_version() {
        for bad in [
            "1.0.0-rc.",
            "a b",
            " 1",
            "1 ",
            "a~1",
            "a^",
            "ref:main",
            "a:b",
            "a?",
            "a*",
            "a[1]",
            "a\\b",
            "a..b",
            ".1",
            "1.",
            "/1",
            "1/",
            "a//b",
            "a/.b",
            "1.lock",
            "a.lock/b",
            "a@{1}",
            "a\nb",
            "a\tb",
            "a\u{1b}[m",
            "a\u{7f}",
            "a\0",
        ] {
            assert!(
                matches!(Version::parse(bad), Err(InvalidVersion::NoReference { .. })),
                "{bad:?}: {:?}",
                Version::parse(bad)
            );
        }
        for control in ["1.2\u{85}.0", "1.2.0\u{9b}31m"] {
            assert_eq!(Version::parse(control), Err(InvalidVersion::Control(control.into())));
        }
        assert_eq!(Version::parse(""), Err(InvalidVersion::Empty));
        assert_eq!(Version::parse(&"x".repeat(MAX_VERSION + 1)), Err(InvalidVersion::TooLong(MAX_VERSION + 1)));
        assert_eq!(Version::parse(&"ü".repeat(MAX_VERSION / 2 + 1)), Err(InvalidVersion::TooLong(MAX_VERSION + 2)));
        for wip in ["WIP", "wip", "WiP"] {
            assert_eq!(Version::parse(wip), Err(InvalidVersion::Wip(wip.into())));
        }
    }

    #[test]
    fn a_version_does_not_end_like_a_candidate() {
        for bad in
            ["1.0.0-rc.1", "1.0.0-rc.0", "1-rc.010", "1-rc.99999999999999999999", "-rc.1", "1.0-rc.1-rc.2", "x/1-rc.7"]
        {
            let error = Version::parse(bad).expect_err(bad);
            assert!(matches!(error, InvalidVersion::LooksLikeCandidate { .. }), "{bad}: {error}");
            assert_eq!(error.exit(), Exit::Usage);
        }
        let hints = Version::parse("1.0.0-rc.1").expect_err("a candidate").hints();
        assert!(hints[0].contains("`1.0.0`"), "{hints:?}");
        assert!(Version::parse("-rc.1").expect_err("a candidate").hints().is_empty());
    }

    #[test]
    fn semver_is_a_view_only() {
        assert!(Version::parse("1.2.3").expect("ok").semver() < Version::parse("1.10.0").expect("ok").semver());
        for none in ["1.10", "v1.2.3", "01.2.3", "2026.11"] {
            assert_eq!(Version::parse(none).expect("ok").semver(), None, "{none}");
        }
    }

    #[test]
    fn a_next_version_is_suggested_while_there_are_numbers() {
        let next = |text| Version::next_minor(&semver::Version::parse(text).expect("a version"));
        assert_eq!(next("1.2.3").as_deref(), Some("1.3.0"));
        assert_eq!(next("1.18446744073709551615.0"), None);
    }

    #[test]
    fn declarations() {
        let id = "0123456789abcdef0123456789abcdef01234567";
        for (text, kind, back) in [
            ("WIP", "wip", "WIP"),
            ("wip", "wip", "WIP"),
            ("1.10", "version", "1.10"),
            ("ref:main", "ref", "ref:main"),
            ("ref:v1.2.0", "ref", "ref:v1.2.0"),
            ("ref:feature/x", "ref", "ref:feature/x"),
            ("ref:0123456789abcdef0123456789abcdef01234567", "ref", "ref:0123456789abcdef0123456789abcdef01234567"),
            ("ref:0123456", "ref", "ref:0123456"),
        ] {
            let declared = Declared::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!((declared.kind().as_str(), declared.text().as_deref()), (kind, Some(back)), "{text}");
        }
        assert!(matches!(Declared::parse(&format!("ref:{id}")), Ok(Declared::Ref(AppRef::Commit(_)))));
        assert!(matches!(Declared::parse("ref:0123456"), Ok(Declared::Ref(AppRef::Name(_)))));
        for bad in ["ref:", "ref:a b", "ref:-x", "ref:HEAD", "ref:a..b", "ref:HEAD~1", "Ref:main", "", "a b"] {
            let error = Declared::parse(bad).expect_err(bad);
            assert_eq!((error.code(), error.exit()), ("invalid-version", Exit::Usage), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_version_makes_its_names(text in "\\PC{0,12}(-rc\\.[0-9a]{0,2})?") {
            if let Ok(version) = Version::parse(&text) {
                prop_assert_eq!(version.final_tag().full(), format!("refs/tags/v{text}"));
                prop_assert_eq!(version.candidate_tag(u64::MAX).full(), format!("refs/tags/v{text}-rc.{}", u64::MAX));
                prop_assert_eq!(version.release_branch().full(), format!("refs/heads/release/{text}"));
            }
        }
    }
}
