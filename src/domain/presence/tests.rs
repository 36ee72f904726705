//! Small random histories, where what is there is known from files: a file for each change.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::domain::pieces::{brought_by, grouped};

fn id(n: usize) -> CommitId {
    CommitId::parse(&format!("{:040x}", n + 1)).expect("an id")
}

fn number(id: CommitId) -> usize {
    usize::from_str_radix(&id.to_string(), 16).expect("a number") - 1
}

type Tree = BTreeSet<usize>;

/// What somebody does next; each commit is made on another one.
#[derive(Clone, Debug)]
enum Deed {
    Commit(Index),
    Pick { on: Index, what: Index, says_so: bool },
    Revert { on: Index, what: Index },
    Merge { into: Index, what: Index },
    Squash { into: Index, what: Index },
}

fn deed() -> impl Strategy<Value = Deed> {
    let place = any::<Index>;
    prop_oneof![
        2 => place().prop_map(Deed::Commit),
        3 => (place(), place(), any::<bool>()).prop_map(|(on, what, says_so)| Deed::Pick { on, what, says_so }),
        4 => (place(), place()).prop_map(|(on, what)| Deed::Revert { on, what }),
        4 => (place(), place()).prop_map(|(into, what)| Deed::Merge { into, what }),
        1 => (place(), place()).prop_map(|(into, what)| Deed::Squash { into, what }),
    ]
}

#[derive(Default)]
struct Story {
    parents: Vec<Vec<usize>>,
    trees: Vec<Tree>,
    /// The commit that brought each change first.
    first: Vec<usize>,
    kin: Kin,
    reverts: Reverts,
}

/// What `ours` becomes by the way from `base` to `theirs`.
fn three_way(base: &Tree, ours: &Tree, theirs: &Tree) -> Tree {
    let files: Tree = base.iter().chain(ours).chain(theirs).copied().collect();
    let wins = |file: &usize| {
        let (base, ours, theirs) = (base.contains(file), ours.contains(file), theirs.contains(file));
        if ours == base { theirs } else { ours }
    };
    files.into_iter().filter(wins).collect()
}

impl Story {
    fn add(&mut self, parents: Vec<usize>, tree: Tree) -> usize {
        self.parents.push(parents);
        self.trees.push(tree);
        self.trees.len() - 1
    }

    fn before(&self, commit: usize) -> Tree {
        self.parents[commit].first().map(|parent| self.trees[*parent].clone()).unwrap_or_default()
    }

    fn reached(&self, commit: usize) -> BTreeSet<usize> {
        let own = self.parents[commit].iter().flat_map(|parent| self.reached(*parent));
        own.chain([commit]).collect()
    }

    fn base(&self, one: usize, other: usize) -> Tree {
        let common: BTreeSet<usize> = self.reached(one).intersection(&self.reached(other)).copied().collect();
        let is_best = |commit: &&usize| !common.iter().any(|c| c != *commit && self.reached(*c).contains(commit));
        let mut bases: Vec<usize> = common.iter().filter(is_best).copied().collect();
        bases.sort_by_key(|base| std::cmp::Reverse(*base));
        let Some((first, others)) = bases.split_first() else { return Tree::new() };
        others.iter().fold(self.trees[*first].clone(), |tree, next| {
            three_way(&self.base(*first, *next), &tree, &self.trees[*next])
        })
    }

    fn changed(&self, commit: usize) -> Tree {
        self.before(commit).symmetric_difference(&self.trees[commit]).copied().collect()
    }

    /// What brings a change, by the sign of the one file that a commit with one parent changes.
    fn one_change(&self, commit: usize) -> Option<(usize, bool)> {
        let changed: Vec<usize> = self.changed(commit).into_iter().collect();
        match changed.as_slice() {
            [one] if self.parents[commit].len() < 2 => Some((*one, self.trees[commit].contains(one))),
            _ => None,
        }
    }

