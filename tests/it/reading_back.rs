//! `log`, `diff`, `trace`, `where` and `status --at` together: with records of another clock, and on repositories of every
//! kind, where the answers are those of whole clones, or say what can't be known.

use serde_json::{Value, json};

use crate::diff::{Shop, record};
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
        // Two answers to what is now may stand on either side of a second.
        if line.contains(&"now") {
            assert!(document["at"].take().is_string(), "{document}");
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

/// A machine that deploys may have another clock. What it says has happened, whoever reads it.
#[test]
fn a_record_from_the_future_is_believed_by_all_alike() {
    let room = Room::new();
    let shop = Shop::new(&room);
    let one = shop.commit("left", "FOO-1 One");
    shop.ready();
    let prod = shop.release.id("environment/prod");
    record(&shop, &prod, "prod", "1.0.0", &shop.app.git("rev-parse main"));
    let next = shop.release.environment("prod", "1.1.0", "type: prod; from: [qa]");
    let app = shop.app.git("rev-parse main");
    let note = |at: jiff::Timestamp| {
        let at = at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
        let line = json!({
            "at": at, "id": "ahead", "schema": "relman.record/1", "environment": "prod", "outcome": "succeeded",
            "version": "1.1.0", "tag": "v1.1.0", "release_commit": next, "app_commit": app,
            "repositories": [
                {"name": "foo-app", "commit": app, "ref": "refs/tags/v1.1.0"},
                {"name": "foo-lib", "commit": one, "ref": "refs/tags/v1.1.0"},
            ],
        });
        shop.release.git_args(["notes", "--ref=relman/deployments", "add", "-f", "-m", &line.to_string(), &next]);
    };
    let ask = |line: &str| room.relman("foo-release", &format!("{line} --format json")).ok().json();
    let warned = |document: &Value| document.to_string().contains("record-from-the-future");
    for (ahead, is_told) in [(60, false), (10 * 365 * 86400, true)] {
        note(jiff::Timestamp::now() + std::time::Duration::from_secs(ahead));
        let status = ask("status prod");
        let row = &status["environments"][0];
        assert_eq!((&row["deployment"]["version"], warned(&status)), (&"1.1.0".into(), is_told), "{status}");
        let then = ask("status --at now prod");
        assert_eq!((&then["environments"][0]["ran"]["version"], warned(&then)), (&"1.1.0".into(), is_told), "{then}");
        let before = ask("status --at 2026-01-10 prod");
        assert_eq!(before["environments"][0]["ran"]["version"], "1.0.0", "{before}");
        let trace = ask("trace prod");
        assert_eq!((&trace["ran"]["version"], warned(&trace)), (&"1.1.0".into(), is_told), "{trace}");
        let log = ask("log prod");
        assert_eq!(log["entries"][0]["deployments"][0]["version"], "1.1.0", "{log}");
        assert_eq!(warned(&log), is_told, "{log}");
        let place = ask("where FOO-1");
        let prod = place["environments"].as_array().unwrap().iter().find(|place| place["name"] == "prod").unwrap();
        assert_eq!(
            (&prod["has"], &prod["ran"]["has"], warned(&place)),
            (&true.into(), &true.into(), is_told),
            "{place}"
        );
        let diff = ask("diff qa prod");
        assert_eq!((&diff["to"]["ran"]["version"], warned(&diff)), (&"1.1.0".into(), is_told), "{diff}");
        let check = room.relman("foo-release", "check --format json").json().to_string();
        assert_eq!(check.matches("record-from-the-future").count(), usize::from(is_told), "{check}");
    }
}
