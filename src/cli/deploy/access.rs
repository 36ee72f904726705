//! What lets a deployment into the system that runs its pipeline: which host it is, and which token goes there.

use crate::domain::app_file::{self, Pipeline};
use crate::domain::text::shell_word;
use crate::forge::locate::Trust;
use crate::forge::remote_url::Remote;
use crate::forge::runner::Children;
use crate::forge::{self, Clues, Credential, ForgeKind, Found, Location};
use crate::http::{Api, Login, Network, Patience, Token, WebUrl};
use crate::pipeline::Access;
use crate::workspace::Workspace;
use crate::workspace::resolve::Resolved;

use super::super::forge_clues::{find_of, places};
use super::{Context, Failure, UsageError};

/// The variables that may name the Jenkins of the user's own; inside of a build, Jenkins sets the second.
const JENKINS_URLS: [&str; 2] = ["RELMAN_JENKINS_URL", "JENKINS_URL"];

/// The variable that may name the forge of an app repo which is elsewhere than the release repo.
const APP_FORGE: &str = "RELMAN_APP_FORGE";

/// Finds the way into the system that runs a pipeline; `None` where it runs beside relman, or by programs of its own.
pub(super) fn find(
    context: &Context<'_>,
    workspace: &Workspace,
    resolved: &Resolved,
    pipeline: &Pipeline,
) -> anyhow::Result<Option<Access>> {
    let kind = match pipeline {
        Pipeline::Shell(_) | Pipeline::Tekton(_) => return Ok(None),
        Pipeline::Jenkins(job) => return jenkins(context, workspace, job, pipeline).map(Some),
        Pipeline::GithubActions(_) => ForgeKind::GitHub,
        Pipeline::Gitlab(_) => ForgeKind::GitLab,
        Pipeline::BitbucketPipelines(_) => ForgeKind::BitbucketCloud,
    };
    let location = location(context, workspace, resolved, kind)?;
    if location.kind != kind {
        let engine = pipeline.engine().as_str();
        return Err(UsageError::new(
            format!(
                "`engine: {engine}` runs pipelines on {}, and the app repo is on {}",
                kind.title(),
                location.kind.title()
            ),
            "choose the engine in app.yml that fits, or name the forge: --forge TYPE=URL",
        )
        .into());
    }
    let credential = credential(context, workspace, &location)?;
    let patience = patience(pipeline);
    let network = Box::new(Network::new(&location.web, &patience));
    let mut api = forge::api(&location, Some(&credential), network, patience)?;
    api.fixes = vec![format!("the token came from {}", credential.source), needed(kind).to_owned()];
    Ok(Some(Access {
        api,
        web: location.web,
        owner: location.repository.owner,
        repository: location.repository.name,
        definition: definition(resolved)?,
    }))
}

/// What is asked is asked again by whoever waits for a run, and each time it is looked whether a signal has come. No
/// answer is waited for longer than half the time that the run may take: the other half is for finding it.
fn patience(pipeline: &Pipeline) -> Patience {
    let usual = Patience::default();
    let request = pipeline.timeout().map_or(usual.request, |limit| (limit / 2).min(usual.request));
    Patience { attempts: 1, request, ..usual }
}

/// The forge of the app repo. Where it is on the release repo's host, all that is said of that one holds for it too.
fn location(
    context: &Context<'_>,
    workspace: &Workspace,
    resolved: &Resolved,
    kind: ForgeKind,
) -> anyhow::Result<Location> {
    let app = &resolved.team.app;
    let release = workspace.remote.as_ref().and_then(|remote| remote.url.as_deref());
    let hosts = [release, app.url.as_deref()].map(|url| match url.map(Remote::parse) {
        Some(Remote::Server(url)) => Some(url.host),
        Some(Remote::Local) | None => None,
    });
    let found = match &hosts {
        [release, Some(host)] if release.as_ref() == Some(host) => {
            find_of(context, workspace, &resolved.environment, app.url.as_deref(), Some(kind.word()))?
        }
        [_, Some(_)] => {
            let http = workspace.release.config("relman.allowHttp");
            let clues = Clues {
                file: Some(kind.word()),
                config_http: http.as_deref(),
                remote: app.url.as_deref(),
                ..Clues::default()
            };
            match forge::locate(&clues)? {
                Found::Forge(location) => Some(location),
                Found::Nothing { .. } => None,
            }
        }
        // Folders have no forge of their own; the user may name one for the release repo, and the app is beside it.
        [_, None] => find_of(context, workspace, &resolved.environment, release, None)?.map(|mut location| {
            location.repository.name = app.name.to_string();
            location
        }),
    };
    let location = found.ok_or_else(|| {
        let what = format!("nothing says where {} is on {}, so its pipeline can't be started", app.name, kind.title());
        let hint = format!("git config relman.forge {}=https://HOST/OWNER/{}", kind.word(), app.name);
        UsageError::new(what, hint)
    })?;
    if app.url_is_foreign && !is_own(context, workspace, resolved, &location)? {
        let (host, web) = (location.web.authority(), shell_word(&location.web.to_string()));
        return Err(Failure::unauthorised(
            "untrusted-forge",
            format!("no token is sent to {host}: only release.yml names it, as the place of {}", app.name),
            vec![format!("if you trust it: git config relman.appForge {web}, or RELMAN_APP_FORGE={web}")],
        )
        .into());
    }
    Ok(location)
}

