//! Bitbucket Pipelines: a custom pipeline of the app repo, started through the API at the commit of the tag.
//!
//! Each fact is a variable, and `RELMAN_RUN` the id of the deployment. Bitbucket has no variables without a value, so
//! the facts that there is nothing to say of are left out.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::deployment::Start;
use crate::domain::yaml;
use crate::http::percent::path;
use crate::http::{self, Request};

use super::access::Access;
use super::log_tail::tail;
use super::system::{Culprit, End, Look, Order, Run, Started, System};
use super::{Error, Release};

/// The variable that holds the id of the deployment.
const ID: &str = "RELMAN_RUN";

/// The file that defines pipelines.
const FILE: &str = "bitbucket-pipelines.yml";

/// A custom pipeline of the app repo.
#[derive(Debug)]
pub(super) struct BitbucketPipelines<'a> {
    pub(super) access: &'a Access,
    /// What it is called below `pipelines: custom:`.
    pub(super) pipeline: &'a str,
}

#[derive(Deserialize)]
struct List<T> {
    values: Vec<T>,
}

#[derive(Deserialize)]
struct Pipeline {
    uuid: String,
    #[serde(default)]
    build_number: Option<u64>,
    state: State,
    #[serde(default)]
    target: Option<Target>,
    #[serde(default)]
    variables: Vec<Variable>,
}

#[derive(Deserialize)]
struct Target {
    #[serde(default)]
    commit: Option<Commit>,
}

#[derive(Deserialize)]
struct Commit {
    hash: String,
}

#[derive(Deserialize)]
struct Variable {
    #[serde(default)]
    key: String,
    #[serde(default)]
    value: String,
}

/// How a pipeline or a step is: what it does, and how it has ended.
#[derive(Deserialize)]
struct State {
    name: String,
    #[serde(default)]
    stage: Option<Named>,
    #[serde(default)]
    result: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
    #[serde(default)]
    error: Option<Trouble>,
}

#[derive(Deserialize)]
struct Trouble {
    #[serde(default)]
    message: Option<String>,
}

#[derive(Deserialize)]
struct Step {
    uuid: String,
    #[serde(default)]
    name: Option<String>,
    state: State,
}

impl State {
    /// The most telling word, in lower case.
    fn word(&self) -> String {
        let named = self.result.as_ref().or(self.stage.as_ref()).map_or(&self.name, |named| &named.name);
        named.to_lowercase().replace('_', " ")
    }
}

impl BitbucketPipelines<'_> {
    fn below(&self, rest: &[&str]) -> String {
        path(&[&["repositories", &self.access.owner, &self.access.repository][..], rest].concat())
    }

    fn of_run(&self, run: &Run, rest: &[&str]) -> String {
        self.below(&[&["pipelines", run.id.as_str()][..], rest].concat())
    }

    fn run_of(&self, pipeline: &Pipeline) -> Run {
        let Access { web, owner, repository, .. } = self.access;
        let page =
            |number: u64| format!("{web}{}", path(&[owner, repository, "pipelines", "results", &number.to_string()]));
        Run { id: pipeline.uuid.clone(), url: pipeline.build_number.map(page) }
    }

    fn steps(&self, run: &Run) -> http::Result<Vec<Step>> {
        let doing = "list the steps of the pipeline";
        let request = Request::get(self.of_run(run, &["steps"])).with("pagelen", "100");
        let steps: List<Step> = self.access.api.read(self.access.api.fetch(&request, doing)?.body, doing)?;
        Ok(steps.values)
    }

    fn target(&self, release: &Release) -> Result<Value, Error> {
        let nothing = || Error::Unusable {
            what: "nothing is known of the app commit".into(),
            hint: "`relman resolve ENV` shows what would be deployed".into(),
        };
        let commit = release.facts.commit().ok_or_else(nothing)?.to_string();
        let mut target = json!({
            "commit": {"type": "commit", "hash": commit},
            "selector": {"type": "custom", "pattern": self.pipeline},
        });
        let reference = match release.facts.start().ok_or_else(nothing)? {
            Start::Tag(tag) => Some(("tag", tag.to_string())),
            Start::Branch(branch) => Some(("branch", branch.to_string())),
            Start::Commit(_) => None,
        };
        match reference {
            Some((kind, name)) => {
                target["type"] = json!("pipeline_ref_target");
                target["ref_type"] = json!(kind);
                target["ref_name"] = json!(name);
            }
            None => target["type"] = json!("pipeline_commit_target"),
        }
        Ok(target)
    }
}

fn name_of(step: &Step, index: usize) -> String {
    step.name.clone().unwrap_or_else(|| format!("step {}", index + 1))
}

