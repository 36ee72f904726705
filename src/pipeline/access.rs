//! What lets relman into a system that runs pipelines, as it was found out elsewhere.

use crate::domain::app_file::Pipeline;
use crate::http::{Api, WebUrl};

/// A system that runs pipelines, and the app repo there.
#[derive(Debug)]
pub struct Access {
    /// The system's API, with a login.
    pub api: Api,
    /// Where its pages begin.
    pub web: WebUrl,
    /// Whom the app repo belongs to there: an account, a group with its subgroups, a workspace. Jenkins knows none.
    pub owner: String,
    /// What the app repo is called there.
    pub repository: String,
    /// The [definition](definition) in the app commit, where there is one.
    pub definition: Option<Vec<u8>>,
}

/// The file of the app repo in which a system looks for a pipeline; `None` where that is a matter of its own settings.
pub fn definition(pipeline: &Pipeline) -> Option<String> {
    match pipeline {
        Pipeline::GithubActions(github) => Some(format!(".github/workflows/{}", github.workflow)),
        Pipeline::Gitlab(_) => Some(".gitlab-ci.yml".to_owned()),
        Pipeline::BitbucketPipelines(_) => Some("bitbucket-pipelines.yml".to_owned()),
        Pipeline::Shell(_) | Pipeline::Tekton(_) | Pipeline::Jenkins(_) => None,
    }
}
