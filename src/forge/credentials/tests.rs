use std::cell::RefCell;
use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::*;
use crate::forge::locate::{Clues, Found, locate};

const SECRET: &str = "tok-0123456789abcdef";

/// Programs that print what the test says, and a list of those that were run.
#[derive(Default)]
struct Fake {
    prints: BTreeMap<&'static str, String>,
    fails: Vec<&'static str>,
    ran: RefCell<Vec<String>>,
}

impl Runner for Fake {
    fn run(&self, call: &Call) -> Ran {
        self.ran.borrow_mut().push(format!("{} {} <{}>", call.program, call.arguments.join(" "), call.input.trim()));
        match self.prints.get(call.program.as_str()) {
            Some(text) => Ran::Printed(Zeroizing::new(text.clone())),
            None if self.fails.contains(&call.program.as_str()) => Ran::Failed("it ended with status 1".into()),
            None => Ran::Missing,
        }
    }
}

fn at(flag: &str, remote: &str) -> Location {
    match locate(&Clues { flag: Some(flag), remote: Some(remote), ..Clues::default() }).expect("an answer") {
        Found::Forge(location) => location,
        Found::Nothing { why, .. } => panic!("{why}"),
    }
}

fn search_with(
    location: &Location,
    variables: &[(&str, &str)],
    commands: Vec<(Scope, String)>,
    runner: &Fake,
) -> Result<Search> {
    let variable = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    let file = |path: &Path| match path.to_str() {
        Some("/run/secrets/token") => Ok(format!("{SECRET}\n")),
        Some("/run/secrets/empty") => Ok("\n".into()),
        _ => Err(std::io::Error::from(std::io::ErrorKind::NotFound)),
    };
    find_credential(location, &Places { variable: &variable, file: &file, commands, runner })
}

fn source(location: &Location, variables: &[(&str, &str)]) -> Option<String> {
    search_with(location, variables, vec![], &Fake::default()).expect("a search").credential.map(|found| found.source)
}

fn basic(credential: &Credential) -> Option<&str> {
    match &credential.login {
        Login::Basic { user, .. } => Some(user),
        Login::Token(_) => None,
    }
}

#[test]
fn the_first_hit_of_the_list_wins() {
    let github = at("github", "git@github.com:o/r.git");
    let runner = Fake {
        prints: [("sh", SECRET), ("gh", SECRET), ("git", "username=u\npassword=tok-0123456789abcdef\n")]
            .map(|(program, text)| (program, text.to_owned()))
            .into(),
        ..Fake::default()
    };
    let mut variables = vec![
        ("RELMAN_TOKEN", SECRET),
        ("RELMAN_TOKEN_FILE", "/run/secrets/token"),
        ("GH_TOKEN", SECRET),
        ("GITHUB_TOKEN", SECRET),
    ];
    let mut commands = vec![(Scope::User, "my-vault".to_owned())];
    let mut seen = Vec::new();
    loop {
        let found = search_with(&github, &variables, commands.clone(), &runner).expect("a search").credential;
        let source = found.expect("a token").source;
        seen.push(source.clone());
        match source.as_str() {
            "git config relman.tokenCommand" => commands.clear(),
            "`gh auth token`" => break,
            _ => drop(variables.remove(0)),
        }
    }
    assert_eq!(
        seen,
        [
            "RELMAN_TOKEN",
            "RELMAN_TOKEN_FILE (/run/secrets/token)",
            "git config relman.tokenCommand",
            "GH_TOKEN",
            "GITHUB_TOKEN",
            "`gh auth token`",
        ]
    );
    let git = Fake { prints: [("git", runner.prints["git"].clone())].into(), ..Fake::default() };
    let found = search_with(&github, &[], vec![], &git).expect("a search");
    assert_eq!(found.credential.expect("a token").source, "`git credential fill`");
    assert_eq!(
        git.ran.borrow().as_slice(),
        [
            "gh auth token --hostname github.com <>",
            "git credential fill <protocol=https\nhost=github.com\npath=o/r.git>",
        ]
    );
}

#[test]
fn the_places_are_reported_and_nothing_secret_with_them() {
    let location = at("github=https://ghe.example.com", "git@ghe.example.com:o/r.git");
    let search = search_with(
        &location,
        &[("GH_TOKEN", SECRET), ("RELMAN_TOKEN", " ")],
        vec![(Scope::Other, "evil".into())],
        &Fake::default(),
    )
    .expect("a search");
    let error = search.required(&location).expect_err("no token");
    assert_eq!(
        error.to_string(),
        "there is no token for ghe.example.com; looked at: RELMAN_TOKEN, RELMAN_TOKEN_FILE, \
        git config relman.tokenCommand of the user or the system (the repository's own is never run), \
        GH_TOKEN (set, and meant for github.com), GITHUB_TOKEN, GH_ENTERPRISE_TOKEN, GITHUB_ENTERPRISE_TOKEN, \
        `gh auth token` (gh is not installed), `git credential fill`"
    );
    let shown = format!("{error:?} {error}");
    assert!(!shown.contains(SECRET), "{shown}");
}

