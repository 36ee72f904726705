//! Asking remotes, by `git fetch`: what is asked lands in `refs/relman/<remote>/…`, never in `refs/tags`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::domain::name::{BranchName, CommitId, TagName};
use crate::domain::record::NOTES_REF;
use crate::domain::version::Version;

use super::Result;
use super::error::{Error, Said};
use super::program::Git;
use super::repository::Repository;
use super::threads::both;
use super::write::RefChange;

/// How often a fetch is tried again that met another one in the same clone.
const FETCH_TRIES: u32 = 6;

/// How long it waits before, and longer with each try.
const FETCH_PAUSE: Duration = Duration::from_millis(50);

/// A file in the Git directory whose age tells when everything was fetched last.
const FETCHED_MARK: &str = "relman-fetched";

/// Where the tags of a remote are kept, so that a tag which exists here only can't look like the remote's.
pub fn asked_tags(remote: &str) -> String {
    format!("refs/relman/{remote}/tags/")
}

/// Where the records of a remote are kept.
pub(super) fn asked_records(remote: &str) -> String {
    format!("refs/relman/{remote}/notes/deployments")
}

impl Repository {
    fn fetch_call(&self) -> Git {
        // Housekeeping must not hold up a command that a person waits for.
        self.git().limited().config("gc.auto=0").config("maintenance.auto=false").args([
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
            "--prune",
        ])
    }

    /// Fetches, and forgets what the remote has no more. HEAD is asked for as a witness: what answers with a page instead
    /// of a repository is one without references to Git, and everything that is known of the remote would be forgotten.
    fn fetch(&self, remote: &str, refspecs: &[String]) -> Result<()> {
        let mut witness = Some("HEAD");
        let mut tries = 0;
        loop {
            let finished = self.fetch_call().arg("--").arg(remote).args(witness).args(refspecs).output()?;
            if finished.is_success() {
                return Ok(());
            }
            let said = finished.stderr();
            if witness.is_some() && said.contains("couldn't find remote ref HEAD") {
                self.require_branches(remote)?;
                witness = None;
                continue;
            }
            // Another fetch in this clone, perhaps one whose relman was killed, has the same references in hand.
            tries += 1;
            let failure = finished.remote_failure(remote);
            let is_race = said.contains("cannot lock ref") && !matches!(failure, Error::Write { .. });
            if tries > FETCH_TRIES || !is_race {
                return Err(failure);
            }
            std::thread::sleep(FETCH_PAUSE * tries);
        }
    }

    /// Refuses a remote that lists no branch, if this clone knows some of it. One that was never filled is fine, and so is
    /// one whose HEAD names a branch that it has not.
    fn require_branches(&self, remote: &str) -> Result<()> {
        let asked = self.git().limited().args(["ls-remote", "--quiet", "--exit-code", "--heads", "--"]).arg(remote);
        let asked = asked.output()?;
        let prefix = format!("refs/remotes/{remote}/");
        // What names the default branch outlives the branches.
        let known = self.list_refs(&prefix)?.iter().any(|reference| reference.name[prefix.len()..] != *b"HEAD");
        match asked.status() {
            Some(0) => Ok(()),
            Some(2) if !known => Ok(()),
            Some(2) => Err(Error::Unreachable {
                path: self.folder().to_owned(),
                remote: remote.to_owned(),
                is_needed: false,
                cause: Said::new(format!(
                    "it lists no branch at all, and this clone knows some of it: is that a login page, or another \
                     repository? Where it is empty by intent, git remote prune {remote} forgets them"
                )),
            }),
            _ => Err(asked.remote_failure(remote)),
        }
    }

    /// Asks a remote for the candidates and the final tag of a version. With `heads`, for all branches too.
    ///
    /// The server filters by the prefix, so a million tags of other versions cost nothing.
    pub fn fetch_version(&self, remote: &str, version: &Version, heads: bool) -> Result<()> {
        let prefix = version.candidate_prefix();
        let into = asked_tags(remote);
        let mut refspecs = vec![format!("+refs/tags/{prefix}*:{into}{prefix}*")];
        if heads {
            refspecs.push(all_heads(remote));
        }
        // Two connections side by side: a reference that does not exist would fail the whole of one.
        let git_dir = self.git_dir();
        let ask = || Repository::open(git_dir)?.fetch_tag(remote, &version.final_tag());
        let (asked, listed) = both(ask, || self.fetch(remote, &refspecs));
        listed.and(asked)
    }

