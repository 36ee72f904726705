//! Planning `relman env add`: one more environment in a release repo that exists.

use std::path::PathBuf;

use crate::domain::environment::Tagging;
use crate::domain::error::{Exit, Explain};
use crate::domain::file::FileError;
use crate::domain::landscape::Unusable;
use crate::domain::name::{CommitId, EnvironmentName, RepositoryName, TypeName};
use crate::domain::release_file::ReleaseFile;
use crate::domain::yaml::edit::{EditError, append_to_list};

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
}

/// Why an environment can't be added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is a branch of that name with something else on it.
    #[error("the branch {branch} exists already", branch = .0.branch())]
    Exists(EnvironmentName),
    /// The shared root describes the environment otherwise.
    #[error("release.yml lists {0} already, as something else than was asked for")]
    Described(EnvironmentName),
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
            Refused::Described(_) => "described-otherwise",
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
            Refused::Exists(_) | Refused::Described(_) => Exit::Refused,
            _ => Exit::Usage,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Refused::Exists(_) => vec!["relman env list shows what there is".into()],
            Refused::Described(name) => {
                vec![format!("leave the flags out that differ, or edit environment/{name} afterwards")]
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
    if request.tags.or_else(|| Tagging::of_type(&request.kind)).is_none() {
        return Err(Refused::UnknownType(request.kind.clone()));
    }
    if request.push && snapshot.remote.is_none() {
        return Err(Refused::NoRemote);
    }
    let branch = request.name.branch();
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

/// The commit on top of the root; `None` where the root describes the environment already.
fn commit(request: &Request, snapshot: &Snapshot) -> Result<Option<NewCommit>, Refused> {
    let name = &request.name;
    let (path, text) = match &snapshot.file {
        Some((path, text)) => {
            let file = ReleaseFile::parse(path, text.as_bytes()).map_err(Refused::File)?;
            if let Some(entry) = file.entry(name) {
                let same = entry.kind.as_ref() == Some(&request.kind)
                    && (request.tags.is_none() || request.tags == entry.tags);
                return if same { Ok(None) } else { Err(Refused::Described(name.clone())) };
            }
            (*path, append_to_list(text, "environments", &request.entry).map_err(Refused::Edit)?)
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

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "application: shop\nversion:\nenvironments:\n- name: dev\n  type: dev\n";

    fn request(name: &str, kind: &str) -> Request {
        Request {
            name: EnvironmentName::parse(name).expect("a name"),
            kind: TypeName::parse(kind).expect("a type"),
            tags: None,
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
