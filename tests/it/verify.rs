//! `relman verify`: the tags of a version, proven in every repository, as the remotes have them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::sandbox::{Repo, Room, assert_whole};

/// A version that was released by relman over an app repo, a backend and a pinned library, on servers.
struct Release<'r> {
    room: &'r Room,
    app: Repo<'r>,
    backend: Repo<'r>,
    release: Repo<'r>,
}

fn released(room: &Room) -> Release<'_> {
    let lib = room.server("foo-lib");
    lib.commit("main", "lib");
    lib.tag("v9.0.0", "main");
    let backend = room.server("foo-backend");
    backend.commit("main", "backend 1");
    let app = room.server("foo-app");
    app.app_file("main", &["name: foo-backend", "{name: foo-lib, tag: v9.0.0}"]);
    let release = room.server("foo-release");
    release.environment("qa", "1.0.0", "type: qa");
    release.environment("prod", "1.0.0", "type: prod; from: [qa]");
    for server in [&release, &app, &backend, &lib] {
        let name = server.path.file_stem().unwrap().to_str().unwrap().to_owned();
        server.clone_as(&name, "");
    }
    room.relman("foo-release", "tag candidate 1.0.0 -y").ok();
    room.relman("foo-release", "tag final 1.0.0 -y").ok();
    Release { room, app, backend, release }
}

impl Release<'_> {
    fn verify(&self, line: &str) -> Value {
        let answer = self.room.relman("foo-release", &format!("verify 1.0.0 --format json {line}"));
        let document = answer.json();
        assert_eq!(document["schema"], "relman.verify/1");
        let errors = document["problems"].as_array().unwrap().iter().any(|problem| problem["severity"] == "error");
        answer.ends(if errors { 10 } else { 0 });
        document
    }

    fn codes(&self) -> Vec<(String, String)> {
        let document = self.verify("");
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let mut codes: Vec<_> = document["problems"]
            .as_array()
            .unwrap()
            .iter()
            .map(|problem| (text(&problem["code"]), text(&problem["repository"])))
            .collect();
        codes.sort();
        codes.dedup();
        codes
    }

    /// Moves a tag by force, as somebody with the rights on the server can.
    fn retag(&self, repo: &Repo<'_>, tag: &str, at: &str, options: &str) {
        repo.git_args(format!("tag -f {options} {tag} {at}").split_whitespace());
    }
}

fn found(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(code, repository)| ((*code).to_owned(), (*repository).to_owned())).collect()
}

#[test]
fn a_tag_on_a_tree_or_a_blob_is_called_that() {
    let room = Room::new();
    let release = released(&room);
    release.retag(&release.backend, "v1.0.0", "main^{tree}", "-a -m v1.0.0");
    assert_eq!(release.codes(), found(&[("tag-without-commit", "foo-backend")]));
    let told = room.relman("foo-release", "verify 1.0.0").ends(10);
    told.shows("v1.0.0 of foo-backend stands on a tree, and not on a commit").shows(":refs/tags/v1.0.0");
    release.retag(&release.app, "v1.0.0", "main:app.yml", "");
    let both = found(&[("tag-without-commit", "foo-app"), ("tag-without-commit", "foo-backend")]);
    assert_eq!(release.codes(), both);
    // What check reads is what the clones have.
    room.relman("foo-release", "fetch").ok();
    let told = room.relman("foo-release", "check --format json").ends(10).json();
    let on_no_commit = told["problems"].as_array().unwrap().iter().filter(|one| one["code"] == "tag-without-commit");
    assert_eq!(on_no_commit.count(), 2, "{told}");
    // Where nothing else is left of the version, it is said as well.
    for server in [&release.app, &release.backend] {
        server.git("tag -d v1.0.0-rc.1");
    }
    assert_eq!(release.codes(), both);
}

#[test]
fn what_relman_released_is_proven() {
    let room = Room::new();
    let release = released(&room);
    let document = release.verify("");
    assert_eq!(
        (&document["final"], &document["candidate"], &document["source"]),
        (&"v1.0.0".into(), &"v1.0.0-rc.1".into(), &"remote".into())
    );
    assert_eq!(document["problems"], serde_json::json!([]));
    assert_eq!(
        document["repositories"],
        serde_json::json!(["foo-app", "foo-backend"]),
        "what is pinned does not count"
    );
    room.relman("foo-release", "verify 1.0.0").ok().says("v1.0.0 stands on v1.0.0-rc.1 in all 2 repositories.\n");
}

