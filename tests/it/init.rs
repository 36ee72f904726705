//! `relman init` and `relman env add`: what they make, what they keep, and what they never touch.

#[cfg(target_os = "linux")]
use crate::sandbox::skip;
use crate::sandbox::{Repo, Room, assert_whole};

fn made(room: &Room, line: &str) {
    room.relman("", line).ok();
}

#[test]
fn a_script_needs_flags_only() {
    let room = Room::new();
    assert_whole!("init", room.relman("", "init foo --component foo-backend").ok());
    let release = Repo::at(&room, "foo-release");
    assert_eq!(
        release.git("for-each-ref --format=%(refname)"),
        "refs/heads/environment/dev\nrefs/heads/environment/prod\nrefs/heads/environment/qa\nrefs/heads/main"
    );
    // One root, which the environments without a version stand on.
    assert_eq!(release.git("rev-parse environment/qa"), release.git("rev-parse main"));
    assert_eq!(release.git("rev-parse environment/dev^"), release.git("rev-parse main"));
    assert!(release.git("show environment/dev:release.yml").contains("\nversion: WIP\n"));
    assert!(release.git("show environment/qa:release.yml").contains("\nversion:\n"));
    assert_eq!(release.git("status --porcelain"), "", "the work tree is what was committed");
    assert!(Repo::at(&room, "foo-app").git("show main:app.yml").contains("- name: foo-backend"));
    assert_whole!("init_status", room.call("foo-release").words("status").env("NO_COLOR", "1").run().without_times());
}

#[test]
fn without_a_name_a_script_is_told_what_to_type() {
    let room = Room::new();
    room.relman("", "init").ends(2).talks("hint: relman init NAME");
}

#[test]
fn nothing_that_exists_is_overwritten() {
    let room = Room::new();
    room.write("work/foo-app/notes.txt", "mine");
    room.write("work/foo-release/notes.txt", "mine");
    let refused = room.relman("", "init foo").ends(5);
    assert!(refused.err.contains("foo-app") && refused.err.contains("foo-release"), "{}", refused.err);
    assert_eq!(std::fs::read_dir(room.path("work/foo-app")).unwrap().count(), 1);
    assert_eq!(std::fs::read_dir(room.path("work")).unwrap().count(), 2, "nothing was made beside");
}

#[test]
fn a_second_run_finds_what_the_first_made() {
    let room = Room::new();
    made(&room, "init foo");
    let head = Repo::at(&room, "foo-release").git("rev-parse environment/dev");
    room.relman("", "init foo").ok().shows("kept");
    assert_eq!(Repo::at(&room, "foo-release").git("rev-parse environment/dev"), head);
    room.relman("", "init foo --env dev:dev --env prod:prod").ends(5);
}

#[test]
fn what_a_killed_run_left_out_is_made_by_the_next() {
    let room = Room::new();
    made(&room, "init foo");
    std::fs::remove_dir_all(room.path("work/foo-app")).unwrap();
    room.relman("", "init foo").ok().shows("kept").shows("made the repository [ROOM]/work/foo-app");
}

#[test]
fn a_dry_run_makes_nothing() {
    let room = Room::new();
    assert_whole!("init_dry_run", room.relman("", "init foo --ci gitlab -n").ok());
    assert_eq!(std::fs::read_dir(room.path("work")).unwrap().count(), 0);
}

#[test]
fn a_product_that_runs_already_begins_at_its_versions() {
    let room = Room::new();
    made(&room, "init foo --env dev:dev:develop --env qa:qa --env prod:prod --version prod=1.10 --version qa=1.11.0");
    let release = Repo::at(&room, "foo-release");
    assert!(
        release.git("show environment/prod:release.yml").contains("\nversion: \"1.10\"\n"),
        "a number stays a text"
    );
    assert_eq!(
        release.git("log -1 --format=%(trailers:only) environment/prod"),
        "Version: 1.10\nUnproven: imported by init"
    );
    assert_eq!(release.git("log -1 --format=%(trailers:only) environment/qa"), "Version: 1.11.0");
    assert!(release.git("show environment/dev:release.yml").contains("  branch: develop\n"));
}

