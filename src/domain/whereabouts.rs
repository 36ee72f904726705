//! Where an issue, a commit or a version is: which environments have it, since when, and where it waits.

use std::collections::{BTreeMap, HashMap};

use super::diff::Change;
use super::graph::Graph;
use super::name::{CommitId, EnvironmentName, RepositoryName};
use super::problem::Problem;
use super::sought::{Found, Part};
use super::text::shell_word;
use super::version::Version;
use super::word::words;

words! {
    /// What was asked for.
    pub enum Kind {
        /// An issue key.
        Issue = "issue",
        /// A commit.
        Commit = "commit",
        /// A version or a tag.
        Version = "version",
    }
}

/// The answer.
#[derive(Clone, Debug)]
pub struct Whereabouts {
    /// What was asked for.
    pub what: String,
    /// What that is.
    pub kind: Kind,
    /// The commits that it consists of.
    pub commits: Vec<(RepositoryName, Change)>,
    /// Those of the commits that stand for several that a merge has brought.
    pub parts: HashMap<CommitId, Part>,
    /// The environments, in the order in which they are shown.
    pub places: Vec<Place>,
    /// From where to where it can go next.
    pub waits: Vec<Wait>,
    /// The repositories whose default branch has all that they have of it.
    pub on_default: Vec<RepositoryName>,
    /// When the oldest clone that was read was brought up to date, in seconds since 1970.
    pub fetched_at: Option<i64>,
    /// What should be known about the answer.
    pub warnings: Vec<Problem>,
}

/// One environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub environment: EnvironmentName,
    /// What it declares now, as text.
    pub holds: Option<String>,
    /// Whether its branch declares no version, as something else says what is deployed.
    pub from_outside: bool,
    /// How much of it there is in what it declares; `None` where that is not known.
    pub share: Option<Share>,
    /// What ran last there, where a record says so.
    pub ran: Option<RanThere>,
    /// Since when, in seconds since 1970, where the history of the environment tells.
    pub since: Option<i64>,
    /// The version that it came with; of what is there no more, the last one that had it; `None` where that is not known.
    pub version: Option<String>,
}

/// What was last deployed to an environment with success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RanThere {
    /// What was deployed, as `version:` says it.
    pub version: Option<String>,
    /// The tag.
    pub tag: Option<String>,
    /// When it ended, RFC 3339.
    pub at: String,
    /// How much of it there was in that; `None` where that is not known.
    pub share: Option<Share>,
}

/// How much of something a set of commits has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// What it has.
    pub there: usize,
    /// What it has under another id.
    pub under_another_id: Vec<CommitId>,
    /// What it lacks.
    pub missing: Vec<(RepositoryName, CommitId)>,
    /// What it has, and has taken back.
    pub undone: Vec<(RepositoryName, CommitId)>,
    /// What it may have below the end of a history that is cut off.
    pub unknown: usize,
    /// The changes that it lacks, or has taken back, by their numbers; each with a commit that stands for it.
    pub lacking: BTreeMap<usize, (RepositoryName, CommitId)>,
}

impl Share {
    /// Whether everything is there.
    pub fn is_whole(&self) -> bool {
        self.there > 0 && self.missing.is_empty() && self.undone.is_empty() && self.unknown == 0
    }

    /// Whether some is there, and some is not.
    pub fn is_part(&self) -> bool {
        self.there > 0 && !self.is_whole()
    }

    /// What it lacks of what another one has.
    fn lacks_of(&self, other: &Share) -> Vec<(RepositoryName, CommitId)> {
        let lacked = self.lacking.iter().filter(|(number, _)| !other.lacking.contains_key(number));
        lacked.map(|(_, commit)| commit.clone()).collect()
    }

    /// Adds a change, by its number: how it is in each repository that could have it, with its first commit there; `None`
    /// for those that are no part of what is looked at. One that has it is enough, but if it was taken back in another one,
    /// that counts.
    pub fn add<'n>(
        &mut self,
        number: usize,
        found: impl Iterator<Item = (&'n RepositoryName, CommitId, Option<Found>)> + Clone,
    ) {
        let named = |kind: Option<Found>| {
            let of_kind = found.clone().filter(move |(_, _, found)| *found == kind);
            of_kind.map(|(name, commit, _)| (name.clone(), commit))
        };
        let there = found.clone().find_map(|(_, _, found)| match found {
            Some(Found::There(other)) => Some(other),
            _ => None,
        });
        let undone: Vec<_> = named(Some(Found::Undone)).collect();
        if let Some(other) = there {
            self.there += 1;
            self.under_another_id.extend(other.filter(|other| !self.under_another_id.contains(other)));
        } else if named(Some(Found::Unknown)).next().is_some() {
            self.unknown += 1;
        } else if undone.is_empty()
            && let Some(missing) = named(Some(Found::Missing)).chain(named(None)).next()
        {
            self.lacking.insert(number, missing.clone());
            self.missing.push(missing);
        }
        self.lacking.extend(undone.first().map(|first| (number, first.clone())));
        self.undone.extend(undone);
    }
}

