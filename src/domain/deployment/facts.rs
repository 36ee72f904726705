//! The facts of a deployment, which every engine hands to its pipeline in the same words.

use serde_json::{Value as Json, json};

use crate::domain::app_file::Site;
use crate::domain::change::Change;
use crate::domain::name::{BranchName, CommitId, EnvironmentName, RepositoryName, TagName};
use crate::domain::resolution::Pick;
use crate::domain::yaml::{Node, Value};

/// What a pipeline is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// The app repo.
    pub application: RepositoryName,
    /// The environment.
    pub environment: EnvironmentName,
    /// Its type.
    pub kind: Option<String>,
    /// What is deployed, as `version:` says it.
    pub version: Option<String>,
    /// The tag that is deployed.
    pub tag: Option<TagName>,
    /// The candidate behind it.
    pub candidate: Option<TagName>,
    /// The repositories: the app first, then its components.
    pub repositories: Vec<Pick>,
    /// The Helm values files, weakest first, relative to the app's checkout.
    pub values: Vec<String>,
    /// The environment's entry as it stands.
    pub target: Node,
    /// The change request behind it.
    pub change: Change,
}

/// The longest value that every system lets a program be given, in bytes.
const MAX_VALUE: usize = 100_000;

/// A fact that no program can be given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unspeakable {
    /// It has a NUL character in it.
    #[error("the value of {0} has a NUL character in it, which no program can be given")]
    Nul(String),
    /// It is too long.
    #[error("the value of {0} has {1} bytes, and a program can be given {MAX_VALUE}")]
    TooLong(String, usize),
}

/// What names the app commit in the app repo, for a system that can't start a pipeline at any commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// The tag that is deployed.
    Tag(TagName),
    /// The branch whose head was resolved, where no tag is used.
    Branch(BranchName),
    /// Nothing but its id: `ref:` names the commit itself.
    Commit(CommitId),
}

impl Start {
    /// The full name of the reference, or the commit id.
    pub fn full(&self) -> String {
        match self {
            Start::Tag(tag) => tag.full(),
            Start::Branch(branch) => branch.full(),
            Start::Commit(id) => id.to_string(),
        }
    }
}

impl Facts {
    /// What names the app commit; `None` where no app repo is known.
    pub fn start(&self) -> Option<Start> {
        let app = self.repositories.first()?;
        let tag = |name: &str| TagName::parse(name.strip_prefix("refs/tags/")?).ok().map(Start::Tag);
        let branch = |name: &str| BranchName::parse(name.strip_prefix("refs/heads/")?).ok().map(Start::Branch);
        let named = self.tag.clone().map(Start::Tag);
        let named = named.or_else(|| tag(&app.reference)).or_else(|| branch(&app.reference));
        Some(named.unwrap_or(Start::Commit(app.commit)))
    }

    /// The commit of the app repo.
    pub fn commit(&self) -> Option<CommitId> {
        self.repositories.first().map(|app| app.commit)
    }

    /// Where a repository is checked out, relative to the app's checkout.
    pub fn path(&self, repository: &RepositoryName) -> String {
        if *repository == self.application { ".".into() } else { format!("../{repository}") }
    }

    /// The facts as variables. Every one of the fixed names is there, empty where there is nothing to say, so that a
    /// shell that stops at unset variables can read it. Where the pipeline runs elsewhere, no path is known.
    pub fn variables(&self, site: Site) -> Result<Vec<(String, String)>, Unspeakable> {
        let text = |text: Option<&TagName>| text.map(ToString::to_string).unwrap_or_default();
        let repositories: Vec<Json> = self
            .repositories
            .iter()
            .map(|pick| {
                json!({
                    "name": pick.name.as_str(),
                    "commit": pick.commit.to_string(),
                    "ref": pick.reference,
                    "path": (site == Site::Here).then(|| self.path(&pick.name)),
                })
            })
            .collect();
        let helm: Vec<String> = self.values.iter().map(|path| format!("-f {path}")).collect();
        let mut variables: Vec<(String, String)> = [
            ("RELMAN_APPLICATION", self.application.to_string()),
            ("RELMAN_ENVIRONMENT", self.environment.to_string()),
            ("RELMAN_TYPE", self.kind.clone().unwrap_or_default()),
            ("RELMAN_VERSION", self.version.clone().unwrap_or_default()),
            ("RELMAN_TAG", text(self.tag.as_ref())),
            ("RELMAN_CANDIDATE", text(self.candidate.as_ref())),
            ("RELMAN_COMMIT", self.commit().map(|id| id.to_string()).unwrap_or_default()),
            ("RELMAN_REPOSITORIES", Json::Array(repositories).to_string()),
            ("RELMAN_HELM_ARGS", helm.join(" ")),
            ("RELMAN_TARGET", self.target.to_json().to_string()),
        ]
        .into_iter()
        .chain(self.change.variables())
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        if let Value::Map(entries) = &self.target.value {
            for (key, node) in entries {
                let Value::Scalar(scalar) = &node.value else { continue };
                let name = format!("RELMAN_TARGET_{}", upper(&key.text));
                // Of two keys that look the same as variables, the first one counts.
                if !variables.iter().any(|(known, _)| *known == name) {
                    let value = if node.is_null() { String::new() } else { scalar.text.clone() };
                    variables.push((name, value));
                }
            }
        }
        for (name, value) in &variables {
            if value.contains('\0') {
                return Err(Unspeakable::Nul(name.clone()));
            }
            if value.len() > MAX_VALUE {
                return Err(Unspeakable::TooLong(name.clone(), value.len()));
            }
        }
        Ok(variables)
    }
}

