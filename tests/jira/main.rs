//! Jira, against servers on this machine that reject what the real one rejects.
//!
//! [`fake`] has a memory, a workflow and Jira's own words for every refusal. [`telling`] talks to it as a library, and
//! breaks it in every way; [`command`] runs the program itself, and [`release`] plays one release from Jira to prod and back.
//! [`described`] shows the requests to the makers' own descriptions, and [`stand_in`] tells a Jira that somebody else wrote.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on has failed")]
#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]
#![expect(unreachable_pub, reason = "nothing here is seen outside of this binary")]

mod fake;
#[path = "../forge/judge.rs"]
mod judge;
#[path = "../it/sandbox.rs"]
#[expect(dead_code, unused_imports, unused_macros, reason = "the room is made for more tests than these")]
mod sandbox;
#[path = "../forge/server.rs"]
#[expect(dead_code, reason = "forges are broken in more ways")]
mod server;
#[path = "../forge/steady.rs"]
mod steady;

mod command;
mod described;
mod release;
mod stand_in;
mod telling;
