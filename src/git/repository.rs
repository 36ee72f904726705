//! One repository: finding it, opening it, its configuration and its remotes.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, Instant};

use gix::ObjectId;
use gix::bstr::{BString, ByteSlice as _};

use super::Result;
use super::error::{Error, Said};
use super::program::{Git, Halt, TICK};
use super::refs::RefStore;

/// The largest object that is read into memory, in bytes: more than any file that relman reads may have.
pub(super) const MAX_OBJECT: u64 = 16 * 1024 * 1024;

/// How every repository is opened. Whoever filled it may have put objects into it that are larger than the memory.
fn options() -> gix::open::Options {
    gix::open::Options::default().config_overrides([format!("gitoxide.objects.allocLimit={MAX_OBJECT}")])
}

/// An open repository.
pub struct Repository {
    pub(super) gix: gix::Repository,
    pub(super) refs: RefStore,
    pub(super) buffer: RefCell<Vec<u8>>,
    /// Objects that references led to, and that are commits.
    pub(super) commits: RefCell<HashSet<ObjectId>>,
    /// Whether this is a partial clone whose remote did not send what was asked for.
    pub(super) is_cut_off: Cell<bool>,
    /// The commit-graph, once it was looked for.
    pub(super) graph: OnceCell<Option<gix::commitgraph::Graph>>,
    folder: PathBuf,
    is_bare: bool,
    halt: Option<Halt>,
    /// Whether commits are signed where Git is set so.
    pub(super) may_sign: bool,
}

impl Repository {
    /// Opens the repository at a path: a work tree, a `.git` folder or a bare repository. Parents are not searched.
    pub fn open(path: &Path) -> Result<Self> {
        let absolute = std::path::absolute(path).map_err(|_| Error::NotARepository { path: path.to_owned() })?;
        if !absolute.is_dir() {
            return Err(Error::NotARepository { path: absolute });
        }
        let options = options().bail_if_untrusted(true);
        let gix = match gix::open_opts(&absolute, options) {
            Ok(repository) => repository,
            Err(error) => Self::open_again(&absolute, error)?,
        };
        let work_tree = Self::work_tree(&gix, &absolute);
        let is_bare = work_tree.is_none();
        let folder = work_tree.unwrap_or_else(|| gix.git_dir().to_owned());
        let folder = std::path::absolute(&folder).unwrap_or(folder);
        let refs = RefStore::new(&gix);
        Ok(Repository {
            gix,
            refs,
            buffer: RefCell::default(),
            commits: RefCell::default(),
            is_cut_off: Cell::new(false),
            graph: OnceCell::new(),
            folder,
            is_bare,
            halt: None,
            may_sign: true,
        })
    }

    /// The same, with commits that are never signed, whatever Git is set to: nobody signs for the people of a story.
    #[must_use]
    pub fn unsigned(self) -> Self {
        Repository { may_sign: false, ..self }
    }

    /// The work tree. gix believes `GIT_WORK_TREE`, which inside a hook names that of another repository.
    fn work_tree(gix: &gix::Repository, path: &Path) -> Option<PathBuf> {
        if std::env::var_os("GIT_WORK_TREE").is_none() {
            return gix.workdir().map(Path::to_owned);
        }
        let (found, _trust) = gix::discover::upwards(path).ok()?;
        found.into_repository_and_work_tree_directories().1
    }

    /// Says why opening failed. Where ownership is the reason, Git itself decides: it reads more of the
    /// configuration than gix does.
    fn open_again(path: &Path, error: gix::Error) -> Result<gix::Repository> {
        let text = Said::chain(&error).to_string();
        if text.contains("does not appear to be a git repository") {
            return Err(Error::NotARepository { path: path.to_owned() });
        }
        if !text.contains("owned by") {
            return Err(Error::Open { path: path.to_owned(), cause: Said::new(text) });
        }
        let asked = Git::in_folder(path).arg("rev-parse").arg("--git-dir").output()?;
        if !asked.is_success() {
            return Err(Error::Untrusted { path: path.to_owned(), cause: Said::new(asked.stderr()) });
        }
        let options = options().with(gix::sec::Trust::Full);
        gix::open_opts(path, options).map_err(|error| Error::Open { path: path.to_owned(), cause: Said::chain(&error) })
    }

    /// Opens the repository that a folder lies in, if there is one. A bare one that is found so must be one that Git
    /// would take as well (`safe.bareRepository`): a clone may hold it as ordinary files, with a configuration that
    /// runs programs.
    pub fn discover(start: &Path) -> Result<Option<Self>> {
        let Some(repository) = Repository::upwards(start)? else { return Ok(None) };
        if repository.is_bare() {
            // Asked from inside and without `--git-dir`, by which Git would take it for one that was named.
            let asked = Git::in_folder(repository.git_dir()).args(["rev-parse", "--git-dir"]).output()?;
            if !asked.is_success() {
                return Err(Error::Untrusted { path: repository.folder, cause: Said::new(asked.stderr()) });
            }
        }
        Ok(Some(repository))
    }

