//! What a release manager repository of OpenDevStack says: its components, its environments, and what relman has no
//! place for.
//!
//! `metadata` reads `metadata.yml` of the release manager, `ods_file` reads `ods.yml` of the pipelines that came after
//! it. A project may have either, or both.

mod metadata;
mod ods_file;

use super::location::{without_login, without_secrets};
use super::name::{EnvironmentName, RepositoryName, TypeName};
use super::release_file::ENTRY_KEYS;
use super::text::safe;
use super::yaml::{Key, Node, Value};

pub use super::app_file::Component;
pub use super::file::FileError;

const LOGIN: &str = "logins are given to the CI system that runs relman deploy";

const OWN_KEY: &str =
    "in an entry of release.yml this key is relman's own and decides what happens; give yours another name";

/// What relman takes over of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Project {
    /// What the product is called, where the project says it.
    pub name: Option<RepositoryName>,
    /// The components, in the order of the files.
    pub components: Vec<Component>,
    /// The environments, in the order in which versions go through them.
    pub environments: Vec<Environment>,
    /// What is not taken over.
    pub left: Vec<Left>,
}

/// An environment, with what a pipeline has to know about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Its name.
    pub name: EnvironmentName,
    /// The kind of environment.
    pub kind: TypeName,
    /// Further keys of its entry, and their values.
    pub facts: Vec<(String, String)>,
}

/// Something that is not taken over, and what to do instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Where it stands: a file, perhaps with a line.
    pub place: String,
    /// What it is.
    pub what: String,
    /// What to do instead.
    pub advice: &'static str,
}

impl Project {
    /// Reads a `metadata.yml`; `path` is what messages call it.
    pub fn parse_metadata(path: &str, bytes: &[u8]) -> Result<Self, FileError> {
        metadata::parse(path, bytes)
    }

    /// Reads an `ods.yml`; `path` is what messages call it.
    pub fn parse_ods(path: &str, bytes: &[u8]) -> Result<Self, FileError> {
        ods_file::parse(path, bytes)
    }

    /// Adds what another file of the same project says beyond this one.
    #[must_use]
    pub fn and(mut self, other: Project) -> Self {
        self.name = self.name.or(other.name);
        for component in other.components {
            if !self.components.iter().any(|known| known.name == component.name) {
                self.components.push(component);
            }
        }
        for environment in other.environments {
            match self.environments.iter_mut().find(|known| known.name == environment.name) {
                // What stands in a file counts more than what is usual, so the later file wins.
                Some(known) => environment.facts.into_iter().for_each(|fact| set(&mut known.facts, fact)),
                None => self.environments.push(environment),
            }
        }
        self.left.extend(other.left);
        self
    }

    /// Leaves out what has the name of one of the two repositories that are made.
    pub fn leave_out(&mut self, own: &[&str]) {
        let (taken, components) = std::mem::take(&mut self.components)
            .into_iter()
            .partition::<Vec<_>, _>(|component| own.contains(&component.name.as_str()));
        self.components = components;
        self.left.extend(taken.into_iter().map(|component| Left {
            place: "repositories".into(),
            what: format!("the component {}", component.name),
            advice: "one of the two new repositories is called so; give another NAME if it is a component after all",
        }));
    }
}

/// What another file in a release manager repository says, where that is something to look after.
pub fn left_of_file(name: &str) -> Option<Left> {
    let advice = match name {
        "Jenkinsfile" => {
            "--ci jenkins writes one that runs relman deploy; what it did belongs into the steps of app.yml"
        }
        "docs" => "relman writes no documents; a step of app.yml can, from the facts that it is given",
        _ if name.ends_with(".env") || name.ends_with(".env.enc") => {
            "parameters of an environment belong into values.<type>.yaml of the app repo's chart, or into its entry"
        }
        _ => return None,
    };
    Some(Left { place: name.to_owned(), what: "the file".into(), advice }).map(|left| match name {
        "docs" => Left { what: "the chapters of documents".into(), ..left },
        _ => left,
    })
}

/// Sets a fact, in the place of one with the same key.
fn set(facts: &mut Vec<(String, String)>, (key, value): (String, String)) {
    match facts.iter_mut().find(|(known, _)| *known == key) {
        Some((_, known)) => *known = value,
        None => facts.push((key, value)),
    }
}

/// Gathers what is not taken over.
struct Rest<'p> {
    path: &'p str,
    left: Vec<Left>,
}

impl<'p> Rest<'p> {
    fn new(path: &'p str) -> Self {
        Rest { path, left: Vec::new() }
    }

    fn add(&mut self, line: usize, what: impl Into<String>, advice: &'static str) {
        self.left.push(Left { place: format!("{}:{line}", self.path), what: what.into(), advice });
    }