#[test]
fn a_tag_that_was_moved_at_the_server_is_found_in_every_repository() {
    for name in ["v1.0.0", "v1.0.0-rc.1"] {
        let room = Room::new();
        let release = released(&room);
        release.backend.commit("main", "later");
        release.retag(&release.backend, name, "main", "-a -m moved");
        assert!(release.codes().contains(&("moved-tag".to_owned(), "foo-backend".to_owned())), "{name}");
        assert!(release.verify("")["problems"].to_string().contains("when the release was tagged"));
    }
    let room = Room::new();
    let release = released(&room);
    release.app.commit("main", "later");
    release.retag(&release.app, "v1.0.0", "main", "-a -m moved");
    // It carries no facts any more, so it is the candidate that it does not stand on.
    assert_eq!(release.codes(), found(&[("final-not-on-candidate", "foo-app")]));
}

#[test]
fn a_whole_set_that_was_moved_is_found_by_its_records() {
    let room = Room::new();
    let release = released(&room);
    let was = release.app.git("rev-parse v1.0.0^0");
    let on = release.release.id("environment/prod");
    let line = serde_json::json!({
        "at": "2026-01-06T09:00:00.000Z", "id": "1", "schema": "relman.record/1", "environment": "prod",
        "outcome": "succeeded", "version": "1.0.0", "tag": "v1.0.0", "app_commit": was,
        "repositories": [{"name": "foo-app", "commit": was, "ref": "refs/tags/v1.0.0"}],
    });
    release.release.git_args(["notes", "--ref=relman/deployments", "append", "-m", &line.to_string(), &on]);
    assert_eq!(release.codes(), []);
    release.app.commit("main", "later");
    for tag in ["v1.0.0", "v1.0.0-rc.1"] {
        release.retag(&release.app, tag, "main", "-a -m moved");
    }
    assert_eq!(release.codes(), found(&[("moved-tag", "foo-app")]));
    room.relman("foo-release", "verify 1.0.0").ends(10).shows("when it was deployed to prod on 2026-01-06");
}

#[test]
fn a_tag_that_is_missing_light_or_on_no_branch_is_found() {
    let room = Room::new();
    let release = released(&room);
    release.backend.git("tag -d v1.0.0");
    assert_eq!(release.codes(), found(&[("half-tagged", "foo-backend")]));
    release.retag(&release.backend, "v1.0.0", "v1.0.0-rc.1^0", "");
    assert_eq!(release.codes(), found(&[("lightweight-tag", "foo-backend")]));
    release.retag(&release.backend, "v1.0.0", "v1.0.0-rc.1^0", "-a -m v1.0.0");
    assert_eq!(release.codes(), []);
    // The branch is rewritten, and the release is on none.
    let rewritten = room.server("foo-rewritten");
    rewritten.commit("main", "another beginning");
    release.backend.git_args(["fetch", "-q", "-f", "--update-head-ok", &rewritten.url(), "main:main"]);
    assert_eq!(release.codes(), found(&[("unreachable-tag", "foo-backend")]));
    release.backend.git("branch release/1.0.0 v1.0.0");
    assert_eq!(release.codes(), [], "any branch will do");
    release.app.git("tag -d v1.0.0");
    assert_eq!(release.codes(), found(&[("half-made-final", "foo-backend"), ("no-final-tag", "foo-app")]));
    assert_whole!("verify_text", room.relman("foo-release", "verify 1.0.0").ends(10));
}

#[test]
fn a_spent_number_is_told_and_fails_nothing() {
    let room = Room::new();
    let release = released(&room);
    release.backend.tag("v1.0.0-rc.2", &release.backend.git("rev-parse main"));
    let document = release.verify("");
    assert_eq!(document["problems"][0]["code"], "abandoned-candidate", "{document}");
}

#[test]
fn the_clones_own_tags_are_not_believed_and_compared() {
    let room = Room::new();
    let release = released(&room);
    let clone = Repo::at(&room, "foo-backend");
    clone.git("checkout -q -b local");
    clone.git("commit -q --allow-empty -m local");
    clone.git("tag -a -m mine v1.0.0 local");
    let document = release.verify("");
    assert_eq!(document["problems"][0]["code"], "moved-tag", "{document}");
    assert!(document["problems"][0]["message"].as_str().unwrap().contains("in this clone's own tags"), "{document}");
    assert_eq!(document["final"], "v1.0.0");
    // What the remote said then is kept, and is no other one offline.
    let document = release.verify("--offline");
    assert_eq!(document["problems"][0]["code"], "moved-tag", "{document}");
}

