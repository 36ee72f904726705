//! `relman init`: makes a release repo and an app repo.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::domain::app_file::AppFile;
use crate::domain::environment::Tagging;
use crate::domain::error::Exit;
use crate::domain::location::{InvalidUrl, check_url, last_segment, without_secrets};
use crate::domain::name::{BranchName, EnvironmentName, RepositoryName, TypeName};
use crate::domain::version::{Declared, Version};
use crate::domain::yaml::edit::set_scalar;
use crate::git::app_repo::AppFileState;
use crate::git::clones::Places;
use crate::git::error::shell_word;
use crate::git::make;
use crate::git::repository::Repository;
use crate::plan::{self, NewBranch, NewCommit, NewFile, NewRepository};
use crate::render;
use crate::scaffold::{self, Blueprint, Ci, ExistingApp, PlannedEnvironment, RemoteBase, ScaffoldFile};
use crate::ui::Format;

use super::deeds::Deeds;
use super::{Context, Failure, Outcome, UsageError};

/// The environments of a new release repo, where nothing else is asked for.
const DEFAULT_ENVIRONMENTS: [&str; 3] = ["dev:dev", "qa:qa", "prod:prod"];

/// Make a release repo and an app repo
///
/// NAME-release says which version is deployed where, on one branch per environment; NAME-app says what is deployed and
/// how. On a terminal relman asks for what is not given. Nothing that exists is overwritten.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The product: the repositories are NAME-release and NAME-app
    #[arg(value_name = "NAME")]
    name: Option<RepositoryName>,
    /// Make the repositories in this folder
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Add an environment; again for each [default: dev:dev, qa:qa and prod:prod]
    #[arg(long = "env", value_name = "NAME:TYPE[:BRANCH]")]
    environments: Vec<String>,
    /// List a component repository in app.yml; again for each
    #[arg(long = "component", value_name = "NAME")]
    components: Vec<RepositoryName>,
    /// Begin an environment at a version that it runs already; again for each
    #[arg(long = "version", value_name = "ENV=V")]
    versions: Vec<String>,
    /// Keep an app repo that exists, and list what it lacks
    #[arg(long, value_name = "DIR|URL")]
    use_app: Option<String>,
    /// Write the file by which this system runs relman deploy
    #[arg(long, value_name = "SYSTEM", value_parser = clap::builder::PossibleValuesParser::new(Ci::WORDS))]
    ci: Option<String>,
    /// The URL that the repositories will lie below; becomes the remote origin of each
    #[arg(long, value_name = "URL", allow_hyphen_values = true)]
    remote_base: Option<String>,
    /// Push everything to the new remotes, default branches first
    #[arg(long, requires = "remote_base")]
    push: bool,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    let wish = Wish::gather(context, args)?;
    let app = wish.existing_app(context)?;
    let blueprint = wish.blueprint(app.as_ref());
    let versions = versions(&args.versions, &blueprint.environments)?;
    let default_branch = default_branch(&wish.folder);
    let mut wanted = vec![release_repo(&wish, &blueprint, &versions, &default_branch, app.as_ref())?];
    if app.is_none() {
        let origin = blueprint.remote_base.as_ref().map(|base| base.url(blueprint.application.as_str()));
        wanted.push(NewRepository {
            folder: wish.folder.join(blueprint.application.as_str()),
            default_branch: default_branch.clone(),
            root: NewCommit { files: files(scaffold::app_repo(&blueprint)), message: app_message(&blueprint) },
            branches: Vec::new(),
            origin,
            config: Vec::new(),
        });
    }
    let mut found = Vec::new();
    for repository in wanted {
        let place = make::find(&repository)?;
        found.push((repository, place));
    }
    let plan = plan::init::plan(found, args.push)?;
    let ui = context.ui;
    if context.dry_run() || (ui.is_interactive() && !context.yes()) {
        ui.answer(&match ui.format() {
            Format::Json => render::plan::json("relman.init/1", &plan, true),
            Format::Text => render::plan::text(&plan, context.dry_run()),
        })?;
    }
    if context.dry_run() {
        return Ok(Exit::Success);
    }
    if plan.changes() && ui.is_interactive() && !context.yes() && !ui.confirm("Go ahead?", true)? {
        return Err(Failure::interrupted().into());
    }
    let progress = ui.progress("making repositories");
    let report = plan::execute(&plan, &Deeds::default());
    drop(progress);
    if let Some((step, error)) = report.failed {
        return Err(error.context(super::failure::StepFailed::new(step, &report.left)));
    }
    ui.answer(&match ui.format() {
        Format::Json => render::plan::json("relman.init/1", &plan, false),
        Format::Text => render::plan::done(&plan),
    })?;
    for sentence in app.iter().flat_map(|app| scaffold::missing_in_app(&app.lacks, &blueprint)) {
        ui.say(&format!("{}: {sentence}", blueprint.application));
    }
    ui.say(&next_steps(&wish, &blueprint, args.push));
    Ok(Exit::Success)
}

