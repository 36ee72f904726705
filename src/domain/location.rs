//! Where repositories lie: the URL of one derived from its neighbour's, and what a URL must not be.

use super::error::{Exit, Explain};
use super::name::RepositoryName;

/// A URL that relman will not hand to Git.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{url:?} is not accepted as the URL of a repository: {why}")]
pub struct InvalidUrl {
    /// The text that was given, without a password.
    pub url: String,
    /// Which rule it breaks.
    pub why: &'static str,
}

impl Explain for InvalidUrl {
    fn code(&self) -> &'static str {
        "invalid-url"
    }
    fn exit(&self) -> Exit {
        Exit::Usage
    }
    fn hints(&self) -> Vec<String> {
        vec!["use https://…, ssh://…, user@host:path or the path of a folder".into()]
    }
}

/// Refuses what Git could take for an option or for the name of a program to run.
pub fn check_url(url: &str) -> Result<(), InvalidUrl> {
    let broken = |why| Err(InvalidUrl { url: without_password(url), why });
    if url.is_empty() {
        return broken("it is empty");
    }
    if url.starts_with('-') {
        return broken("it begins with `-`");
    }
    if url.chars().any(char::is_control) {
        return broken("it holds control characters");
    }
    if url.split('/').next().is_some_and(|start| start.contains("::")) {
        return broken("it names a remote helper, which could run any program");
    }
    // ssh takes a host that begins with a dash for an option.
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    if host.starts_with('-') || host.split_once('@').is_some_and(|(_, host)| host.starts_with('-')) {
        return broken("its host begins with `-`");
    }
    Ok(())
}

/// The URL of a repository called `name` that lies beside the one at `base`.
///
/// The last segment is replaced, a `.git` at its end is kept, and credentials in an http URL are dropped: they were
/// meant for the other repository. `None` where the base has no segment to replace.
pub fn neighbour(base: &str, name: &RepositoryName) -> Option<String> {
    let base = without_credentials(base);
    let trimmed = base.trim_end_matches('/');
    let at = trimmed.rfind(['/', ':'])? + 1;
    // `https://host` has no path, and its last slash belongs to the scheme.
    if trimmed[..at].ends_with("://") || at == trimmed.len() {
        return None;
    }
    let suffix = if trimmed.ends_with(".git") { ".git" } else { "" };
    Some(format!("{}{name}{suffix}", &trimmed[..at]))
}

/// The last segment of a URL or path, without `.git`.
pub fn last_segment(url: &str) -> &str {
    let trimmed = url.trim_end_matches('/');
    let last = trimmed.rsplit(['/', ':']).next().unwrap_or(trimmed);
    last.strip_suffix(".git").unwrap_or(last)
}

/// The URL without `user:password@` where it is an http one; ssh needs its user.
pub fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return url.to_owned();
    }
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

/// The URL as it may be shown: without a password, whatever the scheme.
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    match authority.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{host}{path}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beside(base: &str) -> Option<String> {
        neighbour(base, &RepositoryName::parse("foo-app").expect("a name"))
    }

    #[test]
    fn the_last_segment_is_replaced() {
        for (base, expected) in [
            ("https://git.example.com/foo/foo-release.git", "https://git.example.com/foo/foo-app.git"),
            ("https://git.example.com/foo/foo-release", "https://git.example.com/foo/foo-app"),
            ("https://git.example.com/foo/foo-release/", "https://git.example.com/foo/foo-app"),
            ("https://me:secret@git.example.com/foo/foo-release.git", "https://git.example.com/foo/foo-app.git"),
            ("ssh://git@git.example.com:7999/foo/foo-release.git", "ssh://git@git.example.com:7999/foo/foo-app.git"),
            ("git@git.example.com:foo/foo-release.git", "git@git.example.com:foo/foo-app.git"),
            ("git@git.example.com:foo-release.git", "git@git.example.com:foo-app.git"),
            ("file:///srv/git/foo-release.git", "file:///srv/git/foo-app.git"),
            ("/srv/git/foo-release.git", "/srv/git/foo-app.git"),
            ("../remotes/foo-release.git", "../remotes/foo-app.git"),
        ] {
            assert_eq!(beside(base).as_deref(), Some(expected), "{base}");
        }
        assert_eq!(beside("https://git.example.com"), None);
        assert_eq!(beside("foo-release.git"), None);
    }

    #[test]
    fn what_could_run_something_is_refused() {
        for bad in ["", "-u", "--upload-pack=touch x", "ext::sh -c x", "ssh://-oProxyCommand=x/y", "git@-oX:y", "a\nb"]
        {
            assert!(check_url(bad).is_err(), "{bad:?}");
        }
        for good in
            ["https://git.example.com/x.git", "git@host:x/y.git", "/srv/git/x.git", "../x", "ssh://git@[::1]:22/x"]
        {
            assert!(check_url(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(without_password("https://me:secret@h/x"), "https://me@h/x");
        assert_eq!(without_credentials("https://me:secret@h/x"), "https://h/x");
        assert_eq!(without_credentials("ssh://git@h/x"), "ssh://git@h/x");
    }
}
