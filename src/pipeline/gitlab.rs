//! GitLab CI: the app repo's own pipeline, started through the API.
//!
//! Each fact is a variable, and `RELMAN_RUN` the id of the deployment. GitLab replaces `$NAME` and `%NAME%` in the values
//! of variables by other variables, secrets among them, and the API has no way to say that it must not. So no value
//! may hold such a thing: JSON is written without the two signs, and a plain value that has them is refused.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::deployment::Start;
use crate::http::percent::path;
use crate::http::{self, Request};

use super::access::Access;
use super::log_tail::tail;
use super::system::{Culprit, End, Look, Order, Run, Started, System};
use super::{Error, Release};

/// The variable that holds the id of the deployment.
const ID: &str = "RELMAN_RUN";

/// Where GitLab is told who may give variables to a pipeline.
const VARIABLES: &str = "Settings > CI/CD > Variables > Minimum role to use pipeline variables";

/// The facts that are JSON.
const JSON: [&str; 2] = ["RELMAN_REPOSITORIES", "RELMAN_TARGET"];

/// The app repo's pipeline.
#[derive(Debug)]
pub(super) struct Gitlab<'a> {
    pub(super) access: &'a Access,
}

#[derive(Deserialize)]
struct Pipeline {
    id: u64,
    #[serde(default)]
    web_url: Option<String>,
    #[serde(default)]
    sha: Option<String>,
    status: String,
}

#[derive(Deserialize)]
struct Job {
    id: u64,
    name: String,
    #[serde(default)]
    stage: Option<String>,
    status: String,
    #[serde(default)]
    allow_failure: bool,
    #[serde(default)]
    failure_reason: Option<String>,
}

#[derive(Deserialize)]
struct Variable {
    key: String,
    value: String,
}

impl Gitlab<'_> {
    /// The project's whole path is one segment.
    fn below(&self, rest: &[&str]) -> String {
        let project = format!("{}/{}", self.access.owner, self.access.repository);
        path(&[&["projects", project.as_str()][..], rest].concat())
    }

    fn of_run(&self, run: &Run, rest: &[&str]) -> String {
        self.below(&[&["pipelines", run.id.as_str()][..], rest].concat())
    }

    fn jobs(&self, run: &Run) -> http::Result<Vec<Job>> {
        let doing = "list the jobs of the pipeline";
        let request = Request::get(self.of_run(run, &["jobs"])).with("per_page", "100");
        let mut jobs: Vec<Job> = self.access.api.read(self.access.api.fetch(&request, doing)?.body, doing)?;
        // Newest first, as GitLab sends them, would begin with the last stage.
        jobs.sort_by_key(|job| job.id);
        Ok(jobs)
    }

    /// Whether a pipeline belongs to a deployment. GitLab shows the variables of a pipeline to who has started it and to
    /// maintainers, so one whose variables are not shown is somebody else's.
    fn carries(&self, run: &Run, id: &str) -> http::Result<bool> {
        let doing = "read the variables of a pipeline";
        let request = Request::get(self.of_run(run, &["variables"]));
        let answer = match self.access.api.fetch(&request, doing) {
            Err(http::Error::Unauthorised { .. } | http::Error::NotFound { .. }) => return Ok(false),
            answer => answer?,
        };
        let variables: Vec<Variable> = self.access.api.read(answer.body, doing)?;
        Ok(variables.iter().any(|variable| variable.key == ID && variable.value == id))
    }
}

/// The facts as variables that GitLab leaves as they are.
fn variables(release: &Release) -> Result<Vec<(String, String)>, Error> {
    let mut variables = Vec::new();
    for (name, value) in &release.variables {
        let value = if JSON.contains(&name.as_str()) {
            // Both can only stand within a string there.
            value.replace('$', "\\u0024").replace('%', "\\u0025")
        } else {
            value.clone()
        };
        if is_expanded(&value) {
            return Err(Error::Unusable {
                what: format!("GitLab would replace a part of the value of {name} by another variable"),
                hint: "take the `$` or `%…%` out of it, or put it one level deeper: RELMAN_TARGET holds it as JSON"
                    .into(),
            });
        }
        variables.push((name.clone(), value));
    }
    Ok(variables)
}

/// Whether GitLab or its runner would find the name of a variable in a value.
fn is_expanded(value: &str) -> bool {
    let names = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let between = value.split('%').collect::<Vec<_>>();
    value.contains('$') || (between.len() > 2 && between[1..between.len() - 1].iter().any(|text| names(text)))
}

/// The name that a pipeline is started at; GitLab takes no commit.
fn reference(release: &Release) -> Result<String, Error> {
    match release.facts.start() {
        Some(Start::Tag(tag)) => Ok(tag.to_string()),
        Some(Start::Branch(branch)) => Ok(branch.to_string()),
        Some(Start::Commit(_)) | None => Err(Error::Unusable {
            what: "GitLab starts pipelines at a tag or a branch, and this deployment names a commit".into(),
            hint: "write ref:TAG or ref:BRANCH".into(),
        }),
    }
}

