//! Plans: what would be done, and what was done.

use crate::domain::text::safe;
use crate::plan::{Plan, Step};

/// The steps that are about to be done, with the files that they write.
pub fn text(plan: &Plan, dry_run: bool) -> String {
    let mut text = String::from(if dry_run { "This would be done:\n" } else { "This will be done:\n" });
    for step in &plan.steps {
        text.push_str(&format!("  {}\n", safe(&step.summary())));
        for path in step.paths() {
            text.push_str(&format!("      {}\n", safe(path)));
        }
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
