//! What must be known beside the commits that differ between two others, to tell what they come to: what they name, and
//! what both sides have beside them. No more history is read than that.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::domain::ancestry::Ancestry;
use crate::domain::diff::{Around, Content, Differing};
use crate::domain::history::Commit;
use crate::domain::issues::Projects;
use crate::domain::message;
use crate::domain::name::CommitId;
use crate::domain::runs::Suspects;

use super::merges::MOST_MERGED;
use super::named::Named;
use super::repository::Repository;
use super::threads::both;
use super::{Error, Result};

/// A comparison, as its surroundings are read.
struct Comparison<'l> {
    tips: (CommitId, CommitId),
    list: &'l [Differing],
    listed: HashSet<CommitId>,
    /// Whether contents were lacking that had to be compared.
    lacks_contents: Cell<bool>,
}

impl Comparison<'_> {
    /// What came of comparing contents; nothing, where the clone lacks them.
    fn known<T: Default>(&self, found: Option<T>) -> T {
        self.lacks_contents.set(self.lacks_contents.get() || found.is_none());
        found.unwrap_or_default()
    }
}

impl Repository {
    /// What must be known around the commits of a comparison.
    pub(super) fn around(&self, tips: (CommitId, CommitId), list: &[Differing]) -> Result<Around> {
        let listed: HashSet<CommitId> = list.iter().map(|one| one.commit.id).collect();
        let compared = Comparison { tips, list, listed, lacks_contents: Cell::new(false) };
        let mut around = Around { tips: Some(tips), ..Around::default() };
        let mut named = self.named_by(list)?;
        around.twins = self.brought_again(&compared, &mut named)?;
        let common;
        (around.elsewhere, common) = self.by_side(&compared, named.found)?;
        let origins = picked_by_one(&compared, &around.elsewhere);
        let mut beside = || {
            let (mut heads, mut bottoms) = edges(list, &compared.listed);
            // A shallow clone ends at commits whose parents it does not have.
            [&mut heads, &mut bottoms].into_iter().for_each(|ids| ids.retain(|id| self.has_object(id.object())));
            let beside = self.beside(&heads, &bottoms)?;
            around.common = self.above_named(&compared, &common, (&heads, &bottoms), &beside)?;
            self.hear_elsewhere(&mut around, &compared.listed)?;
            self.add_twins(&mut around, &compared, &heads, &beside)?;
            self.squashes(&compared, &mut around)?;
            Ok::<_, Error>(())
        };
        if origins.is_empty() {
            beside()?;
        } else {
            // Both wait for Git most of the time.
            let folder = self.git_dir();
            let (twins, done) =
                both(|| Repository::open(folder)?.repeating(&origins, &[tips.0, tips.1], &[]), &mut beside);
            done?;
            around.twins.extend(compared.known(twins?));
        }
        around.lacks_contents = compared.lacks_contents.get();
        Ok(around)
    }

    /// What is taken back may have been brought again under another id, which is named by that.
    fn brought_again(&self, compared: &Comparison<'_>, named: &mut Named) -> Result<Vec<(CommitId, CommitId)>> {
        let brings = |commit: &&Commit| {
            named.taken_back.contains(&commit.id) && !message::is_revert(&commit.message) && commit.parents.len() < 2
        };
        let taken_back: Vec<CommitId> = named.found.iter().filter(brings).map(|commit| commit.id).collect();
        if taken_back.is_empty() {
            return Ok(Vec::new());
        }
        let again = compared.known(self.repeating(&taken_back, &[compared.tips.0, compared.tips.1], &[])?);
        for (_, other) in &again {
            named.add(self, *other)?;
        }
        Ok(again)
    }

    /// Tells commits that are not listed apart: those that neither side has, and those that both have.
    fn by_side(&self, compared: &Comparison<'_>, commits: Vec<Commit>) -> Result<(Vec<Commit>, Vec<Commit>)> {
        let ids: Vec<CommitId> = commits.iter().map(|commit| commit.id).collect();
        let elsewhere: HashSet<CommitId> = self.outside_of(&ids, &[compared.tips.0])?.into_iter().collect();
        Ok(commits.into_iter().partition(|commit| elsewhere.contains(&commit.id)))
    }

