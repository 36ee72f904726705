//! Content that means no good: a clear error, no crash, nothing run, nothing sent to the terminal.

use std::path::Path;

use crate::diff::Shop;
use crate::sandbox::{Repo, Room, release_file};

const ESCAPES: &str = "A\u{1b}[31mB\u{7}C\u{9b}2JD\u{202e}E";

fn landscape(room: &Room) -> (Repo<'_>, Repo<'_>) {
    let release = room.repo("foo-release");
    release.environment("qa", "1.0", "type: qa");
    let app = room.repo("foo-app");
    app.commit("main", "one");
    (release, app)
}

/// Nothing in a text that a terminal would act on, but for colours where relman writes them.
#[track_caller]
fn harmless(text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        let code = &rest[at..];
        let end = code.find('m').unwrap_or(0);
        let own = code.starts_with("\u{1b}[") && code[2..end.max(2)].chars().all(|c| c.is_ascii_digit() || c == ';');
        assert!(end > 0 && own, "{text:?}");
        assert!(!code.starts_with("\u{1b}[31mB"), "the author's own colour: {text:?}");
        rest = &code[end..];
    }
    let plain = |c: char| !c.is_control() || c == '\n' || c == '\u{1b}';
    assert!(text.chars().all(|c| plain(c) && !('\u{202a}'..='\u{202e}').contains(&c)), "{text:?}");
}

#[test]
fn escapes_do_not_reach_a_terminal() {
    let room = Room::new();
    let (release, app) = landscape(&room);
    let file = release_file("qa", "1.0", "type: qa");
    release.commit_as("environment/qa", ESCAPES, ESCAPES, &[("release.yml", file.as_bytes())], &[]);
    // Git allows what is no ASCII control character in names of references.
    let odd = release_file("x", "1.0", "type: qa").replace("1.0", "\"1\u{202e}0\"");
    release.commit_files("environment/x", "odd", &[("release.yml", &odd)]);
    release.commit_files("environment/o\u{9b}2J\u{202e}dd", "odd", &[("release.yml", &odd)]);
    app.branch("v\u{9b}2J", "main");
    release.environment("dev", "\"ref:v\u{202e}x\"", "type: dev");
    let deployed = release.id("environment/qa");
    release.record(&deployed, "qa", "failed", ESCAPES, ESCAPES, "2026-01-05T10:00:00.000Z");
    for line in ["status", "check", "env list", "resolve x", "resolve qa", "resolve dev", "next-rc x", "status no"] {
        for color in ["always", "never"] {
            let answer = room.relman("foo-release", &format!("{line} --color {color}"));
            if !line.starts_with("next-rc") {
                harmless(&answer.out);
            }
            harmless(&answer.err);
        }
    }
    room.relman("foo-release", "status").ok().shows("A[31mBC2JDE");
}

#[test]
fn escapes_in_the_words_of_a_server_do_not_reach_a_terminal() {
    let room = Room::new();
    let server = room.server("foo-release");
    server.environment("qa", "1.0", "type: qa");
    server.clone_as("foo-release", "--branch environment/qa");
    let helper = room.write("home/evil", "#!/bin/sh\nprintf 'remote: \\033[2J\\007gone\\n' >&2\nexit 1\n");
    std::process::Command::new("chmod").arg("+x").arg(&helper).status().unwrap();
    Repo::at(&room, "foo-release").git_args(["config", "remote.origin.uploadpack", helper.to_str().unwrap()]);
    let answer = room.relman("foo-release", "resolve qa --color always");
    assert_ne!(answer.status, 0);
    assert!(answer.err.contains("gone"), "{}", answer.err);
    harmless(&answer.err);
}

