//! The records of one deployment: its start, pushed before anything runs, and its end.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::domain::app_file::Engine;
use crate::domain::change::Change;
use crate::domain::deployment::Ci;
use crate::domain::environment::Tagging;
use crate::domain::error::with_causes;
use crate::domain::name::EnvironmentName;
use crate::domain::record::{self, FileRecord, Outcome, Record};
use crate::git::program::Halt;
use crate::git::write::Person;
use crate::git::{Error as GitError, Repository};
use crate::pipeline::Interrupts;
use crate::plan::deploy::Records;
use crate::workspace::Workspace;
use crate::workspace::resolve::Resolved;

use super::herald::Herald;
use super::{Context, Failure, Origin};

/// Where the records of a deployment are written.
pub(super) struct Journal<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) workspace: &'a Workspace,
    /// Where they go, as it was planned: the note is on the commit that is deployed.
    pub(super) records: Records,
    /// What the subject of the commits begins with.
    pub(super) prefix: String,
    pub(super) fallback: Person,
    /// The change request behind it.
    pub(super) change: Change,
    /// What began it, where that was no push.
    pub(super) origin: Option<Origin>,
    pub(super) herald: Herald<'a>,
    /// Signals that this process was sent.
    pub(super) interrupts: Interrupts,
}

/// How long the end of a deployment that was stopped may take to be recorded; whoever stopped it does not wait longer.
const LAST_WORDS: Duration = Duration::from_secs(5);

impl Journal<'_> {
    /// The record of a deployment that begins.
    pub(super) fn start(&self, resolved: &Resolved, engine: Engine, ci: &Ci) -> Record {
        let decision = &resolved.decision;
        let origin = self.origin.as_ref();
        let file = |path: &str, blob: gix::ObjectId| FileRecord { path: path.to_owned(), blob: blob.to_string() };
        let own_name = || self.workspace.release.identity().map(|(name, _)| name);
        Record {
            at: record::moment(self.context.now_in_milliseconds()),
            id: random_id(),
            schema: record::SCHEMA.to_owned(),
            environment: resolved.environment.to_string(),
            outcome: Outcome::Running,
            version: resolved.declared.text(),
            tag: decision.tag.as_ref().map(ToString::to_string),
            candidate: decision.candidate.as_ref().map(ToString::to_string),
            release_commit: Some(self.records.on.to_string()),
            app_commit: Some(decision.app.commit.to_string()),
            repositories: decision.recorded(),
            pipeline: resolved.pipeline.as_ref().map(|(path, blob)| file(path, *blob)),
            values: resolved.values.iter().map(|(path, blob)| file(path, *blob)).collect(),
            engine: Some(engine.as_str().to_owned()),
            url: ci.url(),
            actor: origin
                .and_then(|origin| origin.actor.clone())
                .or_else(|| ci.actor().map(str::to_owned))
                .or_else(own_name),
            mixed: decision.mixed,
            change_request: self.change.request.clone(),
            pull_request: self.herald.pull_request(),
            error: None,
            unproven: resolved.unproven.clone(),
            trigger_id: origin.map(|origin| origin.id.clone()),
            config_item: self.change.item.clone(),
            change_description: self.change.description.clone(),
        }
    }

    /// Writes a record, and gives up once `is_halted` says so: a remote may take its time, or never answer.
    fn write(&self, record: &Record, is_halted: impl Fn() -> bool + Send + Sync + 'static) -> crate::git::Result<()> {
        let Records { remote, on } = &self.records;
        let release = Repository::open(self.workspace.release.folder())?.halted_by(Halt::new(is_halted));
        let _progress = self.context.ui.progress("recording the deployment");
        release.write_record(remote.as_deref(), *on, record, &self.prefix, Some(&self.fallback))
    }

    /// Writes that a deployment begins, and tells the forge. Where final tags are made, one that can't be recorded does
    /// not run.
    pub(super) fn begin(&self, resolved: &Resolved, start: &Record) -> anyhow::Result<()> {
        self.write_start(resolved, start)?;
        self.herald.tell(start);
        Ok(())
    }

    fn write_start(&self, resolved: &Resolved, start: &Record) -> anyhow::Result<()> {
        let interrupts = self.interrupts.clone();
        let Err(error) = self.write(start, move || interrupts.caught().is_some()) else { return Ok(()) };
        if matches!(error, GitError::Halted { .. }) {
            return Err(Failure::interrupted_before("the pipeline was not started").into());
        }
        if resolved.tagging != Tagging::Final {
            self.context.ui.warn(
                &format!("the start of this deployment can't be recorded: {}", with_causes(&error)),
                "the pipeline runs all the same; the end is recorded if that is possible by then",
            );
            return Ok(());
        }
        let message = format!("{} runs nothing that can't be recorded", resolved.environment);
        Err(match &error {
            GitError::Rejected { cause, .. }
            | GitError::Declined { cause, .. }
            | GitError::Unauthorised { cause, .. } => Failure::unauthorised(
                "record-refused",
                format!("{message}, and the remote refuses the record\n{cause}"),
                vec![
                    "the token or key must be allowed to push refs/notes/relman/deployments to the release repo".into(),
                ],
            )
            .into(),
            _ => anyhow::Error::from(error),
        })
    }

    /// Whether another run was faster to begin what the same trigger asks for.
    pub(super) fn is_second(&self, start: &Record, environment: &EnvironmentName) -> crate::git::Result<bool> {
        let Some(origin) = &self.origin else { return Ok(false) };
        let first = self.workspace.environments().first_begun(self.records.on, environment, &origin.id)?;
        Ok(first.is_some_and(|first| first != start.id))
    }

    /// The deployments of the same that have begun and of which no end is known, by their ids.
    pub(super) fn unfinished(&self, start: &Record) -> crate::git::Result<Vec<String>> {
        self.workspace.environments().unfinished(self.records.on, start)
    }

    /// Writes how a deployment ended, and tells the forge meanwhile. What can't be written goes to stderr.
    pub(super) fn end(&self, record: &Record) {
        self.herald.tell(record);
        self.write_end(record);
        self.herald.wait();
    }

    fn write_end(&self, record: &Record) {
        let (interrupts, stopped) = (self.interrupts.clone(), OnceLock::new());
        let is_halted =
            move || interrupts.caught().is_some() && stopped.get_or_init(Instant::now).elapsed() >= LAST_WORDS;
        if let Err(error) = self.write(record, is_halted) {
            let ui = self.context.ui;
            ui.warn(
                &format!("the end of this deployment can't be recorded: {}", with_causes(&error)),
                "this is the line that is missing in refs/notes/relman/deployments:",
            );
            ui.error_document(&record.line());
        }
    }
}

/// Thirty-two hexadecimal digits that no other deployment has.
fn random_id() -> String {
    // The keys of a new state are random; time and process make them so even where two began alike.
    let part = |salt: u8| {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u8(salt);
        hasher.write_u32(std::process::id());
        let age = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        hasher.write_u128(age.as_nanos());
        hasher.finish()
    };
    format!("{:016x}{:016x}", part(0), part(1))
}
