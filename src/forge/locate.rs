//! Which forge it is, and which repository on it, decided from what the user, the file and the remote say.

use super::Result;
use super::error::Error;
use super::kind::ForgeKind;
use super::remote_url::{Remote, RemoteUrl, Transfer, without_suffix};
use crate::domain::text::shell_word;
use crate::http::WebUrl;

/// All that may say which forge a release repo is on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clues<'a> {
    /// `--forge TYPE[=URL]`.
    pub flag: Option<&'a str>,
    /// `RELMAN_FORGE`, in the same form.
    pub variable: Option<&'a str>,
    /// `git config relman.forge`, in the same form.
    pub config: Option<&'a str>,
    /// `git config relman.forgeUrl`.
    pub config_url: Option<&'a str>,
    /// `git config relman.allowHttp`: hosts that a token may be sent to without encryption.
    pub config_http: Option<&'a str>,
    /// `forge.type` of release.yml.
    pub file: Option<&'a str>,
    /// `forge.url` of release.yml.
    pub file_url: Option<&'a str>,
    /// The remote's URL, after `url.<base>.insteadOf`.
    pub remote: Option<&'a str>,
}

/// Where the release repo is hosted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The kind of forge.
    pub kind: ForgeKind,
    /// Where the forge's own pages begin.
    pub web: WebUrl,
    /// The repository on it.
    pub repository: Repository,
    /// Why a token may or may not be sent there.
    pub trust: Trust,
    /// Whether the user allows that a token is sent there without encryption.
    pub allow_http: bool,
}

/// Why a host may or may not get a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// It is the remote's host and port, and which forge it is was said or is well known.
    Remote,
    /// The user named it: by the flag, the environment or Git's configuration.
    User,
    /// A file named it, and it is not the remote's: it gets no token.
    File,
    /// It is the remote's host, and which forge it is was only guessed: it gets no token.
    Guess,
}

/// A repository on a forge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// The owner, group (with its subgroups), workspace or project key; on Azure the organisation and the project.
    pub owner: String,
    /// The repository's own name.
    pub name: String,
}

impl Repository {
    /// The owner and the name.
    pub fn full(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }
}

/// What came of the search for a forge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// There is one.
    Forge(Location),
    /// There is none, for a reason, with what to type if there is one after all.
    Nothing {
        /// Why.
        why: String,
        /// What to type; empty where the user said that there is none.
        hint: Option<String>,
    },
}

/// One place that may name the kind, the URL or both.
struct Named {
    source: &'static str,
    kind: Option<ForgeKind>,
    url: Option<WebUrl>,
    by_user: bool,
}

fn read(text: Option<&str>, url: Option<&str>, source: &'static str, by_user: bool) -> Result<Named> {
    let mut named = Named { source, kind: None, url: None, by_user };
    let (word, inline) = match text.map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) if by_user => text.split_once('=').map_or((Some(text), None), |(word, url)| (Some(word), Some(url))),
        other => (other, None),
    };
    if let Some(word) = word {
        let unknown = || Error::UnknownKind { text: word.chars().take(60).collect(), source_name: source };
        named.kind = Some(ForgeKind::parse(word).ok_or_else(unknown)?);
    }
    if let Some(url) = inline.or(url).map(str::trim).filter(|url| !url.is_empty()) {
        let web = WebUrl::parse(url).map_err(|why| Error::InvalidUrl { source_name: source, why })?;
        named.url = Some(WebUrl { path: without_suffix(web.path), ..web });
    }
    Ok(named)
}