    /// Takes over where a component is cloned from, but no login that stands in it.
    fn url(&mut self, line: usize, component: &RepositoryName, url: &str) -> String {
        let bare = without_login(url);
        if bare != url {
            self.add(line, format!("the login in the `url` of {component}"), LOGIN);
        }
        bare.into_owned()
    }

    /// Takes over the keys of an environment: the known ones under relman's names, plain others as they are.
    fn facts(&mut self, entries: &[(Key, Node)], known: &[(&str, &str)], skipped: &[&str]) -> Vec<(String, String)> {
        let mut facts = Vec::new();
        for (key, node) in entries.iter().filter(|(key, _)| !skipped.contains(&key.text.as_str())) {
            let renamed = known.iter().find(|(old, _)| *old == key.text).map(|(_, new)| *new);
            let name = renamed.unwrap_or(&key.text);
            let advice = match &node.value {
                _ if node.is_null() => continue,
                _ if renamed.is_none() && ENTRY_KEYS.contains(&name) => OWN_KEY,
                Value::Scalar(scalar) if without_secrets(&scalar.text) != scalar.text => LOGIN,
                Value::Scalar(scalar) if !scalar.text.is_empty() => {
                    set(&mut facts, (name.to_owned(), scalar.text.clone()));
                    continue;
                }
                _ => "write it into the entry by hand, as a key of your own",
            };
            self.add(key.line, format!("`{}` of an environment", safe(&key.text)), advice);
        }
        facts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_files_of_one_project_become_one() {
        let metadata = "id: FOO\nname: Foo\nrepositories:\n- id: back\nenvironments:\n  prod:\n    apiUrl: https://a\n";
        let ods = "repositories:\n- name: foo-back\n- name: foo-lib\n  tag: v2.0.0\nenvironments:\n- name: prod\n  stage: prod\n  \
                   namespace: elsewhere\n- name: prod-eu\n  stage: prod\n";
        let project = Project::parse_metadata("metadata.yml", metadata.as_bytes())
            .expect("a project")
            .and(Project::parse_ods("ods.yml", ods.as_bytes()).expect("a project"));
        let names: Vec<&str> = project.components.iter().map(|component| component.name.as_str()).collect();
        assert_eq!(names, ["foo-back", "foo-lib"]);
        let names: Vec<&str> = project.environments.iter().map(|environment| environment.name.as_str()).collect();
        assert_eq!(names, ["dev", "qa", "prod", "prod-eu"]);
        let facts = &project.environments[2].facts;
        assert!(facts.contains(&("namespace".into(), "elsewhere".into())), "{facts:?}");
        assert!(facts.contains(&("api".into(), "https://a".into())), "{facts:?}");
    }

    #[test]
    fn a_component_is_not_called_like_what_is_made() {
        let metadata = "id: foo\nname: Foo\nrepositories:\n- id: release\n- id: back\n";
        let mut project = Project::parse_metadata("metadata.yml", metadata.as_bytes()).expect("a project");
        project.leave_out(&["foo-release", "foo-app"]);
        assert_eq!(project.components.len(), 1);
        assert_eq!(project.left.last().map(|left| left.what.as_str()), Some("the component foo-release"));
    }

    #[test]
    fn logins_stay_where_they_are() {
        let metadata = "id: foo\nrepositories:\n- id: back\n  url: https://me:s3cr3t@h/back.git\nenvironments:\n  \
                        prod:\n    apiUrl: https://me:s3cr3t@api\n    hook: https://h/?token=s3cr3t\n    mail: a@h\n";
        let ods = "repositories:\n- name: foo-lib\n  url: ssh://git:s3cr3t@h/lib.git\n";
        let project = Project::parse_metadata("metadata.yml", metadata.as_bytes())
            .expect("a project")
            .and(Project::parse_ods("ods.yml", ods.as_bytes()).expect("a project"));
        let urls: Vec<Option<&str>> = project.components.iter().map(|component| component.url.as_deref()).collect();
        assert_eq!(urls, [Some("https://h/back.git"), Some("ssh://git@h/lib.git")]);
        assert_eq!(project.environments[2].facts[0], ("mail".into(), "a@h".into()));
        let left: Vec<String> = project.left.iter().map(|left| format!("{} {}", left.place, left.what)).collect();
        let expected = [
            "metadata.yml:3 the login in the `url` of foo-back",
            "metadata.yml:7 `apiUrl` of an environment",
            "metadata.yml:8 `hook` of an environment",
            "ods.yml:2 the login in the `url` of foo-lib",
        ];
        assert_eq!(left, expected);
        assert!(project.left.iter().all(|left| left.advice == LOGIN) && !format!("{project:?}").contains("s3cr3t"));
    }

    #[test]
    fn other_files_are_looked_after() {
        for (name, listed) in
            [("Jenkinsfile", true), ("dev.env", true), ("prod.env.enc", true), ("docs", true), ("README.md", false)]
        {
            assert_eq!(left_of_file(name).is_some(), listed, "{name}");
        }
    }
}
