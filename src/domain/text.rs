//! Text from repositories, made safe for a terminal.

use std::borrow::Cow;
use std::path::Path;

/// A text without anything that a terminal could act on: control characters and the marks that change the direction of
/// writing. A line break or a tab becomes a space.
pub fn safe(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| !is_unsafe(c)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .filter_map(|c| match c {
                '\n' | '\t' => Some(' '),
                c if is_unsafe(c) => None,
                c => Some(c),
            })
            .collect(),
    )
}

/// The beginning of a text: at most so many characters, the last of which says where some are left out.
pub fn beginning(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some(_) => Cow::Owned(text.chars().take(most.saturating_sub(1)).chain(['…']).collect()),
        None => Cow::Borrowed(text),
    }
}

/// The lines of a text that whoever reads an error looks at: the first and the last ones, none of them endless. Between
/// them stands how many are left out.
pub fn excerpt(text: &str) -> Cow<'_, str> {
    const FIRST: usize = 20;
    const LAST: usize = 20;
    const LONGEST: usize = 1_000;
    let lines: Vec<&str> = text.lines().collect();
    let left_out = lines.len().saturating_sub(FIRST + LAST);
    if left_out == 0 && lines.iter().all(|line| line.chars().nth(LONGEST).is_none()) {
        return Cow::Borrowed(text);
    }
    let short = |lines: &[&str]| lines.iter().map(|line| beginning(line, LONGEST)).collect::<Vec<_>>().join("\n");
    if left_out == 0 {
        return Cow::Owned(short(&lines));
    }
    let (first, last) = (short(&lines[..FIRST]), short(&lines[lines.len() - LAST..]));
    Cow::Owned(format!("{first}\n… {left_out} lines are left out: -v shows them\n{last}"))
}

/// Like [`safe`], and line breaks stay.
pub fn safe_lines(text: &str) -> String {
    text.lines().map(safe).collect::<Vec<_>>().join("\n")
}

/// A JSON document in which whatever a terminal could act on is escaped; serde_json leaves all but ASCII as it is.
pub fn safe_json(document: &str) -> Cow<'_, str> {
    // Outside of strings there is nothing but ASCII, and its line breaks are the document's own.
    let hides = |c: char| c >= '\u{7f}' && is_unsafe(c);
    if !document.contains(hides) {
        return Cow::Borrowed(document);
    }
    let mut text = String::with_capacity(document.len());
    for c in document.chars() {
        if hides(c) {
            let mut units = [0; 2];
            text.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            text.push(c);
        }
    }
    Cow::Owned(text)
}

/// Whether a terminal could act on a character: control characters, marks that change the direction of writing, and
/// characters that can't be seen.
pub(super) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{e0000}'..='\u{e007f}')
}

/// A message in which whatever is longer than any name is cut, such as a word that somebody has pasted into a command. What
/// stands between slashes counts for itself, so that paths stay whole.
pub fn in_short(text: &str) -> Cow<'_, str> {
    /// More than a name of an environment or an id in hexadecimal digits has.
    const LONGEST: usize = 120;
    const KEPT: usize = 60;
    let ends = |c: char| c.is_whitespace() || c == '/';
    if text.split(ends).all(|word| word.chars().count() <= LONGEST) {
        return Cow::Borrowed(text);
    }
    let short = |part: &str| {
        let end = part.find(ends).unwrap_or(part.len());
        let (word, end) = part.split_at(end);
        match word.chars().count() > LONGEST {
            true => word.chars().take(KEPT).chain(['…']).chain(end.chars()).collect(),
            false => part.to_owned(),
        }
    };
    Cow::Owned(text.split_inclusive(ends).map(short).collect())
}

/// Quotes a text so that a person can paste it into a shell: as `'…'`, or as `$'…'` where a terminal would not show all of it.
pub fn shell_word(text: &str) -> String {
    shell_bytes(text.as_bytes())
}

/// The same for a path, which may hold any bytes.
pub fn shell_path(path: &Path) -> String {
    shell_bytes(path.as_os_str().as_encoded_bytes())
}

