//! Walking history inside this process, where the clone has a commit-graph; without one the `git` program walks.

use std::collections::{BinaryHeap, HashMap};

use gix::commitgraph;

use crate::domain::ancestry::Ancestry;
use crate::domain::name::CommitId;

use super::repository::Repository;

/// How many commits that the graph does not have are read: as many as take no longer than a call of `git`.
const MOST_OUTSIDE: usize = 1000;

/// How many commits can be told apart while a history is walked: a bit each, beside those below.
pub(super) const MOST_MARKS: usize = 61;
/// Reached from a commit that is hidden, with all below.
const HIDDEN: u64 = 1 << 61;
/// Reached from a commit that is asked for.
const WANTED: u64 = 1 << 62;
/// Below a commit that is no part of the answer.
const BELOW: u64 = 1 << 63;

/// A piece of history.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Piece {
    /// The commits, children before their parents, each with its parents.
    pub commits: Vec<(CommitId, Vec<CommitId>)>,
    /// The newest commits that all those have which the piece was to end at.
    pub ends: Vec<CommitId>,
}

/// Which piece of history is asked for.
pub(super) struct Wanted<'c> {
    /// What is reached from any of these,
    pub tips: &'c [CommitId],
    /// and not from all of these; where there are none, nothing ends it,
    pub common: &'c [CommitId],
    /// and from none of these.
    pub hidden: &'c [CommitId],
}

impl Repository {
    /// A piece of history. `None` where no commit-graph tells it, or where Git looks at more than the graph.
    pub(super) fn piece(&self, wanted: &Wanted<'_>) -> Option<Piece> {
        if wanted.common.len() > MOST_MARKS {
            return None;
        }
        let starts: Vec<CommitId> = [wanted.tips, wanted.common, wanted.hidden].concat();
        Nodes::read(self, &starts)?.walk(wanted)
    }

    /// The commit-graph, where it tells the history as Git sees it. One that can't be read is as good as none: whatever
    /// it has also stands in the commits.
    fn commit_graph(&self) -> Option<&commitgraph::Graph> {
        self.graph.get_or_init(|| self.open_commit_graph()).as_ref()
    }

    fn open_commit_graph(&self) -> Option<commitgraph::Graph> {
        // gix sees no replaced commits in other storages, and knows nothing of grafts.
        let is_plain = self.has_files() && !self.gix.common_dir().join("info/grafts").exists();
        if !is_plain || self.is_shallow().ok()? {
            return None;
        }
        self.gix.commit_graph_if_enabled().ok()?
    }
}

/// Commits by numbers: those of the graph come first, at their position there.
struct Nodes<'g> {
    graph: &'g commitgraph::Graph,
    known: usize,
    /// Commits that are newer than the graph, with the numbers of their parents. The graph has all that is below a commit
    /// which it has.
    outside: Vec<(CommitId, Vec<usize>)>,
    numbers: HashMap<CommitId, usize>,
    order: Ancestry,
}

impl<'g> Nodes<'g> {
    fn read(repository: &'g Repository, starts: &[CommitId]) -> Option<Self> {
        let graph = repository.commit_graph()?;
        let mut open: Vec<CommitId> = starts.to_vec();
        let mut seen = HashMap::new();
        let mut read = Vec::new();
        while let Some(id) = open.pop() {
            if seen.contains_key(&id) || graph.lookup(id.object()).is_some() {
                continue;
            }
            if read.len() == MOST_OUTSIDE || !repository.has_object(id.object()) {
                return None;
            }
            let parents = repository.parents(id).ok()?;
            seen.insert(id, graph.num_commits() as usize + read.len());
            open.extend(&parents);
            read.push((id, parents));
        }
        let order = Ancestry::new(read.clone());
        let mut nodes = Nodes { known: graph.num_commits() as usize, graph, outside: Vec::new(), numbers: seen, order };
        for (id, parents) in read {
            let parents = parents.into_iter().map(|parent| nodes.number(parent)).collect::<Option<Vec<usize>>>()?;
            nodes.outside.push((id, parents));
        }
        Some(nodes)
    }

