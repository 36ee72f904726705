//! One release, from the status of an issue in Jira to prod and back to Jira, in the playground.

use std::path::Path;

use serde_json::{Value, json};

use super::fake::{Issue, Running, TOKEN};
use super::sandbox::{Repo, Room};

/// Edits the release file on an environment's branch as a person does, and pushes it.
fn configure(clone: &Repo<'_>, environment: &str, entry: &str, jira: &str) {
    let branch = format!("environment/{environment}");
    clone.git(&format!("checkout --quiet -B {branch} origin/{branch}"));
    let path = clone.path.join("release.yml");
    let name = format!("- name: {environment}\n");
    let text = std::fs::read_to_string(&path).unwrap().replace(&name, &format!("{name}{entry}"));
    std::fs::write(&path, format!("{}\n{jira}", text.trim_end())).unwrap();
    clone.git_args(["commit", "--quiet", "-am", "Tell Jira"]);
    clone.git(&format!("push --quiet origin {branch}"));
}

/// What Jira's webhook sends when an issue moves to "Ready for release".
fn ready(key: &str, history: &str, version: &str) -> Value {
    json!({
        "timestamp": 1_795_339_804_000_u64, "webhookEvent": "jira:issue_updated",
        "user": {"emailAddress": "robin@example.com", "displayName": "Robin Release"},
        "issue": {"id": "10200", "key": key, "fields": {
            "project": {"id": "10000", "key": "SHOP"}, "status": {"id": "10005", "name": "Ready for release"},
            "fixVersions": [{"name": version}], "summary": "Ship it"}},
        "changelog": {"id": history, "items": [{"field": "status", "from": "3", "fromString": "In Progress",
            "to": "10005", "toString": "Ready for release"}]},
    })
}

#[test]
fn a_release_begins_in_jira_goes_to_prod_and_jira_hears_back() {
    let (room, jira) = (Room::new(), Running::start(&[]));
    jira.memory().page = 50;
    for number in 1..60 {
        let issue = Issue { status: "In Progress", ..Issue::default() };
        jira.memory().issues.insert(format!("SHOP-{number}"), issue);
    }
    room.call("").words("demo shop").env("SOURCE_DATE_EPOCH", "1795339804").run().ok();
    let clone = Repo::at(&room, "shop/shop-release");
    let settings = format!(
        "jira:\n  url: {}\n  projects: [SHOP]\n  transitions: {{qa: In Test, prod: Done}}\n  fix_version: true\n  \
         release_version: true\n",
        jira.url()
    );
    configure(&clone, "qa", "  trigger: push\n  jira-trigger: {statuses: ['10005']}\n", &settings);
    configure(&clone, "prod", "", &settings);

    let program = Path::new(env!("CARGO_BIN_EXE_relman")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let relman = |line: &str| {
        let call = room.call("shop/shop-release").words(line).env("PATH", &path).env("NO_PROXY", "*");
        call.env("RELMAN_JIRA_URL", jira.url()).env("RELMAN_JIRA_TOKEN", TOKEN)
    };
    let server = Repo::at(&room, "shop/remotes/shop-release.git");
    let app = Repo::at(&room, "shop/remotes/shop-app.git");

    // An issue is ready: its version goes to qa, whose push deploys it, and the issues of the version hear of it.
    let body = room.write("ready.json", ready("SHOP-41", "501", "1.3.0").to_string());
    let begun = relman("trigger -y --format json").arg(&body).run().ok();
    assert_eq!(begun.json()["result"], "pushed", "{}", begun.out);
    assert!(begun.err.contains("remote | Deployed 1.3.0 to qa"), "{}", begun.err);
    assert!(!app.git("tag -l v1.3.0-rc.1").is_empty());
    let told: Vec<String> =
        jira.all().0.into_iter().filter(|(_, issue)| issue.status == "In Test").map(|(key, _)| key).collect();
    assert!(told.contains(&"SHOP-41".to_owned()) && told.contains(&"SHOP-42".to_owned()), "{told:?}");
    assert_eq!(jira.issue("SHOP-11").comments.len(), 0, "that was shipped long ago");
    let (before, records) = (jira.all(), server.git("rev-parse refs/notes/relman/deployments"));
    assert_eq!(
        before.1.iter().map(|version| (version.name.as_str(), version.released)).collect::<Vec<_>>(),
        [("1.3.0", false)]
    );

    // Jira sends it again, as it does when an answer was late.
    assert_eq!(relman("trigger -y --format json").arg(&body).run().ok().json()["result"], "nothing");
    assert_eq!((jira.all(), server.git("rev-parse refs/notes/relman/deployments")), (before, records));

    // What qa has approved goes to prod.
    let pushed = relman("promote qa prod --direct-push -y").run().ok();
    pushed.talks("remote | Deployed 1.3.0 to prod");
    assert_eq!(app.git("rev-parse v1.3.0^0"), app.git("rev-parse v1.3.0-rc.1^0"));
    for key in &told {
        let issue = jira.issue(key);
        assert_eq!((issue.status, issue.fix_versions), ("Done", vec!["1.3.0".to_owned()]), "{key}");
    }
    // The push has deployed before it was told, so that it was on its way is no news.
    let comments = jira.issue("SHOP-41").comments;
    assert_eq!(comments.len(), 2, "{comments:#?}");
    assert!(comments[0].contains("was deployed to qa.") && comments[1].contains("was deployed to prod."));
    assert!(jira.all().1[0].released);

    // The chain can be read back: the change request of Jira is in the record of prod.
    let note = server.git("log -1 --notes=relman/deployments --format=%N environment/prod");
    let record: Value = serde_json::from_str(note.lines().rfind(|line| !line.is_empty()).unwrap()).unwrap();
    assert_eq!((&record["outcome"], &record["version"]), (&json!("succeeded"), &json!("1.3.0")));
    assert_eq!(record["change_request"], "SHOP-41", "{record}");
    let synced = relman("jira sync -y --format json").run().ok().json();
    assert_eq!(synced["result"], "unchanged", "{synced}");
}
