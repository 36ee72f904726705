//! `steady` (npm `@stdy/cli`) says whether a request fits a description; a fake with a memory answers it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use relman::http::{Broken, Incoming, Network, Outgoing, Transport};

/// Shows every request to the judge, and lets the fake answer it.
pub struct Judged {
    pub network: Network,
    pub judge: String,
    pub fake: String,
    /// Parts of paths that the description leaves out.
    pub beside: &'static [&'static str],
    /// What the judge is shown of a request, where the description differs from the service.
    pub shown: fn(&Outgoing) -> Outgoing,
    pub seen: Arc<Mutex<BTreeSet<String>>>,
}

impl Transport for Judged {
    fn send(&self, request: &Outgoing) -> Result<Incoming, Broken> {
        if !self.beside.iter().any(|part| request.url.contains(part)) {
            let shown = (self.shown)(request);
            let verdict = self.network.send(&shown).expect("a verdict");
            let header = |name: &str| verdict.header(name).unwrap_or_default();
            assert_eq!(
                header("x-steady-request-valid"),
                "true",
                "{} {} {:?}: {} {:?}",
                request.method.word(),
                request.url,
                request.body,
                String::from_utf8_lossy(&verdict.body),
                verdict.headers
            );
            let matched = format!("{} {}", request.method.word(), header("x-steady-matched-path"));
            self.seen.lock().unwrap().insert(matched);
        }
        let request = Outgoing { url: request.url.replacen(&self.judge, &self.fake, 1), ..request.clone() };
        self.network.send(&request)
    }
}

/// The folder and the program, or a word about why there is no test.
pub fn places() -> Option<(PathBuf, String)> {
    match (std::env::var_os("RELMAN_CONTRACT_DIR"), std::env::var("RELMAN_STEADY").ok()) {
        (Some(folder), Some(program)) => Some((PathBuf::from(folder).join("contract"), program)),
        (folder, program) => {
            let missing = [("RELMAN_CONTRACT_DIR", folder.is_none()), ("RELMAN_STEADY", program.is_none())];
            let missing: Vec<&str> = missing.iter().filter(|(_, missing)| *missing).map(|(name, _)| *name).collect();
            eprintln!(
                "SKIPPED: requests are not judged by the official descriptions, for {} is not set",
                missing.join(" and ")
            );
            None
        }
    }
}
