//! Components that have another name today: the history is the same, and so are the commits.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use crate::domain::app_file::Component;
use crate::domain::name::{CommitId, RepositoryName};
use crate::git::repository::Repository;

use super::super::team::Member;
use super::{Lineup, Lineups, Listed};
use crate::workspace::Result;

/// The commits of one line-up, by the names that their repositories have today.
#[derive(Clone, Debug, Default)]
pub(in crate::workspace) struct Contents {
    /// Those that the clones have.
    pub commits: HashMap<RepositoryName, CommitId>,
    /// The repositories of which nothing is known: there is no clone, it lacks the commit, or nothing says which one it is.
    pub unread: BTreeMap<RepositoryName, Option<CommitId>>,
}

impl Lineups<'_> {
    /// The clone of the app repo, or of a component that was looked for.
    pub(in crate::workspace) fn repository(&self, name: &RepositoryName) -> Option<&Repository> {
        self.clones().find(|clone| clone.name == *name).map(|clone| &clone.repository)
    }

    pub(super) fn has(&self, name: &RepositoryName, commit: CommitId) -> bool {
        self.repository(name).is_some_and(|repository| repository.has_object(commit.object()))
    }

    /// The commits of one line-up, by the names of today: what is called otherwise in the list of today goes by the name
    /// that it has there. Where a clone under the old name is missing, or lacks the commit, any that has it will do.
    pub(in crate::workspace) fn by_todays_names(&mut self, listed: Listed) -> Contents {
        let mut named: BTreeMap<RepositoryName, Option<CommitId>> = listed.into_iter().collect();
        let old: Vec<(RepositoryName, CommitId)> = named
            .iter()
            .filter(|(name, _)| **name != self.app.name && !self.today.contains(name))
            .filter_map(|(name, commit)| Some((name.clone(), (*commit)?)))
            .collect();
        for (name, commit) in old {
            let others = self.members.iter().map(|(other, _)| other).filter(|_| !self.has(&name, commit));
            let mut free = self.today.iter().chain(others).filter(|other| !named.contains_key(other));
            let Some(new) = free.find(|other| self.has(other, commit)).cloned() else { continue };
            named.remove(&name);
            named.insert(new, Some(commit));
            self.forget_no_clone(&name);
        }
        let mut contents = Contents::default();
        for (name, commit) in named {
            match commit {
                Some(commit) if self.has(&name, commit) => drop(contents.commits.insert(name, commit)),
                commit => drop(contents.unread.insert(name, commit)),
            }
        }
        contents
    }

    /// The component of another line-up that has another name in this one, and the clone that has the commits of both; only
    /// names that the other line-up has alone are looked at.
    pub(in crate::workspace) fn other_name<'l>(
        &mut self,
        (component, commit): (&Component, CommitId),
        own: &Lineup,
        other: &'l Lineup,
    ) -> Option<(&'l RepositoryName, CommitId, Rc<Member>)> {
        let is_shared = |name: &RepositoryName| own.components.iter().any(|(known, _)| known.name == *name);
        for (known, theirs) in other.components.iter().filter(|(known, _)| !is_shared(&known.name)) {
            let Some(theirs) = *theirs else { continue };
            for clone in [self.member(component), self.member(known)].into_iter().flatten() {
                if [commit, theirs].iter().all(|commit| clone.repository.has_object(commit.object())) {
                    self.forget_no_clone(&component.name);
                    self.forget_no_clone(&known.name);
                    return Some((&known.name, theirs, clone));
                }
            }
        }
        None
    }

    /// The clone of a component that has these commits under a name of today, which none of these line-ups has.
    pub(in crate::workspace) fn called_otherwise_today(
        &mut self,
        lineups: &[&Lineup],
        name: &RepositoryName,
        commits: [CommitId; 2],
    ) -> Result<Option<Member>> {
        let known = lineups.iter().flat_map(|lineup| &lineup.components);
        let known: Vec<RepositoryName> = known.map(|(component, _)| component.name.clone()).collect();
        let found = self.workspace.clone_of_today(&self.app, &known, &commits)?;
        if found.is_some() {
            self.forget_no_clone(name);
        }
        Ok(found)
    }

    /// A clone under one of its names is enough.
    fn forget_no_clone(&mut self, name: &RepositoryName) {
        self.warnings
            .retain(|warning| warning.code != "no-clone" || warning.repository.as_deref() != Some(name.as_str()));
    }
}
