//! The chain of one deployment: release commit, version, tag, app commit, components, pipeline, values; and for each link
//! what proves it.

mod found;

use super::name::{CommitId, RepositoryName, TagName};
use super::record::{FileRecord, Record};
use super::word::words;

pub use found::{App, Component, Found};

words! {
    /// Who says that a link is as it is. Without any, a link is derived: it is what would be so today.
    #[derive(PartialOrd, Ord)]
    pub enum Witness {
        /// The record of the deployment.
        Record = "record",
        /// The message of the tag, or the tag itself where it is a commit's.
        Tag = "tag",
        /// The message of a commit of the release repo.
        Commit = "commit",
    }
}

/// A link of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link<T> {
    /// What it is.
    pub value: T,
    /// Who says so; nobody where it is derived.
    pub proof: Vec<Witness>,
}

/// A repository of the deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryLink {
    /// Its name.
    pub name: String,
    /// The name that the record knows it by, where that is another one.
    pub recorded_as: Option<String>,
    /// The commit.
    pub commit: CommitId,
    /// The reference that it came from, where that is known.
    pub reference: Option<String>,
    /// Who says so.
    pub proof: Vec<Witness>,
}

/// What is not known, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The link: `record`, `tag`, `app_commit`, `pipeline`, or the name of a component.
    pub what: String,
    /// Why it is not known.
    pub why: String,
}

/// The chain of one deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    /// The commit of the release repo.
    pub release_commit: Option<Link<CommitId>>,
    /// The version.
    pub version: Option<Link<String>>,
    /// The tag.
    pub tag: Option<Link<String>>,
    /// The candidate behind it.
    pub candidate: Option<Link<String>>,
    /// The commit of the app repo.
    pub app_commit: Option<Link<CommitId>>,
    /// All repositories, the app repo first.
    pub repositories: Vec<RepositoryLink>,
    /// The definition of the pipeline.
    pub pipeline: Option<Link<FileRecord>>,
    /// The values files.
    pub values: Vec<Link<FileRecord>>,
    /// What is not known.
    pub missing: Vec<Missing>,
    /// What two witnesses say differently.
    pub contradictions: Vec<String>,
}

impl Chain {
    /// Puts together what the record says, what tags and commits say, and what follows from them.
    pub fn new(found: &Found, record: Option<&Record>) -> Self {
        let mut chain = Chain::default();
        if record.is_none() {
            chain.lacks("record", "no record says that it was deployed; relman fetch brings the records");
        }
        chain.release(found, record);
        chain.tag(found, record);
        chain.app(found, record);
        chain.components(found, record);
        chain.files(found, record);
        chain
    }