/// Decides which forge a release repo is on.
pub fn locate(clues: &Clues<'_>) -> Result<Found> {
    let named = [
        read(clues.flag, None, "--forge", true)?,
        read(clues.variable, None, "RELMAN_FORGE", true)?,
        read(clues.config, clues.config_url, "git config relman.forge", true)?,
        read(clues.file, clues.file_url, "forge in release.yml", false)?,
    ];
    let remote = match clues.remote.map(Remote::parse) {
        Some(Remote::Server(url)) => Some(url),
        Some(Remote::Local) | None => None,
    };
    let said = named.iter().find_map(|place| place.kind.map(|kind| (kind, place.source)));
    // A URL that stands beside another kind was meant for another forge.
    let url = named
        .iter()
        .filter(|place| place.kind.is_none() || place.kind == said.map(|(kind, _)| kind))
        .find_map(|place| place.url.clone().map(|url| (url, place.by_user)));
    let host_of = |url: &WebUrl| ForgeKind::of_host(&url.host);
    let known = url.as_ref().and_then(|(url, _)| host_of(url)).or_else(|| match &url {
        None => remote.as_ref().and_then(|remote| ForgeKind::of_host(&remote.host)),
        Some(_) => None,
    });
    let (kind, guessed) = match (said, known, remote.as_ref().and_then(suggested)) {
        (Some((ForgeKind::None, source)), ..) => {
            return Ok(Found::Nothing { why: format!("{source} says that there is none"), hint: None });
        }
        (Some((kind, _)), ..) | (None, Some(kind), _) => (kind, false),
        (None, None, Some(kind)) => (kind, true),
        (None, None, None) => return Ok(nothing(remote.as_ref(), url.as_ref().map(|(url, _)| url))),
    };
    let trust = match (&url, &remote) {
        (Some((_, true)), _) => Trust::User,
        (Some((url, false)), remote) if !remote.as_ref().is_some_and(|remote| is_place_of(remote, url)) => Trust::File,
        _ if guessed => Trust::Guess,
        _ => Trust::Remote,
    };
    let Some((web, repository)) = place(kind, url.map(|(url, _)| url), remote.as_ref(), trust) else {
        return Ok(match remote {
            Some(remote) => Found::Nothing {
                why: format!(
                    "the path of the remote on {} is not that of a repository on {}",
                    remote.host,
                    kind.title()
                ),
                hint: Some(format!("git config relman.forge {kind}=https://HOST/OWNER/REPOSITORY")),
            },
            None => nothing(None, None),
        });
    };
    let allow_http = clues.config_http.is_some_and(|hosts| {
        hosts
            .split([',', ' '])
            .any(|host| host.eq_ignore_ascii_case(&web.host) || host.eq_ignore_ascii_case(&web.authority()))
    });
    Ok(Found::Forge(Location { kind, web, repository, trust, allow_http }))
}

impl Location {
    /// Whether a token may be sent to this host; the error holds the line to type.
    pub fn may_get_token(&self) -> Result<()> {
        let fix = match self.trust {
            Trust::Remote | Trust::User if self.web.encrypted || self.web.is_loopback() || self.allow_http => {
                return Ok(());
            }
            Trust::Remote | Trust::User => {
                let fix = format!("git config relman.allowHttp {}", self.web.authority());
                return Err(Error::PlainHttp { host: self.web.authority(), fix });
            }
            Trust::File => format!("git config relman.forge {}", shell_word(&format!("{}={}", self.kind, self.web))),
            Trust::Guess => format!("git config relman.forge {}", self.kind),
        };
        let why = match self.trust {
            Trust::Guess => "which forge it is was only guessed",
            _ => "only release.yml names it, and the remote is on another host or port",
        };
        Err(Error::UntrustedHost { host: self.web.authority(), why, fix })
    }
}

/// The answer where nothing says which forge it is.
fn nothing(remote: Option<&RemoteUrl>, url: Option<&WebUrl>) -> Found {
    let words = "bitbucket-datacenter|gitlab|github|gitea|forgejo";
    match (remote, url) {
        (_, Some(url)) => Found::Nothing {
            why: format!("nothing says which kind of forge {} is", url.host),
            hint: Some(format!("git config relman.forge {words}")),
        },
        (Some(remote), None) => Found::Nothing {
            why: format!("nothing says which kind of forge {} is", remote.host),
            hint: Some(format!("git config relman.forge {words}")),
        },
        (None, None) => Found::Nothing {
            why: "the release repo has no remote on a server".into(),
            hint: Some(format!(
                "if there is one after all: git config relman.forge {words}=https://HOST/OWNER/REPOSITORY"
            )),
        },
    }
}

/// Whether a forge's address is the place that the remote is at: what listens at another port of the same host may be
/// somebody else's. Of a remote by ssh nothing is known but the host, so only the usual port is the forge's.
fn is_place_of(remote: &RemoteUrl, url: &WebUrl) -> bool {
    let usual = |encrypted| if encrypted { 443 } else { 80 };
    let port = match remote.transfer {
        Transfer::Https => remote.port.unwrap_or(usual(true)),
        Transfer::Http => remote.port.unwrap_or(usual(false)),
        Transfer::Other => usual(url.encrypted),
    };
    remote.host == url.host && port == url.port.unwrap_or(usual(url.encrypted))
}

/// What the form of a URL suggests; never enough for a token.
fn suggested(remote: &RemoteUrl) -> Option<ForgeKind> {
    let scm = remote.transfer != Transfer::Other && remote.path.first().is_some_and(|first| first == "scm");
    let ssh = remote.transfer == Transfer::Other && remote.port == Some(7999);
    (scm || ssh).then_some(ForgeKind::BitbucketDatacenter)
}

