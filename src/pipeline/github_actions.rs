//! GitHub Actions: a workflow of the app repo, started by `workflow_dispatch`.
//!
//! The facts are one input, `relman`, as a JSON object: a workflow may have 10 inputs on older servers and 25 on newer
//! ones, and each must be declared. A second one, `relman_run`, is the id of the deployment. GitHub hands out the
//! number of the new run since 2026; a server that does not is asked for the run whose name holds the id, so that of
//! two runs started at once each is found by the deployment that it belongs to.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::domain::deployment::Start;
use crate::domain::yaml::{self, Node};
use crate::http::percent::path;
use crate::http::{self, Answer, Request};

use super::access::Access;
use super::log_tail::tail;
use super::system::{Culprit, End, Look, Order, Run, Started, System};
use super::{Error, Release};

/// The input that holds the facts.
const FACTS: &str = "relman";

/// The input that holds the id of the deployment.
const ID: &str = "relman_run";

/// How much GitHub takes as inputs, in characters, less some room for the id.
const MAX_FACTS: usize = 65_000;

/// How many of the newest runs are looked through for one that was just started.
const NEWEST: &str = "100";

/// A workflow of the app repo.
#[derive(Debug)]
pub(super) struct GithubActions<'a> {
    pub(super) access: &'a Access,
    /// The name of its file.
    pub(super) workflow: &'a str,
}

#[derive(Deserialize)]
struct Workflow {
    state: String,
}

#[derive(Deserialize)]
struct Runs {
    workflow_runs: Vec<WorkflowRun>,
}

#[derive(Deserialize)]
struct WorkflowRun {
    id: u64,
    html_url: String,
    #[serde(default)]
    head_sha: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    conclusion: Option<String>,
    /// The run's name by `run-name`.
    #[serde(default)]
    display_title: Option<String>,
    /// On older servers that name, else the workflow's.
    #[serde(default)]
    name: Option<String>,
}

#[derive(Deserialize)]
struct Jobs {
    jobs: Vec<Job>,
}

#[derive(Deserialize)]
struct Job {
    id: u64,
    name: String,
    status: String,
    #[serde(default)]
    conclusion: Option<String>,
    #[serde(default)]
    steps: Option<Vec<Step>>,
}

#[derive(Deserialize)]
struct Step {
    name: String,
    #[serde(default)]
    conclusion: Option<String>,
}

impl GithubActions<'_> {
    fn below(&self, rest: &[&str]) -> String {
        path(&[&["repos", &self.access.owner, &self.access.repository, "actions"][..], rest].concat())
    }

    fn of_run(&self, run: &Run, rest: &[&str]) -> String {
        self.below(&[&["runs", run.id.as_str()][..], rest].concat())
    }

    fn dispatch(&self, order: &Order<'_>, at: &str, with_details: bool) -> Result<Request, Error> {
        let mut body = json!({"ref": at, "inputs": {FACTS: facts(order.release)?, ID: order.id}});
        if with_details {
            body["return_run_details"] = json!(true);
        }
        Ok(Request::post(self.below(&["workflows", self.workflow, "dispatches"])).json(body))
    }

    fn jobs(&self, run: &Run) -> http::Result<Vec<Job>> {
        let doing = "list the jobs of the run";
        let request = Request::get(self.of_run(run, &["jobs"])).with("filter", "latest").with("per_page", "100");
        let jobs: Jobs = self.access.api.read(self.access.api.fetch(&request, doing)?.body, doing)?;
        Ok(jobs.jobs)
    }

    fn refused(&self, answer: &Answer, doing: &str) -> Started {
        let api = &self.access.api;
        let said = api.said(answer);
        let error = Error::Http(api.rejected(answer, doing));
        // Servers that read from a copy are a moment behind the push.
        if said.contains("No ref found") { Started::NotYet(error) } else { Started::Refused(error) }
    }
}

/// All facts as one JSON object, in which each is a text.
fn facts(release: &Release) -> Result<String, Error> {
    let object: Map<String, Value> =
        release.variables.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let text = Value::Object(object).to_string();
    if text.chars().count() > MAX_FACTS {
        return Err(Error::Unusable {
            what: format!("the facts have {} characters, and GitHub takes {MAX_FACTS}", text.chars().count()),
            hint: "make the environment's entry in release.yml smaller".into(),
        });
    }
    Ok(text)
}

/// The reference that a run is started at; GitHub takes no commit.
fn reference(release: &Release) -> Result<String, Error> {
    match release.facts.start() {
        Some(start @ (Start::Tag(_) | Start::Branch(_))) => Ok(start.full()),
        Some(Start::Commit(_)) | None => Err(Error::Unusable {
            what: "GitHub starts workflows at a tag or a branch, and this deployment names a commit".into(),
            hint: "write ref:TAG or ref:BRANCH".into(),
        }),
    }
}