/// What was asked for, on the command line or at the terminal.
struct Wish {
    name: RepositoryName,
    app_name: RepositoryName,
    folder: PathBuf,
    environments: Vec<PlannedEnvironment>,
    components: Vec<RepositoryName>,
    ci: Ci,
    remote_base: Option<RemoteBase>,
    use_app: Option<String>,
}

/// An app repo that is kept.
struct KeptApp {
    name: RepositoryName,
    /// Where it can be cloned from, unless that follows from the release repo's own remote.
    url: Option<String>,
    /// Its clone, where that is not found beside the release repo.
    clone: Option<PathBuf>,
    lacks: ExistingApp,
}

impl Wish {
    fn gather(context: &Context<'_>, args: &Args) -> anyhow::Result<Self> {
        let ui = context.ui;
        let asks = ui.is_interactive() && !context.yes();
        let name = match &args.name {
            Some(name) => name.clone(),
            None if asks => RepositoryName::parse(ui.ask("Name of the product", "")?.trim())?,
            None => return Err(UsageError::new("the name of the product is missing", "relman init NAME").into()),
        };
        let mut environments = args.environments.clone();
        if environments.is_empty() {
            let default = DEFAULT_ENVIRONMENTS.join(" ");
            let text = if asks { ui.ask("Environments, as NAME:TYPE", &default)? } else { default };
            environments = text.split([' ', ',']).filter(|part| !part.is_empty()).map(str::to_owned).collect();
        }
        let mut components = args.components.clone();
        if components.is_empty() && args.use_app.is_none() && asks {
            let text = ui.ask("Component repositories, if any", "")?;
            let names = text.split([' ', ',']).filter(|part| !part.is_empty());
            components = names.map(RepositoryName::parse).collect::<Result<_, _>>()?;
        }
        let ci = match &args.ci {
            Some(word) => Ci::parse(word).unwrap_or_default(),
            None if asks => Ci::ALL[ui.choose("What runs relman deploy", &Ci::ALL.map(Ci::title), 0)?],
            None => Ci::None,
        };
        refuse_doubled(components.iter().map(RepositoryName::as_str), "component")?;
        for component in &components {
            if [format!("{name}-app"), format!("{name}-release")].iter().any(|own| own == component.as_str()) {
                return Err(UsageError::new(
                    format!("{component} is one of the two repositories that are made, and no component"),
                    "components are the repositories that are released together with the app repo",
                )
                .into());
            }
        }
        let environments = planned(&environments)?;
        // NAME-release is the longer of the two names, so that one which fits leaves room for the other.
        RepositoryName::parse(&format!("{name}-release"))?;
        Ok(Wish {
            app_name: RepositoryName::parse(&format!("{name}-app"))?,
            name,
            folder: context.folder(args.dir.as_ref())?,
            environments,
            components,
            ci,
            remote_base: args.remote_base.as_deref().map(RemoteBase::parse).transpose()?,
            use_app: args.use_app.clone(),
        })
    }

    fn release_folder(&self) -> PathBuf {
        self.folder.join(format!("{}-release", self.name))
    }

