//! What one state of an application has beyond another: commits, issues, components, files.
//!
//! `from` is what is given, `to` is what receives it, as in `promote FROM TO`: *added* is what `to` would gain, *removed*
//! what it would lose.

mod keys;
mod standing;

use super::ancestry::Ancestry;
use super::history::Commit;
use super::issues::Projects;
use super::message;
use super::name::{CommitId, EnvironmentName, RepositoryName, TagName};
use super::problem::Problem;
use super::word::words;

use keys::Naming;
use standing::Standing;

pub use standing::Around;

/// A comparison over all repositories of a release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// What is given.
    pub from: Side,
    /// What would receive it.
    pub to: Side,
    /// The repositories that are part of both, the app repo first.
    pub repositories: Vec<RepositoryDiff>,
    /// The components that come and go.
    pub components: Components,
    /// The file that defines the pipeline.
    pub pipeline: FileChange,
    /// The chart, but for its values.
    pub chart: FileChange,
    /// The values files that count for `to`.
    pub values: FileChange,
    /// The release file.
    pub release_file: ReleaseFileChange,
    /// When the oldest clone that was read was brought up to date, in seconds since 1970.
    pub fetched_at: Option<i64>,
    /// What should be known about the answer.
    pub warnings: Vec<Problem>,
}

/// One side of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// What it is called: an environment, a version, a tag.
    pub name: String,
    /// The environment, where it is one.
    pub environment: Option<EnvironmentName>,
    /// The time that was asked for, as it was understood.
    pub at: Option<String>,
    /// What it declares, as text.
    pub version: Option<String>,
    /// What of it is compared.
    pub basis: Basis,
    /// The tag that the commits come from, where it is one.
    pub tag: Option<TagName>,
    /// The commit of the release repo.
    pub release_commit: Option<CommitId>,
    /// The commit of the app repo; `None` where nothing was deployed yet.
    pub commit: Option<CommitId>,
    /// What was last deployed with success, where records say it.
    pub ran: Option<Ran>,
}

words! {
    /// What of a side is compared.
    #[derive(Default)]
    pub enum Basis {
        /// What an environment branch declares.
        #[default]
        Declared = "declared",
        /// What a record says that ran.
        Ran = "ran",
        /// What was named on the command line.
        Given = "given",
    }
}

/// The last successful deployment of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// What was deployed, as `version:` says it.
    pub version: Option<String>,
    /// The tag.
    pub tag: Option<String>,
    /// The commit of the app repo.
    pub commit: Option<CommitId>,
    /// When it ended, RFC 3339.
    pub at: String,
}

impl Side {
    /// Whether what was last deployed is not what is compared.
    pub fn ran_differs(&self) -> bool {
        self.basis == Basis::Declared
            && self
                .ran
                .as_ref()
                .is_some_and(|ran| ran.version != self.version || (ran.commit.is_some() && ran.commit != self.commit))
    }
}

/// One repository that is part of both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryDiff {
    /// Its name.
    pub name: RepositoryName,
    /// Its commit on the side that is given.
    pub from: Option<CommitId>,
    /// Its commit on the side that receives.
    pub to: Option<CommitId>,
    /// What differs; `None` where that can't be known here.
    pub commits: Option<Commits>,
    /// All that differs in its files, as a patch, where that was asked for.
    pub patch: Option<String>,
}

/// The commits that differ in a repository, children before their parents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commits {
    /// What `to` would gain.
    pub added: Vec<Change>,
    /// What `to` would lose.
    pub removed: Vec<Change>,
    /// How many commits of either side the other has by their content, under another id.
    pub same: usize,
    /// Merges of either side that have brought nothing but what the other has under another id. Listed they are all the
    /// same: what they change themselves is not known here.
    pub carried: Vec<CommitId>,
    /// The issue keys that would come, and those that would go.
    pub issues: IssueKeys,
}

/// Issue keys that come and go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueKeys {
    /// Those that come, sorted.
    pub added: Vec<String>,
    /// Those that go, sorted.
    pub removed: Vec<String>,
}

/// A commit that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its id.
    pub id: CommitId,
    /// The first line of its message; not yet stripped for a terminal.
    pub subject: String,
    /// Its author; not yet stripped for a terminal.
    pub author: String,
    /// When it was committed, in seconds since 1970.
    pub at: i64,
    /// The issue keys in its message.
    pub issues: Vec<String>,
    /// The pull request that it names.
    pub pull_request: Option<u64>,
    /// The title of the pull request, where the subject does not have it.
    pub title: Option<String>,
    /// Whether it has several parents.
    pub is_merge: bool,
    /// Whether it is known to change nothing.
    pub is_empty: bool,
    /// Whether it and what takes it back are on the same side, so that nothing of it is left.
    pub undone: bool,
}

/// The components that only one side has, and those that go by another name there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Components {
    /// Those that would come, with their commits.
    pub added: Vec<(RepositoryName, Option<CommitId>)>,
    /// Those that would go, with their commits.
    pub removed: Vec<(RepositoryName, Option<CommitId>)>,
    /// What `to` calls one, and what it would be called; `repositories` has it by the latter.
    pub renamed: Vec<(RepositoryName, RepositoryName)>,
}

