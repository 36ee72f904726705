//! Planning `relman env add`: one more environment in a release repo that exists.

use std::path::PathBuf;

use crate::domain::environment::{Environment, Tagging};
use crate::domain::error::{Exit, Explain};
use crate::domain::file::FileError;
use crate::domain::graph::Member;
use crate::domain::landscape::Unusable;
use crate::domain::name::{BranchName, CommitId, EnvironmentName, RepositoryName, TypeName, differ_in_case_alone};
use crate::domain::release_file::ReleaseFile;
use crate::domain::text::{shell_path, shell_word};
use crate::domain::version::Declared;
use crate::domain::yaml::edit::{EditError, append_to_list, clear_scalar};

use super::{NewCommit, NewFile, Plan, Step};

/// The environment that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The name.
    pub name: EnvironmentName,
    /// The type.
    pub kind: TypeName,
    /// What the entry says about tags itself.
    pub tags: Option<Tagging>,
    /// The branch of the app repo that WIP deploys, where one was named.
    pub branch: Option<BranchName>,
    /// Where promotions come from; empty where it was not said.
    pub from: Vec<EnvironmentName>,
    /// The lines of its entry, without the dash.
    pub entry: Vec<String>,
    /// Whether the branch is pushed.
    pub push: bool,
}

/// The release repo as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Its folder.
    pub folder: PathBuf,
    /// The commit that all environment branches share.
    pub root: CommitId,
    /// The release file of that commit: its path and its text.
    pub file: Option<(&'static str, String)>,
    /// The app repo's name, for a root without a release file.
    pub application: Option<RepositoryName>,
    /// The remote, where there is one.
    pub remote: Option<String>,
    /// The release file on the branch of that name, where the branch exists in the clone.
    pub existing: Option<String>,
    /// Whether the branch exists at the remote.
    pub at_remote: bool,
    /// The branches whose names begin with `environment`, here and at the remote.
    pub near: Vec<NearBranch>,
}

/// A branch that may leave no room for another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearBranch {
    /// Its name.
    pub name: BranchName,
    /// The remote that has it; `None`: the clone itself.
    pub remote: Option<String>,
}

impl NearBranch {
    /// Why Git can't have both, here or in somebody's clone.
    fn leaves_no_room_for(&self, branch: &BranchName) -> Option<&'static str> {
        let (here, new) = (self.name.as_str(), branch.as_str());
        let inside = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.starts_with('/'));
        if inside(here, new) || inside(new, here) {
            return Some("one of the names is a folder of the other");
        }
        differ_in_case_alone(here, new)
            .then_some("on macOS and Windows, where capital letters make no other file, both are one")
    }
}

impl Snapshot {
    /// Whether the release file of the root lists the environment already, so that its entry is kept as it stands.
    pub fn lists(&self, name: &EnvironmentName) -> bool {
        let file = self.file.as_ref().and_then(|(path, text)| ReleaseFile::parse(path, text.as_bytes()).ok());
        file.is_some_and(|file| file.entry(name).is_some())
    }
}

