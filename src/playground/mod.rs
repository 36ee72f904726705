//! The playground of `relman demo`: four repositories, their remotes and a history that could have happened.
//!
//! [`story`] says what happened, as data. This module tells it to Git: everything is written into bare repositories by
//! fixed people at fixed times before a given moment, then cloned as a person would, and moved into place in one step.

pub mod story;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::domain::name::{CommitId, RepositoryName, TagName};
use crate::domain::tags::TagMessage;
use crate::git::program::Git;
use crate::git::repository::Repository;
use crate::git::scratch::{self, scratch};
use crate::git::write::{NewFile, Person, RefChange};
use crate::git::{Error, Result};

use story::{Deed, Story};

/// The beginning of the names of folders in which playgrounds are built, and what is built in them.
const SCRATCH: &str = ".relman-demo-";
const DEMO: &str = "demo";

/// What helps where nothing can be made.
const ANOTHER_FOLDER: &str = "name another folder: relman demo DIR";

/// Deletes what runs that were killed have left beside a playground.
pub fn clear_left_behind(folder: &Path) {
    scratch::clear_left_behind(folder.parent().unwrap_or(Path::new(".")), SCRATCH, DEMO);
}

/// What lies where a playground is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nothing, or an empty folder.
    Free,
    /// A playground.
    Playground,
    /// A file.
    File,
    /// Something else.
    Taken,
    /// A symbolic link that leads nowhere.
    Link,
}

/// Looks at the folder.
pub fn look(folder: &Path) -> Result<Place> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Ok(if folder.is_symlink() { Place::Link } else { Place::Free })
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory && folder.exists() => Ok(Place::File),
        // Below a file.
        Err(cause) if cause.kind() == std::io::ErrorKind::NotADirectory => {
            let parent = folder.parent().unwrap_or(Path::new("/"));
            Err(Error::NoRoom { folder: parent.to_owned(), mend: ANOTHER_FOLDER.to_owned(), cause })
        }
        Err(cause) => Err(Error::Io { what: format!("{} can't be read", folder.display()), cause }),
        Ok(mut entries) => {
            if entries.next().is_none() {
                return Ok(Place::Free);
            }
            let ours = story::REPOSITORIES
                .iter()
                .all(|name| folder.join(name).is_dir() && folder.join("remotes").join(format!("{name}.git")).is_dir());
            Ok(if ours { Place::Playground } else { Place::Taken })
        }
    }
}

/// Makes the playground, whole or not at all. `now` is the moment that the story ends at, in seconds since 1970.
pub fn make(folder: &Path, story: &Story, now: i64) -> Result<()> {
    let io = |what: &'static str| {
        let what = format!("{what} {} can't be made", folder.display());
        move |cause| Error::Io { what, cause }
    };
    let parent = folder.parent().unwrap_or(Path::new("."));
    let scratch = scratch(parent, SCRATCH, DEMO, ANOTHER_FOLDER)?;
    let place = scratch.path().join(DEMO);
    let remotes = place.join("remotes");
    fs::create_dir_all(&remotes).map_err(io("the folder"))?;
    let mut teller = Teller::new(&remotes, now)?;
    for deed in &story.deeds {
        teller.tell(deed)?;
    }
    teller.publish()?;
    for name in story::REPOSITORIES {
        let bare = remotes.join(format!("{name}.git"));
        let clone = place.join(name);
        Git::in_folder(&place).args(["clone", "--quiet", "--origin=origin", "--"]).arg(&bare).arg(&clone).run()?;
        // The clones are moved with everything else, so their remote is named where it will lie.
        let url = folder.join("remotes").join(format!("{name}.git"));
        Git::in_folder(&clone).args(["remote", "set-url", "origin"]).arg(&url).run()?;
        if name == story::RELEASE {
            add_hook(&bare).map_err(io("the hook"))?;
            Git::in_folder(&bare).args(["--git-dir=.", "config", "core.hooksPath", "hooks"]).run()?;
        }
        for (key, value) in [("user.name", "Robin Release"), ("user.email", "robin@example.com")] {
            Git::in_folder(&clone).args(["config", "--local", key, value]).run()?;
        }
    }
    scratch.move_to(DEMO, folder)
}

