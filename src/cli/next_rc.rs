//! `relman next-rc`: the tag of the next candidate, on one line.

use crate::domain::file::did_you_mean;
use crate::domain::name::EnvironmentName;
use crate::domain::version::{Declared, Version};
use crate::render;
use crate::workspace::Error;

use super::{Context, Outcome, UsageError};

/// Print the tag of the next candidate
///
/// One more than the highest number over the app repo and all its components. The name of an environment stands for the
/// version on its branch. Heads are not looked at: `relman resolve` tells what a deployment would use now.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// An environment, or a version
    #[arg(value_name = "ENV|VERSION", allow_hyphen_values = true)]
    what: String,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    let workspace = context.workspace()?;
    let progress = context.ui.progress("asking the remotes for tags");
    workspace.fetch_environments()?;
    let mut environments = workspace.environments();
    let name = EnvironmentName::parse(&args.what).ok();
    let branch = match &name {
        Some(name) => environments.one(name)?,
        None => None,
    };
    let (version, application, configured) = match (name, branch) {
        (Some(name), Some(branch)) => {
            let file = branch.file.as_ref().map_err(|unusable| Error::unusable(unusable, &branch.branch()))?;
            let version = match &file.version {
                Declared::Version(version) => version.clone(),
                Declared::Empty => return Err(Error::NothingDeclared { environment: name }.into()),
                _ => {
                    return Err(UsageError::new(
                        format!("{} holds no version, so it has no candidates", branch.branch()),
                        "name a version: relman next-rc 1.2.0",
                    )
                    .into());
                }
            };
            (version, file.application.clone(), branch.entry().and_then(|entry| entry.branch.clone()))
        }
        _ => {
            let version = Version::parse(&args.what)?;
            // A version is any text, and this one most likely a tag without its end.
            if let Some(number) =
                args.what.strip_prefix('v').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            {
                context.ui.warn(
                    &format!("{} is taken for a version, whose tags begin with v{}", args.what, args.what),
                    &format!("did you mean {number}?"),
                );
            }
            let names = environments.names()?;
            let path = workspace.release.folder().to_owned();
            // Nearly every word could be a version; where no environment is known, a name most likely is one.
            if names.is_empty() && !args.what.starts_with(|c: char| c.is_ascii_digit()) {
                return Err(Error::NoEnvironments { path }.into());
            }
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            if let Some(similar) = did_you_mean(&args.what, &names) {
                context.ui.warn(
                    &format!("there is no environment {}, so it is taken for a version", args.what),
                    &format!("did you mean {similar}?"),
                );
            }
            (version, environments.application()?.ok_or(Error::NoEnvironments { path })?, None)
        }
    };
    let next = workspace.next_candidate(version, &application, configured.as_ref())?;
    drop(progress);
    if next.final_exists {
        context.ui.warn(
            &format!(
                "{} is final: {} exists, so no candidate of it will be made",
                next.version,
                next.version.final_tag()
            ),
            "go on with the next version",
        );
    }
    context.say_offline();
    context.ui.answer(&render::next_rc(&next, context.ui.format()))?;
    Ok(crate::domain::error::Exit::Success)
}