/// Makes sure that a workflow can be started with these inputs, and that its runs can be told apart.
fn check_definition(path: &str, bytes: &[u8]) -> Result<(), Error> {
    let wrong = |what: String, hint: &str| Error::Unusable { what, hint: hint.to_owned() };
    let root = yaml::parse(bytes)
        .map_err(|error| wrong(format!("{path} can't be read: {error}"), "mend the workflow in the app repo"))?
        .root;
    let dispatch = root.get("on").and_then(|on| match on.as_list() {
        Some(list) => list.iter().find(|event| event.as_str() == Some("workflow_dispatch")),
        None => on.get("workflow_dispatch").or(Some(on).filter(|on| on.as_str() == Some("workflow_dispatch"))),
    });
    let declare = "under `on: workflow_dispatch: inputs:` it must declare `relman` and `relman_run`, of `type: string`";
    let dispatch = dispatch.ok_or_else(|| wrong(format!("{path} has no `workflow_dispatch` trigger"), declare))?;
    let inputs = dispatch.get("inputs").and_then(Node::as_map).unwrap_or_default();
    for name in [FACTS, ID] {
        if !inputs.iter().any(|(key, _)| key.text == name) {
            return Err(wrong(format!("{path} does not declare the input `{name}`"), declare));
        }
    }
    let must = |node: &Node| {
        node.get("required").and_then(Node::as_bool) == Some(true) && node.get("default").is_none_or(Node::is_null)
    };
    if let Some((key, _)) = inputs.iter().find(|(key, node)| ![FACTS, ID].contains(&key.text.as_str()) && must(node)) {
        let what = format!("{path} requires the input `{}`, which relman does not give", key.text);
        return Err(wrong(what, "give it a default, or read what it needs from the input `relman`"));
    }
    if !root.get("run-name").and_then(Node::as_str).is_some_and(|name| name.contains("inputs.relman_run")) {
        return Err(wrong(
            format!("the `run-name` of {path} does not hold the input `relman_run`, so its runs can't be told apart"),
            "write for example `run-name: Deploy (${{ inputs.relman_run }})` at the top of it",
        ));
    }
    Ok(())
}