#[test]
fn offline_tags_that_were_deleted_everywhere_prove_nothing_once_all_was_fetched() {
    let room = Room::new();
    let release = released(&room);
    for (server, name) in [(&release.app, "foo-app"), (&release.backend, "foo-backend")] {
        Repo::at(&room, name).git("fetch -q --tags");
        server.git("tag -d v1.0.0 v1.0.0-rc.1");
    }
    room.relman("foo-release", "fetch").ok();
    let document = release.verify("--offline");
    let codes: BTreeSet<&str> =
        document["problems"].as_array().unwrap().iter().map(|problem| problem["code"].as_str().unwrap()).collect();
    assert_eq!(codes, BTreeSet::from(["local-only-tag"]), "{document}");
    // What git has fetched since then may have come with any of them.
    for name in ["foo-app", "foo-backend"] {
        let fetched = Repo::at(&room, name).path.join(".git/FETCH_HEAD");
        std::fs::write(&fetched, "").unwrap();
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(60);
        std::fs::File::options().write(true).open(&fetched).unwrap().set_modified(later).unwrap();
    }
    let document = release.verify("--offline");
    let codes: Vec<&Value> = document["problems"].as_array().unwrap().iter().map(|problem| &problem["code"]).collect();
    assert_eq!(codes, ["remote-not-asked", "remote-not-asked"], "{document}");
}

#[test]
fn offline_the_clones_answer_and_a_shallow_one_does_not() {
    let room = Room::new();
    let release = released(&room);
    room.relman("foo-release", "fetch").ok();
    release.app.git("tag -d v1.0.0");
    let document = release.verify("--offline");
    assert_eq!((&document["final"], &document["source"]), (&"v1.0.0".into(), &"local".into()), "{document}");
    room.relman("foo-release", "verify 1.0.0 --offline").ok().talks("Offline");
    let app = Repo::at(&room, "foo-app");
    app.git("fetch -q --depth 1 origin main");
    room.relman("foo-release", "verify 1.0.0 --offline --format json").refused(5, "incomplete-clone");
    // Online its history is completed first.
    release.app.git("tag -a -m v1.0.0 v1.0.0 v1.0.0-rc.1^0");
    assert_eq!(release.codes(), []);
}

#[test]
fn offline_a_tag_that_the_remote_was_known_to_lack_proves_nothing() {
    let room = Room::new();
    let release = released(&room);
    let clone = Repo::at(&room, "foo-backend");
    clone.git("fetch -q --tags");
    assert_eq!(release.verify("--offline")["problems"], serde_json::json!([]));
    release.backend.git("tag -d v1.0.0");
    assert_eq!(release.codes(), found(&[("half-tagged", "foo-backend")]));
    let document = release.verify("--offline");
    assert_eq!(document["problems"].as_array().unwrap().len(), 1, "{document}");
    let problem = &document["problems"][0];
    assert_eq!(
        (&problem["code"], &problem["repository"]),
        (&"local-only-tag".into(), &"foo-backend".into()),
        "{document}"
    );
    assert!(
        problem["message"].as_str().unwrap().starts_with("v1.0.0 of foo-backend is in this clone's own tags alone")
    );
    // A remote that was never asked has said nothing, and the clone's own tags are believed.
    for tag in ["v1.0.0", "v1.0.0-rc.1"] {
        clone.git(&format!("update-ref -d refs/relman/origin/tags/{tag}"));
    }
    let document = release.verify("--offline");
    assert_eq!(document["problems"].as_array().unwrap().len(), 1, "{document}");
    assert_eq!(document["problems"][0]["code"], "remote-not-asked", "{document}");
    room.relman("foo-release", "verify 1.0.0 --offline").ok().shows("the clone's own tags are all the proof");
}

#[test]
fn a_component_without_a_clone_is_cloned_or_told() {
    let room = Room::new();
    let release = released(&room);
    std::fs::remove_dir_all(room.path("work/foo-backend")).unwrap();
    room.relman("foo-app", "fetch").ok();
    std::fs::remove_dir_all(room.path("cache")).unwrap();
    let document = release.verify("--offline");
    assert_eq!(document["problems"][0]["code"], "no-clone", "{document}");
    assert_eq!(release.codes(), [], "in the cache");
}

#[test]
fn what_was_never_tagged_is_not_found() {
    let room = Room::new();
    released(&room);
    room.relman("foo-release", "verify 2.0.0 --format json").refused(3, "no-tag");
    room.relman("foo-release", "verify WIP --format json").refused(2, "invalid-version");
    room.relman("foo-release", "verify --format json").ends(2);
}

