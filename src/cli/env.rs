//! `relman env`: adds an environment, or lists them.

use clap::Subcommand;

use crate::domain::environment::Tagging;
use crate::domain::error::Exit;
use crate::domain::landscape::{Landscape, Unusable};
use crate::domain::name::{BranchName, CommitId, EnvironmentName, TypeName};
use crate::domain::text::shell_word;
use crate::plan::environment::{NearBranch, Refused, Request, Snapshot};
use crate::plan::{self};
use crate::render;
use crate::render::schema::Document;
use crate::scaffold::{PlannedEnvironment, environment_entry};
use crate::ui::Format;
use crate::workspace::{Error, Workspace};

use super::deeds::{Deeds, check_remotes};
use super::{Context, Outcome};

/// Add an environment, or list them
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add an environment: a branch, from the commit that all of them share, with its entry on it
    Add(AddArgs),
    /// Show the environments and where promotions come from
    List,
}

#[derive(Debug, clap::Args)]
struct AddArgs {
    /// The name of the environment
    #[arg(value_name = "NAME")]
    name: EnvironmentName,
    /// The kind of environment: dev, qa, staging, prod, or one of your own with --tags
    #[arg(long = "type", value_name = "T")]
    kind: TypeName,
    /// Take promotions from this environment; again for each [default: as those of its type]
    #[arg(long, value_name = "E")]
    from: Vec<EnvironmentName>,
    /// The branch of the app repo that WIP deploys
    #[arg(long, value_name = "BRANCH")]
    branch: Option<BranchName>,
    /// What a deployment does about tags, where it is not what the type says
    #[arg(long, value_name = "WORD", value_parser = clap::builder::PossibleValuesParser::new(Tagging::WORDS))]
    tags: Option<String>,
    /// Push the new branch
    #[arg(long)]
    push: bool,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    match &args.action {
        Action::Add(args) => add(context, args),
        Action::List => list(context),
    }
}

fn list(context: &Context<'_>) -> Outcome {
    let workspace = context.workspace()?;
    let landscape = workspace.environments().landscape()?;
    let ui = context.ui;
    let answer = match ui.format() {
        Format::Json => render::environments::json(&landscape),
        Format::Text => render::environments::text(&landscape, render::Page { color: ui.color(), width: ui.width() }),
    };
    ui.answer(&answer)?;
    Ok(Exit::Success)
}

fn add(context: &Context<'_>, args: &AddArgs) -> Outcome {
    let ui = context.ui;
    let workspace = context.workspace()?;
    let progress = ui.progress("asking the remote for environment branches");
    workspace.fetch_environments().map_err(|error| match error {
        // init can make a release repo before the server has one.
        Error::Git(error) => Error::Git(workspace.release.unprepared(error, &[])),
        error => error,
    })?;
    drop(progress);
    let landscape = workspace.environments().landscape()?;
    for source in &args.from {
        workspace.branch(&landscape, source)?;
    }
    let tags = args.tags.as_deref().and_then(Tagging::parse);
    let sources = match args.from.as_slice() {
        [] => landscape.usual_sources(&args.name, &args.kind, tags.or_else(|| Tagging::of_type(&args.kind))),
        named => named.to_vec(),
    };
    let planned = PlannedEnvironment {
        name: args.name.clone(),
        kind: args.kind.clone(),
        branch: args.branch.clone(),
        from: sources.clone(),
        tags,
        facts: Vec::new(),
    };
    let request = Request {
        name: args.name.clone(),
        kind: args.kind.clone(),
        tags,
        branch: args.branch.clone(),
        from: args.from.clone(),
        // The lines of a list item, without its dash and the indentation under it.
        entry: environment_entry(&planned).iter().map(|line| line.get(2..).unwrap_or_default().to_owned()).collect(),
        push: args.push,
    };
    let snapshot = snapshot(&workspace, &landscape, &args.name)?;
    let plan = plan::environment::plan(&request, &snapshot)?;
    if args.from.is_empty() && plan.changes() && !snapshot.lists(&args.name) {
        let from: Vec<&str> = sources.iter().map(EnvironmentName::as_str).collect();
        ui.say(&match from.as_slice() {
            [] => format!("nothing is promoted to {}; --from E takes promotions from E", args.name),
            from => format!("promotions to {} come from {}; --from takes others", args.name, from.join(", ")),
        });
    }
    check_remotes(&plan)?;
    if context.dry_run() {
        ui.answer(&match ui.format() {
            Format::Json => render::plan::json(Document::EnvAdd, &plan, &[], true),
            Format::Text => render::plan::text(&plan, true),
        })?;
        return Ok(Exit::Success);
    }
    if args.push {
        super::promote::consent(context, &plan)?;
    }
    let deeds = Deeds::default();
    let report = plan::execute(&plan, &deeds);
    let unnoted = deeds.report_unnoted(context);
    if let Some((step, error)) = report.failed {
        return Err(error.context(super::failure::StepFailed::new(step, &report.left)));
    }
    ui.answer(&match ui.format() {
        Format::Json => render::plan::json(Document::EnvAdd, &plan, &unnoted, false),
        Format::Text => render::plan::done(&plan),
    })?;
    if let (false, Some(remote)) = (args.push, workspace.remote_name()) {
        ui.say(&format!("To share it: git push {} {}", shell_word(remote), args.name.branch()));
    }
    Ok(Exit::Success)
}