    /// The commits that both sides have and that tell what became of some of them, which are named: all that stand above
    /// one of those, or that a merge among them has brought.
    fn above_named(
        &self,
        compared: &Comparison<'_>,
        named: &[Commit],
        (heads, bottoms): (&[CommitId], &[CommitId]),
        beside: &[CommitId],
    ) -> Result<Vec<Commit>> {
        let mut below: Vec<CommitId> = named.iter().map(|commit| commit.id).collect();
        for merge in named.iter().filter(|commit| commit.parents.len() > 1) {
            below.extend(self.commits_between(merge.parents.first().copied(), merge.id)?);
        }
        let ids: Vec<CommitId> = if below.is_empty() {
            beside.to_vec()
        } else {
            let above = self.history_above(&[bottoms, &below].concat(), heads)?;
            above.into_iter().map(|(id, _)| id).filter(|id| !compared.listed.contains(id)).collect()
        };
        ids.into_iter().map(|id| self.commit(id)).collect()
    }

    /// The commits that both sides have and that not all of the others stand on; they end at `heads`.
    fn beside(&self, heads: &[CommitId], bottoms: &[CommitId]) -> Result<Vec<CommitId>> {
        if heads.len() < 2 || bottoms.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.history_above(bottoms, heads)?.into_iter().map(|(id, _)| id).collect())
    }

    /// Reads what commits that both sides have say that they repeat.
    fn hear_elsewhere(&self, around: &mut Around, listed: &HashSet<CommitId>) -> Result<()> {
        let mut known: HashSet<CommitId> = listed.clone();
        known.extend(around.common.iter().chain(&around.elsewhere).map(|commit| commit.id));
        let origins = around.common.iter().flat_map(|commit| message::picked_from(&commit.message));
        for id in origins.collect::<BTreeSet<CommitId>>() {
            if known.insert(id) && self.is_commit(id)? {
                around.elsewhere.push(self.commit(id)?);
            }
        }
        Ok(())
    }

    /// Finds branches that one side or both have merged, or have commit by commit, and that the other side, or one of them,
    /// has as one commit.
    fn squashes(&self, compared: &Comparison<'_>, around: &mut Around) -> Result<()> {
        let all = compared.list.iter().map(|one| &one.commit).chain(&around.common);
        let ancestry = Ancestry::new(all.map(|commit| (commit.id, commit.parents.clone())).collect());
        let mut suspects = Vec::new();
        for is_given in [true, false] {
            let (merges, commits) = maybe_squashed(compared.list, &around.common, is_given);
            let found = compared.known(self.squashes_among(&merges, &commits)?);
            let is_one = |squash: &CommitId, merge: &CommitId| {
                let is_listed = [squash, merge].into_iter().any(|one| compared.listed.contains(one));
                is_listed && !ancestry.brought_by(*merge).contains(squash)
            };
            around.squashes.extend(found.into_iter().filter(|(squash, merge)| is_one(squash, merge)));
            suspects.extend(maybe_rebased(compared.list, &around.common, &ancestry, is_given));
        }
        around.runs = compared.known(self.squashed_runs(&suspects, &ancestry)?);
        let doubtful = merges_in_part(compared.list, &ancestry);
        around.adding = compared.known(self.adding_themselves(&doubtful)?);
        Ok(())
    }

    /// Finds commits of the same content: among those that Git has marked, where it matters which they are, and among the
    /// ones of the list and those that both sides have beside them.
    fn add_twins(
        &self,
        around: &mut Around,
        comparison: &Comparison<'_>,
        heads: &[CommitId],
        beside: &[CommitId],
    ) -> Result<()> {
        let list = comparison.list;
        let said = list.iter().map(|one| &one.commit).chain(&around.common);
        let mut compared: Vec<CommitId> = Vec::new();
        if said.into_iter().any(|commit| message::is_revert(&commit.message)) {
            let is_marked = |one: &&Differing| one.content == Content::Same;
            compared.extend(list.iter().filter(is_marked).map(|one| one.commit.id));
        }
        if !beside.is_empty() {
            let all = list.iter().map(|one| &one.commit).chain(&around.common);
            let ancestry = Ancestry::new(all.map(|commit| (commit.id, commit.parents.clone())).collect());
            let contained = ancestry.containing(heads.iter().copied());
            let is_plain = |one: &&Differing| one.commit.parents.len() < 2 && one.content != Content::Nothing;
            let lacks = |one: &&Differing| heads.iter().any(|head| !contained.has(one.commit.id, *head));
            let ours: Vec<CommitId> = list.iter().filter(is_plain).filter(lacks).map(|one| one.commit.id).collect();
            compared.extend(comparison.known(self.touching_the_same(&ours, beside)?));
        }
        let (picked, others) = picked_to_fit(list);
        compared.extend(comparison.known(self.touching_the_same(&picked, &others)?));
        around.twins.extend(comparison.known(self.twins_among(&compared)?));
        Ok(())
    }
}