#[test]
fn bare_clones_have_branches_as_well() {
    let room = Room::new();
    let release = released(&room);
    for name in ["foo-release", "foo-app", "foo-backend", "foo-lib"] {
        let made = format!("clone -q --bare {} {}", room.path(format!("remotes/{name}.git")).display(), name);
        std::fs::create_dir_all(room.path("work/bare")).unwrap();
        release.app.git_args(format!("-C {} {made}", room.path("work/bare").display()).split(' '));
    }
    let answer = room.relman("bare/foo-release", "verify 1.0.0 --offline --format json").ok();
    let document = answer.json();
    let codes = document["problems"].as_array().unwrap().iter().map(|problem| problem["code"].as_str().unwrap());
    assert_eq!(codes.collect::<BTreeSet<_>>(), BTreeSet::from(["remote-not-asked"]), "{document}");
}

#[test]
fn a_component_that_only_an_earlier_candidate_had_stands_in_nobodys_way() {
    let room = Room::new();
    let release = released(&room);
    room.relman("foo-release", "tag candidate 2.0.0 -y").ok();
    // The backend leaves the list, and is pinned in the next candidate; so is the library's tag, which stays.
    release.backend.tag("v8.0.0", "main");
    release.app.app_file("main", &["{name: foo-backend, tag: v8.0.0}", "{name: foo-lib, tag: v9.0.0}"]);
    room.relman("foo-release", "tag candidate 2.0.0 -y").ok();
    room.relman("foo-release", "tag final 2.0.0 -y").ok();
    let verify = || room.relman("foo-release", "verify 2.0.0 --format json");
    let document = verify().ok().json();
    assert_eq!((&document["candidate"], &document["problems"]), (&"v2.0.0-rc.2".into(), &serde_json::json!([])));
    assert_eq!(document["repositories"], serde_json::json!(["foo-app"]), "what ships and is not pinned");
    // Its clone is there, so its tags are looked at.
    let at = release.backend.git("rev-parse v2.0.0-rc.1^0");
    release.backend.commit("main", "later");
    release.retag(&release.backend, "v2.0.0-rc.1", "main", "-a -m moved");
    assert!(verify().ends(10).json().to_string().contains("moved-tag"));
    release.retag(&release.backend, "v2.0.0-rc.1", &at, "-a -m back");
    verify().ok();
    // Nothing is cloned for it, and without a clone it is said, but stops nothing.
    std::fs::remove_dir_all(room.path("work/foo-backend")).unwrap();
    let document = verify().ok().json();
    assert_eq!(
        (
            &document["problems"][0]["code"],
            &document["problems"][0]["severity"],
            &document["problems"][0]["repository"]
        ),
        (&"no-clone".into(), &"warning".into(), &"foo-backend".into()),
        "{document}"
    );
    room.relman("foo-release", "verify 2.0.0")
        .ok()
        .shows("there is no clone of foo-backend, which only v2.0.0-rc.1 had")
        .shows("v2.0.0 stands on v2.0.0-rc.2 in foo-app.");
}

#[test]
fn the_name_of_a_tag_means_its_version_unless_a_version_is_called_so() {
    let room = Room::new();
    released(&room);
    let by_tag = room.relman("foo-release", "verify v1.0.0 --format json").ok().json();
    assert_eq!((&by_tag["version"], &by_tag["final"]), (&"1.0.0".into(), &"v1.0.0".into()), "{by_tag}");
    room.relman("foo-release", "verify v2.0.0 --format json")
        .refused(3, "no-tag")
        .talks("no repository has a tag of v2.0.0");
    // A version that begins with a v is another one than that without.
    room.relman("foo-release", "tag candidate v1.0.0 -y").ok();
    let by_name = room.relman("foo-release", "verify v1.0.0 --format json").ends(10).json();
    assert_eq!((&by_name["version"], &by_name["candidate"]), (&"v1.0.0".into(), &"vv1.0.0-rc.1".into()), "{by_name}");
}

#[test]
fn a_pinned_tag_that_was_moved_is_said_and_fails_nothing() {
    let room = Room::new();
    let release = released(&room);
    let lib = room.server("foo-lib");
    room.relman("foo-release", "fetch").ok();
    assert_eq!(release.codes(), []);
    lib.commit("main", "later");
    release.retag(&lib, "v9.0.0", "main", "-a -m moved");
    room.relman("foo-release", "fetch").ok();
    let document = release.verify("");
    let problem = &document["problems"][0];
    assert_eq!(
        (&problem["code"], &problem["severity"], &problem["repository"]),
        (&"moved-tag".into(), &"warning".into(), &"foo-lib".into()),
        "{document}"
    );
    let told = room.relman("foo-release", "verify 1.0.0").ok();
    told.shows("v9.0.0 of foo-lib, which is pinned to it, is on").shows("v1.0.0 stands on v1.0.0-rc.1");
    room.relman("foo-release", "diff qa prod").ok().talks("v9.0.0 of foo-lib stands on");
    room.relman("foo-release", "trace prod").ok().shows("contradiction: v9.0.0 of foo-lib is on");
}
