//! The forges, against servers on this machine that reject what the real ones reject.
//!
//! [`server`] speaks just enough HTTP, and can be told to misbehave; `fake_*` are the forges, each with a memory of its
//! own and its own words for every refusal. [`suite`] and [`faults`] are tests that every forge passes, [`gitea`] what real
//! Gitea and Forgejo servers were seen to answer, [`recorded`] and [`described`] hold relman against bodies and
//! descriptions that nobody here wrote.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on has failed")]
#![expect(clippy::print_stderr, reason = "what a test saw is shown where it fails")]
#![expect(unreachable_pub, reason = "nothing here is seen outside of this binary")]

mod fake_bitbucket_cloud;
mod fake_bitbucket_datacenter;
mod fake_gitea;
mod fake_github;
mod fake_gitlab;
#[path = "../it/sandbox.rs"]
#[expect(dead_code, unused_imports, unused_macros, reason = "the room is made for more tests than these")]
mod sandbox;
#[expect(dead_code, reason = "the engines read forms, and no forge does")]
mod server;
mod steady;
mod store;

mod client;
mod command;
mod described;
mod faults;
mod gitea;
mod judge;
mod people;
mod recorded;
mod refusals;
mod suite;
mod tls;
mod trigger;
