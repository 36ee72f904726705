//! The chain of one deployment, link by link, with what proves each.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::chain::{Chain, Link, RepositoryLink, Witness};
use crate::domain::name::CommitId;
use crate::domain::record::{Deployment, FileRecord};
use crate::domain::selector::Point;
use crate::domain::text::safe;
use crate::domain::timeline::{Change, Source};
use crate::domain::word::words;
use crate::workspace::selected::DeclaredState;
use crate::workspace::trace::Trace;

use super::log::{DeploymentJson, PullRequestJson, outcome};
use super::schema::Document;
use super::table::{self, Shrinks};
use super::time::Time;
use super::{Page, ProblemJson, document, time};

/// How many gaps are listed, where not all are wanted.
const LISTED: usize = 10;

/// The whole chain of one deployment, and what proves each link.
#[derive(Serialize, JsonSchema)]
pub(super) struct TraceJson<'a> {
    schema: Document,
    /// The environment.
    environment: &'a str,
    /// What was asked for beside the environment, as it was understood, for people.
    at: Option<&'a str>,
    /// When the oldest clone was brought up to date; `null` where there is no remote.
    fetched_at: Option<Time>,
    declared: DeclaredJson<'a>,
    /// The last deployment that had succeeded; of a version or a commit, its own.
    ran: Option<DeploymentJson>,
    /// The newest deployment that was tried, where it has not succeeded; of a version or a commit, its own.
    last_tried: Option<DeploymentJson>,
    /// The commit of the release repo.
    release_commit: Option<CommitId>,
    /// What was deployed, as `version:` says it.
    version: Option<&'a str>,
    /// The tag that was deployed.
    tag: Option<&'a str>,
    /// The candidate behind it.
    candidate: Option<&'a str>,
    /// The commit of the app repo.
    app_commit: Option<CommitId>,
    /// All repositories, the app repo first.
    repositories: Vec<RepositoryJson<'a>>,
    /// The file that defines the pipeline.
    pipeline: Option<FileJson<'a>>,
    /// The Helm values files.
    values: Vec<FileJson<'a>>,
    /// The deployment that the chain is of, which may have failed.
    record: Option<DeploymentJson>,
    /// The pull request that brought the version.
    pull_request: Option<PullRequestJson<'a>>,
    proof: ProofJson<'a>,
    /// Whether nothing is missing and nothing contradicts.
    complete: bool,
    missing: Vec<MissingJson<'a>>,
    /// What contradicts what, for people.
    contradictions: &'a [String],
    problems: Vec<ProblemJson<'a>>,
}

/// What the environment declared at that time.
#[derive(Serialize, JsonSchema)]
struct DeclaredJson<'a> {
    state: Knowledge,
    /// As `version:` says it; `null` for nothing.
    version: Option<&'a str>,
    /// The commit that the branch stood on.
    commit: Option<CommitId>,
    /// Since when.
    at: Option<Time>,
    /// By whom.
    by: Option<&'a str>,
    /// The environments that have the same history, after a fast-forward.
    shared_by: Vec<&'a str>,
}

words! {
    /// Whether it is known what was declared.
    pub enum Knowledge {
        /// It is known.
        Known = "known",
        /// A fast-forward made the history that of other environments as well.
        Shared = "shared",
        /// There was no such branch.
        NotYet = "not-yet",
        /// The clone is shallow and does not go back so far.
        Unknown = "unknown",
    }
}

/// A repository of the deployment.
#[derive(Serialize, JsonSchema)]
struct RepositoryJson<'a> {
    /// Its name.
    name: &'a str,
    /// The name that the record knows it by, where that is another one.
    recorded_as: Option<&'a str>,
    /// The commit.
    commit: CommitId,
    /// The reference that the commit came from.
    r#ref: Option<&'a str>,
    /// Who says so; nobody where it is derived from the tags of today.
    proof: &'a [Witness],
}

/// A file of the app repo.
#[derive(Serialize, JsonSchema)]
struct FileJson<'a> {
    /// Its path.
    path: &'a str,
    /// The id of the object that holds it.
    blob: &'a str,
    /// The file itself; of the pipeline, with `--pipeline` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// Who says so, for each link: nobody where it is derived from the tags of today, `null` where there is no such link.
