//! What `relman init` makes, and what it does not take over of what was there before.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::ods::Left;
use crate::domain::problem::Problem;
use crate::domain::text::safe;
use crate::plan::Plan;

use super::plan::{Made, StepJson, result};
use super::schema::Document;
use super::{WarningJson, document};

/// What `relman init` made.
#[derive(Serialize, JsonSchema)]
pub(super) struct InitJson<'a> {
    schema: Document,
    result: Made,
    /// The steps, in their order.
    plan: Vec<StepJson>,
    /// What of an older project has no place here; left out where none was taken over.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_taken_over: Option<Vec<LeftJson<'a>>>,
    /// What the app repo that is kept lacks; left out where one is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    app_lacks: Option<Vec<WarningJson<'a>>>,
    warnings: Vec<WarningJson<'a>>,
}

/// Something that was not taken over.
#[derive(Serialize, JsonSchema)]
struct LeftJson<'a> {
    /// Where it stands.
    place: &'a str,
    /// What it is, for people.
    what: &'a str,
    /// What to do about it, for people.
    advice: &'a str,
}

impl<'a> From<&'a Left> for LeftJson<'a> {
    fn from(Left { place, what, advice }: &'a Left) -> Self {
        LeftJson { place, what, advice }
    }
}

/// What is told beside the plan.
#[derive(Debug, Default)]
pub struct Beside<'a> {
    /// What of an older project has no place here, where one was taken over.
    pub left: Option<&'a [Left]>,
    /// What the app repo lacks, where one is kept.
    pub lacks: Option<&'a [Problem]>,
    /// What is not as one may think.
    pub warnings: &'a [Problem],
}

/// The steps, and what became of them, as a document.
pub fn json(plan: &Plan, beside: &Beside<'_>, dry_run: bool) -> String {
    let steps: Vec<StepJson> = plan.steps.iter().map(StepJson::from).collect();
    document(&InitJson {
        schema: Document::Init,
        result: result(&steps, dry_run),
        plan: steps,
        not_taken_over: beside.left.map(|left| left.iter().map(Into::into).collect()),
        app_lacks: beside.lacks.map(|lacks| lacks.iter().map(Into::into).collect()),
        warnings: beside.warnings.iter().map(Into::into).collect(),
    })
}

/// What was not taken over, for people.
pub fn left(left: &[Left]) -> String {
    let mut text = String::from("\nNot taken over:\n");
    for Left { place, what, advice } in left {
        text.push_str(&format!("  {}: {}\n      {advice}\n", safe(place), safe(what)));
    }
    text
}