impl System for GithubActions<'_> {
    fn check(&self, release: &Release) -> Result<(), Error> {
        facts(release)?;
        reference(release)?;
        let file = format!(".github/workflows/{}", self.workflow);
        let bytes = self.access.definition.as_ref().ok_or_else(|| Error::NotFound {
            what: format!("the app commit that is to be deployed has no {file}"),
            hint: "`workflow:` in app.yml is the name of a file in .github/workflows of the app repo".into(),
        })?;
        check_definition(&file, bytes)?;
        let doing = format!("read the workflow {}", self.workflow);
        let answer = self.access.api.call(&Request::get(self.below(&["workflows", self.workflow])), &doing)?;
        if answer.status == 404 {
            let host = &self.access.api.host;
            return Err(Error::NotFound {
                what: format!("{host} knows no workflow {}, or hides it from this token", self.workflow),
                hint: "GitHub starts a workflow only once its file is on the default branch too; the token needs the \
                       permission `actions: write` on the app repo"
                    .into(),
            });
        }
        let workflow: Workflow = self.access.api.read(self.access.api.success(answer, &doing)?.body, &doing)?;
        if workflow.state != "active" {
            return Err(Error::Unusable {
                what: format!("the workflow {} is {}", self.workflow, workflow.state.replace('_', " ")),
                hint: format!("gh workflow enable {}", self.workflow),
            });
        }
        Ok(())
    }

    fn start(&self, order: &Order<'_>) -> Result<Started, Error> {
        let doing = format!("start the workflow {}", self.workflow);
        let api = &self.access.api;
        let at = reference(order.release)?;
        let mut answer = api.call(&self.dispatch(order, &at, true)?, &doing)?;
        if answer.status == 422 && api.said(&answer).contains("return_run_details") {
            // Older servers refuse a key that they don't know, and start nothing.
            answer = api.call(&self.dispatch(order, &at, false)?, &doing)?;
        }
        match (answer.status, answer.body["workflow_run_id"].as_u64()) {
            (200..=299, Some(id)) => {
                let url = answer.body["html_url"].as_str().map(str::to_owned);
                Ok(Started::Run(Run { id: id.to_string(), url }))
            }
            (200..=299, None) => Ok(Started::Somewhere),
            _ => Ok(self.refused(&answer, &doing)),
        }
    }

    fn find(&self, order: &Order<'_>) -> http::Result<Option<Run>> {
        let doing = "look for the run";
        let request = Request::get(self.below(&["workflows", self.workflow, "runs"]))
            .with("event", "workflow_dispatch")
            .with("per_page", NEWEST);
        let runs: Runs = self.access.api.read(self.access.api.fetch(&request, doing)?.body, doing)?;
        let ours = |run: &WorkflowRun| {
            [&run.display_title, &run.name].into_iter().flatten().any(|name| name.contains(order.id))
        };
        let found = runs.workflow_runs.into_iter().find(ours);
        Ok(found.map(|run| Run { id: run.id.to_string(), url: Some(run.html_url) }))
    }

    fn look(&self, run: &mut Run) -> http::Result<Look> {
        let doing = "look at the run";
        let api = &self.access.api;
        let found: WorkflowRun = api.read(api.fetch(&Request::get(self.of_run(run, &[])), doing)?.body, doing)?;
        run.url = Some(found.html_url);
        let status = found.status.unwrap_or_default();
        let parts = self
            .jobs(run)?
            .into_iter()
            .map(|job| (job.name, job.conclusion.unwrap_or(job.status).replace('_', " ")))
            .collect();
        let end = (status == "completed").then(|| match found.conclusion.as_deref() {
            Some("success") => End::Well,
            Some("cancelled") => End::Badly("was cancelled".into()),
            Some("timed_out") => End::Badly("took too long for GitHub".into()),
            Some("startup_failure") => End::Badly("could not be started: the workflow is invalid".into()),
            Some("action_required") => End::Badly("waits for an approval that nobody can give any more".into()),
            Some(other) => End::Badly(format!("ended as {}", other.replace('_', " "))),
            None => End::Badly("ended, and GitHub does not say how".into()),
        });
        Ok(Look { commit: found.head_sha, parts, end })
    }

    fn culprit(&self, run: &Run) -> http::Result<Option<Culprit>> {
        let bad = |conclusion: &Option<String>| {
            matches!(conclusion.as_deref(), Some("failure" | "timed_out" | "startup_failure"))
        };
        let Some(job) = self.jobs(run)?.into_iter().find(|job| bad(&job.conclusion)) else { return Ok(None) };
        let step = job.steps.iter().flatten().find(|step| bad(&step.conclusion));
        let part = match step {
            Some(step) => format!("the step {} of the job {}", step.name, job.name),
            None => format!("the job {}", job.name),
        };
        let late = job.conclusion.as_deref() == Some("timed_out");
        let why = if late { "took too long for GitHub" } else { "failed" }.to_owned();
        let log = Request::get(self.below(&["jobs", &job.id.to_string(), "logs"]));
        let tail = tail(self.access.api.text(&log, "read the log of the job"));
        Ok(Some(Culprit { part, why, tail }))
    }

    fn cancel(&self, run: &Run) -> http::Result<()> {
        let doing = "cancel the run";
        let answer = self.access.api.call(&Request::post(self.of_run(run, &["cancel"])), doing)?;
        // 409: it has ended already.
        if answer.status == 409 { Ok(()) } else { self.access.api.success(answer, doing).map(drop) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "name: deploy\nrun-name: Deploy (${{ inputs.relman_run }})\non:\n  workflow_dispatch:\n    inputs:\n      \
                        relman: {type: string, required: true}\n      relman_run: {type: string, required: true}\njobs: {}\n";

    fn verdict(text: &str) -> String {
        check_definition("deploy.yml", text.as_bytes()).map_or_else(|error| error.to_string(), |()| "good".into())
    }

    #[test]
    fn a_workflow_must_take_the_facts_and_name_its_runs() {
        assert_eq!(verdict(GOOD), "good");
        assert!(verdict(&GOOD.replace("run-name: Deploy (${{ inputs.relman_run }})\n", "")).contains("run-name"));
        assert!(verdict(&GOOD.replace("      relman: {type: string, required: true}\n", "")).contains("`relman`"));
        assert!(verdict("on: push\njobs: {}\n").contains("workflow_dispatch"));
        assert!(verdict("on: [push, workflow_dispatch]\n").contains("input `relman`"));
        assert!(verdict("on: workflow_dispatch\n").contains("input `relman`"));
        assert!(verdict("on: [\n").contains("can't be read"));
        let more = GOOD.replace("jobs:", "      who: {required: true}\njobs:");
        assert!(verdict(&more).contains("`who`"), "{more}");
        assert_eq!(verdict(&more.replace("who: {required: true}", "who: {required: true, default: me}")), "good");
    }

    #[test]
    fn facts_are_one_object_of_texts() {
        let release = Release::example("{name: qa, api: \"a'\\\"$(x)\\n${{ github.token }}\"}");
        let read: Value = serde_json::from_str(&facts(&release).expect("facts")).expect("JSON");
        assert_eq!(read["RELMAN_TARGET_API"], "a'\"$(x)\n${{ github.token }}");
        assert_eq!(read["RELMAN_TAG"], "v1.0.0-rc.1");
        let release = Release::example(&format!("{{name: qa, api: {}}}", "x".repeat(40_000)));
        assert!(facts(&release).is_err());
    }

    #[test]
    fn a_commit_is_no_place_to_start_at() {
        let mut release = Release::example("{name: qa}");
        assert_eq!(reference(&release).expect("a tag"), "refs/tags/v1.0.0-rc.1");
        release.facts.tag = None;
        release.facts.repositories[0].reference = "a".repeat(40);
        assert!(reference(&release).is_err());
    }
}
