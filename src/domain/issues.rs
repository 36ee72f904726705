//! Issue keys in messages, such as `SHOP-42`.

use super::message;
use super::release_file::ReleaseFile;

/// Words that look like the project of an issue key and name something else: encodings, hashes, standards.
const NOT_PROJECTS: [&str; 14] =
    ["UTF", "SHA", "ISO", "RFC", "CVE", "AES", "RSA", "MD", "UCS", "HTTP", "TLS", "IEEE", "BASE", "X"];

/// The projects whose issues count: those that `jira.projects` names, or whatever looks like one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Projects(Vec<String>);

impl Projects {
    /// The projects that a release file names.
    pub fn of(file: &ReleaseFile) -> Self {
        let named = file.jira.iter().flat_map(|jira| &jira.projects);
        Projects(named.map(ToString::to_string).collect())
    }

    /// The project of one issue, and no other.
    pub fn only_of(key: &str) -> Self {
        Projects(vec![key.rsplit_once('-').map_or(key, |(project, _)| project).to_ascii_uppercase()])
    }

    /// The issue keys in a commit's message, each once; of a merge, also those in the name of its branch, and not those
    /// in the name of the branch that it was merged into.
    pub fn keys(&self, message: &str) -> Vec<String> {
        let mut found = Vec::new();
        let subject = message.lines().next().unwrap_or_default();
        match subject.rfind(" into ").filter(|_| message::merge(message).is_some()) {
            Some(end) => {
                self.add(&message[..end], &mut found);
                self.add(&message[subject.len()..], &mut found);
            }
            None => self.add(message, &mut found),
        }
        // Branches are often written small. Without the names of the projects, that would find keys in any word.
        if !self.0.is_empty()
            && let Some(branch) = message::merge(message).and_then(|merge| merge.branch)
        {
            self.add(&branch.to_ascii_uppercase(), &mut found);
        }
        found
    }

    fn add(&self, text: &str, found: &mut Vec<String>) {
        for key in shapes(text) {
            if self.counts(key) && !found.iter().any(|known| known == key) {
                found.push(key.to_owned());
            }
        }
    }

    fn counts(&self, key: &str) -> bool {
        let project = key.rsplit_once('-').map_or(key, |(project, _)| project);
        match self.0.as_slice() {
            [] => !NOT_PROJECTS.contains(&project),
            projects => projects.iter().any(|known| known == project),
        }
    }
}

/// Whether a text is one issue key and nothing else.
pub fn is_key(text: &str) -> bool {
    shapes(text) == [text]
}

/// Everything in a text that has the shape of an issue key, each once, in the order in which they stand: `[A-Z][A-Z0-9_]+-[0-9]+`.
fn shapes(text: &str) -> Vec<&str> {
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
            if !found.contains(&key) {
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
            assert_eq!(Projects::default().keys(text), expected, "{text}");
        }
    }

    #[test]
    fn configured_projects_are_the_only_ones() {
        let projects = Projects(vec!["SHOP".into(), "SHA".into()]);
        assert_eq!(projects.keys("SHOP-1 and OPS-2 with SHA-256"), ["SHOP-1", "SHA-256"]);
        assert_eq!(projects.keys("Merge pull request #3 from ada/feature/shop-7-cart\n\nCart"), ["SHOP-7"]);
        assert!(Projects::default().keys("Merge pull request #3 from ada/feature/shop-7-cart").is_empty());
        assert!(projects.keys("Merge branch 'main' into feature/SHOP-7").is_empty());
        assert_eq!(projects.keys("Merge branch 'SHOP-8' into SHOP-7\n\nSHOP-9"), ["SHOP-8", "SHOP-9"]);
        assert_eq!(projects.keys("Turn SHOP-8 into SHOP-7"), ["SHOP-8", "SHOP-7"]);
    }

    #[test]
    fn a_key_is_all_of_a_text() {
        assert!(is_key("SHOP-1") && is_key("UTF-8"));
        assert!(!is_key("SHOP-1 x") && !is_key("shop-1") && !is_key("1.2.0") && !is_key(""));
    }
}
