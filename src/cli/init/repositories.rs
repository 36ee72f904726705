//! The two repositories, put together: their files, branches and first commits.

use std::path::Path;

use crate::domain::environment::Tagging;
use crate::domain::name::{BranchName, EnvironmentName};
use crate::domain::version::Declared;
use crate::domain::yaml::edit::set_scalar;
use crate::plan::{NewBranch, NewCommit, NewFile, NewRepository};
use crate::scaffold::{self, Blueprint, PlannedEnvironment, ScaffoldFile};

use super::super::UsageError;
use super::wish::Wish;

pub(super) fn release_repo(
    wish: &Wish,
    blueprint: &Blueprint,
    versions: &[(EnvironmentName, Declared)],
) -> anyhow::Result<NewRepository> {
    let root = scaffold::release_repo(blueprint);
    let text = root.iter().find(|file| file.path == "release.yml").map(|file| file.content.clone()).unwrap_or_default();
    let mut branches = Vec::new();
    for environment in &blueprint.environments {
        let given = versions.iter().find(|(name, _)| name == &environment.name).map(|(_, declared)| declared.clone());
        let tagging = Tagging::of_type(&environment.kind);
        let declared = match (given, tagging) {
            (Some(declared), _) => Some(declared),
            (None, Some(Tagging::None)) => Some(Declared::Wip),
            (None, _) => None,
        };
        let commit = match declared.as_ref().and_then(Declared::text) {
            Some(version) => {
                let content = set_scalar(&text, "version", &version)?;
                let file = NewFile { path: "release.yml".into(), content: content.into_bytes(), executable: false };
                Some(NewCommit { files: vec![file], message: version_message(environment, &version, tagging) })
            }
            None => None,
        };
        branches.push(NewBranch { name: environment.name.branch(), commit });
    }
    let config = wish
        .app
        .as_ref()
        .and_then(|app| app.clone.as_ref())
        .map(|clone| (format!("relman.clone.{}", blueprint.application), clone.display().to_string()));
    Ok(NewRepository {
        folder: wish.release_folder(),
        default_branch: wish.default_branch.clone(),
        root: NewCommit { files: files(root), message: release_message(blueprint) },
        branches,
        origin: blueprint.remote_base.as_ref().map(|base| base.url(&blueprint.release_repo_name())),
        config: config.into_iter().collect(),
    })
}

pub(super) fn files(scaffolded: Vec<ScaffoldFile>) -> Vec<NewFile> {
    scaffolded
        .into_iter()
        .map(|file| NewFile { path: file.path, content: file.content.into_bytes(), executable: file.executable })
        .collect()
}

fn release_message(blueprint: &Blueprint) -> String {
    format!(
        "Begin the release repo of {}\n\nEach branch environment/<name> says which version is deployed there.\n",
        blueprint.application
    )
}

pub(super) fn app_message(blueprint: &Blueprint) -> String {
    format!(
        "Begin the app repo {}\n\nIt says what a release consists of and how it is deployed.\n",
        blueprint.application
    )
}

fn version_message(environment: &PlannedEnvironment, version: &str, tagging: Option<Tagging>) -> String {
    let name = &environment.name;
    let subject = format!("Begin {name} at {version}\n\n");
    match tagging {
        Some(Tagging::None) => format!("{subject}It deploys {version} from now on.\n"),
        Some(Tagging::Final) => format!("{subject}Version: {version}\nUnproven: imported by init\n"),
        _ => format!("{subject}Version: {version}\n"),
    }
}

/// The name that the user's Git gives to the first branch of a new repository; `main` where it says nothing.
pub(super) fn default_branch(folder: &Path) -> Result<BranchName, UsageError> {
    let existing = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let asked = crate::git::program::Git::in_folder(existing).args(["config", "--get", "init.defaultBranch"]).line();
    let name = asked.ok().and_then(|name| BranchName::parse(&name).ok()).unwrap_or_else(BranchName::main);
    if name.as_str().split('/').next() == Some("environment") {
        return Err(UsageError::new(
            format!("init.defaultBranch of your Git is {name}, and branches of that name are environments"),
            "call the first branch otherwise: git config --global init.defaultBranch main",
        ));
    }
    Ok(name)
}
