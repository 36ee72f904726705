//! `relman trace`: the whole chain of one deployment, and what proves each link.

use crate::domain::error::Exit;
use crate::domain::selector::{Selector, Unselected};
use crate::render;
use crate::ui::Format;
use crate::workspace;
use crate::workspace::selected::DeclaredState;
use crate::workspace::trace::Trace;

use super::{Context, Failure, Outcome};

/// Show the whole chain of one deployment: commits, tags, components, pipeline, values, record
///
/// Says what is proven by a record or a tag's message, what is derived, and what is missing. Reads the clones and asks
/// no remote; `relman fetch` brings them up to date.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The environment: as it is, with a version that it had, at a date such as prod@2026-03-01, or at a commit
    #[arg(value_name = "ENV[@VERSION|@DATE|@COMMIT]")]
    selector: Selector,
    /// Print the definition of the pipeline exactly as it was, and nothing else
    #[arg(long)]
    pipeline: bool,
    /// List all components
    #[arg(long)]
    all: bool,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    let workspace = context.workspace()?;
    let ui = context.ui;
    let progress = ui.progress("reading the history of the environment");
    let trace = workspace.follow(&args.selector, render::time::zone())?;
    drop(progress);
    let nothing = matches!(trace.selected.declared, DeclaredState::NotYet | DeclaredState::Unknown);
    if let (DeclaredState::Unknown, None, Some(at)) = (&trace.selected.declared, &trace.deployment, &args.selector.at) {
        let cut = Unselected::CutOff { environment: trace.environment().clone(), at: at.clone() };
        return Err(workspace::Error::from(cut).into());
    }
    if nothing && trace.deployment.is_none() {
        return Err(Failure::not_found(
            "nothing-declared",
            format!("{} had neither declared nor run anything then", trace.environment()),
            vec![format!("relman log {} shows what it had", trace.environment())],
        )
        .into());
    }
    let pipeline = if args.pipeline { Some(definition(args, &trace)?) } else { None };
    match (ui.format(), &pipeline) {
        (Format::Json, pipeline) => ui.answer(&render::trace::json(&trace, pipeline.as_deref()))?,
        (Format::Text, Some(pipeline)) => ui.exactly(pipeline)?,
        (Format::Text, None) => {
            let page = render::Page { color: ui.color(), width: ui.width() };
            ui.answer(&render::trace::text(&trace, page, args.all || ui.is_verbose()))?;
            context.warn(&trace.problems);
            context.say_age(trace.fetched_at);
        }
    }
    Ok(Exit::Success)
}

fn definition(args: &Args, trace: &Trace) -> anyhow::Result<Vec<u8>> {
    let missing = || {
        let why = trace.chain.missing.iter().find(|one| one.what == "pipeline").map(|one| one.why.clone());
        let why = why.unwrap_or_else(|| "the clone of the app repo lacks the file".into());
        Failure::not_found(
            "no-pipeline",
            format!("the definition of the pipeline is not known: {why}"),
            vec![match &trace.chain.app_commit {
                // What that commit has not, no fetch brings.
                Some(commit) if trace.has_app(commit.value) => {
                    format!("relman trace {} tells what is known of it", args.selector)
                }
                _ => "relman fetch brings the clones up to date".into(),
            }],
        )
    };
    Ok(trace.pipeline()?.ok_or_else(missing)?)
}
