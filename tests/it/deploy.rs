//! `relman deploy`: what CI runs, played with the `shell` engine.

use serde_json::Value;

use crate::sandbox::{Answer, Call, Repo, Room, release_file};

/// Steps that say what they were given, where everybody can see it.
const SHOW: &str = "run: 'env > \"$OUT/env\"; pwd > \"$OUT/pwd\"; ls .. > \"$OUT/beside\"; git rev-parse HEAD > \"$OUT/head\"; \
                    git -C ../foo-backend rev-parse HEAD >> \"$OUT/head\"; echo shown'";

/// A release over an app repo and a backend, each on a server with a clone.
pub struct Team<'r> {
    pub room: &'r Room,
    pub release: Repo<'r>,
    pub app: Repo<'r>,
    backend: Repo<'r>,
}

fn app_file(app: &Repo<'_>, steps: &[&str]) -> String {
    let steps: String = steps.iter().map(|step| format!("  - {{name: work, {step}}}\n")).collect();
    let text = format!("repositories:\n- name: foo-backend\npipeline:\n  steps:\n{steps}");
    app.commit_files("main", "Describe the app", &[("app.yml", &text)])
}

pub fn team<'r>(room: &'r Room, steps: &[&str]) -> Team<'r> {
    let app = room.server("foo-app");
    let backend = room.server("foo-backend");
    backend.commit("main", "backend 1");
    app.commit_files(
        "main",
        "A chart",
        &[("chart/Chart.yaml", "name: foo\n"), ("chart/values.yaml", "a: 1\n"), ("chart/values.qa.yaml", "a: 2\n")],
    );
    app_file(&app, steps);
    let release = room.server("foo-release");
    release.environment("dev", "WIP", "type: dev");
    release.environment("qa", "1.0.0", "type: qa; api-url: https://qa.example.com");
    release.environment("prod", "1.0.0", "type: prod; from: [qa]");
    for (server, name) in [(&release, "foo-release"), (&app, "foo-app"), (&backend, "foo-backend")] {
        server.clone_as(name, "");
    }
    std::fs::create_dir(room.path("out")).unwrap();
    Team { room, release, app, backend }
}

impl<'r> Team<'r> {
    pub fn call(&self, folder: &str, line: &str) -> Call<'r> {
        self.room
            .call(folder)
            .words("deploy")
            .words(line)
            .env("OUT", self.room.path("out"))
            .env("TMPDIR", self.room.path("tmp"))
    }

    pub fn deploy(&self, line: &str) -> Answer {
        self.call("foo-release", line).words("-y --format json").run()
    }

    /// The variables that a step wrote down.
    fn fact(&self, name: &str) -> Option<String> {
        let text = std::fs::read_to_string(self.room.path("out/env")).unwrap();
        text.lines().find_map(|line| line.strip_prefix(&format!("{name}="))).map(str::to_owned)
    }

    /// The records in the note of an environment's tip, at the server.
    pub fn records(&self, environment: &str) -> Vec<Value> {
        records_of(&self.release, &format!("environment/{environment}"))
    }

    pub fn wrote(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.room.path("out").join(name)).ok().map(|text| text.trim_end().to_owned())
    }
}

