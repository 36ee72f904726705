//! Where relman looks for the release repo and its neighbours, from all the places one may stand.

use crate::sandbox::{Repo, Room, release_file};

/// A release repo and an app beside it, under these names; the version tells the release repos apart.
fn pair<'r>(room: &'r Room, prefix: &str, version: &str) -> (Repo<'r>, Repo<'r>) {
    let release = room.repo(&format!("{prefix}-release"));
    let text = release_file("qa", version, "type: qa").replace("foo-app", &format!("{prefix}-app"));
    release.release_file("qa", "Set qa", &text);
    let app = room.repo(&format!("{prefix}-app"));
    app.commit("main", "one");
    (release, app)
}

/// The version that qa has in the release repo that is found.
#[track_caller]
fn found(answer: crate::sandbox::Answer) -> String {
    answer.ok().json()["environments"][0]["version"].as_str().unwrap().to_owned()
}

const STATUS: &str = "status --format json";

#[test]
fn standing_in_the_release_repo_or_below() {
    let room = Room::new();
    let (release, _) = pair(&room, "foo", "1.0");
    std::fs::create_dir_all(release.path.join("a/b")).unwrap();
    for folder in ["foo-release", "foo-release/a/b", "foo-release/.git"] {
        assert_eq!(found(room.relman(folder, STATUS)), "1.0", "{folder}");
    }
}

#[test]
fn standing_in_the_app_or_in_a_component() {
    let room = Room::new();
    let (_, app) = pair(&room, "foo", "1.0");
    room.repo("foo-backend").commit("main", "one");
    std::fs::create_dir_all(app.path.join("src/deep")).unwrap();
    for folder in ["foo-app", "foo-app/src/deep"] {
        assert_eq!(found(room.relman(folder, STATUS)), "1.0", "{folder}");
    }
    room.relman("foo-backend", STATUS).refused(3, "no-release-repo");
    app.app_file("main", &["name: foo-backend"]);
    assert_eq!(found(room.relman("foo-backend", STATUS)), "1.0", "the app lists it");
    pair(&room, "bar", "2.0");
    room.relman("foo-backend", STATUS).refused(3, "no-release-repo");
}

#[test]
fn an_app_whose_folder_is_called_otherwise() {
    let room = Room::new();
    let (_, app) = pair(&room, "foo", "1.0");
    pair(&room, "bar", "2.0");
    app.git("remote add origin https://git.example.com/team/foo-app.git");
    std::fs::rename(&app.path, room.path("work/checkout")).unwrap();
    assert_eq!(found(room.relman("checkout", STATUS)), "1.0");
}

#[test]
fn a_repository_that_is_named_is_never_exchanged_for_a_neighbour() {
    let room = Room::new();
    let (other, _) = pair(&room, "other", "1.0");
    let before = other.git("for-each-ref");
    room.repo("shop-release").commit("main", "one");
    room.repo("plain").commit("main", "one");
    room.repo("empty-release");
    for folder in ["shop-release", "plain", "empty-release"] {
        for line in ["set qa 2.0 --direct-push --yes", "redeploy qa --yes", "next-rc qa"] {
            let answer = room.relman("", &format!("-C {folder} {line} --format json")).ends(3);
            assert_ne!(answer.error()["code"], "no-release-repo", "{folder} {line}");
            let by_variable = room.call("").words(line).env("RELMAN_REPO", room.path("work").join(folder));
            by_variable.run().ends(3);
        }
    }
    room.relman("", "-C shop-release env add dev --type dev --format json").refused(2, "no-application");
    assert_eq!(other.git("for-each-ref"), before);
    room.relman("plain", "set qa 2.0 --direct-push --yes --format json").refused(3, "no-release-repo");
    // What is set for every repository of a user is no reason either.
    let config = std::fs::read_to_string(room.path("home/gitconfig")).unwrap();
    room.write("home/gitconfig", format!("{config}[relman]\n\treleaseRepo = {}\n", other.path.display()));
    room.relman("", "-C shop-release next-rc qa --format json").refused(3, "no-environments");
    assert_eq!(found(room.relman("plain", STATUS)), "1.0");
}

#[test]
fn a_clone_of_a_single_branch_that_is_named() {
    let room = Room::new();
    pair(&room, "other", "1.0");
    let server = room.server("shop-release");
    let text = release_file("qa", "5.0", "type: qa").replace("foo-app", "shop-app");
    server.commit_files("main", "one", &[("release.yml", &text)]);
    server.release_file("qa", "Set qa", &text);
    server.clone_as("shop-release", "--branch main --single-branch");
    room.relman("", "-C shop-release -v status").ok().talks("release repo: [ROOM]/work/shop-release");
}

