//! Which environment a trigger means: the one that it names, or the one whose entry waits for such an event.

use super::{Event, Happening};
use crate::domain::environment::JiraTrigger;
use crate::domain::error::{Exit, Explain};
use crate::domain::jira::JiraSettings;
use crate::domain::landscape::{EnvironmentBranch, Landscape, Unusable};
use crate::domain::name::EnvironmentName;
use crate::domain::version::{Declared, InvalidDeclaration};

/// Why it can't be told which environment is meant, or what is to come to it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unclear {
    /// No environment is called so.
    #[error("there is no environment {word}")]
    Unknown {
        /// The word in the body.
        word: String,
        /// The names that exist.
        known: Vec<String>,
    },
    /// Several could be meant.
    #[error("{word} could be {}", .among.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" or "))]
    Several {
        /// The word in the body.
        word: String,
        /// The environments.
        among: Vec<EnvironmentName>,
    },
    /// The entries of several environments wait for the same event.
    #[error("the entries of {} wait for this event, and one environment only can be meant", .0.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" and "))]
    SeveralWait(Vec<EnvironmentName>),
    /// A branch can't be read, so nobody knows what its entry says.
    #[error("it can't be told which environment is meant: {}", .0)]
    Unreadable(String),
    /// An issue has no version.
    #[error("the issue has no fix version, so it is not known which version is to come to {0}")]
    NoVersion(EnvironmentName),
    /// An issue has several versions.
    #[error("the issue has several fix versions, and one only can come to {environment}: {}", .versions.join(", "))]
    SeveralVersions {
        /// The environment.
        environment: EnvironmentName,
        /// The versions.
        versions: Vec<String>,
    },
    /// The version is none.
    #[error(transparent)]
    Version(#[from] InvalidDeclaration),
}

impl Explain for Unclear {
    fn code(&self) -> &'static str {
        match self {
            Unclear::Unknown { .. } => "no-environment",
            Unclear::Several { .. } | Unclear::SeveralWait(_) => "environment-unclear",
            Unclear::Unreadable(_) => "environment-unknown",
            Unclear::NoVersion(_) | Unclear::SeveralVersions { .. } => "version-unclear",
            Unclear::Version(error) => error.code(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Unclear::Unknown { .. } => Exit::NotFound,
            _ => Exit::Usage,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Unclear::Unknown { known, .. } => vec![format!("the environments are {}", known.join(", "))],
            Unclear::Several { .. } => vec!["send the environment's full name".into()],
            Unclear::SeveralWait(_) => vec!["leave `jira-trigger` in one of the entries".into()],
            Unclear::Unreadable(_) => vec!["relman check says what is wrong with it".into()],
            Unclear::NoVersion(_) => vec!["set the fix version in Jira, and move the issue again".into()],
            Unclear::SeveralVersions { .. } => {
                vec!["keep one fix version at the issue that stands for the release".into()]
            }
            Unclear::Version(error) => error.hints(),
        }
    }
}

/// The environment that a word names: exactly so, else in any case, else as the only one of a type.
pub fn named(landscape: &Landscape, word: &EnvironmentName) -> Result<EnvironmentName, Unclear> {
    let word = word.as_str();
    let names = || landscape.in_order().filter_map(|branch| branch.name.as_ref());
    if let Some(exact) = names().find(|name| name.as_str() == word) {
        return Ok(exact.clone());
    }
    let same: Vec<_> = names().filter(|name| name.as_str().eq_ignore_ascii_case(word)).cloned().collect();
    if !same.is_empty() {
        return one(word, same);
    }
    let kind = match word.to_ascii_lowercase().as_str() {
        "d" | "dev" => "dev",
        "q" | "qa" => "qa",
        "p" | "prod" => "prod",
        _ => {
            let known = names().map(ToString::to_string).collect();
            return Err(Unclear::Unknown { word: word.to_owned(), known });
        }
    };
    let mut typed = Vec::new();
    for (name, branch) in readable(landscape)? {
        let own = branch.entry().and_then(|entry| entry.kind.as_ref());
        if own.is_some_and(|own| own.as_str() == kind) {
            typed.push(name.clone());
        }
    }
    one(word, typed).map_err(|unclear| match unclear {
        Unclear::Unknown { word, .. } => Unclear::Unknown { word, known: names().map(ToString::to_string).collect() },
        unclear => unclear,
    })
}

