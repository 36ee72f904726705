//! How a command fails: the exit status, `error:`, its cause and `hint:`, or one document on stderr.

use crate::sandbox::{Room, assert_whole, skip};

fn landscape(room: &Room) {
    room.repo("foo-release").environment("qa", "1.0", "type: qa");
    room.repo("foo-app").commit("main", "one");
}

#[test]
fn an_error_for_people() {
    let room = Room::new();
    landscape(&room);
    assert_whole!("error_text", room.relman("foo-release", "resolve qs").ends(3));
    std::fs::write(room.path("work/foo-app/.git/refs/tags/v1.0-rc.1"), "x").unwrap();
    assert_whole!("error_with_cause", room.relman("foo-release", "next-rc qa").ends(1));
}

#[test]
fn an_error_for_scripts() {
    let room = Room::new();
    landscape(&room);
    let answer = room.relman("foo-release", "resolve qs --format json").ends(3);
    assert_eq!(
        answer.error(),
        serde_json::json!({"schema": "relman.error/1", "code": "no-environment", "exit": 3,
            "message": "there is no environment qs", "hints": ["did you mean qa?"]})
    );
    assert_eq!(answer.err.lines().count(), 1, "one document on one line");
}

#[test]
fn a_command_line_that_makes_no_sense() {
    let room = Room::new();
    landscape(&room);
    for line in [
        "frobnicate",
        "status --no-such-flag",
        "resolve",
        "resolve qa prod",
        "next-rc",
        "status --format yaml",
        "status --color sometimes",
        "resolve ../x",
        "status a/b",
        "completions tcsh",
        "",
    ] {
        let plain = room.relman("foo-release", line).ends(2).says("");
        assert!(plain.err.contains("Usage:") || plain.err.contains("error: "), "{line}: {}", plain.err);
        for format in ["--format json", "--format=json"] {
            if !line.contains("--format") {
                room.relman("foo-release", &format!("{format} {line}")).refused(2, "usage");
            }
        }
    }
}

#[test]
fn what_clap_says_is_whole_in_a_document() {
    let room = Room::new();
    landscape(&room);
    let error = |line: &str| room.relman("foo-release", &format!("--format json {line}")).refused(2, "usage").error();
    let missing = error("resolve");
    assert_eq!(missing["message"], "the following required arguments were not provided: <ENV>");
    assert_eq!(missing["hints"][0], "Usage: relman resolve <ENV>");
    let bare = error("env");
    assert_eq!(bare["message"], "a command is missing");
    let misspelt = error("staus");
    assert_eq!(misspelt["message"], "unrecognized subcommand 'staus'");
    assert_eq!(misspelt["hints"][0], "a similar subcommand exists: 'status'");
    let odd = error("--color green status");
    assert!(odd["message"].as_str().unwrap().ends_with("[possible values: auto, always, never]"), "{odd}");
    // What stands behind `--` is a name.
    let plain = room.relman("foo-release", "where -- --format json").ends(2);
    assert!(plain.err.starts_with("error: "), "{}", plain.err);
}

#[test]
fn a_word_that_nobody_reads_is_cut() {
    let room = Room::new();
    landscape(&room);
    let word = "x".repeat(300);
    for line in [
        "where W",
        "where 1.W",
        "where a/W",
        "diff qa qa@W",
        "diff qa W",
        "trace qa@W",
        "trace W",
        "status W",
        "status --at W",
        "verify 1.W",
        "log --limit W",
        "--format W status",
        "status --W",
        "W",
        "-C W status",
        "trigger W",
        "branch W",
        "demo a/W",
    ] {
        for format in ["", "--format json "] {
            let line = format!("{format}{line}").replace('W', &word);
            let answer = room.relman("foo-release", &line);
            assert!(answer.status != 0 && !answer.err.contains(&"x".repeat(150)), "{line}: {}", answer.err);
        }
    }
}

#[test]
fn help_and_version_are_answers() {
    let room = Room::new();
    room.relman("", "--help").ok().silent().shows("Usage: relman");
    room.relman("", "status --help").ok().silent().shows("Show which version each environment branch holds");
    room.relman("", "--version").ok().silent().says(&format!("relman {}\n", env!("CARGO_PKG_VERSION")));
    for command in relman::cli::definition().get_subcommands() {
        room.relman("", &format!("{} --help", command.get_name())).ok().silent().shows("Usage: relman");
        assert!(!command.get_about().map(ToString::to_string).unwrap_or_default().ends_with('.'));
    }
}

