//! A redeployment: what was pushed.

use crate::domain::name::{CommitId, EnvironmentName};
use crate::domain::problem::Problem;
use crate::plan::Plan;
use crate::ui::Format;

use super::promotion::redeploy_json;

pub use super::promotion::Ending;

/// How a redeployment ended.
pub fn answer(
    environment: &EnvironmentName,
    version: Option<&str>,
    commit: CommitId,
    plan: &Plan,
    ending: Ending,
    warnings: &[Problem],
    format: Format,
) -> String {
    match format {
        Format::Json => redeploy_json(environment, version, commit, plan, ending, warnings),
        Format::Text => match ending {
            Ending::Unchanged => {
                format!("{environment} was pushed to by somebody else in the meantime. Nothing to do.\n")
            }
            _ if plan.remotes().is_empty() => {
                format!("Committed to {}; there is no remote to push to.\n", environment.branch())
            }
            _ => format!("Pushed to {}; its pipeline runs again.\n", environment.branch()),
        },
    }
}
