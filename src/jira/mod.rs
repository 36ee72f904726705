//! Talking to Jira, in the cloud or in a data center: comments, transitions, versions.
//!
//! In reading order: [`site`] decides which Jira it is and whether it may get a token, [`credentials`] finds one.
//! [`request`] makes requests and [`answer`] reads what comes back, both without a network. [`client`] puts them together
//! and [`mod@tell`] tells Jira of one event, so that telling it twice changes nothing.

pub mod answer;
pub mod client;
pub mod credentials;
pub mod error;
pub mod request;
pub mod site;
pub mod tell;

pub use client::Jira;
pub use credentials::{Places, find_login};
pub use error::Error;
pub use site::{Clues, Site, locate};
pub use tell::{Told, tell};

/// What a conversation with Jira comes to.
pub type Result<T> = std::result::Result<T, Error>;
