//! The engine `tekton`, played with a `kubectl` that answers what a cluster has answered.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::sandbox::{Answer, Call, Repo, Room, assert_whole, signal, skip};
use crate::schema::misfits;

/// Notes every call and what it was fed. Answers come from files, `<what>.1`, `<what>.2` and so on, the last one again;
/// a call fails with what stands in `<what>.fails`. Once the run was patched, `run.patched` is how it stands.
const KUBECTL: &str = r#"#!/bin/sh
printf '%s\n' "$*" >> "$KUBE/calls"
env > "$KUBE/env"
case "$*" in
  *--dry-run=server*) what=try ;;
  "get pipelineruns.tekton.dev/"*) what=run ;;
  "get taskruns.tekton.dev "*) what=tasks ;;
  "get "*) what=found ;;
  "logs "*) for word; do case "$word" in --container=*) what=log-${word#*=} ;; esac; done ;;
  *) what=$1 ;;
esac
case $what in try|create) cat > "$KUBE/$what.in" ;; esac
if [ -e "$KUBE/$what.fails" ]; then cat "$KUBE/$what.fails" >&2; exit 1; fi
if [ $what = patch ]; then touch "$KUBE/patched"; fi
if [ $what = run ] && [ -e "$KUBE/patched" ] && [ -e "$KUBE/run.patched" ]; then cat "$KUBE/run.patched"; exit; fi
number=$(cat "$KUBE/$what.number" 2> "$KUBE/null" || echo 0)
number=$((number + 1))
echo $number > "$KUBE/$what.number"
while [ $number -gt 0 ] && [ ! -e "$KUBE/$what.$number" ]; do number=$((number - 1)); done
if [ $number -gt 0 ]; then cat "$KUBE/$what.$number"; fi
"#;

/// A release whose app repo has a Tekton pipeline, and a cluster.
struct Cluster<'r> {
    room: &'r Room,
    release: Repo<'r>,
    app: Repo<'r>,
}

const PIPELINE: &str = "engine: tekton, path: tekton/deploy.yaml, url: 'https://git.example.com/team/foo-app.git'";

fn cluster<'r>(room: &'r Room, pipeline: &str) -> Cluster<'r> {
    let app = room.server("foo-app");
    app.commit_files("main", "A pipeline", &[("app.yml", &format!("pipeline: {{{pipeline}}}\n"))]);
    let release = room.server("foo-release");
    release.environment("qa", "1.0.0", "type: qa; kube-context: east; pipeline-namespace: ci-qa");
    for (server, name) in [(&release, "foo-release"), (&app, "foo-app")] {
        server.clone_as(name, "");
    }
    let program = room.write("bin/kubectl", KUBECTL);
    std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let cluster = Cluster { room, release, app };
    cluster.answers("create.1", &json!({"metadata": {"name": "foo-app-qa-x7k2p", "namespace": "ci-qa"}}));
    cluster
}

/// A PipelineRun as Tekton shows it.
fn run(status: &str, reason: &str, message: &str) -> Value {
    json!({
        "apiVersion": "tekton.dev/v1",
        "kind": "PipelineRun",
        "metadata": {"name": "foo-app-qa-x7k2p", "namespace": "ci-qa"},
        "status": {
            "startTime": "2026-11-22T09:30:04Z",
            "conditions": [{
                "type": "Succeeded", "status": status, "reason": reason, "message": message,
                "lastTransitionTime": "2026-11-22T09:30:05Z",
            }],
            "childReferences": [{
                "apiVersion": "tekton.dev/v1", "kind": "TaskRun", "name": "foo-app-qa-x7k2p-deploy",
                "pipelineTaskName": "deploy",
            }],
        },
    })
}

/// The list of a run's only TaskRun, with one step.
fn tasks(status: &str, reason: &str, step: Value) -> Value {
    let mut step = step;
    step["name"] = "helm".into();
    step["container"] = "step-helm".into();
    json!({"apiVersion": "v1", "kind": "List", "items": [{
        "apiVersion": "tekton.dev/v1",
        "kind": "TaskRun",
        "metadata": {
            "name": "foo-app-qa-x7k2p-deploy",
            "creationTimestamp": "2026-11-22T09:30:04Z",
            "labels": {"tekton.dev/pipelineRun": "foo-app-qa-x7k2p", "tekton.dev/pipelineTask": "deploy"},
        },
        "status": {
            "podName": "foo-app-qa-x7k2p-deploy-pod",
            "conditions": [{"type": "Succeeded", "status": status, "reason": reason, "message": "a message"}],
            "steps": [step],
        },
    }]})
}

