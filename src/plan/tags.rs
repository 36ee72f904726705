//! Planning tags: the same tag in every repository of a release, the app repo last.

use std::path::PathBuf;

use crate::domain::name::{CommitId, RepositoryName, TagName};
use crate::domain::tags::TagMessage;

use super::{Plan, Step};

/// A tag that is made and pushed; the remote is the lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagPush {
    /// The repository.
    pub name: RepositoryName,
    /// Its clone.
    pub folder: PathBuf,
    /// The remote; `None`: the tag is made in this repository itself.
    pub remote: Option<String>,
    /// The tag.
    pub tag: TagName,
    /// The commit that it marks.
    pub commit: CommitId,
    /// The message.
    pub message: String,
}

/// One repository of a release, as far as a tag is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The repository.
    pub name: RepositoryName,
    /// Its clone.
    pub folder: PathBuf,
    /// Its remote.
    pub remote: Option<String>,
    /// The commit that is to be marked.
    pub commit: CommitId,
    /// Whether the tag is there already.
    pub exists: bool,
    /// Whether the component is pinned to a tag of its own, and gets none.
    pub pinned: bool,
}

/// The tag that every repository is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagSet {
    /// The tag.
    pub tag: TagName,
    /// For a final tag, the candidate that it finishes.
    pub candidate: Option<TagName>,
    /// The commit of the release repo that asks for it.
    pub release: CommitId,
    /// The app repo.
    pub app: Candidate,
    /// The components, in the order of the app's list.
    pub components: Vec<Candidate>,
}

/// Plans what is missing of a tag: the components first, so that the app's tag proves that the whole set exists.
pub fn plan(set: &TagSet) -> Plan {
    let message = TagMessage {
        components: set.components.iter().map(|component| (component.name.clone(), component.commit)).collect(),
        candidate: set.candidate.clone(),
        release: Some(set.release),
    }
    .render(&set.tag);
    let missing = set.components.iter().filter(|component| !component.pinned).chain([&set.app]);
    let steps = missing
        .map(|repository| match repository.exists {
            true => Step::Keep { summary: format!("keep {} in {}", set.tag, repository.name) },
            false => Step::PushTag(TagPush {
                name: repository.name.clone(),
                folder: repository.folder.clone(),
                remote: repository.remote.clone(),
                tag: set.tag.clone(),
                commit: repository.commit,
                message: message.clone(),
            }),
        })
        .collect();
    Plan { steps }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: char) -> CommitId {
        CommitId::parse(&digit.to_string().repeat(40)).expect("an id")
    }

    fn repository(name: &str, commit: char) -> Candidate {
        Candidate {
            name: RepositoryName::parse(name).expect("a name"),
            folder: name.into(),
            remote: Some("origin".into()),
            commit: id(commit),
            exists: false,
            pinned: false,
        }
    }

    fn set() -> TagSet {
        TagSet {
            tag: TagName::parse("v1.0.0-rc.1").expect("a tag"),
            candidate: None,
            release: id('f'),
            app: repository("app", 'a'),
            components: vec![repository("back", 'b'), repository("lib", 'c')],
        }
    }

    fn names(plan: &Plan) -> Vec<String> {
        let name = |step: &Step| match step {
            Step::PushTag(push) => push.name.to_string(),
            other => other.summary(),
        };
        plan.steps.iter().map(name).collect()
    }

    #[test]
    fn the_app_repo_is_tagged_last() {
        assert_eq!(names(&plan(&set())), ["back", "lib", "app"]);
    }

    #[test]
    fn what_is_there_is_kept_and_what_is_pinned_is_left_alone() {
        let mut set = set();
        set.components[0].exists = true;
        set.components[1].pinned = true;
        assert_eq!(names(&plan(&set)), ["keep v1.0.0-rc.1 in back", "app"]);
    }

    #[test]
    fn every_tag_says_where_the_whole_set_stands() {
        let plan = plan(&set());
        for step in &plan.steps {
            let Step::PushTag(push) = step else { panic!("{step:?}") };
            let message = TagMessage::parse(&push.message).expect("ours");
            assert_eq!(message.components.iter().map(|(_, id)| *id).collect::<Vec<_>>(), [id('b'), id('c')]);
            assert_eq!(message.release, Some(id('f')));
        }
    }
}
