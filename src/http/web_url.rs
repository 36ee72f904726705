//! The address of a service: scheme, host, port and perhaps a path.

use std::fmt;

use percent_encoding::percent_decode_str;

/// Where a service's pages begin: scheme, host, port and perhaps a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebUrl {
    /// `https`, and not `http`.
    pub encrypted: bool,
    /// The host in lower case.
    pub host: String,
    /// The port, where it is not the usual one.
    pub port: Option<u16>,
    /// Segments between the host and the service's own paths, decoded.
    pub path: Vec<String>,
}

impl WebUrl {
    /// Reads a URL that somebody named; the error says what is wrong with it, and does not repeat it, since it may hold
    /// a password.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = text.trim().split_once("://").ok_or("it must begin with https://")?;
        let encrypted = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err("it must begin with https://"),
        };
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        if authority.contains('@') {
            return Err("it holds a user or a password");
        }
        let (host, port) = split_authority(authority).ok_or("its host can't be read")?;
        match decoded_segments(path) {
            Some(path_segments) if !path.contains(['?', '#']) => {
                Ok(WebUrl { encrypted, host, port, path: path_segments })
            }
            _ => Err("its path can't be read"),
        }
    }

    /// Whether the host is this machine.
    pub fn is_loopback(&self) -> bool {
        let bare = self.host.trim_matches(['[', ']']);
        self.host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// The host, with the port where there is one.
    pub fn authority(&self) -> String {
        self.port.map_or_else(|| self.host.clone(), |port| format!("{}:{port}", self.host))
    }
}

impl fmt::Display for WebUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.encrypted { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority())?;
        self.path.iter().try_for_each(|segment| write!(f, "/{}", super::percent::encode(segment)))
    }
}

/// The host in lower case, and the port; the user and the password are left out.
pub fn split_authority(authority: &str) -> Option<(String, Option<u16>)> {
    // Browsers and Git disagree about what a backslash in front of the host means.
    if authority.contains('\\') {
        return None;
    }
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let end = host.find(']').map_or(0, |at| at + 1);
    let (name, port) = match host[end..].find(':') {
        Some(at) => (&host[..end + at], &host[end + at + 1..]),
        None => (host, ""),
    };
    let port = if port.is_empty() { None } else { Some(port.parse().ok()?) };
    is_host(name).then(|| (name.to_ascii_lowercase(), port))
}

/// Whether a text can be a host's name or address; never what a program could take for an option.
pub fn is_host(text: &str) -> bool {
    let (inner, address) = match text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(inner) => (inner, true),
        None => (text, false),
    };
    let known = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b) || (address && b":%".contains(&b));
    !inner.is_empty() && !inner.starts_with('-') && inner.bytes().all(known)
}

/// The segments of an encoded path, decoded; `None` where one would lead elsewhere.
pub fn decoded_segments(path: &str) -> Option<Vec<String>> {
    let decode = |segment: &str| percent_decode_str(segment).decode_utf8().ok().map(|text| text.into_owned());
    segments(path.split('/').map(decode))
}

/// The segments that say something; `None` where one would lead elsewhere.
pub fn segments(parts: impl Iterator<Item = Option<String>>) -> Option<Vec<String>> {
    let mut path = Vec::new();
    for part in parts {
        let part = part?;
        if part == ".." || part == "." || part.chars().any(char::is_control) {
            return None;
        }
        if !part.is_empty() {
            path.push(part);
        }
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written() {
        for (text, written) in [
            ("https://Git.Example.com", "https://git.example.com"),
            (" https://h.example:8443/bb/a%20b/ ", "https://h.example:8443/bb/a%20b"),
            ("http://[::1]:80/x", "http://[::1]:80/x"),
        ] {
            assert_eq!(WebUrl::parse(text).expect(text).to_string(), written);
        }
    }

    #[test]
    fn what_leads_elsewhere_is_no_address() {
        for text in [
            "git.example.com",
            "ftp://h.example",
            "https://",
            "https://me:secret@h.example",
            "https://h.example\\@evil.example",
            "https://h.example/a/../b",
            "https://h.example/%2e%2e/b",
            "https://h.example/a%0ab",
            "https://h.example/a?b=c",
            "https://h.example/a#b",
            "https://-oProxy/a",
        ] {
            let why = WebUrl::parse(text).expect_err(text);
            assert!(!why.contains("secret"), "{text}");
        }
    }
}
