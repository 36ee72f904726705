//! The order of environments: where promotions come from, and what that says about the order to show them in.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};

use super::environment::Environment;
use super::name::EnvironmentName;

/// An environment, as its own branch declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name.
    pub name: EnvironmentName,
    /// Where promotions come from; empty where nothing comes before it.
    pub from: Vec<EnvironmentName>,
    /// The place of its entry in the list of its own file, counted from 0.
    pub position: usize,
}

impl Member {
    /// Takes an environment from the list in the file of its own branch.
    ///
    /// Without `from`, promotions come from the nearest earlier entry of another type. An environment that its file
    /// does not list comes last, and from nowhere.
    pub fn new(name: EnvironmentName, own_file: &[Environment]) -> Self {
        let Some(position) = own_file.iter().position(|entry| entry.name == name) else {
            return Member { name, from: Vec::new(), position: usize::MAX };
        };
        let entry = &own_file[position];
        let from = entry.from.clone().unwrap_or_else(|| {
            let earlier = own_file[..position].iter().rev().find(|earlier| earlier.kind != entry.kind);
            earlier.map(|earlier| earlier.name.clone()).into_iter().collect()
        });
        Member { name, from, position }
    }
}

/// The environments of a release repo with the ways between them.
#[derive(Clone, Debug)]
pub struct Graph {
    /// In the order of the lists: by position, then as they came.
    members: Vec<Member>,
    index: HashMap<EnvironmentName, usize>,
    /// For each member the members that promotions come from, as far as they exist.
    sources: Vec<Vec<usize>>,
    /// For each member the members that come from it.
    targets: Vec<Vec<usize>>,
    /// For each member the number of its group: members that lie on a cycle with each other.
    group: Vec<usize>,
    groups: usize,
}

impl Graph {
    /// Connects the environments; of two with one name the first counts.
    pub fn new(members: impl IntoIterator<Item = Member>) -> Self {
        let mut members: Vec<Member> = members.into_iter().collect();
        members.sort_by_key(|member| member.position);
        let mut index = HashMap::with_capacity(members.len());
        members.retain(|member| {
            let next = index.len();
            *index.entry(member.name.clone()).or_insert(next) == next
        });
        let mut sources = vec![Vec::new(); members.len()];
        let mut targets = vec![Vec::new(); members.len()];
        for (at, member) in members.iter().enumerate() {
            for name in &member.from {
                if let Some(&from) = index.get(name)
                    && !sources[at].contains(&from)
                {
                    sources[at].push(from);
                    targets[from].push(at);
                }
            }
        }
        let (group, groups) = groups_of(&sources, &targets);
        Graph { members, index, sources, targets, group, groups }
    }

    /// The environments along `from`, then as listed.
    ///
    /// Where `from` goes in a circle, its members stand together, as listed.
    pub fn order(&self) -> Vec<&EnvironmentName> {
        let mut inside: Vec<Vec<usize>> = vec![Vec::new(); self.groups];
        let mut waits_for = vec![0_usize; self.groups];
        for at in 0..self.members.len() {
            inside[self.group[at]].push(at);
            waits_for[self.group[at]] += self.sources[at].iter().filter(|from| self.leaves(**from, at)).count();
        }
        // Of the groups that wait for nothing, the one that is listed first is next.
        let mut ready: BinaryHeap<Reverse<(usize, usize)>> = (0..self.groups)
            .filter(|group| waits_for[*group] == 0)
            .map(|group| Reverse((inside[group][0], group)))
            .collect();
        let mut order = Vec::with_capacity(self.members.len());
        while let Some(Reverse((_, group))) = ready.pop() {
            for &at in &inside[group] {
                order.push(&self.members[at].name);
                for &to in self.targets[at].iter().filter(|to| self.leaves(at, **to)) {
                    let next = self.group[to];
                    waits_for[next] -= 1;
                    if waits_for[next] == 0 {
                        ready.push(Reverse((inside[next][0], next)));
                    }
                }
            }
        }
        order
    }

    /// Where promotions to an environment come from, names of unknown environments included.
    pub fn from(&self, name: &EnvironmentName) -> &[EnvironmentName] {
        self.index.get(name).map_or(&[], |at| self.members[*at].from.as_slice())
    }

    /// The environments that promotions from this one go to, as listed.
    pub fn targets(&self, name: &EnvironmentName) -> Vec<&EnvironmentName> {
        let targets = self.index.get(name).map_or(&[][..], |at| self.targets[*at].as_slice());
        targets.iter().map(|to| &self.members[*to].name).collect()
    }

    /// Whether the target's own file lets promotions come from the source.
    pub fn allows(&self, source: &EnvironmentName, target: &EnvironmentName) -> bool {
        self.from(target).contains(source)
    }