fn records_of(release: &Repo<'_>, commit: &str) -> Vec<Value> {
    let notes = release.git("for-each-ref refs/notes");
    if notes.is_empty() {
        return Vec::new();
    }
    let listed = release.git_args(["log", "-1", "--notes=relman/deployments", "--format=%N", commit]);
    listed.lines().filter(|line| !line.trim().is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub fn outcomes(records: &[Value]) -> Vec<&str> {
    records.iter().map(|record| record["outcome"].as_str().unwrap()).collect()
}

/// Makes a hook of a server that refuses whatever its script says.
pub fn hook(server: &Repo<'_>, name: &str, script: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let path = server.path.join("hooks").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    server.git("config core.hooksPath hooks");
}

#[test]
fn qa_gets_a_candidate_and_the_steps_get_the_facts() {
    let room = Room::new();
    let team = team(&room, &[SHOW]);
    let answer = team.deploy("qa").ok();
    let document = answer.json();
    assert_eq!((&document["schema"], &document["result"]), (&"relman.deploy/1".into(), &"deployed".into()));
    assert_eq!((&document["tag"], &document["engine"]), (&"v1.0.0-rc.1".into(), &"shell".into()));
    assert_eq!(document["record"]["outcome"], "succeeded");
    assert!(answer.err.contains("work | shown"), "{}", answer.err);
    assert!(!team.app.git("tag -l v1.0.0-rc.1").is_empty() && !team.backend.git("tag -l v1.0.0-rc.1").is_empty());

    let app = team.app.git("rev-parse v1.0.0-rc.1^0");
    for (name, value) in [
        ("RELMAN_APPLICATION", "foo-app"),
        ("RELMAN_ENVIRONMENT", "qa"),
        ("RELMAN_TYPE", "qa"),
        ("RELMAN_VERSION", "1.0.0"),
        ("RELMAN_TAG", "v1.0.0-rc.1"),
        ("RELMAN_CANDIDATE", "v1.0.0-rc.1"),
        ("RELMAN_COMMIT", &app),
        ("RELMAN_HELM_ARGS", "-f chart/values.yaml -f chart/values.qa.yaml"),
        ("RELMAN_TARGET_API_URL", "https://qa.example.com"),
    ] {
        assert_eq!(team.fact(name).as_deref(), Some(value), "{name}");
    }
    let repositories: Value = serde_json::from_str(&team.fact("RELMAN_REPOSITORIES").unwrap()).unwrap();
    assert_eq!((&repositories[0]["path"], &repositories[1]["path"]), (&".".into(), &"../foo-backend".into()));
    let target: Value = serde_json::from_str(&team.fact("RELMAN_TARGET").unwrap()).unwrap();
    assert_eq!(target["api-url"], "https://qa.example.com");

    let heads = format!("{app}\n{}", team.backend.git("rev-parse v1.0.0-rc.1^0"));
    assert_eq!(team.wrote("head").as_deref(), Some(heads.as_str()));
    assert_eq!(team.wrote("beside").as_deref(), Some("foo-app\nfoo-backend"));
    let place = team.wrote("pwd").unwrap();
    assert!(!std::path::Path::new(&place).exists(), "{place} was not removed");
    assert!(!place.starts_with(room.path("work").to_str().unwrap()), "{place} is a user's work tree");
    let kept = std::fs::read_dir(room.path("tmp")).unwrap().count();
    assert_eq!(kept, 1, "only the log stays");
}

#[test]
fn both_records_lie_in_the_note_and_status_reads_them() {
    let room = Room::new();
    let team = team(&room, &["run: 'true'"]);
    team.call("foo-release", "qa -y")
        .env("GITHUB_ACTOR", "grace")
        .env("GITHUB_SERVER_URL", "https://github.com")
        .env("GITHUB_REPOSITORY", "a/b")
        .env("GITHUB_RUN_ID", "7")
        .run()
        .ok()
        .says("Deployed 1.0.0 to qa, from the tag v1.0.0-rc.1.\n");
    let records = team.records("qa");
    assert_eq!(outcomes(&records), ["running", "succeeded"]);
    assert_eq!(records[0]["id"], records[1]["id"]);
    assert_eq!(records[0]["id"].as_str().unwrap().len(), 32);
    let end = &records[1];
    assert_eq!(end["release_commit"], team.release.git("rev-parse environment/qa"));
    assert_eq!(end["app_commit"], team.app.git("rev-parse main"));
    assert_eq!((&end["actor"], &end["url"]), (&"grace".into(), &"https://github.com/a/b/actions/runs/7".into()));
    assert_eq!(end["pipeline"]["path"], "app.yml");
    assert_eq!(end["values"][1]["path"], "chart/values.qa.yaml");
    assert!(end["at"].as_str().unwrap().ends_with('Z') && end["at"].as_str().unwrap().len() == 24);
    let subjects = team.release.git("log --format=%s refs/notes/relman/deployments");
    assert_eq!(subjects, "record: qa 1.0.0 succeeded\nrecord: qa 1.0.0 running");
    let status = room.relman("foo-release", "status --format json").ok().json();
    let qa = status["environments"].as_array().unwrap().iter().find(|one| one["name"] == "qa").unwrap();
    assert_eq!((&qa["deployment"]["outcome"], &qa["deployment"]["tag"]), (&"succeeded".into(), &"v1.0.0-rc.1".into()));
}

#[test]
fn prod_takes_the_candidate_and_finishes_it() {
    let room = Room::new();
    let team = team(&room, &[SHOW]);
    team.deploy("prod").refused(3, "no-candidate");
    assert!(team.app.git("tag").is_empty() && team.wrote("env").is_none() && team.records("prod").is_empty());
    team.deploy("qa").ok();
    let candidate = team.app.git("rev-parse v1.0.0-rc.1^0");
    team.app.commit("main", "later");
    team.release.environment_saying(
        "prod",
        "1.0.0",
        "type: prod; from: [qa]",
        "Promote\n\nVersion: 1.0.0\nCandidate: v1.0.0-rc.1\n",
    );
    let document = team.deploy("prod").ok().json();
    assert_eq!((&document["tag"], &document["candidate"]), (&"v1.0.0".into(), &"v1.0.0-rc.1".into()));
    assert_eq!(team.app.git("rev-parse v1.0.0^0"), candidate);
    assert_eq!(team.fact("RELMAN_TAG").as_deref(), Some("v1.0.0"));
    assert_eq!(team.fact("RELMAN_HELM_ARGS").as_deref(), Some("-f chart/values.yaml"));
    // Once more: the same tags, and a new record.
    team.deploy("prod").ok();
    assert_eq!(outcomes(&team.records("prod")), ["running", "succeeded", "running", "succeeded"]);
}

#[test]
fn work_in_progress_is_deployed_without_a_tag() {
    let room = Room::new();
    let team = team(&room, &[SHOW]);
    let document = team.deploy("dev").ok().json();
    assert_eq!((&document["tag"], &document["version"]), (&Value::Null, &"WIP".into()));
    assert!(team.app.git("tag").is_empty());
    assert_eq!(team.fact("RELMAN_TAG").as_deref(), Some(""));
    assert_eq!(outcomes(&team.records("dev")), ["running", "succeeded"]);
}

#[test]
fn a_failing_step_is_told_and_recorded_and_can_be_tried_again() {
    let room = Room::new();
    let team = team(&room, &["run: 'echo one; test -e \"$OUT/mended\" || { echo broken; exit 3; }'"]);
    let answer = team.call("foo-release", "qa -y").run().ends(7);
    assert!(
        answer.err.contains("the step work ended with status 3") && answer.err.contains("  broken"),
        "{}",
        answer.err
    );
    let log = answer.err.lines().find_map(|line| line.strip_prefix("The log is ")).unwrap();
    assert_eq!(std::fs::read_to_string(log).unwrap(), "== work ==\none\nbroken\n");
    let records = team.records("qa");
    assert_eq!(outcomes(&records), ["running", "failed"]);
    assert_eq!(records[1]["error"], "the step work ended with status 3");
    let document = team.deploy("qa").ends(7).json();
    assert_eq!((&document["result"], &document["tag"]), (&"failed".into(), &"v1.0.0-rc.1".into()));
    assert_eq!(document["reason"], "the step work ended with status 3");
    room.write("out/mended", "");
    team.deploy("qa").ok();
    assert_eq!(team.app.git("tag"), "v1.0.0-rc.1", "the same tag all along");
    assert_eq!(outcomes(&team.records("qa")), ["running", "failed", "running", "failed", "running", "succeeded"]);
}

#[test]
fn everything_but_an_environment_branch_is_nothing() {
    let room = Room::new();
    let team = team(&room, &["run: 'true'"]);
    let nothing = |call: Call<'_>, reason: &str| {
        let document = call.words("-y --format json").run().ok().json();
        assert_eq!((&document["result"], &document["reason"]), (&"nothing".into(), &reason.into()));
        assert_eq!((&document["record"], &document["tag"]), (&Value::Null, &Value::Null));
    };
    let clone = team.release.clone_as("ci", "");
    clone.git("checkout -q --detach origin/environment/qa");
    nothing(team.call("ci", "").env("GITHUB_REF", "refs/tags/v1.0.0"), "other-ref");
    nothing(team.call("ci", "").env("GITHUB_REF", "refs/heads/main"), "other-ref");
    nothing(team.call("ci", "").env("CI_COMMIT_TAG", "v1.0.0"), "other-ref");
    // No release repo is looked for.
    nothing(team.call("", "").env("GITHUB_REF", "refs/notes/relman/deployments"), "other-ref");
    for (name, value) in [
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("CI_MERGE_REQUEST_IID", "1"),
        ("BITBUCKET_PR_ID", "1"),
        ("CHANGE_ID", "1"),
        ("BUILD_REASON", "PullRequest"),
    ] {
        nothing(team.call("ci", "qa").env(name, value), "pull-request");
    }
    team.release.environment("new", "", "type: qa");
    nothing(team.call("ci", "new"), "no-version");
    // Deleted at the remote while the job waited.
    clone.git("fetch -q");
    clone.git("checkout -q -b environment/new origin/environment/new");
    team.release.git("branch -D environment/new");
    nothing(team.call("ci", ""), "deleted");
    team.call("ci", "new -y --format json").run().ok();
    team.call("foo-release", "gone -y --format json").run().refused(3, "no-environment");
    assert!(team.app.git("tag").is_empty() && team.records("qa").is_empty());
}

#[test]
fn a_commit_that_is_not_the_tip_is_superseded() {
    let room = Room::new();
    let team = team(&room, &["run: 'true'"]);
    let clone = team.release.clone_as("ci", "");
    clone.git("checkout -q environment/qa");
    team.release.environment("qa", "1.0.1", "type: qa");
    let document = team.call("ci", "-y --format json").run().ok().json();
    assert_eq!((&document["result"], &document["reason"]), (&"nothing".into(), &"superseded".into()));
    assert_eq!(document["environment"], "qa");
    // Named from elsewhere, it is the tip that counts.
    clone.git("checkout -q --detach origin/environment/dev");
    let document = team.call("ci", "qa -y --format json").run().ok().json();
    assert_eq!((&document["result"], &document["version"]), (&"deployed".into(), &"1.0.1".into()));
}

#[test]
fn every_ci_system_has_its_checkout() {
    let room = Room::new();
    let team = team(&room, &[SHOW]);
    let tip = team.release.git("rev-parse environment/qa");
    for (index, (name, value)) in [
        ("GITHUB_REF", "refs/heads/environment/qa"),
        ("CI_COMMIT_BRANCH", "environment/qa"),
        ("BITBUCKET_BRANCH", "environment/qa"),
        ("BRANCH_NAME", "environment/qa"),
        ("GIT_BRANCH", "origin/environment/qa"),
        ("BUILD_SOURCEBRANCH", "refs/heads/environment/qa"),
    ]
    .into_iter()
    .enumerate()
    {
        // Shallow, of a single branch, detached, and with no clone of anything else around.
        let folder = format!("job-{index}/checkout");
        let clone = team.release.clone_as(&folder, "--depth=1 --single-branch --branch=environment/qa");
        clone.git_args(["checkout", "-q", "--detach", &tip]);
        clone.git("update-ref -d refs/remotes/origin/environment/qa");
        clone.git("branch -D environment/qa");
        let document = team.call(&folder, "-y --format json").env(name, value).run().ok().json();
        assert_eq!((&document["result"], &document["tag"]), (&"deployed".into(), &"v1.0.0-rc.1".into()), "{name}");
    }
    assert_eq!(team.records("qa").len(), 12);
    let clone = team.release.clone_as("unclear", "");
    clone.git("checkout -q --detach origin/environment/qa");
    team.call("unclear", "-y --format json").run().refused(2, "environment-unknown");
    clone.git("checkout -q environment/qa");
    team.call("unclear", "-y --format json")
        .env("GITHUB_REF", "refs/heads/environment/prod")
        .run()
        .refused(2, "environment-unclear");
}

#[test]
fn a_shallow_checkout_of_prod_still_finds_what_was_approved() {
    let room = Room::new();
    let team = team(&room, &["run: 'true'"]);
    team.deploy("qa").ok();
    team.app.commit("main", "later");
    team.deploy("qa").ok();
    let entry = "type: prod; from: [qa]";
    team.release.environment_saying("prod", "1.0.0", entry, "Promote\n\nVersion: 1.0.0\nCandidate: v1.0.0-rc.1\n");
    for count in 0..3 {
        team.release.environment_saying("prod", "1.0.0", &format!("{entry}; count: {count}"), "Edit");
    }
    team.release.clone_as("job/checkout", "--depth=1 --branch=environment/prod");
    let document = team.call("job/checkout", "-y --format json").run().ok().json();
    assert_eq!(document["candidate"], "v1.0.0-rc.1");
}

#[test]
fn no_value_becomes_a_command() {
    let room = Room::new();
    let team = team(
        &room,
        &[
            SHOW,
            "run: 'printf %s \"$RELMAN_TARGET_EVIL\" > \"$OUT/evil\"; printf %s \"$RELMAN_VERSION\" > \"$OUT/version\"'",
        ],
    );
    let version = "1.0'$(touch${IFS}pwned)\"`id`;#";
    let text = format!(
        "application: foo-app\nversion: {}\nenvironments:\n- name: qa\n  type: qa\n  evil: {}\n",
        serde_json::json!(version),
        serde_json::json!("a 'b' \"c\" $(touch pwned) `touch pwned`\n-rf ; d")
    );
    team.release.release_file("qa", "Hostile $(touch pwned)", &text);
    let document = team.deploy("qa").ok().json();
    assert_eq!(document["tag"], format!("v{version}-rc.1"));
    assert_eq!(team.wrote("evil").as_deref(), Some("a 'b' \"c\" $(touch pwned) `touch pwned`\n-rf ; d"));
    assert_eq!(team.wrote("version").as_deref(), Some(version));
    assert_eq!(team.records("qa")[1]["version"], version);
    // What can't be handed over is refused before anything is tagged.
    team.release.release_file("qa", "NUL", &release_file("qa", "2.0.0", "type: qa; evil: \"a\\0b\""));
    team.deploy("qa").ends(2);
    assert!(team.app.git("tag -l v2*").is_empty());
}

#[test]
fn steps_never_see_the_tokens_of_relman() {
    let room = Room::new();
    let team = team(&room, &[SHOW]);
    let mut call = team.call("foo-release", "qa -y -vv").env("DEPLOY_KEY", "theirs");
    for name in ["RELMAN_TOKEN", "RELMAN_TOKEN_GITHUB", "RELMAN_JIRA_TOKEN", "RELMAN_JIRA_TOKEN_X"] {
        call = call.env(name, "hush-hush");
    }
    let answer = call.run().ok();
    assert!(!team.wrote("env").unwrap().contains("hush-hush"));
    assert!(!answer.err.contains("hush-hush"));
    assert_eq!(team.fact("DEPLOY_KEY").as_deref(), Some("theirs"));
    assert!(!team.records("qa").iter().any(|record| record.to_string().contains("hush-hush")));
}

#[test]
fn what_takes_too_long_is_stopped() {
    let room = Room::new();
    let team = team(&room, &["timeout: 1s, run: 'sleep 60 & echo $! > \"$OUT/child\"; sleep 60'"]);
    let begun = std::time::Instant::now();
    team.call("foo-release", "qa -y").run().ends(7).talks("the step work took longer than 1s");
    assert!(begun.elapsed().as_secs() < 30);
    assert!(!is_alive(&team.wrote("child").unwrap()));
    assert_eq!(outcomes(&team.records("qa")), ["running", "failed"]);
}

/// Whether a process still runs; one that has ended and that nobody has asked about does not.
pub fn is_alive(pid: &str) -> bool {
    match std::fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => !stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('Z')),
        Err(_) => {
            let pid = rustix::process::Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
            rustix::process::test_kill_process(pid).is_ok()
        }
    }
}