/// What the remote of the release repo does after a push, in place of a CI system.
const HOOK: &str = r#"#!/bin/sh
# A push to environment/<name> deploys it, as the CI of a forge would. A push never fails because of that.
while read -r _ new ref; do
  case $ref in refs/heads/environment/*) ;; *) continue ;; esac
  # A deleted branch has an id of zeros.
  case $new in *[!0]*) ;; *) continue ;; esac
  if command -v relman > /dev/null; then
    relman -C . --yes deploy "${ref#refs/heads/environment/}" || true
  else
    echo "relman is not on the PATH, so ${ref#refs/heads/} was pushed and not deployed."
  fi
done
exit 0
"#;

fn add_hook(bare: &Path) -> std::io::Result<()> {
    let hooks = bare.join("hooks");
    fs::create_dir_all(&hooks)?;
    let path = hooks.join("post-receive");
    fs::write(&path, HOOK)?;
    #[cfg(unix)]
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    Ok(())
}

/// Tells deeds to Git, and remembers the commits by the names that the story gives them.
struct Teller {
    repositories: HashMap<&'static str, Repository>,
    branches: HashMap<(&'static str, String), CommitId>,
    tags: HashMap<(&'static str, String), (gix::ObjectId, CommitId)>,
    now: i64,
}

impl Teller {
    fn new(remotes: &Path, now: i64) -> Result<Self> {
        let mut repositories = HashMap::new();
        for name in story::REPOSITORIES {
            let bare: PathBuf = remotes.join(format!("{name}.git"));
            Git::in_folder(remotes)
                .args(["init", "--quiet", "--bare", "--initial-branch=main", "--"])
                .arg(&bare)
                .run()?;
            // A remote of this machine is written by whoever plays, signatures and all, so nothing is inherited.
            for (key, value) in [("commit.gpgSign", "false"), ("tag.gpgSign", "false")] {
                Git::in_folder(&bare).args(["--git-dir=.", "config", key, value]).run()?;
            }
            repositories.insert(name, Repository::open(&bare)?.unsigned());
        }
        Ok(Teller { repositories, branches: HashMap::new(), tags: HashMap::new(), now })
    }

    fn repository(&self, name: &str) -> Result<&Repository> {
        self.repositories.get(name).ok_or_else(|| unknown(name))
    }

    fn head(&self, repository: &'static str, branch: &str) -> Result<CommitId> {
        self.branches.get(&(repository, branch.to_owned())).copied().ok_or_else(|| unknown(branch))
    }

    fn tell(&mut self, deed: &Deed) -> Result<()> {
        match deed {
            Deed::Commit { repository, branch, from, files, subject, trailers, merges, person, hours_ago } => {
                let target = self.repository(repository)?;
                let parent = match self.branches.get(&(*repository, branch.clone())) {
                    Some(tip) => Some(*tip),
                    None => match from {
                        Some(from) => Some(self.head(repository, from)?),
                        None => None,
                    },
                };
                let base = parent.map(|parent| target.commit(parent)).transpose()?.map(|parent| parent.tree);
                let files: Vec<NewFile> = files
                    .iter()
                    .map(|(path, content)| NewFile {
                        path: path.clone(),
                        content: content.clone().into_bytes(),
                        executable: false,
                    })
                    .collect();
                let tree = target.write_tree(base, &files)?;
                let mut message = format!("{subject}\n");
                for (index, trailer) in trailers.iter().enumerate() {
                    message.push_str(if index == 0 { "\n" } else { "" });
                    message.push_str(&self.trailer(trailer)?);
                }
                let mut parents: Vec<CommitId> = parent.into_iter().collect();
                if let Some(merged) = merges {
                    parents.push(self.head(repository, merged)?);
                }
                let id = target.write_commit(tree, &parents, &message, Some(&self.person(*person, *hours_ago)))?;
                self.branches.insert((*repository, branch.clone()), id);
            }
            Deed::Branch { repository, branch, from } => {
                let id = self.head(repository, from)?;
                self.branches.insert((*repository, branch.clone()), id);
            }
            Deed::Candidate { tag, branch, hours_ago } => self.candidate(tag, branch, *hours_ago)?,
            Deed::Final { tag, candidate, hours_ago } => self.finish(tag, candidate, *hours_ago)?,
        }
        Ok(())
    }

    /// A trailer that names an environment branch gets the commit that the branch stands on now.
    fn trailer(&self, trailer: &story::Trailer) -> Result<String> {
        Ok(match trailer {
            story::Trailer::Text(key, value) => format!("{key}: {value}\n"),
            story::Trailer::PromotedFrom(branch) => {
                format!("Promoted-From: {branch}@{}\n", self.head(story::RELEASE, branch)?)
            }
        })
    }

    fn person(&self, (name, email): (&str, &str), hours_ago: i64) -> Person {
        Person { name: name.into(), email: email.into(), at: Some(self.now - hours_ago * 3600) }
    }

    /// Tags the heads of a branch, or of `main` where a repository does not have it: the components, then the app.
    fn candidate(&mut self, tag: &str, branch: &str, hours_ago: i64) -> Result<()> {
        let mut message =
            TagMessage { release: Some(self.head(story::RELEASE, "environment/qa")?), ..TagMessage::default() };
        let mut commits = Vec::new();
        for name in story::COMPONENTS.into_iter().chain([story::APP]) {
            let head = self.head(name, branch).or_else(|_| self.head(name, "main"))?;
            if name != story::APP {
                message.components.push((repository_name(name)?, head));
            }
            commits.push((name, head));
        }
        self.tag_all(tag, &commits, &message, hours_ago)
    }

    fn finish(&mut self, tag: &str, candidate: &str, hours_ago: i64) -> Result<()> {
        let mut message = TagMessage {
            candidate: TagName::parse(candidate).ok(),
            release: Some(self.head(story::RELEASE, "environment/prod")?),
            ..TagMessage::default()
        };
        let mut commits = Vec::new();
        for name in story::COMPONENTS.into_iter().chain([story::APP]) {
            let (_, commit) = *self.tags.get(&(name, candidate.to_owned())).ok_or_else(|| unknown(candidate))?;
            if name != story::APP {
                message.components.push((repository_name(name)?, commit));
            }
            commits.push((name, commit));
        }
        self.tag_all(tag, &commits, &message, hours_ago)
    }

    fn tag_all(
        &mut self,
        tag: &str,
        commits: &[(&'static str, CommitId)],
        message: &TagMessage,
        hours_ago: i64,
    ) -> Result<()> {
        let name = TagName::parse(tag).map_err(|_| unknown(tag))?;
        let person = self.person(story::ROBOT, hours_ago);
        for (repository, commit) in commits {
            let text = message.render(&name);
            let id = self.repository(repository)?.write_tag(tag, *commit, &text, Some(&person))?;
            self.tags.insert((repository, tag.to_owned()), (id, *commit));
        }
        Ok(())
    }

    /// Makes the references, all of a repository at once.
    fn publish(&self) -> Result<()> {
        for (name, repository) in &self.repositories {
            let branches = self.branches.iter().filter(|((owner, _), _)| owner == name);
            let tags = self.tags.iter().filter(|((owner, _), _)| owner == name);
            let mut changes: Vec<RefChange> = branches
                .map(|((_, branch), id)| (format!("refs/heads/{branch}"), id.object()))
                .chain(tags.map(|((_, tag), (id, _))| (format!("refs/tags/{tag}"), *id)))
                .map(|(name, new)| RefChange { name, old: None, new })
                .collect();
            changes.sort_by(|a, b| a.name.cmp(&b.name));
            repository.update_refs("relman demo", &changes)?;
        }
        Ok(())
    }
}

fn repository_name(name: &str) -> Result<RepositoryName> {
    RepositoryName::parse(name).map_err(|_| unknown(name))
}

/// The story names something that it has not told of before: a mistake in the story, which a test would show.
fn unknown(name: &str) -> Error {
    Error::Io { what: "the story of the playground is broken".into(), cause: std::io::Error::other(name.to_owned()) }
}
