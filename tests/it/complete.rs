//! Completing a word: the program is asked as a shell asks it, and by the shells themselves where they are there.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use crate::sandbox::{Repo, Room, skip};

/// Three environments, an app with versions in each stage, and names that mean no good beside them.
fn foo(room: &Room) -> (Repo<'_>, Repo<'_>) {
    let app = room.repo("foo-app");
    app.commit("main", "feat: one");
    for tag in ["v1.0.0-rc.1", "v1.0.0", "v1.2.0-rc.9", "v1.2.0-rc.10", "v1.10.0-rc.1", "vnext-rc.1"] {
        app.tag(tag, "main");
    }
    app.branch("release/1.11.0", "main");
    let release = room.repo("foo-release");
    release.environment("dev", "WIP", "type: dev");
    release.environment("prod", "", "type: prod; from: [qa]");
    release.environment("prod", "0.9.0", "type: prod; from: [qa]");
    release.environment("prod", "1.0.0", "type: prod; from: [qa]");
    release.environment("qa", "1.2.0", "type: qa; from: [dev]");
    (release, app)
}

/// What a shell is answered in `work/<folder>`; the last word is the one to complete.
#[track_caller]
fn asked(room: &Room, folder: &str, words: &[&str]) -> String {
    let call = room.call(folder).env("RELMAN_COMPLETE", "fish").arg("--").arg("relman");
    words.iter().fold(call, |call, word| call.arg(word)).run().ok().silent().out
}