    /// Asks a remote whether it is there, and lets us in.
    pub fn reach(&self, remote: &str) -> Result<()> {
        let finished =
            self.git().args(["ls-remote", "--quiet", "--exit-code", "--"]).arg(remote).arg("HEAD").output()?;
        // Status 2: it answers, and has nothing yet.
        if finished.is_success() || finished.status() == Some(2) {
            Ok(())
        } else {
            Err(finished.remote_failure(remote))
        }
    }

    /// Asks a remote for one tag. A remote without it is no error; a tag that was kept from before is then forgotten.
    pub fn fetch_tag(&self, remote: &str, tag: &TagName) -> Result<()> {
        let kept = format!("{}{tag}", asked_tags(remote));
        let asked = self.fetch_call().arg("--").arg(remote).arg(format!("+{}:{kept}", tag.full())).output()?;
        if asked.is_success() {
            return Ok(());
        }
        if asked.stderr().contains("couldn't find remote ref") {
            return self.forget(&kept);
        }
        Err(asked.remote_failure(remote))
    }

    /// Asks a remote for all its branches.
    pub fn fetch_heads(&self, remote: &str) -> Result<()> {
        self.fetch(remote, &[all_heads(remote)])
    }

    /// Asks a remote for the environment branches and the records, whatever the clone is set to fetch.
    pub fn fetch_environments(&self, remote: &str) -> Result<()> {
        self.fetch(
            remote,
            &[format!("+refs/heads/environment/*:refs/remotes/{remote}/environment/*"), asked_notes(remote)],
        )?;
        self.take_records(remote)
    }

    /// Like [`Repository::fetch_environments`], and the branches that promotions are proposed from.
    pub fn fetch_promotions(&self, remote: &str) -> Result<()> {
        self.fetch(
            remote,
            &[
                format!("+refs/heads/environment/*:refs/remotes/{remote}/environment/*"),
                format!("+refs/heads/promote/*:refs/remotes/{remote}/promote/*"),
                asked_notes(remote),
            ],
        )?;
        self.take_records(remote)
    }

    /// Asks a remote for the records alone.
    pub(super) fn fetch_records(&self, remote: &str) -> Result<()> {
        self.fetch(remote, &[asked_notes(remote)])
    }

    /// Moves the records forward to what a remote was just asked for. Records that the remote does not have stay.
    pub(super) fn take_records(&self, remote: &str) -> Result<()> {
        let Some(asked) = self.find_ref(&asked_records(remote))? else { return Ok(()) };
        let own = self.find_ref(NOTES_REF)?;
        if own == Some(asked) {
            return Ok(());
        }
        if let Some(own) = own
            && !self.reaches(CommitId::new(asked), CommitId::new(own))?
        {
            return Ok(());
        }
        let change = RefChange { name: NOTES_REF.to_owned(), old: own, new: asked };
        match self.update_refs("relman: records of the remote", &[change]) {
            // Another relman has done the same meanwhile.
            Err(Error::Moved { .. }) => Ok(()),
            outcome => outcome,
        }
    }

    /// Completes the history of the environment branches in a shallow clone.
    pub fn fetch_history(&self, remote: &str) -> Result<()> {
        let environments = format!("+refs/heads/environment/*:refs/remotes/{remote}/environment/*");
        let finished = self.fetch_call().args(["--unshallow", "--"]).arg(remote).arg(environments).output()?;
        if finished.is_success() { Ok(()) } else { Err(finished.remote_failure(remote)) }
    }

    /// Completes the history of all branches in a shallow clone.
    pub fn fetch_whole_history(&self, remote: &str) -> Result<()> {
        let finished = self.fetch_call().args(["--unshallow", "--"]).arg(remote).arg(all_heads(remote)).output()?;
        if finished.is_success() { Ok(()) } else { Err(finished.remote_failure(remote)) }
    }

    /// Brings everything that relman reads: branches, tags and records. The clone's own tags stay as they are.
    pub fn fetch_everything(&self, remote: &str) -> Result<()> {
        self.fetch(remote, &[all_heads(remote), asked_notes(remote), format!("+refs/tags/*:{}*", asked_tags(remote))])?;
        self.take_records(remote)?;
        if self.find_ref(&format!("refs/remotes/{remote}/HEAD"))?.is_none() {
            // Without it the default branch is unknown. A remote that has none says so; nothing else depends on it.
            self.git().limited().args(["remote", "set-head", remote, "--auto"]).output()?;
        }
        self.mark_fetched(remote)
    }

