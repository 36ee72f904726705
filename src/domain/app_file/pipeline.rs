//! The `pipeline:` of an app file: one kind of value an engine, each with exactly its own keys.

use std::time::Duration;

use super::engine::Engine;
use super::{FileError, parse_duration};
use crate::domain::file::{Reader, did_you_mean, present, quote};
use crate::domain::name::TypeName;
use crate::domain::yaml::Node;

/// What `pipeline:` says.
#[derive(Clone, Debug, PartialEq)]
pub enum Pipeline {
    /// relman runs the steps itself.
    Shell(Shell),
    /// A PipelineRun in a Kubernetes cluster.
    Tekton(Tekton),
    /// A workflow of GitHub Actions.
    GithubActions(Github),
    /// A pipeline of GitLab CI.
    Gitlab(Gitlab),
    /// A custom pipeline of Bitbucket.
    BitbucketPipelines(Bitbucket),
    /// A Jenkins job.
    Jenkins(Jenkins),
}

/// Steps that relman runs itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shell {
    /// The steps, in their order.
    pub steps: Vec<Step>,
}

/// One step of a pipeline that relman runs itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it is called.
    pub name: String,
    /// The script, for `sh`.
    pub run: String,
    /// The types of environment that it runs for; empty means all.
    pub when: Vec<TypeName>,
    /// How long it may take.
    pub timeout: Option<Duration>,
    /// The line that the step begins on, counted from 1.
    pub line: usize,
}

/// A pipeline for Tekton.
#[derive(Clone, Debug, PartialEq)]
pub struct Tekton {
    /// Where the pipeline is defined.
    pub source: Source,
    /// The namespace that it runs in.
    pub namespace: Option<String>,
    /// The service account that it runs as.
    pub service_account: Option<String>,
    /// How long it may take.
    pub timeout: Option<Duration>,
    /// The workspaces, as Tekton takes them: a list of maps with a `name`.
    pub workspaces: Vec<Node>,
    /// Parameters beside the facts, as Tekton takes them: texts, lists and maps of texts.
    pub params: Vec<(String, Node)>,
}

/// Where a Tekton pipeline is defined.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A file in the app repo, which Tekton reads by its Git resolver.
    File {
        /// Its path.
        path: String,
        /// Where the cluster clones the app repo from, if not from where relman does.
        url: Option<String>,
        /// The name of the Kubernetes secret that holds a token for it.
        secret: Option<String>,
    },
    /// A PipelineSpec in the app file itself.
    Spec(Node),
}

/// A workflow of GitHub Actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Github {
    /// The file name of the workflow.
    pub workflow: String,
    /// How long it may take.
    pub timeout: Option<Duration>,
}

/// A pipeline of GitLab CI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gitlab {
    /// How long it may take.
    pub timeout: Option<Duration>,
}

/// A custom pipeline of Bitbucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bitbucket {
    /// What it is called below `pipelines: custom:`.
    pub pipeline: String,
    /// How long it may take.
    pub timeout: Option<Duration>,
}

/// A Jenkins job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jenkins {
    /// Where Jenkins is.
    pub url: String,
    /// The names of the folders and, at the end, of the job.
    pub job: Vec<String>,
    /// How long it may take.
    pub timeout: Option<Duration>,
}

impl Pipeline {
    /// What runs it.
    pub fn engine(&self) -> Engine {
        match self {
            Pipeline::Shell(_) => Engine::Shell,
            Pipeline::Tekton(_) => Engine::Tekton,
            Pipeline::GithubActions(_) => Engine::GithubActions,
            Pipeline::Gitlab(_) => Engine::Gitlab,
            Pipeline::BitbucketPipelines(_) => Engine::BitbucketPipelines,
            Pipeline::Jenkins(_) => Engine::Jenkins,
        }
    }

    /// How long a run may take where it runs elsewhere; `None` where nothing limits it, or each step has its own limit.
    pub fn timeout(&self) -> Option<Duration> {
        match self {
            Pipeline::Shell(_) => None,
            Pipeline::Tekton(tekton) => tekton.timeout,
            Pipeline::GithubActions(github) => github.timeout,
            Pipeline::Gitlab(gitlab) => gitlab.timeout,
            Pipeline::BitbucketPipelines(bitbucket) => bitbucket.timeout,
            Pipeline::Jenkins(jenkins) => jenkins.timeout,
        }
    }
}

impl Step {
    /// Whether it runs for a type of environment.
    pub fn is_for(&self, kind: Option<&str>) -> bool {
        self.when.is_empty() || self.when.iter().any(|wanted| Some(wanted.as_str()) == kind)
    }
}

