//! Lending the token of a run to the `git` program.

use std::path::Path;

use crate::forge::credentials::Places;
use crate::forge::runner::{Call, Ran, Runner};
use crate::forge::{self, Clues, Found};
use crate::http::Login;
use crate::http::WebUrl;
use crate::ui::Ui;
use crate::workspace::Workspace;

use super::Context;
use super::forge_clues::Own;

/// The variables in which a token may be given to a run; only these are looked at before Git is started.
const TOKEN_VARIABLES: [&str; 9] = [
    "RELMAN_TOKEN",
    "RELMAN_TOKEN_FILE",
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "GH_ENTERPRISE_TOKEN",
    "GITLAB_TOKEN",
    "BITBUCKET_TOKEN",
    "GITEA_TOKEN",
    "FORGEJO_TOKEN",
];

/// Further variables that hold a secret of relman's, whichever of them this run needs.
const OTHER_SECRETS: [&str; 3] = ["GITHUB_ENTERPRISE_TOKEN", "RELMAN_JIRA_TOKEN", "RELMAN_JENKINS_TOKEN"];

/// Sees to it that no token which relman was given in a variable is printed or logged, whoever prints it: a step sees
/// the variables of the forge's own tools as well.
pub(super) fn hide_given(ui: &Ui) {
    let names = TOKEN_VARIABLES.iter().filter(|name| !name.ends_with("_FILE")).chain(&OTHER_SECRETS);
    for value in names.filter_map(|name| std::env::var(name).ok()) {
        let secret = value.trim();
        ui.hide(secret);
        // `user:token` is a login with a name.
        ui.hide(secret.split_once(':').map_or("", |(_, token)| token));
    }
}

/// Whether the environment holds a token.
fn token_is_given() -> bool {
    TOKEN_VARIABLES.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Lends the token of this run to the `git` program, for the host of the release repo's remote and no other.
pub(super) fn lend(context: &Context<'_>, workspace: &Workspace) {
    let over_http =
        workspace.remote.iter().filter_map(|remote| remote.url.as_deref()).any(|url| url.starts_with("http"));
    if context.offline() || !over_http || !token_is_given() {
        return;
    }
    let own = Own::of(&workspace.release);
    let remote = workspace.remote.as_ref().and_then(|remote| remote.url.as_deref());
    let clues = Clues { remote, ..own.clues(context) };
    // Where no forge is found, or it must not get the token, Git logs in by its own means.
    let Ok(Found::Forge(location)) = forge::locate(&clues) else { return };
    let places = Places {
        variable: &|name| std::env::var(name).ok(),
        file: &|path: &Path| std::fs::read_to_string(path),
        commands: Vec::new(),
        runner: &Nobody,
    };
    let Ok(Some(credential)) = forge::find_credential(&location, &places).map(|search| search.credential) else {
        return;
    };
    let user = match &credential.login {
        Login::Basic { user, .. } => user.as_str(),
        Login::Token(_) => match location.kind {
            forge::ForgeKind::GitHub => "x-access-token",
            forge::ForgeKind::GitLab => "oauth2",
            forge::ForgeKind::BitbucketCloud | forge::ForgeKind::BitbucketDatacenter => "x-token-auth",
            _ => "relman",
        },
    };
    context.hide(&credential.login);
    context.hide(&Login::Basic { user: user.to_owned(), secret: credential.login.secret().clone() });
    let web = WebUrl { path: Vec::new(), ..location.web.clone() };
    context.ui.detail(1, &format!("git logs in to {web} with the token from {}", credential.source));
    crate::git::login::lend(&web.to_string(), user, credential.login.secret().expose());
}

/// Runs nothing: before Git is started, only the environment is looked at.
struct Nobody;

impl Runner for Nobody {
    fn run(&self, _call: &Call) -> Ran {
        Ran::Missing
    }
}
