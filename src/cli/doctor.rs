//! `relman doctor`: what relman finds on this machine, and what of it would hurt.

use crate::domain::environment::Tagging;
use crate::domain::error::{Exit, Explain, with_causes};
use crate::domain::name::EnvironmentName;
use crate::domain::problem::Problem;
use crate::forge::{self, RepositorySettings};
use crate::git::Repository;
use crate::render;
use crate::render::doctor::Finding;
use crate::ui::Format;
use crate::workspace::Workspace;
use crate::workspace::team::side_by_side;

use super::forges::{self, Home};
use super::{Context, Outcome};

/// Show what relman finds on this machine, and what of it would hurt
///
/// Git, the clones and their remotes, the forge, where a token comes from (never the token), and settings of the forge
/// under which promotions go wrong. Changes nothing.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(context: &Context<'_>, _args: &Args) -> Outcome {
    let ui = context.ui;
    let workspace = context.workspace()?;
    let progress = ui.progress("asking the remotes and the forge");
    let mut findings = vec![git(&workspace)];
    findings.push(identity(&workspace));
    clones(&workspace, context.offline(), &mut findings)?;
    forge(context, &workspace, &mut findings)?;
    drop(progress);
    ui.answer(&match ui.format() {
        Format::Json => render::doctor::json(&findings),
        Format::Text => render::doctor::text(&findings, render::Page { color: ui.color(), width: ui.width() }),
    })?;
    Ok(Exit::Success)
}

