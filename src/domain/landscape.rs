//! The release repo as it was read: every environment branch, and what can be said of them together.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::environment::{Environment, Tagging};
use super::graph::{Graph, Member};
use super::name::{CommitId, EnvironmentName, RepositoryName, TagName, TypeName, differ_in_case_alone};
use super::problem::Problem;
use super::record::{Outcome, Record};
use super::release_file::{FileError, ReleaseFile};
use super::text::shell_word;
use super::version::Declared;

/// What stands in for a release file that can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// The branch has neither `release.yml` nor `release.yaml`.
    Missing,
    /// It has both.
    Both,
    /// The file is larger than relman reads; its size in bytes.
    TooLarge(u64),
    /// `release.yml` is no file but a folder or a link.
    NotAFile,
    /// The file is not valid.
    Invalid(FileError),
    /// The branch itself can't be read, and why.
    Unreadable(String),
    /// What was declared at a time can't be told: the history is also that of other environments, which it names.
    Shared(String),
    /// What was declared at a time can't be told: the clone does not go back so far.
    CutOff,
}

/// How a local branch stands to the remote's of the same name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LocalBranch {
    /// It stands on the same commit, or there is none.
    #[default]
    Same,
    /// It is merely older: all that it has is at the remote, too.
    Behind,
    /// It has something that the remote's has not.
    Differs,
}

/// A branch below `environment/`.
#[derive(Clone, Debug)]
pub struct EnvironmentBranch {
    /// What follows `environment/`, for people; not yet stripped for a terminal.
    pub text: String,
    /// The name, where the branch has a valid one.
    pub name: Option<EnvironmentName>,
    /// The tip.
    pub commit: CommitId,
    /// When the tip was committed, in seconds since 1970.
    pub changed_at: i64,
    /// The author of the tip.
    pub changed_by: String,
    /// The candidate that the tip's `Candidate:` trailer names.
    pub named_candidate: Option<TagName>,
    /// The release file.
    pub file: Result<Rc<ReleaseFile>, Unusable>,
    /// The path of the release file.
    pub path: &'static str,
    /// The reference that the branch points at, where it is a symbolic one.
    pub symbolic: Option<String>,
    /// How a local branch of the same name stands to it.
    pub local: LocalBranch,
    /// Whether the branch exists in this clone only, and not at the remote.
    pub local_only: bool,
    /// How the last deployment went, where there is a record of one.
    pub deployment: Option<(Record, Outcome)>,
}

/// All environment branches of a release repo, and the environments in the order that they are shown in.
#[derive(Clone, Debug)]
pub struct Landscape {
    /// The branches, sorted by name.
    pub branches: Vec<EnvironmentBranch>,
    /// Indexes into `branches`, along `from`, then as listed.
    pub order: Vec<usize>,
    /// Where promotions come from and go to.
    pub graph: Graph,
}

impl EnvironmentBranch {
    /// The entry that describes this environment, from its own branch.
    pub fn entry(&self) -> Option<&Environment> {
        self.file.as_ref().ok()?.entry(self.name.as_ref()?)
    }

    /// Whether the tip of the branch could be read; if not, `commit` and what was read of it mean nothing.
    pub fn is_readable(&self) -> bool {
        !matches!(self.file, Err(Unusable::Unreadable(_)))
    }

    /// What the branch declares; `None` where the file can't be read.
    pub fn declared(&self) -> Option<&Declared> {
        self.file.as_ref().ok().map(|file| &file.version)
    }

    /// Whether something else says what is deployed, as the file has no `version`; records stand for it then.
    pub fn is_from_outside(&self) -> bool {
        matches!(self.declared(), Some(Declared::Absent))
    }

    /// What a deployment does about tags; `None` where that can't be known.
    pub fn tagging(&self) -> Option<Tagging> {
        self.entry().and_then(Environment::tagging)
    }

    /// The full name of the branch, for people.
    pub fn branch(&self) -> String {
        format!("environment/{}", self.text)
    }

