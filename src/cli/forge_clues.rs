//! What is known of a forge before it is asked: which one a repository is on, and the places that may hold a token.

use std::path::Path;

use crate::domain::name::EnvironmentName;
use crate::forge::credentials::{Places, Scope};
use crate::forge::runner::Children;
use crate::forge::{self, Clues, Found, Location};
use crate::git::Repository;
use crate::workspace::Workspace;

use super::Context;

/// What the user says of the forge, in the environment and in Git's configuration.
pub(super) struct Own {
    variable: Option<String>,
    kind: Option<String>,
    url: Option<String>,
    allow_http: Option<String>,
}

impl Own {
    pub(super) fn of(release: &Repository) -> Self {
        Own {
            variable: std::env::var("RELMAN_FORGE").ok(),
            kind: release.config("relman.forge"),
            url: release.config("relman.forgeUrl"),
            allow_http: release.config("relman.allowHttp"),
        }
    }

    /// The clues in it, and the flag.
    pub(super) fn clues<'a>(&'a self, context: &'a Context<'_>) -> Clues<'a> {
        Clues {
            flag: context.forge(),
            variable: self.variable.as_deref(),
            config: self.kind.as_deref(),
            config_url: self.url.as_deref(),
            config_http: self.allow_http.as_deref(),
            ..Clues::default()
        }
    }
}

/// Finds out which forge the release repo is on, if any.
pub(super) fn find(
    context: &Context<'_>,
    workspace: &Workspace,
    target: &EnvironmentName,
) -> anyhow::Result<Option<Location>> {
    let remote = workspace.remote.as_ref().and_then(|remote| remote.url.as_deref());
    find_of(context, workspace, target, remote, None)
}

/// Finds out which forge a repository with this remote is on; `usual` is its kind where the release file says none.
pub(super) fn find_of(
    context: &Context<'_>,
    workspace: &Workspace,
    target: &EnvironmentName,
    remote: Option<&str>,
    usual: Option<&str>,
) -> anyhow::Result<Option<Location>> {
    let own = Own::of(&workspace.release);
    let file = workspace.environments().one(target)?.and_then(|branch| branch.file.ok());
    let settings = file.as_ref().and_then(|file| file.forge.as_ref());
    let clues = Clues {
        file: settings.and_then(|settings| settings.kind.as_deref()).or(usual),
        file_url: settings.and_then(|settings| settings.url.as_deref()),
        remote,
        ..own.clues(context)
    };
    Ok(match forge::locate(&clues)? {
        Found::Forge(location) => Some(location),
        Found::Nothing { why, hint } => {
            let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
            context.ui.detail(1, &format!("no forge: {why}{hint}"));
            None
        }
    })
}

/// The places that may hold a token, as they are on this machine.
pub(super) fn places<'a>(release: &Repository, runner: &'a Children) -> Places<'a> {
    let listed = release.git().args(["config", "--show-scope", "--null", "--get-all", "relman.tokenCommand"]).output();
    let printed = listed.map(|finished| finished.stdout().to_vec()).unwrap_or_default();
    let text = String::from_utf8_lossy(&printed).into_owned();
    // With --null: scope, NUL, value, NUL, and so on.
    let parts: Vec<&str> = text.split('\0').collect();
    let commands = parts.chunks_exact(2).map(|pair| (Scope::parse(pair[0]), pair[1].to_owned())).collect();
    Places {
        variable: &|name| std::env::var(name).ok(),
        file: &|path: &Path| std::fs::read_to_string(path),
        commands,
        runner,
    }
}
