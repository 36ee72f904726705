//! What an environment held when: a span for each change of its branch, for each candidate of a version, and for each
//! deployment that a record tells of.

use std::collections::HashMap;

use crate::domain::environment::Tagging;
use crate::domain::landscape::EnvironmentBranch;
use crate::domain::name::TagName;
use crate::domain::record::{Deployment, Outcome};
use crate::domain::timeline::{Change, Source, Timeline};
use crate::domain::version::Version;

use crate::workspace::Result;
use crate::workspace::lineup::{Contents, Lineups, Listed};

/// What an environment held from some time on.
pub(super) struct Span<C = Contents> {
    /// When it began, in seconds since 1970.
    pub at: i64,
    /// The version.
    pub version: Option<String>,
    /// The commits.
    pub contents: C,
    /// Whether the branch shares this part of its history with others, so that it is not known whose it is.
    pub is_shared: bool,
    /// Whether a deployment of it was tried and did not succeed: it was never there, but is looked into all the same.
    pub is_failed: bool,
}

impl Span<Listed> {
    pub(super) fn by_todays_names(self, lineups: &mut Lineups<'_>) -> Span {
        let Span { at, version, contents, is_shared, is_failed } = self;
        Span { at, version, contents: lineups.by_todays_names(contents), is_shared, is_failed }
    }
}

/// What each tag binds that was looked up.
pub(super) type Tags = HashMap<TagName, Listed>;

/// Everything that an environment held, oldest first.
pub(super) fn of(
    lineups: &mut Lineups<'_>,
    branch: &EnvironmentBranch,
    timeline: &Timeline,
    tags: &mut Tags,
) -> Result<Vec<Span<Listed>>> {
    let mut spans: Vec<(i64, Span<Listed>)> = Vec::new();
    for (index, change) in timeline.changes.iter().enumerate() {
        let next = timeline.changes[index + 1..].iter().find(|next| next.source != Source::Lost);
        let span = |at: i64, version: &Option<String>, contents: Listed| Span {
            at,
            version: version.clone(),
            contents,
            is_shared: !change.shared_with.is_empty(),
            is_failed: false,
        };
        // What was recorded is known better than what follows from tags. A job of long ago may have been run again since.
        for Deployment { record, outcome, .. } in &change.deployments {
            let contents = lineups.remembered_by_record(record)?;
            let at = record.seconds().unwrap_or(change.at);
            let span = span(at, &record.version, contents);
            spans.push((at, Span { is_failed: *outcome != Outcome::Succeeded, ..span }));
        }
        // Nothing but a deployment makes an environment that is driven from outside hold something, or tells of a branch that
        // was rewritten; and what another one declared for a while, and could not deploy, it never had.
        let is_told_by_records = match change.source {
            Source::Records | Source::Lost => true,
            Source::File | Source::Unreadable => next.is_some() && !change.deployments.is_empty(),
        };
        let has_run = change.deployments.iter().any(|deployment| deployment.outcome == Outcome::Succeeded);
        if is_told_by_records || has_run {
            continue;
        }
        let mut declared = Vec::new();
        for (at, tag) in held_tags(lineups, branch, change, next.map_or(i64::MAX, |next| next.at))? {
            declared.push(span(at, &change.to, tagged(lineups, &tag, tags)?));
        }
        if declared.is_empty() {
            // Nothing is known of this time; what came before did not go on through it.
            declared.push(span(change.at, &change.to, Listed::new()));
        }
        // What is declared now comes last, even where an older deployment has ended since.
        spans.extend(declared.into_iter().map(|span| (next.map_or(i64::MAX, |_| span.at), span)));
    }
    spans.sort_by_key(|(at, _)| *at);
    Ok(spans.into_iter().map(|(_, span)| span).collect())
}

/// The tags that a change stood for, each with the time from which it did.
fn held_tags(
    lineups: &Lineups<'_>,
    branch: &EnvironmentBranch,
    change: &Change,
    until: i64,
) -> Result<Vec<(i64, TagName)>> {
    let Some(version) = change.to.as_deref().and_then(|text| Version::parse(text).ok()) else { return Ok(Vec::new()) };
    let (repository, source) = (&lineups.app.repository, lineups.app.tag_source());
    let exists = |tag: &TagName| Ok::<_, crate::workspace::Error>(repository.tag_commit(tag, source)?.is_some());
    match branch.tagging() {
        None | Some(Tagging::None) => Ok(Vec::new()),
        Some(Tagging::Reuse | Tagging::Final) => {
            let named = change.candidate.iter().cloned();
            for tag in std::iter::once(version.final_tag()).chain(named) {
                if exists(&tag)? {
                    return Ok(vec![(change.at, tag)]);
                }
            }
            // Of candidates that nothing names, the highest that there was by then.
            let times = repository.candidate_times(&version, source)??;
            let newest = times.into_iter().rev().find(|(_, made)| *made < until);
            Ok(newest.into_iter().map(|(number, at)| (at.max(change.at), version.candidate_tag(number))).collect())
        }
        Some(Tagging::Candidate) => {
            let mut made = Vec::new();
            for (number, at) in repository.candidate_times(&version, source)?? {
                if at < until {
                    made.push((at.max(change.at), number));
                }
            }
            made.sort_unstable();
            if made.is_empty() && exists(&version.final_tag())? {
                return Ok(vec![(change.at, version.final_tag())]);
            }
            Ok(made.into_iter().map(|(at, number)| (at, version.candidate_tag(number))).collect())
        }
    }
}

/// What a tag of the app binds.
fn tagged(lineups: &mut Lineups<'_>, tag: &TagName, tags: &mut Tags) -> Result<Listed> {
    if let Some(known) = tags.get(tag) {
        return Ok(known.clone());
    }
    let listed = lineups.remembered_by_tag(tag)?;
    tags.insert(tag.clone(), listed.clone());
    Ok(listed)
}
