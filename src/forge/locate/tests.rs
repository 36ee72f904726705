use super::*;

fn forge(clues: Clues<'_>) -> Location {
    match locate(&clues).expect("an answer") {
        Found::Forge(location) => location,
        Found::Nothing { why, .. } => panic!("{why}"),
    }
}

fn of_remote(url: &str) -> String {
    let location = forge(Clues { remote: Some(url), ..Clues::default() });
    format!("{} {} {} {:?}", location.kind, location.web, location.repository.full(), location.trust)
}

#[test]
fn well_known_hosts_need_no_words() {
    for (url, expected) in [
        ("https://github.com/acme/foo-release.git", "github https://github.com acme/foo-release Remote"),
        ("git@github.com:acme/foo-release.git", "github https://github.com acme/foo-release Remote"),
        ("ssh://git@ssh.github.com:443/acme/foo.git", "github https://github.com acme/foo Remote"),
        ("https://x:y@acme.ghe.com/a/b", "github https://acme.ghe.com a/b Remote"),
        ("git@gitlab.com:group/sub/deep/foo.git", "gitlab https://gitlab.com group/sub/deep/foo Remote"),
        ("https://me@bitbucket.org/ws/foo.git", "bitbucket-cloud https://bitbucket.org ws/foo Remote"),
        ("https://codeberg.org/a/b.git", "forgejo https://codeberg.org a/b Remote"),
        ("https://gitea.com/a/b.git", "gitea https://gitea.com a/b Remote"),
        (
            "https://org@dev.azure.com/org/my%20project/_git/foo",
            "azure https://dev.azure.com org/my project/foo Remote",
        ),
        ("git@ssh.dev.azure.com:v3/org/project/foo", "azure https://dev.azure.com org/project/foo Remote"),
        ("https://org.visualstudio.com/DefaultCollection/p/_git/foo", "azure https://dev.azure.com org/p/foo Remote"),
        ("https://org.visualstudio.com/_git/foo", "azure https://dev.azure.com org/foo/foo Remote"),
        ("org@vs-ssh.visualstudio.com:v3/org/p/foo", "azure https://dev.azure.com org/p/foo Remote"),
    ] {
        assert_eq!(of_remote(url), expected, "{url}");
    }
}

#[test]
fn what_looks_like_bitbucket_is_a_guess_without_a_token() {
    for (url, expected) in [
        ("https://git.example.com/scm/foo/bar.git", "bitbucket-datacenter https://git.example.com foo/bar Guess"),
        (
            "http://git.example.com:7990/scm/~me/bar.git",
            "bitbucket-datacenter http://git.example.com:7990 ~me/bar Guess",
        ),
        ("ssh://git@git.example.com:7999/foo/bar.git", "bitbucket-datacenter https://git.example.com foo/bar Guess"),
    ] {
        assert_eq!(of_remote(url), expected, "{url}");
        let location = forge(Clues { remote: Some(url), ..Clues::default() });
        let error = location.may_get_token().expect_err("no token for a guess");
        let Error::UntrustedHost { fix, .. } = error else { panic!("{error:?}") };
        assert_eq!(fix, "git config relman.forge bitbucket-datacenter");
    }
}

#[test]
fn the_order_is_flag_variable_config_file_host() {
    let all = Clues {
        flag: Some("gitea"),
        variable: Some("forgejo=https://f.example"),
        config: Some("gitlab"),
        config_url: Some("https://c.example"),
        file: Some("bitbucket-server"),
        file_url: Some("https://b.example"),
        remote: Some("https://github.com/a/b"),
        ..Clues::default()
    };
    let said = |clues: Clues<'_>| {
        let location = forge(clues);
        format!("{} {} {:?}", location.kind, location.web, location.trust)
    };
    assert_eq!(said(all), "gitea https://github.com Remote");
    assert_eq!(said(Clues { flag: Some("gitea=https://g.example/"), ..all }), "gitea https://g.example User");
    assert_eq!(said(Clues { flag: None, ..all }), "forgejo https://f.example User");
    assert_eq!(said(Clues { flag: None, variable: Some(""), ..all }), "gitlab https://c.example User");
    let file = Clues { flag: None, variable: None, config: None, config_url: None, ..all };
    assert_eq!(said(file), "bitbucket-datacenter https://b.example File");
    assert_eq!(said(Clues { file: None, file_url: None, ..file }), "github https://github.com Remote");
    // A URL alone goes with the kind that somebody else names.
    let url = Clues { config_url: Some("https://c.example/"), file: Some("gitlab"), file_url: None, ..file };
    assert_eq!(said(url), "gitlab https://c.example User");
}

