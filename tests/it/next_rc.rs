//! `relman next-rc`: one more than the highest number anywhere.

use crate::sandbox::{Repo, Room, skip};

/// A release repo and an app without remotes; the app has these tags.
fn tagged<'r>(room: &'r Room, tags: &[&str]) -> Repo<'r> {
    room.repo("foo-release").environment("qa", "1.0.0", "type: qa");
    let app = room.repo("foo-app");
    app.commit("main", "one");
    for tag in tags {
        app.light_tag(tag, "main");
    }
    app
}

#[test]
fn numbers_are_counted_by_version() {
    let room = Room::new();
    tagged(
        &room,
        &[
            "v1.0.0-rc.9",
            "v1.0.0-rc.10",
            "v1.0.0-rc.2",
            "v1.0.0-rc.010",
            "v1.0.0-rc.01",
            "v1.0.0-rc.+77",
            "v1.0.0-rc.78-hotfix",
            "v1.0.0-rc.79.1",
            "v1.0.0-RC.80",
            "V1.0.0-rc.81",
            "v1.0.0-rc.0x52",
            "v1.0.0-rc.1e9",
            "v1.0.0-rc.84/x",
            "xv1.0.0-rc.85",
            "v1.0.00-rc.86",
            "1.0.0-rc.87",
            "v1.0.0-rc.１３",
            "v1.0.0.1-rc.4",
            "v1.0.0-rc-rc.6",
            "v1.0-rc.30",
            "v1.0.0-beta-rc.3",
            "v11.0.0-rc.50",
            "v1.10-rc.2",
            "v1.1-rc.7",
            "v2026.11-rc.1",
            "vrelease-7-rc.3",
            "vR2/1.0-rc.4",
            "vwörk-rc.2",
            "v3-rc.0",
            "v4.0.0",
            "v5-rc.18446744073709551614",
            "v\"q\"-rc.1",
        ],
    );
    for (version, want) in [
        ("1.0.0", "v1.0.0-rc.11"),
        ("1.0.0.1", "v1.0.0.1-rc.5"),
        ("1.0.0-rc", "v1.0.0-rc-rc.7"),
        ("1.0", "v1.0-rc.31"),
        ("1.0.0-beta", "v1.0.0-beta-rc.4"),
        ("1.0.0-bet", "v1.0.0-bet-rc.1"),
        ("11.0.0", "v11.0.0-rc.51"),
        ("1.0.00", "v1.0.00-rc.87"),
        ("1.10", "v1.10-rc.3"),
        ("1.1", "v1.1-rc.8"),
        ("1", "v1-rc.1"),
        ("2026.11", "v2026.11-rc.2"),
        ("release-7", "vrelease-7-rc.4"),
        ("R2/1.0", "vR2/1.0-rc.5"),
        ("wörk", "vwörk-rc.3"),
        ("3", "v3-rc.1"),
        ("4.0.0", "v4.0.0-rc.1"),
        ("5", "v5-rc.18446744073709551615"),
        ("\"q\"", "v\"q\"-rc.2"),
        ("never-seen", "vnever-seen-rc.1"),
        ("-x", "v-x-rc.1"),
        ("qa", "v1.0.0-rc.11"),
    ] {
        let answer = room.call("foo-release").arg("next-rc").arg(version).run().ok();
        assert_eq!(answer.out, format!("{want}\n"), "{version}");
    }
}

#[test]
fn packed_and_loose_tags_are_one_list() {
    let room = Room::new();
    let app = tagged(&room, &["v1.0.0-rc.1", "v1.0.0-rc.2", "v1.0.0-rc.3"]);
    app.git("pack-refs --all");
    assert!(!app.path.join(".git/refs/tags/v1.0.0-rc.3").exists());
    room.relman("foo-release", "next-rc 1.0.0").ok().says("v1.0.0-rc.4\n");
    app.light_tag("v1.0.0-rc.4", "main");
    app.light_tag("v1.0.0-rc.2", &app.commit("main", "two"));
    room.relman("foo-release", "next-rc 1.0.0").ok().says("v1.0.0-rc.5\n").silent();
}

