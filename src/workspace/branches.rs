//! Where `release/<V>` begins in every repository: at a final tag, at a candidate, or at the configured branches.

use crate::domain::app_file::Component;
use crate::domain::candidate::Candidate;
use crate::domain::error::{Exit, Explain};
use crate::domain::name::{CommitId, RepositoryName, TagName};
use crate::domain::release_file::Application;
use crate::domain::text::shell_word;
use crate::domain::version::Version;

use super::team::{Member, Question};
use super::{Error, Result, Workspace};

/// Why no release branch is made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Candidates exist, so it must be said where the branch begins.
    #[error("candidates of {0} exist already, so it must be said where its branch begins")]
    CandidatesExist(Version, TagName),
    /// The tag that it is to begin at does not exist.
    #[error("{repository} has no tag {tag}")]
    NoTag {
        /// The repository.
        repository: RepositoryName,
        /// The tag.
        tag: TagName,
    },
    /// The default branch is not known, or does not exist.
    #[error("the branch that {0} is frozen from is not known")]
    NoHead(RepositoryName),
}

impl Explain for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::CandidatesExist(..) => "candidates-exist",
            Refused::NoTag { .. } => "no-tag",
            Refused::NoHead(_) => "no-default-branch",
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Refused::CandidatesExist(..) => Exit::Refused,
            Refused::NoTag { .. } | Refused::NoHead(_) => Exit::NotFound,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Refused::CandidatesExist(version, highest) => vec![
                format!(
                    "from the newest candidate: relman branch {} --from {}",
                    shell_word(version.as_str()),
                    shell_word(highest.as_str())
                ),
                "or from an earlier version: --from VERSION".into(),
            ],
            Refused::NoTag { .. } => vec!["relman fetch brings the tags; name a version or a tag that exists".into()],
            Refused::NoHead(_) => {
                vec!["in its clone: git remote set-head origin --auto; or `branch` in app.yml".into()]
            }
        }
    }
}

/// A repository, and its release branch.
pub struct Start {
    /// The repository.
    pub member: Member,
    /// Where the branch begins, or would.
    pub commit: CommitId,
    /// Where it stands already.
    pub exists: Option<CommitId>,
}

impl Workspace {
    /// Finds where `release/<version>` begins in the app repo and every unpinned component.
    pub fn release_branches(
        &self,
        application: &Application,
        version: &Version,
        from: Option<&TagName>,
    ) -> Result<Vec<Start>> {
        let mut app = self.app(application)?;
        let from_version = from.map(version_of).unwrap_or_default();
        self.ask(&mut [&mut app], &Question { version: Some(version.clone()), heads: true })?;
        self.ask_for(&app, from_version.as_ref())?;
        app.require_tags("the release branch")?;
        // The app repo gets its branch last, so one that is there says that the branches were made before.
        let made = app.head(&version.release_branch())?.is_some();
        if from.is_none()
            && !made
            && let Some((number, _)) = app.repository.highest_candidate(version, app.tag_source())??
        {
            return Err(Refused::CandidatesExist(version.clone(), version.candidate_tag(number)).into());
        }
        let app_commit = self.start_of(&app, None, from, None)?;
        let (file, _) = self.app_file(&app, app_commit)?;
        let message = match from {
            Some(tag) => app.repository.tag_message(tag, app.tag_source())?,
            None => None,
        };
        let mut components: Vec<(&Component, Member)> = Vec::new();
        for component in file.repositories.iter().filter(|component| !component.is_pinned()) {
            components.push((component, self.component(&app, component)?));
        }
        let mut members: Vec<&mut Member> = components.iter_mut().map(|(_, member)| member).collect();
        self.ask(&mut members, &Question { version: Some(version.clone()), heads: true })?;
        let mut starts = Vec::new();
        for (component, member) in components {
            self.ask_for(&member, from_version.as_ref())?;
            let recorded = message.as_ref().and_then(|message| message.component(&component.name));
            let commit = self.start_of(&member, Some(component), from, recorded)?;
            starts.push(self.start(member, version, commit)?);
        }
        starts.push(self.start(app, version, app_commit)?);
        Ok(starts)
    }

    /// The tags of the version that a branch begins at are asked for as well.
    fn ask_for(&self, member: &Member, version: Option<&Version>) -> Result<()> {
        if let (Some(version), Some(remote), false) = (version, &member.remote, self.choices.offline) {
            member.repository.fetch_version(remote, version, false)?;
        }
        Ok(())
    }

    fn start(&self, member: Member, version: &Version, commit: CommitId) -> Result<Start> {
        let exists = member.head(&version.release_branch())?;
        Ok(Start { member, commit, exists })
    }

    fn start_of(
        &self,
        member: &Member,
        component: Option<&Component>,
        from: Option<&TagName>,
        recorded: Option<CommitId>,
    ) -> Result<CommitId> {
        if let Some(tag) = from {
            if let Some(recorded) = recorded {
                return Ok(recorded);
            }
            let found = member.repository.tag_commit(tag, member.tag_source())?;
            return found
                .ok_or_else(|| Error::from(Refused::NoTag { repository: member.name.clone(), tag: tag.clone() }));
        }
        let branch = match component.and_then(|component| component.branch.clone()) {
            Some(branch) => Some(branch),
            None => member.default_branch()?,
        };
        let head = match branch {
            Some(branch) => member.head(&branch)?,
            None => None,
        };
        head.ok_or_else(|| Error::from(Refused::NoHead(member.name.clone())))
    }
}

/// The version that a release tag belongs to.
fn version_of(tag: &TagName) -> Option<Version> {
    match Candidate::parse(tag.as_str()) {
        Some(candidate) => Some(candidate.version),
        None => tag.as_str().strip_prefix('v').and_then(|rest| Version::parse(rest).ok()),
    }
}
