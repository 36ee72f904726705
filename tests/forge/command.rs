//! The program itself against every forge: a promotion opens a pull request, a second one finds it, and the token is
//! nowhere to be read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use relman::forge::ForgeKind;

use super::sandbox::{Answer, Call, Repo, Room};
use super::server::{Fault, Reply};
use super::store::{Running, TOKEN};
use super::suite::{each, restriction};

/// A release repo on a server that is a plain folder, its clone, and an app repo beside it.
pub struct Desk<'r> {
    room: &'r Room,
    running: &'r Running,
    pub server: Repo<'r>,
}

pub fn file(version: &str) -> String {
    format!(
        "application: foo-app\nversion: {version}\nenvironments:\n- name: qa\n  type: qa\n- name: prod\n  type: prod\n  from: [qa]\n"
    )
}

impl<'r> Desk<'r> {
    pub fn new(room: &'r Room, running: &'r Running) -> Self {
        let app = room.repo("foo-app");
        for version in ["1.0.0", "1.1.0", "1.2.0"] {
            app.commit("main", &format!("FOO-1 Work on {version}"));
            app.tag(&format!("v{version}-rc.1"), "main");
        }
        let server = room.server("foo-release");
        let root = server.commit_files("main", "Begin", &[("release.yml", &file("1.0.0"))]);
        for name in ["qa", "prod"] {
            server.branch(&format!("environment/{name}"), &root);
        }
        server.release_file("qa", "Set 1.1.0", &file("1.1.0"));
        server.clone_as("foo-release", "");
        running.store.lock().unwrap().branches.insert("promote/prod/1.1.0".into());
        Desk { room, running, server }
    }

    /// Runs relman with the forge named and the token in the environment, and looks for the token in all it says.
    pub fn relman(&self, line: &str) -> Answer {
        let forge = format!("{}={}/acme/foo-release", self.running.kind.word(), self.running.server.url);
        let answer = self.call(line).arg("--forge").arg(forge).run();
        let said = format!("{}{}", answer.out, answer.err);
        assert!(!said.contains(TOKEN), "{said}");
        let written = self.room.files_with(TOKEN);
        assert!(written.is_empty(), "the token is in {written:?}");
        answer
    }

    /// A call with the token in the environment, and no word about a forge.
    pub fn call(&self, line: &str) -> Call<'r> {
        self.room.call("foo-release").words(line).env("RELMAN_TOKEN", TOKEN).env("NO_PROXY", "*")
    }
}

#[test]
fn a_promotion_opens_one_pull_request_and_keeps_it_up_to_date() {
    each(|running| {
        let room = Room::new();
        let desk = Desk::new(&room, running);
        let made = desk.relman("promote qa prod -y --format json").ok().json();
        assert_eq!((&made["result"], &made["pull_request"]["number"]), (&"created".into(), &1.into()), "{made}");
        assert_eq!(made["pull_request"]["forge"], running.kind.word());
        assert_eq!(made["pull_request"]["base"], "environment/prod");
        let again = desk.relman("promote qa prod -y --format json").ok().json();
        assert_eq!((&again["result"], &again["pull_request"]["number"]), (&"unchanged".into(), &1.into()), "{again}");
        let pulls = &running.store.lock().unwrap().pulls;
        assert_eq!(pulls.len(), 1);
        assert!(pulls[0].body.contains("FOO-1") && pulls[0].body.contains("v1.1.0-rc.1"), "{}", pulls[0].body);
    });
}

#[test]
fn a_forge_that_deletes_head_branches_gets_a_branch_of_its_own() {
    let room = Room::new();
    let running = Running::start(ForgeKind::Gitea);
    let desk = Desk::new(&room, &running);
    running.store.lock().unwrap().settings = serde_json::json!({ "default_delete_branch_after_merge": true });
    let made = desk.relman("promote qa prod -y --format json").ok().json();
    assert_eq!((&made["via"], &made["reason"]), (&"branch".into(), &"deletes-head".into()), "{made}");
    assert_eq!(made["pull_request"]["head"], "promote/prod/1.1.0");
    assert_eq!(desk.server.git("rev-parse promote/prod/1.1.0^"), desk.server.git("rev-parse environment/prod"));
}

