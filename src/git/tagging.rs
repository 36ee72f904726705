//! Making tags and branches at a remote, which is the lock: what exists is never moved, and never forced.

use gix::ObjectId;

use crate::domain::error::with_causes;
use crate::domain::name::CommitId;
use crate::plan::branches::BranchPush;
use crate::plan::tags::TagPush;

use super::Result;
use super::error::{Error, Said};
use super::make::Hands;
use super::program::Git;
use super::push::{Pushed, is_servers_will, line_of, outcome, unnoted};
use super::remote::asked_tags;
use super::repository::Repository;
use super::write::{Person, RefChange, as_person, unsigned};

/// The setting by which Git signs tags.
const SIGNS_TAGS: &str = "tag.gpgSign";

impl Hands {
    /// Makes a tag, signed where the user's Git is set so, and pushes it, if there is none of that name.
    pub fn push_tag(&self, push: &TagPush) -> Result<Pushed> {
        let repository = Repository::open(&push.folder)?;
        let id = repository.make_tag(push.tag.as_str(), push.commit, &push.message, self.fallback.as_ref())?;
        let full = push.tag.full();
        match &push.remote {
            Some(remote) => {
                let pushed = repository.create_at(remote, id, &full)?;
                // What the remote has now is what it was asked for; a run beside this one may have noted it already.
                let name = format!("{}{}", asked_tags(remote), push.tag);
                Ok(repository.remember(remote, name, id, pushed))
            }
            None => {
                repository.update_refs("relman tag", &[RefChange { name: full, old: None, new: id }])?;
                Ok(Pushed::default())
            }
        }
    }

    /// Pushes a new branch, if there is none of that name.
    pub fn push_branch(&self, push: &BranchPush) -> Result<Pushed> {
        let repository = Repository::open(&push.folder)?;
        let (id, full) = (push.commit.object(), push.branch.full());
        match &push.remote {
            Some(remote) => {
                let pushed = repository.create_at(remote, id, &full).map_err(|error| match error {
                    // A tag that is refused is looked for and tried again; a branch is not.
                    Error::Rejected { path, remote, cause } if is_servers_will(&cause.to_string()) => {
                        Error::Declined { path, remote, cause }
                    }
                    error => error,
                })?;
                Ok(repository.remember(remote, format!("refs/remotes/{remote}/{}", push.branch), id, pushed))
            }
            None => {
                repository.update_refs("relman branch", &[RefChange { name: full, old: None, new: id }])?;
                Ok(Pushed::default())
            }
        }
    }
}

impl Repository {
    /// Makes a tag object; no reference moves.
    fn make_tag(&self, name: &str, target: CommitId, message: &str, fallback: Option<&Person>) -> Result<ObjectId> {
        let person = fallback.filter(|_| !self.has_identity());
        if self.config_bool(SIGNS_TAGS) == Some(true) {
            return self.make_signed_tag(name, target, message, person);
        }
        self.write_tag(name, target, message, person)
    }

    /// Only `git tag` signs, and it makes a reference as well; so it does that in a repository that exists for this
    /// moment alone, and borrows the objects and the configuration of this one.
    fn make_signed_tag(
        &self,
        name: &str,
        target: CommitId,
        message: &str,
        person: Option<&Person>,
    ) -> Result<ObjectId> {
        let io = |what: &'static str| move |cause| Error::Io { what: what.to_owned(), cause };
        let scratch = tempfile::tempdir().map_err(io("a folder for signing can't be made"))?;
        let bare = scratch.path().join("signing.git");
        Git::in_folder(scratch.path())
            .args(["init", "--quiet", "--bare"])
            .arg(format!("--object-format={}", self.hash()))
            .arg("--")
            .arg(&bare)
            .run()?;
        let objects = self.gix.common_dir().join("objects");
        let objects = std::path::absolute(&objects).unwrap_or(objects);
        std::fs::create_dir_all(bare.join("objects/info")).map_err(io("a folder for signing can't be made"))?;
        std::fs::write(bare.join("objects/info/alternates"), format!("{}\n", objects.display()))
            .map_err(io("a folder for signing can't be written"))?;
        let config = std::path::absolute(self.gix.common_dir().join("config")).unwrap_or_default();
        let signer = Git::in_repository(&bare, scratch.path())
            .config(&format!("include.path={}", config.display()))
            .config("core.bare=true");
        as_person(signer, person)
            .args(["tag", "--sign", "--file=-", "--"])
            .arg(name)
            .arg(target.to_string())
            .input(message)
            .run()
            .map_err(|error| unsigned(error, SIGNS_TAGS))?;
        let signing = Repository::open(&bare)?;
        let made = signing.find_ref(&format!("refs/tags/{name}"))?;
        let made = made.ok_or_else(|| self.unreadable("the signed tag", "git tag has made none"))?;
        let content = signing.git().args(["cat-file", "tag"]).arg(made.to_string()).run()?;
        let printed = self.git().args(["hash-object", "-w", "-t", "tag", "--stdin"]).input(content).line()?;
        ObjectId::from_hex(printed.as_bytes())
            .map_err(|_| self.unreadable("the signed tag", "git hash-object printed no id"))
    }

    /// Creates a reference at a remote. That one exists, be it the same, is [`Error::Rejected`].
    ///
    /// The destination is written out: a configured push refspec with a plus would force what has no colon.
    fn create_at(&self, remote: &str, id: ObjectId, full: &str) -> Result<Pushed> {
        let finished = self.push_call().arg("--").arg(remote).arg(format!("{id}:{full}")).output()?;
        let printed = String::from_utf8_lossy(finished.stdout()).into_owned();
        let line = line_of(&printed, full);
        match line.as_ref().map(|line| line.flag) {
            Some('*') => outcome(self, remote, &[(full.to_owned(), id)], finished),
            Some('=' | '!') => Err(Error::Rejected {
                path: self.folder().to_owned(),
                remote: remote.to_owned(),
                cause: Said::new(format!("{}\n{}", line.map_or("", |line| line.text), finished.stderr())),
            }),
            _ => Err(self.push_failure(remote, &[(full.to_owned(), id)], &finished)?),
        }
    }

    /// Whether something could be pushed to a remote, as far as that can be known without pushing.
    pub fn check_write_access(&self, remote: &str, id: CommitId) -> Result<()> {
        self.require_one_push_url(remote)?;
        let finished = self
            .push_call()
            .args(["--dry-run", "--no-verify", "--"])
            .arg(remote)
            .arg(format!("{id}:refs/heads/relman-probe-{}", std::process::id()))
            .output()?;
        if finished.is_success() { Ok(()) } else { Err(finished.remote_failure(remote)) }
    }

    /// Notes what a remote has just taken; that another run has noted it is no failure.
    fn remember(&self, remote: &str, name: String, id: ObjectId, pushed: Pushed) -> Pushed {
        match self.update_refs("relman: made at the remote", &[RefChange { name, old: None, new: id }]) {
            Ok(()) | Err(Error::Moved { .. }) => pushed,
            Err(error) => Pushed { unnoted: Some(unnoted(self.folder(), remote, &with_causes(&error))), ..pushed },
        }
    }
}
