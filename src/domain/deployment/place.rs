//! Where a deployment runs: what is checked out, and what a CI system says about its build in variables.

use std::collections::BTreeMap;

use super::Nothing;
use crate::domain::error::{Exit, Explain};
use crate::domain::name::{CommitId, EnvironmentName};

/// The variables that name what a build was started for, in the order in which they count.
const REFS: [&str; 6] =
    ["GITHUB_REF", "CI_COMMIT_BRANCH", "BITBUCKET_BRANCH", "BRANCH_NAME", "GIT_BRANCH", "BUILD_SOURCEBRANCH"];

/// The variables that are set for the build of a tag.
const TAGS: [&str; 3] = ["CI_COMMIT_TAG", "BITBUCKET_TAG", "TAG_NAME"];

/// What is checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Head {
    /// A branch, by its full name.
    Branch(String),
    /// A commit, and no branch.
    Detached(CommitId),
}

/// The variables of the CI system that a build runs in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ci(BTreeMap<String, String>);

/// The environment that is to be deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub environment: EnvironmentName,
    /// Whether the commit that is checked out is meant; else it is the tip of the environment's branch.
    pub checked_out: bool,
}

/// It can't be told which environment is meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unclear {
    /// Nothing names a branch.
    #[error("no branch is checked out, and no variable names one, so the environment is not known")]
    Unnamed,
    /// Two sources name different things.
    #[error("{} is {}, but {} is {}", .0.0, .0.1, .1.0, .1.1)]
    Disagreement((String, String), (String, String)),
    /// The branch has a name that no environment can have.
    #[error(transparent)]
    Name(#[from] crate::domain::name::InvalidName),
}

impl Explain for Unclear {
    fn code(&self) -> &'static str {
        match self {
            Unclear::Unnamed => "environment-unknown",
            Unclear::Disagreement(..) => "environment-unclear",
            Unclear::Name(error) => error.code(),
        }
    }
    fn exit(&self) -> Exit {
        Exit::Usage
    }
    fn hints(&self) -> Vec<String> {
        vec!["name the environment: relman deploy ENV".into()]
    }
}

/// Decides which environment is meant, or that there is nothing to do.
pub fn decide(
    argument: Option<&EnvironmentName>,
    head: Option<&Head>,
    ci: &Ci,
) -> Result<Result<Place, Nothing>, Unclear> {
    if ci.is_pull_request() {
        return Ok(Err(Nothing::PullRequest));
    }
    let checked_out = match head {
        Some(Head::Branch(full)) => Some(("the branch that is checked out".to_owned(), full.clone())),
        _ => None,
    };
    let mut named = ci.refs();
    if let Some(environment) = argument {
        let full = environment.branch().full();
        let here = match (&checked_out, named.first()) {
            (Some((_, branch)), _) => *branch == full,
            (None, Some((_, named))) => *named == full && head.is_some(),
            (None, None) => false,
        };
        return Ok(Ok(Place { environment: environment.clone(), checked_out: here }));
    }
    if ci.is_deletion() {
        return Ok(Err(Nothing::OtherRef("a deleted branch".into())));
    }
    if let Some(checked_out) = checked_out {
        named.insert(0, checked_out);
    }
    let Some(first) = named.first().cloned() else { return Err(Unclear::Unnamed) };
    let environments = named.iter().any(|(_, full)| environment_of(full).is_some());
    if environments && let Some(other) = named.iter().find(|(_, full)| *full != first.1) {
        return Err(Unclear::Disagreement(first, other.clone()));
    }
    match environment_of(&first.1) {
        Some(text) => Ok(Ok(Place { environment: EnvironmentName::parse(text)?, checked_out: head.is_some() })),
        None => Ok(Err(Nothing::OtherRef(first.1))),
    }
}

fn environment_of(full: &str) -> Option<&str> {
    full.strip_prefix("refs/heads/environment/")
}

