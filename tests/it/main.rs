//! Tests of the program itself: each runs the real binary in a sealed room, on real repositories.
//!
//! [`sandbox`] is the room, and the words that the tests are told in; every other file is about one command or one
//! promise. `RELMAN_UPDATE=1 cargo test generated` rewrites the files that are made from the command line's definition.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on has failed")]
#![expect(unreachable_pub, reason = "nothing here is seen outside of this binary")]

mod sandbox;
mod schema;
mod shop;

mod architecture;
mod broken_branches;
mod check;
mod clones;
mod complete;
mod demo;
mod deploy;
mod diff;
mod discover;
mod docs;
mod env_list;
mod errors;
mod fetch;
mod generated;
mod hostile;
mod init;
mod kinds;
#[cfg(unix)]
mod left_behind;
mod log;
mod merged;
mod next_rc;
mod output;
mod outside;
mod places;
mod plans;
mod presence;
mod promote;
mod proven;
mod pull_requests;
mod race;
mod ran_last;
mod reading_back;
mod remotes;
mod resolve;
mod secrets;
mod situations;
mod status;
mod stopped;
mod tag;
mod tekton;
mod trace;
mod trigger;
mod trigger_mutated;
mod trigger_recorded;
mod verify;
mod walk;
mod whereabouts;
mod wide;
mod wrong_remotes;
mod yaml_files;
