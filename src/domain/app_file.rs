//! The app file: which repositories a release consists of, and how it is deployed.

mod definition;
mod engine;
mod pipeline;

use std::collections::HashMap;
use std::time::Duration;

pub use super::file::FileError;
use super::file::{Reader, present};
use super::name::{BranchName, RepositoryName, TagName};
use super::problem::Problem;
use super::yaml::Node;
pub use definition::MAX_DEFINITION;
pub use engine::{Engine, Site};
pub use pipeline::{Bitbucket, Github, Gitlab, Jenkins, Pipeline, Shell, Source, Step, Tekton, kubernetes_name};

/// What an `app.yml` says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AppFile {
    /// The component repositories, in the order of the file; none means a monorepo.
    pub repositories: Vec<Component>,
    /// How a release is deployed, where the file says it.
    pub pipeline: Option<Pipeline>,
    /// What should be looked at, though it stops nothing.
    pub warnings: Vec<Problem>,
}

/// A component repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Its name, which is also its folder.
    pub name: RepositoryName,
    /// The branch that it is developed on; `None` means its default branch.
    pub branch: Option<BranchName>,
    /// The tag that it is pinned to.
    pub tag: Option<TagName>,
    /// Where it is cloned from, if not from next to the app repo.
    pub url: Option<String>,
    /// The line that the entry begins on, counted from 1.
    pub line: usize,
}

impl Component {
    /// One of which no list says more than its name.
    pub fn named(name: RepositoryName) -> Self {
        Component { name, branch: None, tag: None, url: None, line: 0 }
    }

    /// Whether it stays at one tag, and takes no part in numbering, tagging and branching.
    pub fn is_pinned(&self) -> bool {
        self.tag.is_some()
    }
}

impl AppFile {
    /// Reads the bytes of an `app.yml`; `path` is what messages call it.
    pub fn parse(path: &str, bytes: &[u8]) -> Result<AppFile, FileError> {
        let mut reader = Reader::new(path);
        let root = reader.document(bytes)?.root;
        if root.is_null() {
            return Ok(AppFile::default());
        }
        let keys = ["repositories", "pipeline"];
        reader.unknown_keys(reader.map(&root, "the file")?, &keys, "at the top of an app file");
        // Without its components a release would be another one, and numbers be given twice.
        for key in keys.into_iter().filter(|key| root.get(key).is_none()) {
            if let Some(error) = reader.misspelt(&root, key, &format!("there is no `{key}`")) {
                return Err(error);
            }
        }
        Ok(AppFile {
            repositories: read_repositories(&mut reader, &root, true)?,
            pipeline: pipeline::read(&mut reader, &root)?,
            warnings: reader.warnings,
        })
    }

    /// Reads the list of repositories of an `ods.yml`, and nothing else of it.
    pub fn parse_ods(path: &str, bytes: &[u8]) -> Result<AppFile, FileError> {
        let mut reader = Reader::new(path);
        let root = reader.document(bytes)?.root;
        if root.is_null() {
            return Ok(AppFile::default());
        }
        reader.map(&root, "the file")?;
        let repositories = read_repositories(&mut reader, &root, false)?;
        Ok(AppFile { repositories, pipeline: None, warnings: reader.warnings })
    }
}

fn read_repositories(reader: &mut Reader<'_>, root: &Node, strict: bool) -> Result<Vec<Component>, FileError> {
    let mut components = Vec::new();
    let mut lines: HashMap<RepositoryName, usize> = HashMap::new();
    for node in reader.list(root.get("repositories"), "repositories")? {
        let component = read_component(reader, node, strict)?;
        if let Some(first) = lines.insert(component.name.clone(), component.line) {
            let message = format!("the repository `{}` is here and on line {first}", component.name);
            return Err(reader
                .error(node.get("name").unwrap_or(node), "duplicate-name", message)
                .expected("each name once")
                .hint("delete one of the two"));
        }
        components.push(component);
    }
    Ok(components)
}