#[test]
fn a_huge_file_is_refused_without_being_read() {
    let room = Room::new();
    let (release, app) = landscape(&room);
    let size = 100 << 20;
    let mut stream = format!("blob\nmark :1\ndata {size}\n").into_bytes();
    stream.resize(stream.len() + size, b'#');
    stream.extend(b"\nget-mark :1\n");
    let blob = release
        .git_fed(["-c", "core.bigFileThreshold=1m", "-c", "core.compression=1", "fast-import", "--quiet"], &stream);
    let tree = release.git_fed(["mktree"], format!("100644 blob {blob}\trelease.yml\n").as_bytes());
    let commit = release.git(&format!("commit-tree {tree} -m huge"));
    release.git(&format!("update-ref refs/heads/environment/huge {commit}"));
    assert!(app.path.exists());
    let out = status_in_little_memory(&room, &release, "huge");
    assert!(out.contains("release.yml on environment/huge has 104857600 bytes; 262144 are allowed"), "{out}");
    room.relman("foo-release", "resolve huge --format json").refused(2, "file-too-large");
    room.relman("foo-release", "next-rc huge --format json").refused(2, "file-too-large");
    room.relman("foo-release", "check").ends(10).shows("error[file-too-large]");
}

#[test]
fn a_huge_commit_is_refused_without_being_read() {
    let room = Room::new();
    let (release, _) = landscape(&room);
    let tree = release.git("rev-parse environment/qa^{tree}");
    let mut text = format!("tree {tree}\nauthor A <a@b> 0 +0000\ncommitter A <a@b> 0 +0000\n\n").into_bytes();
    text.resize(text.len() + (100 << 20), b'#');
    let commit = release.git_fed(["-c", "core.compression=1", "hash-object", "-t", "commit", "-w", "--stdin"], &text);
    release.git(&format!("update-ref refs/heads/environment/huge {commit}"));
    let said = status_in_little_memory(&room, &release, "huge");
    assert!(said.contains("environment/huge") && said.contains("allocation limit"), "{said}");
}

