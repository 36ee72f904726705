//! Where something is: a row for each environment, and where it waits.

use console::Style;
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::diff::Change;
use crate::domain::name::{CommitId, RepositoryName};
use crate::domain::text::safe;
use crate::domain::whereabouts::{Kind, Place, Share, Wait, Way, Whereabouts};

use super::schema::Document;
use super::table::Shrinks;
use super::time::Time;
use super::{Page, WarningJson, author, document, subject, table, time};

/// How many commits are listed, where not all are wanted.
const LISTED: usize = 10;

/// Which environments have an issue, a commit or a version.
#[derive(Serialize, JsonSchema)]
pub(super) struct WhereJson<'a> {
    schema: Document,
    /// What was asked for.
    what: &'a str,
    kind: Kind,
    /// When the oldest clone was brought up to date; `null` where there is no remote.
    fetched_at: Option<Time>,
    /// The commits that it consists of.
    commits: Vec<CommitJson<'a>>,
    environments: Vec<PlaceJson<'a>>,
    /// From where to where it can go next.
    waits: Vec<WaitJson<'a>>,
    /// The repositories whose default branch has all that they have of it.
    on_default_branch: Vec<&'a str>,
    warnings: Vec<WarningJson<'a>>,
}

/// A commit that it consists of.
#[derive(Serialize, JsonSchema)]
struct CommitJson<'a> {
    /// The name of its repository.
    repository: &'a str,
    /// Its id.
    id: CommitId,
    /// The first line of its message.
    subject: &'a str,
    /// Who wrote it.
    author: &'a str,
    /// When it was made.
    at: Option<Time>,
}

/// An environment, and whether it has it.
#[derive(Serialize, JsonSchema)]
struct PlaceJson<'a> {
    /// Its name.
    name: &'a str,
    /// Whether what it declares has all of it.
    has: bool,
    /// Whether what it declares has a part of it.
    partly: bool,
    /// Whether it is known at all; `has` and `partly` are false otherwise.
    known: bool,
    /// Since when it is there without a break.
    since: Option<Time>,
    /// The version that it came with; where it is there no more, or only in part, the last one that had it.
    version: Option<&'a str>,
    /// What the environment declares now.
    holds: Option<&'a str>,
    /// The ids under which it is there by its content.
    under_another_id: Vec<CommitId>,
    /// What is not there.
    missing: Vec<IdJson<'a>>,
    /// What was taken back.
    undone: Vec<IdJson<'a>>,
    /// Whether the last successful deployment has it, where a record tells of it.
    ran: Option<RanJson<'a>>,
}

/// What ran last, and whether it has it.
#[derive(Serialize, JsonSchema)]
struct RanJson<'a> {
    /// What was deployed, as `version:` says it.
    version: Option<&'a str>,
    /// The tag that was deployed.
    tag: Option<&'a str>,
    /// When it ended, RFC 3339 in UTC with milliseconds.
    #[schemars(extend("format" = "date-time"))]
    at: &'a str,
    /// Whether it is known at all; `has` and `partly` are false otherwise.
    known: bool,
    /// Whether it has all of it.
    has: bool,
    /// Whether it has a part of it.
    partly: bool,
}

/// A commit of a repository.
#[derive(Serialize, JsonSchema)]
struct IdJson<'a> {
    /// The name of the repository.
    repository: &'a str,
    /// The commit.
    id: CommitId,
}

/// A promotion that would bring it on.
#[derive(Serialize, JsonSchema)]
struct WaitJson<'a> {
    /// The environment that has it, or more of it.
    from: &'a str,
    /// The environment that lacks it, or a part of it.
    to: &'a str,
    /// Whether the first one has all of it.
    whole: bool,
    /// What the next one would get.
    brings: Vec<IdJson<'a>>,
    /// What of it the next one would lose.
    takes: Vec<IdJson<'a>>,
    /// What to type; `null` where the next one holds a higher version, so that it would be a step back, or would lose what
    /// `takes` names.
    command: Option<String>,
}

/// The answer as a document.
pub fn json(found: &Whereabouts) -> String {
    document(&WhereJson {
        schema: Document::Where,
        what: &found.what,
        kind: found.kind,
        fetched_at: found.fetched_at.and_then(time::rfc3339),
        commits: found.commits.iter().map(commit).collect(),
        environments: found.places.iter().map(place).collect(),
        waits: found.waits.iter().map(wait_json).collect(),
        on_default_branch: found.on_default.iter().map(|name| name.as_str()).collect(),
        warnings: found.warnings.iter().map(Into::into).collect(),
    })
}

fn commit((name, change): &(RepositoryName, Change)) -> CommitJson<'_> {
    CommitJson {
        repository: name.as_str(),
        id: change.id,
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
        under_another_id: share.map(|s| s.under_another_id.to_vec()).unwrap_or_default(),
        missing: share.map(|s| s.missing.iter().map(id_json).collect()).unwrap_or_default(),
        undone: share.map(|s| s.undone.iter().map(id_json).collect()).unwrap_or_default(),
        ran: place.ran.as_ref().map(|ran| RanJson {
            version: ran.version.as_deref(),
            tag: ran.tag.as_deref(),
            at: &ran.at,
            known: ran.share.is_some(),
            has: ran.share.as_ref().is_some_and(Share::is_whole),
            partly: ran.share.as_ref().is_some_and(Share::is_part),
        }),
    }
}

