//! Remotes that answer with something else than a repository, that are gone, or that nothing decides between.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::sandbox::{Repo, Room};

const PAGE: &str = "<html>Please log in</html>";

/// Answers every request with this, as the login page of a proxy does, until the test ends.
fn answering(status: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    format!("http://{address}/x.git")
}

/// A release of two repositories on a server, with clones that know everything; qa is at the second candidate.
fn cloned(room: &Room) -> [Repo<'_>; 3] {
    let release = room.server("foo-release");
    release.environment("qa", "1.0", "type: qa");
    let app = room.server("foo-app");
    app.app_file("main", &["name: foo-backend"]);
    let backend = room.server("foo-backend");
    backend.commit("main", "one");
    for server in [&app, &backend] {
        server.tag("v1.0-rc.1", "main");
    }
    backend.tag("v1.0-rc.2", "main");
    let clones =
        [release.clone_as("foo-release", ""), app.clone_as("foo-app", ""), backend.clone_as("foo-backend", "")];
    room.relman("foo-release", "fetch").ok();
    room.relman("foo-release", "next-rc qa").ok().says("v1.0-rc.3\n");
    clones
}

fn refs(repo: &Repo<'_>) -> String {
    repo.git("for-each-ref")
}

#[test]
fn a_page_in_the_place_of_a_repository_is_no_remote_without_tags() {
    for (status, body) in
        [("200 OK", PAGE), ("200 OK", ""), ("404 Not Found", PAGE), ("301 Moved", PAGE), ("500 Oh", "")]
    {
        let url = answering(status, body);
        for index in 0..3 {
            let room = Room::new();
            let clones = cloned(&room);
            let clone = &clones[index];
            clone.git(&format!("remote set-url origin {url}"));
            let before = refs(clone);
            let fetched = room.relman("foo-release", "fetch --format json").ends(6).json();
            assert!(
                fetched["repositories"].as_array().unwrap().iter().any(|one| one["state"] == "failed"),
                "{fetched}"
            );
            for line in ["next-rc qa --format json", "next-rc 1.0 --format json", "resolve qa --format json"] {
                room.relman("foo-release", line).refused(6, "remote-unreachable");
            }
            assert_eq!(refs(clone), before, "{status} {index}");
            room.relman("foo-release", "next-rc qa --offline").ok().says("v1.0-rc.3\n");
        }
    }
}

#[test]
fn a_remote_that_is_empty_now_takes_nothing_away_until_that_is_said() {
    let room = Room::new();
    let [_, app, _] = cloned(&room);
    room.server("empty");
    app.git("remote set-url origin ../../remotes/empty.git");
    let before = refs(&app);
    room.relman("foo-release", "next-rc qa")
        .ends(6)
        .talks("it lists no branch at all")
        .talks("git remote prune origin");
    room.relman("foo-release", "fetch").ends(6);
    assert_eq!(refs(&app), before);
    app.git("remote prune origin");
    room.relman("foo-release", "fetch").ok();
}

#[test]
fn a_remote_whose_head_names_no_branch_is_read_as_any_other() {
    let room = Room::new();
    cloned(&room);
    for name in ["foo-release", "foo-app"] {
        std::fs::write(room.path(format!("remotes/{name}.git/HEAD")), "ref: refs/heads/nowhere\n").unwrap();
    }
    let server = Repo::at(&room, "../remotes/foo-app.git");
    server.git("tag -d v1.0-rc.1");
    server.git("tag v1.0-rc.7 main");
    room.relman("foo-release", "fetch").ok();
    room.relman("foo-release", "next-rc qa").ok().says("v1.0-rc.8\n");
    let kept = Repo::at(&room, "foo-app").git("for-each-ref refs/relman/");
    assert!(kept.contains("rc.7") && !kept.contains("rc.1"), "{kept}");
}

