//! A plain graph of when each version reached each environment: a lane for each, the newest change on top.

use crate::domain::logbook::{Entry, Logbook};
use crate::domain::text::safe;
use crate::domain::timeline::{Source, Timeline};

use super::super::table::{self, Shrinks};
use super::super::{Page, time};
use super::{moved, outcome, whose};

/// From how many environments on lanes stand without a blank between them.
const MANY: usize = 12;

/// What the names and the versions may need before lanes have to make room for them, in columns.
const WORDS: usize = 24;

/// The log as a graph; `timelines` are all that were asked for, in the order of the lanes.
pub fn graph(logbook: &Logbook<'_>, timelines: &[Timeline], page: Page) -> String {
    if logbook.entries.is_empty() {
        return super::text(logbook, timelines, page);
    }
    let mut rows: Vec<Vec<String>> = logbook.entries.iter().map(|entry| cells(entry, page)).collect();
    let needed: usize =
        table::widths(&rows).into_iter().filter(|width| *width > 0).map(|width| width.min(WORDS) + 2).sum();
    let all: Vec<&Timeline> = timelines.iter().collect();
    let changing = |timeline: &&Timeline| logbook.entries.iter().any(|entry| is_of(entry, timeline));
    let changing: Vec<&Timeline> = timelines.iter().filter(changing).collect();
    let fits = |lanes: &[&Timeline]| page.width.is_none_or(|width| breadth(lanes.len()) + needed <= width);
    let wide = |lanes: &[&Timeline]| breadth(lanes.len()) + needed;
    let (lanes, note) = if fits(&all) {
        (all, None)
    } else if fits(&changing) {
        let note = format!(
            "Lanes are of those that change here, {} of {}; all need {} columns.",
            changing.len(),
            all.len(),
            wide(&all)
        );
        (changing, Some(note))
    } else {
        let note = format!("Without lanes: those of {} environments need {} columns.", changing.len(), wide(&changing));
        (Vec::new(), Some(note))
    };
    if !lanes.is_empty() {
        for (row, entry) in rows.iter_mut().zip(&logbook.entries) {
            row.insert(0, line(entry, &lanes));
        }
    }
    let first = usize::from(!lanes.is_empty());
    let shrinking = [(first + 1, 14), (first + 2, 16)].map(|(column, least)| Shrinks { column, least });
    let dim = page.style(console::Style::new().dim());
    let note = note.map(|note| table::wrapped("", 0, &dim.apply_to(note).to_string(), page.width));
    table::fitted(&rows, page.width, &shrinking) + &note.unwrap_or_default()
}

/// When, where, what, and how it went.
fn cells(entry: &Entry<'_>, page: Page) -> Vec<String> {
    let bold = page.style(console::Style::new().bold());
    let ended = match (entry.change.source, entry.ran(), entry.ran_otherwise()) {
        (Source::Lost, ..) => "rewritten".into(),
        (_, Some(deployment), _) => outcome(deployment.outcome, page),
        (_, None, Some((other, version))) => format!("{} {}", outcome(other.outcome, page), safe(version)),
        (_, None, None) => String::new(),
    };
    vec![time::local(entry.change.at), whose(entry), bold.apply_to(moved(entry.change)).to_string(), ended]
}

/// How many columns that many lanes need.
fn breadth(lanes: usize) -> usize {
    if lanes > MANY { lanes } else { (2 * lanes).saturating_sub(1) }
}

fn is_of(entry: &Entry<'_>, timeline: &Timeline) -> bool {
    entry.environment == Some(&timeline.environment) || entry.shared_by.contains(&&timeline.environment)
}

/// One line of all lanes: a star where the version changes, a bar where there is one, blank before there was any.
fn line(entry: &Entry<'_>, lanes: &[&Timeline]) -> String {
    let lane = |timeline: &&Timeline| {
        let began = timeline.changes.first().is_some_and(|first| first.at <= entry.change.at);
        match () {
            () if is_of(entry, timeline) => "*",
            () if began => "|",
            () => " ",
        }
    };
    lanes.iter().map(lane).collect::<Vec<_>>().join(if lanes.len() > MANY { "" } else { " " })
}
