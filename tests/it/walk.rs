//! A walk through every step of what changes remotes: killed after each of them, and each push failing in turn.
//!
//! A `git` before the real one on the PATH counts the calls that change something. At the one that was chosen it lets
//! the real Git do its work and then kills relman, or makes the remote of that push read-only, full or gone. What
//! relman does is not otherwise touched, and it does not know.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;

use crate::sandbox::{Answer, Call, Repo, Room, release_file};

/// Counts the calls that change something, and does at one of them what it is told.
const WRAPPER: &str = r#"#!/bin/sh
case " $* " in
*" --dry-run "*) exec "$WALK_GIT" "$@" ;;
*" push "*) kind=push ;;
*" update-ref "* | *" mktag "* | *" commit-tree "*) kind=local ;;
*) exec "$WALK_GIT" "$@" ;;
esac
# A folder is made once, however many calls there are at the same time.
step=1
while ! mkdir "$WALK/$kind-$step" 2>/dev/null; do step=$((step + 1)); done
all=1
while ! mkdir "$WALK/step-$all" 2>/dev/null; do all=$((all + 1)); done
if [ "$kind" = push ] && [ "$step" = "${WALK_FAILING_PUSH-}" ]; then
    url=$("$WALK_GIT" "$1" "$2" config remote.origin.url)
    server=${url#file://}
    echo "$server" >"$WALK/broken"
    case $WALK_HOW in
    gone) mv "$server" "$server.gone" ;;
    read-only)
        mkdir -p "$server/hooks"
        printf '#!/bin/sh\necho "this repository is read-only" >&2\nexit 1\n' >"$server/hooks/pre-receive"
        chmod +x "$server/hooks/pre-receive"
        ;;
    # Not a byte can be written: that is what a full disk is like for whoever receives.
    full) "$WALK_GIT" "$1" "$2" config remote.origin.receivepack "$WALK_BIN/full" ;;
    esac
fi
"$WALK_GIT" "$@"
status=$?
if [ "$all" = "${WALK_KILLED_AFTER-}" ]; then
    kill -9 $PPID
fi
exit $status
"#;

const FULL: &str = "#!/bin/sh\ntrap '' XFSZ\nulimit -f 0\nexec git-receive-pack \"$@\"\n";

const HOWS: [&str; 3] = ["read-only", "gone", "full"];

/// Two components and an app repo, with environments of each kind of tag.
struct Team<'r> {
    room: &'r Room,
    git: String,
}

