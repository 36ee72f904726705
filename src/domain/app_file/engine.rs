//! The engines that `pipeline: engine:` can name, where they run, and the keys that each one reads.

/// What runs a pipeline, as a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// relman itself, with `sh`.
    #[default]
    Shell,
    /// A PipelineRun in a Kubernetes cluster.
    Tekton,
    /// A workflow of GitHub Actions.
    GithubActions,
    /// A pipeline of GitLab CI.
    Gitlab,
    /// A pipeline of Bitbucket.
    BitbucketPipelines,
    /// A Jenkins job.
    Jenkins,
}

/// Where a pipeline runs, as seen from relman.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// Beside relman, over checkouts that relman makes.
    Here,
    /// On another machine, which checks out what it needs.
    Remote,
}

impl Engine {
    /// Every engine.
    pub const ALL: [Engine; 6] = [
        Engine::Shell,
        Engine::Tekton,
        Engine::GithubActions,
        Engine::Gitlab,
        Engine::BitbucketPipelines,
        Engine::Jenkins,
    ];

    /// Reads the word that `engine:` holds.
    pub fn parse(word: &str) -> Option<Self> {
        Engine::ALL.into_iter().find(|engine| engine.as_str() == word)
    }

    /// The word for files and scripts.
    pub fn as_str(self) -> &'static str {
        match self {
            Engine::Shell => "shell",
            Engine::Tekton => "tekton",
            Engine::GithubActions => "github-actions",
            Engine::Gitlab => "gitlab",
            Engine::BitbucketPipelines => "bitbucket-pipelines",
            Engine::Jenkins => "jenkins",
        }
    }

    /// Where its pipelines run.
    pub fn site(self) -> Site {
        if self == Engine::Shell { Site::Here } else { Site::Remote }
    }

    /// The keys of `pipeline:` that it reads.
    pub(super) fn keys(self) -> &'static [&'static str] {
        match self {
            Engine::Shell => &["engine", "steps"],
            Engine::Tekton => &[
                "engine",
                "path",
                "url",
                "git_secret",
                "spec",
                "namespace",
                "service_account",
                "timeout",
                "workspaces",
                "params",
            ],
            Engine::GithubActions => &["engine", "workflow", "timeout"],
            Engine::Gitlab => &["engine", "timeout"],
            Engine::BitbucketPipelines => &["engine", "pipeline", "timeout"],
            Engine::Jenkins => &["engine", "url", "job", "timeout"],
        }
    }
}
