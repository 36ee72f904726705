//! What `jira:` says in a release file.

use super::key::ProjectKey;
use super::telling::Event;
use crate::domain::file::{FileError, Reader, present, quote};
use crate::domain::name::EnvironmentName;
use crate::domain::yaml::Node;

/// The keys of `jira:`.
const KEYS: [&str; 6] = ["url", "projects", "comment", "transitions", "fix_version", "release_version"];

/// Where the version stands in the name of a version of Jira.
const PLACEHOLDER: &str = "{version}";

/// What an environment wants told to Jira.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JiraSettings {
    /// Where Jira is, as it is written.
    pub url: Option<String>,
    /// The projects whose issues are told; none means those of every key that is found.
    pub projects: Vec<ProjectKey>,
    /// Projects that are named by their numbers, as some events of Jira name them.
    pub project_ids: Vec<u64>,
    /// What issues are commented on for.
    pub comments: Vec<Event>,
    /// The statuses that issues are moved to.
    pub transitions: Vec<Transition>,
    /// The name of the version that issues are given, where they are given one.
    pub fix_version: Option<VersionName>,
    /// Whether the version counts as released once it is deployed to an environment that makes final tags.
    pub release_version: bool,
}

/// A status that the issues of an environment are moved to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The environment.
    pub environment: EnvironmentName,
    /// What moves them.
    pub event: Event,
    /// The status, by its name or id.
    pub status: String,
}

/// The name of a version in Jira, with a place for the version of the release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionName(String);

impl VersionName {
    /// The name for a version of the release.
    pub fn of(&self, version: &str) -> String {
        self.0.replace(PLACEHOLDER, version)
    }
}

impl Default for VersionName {
    fn default() -> Self {
        VersionName(PLACEHOLDER.to_owned())
    }
}

impl JiraSettings {
    /// Reads `jira:` of a release file, where it holds something.
    pub(in crate::domain) fn read(reader: &mut Reader<'_>, root: &Node) -> Result<Option<Self>, FileError> {
        let Some(node) = present(root, "jira") else { return Ok(None) };
        reader.unknown_keys(reader.map(node, "jira")?, &KEYS, "in `jira`");
        let (projects, project_ids) = read_projects(reader, node)?;
        Ok(Some(JiraSettings {
            url: read_url(reader, node)?,
            projects,
            project_ids,
            comments: read_comments(reader, node)?,
            transitions: read_transitions(reader, node)?,
            fix_version: read_fix_version(reader, node)?,
            release_version: read_bool(reader, node, "release_version")?.unwrap_or_default(),
        }))
    }

    /// The status that the issues of an environment are moved to by an event.
    pub fn status(&self, environment: &EnvironmentName, event: Event) -> Option<&str> {
        self.transitions
            .iter()
            .find(|transition| transition.environment == *environment && transition.event == event)
            .map(|transition| transition.status.as_str())
    }
}

fn read_url(reader: &Reader<'_>, jira: &Node) -> Result<Option<String>, FileError> {
    let Some(url) = reader.url(jira, "url")? else { return Ok(None) };
    let host = url.split_once("://").filter(|(scheme, _)| matches!(*scheme, "https" | "http")).map(|(_, rest)| rest);
    let why = match host.map(|rest| rest.split('/').next().unwrap_or_default()) {
        None | Some("") => "it must begin with https://",
        Some(host) if host.contains('@') => "it holds a user or a password",
        Some(_) => return Ok(Some(url)),
    };
    let node = present(jira, "url").unwrap_or(jira);
    // It is not repeated, since it may hold a password.
    Err(reader
        .error(node, "invalid-url", format!("`url` can't be used: {why}"))
        .hint("write for example `url: https://jira.example.com`"))
}