fn script(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

impl<'r> Team<'r> {
    fn new(room: &'r Room) -> Self {
        let server = |name: &str| {
            let server = room.server(name);
            server.git("config core.logAllRefUpdates always");
            server.git("config core.hooksPath hooks");
            server
        };
        for name in ["foo-backend", "foo-frontend"] {
            server(name).commit("main", "one");
        }
        let text = "repositories:\n- name: foo-backend\n- name: foo-frontend\n\
                    pipeline:\n  steps:\n  - {name: work, run: 'echo ran >> \"$OUT\"'}\n";
        server("foo-app").commit_files("main", "Describe the app", &[("app.yml", text)]);
        let release = server("foo-release");
        let root = release.commit("main", "Begin");
        for (name, entry) in [("qa", "type: qa"), ("prod", "type: prod; from: [qa]")] {
            release.branch(&format!("environment/{name}"), &root);
            release.environment(name, "1.0.0", entry);
        }
        for name in ["foo-backend", "foo-frontend", "foo-app", "foo-release"] {
            Repo::at(room, &format!("../remotes/{name}.git")).clone_as(name, "");
        }
        let path = std::env::var("PATH").unwrap();
        let git = std::env::split_paths(&path).map(|folder| folder.join("git")).find(|git| git.is_file()).unwrap();
        std::fs::create_dir(room.path("bin")).unwrap();
        script(&room.path("bin/git"), WRAPPER);
        script(&room.path("bin/full"), FULL);
        Team { room, git: git.display().to_string() }
    }

    fn server(&self, name: &str) -> Repo<'r> {
        Repo::at(self.room, &format!("../remotes/{name}.git"))
    }

    /// A call of relman that goes through the counting `git`.
    fn walked(&self, line: &str) -> Call<'r> {
        let walk = self.room.path("walk");
        let _ = std::fs::remove_dir_all(&walk);
        std::fs::create_dir(&walk).unwrap();
        let path = format!("{}:{}", self.room.path("bin").display(), std::env::var("PATH").unwrap());
        let call = self.call(line).env("PATH", path).env("WALK", walk).env("WALK_BIN", self.room.path("bin"));
        call.env("WALK_GIT", &self.git)
    }

    fn call(&self, line: &str) -> Call<'r> {
        self.room.call("foo-release").words(line).words("-y --format json").env("OUT", self.room.path("out"))
    }

    /// Makes whatever was broken whole again, and says whether something was.
    fn mend(&self) -> bool {
        let Ok(server) = std::fs::read_to_string(self.room.path("walk/broken")) else { return false };
        let server = server.trim();
        let gone = format!("{server}.gone");
        if Path::new(&gone).exists() {
            std::fs::rename(&gone, server).unwrap();
        }
        let _ = std::fs::remove_file(Path::new(server).join("hooks/pre-receive"));
        for name in ["foo-backend", "foo-frontend", "foo-app", "foo-release"] {
            let clone = Repo::at(self.room, name);
            if !clone.git("config --get --default= remote.origin.receivepack").is_empty() {
                clone.git("config --unset remote.origin.receivepack");
            }
        }
        true
    }

    /// Runs a line for version after version, killed after its first step, its second and so on until nothing is left
    /// to be killed after; `check` runs it again and looks at what became of the version.
    fn killed_after_each_step(&self, line: &str, prepare: impl Fn(&str), check: impl Fn(&str)) -> u32 {
        for step in 1.. {
            let version = format!("1.0.{step}");
            prepare(&version);
            let line = line.replace("VERSION", &version);
            let killed = self.walked(&line).env("WALK_KILLED_AFTER", step.to_string()).run();
            if killed.status == 0 {
                assert!(!self.room.path(format!("walk/step-{step}")).exists(), "step {step} of {line} was not killed");
                check(&version);
                return step - 1;
            }
            assert_eq!(killed.status, -1, "{line}, killed after step {step}: {}", killed.err);
            check(&version);
        }
        unreachable!("a command has an end")
    }

    /// Runs a line for version after version, each time with another push failing; `check` is called when the remote is
    /// whole again. `failed` looks at what relman said.
    fn each_push_failing(
        &self,
        line: &str,
        how: &str,
        prepare: impl Fn(&str),
        failed: impl Fn(&Answer),
        check: impl Fn(&str),
    ) -> u32 {
        for push in 1.. {
            let version = format!("2.0.{push}-{how}");
            prepare(&version);
            let line = line.replace("VERSION", &version);
            let call = self.walked(&line).env("WALK_FAILING_PUSH", push.to_string()).env("WALK_HOW", how);
            let answer = call.run();
            if !self.mend() {
                answer.ok();
                return push - 1;
            }
            failed(&answer);
            check(&version);
        }
        unreachable!("a command has an end")
    }

    /// What §4 promises about the tags of a version: the app's tag proves that the whole set exists.
    fn assert_tags_are_whole(&self, version: &str) -> BTreeSet<String> {
        let app = self.server("foo-app");
        let tags: BTreeSet<String> =
            app.git(&format!("tag -l v{version} v{version}-rc.*")).lines().map(Into::into).collect();
        for tag in &tags {
            assert_eq!(app.git(&format!("cat-file -t {tag}")), "tag");
            let message = app.git(&format!("tag -l --format=%(contents) {tag}"));
            let candidate = message.lines().find_map(|line| line.strip_prefix("Candidate: "));
            assert_eq!(candidate.is_some(), !tag.contains("-rc."), "{message}");
            for name in ["foo-backend", "foo-frontend"] {
                let component = self.server(name);
                let named = message.lines().find_map(|line| line.strip_prefix(&format!("Component: {name} "))).unwrap();
                assert_eq!(component.git(&format!("rev-parse refs/tags/{tag}^0")), named, "{tag} in {name}");
                if let Some(candidate) = candidate {
                    assert_eq!(component.git(&format!("rev-parse refs/tags/{candidate}^0")), named, "{tag} in {name}");
                }
            }
            if let Some(candidate) = candidate {
                assert_eq!(app.git(&format!("rev-parse {tag}^0")), app.git(&format!("rev-parse {candidate}^0")));
            }
        }
        for name in ["foo-app", "foo-backend", "foo-frontend"] {
            let server = self.server(name);
            for tag in server.git(&format!("tag -l v{version} v{version}-rc.*")).lines() {
                let changes = std::fs::read_to_string(server.path.join("logs/refs/tags").join(tag)).unwrap();
                assert_eq!(changes.lines().count(), 1, "{tag} was moved in {name}");
            }
        }
        tags
    }

    /// The same, and that no final tag lacks a part. A component's candidate without the app's is abandoned.
    fn assert_nothing_is_half_made(&self, version: &str) -> BTreeSet<String> {
        let tags = self.assert_tags_are_whole(version);
        for name in ["foo-backend", "foo-frontend"] {
            let tag = self.server(name).git(&format!("tag -l v{version}"));
            assert!(tag.is_empty() || tags.contains(&tag), "{tag} of {name} is half-made");
        }
        tags
    }

    fn move_on(&self, name: &str) {
        let server = self.server(name);
        server.branch("main", &server.git("rev-parse main"));
        server.commit("main", "later");
    }

    fn heads(&self) -> Vec<String> {
        ["foo-backend", "foo-frontend", "foo-app"].map(|name| self.server(name).git("rev-parse main")).to_vec()
    }

    fn stand(&self, tag: &str) -> Vec<String> {
        ["foo-backend", "foo-frontend", "foo-app"]
            .map(|name| self.server(name).git(&format!("rev-parse {tag}^0")))
            .to_vec()
    }

    /// Runs a line again, as whoever sees a red job does, and returns what it made.
    fn again(&self, line: &str, version: &str) -> Value {
        self.call(&line.replace("VERSION", version)).run().ok().json()
    }

    /// An environment gets a version by hand.
    fn declare(&self, environment: &str, version: &str, entry: &str, trailers: &str) {
        let message = format!("Set {version}\n\nVersion: {version}\n{trailers}");
        let server = self.server("foo-release");
        let branch = format!("environment/{environment}");
        server.branch(&branch, &server.git(&format!("rev-parse {branch}")));
        server.release_file(environment, &message, &release_file(environment, version, entry));
    }
}

