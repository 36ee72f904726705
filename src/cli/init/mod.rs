//! `relman init`: makes a release repo and an app repo.

mod environments;
mod from_ods;
mod kept;
mod repositories;
mod wish;

use std::path::PathBuf;

use crate::domain::error::Exit;
use crate::domain::name::RepositoryName;
use crate::domain::text::shell_word;
use crate::git::make;
use crate::plan::{self, NewCommit, NewRepository};
use crate::render;
use crate::scaffold::{self, Blueprint, Ci};
use crate::ui::Format;

use super::deeds::Deeds;
use super::{Context, Failure, Outcome};
use environments::versions;
use repositories::{app_message, default_branch, files, release_repo};
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
    /// Make the repositories in this folder
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
    let wish = Wish::gather(context, args)?;
    let app = wish.existing_app(context)?;
    let blueprint = wish.blueprint(app.as_ref());
    let versions = versions(&args.versions, &blueprint.environments)?;
    let default_branch = default_branch(&wish.folder);
    let mut wanted = vec![release_repo(&wish, &blueprint, &versions, &default_branch, app.as_ref())?];
    if app.is_none() {
        let origin = blueprint.remote_base.as_ref().map(|base| base.url(blueprint.application.as_str()));
        wanted.push(NewRepository {
            folder: wish.folder.join(blueprint.application.as_str()),
            default_branch: default_branch.clone(),
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
    let ui = context.ui;
    if context.dry_run() || (ui.is_interactive() && !context.yes()) {
        ui.answer(&match ui.format() {
            Format::Json => render::init::json(&plan, wish.left.as_deref(), true),
            Format::Text => render::plan::text(&plan, context.dry_run()),
        })?;
        say_left(context, &wish);
    }
    if context.dry_run() {
        return Ok(Exit::Success);
    }
    if plan.changes() && ui.is_interactive() && !context.yes() && !ui.confirm("Go ahead?", true)? {
        return Err(Failure::interrupted().into());
    }
    let progress = ui.progress("making repositories");
    let report = plan::execute(&plan, &Deeds::default());
    drop(progress);
    if let Some((step, error)) = report.failed {
        return Err(error.context(super::failure::StepFailed::new(step, &report.left)));
    }
    ui.answer(&match ui.format() {
        Format::Json => render::init::json(&plan, wish.left.as_deref(), false),
        Format::Text => render::plan::done(&plan),
    })?;
    for sentence in app.iter().flat_map(|app| scaffold::missing_in_app(&app.lacks, &blueprint)) {
        ui.say(&format!("{}: {sentence}", blueprint.application));
    }
    if !ui.is_interactive() || context.yes() {
        say_left(context, &wish);
    }
    ui.say(&next_steps(&wish, &blueprint, args.push));
    Ok(Exit::Success)
}

/// Says what is not taken over of a project of OpenDevStack.
fn say_left(context: &Context<'_>, wish: &Wish) {
    if let Some(left) = wish.left.as_ref().filter(|left| !left.is_empty()) {
        context.ui.say(render::init::left(left).trim_end());
    }
}

fn next_steps(wish: &Wish, blueprint: &Blueprint, pushed: bool) -> String {
    let release = shell_word(&wish.release_folder().display().to_string());
    let mut text = format!("\nWhat to do next:\n  cd {release} && relman status\n");
    if !pushed {
        match &blueprint.remote_base {
            Some(_) => text.push_str(&format!(
                "  git -C {release} push --all origin, once the repositories exist on the server\n"
            )),
            None => text.push_str("  push both repositories to your Git server, the default branches first\n"),
        }
    }
    text.push_str("  write your deployment into app.yml of the app repo");
    text
}
