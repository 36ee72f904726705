//! Chains put together by hand: what is proven, what is derived, what is missing, what contradicts itself.

use super::*;
use crate::domain::record;
use crate::domain::tags::{TagMessage, Tagged};

fn id(digit: char) -> CommitId {
    CommitId::parse(&digit.to_string().repeat(40)).expect("an id")
}

fn tag(text: &str) -> TagName {
    TagName::parse(text).expect("a tag")
}

fn name(text: &str) -> RepositoryName {
    RepositoryName::parse(text).expect("a name")
}

fn file(path: &str, blob: char) -> FileRecord {
    FileRecord { path: path.into(), blob: blob.to_string().repeat(40) }
}

/// A final release of an app with one component, found whole.
fn found() -> Found {
    Found {
        release_commit: Some(id('1')),
        declared: Some("1.2.0".into()),
        tagged_deployments: true,
        named: Some(tag("v1.2.0-rc.3")),
        tag: Some(tag("v1.2.0")),
        tagged: Some(Tagged {
            commit: id('a'),
            annotated: true,
            message: Some(TagMessage {
                components: vec![(name("back"), id('b'))],
                candidate: Some(tag("v1.2.0-rc.3")),
                release: None,
            }),
        }),
        candidate: Some(tag("v1.2.0-rc.3")),
        fixed_commit: None,
        former: Vec::new(),
        app: App::Read {
            name: name("app"),
            components: vec![Component {
                name: name("back"),
                tag: Some(tag("v1.2.0")),
                commit: Some(id('b')),
                has_clone: true,
            }],
            pipeline: Ok(file("app.yml", 'e')),
            values: vec![file("chart/values.yaml", 'f')],
        },
    }
}

fn recorded(change: impl Fn(&mut Record)) -> Record {
    let repository = |name: &str, digit| record::RepositoryRecord {
        name: name.into(),
        commit: id(digit).to_string(),
        r#ref: "refs/tags/v1.2.0".into(),
    };
    let line = r#"{"at":"2026-03-03T14:31:00.000Z","id":"1","schema":"relman.record/1","environment":"prod","outcome":"succeeded","version":"1.2.0","tag":"v1.2.0","candidate":"v1.2.0-rc.3"}"#;
    let mut record = record::parse(line).remove(0);
    record.release_commit = Some(id('1').to_string());
    record.app_commit = Some(id('a').to_string());
    record.repositories = vec![repository("app", 'a'), repository("back", 'b')];
    record.pipeline = Some(file("app.yml", 'e'));
    record.values = vec![file("chart/values.yaml", 'f')];
    change(&mut record);
    record
}

fn lacking(chain: &Chain) -> Vec<&str> {
    chain.missing.iter().map(|missing| missing.what.as_str()).collect()
}

#[test]
fn a_record_and_the_message_of_the_tag_prove_the_whole_chain() {
    let chain = Chain::new(&found(), Some(&recorded(|_| {})));
    assert!(chain.is_complete(), "{chain:?}");
    let all = vec![Witness::Record, Witness::Tag, Witness::Commit];
    assert_eq!(chain.candidate, Some(Link { value: "v1.2.0-rc.3".into(), proof: all }));
    assert_eq!(chain.app_commit, Some(Link { value: id('a'), proof: vec![Witness::Record, Witness::Tag] }));
    assert_eq!(chain.repositories.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["app", "back"]);
    assert_eq!(chain.repositories[1].proof, [Witness::Record, Witness::Tag]);
    assert_eq!(chain.pipeline.as_ref().map(|link| link.proof.clone()), Some(vec![Witness::Record]));
}

#[test]
fn without_a_record_much_is_derived_and_the_tag_proves_its_components() {
    let chain = Chain::new(&found(), None);
    assert_eq!(lacking(&chain), ["record"]);
    assert!(chain.version.as_ref().is_some_and(|link| link.proof.is_empty()));
    assert!(chain.pipeline.as_ref().is_some_and(|link| link.proof.is_empty()));
    // The release repo names the candidate that the tag finishes.
    assert_eq!(chain.app_commit, Some(Link { value: id('a'), proof: vec![Witness::Tag, Witness::Commit] }));
    assert_eq!(chain.repositories[1].proof, [Witness::Tag]);
    let unnamed = Chain::new(&Found { named: None, ..found() }, None);
    assert!(unnamed.app_commit.is_some_and(|link| link.proof.is_empty()), "another tag could have been taken");
}

#[test]
fn a_record_stands_alone_where_no_clone_is() {
    let found = Found {
        tagged: None,
        candidate: None,
        app: App::Unreadable { name: name("app"), why: "there is no clone of app".into(), file: None },
        ..found()
    };
    let chain = Chain::new(&found, Some(&recorded(|_| {})));
    assert!(chain.is_complete(), "{:?}", chain.missing);
    assert_eq!(chain.repositories[1].proof, [Witness::Record]);
    assert_eq!(lacking(&Chain::new(&found, None)), ["record", "app_commit", "repositories", "pipeline"]);
}

#[test]
fn a_component_that_nobody_names_is_missing() {
    let mut found = found();
    found.tagged = found.tagged.map(|tagged| Tagged { message: None, ..tagged });
    let App::Read { components, .. } = &mut found.app else { panic!("it was read") };
    // A tag by hand: its own tag in the component is the best that is known.
    assert_eq!(components.len(), 1);
    components[0].has_clone = false;
    components[0].commit = None;
    let without_repositories = recorded(|record| record.repositories.clear());
    assert_eq!(lacking(&Chain::new(&found, Some(&without_repositories))), ["back"]);
    let App::Read { components, .. } = &mut found.app else { panic!("it was read") };
    components[0].commit = Some(id('b'));
    let chain = Chain::new(&found, Some(&without_repositories));
    assert_eq!((lacking(&chain), chain.repositories[1].proof.clone()), (vec![], vec![]), "derived");
}

#[test]
fn what_two_witnesses_say_differently_is_said() {
    for (change, part) in [
        (
            Box::new(|record: &mut Record| record.app_commit = Some(id('9').to_string())) as Box<dyn Fn(&mut Record)>,
            "v1.2.0 is on",
        ),
        (
            Box::new(|record: &mut Record| record.repositories[1].commit = id('9').to_string()),
            "by the message of the tag",
        ),
        (
            Box::new(|record: &mut Record| record.version = Some("1.3.0".into())),
            "the release file at that commit says 1.2.0",
        ),
        (Box::new(|record: &mut Record| record.candidate = Some("v1.2.0-rc.2".into())), "v1.2.0-rc.3 by the tag"),
        (Box::new(|record: &mut Record| record.pipeline = Some(file("app.yml", '9'))), "app.yml is another file"),
    ] {
        let chain = Chain::new(&found(), Some(&recorded(change)));
        assert!(chain.contradictions.iter().any(|said| said.contains(part)), "{part}: {:?}", chain.contradictions);
        assert!(!chain.is_complete());
    }
}

#[test]
fn where_a_branch_stood_then_is_not_known_without_a_record() {
    let wip =
        Found { release_commit: Some(id('1')), declared: Some("WIP".into()), app: App::Unknown, ..Found::default() };
    assert_eq!(lacking(&Chain::new(&wip, None)), ["record", "app_commit", "pipeline"]);
}