#[test]
fn the_facts_of_a_tag_do_not_depend_on_which_run_made_it() {
    let room = Room::new();
    let team = team(&room, &["run: 'echo $RELMAN_REPOSITORIES >> \"$OUT/told\"'"]);
    for environment in ["qa", "qa", "prod", "prod"] {
        team.deploy(environment).ok();
    }
    let told = team.wrote("told").unwrap();
    let told: Vec<&str> = told.lines().collect();
    assert!(
        told[0] == told[1] && told[0].contains("refs/tags/v1.0.0-rc.1") && !told[0].contains("refs/heads"),
        "{told:?}"
    );
    assert!(told[2] == told[3] && told[2].contains("refs/tags/v1.0.0\""), "{told:?}");
    for (environment, tag) in [("qa", "refs/tags/v1.0.0-rc.1"), ("prod", "refs/tags/v1.0.0")] {
        for record in team.records(environment) {
            for repository in record["repositories"].as_array().unwrap() {
                assert_eq!(repository["ref"], tag, "{record}");
            }
        }
    }
}

#[test]
fn steps_are_for_types_of_environments() {
    let room = Room::new();
    let team = team(&room, &["when: [prod], run: 'touch \"$OUT/prod\"'", "when: [dev, qa], run: 'touch \"$OUT/qa\"'"]);
    team.call("foo-release", "qa -y").run().ok().talks("left out: it is for prod only");
    assert!(team.wrote("prod").is_none() && team.wrote("qa").is_some());
}

