//! A comparison in Markdown: what a pull request tells, and what `diff --format markdown` prints.

use crate::domain::diff::{Change, Diff, RepositoryDiff};
use crate::render::author;
use crate::render::markdown::{block, escaped};

use super::{called, commits, other_changes, patches};

/// How many commits of a repository are listed, where not all are wanted.
const LISTED: usize = 50;

/// The page of `diff`: a title, and [`changes`] below it.
pub fn page(diff: &Diff, all: bool) -> String {
    let version = |name: &str, version: Option<&str>| match version {
        Some(version) if version != name => format!("{} ({})", escaped(name), escaped(version)),
        _ => escaped(name),
    };
    let from = version(&diff.from.name, diff.from.version.as_deref());
    let to = version(&diff.to.name, diff.to.version.as_deref());
    let mut page = format!("## {from} → {to}\n");
    for warning in &diff.warnings {
        page.push_str(&format!("\n*{}*\n", escaped(&warning.message)));
    }
    page.push_str(&changes(diff, all));
    for (what, patch) in patches(diff) {
        page.push_str(&format!("\n### {}: differences\n\n{}", escaped(&what), block("diff", patch)));
    }
    page
}

/// What changes: first of all what would be lost, then [`gains`].
pub fn changes(diff: &Diff, all: bool) -> String {
    losses(diff, all) + &gains(diff, all)
}

/// What would be lost; empty where nothing is.
pub fn losses(diff: &Diff, all: bool) -> String {
    let mut text = String::new();
    let lost = diff.missing_fixes();
    if !lost.is_empty() {
        // Whoever approves must not have to look for it.
        let count = commits(lost.len());
        let (verb, target) = (if lost.len() == 1 { "is" } else { "are" }, escaped(&diff.to.name));
        text.push_str(&format!("\n**Would be lost: {count} that {target} runs {verb} not in what it would get.**\n\n"));
        let shown = if all { lost.len() } else { LISTED };
        for (name, change) in lost.iter().take(shown) {
            text.push_str(&format!("* {}: {}\n", escaped(name.as_str()), line(change)));
        }
        push_rest(&mut text, lost.len().saturating_sub(shown));
    }
    text
}

/// What differs beside the commits, and the new commits of each repository with their issues.
pub fn gains(diff: &Diff, all: bool) -> String {
    let mut text = String::new();
    for (what, words) in other_changes(diff) {
        text.push_str(&format!("\n{}: {}\n", capital(what), escaped(&words)));
    }
    for repository in &diff.repositories {
        text.push_str(&repository_text(repository, all));
    }
    let issues = diff.issues();
    for (what, keys) in [("Issues", &issues.added), ("Issues that go", &issues.removed)] {
        if !keys.is_empty() {
            text.push_str(&format!("\n{what}: {}\n", escaped(&keys.join(", "))));
        }
    }
    text
}

fn repository_text(repository: &RepositoryDiff, all: bool) -> String {
    let mut text = format!("\n### {}\n\n", escaped(repository.name.as_str()));
    let Some(commits) = &repository.commits else {
        text.push_str(match repository.to {
            None if repository.from.is_some() => "New here, or not known what was there before.\n",
            _ => "What changes is not known here.\n",
        });
        return text;
    };
    if commits.added.is_empty() {
        text.push_str("No new commits.\n");
    }
    let shown = if all { commits.added.len() } else { LISTED };
    for change in commits.added.iter().take(shown) {
        text.push_str(&format!("* {}\n", line(change)));
    }
    push_rest(&mut text, commits.added.len().saturating_sub(shown));
    text
}

fn line(change: &Change) -> String {
    let undone = if change.undone { " *taken back*" } else { "" };
    format!("`{}` {} ({}){undone}", change.id.short(), escaped(&called(change)), escaped(&author(&change.author)))
}

fn push_rest(text: &mut String, left: usize) {
    if left > 0 {
        text.push_str(&format!("* and {left} more\n"));
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) if word != "release.yml" => first.to_uppercase().chain(letters).collect(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::diff::{Commits, Components, Side};
    use crate::domain::name::{CommitId, RepositoryName};

    use super::*;

    fn change(subject: &str) -> Change {
        Change {
            id: CommitId::parse(&"ab".repeat(20)).expect("an id"),
            subject: subject.to_owned(),
            author: "Ada [x]".into(),
            at: 0,
            issues: vec![],
            pull_request: None,
            title: None,
            is_merge: false,
            is_empty: false,
            undone: false,
        }
    }

    fn repository(commits: Option<Commits>) -> RepositoryDiff {
        let id = CommitId::parse(&"cd".repeat(20)).expect("an id");
        let name = RepositoryName::parse("app").expect("a name");
        RepositoryDiff { name, from: Some(id), to: Some(id), commits, patch: None }
    }

    #[test]
    fn what_would_be_lost_comes_first_and_nothing_marks_up() {
        let commits = Commits { added: vec![change("<b> @eve")], removed: vec![change("Fix")], ..Commits::default() };
        let diff = Diff {
            to: Side { name: "prod".into(), ..Side::default() },
            repositories: vec![repository(Some(commits))],
            components: Components {
                added: vec![(RepositoryName::parse("new").expect("a name"), None)],
                removed: vec![],
                renamed: vec![],
            },
            ..Diff::default()
        };
        assert_eq!(
            changes(&diff, false),
            "\n**Would be lost: 1 commit that prod runs is not in what it would get.**\n\n\
             * app: `ababababab` Fix (Ada \\[x\\])\n\nComponents: new is new\n\n### app\n\n\
             * `ababababab` &lt;b&gt; @\u{2060}eve (Ada \\[x\\])\n"
        );
    }

    #[test]
    fn lists_are_capped_unless_all_is_wanted() {
        let commits = Commits { added: vec![change("x"); 60], ..Commits::default() };
        let diff = Diff { repositories: vec![repository(Some(commits))], ..Diff::default() };
        let lines = |all| changes(&diff, all).lines().filter(|line| line.starts_with("* ")).count();
        assert!(changes(&diff, false).contains("* and 10 more\n"));
        assert_eq!((lines(false), lines(true)), (51, 60));
    }

    #[test]
    fn a_long_subject_does_not_push_the_rest_out_of_a_body() {
        let long = Change { author: "y".repeat(50_000), ..change(&"x".repeat(100_000)) };
        let commits = Commits { added: vec![long, change("The next")], ..Commits::default() };
        let diff = Diff { repositories: vec![repository(Some(commits))], ..Diff::default() };
        let text = changes(&diff, false);
        assert!(text.len() < 1000 && text.contains("xxx… (yyy") && text.contains("The next"), "{text}");
    }

    #[test]
    fn what_is_not_known_is_said() {
        let diff = Diff { repositories: vec![repository(None)], ..Diff::default() };
        assert!(changes(&diff, false).contains("not known here"));
    }
}
