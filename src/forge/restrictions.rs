//! Who may do what to a branch, as both Bitbuckets say it: lists of restrictions, each for the branches that it matches.

use crate::domain::name::BranchName;

/// A restriction, and whether it is in force for the branch that was asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Restriction {
    /// What it forbids, in the words of the forge.
    pub(super) kind: String,
    /// `None` where it goes by the forge's branching model, which relman does not know.
    pub(super) applies: Option<bool>,
}

/// Whether a branch has a restriction of one of these kinds; `None`: can't be known.
pub(super) fn restricted(restrictions: &[Restriction], kinds: &[&str]) -> Option<bool> {
    let of_kind = || restrictions.iter().filter(|restriction| kinds.contains(&restriction.kind.as_str()));
    if of_kind().any(|restriction| restriction.applies == Some(true)) {
        return Some(true);
    }
    if of_kind().any(|restriction| restriction.applies.is_none()) { None } else { Some(false) }
}

/// A pattern of Bitbucket Cloud: `*` is any text, slashes too, and every other character is itself.
pub(super) fn matches_cloud(pattern: &str, branch: &BranchName) -> bool {
    let mode = gix::glob::wildmatch::Mode::empty();
    gix::glob::wildmatch(plain(pattern, &['?']).as_str().into(), branch.as_str().into(), mode)
}

/// A pattern of Bitbucket Data Center, as Ant knows them: `*` and `?` stay within a name between slashes, `**` does not.
/// It may begin at any slash of the full name of the ref, and one that ends with a slash is for everything below.
pub(super) fn matches_datacenter(pattern: &str, branch: &BranchName) -> bool {
    let mode = gix::glob::wildmatch::Mode::NO_MATCH_SLASH_LITERAL;
    let pattern = plain(pattern, &[]);
    let below = if pattern.ends_with('/') { "**" } else { "" };
    let anywhere = format!("**/{pattern}{below}");
    gix::glob::wildmatch(anywhere.as_str().into(), branch.full().as_str().into(), mode)
}

/// A pattern with a backslash before each character that Git's patterns read in another way.
fn plain(pattern: &str, also: &[char]) -> String {
    let special = |c| matches!(c, '[' | ']' | '\\') || also.contains(&c);
    pattern.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn branch(name: &str) -> BranchName {
        BranchName::parse(name).expect("a branch name")
    }

    #[test]
    fn patterns_of_the_cloud_know_one_wildcard() {
        let qa = branch("environment/qa");
        for pattern in ["*", "environment/*", "environment/qa", "env*qa", "**"] {
            assert!(matches_cloud(pattern, &qa), "{pattern}");
        }
        for pattern in ["environment", "qa", "environment/q?", "environment/[q]a", "", "Environment/*"] {
            assert!(!matches_cloud(pattern, &qa), "{pattern}");
        }
    }

    #[test]
    fn patterns_of_the_data_center_are_those_of_ant() {
        let qa = branch("environment/qa");
        for pattern in [
            "*",
            "qa",
            "environment/*",
            "environment/",
            "environment/**",
            "heads/**/qa",
            "refs/heads/environment/q?",
            "**",
            "heads/",
        ] {
            assert!(matches_datacenter(pattern, &qa), "{pattern}");
        }
        for pattern in ["environment", "environment?qa", "tags/", "heads/*", "e*/qa/", "[e]nvironment/qa", "nt/qa"] {
            assert!(!matches_datacenter(pattern, &qa), "{pattern}");
        }
    }

    #[test]
    fn what_goes_by_the_branching_model_is_not_known() {
        let of = |kind: &str, applies| Restriction { kind: kind.into(), applies };
        assert_eq!(restricted(&[], &["push"]), Some(false));
        assert_eq!(restricted(&[of("delete", Some(true)), of("push", Some(false))], &["push"]), Some(false));
        assert_eq!(restricted(&[of("push", None)], &["push"]), None);
        assert_eq!(restricted(&[of("push", None), of("push", Some(true))], &["push"]), Some(true));
        assert_eq!(restricted(&[of("delete", None)], &["push"]), Some(false));
    }
}