    fn number(&self, id: CommitId) -> Option<usize> {
        let position = self.graph.lookup(id.object()).map(|position| position.0 as usize);
        position.or_else(|| self.numbers.get(&id).copied())
    }

    fn at(&self, number: usize) -> Option<commitgraph::file::Commit<'g>> {
        // A position is below the number of commits, and that fits.
        let position = u32::try_from(number).ok().filter(|_| number < self.known)?;
        Some(self.graph.commit_at(commitgraph::Position(position)))
    }

    fn id(&self, number: usize) -> CommitId {
        match self.at(number) {
            Some(commit) => CommitId::new(commit.id().to_owned()),
            None => self.outside[number - self.known].0,
        }
    }

    /// The numbers of the parents.
    fn parents(&self, number: usize, found: &mut Vec<usize>) -> Option<()> {
        found.clear();
        match self.at(number) {
            Some(commit) => {
                for parent in commit.iter_parents() {
                    found.push(parent.ok()?.0 as usize);
                }
            }
            None => found.extend(&self.outside[number - self.known].1),
        }
        Some(())
    }

    /// A number that is higher than that of any ancestor. `None` for a graph of an old Git, which knows none.
    fn generation(&self, number: usize) -> Option<u64> {
        match self.at(number) {
            Some(commit) => Some(u64::from(commit.generation())).filter(|generation| *generation > 0),
            None => self.order.rank(self.id(number)).map(|rank| (1 << 32) + rank as u64),
        }
    }

    fn walk(&self, wanted: &Wanted<'_>) -> Option<Piece> {
        let all = wanted.common.iter().enumerate().fold(0, |all, (index, _)| all | 1 << index);
        let ends_it = |mark: u64| (mark & HIDDEN != 0) || (all != 0 && mark & all == all);
        let mut marks: HashMap<usize, u64> = HashMap::new();
        let mut open: BinaryHeap<(u64, usize)> = BinaryHeap::new();
        // How many of those that are open may still be part of the answer, or end it.
        let mut unfinished = 0usize;
        let starts = wanted.common.iter().enumerate().map(|(index, id)| (id, 1 << index));
        let starts = starts.chain(wanted.tips.iter().map(|id| (id, WANTED)));
        for (id, mark) in starts.chain(wanted.hidden.iter().map(|id| (id, HIDDEN))) {
            let number = self.number(*id)?;
            let marked = marks.entry(number).or_default();
            if *marked == 0 {
                open.push((self.generation(number)?, number));
                unfinished += 1;
            }
            *marked |= mark;
        }
        let mut piece = Piece::default();
        let mut parents = Vec::new();
        while unfinished > 0 {
            let Some((generation, number)) = open.pop() else { break };
            let mut mark = marks.get(&number).copied().unwrap_or_default();
            self.parents(number, &mut parents)?;
            if mark & BELOW == 0 {
                unfinished -= 1;
                if ends_it(mark) {
                    if mark & HIDDEN == 0 {
                        piece.ends.push(self.id(number));
                    }
                    mark |= BELOW;
                } else if mark & WANTED != 0 {
                    let parents = parents.iter().map(|parent| self.id(*parent)).collect();
                    piece.commits.push((self.id(number), parents));
                }
            }
            for parent in &parents {
                let marked = marks.entry(*parent).or_default();
                let before = *marked;
                *marked |= mark;
                if before == 0 {
                    let below = self.generation(*parent)?;
                    if below >= generation {
                        return None;
                    }
                    open.push((below, *parent));
                }
                let was_unfinished = before != 0 && before & BELOW == 0;
                match (was_unfinished, mark & BELOW == 0 && before & BELOW == 0) {
                    (false, true) => unfinished += 1,
                    (true, false) => unfinished -= 1,
                    _ => {}
                }
            }
        }
        Some(piece)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};
    use std::fs;

    use gix::ObjectId;
    use gix::objs::{Kind, Write as _};
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    use crate::git::program::Git;

    use super::*;

    /// A new repository whose commits are nothing but ids, parents and times.
    struct Room {
        folder: tempfile::TempDir,
        repository: Repository,
    }

    impl Room {
        fn new(options: &[&str]) -> Room {
            let folder = tempfile::tempdir().expect("a folder");
            let init = sealed(Git::in_folder(folder.path())).args(["init", "-q"]).args(options);
            init.run().expect("a repository");
            let repository = Repository::open(folder.path()).expect("a repository");
            Room { folder, repository }
        }

        fn commit(&self, parents: &[CommitId], at: i64) -> CommitId {
            let tree = ObjectId::empty_tree(self.repository.hash());
            let parents: String = parents.iter().map(|parent| format!("parent {parent}\n")).collect();
            let who = format!("A <a@b> {at} +0000");
            let text = format!("tree {tree}\n{parents}author {who}\ncommitter {who}\n\nx\n");
            let written = self.repository.gix.objects.write_buf(Kind::Commit, text.as_bytes());
            CommitId::new(written.expect("an object"))
        }

        fn graph(&self, tips: &[CommitId]) {
            let input: String = tips.iter().map(|tip| format!("{tip}\n")).collect();
            let write = sealed(self.repository.git()).args(["commit-graph", "write", "--stdin-commits"]);
            write.input(input).run().expect("a graph");
        }

        fn knows(&self, tip: CommitId) -> bool {
            let again = Repository::open(self.folder.path()).expect("a repository");
            again.piece(&Wanted { tips: &[tip], common: &[], hidden: &[] }).is_some()
        }
    }

    fn sealed(git: Git) -> Git {
        git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null")
    }

    fn ancestors(parents: &[Vec<usize>], of: usize) -> BTreeSet<usize> {
        let mut reached = BTreeSet::new();
        let mut open = vec![of];
        while let Some(one) = open.pop() {
            if reached.insert(one) {
                open.extend(&parents[one]);
            }
        }
        reached
    }

    #[test]
    fn a_piece_is_what_can_be_walked_to() {
        let room = Room::new(&[]);
        let some = || btree_set(0usize..40, 0..4);
        let history = vec((vec(0usize..40, 0..3), 0i64..50), 1..40);
        let config = ProptestConfig { failure_persistence: None, cases: 60, ..ProptestConfig::default() };
        proptest!(config, |(history in history, graphed in 1usize..40, tips in some(), common in some(), hidden in some())| {
            let mut parents: Vec<Vec<usize>> = Vec::new();
            let mut ids: Vec<CommitId> = Vec::new();
            for (index, (own, at)) in history.iter().enumerate() {
                let own: BTreeSet<usize> = own.iter().filter(|_| index > 0).map(|parent| parent % index).collect();
                let own: Vec<usize> = own.into_iter().collect();
                let named: Vec<CommitId> = own.iter().map(|parent| ids[*parent]).collect();
                // Clocks are wrong, and no two commits are the same.
                ids.push(room.commit(&named, 1_700_000_000 + at * 1000 + index as i64));
                parents.push(own);
            }
            room.graph(&ids[..graphed.min(ids.len())]);
            let among = |set: &BTreeSet<usize>| -> BTreeSet<usize> { set.iter().map(|n| n % ids.len()).collect() };
            let (tips, common, hidden) = (among(&tips), among(&common), among(&hidden));
            let named = |set: &BTreeSet<usize>| -> Vec<CommitId> { set.iter().map(|n| ids[*n]).collect() };
            let (asked, bottoms, below) = (named(&tips), named(&common), named(&hidden));
            let piece = room.repository.piece(&Wanted { tips: &asked, common: &bottoms, hidden: &below });
            let piece = piece.expect("a piece");

            let all = |from: &BTreeSet<usize>| -> BTreeSet<usize> {
                from.iter().flat_map(|tip| ancestors(&parents, *tip)).collect()
            };
            let in_common: BTreeSet<usize> = (0..ids.len())
                .filter(|n| !common.is_empty() && common.iter().all(|tip| ancestors(&parents, *tip).contains(n)))
                .collect();
            let out = all(&hidden);
            let expected: HashSet<CommitId> =
                all(&tips).difference(&in_common).filter(|n| !out.contains(n)).map(|n| ids[*n]).collect();
            let found: HashSet<CommitId> = piece.commits.iter().map(|(id, _)| *id).collect();
            prop_assert_eq!(&found, &expected);
            prop_assert_eq!(found.len(), piece.commits.len());
            for (place, (id, own)) in piece.commits.iter().enumerate() {
                let number = ids.iter().position(|known| known == id).expect("a commit of this history");
                prop_assert_eq!(own, &parents[number].iter().map(|parent| ids[*parent]).collect::<Vec<_>>());
                prop_assert!(piece.commits[..place].iter().all(|(before, _)| !own.contains(before)), "children come first");
            }
            let newest: HashSet<CommitId> = in_common
                .iter()
                .filter(|n| !out.contains(n))
                .filter(|n| !in_common.iter().any(|m| m != *n && ancestors(&parents, *m).contains(n)))
                .map(|n| ids[*n])
                .collect();
            prop_assert_eq!(piece.ends.into_iter().collect::<HashSet<_>>(), newest);
        });
    }

    #[test]
    fn only_a_graph_that_tells_what_git_sees_is_read() {
        let room = Room::new(&[]);
        let one = room.commit(&[], 1);
        let two = room.commit(&[one], 2);
        assert!(!room.knows(two), "without a graph");
        room.graph(&[two]);
        assert!(room.knows(two));
        let git = |args: &[&str]| sealed(room.repository.git()).args(args).run().expect("a call");
        git(&["config", "core.commitGraph", "false"]);
        assert!(!room.knows(two), "switched off");
        git(&["config", "--unset", "core.commitGraph"]);
        for (file, content) in [("info/grafts", format!("{two}\n")), ("shallow", format!("{two}\n"))] {
            let path = room.repository.git_dir().join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(&path, content).expect("a file");
            assert!(!room.knows(two), "{file}");
            fs::remove_file(path).expect("a file");
        }
        let other = room.commit(&[], 3);
        git(&["replace", &two.to_string(), &other.to_string()]);
        assert!(!room.knows(two), "replaced");
        git(&["replace", "-d", &two.to_string()]);
        assert!(room.knows(two));
        let path = room.repository.git_dir().join("objects/info/commit-graph");
        let whole = fs::read(&path).expect("a graph");
        for length in [0, 10, 100, whole.len() / 2, whole.len() - 30] {
            // The file can't be written to.
            fs::remove_file(&path).expect("a graph");
            fs::write(&path, &whole[..length]).expect("a graph");
            room.knows(two);
        }
        fs::remove_file(&path).expect("a graph");
        assert!(!room.knows(two), "nothing is remembered");
    }

    #[test]
    fn more_than_a_few_commits_outside_of_the_graph_are_left_to_git() {
        let room = Room::new(&[]);
        let mut tip = room.commit(&[], 1);
        room.graph(&[tip]);
        for n in 0..MOST_OUTSIDE {
            tip = room.commit(&[tip], 2 + n as i64);
        }
        assert!(room.knows(tip));
        let next = room.commit(&[tip], 1_000_000);
        assert!(!room.knows(next));
    }

    #[test]
    fn a_graph_of_longer_ids_is_read_as_well() {
        let room = Room::new(&["--object-format=sha256"]);
        let one = room.commit(&[], 1);
        let two = room.commit(&[one], 2);
        room.graph(&[two]);
        let piece = room.repository.piece(&Wanted { tips: &[two], common: &[one], hidden: &[] });
        assert_eq!(piece, Some(Piece { commits: vec![(two, vec![one])], ends: vec![one] }));
    }
}