fn one(word: &str, mut among: Vec<EnvironmentName>) -> Result<EnvironmentName, Unclear> {
    match (among.pop(), among.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(last), false) => {
            among.push(last);
            Err(Unclear::Several { word: word.to_owned(), among })
        }
        (None, _) => Err(Unclear::Unknown { word: word.to_owned(), known: Vec::new() }),
    }
}

/// The environments with their branches. One that can't be read may be the one that is meant, so it is an error.
fn readable(landscape: &Landscape) -> Result<Vec<(&EnvironmentName, &EnvironmentBranch)>, Unclear> {
    let mut found = Vec::new();
    for branch in landscape.in_order() {
        let Some(name) = &branch.name else { continue };
        match &branch.file {
            Err(unusable) => return Err(Unclear::Unreadable(unusable_message(unusable, branch))),
            Ok(_) => found.push((name, branch)),
        }
    }
    Ok(found)
}

fn unusable_message(unusable: &Unusable, branch: &EnvironmentBranch) -> String {
    unusable.problem(&branch.branch()).message
}

/// What an event of Jira comes to: a version for the environment whose entry waits for it, or nothing, and why.
pub fn awaited(landscape: &Landscape, event: &Event) -> Result<Result<(EnvironmentName, Declared), String>, Unclear> {
    let mut waiting = Vec::new();
    let mut elsewhere = None;
    for (name, branch) in readable(landscape)? {
        let rule = branch.entry().and_then(|entry| entry.jira_trigger.as_ref());
        if !rule.is_some_and(|rule| waits(rule, &event.happening)) {
            continue;
        }
        let jira = branch.file.as_ref().ok().and_then(|file| file.jira.as_ref());
        match other_project(jira, event.project_key.as_ref(), event.project_id.as_ref()) {
            None => waiting.push(name.clone()),
            Some(why) => elsewhere = Some(why),
        }
    }
    let Some(name) = waiting.pop() else {
        let what = match &event.happening {
            Happening::VersionReleased => "a version that is released".to_owned(),
            Happening::Status { id, name } => {
                let name = name.as_deref().or(id.as_deref()).unwrap_or_default();
                format!("the status {name}")
            }
        };
        let none = || format!("no environment's `jira-trigger` waits for {what}");
        return Ok(Err(elsewhere.unwrap_or_else(none)));
    };
    if !waiting.is_empty() {
        waiting.push(name);
        return Err(Unclear::SeveralWait(waiting));
    }
    match event.versions.as_slice() {
        [] => Err(Unclear::NoVersion(name)),
        [version] => Ok(Ok((name, Declared::parse(version)?))),
        versions => Err(Unclear::SeveralVersions { environment: name, versions: versions.to_vec() }),
    }
}

fn waits(rule: &JiraTrigger, happening: &Happening) -> bool {
    match happening {
        Happening::VersionReleased => rule.version_released,
        Happening::Status { id, name } => {
            let same_name =
                |status: &String| name.as_ref().is_some_and(|name| name.to_lowercase() == status.to_lowercase());
            rule.statuses.iter().any(|status| id.as_ref() == Some(status) || same_name(status))
        }
    }
}

/// Why an order that names its environment comes from a project that this environment does not listen to.
pub fn unheard(branch: &EnvironmentBranch, project: Option<&String>) -> Option<String> {
    let project = project?;
    let jira = branch.file.as_ref().ok()?.jira.as_ref();
    other_project(jira, Some(project), Some(project))
}

