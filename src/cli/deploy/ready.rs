//! A release that is resolved, with what runs its pipeline and what that is told.

use crate::domain::app_file::{Pipeline, Site};
use crate::domain::change::Change;
use crate::domain::deployment::Facts;
use crate::domain::location::without_credentials;
use crate::domain::resolution::Pick;
use crate::domain::yaml::Node;
use crate::pipeline::{self, Access, Engine, Release};
use crate::plan::deploy::{CheckOut, Deployment, Records};
use crate::plan::{self, Plan};
use crate::render;
use crate::render::deploy::{DeployAnswer, DeployEnding};
use crate::workspace::Workspace;
use crate::workspace::resolve::Resolved;
use crate::workspace::team::Member;

use super::{Context, UsageError, access, tag};

/// The pipeline of the app commit that was decided on.
fn pipeline_of(workspace: &Workspace, resolved: &Resolved) -> anyhow::Result<Pipeline> {
    let app = &resolved.team.app;
    let commit = resolved.decision.app.commit;
    let (file, found) = workspace.app_file(app, commit)?;
    file.pipeline.ok_or_else(|| {
        let path = found.map_or("app.yml", |(path, _)| path);
        UsageError::new(
            format!("{path} of {} at {} has no `pipeline`, so there is nothing to run", app.name, commit.short()),
            "write `pipeline:` with `steps:` into app.yml of the app repo",
        )
        .into()
    })
}

/// What the pipeline is told.
fn release_of(resolved: &Resolved, target: &Node, change: &Change, site: Site) -> anyhow::Result<Release> {
    let decision = &resolved.decision;
    let facts = Facts {
        application: decision.app.name.clone(),
        environment: resolved.environment.clone(),
        kind: resolved.kind.clone(),
        version: resolved.declared.text(),
        tag: decision.tag.clone(),
        candidate: decision.candidate.clone(),
        repositories: std::iter::once(&decision.app).chain(&decision.components).cloned().collect(),
        values: resolved.values.iter().map(|(path, _)| path.clone()).collect(),
        target: target.clone(),
        change: change.clone(),
    };
    let variables = facts
        .variables(site)
        .map_err(|error| UsageError::new(error.to_string(), "change the environment's entry in its release.yml"))?;
    let app_url = resolved.team.app.url.as_deref().map(without_credentials);
    Ok(Release { facts, variables, release_commit: resolved.release_commit, app_url })
}

/// Has every repository that the tag marks come from it, now that it is there: whichever run made it, the facts of one
/// tag are the same, and name no branch that moves on.
pub(super) fn come_from_tag(resolved: &mut Resolved) {
    let decision = &mut resolved.decision;
    let Some(tag) = &decision.tag else { return };
    decision.app.reference = tag.full();
    for ((_, state), pick) in resolved.team.components.iter().zip(&mut decision.components) {
        if state.pinned.is_none() {
            pick.reference = tag.full();
        }
    }
}

/// A release that is resolved, with what runs its pipeline and what that is told.
pub(super) struct Ready {
    pub(super) resolved: Resolved,
    pipeline: Pipeline,
    pub(super) engine: Box<dyn Engine>,
    pub(super) release: Release,
    /// The way into the system that runs it, once it was looked for.
    pub(super) access: Option<Access>,
    /// What is shown before it is done, and what is done.
    pub(super) plan: Deployment,
}

impl Ready {
    pub(super) fn new(
        workspace: &Workspace,
        mut resolved: Resolved,
        target: &Node,
        change: &Change,
    ) -> anyhow::Result<Self> {
        if !resolved.decision.creates {
            come_from_tag(&mut resolved);
        }
        let pipeline = pipeline_of(workspace, &resolved)?;
        let engine = pipeline::engine(&pipeline);
        let release = release_of(&resolved, target, change, pipeline.engine().site())?;
        let plan = Deployment {
            tags: match resolved.decision.creates {
                true => plan::tags::plan(&tag::tag_set(&resolved)?),
                false => Plan::default(),
            },
            checkouts: match pipeline.engine().site() {
                Site::Here => checkouts(&resolved),
                Site::Remote => Vec::new(),
            },
            records: Records { remote: workspace.remote_name().map(str::to_owned), on: resolved.release_commit },
            shown_at: None,
            engine: pipeline.engine(),
            starts: engine.starts(&release),
            telling: None,
            refreshed: resolved.decision.candidate.is_some().then(|| resolved.environment.clone()),
        };
        Ok(Ready { resolved, pipeline, engine, release, access: None, plan })
    }

    /// Finds the way into the system that runs the pipeline, and makes sure that it can be started there.
    pub(super) fn open(&mut self, context: &Context<'_>, workspace: &Workspace) -> anyhow::Result<()> {
        self.access = access::find(context, workspace, &self.resolved, &self.pipeline)?;
        self.engine.check(&self.release, self.access.as_ref())?;
        Ok(())
    }

    /// The same after tags were made. Another run may have been faster, and the heads may have moved on; where they have
    /// not, what was found for the commit `before` holds.
    pub(super) fn open_again(
        &mut self,
        context: &Context<'_>,
        workspace: &Workspace,
        before: &Release,
        access: Option<Access>,
    ) -> anyhow::Result<()> {
        if self.release.facts.commit() != before.facts.commit() {
            return self.open(context, workspace);
        }
        self.access = access;
        Ok(())
    }

    /// The plan for people.
    pub(super) fn shown(&self) -> String {
        render::deploy::plan_text(&self.resolved, &self.plan)
    }

    pub(super) fn answer<'a>(&'a self, result: DeployEnding, url: Option<&'a str>) -> DeployAnswer<'a> {
        let (resolved, plan) = (&self.resolved, &self.plan);
        DeployAnswer { resolved, plan, result, reason: None, url, log: None, record: None, jira: None }
    }
}

/// What is checked out: all repositories of the release.
fn checkouts(resolved: &Resolved) -> Vec<CheckOut> {
    let team = &resolved.team;
    let members = std::iter::once(&team.app).chain(team.components.iter().map(|(member, _)| member));
    let picks = std::iter::once(&resolved.decision.app).chain(&resolved.decision.components);
    let checkout = |(member, pick): (&Member, &Pick)| CheckOut {
        name: member.name.clone(),
        git_dir: member.repository.git_dir().to_owned(),
        remote: member.remote.clone(),
        commit: pick.commit,
    };
    members.zip(picks).map(checkout).collect()
}
