//! What is wrong with the tags of a release: half-tagged and abandoned candidates, lightweight tags, final tags that
//! stand on no candidate, tags that were moved.

use std::collections::{BTreeMap, BTreeSet};

use super::candidate::Candidate;
use super::name::{CommitId, RepositoryName, TagName};
use super::problem::{Problem, Severity};
use super::text::shell_word;
use super::version::Version;

/// One release tag of the app repo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppTag {
    /// The commit that it stands on.
    pub commit: CommitId,
    /// Whether it is annotated.
    pub annotated: bool,
    /// The components that must have the same tag, and the commit that was recorded for each, where one was.
    pub components: Vec<(RepositoryName, Option<CommitId>)>,
    /// The candidate that the message of a final tag names.
    pub candidate: Option<TagName>,
}

/// One release tag of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComponentTag {
    /// The commit that it stands on.
    pub commit: CommitId,
    /// Whether it is annotated.
    pub annotated: bool,
}

/// The release tags of all repositories, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReleaseTags {
    /// The app repo's name.
    pub app_name: String,
    /// The app repo's tags.
    pub app: BTreeMap<String, AppTag>,
    /// The tags of each component that has a clone and is not pinned.
    pub components: BTreeMap<RepositoryName, BTreeMap<String, ComponentTag>>,
    /// The versions that environments with final tags declare, and need to be proven.
    pub in_use: BTreeSet<Version>,
    /// Tags that stand on no commit: by repository and name, what they stand on.
    pub elsewhere: BTreeMap<(String, String), &'static str>,
}

impl ReleaseTags {
    /// Whether no repository has any tag.
    pub fn is_empty(&self) -> bool {
        self.app.is_empty() && self.components.values().all(BTreeMap::is_empty) && self.elsewhere.is_empty()
    }

    /// Whether a repository has a tag of this name, wherever it stands.
    fn has(&self, repository: &str, tag: &str) -> bool {
        let own = match self.components.iter().find(|(name, _)| name.as_str() == repository) {
            Some((_, own)) => own.contains_key(tag),
            None => repository == self.app_name && self.app.contains_key(tag),
        };
        own || self.stands_on(repository, tag).is_some()
    }

    /// What a tag stands on that stands on no commit.
    pub fn stands_on(&self, repository: &str, tag: &str) -> Option<&'static str> {
        self.elsewhere.get(&(repository.to_owned(), tag.to_owned())).copied()
    }

    /// The version that a tag finishes, if it is a final one: a version that is in use may have any name.
    pub fn final_version(&self, tag: &str) -> Option<Version> {
        let in_use = self.in_use.iter().find(|version| version.final_tag().as_str() == tag);
        in_use.cloned().or_else(|| final_version(tag))
    }
}

/// How many names a message lists before it says how many more there are.
const LISTED: usize = 5;

/// Everything that is wrong, the worst first.
pub fn problems(tags: &ReleaseTags) -> Vec<Problem> {
    let mut problems = Vec::new();
    on_no_commit(tags, &mut problems);
    half_tagged(tags, &mut problems);
    moved(tags, &mut problems);
    finals(tags, &mut problems);
    abandoned(tags, &mut problems);
    half_made_finals(tags, &mut problems);
    too_large(tags, &mut problems);
    lightweight(tags, &mut problems);
    problems
}

/// Tags on a folder or a file, which can't be checked out as a release.
fn on_no_commit(tags: &ReleaseTags, problems: &mut Vec<Problem>) {
    for ((repository, tag), kind) in &tags.elsewhere {
        if Candidate::parse(tag).is_none() && tags.final_version(tag).is_none() {
            continue;
        }
        let delete = format!("git push origin {}", shell_word(&format!(":refs/tags/{tag}")));
        problems.push(
            Problem::error("tag-without-commit", format!("{tag} of {repository} stands on a {kind}, and not on a commit"))
                .hint(format!(
                    "nothing can be deployed from it, and relman deletes no tags: go on with the next version, or remove it by hand in {repository} ({delete}) and tag again"
                ))
                .repository(repository.clone()),
        );
    }
}

