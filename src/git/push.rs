//! Pushing, and what the failure of a push means: somebody else was first, or the server does not want it.

use std::path::Path;

use gix::ObjectId;

use crate::domain::name::{BranchName, CommitId};
use crate::domain::problem::Problem;
use crate::domain::text::excerpt;
use crate::plan::Expected;

use super::Result;
use super::error::{Error, Said};
use super::finished::Finished;
use super::program::Git;
use super::repository::Repository;

/// The words of a server that found something else under the name than was expected.
const RACED: [&str; 4] = ["but expected", "reference already exists", "cannot lock ref", "failed to update ref"];

/// What came of a push that the remote has taken.
#[derive(Debug, Default)]
pub struct Pushed {
    /// What the remote's own hooks printed, line by line.
    pub words: Vec<String>,
    /// That the clone could not note what the remote has now.
    pub unnoted: Option<Problem>,
}

/// A line of `git push --porcelain`: what became of one reference.
pub(super) struct Line<'p> {
    /// `!` where it was refused, `=` where it stood so before.
    pub(super) flag: char,
    /// The full name at the remote.
    to: &'p str,
    /// All of it.
    pub(super) text: &'p str,
}

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

    /// Why a push failed of which Git tells no reference. What a hook of the clone prints can read as if the remote were out
    /// of reach or shut, so where there is such a hook, the same push is tried without it, and without pushing anything.
    pub(super) fn push_failure(
        &self,
        remote: &str,
        wanted: &[(String, ObjectId)],
        finished: &Finished,
    ) -> Result<Error> {
        let error = finished.remote_failure(remote);
        if !matches!(error, Error::Unreachable { .. } | Error::Unauthorised { .. }) {
            return Ok(error);
        }
        let hook = self.git().args(["rev-parse", "--path-format=absolute", "--git-path", "hooks/pre-push"]).line()?;
        if !Path::new(&hook).exists() {
            return Ok(error);
        }
        let tried = self.push_call().args(["--dry-run", "--no-verify", "--"]).arg(remote);
        let tried = tried.args(wanted.iter().map(|(name, id)| format!("{id}:{name}"))).output()?;
        let is_shut = || {
            let error = tried.remote_failure(remote);
            matches!(error, Error::Unreachable { .. } | Error::Unauthorised { .. })
        };
        Ok(if tried.is_success() || !is_shut() { finished.failure() } else { error })
    }

    /// Asks a remote whether it has these objects under these names, or what continues them.
    fn is_at(&self, remote: &str, wanted: &[(String, ObjectId)]) -> Result<bool> {
        let asked = self.git().limited().args(["ls-remote", "--quiet", "--"]).arg(remote);
        let asked = asked.args(wanted.iter().map(|(name, _)| name)).output()?;
        if !asked.is_success() {
            return Err(asked.remote_failure(remote));
        }
        let listed = String::from_utf8_lossy(asked.stdout()).into_owned();
        for (name, id) in wanted {
            let now = listed.lines().filter_map(|line| line.split_once('\t')).find(|(_, listed)| listed == name);
            let Some(now) = now.and_then(|(now, _)| ObjectId::from_hex(now.as_bytes()).ok()) else { return Ok(false) };
            if now != *id && !self.goes_on(remote, name, CommitId::new(now), CommitId::new(*id))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether what a remote has under a name by now continues a commit. No reference of the clone is moved to know it.
    fn goes_on(&self, remote: &str, name: &str, now: CommitId, commit: CommitId) -> Result<bool> {
        let call = self.git().limited().args(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--refmap="]);
        call.arg("--").arg(remote).arg(name).output()?;
        Ok(self.is_commit(now)? && self.is_commit(commit)? && self.reaches(now, commit)?)
    }

    /// Pushes branches under their own names, without force, and lets the local ones follow the remote's.
    pub(super) fn push_branches(&self, remote: &str, branches: &[BranchName]) -> Result<Pushed> {
        self.require_one_push_url(remote)?;
        let names: Vec<String> = branches.iter().map(BranchName::full).collect();
        let call = self.push_call().args(["--set-upstream", "--"]).arg(remote);
        let finished = call.args(names.iter().map(|name| format!("{name}:{name}"))).output()?;
        let mut wanted = Vec::new();
        for name in names {
            wanted.extend(self.find_ref(&name)?.map(|id| (name, id)));
        }
        outcome(self, remote, &wanted, finished)
    }

    /// Pushes one commit to a branch of a remote, which must be what was read.
    pub fn push_commit(
        &self,
        remote: &str,
        commit: CommitId,
        branch: &BranchName,
        expected: Expected,
    ) -> Result<Pushed> {
        self.require_one_push_url(remote)?;
        // Without it a push would bring back what somebody has just reset or deleted: all that Git asks for is that the
        // new commit continues the old one. With `Parent` it does; only with `Replaced` is anything taken away.
        let lease = match expected {
            Expected::Absent => String::new(),
            Expected::Parent(old) | Expected::Replaced(old) => old.to_string(),
        };
        let full = branch.full();
        let call = self.push_call().arg(format!("--force-with-lease={full}:{lease}"));
        let finished = call.arg("--").arg(remote).arg(format!("{commit}:{full}")).output()?;
        outcome(self, remote, &[(full, commit.object())], finished)
    }
}

/// What became of a push by `git push --porcelain`, by which a remote gets these names for these objects.
///
/// The line of a reference counts and not the exit status alone: Git fails as well where the remote has taken everything,
/// and the clone can't note it. A hook of the clone can print such lines, too, so the remote is asked then.
pub(super) fn outcome(
    repository: &Repository,
    remote: &str,
    wanted: &[(String, ObjectId)],
    finished: Finished,
) -> Result<Pushed> {
    let printed = String::from_utf8_lossy(finished.stdout()).into_owned();
    let refused: Vec<&str> = lines(&printed).filter(|line| line.flag == '!').map(|line| line.text).collect();
    if refused.is_empty() {
        let words = words(&finished.stderr());
        if finished.is_success() {
            return Ok(Pushed { words, unnoted: None });
        }
        let is_told = !wanted.is_empty() && wanted.iter().all(|(name, _)| line_of(&printed, name).is_some());
        if !is_told || !repository.is_at(remote, wanted)? {
            return Err(repository.push_failure(remote, wanted, &finished)?);
        }
        return Ok(Pushed { words, unnoted: Some(unnoted(repository.folder(), remote, &finished.stderr())) });
    }
    let taken: Vec<&str> = lines(&printed).filter(|line| line.flag != '!').map(|line| short(line.to)).collect();
    let taken = match taken.is_empty() {
        true => String::new(),
        false => format!("\nit has taken {}", taken.join(", ")),
    };
    let cause = Said::new(format!("{}{taken}\n{}", refused.join("\n"), finished.stderr()));
    let (path, remote) = (repository.folder().to_owned(), remote.to_owned());
    Err(if refused.iter().all(|line| is_raced(line)) {
        Error::Rejected { path, remote, cause }
    } else {
        Error::Declined { path, remote, cause }
    })
}

/// The lines that tell of references. A hook of the clone prints what it likes before Git says where it pushed to.
fn lines(printed: &str) -> impl Iterator<Item = Line<'_>> {
    let begin = printed.rfind("\nTo ").or_else(|| printed.find("To ")).unwrap_or(printed.len());
    printed[begin..].lines().filter_map(|text| {
        let mut fields = text.splitn(3, '\t');
        let (flag, names, _) = (fields.next()?, fields.next()?, fields.next()?);
        let flag = flag.chars().next().filter(|_| flag.len() == 1)?;
        let (_, to) = names.rsplit_once(':')?;
        Some(Line { flag, to, text })
    })
}

/// A full name of a branch or a tag without what people leave out.
fn short(name: &str) -> &str {
    name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("refs/tags/")).unwrap_or(name)
}

