//! `relman init`.
use super::{Context, Outcome};
/// x
#[derive(Debug, clap::Args)]
pub(super) struct Args {}
pub(super) fn run(_: &Context<'_>, _: &Args) -> Outcome {
    anyhow::bail!("x")
}
