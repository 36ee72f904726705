//! What lets relman into a system that runs pipelines, as it was found out elsewhere.

use crate::http::{Api, WebUrl};

/// A system that runs pipelines, and the app repo there.
#[derive(Debug)]
pub struct Access {
    /// The system's API, with a login.
    pub api: Api,
    /// Where its pages begin.
    pub web: WebUrl,
    /// Whom the app repo belongs to there: an account, a group with its subgroups, a workspace. Jenkins knows none.
    pub owner: String,
    /// What the app repo is called there.
    pub repository: String,
    /// The file that the engine is told to run, as it is in the app commit, where there is one.
    pub definition: Option<Vec<u8>>,
}
