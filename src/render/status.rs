//! The matrix: a row for each environment.

use console::{measure_text_width, truncate_str};
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::environment::Tagging;
use crate::domain::landscape::LocalBranch;
use crate::domain::moment::Moment;
use crate::domain::name::CommitId;
use crate::domain::problem::Problem;
use crate::domain::record::{Outcome, Record};
use crate::domain::text::safe;
use crate::domain::version::{Declared, DeclaredKind};
use crate::workspace::overview::{DeployKind, Overview, Row};

use super::schema::Document;
use super::table::{self, Shrinks};
use super::time::Time;
use super::{Page, ProblemJson, document, located, time};

/// Which version each environment branch holds.
#[derive(Serialize, JsonSchema)]
pub(super) struct StatusJson<'a> {
    schema: Document,
    /// The app repo's name; `null` where the branches don't agree on one.
    application: Option<&'a str>,
    /// With `--at` alone: the time that it is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Time>,
    /// The absolute path of the release repo.
    release_repo: String,
    /// When the oldest clone was brought up to date; `null` where there is no remote.
    fetched_at: Option<Time>,
    /// The environments, in order.
    environments: Vec<EnvironmentJson<'a>>,
    /// What is wrong with all of them together, and with clones.
    problems: Vec<ProblemJson<'a>>,
}

/// An environment, and what its branch holds.
#[derive(Serialize, JsonSchema)]
struct EnvironmentJson<'a> {
    /// Its name.
    name: &'a str,
    /// Its type, such as `qa`; `null` where it can't be read.
    r#type: Option<&'a str>,
    tagging: Option<Tagging>,
    /// Its branch, `environment/<name>`.
    branch: String,
    /// The newest commit of the branch.
    commit: Option<CommitId>,
    /// What is declared, as `version:` says it; where the file has no such line, what was deployed last with success.
    version: Option<String>,
    kind: DeclaredKind,
    /// What the declared version stands for among the references of the clones; `null` with `--at`.
    deploys: Option<DeploysJson<'a>>,
    /// Whether a candidate made now would stand on other commits; `null` where a clone is missing.
    heads_moved: Option<bool>,
    /// When the newest commit of the branch was made.
    changed_at: Option<Time>,
    /// Who made it.
    changed_by: &'a str,
    /// Where promotions to it come from.
    from: Vec<&'a str>,
    /// Whether the local branch differs from the remote's.
    local_differs: bool,
    /// The newest deployment that a record tells of.
    deployment: Option<DeploymentJson<'a>>,
    /// The last deployment that had succeeded: with `--at` by then, else where the file declares no version.
    #[serde(skip_serializing_if = "Option::is_none")]
    ran: Option<Option<DeploymentJson<'a>>>,
    /// The pull requests that are open, with `--pull-requests` alone.
    promotions: Vec<PromotionJson<'a>>,
    /// What is wrong with it.
    problems: Vec<ProblemJson<'a>>,
}

/// A pull request that is open.
#[derive(Serialize, JsonSchema)]
struct PromotionJson<'a> {
    /// The environment that it changes.
    to: &'a str,
    /// Its number.
    number: u64,
    /// Its page.
    url: &'a str,
    /// `open`.
    state: &'a str,
}

/// What a declared version stands for.
#[derive(Serialize, JsonSchema)]
struct DeploysJson<'a> {
    /// The full name of the reference, or the id of the commit.
    r#ref: &'a str,
    ref_kind: DeployKind,
    /// The commit of the app repo.
    commit: CommitId,
}

/// A deployment, as its record tells of it.
#[derive(Serialize, JsonSchema)]
struct DeploymentJson<'a> {
    outcome: Outcome,
    /// What was deployed, as `version:` says it.
    version: Option<&'a str>,
    /// The tag that was deployed.
    tag: Option<&'a str>,
    /// When, RFC 3339 in UTC.
    #[schemars(extend("format" = "date-time"))]
    at: &'a str,
    /// Where the run can be looked at.
    url: Option<&'a str>,
}

