//! What every fake system remembers of its runs, and the release that they deploy.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::contract::Contract;
use super::sandbox::{Answer, Call, Repo, Room};
use super::server::{Answers, Asked, Reply, Server};

pub const TOKEN: &str = "tok-5ecret-0123456789";
pub const USER: &str = "deployer";

/// The systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    Github,
    Gitlab,
    Bitbucket,
    Jenkins,
}

pub const SYSTEMS: [System; 4] = [System::Github, System::Gitlab, System::Bitbucket, System::Jenkins];

/// What becomes of the runs of an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plot {
    Succeeds,
    /// The step `helm` of the job `deploy` fails.
    Fails,
    /// Somebody stops it on the system's own pages.
    Stopped,
    /// It never ends by itself.
    Endless,
    /// It never begins.
    Queued,
}

/// How a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Waiting,
    Running,
    Succeeded,
    Failed,
    Stopped,
}

/// A run, as a system keeps it.
#[derive(Clone, Debug)]
pub struct Run {
    pub number: u64,
    /// What it was started at.
    pub reference: String,
    pub commit: String,
    /// The variables that its jobs see.
    pub facts: BTreeMap<String, String>,
    /// The id of its deployment.
    pub id: String,
    pub plot: Plot,
    /// How often it was looked at.
    pub looks: usize,
    pub cancelled: bool,
}

impl Run {
    pub fn phase(&self) -> Phase {
        match (self.looks, self.plot) {
            _ if self.cancelled => Phase::Stopped,
            (0 | 1, _) | (_, Plot::Queued) => Phase::Waiting,
            (2, _) | (_, Plot::Endless) => Phase::Running,
            (_, Plot::Succeeds) => Phase::Succeeded,
            (_, Plot::Fails) => Phase::Failed,
            (_, Plot::Stopped) => Phase::Stopped,
        }
    }

    pub fn fact(&self, name: &str) -> &str {
        self.facts.get(name).map(String::as_str).unwrap_or_else(|| panic!("{name} is not among {:?}", self.facts))
    }
}

/// What the failing job prints.
pub const LOG: &str =
    "2026-11-22T09:30:04.1234567Z \u{1b}[36;1mhelm upgrade\u{1b}[0m\nError: boom \u{1b}]0;title\u{7}\n";

/// The memory of a system with one app repo, `acme/foo-app`.
#[derive(Default)]
pub struct Memory {
    /// The app repo.
    pub app: PathBuf,
    pub runs: Vec<Run>,
    /// By the name of an environment.
    pub plots: BTreeMap<String, Plot>,
    /// How many starts are to be answered as if what was pushed were not there yet.
    pub unseen: usize,
    /// How many pipelines of somebody else stand before all others; for GitLab.
    pub strangers: u64,
    /// Whether it is a server of some years ago.
    pub old: bool,
    /// The names of variables that a job declares; for Jenkins.
    pub declared: Vec<String>,
    /// What the project says of itself, beside the usual.
    pub project: Value,
    /// The commit that runs are at, whatever was asked for.
    pub elsewhere: Option<String>,
    /// Requests and answers that are none by the system's description.
    pub misunderstood: Vec<String>,
    /// The operations of the system's API that were used.
    pub used: BTreeSet<String>,
    /// Where every request is shown to a judge first, and what of its description was used by then.
    pub judge: Option<String>,
    pub judged: BTreeSet<String>,
}

impl Memory {
    /// The commit that a name stands for, if it is there.
    pub fn commit(&mut self, name: &str) -> Option<String> {
        if self.unseen > 0 {
            self.unseen -= 1;
            return None;
        }
        let git = |name: &str| {
            let mut command = Command::new("git");
            command.arg("-C").arg(&self.app).args(["rev-parse", "--verify", "--quiet", "--end-of-options"]);
            let ran = command.arg(format!("{name}^{{commit}}")).output().unwrap();
            ran.status.success().then(|| String::from_utf8(ran.stdout).unwrap().trim().to_owned())
        };
        let found = match name.starts_with("refs/") {
            true => git(name),
            false => git(&format!("refs/tags/{name}")).or_else(|| git(&format!("refs/heads/{name}"))),
        };
        found.map(|commit| self.elsewhere.clone().unwrap_or(commit))
    }

