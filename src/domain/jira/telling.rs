//! What is told to Jira of one promotion or deployment, as data: shown by `--dry-run`, and carried out later.

use sha2::{Digest as _, Sha256};

use super::key::{IssueKey, ProjectKey};
use super::settings::JiraSettings;
use crate::domain::name::{EnvironmentName, RepositoryName, TagName};
use crate::domain::text::safe;
use crate::domain::version::Declared;
use crate::domain::word::words;

/// How many keys a sentence names.
const NAMED: usize = 8;

words! {
    /// Something that Jira is told of.
    pub enum Event {
        /// A version was proposed for an environment, or set there.
        Promoted = "promoted",
        /// A version was deployed.
        Deployed = "deployed",
        /// A deployment failed.
        Failed = "failed",
    }
}

/// What has happened, or is about to.
#[derive(Clone, Debug)]
pub struct Happened<'a> {
    /// What it is.
    pub event: Event,
    /// The application, since several may ship the same issue.
    pub application: &'a RepositoryName,
    /// The environment.
    pub environment: &'a EnvironmentName,
    /// What is deployed there, as `version:` says it. `WIP` and `ref:…` are no versions for Jira.
    pub declared: &'a Declared,
    /// The tag that was deployed, or the candidate that was named.
    pub tag: Option<&'a TagName>,
    /// Whether the environment makes final tags.
    pub is_final: bool,
    /// The day, as in `2026-11-22`.
    pub day: &'a str,
    /// The keys in the messages of the commits that ship.
    pub issues: &'a [String],
}

/// What Jira is told of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// What has happened.
    pub event: Event,
    /// The environment.
    pub environment: EnvironmentName,
    /// The version.
    pub version: String,
    /// The tag that was deployed, or the candidate that was named.
    pub tag: Option<TagName>,
    /// The issues, sorted.
    pub issues: Vec<IssueKey>,
    /// The comment on each issue, but for the page that tells more.
    pub comment: Option<Comment>,
    /// The status that each issue is moved to, by its name or id.
    pub status: Option<String>,
    /// Statuses that an issue is left in, since it has gone on from here.
    pub beyond: Vec<String>,
    /// The version that each issue is given.
    pub fix_version: Option<String>,
    /// The version that counts as released.
    pub release: Option<Release>,
}

/// A comment on an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// What it says.
    pub text: String,
    /// By this relman knows that the issue was told, and the rest of it done. Jira writes texts its own way, so it is
    /// made of what every way of writing leaves alone.
    pub marker: String,
    /// What marks that the release has gone on from here, so that this is no news any more: where a push deploys, the
    /// deployment may be told before the push is.
    pub later: Vec<String>,
}

/// A version of Jira that counts as released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// The day, as in `2026-11-22`.
    pub day: String,
    /// The projects that have it.
    pub projects: Vec<ProjectKey>,
}

impl Comment {
    /// The text that is sent; `page` is where more can be read.
    pub fn body(&self, page: Option<&str>) -> String {
        let page = page.filter(|page| page.starts_with("https://") || page.starts_with("http://"));
        let page = page.map(|page| format!("{}\n", safe(page))).unwrap_or_default();
        format!("{}\n{page}({})", self.text, self.marker)
    }
}

impl JiraSettings {
    /// What Jira is told; `None` where that is nothing.
    pub fn telling(&self, happened: &Happened<'_>) -> Option<Telling> {
        let Happened { event, environment, declared, .. } = *happened;
        let version = declared.text()?;
        let mut issues: Vec<IssueKey> = happened.issues.iter().filter_map(|key| IssueKey::parse(key)).collect();
        issues.retain(|key| self.projects.is_empty() || self.projects.contains(key.project()));
        issues.sort();
        issues.dedup();
        let named = declared.version().is_some() && event != Event::Failed;
        let name = self.fix_version.clone().unwrap_or_default().of(&version);
        let released = self.release_version && named && happened.is_final && event == Event::Deployed;
        let telling = Telling {
            event,
            environment: environment.clone(),
            tag: happened.tag.cloned(),
            comment: self.comments.contains(&event).then(|| comment(happened, &version)),
            status: self.status(environment, event).map(str::to_owned),
            beyond: match event {
                Event::Promoted => self.status(environment, Event::Deployed).map(str::to_owned).into_iter().collect(),
                Event::Deployed | Event::Failed => Vec::new(),
            },
            fix_version: self.fix_version.as_ref().filter(|_| named).map(|_| name.clone()),
            release: released
                .then(|| release(name, happened.day, &self.projects, &issues))
                .filter(|release| !release.projects.is_empty()),
            version,
            issues,
        };
        telling.does_something().then_some(telling)
    }
}

