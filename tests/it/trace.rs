//! `relman trace`: the chain of one deployment, what proves it, and the pipeline exactly as it was.

use serde_json::{Value, json};

use crate::sandbox::{Repo, Room, assert_whole};

/// A release of two versions over an app repo and a backend; the pipeline changed in between.
struct Story<'r> {
    room: &'r Room,
    release: Repo<'r>,
    app: Repo<'r>,
    backend: Repo<'r>,
    /// The commit of the release repo, the app commit and the backend commit of 1.0.0 and 1.1.0.
    commits: Vec<(String, String, String)>,
}

const FIRST: &str = "repositories:\n- name: foo-backend\npipeline:\n  steps:\n  - {name: old, run: 'true'}\n";
const SECOND: &str = "repositories:\n- name: foo-backend\npipeline:\n  steps:\n  - {name: new, run: 'true'}\r\n# größe";

fn story(room: &Room) -> Story<'_> {
    let release = room.repo("foo-release");
    let app = room.repo("foo-app");
    let backend = room.repo("foo-backend");
    let mut commits = Vec::new();
    release.environment("dev", "WIP", "type: dev");
    for (version, pipeline) in [("1.0.0", FIRST), ("1.1.0", SECOND)] {
        let back = backend.commit("main", version);
        let values = "replicas: 1\n";
        let files = [("app.yml", pipeline), ("chart/Chart.yaml", "name: foo\n"), ("chart/values.yaml", values)];
        let own = app.commit_files("main", version, &files);
        let candidate = format!("v{version}-rc.1");
        backend.tag(&candidate, "main");
        app.relman_tag(&candidate, "main", &[("foo-backend", &back)]);
        let said = format!("Promote {version} (#7)\n\nVersion: {version}\nCandidate: {candidate}\n");
        let commit = release.environment_saying("prod", version, "type: prod", &said);
        commits.push((commit, own, back));
    }
    Story { room, release, app, backend, commits }
}

impl Story<'_> {
    /// A deployment as relman records it, with its start.
    fn record(&self, index: usize, outcome: &str, at: &str) {
        let (release, app, backend) = &self.commits[index];
        let version = ["1.0.0", "1.1.0"][index];
        let tag = format!("v{version}-rc.1");
        let blob = self.app.git(&format!("rev-parse {app}:app.yml"));
        for (outcome, at) in
            [("running", at.replace(":00.000", ":00.001")), (outcome, at.replace(":00.000", ":50.000"))]
        {
            let line = json!({
                "at": at, "id": format!("{index}{outcome}").replace("running", "").replace("succeeded", "").replace("failed", ""),
                "schema": "relman.record/1", "environment": "prod", "outcome": outcome, "version": version, "tag": tag,
                "candidate": tag, "release_commit": release, "app_commit": app,
                "repositories": [
                    {"name": "foo-app", "commit": app, "ref": format!("refs/tags/{tag}")},
                    {"name": "foo-backend", "commit": backend, "ref": format!("refs/tags/{tag}")},
                ],
                "pipeline": {"path": "app.yml", "blob": blob}, "values": [], "engine": "shell",
                "url": "https://ci.example.com/42", "actor": "ci",
            });
            self.release.git_args(["notes", "--ref=relman/deployments", "append", "-m", &line.to_string(), release]);
        }
    }

    fn trace(&self, selector: &str) -> Value {
        let document = self.room.call("foo-release").words("trace --format json").arg(selector).run().ok().json();
        assert_eq!(document["schema"], "relman.trace/1");
        document
    }
}

fn whats(document: &Value) -> Vec<&str> {
    document["missing"].as_array().unwrap().iter().map(|missing| missing["what"].as_str().unwrap()).collect()
}