/// What one side alone repeats of a third branch; it may have come to the other one without a note.
fn picked_by_one(compared: &Comparison<'_>, elsewhere: &[Commit]) -> Vec<CommitId> {
    let mut sides: HashMap<CommitId, [bool; 2]> = HashMap::new();
    for one in compared.list.iter().filter(|one| one.content == Content::Own) {
        for origin in message::picked_from(&one.commit.message) {
            sides.entry(origin).or_default()[usize::from(one.is_given)] = true;
        }
    }
    let is_lopsided = |commit: &&Commit| sides.get(&commit.id).is_some_and(|sides| sides[0] != sides[1]);
    elsewhere.iter().filter(is_lopsided).map(|commit| commit.id).collect()
}

/// The merges that one side or both have, and the commits of the other one or of both that may be the same branch, squashed:
/// they name the same issue, be it in the newest commit that was merged, or one has the words of the other, as a pick has.
fn maybe_squashed(list: &[Differing], common: &[Commit], is_given: bool) -> (Vec<CommitId>, Vec<CommitId>) {
    let projects = Projects::default();
    let all = list.iter().map(|one| &one.commit).chain(common);
    let by_id: HashMap<CommitId, &Commit> = all.map(|commit| (commit.id, commit)).collect();
    let on_this_side = list.iter().filter(|one| one.is_given == is_given).map(|one| &one.commit);
    let merges = on_this_side.chain(common).filter(|commit| commit.parents.len() > 1).map(|merge| {
        let tips = merge.parents.iter().skip(1).filter_map(|tip| by_id.get(tip));
        let said = tips.map(|tip| tip.message.as_str()).chain([merge.message.as_str()]);
        (merge.id, said.flat_map(|message| projects.keys(message)).chain(words_of_merge(merge)).collect::<Vec<_>>())
    });
    let merges: Vec<(CommitId, Vec<String>)> = merges.filter(|(_, keys)| !keys.is_empty()).collect();
    if merges.is_empty() {
        return Default::default();
    }
    let own = own(list, !is_given).chain(plain(common));
    let said = |one: &Commit| projects.keys(&one.message).into_iter().chain(words_of_merge(one)).collect();
    let own: Vec<(CommitId, Vec<String>)> = own.map(|one| (one.id, said(one))).collect();
    let named = |list: &[(CommitId, Vec<String>)]| -> HashSet<String> {
        list.iter().flat_map(|(_, keys)| keys).cloned().collect()
    };
    let both: HashSet<String> = named(&merges).intersection(&named(&own)).cloned().collect();
    let of_both = |list: Vec<(CommitId, Vec<String>)>| {
        list.into_iter().filter(|(_, keys)| keys.iter().any(|key| both.contains(key))).map(|(id, _)| id).collect()
    };
    (of_both(merges), of_both(own))
}

/// By issue, the commits that may be a branch, squashed, and those that may be its parts, of which one side or the other has
/// only one: they name the same issue, be it by the merge that has brought them.
fn maybe_rebased(list: &[Differing], common: &[Commit], ancestry: &Ancestry, is_given: bool) -> Vec<Suspects> {
    let projects = Projects::default();
    let by_key = |whole: &mut dyn Iterator<Item = &Commit>| {
        let mut by_key: BTreeMap<String, Suspects> = BTreeMap::new();
        for commit in whole.filter(|commit| !message::is_revert(&commit.message)) {
            for key in projects.keys(&commit.message) {
                by_key.entry(key).or_default().whole.push(commit.id);
            }
        }
        by_key
    };
    let on_other_side = list.iter().filter(|one| one.is_given != is_given).map(|one| &one.commit);
    let mut found = Vec::new();
    for is_common in [false, true] {
        let mut by_key = match is_common {
            false => by_key(&mut own(list, is_given)),
            true => by_key(&mut plain(common)),
        };
        if by_key.is_empty() {
            continue;
        }
        let with_common = if is_common { &[] } else { common };
        let plain: HashSet<CommitId> = own(list, !is_given).chain(plain(with_common)).map(|commit| commit.id).collect();
        for commit in on_other_side.clone().chain(with_common) {
            let mut meant: Option<Vec<CommitId>> = None;
            for key in projects.keys(&commit.message) {
                let Some(suspects) = by_key.get_mut(&key) else { continue };
                let meant = meant.get_or_insert_with(|| [vec![commit.id], ancestry.brought_by(commit.id)].concat());
                suspects.parts.extend(meant.iter().filter(|one| plain.contains(one)));
            }
        }
        found.extend(by_key.into_values().filter(|suspects| !suspects.parts.is_empty()));
    }
    found
}