fn git(workspace: &Workspace) -> Finding {
    let version = workspace.release.git().arg("version").line().unwrap_or_default();
    let number = version.trim_start_matches("git version ").to_owned();
    let mut parts = number.split('.').map_while(|part| part.parse::<u32>().ok());
    let (major, minor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if (major, minor) < (2, 38) {
        return Finding::bad(
            Problem::warning(
                "git-too-old",
                format!("Git {number} can't try out a merge, so promotions never go directly"),
            )
            .hint("install Git 2.38 or newer"),
        );
    }
    Finding::good("git", format!("Git {number}"))
}

fn identity(workspace: &Workspace) -> Finding {
    match workspace.release.git().args(["var", "GIT_COMMITTER_IDENT"]).output() {
        Ok(finished) if finished.is_success() => {
            let text = String::from_utf8_lossy(finished.stdout()).into_owned();
            let name = text.rsplit_once('>').map_or(text.as_str(), |(name, _)| name);
            Finding::good("identity", format!("commits are made as {name}>"))
        }
        _ => Finding::bad(
            Problem::warning("no-identity", "Git does not know who you are, so nothing can be committed")
                .hint("git config --global user.name NAME; git config --global user.email ADDRESS"),
        ),
    }
}

/// The clones that a release needs, and whether their remotes answer.
fn clones(workspace: &Workspace, offline: bool, findings: &mut Vec<Finding>) -> crate::workspace::Result<()> {
    let mut jobs = vec![(
        "the release repo".to_owned(),
        workspace.release.folder().to_owned(),
        workspace.remote_name().map(str::to_owned),
    )];
    if let Some(application) = workspace.environments().application()? {
        match workspace.app_if_present(&application)? {
            Some(app) => {
                jobs.push((app.name.to_string(), app.repository.folder().to_owned(), app.remote.clone()));
                let head = app.default_branch()?.map(|branch| app.head(&branch)).transpose()?.flatten();
                let file = head.map(|head| workspace.app_file(&app, head)).transpose()?;
                for component in file.iter().flat_map(|(file, _)| &file.repositories) {
                    match workspace.component_if_present(&app, component)? {
                        Some(member) => {
                            jobs.push((
                                member.name.to_string(),
                                member.repository.folder().to_owned(),
                                member.remote.clone(),
                            ));
                        }
                        None => findings.push(Finding::bad(no_clone(component.name.as_str()))),
                    }
                }
            }
            None => findings.push(Finding::bad(no_clone(application.name.as_str()))),
        }
    }
    let answers = side_by_side(&jobs, |(name, folder, remote)| {
        let place = folder.display();
        let Some(remote) = remote else {
            return Finding::good("clone", format!("{name} is in {place}, without a remote"));
        };
        if offline {
            return Finding::good("clone", format!("{name} is in {place}, its remote {remote} was not asked"));
        }
        let tried = Repository::open(folder).and_then(|repository| {
            repository.require_one_push_url(remote)?;
            repository.reach(remote)
        });
        match tried {
            Ok(()) => Finding::good("clone", format!("{name} is in {place}, its remote {remote} answers")),
            Err(error) => {
                let hint = error.hints().into_iter().next().unwrap_or_default();
                Finding::bad(Problem::error(error.code(), with_causes(&error)).hint(hint))
            }
        }
    });
    findings.extend(answers);
    Ok(())
}

fn no_clone(name: &str) -> Problem {
    Problem::warning("no-clone", format!("there is no clone of {name}")).hint("relman fetch makes one")
}

/// The forges, the source of the token for each, and settings that hurt.
fn forge(context: &Context<'_>, workspace: &Workspace, findings: &mut Vec<Finding>) -> anyhow::Result<()> {
    let landscape = workspace.environments().landscape()?;
    let homes = forges::homes(context, workspace)?;
    let several = homes.len() > 1;
    for Home { forge, environments } in homes {
        // Where environments differ, each finding says which of them it is about.
        let names: Vec<&str> = environments.iter().map(EnvironmentName::as_str).collect();
        let of = if several { format!(" of {}", names.join(", ")) } else { String::new() };
        let location = match forge {
            Ok(Some(location)) => location,
            Ok(None) => {
                let message = match several {
                    true => format!("no forge{of}: pull requests are opened by hand, or --direct-push is used"),
                    false => "no forge: pull requests are opened by hand, or --direct-push is used".to_owned(),
                };
                findings.push(Finding::good("forge", message));
                continue;
            }
            Err(error) => {
                findings.push(bad(&error.downcast::<forge::Error>()?));
                continue;
            }
        };
        let (kind, web) = (location.kind.title(), &location.web);
        findings.push(Finding::good("forge", format!("the forge{of} is {kind} at {web}")));
        if !location.kind.has_api() || context.offline() {
            continue;
        }
        let connection = match forges::connect(context, workspace, &location) {
            Ok(connection) => connection,
            Err(error) => {
                findings.push(bad(&error));
                continue;
            }
        };
        findings.push(Finding::good("token", format!("the token comes from {}", connection.source)));
        for (code, sentence) in &connection.warnings {
            findings.push(Finding::bad(Problem::warning(code, sentence.clone())));
        }
        for name in &environments {
            let tagging = landscape.find(name).and_then(|branch| branch.tagging());
            match connection.settings(name) {
                Ok(settings) => hurts(name, tagging, &settings, findings),
                Err(error) => {
                    findings.push(bad(&error));
                    break;
                }
            }
        }
    }
    Ok(())
}

fn bad(error: &forge::Error) -> Finding {
    let hint = error.hints().into_iter().next().unwrap_or_default();
    Finding::bad(Problem::warning(error.code(), error.to_string()).hint(hint))
}

/// The settings under which promotions to an environment go wrong.
fn hurts(name: &EnvironmentName, tagging: Option<Tagging>, settings: &RepositorySettings, findings: &mut Vec<Finding>) {
    if let Some((code, sentence)) = settings.against_direct()
        && !findings.iter().any(|finding| finding.code() == code)
    {
        findings.push(Finding::bad(
            Problem::warning(code, format!("{sentence}, so promotions go by a branch of their own"))
                .hint("allow merge commits, keep head branches, and reset approvals on a push, for direct promotions"),
        ));
    }
    if settings.base_protected == Some(false) && tagging.is_some_and(|tagging| tagging != Tagging::None) {
        findings.push(Finding::bad(
            Problem::warning(
                "not-protected",
                format!("{} is not protected: whoever may push there deploys", name.branch()),
            )
            .hint("protect environment branches at the forge, and require a pull request"),
        ));
    }
    if settings.base_deletable == Some(true) {
        findings.push(Finding::bad(
            Problem::warning(
                "deletable",
                format!("{} can be deleted, also by a tick in the form of a merge", name.branch()),
            )
            .hint("forbid at the forge to delete environment branches"),
        ));
    }
}