    /// Like [`Repository::discover`], from a folder that the user named: a bare repository that is named is trusted.
    pub fn discover_named(start: &Path) -> Result<Option<Self>> {
        match Repository::upwards(start)? {
            Some(found) if is_same_folder(start, found.git_dir()) => Ok(Some(found)),
            _ => Repository::discover(start),
        }
    }

    fn upwards(start: &Path) -> Result<Option<Self>> {
        // gix loses its way where a relative path leads out of a bare repository and in again.
        let start = if start.components().any(|part| part == Component::ParentDir) {
            start.canonicalize()
        } else {
            std::path::absolute(start)
        };
        let Ok(start) = start else { return Ok(None) };
        // Most often one stands in the root of a clone, at which gix would look twice: to find it, and to open it.
        if start.join(".git").is_dir() {
            match Repository::open(&start) {
                Err(Error::NotARepository { .. }) => {}
                opened => return opened.map(Some),
            }
        }
        match gix::discover::upwards(&start) {
            Ok((found, _trust)) => {
                let (git_dir, work_dir) = found.into_repository_and_work_tree_directories();
                Repository::open(work_dir.as_deref().unwrap_or(&git_dir)).map(Some)
            }
            Err(_) => Ok(None),
        }
    }

    /// The work tree, or the Git directory of a bare repository; absolute.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folders beside which its neighbours may lie: its own, and of a linked worktree last that of the repository that
    /// it belongs to. A Git directory with a hidden name, such as `.git` or `.bare`, stands for the folder that it is in.
    pub fn homes(&self) -> Vec<PathBuf> {
        let mut homes = vec![self.folder.clone()];
        if self.gix.common_dir() != self.gix.git_dir() {
            homes.extend(self.gix.common_dir().canonicalize());
        }
        let is_hidden = |home: &Path| home.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        for home in &mut homes {
            if (self.is_bare || *home != self.folder)
                && is_hidden(home)
                && let Some(parent) = home.parent()
            {
                *home = parent.to_owned();
            }
        }
        homes
    }

    /// The folder that relative paths of the configuration are meant from.
    pub fn main_home(&self) -> PathBuf {
        self.homes().pop().unwrap_or_else(|| self.folder.clone())
    }

    /// The repository's own Git directory.
    pub fn git_dir(&self) -> &Path {
        self.gix.git_dir()
    }

    /// Whether there is no work tree.
    pub fn is_bare(&self) -> bool {
        self.is_bare
    }

    /// The kind of hash that this repository names its objects with.
    pub fn hash(&self) -> gix::hash::Kind {
        self.gix.object_hash()
    }

    /// A call of the `git` program in this repository.
    pub fn git(&self) -> Git {
        let git_dir = std::path::absolute(self.gix.git_dir()).unwrap_or_else(|_| self.gix.git_dir().to_owned());
        let config = self.gix.config_snapshot();
        // Any call may reach the remote of a partial clone.
        let git = Git::in_repository(&git_dir, &self.folder).with_manners(|key| config.string(key).is_some());
        git.halted_by(self.halt.clone())
    }

    /// A call of `git diff-tree` for which nothing is run that the clone's configuration names: no program that shows
    /// differences or contents in its own way, and none that watches the work tree, as no work tree is looked at.
    pub(super) fn diff_tree(&self) -> Git {
        let call = self.git().config("core.fsmonitor=false").config("core.quotePath=false");
        call.args(["diff-tree", "-r", "--no-ext-diff", "--no-textconv"])
    }

    /// The same repository, whose remotes are left alone as soon as this says so.
    #[must_use]
    pub fn halted_by(mut self, halt: Halt) -> Self {
        self.halt = Some(halt);
        self
    }

    /// Sleeps for a while; fails as soon as the remotes are to be left alone.
    pub(super) fn pause(&self, length: Duration) -> Result<()> {
        let until = Instant::now() + length;
        loop {
            if self.halt.as_ref().is_some_and(Halt::is_halted) {
                return Err(Error::Halted { command: "push".to_owned() });
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(TICK));
        }
    }

    /// A value of Git's configuration, from every scope that Git reads.
    pub fn config(&self, key: &str) -> Option<String> {
        self.gix.config_snapshot().string(key).map(|value| value.to_str_lossy().into_owned())
    }