#[test]
fn several_remotes_without_an_origin_are_not_no_remote() {
    for index in 0..3 {
        let room = Room::new();
        let clones = cloned(&room);
        let clone = &clones[index];
        clone.git("remote rename origin upstream");
        clone.git("remote add fork /nowhere");
        for line in ["next-rc qa --format json", "tag candidate 1.0 --yes --format json", "resolve qa --format json"] {
            room.relman("foo-release", line).refused(2, "several-remotes");
        }
        room.relman("foo-release", "next-rc qa")
            .ends(2)
            .talks("fork, upstream")
            .talks("checkout.defaultRemote fork|upstream");
        if index == 0 {
            room.relman("foo-release", "next-rc qa --remote upstream").ok().says("v1.0-rc.3\n");
        }
        clone.git("config checkout.defaultRemote upstream");
        room.relman("foo-release", "next-rc qa").ok().says("v1.0-rc.3\n");
    }
}

#[test]
fn a_name_is_no_version_where_there_is_no_environment_at_all() {
    let room = Room::new();
    let release = room.repo("foo-release");
    release.commit_files("main", "Begin", &[("release.yml", "application: foo-app\nversion:\nenvironments: []\n")]);
    room.repo("foo-app").commit("main", "one");
    room.relman("foo-release", "next-rc qa --format json").refused(3, "no-environments");
    room.relman("foo-release", "next-rc 1.0").ok().says("v1.0-rc.1\n");
}

/// A clone of the release repo that lacks the files, and whose remote is gone.
fn hollow(room: &Room) -> Repo<'_> {
    let [release, ..] = cloned(room);
    room.server("foo-release").git("config uploadpack.allowFilter true");
    std::fs::remove_dir_all(&release.path).unwrap();
    let url = format!("file://{}", room.path("remotes/foo-release.git").display());
    let clone =
        Repo::at(room, "foo-app").git(&format!("clone -q --filter=blob:none --no-checkout {url} ../foo-release"));
    assert_eq!(clone, "");
    Repo::at(room, "foo-release")
}

#[test]
fn a_partial_clone_is_left_as_it_is_offline() {
    let room = Room::new();
    let release = hollow(&room);
    let objects = || release.git("count-objects -v");
    let before = objects();
    for line in ["status --offline --format json", "env list --offline --format json"] {
        let shown = room.relman("foo-release", line).ok().json();
        assert!(shown.to_string().contains("its remote is not asked for it") || line.starts_with("env"), "{shown}");
    }
    room.relman("foo-release", "resolve qa --offline --format json").refused(1, "branch-unreadable");
    assert_eq!(objects(), before, "nothing was brought in");
    room.relman("foo-release", "status --format json").ok();
    assert_ne!(objects(), before);
    room.relman("foo-release", "resolve qa --offline").ok();
}

#[test]
fn a_partial_clone_without_its_remote_shows_what_it_can() {
    let room = Room::new();
    let release = hollow(&room);
    release.git("remote set-url origin /nowhere");
    let shown = room.relman("foo-release", "status --format json").ok().json();
    let row = &shown["environments"][0];
    assert_eq!((&row["name"], &row["problems"][0]["code"]), (&"qa".into(), &"branch-unreadable".into()), "{shown}");
    room.relman("foo-release", "check").ends(10).shows("environment/qa");
}

#[test]
fn a_damaged_clone_of_the_app_hides_no_environment() {
    let room = Room::new();
    let [_, app, _] = cloned(&room);
    std::fs::write(app.path.join(".git/refs/remotes/origin/main"), "12".repeat(20) + "\n").unwrap();
    let shown = room.relman("foo-release", "status --format json").ok().json();
    assert_eq!(shown["environments"][0]["version"], "1.0");
    let check = room.relman("foo-release", "check --format json").ends(10).json();
    let problems = check["problems"].as_array().unwrap();
    assert!(problems.iter().any(|one| one["code"] == "read-failed" && one["repository"] == "foo-app"), "{check}");
}

