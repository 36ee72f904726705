//! What a promotion ships: the commits of each repository between what the target holds and what it is to hold.

use crate::domain::app_file::AppFile;
use crate::domain::issues;
use crate::domain::name::{CommitId, TagName};
use crate::domain::release_file::Application;
use crate::domain::shipping::{Shipped, ShippedCommit, Shipping};

use super::team::Member;
use super::{Result, Workspace};

/// How many commits of a repository are listed.
const LISTED: usize = 50;

impl Workspace {
    /// Lists what is shipped between two tags, over the app repo and its components, as far as there are clones.
    pub fn shipping(&self, application: &Application, old: Option<&TagName>, new: &TagName) -> Result<Shipping> {
        let Some(app) = self.app_if_present(application)? else { return Ok(Shipping::default()) };
        let Some(new_commit) = app.repository.tag_commit(new, app.tag_source())? else {
            return Ok(Shipping::default());
        };
        let mut shipping = Shipping::default();
        let (file, _) = self.app_file(&app, new_commit).unwrap_or_else(|_| (AppFile::default(), None));
        let message = app.repository.tag_message(new, app.tag_source())?;
        let old_message = match old {
            Some(old) => app.repository.tag_message(old, app.tag_source())?,
            None => None,
        };
        let old_commit = match old {
            Some(old) => app.repository.tag_commit(old, app.tag_source())?,
            None => None,
        };
        shipping.repositories.push(self.shipped(&app, old_commit, new_commit)?);
        if let Some(old_commit) = old_commit.filter(|commit| app.repository.has_object(commit.object())) {
            shipping.changes = changes(&app, old_commit, new_commit)?;
        }
        for component in file.repositories.iter().filter(|component| !component.is_pinned()) {
            let Some(member) = self.component_if_present(&app, component)? else {
                shipping.unknown.push(component.name.to_string());
                continue;
            };
            let recorded = message.as_ref().and_then(|message| message.component(&component.name));
            let after = match recorded {
                Some(commit) => Some(commit),
                None => member.repository.tag_commit(new, member.tag_source())?,
            };
            let before = match (old_message.as_ref().and_then(|message| message.component(&component.name)), old) {
                (Some(commit), _) => Some(commit),
                (None, Some(old)) => member.repository.tag_commit(old, member.tag_source())?,
                (None, None) => None,
            };
            match after.filter(|commit| member.repository.has_object(commit.object())) {
                Some(after) => shipping.repositories.push(self.shipped(&member, before, after)?),
                None => shipping.unknown.push(component.name.to_string()),
            }
        }
        Ok(shipping)
    }

    fn shipped(&self, member: &Member, before: Option<CommitId>, after: CommitId) -> Result<Shipped> {
        let mut shipped = Shipped { name: member.name.to_string(), ..Shipped::default() };
        let known = |commit: &CommitId| member.repository.has_object(commit.object());
        // Without a beginning, everything since the first commit would be listed; that says nothing.
        // In a shallow clone the list would end where the clone does.
        let Some(before) = before.filter(known) else { return Ok(shipped) };
        if member.repository.is_shallow()? {
            return Ok(shipped);
        }
        shipped.known = true;
        let commits = member.repository.commits_between(Some(before), after)?;
        shipped.total = commits.len();
        shipped.removed = member.repository.missing_by_content(after, before)?.len();
        for id in commits {
            let commit = member.repository.commit(id)?;
            for key in issues::keys(&commit.message) {
                if !shipped.issues.iter().any(|known| known == key) {
                    shipped.issues.push(key.to_owned());
                }
            }
            if shipped.commits.len() < LISTED {
                shipped.commits.push(ShippedCommit { id, subject: commit.subject().to_owned(), author: commit.author });
            }
        }
        Ok(shipped)
    }
}

/// What differs between two commits of the app repo, beside its code.
fn changes(app: &Member, old: CommitId, new: CommitId) -> Result<Vec<&'static str>> {
    let repository = &app.repository;
    let (old, new) = (repository.commit(old)?.tree, repository.commit(new)?.tree);
    let mut changes = Vec::new();
    for (path, what) in
        [("app.yml", "app.yml, with the pipeline and the list of components"), ("chart", "the chart and its values")]
    {
        let at = |tree| -> Result<_> { Ok(repository.entry(tree, path)?.map(|entry| entry.id)) };
        if at(old)? != at(new)? {
            changes.push(what);
        }
    }
    Ok(changes)
}
