//! Whether a version is what it says: its final tag on the commits of one candidate, in every repository.

use std::collections::{BTreeMap, BTreeSet};

use super::candidate::Candidate;
use super::name::{CommitId, RepositoryName, TagName};
use super::problem::{Problem, Severity};
use super::record::Record;
use super::tag_check::{self, ReleaseTags};
use super::version::Version;

/// Everything that is known of the tags of one version.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The version.
    pub version: Version,
    /// Its tags in all repositories, and those alone.
    pub tags: ReleaseTags,
    /// The records of its deployments, to any environment.
    pub records: Vec<Record>,
    /// Tagged commits that no branch has: the repository, the tag and the commit.
    pub unreachable: Vec<(String, String, CommitId)>,
    /// Tags that this clone has elsewhere than the remote: the repository, the tag, where here, where there.
    pub differing: Vec<(String, String, CommitId, CommitId)>,
    /// Tags that only this clone has, where others of the version are kept from its remote: the repository, the tag.
    pub local_only: Vec<(String, String)>,
    /// Repositories of whose remote nothing is kept of the version, and that were not asked now.
    pub never_asked: Vec<String>,
    /// Tags that components are pinned to and that were moved.
    pub moved_pins: Vec<MovedPin>,
    /// Components that ship and are not pinned, and have a clone.
    pub shipped: BTreeSet<RepositoryName>,
    /// Components that ship, of which there is no clone, so that nothing can be said.
    pub unknown: Vec<RepositoryName>,
    /// Components without a clone that only other candidates have, each with the tags that record it.
    pub dropped: BTreeMap<RepositoryName, Vec<String>>,
    /// Whether an environment vouches for the version, so that it needs no candidate.
    pub vouched: bool,
}

/// A tag that a component is pinned to, and that is not where it was when the release was tagged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedPin {
    /// The component.
    pub repository: RepositoryName,
    /// The tag that it is pinned to.
    pub pin: TagName,
    /// Where that is now.
    pub now: CommitId,
    /// The tag of the release.
    pub made_as: TagName,
    /// What that recorded.
    pub recorded: CommitId,
}

impl Facts {
    /// The final tag, where the app repo has it.
    pub fn final_tag(&self) -> Option<TagName> {
        let tag = self.version.final_tag();
        self.tags.app.contains_key(tag.as_str()).then_some(tag)
    }

    /// The candidate that the final tag stands on, the one that it names before others; without a final tag, the highest.
    pub fn candidate(&self) -> Option<TagName> {
        let finished = self.tags.app.get(self.version.final_tag().as_str());
        let stands = |tag: &&Candidate| match finished {
            Some(finished) => self.tags.app.get(tag.tag().as_str()).is_some_and(|own| own.commit == finished.commit),
            None => true,
        };
        let candidates: Vec<Candidate> = self.tags.app.keys().filter_map(|name| Candidate::parse(name)).collect();
        let named = finished.and_then(|finished| finished.candidate.clone());
        candidates.iter().filter(stands).max_by_key(|one| (Some(one.tag()) == named, one.number)).map(Candidate::tag)
    }

