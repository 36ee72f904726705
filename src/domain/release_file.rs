//! The release file: what the branch of an environment declares.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

use super::environment::{Environment, JiraTrigger, MixedPolicy, Tagging, TriggerPolicy};
pub use super::file::FileError;
use super::file::{Reader, almost, present, quote};
use super::jira::JiraSettings;
use super::name::{BranchName, EnvironmentName, RepositoryName, TypeName};
use super::problem::Problem;
use super::version::Declared;
use super::word::words;
use super::yaml::{Key, Node, Origin};

/// The keys that relman reads at the top of a release file.
pub const TOP_KEYS: [&str; 7] =
    ["application", "version", "environments", "forge", "promotion", "jira", "commit_prefix"];

/// The keys that relman reads in an entry of `environments:`; all others are the user's own.
pub const ENTRY_KEYS: [&str; 11] =
    ["name", "type", "kind", "stage", "branch", "from", "tags", "mixed", "trigger", "jira-trigger", "credentials"];

/// What a `release.yml` says.
#[derive(Clone, Debug, PartialEq)]
pub struct ReleaseFile {
    /// The app repo.
    pub application: Application,
    /// What is to be deployed.
    pub version: Declared,
    /// The line of `version:`, counted from 1; `None` where the key is absent.
    pub version_line: Option<usize>,
    /// The bytes that hold the version, where nothing else belongs to it.
    version_at: Option<Range<usize>>,
    /// The environments, in the order of the file; those of files that say the same of them are shared.
    pub environments: Rc<[Environment]>,
    /// Which forge the release repo is on, where the file says it.
    pub forge: Option<ForgeSettings>,
    /// How pull requests are made.
    pub promotion: PromotionSettings,
    /// What is told to Jira, where the file says it.
    pub jira: Option<JiraSettings>,
    /// What the subject of every commit that relman makes begins with.
    pub commit_prefix: Option<String>,
    /// What should be looked at, though it stops nothing.
    pub warnings: Vec<Problem>,
}

/// The app repo, as a release file names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its name.
    pub name: RepositoryName,
    /// Where it is cloned from, if not next to the release repo.
    pub url: Option<String>,
}

/// What `forge:` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForgeSettings {
    /// The kind of forge, as it is written.
    pub kind: Option<String>,
    /// Its URL, as it is written.
    pub url: Option<String>,
    /// The line of `forge:`, counted from 1.
    pub line: usize,
}

/// What `promotion:` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PromotionSettings {
    /// Which kind of pull request is made.
    pub via: Via,
    /// The title of pull requests.
    pub title: Option<String>,
    /// What their text begins with.
    pub body: Option<String>,
}

words! {
    /// Which kind of pull request a promotion makes.
    #[derive(Default)]
    pub enum Via {
        /// Whichever fits.
        #[default]
        Auto = "auto",
        /// From one environment branch to the other.
        Direct = "direct",
        /// From a branch made for it.
        Branch = "branch",
    }
}

impl ReleaseFile {
    /// Reads the bytes of a release file; `path` is what messages call it.
    pub fn parse(path: &str, bytes: &[u8]) -> Result<ReleaseFile, FileError> {
        let mut reader = Reader::new(path);
        let root = reader.document(bytes)?.root;
        if root.is_null() {
            return Err(reader
                .error(&root, "empty-file", "the file says nothing")
                .expected("`application`, `version` and `environments`"));
        }
        reader.unknown_keys(reader.map(&root, "the file")?, &TOP_KEYS, "at the top of a release file");
        let Some(application) = present(&root, "application") else {
            let missing = reader
                .error_at(1, 1, "missing-key", "there is no `application`".to_owned())
                .expected("the name of the app repo")
                .hint("add a line such as `application: foo-app`");
            return Err(reader.or_misspelt(&root, "application", missing));
        };
        Ok(ReleaseFile {
            application: read_application(&mut reader, application)?,
            version: read_version(&reader, &root)?,
            version_line: root.entry("version").map(|(key, _)| key.line),
            version_at: root.get("version").and_then(|node| plain_text(node, bytes)),
            environments: read_environments(&mut reader, &root)?.into(),
            forge: read_forge(&mut reader, &root)?,
            promotion: read_promotion(&mut reader, &root)?,
            jira: JiraSettings::read(&mut reader, &root)?,
            commit_prefix: read_prefix(&reader, &root)?,
            warnings: reader.warnings,
        })
    }

