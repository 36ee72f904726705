//! From errors to exit codes, and to what a person or a script reads.

use crate::domain;
use crate::domain::error::{Exit, Explain, causes};
use crate::domain::location::without_secrets;
use crate::domain::text::{excerpt, in_short};
use crate::plan::{self, Step};
use crate::ui::{Format, Ui};
use crate::{git, workspace};

use super::race::Lost;

/// A command line that is well formed and can't be carried out.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct UsageError {
    message: String,
    hints: Vec<String>,
}

impl UsageError {
    /// Says what is wrong, and what to type instead.
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::with_hints(message, vec![hint.into()])
    }

    /// Says what is wrong, and whatever helps to type it right.
    pub fn with_hints(message: impl Into<String>, hints: Vec<String>) -> Self {
        UsageError { message: message.into(), hints }
    }
}

impl Explain for UsageError {
    fn code(&self) -> &'static str {
        "usage"
    }
    fn exit(&self) -> Exit {
        Exit::Usage
    }
    fn hints(&self) -> Vec<String> {
        self.hints.clone()
    }
}

/// A command that a rule or a precondition forbids.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    code: &'static str,
    exit: Exit,
    message: String,
    hints: Vec<String>,
}

impl Failure {
    /// Says what was refused, and why.
    pub fn refused(code: &'static str, message: impl Into<String>, hints: Vec<String>) -> Self {
        Failure { code, exit: Exit::Refused, message: message.into(), hints }
    }

    /// Something that was asked for does not exist.
    pub fn not_found(code: &'static str, message: impl Into<String>, hints: Vec<String>) -> Self {
        Failure { code, exit: Exit::NotFound, message: message.into(), hints }
    }

    /// Somebody else forbids it.
    pub fn unauthorised(code: &'static str, message: impl Into<String>, hints: Vec<String>) -> Self {
        Failure { code, exit: Exit::Unauthorised, message: message.into(), hints }
    }

    /// There is nothing that could be done.
    pub fn nothing(message: impl Into<String>) -> Self {
        Failure { code: "nothing", exit: Exit::NotFound, message: message.into(), hints: vec![] }
    }

    /// A question was answered with No, or not at all.
    pub fn interrupted() -> Self {
        Failure::interrupted_before("nothing was done")
    }

    /// A signal came before something; the message says what did not happen.
    pub fn interrupted_before(message: &str) -> Self {
        Failure { code: "interrupted", exit: Exit::Interrupted, message: message.into(), hints: vec![] }
    }
}

impl Explain for Failure {
    fn code(&self) -> &'static str {
        self.code
    }
    fn exit(&self) -> Exit {
        self.exit
    }
    fn hints(&self) -> Vec<String> {
        self.hints.clone()
    }
}

/// A step of a plan that failed; what was done before stays, and running again goes on from there.
#[derive(Debug, thiserror::Error)]
#[error("could not {summary}{}", match .left { 0 => String::new(), 1 => "; one more step was not begun".to_owned(), more => format!("; {more} more steps were not begun") })]
pub(super) struct StepFailed {
    summary: String,
    left: usize,
}

impl StepFailed {
    pub(super) fn new(step: &Step, left: &[&Step]) -> Self {
        StepFailed { summary: step.summary(), left: left.len() }
    }
}

/// The part of an error that knows its code, its exit status and its hints.
fn explained(error: &anyhow::Error) -> Option<&dyn Explain> {
    fn as_explain<E: Explain + Send + Sync + 'static>(error: &anyhow::Error) -> Option<&dyn Explain> {
        error.downcast_ref::<E>().map(|error| error as &dyn Explain)
    }
    as_explain::<workspace::Error>(error)
        .or_else(|| as_explain::<git::Error>(error))
        .or_else(|| as_explain::<UsageError>(error))
        .or_else(|| as_explain::<Failure>(error))
        .or_else(|| as_explain::<crate::ui::Unanswered>(error))
        .or_else(|| as_explain::<Lost>(error))
        .or_else(|| as_explain::<domain::name::InvalidName>(error))
        .or_else(|| as_explain::<domain::version::InvalidVersion>(error))
        .or_else(|| as_explain::<domain::version::InvalidDeclaration>(error))
        .or_else(|| as_explain::<domain::location::InvalidUrl>(error))
        .or_else(|| as_explain::<domain::moment::InvalidDate>(error))
        .or_else(|| as_explain::<domain::candidate::NumberError>(error))
        .or_else(|| as_explain::<domain::yaml::edit::EditError>(error))
        .or_else(|| as_explain::<domain::file::FileError>(error))
        .or_else(|| as_explain::<crate::forge::Error>(error))
        .or_else(|| as_explain::<crate::jira::Error>(error))
        .or_else(|| as_explain::<crate::pipeline::Error>(error))
        .or_else(|| as_explain::<domain::deployment::place::Unclear>(error))
        .or_else(|| as_explain::<domain::trigger::Misunderstood>(error))
        .or_else(|| as_explain::<domain::trigger::InvalidHeader>(error))
        .or_else(|| as_explain::<domain::trigger::signature::Unproven>(error))
        .or_else(|| as_explain::<plan::init::Taken>(error))
        .or_else(|| as_explain::<plan::environment::Refused>(error))
        .or_else(|| as_explain::<crate::scaffold::InvalidRemoteBase>(error))
}

/// What is said of an error, without secrets.
pub(super) struct Told {
    pub(super) exit: Exit,
    code: &'static str,
    message: String,
    causes: Vec<String>,
    pub(super) hints: Vec<String>,
}

impl Told {
    pub(super) fn of(error: &anyhow::Error) -> Self {
        let known = explained(error);
        let shown = |text: String| without_secrets(&text).into_owned();
        Told {
            exit: known.map_or(Exit::Unexpected, Explain::exit),
            code: known.map_or("unexpected", Explain::code),
            message: in_short(&shown(error.to_string())).into_owned(),
            causes: causes(error.as_ref()).into_iter().map(shown).collect(),
            hints: known.map(Explain::hints).unwrap_or_default().into_iter().map(shown).collect(),
        }
    }

    /// The same without most of what a program has printed that had no end, such as a hook that runs tests.
    fn shortened(mut self) -> Self {
        for cause in &mut self.causes {
            *cause = excerpt(cause).into_owned();
        }
        self
    }

    /// The message and its causes on one line.
    pub(super) fn line(&self) -> String {
        std::iter::once(&self.message).chain(&self.causes).cloned().collect::<Vec<_>>().join(": ")
    }
}

/// Says why a command failed, in the format that was asked for, and returns the exit status.
pub(super) fn report(ui: &Ui, error: &anyhow::Error) -> Exit {
    let told = Told::of(error);
    let told = if ui.is_verbose() { told } else { told.shortened() };
    match ui.format() {
        Format::Text => ui.error(&told.message, &told.causes, &told.hints),
        Format::Json => ui.error_document(&crate::render::error(told.code, told.exit, &told.line(), &told.hints)),
    }
    told.exit
}
