//! Carrying plans out: Git's hands, and a forge for pull requests.

use std::borrow::Cow;
use std::cell::RefCell;
use std::path::Path;

use crate::domain::jira::Telling;
use crate::domain::name::{BranchName, CommitId};
use crate::domain::problem::Problem;
use crate::domain::text::excerpt;
use crate::git::Repository;
use crate::git::make::Hands;
use crate::git::push::Pushed;
use crate::git::write::Person;
use crate::plan::branches::BranchPush;
use crate::plan::tags::TagPush;
use crate::plan::{CommitPush, NewCommit, NewRepository, Plan, Ports, PullRequestWish};
use crate::render::promotion::Ending;
use crate::ui::Ui;

use super::Context;
use super::forges::Connection;
use super::jira::Desk;

/// A pull request that was found or opened.
#[derive(Clone, Debug)]
pub(super) struct Opened {
    /// What became of it.
    pub(super) ending: Ending,
    /// The forge.
    pub(super) forge: &'static str,
    /// Its number.
    pub(super) number: u64,
    /// Its page.
    pub(super) url: String,
    /// What the forge did not take.
    pub(super) warnings: Vec<Problem>,
}

/// Refuses a plan that pushes to a remote with several push URLs, before anything of it is shown or done.
pub(super) fn check_remotes(plan: &Plan) -> crate::git::Result<()> {
    plan.remotes().into_iter().try_for_each(|(folder, remote)| Repository::open(folder)?.require_one_push_url(remote))
}

/// What plans of commands are carried out through.
#[derive(Default)]
pub(super) struct Deeds {
    hands: Hands,
    connection: Option<Connection>,
    opened: RefCell<Option<Opened>>,
    desk: Option<Desk>,
    remote_said: RefCell<Vec<String>>,
    unnoted: RefCell<Vec<Problem>>,
}

impl Deeds {
    /// With a forge, where pull requests are part of the plan.
    pub(super) fn with(connection: Option<Connection>) -> Self {
        Deeds { connection, ..Deeds::default() }
    }

    /// With what Jira is told through.
    #[must_use]
    pub(super) fn telling(self, desk: Option<Desk>) -> Self {
        Deeds { desk, ..self }
    }

    /// Says what Jira was told; returns what it was not.
    pub(super) fn report_jira(&self, context: &Context<'_>) -> Vec<Problem> {
        self.desk.as_ref().map(|desk| desk.report(context)).unwrap_or_default()
    }

    /// With somebody who commits and tags where Git knows nobody.
    pub(super) fn signed_by(person: Person) -> Self {
        Deeds::default().or_by(Some(person))
    }

    /// The same, with somebody who stands in where Git knows nobody.
    pub(super) fn or_by(self, fallback: Option<Person>) -> Self {
        Deeds { hands: Hands { fallback }, ..self }
    }

    /// Waits until the pull request that was found or opened is merged.
    pub(super) fn wait(&self, number: u64, limit: std::time::Duration) -> anyhow::Result<()> {
        match &self.connection {
            Some(connection) => connection.wait(number, limit),
            None => Ok(()),
        }
    }

    /// The pull request that was found or opened.
    pub(super) fn opened(&self) -> Option<Opened> {
        self.opened.borrow().clone()
    }

    /// Warns of clones that could not note what their remotes have now; returns these warnings.
    pub(super) fn report_unnoted(&self, context: &Context<'_>) -> Vec<Problem> {
        let unnoted = self.unnoted.take();
        context.warn(&unnoted);
        unnoted
    }

    fn keep(&self, pushed: Pushed) {
        self.remote_said.borrow_mut().extend(pushed.words);
        self.unnoted.borrow_mut().extend(pushed.unnoted);
    }

    /// Shows what the remote's hooks printed when commits arrived: where one deploys, that is the news. Of what has no end,
    /// both ends are shown.
    pub(super) fn pass_on(&self, ui: &Ui) {
        let said = self.remote_said.borrow().join("\n");
        let shown = if ui.is_verbose() { Cow::Borrowed(&*said) } else { excerpt(&said) };
        for line in shown.lines() {
            ui.pass_on("remote", line);
        }
    }
}

impl Ports for Deeds {
    type Error = anyhow::Error;

    fn make_repository(&self, repository: &NewRepository) -> anyhow::Result<()> {
        Ok(self.hands.make_repository(repository)?)
    }

    fn make_branch(
        &self,
        folder: &Path,
        branch: &BranchName,
        base: CommitId,
        commit: Option<&NewCommit>,
    ) -> anyhow::Result<()> {
        Ok(self.hands.make_branch(folder, branch, base, commit)?)
    }

    fn push(&self, folder: &Path, remote: &str, branches: &[BranchName]) -> anyhow::Result<()> {
        self.keep(self.hands.push(folder, remote, branches)?);
        Ok(())
    }

    fn push_commit(&self, push: &CommitPush) -> anyhow::Result<()> {
        self.keep(self.hands.push_commit(push)?);
        Ok(())
    }

    fn push_tag(&self, push: &TagPush) -> anyhow::Result<()> {
        self.keep(self.hands.push_tag(push)?);
        Ok(())
    }

    fn push_branch(&self, push: &BranchPush) -> anyhow::Result<()> {
        self.keep(self.hands.push_branch(push)?);
        Ok(())
    }

    fn pull_request(&self, wish: &PullRequestWish) -> anyhow::Result<()> {
        let connection = self.connection.as_ref().ok_or_else(|| anyhow::anyhow!("no forge is connected"))?;
        *self.opened.borrow_mut() = Some(connection.open(wish)?);
        Ok(())
    }

    fn tell_jira(&self, telling: &Telling) {
        if let Some(desk) = &self.desk {
            desk.tell(telling, self.opened.borrow().as_ref().map(|opened| opened.url.as_str()));
        }
    }
}
