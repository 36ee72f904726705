//! Jenkins: a job with parameters, which checks the app repo out at the commit that it is told.
//!
//! Each fact is a parameter, and `RELMAN_RUN` the id of the deployment. Jenkins drops parameters that a job does not
//! declare, and takes two builds in its queue with the same parameters for one; so a job must declare `RELMAN_RUN`,
//! which makes each build another, and `RELMAN_COMMIT`, without which it could deploy anything.

use serde::Deserialize;

use crate::http::percent::path;
use crate::http::{self, Request};

use super::access::Access;
use super::log_tail::tail;
use super::system::{Culprit, End, Look, Order, Run, Started, System};
use super::{Error, Release};

/// The parameter that holds the id of the deployment.
const ID: &str = "RELMAN_RUN";

/// The parameters that a job must declare.
const NEEDED: [&str; 2] = [ID, "RELMAN_COMMIT"];

/// What the id of a run begins with while it waits; after it comes the number in the queue.
const QUEUED: &str = "queue item ";

/// What the id of a run begins with once it runs; after it comes its number.
const BUILD: &str = "build ";

/// A Jenkins job.
#[derive(Debug)]
pub(super) struct Jenkins<'a> {
    pub(super) access: &'a Access,
    /// The folders that it is in, and its name.
    pub(super) job: &'a [String],
}

#[derive(Deserialize)]
struct JobInfo {
    #[serde(default)]
    buildable: Option<bool>,
    #[serde(default)]
    property: Vec<Property>,
}

#[derive(Deserialize)]
struct Property {
    #[serde(rename = "parameterDefinitions", default)]
    parameters: Vec<Parameter>,
}

#[derive(Deserialize)]
struct Parameter {
    #[serde(default)]
    name: String,
    #[serde(default)]
    value: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Item {
    id: u64,
    #[serde(default)]
    cancelled: bool,
    #[serde(default)]
    why: Option<String>,
    #[serde(default)]
    executable: Option<Executable>,
    #[serde(default)]
    actions: Vec<Action>,
}

#[derive(Deserialize)]
struct Executable {
    number: u64,
}

#[derive(Deserialize)]
struct Queue {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Builds {
    builds: Vec<Build>,
}

#[derive(Deserialize)]
struct Build {
    number: u64,
    #[serde(rename = "queueId", default)]
    queue_id: Option<u64>,
    #[serde(default)]
    building: bool,
    #[serde(default)]
    result: Option<String>,
    #[serde(default)]
    actions: Vec<Action>,
}

/// Each plugin adds actions; those that are not about parameters come out empty.
#[derive(Default, Deserialize)]
struct Action {
    #[serde(default)]
    parameters: Vec<Parameter>,
}

#[derive(Deserialize)]
struct Stages {
    stages: Vec<Stage>,
}

#[derive(Deserialize)]
struct Stage {
    name: String,
    status: String,
}

fn carry(actions: &[Action], id: &str) -> bool {
    let parameters = actions.iter().flat_map(|action| &action.parameters);
    parameters.into_iter().any(|one| one.name == ID && one.value.as_ref().and_then(|value| value.as_str()) == Some(id))
}

impl Jenkins<'_> {
    /// A path below the job: `/job/FOLDER/job/NAME/…`.
    fn below(&self, rest: &[&str]) -> String {
        let job: Vec<&str> = self.job.iter().flat_map(|name| ["job", name.as_str()]).collect();
        path(&[&job[..], rest].concat())
    }

    fn build(&self, number: u64) -> Run {
        let url = format!("{}{}/", self.access.web, self.below(&[&number.to_string()]));
        Run { id: format!("{BUILD}{number}"), url: Some(url) }
    }

    fn queued(number: u64) -> Run {
        Run { id: format!("{QUEUED}{number}"), url: None }
    }

    fn read<T: serde::de::DeserializeOwned>(&self, place: String, tree: &str, doing: &str) -> http::Result<T> {
        let request = Request::get(format!("{place}/api/json")).with("tree", tree);
        self.access.api.read(self.access.api.fetch(&request, doing)?.body, doing)
    }

    fn newest(&self) -> http::Result<Vec<Build>> {
        let tree = "builds[number,queueId,actions[parameters[name,value]]]{0,50}";
        Ok(self.read::<Builds>(self.below(&[]), tree, "list the builds of the job")?.builds)
    }

