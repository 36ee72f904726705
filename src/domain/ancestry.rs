//! Which commits stand on which others, for many questions about one piece of history.

use std::collections::hash_map::Entry;
use std::collections::{BinaryHeap, HashMap};

use super::name::CommitId;

/// A piece of history: commits and their parents.
#[derive(Clone, Debug, Default)]
pub struct Ancestry {
    places: HashMap<CommitId, usize>,
    ids: Vec<CommitId>,
    parents: Vec<Vec<usize>>,
    first_parents: Vec<Option<usize>>,
    /// Whether a commit has several parents, those outside of this piece among them.
    merges: Vec<bool>,
    /// Parents before their children.
    order: Vec<usize>,
    /// For each commit, where it stands in the order.
    ranks: Vec<usize>,
}

/// For every commit of a piece of history, which of some commits it contains.
#[derive(Clone, Debug)]
pub struct Containment<'a> {
    ancestry: &'a Ancestry,
    items: HashMap<CommitId, usize>,
    words: usize,
    bits: Vec<u64>,
}

impl Ancestry {
    /// Takes commits with their parents, in any order; parents that are not listed themselves end the history.
    pub fn new(commits: Vec<(CommitId, Vec<CommitId>)>) -> Self {
        let mut places: HashMap<CommitId, usize> = HashMap::with_capacity(commits.len());
        let mut ids: Vec<CommitId> = Vec::with_capacity(commits.len());
        for (id, _) in &commits {
            places.entry(*id).or_insert_with(|| {
                ids.push(*id);
                ids.len() - 1
            });
        }
        let mut parents = vec![Vec::new(); places.len()];
        let mut first_parents = vec![None; places.len()];
        let mut merges = vec![false; places.len()];
        for (id, own) in &commits {
            let place = places[id];
            merges[place] = own.len() > 1;
            first_parents[place] = own.first().and_then(|first| places.get(first).copied());
            parents[place] = own.iter().filter_map(|parent| places.get(parent).copied()).collect();
        }
        let mut ancestry =
            Ancestry { places, ids, parents, first_parents, merges, order: Vec::new(), ranks: Vec::new() };
        ancestry.sort();
        ancestry
    }

    fn sort(&mut self) {
        self.order = self.parents_first(|_| &[]);
        self.ranks = vec![0; self.order.len()];
        for (rank, place) in self.order.iter().enumerate() {
            self.ranks[*place] = rank;
        }
    }

