//! What the readers of release.yml and app.yml share: errors with a place, and helpers that make them.

use super::error::{Exit, Explain};
use super::problem::Problem;
use super::yaml::{self, Document, Key, Node, YamlError};

/// The longest piece of a file that a message quotes, in characters.
const MAX_QUOTE: usize = 80;

/// The longest message, in characters.
const MAX_MESSAGE: usize = 320;

/// A file that can't be understood, with the place of the first thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}:{line}:{column}: {message}{}", expected.as_ref().map(|text| format!("; expected {text}")).unwrap_or_default())]
pub struct FileError {
    /// The file, as it is called in messages.
    pub path: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What should stand there, where there is a short way to say it.
    pub expected: Option<Box<str>>,
    /// What to do about it.
    pub hint: Option<Box<str>>,
    /// A short, stable name for scripts.
    pub code: &'static str,
}

impl Explain for FileError {
    fn code(&self) -> &'static str {
        self.code
    }
    fn exit(&self) -> Exit {
        Exit::Usage
    }
    fn hints(&self) -> Vec<String> {
        self.hint.iter().map(|hint| hint.to_string()).collect()
    }
}

impl FileError {
    /// The same error with what was expected.
    #[must_use]
    pub(super) fn expected(mut self, expected: impl Into<Box<str>>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// The same error with advice.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<Box<str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// A piece of a file in a message: quoted, escaped and not too long.
pub(super) fn quote(text: &str) -> String {
    match text.char_indices().nth(MAX_QUOTE) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?}…", &text[..end]),
    }
}

/// The one of `words` that somebody may have meant by `word`.
pub fn did_you_mean<'w>(word: &str, words: &[&'w str]) -> Option<&'w str> {
    if word.len() > MAX_QUOTE {
        return None;
    }
    let lower = word.to_ascii_lowercase();
    let distance = |known: &str| strsim::osa_distance(&lower, known);
    let closest = words.iter().min_by_key(|known| distance(known))?;
    // Of a short word no more than a third may differ.
    (distance(closest) <= (closest.len() / 3).clamp(1, 2)).then_some(*closest)
}

/// Whether a key differs from a known one by one letter, by two letters swapped, or by upper and lower case only.
pub(super) fn almost<'w>(key: &str, known: &[&'w str]) -> Option<&'w str> {
    if known.contains(&key) {
        return None;
    }
    known
        .iter()
        .copied()
        .find(|word| key.eq_ignore_ascii_case(word) || one_letter_apart(key.as_bytes(), word.as_bytes()))
}

/// Whether one letter more, less or changed, or two neighbours swapped, make one text of the other.
///
/// Every key of every entry is asked this, so it takes no memory and gives up early.
fn one_letter_apart(a: &[u8], b: &[u8]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if long.len() - short.len() > 1 {
        return false;
    }
    let same = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    let (short, long) = (&short[same..], &long[same..]);
    match (short, long) {
        ([], [_]) => true,
        ([x, y, short @ ..], [z, w, long @ ..]) if x == w && y == z && short == long => true,
        ([_, rest @ ..], [_, tail @ ..]) if short.len() == long.len() => rest == tail,
        (_, [_, tail @ ..]) => short == tail,
        _ => false,
    }
}

