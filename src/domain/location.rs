//! Where repositories lie: the URL of one derived from its neighbour's, and what a URL must not be.

use std::borrow::Cow;

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
    let broken = |why| Err(InvalidUrl { url: without_secrets(url).into_owned(), why });
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
    // ssh takes a host that begins with a dash for an option, and so does the program that it runs with a path.
    let (authority, path) = match url.split_once("://") {
        Some((_, rest)) => (rest.split(['/', '?', '#']).next().unwrap_or(rest), ""),
        None => match url.split_once(':').filter(|(host, _)| !host.contains('/')) {
            // `[host:port]:path` has its colon behind the brackets.
            Some((host, path)) if host.contains('[') => (url, path.split_once("]:").map_or("", |(_, path)| path)),
            Some(parts) => parts,
            None => (url, ""),
        },
    };
    // Git decodes a host before it hands it on.
    let authority = percent_encoding::percent_decode_str(authority).decode_utf8_lossy();
    let dashed = |host: &str| host.trim_start_matches('[').starts_with('-');
    if dashed(&authority) || authority.match_indices('@').any(|(at, _)| dashed(&authority[at + 1..])) {
        return broken("its host begins with `-`");
    }
    if path.starts_with('-') {
        return broken("its path begins with `-`");
    }
    Ok(())
}

/// Whether a URL is a path of this machine, and neither `scheme://…` nor `host:path`.
pub fn is_path(url: &str) -> bool {
    !url.contains("://") && !url.split('/').next().is_some_and(|start| start.contains(':'))
}

/// Whether a URL leads somewhere on this machine only: a path, as such or after `file:`.
pub fn is_of_this_machine(url: &str) -> bool {
    is_path(url) || url.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("file:"))
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

/// Where a URL leads, in words that are the same for most URLs of one repository: by ssh or http, with a user and a port or
/// without, as a path or behind `file:`. For comparison alone; nothing can be cloned from it.
pub fn place(url: &str) -> String {
    let (host, path) = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/').unwrap_or((rest, "")),
        None if is_path(url) => ("", url),
        None => url.split_once(':').unwrap_or(("", url)),
    };
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    // The port of ssh is never that of http.
    let host =
        host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(h, _)| h);
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    // Bitbucket Data Center has this before each path by http, be it behind a folder of its own, and none by ssh.
    let is_http = url.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http"));
    let behind_scm = || path.strip_prefix("scm/").or_else(|| path.split_once("/scm/").map(|(_, path)| path));
    let path = if is_http { behind_scm().unwrap_or(path) } else { path };
    format!("{}/{path}", host.to_ascii_lowercase())
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

/// The URL as it may be written into a file that others read: without what logs in.
///
/// The user and the password go, but for ssh the password alone, and so does a query that holds a secret.
pub fn without_login(url: &str) -> Cow<'_, str> {
    // A path may hold any sign, and has no login.
    if !url.contains(['@', '=']) || url.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("file:")) {
        return Cow::Borrowed(url);
    }
    let mut bare = without_userinfo(url);
    if without_queries(&bare) != bare {
        bare.truncate(bare.find(QUERY_PARTS).unwrap_or(bare.len()));
    }
    Cow::Owned(bare)
}

/// Whether a URL holds more of a login than a user: over http that may still be a token, which nobody can tell.
pub fn holds_password(url: &str) -> bool {
    let bare = without_login(url);
    let user_only = url.split_once("://").and_then(|(scheme, rest)| {
        let (user, host) = rest.split_once('@')?;
        (!user.contains([':', '/', '?', '#'])).then(|| format!("{scheme}://{host}"))
    });
    bare != url && user_only.is_none_or(|expected| bare != expected)
}

/// A text as it may be shown: URLs in it without passwords and tokens.
///
/// Of `scheme://user:password@host` the password goes, and the user too, but for ssh: over http a token often stands in
/// its place. `user:password@host` without a scheme loses its password, and queries lose values such as `?token=…`.
pub fn without_secrets(text: &str) -> Cow<'_, str> {
    if !text.contains(['@', '=']) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(ends_word).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        shown.push_str(&without_queries(&without_userinfo(word)));
        let gap = after.find(|c| !ends_word(c)).unwrap_or(after.len());
        shown.push_str(&after[..gap]);
        rest = &after[gap..];
    }
    Cow::Owned(shown)
}

/// What can't stand in a URL, and so ends it in a sentence.
fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\'' | '"' | '`' | '<' | '>')
}

