//! What came of fetching.

use schemars::JsonSchema;
use serde::Serialize;

use crate::workspace::fetch::{Fetched, State};

use super::schema::Document;
use super::{document, table};

/// What came of bringing all clones up to date.
#[derive(Serialize, JsonSchema)]
pub(super) struct FetchJson<'a> {
    schema: Document,
    repositories: Vec<FetchedJson<'a>>,
}

/// A repository, and what became of its clone.
#[derive(Serialize, JsonSchema)]
struct FetchedJson<'a> {
    /// Its name.
    name: &'a str,
    /// Where the clone lies.
    path: Option<String>,
    state: State,
    /// Why it failed, for people.
    message: Option<&'a str>,
}

/// The outcome as a document.
pub fn json(fetched: &[Fetched]) -> String {
    document(&FetchJson {
        schema: Document::Fetch,
        repositories: fetched
            .iter()
            .map(|one| FetchedJson {
                name: &one.name,
                path: one.path.as_ref().map(|path| path.display().to_string()),
                state: one.state,
                message: one.failure.as_ref().map(|failure| failure.message.as_str()),
            })
            .collect(),
    })
}

/// The outcome for people.
pub fn text(fetched: &[Fetched]) -> String {
    let rows: Vec<Vec<String>> = fetched
        .iter()
        .map(|one| {
            let path = one.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
            vec![one.name.clone(), one.state.as_str().to_owned(), path]
        })
        .collect();
    table::table(&rows, None)
}