    pub fn add(&mut self, reference: &str, commit: &str, facts: BTreeMap<String, String>, id: &str) -> &mut Run {
        let environment = facts.get("RELMAN_ENVIRONMENT").cloned().unwrap_or_default();
        let plot = self.plots.get(&environment).copied().unwrap_or(Plot::Succeeds);
        let number = self.runs.len() as u64 + 1;
        let (reference, commit, id) = (reference.to_owned(), commit.to_owned(), id.to_owned());
        self.runs.push(Run { number, reference, commit, facts, id, plot, looks: 0, cancelled: false });
        self.runs.last_mut().unwrap()
    }

    pub fn run(&mut self, number: &str) -> Option<&mut Run> {
        self.runs.iter_mut().find(|run| run.number.to_string() == number)
    }
}

/// How one system speaks.
pub trait Dialect: Send + 'static {
    fn answer(&self, memory: &mut Memory, asked: &Asked) -> Reply;
    /// What it says to whoever it does not know.
    fn stranger(&self) -> Reply;
    /// Whether anybody may ask this.
    fn is_open(&self, _asked: &Asked) -> bool {
        false
    }
}

/// Where a log lies that a system keeps in a storage elsewhere: whoever knows the address may read it.
pub fn storage(asked: &Asked) -> String {
    format!("http://{}/storage/log.txt?sig=signed", asked.header("host").unwrap())
}

pub fn is_storage(asked: &Asked) -> bool {
    asked.path[0] == "storage"
}

/// The log from there.
pub fn stored(asked: &Asked, kind: &str) -> Reply {
    assert_eq!(asked.query("sig"), Some("signed"));
    Reply { status: 200, headers: vec![("Content-Type", kind.into())], body: LOG.into() }
}

/// Whether something is asked that the engine asks, and not the deployment around it, which looks for the pull request of
/// the release and shows its status.
fn is_about_pipelines(asked: &Asked) -> bool {
    !asked.raw_path.contains("foo-release")
}

/// Notes that one of the two does not keep to the description; the test fails in the end.
fn misunderstood(memory: &mut Memory, what: String) -> Reply {
    memory.misunderstood.push(what);
    Reply::json(418, Value::Null)
}

struct Speaking {
    memory: Arc<Mutex<Memory>>,
    dialect: Box<dyn Dialect>,
    contract: Contract,
    login: String,
}

impl Speaking {
    /// Answers whom the system knows, and holds both the question and the answer to its description.
    fn converse(&self, memory: &mut Memory, asked: &Asked) -> Reply {
        if let Some(judge) = memory.judge.clone() {
            memory.judged.insert(super::described::verdict(&judge, asked));
        }
        let operation = match self.contract.request(asked) {
            Ok(operation) => operation,
            Err(wrong) => return misunderstood(memory, format!("{asked:?}: {wrong:#?}")),
        };
        let reply = self.dialect.answer(memory, asked);
        let wrong = self.contract.answer(&operation, &reply);
        if !wrong.is_empty() {
            return misunderstood(memory, format!("{operation} is answered with {reply:?}: {wrong:#?}"));
        }
        memory.used.insert(operation);
        reply
    }
}

impl Answers for Speaking {
    fn may_fail(&self, asked: &Asked) -> bool {
        is_about_pipelines(asked)
    }

    fn answer(&mut self, asked: &Asked) -> Reply {
        let mut memory = self.memory.lock().unwrap();
        assert!(asked.header("user-agent").unwrap_or_default().starts_with("relman/"), "{asked:?}");
        assert!(!asked.raw_path.contains(TOKEN) && !format!("{:?}", asked.query).contains(TOKEN), "{asked:?}");
        if self.dialect.is_open(asked) {
            assert_eq!(asked.header("authorization"), None, "a login where it does not belong");
        } else if asked.header("authorization") != Some(self.login.as_str()) {
            return self.dialect.stranger();
        }
        if self.dialect.is_open(asked) || !is_about_pipelines(asked) {
            return self.dialect.answer(&mut memory, asked);
        }
        self.converse(&mut memory, asked)
    }
}