/// A server that is out of reach, or does not take it.
fn tells_of_the_remote(answer: &Answer) {
    let code = answer.error()["code"].as_str().unwrap().to_owned();
    // That a reference can't be written is what a server also says of a lost race.
    let codes = [(6, "remote-unreachable"), (4, "remote-refused"), (4, "tag-refused"), (5, "push-rejected")];
    assert!(codes.contains(&(answer.status, code.as_str())), "{}: {}", answer.status, answer.err);
}

const CANDIDATE: &str = "tag candidate VERSION";
const FINAL: &str = "tag final VERSION";

#[test]
fn a_candidate_is_completed_under_its_number() {
    let room = Room::new();
    let team = Team::new(&room);
    let check = |version: &str| {
        team.assert_tags_are_whole(version);
        let made = team.again(CANDIDATE, version);
        assert_eq!(made["tag"], format!("v{version}-rc.1"), "the heads are the same, so is the number");
        assert_eq!(team.assert_nothing_is_half_made(version).len(), 1);
        assert_eq!(team.stand(&format!("v{version}-rc.1")), team.heads());
    };
    let steps = team.killed_after_each_step(CANDIDATE, |_| (), check);
    // An object, a push and what is noted of it, in three repositories.
    assert_eq!(steps, 9);
}

#[test]
fn a_candidate_takes_the_next_number_where_heads_have_moved() {
    let room = Room::new();
    let team = Team::new(&room);
    let check = |version: &str| {
        let left = team.assert_tags_are_whole(version);
        let numbers = ["foo-backend", "foo-frontend"]
            .map(|name| team.server(name).git(&format!("tag -l v{version}-rc.*")).lines().count())
            .into_iter()
            .max()
            .unwrap();
        team.move_on("foo-backend");
        let made = team.again(CANDIDATE, version);
        assert_eq!(made["tag"], format!("v{version}-rc.{}", numbers + 1), "a number of other commits is spent");
        assert_eq!(team.assert_nothing_is_half_made(version).len(), left.len() + 1);
        assert_eq!(team.stand(made["tag"].as_str().unwrap()), team.heads());
    };
    assert_eq!(team.killed_after_each_step(CANDIDATE, |_| (), check), 9);
}