    /// The release file in the bytes `other`, where they differ from `own`, in which this one was read, in the text of the
    /// version alone; `None` where more differs, or too much to be sure without reading it as YAML.
    ///
    /// The history of a branch mostly holds one file with other versions. Where that is as long as the one here, everything
    /// else stands where it stands here.
    pub fn with_version_in(&self, own: &[u8], other: &[u8]) -> Option<ReleaseFile> {
        let at = self.version_at.clone()?;
        let is_same = |place: Range<usize>| own.get(place.clone()).is_some_and(|bytes| other.get(place) == Some(bytes));
        if own.len() != other.len() || !is_same(0..at.start) || !is_same(at.end..own.len()) {
            return None;
        }
        let text = str::from_utf8(other.get(at)?).ok()?;
        // What begins with a digit and has none of YAML's marks in it is a plain text, whatever stands around it.
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        if !text.starts_with(|first: char| first.is_ascii_digit()) || !text.bytes().all(is_plain) {
            return None;
        }
        Some(ReleaseFile { version: Declared::parse(text).ok()?, ..self.clone() })
    }

    /// The keys by which another release file differs, as far as they concern an environment: at the top all but
    /// `version`, of its own entry those of the entry, as `<environment>.<key>`. An entry that only one of them has says
    /// nothing.
    pub fn changed_keys(&self, other: &ReleaseFile, name: &EnvironmentName) -> Vec<String> {
        let forge = |file: &ReleaseFile| file.forge.as_ref().map(|forge| (forge.kind.clone(), forge.url.clone()));
        let mut keys: Vec<String> = [
            ("application", self.application != other.application),
            ("forge", forge(self) != forge(other)),
            ("promotion", self.promotion != other.promotion),
            ("jira", self.jira != other.jira),
            ("commit_prefix", self.commit_prefix != other.commit_prefix),
        ]
        .into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(key, _)| key.to_owned())
        .collect();
        if let (Some(old), Some(new)) = (self.entry(name), other.entry(name)) {
            let (old, new) = (old.entry.as_map().unwrap_or_default(), new.entry.as_map().unwrap_or_default());
            for (key, value) in old {
                if new.iter().find(|(known, _)| known == key).is_none_or(|(_, now)| now != value) {
                    keys.push(format!("{name}.{}", key.text));
                }
            }
            keys.extend(
                new.iter()
                    .filter(|(key, _)| !old.iter().any(|(known, _)| known == key))
                    .map(|(key, _)| format!("{name}.{}", key.text)),
            );
        }
        keys
    }

    /// The entry of an environment.
    pub fn entry(&self, name: &EnvironmentName) -> Option<&Environment> {
        self.environments.iter().find(|environment| environment.name == *name)
    }
}

fn read_application(reader: &mut Reader<'_>, node: &Node) -> Result<Application, FileError> {
    let Some(entries) = node.as_map() else {
        let name = RepositoryName::parse(reader.text(node, "application")?);
        return Ok(Application { name: name.map_err(|error| reader.invalid(node, &error))?, url: None });
    };
    reader.unknown_keys(entries, &["name", "url"], "in `application`");
    let Some(name) = reader.parsed(node, "name", RepositoryName::parse)? else {
        let missing = reader
            .error(node, "missing-key", "`application` has no `name`")
            .expected("the name of the app repo")
            .hint("write `application: {name: foo-app, url: …}`");
        return Err(reader.or_misspelt(node, "name", missing));
    };
    Ok(Application { name, url: reader.url(node, "url")? })
}