impl Ci {
    /// Takes the variables of a process.
    pub fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Ci(variables.into_iter().collect())
    }

    /// A variable that is set to something.
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether the build belongs to a pull request.
    fn is_pull_request(&self) -> bool {
        // `pull_request` and `pull_request_target`, and what reviews and comments on one are called.
        self.get("GITHUB_EVENT_NAME").is_some_and(|event| event.starts_with("pull_request"))
            || ["CI_MERGE_REQUEST_IID", "BITBUCKET_PR_ID", "CHANGE_ID"].iter().any(|name| self.get(name).is_some())
            || self.get("BUILD_REASON") == Some("PullRequest")
    }

    fn is_deletion(&self) -> bool {
        self.get("GITHUB_EVENT_NAME") == Some("delete")
    }

    /// What the variables name, by full names, each with the variable that names it.
    fn refs(&self) -> Vec<(String, String)> {
        let tag = TAGS.iter().find_map(|name| Some((*name, self.get(name)?)));
        let mut refs = Vec::new();
        if let Some((name, tag)) = tag {
            refs.push((name.to_owned(), format!("refs/tags/{tag}")));
        }
        for name in REFS {
            let Some(value) = self.get(name) else { continue };
            // Jenkins sets the name of a tag here as well.
            if tag.is_some_and(|(_, tag)| tag == value) {
                continue;
            }
            let full = match name {
                _ if value.starts_with("refs/") => value.to_owned(),
                "GIT_BRANCH" => format!("refs/heads/{}", without_remote(value)),
                _ => format!("refs/heads/{value}"),
            };
            refs.push((name.to_owned(), full));
        }
        refs
    }

    /// Who started the build, as the CI system calls them.
    pub fn actor(&self) -> Option<&str> {
        ["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BITBUCKET_STEP_TRIGGERER_UUID", "BUILD_USER_ID", "BUILD_REQUESTEDFOR"]
            .iter()
            .find_map(|name| self.get(name))
    }

    /// A name and an address for commits and tags, of whoever started the build.
    pub fn identity(&self) -> Option<(String, String)> {
        let pair = |name: Option<&str>, email: Option<String>| Some((name?.to_owned(), email?));
        let own = |name: &str| self.get(name).map(str::to_owned);
        pair(
            self.get("GITHUB_ACTOR"),
            self.get("GITHUB_ACTOR").map(|actor| match self.get("GITHUB_ACTOR_ID") {
                Some(id) => format!("{id}+{actor}@users.noreply.github.com"),
                None => format!("{actor}@users.noreply.github.com"),
            }),
        )
        .or_else(|| pair(self.get("GITLAB_USER_NAME").or(self.get("GITLAB_USER_LOGIN")), own("GITLAB_USER_EMAIL")))
        .or_else(|| pair(self.get("BUILD_USER").or(self.get("BUILD_USER_ID")), own("BUILD_USER_EMAIL")))
        .or_else(|| pair(self.get("BUILD_REQUESTEDFOR"), own("BUILD_REQUESTEDFOREMAIL")))
        .map(|(name, email)| (plain(&name), plain(&email)))
        .filter(|(name, email)| !name.is_empty() && !email.is_empty())
    }

    /// Where the build can be looked at.
    pub fn url(&self) -> Option<String> {
        let github = || {
            let (server, repository) = (self.get("GITHUB_SERVER_URL")?, self.get("GITHUB_REPOSITORY")?);
            Some(format!("{server}/{repository}/actions/runs/{}", self.get("GITHUB_RUN_ID")?))
        };
        let bitbucket = || {
            let repository = self.get("BITBUCKET_REPO_FULL_NAME")?;
            let number = self.get("BITBUCKET_BUILD_NUMBER")?;
            Some(format!("https://bitbucket.org/{repository}/pipelines/results/{number}"))
        };
        let azure = || {
            let (collection, project) = (self.get("SYSTEM_COLLECTIONURI")?, self.get("SYSTEM_TEAMPROJECT")?);
            let project = project.replace(' ', "%20");
            Some(format!("{collection}{project}/_build/results?buildId={}", self.get("BUILD_BUILDID")?))
        };
        github()
            .or_else(|| self.get("CI_JOB_URL").map(str::to_owned))
            .or_else(bitbucket)
            .or_else(azure)
            .or_else(|| self.get("BUILD_URL").map(str::to_owned))
            .filter(|url| url.starts_with("https://") || url.starts_with("http://"))
            .map(|url| crate::domain::location::without_secrets(&url).into_owned())
    }
}

/// `origin/environment/qa` as Jenkins' Git plugin says it; a name that begins with `environment/` has no remote.
fn without_remote(value: &str) -> &str {
    match value.split_once('/') {
        Some((first, rest)) if first != "environment" || rest.starts_with("environment/") => rest,
        _ => value,
    }
}

