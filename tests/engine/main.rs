//! The engines that run pipelines elsewhere, against servers on this machine that reject what the real ones reject.
//!
//! [`farm`] is what every fake system remembers of its runs, and the release that is deployed; `fake_*` are the systems,
//! each with its own words for every refusal. [`stories`] and [`faults`] are tests that all of them pass, [`own`] what
//! one alone has, [`trust`] who gets a token; [`contract`] and [`described`] hold both sides to what the systems say of
//! their own APIs.

#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on has failed")]
#![expect(unreachable_pub, reason = "nothing here is seen outside of this binary")]

mod contract;
mod fake_bitbucket;
mod fake_github;
mod fake_gitlab;
mod fake_jenkins;
mod farm;
#[path = "../forge/judge.rs"]
mod judge;
#[path = "../it/sandbox.rs"]
#[expect(dead_code, unused_imports, unused_macros, reason = "the room is made for more tests than these")]
mod sandbox;
#[path = "../it/schema.rs"]
mod schema;
#[path = "../forge/server.rs"]
#[expect(dead_code, reason = "the server is made for more tests than these")]
mod server;

mod described;
mod faults;
mod own;
mod stories;
mod trust;
