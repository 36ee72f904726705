//! What every command starts from: the flags, the screen, and the repositories that they name.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::domain::problem::Problem;
use crate::http::Login;
use crate::ui::Ui;
use crate::workspace::{self, Choices, Workspace};

use super::Globals;

/// The flags and the screen.
pub struct Context<'u> {
    /// The screen.
    pub ui: &'u Ui,
    globals: Globals,
}

impl<'u> Context<'u> {
    pub(super) fn new(ui: &'u Ui, globals: Globals) -> Self {
        Context { ui, globals }
    }

    /// The forge that was named on the command line.
    pub fn forge(&self) -> Option<&str> {
        self.globals.forge.as_deref()
    }

    /// Whether plans are shown and not carried out.
    pub fn dry_run(&self) -> bool {
        self.globals.dry_run
    }

    /// Whether the answer is wanted as Markdown.
    pub fn wants_markdown(&self) -> bool {
        self.globals.format == super::Output::Markdown
    }

    /// Whether every question is answered with yes.
    pub fn yes(&self) -> bool {
        self.globals.yes
    }

    /// Whether a remote was named.
    pub fn names_a_remote(&self) -> bool {
        self.globals.remote.is_some()
    }

    /// Whether remotes are left alone.
    pub fn offline(&self) -> bool {
        self.globals.offline
    }

    /// The time, in seconds since 1970.
    pub fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_secs());
        i64::try_from(since).unwrap_or(i64::MAX)
    }

    /// The time, in milliseconds since 1970.
    pub fn now_in_milliseconds(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_millis());
        i64::try_from(since).unwrap_or(i64::MAX)
    }

    /// The folder that the release repo is looked for from.
    pub fn start(&self) -> anyhow::Result<PathBuf> {
        let standing = workspace::discover::standing()?;
        Ok(match &self.globals.repo {
            Some(path) => absolute(path)?,
            None => standing,
        })
    }

    /// Finds the release repo and opens it.
    pub fn workspace(&self) -> crate::workspace::Result<Workspace> {
        let workspace = Workspace::open(Choices {
            // An empty variable counts as none, as `git -C ""` goes nowhere.
            repo: self.globals.repo.clone().filter(|path| !path.as_os_str().is_empty()),
            app: self.globals.app.clone(),
            remote: self.globals.remote.clone(),
            offline: self.globals.offline,
            cache: crate::config::cache_folder(),
            now: self.now(),
        })?;
        self.ui.detail(1, &format!("release repo: {}", workspace.release.folder().display()));
        if let Some(remote) = &workspace.remote {
            let url = remote.url.as_deref().unwrap_or_default();
            self.ui.detail(1, &format!("remote: {} {url}", remote.name));
        }
        super::login::lend(self, &workspace);
        Ok(workspace)
    }

    /// Says that no remote was asked, where that was wanted.
    pub fn say_offline(&self) {
        if self.globals.offline {
            self.ui.say("Offline: the clones answer as they were last fetched.");
        }
    }

    /// Says how old the clones are that an answer was read from.
    pub fn say_age(&self, fetched_at: Option<i64>) {
        if let Some(fetched_at) = fetched_at {
            let at = crate::render::time::local(fetched_at);
            self.ui.say(&format!("As of {at}; relman fetch brings the clones up to date."));
        }
    }

    /// Sees to it that the secret of a login is never printed.
    pub fn hide(&self, login: &Login) {
        login.forms().iter().for_each(|form| self.ui.hide(form.expose()));
    }

    /// Says warnings on stderr. Of many of one kind a few are said, unless more is wanted; JSON has all.
    pub fn warn(&self, problems: &[Problem]) {
        const SAID: usize = 3;
        let most = if self.ui.is_verbose() { usize::MAX } else { SAID };
        for (index, problem) in problems.iter().enumerate() {
            let of_its_kind = |list: &[Problem]| list.iter().filter(|other| other.code == problem.code).count();
            let (number, left) = (of_its_kind(&problems[..=index]), of_its_kind(&problems[index + 1..]));
            if number > most {
                continue;
            }
            let more = match number == most && left > 0 {
                true => format!(" (and {left} more like this: -v lists them)"),
                false => String::new(),
            };
            self.ui.warn(&format!("{}{more}", problem.message), &problem.hint);
        }
    }

    /// A path of what is made anew, such as a repository: it begins at the folder after `-C`, as it does for Git, else
    /// where the user stands. `RELMAN_REPO` names a release repo, and no place for others.
    pub fn place(&self, path: impl AsRef<Path>) -> anyhow::Result<PathBuf> {
        workspace::discover::standing()?;
        let typed =
            self.globals.repo.as_ref().filter(|path| self.globals.is_repo_typed && !path.as_os_str().is_empty());
        let Some(base) = typed else { return Ok(absolute(path.as_ref())?) };
        if !base.is_dir() {
            return Err(workspace::Error::NoFolder { path: base.clone() }.into());
        }
        Ok(absolute(&base.join(path))?)
    }
}

/// A path from the root, without `.` and `..`; what exists of it is resolved, the rest need not exist.
pub(super) fn absolute(path: &Path) -> std::io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    for ancestor in path.ancestors() {
        if let (Ok(real), Ok(rest)) = (ancestor.canonicalize(), path.strip_prefix(ancestor))
            && !rest.components().any(|part| part == std::path::Component::ParentDir)
        {
            return Ok(if rest.as_os_str().is_empty() { real } else { real.join(rest) });
        }
    }
    Ok(path)
}
