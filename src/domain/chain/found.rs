//! What was found about a deployment beside its record.

use crate::domain::name::{CommitId, RepositoryName, TagName};
use crate::domain::record::{FileRecord, Record};
use crate::domain::tags::Tagged;

/// Everything that was found about a deployment beside its record.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The commit of the release repo that is meant.
    pub release_commit: Option<CommitId>,
    /// What the release file says at that commit.
    pub declared: Option<String>,
    /// Whether the environment's deployments use tags.
    pub tagged_deployments: bool,
    /// The candidate that a commit of the release repo names.
    pub named: Option<TagName>,
    /// The tag that would be taken for what is declared, where there is no record.
    pub tag: Option<TagName>,
    /// What the clone of the app repo knows of the tag.
    pub tagged: Option<Tagged>,
    /// The candidate that stands on the same commit as the tag.
    pub candidate: Option<TagName>,
    /// The commit of the app repo that `ref:` names, where it can't have been another one.
    pub fixed_commit: Option<CommitId>,
    /// Components that the record or the tag knows by another name than the list of the app commit, with that one.
    pub former: Vec<(String, RepositoryName)>,
    /// The app repo at the commit.
    pub app: App,
}

/// What could be read of the app repo at the commit of the deployment.
#[derive(Clone, Debug, Default)]
pub enum App {
    /// The commit is not known.
    #[default]
    Unknown,
    /// There is no clone of it, or it lacks the commit.
    Unreadable {
        /// Its name.
        name: RepositoryName,
        /// Why nothing could be read.
        why: String,
        /// The file that can't be used, where that is the reason.
        file: Option<FileRecord>,
    },
    /// It was read.
    Read {
        /// Its name.
        name: RepositoryName,
        /// The components of its list.
        components: Vec<Component>,
        /// The file that defines the pipeline, or why there is none.
        pipeline: Result<FileRecord, String>,
        /// The values files of the environment.
        values: Vec<FileRecord>,
    },
}

/// A component in the list of the app commit.
#[derive(Clone, Debug)]
pub struct Component {
    /// Its name.
    pub name: RepositoryName,
    /// The tag that it is pinned to, else the tag of the release.
    pub tag: Option<TagName>,
    /// Where this tag is in its clone.
    pub commit: Option<CommitId>,
    /// Whether there is a clone.
    pub has_clone: bool,
}

impl Found {
    /// The commits of repositories that the record names, and those that the message of the tag does.
    pub fn bound(&self, record: Option<&Record>) -> [Vec<(String, CommitId)>; 2] {
        let recorded = record.into_iter().flat_map(|record| &record.repositories);
        let recorded = recorded.filter_map(|one| Some((one.name.clone(), CommitId::parse(&one.commit)?)));
        let message = self.tagged.as_ref().and_then(|tagged| tagged.message.as_ref());
        let tagged = message.into_iter().flat_map(|message| &message.components);
        [recorded.collect(), tagged.map(|(name, commit)| (name.to_string(), *commit)).collect()]
    }

    /// The name that a component has in the list of the app commit, where that is another one.
    pub(super) fn listed_as<'n>(&'n self, name: &'n str) -> &'n str {
        self.former.iter().find(|(former, _)| former == name).map_or(name, |(_, listed)| listed.as_str())
    }

    /// Why something is not known: as the app repo can't be read, else for a reason of its own.
    pub(super) fn unread(&self, own: &str) -> String {
        match &self.app {
            App::Unreadable { why, .. } => why.clone(),
            App::Unknown | App::Read { .. } => own.to_owned(),
        }
    }
}