    /// Looks at the app repo that is to be kept.
    fn existing_app(&self, context: &Context<'_>) -> anyhow::Result<Option<KeptApp>> {
        let Some(place) = &self.use_app else { return Ok(None) };
        let name = last_segment(place.trim_end_matches("/.git"));
        let path = Path::new(place);
        let (repository, url, clone) = if path.is_dir() {
            let repository = Repository::open(path)?;
            let folder = repository.folder().to_owned();
            let url = repository.remote(None)?.and_then(|remote| remote.url);
            (repository, url, Some(folder))
        } else {
            check_url(place)?;
            let looks_like_url = place.contains("://") || place.contains('@');
            if !looks_like_url {
                return Err(UsageError::new(
                    format!("--use-app {place}: there is no such folder, and it is no URL"),
                    "name the clone of the app repo, or the URL that it can be cloned from",
                )
                .into());
            }
            if context.offline() {
                return Err(
                    UsageError::new("a URL can't be looked at --offline", "name a clone of the app repo").into()
                );
            }
            let progress = context.ui.progress("looking at the app repo");
            let places = Places { cache: crate::config::cache_folder(), ..Places::default() };
            // The last part may be a piece of a password, so it is not shown by itself.
            let name = RepositoryName::parse(name).map_err(|_| InvalidUrl {
                url: without_secrets(place).into_owned(),
                why: "its last part is no name of a repository",
            })?;
            let made = places.clone_into_cache(&name, place)?;
            drop(progress);
            let made = made.context("there is no folder for relman's cache: set RELMAN_CACHE_DIR")?;
            (made.repository, Some(place.clone()), None)
        };
        let name = match &clone {
            Some(folder) => {
                folder.file_name().and_then(|name| name.to_str()).unwrap_or(name).trim_end_matches(".git").to_owned()
            }
            None => name.to_owned(),
        };
        let name = RepositoryName::parse(&name)?;
        let expected = self.remote_base.as_ref().map(|base| base.url(name.as_str()));
        let beside = |folder: &PathBuf| folder.parent() == Some(&self.folder);
        Ok(Some(KeptApp {
            lacks: existing(&repository)?,
            url: url
                .map(|url| crate::domain::location::without_credentials(&url))
                .filter(|url| Some(url) != expected.as_ref()),
            clone: clone.filter(|folder| !beside(folder)),
            name,
        }))
    }

    fn blueprint(&self, app: Option<&KeptApp>) -> Blueprint {
        Blueprint {
            name: self.name.clone(),
            application: app.map_or_else(|| self.app_name.clone(), |app| app.name.clone()),
            application_url: app.and_then(|app| app.url.clone()),
            environments: self.environments.clone(),
            components: self.components.clone(),
            ci: self.ci,
            remote_base: self.remote_base.clone(),
        }
    }
}

/// What is in an app repo, at the head of its default branch.
fn existing(repository: &Repository) -> anyhow::Result<ExistingApp> {
    let remote = repository.remote(None)?.map(|remote| remote.name);
    let mut head = None;
    for remote in [None, remote.as_deref()] {
        if let Some(branch) = repository.default_branch(remote)?
            && let Some(commit) = repository.branch_head(remote, &branch)?
        {
            head = Some(commit);
        }
    }
    let Some(head) = head else { return Ok(ExistingApp::default()) };
    let file: Option<AppFile> = match repository.app_file(head)? {
        AppFileState::Read { file, .. } => Some(*file),
        _ => None,
    };
    Ok(ExistingApp {
        paths: repository.paths_at(head, 2)?,
        components: file
            .as_ref()
            .map(|file| file.repositories.iter().map(|component| component.name.clone()).collect()),
        has_pipeline: file.is_some_and(|file| file.pipeline.is_some()),
    })
}

