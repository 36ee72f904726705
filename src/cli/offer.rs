//! What a person at a terminal is offered where a command was typed without its arguments.

use crate::domain::landscape::EnvironmentBranch;
use crate::domain::name::EnvironmentName;
use crate::domain::version::{Declared, Version};
use crate::workspace::Workspace;

use super::{Context, Failure, UsageError};

/// Shows what could be promoted, and asks.
pub(super) fn promotion(
    context: &Context<'_>,
    workspace: &Workspace,
) -> anyhow::Result<(EnvironmentName, EnvironmentName)> {
    if !context.ui.is_interactive() {
        return Err(UsageError::new("two environments are missing", "relman promote FROM TO").into());
    }
    workspace.fetch_environments()?;
    let landscape = workspace.environments().landscape()?;
    let mut edges = Vec::new();
    for branch in landscape.in_order() {
        let Some(target) = &branch.name else { continue };
        for source in landscape.graph.from(target) {
            let Some(from) = landscape.find(source) else { continue };
            let held = from.declared().and_then(Declared::version);
            if held.is_some() && held != branch.declared().and_then(Declared::version) {
                let text =
                    |b: &EnvironmentBranch| b.declared().and_then(Declared::text).unwrap_or_else(|| "nothing".into());
                edges.push((
                    source.clone(),
                    target.clone(),
                    format!("{} from {source} to {target}, which holds {}", text(from), text(branch)),
                ));
            }
        }
    }
    if edges.is_empty() {
        return Err(Failure::nothing("no environment holds a version that another one takes and does not hold").into());
    }
    let words: Vec<&str> = edges.iter().map(|(_, _, text)| text.as_str()).collect();
    let chosen = context.ui.choose("What to promote", &words, 0)?;
    let (source, target, _) = edges.swap_remove(chosen);
    Ok((source, target))
}

/// Offers the next versions by semantic versioning, and asks.
pub(super) fn version(
    context: &Context<'_>,
    workspace: &Workspace,
    environment: &EnvironmentName,
) -> anyhow::Result<Declared> {
    if !context.ui.is_interactive() {
        return Err(UsageError::new("the version is missing", format!("relman set {environment} VERSION")).into());
    }
    let landscape = workspace.environments().landscape()?;
    workspace.branch(&landscape, environment)?;
    let highest = landscape.in_order().filter_map(|branch| branch.declared()?.version()?.semver()).max();
    let suggestion = match &highest {
        Some(highest) => Version::next_minor(highest).unwrap_or_default(),
        None => "1.0.0".to_owned(),
    };
    Ok(Declared::parse(context.ui.ask("Version", &suggestion)?.trim())?)
}
