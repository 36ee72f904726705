//! One broken environment branch is told of, and the others go on as if it were not there.

use crate::sandbox::{Repo, Room, release_file};

/// A release repo with a branch that is fine and one, `qa`, that is about to break.
fn landscape(room: &Room) -> Repo<'_> {
    let release = room.repo("foo-release");
    release.environment("dev", "WIP", "type: dev");
    release.environment("qa", "1.0", "type: qa");
    room.repo("foo-app").commit("main", "one");
    release
}

fn write(release: &Repo<'_>, content: &str) {
    std::fs::write(release.path.join(".git/refs/heads/environment/qa"), content).unwrap();
}

/// Everything but qa works; qa is told of with this code, and nothing acts on it.
#[track_caller]
fn only_qa_fails(room: &Room, code: &str) {
    let status = room.relman("foo-release", "status --format json").ok().json();
    let rows = status["environments"].as_array().unwrap();
    let qa = rows.iter().find(|row| row["name"] == "qa").unwrap();
    assert_eq!(qa["problems"][0]["code"], code, "{qa}");
    assert!(rows.iter().any(|row| row["name"] == "dev" && row["version"] == "WIP"));
    let check = room.relman("foo-release", "check --format json").ends(10).json();
    assert!(check["problems"].as_array().unwrap().iter().any(|p| p["code"] == code && p["severity"] == "error"));
    room.relman("foo-release", "status --check").ends(10).shows("error: environment/qa");
    room.relman("foo-release", "env list").ok().shows("dev");
    room.relman("foo-release", "resolve dev").ok();
    room.relman("foo-release", "next-rc 1.0").ok();
    room.relman("foo-app", "status").ok();
    room.relman("foo-release", "redeploy dev --yes").ok();
}

#[test]
fn a_branch_that_names_no_commit() {
    let room = Room::new();
    let release = landscape(&room);
    release.git("tag -a -m x t environment/dev");
    let blob = release.git("rev-parse environment/dev:release.yml");
    let commit = |text: String| {
        release.git_fed(["hash-object", "-t", "commit", "-w", "--stdin", "--literally"], text.as_bytes())
    };
    let tree = release.git("rev-parse environment/dev^{tree}");
    let odd = commit(format!("tree {tree}\nauthor A <a> 99999999999999999999 +9999\ncommitter x\n\nx"));
    let lost = commit(format!("tree {}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nx", "12".repeat(20)));
    let long = "ab".repeat(5000);
    for content in [
        "1234567890123456789012345678901234567890",
        "0000000000000000000000000000000000000000",
        "garbage",
        "",
        &release.git("rev-parse t"),
        &blob,
        &odd,
        &lost,
        &long,
        "ref: ../../../../../../etc/passwd",
        "ref: /dev/zero",
        "ref: /etc/passwd",
    ] {
        write(&release, content);
        only_qa_fails(&room, "branch-unreadable");
        room.relman("foo-release", "resolve qa --format json").refused(1, "branch-unreadable");
        room.relman("foo-release", "set qa 3.0 --yes --format json").refused(1, "branch-unreadable");
        let next = room.relman("foo-release", "next-rc qa --format json");
        next.refused(1, "branch-unreadable");
    }
    let row = room.relman("foo-release", "status --format json").json()["environments"][1].clone();
    assert!(row["commit"].is_null() && row["changed_at"].is_null(), "{row}");
}

#[test]
fn a_file_whose_bytes_on_the_disk_have_changed_is_never_read_as_another_text() {
    let room = Room::new();
    let release = landscape(&room);
    let id = release.git("rev-parse environment/qa:release.yml");
    let path = release.path.join(".git/objects").join(&id[..2]).join(&id[2..]);
    let whole = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        std::fs::write(&path, bytes).unwrap();
        let answer = room.relman("foo-release", "status qa --format json").ok().json();
        let qa = &answer["environments"][0];
        let is_whole = qa["version"] == "1.0" && qa["type"] == "qa";
        assert!(is_whole || qa["problems"][0]["code"] == "branch-unreadable", "byte {at}: {qa}");
    }
    let other = release.git("rev-parse environment/dev:release.yml");
    std::fs::copy(release.path.join(".git/objects").join(&other[..2]).join(&other[2..]), &path).unwrap();
    room.relman("foo-release", "resolve qa").ends(1).talks("its content does not fit its id").talks("git fsck");
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, whole).unwrap();
    room.relman("foo-release", "resolve qa").ok();
}

