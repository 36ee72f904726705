//! Where a token comes from: the first hit of a fixed list, and a report of what was looked at.

use std::path::Path;

use super::Result;
use super::error::Error;
use super::kind::ForgeKind;
use super::locate::Location;
use super::runner::{Call, Ran, Runner};
use crate::http::web_url::split_authority;
use crate::http::{Login, Token};

/// A scope of Git's configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The machine's.
    System,
    /// The user's, `global` in Git's words.
    User,
    /// The repository's or work tree's, or the command line's: whoever wrote a repository may have written these.
    Other,
}

impl Scope {
    /// The scope that `git config --show-scope` names.
    pub fn parse(word: &str) -> Self {
        match word {
            "system" => Scope::System,
            "global" => Scope::User,
            _ => Scope::Other,
        }
    }
}

/// All the places that may hold a token.
pub struct Places<'a> {
    /// Reads an environment variable.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// Reads a file.
    pub file: &'a dyn Fn(&Path) -> std::io::Result<String>,
    /// Every value of `relman.tokenCommand`, with its scope, in Git's order.
    pub commands: Vec<(Scope, String)>,
    /// Runs `gh`, `glab`, `git` and the token command.
    pub runner: &'a dyn Runner,
}

/// A token, and where it came from.
#[derive(Clone, Debug)]
pub struct Credential {
    /// How to log in with it.
    pub login: Login,
    /// The place, as `-v` and `doctor` say it.
    pub source: String,
    /// What the user should know about this token: a word for scripts, and a sentence.
    pub warnings: Vec<(&'static str, String)>,
}

/// What a search for a token came to.
#[derive(Clone, Debug)]
pub struct Search {
    /// The first hit.
    pub credential: Option<Credential>,
    /// The places that were looked at, in order, the hit last.
    pub looked: Vec<String>,
}

impl Search {
    /// The credential; that there is none is an error.
    pub fn required(self, location: &Location) -> Result<Credential> {
        let Search { credential, looked } = self;
        credential.ok_or_else(|| Error::NoToken { host: location.web.authority(), looked, fixes: fixes(location.kind) })
    }
}

/// What to type where there is no token, or one that does not suffice.
pub fn fixes(kind: ForgeKind) -> Vec<String> {
    let (variable, needs) = match kind {
        ForgeKind::BitbucketDatacenter => {
            ("BITBUCKET_TOKEN", "an HTTP access token with the permission `repository write`")
        }
        ForgeKind::BitbucketCloud => (
            "BITBUCKET_TOKEN",
            "a repository access token with `pullrequest:write`, or an API token and BITBUCKET_EMAIL",
        ),
        ForgeKind::GitHub => {
            ("GH_TOKEN", "a token that may write pull requests and read contents (`gh auth login` makes one)")
        }
        ForgeKind::GitLab => {
            ("GITLAB_TOKEN", "a project access token with the scope `api`; CI_JOB_TOKEN can't open merge requests")
        }
        ForgeKind::Gitea => ("GITEA_TOKEN", "an access token with the scope `write:repository`"),
        ForgeKind::Forgejo => ("FORGEJO_TOKEN", "an access token with the scope `write:repository`"),
        ForgeKind::Azure | ForgeKind::None => return vec!["--web prints the page that opens a pull request".into()],
    };
    vec![
        format!("set RELMAN_TOKEN or {variable}: {needs}"),
        "--web prints the page that opens a pull request, and needs no token".into(),
    ]
}

/// Looks for a token for a forge; fails where the forge must not get one, or where a place that was named is unusable.
pub fn find_credential(location: &Location, places: &Places<'_>) -> Result<Search> {
    location.may_get_token()?;
    let mut search = Searching { location, places, looked: Vec::new() };
    let credential = search.first()?;
    if let Some(credential) = &credential {
        refuse_job_token(location, places, credential)?;
    }
    Ok(Search { credential, looked: search.looked })
}

/// GitLab's token of a CI job is not let near merge requests, and says so with a bare 404.
fn refuse_job_token(location: &Location, places: &Places<'_>, found: &Credential) -> Result<()> {
    let secret = found.login.secret().expose();
    let same = (places.variable)("CI_JOB_TOKEN").is_some_and(|job| job.trim() == secret);
    if location.kind != ForgeKind::GitLab || !(same || secret.starts_with("glcbt-")) {
        return Ok(());
    }
    Err(Error::TokenUnusable {
        place: found.source.clone(),
        why:
            "it is a CI_JOB_TOKEN, which can't open merge requests; make a project access token with the scope `api`, \
              and hand it to the job as GITLAB_TOKEN"
                .into(),
    })
}

struct Searching<'a> {
    location: &'a Location,
    places: &'a Places<'a>,
    looked: Vec<String>,
}