fn read_version(reader: &Reader<'_>, root: &Node) -> Result<Declared, FileError> {
    let Some(node) = root.get("version") else {
        // To say that an environment holds nothing would be wrong of one whose version stands under a misspelt key. A list
        // or a map is no version, and a key of somebody's own.
        let texts = root.as_map().unwrap_or_default().iter().filter(|(_, value)| value.as_scalar().is_some());
        let misspelt = reader.misspelt_among(texts, "version", "there is no `version`");
        return misspelt.map_or(Ok(Declared::Absent), Err);
    };
    if node.is_empty() {
        return Ok(Declared::Empty);
    }
    let hint = "for nothing yet, write `version:` and nothing after it";
    let Some(scalar) = node.as_scalar() else {
        let message = format!("`version` is {}", node.describe());
        return Err(reader.error(node, "invalid-version", message).expected("a version such as `1.2.0`").hint(hint));
    };
    if node.is_null() || scalar.text.is_empty() {
        let written = if node.is_null() { scalar.text.as_str() } else { "an empty text" };
        let message = format!("`version` is {written}, which is neither a version nor nothing");
        return Err(reader.error(node, "invalid-version", message).expected("a version such as `1.2.0`").hint(hint));
    }
    Declared::parse(&scalar.text).map_err(|error| reader.invalid(node, &error))
}

/// Where the text of a version lies that stands right behind its key, in quotes or not, without tag, anchor or line break.
fn plain_text(node: &Node, bytes: &[u8]) -> Option<Range<usize>> {
    let Range { start, end } = node.span;
    let text = node.as_str().filter(|_| node.origin == Origin::Here)?;
    // On the line of its key: on one above, a comment may end in the same word.
    let line = bytes.get(..start)?.rsplit(|byte| matches!(byte, b'\n' | b'\r')).next()?;
    if !line.trim_ascii_end().ends_with(b"version:") {
        return None;
    }
    let inner = match bytes.get(start)? {
        b'"' | b'\'' => start + 1..end.checked_sub(1)?,
        _ => start..end,
    };
    (bytes.get(inner.clone())? == text.as_bytes()).then_some(inner)
}

fn read_environments(reader: &mut Reader<'_>, root: &Node) -> Result<Vec<Environment>, FileError> {
    let mut environments = Vec::new();
    let mut lines: HashMap<EnvironmentName, usize> = HashMap::new();
    for node in reader.list(root.get("environments"), "environments")? {
        let environment = read_environment(reader, node)?;
        if let Some(first) = lines.insert(environment.name.clone(), environment.line) {
            let at = node.get("name").unwrap_or(node);
            return Err(reader
                .error(
                    at,
                    "duplicate-name",
                    format!("the environment `{}` is here and on line {first}", environment.name),
                )
                .expected("each name once")
                .hint("delete or rename one of the two"));
        }
        environments.push(environment);
    }
    Ok(environments)
}

fn read_environment(reader: &mut Reader<'_>, node: &Node) -> Result<Environment, FileError> {
    let entries = reader.map(node, "an entry of `environments`")?;
    let before = reader.warnings.len();
    for (key, _) in entries {
        if let Some(word) = almost(&key.text, &ENTRY_KEYS) {
            let message = format!("the key {} is almost `{word}`, and is taken for one of your own", quote(&key.text));
            reader.warn(key, "similar-key", message, format!("did you mean `{word}`?"));
        }
    }
    let Some(name) = reader.parsed(node, "name", EnvironmentName::parse)? else {
        let missing = reader
            .error(node, "missing-key", "this environment has no `name`")
            .expected("a name")
            .hint("add a line such as `name: qa`");
        return Err(reader.or_misspelt(node, "name", missing));
    };
    for warning in &mut reader.warnings[before..] {
        warning.environment = Some(name.to_string());
    }
    let kind = match type_key(reader, node)? {
        None => None,
        Some((key, _)) => reader.parsed(node, &key.text, TypeName::parse)?,
    };
    Ok(Environment {
        kind,
        tags: reader.word(node, "tags", Tagging::WORDS, Tagging::parse)?,
        branch: reader.parsed(node, "branch", BranchName::parse)?,
        from: read_from(reader, node)?,
        mixed: reader.word(node, "mixed", MixedPolicy::WORDS, MixedPolicy::parse)?.unwrap_or_default(),
        trigger: reader.word(node, "trigger", TriggerPolicy::WORDS, TriggerPolicy::parse)?.unwrap_or_default(),
        jira_trigger: read_jira_trigger(reader, node)?,
        credentials: reader.optional(node, "credentials")?.map(str::to_owned),
        line: node.line,
        entry: node.clone(),
        name,
    })
}

