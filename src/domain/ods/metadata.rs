//! `metadata.yml` of a release manager repository.

use super::{Component, Environment, LOGIN, Left, Project, Rest};
use crate::domain::file::{FileError, Reader, present, quote};
use crate::domain::name::{BranchName, EnvironmentName, RepositoryName, TypeName};
use crate::domain::text::safe;
use crate::domain::yaml::Node;

/// The three environments of every project, and how the release manager calls the end of their namespaces.
const ENVIRONMENTS: [(&str, &str); 3] = [("dev", "dev"), ("qa", "test"), ("prod", "prod")];

/// Keys of an environment that relman has names of its own for, the older ones too.
const FACTS: [(&str, &str); 4] = [
    ("apiUrl", "api"),
    ("openshiftClusterApiUrl", "api"),
    ("credentialsId", "credentials"),
    ("openshiftClusterCredentialsId", "credentials"),
];

const BUILDS: &str = "relman builds nothing; the steps of app.yml decide what is built";

/// Reads it; `path` is what messages call it.
pub(super) fn parse(path: &str, bytes: &[u8]) -> Result<Project, FileError> {
    let reader = Reader::new(path);
    let root = reader.document(bytes)?.root;
    let entries = reader.map(&root, "the file")?;
    let Some(id) = present(&root, "id") else {
        return Err(reader
            .error_at(1, 1, "missing-key", "there is no `id`".to_owned())
            .expected("the key of the project")
            .hint("a release manager repository has a metadata.yml with `id`, `name` and `repositories`"));
    };
    let id_text = reader.text(id, "id")?.to_ascii_lowercase();
    let name = RepositoryName::parse(&id_text).map_err(|error| reader.invalid(id, &error))?;
    let mut rest = Rest::new(path);
    let components = components(&reader, &root, &id_text, &mut rest)?;
    let environments = environments(&reader, &root, &id_text, &mut rest)?;
    for (key, node) in entries {
        match key.text.as_str() {
            "id" | "name" | "repositories" | "environments" => {}
            "description" if node.as_str().is_none_or(str::is_empty) => {}
            "description" => rest.add(key.line, "`description`", "write it into the README of the app repo"),
            "services" => services(&reader, node, &mut rest)?,
            "capabilities" => capabilities(&reader, node, &mut rest)?,
            "allowPartialRebuild" => rest.add(key.line, "`allowPartialRebuild`", BUILDS),
            other => rest.add(key.line, format!("`{}`", safe(other)), "relman has nothing like it"),
        }
    }
    let mut left: Vec<Left> = rest.left;
    left.sort_by_key(|left| left.place.rsplit_once(':').and_then(|(_, line)| line.parse::<usize>().ok()));
    Ok(Project { name: Some(name), components, environments, left })
}

fn components(reader: &Reader<'_>, root: &Node, id: &str, rest: &mut Rest<'_>) -> Result<Vec<Component>, FileError> {
    let mut components: Vec<Component> = Vec::new();
    for node in reader.list(root.get("repositories"), "repositories")? {
        let entries = reader.map(node, "an entry of `repositories`")?;
        let Some(own) = present(node, "id") else {
            return Err(reader.error(node, "missing-key", "this repository has no `id`").expected("an id"));
        };
        // Without a name, the project's key stands before the id.
        let (at, text) = match present(node, "name") {
            Some(name) => (name, reader.text(name, "name")?.to_owned()),
            None => (own, format!("{id}-{}", reader.text(own, "id")?)),
        };
        let name = RepositoryName::parse(&text).map_err(|error| reader.invalid(at, &error))?;
        if components.iter().any(|known| known.name == name) {
            let message = format!("the repository `{name}` is listed twice");
            return Err(reader.error(at, "duplicate-name", message).expected("each name once"));
        }
        let branch = match reader.parsed(node, "preview-branch", BranchName::parse)? {
            Some(branch) => Some(branch),
            None => reader.parsed(node, "branch", BranchName::parse)?,
        };
        for (key, value) in entries {
            match key.text.as_str() {
                "id" | "name" | "branch" | "preview-branch" | "url" => {}
                "type" if matches!(value.as_str(), None | Some("ods")) => {}
                "type" => rest.add(
                    key.line,
                    format!("{name} is of the type {}", quote(value.as_str().unwrap_or_default())),
                    "to relman all components are alike; what is done with each stands in the steps of app.yml",
                ),
                "forceRebuild" => rest.add(key.line, format!("`forceRebuild` of {name}"), BUILDS),
                other => rest.add(key.line, format!("`{}` of {name}", safe(other)), "relman has nothing like it"),
            }
        }
        let url = reader.url(node, "url")?.map(|url| rest.url(node.line, &name, &url));
        components.push(Component { name, branch, tag: None, url, line: node.line });
    }
    Ok(components)
}

