//! `log`, `diff`, `trace`, `where` and `status --at` on repositories of every kind: the answers are those of whole
//! clones, or say what can't be known.

use serde_json::{Value, json};

use crate::sandbox::{Repo, Room, skip};

/// A release over an app and a library: prod had 1.0.0 and has 1.1.0, qa has 1.2.0, and what ran is recorded.
struct Story<'r> {
    room: &'r Room,
    release: Repo<'r>,
    app: Repo<'r>,
    lib: Repo<'r>,
    /// The commits of the library that 1.0.0, 1.1.0 and 1.2.0 brought.
    commits: Vec<String>,
}

const VERSIONS: [&str; 3] = ["1.0.0", "1.1.0", "1.2.0"];

fn story<'r>(room: &'r Room, options: &[&str]) -> Story<'r> {
    let [release, app, lib] = ["release", "app", "lib"].map(|name| {
        let served = room.repo_with(&format!("served/foo-{name}"), options);
        served.git("config uploadpack.allowFilter true");
        served
    });
    release.environment("dev", "WIP", "type: dev");
    let mut commits = Vec::new();
    for (index, version) in VERSIONS.iter().enumerate() {
        let own = lib.commit_files("main", &format!("FOO-{index} Bring {version}"), &[(version, version)]);
        let file =
            format!("repositories:\n- name: foo-lib\npipeline:\n  steps:\n  - {{name: v{index}, run: 'true'}}\n");
        let at = app.commit_files(
            "main",
            version,
            &[("app.yml", &file), ("chart/Chart.yaml", "name: foo\n"), ("chart/values.yaml", version)],
        );
        for tag in [format!("v{version}-rc.1"), format!("v{version}")] {
            if index == 2 && !tag.contains("rc") {
                continue;
            }
            lib.tag(&tag, &own);
            app.relman_tag(&tag, &at, &[("foo-lib", &own)]);
        }
        let name = if index == 2 { "qa" } else { "prod" };
        let entry = if name == "qa" { "type: qa; from: [dev]" } else { "type: prod; from: [qa]" };
        let commit = release.environment(name, version, entry);
        if name == "prod" {
            let tag = format!("v{version}");
            let repositories = [("foo-app", &at), ("foo-lib", &own)]
                .map(|(name, id)| json!({"name": name, "commit": id, "ref": format!("refs/tags/{tag}")}));
            let line = json!({
                "at": format!("2026-01-0{}T08:00:00.000Z", 6 + index), "id": version, "schema": "relman.record/1", "environment": "prod",
                "outcome": "succeeded", "version": version, "tag": tag, "candidate": format!("{tag}-rc.1"), "release_commit": commit,
                "app_commit": at, "repositories": repositories, "engine": "shell", "actor": "ci",
                "pipeline": {"path": "app.yml", "blob": app.git(&format!("rev-parse {at}:app.yml"))},
                "values": [{"path": "chart/values.yaml", "blob": app.git(&format!("rev-parse {at}:chart/values.yaml"))}],
            });
            release.git_args(["notes", "--ref=relman/deployments", "append", "-m", &line.to_string(), &commit]);
        }
        commits.push(own);
    }
    Story { room, release, app, lib, commits }
}