impl Telling {
    fn does_something(&self) -> bool {
        let each = self.comment.is_some() || self.status.is_some() || self.fix_version.is_some();
        (each && !self.issues.is_empty()) || self.release.is_some()
    }

    /// What it is about, as in `deployed 1.2.0 to prod`.
    pub fn subject(&self) -> String {
        format!("{} {} to {}", self.event.as_str(), self.version, self.environment)
    }

    /// What is done, in a sentence without a full stop.
    pub fn summary(&self) -> String {
        let mut deeds = Vec::new();
        if self.comment.is_some() {
            deeds.push("comment on".to_owned());
        }
        if let Some(name) = &self.fix_version {
            deeds.push(format!("give the fix version {name} to"));
        }
        if let Some(status) = &self.status {
            deeds.push(format!("move to {status}"));
        }
        let mut sentences = Vec::new();
        if !self.issues.is_empty() && !deeds.is_empty() {
            sentences.push(format!("{} {}", deeds.join(", "), named(&self.issues)));
        }
        if let Some(release) = &self.release {
            let projects: Vec<&str> = release.projects.iter().map(ProjectKey::as_str).collect();
            sentences.push(format!("release the version {} of {}", release.name, projects.join(", ")));
        }
        format!("in Jira, {}", sentences.join("; "))
    }
}

fn named(issues: &[IssueKey]) -> String {
    let keys: Vec<String> = issues.iter().take(NAMED).map(ToString::to_string).collect();
    match issues.len().checked_sub(NAMED) {
        None | Some(0) => keys.join(", "),
        Some(more) => format!("{} and {more} more", keys.join(", ")),
    }
}

fn release(name: String, day: &str, projects: &[ProjectKey], issues: &[IssueKey]) -> Release {
    let mut projects = projects.to_vec();
    if projects.is_empty() {
        projects = issues.iter().map(|key| key.project().clone()).collect();
        projects.dedup();
    }
    Release { name, day: day.to_owned(), projects }
}

fn comment(happened: &Happened<'_>, version: &str) -> Comment {
    let Happened { event, environment, application, tag, .. } = *happened;
    let unescaped = tag.map_or("", TagName::as_str);
    let with_tag = if unescaped.is_empty() { String::new() } else { format!(" ({})", escaped(unescaped)) };
    let (application_name, release) = (escaped(application.as_str()), format!("{}{with_tag}", escaped(version)));
    let name = escaped(environment.as_str());
    let text = match event {
        Event::Promoted => format!("{release} of {application_name} is on its way to {name}."),
        Event::Deployed => format!("{release} of {application_name} was deployed to {name}."),
        Event::Failed => format!("The deployment of {release} of {application_name} to {name} failed."),
    };
    let marker = |event: Event, tag: &str| {
        let facts = [application.as_str(), event.as_str(), environment.as_str(), version, tag].join("\n");
        let digest = Sha256::digest(facts.as_bytes());
        format!("relman {}", digest.iter().take(10).map(|byte| format!("{byte:02x}")).collect::<String>())
    };
    let finished = happened.declared.version().map(|version| version.final_tag().to_string());
    let later = match event {
        Event::Promoted => {
            std::iter::once(unescaped).chain(finished.as_deref()).map(|tag| marker(Event::Deployed, tag)).collect()
        }
        Event::Deployed | Event::Failed => Vec::new(),
    };
    Comment { text, marker: marker(event, unescaped), later }
}