    fn act(&mut self, deed: &Deed) {
        let count = self.trees.len();
        match deed {
            Deed::Commit(on) => {
                let on = on.index(count);
                let change = self.first.len();
                let mut tree = self.trees[on].clone();
                tree.insert(change);
                let made = self.add(vec![on], tree);
                self.first.push(made);
            }
            Deed::Pick { on, what, says_so } => {
                let (on, what) = (on.index(count), what.index(count));
                let tree = three_way(&self.before(what), &self.trees[on], &self.trees[what]);
                if self.parents[what].len() > 1 {
                    // All that a merge has brought, as one commit.
                    let all = self.trees[on].symmetric_difference(&tree).copied().collect::<Tree>();
                    if !all.is_empty() && all == self.changed(what) {
                        let made = self.add(vec![on], tree);
                        self.kin.repeats(id(made), [id(what)]);
                    }
                    return;
                }
                let Some((change, comes)) = self.one_change(what) else { return };
                // What nobody says of a commit that was made of a merge, nobody can know.
                let is_known = comes || *says_so || self.reverts.contains_key(&id(what));
                if tree == self.trees[on] || !is_known {
                    return;
                }
                let made = self.add(vec![on], tree);
                if *says_so {
                    self.kin.repeats(id(made), [id(what)]);
                }
                match self.reverts.get(&id(what)).cloned() {
                    Some(named) => {
                        self.reverts.insert(id(made), named);
                        // Where only a part was left to take back, the message says more than what was done.
                        if !says_so {
                            self.kin.twins(id(made), id(what));
                        }
                    }
                    None if comes && !says_so => self.kin.twins(id(made), id(self.first[change])),
                    None => {}
                }
            }
            Deed::Revert { on, what } => {
                let (on, what) = (on.index(count), what.index(count));
                let tree = three_way(&self.trees[what], &self.trees[on], &self.before(what));
                if what > 0 && tree != self.trees[on] {
                    let made = self.add(vec![on], tree);
                    self.reverts.insert(id(made), vec![id(what)]);
                }
            }
            Deed::Merge { into, what } | Deed::Squash { into, what } => {
                let (into, what) = (into.index(count), what.index(count));
                if self.reached(into).contains(&what) || self.reached(what).contains(&into) {
                    return;
                }
                let tree = three_way(&self.base(into, what), &self.trees[into], &self.trees[what]);
                if matches!(deed, Deed::Merge { .. }) {
                    self.add(vec![into, what], tree);
                    return;
                }
                // A squash of several changes is none of them by its content.
                self.add(vec![into], tree);
                match self.one_change(count) {
                    Some((change, true)) => self.kin.twins(id(count), id(self.first[change])),
                    _ => {
                        self.parents.pop();
                        self.trees.pop();
                    }
                }
            }
        }
    }

    fn told(deeds: &[Deed]) -> Self {
        let mut story = Story::default();
        story.add(vec![], Tree::new());
        deeds.iter().for_each(|deed| story.act(deed));
        story
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_is_told_is_what_lies_in_the_files(deeds in proptest::collection::vec(deed(), 1..40)) {
        let story = Story::told(&deeds);
        let list = story.parents.iter().enumerate();
        let ancestry = Ancestry::new(list.map(|(n, own)| (id(n), own.iter().map(|p| id(*p)).collect())).collect());
        let changes: Vec<Vec<CommitId>> = story.first.iter().map(|first| story.kin.of(id(*first))).collect();
        let presence = Presence::new(&ancestry, &changes, &story.kin, &story.reverts);
        for (commit, tree) in story.trees.iter().enumerate() {
            for change in 0..changes.len() {
                prop_assert_eq!(
                    presence.has(id(commit), change), tree.contains(&change),
                    "change {} at {}: {:?} {:?}", change, commit, &story.parents, &story.reverts
                );
            }
        }
    }

    #[test]
    fn what_a_merge_brought_is_followed_in_groups(deeds in proptest::collection::vec(deed(), 1..40)) {
        let story = Story::told(&deeds);
        let list = story.parents.iter().enumerate();
        let ancestry = Ancestry::new(list.map(|(n, own)| (id(n), own.iter().map(|p| id(*p)).collect())).collect());
        let tips: Vec<CommitId> = (0..story.trees.len()).map(id).collect();
        for merge in tips.iter().filter(|commit| ancestry.is_merge(**commit)) {
            let pieces = brought_by(*merge, &ancestry, &story.kin, &story.reverts, |_| false);
            let is_there = |tip: &CommitId, piece: &CommitId| {
                let made = &story.trees[number(*piece)];
                made.difference(&story.before(number(*piece))).all(|change| story.trees[number(*tip)].contains(change))
            };
            // In any place, as many are there as the groups say.
            let groups = grouped(*merge, &pieces, &ancestry, &story.kin, &story.reverts, &tips);
            for tip in &tips {
                let count = pieces.iter().filter(|piece| is_there(tip, piece)).count();
                let told: usize = groups.iter().filter(|group| is_there(tip, &group.newest)).map(|one| one.count).sum();
                prop_assert_eq!(told, count, "{} at {}: {:?}", merge, tip, groups);
            }
        }
    }

    #[test]
    fn merge_bases_are_the_newest_common_ancestors(deeds in proptest::collection::vec(deed(), 1..40)) {
        let story = Story::told(&deeds);
        let list = story.parents.iter().enumerate();
        let ancestry = Ancestry::new(list.map(|(n, own)| (id(n), own.iter().map(|p| id(*p)).collect())).collect());
        let place = |n: usize| ancestry.place(id(n)).expect("a place");
        for one in 0..story.trees.len() {
            for other in 0..one {
                let common: BTreeSet<usize> = story.reached(one).intersection(&story.reached(other)).copied().collect();
                let best = |commit: &&usize| !common.iter().any(|c| c != *commit && story.reached(*c).contains(commit));
                let expected: BTreeSet<usize> = common.iter().filter(best).map(|n| place(*n)).collect();
                let found: BTreeSet<usize> = ancestry.merge_bases(place(one), place(other)).into_iter().collect();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
