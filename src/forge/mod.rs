//! Pull requests on forges: where the release repo is hosted, with which token, and what can be done there.
//!
//! In reading order: [`kind`] and [`mod@locate`] say which forge it is, [`page`] knows the web page that needs no token,
//! [`credentials`] finds a token. [`pull_request`] says what the words mean, [`capability`] what a forge can do, one file a
//! forge how it does it, [`open`] finds or creates, with a [`text`] that leaves room for a person's words, and
//! [`mod@origin`] asks where a commit came from. The requests are carried by [`crate::http`].

mod bitbucket_cloud;
mod bitbucket_datacenter;
pub mod capability;
pub mod credentials;
pub mod error;
mod gitea;
mod github;
mod gitlab;
pub mod kind;
pub mod locate;
pub mod open;
pub mod origin;
pub mod page;
pub mod pull_request;
pub mod remote_url;
mod restrictions;
pub mod runner;
pub mod text;

pub use capability::{Forge, api, connect};
pub use credentials::{Credential, find_credential};
pub use error::Error;
pub use kind::ForgeKind;
pub use locate::{Clues, Found, Location, locate};
pub use open::{Note, Opened, Outcome, foresee, open_or_update, refresh};
pub use origin::origin;
pub use page::new_pull_request as new_pull_request_page;
pub use pull_request::{BuildState, CommitStatus, NewPullRequest, PullRequest, RepositorySettings, State};

/// What a conversation with a forge comes to.
pub type Result<T> = std::result::Result<T, Error>;
