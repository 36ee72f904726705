//! A short, repeatable run of what the fuzz target does for hours: good bodies, changed byte by byte and word by word.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use crate::sandbox::skip;

#[path = "../../fuzz/claims.rs"]
mod claims;

/// How many changed bodies are read.
const CASES: u32 = 20_000;

/// One change of a body.
#[derive(Clone, Debug)]
enum Change {
    Byte(Index, u8),
    Word(Index, Index),
    Remove(Index, usize),
    Repeat(Index, usize),
    CutAfter(Index),
    /// Goes on with the rest of another body.
    Splice(Index, Index, Index),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    prop_oneof![
        4 => (at(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        6 => (at(), at()).prop_map(|(at, word)| Change::Word(at, word)),
        3 => (at(), 1..40_usize).prop_map(|(at, length)| Change::Remove(at, length)),
        3 => (at(), 1..200_usize).prop_map(|(at, length)| Change::Repeat(at, length)),
        1 => at().prop_map(Change::CutAfter),
        1 => (at(), at(), at()).prop_map(|(at, other, from)| Change::Splice(at, other, from)),
    ]
}

impl Change {
    fn apply(&self, data: &mut Vec<u8>, bodies: &[Vec<u8>], words: &[String]) {
        let place = |at: &Index, data: &[u8]| at.index(data.len() + 1);
        let range = |at: &Index, length: usize, data: &[u8]| {
            let from = place(at, data);
            from..data.len().min(from + length)
        };
        match self {
            Change::Byte(at, byte) if !data.is_empty() => {
                let at = at.index(data.len());
                data[at] = *byte;
            }
            Change::Byte(_, byte) => data.push(*byte),
            Change::Word(at, word) => {
                let at = place(at, data);
                data.splice(at..at, word.get(words).bytes());
            }
            Change::Remove(at, length) => drop(data.drain(range(at, *length, data))),
            Change::Repeat(at, length) => {
                let range = range(at, *length, data);
                let (end, again) = (range.end, data[range].to_vec());
                data.splice(end..end, again);
            }
            Change::CutAfter(at) => data.truncate(place(at, data)),
            Change::Splice(at, other, from) => {
                let other = other.get(bodies);
                data.truncate(place(at, data));
                data.extend(&other[place(from, other)..]);
            }
        }
    }
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.is_file());
    files.sort();
    assert!(!files.is_empty(), "{}", folder.display());
    files
}

/// The bodies below a folder of the fuzzer.
fn bodies(folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(folder);
    files_in(&folder).into_iter().map(|file| (file.clone(), std::fs::read(file).unwrap())).collect()
}

/// The words of the fuzzer's dictionary.
fn words() -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/trigger.dict")).unwrap();
    let quoted =
        |line: &str| Some(line.strip_prefix('"')?.strip_suffix('"')?.replace("\\\"", "\"").replace("\\\\", "\\"));
    text.lines().filter_map(quoted).collect()
}

/// Reads changed bodies; returns how many of them meant something.
fn run(bodies: &[Vec<u8>], cases: u32) -> u32 {
    let words = words();
    let config = Config { cases, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..Config::default() };
    let acted = Cell::new(0);
    let body = (any::<Index>(), prop::collection::vec(change(), 0..6));
    let result = TestRunner::new(config).run(&body, |(which, changes)| {
        let mut data = which.get(bodies).clone();
        changes.iter().for_each(|change| change.apply(&mut data, bodies, &words));
        acted.set(acted.get() + u32::from(claims::hold(&data)));
        Ok(())
    });
    result.unwrap();
    acted.get()
}

#[test]
fn each_seed_of_the_fuzzer_starts_a_release_or_says_why_not() {
    for (file, data) in bodies("seeds/trigger") {
        assert!(claims::hold(&data), "{}", file.display());
    }
    assert!(words().len() > 100);
}

#[test]
fn what_the_fuzzer_has_found_stays_mended() {
    for (file, data) in bodies("found/trigger") {
        assert!(!claims::hold(&data), "{} starts a release", file.display());
    }
}

#[test]
fn what_was_changed_on_its_way_is_understood_ignored_or_refused() {
    let bodies: Vec<Vec<u8>> = bodies("seeds/trigger").into_iter().map(|(_, data)| data).collect();
    let acted = run(&bodies, CASES);
    // Both sides are reached: bodies that mean something still, and bodies that are broken.
    assert!(acted > CASES / 10 && acted < CASES * 9 / 10, "{acted} of {CASES}");
}

#[test]
fn recorded_bodies_that_were_changed_on_their_way_are_too() {
    let Some(folder) = std::env::var_os("RELMAN_CONTRACT_DIR").map(|folder| PathBuf::from(folder).join("recorded"))
    else {
        skip(
            "recorded_bodies_that_were_changed_on_their_way_are_too",
            "RELMAN_CONTRACT_DIR names no folder with recorded bodies",
        );
        return;
    };
    let mut bodies: Vec<Vec<u8>> =
        files_in(&folder.join("jira")).iter().map(|file| std::fs::read(file).unwrap()).collect();
    for sender in ["jira", "bitbucket-server", "bitbucket-cloud", "github", "gitlab", "gitea"] {
        for file in files_in(&folder.join(sender).join("webhooks")) {
            let text = std::fs::read_to_string(file).unwrap();
            // As if an environment had been pushed, so that more than the first look is passed.
            bodies.push(text.replace("refs/heads/master", "refs/heads/environment/qa").into_bytes());
        }
    }
    run(&bodies, CASES / 10);
}