#[test]
fn mistakes_are_told_before_anything_is_made() {
    let room = Room::new();
    for (line, part) in [
        ("init ../x", "is no repository name"),
        ("init foo --env qa", "has no type"),
        ("init foo --env qa:uat", "does not know what the type uat means"),
        ("init foo --env qa:qa --env qa:dev", "is given twice"),
        ("init foo --env qa:qa --env QA:dev", "the names qa and QA differ in capital letters alone"),
        ("init foo --version prod", "names no environment"),
        ("init foo --version uat=1.0.0", "there is no environment uat"),
        ("init foo --version qa=1.0.0-rc.3", "marks a candidate"),
        ("init foo --version qa=WIP", "is no version"),
        ("init foo --component a/b", "is no repository name"),
        ("init foo --remote-base https://me:secret@host/x", "must not hold a password"),
        ("init foo --remote-base me:secret@host:team", "must not hold a password"),
        ("init foo --use-app https://me:secret@127.0.0.1:1/x.git", "must not hold a password"),
        ("init foo --push", "--remote-base"),
        ("init foo --use-app nowhere", "there is no such folder"),
    ] {
        let answer = room.relman("", line).ends(2).talks(part);
        assert!(!answer.err.contains("secret"), "{}", answer.err);
    }
    assert_eq!(std::fs::read_dir(room.path("work")).unwrap().count(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_bad_answer_is_asked_again_at_once() {
    let room = Room::new();
    let typed = "bad name\npay\ndev:foo\n,\ndev:dev qa:qa\na/b\npay-app\npay-web pay-web\npay-web\n\ny\n";
    let Some(screen) = room.call("").words("init").answered_on_a_terminal(typed) else {
        return skip("a_bad_answer_is_asked_again_at_once", "there is no program `script`");
    };
    let mut rest = screen.as_str();
    // Each reason comes before the question that is asked next.
    for part in [
        "\"bad name\" is no repository name",
        "Name of the product: pay",
        "what the type foo means",
        "no environment is named",
        "Environments, as NAME:TYPE: dev:dev qa:qa",
        "\"a/b\" is no repository name",
        "pay-app is one of the two repositories",
        "the component pay-web is given twice",
        "Component repositories, if any: pay-web",
        "What runs relman deploy",
        "made the repository",
    ] {
        let at = rest.find(part).unwrap_or_else(|| panic!("{part:?} is not in\n{rest}\nof\n{screen}"));
        rest = &rest[at + part.len()..];
    }
    // What was typed wrongly before is told before anything is asked.
    let screen = room.call("").words("init --use-app pay-release").answered_on_a_terminal("shop\n").unwrap();
    assert!(screen.contains("that is a release repo") && !screen.contains("Name of the product"), "{screen}");
    let release = Repo::at(&room, "pay-release");
    assert_eq!(release.git("branch --list environment/* --format=%(refname:short)"), "environment/dev\nenvironment/qa");
    assert!(Repo::at(&room, "pay-app").git("show main:app.yml").contains("- name: pay-web"));
}

#[test]
fn a_push_brings_the_default_branch_first() {
    let room = Room::new();
    let release = room.server("foo-release");
    room.server("foo-app");
    // The hook notes what it gets, in the order in which it comes.
    room.write("remotes/foo-release.git/hooks/update", "#!/bin/sh\necho \"$1\" >> updates\n");
    release.git_args(["config", "core.hooksPath", "hooks"]);
    std::process::Command::new("chmod")
        .arg("+x")
        .arg(room.path("remotes/foo-release.git/hooks/update"))
        .status()
        .unwrap();
    let base = room.path("remotes").display().to_string();
    room.call("").words("init foo --push --remote-base").arg(&base).run().ok();
    let updates = std::fs::read_to_string(room.path("remotes/foo-release.git/updates")).unwrap();
    assert_eq!(updates.lines().next(), Some("refs/heads/main"), "{updates}");
    assert_eq!(updates.lines().count(), 4);
    // Again: everything is there, nothing is pushed anew.
    room.call("").words("init foo --push --remote-base").arg(&base).run().ok();
    assert_eq!(std::fs::read_to_string(room.path("remotes/foo-release.git/updates")).unwrap().lines().count(), 4);
    room.relman("foo-release", "status").ok();
}

#[test]
fn a_push_that_fails_says_what_is_left_and_is_finished_by_the_next_run() {
    let room = Room::new();
    room.server("foo-release");
    let base = room.path("remotes").display().to_string();
    let line = |room: &Room| room.call("").words("init foo --push --remote-base").arg(&base).run();
    line(&room).ends(6).talks("could not push");
    room.server("foo-app");
    line(&room).ok();
    assert!(Repo::at(&room, "../remotes/foo-app.git").git("rev-parse main").len() == 40);
}

#[test]
fn an_app_repo_that_exists_is_kept_and_its_gaps_are_told() {
    let room = Room::new();
    let app = room.repo("apps/legacy");
    app.commit_files(
        "main",
        "Begin",
        &[("ods.yml", "repositories:\n- name: foo-backend\n"), ("chart/Chart.yaml", "name: x\n")],
    );
    let before = app.git("for-each-ref");
    assert_whole!("init_use_app", room.relman("", "init foo --use-app apps/legacy --component foo-web").ok());
    assert_eq!(app.git("for-each-ref"), before);
    assert!(!room.path("work/foo-app").exists());
    let document = room.relman("foo-release", "status --format json").ok().json();
    assert_eq!(document["application"], "legacy");
    assert_eq!(document["environments"][0]["deploys"]["ref"], "refs/heads/main", "its clone is found where it lies");
}

#[test]
fn an_app_repo_at_a_url_is_named_with_it() {
    let room = Room::new();
    let app = room.server("legacy");
    app.commit_files("main", "Begin", &[("app.yml", "repositories: []\n")]);
    room.call("").words("init foo --use-app").arg(app.url()).run().ok().talks("app.yml has no `pipeline`");
    let file = Repo::at(&room, "foo-release").git("show main:release.yml");
    assert!(file.contains(&format!("application: {{name: legacy, url: \"{}\"}}", app.url())), "{file}");
}

#[test]
fn no_login_gets_into_a_file_or_a_remote() {
    let room = Room::new();
    let nowhere = |room: &Room| {
        for repository in ["foo-release", "foo-app"].map(|name| Repo::at(room, name)) {
            let objects = repository.git("cat-file --batch --batch-all-objects");
            let config = repository.git("config --local --list");
            assert!(!objects.contains("s3cr3t") && !config.contains("s3cr3t"), "{objects}{config}");
        }
    };
    let text = "id: foo\nrepositories:\n- {id: fe, url: 'https://me:s3cr3t@git.example.com/p/fe.git'}\nenvironments:\n\
                \x20 prod: {apiUrl: 'https://s3cr3t@api.example.com', trigger: push}\n";
    room.write("work/manager/metadata.yml", text);
    let base = "init --from-ods manager --remote-base https://s3cr3t@git.example.com/team";
    let answer = room.relman("", base).ok().talks("the login in the `url` of foo-fe").talks("give yours another name");
    assert!(!format!("{}{}", answer.out, answer.err).contains("s3cr3t"), "{}", answer.err);
    nowhere(&room);
    let app = Repo::at(&room, "foo-app");
    let file = app.git("show main:app.yml");
    assert!(file.contains("- name: foo-fe\n  url: \"https://git.example.com/p/fe.git\""), "{file}");
    assert_eq!(app.git("remote get-url origin"), "https://git.example.com/team/foo-app.git");
    // The clone of an app repo that is kept may know a login; its URL is written down without.
    for (name, url, written) in [
        ("one", "https://me:s3cr3t@git.example.com/foo-app.git", "https://git.example.com/foo-app.git"),
        ("two", "ssh://git:s3cr3t@git.example.com/foo-app.git", "ssh://git@git.example.com/foo-app.git"),
    ] {
        app.git_args(["remote", "set-url", "origin", url]);
        room.relman("", &format!("init {name} --use-app foo-app")).ok();
        let file = Repo::at(&room, &format!("{name}-release")).git("show main:release.yml");
        assert!(file.contains(&format!("application: {{name: foo-app, url: \"{written}\"}}")), "{file}");
    }
}

#[test]
fn every_ci_system_gets_one_file() {
    let room = Room::new();
    for (ci, path) in [
        ("github", ".github/workflows/relman.yml"),
        ("gitlab", ".gitlab-ci.yml"),
        ("bitbucket", "bitbucket-pipelines.yml"),
        ("jenkins", "Jenkinsfile"),
        ("tekton", "tekton/relman.yaml"),
    ] {
        made(&room, &format!("init {ci} --ci {ci}"));
        let files = Repo::at(&room, &format!("{ci}-release")).git("ls-tree -r --name-only environment/prod");
        let expected = ["README.md", path, "release.yml"];
        assert!(
            expected.iter().all(|path| files.lines().any(|file| file == *path)) && files.lines().count() == 3,
            "{files}"
        );
    }
}

#[test]
fn an_environment_is_added_from_the_shared_root() {
    let room = Room::new();
    made(&room, "init foo");
    room.relman("foo-release", "env add prod-cn --type prod --from qa").ok();
    let release = Repo::at(&room, "foo-release");
    assert_eq!(release.git("rev-parse environment/prod-cn^"), release.git("rev-parse main"));
    assert_eq!(
        release
            .git("diff main environment/prod-cn -- release.yml")
            .lines()
            .filter(|line| line.starts_with('+'))
            .skip(1)
            .collect::<Vec<_>>(),
        ["+- name: prod-cn", "+  type: prod", "+  from: [qa]"]
    );
    room.relman("foo-release", "env add prod-cn --type prod --from qa").ok().shows("kept");
    room.relman("foo-release", "env add prod-cn --type qa").ends(5);
    room.relman("foo-release", "env add prod-de --type prod --from nowhere").ends(3);
    room.relman("foo-release", "env add uat --type uat").ends(2).talks("--tags");
    room.relman("foo-release", "env add uat --type uat --tags reuse --from qa -n").ok();
    assert_eq!(release.git("branch --list environment/uat"), "", "a dry run makes no branch");
    room.relman("foo-release", "env add uat --type uat --tags reuse --from qa").ok();
    let list = room.relman("foo-release", "env list --format json").ok().json();
    let uat = list["environments"].as_array().unwrap().iter().find(|entry| entry["name"] == "uat").unwrap();
    assert_eq!((&uat["tagging"], &uat["from"][0]), (&"reuse".into(), &"qa".into()));
}

/// The clone of a release repo that somebody made by hand, with a version in its first commit.
fn made_by_hand(room: &Room) -> Repo<'_> {
    let server = room.server("pay-release");
    let file = "application: pay-app\nversion: 1.0 # the first\nenvironments:\n- {name: dev, type: dev}\n\
        - {name: qa, type: qa}\n- {name: prod-eu, type: prod}\n- name: stage\n  type: staging\n  from: [qa]\n";
    server.commit_files("main", "first", &[("release.yml", file)]);
    for name in ["dev", "qa", "prod-eu"] {
        server.branch(&format!("environment/{name}"), "main");
    }
    server.clone_as("pay-release", "")
}

#[test]
fn nothing_is_deployed_to_a_new_environment_whatever_the_first_commit_says() {
    let room = Room::new();
    let release = made_by_hand(&room);
    for line in ["prod-cn --type prod --from qa", "stage --type staging"] {
        room.relman("pay-release", &format!("env add {line} --push --yes")).ok();
        let name = line.split(' ').next().unwrap();
        let text = release.git(&format!("show origin/environment/{name}:release.yml"));
        assert!(text.contains("\nversion: # the first\n"), "{text}");
        room.relman("pay-release", &format!("env add {line}")).ok().shows("kept");
    }
    let status = room.relman("pay-release", "status --format json").ok().json();
    for name in ["prod-cn", "stage"] {
        let row = status["environments"].as_array().unwrap().iter().find(|row| row["name"] == name).unwrap();
        assert_eq!(row["kind"], "empty", "{row}");
    }
}

#[test]
fn an_entry_that_is_there_already_must_be_the_one_that_is_asked_for() {
    let room = Room::new();
    let release = made_by_hand(&room);
    for (flags, key) in [("--from prod-eu", "`from`"), ("--branch develop", "`branch`"), ("--tags final", "`tags`")] {
        let answer = room.relman("pay-release", &format!("env add stage --type staging {flags} --format json"));
        answer.refused(5, "described-otherwise").talks(key);
    }
    assert_eq!(release.git("branch --list environment/stage"), "");
    room.relman("pay-release", "env add stage --type staging --from qa --tags reuse").ok();
}

#[test]
fn without_from_promotions_come_from_where_one_would_expect() {
    let room = Room::new();
    made(&room, "init foo");
    for (line, from) in [
        ("prod-cn --type prod", "come from qa; --from"),
        ("qa-b --type qa", "come from dev; --from"),
        ("dev-b --type dev", "nothing is promoted to dev-b"),
        ("stage --type staging -n", "come from qa-b"),
        ("stage --type staging --from qa", ""),
        ("drill --type staging", "come from qa; --from"),
    ] {
        let said = room.relman("foo-release", &format!("env add {line}")).ok();
        assert!(if from.is_empty() { said.err.is_empty() } else { said.err.contains(from) }, "{line}: {}", said.err);
    }
    room.relman("foo-release", "env add drill --type staging").ok().shows("kept");
    let list = room.relman("foo-release", "env list --format json").ok().json();
    let from = |name: &str| {
        list["environments"].as_array().unwrap().iter().find(|entry| entry["name"] == name).unwrap()["from"].clone()
    };
    let expected = serde_json::json!([["qa"], ["dev"], [], ["qa"]]);
    assert_eq!(serde_json::json!([from("prod-cn"), from("qa-b"), from("dev-b"), from("drill")]), expected);
}

#[test]
fn an_environment_that_somebody_else_added_is_not_added_again() {
    let room = Room::new();
    room.server("foo-release");
    room.server("foo-app");
    let base = room.path("remotes").display().to_string();
    room.call("").words("init foo --push --remote-base").arg(&base).run().ok();
    let server = Repo::at(&room, "../remotes/foo-release.git");
    server.clone_as("other/foo-release", "");
    room.relman("other/foo-release", "env add uat --type staging --push -y").ok();
    assert!(server.git("branch --list environment/uat").contains("uat"));
    room.relman("foo-release", "env add uat --type prod").ends(5);
    room.relman("foo-release", "env add uat --type staging").ok().shows("kept");
}

#[test]
fn scripts_are_told_what_was_made() {
    let room = Room::new();
    let told = |line: &str| {
        let document = room.relman("", &format!("--format json {line}")).ok().json();
        (document["schema"].as_str().unwrap().to_owned(), document["result"].as_str().unwrap().to_owned(), document)
    };
    for (result, line) in [
        ("planned", "init shop --dir there -n"),
        ("created", "init shop --dir there"),
        ("unchanged", "init shop --dir there"),
        ("planned", "demo play -n"),
        ("created", "demo play"),
        ("unchanged", "demo play"),
        ("planned", "-C there/shop-release env add uat --type qa -n"),
        ("created", "-C there/shop-release env add uat --type qa"),
        ("unchanged", "-C there/shop-release env add uat --type qa"),
    ] {
        let (schema, said, document) = told(line);
        assert_eq!(said, result, "{line}");
        let word = if line.contains("env add") { "env-add" } else { line.split(' ').next().unwrap() };
        assert_eq!(schema, format!("relman.{word}/1"));
        let step = &document["plan"][0];
        assert_eq!(step["changes"], result != "unchanged", "{line}: {step}");
        assert!(step["kind"].is_string() && step["summary"].is_string());
    }
}

#[cfg(unix)]
#[test]
fn a_link_is_never_replaced() {
    use std::os::unix::fs::symlink;
    let room = Room::new();
    std::fs::create_dir(room.path("work/empty")).unwrap();
    std::fs::create_dir(room.path("work/a")).unwrap();
    symlink(room.path("work/empty"), room.path("work/a/shop-release")).unwrap();
    symlink(room.path("nowhere"), room.path("work/dangling")).unwrap();
    for line in ["init shop --dir a", "init shop --dir dangling", "demo dangling"] {
        room.relman("", &format!("{line} --format json")).refused(5, "exists");
    }
    assert!(room.path("work/a/shop-release").is_symlink() && !room.path("work/a/shop-app").exists());
    assert_eq!(std::fs::read_dir(room.path("work/empty")).unwrap().count(), 0);
}

#[test]
fn an_empty_variable_counts_as_none() {
    let room = Room::new();
    for line in ["--version", "init shop", "demo play"] {
        room.call("").words(line).env("RELMAN_REPO", "").run().ok();
    }
    room.call("shop-release").words("status").env("RELMAN_REPO", "").run().ok();
}

/// A release manager repository, as OpenDevStack's quickstarter makes it, filled in.
const METADATA: &str = "id: PHOENIX
name: Project Phoenix
description: Description of phoenix.

services:
  bitbucket:
    credentials:
      id: phoenix-cd-cd-user-with-password
  jira:
    credentials:
      id: phoenix-cd-cd-user-with-password
  nexus:
    repository:
      name: leva-documentation

repositories:
  - id: back
    type: ods
  - id: front
    name: phoenix-spa
    preview-branch: develop
  - id: e2e
    type: ods-test

capabilities:
  - LeVADocs:
      GAMPCategory: 5

environments:
  prod:
    apiUrl: https://api.example.com
    credentialsId: phoenix-cd-phoenix-prod
    openshiftRolloutTimeoutMinutes: 120
";

#[test]
fn a_release_manager_repository_becomes_two() {
    let room = Room::new();
    room.write("work/manager/metadata.yml", METADATA);
    room.write("work/manager/Jenkinsfile", "@Library('ods-jenkins-shared-library@4.x') _\n");
    room.write("work/manager/qa.env", "X_ROUTE=x.phoenix-test\n");
    let planned = room.relman("", "init --from-ods manager -n").ok();
    planned.shows("make the repository [ROOM]/work/phoenix-release").talks("Not taken over:");
    assert!(!room.path("work/phoenix-release").exists());
    assert_whole!("init_from_ods", room.relman("", "init --from-ods manager").ok());
    let release = Repo::at(&room, "phoenix-release");
    let file = release.git("show environment/prod:release.yml");
    for line in [
        "application: phoenix-app",
        "- name: dev\n  type: dev\n  from: []\n  namespace: phoenix-dev\n- name: qa",
        "  from: [dev]\n  namespace: phoenix-test\n",
        "  from: [qa]\n  api: \"https://api.example.com\"\n  credentials: phoenix-cd-phoenix-prod\n  \
         openshiftRolloutTimeoutMinutes: \"120\"\n  namespace: phoenix-prod",
    ] {
        assert!(file.contains(line), "{line}\n{file}");
    }
    let app = Repo::at(&room, "phoenix-app").git("show main:app.yml");
    let components =
        "repositories:\n- name: phoenix-back\n- name: phoenix-spa\n  branch: develop\n- name: phoenix-e2e\n";
    assert!(app.contains(components), "{app}");
    // What was made can be used, and the manager's folder is as it was.
    let status = room.relman("phoenix-release", "status --format json").ok().json();
    assert_eq!(status["environments"][2]["from"][0], "qa");
    room.relman("phoenix-release", "check").ok();
    assert_eq!(std::fs::read_dir(room.path("work/manager")).unwrap().count(), 3);
    // A second run keeps it, and another project of the same name is refused.
    let again = room.relman("", "init --from-ods manager --format json").ok().json();
    assert_eq!((&again["result"], &again["schema"]), (&"unchanged".into(), &"relman.init/1".into()));
    assert_eq!(again["not_taken_over"][0]["place"], "metadata.yml:3");
    room.write("work/manager/metadata.yml", METADATA.replace("id: back", "id: behind"));
    room.relman("", "init --from-ods manager").ends(5);
}

#[test]
fn an_ods_file_alone_is_enough_with_a_name() {
    let room = Room::new();
    let text = "repositories:\n- name: foo-back\n  url: https://git.example.com/foo/foo-back.git\nenvironments:\n\
                - {name: prod-eu, stage: prod, url: 'https://eu'}\n- {name: dev, stage: dev}\n";
    room.write("work/umbrella/ods.yaml", text);
    room.relman("", "init --from-ods umbrella").ends(2).talks("relman init NAME");
    room.relman("", "init foo --from-ods umbrella").ok();
    let file = Repo::at(&room, "foo-release").git("show main:release.yml");
    assert!(file.contains("- name: prod-eu\n  type: prod\n  from: [dev]\n  api: \"https://eu\""), "{file}");
    let app = Repo::at(&room, "foo-app").git("show main:app.yml");
    assert!(app.contains("- name: foo-back\n  url: \"https://git.example.com/foo/foo-back.git\""), "{app}");
    assert!(Repo::at(&room, "foo-release").git("branch --list environment/*").contains("environment/prod-eu"));
}

#[test]
fn what_is_no_release_manager_repository_is_refused() {
    let room = Room::new();
    std::fs::create_dir(room.path("work/empty")).unwrap();
    room.relman("", "init --from-ods empty --format json").refused(3, "no-ods-project");
    room.relman("", "init --from-ods nowhere --format json").refused(3, "no-ods-project");
    for (text, status) in [
        ("id: [\n".to_owned(), 2),
        ("name: x\n".to_owned(), 2),
        ("id: ../../x\n".to_owned(), 2),
        ("id: a\nrepositories:\n- {id: b, url: --upload-pack=x}\n".to_owned(), 2),
        (format!("id: a\nname: {}\n", "x".repeat(300_000)), 2),
    ] {
        room.write("work/broken/metadata.yml", &text);
        let answer = room.relman("", "init --from-ods broken").ends(status);
        answer.talks("metadata.yml");
        assert!(!room.path("work/a-release").exists());
    }
    room.write("work/broken/metadata.yml", "id: a\n\"odd\\e[31m\": 1\n");
    assert!(!room.relman("", "init --from-ods broken -n").ok().err.contains('\u{1b}'));
    room.relman("", "init --from-ods broken --component x").ends(2);
}

#[cfg(unix)]
#[test]
fn a_command_that_is_advised_works_as_it_is_printed() {
    let room = Room::new();
    let Ok(_) = std::process::Command::new("bash").arg("--version").output() else {
        return crate::sandbox::skip("a_command_that_is_advised_works_as_it_is_printed", "there is no bash");
    };
    let odd = "it's\na\u{1b}[31m\\place";
    let made = room.call("").words("init pay --dir").arg(odd).run().ok();
    let line = made.err.lines().find_map(|line| line.trim().strip_suffix(" && relman status")).unwrap();
    let run = |line: &str| {
        let mut shell = std::process::Command::new("bash");
        let output = shell.args(["-c", line]).current_dir(room.path("work")).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(
        run(&format!("{line} && pwd")),
        format!("{}\n", room.path("work").join(odd).join("pay-release").display())
    );
    let taken = room.call("").words("init pay --env qa:qa --dir").arg(odd).run().ends(5);
    run(taken.err.lines().find_map(|line| line.split_once("move them away: ")).unwrap().1);
    room.call("").words("init pay --env qa:qa --dir").arg(odd).run().ok();
}