    /// Everything that is wrong with this branch by itself.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let branch = self.branch();
        if self.name.is_none() {
            problems.push(
                Problem::error("invalid-name", format!("the branch {branch} has a name that no environment can have"))
                    .hint("use letters, digits, `.`, `_` and `-`, beginning with a letter or a digit"),
            );
        }
        match &self.file {
            Err(unusable) => problems.push(unusable.problem(&branch)),
            Ok(file) => self.file_problems(file, &mut problems),
        }
        if let Some(target) = &self.symbolic {
            problems.push(
                Problem::error("symbolic-branch", format!("{branch} is no branch of its own: it points at {target}"))
                    .hint(format!(
                        "relman does not write through it; make it a branch: git symbolic-ref --delete {}, then git branch {} {}",
                        shell_word(&format!("refs/heads/{branch}")),
                        shell_word(&branch),
                        shell_word(target)
                    )),
            );
        }
        if self.local_only {
            problems.push(
                Problem::warning("not-pushed", format!("{branch} exists in this clone only"))
                    .hint(format!("git push origin {}", shell_word(&branch))),
            );
        } else if self.local == LocalBranch::Differs {
            problems.push(
                Problem::warning("local-differs", format!("the local branch {branch} is not what the remote has"))
                    .hint("relman shows what the remote has; push what the branch has of its own, or delete it"),
            );
        }
        problems.into_iter().map(|problem| problem.environment(self.text.clone())).collect()
    }

    fn file_problems(&self, file: &ReleaseFile, problems: &mut Vec<Problem>) {
        let branch = self.branch();
        let Some(name) = &self.name else { return };
        problems.extend(file.warnings.iter().cloned());
        let Some(entry) = file.entry(name) else {
            problems.push(
                Problem::error("branch-without-entry", format!("{branch} has no entry named {name} in {}", self.path))
                    .hint(format!("add `- name: {name}` with a `type` below `environments` on that branch"))
                    .at(self.path, None),
            );
            return;
        };
        let line = Some(entry.line);
        match (&entry.kind, entry.tagging()) {
            (_, Some(tagging)) => {
                if let Some(problem) = version_problem(&file.version, tagging, &branch) {
                    problems.push(problem.at(self.path, file.version_line));
                }
            }
            (Some(kind), None) => problems.push(
                Problem::error(
                    "type-without-tagging",
                    format!("relman does not know what the type {kind} of {name} means for tags"),
                )
                .hint("set `tags: none`, `candidate`, `reuse` or `final` in its entry")
                .at(self.path, line),
            ),
            (None, None) => problems.push(
                Problem::error("type-missing", format!("the entry of {name} has neither `type` nor `tags`"))
                    .hint("set `type: dev`, `qa`, `staging` or `prod`")
                    .at(self.path, line),
            ),
        }
    }
}

/// The line that makes the branch of an entry.
fn line_to_add(entry: &Environment) -> String {
    let kind = entry.kind.as_ref().map_or("TYPE", TypeName::as_str);
    let tags = match entry.tagging() {
        Some(_) => "",
        None => " --tags WORD",
    };
    format!("relman env add {} --type {kind}{tags}", entry.name)
}

/// What is wrong with declaring this in an environment that tags so.
pub fn version_problem(declared: &Declared, tagging: Tagging, branch: &str) -> Option<Problem> {
    match (declared, tagging) {
        (Declared::Wip, Tagging::Candidate | Tagging::Reuse | Tagging::Final) => Some(
            Problem::error("wip-needs-version", format!("{branch} says WIP, but its environment needs a version"))
                .hint("set a version such as 1.2.0"),
        ),
        _ => None,
    }
}

impl Unusable {
    /// The problem as `status` and `check` report it.
    pub fn problem(&self, branch: &str) -> Problem {
        match self {
            Unusable::Missing => Problem::error("file-missing", format!("{branch} has no release.yml"))
                .hint("the file names the application, a version and the environments"),
            Unusable::Both => Problem::error("file-doubled", format!("{branch} has both release.yml and release.yaml"))
                .hint("delete one of them"),
            Unusable::TooLarge(size) => Problem::error(
                "file-too-large",
                format!("release.yml on {branch} has {size} bytes; 262144 are allowed"),
            )
            .hint("keep what relman does not read in a file of its own")
            .at("release.yml", None),
            Unusable::NotAFile => Problem::error("file-missing", format!("release.yml on {branch} is not a file"))
                .hint("put a file in place of the folder, link or submodule"),
            Unusable::Unreadable(why) => Problem::error("branch-unreadable", format!("{branch} can't be read: {why}"))
                .hint("git fsck tells more; where a remote has the branch, relman fetch may bring it again"),
            Unusable::Shared(others) => Problem::warning(
                "shared-history",
                format!("what {branch} declared then can't be told: a fast-forward made its history that of {others} as well"),
            )
            .hint("what ran is known from the records"),
            Unusable::CutOff => Problem::warning(
                "shallow-clone",
                format!("what {branch} declared then can't be told: the clone of the release repo is shallow"),
            )
            .hint("git fetch --unshallow brings the whole history"),
            Unusable::Invalid(error) => Problem::error(error.code, format!("{error} (on {branch})"))
                .hint(match &error.hint {
                    Some(hint) => hint.to_string(),
                    None => format!("mend {} on {branch}", error.path),
                })
                .at(error.path.clone(), Some(error.line)),
        }
    }
}

impl Landscape {
    /// Puts the branches in order and finds where promotions come from.
    pub fn new(branches: Vec<EnvironmentBranch>) -> Self {
        let graph = Graph::new(branches.iter().filter_map(|branch| {
            let own_file = branch.file.as_ref().map_or(&[][..], |file| &*file.environments);
            Some(Member::new(branch.name.clone()?, own_file))
        }));
        let by_name: HashMap<&EnvironmentName, usize> =
            branches.iter().enumerate().filter_map(|(index, branch)| Some((branch.name.as_ref()?, index))).collect();
        let mut order: Vec<usize> = graph.order().into_iter().filter_map(|name| by_name.get(name).copied()).collect();
        order.extend((0..branches.len()).filter(|index| branches[*index].name.is_none()));
        Landscape { branches, order, graph }
    }