fn without_userinfo(word: &str) -> String {
    let Some((before, rest)) = word.split_once("://") else { return without_user_password(word) };
    let scheme = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c)).next().unwrap_or(before);
    // A password may hold what ends the authority in a proper URL: what stands there is then no host.
    let proper = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..proper];
    let port = authority.rsplit_once(':').map(|(_, port)| port);
    let is_host = !authority.is_empty()
        && (authority.ends_with(']') || port.is_none_or(|port| port.bytes().all(|b| b.is_ascii_digit())));
    let at = match authority.rfind('@') {
        None if !is_host => rest.rfind('@'),
        found => found,
    };
    let Some(at) = at else {
        return format!("{before}://{authority}{}", without_later_userinfo(&rest[proper..]));
    };
    let user = rest[..at].split(':').next().unwrap_or_default();
    let user = if scheme.contains("ssh") && !user.is_empty() { format!("{user}@") } else { String::new() };
    format!("{before}://{user}{}", without_later_userinfo(&rest[at + 1..]))
}

/// The end of a word, which may hold a further URL.
fn without_later_userinfo(rest: &str) -> String {
    if rest.contains("://") { without_userinfo(rest) } else { rest.to_owned() }
}

/// `user@host:path` for `user:password@host:path`.
fn without_user_password(word: &str) -> String {
    let Some(colon) = word.find([':', '@', '/', '\\', '=']).filter(|at| word[*at..].starts_with(':')) else {
        return match word.split_once('=') {
            // An option with its value, as in `--use-app=user:password@host:path`.
            Some((name, value)) if value.contains('@') => format!("{name}={}", without_user_password(value)),
            _ => word.to_owned(),
        };
    };
    let rest = &word[colon + 1..];
    let slash = rest.find('/').unwrap_or(rest.len());
    match rest[..slash].rfind('@').or_else(|| rest.rfind('@')) {
        Some(at) if !rest.starts_with('\\') => format!("{}{}", &word[..colon], &rest[at..]),
        _ => word.to_owned(),
    }
}

/// What separates the parts of a URL's query from each other and from what stands before.
const QUERY_PARTS: [char; 4] = ['?', '&', ';', '#'];

fn without_queries(word: &str) -> String {
    let mut shown = String::new();
    for (index, part) in word.split_inclusive(QUERY_PARTS).enumerate() {
        let separator = part.chars().last().filter(|c| QUERY_PARTS.contains(c));
        let pair = separator.map_or(part, |c| &part[..part.len() - c.len_utf8()]);
        match pair.split_once('=') {
            Some((name, value)) if index > 0 && !value.is_empty() && names_secret(name) => {
                shown.push_str(&format!("{name}=***"));
                shown.extend(separator);
            }
            _ => shown.push_str(part),
        }
    }
    shown
}