fn wait_json(wait: &Wait) -> WaitJson<'_> {
    WaitJson {
        from: wait.from.as_str(),
        to: wait.to.as_str(),
        whole: wait.is_whole,
        brings: wait.brings.iter().map(id_json).collect(),
        takes: wait.takes.iter().map(id_json).collect(),
        command: wait.command(),
    }
}

fn id_json((name, id): &(RepositoryName, CommitId)) -> IdJson<'_> {
    IdJson { repository: name.as_str(), id: *id }
}

/// The answer for people.
pub fn text(found: &Whereabouts, page: Page, all: bool) -> String {
    let bold = page.style(Style::new().bold());
    let dim = page.style(Style::new().dim());
    let mut text = format!("{} {}\n", found.kind.as_str(), bold.apply_to(safe(&found.what)));
    let shown = if all { usize::MAX } else { LISTED };
    let commits = each_once(&found.commits);
    let rows: Vec<Vec<String>> = commits
        .iter()
        .take(shown)
        .map(|(names, change)| {
            let author = dim.apply_to(author(&change.author)).to_string();
            vec![format!("  {}", names.join(", ")), change.id.short(), subject(&change.subject), author]
        })
        .collect();
    let shrinking = [(3, 12), (2, 30), (0, 18), (2, 10)].map(|(column, least)| Shrinks { column, least });
    text.push_str(&table::fitted(&rows, page.width, &shrinking));
    if commits.len() > shown {
        text.push_str(&format!("  and {} more commits: --all shows them\n", commits.len() - shown));
    }
    text.push('\n');
    text.push_str(&places(&found.places, page, all));
    text.push_str(&ran_otherwise(&found.places, page));
    if !found.waits.is_empty() {
        text.push('\n');
    }
    for wait in &found.waits {
        let begins = waits(wait, found, all);
        if let Some(command) = wait.command() {
            // A command is not broken in two.
            let fits = page.width.is_none_or(|width| begins.len() + 2 + command.len() <= width);
            let begins = match fits {
                true => format!("{begins}: "),
                false => table::wrapped("", 0, &format!("{begins}:"), page.width) + "  ",
            };
            text.push_str(&format!("{begins}{}\n", bold.apply_to(command)));
        }
        let sentence = match &wait.way {
            Way::Overtaken(holds) => {
                format!("{begins}; {} holds {holds}, which is higher: a later version has to bring it.", wait.to)
            }
            _ if !wait.takes.is_empty() => format!("{begins}: a version that has both has to bring it."),
            _ => continue,
        };
        text.push_str(&table::wrapped("", 0, &sentence, page.width));
    }
    if let Some(sentence) = nowhere(found) {
        text.push_str(&format!("\n{}", table::wrapped("", 0, &sentence, page.width)));
    }
    text
}

/// What one environment has and the next one does not.
fn waits(wait: &Wait, found: &Whereabouts, all: bool) -> String {
    let (from, to) = (&wait.from, &wait.to);
    let partly = found.places.iter().any(|place| place.environment == *to && place.partly());
    if wait.is_whole {
        return match partly {
            true => format!("{from} has all of it, {to} a part"),
            false => format!("{from} has it, {to} has not"),
        };
    }
    let takes = match wait.takes.as_slice() {
        [] => String::new(),
        takes => format!(", and has {}, which {from} lacks", named(takes, all)),
    };
    format!("{to} lacks {}, which {from} has{takes}", named(&wait.brings, all))
}

/// That no environment has all of it, and which default branches have.
fn nowhere(found: &Whereabouts) -> Option<String> {
    if found.places.iter().any(|place| place.has() || place.ran_has_all()) {
        return None;
    }
    let what = match found.places.iter().any(|place| place.partly() || place.ran_has_some()) {
        true => "all of it",
        false => "it",
    };
    let nobody = match found.places.iter().all(|place| place.share.is_some()) {
        true => format!("No environment has {what}"),
        false => format!("No environment is known to have {what}"),
    };
    let names: Vec<&str> = found.on_default.iter().map(|name| name.as_str()).collect();
    let is_all = found.commits.iter().all(|(name, _)| found.on_default.contains(name));
    Some(match (names.join(", "), is_all) {
        (none, _) if none.is_empty() => format!("{nobody}, and no default branch."),
        (names, true) => format!("{nobody}. It is on the default branch of {names}."),
        (names, false) => format!("{nobody}. What {names} has of it is on the default branch there."),
    })
}

/// The commits, each once, with the names of the repositories that have it.
fn each_once(commits: &[(RepositoryName, Change)]) -> Vec<(Vec<&str>, &Change)> {
    let mut once: Vec<(Vec<&str>, &Change)> = Vec::new();
    for (name, change) in commits {
        match once.iter_mut().find(|(_, known)| known.id == change.id) {
            Some((names, _)) => names.push(name.as_str()),
            None => once.push((vec![name.as_str()], change)),
        }
    }
    once
}

