//! An environment full of secrets, and nothing of it in what relman writes: records, tags, commits, logs, answers.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::sandbox::{Answer, Call, Repo, Room};

/// What every secret here begins with.
const MARK: &str = "5ecret-";

/// Something that is meant to be written, to show that the search looks everywhere.
const ACTOR: &str = "grace-the-actor";

/// All variables in relman's source that could hold a secret, so that one which is added tomorrow is among them.
fn known_to_relman() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let text = std::fs::read(entry.path()).unwrap();
            let text = String::from_utf8_lossy(&text);
            for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
                let is_variable = word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
                let is_secret = ["TOKEN", "PASSWORD", "SECRET"].iter().any(|part| word.contains(part));
                if is_variable && is_secret && word.contains('_') {
                    names.insert(word.to_owned());
                }
            }
        }
    }
    names
}

fn armed<'r>(call: Call<'r>) -> Call<'r> {
    let names = known_to_relman();
    for expected in ["RELMAN_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "BITBUCKET_TOKEN", "GITEA_TOKEN"] {
        assert!(names.contains(expected), "{expected} is not among {names:?}");
    }
    let of_others = ["AWS_SECRET_ACCESS_KEY", "CI_JOB_TOKEN", "KUBE_TOKEN", "SAP_PASSWORD", "RELMAN_JIRA_TOKEN_PROD"];
    let names = names.iter().map(String::as_str).chain(of_others).filter(|name| !name.ends_with("_FILE"));
    let call = names.fold(call, |call, name| call.env(name, format!("{MARK}{name}-0123456789abcdef")));
    // Where builds are seen, with a login in the address, and who started them.
    call.env("BUILD_URL", format!("https://jane:{MARK}url@ci.example.com/job/7")).env("GITHUB_ACTOR", ACTOR)
}

/// The files of the room, and the objects of the repositories in it, that hold a text.
fn places_of(text: &str, room: &Room) -> Vec<String> {
    let mut found: Vec<String> = room.files_with(text).iter().map(|path| path.display().to_string()).collect();
    let mut folders = vec![room.path("")];
    while let Some(folder) = folders.pop() {
        if folder.join("objects").is_dir() && folder.join("HEAD").is_file() {
            let repository = Repo::at(room, folder.to_str().unwrap());
            if repository.git("cat-file --batch --batch-all-objects --unordered").contains(text) {
                found.push(format!("the objects of {}", folder.display()));
            }
        }
        let entries = std::fs::read_dir(&folder).unwrap().map(Result::unwrap);
        folders.extend(entries.filter(|entry| entry.file_type().unwrap().is_dir()).map(|entry| entry.path()));
    }
    found
}

#[test]
fn no_secret_of_the_environment_is_written_anywhere() {
    let room = Room::new();
    let app = room.server("foo-app");
    let backend = room.server("foo-backend");
    backend.commit("main", "one");
    let steps = "  - {name: facts, run: 'printf \"%s\\n\" \"$RELMAN_REPOSITORIES\" \"$RELMAN_TARGET\" \"$RELMAN_HELM_ARGS\"'}\n\
                 \x20 - {name: careless, run: 'echo \"$GH_TOKEN $GITHUB_TOKEN,$GH_ENTERPRISE_TOKEN\"; printf \"$GITHUB_ENTERPRISE_TOKEN\"; \
                 printf \"$GITLAB_TOKEN $BITBUCKET_TOKEN $GITEA_TOKEN $FORGEJO_TOKEN\"; \
                 echo \" $SAP_PASSWORD $AWS_SECRET_ACCESS_KEY\"'}\n\
                 \x20 - {name: gate, run: 'test \"$RELMAN_ENVIRONMENT\" != uat'}\n";
    let text = format!("repositories:\n- name: foo-backend\npipeline:\n  steps:\n{steps}");
    app.commit_files("main", "Describe the app", &[("app.yml", &text)]);
    let release = room.server("foo-release");
    let root = release.commit("main", "Begin");
    for (name, version, entry) in [
        ("dev", "WIP", "type: dev"),
        ("qa", "1.0.0", "type: qa; credentials: GH_TOKEN"),
        ("uat", "1.0.0", "type: qa"),
        ("prod", "0.9.0", "type: prod; from: [qa]"),
    ] {
        release.branch(&format!("environment/{name}"), &root);
        release.environment(name, version, entry);
    }
    for (server, name) in [(&release, "foo-release"), (&app, "foo-app"), (&backend, "foo-backend")] {
        server.clone_as(name, "");
    }
    let run = |line: &str, status: i32| -> Answer {
        let answer = armed(room.call("foo-release").words(line)).run().ends(status);
        for said in [&answer.out, &answer.err] {
            assert!(!said.contains(MARK), "relman {line} says a secret:\n{said}");
        }
        answer
    };
    run("resolve qa -vv", 0);
    run("deploy qa -y -vv", 0);
    run("deploy uat -y -vv --format json", 7);
    run("deploy prod -n -vv --format json", 3);
    run("promote qa prod -y -vv --direct-push", 0);
    run("deploy prod -y -vv --format json", 0);
    run("redeploy dev -y -vv", 0);
    run("branch 1.0.1 --from 1.0.0 -y -vv", 0);
    run("tag candidate 1.0.1 --env qa -y -vv --format json", 0);
    run("set qa 2.0.0 -y -vv", 0);
    run("status -vv --format json", 0);
    run("check -vv", 0);
    run("doctor -vv", 0);
    run("fetch -vv", 0);
    // A pipeline that goes wrong where relman itself does.
    app.branch("main", &app.git("rev-parse main"));
    app.commit_files("main", "No pipeline", &[("app.yml", "pipeline: {engine: nothing-of-the-kind}\n")]);
    run("deploy dev -y -vv --format json", 2);

    let written = places_of(ACTOR, &room);
    for part in ["the objects of", "foo-release.git"] {
        assert!(written.iter().any(|place| place.contains(part)), "{ACTOR} is in {written:?} only");
    }
    let logs = places_of("== facts ==", &room);
    assert!(!logs.is_empty(), "the logs are not looked at");
    assert!(!places_of("== careless ==\n… …,…\n…… … … … … …\n", &room).is_empty(), "nothing was masked");
    let leaked = places_of(MARK, &room);
    assert!(leaked.is_empty(), "a secret is in {leaked:?}");
}
