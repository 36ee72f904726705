//! Jira, against servers on this machine that reject what the real one rejects.
//!
//! [`fake`] has a memory, a workflow and Jira's own words for every refusal. [`telling`] talks to it as a library, and
//! breaks it in every way; [`command`] runs the program itself, [`pull_request`] with a forge beside it, and [`release`] plays one release from Jira to prod and back.
//! [`described`] shows the requests to the makers' own descriptions, and [`stand_in`] tells a Jira that somebody else wrote.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on has failed")]
#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]
#![expect(unreachable_pub, reason = "nothing here is seen outside of this binary")]

mod fake;
#[path = "../forge/fake_bitbucket_cloud.rs"]
mod fake_bitbucket_cloud;
#[path = "../forge/fake_bitbucket_datacenter.rs"]
mod fake_bitbucket_datacenter;
#[path = "../forge/fake_gitea.rs"]
mod fake_gitea;
#[path = "../forge/fake_github.rs"]
mod fake_github;
#[path = "../forge/fake_gitlab.rs"]
mod fake_gitlab;
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
#[path = "../forge/store.rs"]
#[expect(dead_code, reason = "forges are asked for more by their own tests")]
mod store;

mod command;
mod described;
mod pull_request;
mod release;
mod stand_in;
mod telling;