    /// A value of the repository's own configuration, and of no other scope.
    pub fn own_config(&self, key: &str) -> Result<Option<String>> {
        let asked = self.git().args(["config", "--local", "--get", key]).output()?;
        match asked.status() {
            Some(0) => Ok(Some(asked.stdout().trim_end().to_str_lossy().into_owned())),
            Some(1) => Ok(None),
            _ => Err(asked.failure()),
        }
    }

    /// A value of Git's configuration that says yes or no.
    pub fn config_bool(&self, key: &str) -> Option<bool> {
        self.gix.config_snapshot().boolean(key)
    }

    /// Whether only a part of the history is here.
    pub fn is_shallow(&self) -> Result<bool> {
        self.gix.is_shallow().map_err(|error| self.read_error("the list of shallow commits", &error))
    }

    /// Whether objects may be missing here and come from a remote when they are needed.
    pub fn is_partial(&self) -> bool {
        let config = self.gix.config_snapshot();
        let promised = config.plumbing().sections_by_name("remote").is_some_and(|mut sections| {
            sections.any(|section| {
                section.body().value("promisor").is_some_and(|value| value.eq_ignore_ascii_case(b"true"))
                    || section.body().value("partialclonefilter").is_some()
            })
        });
        promised || config.string("extensions.partialClone").is_some()
    }

    /// Whether the remote's tags are left out when this clone is fetched.
    pub fn leaves_out_tags(&self, remote: &str) -> bool {
        self.config(&format!("remote.{remote}.tagOpt")).is_some_and(|value| value == "--no-tags")
    }

    /// The names of the remotes.
    pub(super) fn remote_names(&self) -> Vec<String> {
        self.gix.remote_names().iter().map(|name| name.to_str_lossy().into_owned()).collect()
    }

    /// The remote to use: the one that is named, else `origin`, else the only one, else what Git's own setting
    /// `checkout.defaultRemote` names. `None` where there is no remote; several that nothing decides between are an error.
    pub fn remote(&self, named: Option<&str>) -> Result<Option<Remote>> {
        let names = self.remote_names();
        let preferred = || self.config("checkout.defaultRemote").filter(|name| names.contains(name));
        let name = match named {
            Some(name) if names.iter().any(|known| known == name) => name.to_owned(),
            Some(name) => return Err(Error::NoRemote { path: self.folder.clone(), remote: name.to_owned() }),
            None if names.iter().any(|known| known == "origin") => "origin".to_owned(),
            None => match names.as_slice() {
                [] => return Ok(None),
                [only] => only.clone(),
                _ => match preferred() {
                    Some(name) => name,
                    None => return Err(Error::SeveralRemotes { path: self.folder.clone(), names }),
                },
            },
        };
        let remote = self.gix.find_remote(name.as_bytes().as_bstr()).map_err(|error| Error::RemoteUrl {
            path: self.folder.clone(),
            remote: name.clone(),
            cause: Said::chain(&error),
        })?;
        let url = |direction| remote.url(direction).map(|url| url.to_bstring().to_str_lossy().into_owned());
        Ok(Some(Remote {
            url: url(gix::remote::Direction::Fetch),
            push_url: url(gix::remote::Direction::Push),
            several_push_urls: self.has_several(&name, "pushurl") || self.has_several(&name, "url"),
            name,
        }))
    }

    fn has_several(&self, remote: &str, key: &str) -> bool {
        self.configs(&format!("remote.{remote}.{key}")).len() > 1
    }

    /// All values of a setting of Git that may stand several times.
    pub(super) fn configs(&self, key: &str) -> Vec<String> {
        let values: Option<Vec<BString>> = self.gix.config_snapshot().plumbing().strings(key);
        values.unwrap_or_default().iter().map(|value| value.to_str_lossy().into_owned()).collect()
    }

    /// The branch that is checked out, as a full reference name; `None` when detached.
    pub fn head_branch(&self) -> Result<Option<BString>> {
        self.refs.symbolic_target(self, "HEAD")
    }

    /// An error of reading, with this repository's place.
    pub(super) fn read_error(&self, what: &str, error: &dyn std::error::Error) -> Error {
        Error::Read { path: self.folder.clone(), what: what.to_owned(), cause: Said::chain(error) }
    }

    /// An error of reading that has no cause of its own.
    pub(super) fn unreadable(&self, what: impl Into<String>, why: &str) -> Error {
        Error::Read { path: self.folder.clone(), what: what.into(), cause: Said::new(why) }
    }
}

fn is_same_folder(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// A remote of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Its name, such as `origin`.
    pub name: String,
    /// Where it is fetched from, after `insteadOf`.
    pub url: Option<String>,
    /// Where it is pushed to, after `pushInsteadOf`.
    pub push_url: Option<String>,
    /// Whether a push would go to several places.
    pub several_push_urls: bool,
}
