//! What one system alone has.

use serde_json::json;

use super::farm::{Farm, System, TOKEN, USER, each};
use super::sandbox::Room;
use super::server::{Fault, Reply};

/// Deploys after the file that defines the pipeline was changed, or deleted.
fn with_definition(system: System, text: Option<&str>) -> (i32, String, String) {
    let room = Room::new();
    let farm = Farm::new(&room, system);
    let path = system.definition().0;
    let moved = format!("{path}.off");
    match text {
        Some(text) => drop(farm.app.commit_files("main", "Change the pipeline", &[(path, text)])),
        None => {
            let file = farm.app.git("show main:app.yml");
            farm.app.git("update-ref -d refs/heads/main");
            let app = farm.room.path("work/other");
            std::fs::create_dir_all(&app).unwrap();
            let fresh = farm.app.git_args(["commit-tree", "-m", "Without", &tree(&farm, &file, &moved)]);
            farm.app.git_args(["update-ref", "refs/heads/main", &fresh]);
        }
    }
    let answer = farm.deploy("qa");
    assert!(farm.runs().is_empty() && farm.tags().is_empty(), "{}", answer.err);
    (answer.status, answer.error()["message"].as_str().unwrap().to_owned(), answer.err)
}

/// A tree with an app file and nothing that defines a pipeline.
fn tree(farm: &Farm<'_>, app_file: &str, other: &str) -> String {
    let blob = farm.app.git_fed(["hash-object", "-w", "--stdin"], format!("{app_file}\n").as_bytes());
    let name = other.rsplit('/').next().unwrap();
    farm.app.git_fed(["mktree"], format!("100644 blob {blob}\tapp.yml\n100644 blob {blob}\t{name}\n").as_bytes())
}

#[test]
fn a_pipeline_that_is_not_in_the_commit_is_missed_before_the_first_tag() {
    each(|system| {
        if system == System::Jenkins {
            return;
        }
        let (status, message, _) = with_definition(system, None);
        assert_eq!(status, 3, "{message}");
        assert!(message.contains(system.definition().0), "{message}");
    });
}

#[test]
fn a_workflow_that_can_not_be_started_is_refused() {
    for (text, says) in [
        ("on: push\njobs: {}\n", "workflow_dispatch"),
        ("on: {workflow_dispatch: {inputs: {relman: {}}}}\n", "relman_run"),
        ("on: {workflow_dispatch: {inputs: {relman: {}, relman_run: {}}}}\n", "run-name"),
        ("on: [\n", "can't be read"),
    ] {
        let (status, message, err) = with_definition(System::Github, Some(text));
        assert_eq!(status, 2, "{message}");
        assert!(err.contains(says), "{err}");
    }
    let (status, message, _) = with_definition(System::Bitbucket, Some("pipelines: {custom: {other: []}}\n"));
    assert!(status == 3 && message.contains("deploy"), "{message}");
}

#[test]
fn a_system_that_runs_nothing_is_refused() {
    for (system, project, says) in [
        (System::Github, json!({"state": "disabled_manually"}), "disabled manually"),
        (System::Gitlab, json!({"builds_access_level": "disabled"}), "switched off"),
        (System::Gitlab, json!({"ci_pipeline_variables_minimum_override_role": "no_one_allowed"}), "variables"),
        (System::Jenkins, json!({"buildable": false}), "disabled"),
    ] {
        let room = Room::new();
        let farm = Farm::new(&room, system);
        farm.memory().project = project;
        let answer = farm.deploy("qa").ends(2);
        assert!(answer.err.contains(says) && farm.tags().is_empty(), "{}", answer.err);
    }
}

#[test]
fn a_tag_that_somebody_moves_reaches_nothing() {
    for system in [System::Github, System::Gitlab, System::Bitbucket] {
        let room = Room::new();
        let farm = Farm::new(&room, system);
        farm.memory().elsewhere = Some("1".repeat(40));
        let answer = farm.deploy("qa").ends(5);
        assert!(answer.err.contains(&"1".repeat(40)) && answer.err.contains("v1.0.0-rc.1"), "{}", answer.err);
        assert!(farm.runs()[0].cancelled);
        assert_eq!(farm.outcomes("qa"), ["running", "failed"]);
    }
}

#[test]
fn gitlab_gets_no_value_that_it_would_expand() {
    let room = Room::new();
    let farm = Farm::new(&room, System::Gitlab);
    farm.release.environment("qa", "1.0.0", "type: qa; word: '$CI_JOB_TOKEN'");
    let answer = farm.deploy("qa").ends(2);
    assert!(answer.err.contains("RELMAN_TARGET_WORD"), "{}", answer.err);
    assert!(farm.runs().is_empty() && farm.tags().is_empty());
}