impl System for Gitlab<'_> {
    fn check(&self, release: &Release) -> Result<(), Error> {
        variables(release)?;
        reference(release)?;
        let doing = format!("read the project {}/{}", self.access.owner, self.access.repository);
        let project = self.access.api.fetch(&Request::get(self.below(&[])), &doing)?.body;
        if project["builds_access_level"] == "disabled" || project["jobs_enabled"] == json!(false) {
            return Err(Error::Unusable {
                what: "CI/CD is switched off in the project of the app repo".into(),
                hint: "Settings > General > Visibility, project features, permissions: CI/CD".into(),
            });
        }
        if project["ci_pipeline_variables_minimum_override_role"] == "no_one_allowed" {
            return Err(Error::Unusable {
                what: "nobody may start a pipeline of the app repo with variables".into(),
                hint: VARIABLES.into(),
            });
        }
        let usual = project["ci_config_path"].as_str().unwrap_or_default().is_empty();
        if usual && self.access.definition.is_none() {
            return Err(Error::NotFound {
                what: "the app commit that is to be deployed has no .gitlab-ci.yml".into(),
                hint: "add one whose jobs run where `$RELMAN_RUN` is set".into(),
            });
        }
        Ok(())
    }

    fn start(&self, order: &Order<'_>) -> Result<Started, Error> {
        let doing = "start the pipeline";
        let api = &self.access.api;
        let mut variables = variables(order.release)?;
        variables.push((ID.to_owned(), order.id.to_owned()));
        let variables: Vec<Value> = variables.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
        let body = json!({"ref": reference(order.release)?, "variables": variables});
        let answer = api.call(&Request::post(self.below(&["pipeline"])).json(body), doing)?;
        if (200..300).contains(&answer.status) {
            let found: Pipeline = api.read(answer.body, doing)?;
            return Ok(Started::Run(Run { id: found.id.to_string(), url: found.web_url }));
        }
        let unseen = api.said(&answer).contains("Reference not found");
        let forbidden = api.said(&answer).contains("Insufficient permissions to set pipeline variables");
        let error = Error::Http(api.rejected(&answer, doing));
        if forbidden {
            return Ok(Started::Refused(Error::Unauthorised { what: error.to_string(), hint: VARIABLES.into() }));
        }
        Ok(if unseen { Started::NotYet(error) } else { Started::Refused(error) })
    }

    fn find(&self, order: &Order<'_>) -> http::Result<Option<Run>> {
        let doing = "look for the pipeline";
        let mut request = Request::get(self.below(&["pipelines"])).with("source", "api").with("per_page", "20");
        if let Some(commit) = order.release.facts.commit() {
            request = request.with("sha", commit.to_string());
        }
        let found: Vec<Pipeline> = self.access.api.read(self.access.api.fetch(&request, doing)?.body, doing)?;
        for pipeline in found {
            let run = Run { id: pipeline.id.to_string(), url: pipeline.web_url };
            if self.carries(&run, order.id)? {
                return Ok(Some(run));
            }
        }
        Ok(None)
    }

    fn look(&self, run: &mut Run) -> http::Result<Look> {
        let doing = "look at the pipeline";
        let api = &self.access.api;
        let found: Pipeline = api.read(api.fetch(&Request::get(self.of_run(run, &[])), doing)?.body, doing)?;
        run.url = found.web_url.or(run.url.take());
        let mut parts = Vec::new();
        if matches!(found.status.as_str(), "manual" | "scheduled" | "waiting_for_resource") {
            parts.push(("pipeline".to_owned(), format!("waits ({})", found.status.replace('_', " "))));
        }
        parts.extend(self.jobs(run)?.into_iter().map(|job| (job.name, job.status.replace('_', " "))));
        let end = match found.status.as_str() {
            "success" => Some(End::Well),
            "failed" => Some(End::Badly("failed".into())),
            "canceled" => Some(End::Badly("was cancelled".into())),
            "skipped" => Some(End::Badly("was skipped: none of its jobs was to run".into())),
            _ => None,
        };
        Ok(Look { commit: found.sha, parts, end })
    }

    fn culprit(&self, run: &Run) -> http::Result<Option<Culprit>> {
        let failed = |job: &Job| job.status == "failed" && !job.allow_failure;
        let Some(job) = self.jobs(run)?.into_iter().find(failed) else { return Ok(None) };
        let part = match &job.stage {
            Some(stage) if *stage != job.name => format!("the job {} of the stage {stage}", job.name),
            _ => format!("the job {}", job.name),
        };
        let why = match job.failure_reason.as_deref() {
            None | Some("script_failure") => "failed".to_owned(),
            Some(reason) => format!("failed: {}", reason.replace('_', " ")),
        };
        let log = Request::get(self.below(&["jobs", &job.id.to_string(), "trace"]));
        let tail = tail(self.access.api.text(&log, "read the log of the job"));
        Ok(Some(Culprit { part, why, tail }))
    }

    fn cancel(&self, run: &Run) -> http::Result<()> {
        self.access.api.fetch(&Request::post(self.of_run(run, &["cancel"])), "cancel the pipeline").map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_is_replaced_by_another_variable() {
        let entry = "{name: qa, api: \"100% of a%b\", deep: {word: \"$CI_JOB_TOKEN %CI_JOB_TOKEN%\"}}";
        let told = variables(&Release::example(entry)).expect("variables");
        let of = |name: &str| told.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).expect(name);
        assert_eq!(of("RELMAN_TARGET_API"), "100% of a%b");
        assert!(!of("RELMAN_TARGET").contains(['$', '%']));
        let read: Value = serde_json::from_str(&of("RELMAN_TARGET")).expect("JSON");
        assert_eq!(read["deep"]["word"], "$CI_JOB_TOKEN %CI_JOB_TOKEN%");
        assert_eq!(read["api"], "100% of a%b");
        for value in ["$CI_JOB_TOKEN", "a${CI_JOB_TOKEN}", "x%CI_JOB_TOKEN%y", "a%%b%C%", "$$", "$5"] {
            let error = variables(&Release::example(&format!("{{name: qa, api: '{value}'}}"))).expect_err(value);
            assert!(error.to_string().contains("RELMAN_TARGET_API"), "{error}");
            assert!(!error.to_string().contains("CI_JOB_TOKEN"), "{error}");
        }
    }
}
