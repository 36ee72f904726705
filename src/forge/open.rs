//! Find or create: a second run changes nothing, and a lost race finds what the winner made.

use std::time::Duration;

use crate::domain::text::beginning;

use super::Result;
use super::capability::{Forge, Taken};
use super::error::Error;
use super::kind::ForgeKind;
use super::pull_request::{NewPullRequest, PullRequest, State};
use super::text::{Whose, put_into, whose};
use crate::http;

/// The longest title that every forge takes, with the mark of a draft before it.
const MAX_TITLE: usize = 240;

/// How often something that another run may change under our hands is tried.
const TRIES: u32 = 4;

/// What was done about a pull request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was opened.
    Created,
    /// It was there, and something about it was changed.
    Updated,
    /// It was there, just as it is wanted.
    Unchanged,
}

/// Something that went otherwise than wanted, and did not stop the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// A word for scripts.
    pub code: &'static str,
    /// A sentence.
    pub message: String,
}

/// A pull request that is there now, and how it came to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// What was done.
    pub outcome: Outcome,
    /// The pull request.
    pub pull_request: PullRequest,
    /// What could not be done.
    pub notes: Vec<Note>,
}

/// Sees to it that the pull request that is wanted is open, and that there is only one.
pub fn open_or_update(forge: &dyn Forge, wanted: &NewPullRequest) -> Result<Opened> {
    match forge.find_open(&wanted.head, &wanted.base)? {
        Some(found) => bring_up_to_date(forge, found, false, wanted),
        None => {
            let (made, created) = create(forge, &Aim::new(forge.kind(), None, wanted).request)?;
            bring_up_to_date(forge, made, created, wanted)
        }
    }
}

/// Brings an open one up to date if relman has a part in it; `None`: it is a person's alone, and stays as it is.
pub fn refresh(forge: &dyn Forge, current: PullRequest, wanted: &NewPullRequest) -> Result<Option<Opened>> {
    match whose(&current.body) {
        Whose::Persons => Ok(None),
        Whose::Relmans | Whose::Shared => bring_up_to_date(forge, current, false, wanted).map(Some),
    }
}

/// The one that is open already, and whether [`open_or_update`] would change something about it.
pub fn foresee(forge: &dyn Forge, wanted: &NewPullRequest) -> Result<Option<(PullRequest, bool)>> {
    let Some(current) = forge.find_open(&wanted.head, &wanted.base)? else { return Ok(None) };
    let aim = Aim::new(forge.kind(), Some(&current), wanted).request;
    let apart = |taken: bool, there: &[String], wanted: &[String]| taken && !missing(there, wanted).is_empty();
    let changes = differs(forge, &current, &aim)
        || apart(matches!(forge.reviewers(), Taken::Apart(_)), &current.reviewers, &aim.reviewers)
        || apart(matches!(forge.labels(), Taken::Apart(_)), &current.labels, &aim.labels);
    Ok(Some((current, changes)))
}

fn bring_up_to_date(
    forge: &dyn Forge,
    mut current: PullRequest,
    created: bool,
    wanted: &NewPullRequest,
) -> Result<Opened> {
    let by_hand = !created && whose(&current.body) == Whose::Persons;
    let mut changed = false;
    let mut tries = 1;
    let aim = loop {
        let aim = Aim::new(forge.kind(), Some(&current), wanted);
        if !differs(forge, &current, &aim.request) {
            break aim;
        }
        match forge.update(&current, &aim.request) {
            Ok(updated) => {
                current = updated;
                changed = true;
                break aim;
            }
            Err(Error::Stale { number }) if tries < TRIES => {
                tries += 1;
                current = forge.read(number)?;
                if current.state != State::Open {
                    return Err(Error::NotOpen { number });
                }
            }
            Err(error) => return Err(error),
        }
    };
    let Aim { request, mut notes } = aim;
    if by_hand {
        let message = format!(
            "pull request {} was opened by hand: its title and its words stay, and what is promoted is told below them",
            current.number
        );
        notes.push(Note { code: "opened-by-hand", message });
    }
    if current.draft != request.draft && !forge.changes_drafts() {
        let message = format!("pull request {} is no draft, and only its page can change that", current.number);
        notes.push(Note { code: "draft-unchanged", message });
    }
    changed |= ask_reviewers(forge, &current, &request, &mut notes);
    changed |= add_labels(forge, &current, &request, &mut notes);
    let outcome = match (created, changed) {
        (true, _) => Outcome::Created,
        (false, true) => Outcome::Updated,
        (false, false) => Outcome::Unchanged,
    };
    Ok(Opened { outcome, pull_request: current, notes })
}