#[test]
fn a_clone_of_the_app_that_lacks_objects_hides_no_other_finding() {
    let room = Room::new();
    let [release, app, _] = cloned(&room);
    let file = "application: foo-app\nversion: 1.0\nenvironments:\n- {name: qa, type: qa, credentials: ghp_0123456789abcdefghijklmnopqrstuvwxyz}\n";
    release.git("checkout -q environment/qa");
    room.write("work/foo-release/release.yml", file);
    release.git("commit -qam Tell");
    release.git("push -q origin environment/qa");
    // The object of a tag, which nothing but its list needs.
    let tag = app.git("rev-parse v1.0-rc.1");
    for pack in std::fs::read_dir(app.path.join(".git/objects/pack")).unwrap().map(|entry| entry.unwrap().path()) {
        let loose = app.path.join(format!("pack-{}", pack.extension().unwrap().to_string_lossy()));
        std::fs::rename(&pack, &loose).unwrap();
        if pack.extension().is_some_and(|ending| ending == "pack") {
            app.git_fed(["unpack-objects", "-q"], &std::fs::read(loose).unwrap());
        }
    }
    std::fs::remove_file(app.path.join(format!(".git/objects/{}/{}", &tag[..2], &tag[2..]))).unwrap();
    let check = room.relman("foo-release", "check --format json").ends(10).json();
    let problems = check["problems"].as_array().unwrap();
    let codes: Vec<&str> = problems.iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"credentials-look-secret") && codes.contains(&"clone-unusable"), "{check:#}");
}

#[test]
fn a_damaged_clone_is_found_once_and_by_its_own_name() {
    let room = Room::new();
    cloned(&room);
    for (name, file, content) in [
        ("foo-app", "packed-refs", "garbage\n"),
        ("foo-backend", "packed-refs", "garbage\n"),
        ("foo-app", "config", "[garbage\n"),
        ("foo-backend", "config", "[garbage\n"),
        ("foo-app", "HEAD", "garbage\n"),
        ("foo-backend", "HEAD", "garbage\n"),
    ] {
        let path = room.path(format!("work/{name}/.git/{file}"));
        let before = std::fs::read(&path).unwrap();
        std::fs::write(&path, [if file == "HEAD" { b"" } else { &before[..] }, content.as_bytes()].concat()).unwrap();
        let check = room.relman("foo-release", "check --format json").ends(10).json();
        let found = check["problems"].as_array().unwrap().iter();
        let found: Vec<_> = found.filter(|one| one["severity"] == "error").collect();
        assert_eq!(found.len(), 1, "{name} {file}: {check:#}");
        assert_eq!(found[0]["repository"], name, "{file}: {check:#}");
        assert!(found[0]["hint"].as_str().unwrap().contains("git"), "{check:#}");
        std::fs::write(&path, before).unwrap();
    }
    room.relman("foo-release", "check").ok();
    let path = room.path("work/foo-app/.git/packed-refs");
    std::fs::write(path, "garbage\n").unwrap();
    room.relman("foo-release", "next-rc qa").ends(1).talks("hint: git -C [ROOM]/work/foo-app fsck");
    std::fs::write(room.path("work/foo-app/.git/config"), "[garbage\n").unwrap();
    room.relman("foo-release", "next-rc qa").ends(1).talks("hint: git -C [ROOM]/work/foo-app status");
}

#[test]
fn a_clone_of_one_branch_claims_nothing_of_the_others() {
    let room = Room::new();
    let [_, app, backend] = cloned(&room);
    // The candidate of qa stands on a release branch, which a clone of main alone was never told of.
    for repo in ["foo-app", "foo-backend"] {
        let server = Repo::at(&room, &format!("../remotes/{repo}.git"));
        server.git("branch release/1.0 v1.0-rc.1");
        let two = server.git("commit-tree -m two -p main main^{tree}");
        server.git(&format!("update-ref refs/heads/main {two}"));
    }
    for (repo, clone) in [("foo-app", &app), ("foo-backend", &backend)] {
        std::fs::remove_dir_all(&clone.path).unwrap();
        let url = format!("file://{}", room.path(format!("remotes/{repo}.git")).display());
        Repo::at(&room, "foo-release").git(&format!("clone -q --single-branch --branch main {url} ../{repo}"));
    }
    let shown = room.relman("foo-release", "status --format json").ok().json();
    assert!(shown["environments"][0]["heads_moved"].is_null(), "{shown}");
    let check = room.relman("foo-release", "check --format json").ok().json();
    let codes: Vec<&str> =
        check["problems"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["single-branch-clone"; 2], "{check}");
    room.relman("foo-release", "fetch").ok();
    let shown = room.relman("foo-release", "status --format json").ok().json();
    assert_eq!(shown["environments"][0]["heads_moved"], false, "{shown}");
    room.relman("foo-release", "check").ok();
}