fn upper(key: &str) -> String {
    key.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

/// Whether a variable of relman's own process is kept from the steps of a pipeline.
///
/// Tokens are relman's own, and so is the login that a push lends to the hooks it starts. What Git tells its hooks about a repository is about another one than the steps stand in.
pub fn is_withheld(name: &str) -> bool {
    // The facts of another deployment are there where this relman is itself a step of it.
    ["RELMAN_TOKEN", "RELMAN_JIRA_TOKEN", "RELMAN_JENKINS_", "RELMAN_GIT_", "RELMAN_TARGET"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
        || OF_HOOKS.contains(&name)
}

const OF_HOOKS: [&str; 9] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_WORK_TREE",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(entry: &str) -> Facts {
        let pick = |name: &str, digit: &str| Pick {
            name: RepositoryName::parse(name).expect("a name"),
            commit: CommitId::parse(&digit.repeat(40)).expect("an id"),
            reference: "refs/tags/v1.0.0-rc.1".into(),
        };
        Facts {
            application: RepositoryName::parse("app").expect("a name"),
            environment: EnvironmentName::parse("qa").expect("a name"),
            kind: Some("qa".into()),
            version: Some("1.0.0".into()),
            tag: TagName::parse("v1.0.0-rc.1").ok(),
            candidate: None,
            repositories: vec![pick("app", "a"), pick("back", "b")],
            values: vec!["chart/values.yaml".into(), "chart/values.qa.yaml".into()],
            target: crate::domain::yaml::parse(entry.as_bytes()).expect("YAML").root,
            change: Change { request: Some("CHG-7".into()), ..Change::default() },
        }
    }

    fn of(entry: &str, name: &str) -> Option<String> {
        let variables = facts(entry).variables(Site::Here).expect("facts");
        variables.into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    #[test]
    fn paths_begin_at_the_checkout_of_the_app() {
        let repositories = of("{}", "RELMAN_REPOSITORIES").expect("set");
        let read: Json = serde_json::from_str(&repositories).expect("JSON");
        assert_eq!((&read[0]["path"], &read[1]["path"]), (&".".into(), &"../back".into()));
        assert_eq!(read[1]["commit"], "b".repeat(40));
        assert_eq!(of("{}", "RELMAN_HELM_ARGS").as_deref(), Some("-f chart/values.yaml -f chart/values.qa.yaml"));
        assert_eq!(of("{}", "RELMAN_CANDIDATE").as_deref(), Some(""), "set, though there is none");
        assert_eq!(of("{}", "RELMAN_CHANGE_ID").as_deref(), Some("CHG-7"));
        assert_eq!(of("{}", "RELMAN_CONFIG_ITEM").as_deref(), Some(""));
    }

    #[test]
    fn elsewhere_there_are_no_paths() {
        let variables = facts("{}").variables(Site::Remote).expect("facts");
        let (_, repositories) = variables.iter().find(|(name, _)| name == "RELMAN_REPOSITORIES").expect("set");
        let read: Json = serde_json::from_str(repositories).expect("JSON");
        assert_eq!((&read[0]["path"], &read[1]["path"]), (&Json::Null, &Json::Null));
    }

    #[test]
    fn a_remote_pipeline_starts_at_the_tag_or_at_what_was_resolved() {
        let mut told = facts("{}");
        assert_eq!(told.start().map(|start| start.full()).as_deref(), Some("refs/tags/v1.0.0-rc.1"));
        told.tag = None;
        for (reference, start) in [
            ("refs/tags/v1", "refs/tags/v1".to_owned()),
            ("refs/heads/release/1", "refs/heads/release/1".to_owned()),
            ("aaaa", "a".repeat(40)),
        ] {
            told.repositories[0].reference = reference.into();
            assert_eq!(told.start().map(|found| found.full()), Some(start));
        }
    }

    #[test]
    fn plain_keys_of_the_entry_are_variables_and_all_of_it_is_json() {
        let entry = "{name: qa, api-url: 'a $(b) \"c\" d', Größe: 3, list: [1], none: , api_url: second}";
        assert_eq!(of(entry, "RELMAN_TARGET_API_URL").as_deref(), Some("a $(b) \"c\" d"));
        assert_eq!(of(entry, "RELMAN_TARGET_GR__E").as_deref(), Some("3"));
        assert_eq!(of(entry, "RELMAN_TARGET_LIST"), None);
        assert_eq!(of(entry, "RELMAN_TARGET_NONE").as_deref(), Some(""));
        let all: Json = serde_json::from_str(&of(entry, "RELMAN_TARGET").expect("set")).expect("JSON");
        assert_eq!(all["list"][0], 1);
    }

    #[test]
    fn what_no_program_can_be_given_is_refused() {
        assert_eq!(facts(r#"{a: "x\0y"}"#).variables(Site::Here), Err(Unspeakable::Nul("RELMAN_TARGET_A".into())));
        let long = format!("{{a: {}}}", "x".repeat(MAX_VALUE + 1));
        assert!(matches!(facts(&long).variables(Site::Here), Err(Unspeakable::TooLong(..))));
    }

    #[test]
    fn tokens_stay_with_relman() {
        for name in [
            "RELMAN_TOKEN",
            "RELMAN_TOKEN_GITHUB",
            "RELMAN_JIRA_TOKEN",
            "RELMAN_JIRA_TOKEN_FILE",
            "RELMAN_GIT_SECRET",
            "RELMAN_JENKINS_TOKEN",
            "RELMAN_JENKINS_USER",
            "GIT_DIR",
        ] {
            assert!(is_withheld(name), "{name}");
        }
        assert!(!is_withheld("PATH") && !is_withheld("RELMAN_CACHE_DIR"));
    }
}
