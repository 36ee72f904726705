//! A plain graph of when each version reached each environment: a lane for each, the newest change on top.

use crate::domain::logbook::{Entry, Logbook};
use crate::domain::timeline::{Source, Timeline};

use super::super::table::{self, Shrinks};
use super::super::{Page, time};
use super::{moved, outcome, whose};

/// From how many environments on lanes stand without a blank between them.
const MANY: usize = 12;

/// The log as a graph; `timelines` are all that were asked for, in the order of the lanes.
pub fn graph(logbook: &Logbook<'_>, timelines: &[Timeline], page: Page) -> String {
    if logbook.entries.is_empty() {
        return super::text(logbook, timelines, page);
    }
    let rows: Vec<Vec<String>> = logbook
        .entries
        .iter()
        .map(|entry| {
            let bold = page.style(console::Style::new().bold());
            let mut cells = vec![
                lanes(entry, timelines),
                time::local(entry.change.at),
                whose(entry),
                bold.apply_to(moved(entry.change)).to_string(),
            ];
            cells.push(match (entry.change.source, entry.ran()) {
                (Source::Lost, _) => "rewritten".into(),
                (_, Some(deployment)) => outcome(deployment.outcome, page),
                (_, None) => String::new(),
            });
            cells
        })
        .collect();
    let shrinking = [(2, 12), (3, 14), (0, 20)].map(|(column, least)| Shrinks { column, least });
    table::fitted(&rows, page.width, &shrinking)
}

/// One line of all lanes: a star where the version changes, a bar where there is one, blank before there was any.
fn lanes(entry: &Entry<'_>, timelines: &[Timeline]) -> String {
    let lane = |timeline: &Timeline| {
        let own = entry.environment == Some(&timeline.environment);
        let began = timeline.changes.first().is_some_and(|first| first.at <= entry.change.at);
        match () {
            () if own || entry.shared_by.contains(&&timeline.environment) => '*',
            () if began => '|',
            () => ' ',
        }
    };
    let lanes: Vec<String> = timelines.iter().map(|timeline| lane(timeline).to_string()).collect();
    lanes.join(if timelines.len() > MANY { "" } else { " " })
}
