//! What is to be made: the names, environments and components that `relman init` was told.

use std::fmt;

use crate::domain::environment::Tagging;
use crate::domain::error::{Exit, Explain};
use crate::domain::location::{check_url, holds_password, is_path, without_login};
use crate::domain::name::{BranchName, EnvironmentName, RepositoryName, TagName, TypeName};

/// What `relman init` is to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blueprint {
    /// The product; its repositories are `NAME-release` and, unless another is used, `NAME-app`.
    pub name: RepositoryName,
    /// The name of the app repo.
    pub application: RepositoryName,
    /// Where the app repo lies, if that is not beside the release repo.
    pub application_url: Option<String>,
    /// The environments, in the order in which they are written down.
    pub environments: Vec<PlannedEnvironment>,
    /// The component repositories.
    pub components: Vec<PlannedComponent>,
    /// The CI system that runs `relman deploy`.
    pub ci: Ci,
    /// Where the repositories will lie, if that is known.
    pub remote_base: Option<RemoteBase>,
}

impl Blueprint {
    /// The name of the release repo as text, `NAME-release`.
    pub fn release_repo_name(&self) -> String {
        format!("{}-release", self.name)
    }

    /// The types of the environments, each once, in the order in which they occur.
    pub fn types(&self) -> Vec<&TypeName> {
        let mut types = Vec::new();
        for environment in &self.environments {
            if !types.contains(&&environment.kind) {
                types.push(&environment.kind);
            }
        }
        types
    }
}

/// An environment that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedEnvironment {
    /// Its name; its branch will be `environment/<name>`.
    pub name: EnvironmentName,
    /// The kind of environment.
    pub kind: TypeName,
    /// The app branch that WIP deploys; `None` leaves it to the app repo's default branch.
    pub branch: Option<BranchName>,
    /// Where promotions come from; written out even if there is nothing.
    pub from: Vec<EnvironmentName>,
    /// What it does about tags; `None` leaves it to the type.
    pub tags: Option<Tagging>,
    /// Further keys of its entry, and their values.
    pub facts: Vec<(String, String)>,
}

/// A component that is listed in the app file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedComponent {
    /// Its name.
    pub name: RepositoryName,
    /// The branch that it is developed on, where it is not the default one.
    pub branch: Option<BranchName>,
    /// The tag that it is pinned to.
    pub tag: Option<TagName>,
    /// Where it is cloned from, where it does not lie beside the app repo.
    pub url: Option<String>,
}

impl From<RepositoryName> for PlannedComponent {
    fn from(name: RepositoryName) -> Self {
        PlannedComponent { name, branch: None, tag: None, url: None }
    }
}

/// The CI system that the glue in the release repo is written for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ci {
    /// No glue: relman is run by hand, by a hook, or by a pipeline that exists.
    #[default]
    None,
    /// GitHub Actions.
    Github,
    /// GitLab CI/CD.
    Gitlab,
    /// Bitbucket Pipelines, of Bitbucket Cloud.
    Bitbucket,
    /// A Jenkins multibranch pipeline.
    Jenkins,
    /// Tekton Pipelines and Triggers.
    Tekton,
}

impl Ci {
    /// Every system, in the order in which `--ci` lists them.
    pub const ALL: [Ci; 6] = [Ci::None, Ci::Github, Ci::Gitlab, Ci::Bitbucket, Ci::Jenkins, Ci::Tekton];

    /// The words that `--ci` takes.
    pub const WORDS: [&'static str; 6] = ["none", "github", "gitlab", "bitbucket", "jenkins", "tekton"];

    /// Reads a word of [`Ci::WORDS`].
    pub fn parse(word: &str) -> Option<Self> {
        Ci::ALL.into_iter().find(|ci| ci.as_str() == word)
    }

    /// The word for `--ci`.
    pub fn as_str(self) -> &'static str {
        match self {
            Ci::None => "none",
            Ci::Github => "github",
            Ci::Gitlab => "gitlab",
            Ci::Bitbucket => "bitbucket",
            Ci::Jenkins => "jenkins",
            Ci::Tekton => "tekton",
        }
    }

