//! What `relman init` is to make, as it was asked for.

use std::path::{Path, PathBuf};

use crate::domain::location::is_path;
use crate::domain::name::{BranchName, RepositoryName};
use crate::domain::ods::Left;
use crate::git::clones::expand;
use crate::scaffold::{Blueprint, Ci, PlannedComponent, PlannedEnvironment, RemoteBase};

use super::super::{Context, UsageError, failure};
use super::environments::{planned, refuse_doubled, versions};
use super::kept::{Around, KeptApp};
use super::repositories::default_branch;
use super::{Args, from_ods};

/// The environments of a new release repo, where nothing else is asked for.
const DEFAULT_ENVIRONMENTS: [&str; 3] = ["dev:dev", "qa:qa", "prod:prod"];

/// What was asked for, on the command line or at the terminal.
pub(super) struct Wish {
    pub(super) name: RepositoryName,
    pub(super) app_name: RepositoryName,
    pub(super) folder: PathBuf,
    pub(super) environments: Vec<PlannedEnvironment>,
    pub(super) components: Vec<PlannedComponent>,
    pub(super) ci: Ci,
    pub(super) remote_base: Option<RemoteBase>,
    /// The app repo that is kept, where none is made.
    pub(super) app: Option<KeptApp>,
    pub(super) default_branch: BranchName,
    /// What is not taken over of a project of OpenDevStack, where one is.
    pub(super) left: Option<Vec<Left>>,
}

impl Wish {
    pub(super) fn gather(context: &Context<'_>, args: &Args) -> anyhow::Result<Self> {
        let ui = context.ui;
        let asks = ui.is_interactive() && !context.yes();
        let folder = context.place(args.dir.as_deref().unwrap_or(Path::new(".")))?;
        // What was typed is looked at before anything is asked, so that no answer is lost to it.
        let remote_base = match &args.remote_base {
            Some(text) => Some(base_of_remotes(text, &context.place(".")?)?),
            None => None,
        };
        let default_branch = default_branch(&folder)?;
        let app = match &args.use_app {
            Some(place) => Some(Around { folder: &folder, remote_base: remote_base.as_ref() }.look(context, place)?),
            None => None,
        };
        let mut ods = match &args.from_ods {
            Some(folder) => Some(from_ods::read(&context.place(folder)?)?),
            None => None,
        };
        let name = match (&args.name, ods.as_ref().and_then(|ods| ods.name.as_ref())) {
            (Some(name), _) | (None, Some(name)) => product(name.as_str())?,
            (None, None) if asks => answered(context, "Name of the product", "", product)?,
            (None, None) => {
                return Err(UsageError::new("the name of the product is missing", "relman init NAME").into());
            }
        };
        let own = [format!("{name}-app"), format!("{name}-release")];
        if let Some(ods) = &mut ods {
            ods.leave_out(&[&own[0], &own[1]]);
        }
        let given = components(args.components.iter().map(RepositoryName::as_str), &own)?;
        let read = |texts: &[String]| -> anyhow::Result<Vec<PlannedEnvironment>> {
            let environments = planned(texts)?;
            versions(&args.versions, &environments)?;
            Ok(environments)
        };
        let found = ods.as_ref().map(|ods| from_ods::environments(&ods.environments)).unwrap_or_default();
        let environments = match (args.environments.is_empty(), found.is_empty()) {
            (false, _) => read(&args.environments)?,
            (true, false) => found,
            (true, true) if asks => {
                let default = DEFAULT_ENVIRONMENTS.join(" ");
                answered(context, "Environments, as NAME:TYPE", &default, |text| {
                    let named: Vec<String> = parts(text).map(str::to_owned).collect();
                    if named.is_empty() {
                        return Err(
                            UsageError::new("no environment is named", "Enter alone takes those in brackets").into()
                        );
                    }
                    read(&named)
                })?
            }
            (true, true) => read(&DEFAULT_ENVIRONMENTS.map(str::to_owned))?,
        };
        let components = match &ods {
            Some(ods) => from_ods::components(&ods.components),
            None if given.is_empty() && app.is_none() && asks => {
                answered(context, "Component repositories, if any", "", |text| components(parts(text), &own))?
            }
            None => given,
        };
        let ci = match &args.ci {
            Some(word) => Ci::parse(word).unwrap_or_default(),
            None if asks => Ci::ALL[ui.choose("What runs relman deploy", &Ci::ALL.map(Ci::title), 0)?],
            None => Ci::None,
        };
        Ok(Wish {
            app_name: RepositoryName::parse(&own[0])?,
            name,
            folder,
            environments,
            components,
            ci,
            remote_base,
            app,
            default_branch,
            left: ods.map(|ods| ods.left),
        })
    }

    pub(super) fn release_folder(&self) -> PathBuf {
        self.folder.join(format!("{}-release", self.name))
    }

    pub(super) fn blueprint(&self) -> Blueprint {
        let app = self.app.as_ref();
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

/// Asks until the answer can be understood, and says what is wrong with each that can't: nobody begins again because
/// of a slip in the last answer.
fn answered<T>(
    context: &Context<'_>,
    question: &str,
    default: &str,
    read: impl Fn(&str) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    loop {
        match read(context.ui.ask(question, default)?.trim()) {
            Ok(answer) => return Ok(answer),
            Err(error) => {
                failure::report(context.ui, &error);
            }
        }
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', ',']).filter(|part| !part.is_empty())
}

fn product(text: &str) -> anyhow::Result<RepositoryName> {
    let name = RepositoryName::parse(text)?;
    // NAME-release is the longer of the two names, so that one which fits leaves room for the other.
    RepositoryName::parse(&format!("{name}-release"))?;
    Ok(name)
}

/// Reads the names of components, none of which may be one of the two repositories themselves.
fn components<'t>(texts: impl Iterator<Item = &'t str>, own: &[String; 2]) -> anyhow::Result<Vec<PlannedComponent>> {
    let names: Vec<RepositoryName> = texts.map(RepositoryName::parse).collect::<Result<_, _>>()?;
    refuse_doubled(names.iter().map(RepositoryName::as_str), "component")?;
    if let Some(component) = names.iter().find(|name| own.iter().any(|own| own == name.as_str())) {
        return Err(UsageError::new(
            format!("{component} is one of the two repositories that are made, and no component"),
            "components are the repositories that are released together with the app repo",
        )
        .into());
    }
    Ok(names.into_iter().map(PlannedComponent::from).collect())
}

/// Reads the place where the remotes lie. Git would take a relative path from inside each new repository, so it is
/// written out from `start`; one that leads nowhere is rather a URL without its beginning, or mistyped.
fn base_of_remotes(text: &str, start: &Path) -> anyhow::Result<RemoteBase> {
    // Git may read an escaped path in another way.
    let path = text.strip_prefix("file://").filter(|path| path.starts_with('/') && !path.contains('%'));
    if text.is_empty() || text.starts_with('-') || (path.is_none() && !is_path(text)) {
        return Ok(RemoteBase::parse(text)?);
    }
    let folder = expand(path.unwrap_or(text), start);
    match folder.canonicalize() {
        Ok(_) if (path.is_some() || text.starts_with('/')) && folder.is_dir() => Ok(RemoteBase::parse(text)?),
        Ok(folder) if folder.is_dir() => Ok(RemoteBase::parse(&folder.to_string_lossy())?),
        _ => Err(UsageError::new(
            format!("--remote-base {text}: there is no folder {}, and it is no URL", folder.display()),
            "write a URL as https://git.example.com/team or git@git.example.com:team, or make the folder first",
        )
        .into()),
    }
}