/// The words that a shell is offered, without what they mean.
#[track_caller]
fn offered(room: &Room, words: &[&str]) -> Vec<String> {
    let answer = asked(room, "foo-release", words);
    answer.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

#[test]
fn environments_are_offered_with_what_they_declare() {
    let room = Room::new();
    foo(&room);
    let all = "dev\tWIP\nprod\t1.0.0\nqa\t1.2.0\n";
    for line in ["status", "promote", "set", "rollback", "redeploy", "deploy", "log", "resolve", "trace", "jira sync"] {
        let words: Vec<&str> = line.split(' ').chain([""]).collect();
        assert_eq!(asked(&room, "foo-release", &words), all, "{line}");
    }
    assert_eq!(asked(&room, "foo-release", &["promote", "q"]), "qa\t1.2.0\n");
    assert_eq!(asked(&room, "foo-release", &["diff", "qa", "p"]), "prod\t1.0.0\n");
    assert_eq!(offered(&room, &["tag", "final", "1.2.0", "--env="]), ["--env=dev", "--env=prod", "--env=qa"]);
    assert_eq!(offered(&room, &["env", "add", "eu", "--from", "p"]), ["prod"]);
    assert_eq!(offered(&room, &["promote", "qa", ""]), ["dev", "prod"], "qa stands on the line already");
    assert_eq!(offered(&room, &["env", "add", "q"]), [""; 0], "a new environment has a new name");
}

#[test]
fn of_many_environments_the_names_are_enough() {
    let room = Room::new();
    let (release, _) = foo(&room);
    let qa = release.id("environment/qa");
    let more: String = (0..100).map(|n| format!("create refs/heads/environment/eu{n} {qa}\n")).collect();
    release.git_fed(["update-ref", "--stdin"], more.as_bytes());
    let all = asked(&room, "foo-release", &["status", ""]);
    assert!(all.lines().count() == 103 && all.contains("\nqa\t\n"), "{all}");
    assert_eq!(asked(&room, "foo-release", &["status", "eu99"]), "eu99\t1.2.0\n");
}

#[test]
fn versions_and_tags_come_from_the_clone_of_the_app() {
    let room = Room::new();
    foo(&room);
    let all = "1.11.0\trelease branch\n1.10.0\trc.1\n1.2.0\trc.10\n1.0.0\tfinal\nnext\trc.1\n";
    for line in ["verify", "branch", "tag final", "set qa", "rollback qa", "deploy qa --version", "log --version"] {
        let words: Vec<&str> = line.split(' ').chain([""]).collect();
        assert_eq!(asked(&room, "foo-release", &words), all, "{line}");
    }
    assert_eq!(asked(&room, "foo-app", &["verify", "1.2"]), "1.2.0\trc.10\n", "standing in the app repo");
    assert_eq!(offered(&room, &["promote", "qa", "prod", "--version=1.1"]), ["--version=1.11.0", "--version=1.10.0"]);
    assert_eq!(offered(&room, &["where", "v1.2"]), ["v1.2.0-rc.9", "v1.2.0-rc.10"]);
    assert_eq!(offered(&room, &["branch", "1.0.1", "--from", "v1.0"]), ["v1.0.0-rc.1", "v1.0.0"]);
    assert_eq!(offered(&room, &["next-rc", "1.0"]), ["1.0.0"]);
    assert_eq!(offered(&room, &["diff", "1.0"]), ["1.0.0"]);
}

#[test]
fn an_environment_is_offered_at_the_versions_that_it_had() {
    let room = Room::new();
    foo(&room);
    let answer = asked(&room, "foo-release", &["trace", "prod@"]);
    assert_eq!(
        answer, "prod@1.0.0\tsince 2026-01-05 08:11\nprod@0.9.0\tsince 2026-01-05 08:10\n",
        "the newest first, and no version of another environment"
    );
    assert_eq!(offered(&room, &["diff", "qa@1.2", ""]).first().map(String::as_str), Some("dev"));
    assert_eq!(offered(&room, &["diff", "qa", "prod@0"]), ["prod@0.9.0"]);
    assert_eq!(offered(&room, &["trace", "gone@"]), [""; 0]);
}

#[test]
fn commands_flags_and_their_words_are_offered_with_their_help() {
    let room = Room::new();
    foo(&room);
    let answer = asked(&room, "foo-release", &[""]);
    let first: Vec<&str> = answer.lines().map(|line| line.split('\t').next().unwrap()).collect();
    let commands: Vec<_> = relman::cli::definition().get_subcommands().map(|c| c.get_name().to_owned()).collect();
    assert_eq!(first, commands, "flags wait until somebody begins one");
    assert!(answer.contains("status\tShow which version each environment branch holds\n"), "{answer}");
    assert_eq!(offered(&room, &["promote", "--dir"]), ["--direct-push"]);
    assert_eq!(offered(&room, &["promote", "--via="]), ["--via=auto", "--via=direct", "--via=branch"]);
    assert_eq!(offered(&room, &["completions", ""]).len(), 5);
}

/// What somebody makes up, or only a forge or an engine knows.
const FREE: [&str; 17] = [
    "NAME",
    "T",
    "BRANCH",
    "DATE",
    "REASON",
    "R",
    "L",
    "DUR",
    "NUMBER",
    "NAME:VALUE|@FILE",
    "NAME:TYPE[:BRANCH]",
    "ENV=V",
    "URL",
    "DIR|URL",
    "SYSTEM",
    "TYPE[=URL]",
    "ISSUE",
];

#[test]
fn whatever_takes_a_value_is_completed_or_free() {
    let room = Room::new();
    foo(&room);
    let mut missed = Vec::new();
    let mut root = relman::cli::definition();
    root.build();
    let mut left = vec![(root.clone(), Vec::new())];
    while let Some((command, path)) = left.pop() {
        for subcommand in command.get_subcommands() {
            left.push((subcommand.clone(), [path.clone(), vec![subcommand.get_name().to_owned()]].concat()));
        }
        let mut before: Vec<String> = path.clone();
        for arg in command.get_arguments().filter(|arg| arg.get_num_args().is_some_and(|n| n.takes_values())) {
            let mut words = before.clone();
            match (arg.get_long(), arg.get_short()) {
                (Some(long), _) => words.push(format!("--{long}")),
                (None, Some(short)) => words.push(format!("-{short}")),
                (None, None) => before.push("x".into()),
            }
            words.push(String::new());
            let name = arg.get_value_names().and_then(|names| names.first()).map(|name| name.to_string());
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            if offered(&room, &words).is_empty() && !FREE.contains(&name.as_deref().unwrap_or_default()) {
                missed.push(format!("{} ({name:?})", words.join(" ")));
            }
        }
    }
    assert!(missed.is_empty(), "nothing is offered for\n{}", missed.join("\n"));
}

#[test]
fn paths_are_left_to_the_shell() {
    let room = Room::new();
    foo(&room);
    for words in [&["-C", ""][..], &["--app=x"], &["status", "--app", "x"], &["demo", ""], &["man", "--out="]] {
        assert_eq!(asked(&room, "foo-release", words), ":folders\n", "{words:?}");
    }
    for words in [&["trigger", ""][..], &["trigger", "--secret-file", "x"]] {
        assert_eq!(asked(&room, "foo-release", words), ":files\n", "{words:?}");
    }
}

#[test]
fn the_line_says_which_repositories_are_meant() {
    let room = Room::new();
    foo(&room);
    let other = room.repo("other-app");
    other.commit("main", "one");
    other.tag("v7-rc.1", "main");
    std::fs::create_dir(room.path("work/elsewhere")).unwrap();
    let names = |words: &[&str]| asked(&room, "elsewhere", words);
    assert_eq!(names(&["status", "q"]), "");
    for words in [
        &["-C", "../foo-release", "status", "q"][..],
        &["-C../foo-release", "status", "q"],
        &["status", "-C", "../foo-release", "q"],
        &["--remote", "origin", "status", "-C", "../foo-app", "q"],
    ] {
        let remote = words.contains(&"--remote");
        assert_eq!(names(words), if remote { "" } else { "qa\t1.2.0\n" }, "{words:?}: there is no remote");
    }
    assert_eq!(names(&["-C", "../foo-release", "--app", "../other-app", "verify", ""]), "7\trc.1\n");
    let call = room.call("elsewhere").env("RELMAN_COMPLETE", "zsh").env("RELMAN_REPO", "../foo-release");
    call.words("-- relman promote q").run().ok().silent().says("qa\t1.2.0\n");
    // A folder that is called like a command is none.
    Repo::at(&room, "foo-release").git("worktree add -q ../demo environment/qa");
    assert_eq!(names(&["-C", "../demo", "status", "q"]), "qa\t1.2.0\n");
    assert_eq!(asked(&room, "", &["-C", "demo", "status", "q"]), "qa\t1.2.0\n");
}

#[test]
fn a_remote_of_the_release_repo_tells_which_environments_there_are() {
    let room = Room::new();
    let server = room.server("foo-release");
    server.environment("qa", "1.2.0", "type: qa");
    let clone = server.clone_as("foo-release", "");
    clone.branch("environment/here", "origin/environment/qa");
    server.environment("qa", "1.3.0", "type: qa");
    assert_eq!(asked(&room, "foo-release", &["status", ""]), "here\t1.2.0\nqa\t1.2.0\n", "as it was last fetched");
}

#[test]
fn nothing_is_brought_in_to_complete_a_word() {
    let room = Room::new();
    let (release, app) = foo(&room);
    for server in [&release, &app] {
        server.git("config uploadpack.allowFilter true");
        server.git("config uploadpack.allowAnySHA1InWant true");
    }
    let clone = release.clone_as("far/foo-release", "--no-checkout --filter=blob:none");
    app.clone_as("far/foo-app", "--no-checkout --filter=blob:none");
    let missing =
        || clone.git("rev-list --objects --all --missing=print").lines().filter(|id| id.starts_with('?')).count();
    let before = missing();
    assert!(before > 0, "the release files are to be missing");
    assert_eq!(asked(&room, "far/foo-release", &["status", ""]), "dev\t\nprod\t\nqa\t\n");
    asked(&room, "far/foo-release", &["verify", ""]);
    asked(&room, "far/foo-release", &["trace", "prod@"]);
    asked(&room, "far/foo-app", &["status", ""]);
    assert_eq!(missing(), before);
    room.relman("far/foo-release", "status").ok();
    assert!(missing() < before, "status brings them in, so they could have been");
}

/// Names that Git allows and a shell would act on.
const HOSTILE: [&str; 9] = [
    "$(touch${IFS}pwned)",
    "`touch${IFS}pwned`",
    "q;touch${IFS}pwned",
    "q'x",
    "q\"x",
    "q&x",
    "q|x",
    "q{a,b}",
    "q\u{202e}x",
];

/// Environments, versions and tags with such names, and files as well.
fn hostile(room: &Room) {
    let (release, app) = foo(room);
    let (qa, head) = (release.id("environment/qa"), app.id("main"));
    for name in HOSTILE {
        release.git_args(["update-ref", &format!("refs/heads/environment/{name}"), &qa]);
        app.git_args(["update-ref", &format!("refs/tags/v{name}"), &head]);
        app.git_args(["update-ref", &format!("refs/tags/v{name}-rc.1"), &head]);
        app.git_args(["update-ref", &format!("refs/heads/release/{name}"), &head]);
    }
    std::fs::create_dir(room.path("work/foo-release/$(touch pwned)")).unwrap();
    release.environment("evil", "\"1$(touch${IFS}pwned)\"", "type: qa");
}

#[test]
fn a_name_that_a_shell_would_act_on_is_not_offered() {
    let room = Room::new();
    hostile(&room);
    assert_eq!(offered(&room, &["status", ""]), ["dev", "evil", "prod", "qa"]);
    let versions = offered(&room, &["verify", ""]);
    assert_eq!(versions, ["1.11.0", "1.10.0", "1.2.0", "1.0.0", "next"]);
    assert!(!offered(&room, &["where", "v"]).iter().any(|tag| tag.contains(['q', '$', '`'])));
    assert_eq!(offered(&room, &["trace", "evil@"]), [""; 0]);
    for typed in ["$(touch pwned)", "`", "'", "../../..", "v../../", "\u{1b}", "q;"] {
        assert_eq!(offered(&room, &["diff", typed]), [""; 0], "{typed}");
    }
}

#[test]
fn whatever_is_wrong_the_shell_is_told_nothing() {
    let room = Room::new();
    let (release, _) = foo(&room);
    let ask = |shell: &str, words: &[&OsStr]| {
        let call = room.call("foo-release").env("RELMAN_COMPLETE", shell).arg("--");
        words.iter().fold(call, |call, word| call.arg(word)).run().ok().silent().out
    };
    for shell in ["bash", "zsh", "fish", "powershell", "elvish", "tcsh", ""] {
        assert_eq!(ask(shell, &[]), "", "{shell}");
        assert_eq!(ask(shell, &["relman".as_ref()]), "", "{shell}");
    }
    #[cfg(unix)]
    {
        let odd = std::os::unix::ffi::OsStrExt::from_bytes(b"q\xff");
        for shell in ["bash", "fish", "powershell"] {
            assert_eq!(ask(shell, &["relman".as_ref(), "status".as_ref(), odd]), "", "{shell}");
            assert_eq!(ask(shell, &[odd, odd]), "", "{shell}");
        }
    }
    assert_eq!(asked(&room, "foo-release", &["-C", "/nowhere", "status", ""]), "");
    let broken = release.path.join(".git/refs/heads/environment/broken");
    std::fs::write(broken, "no object\n").unwrap();
    release.commit_files("environment/odd", "odd", &[("release.yml", "- [")]);
    assert_eq!(offered(&room, &["status", ""]), ["broken", "dev", "odd", "prod", "qa"]);
    std::fs::remove_dir_all(room.path("work/foo-app")).unwrap();
    assert_eq!(offered(&room, &["verify", ""]), [""; 0]);
    std::fs::write(release.path.join(".git/config"), "[core\n").unwrap();
    assert_eq!(offered(&room, &["status", ""]), [""; 0]);
}

#[test]
fn the_variable_alone_changes_nothing() {
    let room = Room::new();
    foo(&room);
    let call = |line: &str| room.call("foo-release").env("RELMAN_COMPLETE", "bash").words(line).run();
    call("--version").ok().says(concat!("relman ", env!("CARGO_PKG_VERSION"), "\n"));
    call("next-rc qa --offline").ok().says("v1.2.0-rc.11\n");
}

/// The scripts lie where packages look for them.
fn script(shell: &str) -> (&'static Path, String) {
    let path = Path::new(match shell {
        "bash" => concat!(env!("CARGO_MANIFEST_DIR"), "/completions/relman.bash"),
        "zsh" => concat!(env!("CARGO_MANIFEST_DIR"), "/completions/_relman"),
        "fish" => concat!(env!("CARGO_MANIFEST_DIR"), "/completions/relman.fish"),
        "powershell" => concat!(env!("CARGO_MANIFEST_DIR"), "/completions/_relman.ps1"),
        _ => concat!(env!("CARGO_MANIFEST_DIR"), "/completions/relman.elv"),
    });
    (path, std::fs::read_to_string(path).unwrap())
}

#[test]
fn the_program_prints_the_scripts() {
    let room = Room::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (_, text) = script(shell);
        room.relman("", &format!("completions {shell}")).ok().silent().says(&text);
        assert!(text.contains("RELMAN_COMPLETE") && text.contains(shell), "{shell}");
    }
    room.relman("", "completions tcsh").ends(2).talks("invalid value 'tcsh'");
}

