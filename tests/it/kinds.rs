//! Repositories as they are: however they are stored, checked out or cut short, the answers are the same.

use std::path::Path;

use crate::sandbox::{Repo, Room, skip};

/// A release repo with qa at 1.0, and an app with two candidates of it, in repositories made with these options.
fn landscape<'r>(room: &'r Room, options: &[&str]) -> (Repo<'r>, Repo<'r>) {
    let release = room.repo_with("foo-release", options);
    release.environment("qa", "1.0", "type: qa");
    let app = room.repo_with("foo-app", options);
    app.commit_files("main", "one", &[("app.yml", "repositories: []\n")]);
    app.tag("v1.0-rc.1", "main");
    app.tag("v1.0-rc.2", "main");
    (release, app)
}

/// The two answers that every kind of repository must give, from this folder below `work`.
#[track_caller]
fn answers_as_ever(room: &Room, from: &str) {
    answers(room, from, "");
}

#[track_caller]
fn answers(room: &Room, from: &str, flags: &str) {
    let shown = room.relman(from, &format!("status --format json {flags}")).ok().json();
    let row = &shown["environments"][0];
    assert_eq!((&row["name"], &row["version"]), (&"qa".into(), &"1.0".into()));
    assert_eq!(row["deploys"]["ref"], "refs/tags/v1.0-rc.2", "{shown}");
    assert_eq!(row["problems"], serde_json::json!([]));
    room.relman(from, &format!("next-rc qa {flags}")).ok().says("v1.0-rc.3\n");
}

#[test]
fn loose_references() {
    let room = Room::new();
    let (_, app) = landscape(&room, &[]);
    assert!(app.path.join(".git/refs/tags/v1.0-rc.2").exists());
    answers_as_ever(&room, "foo-release");
}

#[test]
fn packed_references() {
    let room = Room::new();
    let (release, app) = landscape(&room, &[]);
    for repo in [&release, &app] {
        repo.git("pack-refs --all");
        repo.git("gc --quiet");
    }
    assert!(!release.path.join(".git/refs/heads/environment/qa").exists());
    answers_as_ever(&room, "foo-release");
}

#[test]
fn packed_references_that_are_not_sorted_nor_peeled() {
    let room = Room::new();
    let (_, app) = landscape(&room, &[]);
    let ids = app.git_args(["for-each-ref", "--sort=-refname", "--format=%(objectname) %(refname)"]);
    app.git("pack-refs --all");
    std::fs::write(app.path.join(".git/packed-refs"), format!("{ids}\n")).unwrap();
    answers_as_ever(&room, "foo-release");
}

#[test]
fn what_git_does_not_take_for_a_reference_is_none() {
    let room = Room::new();
    let (release, app) = landscape(&room, &[]);
    std::fs::write(app.path.join(".git/refs/tags/v1.0-rc.7.lock"), "").unwrap();
    std::fs::write(release.path.join(".git/refs/heads/environment/.DS_Store"), "x").unwrap();
    std::fs::create_dir_all(app.path.join(".git/refs/tags/v1.0-rc.9")).unwrap();
    assert_eq!(release.git_args(["for-each-ref", "--format=%(refname)"]), "refs/heads/environment/qa");
    answers_as_ever(&room, "foo-release");
}

#[test]
fn symbolic_branches() {
    let room = Room::new();
    let (release, _) = landscape(&room, &[]);
    release.git("branch -m environment/qa somewhere");
    release.git("symbolic-ref refs/heads/environment/qa refs/heads/somewhere");
    // Read as ever, and told of: relman does not write through it.
    room.relman("foo-release", "resolve qa").ok();
    room.relman("foo-release", "status").ok().shows("environment/qa is no branch of its own");
}

#[test]
fn detached_heads() {
    let room = Room::new();
    let (release, app) = landscape(&room, &[]);
    release.git("checkout --quiet --detach environment/qa");
    app.git("checkout --quiet --detach main");
    answers_as_ever(&room, "foo-release");
}

#[test]
fn linked_worktrees() {
    let room = Room::new();
    let (release, app) = landscape(&room, &[]);
    release.git("worktree add --quiet ../elsewhere/foo-release environment/qa");
    app.git("worktree add --quiet --detach ../elsewhere/foo-app main");
    std::fs::remove_file(app.path.join("app.yml")).unwrap_or_default();
    answers_as_ever(&room, "elsewhere/foo-release");
}

