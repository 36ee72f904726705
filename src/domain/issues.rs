//! Issue keys in messages, such as `SHOP-42`.

/// Words that look like the project of an issue key and name something else: encodings, hashes, standards.
const NOT_PROJECTS: [&str; 14] =
    ["UTF", "SHA", "ISO", "RFC", "CVE", "AES", "RSA", "MD", "UCS", "HTTP", "TLS", "IEEE", "BASE", "X"];

/// The issue keys in a text, each once, in the order in which they stand: `[A-Z][A-Z0-9_]+-[0-9]+`.
pub fn keys(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut found: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let starts = bytes[at].is_ascii_uppercase() && (at == 0 || !is_word(bytes[at - 1]));
        if !starts {
            at += 1;
            continue;
        }
        let project_end =
            at + bytes[at..].iter().take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || **b == b'_').count();
        let digits = bytes.get(project_end + 1..).unwrap_or_default().iter().take_while(|b| b.is_ascii_digit()).count();
        let end = project_end + 1 + digits;
        let ends = bytes.get(end).is_none_or(|b| !is_word(*b));
        if project_end - at >= 2 && bytes.get(project_end) == Some(&b'-') && digits > 0 && ends {
            let key = &text[at..end];
            if !NOT_PROJECTS.contains(&&text[at..project_end]) && !found.contains(&key) {
                found.push(key);
            }
            at = end;
        } else {
            at = project_end.max(at + 1);
        }
    }
    found
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_wherever_they_stand() {
        for (text, expected) in [
            ("SHOP-11 Keep a cart", vec!["SHOP-11"]),
            ("Fix [SHOP-1], (AB_2-3) and SHOP-1", vec!["SHOP-1", "AB_2-3"]),
            ("Merge branch 'feature/SHOP-7-search' into main", vec!["SHOP-7"]),
            ("utf-8 UTF-8 SHA-256 A-1 xSHOP-1 SHOP-x SHOP-1x", vec![]),
            ("größe-1 ÄSHOP-2", vec!["SHOP-2"]),
            ("", vec![]),
        ] {
            assert_eq!(keys(text), expected, "{text}");
        }
    }
}
