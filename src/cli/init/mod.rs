//! `relman init`: makes a release repo and an app repo.

mod environments;
mod from_ods;
mod kept;
mod repositories;
mod wish;

use std::path::PathBuf;

use crate::domain::error::Exit;
use crate::domain::name::RepositoryName;
use crate::domain::problem::Problem;
use crate::domain::text::shell_path;
use crate::git::{self, make};
use crate::plan::{self, NewCommit, NewRepository, Plan, Step};
use crate::render;
use crate::render::init::Beside;
use crate::scaffold::{self, Blueprint, Ci};
use crate::ui::Format;

use super::deeds::Deeds;
use super::{Context, Failure, Outcome, UsageError, promote};
use environments::versions;
use repositories::{app_message, files, release_repo};
use wish::Wish;

/// Make a release repo and an app repo
///
/// NAME-release says which version is deployed where, on one branch per environment; NAME-app says what is deployed and
/// how. On a terminal relman asks for what is not given. Nothing that exists is overwritten.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The product: the repositories are NAME-release and NAME-app
    #[arg(value_name = "NAME")]
    name: Option<RepositoryName>,
    /// Make the repositories in this folder; with -C, it begins there
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Add an environment; again for each [default: dev:dev, qa:qa and prod:prod]
    #[arg(long = "env", value_name = "NAME:TYPE[:BRANCH]")]
    environments: Vec<String>,
    /// List a component repository in app.yml; again for each
    #[arg(long = "component", value_name = "NAME")]
    components: Vec<RepositoryName>,
    /// Begin an environment at a version that it runs already; again for each
    #[arg(long = "version", value_name = "ENV=V")]
    versions: Vec<String>,
    /// Keep an app repo that exists, and list what it lacks
    #[arg(long, value_name = "DIR|URL")]
    use_app: Option<String>,
    /// Take over the environments and components of a release manager repository of OpenDevStack in this folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["environments", "components", "use_app"])]
    from_ods: Option<PathBuf>,
    /// Write the file by which this system runs relman deploy
    #[arg(long, value_name = "SYSTEM", value_parser = clap::builder::PossibleValuesParser::new(Ci::WORDS))]
    ci: Option<String>,
    /// The URL that the repositories will lie below; becomes the remote origin of each
    #[arg(long, value_name = "URL", allow_hyphen_values = true)]
    remote_base: Option<String>,
    /// Push everything to the new remotes, default branches first
    #[arg(long, requires = "remote_base")]
    push: bool,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    if args.push {
        promote::refuse_offline_push(context)?;
    }
    if context.names_a_remote() {
        return Err(UsageError::new(
            "what is made has one remote, origin, so --remote names nothing here",
            "leave it out; --remote-base URL says where the repositories will lie",
        )
        .into());
    }
    let wish = Wish::gather(context, args)?;
    let app = wish.app.as_ref();
    let blueprint = wish.blueprint();
    let versions = versions(&args.versions, &blueprint.environments)?;
    let mut wanted = vec![release_repo(&wish, &blueprint, &versions)?];
    if app.is_none() {
        let origin = blueprint.remote_base.as_ref().map(|base| base.url(blueprint.application.as_str()));
        wanted.push(NewRepository {
            folder: wish.folder.join(blueprint.application.as_str()),
            default_branch: wish.default_branch.clone(),
            root: NewCommit { files: files(scaffold::app_repo(&blueprint)), message: app_message(&blueprint) },
            branches: Vec::new(),
            origin,
            config: Vec::new(),
        });
    }
    let mut found = Vec::new();
    for repository in wanted {
        let place = make::find(&repository)?;
        found.push((repository, place));
    }
    let plan = plan::init::plan(found, args.push)?;
    let lacks = app.map(|app| scaffold::missing_in_app(&app.lacks, &blueprint));
    let warnings: Vec<Problem> = app.and_then(|app| app.warning.clone()).into_iter().collect();
    let beside = Beside { left: wish.left.as_deref(), lacks: lacks.as_deref(), warnings: &warnings };
    let ui = context.ui;
    let is_asked_about = ui.is_interactive() && !context.yes();
    if context.dry_run() || is_asked_about {
        ui.answer(&match ui.format() {
            Format::Json => render::init::json(&plan, &beside, true),
            Format::Text => render::plan::text(&plan, context.dry_run()),
        })?;
        say_beside(context, &beside, &blueprint);
    }
    if context.dry_run() {
        return Ok(Exit::Success);
    }
    if plan.changes() && is_asked_about && !ui.confirm("Go ahead?", true)? {
        return Err(Failure::interrupted().into());
    }
    make::clear_left_behind(&wish.folder);
    let progress = ui.progress("making repositories");
    let deeds = Deeds::default();
    let report = plan::execute(&plan, &deeds);
    drop(progress);
    let unnoted = deeds.report_unnoted(context);
    if let Some((step, mut error)) = report.failed {
        if let Some(git::Error::Unprepared(unprepared)) = error.downcast_mut() {
            unprepared.go_on_with(report.left.iter().filter_map(|step| pushed_name(step)));
        }
        return Err(error.context(super::failure::StepFailed::new(step, &report.left)));
    }
    ui.answer(&match ui.format() {
        Format::Json => {
            let warnings = [&warnings[..], &unnoted].concat();
            render::init::json(&plan, &Beside { warnings: &warnings, ..beside }, false)
        }
        Format::Text => render::plan::done(&plan),
    })?;
    if !is_asked_about {
        say_beside(context, &beside, &blueprint);
    }
    ui.say(&next_steps(&wish, &blueprint, &beside, &plan));
    Ok(Exit::Success)
}

/// The name of the repository that a step pushes.
fn pushed_name(step: &Step) -> Option<String> {
    match step {
        Step::Push { folder, .. } => Some(folder.file_name()?.to_string_lossy().into_owned()),
        _ => None,
    }
}

/// Says what the answer has no place for: what the app repo lacks, and what of an older project is not taken over.
fn say_beside(context: &Context<'_>, beside: &Beside<'_>, blueprint: &Blueprint) {
    for lack in beside.lacks.unwrap_or_default() {
        context.ui.say(&format!("{}: {}", blueprint.application, lack.message));
    }
    context.warn(beside.warnings);
    if let Some(left) = beside.left.filter(|left| !left.is_empty()) {
        context.ui.say(render::init::left(left).trim_end());
    }
}

fn next_steps(wish: &Wish, blueprint: &Blueprint, beside: &Beside<'_>, plan: &Plan) -> String {
    let release = shell_path(&wish.release_folder());
    let mut text = format!("\nWhat to do next:\n  cd {release} && relman status");
    let what = if beside.lacks.is_some() { "the release repo" } else { "both repositories" };
    match &blueprint.remote_base {
        _ if plan.pushes() => {}
        Some(base) => {
            let mut names = vec![blueprint.release_repo_name()];
            if beside.lacks.is_none() {
                names.push(blueprint.application.to_string());
            }
            let names = names.join(" and ");
            text.push_str(&format!(
                "\n  make {names} at {base}, empty, without a README; then the same command with --push"
            ));
        }
        None => {
            let first = if beside.lacks.is_some() { "its default branch" } else { "the default branches" };
            text.push_str(&format!("\n  push {what} to your Git server, {first} first"));
        }
    }
    match beside.lacks {
        None => text.push_str("\n  write your deployment into app.yml of the app repo"),
        Some([]) => {}
        Some(_) => text.push_str(&format!("\n  add to {} what it lacks", blueprint.application)),
    }
    text
}