/// Runs a shell in `work/foo-release` that finds the program by its name; `None` where there is no such shell.
fn shell(room: &Room, program: &str, args: &[&str]) -> Option<String> {
    let folder = Path::new(env!("CARGO_BIN_EXE_relman")).parent().unwrap();
    let path = std::env::join_paths(
        [folder.to_owned()].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let sealed = room.call("foo-release").into_command();
    let mut command = Command::new(program);
    command.env_clear().envs(sealed.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("PATH", path.unwrap()).current_dir(sealed.get_current_dir().unwrap()).args(args);
    let output = match command.output() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            skip("completions", &format!("there is no {program}"));
            return None;
        }
        output => output.unwrap(),
    };
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success() && err.is_empty(), "{program} {args:?}\n{out}{err}");
    Some(out)
}

/// What bash would put in place of `replaced`, the end of the line as it takes words apart.
fn bash(room: &Room, line: &str, replaced: &str, kind: &str) -> Option<String> {
    let test = r#"
        set -u
        source "$1"
        COMP_LINE=$2 COMP_POINT=${#2} COMP_TYPE=$4 COLUMNS=40
        _relman relman "$3" "" || true
        ((${#COMPREPLY[@]} == 0)) || printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let (path, _) = script("bash");
    shell(room, "bash", &["--noprofile", "--norc", "-c", test, "bash", path.to_str().unwrap(), line, replaced, kind])
}

#[test]
fn bash_gets_words_and_lists_them_with_their_meaning() {
    let room = Room::new();
    hostile(&room);
    let tab = |line: &str, replaced: &str| bash(&room, line, replaced, "9");
    let Some(answer) = tab("relman promote q", "q") else { return };
    assert_eq!(answer, "qa\n");
    let get = |line: &str, replaced: &str| tab(line, replaced).unwrap();
    assert_eq!(get("relman status ", ""), "dev\nevil\nprod\nqa\n");
    assert_eq!(get("relman diff qa p", "p"), "prod\n");
    assert_eq!(get("relman trace prod@", ""), "1.0.0\n0.9.0\n", "bash has the environment as a word of its own");
    assert_eq!(get("relman trace prod@0", "0"), "0.9.0\n");
    assert_eq!(get("relman set qa --via=d", "d"), "direct\n");
    assert_eq!(get("relman status \"q", "q"), "qa\n");
    assert_eq!(get("relman -C '../foo-app' verify 1.0", "1.0"), "1.0.0\n");
    assert_eq!(get("relman -C ", ""), "", "readline completes folders");
    assert_eq!(get("relman status $(touch pwned) '", ""), "dev\nevil\nprod\nqa\n");
    let list = bash(&room, "relman status ", "", "63").unwrap();
    assert_eq!(list, "dev   (WIP)\nevil  (1$(touch${IFS}pwned))\nprod  (1.0.0)\nqa    (1.2.0)\n");
    assert_eq!(bash(&room, "relman status q", "q", "63").unwrap(), "qa\n", "one word goes onto the line as it is");
    assert_eq!(bash(&room, "relman status ", "", "37").unwrap(), "dev\nevil\nprod\nqa\n", "as does each, one by one");
    let cut = bash(&room, "relman d", "d", "63").unwrap();
    assert!(cut.lines().count() > 2 && cut.lines().all(|line| line.len() < 40), "{cut}");
    assert!(!room.path("work/foo-release/pwned").exists());
}

#[test]
fn fish_gets_words_with_their_meaning() {
    let room = Room::new();
    hostile(&room);
    let (path, _) = script("fish");
    let complete = |line: &str| {
        let test = "source $argv[1]; complete --do-complete $argv[2]";
        shell(&room, "fish", &["--no-config", "-c", test, path.to_str().unwrap(), line])
    };
    let Some(answer) = complete("relman promote q") else { return };
    assert_eq!(answer, "qa\t1.2.0\n");
    let get = |line: &str| complete(line).unwrap();
    assert_eq!(get("relman trace prod@0"), "prod@0.9.0\tsince 2026-01-05 08:10\n");
    assert_eq!(get("relman status "), "dev\tWIP\nevil\t1$(touch${IFS}pwned)\nprod\t1.0.0\nqa\t1.2.0\n");
    assert_eq!(get("relman -C ../foo-app verify 1.0"), "1.0.0\tfinal\n");
    assert_eq!(get("relman -C ../foo-r"), "../foo-release/\tDirectory\n");
    assert_eq!(get("relman --app=../foo-a"), "--app=../foo-app/\tDirectory\n");
    assert!(!room.path("work/foo-release/pwned").exists());
}

#[test]
fn zsh_gets_words_with_their_meaning() {
    let room = Room::new();
    hostile(&room);
    let (path, _) = script("zsh");
    // What only an editor of lines has is played here.
    let test = r#"
        compdef() { }
        _describe() { print -rl -- "${(@P)3}" }
        _files() { print -r -- "files $* $PREFIX" }
        compset() { PREFIX=${PREFIX#${~2}} }
        source $1
        words=("${@[2,-1]}" tail) CURRENT=$(($# - 1)) PREFIX=$@[-1]
        _relman
    "#;
    let complete = |words: &[&str]| {
        let args = ["-f", "-c", test, "zsh", path.to_str().unwrap(), "relman"];
        shell(&room, "zsh", &args.into_iter().chain(words.iter().copied()).collect::<Vec<_>>())
    };
    let Some(answer) = complete(&["promote", "q"]) else { return };
    assert_eq!(answer, "qa:1.2.0\n");
    let get = |words: &[&str]| complete(words).unwrap();
    assert_eq!(get(&["status", ""]), "dev:WIP\nevil:1$(touch${IFS}pwned)\nprod:1.0.0\nqa:1.2.0\n");
    assert_eq!(get(&["trace", "prod@0"]), "prod@0.9.0:since 2026-01-05 08:10\n");
    assert_eq!(get(&["-C", "'../foo-app'", "diff", "'qa'", "p"]), "prod:1.0.0\n");
    assert_eq!(get(&["set", "qa", "--via=d"]), "--via=direct\n");
    assert_eq!(get(&["--app=../f"]), "files -/ ../f\n");
    assert_eq!(get(&["trigger", "../f"]), "files  ../f\n");
    assert!(!room.path("work/foo-release/pwned").exists());
}

#[test]
fn elvish_gets_words_with_their_meaning() {
    let room = Room::new();
    hostile(&room);
    let (_, text) = script("elvish");
    // What only an editor of lines has is played here.
    let text = text
        .replace("set edit:completion:arg-completer[relman] =", "var complete~ =")
        .replace("edit:complex-candidate $value &display=$shown &code-suffix=' '", "echo $value'|'$shown")
        .replace("edit:complete-filename $@words", "echo files $words[-1]");
    assert!(!text.contains("edit:"), "{text}");
    let complete = |words: &str| shell(&room, "elvish", &["-norc", "-c", &format!("{text}\ncomplete relman {words}")]);
    let Some(answer) = complete("promote q") else { return };
    assert_eq!(answer, "qa|qa (1.2.0)\n");
    let get = |words: &str| complete(words).unwrap();
    assert_eq!(get("trace prod@0"), "prod@0.9.0|prod@0.9.0 (since 2026-01-05 08:10)\n");
    assert_eq!(get("set qa --via=d"), "--via=direct|--via=direct\n");
    assert_eq!(get("status e"), "evil|evil (1$(touch${IFS}pwned))\n");
    assert_eq!(get("-C ../f"), "files ../f\n");
    assert!(!room.path("work/foo-release/pwned").exists());
}

#[test]
fn powershell_marks_the_last_word() {
    let room = Room::new();
    foo(&room);
    let ask =
        |words: &str| room.call("foo-release").env("RELMAN_COMPLETE", "powershell").words(words).run().ok().silent();
    ask("-- relman promote =q").says("qa\t1.2.0\n");
    ask("-- relman promote =").says("dev\tWIP\nprod\t1.0.0\nqa\t1.2.0\n");
    ask("-- relman promote q").says("");
}
