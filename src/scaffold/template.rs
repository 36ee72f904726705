//! Templates: texts with placeholders, `@{name}`, which are filled in once and never looked at again.

/// Puts values in the place of placeholders.
///
/// A placeholder that nobody fills stays as it is, which a test over all templates finds. What is filled in is not
/// searched again. A line that holds nothing but a placeholder goes away where its value is empty.
pub(super) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 256);
    for line in template.split_inclusive('\n') {
        let start = out.len();
        let filled = fill_line(line, values, &mut out);
        if filled && out[start..].trim().is_empty() {
            out.truncate(start);
        }
    }
    out
}

/// Fills the placeholders of one line; true if there was one.
fn fill_line(line: &str, values: &[(&str, &str)], out: &mut String) -> bool {
    let mut rest = line;
    let mut filled = false;
    while let Some(at) = rest.find("@{") {
        let (before, placeholder) = rest.split_at(at);
        out.push_str(before);
        let end = placeholder.find('}').map_or(placeholder.len(), |end| end + 1);
        let (placeholder, after) = placeholder.split_at(end);
        let name = placeholder.trim_start_matches("@{").trim_end_matches('}');
        match values.iter().find(|(key, _)| *key == name) {
            Some((_, value)) => {
                out.push_str(value);
                filled = true;
            }
            None => out.push_str(placeholder),
        }
        rest = after;
    }
    out.push_str(rest);
    filled
}

/// Words that a YAML reader, of version 1.1 or 1.2, takes for something else than a text.
const RESERVED: [&str; 11] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"];

/// A text as a YAML value, plain where every reader takes it for a text, otherwise in double quotes.
pub(super) fn scalar(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'/'))
        && !RESERVED.iter().any(|word| text.eq_ignore_ascii_case(word));
    if plain {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            ' '..='~' => quoted.push(c),
            _ if c.is_alphanumeric() => quoted.push(c),
            _ => quoted.push_str(&format!("\\U{:08X}", u32::from(c))),
        }
    }
    quoted.push('"');
    quoted
}

/// Texts as a YAML list on one line.
pub(super) fn flow_list<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    format!("[{}]", texts.map(scalar).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_once() {
        assert_eq!(fill("a @{x} b @{y}\n", &[("x", "@{y}"), ("y", "2")]), "a @{y} b 2\n");
        assert_eq!(fill("@{unknown} @{open", &[]), "@{unknown} @{open");
        assert_eq!(fill("${{ a }} $(b) {{ c }}\n", &[("a", "1")]), "${{ a }} $(b) {{ c }}\n");
    }

    #[test]
    fn a_line_with_an_empty_value_goes_away() {
        assert_eq!(fill("a\n@{x}\nb\n\n", &[("x", "")]), "a\nb\n\n");
        assert_eq!(fill("a:@{x}\n", &[("x", "")]), "a:\n");
    }

    #[test]
    fn values_are_quoted_where_yaml_could_misread_them() {
        for plain in ["main", "prod-eu", "feature/x", "v1.0", "a_b.c"] {
            assert_eq!(scalar(plain), plain);
        }
        for text in
            ["1.10", "1e3", "0x10", "no", "On", "NULL", "y", "2026-11-22", "{a}", "#x", "ä", "a\"b", "~", "", "@x"]
        {
            let quoted = scalar(text);
            assert!(quoted.starts_with('"'), "{quoted}");
            assert_eq!(serde_yaml::from_str::<String>(&quoted).unwrap(), text);
        }
        assert_eq!(flow_list(["dev", "1.0"].into_iter()), "[dev, \"1.0\"]");
    }
}
