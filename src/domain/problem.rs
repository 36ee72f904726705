//! A finding about files, branches, tags or clones: something to tell, that need not stop the command that saw it.

use super::word::words;

words! {
    /// How bad a finding is.
    #[derive(PartialOrd, Ord)]
    pub enum Severity {
        /// Worth knowing; `relman check` fails on it with `--strict` only.
        Warning = "warning",
        /// Something will not work until it is mended.
        Error = "error",
    }
}

/// One finding, with the place it was made at and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A short, stable name for scripts, such as `branch-without-entry`.
    pub code: &'static str,
    /// Whether it is an error or a warning.
    pub severity: Severity,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do about it; may be empty.
    pub hint: String,
    /// The environment that it concerns.
    pub environment: Option<String>,
    /// The repository that it concerns, by its name.
    pub repository: Option<String>,
    /// The file that it was found in.
    pub path: Option<String>,
    /// The line in that file, counted from 1.
    pub line: Option<usize>,
}

impl Problem {
    /// An error without a place.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Problem::new(Severity::Error, code, message)
    }

    /// A warning without a place.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Problem::new(Severity::Warning, code, message)
    }

    fn new(severity: Severity, code: &'static str, message: impl Into<String>) -> Self {
        Problem {
            code,
            severity,
            message: message.into(),
            hint: String::new(),
            environment: None,
            repository: None,
            path: None,
            line: None,
        }
    }

    /// The same problem with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// The same problem, said of an environment.
    #[must_use]
    pub fn environment(mut self, name: impl Into<String>) -> Self {
        self.environment = Some(name.into());
        self
    }

    /// The same problem, said of a repository.
    #[must_use]
    pub fn repository(mut self, name: impl Into<String>) -> Self {
        self.repository = Some(name.into());
        self
    }

    /// The same problem, found in a file and, where it is known, on a line.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>, line: Option<usize>) -> Self {
        self.path = Some(path.into());
        self.line = line;
        self
    }
}