/// A text that stays what it is in Jira's markup: no links, no macros, nobody mentioned.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in safe(text).chars() {
        if matches!(c, '\\' | '{' | '}' | '[' | ']' | '*' | '_' | '^' | '~' | '!' | '|' | '+' | '?') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::jira::settings::{Transition, VersionName};

    fn settings() -> JiraSettings {
        let environment = EnvironmentName::parse("prod").expect("a name");
        JiraSettings {
            url: None,
            projects: vec![],
            project_ids: vec![],
            comments: vec![Event::Promoted, Event::Deployed],
            transitions: vec![Transition { environment, event: Event::Deployed, status: "Done".into() }],
            fix_version: Some(VersionName::default()),
            release_version: true,
        }
    }

    fn told(settings: &JiraSettings, event: Event, version: &str, issues: &[&str], is_final: bool) -> Option<Telling> {
        settings.telling(&Happened {
            event,
            application: &RepositoryName::parse("shop-app").expect("a name"),
            environment: &EnvironmentName::parse("prod").expect("a name"),
            declared: &Declared::parse(version).expect("a version"),
            tag: TagName::parse("v1.2.0").ok().as_ref(),
            is_final,
            day: "2026-11-22",
            issues: &issues.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>(),
        })
    }

    #[test]
    fn issues_are_sorted_and_of_the_projects_that_count() {
        let mut settings = settings();
        let keys = ["SHOP-10", "OPS-1", "SHOP-9", "SHOP-10", "SHOP-x"];
        let all = told(&settings, Event::Deployed, "1.2.0", &keys, true).expect("told");
        assert_eq!(all.issues.iter().map(ToString::to_string).collect::<Vec<_>>(), ["OPS-1", "SHOP-9", "SHOP-10"]);
        assert_eq!(
            all.summary(),
            "in Jira, comment on, give the fix version 1.2.0 to, move to Done OPS-1, SHOP-9, SHOP-10; release the \
             version 1.2.0 of OPS, SHOP"
        );
        settings.projects = vec![ProjectKey::parse("SHOP").expect("a key")];
        let shop = told(&settings, Event::Deployed, "1.2.0", &keys, true).expect("told");
        assert_eq!((shop.issues.len(), shop.release.expect("a release").projects.len()), (2, 1));
    }

    #[test]
    fn each_event_says_what_it_may() {
        let mut settings = settings();
        let promoted = told(&settings, Event::Promoted, "1.2.0", &["SHOP-1"], true).expect("told");
        assert_eq!((promoted.status, promoted.release.is_none(), promoted.fix_version.is_some()), (None, true, true));
        // Where the push has deployed already, it is no news, and moves nothing back.
        let deployed = told(&settings, Event::Deployed, "1.2.0", &["SHOP-1"], true).expect("told");
        let later = promoted.comment.expect("a comment").later;
        assert!(later.contains(&deployed.comment.expect("a comment").marker));
        assert_eq!(promoted.beyond, ["Done"]);
        assert_eq!(told(&settings, Event::Failed, "1.2.0", &["SHOP-1"], true), None, "no comment was asked for");
        settings.comments.push(Event::Failed);
        let failed = told(&settings, Event::Failed, "1.2.0", &["SHOP-1"], true).expect("told");
        assert_eq!((failed.status, failed.fix_version, failed.release), (None, None, None));
        assert_eq!(told(&settings, Event::Deployed, "1.2.0", &[], true), None, "which project?");
        settings.projects = vec![ProjectKey::parse("SHOP").expect("a key")];
        assert!(told(&settings, Event::Deployed, "1.2.0", &[], true).is_some(), "the version is released all the same");
        assert_eq!(told(&settings, Event::Deployed, "1.2.0", &[], false), None);
        for no_version in ["WIP", "ref:main"] {
            let told = told(&settings, Event::Deployed, no_version, &["SHOP-1"], true).expect("told");
            assert_eq!((told.fix_version, told.release, told.comment.is_some()), (None, None, true));
        }
    }

    #[test]
    fn a_marker_is_of_one_event_and_survives_any_markup() {
        let settings = settings();
        let of = |event, version| {
            told(&settings, event, version, &["SHOP-1"], false).expect("told").comment.expect("a comment").marker
        };
        assert_eq!(of(Event::Deployed, "1.2.0"), of(Event::Deployed, "1.2.0"));
        assert_ne!(of(Event::Deployed, "1.2.0"), of(Event::Promoted, "1.2.0"));
        assert_ne!(of(Event::Deployed, "1.2.0"), of(Event::Deployed, "1.2.1"));
        let marker = of(Event::Deployed, "1.2.0");
        let digits = marker.strip_prefix("relman ").expect("a name");
        assert!(digits.len() == 20 && digits.bytes().all(|b| b.is_ascii_hexdigit()), "{marker}");
    }

    #[test]
    fn a_comment_marks_nothing_up() {
        let telling = told(&settings(), Event::Deployed, "1{x}_!|", &["SHOP-1"], false).expect("told");
        let comment = telling.comment.expect("a comment");
        let body = comment.body(Some("https://ci.example/1"));
        assert!(
            body.starts_with("1\\{x\\}\\_\\!\\| (v1.2.0) of shop-app was deployed to prod.\nhttps://ci.example/1\n(")
        );
        assert!(body.contains(&comment.marker));
        assert!(!comment.body(Some("javascript:alert(1)")).contains("javascript"));
    }
}