#[test]
fn a_linked_worktree_far_away_has_the_neighbours_of_its_repository() {
    let room = Room::new();
    let (release, app) = landscape(&room, &[]);
    release.git("worktree add --quiet ../far/away/qa environment/qa");
    app.git("worktree add --quiet --detach ../far/away/main main");
    answers_as_ever(&room, "far/away/qa");
    answers_as_ever(&room, "far/away/main");
    // What is configured is configured for all worktrees, and means the same in each.
    std::fs::create_dir_all(room.path("work/apps")).unwrap();
    std::fs::rename(&app.path, room.path("work/apps/x")).unwrap();
    release.git("config relman.clone.foo-app ../apps/x");
    answers_as_ever(&room, "foo-release");
    answers_as_ever(&room, "far/away/qa");
}

#[test]
fn a_bare_repository_in_the_folder_of_its_worktrees() {
    let room = Room::new();
    let (release, _) = landscape(&room, &[]);
    let folder = room.path("work/trees-release");
    std::fs::create_dir(&folder).unwrap();
    release.git_args([
        "clone".as_ref(),
        "-q".as_ref(),
        "--mirror".as_ref(),
        ".".as_ref(),
        folder.join(".bare").as_os_str(),
    ]);
    std::fs::write(folder.join(".git"), "gitdir: ./.bare\n").unwrap();
    let bare = Repo::at(&room, "trees-release/.bare");
    bare.git("remote remove origin");
    bare.git("worktree add -q ../qa environment/qa");
    answers_as_ever(&room, "trees-release/qa");
    answers_as_ever(&room, "trees-release");
}

#[test]
fn bare_repositories() {
    let room = Room::new();
    let (release, app) = landscape(&room, &[]);
    for (repo, name) in [(&release, "foo-release"), (&app, "foo-app")] {
        let bare = room.path(format!("work/bare/{name}.git"));
        repo.git_args(["clone".as_ref(), "--quiet".as_ref(), "--mirror".as_ref(), ".".as_ref(), bare.as_os_str()]);
        Repo::at(&room, &format!("bare/{name}.git")).git("remote remove origin");
    }
    answers_as_ever(&room, "bare/foo-release.git");
}

#[test]
fn a_separate_git_folder() {
    let room = Room::new();
    let (release, _) = landscape(&room, &[]);
    let kept = room.path("kept.git");
    release.git_args(["init".as_ref(), "--quiet".as_ref(), "--separate-git-dir".as_ref(), kept.as_os_str()]);
    assert!(release.path.join(".git").is_file());
    answers_as_ever(&room, "foo-release");
}

#[test]
fn alternates() {
    let room = Room::new();
    let (_, app) = landscape(&room, &[]);
    std::fs::rename(&app.path, room.path("work/origin-app")).unwrap();
    let origin = Repo::at(&room, "origin-app");
    origin.git("clone --quiet --shared . ../foo-app");
    answers_as_ever(&room, "foo-release");
    assert!(room.path("work/foo-app/.git/objects/info/alternates").exists());
}

#[test]
fn sha256() {
    let room = Room::new();
    if !room.git_init_knows("--object-format=sha256") {
        return skip("sha256", "this git makes no SHA-256 repositories");
    }
    let (release, app) = landscape(&room, &["--object-format=sha256"]);
    answers_as_ever(&room, "foo-release");
    for repo in [&release, &app] {
        repo.git("pack-refs --all");
    }
    answers_as_ever(&room, "foo-release");
    let shown = room.relman("foo-release", "resolve qa --format json").ok().json();
    assert_eq!(shown["commit"].as_str().map(str::len), Some(64));
}