    /// The names in some `from` that belong to no environment, each with the environment that has it.
    pub fn unknown(&self) -> Vec<(&EnvironmentName, &EnvironmentName)> {
        let names = self.members.iter().flat_map(|member| member.from.iter().map(move |from| (&member.name, from)));
        names.filter(|(_, from)| !self.index.contains_key(*from)).collect()
    }

    /// The circles: for each one its environments in the direction of promotions, beginning with the one listed first.
    pub fn cycles(&self) -> Vec<Vec<EnvironmentName>> {
        let mut seen = vec![false; self.groups];
        let mut cycles = Vec::new();
        for at in 0..self.members.len() {
            if !std::mem::replace(&mut seen[self.group[at]], true)
                && let Some(path) = self.way_back(at)
            {
                cycles.push(path.into_iter().map(|at| self.members[at].name.clone()).collect());
            }
        }
        cycles
    }

    /// Whether the way between two members leads from one group to another.
    fn leaves(&self, from: usize, to: usize) -> bool {
        self.group[from] != self.group[to]
    }

    /// The shortest way along promotions from a member to itself.
    fn way_back(&self, start: usize) -> Option<Vec<usize>> {
        let mut came_from: HashMap<usize, usize> = HashMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(at) = queue.pop_front() {
            for &to in self.targets[at].iter().filter(|to| !self.leaves(at, **to)) {
                if to == start {
                    let mut path = vec![at];
                    while let Some(&before) = path.last().and_then(|at| came_from.get(at)) {
                        path.push(before);
                    }
                    path.reverse();
                    return Some(path);
                }
                came_from.entry(to).or_insert_with(|| {
                    queue.push_back(to);
                    at
                });
            }
        }
        None
    }
}

/// Groups the members that can reach each other (Kosaraju), without recursion.
fn groups_of(sources: &[Vec<usize>], targets: &[Vec<usize>]) -> (Vec<usize>, usize) {
    let mut finished = Vec::with_capacity(targets.len());
    let mut seen = vec![false; targets.len()];
    for start in 0..targets.len() {
        visit(start, targets, &mut seen, |at| finished.push(at));
    }
    let mut group = vec![0; sources.len()];
    let mut groups = 0;
    let mut seen = vec![false; sources.len()];
    for &start in finished.iter().rev() {
        if !seen[start] {
            visit(start, sources, &mut seen, |at| group[at] = groups);
            groups += 1;
        }
    }
    (group, groups)
}