/// A tag that stands elsewhere at the remote than among the clone's own tags.
pub fn at_two_places(repository: &str, tag: &str, here: CommitId, there: CommitId) -> Problem {
    let (here, there) = (here.short(), there.short());
    let message = format!("{tag} of {repository} is on {there} at the remote, and on {here} in this clone's own tags");
    Problem::error("moved-tag", message)
        .hint("either it was moved at the remote, or another one was made here; a release tag must never move")
        .repository(repository.to_owned())
}

/// Tags of a repository that this clone has alone, after all of the remote's were brought. They count for nothing.
pub fn local_only(repository: &str, tags: &[String]) -> Option<Problem> {
    let names: Vec<&str> = tags.iter().map(String::as_str).collect();
    let message = || {
        format!("{repository} has tags in this clone that the remote lacked at the last relman fetch: {}", list(&names))
    };
    (!names.is_empty()).then(|| {
        Problem::warning("local-only-tag", message())
            .hint("if they were pushed since then, relman fetch finds them; until then they are not taken for the remote's")
            .repository(repository.to_owned())
    })
}

fn half_tagged(tags: &ReleaseTags, problems: &mut Vec<Problem>) {
    let mut missing: BTreeMap<&RepositoryName, Vec<&str>> = BTreeMap::new();
    for (tag, app_tag) in &tags.app {
        for (component, _) in &app_tag.components {
            // Without a clone nothing can be said of a component, and `no-clone` says that.
            if tags.components.contains_key(component) && !tags.has(component.as_str(), tag) {
                missing.entry(component).or_default().push(tag);
            }
        }
    }
    for (component, names) in missing {
        problems.push(
            Problem::error("half-tagged", format!("{component} lacks tags that the app repo has: {}", list(&names)))
                .hint("the next deployment that tags completes a candidate on the same commits; relman fetch brings tags that exist")
                .repository(component.to_string()),
        );
    }
}

fn moved(tags: &ReleaseTags, problems: &mut Vec<Problem>) {
    for (tag, app_tag) in &tags.app {
        for (component, recorded) in &app_tag.components {
            let own = tags.components.get(component).and_then(|own| own.get(tag));
            if let (Some(recorded), Some(own)) = (recorded, own)
                && *recorded != own.commit
            {
                problems.push(
                    Problem::error(
                        "moved-tag",
                        format!(
                            "{tag} in {component} is on {}, but was on {} when the release was tagged",
                            own.commit.short(),
                            recorded.short()
                        ),
                    )
                    .hint("a release tag must never move; go on with the next version")
                    .repository(component.to_string()),
                );
            }
        }
    }
}

fn finals(tags: &ReleaseTags, problems: &mut Vec<Problem>) {
    let mut unproven: BTreeMap<(Severity, &str), Vec<String>> = BTreeMap::new();
    // Candidates by version, so that a thousand final tags do not each look at every candidate.
    let mut candidates: BTreeMap<Version, Vec<(u64, &str)>> = BTreeMap::new();
    for name in tags.app.keys() {
        if let Some(candidate) = Candidate::parse(name) {
            candidates.entry(candidate.version).or_default().push((candidate.number, name));
        }
    }
    for (name, app_tag) in &tags.app {
        let Some(version) = tags.final_version(name) else { continue };
        let of_version = candidates.get(&version);
        let severity = if tags.in_use.contains(&version) { Severity::Error } else { Severity::Warning };
        let on = |commit: CommitId| {
            of_version
                .into_iter()
                .flatten()
                .filter(move |(_, tag)| tags.app.get(*tag).is_some_and(|c| c.commit == commit))
        };
        let mut below: Vec<&str> = on(app_tag.commit).map(|(_, tag)| *tag).collect();
        // Where the message names the candidate, no other one will do.
        if let Some(named) = &app_tag.candidate {
            below.retain(|tag| *tag == named.as_str());
        }
        if below.is_empty() {
            let missing = app_tag.candidate.as_ref().filter(|named| !tags.app.contains_key(named.as_str()));
            let told = match missing {
                Some(missing) => format!("{name} (names {missing}, which does not exist)"),
                None => name.clone(),
            };
            unproven.entry((severity, tags.app_name.as_str())).or_default().push(told);
            continue;
        }
        for (component, _) in &app_tag.components {
            let Some(own) = tags.components.get(component) else { continue };
            let Some(own_final) = own.get(name) else { continue };
            let stands_on = |tag: &&str| own.get(*tag).is_none_or(|candidate| candidate.commit == own_final.commit);
            // One candidate for all repositories: what one of them rules out, the others can't stand on.
            let still: Vec<&str> = below.iter().copied().filter(stands_on).collect();
            if still.is_empty() {
                unproven.entry((severity, component.as_str())).or_default().push(name.clone());
            } else {
                below = still;
            }
        }
    }
    for ((severity, repository), names) in unproven {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let message = format!("final tags in {repository} that stand on no candidate: {}", list(&names));
        let problem = match severity {
            Severity::Error => Problem::error("final-not-on-candidate", message),
            Severity::Warning => Problem::warning("final-not-on-candidate", message),
        };
        problems.push(
            problem
                .hint("they were made by hand, or before relman; an environment with final tags takes one only where `Unproven:` vouches for it")
                .repository(repository.to_owned()),
        );
    }
}

