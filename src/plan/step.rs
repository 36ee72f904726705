//! The steps that plans are made of.

use std::path::PathBuf;

use crate::domain::jira::Telling;
use crate::domain::name::{BranchName, CommitId};
use crate::domain::word::words;

use super::branches::BranchPush;
use super::tags::TagPush;

/// A file that is written into a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// The path, its parts separated by `/`.
    pub path: String,
    /// The content.
    pub content: Vec<u8>,
    /// Whether it can be run.
    pub executable: bool,
}

/// A commit that is yet to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCommit {
    /// The files that it puts in or replaces; all others stay as its parent has them.
    pub files: Vec<NewFile>,
    /// The message.
    pub message: String,
}

/// A branch of a repository that is yet to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBranch {
    /// The name.
    pub name: BranchName,
    /// The commit on top of the repository's first one; `None`: the branch begins at the first one.
    pub commit: Option<NewCommit>,
}

/// A repository that is yet to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRepository {
    /// The folder of its work tree.
    pub folder: PathBuf,
    /// The default branch, which is checked out.
    pub default_branch: BranchName,
    /// The first commit, which all branches share.
    pub root: NewCommit,
    /// Further branches.
    pub branches: Vec<NewBranch>,
    /// The URL of the remote `origin`, where it is known.
    pub origin: Option<String>,
    /// Values of the repository's own configuration.
    pub config: Vec<(String, String)>,
}

/// What a branch at a remote must be for a push to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It must not exist.
    Absent,
    /// It must be this commit, of which the new one is a child.
    Parent(CommitId),
    /// It must be this commit, which relman made and now replaces.
    Replaced(CommitId),
}

/// What a commit that is pushed holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// What its first parent holds, with these files replaced.
    Edit(Vec<NewFile>),
    /// This tree, which trying out a merge has made.
    Tree(gix::ObjectId),
}

/// A commit that is made and pushed to a branch, without touching a work tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitPush {
    /// The repository.
    pub folder: PathBuf,
    /// The remote; `None`: the branch of this repository itself is moved.
    pub remote: Option<String>,
    /// The branch.
    pub branch: BranchName,
    /// What the branch must be before.
    pub expected: Expected,
    /// The parents of the commit.
    pub parents: Vec<CommitId>,
    /// What the commit holds.
    pub content: Content,
    /// The message.
    pub message: String,
}

/// What is open already between the two branches of a pull request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OpenAlready {
    /// Nobody has looked.
    #[default]
    Unknown,
    /// Nothing.
    Nothing,
    /// The one with this number, which says something else than it should.
    Outdated(u64),
    /// The one with this number, just as it is wanted.
    AsWanted(u64),
}

/// A pull request that is found, or opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequestWish {
    /// The branch that is merged.
    pub head: BranchName,
    /// The branch that it is merged into.
    pub base: BranchName,
    /// The title.
    pub title: String,
    /// The body, in Markdown.
    pub body: String,
    /// Whether it is a draft.
    pub draft: bool,
    /// Who is asked to review it, by their names at the forge.
    pub reviewers: Vec<String>,
    /// Its labels.
    pub labels: Vec<String>,
    /// What was found when the plan was made; whoever carries it out looks again.
    pub open: OpenAlready,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Make a repository, whole or not at all.
    MakeRepository(NewRepository),
    /// Something is as it should be already; there is nothing to do.
    Keep {
        /// What is kept, as a sentence.
        summary: String,
    },
    /// Make a branch with one commit on top of another, without touching a work tree.
    MakeBranch {
        /// The repository.
        folder: PathBuf,
        /// The branch, which must not exist.
        branch: BranchName,
        /// The commit that it begins at.
        base: CommitId,
        /// The commit on top of it; `None`: the branch is the base itself.
        commit: Option<NewCommit>,
    },
    /// Push branches to a remote, the first one before the others.
    Push {
        /// The repository.
        folder: PathBuf,
        /// The remote.
        remote: String,
        /// The branches, as they are named on both sides.
        branches: Vec<BranchName>,
    },
    /// Make a commit and push it to a branch.
    PushCommit(CommitPush),
    /// Make a tag and push it.
    PushTag(TagPush),
    /// Make a branch at a commit that exists, and push it.
    PushBranch(BranchPush),
    /// Find or open a pull request.
    PullRequest(PullRequestWish),
    /// Tell Jira; what goes wrong there is a warning, and no failure of the plan.
    TellJira(Telling),
    /// Something that a person does.
    ByHand {
        /// What it is, as a sentence.
        summary: String,
    },
}