/// Walks to all that was not seen, and tells of each member when all behind it is told.
fn visit(start: usize, ways: &[Vec<usize>], seen: &mut [bool], mut tell: impl FnMut(usize)) {
    if std::mem::replace(&mut seen[start], true) {
        return;
    }
    let mut stack = vec![(start, 0)];
    while let Some((at, next)) = stack.last_mut() {
        match ways[*at].get(*next) {
            None => {
                tell(*at);
                stack.pop();
            }
            Some(&to) => {
                *next += 1;
                if !std::mem::replace(&mut seen[to], true) {
                    stack.push((to, 0));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::release_file::ReleaseFile;
    use super::*;

    fn name(text: &str) -> EnvironmentName {
        EnvironmentName::parse(text).expect("a name")
    }

    /// Members from `name < source source`, one an entry, in the order of the list.
    fn graph(lines: &[&str]) -> Graph {
        Graph::new(lines.iter().enumerate().map(|(position, line)| {
            let (own, from) = line.split_once('<').unwrap_or((line, ""));
            Member { name: name(own.trim()), from: from.split_whitespace().map(name).collect(), position }
        }))
    }

    fn order(lines: &[&str]) -> String {
        graph(lines).order().iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn file(list: &str) -> Vec<Environment> {
        let text = format!("application: a\nenvironments:\n{list}");
        ReleaseFile::parse("release.yml", text.as_bytes()).expect("a file").environments.to_vec()
    }

    #[test]
    fn from_defaults_to_the_nearest_earlier_entry_of_another_type() {
        let list = file(
            "- {name: dev, type: dev}\n- {name: qa, type: qa}\n- {name: eu, type: prod}\n- {name: cn, type: prod}\n\
             - {name: us, type: prod, from: [eu]}\n- {name: iso, type: prod, from: []}\n",
        );
        for (own, from, position) in
            [("dev", "", 0), ("qa", "dev", 1), ("eu", "qa", 2), ("cn", "qa", 3), ("us", "eu", 4), ("iso", "", 5)]
        {
            let member = Member::new(name(own), &list);
            let names: Vec<_> = member.from.iter().map(EnvironmentName::as_str).collect();
            assert_eq!((names.join(" ").as_str(), member.position), (from, position), "{own}");
        }
        let stranger = Member::new(name("lab"), &list);
        assert_eq!((stranger.from.len(), stranger.position), (0, usize::MAX));
    }

    #[test]
    fn the_order_is_along_from_then_as_listed() {
        assert_eq!(order(&["dev", "qa < dev", "eu < qa", "cn < qa"]), "dev qa eu cn");
        assert_eq!(order(&["prod < qa", "qa < dev", "dev"]), "dev qa prod");
        assert_eq!(order(&["b", "a", "c"]), "b a c");
        assert_eq!(order(&["prod < qa uat", "qa < dev", "uat < dev", "dev", "lab"]), "dev qa uat prod lab");
        assert_eq!(order(&["qa < nowhere", "dev"]), "qa dev");
        assert_eq!(order(&[]), "");
    }

    #[test]
    fn environments_of_several_files_are_merged_by_position() {
        let members = [("prod", 2), ("dev", 0), ("lab", usize::MAX), ("qa", 1), ("old", usize::MAX)]
            .map(|(own, position)| Member { name: name(own), from: Vec::new(), position });
        let graph = Graph::new(members);
        let shown: Vec<_> = graph.order().iter().map(|name| name.as_str()).collect();
        assert_eq!(shown, ["dev", "qa", "prod", "lab", "old"]);
    }

    #[test]
    fn circles_lose_nobody() {
        assert_eq!(order(&["dev", "qa < dev prod", "prod < qa", "last < prod"]), "dev qa prod last");
        assert_eq!(order(&["last < b", "a < b", "b < a"]), "a b last");
        assert_eq!(order(&["a < a", "b"]), "a b");
        let said = |lines: &[&str]| {
            let cycles = graph(lines).cycles();
            cycles.iter().map(|c| c.iter().map(|n| n.as_str()).collect::<Vec<_>>().join(">")).collect::<Vec<_>>()
        };
        assert_eq!(said(&["dev", "qa < dev prod", "prod < qa", "last < prod"]), ["qa>prod"]);
        assert_eq!(said(&["a < c", "b < a", "c < b", "x < y a", "y < x", "s < s"]), ["a>b>c", "x>y", "s"]);
        assert_eq!(said(&["dev", "qa < dev", "prod < qa dev"]), Vec::<String>::new());
    }

    #[test]
    fn ways_can_be_asked_for() {
        let graph = graph(&["dev", "qa < dev gone", "eu < qa", "cn < qa"]);
        assert!(graph.allows(&name("dev"), &name("qa")) && !graph.allows(&name("dev"), &name("eu")));
        assert!(!graph.allows(&name("dev"), &name("gone")));
        let targets: Vec<_> = graph.targets(&name("qa")).iter().map(|n| n.as_str()).collect();
        assert_eq!(targets, ["eu", "cn"]);
        assert_eq!(graph.unknown(), [(&name("qa"), &name("gone"))]);
    }

    #[test]
    fn a_chain_of_many_is_no_trouble() {
        let members = (0..20_000).map(|n| {
            let from = if n == 0 { vec![] } else { vec![name(&format!("e{}", n - 1))] };
            Member { name: name(&format!("e{n}")), from, position: 20_000 - n }
        });
        let graph = Graph::new(members);
        assert_eq!(graph.order().first().map(|n| n.as_str()), Some("e0"));
        assert_eq!(graph.order().len(), 20_000);
    }

    proptest! {
        #[test]
        fn the_order_is_a_permutation_and_edges_go_forward(
            edges in proptest::collection::vec((0..12_usize, 0..14_usize), 0..30),
            positions in proptest::collection::vec(0..6_usize, 12),
        ) {
            let mut members: Vec<Member> = positions
                .iter()
                .enumerate()
                .map(|(n, position)| Member { name: name(&format!("e{n}")), from: Vec::new(), position: *position })
                .collect();
            for (to, from) in edges {
                members[to].from.push(name(&format!("e{from}")));
            }
            let graph = Graph::new(members.clone());
            let order: Vec<_> = graph.order().into_iter().cloned().collect();
            let mut sorted = order.clone();
            sorted.sort();
            let mut all: Vec<_> = members.iter().map(|member| member.name.clone()).collect();
            all.sort();
            prop_assert_eq!(sorted, all);

            let at = |name: &EnvironmentName| order.iter().position(|known| known == name);
            let cycles = graph.cycles();
            let backward = members.iter().any(|member| {
                member.from.iter().any(|from| at(from).is_some_and(|from| Some(from) >= at(&member.name)))
            });
            prop_assert!(!backward || !cycles.is_empty());
            for cycle in &cycles {
                for (n, to) in cycle.iter().enumerate() {
                    let from = &cycle[(n + cycle.len() - 1) % cycle.len()];
                    prop_assert!(graph.allows(from, to), "{cycle:?}");
                }
            }
        }
    }
}