/// The matrix as a document.
pub fn json(overview: &Overview) -> String {
    document(&StatusJson {
        schema: Document::Status,
        application: overview.application.as_ref().map(|name| name.as_str()),
        at: overview.at.as_ref().and_then(|moment| time::rfc3339(moment.end)),
        release_repo: overview.release_repo.display().to_string(),
        fetched_at: overview.fetched_at.and_then(time::rfc3339),
        environments: overview.rows.iter().map(|row| environment(row, overview.at.is_some())).collect(),
        problems: overview.problems.iter().map(Into::into).collect(),
    })
}

fn environment(row: &Row, is_past: bool) -> EnvironmentJson<'_> {
    let branch = &row.branch;
    EnvironmentJson {
        name: &branch.text,
        r#type: branch.entry().and_then(|entry| entry.kind.as_ref()).map(|kind| kind.as_str()),
        tagging: branch.tagging(),
        branch: branch.branch(),
        commit: (!branch.commit.object().is_null()).then_some(branch.commit),
        version: stands(row),
        kind: branch.declared().map_or(DeclaredKind::None, Declared::kind),
        deploys: row.deploys.as_ref().map(|deploys| DeploysJson {
            r#ref: &deploys.reference,
            ref_kind: deploys.kind,
            commit: deploys.commit,
        }),
        heads_moved: row.heads_moved,
        changed_at: branch.is_readable().then(|| time::rfc3339(branch.changed_at)).flatten(),
        changed_by: &branch.changed_by,
        from: row.from.iter().map(|name| name.as_str()).collect(),
        local_differs: branch.local != LocalBranch::Same,
        deployment: branch.deployment.as_ref().map(|(record, outcome)| deployment(record, *outcome)),
        ran: (is_past || branch.is_from_outside())
            .then(|| row.ran.as_ref().map(|ran| deployment(&ran.record, ran.outcome))),
        promotions: row
            .promotions
            .iter()
            .map(|open| PromotionJson { to: &open.to, number: open.number, url: &open.url, state: open.state })
            .collect(),
        problems: row.problems.iter().map(Into::into).collect(),
    }
}

/// What is declared; where the file says nothing of it, what ran.
fn stands(row: &Row) -> Option<String> {
    let ran = || row.ran.as_ref().filter(|_| row.branch.is_from_outside()).and_then(|ran| ran.record.version.clone());
    row.branch.declared().and_then(Declared::text).or_else(ran)
}

fn deployment(record: &Record, outcome: Outcome) -> DeploymentJson<'_> {
    DeploymentJson {
        outcome,
        version: record.version.as_deref(),
        tag: record.tag.as_deref(),
        at: &record.at,
        url: record.url.as_deref(),
    }
}

/// The matrix for people, and under it what is wrong.
pub fn text(overview: &Overview, page: Page) -> String {
    let mut text = String::new();
    let bold = page.style(console::Style::new().bold());
    if let Some(application) = &overview.application {
        text.push_str(&bold.apply_to(application).to_string());
        text.push_str(&overview.at.as_ref().map_or_else(String::new, |moment| format!(", as it was {}", when(moment))));
        text.push_str("\n\n");
    }
    if let (true, Some(moment)) = (overview.rows.is_empty(), &overview.at) {
        text.push_str(&format!("No environment had a commit {}.\n", when(moment)));
    } else if overview.rows.is_empty() {
        text.push_str(super::environments::NO_ENVIRONMENTS);
    } else {
        text.push_str(&matrix(&rows(overview, page), overview.at.is_some(), page.width));
    }
    text.push_str(&problems(overview, page));
    text
}

/// The time that a matrix of the past is of.
fn when(moment: &Moment) -> String {
    format!("{}{}", if moment.is_day { "at the end of " } else { "at " }, moment.shown)
}

fn rows(overview: &Overview, page: Page) -> Vec<Vec<String>> {
    let dim = page.style(console::Style::new().dim());
    let recorded = overview.rows.iter().any(|row| row.branch.deployment.is_some());
    let last = if recorded { "DEPLOYED" } else { "" };
    let heads = match overview.at {
        None => ["ENVIRONMENT", "TYPE", "VERSION", "DEPLOYS", "CHANGED", "BY", last],
        Some(_) => ["ENVIRONMENT", "TYPE", "DECLARED", "CHANGED", "RAN", last, "BY"],
    };
    let mut rows = vec![heads.iter().map(|head| dim.apply_to(head).to_string()).collect()];
    rows.extend(overview.rows.iter().map(|row| match overview.at {
        None => cells(row, page),
        Some(_) => past_cells(row, page),
    }));
    rows
}