#[test]
fn what_can_not_be_a_version_is_refused() {
    let room = Room::new();
    tagged(&room, &[]);
    for version in ["1.0.0-rc.3", "1.0.0-rc.03", "WIP", "wip", "a b", "a..b", "a~1", "x.lock", "a:b", "@{", "a\\b", ""]
    {
        room.call("foo-release").words("--format json next-rc").arg(version).run().refused(2, "invalid-version");
    }
    let long = "9".repeat(201);
    room.call("foo-release").words("--format json next-rc").arg(&long).run().refused(2, "invalid-version");
}

#[test]
fn a_number_too_large_is_an_error_that_names_its_tag() {
    let room = Room::new();
    tagged(&room, &["v1-rc.99999999999999999999", "v2-rc.18446744073709551615"]);
    for (version, tag) in [("1", "v1-rc.99999999999999999999"), ("2", "v2-rc.18446744073709551615")] {
        let answer = room.relman("foo-release", &format!("next-rc {version} --format json"));
        assert!(answer.error()["message"].as_str().unwrap().contains(tag));
        answer.refused(2, "candidate-number-too-large");
    }
    room.relman("foo-release", "next-rc 3").ok().says("v3-rc.1\n");
}

#[test]
fn the_document() {
    let room = Room::new();
    tagged(&room, &["v1.0.0-rc.4", "v1.0.0"]);
    room.relman("foo-release", "next-rc qa").ok().talks("warning: 1.0.0 is final");
    let answer = room.relman("foo-release", "next-rc qa --format json").ok().silent();
    assert_eq!(
        answer.json(),
        serde_json::json!({
            "schema": "relman.next-rc/1", "version": "1.0.0", "tag": "v1.0.0-rc.5", "number": 5,
            "latest": {"tag": "v1.0.0-rc.4", "number": 4}, "final_exists": true, "source": "local",
        })
    );
    let none = room.relman("foo-release", "next-rc 2.0 --format json").ok().silent().json();
    assert_eq!((&none["latest"], &none["number"]), (&serde_json::Value::Null, &1.into()));
}

#[test]
fn an_environment_stands_for_its_version() {
    let room = Room::new();
    tagged(&room, &["v1.0.0-rc.1"]);
    let release = room.repo("foo-release");
    release.environment("dev", "WIP", "type: dev");
    release.environment("next", "", "type: qa");
    release.environment("at", "ref:main", "type: dev");
    release.release_file("outside", "Set", "application: foo-app\nenvironments:\n- name: outside\n  type: qa\n");
    release.environment("broken", "[1", "type: qa");
    room.relman("foo-release", "next-rc qa").ok().says("v1.0.0-rc.2\n");
    room.relman("foo-release", "next-rc next --format json").refused(3, "nothing-declared");
    for name in ["dev", "at", "outside"] {
        room.relman("foo-release", &format!("next-rc {name} --format json")).refused(2, "usage");
    }
    room.relman("foo-release", "next-rc broken --format json").refused(2, "invalid-yaml");
}

/// A release repo, an app and a component on a server, and clones of all three.
fn served(room: &Room) -> (Repo<'_>, Repo<'_>) {
    let release = room.server("foo-release");
    release.environment("qa", "1.0", "type: qa");
    let app = room.server("foo-app");
    app.app_file("main", &["name: foo-backend", "{name: foo-lib, tag: v2.0}"]);
    app.tag("v1.0-rc.1", "main");
    let backend = room.server("foo-backend");
    backend.commit("main", "one");
    let lib = room.server("foo-lib");
    lib.commit("main", "one");
    lib.tag("v2.0", "main");
    lib.tag("v1.0-rc.70", "main");
    release.clone_as("foo-release", "--branch environment/qa");
    for (server, name) in [(&app, "foo-app"), (&backend, "foo-backend"), (&lib, "foo-lib")] {
        server.clone_as(name, "");
    }
    (app, backend)
}

