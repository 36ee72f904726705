//! What `verify` looks at: the tags of one version in every repository, as the remotes have them now.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::domain::app_file::{AppFile, Component};
use crate::domain::candidate::Candidate;
use crate::domain::name::{CommitId, RepositoryName, TagName};
use crate::domain::tag_check::{AppTag, ReleaseTags};
use crate::domain::verification::{Facts, MovedPin};
use crate::domain::version::Version;
use crate::git::app_repo::TagSource;
use crate::git::repository::Repository;

use super::release_tags::add_component_tags;
use super::team::{Member, Question, side_by_side};
use super::{Error, Result, Workspace};

impl Workspace {
    /// Gathers what is to be known of a version's tags. Every remote is asked, unless that is not wanted.
    ///
    /// A version may begin with a `v` of its own; where none that is called so was tagged, its final tag's name is meant.
    pub fn tag_facts(&self, version: &Version) -> Result<Facts> {
        match (self.facts_of(version), Version::of_final_tag(version.as_str())) {
            (Err(nothing @ Error::NothingTagged { .. }), Some(tagged)) => match self.facts_of(&tagged) {
                Err(Error::NothingTagged { .. }) => Err(nothing),
                found => found,
            },
            (found, _) => found,
        }
    }

    fn facts_of(&self, version: &Version) -> Result<Facts> {
        self.fetch_environments()?;
        let landscape = self.environments().landscape()?;
        let file = landscape.first_file();
        let application =
            &file.ok_or_else(|| Error::NoEnvironments { path: self.release.folder().to_owned() })?.application;
        let mut app = self.app(application)?;
        let question = Question { version: Some(version.clone()), heads: true };
        let mut known = self.known_components(&app, None, Some(version))?;
        let mut everyone: Vec<&mut Member> = std::iter::once(&mut app).chain(known.iter_mut()).collect();
        self.ask(&mut everyone, &question)?;
        app.require_tags("the verification")?;
        let found = app.repository.tags_of(version, app.all_tags())?;
        let mut tags =
            ReleaseTags { app_name: app.name.to_string(), in_use: [version.clone()].into(), ..ReleaseTags::default() };
        self.add_app_tags(&app, found, &mut tags)?;
        let mut found = self.tagged_components(&app, version, &tags, known)?;
        self.add_unlisted(&app, version, &tags, &mut found)?;
        let Found { mut components, shipped, unknown, dropped, .. } = found;
        self.ask(&mut components.iter_mut().collect::<Vec<_>>(), &question)?;
        for member in &components {
            member.require_tags("the verification")?;
            let found = member.repository.tags_of(version, member.all_tags())?;
            add_component_tags(member, found, &mut tags)?;
        }
        if tags.is_empty() {
            return Err(Error::NothingTagged { version: version.clone() });
        }
        let members: Vec<&Member> = std::iter::once(&app).chain(&components).collect();
        let own = OwnTags::read(&members, version)?;
        Ok(Facts {
            version: version.clone(),
            records: self.environments().records_of_version(version)?,
            unreachable: self.unreachable(&members, &tags)?,
            differing: differing(&members, version)?,
            local_only: own.local_only,
            never_asked: own.never_asked,
            moved_pins: self.moved_pins(&app, version, &tags)?,
            shipped,
            unknown,
            dropped,
            vouched: self.is_vouched_for(&landscape, version)?,
            tags,
        })
    }

    /// The clones of the unpinned components that count: those in the list of the commit that the final tag stands on,
    /// else the highest candidate's; without any, those of the list as it is now. Also those without a clone.
    fn tagged_components(
        &self,
        app: &Member,
        version: &Version,
        tags: &ReleaseTags,
        known: Vec<Member>,
    ) -> Result<Found> {
        let commit = match deciding(version, tags) {
            Some((_, tag)) => Some(tag.commit),
            None => self.list_head(app, None, Some(version))?,
        };
        let file = match commit {
            Some(commit) => self.app_file(app, commit)?.0,
            None => AppFile::default(),
        };
        let mut found = Found { known, ..Found::default() };
        for component in file.repositories.iter().filter(|component| !component.is_pinned()) {
            match found.take(&component.name) {
                Some(member) => found.ships(member),
                None => match self.if_present(self.component(app, component))? {
                    Some(member) => found.ships(member),
                    None => found.unknown.push(component.name.clone()),
                },
            }
        }
        Ok(found)
    }