fn read_projects(reader: &Reader<'_>, jira: &Node) -> Result<(Vec<ProjectKey>, Vec<u64>), FileError> {
    let (mut keys, mut ids) = (Vec::new(), Vec::new());
    let Some(node) = present(jira, "projects") else { return Ok((keys, ids)) };
    for node in node.as_list().unwrap_or(std::slice::from_ref(node)) {
        let text = reader.text(node, "projects")?;
        match (ProjectKey::parse(&text.to_ascii_uppercase()), text.parse()) {
            (Some(key), _) if !keys.contains(&key) => keys.push(key),
            (Some(_), _) => {}
            (None, Ok(id)) => ids.push(id),
            (None, Err(_)) => {
                return Err(reader
                    .error(node, "invalid-value", format!("`projects` holds {}", quote(text)))
                    .expected("the key of a project, such as SHOP, or its number"));
            }
        }
    }
    Ok((keys, ids))
}

fn read_comments(reader: &Reader<'_>, jira: &Node) -> Result<Vec<Event>, FileError> {
    // Whoever reads an issue can't do anything about a deployment that failed, so that must be asked for.
    let usual = vec![Event::Promoted, Event::Deployed];
    let Some(node) = present(jira, "comment") else { return Ok(usual) };
    if let Some(wanted) = node.as_bool() {
        return Ok(if wanted { usual } else { Vec::new() });
    }
    let mut events = Vec::new();
    for node in node.as_list().unwrap_or(std::slice::from_ref(node)) {
        let text = reader.text(node, "comment")?;
        events.push(Event::parse(text).ok_or_else(|| {
            reader
                .error(node, "invalid-value", format!("`comment` is {}", quote(text)))
                .expected(format!("true, false, or a list of {}", Event::WORDS.join(", ")))
        })?);
    }
    Ok(events)
}

fn read_transitions(reader: &mut Reader<'_>, jira: &Node) -> Result<Vec<Transition>, FileError> {
    let Some(node) = present(jira, "transitions") else { return Ok(Vec::new()) };
    let mut transitions = Vec::new();
    for (key, node) in reader.map(node, "transitions")? {
        let environment = EnvironmentName::parse(&key.text).map_err(|error| {
            reader
                .error_at_key(key, "invalid-value", format!("`transitions` has the key {}", quote(&key.text)))
                .expected("the name of an environment")
                .hint(error.to_string())
        })?;
        let mut add = |event, status: Option<&str>| {
            let environment = environment.clone();
            transitions.extend(status.map(|status| Transition { environment, event, status: status.to_owned() }));
        };
        match node.as_map() {
            None if node.is_null() => {}
            None => add(Event::Deployed, Some(reader.text(node, &key.text)?)),
            Some(entries) => {
                reader.unknown_keys(entries, &["promoted", "deployed"], "in an entry of `transitions`");
                for event in [Event::Promoted, Event::Deployed] {
                    add(event, reader.optional(node, event.as_str())?);
                }
            }
        }
    }
    Ok(transitions)
}

fn read_fix_version(reader: &Reader<'_>, jira: &Node) -> Result<Option<VersionName>, FileError> {
    let Some(node) = present(jira, "fix_version") else { return Ok(None) };
    if let Some(wanted) = node.as_bool() {
        return Ok(wanted.then(VersionName::default));
    }
    let text = reader.text(node, "fix_version")?;
    if !text.contains(PLACEHOLDER) || text.chars().any(char::is_control) {
        return Err(reader
            .error(node, "invalid-value", format!("`fix_version` is {}", quote(text)))
            .expected("true, false, or a name with {version} in it")
            .hint("write for example `fix_version: \"shop {version}\"`"));
    }
    Ok(Some(VersionName(text.to_owned())))
}

