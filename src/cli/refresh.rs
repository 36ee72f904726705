//! Pull requests that are open while the environment at their head moves.

use crate::domain::name::EnvironmentName;
use crate::domain::promotion::Way;
use crate::workspace::Workspace;
use crate::workspace::promotion::{Verb, Wish};

use super::Context;
use super::forges::{self, Reach};
use super::promote::{How, propose};

/// Says which open pull requests the branch of an environment heads, now that it has moved, and brings their titles and
/// bodies up to date. What was pushed stays pushed, so whatever fails here is a warning.
pub(super) fn refresh(context: &Context<'_>, workspace: &Workspace, environment: &EnvironmentName) {
    if let Err(error) = try_refresh(context, workspace, environment) {
        context.ui.warn(&format!("open pull requests from {} may be out of date: {error}", environment.branch()), "");
    }
}

fn try_refresh(context: &Context<'_>, workspace: &Workspace, environment: &EnvironmentName) -> anyhow::Result<()> {
    let Some(connection) = forges::look(context, workspace, environment)?.connection else { return Ok(()) };
    for (number, target) in connection.headed_by(environment)? {
        context.ui.say(&format!("The pull request {number} to {target} is open, and has this commit now."));
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
            context
                .ui
                .say("A direct promotion is no longer possible; run relman promote again, and close the pull request.");
            continue;
        }
        let reach = Reach::default();
        let how = How::default();
        let proposal = propose(workspace, &decided, &how, &reach);
        connection.open(&proposal.pull_request())?;
    }
    Ok(())
}
