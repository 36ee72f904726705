//! Where something is: a row for each environment, and where it waits.

use console::Style;
use serde::Serialize;

use crate::domain::diff::Change;
use crate::domain::name::{CommitId, RepositoryName};
use crate::domain::text::safe;
use crate::domain::whereabouts::{Place, Whereabouts};

use super::{Page, WarningJson, document, table, time};

/// How many commits are listed, where not all are wanted.
const LISTED: usize = 10;

#[derive(Serialize)]
struct WhereJson<'a> {
    schema: &'static str,
    what: &'a str,
    kind: &'static str,
    fetched_at: Option<String>,
    commits: Vec<CommitJson<'a>>,
    environments: Vec<PlaceJson<'a>>,
    waits: Vec<WaitJson<'a>>,
    on_default_branch: Vec<&'a str>,
    warnings: Vec<WarningJson<'a>>,
}

#[derive(Serialize)]
struct CommitJson<'a> {
    repository: &'a str,
    id: String,
    subject: &'a str,
    author: &'a str,
    at: Option<String>,
}

#[derive(Serialize)]
struct PlaceJson<'a> {
    name: &'a str,
    has: bool,
    partly: bool,
    known: bool,
    since: Option<String>,
    version: Option<&'a str>,
    holds: Option<&'a str>,
    under_another_id: Vec<String>,
    missing: Vec<IdJson<'a>>,
    undone: Vec<IdJson<'a>>,
}

#[derive(Serialize)]
struct IdJson<'a> {
    repository: &'a str,
    id: String,
}

#[derive(Serialize)]
struct WaitJson<'a> {
    from: &'a str,
    to: &'a str,
    command: String,
}

/// The answer as a document.
pub fn json(found: &Whereabouts) -> String {
    document(&WhereJson {
        schema: "relman.where/1",
        what: &found.what,
        kind: found.kind.as_str(),
        fetched_at: found.fetched_at.and_then(time::rfc3339),
        commits: found.commits.iter().map(commit).collect(),
        environments: found.places.iter().map(place).collect(),
        waits: found
            .waits
            .iter()
            .map(|wait| WaitJson { from: wait.from.as_str(), to: wait.to.as_str(), command: wait.command() })
            .collect(),
        on_default_branch: found.on_default.iter().map(|name| name.as_str()).collect(),
        warnings: found.warnings.iter().map(Into::into).collect(),
    })
}

fn commit((name, change): &(RepositoryName, Change)) -> CommitJson<'_> {
    CommitJson {
        repository: name.as_str(),
        id: change.id.to_string(),
        subject: &change.subject,
        author: &change.author,
        at: time::rfc3339(change.at),
    }
}

fn place(place: &Place) -> PlaceJson<'_> {
    let share = place.share.as_ref();
    PlaceJson {
        name: place.environment.as_str(),
        has: place.has(),
        partly: place.partly(),
        known: share.is_some(),
        since: place.since.and_then(time::rfc3339),
        version: place.version.as_deref(),
        holds: place.holds.as_deref(),
        under_another_id: share
            .map(|s| s.under_another_id.iter().map(ToString::to_string).collect())
            .unwrap_or_default(),
        missing: share.map(|s| s.missing.iter().map(id_json).collect()).unwrap_or_default(),
        undone: share.map(|s| s.undone.iter().map(id_json).collect()).unwrap_or_default(),
    }
}

fn id_json((name, id): &(RepositoryName, CommitId)) -> IdJson<'_> {
    IdJson { repository: name.as_str(), id: id.to_string() }
}

/// The answer for people.
pub fn text(found: &Whereabouts, page: Page, all: bool) -> String {
    let bold = page.style(Style::new().bold());
    let dim = page.style(Style::new().dim());
    let mut text = format!("{} {}\n", found.kind.as_str(), bold.apply_to(safe(&found.what)));
    let shown = if all { usize::MAX } else { LISTED };
    let rows: Vec<Vec<String>> = found
        .commits
        .iter()
        .take(shown)
        .map(|(name, change)| {
            let author = dim.apply_to(safe(&change.author)).to_string();
            vec![format!("  {name}"), change.id.short(), safe(&change.subject).into_owned(), author]
        })
        .collect();
    text.push_str(&table::table(&rows, page.width));
    if found.commits.len() > shown {
        text.push_str(&format!("  and {} more commits: --all shows them\n", found.commits.len() - shown));
    }
    text.push('\n');
    let heads = ["ENVIRONMENT", "HAS IT", "SINCE", "WITH", "HOLDS", ""];
    let mut rows: Vec<Vec<String>> = vec![heads.iter().map(|head| dim.apply_to(head).to_string()).collect()];
    rows.extend(found.places.iter().map(|place| row(place, page)));
    text.push_str(&table::table(&rows, page.width));
    if !found.waits.is_empty() {
        text.push('\n');
    }
    for wait in &found.waits {
        text.push_str(&format!("{} has it, {} has not: {}\n", wait.from, wait.to, bold.apply_to(wait.command())));
    }
    if !found.places.iter().any(|place| place.has() || place.partly()) {
        let names: Vec<&str> = found.on_default.iter().map(|name| name.as_str()).collect();
        text.push_str(&match names.as_slice() {
            [] => "\nNo environment has it, and no default branch.\n".to_owned(),
            names => format!("\nNo environment has it. It is on the default branch of {}.\n", names.join(", ")),
        });
    }
    text
}

fn row(place: &Place, page: Page) -> Vec<String> {
    let (word, style) = match &place.share {
        None => ("not known", Style::new().yellow()),
        Some(share) if share.is_whole() => ("yes", Style::new().green()),
        Some(share) if share.is_part() => ("partly", Style::new().yellow()),
        Some(share) if !share.undone.is_empty() => ("taken back", Style::new().red()),
        Some(_) => ("no", Style::new()),
    };
    let since = place.since.map_or_else(|| "-".to_owned(), time::local);
    let version = match (&place.version, place.has()) {
        (Some(version), true) => safe(version).into_owned(),
        (Some(version), false) => format!("had it with {}", safe(version)),
        (None, _) => "-".to_owned(),
    };
    let holds = place.holds.as_deref().map_or_else(|| "-".to_owned(), |holds| safe(holds).into_owned());
    vec![
        place.environment.to_string(),
        page.style(style).apply_to(word).to_string(),
        since,
        version,
        holds,
        notes(place),
    ]
}

/// What is there otherwise than asked for, in a few words.
fn notes(place: &Place) -> String {
    /// How many ids are named.
    const NAMED: usize = 2;
    let Some(share) = &place.share else { return String::new() };
    let list = |what: &str, ids: Vec<String>| {
        let more = ids.len().saturating_sub(NAMED);
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{what} {}{rest}", ids[..ids.len().min(NAMED)].join(", "))
    };
    let named = |list: &[(RepositoryName, CommitId)]| -> Vec<String> {
        list.iter().map(|(name, id)| format!("{} of {name}", id.short())).collect()
    };
    let mut notes = Vec::new();
    if !share.under_another_id.is_empty() {
        notes.push(list("as", share.under_another_id.iter().map(|id| id.short()).collect()));
    }
    if share.is_part() && !share.missing.is_empty() {
        notes.push(list("without", named(&share.missing)));
    }
    if share.is_part() && !share.undone.is_empty() {
        notes.push(list("took back", named(&share.undone)));
    }
    notes.join(", ")
}