#[test]
fn a_branch_or_a_pin_that_a_component_lacks_is_named() {
    let room = Room::new();
    cloned(&room);
    let server = Repo::at(&room, "../remotes/foo-app.git");
    for (line, code, name) in [("branch: nope", "no-branch", "nope"), ("tag: v9", "no-pinned-tag", "v9")] {
        let file = format!("repositories:\n- name: foo-backend\n  {line}\n");
        server.commit_files("main", "Name it", &[("app.yml", &file)]);
        room.relman("foo-release", "fetch").ok();
        let check = room.relman("foo-release", "check --format json").ends(10).json();
        let found = check["problems"].as_array().unwrap().iter().find(|one| one["code"] == code);
        assert!(found.is_some_and(|one| one["message"].as_str().unwrap().contains(name)), "{check}");
        room.relman("foo-release", "resolve qa").ends(3).talks(name);
    }
}

#[test]
fn a_tag_that_stands_elsewhere_at_the_remote_is_found_by_check() {
    let room = Room::new();
    let [_, app, _] = cloned(&room);
    app.git("fetch -q --tags");
    room.relman("foo-release", "check").ok();
    let server = Repo::at(&room, "../remotes/foo-app.git");
    server.commit("main", "two");
    server.git("tag -f -a -m moved v1.0-rc.1 main");
    room.relman("foo-release", "fetch").ok();
    let check = room.relman("foo-release", "check --format json").ends(10).json();
    let found = check["problems"].as_array().unwrap().iter().find(|one| one["code"] == "moved-tag");
    assert!(found.is_some_and(|one| one["message"].as_str().unwrap().contains("v1.0-rc.1 of foo-app")), "{check}");
}

#[test]
fn a_page_in_the_place_of_a_repository_is_nothing_to_clone() {
    let room = Room::new();
    let [_, app, backend] = cloned(&room);
    let url = answering("200 OK", PAGE);
    // The clone of a component is made in the cache, and nothing is known of its remote yet.
    std::fs::remove_dir_all(&backend.path).unwrap();
    app.git("checkout -q main");
    room.write("work/foo-app/app.yml", format!("repositories:\n- {{name: foo-backend, url: '{url}'}}\n"));
    app.git("commit -q -a -m page");
    app.git("push -q origin main");
    let refused = room.relman("foo-release", "next-rc qa --format json").refused(6, "remote-unreachable");
    assert!(refused.error()["message"].as_str().unwrap().contains("lists no branch at all"), "{}", refused.err);
    room.relman("foo-release", "tag candidate 1.0 -y").ends(6);
    assert!(!app.git("ls-remote --tags origin").contains("rc.2"), "nothing was tagged");
    // The same for an app repo that is to be kept.
    room.relman("", &format!("init bar --use-app {url} --env qa:qa --ci none --format json")).ends(6);
    assert!(!room.path("work/bar-release").exists());
}

#[test]
fn offline_is_not_advised_where_no_clone_could_answer() {
    let room = Room::new();
    let url = answering("404 Not Found", PAGE);
    let refused = room.call("").words("init pay --use-app").arg(url).run().ends(6);
    assert!(!refused.err.contains("--offline"), "{}", refused.err);
}

#[test]
fn what_a_server_does_not_know_is_told_from_a_server_that_is_away() {
    let room = Room::new();
    if !room.git_init_knows("--object-format=sha256") {
        return;
    }
    cloned(&room);
    let signed = room.call("foo-release").words("env add prod --type prod --from qa --push -y --format json");
    signed
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "push.gpgSign")
        .env("GIT_CONFIG_VALUE_0", "true")
        .run()
        .refused(5, "remote-unable")
        .talks("push.gpgSign if-asked");
    for name in ["pay-release", "pay-app"] {
        room.repo_with(&format!("srv/{name}.git"), &["--bare", "--object-format=sha1"]);
    }
    let other = room.call("").words("init pay --remote-base ./srv --push").env("GIT_DEFAULT_HASH", "sha256");
    other.run().ends(5).talks("does not support this repository's hash algorithm").talks("GIT_DEFAULT_HASH=sha1");
}