impl System for BitbucketPipelines<'_> {
    fn check(&self, release: &Release) -> Result<(), Error> {
        self.target(release)?;
        let missing = |what: String| Error::NotFound {
            what,
            hint: format!("write `pipelines: custom: {}:` with its steps into {FILE} of the app repo", self.pipeline),
        };
        let bytes = self.access.definition.as_ref();
        let bytes = bytes.ok_or_else(|| missing(format!("the app commit that is to be deployed has no {FILE}")))?;
        let root = yaml::parse(bytes)
            .map_err(|error| Error::Unusable {
                what: format!("{FILE} can't be read: {error}"),
                hint: "mend it in the app repo".into(),
            })?
            .root;
        let custom = root.get("pipelines").and_then(|pipelines| pipelines.get("custom"));
        if custom.and_then(|custom| custom.get(self.pipeline)).is_none() {
            return Err(missing(format!("{FILE} has no custom pipeline {}", self.pipeline)));
        }
        let request = Request::get(self.below(&["pipelines"])).with("pagelen", "1");
        self.access.api.fetch(&request, "read the pipelines of the app repo")?;
        Ok(())
    }

    fn start(&self, order: &Order<'_>) -> Result<Started, Error> {
        let doing = "start the pipeline";
        let api = &self.access.api;
        let facts = order.release.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let variables: Vec<Value> = facts
            .chain([(ID, order.id)])
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| json!({"key": key, "value": value}))
            .collect();
        let body = json!({"target": self.target(order.release)?, "variables": variables});
        // With the slash at the end, as in each of Atlassian's examples.
        let place = format!("{}/", self.below(&["pipelines"]));
        let answer = api.call(&Request::post(place).json(body), doing)?;
        if (200..300).contains(&answer.status) {
            let found: Pipeline = api.read(answer.body, doing)?;
            return Ok(Started::Run(self.run_of(&found)));
        }
        let unseen = api.said(&answer).contains("Could not find");
        let error = Error::Http(api.rejected(&answer, doing));
        Ok(if unseen { Started::NotYet(error) } else { Started::Refused(error) })
    }

    fn find(&self, order: &Order<'_>) -> http::Result<Option<Run>> {
        let doing = "look for the pipeline";
        let request = Request::get(self.below(&["pipelines"])).with("sort", "-created_on").with("pagelen", "30");
        let found: List<Pipeline> = self.access.api.read(self.access.api.fetch(&request, doing)?.body, doing)?;
        let ours = |pipeline: &&Pipeline| {
            pipeline.variables.iter().any(|variable| variable.key == ID && variable.value == order.id)
        };
        Ok(found.values.iter().find(ours).map(|pipeline| self.run_of(pipeline)))
    }

    fn look(&self, run: &mut Run) -> http::Result<Look> {
        let doing = "look at the pipeline";
        let api = &self.access.api;
        let found: Pipeline = api.read(api.fetch(&Request::get(self.of_run(run, &[])), doing)?.body, doing)?;
        *run = self.run_of(&found);
        let mut parts = Vec::new();
        if found.state.stage.as_ref().is_some_and(|stage| stage.name == "PAUSED") || found.state.name == "HALTED" {
            parts.push(("pipeline".to_owned(), format!("waits ({})", found.state.word())));
        }
        let steps = self.steps(run)?;
        parts.extend(steps.iter().enumerate().map(|(index, step)| (name_of(step, index), step.state.word())));
        let commit = found.target.and_then(|target| target.commit).map(|commit| commit.hash);
        let end = (found.state.name == "COMPLETED").then(|| {
            let trouble = found.state.result.as_ref().and_then(|result| result.error.as_ref()?.message.clone());
            match (found.state.word().as_str(), trouble) {
                ("successful", _) => End::Well,
                ("stopped", _) => End::Badly("was stopped".into()),
                ("expired", _) => End::Badly("took too long for Bitbucket".into()),
                (_, Some(message)) => End::Badly(format!("failed: {message}")),
                (word, None) => End::Badly(format!("ended as {word}")),
            }
        });
        Ok(Look { commit, parts, end })
    }

    fn culprit(&self, run: &Run) -> http::Result<Option<Culprit>> {
        let steps = self.steps(run)?;
        let bad = |step: &Step| matches!(step.state.word().as_str(), "failed" | "error" | "expired");
        let Some(index) = steps.iter().position(bad) else { return Ok(None) };
        let step = &steps[index];
        let trouble = step.state.result.as_ref().and_then(|result| result.error.as_ref()?.message.clone());
        let why = trouble.map_or_else(|| "failed".to_owned(), |message| format!("failed: {message}"));
        let log = Request::get(self.of_run(run, &["steps", &step.uuid, "log"]));
        let tail = tail(self.access.api.text(&log, "read the log of the step"));
        Ok(Some(Culprit { part: format!("the step {}", name_of(step, index)), why, tail }))
    }

    fn cancel(&self, run: &Run) -> http::Result<()> {
        let doing = "stop the pipeline";
        let answer = self.access.api.call(&Request::post(self.of_run(run, &["stopPipeline"])), doing)?;
        // 400: it has ended already.
        if answer.status == 400 { Ok(()) } else { self.access.api.success(answer, doing).map(drop) }
    }
}
