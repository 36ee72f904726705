//! What the commits of a comparison name: what they repeat and what they take back, and what those name in turn.

use std::collections::{BTreeSet, HashMap, HashSet};

use gix::ObjectId;
use gix::bstr::ByteSlice as _;
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;

use crate::domain::diff::Differing;
use crate::domain::history::Commit;
use crate::domain::message::{self, Target};
use crate::domain::name::CommitId;
use crate::domain::naming::{Known, is_whole, meant};

use super::Result;
use super::repository::Repository;

/// How many commits are looked through for what is taken back without being named by an id. Whoever takes something back
/// by its number or its title does so while it is young; of what lies deeper, the words of the revert must do.
const MOST_LOOKED_THROUGH: usize = 5000;

/// What commits name beside the list, as far as the clone has it.
#[derive(Default)]
pub(super) struct Named {
    /// The commits, in the order in which they were found.
    pub found: Vec<Commit>,
    /// What is taken back.
    pub taken_back: BTreeSet<CommitId>,
    seen: HashSet<CommitId>,
}

impl Named {
    /// Adds a commit, where it is a new one.
    pub(super) fn add(&mut self, repository: &Repository, id: CommitId) -> Result<()> {
        if self.seen.insert(id) && repository.is_commit(id)? {
            self.found.push(repository.commit(id)?);
        }
        Ok(())
    }
}

impl Repository {
    /// Reads the commits that the ones of the list name, and those that they name in turn.
    pub(super) fn named_by(&self, list: &[Differing]) -> Result<Named> {
        let mut named = Named { seen: list.iter().map(|one| one.commit.id).collect(), ..Named::default() };
        let mut wanted = self.wanted_by(list.iter().map(|one| &one.commit), &mut named.taken_back)?;
        while !wanted.is_empty() {
            let known = named.found.len();
            for id in wanted {
                named.add(self, id)?;
            }
            wanted = self.wanted_by(named.found[known..].iter(), &mut named.taken_back)?;
        }
        Ok(named)
    }

    /// The commits that these name; `taken_back` gets those that they take back.
    fn wanted_by<'c>(
        &self,
        commits: impl Iterator<Item = &'c Commit>,
        taken_back: &mut BTreeSet<CommitId>,
    ) -> Result<Vec<CommitId>> {
        let mut wanted = Vec::new();
        let mut vague: Vec<(&Commit, Target)> = Vec::new();
        for commit in commits {
            wanted.extend(message::picked_from(&commit.message));
            for target in message::taken_back(&commit.message) {
                let found = match &target {
                    whole if is_whole(whole) => meant(whole, 0, &[]),
                    Target::Commit(digits) => match self.commits_beginning(digits)?.as_slice() {
                        [one] => Some(*one),
                        _ => None,
                    },
                    // What the commits of a merge take back stands in their own messages.
                    _ if commit.parents.len() > 1 => None,
                    _ => {
                        vague.push((commit, target));
                        None
                    }
                };
                taken_back.extend(found);
                wanted.extend(found);
            }
        }
        let found = self.targets_below(&vague)?;
        taken_back.extend(&found);
        wanted.extend(found);
        Ok(wanted)
    }

    /// What commits take back without naming it by an id: for each one the newest commit below it that fits.
    fn targets_below(&self, takers: &[(&Commit, Target)]) -> Result<Vec<CommitId>> {
        if takers.is_empty() {
            return Ok(Vec::new());
        }
        let wrap = |error: &dyn std::error::Error| self.read_error("the history", error);
        // Which of them stand on a commit; the walk comes to it after those that say so.
        let mut above: HashMap<CommitId, BTreeSet<usize>> = HashMap::new();
        for (number, (taker, _)) in takers.iter().enumerate() {
            for parent in &taker.parents {
                above.entry(*parent).or_default().insert(number);
            }
        }
        let starts: Vec<ObjectId> = above.keys().map(|parent| parent.object()).collect();
        let walk = self.gix.rev_walk(starts).sorting(Sorting::ByCommitTime(CommitTimeOrder::NewestFirst));
        let mut open: BTreeSet<usize> = (0..takers.len()).collect();
        let mut found = Vec::new();
        for info in walk.all().map_err(|error| wrap(&error))?.take(MOST_LOOKED_THROUGH) {
            let info = info.map_err(|error| wrap(&error))?;
            let id = CommitId::new(info.id);
            let mut asking = above.remove(&id).unwrap_or_default();
            asking.retain(|number| open.contains(number));
            if asking.is_empty() {
                continue;
            }
            let known = self.message_of(id, |message| Known::of(id, 0, &message.to_str_lossy()))?;
            let fits = |number: &usize| meant(&takers[*number].1, 1, std::slice::from_ref(&known)).is_some();
            if asking.iter().any(fits) {
                found.push(id);
                open.retain(|number| !asking.contains(number) || !fits(number));
                asking.retain(|number| open.contains(number));
            }
            if open.is_empty() {
                break;
            }
            info.parent_ids.iter().for_each(|parent| above.entry(CommitId::new(*parent)).or_default().extend(&asking));
        }
        Ok(found)
    }
}