#[test]
fn what_a_forge_refuses_ends_with_its_exit_code_and_the_next_run_goes_on() {
    each(|running| {
        let room = Room::new();
        let desk = Desk::new(&room, running);
        for (reply, status) in [
            (Reply::json(401, serde_json::json!({ "message": "who are you" })), 4),
            (Reply::page(503, "<html>maintenance</html>"), 6),
            (Reply::page(200, "<html>Log in</html>"), 6),
        ] {
            *running.server.always.lock().unwrap() = Some(Fault::Answer(reply));
            let answer = desk.relman("promote qa prod -y --via branch");
            assert_eq!(answer.status, status, "{}", answer.err);
        }
        *running.server.always.lock().unwrap() = None;
        assert_eq!(desk.relman("promote qa prod -y --via branch --format json").ok().json()["result"], "created");
    });
}

#[test]
fn without_a_token_the_page_is_told_and_what_needs_one_is_refused() {
    each(|running| {
        let room = Room::new();
        let desk = Desk::new(&room, running);
        let forge = format!("{}={}/acme/foo-release", running.kind.word(), running.server.url);
        let call = |line: &str| room.call("foo-release").words(line).arg("--forge").arg(&forge).run();
        let manual = call("promote qa prod -y --format json").ok().json();
        assert_eq!(manual["result"], "manual", "{manual}");
        let page = manual["pull_request"]["url"].as_str().unwrap();
        assert!(page.starts_with(&running.server.url) && page.contains("environment"), "{page}");
        call("promote qa prod -y --draft").ends(4).talks("RELMAN_TOKEN");
        assert_eq!(running.server.requests().len(), 0, "nothing is asked without a token");
        // A plan needs none either.
        call("promote qa prod --draft -n").ok();
        assert_eq!(desk.relman("promote qa prod -y --web --format json").ok().json()["result"], "manual");
    });
}

#[test]
fn a_host_that_only_a_file_names_gets_no_token() {
    let room = Room::new();
    let running = Running::start(ForgeKind::Gitea);
    let desk = Desk::new(&room, &running);
    let text = format!("{}forge:\n  type: gitea\n  url: {}\n", file("1.0.0"), running.server.url);
    desk.server.release_file("prod", "Name a forge", &text);
    Repo::at(&room, "foo-release").git("fetch -q");
    // The remote is another host, which is asked for nothing before the forge is known.
    Repo::at(&room, "foo-release").git("config remote.origin.url http://git.example.invalid/acme/foo-release.git");
    let call = room.call("foo-release").words("promote qa prod -y --format json");
    call.env("RELMAN_TOKEN", TOKEN).run().refused(4, "untrusted-forge");
    assert_eq!(running.server.requests().len(), 0);
    assert!(desk.server.git("branch --list promote/*").is_empty(), "nothing was pushed before it was known");
}

#[test]
fn two_that_race_open_one_pull_request() {
    each(|running| {
        let room = Room::new();
        let desk = Desk::new(&room, running);
        desk.server.clone_as("other/foo-release", "");
        Repo::at(&room, "foo-app").clone_as("other/foo-app", "");
        // Each pushes a branch of the same name, with a commit of its own.
        let raced = race(&desk, &["foo-release", "other/foo-release"], "promote qa prod -y --via branch --format json");
        assert_eq!(running.store.lock().unwrap().pulls.len(), 1, "{raced:?}");
        let made = raced.iter().filter(|(_, said)| said.contains("\"result\":\"created\"")).count();
        assert!(made <= 1, "{raced:?}");
        for (status, said) in &raced {
            // Whoever comes second finds it, or is told that somebody else was first.
            assert!(*status == 0 || *status == 5 && said.contains("\"exit\":5"), "{status} {said}");
        }
        assert!(raced.iter().any(|(status, _)| *status == 0), "{raced:?}");
        let again = desk.relman("promote qa prod -y --via branch --format json").ok().json();
        assert_eq!((&again["result"], &again["pull_request"]["number"]), (&"unchanged".into(), &1.into()), "{again}");
        let tip = desk.server.git("rev-parse promote/prod/1.1.0^");
        assert_eq!(tip, desk.server.git("rev-parse environment/prod"), "one commit, on top of prod");
    });
}

/// Runs the same line in several clones at once, and returns each status and all that was said.
fn race(desk: &Desk<'_>, folders: &[&str], line: &str) -> Vec<(i32, String)> {
    let forge = format!("{}={}/acme/foo-release", desk.running.kind.word(), desk.running.server.url);
    let command = |folder: &&str| {
        let call = desk.room.call(folder).words(line).arg("--forge").arg(&forge);
        call.env("RELMAN_TOKEN", TOKEN).env("NO_PROXY", "*").into_command()
    };
    let commands: Vec<_> = folders.iter().map(command).collect();
    std::thread::scope(|scope| {
        let running: Vec<_> =
            commands.into_iter().map(|mut command| scope.spawn(move || command.output().unwrap())).collect();
        let outputs = running.into_iter().map(|thread| thread.join().unwrap());
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        outputs
            .map(|output| (output.status.code().unwrap(), format!("{}{}", said(&output.stdout), said(&output.stderr))))
            .collect()
    })
}

