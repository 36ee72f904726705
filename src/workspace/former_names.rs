//! Components that go by another name today, for whoever knows their commits: the history is the same, whatever it is called.

use crate::domain::app_file::Component;
use crate::domain::name::{CommitId, RepositoryName};

use super::team::Member;
use super::{Error, Result, Workspace};

impl Workspace {
    /// The clone of a component of today's list, and of none of these names, that has all of some commits.
    pub(super) fn clone_of_today(
        &self,
        app: &Member,
        but: &[RepositoryName],
        commits: &[CommitId],
    ) -> Result<Option<Member>> {
        if commits.is_empty() {
            return Ok(None);
        }
        let others = self.components_of_today(app)?;
        for component in others.iter().filter(|component| !but.contains(&component.name)) {
            // One that can't be used is as good as none.
            let Ok(Some(member)) = self.component_if_present(app, component) else { continue };
            if commits.iter().all(|commit| member.repository.has_object(commit.object())) {
                return Ok(Some(member));
            }
        }
        Ok(None)
    }

    /// The components of the app's default branch; none where that can't be told.
    fn components_of_today(&self, app: &Member) -> Result<Vec<Component>> {
        let head = match app.default_branch()? {
            Some(branch) => app.head(&branch)?,
            None => None,
        };
        let Some(head) = head else { return Ok(Vec::new()) };
        match self.app_file(app, head) {
            Ok((file, _)) => Ok(file.repositories),
            Err(Error::Git(error)) => Err(error.into()),
            Err(_) => Ok(Vec::new()),
        }
    }
}