#[test]
fn the_numbers_of_components_count_and_those_of_pinned_ones_do_not() {
    let room = Room::new();
    let (_, backend) = served(&room);
    room.relman("foo-release", "next-rc qa").ok().says("v1.0-rc.2\n");
    backend.tag("v1.0-rc.4", "main");
    room.relman("foo-release", "next-rc qa").ok().says("v1.0-rc.5\n");
}

#[test]
fn the_remote_is_asked() {
    let room = Room::new();
    let (app, _) = served(&room);
    app.tag("v1.0-rc.2", "main");
    let answer = room.relman("foo-release", "next-rc 1.0 --format json").ok().json();
    assert_eq!((&answer["tag"], &answer["source"]), (&"v1.0-rc.3".into(), &"remote".into()));
    assert!(!app.git("tag --list").contains("rc.3"));
    let clone = room.path("work/foo-app");
    let clone_tags = std::process::Command::new("git").current_dir(&clone).args(["tag", "--list"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&clone_tags.stdout), "v1.0-rc.1\n", "nothing asked lands in refs/tags");
}

#[test]
fn a_tag_of_this_clone_alone_does_not_count_where_there_is_a_remote() {
    let room = Room::new();
    let (app, _) = served(&room);
    let clone = app.clone_as("other", "");
    std::fs::remove_dir_all(room.path("work/foo-app")).unwrap();
    std::fs::rename(&clone.path, room.path("work/foo-app")).unwrap();
    let clone = Repo::at(&room, "foo-app");
    clone.git("tag v1.0-rc.50 origin/main");
    room.relman("foo-release", "next-rc 1.0").ok().says("v1.0-rc.2\n");
    room.relman("foo-release", "next-rc 1.0 --offline").ok().says("v1.0-rc.51\n");
}

#[test]
fn a_tag_that_was_deleted_at_the_remote_is_forgotten() {
    let room = Room::new();
    let (app, _) = served(&room);
    app.tag("v1.0-rc.8", "main");
    app.tag("v1.0", "main");
    let before = room.relman("foo-release", "next-rc 1.0 --format json").ok().json();
    assert_eq!((&before["number"], &before["final_exists"]), (&9.into(), &true.into()));
    app.git("tag -d v1.0-rc.8 v1.0");
    let after = room.relman("foo-release", "next-rc 1.0 --format json").ok().json();
    assert_eq!((&after["number"], &after["final_exists"]), (&2.into(), &false.into()));
}

#[test]
fn offline_reads_the_clones() {
    let room = Room::new();
    let (app, _) = served(&room);
    app.tag("v1.0-rc.2", "main");
    std::fs::rename(room.path("remotes"), room.path("gone")).unwrap();
    room.relman("foo-release", "next-rc 1.0 --offline").ok().talks("Offline: the clones answer").says("v1.0-rc.2\n");
    let answer = room.relman("foo-release", "next-rc 1.0 --offline --format json").ok().json();
    assert_eq!((&answer["tag"], &answer["source"]), (&"v1.0-rc.2".into(), &"local".into()));
    room.relman("foo-release", "next-rc 1.0 --format json").refused(6, "remote-unreachable");
    room.relman("foo-release", "next-rc 1.0").ends(6).talks("hint: trying again is safe").talks("hint: --offline");
}

#[test]
fn a_shallow_clone_is_asked_at_its_remote_and_refused_without() {
    let room = Room::new();
    let (app, _) = served(&room);
    app.commit("main", "two");
    std::fs::remove_dir_all(room.path("work/foo-app")).unwrap();
    app.clone_as("foo-app", "--depth 1");
    room.relman("foo-release", "next-rc 1.0 --offline --format json").refused(5, "incomplete-clone");
    room.relman("foo-release", "next-rc 1.0 --offline").ends(5).talks("foo-app is a shallow clone");
    room.relman("foo-release", "next-rc 1.0").ok().says("v1.0-rc.2\n");
}

