//! Lists that a service hands out page by page.

use super::Result;
use super::api::{Answer, Api};
use super::message::Request;

/// No list that relman asks for is so long; a server that pages in a circle has.
const MAX_PAGES: u32 = 500;

/// Reads page after page, until one says that it is the last; `more` makes the next request out of an answer.
pub fn pages<T>(
    api: &Api,
    first: Request,
    doing: &str,
    mut read: impl FnMut(&Answer) -> Result<Vec<T>>,
    mut more: impl FnMut(&Answer, usize, u32) -> Option<Request>,
) -> Result<Vec<T>> {
    let mut all = Vec::new();
    let mut request = first;
    for page in 1..=MAX_PAGES {
        let answer = api.fetch(&request, doing)?;
        let items = read(&answer)?;
        let count = items.len();
        all.extend(items);
        match more(&answer, count, page) {
            Some(next) => request = next,
            None => return Ok(all),
        }
    }
    Err(api.garbled(doing, "it never comes to a last page"))
}
