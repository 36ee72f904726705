//! `relman man`: the manual pages, for a package to install beside the program.

use std::path::{Path, PathBuf};

use crate::domain::error::Exit;

use super::{Context, Outcome, definition};

/// Print the manual page, or write all pages into a folder
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Write one page for each command into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn run(context: &Context<'_>, args: &Args) -> Outcome {
    let Some(folder) = &args.out else {
        let mut text = Vec::new();
        clap_mangen::Man::new(definition()).render(&mut text)?;
        context.ui.answer(&String::from_utf8_lossy(&text))?;
        return Ok(Exit::Success);
    };
    let pages = pages(definition().disable_help_flag(true), "")?;
    if context.dry_run() {
        for (name, _) in &pages {
            context.ui.say(&format!("would write {}", folder.join(name).display()));
        }
        return Ok(Exit::Success);
    }
    std::fs::create_dir_all(folder)?;
    for (name, page) in &pages {
        write_whole(&folder.join(name), page)?;
    }
    Ok(Exit::Success)
}

/// One page for the command and each of its subcommands, named as `man` looks for them.
fn pages(command: clap::Command, parent: &str) -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let name =
        if parent.is_empty() { command.get_name().to_owned() } else { format!("{parent}-{}", command.get_name()) };
    let mut pages = Vec::new();
    for subcommand in command.get_subcommands() {
        pages.extend(self::pages(subcommand.clone(), &name)?);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command.display_name(name.clone())).render(&mut page)?;
    pages.push((format!("{name}.1"), page));
    Ok(pages)
}

/// Replaces a file in one step, so that a reader never sees a half of it.
fn write_whole(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    std::io::Write::write_all(&mut file, content)?;
    file.persist(path)?;
    Ok(())
}
