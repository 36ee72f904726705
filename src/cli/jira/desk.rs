//! Where an environment's news for Jira are put together, sent, and accounted for.

use std::cell::RefCell;
use std::path::Path;
use std::time::Duration;

use crate::domain::environment::Tagging;
use crate::domain::error::Explain as _;
use crate::domain::jira::{self as words, Account, Happened, JiraSettings, Telling, Trouble};
use crate::domain::landscape::EnvironmentBranch;
use crate::domain::name::{EnvironmentName, TagName};
use crate::domain::problem::Problem;
use crate::domain::record::{self, Outcome, Record, RepositoryRecord};
use crate::domain::release_file::Application;
use crate::domain::version::Declared;
use crate::jira::{self, Clues, Jira, Places, Told};
use crate::render;
use crate::workspace::Workspace;
use crate::workspace::on_its_way::OnItsWay;

use super::super::Context;

/// Something that Jira may be told of.
pub(in crate::cli) struct Event<'a> {
    pub(super) event: words::Event,
    pub(super) declared: &'a Declared,
    pub(super) tag: Option<&'a TagName>,
    /// When it ended, RFC 3339; `None`: now.
    pub(super) day: Option<&'a str>,
}

/// What one environment has to do with Jira.
pub(in crate::cli) struct Desk {
    branch: EnvironmentBranch,
    environment: EnvironmentName,
    application: Application,
    settings: JiraSettings,
    today: String,
    limit: Duration,
    jira: jira::Result<Jira>,
    told: RefCell<Option<(Telling, Told)>>,
}

impl Desk {
    /// Opens the desk of an environment; `None` where its own branch has no `jira:`, or nothing may be asked.
    pub(in crate::cli) fn open(
        context: &Context<'_>,
        workspace: &Workspace,
        environment: &EnvironmentName,
    ) -> anyhow::Result<Option<Self>> {
        let Some(branch) = workspace.environments().one(environment)? else { return Ok(None) };
        let Some(file) = branch.file.as_ref().ok().cloned() else { return Ok(None) };
        let Some(settings) = file.jira.clone() else { return Ok(None) };
        if context.offline() {
            return Ok(None);
        }
        let limit = crate::config::jira_limit();
        Ok(Some(Desk {
            application: file.application.clone(),
            jira: connect(context, workspace, &settings, limit),
            environment: environment.clone(),
            today: record::moment(context.now_in_milliseconds()),
            told: RefCell::default(),
            branch,
            settings,
            limit,
        }))
    }

