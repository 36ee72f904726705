//! `relman schema`: the shape of each document, for editors, validators and code generators.

use clap::builder::PossibleValuesParser;

use crate::domain::error::Exit;
use crate::render::schema::{self, Document};

use super::{Context, Outcome};

/// Print the JSON Schema of a document, or the names of all schemas
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The document: most are named as the command that prints them
    #[arg(value_name = "NAME", value_parser = PossibleValuesParser::new(Document::ALL.iter().map(|one| one.name())))]
    name: Option<String>,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    let ui = context.ui;
    let text = match args.name.as_deref().and_then(Document::parse) {
        Some(document) => schema::one(document),
        None => schema::list(ui.format()),
    };
    ui.answer(&text)?;
    Ok(Exit::Success)
}
