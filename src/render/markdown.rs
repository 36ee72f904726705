//! Markdown for the pages of forges: nothing of a message may mark up, mention, link or run away with the page.

use crate::domain::text::safe;

/// The longest body that is written; every forge takes this much.
pub const MAX_BODY: usize = 30_000;

/// Keeps a forge from taking two characters for the beginning of a reference; it can't be seen and joins the words.
const JOINER: char = '\u{2060}';

/// A text that stays what it is in Markdown: no links, no mentions, no references, no markup of its own, no HTML.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in safe(text).chars() {
        // GitHub takes GH-3 for its own issue 3, and GitLab GL-3, as they do with #3 and GitLab with !3; these would be
        // issues of the release repo. Escaped or not makes no difference to them.
        if c.is_ascii_digit() && begins_reference(&escaped) {
            escaped.push(JOINER);
        }
        match c {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '!' | '|' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // A mention would send a mail to whoever is called so.
            '@' => escaped.extend(['@', JOINER]),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Whether a number behind this text makes a reference of it.
fn begins_reference(text: &str) -> bool {
    let short = |key: &str| {
        let end = text.len().checked_sub(key.len()).and_then(|at| Some((text.get(..at)?, text.get(at..)?)));
        end.is_some_and(|(before, end)| end.eq_ignore_ascii_case(key) && !before.ends_with(char::is_alphanumeric))
    };
    text.ends_with(['#', '!']) || short("GH-") || short("GL-")
}

/// A text as a block of code, whatever fences it holds itself.
pub fn block(language: &str, text: &str) -> String {
    let longest = text.lines().map(|line| line.trim_start().bytes().take_while(|b| *b == b'`').count()).max();
    let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
    let text: String = text.lines().map(|line| format!("{}\n", safe(line))).collect();
    format!("{fence}{language}\n{text}{fence}\n")
}

/// Cuts a body at the end of a line, and says so.
pub fn cap(body: &str, limit: usize) -> String {
    const CUT: &str = "\n\n*The rest was left out, since it is too long.*\n";
    if body.len() <= limit {
        return body.to_owned();
    }
    let mut end = limit.saturating_sub(CUT.len());
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    let end = body[..end].rfind('\n').unwrap_or(end);
    format!("{}{CUT}", &body[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_can_not_mark_up_mention_or_link() {
        assert_eq!(
            escaped("[x](http://y) @ada <img> **b** `c`"),
            "\\[x\\]\\(http://y\\) @\u{2060}ada &lt;img&gt; \\*\\*b\\*\\* \\`c\\`"
        );
    }

    #[test]
    fn numbers_and_keys_are_no_issues_of_the_repository_that_the_page_is_of() {
        assert_eq!(escaped("GH-3, gl-4 (#5) and !6"), "GH-\u{2060}3, gl-\u{2060}4 \\(\\#\u{2060}5\\) and \\!\u{2060}6");
        for kept in ["SHOP-1", "HIGH-5", "GH-a", "1.2.0", "GH- 3"] {
            assert_eq!(escaped(kept), kept);
        }
    }

    #[test]
    fn a_block_ends_where_it_should() {
        assert_eq!(block("diff", "+a\n+```\u{1b}\n"), "```diff\n+a\n+```\n```\n");
        assert_eq!(block("", "````\nx"), "`````\n````\nx\n`````\n");
    }

    #[test]
    fn long_bodies_are_cut_at_a_line() {
        let body = "line of text\n".repeat(100);
        let cut = cap(&body, 200);
        assert!(cut.len() <= 200 && cut.contains("left out") && cut.starts_with("line of text\n"));
        assert_eq!(cap("short", 200), "short");
        assert!(cap(&"ü".repeat(300), 100).len() <= 100);
    }
}