/// The rows as wide as the terminal is. Who changed it is what can be spared most, and how a deployment ended least.
fn matrix(rows: &[Vec<String>], is_past: bool, width: Option<usize>) -> String {
    let (what, changed, by, notes) = if is_past { (2, 3, 6, 5) } else { (3, 4, 5, 6) };
    let shrinks = |column, least| Shrinks { column, least };
    let shrinking = [
        shrinks(by, 6),
        shrinks(notes, OUTCOME),
        shrinks(what, 12),
        shrinks(0, 12),
        shrinks(by, 1),
        shrinks(changed, 1),
    ];
    let widest = |lines: &mut dyn Iterator<Item = &str>| lines.map(measure_text_width).max().unwrap_or(0);
    let spared = |Shrinks { column, least }: &Shrinks| {
        widest(&mut rows.iter().filter_map(|row| row.get(*column)).map(String::as_str)).saturating_sub(*least)
    };
    let least = widest(&mut table::table(rows, None).lines()).saturating_sub(shrinking[..2].iter().map(spared).sum());
    let mut rows = rows.to_vec();
    if width.is_some_and(|width| width < least) {
        // Half of a time is none, so all of it goes.
        for cell in rows.iter_mut().filter_map(|row| row.get_mut(changed)) {
            *cell = truncate_str(cell, DATE, "").into_owned();
        }
    }
    table::fitted(&rows, width, &shrinking)
}

/// The width of a date without its time.
const DATE: usize = 10;

/// The width of the longest word for an outcome and of what shows that it was cut.
const OUTCOME: usize = 12;

/// What is wrong, under the table.
fn problems(overview: &Overview, page: Page) -> String {
    let problems: Vec<&Problem> =
        overview.rows.iter().flat_map(|row| &row.problems).chain(&overview.problems).collect();
    let mut text = String::new();
    if !problems.is_empty() {
        text.push('\n');
    }
    for problem in problems {
        text.push_str(&format!("{}: {}\n", page.label(problem.severity), located(problem)));
        if !problem.hint.is_empty() {
            text.push_str(&format!("  {}\n", safe(&problem.hint)));
        }
    }
    text
}

/// A row of the past: what was declared, and what ran, apart from each other.
fn past_cells(row: &Row, page: Page) -> Vec<String> {
    let [environment, kind, version, _, changed, by, deployed] =
        <[String; 7]>::try_from(cells(row, page)).unwrap_or_default();
    let declared = stands(row);
    let ran = row.ran.as_ref().map_or_else(
        || "-".to_owned(),
        |ran| {
            let version = ran.record.version.as_deref().unwrap_or("-");
            let style = match declared.as_deref() == Some(version) {
                true => console::Style::new(),
                false => console::Style::new().yellow(),
            };
            page.style(style).apply_to(safe(version)).to_string()
        },
    );
    vec![environment, kind, version, changed, ran, deployed, by]
}

fn cells(row: &Row, page: Page) -> Vec<String> {
    let branch = &row.branch;
    let kind = branch.entry().and_then(|entry| entry.kind.as_ref()).map_or("-", |kind| kind.as_str());
    let bold = page.style(console::Style::new().bold());
    let version = match (branch.declared(), stands(row)) {
        (None, _) => page.style(console::Style::new().red()).apply_to("?").to_string(),
        (Some(Declared::Absent), Some(version)) => format!("{} (from outside)", bold.apply_to(safe(&version))),
        (Some(Declared::Absent), None) => "(given from outside)".into(),
        (Some(_), Some(version)) => bold.apply_to(safe(&version)).to_string(),
        (Some(_), None) => "(none yet)".into(),
    };
    let deploys = row.deploys.as_ref().map_or_else(
        || "-".to_owned(),
        |deploys| {
            let short =
                |name: &str| safe(name.trim_start_matches("refs/heads/").trim_start_matches("refs/tags/")).into_owned();
            match deploys.kind {
                DeployKind::Candidate | DeployKind::Final => short(&deploys.reference),
                DeployKind::Branch | DeployKind::Ref => match CommitId::parse(&deploys.reference) {
                    Some(id) => id.short(),
                    None => format!("{} {}", short(&deploys.reference), deploys.commit.short()),
                },
            }
        },
    );
    vec![
        safe(&branch.text).into_owned(),
        kind.to_owned(),
        version,
        deploys,
        if branch.is_readable() { time::local(branch.changed_at) } else { "-".to_owned() },
        safe(&branch.changed_by).into_owned(),
        notes(row, page),
    ]
}

