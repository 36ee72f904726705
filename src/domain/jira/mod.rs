//! Jira: what a release file wants told there, what is told of one event, and what came of it.
//!
//! In reading order: [`settings`] is `jira:` in a release file, [`telling`] what one promotion or deployment comes to, and
//! [`account`] what was done about each issue. Asking and writing is done elsewhere.

pub mod account;
pub mod key;
pub mod settings;
pub mod telling;

pub use account::{Account, Deed, IssueAccount, Trouble, VersionAccount};
pub use key::{IssueKey, ProjectKey};
pub use settings::JiraSettings;
pub use telling::{Event, Happened, Telling};