/// Why an environment can't be added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is a branch of that name with something else on it.
    #[error("the branch {branch} exists already", branch = .0.branch())]
    Exists(EnvironmentName),
    /// There is a branch that Git can't have beside the new one.
    #[error(
        "{branch} can't be made beside the branch {other}{place}: {why}",
        other = .other.name, place = .other.remote.as_ref().map(|remote| format!(" of {remote}")).unwrap_or_default()
    )]
    InTheWay {
        /// The branch that was to be made.
        branch: BranchName,
        /// The one that is in its way.
        other: NearBranch,
        /// Why it is.
        why: &'static str,
        /// The release repo.
        folder: PathBuf,
    },
    /// The shared root describes the environment otherwise.
    #[error(
        "release.yml of the first commit lists {0} already, with another {other} than was asked for",
        other = .1.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" and another ")
    )]
    Described(EnvironmentName, Vec<&'static str>),
    /// relman does not know what the type means for tags.
    #[error("relman does not know what the type {0} means for tags")]
    UnknownType(TypeName),
    /// Nothing says which application the release repo belongs to.
    #[error("nothing in this repository says which application it belongs to")]
    NoApplication,
    /// A push was asked for, and there is no remote.
    #[error("there is no remote to push to")]
    NoRemote,
    /// The release file of the root is nothing that an entry can be added to.
    #[error("{}", .0.problem(&format!("{}, where environments begin", .1.short())).message)]
    Unusable(Box<Unusable>, CommitId),
    /// The release file of the root can't be read.
    #[error("the release file that environments begin with can't be used")]
    File(#[source] FileError),
    /// The release file of the root can't be edited.
    #[error("the release file that environments begin with can't be edited")]
    Edit(#[source] EditError),
}

impl Explain for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::Exists(_) => "exists",
            Refused::InTheWay { .. } => "branch-in-the-way",
            Refused::Described(..) => "described-otherwise",
            Refused::UnknownType(_) => "type-without-tagging",
            Refused::NoApplication => "no-application",
            Refused::NoRemote => "no-remote",
            Refused::Unusable(unusable, _) if **unusable == Unusable::NotAFile => "not-a-file",
            Refused::Unusable(unusable, _) => unusable.problem("").code,
            Refused::File(error) => error.code,
            Refused::Edit(error) => error.code(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Refused::Exists(_) | Refused::InTheWay { .. } | Refused::Described(..) => Exit::Refused,
            _ => Exit::Usage,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Refused::Exists(_) => vec!["relman env list shows what there is".into()],
            Refused::InTheWay { other: NearBranch { name, remote }, folder, .. } => {
                let folder = shell_path(folder);
                let (full, name) = (shell_word(&name.full()), shell_word(name.as_str()));
                vec![match remote {
                    None => format!("rename it: git -C {folder} branch -m {name} OTHER; or take another name"),
                    Some(remote) => format!(
                        "if nobody needs it: git -C {folder} push {} :{full}; or take another name",
                        shell_word(remote)
                    ),
                }]
            }
            Refused::Described(name, _) => {
                vec![format!("ask for what it says, and edit environment/{name} afterwards")]
            }
            Refused::UnknownType(_) => {
                vec!["use dev, qa, staging or prod; or say it: --tags none|candidate|reuse|final".into()]
            }
            Refused::NoApplication => vec!["relman init NAME makes a release repo".into()],
            Refused::NoRemote => vec!["leave out --push, or add a remote: git remote add origin URL".into()],
            Refused::Unusable(unusable, _) => vec![unusable.problem("").hint],
            Refused::File(error) => crate::domain::error::Explain::hints(error),
            Refused::Edit(error) => error.hints(),
        }
    }
}

/// Plans the branch, from the shared root, with the entry on it.
pub fn plan(request: &Request, snapshot: &Snapshot) -> Result<Plan, Refused> {
    if request.push && snapshot.remote.is_none() {
        return Err(Refused::NoRemote);
    }
    let branch = request.name.branch();
    for other in &snapshot.near {
        if let Some(why) = other.leaves_no_room_for(&branch) {
            return Err(Refused::InTheWay { branch, other: other.clone(), why, folder: snapshot.folder.clone() });
        }
    }
    let commit = commit(request, snapshot)?;
    let wanted = match &commit {
        Some(commit) => commit.files.first().map(|file| String::from_utf8_lossy(&file.content).into_owned()),
        None => snapshot.file.as_ref().map(|(_, text)| text.clone()),
    };
    let mut steps = Vec::new();
    match &snapshot.existing {
        Some(existing) if Some(existing) == wanted.as_ref() => {
            steps.push(Step::Keep { summary: format!("keep {branch}, which is as it should be") });
        }
        Some(_) => return Err(Refused::Exists(request.name.clone())),
        None if snapshot.at_remote => return Err(Refused::Exists(request.name.clone())),
        None => steps.push(Step::MakeBranch {
            folder: snapshot.folder.clone(),
            branch: branch.clone(),
            base: snapshot.root,
            commit,
        }),
    }
    if let (true, Some(remote), false) = (request.push, &snapshot.remote, snapshot.at_remote) {
        steps.push(Step::Push { folder: snapshot.folder.clone(), remote: remote.clone(), branches: vec![branch] });
    }
    Ok(Plan { steps })
}