/// The merges that name an issue and of which the other side has something under another id: what they add themselves may
/// be lacking there.
fn merges_in_part(list: &[Differing], ancestry: &Ancestry) -> Vec<CommitId> {
    let projects = Projects::default();
    let picked: HashSet<CommitId> = list.iter().flat_map(|one| message::picked_from(&one.commit.message)).collect();
    let same = list.iter().filter(|one| one.content == Content::Same).map(|one| one.commit.id);
    let elsewhere: HashSet<CommitId> = same.chain(picked).collect();
    if elsewhere.is_empty() {
        return Vec::new();
    }
    let merges = list.iter().map(|one| &one.commit).filter(|commit| commit.parents.len() > 1);
    let in_part = merges.filter(|merge| {
        !projects.keys(&merge.message).is_empty()
            && ancestry.brought_by(merge.id).iter().any(|commit| elsewhere.contains(commit))
    });
    in_part.map(|merge| merge.id).take(MOST_MERGED).collect()
}

/// The first line of a message, where it is that of a merge.
fn words_of_merge(commit: &Commit) -> Option<String> {
    message::merge(&commit.message).map(|_| commit.subject().to_owned())
}

/// The commits of one side, without merges and what changes nothing; nor what the other one has changed in the same way, but
/// where something takes back, as that may be it.
fn own(list: &[Differing], is_given: bool) -> impl Iterator<Item = &Commit> {
    let takes_back = list.iter().any(|one| message::is_revert(&one.commit.message));
    let is_own = move |one: &&Differing| {
        one.is_given == is_given && (one.content == Content::Own || takes_back && one.content == Content::Same)
    };
    list.iter().filter(is_own).map(|one| &one.commit).filter(|commit| commit.parents.len() < 2)
}

/// Those of some commits that are no merges.
fn plain(commits: &[Commit]) -> impl Iterator<Item = &Commit> {
    commits.iter().filter(|commit| commit.parents.len() < 2)
}

/// Where the commits of a comparison end: the commits that both sides have and that they stand on, and of each line of them
/// the one below.
fn edges(list: &[Differing], listed: &HashSet<CommitId>) -> (Vec<CommitId>, Vec<CommitId>) {
    let (mut heads, mut bottoms) = (BTreeSet::new(), BTreeSet::new());
    for commit in list.iter().map(|one| &one.commit) {
        heads.extend(commit.parents.iter().filter(|parent| !listed.contains(parent)).copied());
        if !commit.parents.iter().any(|parent| listed.contains(parent)) {
            bottoms.extend(commit.parents.first().copied());
        }
    }
    (heads.into_iter().collect(), bottoms.into_iter().collect())
}

/// The commits of one side that the other side has picked and made fit, so that no content says it; and all others, of which
/// one may have made the same change a second time.
fn picked_to_fit(list: &[Differing]) -> (Vec<CommitId>, Vec<CommitId>) {
    let own = || list.iter().filter(|one| one.content == Content::Own && one.commit.parents.len() < 2);
    let side: HashMap<CommitId, bool> = own().map(|one| (one.commit.id, one.is_given)).collect();
    let origins = own().flat_map(|one| {
        message::picked_from(&one.commit.message)
            .filter(|origin| side.get(origin) == Some(&!one.is_given))
            .collect::<Vec<_>>()
    });
    let picked: HashSet<CommitId> = origins.collect();
    own().map(|one| one.commit.id).partition(|id| picked.contains(id))
}
