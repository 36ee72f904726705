//! The app repo: `app.yml` with a first pipeline, and a Helm umbrella chart.

use super::template::{fill, scalar};
use super::{Blueprint, PlannedComponent, ScaffoldFile};

/// The longest name of a Helm release.
const MAX_RELEASE_NAME: usize = 53;

/// The files of the first commit of the app repo.
pub fn app_repo(blueprint: &Blueprint) -> Vec<ScaffoldFile> {
    let mut files = vec![
        ScaffoldFile::text(".gitignore", include_str!("templates/app/gitignore")),
        ScaffoldFile::text("README.md", readme(blueprint)),
        ScaffoldFile::text("app.yml", app_file(blueprint)),
        ScaffoldFile::text("chart/.helmignore", include_str!("templates/app/helmignore")),
        ScaffoldFile::text("chart/Chart.yaml", chart(blueprint)),
        ScaffoldFile::text("chart/templates/configmap.yaml", include_str!("templates/app/configmap.yaml")),
        ScaffoldFile::text("chart/values.yaml", include_str!("templates/app/values.yaml")),
    ];
    for kind in blueprint.types() {
        let values = [("type", kind.as_str()), ("value", &scalar(kind.as_str()))];
        let content = fill(include_str!("templates/app/values.type.yaml"), &values);
        files.push(ScaffoldFile::text(format!("chart/values.{kind}.yaml"), content));
    }
    files
}

fn app_file(blueprint: &Blueprint) -> String {
    let components: String = blueprint.components.iter().map(component_entry).collect();
    fill(
        include_str!("templates/app/app.yml"),
        &[
            ("application", blueprint.application.as_str()),
            ("repositories", if components.is_empty() { " []" } else { &components }),
            ("release", &release_name(blueprint.application.as_str())),
        ],
    )
}

fn component_entry(component: &PlannedComponent) -> String {
    let mut entry = format!("\n- name: {}", scalar(component.name.as_str()));
    let keys = [
        ("branch", component.branch.as_ref().map(|branch| branch.as_str())),
        ("tag", component.tag.as_ref().map(|tag| tag.as_str())),
        ("url", component.url.as_deref()),
    ];
    for (key, value) in keys.into_iter().filter_map(|(key, value)| Some((key, value?))) {
        entry.push_str(&format!("\n  {key}: {}", scalar(value)));
    }
    entry
}

fn chart(blueprint: &Blueprint) -> String {
    let mut dependencies = String::new();
    for component in &blueprint.components {
        if dependencies.is_empty() {
            dependencies
                .push_str("# The components' own charts, from the folders beside this repository.\ndependencies:");
        }
        let name = component.name.as_str();
        dependencies.push_str(&format!(
            "\n- name: {}\n  version: \">=0.0.0-0\"\n  repository: file://../../{name}/chart",
            scalar(name)
        ));
    }
    let application = blueprint.application.as_str();
    fill(
        include_str!("templates/app/Chart.yaml"),
        &[("application", application), ("chart", &scalar(application)), ("dependencies", &dependencies)],
    )
}

fn readme(blueprint: &Blueprint) -> String {
    let components = if blueprint.components.is_empty() {
        "There are no component repositories: everything that is released together is in here.".to_owned()
    } else {
        let names: Vec<String> =
            blueprint.components.iter().map(|component| format!("* `{}`", component.name)).collect();
        format!(
            "These components are released together with it, each from a repository of its own:\n\n{}",
            names.join("\n")
        )
    };
    let helm = if blueprint.components.is_empty() {
        ""
    } else {
        "\nA component's chart is its folder `chart/`, and a dependency of the umbrella chart. For a component that has none, take\nits entry out of `chart/Chart.yaml`."
    };
    fill(
        include_str!("templates/app/README.md"),
        &[
            ("application", blueprint.application.as_str()),
            ("name", blueprint.name.as_str()),
            ("components", &components),
            ("helm", helm),
        ],
    )
}

/// A name that Helm and Kubernetes take for a release: lower case letters, digits and dashes.
fn release_name(application: &str) -> String {
    let name: String = application
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .take(MAX_RELEASE_NAME)
        .collect();
    name.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_name_is_a_dns_label() {
        assert_eq!(release_name("demo-app"), "demo-app");
        assert_eq!(release_name("Foo_App.2"), "foo-app-2");
        assert_eq!(release_name(&"a-".repeat(50)).len(), 53);
        assert_eq!(release_name("a_"), "a");
    }
}