#[test]
fn a_command_runs_only_from_the_users_or_the_systems_configuration() {
    let location = at("gitea", "https://h.example/o/r");
    let run = |commands: Vec<(Scope, String)>| {
        let runner = Fake { prints: [("sh", SECRET.to_owned())].into(), ..Fake::default() };
        let _ = search_with(&location, &[], commands, &runner).expect("a search");
        runner.ran.take()
    };
    let ran = run(vec![(Scope::System, "a".into()), (Scope::User, "b".into()), (Scope::Other, "evil".into())]);
    assert_eq!(ran, ["sh -c b <>"]);
    assert_eq!(run(vec![(Scope::System, "a".into())]), ["sh -c a <>"]);
    let ran = run(vec![(Scope::Other, "evil".into())]);
    assert!(ran.iter().all(|call| !call.contains("evil")), "{ran:?}");
    assert_eq!(Scope::parse("global"), Scope::User);
    for word in ["local", "worktree", "command", "unknown"] {
        assert_eq!(Scope::parse(word), Scope::Other);
    }
}

#[test]
fn variables_go_to_the_host_they_are_meant_for() {
    let hub = at("github", "git@github.com:o/r.git");
    let own_hub = at("github", "git@ghe.example.com:o/r.git");
    let lab = at("gitlab", "git@gitlab.com:o/r.git");
    let own_lab = at("gitlab", "https://lab.example.com:8443/o/r.git");
    let said = |location: &Location, variables: &[(&str, &str)]| source(location, variables).unwrap_or_default();
    for name in ["GH_TOKEN", "GITHUB_TOKEN"] {
        assert_eq!(said(&hub, &[(name, SECRET)]), name);
        assert_eq!(said(&own_hub, &[(name, SECRET)]), "");
        let server = ("GITHUB_SERVER_URL", "https://ghe.example.com");
        assert_eq!(said(&own_hub, &[(name, SECRET), server]), name);
        assert_eq!(said(&hub, &[(name, SECRET), server]), "", "{name} of another server");
    }
    assert_eq!(said(&own_hub, &[("GH_ENTERPRISE_TOKEN", SECRET)]), "GH_ENTERPRISE_TOKEN");
    assert_eq!(said(&own_hub, &[("GH_ENTERPRISE_TOKEN", SECRET), ("GH_HOST", "other.example")]), "");
    assert_eq!(said(&hub, &[("GH_ENTERPRISE_TOKEN", SECRET)]), "");
    assert_eq!(said(&lab, &[("GITLAB_TOKEN", SECRET)]), "GITLAB_TOKEN");
    assert_eq!(said(&own_lab, &[("GITLAB_TOKEN", SECRET)]), "");
    assert_eq!(said(&own_lab, &[("GITLAB_TOKEN", SECRET), ("CI_SERVER_HOST", "lab.example.com")]), "GITLAB_TOKEN");
    assert_eq!(said(&lab, &[("GITLAB_TOKEN", SECRET), ("CI_SERVER_HOST", "lab.example.com")]), "");
    let tea = at("gitea", "https://tea.example/o/r");
    assert_eq!(said(&tea, &[("GITEA_TOKEN", SECRET)]), "GITEA_TOKEN");
    assert_eq!(said(&tea, &[("FORGEJO_TOKEN", SECRET)]), "");
    assert_eq!(said(&tea, &[("GITEA_TOKEN", SECRET), ("GITEA_SERVER_URL", "https://other.example/")]), "");
    assert_eq!(said(&at("forgejo", "https://codeberg.org/o/r"), &[("FORGEJO_TOKEN", SECRET)]), "FORGEJO_TOKEN");
    assert_eq!(said(&hub, &[("GITLAB_TOKEN", SECRET), ("BITBUCKET_TOKEN", SECRET), ("GITEA_TOKEN", SECRET)]), "");
}

#[test]
fn bitbucket_takes_people_and_repositories() {
    let cloud = at("bitbucket-cloud", "git@bitbucket.org:ws/r.git");
    let own = at("bitbucket-datacenter", "https://bb.example/scm/p/r.git");
    let found = |location: &Location, variables: &[(&str, &str)]| {
        search_with(location, variables, vec![], &Fake::default()).expect("a search").credential.expect("a token")
    };
    let email = ("BITBUCKET_EMAIL", "me@example.com");
    let token = ("BITBUCKET_TOKEN", SECRET);
    assert_eq!(basic(&found(&cloud, &[token, email])), Some("me@example.com"));
    assert_eq!(basic(&found(&cloud, &[token])), None);
    assert_eq!(basic(&found(&cloud, &[("BITBUCKET_TOKEN", "ATCTT3xFf"), email])), None);
    assert_eq!(basic(&found(&own, &[token, email])), None);
    assert_eq!(basic(&found(&cloud, &[("RELMAN_TOKEN", "me@example.com:abc")])), Some("me@example.com"));
}