fn read_bool(reader: &Reader<'_>, map: &Node, key: &str) -> Result<Option<bool>, FileError> {
    let Some(node) = present(map, key) else { return Ok(None) };
    node.as_bool().map(Some).ok_or_else(|| {
        let message = format!("`{key}` is {}", quote(node.as_str().unwrap_or(node.describe())));
        reader.error(node, "invalid-value", message).expected("true or false")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(Option<JiraSettings>, usize), FileError> {
        let mut reader = Reader::new("release.yml");
        let root = reader.document(text.as_bytes())?.root;
        let settings = JiraSettings::read(&mut reader, &root)?;
        Ok((settings, reader.warnings.len()))
    }

    fn env(name: &str) -> EnvironmentName {
        EnvironmentName::parse(name).expect("a name")
    }

    #[test]
    fn all_keys() {
        let text = "a: b\njira:\n  url: https://jira.example.com/jira\n  projects: [SHOP, OPS, shop, 10002]\n  comment: [failed]\n  \
                    transitions:\n    qa: In Test\n    prod: {promoted: '10001', deployed: Done}\n    dev:\n  \
                    fix_version: \"shop {version}\"\n  release_version: true\n";
        let (settings, warnings) = read(text).expect("settings");
        let settings = settings.expect("settings");
        assert_eq!(warnings, 0);
        assert_eq!(settings.url.as_deref(), Some("https://jira.example.com/jira"));
        assert_eq!(settings.project_ids, [10002]);
        assert_eq!(settings.projects.iter().map(ProjectKey::as_str).collect::<Vec<_>>(), ["SHOP", "OPS"]);
        assert_eq!(settings.comments, [Event::Failed]);
        assert_eq!(settings.status(&env("qa"), Event::Deployed), Some("In Test"));
        assert_eq!(settings.status(&env("qa"), Event::Promoted), None);
        assert_eq!(settings.status(&env("prod"), Event::Promoted), Some("10001"));
        assert_eq!(settings.status(&env("dev"), Event::Deployed), None);
        assert_eq!(settings.fix_version.expect("a name").of("1.2.0"), "shop 1.2.0");
        assert!(settings.release_version);
    }

    #[test]
    fn little_is_enough() {
        for text in ["a: b\n", "jira:\n", "jira: ~\n"] {
            assert_eq!(read(text).expect(text).0, None);
        }
        let settings = read("jira: {projects: SHOP}\n").expect("settings").0.expect("settings");
        assert_eq!((settings.url, settings.comments), (None, vec![Event::Promoted, Event::Deployed]));
        assert_eq!((settings.fix_version, settings.release_version), (None, false));
        let quiet = read("jira: {comment: false, fix_version: true}\n").expect("settings").0.expect("settings");
        assert!(quiet.comments.is_empty());
        assert_eq!(quiet.fix_version.expect("a name").of("1.2.0"), "1.2.0");
    }

    #[test]
    fn what_can_not_be_meant_is_refused_with_its_place() {
        for (text, place, part) in [
            ("jira: yes please\n", "1:7", "a map"),
            ("jira: {url: 'ext::sh -c x'}\n", "1:13", "helper"),
            ("jira: {url: jira.example.com}\n", "1:13", "https://"),
            ("jira: {url: 'https://me:hunter2@jira.example.com'}\n", "1:13", "a password"),
            ("jira: {projects: [sh-op]}\n", "1:19", "key of a project"),
            ("jira: {comment: sometimes}\n", "1:17", "promoted, deployed, failed"),
            ("jira: {transitions: [Done]}\n", "1:21", "a map"),
            ("jira: {transitions: {../x: Done}}\n", "1:22", "name of an environment"),
            ("jira: {transitions: {qa: {deployed: [a]}}}\n", "1:37", "a text"),
            ("jira: {fix_version: latest}\n", "1:21", "{version}"),
            ("jira: {release_version: maybe}\n", "1:25", "true or false"),
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(error.starts_with(&format!("release.yml:{place}: ")) && error.contains(part), "{text}{error}");
            assert!(!error.contains("hunter2"));
        }
        assert_eq!(read("jira: {project: SHOP, transitions: {qa: {depoyed: x}}}\n").expect("settings").1, 2);
    }
}
