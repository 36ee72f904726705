//! Pull requests that are open while the environment at their head moves.

use crate::domain::name::EnvironmentName;
use crate::domain::promotion::Way;
use crate::forge;
use crate::workspace::Workspace;
use crate::workspace::promotion::{Verb, Wish};

use super::Context;
use super::forges::{self, Connection};
use super::promote::{How, propose};
use super::reach::Reach;

/// Says which open pull requests the branch of an environment heads, now that it has moved, and brings their titles and
/// bodies up to date. What was pushed stays pushed, so whatever fails here is a warning.
pub(super) fn refresh(context: &Context<'_>, workspace: &Workspace, environment: &EnvironmentName) {
    if let Err(error) = try_refresh(context, workspace, environment) {
        context.ui.warn(&format!("open pull requests from {} may be out of date: {error}", environment.branch()), "");
    }
}

fn try_refresh(context: &Context<'_>, workspace: &Workspace, environment: &EnvironmentName) -> anyhow::Result<()> {
    for home in forges::homes(context, workspace)? {
        let Some(location) = home.forge?.filter(|location| location.kind.has_api()) else { continue };
        let connection = match forges::connect(context, workspace, &location) {
            Ok(connection) => connection,
            // Whoever has no token sees the pull requests on their page.
            Err(forge::Error::NoToken { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        for (pull, target) in connection.headed_by(environment)? {
            if home.environments.contains(&target) {
                refresh_one(context, workspace, &connection, environment, pull, target)?;
            }
        }
    }
    Ok(())
}

fn refresh_one(
    context: &Context<'_>,
    workspace: &Workspace,
    connection: &Connection,
    environment: &EnvironmentName,
    pull: forge::PullRequest,
    target: EnvironmentName,
) -> anyhow::Result<()> {
    let ui = context.ui;
    let number = pull.number;
    ui.say(&format!("The pull request {number} to {target} is open, and ships what {environment} has now."));
    let wish = Wish {
        verb: Verb::Promote,
        source: Some(environment.clone()),
        target,
        version: None,
        via: None,
        allow_skip: None,
        allow_downgrade: true,
        unproven: None,
        trigger: None,
    };
    let decided = workspace.decide_promotion(&wish, Default::default())?;
    if decided.already || decided.choice.way != Way::Direct {
        ui.say("A direct promotion is no longer possible; run relman promote again, and close the pull request.");
        return Ok(());
    }
    let proposal = propose(workspace, &decided, &How::default(), &Reach::default());
    match connection.refresh(pull, &proposal.pull_request())? {
        Some(opened) => context.warn(&opened.warnings),
        None => ui.say(&format!(
            "It was opened by hand, so its title and its text stay as they are; relman promote {environment} {} adds \
             what is promoted.",
            decided.target.environment
        )),
    }
    Ok(())
}