/// Files that differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileChange {
    /// Whether they differ; `None` where that can't be known here.
    pub changed: Option<bool>,
    /// The paths of those that differ.
    pub paths: Vec<String>,
    /// How they differ, as a patch, where that was asked for.
    pub patch: Option<String>,
}

/// What differs in the release file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReleaseFileChange {
    /// The keys, those of the receiving environment's entry as `<environment>.<key>`.
    pub changed_keys: Vec<String>,
    /// How the files differ, as a patch, where that was asked for.
    pub patch: Option<String>,
}

/// A commit on one side only, as it was read.
#[derive(Clone, Debug)]
pub struct Differing {
    /// The commit.
    pub commit: Commit,
    /// Whether it is on the side that is given.
    pub is_given: bool,
    /// What it changes.
    pub content: Content,
}

/// What a commit changes, as far as that was compared with the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Something that the other side does not have.
    Own,
    /// Something that a commit of the other side changes in the same way.
    Same,
    /// Nothing at all; there may be many such commits, and none is another one.
    Nothing,
}

impl Commits {
    /// Tells apart what is new, what would be lost and what is the same. `list` has children before their parents.
    pub fn new(list: Vec<Differing>, around: &Around, projects: &Projects) -> Self {
        let history = list.iter().map(|one| &one.commit).chain(&around.common);
        let ancestry = Ancestry::new(history.map(|commit| (commit.id, commit.parents.clone())).collect());
        let naming = Naming::of(&list, around, &ancestry, projects);
        let standing = Standing::of(&list, around, &ancestry, &naming);
        let issues = keys::moving(&list, &standing, &naming, projects);
        let carried = standing.carried(&list, &ancestry);
        let mut commits = Commits { issues, ..Commits::default() };
        for differing in &list {
            let commit = &differing.commit;
            let is_carried = carried.contains(&commit.id);
            if standing.is_same(commit.id) && (commit.parents.len() < 2 || is_carried) {
                commits.same += 1;
                continue;
            }
            if is_carried {
                commits.carried.push(commit.id);
            }
            let mut change = Change::of(commit, projects);
            change.undone = standing.is_undone(commit.id);
            change.is_empty = differing.content == Content::Nothing;
            if differing.is_given { commits.added.push(change) } else { commits.removed.push(change) }
        }
        commits
    }

    /// Counts those of the carried merges as the same that change nothing themselves.
    pub fn without_carried(mut self, changes_something: impl Fn(CommitId) -> bool) -> Self {
        let gone: Vec<CommitId> = self.carried.drain(..).filter(|merge| !changes_something(*merge)).collect();
        for side in [&mut self.added, &mut self.removed] {
            side.retain(|change| !gone.contains(&change.id));
        }
        self.same += gone.len();
        self
    }

    /// The commits whose content would be lost: those of `to` that nothing of `from` repeats, merges and
    /// commits without a change aside.
    pub fn missing_fixes(&self) -> impl Iterator<Item = &Change> {
        self.removed.iter().filter(|change| !change.is_merge && !change.is_empty && !change.undone)
    }
}

impl Change {
    /// What is told of a commit.
    pub fn of(commit: &Commit, projects: &Projects) -> Self {
        let merge = message::merge(&commit.message);
        Change {
            id: commit.id,
            subject: commit.subject().to_owned(),
            author: commit.author.clone(),
            at: commit.at,
            issues: projects.keys(&commit.message),
            pull_request: commit.pull_request().map(|mark| mark.number),
            title: merge.and_then(|merge| merge.title).map(str::to_owned),
            is_merge: commit.parents.len() > 1,
            is_empty: false,
            undone: false,
        }
    }
}

impl IssueKeys {
    fn add(&mut self, comes: bool, keys: impl IntoIterator<Item = String>) {
        if comes { self.added.extend(keys) } else { self.removed.extend(keys) }
    }

    fn tidy(&mut self) {
        for keys in [&mut self.added, &mut self.removed] {
            keys.sort_by(|a, b| number_of(a).cmp(&number_of(b)));
            keys.dedup();
        }
    }
}

/// `SHOP-9` comes before `SHOP-10`.
fn number_of(key: &str) -> (&str, usize, &str) {
    let (project, number) = key.rsplit_once('-').unwrap_or((key, ""));
    (project, number.len(), number)
}

impl Diff {
    /// The issue keys that come and go, over all repositories.
    pub fn issues(&self) -> IssueKeys {
        let mut all = IssueKeys::default();
        for commits in self.repositories.iter().filter_map(|repository| repository.commits.as_ref()) {
            all.added.extend(commits.issues.added.iter().cloned());
            all.removed.extend(commits.issues.removed.iter().cloned());
        }
        all.tidy();
        all
    }

    /// The commits that run in `to` and are missing from `from` by their content, with their repositories.
    pub fn missing_fixes(&self) -> Vec<(&RepositoryName, &Change)> {
        let known =
            self.repositories.iter().filter_map(|repository| Some((&repository.name, repository.commits.as_ref()?)));
        known.flat_map(|(name, commits)| commits.missing_fixes().map(move |change| (name, change))).collect()
    }

    /// Whether nothing at all differs, as far as that is known.
    pub fn is_empty(&self) -> bool {
        let same = |repository: &RepositoryDiff| repository.from == repository.to;
        self.repositories.iter().all(same)
            && self.components == Components::default()
            && self.release_file.changed_keys.is_empty()
    }
}

#[cfg(test)]
mod tests;
