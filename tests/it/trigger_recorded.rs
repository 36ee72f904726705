//! Bodies that real servers sent, held to what they mean for a release.
//!
//! They lie outside of the repository: `RELMAN_CONTRACT_DIR` names the folder above `recorded`.

use std::path::{Path, PathBuf};

use relman::domain::trigger::{Ask, Happening, Headers, Heard, Source, understand};

use crate::sandbox::skip;

fn folder(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("RELMAN_CONTRACT_DIR").map(|folder| PathBuf::from(folder).join("recorded"));
    if folder.is_none() {
        skip(test, "RELMAN_CONTRACT_DIR names no folder with recorded bodies");
    }
    folder
}

fn heard(file: &Path) -> Heard {
    let body = std::fs::read(file).unwrap();
    understand(&body, &Headers::default()).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn nothing(file: &Path) -> String {
    match heard(file) {
        Heard::Nothing(reason) => reason,
        Heard::Orders(orders) => panic!("{}: {orders:?}", file.display()),
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    assert!(!files.is_empty(), "{}", folder.display());
    files
}

const FORGES: [&str; 5] = ["bitbucket-server", "bitbucket-cloud", "github", "gitlab", "gitea"];

#[test]
fn no_recorded_body_of_a_forge_starts_a_release_and_each_says_why() {
    let Some(folder) = folder("no_recorded_body_of_a_forge_starts_a_release_and_each_says_why") else { return };
    // None of them pushes an environment branch.
    for forge in FORGES.iter().chain(&["azure"]) {
        for file in files(&folder.join(forge).join("webhooks")) {
            let reason = nothing(&file);
            let name = file.file_stem().unwrap().to_str().unwrap();
            let part = match (name, *forge) {
                (_, "azure") => "no mark",
                // These say that a branch was made or deleted, and not where it stands.
                ("branch_create" | "branch_delete" | "tag_create" | "tag_delete", "github" | "gitea") => "no mark",
                _ if name.contains("delete") && (name.starts_with("push") || *forge == "gitlab") => "was deleted",
                _ if name.starts_with("push_tag") || name.starts_with("tag_") => "is a tag",
                _ if name.starts_with("push") || name.starts_with("branch_") => "no environment branch",
                _ => "",
            };
            assert!(reason.contains(part), "{}: {reason}", file.display());
        }
    }
}

#[test]
fn a_recorded_push_of_an_environment_branch_means_its_deployment() {
    let Some(folder) = folder("a_recorded_push_of_an_environment_branch_means_its_deployment") else { return };
    for (forge, file, branch, commit, source) in [
        ("bitbucket-server", "push", "master", "823b2230a56056231c9425d63758fa87078a66b4", Source::BitbucketDatacenter),
        ("github", "push", "master", "199eddf46df50de8d02e99bf1c5fdb4101338224", Source::GitHub),
        ("gitea", "push", "master", "4522cbcefc20728a5b72b3a86af35e608622c514", Source::Gitea),
        ("gitlab", "push", "master", "2adc9465c4edfc33834e173fe89436a7cb899a1d", Source::GitLab),
        ("bitbucket-cloud", "push", "master", "", Source::BitbucketCloud),
    ] {
        let path = folder.join(forge).join("webhooks").join(format!("{file}.json"));
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.replace(&format!("refs/heads/{branch}\""), "refs/heads/environment/qa\"");
        // Bitbucket Cloud names the branch by its short name.
        let text = text.replace(&format!("\"name\": \"{branch}\""), "\"name\": \"environment/qa\"");
        let Ok(Heard::Orders(orders)) = understand(text.as_bytes(), &Headers::default()) else { panic!("{forge}") };
        let [order] = orders.as_slice() else { panic!("{forge}: {orders:?}") };
        let Ask::Push { environment, commit: found } = &order.ask else { panic!("{forge}: {order:?}") };
        assert_eq!((order.source, environment.as_str()), (source, "qa"));
        assert!(found.to_string().starts_with(commit), "{forge}: {found}");
        assert!(order.actor.is_some(), "{forge}");
    }
}

#[test]
fn recorded_bodies_of_jira_are_events_or_nothing() {
    let Some(folder) = folder("recorded_bodies_of_jira_are_events_or_nothing") else { return };
    let jira = folder.join("jira");
    let event = |file: PathBuf| match heard(&file) {
        Heard::Orders(mut orders) => match (orders.remove(0), orders.len()) {
            (order, 0) => order,
            (order, _) => panic!("{order:?} and more"),
        },
        Heard::Nothing(reason) => panic!("{}: {reason}", file.display()),
    };
    let released = event(jira.join("webhooks/version-released.cloud.json"));
    let Ask::Event(found) = &released.ask else { panic!("{released:?}") };
    assert_eq!((&found.happening, found.versions.as_slice()), (&Happening::VersionReleased, &["1.0".to_owned()][..]));
    assert_eq!(found.project_id.as_deref(), Some("10002"));
    for (name, id, status, history) in [
        ("webhook-issue-updated-resolved.json", "10002", "Done", "TES-41/10228"),
        ("webhook-server-issue-updated-in-progress.json", "3", "In Progress", "TES-4/10508"),
    ] {
        let order = event(jira.join(name));
        let Ask::Event(found) = &order.ask else { panic!("{order:?}") };
        assert_eq!(found.happening, Happening::Status { id: Some(id.into()), name: Some(status.into()) });
        assert_eq!((order.id.as_str(), found.project_key.as_deref()), (history, Some("TES")));
        assert_eq!(order.actor.as_deref(), Some("Test User"));
    }
    for file in files(&jira) {
        let name = file.file_name().unwrap().to_str().unwrap();
        if !name.contains("resolved") && !name.contains("in-progress") {
            assert!(!nothing(&file).is_empty());
        }
    }
}
