//! What must hold of every body that a stranger may send to `relman trigger`. The fuzz target and `cargo test` share it.

use std::rc::Rc;

use relman::domain::error::{Exit, Explain as _};
use relman::domain::landscape::{EnvironmentBranch, Landscape, LocalBranch, Unusable};
use relman::domain::name::{CommitId, EnvironmentName};
use relman::domain::release_file::ReleaseFile;
use relman::domain::trigger::signature::{Secret, check};
use relman::domain::trigger::{Ask, Headers, Heard, Order, place, understand};
use relman::domain::version::Declared;

const SECRET: &str = "s3cret-of-the-hook";

/// The lines before the first empty one are headers, the rest is the body.
pub fn split(data: &[u8]) -> (String, &[u8]) {
    let cut = data.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = cut.map_or((&data[..0], data), |cut| (&data[..cut], &data[cut + 2..]));
    (String::from_utf8_lossy(head).into_owned(), body)
}

/// Reads a body as `relman trigger` does, and panics where the answer is not what it must be. Returns whether there is
/// something to do.
pub fn hold(data: &[u8]) -> bool {
    let (head, body) = split(data);
    let Ok(headers) = Headers::parse(head.lines()) else { return false };
    let secret = Secret::new(SECRET.into()).expect("it is not empty");
    let proven = check(&secret, &headers, body).is_ok();
    // Nobody can sign who does not know the secret, and the fuzzer does not know its hash.
    assert!(!proven || head.contains(SECRET), "{head:?}");
    match understand(body, &headers) {
        Err(error) => {
            assert_eq!(error.exit(), Exit::Usage);
            assert!(!error.hints().is_empty() || !error.to_string().is_empty());
            false
        }
        Ok(Heard::Nothing(reason)) => {
            assert!(!reason.is_empty());
            false
        }
        Ok(Heard::Orders(orders)) => {
            assert!(!orders.is_empty());
            LANDSCAPE.with(|landscape| orders.iter().for_each(|one| order(one, landscape)));
            let again = understand(body, &headers);
            assert_eq!(again, Ok(Heard::Orders(orders)), "the same body means the same");
            true
        }
    }
}

fn order(order: &Order, landscape: &Landscape) {
    let texts = [&order.change.request, &order.change.item, &order.change.description, &order.actor];
    for text in texts.into_iter().flatten().chain([&order.id]) {
        // Each becomes a trailer of a commit: it must not end it, nor begin another one.
        assert_eq!(text.lines().count(), 1, "{text:?}");
        assert!(!text.chars().any(char::is_control), "{text:?}");
        assert_eq!(text.trim(), text, "a trailer is read without the blanks around it");
    }
    match &order.ask {
        Ask::Push { .. } => {}
        Ask::Release { environment, version } => {
            is_version(version);
            if let Ok(found) = place::named(landscape, environment) {
                let found = landscape.find(&found).expect("it was found there");
                let (name, word) = (found.text.to_lowercase(), environment.as_str().to_lowercase());
                assert!(name == word || found.entry().is_some(), "{word} is not {name}");
            }
        }
        Ask::Event(event) => {
            if let Ok(Ok((name, version))) = place::awaited(landscape, event) {
                is_version(&version);
                let entry = landscape.find(&name).and_then(EnvironmentBranch::entry).expect("it has an entry");
                assert!(entry.jira_trigger.is_some(), "nothing reaches {name} but through its entry");
                assert_eq!(event.versions.len(), 1, "which one?");
            }
        }
    }
}

/// What is named is a version, `WIP` or a reference: never something that Git or a shell would take for something else.
fn is_version(version: &Declared) {
    if let Some(version) = version.version() {
        let tag = version.final_tag().to_string();
        assert!(
            tag.starts_with('v') && !tag.contains("..") && !tag.contains([' ', '~', '^', ':', '?', '*', '[', '\\'])
        );
        assert!(!tag.chars().any(char::is_control), "{tag:?}");
    }
    if let Some(text) = version.text() {
        assert_eq!(Declared::parse(&text).as_ref(), Ok(version), "it reads back as itself");
    }
}

thread_local! {
    /// A release repo whose environments wait for all that can be waited for. Two are of one type.
    static LANDSCAPE: Landscape = Landscape::new(
        [
            ("dev", "type: dev"),
            ("Test", "type: qa, jira-trigger: {statuses: [\"10002\", Ready for QA]}"),
            ("prod-eu", "type: prod, trigger: push"),
            ("prod-cn", "type: prod, jira-trigger: {version_released: true}"),
        ]
        .map(branch)
        .to_vec(),
    );
}

fn branch((name, entry): (&str, &str)) -> EnvironmentBranch {
    let text = format!("application: shop\nversion: 1.0.0\nenvironments:\n- {{name: {name}, {entry}}}\n");
    EnvironmentBranch {
        text: name.into(),
        name: EnvironmentName::parse(name).ok(),
        commit: CommitId::parse("823b2230a56056231c9425d63758fa87078a66b4").expect("an id"),
        changed_at: 0,
        changed_by: String::new(),
        named_candidate: None,
        file: ReleaseFile::parse("release.yml", text.as_bytes()).map(Rc::new).map_err(Unusable::Invalid),
        path: "release.yml",
        symbolic: None,
        local: LocalBranch::Same,
        local_only: false,
        deployment: None,
    }
}
