//! `--explain`: what a body means here, and whether it would be followed.

use crate::domain::error::Exit;
use crate::domain::promotion::MergeRules;
use crate::domain::trigger::Order;
use crate::render::trigger::{Acted, Ending};
use crate::workspace::Workspace;
use crate::workspace::trigger::{Deed, Intent};

use super::super::failure::Told;
use super::super::{Context, deploy};
use super::{intend, wish};

/// Says what an order comes to. Where it would fail, this ends with the same exit code.
pub(super) fn explain<'o>(
    context: &Context<'_>,
    workspace: &Workspace,
    order: &'o Order,
) -> anyhow::Result<(Acted<'o>, Exit)> {
    let mut intent = intend(context, workspace, order)?;
    let foreseen = foresee(context, workspace, order, &intent);
    context.say_offline();
    let (ending, exit) = match foreseen {
        Ok(None) => (Ending::Explained, Exit::Success),
        Ok(Some(reason)) => {
            intent.deed = Deed::Nothing(reason);
            (Ending::Explained, Exit::Success)
        }
        Err(error) => {
            let told = Told::of(&error);
            (Ending::Hindered { exit: told.exit, message: told.line(), hints: told.hints }, told.exit)
        }
    };
    Ok((Acted { order: Some(order), ending, action: None, intent: Some(intent) }, exit))
}

/// Decides as the command that would follow the order, and does nothing. Returns why there is nothing to do.
fn foresee(
    context: &Context<'_>,
    workspace: &Workspace,
    order: &Order,
    intent: &Intent,
) -> anyhow::Result<Option<String>> {
    let Some(environment) = &intent.environment else { return Ok(None) };
    let _progress = context.ui.progress("reading branches and tags");
    match &intent.deed {
        // What is proposed already was decided on then.
        Deed::Nothing(_) | Deed::Proposed(..) => Ok(None),
        Deed::Set(_) => {
            // How the forge merges decides about the way, and not about whether.
            let decided = workspace.decide_promotion(&wish(order, intent, environment), MergeRules::default())?;
            let version = decided.version.text().unwrap_or_default();
            Ok(decided.already.then(|| format!("{environment} holds {version} already")))
        }
        Deed::Deploy { at } => {
            let foreseen = deploy::foresee(context, workspace, environment, intent.version.clone(), *at)?;
            Ok(foreseen.err().map(|nothing| nothing.reason()))
        }
    }
}