#[derive(Serialize, JsonSchema)]
struct ProofJson<'a> {
    release_commit: Option<&'a [Witness]>,
    version: Option<&'a [Witness]>,
    tag: Option<&'a [Witness]>,
    candidate: Option<&'a [Witness]>,
    app_commit: Option<&'a [Witness]>,
    pipeline: Option<&'a [Witness]>,
    values: Option<&'a [Witness]>,
}

/// A link that is missing.
#[derive(Serialize, JsonSchema)]
struct MissingJson<'a> {
    /// What is missing.
    what: &'a str,
    /// Why, for people.
    why: &'a str,
}

fn words(proof: &[Witness]) -> Vec<&'static str> {
    proof.iter().map(|witness| witness.as_str()).collect()
}

fn proof<T>(link: Option<&Link<T>>) -> Option<&[Witness]> {
    link.map(|link| link.proof.as_slice())
}

/// The change that is traced: the one that brought what was deployed, else the one that was in force.
fn change(trace: &Trace) -> Option<&Change> {
    let timeline = &trace.selected.timeline;
    let deployed = trace.deployment.as_ref().and_then(|deployment| timeline.change_of(deployment));
    let named = || trace.chain.release_commit.as_ref().and_then(|link| timeline.declared_by(link.value));
    deployed.or_else(named).or(match &trace.selected.declared {
        DeclaredState::Known(_, change) => change.as_ref(),
        _ => None,
    })
}

/// What was asked for beside the environment, as it was understood.
fn at(point: &Point) -> Option<String> {
    match point {
        Point::Newest => None,
        Point::Version(version) => Some(version.clone()),
        Point::Time(moment) if moment.is_day => Some(format!("the end of {}", moment.shown)),
        Point::Time(moment) => Some(moment.shown.clone()),
        Point::Commit(commit) => Some(commit.to_string()),
    }
}

/// The chain as a document; with the text of the pipeline's definition where that was asked for.
pub fn json(trace: &Trace, pipeline: Option<&[u8]>) -> String {
    let chain = &trace.chain;
    let asked = at(&trace.selected.point);
    let file = |link: &'_ Link<FileRecord>| link.value.clone();
    let pipeline_file = chain.pipeline.as_ref().map(file);
    let values: Vec<FileRecord> = chain.values.iter().map(file).collect();
    document(&TraceJson {
        schema: Document::Trace,
        environment: trace.environment().as_str(),
        at: asked.as_deref(),
        fetched_at: trace.fetched_at.and_then(time::rfc3339),
        declared: declared(&trace.selected.declared),
        ran: trace.selected.ran.as_ref().map(Into::into),
        last_tried: trace.last_tried.as_ref().map(Into::into),
        release_commit: chain.release_commit.as_ref().map(|link| link.value),
        version: chain.version.as_ref().map(|link| link.value.as_str()),
        tag: chain.tag.as_ref().map(|link| link.value.as_str()),
        candidate: chain.candidate.as_ref().map(|link| link.value.as_str()),
        app_commit: chain.app_commit.as_ref().map(|link| link.value),
        repositories: chain
            .repositories
            .iter()
            .map(|one| RepositoryJson {
                name: &one.name,
                recorded_as: one.recorded_as.as_deref(),
                commit: one.commit,
                r#ref: one.reference.as_deref(),
                proof: &one.proof,
            })
            .collect(),
        pipeline: pipeline_file.as_ref().map(|file| FileJson {
            path: &file.path,
            blob: &file.blob,
            text: pipeline.map(|bytes| String::from_utf8_lossy(bytes).into_owned()),
        }),
        values: values.iter().map(|file| FileJson { path: &file.path, blob: &file.blob, text: None }).collect(),
        record: trace.deployment.as_ref().map(Into::into),
        pull_request: change(trace).and_then(Into::into),
        proof: ProofJson {
            release_commit: proof(chain.release_commit.as_ref()),
            version: proof(chain.version.as_ref()),
            tag: proof(chain.tag.as_ref()),
            candidate: proof(chain.candidate.as_ref()),
            app_commit: proof(chain.app_commit.as_ref()),
            pipeline: proof(chain.pipeline.as_ref()),
            values: proof(chain.values.first()),
        },
        complete: chain.is_complete(),
        missing: chain.missing.iter().map(|one| MissingJson { what: &one.what, why: &one.why }).collect(),
        contradictions: &chain.contradictions,
        problems: trace.problems.iter().map(Into::into).collect(),
    })
}