/// What else is worth knowing about an environment, in a few words.
fn notes(row: &Row, page: Page) -> String {
    let mut notes = Vec::new();
    if let Some((record, outcome)) = &row.branch.deployment {
        let what = record.tag.as_deref().or(record.version.as_deref()).unwrap_or("-");
        // The outcome first: what a narrow terminal cuts off is the tag, which stands under DEPLOYS as well.
        let text = format!("{} {}", outcome.as_str(), safe(what));
        notes.push(match outcome {
            Outcome::Succeeded => page.style(console::Style::new().green()).apply_to(text).to_string(),
            Outcome::Failed | Outcome::Interrupted => {
                page.style(console::Style::new().red()).apply_to(text).to_string()
            }
            Outcome::Running => page.style(console::Style::new().yellow()).apply_to(text).to_string(),
        });
    }
    if row.heads_moved == Some(true) {
        notes.push(page.style(console::Style::new().yellow()).apply_to("new commits since").to_string());
    }
    for open in &row.promotions {
        notes.push(format!("#{} to {} is open", open.number, safe(&open.to)));
    }
    match row.branch.local {
        LocalBranch::Same => {}
        LocalBranch::Behind => notes.push("local branch is behind".into()),
        LocalBranch::Differs => notes.push("local branch differs".into()),
    }
    notes.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[[&str; 7]]) -> Vec<Vec<String>> {
        rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
    }

    #[test]
    fn a_narrow_terminal_shows_how_deployments_ended() {
        let now = rows(&[
            ["ENVIRONMENT", "TYPE", "VERSION", "DEPLOYS", "CHANGED", "BY", "DEPLOYED"],
            ["dev", "dev", "WIP", "main 0123456789", "2026-11-22 16:50", "Robin Release", "running WIP"],
            ["qa", "qa", "1.3.0", "v1.3.0-rc.1", "2026-11-22 16:50", "Robin Release", "interrupted v1.3.0-rc.1"],
            [
                "prod-eu-west",
                "prod",
                "1.2.0",
                "v1.2.0",
                "2026-11-22 16:50",
                "CI",
                "succeeded v1.2.0, #12 to prod-cn is open",
            ],
        ]);
        insta::assert_snapshot!(matrix(&now, false, Some(80)), @r"
        ENVIRONMENT   TYPE  VERSION  DEPLOYS          CHANGED     BY      DEPLOYED
        dev           dev   WIP      main 0123456789  2026-11-22  Robin…  running WIP
        qa            qa    1.3.0    v1.3.0-rc.1      2026-11-22  Robin…  interrupted v…
        prod-eu-west  prod  1.2.0    v1.2.0           2026-11-22  CI      succeeded v1.…
        ");
        let past = rows(&[
            ["ENVIRONMENT", "TYPE", "DECLARED", "CHANGED", "RAN", "DEPLOYED", "BY"],
            [
                "qa",
                "qa",
                "1.3.0",
                "2026-11-22 16:50",
                "1.3.0",
                "failed v1.3.0-rc.1, local branch differs",
                "Robin Release",
            ],
        ]);
        insta::assert_snapshot!(matrix(&past, true, Some(80)), @r"
        ENVIRONMENT  TYPE  DECLARED  CHANGED           RAN    DEPLOYED            BY
        qa           qa    1.3.0     2026-11-22 16:50  1.3.0  failed v1.3.0-rc.…  Robin…
        ");
        for width in [62, 75, 80, 100] {
            let text = matrix(&now, false, Some(width));
            assert!(["running", "interrupted", "succeeded"].iter().all(|word| text.contains(word)), "{text}");
            assert!(text.lines().all(|line| measure_text_width(line) <= width), "{text}");
        }
    }
}
