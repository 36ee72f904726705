//! What `relman init` is to make, as it was asked for.

use std::path::PathBuf;

use crate::domain::name::RepositoryName;
use crate::domain::ods::Left;
use crate::scaffold::{Blueprint, Ci, PlannedComponent, PlannedEnvironment, RemoteBase};

use super::super::{Context, UsageError};
use super::environments::{planned, refuse_doubled};
use super::kept::KeptApp;
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
    pub(super) use_app: Option<String>,
    /// What is not taken over of a project of OpenDevStack, where one is.
    pub(super) left: Option<Vec<Left>>,
}

impl Wish {
    pub(super) fn gather(context: &Context<'_>, args: &Args) -> anyhow::Result<Self> {
        let ui = context.ui;
        let asks = ui.is_interactive() && !context.yes();
        let mut ods = match &args.from_ods {
            Some(folder) => Some(from_ods::read(&context.folder(Some(folder))?)?),
            None => None,
        };
        let name = match (&args.name, ods.as_ref().and_then(|ods| ods.name.as_ref())) {
            (Some(name), _) | (None, Some(name)) => name.clone(),
            (None, None) if asks => RepositoryName::parse(ui.ask("Name of the product", "")?.trim())?,
            (None, None) => {
                return Err(UsageError::new("the name of the product is missing", "relman init NAME").into());
            }
        };
        let own = [format!("{name}-app"), format!("{name}-release")];
        if let Some(ods) = &mut ods {
            ods.leave_out(&[&own[0], &own[1]]);
        }
        let found = ods.as_ref().map(|ods| from_ods::environments(&ods.environments)).unwrap_or_default();
        let mut environments = args.environments.clone();
        if environments.is_empty() && found.is_empty() {
            let default = DEFAULT_ENVIRONMENTS.join(" ");
            let text = if asks { ui.ask("Environments, as NAME:TYPE", &default)? } else { default };
            environments = text.split([' ', ',']).filter(|part| !part.is_empty()).map(str::to_owned).collect();
        }
        let mut names = args.components.clone();
        if names.is_empty() && ods.is_none() && args.use_app.is_none() && asks {
            let text = ui.ask("Component repositories, if any", "")?;
            let parts = text.split([' ', ',']).filter(|part| !part.is_empty());
            names = parts.map(RepositoryName::parse).collect::<Result<_, _>>()?;
        }
        let ci = match &args.ci {
            Some(word) => Ci::parse(word).unwrap_or_default(),
            None if asks => Ci::ALL[ui.choose("What runs relman deploy", &Ci::ALL.map(Ci::title), 0)?],
            None => Ci::None,
        };
        refuse_doubled(names.iter().map(RepositoryName::as_str), "component")?;
        for component in &names {
            if own.iter().any(|own| own == component.as_str()) {
                return Err(UsageError::new(
                    format!("{component} is one of the two repositories that are made, and no component"),
                    "components are the repositories that are released together with the app repo",
                )
                .into());
            }
        }
        let environments = if environments.is_empty() { found } else { planned(&environments)? };
        let components = match &ods {
            Some(ods) => from_ods::components(&ods.components),
            None => names.into_iter().map(PlannedComponent::from).collect(),
        };
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
            left: ods.map(|ods| ods.left),
        })
    }

    pub(super) fn release_folder(&self) -> PathBuf {
        self.folder.join(format!("{}-release", self.name))
    }

    pub(super) fn blueprint(&self, app: Option<&KeptApp>) -> Blueprint {
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