impl<'r> Cluster<'r> {
    fn kube(&self, name: &str) -> PathBuf {
        self.room.path("kube").join(name)
    }

    fn answers(&self, name: &str, answer: &Value) {
        self.room.write(&format!("kube/{name}"), answer.to_string());
    }

    fn fails(&self, what: &str, said: &str) {
        self.room.write(&format!("kube/{what}.fails"), said);
    }

    /// What a call was fed, or what was noted.
    fn noted(&self, name: &str) -> String {
        std::fs::read_to_string(self.kube(name)).unwrap_or_default()
    }

    fn call(&self, line: &str) -> Call<'r> {
        let path = std::env::join_paths(
            std::iter::once(self.room.path("bin"))
                .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
        );
        self.room
            .call("foo-release")
            .words("deploy")
            .words(line)
            .env("PATH", path.unwrap())
            .env("KUBE", self.room.path("kube"))
            .env("TMPDIR", self.room.path("tmp"))
    }

    fn deploy(&self) -> Answer {
        self.call("qa -y").run()
    }

    fn records(&self) -> Vec<Value> {
        if self.release.git("for-each-ref refs/notes").is_empty() {
            return Vec::new();
        }
        let listed = self.release.git("log -1 --notes=relman/deployments --format=%N environment/qa");
        listed.lines().filter(|line| !line.trim().is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn outcomes(&self) -> Vec<String> {
        self.records().iter().map(|record| record["outcome"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn a_run_is_made_and_followed_to_its_good_end() {
    let room = Room::new();
    let cluster = cluster(&room, PIPELINE);
    cluster.release.environment(
        "qa",
        "1.0.0",
        "type: qa; kube-context: east; pipeline-namespace: ci-qa; tekton-dashboard: https://tekton.example.com/",
    );
    cluster.answers("run.1", &run("Unknown", "Running", "Tasks Completed: 0"));
    cluster.answers("tasks.1", &tasks("Unknown", "Running", json!({"running": {"startedAt": "2026-11-22T09:30:09Z"}})));
    cluster.answers("run.2", &run("True", "Succeeded", "Tasks Completed: 1"));
    cluster.answers("tasks.2", &tasks("True", "Succeeded", json!({"terminated": {"exitCode": 0}})));
    room.write("kube/log-step-helm.1", "Release \"foo\" has been upgraded.\n\u{1b}[31mHappy Helming!\n");
    let answer = cluster.call("qa -y --format json").env("RELMAN_TOKEN", "hush-hush").run().ok();
    let document = answer.json();
    let url = "https://tekton.example.com/#/namespaces/ci-qa/pipelineruns/foo-app-qa-x7k2p";
    assert_eq!(
        (&document["result"], &document["engine"], &document["url"]),
        (&"deployed".into(), &"tekton".into(), &url.into())
    );
    for line in [
        "tekton | made the PipelineRun ci-qa/foo-app-qa-x7k2p",
        "tekton | the run: Running",
        "tekton | deploy: Running",
        "deploy/helm | Release \"foo\" has been upgraded.",
        "deploy/helm | [31mHappy Helming!",
        "tekton | deploy: Succeeded",
        "tekton | the run: Succeeded",
    ] {
        assert!(answer.err.lines().any(|said| said == line), "{line}:\n{}", answer.err);
    }
    let log = std::fs::read_to_string(document["log"].as_str().unwrap()).unwrap();
    assert!(log.contains("deploy/helm | Release \"foo\" has been upgraded.\n"), "{log}");
    let made: Value = serde_json::from_str(&cluster.noted("create.in")).unwrap();
    let records = cluster.records();
    assert_eq!(cluster.outcomes(), ["running", "succeeded"]);
    assert_eq!((&records[0]["url"], &records[1]["url"]), (&Value::Null, &url.into()));
    assert_eq!(made["metadata"]["labels"]["relman/deployment"], records[1]["id"]);
    assert_eq!(made["spec"]["pipelineRef"]["params"][1]["value"], cluster.app.git("rev-parse v1.0.0-rc.1^0"));
    // Each call says which cluster and which namespace, and none is handed a secret of relman's.
    let calls = cluster.noted("calls");
    assert!(calls.lines().all(|call| call.contains("--context=east --namespace=ci-qa")), "{calls}");
    assert!(calls.starts_with("create --dry-run=server "), "{calls}");
    assert!(!cluster.noted("env").contains("hush-hush"));
}

#[test]
fn a_task_that_fails_is_named_with_its_last_lines() {
    let room = Room::new();
    let cluster = cluster(&room, PIPELINE);
    cluster.answers("run.1", &run("False", "Failed", "Tasks Completed: 1 (Failed: 1, Cancelled 0), Skipped: 2"));
    cluster.answers("tasks.1", &tasks("False", "Failed", json!({"terminated": {"exitCode": 3, "reason": "Error"}})));
    room.write("kube/log-step-helm.1", "upgrading\nError: UPGRADE FAILED\n");
    let why =
        "the task deploy of the PipelineRun ci-qa/foo-app-qa-x7k2p failed in the step helm, which ended with status 3";
    cluster.deploy().ends(7).talks(why).talks("  Error: UPGRADE FAILED");
    let records = cluster.records();
    assert_eq!((&records[1]["outcome"], &records[1]["error"]), (&"failed".into(), &why.into()));
    // The next run takes the same tags.
    room.write("kube/run.number", "0");
    cluster.answers("run.1", &run("True", "Completed", ""));
    cluster.deploy().ok().says("Deployed 1.0.0 to qa, from the tag v1.0.0-rc.1.\n");
}

#[test]
fn a_run_that_tekton_does_not_take_is_told_in_its_words() {
    let room = Room::new();
    let cluster = cluster(&room, PIPELINE);
    cluster.answers("run.1", &run("False", "CouldntGetPipeline", "error getting \"Git\" \"\": revision not found"));
    cluster.answers("tasks.1", &json!({"items": []}));
    cluster.deploy().ends(7).talks("failed (CouldntGetPipeline): error getting \"Git\" \"\": revision not found");
}

#[test]
fn what_never_ends_is_cancelled_when_its_time_is_over() {
    let room = Room::new();
    let cluster = cluster(&room, &format!("{PIPELINE}, timeout: 1s"));
    cluster.answers("run.1", &run("Unknown", "Running", ""));
    cluster.answers("run.patched", &run("False", "Cancelled", "PipelineRun was cancelled"));
    cluster.answers("tasks.1", &tasks("Unknown", "Running", json!({"running": {}})));
    cluster.deploy().ends(7).talks("took longer than 1s and was cancelled");
    let patch = r#"--type=merge --patch={"spec":{"status":"CancelledRunFinally"}}"#;
    assert!(cluster.noted("calls").contains(&format!("patch pipelineruns.tekton.dev/foo-app-qa-x7k2p {patch}")));
    let made: Value = serde_json::from_str(&cluster.noted("create.in")).unwrap();
    assert_eq!(made["spec"]["timeouts"]["pipeline"], "1s");
    assert_eq!(cluster.outcomes(), ["running", "failed"]);
}

#[test]
fn an_interrupted_deployment_cancels_its_run() {
    let room = Room::new();
    let cluster = cluster(&room, PIPELINE);
    cluster.answers("run.1", &run("Unknown", "Running", ""));
    cluster.answers("tasks.1", &tasks("Unknown", "Running", json!({"running": {}})));
    let mut command = cluster.call("qa -y").into_command();
    let mut child = command.stderr(std::process::Stdio::piped()).stdout(std::process::Stdio::null()).spawn().unwrap();
    for _ in 0..600 {
        if cluster.kube("run.number").exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    signal(&child, rustix::process::Signal::TERM);
    let mut said = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
    assert!(said.contains("was interrupted and was cancelled"), "{said}");
    assert!(cluster.noted("calls").contains("CancelledRunFinally"));
    assert_eq!(cluster.outcomes(), ["running", "interrupted"]);
}

#[test]
fn a_cluster_that_would_not_take_the_run_is_asked_before_anything_is_tagged() {
    for (said, status, code) in [
        (
            "Error from server (Forbidden): error when creating \"STDIN\": pipelineruns.tekton.dev is forbidden: User \"ci\" cannot create resource",
            4,
            "engine-unauthorised",
        ),
        ("Unable to connect to the server: dial tcp: lookup k8s.example.com: no such host", 6, "engine-unreachable"),
        ("error: no matches for kind \"PipelineRun\" in version \"tekton.dev/v1\"", 3, "engine-not-found"),
        ("error: context \"east\" does not exist", 2, "engine-unusable"),
        (
            "Error from server (BadRequest): admission webhook \"validation.webhook.pipeline.tekton.dev\" denied the request: expected exactly one, got neither",
            5,
            "engine-refused",
        ),
    ] {
        let room = Room::new();
        let cluster = cluster(&room, PIPELINE);
        cluster.fails("try", said);
        let answer = cluster.call("qa -y --format json").run().refused(status, code);
        assert!(answer.err.contains(&said.replace('"', "\\\"")), "{}", answer.err);
        assert!(
            cluster.app.git("tag").is_empty() && cluster.records().is_empty() && !cluster.kube("create.in").exists()
        );
    }
}

#[test]
fn what_goes_wrong_after_the_start_is_recorded() {
    let room = Room::new();
    let cluster = cluster(&room, PIPELINE);
    cluster.fails("create", "Error from server (Forbidden): pipelineruns.tekton.dev is forbidden: quota exceeded");
    cluster.call("qa -y --format json").run().refused(4, "engine-unauthorised");
    assert_eq!(cluster.outcomes(), ["running", "failed"]);
    assert!(cluster.records()[1]["error"].as_str().unwrap().contains("quota exceeded"));
}

#[test]
fn a_run_whose_answer_is_lost_is_found_again_and_not_made_twice() {
    let room = Room::new();
    let cluster = cluster(&room, PIPELINE);
    cluster.fails(
        "create",
        "Error from server (Timeout): the server was unable to return a response in time: request timed out",
    );
    cluster.answers("found.1", &json!({"items": [run("Unknown", "Started", "")]}));
    cluster.answers("run.1", &run("True", "Succeeded", ""));
    cluster.deploy().ok();
    let calls = cluster.noted("calls");
    assert_eq!(calls.lines().filter(|call| call.starts_with("create --filename")).count(), 1, "{calls}");
    let id = cluster.records()[0]["id"].as_str().unwrap().to_owned();
    assert!(calls.contains(&format!("get pipelineruns.tekton.dev --selector=relman/deployment={id}")), "{calls}");
}

#[test]
fn a_run_that_was_deleted_has_failed_and_one_without_rights_to_its_tasks_is_followed() {
    let room = Room::new();
    let cluster = cluster(&room, PIPELINE);
    cluster.fails("tasks", "Error from server (Forbidden): taskruns.tekton.dev is forbidden");
    cluster.answers("run.1", &run("Unknown", "Running", ""));
    room.write("kube/run.2", "");
    cluster.deploy().ends(7).talks("failed (Deleted): it is not there any more");
}

#[test]
fn without_kubectl_nothing_is_tagged() {
    let room = Room::new();
    let cluster = cluster(&room, PIPELINE);
    // A PATH with git and a shell, and nothing else.
    let programs = room.path("few");
    std::fs::create_dir(&programs).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    for name in ["git", "sh"] {
        let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.exists());
        std::os::unix::fs::symlink(found.unwrap(), programs.join(name)).unwrap();
    }
    let answer = cluster.call("qa -y --format json").env("PATH", &programs).run().refused(2, "engine-unusable");
    assert!(answer.err.contains("kubectl is not on the PATH"), "{}", answer.err);
    assert!(cluster.app.git("tag").is_empty() && cluster.records().is_empty());
    // What is only looked at needs no cluster.
    cluster.call("qa --dry-run").env("PATH", &programs).run().ok().shows("a PipelineRun in the namespace ci-qa");
    cluster.call("qa --render").env("PATH", &programs).run().ok();
}

#[test]
fn a_rendered_run_is_what_is_made_and_nothing_else_happens() {
    let room = Room::new();
    let cluster = cluster(&room, &format!("{PIPELINE}, service_account: deployer, params: {{replicas: 3}}"));
    let refs = || (cluster.app.git("for-each-ref"), cluster.release.git("for-each-ref"));
    let before = refs();
    let rendered = cluster.call("qa --render --format json").run().ok().json();
    let answer = cluster.call("qa --render").run().ok();
    assert_whole!("deploy_render", answer);
    let read: Value = serde_yaml::from_str(&answer.out).unwrap();
    assert_eq!(read, rendered);
    assert!(refs() == before && !cluster.kube("calls").exists());
    cluster.answers("run.1", &run("True", "Succeeded", ""));
    cluster.deploy().ok();
    let mut made: Value = serde_json::from_str(&cluster.noted("create.in")).unwrap();
    made["metadata"]["labels"].as_object_mut().unwrap().remove("relman/deployment").unwrap();
    // The reference of the app repo has become the tag meanwhile.
    let named = |run: &Value| {
        let mut run = run.clone();
        for param in run["spec"]["params"].as_array_mut().unwrap() {
            if param["name"] == "RELMAN_REPOSITORIES" {
                param["value"] = Value::Null;
            }
        }
        run
    };
    assert_eq!(named(&made), named(&rendered));
}

#[test]
fn what_is_nothing_renders_nothing_and_other_engines_have_nothing_to_render() {
    let room = Room::new();
    let cluster = cluster(&room, "steps: []");
    cluster.call("qa --render").run().ends(2).talks("the engine shell has nothing to render");
    cluster.call("qa --render").env("CHANGE_ID", "7").run().ok().says("");
}

#[test]
fn no_fact_becomes_a_part_of_the_run() {
    let room = Room::new();
    let cluster = cluster(&room, PIPELINE);
    let version = "1.0'\"`id`;#{}";
    let file = |evil: &str| {
        format!(
            "application: foo-app\nversion: {}\nenvironments:\n- name: qa\n  type: qa\n  evil: {}\n",
            json!(version),
            json!(evil)
        )
    };
    let evil = "a\n- name: RELMAN_TAG\n  value: \"x\"\n'b' ${c} \u{1b}[31m: # &d *e !f %g @h";
    cluster.release.release_file("qa", "Hostile", &file(evil));
    let yaml = cluster.call("qa --render").run().ok().out;
    assert!(!yaml.contains('\u{1b}'), "{yaml}");
    let read: Value = serde_yaml::from_str(&yaml).unwrap();
    let params = read["spec"]["params"].as_array().unwrap();
    let value = |name: &str| {
        let mut found = params.iter().filter(|param| param["name"] == name);
        let value = found.next().unwrap()["value"].clone();
        assert!(found.next().is_none(), "{name} is there twice");
        value
    };
    assert_eq!((value("RELMAN_TARGET_EVIL"), value("RELMAN_VERSION")), (evil.into(), version.into()));
    // What Tekton itself would put something in the place of is refused, before anything is tagged.
    cluster.release.release_file("qa", "Worse", &file("$(params.RELMAN_TAG)"));
    cluster.call("qa -y --format json").run().refused(2, "engine-unusable");
    assert!(cluster.app.git("tag").is_empty() && !cluster.kube("calls").exists());
}

#[test]
fn what_is_rendered_fits_the_schema_of_tekton() {
    let Some(folder) = std::env::var_os("RELMAN_CONTRACT_DIR") else {
        skip("what_is_rendered_fits_the_schema_of_tekton", "RELMAN_CONTRACT_DIR is not set");
        return;
    };
    let text = std::fs::read_to_string(Path::new(&folder).join("contract/tekton/pipelinerun_v1.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    let broken = |run: &Value| {
        let mut found = Vec::new();
        misfits(&schema, &schema, run, "", &mut found);
        found
    };
    let whole = "namespace: ci, service_account: deployer, timeout: 1h30m, git_secret: git-token, \
                 workspaces: [{name: source, emptyDir: {}}], params: {replicas: 3, hosts: [a], more: {a: b}}";
    for pipeline in [
        PIPELINE.to_owned(),
        format!("{PIPELINE}, {whole}"),
        "engine: tekton, spec: {tasks: [{name: deploy, taskSpec: {steps: [{name: go, image: alpine, script: 'echo 1'}]}}]}"
            .to_owned(),
    ] {
        let room = Room::new();
        let cluster = cluster(&room, &pipeline);
        let rendered = cluster.call("qa --render --format json").run().ok().json();
        assert_eq!(broken(&rendered), [""; 0], "{pipeline}");
        // The judge is awake.
        let mut odd = rendered;
        odd["spec"]["timeouts"] = json!({"pipeline": 90});
        odd["spec"]["serviceAccountName"] = "deployer".into();
        let mut found = broken(&odd);
        found.sort();
        assert_eq!(found, ["/spec/serviceAccountName: unknown", "/spec/timeouts/pipeline: no \"string\""]);
    }
}