fn abandoned(tags: &ReleaseTags, problems: &mut Vec<Problem>) {
    for (component, own) in &tags.components {
        let names: Vec<&str> = own
            .keys()
            .map(String::as_str)
            .filter(|name| Candidate::parse(name).is_some() && !tags.has(&tags.app_name, name))
            .collect();
        if !names.is_empty() {
            problems.push(
                Problem::warning(
                    "abandoned-candidate",
                    format!("{component} has candidates that the app repo lacks: {}", list(&names)),
                )
                .hint("a run that tags was stopped half-way; the numbers are spent, and nothing else is wrong")
                .repository(component.to_string()),
            );
        }
    }
}

/// A component's final tag without the app's, on a candidate: a run that finished a version was stopped half-way.
fn half_made_finals(tags: &ReleaseTags, problems: &mut Vec<Problem>) {
    for (component, own) in &tags.components {
        let half_made = |name: &&str| {
            let on_candidate = |commit: CommitId, version: &Version| {
                own.iter().any(|(tag, at)| {
                    at.commit == commit && Candidate::parse(tag).is_some_and(|candidate| &candidate.version == version)
                })
            };
            let version = tags.final_version(name).filter(|_| !tags.has(&tags.app_name, name));
            version.is_some_and(|version| own.get(*name).is_some_and(|tag| on_candidate(tag.commit, &version)))
        };
        let names: Vec<&str> = own.keys().map(String::as_str).filter(half_made).collect();
        if !names.is_empty() {
            problems.push(
                Problem::warning(
                    "half-made-final",
                    format!("{component} has final tags that the app repo lacks: {}", list(&names)),
                )
                .hint("the next deployment that makes final tags completes them on the same candidate")
                .repository(component.to_string()),
            );
        }
    }
}

/// Candidates whose number can't be followed by another, which stops their version.
fn too_large(tags: &ReleaseTags, problems: &mut Vec<Problem>) {
    let app = tags.app.keys().map(|name| (tags.app_name.as_str(), name));
    let components =
        tags.components.iter().flat_map(|(component, own)| own.keys().map(|name| (component.as_str(), name)));
    for (repository, name) in app.chain(components) {
        let digits = name.rsplit_once("-rc.").map(|(_, digits)| digits).unwrap_or_default();
        let number = !digits.is_empty() && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
        if number && digits.parse::<u64>().ok().and_then(|number| number.checked_add(1)).is_none() {
            problems.push(
                Problem::error(
                    "candidate-number-too-large",
                    format!("the number of the tag {name} in {repository} is too large"),
                )
                .hint("no candidate of its version can follow; go on with another version")
                .repository(repository.to_owned()),
            );
        }
    }
}

fn lightweight(tags: &ReleaseTags, problems: &mut Vec<Problem>) {
    let is_release = |name: &str| Candidate::parse(name).is_some() || tags.final_version(name).is_some();
    let mut report = |repository: &str, names: Vec<&str>| {
        if !names.is_empty() {
            problems.push(
                Problem::warning(
                    "lightweight-tag",
                    format!("release tags in {repository} that are not annotated: {}", list(&names)),
                )
                .hint("a lightweight tag is no lock and carries no facts; relman makes annotated ones")
                .repository(repository.to_owned()),
            );
        }
    };
    let app = tags.app.iter().filter(|(name, tag)| !tag.annotated && is_release(name));
    report(&tags.app_name, app.map(|(name, _)| name.as_str()).collect());
    for (component, own) in &tags.components {
        let own = own.iter().filter(|(name, tag)| !tag.annotated && is_release(name));
        report(component.as_str(), own.map(|(name, _)| name.as_str()).collect());
    }
}