/// Reads `NAME:TYPE[:BRANCH]` for each environment, and finds where promotions come from: the nearest earlier
/// environments of another type.
fn planned(texts: &[String]) -> anyhow::Result<Vec<PlannedEnvironment>> {
    let mut planned: Vec<PlannedEnvironment> = Vec::new();
    for text in texts {
        let mut parts = text.splitn(3, ':');
        let (Some(name), Some(kind)) = (parts.next(), parts.next()) else {
            return Err(UsageError::new(
                format!("--env {text} has no type"),
                "write it as NAME:TYPE, for example qa:qa",
            )
            .into());
        };
        let kind = TypeName::parse(kind)?;
        if Tagging::of_type(&kind).is_none() {
            return Err(UsageError::new(
                format!("relman does not know what the type {kind} means for tags"),
                "use dev, qa, staging or prod here; relman env add takes other types, with --tags",
            )
            .into());
        }
        let from = planned.iter().rev().find(|earlier| earlier.kind != kind).map(|earlier| earlier.name.clone());
        planned.push(PlannedEnvironment {
            name: EnvironmentName::parse(name)?,
            branch: parts.next().map(BranchName::parse).transpose()?,
            from: from.into_iter().collect(),
            tags: None,
            kind,
        });
    }
    refuse_doubled(planned.iter().map(|environment| environment.name.as_str()), "environment")?;
    Ok(planned)
}

fn refuse_doubled<'n>(names: impl Iterator<Item = &'n str>, what: &str) -> anyhow::Result<()> {
    let mut seen = std::collections::HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(UsageError::new(format!("the {what} {name} is given twice"), "leave one of them out").into());
        }
    }
    Ok(())
}

/// Reads `ENV=V`; every environment must be one of those that are made.
fn versions(texts: &[String], environments: &[PlannedEnvironment]) -> anyhow::Result<Vec<(EnvironmentName, Declared)>> {
    let mut versions: Vec<(EnvironmentName, Declared)> = Vec::new();
    for text in texts {
        let Some((name, version)) = text.split_once('=') else {
            return Err(UsageError::new(
                format!("--version {text} names no environment"),
                "write it as ENV=V, for example prod=1.4.2",
            )
            .into());
        };
        let name = EnvironmentName::parse(name)?;
        let Some(environment) = environments.iter().find(|environment| environment.name == name) else {
            return Err(UsageError::new(
                format!("--version {text}: there is no environment {name}"),
                format!(
                    "the environments are {}",
                    environments.iter().map(|e| e.name.as_str()).collect::<Vec<_>>().join(", ")
                ),
            )
            .into());
        };
        let declared = match Tagging::of_type(&environment.kind) {
            Some(Tagging::None) => Declared::parse(version)?,
            _ => Declared::Version(Version::parse(version)?),
        };
        if versions.iter().any(|(known, _)| *known == name) {
            return Err(UsageError::new(format!("{name} is given two versions"), "leave one of them out").into());
        }
        versions.push((name, declared));
    }
    Ok(versions)
}

fn release_repo(
    wish: &Wish,
    blueprint: &Blueprint,
    versions: &[(EnvironmentName, Declared)],
    default_branch: &BranchName,
    app: Option<&KeptApp>,
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
    let config = app
        .and_then(|app| app.clone.as_ref())
        .map(|clone| (format!("relman.clone.{}", blueprint.application), clone.display().to_string()));
    Ok(NewRepository {
        folder: wish.release_folder(),
        default_branch: default_branch.clone(),
        root: NewCommit { files: files(root), message: release_message(blueprint) },
        branches,
        origin: blueprint.remote_base.as_ref().map(|base| base.url(&blueprint.release_repo_name())),
        config: config.into_iter().collect(),
    })
}

fn files(scaffolded: Vec<ScaffoldFile>) -> Vec<NewFile> {
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

fn app_message(blueprint: &Blueprint) -> String {
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
fn default_branch(folder: &Path) -> BranchName {
    let existing = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let asked = crate::git::program::Git::in_folder(existing).args(["config", "--get", "init.defaultBranch"]).line();
    asked.ok().and_then(|name| BranchName::parse(&name).ok()).unwrap_or_else(BranchName::main)
}

fn next_steps(wish: &Wish, blueprint: &Blueprint, pushed: bool) -> String {
    let release = shell_word(&wish.release_folder().display().to_string());
    let mut text = format!("\nWhat to do next:\n  cd {release} && relman status\n");
    if !pushed {
        match &blueprint.remote_base {
            Some(_) => text.push_str(&format!(
                "  git -C {release} push --all origin, once the repositories exist on the server\n"
            )),
            None => text.push_str("  push both repositories to your Git server, the default branches first\n"),
        }
    }
    text.push_str("  write your deployment into app.yml of the app repo");
    text
}
