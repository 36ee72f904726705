//! The release repo: the commit that all environment branches begin with.

use super::template::{fill, flow_list, scalar};
use super::{Blueprint, Ci, PlannedEnvironment, ScaffoldFile};

/// The files of the first commit of the release repo: a README, a `release.yml` without a version, and at most one
/// file of CI glue.
pub fn release_repo(blueprint: &Blueprint) -> Vec<ScaffoldFile> {
    let mut files = vec![
        ScaffoldFile::text("README.md", readme(blueprint)),
        ScaffoldFile::text("release.yml", release_file(blueprint)),
    ];
    files.extend(ci_file(blueprint.ci));
    files
}

/// The one file that makes a CI system run `relman deploy`.
pub fn ci_file(ci: Ci) -> Option<ScaffoldFile> {
    let (path, content) = match ci {
        Ci::None => return None,
        Ci::Github => (".github/workflows/relman.yml", include_str!("templates/ci/github.yml")),
        Ci::Gitlab => (".gitlab-ci.yml", include_str!("templates/ci/gitlab.yml")),
        Ci::Bitbucket => ("bitbucket-pipelines.yml", include_str!("templates/ci/bitbucket.yml")),
        Ci::Jenkins => ("Jenkinsfile", include_str!("templates/ci/Jenkinsfile")),
        Ci::Tekton => ("tekton/relman.yaml", include_str!("templates/ci/tekton.yaml")),
    };
    Some(ScaffoldFile::text(path, content))
}

/// The lines of one item of `environments:`, without indentation.
pub fn environment_entry(environment: &PlannedEnvironment) -> Vec<String> {
    let mut lines = vec![
        format!("- name: {}", scalar(environment.name.as_str())),
        format!("  type: {}", scalar(environment.kind.as_str())),
        format!("  from: {}", flow_list(environment.from.iter().map(|name| name.as_str()))),
    ];
    if let Some(branch) = &environment.branch {
        lines.push(format!("  branch: {}", scalar(branch.as_str())));
    }
    if let Some(tags) = environment.tags {
        lines.push(format!("  tags: {}", tags.as_str()));
    }
    lines.extend(environment.facts.iter().map(|(key, value)| format!("  {}: {}", scalar(key), scalar(value))));
    lines
}

fn release_file(blueprint: &Blueprint) -> String {
    let entries: String =
        blueprint.environments.iter().flat_map(environment_entry).map(|line| format!("\n{line}")).collect();
    fill(
        include_str!("templates/release/release.yml"),
        &[
            ("application", &application(blueprint)),
            ("environments", if entries.is_empty() { " []" } else { &entries }),
        ],
    )
}

/// The name alone where the app repo lies beside the release repo, else name and URL.
fn application(blueprint: &Blueprint) -> String {
    let name = scalar(blueprint.application.as_str());
    match &blueprint.application_url {
        Some(url) => format!("{{name: {name}, url: {}}}", serde_json::Value::from(url.as_str())),
        None => name,
    }
}

fn readme(blueprint: &Blueprint) -> String {
    let table: Vec<String> = blueprint
        .environments
        .iter()
        .map(|environment| {
            let from: Vec<String> = environment.from.iter().map(|name| format!("`{name}`")).collect();
            format!(
                "| `{}` | `{}` | `{}` | {} |",
                environment.name,
                environment.kind,
                environment.name.branch(),
                if from.is_empty() { "–".to_owned() } else { from.join(", ") }
            )
        })
        .collect();
    let release = blueprint.release_repo_name();
    let clone = match &blueprint.remote_base {
        Some(base) => {
            [&release, blueprint.application.as_str()].map(|name| format!("git clone {}", base.url(name))).join("\n")
                + &format!("\ncd {release}")
        }
        None => format!("cd {release}"),
    };
    let glue = match ci_file(blueprint.ci) {
        Some(file) => format!("`{}`, with which {} runs `relman deploy`.", file.path, blueprint.ci.title()),
        None => "At most one file that makes your CI system run `relman deploy` on a push to an environment branch."
            .to_owned(),
    };
    fill(
        include_str!("templates/release/README.md"),
        &[
            ("name", blueprint.name.as_str()),
            ("application", blueprint.application.as_str()),
            ("table", &table.join("\n")),
            ("clone", &clone),
            ("glue", &glue),
        ],
    )
}