    /// Whether every link is there, and no two witnesses disagree.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty() && self.contradictions.is_empty()
    }

    fn lacks(&mut self, what: &str, why: impl Into<String>) {
        self.missing.push(Missing { what: what.to_owned(), why: why.into() });
    }

    fn release(&mut self, found: &Found, record: Option<&Record>) {
        let recorded = record.and_then(|record| record.release_commit.as_deref()).and_then(CommitId::parse);
        self.release_commit = link(recorded, found.release_commit);
        if self.release_commit.is_none() {
            self.lacks("release_commit", "it is not known which commit of the release repo was deployed");
        }
        self.version = link(record.and_then(|record| record.version.clone()), found.declared.clone());
        if let (Some(recorded), Some(declared)) = (record.and_then(|record| record.version.as_ref()), &found.declared)
            && recorded != declared
        {
            self.contradictions.push(format!(
                "the record says that {recorded} was deployed, and the release file at that commit says {declared}"
            ));
        }
    }

    fn tag(&mut self, found: &Found, record: Option<&Record>) {
        let text = |tag: &Option<TagName>| tag.as_ref().map(TagName::to_string);
        self.tag = match record {
            Some(record) => record.tag.clone().map(by_record),
            None => link(None, text(&found.tag)),
        };
        if self.tag.is_none() && record.is_none() && found.tagged_deployments {
            self.lacks("tag", found.unread("the app repo's clone has no tag for what is declared"));
        }
        if self.tag.is_some() && found.tagged.is_none() && !matches!(found.app, App::Unreadable { .. }) {
            self.lacks("tag", "the app repo's clone has no such tag; relman fetch brings it, if it exists still");
        }
        let message = found.tagged.as_ref().and_then(|tagged| tagged.message.as_ref());
        let in_message = message.and_then(|message| text(&message.candidate));
        let recorded = record.and_then(|record| record.candidate.clone());
        let value = recorded.clone().or_else(|| in_message.clone()).or_else(|| text(&found.named));
        let Some(value) = value else {
            self.candidate = text(&found.candidate).map(|value| Link { value, proof: Vec::new() });
            return;
        };
        let mut proof = Vec::new();
        let said = [(Witness::Record, recorded), (Witness::Tag, in_message), (Witness::Commit, text(&found.named))];
        for (witness, said) in said {
            match said {
                Some(said) if said == value => proof.push(witness),
                Some(said) => self.contradictions.push(format!(
                    "the candidate is {value} by the {}, and {said} by the {}",
                    proof.first().copied().unwrap_or(Witness::Record).as_str(),
                    witness.as_str()
                )),
                None => {}
            }
        }
        self.candidate = Some(Link { value, proof });
    }

    fn app(&mut self, found: &Found, record: Option<&Record>) {
        let recorded = record.and_then(|record| record.app_commit.as_deref()).and_then(CommitId::parse);
        let tagged = found.tagged.as_ref().map(|tagged| tagged.commit);
        let mut proof = Vec::new();
        if recorded.is_some() {
            proof.push(Witness::Record);
        }
        match recorded {
            Some(_) if recorded == tagged => proof.push(Witness::Tag),
            // Without a record, the tag proves something only where a commit of the release repo names its candidate.
            None if tagged.is_some() && self.names_candidate(found) => proof.extend([Witness::Tag, Witness::Commit]),
            _ => {}
        }
        if let (Some(recorded), Some(tagged)) = (recorded, tagged)
            && recorded != tagged
        {
            let tag = self.tag.as_ref().map_or_else(|| "the tag".to_owned(), |tag| tag.value.clone());
            self.contradictions.push(format!(
                "{tag} is on {} now, and the record says that {} was deployed",
                tagged.short(),
                recorded.short()
            ));
        }
        match recorded.or(tagged).or(found.fixed_commit) {
            Some(value) => self.app_commit = Some(Link { value, proof }),
            None if found.tagged_deployments => {
                self.lacks("app_commit", found.unread("neither a record nor a tag says which one it was"));
            }
            None => self.lacks("app_commit", "without a record, where a branch stood then is not known"),
        }
    }

    /// Whether the candidate that the release repo names is the tag that was found, or the one that it finishes.
    fn names_candidate(&self, found: &Found) -> bool {
        let named = found.named.as_ref();
        let message = found.tagged.as_ref().and_then(|tagged| tagged.message.as_ref());
        let finished = message.and_then(|message| message.candidate.as_ref());
        named.is_some() && (named == found.tag.as_ref() || named == finished)
    }

    fn components(&mut self, found: &Found, record: Option<&Record>) {
        let message = found.tagged.as_ref().and_then(|tagged| tagged.message.as_ref());
        let (app, listed): (Option<&RepositoryName>, &[Component]) = match &found.app {
            App::Unknown => (None, &[]),
            App::Unreadable { name, why, .. } => {
                if record.is_none_or(|record| record.repositories.is_empty()) {
                    self.lacks("repositories", why.clone());
                }
                (Some(name), &[])
            }
            App::Read { name, components, .. } => (Some(name), components),
        };
        if let (Some(app), Some(commit)) = (app, &self.app_commit) {
            let reference = record
                .and_then(|record| record.repositories.iter().find(|one| one.name == app.as_str()))
                .map(|one| one.r#ref.clone())
                .or_else(|| self.tag.as_ref().map(|tag| format!("refs/tags/{}", tag.value)));
            let (commit, proof) = (commit.value, commit.proof.clone());
            self.repositories.push(RepositoryLink {
                name: app.to_string(),
                recorded_as: None,
                commit,
                reference,
                proof,
            });
        }
        let recorded = record.map_or(&[][..], |record| record.repositories.as_slice());
        let mut names: Vec<String> = Vec::new();
        let recorded_names = recorded.iter().map(|one| one.name.as_str());
        let in_message = message.into_iter().flat_map(|message| &message.components).map(|(name, _)| name.as_str());
        for name in recorded_names.chain(in_message).chain(listed.iter().map(|one| one.name.as_str())) {
            let name = found.listed_as(name);
            if app.is_none_or(|app| app.as_str() != name) && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        for name in names {
            let by_record = recorded.iter().find(|one| found.listed_as(&one.name) == name);
            let by_tag = message.and_then(|message| {
                let own = |(known, _): &&(RepositoryName, CommitId)| found.listed_as(known.as_str()) == name;
                message.components.iter().find(own).map(|(_, commit)| *commit)
            });
            let own = listed.iter().find(|one| one.name.as_str() == name);
            self.component(&name, by_record, by_tag, own);
        }
    }

    fn component(
        &mut self,
        name: &str,
        recorded: Option<&super::record::RepositoryRecord>,
        by_message: Option<CommitId>,
        own: Option<&Component>,
    ) {
        let by_record = recorded.and_then(|one| CommitId::parse(&one.commit));
        let own_commit = own.and_then(|own| own.commit);
        let Some(commit) = by_record.or(by_message).or(own_commit) else {
            let why = match own {
                Some(own) if !own.has_clone => {
                    "there is no clone of it, and neither a record nor the tag names its commit"
                }
                _ => "neither a record nor the tag names its commit, and it has no such tag itself",
            };
            self.lacks(name, why);
            return;
        };
        let mut proof = Vec::new();
        for (witness, said) in [(Witness::Record, by_record), (Witness::Tag, by_message)] {
            match said {
                Some(said) if said == commit => proof.push(witness),
                Some(said) => self.contradictions.push(format!(
                    "{name} was on {} by the record, and on {} by the message of the tag",
                    commit.short(),
                    said.short()
                )),
                None => {}
            }
        }
        if let Some(now) = own_commit.filter(|now| *now != commit) {
            let tag = own.and_then(|own| own.tag.as_ref()).map_or_else(|| "its tag".to_owned(), ToString::to_string);
            self.contradictions.push(format!(
                "{tag} of {name} is on {} now, and {} was deployed",
                now.short(),
                commit.short()
            ));
        }
        let reference =
            recorded.map(|one| one.r#ref.clone()).or_else(|| own.and_then(|own| own.tag.as_ref()).map(TagName::full));
        let recorded_as = recorded.map(|one| one.name.clone()).filter(|recorded| recorded != name);
        self.repositories.push(RepositoryLink { name: name.to_owned(), recorded_as, commit, reference, proof });
    }

    fn files(&mut self, found: &Found, record: Option<&Record>) {
        let unknown = || found.unread("which definition was used can't be told without the app commit");
        let (pipeline, values) = match &found.app {
            App::Read { pipeline, values, .. } => (pipeline.as_ref().map_err(String::clone), values.as_slice()),
            App::Unreadable { file, .. } => (file.as_ref().ok_or_else(unknown), &[][..]),
            App::Unknown => (Err(unknown()), &[][..]),
        };
        let recorded = record.and_then(|record| record.pipeline.clone());
        match (&recorded, &pipeline) {
            (Some(recorded), Ok(read)) if recorded.path == read.path && recorded.blob != read.blob => {
                self.contradictions.push(format!(
                    "{} is another file at the app commit than the one that the record names",
                    recorded.path
                ));
            }
            (None, Err(why)) => self.lacks("pipeline", why),
            _ => {}
        }
        self.pipeline = link(recorded, pipeline.ok().cloned());
        self.values = match record.filter(|record| !record.values.is_empty()) {
            Some(record) => record.values.iter().cloned().map(by_record).collect(),
            None => values.iter().cloned().map(|value| Link { value, proof: Vec::new() }).collect(),
        };
    }
}

fn by_record<T>(value: T) -> Link<T> {
    Link { value, proof: vec![Witness::Record] }
}

/// What the record says, else what follows.
fn link<T>(recorded: Option<T>, derived: Option<T>) -> Option<Link<T>> {
    match recorded {
        Some(value) => Some(by_record(value)),
        None => derived.map(|value| Link { value, proof: Vec::new() }),
    }
}

#[cfg(test)]
mod tests;