#[test]
fn jobs_that_record_at_once_lose_nothing() {
    let room = Room::new();
    let team = team(&room, &["run: 'true'"]);
    let environments = ["dev", "qa", "dev-2", "dev-3", "dev-4", "dev-5"];
    for name in &environments[2..] {
        team.release.environment(name, "WIP", "type: dev");
    }
    // A note that is there already stays.
    let note = "{\"schema\":\"somebody.else/1\"}";
    team.release.git_args(["notes", "--ref=relman/deployments", "add", "-m", note, "environment/qa"]);
    let commands: Vec<_> = environments
        .iter()
        .chain(["dev", "dev"].iter())
        .enumerate()
        .map(|(index, name)| {
            for (server, own) in
                [(&team.release, "foo-release"), (&team.app, "foo-app"), (&team.backend, "foo-backend")]
            {
                server.clone_as(&format!("job-{index}/{own}"), "");
            }
            team.call(&format!("job-{index}/foo-release"), &format!("{name} -y")).into_command()
        })
        .collect();
    std::thread::scope(|scope| {
        for mut command in commands {
            scope.spawn(move || {
                let output = command.output().unwrap();
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            });
        }
    });
    for name in environments {
        let records = team.records(name);
        let own = records.iter().filter(|record| record["environment"] == name).count();
        assert_eq!(own, if name == "dev" { 6 } else { 2 }, "{name}: {records:?}");
    }
    assert!(team.records("qa").iter().any(|record| record["schema"] == "somebody.else/1"));
}

