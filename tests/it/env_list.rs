//! `relman env list`: the environments and where promotions come from.

use crate::sandbox::{Room, assert_whole};

#[test]
fn the_graph() {
    let room = Room::new();
    let release = room.repo("foo-release");
    let all = "application: foo-app\nversion: 1.0\nenvironments:\n- name: dev\n  type: dev\n- name: qa-eu\n  type: qa\n\
               - name: qa-cn\n  type: qa\n- name: prod-eu\n  type: prod\n  from: [qa-eu]\n- name: prod-cn\n  type: prod\n\
               \x20 from: [qa-cn, qa-eu]\n- name: planned\n  type: staging\n";
    for name in ["prod-eu", "qa-eu", "prod-cn", "dev", "qa-cn"] {
        release.release_file(name, "Set", all);
    }
    release.environment("odd", "1.0", "type: canary");
    assert_whole!("env_list_text", room.relman("foo-release", "env list").ok().silent());
    let shown = room.relman("foo-release", "env list --format json").ok().json();
    assert_eq!(shown["schema"], "relman.env/1");
    let find =
        |name: &str| shown["environments"].as_array().unwrap().iter().find(|e| e["name"] == name).unwrap().clone();
    assert_eq!(
        find("prod-cn"),
        serde_json::json!({"name": "prod-cn", "type": "prod", "tagging": "final", "from": ["qa-cn", "qa-eu"],
            "branch": "environment/prod-cn", "present": true})
    );
    assert_eq!((&find("planned")["present"], &find("odd")["tagging"]), (&false.into(), &serde_json::Value::Null));
    assert_eq!(find("qa-eu")["from"], serde_json::json!(["dev"]), "the nearest earlier entry of another type");
}

#[test]
fn none_yet() {
    let room = Room::new();
    room.repo("foo-release").commit("main", "one");
    room.relman("foo-release", "-C . env list").ok().shows("relman env add");
    let shown = room.relman("foo-release", "-C . env list --format json").ok().json();
    assert_eq!(shown["environments"], serde_json::json!([]));
}
