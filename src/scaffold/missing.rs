//! What an app repo that exists already still lacks.

use super::Blueprint;
use crate::domain::name::RepositoryName;
use crate::domain::problem::Problem;

/// What is known of an app repo that `relman init --use-app` was pointed at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExistingApp {
    /// The paths of its files, below the repository's root, with `/` between folders.
    pub paths: Vec<String>,
    /// The components that its `app.yml`, else its `ods.yml`, lists; `None` where there is neither, or it can't be read.
    pub components: Option<Vec<RepositoryName>>,
    /// Whether its `app.yml` has a `pipeline`.
    pub has_pipeline: bool,
}

/// What an app repo lacks for a blueprint; empty if it can be used as it is.
///
/// A chart is nothing that must be there. Where there is one, it should have values for each type.
pub fn missing_in_app(app: &ExistingApp, blueprint: &Blueprint) -> Vec<Problem> {
    let has = |path: &str| app.paths.iter().any(|existing| existing == path);
    let file = ["app.yml", "ods.yml", "ods.yaml"].into_iter().find(|path| has(path));
    let mut missing = Vec::new();
    let mut lacks = |code, message: String| missing.push(Problem::warning(code, message));
    match file {
        None => {
            let names: Vec<&str> = blueprint.components.iter().map(|component| component.name.as_str()).collect();
            let here = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
            lacks(
                "no-app-file",
                format!(
                    "There is no app.yml: it lists the component repositories{here} and says what a deployment runs."
                ),
            );
        }
        Some("app.yml") if app.has_pipeline => {}
        Some("app.yml") => {
            lacks("no-pipeline", "app.yml has no `pipeline`: a deployment would have nothing to run.".to_owned());
        }
        Some(ods) => lacks(
            "no-pipeline",
            format!(
                "There is no app.yml: relman reads the repositories in {ods}, but a deployment needs a `pipeline` in app.yml."
            ),
        ),
    }
    if let Some(listed) = &app.components {
        let file = file.unwrap_or("app.yml");
        for name in blueprint.components.iter().map(|component| &component.name).filter(|name| !listed.contains(name)) {
            lacks("component-not-listed", format!("{file} does not list the component {name} below `repositories`."));
        }
    }
    if has("chart/Chart.yaml") {
        for kind in blueprint.types() {
            let path = format!("chart/values.{kind}.yaml");
            if !has(&path) {
                lacks(
                    "no-values",
                    format!("There is no {path}: environments of type {kind} get the common values only."),
                );
            }
        }
    }
    missing
}