    /// Everything that is wrong, the worst first. Only what is spent or vouched for is a warning.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let is_elsewhere = self.tags.stands_on(&self.tags.app_name, self.version.final_tag().as_str()).is_some();
        if self.final_tag().is_none() && !is_elsewhere {
            let highest = self.candidate().map_or_else(|| "none".to_owned(), |tag| tag.to_string());
            problems.push(
                Problem::error(
                    "no-final-tag",
                    format!("{} is not final; its highest candidate is {highest}", self.version),
                )
                .hint("a deployment to an environment with final tags makes it, or relman tag final")
                .repository(self.tags.app_name.clone()),
            );
        }
        for name in &self.unknown {
            problems.push(
                Problem::error("no-clone", format!("there is no clone of {name}, so its tags can't be verified"))
                    .hint("leave out --offline, or clone it beside the release repo")
                    .repository(name.to_string()),
            );
        }
        for (name, tags) in &self.dropped {
            problems.push(
                Problem::warning(
                    "no-clone",
                    format!("there is no clone of {name}, which only {} had, so nothing of that is verified", tags.join(", ")),
                )
                .hint("it does not ship with the version; clone it beside the release repo if you want its tags looked at")
                .repository(name.to_string()),
            );
        }
        problems.extend(tag_check::problems(&self.tags).into_iter().map(|mut problem| {
            problem.severity = match problem.code {
                "abandoned-candidate" => Severity::Warning,
                "final-not-on-candidate" if self.vouched => Severity::Warning,
                _ => Severity::Error,
            };
            problem
        }));
        self.recorded_elsewhere(&mut problems);
        for (repository, tag, here, there) in &self.differing {
            problems.push(tag_check::at_two_places(repository, tag, *here, *there));
        }
        for MovedPin { repository, pin, now, made_as, recorded } in &self.moved_pins {
            let (now, recorded) = (now.short(), recorded.short());
            problems.push(
                Problem::warning(
                    "moved-tag",
                    format!("{pin} of {repository}, which is pinned to it, is on {now}, and {made_as} was made for {recorded}"),
                )
                .hint("a pinned component takes no part in the proof, but a deployment would refuse it")
                .repository(repository.to_string()),
            );
        }
        for repository in &self.never_asked {
            let message = format!(
                "nothing is kept of what the remote of {repository} has of {}, so the clone's own tags are all the proof",
                self.version
            );
            problems.push(
                Problem::warning("remote-not-asked", message)
                    .hint("leave out --offline to ask the remote now")
                    .repository(repository.clone()),
            );
        }
        for (repository, tag) in &self.local_only {
            problems.push(
                Problem::error(
                    "local-only-tag",
                    format!(
                        "{tag} of {repository} is in this clone's own tags alone; what is kept of the remote lacks it"
                    ),
                )
                .hint("leave out --offline to ask the remote now; a tag that only a clone has proves nothing")
                .repository(repository.clone()),
            );
        }
        for (repository, tag, commit) in &self.unreachable {
            problems.push(
                Problem::error(
                    "unreachable-tag",
                    format!("{tag} of {repository} is on {}, which no branch of it has", commit.short()),
                )
                .hint("its branch was deleted or rewritten, so a later version may lack what it shipped; merge it back")
                .repository(repository.clone()),
            );
        }
        problems
    }

    /// Tags that stand elsewhere now than when they were deployed, or are gone.
    fn recorded_elsewhere(&self, problems: &mut Vec<Problem>) {
        let mut told = BTreeSet::new();
        for record in &self.records {
            let Some(tag) = record.tag.as_deref() else { continue };
            let own =
                record.app_commit.as_deref().and_then(CommitId::parse).map(|id| (self.tags.app_name.as_str(), id));
            let others = record.repositories.iter().filter(|one| one.r#ref.strip_prefix("refs/tags/") == Some(tag));
            let others = others.filter_map(|one| Some((one.name.as_str(), CommitId::parse(&one.commit)?)));
            for (repository, then) in own.into_iter().chain(others) {
                let now = match self.tags.components.iter().find(|(name, _)| name.as_str() == repository) {
                    Some((_, tags)) => tags.get(tag).map(|tag| tag.commit),
                    None if repository == self.tags.app_name => self.tags.app.get(tag).map(|tag| tag.commit),
                    // Pinned, or without a clone.
                    None => continue,
                };
                if now == Some(then) || !told.insert((repository.to_owned(), tag.to_owned(), then)) {
                    continue;
                }
                let elsewhere = self.tags.stands_on(repository, tag);
                let now = match (now, elsewhere) {
                    (Some(now), _) => format!("is on {}", now.short()),
                    (None, Some(kind)) => format!("is on a {kind}"),
                    (None, None) => "is gone".to_owned(),
                };
                problems.push(
                    Problem::error(
                        "moved-tag",
                        format!(
                            "{tag} of {repository} {now}, but was on {} when it was deployed to {} on {}",
                            then.short(),
                            record.environment,
                            record.at.get(..10).unwrap_or(&record.at)
                        ),
                    )
                    .hint("a release tag must never move; go on with the next version")
                    .repository(repository.to_owned()),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::record;
    use crate::domain::tag_check::{AppTag, ComponentTag};

    fn id(digit: char) -> CommitId {
        CommitId::parse(&digit.to_string().repeat(40)).expect("an id")
    }

    fn name(text: &str) -> RepositoryName {
        RepositoryName::parse(text).expect("a name")
    }

    fn facts() -> Facts {
        let app = AppTag {
            commit: id('a'),
            annotated: true,
            components: vec![(name("back"), Some(id('b')))],
            candidate: None,
        };
        let own = ComponentTag { commit: id('b'), annotated: true };
        let names = ["vrelease-7-rc.1", "vrelease-7-rc.2", "vrelease-7"].map(str::to_owned);
        let version = Version::parse("release-7").expect("a version");
        Facts {
            tags: ReleaseTags {
                app_name: "app".into(),
                app: names.clone().map(|name| (name, app.clone())).into(),
                components: [(name("back"), names.map(|name| (name, own)).into())].into(),
                in_use: [version.clone()].into(),
                ..ReleaseTags::default()
            },
            version,
            records: Vec::new(),
            unreachable: Vec::new(),
            differing: Vec::new(),
            local_only: Vec::new(),
            never_asked: Vec::new(),
            moved_pins: Vec::new(),
            shipped: [name("back")].into(),
            unknown: Vec::new(),
            dropped: BTreeMap::new(),
            vouched: false,
        }
    }

    fn codes(facts: &Facts) -> Vec<(&'static str, Severity)> {
        facts.problems().iter().map(|problem| (problem.code, problem.severity)).collect()
    }

    #[test]
    fn a_sound_version_has_no_problems_and_names_its_candidate() {
        let mut facts = facts();
        assert_eq!(codes(&facts), []);
        assert_eq!(facts.candidate(), TagName::parse("vrelease-7-rc.2").ok());
        let named = TagName::parse("vrelease-7-rc.1").ok();
        facts.tags.app.get_mut("vrelease-7").expect("there").candidate.clone_from(&named);
        assert_eq!((facts.candidate(), codes(&facts)), (named, vec![]));
    }

    #[test]
    fn without_a_final_tag_it_is_not_final() {
        let mut facts = facts();
        facts.tags.app.remove("vrelease-7");
        assert_eq!(codes(&facts), [("no-final-tag", Severity::Error), ("half-made-final", Severity::Error)]);
        assert_eq!(facts.candidate(), TagName::parse("vrelease-7-rc.2").ok());
    }

    #[test]
    fn what_is_a_warning_elsewhere_is_an_error_here() {
        let mut facts = facts();
        facts.tags.app.get_mut("vrelease-7").expect("there").annotated = false;
        assert_eq!(codes(&facts), [("lightweight-tag", Severity::Error)]);
    }

    #[test]
    fn a_spent_number_fails_nothing() {
        let mut facts = facts();
        let own = facts.tags.components.get_mut(&name("back")).expect("there");
        own.insert("vrelease-7-rc.3".into(), ComponentTag { commit: id('c'), annotated: true });
        assert_eq!(codes(&facts), [("abandoned-candidate", Severity::Warning)]);
    }

    #[test]
    fn an_environment_may_vouch_for_a_version_without_a_candidate() {
        let mut facts = facts();
        facts.tags.app.retain(|name, _| name == "vrelease-7");
        facts.tags.components.values_mut().for_each(|own| own.retain(|name, _| name == "vrelease-7"));
        assert_eq!(codes(&facts), [("final-not-on-candidate", Severity::Error)]);
        facts.vouched = true;
        assert_eq!(codes(&facts), [("final-not-on-candidate", Severity::Warning)]);
    }

    #[test]
    fn a_tag_that_stood_elsewhere_when_it_was_deployed_has_moved() {
        let line = |app: char, back: char, tag: &str| {
            let (app, back) = (id(app), id(back));
            let text = format!(
                r#"{{"at":"2026-03-03T09:00:00.000Z","id":"1","schema":"relman.record/1","environment":"prod","outcome":"succeeded","tag":"{tag}","app_commit":"{app}","repositories":[{{"name":"app","commit":"{app}","ref":"refs/tags/{tag}"}},{{"name":"back","commit":"{back}","ref":"refs/tags/{tag}"}},{{"name":"lib","commit":"{back}","ref":"refs/tags/{tag}"}}]}}"#
            );
            record::parse(&text)
        };
        let with = |records| Facts { records, ..facts() };
        assert_eq!(codes(&with(line('a', 'b', "vrelease-7"))), []);
        let moved = with(line('a', 'c', "vrelease-7")).problems();
        assert_eq!(moved.len(), 1);
        assert!(moved[0].message.contains("when it was deployed to prod on 2026-03-03"), "{}", moved[0].message);
        assert_eq!(codes(&with(line('d', 'c', "vrelease-7"))).len(), 2);
        let gone = with(line('a', 'b', "vrelease-7-rc.9")).problems();
        assert!(gone.iter().all(|problem| problem.message.contains("is gone")) && gone.len() == 2, "{gone:?}");
    }
}
