//! What the words of release management mean, decided without any IO.
//!
//! Nothing in here opens a file, runs Git, reads a clock or prints. Values come in, decisions go out, and both can be
//! compared in a test. Read it in this order: [`name`] and [`version`] (the vocabulary), [`candidate`] (numbers on
//! tags), [`environment`] and [`release_file`] (what a branch declares), [`app_file`] (what a release consists of),
//! [`graph`] (the order of environments). [`yaml`] is the ground that both files stand on, and [`mod@file`] says what is
//! wrong with them.

pub mod ancestry;
pub mod app_file;
pub mod candidate;
pub mod chain;
pub mod change;
pub mod deployment;
pub mod diff;
pub mod environment;
pub mod error;
pub mod file;
pub mod graph;
pub mod history;
pub mod issues;
pub mod jira;
pub mod kin;
pub mod landscape;
pub mod location;
pub mod logbook;
pub mod message;
pub mod moment;
pub mod name;
pub mod naming;
pub mod octopus;
pub mod ods;
pub mod pieces;
pub mod presence;
pub mod problem;
pub mod promotion;
pub mod pull_request_mark;
pub mod record;
pub mod release_file;
pub mod resolution;
pub mod runs;
pub mod secret;
pub mod selector;
pub mod sought;
pub mod tag_check;
pub mod tags;
pub mod text;
pub mod timeline;
pub mod trigger;
pub mod values;
pub mod verification;
pub mod version;
pub mod whereabouts;
pub mod word;
pub mod yaml;