fn read_component(reader: &mut Reader<'_>, node: &Node, strict: bool) -> Result<Component, FileError> {
    let entries = reader.map(node, "an entry of `repositories`")?;
    if strict {
        reader.unknown_keys(entries, &["name", "branch", "tag", "url"], "in an entry of `repositories`");
    }
    let Some(name) = reader.parsed(node, "name", RepositoryName::parse)? else {
        let missing = reader
            .error(node, "missing-key", "this repository has no `name`")
            .expected("a name")
            .hint("add a line such as `name: foo-backend`");
        return Err(reader.or_misspelt(node, "name", missing));
    };
    let branch = reader.parsed(node, "branch", BranchName::parse)?;
    let tag = reader.parsed(node, "tag", TagName::parse)?;
    if branch.is_some()
        && let Some(tag) = present(node, "tag")
    {
        return Err(reader
            .error(tag, "invalid-value", format!("`{name}` has a `branch` and a `tag`"))
            .expected("one of them")
            .hint("`tag` pins the repository; `branch` lets it take part in releases"));
    }
    Ok(Component { name, branch, tag, url: reader.url(node, "url")?, line: node.line })
}

/// Reads a time span such as `90s`, `30m`, `1h30m` or `2d`; zero is none.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds: u64 = 0;
    let mut largest = u64::MAX;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).filter(|digits| *digits > 0)?;
        let unit = match rest.as_bytes()[digits] {
            b'd' => 86_400,
            b'h' => 3_600,
            b'm' => 60,
            b's' => 1,
            _ => return None,
        };
        // `30m1h` and `5m5m` are more likely mistakes than times.
        if unit >= largest {
            return None;
        }
        largest = unit;
        seconds = seconds.checked_add(rest[..digits].parse::<u64>().ok()?.checked_mul(unit)?)?;
        rest = &rest[digits + 1..];
    }
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

