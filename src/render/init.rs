//! What `relman init` makes, and what it does not take over of what was there before.

use serde::Serialize;

use crate::domain::ods::Left;
use crate::domain::text::safe;
use crate::plan::Plan;

use super::document;
use super::plan::{StepJson, result};

#[derive(Serialize)]
struct InitJson<'a> {
    schema: &'static str,
    result: &'static str,
    plan: Vec<StepJson>,
    /// Left out where nothing was taken over.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_taken_over: Option<Vec<LeftJson<'a>>>,
}

#[derive(Serialize)]
struct LeftJson<'a> {
    place: &'a str,
    what: &'a str,
    advice: &'a str,
}

impl<'a> From<&'a Left> for LeftJson<'a> {
    fn from(Left { place, what, advice }: &'a Left) -> Self {
        LeftJson { place, what, advice }
    }
}

/// The steps, and what became of them, as a document.
pub fn json(plan: &Plan, left: Option<&[Left]>, dry_run: bool) -> String {
    let steps: Vec<StepJson> = plan.steps.iter().map(StepJson::from).collect();
    document(&InitJson {
        schema: "relman.init/1",
        result: result(&steps, dry_run),
        plan: steps,
        not_taken_over: left.map(|left| left.iter().map(Into::into).collect()),
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
