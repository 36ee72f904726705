//! Finding the number of the next candidate, over the app repo and its components.

use crate::domain::app_file::AppFile;
use crate::domain::candidate::next_number;
use crate::domain::name::BranchName;
use crate::domain::release_file::Application;
use crate::domain::version::Version;

use super::team::{Member, Question};
use super::{Result, Workspace};

/// The next candidate of a version.
pub struct NextCandidate {
    /// The version.
    pub version: Version,
    /// The number of the next candidate.
    pub number: u64,
    /// The highest number that is taken.
    pub latest: Option<u64>,
    /// Whether the version is final, so that no candidate of it will be made.
    pub final_exists: bool,
    /// Whether remotes were asked; else the answer is that of the clones.
    pub asked: bool,
}

impl Workspace {
    /// Finds the next candidate of a version, over the app repo and its components.
    pub fn next_candidate(
        &self,
        version: Version,
        application: &Application,
        branch: Option<&BranchName>,
    ) -> Result<NextCandidate> {
        let mut app = self.app(application)?;
        let mut known = self.known_components(&app, branch, Some(&version))?;
        let question = Question { version: Some(version.clone()), heads: true };
        let mut everyone: Vec<&mut Member> = std::iter::once(&mut app).chain(known.iter_mut()).collect();
        self.ask(&mut everyone, &question)?;
        app.require_tags("the next candidate")?;
        let file = match self.list_head(&app, branch, Some(&version))? {
            Some(head) => self.app_file(&app, head)?.0,
            None => AppFile::default(),
        };
        let unpinned = AppFile {
            repositories: file.repositories.into_iter().filter(|component| !component.is_pinned()).collect(),
            ..AppFile::default()
        };
        let members = self.members(&app, &unpinned, Some(&version), false, known)?;
        let mut latest = None;
        let mut final_exists = false;
        for (index, member) in std::iter::once(&app).chain(&members).enumerate() {
            member.require_tags("the next candidate")?;
            let numbers = member.repository.candidate_numbers(&version, member.all_tags())??;
            latest = latest.max(numbers.highest);
            final_exists |= index == 0 && numbers.final_exists;
        }
        let number = next_number(&version, latest)?;
        Ok(NextCandidate { version, number, latest, final_exists, asked: app.asked })
    }
}
