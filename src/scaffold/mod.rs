//! What `relman init` writes: the first files of a release repo and an app repo, as texts, without any IO.
//!
//! The texts are files under `templates/`. A [`Blueprint`] says what is wanted, [`release_repo`] and [`app_repo`]
//! return the files, [`environment_entry`] returns the lines that `relman env add` writes, and [`missing_in_app`]
//! says what an app repo that exists already still lacks.

mod app;
mod blueprint;
mod missing;
mod release;
mod template;
#[cfg(test)]
mod tests;

pub use app::app_repo;
pub use blueprint::{Blueprint, Ci, InvalidRemoteBase, PlannedComponent, PlannedEnvironment, RemoteBase};
pub use missing::{ExistingApp, missing_in_app};
pub use release::{ci_file, environment_entry, release_repo};

/// A file that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScaffoldFile {
    /// Where it goes, below the repository's root, with `/` between folders.
    pub path: String,
    /// What it holds.
    pub content: String,
    /// Whether it can be run as a program.
    pub executable: bool,
}

impl ScaffoldFile {
    /// A file that is no program.
    fn text(path: impl Into<String>, content: impl Into<String>) -> Self {
        ScaffoldFile { path: path.into(), content: content.into(), executable: false }
    }
}
