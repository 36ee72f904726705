//! A comparison for people: what would be lost, then the commits of each repository, then what else differs.

use console::Style;

use crate::domain::diff::{Change, Diff, RepositoryDiff, Side};
use crate::domain::text::safe;
use crate::render::{Page, table};

use super::{called, commits, other_changes, patches};

/// How many lines of commits fill a screen or two, over all repositories.
const LINES: usize = 60;

/// The fewest and the most commits of one repository that are shown, where not all are wanted.
const FEWEST: usize = 3;
const MOST: usize = 20;

/// The whole comparison.
pub fn text(diff: &Diff, page: Page, all: bool) -> String {
    let mut text = sides(diff, page);
    let busy = diff.repositories.iter().filter(|repository| !is_quiet(repository)).count();
    let limit = if all { usize::MAX } else { (LINES / busy.max(1)).clamp(FEWEST, MOST) };
    let mut left = lost(diff, page, limit, &mut text);
    for repository in diff.repositories.iter().filter(|repository| !is_quiet(repository)) {
        left += self::repository(repository, diff, page, limit, &mut text);
    }
    let mut rest = String::new();
    let quiet: Vec<&str> = diff.repositories.iter().filter(|r| is_quiet(r)).map(|r| r.name.as_str()).collect();
    if !quiet.is_empty() {
        rest.push_str(&wrapped("same in both", &quiet.join(", "), page));
    }
    let issues = diff.issues();
    for (what, keys) in [("issues", &issues.added), ("issues that go", &issues.removed)] {
        if !keys.is_empty() {
            rest.push_str(&wrapped(what, &keys.join(", "), page));
        }
    }
    for (what, words) in other_changes(diff) {
        rest.push_str(&wrapped(what, &words, page));
    }
    if !rest.is_empty() {
        text.push_str(&format!("\n{rest}"));
    }
    if left > 0 {
        text.push_str(&format!("\n{left} more commits: --all shows them, --format json holds them\n"));
    }
    for (what, patch) in patches(diff) {
        text.push_str(&format!("\n{}\n", page.style(Style::new().bold()).apply_to(safe(&what))));
        patch.lines().for_each(|line| text.push_str(&format!("{}\n", patch_line(line, page))));
    }
    text
}

/// A line for each repository, for whoever promotes.
pub fn in_short(diff: &Diff) -> String {
    let mut text = String::new();
    for repository in &diff.repositories {
        let (count, issues) = match &repository.commits {
            None => ("not known what the target holds".to_owned(), String::new()),
            Some(differing) => {
                let (added, removed) = (differing.added.len(), differing.removed.len());
                let count = match (added, removed) {
                    (0, 0) => "nothing new".to_owned(),
                    (0, removed) => format!("takes back {}", commits(removed)),
                    (added, 0) => format!("brings {}", commits(added)),
                    (added, removed) => format!("brings {}, takes back {}", commits(added), commits(removed)),
                };
                (count, differing.issues.added.join(", "))
            }
        };
        let issues = if issues.is_empty() { String::new() } else { format!(" ({issues})") };
        text.push_str(&format!("ships      {}: {count}{}\n", repository.name, safe(&issues)));
    }
    text
}

/// What is compared: a row for each side, and where something else ran, that.
fn sides(diff: &Diff, page: Page) -> String {
    let bold = page.style(Style::new().bold());
    let row = |what: &str, side: &Side| {
        let version = match &side.version {
            Some(version) if *version == side.name => String::new(),
            Some(version) => safe(version).into_owned(),
            None if side.commit.is_none() => "nothing yet".into(),
            None => String::new(),
        };
        let tag = side.tag.as_ref().map(|tag| safe(tag.as_str()).into_owned()).filter(|tag| *tag != side.name);
        let commit = side.commit.map(|commit| commit.short()).unwrap_or_default();
        let cells = [bold.apply_to(safe(&side.name)).to_string(), version, tag.unwrap_or_default(), commit];
        std::iter::once(what.to_owned()).chain(cells).collect::<Vec<_>>()
    };
    let mut text = table::table(&[row("from", &diff.from), row("to", &diff.to)], page.width);
    for side in [&diff.from, &diff.to] {
        if let Some(at) = &side.at {
            text.push_str(&format!("{} is taken as it was on {}.\n", safe(&side.name), safe(at)));
        }
        let Some(ran) = side.ran.as_ref().filter(|_| side.ran_differs()) else { continue };
        let ran_tag = ran.tag.as_deref().or(ran.version.as_deref()).unwrap_or("something else");
        text.push_str(&format!(
            "What ran last in {} is {} ({}); compared is what its branch declares.\n",
            safe(&side.name),
            safe(ran_tag),
            safe(&ran.at)
        ));
    }
    text
}

