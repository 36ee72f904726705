//! What `verify` looks at: the tags of one version in every repository, as the remotes have them now.

use std::path::PathBuf;

use crate::domain::app_file::AppFile;
use crate::domain::candidate::Candidate;
use crate::domain::name::CommitId;
use crate::domain::tag_check::ReleaseTags;
use crate::domain::verification::Facts;
use crate::domain::version::Version;
use crate::git::app_repo::TagSource;
use crate::git::repository::Repository;

use super::release_tags::add_component_tags;
use super::team::{Member, Question, side_by_side};
use super::{Error, Result, Workspace};

impl Workspace {
    /// Gathers what is to be known of a version's tags. Every remote is asked, unless that is not wanted.
    pub fn tag_facts(&self, version: &Version) -> Result<Facts> {
        self.fetch_environments()?;
        let landscape = self.environments().landscape()?;
        let file = landscape.in_order().find_map(|branch| branch.file.as_ref().ok());
        let application =
            &file.ok_or_else(|| Error::NoEnvironments { path: self.release.folder().to_owned() })?.application;
        let mut app = self.app(application)?;
        let question = Question { version: Some(version.clone()), heads: true };
        let mut known = self.known_components(&app, None, Some(version))?;
        let mut everyone: Vec<&mut Member> = std::iter::once(&mut app).chain(known.iter_mut()).collect();
        self.ask(&mut everyone, &question)?;
        app.require_tags("the verification")?;
        let found = app.repository.tags_of(version, app.tag_source())?;
        let mut tags =
            ReleaseTags { app_name: app.name.to_string(), in_use: [version.clone()].into(), ..ReleaseTags::default() };
        self.add_app_tags(&app, found, &mut tags)?;
        let (mut components, mut unknown) = self.tagged_components(&app, version, &tags, known)?;
        self.ask(&mut components.iter_mut().collect::<Vec<_>>(), &question)?;
        for member in &components {
            member.require_tags("the verification")?;
            let found = member.repository.tags_of(version, member.tag_source())?;
            add_component_tags(member, found, &mut tags)?;
        }
        if tags.is_empty() {
            return Err(Error::NothingTagged { version: version.clone() });
        }
        // A tag may record a component that the list of its commit does not have.
        let recorded = tags.app.values().flat_map(|tag| &tag.components).map(|(name, _)| name);
        for name in recorded {
            if !tags.components.contains_key(name) && !unknown.contains(name) {
                unknown.push(name.clone());
            }
        }
        let members: Vec<&Member> = std::iter::once(&app).chain(&components).collect();
        Ok(Facts {
            version: version.clone(),
            records: self.environments().records_of_version(version)?,
            unreachable: self.unreachable(&members, &tags)?,
            differing: differing(&members, version)?,
            local_only: local_only(&members, version)?,
            unknown,
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
    ) -> Result<(Vec<Member>, Vec<crate::domain::name::RepositoryName>)> {
        let highest =
            tags.app.keys().filter_map(|name| Candidate::parse(name)).max_by_key(|candidate| candidate.number);
        let tag = tags.app.get(version.final_tag().as_str()).or_else(|| tags.app.get(highest?.tag().as_str()));
        let commit = match tag {
            Some(tag) => Some(tag.commit),
            None => self.list_head(app, None, Some(version))?,
        };
        let file = match commit {
            Some(commit) => self.app_file(app, commit)?.0,
            None => AppFile::default(),
        };
        let mut known = known;
        let (mut found, mut unknown) = (Vec::new(), Vec::new());
        for component in file.repositories.iter().filter(|component| !component.is_pinned()) {
            match known.iter().position(|member| member.name == component.name) {
                Some(place) => found.push(known.swap_remove(place)),
                None => match self.component(app, component) {
                    Ok(member) => found.push(member),
                    Err(Error::NoClone { .. }) => unknown.push(component.name.clone()),
                    Err(error) => return Err(error),
                },
            }
        }
        Ok((found, unknown))
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

/// The tags of one repository with their commits.
fn tagged(member: &Member, tags: &ReleaseTags) -> Vec<(String, CommitId)> {
    match tags.components.get(&member.name) {
        Some(own) => own.iter().map(|(name, tag)| (name.clone(), tag.commit)).collect(),
        None => tags.app.iter().map(|(name, tag)| (name.clone(), tag.commit)).collect(),
    }
}

/// The clones' own tags that stand elsewhere than the remotes'.
fn differing(members: &[&Member], version: &Version) -> Result<Vec<(String, String, CommitId, CommitId)>> {
    let mut found = Vec::new();
    for member in members.iter().filter(|member| member.asked) {
        let there = member.repository.tags_of(version, member.tag_source())?;
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

/// The tags that only the clones have, where the remotes are not asked.
///
/// What a remote said of a version before is kept. Where nothing is, it may never have been asked, and the clone's own
/// tags are all there is.
fn local_only(members: &[&Member], version: &Version) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for member in members.iter().filter(|member| !member.asked) {
        let Some(remote) = &member.remote else { continue };
        let there = member.repository.tags_of(version, TagSource::Asked(remote))?;
        if there.is_empty() {
            continue;
        }
        let here = member.repository.tags_of(version, TagSource::Clone(None))?;
        let lonely = here.into_keys().filter(|tag| !there.contains_key(tag));
        found.extend(lonely.map(|tag| (member.name.to_string(), tag)));
    }
    found.sort();
    Ok(found)
}