fn snapshot(workspace: &Workspace, landscape: &Landscape, name: &EnvironmentName) -> anyhow::Result<Snapshot> {
    let release = &workspace.release;
    let start = match landscape.in_order().find(|branch| branch.is_readable()) {
        Some(branch) => Some(branch.commit),
        None => match release.default_branch(workspace.remote_name())? {
            Some(branch) => match release.branch_head(workspace.remote_name(), &branch)? {
                Some(head) => Some(head),
                None => release.branch_head(None, &branch)?,
            },
            None => None,
        },
    };
    let start = start.ok_or_else(|| Error::NoCommits { path: release.folder().to_owned() })?;
    let root = release.root_of(start)?;
    let existing = landscape.find(name);
    Ok(Snapshot {
        folder: release.folder().to_owned(),
        root,
        file: release_text(workspace, root)?,
        application: landscape.applications().first().map(|name| (*name).clone()),
        remote: workspace.remote_name().map(str::to_owned),
        // A branch whose file can't be used holds something else than what is asked for.
        existing: existing.map(|branch| {
            release_text(workspace, branch.commit).ok().flatten().map(|(_, text)| text).unwrap_or_default()
        }),
        at_remote: existing.is_some_and(|branch| workspace.remote.is_some() && !branch.local_only),
        near: near(workspace)?,
    })
}

/// The branches whose names begin with `environment`, in the clone and, as just fetched, at the remote.
fn near(workspace: &Workspace) -> anyhow::Result<Vec<NearBranch>> {
    let mut near = Vec::new();
    for remote in [None, workspace.remote_name()] {
        let prefix = remote.map_or("refs/heads/".to_owned(), |remote| format!("refs/remotes/{remote}/"));
        for found in workspace.release.list_refs(&format!("{prefix}environment"))? {
            let name = String::from_utf8_lossy(&found.name);
            let name = name.strip_prefix(&prefix).and_then(|name| BranchName::parse(name).ok());
            near.extend(name.map(|name| NearBranch { name, remote: remote.map(str::to_owned) }));
        }
    }
    Ok(near)
}

/// The release file of a commit as text, and its path; `None` where there is none. A file that can't be used is refused:
/// an entry added to what was made of it would destroy it.
fn release_text(workspace: &Workspace, commit: CommitId) -> anyhow::Result<Option<(&'static str, String)>> {
    let commit = workspace.release.commit(commit)?;
    match workspace.environments().release_file(&commit)? {
        (_, Err(Unusable::Missing)) => Ok(None),
        (_, Err(unusable)) => Err(Refused::Unusable(Box::new(unusable), commit.id).into()),
        (path, Ok(_)) => Ok(workspace.release.text_at(commit.tree, path)?.map(|text| (path, text))),
    }
}
