//! Promotions: what is decided, what was done, and the pull request that proposes it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::name::{CommitId, EnvironmentName};
use crate::domain::problem::Problem;
use crate::domain::promotion::Way;
use crate::domain::text::{safe, safe_lines};
use crate::domain::word::words;
use crate::plan::{Plan, Step};
use crate::workspace::promotion::{Decided, Side, Verb};

use super::markdown::{MAX_BODY, cap, escaped};
use super::plan::StepJson;
use super::schema::Document;
use super::{WarningJson, diff, document};

words! {
    /// How it ended.
    pub enum Ending {
        /// A pull request was opened.
        Created = "created",
        /// A pull request was brought up to date.
        Updated = "updated",
        /// There was nothing to do.
        Unchanged = "unchanged",
        /// The plan was shown.
        Planned = "planned",
        /// What is left is done by hand.
        Manual = "manual",
        /// The target was pushed to.
        Pushed = "pushed",
    }
}

/// The pull request of a promotion.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PullRequestJson {
    /// The forge.
    pub forge: String,
    /// Its number; `null` where it is yet to be opened.
    pub number: Option<u64>,
    /// Its page, or the page that opens it.
    pub url: Option<String>,
    /// The branch that is merged.
    pub head: String,
    /// The branch that it is merged into.
    pub base: String,
}

/// What was proposed for an environment, or set there.
#[derive(Serialize, JsonSchema)]
pub(super) struct PromotionJson<'a> {
    schema: Document,
    result: Ending,
    /// Which way it takes; `null` in `redeploy`.
    via: Option<Way>,
    /// A word for why it takes that way; `null` in `redeploy`.
    reason: Option<&'a str>,
    /// What the target is to declare, as `version:` says it.
    version: Option<String>,
    /// The candidate that the commit names; `null` where the target takes no candidates.
    candidate: Option<&'a str>,
    /// Where it comes from; `null` but in `promote`.
    from: Option<SideJson<'a>>,
    /// Where it goes, as it was before.
    to: SideJson<'a>,
    /// `null` where there is no forge, or nothing to propose.
    pull_request: Option<&'a PullRequestJson>,
    /// What was intended, step by step, whatever `result` says.
    plan: Vec<StepJson>,
    warnings: Vec<WarningJson<'a>>,
}

/// An environment, as it was before.
#[derive(Serialize, JsonSchema)]
struct SideJson<'a> {
    /// Its name.
    environment: &'a str,
    /// What it declared, as `version:` says it.
    version: Option<&'a str>,
    /// The newest commit of its branch.
    commit: CommitId,
}

impl<'a> From<&'a Side> for SideJson<'a> {
    fn from(side: &'a Side) -> Self {
        SideJson { environment: side.environment.as_str(), version: side.version.as_deref(), commit: side.commit }
    }
}

/// What was decided and how it ended, as a document.
pub fn json(decided: &Decided, plan: &Plan, ending: Ending, pull_request: Option<&PullRequestJson>) -> String {
    document(&PromotionJson {
        schema: match decided.verb {
            Verb::Promote => Document::Promote,
            Verb::Set => Document::Set,
            Verb::Rollback => Document::Rollback,
        },
        result: ending,
        via: Some(decided.choice.way),
        reason: Some(decided.choice.code),
        version: decided.version.text(),
        candidate: decided.candidate.as_ref().map(|tag| tag.as_str()),
        from: decided.source.as_ref().map(Into::into),
        to: (&decided.target).into(),
        pull_request,
        plan: plan.steps.iter().map(Into::into).collect(),
        warnings: decided.warnings.iter().map(Into::into).collect(),
    })
}

/// How a redeployment ended, as a document.
pub(super) fn redeploy_json(
    environment: &EnvironmentName,
    version: Option<&str>,
    commit: CommitId,
    plan: &Plan,
    ending: Ending,
    warnings: &[Problem],
) -> String {
    document(&PromotionJson {
        schema: Document::Redeploy,
        result: ending,
        via: None,
        reason: None,
        version: version.map(str::to_owned),
        candidate: None,
        from: None,
        to: SideJson { environment: environment.as_str(), version, commit },
        pull_request: None,
        plan: plan.steps.iter().map(Into::into).collect(),
        warnings: warnings.iter().map(Into::into).collect(),
    })
}

/// What was decided, for people.
pub fn text(decided: &Decided) -> String {
    let version = decided.version.text().unwrap_or_default();
    let target = &decided.target.environment;
    let held = decided.target.version.as_deref().unwrap_or("nothing");
    let mut text = match (decided.verb, &decided.source) {
        (Verb::Promote, Some(source)) => {
            format!("{version} from {} to {target}, which holds {held}\n", source.environment)
        }
        (Verb::Rollback, _) => format!("{target} back to {version} from {held}\n"),
        _ => format!("{version} in {target}, which holds {held}\n"),
    };
    if let Some(candidate) = &decided.candidate {
        text.push_str(&format!("candidate  {candidate}\n"));
    }
    if decided.verb == Verb::Promote {
        text.push_str(&format!("way        {}: {}\n", decided.choice.way.as_str(), decided.choice.reason));
    }
    text.push_str(&diff::text::in_short(&decided.diff));
    text
}