#[test]
fn notes_stay_where_git_has_spread_them() {
    let room = Room::new();
    let team = team(&room, &["run: 'true'"]);
    // A folder for each of the first two digits, as Git makes it for many notes.
    let tip = team.release.git("rev-parse environment/qa");
    let blob = team.release.git_fed(["hash-object", "-w", "--stdin"], b"{\"schema\":\"x\"}\n");
    let inner = team.release.git_fed(["mktree"], format!("100644 blob {blob}\t{}\n", &tip[2..]).as_bytes());
    let tree = team.release.git_fed(["mktree"], format!("040000 tree {inner}\t{}\n", &tip[..2]).as_bytes());
    let commit = team.release.git_args(["commit-tree", "-m", "notes", &tree]);
    team.release.git_args(["update-ref", "refs/notes/relman/deployments", &commit]);
    team.deploy("qa").ok();
    team.deploy("dev").ok();
    assert_eq!(team.records("qa").len(), 3);
    assert_eq!(outcomes(&team.records("dev")), ["running", "succeeded"]);
    let paths = team.release.git("ls-tree -r --name-only refs/notes/relman/deployments");
    assert!(paths.lines().all(|path| path.as_bytes()[2] == b'/'), "{paths}");
}

#[test]
fn where_nothing_can_be_recorded_a_final_environment_runs_nothing() {
    let room = Room::new();
    let team = team(&room, &[SHOW]);
    team.deploy("qa").ok();
    std::fs::remove_file(room.path("out/env")).unwrap();
    hook(&team.release, "update", "case $1 in refs/notes/*) echo 'no notes here' >&2; exit 1;; esac");
    team.call("foo-release", "prod -y").run().ends(4).talks("no notes here");
    assert!(team.wrote("env").is_none() && team.records("prod").is_empty());
    // Elsewhere that is a warning, and the line is told.
    let answer = team.call("foo-release", "dev -y").run().ok();
    assert!(answer.err.contains("can't be recorded"), "{}", answer.err);
    let line = answer.err.lines().find(|line| line.starts_with("{\"at\":")).unwrap();
    let record: Value = serde_json::from_str(line).unwrap();
    assert_eq!((&record["environment"], &record["outcome"]), (&"dev".into(), &"succeeded".into()));
}

