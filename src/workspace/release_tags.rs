//! The release tags of the app repo and its components, as `check` and `verify` look at them.

use std::collections::{BTreeMap, HashMap};

use gix::ObjectId;

use crate::domain::name::CommitId;
use crate::domain::tag_check::{AppTag, ComponentTag};
use crate::domain::tags::TagMessage;

use super::team::Member;
use super::{Result, Workspace};

impl Workspace {
    /// What is to be known of tags of the app repo, by name.
    pub(super) fn app_tags(&self, app: &Member, found: HashMap<String, ObjectId>) -> Result<BTreeMap<String, AppTag>> {
        let mut tags = BTreeMap::new();
        let mut lists: HashMap<CommitId, Vec<_>> = HashMap::new();
        for (name, id) in found {
            let Some(commit) = app.repository.peel_to_commit(id)? else { continue };
            let tag = if commit.object() == id { None } else { app.repository.tag(id)? };
            let message = tag.as_ref().and_then(|tag| TagMessage::parse(&tag.message));
            let candidate = message.as_ref().and_then(|message| message.candidate.clone());
            let components = match message {
                Some(message) => message.components.into_iter().map(|(name, id)| (name, Some(id))).collect(),
                None => match lists.get(&commit) {
                    Some(list) => list.clone(),
                    None => {
                        // A file that could not be read then can't be mended now.
                        let list = self.app_file(app, commit).map(|(file, _)| file.repositories).unwrap_or_default();
                        let list: Vec<_> =
                            list.into_iter().filter(|c| !c.is_pinned()).map(|c| (c.name, None)).collect();
                        lists.insert(commit, list.clone());
                        list
                    }
                },
            };
            // Pinned components are recorded as well, and have no tag of the release.
            let pinned: Vec<_> = if tag.is_some() && !components.is_empty() {
                let list = self.app_file(app, commit).map(|(file, _)| file.repositories).unwrap_or_default();
                list.into_iter().filter(|c| c.is_pinned()).map(|c| c.name).collect()
            } else {
                Vec::new()
            };
            let components = components.into_iter().filter(|(name, _)| !pinned.contains(name)).collect();
            tags.insert(name, AppTag { commit, annotated: tag.is_some(), components, candidate });
        }
        Ok(tags)
    }
}

/// What is to be known of tags of a component, by name.
pub(super) fn component_tags(
    member: &Member,
    found: HashMap<String, ObjectId>,
) -> Result<BTreeMap<String, ComponentTag>> {
    let mut tags = BTreeMap::new();
    for (name, id) in found {
        if let Some(commit) = member.repository.peel_to_commit(id)? {
            tags.insert(name, ComponentTag { commit, annotated: commit.object() != id });
        }
    }
    Ok(tags)
}