fn environments(
    reader: &Reader<'_>,
    root: &Node,
    id: &str,
    rest: &mut Rest<'_>,
) -> Result<Vec<Environment>, FileError> {
    let described = match present(root, "environments") {
        Some(node) => reader.map(node, "environments")?,
        None => &[],
    };
    for (key, _) in described {
        if !ENVIRONMENTS.iter().any(|(name, _)| key.text.eq_ignore_ascii_case(name)) {
            let what = format!("the environment {}", quote(&key.text));
            rest.add(key.line, what, "relman env add makes further environments");
        }
    }
    let mut environments = Vec::new();
    for (name, ending) in ENVIRONMENTS {
        let mut facts = Vec::new();
        if let Some((_, node)) = described.iter().find(|(key, _)| key.text.eq_ignore_ascii_case(name))
            && !node.is_null()
        {
            facts = rest.facts(reader.map(node, name)?, &FACTS, &[]);
        }
        if !facts.iter().any(|(key, _)| key == "namespace") {
            facts.push(("namespace".to_owned(), format!("{id}-{ending}")));
        }
        let (Ok(name), Ok(kind)) = (EnvironmentName::parse(name), TypeName::parse(name)) else { continue };
        environments.push(Environment { name, kind, facts });
    }
    Ok(environments)
}

fn services(reader: &Reader<'_>, node: &Node, rest: &mut Rest<'_>) -> Result<(), FileError> {
    if node.is_null() {
        return Ok(());
    }
    for (key, _) in reader.map(node, "services")? {
        let (what, advice) = match key.text.as_str() {
            "jira" => (
                "the login for Jira",
                "RELMAN_JIRA_TOKEN is the login, `jira:` in release.yml says what Jira is told, and relman trigger follows it",
            ),
            "bitbucket" => ("the login for Bitbucket", LOGIN),
            "nexus" => ("the Nexus repository", "a step of app.yml can upload what it makes"),
            other => {
                rest.add(key.line, format!("the service {}", quote(other)), LOGIN);
                continue;
            }
        };
        rest.add(key.line, what, advice);
    }
    Ok(())
}