/// A row for each environment; what is there otherwise than asked for stands behind it, or where that does not fit, below.
fn places(places: &[Place], page: Page, all: bool) -> String {
    let dim = page.style(Style::new().dim());
    let heads = ["ENVIRONMENT", "HAS IT", "SINCE", "WITH", "HOLDS"];
    let mut rows: Vec<Vec<String>> = vec![heads.iter().map(|head| dim.apply_to(head).to_string()).collect()];
    rows.extend(places.iter().map(|place| row(place, page)));
    let shrinking = [(0, 14), (3, 14), (4, 14)].map(|(column, least)| Shrinks { column, least });
    let table = table::fitted(&rows, page.width, &shrinking);
    let mut lines = table.lines();
    let mut text = format!("{}\n", lines.next().unwrap_or_default());
    let widest = table.lines().map(console::measure_text_width).max().unwrap_or(0);
    for (line, place) in lines.zip(places) {
        let notes = notes(place, all);
        let room = page.width.map_or(usize::MAX, |width| width.saturating_sub(widest + 2));
        let pad = widest.saturating_sub(console::measure_text_width(line)) + 2;
        match notes.len() {
            0 => text.push_str(&format!("{line}\n")),
            long if long > room => text.push_str(&format!("{line}\n{}", table::wrapped("", 4, &notes, page.width))),
            _ => text.push_str(&format!("{line}{}{notes}\n", " ".repeat(pad))),
        }
    }
    text
}

/// Where something else ran last than is declared, and the answer for it is another one.
fn ran_otherwise(places: &[Place], page: Page) -> String {
    let mut text = String::new();
    for place in places {
        let Some(ran) = place.ran_otherwise() else { continue };
        let what = ran.tag.as_deref().or(ran.version.as_deref()).unwrap_or("something else");
        let has = match &ran.share {
            None => "of which that is not known",
            Some(share) if share.is_whole() => "which has it",
            Some(share) if share.is_part() => "which has it in part",
            Some(_) => "which does not have it",
        };
        let sentence =
            format!("What ran last in {} is {what} ({}), {has}.", place.environment, time::local_of(&ran.at));
        text.push_str(&table::wrapped("", 0, &safe(&sentence), page.width));
    }
    if text.is_empty() { text } else { format!("\n{text}") }
}

fn row(place: &Place, page: Page) -> Vec<String> {
    let (word, style) = match &place.share {
        None => ("not known", Style::new().yellow()),
        // To be deployed yet, or it failed.
        Some(share) if share.is_whole() && place.ran_otherwise().is_some() => ("declared", Style::new().yellow()),
        Some(share) if share.is_whole() => ("yes", Style::new().green()),
        Some(share) if share.is_part() => ("partly", Style::new().yellow()),
        Some(share) if !share.undone.is_empty() => ("taken back", Style::new().red()),
        Some(_) => ("no", Style::new()),
    };
    let since = place.since.map_or_else(|| "-".to_owned(), time::local);
    let version = match (&place.version, place.has()) {
        (Some(version), true) => safe(version).into_owned(),
        // It still runs, as a sentence below says.
        (Some(_), false) if place.ran_has_all() => "-".to_owned(),
        (Some(version), false) if place.partly() => format!("had all with {}", safe(version)),
        (Some(version), false) => format!("had it with {}", safe(version)),
        (None, _) => "-".to_owned(),
    };
    let holds = place.holds.as_deref().map_or_else(|| "-".to_owned(), |holds| safe(holds).into_owned());
    vec![place.environment.to_string(), page.style(style).apply_to(word).to_string(), since, version, holds]
}

/// What is there otherwise than asked for, in a few words.
fn notes(place: &Place, all: bool) -> String {
    let Some(share) = &place.share else { return String::new() };
    let mut notes = Vec::new();
    if !share.under_another_id.is_empty() {
        notes.push(format!("as {}", listed(share.under_another_id.iter().map(|id| id.short()).collect(), all)));
    }
    if share.is_part() && !share.missing.is_empty() {
        notes.push(format!("without {}", named(&share.missing, all)));
    }
    if share.is_part() && !share.undone.is_empty() {
        notes.push(format!("took back {}", named(&share.undone, all)));
    }
    notes.join(", ")
}

/// Commits with their repositories.
fn named(commits: &[(RepositoryName, CommitId)], all: bool) -> String {
    listed(commits.iter().map(|(name, id)| format!("{} of {name}", id.short())).collect(), all)
}

/// The first few of some commits, or all of them.
fn listed(commits: Vec<String>, all: bool) -> String {
    /// How many are named, where not all are wanted.
    const NAMED: usize = 2;
    let shown = if all { commits.len() } else { commits.len().min(NAMED) };
    let rest = match commits.len() - shown {
        0 => String::new(),
        more => format!(" and {more} more (--all names them)"),
    };
    format!("{}{rest}", commits[..shown].join(", "))
}
