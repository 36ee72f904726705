//! Who writes tags and records where Git knows nobody: whoever started the build, else relman.

use crate::domain::deployment::Ci;
use crate::git::Repository;
use crate::git::write::Person;

use super::Context;

/// What the CI system says about this build.
pub(super) fn ci() -> Ci {
    Ci::new(std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))))
}

/// Somebody to stand in wherever Git has no identity.
pub(super) fn fallback(context: &Context<'_>, release: &Repository) -> Person {
    let (name, email) = release.identity().or_else(|| ci().identity()).unwrap_or_else(|| {
        context.ui.say("Git does not know who you are, so relman <relman@localhost> signs for you.");
        ("relman".into(), "relman@localhost".into())
    });
    Person { name, email, at: None }
}