/// The commit on top of the root; `None` where the root describes the environment already and declares nothing.
fn commit(request: &Request, snapshot: &Snapshot) -> Result<Option<NewCommit>, Refused> {
    let name = &request.name;
    let file = match &snapshot.file {
        Some((path, text)) => Some((*path, text, ReleaseFile::parse(path, text.as_bytes()).map_err(Refused::File)?)),
        None => None,
    };
    let listed = file.as_ref().and_then(|(_, _, file)| Some((file.entry(name)?, file)));
    let own_word = request.tags.or_else(|| listed.and_then(|(entry, _)| entry.tags));
    if own_word.or_else(|| Tagging::of_type(&request.kind)).is_none() {
        return Err(Refused::UnknownType(request.kind.clone()));
    }
    let (path, text) = match &file {
        Some((path, text, file)) => {
            // What the first commit declares is meant for no environment, least of all for one that begins today.
            let undeclared = match file.version {
                Declared::Empty | Declared::Absent => (*text).clone(),
                _ => clear_scalar(text, "version").map_err(Refused::Edit)?,
            };
            match listed {
                Some((entry, file)) => {
                    let other = differences(request, entry, &file.environments);
                    if !other.is_empty() {
                        return Err(Refused::Described(name.clone(), other));
                    }
                    if undeclared == **text {
                        return Ok(None);
                    }
                    (*path, undeclared)
                }
                None => (*path, append_to_list(&undeclared, "environments", &request.entry).map_err(Refused::Edit)?),
            }
        }
        None => {
            let application = snapshot.application.as_ref().ok_or(Refused::NoApplication)?;
            let mut text = format!("application: {application}\nversion:\nenvironments:\n");
            for (index, line) in request.entry.iter().enumerate() {
                text.push_str(if index == 0 { "- " } else { "  " });
                text.push_str(line);
                text.push('\n');
            }
            ReleaseFile::parse("release.yml", text.as_bytes()).map_err(Refused::File)?;
            ("release.yml", text)
        }
    };
    Ok(Some(NewCommit {
        files: vec![NewFile { path: path.to_owned(), content: text.into_bytes(), executable: false }],
        message: format!(
            "Add the environment {name}\n\nIt is of type {}. Nothing is deployed to it yet.\n",
            request.kind
        ),
    }))
}