#[test]
fn each_exit_status_has_its_reason() {
    let room = Room::new();
    landscape(&room);
    for (line, status, code) in [
        ("next-rc 1.0-rc.1", 2, "invalid-version"),
        ("status --remote nobody", 2, "no-remote"),
        ("resolve nowhere", 3, "no-environment"),
        ("-C nowhere status", 3, "no-folder"),
        ("resolve qa --app nowhere", 3, "not-a-repository"),
    ] {
        room.relman("foo-release", &format!("{line} --format json")).refused(status, code);
    }
}

#[test]
fn a_server_that_refuses_is_no_network_failure() {
    let room = Room::new();
    let release = room.server("foo-release");
    release.environment("qa", "1.0", "type: qa");
    let clone = release.clone_as("foo-release", "--branch environment/qa");
    let helper = room.write("home/refuse", "#!/bin/sh\necho 'remote: Permission denied' >&2\nexit 1\n");
    std::process::Command::new("chmod").arg("+x").arg(&helper).status().unwrap();
    clone.git_args(["config", "remote.origin.uploadpack", helper.to_str().unwrap()]);
    room.relman("foo-release", "resolve qa --format json").refused(4, "remote-refused");
    room.relman("foo-release", "status").ok();
}

#[test]
fn without_git_it_says_so() {
    let room = Room::new();
    let release = room.server("foo-release");
    release.environment("qa", "1.0", "type: qa");
    release.clone_as("foo-release", "--branch environment/qa");
    let call = room.call("foo-release").words("resolve qa --format json").env("PATH", room.path("home"));
    call.run().refused(1, "git-missing");
    let reading = room.call("foo-release").words("status").env("PATH", room.path("home"));
    reading.run().ok().shows("1.0");
}

#[test]
fn a_backtrace_is_nobodys_business() {
    let room = Room::new();
    landscape(&room);
    let answer = room.call("foo-release").words("resolve nowhere").env("RUST_BACKTRACE", "1").run().ends(3);
    assert!(!answer.err.contains("backtrace") && !answer.err.contains("anyhow"), "{}", answer.err);
}

#[test]
fn every_push_tells_a_refusal_from_a_lost_race() {
    let room = Room::new();
    let server = room.server("foo-release");
    let text = crate::sandbox::release_file("qa", "1.0", "type: qa");
    server.commit_files("main", "one", &[("release.yml", &text)]);
    server.git("branch environment/qa main");
    server.clone_as("foo-release", "--branch main");
    room.repo("foo-app").commit("main", "one");
    let hook = server.path.join("hooks/pre-receive");
    std::fs::create_dir_all(server.path.join("hooks")).unwrap();
    std::fs::write(&hook, "#!/bin/sh\nexit 1\n").unwrap();
    std::process::Command::new("chmod").arg("+x").arg(&hook).status().unwrap();
    let lines = ["set qa 2.0 --direct-push --yes", "env add uat --type qa --push -y"];
    for line in lines {
        room.relman("foo-release", &format!("{line} --format json")).refused(4, "remote-refused");
    }
    std::fs::remove_file(&hook).unwrap();
    for name in ["qa", "uat"] {
        std::fs::write(server.path.join(format!("refs/heads/environment/{name}.lock")), "").unwrap();
    }
    for line in lines {
        room.relman("foo-release", &format!("{line} --format json")).refused(5, "push-rejected");
    }
}

#[cfg(unix)]
#[test]
fn a_clone_that_cannot_be_written_is_named_once() {
    use std::os::unix::fs::PermissionsExt as _;
    if rustix::process::geteuid().is_root() {
        return skip("a_clone_that_cannot_be_written_is_named_once", "root may write everywhere");
    }
    let room = Room::new();
    let release = room.server("foo-release");
    release.environment("qa", "1.0", "type: qa");
    let app = room.server("foo-app");
    app.commit("main", "one");
    release.clone_as("foo-release", "");
    app.clone_as("foo-app", "");
    for number in 1..4 {
        app.tag(&format!("v1.0-rc.{number}"), "main");
    }
    let refs = room.path("work/foo-app/.git/refs");
    let may = |mode| std::fs::set_permissions(&refs, std::fs::Permissions::from_mode(mode)).unwrap();
    may(0o555);
    let refused = room.relman("foo-release", "next-rc qa").ends(1).talks("--offline reads the clones");
    may(0o755);
    assert_eq!(refused.err.matches("cannot lock ref").count(), 1, "{}", refused.err);
    assert!(refused.err.contains("can't be written in"), "{}", refused.err);
}