fn declared(state: &DeclaredState) -> DeclaredJson<'_> {
    let nothing =
        |state| DeclaredJson { state, version: None, commit: None, at: None, by: None, shared_by: Vec::new() };
    match state {
        DeclaredState::Known(commit, change) => DeclaredJson {
            version: change.as_ref().and_then(|change| change.to.as_deref()),
            commit: Some(*commit),
            at: change.as_ref().and_then(|change| time::rfc3339(change.at)),
            by: change.as_ref().map(|change| change.by.as_str()),
            ..nothing(Knowledge::Known)
        },
        DeclaredState::Shared(commit, others) => DeclaredJson {
            commit: Some(*commit),
            shared_by: others.iter().map(|name| name.as_str()).collect(),
            ..nothing(Knowledge::Shared)
        },
        DeclaredState::NotYet => nothing(Knowledge::NotYet),
        DeclaredState::Unknown => nothing(Knowledge::Unknown),
    }
}

/// The chain for people: what was declared and what ran, then link by link who says so. Many components of which the same
/// is to be said stand together, unless all are wanted.
pub fn text(trace: &Trace, page: Page, all: bool) -> String {
    const INDENT: usize = 12;
    let bold = page.style(console::Style::new().bold());
    let mut text = bold.apply_to(trace.environment()).to_string();
    if let Some(at) = at(&trace.selected.point) {
        text.push_str(&format!(", {}", safe(&at)));
    }
    text.push_str("\n\n");
    let mut row = |label: &str, words: &str| text.push_str(&table::wrapped(label, INDENT, words, page.width));
    row("declared", &said(trace));
    let ran = trace.selected.ran.as_ref();
    for (label, one) in [("ran", ran), ("last tried", trace.last_tried.as_ref())] {
        match one {
            Some(deployment) => row(label, &deployed(deployment, page)),
            None if label == "ran" => row(label, "nothing, by its records"),
            None => continue,
        }
        if let Some(url) = one.and_then(|deployment| deployment.record.url.as_deref()) {
            row("", &safe(url));
        }
    }
    text.push('\n');
    let shrinking = [Shrinks { column: 1, least: 20 }];
    text.push_str(&table::fitted(&links(&trace.chain, page, all), page.width, &shrinking));
    text.push_str(&gaps(trace, page, all));
    text
}

fn said(trace: &Trace) -> String {
    match &trace.selected.declared {
        DeclaredState::Known(_, Some(change)) => {
            let version = change.to.as_deref().unwrap_or("nothing");
            let pull_request =
                change.pull_request.as_ref().map_or_else(String::new, |mark| format!(", #{}", mark.number));
            let how = if change.source == Source::Records { "given from outside" } else { "since" };
            format!("{}, {how} {} by {}{pull_request}", safe(version), time::local(change.at), safe(&change.by))
        }
        DeclaredState::Known(_, None) if trace.last_tried.is_some() => "nothing: no deployment has succeeded".into(),
        DeclaredState::Known(_, None) => "nothing yet".into(),
        DeclaredState::Shared(_, others) => {
            let names: Vec<&str> = others.iter().map(|name| name.as_str()).collect();
            format!("not known: its history is also that of {}", names.join(" and "))
        }
        DeclaredState::NotYet => "nothing: there was no such branch".into(),
        DeclaredState::Unknown => "not known: the clone does not go back so far".into(),
    }
}