impl Place {
    /// Whether everything is there.
    pub fn has(&self) -> bool {
        self.share.as_ref().is_some_and(Share::is_whole)
    }

    /// Whether some is there, and some is not.
    pub fn partly(&self) -> bool {
        self.share.as_ref().is_some_and(Share::is_part)
    }

    /// Whether what ran last has everything.
    pub fn ran_has_all(&self) -> bool {
        self.ran.as_ref().and_then(|ran| ran.share.as_ref()).is_some_and(Share::is_whole)
    }

    /// Whether what ran last has at least a part of it.
    pub fn ran_has_some(&self) -> bool {
        self.ran.as_ref().and_then(|ran| ran.share.as_ref()).is_some_and(|share| share.there > 0)
    }

    /// What ran last, where the answer for it is another one than for what is declared.
    pub fn ran_otherwise(&self) -> Option<&RanThere> {
        let answer = |share: &Option<Share>| share.as_ref().map(|share| (share.is_whole(), share.is_part()));
        self.ran.as_ref().filter(|ran| answer(&ran.share) != answer(&self.share))
    }
}

/// An environment that has something, or a part of it, and the next one, which does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The one that has it.
    pub from: EnvironmentName,
    /// The one that takes promotions from there.
    pub to: EnvironmentName,
    /// Whether the first one has all of it.
    pub is_whole: bool,
    /// What the next one would get.
    pub brings: Vec<(RepositoryName, CommitId)>,
    /// What the next one has, and would lose.
    pub takes: Vec<(RepositoryName, CommitId)>,
    /// The version that must be named, as the first one declares none or the other one takes none from its branch; empty
    /// where no version is known.
    pub version: Option<String>,
    /// How it gets there.
    pub way: Way,
}

/// How something gets from one environment to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// By a promotion.
    Promotion,
    /// By a deployment, as the next one's branch declares no version.
    Deployment,
    /// Not at all: the next one holds this version, which is higher than the first one's. A later version has to bring it.
    Overtaken(Version),
}

impl Wait {
    /// What to type; `None` where it would be a step back, or lose another part of the same.
    pub fn command(&self) -> Option<String> {
        if !self.takes.is_empty() {
            return None;
        }
        let version = match self.version.as_deref() {
            None => String::new(),
            Some("") => " --version VERSION".to_owned(),
            Some(version) => format!(" --version {}", shell_word(version)),
        };
        match self.way {
            Way::Promotion => Some(format!("relman promote {} {}{version}", self.from, self.to)),
            Way::Deployment => Some(format!("relman deploy {}{version}", self.to)),
            Way::Overtaken(_) => None,
        }
    }
}

