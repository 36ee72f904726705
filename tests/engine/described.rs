//! What the systems say of their own APIs: all of it is used, and a judge that nobody here wrote agrees.
//!
//! `steady` (npm `@stdy/cli`) reads the same descriptions as [`contract`](super::contract), in its own way. It runs where
//! `RELMAN_STEADY` names it.

use std::collections::BTreeSet;
use std::path::Path;

use relman::http::percent::{pairs, query};
use relman::http::{Method, Network, Outgoing, Patience, Transport as _, WebUrl};

use super::contract::Contract;
use super::farm::{Farm, Plot, SYSTEMS, each};
use super::judge::steady;
use super::sandbox::Room;
use super::server::{Asked, Fault};

/// Shows a request to the judge, and returns which operation it is.
pub fn verdict(judge: &str, asked: &Asked) -> String {
    let method = match asked.method.as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        other => panic!("{other} is not expected"),
    };
    let headers = asked.header("content-type").map(|kind| ("Content-Type", kind.to_owned())).into_iter().collect();
    let url = format!("{judge}{}{}", asked.raw_path, query(&asked.query));
    let body = match asked.form.is_empty() {
        true => (!asked.body.is_null()).then(|| asked.body.to_string()),
        false => Some(pairs(&asked.form)),
    };
    let request = Outgoing { method, url, headers, authorization: None, body };
    let network = Network::new(&WebUrl::parse(judge).unwrap(), &Patience::default());
    let verdict = network.send(&request).expect("a verdict");
    let header = |name: &str| verdict.header(name).unwrap_or_default();
    let why = String::from_utf8_lossy(&verdict.body);
    assert_eq!(header("x-steady-request-valid"), "true", "{request:?}: {why} {:?}", verdict.headers);
    format!("{} {}", asked.method, header("x-steady-matched-path"))
}

/// Has relman ask everything that it ever asks of a system.
fn ask_everything(farm: &Farm<'_>) {
    for (plot, found_again) in [(Plot::Fails, false), (Plot::Endless, true), (Plot::Queued, false)] {
        farm.memory().plots.insert("qa".into(), plot);
        if found_again {
            farm.server.fault([Fault::Well, Fault::CutAfter]);
        }
        farm.deploy("qa").ends(7);
    }
}

#[test]
fn everything_that_is_described_is_asked_and_nothing_else() {
    each(|system| {
        let room = Room::new();
        let farm = Farm::with(&room, system, "timeout: 4s");
        ask_everything(&farm);
        let described: BTreeSet<String> = Contract::of(system).operations().into_iter().collect();
        assert_eq!(farm.memory().used, described);
    });
}

#[test]
fn every_request_fits_the_description_of_its_system() {
    let Ok(program) = std::env::var("RELMAN_STEADY") else {
        eprintln!("SKIPPED: requests are not judged by the systems' own descriptions, for RELMAN_STEADY is not set");
        return;
    };
    for system in SYSTEMS {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engine").join(system.description());
        let steady = steady(&program, &file);
        let room = Room::new();
        let farm = Farm::with(&room, system, "timeout: 4s");
        farm.memory().judge = Some(steady.url.clone());
        ask_everything(&farm);
        let described: BTreeSet<String> = Contract::of(system).operations().into_iter().collect();
        assert_eq!(farm.memory().judged, described);
    }
}
