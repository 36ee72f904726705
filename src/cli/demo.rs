//! `relman demo`: makes a playground.

use std::path::PathBuf;

use crate::domain::error::Exit;
use crate::domain::text::shell_path;
use crate::plan::StepKind;
use crate::playground::story::{REPOSITORIES, Story};
use crate::playground::{self, Place};
use crate::render::plan::{StepJson, steps_json};
use crate::render::schema::Document;
use crate::ui::Format;

use super::{Context, Failure, Outcome, UsageError};

/// Make a playground: both repos, two components and their remotes
///
/// A shop with a believable history, in one folder and without any network: dev deploys work in progress, qa has the
/// third candidate of 1.2.0, prod runs 1.1.0. A push to an environment branch deploys it, by a hook in place of CI.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder, which must not exist or be empty; with -C, it begins there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    let ui = context.ui;
    let folder = context.place(&args.folder)?;
    let shown = folder.display();
    let repositories = REPOSITORIES.join(", ");
    let taken = |why: &str| {
        let hint = "name a folder that does not exist yet".into();
        Failure::refused("exists", format!("{shown} {why}, and nothing that exists is overwritten"), vec![hint])
    };
    let place = playground::look(&folder)?;
    let text = match place {
        Place::Taken => return Err(taken("is not empty").into()),
        Place::File => return Err(taken("is a file").into()),
        Place::Link => return Err(taken("is a link that leads nowhere").into()),
        Place::Playground => {
            if !context.dry_run() {
                playground::clear_left_behind(&folder);
            }
            format!("{shown} is a playground already.\n")
        }
        Place::Free if context.dry_run() => {
            format!("This would be made in {shown}: {repositories}, and a bare remote of each.\n")
        }
        Place::Free => {
            let end = story_end(context)?;
            let progress = ui.progress("making the playground");
            playground::make(&folder, &Story::tell()?, end)?;
            drop(progress);
            format!("Made a playground in {shown}: {repositories}, and a bare remote of each.\n")
        }
    };
    ui.answer(&match ui.format() {
        Format::Text => text,
        Format::Json => {
            let changes = place == Place::Free;
            let (kind, verb) = if changes { (StepKind::MakePlayground, "make") } else { (StepKind::Keep, "keep") };
            let step = StepJson { kind, summary: format!("{verb} the playground {shown}"), changes };
            steps_json(Document::Demo, vec![step], &[], context.dry_run())
        }
    })?;
    if context.dry_run() {
        return Ok(Exit::Success);
    }
    ui.say(&what_to_try(&folder));
    Ok(Exit::Success)
}

/// The moment that the story ends at: now, or `SOURCE_DATE_EPOCH`, by which builds are made reproducible.
fn story_end(context: &Context<'_>) -> anyhow::Result<i64> {
    let Ok(text) = std::env::var("SOURCE_DATE_EPOCH") else { return Ok(context.now()) };
    // The story is ten weeks long, and Git writes no commit before 1970.
    match text.parse::<i64>() {
        Ok(moment) if (10_000_000..253_402_300_800).contains(&moment) => Ok(moment),
        _ => Err(UsageError::new(
            format!("SOURCE_DATE_EPOCH is {text:?}, which is no usable number of seconds since 1970"),
            "unset it, or set it to the output of: date +%s",
        )
        .into()),
    }
}

fn what_to_try(folder: &std::path::Path) -> String {
    let release = shell_path(&folder.join(REPOSITORIES[0]));
    let commands = [
        ("relman status", "which version is where"),
        ("relman resolve prod", "what a deployment of prod would use"),
        ("relman next-rc qa", "the next candidate of the version in qa"),
        ("relman promote qa prod -n", "what a promotion would do and ship"),
        ("relman deploy qa -y", "runs the pipeline of qa; status shows how it went"),
        ("relman check", "what is wrong, if anything"),
        ("relman env list", "where promotions come from"),
    ];
    let lines: String = commands.iter().map(|(command, what)| format!("\n  {command:<27}{what}")).collect();
    format!("\nTry:\n  cd {release}{lines}")
}