#[test]
fn a_script_can_wait_for_the_merge() {
    each(|running| {
        let room = Room::new();
        let desk = Desk::new(&room, running);
        desk.relman("promote qa prod -y --wait=1s").ends(5).talks("is still open");
        let store = running.store.clone();
        let merging = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(1_500));
            let mut store = store.lock().unwrap();
            (store.pulls[0].open, store.pulls[0].merged) = (false, true);
        });
        desk.relman("promote qa prod -y --wait").ok().talks("Merged.");
        merging.join().unwrap();
    });
}

#[test]
fn status_shows_open_promotions_only_when_asked() {
    each(|running| {
        let room = Room::new();
        let desk = Desk::new(&room, running);
        desk.relman("promote qa prod -y").ok();
        let asked = running.server.requests().len();
        assert_eq!(
            desk.relman("status --format json").ok().json()["environments"][0]["promotions"],
            serde_json::json!([])
        );
        assert_eq!(running.server.requests().len(), asked, "plain status asks no forge");
        let status = desk.relman("status --pull-requests --format json").ok().json();
        let open = &status["environments"][0]["promotions"][0];
        assert_eq!(
            (&open["to"], &open["number"], &open["state"]),
            (&"prod".into(), &1.into(), &"open".into()),
            "{status}"
        );
    });
}

#[test]
fn log_asks_for_pull_requests_that_no_message_names_and_only_when_told_to() {
    each(|running| {
        let room = Room::new();
        let desk = Desk::new(&room, running);
        // A person gave the merge a subject of their own; another change names its pull request itself.
        let silent = desk.server.release_file("prod", "Let the cat out", &file("1.1.0"));
        desk.server.release_file("prod", "Bring more (#77)", &file("1.2.0"));
        {
            let mut store = running.store.lock().unwrap();
            store.add_merged("environment/prod", "main", &silent, &[]);
            store.add_merged("promote/prod/1.1.0", "environment/prod", &silent, &[]);
        }
        Repo::at(&room, "foo-release").git("fetch -q");
        let numbers = |line: &str| -> Vec<serde_json::Value> {
            let told = desk.relman(line).ok().json();
            told["entries"].as_array().unwrap().iter().map(|entry| entry["pull_request"]["number"].clone()).collect()
        };
        let null = serde_json::Value::Null;
        let before = running.server.requests().len();
        assert_eq!(numbers("log prod --limit 2 --format json"), [serde_json::json!(77), null]);
        assert_eq!(running.server.requests().len(), before, "plain log asks no forge");
        assert_eq!(numbers("log prod --limit 2 --pull-requests --format json"), [77, 2]);
        let asked = running.server.requests().len();
        assert!(asked > before);
        // What is not told, or is known, is not asked for.
        assert_eq!(numbers("log prod --limit 1 --pull-requests --format json"), [77]);
        assert_eq!(running.server.requests().len(), asked);
        let shown = desk.relman("log prod --limit 2 --pull-requests").ok();
        assert!(shown.out.contains("#2 ") && shown.out.contains("#77"), "{}", shown.out);
        desk.relman("log prod --pull-requests --offline").ends(2);
        room.call("foo-release").words("log prod --pull-requests").run().ends(2);
    });
}

