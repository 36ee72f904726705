//! What came of fetching.

use serde::Serialize;

use crate::workspace::fetch::{Fetched, State};

use super::{document, table};

#[derive(Serialize)]
struct FetchJson<'a> {
    schema: &'static str,
    repositories: Vec<FetchedJson<'a>>,
}

#[derive(Serialize)]
struct FetchedJson<'a> {
    name: &'a str,
    path: Option<String>,
    state: &'static str,
    message: Option<&'a str>,
}

fn word(state: State) -> &'static str {
    match state {
        State::Fetched => "fetched",
        State::Cloned => "cloned",
        State::NoRemote => "no-remote",
        State::Failed => "failed",
    }
}

/// The outcome as a document.
pub fn json(fetched: &[Fetched]) -> String {
    document(&FetchJson {
        schema: "relman.fetch/1",
        repositories: fetched
            .iter()
            .map(|one| FetchedJson {
                name: &one.name,
                path: one.path.as_ref().map(|path| path.display().to_string()),
                state: word(one.state),
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
            vec![one.name.clone(), word(one.state).to_owned(), path]
        })
        .collect();
    table::table(&rows, None)
}
