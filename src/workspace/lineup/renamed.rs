//! Components that have another name today: the history is the same, and so are the commits.

use std::collections::HashMap;
use std::rc::Rc;

use crate::domain::app_file::Component;
use crate::domain::name::{CommitId, RepositoryName};
use crate::git::repository::Repository;

use super::super::team::Member;
use super::{Lineup, Lineups};

impl Lineups<'_> {
    /// The clone of the app repo, or of a component that was looked for.
    pub(in crate::workspace) fn repository(&self, name: &RepositoryName) -> Option<&Repository> {
        self.clones().find(|clone| clone.name == *name).map(|clone| &clone.repository)
    }

    fn has(&self, name: &RepositoryName, commit: CommitId) -> bool {
        self.repository(name).is_some_and(|repository| repository.has_object(commit.object()))
    }

    /// Those commits of one line-up that the clones have. What is called otherwise in the list of today goes by the name
    /// that it has there.
    pub(in crate::workspace) fn by_todays_names(
        &mut self,
        commits: impl IntoIterator<Item = (RepositoryName, CommitId)>,
    ) -> HashMap<RepositoryName, CommitId> {
        let mut named: HashMap<RepositoryName, CommitId> = commits.into_iter().collect();
        let old: Vec<RepositoryName> =
            named.keys().filter(|name| **name != self.app.name && !self.today.contains(name)).cloned().collect();
        for name in old {
            let commit = named[&name];
            let free = self.today.iter().filter(|other| !named.contains_key(other));
            let Some(new) = free.into_iter().find(|other| self.has(other, commit)).cloned() else { continue };
            named.remove(&name);
            named.insert(new, commit);
            self.forget_no_clone(&name);
        }
        named.retain(|name, commit| self.has(name, *commit));
        named
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

    /// A clone under one of its names is enough.
    fn forget_no_clone(&mut self, name: &RepositoryName) {
        self.warnings
            .retain(|warning| warning.code != "no-clone" || warning.repository.as_deref() != Some(name.as_str()));
    }
}
