//! What tags and records remember: the commits of components, which may be in no list of today.

use std::rc::Rc;

use crate::domain::app_file::Component;
use crate::domain::name::{CommitId, RepositoryName, TagName};
use crate::domain::record::Record;

use super::super::team::Member;
use super::super::{Error, Result};
use super::{Lineup, Lineups, own_tag, version_of};

/// The commit of each repository; `None` where nothing says which one.
pub(in crate::workspace) type Listed = Vec<(RepositoryName, Option<CommitId>)>;

impl Lineups<'_> {
    /// What a line-up consists of.
    pub(in crate::workspace) fn listed(&self, lineup: &Lineup) -> Listed {
        let app = lineup.side.commit.map(|commit| (self.app.name.clone(), Some(commit)));
        let components = lineup.components.iter().map(|(component, commit)| (component.name.clone(), *commit));
        app.into_iter().chain(components).collect()
    }

    /// What a tag of the app binds: the commits in its message, else those under the tags of its components.
    pub(in crate::workspace) fn remembered_by_tag(&mut self, tag: &TagName) -> Result<Listed> {
        let Some(commit) = self.app.repository.tag_commit(tag, self.app.tag_source())? else {
            return Ok(Listed::new());
        };
        let mut listed = vec![(self.app.name.clone(), Some(commit))];
        let (message, below) = match version_of(tag) {
            Some(version) => self.bound(&version, tag)?,
            None => (None, None),
        };
        if let Some(message) = message {
            for (name, id) in message.components {
                self.meet(&name, commit)?;
                listed.push((name, Some(id)));
            }
            return Ok(listed);
        }
        match self.list(commit) {
            Ok(list) => {
                for component in &list {
                    let member = self.meet_listed(component);
                    let of_all = std::iter::once(tag).chain(&below);
                    let commit = match (&member, &component.tag) {
                        (Some(member), Some(pin)) => own_tag(member, [pin].into_iter())?,
                        (Some(member), None) => own_tag(member, of_all)?,
                        (None, Some(_)) => None,
                        (None, None) => self.under_todays_name(&list, of_all)?,
                    };
                    listed.push((component.name.clone(), commit));
                }
            }
            Err(Error::Git(error)) => return Err(error.into()),
            // Whoever has the tag was a part of it.
            Err(_) => {
                for (_, member) in &self.members {
                    let Some(member) = member else { continue };
                    if let Some(commit) = own_tag(member, std::iter::once(tag).chain(&below))? {
                        listed.push((member.name.clone(), Some(commit)));
                    }
                }
            }
        }
        Ok(listed)
    }

    /// Where a component has no clone of its name: the commit that a clone under a name of today has by that tag.
    fn under_todays_name<'t>(
        &self,
        list: &[Component],
        tags: impl Iterator<Item = &'t TagName> + Clone,
    ) -> Result<Option<CommitId>> {
        let is_new = |name: &RepositoryName| self.today.contains(name) && !list.iter().any(|known| known.name == *name);
        for member in self.members.iter().filter(|(name, _)| is_new(name)).filter_map(|(_, member)| member.as_deref()) {
            if let Some(commit) = own_tag(member, tags.clone())? {
                return Ok(Some(commit));
            }
        }
        Ok(None)
    }

    /// What a record says that ran: the commits that it names, else those that its tag binds.
    pub(in crate::workspace) fn remembered_by_record(&mut self, record: &Record) -> Result<Listed> {
        let app = record.app_commit.as_deref().and_then(CommitId::parse);
        let tag = record.tag.as_deref().and_then(|tag| TagName::parse(tag).ok());
        if record.repositories.is_empty()
            && let Some(tag) = tag
        {
            let listed = self.remembered_by_tag(&tag)?;
            if listed.first().is_some_and(|(_, tagged)| app.is_none() || *tagged == app) {
                return Ok(listed);
            }
        }
        let own = record.repositories.iter().find(|repository| repository.name == self.app.name.as_str());
        let app = app.or_else(|| own.and_then(|own| CommitId::parse(&own.commit)));
        let mut listed = vec![(self.app.name.clone(), app)];
        for repository in &record.repositories {
            let Ok(name) = RepositoryName::parse(&repository.name) else { continue };
            let commit = CommitId::parse(&repository.commit);
            // The app repo may have had another name.
            if name == self.app.name || (commit.is_some() && commit == app) {
                continue;
            }
            match app {
                Some(app) => drop(self.meet(&name, app)?),
                None => drop(self.meet_listed(&Component::named(name.clone()))),
            }
            listed.push((name, commit));
        }
        if record.repositories.is_empty()
            && let Some(app) = app
        {
            let list = self.list_of_then(app)?;
            list.iter().for_each(|component| drop(self.meet_listed(component)));
            listed.extend(list.into_iter().map(|component| (component.name, None)));
        }
        Ok(listed)
    }

    /// The clone of a component that is known by its name; the list of then says where else it may be.
    fn meet(&mut self, name: &RepositoryName, app: CommitId) -> Result<Option<Rc<Member>>> {
        if let Some((_, known)) = self.members.iter().find(|(known, _)| known == name) {
            return Ok(known.clone());
        }
        let listed = self.list_of_then(app)?.into_iter().find(|component| component.name == *name);
        let component = listed.unwrap_or_else(|| Component::named(name.clone()));
        Ok(self.meet_listed(&component))
    }

    /// The clone of a component of the past. That there is none is not said: few answers depend on it.
    fn meet_listed(&mut self, component: &Component) -> Option<Rc<Member>> {
        let said = self.warnings.len();
        let member = self.member(component);
        self.warnings.truncate(said);
        member
    }

    /// The components of the app at a commit of the past; none where that can't be told.
    fn list_of_then(&self, commit: CommitId) -> Result<Vec<Component>> {
        if !self.app.repository.has_object(commit.object()) {
            return Ok(Vec::new());
        }
        match self.list(commit) {
            Err(Error::Git(error)) => Err(error.into()),
            list => Ok(list.unwrap_or_default()),
        }
    }

    /// The heads of the default branches of all clones, whatever a list says of them.
    pub(in crate::workspace) fn own_heads(&self) -> Result<Vec<(RepositoryName, CommitId)>> {
        let mut heads = Vec::new();
        for clone in self.clones() {
            if let Some(branch) = clone.default_branch()?
                && let Some(head) = clone.head(&branch)?
            {
                heads.push((clone.name.clone(), head));
            }
        }
        Ok(heads)
    }
}