/// What `relman status` says with 90 MB to live in, in which a hundred can't be taken into memory.
fn status_in_little_memory(room: &Room, release: &Repo<'_>, environment: &str) -> String {
    let program = env!("CARGO_BIN_EXE_relman");
    let line = format!("ulimit -v 90000; exec '{program}' status {environment}");
    let mut call = std::process::Command::new("sh");
    call.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", room.path("home"));
    call.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", room.path("home/gitconfig"));
    let output = call.current_dir(&release.path).args(["-c", &line]).output().unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn bombs_of_aliases_and_depth() {
    let room = Room::new();
    let (release, _) = landscape(&room);
    let mut bomb = String::from("application: foo-app\nversion: 1.0\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for level in 1..12 {
        let before = format!("*a{},", level - 1).repeat(10);
        bomb.push_str(&format!("a{level}: &a{level} [{before}]\n"));
    }
    release.release_file("bomb", "bomb", &bomb);
    release.release_file("deep", "deep", &format!("application: {}x{}\n", "[".repeat(5000), "]".repeat(5000)));
    release.release_file("wide", "wide", &format!("application: [{}]\n", "a,".repeat(120_000)));
    for name in ["bomb", "deep", "wide"] {
        room.relman("foo-release", &format!("resolve {name} --format json")).refused(2, "file-too-complex");
    }
    release.commit_bytes("environment/bytes", "bytes", &[("release.yml", b"application: \xff\xfe\n")]);
    room.relman("foo-release", "resolve bytes --format json").refused(2, "not-utf-8");
    room.relman("foo-release", "status --check").ends(10).shows("environment/bomb");
}

#[test]
fn odd_bytes_in_references() {
    let room = Room::new();
    let (release, app) = landscape(&room);
    app.tag("v1.0-rc.1", "main");
    let odd: &[&[u8]] = &[b"v1.0-rc.\xff", b"v1.0-rc.7\xc3", b"\xff\xfe", b"v1.0-rc.8\xe2\x80\xae", b"v\xff-rc.3"];
    for (repo, at, prefix) in
        [(&app, app.id("main"), "refs/tags/"), (&release, release.id("environment/qa"), "refs/heads/environment/")]
    {
        let mut packed = b"# pack-refs with: peeled fully-peeled \n".to_vec();
        for name in odd {
            packed.extend(format!("{at} {prefix}").bytes());
            packed.extend(*name);
            packed.push(b'\n');
        }
        std::fs::write(repo.path.join(".git/packed-refs"), packed).unwrap();
    }
    room.relman("foo-release", "next-rc qa").ok().says("v1.0-rc.2\n");
    let shown = room.relman("foo-release", "status --format json").ok().json();
    assert_eq!(shown["environments"].as_array().unwrap().len(), 1 + odd.len());
    room.relman("foo-release", "check --format json").ends(10);
    room.relman("foo-release", "resolve qa").ok().shows("v1.0-rc.1");
}

#[test]
fn names_lead_nowhere_else() {
    let room = Room::new();
    let (release, app) = landscape(&room);
    room.repo("evil").commit("main", "one");
    for name in ["../evil", "..", "/etc", "a/b", "-x", "--upload-pack=x", "\"a\\u0000b\"", "a\u{202e}b"] {
        let text = release_file("qa", "1.0", "type: qa").replace("foo-app", name);
        release.release_file("qa", "evil", &text);
        let answer = room.relman("foo-release", "resolve qa --format json").ends(2);
        let code = answer.error()["code"].as_str().unwrap().to_owned();
        assert!(["invalid-name", "control-character"].contains(&code.as_str()), "{name}: {code}");
    }
    release.environment("qa", "1.0", "type: qa");
    for entry in ["name: ../evil", "name: --upload-pack=x", "name: evil/../../evil"] {
        app.app_file("main", &[entry]);
        room.relman("foo-release", "resolve qa --format json").refused(2, "invalid-name");
        room.relman("foo-release", "next-rc qa --format json").refused(2, "invalid-name");
    }
}

#[test]
fn no_url_and_no_name_runs_anything() {
    let room = Room::new();
    let (release, app) = landscape(&room);
    let mark = room.path("pwned");
    let touch = format!("touch {}", mark.display());
    let urls = [
        format!("ext::sh -c {touch}"),
        format!("--upload-pack={touch}"),
        format!("-u{touch}"),
        format!("ssh://-oProxyCommand={touch}/x"),
        format!("git@-oProxyCommand={touch}:x"),
        "\"https://a/\\u001b\"".to_owned(),
    ];
    for url in &urls {
        let text = release_file("qa", "1.0", "type: qa").replace("foo-app", &format!("{{name: other, url: '{url}'}}"));
        release.release_file("qa", "evil", &text.replace("'\"", "\"").replace("\"'", "\""));
        let fetched = room.relman("foo-release", "fetch");
        assert!([0, 2].contains(&fetched.status), "{}", fetched.err);
        assert!(!mark.exists(), "fetch ran {url}");
        for line in ["resolve qa", "next-rc qa", "status", "check"] {
            let answer = room.relman("foo-release", line);
            assert!(!mark.exists(), "{line} ran {url}");
            let refused = answer.status == 2 || answer.out.contains("url") || answer.out.contains("URL");
            assert!(refused, "{line} {url}: {} {}{}", answer.status, answer.out, answer.err);
        }
    }
    release.environment("qa", "1.0", "type: qa");
    for url in &urls {
        let entry = format!("{{name: other, url: '{url}'}}").replace("'\"", "\"").replace("\"'", "\"");
        app.app_file("main", &[&entry]);
        room.relman("foo-release", "resolve qa").ends(2);
        room.relman("foo-release", "next-rc qa").ends(2);
        room.relman("foo-release", "status").ok().shows("error:");
        assert!(!mark.exists(), "{url}");
    }
    for (version, entry) in [
        ("\"ref:--upload-pack=x\"", "type: dev"),
        ("\"ref:-x\"", "type: dev"),
        ("WIP", "type: dev; branch: --upload-pack=x"),
        ("WIP", "type: dev; branch: -x"),
    ] {
        release.environment("dev", version, entry);
        room.relman("foo-release", "resolve dev").ends(2);
    }
    for args in [&["--remote", "--upload-pack=x", "status"][..], &["--remote=ext::sh -c x", "status"]] {
        let answer = args.iter().fold(room.call("foo-release"), |call, arg| call.arg(arg)).run();
        assert_eq!(answer.status, 2, "{}", answer.err);
    }
}

#[test]
fn a_release_file_that_is_no_file() {
    let room = Room::new();
    let (release, _) = landscape(&room);
    let secret = room.write("home/secret", "application: foo-app\n");
    let blob = release.git_fed(["hash-object", "-w", "--stdin"], secret.to_str().unwrap().as_bytes());
    for (name, entry) in
        [("link", format!("120000 blob {blob}")), ("module", format!("160000 commit {}", "1".repeat(40)))]
    {
        let tree = release.git_fed(["mktree", "--missing"], format!("{entry}\trelease.yml\n").as_bytes());
        let commit = release.git(&format!("commit-tree {tree} -m odd"));
        release.git(&format!("update-ref refs/heads/environment/{name} {commit}"));
        room.relman("foo-release", &format!("resolve {name} --format json")).refused(3, "file-missing");
    }
}

#[test]
fn notes_that_are_no_records() {
    let room = Room::new();
    let (release, _) = landscape(&room);
    let tip = release.id("environment/qa");
    for note in ["\0\0\0", "{", "[1,2]", "{\"schema\":\"relman.record/1\"}", &"x".repeat(100_000)] {
        release.git_fed(["notes", "--ref=relman/deployments", "add", "-f", "-F", "-", &tip], note.as_bytes());
        let shown = room.relman("foo-release", "status --format json").ok().json();
        assert!(shown["environments"][0]["deployment"].is_null());
        room.relman("foo-release", "resolve qa").ok();
    }
}

#[test]
fn secrets_are_told_of_and_never_shown() {
    let room = Room::new();
    let (release, _) = landscape(&room);
    let secret = format!("ghp_{}", "16C7e42F292c6912E7710c838347Ae178B4a");
    release.environment("qa", "1.0", &format!("type: qa; credentials: {secret}"));
    for line in ["check", "check --format json", "status", "status --format json", "resolve qa", "env list"] {
        let answer = room.relman("foo-release", line);
        assert!(!answer.out.contains(&secret) && !answer.err.contains(&secret), "{line} shows the secret");
    }
    room.relman("foo-release", "check").ok().shows("warning[credentials-look-secret]");
}

#[test]
fn secrets_in_urls_of_any_shape_are_never_shown() {
    let room = Room::new();
    let server = room.server("foo-release");
    server.environment("qa", "1.0", "type: qa");
    let clone = server.clone_as("foo-release", "--branch environment/qa");
    for url in [
        "https://ghp_s3cr3t@127.0.0.1:1/x/foo-release.git",
        "https://u@x:s3cr3t@127.0.0.1:1/x.git",
        "https://127.0.0.1:1/x.git?private_token=s3cr3t",
        "https://user:s3cr3t@/x.git",
        "https://user:s3cr3t[1@127.0.0.1:1/x.git",
        "https://user:s3cr3t/1@127.0.0.1:1/x.git",
        "https://user:s3cr3t@127.0.0.1:99999/x.git",
        "https:///user:s3cr3t@h",
        "foo://u:s3cr3t@h/x.git",
        "user:s3cr3t@127.0.0.1:x.git",
    ] {
        clone.git_args(["remote", "set-url", "origin", url]);
        for line in ["status -v", "next-rc qa -vv", "fetch", "fetch --format json", "set qa 2.0 --yes --format json"] {
            let answer = room.relman("foo-release", line);
            assert!(!answer.out.contains("s3cr3t"), "{url} {line}\n{}", answer.out);
            assert!(!answer.err.contains("s3cr3t"), "{url} {line}\n{}", answer.err);
        }
    }
    clone.git_args(["remote", "set-url", "origin", "https://user:s3cr3t@127.0.0.1:99999/x.git"]);
    room.relman("foo-release", "status --format json").refused(2, "invalid-url");
    clone.git_args(["remote", "set-url", "origin", &server.url()]);
    let hook = format!("{}/hooks/pre-receive", server.path.display());
    std::fs::create_dir_all(server.path.join("hooks")).unwrap();
    std::fs::write(&hook, "#!/bin/sh\necho no: https://u:s3cr3t@h/ user:s3cr3t@h >&2; exit 1\n").unwrap();
    std::process::Command::new("chmod").arg("+x").arg(&hook).status().unwrap();
    for line in ["set qa 2.0 --yes --direct-push", "set qa 2.0 --yes --direct-push --format json"] {
        let answer = room.relman("foo-release", line);
        assert!(answer.err.contains("no: https://h/ user@h") && !answer.err.contains("s3cr3t"), "{}", answer.err);
    }
    for place in ["user:s3cr3t@-h:x", "https://u:s3cr3t@-h/x", "foo://u:s3cr3t@h/x", "-u:s3cr3t@h", "s:s3cr3t@h"] {
        let answer = room.call("").arg("init").arg("n").arg(format!("--use-app={place}")).run();
        assert!(!answer.err.contains("s3cr3t") && !answer.out.contains("s3cr3t"), "{place} {}", answer.err);
    }
}

#[test]
fn passwords_in_urls_are_never_shown() {
    let room = Room::new();
    let server = room.server("foo-release");
    server.environment("qa", "1.0", "type: qa");
    let clone = server.clone_as("foo-release", "--branch environment/qa");
    clone.git("remote set-url origin https://me:hunter2@127.0.0.1:1/team/foo-release.git");
    for line in [
        "resolve qa -v",
        "fetch -v",
        "next-rc qa -vv",
        "status -v",
        "check --format json",
        "resolve qa --format json",
        "resolve qa --offline",
    ] {
        let answer = room.relman("foo-release", line);
        assert!(
            !answer.out.contains("hunter2") && !answer.err.contains("hunter2"),
            "{line}\n{}{}",
            answer.out,
            answer.err
        );
    }
    assert!(Path::new(&clone.path).exists());
    room.relman("foo-release", "resolve qa --format json").refused(6, "remote-unreachable");
}

#[test]
fn a_comparison_runs_nothing_that_a_clone_is_configured_to_run() {
    let room = Room::new();
    let shop = Shop::new(&room);
    shop.commit("right", "FOO-2 Two");
    let one = shop.commit("left", "FOO-1 One");
    shop.ready();
    shop.on("left", &[]);
    let trace = room.path("ran");
    for (key, control) in [
        ("core.fsmonitor", "diff-tree left right"),
        ("diff.external", "diff left right"),
        ("diff.evil.command", "diff left right"),
        ("diff.evil.textconv", "diff left right"),
    ] {
        std::fs::write(shop.lib.path.join(".git/info/attributes"), "* diff=evil\n").unwrap();
        let evil = format!("touch {}; :", trace.display());
        shop.lib.git_args(["config", key, &evil]);
        shop.lib.git(control);
        assert!(trace.exists(), "Git itself runs {key}, so this test would see it");
        std::fs::remove_file(&trace).unwrap();
        room.relman("foo-release", "diff qa prod --patch").ok().shows("+++");
        room.relman("foo-release", "diff qa prod --pipeline --chart --values").ok();
        room.relman("foo-release", &format!("where {one}")).ok();
        room.relman("foo-release", "where FOO-2").ok();
        assert!(!trace.exists(), "{key}");
        shop.lib.git_args(["config", "--unset", key]);
    }
}