/// The forge's web address and the repository on it.
fn place(
    kind: ForgeKind,
    url: Option<WebUrl>,
    remote: Option<&RemoteUrl>,
    trust: Trust,
) -> Option<(WebUrl, Repository)> {
    let remote = remote.map(|remote| if kind == ForgeKind::Azure { of_azure(remote) } else { remote.clone() });
    match (url, remote.as_ref()) {
        (Some(url), Some(remote)) => {
            // A forge below a path: what the remote repeats of it is not part of the repository's name.
            let path = match remote.transfer {
                Transfer::Other => &remote.path[..],
                _ => remote.path.strip_prefix(&url.path[..]).unwrap_or(&remote.path),
            };
            let (_, repository) = split(kind, path)?;
            Some((url, repository))
        }
        (None, Some(remote)) => {
            let (context, repository) = split(kind, &remote.path)?;
            let web = match remote.transfer {
                _ if ForgeKind::of_host(&remote.host) == Some(kind) => {
                    let host = remote
                        .host
                        .strip_prefix("ssh.")
                        .or(remote.host.strip_prefix("altssh."))
                        .unwrap_or(&remote.host);
                    WebUrl { encrypted: true, host: host.to_owned(), port: None, path: Vec::new() }
                }
                Transfer::Other => WebUrl { encrypted: true, host: remote.host.clone(), port: None, path: Vec::new() },
                http => {
                    let encrypted = http == Transfer::Https;
                    let port = remote.port.filter(|port| *port != if encrypted { 443 } else { 80 });
                    WebUrl { encrypted, host: remote.host.clone(), port, path: context }
                }
            };
            Some((web, repository))
        }
        // The remote is a folder: then the URL must name the repository as well, and only the user may say so.
        (Some(mut url), None) if trust == Trust::User => {
            let (context, repository) = split(kind, &url.path)?;
            url.path = context;
            Some((url, repository))
        }
        _ => None,
    }
}

/// The older and the ssh addresses of Azure DevOps, as `https://dev.azure.com/…`.
fn of_azure(remote: &RemoteUrl) -> RemoteUrl {
    let mut remote = remote.clone();
    let label = remote.host.strip_suffix(".visualstudio.com").map(str::to_owned);
    match label.as_deref() {
        Some("vs-ssh") => {}
        Some(organisation) => {
            if remote.path.first().is_some_and(|first| first == "DefaultCollection") {
                remote.path.remove(0);
            }
            remote.path.insert(0, organisation.to_owned());
        }
        None => return remote,
    }
    remote.host = "dev.azure.com".into();
    remote
}

/// Splits a path into what comes before the forge's own paths, and the repository.
fn split(kind: ForgeKind, path: &[String]) -> Option<(Vec<String>, Repository)> {
    let make = |owner: &[String], name: &String| Repository { owner: owner.join("/"), name: name.clone() };
    match kind {
        ForgeKind::BitbucketDatacenter => {
            if let Some(at) = path.iter().position(|segment| segment == "scm") {
                let [key, slug] = &path[at + 1..] else { return None };
                return Some((path[..at].to_vec(), make(std::slice::from_ref(key), slug)));
            }
            if let Some(at) = path.iter().position(|segment| segment == "projects" || segment == "users") {
                let [place, key, repos, slug, ..] = &path[at..] else { return None };
                let key = if place == "users" { format!("~{key}") } else { key.clone() };
                return (repos == "repos").then(|| (path[..at].to_vec(), make(&[key], slug)));
            }
            let [before @ .., key, slug] = path else { return None };
            Some((before.to_vec(), make(std::slice::from_ref(key), slug)))
        }
        ForgeKind::GitLab => {
            let path = path.split(|segment| segment == "-").next().unwrap_or(path);
            let [owner @ .., name] = path else { return None };
            (!owner.is_empty()).then(|| (Vec::new(), make(owner, name)))
        }
        ForgeKind::Azure => {
            let path = path.strip_prefix(&["v3".to_owned()][..]).unwrap_or(path);
            match path {
                [org, project, git, name] if git == "_git" => {
                    Some((Vec::new(), make(&[org.clone(), project.clone()], name)))
                }
                [org, git, name] if git == "_git" => Some((Vec::new(), make(&[org.clone(), name.clone()], name))),
                [org, project, name] => Some((Vec::new(), make(&[org.clone(), project.clone()], name))),
                _ => None,
            }
        }
        ForgeKind::None => None,
        ForgeKind::BitbucketCloud | ForgeKind::GitHub | ForgeKind::Gitea | ForgeKind::Forgejo => {
            let [before @ .., owner, name] = path else { return None };
            Some((before.to_vec(), make(std::slice::from_ref(owner), name)))
        }
    }
}

#[cfg(test)]
mod tests;