#[test]
fn a_neighbour_that_cannot_be_read_matters_where_it_may_be_the_one() {
    let room = Room::new();
    pair(&room, "foo", "1.0");
    let (broken, _) = pair(&room, "bar", "2.0");
    std::fs::write(broken.path.join(".git/config"), "[x").unwrap();
    assert_eq!(found(room.relman("foo-app", STATUS)), "1.0");
    room.relman("bar-app", STATUS).refused(1, "repository-unusable");
}

#[test]
fn standing_beside_the_clones() {
    let room = Room::new();
    pair(&room, "foo", "1.0");
    assert_eq!(found(room.relman("", STATUS)), "1.0");
}

#[test]
fn a_folder_that_is_named_wins() {
    let room = Room::new();
    pair(&room, "foo", "1.0");
    pair(&room, "bar", "2.0");
    assert_eq!(found(room.relman("foo-release", &format!("-C ../bar-release {STATUS}"))), "2.0");
    assert_eq!(found(room.relman("foo-release", &format!("{STATUS} -C ../bar-app"))), "2.0", "a folder to look from");
    let bar = room.path("work/bar-release");
    let by_variable = |line: &str| found(room.call("foo-release").words(line).env("RELMAN_REPO", &bar).run());
    assert_eq!(by_variable(STATUS), "2.0");
    assert_eq!(by_variable(&format!("-C . {STATUS}")), "1.0", "a flag counts more than a variable");
    room.relman("foo-release", "-C nowhere status --format json").refused(3, "no-folder");
}

#[test]
fn a_configured_release_repo_wins_over_neighbours() {
    let room = Room::new();
    let (_, app) = pair(&room, "foo", "1.0");
    let home = room.repo("../home/kept-release");
    home.environment("qa", "3.0", "type: qa");
    for path in ["../../home/kept-release", home.path.to_str().unwrap(), "~/kept-release"] {
        app.git(&format!("config relman.releaseRepo {path}"));
        assert_eq!(found(room.relman("foo-app", STATUS)), "3.0", "{path}");
    }
    assert_eq!(found(room.relman("foo-release", STATUS)), "1.0", "one that one stands in wins over that");
    app.git("config relman.releaseRepo ../nowhere");
    room.relman("foo-app", STATUS).refused(3, "not-a-repository");
}

#[test]
fn among_several_neighbours_the_one_of_the_same_product() {
    let room = Room::new();
    pair(&room, "foo", "1.0");
    pair(&room, "bar", "2.0");
    room.repo("lib").commit("main", "one");
    assert_eq!(found(room.relman("foo-app", STATUS)), "1.0");
    assert_eq!(found(room.relman("bar-app", STATUS)), "2.0");
    room.relman("lib", STATUS).refused(3, "no-release-repo");
    let twin = room.repo("twin-release");
    twin.release_file("qa", "Set qa", &release_file("qa", "3.0", "type: qa"));
    assert_eq!(found(room.relman("foo-app", STATUS)), "1.0", "the one that is called alike");
    std::fs::rename(room.path("work/foo-release"), room.path("work/third-release")).unwrap();
    let refused = room.relman("foo-app", STATUS);
    let message = refused.error()["message"].as_str().unwrap().to_owned();
    assert!(message.contains("twin-release") && message.contains("third-release"), "{message}");
    refused.refused(2, "several-release-repos");
}

#[test]
fn a_neighbour_without_environments_is_none() {
    let room = Room::new();
    let (_, app) = pair(&room, "foo", "1.0");
    app.app_file("main", &["name: lib"]);
    room.repo("notes-release").commit("main", "one");
    std::fs::create_dir(room.path("work/empty-release")).unwrap();
    room.repo("lib").commit("main", "one");
    assert_eq!(found(room.relman("lib", STATUS)), "1.0");
}

#[test]
fn nothing_to_be_found() {
    let room = Room::new();
    room.relman("", "status")
        .ends(3)
        .talks("error: no release repo was found from [ROOM]/work")
        .talks("hint: relman init");
    room.repo("lib").commit("main", "one");
    room.relman("lib", STATUS).refused(3, "no-release-repo");
    room.relman("lib", "-C . next-rc 1.0 --format json").refused(3, "no-environments");
}

