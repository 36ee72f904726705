//! Promotions over real remotes: ssh by Debian's sshd, and http with a login by lighttpd and git's own backend. Both on
//! loopback; where a server is not installed, its tests are skipped, and say so.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::sandbox::{Call, Repo, Room, release_file, skip};

/// A server that ends with the test.
struct Server {
    child: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a program, and waits until it listens.
fn listening(mut command: Command, port: u16) -> Server {
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let server = Server { child, port };
    let begun = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the server does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
    server
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A release repo on the server with qa ahead of prod, and an app repo with the candidates.
fn release(room: &Room) -> Repo<'_> {
    let app = room.repo("foo-app");
    app.commit("main", "one");
    for version in ["1.0.0", "1.1.0"] {
        app.tag(&format!("v{version}-rc.1"), "main");
    }
    let server = room.server("foo-release");
    server.environment("qa", "1.1.0", "type: qa");
    server.release_file("prod", "Set", &release_file("prod", "1.0.0", "type: prod; from: [qa]"));
    server
}

fn has(program: &str) -> bool {
    Path::new(program).exists()
}

/// Keys, a server that accepts one of them, and the way to it.
fn sshd(room: &Room) -> Server {
    for key in ["host", "right", "wrong"] {
        let path = room.path(format!("home/{key}"));
        let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(path).status().unwrap();
        assert!(made.success());
    }
    std::fs::copy(room.path("home/right.pub"), room.path("home/authorized")).unwrap();
    let port = free_port();
    let config = format!(
        "Port {port}\nListenAddress 127.0.0.1\nHostKey {host}\nAuthorizedKeysFile {authorized}\nPidFile none\n\
         PasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\nStrictModes no\nAcceptEnv GIT_PROTOCOL\n",
        host = room.path("home/host").display(),
        authorized = room.path("home/authorized").display(),
    );
    let config = room.write("home/sshd_config", config);
    let _ = std::fs::create_dir_all("/run/sshd");
    let mut command = Command::new("/usr/sbin/sshd");
    command.args(["-D", "-f"]).arg(config);
    listening(command, port)
}

/// relman in the clone, with an ssh that uses this key and trusts the server.
fn with_key<'r>(room: &'r Room, key: &str, line: &str) -> Call<'r> {
    let ssh = format!(
        "ssh -F none -i {} -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR",
        room.path(format!("home/{key}")).display()
    );
    room.call("foo-release").words(line).env("GIT_SSH_COMMAND", ssh)
}

#[test]
fn a_promotion_over_ssh() {
    if !has("/usr/sbin/sshd") || !std::fs::create_dir_all("/run/sshd").is_ok_and(|()| true) {
        return skip("a_promotion_over_ssh", "there is no sshd, or it may not be started");
    }
    let room = Room::new();
    let server = release(&room);
    let sshd = sshd(&room);
    server.clone_as("foo-release", "");
    let url = format!("ssh://{}@127.0.0.1:{}{}", whoami(), sshd.port, server.path.display());
    Repo::at(&room, "foo-release").git(&format!("remote set-url origin {url}"));
    with_key(&room, "wrong", "promote qa prod -y --direct-push").run().ends(4).talks("refuses access");
    assert!(server.git("show environment/prod:release.yml").contains("1.0.0"));
    with_key(&room, "right", "promote qa prod -y --direct-push").run().ok();
    assert!(server.git("show environment/prod:release.yml").contains("version: 1.1.0"));
    with_key(&room, "right", "promote qa prod -y --direct-push").run().ok().shows("Nothing to do");
    with_key(&room, "right", "fetch").run().ok();
    protect(&server);
    with_key(&room, "right", "redeploy qa -y").run().ends(4).talks("environment branches are protected");
    drop(sshd);
    with_key(&room, "right", "redeploy qa -y").run().ends(6);
}

fn whoami() -> String {
    String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap().trim().to_owned()
}

/// Protects the environment branches, as a forge does.
fn protect(server: &Repo<'_>) {
    let hook = server.path.join("hooks/pre-receive");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\necho 'environment branches are protected' >&2\nexit 1\n").unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    server.git("config core.hooksPath hooks");
}

