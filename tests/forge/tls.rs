//! Certificates: the ones that the system or `SSL_CERT_FILE` vouches for, and no others.
//!
//! Which roots count is read once a process, so that each case is a child of this test.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use relman::forge::ForgeKind;

use super::sandbox::skip;
use super::store::{connect, location};

/// A server that answers every request with a page for people, over TLS.
struct Tls(Child);

impl Drop for Tls {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn openssl(folder: &Path, words: &str) -> Command {
    let mut command = Command::new("openssl");
    command.args(words.split_whitespace()).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

#[test]
fn only_known_certificates_count() {
    let room = tempfile::tempdir().unwrap();
    let new = "req -x509 -newkey rsa:2048 -nodes -days 30";
    let authority =
        format!("{new} -keyout ca.key -out ca.pem -subj /CN=authority -addext basicConstraints=critical,CA:TRUE");
    let names = "-addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE -subj /CN=server";
    let server = format!("{new} -keyout key.pem -out cert.pem -CA ca.pem -CAkey ca.key {names}");
    if ![authority, server]
        .iter()
        .all(|words| openssl(room.path(), words).status().is_ok_and(|status| status.success()))
    {
        return skip("only_known_certificates_count", "there is no `openssl` 3");
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let words = format!("s_server -accept 127.0.0.1:{port} -key key.pem -cert cert.pem -www");
    let _server = Tls(openssl(room.path(), &words).spawn().unwrap());
    let said = |roots: Option<&Path>| {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "tls::child", "--ignored", "--nocapture"]).env("RELMAN_TEST_PORT", port.to_string());
        child.env_remove("SSL_CERT_FILE").env_remove("SSL_CERT_DIR");
        if let Some(roots) = roots {
            child.env("SSL_CERT_FILE", roots);
        }
        String::from_utf8_lossy(&child.output().unwrap().stderr).into_owned()
    };
    let known = said(Some(&room.path().join("ca.pem")));
    assert!(known.contains("page for people"), "{known}");
    let unknown = said(None);
    assert!(unknown.contains("can't be reached") && unknown.contains("certificate"), "{unknown}");
}

#[test]
#[ignore = "a part of the test above"]
fn child() {
    let port = std::env::var("RELMAN_TEST_PORT").unwrap();
    let location = location(ForgeKind::GitHub, &format!("https://127.0.0.1:{port}"));
    for _ in 0..20 {
        let error = connect(&location, None).list_open().expect_err("no forge").to_string();
        if !error.contains("refused") {
            eprintln!("{error}");
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}