/// Reads `pipeline:`, where there is one.
pub(super) fn read(reader: &mut Reader<'_>, root: &Node) -> Result<Option<Pipeline>, FileError> {
    let Some(node) = present(root, "pipeline") else { return Ok(None) };
    reader.map(node, "pipeline")?;
    let words = Engine::ALL.map(Engine::as_str);
    let engine = reader.word(node, "engine", &words, Engine::parse)?.unwrap_or_default();
    refuse_other_keys(reader, node, engine)?;
    Ok(Some(match engine {
        Engine::Shell => Pipeline::Shell(read_shell(reader, node)?),
        Engine::Tekton => Pipeline::Tekton(read_tekton(reader, node)?),
        Engine::GithubActions => Pipeline::GithubActions(Github {
            workflow: checked(reader, node, "workflow", "deploy.yml", workflow_file)?,
            timeout: read_timeout(reader, node)?,
        }),
        Engine::Gitlab => Pipeline::Gitlab(Gitlab { timeout: read_timeout(reader, node)? }),
        Engine::BitbucketPipelines => Pipeline::BitbucketPipelines(Bitbucket {
            pipeline: checked(reader, node, "pipeline", "deploy", |name| plain(name).map(str::to_owned))?,
            timeout: read_timeout(reader, node)?,
        }),
        Engine::Jenkins => Pipeline::Jenkins(Jenkins {
            url: checked(reader, node, "url", "https://jenkins.example.com", web_address)?,
            job: checked(reader, node, "job", "team/shop-app", job_path)?,
            timeout: read_timeout(reader, node)?,
        }),
    }))
}

/// A key that the engine does not read would be a wish that nobody fulfils.
fn refuse_other_keys(reader: &Reader<'_>, node: &Node, engine: Engine) -> Result<(), FileError> {
    let known = engine.keys();
    let entries = reader.map(node, "pipeline")?;
    let Some((key, _)) = entries.iter().find(|(key, _)| !known.contains(&key.text.as_str())) else { return Ok(()) };
    let owner = Engine::ALL.into_iter().find(|other| other.keys().contains(&key.text.as_str()));
    let hint = match (did_you_mean(&key.text, known), owner) {
        (_, Some(owner)) => format!("`{}` is a key of `engine: {}`", key.text, owner.as_str()),
        (Some(word), None) => format!("did you mean `{word}`?"),
        (None, None) => format!("with `engine: {}` the keys are {}", engine.as_str(), known.join(", ")),
    };
    let message = format!("the engine {} does not read the key {}", engine.as_str(), quote(&key.text));
    Err(reader.error_at_key(key, "unknown-key", message).hint(hint))
}

fn read_shell(reader: &mut Reader<'_>, node: &Node) -> Result<Shell, FileError> {
    let mut steps = Vec::new();
    for step in reader.list(node.get("steps"), "steps")? {
        steps.push(read_step(reader, step)?);
    }
    Ok(Shell { steps })
}

fn read_step(reader: &mut Reader<'_>, node: &Node) -> Result<Step, FileError> {
    reader.unknown_keys(reader.map(node, "a step")?, &["name", "run", "when", "timeout"], "in a step");
    let required = |key: &str, example: &str| match reader.optional(node, key)? {
        Some(text) => Ok(text.to_owned()),
        None => Err(missing(reader, node, "this step", key, example)),
    };
    Ok(Step {
        name: required("name", "deploy")?,
        run: required("run", "helm upgrade foo chart $RELMAN_HELM_ARGS")?,
        when: read_when(reader, node)?,
        timeout: read_timeout(reader, node)?,
        line: node.line,
    })
}

fn read_when(reader: &Reader<'_>, step: &Node) -> Result<Vec<TypeName>, FileError> {
    let Some(node) = present(step, "when") else { return Ok(Vec::new()) };
    let nodes = node.as_list().unwrap_or(std::slice::from_ref(node));
    if nodes.is_empty() {
        return Err(reader
            .error(node, "invalid-value", "`when` names no type of environment, so the step would never run".to_owned())
            .hint("leave `when` out for a step that always runs, or write for example `when: [prod]`"));
    }
    nodes
        .iter()
        .map(|node| TypeName::parse(reader.text(node, "when")?).map_err(|error| reader.invalid(node, &error)))
        .collect()
}

fn read_timeout(reader: &Reader<'_>, node: &Node) -> Result<Option<Duration>, FileError> {
    let Some(node) = present(node, "timeout") else { return Ok(None) };
    let text = reader.text(node, "timeout")?;
    match parse_duration(text) {
        Some(duration) => Ok(Some(duration)),
        None => Err(reader
            .error(node, "invalid-value", format!("`timeout` is {}", quote(text)))
            .expected("a time such as 90s, 30m or 1h30m")
            .hint("write for example `timeout: 30m`")),
    }
}

