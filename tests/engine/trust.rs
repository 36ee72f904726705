//! Which forge gets the token to start a pipeline, and which gets none.

use super::farm::{Farm, System, TOKEN};
use super::sandbox::{Answer, Repo, Room};

/// A release whose file says of dev that the app repo is on the fake server. As on a runner, nobody has cloned it; Git finds
/// it where it really is.
fn named_by_the_file<'r>(room: &'r Room, system: System) -> Farm<'r> {
    let farm = Farm::new(room, system);
    let base = format!("{}/acme/", farm.server.url);
    let file = format!(
        "application: {{name: foo-app, url: '{base}foo-app.git'}}\nversion: WIP\nenvironments: [{{name: dev, type: dev}}]\n"
    );
    farm.release.commit_files("environment/dev", "Another place", &[("release.yml", &file)]);
    std::fs::remove_dir_all(room.path("work/foo-app")).unwrap();
    let known = std::fs::read_to_string(room.path("home/gitconfig")).unwrap();
    let folder = room.path("remotes").display().to_string();
    room.write("home/gitconfig", format!("{known}[url \"{folder}/\"]\n\tinsteadOf = {base}\n"));
    farm
}

fn deploy(farm: &Farm<'_>, flags: &str, variable: (&str, &str)) -> Answer {
    let call = farm.room.call("foo-release").words("deploy dev -y --format json").words(flags);
    farm.watch(call.env("NO_PROXY", "*").env("RELMAN_TOKEN", TOKEN).env(variable.0, variable.1).run())
}

const FORGES: [(System, &str); 3] =
    [(System::Github, "github"), (System::Gitlab, "gitlab"), (System::Bitbucket, "bitbucket-cloud")];

#[test]
fn a_forge_that_only_the_release_file_names_gets_no_token() {
    for (system, word) in FORGES {
        let room = Room::new();
        let farm = named_by_the_file(&room, system);
        let elsewhere = format!("--forge {word}=http://127.0.0.1:1/acme/foo-release");
        for (flags, variable) in
            [("", ("UNSET", "")), (&elsewhere, ("UNSET", "")), ("", ("RELMAN_APP_FORGE", "http://127.0.0.1:1"))]
        {
            let said = deploy(&farm, flags, variable).ends(4).error();
            assert_eq!(said["code"], "untrusted-forge", "{said}");
            let hint = format!("git config relman.appForge {}", farm.server.url);
            assert!(said["hints"][0].as_str().unwrap().contains(&hint), "{said}");
        }
        assert!(farm.server.requests().is_empty() && farm.outcomes("dev").is_empty());
    }
}

#[test]
fn a_forge_that_the_user_names_runs_the_pipeline() {
    for (system, word) in FORGES {
        let room = Room::new();
        let farm = named_by_the_file(&room, system);
        let beside = format!("--forge {word}={}/acme/foo-release", farm.server.url);
        deploy(&farm, &beside, ("UNSET", "")).ok();
        deploy(&farm, "", ("RELMAN_APP_FORGE", &farm.server.url)).ok();
        Repo::at(&room, "foo-release").git_args(["config", "relman.appForge", &format!("{}/acme", farm.server.url)]);
        deploy(&farm, "", ("UNSET", "")).ok();
        assert_eq!(farm.runs().len(), 3);
    }
}

#[test]
fn whoever_has_cloned_the_app_repo_has_chosen_its_forge() {
    let room = Room::new();
    let farm = named_by_the_file(&room, System::Gitlab);
    let clone = farm.app.clone_as("foo-app", "");
    clone.git("remote set-url origin git@127.0.0.1:acme/foo-app.git");
    let remotes = room.path("remotes");
    let ssh = format!("for said; do :; done; cd {}; eval \"$(echo $said | sed s:acme/::)\"\n", remotes.display());
    let ssh = format!("sh {}", room.write("home/ssh", ssh).display());
    // There is nothing at the usual port of https here.
    let said = deploy(&farm, "", ("GIT_SSH_COMMAND", &ssh)).ends(6).error();
    assert!(said["message"].as_str().unwrap().contains("127.0.0.1"), "{said}");
}
