//! Text from repositories, made safe for a terminal.

use std::borrow::Cow;

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

/// Like [`safe`], and line breaks stay.
pub fn safe_lines(text: &str) -> String {
    text.lines().map(safe).collect::<Vec<_>>().join("\n")
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_do_not_reach_a_terminal() {
        assert_eq!(safe("a\u{1b}[31mb\u{7}\u{9b}c"), "a[31mbc");
        assert_eq!(safe("a\nb\tc\r"), "a b c");
        assert_eq!(safe("\u{202e}evil"), "evil");
        assert_eq!(safe("größe 🚀"), "größe 🚀");
    }

    #[test]
    fn lines_stay_where_they_may() {
        assert_eq!(safe_lines("a\u{1b}\nb"), "a\nb");
    }
}
