//! `ods.yml` of an OpenDevStack pipeline.

use super::{Environment, Project, Rest, set};
use crate::domain::app_file::AppFile;
use crate::domain::file::{FileError, Reader, present, quote};
use crate::domain::name::{EnvironmentName, TypeName};
use crate::domain::text::safe;

/// Keys of an environment that relman has names of its own for; they were called differently from time to time.
const FACTS: [(&str, &str); 6] = [
    ("url", "api"),
    ("apiServer", "api"),
    ("secretRef", "credentials"),
    ("credentialsSecretRef", "credentials"),
    ("apiCredentialsSecret", "credentials"),
    ("namespace", "namespace"),
];

/// Reads it; `path` is what messages call it.
pub(super) fn parse(path: &str, bytes: &[u8]) -> Result<Project, FileError> {
    let mut components = AppFile::parse_ods(path, bytes)?.repositories;
    let reader = Reader::new(path);
    let root = reader.document(bytes)?.root;
    let mut rest = Rest::new(path);
    let mut environments: Vec<Environment> = Vec::new();
    for node in reader.list(root.get("environments"), "environments")? {
        let entries = reader.map(node, "an entry of `environments`")?;
        let Some(name) = reader.parsed(node, "name", EnvironmentName::parse)? else {
            return Err(reader.error(node, "missing-key", "this environment has no `name`").expected("a name"));
        };
        let stage = ["stage", "kind", "type"].iter().find_map(|key| present(node, key));
        let word = stage.map(|node| reader.text(node, "stage")).transpose()?.unwrap_or(name.as_str());
        let kind = match TypeName::parse(&word.to_ascii_lowercase()) {
            Ok(kind) if matches!(kind.as_str(), "dev" | "qa" | "staging" | "prod") => kind,
            _ => {
                let what = format!("the environment {name}, of the stage {}", quote(word));
                rest.add(node.line, what, "relman env add --type T --tags WORD makes it");
                continue;
            }
        };
        let mut facts = Vec::new();
        let read = rest.facts(entries, &FACTS, &["name", "stage", "kind", "type"]);
        read.into_iter().for_each(|fact| set(&mut facts, fact));
        if environments.iter().any(|known| known.name == name) {
            let message = format!("the environment `{name}` is listed twice");
            return Err(reader.error(node, "duplicate-name", message).expected("each name once"));
        }
        environments.push(Environment { name, kind, facts });
    }
    for (key, _) in root.as_map().unwrap_or_default() {
        let advice = match key.text.as_str() {
            "repositories" | "environments" => continue,
            "pipeline" | "pipelines" => "what it did belongs into the steps of app.yml, or into its engine: tekton",
            "version" => "--version ENV=V begins an environment at a version",
            _ => "relman has nothing like it",
        };
        rest.add(key.line, format!("`{}`", safe(&key.text)), advice);
    }
    // A version goes from one stage to the next, in whatever order they are written.
    environments.sort_by_key(|environment| {
        ["dev", "qa", "staging", "prod"].iter().position(|k| *k == environment.kind.as_str())
    });
    for component in &mut components {
        component.url = component.url.take().map(|url| rest.url(component.line, &component.name, &url));
    }
    Ok(Project { name: None, components, environments, left: rest.left })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_and_environments_are_taken_over() {
        let text = "version: 1.0.0
repositories:
- name: foo-backend
  url: https://git.example.com/foo/foo-backend.git
- name: foo-frontend
  branch: develop
environments:
- name: prod-eu
  stage: prod
  url: https://api.eu.example.com
  secretRef: prod-eu-deployer
  config: {replicas: 3}
- name: dev
  stage: dev
  namespace: foo-dev
- name: moon
  stage: orbit
pipeline: {tasks: []}
";
        let project = parse("ods.yml", text.as_bytes()).expect("a project");
        assert_eq!(project.components[0].url.as_deref(), Some("https://git.example.com/foo/foo-backend.git"));
        assert_eq!(project.components[1].branch.as_ref().map(|branch| branch.as_str()), Some("develop"));
        let names: Vec<&str> = project.environments.iter().map(|environment| environment.name.as_str()).collect();
        assert_eq!(names, ["dev", "prod-eu"]);
        let expected = [("api", "https://api.eu.example.com"), ("credentials", "prod-eu-deployer")];
        assert_eq!(project.environments[1].facts, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
        let left: Vec<&str> = project.left.iter().map(|left| left.place.as_str()).collect();
        assert_eq!(left, ["ods.yml:12", "ods.yml:16", "ods.yml:1", "ods.yml:18"]);
    }

    #[test]
    fn what_can_not_be_read_is_said_with_its_place() {
        for (text, part) in [
            ("environments:\n- stage: qa\n", "ods.yml:2:3: "),
            ("environments:\n- name: qa\n- name: qa\n", "ods.yml:3:3: "),
            ("repositories: 1\n", "ods.yml:1:15: "),
        ] {
            let error = parse("ods.yml", text.as_bytes()).expect_err(text).to_string();
            assert!(error.starts_with(part), "{text}{error}");
        }
    }
}
