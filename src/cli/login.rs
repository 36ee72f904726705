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

/// How the name of a variable ends that says of itself that it holds a secret, as CI systems and clouds name theirs.
const SECRET_ENDINGS: [&str; 9] =
    ["TOKEN", "PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "API_KEY", "APIKEY", "ACCESS_KEY", "PRIVATE_KEY"];

/// Sees to it that no secret of the environment is printed or logged, whoever prints it: a step sees the variables that
/// relman was started with. Which of them are secret only their names can tell.
pub(super) fn hide_given(ui: &Ui) {
    for (name, value) in std::env::vars_os() {
        let (Some(name), Some(value)) = (name.to_str(), value.to_str()) else { continue };
        if !is_secret(name) {
            continue;
        }
        let secret = value.trim();
        ui.hide(secret);
        // `user:token` is a login with a name.
        ui.hide(secret.split_once(':').map_or("", |(_, token)| token));
        // A key of many lines is printed line by line.
        secret.lines().for_each(|line| ui.hide(line.trim()));
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    SECRET_ENDINGS.iter().any(|ending| {
        // `RELMAN_JIRA_TOKEN_PROD` is the token of one environment.
        name.ends_with(ending)
            || name.contains(&format!("_{ending}_")) && name.starts_with("RELMAN_") && !name.ends_with("_FILE")
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_whether_a_variable_is_secret() {
        let secret = TOKEN_VARIABLES.iter().filter(|name| !name.ends_with("_FILE"));
        for name in secret.chain(&["AWS_SECRET_ACCESS_KEY", "db_password", "RELMAN_JIRA_TOKEN_PROD", "SSH_PRIVATE_KEY"])
        {
            assert!(is_secret(name), "{name}");
        }
        for name in ["PATH", "AWS_ACCESS_KEY_ID", "RELMAN_TOKEN_FILE", "RELMAN_JIRA_TOKEN_FILE", "SECRET_NAME", "KEY"] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
