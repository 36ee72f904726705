//! All notes of a reference at once, for whoever asks for many: the tree is read once, and no note twice.

use std::collections::HashMap;

use gix::ObjectId;
use gix::bstr::{BStr, BString, ByteSlice as _};

use crate::domain::name::CommitId;

use super::Result;
use super::objects::{Entry, EntryKind};
use super::repository::Repository;

impl Repository {
    /// What has a note in one tree that it has not in an older one, or another one there.
    pub(super) fn notes_between(&self, before: Option<ObjectId>, now: ObjectId) -> Result<Vec<ObjectId>> {
        let digits = self.hash().len_in_hex();
        let mut found = Vec::new();
        let mut folders = vec![(before, now, String::new())];
        while let Some((before, now, prefix)) = folders.pop() {
            let old: HashMap<BString, Entry> = match before {
                Some(before) => self.folder_entries(before)?.into_iter().collect(),
                None => HashMap::new(),
            };
            for (name, entry) in self.folder_entries(now)? {
                let same = old.get(&name).filter(|old| old.kind == entry.kind);
                let Some(part) = hexadecimal(name.as_bstr()).filter(|_| same.is_none_or(|old| old.id != entry.id))
                else {
                    continue;
                };
                let name = format!("{prefix}{part}");
                match entry.kind {
                    EntryKind::File if name.len() == digits => {
                        found.extend(ObjectId::from_hex(name.as_bytes()).ok());
                    }
                    EntryKind::Folder if part.len() == 2 && name.len() < digits => {
                        folders.push((same.map(|old| old.id), entry.id, name));
                    }
                    _ => {}
                }
            }
        }
        Ok(found)
    }

    /// The notes of a notes commit: what each one is on, and the blob that holds it.
    ///
    /// Git spreads many notes over folders named after the first digits of the object. What else lies in the tree is
    /// no note.
    pub fn all_notes(&self, notes: CommitId) -> Result<Vec<(ObjectId, ObjectId)>> {
        let digits = self.hash().len_in_hex();
        let mut found = Vec::new();
        let mut folders = vec![(self.commit(notes)?.tree, String::new())];
        while let Some((tree, prefix)) = folders.pop() {
            for (name, entry) in self.folder_entries(tree)? {
                let Some(part) = hexadecimal(name.as_bstr()) else { continue };
                let name = format!("{prefix}{part}");
                match entry.kind {
                    EntryKind::File if name.len() == digits => {
                        if let Ok(on) = ObjectId::from_hex(name.as_bytes()) {
                            found.push((on, entry.id));
                        }
                    }
                    EntryKind::Folder if part.len() == 2 && name.len() < digits => folders.push((entry.id, name)),
                    _ => {}
                }
            }
        }
        Ok(found)
    }
}

fn hexadecimal(name: &BStr) -> Option<&str> {
    let digits = name.iter().all(u8::is_ascii_hexdigit);
    digits.then(|| name.to_str().ok()).flatten()
}
