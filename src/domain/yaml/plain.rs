//! How to write a text so that every YAML reader takes it for that text.

use super::Style;

/// The words that YAML 1.1 or 1.2 takes for something else than a text, in lower case.
const WORDS: [&str; 17] = [
    "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", ".nan", "inf", "infinity", "nan", "=",
    "<<",
];

/// Writes a text in the style that is asked for, or in double quotes where a reader could misread it plain.
///
/// `None` means that no style on one line can hold the text.
pub(super) fn written(text: &str, style: Style) -> Option<String> {
    if text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')) {
        return None;
    }
    Some(match style {
        Style::Single => format!("'{}'", text.replace('\'', "''")),
        Style::Plain if is_plain(text) => text.to_owned(),
        _ => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
    })
}

/// Whether every reader takes the text, written without quotes, for a text.
///
/// Where readers differ the answer is no: the Go readers of Helm and kubectl, PyYAML and Ruby follow YAML 1.1 in part.
pub(super) fn is_plain(text: &str) -> bool {
    let inner = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '/' | ':' | '@');
    text.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '/'))
        && text.chars().all(inner)
        && !text.ends_with(':')
        && !text.starts_with("...")
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
        && !is_number(text)
        && !is_time(text)
}

/// Whether some reader takes the text for a number: decimal, hexadecimal, octal, binary, or in base 60.
fn is_number(text: &str) -> bool {
    let digits = text.replace('_', "");
    let lower = digits.trim_start_matches(['+', '-']).to_ascii_lowercase();
    if lower.is_empty() {
        return true;
    }
    let all = |text: &str, class: fn(u8) -> bool| text.bytes().all(class);
    if let Some(rest) = lower.strip_prefix("0x") {
        return all(rest, |b| b.is_ascii_hexdigit());
    }
    if let Some(rest) = lower.strip_prefix("0o").or_else(|| lower.strip_prefix("0b")) {
        return all(rest, |b| b.is_ascii_digit());
    }
    if lower.contains(':') {
        return all(&lower, |b| b.is_ascii_digit() || matches!(b, b':' | b'.'));
    }
    let (mantissa, exponent) = lower.split_once('e').unwrap_or((&lower, "0"));
    let exponent = exponent.trim_start_matches(['+', '-']);
    let dots = mantissa.bytes().filter(|b| *b == b'.').count();
    !mantissa.is_empty()
        && all(exponent, |b| b.is_ascii_digit())
        && dots <= 1
        && all(mantissa, |b| b.is_ascii_digit() || b == b'.')
}

/// Whether some reader takes the text for a date or a time, such as `2026-11-22`.
fn is_time(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let numeric =
        |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    match (parts.next(), parts.next(), parts.next()) {
        (Some(year), Some(month), Some(rest)) => {
            let day = rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
            year.len() == 4 && numeric(year, 4) && numeric(month, 2) && numeric(day, 2)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reader_could_misread_is_quoted() {
        for text in [
            "",
            "1",
            "10",
            "1.10",
            "1.",
            ".5",
            ".",
            "-1",
            "+1",
            "1e3",
            "1E+3",
            "1.5e-3",
            "12e5",
            "1_0",
            "1_000.5",
            "_",
            "...",
            "0x10",
            "0xAF",
            "0o17",
            "017",
            "0b1",
            "1:30",
            "190:20:30",
            "1:30.5",
            "~",
            "null",
            "NULL",
            "true",
            "True",
            "no",
            "NO",
            "On",
            "y",
            "N",
            ".inf",
            ".INF",
            ".NaN",
            "inf",
            "2026-11-22",
            "2026-1-2",
            "2026-11-22T10:00:00Z",
            "2026-11-22-rc",
            "=",
            "<<",
            "-",
            "-x",
            "?",
            ":",
            "a:",
            "a: b",
            "a b",
            "a #b",
            "#a",
            "&a",
            "*a",
            "!a",
            "|",
            ">",
            "'a'",
            "\"a\"",
            "%a",
            "@a",
            "`a`",
            "[a]",
            "{a}",
            "a,b",
            "a\\b",
            "a'b",
            "a\u{301}\u{2028}",
        ] {
            assert!(!is_plain(text), "{text:?}");
        }
        for text in [
            "1.2.3",
            "WIP",
            "v1",
            "v1.10",
            "release-7",
            "2026.11.1",
            "1.0.0+build.5",
            "1.0.0-rc",
            "feature/x",
            "ref:main",
            "ref:v1.2.0",
            "1.0a",
            "1e3x",
            "0xyz",
            "0b1x",
            "nope",
            "yesterday",
            "e",
            "e5",
            "a",
            "wörk",
            "日本",
            "ümlaut-1",
            "20261122T1",
            "2026-11",
            "1.2.3.4",
            "_a",
            ".5.1",
            "a@b",
            "12-34-56",
        ] {
            assert!(is_plain(text), "{text:?}");
        }
    }

    #[test]
    fn each_style_escapes_in_its_way() {
        for (text, style, want) in [
            ("1.2.3", Style::Plain, "1.2.3"),
            ("1.10", Style::Plain, "\"1.10\""),
            ("1.2.3", Style::Single, "'1.2.3'"),
            ("it's", Style::Single, "'it''s'"),
            ("it's", Style::Plain, "\"it's\""),
            ("a\"b\\c", Style::Double, "\"a\\\"b\\\\c\""),
        ] {
            assert_eq!(written(text, style).as_deref(), Some(want));
        }
        for text in ["a\nb", "a\tb", "\u{1b}[m", "\u{85}", "\u{2028}", "\u{feff}"] {
            assert_eq!(written(text, Style::Double), None, "{text:?}");
        }
    }
}