    /// Deletes a reference below `refs/relman/`, where only relman writes.
    fn forget(&self, name: &str) -> Result<()> {
        if self.find_ref(name)?.is_some() {
            self.git().args(["update-ref", "-d"]).arg(name).run()?;
        }
        Ok(())
    }

    /// The default branch: the remote's where there is one, as far as this clone knows it.
    pub fn default_branch(&self, remote: Option<&str>) -> Result<Option<BranchName>> {
        if let Some(remote) = remote {
            let prefix = format!("refs/remotes/{remote}/");
            if let Some(target) = self.symbolic_ref(&format!("{prefix}HEAD"))?
                && let Some(name) = target.strip_prefix(prefix.as_bytes())
            {
                return Ok(branch_of(name));
            }
            for name in ["main", "master"] {
                if self.find_ref(&format!("{prefix}{name}"))?.is_some() {
                    return Ok(BranchName::parse(name).ok());
                }
            }
        } else if !self.is_bare() {
            // Without a remote, what is checked out may be anybody's work of the moment.
            for name in ["main", "master"] {
                if self.find_ref(&format!("refs/heads/{name}"))?.is_some() {
                    return Ok(BranchName::parse(name).ok());
                }
            }
        }
        let head = self.head_branch()?;
        Ok(head.and_then(|full| full.strip_prefix(b"refs/heads/").and_then(branch_of)))
    }

    /// When this clone was last brought up to date, in seconds since 1970; `None` where that was never.
    pub fn fetched_at(&self) -> Option<i64> {
        let at = |name| self.changed_at(name)?.duration_since(UNIX_EPOCH).ok();
        // A new clone has neither mark, but git has just written its packed references.
        let age = at("FETCH_HEAD").max(at(FETCHED_MARK)).or_else(|| at("packed-refs"))?;
        Some(i64::try_from(age.as_secs()).unwrap_or(i64::MAX))
    }

    /// When a file in the Git directory was written last.
    fn changed_at(&self, name: &str) -> Option<SystemTime> {
        std::fs::metadata(self.gix.common_dir().join(name)).ok()?.modified().ok()
    }

    /// Whether `relman fetch` has brought everything at least once, all tags among it.
    pub fn was_fetched_whole(&self) -> bool {
        self.gix.common_dir().join(FETCHED_MARK).is_file()
    }

    /// Whether all tags of a remote are kept: everything was brought, and git has fetched nothing by itself since then.
    pub fn keeps_all_tags(&self, remote: &str) -> bool {
        let whole = self.changed_at(FETCHED_MARK);
        let from = || std::fs::read_to_string(self.gix.common_dir().join(FETCHED_MARK));
        whole.is_some() && whole >= self.changed_at("FETCH_HEAD") && from().is_ok_and(|from| from == remote)
    }

    /// Whether this clone has been told of all branches of a remote: one of a single branch has not, nor of tags that stand
    /// elsewhere, until `relman fetch` has brought everything.
    pub fn knows_all_branches(&self, remote: &str) -> bool {
        let refspecs = self.configs(&format!("remote.{remote}.fetch"));
        let all = |refspec: &String| {
            let source = refspec.trim_start_matches('+').split(':').next().unwrap_or_default();
            matches!(source, "refs/heads/*" | "refs/*")
        };
        self.was_fetched_whole() || refspecs.iter().any(all)
    }

    /// Leaves a mark that says when this clone was brought up to date, and from which remote; relman's fetches write no
    /// `FETCH_HEAD`.
    fn mark_fetched(&self, remote: &str) -> Result<()> {
        std::fs::write(self.gix.common_dir().join(FETCHED_MARK), remote).map_err(|cause| Error::Io {
            what: format!("the time of the fetch can't be noted in {}", self.folder().display()),
            cause,
        })
    }
}

fn branch_of(name: &[u8]) -> Option<BranchName> {
    std::str::from_utf8(name).ok().and_then(|name| BranchName::parse(name).ok())
}

fn asked_notes(remote: &str) -> String {
    format!("+refs/notes/relman/*:refs/relman/{remote}/notes/*")
}

fn all_heads(remote: &str) -> String {
    format!("+refs/heads/*:refs/remotes/{remote}/*")
}

/// Whether an error means that a remote could not be asked, so that a clone may still have an answer.
pub fn is_remote_error(error: &Error) -> bool {
    matches!(error, Error::Unreachable { .. } | Error::Unauthorised { .. })
}