    /// Adds the components that tags record and the list does not have, as it was another one when a candidate was made.
    ///
    /// What the deciding tag itself records ships, whatever the list says. For what other candidates alone have, nothing
    /// is cloned.
    fn add_unlisted(&self, app: &Member, version: &Version, tags: &ReleaseTags, found: &mut Found) -> Result<()> {
        let deciding = deciding(version, tags).map(|(name, _)| name);
        let mut recorded: BTreeMap<&RepositoryName, Vec<(&String, CommitId)>> = BTreeMap::new();
        for (tag, at) in &tags.app {
            for (name, _) in at.components.iter().filter(|(name, _)| !found.has(name)) {
                recorded.entry(name).or_default().push((tag, at.commit));
            }
        }
        for (name, on) in recorded {
            let ships = on.iter().any(|(tag, _)| Some(tag.as_str()) == deciding);
            // The list of that time knows where it lies; one that can't be read leaves the usual places.
            let lists = on.iter().filter_map(|(_, commit)| self.app_file(app, *commit).ok());
            let entry = lists.flat_map(|(file, _)| file.repositories).find(|component| component.name == *name);
            let entry = entry.unwrap_or_else(|| Component::named(name.clone()));
            let member = match found.take(name) {
                None if ships => self.if_present(self.component(app, &entry))?,
                None => self.component_if_present(app, &entry)?,
                known => known,
            };
            match member {
                Some(member) if ships => found.ships(member),
                Some(member) => found.components.push(member),
                None if ships => found.unknown.push(name.clone()),
                None => {
                    let tags = on.into_iter().map(|(tag, _)| tag.clone()).collect();
                    found.dropped.insert(name.clone(), tags);
                }
            }
        }
        Ok(())
    }

    /// The tags that components are pinned to and that stand elsewhere than the deciding tag recorded, as far as the clones
    /// know. Pinned components take no part, so none of their remotes is asked.
    fn moved_pins(&self, app: &Member, version: &Version, tags: &ReleaseTags) -> Result<Vec<MovedPin>> {
        let Some((name, at)) = deciding(version, tags) else { return Ok(Vec::new()) };
        let Ok(made_as) = TagName::parse(name) else { return Ok(Vec::new()) };
        let Some(message) = app.repository.tag_message(&made_as, app.tag_source())? else { return Ok(Vec::new()) };
        // A list that can't be read is told by whoever needs it.
        let list = self.app_file(app, at.commit).map(|(file, _)| file.repositories).unwrap_or_default();
        let mut moved = Vec::new();
        for component in list {
            let (Some(pin), Some(recorded)) = (&component.tag, message.component(&component.name)) else { continue };
            let Ok(Some(member)) = self.component_if_present(app, &component) else { continue };
            let asked = member.remote.as_deref().map(TagSource::Asked);
            for source in asked.into_iter().chain([TagSource::Clone(None)]) {
                let now = member.repository.tag_commit(pin, source)?;
                if let Some(now) = now.filter(|now| *now != recorded) {
                    let (repository, pin, made_as) = (component.name.clone(), pin.clone(), made_as.clone());
                    moved.push(MovedPin { repository, pin, now, made_as, recorded });
                    break;
                }
            }
        }
        Ok(moved)
    }

    /// The tagged commits that no branch has, looked for side by side.
    fn unreachable(&self, members: &[&Member], tags: &ReleaseTags) -> Result<Vec<(String, String, CommitId)>> {
        let jobs: Vec<(PathBuf, Option<String>, Vec<CommitId>)> = members
            .iter()
            .map(|member| {
                let commits = tagged(member, tags).into_iter().map(|(_, commit)| commit).collect();
                (member.repository.git_dir().to_owned(), member.remote.clone(), commits)
            })
            .collect();
        let offline = self.choices.offline;
        let answers = side_by_side(&jobs, |(path, remote, commits)| -> Result<Vec<CommitId>> {
            let repository = Repository::open(path)?;
            if let (Some(remote), true, false) = (remote, repository.is_shallow()?, offline) {
                repository.fetch_whole_history(remote)?;
            }
            Ok(repository.on_no_branch(remote.as_deref(), commits)?)
        });
        let mut found = Vec::new();
        for (member, answer) in members.iter().zip(answers) {
            let lonely = answer?;
            let tags = tagged(member, tags).into_iter().filter(|(_, commit)| lonely.contains(commit));
            found.extend(tags.map(|(tag, commit)| (member.name.to_string(), tag, commit)));
        }
        Ok(found)
    }
}