/// The one of `type`, `kind` and `stage` that the entry has.
fn type_key<'n>(reader: &Reader<'_>, node: &'n Node) -> Result<Option<&'n (Key, Node)>, FileError> {
    let mut found: Option<&(Key, Node)> = None;
    for entry in node.as_map().unwrap_or_default() {
        if !matches!(entry.0.text.as_str(), "type" | "kind" | "stage") {
            continue;
        }
        if let Some((first, _)) = found {
            let message = format!("`{}` and `{}` both name the type", first.text, entry.0.text);
            return Err(reader
                .error_at_key(&entry.0, "invalid-value", message)
                .expected("one of them")
                .hint("keep `type`; the others are older names of it"));
        }
        found = Some(entry);
    }
    Ok(found)
}

fn read_from(reader: &Reader<'_>, entry: &Node) -> Result<Option<Vec<EnvironmentName>>, FileError> {
    let Some(node) = present(entry, "from") else { return Ok(None) };
    let nodes = node.as_list().unwrap_or(std::slice::from_ref(node));
    let mut names = Vec::with_capacity(nodes.len());
    let mut known = HashSet::new();
    for node in nodes {
        let text = reader.text(node, "from")?;
        if known.insert(text) {
            names.push(EnvironmentName::parse(text).map_err(|error| reader.invalid(node, &error))?);
        }
    }
    Ok(Some(names))
}

fn read_jira_trigger(reader: &mut Reader<'_>, entry: &Node) -> Result<Option<JiraTrigger>, FileError> {
    let Some(node) = present(entry, "jira-trigger") else { return Ok(None) };
    reader.unknown_keys(reader.map(node, "jira-trigger")?, &["version_released", "statuses"], "in `jira-trigger`");
    let version_released = match present(node, "version_released") {
        None => false,
        Some(value) => value.as_bool().ok_or_else(|| {
            let message = format!("`version_released` is {}", quote(value.as_str().unwrap_or(value.describe())));
            reader.error(value, "invalid-value", message).expected("true or false")
        })?,
    };
    let mut statuses = Vec::new();
    for status in reader.list(node.get("statuses"), "statuses")? {
        statuses.push(reader.text(status, "statuses")?.to_owned());
    }
    Ok(Some(JiraTrigger { version_released, statuses }))
}

fn read_forge(reader: &mut Reader<'_>, root: &Node) -> Result<Option<ForgeSettings>, FileError> {
    let Some((key, node)) = root.entry("forge").filter(|(_, node)| !node.is_null()) else { return Ok(None) };
    reader.unknown_keys(reader.map(node, "forge")?, &["type", "url"], "in `forge`");
    Ok(Some(ForgeSettings {
        kind: reader.optional(node, "type")?.map(str::to_owned),
        url: reader.url(node, "url")?,
        line: key.line,
    }))
}

fn read_promotion(reader: &mut Reader<'_>, root: &Node) -> Result<PromotionSettings, FileError> {
    let Some(node) = present(root, "promotion") else { return Ok(PromotionSettings::default()) };
    reader.unknown_keys(reader.map(node, "promotion")?, &["via", "title", "body"], "in `promotion`");
    Ok(PromotionSettings {
        via: reader.word(node, "via", Via::WORDS, Via::parse)?.unwrap_or_default(),
        title: reader.optional(node, "title")?.map(str::to_owned),
        body: reader.optional(node, "body")?.map(str::to_owned),
    })
}

fn read_prefix(reader: &Reader<'_>, root: &Node) -> Result<Option<String>, FileError> {
    let Some(node) = present(root, "commit_prefix") else { return Ok(None) };
    let text = reader.text(node, "commit_prefix")?;
    if text.chars().any(char::is_control) {
        let message = format!("`commit_prefix` is {}", quote(text));
        return Err(reader.error(node, "invalid-value", message).expected("one line of text"));
    }
    Ok(Some(text.to_owned()))
}

#[cfg(test)]
mod tests;