fn shell_bytes(bytes: &[u8]) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-+:@=,%".contains(&b);
    match str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() && !text.starts_with('-') && text.bytes().all(plain) => text.to_owned(),
        Ok(text) if !text.contains(is_unsafe) => format!("'{}'", text.replace('\'', r"'\''")),
        _ => escaped(bytes),
    }
}

/// As a word of bash, zsh and POSIX.1-2024: what can't be shown is written in octal digits, byte by byte.
fn escaped(bytes: &[u8]) -> String {
    let mut word = String::from("$'");
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\'' | '\\' => word.extend(['\\', c]),
                c if is_unsafe(c) => {
                    c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| word.push_str(&format!("\\{byte:03o}")));
                }
                c => word.push(c),
            }
        }
        chunk.invalid().iter().for_each(|byte| word.push_str(&format!("\\{byte:03o}")));
    }
    word.push('\'');
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_longer_than_a_name() {
        let long = "ä".repeat(121);
        let cut = format!("{}…", "ä".repeat(60));
        assert_eq!(in_short(&format!("a {long}/{long}\n{long}")), format!("a {cut}/{cut}\n{cut}"));
        let fits = format!("a {}/{}", "ä".repeat(120), "b".repeat(120));
        assert_eq!(in_short(&fits), fits);
    }

    #[test]
    fn escapes_do_not_reach_a_terminal() {
        assert_eq!(safe("a\u{1b}[31mb\u{7}\u{9b}c"), "a[31mbc");
        assert_eq!(safe("a\nb\tc\r"), "a b c");
        assert_eq!(safe("\u{202e}evil"), "evil");
        assert_eq!(safe("größe 🚀"), "größe 🚀");
        assert_eq!(safe("a\u{61c}\u{180e}\u{2060}\u{2064}\u{206a}\u{206f}\u{e0041}\u{e007f}b"), "ab");
    }

    #[test]
    fn a_document_says_what_it_holds_without_doing_it() {
        assert_eq!(
            safe_json("{\n  \"a\": \"ö\u{9b}\u{7f}\u{202e}\u{e0041}\"\n}"),
            r#"{
  "a": "ö\u009b\u007f\u202e\udb40\udc41"
}"#
        );
        let value = serde_json::json!({"a": "\u{1b}\u{9b}\u{85}\u{2028}\u{e0001}ö"});
        let text = serde_json::to_string(&value).expect("a document");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe_json(&text)).expect("a document"), value);
    }

    #[test]
    fn a_word_for_a_shell_holds_what_a_terminal_would_not_show() {
        for (text, word) in [
            ("a/b-1.0", "a/b-1.0"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
            ("-x", "'-x'"),
            ("größe", "'größe'"),
            ("a\nb\u{1b}[31m", r"$'a\012b\033[31m'"),
            ("it's\\\t", r"$'it\'s\\\011'"),
            ("\u{202e}x", r"$'\342\200\256x'"),
        ] {
            assert_eq!(shell_word(text), word);
            assert_eq!(safe_lines(word), word);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_no_text_is_named_byte_by_byte() {
        use std::os::unix::ffi::OsStrExt as _;
        let path = Path::new(std::ffi::OsStr::from_bytes(b"caf\xe9/it's"));
        assert_eq!(shell_path(path), r"$'caf\351/it\'s'");
    }

    #[test]
    fn of_endless_words_both_ends_are_kept() {
        let text = |lines: std::ops::Range<u32>| lines.map(|line| line.to_string()).collect::<Vec<_>>().join("\n");
        assert_eq!(excerpt(&text(0..40)), text(0..40));
        let cut = format!("{}\n… 60 lines are left out: -v shows them\n{}", text(0..20), text(80..100));
        assert_eq!(excerpt(&text(0..100)), cut);
        assert_eq!(excerpt(&format!("a\n{}", "ä".repeat(2000))).chars().count(), 1002);
    }

    #[test]
    fn lines_stay_where_they_may() {
        assert_eq!(safe_lines("a\u{1b}\nb"), "a\nb");
    }
}