#[test]
fn a_release_repo_that_goes_away_meanwhile_does_not_change_the_outcome() {
    let room = Room::new();
    let team = team(&room, &["run: 'mv \"$REMOTES/foo-release.git\" \"$REMOTES/gone.git\"'"]);
    let remotes = room.path("remotes");
    let answer = team.call("foo-release", "qa -y").env("REMOTES", &remotes).run().ok();
    assert!(answer.err.lines().any(|line| line.starts_with("{\"at\":") && line.contains("\"succeeded\"")));
    std::fs::rename(room.path("remotes/gone.git"), room.path("remotes/foo-release.git")).unwrap();
    assert_eq!(outcomes(&team.records("qa")), ["running"]);
}

#[test]
fn nothing_is_tagged_where_something_is_wrong() {
    let room = Room::new();
    let team = team(&room, &["run: 'true'"]);
    std::fs::rename(room.path("remotes/foo-backend.git"), room.path("remotes/gone.git")).unwrap();
    team.deploy("qa").ends(6);
    std::fs::rename(room.path("remotes/gone.git"), room.path("remotes/foo-backend.git")).unwrap();
    team.app.commit_files("main", "GitLab", &[("app.yml", "pipeline: {engine: gitlab}\n")]);
    team.deploy("qa").refused(2, "usage");
    team.app.commit_files("main", "No pipeline", &[("app.yml", "repositories: []\n")]);
    team.deploy("qa").ends(2);
    app_file(&team.app, &["run: 'true'"]);
    team.call("foo-release", "qa").run().ends(2).talks("--yes");
    team.call("foo-release", "qa -y --offline").run().ends(2).talks("offline");
    team.deploy("qa --version 2.0.0").refused(5, "declared-otherwise");
    assert!(team.app.git("tag").is_empty() && team.records("qa").is_empty());
}

#[test]
fn a_dry_run_shows_everything_and_changes_nothing() {
    let room = Room::new();
    let team = team(&room, &[SHOW]);
    let refs = || [&team.release, &team.app, &team.backend].map(|server| server.git("for-each-ref"));
    let before = refs();
    let answer = team.call("foo-release", "qa -n").run().ok();
    for part in [
        "makes the tag v1.0.0-rc.1",
        "chart/values.qa.yaml",
        "engine    shell",
        "steps     work",
        "In this order:\n  tag foo-backend with v1.0.0-rc.1, at ",
    ] {
        assert!(answer.out.contains(part), "{part} is not in {}", answer.out);
    }
    let document = team.call("foo-release", "qa -n --format json").run().ok().json();
    assert_eq!((&document["result"], &document["record"]), (&"planned".into(), &Value::Null));
    assert_eq!(document["values"].as_array().unwrap().len(), 2);
    assert!(refs() == before && team.wrote("env").is_none());
}

#[test]
fn the_document_has_the_fields_of_resolve_and_more() {
    let room = Room::new();
    let team = team(&room, &["run: 'true'"]);
    let resolved = room.relman("foo-release", "resolve qa --format json").ok().json();
    let keys = |document: &Value| document.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let wanted: Vec<String> = ["schema", "result", "reason"]
        .into_iter()
        .map(str::to_owned)
        .chain(keys(&resolved).into_iter().filter(|key| key != "schema" && key != "warnings"))
        .chain(["engine", "url", "log", "record", "plan", "warnings"].map(str::to_owned))
        .collect();
    assert_eq!(keys(&team.deploy("qa").ok().json()), wanted);
    let nothing = team.call("foo-release", "-y --format json").env("CHANGE_ID", "1").run().ok().json();
    assert_eq!(keys(&nothing), wanted);
}

#[test]
fn an_environment_without_a_version_is_driven_from_outside() {
    let room = Room::new();
    let team = team(&room, &[SHOW]);
    let text = "application: foo-app\nenvironments:\n- name: qa\n  type: qa\n";
    team.release.release_file("qa", "Driven from outside", text);
    team.deploy("qa").ends(2);
    team.deploy("qa --version 3.1").ok();
    team.deploy("qa --version 3.2").ok();
    assert_eq!(team.fact("RELMAN_VERSION").as_deref(), Some("3.2"));
    let versions: Vec<_> = team.records("qa").iter().map(|record| record["version"].clone()).collect();
    assert_eq!(versions, ["3.1", "3.1", "3.2", "3.2"]);
}

