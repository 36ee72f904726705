//! Two hundred CI jobs that tag one version at once, while the heads move: the remotes are the only lock.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::mpsc;

use serde_json::Value;

use crate::sandbox::{Repo, Room};

const RUNS: usize = 200;

const GROUP: usize = 25;

const COMPONENTS: [&str; 3] = ["foo-backend", "foo-frontend", "foo-worker"];

/// The clones that one job has, made once and copied for each.
fn clones(room: &Room, names: &[&str]) {
    for name in names {
        Repo::at(room, &format!("../remotes/{name}.git")).clone_as(&format!("jobs/model/{name}"), "");
    }
}

fn copy(from: &Path, to: &Path) {
    let copied = std::process::Command::new("cp").arg("-R").arg(from).arg(to).status().unwrap();
    assert!(copied.success(), "{} can't be copied", from.display());
}

#[test]
fn two_hundred_runs_take_no_number_twice_and_lose_none() {
    let room = Room::new();
    // Every change of a tag leaves a line in its reflog, so that one which was moved shows.
    let server = |name: &str| {
        let server = room.server(name);
        server.git("config core.logAllRefUpdates always");
        server
    };
    let components = COMPONENTS.map(server);
    for component in &components {
        component.commit("main", "one");
    }
    let app = server("foo-app");
    app.app_file("main", &COMPONENTS.map(|name| format!("name: {name}")).each_ref().map(String::as_str));
    server("foo-release").environment("qa", "1.0.0", "type: qa");
    clones(&room, &["foo-release", "foo-app", COMPONENTS[0], COMPONENTS[1], COMPONENTS[2]]);
    for index in 0..RUNS {
        copy(&room.path("work/jobs/model"), &room.path(format!("work/jobs/{index}")));
    }

    // Between groups that start, and while runs end, one component after the other moves on.
    let moves = Cell::new(0);
    let move_on = || {
        components[moves.get() % COMPONENTS.len()].commit("main", &format!("move {}", moves.get()));
        moves.set(moves.get() + 1);
    };
    let (done, ended) = mpsc::channel();
    for index in 0..RUNS {
        if index % GROUP == 0 {
            move_on();
        }
        let folder = format!("jobs/{index}/foo-release");
        let mut command = room.call(&folder).words("tag candidate 1.0.0 -y --format json").into_command();
        let done = done.clone();
        std::thread::spawn(move || done.send(command.output().unwrap()));
    }
    let mut claimed: BTreeMap<String, usize> = BTreeMap::new();
    let mut answered = BTreeSet::new();
    for index in 1..=RUNS {
        let answer = ended.recv().unwrap();
        if index % GROUP == 0 {
            move_on();
        }
        assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
        let document: Value = serde_json::from_slice(&answer.stdout).unwrap();
        let tag = document["tag"].as_str().unwrap().to_owned();
        let repositories = document["repositories"].as_array().unwrap();
        assert_eq!(repositories.len(), COMPONENTS.len() + 1);
        if repositories.last().unwrap()["state"] == "created" {
            *claimed.entry(tag.clone()).or_default() += 1;
        }
        answered.insert(tag);
    }

    let tags: BTreeSet<String> = app.git("tag").lines().map(str::to_owned).collect();
    assert_eq!(answered, tags, "what a run names is there, and what is there was named");
    assert_eq!(claimed, tags.iter().map(|tag| (tag.clone(), 1)).collect(), "each app tag is claimed by one run");
    for tag in &tags {
        let message = app.git(&format!("tag -l --format=%(contents) {tag}"));
        for (name, component) in COMPONENTS.iter().zip(&components) {
            let named = message.lines().find_map(|line| line.strip_prefix(&format!("Component: {name} "))).unwrap();
            assert_eq!(component.git(&format!("rev-parse refs/tags/{tag}^0")), named, "{tag} in {name}");
        }
    }
    for server in components.iter().chain([&app]) {
        for tag in server.git("tag").lines() {
            let changes = std::fs::read_to_string(server.path.join("logs/refs/tags").join(tag)).unwrap();
            assert_eq!(changes.lines().count(), 1, "{tag} was moved in {}", server.path.display());
        }
    }
    // Now that nobody races, the last candidate marks the heads, and the next run keeps it.
    let last = room.relman("jobs/model/foo-release", "tag candidate 1.0.0 -y --format json").ok().json();
    assert!(last["result"] == "unchanged" || last["result"] == "created", "{last}");
    for (component, one) in components.iter().zip(last["repositories"].as_array().unwrap()) {
        assert_eq!(component.git("rev-parse main"), one["commit"].as_str().unwrap());
    }
}
