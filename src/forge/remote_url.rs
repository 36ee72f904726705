//! The shapes of a remote's URL: which host it names, and which path on it.

use crate::http::web_url::{decoded_segments, is_host, segments, split_authority};

/// Where a remote lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remote {
    /// On a server.
    Server(RemoteUrl),
    /// In a folder of this machine, or behind something that is no server that relman knows.
    Local,
}

/// How a remote on a server is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transfer {
    /// `http://`
    Http,
    /// `https://`
    Https,
    /// `ssh://`, `user@host:path`, `git://`: nothing of it can be opened in a browser.
    Other,
}

/// The URL of a remote on a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteUrl {
    /// How it is reached.
    pub transfer: Transfer,
    /// The host, in lower case; an IPv6 address keeps its brackets.
    pub host: String,
    /// The port, where the URL names one.
    pub port: Option<u16>,
    /// The segments of the path, decoded, without `.git` at the end.
    pub path: Vec<String>,
}

impl Remote {
    /// Reads a remote's URL, after `url.<base>.insteadOf` was applied.
    pub fn parse(url: &str) -> Self {
        let url = url.trim();
        let parsed = match url.split_once("://") {
            Some((scheme, rest)) => parse_url(&scheme.to_ascii_lowercase(), rest),
            None => parse_scp(url),
        };
        parsed.map_or(Remote::Local, Remote::Server)
    }
}

fn parse_url(scheme: &str, rest: &str) -> Option<RemoteUrl> {
    let transfer = match scheme {
        "http" => Transfer::Http,
        "https" => Transfer::Https,
        "ssh" | "git+ssh" | "ssh+git" | "git" => Transfer::Other,
        _ => return None,
    };
    let (authority, path) = rest.find(['/', '?', '#']).map_or((rest, ""), |at| rest.split_at(at));
    let (host, port) = split_authority(authority)?;
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = without_suffix(decoded_segments(path)?);
    Some(RemoteUrl { transfer, host, port, path })
}

/// `user@host:path`, in which a slash before the colon would make it a path.
fn parse_scp(url: &str) -> Option<RemoteUrl> {
    let bracket = url.find('[').filter(|at| !url[..*at].contains([':', '/']));
    let colon = match bracket {
        Some(at) => at + url[at..].find("]:")? + 1,
        None => url.find(':')?,
    };
    let (authority, path) = (&url[..colon], &url[colon + 1..]);
    if authority.contains('/') || authority.contains('\\') || path.starts_with(':') {
        return None;
    }
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    // One letter is a drive.
    if host.len() < 2 || !is_host(host) {
        return None;
    }
    let path = without_suffix(segments(path.split('/').map(|segment| Some(segment.to_owned())))?);
    Some(RemoteUrl { transfer: Transfer::Other, host: host.to_ascii_lowercase(), port: None, path })
}

/// The path of a repository, without `.git` at its end.
pub(super) fn without_suffix(mut path: Vec<String>) -> Vec<String> {
    if let Some(last) = path.last_mut()
        && let Some(name) = last.strip_suffix(".git").filter(|name| !name.is_empty())
    {
        *last = name.to_owned();
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str) -> (Transfer, String, Option<u16>, String) {
        match Remote::parse(url) {
            Remote::Server(remote) => (remote.transfer, remote.host, remote.port, remote.path.join("|")),
            Remote::Local => panic!("{url} is a server"),
        }
    }

    #[test]
    fn every_shape_of_a_server_is_read() {
        for (url, transfer, host, port, path) in [
            ("https://git.example.com/foo/bar.git", Transfer::Https, "git.example.com", None, "foo|bar"),
            (
                "https://me:secret@Git.Example.com:8443/foo/bar/",
                Transfer::Https,
                "git.example.com",
                Some(8443),
                "foo|bar",
            ),
            ("http://127.0.0.1:7990/scm/prj/repo.git", Transfer::Http, "127.0.0.1", Some(7990), "scm|prj|repo"),
            ("HTTPS://h.example/a%20b/_git/c", Transfer::Https, "h.example", None, "a b|_git|c"),
            ("ssh://git@git.example.com:7999/~me/repo.git", Transfer::Other, "git.example.com", Some(7999), "~me|repo"),
            ("ssh://git@[::1]:22/a/b", Transfer::Other, "[::1]", Some(22), "a|b"),
            (
                "git@git.example.com:group/sub/deep/repo.git",
                Transfer::Other,
                "git.example.com",
                None,
                "group|sub|deep|repo",
            ),
            ("git.example.com:/group/repo", Transfer::Other, "git.example.com", None, "group|repo"),
            ("git@[::1]:a/b.git", Transfer::Other, "[::1]", None, "a|b"),
            (
                "git@ssh.dev.azure.com:v3/org/project/repo",
                Transfer::Other,
                "ssh.dev.azure.com",
                None,
                "v3|org|project|repo",
            ),
            ("git://git.example.com/a/b", Transfer::Other, "git.example.com", None, "a|b"),
            ("https://git.example.com/a/b?x=y#z", Transfer::Https, "git.example.com", None, "a|b"),
        ] {
            let expected = (transfer, host.to_owned(), port, path.to_owned());
            assert_eq!(server(url), expected, "{url}");
        }
    }

    #[test]
    fn what_is_no_server_is_local() {
        for url in [
            "",
            "/srv/git/foo.git",
            "../foo.git",
            "./a:b",
            "file:///srv/git/foo.git",
            "C:/git/foo",
            "C:\\git\\foo",
            "ext::sh -c x",
            "https://",
            "https://-x/a/b",
            "https://h:99999/a/b",
            "https://h/../b",
            "https://h/%2e%2e/b",
            "https://h/a%0ab/c",
            "foo",
            "git@-oProxy:a/b",
            "https://h\\@evil.example/a/b",
        ] {
            assert_eq!(Remote::parse(url), Remote::Local, "{url}");
        }
    }
}
