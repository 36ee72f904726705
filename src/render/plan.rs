//! Plans: what would be done, and what was done.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::problem::Problem;
use crate::domain::text::safe;
use crate::domain::word::words;
use crate::plan::deploy::Deed;
use crate::plan::{Plan, Step, StepKind};

use super::schema::Document;
use super::{WarningJson, document};

/// What was made, step by step.
#[derive(Serialize, JsonSchema)]
pub(super) struct PlanJson<'a> {
    schema: Document,
    result: Made,
    /// The steps, in their order.
    plan: Vec<StepJson>,
    warnings: Vec<WarningJson<'a>>,
}

words! {
    /// What became of the steps.
    pub enum Made {
        /// They were done.
        Created = "created",
        /// There was nothing to do.
        Unchanged = "unchanged",
        /// They were shown, by `--dry-run`.
        Planned = "planned",
    }
}

/// A step of a plan.
#[derive(Serialize, JsonSchema)]
pub struct StepJson {
    /// What kind of step it is.
    pub kind: StepKind,
    /// What it does, for people.
    pub summary: String,
    /// Whether it changes anything.
    pub changes: bool,
}

/// The steps, and what became of them, as a document.
pub fn json(schema: Document, plan: &Plan, warnings: &[Problem], dry_run: bool) -> String {
    steps_json(schema, plan.steps.iter().map(Into::into).collect(), warnings, dry_run)
}

impl From<&Step> for StepJson {
    fn from(step: &Step) -> Self {
        StepJson { kind: step.kind(), summary: step.summary(), changes: step.changes() }
    }
}

impl From<Deed> for StepJson {
    fn from(deed: Deed) -> Self {
        StepJson { kind: deed.kind, summary: deed.summary, changes: deed.changes }
    }
}

/// Like [`json`], for steps that are no plan's.
pub fn steps_json(schema: Document, plan: Vec<StepJson>, warnings: &[Problem], dry_run: bool) -> String {
    let result = result(&plan, dry_run);
    document(&PlanJson { schema, result, plan, warnings: warnings.iter().map(Into::into).collect() })
}

/// What became of steps.
pub(super) fn result(steps: &[StepJson], dry_run: bool) -> Made {
    match (steps.iter().any(|step| step.changes), dry_run) {
        (false, _) => Made::Unchanged,
        (true, true) => Made::Planned,
        (true, false) => Made::Created,
    }
}

/// The steps that are about to be done, with the files that they write; and apart from them what is left to a person.
pub fn text(plan: &Plan, dry_run: bool) -> String {
    let (by_hand, steps): (Vec<&Step>, Vec<&Step>) =
        plan.steps.iter().partition(|step| matches!(step, Step::ByHand { .. }));
    let mut text = String::new();
    if !steps.is_empty() || by_hand.is_empty() {
        text.push_str(if dry_run { "This would be done:\n" } else { "This will be done:\n" });
    }
    for step in &steps {
        text.push_str(&format!("  {}\n", safe(&step.summary())));
        for path in step.paths() {
            text.push_str(&format!("      {}\n", safe(path)));
        }
    }
    if !by_hand.is_empty() {
        text.push_str(if steps.is_empty() { "This is left to you:\n" } else { "After that, this is left to you:\n" });
    }
    for step in by_hand {
        text.push_str(&format!("  {}\n", safe(&step.summary())));
    }
    text
}

/// The steps that are done.
pub fn done(plan: &Plan) -> String {
    plan.steps.iter().map(|step| format!("{}\n", safe(&past(step)))).collect()
}

fn past(step: &Step) -> String {
    let summary = step.summary();
    for (now, then) in [("make ", "made "), ("push ", "pushed "), ("keep ", "kept "), ("tag ", "tagged ")] {
        if let Some(rest) = summary.strip_prefix(now) {
            return format!("{then}{rest}");
        }
    }
    summary
}