#[test]
fn a_clone_without_tags_is_refused_offline() {
    let room = Room::new();
    let (app, _) = served(&room);
    std::fs::remove_dir_all(room.path("work/foo-app")).unwrap();
    app.clone_as("foo-app", "--no-tags");
    room.relman("foo-release", "next-rc 1.0 --offline --format json").refused(5, "incomplete-clone");
    room.relman("foo-release", "next-rc 1.0").ok().says("v1.0-rc.2\n");
}

#[test]
fn without_an_app_there_is_no_answer() {
    let room = Room::new();
    room.repo("foo-release").environment("qa", "1.0", "type: qa");
    let answer = room.relman("foo-release", "next-rc qa --format json");
    assert!(answer.error()["hints"].to_string().contains("relman.clone.foo-app"));
    answer.refused(3, "no-clone");
}

#[test]
fn a_failed_read_is_never_an_empty_list() {
    let room = Room::new();
    let app = tagged(&room, &["v1.0.0-rc.1"]);
    std::fs::write(app.path.join(".git/refs/tags/v1.0.0-rc.2"), "not an id\n").unwrap();
    room.relman("foo-release", "next-rc 1.0.0 --format json").refused(1, "read-failed");
    std::fs::remove_file(app.path.join(".git/refs/tags/v1.0.0-rc.2")).unwrap();
    std::fs::write(app.path.join(".git/packed-refs"), "# pack-refs with: peeled fully-peeled sorted \ngarbage\n")
        .unwrap();
    room.relman("foo-release", "next-rc 1.0.0 --format json").refused(1, "read-failed");
}

/// Tag names that two public projects have (akuity/kargo, helm/helm), with the answers that a person reads off them.
#[test]
fn public_projects_are_counted_as_a_person_reads_their_tags() {
    let numbered = |version: &str, last: u64| (1..=last).map(|number| format!("v{version}-rc.{number}")).collect();
    let mut kargo: Vec<String> = [
        ("0.1.0", 24),
        ("0.8.0", 2),
        ("0.8.1", 1),
        ("1.0.0", 5),
        ("1.1.0", 5),
        ("1.5.0", 4),
        ("1.5.1", 1),
        ("1.10.0", 8),
        ("1.11.0", 6),
    ]
    .into_iter()
    .flat_map(|(version, last)| -> Vec<String> { numbered(version, last) })
    .collect();
    kargo.extend(
        "v0.1.0 v0.3.0-alpha.1 v0.8.0 v0.8.1 v0.8.2 v1.0.0 v1.0.1 v1.2.0-soak-time-preview v1.5.1 v1.10.0 v1.10.10 \
         v1.11.0"
            .split_whitespace()
            .map(str::to_owned),
    );
    let helm: Vec<String> =
        "v2.7.0-rc1 v2.8.0-rc.1 v2.8.0 v2.8.2-rc1 v2.9.0-rc1 v2.9.0-rc2 v2.9.0-rc3 v2.9.0-rc4 v2.9.0-rc5 \
         v3.0.0-alpha.1 v3.0.0-beta.5 v3.0.0-rc.1 v3.0.0-rc.2 v3.0.0-rc.3 v3.0.0-rc.4 v3.0.0 v3.18.0-rc.1 v3.18.0-rc.2"
            .split_whitespace()
            .map(str::to_owned)
            .collect();
    let kargo_answers = [
        ("0.1.0", 25),
        ("0.8.0", 3),
        ("0.8.1", 2),
        ("0.8.2", 1),
        ("1.0.0", 6),
        ("1.0.1", 1),
        ("1.1.0", 6),
        ("1.2.0", 1),
        ("1.5.0", 5),
        ("1.5.1", 2),
        ("1.10.0", 9),
        ("1.11.0", 7),
        ("1.1", 1),
    ];
    // `-rc1` is no candidate of relman's form, which has a dot before the number.
    let helm_answers = [("2.7.0", 1), ("2.8.0", 2), ("2.8.2", 1), ("2.9.0", 1), ("3.0.0", 5), ("3.18.0", 3)];
    for (tags, answers) in [(kargo, kargo_answers.as_slice()), (helm, helm_answers.as_slice())] {
        let room = Room::new();
        tagged(&room, &tags.iter().map(String::as_str).collect::<Vec<_>>());
        for (version, number) in answers {
            let answer = room.relman("foo-release", &format!("next-rc {version}")).ok();
            assert_eq!(answer.out, format!("v{version}-rc.{number}\n"));
        }
    }
}