#[test]
fn a_final_tag_is_completed_on_its_candidate() {
    let room = Room::new();
    let team = Team::new(&room);
    let prepare = |version: &str| {
        team.again(CANDIDATE, version);
    };
    let check = |version: &str| {
        let candidate = team.stand(&format!("v{version}-rc.1"));
        // What is committed and tagged meanwhile is another candidate, and not what was being finished.
        team.move_on("foo-backend");
        let made = team.again(FINAL, version);
        assert_eq!(made["tag"], format!("v{version}"));
        assert_eq!(team.assert_nothing_is_half_made(version).len(), 2);
        assert_eq!(team.stand(&format!("v{version}")), candidate);
    };
    assert_eq!(team.killed_after_each_step(FINAL, prepare, check), 9);
    for how in HOWS {
        assert_eq!(team.each_push_failing(FINAL, how, prepare, tells_of_the_remote, check), 3, "{how}");
    }
}

#[test]
fn a_candidate_survives_each_push_failing() {
    let room = Room::new();
    let team = Team::new(&room);
    let check = |version: &str| {
        let left = team.assert_tags_are_whole(version);
        assert!(left.is_empty(), "the app repo is last, so nothing was promised: {left:?}");
        let made = team.again(CANDIDATE, version);
        assert!(["created", "completed"].contains(&made["result"].as_str().unwrap()), "{made}");
        assert_eq!(team.assert_nothing_is_half_made(version).len(), 1);
        assert_eq!(team.stand(made["tag"].as_str().unwrap()), team.heads());
    };
    for how in HOWS {
        assert_eq!(team.each_push_failing(CANDIDATE, how, |_| (), tells_of_the_remote, check), 3, "{how}");
    }
}

#[test]
fn a_release_branch_is_completed() {
    let room = Room::new();
    let team = Team::new(&room);
    const BRANCH: &str = "branch VERSION";
    let stand = |version: &str| {
        let full = format!("refs/heads/release/{version}");
        let of = |name| team.server(name).git(&format!("for-each-ref --format=%(objectname) {full}"));
        ["foo-backend", "foo-frontend", "foo-app"].map(of).to_vec()
    };
    let check = |version: &str| {
        let heads = team.heads();
        let before = stand(version);
        assert!(before.iter().zip(&heads).all(|(one, head)| one.is_empty() || one == head));
        let made = team.again(BRANCH, version);
        let result = if before == heads {
            "unchanged"
        } else if before.iter().all(String::is_empty) {
            "created"
        } else {
            "completed"
        };
        assert_eq!(made["result"], result);
        assert_eq!(stand(version), heads);
    };
    assert_eq!(team.killed_after_each_step(BRANCH, |_| (), check), 6);
    for how in HOWS {
        assert_eq!(team.each_push_failing(BRANCH, how, |_| (), tells_of_the_remote, check), 3, "{how}");
    }
}

