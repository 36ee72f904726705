//! A comparison for people: what would be lost, then the commits of each repository, then what else differs.

use console::Style;

use crate::domain::diff::{Change, Diff, RepositoryDiff, Side};
use crate::domain::text::safe;
use crate::render::table::{self, Shrinks};
use crate::render::{Page, author, time};

use super::{called, commits, other_changes, patches};

/// How many lines of commits fill a screen or two, over all repositories.
const LINES: usize = 60;

/// The fewest and the most commits of one repository that are shown, where not all are wanted.
const FEWEST: usize = 3;
const MOST: usize = 20;

/// How many issue keys are shown, where not all are wanted.
const KEYS: usize = 30;

/// The whole comparison.
pub fn text(diff: &Diff, page: Page, all: bool) -> String {
    let mut text = sides(diff, page);
    let busy = diff.repositories.iter().filter(|repository| has_commits(repository)).count();
    let capped = |number: usize| if all { usize::MAX } else { number };
    let limit = capped((LINES / busy.max(1)).clamp(FEWEST, MOST));
    // They are in the lists below as well, or in none.
    lost(diff, page, capped(MOST), &mut text);
    let mut left = 0;
    for repository in diff.repositories.iter().filter(|repository| has_commits(repository)) {
        left += self::repository(repository, diff, page, limit, &mut text);
    }
    let mut rest = String::new();
    let going: Vec<String> = diff.repositories.iter().filter_map(going).collect();
    if !going.is_empty() {
        let what = format!("only in {}", safe(&diff.to.name));
        rest.push_str(&wrapped(&what, &going.join(", "), page));
    }
    let alike: Vec<String> = diff.repositories.iter().filter_map(alike).collect();
    if !alike.is_empty() {
        rest.push_str(&wrapped("same changes", &alike.join(", "), page));
    }
    let quiet: Vec<&str> = diff.repositories.iter().filter(|r| is_quiet(r)).map(|r| r.name.as_str()).collect();
    if !quiet.is_empty() {
        rest.push_str(&wrapped("same in both", &quiet.join(", "), page));
    }
    let issues = diff.issues();
    for (what, keys) in [("issues", &issues.added), ("issues that go", &issues.removed)] {
        if !keys.is_empty() {
            let shown: Vec<&str> = keys.iter().take(capped(KEYS)).map(String::as_str).collect();
            let more = keys.len() - shown.len();
            let more = if more > 0 { format!(" and {more} more: --all shows them") } else { String::new() };
            rest.push_str(&wrapped(what, &format!("{}{more}", shown.join(", ")), page));
        }
    }
    for (what, words) in other_changes(diff) {
        rest.push_str(&wrapped(what, &words, page));
    }
    if !rest.is_empty() {
        text.push_str(&format!("\n{rest}"));
    }
    if left > 0 {
        let (more, them) = if left == 1 { ("1 more commit", "it") } else { (&*format!("{left} more commits"), "them") };
        text.push_str(&format!("\n{more}: --all shows {them}, --format json holds {them}\n"));
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
    let shrinking = [(1, 16), (2, 12), (3, 16)].map(|(column, least)| Shrinks { column, least });
    let mut text = table::fitted(&[row("from", &diff.from), row("to", &diff.to)], page.width, &shrinking);
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
            time::local_of(&ran.at)
        ));
    }
    text
}

/// The commits that would be lost.
fn lost(diff: &Diff, page: Page, limit: usize, text: &mut String) {
    let lost = diff.missing_fixes();
    if lost.is_empty() {
        return;
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
    let shrinking = [(3, 12), (2, 30), (0, 18), (2, 10)].map(|(column, least)| Shrinks { column, least });
    text.push_str(&table::fitted(&rows, page.width, &shrinking));
    if lost.len() > limit {
        text.push_str(&format!("  and {} more: --all shows them\n", lost.len() - limit));
    }
}

fn is_quiet(repository: &RepositoryDiff) -> bool {
    repository.from == repository.to && repository.commits.is_some()
}

/// What is said of a repository that would gain nothing and lose something; whatever of that matters stands above.
fn going(repository: &RepositoryDiff) -> Option<String> {
    let commits = repository.commits.as_ref().filter(|commits| commits.added.is_empty() && !is_quiet(repository))?;
    let removed = Some(commits.removed.len()).filter(|removed| *removed > 0)?;
    Some(format!("{} ({})", repository.name, super::commits(removed)))
}

/// What is said of a repository whose commits differ by nothing but their ids.
fn alike(repository: &RepositoryDiff) -> Option<String> {
    let commits =
        repository.commits.as_ref().filter(|commits| commits.added.is_empty() && commits.removed.is_empty())?;
    (!is_quiet(repository)).then(|| format!("{} ({} under other ids)", repository.name, super::commits(commits.same)))
}

/// Whether there is more to say of a repository than fits beside its name.
fn has_commits(repository: &RepositoryDiff) -> bool {
    !is_quiet(repository) && going(repository).is_none() && alike(repository).is_none()
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
            _ => "not known here".to_owned(),
        };
        text.push_str(&headed(&format!("{name}: {why}"), &range, page));
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
    text.push_str(&headed(&format!("{name}: {}", counts.join(", ")), &range, page));
    let indented = |change| {
        let mut cells = cells(change, page);
        cells[0].insert_str(0, "  ");
        cells
    };
    let rows: Vec<Vec<String>> = differing.added.iter().take(limit).map(indented).collect();
    let shrinking = [(2, 12), (1, 20)].map(|(column, least)| Shrinks { column, least });
    text.push_str(&table::fitted(&rows, page.width, &shrinking));
    more(differing.added.len(), limit, text)
}

/// The head of a repository, with its range. That is copied, so it must not be broken.
fn headed(head: &str, range: &str, page: Page) -> String {
    let line = format!("{head}  {range}");
    let line = line.trim_end();
    match page.width.is_some_and(|width| console::measure_text_width(line) > width) {
        true => format!("\n{}  {range}\n", table::wrapped("", 0, head, page.width)),
        false => format!("\n{line}\n"),
    }
}

fn more(number: usize, limit: usize, text: &mut String) -> usize {
    let left = number.saturating_sub(limit);
    if left > 0 {
        text.push_str(&format!("  and {left} more\n"));
    }
    left
}

/// The line of a commit.
fn cells(change: &Change, page: Page) -> Vec<String> {
    let author = author(&change.author);
    let author = if change.undone { format!("taken back, {author}") } else { author };
    let dim = page.style(Style::new().dim());
    vec![change.id.short(), called(change), dim.apply_to(author).to_string()]
}

/// A label and words beside it.
fn wrapped(label: &str, words: &str, page: Page) -> String {
    const INDENT: usize = 16;
    table::wrapped(label, INDENT, &safe(words), page.width)
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
