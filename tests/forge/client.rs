//! The fake Bitbucket, driven by a Bitbucket client that nobody here wrote. It runs where `RELMAN_BITBUCKET_CLIENT` names
//! the folder of `node_modules` that holds `@coderabbitai/bitbucket`, and Node.js is there.

use std::path::Path;
use std::process::Command;

use relman::forge::ForgeKind;

use super::sandbox::skip;
use super::store::{Running, TOKEN};

#[test]
fn another_client_gets_along_with_our_bitbucket() {
    let Some(modules) = std::env::var_os("RELMAN_BITBUCKET_CLIENT") else {
        return skip("another_client_gets_along_with_our_bitbucket", "RELMAN_BITBUCKET_CLIENT is not set");
    };
    let running = Running::start(ForgeKind::BitbucketDatacenter);
    running.store.lock().unwrap().any_client = true;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/forge/bitbucket_client.mjs");
    let ran = Command::new("node").arg(script).arg(modules).args([&running.server.url, TOKEN]).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(running.store.lock().unwrap().pulls.len(), 1);
}