/// The keys by which an entry says something else than is asked for; what was not asked for may be as it is.
fn differences(request: &Request, entry: &Environment, list: &[Environment]) -> Vec<&'static str> {
    let sorted = |names: &[EnvironmentName]| {
        let mut names = names.to_vec();
        names.sort();
        names.dedup();
        names
    };
    let from = Member::new(entry.name.clone(), list).from;
    let checks = [
        ("type", entry.kind.as_ref() == Some(&request.kind)),
        ("tags", request.tags.is_none() || request.tags == entry.tagging()),
        ("branch", request.branch.is_none() || request.branch == entry.branch),
        ("from", request.from.is_empty() || sorted(&request.from) == sorted(&from)),
    ];
    checks.into_iter().filter(|(_, same)| !same).map(|(key, _)| key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "application: shop\nversion:\nenvironments:\n- name: dev\n  type: dev\n";

    fn request(name: &str, kind: &str) -> Request {
        Request {
            name: EnvironmentName::parse(name).expect("a name"),
            kind: TypeName::parse(kind).expect("a type"),
            tags: None,
            branch: None,
            from: Vec::new(),
            entry: vec![format!("name: {name}"), format!("type: {kind}"), "from: [dev]".into()],
            push: false,
        }
    }

    fn snapshot() -> Snapshot {
        Snapshot {
            folder: "shop-release".into(),
            root: CommitId::parse(&"a".repeat(40)).expect("an id"),
            file: Some(("release.yml", FILE.into())),
            application: None,
            remote: None,
            existing: None,
            at_remote: false,
            near: Vec::new(),
        }
    }

    fn written(plan: &Plan) -> String {
        let Step::MakeBranch { commit: Some(commit), .. } = &plan.steps[0] else { panic!("{plan:?}") };
        String::from_utf8(commit.files[0].content.clone()).expect("text")
    }

    #[test]
    fn the_entry_is_added_and_the_rest_stays() {
        let plan = plan(&request("qa", "qa"), &snapshot()).expect("a plan");
        assert_eq!(written(&plan), format!("{FILE}- name: qa\n  type: qa\n  from: [dev]\n"));
    }

    #[test]
    fn a_root_without_a_file_gets_one() {
        let snapshot = Snapshot { file: None, application: RepositoryName::parse("shop").ok(), ..snapshot() };
        let plan = plan(&request("qa", "qa"), &snapshot).expect("a plan");
        assert_eq!(
            written(&plan),
            "application: shop\nversion:\nenvironments:\n- name: qa\n  type: qa\n  from: [dev]\n"
        );
    }

    #[test]
    fn an_entry_that_waits_for_its_branch_is_used() {
        let planned = plan(&request("dev", "dev"), &snapshot()).expect("a plan");
        assert!(matches!(&planned.steps[0], Step::MakeBranch { commit: None, .. }));
        assert_eq!(plan(&request("dev", "prod"), &snapshot()).expect_err("otherwise").code(), "described-otherwise");
    }

    #[test]
    fn what_the_first_commit_declares_is_not_taken_over() {
        let declares = |text: &str| Snapshot { file: Some(("release.yml", text.into())), ..snapshot() };
        let root = declares("application: shop\nversion: 1.0 # ours\nenvironments:\n- name: dev\n  type: dev\n");
        let empty = "application: shop\nversion: # ours\nenvironments:\n- name: dev\n  type: dev\n";
        let added = plan(&request("qa", "qa"), &root).expect("a plan");
        assert_eq!(written(&added), format!("{empty}- name: qa\n  type: qa\n  from: [dev]\n"));
        // Also where its entry waits for it.
        assert_eq!(written(&plan(&request("dev", "dev"), &root).expect("a plan")), empty);
        let driven = declares("application: shop\nenvironments:\n- name: dev\n  type: dev\n");
        assert!(!written(&plan(&request("qa", "qa"), &driven).expect("a plan")).contains("version"));
        let block = declares("application: shop\nversion: |-\n  1.0\nenvironments:\n- name: dev\n  type: dev\n");
        assert_eq!(plan(&request("qa", "qa"), &block).expect_err("a block").code(), "cannot-edit");
    }

    #[test]
    fn an_entry_that_says_something_else_is_named() {
        let text = "application: shop\nversion:\nenvironments:\n- {name: qa, type: qa}\n- {name: uat, type: uat, tags: reuse}\n- {name: eu, type: prod, branch: main}\n";
        let snapshot = Snapshot { file: Some(("release.yml", text.into())), ..snapshot() };
        let name = |name: &str| EnvironmentName::parse(name).expect("a name");
        let branch = |name: &str| BranchName::parse(name).ok();
        let asked = |kind: &str, from: &[&str], on: &str| Request {
            from: from.iter().map(|from| name(from)).collect(),
            branch: branch(on),
            ..request("eu", kind)
        };
        // Without `from`, the nearest earlier entry of another type counts.
        assert!(plan(&asked("prod", &["uat"], "main"), &snapshot).is_ok());
        assert!(plan(&request("uat", "uat"), &snapshot).is_ok(), "its entry says what the type means");
        for (asked, other) in [
            (asked("prod", &["qa"], "main"), "another `from` than"),
            (asked("prod", &[], "develop"), "another `branch` than"),
            (
                asked("staging", &["qa", "uat"], "develop"),
                "another `type` and another `branch` and another `from` than",
            ),
            (Request { tags: Some(Tagging::Reuse), ..request("eu", "prod") }, "another `tags` than"),
        ] {
            let refused = plan(&asked, &snapshot).expect_err(other);
            assert!(refused.to_string().contains(other) && refused.code() == "described-otherwise", "{refused}");
        }
    }

    #[test]
    fn a_second_run_changes_nothing_and_other_content_is_refused() {
        let first = plan(&request("qa", "qa"), &snapshot()).expect("a plan");
        let again = Snapshot { existing: Some(written(&first)), ..snapshot() };
        assert!(!plan(&request("qa", "qa"), &again).expect("a plan").changes());
        let other = Snapshot { existing: Some("other".into()), ..snapshot() };
        assert_eq!(plan(&request("qa", "qa"), &other).expect_err("taken").exit(), Exit::Refused);
        let remote = Snapshot { at_remote: true, ..snapshot() };
        assert_eq!(plan(&request("qa", "qa"), &remote).expect_err("taken").exit(), Exit::Refused);
    }

    #[test]
    fn an_unknown_type_must_say_what_it_tags() {
        assert_eq!(plan(&request("uat", "uat"), &snapshot()).expect_err("unknown").exit(), Exit::Usage);
        let known = Request { tags: Some(Tagging::Reuse), ..request("uat", "uat") };
        assert!(plan(&known, &snapshot()).is_ok());
    }

    #[test]
    fn a_push_needs_a_remote() {
        let push = Request { push: true, ..request("qa", "qa") };
        assert_eq!(plan(&push, &snapshot()).expect_err("no remote").code(), "no-remote");
        let snapshot = Snapshot { remote: Some("origin".into()), ..snapshot() };
        assert_eq!(plan(&push, &snapshot).expect("a plan").steps.len(), 2);
    }
}