/// How a promotion ended, for people.
pub fn ended(plan: &Plan, ending: Ending, pull_request: Option<&PullRequestJson>) -> String {
    let mut text = String::new();
    for step in &plan.steps {
        if let Step::ByHand { summary } = step {
            text.push_str(&format!("{}\n", safe(summary)));
        }
    }
    let number = |pr: &PullRequestJson| pr.number.map(|number| format!(" {number}")).unwrap_or_default();
    match (ending, pull_request) {
        (Ending::Created, Some(pr)) => text.push_str(&format!("Opened the pull request{}.\n", number(pr))),
        (Ending::Updated, Some(pr)) => text.push_str(&format!("Brought the pull request{} up to date.\n", number(pr))),
        (Ending::Unchanged, Some(pr)) => {
            text.push_str(&format!("The pull request{} is open and up to date.\n", number(pr)))
        }
        (Ending::Unchanged, None) => text.push_str("Nothing to do.\n"),
        (Ending::Pushed, _) if plan.remotes().is_empty() => {
            text.push_str("Committed; there is no remote to push to.\n")
        }
        (Ending::Pushed, _) => text.push_str("Pushed.\n"),
        _ => {}
    }
    if let Some(url) = pull_request.and_then(|pr| pr.url.as_ref()) {
        text.push_str(&format!("{}\n", safe(url)));
    }
    text
}

/// The title of the pull request and the subject of the commit.
pub fn title(decided: &Decided) -> String {
    let version = decided.version.text().unwrap_or_default();
    let target = &decided.target.environment;
    if let Some(template) = &decided.templates.0 {
        return safe(&fill(template, decided, "")).into_owned();
    }
    match (decided.verb, &decided.source) {
        (Verb::Promote, Some(source)) => format!("Promote {version} from {} to {target}", source.environment),
        (Verb::Rollback, _) => format!("Roll {target} back to {version}"),
        _ => format!("Set {version} in {target}"),
    }
}

/// The message of a commit that relman makes: subject and trailers.
pub fn message(decided: &Decided) -> String {
    let title = title(decided);
    // A template may hold line breaks; the subject is one line.
    let subject = title.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{}{subject}\n\n{}\n", safe(&decided.commit_prefix), decided.trailers.lines().join("\n"))
}

/// The body of the pull request.
pub fn body(decided: &Decided) -> String {
    let mut body = match &decided.templates.1 {
        Some(template) => fill(&safe_lines(template), decided, &diff::markdown::changes(&decided.diff, false)),
        None => {
            let version = escaped(&decided.version.text().unwrap_or_default());
            let held = escaped(decided.target.version.as_deref().unwrap_or("nothing"));
            // Whoever approves must see this, and nothing before it.
            let mut body = diff::markdown::losses(&decided.diff, false).trim_start().to_owned();
            if !body.is_empty() {
                body.push('\n');
            }
            body.push_str(&format!(
                "Brings **{version}** to **{}**, which holds {held}.\n",
                decided.target.environment
            ));
            if let Some(candidate) = &decided.candidate {
                body.push_str(&format!("\nCandidate: `{candidate}`\n"));
            }
            if decided.choice.way == Way::Direct {
                body.push_str("\nMerge it with a merge commit. A squash would make the next promotion conflict.\n");
            }
            body.push_str(&diff::markdown::gains(&decided.diff, false));
            body
        }
    };
    body = cap(&body, MAX_BODY);
    // Last, and as they are: a forge that squashes may take the body for the message of the commit.
    format!("{body}\n\n{}\n", decided.trailers.lines().join("\n"))
}

/// Puts facts into a template: `{version}`, `{candidate}`, `{from}`, `{to}`, `{previous}`, `{changes}`.
fn fill(template: &str, decided: &Decided, changes: &str) -> String {
    let version = decided.version.text().unwrap_or_default();
    let version = safe(&version);
    let facts = [
        ("version", version.as_ref()),
        ("candidate", decided.candidate.as_ref().map_or("", |tag| tag.as_str())),
        ("from", decided.source.as_ref().map_or("", |source| source.environment.as_str())),
        ("to", decided.target.environment.as_str()),
        ("previous", decided.target.version.as_deref().unwrap_or_default()),
        ("changes", changes),
    ];
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    // One pass, so that a fact which looks like a placeholder stays what it is.
    while let Some(at) = rest.find('{') {
        filled.push_str(&rest[..at]);
        let found = facts
            .iter()
            .find(|(name, _)| rest[at + 1..].strip_prefix(name).is_some_and(|after| after.starts_with('}')));
        match found {
            Some((name, value)) => {
                filled.push_str(value);
                rest = &rest[at + name.len() + 2..];
            }
            None => {
                filled.push('{');
                rest = &rest[at + 1..];
            }
        }
    }
    filled.push_str(rest);
    filled
}