#[test]
fn a_release_repo_without_a_remote_keeps_its_own_records() {
    let room = Room::new();
    let team = team(&room, &["run: 'true'"]);
    // As in a hook of the server: bare, and the other repositories beside it.
    let server = &team.release;
    let answer = team.call("../remotes/foo-release.git", "qa -y").env("GIT_DIR", ".").run().ok();
    assert!(answer.out.starts_with("Deployed 1.0.0 to qa"), "{}", answer.out);
    assert_eq!(outcomes(&records_of(server, "environment/qa")), ["running", "succeeded"]);
    assert!(!team.app.git("tag -l v1.0.0-rc.1").is_empty());
}

#[test]
fn somebody_signs_where_git_knows_nobody() {
    let room = Room::new();
    let team = team(&room, &["run: 'true'"]);
    room.write("home/gitconfig", "[user]\n\tuseConfigOnly = true\n[protocol \"file\"]\n\tallow = always\n");
    let answer = team.call("foo-release", "dev -y").run().ok();
    assert!(answer.err.contains("relman <relman@localhost>"), "{}", answer.err);
    assert_eq!(team.release.git("log -1 --format=%an/%ae refs/notes/relman/deployments"), "relman/relman@localhost");
    let call = team.call("foo-release", "qa -y").env("GITLAB_USER_NAME", "Grace Hopper");
    call.env("GITLAB_USER_EMAIL", "grace@example.com").run().ok();
    assert_eq!(
        team.app.git("tag -l --format=%(taggername)%(taggeremail) v1.0.0-rc.1"),
        "Grace Hopper<grace@example.com>"
    );
}

#[test]
fn a_partial_clone_brings_in_what_is_missing() {
    let room = Room::new();
    let team = team(&room, &["run: 'cat chart/values.yaml > \"$OUT/values\"'"]);
    for server in [&team.app, &team.backend] {
        server.git("config uploadpack.allowFilter true");
        server.git("config uploadpack.allowAnySHA1InWant true");
    }
    // No clones around: relman makes its own.
    team.release.clone_as("alone/foo-release", "");
    team.call("alone/foo-release", "qa -y").run().ok();
    assert_eq!(team.wrote("values").as_deref(), Some("a: 1"));
}

#[test]
fn a_merge_of_qa_brings_the_candidate_that_qa_has_run() {
    let room = Room::new();
    let team = team(&room, &["run: 'true'"]);
    team.deploy("qa").ok();
    let entry = "type: prod; from: [qa]";
    team.release.merge_environment("qa", "prod", "1.0.0", entry, "Merge pull request #7");
    team.app.commit("main", "later");
    team.release.environment("qa", "1.0.0", "type: qa; again: 1");
    assert_eq!(team.deploy("qa").ok().json()["tag"], "v1.0.0-rc.2");
    assert_eq!(
        team.deploy("prod").ok().json()["candidate"],
        "v1.0.0-rc.1",
        "what was merged, not what was built after"
    );
}

#[test]
fn staging_takes_a_candidate_and_makes_nothing() {
    let room = Room::new();
    let team = team(&room, &[SHOW]);
    team.release.environment("stage", "1.0.0", "type: staging; from: [qa]");
    team.deploy("stage").refused(3, "no-candidate");
    team.deploy("qa").ok();
    let before = team.app.git("for-each-ref");
    assert_eq!(team.deploy("stage").ok().json()["tag"], "v1.0.0-rc.1");
    assert_eq!(team.app.git("for-each-ref"), before);
    // A ref: makes nothing either, and its commit is what is checked out.
    team.release.environment("dev", "ref:main", "type: dev");
    let head = team.app.commit("main", "later");
    assert_eq!(team.deploy("dev").ok().json()["commit"], head);
    assert_eq!(team.fact("RELMAN_VERSION").as_deref(), Some("ref:main"));
    assert_eq!(team.records("dev")[1]["version"], "ref:main");
}

#[test]
fn a_candidate_that_failed_does_not_reach_prod_unnamed() {
    let room = Room::new();
    let team = team(&room, &["run: 'test $RELMAN_ENVIRONMENT != qa'"]);
    team.deploy("qa").ends(7);
    team.deploy("prod").refused(5, "candidate-not-good");
    assert!(team.app.git("tag -l v1.0.0").is_empty() && team.records("prod").is_empty());
}

#[test]
fn what_steps_print_can_not_drive_the_terminal_and_a_failure_can_be_looked_at() {
    let room = Room::new();
    let team = team(&room, &["run: 'printf \"\\033[31mred\\n\"; exit 1'"]);
    let answer = team.call("foo-release", "dev -y -v").run().ends(7);
    assert!(answer.err.contains("work | [31mred") && !answer.err.contains('\u{1b}'), "{:?}", answer.err);
    let kept = answer.err.lines().find_map(|line| line.strip_prefix("what was checked out stays in ")).unwrap();
    assert!(std::path::Path::new(kept).join("foo-app/app.yml").is_file());
}

#[test]
fn a_pull_request_is_nothing_even_where_git_trusts_nobody() {
    let room = Room::new();
    let team = team(&room, &["run: 'true'"]);
    let broken = room.path("work/broken/.git");
    std::fs::create_dir_all(&broken).unwrap();
    for (name, text) in [("HEAD", "ref: refs/heads/main\n"), ("config", "[core\n")] {
        std::fs::write(broken.join(name), text).unwrap();
    }
    for folder in ["objects", "refs"] {
        std::fs::create_dir(broken.join(folder)).unwrap();
    }
    let document = team.call("broken", "-y --format json").env("CHANGE_ID", "7").run().ok().json();
    assert_eq!(document["reason"], "pull-request");
    assert_ne!(team.call("broken", "qa -y").run().status, 0);
}