fn names_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let parts = ["token", "passw", "secret", "apikey", "api_key", "api-key", "credential", "signature"];
    parts.iter().any(|part| name.contains(part)) || matches!(name.as_str(), "key" | "auth" | "sig" | "pat" | "pwd")
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
    fn urls_of_one_repository_lead_to_one_place() {
        for (first, others) in [
            (
                "https://git.example.com/t/shop.git",
                &[
                    "git@git.example.com:t/shop.git",
                    "git@git.example.com:/t/shop",
                    "ssh://git@git.example.com/t/shop",
                    "ssh://git@git.example.com:7999/t/shop.git",
                    "https://robin@GIT.example.com:443/t/shop/",
                    "https://git.example.com/scm/t/shop.git",
                    "https://git.example.com/bitbucket/scm/t/shop.git",
                ][..],
            ),
            ("/srv/git/shop.git", &["/srv/git/shop", "file:///srv/git/shop.git"]),
        ] {
            others.iter().for_each(|other| assert_eq!(place(first), place(other), "{other}"));
        }
        let apart = [
            "https://git.example.com/t/shop",
            "https://git.example.com/t2/shop",
            "https://git.other.com/t/shop",
            "https://git.example.com/t/shop2",
            "/t/shop",
            "",
        ];
        for (number, one) in apart.iter().enumerate() {
            apart[number + 1..].iter().for_each(|other| assert_ne!(place(one), place(other), "{one} {other}"));
        }
    }

    #[test]
    fn a_path_is_told_from_a_url() {
        for path in ["/srv/git/x.git", "../x", "x", "./a:b", "~/x"] {
            assert!(is_path(path) && is_of_this_machine(path), "{path}");
        }
        assert!(!is_path("file:///x") && is_of_this_machine("File:///x") && is_of_this_machine("file:/x"));
        for url in ["https://h/x", "git@h:x", "h:x/y", "[git@h:22]:x", "ssh://h/x"] {
            assert!(!is_path(url) && !is_of_this_machine(url), "{url}");
        }
    }

    #[test]
    fn what_could_run_something_is_refused() {
        for bad in [
            "",
            "-u",
            "--upload-pack=touch x",
            "ext::sh -c x",
            "ssh://-oProxyCommand=x/y",
            "ssh://%2doProxyCommand=x/y",
            "ssh://u@%2DoProxyCommand=x/y",
            "ssh://u@[-oX]/y",
            "ssh://[-oX]/y",
            "[-oX:22]:y",
            "u@[-oX]:y",
            "git@-oX:y",
            "git@host:-oProxy/x",
            "[git@host:22]:-x",
            "a\nb",
        ] {
            assert!(check_url(bad).is_err(), "{bad:?}");
        }
        for good in [
            "https://git.example.com/x.git",
            "git@host:x/y.git",
            "/srv/git/x.git",
            "../x",
            "ssh://git@[::1]:22/x",
            "[git@host:22]:x",
            "git@host:a-b/-c",
            "x-y/-z",
        ] {
            assert!(check_url(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(without_credentials("https://me:secret@h/x"), "https://h/x");
        assert_eq!(without_credentials("ssh://git@h/x"), "ssh://git@h/x");
    }

    #[test]
    fn a_url_is_written_down_without_what_logs_in() {
        for (url, bare, password) in [
            ("https://me:s3cr3t@h:1/x.git", "https://h:1/x.git", true),
            ("https://me:s3/cr3t@h/x.git", "https://h/x.git", true),
            ("https://me:s3 cr3t@h/x.git", "https://h/x.git", true),
            ("https://ghp_s3cr3t@h/x.git", "https://h/x.git", false),
            ("HTTPS://:s3cr3t@h/x.git", "HTTPS://h/x.git", true),
            ("https://h/x.git?private_token=s3cr3t&a=1", "https://h/x.git", true),
            ("ssh://git:s3cr3t@h:22/x", "ssh://git@h:22/x", true),
            ("user:s3cr3t@h:x.git", "user@h:x.git", true),
            ("ssh://git@h/x", "ssh://git@h/x", false),
            ("git@h:team/x@y.git", "git@h:team/x@y.git", false),
            ("https://h/@scope/x.git?a=1", "https://h/@scope/x.git?a=1", false),
            ("file:///srv/a@b/x=y.git", "file:///srv/a@b/x=y.git", false),
            ("/srv/a:b@c/x.git", "/srv/a:b@c/x.git", false),
        ] {
            assert_eq!((without_login(url).as_ref(), holds_password(url)), (bare, password), "{url}");
            assert_eq!(without_login(bare), bare, "nothing more goes the second time");
        }
    }

    #[test]
    fn a_text_is_shown_without_secrets() {
        for (text, shown) in [
            ("unable to access 'https://me:s3cr3t@h:1/x.git/': no", "unable to access 'https://h:1/x.git/': no"),
            ("https://ghp_s3cr3t@h/x", "https://h/x"),
            ("ssh://git:s3cr3t@h:22/x", "ssh://git@h:22/x"),
            ("ssh://git@h/x", "ssh://git@h/x"),
            ("git@h:team/x@y.git", "git@h:team/x@y.git"),
            ("https://u@x:s3cr3t@h/y", "https://h/y"),
            ("https://user:s3cr3t/1@h/x", "https://h/x"),
            ("https://user:s3cr3t#1@h/x", "https://h/x"),
            ("https://user:s3cr3t?1@h/x", "https://h/x"),
            ("https:///user:s3cr3t@h", "https://h"),
            ("foo://u:s3cr3t@h/x http::https://u:s3cr3t@h/x", "foo://h/x http::https://h/x"),
            ("user:s3cr3t@h:x.git", "user@h:x.git"),
            ("--use-app=user:s3cr3t@h:x.git", "--use-app=user@h:x.git"),
            ("\"-u:s3cr3t@h\"", "\"-u@h\""),
            ("https://h/x?private_token=s3cr3t&page=2", "https://h/x?private_token=***&page=2"),
            ("https://h/x?a=1&Password=s3cr3t", "https://h/x?a=1&Password=***"),
            ("https://h:8080/@scope/x?to=https://a:s3cr3t@b", "https://h:8080/@scope/x?to=https://b"),
            ("https://[::1]:22/a@b and https://[::1]/a@b", "https://[::1]:22/a@b and https://[::1]/a@b"),
            ("Ada <ada@example.com> set key=value", "Ada <ada@example.com> set key=value"),
            ("environment/qa@abc: x", "environment/qa@abc: x"),
        ] {
            assert_eq!(without_secrets(text), shown, "{text}");
            assert_eq!(without_secrets(shown), shown, "nothing more goes the second time");
        }
    }
}