/// The components of a version.
#[derive(Default)]
struct Found {
    /// The clones of those whose tags are looked at.
    components: Vec<Member>,
    /// Those of them that ship.
    shipped: BTreeSet<RepositoryName>,
    /// Those that ship, without a clone.
    unknown: Vec<RepositoryName>,
    /// Those that only other candidates have, without a clone, each with the tags that record it.
    dropped: BTreeMap<RepositoryName, Vec<String>>,
    /// Clones that were known before, and are not among these yet.
    known: Vec<Member>,
}

impl Found {
    fn take(&mut self, name: &RepositoryName) -> Option<Member> {
        let place = self.known.iter().position(|member| member.name == *name)?;
        Some(self.known.swap_remove(place))
    }

    fn ships(&mut self, member: Member) {
        self.shipped.insert(member.name.clone());
        self.components.push(member);
    }

    fn has(&self, name: &RepositoryName) -> bool {
        self.unknown.contains(name) || self.components.iter().any(|member| member.name == *name)
    }
}

/// The tag whose list of components counts: the final one, else that of the highest candidate.
fn deciding<'t>(version: &Version, tags: &'t ReleaseTags) -> Option<(&'t str, &'t AppTag)> {
    let tag = |name: &str| tags.app.get_key_value(name).map(|(name, tag)| (name.as_str(), tag));
    tag(version.final_tag().as_str()).or_else(|| {
        let candidates = tags.app.keys().filter_map(|name| Candidate::parse(name));
        tag(candidates.max_by_key(|candidate| candidate.number)?.tag().as_str())
    })
}

/// The tags of one repository with their commits.
fn tagged(member: &Member, tags: &ReleaseTags) -> Vec<(String, CommitId)> {
    match tags.components.get(&member.name) {
        Some(own) => own.iter().map(|(name, tag)| (name.clone(), tag.commit)).collect(),
        None => tags.app.iter().map(|(name, tag)| (name.clone(), tag.commit)).collect(),
    }
}

/// The clones' own tags that stand elsewhere than the remotes', as these say now, or said when they were asked last.
fn differing(members: &[&Member], version: &Version) -> Result<Vec<(String, String, CommitId, CommitId)>> {
    let mut found = Vec::new();
    for member in members {
        let Some(remote) = &member.remote else { continue };
        let there = member.repository.tags_of(version, TagSource::Asked(remote))?;
        for (tag, id) in member.repository.tags_of(version, TagSource::Clone(None))? {
            let Some(theirs) = there.get(&tag).filter(|theirs| **theirs != id) else { continue };
            let peeled = (member.repository.peel_to_commit(id)?, member.repository.peel_to_commit(*theirs)?);
            if let (Some(here), Some(there)) = peeled
                && here != there
            {
                found.push((member.name.to_string(), tag, here, there));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// What is to be said of the clones' own tags where the remotes are not asked.
///
/// What a remote said of a version before is kept. Where nothing is, it may never have been asked, and the clone's own
/// tags are all there is; unless `relman fetch` has just brought all that the remote has.
#[derive(Default)]
struct OwnTags {
    /// Those that the remote is known to lack: the repository, the tag.
    local_only: Vec<(String, String)>,
    /// The repositories of whose remote nothing is known.
    never_asked: Vec<String>,
}

impl OwnTags {
    fn read(members: &[&Member], version: &Version) -> Result<Self> {
        let mut own = OwnTags::default();
        for member in members.iter().filter(|member| !member.asked) {
            let Some(remote) = &member.remote else { continue };
            let there = member.repository.tags_of(version, TagSource::Asked(remote))?;
            if there.is_empty() && !member.repository.keeps_all_tags(remote) {
                own.never_asked.push(member.name.to_string());
                continue;
            }
            let here = member.repository.tags_of(version, TagSource::Clone(None))?;
            let lonely = here.into_keys().filter(|tag| !there.contains_key(tag));
            own.local_only.extend(lonely.map(|tag| (member.name.to_string(), tag)));
        }
        own.local_only.sort();
        Ok(own)
    }
}