#[test]
fn an_object_that_git_replaces_is_no_damage() {
    let room = Room::new();
    let release = landscape(&room);
    let old = release.git("rev-parse environment/qa:release.yml");
    let new = release.git_fed(["hash-object", "-w", "--stdin"], release_file("qa", "2.0", "type: qa").as_bytes());
    release.git(&format!("replace {old} {new}"));
    let status = room.relman("foo-release", "status qa --format json").ok().json();
    assert_eq!(status["environments"][0]["version"], "2.0", "as git itself shows it");
}

#[test]
fn a_branch_that_leads_in_a_circle_or_nowhere() {
    let room = Room::new();
    let release = landscape(&room);
    for content in ["ref: refs/heads/environment/qa", "ref: refs/heads/nowhere"] {
        write(&release, content);
        only_qa_fails(&room, "branch-unreadable");
        room.relman("foo-release", "set qa 3.0 --yes --format json").refused(1, "branch-unreadable");
    }
}

#[test]
fn a_branch_that_is_another_one() {
    let room = Room::new();
    let release = landscape(&room);
    release.environment("prod", "1.0", "type: dev");
    let before = release.git("rev-parse environment/prod");
    release.git("symbolic-ref refs/heads/environment/qa refs/heads/environment/prod");
    let status = room.relman("foo-release", "status --format json").ok().json();
    let qa = status["environments"].as_array().unwrap().iter().find(|row| row["name"] == "qa").unwrap().clone();
    assert!(qa["problems"].as_array().unwrap().iter().any(|problem| problem["code"] == "symbolic-branch"), "{qa}");
    room.relman("foo-release", "check").ends(10).shows("[symbolic-branch]");
    room.relman("foo-release", "redeploy qa --yes --format json").refused(5, "symbolic-branch");
    assert_eq!(release.git("rev-parse environment/prod"), before);
    assert_eq!(release.git("symbolic-ref refs/heads/environment/qa"), "refs/heads/environment/prod");
}

#[test]
fn an_environment_begins_with_a_file_that_stays_whole() {
    for (what, code) in [
        ("latin-1", "not-utf-8"),
        ("link", "not-a-file"),
        ("folder", "not-a-file"),
        ("both", "file-doubled"),
        ("huge", "file-too-large"),
    ] {
        let room = Room::new();
        let release = room.repo("foo-release");
        let good = release_file("dev", "1.0", "type: dev");
        match what {
            "latin-1" => {
                let bytes = [good.as_bytes(), b"  note: caf\xe9\n"].concat();
                release.commit_bytes("main", "one", &[("release.yml", &bytes)]);
            }
            "link" => {
                let blob = release.git_fed(["hash-object", "-w", "--stdin"], b"application: foo-app");
                let tree = release.git_fed(["mktree"], format!("120000 blob {blob}\trelease.yml\n").as_bytes());
                let commit = release.git(&format!("commit-tree {tree} -m link"));
                release.git(&format!("update-ref refs/heads/main {commit}"));
            }
            "folder" => drop(release.commit_files("main", "one", &[("release.yml/x", "x")])),
            "both" => drop(release.commit_files("main", "one", &[("release.yml", &good), ("release.yaml", &good)])),
            _ => drop(release.commit_files(
                "main",
                "one",
                &[("release.yml", &format!("{good}#{}", "x".repeat(1 << 20)))],
            )),
        }
        release.git("branch environment/dev main");
        let answer = room.relman("", "-C foo-release env add qa --type qa --format json");
        assert!(answer.error()["message"].as_str().unwrap().contains("release.y"), "{what}: {}", answer.err);
        answer.refused(2, code);
        assert!(!release.git("for-each-ref").contains("environment/qa"), "{what}");
    }
}

#[test]
fn a_file_that_is_edited_stays_executable() {
    let room = Room::new();
    let release = landscape(&room);
    release.git("checkout -q environment/dev");
    release.git("update-index --chmod=+x release.yml");
    release.git("commit -qm executable");
    release.git("checkout -q --detach");
    room.relman("foo-release", "set dev 2.0 --direct-push --yes").ok();
    assert!(release.git("ls-tree environment/dev").starts_with("100755"), "{}", release.git("ls-tree environment/dev"));
}
