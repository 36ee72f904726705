//! Which commits messages mean that name others: by the first digits of an id, by a pull request, by a subject.

use super::history::Commit;
use super::message::{self, Target, merge};
use super::name::CommitId;
use super::presence::Reverts;
use super::pull_request_mark::of_message;

/// A commit that may be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    id: CommitId,
    rank: usize,
    subject: String,
    /// The title of the pull request, where it is a merge of one, or repeats one.
    title: Option<String>,
    pull_request: Option<u64>,
}

impl Known {
    /// A commit by its message. Of the ranks, whatever a commit contains has a lower one.
    pub fn of(id: CommitId, rank: usize, message: &str) -> Self {
        let subject = message.lines().next().unwrap_or_default().trim().to_owned();
        let title = merge(message).and_then(|merge| merge.title).map(str::to_owned);
        Known { id, rank, subject, title, pull_request: of_message(message).map(|mark| mark.number) }
    }
}

/// Whether it takes no looking around to know what is meant.
pub fn is_whole(target: &Target) -> bool {
    matches!(target, Target::Commit(digits) if CommitId::parse(digits).is_some())
}

/// The commit that is meant in a message of a commit with this rank. Numbers and subjects may come again; what is meant
/// is the newest one that was there already. Digits with which several commits begin mean none.
pub fn meant(target: &Target, rank: usize, known: &[Known]) -> Option<CommitId> {
    let newest = |fits: &dyn Fn(&Known) -> bool| {
        known
            .iter()
            .filter(|other| other.rank < rank && fits(other))
            .max_by_key(|other| other.rank)
            .map(|other| other.id)
    };
    match target {
        Target::Commit(digits) => CommitId::parse(digits).or_else(|| {
            let mut fitting =
                known.iter().filter(|other| other.id.to_string().starts_with(digits)).map(|other| other.id);
            let first = fitting.next()?;
            fitting.all(|other| other == first).then_some(first)
        }),
        Target::PullRequest(number) => newest(&|other| other.pull_request == Some(*number)),
        Target::Subject(subject) => newest(&|other| other.subject == *subject),
        Target::Title(title) => newest(&|other| other.subject == *title || other.title.as_ref() == Some(title)),
    }
}

/// What some commits take back among themselves, and by whole ids elsewhere; children stand before their parents.
pub fn reverts_among<'c>(commits: impl ExactSizeIterator<Item = &'c Commit> + Clone) -> Reverts {
    let count = commits.len();
    let mut takers: Vec<(usize, CommitId, Vec<Target>)> = Vec::new();
    for (index, commit) in commits.clone().enumerate() {
        // A merge takes back nothing itself; what it has brought does.
        if commit.parents.len() < 2 && message::is_revert(&commit.message) {
            takers.push((count - index, commit.id, message::taken_back(&commit.message)));
        }
    }
    let mut known = Vec::new();
    if takers.iter().any(|(_, _, targets)| !targets.iter().all(is_whole)) {
        let ranked = commits.enumerate().map(|(index, commit)| Known::of(commit.id, count - index, &commit.message));
        known.extend(ranked);
    }
    let named = takers.into_iter().map(|(rank, taker, targets)| {
        (taker, targets.iter().filter_map(|target| meant(target, rank, &known)).collect::<Vec<_>>())
    });
    named.filter(|(_, targets)| !targets.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_that_was_there_already_is_meant() {
        let id = |n: u8| CommitId::parse(&format!("{n:02x}").repeat(20)).expect("an id");
        let known = |n: u8, message: &str| Known::of(id(n), usize::from(n), message);
        let list = [known(1, "One (#5)"), known(0x12, "One (#5)\n\nWhy."), known(0x13, "Two"), known(0x20, "One (#5)")];
        let meant = |target: Target| meant(&target, 0x1f, &list);
        assert_eq!(meant(Target::PullRequest(5)), Some(id(0x12)));
        assert_eq!(meant(Target::Subject("One (#5)".into())), Some(id(0x12)));
        assert_eq!(meant(Target::Subject("One".into())), None);
        assert_eq!(meant(Target::PullRequest(6)), None);
        assert_eq!(meant(Target::Commit("1313".into())), Some(id(0x13)));
        assert_eq!(meant(Target::Commit("1".into())), None);
        let whole = Target::Commit(id(9).to_string());
        assert_eq!(
            (meant(whole.clone()), is_whole(&whole), is_whole(&Target::PullRequest(5))),
            (Some(id(9)), true, false)
        );
    }
}
