//! relman: release management in Git.
//!
//! The rooms of the house, in reading order:
//!
//! * [`domain`] says what the words mean and decides, without any IO.
//! * [`plan`] is what a command is about to do, as data, and the one place that carries it out.
//! * [`git`] reads repositories and talks to remotes.
//! * [`http`] carries requests to services, and keeps tokens from being printed.
//! * [`forge`] finds and opens pull requests, and knows which token may go where.
//! * [`jira`] tells issues where they went.
//! * [`interrupt`] listens for signals, for whoever must not be cut short.
//! * [`pipeline`] runs what a release says about its own deployment.
//! * [`workspace`] takes the repositories of a release together: finds their clones, gathers what the domain decides on.
//! * [`scaffold`] holds what `relman init` writes, as templates.
//! * [`playground`] tells a believable history to Git, for `relman demo`.
//! * [`config`] reads settings from the environment.
//! * [`render`] turns what was decided into text for people and JSON for scripts.
//! * [`ui`] is the only place that touches the terminal.
//! * [`cli`] reads the command line, and turns errors into exit codes.

pub mod cli;
pub mod config;
pub mod domain;
pub mod forge;
pub mod git;
pub mod http;
pub mod interrupt;
pub mod jira;
pub mod pipeline;
pub mod plan;
pub mod playground;
pub mod render;
pub mod scaffold;
pub mod ui;
pub mod workspace;