#[test]
fn the_doctor_names_the_source_of_the_token_and_what_hurts() {
    let room = Room::new();
    let running = Running::start(ForgeKind::Gitea);
    let desk = Desk::new(&room, &running);
    running.store.lock().unwrap().settings = serde_json::json!({ "default_delete_branch_after_merge": true });
    let found = desk.relman("doctor --format json").ok().json();
    let codes: Vec<_> = found["findings"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    for code in ["git", "identity", "clone", "forge", "token", "deletes-head-branch"] {
        assert!(codes.contains(&code), "{code} is not in {codes:?}");
    }
    let token = found["findings"].as_array().unwrap().iter().find(|one| one["code"] == "token").unwrap();
    assert_eq!(token["message"], "the token comes from RELMAN_TOKEN");
    let bare = room.call("foo-release").words("doctor").run().ok();
    assert!(bare.out.contains("no forge"), "{}", bare.out);
}

#[test]
fn the_doctor_finds_environment_branches_that_anybody_may_change() {
    each(|running| {
        let room = Room::new();
        let desk = Desk::new(&room, running);
        let codes = |protected, restrictions| {
            let mut store = running.store.lock().unwrap();
            (store.protected, store.restrictions) = (protected, restrictions);
            drop(store);
            let found = desk.relman("doctor --format json").ok().json();
            let findings = found["findings"].as_array().unwrap();
            let about = |code: &str| findings.iter().filter(|one| one["code"] == code).count();
            (about("not-protected"), about("deletable"))
        };
        let (push, delete) = match running.kind {
            ForgeKind::BitbucketCloud => ("push", "delete"),
            ForgeKind::BitbucketDatacenter => ("read-only", "no-deletes"),
            // The others say it of the branch itself.
            _ => {
                assert_eq!(codes(true, None), (0, 0));
                assert_eq!(codes(false, None), (2, 0));
                return;
            }
        };
        let all = |kind: &str| restriction(running.kind, kind, "environment/*");
        assert_eq!(codes(false, None), (0, 0), "what is not told is not reported");
        assert_eq!(codes(true, Some(vec![])), (2, 2));
        assert_eq!(codes(false, Some(vec![all(push), all(delete)])), (0, 0));
        let prod = restriction(running.kind, push, "environment/prod");
        assert_eq!(codes(false, Some(vec![prod, all(delete)])), (1, 0));
    });
}

#[test]
fn what_moves_an_environment_is_told_in_the_pull_request_that_it_heads() {
    each(|running| {
        let room = Room::new();
        let desk = Desk::new(&room, running);
        desk.server.git("branch -f environment/prod environment/qa~1");
        assert_eq!(desk.relman("promote qa prod -y --format json").ok().json()["via"], "direct");
        desk.relman("redeploy qa -y").ok().talks("The pull request 1 to prod is open");
        desk.relman("set qa 1.2.0 -y --direct-push").ok().talks("The pull request 1 to prod is open");
        let pulls = &running.store.lock().unwrap().pulls;
        assert_eq!(pulls.len(), 1);
        assert!(
            pulls[0].title.contains("1.2.0") && pulls[0].body.contains("v1.2.0-rc.1"),
            "{} {}",
            pulls[0].title,
            pulls[0].body
        );
    });
}

#[test]
fn a_deployment_brings_the_pull_request_up_to_date_that_ships_it() {
    let room = Room::new();
    let running = Running::start(ForgeKind::Gitea);
    let desk = Desk::new(&room, &running);
    let pipeline = "pipeline:\n  engine: shell\n  steps:\n  - name: deploy\n    run: 'true'\n";
    Repo::at(&room, "foo-app").commit_files("main", "FOO-77 Fix it", &[("app.yml", pipeline)]);
    desk.server.git("branch -f environment/prod environment/qa~1");
    assert_eq!(desk.relman("promote qa prod -y --format json").ok().json()["via"], "direct");
    assert!(running.store.lock().unwrap().pulls[0].body.contains("v1.1.0-rc.1"));
    desk.relman("deploy qa -y").ok().talks("The pull request 1 to prod is open");
    let body = running.store.lock().unwrap().pulls[0].body.clone();
    assert!(body.contains("v1.1.0-rc.2") && body.contains("FOO-77") && !body.contains("v1.1.0-rc.1\n"), "{body}");
}

#[test]
fn a_fix_that_would_be_lost_is_what_a_pull_request_begins_with() {
    each(|running| {
        let room = Room::new();
        let desk = Desk::new(&room, running);
        let app = Repo::at(&room, "foo-app");
        app.branch("hotfix", &app.git("rev-parse v1.0.0-rc.1^0"));
        app.commit_files("hotfix", "FOO-9 Mend it", &[("fix.txt", "mended\n")]);
        app.tag("v1.0.1-rc.1", "hotfix");
        desk.server.release_file("prod", "Hotfix", &file("1.0.1"));
        desk.relman("promote qa prod -y").ok();
        let body = running.store.lock().unwrap().pulls[0].body.clone();
        let at = |part: &str| body.find(part).unwrap_or_else(|| panic!("{part} is not in {body}"));
        assert!(at("Would be lost") < at("FOO-9 Mend it") && at("FOO-9 Mend it") < at("Brings"), "{body}");
    });
}

#[test]
fn what_will_move_an_environment_tells_of_the_pull_request_that_it_heads() {
    each(|running| {
        let room = Room::new();
        let desk = Desk::new(&room, running);
        running.store.lock().unwrap().branches.insert("promote/qa/1.2.0".into());
        desk.server.git("branch -f environment/prod environment/qa~1");
        assert_eq!(desk.relman("promote qa prod -y --format json").ok().json()["via"], "direct");
        let set = desk.relman("set qa 1.2.0 -y --format json").ok().json();
        let warning = &set["warnings"][0];
        assert_eq!(warning["code"], "heads-pull-request", "{set}");
        assert!(warning["message"].as_str().unwrap().contains("the open pull request 1 to prod"), "{set}");
    });
}

#[test]
fn only_the_version_of_a_source_continues_it() {
    let room = Room::new();
    let running = Running::start(ForgeKind::GitLab);
    let desk = Desk::new(&room, &running);
    let only_merges = serde_json::json!({"merge_method": "merge", "squash_option": "never"});
    running.store.lock().unwrap().settings = only_merges;
    running.store.lock().unwrap().branches.insert("promote/prod/1.2.0".into());
    let parents = |line: &str, version: &str| {
        desk.relman(&format!("promote qa prod -y --via branch {line}")).ok();
        desk.server.git(&format!("log -1 --format=%P promote/prod/{version}")).split(' ').count()
    };
    assert_eq!(parents("", "1.1.0"), 2, "so that the next direct promotion is clean");
    assert_eq!(parents("--version 1.2.0", "1.2.0"), 1, "qa does not hold it");
}

/// A Git server that lets nobody in without a login, and notes who comes.
struct Door;

impl super::server::Answers for Door {
    fn answer(&mut self, asked: &super::server::Asked) -> Reply {
        match asked.header("authorization") {
            None => Reply::page(401, "who are you").with("WWW-Authenticate", "Basic realm=git"),
            Some(_) => Reply::page(404, "no such repository"),
        }
    }
}

#[test]
fn git_gets_the_token_for_the_host_of_the_remote_and_for_no_other() {
    let door = |room: &Room, variable: Option<&str>| {
        let server = super::server::Server::start(std::sync::Arc::new(std::sync::Mutex::new(Door)));
        let other = super::server::Server::start(std::sync::Arc::new(std::sync::Mutex::new(Door)));
        let release = room.repo("foo-release");
        let app = format!("application: {{name: foo-app, url: \"{}/acme/foo-app.git\"}}\n", other.url);
        let text = file("1.0.0").replace("application: foo-app\n", &app);
        release.release_file("qa", "Begin", &text);
        release.git(&format!("remote add origin {}/acme/foo-release.git", server.url));
        let forge = format!("gitea={}", server.url);
        let call = room.call("foo-release").words("fetch -v --forge").arg(forge).env("NO_PROXY", "*");
        let call = if let Some(token) = variable { call.env("RELMAN_TOKEN", token) } else { call };
        let answer = call.run();
        assert!(!format!("{}{}", answer.out, answer.err).contains(TOKEN));
        let seen = |server: &super::server::Server| {
            server
                .requests()
                .iter()
                .filter_map(|asked| asked.header("authorization").map(str::to_owned))
                .collect::<Vec<_>>()
        };
        (seen(&server), seen(&other), answer.status)
    };
    let (with, elsewhere, _) = door(&Room::new(), Some(TOKEN));
    // `relman:` and the token, as Basic.
    let expected = format!("Basic {}", STANDARD.encode(format!("relman:{TOKEN}")));
    assert!(!with.is_empty() && with.iter().all(|header| *header == expected), "{with:?}");
    assert_eq!(elsewhere, Vec::<String>::new(), "another host gets nothing");
    let (without, ..) = door(&Room::new(), None);
    assert_eq!(without, Vec::<String>::new());
}

/// A release whose qa can be deployed, its remote and its app as plain folders.
fn deployable<'r>(room: &'r Room, running: &'r Running, step: &str) -> Desk<'r> {
    let desk = Desk::new(room, running);
    let app = Repo::at(room, "foo-app");
    app.branch("main", &app.git("rev-parse main"));
    let text = format!("pipeline:\n  steps:\n  - {{name: work, run: '{step}'}}\n");
    app.commit_files("main", "Describe the app", &[("app.yml", &text)]);
    desk
}

/// What a status says, in whatever words the forge has for it.
fn state_of(status: &serde_json::Value) -> &'static str {
    match status["state"].as_str().unwrap() {
        "pending" | "running" | "INPROGRESS" => "running",
        "success" | "SUCCESSFUL" => "succeeded",
        "failure" | "failed" | "FAILED" => "failed",
        other => panic!("{other}"),
    }
}

