//! Percent-encoding of paths and queries.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All that RFC 3986 does not call unreserved, so that a slash in a branch stays one part of a path.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The same, but a slash stays as it is.
const RESERVED_BUT_SLASH: &AsciiSet = &RESERVED.remove(b'/');

/// A text as one segment of a path, or as one value in a query.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// A text as several segments of a path.
pub fn encode_path(text: &str) -> String {
    utf8_percent_encode(text, RESERVED_BUT_SLASH).to_string()
}

/// A path of segments, each encoded, with a slash before each.
pub fn path(segments: &[&str]) -> String {
    segments.iter().flat_map(|segment| ["/".to_owned(), encode(segment)]).collect()
}

/// `?a=b&c=d`, or nothing where there are no pairs.
pub fn query<K: AsRef<str>, V: AsRef<str>>(list: &[(K, V)]) -> String {
    if list.is_empty() { String::new() } else { format!("?{}", pairs(list)) }
}

/// `a=b&c=d`, as a query and a form hold it.
pub fn pairs<K: AsRef<str>, V: AsRef<str>>(list: &[(K, V)]) -> String {
    let pair = |(key, value): &(K, V)| format!("{}={}", encode(key.as_ref()), encode(value.as_ref()));
    list.iter().map(pair).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_and_odd_letters_are_encoded() {
        assert_eq!(path(&["projects", "group/sub", "~me"]), "/projects/group%2Fsub/~me");
        assert_eq!(
            query(&[("at", "refs/heads/environment/qä"), ("x", "a&b=c")]),
            "?at=refs%2Fheads%2Fenvironment%2Fq%C3%A4&x=a%26b%3Dc"
        );
        assert_eq!(query::<&str, &str>(&[]), "");
        assert_eq!(encode_path("environment/a b#c"), "environment/a%20b%23c");
    }
}
