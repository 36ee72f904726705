//! What can be wrong with the repositories of a release taken together.

use std::path::PathBuf;

use crate::domain::candidate::NumberError;
use crate::domain::error::{Exit, Explain};
use crate::domain::file::did_you_mean;
use crate::domain::landscape::Unusable;
use crate::domain::location::InvalidUrl;
use crate::domain::name::{CommitId, EnvironmentName, InvalidName, RepositoryName};
use crate::domain::release_file::FileError;
use crate::domain::resolution::Unresolved;
use crate::domain::text::{shell_path, shell_word};
use crate::domain::version::{InvalidDeclaration, Version};

/// Why a question about a release has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A repository can't be read, written or reached.
    #[error(transparent)]
    Git(#[from] crate::git::Error),
    /// The rules leave nothing to deploy.
    #[error(transparent)]
    Unresolved(#[from] Unresolved),
    /// The numbers of candidates can't be counted with.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// A version was given that is none.
    #[error(transparent)]
    Declaration(#[from] InvalidDeclaration),
    /// A name was given that is none.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// A URL is not one that Git may be given.
    #[error(transparent)]
    Url(#[from] InvalidUrl),
    /// A release branch is refused.
    #[error(transparent)]
    Branches(#[from] crate::workspace::branches::Refused),
    /// It can't be told what a trigger means.
    #[error(transparent)]
    Trigger(#[from] crate::domain::trigger::place::Unclear),
    /// A promotion is refused.
    #[error(transparent)]
    Promotion(#[from] crate::domain::promotion::Refused),
    /// No repository has a tag of a version.
    #[error("no repository has a tag of {version}")]
    NothingTagged {
        /// The version.
        version: Version,
    },
    /// Nothing in the history of an environment is meant.
    #[error(transparent)]
    Unselected(#[from] crate::domain::selector::Unselected),
    /// A release file can't be edited.
    #[error("release.yml on {branch} can't be edited")]
    Edit {
        /// The branch.
        branch: String,
        /// Why.
        #[source]
        cause: crate::domain::yaml::edit::EditError,
    },
    /// A version can't be a part of a branch's name.
    #[error("no branch can be named after {version}")]
    NoHeadBranch {
        /// The version.
        version: String,
    },
    /// A folder was named that is not there.
    #[error("there is no folder {}", path.display())]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The folder that the user stands in was deleted; neither Git nor gix work from there.
    #[error("the current folder is not there any more")]
    NoCurrentFolder,
    /// No release repo could be found.
    #[error("no release repo was found from {}", start.display())]
    NoReleaseRepo {
        /// Where the search began.
        start: PathBuf,
    },
    /// Several neighbours could be the release repo.
    #[error("there are several release repos here: {}", paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", "))]
    SeveralReleaseRepos {
        /// Their folders.
        paths: Vec<PathBuf>,
    },
    /// The release repo has no environment branches at all.
    #[error("{} has no environment branches", path.display())]
    NoEnvironments {
        /// The release repo.
        path: PathBuf,
    },
    /// The release repo has no commit to begin a branch with.
    #[error("{} has no commits yet", path.display())]
    NoCommits {
        /// The release repo.
        path: PathBuf,
    },
    /// There is no such environment.
    #[error("there is no environment {name}")]
    NoEnvironment {
        /// The name that was given.
        name: EnvironmentName,
        /// The names that exist.
        known: Vec<EnvironmentName>,
    },
    /// The release file of an environment can't be used.
    #[error("{}", .0.message)]
    ReleaseFile(Box<FileProblem>),
    /// The environment's own entry lacks what is needed.
    #[error("{}", .0.message)]
    Entry(Box<FileProblem>),
    /// The app repo's file can't be used.
    #[error("{path} of {repository} at {} can't be used", commit.short())]
    AppFile {
        /// The app repo.
        repository: RepositoryName,
        /// The path of the file.
        path: String,
        /// The commit that it was read from.
        commit: CommitId,
        /// What is wrong with it.
        #[source]
        cause: Box<FileError>,
    },
    /// A file of the app repo is too large.
    #[error("{path} of {repository} has {size} bytes; {most} are allowed")]
    AppFileTooLarge {
        /// The app repo.
        repository: RepositoryName,
        /// The path of the file.
        path: String,
        /// Its size in bytes.
        size: u64,
        /// The largest size that is read.
        most: u64,
    },
    /// There is no clone of a repository.
    #[error("there is no clone of {repository}")]
    NoClone {
        /// The repository.
        repository: RepositoryName,
        /// Where one was looked for.
        looked: Vec<PathBuf>,
        /// Where it could be cloned from.
        url: Option<String>,
        /// Whether relman was told to leave remotes alone.
        offline: bool,
    },
    /// It is not known what a text on the command line stands for.
    #[error(transparent)]
    Unclear(#[from] super::lineup::Unclear),
    /// The branch holds no version yet.
    #[error("environment/{environment} holds no version yet")]
    NothingDeclared {
        /// The environment.
        environment: EnvironmentName,
    },
    /// The environment is driven from outside, so the version must be given.
    #[error("environment/{environment} has no `version`, so one must be given")]
    VersionNeeded {
        /// The environment.
        environment: EnvironmentName,
    },
    /// What `ref:` names does not exist in the app repo.
    #[error("{repository} has neither a branch nor a tag nor a commit {target}")]
    NoSuchRef {
        /// The app repo.
        repository: RepositoryName,
        /// What was named.
        target: String,
    },
    /// `ref:` in an environment with final tags names something else than a release tag.
    #[error("{environment} takes only release tags, and ref:{target} is none")]
    RefNotATag {
        /// The environment.
        environment: EnvironmentName,
        /// What was named.
        target: String,
    },
}

/// A problem of a file, kept whole so that it can be said where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileProblem {
    /// The code.
    pub code: &'static str,
    /// What is wrong, with the branch, the file and the place in it.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl Error {
    /// The error for a release file that can't be used, on a branch.
    pub fn unusable(unusable: &Unusable, branch: &str) -> Self {
        let problem = unusable.problem(branch);
        Error::ReleaseFile(Box::new(FileProblem { code: problem.code, message: problem.message, hint: problem.hint }))
    }

    /// The error for a problem of an environment's own entry.
    pub fn entry(problem: crate::domain::problem::Problem) -> Self {
        Error::Entry(Box::new(FileProblem { code: problem.code, message: problem.message, hint: problem.hint }))
    }
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Error::Git(error) => error.code(),
            Error::Unresolved(error) => error.code(),
            Error::Number(error) => error.code(),
            Error::Declaration(error) => error.code(),
            Error::Name(error) => error.code(),
            Error::Url(error) => error.code(),
            Error::Branches(refused) => refused.code(),
            Error::Trigger(refused) => refused.code(),
            Error::Promotion(refused) => refused.code(),
            Error::Unselected(unselected) => unselected.code(),
            Error::Edit { cause, .. } => cause.code(),
            Error::NoHeadBranch { .. } => "invalid-version",
            Error::NoFolder { .. } | Error::NoCurrentFolder => "no-folder",
            Error::NoReleaseRepo { .. } => "no-release-repo",
            Error::SeveralReleaseRepos { .. } => "several-release-repos",
            Error::NoEnvironments { .. } => "no-environments",
            Error::NoCommits { .. } => "no-commits",
            Error::NoEnvironment { .. } => "no-environment",
            Error::ReleaseFile(problem) | Error::Entry(problem) => problem.code,
            Error::AppFile { cause, .. } => cause.code(),
            Error::AppFileTooLarge { .. } => "file-too-large",
            Error::NoClone { .. } => "no-clone",
            Error::Unclear(unclear) => unclear.code(),
            Error::NothingDeclared { .. } => "nothing-declared",
            Error::VersionNeeded { .. } => "version-needed",
            Error::NoSuchRef { .. } => "no-ref",
            Error::NothingTagged { .. } => "no-tag",
            Error::RefNotATag { .. } => "ref-not-a-release",
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Error::Git(error) => error.exit(),
            Error::Unresolved(error) => error.exit(),
            Error::Number(error) => error.exit(),
            Error::Declaration(error) => error.exit(),
            Error::Unclear(unclear) => unclear.exit(),
            Error::Name(error) => error.exit(),
            Error::Url(error) => error.exit(),
            Error::Branches(refused) => refused.exit(),
            Error::Trigger(refused) => refused.exit(),
            Error::Promotion(refused) => refused.exit(),
            Error::Unselected(unselected) => unselected.exit(),
            Error::Edit { cause, .. } => cause.exit(),
            Error::NoHeadBranch { .. } => Exit::Usage,
            Error::NoFolder { .. }
            | Error::NoCurrentFolder
            | Error::NoReleaseRepo { .. }
            | Error::NoEnvironments { .. }
            | Error::NoCommits { .. }
            | Error::NoEnvironment { .. }
            | Error::NoClone { .. }
            | Error::NothingDeclared { .. }
            | Error::NothingTagged { .. }
            | Error::NoSuchRef { .. } => Exit::NotFound,
            Error::ReleaseFile(problem) if problem.code == "file-missing" => Exit::NotFound,
            Error::ReleaseFile(problem) if problem.code == "branch-unreadable" => Exit::Unexpected,
            Error::SeveralReleaseRepos { .. }
            | Error::ReleaseFile(_)
            | Error::Entry(_)
            | Error::AppFile { .. }
            | Error::AppFileTooLarge { .. }
            | Error::VersionNeeded { .. } => Exit::Usage,
            Error::RefNotATag { .. } => Exit::Refused,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Error::Git(error) => error.hints(),
            Error::Unresolved(error) => error.hints(),
            Error::Number(error) => error.hints(),
            Error::Declaration(error) => error.hints(),
            Error::Name(error) => error.hints(),
            Error::Url(error) => error.hints(),
            Error::Branches(refused) => refused.hints(),
            Error::Trigger(refused) => refused.hints(),
            Error::Promotion(refused) => refused.hints(),
            Error::Unselected(unselected) => unselected.hints(),
            Error::Edit { cause, .. } => cause.hints(),
            Error::NoHeadBranch { .. } | Error::NoFolder { .. } => vec![],
            Error::NoCurrentFolder => vec!["go to one that exists: cd DIR".into()],
            Error::NoReleaseRepo { .. } => vec![
                "go to a clone of the release repo, or name it: relman -C DIR …, and -C . where its environment branches were never fetched"
                    .into(),
                "relman init NAME makes a new one; relman demo DIR makes one to play with".into(),
            ],
            Error::SeveralReleaseRepos { paths } => match paths.first() {
                Some(first) => {
                    vec![format!("name the one you mean: relman -C {} …", shell_path(first))]
                }
                None => vec![],
            },
            Error::NoEnvironments { .. } => vec![
                "in a clone with a remote: relman fetch brings the environment branches".into(),
                "relman env add NAME --type dev makes the first one".into(),
            ],
            Error::NoCommits { .. } => vec!["relman init NAME makes a release repo".into()],
            Error::NoEnvironment { name, known } => {
                let known: Vec<&str> = known.iter().map(EnvironmentName::as_str).collect();
                match did_you_mean(name.as_str(), &known) {
                    Some(similar) => vec![format!("did you mean {similar}?")],
                    None if known.is_empty() => vec!["the release repo has no environment branches".into()],
                    None if known.len() <= 12 => vec![format!("the environments are {}", known.join(", "))],
                    None => vec!["relman env list shows all environments".into()],
                }
            }
            Error::ReleaseFile(problem) | Error::Entry(problem) => {
                if problem.hint.is_empty() {
                    vec![]
                } else {
                    vec![problem.hint.clone()]
                }
            }
            Error::AppFile { cause, .. } => cause.hints(),
            Error::AppFileTooLarge { .. } => vec!["make it smaller".into()],
            Error::NoClone { repository, looked, url, offline } => {
                let mut hints = Vec::new();
                let place = looked.first().map(|path| shell_path(path));
                match (url, place) {
                    (Some(url), Some(place)) => {
                        hints.push(format!(
                            "git clone {} {place}",
                            shell_word(&crate::domain::location::without_secrets(url))
                        ));
                    }
                    (None, Some(place)) => hints.push(format!("relman looks for it at {place}")),
                    _ => {}
                }
                if *offline && url.is_some() {
                    hints.push("or leave out --offline, and relman keeps a clone of its own".into());
                }
                hints.push(format!("or say where it is: git config relman.clone.{repository} DIR"));
                hints
            }
            Error::Unclear(unclear) => unclear.hints(),
            Error::NothingDeclared { environment } => {
                vec![format!(
                    "relman set {environment} VERSION begins a release there; or name the version on the command line"
                )]
            }
            Error::VersionNeeded { environment } => {
                vec![format!("relman resolve {environment} --version V")]
            }
            Error::NothingTagged { .. } => {
                vec!["a candidate is made where the type is qa, or by relman tag candidate".into()]
            }
            Error::NoSuchRef { .. } => vec!["relman fetch brings the clones up to date".into()],
            Error::RefNotATag { .. } => vec!["name a tag that relman made, such as ref:v1.2.0".into()],
        }
    }
}