    /// All places, parents before their children, and before each one also the other places that it needs.
    pub(super) fn parents_first<'n>(&self, needs: impl Fn(usize) -> &'n [usize]) -> Vec<usize> {
        let mut seen = vec![false; self.parents.len()];
        let mut order = Vec::with_capacity(self.parents.len());
        // By hand, as history is deeper than the stack.
        let mut open: Vec<(usize, usize)> = Vec::new();
        for start in 0..self.parents.len() {
            if seen[start] {
                continue;
            }
            seen[start] = true;
            open.push((start, 0));
            while let Some((place, next)) = open.last_mut() {
                let parents = &self.parents[*place];
                let needed = parents.get(*next).or_else(|| needs(*place).get(*next - parents.len()));
                match needed.copied() {
                    Some(needed) => {
                        *next += 1;
                        if !seen[needed] {
                            seen[needed] = true;
                            open.push((needed, 0));
                        }
                    }
                    None => {
                        order.push(*place);
                        open.pop();
                    }
                }
            }
        }
        order
    }

    /// Finds out which commits contain which of these.
    pub fn containing(&self, items: impl IntoIterator<Item = CommitId>) -> Containment<'_> {
        let mut known: HashMap<CommitId, usize> = HashMap::new();
        for item in items {
            let next = known.len();
            known.entry(item).or_insert(next);
        }
        let words = known.len().div_ceil(64).max(1);
        let mut bits = vec![0; words * self.parents.len()];
        for (item, index) in &known {
            if let Some(place) = self.places.get(item) {
                bits[place * words + index / 64] |= 1 << (index % 64);
            }
        }
        for place in &self.order {
            for parent in &self.parents[*place] {
                for word in 0..words {
                    let below = bits[parent * words + word];
                    bits[place * words + word] |= below;
                }
            }
        }
        Containment { ancestry: self, items: known, words, bits }
    }

    /// Whether a commit of this piece has several parents.
    pub fn is_merge(&self, commit: CommitId) -> bool {
        self.places.get(&commit).is_some_and(|place| self.merges[*place])
    }

    /// The commits that have several parents.
    pub fn merges(&self) -> impl Iterator<Item = CommitId> + '_ {
        self.places.iter().filter(|(_, place)| self.merges[**place]).map(|(commit, _)| *commit)
    }

    /// What a merge brought: what it contains and its first parent does not, the newest first, without itself.
    pub fn brought_by(&self, merge: CommitId) -> Vec<CommitId> {
        let Some(place) = self.place(merge).filter(|place| self.merges[*place]) else { return Vec::new() };
        // Whether the first parent has it. Whatever contains a commit comes before it, so that this is known by then.
        let mut is_before: HashMap<usize, bool> = self.parents[place].iter().map(|parent| (*parent, false)).collect();
        is_before.extend(self.first_parents[place].map(|first| (first, true)));
        let mut open: BinaryHeap<(usize, usize)> = is_before.keys().map(|place| (self.ranks[*place], *place)).collect();
        let mut unfinished = is_before.values().filter(|before| !**before).count();
        let mut brought = Vec::new();
        while unfinished > 0 {
            let Some((_, place)) = open.pop() else { break };
            let before = is_before[&place];
            if !before {
                unfinished -= 1;
                brought.push(self.ids[place]);
            }
            for parent in &self.parents[place] {
                match is_before.entry(*parent) {
                    Entry::Vacant(entry) => {
                        entry.insert(before);
                        open.push((self.ranks[*parent], *parent));
                        unfinished += usize::from(!before);
                    }
                    Entry::Occupied(mut entry) if before && !*entry.get() => {
                        entry.insert(true);
                        unfinished -= 1;
                    }
                    Entry::Occupied(_) => {}
                }
            }
        }
        brought
    }

    /// Those of some commits on which others stand than these and one more.
    pub fn left_at(&self, commits: &[CommitId], but: CommitId) -> Vec<CommitId> {
        let mut is_own = vec![false; self.len()];
        commits.iter().chain([&but]).filter_map(|commit| self.place(*commit)).for_each(|place| is_own[place] = true);
        let others = (0..self.len()).filter(|place| !is_own[*place]);
        let mut left: Vec<usize> = others.flat_map(|place| &self.parents[place]).copied().collect();
        left.retain(|place| is_own[*place] && self.ids[*place] != but);
        left.sort_unstable();
        left.dedup();
        left.into_iter().map(|place| self.ids[place]).collect()
    }

    /// The parents of a commit that are part of this piece.
    pub fn parents_of(&self, commit: CommitId) -> impl Iterator<Item = CommitId> + '_ {
        let parents = self.place(commit).map_or(&[][..], |place| self.parents_at(place));
        parents.iter().map(|place| self.ids[*place])
    }

    /// The first parent of a commit, where it is part of this piece.
    pub fn first_parent(&self, commit: CommitId) -> Option<CommitId> {
        self.first_parents[self.place(commit)?].map(|place| self.ids[place])
    }

    /// The commits by their first parents.
    pub fn by_first_parents(&self) -> HashMap<CommitId, Vec<CommitId>> {
        let mut above: HashMap<CommitId, Vec<CommitId>> = HashMap::new();
        for (place, first) in self.first_parents.iter().enumerate() {
            if let Some(first) = first {
                above.entry(self.ids[*first]).or_default().push(self.ids[place]);
            }
        }
        above
    }

    /// How many commits there are; each one has a place below that number.
    pub(super) fn len(&self) -> usize {
        self.parents.len()
    }

    pub(super) fn place(&self, commit: CommitId) -> Option<usize> {
        self.places.get(&commit).copied()
    }

    /// The parents that are part of this piece.
    pub(super) fn parents_at(&self, place: usize) -> &[usize] {
        &self.parents[place]
    }

    pub(super) fn first_parent_at(&self, place: usize) -> Option<usize> {
        self.first_parents[place]
    }

    /// The newest commits that two others have in common: those that no other such commit contains.
    pub(super) fn merge_bases(&self, one: usize, other: usize) -> Vec<usize> {
        /// Marks what a base contains, and the base itself.
        const BELOW_A_BASE: u8 = 4;
        let mut marks: HashMap<usize, u8> = HashMap::from([(one, 1)]);
        *marks.entry(other).or_default() |= 2;
        let mut open: BinaryHeap<(usize, usize)> = marks.keys().map(|place| (self.ranks[*place], *place)).collect();
        let mut unfinished = open.len();
        let mut bases = Vec::new();
        // Whatever contains a commit comes before it, so that all of its marks are known.
        while unfinished > 0 {
            let Some((_, place)) = open.pop() else { break };
            let mut own = marks[&place];
            if own & BELOW_A_BASE == 0 {
                unfinished -= 1;
                if own == 3 {
                    bases.push(place);
                    own |= BELOW_A_BASE;
                }
            }
            for parent in &self.parents[place] {
                let mark = marks.entry(*parent).or_insert(0);
                let was_open = *mark != 0;
                let was_unfinished = was_open && *mark & BELOW_A_BASE == 0;
                *mark |= own;
                let is_unfinished = *mark & BELOW_A_BASE == 0;
                if !was_open {
                    open.push((self.ranks[*parent], *parent));
                }
                match (was_unfinished, is_unfinished) {
                    (false, true) => unfinished += 1,
                    (true, false) => unfinished -= 1,
                    _ => {}
                }
            }
        }
        bases
    }

    /// Where a commit stands among the others: whatever it contains stands before it. `None` for a strange one.
    pub fn rank(&self, commit: CommitId) -> Option<usize> {
        self.places.get(&commit).map(|place| self.ranks[*place])
    }
}