/// The commits that would be lost; returns how many of them are not shown.
fn lost(diff: &Diff, page: Page, limit: usize, text: &mut String) -> usize {
    let lost = diff.missing_fixes();
    if lost.is_empty() {
        return 0;
    }
    let head = format!(
        "{} would lose {}, not in {} by content either:",
        safe(&diff.to.name),
        commits(lost.len()),
        safe(&diff.from.name)
    );
    text.push_str(&format!("\n{}\n", page.style(Style::new().red().bold()).apply_to(head)));
    let rows: Vec<Vec<String>> = lost
        .iter()
        .take(limit)
        .map(|(name, change)| std::iter::once(format!("  {name}")).chain(cells(change, page)).collect())
        .collect();
    text.push_str(&table::table(&rows, page.width));
    more(lost.len(), limit, text)
}

fn is_quiet(repository: &RepositoryDiff) -> bool {
    repository.from == repository.to && repository.commits.is_some()
}

/// The commits of a repository; returns how many of them are not shown.
fn repository(repository: &RepositoryDiff, diff: &Diff, page: Page, limit: usize, text: &mut String) -> usize {
    let bold = page.style(Style::new().bold());
    let dim = page.style(Style::new().dim());
    let name = bold.apply_to(repository.name.as_str());
    let range = match (repository.to, repository.from) {
        (Some(to), Some(from)) => dim.apply_to(format!("{}..{}", to.short(), from.short())).to_string(),
        _ => String::new(),
    };
    let Some(differing) = &repository.commits else {
        let why = match (repository.to, repository.from) {
            (None, Some(_)) if diff.to.commit.is_none() => format!("new in {}", safe(&diff.to.name)),
            (None, _) | (_, None) => "not known what it stands on".to_owned(),
            _ => format!("not known here  {range}"),
        };
        text.push_str(&format!("\n{name}: {why}\n"));
        return 0;
    };
    let mut counts = vec![match differing.added.len() {
        0 => "nothing new".to_owned(),
        number => commits(number),
    }];
    if !differing.removed.is_empty() {
        counts.push(format!("{} only in {}", commits(differing.removed.len()), safe(&diff.to.name)));
    }
    if differing.same > 0 {
        counts.push(format!("{} there under another id", differing.same));
    }
    text.push_str(&format!("\n{name}: {}  {range}\n", counts.join(", ")));
    let indented = |change| {
        let mut cells = cells(change, page);
        cells[0].insert_str(0, "  ");
        cells
    };
    let rows: Vec<Vec<String>> = differing.added.iter().take(limit).map(indented).collect();
    text.push_str(&table::table(&rows, page.width));
    more(differing.added.len(), limit, text)
}

fn more(number: usize, limit: usize, text: &mut String) -> usize {
    let left = number.saturating_sub(limit);
    if left > 0 {
        text.push_str(&format!("  and {left} more\n"));
    }
    left
}

/// The line of a commit. The subject takes what the width leaves it.
fn cells(change: &Change, page: Page) -> Vec<String> {
    /// Room for the id before a subject and the author behind it.
    const AROUND: usize = 34;
    let subject = called(change);
    let subject = safe(&subject);
    let subject = match page.width {
        Some(width) => console::truncate_str(&subject, width.saturating_sub(AROUND).max(20), "…").into_owned(),
        None => subject.into_owned(),
    };
    let author = safe(&change.author);
    let author = if change.undone { format!("{author}, taken back") } else { author.into_owned() };
    let dim = page.style(Style::new().dim());
    vec![change.id.short(), subject, dim.apply_to(author).to_string()]
}

/// A label and words, broken into lines where the page has a width.
fn wrapped(label: &str, words: &str, page: Page) -> String {
    const INDENT: usize = 16;
    let room = page.width.map_or(usize::MAX, |width| width.saturating_sub(INDENT).max(20));
    let mut lines: Vec<String> = vec![String::new()];
    for word in safe(words).split(' ') {
        let line = lines.last_mut().map(|line| console::measure_text_width(line)).unwrap_or_default();
        match lines.last_mut() {
            Some(last) if line == 0 || line + 1 + console::measure_text_width(word) <= room => {
                if line > 0 {
                    last.push(' ');
                }
                last.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        let label = if index == 0 { label } else { "" };
        text.push_str(&format!("{label:INDENT$}{line}\n"));
    }
    text
}

fn patch_line(line: &str, page: Page) -> String {
    let safe = safe(line);
    let style = match line.as_bytes().first() {
        _ if line.starts_with("+++") || line.starts_with("---") || line.starts_with("diff ") => Style::new().bold(),
        Some(b'+') => Style::new().green(),
        Some(b'-') => Style::new().red(),
        Some(b'@') => Style::new().cyan(),
        _ => return safe.into_owned(),
    };
    page.style(style).apply_to(safe).to_string()
}