#[test]
fn a_deployment_shows_beside_its_commit_and_names_its_pull_request() {
    each(|running| {
        let room = Room::new();
        let desk = deployable(&room, running, "test ! -e broken");
        let tip = desk.server.git("rev-parse environment/qa");
        running.store.lock().unwrap().add_merged("environment/dev", "environment/qa", &tip, &["alice", "bob"]);
        let line = "deploy qa -y -v --format json";
        let forge = format!("{}={}/acme/foo-release", running.kind.word(), running.server.url);
        let deploy = |step: &str| {
            let call = room.call("foo-release").words(line).words("--forge").arg(&forge);
            let call = call.env("RELMAN_TOKEN", TOKEN).env("NO_PROXY", "*").env("BUILD_URL", "https://ci.example/7");
            let answer = call.env("STEP", step).run();
            assert!(!format!("{}{}", answer.out, answer.err).contains(TOKEN));
            answer
        };
        let document = deploy("").ok().json();
        let pull = &document["record"]["pull_request"];
        assert_eq!(
            (&pull["number"], &pull["author"], &pull["merged_by"]),
            (&1.into(), &"jane".into(), &"wendy".into())
        );
        assert_eq!(pull["approved_by"], serde_json::json!(["alice", "bob"]));
        assert!(pull["url"].as_str().unwrap().ends_with('1'), "{pull}");
        let note = desk.server.git_args(["log", "-1", "--notes=relman/deployments", "--format=%N", "environment/qa"]);
        let lines: Vec<serde_json::Value> =
            note.lines().filter(|line| !line.is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((&lines[0]["pull_request"], &lines[1]["pull_request"]), (pull, pull), "known before the first step");
        let statuses = running.store.lock().unwrap().statuses.clone();
        assert_eq!(statuses.iter().map(state_of).collect::<Vec<_>>(), ["running", "succeeded"]);
        for status in &statuses {
            let text = status.to_string();
            for part in ["relman/qa", "1.1.0", "v1.1.0-rc.2", "https://ci.example/7"] {
                assert!(text.contains(part), "{part} is not in {text}");
            }
        }
        let asked = running.server.requests();
        let path = &asked.iter().find(|asked| asked.method == "POST").unwrap().raw_path;
        assert!(path.contains(&tip), "{path} is not about the release commit");
    });
}

#[test]
fn a_failed_deployment_shows_as_failed() {
    each(|running| {
        let room = Room::new();
        let desk = deployable(&room, running, "exit 3");
        desk.relman("deploy qa -y").ends(7);
        let statuses = running.store.lock().unwrap().statuses.clone();
        assert_eq!(statuses.iter().map(state_of).collect::<Vec<_>>(), ["running", "failed"]);
    });
}

#[test]
fn a_forge_that_does_not_answer_neither_delays_nor_fails_a_deployment() {
    each(|running| {
        for fault in [|| Fault::Cut, || Fault::Answer(Reply::json(403, serde_json::json!({"message": "no"})))] {
            let room = Room::new();
            let desk = deployable(&room, running, "true");
            running.server.fault(std::iter::repeat_with(fault).take(3));
            let answer = desk.relman("deploy qa -y -v --format json").ok();
            assert_eq!(answer.json()["record"]["pull_request"], serde_json::Value::Null);
            assert!(answer.err.contains("the release commit does not show this deployment"), "{}", answer.err);
            assert_eq!(answer.err.matches("does not show").count(), 2, "each is tried once: {}", answer.err);
            // Without -v, it is nobody's business.
            running.server.fault(std::iter::repeat_with(fault).take(3));
            let quiet = desk.relman("deploy qa -y").ok();
            assert!(!quiet.err.contains("does not show"), "{}", quiet.err);
        }
    });
}

#[test]
fn without_a_token_no_forge_is_told() {
    each(|running| {
        let room = Room::new();
        deployable(&room, running, "true");
        let forge = format!("{}={}/acme/foo-release", running.kind.word(), running.server.url);
        let call = room.call("foo-release").words("deploy qa -y --format json --forge").arg(forge);
        assert_eq!(call.run().ok().json()["record"]["pull_request"], serde_json::Value::Null);
        assert!(running.server.requests().is_empty());
    });
}