/// The records of a commit, and that each of them is whole: a start for every end, and no end twice.
fn records(team: &Team<'_>, environment: &str) -> Vec<Value> {
    let release = team.server("foo-release");
    if release.git("for-each-ref refs/notes").is_empty() {
        return Vec::new();
    }
    let full = format!("environment/{environment}");
    let note = release.git_args(["log", "-1", "--notes=relman/deployments", "--format=%N", &full]);
    let lines = note.lines().filter(|line| !line.trim().is_empty());
    let records: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut running = BTreeSet::new();
    for record in &records {
        let id = record["id"].as_str().unwrap();
        match record["outcome"].as_str().unwrap() {
            "running" => assert!(running.insert(id), "{id} began twice"),
            _ => assert!(running.remove(id), "{id} ended and never began, or ended twice"),
        }
    }
    records
}

/// Deploys `environment`, and checks that the version is deployed whole and the last record says so.
fn deployed_again(team: &Team<'_>, environment: &str, version: &str) {
    team.assert_tags_are_whole(version);
    let begun = records(team, environment).len();
    let document = team.again(&format!("deploy {environment}"), version);
    let tags = team.assert_nothing_is_half_made(version);
    let tag = document["tag"].as_str().unwrap();
    assert!(tags.contains(tag), "{tag} is not among {tags:?}");
    let records = records(team, environment);
    assert_eq!(records.len(), begun + 2, "{records:?}");
    assert_eq!((&records[begun + 1]["outcome"], &records[begun + 1]["tag"]), (&"succeeded".into(), &tag.into()));
    let status = team.room.relman("foo-release", &format!("status {environment} --format json")).ok().json();
    assert_eq!(status["environments"][0]["deployment"]["outcome"], "succeeded");
}

#[test]
fn a_deployment_to_qa_is_done_again_with_its_candidate() {
    let room = Room::new();
    let team = Team::new(&room);
    let prepare = |version: &str| team.declare("qa", version, "type: qa", "");
    let check = |version: &str| {
        deployed_again(&team, "qa", version);
        assert_eq!(team.stand(&format!("v{version}-rc.1")), team.heads());
    };
    // Nine for the tags; for each record a commit, a push, and what is noted of it in two references.
    assert_eq!(team.killed_after_each_step("deploy qa", prepare, check), 9 + 4 + 4);
}

#[test]
fn a_deployment_to_prod_is_done_again_with_its_final_tag() {
    let room = Room::new();
    let team = Team::new(&room);
    let prepare = |version: &str| {
        team.again(CANDIDATE, version);
        let candidate = format!("Candidate: v{version}-rc.1\n");
        team.declare("prod", version, "type: prod; from: [qa]", &candidate);
    };
    let check = |version: &str| {
        let candidate = team.stand(&format!("v{version}-rc.1"));
        team.move_on("foo-app");
        deployed_again(&team, "prod", version);
        assert_eq!(team.stand(&format!("v{version}")), candidate);
    };
    assert_eq!(team.killed_after_each_step("deploy prod", prepare, check), 9 + 4 + 4);
}