/// A text that can stand in the line of a commit's author.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !matches!(c, '<' | '>')).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ci(variables: &[(&str, &str)]) -> Ci {
        Ci::new(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    fn branch(name: &str) -> Option<Head> {
        Some(Head::Branch(format!("refs/heads/{name}")))
    }

    fn detached() -> Option<Head> {
        CommitId::parse(&"a".repeat(40)).map(Head::Detached)
    }

    fn place(name: &str, checked_out: bool) -> Result<Result<Place, Nothing>, Unclear> {
        Ok(Ok(Place { environment: EnvironmentName::parse(name).expect("a name"), checked_out }))
    }

    #[test]
    fn every_ci_system_names_the_branch_of_a_detached_checkout() {
        for (name, value) in [
            ("GITHUB_REF", "refs/heads/environment/qa"),
            ("CI_COMMIT_BRANCH", "environment/qa"),
            ("BITBUCKET_BRANCH", "environment/qa"),
            ("BRANCH_NAME", "environment/qa"),
            ("GIT_BRANCH", "origin/environment/qa"),
            ("GIT_BRANCH", "environment/qa"),
            ("GIT_BRANCH", "environment/environment/qa"),
            ("BUILD_SOURCEBRANCH", "refs/heads/environment/qa"),
        ] {
            assert_eq!(decide(None, detached().as_ref(), &ci(&[(name, value)])), place("qa", true), "{name}={value}");
        }
        assert_eq!(decide(None, branch("environment/qa").as_ref(), &ci(&[])), place("qa", true));
        assert_eq!(decide(None, detached().as_ref(), &ci(&[])), Err(Unclear::Unnamed));
        assert_eq!(decide(None, detached().as_ref(), &ci(&[("GITHUB_REF", "")])), Err(Unclear::Unnamed));
    }

    #[test]
    fn any_other_reference_is_nothing() {
        for (name, value) in [
            ("GITHUB_REF", "refs/tags/v1.0.0"),
            ("GITHUB_REF", "refs/heads/main"),
            ("GITHUB_REF", "refs/notes/relman/deployments"),
            ("GITHUB_REF", "refs/heads/environments/qa"),
            ("CI_COMMIT_TAG", "v1.0.0"),
            ("BITBUCKET_TAG", "environment/qa"),
            ("GIT_BRANCH", "origin/main"),
        ] {
            let decided = decide(None, detached().as_ref(), &ci(&[(name, value)])).expect("clear");
            assert_eq!(decided.expect_err("nothing").code(), "other-ref", "{name}={value}");
        }
        let jenkins = ci(&[("TAG_NAME", "v1.0.0"), ("BRANCH_NAME", "v1.0.0")]);
        let decided = decide(None, detached().as_ref(), &jenkins).expect("clear");
        assert_eq!(decided, Err(Nothing::OtherRef("refs/tags/v1.0.0".into())));
        assert!(decide(None, branch("main").as_ref(), &ci(&[])).expect("clear").is_err());
        // Two of them that are no environments need not agree.
        assert!(decide(None, branch("main").as_ref(), &ci(&[("BRANCH_NAME", "dev")])).expect("clear").is_err());
    }

    #[test]
    fn a_pull_request_is_nothing_whatever_else_is_said() {
        let qa = EnvironmentName::parse("qa").expect("a name");
        for (name, value) in [
            ("GITHUB_EVENT_NAME", "pull_request"),
            ("GITHUB_EVENT_NAME", "pull_request_target"),
            ("CI_MERGE_REQUEST_IID", "7"),
            ("BITBUCKET_PR_ID", "7"),
            ("CHANGE_ID", "7"),
            ("BUILD_REASON", "PullRequest"),
        ] {
            let ci = ci(&[(name, value), ("GITHUB_REF", "refs/heads/environment/qa")]);
            assert_eq!(decide(Some(&qa), branch("environment/qa").as_ref(), &ci), Ok(Err(Nothing::PullRequest)));
        }
    }

    #[test]
    fn disagreement_is_an_error_unless_the_environment_is_named() {
        let prod = ci(&[("GITHUB_REF", "refs/heads/environment/prod")]);
        let unclear = decide(None, branch("environment/qa").as_ref(), &prod).expect_err("unclear");
        assert!(unclear.to_string().contains("refs/heads/environment/prod"), "{unclear}");
        assert!(decide(None, branch("main").as_ref(), &prod).is_err());
        let two = ci(&[("BRANCH_NAME", "environment/qa"), ("GIT_BRANCH", "origin/environment/prod")]);
        assert!(decide(None, detached().as_ref(), &two).is_err());
        let qa = EnvironmentName::parse("qa").expect("a name");
        assert_eq!(decide(Some(&qa), branch("environment/qa").as_ref(), &prod), place("qa", true));
        assert_eq!(decide(Some(&qa), branch("main").as_ref(), &ci(&[])), place("qa", false));
        assert_eq!(decide(Some(&qa), detached().as_ref(), &prod), place("qa", false));
        assert_eq!(decide(Some(&qa), None, &ci(&[])), place("qa", false));
    }

    #[test]
    fn a_name_that_no_environment_can_have_is_an_error() {
        assert!(decide(None, branch("environment/a/b").as_ref(), &ci(&[])).is_err());
    }

    #[test]
    fn the_build_says_who_and_where() {
        let github = ci(&[
            ("GITHUB_ACTOR", "ada"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "a/b"),
            ("GITHUB_RUN_ID", "7"),
        ]);
        assert_eq!(github.url().as_deref(), Some("https://github.com/a/b/actions/runs/7"));
        assert_eq!(github.identity(), Some(("ada".into(), "ada@users.noreply.github.com".into())));
        let gitlab = ci(&[
            ("GITLAB_USER_NAME", "Ada <x>\n"),
            ("GITLAB_USER_EMAIL", "ada@example.com"),
            ("CI_JOB_URL", "https://user:secret@git.example.com/a/-/jobs/7"),
        ]);
        assert_eq!(gitlab.identity(), Some(("Ada x".into(), "ada@example.com".into())));
        assert!(!gitlab.url().expect("a URL").contains("secret"));
        assert_eq!(ci(&[("BUILD_URL", "javascript:x")]).url(), None);
    }
}
