//! The keys of Jira's projects and issues.

use std::fmt;

/// The key of a project, such as `SHOP`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProjectKey(String);

impl ProjectKey {
    /// Reads `[A-Z][A-Z0-9_]+`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = text.bytes();
        let begins = bytes.next().is_some_and(|b| b.is_ascii_uppercase());
        let goes_on = bytes.all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        (begins && goes_on && (2..=100).contains(&text.len())).then(|| ProjectKey(text.to_owned()))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key of an issue, such as `SHOP-42`. Keys are in the order in which the issues were made, project by project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IssueKey {
    project: ProjectKey,
    number: u64,
}

impl IssueKey {
    /// Reads a project's key, a dash and a number.
    pub fn parse(text: &str) -> Option<Self> {
        let (project, number) = text.rsplit_once('-')?;
        let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        // With leading zeros, it would be another text for the same issue.
        let number = number.parse().ok().filter(|_| digits && !number.starts_with('0'))?;
        Some(IssueKey { project: ProjectKey::parse(project)?, number })
    }

    /// The project that the issue is in.
    pub fn project(&self) -> &ProjectKey {
        &self.project
    }
}

impl fmt::Display for IssueKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.project, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_from_what_looks_like_them() {
        for text in ["SHOP-1", "AB_2-30", "S2-7"] {
            assert_eq!(IssueKey::parse(text).expect(text).to_string(), text);
        }
        for text in ["SHOP", "SHOP-", "shop-1", "S-1", "2S-1", "SHOP-1x", "SHOP-+1", "SHOP-01", "SHOP-0", "SH/OP-1", ""]
        {
            assert_eq!(IssueKey::parse(text), None, "{text}");
        }
        let mut keys = ["SHOP-10", "OPS-3", "SHOP-9"].map(|text| IssueKey::parse(text).expect(text));
        keys.sort();
        assert_eq!(keys.map(|key| key.to_string()), ["OPS-3", "SHOP-9", "SHOP-10"]);
    }
}