#[test]
fn a_recorded_deployment_is_proven_link_by_link() {
    let room = Room::new();
    let story = story(&room);
    story.record(0, "succeeded", "2026-01-05T08:30:00.000Z");
    story.record(1, "succeeded", "2026-01-06T08:30:00.000Z");
    let document = story.trace("prod");
    let (release, app, backend) = &story.commits[1];
    assert_eq!((&document["complete"], whats(&document)), (&true.into(), vec![]), "{document}");
    assert_eq!(
        (&document["release_commit"], &document["app_commit"], &document["tag"]),
        (&release.as_str().into(), &app.as_str().into(), &"v1.1.0-rc.1".into())
    );
    assert_eq!(document["repositories"][1]["commit"], backend.as_str());
    assert_eq!(document["repositories"][1]["proof"], json!(["record", "tag"]));
    assert_eq!(document["proof"]["candidate"], json!(["record", "commit"]));
    assert_eq!(document["values"][0]["path"], "chart/values.yaml");
    assert_eq!(document["record"]["url"], "https://ci.example.com/42");
    assert_eq!(document["record"]["started_at"], "2026-01-06T08:30:00.001Z");
    assert_eq!(document["pull_request"]["number"], 7);
    assert_whole!("trace_text", room.relman("foo-release", "trace prod").ok());
}

#[test]
fn the_state_of_a_version_a_date_or_a_commit_is_traced() {
    let room = Room::new();
    let story = story(&room);
    story.record(0, "succeeded", "2026-01-05T08:30:00.000Z");
    story.record(1, "succeeded", "2026-01-06T08:30:00.000Z");
    let first = &story.commits[0].0;
    for selector in [
        "prod@1.0.0",
        "prod@2026-01-05",
        "prod@2026-01-05T08:40:00Z",
        &format!("prod@{first}"),
        &format!("prod@{}", &first[..8]),
    ] {
        let document = story.trace(selector);
        assert_eq!(
            (&document["version"], &document["release_commit"]),
            (&"1.0.0".into(), &first.as_str().into()),
            "{selector} {document}"
        );
        assert_eq!(document["complete"], true, "{selector} {document}");
    }
    // By the end of that day, another version was declared than ran.
    assert_eq!(story.trace("prod@2026-01-05")["declared"]["version"], "1.1.0");
    for (selector, status, code) in [
        ("prod@2.0.0", 3, "nothing-selected"),
        ("prod@2026-01-01", 3, "nothing-declared"),
        ("prod@2999-01-01", 2, "invalid-date"),
        ("pord", 3, "no-environment"),
    ] {
        room.call("foo-release").words("trace --format json").arg(selector).run().refused(status, code);
    }
    room.relman("foo-release", "trace prod@").ends(2);
}

#[test]
fn the_pipeline_is_printed_exactly_as_it_was() {
    let room = Room::new();
    let story = story(&room);
    story.record(0, "succeeded", "2026-01-05T08:30:00.000Z");
    room.relman("foo-release", "trace prod@1.0.0 --pipeline").ok().says(FIRST).silent();
    // Not deployed, so derived; carriage returns and the missing line break at the end are the file's own.
    room.relman("foo-release", "trace prod@1.1.0 --pipeline").ok().says(SECOND).silent();
    assert_eq!(
        room.relman("foo-release", "trace prod@1.1.0 --pipeline --format json").ok().json()["pipeline"]["text"],
        SECOND
    );
    let blob = story.app.git(&format!("rev-parse {}:app.yml", story.commits[0].1));
    assert_eq!(story.trace("prod@1.0.0")["pipeline"], json!({"path": "app.yml", "blob": blob}));
    std::fs::rename(room.path("work/foo-app"), room.path("work/away")).unwrap();
    let answer = room.relman("foo-release", "trace prod@1.0.0 --pipeline --format json");
    answer.refused(3, "no-pipeline");
}

