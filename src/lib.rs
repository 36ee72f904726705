//! relman: release management in Git.
//!
//! The rooms of the house, in reading order:
//!
//! * [`domain`] says what the words mean and decides, without any IO.
//! * [`scaffold`] holds what `relman init` writes, as templates.

pub mod domain;
pub mod git;
pub mod scaffold;
pub mod workspace;