#[test]
fn who_may_not_give_variables_is_told_where_that_is_set() {
    let room = Room::new();
    let farm = Farm::new(&room, System::Gitlab);
    let said = json!({"message": {"base": ["Insufficient permissions to set pipeline variables"]}});
    farm.server.fault([Fault::Well, Fault::Answer(Reply::json(400, said))]);
    let error = farm.deploy("qa").ends(4).error();
    assert_eq!(error["code"], "engine-unauthorised", "{error}");
    assert!(error["hints"][0].as_str().unwrap().contains("Minimum role"), "{error}");
}

#[test]
fn plain_values_arrive_as_they_are() {
    for system in [System::Github, System::Bitbucket] {
        let room = Room::new();
        let farm = Farm::new(&room, system);
        let value = "-x '\"`id`\" ${{ secrets.X }} $(touch pwned)\n--flag";
        farm.release.environment("qa", "1.0.0", &format!("type: qa; word: {}", serde_json::to_string(value).unwrap()));
        farm.deploy("qa").ok();
        assert_eq!(farm.runs()[0].fact("RELMAN_TARGET_WORD"), value);
    }
}

#[test]
fn a_commit_is_run_by_bitbucket_alone() {
    for system in [System::Github, System::Gitlab, System::Bitbucket] {
        let room = Room::new();
        let farm = Farm::new(&room, system);
        let commit = farm.app.git("rev-parse main");
        farm.release.environment("dev", &format!("ref:{commit}"), "type: dev");
        let answer = farm.deploy("dev");
        if system == System::Bitbucket {
            assert_eq!(answer.ok().status, 0);
            assert_eq!(farm.runs()[0].commit, commit);
        } else {
            assert!(answer.ends(2).err.contains("names a commit"));
            assert!(farm.runs().is_empty());
        }
    }
}

#[test]
fn an_app_on_another_forge_is_refused() {
    let room = Room::new();
    let farm = Farm::new(&room, System::Gitlab);
    let forge = format!("github={}/acme/foo-release", farm.server.url);
    let call = farm.room.call("foo-release").words("deploy qa -y --forge").arg(forge);
    let answer = call.env("NO_PROXY", "*").env("RELMAN_TOKEN", TOKEN).run().ends(2);
    assert!(answer.err.contains("`engine: gitlab`") && answer.err.contains("GitHub"), "{}", answer.err);
    assert!(farm.server.requests().is_empty());
}

#[test]
fn a_jenkins_that_only_a_file_names_gets_no_token() {
    let room = Room::new();
    let farm = Farm::new(&room, System::Jenkins);
    let call = |url: &str| {
        let call = farm.stranger("qa").env("RELMAN_JENKINS_USER", USER).env("RELMAN_JENKINS_TOKEN", TOKEN);
        farm.watch(call.env("RELMAN_JENKINS_URL", url).words("--format json").run())
    };
    for url in ["", "https://jenkins.example.com", "http://127.0.0.1:1", "https://127.0.0.1"] {
        let said = call(url).ends(4).error();
        assert_eq!(said["code"], "untrusted-jenkins", "{url}: {said}");
        assert!(said["hints"][0].as_str().unwrap().contains("git config relman.jenkins http://127.0.0.1"), "{said}");
    }
    assert!(farm.server.requests().is_empty() && farm.tags().is_empty());
    farm.room.call("foo-release").words("--version").run().ok();
    let clone = super::sandbox::Repo::at(&room, "foo-release");
    clone.git_args(["config", "relman.jenkins", &farm.server.url]);
    call("").ok();
}

#[test]
fn jenkins_over_http_gets_no_token() {
    let room = Room::new();
    let farm = Farm::new(&room, System::Jenkins);
    let file = "pipeline: {engine: jenkins, url: 'http://jenkins.example.com', job: a}\n";
    farm.app.commit_files("main", "Another Jenkins", &[("app.yml", file)]);
    let call = farm.call("qa").env("RELMAN_JENKINS_URL", "http://jenkins.example.com").words("--format json");
    assert_eq!(call.run().ends(4).error()["code"], "plain-http");
}

#[test]
fn a_job_that_would_drop_the_commit_is_refused() {
    for missing in ["RELMAN_RUN", "RELMAN_COMMIT"] {
        let room = Room::new();
        let farm = Farm::new(&room, System::Jenkins);
        farm.memory().declared.retain(|name| name != missing);
        let answer = farm.deploy("qa").ends(2);
        assert!(answer.err.contains(missing) && farm.tags().is_empty(), "{}", answer.err);
    }
}

#[test]
fn the_workflow_of_the_book_can_be_started() {
    let page = include_str!("../../docs/engines.md");
    let blocks = page.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let workflow = blocks.into_iter().find(|block| block.contains("run-name")).unwrap();
    let room = Room::new();
    let farm = Farm::new(&room, System::Github);
    farm.app.commit_files("main", "As the book says", &[(System::Github.definition().0, workflow)]);
    farm.deploy("qa").ok();
}