/// A file that is being read: it makes the errors and gathers the warnings.
pub(super) struct Reader<'a> {
    path: &'a str,
    pub(super) warnings: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// Begins with the name of a file, for messages.
    pub(super) fn new(path: &'a str) -> Self {
        Reader { path, warnings: Vec::new() }
    }

    /// Reads the bytes as YAML.
    pub(super) fn document(&self, bytes: &[u8]) -> Result<Document, FileError> {
        yaml::parse(bytes).map_err(|error| self.yaml(&error))
    }

    fn yaml(&self, error: &YamlError) -> FileError {
        let mut made = self.error_at(error.line, error.column, error.code(), error.kind.to_string());
        made.expected = error.kind.expected().map(Into::into);
        made.hint = error.hints().into_iter().next().map(Into::into);
        made
    }

    /// An error at a line and a column.
    pub(super) fn error_at(&self, line: usize, column: usize, code: &'static str, mut message: String) -> FileError {
        if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE) {
            message.truncate(end);
            message.push('…');
        }
        FileError { path: self.path.to_owned(), line, column, message, expected: None, hint: None, code }
    }

    /// An error at a value.
    pub(super) fn error(&self, node: &Node, code: &'static str, message: impl Into<String>) -> FileError {
        self.error_at(node.line, node.column, code, message.into())
    }

    /// An error at a key.
    pub(super) fn error_at_key(&self, key: &Key, code: &'static str, message: impl Into<String>) -> FileError {
        self.error_at(key.line, key.column, code, message.into())
    }

    /// Says of a missing key, where there is a key that is like it, that this one may be meant by it.
    pub(super) fn or_misspelt(&self, map: &Node, key: &'static str, missing: FileError) -> FileError {
        match self.misspelt(map, key, &missing.message) {
            Some(error) => FileError { expected: missing.expected, ..error },
            None => missing,
        }
    }

    /// The error of a key that is not there, where there is one that is like it; `missing` says what is not there.
    pub(super) fn misspelt(&self, map: &Node, key: &'static str, missing: &str) -> Option<FileError> {
        self.misspelt_among(map.as_map().unwrap_or_default().iter(), key, missing)
    }

    /// The same, where only some keys can be meant.
    pub(super) fn misspelt_among<'n>(
        &self,
        mut entries: impl Iterator<Item = &'n (Key, Node)>,
        key: &'static str,
        missing: &str,
    ) -> Option<FileError> {
        let (like, _) = entries.find(|(like, _)| did_you_mean(&like.text, &[key]).is_some())?;
        let message = format!("{missing}, but there is {}", quote(&like.text));
        Some(self.error_at_key(like, "missing-key", message).hint(format!("did you mean `{key}`?")))
    }

    /// Another error, said of a value.
    pub(super) fn invalid(&self, node: &Node, error: &impl Explain) -> FileError {
        let mut made = self.error(node, error.code(), error.to_string());
        made.hint = error.hints().into_iter().next().map(Into::into);
        made
    }

    /// A value of the wrong shape; `what` is a key, or several words that describe the place.
    fn shape(&self, node: &Node, what: &str, expected: &'static str) -> FileError {
        let mark = if what.contains(' ') { "" } else { "`" };
        self.error(node, "invalid-value", format!("{mark}{what}{mark} is {}", node.describe())).expected(expected)
    }

    /// The entries of a map.
    pub(super) fn map<'n>(&self, node: &'n Node, what: &str) -> Result<&'n [(Key, Node)], FileError> {
        node.as_map().ok_or_else(|| self.shape(node, what, "a map"))
    }

    /// The items of a list; nothing is an empty list.
    pub(super) fn list<'n>(&self, node: Option<&'n Node>, what: &str) -> Result<&'n [Node], FileError> {
        match node.filter(|node| !node.is_null()) {
            None => Ok(&[]),
            Some(node) => node.as_list().ok_or_else(|| self.shape(node, what, "a list")),
        }
    }

    /// A text that must be there.
    pub(super) fn text<'n>(&self, node: &'n Node, what: &str) -> Result<&'n str, FileError> {
        match node.as_str() {
            Some(text) if !text.is_empty() => Ok(text),
            Some(_) => Err(self.error(node, "invalid-value", format!("`{what}` is empty")).expected("a text")),
            None => Err(self.shape(node, what, "a text")),
        }
    }

    /// The text of a key that may be absent or hold nothing.
    pub(super) fn optional<'n>(&self, map: &'n Node, key: &str) -> Result<Option<&'n str>, FileError> {
        match present(map, key) {
            None => Ok(None),
            Some(node) => self.text(node, key).map(Some),
        }
    }

    /// A name or another text with rules of its own, of a key that may be absent.
    pub(super) fn parsed<T, E: Explain>(
        &self,
        map: &Node,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, FileError> {
        match present(map, key) {
            None => Ok(None),
            Some(node) => parse(self.text(node, key)?).map(Some).map_err(|error| self.invalid(node, &error)),
        }
    }

    /// One of a few words, of a key that may be absent.
    pub(super) fn word<T>(
        &self,
        map: &Node,
        key: &str,
        words: &[&str],
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, FileError> {
        let Some(node) = present(map, key) else { return Ok(None) };
        let text = self.text(node, key)?;
        if let Some(value) = parse(text) {
            return Ok(Some(value));
        }
        let error = self
            .error(node, "invalid-value", format!("`{key}` is {}", quote(text)))
            .expected(format!("one of {}", words.join(", ")));
        Err(match did_you_mean(text, words) {
            Some(word) => error.hint(format!("did you mean `{word}`?")),
            None => error.hint(format!("write for example `{key}: {}`", words.first().unwrap_or(&""))),
        })
    }

    /// A URL for Git or a web server, of a key that may be absent.
    pub(super) fn url(&self, map: &Node, key: &str) -> Result<Option<String>, FileError> {
        let Some(node) = present(map, key) else { return Ok(None) };
        let text = self.text(node, key)?;
        let why = if text.starts_with('-') {
            "it begins with `-`, which Git would take for an option"
        } else if text.chars().any(char::is_control) {
            "it holds a control character"
        } else if names_a_helper(text) {
            "it names a remote helper (`<helper>::`), which could run a program"
        } else {
            return Ok(Some(text.to_owned()));
        };
        Err(self
            .error(node, "invalid-url", format!("`{key}` is {}: {why}", quote(text)))
            .hint("write a URL such as `https://git.example.com/team/foo-app.git`"))
    }

    /// Warns of keys that nothing reads.
    pub(super) fn unknown_keys(&mut self, entries: &[(Key, Node)], known: &[&str], place: &str) {
        for (key, _) in entries.iter().filter(|(key, _)| !known.contains(&key.text.as_str())) {
            let hint = match did_you_mean(&key.text, known) {
                Some(word) => format!("did you mean `{word}`?"),
                None => format!("the keys that relman reads {place} are {}", known.join(", ")),
            };
            self.warn(key, "unknown-key", format!("relman does not read the key {} {place}", quote(&key.text)), hint);
        }
    }

    /// Adds a warning at a key.
    pub(super) fn warn(&mut self, key: &Key, code: &'static str, message: String, hint: String) {
        self.warnings.push(Problem::warning(code, message).hint(hint).at(self.path, Some(key.line)));
    }
}

/// The value of a key, where it says something.
pub(super) fn present<'n>(map: &'n Node, key: &str) -> Option<&'n Node> {
    map.get(key).filter(|node| !node.is_null())
}

