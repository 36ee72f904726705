//! The body of a request and the secret that proves it, read from files or from standard input.

use std::fs::File;
use std::io::{IsTerminal as _, Read};
use std::path::Path;

use anyhow::Context as _;

use crate::domain::trigger::signature::Secret;
use crate::domain::trigger::{MAX_BODY, Misunderstood};

use super::super::UsageError;

/// Reads a body, and no more of it than a body may have.
pub(super) fn read(file: Option<&Path>) -> anyhow::Result<Vec<u8>> {
    match file.filter(|path| path.as_os_str() != "-") {
        Some(path) => {
            let opened = File::open(path).map_err(|error| unreadable(path, &error))?;
            limited(opened).map_err(|error| unreadable(path, &error))?
        }
        None => {
            let input = std::io::stdin();
            if input.is_terminal() {
                return Err(UsageError::new(
                    "there is no body",
                    "name a file that holds it, or pipe it in: relman trigger < body.json",
                )
                .into());
            }
            limited(input.lock()).context("the body can't be read from standard input")?
        }
    }
    .map_err(Into::into)
}

fn limited(from: impl Read) -> std::io::Result<Result<Vec<u8>, Misunderstood>> {
    let mut body = Vec::new();
    // One byte more tells that there is more.
    from.take(MAX_BODY as u64 + 1).read_to_end(&mut body)?;
    Ok(if body.len() > MAX_BODY { Err(Misunderstood::TooLarge) } else { Ok(body) })
}

fn unreadable(path: &Path, error: &std::io::Error) -> UsageError {
    UsageError::new(
        format!("{} can't be read: {error}", path.display()),
        "name a file that holds the body, or - for standard input",
    )
}

/// Reads the secret that sender and receiver share.
pub(super) fn secret(path: &Path) -> anyhow::Result<Secret> {
    let why = |why: String| UsageError::new(why, "--secret-file names a file that holds the secret and nothing else");
    let mut bytes = Vec::new();
    let opened = File::open(path).and_then(|file| file.take(64 * 1024).read_to_end(&mut bytes));
    opened.map_err(|error| why(format!("the secret in {} can't be read: {error}", path.display())))?;
    Ok(Secret::new(bytes).ok_or_else(|| why(format!("the secret in {} is empty", path.display())))?)
}
