//! What comes from files or from standard input: the body of a request, its headers, the secret that proves it.

use std::fs::File;
use std::io::{IsTerminal as _, Read};
use std::path::Path;

use anyhow::Context as _;

use crate::domain::trigger::signature::Secret;
use crate::domain::trigger::{Headers, MAX_BODY, Misunderstood};

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

/// The most that headers in a file or a secret may take, in bytes.
const MAX_SMALL: u64 = 64 * 1024;

/// Reads headers. `@FILE` stands for a file that holds some, one a line: what is secret in them is then in no list of
/// processes.
pub(super) fn headers(given: &[String]) -> anyhow::Result<Headers> {
    let mut lines = Vec::new();
    for text in given {
        let Some(path) = text.strip_prefix('@').map(Path::new) else {
            lines.push(text.clone());
            continue;
        };
        let hint = "--header @FILE names a file that holds headers, each on a line, as NAME:VALUE";
        let bytes = small(path).map_err(|why| UsageError::new(format!("the headers in {why}"), hint))?;
        // A value may be in any encoding, and one that is not UTF-8 fits nothing.
        let text = String::from_utf8_lossy(&bytes);
        lines.extend(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned));
    }
    Ok(Headers::parse(lines.iter().map(String::as_str))?)
}

/// Reads the secret that sender and receiver share.
pub(super) fn secret(path: &Path) -> anyhow::Result<Secret> {
    let hint = "--secret-file names a file that holds the secret and nothing else";
    let bytes = small(path).map_err(|why| UsageError::new(format!("the secret in {why}"), hint))?;
    let empty = || UsageError::new(format!("the secret in {} is empty", path.display()), hint);
    Ok(Secret::new(bytes).ok_or_else(empty)?)
}

/// The whole of a small file, or its name and why it can't be had.
fn small(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    // One byte more tells that there is more.
    File::open(path)
        .and_then(|file| file.take(MAX_SMALL + 1).read_to_end(&mut bytes))
        .map_err(|error| format!("{} can't be read: {error}", path.display()))?;
    match bytes.len() as u64 > MAX_SMALL {
        true => Err(format!("{} is larger than {} KiB", path.display(), MAX_SMALL / 1024)),
        false => Ok(bytes),
    }
}