#[test]
fn a_record_carries_the_change_request_and_the_prefix_that_a_server_wants() {
    let room = Room::new();
    let team = team(&room, &["run: 'true'"]);
    let text = format!("{}commit_prefix: 'OPS-1: '\n", release_file("dev", "WIP", "type: dev"));
    team.release.release_file("dev", "Set dev\n\nChange-Request: CHG0042\n", &text);
    assert_eq!(team.deploy("dev").ok().json()["record"]["change_request"], "CHG0042");
    assert_eq!(
        team.release.git("log -1 --format=%s refs/notes/relman/deployments"),
        "OPS-1: record: dev WIP succeeded"
    );
}

#[test]
fn a_release_older_than_relman_is_deployed_on_somebodys_word() {
    let room = Room::new();
    let team = team(&room, &[SHOW]);
    // Made by hand, long before relman: no candidate, no message of relman's.
    for server in [&team.app, &team.backend] {
        server.tag("v0.9.0", "main");
        server.commit("main", "later");
    }
    let set = |line: &str| room.relman("foo-release", &format!("set prod 0.9.0 -y --direct-push {line}"));
    set("--allow-downgrade").ends(3);
    set("--allow-downgrade --unproven ran-since-2019").ok();
    team.call("foo-release", "prod -n").run().ok().talks("ran-since-2019");
    let document = team.deploy("prod").ok().json();
    assert_eq!((&document["tag"], &document["candidate"]), (&"v0.9.0".into(), &Value::Null));
    assert_eq!(document["warnings"][0]["code"], "unproven");
    for record in team.records("prod") {
        assert_eq!((&record["tag"], &record["unproven"]), (&"v0.9.0".into(), &"ran-since-2019".into()));
    }
    let heads = [&team.app, &team.backend].map(|server| server.git("rev-parse v0.9.0^0"));
    assert_eq!(team.wrote("head").as_deref(), Some(heads.join("\n").as_str()));
    assert_eq!(team.app.git("tag"), "v0.9.0", "nothing was made for it");
    // The word given for one version holds for no other.
    team.release.environment("prod", "0.8.0", "type: prod; from: [qa]");
    team.app.tag("v0.8.0", "main");
    team.deploy("prod").refused(5, "final-not-on-candidate");
    // What needs no trust is not recorded as trusted.
    team.deploy("qa").ok();
    assert_eq!(team.records("qa")[0]["unproven"], Value::Null);
}

#[test]
fn a_candidate_whose_run_was_left_behind_counts_as_interrupted() {
    let room = Room::new();
    let team = team(&room, &["run: 'true'"]);
    team.deploy("qa").ok();
    let tip = team.release.git("rev-parse environment/qa");
    let at = |minute: u32| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let then = jiff::Timestamp::from_second(i64::try_from(now).unwrap() + i64::from(minute) * 60).unwrap();
        then.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
    };
    // A newer start, whose end is not known: nobody can tell yet.
    team.release.record(&tip, "qa", "running", "1.0.0", "v1.0.0-rc.1", &at(1));
    team.deploy("prod").refused(5, "candidate-not-good");
    // A start after that one, of another candidate: the first was left behind.
    team.release.record(&tip, "qa", "running", "1.0.0", "v1.0.0-rc.0", &at(2));
    team.deploy("prod").ok();
}

#[test]
fn what_is_done_is_what_was_planned() {
    let room = Room::new();
    let team = team(&room, &[SHOW]);
    let planned = team.call("foo-release", "qa -n --format json").run().ok().json();
    let shown = team.call("foo-release", "qa -n").run().ok().out;
    let notes = || team.release.git("for-each-ref refs/notes");
    assert!(notes().is_empty() && team.app.git("tag").is_empty() && team.backend.git("tag").is_empty());
    let done = team.deploy("qa").ok().json();
    assert_eq!(done["plan"], planned["plan"]);
    let steps = planned["plan"].as_array().unwrap();
    let kinds: Vec<&str> = steps.iter().map(|step| step["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["push-tag", "push-tag", "check-out", "check-out", "record", "run", "record"]);
    for step in steps {
        assert!(shown.contains(step["summary"].as_str().unwrap()), "{step} is not in {shown}");
    }
    // And nothing else has happened.
    assert_eq!((team.app.git("tag"), team.backend.git("tag")), ("v1.0.0-rc.1".into(), "v1.0.0-rc.1".into()));
    assert_eq!(team.records("qa").len(), 2);
    assert_eq!(notes().lines().count(), 1);
    // With nothing left to tag, none is planned.
    let again = team.call("foo-release", "qa -n --format json").run().ok().json();
    assert_eq!(again["plan"].as_array().unwrap().len(), 5);
}
