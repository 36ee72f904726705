//! The environments that `relman init` is told of, and the versions that they begin at.

use crate::domain::environment::Tagging;
use crate::domain::name::{BranchName, EnvironmentName, TypeName, differ_in_case_alone};
use crate::domain::version::{Declared, Version};
use crate::scaffold::PlannedEnvironment;

use super::super::UsageError;

/// Reads `NAME:TYPE[:BRANCH]` for each environment, and finds where promotions come from: the nearest earlier
/// environments of another type.
pub(super) fn planned(texts: &[String]) -> anyhow::Result<Vec<PlannedEnvironment>> {
    let mut planned: Vec<PlannedEnvironment> = Vec::new();
    for text in texts {
        let mut parts = text.splitn(3, ':');
        let (Some(name), Some(kind)) = (parts.next(), parts.next()) else {
            return Err(UsageError::new(
                format!("the environment {text} has no type"),
                "write it as NAME:TYPE, for example qa:qa",
            )
            .into());
        };
        let kind = TypeName::parse(kind)?;
        if Tagging::of_type(&kind).is_none() {
            return Err(UsageError::new(
                format!("relman does not know what the type {kind} means for tags"),
                "use dev, qa, staging or prod here; relman env add takes other types, with --tags",
            )
            .into());
        }
        let from = planned.iter().rev().find(|earlier| earlier.kind != kind).map(|earlier| earlier.name.clone());
        planned.push(PlannedEnvironment {
            name: EnvironmentName::parse(name)?,
            branch: parts.next().map(BranchName::parse).transpose()?,
            from: from.into_iter().collect(),
            tags: None,
            facts: Vec::new(),
            kind,
        });
    }
    refuse_doubled(planned.iter().map(|environment| environment.name.as_str()), "environment")?;
    Ok(planned)
}

pub(super) fn refuse_doubled<'n>(names: impl Iterator<Item = &'n str>, what: &str) -> anyhow::Result<()> {
    let mut seen: Vec<&str> = Vec::new();
    for name in names {
        if seen.contains(&name) {
            return Err(UsageError::new(format!("the {what} {name} is given twice"), "leave one of them out").into());
        }
        if let Some(known) = seen.iter().find(|known| differ_in_case_alone(known, name)) {
            let message = format!("the names {known} and {name} differ in capital letters alone");
            let hint = "on macOS and Windows both would be one: take another name";
            return Err(UsageError::new(message, hint).into());
        }
        seen.push(name);
    }
    Ok(())
}

/// Reads `ENV=V`; every environment must be one of those that are made.
pub(super) fn versions(
    texts: &[String],
    environments: &[PlannedEnvironment],
) -> anyhow::Result<Vec<(EnvironmentName, Declared)>> {
    let mut versions: Vec<(EnvironmentName, Declared)> = Vec::new();
    for text in texts {
        let Some((name, version)) = text.split_once('=') else {
            return Err(UsageError::new(
                format!("--version {text} names no environment"),
                "write it as ENV=V, for example prod=1.4.2",
            )
            .into());
        };
        let name = EnvironmentName::parse(name)?;
        let Some(environment) = environments.iter().find(|environment| environment.name == name) else {
            return Err(UsageError::new(
                format!("--version {text}: there is no environment {name}"),
                format!(
                    "the environments are {}",
                    environments.iter().map(|e| e.name.as_str()).collect::<Vec<_>>().join(", ")
                ),
            )
            .into());
        };
        let declared = match Tagging::of_type(&environment.kind) {
            Some(Tagging::None) => Declared::parse(version)?,
            _ => Declared::Version(Version::parse(version)?),
        };
        if versions.iter().any(|(known, _)| *known == name) {
            return Err(UsageError::new(format!("{name} is given two versions"), "leave one of them out").into());
        }
        versions.push((name, declared));
    }
    Ok(versions)
}