/// Deploys to one environment with each push failing in one way.
fn deploy_with_failing_pushes(environment: &str, how: &str) {
    let room = Room::new();
    let team = Team::new(&room);
    let ran = || std::fs::read_to_string(room.path("out")).map_or(0, |text| text.lines().count());
    let is_final = environment == "prod";
    let prepare = |version: &str| {
        let (entry, trailers) = match is_final {
            true => ("type: prod; from: [qa]", format!("Candidate: v{version}-rc.1\n")),
            false => ("type: qa", String::new()),
        };
        if is_final {
            team.again(CANDIDATE, version);
        }
        team.declare(environment, version, entry, &trailers);
        let _ = std::fs::remove_file(room.path("out"));
    };
    let failed = |answer: &Answer| {
        let version = team.server("foo-release").git(&format!("log -1 --format=%s environment/{environment}"));
        let told = records(&team, environment);
        match (told.len(), answer.status) {
            // A tag could not be made, or a final environment could not record the start: nothing has run.
            (0, 4 | 6) => assert_eq!(ran(), 0, "{version}: {}", answer.err),
            // The start could not be recorded, and then the end could not: the line is told.
            (0 | 1, 0) => {
                assert_eq!(ran(), 1, "{version}: {}", answer.err);
                let line = answer.err.lines().find(|line| line.starts_with("{\"at\":")).unwrap();
                assert_eq!(serde_json::from_str::<Value>(line).unwrap()["outcome"], "succeeded");
            }
            (told, status) => panic!("{version} ended with {status} and {told} records: {}", answer.err),
        }
        assert!(!is_final || answer.status != 0 || told.len() == 1, "prod ran what was not recorded");
    };
    let check = |version: &str| deployed_again(&team, environment, version);
    let pushes = team.each_push_failing(&format!("deploy {environment}"), how, prepare, failed, check);
    assert_eq!(pushes, 3 + 2, "three tags and two records");
}

#[test]
fn a_deployment_survives_each_push_failing() {
    // A record is tried for a while, so the ways to fail wait side by side.
    std::thread::scope(|scope| {
        for environment in ["qa", "prod"] {
            for how in HOWS {
                scope.spawn(move || deploy_with_failing_pushes(environment, how));
            }
        }
    });
}

/// A promotion and its kin, each with what it leaves at the server when it is done.
#[test]
fn promotions_are_completed_and_never_doubled() {
    let room = Room::new();
    let team = Team::new(&room);
    let server = team.server("foo-release");
    let declared = |full: &str| {
        let file = server.git(&format!("show {full}:release.yml"));
        file.lines().find_map(|line| line.strip_prefix("version: ")).unwrap().to_owned()
    };
    let named = |full: &str, version: &str| {
        let messages = server.git(&format!("log --first-parent --format=%B {full}"));
        messages.lines().filter(|line| *line == format!("Version: {version}")).count()
    };
    let prod = "environment/prod";
    for (line, head) in [
        ("promote qa prod --direct-push", prod),
        ("promote qa prod --via branch", "promote/prod/VERSION"),
        ("set prod VERSION --direct-push", prod),
        ("set prod VERSION", "promote/prod/VERSION"),
        ("rollback prod VERSION --direct-push", prod),
    ] {
        // Versions that have no order but the one of their commits, so that none is a downgrade.
        let serial: String = line.chars().filter(char::is_ascii_lowercase).collect();
        let line = &line.replace("VERSION", &format!("{serial}-VERSION"));
        let prepare = |version: &str| {
            let version = format!("{serial}-{version}");
            team.again(CANDIDATE, &version);
            team.declare("qa", &version, "type: qa", "");
        };
        let check = |number: &str| {
            let version = format!("{serial}-{number}");
            let head = head.replace("VERSION", &version);
            let before = declared(prod);
            team.again(line, number);
            assert_eq!(declared(&head), version, "{line}");
            assert_eq!(named(&head, &version), 1, "{line} was done twice");
            if head != prod {
                assert_eq!(declared(prod), before, "{line} reached prod by itself");
                assert_eq!(server.git(&format!("rev-parse {head}^")), server.git(&format!("rev-parse {prod}")));
            }
        };
        // A commit and a push.
        assert_eq!(team.killed_after_each_step(line, prepare, check), 2, "{line}");
        for how in HOWS {
            assert_eq!(team.each_push_failing(line, how, prepare, tells_of_the_remote, check), 1, "{line}: {how}");
        }
    }
}