#[test]
fn a_pipeline_that_stands_in_a_file_of_its_own_is_that_file() {
    let room = Room::new();
    let release = room.repo("foo-release");
    let app = room.repo("foo-app");
    let name_it = |engine: &str| format!("pipeline:\n  engine: {engine}\n");
    let tekton = name_it("tekton\n  namespace: foo\n  path: ci/deploy.yaml");
    let versions = [
        ("1.0.0", tekton.clone(), Some("ci/deploy.yaml"), "kind: Pipeline # one\n"),
        ("1.1.0", tekton.clone(), Some("ci/deploy.yaml"), "kind: Pipeline # two\n"),
        ("1.2.0", name_it("gitlab"), Some(".gitlab-ci.yml"), "stages: []\n"),
        ("1.3.0", name_it("github-actions\n  workflow: go.yml"), None, ""),
    ];
    for (version, file, path, text) in &versions {
        let mut files = vec![("app.yml", file.as_str())];
        files.extend(path.map(|path| (path, *text)));
        app.commit_files("main", version, &files);
        app.relman_tag(&format!("v{version}-rc.1"), "main", &[]);
        release.environment("prod", version, "type: prod");
    }
    for (version, _, path, text) in &versions {
        let trace = format!("trace prod@{version} --pipeline");
        let Some(path) = path else {
            room.relman("foo-release", &format!("{trace} --format json")).refused(3, "no-pipeline");
            let whole = room.relman("foo-release", &format!("trace prod@{version}")).ok();
            whole.shows("app.yml names .github/workflows/go.yml, which is not in the app commit");
            continue;
        };
        room.relman("foo-release", &trace).ok().says(text);
        let shown = room.relman("foo-release", &format!("trace prod@{version} --format json")).ok().json();
        assert_eq!(shown["pipeline"]["path"], *path);
    }
    let resolved = room.relman("foo-release", "resolve prod --version 1.1.0 --format json").ok().json();
    assert_eq!(resolved["pipeline"]["path"], "ci/deploy.yaml", "{resolved}");
}

#[test]
fn without_a_record_the_chain_is_derived_and_says_so() {
    let room = Room::new();
    let story = story(&room);
    let document = story.trace("prod");
    assert_eq!(
        (&document["ran"], &document["record"], &document["complete"]),
        (&Value::Null, &Value::Null, &false.into())
    );
    assert_eq!(whats(&document), ["record"]);
    assert_eq!((&document["tag"], &document["proof"]["tag"]), (&"v1.1.0-rc.1".into(), &json!([])), "{document}");
    assert_eq!(document["proof"]["candidate"], json!(["commit"]));
    assert_eq!(document["repositories"][1]["proof"], json!(["tag"]));
    assert_eq!(document["pipeline"]["path"], "app.yml");
    assert_whole!("trace_derived", room.relman("foo-release", "trace prod").ok());
    // Where a branch was then, nobody knows.
    assert_eq!(whats(&story.trace("dev")), ["record", "app_commit", "pipeline"]);
}

#[test]
fn what_was_declared_and_what_ran_are_told_apart() {
    let room = Room::new();
    let story = story(&room);
    story.record(0, "succeeded", "2026-01-05T08:30:00.000Z");
    story.record(1, "failed", "2026-01-06T08:30:00.000Z");
    let document = story.trace("prod");
    assert_eq!((&document["declared"]["version"], &document["ran"]["version"]), (&"1.1.0".into(), &"1.0.0".into()));
    assert_eq!(document["version"], "1.0.0", "the chain is that of what runs");
    let failed = story.trace("prod@1.1.0");
    assert_eq!((&failed["ran"], &failed["record"]["outcome"]), (&Value::Null, &"failed".into()), "{failed}");
    room.relman("foo-release", "trace prod@1.1.0").ok().shows("nothing, by its records").shows("failed");
}

#[test]
fn a_tag_that_was_moved_since_contradicts_the_record() {
    let room = Room::new();
    let story = story(&room);
    story.record(1, "succeeded", "2026-01-06T08:30:00.000Z");
    story.backend.commit("main", "later");
    story.backend.git("tag -f -a -m moved v1.1.0-rc.1 main");
    let document = story.trace("prod");
    assert_eq!(document["complete"], false);
    assert!(document["contradictions"][0].as_str().unwrap().contains("foo-backend"), "{document}");
    room.relman("foo-release", "trace prod").ok().shows("contradiction: v1.1.0-rc.1 of foo-backend is on");
}