/// The version that a final tag finishes; `None` for every other tag.
///
/// A tag such as `vendor` begins with a `v` as well, so a version must begin with a digit to be taken for one here.
pub fn final_version(tag: &str) -> Option<Version> {
    let rest = tag.strip_prefix('v')?;
    if !rest.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    Version::parse(rest).ok()
}

fn list(names: &[&str]) -> String {
    let shown = names.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: char) -> CommitId {
        CommitId::parse(&digit.to_string().repeat(40)).expect("an id")
    }

    fn name(text: &str) -> RepositoryName {
        RepositoryName::parse(text).expect("a name")
    }

    fn app_tag(commit: char, recorded: Option<char>) -> AppTag {
        AppTag {
            commit: id(commit),
            annotated: true,
            components: vec![(name("back"), recorded.map(id))],
            candidate: None,
        }
    }

    fn own(commit: char) -> ComponentTag {
        ComponentTag { commit: id(commit), annotated: true }
    }

    /// A release that is as it should be: one candidate, one final tag on it.
    fn sound() -> ReleaseTags {
        ReleaseTags {
            app_name: "app".into(),
            app: [("v1.0.0-rc.1".to_owned(), app_tag('a', Some('b'))), ("v1.0.0".to_owned(), app_tag('a', Some('b')))]
                .into(),
            components: [(
                name("back"),
                [("v1.0.0-rc.1".to_owned(), own('b')), ("v1.0.0".to_owned(), own('b'))].into(),
            )]
            .into(),
            in_use: [Version::parse("1.0.0").expect("a version")].into(),
            ..ReleaseTags::default()
        }
    }

    fn codes(tags: &ReleaseTags) -> Vec<(&'static str, Severity)> {
        problems(tags).iter().map(|problem| (problem.code, problem.severity)).collect()
    }

    #[test]
    fn a_tag_on_no_commit_is_not_missing() {
        let mut tags = sound();
        tags.components.get_mut(&name("back")).expect("there").remove("v1.0.0");
        tags.elsewhere.insert(("back".into(), "v1.0.0".into()), "tree");
        // A tag that is no release's may stand on anything.
        tags.elsewhere.insert(("back".into(), "vendor".into()), "blob");
        assert_eq!(codes(&tags), [("tag-without-commit", Severity::Error)]);
        assert_eq!(problems(&tags)[0].message, "v1.0.0 of back stands on a tree, and not on a commit");
        assert!(problems(&tags)[0].hint.contains("(git push origin :refs/tags/v1.0.0)"), "{:?}", problems(&tags)[0]);
        let mut tags = sound();
        tags.app.remove("v1.0.0");
        tags.elsewhere.insert(("app".into(), "v1.0.0".into()), "blob");
        assert_eq!(codes(&tags), [("tag-without-commit", Severity::Error)], "it is no half-made final tag");
    }

    #[test]
    fn a_sound_release_has_no_problems() {
        assert_eq!(codes(&sound()), []);
    }

    #[test]
    fn a_component_without_the_tag_is_half_tagged() {
        let mut tags = sound();
        tags.components.get_mut(&name("back")).expect("there").remove("v1.0.0-rc.1");
        assert_eq!(codes(&tags), [("half-tagged", Severity::Error)]);
    }

    #[test]
    fn a_component_without_a_clone_says_nothing() {
        let mut tags = sound();
        tags.components.clear();
        assert_eq!(codes(&tags), []);
    }

    #[test]
    fn a_moved_tag_is_found() {
        let mut tags = sound();
        tags.components.get_mut(&name("back")).expect("there").insert("v1.0.0-rc.1".into(), own('c'));
        assert!(codes(&tags).contains(&("moved-tag", Severity::Error)));
    }

    #[test]
    fn a_final_tag_must_stand_on_a_candidate() {
        let mut tags = sound();
        tags.app.get_mut("v1.0.0").expect("there").commit = id('d');
        assert_eq!(codes(&tags), [("final-not-on-candidate", Severity::Error)]);
        tags.in_use.clear();
        assert_eq!(codes(&tags), [("final-not-on-candidate", Severity::Warning)]);
    }

    #[test]
    fn a_candidate_that_is_named_and_does_not_exist_is_told() {
        let mut tags = sound();
        let mut name = |candidate| {
            tags.app.get_mut("v1.0.0").expect("there").candidate = TagName::parse(candidate).ok();
            problems(&tags)
        };
        assert_eq!(name("v1.0.0-rc.1"), []);
        let found = name("v1.0.0-rc.7");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].code, "final-not-on-candidate");
        let told = "stand on no candidate: v1.0.0 (names v1.0.0-rc.7, which does not exist)";
        assert!(found[0].message.ends_with(told), "{}", found[0].message);
    }

    #[test]
    fn one_candidate_must_do_for_all_repositories() {
        // Two candidates on one commit of the app; each component stands on another one of them.
        let mut tags = sound();
        let both = vec![(name("back"), None), (name("front"), None)];
        for tag in ["v1.0.0-rc.1", "v1.0.0-rc.2", "v1.0.0"] {
            tags.app.insert(tag.into(), AppTag { components: both.clone(), ..app_tag('a', None) });
        }
        let of = |first, second, last| {
            [("v1.0.0-rc.1", first), ("v1.0.0-rc.2", second), ("v1.0.0", last)]
                .map(|(tag, commit)| (tag.to_owned(), own(commit)))
                .into()
        };
        tags.components = [(name("back"), of('b', 'c', 'b')), (name("front"), of('d', 'e', 'd'))].into();
        assert_eq!(codes(&tags), []);
        tags.components.insert(name("front"), of('d', 'e', 'e'));
        assert_eq!(codes(&tags), [("final-not-on-candidate", Severity::Error)]);
        // The message says which one was meant.
        tags.components.insert(name("front"), of('d', 'e', 'd'));
        tags.app.get_mut("v1.0.0").expect("there").candidate = TagName::parse("v1.0.0-rc.2").ok();
        assert_eq!(codes(&tags).len(), 2);
    }

    #[test]
    fn a_components_candidate_alone_is_abandoned() {
        let mut tags = sound();
        tags.components.get_mut(&name("back")).expect("there").insert("v1.0.0-rc.2".into(), own('c'));
        assert_eq!(codes(&tags), [("abandoned-candidate", Severity::Warning)]);
    }

    #[test]
    fn a_final_tag_that_only_a_component_has_is_half_made() {
        let mut tags = sound();
        tags.app.remove("v1.0.0");
        assert_eq!(codes(&tags), [("half-made-final", Severity::Warning)]);
        // A component's own past is no release of ours.
        tags.components.get_mut(&name("back")).expect("there").insert("v0.9.0".into(), own('c'));
        assert_eq!(codes(&tags).len(), 1);
    }

    #[test]
    fn a_number_without_a_successor_is_an_error() {
        for digits in ["99999999999999999999", "18446744073709551615"] {
            let mut tags = sound();
            tags.app.insert(
                format!("v2.0.0-rc.{digits}"),
                AppTag { commit: id('a'), annotated: true, components: vec![], candidate: None },
            );
            assert!(codes(&tags).contains(&("candidate-number-too-large", Severity::Error)), "{digits}");
        }
        let mut tags = sound();
        tags.app.insert(
            "v2.0.0-rc.018446744073709551615".into(),
            AppTag { commit: id('a'), annotated: true, components: vec![], candidate: None },
        );
        assert_eq!(codes(&tags), []);
    }

    #[test]
    fn lightweight_tags_are_told_and_other_tags_left_alone() {
        let mut tags = sound();
        tags.app.get_mut("v1.0.0-rc.1").expect("there").annotated = false;
        tags.app
            .insert("vendor".into(), AppTag { commit: id('a'), annotated: false, components: vec![], candidate: None });
        assert_eq!(codes(&tags), [("lightweight-tag", Severity::Warning)]);
    }

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(list(&["1", "2", "3", "4", "5", "6", "7"]), "1, 2, 3, 4, 5 and 2 more");
    }
}
