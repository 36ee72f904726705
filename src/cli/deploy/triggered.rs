//! A deployment that an event elsewhere has asked for: a push that a webhook tells of, or a version from outside.

use crate::domain::change::Change;
use crate::domain::deployment::{Nothing, Place};
use crate::domain::name::{CommitId, EnvironmentName};
use crate::domain::version::Declared;
use crate::workspace::Workspace;

use super::super::{Context, Outcome, identity};
use super::{Checkout, Order, Ready, carry_out, end_with_nothing, read};

/// What a trigger says of itself.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Origin {
    /// By this the same event is known again.
    pub(in crate::cli) id: String,
    /// Who began it.
    pub(in crate::cli) actor: Option<String>,
    /// The change request behind it.
    pub(in crate::cli) change: Change,
}

/// Deploys the tip of an environment's branch, which must be `at` where that is said. `given` is the version, where the
/// branch is driven from outside.
pub(in crate::cli) fn triggered(
    context: &Context<'_>,
    workspace: &Workspace,
    environment: &EnvironmentName,
    given: Option<Declared>,
    at: Option<CommitId>,
    origin: Origin,
) -> Outcome {
    match read_tip(context, workspace, environment, given, at)? {
        Ok(mut order) => {
            if !origin.change.is_empty() {
                order.change = origin.change.clone();
            }
            order.origin = Some(origin);
            carry_out(context, workspace, order, &identity::ci())
        }
        Err(nothing) => end_with_nothing(context, &nothing),
    }
}

/// Looks whether [`triggered`] would deploy, as far as that can be told without asking the engine's system.
pub(in crate::cli) fn foresee(
    context: &Context<'_>,
    workspace: &Workspace,
    environment: &EnvironmentName,
    given: Option<Declared>,
    at: Option<CommitId>,
) -> anyhow::Result<Result<(), Nothing>> {
    match read_tip(context, workspace, environment, given, at)? {
        Ok(order) => Ready::new(workspace, order.resolved, &order.target, &order.change).map(|_| Ok(())),
        Err(nothing) => Ok(Err(nothing)),
    }
}

fn read_tip(
    context: &Context<'_>,
    workspace: &Workspace,
    environment: &EnvironmentName,
    given: Option<Declared>,
    at: Option<CommitId>,
) -> anyhow::Result<Result<Order, Nothing>> {
    let place = Place { environment: environment.clone(), checked_out: false };
    let read = read(context, workspace, &Checkout::default(), &place, given)?;
    Ok(read.and_then(|order| match at {
        Some(at) if at != order.on => Err(Nothing::Superseded(order.environment)),
        _ => Ok(order),
    }))
}