impl System {
    pub fn engine(self) -> &'static str {
        match self {
            System::Github => "github-actions",
            System::Gitlab => "gitlab",
            System::Bitbucket => "bitbucket-pipelines",
            System::Jenkins => "jenkins",
        }
    }

    /// The file beside this one that describes its API.
    pub fn description(self) -> &'static str {
        match self {
            System::Github => "github.openapi.json",
            System::Gitlab => "gitlab.openapi.json",
            System::Bitbucket => "bitbucket.openapi.json",
            System::Jenkins => "jenkins.openapi.json",
        }
    }

    /// The forge that it belongs to, as `--forge` names it.
    fn forge(self) -> Option<&'static str> {
        match self {
            System::Github => Some("github"),
            System::Gitlab => Some("gitlab"),
            System::Bitbucket => Some("bitbucket-cloud"),
            System::Jenkins => None,
        }
    }

    fn dialect(self) -> Box<dyn Dialect> {
        match self {
            System::Github => Box::new(super::fake_github::Fake),
            System::Gitlab => Box::new(super::fake_gitlab::Fake),
            System::Bitbucket => Box::new(super::fake_bitbucket::Fake),
            System::Jenkins => Box::new(super::fake_jenkins::Fake),
        }
    }

    fn login(self) -> String {
        use base64::Engine as _;
        match self {
            System::Jenkins => {
                format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{TOKEN}")))
            }
            _ => format!("Bearer {TOKEN}"),
        }
    }

    /// The keys of `pipeline:`.
    fn keys(self, url: &str) -> String {
        match self {
            System::Github => "workflow: deploy.yml".into(),
            System::Gitlab => String::new(),
            System::Bitbucket => "pipeline: deploy".into(),
            System::Jenkins => format!("url: {url}/jenkins, job: team/foo app"),
        }
    }

    /// The file in the app repo that defines the pipeline.
    pub fn definition(self) -> (&'static str, &'static str) {
        match self {
            System::Github => (
                ".github/workflows/deploy.yml",
                "run-name: Deploy (${{ inputs.relman_run }})\non:\n  workflow_dispatch:\n    inputs:\n      relman: {required: true, type: string}\n      relman_run: {required: true, type: string}\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps: []\n",
            ),
            System::Gitlab => (".gitlab-ci.yml", "deploy:\n  script: ./deploy\n"),
            System::Bitbucket => (
                "bitbucket-pipelines.yml",
                "pipelines:\n  custom:\n    deploy:\n    - step: {name: helm, script: [./deploy]}\n",
            ),
            System::Jenkins => ("Jenkinsfile", "pipeline { }\n"),
        }
    }
}

/// A system that is running, and a release whose pipeline it runs.
pub struct Farm<'r> {
    pub system: System,
    pub room: &'r Room,
    pub server: Server,
    pub memory: Arc<Mutex<Memory>>,
    pub release: Repo<'r>,
    pub app: Repo<'r>,
}

impl Drop for Farm<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let misunderstood = std::mem::take(&mut self.memory().misunderstood);
            assert!(misunderstood.is_empty(), "{misunderstood:#?}");
        }
    }
}

/// What `qa` says of itself. GitLab refuses a `$` in a plain value, and has it in JSON alone.
pub const HOSTILE: &str = "-x '\"`id`\"' {{ y }} ${{ z }} \"$(touch pwned)\n--flag %PATH%";

impl<'r> Farm<'r> {
    pub fn new(room: &'r Room, system: System) -> Self {
        Self::with(room, system, "")
    }