fn read_tekton(reader: &Reader<'_>, node: &Node) -> Result<Tekton, FileError> {
    let optional = |key| match present(node, key) {
        Some(_) => checked(reader, node, key, "deployer", kubernetes_name).map(Some),
        None => Ok(None),
    };
    let source = match (present(node, "path"), present(node, "spec")) {
        (Some(_), None) => Source::File {
            path: checked(reader, node, "path", "tekton/deploy.yaml", repository_path)?,
            url: match present(node, "url") {
                Some(_) => Some(checked(reader, node, "url", "https://git.example.com/team/shop-app.git", clone_url)?),
                None => None,
            },
            secret: optional("git_secret")?,
        },
        (None, Some(spec)) => {
            reader.map(spec, "spec")?;
            if let Some(key) = ["url", "git_secret"].into_iter().find(|key| present(node, key).is_some()) {
                let message = format!("this pipeline has a `spec`, so `{key}` says nothing");
                return Err(reader.error(spec, "invalid-value", message).hint(format!("`{key}` goes with `path`")));
            }
            Source::Spec(spec.clone())
        }
        (None, None) => {
            let error = reader.error(node, "missing-key", "this pipeline has no `path` and no `spec`");
            return Err(error.hint("add a line such as `path: tekton/deploy.yaml`, the file that defines the pipeline"));
        }
        (Some(_), Some(spec)) => {
            let error = reader.error(spec, "invalid-value", "this pipeline has a `path` and a `spec`");
            return Err(error.expected("one of them").hint("`path` is a file in the app repo, `spec` is the pipeline"));
        }
    };
    let workspaces = reader.list(node.get("workspaces"), "workspaces")?;
    for workspace in workspaces {
        reader.map(workspace, "a workspace")?;
        if reader.optional(workspace, "name")?.is_none() {
            return Err(missing(reader, workspace, "this workspace", "name", "source"));
        }
    }
    Ok(Tekton {
        source,
        namespace: optional("namespace")?,
        service_account: optional("service_account")?,
        timeout: read_timeout(reader, node)?,
        workspaces: workspaces.to_vec(),
        params: read_params(reader, node)?,
    })
}

fn read_params(reader: &Reader<'_>, node: &Node) -> Result<Vec<(String, Node)>, FileError> {
    let Some(params) = present(node, "params") else { return Ok(Vec::new()) };
    let mut read = Vec::new();
    for (key, value) in reader.map(params, "params")? {
        if !key.text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            || !key.text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        {
            let message = format!("the param {} has a name that Tekton does not take", quote(&key.text));
            return Err(reader
                .error_at_key(key, "invalid-name", message)
                .expected("letters, digits, `_`, `-` and `.`"));
        }
        if key.text.starts_with("RELMAN_") {
            let message = format!("the param {} is for relman to give", quote(&key.text));
            return Err(reader.error_at_key(key, "invalid-name", message).hint("give it another name"));
        }
        let within = match (value.as_map(), value.as_list()) {
            (Some(entries), _) => entries.iter().map(|(_, node)| node).collect(),
            (_, Some(items)) => items.iter().collect(),
            _ => vec![value],
        };
        for one in within {
            if one.as_scalar().is_none() {
                return Err(reader
                    .error(one, "invalid-value", format!("the param `{}` holds {}", key.text, one.describe()))
                    .expected("a text, or a list or a map of texts"));
            }
        }
        read.push((key.text.clone(), value.clone()));
    }
    Ok(read)
}

/// The value of a key that must be there, once it has passed a check. The check says what was expected.
fn checked<T>(
    reader: &Reader<'_>,
    node: &Node,
    key: &str,
    example: &str,
    check: impl Fn(&str) -> Result<T, &'static str>,
) -> Result<T, FileError> {
    let Some(value) = present(node, key) else { return Err(missing(reader, node, "this pipeline", key, example)) };
    let text = reader.text(value, key)?;
    check(text).map_err(|expected| {
        reader
            .error(value, "invalid-value", format!("`{key}` is {}", quote(text)))
            .expected(expected)
            .hint(format!("write for example `{key}: {example}`"))
    })
}

fn missing(reader: &Reader<'_>, node: &Node, what: &str, key: &str, example: &str) -> FileError {
    reader
        .error(node, "missing-key", format!("{what} has no `{key}`"))
        .hint(format!("add a line such as `{key}: {example}`"))
}

