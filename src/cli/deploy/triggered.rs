//! A deployment that an event elsewhere has asked for: a push that a webhook tells of, or a version from outside.

use crate::domain::change::Change;
use crate::domain::deployment::{Nothing, Place};
use crate::domain::name::{CommitId, EnvironmentName};
use crate::domain::version::Declared;
use crate::workspace::Workspace;

use super::super::{Context, Outcome, identity};
use super::{Checkout, carry_out, end_with_nothing, read};

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
    let place = Place { environment: environment.clone(), checked_out: false };
    match read(context, workspace, &Checkout::default(), &place, given)? {
        Ok(order) if at.is_some_and(|at| at != order.on) => {
            end_with_nothing(context, &Nothing::Superseded(order.environment))
        }
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