/// Opens one, and says whether it was us.
fn create(forge: &dyn Forge, wanted: &NewPullRequest) -> Result<(PullRequest, bool)> {
    match forge.create(wanted) {
        Ok(created) => Ok((created, true)),
        Err(Error::Duplicate { number, head, base }) => {
            for attempt in 0..TRIES {
                if let Some(found) = forge.find_open(&wanted.head, &wanted.base)? {
                    return Ok((found, false));
                }
                let named = number.map(|number| forge.read(number)).transpose()?;
                let ours = |found: &PullRequest| {
                    found.state == State::Open && found.head == wanted.head && found.base == wanted.base
                };
                if let Some(found) = named.filter(ours) {
                    return Ok((found, false));
                }
                std::thread::sleep(Duration::from_millis(100) * 2u32.pow(attempt));
            }
            Err(Error::Duplicate { number, head, base })
        }
        // The request may have arrived, and only its answer was lost. There was none before.
        Err(error @ Error::Http(http::Error::Unreachable { .. })) => {
            match forge.find_open(&wanted.head, &wanted.base) {
                Ok(Some(found)) => Ok((found, true)),
                Ok(None) | Err(_) => Err(error),
            }
        }
        Err(error) => Err(error),
    }
}

/// Whether an update has something to change.
fn differs(forge: &dyn Forge, current: &PullRequest, wanted: &NewPullRequest) -> bool {
    let draft = forge.changes_drafts() && current.draft != wanted.draft;
    let reviewers =
        matches!(forge.reviewers(), Taken::Within) && !missing(&current.reviewers, &wanted.reviewers).is_empty();
    let labels = matches!(forge.labels(), Taken::Within) && !missing(&current.labels, &wanted.labels).is_empty();
    let texts = current.title.trim() != wanted.title.trim() || plain(&current.body) != plain(&wanted.body);
    texts || draft || reviewers || labels
}

/// A description without what forges change in it.
fn plain(body: &str) -> String {
    body.replace("\r\n", "\n").trim().to_owned()
}

/// The names that are wanted and not there; forges don't care for upper and lower case.
pub(super) fn missing(there: &[String], wanted: &[String]) -> Vec<String> {
    let mut missing: Vec<String> = Vec::new();
    for name in wanted {
        let same = |other: &String| other.to_lowercase() == name.to_lowercase();
        if !there.iter().any(same) && !missing.iter().any(same) {
            missing.push(name.clone());
        }
    }
    missing
}

/// Asks for reviews where that is a request of its own; the pull request stands whatever comes of it.
fn ask_reviewers(forge: &dyn Forge, current: &PullRequest, wanted: &NewPullRequest, notes: &mut Vec<Note>) -> bool {
    let names = missing(&current.reviewers, &wanted.reviewers);
    let Taken::Apart(reviewers) = forge.reviewers() else { return false };
    if names.is_empty() {
        return false;
    }
    match reviewers.ask(current, &names) {
        Ok(asked) => !asked.is_empty(),
        Err(error) => {
            notes.push(Note { code: "invalid-reviewer", message: error.to_string() });
            false
        }
    }
}

fn add_labels(forge: &dyn Forge, current: &PullRequest, wanted: &NewPullRequest, notes: &mut Vec<Note>) -> bool {
    let names = missing(&current.labels, &wanted.labels);
    if names.is_empty() {
        return false;
    }
    match forge.labels() {
        Taken::Within => false,
        Taken::Never => {
            let message = format!("{} has no labels on pull requests", forge.kind().title());
            notes.push(Note { code: "no-labels", message });
            false
        }
        Taken::Apart(labels) => match labels.label(current, &names) {
            Ok(unknown) => {
                let changed = unknown.len() < names.len();
                if !unknown.is_empty() {
                    let message = format!("the repository has no label {}", unknown.join(", "));
                    notes.push(Note { code: "unknown-label", message });
                }
                changed
            }
            Err(error) => {
                notes.push(Note { code: "label-refused", message: error.to_string() });
                false
            }
        },
    }
}

/// How many characters of a description a forge takes, with some room left.
fn body_limit(kind: ForgeKind) -> usize {
    match kind {
        ForgeKind::GitHub | ForgeKind::Gitea | ForgeKind::Forgejo => 60_000,
        ForgeKind::GitLab => 1_000_000,
        ForgeKind::BitbucketDatacenter | ForgeKind::BitbucketCloud => 30_000,
        ForgeKind::Azure | ForgeKind::None => 4_000,
    }
}

/// What is asked of a forge, with the words of a person kept.
struct Aim {
    request: NewPullRequest,
    notes: Vec<Note>,
}

impl Aim {
    /// A title that a person gave stays; so does a draft, which nobody asked to make ready. What is too long is cut,
    /// always in the same way, and said.
    fn new(kind: ForgeKind, current: Option<&PullRequest>, wanted: &NewPullRequest) -> Self {
        let mut request = wanted.clone();
        let mut notes = Vec::new();
        request.title = match current {
            Some(current) if whose(&current.body) != Whose::Relmans => current.title.clone(),
            _ => short(&wanted.title),
        };
        request.draft |= current.is_some_and(|current| current.draft);
        let (body, left_out) = put_into(current.map(|current| current.body.as_str()), &wanted.body, body_limit(kind));
        request.body = body;
        if left_out > 0 {
            let message =
                format!("{left_out} lines of the description are left out, for {} takes no more", kind.title());
            notes.push(Note { code: "description-cut", message });
        }
        Aim { request, notes }
    }
}

/// A title in one line that every forge takes.
fn short(title: &str) -> String {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    beginning(&title, MAX_TITLE).into_owned()
}

#[cfg(test)]
mod tests;