fn plain(text: &str) -> Result<&str, &'static str> {
    let is_plain = !text.chars().any(char::is_control) && text.trim() == text;
    is_plain.then_some(text).ok_or("a text without control characters, and without spaces around it")
}

fn workflow_file(text: &str) -> Result<String, &'static str> {
    let is_file = plain(text).is_ok() && !text.contains(['/', '\\']) && !text.starts_with(['.', '-']);
    let is_yaml = text.ends_with(".yml") || text.ends_with(".yaml");
    (is_file && is_yaml).then(|| text.to_owned()).ok_or("the name of a file in `.github/workflows`")
}

fn repository_path(text: &str) -> Result<String, &'static str> {
    let is_path = plain(text).is_ok() && text.split('/').all(|part| !matches!(part, "" | "." | ".."));
    // Tekton would put a value in the place of `$(…)`.
    let is_literal = !text.contains("$(") && !text.starts_with('-');
    (is_path && is_literal).then(|| text.to_owned()).ok_or("the path of a file in the app repo")
}

/// A URL that Tekton's Git resolver takes, with nothing in it that Tekton would put a value in the place of.
fn clone_url(text: &str) -> Result<String, &'static str> {
    let is_url = ["https://", "http://", "ssh://", "git://"].iter().any(|scheme| text.starts_with(scheme))
        || text.split_once(':').is_some_and(|(host, path)| host.contains('@') && !path.is_empty());
    let is_safe = crate::domain::location::check_url(text).is_ok() && !text.contains("$(");
    let has_password = crate::domain::location::without_credentials(text) != text;
    (is_url && is_safe && !has_password)
        .then(|| text.to_owned())
        .ok_or("the URL of a Git repository, without a password")
}

fn job_path(text: &str) -> Result<Vec<String>, &'static str> {
    let names: Vec<String> = text.split('/').map(str::to_owned).collect();
    let good = |name: &String| plain(name).is_ok() && !matches!(name.as_str(), "" | "." | "..");
    names.iter().all(good).then_some(names).ok_or("the names of the folders and of the job, with `/` between them")
}

fn web_address(text: &str) -> Result<String, &'static str> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_address = !host.is_empty() && !host.contains('@') && !rest.contains(['?', '#', ' ', '\\']);
    let is_plain = !text.chars().any(|c| c.is_control() || c.is_whitespace());
    (is_address && is_plain).then(|| text.to_owned()).ok_or("an https:// address, without a user, `?` and `#`")
}

/// Checks that Kubernetes takes a text for a name, say of a namespace, and says otherwise what it would take.
pub fn kubernetes_name(text: &str) -> Result<String, &'static str> {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let is_name = text.len() <= 63
        && edge(text.chars().next())
        && edge(text.chars().next_back())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    is_name.then(|| text.to_owned()).ok_or("at most 63 lower case letters, digits and `-`, as Kubernetes takes them")
}

#[cfg(test)]
mod tests {
    use super::super::AppFile;
    use super::*;

    fn read(text: &str) -> Pipeline {
        let file = AppFile::parse("app.yml", format!("pipeline: {text}\n").as_bytes());
        file.unwrap_or_else(|error| panic!("{text:?}: {error}")).pipeline.expect("a pipeline")
    }

    #[test]
    fn every_engine_has_its_word_and_its_keys() {
        for (text, engine) in [
            ("{}", Engine::Shell),
            ("{engine: shell, steps: []}", Engine::Shell),
            ("{engine: tekton, path: tekton/deploy.yaml}", Engine::Tekton),
            ("{engine: github-actions, workflow: deploy.yml, timeout: 1h}", Engine::GithubActions),
            ("{engine: gitlab}", Engine::Gitlab),
            ("{engine: bitbucket-pipelines, pipeline: deploy}", Engine::BitbucketPipelines),
            ("{engine: jenkins, url: 'https://ci.example.com/jenkins', job: team/shop-app}", Engine::Jenkins),
        ] {
            assert_eq!(read(text).engine(), engine, "{text}");
        }
        for engine in Engine::ALL {
            assert_eq!(Engine::parse(engine.as_str()), Some(engine));
        }
    }

