//! Merges of several branches at once: which of them has brought what.

use super::ancestry::Ancestry;
use super::history::Commit;
use super::message::merged_branches;
use super::name::CommitId;

/// What each branch of such a merge has brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Octopus {
    branches: Vec<Branch>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Branch {
    keys: Vec<String>,
    brought: Vec<CommitId>,
}

impl Octopus {
    /// Takes the branches of a merge apart: their names stand in the order of the parents. `keys` reads the keys of issues in
    /// a name. Nothing is told apart where there is not one name for each parent.
    pub fn of(merge: &Commit, ancestry: &Ancestry, keys: impl Fn(&str) -> Vec<String>) -> Self {
        let names = merged_branches(&merge.message);
        if names.len() < 2 || names.len() + 1 != merge.parents.len() {
            return Octopus::default();
        }
        let all = ancestry.brought_by(merge.id);
        let contained = ancestry.containing(all.iter().copied());
        let branch = |(name, tip): (&str, &CommitId)| {
            let brought = all.iter().copied().filter(|commit| contained.has(*tip, *commit)).collect();
            Branch { keys: keys(name), brought }
        };
        Octopus { branches: names.into_iter().zip(&merge.parents[1..]).map(branch).collect() }
    }

    /// Whether a commit that the merge has brought counts for an issue that the merge names: where a branch has its key, those
    /// of that branch do, else all of them.
    pub fn counts(&self, commit: CommitId, key: &str) -> bool {
        let mut own = self.branches.iter().filter(|branch| branch.keys.iter().any(|known| known == key)).peekable();
        own.peek().is_none() || own.any(|branch| branch.brought.contains(&commit))
    }
}
