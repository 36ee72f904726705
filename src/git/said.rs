//! What Git or gix said, without what must not be repeated.

use crate::domain::error::with_causes;
use crate::domain::location::without_secrets;

/// What Git or gix said, as the cause of an [`Error`](super::error::Error).
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Said(String);

impl Said {
    /// Keeps a text, without blanks around it and without the secrets that URLs in it may hold.
    pub fn new(text: impl AsRef<str>) -> Self {
        Said(without_secrets(text.as_ref().trim()).into_owned())
    }

    /// Flattens an error and its causes into one line.
    pub fn chain(error: &dyn std::error::Error) -> Self {
        Said::new(with_causes(error))
    }
}