    /// The name that people know the system by.
    pub fn title(self) -> &'static str {
        match self {
            Ci::None => "no CI system",
            Ci::Github => "GitHub Actions",
            Ci::Gitlab => "GitLab CI/CD",
            Ci::Bitbucket => "Bitbucket Pipelines",
            Ci::Jenkins => "Jenkins",
            Ci::Tekton => "Tekton",
        }
    }
}

/// Where repositories lie on a server or a disk: what stands before a repository's name in its URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteBase(String);

/// A text that can't be the place where repositories lie. The text itself is not kept: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no base of repository URLs: {0}")]
pub struct InvalidRemoteBase(pub &'static str);

impl Explain for InvalidRemoteBase {
    fn code(&self) -> &'static str {
        "invalid-remote-base"
    }
    fn exit(&self) -> Exit {
        Exit::Usage
    }
    fn hints(&self) -> Vec<String> {
        vec![
            "name the place and not a repository, as in `https://git.example.com/team` or `git@git.example.com:team`"
                .into(),
        ]
    }
}

impl RemoteBase {
    /// Checks that a text can stand before a repository's name, and holds no password. The user of an http URL is left
    /// out: it may be a token, and colleagues have another.
    pub fn parse(text: &str) -> Result<Self, InvalidRemoteBase> {
        let text = text.trim_end_matches('/');
        if text.is_empty() {
            return Err(InvalidRemoteBase("it is empty"));
        }
        if text.starts_with('-') {
            return Err(InvalidRemoteBase("it must not begin with `-`"));
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || "`'\"\\$<>|;&".contains(c)) {
            return Err(InvalidRemoteBase("spaces, quotes and characters with a meaning in a shell are not allowed"));
        }
        if holds_password(text) {
            return Err(InvalidRemoteBase("it must not hold a password"));
        }
        if !is_path(text) && text.contains(['?', '#']) {
            return Err(InvalidRemoteBase("the name of a repository can't follow `?` or `#`"));
        }
        check_url(text).map_err(|invalid| InvalidRemoteBase(invalid.why))?;
        Ok(RemoteBase(without_login(text).into_owned()))
    }

    /// The URL of a repository at this place.
    pub fn url(&self, repository: &str) -> String {
        let slash = if self.0.ends_with(':') { "" } else { "/" };
        format!("{}{slash}{repository}.git", self.0)
    }

    /// The text of the base, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RemoteBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ci_system_has_its_word() {
        assert_eq!(Ci::ALL.map(Ci::as_str), Ci::WORDS);
        for ci in Ci::ALL {
            assert_eq!(Ci::parse(ci.as_str()), Some(ci));
        }
        assert_eq!(Ci::parse("GitHub"), None);
    }

    #[test]
    fn a_remote_base_makes_urls() {
        let url = |base| RemoteBase::parse(base).map(|base: RemoteBase| base.url("demo-app"));
        assert_eq!(url("https://git.example.com/team/").unwrap(), "https://git.example.com/team/demo-app.git");
        assert_eq!(url("git@git.example.com:team").unwrap(), "git@git.example.com:team/demo-app.git");
        assert_eq!(url("git@host:").unwrap(), "git@host:demo-app.git");
        assert_eq!(url("https://me@host/x").unwrap(), "https://host/x/demo-app.git");
        assert_eq!(url("ssh://git@host/x").unwrap(), "ssh://git@host/x/demo-app.git");
        let with_password = [
            "https://me:secret@host/x",
            "https://me:sec/ret@host/x",
            "me:secret@host:x",
            "https://host/x?token=secret",
        ];
        let no_place = ["https://host/x?y=1", "https://host/x#y", "ext::x", "ssh://-oProxyCommand=x/y"];
        for bad in ["", "/", "-x", "a b", "a\nb", "$(x)", "a`b"].into_iter().chain(with_password).chain(no_place) {
            let error = RemoteBase::parse(bad).unwrap_err();
            assert!(!error.to_string().contains("secret"));
        }
    }
}
