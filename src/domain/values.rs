//! Layers of Helm values: for everything, for a type of environment, for one environment.

use super::name::EnvironmentName;

/// Where the chart of an application is looked for, in this order: the first folder with a `Chart.yaml` counts.
pub const CHART_FOLDERS: [&str; 2] = ["chart", ""];

/// The values files of a chart for an environment, weakest first; a deployment uses those that exist.
pub fn values_files(folder: &str, kind: Option<&str>, environment: &EnvironmentName) -> Vec<String> {
    let mut names = vec!["values.yaml".to_owned()];
    names.extend(kind.map(|kind| format!("values.{kind}.yaml")));
    let own = format!("values.{environment}.yaml");
    if !names.contains(&own) {
        names.push(own);
    }
    if folder.is_empty() { names } else { names.into_iter().map(|name| format!("{folder}/{name}")).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_go_from_general_to_special() {
        let eu = EnvironmentName::parse("prod-eu").expect("a name");
        assert_eq!(
            values_files("chart", Some("prod"), &eu),
            ["chart/values.yaml", "chart/values.prod.yaml", "chart/values.prod-eu.yaml"]
        );
        let qa = EnvironmentName::parse("qa").expect("a name");
        assert_eq!(values_files("", Some("qa"), &qa), ["values.yaml", "values.qa.yaml"]);
    }
}