#[test]
fn what_git_knows_fits_the_forge() {
    for (flag, remote, user, name) in [
        ("github", "git@github.com:o/r.git", "me", None),
        ("gitlab", "git@gitlab.com:o/r.git", "oauth2", None),
        ("gitea", "https://h.example/o/r", "me", Some("me")),
        ("bitbucket-datacenter", "https://h.example/scm/p/r.git", "me", Some("me")),
        ("bitbucket-datacenter", "https://h.example/scm/p/r.git", "x-token-auth", None),
        ("bitbucket-cloud", "https://bitbucket.org/w/r.git", "me@example.com", Some("me@example.com")),
    ] {
        let text = format!("protocol=https\nhost=h\nusername={user}\npassword={SECRET}\n");
        let runner = Fake { prints: [("git", text)].into(), ..Fake::default() };
        let found =
            search_with(&at(flag, remote), &[], vec![], &runner).expect("a search").credential.expect("a token");
        assert_eq!(basic(&found), name, "{flag} {user}");
        assert_eq!(found.login.secret().expose(), SECRET);
    }
    let asked = Fake { prints: [("git", "username=me\n".to_owned())].into(), ..Fake::default() };
    let search = search_with(&at("gitea", "https://h.example:3000/x/o/r"), &[], vec![], &asked).expect("a search");
    assert!(search.credential.is_none());
    assert_eq!(asked.ran.take(), ["git credential fill <protocol=https\nhost=h.example:3000\npath=x/o/r.git>"]);
}

#[test]
fn what_was_named_and_is_unusable_is_an_error() {
    let location = at("gitlab", "git@gitlab.com:o/r.git");
    let error = |variables: &[(&str, &str)], commands: Vec<(Scope, String)>| {
        let runner = Fake { fails: vec!["sh"], ..Fake::default() };
        let error = search_with(&location, variables, commands, &runner).expect_err("an error");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(SECRET) && !shown.contains("glcbt"), "{shown}");
        error.to_string()
    };
    assert!(error(&[("RELMAN_TOKEN_FILE", "/nowhere")], vec![]).contains("/nowhere"));
    assert!(error(&[("RELMAN_TOKEN_FILE", "/run/secrets/empty")], vec![]).contains("empty"));
    assert!(error(&[("RELMAN_TOKEN", "tok-0123456789abcdef\nx")], vec![]).contains("characters"));
    assert!(error(&[], vec![(Scope::User, "vault".into())]).contains("status 1"));
    assert!(error(&[("RELMAN_TOKEN", "glcbt-64_abc")], vec![]).contains("GITLAB_TOKEN"));
    assert!(error(&[("GITLAB_TOKEN", SECRET), ("CI_JOB_TOKEN", SECRET)], vec![]).contains("project access token"));
}

#[test]
fn a_workflows_own_token_comes_with_a_warning() {
    let location = at("github", "git@github.com:o/r.git");
    let warned = |variables: &[(&str, &str)]| {
        let search = search_with(&location, variables, vec![], &Fake::default()).expect("a search");
        search.credential.expect("a token").warnings.len()
    };
    let actions = ("GITHUB_ACTIONS", "true");
    assert_eq!(warned(&[("GITHUB_TOKEN", SECRET), actions]), 1);
    assert_eq!(warned(&[("GITHUB_TOKEN", SECRET), ("RELMAN_TOKEN", SECRET), actions]), 1);
    assert_eq!(warned(&[("GITHUB_TOKEN", "other-token"), ("RELMAN_TOKEN", SECRET), actions]), 0);
    assert_eq!(warned(&[("GITHUB_TOKEN", SECRET)]), 0);
}

#[test]
fn a_guessed_host_is_never_asked_for_a_token() {
    let clues = Clues { remote: Some("https://h.example/scm/p/r.git"), ..Clues::default() };
    let Found::Forge(location) = locate(&clues).expect("an answer") else { panic!("a guess") };
    let runner = Fake { prints: [("git", format!("password={SECRET}"))].into(), ..Fake::default() };
    let error = search_with(&location, &[("RELMAN_TOKEN", SECRET)], vec![], &runner).expect_err("an error");
    assert!(matches!(error, Error::UntrustedHost { .. }), "{error:?}");
    assert!(runner.ran.take().is_empty());
}