#[test]
fn a_bare_neighbour() {
    let room = Room::new();
    let release = room.repo_with("foo-release.git", &["--bare"]);
    release.environment("qa", "1.0", "type: qa");
    room.repo("foo-app").commit("main", "one");
    assert_eq!(found(room.relman("foo-app", STATUS)), "1.0");
    assert_eq!(found(room.relman("foo-release.git", STATUS)), "1.0");
}

/// The head of the app's clone that is found, by what dev's WIP resolves to.
fn app_head(room: &Room, folder: &str, flags: &str) -> String {
    let facts = room.relman(folder, &format!("resolve dev --format json {flags}")).ok().json();
    facts["commit"].as_str().unwrap().to_owned()
}

#[test]
fn where_the_app_is_found() {
    let room = Room::new();
    let release = room.repo("foo-release");
    release.environment("dev", "WIP", "type: dev");
    let beside = room.repo("foo-app").commit("main", "beside");
    let named = room.repo("elsewhere/foo-app").commit("main", "named");
    assert_eq!(app_head(&room, "foo-release", ""), beside);
    assert_eq!(app_head(&room, "foo-release", "--app ../elsewhere/foo-app"), named);
    assert_eq!(app_head(&room, "elsewhere/foo-app", "-C ../../foo-release"), beside);
    release.git("config relman.clone.foo-app ../elsewhere/foo-app");
    assert_eq!(app_head(&room, "foo-release", ""), named);
    assert_eq!(app_head(&room, "foo-release", "--app ../foo-app"), beside);
    room.relman("foo-release", "resolve dev --format json --app nowhere").refused(3, "not-a-repository");
    release.git("config --unset relman.clone.foo-app");
    std::fs::remove_dir_all(room.path("work/foo-app")).unwrap();
    assert_eq!(app_head(&room, "elsewhere/foo-app", "-C ../../foo-release"), named, "the clone that one stands in");
    room.relman("foo-release", "resolve dev --format json").refused(3, "no-clone");
}

#[test]
fn where_components_are_found() {
    let room = Room::new();
    let release = room.repo("foo-release");
    release.environment("dev", "WIP", "type: dev");
    room.repo("elsewhere/foo-app").app_file("main", &["name: foo-backend"]);
    let beside_app = room.repo("elsewhere/foo-backend").commit("main", "beside the app");
    let backend = |flags: &str| {
        let facts = room.relman("foo-release", &format!("resolve dev --format json {flags}")).ok().json();
        facts["repositories"][1]["commit"].as_str().unwrap().to_owned()
    };
    assert_eq!(backend("--app ../elsewhere/foo-app"), beside_app);
    let beside_release = room.repo("foo-backend").commit("main", "beside the release repo");
    assert_eq!(backend("--app ../elsewhere/foo-app"), beside_release);
    let configured = room.repo("third").commit("main", "configured");
    release.git("config relman.clone.foo-backend ../third");
    assert_eq!(backend("--app ../elsewhere/foo-app"), configured);
}

#[test]
fn a_bare_repository_is_found_only_where_git_would_find_it() {
    let room = Room::new();
    let server = room.server("foo-release");
    server.environment("qa", "1.0", "type: qa");
    room.repo("outer");
    let inner = room.repo_with("outer/deep", &["--bare"]);
    inner.environment("qa", "1.0", "type: qa");
    let mark = room.path("home/ran");
    inner.git_args(["remote", "add", "origin", &server.url()]);
    inner.git_args(["config", "remote.origin.uploadpack", &format!("touch {}; git-upload-pack", mark.display())]);
    room.relman("outer/deep", STATUS).ok();
    let config = std::fs::read_to_string(room.path("home/gitconfig")).unwrap();
    room.write("home/gitconfig", format!("{config}[safe]\n\tbareRepository = explicit\n"));
    for folder in ["outer/deep", "outer/deep/refs"] {
        for line in ["status", "next-rc qa", "fetch", "resolve qa"] {
            room.relman(folder, &format!("{line} --format json")).refused(4, "untrusted-repository");
        }
    }
    room.relman("outer/deep", "-C ../deep/refs status --format json").refused(4, "untrusted-repository");
    room.relman("outer/deep", "status").ends(4).talks("safe.bareRepository").talks("hint: if you trust it, name it");
    assert!(!mark.exists());
    assert_eq!(found(room.relman("outer", &format!("-C deep {STATUS}"))), "1.0");
    pair(&room, "foo", "2.0");
    assert_eq!(found(room.relman("foo-release/.git", STATUS)), "2.0", "the folder of a work tree is none");
}
