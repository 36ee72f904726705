//! What a promotion ships, as it is told in the body of a pull request.

use super::name::CommitId;
use super::text::safe;

/// The longest body that is written; every forge takes this much.
pub const MAX_BODY: usize = 30_000;

/// What is shipped, over all repositories.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shipping {
    /// The repositories, the app repo first.
    pub repositories: Vec<Shipped>,
    /// Components of which there is no clone here, or not the commit.
    pub unknown: Vec<String>,
    /// What changes of the app repo beside its code: the pipeline, the chart, the list of components.
    pub changes: Vec<&'static str>,
}

/// What is shipped of one repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shipped {
    /// The repository.
    pub name: String,
    /// Whether it is known what the target holds of it.
    pub known: bool,
    /// How many commits are new.
    pub total: usize,
    /// How many commits of the target are not in what it is to hold.
    pub removed: usize,
    /// The new commits, newest first, and not more than can be read.
    pub commits: Vec<ShippedCommit>,
    /// The issue keys in all of them.
    pub issues: Vec<String>,
}

/// A commit that is shipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShippedCommit {
    /// Its id.
    pub id: CommitId,
    /// The first line of its message.
    pub subject: String,
    /// Its author.
    pub author: String,
}

/// A text that stays what it is in Markdown: no links, no mentions, no markup of its own, no HTML.
pub fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in safe(text).chars() {
        match c {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '!' | '|' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // A mention would send a mail to whoever is called so.
            '@' => escaped.push_str("@\u{2060}"),
            c => escaped.push(c),
        }
    }
    escaped
}

impl Shipping {
    /// The Markdown that tells it.
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        // First of all what would be lost: whoever approves must not have to look for it.
        for shipped in self.repositories.iter().filter(|shipped| shipped.removed > 0) {
            let lost = commits(shipped.removed, "that the target runs");
            let verb = if shipped.removed == 1 { "is" } else { "are" };
            text.push_str(&format!("\n**{}: {lost} {verb} not in what is promoted.**\n", markdown(&shipped.name)));
        }
        if !self.changes.is_empty() {
            text.push_str(&format!("\nChanges: {}\n", self.changes.join(", ")));
        }
        for shipped in &self.repositories {
            text.push_str(&format!("\n### {}\n\n", markdown(&shipped.name)));
            if !shipped.known {
                text.push_str("What the target holds of it is not known here.\n");
                continue;
            }
            if shipped.total == 0 {
                text.push_str("No new commits.\n");
            }
            for commit in &shipped.commits {
                text.push_str(&format!(
                    "* `{}` {} ({})\n",
                    commit.id.short(),
                    markdown(&commit.subject),
                    markdown(&commit.author)
                ));
            }
            if shipped.total > shipped.commits.len() {
                text.push_str(&format!("* and {} more\n", shipped.total - shipped.commits.len()));
            }
        }
        if !self.unknown.is_empty() {
            text.push_str(&format!("\nNot known here: {}\n", markdown(&self.unknown.join(", "))));
        }
        let mut keys: Vec<&String> = self.repositories.iter().flat_map(|shipped| &shipped.issues).collect();
        keys.sort();
        keys.dedup();
        if !keys.is_empty() {
            let keys: Vec<&str> = keys.iter().map(|key| key.as_str()).collect();
            text.push_str(&format!("\nIssues: {}\n", keys.join(", ")));
        }
        text
    }
}

fn commits(number: usize, what: &str) -> String {
    if number == 1 { format!("1 commit {what}") } else { format!("{number} commits {what}") }
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
            markdown("[x](http://y) @ada <img> **b** `c`"),
            "\\[x\\]\\(http://y\\) @\u{2060}ada &lt;img&gt; \\*\\*b\\*\\* \\`c\\`"
        );
    }

    #[test]
    fn long_bodies_are_cut_at_a_line() {
        let body = "line of text\n".repeat(100);
        let cut = cap(&body, 200);
        assert!(cut.len() <= 200 && cut.contains("left out") && cut.starts_with("line of text\n"));
        assert_eq!(cap("short", 200), "short");
        assert!(cap(&"ü".repeat(300), 100).len() <= 100);
    }

    #[test]
    fn a_lost_fix_is_told_first() {
        let shipping = Shipping {
            repositories: vec![Shipped { name: "app".into(), known: true, removed: 2, ..Shipped::default() }],
            unknown: vec!["lib".into()],
            changes: vec!["pipeline"],
        };
        let text = shipping.markdown();
        assert!(
            text.starts_with(
                "\n**app: 2 commits that the target runs are not in what is promoted.**\n\nChanges: pipeline\n"
            ),
            "{text}"
        );
        assert!(text.contains("Not known here: lib"), "{text}");
    }
}
