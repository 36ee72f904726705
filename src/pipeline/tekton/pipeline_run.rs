//! The PipelineRun of a deployment: a value that is made of nothing but facts.

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::domain::app_file::{self, Source, duration_text, kubernetes_name};
use crate::pipeline::{Error, Release};

/// The longest value of a label, and the longest name, that Kubernetes takes.
const MAX_LABEL: usize = 63;

/// The longest beginning of a name: Kubernetes adds five characters, and Tekton makes longer names of it.
const MAX_PREFIX: usize = 45;

/// The label that names the deployment, as its records do.
pub(super) const ID_LABEL: &str = "relman/deployment";

/// One run of a pipeline, as Tekton's API (`tekton.dev/v1`) takes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PipelineRun {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    spec: Spec,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    generate_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    labels: serde_json::Map<String, Json>,
    annotations: serde_json::Map<String, Json>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    #[serde(flatten)]
    pipeline: Definition,
    params: Vec<Param>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    workspaces: Vec<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeouts: Option<Timeouts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_run_template: Option<TaskRunTemplate>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Definition {
    PipelineRef { resolver: &'static str, params: Vec<Param> },
    PipelineSpec(Json),
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Param {
    name: String,
    value: Json,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Timeouts {
    pipeline: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct TaskRunTemplate {
    service_account_name: String,
}

impl PipelineRun {
    /// The run that deploys a release. `id` is the deployment, where it is known already.
    ///
    /// A fact that Tekton would change on its way to a task is refused, see [`literal`].
    pub(super) fn new(tekton: &app_file::Tekton, release: &Release, id: Option<&str>) -> Result<Self, Error> {
        let mut params = Vec::new();
        for (name, value) in &release.variables {
            let value = literal(name, value)?;
            params.push(Param { name: name.clone(), value: value.into() });
        }
        params.extend(
            tekton.params.iter().map(|(name, node)| Param { name: name.clone(), value: texts(node.to_json()) }),
        );
        Ok(PipelineRun {
            api_version: "tekton.dev/v1",
            kind: "PipelineRun",
            metadata: metadata(tekton, release, id)?,
            spec: Spec {
                pipeline: definition(tekton, release)?,
                params,
                workspaces: tekton.workspaces.iter().map(|node| node.to_json()).collect(),
                timeouts: tekton.timeout.map(|limit| Timeouts { pipeline: duration_text(limit) }),
                task_run_template: tekton
                    .service_account
                    .clone()
                    .map(|service_account_name| TaskRunTemplate { service_account_name }),
            },
        })
    }

    /// The run as JSON.
    pub(super) fn to_json(&self) -> Json {
        // Texts, lists and structs can't fail to serialise.
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// The namespace that a run is made in: that of the environment's entry, else that of the app file; `None` leaves it to
/// `kubectl`.
pub(super) fn namespace<'a>(tekton: &'a app_file::Tekton, release: &'a Release) -> Result<Option<&'a str>, Error> {
    let Some(namespace) = release.target("pipeline-namespace") else { return Ok(tekton.namespace.as_deref()) };
    match kubernetes_name(namespace) {
        Ok(_) => Ok(Some(namespace)),
        Err(expected) => Err(Error::Unusable {
            what: format!("`pipeline-namespace` of {} is {namespace:?}", release.facts.environment),
            hint: format!("it must be {expected}"),
        }),
    }
}

fn metadata(tekton: &app_file::Tekton, release: &Release, id: Option<&str>) -> Result<Metadata, Error> {
    let facts = &release.facts;
    let text = |value: Option<String>| value.unwrap_or_default();
    // Labels are for finding and so for a few characters only; the annotations have the facts as they are.
    let told = [
        ("application", facts.application.to_string()),
        ("environment", facts.environment.to_string()),
        ("version", text(facts.version.clone())),
        ("tag", text(facts.tag.as_ref().map(ToString::to_string))),
    ];
    let mut labels = serde_json::Map::new();
    labels.insert("app.kubernetes.io/managed-by".to_owned(), "relman".into());
    for (name, value) in &told {
        let value = label(value);
        if !value.is_empty() {
            labels.insert(format!("relman/{name}"), value.into());
        }
    }
    if let Some(id) = id {
        labels.insert(ID_LABEL.to_owned(), id.into());
    }
    let commits = [
        ("app-commit", text(facts.commit().map(|id| id.to_string()))),
        ("release-commit", release.release_commit.to_string()),
    ];
    let annotations = told.into_iter().chain(commits).filter(|(_, value)| !value.is_empty());
    Ok(Metadata {
        generate_name: prefix(&format!("{}-{}", facts.application, facts.environment)),
        namespace: namespace(tekton, release)?.map(str::to_owned),
        labels,
        annotations: annotations.map(|(name, value)| (format!("relman/{name}"), value.into())).collect(),
    })
}

fn definition(tekton: &app_file::Tekton, release: &Release) -> Result<Definition, Error> {
    let (path, url, secret) = match &tekton.source {
        Source::Spec(spec) => return Ok(Definition::PipelineSpec(spec.to_json())),
        Source::File { path, url, secret } => (path, url.as_ref(), secret),
    };
    let Some(url) = url.or(release.app_url.as_ref()).filter(|url| is_remote(url)) else {
        return Err(Error::Unusable {
            what: format!(
                "Tekton can't read {path}: {} has no URL that a cluster could clone",
                release.facts.application
            ),
            hint: "write `url:` below `pipeline:` in app.yml, the app repo as the cluster reaches it".into(),
        });
    };
    let Some(commit) = release.facts.commit() else {
        return Err(Error::Unusable {
            what: "there is no app commit to run".into(),
            hint: "relman resolve ENV".into(),
        });
    };
    let param = |name: &str, value: &str| Param { name: name.to_owned(), value: value.into() };
    let mut params = vec![
        param("url", &literal("the URL of the app repo", url)?),
        // The commit and not its tag: what was resolved is what runs, even if the tag is moved in this moment.
        param("revision", &commit.to_string()),
        param("pathInRepo", path),
    ];
    params.extend(secret.iter().map(|secret| param("gitToken", secret)));
    Ok(Definition::PipelineRef { resolver: "git", params })
}

/// Whether a cluster could clone from a URL: it is neither a folder nor a file.
fn is_remote(url: &str) -> bool {
    match url.split_once("://") {
        Some((scheme, _)) => scheme != "file",
        None => url.split_once(':').is_some_and(|(host, _)| host.contains('@') && !host.contains('/')),
    }
}

/// A value that arrives at a task as it is.
///
/// Tekton replaces `$(…)` in several passes, from the run to the pipeline and from there to a task, and in each of them a
/// value that was put in is text as any other. It knows no way to quote, so that a value with `$(params.x)`,
/// `$(context.pipelineRun.name)` or `$(workspaces.x.path)` in it would become another one; and in a variable of a
/// container, Kubernetes makes one `$` of two. In JSON, which only ever has a `$` within a text, there is another way to
/// write one; elsewhere the value is refused.
fn literal(name: &str, value: &str) -> Result<String, Error> {
    let Some(changed) = ["$(", "$$"].into_iter().find(|mark| value.contains(mark)) else { return Ok(value.to_owned()) };
    if matches!(name, "RELMAN_REPOSITORIES" | "RELMAN_TARGET") {
        return Ok(value.replace('$', "\\u0024"));
    }
    Err(Error::Unusable {
        what: format!("{name} has `{changed}` in it, and Tekton would make something else of it"),
        hint: format!("write it without `{changed}`, or run this pipeline by another engine"),
    })
}

/// Params are texts, and lists and maps of texts, for Tekton: a number is written as one.
fn texts(value: Json) -> Json {
    match value {
        Json::Array(items) => items.into_iter().map(texts).collect(),
        Json::Object(entries) => entries.into_iter().map(|(key, value)| (key, texts(value))).collect(),
        Json::String(text) => text.into(),
        Json::Null => "".into(),
        other => other.to_string().into(),
    }
}

/// A text as the value of a label: other characters become `-`, and it begins and ends with a letter or a digit.
fn label(text: &str) -> String {
    let mut value: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' })
        .skip_while(|c| !c.is_ascii_alphanumeric())
        .take(MAX_LABEL)
        .collect();
    value.truncate(value.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()).len());
    value
}

/// What the name of a run begins with: lower case letters, digits and `-`.
fn prefix(text: &str) -> String {
    let mut name: String = text
        .chars()
        .map(|c| c.to_ascii_lowercase())
        .map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' })
        .take(MAX_PREFIX)
        .collect();
    name.truncate(name.trim_end_matches('-').len());
    format!("{name}-")
}

/// What makes Tekton end a run, and still run its `finally` tasks.
pub(super) fn cancelled() -> Json {
    json!({"spec": {"status": "CancelledRunFinally"}})
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::app_file::{AppFile, Pipeline};
    use crate::domain::error::Explain as _;

    fn tekton(keys: &str) -> app_file::Tekton {
        let text = format!("pipeline: {{engine: tekton, {keys}}}\n");
        match AppFile::parse("app.yml", text.as_bytes()).expect("a file").pipeline {
            Some(Pipeline::Tekton(tekton)) => tekton,
            other => panic!("{other:?}"),
        }
    }

    fn run(keys: &str, entry: &str) -> Json {
        PipelineRun::new(&tekton(keys), &Release::example(entry), None).expect("a run").to_json()
    }

    fn param<'j>(run: &'j Json, name: &str) -> &'j Json {
        let params = run["spec"]["params"].as_array().expect("params");
        &params.iter().find(|param| param["name"] == name).unwrap_or_else(|| panic!("no {name}"))["value"]
    }

    #[test]
    fn a_run_says_where_its_pipeline_is_and_what_is_deployed() {
        let run = run(
            "path: tekton/deploy.yaml, git_secret: git-token, namespace: ci, service_account: deployer, timeout: 1h30m, \
             workspaces: [{name: source, emptyDir: {}}], params: {replicas: 3, hosts: [a, 1.10], empty: }",
            "{name: qa, type: qa, api-url: 'https://qa.example.com'}",
        );
        assert_eq!(
            run,
            json!({
                "apiVersion": "tekton.dev/v1",
                "kind": "PipelineRun",
                "metadata": {
                    "generateName": "app-qa-",
                    "namespace": "ci",
                    "labels": {
                        "app.kubernetes.io/managed-by": "relman",
                        "relman/application": "app",
                        "relman/environment": "qa",
                        "relman/version": "1.0.0",
                        "relman/tag": "v1.0.0-rc.1",
                    },
                    "annotations": {
                        "relman/application": "app",
                        "relman/environment": "qa",
                        "relman/version": "1.0.0",
                        "relman/tag": "v1.0.0-rc.1",
                        "relman/app-commit": "a".repeat(40),
                        "relman/release-commit": "f".repeat(40),
                    },
                },
                "spec": {
                    "pipelineRef": {
                        "resolver": "git",
                        "params": [
                            {"name": "url", "value": "https://git.example.com/team/app.git"},
                            {"name": "revision", "value": "a".repeat(40)},
                            {"name": "pathInRepo", "value": "tekton/deploy.yaml"},
                            {"name": "gitToken", "value": "git-token"},
                        ],
                    },
                    "params": run["spec"]["params"],
                    "workspaces": [{"name": "source", "emptyDir": {}}],
                    "timeouts": {"pipeline": "1h30m"},
                    "taskRunTemplate": {"serviceAccountName": "deployer"},
                },
            })
        );
        for (name, value) in [
            ("RELMAN_VERSION", json!("1.0.0")),
            ("RELMAN_TAG", json!("v1.0.0-rc.1")),
            ("RELMAN_TARGET_API_URL", json!("https://qa.example.com")),
            ("replicas", json!("3")),
            ("hosts", json!(["a", "1.10"])),
            ("empty", json!("")),
        ] {
            assert_eq!(param(&run, name), &value, "{name}");
        }
        let repositories: Json =
            serde_json::from_str(param(&run, "RELMAN_REPOSITORIES").as_str().expect("a text")).expect("JSON");
        assert_eq!(
            repositories[1],
            json!({"name": "back", "commit": "b".repeat(40), "ref": "refs/tags/v1.0.0-rc.1", "path": null})
        );
    }

    #[test]
    fn a_pipeline_may_stand_in_the_app_file_itself() {
        let run = run(
            "spec: {tasks: [{name: deploy, taskSpec: {steps: [{name: go, image: x, script: 'echo 1'}]}}]}",
            "{name: qa}",
        );
        assert_eq!(run["spec"]["pipelineSpec"]["tasks"][0]["taskSpec"]["steps"][0]["script"], "echo 1");
        assert_eq!(run["spec"]["pipelineRef"], Json::Null);
        assert_eq!(run["metadata"].get("namespace"), None, "it is kubectl's to choose");
    }

    #[test]
    fn the_environment_says_where_runs_are_made() {
        let run = run("path: a, namespace: ci", "{name: qa, pipeline-namespace: ci-qa, namespace: foo-qa}");
        assert_eq!(run["metadata"]["namespace"], "ci-qa");
        let odd = PipelineRun::new(&tekton("path: a"), &Release::example("{name: qa, pipeline-namespace: ../x}"), None);
        assert!(odd.expect_err("refused").to_string().contains("pipeline-namespace"));
    }

    #[test]
    fn a_file_needs_a_url_that_a_cluster_can_reach() {
        let with = |keys: &str, url: Option<&str>| {
            let release = Release { app_url: url.map(str::to_owned), ..Release::example("{name: qa}") };
            PipelineRun::new(&tekton(keys), &release, None)
                .map(|run| run.to_json()["spec"]["pipelineRef"]["params"][0]["value"].clone())
        };
        for url in [
            None,
            Some("/srv/git/app.git"),
            Some("../app"),
            Some("file:///srv/app.git"),
            Some("https://h/$(params.x).git"),
        ] {
            let error = with("path: a", url).expect_err("refused");
            assert_eq!(error.exit().status(), 2, "{url:?}: {error}");
        }
        for url in ["https://h/app.git", "ssh://git@h/app.git", "git@h:team/app.git"] {
            assert_eq!(with("path: a", Some(url)).expect("a run"), url);
        }
        assert_eq!(
            with("path: a, url: 'https://inside/app.git'", Some("/srv/app.git")).expect("a run"),
            "https://inside/app.git"
        );
    }

    #[test]
    fn what_tekton_would_replace_is_refused_or_escaped() {
        let hostile = Release::example("{name: qa, list: ['$(params.RELMAN_TAG) $$(context.pipelineRun.name)']}");
        let run = PipelineRun::new(&tekton("path: a"), &hostile, None).expect("a run").to_json();
        let target = param(&run, "RELMAN_TARGET").as_str().expect("a text");
        assert!(!target.contains('$'), "{target}");
        let read: Json = serde_json::from_str(target).expect("JSON");
        assert_eq!(
            read["list"][0], "$(params.RELMAN_TAG) $$(context.pipelineRun.name)",
            "the same for whoever reads it"
        );
        for evil in
            ["$(params.RELMAN_TAG)", "a$(workspaces.x.path)", "$$(context.taskRun.name)", "$(touch pwned)", "pa$$word"]
        {
            let entry = format!("{{name: qa, evil: {}}}", json!(evil));
            let error = PipelineRun::new(&tekton("path: a"), &Release::example(&entry), None).expect_err(evil);
            assert!(error.to_string().contains("RELMAN_TARGET_EVIL"), "{error}");
            assert_eq!(error.exit().status(), 2);
        }
        for plain in ["a 'b' \"c\" `d`\n- e: {f}", "$x ${y} $", "--flag", "yes", "1.10", "[a]", "{\"a\":1}", "größe 🚀"]
        {
            let release = Release::example(&format!("{{name: qa, odd: {}}}", json!(plain)));
            let run = PipelineRun::new(&tekton("path: a"), &release, None).expect("a run").to_json();
            assert_eq!(param(&run, "RELMAN_TARGET_ODD"), plain);
        }
    }

    proptest! {
        #[test]
        fn labels_and_names_are_what_kubernetes_takes(text in "\\PC{0,200}") {
            let value = label(&text);
            let edge = |c: Option<char>| c.is_none_or(|c| c.is_ascii_alphanumeric());
            prop_assert!(value.len() <= 63 && edge(value.chars().next()) && edge(value.chars().next_back()), "{}", value);
            prop_assert!(value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')));
            let name = prefix(&format!("a{text}"));
            prop_assert!(name.len() <= MAX_PREFIX + 1 && name.ends_with('-') && name.starts_with('a'));
            prop_assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
        }
    }
}