#[test]
fn a_file_sends_no_token_elsewhere() {
    let file = |url| Clues {
        file: Some("gitlab"),
        file_url: Some(url),
        remote: Some("git@git.example.com:a/b.git"),
        ..Clues::default()
    };
    assert!(forge(file("https://git.example.com")).may_get_token().is_ok());
    assert!(forge(file("https://GIT.example.com:443/gitlab")).may_get_token().is_ok());
    for elsewhere in [
        "https://evil.example",
        "https://git.example.com.evil.example",
        "https://example.com",
        "https://git.example.com:8443",
    ] {
        let error = forge(file(elsewhere)).may_get_token().expect_err("no token");
        let Error::UntrustedHost { fix, .. } = error else { panic!("{error:?}") };
        assert_eq!(fix, format!("git config relman.forge gitlab={elsewhere}"));
    }
    let plain = forge(file("http://git.example.com")).may_get_token().expect_err("no encryption");
    assert!(matches!(plain, Error::PlainHttp { .. }), "{plain:?}");
    let allowed = Clues { config_http: Some("git.example.com"), ..file("http://git.example.com") };
    assert!(forge(allowed).may_get_token().is_ok());
    // At another port of the remote's host somebody else may listen.
    for (remote, url, trust) in [
        ("https://git.example.com:8443/a/b.git", "https://git.example.com:8443", Trust::Remote),
        ("https://git.example.com:8443/a/b.git", "https://git.example.com", Trust::File),
        ("https://git.example.com:8443/a/b.git", "https://git.example.com:9443", Trust::File),
        ("https://git.example.com/a/b.git", "https://git.example.com:443", Trust::Remote),
        ("https://git.example.com/a/b.git", "https://git.example.com:444", Trust::File),
        ("https://git.example.com/a/b.git", "http://git.example.com", Trust::File),
        ("http://git.example.com/a/b.git", "http://git.example.com:80", Trust::Remote),
        ("ssh://git@git.example.com:7999/a/b.git", "https://git.example.com", Trust::Remote),
        ("ssh://git@git.example.com:7999/a/b.git", "https://git.example.com:7999", Trust::File),
    ] {
        let clues = Clues { file: Some("gitea"), file_url: Some(url), remote: Some(remote), ..Clues::default() };
        assert_eq!(forge(clues).trust, trust, "{remote} {url}");
    }
    // Even a loopback address must not come from a file: something else may listen there.
    assert!(forge(file("http://127.0.0.1:8080")).may_get_token().is_err());
    let user = Clues { flag: Some("gitlab=http://127.0.0.1:8080"), ..file("https://evil.example") };
    assert!(forge(user).may_get_token().is_ok());
}

#[test]
fn servers_below_a_path_and_behind_a_named_url() {
    let said = |flag: &str, remote: &str| {
        let location = forge(Clues { flag: Some(flag), remote: Some(remote), ..Clues::default() });
        format!("{} {}", location.web, location.repository.full())
    };
    for (flag, remote, expected) in [
        ("bitbucket-datacenter", "https://h.example/bitbucket/scm/FOO/bar.git", "https://h.example/bitbucket FOO/bar"),
        ("bitbucket-server", "https://h.example/projects/FOO/repos/bar/browse", "https://h.example FOO/bar"),
        ("bitbucket-server", "https://h.example/users/me/repos/bar", "https://h.example ~me/bar"),
        (
            "bitbucket-server=https://web.example/x",
            "ssh://git@ssh.example:7999/~me/bar.git",
            "https://web.example/x ~me/bar",
        ),
        ("gitlab=https://h.example/gitlab", "https://h.example/gitlab/g/s/p.git", "https://h.example/gitlab g/s/p"),
        ("gitlab=https://h.example/gitlab", "git@h.example:g/s/p.git", "https://h.example/gitlab g/s/p"),
        ("gitea", "https://h.example:3000/git/o/r.git", "https://h.example:3000/git o/r"),
        ("gitea", "https://h.example:443/o/r.git", "https://h.example o/r"),
        ("github", "ssh://git@ghe.example.com:2222/o/r.git", "https://ghe.example.com o/r"),
        ("gitea=http://127.0.0.1:3000/o/r", "/srv/git/r.git", "http://127.0.0.1:3000 o/r"),
    ] {
        assert_eq!(said(flag, remote), expected, "{flag} {remote}");
    }
}

#[test]
fn no_forge_says_why() {
    for (clues, why, typed) in [
        (
            Clues { flag: Some("none"), remote: Some("https://github.com/a/b"), ..Clues::default() },
            "--forge says",
            false,
        ),
        (Clues { remote: Some("/srv/git/foo.git"), ..Clues::default() }, "no remote on a server", true),
        (Clues { remote: Some("file:///srv/git/foo.git"), ..Clues::default() }, "no remote on a server", true),
        (Clues::default(), "no remote on a server", true),
        (Clues { remote: Some("https://git.example.com/a/b.git"), ..Clues::default() }, "git.example.com", true),
        (Clues { remote: Some("https://github.example.com/a/b.git"), ..Clues::default() }, "github.example.com", true),
        (Clues { remote: Some("https://github.com/a"), ..Clues::default() }, "path of the remote on github.com", true),
        // A file can't name the repository of another host.
        (
            Clues {
                file: Some("gitea"),
                file_url: Some("https://e.example/o/r"),
                remote: Some("/x"),
                ..Clues::default()
            },
            "no remote on a server",
            true,
        ),
    ] {
        match locate(&clues).expect("an answer") {
            Found::Nothing { why: said, hint } => {
                assert!(said.contains(why), "{said}");
                assert_eq!(hint.is_some(), typed, "{said}");
            }
            Found::Forge(location) => panic!("{location:?}"),
        }
    }
}

#[test]
fn words_and_urls_are_checked() {
    let error = |clues: Clues<'_>| locate(&clues).expect_err("an error").to_string();
    assert!(error(Clues { flag: Some("githup"), ..Clues::default() }).contains("githup"));
    for url in ["evil.example", "ftp://x", "https://me:secret@h.example", "https://h.example/a/../b", "https://h?x"] {
        let said = error(Clues { file: Some("gitlab"), file_url: Some(url), ..Clues::default() });
        assert!(said.contains("release.yml") && !said.contains("secret"), "{said}");
    }
}
