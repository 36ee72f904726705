//! Where something is, for people: a row for each environment, and where it waits.

use console::Style;

use crate::domain::diff::Change;
use crate::domain::name::{CommitId, RepositoryName};
use crate::domain::sought::Part;
use crate::domain::text::safe;
use crate::domain::whereabouts::{Place, Wait, Way, Whereabouts};
use crate::render::table::{self, Shrinks};
use crate::render::{Page, author, subject, time};

/// How many commits are listed, where not all are wanted.
const LISTED: usize = 10;

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
            vec![format!("  {}", names.join(", ")), change.id.short(), told(change, found), author]
        })
        .collect();
    let shrinking = [(3, 12), (2, 30), (0, 18), (2, 10)].map(|(column, least)| Shrinks { column, least });
    text.push_str(&table::fitted(&rows, page.width, &shrinking));
    text.push_str(&match commits.len().saturating_sub(shown) {
        0 => String::new(),
        1 => "  and 1 more commit: --all shows it\n".to_owned(),
        more => format!("  and {more} more commits: --all shows them\n"),
    });
    text.push('\n');
    text.push_str(&places(found, page, all));
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

/// What a commit is called: by its subject, and where it stands for others that a merge has brought, by how many of them.
fn told(change: &Change, found: &Whereabouts) -> String {
    let subject = subject(&change.subject);
    match found.parts.get(&change.id) {
        Some(Part { commits, of, .. }) if commits == of => subject,
        Some(Part { merge, commits, of }) if *merge == change.id => format!("{commits} of {of} commits of {subject}"),
        Some(Part { commits, of, .. }) => format!("{commits} of {of} commits, the newest: {subject}"),
        None => subject,
    }
}

/// What one environment has and the next one does not.
fn waits(wait: &Wait, found: &Whereabouts, all: bool) -> String {
    let from = &wait.from;
    let place = found.places.iter().find(|place| place.environment == wait.to);
    // Where what ran last has it, it is what is declared that lacks it.
    let runs = place.is_some_and(|place| place.ran_otherwise().is_some() && place.ran_has_some());
    let to = if runs { format!("what {} declares", wait.to) } else { wait.to.to_string() };
    if wait.is_whole {
        return match place.is_some_and(Place::partly) {
            true => format!("{from} has all of it, {to} a part"),
            false => format!("{from} has it, {to} has not"),
        };
    }
    let takes = match wait.takes.as_slice() {
        [] => String::new(),
        takes => format!(", and has {}, which {from} lacks", named(takes, found, all)),
    };
    format!("{to} lacks {}, which {from} has{takes}", named(&wait.brings, found, all))
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
        (name, false) if found.on_default.len() == 1 => {
            format!("{nobody}. What {name} has of it is on the default branch of {name}.")
        }
        (names, false) => format!("{nobody}. What {names} have of it is on their default branches."),
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
fn places(found: &Whereabouts, page: Page, all: bool) -> String {
    let places = &found.places;
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
        let notes = notes(place, found, all);
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
        // To be deployed yet, or that failed.
        Some(_) if place.ran_has_all() => ("still runs", Style::new().yellow()),
        Some(_) => ("no", Style::new()),
    };
    let since = place.since.map_or_else(|| "-".to_owned(), time::local);
    let version = match (&place.version, place.has()) {
        (Some(version), true) => safe(version).into_owned(),
        (Some(version), false) if place.ran_has_all() => safe(version).into_owned(),
        (Some(version), false) if place.partly() => format!("had all with {}", safe(version)),
        (Some(version), false) => format!("had it with {}", safe(version)),
        (None, _) => "-".to_owned(),
    };
    let holds = place.holds.as_deref().map_or_else(|| "-".to_owned(), |holds| safe(holds).into_owned());
    vec![place.environment.to_string(), page.style(style).apply_to(word).to_string(), since, version, holds]
}

/// What is there otherwise than asked for, in a few words.
fn notes(place: &Place, found: &Whereabouts, all: bool) -> String {
    let Some(share) = &place.share else { return String::new() };
    let mut notes = Vec::new();
    if !share.under_another_id.is_empty() {
        notes.push(format!("as {}", listed(share.under_another_id.iter().map(|id| id.short()).collect(), all)));
    }
    if share.is_part() && !share.missing.is_empty() {
        notes.push(format!("without {}", named(&share.missing, found, all)));
    }
    if share.is_part() && !share.undone.is_empty() {
        notes.push(format!("took back {}", named(&share.undone, found, all)));
    }
    notes.join(", ")
}

/// Commits with their repositories, and what they are called, so that nobody has to look them up.
fn named(commits: &[(RepositoryName, CommitId)], found: &Whereabouts, all: bool) -> String {
    /// How much of a name is told in a sentence.
    const SHORT: usize = 48;
    let called = |id: &CommitId| {
        let (_, change) = found.commits.iter().find(|(_, change)| change.id == *id)?;
        Some(format!(" ({})", console::truncate_str(&told(change, found), SHORT, "…")))
    };
    let one =
        |(name, id): &(RepositoryName, CommitId)| format!("{} of {name}{}", id.short(), called(id).unwrap_or_default());
    listed(commits.iter().map(one).collect(), all)
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