#[test]
fn reftable() {
    let room = Room::new();
    if !room.git_init_knows("--ref-format=reftable") {
        return skip("reftable", "this git makes no reftable repositories");
    }
    let (release, app) = landscape(&room, &["--ref-format=reftable"]);
    assert!(app.path.join(".git/reftable").is_dir());
    answers_as_ever(&room, "foo-release");
    app.light_tag("v1.0-rc.010", "main");
    app.light_tag("v1.0.0-rc.9", "main");
    answers_as_ever(&room, "foo-release");
    release.environment("dev", "WIP", "type: dev");
    release.environment("ref", "ref:v1.0-rc.1", "type: dev");
    let source =
        |name: &str| room.relman("foo-release", &format!("resolve {name} --format json")).ok().json()["source"].clone();
    assert_eq!((source("dev"), source("ref")), ("refs/heads/main".into(), "refs/tags/v1.0-rc.1".into()));
    room.relman("foo-release", "check").ok();
}

#[test]
fn sha256_and_reftable_together_on_a_server() {
    let room = Room::new();
    let options = ["--object-format=sha256", "--ref-format=reftable"];
    if options.iter().any(|option| !room.git_init_knows(option)) {
        return skip("sha256_and_reftable_together_on_a_server", "this git is too old");
    }
    let (release, app) = landscape(&room, &options);
    for repo in [&release, &app] {
        let name = repo.path.file_name().unwrap().to_str().unwrap().to_owned();
        std::fs::rename(&repo.path, room.path(format!("work/served-{name}"))).unwrap();
    }
    Repo::at(&room, "served-foo-app").clone_as("foo-app", "--ref-format=reftable");
    Repo::at(&room, "served-foo-release").clone_as("foo-release", "--ref-format=reftable --branch environment/qa");
    answers_as_ever(&room, "foo-release");
    room.relman("foo-release", "fetch").ok();
    answers(&room, "foo-release", "--offline");
}

/// The same landscape on a server.
fn served(room: &Room) -> (Repo<'_>, Repo<'_>) {
    let release = room.server("foo-release");
    release.environment("qa", "0.9", "type: qa");
    release.environment("qa", "1.0", "type: qa");
    let app = room.server("foo-app");
    app.commit("main", "zero");
    app.commit_files("main", "one", &[("app.yml", "repositories: []\n")]);
    app.tag("v1.0-rc.1", "main");
    app.tag("v1.0-rc.2", "main");
    for server in [&release, &app] {
        server.git("config uploadpack.allowFilter true");
    }
    (release, app)
}

#[test]
fn shallow_clones() {
    let room = Room::new();
    let (release, app) = served(&room);
    release.clone_as("foo-release", "--branch environment/qa --depth 1");
    app.clone_as("foo-app", "--depth 1");
    answers_as_ever(&room, "foo-release");
    room.relman("foo-release", "next-rc qa --offline --format json").refused(5, "incomplete-clone");
    room.relman("foo-release", "check").ok().shows("warning[shallow-clone]: the clone of foo-app is shallow");
}

#[test]
fn partial_clones() {
    for filter in ["blob:none", "tree:0"] {
        let room = Room::new();
        let (release, app) = served(&room);
        release.clone_as("foo-release", &format!("--no-checkout --filter={filter} --branch environment/qa"));
        app.clone_as("foo-app", &format!("--no-checkout --filter={filter}"));
        answers_as_ever(&room, "foo-release");
        room.relman("foo-release", "resolve qa").ok().shows("qa deploys 1.0 from the tag v1.0-rc.2").silent();
    }
}

#[test]
fn a_partial_clone_whose_server_is_gone_says_so() {
    let room = Room::new();
    let (release, app) = served(&room);
    release.clone_as("foo-release", "--no-checkout --filter=blob:none --branch environment/qa");
    app.clone_as("foo-app", "");
    std::fs::rename(room.path("remotes"), room.path("gone")).unwrap();
    // A table with what there is, and the reason in the row.
    let shown = room.relman("foo-release", "status --format json").ok().json();
    let problem = &shown["environments"][0]["problems"][0];
    assert_eq!(problem["code"], "branch-unreadable");
    assert!(problem["message"].as_str().unwrap().contains("can't be reached"), "{problem}");
}

#[test]
fn single_branch_clones() {
    let room = Room::new();
    let (release, app) = served(&room);
    release.environment("prod", "", "type: prod; from: [qa]");
    release.clone_as("foo-release", "--single-branch --branch environment/prod");
    app.clone_as("foo-app", "--single-branch --branch main");
    // The name of an environment wins over the version that it could be.
    room.relman("foo-release", "next-rc qa").ok().says("v1.0-rc.3\n");
    answers_as_ever(&room, "foo-release");
}

