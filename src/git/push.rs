//! Pushing, and what the failure of a push means: somebody else was first, or the server does not want it.

use crate::domain::name::{BranchName, CommitId};
use crate::plan::Expected;

use super::Result;
use super::error::{Error, Said};
use super::finished::Finished;
use super::program::Git;
use super::repository::Repository;

/// The words of a server that found something else under the name than was expected.
const RACED: [&str; 4] = ["but expected", "reference already exists", "cannot lock ref", "failed to update ref"];

/// How `git push --porcelain` begins the line of a reference that was not taken. A hook of the clone prints what it likes
/// beside that.
const REFUSED: &str = "!\t";

impl Repository {
    /// The beginning of every push: the outcome can be read, no tag goes along unasked, and a remote that does not
    /// answer is given up.
    pub(super) fn push_call(&self) -> Git {
        // What Git advises then is to merge; what relman advises stands beside its own error.
        let git = self.git().limited().config("advice.pushUpdateRejected=false");
        git.args(["push", "--porcelain", "--no-follow-tags"])
    }

    /// Refuses a remote with several push URLs: where one push reaches several places, no refusal undoes what another
    /// one took.
    pub fn require_one_push_url(&self, remote: &str) -> Result<()> {
        if self.remote(Some(remote))?.is_some_and(|remote| remote.several_push_urls) {
            return Err(Error::SeveralPushUrls { path: self.folder().to_owned(), remote: remote.to_owned() });
        }
        Ok(())
    }

    /// Pushes branches under their own names, without force, and lets the local ones follow the remote's.
    pub(super) fn push_branches(&self, remote: &str, branches: &[BranchName]) -> Result<()> {
        self.require_one_push_url(remote)?;
        let refspecs = branches.iter().map(|branch| format!("{0}:{0}", branch.full()));
        let call = self.push_call().args(["--quiet", "--set-upstream", "--"]);
        outcome(self, remote, call.arg(remote).args(refspecs).output()?)
    }

    /// Pushes one commit to a branch of a remote, which must be what was read. Returns what the remote said to it.
    pub fn push_commit(
        &self,
        remote: &str,
        commit: CommitId,
        branch: &BranchName,
        expected: Expected,
    ) -> Result<Vec<String>> {
        self.require_one_push_url(remote)?;
        // Without it a push would bring back what somebody has just reset or deleted: all that Git asks for is that the
        // new commit continues the old one. With `Parent` it does; only with `Replaced` is anything taken away.
        let lease = match expected {
            Expected::Absent => String::new(),
            Expected::Parent(old) | Expected::Replaced(old) => old.to_string(),
        };
        let call = self.push_call().arg("--quiet").arg(format!("--force-with-lease={}:{lease}", branch.full()));
        let finished = call.arg("--").arg(remote).arg(format!("{commit}:{}", branch.full())).output()?;
        let words = words(&finished.stderr());
        outcome(self, remote, finished)?;
        Ok(words)
    }
}

/// What became of a push by `git push --porcelain`: one line for each reference.
pub(super) fn outcome(repository: &Repository, remote: &str, finished: Finished) -> Result<()> {
    let printed = String::from_utf8_lossy(finished.stdout()).into_owned();
    let refused: Vec<&str> = printed.lines().filter(|line| line.starts_with(REFUSED)).collect();
    if refused.is_empty() {
        return if finished.is_success() { Ok(()) } else { Err(finished.remote_failure(remote)) };
    }
    let cause = Said::new(format!("{}\n{}", refused.join("\n"), finished.stderr()));
    let (path, remote) = (repository.folder().to_owned(), remote.to_owned());
    Err(if refused.iter().all(|line| is_raced(line)) {
        Error::Rejected { path, remote, cause }
    } else {
        Error::Declined { path, remote, cause }
    })
}

/// What the remote's own hooks printed, line by line; Git marks each of them.
fn words(stderr: &str) -> Vec<String> {
    let marked = stderr.lines().filter_map(|line| line.strip_prefix("remote:"));
    marked.map(|line| line.trim_end().strip_prefix(' ').unwrap_or_default().to_owned()).collect()
}

/// Whether one of the references was refused for another reason than that somebody else was first.
pub(super) fn is_servers_will(printed: &str) -> bool {
    printed.lines().any(|line| line.starts_with('!') && !is_raced(line))
}

/// Whether somebody else was first. `[rejected]` is Git's own word for a branch that is not what it was; what is
/// `[remote rejected]` for another reason is the server's will: a hook, a protected branch.
fn is_raced(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    !lower.contains("[remote rejected]") || RACED.iter().any(|words| lower.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_remote_are_told_from_those_of_git() {
        let said =
            words("To /srv/shop.git\nremote: deployed        \nremote:   by a hook\nremote:\nerror: remote: no\n");
        assert_eq!(said, ["deployed", "  by a hook", ""]);
    }

    #[test]
    fn a_lost_race_is_told_from_a_refusal() {
        for (line, raced) in [
            ("!\ta:b\t[rejected] (fetch first)", true),
            ("!\ta:b\t[rejected] (stale info)", true),
            ("!\ta:b\t[remote rejected] (cannot lock ref 'b': is at 1 but expected 2)", true),
            ("!\ta:b\t[remote rejected] (reference already exists)", true),
            ("!\ta:b\t[remote rejected] (failed to update ref)", true),
            ("!\ta:b\t[remote rejected] (pre-receive hook declined)", false),
            ("!\ta:b\t[remote rejected] (protected branch)", false),
            ("!\ta:b\t[remote rejected] (permission denied)", false),
        ] {
            assert_eq!(is_raced(line), raced, "{line}");
        }
    }
}