words! {
    /// What kind of step it is.
    pub enum StepKind {
        /// Makes a repository.
        MakeRepository = "make-repository",
        /// Leaves something as it is.
        Keep = "keep",
        /// Makes a branch in a clone.
        MakeBranch = "make-branch",
        /// Pushes branches of a clone.
        Push = "push",
        /// Makes a commit and pushes it.
        PushCommit = "push-commit",
        /// Makes a tag at a remote.
        PushTag = "push-tag",
        /// Makes a branch at a remote.
        PushBranch = "push-branch",
        /// Opens a pull request, or brings it up to date.
        PullRequest = "pull-request",
        /// Tells issues in Jira.
        Jira = "jira",
        /// Is left to a person.
        ByHand = "by-hand",
        /// Checks a repository out, in a folder of its own.
        CheckOut = "check-out",
        /// Writes a record of the deployment.
        Record = "record",
        /// Shows how it goes beside the commit, at the forge.
        Status = "status",
        /// Runs the pipeline.
        Run = "run",
        /// Puts a whole playground into a folder.
        MakePlayground = "make-playground",
    }
}

impl Step {
    /// What kind of step it is.
    pub fn kind(&self) -> StepKind {
        match self {
            Step::MakeRepository(_) => StepKind::MakeRepository,
            Step::Keep { .. } => StepKind::Keep,
            Step::MakeBranch { .. } => StepKind::MakeBranch,
            Step::Push { .. } => StepKind::Push,
            Step::PushCommit(_) => StepKind::PushCommit,
            Step::PushTag(_) => StepKind::PushTag,
            Step::PushBranch(_) => StepKind::PushBranch,
            Step::PullRequest(_) => StepKind::PullRequest,
            Step::TellJira(_) => StepKind::Jira,
            Step::ByHand { .. } => StepKind::ByHand,
        }
    }

    /// Whether the step changes anything.
    pub fn changes(&self) -> bool {
        match self {
            Step::Keep { .. } | Step::ByHand { .. } => false,
            Step::PullRequest(wish) => !matches!(wish.open, OpenAlready::AsWanted(_)),
            _ => true,
        }
    }

    /// What the step does, in a sentence without a full stop.
    pub fn summary(&self) -> String {
        match self {
            Step::MakeRepository(repository) => {
                let mut summary = format!("make the repository {}", repository.folder.display());
                let mut branches: Vec<&str> = vec![repository.default_branch.as_str()];
                branches.extend(repository.branches.iter().map(|branch| branch.name.as_str()));
                summary.push_str(&format!(", with {}", branches.join(", ")));
                summary
            }
            Step::Keep { summary } | Step::ByHand { summary } => summary.clone(),
            Step::PushCommit(push) => {
                let subject = push.message.lines().next().unwrap_or_default();
                let branch = &push.branch;
                match (&push.remote, push.expected) {
                    (Some(remote), Expected::Absent) => format!("push a new branch {branch} to {remote}: {subject}"),
                    (Some(remote), Expected::Parent(_)) => format!("push a commit to {branch} of {remote}: {subject}"),
                    (Some(remote), Expected::Replaced(old)) => {
                        format!("replace {} on {branch} of {remote}, which relman made: {subject}", old.short())
                    }
                    (None, _) => format!("commit to {branch} in {}: {subject}", push.folder.display()),
                }
            }
            Step::PushTag(push) => format!("tag {} with {}, at {}", push.name, push.tag, push.commit.short()),
            Step::PushBranch(push) => format!("make {} in {}, at {}", push.branch, push.name, push.commit.short()),
            Step::PullRequest(PullRequestWish { head, base, title, open, .. }) => match open {
                OpenAlready::Unknown => format!("find or open a pull request from {head} to {base}: {title}"),
                OpenAlready::Nothing => format!("open a pull request from {head} to {base}: {title}"),
                OpenAlready::Outdated(number) => {
                    format!("bring the pull request {number} from {head} to {base} up to date: {title}")
                }
                OpenAlready::AsWanted(number) => {
                    format!("keep the pull request {number} from {head} to {base}, which is as it should be")
                }
            },
            Step::TellJira(telling) => telling.summary(),
            Step::MakeBranch { folder, branch, base, .. } => {
                format!("make the branch {branch} in {}, from {}", folder.display(), base.short())
            }
            Step::Push { folder, remote, branches } => {
                let names: Vec<&str> = branches.iter().map(BranchName::as_str).collect();
                format!("push {} of {} to {remote}", names.join(", "), folder.display())
            }
        }
    }

    /// The files that the step writes, in the order of their paths.
    pub fn paths(&self) -> Vec<&str> {
        let mut paths: Vec<&str> = match self {
            Step::MakeRepository(repository) => repository.root.files.iter().map(|file| file.path.as_str()).collect(),
            Step::MakeBranch { commit: Some(commit), .. } => {
                commit.files.iter().map(|file| file.path.as_str()).collect()
            }
            _ => Vec::new(),
        };
        paths.sort_unstable();
        paths
    }
}