/// Whether a forge is the user's own choice: the release repo is on it too, or the user's own environment or Git
/// configuration names it.
fn is_own(
    context: &Context<'_>,
    workspace: &Workspace,
    resolved: &Resolved,
    location: &Location,
) -> anyhow::Result<bool> {
    let same = |web: &WebUrl| web.encrypted == location.web.encrypted && web.authority() == location.web.authority();
    let named = std::env::var(APP_FORGE).ok().into_iter().chain(workspace.release.config("relman.appForge"));
    if named.filter_map(|url| WebUrl::parse(&url).ok()).any(|web| same(&web)) {
        return Ok(true);
    }
    let release = workspace.remote.as_ref().and_then(|remote| remote.url.as_deref());
    let beside = find_of(context, workspace, &resolved.environment, release, Some(location.kind.word()))?;
    Ok(beside.is_some_and(|beside| matches!(beside.trust, Trust::Remote | Trust::User) && same(&beside.web)))
}

fn credential(context: &Context<'_>, workspace: &Workspace, location: &Location) -> anyhow::Result<Credential> {
    let runner = Children::in_folder(workspace.release.folder());
    let search = forge::find_credential(location, &places(&workspace.release, &runner))?;
    let host = location.web.authority();
    let credential = search.credential.ok_or_else(|| {
        let message = format!("there is no token for {host}; looked at: {}", search.looked.join(", "));
        Failure::unauthorised("no-token", message, vec![format!("set RELMAN_TOKEN: {}", needed(location.kind))])
    })?;
    context.hide(&credential.login);
    context.ui.detail(1, &format!("the pipeline is started on {host} with the token from {}", credential.source));
    Ok(credential)
}

/// What a token must be able to do.
fn needed(kind: ForgeKind) -> &'static str {
    match kind {
        ForgeKind::GitHub => {
            "a token with the permission `actions: write` on the app repo; a workflow's own GITHUB_TOKEN is for its own \
             repository alone"
        }
        ForgeKind::GitLab => {
            "an access token with the scope `api` for the app's project, of somebody who may run pipelines for the tag"
        }
        _ => "an access token with the scope `pipeline:write` for the app repo",
    }
}

/// The file that defines the pipeline, as it is in the app commit.
fn definition(resolved: &Resolved) -> anyhow::Result<Option<Vec<u8>>> {
    let Some((path, blob)) = &resolved.pipeline else { return Ok(None) };
    Ok(Some(resolved.team.app.definition(path, *blob)?))
}

/// A Jenkins that the app file names. The file is content of a repository, so the token goes there only if the user's
/// own environment or Git configuration names the same host.
fn jenkins(
    context: &Context<'_>,
    workspace: &Workspace,
    job: &app_file::Jenkins,
    pipeline: &Pipeline,
) -> anyhow::Result<Access> {
    let unusable =
        |why| UsageError::new(format!("the `url` of Jenkins in app.yml can't be used: {why}"), "https://HOST");
    let web = WebUrl::parse(&job.url).map_err(unusable)?;
    let host = web.authority();
    let named = JENKINS_URLS.iter().filter_map(|name| std::env::var(name).ok());
    let mut named = named.chain(workspace.release.config("relman.jenkins")).filter_map(|url| WebUrl::parse(&url).ok());
    if !named.any(|own| own.authority() == host) {
        return Err(Failure::unauthorised(
            "untrusted-jenkins",
            format!("no token is sent to {host}: only app.yml names it"),
            vec![format!(
                "if you trust it: git config relman.jenkins {0}, or RELMAN_JENKINS_URL={0}",
                shell_word(&web.to_string())
            )],
        )
        .into());
    }
    if !web.encrypted && !web.is_loopback() {
        let message = format!("no token is sent to {host} over http, where everybody on the way could read it");
        return Err(Failure::unauthorised(
            "plain-http",
            message,
            vec!["let `url` in app.yml begin with https://".into()],
        )
        .into());
    }
    let (user, secret) = ("RELMAN_JENKINS_USER", "RELMAN_JENKINS_TOKEN");
    let needed =
        format!("set {user} and {secret}: an API token of a user who may build the job (a password needs more)");
    let set = |name: &str| std::env::var(name).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let login = set(user).zip(set(secret).and_then(Token::new));
    let (user, secret) = login.ok_or_else(|| {
        Failure::unauthorised("no-token", format!("there is no login for {host}"), vec![needed.clone()])
    })?;
    context.ui.detail(1, &format!("the pipeline is started on {host} with the token from RELMAN_JENKINS_TOKEN"));
    let login = Login::Basic { user, secret };
    context.hide(&login);
    let patience = patience(pipeline);
    let api = Api {
        service: "Jenkins",
        base: web.to_string(),
        host,
        login: Some(login),
        scheme: "Basic",
        headers: Vec::new(),
        transport: Box::new(Network::new(&web, &patience)),
        patience,
        fixes: vec![needed],
    };
    Ok(Access { api, web, owner: String::new(), repository: String::new(), definition: None })
}
