//! stdout is the answer and stderr is talk; colours, widths and pipes.

use crate::sandbox::{Room, skip};

fn landscape(room: &Room) {
    room.repo("foo-release").environment("qa", "WIP", "type: qa");
    room.repo("foo-app").commit("main", "one");
}

#[test]
fn a_pipe_gets_no_colours_unless_asked() {
    let room = Room::new();
    landscape(&room);
    for line in ["status", "check", "env list", "resolve qa"] {
        let plain = room.relman("foo-release", line);
        assert!(!plain.out.contains('\u{1b}') && !plain.err.contains('\u{1b}'), "{line}: {}{}", plain.out, plain.err);
        let coloured = room.relman("foo-release", &format!("{line} --color always"));
        assert!(coloured.out.contains('\u{1b}') || coloured.err.contains('\u{1b}'), "{line}: {}", coloured.out);
        for (flag, variable) in [("--color never", "CLICOLOR_FORCE"), ("", "CLICOLOR_FORCE"), ("", "FORCE_COLOR")] {
            let call = room.call("foo-release").words(&format!("{line} {flag}")).env(variable, "1");
            assert_eq!(call.run().out, plain.out, "{line} {flag} {variable}");
        }
    }
}

#[test]
fn documents_are_never_coloured() {
    let room = Room::new();
    landscape(&room);
    for line in ["status", "check", "env list", "next-rc 1.0"] {
        let answer = room.relman("foo-release", &format!("{line} --color always --format json"));
        assert!(!answer.out.contains('\u{1b}'), "{}", answer.out);
        assert!(answer.json()["schema"].as_str().unwrap().starts_with("relman."));
        assert!(answer.out.ends_with("}\n"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_question_is_as_harmless_as_an_answer() {
    let room = Room::new();
    let release = room.repo("foo-release");
    release.environment("qa", "\"1.3.0\u{202e}X\u{61c}Y\"", "type: qa");
    release.environment("prod", "1.0", "type: prod; from: [qa]");
    room.repo("foo-app").commit("main", "one");
    let Some(asked) = room.call("foo-release").words("promote").on_a_terminal(80) else {
        return skip("a_question_is_as_harmless_as_an_answer", "there is no program `script`");
    };
    assert!(asked.contains("1.3.0XY"), "{asked:?}");
    assert!(!asked.contains(['\u{202e}', '\u{61c}']), "{asked:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_question_that_is_stopped_leaves_the_terminal_as_it_was() {
    let room = Room::new();
    let release = room.repo("foo-release");
    release.environment("qa", "1.3.0", "type: qa");
    release.environment("prod", "1.0", "type: prod; from: [qa]");
    room.repo("foo-app").commit("main", "one");
    let lists_and_lines_and_yes_or_no = [
        ("promote", "What to promote"),
        ("set qa", "Version"),
        ("set qa 1.4.0", "Go ahead?"),
        ("init", "Name"),
        ("init bar --env dev:dev --component bar-web", "What runs relman deploy"),
        ("init bar --env dev:dev --component bar-web --ci none", "Go ahead?"),
    ];
    for (line, question) in lists_and_lines_and_yes_or_no {
        let Some((status, shown)) = room.call("foo-release").words(line).stopped_at(question) else {
            return skip("a_question_that_is_stopped_leaves_the_terminal_as_it_was", "there is no program `script`");
        };
        assert_eq!(status, 130, "{line}: {shown:?}");
        assert!(shown.contains("nothing was done"), "{line}: {shown:?}");
        assert!(shown.rfind("\u{1b}[?25h") > shown.rfind("\u{1b}[?25l"), "{line} has lost the cursor: {shown:?}");
    }
    assert!(!room.path("work/foo-release/bar-release").exists());
    assert_eq!(release.git("show environment/qa:release.yml").matches("1.3.0").count(), 1);
}

#[test]
fn documents_hold_nothing_that_a_terminal_acts_on() {
    let room = Room::new();
    let release = room.repo("foo-release");
    release.environment("qa", "\"1.3.0\u{202e}X\u{e0041}\"", "type: qa");
    let status = room.relman("foo-release", "status --format json").ok();
    assert_eq!(status.json()["environments"][0]["version"], "1.3.0\u{202e}X\u{e0041}");
    assert!(!status.out.contains(['\u{202e}', '\u{e0041}']), "{}", status.out);
    let refused = room.call("foo-release").words("--format json -C").arg("no\u{9b}\u{7f}where").arg("status").run();
    assert!(refused.error()["message"].as_str().unwrap().contains("no\u{9b}\u{7f}where"));
    assert!(!refused.err.contains(['\u{9b}', '\u{7f}']), "{}", refused.err);
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_colours_unless_it_says_no() {
    let room = Room::new();
    landscape(&room);
    let on_a_terminal = |line: &str, (name, value): (&str, &str)| {
        room.call("foo-release").words(line).env(name, value).on_a_terminal(80)
    };
    let Some(coloured) = on_a_terminal("status", ("TERM", "xterm")) else {
        return skip("a_terminal_gets_colours_unless_it_says_no", "there is no program `script`");
    };
    assert!(coloured.contains("\u{1b}[1m") && coloured.contains("foo-app"), "{coloured:?}");
    for variables in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let plain = on_a_terminal("status", variables).unwrap();
        assert!(!plain.contains('\u{1b}') && plain.contains("foo-app"), "{variables:?} {plain:?}");
    }
    let empty = on_a_terminal("status", ("NO_COLOR", "")).unwrap();
    assert!(empty.contains('\u{1b}'), "an empty NO_COLOR says nothing");
    let never = on_a_terminal("status --color never", ("TERM", "xterm")).unwrap();
    assert!(!never.contains('\u{1b}'), "{never:?}");
    for line in ["resolve --color never", "--color=never frobnicate", "status --help --color never"] {
        let never = on_a_terminal(line, ("TERM", "xterm")).unwrap();
        assert!(!never.contains('\u{1b}') && never.len() > 20, "{line}: {never:?}");
    }
    let usage = on_a_terminal("resolve", ("TERM", "xterm")).unwrap();
    assert!(usage.contains("\u{1b}[1m"), "{usage:?}");
    let always = on_a_terminal("status --color always", ("NO_COLOR", "1")).unwrap();
    assert!(always.contains('\u{1b}'), "a flag counts more than a variable");
}

#[test]
fn a_reader_that_has_gone_is_no_error() {
    let room = Room::new();
    landscape(&room);
    for line in
        ["status", "status --format json", "env list", "next-rc 1.0", "completions bash", "man", "--help", "--version"]
    {
        let answer = room.call("foo-release").words(line).run_into_closed_pipe();
        assert_eq!((answer.err.as_str(), answer.status), ("", 0), "{line}");
    }
}

#[test]
fn a_gate_holds_whoever_reads_it() {
    let room = Room::new();
    landscape(&room);
    for line in ["check", "check --format json", "status --check"] {
        room.relman("foo-release", line).ends(10);
        room.call("foo-release").words(line).run_into_closed_pipe().ends(10).silent();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_written_is_a_failure() {
    let room = Room::new();
    landscape(&room);
    for line in ["status", "status --format json", "next-rc 1.0", "completions bash", "man", "--help", "--version"] {
        let answer = room.call("foo-release").words(line).run_into("/dev/full").ends(1);
        assert!(answer.err.contains("the answer can't be written"), "{line}: {}", answer.err);
        assert!(answer.err.contains("No space left on device"), "{line}: {}", answer.err);
    }
}

#[test]
fn quiet_says_nothing_but_answers_and_errors() {
    let room = Room::new();
    let server = room.server("foo-release");
    server.environment("prod", "1.0", "type: prod");
    server.clone_as("foo-release", "--branch environment/prod");
    let app = room.server("foo-app");
    app.commit("main", "one");
    app.tag("v1.0-rc.1", "main");
    app.clone_as("foo-app", "");
    for line in ["status", "resolve prod"] {
        let loud = room.relman("foo-release", line).ok();
        assert!(!loud.err.is_empty());
        room.relman("foo-release", &format!("{line} -q")).ok().silent().says(&loud.out);
    }
    room.relman("foo-release", "-q resolve nowhere").ends(3).talks("error: there is no environment nowhere");
}

#[test]
fn verbose_says_where_the_repository_is() {
    let room = Room::new();
    landscape(&room);
    room.relman("foo-release", "status -v").ok().talks("release repo: [ROOM]/work/foo-release");
    room.relman("foo-app", "-v status").ok().talks("release repo: [ROOM]/work/foo-release");
}

#[test]
fn global_flags_stand_before_or_after_the_command() {
    let room = Room::new();
    landscape(&room);
    let after = room.relman("foo-release", "status --format json --offline -q").ok();
    room.relman("foo-release", "-q --offline --format json status").ok().says(&after.out);
}

#[test]
fn nothing_is_asked_where_nobody_is() {
    let room = Room::new();
    for line in ["init", "init --no-input"] {
        let answer = room.relman("", line).ends(2).says("");
        assert!(answer.err.contains("NAME"), "{}", answer.err);
    }
    assert_eq!(std::fs::read_dir(room.path("work")).unwrap().count(), 0);
}

#[test]
fn times_are_local_for_people_and_utc_for_scripts() {
    let room = Room::new();
    landscape(&room);
    let shown = |zone: &str| {
        let answer = room.call("foo-release").words("status").env("TZ", zone).run().ok();
        answer.out.lines().find(|line| line.starts_with("qa")).unwrap().to_owned()
    };
    assert!(shown("UTC").contains("2026-01-05 08:01"), "{}", shown("UTC"));
    assert!(shown("XYZ-3").contains("2026-01-05 11:01"), "{}", shown("XYZ-3"));
    assert!(shown("nonsense").contains("2026-01-05 0"), "{}", shown("nonsense"));
    let script = room.call("foo-release").words("status --format json").env("TZ", "XYZ-3").run().ok().json();
    assert_eq!(script["environments"][0]["changed_at"], "2026-01-05T08:01:00Z");
    if !std::path::Path::new("/usr/share/zoneinfo/Asia/Tokyo").is_file() {
        return skip("times_are_local_for_people_and_utc_for_scripts", "this machine has no zone files");
    }
    assert!(shown("Asia/Tokyo").contains("2026-01-05 17:01"), "{}", shown("Asia/Tokyo"));
    assert!(shown(":Asia/Tokyo").contains("2026-01-05 17:01"), "{}", shown(":Asia/Tokyo"));
}

#[test]
fn ssh_asks_nobody_where_nobody_is() {
    let room = Room::new();
    let server = room.server("foo-release");
    server.environment("qa", "1.0", "type: qa");
    let clone = server.clone_as("foo-release", "--branch environment/qa");
    clone.git("remote set-url origin ssh://git.example.com/foo-release.git");
    let (used, own) = (room.path("home/used"), room.path("home/own"));
    for (name, mark) in [("ssh", &used), ("own-ssh", &own)] {
        let script = format!("#!/bin/sh\necho \"$*\" >> {}\nexit 255\n", mark.display());
        let script = room.write(&format!("home/bin/{name}"), script);
        std::process::Command::new("chmod").arg("+x").arg(&script).status().unwrap();
    }
    let path = format!("{}:{}", room.path("home/bin").display(), std::env::var("PATH").unwrap());
    let run = |line: &str| room.call("foo-release").words(line).env("PATH", &path).run();
    run("next-rc qa --format json").refused(6, "remote-unreachable");
    let args = std::fs::read_to_string(&used).unwrap();
    assert!(args.contains("BatchMode=yes") && args.contains("ServerAliveInterval=20"), "{args}");
    std::fs::remove_file(&used).unwrap();
    clone.git("config core.sshCommand own-ssh");
    run("next-rc qa --no-input").ends(6);
    assert!(
        !used.exists() && !std::fs::read_to_string(&own).unwrap().contains("BatchMode"),
        "what is configured stays"
    );
}
