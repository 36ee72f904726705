//! The kinds of forges that relman knows, and the words for them.

use std::fmt;

use serde::Serialize;

/// A kind of forge: the software that a repository is hosted with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForgeKind {
    /// Bitbucket Data Center, and Bitbucket Server before it.
    BitbucketDatacenter,
    /// bitbucket.org.
    BitbucketCloud,
    /// github.com, GitHub Enterprise Cloud and GitHub Enterprise Server.
    #[serde(rename = "github")]
    GitHub,
    /// gitlab.com, and GitLab on a server of one's own.
    #[serde(rename = "gitlab")]
    GitLab,
    /// Gitea.
    Gitea,
    /// Forgejo, as on codeberg.org.
    Forgejo,
    /// Azure DevOps, of which relman knows the web page only.
    Azure,
    /// No forge: plain Git.
    None,
}

impl ForgeKind {
    /// Every word that [`ForgeKind::parse`] takes, for help texts.
    pub const WORDS: [&'static str; 9] = [
        "bitbucket-datacenter",
        "bitbucket-server",
        "bitbucket-cloud",
        "github",
        "gitlab",
        "gitea",
        "forgejo",
        "azure",
        "none",
    ];

    /// The kind that a word means; `None` for any other word.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "bitbucket-datacenter" | "bitbucket-server" => ForgeKind::BitbucketDatacenter,
            "bitbucket-cloud" => ForgeKind::BitbucketCloud,
            "github" => ForgeKind::GitHub,
            "gitlab" => ForgeKind::GitLab,
            "gitea" => ForgeKind::Gitea,
            "forgejo" => ForgeKind::Forgejo,
            "azure" => ForgeKind::Azure,
            "none" => ForgeKind::None,
            _ => return None,
        })
    }

    /// The word for it, as in `forge.type` and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            ForgeKind::BitbucketDatacenter => "bitbucket-datacenter",
            ForgeKind::BitbucketCloud => "bitbucket-cloud",
            ForgeKind::GitHub => "github",
            ForgeKind::GitLab => "gitlab",
            ForgeKind::Gitea => "gitea",
            ForgeKind::Forgejo => "forgejo",
            ForgeKind::Azure => "azure",
            ForgeKind::None => "none",
        }
    }

    /// Its name, as people write it.
    pub fn title(self) -> &'static str {
        match self {
            ForgeKind::BitbucketDatacenter => "Bitbucket Data Center",
            ForgeKind::BitbucketCloud => "Bitbucket Cloud",
            ForgeKind::GitHub => "GitHub",
            ForgeKind::GitLab => "GitLab",
            ForgeKind::Gitea => "Gitea",
            ForgeKind::Forgejo => "Forgejo",
            ForgeKind::Azure => "Azure DevOps",
            ForgeKind::None => "no forge",
        }
    }

    /// Whether relman speaks its API, and not just knows its web pages.
    pub fn has_api(self) -> bool {
        !matches!(self, ForgeKind::Azure | ForgeKind::None)
    }

    /// The kind that an exact host name stands for; never by a part of a name.
    pub(super) fn of_host(host: &str) -> Option<Self> {
        Some(match host {
            "github.com" | "ssh.github.com" => ForgeKind::GitHub,
            "gitlab.com" | "altssh.gitlab.com" => ForgeKind::GitLab,
            "bitbucket.org" | "altssh.bitbucket.org" => ForgeKind::BitbucketCloud,
            "gitea.com" => ForgeKind::Gitea,
            "codeberg.org" => ForgeKind::Forgejo,
            "dev.azure.com" | "ssh.dev.azure.com" => ForgeKind::Azure,
            _ if is_below(host, "ghe.com") => ForgeKind::GitHub,
            _ if is_below(host, "visualstudio.com") => ForgeKind::Azure,
            _ => return None,
        })
    }
}

/// Whether a host lies directly or deeper below a domain.
fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).and_then(|rest| rest.strip_suffix('.')).is_some_and(|name| !name.is_empty())
}

impl fmt::Display for ForgeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_means_a_kind_and_json_says_the_same() {
        for word in ForgeKind::WORDS {
            let kind = ForgeKind::parse(word).expect("a kind");
            if word != "bitbucket-server" {
                assert_eq!(kind.word(), word);
                assert_eq!(serde_json::to_string(&kind).expect("JSON"), format!("\"{word}\""));
            }
        }
        assert_eq!(ForgeKind::parse("bitbucket-server"), Some(ForgeKind::BitbucketDatacenter));
        assert_eq!(ForgeKind::parse("GitHub"), None);
        assert_eq!(ForgeKind::parse("bitbucket"), None);
    }

    #[test]
    fn hosts_are_matched_whole() {
        assert_eq!(ForgeKind::of_host("github.com"), Some(ForgeKind::GitHub));
        assert_eq!(ForgeKind::of_host("acme.ghe.com"), Some(ForgeKind::GitHub));
        assert_eq!(ForgeKind::of_host("acme.visualstudio.com"), Some(ForgeKind::Azure));
        for host in [
            "github.com.evil.example",
            "evilgithub.com",
            "github.example.com",
            "gitlab.example.com",
            "ghe.com",
            "evilghe.com",
            ".ghe.com",
            "my-bitbucket.org",
        ] {
            assert_eq!(ForgeKind::of_host(host), None, "{host}");
        }
    }
}