/// A hook of a clone, `work/<path>`.
#[cfg(unix)]
fn hook(room: &Room, path: &str, script: &str) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let hook = room.write(&format!("work/{path}"), format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    hook
}

/// Lets every move of a reference fail in the clones.
#[cfg(unix)]
fn note_nothing(room: &Room, clones: &[&str]) {
    for name in clones {
        let script = "echo 'nothing moves here' >&2; exit 1";
        hook(room, &format!("{name}/.git/hooks/reference-transaction"), script);
    }
}

#[cfg(unix)]
#[test]
fn what_a_remote_has_taken_is_done_even_if_the_clone_can_not_note_it() {
    let room = Room::new();
    let [_, app, _] = cloned(&room);
    let release = Repo::at(&room, "../remotes/foo-release.git");
    note_nothing(&room, &["foo-release"]);
    let set = room.relman("foo-release", "set qa 1.1 --direct-push -y --format json").ok();
    assert_eq!(set.json()["result"], "pushed");
    assert!(set.json()["warnings"].to_string().contains("\"not-noted\""), "{}", set.out);
    assert!(release.git("show environment/qa:release.yml").contains("1.1"));
    room.relman("foo-release", "fetch").ends(1).talks("hint: the hook reference-transaction of the clone forbids it");
    std::fs::remove_file(room.path("work/foo-release/.git/hooks/reference-transaction")).unwrap();
    room.relman("foo-release", "tag candidate 1.1 -n").ok();
    note_nothing(&room, &["foo-app"]);
    let tag = room.relman("foo-release", "tag candidate 1.1 -y").ok();
    assert!(tag.err.contains("warning: origin has what was pushed"), "{}", tag.err);
    assert!(app.git("ls-remote --tags origin").contains("refs/tags/v1.1-rc.1"));
    let branch = room.relman("foo-release", "branch 1.2 -y --format json").ok();
    assert!(branch.json()["warnings"].to_string().contains("\"not-noted\""), "{}", branch.out);
    assert!(app.git("ls-remote --heads origin").contains("refs/heads/release/1.2"));
    note_nothing(&room, &["foo-release"]);
    let again = room.relman("foo-release", "redeploy qa -y --format json").ok();
    assert!(again.json()["warnings"].to_string().contains("\"not-noted\""), "{}", again.out);
}

#[cfg(unix)]
#[test]
fn what_a_remote_has_taken_is_done_even_if_more_was_pushed_since() {
    let room = Room::new();
    cloned(&room);
    let release = Repo::at(&room, "../remotes/foo-release.git");
    note_nothing(&room, &["foo-release"]);
    let follow_up = "b=refs/heads/environment/qa\nexport GIT_COMMITTER_NAME=B GIT_COMMITTER_EMAIL=b@b\n\
                     export GIT_AUTHOR_NAME=B GIT_AUTHOR_EMAIL=b@b\n\
                     git update-ref $b $(git commit-tree -p $b -m 'Follow up' \"$b^{tree}\")";
    hook(&room, "../remotes/foo-release.git/hooks/post-receive", follow_up);
    room.relman("foo-release", "set qa 1.1 --direct-push -y").ok().talks("could not note it");
    assert_eq!(release.git("log -2 --format=%s environment/qa").lines().next(), Some("Follow up"));
    assert!(release.git("show environment/qa:release.yml").contains("1.1"));
}

#[cfg(unix)]
#[test]
fn of_a_candidate_that_is_refused_in_one_repository_it_is_said_where_it_was_made() {
    let room = Room::new();
    let [_, app, backend] = cloned(&room);
    let refuses = "case $1 in refs/tags/*) echo 'no tags today'; exit 1;; esac";
    let hook = hook(&room, "../remotes/foo-app.git/hooks/update", refuses);
    let told = room.relman("foo-release", "tag candidate 1.1 -y").ends(4).talks("no tags today");
    assert!(!told.err.contains("Done"), "{}", told.err);
    // The app comes last: it has what all of them have.
    told.talks("hint: v1.1-rc.1 was made in foo-backend: the same command makes the rest then");
    std::fs::remove_file(hook).unwrap();
    room.relman("foo-release", "tag candidate 1.1 -y").ok();
    assert!(app.git("ls-remote --tags origin").contains("refs/tags/v1.1-rc.1"));
    assert!(!backend.git("ls-remote --tags origin").contains("refs/tags/v1.1-rc.2"));
}