    /// With more keys for `pipeline:`.
    pub fn with(room: &'r Room, system: System, keys: &str) -> Self {
        let memory = Arc::new(Mutex::new(Memory::default()));
        let speaking = Speaking {
            memory: memory.clone(),
            dialect: system.dialect(),
            contract: Contract::of(system),
            login: system.login(),
        };
        let server = Server::start(Arc::new(Mutex::new(speaking)));
        let app = room.server("foo-app");
        let keys: Vec<String> = [format!("engine: {}", system.engine()), system.keys(&server.url), keys.to_owned()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        let file = format!("pipeline: {{{}}}\n", keys.join(", "));
        let (path, text) = system.definition();
        app.commit_files("main", "Begin", &[("app.yml", &file), (path, text)]);
        {
            let mut memory = memory.lock().unwrap();
            memory.app = app.path.clone();
            memory.declared = ["RELMAN_RUN", "RELMAN_COMMIT", "RELMAN_ENVIRONMENT", "RELMAN_TAG", "RELMAN_TARGET"]
                .map(str::to_owned)
                .to_vec();
        }
        let release = room.server("foo-release");
        let deep = serde_json::to_string(HOSTILE).unwrap();
        release.environment("dev", "WIP", "type: dev");
        release.environment("qa", "1.0.0", &format!("type: qa; api-url: https://qa; deep: {{word: {deep}}}"));
        for (server, name) in [(&release, "foo-release"), (&app, "foo-app")] {
            server.clone_as(name, "");
        }
        Farm { system, room, server, memory, release, app }
    }

    /// A deployment of an environment, with all that relman needs to know of the system.
    pub fn call(&self, environment: &str) -> Call<'r> {
        let call = self.stranger(environment);
        match self.system {
            System::Jenkins => call
                .env("RELMAN_JENKINS_URL", format!("{}/jenkins", self.server.url))
                .env("RELMAN_JENKINS_USER", USER)
                .env("RELMAN_JENKINS_TOKEN", TOKEN),
            _ => call.env("RELMAN_TOKEN", TOKEN),
        }
    }

    /// A deployment without a token.
    pub fn stranger(&self, environment: &str) -> Call<'r> {
        let call = self.room.call("foo-release").words("deploy").arg(environment).words("-y").env("NO_PROXY", "*");
        match self.system.forge() {
            Some(word) => call.arg("--forge").arg(format!("{word}={}/acme/foo-release", self.server.url)),
            None => call,
        }
    }

    /// Deploys, and looks for the token in all that is said and written.
    pub fn deploy(&self, environment: &str) -> Answer {
        self.watch(self.call(environment).words("--format json").run())
    }

    pub fn watch(&self, answer: Answer) -> Answer {
        let said = format!("{}{}", answer.out, answer.err);
        assert!(!said.contains(TOKEN), "{said}");
        let written = self.room.files_with(TOKEN);
        assert!(written.is_empty(), "the token is in {written:?}");
        answer
    }

    pub fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap()
    }

    pub fn runs(&self) -> Vec<Run> {
        self.memory().runs.clone()
    }

    /// The outcomes of all records of an environment, in their order.
    pub fn outcomes(&self, environment: &str) -> Vec<String> {
        self.records(environment).iter().map(|record| record["outcome"].as_str().unwrap().to_owned()).collect()
    }

    pub fn records(&self, environment: &str) -> Vec<Value> {
        if self.release.git("for-each-ref refs/notes").is_empty() {
            return Vec::new();
        }
        let tip = format!("environment/{environment}");
        let listed = self.release.git_args(["log", "-1", "--notes=relman/deployments", "--format=%N", &tip]);
        listed.lines().filter(|line| !line.trim().is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Waits until a run has been looked at so often that it is running.
    pub fn until_running(&self) {
        for _ in 0..1200 {
            if self.runs().iter().any(|run| run.phase() == Phase::Running) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(25));
        }
        panic!("no run is running: {:?}", self.runs());
    }

    pub fn tags(&self) -> String {
        self.app.git("tag -l")
    }
}

/// Plays a story on every system, side by side; says which one it was that failed.
pub fn each(story: impl Fn(System) + Sync) {
    std::thread::scope(|scope| {
        let playing: Vec<_> = SYSTEMS.iter().map(|system| (system, scope.spawn(|| story(*system)))).collect();
        for (system, played) in playing {
            assert!(played.join().is_ok(), "the story fails with {system:?}");
        }
    });
}
