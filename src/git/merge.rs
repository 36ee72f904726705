//! Trying a merge out without touching anything.

use crate::domain::name::CommitId;
use crate::domain::promotion::Simulation;
use crate::domain::release_file::ReleaseFile;
use crate::domain::yaml::MAX_FILE;
use crate::domain::yaml::edit::set_scalar;

use super::Result;
use super::objects::Content;
use super::repository::Repository;

impl Repository {
    /// Merges `source` into `target` in the object database alone, and looks at what came of it.
    pub fn simulate_merge(&self, target: CommitId, source: CommitId, path: &str) -> Result<Simulation> {
        let finished = self
            .git()
            .args(["merge-tree", "--write-tree", "--no-messages"])
            .arg(target.to_string())
            .arg(source.to_string())
            .output()?;
        let said = finished.stderr();
        match finished.status() {
            Some(0) => {}
            Some(1) => return Ok(Simulation::Conflict),
            _ if said.contains("unrelated histories") => return Ok(Simulation::Unrelated),
            _ if said.contains("usage:") || said.contains("unknown option") => return Ok(Simulation::GitTooOld),
            _ => return Err(finished.failure()),
        }
        let printed = String::from_utf8_lossy(finished.stdout()).trim().to_owned();
        let tree = gix::ObjectId::from_hex(printed.as_bytes())
            .map_err(|_| self.unreadable("the merge", "git merge-tree printed no tree"))?;
        let before = self.commit(target)?.tree;
        if tree == before {
            return Ok(Simulation::Nothing);
        }
        let (old, new) = (self.text_at(before, path)?, self.text_at(tree, path)?);
        let version = new
            .as_ref()
            .and_then(|text| ReleaseFile::parse(path, text.as_bytes()).ok())
            .and_then(|file| file.version.text());
        let only_version = match (&old, &new, &version) {
            // Every byte but those of the value must be the same, comments and quotes included.
            (Some(old), Some(new), Some(version)) => {
                self.differ_only_in(before, tree, path)?
                    && set_scalar(old, "version", version).is_ok_and(|text| text == *new)
            }
            _ => false,
        };
        Ok(Simulation::Clean { tree, version, only_version })
    }

    /// The text of a file in a tree; `None` where there is none, or it is no text.
    pub fn text_at(&self, tree: gix::ObjectId, path: &str) -> Result<Option<String>> {
        let Some(entry) = self.entry(tree, path)? else { return Ok(None) };
        match self.content(entry.id, MAX_FILE as u64)? {
            Content::Bytes(bytes) => Ok(String::from_utf8(bytes).ok()),
            Content::TooLarge(_) => Ok(None),
        }
    }

    /// Whether two trees are the same but for one file at their top.
    pub fn differ_only_in(&self, a: gix::ObjectId, b: gix::ObjectId, path: &str) -> Result<bool> {
        let without = |tree| -> Result<Vec<_>> {
            Ok(self.folder_entries(tree)?.into_iter().filter(|(name, _)| name != path).collect())
        };
        Ok(without(a)? == without(b)?)
    }
}
