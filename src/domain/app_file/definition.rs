//! Which file of the app repo defines what an engine runs.

use std::borrow::Cow;

use super::pipeline::{Pipeline, Source};

/// The longest definition of a pipeline, in bytes; whatever is longer is neither run nor printed.
pub const MAX_DEFINITION: u64 = 1024 * 1024;

impl Pipeline {
    /// The file of the app repo that the engine is told to run; `None` where the app file itself says what to do.
    pub fn definition(&self) -> Option<Cow<'_, str>> {
        match self {
            Pipeline::Tekton(tekton) => match &tekton.source {
                Source::File { path, .. } => Some(path.into()),
                Source::Spec(_) => None,
            },
            Pipeline::GithubActions(github) => Some(format!(".github/workflows/{}", github.workflow).into()),
            Pipeline::Gitlab(_) => Some(".gitlab-ci.yml".into()),
            Pipeline::BitbucketPipelines(_) => Some("bitbucket-pipelines.yml".into()),
            Pipeline::Jenkins(_) => Some("Jenkinsfile".into()),
            Pipeline::Shell(_) => None,
        }
    }
}
