//! A type for every kind of name, checked where it enters: environments, components, branches, tags, commits.

use std::fmt;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::error::{Exit, Explain};

/// The longest name of an environment, a type, a component or an application, in bytes.
pub const MAX_NAME: usize = 100;

/// Whether two names are one for whoever has a clone on macOS or Windows, where capital letters make no other file.
pub fn differ_in_case_alone(one: &str, other: &str) -> bool {
    one != other && one.eq_ignore_ascii_case(other)
}

/// A text that can't be the name it was meant to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no {what}: {why}")]
pub struct InvalidName {
    /// What kind of name was wanted.
    pub what: &'static str,
    /// The text that was given.
    pub text: String,
    /// Which rule it breaks.
    pub why: &'static str,
}

impl Explain for InvalidName {
    fn code(&self) -> &'static str {
        "invalid-name"
    }
    fn exit(&self) -> Exit {
        Exit::Usage
    }
    fn hints(&self) -> Vec<String> {
        match self.what {
            "branch name" | "tag name" => vec!["`git help check-ref-format` lists the rules for such names".into()],
            _ => vec!["use letters, digits, `.`, `_` and `-`, beginning with a letter or a digit".into()],
        }
    }
}

/// The rule for names that become folders, branches and variables: `[A-Za-z0-9][A-Za-z0-9._-]{0,99}` without `..`.
fn check_plain(what: &'static str, text: &str) -> Result<(), InvalidName> {
    let broken = |why| Err(InvalidName { what, text: text.chars().take(MAX_NAME + 20).collect(), why });
    match text.as_bytes() {
        [] => return broken("it is empty"),
        [first, ..] if !first.is_ascii_alphanumeric() => return broken("it must begin with a letter or a digit"),
        _ => {}
    }
    if text.len() > MAX_NAME {
        return broken("it is longer than 100 characters");
    }
    if !text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-')) {
        return broken("only letters, digits, `.`, `_` and `-` are allowed");
    }
    if text.contains("..") {
        return broken("`..` is not allowed");
    }
    Ok(())
}

/// Git's own rule for the name of a reference, of which `full` is the whole, as in `refs/heads/main`.
fn check_reference(what: &'static str, full: &str, text: &str) -> Result<(), InvalidName> {
    match gix::validate::reference::name(full.into()) {
        Ok(_) if text != "HEAD" => Ok(()),
        _ => Err(InvalidName { what, text: text.to_owned(), why: "Git does not allow it" }),
    }
}

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text of the name.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidName;
            fn from_str(text: &str) -> Result<Self, InvalidName> {
                $name::parse(text)
            }
        }
    };
}

text_type! {
    /// The name of an environment: what follows `environment/` in its branch.
    EnvironmentName
}

impl EnvironmentName {
    /// Checks a text against the rule for names, and that `environment/<name>` can be a branch.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let what = "environment name";
        check_plain(what, text)?;
        check_reference(what, &format!("refs/heads/environment/{text}"), text)?;
        Ok(EnvironmentName(text.to_owned()))
    }

    /// The branch of the release repo that holds this environment.
    pub fn branch(&self) -> BranchName {
        BranchName(format!("environment/{}", self.0))
    }
}

text_type! {
    /// A kind of environment, such as `qa`, that several environments may share.
    TypeName
}

impl TypeName {
    /// Checks a text against the rule for names.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        check_plain("environment type", text)?;
        Ok(TypeName(text.to_owned()))
    }
}

text_type! {
    /// The name of a repository: the app repo, or one of its components.
    RepositoryName
}

impl RepositoryName {
    /// Checks a text against the rule for names.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        check_plain("repository name", text)?;
        Ok(RepositoryName(text.to_owned()))
    }
}

text_type! {
    /// A branch, without `refs/heads/`.
    BranchName
}

impl BranchName {
    /// Checks a text against Git's rules.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let what = "branch name";
        if text.starts_with('-') {
            return Err(InvalidName { what, text: text.to_owned(), why: "it must not begin with `-`" });
        }
        check_reference(what, &format!("refs/heads/{text}"), text)?;
        Ok(BranchName(text.to_owned()))
    }

    /// The branch `main`.
    pub fn main() -> Self {
        BranchName("main".to_owned())
    }

    /// The whole name of the reference, `refs/heads/…`.
    pub fn full(&self) -> String {
        format!("refs/heads/{}", self.0)
    }
}

text_type! {
    /// A tag, without `refs/tags/`.
    TagName
}

impl TagName {
    /// Checks a text against Git's rules.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let what = "tag name";
        if text.starts_with('-') {
            return Err(InvalidName { what, text: text.to_owned(), why: "it must not begin with `-`" });
        }
        check_reference(what, &format!("refs/tags/{text}"), text)?;
        Ok(TagName(text.to_owned()))
    }

    /// The whole name of the reference, `refs/tags/…`.
    pub fn full(&self) -> String {
        format!("refs/tags/{}", self.0)
    }
}

/// The id of a commit, SHA-1 or SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(inline)]
pub struct CommitId(#[schemars(with = "String", regex(pattern = "^([0-9a-f]{40}|[0-9a-f]{64})$"))] gix::ObjectId);

impl Serialize for CommitId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl CommitId {
    /// Takes an id that is known to be a commit's.
    pub fn new(id: gix::ObjectId) -> Self {
        CommitId(id)
    }

    /// Reads 40 or 64 hexadecimal digits; anything else, abbreviations too, is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        gix::ObjectId::from_hex(text.as_bytes()).ok().map(CommitId)
    }

    /// The id as the object database knows it.
    pub fn object(self) -> gix::ObjectId {
        self.0
    }

    /// The first ten digits, for people.
    pub fn short(self) -> String {
        self.0.to_hex_with_len(10).to_string()
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.to_hex())
    }
}

impl fmt::Debug for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_follow_the_rule() {
        for good in ["a", "prod-eu", "foo_app", "1.0", &"x".repeat(100)] {
            assert!(RepositoryName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "-x", ".x", "a b", "a/b", "../x", "a..b", "ü", "a\n", &"x".repeat(101)] {
            assert!(RepositoryName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_environment_name_must_make_a_branch() {
        assert_eq!(
            EnvironmentName::parse("prod-eu").map(|n| n.branch().full()).ok().as_deref(),
            Some("refs/heads/environment/prod-eu")
        );
        assert!(EnvironmentName::parse("qa.lock").is_err());
        assert!(EnvironmentName::parse("qa.").is_err());
    }

    #[test]
    fn branches_and_tags_follow_git() {
        assert!(BranchName::parse("feature/ä").is_ok());
        for bad in ["", "a b", "a..b", "a~1", "a^", "a:b", "x.lock", "/a", "a/", "a//b", "@{", "-x", "a\u{7f}", "HEAD"]
        {
            assert!(BranchName::parse(bad).is_err(), "{bad:?}");
            assert!(TagName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn commit_ids_are_whole() {
        assert!(CommitId::parse(&"a".repeat(40)).is_some());
        assert!(CommitId::parse(&"a".repeat(64)).is_some());
        assert!(CommitId::parse("abc123").is_none());
        assert!(CommitId::parse(&"g".repeat(40)).is_none());
    }
}
