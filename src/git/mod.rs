//! Everything that touches a Git repository.
//!
//! gix reads references and objects inside this process; the `git` program moves references and talks to remotes, so
//! that a user's credential helpers, ssh configuration, proxies, hooks and `insteadOf` rules hold. Read it in this
//! order: [`repository`] (opening one), [`refs`] and [`objects`] (reading), [`program`] and [`remote`] (the `git`
//! program), [`mod@write`] (new commits and tags), [`clones`] (where the repositories of a release lie), and
//! [`release_repo`] and [`app_repo`] (what the domain wants to know of them).

pub mod app_repo;
mod around;
pub mod checkout;
pub mod clones;
mod deployments;
pub mod error;
mod explain;
mod finished;
mod graph;
pub mod history;
mod last_deployment;
pub mod listing;
pub mod login;
pub mod make;
pub mod merge;
mod merges;
mod named;
pub mod notes;
pub mod objects;
pub mod patches;
pub mod program;
pub mod push;
pub mod records;
mod ref_files;
mod reflog;
pub mod refs;
pub mod release_history;
pub mod release_repo;
pub mod remote;
pub mod repository;
mod runs;
mod said;
pub mod scratch;
pub mod search;
pub mod tagging;
mod threads;
pub mod timeline;
pub mod triggers;
pub mod unprepared;
pub mod write;

pub use error::Error;
pub use repository::Repository;

/// The result of whatever touches a repository.
pub type Result<T> = std::result::Result<T, Error>;