    /// The branches in the order that they are shown in.
    pub fn in_order(&self) -> impl Iterator<Item = &EnvironmentBranch> {
        self.order.iter().map(|index| &self.branches[*index])
    }

    /// The branch of an environment.
    pub fn find(&self, name: &EnvironmentName) -> Option<&EnvironmentBranch> {
        self.branches.iter().find(|branch| branch.name.as_ref() == Some(name))
    }

    /// Where promotions to a new environment come from, where nobody says it: from where those of its type take them; else
    /// from the last environment that does no more about tags.
    pub fn usual_sources(
        &self,
        name: &EnvironmentName,
        kind: &TypeName,
        tagging: Option<Tagging>,
    ) -> Vec<EnvironmentName> {
        if self.find(name).is_some() {
            return self.graph.from(name).to_vec();
        }
        let described = || self.in_order().filter_map(|branch| Some((branch.entry()?, branch.tagging())));
        match described().filter(|(entry, _)| entry.kind.as_ref() == Some(kind)).last() {
            Some((kin, _)) => {
                let known = |source: &&EnvironmentName| self.find(source).is_some();
                self.graph.from(&kin.name).iter().filter(known).cloned().collect()
            }
            None => {
                let earlier = described().filter(|(_, other)| other.is_some() && *other <= tagging).last();
                earlier.map(|(entry, _)| entry.name.clone()).into_iter().collect()
            }
        }
    }

    /// The first release file that can be read, by the names of the branches: for all environments together, it says which
    /// application they are of.
    pub fn first_file(&self) -> Option<&ReleaseFile> {
        self.branches.iter().find_map(|branch| branch.file.as_deref().ok())
    }

    /// The applications that the release files name, each once, in the order of the environments.
    pub fn applications(&self) -> Vec<&RepositoryName> {
        let mut names: Vec<&RepositoryName> = Vec::new();
        for branch in self.in_order() {
            if let Ok(file) = &branch.file
                && !names.contains(&&file.application.name)
            {
                names.push(&file.application.name);
            }
        }
        names
    }

    /// Environments whose names are one for whoever has a clone on a disk that tells no capital letters.
    fn similar_names(&self) -> Vec<Problem> {
        let mut names: Vec<&str> = self.branches.iter().map(|branch| branch.text.as_str()).collect();
        names.sort_by_cached_key(|name| name.to_ascii_lowercase());
        let similar = |pair: &&[&str]| differ_in_case_alone(pair[0], pair[1]);
        let problem = |pair: &[&str]| {
            let message = format!("the names {} and {} differ in capital letters alone", pair[0], pair[1]);
            Problem::warning("similar-names", message)
                .hint("a clone on macOS or Windows takes both for one: rename one of them")
        };
        names.windows(2).filter(similar).map(problem).collect()
    }

    /// What is wrong with the environments taken together.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for cycle in &self.graph.cycles() {
            let names: Vec<&str> = cycle.iter().chain(cycle.first()).map(EnvironmentName::as_str).collect();
            problems.push(
                Problem::error("cycle", format!("promotions go in a circle: {}", names.join(" ← ")))
                    .hint("take one of them out of `from`"),
            );
        }
        problems.extend(self.similar_names());
        for (entry, place) in self.entries_without_branch() {
            let name = &entry.name;
            problems.push(
                Problem::warning(
                    "entry-without-branch",
                    format!("{place} lists {name}, which has no branch environment/{name}"),
                )
                .hint(format!("{} makes one; or take the entry out", line_to_add(entry)))
                .environment(name.to_string()),
            );
        }
        for (name, source) in self.graph.unknown() {
            let branch = self.find(name);
            problems.push(
                Problem::error("unknown-source", format!("{name} takes promotions from {source}, which has no branch"))
                    .hint("mend `from` in its entry")
                    .environment(name.to_string())
                    .at(
                        branch.map_or("release.yml", |branch| branch.path),
                        branch.and_then(EnvironmentBranch::entry).map(|entry| entry.line),
                    ),
            );
        }
        let applications = self.applications();
        if applications.len() > 1 {
            let names: Vec<&str> = applications.iter().map(|name| name.as_str()).collect();
            problems.push(
                Problem::error(
                    "several-applications",
                    format!("the branches name several applications: {}", names.join(", ")),
                )
                .hint("a release repo belongs to one application"),
            );
        }
        problems
    }

    /// Entries that name an environment without a branch, each once, with the branch that lists it.
    pub fn entries_without_branch(&self) -> Vec<(&Environment, String)> {
        let known: HashSet<&EnvironmentName> = self.branches.iter().filter_map(|branch| branch.name.as_ref()).collect();
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        for branch in self.in_order() {
            let Ok(file) = &branch.file else { continue };
            for entry in file.environments.iter() {
                if !known.contains(&entry.name) && seen.insert(&entry.name) {
                    found.push((entry, branch.branch()));
                }
            }
        }
        found
    }
}