/// `1.2.0, succeeded 2026-03-03 14:31 (begun 14:20), shell, by ci`.
fn deployed(deployment: &Deployment, page: Page) -> String {
    let record = &deployment.record;
    let end = time::local_of(&record.at);
    let mut parts = vec![
        safe(record.version.as_deref().unwrap_or("-")).into_owned(),
        format!("{} {end}", outcome(deployment.outcome, page)),
    ];
    if let Some(started) = deployment.started_at().filter(|_| deployment.started != record.at) {
        parts.push(format!("begun {}", time::local(started)));
    }
    parts.extend(record.engine.as_deref().map(|engine| safe(engine).into_owned()));
    parts.extend(record.actor.as_deref().map(|actor| format!("by {}", safe(actor))));
    parts.extend(record.error.as_deref().map(|error| safe(error).into_owned()));
    parts.join(", ")
}

fn links(chain: &Chain, page: Page, all: bool) -> Vec<Vec<String>> {
    let dim = page.style(console::Style::new().dim());
    let mut rows: Vec<Vec<String>> =
        vec![["LINK", "WHAT", "OBJECT", "PROVEN BY"].iter().map(|head| dim.apply_to(head).to_string()).collect()];
    let by = |proof: &[Witness]| match words(proof).join(", ") {
        words if words.is_empty() => dim.apply_to("nobody: derived").to_string(),
        words => words,
    };
    let short = |id: &str| id.get(..10).unwrap_or(id).to_owned();
    let mut row = |link: &str, what: &str, object: String, proof: &[Witness]| {
        rows.push(vec![link.to_owned(), safe(what).into_owned(), safe(&object).into_owned(), by(proof)]);
    };
    if let Some(link) = &chain.release_commit {
        row("release commit", "", link.value.short(), &link.proof);
    }
    for (name, link) in [("version", &chain.version), ("tag", &chain.tag), ("candidate", &chain.candidate)] {
        if let Some(link) = link {
            row(name, &link.value, String::new(), &link.proof);
        }
    }
    let (app, components) = chain.repositories.split_at(chain.repositories.len().min(1));
    app.iter().for_each(|app| row("app", &app.name, app.commit.short(), &app.proof));
    let usual = if all { None } else { usual_proof(components) };
    for one in components.iter().filter(|one| Some(&one.proof) != usual) {
        let recorded = one.recorded_as.as_ref().map_or_else(String::new, |name| format!(" (recorded as {name})"));
        row("component", &format!("{}{recorded}", one.name), one.commit.short(), &one.proof);
    }
    if let Some(usual) = usual {
        let number = components.iter().filter(|one| one.proof == *usual).count();
        row("components", &format!("{number}: --all lists them"), String::new(), usual);
    }
    if let Some(link) = &chain.pipeline {
        row("pipeline", &link.value.path, short(&link.value.blob), &link.proof);
    }
    for link in &chain.values {
        row("values", &link.value.path, short(&link.value.blob), &link.proof);
    }
    rows
}

/// What proves most of the components, where they are so many that they hide everything else.
fn usual_proof(components: &[RepositoryLink]) -> Option<&Vec<Witness>> {
    const MANY: usize = 12;
    let alike = |one: &&RepositoryLink| components.iter().filter(|other| other.proof == one.proof).count();
    let most = components.iter().max_by_key(alike)?;
    (alike(&most) > MANY).then_some(&most.proof)
}

/// What is missing, what contradicts itself, and what that adds up to.
fn gaps(trace: &Trace, page: Page, all: bool) -> String {
    let chain = &trace.chain;
    let mut text = String::from("\n");
    let red = page.style(console::Style::new().red().bold());
    let yellow = page.style(console::Style::new().yellow().bold());
    let contradiction = red.apply_to("contradiction").to_string();
    let contradictions = chain.contradictions.iter().map(|words| (&contradiction, safe(words).into_owned()));
    let missing = yellow.apply_to("missing").to_string();
    let missing = chain.missing.iter().map(|one| (&missing, format!("{}: {}", safe(&one.what), safe(&one.why))));
    let lines: Vec<(&String, String)> = contradictions.chain(missing).collect();
    let shown = if all { lines.len() } else { LISTED };
    for (label, words) in lines.iter().take(shown) {
        text.push_str(&table::wrapped("", 0, &format!("{label}: {words}"), page.width));
    }
    if lines.len() > shown {
        text.push_str(&format!("and {} more of this kind: --all lists them\n", lines.len() - shown));
    }
    if chain.is_complete() {
        text.push_str("The chain is complete.\n");
    }
    text
}