/// Where something waits: along every edge whose beginning has it and whose end does not. An issue may arrive in parts, so
/// that one waits as well where the beginning has any of it that the end lacks.
pub fn waits(places: &[Place], graph: &Graph, kind: Kind) -> Vec<Wait> {
    let by_name: BTreeMap<&EnvironmentName, &Place> = places.iter().map(|place| (&place.environment, place)).collect();
    let mut waits = Vec::new();
    for to in places.iter().filter(|place| !place.has()) {
        for from in graph.from(&to.environment) {
            let Some(source) = by_name.get(from) else { continue };
            let (Some(has), Some(lacks)) = (&source.share, &to.share) else { continue };
            let brings = lacks.lacks_of(has);
            if brings.is_empty() || (kind != Kind::Issue && !has.is_whole()) {
                continue;
            }
            let holds = source.holds.as_deref().unwrap_or("WIP");
            // Parsed, so that nothing stands in a command that a shell would take for something else.
            let known = Version::parse(holds).ok();
            let current = to.holds.as_deref().and_then(|text| Version::parse(text).ok());
            let way = match (known.as_ref().and_then(Version::semver), current.as_ref().and_then(Version::semver)) {
                (Some(new), Some(old)) if new < old => current.map_or(Way::Promotion, Way::Overtaken),
                _ if to.from_outside => Way::Deployment,
                _ => Way::Promotion,
            };
            let is_named = known.is_none() || source.from_outside || to.from_outside;
            let version = is_named.then(|| known.map(|version| version.to_string()).unwrap_or_default());
            waits.push(Wait {
                from: from.clone(),
                to: to.environment.clone(),
                is_whole: has.is_whole(),
                brings,
                takes: has.lacks_of(lacks),
                version,
                way,
            });
        }
    }
    waits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ancestry::Ancestry;
    use crate::domain::presence::Reverts;
    use crate::domain::sought::{Sought, Spot, distinct};

    fn id(n: usize) -> CommitId {
        CommitId::parse(&format!("{n:040x}")).expect("an id")
    }

    /// 1 — 2 — 3 — 4 — 5, and 6 on 1.
    fn history() -> Ancestry {
        let line = [(1, vec![]), (2, vec![1]), (3, vec![2]), (4, vec![3]), (5, vec![4]), (6, vec![1])];
        Ancestry::new(line.into_iter().map(|(n, parents)| (id(n), parents.into_iter().map(id).collect())).collect())
    }

    fn share(sought: &Sought, tip: usize) -> Share {
        held(sought, tip, false)
    }

    fn held(sought: &Sought, tip: usize, is_cut: bool) -> Share {
        let history = history();
        let present = sought.in_history(&history);
        let name = RepositoryName::parse("lib").expect("a name");
        let mut share = Share::default();
        for (number, change) in sought.changes.iter().enumerate() {
            let found = sought.found(number, id(tip), &present, is_cut);
            share.add(number, [(&name, change[0], Some(found))].into_iter());
        }
        share
    }

    #[test]
    fn what_is_typed_to_go_on_is_what_relman_takes() {
        let name = |text: &str| EnvironmentName::parse(text).expect("a name");
        let command = |version: Option<&str>, way: Way| {
            let version = version.map(str::to_owned);
            let (from, to) = (name("qa"), name("prod"));
            Wait { from, to, is_whole: true, brings: Vec::new(), takes: Vec::new(), version, way }.command()
        };
        assert_eq!(command(None, Way::Promotion).as_deref(), Some("relman promote qa prod"));
        assert_eq!(command(Some(""), Way::Promotion).as_deref(), Some("relman promote qa prod --version VERSION"));
        assert_eq!(command(Some("1.2.0"), Way::Deployment).as_deref(), Some("relman deploy prod --version 1.2.0"));
        assert_eq!(command(None, Way::Overtaken(Version::parse("1.2.0").expect("a version"))), None);
    }

    #[test]
    fn all_some_and_none() {
        let sought = Sought { changes: vec![vec![id(2)], vec![id(3)]], ..Sought::default() };
        assert!(share(&sought, 4).is_whole());
        assert!(share(&sought, 2).is_part());
        assert_eq!((share(&sought, 1).there, share(&sought, 1).is_part()), (0, false));
    }

    #[test]
    fn a_pick_is_as_good_and_says_so() {
        let sought = Sought { changes: vec![vec![id(3), id(6)]], ..Sought::default() };
        let picked = share(&sought, 6);
        assert!(picked.is_whole());
        assert_eq!(picked.under_another_id, [id(6)]);
        assert!(share(&sought, 3).under_another_id.is_empty());
    }

    #[test]
    fn what_was_taken_back_is_not_there_until_it_comes_again() {
        let reverts = Reverts::from([(id(4), vec![id(3)]), (id(3), vec![id(2)])]);
        let sought = Sought { changes: vec![vec![id(2)]], reverts, ..Sought::default() };
        assert!(share(&sought, 2).is_whole());
        assert_eq!(share(&sought, 3).undone.len(), 1);
        assert!(share(&sought, 5).is_whole());
    }

    #[test]
    fn a_change_that_several_repositories_have_counts_once() {
        let (lib, library) =
            (RepositoryName::parse("lib").expect("a name"), RepositoryName::parse("library").expect("a name"));
        let one = Sought { changes: vec![vec![id(2)]], ..Sought::default() };
        let two = Sought { changes: vec![vec![id(3)], vec![id(6), id(2)]], ..Sought::default() };
        let spot = |repository, number| Spot { repository, number };
        assert_eq!(distinct(&[&one, &two]), [vec![spot(0, 0), spot(1, 1)], vec![spot(1, 0)]]);

        let of = |in_lib: Option<Found>, in_library: Option<Found>| {
            let mut share = Share::default();
            share.add(0, [(&lib, id(2), in_lib), (&library, id(2), in_library)].into_iter());
            share
        };
        let there = Some(Found::There(None));
        assert!(of(None, there).is_whole() && of(Some(Found::Missing), there).is_whole());
        assert!(of(there, Some(Found::Undone)).is_part(), "one of them has taken it back");
        assert_eq!(of(None, Some(Found::Missing)).missing, [(library.clone(), id(2))]);
        assert_eq!(of(None, None).missing, [(lib.clone(), id(2))]);
        assert_eq!(of(Some(Found::Unknown), Some(Found::Missing)).unknown, 1);
    }

    #[test]
    fn what_a_cut_history_lacks_is_not_known() {
        let sought = Sought { changes: vec![vec![id(6)], vec![id(2)]], ..Sought::default() };
        let cut = held(&sought, 3, true);
        assert_eq!((cut.there, cut.unknown, cut.missing.len(), cut.is_whole()), (1, 1, 0, false));
        assert_eq!((share(&sought, 3).unknown, share(&sought, 3).missing.len()), (0, 1));
    }
}