/// Whether Git would hand a URL to a helper program, as in `ext::sh -c …`.
fn names_a_helper(url: &str) -> bool {
    url.split_once("::").is_some_and(|(helper, _)| {
        !helper.is_empty() && helper.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_'))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_guessed() {
        let words = ["none", "candidate", "reuse", "final"];
        for (word, want) in [
            ("finale", Some("final")),
            ("FINAL", Some("final")),
            ("canddiate", Some("candidate")),
            ("candidates", Some("candidate")),
            ("none ", Some("none")),
            ("release", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(did_you_mean(word, &words), want, "{word}");
        }
        assert_eq!(did_you_mean(&"final".repeat(1000), &words), None);
    }

    #[test]
    fn helpers_of_git_are_known_by_their_colons() {
        for url in ["ext::sh -c x", "fd::17", "foo-bar::x"] {
            assert!(names_a_helper(url), "{url}");
        }
        for url in ["https://h/x.git", "git@h:x.git", "ssh://h/a::b", "/a/b", "http://[::1]/x", "::x", "../a"] {
            assert!(!names_a_helper(url), "{url}");
        }
    }

    proptest! {
        #[test]
        fn one_letter_is_what_the_distance_says(a in "[abc]{0,5}", b in "[abc]{0,5}") {
            prop_assert_eq!(one_letter_apart(a.as_bytes(), b.as_bytes()), strsim::osa_distance(&a, &b) == 1);
        }
    }
}