impl Story<'_> {
    /// Clones of all three, in a folder, made with these options; the release repo with its records.
    fn clone_into(&self, folder: &str, release: &str, others: &str) {
        let clone = self.release.clone_as(&format!("{folder}/foo-release"), &format!("--no-checkout {release}"));
        clone.git("fetch -q origin refs/notes/relman/*:refs/notes/relman/*");
        self.app.clone_as(&format!("{folder}/foo-app"), &format!("--no-checkout {others}"));
        self.lib.clone_as(&format!("{folder}/foo-lib"), &format!("--no-checkout {others}"));
    }

    /// What a line is answered with in a folder, as text or as a document without what differs from clone to clone.
    fn answer(&self, folder: &str, line: &[&str]) -> Value {
        let mut call = self.room.call(&format!("{folder}/foo-release")).words("--format json");
        for word in line {
            call = call.arg(word);
        }
        let mut document = call.run().ok().json();
        for key in ["fetched_at", "release_repo"] {
            document.as_object_mut().unwrap().remove(key);
        }
        document
    }

    /// Every way of reading back.
    fn lines(&self) -> Vec<Vec<&str>> {
        let lines = [
            "log",
            "log prod --limit 1",
            "diff qa prod",
            "diff prod 1.0.0",
            "diff qa prod@2026-01-06",
            "trace prod",
            "trace prod@1.0.0",
            "trace prod@2026-01-06",
            "trace prod@1.0.0 --pipeline",
            "trace qa",
            "where FOO-0",
            "where FOO-2",
            "where 1.1.0",
            "status --at 2026-01-06",
            "status --at now",
        ];
        let mut lines: Vec<Vec<&str>> = lines.iter().map(|line| line.split(' ').collect()).collect();
        lines.extend(self.commits.iter().map(|commit| vec!["where", commit.as_str()]));
        lines
    }

    /// A folder answers everything as another one does.
    #[track_caller]
    fn alike(&self, folder: &str, other: &str) {
        for line in self.lines() {
            assert_eq!(self.answer(folder, &line), self.answer(other, &line), "{line:?} in {folder} and {other}");
        }
    }
}

/// What counts of a whole clone, so that the others are not held to something wrong.
fn is_right(story: &Story<'_>, folder: &str) {
    let there = |line: &[&str]| -> Vec<bool> {
        let told = story.answer(folder, line);
        told["environments"].as_array().unwrap().iter().map(|place| place["has"] == true).collect()
    };
    let (dev, qa, prod) = (true, true, true);
    assert_eq!(there(&["where", "FOO-0"]), [dev, qa, prod]);
    assert_eq!(there(&["where", "FOO-2"]), [dev, qa, false]);
    assert_eq!(there(&["where", &story.commits[2]]), [dev, qa, false]);
    let trace = story.answer(folder, &["trace", "prod@1.0.0", "--pipeline"]);
    assert_eq!(
        (&trace["complete"], &trace["repositories"][1]["commit"]),
        (&true.into(), &story.commits[0].as_str().into())
    );
    assert!(trace["pipeline"]["text"].as_str().unwrap().contains("v0"), "{trace}");
    let past = story.answer(folder, &["status", "--at", "2026-01-06"]);
    assert_eq!(
        (&past["environments"][2]["version"], &past["environments"][2]["ran"]["version"]),
        (&"1.1.0".into(), &"1.0.0".into())
    );
    let diff = story.answer(folder, &["diff", "qa", "prod"]);
    assert_eq!((&diff["issues"]["added"], &diff["values"]["changed"]), (&json!(["FOO-2"]), &true.into()));
    assert_eq!(story.answer(folder, &["log"])["entries"].as_array().unwrap().len(), 4);
}

#[test]
fn other_ways_of_storing_answer_alike() {
    for options in [
        &["--object-format=sha256"][..],
        &["--ref-format=reftable"],
        &["--object-format=sha256", "--ref-format=reftable"],
    ] {
        let room = Room::new();
        if options.iter().any(|option| !room.git_init_knows(option)) {
            skip("other_ways_of_storing_answer_alike", &format!("this git does not know {options:?}"));
            continue;
        }
        let story = story(&room, options);
        is_right(&story, "served");
        story.clone_into("whole", "", "");
        is_right(&story, "whole");
    }
}