fn capabilities(reader: &Reader<'_>, node: &Node, rest: &mut Rest<'_>) -> Result<(), FileError> {
    for node in reader.list(Some(node), "capabilities")? {
        let name = match node.as_map().and_then(|entries| entries.first()) {
            Some((key, _)) => key.text.clone(),
            None => node.as_str().unwrap_or_default().to_owned(),
        };
        let advice = match name.as_str() {
            "LeVADocs" => "relman writes no documents; a step of app.yml can, from the facts that it is given",
            "Zephyr" => "relman reports no tests; a step of app.yml can",
            _ => "relman has nothing like it",
        };
        rest.add(node.line, format!("the capability {}", quote(&name)), advice);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Project, FileError> {
        parse("metadata.yml", text.as_bytes())
    }

    /// As the release manager's quickstarter makes it, filled in.
    const WHOLE: &str = "id: PHOENIX
name: Project Phoenix
description: Description of phoenix.

services:
  bitbucket:
    credentials:
      id: phoenix-cd-cd-user-with-password
# Uncomment (below) to connect to jira
  jira:
   credentials:
      id: phoenix-cd-cd-user-with-password
  nexus:
    repository:
      name: leva-documentation

repositories:
  - id: back
    type: ods
  - id: B
    name: my-repo-B
    preview-branch: develop
    forceRebuild: true
  - id: e2e
    type: ods-test

capabilities:
  - Zephyr
  - LeVADocs:
      GAMPCategory: 5
allowPartialRebuild: true
environments:
  PROD:
    openshiftClusterApiUrl: https://api.example.com:8443
    openshiftClusterCredentialsId: phoenix-cd-phoenix-prod
    openshiftRolloutTimeoutMinutes: 120
  qa:
    config: {a: b}
";

    #[test]
    fn a_whole_project_is_taken_over() {
        let project = read(WHOLE).expect("a project");
        assert_eq!(project.name.as_ref().map(RepositoryName::as_str), Some("phoenix"));
        let components: Vec<(&str, Option<&str>)> =
            project.components.iter().map(|c| (c.name.as_str(), c.branch.as_ref().map(BranchName::as_str))).collect();
        assert_eq!(components, [("phoenix-back", None), ("my-repo-B", Some("develop")), ("phoenix-e2e", None)]);
        let facts = |at: usize| {
            let facts = project.environments[at].facts.iter();
            facts.map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
        };
        assert_eq!([facts(0), facts(1)], ["namespace=phoenix-dev", "namespace=phoenix-test"]);
        assert_eq!(
            facts(2),
            "api=https://api.example.com:8443 credentials=phoenix-cd-phoenix-prod openshiftRolloutTimeoutMinutes=120 \
             namespace=phoenix-prod"
        );
        let left: Vec<String> = project.left.iter().map(|left| format!("{} {}", left.place, left.what)).collect();
        assert_eq!(
            left,
            [
                "metadata.yml:3 `description`",
                "metadata.yml:6 the login for Bitbucket",
                "metadata.yml:10 the login for Jira",
                "metadata.yml:13 the Nexus repository",
                "metadata.yml:23 `forceRebuild` of my-repo-B",
                "metadata.yml:25 phoenix-e2e is of the type \"ods-test\"",
                "metadata.yml:28 the capability \"Zephyr\"",
                "metadata.yml:29 the capability \"LeVADocs\"",
                "metadata.yml:31 `allowPartialRebuild`",
                "metadata.yml:38 `config` of an environment",
            ]
        );
    }

    #[test]
    fn what_can_not_be_read_is_said_with_its_place() {
        for (text, part) in [
            ("name: x\n", "metadata.yml:1:1: there is no `id`"),
            ("id: a b\n", "metadata.yml:1:5: "),
            ("id: a\nrepositories:\n- name: b\n", "metadata.yml:3:3: this repository has no `id`"),
            ("id: a\nrepositories:\n- id: ../b\n", "metadata.yml:3:7: "),
            ("id: a\nrepositories:\n- id: b\n- id: c\n  name: a-b\n", "metadata.yml:5:9: "),
            ("id: a\nrepositories:\n- id: b\n  url: ext::sh\n", "metadata.yml:4:8: "),
            ("id: a\nenvironments: [prod]\n", "metadata.yml:2:15: "),
            ("[]\n", "metadata.yml:1:1: "),
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(error.starts_with(part), "{text}{error}");
        }
    }

    #[test]
    fn an_entry_of_a_type_that_is_relmans_own_key_is_left() {
        let project = read("id: a\nenvironments:\n  prod:\n    tags: none\n    clusterName: c\n").expect("a project");
        let facts = &project.environments[2].facts;
        assert_eq!(facts[0], ("clusterName".into(), "c".into()));
        assert_eq!(project.left[0].what, "`tags` of an environment");
        assert!(project.left[0].advice.contains("give yours another name"), "it would decide what is tagged");
    }
}