    /// The item in the queue, until a few minutes after it has left it.
    fn item(&self, number: &str) -> http::Result<Option<Item>> {
        let tree = "id,cancelled,why,executable[number]";
        match self.read(path(&["queue", "item", number]), tree, "look at the queue") {
            Ok(item) => Ok(Some(item)),
            Err(http::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn wait_in_queue(&self, run: &mut Run, number: &str) -> http::Result<Look> {
        let Some(item) = self.item(number)? else {
            let ours = |build: &Build| build.queue_id.is_some_and(|id| id.to_string() == number);
            let found = self.newest()?.into_iter().find(ours);
            let gone = || self.access.api.not_found("find the build", "the queue does not know it any more".into());
            *run = self.build(found.ok_or_else(gone)?.number);
            return Ok(Look::default());
        };
        if let Some(executable) = &item.executable {
            *run = self.build(executable.number);
            return Ok(Look::default());
        }
        let end = item.cancelled.then(|| End::Badly("was taken out of the queue".into()));
        let parts = item.why.into_iter().map(|why| ("queue".to_owned(), why)).collect();
        Ok(Look { commit: None, parts, end })
    }

    /// The stages, where Jenkins has the plugin that tells of them.
    fn stages(&self, number: &str) -> Vec<Stage> {
        let doing = "list the stages of the build";
        let request = Request::get(self.below(&[number, "wfapi", "describe"]));
        let answer = self.access.api.fetch(&request, doing);
        let stages = answer.and_then(|answer| self.access.api.read::<Stages>(answer.body, doing));
        stages.map_or_else(|_| Vec::new(), |stages| stages.stages)
    }
}

impl System for Jenkins<'_> {
    fn check(&self, _release: &Release) -> Result<(), Error> {
        let job = self.job.join("/");
        let tree = "buildable,property[parameterDefinitions[name]]";
        let info: JobInfo = self.read(self.below(&[]), tree, &format!("read the job {job}"))?;
        if info.buildable == Some(false) {
            return Err(Error::Unusable {
                what: format!("the job {job} is disabled, or is a folder"),
                hint: "enable it in Jenkins, or name a job inside of it".into(),
            });
        }
        let declares = |name: &str| info.property.iter().flat_map(|one| &one.parameters).any(|one| one.name == name);
        if let Some(missing) = NEEDED.into_iter().find(|name| !declares(name)) {
            return Err(Error::Unusable {
                what: format!(
                    "the job {job} does not declare the parameter {missing}, and Jenkins drops such parameters"
                ),
                hint: format!("declare {} and what else the job reads, as string parameters", NEEDED.join(" and ")),
            });
        }
        Ok(())
    }

    fn start(&self, order: &Order<'_>) -> Result<Started, Error> {
        let doing = "start the build";
        let api = &self.access.api;
        let mut fields = order.release.variables.clone();
        fields.push((ID.to_owned(), order.id.to_owned()));
        let answer = api.call(&Request::post(self.below(&["buildWithParameters"])).form(fields), doing)?;
        if !(200..300).contains(&answer.status) {
            return Ok(Started::Refused(api.rejected(&answer, doing).into()));
        }
        // Of the address, the number alone is used: a token goes along with the next request.
        let number = answer.location.as_deref().and_then(|place| place.trim_end_matches('/').rsplit('/').next());
        Ok(match number.and_then(|number| number.parse().ok()) {
            Some(number) => Started::Run(Self::queued(number)),
            None => Started::Somewhere,
        })
    }

    fn find(&self, order: &Order<'_>) -> http::Result<Option<Run>> {
        let tree = "items[id,actions[parameters[name,value]]]";
        let queue: Queue = self.read("/queue".to_owned(), tree, "look through the queue")?;
        if let Some(item) = queue.items.iter().find(|item| carry(&item.actions, order.id)) {
            return Ok(Some(Self::queued(item.id)));
        }
        let build = self.newest()?.into_iter().find(|build| carry(&build.actions, order.id));
        Ok(build.map(|build| self.build(build.number)))
    }

    fn look(&self, run: &mut Run) -> http::Result<Look> {
        if let Some(number) = run.id.strip_prefix(QUEUED).map(str::to_owned) {
            return self.wait_in_queue(run, &number);
        }
        let number = run.id.strip_prefix(BUILD).unwrap_or_default().to_owned();
        let build: Build = self.read(self.below(&[&number]), "number,building,result", "look at the build")?;
        let mut parts: Vec<(String, String)> = Vec::new();
        for stage in self.stages(&number) {
            parts.push((stage.name, stage.status.to_lowercase().replace('_', " ")));
        }
        let end = (!build.building).then(|| match build.result.as_deref() {
            Some("SUCCESS") => End::Well,
            Some("ABORTED") => End::Badly("was aborted".into()),
            Some("UNSTABLE") => End::Badly("is unstable".into()),
            Some("FAILURE") => End::Badly("failed".into()),
            Some(other) => End::Badly(format!("ended as {}", other.to_lowercase().replace('_', " "))),
            None => End::Badly("ended, and Jenkins does not say how".into()),
        });
        Ok(Look { commit: None, parts, end })
    }

    fn culprit(&self, run: &Run) -> http::Result<Option<Culprit>> {
        let Some(number) = run.id.strip_prefix(BUILD) else { return Ok(None) };
        let build: Build = self.read(self.below(&[number]), "number,building,result", "look at the build")?;
        let stages = self.stages(number);
        let bad = |stage: &&Stage| matches!(stage.status.as_str(), "FAILED" | "UNSTABLE");
        let part = match stages.iter().find(bad) {
            Some(stage) => format!("the stage {} of build {number}", stage.name),
            None => format!("build {number} of {}", self.job.join("/")),
        };
        let why = match build.result.as_deref() {
            Some("ABORTED") => "was aborted",
            Some("UNSTABLE") => "is unstable",
            _ => "failed",
        };
        let log = Request::get(self.below(&[number, "consoleText"]));
        let tail = tail(self.access.api.text(&log, "read the log of the build"));
        Ok(Some(Culprit { part, why: why.to_owned(), tail }))
    }

    fn cancel(&self, run: &Run) -> http::Result<()> {
        let request = match (run.id.strip_prefix(QUEUED), run.id.strip_prefix(BUILD)) {
            (Some(number), _) => Request::post("/queue/cancelItem".to_owned()).with("id", number),
            (None, number) => Request::post(self.below(&[number.unwrap_or_default(), "stop"])),
        };
        // Done, Jenkins points to a page of its own, which on an API elsewhere would be a login.
        match self.access.api.status(&request)? {
            200..400 => Ok(()),
            status => Err(http::Error::Rejected {
                host: self.access.api.host.clone(),
                doing: "stop the build".into(),
                status,
                said: String::new(),
            }),
        }
    }
}
