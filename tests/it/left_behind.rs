//! What a run that was killed leaves behind, and what two runs at once in one place do to each other.

use std::os::unix::fs::PermissionsExt as _;

use crate::sandbox::{Answer, Call, Repo, Room};

/// Does something before the first call of Git with a certain word in it.
const WRAPPER: &str = r#"#!/bin/sh
case " $* " in
*" $AT "*)
    if mkdir "$ONCE" 2>/dev/null; then
        PATH=$REAL_PATH
        eval "$FIRST"
    fi
    ;;
esac
exec "$REAL_GIT" "$@"
"#;

/// A call of relman by which something is done before Git is first asked for `at`, by a shell whose parent is that call;
/// `$RELMAN` is the program, `$WORK` the folder that it is called in.
fn meanwhile<'r>(room: &'r Room, line: &str, at: &str, first: &str) -> Call<'r> {
    let path = std::env::var("PATH").unwrap();
    let git = std::env::split_paths(&path).map(|folder| folder.join("git")).find(|git| git.is_file()).unwrap();
    let wrapper = room.write("bin/git", WRAPPER);
    std::fs::set_permissions(&wrapper, std::fs::Permissions::from_mode(0o755)).unwrap();
    let _ = std::fs::remove_dir(room.path("once"));
    let call = room.call("").words(line).env("PATH", format!("{}:{path}", room.path("bin").display()));
    let call = call.env("REAL_PATH", &path).env("REAL_GIT", git).env("ONCE", room.path("once"));
    call.env("AT", at).env("FIRST", first).env("WORK", room.path("work")).env("RELMAN", env!("CARGO_BIN_EXE_relman"))
}

/// The same, killed at that moment.
fn killed(room: &Room, line: &str, at: &str) -> Answer {
    meanwhile(room, line, at, "kill -9 $PPID; exit 1").run().ends(-1)
}

/// The hidden folders in a folder of the room.
fn hidden(room: &Room, folder: &str) -> Vec<String> {
    let names = std::fs::read_dir(room.path(folder)).unwrap();
    let mut names: Vec<String> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.starts_with('.'));
    names
}

#[test]
fn what_a_killed_run_left_is_cleared_away_by_the_next() {
    let room = Room::new();
    for (line, at) in [("init foo", "reset"), ("demo play", "clone")] {
        killed(&room, line, at);
        assert_eq!(hidden(&room, "work").len(), 1, "{line}");
        room.relman("", line).ok();
        assert_eq!(hidden(&room, "work"), [""; 0], "{line}");
        // Even if there is nothing left to make.
        killed(&room, &format!("{line}-two"), at);
        room.relman("", &format!("{line} -n")).ok();
        assert_eq!(hidden(&room, "work").len(), 1, "a dry run deletes nothing");
        room.relman("", line).ok().shows(if at == "reset" { "kept" } else { "already" });
        assert_eq!(hidden(&room, "work"), [""; 0], "{line}");
    }
}

#[test]
fn a_run_never_clears_away_what_another_works_on() {
    let room = Room::new();
    for (line, at) in [("init foo", "reset"), ("demo play", "clone")] {
        meanwhile(&room, line, at, &format!("(cd $WORK && $RELMAN -q {line}-two >&2)")).run().ok();
        assert_eq!(hidden(&room, "work"), [""; 0], "{line}");
    }
    assert!(room.path("work/foo-app").is_dir() && room.path("work/foo-two-app").is_dir());
    assert!(room.path("work/play/remotes").is_dir() && room.path("work/play-two/remotes").is_dir());
}

#[test]
fn the_slower_of_two_runs_is_told_that_another_was_faster() {
    let room = Room::new();
    for (line, at) in [("init foo", "reset"), ("demo play", "clone")] {
        let slower = meanwhile(
            &room,
            &format!("{line} --format json"),
            at,
            &format!("(cd $WORK && $RELMAN -q {line} >/dev/null)"),
        );
        slower.run().refused(5, "exists").talks("was made by somebody else in the meantime");
        room.relman("", line).ok();
    }
    assert_eq!(Repo::at(&room, "foo-app").git("rev-list --count main"), "1");
}

/// A release repo whose app repo has no clone beside it, so that relman keeps one of its own.
fn cached(room: &Room) {
    let release = room.server("foo-release");
    release.environment("dev", "WIP", "type: dev");
    room.server("foo-app").commit("main", "one");
    release.clone_as("foo-release", "");
}

fn clones(room: &Room) -> Vec<String> {
    let names = std::fs::read_dir(room.path("cache")).unwrap();
    names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with(".lock"))
        .collect()
}

#[test]
fn a_clone_of_its_own_that_was_killed_or_is_damaged_is_made_anew() {
    let room = Room::new();
    cached(&room);
    killed(&room, "-C foo-release resolve dev", "--bare");
    assert!(clones(&room)[0].starts_with(".cloning-"));
    room.relman("foo-release", "resolve dev").ok();
    let [clone] = &clones(&room)[..] else { panic!("{:?}", clones(&room)) };
    let clone = room.path("cache").join(clone);
    for (broken, content) in [("HEAD", None), ("config", Some("[core\n"))] {
        match content {
            Some(text) => std::fs::write(clone.join(broken), text).unwrap(),
            None => std::fs::remove_file(clone.join(broken)).unwrap(),
        }
        // Without a remote nothing can be mended, and nothing is lost.
        room.relman("foo-release", "--offline resolve dev --format json").refused(3, "no-clone");
        room.relman("foo-release", "status").ok();
        room.relman("foo-release", "fetch").ok();
        room.relman("foo-release", "resolve dev").ok();
    }
    // What relman can't take away is named with what does.
    std::fs::rename(&clone, room.path("kept")).unwrap();
    std::fs::write(&clone, "no folder").unwrap();
    let stuck = room.relman("foo-release", "resolve dev").ends(1);
    assert!(stuck.err.contains(&format!("delete it: rm -rf {}", clone.display())), "{}", stuck.err);
    std::fs::remove_file(&clone).unwrap();
    std::fs::rename(room.path("kept"), &clone).unwrap();
    room.relman("foo-release", "resolve dev").ok();
    // Deeper damage shows when it is read; then it is said what may be deleted.
    for file in std::fs::read_dir(clone.join("objects/pack")).unwrap() {
        let file = file.unwrap().path();
        std::fs::remove_file(&file).unwrap();
        std::fs::write(file, "damaged").unwrap();
    }
    let damaged = room.relman("foo-release", "resolve dev");
    assert_ne!(damaged.status, 0);
    assert!(damaged.err.contains(&format!("made anew after rm -rf {}", clone.display())), "{}", damaged.err);
}