    #[test]
    fn a_tekton_pipeline_is_a_file_or_is_here() {
        let Pipeline::Tekton(tekton) = read(
            "{engine: tekton, path: tekton/deploy.yaml, namespace: ci, service_account: deployer, timeout: 30m, \
             workspaces: [{name: source, emptyDir: {}}], params: {replicas: 3, hosts: [a, b]}}",
        ) else {
            panic!("another engine")
        };
        assert_eq!(tekton.source, Source::File { path: "tekton/deploy.yaml".into(), url: None, secret: None });
        assert_eq!((tekton.namespace.as_deref(), tekton.service_account.as_deref()), (Some("ci"), Some("deployer")));
        assert_eq!((tekton.timeout, tekton.workspaces.len()), (Some(Duration::from_secs(1800)), 1));
        assert_eq!(tekton.params.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["replicas", "hosts"]);
        let Pipeline::Tekton(tekton) = read("{engine: tekton, spec: {tasks: []}}") else { panic!("another engine") };
        assert!(matches!(tekton.source, Source::Spec(_)));
    }

    #[test]
    fn the_folders_of_a_job_are_known() {
        let Pipeline::Jenkins(jenkins) = read("{engine: jenkins, url: 'https://j', job: a b/ü/c}") else {
            panic!("another engine")
        };
        assert_eq!(jenkins.job, ["a b", "ü", "c"]);
    }

    #[test]
    fn mistakes_have_a_code_and_advice() {
        for (text, code, says, hint) in [
            ("{step: []}", "unknown-key", "engine shell", "did you mean `steps`?"),
            ("{steps: [{name: a, run: b, when: []}]}", "invalid-value", "names no type", "leave `when` out"),
            ("{engine: gitlab, steps: []}", "unknown-key", "engine gitlab", "a key of `engine: shell`"),
            ("{engine: gitlab, timeot: 1h}", "unknown-key", "timeot", "did you mean `timeout`?"),
            ("{engine: gitlab, colour: red}", "unknown-key", "colour", "the keys are engine, timeout"),
            ("{engine: gitlab, timeout: soon}", "invalid-value", "soon", "30m"),
            ("{engine: tekton}", "missing-key", "no `path` and no `spec`", "path:"),
            ("{engine: tekton, path: a, spec: {}}", "invalid-value", "a `path` and a `spec`", ""),
            ("{engine: tekton, path: ../a}", "invalid-value", "file in the app repo", ""),
            ("{engine: tekton, path: /a}", "invalid-value", "file in the app repo", ""),
            ("{engine: tekton, path: 'a$(params.x)'}", "invalid-value", "file in the app repo", ""),
            ("{engine: tekton, path: a, url: /srv/app.git}", "invalid-value", "URL of a Git", ""),
            ("{engine: tekton, path: a, url: 'https://u:p@h/app.git'}", "invalid-value", "without a password", ""),
            ("{engine: tekton, path: a, url: 'https://h/$(params.x).git'}", "invalid-value", "URL of a Git", ""),
            ("{engine: tekton, spec: {}, url: 'https://h/app.git'}", "invalid-value", "says nothing", "with `path`"),
            ("{engine: tekton, spec: []}", "invalid-value", "a map", ""),
            ("{engine: tekton, path: a, namespace: Foo_}", "invalid-value", "lower case", ""),
            ("{engine: tekton, path: a, workspaces: [{emptyDir: {}}]}", "missing-key", "`name`", ""),
            ("{engine: tekton, path: a, params: {RELMAN_TAG: x}}", "invalid-name", "for relman to give", ""),
            ("{engine: tekton, path: a, params: {'a b': x}}", "invalid-name", "Tekton does not take", ""),
            ("{engine: tekton, path: a, params: {a: [[b]]}}", "invalid-value", "a list", ""),
            ("{engine: github-actions}", "missing-key", "`workflow`", "workflow: deploy.yml"),
            ("{engine: github-actions, workflow: ../x.yml}", "invalid-value", "name of a file", ""),
            ("{engine: github-actions, workflow: x}", "invalid-value", "name of a file", ""),
            ("{engine: bitbucket-pipelines, pipeline: \"a\\u0007\"}", "invalid-value", "control", ""),
            ("{engine: jenkins, job: a}", "missing-key", "`url`", ""),
            ("{engine: jenkins, url: 'https://u:p@j', job: a}", "invalid-value", "without a user", ""),
            ("{engine: jenkins, url: 'file:///etc', job: a}", "invalid-value", "https://", ""),
            ("{engine: jenkins, url: 'https://j', job: a/../b}", "invalid-value", "folders", ""),
            ("{engine: jenkins, url: 'https://j', job: a//b}", "invalid-value", "folders", ""),
        ] {
            let error = AppFile::parse("app.yml", format!("pipeline: {text}\n").as_bytes()).expect_err(text);
            assert_eq!(error.code, code, "{text}: {error}");
            assert!(error.to_string().contains(says), "{text}: {error}");
            assert!(error.hint.clone().unwrap_or_default().contains(hint), "{text}: {:?}", error.hint);
        }
    }
}
