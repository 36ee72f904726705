//! Which Jira it is, and whether it may get a token.

use super::Result;
use super::error::Error;
use crate::domain::text::shell_word;
use crate::http::WebUrl;
use crate::http::web_url::split_authority;

/// All that may say where Jira is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clues<'a> {
    /// `RELMAN_JIRA_URL`.
    pub variable: Option<&'a str>,
    /// `git config relman.jiraUrl`.
    pub config: Option<&'a str>,
    /// `git config relman.allowHttp`: hosts that a token may be sent to without encryption.
    pub config_http: Option<&'a str>,
    /// `jira.url` of release.yml.
    pub file: Option<&'a str>,
    /// The URL of the release repo's remote.
    pub remote: Option<&'a str>,
}

/// Where Jira is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Where its pages begin.
    pub web: WebUrl,
    /// Whether it may get a token: the user named it, or Git gives the same server credentials anyway.
    trusted: bool,
    /// Whether the user allows that a token is sent there without encryption.
    allow_http: bool,
}

/// Decides where Jira is. What the release file says counts, since its issues are there; what the user says makes it
/// trusted, and stands in where the file says nothing.
pub fn locate(clues: &Clues<'_>) -> Result<Site> {
    let read = |text: Option<&str>, place: &'static str| {
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        text.map(|text| WebUrl::parse(text).map_err(|why| Error::InvalidUrl { place, why })).transpose()
    };
    let user = match read(clues.variable, "RELMAN_JIRA_URL")? {
        Some(url) => Some(url),
        None => read(clues.config, "git config relman.jiraUrl")?,
    };
    let file = read(clues.file, "jira of release.yml")?;
    let by_user = |web: &WebUrl| user.as_ref().is_some_and(|user| server(user) == server(web));
    let (web, trusted) = match (file, &user) {
        (Some(web), _) => {
            let trusted = by_user(&web) || clues.remote.is_some_and(|remote| is_on(&web, remote));
            (web, trusted)
        }
        (None, Some(user)) => (user.clone(), true),
        (None, None) => return Err(Error::NoUrl),
    };
    let allow_http = clues.config_http.is_some_and(|hosts| {
        hosts
            .split([',', ' '])
            .any(|host| host.eq_ignore_ascii_case(&web.host) || host.eq_ignore_ascii_case(&web.authority()))
    });
    Ok(Site { web, trusted, allow_http })
}

impl Site {
    /// Whether a token may be sent there; the error holds the line to type.
    pub fn may_get_token(&self) -> Result<()> {
        let host = self.web.authority();
        if !self.trusted {
            let fix = format!("git config relman.jiraUrl {}", shell_word(&self.web.to_string()));
            return Err(Error::UntrustedHost { host, fix });
        }
        if !self.web.encrypted && !self.web.is_loopback() && !self.allow_http {
            return Err(Error::PlainHttp { host });
        }
        Ok(())
    }

    /// Whether it is Atlassian's own.
    pub fn is_cloud(&self) -> bool {
        ["atlassian.net", "atlassian.com"]
            .iter()
            .any(|domain| self.web.host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
    }
}

/// What a program listens at: scheme, host and port.
fn server(web: &WebUrl) -> (bool, &str, u16) {
    (web.encrypted, &web.host, web.port.unwrap_or(if web.encrypted { 443 } else { 80 }))
}

/// Whether a remote is on the same server. Another port may be another program, and somebody else's.
fn is_on(web: &WebUrl, remote: &str) -> bool {
    let Some((scheme, rest)) = remote.split_once("://") else { return false };
    let encrypted = match scheme {
        "https" => true,
        "http" => false,
        _ => return false,
    };
    let authority = rest.split('/').next().unwrap_or_default();
    split_authority(authority).is_some_and(|(host, port)| {
        let remote = WebUrl { encrypted, host, port, path: Vec::new() };
        server(&remote) == server(web)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::error::{Exit, Explain as _};

    const FILE: Option<&str> = Some("https://jira.example.com/jira");

    #[test]
    fn a_file_alone_gets_no_token() {
        let site = locate(&Clues { file: FILE, ..Clues::default() }).expect("a site");
        let error = site.may_get_token().expect_err("refused");
        assert_eq!((error.exit(), error.code()), (Exit::Unauthorised, "untrusted-jira"));
        assert!(error.hints()[0].contains("git config relman.jiraUrl https://jira.example.com/jira"));
    }

    #[test]
    fn whoever_names_the_host_trusts_it() {
        for clues in [
            Clues { variable: Some("https://jira.example.com"), ..Clues::default() },
            Clues { config: Some("https://JIRA.example.com:443/else"), ..Clues::default() },
            Clues { remote: Some("https://ada@jira.example.com/scm/shop/shop-release.git"), ..Clues::default() },
        ] {
            let site = locate(&Clues { file: FILE, ..clues }).expect("a site");
            assert!(site.may_get_token().is_ok(), "{clues:?}");
            assert_eq!(site.web.to_string(), "https://jira.example.com/jira", "the file says where");
        }
        for clues in [
            Clues { variable: Some("https://example.com"), ..Clues::default() },
            Clues { variable: Some("https://jira.example.com.evil.example"), ..Clues::default() },
            Clues { variable: Some("http://jira.example.com"), ..Clues::default() },
            Clues { config: Some("https://jira.example.com:8443"), ..Clues::default() },
            Clues { remote: Some("https://jira.example.com:8443/x.git"), ..Clues::default() },
            Clues { remote: Some("ssh://git@jira.example.com/x.git"), ..Clues::default() },
            Clues { remote: Some("git@jira.example.com:x.git"), ..Clues::default() },
        ] {
            let site = locate(&Clues { file: FILE, ..clues }).expect("a site");
            assert!(site.may_get_token().is_err(), "{clues:?}");
        }
    }

    #[test]
    fn what_the_user_names_stands_in() {
        let site = locate(&Clues { config: Some("https://acme.atlassian.net"), ..Clues::default() }).expect("a site");
        assert!(site.may_get_token().is_ok() && site.is_cloud());
        let blank = Clues { variable: Some(" "), config: Some("https://a.example"), ..Clues::default() };
        assert_eq!(locate(&blank).expect("a site").web.host, "a.example");
        assert!(matches!(locate(&Clues::default()), Err(Error::NoUrl)));
        assert!(
            !locate(&Clues { config: Some("https://evilatlassian.net"), ..Clues::default() })
                .expect("a site")
                .is_cloud()
        );
    }

    #[test]
    fn without_encryption_only_where_that_is_meant() {
        let at =
            |url, config_http| locate(&Clues { variable: Some(url), config_http, ..Clues::default() }).expect("a site");
        assert!(matches!(at("http://jira.example.com", None).may_get_token(), Err(Error::PlainHttp { .. })));
        assert!(at("http://jira.example.com", Some("jira.example.com")).may_get_token().is_ok());
        assert!(at("http://127.0.0.1:2990/jira", None).may_get_token().is_ok());
    }

    #[test]
    fn a_password_is_not_repeated() {
        let error = locate(&Clues { file: Some("https://me:secret@jira.example.com"), ..Clues::default() });
        assert!(!error.expect_err("refused").to_string().contains("secret"));
    }
}