    /// Why Jira can't be told at all.
    pub(super) fn require(&self) -> Result<(), jira::Error> {
        self.jira.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    pub(super) fn settings(&self) -> &JiraSettings {
        &self.settings
    }

    pub(super) fn environment(&self) -> &EnvironmentName {
        &self.environment
    }

    /// The deployments of the environment that ended well, newest first.
    pub(super) fn deployments(&self, workspace: &Workspace) -> anyhow::Result<Vec<Record>> {
        Ok(workspace.environments().deployments(&self.environment)?)
    }

    /// The newest deployment of the environment, if it failed.
    pub(super) fn failed(&self) -> Option<&Record> {
        self.branch.deployment.as_ref().filter(|(_, outcome)| *outcome == Outcome::Failed).map(|(record, _)| record)
    }

    /// The issues that a deployment brings; `record` is its own, where it has one already.
    pub(super) fn brought(
        &self,
        context: &Context<'_>,
        workspace: &Workspace,
        commits: &[RepositoryRecord],
        record: Option<&Record>,
    ) -> anyhow::Result<Vec<String>> {
        let mut earlier = self.deployments(workspace)?;
        earlier.retain(|other| record.is_none_or(|record| other.id != record.id && other.at <= record.at));
        self.brought_since(context, workspace, commits, &earlier)
    }

    /// The same, where the deployments before it are known, newest first.
    pub(super) fn brought_since(
        &self,
        context: &Context<'_>,
        workspace: &Workspace,
        commits: &[RepositoryRecord],
        earlier: &[Record],
    ) -> anyhow::Result<Vec<String>> {
        let brought = workspace.brought(&self.branch, &self.application, commits, earlier)?;
        if !brought.unknown.is_empty() {
            let names = brought.unknown.join(", ");
            context.ui.detail(1, &format!("Jira: what is new in {names} is not known here, so no issue of it is told"));
        }
        Ok(brought.issues)
    }

    /// What the end of a deployment is an occasion to tell. Where it tells nothing of itself, that it was promoted is told
    /// now at the latest: a pull request that a person opened has told nobody.
    pub(super) fn events(&self, outcome: Outcome) -> Vec<words::Event> {
        let comments = &self.settings.comments;
        let promoted =
            matches!(self.branch.tagging(), Some(Tagging::Reuse | Tagging::Final)).then_some(words::Event::Promoted);
        match outcome {
            Outcome::Succeeded => {
                let promoted = promoted
                    .filter(|promoted| comments.contains(promoted) && !comments.contains(&words::Event::Deployed));
                promoted.into_iter().chain([words::Event::Deployed]).collect()
            }
            Outcome::Failed => promoted.into_iter().chain([words::Event::Failed]).collect(),
            // Nobody knows what it has done.
            Outcome::Running | Outcome::Interrupted => Vec::new(),
        }
    }

    /// What is declared and not deployed well yet, as it is told.
    pub(super) fn undeployed(
        &self,
        workspace: &Workspace,
        deployments: &[Record],
    ) -> crate::workspace::Result<Option<Telling>> {
        let found = workspace.undeployed(&self.branch, &self.application, deployments)?;
        Ok(found.and_then(|found| self.on_its_way(&found)))
    }

    /// That something is on its way, as it is told.
    pub(super) fn on_its_way(&self, found: &OnItsWay) -> Option<Telling> {
        let OnItsWay { version, candidate, issues } = found;
        let event = Event { event: words::Event::Promoted, declared: version, tag: candidate.as_ref(), day: None };
        self.telling(&event, issues)
    }

    /// What Jira is told; `None` where that is nothing.
    pub(super) fn telling(&self, event: &Event<'_>, issues: &[String]) -> Option<Telling> {
        self.settings.telling(&Happened {
            event: event.event,
            application: &self.application.name,
            environment: &self.environment,
            declared: event.declared,
            tag: event.tag,
            is_final: self.branch.tagging() == Some(Tagging::Final),
            day: event.day.unwrap_or(&self.today).get(..10).unwrap_or_default(),
            issues,
        })
    }

    /// Tells Jira, as far as that is possible.
    pub(in crate::cli) fn tell(&self, telling: &Telling, page: Option<&str>) {
        let told = match &self.jira {
            Ok(jira) => jira::tell(jira, telling, page, self.limit),
            Err(error) => {
                let trouble = Trouble { code: error.code(), message: error.to_string(), again: true };
                let account = Account { stopped: Some(trouble), left: telling.issues.len(), ..Account::default() };
                Told { account, error: Some(error.clone()) }
            }
        };
        *self.told.borrow_mut() = Some((telling.clone(), told));
    }

    /// Says what was done and what was not; returns the latter, for documents.
    pub(in crate::cli) fn report(&self, context: &Context<'_>) -> Vec<Problem> {
        for (_, told) in self.told.borrow().iter() {
            for line in render::jira::lines(&told.account) {
                context.ui.say(&format!("Jira: {line}"));
            }
        }
        let problems = self.problems();
        context.warn(&problems);
        problems
    }

    /// What was not done, and what to type about it.
    fn problems(&self) -> Vec<Problem> {
        let told = self.told.borrow();
        let Some((telling, told)) = told.as_ref() else { return Vec::new() };
        let account = &told.account;
        let mut problems: Vec<Problem> = account
            .troubles()
            .map(|(what, trouble)| Problem::warning(trouble.code, format!("Jira, {what}: {}", trouble.message)))
            .collect();
        if let Some(stopped) = &account.stopped {
            let left = match account.left {
                0 => String::new(),
                1 => " (1 issue is not told)".to_owned(),
                left => format!(" ({left} issues are not told)"),
            };
            let mut hints = told.error.as_ref().map(|error| error.hints()).unwrap_or_default();
            hints.retain(|hint| hint != "trying again is safe");
            let message = format!("Jira is not told: {}{left}", stopped.message);
            problems.push(Problem::warning(stopped.code, message).hint(hints.join("; ")));
        }
        if account.missed() {
            let again = format!("relman jira sync {} tells what is missing", self.environment);
            let hint = match telling.event {
                words::Event::Promoted => {
                    format!("{again}, and so does the same command again")
                }
                words::Event::Deployed | words::Event::Failed => again,
            };
            if let Some(last) = problems.last_mut() {
                last.hint = if last.hint.is_empty() { hint } else { format!("{}; then {hint}", last.hint) };
            }
        }
        problems
    }

    /// What was told, and what came of it.
    pub(super) fn take(&self) -> Option<(Telling, Told)> {
        self.told.take()
    }
}

/// Finds Jira and a token for it. That there is none is no failure yet: a plan needs neither.
fn connect(
    context: &Context<'_>,
    workspace: &Workspace,
    settings: &JiraSettings,
    limit: Duration,
) -> jira::Result<Jira> {
    let release = &workspace.release;
    let variable = std::env::var("RELMAN_JIRA_URL").ok();
    let config = ["relman.jiraUrl", "relman.allowHttp"].map(|key| release.config(key));
    let site = jira::locate(&Clues {
        variable: variable.as_deref(),
        config: config[0].as_deref(),
        config_http: config[1].as_deref(),
        file: settings.url.as_deref(),
        remote: workspace.remote.as_ref().and_then(|remote| remote.url.as_deref()),
    })?;
    let places =
        Places { variable: &|name| std::env::var(name).ok(), file: &|path: &Path| std::fs::read_to_string(path) };
    let login = jira::find_login(&site, &places)?;
    context.hide(&login);
    Ok(Jira::connect(&site, login, limit))
}