#[cfg(unix)]
#[test]
fn of_what_the_server_prints_without_end_both_ends_are_shown() {
    let room = Room::new();
    cloned(&room);
    hook(&room, "../remotes/foo-release.git/hooks/post-receive", "seq 1 100");
    let told = room.relman("foo-release", "set qa 1.1 --direct-push -y").ok();
    told.talks("remote | 20\nremote | … 60 lines are left out: -v shows them\nremote | 81\n");
    room.relman("foo-release", "set qa 1.2 --direct-push -y -v").ok().talks("remote | 50\n");
}

#[cfg(unix)]
#[test]
fn of_branches_of_which_one_is_refused_the_others_are_told() {
    let room = Room::new();
    for name in ["pay-release", "pay-app"] {
        room.repo_with(&format!("srv/{name}.git"), &["--bare"]);
    }
    let refuses = "case $1 in */prod) echo 'prod is protected'; exit 1;; esac";
    hook(&room, "srv/pay-release.git/hooks/update", refuses);
    room.relman("", "init pay --remote-base ./srv --push")
        .ends(4)
        .talks("prod is protected")
        .talks("it has taken environment/dev, environment/qa\n");
}

#[cfg(unix)]
#[test]
fn what_a_hook_of_the_clone_says_is_told() {
    let room = Room::new();
    cloned(&room);
    let hook = hook(&room, "foo-release/.git/hooks/pre-push", "echo 'no pushes on a Friday'\nexit 1");
    room.relman("foo-release", "env add prod --type prod --from qa --push -y")
        .ends(1)
        .talks("no pushes on a Friday")
        .talks("hint: a hook of the clone may have refused it");
    // Whatever it says, it says nothing of the remote.
    for words in [
        "echo '404 repository not found' >&2",
        "echo '! [rejected] (fetch first)'",
        "printf '!\\ta:b\\t[rejected]\\n'",
        "echo 'fatal: connection refused' >&2",
        "echo 'fatal: unable to access it: Permission denied' >&2",
    ] {
        std::fs::write(&hook, format!("#!/bin/sh\n{words}\nexit 1\n")).unwrap();
        room.relman("foo-release", "env add prod --type prod --from qa --push -y --format json")
            .refused(1, "git-failed");
    }
    let script = "echo 'fatal: Could not read from remote repository.' >&2\nexit 1";
    let of_app = self::hook(&room, "foo-app/.git/hooks/pre-push", script);
    room.relman("foo-release", "tag candidate 1.1 -y --format json").refused(1, "git-failed");
    room.relman("foo-release", "branch 1.2 -y --format json").refused(1, "git-failed");
    std::fs::remove_file(of_app).unwrap();
    // Not even where it speaks as Git does of what was pushed.
    let lines = "To /x\\n*\\ta:refs/heads/environment/prod\\t[new branch]\\nDone\\n";
    std::fs::write(&hook, format!("#!/bin/sh\nprintf '{lines}'\nexit 1\n")).unwrap();
    room.relman("foo-release", "env add prod --type prod --from qa --push -y --format json").refused(1, "git-failed");
    // Of what has no end, both ends are told.
    std::fs::write(&hook, "#!/bin/sh\nseq 1 100000\nexit 1\n").unwrap();
    let line = "env add prod --type prod --from qa --push -y";
    let told = room.relman("foo-release", line).ends(1).talks("lines are left out: -v shows them").talks("\n  3\n");
    assert!(told.err.len() < 2_000, "{}", told.err.len());
    assert!(room.relman("foo-release", &format!("{line} -v")).ends(1).err.len() > 500_000);
    assert!(room.relman("foo-release", &format!("{line} --format json")).refused(1, "git-failed").err.len() < 2_000);
    // What was made here is pushed once the hook agrees.
    std::fs::remove_file(hook).unwrap();
    room.relman("foo-release", "env add prod --type prod --from qa --push -y").ok();
    assert!(Repo::at(&room, "../remotes/foo-release.git").git("branch").contains("environment/prod"));
}
