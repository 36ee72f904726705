//! Checking commits out into a private folder, without touching the clone that they come from.

use std::path::Path;

use crate::domain::location::without_credentials;
use crate::domain::name::CommitId;

use super::Result;
use super::error::Error;
use super::program::Git;
use super::repository::Repository;

impl Repository {
    /// Makes a repository in a new folder with exactly this commit checked out.
    ///
    /// It borrows the objects of this one, so that nothing is copied; what a partial clone lacks, it brings in itself.
    pub fn check_out_into(&self, folder: &Path, commit: CommitId, remote: Option<&str>) -> Result<()> {
        let io = |what: &'static str| {
            let what = format!("{what} in {} can't be written", folder.display());
            move |cause| Error::Io { what, cause }
        };
        Git::in_folder(folder.parent().unwrap_or(folder))
            .args(["init", "--quiet", "--template="])
            .arg(format!("--object-format={}", self.hash()))
            .arg("--")
            .arg(folder)
            .run()?;
        let common = std::path::absolute(self.gix.common_dir()).unwrap_or_else(|_| self.gix.common_dir().to_owned());
        let own = folder.join(".git");
        std::fs::create_dir_all(own.join("objects/info")).map_err(io("the checkout"))?;
        let alternates = format!("{}\n", quoted(&common.join("objects")));
        std::fs::write(own.join("objects/info/alternates"), alternates).map_err(io("the checkout"))?;
        if common.join("shallow").is_file() {
            std::fs::copy(common.join("shallow"), own.join("shallow")).map_err(io("the checkout"))?;
        }
        let set = |key: &str, value: &str| Git::in_folder(folder).args(["config", key, value]).run().map(|_| ());
        let url = match remote {
            Some(remote) => self.remote(Some(remote))?.and_then(|remote| remote.url),
            None => None,
        };
        if let Some(url) = url.as_deref().map(|url| self.from_anywhere(url)) {
            if self.is_partial() {
                set("remote.origin.url", &url)?;
                set("core.repositoryformatversion", "1")?;
                set("extensions.partialClone", "origin")?;
                set("remote.origin.promisor", "true")?;
                set("remote.origin.partialclonefilter", "blob:none")?;
            }
        }
        let finished = Git::in_folder(folder)
            // A hook of the user's own is not meant for this folder.
            .config("core.hooksPath=/dev/null")
            .config("advice.detachedHead=false")
            .args(["checkout", "--quiet", "--detach"])
            .arg(commit.to_string())
            .output()?;
        if !finished.is_success() {
            return Err(finished.failure());
        }
        match url {
            // What stands in a clone's URL to log in with is not for the steps.
            Some(url) => set("remote.origin.url", &without_credentials(&self.from_anywhere(&url))),
            None => Ok(()),
        }
    }

    /// A URL that means the same in another folder: a relative path begins at this repository.
    fn from_anywhere(&self, url: &str) -> String {
        let is_path = !url.contains("://") && !url.split('/').next().is_some_and(|start| start.contains(':'));
        if is_path { self.folder().join(url).display().to_string() } else { url.to_owned() }
    }
}

/// A path as `alternates` wants it: one with unusual characters in quotes, as in C.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    if text.starts_with('"') || text.starts_with('#') || text.contains('\n') {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
    } else {
        text
    }
}
