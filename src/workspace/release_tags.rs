//! The release tags of the app repo and its components, as `check` and `verify` look at them.

use std::collections::HashMap;

use gix::ObjectId;

use crate::domain::name::CommitId;
use crate::domain::tag_check::{AppTag, ComponentTag, ReleaseTags};
use crate::domain::tags::TagMessage;

use super::team::Member;
use super::{Result, Workspace};

impl Workspace {
    /// Adds what is to be known of tags of the app repo.
    pub(super) fn add_app_tags(
        &self,
        app: &Member,
        found: HashMap<String, ObjectId>,
        tags: &mut ReleaseTags,
    ) -> Result<()> {
        let mut lists: HashMap<CommitId, Vec<_>> = HashMap::new();
        for (name, id) in found {
            let commit = match app.repository.peel(id)? {
                Ok(commit) => commit,
                Err(kind) => {
                    tags.elsewhere.insert((app.name.to_string(), name), kind);
                    continue;
                }
            };
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
            tags.app.insert(name, AppTag { commit, annotated: tag.is_some(), components, candidate });
        }
        Ok(())
    }
}

/// Adds what is to be known of tags of a component.
pub(super) fn add_component_tags(
    member: &Member,
    found: HashMap<String, ObjectId>,
    tags: &mut ReleaseTags,
) -> Result<()> {
    let own = tags.components.entry(member.name.clone()).or_default();
    for (name, id) in found {
        match member.repository.peel(id)? {
            Ok(commit) => drop(own.insert(name, ComponentTag { commit, annotated: commit.object() != id })),
            Err(kind) => drop(tags.elsewhere.insert((member.name.to_string(), name), kind)),
        }
    }
    Ok(())
}