#[test]
fn missing_clones_are_told_and_nothing_is_cloned() {
    let room = Room::new();
    let story = story(&room);
    std::fs::rename(room.path("work/foo-backend"), room.path("work/away")).unwrap();
    let document = story.trace("prod");
    assert_eq!(document["problems"][0]["code"], "no-clone", "{document}");
    assert_eq!(document["repositories"][1]["commit"], story.commits[1].2.as_str(), "the tag's message knows it");
    std::fs::rename(room.path("work/foo-app"), room.path("work/away-too")).unwrap();
    let document = story.trace("prod");
    assert_eq!(whats(&document), ["record", "tag", "app_commit", "repositories", "pipeline"], "{document}");
    room.relman("foo-release", "trace prod").ok().talks("there is no clone of foo-app");
}

#[test]
fn a_file_that_cant_be_read_then_hides_nothing_else() {
    let room = Room::new();
    let story = story(&room);
    story.app.commit_files("main", "broken", &[("app.yml", "repositories: [\u{1b}[31m")]);
    story.app.git("tag -f -a -m moved v1.1.0-rc.1 main");
    let document = story.trace("prod");
    assert_eq!(document["problems"][0]["code"], "control-character", "{document}");
    assert_eq!(document["tag"], "v1.1.0-rc.1", "{document}");
    assert_eq!(document["pipeline"]["path"], "app.yml", "it is there, whatever it says: {document}");
    let printed = room.relman("foo-release", "trace prod --pipeline --format json").ok().json();
    assert_eq!(printed["pipeline"]["text"], "repositories: [\u{1b}[31m");
    let answer = room.relman("foo-release", "trace prod").ok();
    assert!(!answer.out.contains('\u{1b}') && !answer.err.contains('\u{1b}'), "{}{}", answer.out, answer.err);
}

#[test]
fn an_app_without_a_file_is_said_to_have_none() {
    let room = Room::new();
    let release = room.repo("foo-release");
    let app = room.repo("foo-app");
    app.commit("main", "a monorepo");
    app.relman_tag("v1.0.0-rc.1", "main", &[]);
    release.environment("prod", "1.0.0", "type: prod");
    room.relman("foo-release", "trace prod").ok().shows("pipeline: app.yml is not in the app commit");
    let refused = room.relman("foo-release", "trace prod --pipeline --format json").refused(3, "no-pipeline");
    refused.talks("app.yml is not in the app commit").talks("relman trace prod tells what is known of it");
}

#[test]
fn a_tag_and_a_few_digits_are_understood_and_the_rest_is_told_truly() {
    let room = Room::new();
    let story = story(&room);
    let first = &story.commits[0].0;
    assert_eq!(story.trace("prod@v1.0.0")["version"], "1.0.0");
    let digits = (4..7).find(|digits| first[..*digits].bytes().any(|digit| digit.is_ascii_alphabetic()));
    let short = &first[..digits.expect("a letter among six digits")];
    assert_eq!(story.trace(&format!("prod@{short}"))["release_commit"], first.as_str());
    let trace = |selector: &str| room.call("foo-release").words("trace --format json").arg(selector).run();
    let refused = trace(&format!("prod@{}", &first[..3])).refused(3, "nothing-selected");
    refused.talks("for a commit it is too short");
    let refused = trace("prod@v1.0.0-rc.1").refused(3, "nothing-selected");
    refused.talks("is a candidate, and what prod had is 1.0.0").talks("prod@1.0.0");
}

#[test]
fn what_is_too_long_to_be_run_is_not_printed_either_and_the_right_limit_is_named() {
    let room = Room::new();
    let story = story(&room);
    story.app.commit_files("main", "long", &[("app.yml", &"#".repeat(1024 * 1024 + 1))]);
    story.app.git("tag -f -a -m moved v1.1.0-rc.1 main");
    let refused = room.relman("foo-release", "trace prod --pipeline --format json").refused(2, "file-too-large");
    assert_eq!(refused.error()["message"], "app.yml of foo-app has 1048577 bytes; 1048576 are allowed");
}