#[test]
fn packed_bare_and_partial_clones_answer_as_whole_ones() {
    let room = Room::new();
    let story = story(&room, &[]);
    story.clone_into("whole", "", "");
    is_right(&story, "whole");
    story.clone_into("bare", "--bare", "--bare");
    story.alike("bare", "whole");
    story.clone_into("packed", "", "");
    for name in ["release", "app", "lib"] {
        let clone = Repo::at(&room, &format!("packed/foo-{name}"));
        clone.git("pack-refs --all");
        clone.git("gc -q");
    }
    story.alike("packed", "whole");
    for filter in ["blob:none", "tree:0"] {
        let folder = filter.replace(':', "-");
        let options = format!("--filter={filter}");
        story.clone_into(&folder, &options, &options);
        if filter == "blob:none" {
            story.alike(&folder, "whole");
            continue;
        }
        // Without folders nothing can be compared by its content, and that is said.
        for line in story.lines() {
            let mut told = story.answer(&folder, &line);
            let warnings = told["warnings"].take();
            for warning in warnings.as_array().into_iter().flatten() {
                assert_eq!(warning["code"], "content-unknown", "{line:?}");
            }
            let mut whole = story.answer("whole", &line);
            whole["warnings"].take();
            assert_eq!(told, whole, "{line:?} in {folder}");
        }
    }
}

#[test]
fn shallow_clones_of_app_and_components_say_what_they_do_not_know() {
    let room = Room::new();
    let story = story(&room, &[]);
    story.clone_into("whole", "", "");
    story.clone_into("cut", "", "--depth 1 --no-single-branch");
    // Tags are there, each with its commit and nothing below.
    for line in
        [&["trace", "prod"][..], &["trace", "prod@1.0.0", "--pipeline"], &["log"], &["status", "--at", "2026-01-06"]]
    {
        assert_eq!(story.answer("cut", line), story.answer("whole", line), "{line:?}");
    }
    let diff = story.answer("cut", &["diff", "qa", "prod"]);
    assert_eq!((&diff["repositories"][1]["added"], &diff["repositories"][1]["removed"]), (&Value::Null, &Value::Null));
    assert!(diff["warnings"].to_string().contains("shallow-clone"), "{diff}");
    let told = story.answer("cut", &["where", "FOO-1"]);
    let known: Vec<(bool, bool)> = told["environments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| (place["known"] == true, place["has"] == true))
        .collect();
    assert_eq!(known, [(false, false), (false, false), (true, true)], "{told}");
    assert!(told["warnings"].to_string().contains("shallow-clone"), "{told}");
}

#[test]
fn a_shallow_release_clone_denies_nothing_that_it_cannot_know() {
    let room = Room::new();
    let story = story(&room, &[]);
    story.clone_into("whole", "", "");
    let clone = story.release.clone_as("cut/foo-release", "--no-checkout --depth 1 --no-single-branch");
    for name in ["app", "lib"] {
        Repo::at(&room, &format!("served/foo-{name}")).clone_as(&format!("cut/foo-{name}"), "--no-checkout");
    }
    let refused = |line: &str| {
        room.call("cut/foo-release").words(line).words("--format json").run().refused(5, "incomplete-clone")
    };
    // Before the only commit that is here, there may have been anything.
    for line in ["trace prod@1.0.0", "trace prod@2026-01-02", "diff qa prod@2026-01-02"] {
        let error = refused(line).error();
        assert!(
            error["hints"].to_string().contains("--unshallow") && !error["hints"].to_string().contains("--offline"),
            "{error}"
        );
    }
    let past = room.call("cut/foo-release").words("status --at 2026-01-02 --format json").run().ok().json();
    assert!(past.to_string().contains("shallow"), "{past}");
    assert!(story.answer("cut", &["log"])["problems"].to_string().contains("shallow-clone"));
    // What is here is told as ever, and so is what records know.
    assert_eq!(story.answer("cut", &["where", "FOO-2"])["environments"][2]["has"], false);
    assert_eq!(story.answer("cut", &["trace", "prod"])["declared"]["version"], "1.1.0");
    clone.git("fetch -q origin refs/notes/relman/*:refs/notes/relman/*");
    assert_eq!(story.answer("cut", &["trace", "prod@1.0.0"])["tag"], "v1.0.0");
}