/// git's own backend behind a login.
fn lighttpd(room: &Room) -> Server {
    let backend = String::from_utf8(Command::new("git").arg("--exec-path").output().unwrap().stdout).unwrap();
    let port = free_port();
    room.write("home/users", "robin:s3cr3t-pass\n");
    let config = format!(
        "server.port = {port}\nserver.bind = \"127.0.0.1\"\nserver.document-root = \"{root}\"\n\
         server.modules = ( \"mod_auth\", \"mod_authn_file\", \"mod_setenv\", \"mod_alias\", \"mod_cgi\" )\n\
         auth.backend = \"plain\"\nauth.backend.plain.userfile = \"{users}\"\n\
         auth.require = ( \"/\" => ( \"method\" => \"basic\", \"realm\" => \"git\", \"require\" => \"valid-user\" ) )\n\
         alias.url = ( \"/git\" => \"{backend}/git-http-backend\" )\ncgi.assign = ( \"\" => \"\" )\n\
         setenv.set-environment = ( \"GIT_PROJECT_ROOT\" => \"{root}\", \"GIT_HTTP_EXPORT_ALL\" => \"1\", \
         \"REMOTE_USER\" => \"robin\", \"GIT_CONFIG_COUNT\" => \"1\", \"GIT_CONFIG_KEY_0\" => \"safe.directory\", \
         \"GIT_CONFIG_VALUE_0\" => \"*\" )\n",
        root = room.path("remotes").display(),
        users = room.path("home/users").display(),
        backend = backend.trim(),
    );
    let config = room.write("home/lighttpd.conf", config);
    let mut command = Command::new("/usr/sbin/lighttpd");
    command.args(["-D", "-f"]).arg(config);
    listening(command, port)
}

#[test]
fn a_promotion_over_http_with_a_login() {
    if !has("/usr/sbin/lighttpd") {
        return skip("a_promotion_over_http_with_a_login", "there is no lighttpd");
    }
    let room = Room::new();
    let server = release(&room);
    server.git("config http.receivepack true");
    let http = lighttpd(&room);
    server.clone_as("foo-release", "");
    let clone = Repo::at(&room, "foo-release");
    clone.git(&format!("remote set-url origin http://127.0.0.1:{}/git/foo-release.git", http.port));
    let call = |line: &str| room.call("foo-release").words(line).env("NO_PROXY", "*");
    // Without a password nobody is asked; with a wrong one the server refuses.
    call("promote qa prod -y --direct-push").run().ends(4);
    let store = |password: &str| {
        room.write("home/.git-credentials", format!("http://robin:{password}@127.0.0.1%3a{}\n", http.port));
        clone.git("config credential.helper store");
    };
    store("wrong");
    let refused = call("promote qa prod -y --direct-push").run().ends(4);
    assert!(!refused.err.contains("wrong"), "{}", refused.err);
    store("s3cr3t-pass");
    let done = call("promote qa prod -y --direct-push -v").run().ok();
    assert!(!format!("{}{}", done.out, done.err).contains("s3cr3t-pass"), "{}", done.err);
    assert!(server.git("show environment/prod:release.yml").contains("version: 1.1.0"));
    call("promote qa prod -y --direct-push").run().ok().shows("Nothing to do");
    // A token of this run serves as well, and as the password of Git.
    std::fs::remove_file(room.path("home/.git-credentials")).unwrap();
    let forge = format!("gitea=http://127.0.0.1:{}", http.port);
    let token = call("redeploy qa -y --forge").arg(&forge).env("RELMAN_TOKEN", "robin:s3cr3t-pass").run().ok();
    assert!(!format!("{}{}", token.out, token.err).contains("s3cr3t-pass"));
    protect(&server);
    call("redeploy qa -y --forge").arg(&forge).env("RELMAN_TOKEN", "robin:s3cr3t-pass").run().ends(4);
}

/// A proxy that lets nothing through; the first line and the fields of each request.
fn proxy() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heads);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            kept.lock().unwrap().push(head.join("\n"));
            stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").unwrap();
        }
    });
    (port, heads)
}

#[test]
fn a_proxy_carries_what_the_environment_does_not_except_and_sees_no_token() {
    let room = Room::new();
    release(&room).clone_as("foo-release", "");
    let (port, heads) = proxy();
    let call = |except: &str| {
        room.call("foo-release")
            .words("status --pull-requests --forge github=https://git.forge.invalid/acme/foo-release")
            .env("HTTPS_PROXY", format!("http://127.0.0.1:{port}"))
            .env("NO_PROXY", except)
            .env("RELMAN_TOKEN", "s3cr3t-token")
            .run()
    };
    call("other.invalid").ends(6).talks("the proxy refuses the connection");
    let seen = std::mem::take(&mut *heads.lock().unwrap());
    assert!(!seen.is_empty());
    for head in seen {
        assert!(head.starts_with("CONNECT git.forge.invalid:443 "), "{head}");
        assert!(!head.contains("s3cr3t"), "{head}");
    }
    // As for Git: a domain without a dot in front stands for what is below it.
    for except in ["forge.invalid", ".forge.invalid", "*"] {
        call(except).ends(6).talks("git.forge.invalid can't be reached");
        assert!(heads.lock().unwrap().is_empty(), "{except}");
    }
}