/// The line that Git prints of the reference with this full name at the remote.
pub(super) fn line_of<'p>(printed: &'p str, name: &str) -> Option<Line<'p>> {
    lines(printed).find(|line| line.to == name)
}

/// That a clone could not note what was pushed from it, of what Git said of that.
pub(super) fn unnoted(clone: &Path, remote: &str, said: &str) -> Problem {
    let of_git = |line: &&str| !line.starts_with("remote:");
    let said = excerpt(&said.lines().filter(of_git).collect::<Vec<_>>().join("\n")).replace('\n', "; ");
    let said = Said::new(said);
    let message = format!("{remote} has what was pushed, and the clone {} could not note it: {said}", clone.display());
    let hint = "nothing is lost: relman fetch notes it, once nothing in the clone forbids that";
    Problem::warning("not-noted", message).hint(hint)
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
    fn what_a_hook_prints_is_no_line_of_a_reference() {
        let printed =
            "* a:refs/heads/b\n!\tno\n!\ta:refs/heads/b\t[rejected]\nTo /srv/x.git\n \ta:refs/heads/b\t1..2\nDone\n";
        let flag_of = |printed, name| line_of(printed, name).map(|line| line.flag);
        assert_eq!(flag_of(printed, "refs/heads/b"), Some(' '));
        assert_eq!(flag_of(printed, "refs/heads/bb"), None);
        assert!(!lines(printed).any(|line| line.flag == '!'));
        let unended = "dotsTo /srv/x.git\n*\ta:refs/heads/b\t[new]\nDone\n";
        assert_eq!(flag_of(unended, "refs/heads/b"), Some('*'));
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
