//! `relman redeploy`: runs the pipeline of an environment again, by a commit that changes nothing.

use crate::domain::error::Exit;
use crate::domain::name::EnvironmentName;
use crate::domain::problem::Problem;
use crate::git::Error as GitError;
use crate::plan::{self, CommitPush, Content, Expected, Plan, Step};
use crate::render;
use crate::render::redeploy::Ending;
use crate::ui::Format;

use super::deeds::{Deeds, check_remotes};
use super::{Context, Outcome, race};

/// Run the pipeline of an environment again, by a commit that changes nothing
///
/// This is how a fix on release/1.2.0 becomes the next candidate in qa, and how new commits reach dev.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The environment
    #[arg(value_name = "ENV")]
    environment: EnvironmentName,
    /// Push to the environment branch; a redeployment always does
    #[arg(long)]
    direct_push: bool,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    // The flag says what happens anyway; it is taken so that all four commands can be called alike.
    let _ = args.direct_push;
    let ui = context.ui;
    let workspace = context.workspace()?;
    let progress = ui.progress("reading branches");
    workspace.fetch_environments()?;
    let landscape = workspace.environments().landscape()?;
    drop(progress);
    let branch = workspace.branch(&landscape, &args.environment)?;
    let file =
        branch.file.as_ref().map_err(|unusable| crate::workspace::Error::unusable(unusable, &branch.branch()))?;
    let version = file.version.text();
    let prefix = file.commit_prefix.clone().unwrap_or_default();
    let subject = match &version {
        Some(version) => format!("{prefix}Redeploy {version} in {}", args.environment),
        None => format!("{prefix}Redeploy {}", args.environment),
    };
    let trailers = version.as_ref().map(|version| format!("\nVersion: {version}\n")).unwrap_or_default();
    let plan = Plan {
        steps: vec![Step::PushCommit(CommitPush {
            folder: workspace.release.folder().to_owned(),
            remote: workspace.remote_name().map(str::to_owned),
            branch: args.environment.branch(),
            expected: Expected::Parent(branch.commit),
            parents: vec![branch.commit],
            content: Content::Edit(Vec::new()),
            message: format!("{subject}\n{trailers}"),
        })],
    };
    check_remotes(&plan)?;
    let answer = |ending: Ending, warnings: &[Problem]| {
        let (version, format) = (version.as_deref(), ui.format());
        render::redeploy::answer(&args.environment, version, branch.commit, &plan, ending, warnings, format)
    };
    if context.dry_run() {
        ui.answer(&match ui.format() {
            Format::Text => render::plan::text(&plan, true),
            Format::Json => answer(Ending::Planned, &[]),
        })?;
        return Ok(Exit::Success);
    }
    super::promote::consent(context, &plan)?;
    let progress = ui.progress("pushing");
    let deeds = Deeds::signed_by(super::identity::fallback(context, &workspace.release));
    let report = plan::execute(&plan, &deeds);
    drop(progress);
    deeds.pass_on(ui);
    let unnoted = deeds.report_unnoted(context);
    match report.failed {
        None => {
            ui.answer(&answer(Ending::Pushed, &unnoted))?;
            super::refresh::refresh(context, &workspace, &args.environment);
        }
        Some((_, error)) if race::was_lost(&error) => {
            // Somebody else's push runs the pipeline just as well, if it goes on from here.
            workspace.fetch_environments()?;
            let now = workspace.environments().one(&args.environment)?;
            let goes_on = now.map(|now| workspace.release.reaches(now.commit, branch.commit)).transpose()?;
            if goes_on != Some(true) {
                return Err(race::Lost::of(&args.environment.branch(), &error).into());
            }
            ui.answer(&answer(Ending::Unchanged, &unnoted))?;
        }
        Some((step, error)) => {
            if matches!(
                error.downcast_ref::<GitError>(),
                Some(GitError::Unauthorised { .. } | GitError::Declined { .. })
            ) {
                ui.warn(
                    &format!("{} may be protected against pushes", args.environment.branch()),
                    "run the CI job of its last push again: it retries the deployment with the same tags",
                );
            }
            return Err(error.context(super::failure::StepFailed::new(step, &report.left)));
        }
    }
    Ok(Exit::Success)
}