impl<'a> Containment<'a> {
    /// The piece of history.
    pub(super) fn ancestry(&self) -> &'a Ancestry {
        self.ancestry
    }

    /// Whether a commit is this one or has it among its ancestors. A commit outside of the history contains nothing.
    pub fn has(&self, commit: CommitId, item: CommitId) -> bool {
        match (self.ancestry.places.get(&commit), self.items.get(&item)) {
            (Some(place), Some(index)) => self.bit(*place, *index),
            _ => false,
        }
    }

    /// The same for the commit at a place.
    pub(super) fn has_at(&self, place: usize, item: CommitId) -> bool {
        self.items.get(&item).is_some_and(|index| self.bit(place, *index))
    }

    /// Whether a commit has any of the items.
    pub fn has_any(&self, commit: CommitId) -> bool {
        let place = self.ancestry.places.get(&commit);
        place.is_some_and(|place| self.bits[place * self.words..][..self.words].iter().any(|word| *word != 0))
    }

    /// Whether a merge brought an item: it contains it, and its first parent does not.
    pub fn brought(&self, merge: CommitId, item: CommitId) -> bool {
        let Some(place) = self.ancestry.places.get(&merge) else { return false };
        let first = self.ancestry.first_parents[*place];
        let before = first.zip(self.items.get(&item)).is_some_and(|(place, index)| self.bit(place, *index));
        self.ancestry.merges[*place] && self.has(merge, item) && !before
    }

    fn bit(&self, place: usize, index: usize) -> bool {
        self.bits[place * self.words + index / 64] & (1 << (index % 64)) != 0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn id(n: usize) -> CommitId {
        CommitId::parse(&format!("{n:040x}")).expect("an id")
    }

    #[test]
    fn a_merge_brings_what_its_first_parent_lacks() {
        let history = Ancestry::new(vec![
            (id(4), vec![id(2), id(3)]),
            (id(3), vec![id(1)]),
            (id(2), vec![id(1)]),
            (id(1), vec![]),
        ]);
        let contained = history.containing([id(1), id(2), id(3)]);
        assert!(
            contained.brought(id(4), id(3)) && !contained.brought(id(4), id(2)) && !contained.brought(id(4), id(1))
        );
        assert!(!contained.brought(id(3), id(3)), "no merge");
        // Its first parent lies below what was read.
        let piece = Ancestry::new(vec![(id(4), vec![id(2), id(3)]), (id(3), vec![])]);
        assert!(piece.containing([id(3)]).brought(id(4), id(3)));
        assert!(contained.has(id(4), id(1)) && !contained.has(id(2), id(3)));
        assert!(history.rank(id(4)) > history.rank(id(3)) && history.rank(id(9)).is_none());
    }

    #[test]
    fn a_history_deeper_than_the_stack_can_be_asked() {
        let last = 200_000;
        let history =
            Ancestry::new((0..last).map(|n| (id(n), if n == 0 { vec![] } else { vec![id(n - 1)] })).collect());
        assert!(history.containing([id(0)]).has(id(last - 1), id(0)));
    }

    proptest! {
        #[test]
        fn it_contains_what_can_be_walked_to(
            parents in proptest::collection::vec(proptest::collection::vec(0usize..100, 0..4), 1..80),
            shift in 0usize..80,
        ) {
            let parents_of = |n: usize| -> Vec<usize> { if n == 0 { vec![] } else { parents[n].iter().map(|p| p % n).collect() } };
            let mut list: Vec<_> = (0..parents.len()).map(|n| (id(n), parents_of(n).into_iter().map(id).collect())).collect();
            let middle = shift % list.len();
            list.rotate_left(middle);
            let history = Ancestry::new(list);
            let all: Vec<CommitId> = (0..parents.len()).map(id).collect();
            let contained = history.containing(all.clone());
            for tip in 0..parents.len() {
                let mut reached = HashSet::new();
                let mut open = vec![tip];
                while let Some(n) = open.pop() {
                    if reached.insert(n) {
                        open.extend(parents_of(n));
                    }
                }
                let brought: HashSet<CommitId> = history.brought_by(id(tip)).into_iter().collect();
                for item in 0..parents.len() {
                    prop_assert_eq!(contained.has(id(tip), id(item)), reached.contains(&item));
                    let is_brought = item != tip && contained.brought(id(tip), id(item));
                    prop_assert_eq!(brought.contains(&id(item)), is_brought);
                    if reached.contains(&item) && item != tip {
                        prop_assert!(history.rank(id(item)) < history.rank(id(tip)));
                    }
                }
            }
        }
    }
}