#[test]
fn an_environment_that_moved_at_the_server() {
    let room = Room::new();
    let (release, app) = served(&room);
    release.clone_as("foo-release", "--branch environment/qa");
    app.clone_as("foo-app", "");
    release.environment("qa", "2.0", "type: qa");
    room.relman("foo-release", "next-rc qa --offline").ok().says("v1.0-rc.3\n");
    room.relman("foo-release", "next-rc qa").ok().says("v2.0-rc.1\n");
}

#[test]
fn a_relative_cache_begins_where_one_stands() {
    let room = Room::new();
    let (release, _) = served(&room);
    release.clone_as("foo-release", "--branch environment/qa");
    std::fs::create_dir(room.path("work/foo-release/sub")).unwrap();
    let call = room.call("foo-release/sub").words("next-rc qa").env("RELMAN_CACHE_DIR", "kept/here");
    call.run().ok();
    assert!(std::fs::read_dir(room.path("work/foo-release/sub/kept/here")).unwrap().count() > 0);
    assert_eq!(std::fs::read_dir(room.path("cache")).unwrap().count(), 0);
}

#[test]
fn without_a_clone_of_the_app_one_is_kept_in_the_cache() {
    let room = Room::new();
    let (release, app) = served(&room);
    app.app_file("main", &["name: foo-backend"]);
    let backend = room.server("foo-backend");
    backend.commit("main", "one");
    backend.tag("v1.0-rc.5", "main");
    release.clone_as("foo-release", "--branch environment/qa");
    room.relman("foo-release", "next-rc qa --offline --format json").refused(3, "no-clone");
    room.relman("foo-release", "next-rc qa").ok().says("v1.0-rc.6\n");
    let mut kept: Vec<_> =
        std::fs::read_dir(room.path("cache")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    kept.retain(|name| name.ends_with(".git"));
    kept.sort();
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert!(kept[0].starts_with("foo-app-") && kept[1].starts_with("foo-backend-"), "{kept:?}");
    let config = std::fs::read_to_string(room.path("cache").join(&kept[0]).join("config")).unwrap();
    assert!(config.contains("bare = true") && config.contains("partialclonefilter = blob:none"), "{config}");
    backend.tag("v1.0-rc.6", "main");
    app.tag("v1.0-rc.7", "main");
    room.relman("foo-release", "next-rc qa").ok().says("v1.0-rc.8\n");
    room.relman("foo-release", "next-rc qa --offline --format json").refused(5, "incomplete-clone");
    room.relman("foo-release", "fetch").ok();
    room.relman("foo-release", "next-rc qa --offline").ok().says("v1.0-rc.8\n");
    let shown = room.relman("foo-release", "status --format json").ok().json();
    assert_eq!(shown["environments"][0]["deploys"]["ref"], "refs/tags/v1.0-rc.7");
    app.git("tag -d v1.0-rc.7");
    room.relman("foo-release", "resolve qa").ok().shows("foo-backend");
}

#[test]
fn several_remotes() {
    let room = Room::new();
    let (release, app) = served(&room);
    let (other_release, other_app) = (room.server("team/foo-release"), room.server("team/foo-app"));
    other_release.environment("qa", "2.0", "type: qa");
    other_app.commit("main", "one");
    other_app.tag("v2.0-rc.4", "main");
    for (server, other) in [(&release, &other_release), (&app, &other_app)] {
        let name = server.path.file_stem().unwrap().to_str().unwrap();
        let clone = server.clone_as(name, "--no-checkout");
        clone.git(&format!("remote add team {}", other.url()));
        clone.git("fetch --quiet team");
    }
    answers_as_ever(&room, "foo-release");
    room.relman("foo-release", "next-rc qa --remote team").ok().says("v2.0-rc.5\n");
    let shown = room.relman("foo-release", "status --remote team --format json").ok().json();
    assert_eq!(shown["environments"][0]["deploys"]["ref"], "refs/tags/v2.0-rc.4");
    room.relman("foo-release", "status --remote nobody --format json").refused(2, "no-remote");
}

#[test]
fn a_remote_that_is_not_called_origin() {
    let room = Room::new();
    let (release, app) = served(&room);
    release.clone_as("foo-release", "--origin upstream --no-checkout");
    app.clone_as("foo-app", "--origin upstream");
    answers_as_ever(&room, "foo-release");
}

#[test]
fn other_default_branches() {
    let room = Room::new();
    let (release, app) = served(&room);
    app.git("branch -m main trunk");
    app.git("symbolic-ref HEAD refs/heads/trunk");
    release.environment("dev", "WIP", "type: dev");
    release.clone_as("foo-release", "--no-checkout --branch environment/qa");
    app.clone_as("foo-app", "");
    let facts = room.relman("foo-release", "resolve dev --format json").ok().json();
    assert_eq!(facts["source"], "refs/heads/trunk");
}

#[test]
fn inside_a_hook() {
    let room = Room::new();
    landscape(&room, &[]);
    let other = room.repo("other");
    other.commit("main", "one");
    let git_dir = other.path.join(".git");
    for line in ["status --format json", "next-rc qa", "resolve qa --format json", "check", "env list"] {
        let plain = room.relman("foo-release", line).ok();
        let hooked = room
            .call("foo-release")
            .words(line)
            .env("GIT_DIR", &git_dir)
            .env("GIT_COMMON_DIR", &git_dir)
            .env("GIT_WORK_TREE", &other.path)
            .env("GIT_INDEX_FILE", git_dir.join("index"))
            .env("GIT_OBJECT_DIRECTORY", git_dir.join("objects"))
            .env("GIT_QUARANTINE_PATH", git_dir.join("objects/incoming"))
            .env("GIT_PREFIX", "sub/")
            .env("GIT_NAMESPACE", "elsewhere")
            .run()
            .ok();
        assert_eq!(hooked.out, plain.out, "{line}");
    }
}

#[test]
fn inside_a_hook_remotes_are_asked_all_the_same() {
    let room = Room::new();
    let (release, app) = served(&room);
    release.clone_as("foo-release", "--branch environment/qa");
    app.clone_as("foo-app", "");
    let other = room.repo("other");
    other.commit("main", "one");
    let head = app.commit("main", "two");
    let objects = other.path.join(".git/objects");
    let hooked = room.call("foo-release").words("resolve qa --format json").env("GIT_DIR", other.path.join(".git"));
    let hooked = hooked.env("GIT_OBJECT_DIRECTORY", &objects).env("GIT_NAMESPACE", "elsewhere").run().ok().json();
    assert_eq!((&hooked["commit"], &hooked["tag"]), (&head.as_str().into(), &"v1.0-rc.3".into()));
    Repo::at(&room, "foo-app").git(&format!("cat-file -e {head}"));
    assert_eq!(other.git_args(["for-each-ref", "--format=%(refname)"]), "refs/heads/main");
}

#[cfg(unix)]
fn give_away(path: &Path) {
    std::os::unix::fs::lchown(path, Some(12345), Some(12345)).unwrap();
    if path.is_dir() && !path.is_symlink() {
        for entry in std::fs::read_dir(path).unwrap() {
            give_away(&entry.unwrap().path());
        }
    }
}

#[cfg(unix)]
#[test]
fn a_repository_of_somebody_else() {
    use std::os::unix::fs::MetadataExt as _;
    let room = Room::new();
    if std::fs::metadata(room.path("home")).unwrap().uid() != 0 {
        return skip("a_repository_of_somebody_else", "only root can give a repository away");
    }
    let (release, app) = landscape(&room, &[]);
    give_away(&app.path);
    room.relman("foo-release", "next-rc 1.0 --format json").refused(4, "untrusted-repository");
    room.relman("foo-release", "next-rc 1.0")
        .ends(4)
        .talks("dubious ownership")
        .talks("hint: if you trust it: git config");
    let trusting = room.call("foo-release").words("next-rc 1.0");
    let trusting = trusting.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "safe.directory");
    trusting.env("GIT_CONFIG_VALUE_0", &app.path).run().ok().says("v1.0-rc.3\n");
    give_away(&release.path);
    room.relman("foo-release", "status --format json").refused(4, "untrusted-repository");
    let config = std::fs::read_to_string(room.path("home/gitconfig")).unwrap();
    room.write("home/gitconfig", format!("{config}[safe]\n\tdirectory = *\n"));
    answers_as_ever(&room, "foo-release");
}