/// Why an event belongs to another project than those that `jira.projects` lists, by key or by id.
fn other_project(jira: Option<&JiraSettings>, key: Option<&String>, id: Option<&String>) -> Option<String> {
    let JiraSettings { projects, project_ids, .. } = jira?;
    let has_key = |key: &String| projects.iter().any(|project| project.as_str() == key);
    let has_id = |id: &String| id.parse().is_ok_and(|id| project_ids.contains(&id));
    let is_listed = key.is_some_and(has_key) || id.is_some_and(has_id);
    if is_listed || (projects.is_empty() && project_ids.is_empty()) {
        return None;
    }
    Some(match (key, id) {
        (Some(key), _) => format!("the event is of the project {key}, which `jira.projects` does not list"),
        (None, Some(id)) => {
            format!("the event names its project by the id {id} only, which `jira.projects` does not list")
        }
        (None, None) => "the event names no project, and `jira.projects` lists some".into(),
    })
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::domain::landscape::LocalBranch;
    use crate::domain::name::CommitId;
    use crate::domain::release_file::ReleaseFile;

    fn branch(name: &str, entry: &str) -> EnvironmentBranch {
        let text = format!("application: shop\nversion: 1.0.0\n{entry}");
        branch_of(name, ReleaseFile::parse("release.yml", text.as_bytes()).map(Rc::new).map_err(Unusable::Invalid))
    }

    fn branch_of(name: &str, file: Result<Rc<ReleaseFile>, Unusable>) -> EnvironmentBranch {
        EnvironmentBranch {
            text: name.into(),
            name: EnvironmentName::parse(name).ok(),
            commit: CommitId::new(gix::ObjectId::null(gix::hash::Kind::Sha1)),
            changed_at: 0,
            changed_by: String::new(),
            named_candidate: None,
            file,
            path: "release.yml",
            symbolic: None,
            local: LocalBranch::Same,
            local_only: false,
            deployment: None,
        }
    }

    fn entry(name: &str, more: &str) -> EnvironmentBranch {
        branch(name, &format!("environments:\n- {{name: {name}, {more}}}\n"))
    }

    fn landscape() -> Landscape {
        Landscape::new(vec![
            entry("dev", "type: dev"),
            entry("Test", "type: qa, jira-trigger: {statuses: [\"10002\", Ready for QA]}"),
            entry("prod-eu", "type: prod"),
            entry("prod-cn", "type: prod, jira-trigger: {version_released: true}"),
        ])
    }

    fn name(text: &str) -> EnvironmentName {
        EnvironmentName::parse(text).expect("a name")
    }

    fn found(word: &str) -> Result<String, Unclear> {
        named(&landscape(), &name(word)).map(|name| name.to_string())
    }

    #[test]
    fn an_environment_is_its_name_then_in_any_case_then_the_only_one_of_its_type() {
        for (word, want) in
            [("Test", "Test"), ("TEST", "Test"), ("q", "Test"), ("QA", "Test"), ("D", "dev"), ("Dev", "dev")]
        {
            assert_eq!(found(word).as_deref(), Ok(want), "{word}");
        }
        for word in ["P", "prod"] {
            let Err(error @ Unclear::Several { .. }) = found(word) else { panic!("{word}") };
            assert_eq!((error.exit(), error.to_string().contains("prod-cn")), (Exit::Usage, true), "{error}");
        }
        let error = found("staging").expect_err("unknown");
        assert_eq!(error.exit(), Exit::NotFound);
        assert!(error.hints()[0].contains("prod-eu"));
        let two = Landscape::new(vec![entry("qa1", "type: qa"), entry("QA1", "type: qa")]);
        assert!(matches!(named(&two, &name("Qa1")), Err(Unclear::Several { .. })));
        let none = Landscape::new(vec![entry("dev", "type: dev")]);
        assert!(matches!(named(&none, &name("P")), Err(Unclear::Unknown { known, .. }) if known == ["dev"]));
    }

    #[test]
    fn a_branch_that_cannot_be_read_is_not_passed_over() {
        let broken = Landscape::new(vec![entry("qa", "type: qa"), branch_of("prod", Err(Unusable::Missing))]);
        assert_eq!(named(&broken, &name("qa")), Ok(name("qa")), "its name is enough");
        assert!(matches!(named(&broken, &name("Q")), Err(Unclear::Unreadable(_))));
        assert!(matches!(awaited(&broken, &status("1", "x", &["1.0"])), Err(Unclear::Unreadable(_))));
    }

    fn status(id: &str, name: &str, versions: &[&str]) -> Event {
        Event {
            happening: Happening::Status { id: Some(id.into()), name: Some(name.into()) },
            versions: versions.iter().map(|version| (*version).to_owned()).collect(),
            project_id: Some("10000".into()),
            project_key: Some("OPS".into()),
        }
    }

    fn released() -> Event {
        Event { happening: Happening::VersionReleased, project_key: None, ..status("", "", &["1.2.0"]) }
    }

    #[test]
    fn an_event_reaches_the_one_environment_that_waits_for_it() {
        let version = Declared::parse("1.2.0").expect("a version");
        for event in [status("10002", "Fertig", &["1.2.0"]), status("7", "ready for qa", &["1.2.0"])] {
            assert_eq!(awaited(&landscape(), &event), Ok(Ok((name("Test"), version.clone()))));
        }
        assert_eq!(awaited(&landscape(), &released()), Ok(Ok((name("prod-cn"), version))));
        let nothing = awaited(&landscape(), &status("3", "In Progress", &[])).expect("clear").expect_err("nothing");
        assert!(nothing.contains("In Progress"), "{nothing}");
        let mut both = landscape();
        both.branches[2] = entry("prod-eu", "type: prod, jira-trigger: {version_released: true}");
        assert!(matches!(awaited(&both, &released()), Err(Unclear::SeveralWait(names)) if names.len() == 2));
    }

    #[test]
    fn one_version_is_needed_and_only_where_somebody_waits() {
        assert!(matches!(awaited(&landscape(), &status("10002", "x", &[])), Err(Unclear::NoVersion(_))));
        let two = awaited(&landscape(), &status("10002", "x", &["1.0", "1.1"]));
        assert!(matches!(&two, Err(Unclear::SeveralVersions { .. })), "{two:?}");
        let bad = awaited(&landscape(), &status("10002", "x", &["Release 1.0"]));
        assert!(matches!(&bad, Err(Unclear::Version(_))), "{bad:?}");
        assert!(awaited(&landscape(), &status("3", "x", &["1.0", "1.1"])).expect("clear").is_err());
    }

    #[test]
    fn projects_that_are_listed_keep_others_away() {
        let with = |projects: &str| {
            let text = format!(
                "jira: {{projects: {projects}}}\nenvironments:\n- {{name: qa, type: qa, jira-trigger: {{version_released: true, statuses: [\"5\"]}}}}\n"
            );
            Landscape::new(vec![branch("qa", &text)])
        };
        for (projects, by_status, by_version) in [
            ("[OPS]", true, false),
            ("[OPS, '10000']", true, true),
            ("OPS", true, false),
            ("[]", true, true),
            ("[SHOP]", false, false),
        ] {
            let reached = |event| awaited(&with(projects), &event).expect("clear").is_ok();
            assert_eq!(reached(status("5", "x", &["1.0"])), by_status, "{projects}");
            assert_eq!(reached(released()), by_version, "{projects}");
            let heard = |project: &str| unheard(&with(projects).branches[0], Some(&project.to_owned())).is_none();
            assert_eq!((heard("OPS"), heard("10000")), (by_status, by_version), "{projects}");
            assert_eq!(unheard(&with(projects).branches[0], None), None, "{projects}");
        }
    }
}