impl Searching<'_> {
    fn first(&mut self) -> Result<Option<Credential>> {
        if let Some(found) = self.named()? {
            return Ok(Some(found));
        }
        if let Some(found) = self.command()? {
            return Ok(Some(found));
        }
        if let Some(found) = self.own_variables()? {
            return Ok(Some(found));
        }
        if let Some(found) = self.program()? {
            return Ok(Some(found));
        }
        self.git()
    }

    /// A variable that is set to something.
    fn variable(&self, name: &str) -> Option<String> {
        (self.places.variable)(name).filter(|value| !value.trim().is_empty())
    }

    /// 1: what was said to relman itself.
    fn named(&mut self) -> Result<Option<Credential>> {
        self.looked.push("RELMAN_TOKEN".into());
        if let Some(text) = self.variable("RELMAN_TOKEN") {
            return self.credential(&text, "RELMAN_TOKEN").map(Some);
        }
        self.looked.push("RELMAN_TOKEN_FILE".into());
        let Some(path) = self.variable("RELMAN_TOKEN_FILE") else { return Ok(None) };
        let place = format!("RELMAN_TOKEN_FILE ({path})");
        let text = (self.places.file)(Path::new(&path))
            .map_err(|error| Error::TokenUnusable { place: place.clone(), why: error.to_string() })?;
        self.credential(&text, &place).map(Some)
    }

    /// 2: a command of the user's own.
    fn command(&mut self) -> Result<Option<Credential>> {
        let of = |scope| self.places.commands.iter().rev().find(move |(other, _)| *other == scope);
        let place = "git config relman.tokenCommand";
        let Some((_, command)) =
            of(Scope::User).or(of(Scope::System)).filter(|(_, command)| !command.trim().is_empty())
        else {
            let ignored = if of(Scope::Other).is_some() { " (the repository's own is never run)" } else { "" };
            self.looked.push(format!("{place} of the user or the system{ignored}"));
            return Ok(None);
        };
        self.looked.push(place.into());
        match self.places.runner.run(&Call::new("sh", &["-c", command])) {
            Ran::Printed(text) => self.credential(&text, place).map(Some),
            Ran::Missing => Err(Error::TokenUnusable { place: place.into(), why: "there is no `sh` to run it".into() }),
            Ran::Failed(why) => Err(Error::TokenUnusable { place: place.into(), why }),
        }
    }

    /// 3: the variables of the forge's own tools, each for the host that it is meant for.
    fn own_variables(&mut self) -> Result<Option<Credential>> {
        for (name, host) in self.candidates() {
            let Some(text) = self.variable(name) else {
                self.looked.push(name.into());
                continue;
            };
            match host {
                Some(meant) if meant != self.location.web.host => {
                    self.looked.push(format!("{name} (set, and meant for {meant})"));
                }
                _ => {
                    self.looked.push(name.into());
                    return self.credential(&text, name).map(Some);
                }
            }
        }
        Ok(None)
    }

    /// The variables for this kind of forge, with the only host that each is for, where that is known.
    fn candidates(&self) -> Vec<(&'static str, Option<String>)> {
        let host = &self.location.web.host;
        let host_in = |name: &str| self.variable(name).and_then(|text| host_of(&text));
        match self.location.kind {
            ForgeKind::GitHub => {
                let server = host_in("GITHUB_SERVER_URL").unwrap_or_else(|| "github.com".into());
                let mut candidates = vec![("GH_TOKEN", Some(server.clone())), ("GITHUB_TOKEN", Some(server))];
                if host != "github.com" {
                    candidates.push(("GH_ENTERPRISE_TOKEN", host_in("GH_HOST")));
                    candidates.push(("GITHUB_ENTERPRISE_TOKEN", host_in("GH_HOST")));
                }
                candidates
            }
            ForgeKind::GitLab => {
                let server = host_in("CI_SERVER_HOST").or_else(|| host_in("GITLAB_HOST"));
                vec![("GITLAB_TOKEN", Some(server.unwrap_or_else(|| "gitlab.com".into())))]
            }
            ForgeKind::BitbucketCloud | ForgeKind::BitbucketDatacenter => vec![("BITBUCKET_TOKEN", None)],
            ForgeKind::Gitea => vec![("GITEA_TOKEN", host_in("GITEA_SERVER_URL"))],
            ForgeKind::Forgejo => vec![("FORGEJO_TOKEN", host_in("FORGEJO_SERVER_URL"))],
            ForgeKind::Azure | ForgeKind::None => Vec::new(),
        }
    }

    /// 4: the forge's own program, where it is installed.
    fn program(&mut self) -> Result<Option<Credential>> {
        let host = self.location.web.authority();
        let (shown, call) = match self.location.kind {
            ForgeKind::GitHub => ("gh auth token", Call::new("gh", &["auth", "token", "--hostname", &host])),
            ForgeKind::GitLab => {
                ("glab config get token", Call::new("glab", &["config", "get", "token", "--host", &host]))
            }
            _ => return Ok(None),
        };
        let source = format!("`{shown}`");
        match self.places.runner.run(&call) {
            Ran::Printed(text) if !text.trim().is_empty() => {
                self.looked.push(source.clone());
                self.credential(&text, &source).map(Some)
            }
            Ran::Missing => {
                self.looked.push(format!("{source} ({} is not installed)", call.program));
                Ok(None)
            }
            Ran::Printed(_) | Ran::Failed(_) => {
                self.looked.push(format!("{source} (it knows none for {host})"));
                Ok(None)
            }
        }
    }

    /// 5: what Git would use.
    fn git(&mut self) -> Result<Option<Credential>> {
        let source = "`git credential fill`".to_owned();
        self.looked.push(source.clone());
        let Location { web, kind, repository, .. } = self.location;
        let mut call = Call::new("git", &["credential", "fill"]);
        let scm = if *kind == ForgeKind::BitbucketDatacenter { "scm/" } else { "" };
        let context: String = web.path.iter().map(|segment| format!("{segment}/")).collect();
        let path = format!("{context}{scm}{}.git", repository.full());
        let protocol = if web.encrypted { "https" } else { "http" };
        call.input = format!("protocol={protocol}\nhost={}\npath={path}\n\n", web.authority());
        if call.input.lines().count() != 4 {
            return Ok(None);
        }
        let Ran::Printed(text) = self.places.runner.run(&call) else { return Ok(None) };
        let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        let Some(secret) = value("password").and_then(Token::new) else { return Ok(None) };
        let user = value("username").unwrap_or_default();
        let login = match kind {
            // Both take a token without a name, and no passwords.
            ForgeKind::GitHub | ForgeKind::GitLab => Login::Token(secret),
            ForgeKind::BitbucketCloud | ForgeKind::BitbucketDatacenter if user == "x-token-auth" => {
                Login::Token(secret)
            }
            ForgeKind::BitbucketCloud => {
                let email = self.variable("BITBUCKET_EMAIL").filter(|_| !user.contains('@'));
                Login::Basic { user: email.unwrap_or_else(|| user.to_owned()), secret }
            }
            _ if user.is_empty() => Login::Token(secret),
            _ => Login::Basic { user: user.to_owned(), secret },
        };
        Ok(Some(Credential { login, source, warnings: Vec::new() }))
    }

    /// Reads a text as a token, or as `user:token`.
    fn credential(&self, text: &str, source: &str) -> Result<Credential> {
        let unusable = |why: &str| Error::TokenUnusable { place: source.to_owned(), why: why.to_owned() };
        if text.trim().is_empty() {
            return Err(unusable("it is empty"));
        }
        let token = |text: &str| Token::new(text).ok_or_else(|| unusable("it holds characters that no token has"));
        let email = self.variable("BITBUCKET_EMAIL").filter(|_| self.location.kind == ForgeKind::BitbucketCloud);
        let login = match (text.trim().split_once(':'), email) {
            (Some((user, secret)), _) if !user.is_empty() && !user.chars().any(char::is_control) => {
                Login::Basic { user: user.to_owned(), secret: token(secret)? }
            }
            // A token of a repository, project or workspace stands for no person.
            (_, Some(user)) if !text.trim().starts_with("ATCTT") => {
                Login::Basic { user: user.trim().to_owned(), secret: token(text)? }
            }
            _ => Login::Token(token(text)?),
        };
        let mut warnings = Vec::new();
        let of_actions = self.variable("GITHUB_ACTIONS").is_some_and(|value| value == "true");
        let own = self.variable("GITHUB_TOKEN").is_some_and(|value| value.trim() == login.secret().expose());
        if self.location.kind == ForgeKind::GitHub && of_actions && (own || source == "GITHUB_TOKEN") {
            let text = "a pull request made with the GITHUB_TOKEN of a workflow starts no workflows: use the token of an \
                        app or a person if checks must run on it";
            warnings.push(("token-starts-no-workflows", text.to_owned()));
        }
        Ok(Credential { login, source: source.to_owned(), warnings })
    }
}

/// The host of a URL, or of a bare `host[:port]`.
fn host_of(text: &str) -> Option<String> {
    let rest = text.trim().split_once("://").map_or(text.trim(), |(_, rest)| rest);
    split_authority(rest.split('/').next().unwrap_or_default()).map(|(host, _)| host)
}

#[cfg(test)]
mod tests;