/// A time span as [`parse_duration`] reads it, in hours, minutes and seconds.
pub fn duration_text(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let parts = [(seconds / 3600, 'h'), (seconds / 60 % 60, 'm'), (seconds % 60, 's')];
    let text: String =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> AppFile {
        AppFile::parse("app.yml", text.as_bytes()).unwrap_or_else(|error| panic!("{text:?}: {error}"))
    }

    #[test]
    fn a_whole_file_is_understood() {
        let file = read(
            "repositories:\n- name: foo-backend\n- name: foo-frontend\n  branch: develop\n- name: foo-lib\n  tag: v2.1.0\n  \
             url: https://git.example.com/libs/foo-lib.git\npipeline:\n  engine: shell\n  steps:\n  \
             - name: deploy\n    run: helm upgrade\n    timeout: 1h30m\n  - {name: smoke, run: ./smoke, when: [qa, prod]}\n  \
             - {name: load, run: ./load, when: qa}\n",
        );
        let pinned: Vec<_> = file.repositories.iter().map(|c| (c.name.as_str(), c.is_pinned(), c.line)).collect();
        assert_eq!(pinned, [("foo-backend", false, 2), ("foo-frontend", false, 3), ("foo-lib", true, 5)]);
        assert_eq!(file.repositories[1].branch.as_ref().map(BranchName::as_str), Some("develop"));
        let Some(Pipeline::Shell(shell)) = file.pipeline else { panic!("{:?}", file.pipeline) };
        assert_eq!(shell.steps[0].timeout, Some(Duration::from_secs(5400)));
        let when: Vec<_> = shell.steps.iter().map(|step| step.when.len()).collect();
        assert_eq!(when, [0, 2, 1]);
        assert_eq!(file.warnings, []);
    }

    #[test]
    fn a_monorepo_needs_nothing() {
        for text in ["", "# nothing\n", "repositories:\n", "repositories: []\n", "pipeline: {steps: []}\n"] {
            assert_eq!(read(text).repositories, [], "{text:?}");
        }
        assert_eq!(read("pipeline: {}\n").pipeline.map(|p| p.engine()), Some(Engine::Shell));
    }

    #[test]
    fn mistakes_have_a_place_a_code_and_advice() {
        for (text, place, code, says, hint) in [
            ("x", "1:1", "invalid-value", "the file is a text", ""),
            ("repositories: {a: b}", "1:15", "invalid-value", "a list", ""),
            ("repositories: [a]", "1:16", "invalid-value", "a map", ""),
            ("repositories: [{branch: a}]", "1:16", "missing-key", "`name`", "foo-backend"),
            ("repositories: [{name: a/b}]", "1:23", "invalid-name", "repository name", "letters"),
            ("repositories: [{name: a, branch: b, tag: c}]", "1:42", "invalid-value", "and a `tag`", "pins"),
            ("repositories: [{name: a, tag: 'a b'}]", "1:31", "invalid-name", "tag name", ""),
            ("repositories: [{name: a, url: -x}]", "1:31", "invalid-url", "option", "https"),
            ("repositories:\n- name: a\n- name: a\n", "3:9", "duplicate-name", "line 2", "delete"),
            ("pipeline: {engine: github-action}", "1:20", "invalid-value", "one of", "`github-actions`"),
            ("pipeline: {engine: Tekton}", "1:20", "invalid-value", "one of", "`tekton`"),
            ("pipeline: {steps: [{name: a}]}", "1:20", "missing-key", "`run`", "run:"),
            ("pipeline: {steps: [{run: a}]}", "1:20", "missing-key", "`name`", "name:"),
            ("pipeline: {steps: [{name: a, run: b, timeout: 30}]}", "1:47", "invalid-value", "30m", "30m"),
            ("pipeline: {steps: [{name: a, run: b, when: [a b]}]}", "1:45", "invalid-name", "type", ""),
        ] {
            let error = AppFile::parse("app.yml", text.as_bytes()).expect_err(text);
            let shown = error.to_string();
            assert!(shown.starts_with(&format!("app.yml:{place}: ")), "{text:?}: {shown}");
            assert_eq!(error.code, code, "{shown}");
            assert!(shown.contains(says), "{shown}");
            assert!(error.hint.clone().unwrap_or_default().contains(hint), "{text:?}: {:?}", error.hint);
        }
    }

    #[test]
    fn unknown_keys_are_warnings() {
        let file =
            read("repos: []\nrepositories: [{name: a, tags: b}]\npipeline: {steps: [{name: a, run: b, wen: qa}]}");
        let hints: Vec<_> = file.warnings.iter().map(|warning| (warning.line, warning.hint.as_str())).collect();
        assert!(hints[0].1.contains("repositories"));
        assert_eq!(hints[1], (Some(2), "did you mean `tag`?"));
        assert_eq!(hints[2], (Some(3), "did you mean `when`?"));
    }

    #[test]
    fn a_misspelt_key_is_no_file_without_components() {
        for (text, line, key) in [
            ("repositorys: [{name: a}]\n", 1, "repositories"),
            ("repositories: []\npipline: {engine: shell}\n", 2, "pipeline"),
        ] {
            let error = AppFile::parse("app.yml", text.as_bytes()).expect_err(text);
            assert_eq!((error.code, error.line), ("missing-key", line));
            assert_eq!(error.hint.as_deref(), Some(format!("did you mean `{key}`?").as_str()));
        }
        assert!(AppFile::parse("app.yml", b"repos: []\n").is_ok(), "another word is somebody's own");
    }

    #[test]
    fn of_an_ods_file_the_repositories_are_read() {
        let text = "version: 1.0.0\nrepositories:\n- name: a\n  url: https://x/a.git\n  mystery: 1\n- {name: b, branch: main}\n\
                    pipeline: [{x: y}]\n";
        let file = AppFile::parse_ods("ods.yml", text.as_bytes()).expect("a file");
        assert_eq!(file.repositories.len(), 2);
        assert_eq!((file.pipeline, file.warnings), (None, vec![]));
        assert!(AppFile::parse_ods("ods.yml", b"repositories: [{name: ../x}]").is_err());
    }

    #[test]
    fn durations() {
        for (text, seconds) in [("90s", 90), ("30m", 1800), ("1h30m", 5400), ("2d", 172_800), ("1d1h1m1s", 90_061)] {
            let duration = Duration::from_secs(seconds);
            assert_eq!(parse_duration(text), Some(duration), "{text}");
            assert_eq!(parse_duration(&duration_text(duration)), Some(duration), "{text}");
        }
        for text in
            ["", "30", "m", "0s", "-1m", "1.5h", "30m1h", "5m5m", "1 h", "1h ", "99999999999999999999s", "１m", "1µ"]
        {
            assert_eq!(parse_duration(text), None, "{text:?}");
        }
        assert_eq!(parse_duration(&format!("{}d", u64::MAX)), None);
    }
}