/// With `RELMAN_TEST_REPO=/path/to/some/repo.git` the answers are compared with what `git tag` lists there, and `status` of
/// a release repo made for it with the commits that Git finds.
#[test]
fn a_public_repository_is_counted_as_git_lists_it() {
    let Some(source) = std::env::var_os("RELMAN_TEST_REPO") else {
        skip("a_public_repository_is_counted_as_git_lists_it", "RELMAN_TEST_REPO names no repository");
        return;
    };
    let room = Room::new();
    let release = room.repo("foo-release");
    let git = |args: &[&str]| {
        let output = std::process::Command::new("git").arg("-C").arg(&source).args(args).output().unwrap();
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let tags = git(&["tag", "--list"]);
    let mut highest = std::collections::BTreeMap::<&str, u64>::new();
    for tag in tags.lines() {
        let Some((version, digits)) = tag.strip_prefix('v').and_then(|rest| rest.rsplit_once("-rc.")) else { continue };
        if let Ok(number) = digits.parse::<u64>()
            && number.to_string() == digits
        {
            let known = highest.entry(version).or_default();
            *known = number.max(*known);
        }
    }
    assert!(highest.len() >= 10, "{} versions have candidates there", highest.len());
    let mut deployed = std::collections::BTreeMap::new();
    for (index, (version, number)) in highest.iter().enumerate() {
        let environment = format!("e{index}");
        release.environment(&environment, version, "type: qa");
        let is_final = tags.lines().any(|tag| tag.strip_prefix('v') == Some(version));
        let tag = if is_final { format!("v{version}") } else { format!("v{version}-rc.{number}") };
        let commit = git(&["rev-parse", &format!("refs/tags/{tag}^{{commit}}")]).trim().to_owned();
        deployed.insert(environment, (format!("refs/tags/{tag}"), commit));
    }
    release.git_args(["config".as_ref(), "relman.clone.foo-app".as_ref(), source.as_os_str()]);
    for (version, number) in highest {
        let answer = room.relman("foo-release", &format!("next-rc {version} --offline")).ok();
        assert_eq!(answer.out, format!("v{version}-rc.{}\n", number + 1));
    }
    let status = room.relman("foo-release", "status --format json").ok().json();
    let rows = status["environments"].as_array().unwrap();
    assert_eq!(rows.len(), deployed.len());
    for row in rows {
        let (tag, commit) = &deployed[row["name"].as_str().unwrap()];
        assert_eq!(
            (row["deploys"]["ref"].as_str(), row["deploys"]["commit"].as_str()),
            (Some(&**tag), Some(&**commit))
        );
    }
}

#[test]
fn a_version_that_looks_like_a_tag_is_asked_about() {
    let room = Room::new();
    let _app = tagged(&room, &["v1.0.0-rc.1"]);
    room.relman("foo-release", "next-rc v1.0.0").ok().says("vv1.0.0-rc.1\n").talks("did you mean 1.0.0?");
    room.relman("foo-release", "next-rc 1.0.0").ok().silent().says("v1.0.0-rc.2\n");
    room.relman("foo-release", "next-rc vega").ok().silent();
}
