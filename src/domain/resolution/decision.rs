//! Deciding the commit of every repository and the tag, once the app commit is known.

use crate::domain::candidate::next_number;
use crate::domain::environment::{MixedPolicy, Tagging};
use crate::domain::name::{CommitId, RepositoryName, TagName};
use crate::domain::problem::Problem;
use crate::domain::record::RepositoryRecord;
use crate::domain::tags::Tagged;
use crate::domain::version::Version;

use super::source::{branch_head, candidate_below};
use super::{AppSource, Pick, RepositoryState, SourceKind, Target, Trail, Unresolved};

/// The decision about all repositories of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The app repo.
    pub app: Pick,
    /// The components, in the order of the app's list.
    pub components: Vec<Pick>,
    /// The tag that is deployed, made where `creates` says so.
    pub tag: Option<TagName>,
    /// The candidate behind it.
    pub candidate: Option<TagName>,
    /// Whether the tag, or a part of it, is yet to be made.
    pub creates: bool,
    /// Whether only some repositories have the release branch.
    pub mixed: bool,
}

impl Decision {
    /// The commit of every repository as records write it, the app first.
    pub fn recorded(&self) -> Vec<RepositoryRecord> {
        let record = |pick: &Pick| RepositoryRecord {
            name: pick.name.to_string(),
            commit: pick.commit.to_string(),
            r#ref: pick.reference.clone(),
        };
        std::iter::once(&self.app).chain(&self.components).map(record).collect()
    }
}

/// Decides the commit of every repository, and the tag.
///
/// `components` are those of the list in the app commit of `source`. Without a version (WIP, or `ref:` to something
/// that is no release tag), every component is taken from the head of its branch.
pub fn decide(
    target: &Target,
    version: Option<&Version>,
    source: AppSource,
    app: &RepositoryState,
    components: &[RepositoryState],
    trail: &Trail,
    warnings: &mut Vec<Problem>,
) -> Result<Decision, Unresolved> {
    let app_pick = Pick { name: app.name.clone(), commit: source.commit, reference: source.reference.clone() };
    let Some(version) = version else {
        let (picks, mixed) = at_heads(None, app, components)?;
        return Ok(Decision { app: app_pick, components: picks, tag: None, candidate: None, creates: false, mixed });
    };
    match source.kind {
        SourceKind::Branch | SourceKind::Ref => {
            let (picks, mixed) = at_heads(Some(version), app, components)?;
            Ok(Decision { app: app_pick, components: picks, tag: None, candidate: None, creates: false, mixed })
        }
        SourceKind::CandidateHead => {
            for component in components.iter().filter(|component| component.pinned.is_none()) {
                refuse_foreign_final(version, component)?;
            }
            let (picks, mixed) = at_heads(Some(version), app, components)?;
            if mixed {
                note_mixed(target, version, app, components, warnings)?;
            }
            let (number, creates) = candidate_for_heads(version, app, components, source.commit, &picks, target.spent)?;
            let tag = version.candidate_tag(number);
            Ok(Decision {
                app: app_pick,
                components: picks,
                candidate: Some(tag.clone()),
                tag: Some(tag),
                creates,
                mixed,
            })
        }
        SourceKind::Candidate(number) => {
            let tag = version.candidate_tag(number);
            let tagged = app.tags.candidates.get(&number);
            let picks = at_tag(&tag, tagged, components, |c| c.tags.candidates.get(&number))?;
            let creates = target.tagging == Tagging::Final && target.makes_tags;
            let deployed = if creates { version.final_tag() } else { tag.clone() };
            Ok(Decision {
                app: app_pick,
                components: picks,
                tag: Some(deployed),
                candidate: Some(tag),
                creates,
                mixed: false,
            })
        }
        SourceKind::Final => {
            let tag = version.final_tag();
            let tagged = app.tags.final_tag.as_ref();
            let number = tagged.and_then(|tagged| candidate_below(version, app, tagged));
            let candidate = number.map(|number| version.candidate_tag(number));
            let proven = target.tagging == Tagging::Final && trail.unproven.is_none();
            // The final tag binds the components that its candidate recorded.
            let below = number.and_then(|number| app.tags.candidates.get(&number));
            let recorded = tagged.filter(|t| t.message.is_some()).or(below).or(tagged);
            let picks = at_tag(&tag, recorded, components, |c| {
                c.tags.final_tag.as_ref().or_else(|| number.and_then(|number| c.tags.candidates.get(&number)))
            })?;
            let mut creates = false;
            for component in components.iter().filter(|component| component.pinned.is_none()) {
                if target.tagging != Tagging::Final {
                    continue;
                }
                match &component.tags.final_tag {
                    None => creates = target.makes_tags,
                    Some(final_tag) if proven && candidate_below(version, component, final_tag).is_none() => {
                        return Err(Unresolved::FinalNotOnCandidate {
                            tag,
                            repository: component.name.clone(),
                            version: version.clone(),
                        });
                    }
                    Some(_) => {}
                }
            }
            Ok(Decision { app: app_pick, components: picks, tag: Some(tag), candidate, creates, mixed: false })
        }
    }
}

fn pinned_pick(component: &RepositoryState) -> Option<Pick> {
    component.pinned.as_ref().map(|(tag, commit)| Pick {
        name: component.name.clone(),
        commit: *commit,
        reference: tag.full(),
    })
}

/// The heads of all components, and whether the release branch is there in some repositories only.
fn at_heads(
    version: Option<&Version>,
    app: &RepositoryState,
    components: &[RepositoryState],
) -> Result<(Vec<Pick>, bool), Unresolved> {
    let mut picks = Vec::with_capacity(components.len());
    for component in components {
        if let Some(pick) = pinned_pick(component) {
            picks.push(pick);
            continue;
        }
        let (reference, commit) = match (component.release_head, version) {
            (Some(commit), Some(version)) => (version.release_branch().full(), commit),
            _ => {
                let (branch, commit) = branch_head(component, None)?;
                (branch.full(), commit)
            }
        };
        picks.push(Pick { name: component.name.clone(), commit, reference });
    }
    let (with, without) = release_branch_holders(app, components);
    Ok((picks, !with.is_empty() && !without.is_empty()))
}

fn release_branch_holders<'a>(
    app: &'a RepositoryState,
    components: &'a [RepositoryState],
) -> (Vec<&'a str>, Vec<&'a str>) {
    let unpinned = std::iter::once(app).chain(components.iter().filter(|component| component.pinned.is_none()));
    let (with, without): (Vec<_>, Vec<_>) = unpinned.partition(|repository| repository.release_head.is_some());
    (with.iter().map(|r| r.name.as_str()).collect(), without.iter().map(|r| r.name.as_str()).collect())
}

fn note_mixed(
    target: &Target,
    version: &Version,
    app: &RepositoryState,
    components: &[RepositoryState],
    warnings: &mut Vec<Problem>,
) -> Result<(), Unresolved> {
    let (with, without) = release_branch_holders(app, components);
    let (with, without) = (with.join(", "), without.join(", "));
    if target.mixed == MixedPolicy::Refuse {
        return Err(Unresolved::Mixed { version: version.clone(), with, without });
    }
    warnings.push(
        Problem::warning("mixed-release-branches", format!("release/{version} exists in {with} but not in {without}"))
            .hint(format!("a hotfix takes unreleased commits along from {without}; push release/{version} there too")),
    );
    Ok(())
}

fn refuse_foreign_final(version: &Version, component: &RepositoryState) -> Result<(), Unresolved> {
    match &component.tags.final_tag {
        Some(tagged) if candidate_below(version, component, tagged).is_none() => Err(Unresolved::ForeignFinal {
            repository: component.name.clone(),
            tag: version.final_tag(),
            version: version.clone(),
        }),
        _ => Ok(()),
    }
}

/// The highest number over the app repo and all unpinned components.
pub fn highest_number<'a>(repositories: impl IntoIterator<Item = &'a RepositoryState>) -> Option<u64> {
    repositories.into_iter().filter(|repository| repository.pinned.is_none()).filter_map(|r| r.tags.highest()).max()
}

/// The candidate for these heads: the highest one where it marks exactly them, or could be completed to do so, else
/// the next. The flag says whether tags are yet to be made.
fn candidate_for_heads(
    version: &Version,
    app: &RepositoryState,
    components: &[RepositoryState],
    app_head: CommitId,
    picks: &[Pick],
    spent: Option<u64>,
) -> Result<(u64, bool), Unresolved> {
    let highest = highest_number(std::iter::once(app).chain(components));
    if spent > highest {
        return Ok((next_number(version, spent)?, true));
    }
    let Some(number) = highest else { return Ok((next_number(version, None)?, true)) };
    let head_of = |name: &RepositoryName| picks.iter().find(|pick| &pick.name == name).map(|pick| pick.commit);
    let app_tag = app.tags.candidates.get(&number);
    let mut fits = app_tag.is_none_or(|tagged| tagged.commit == app_head);
    let mut complete = app_tag.is_some();
    for component in components {
        let head = head_of(&component.name);
        // A pinned component has no candidate; what counts is the commit that the app's tag recorded.
        let recorded = app_tag.and_then(|tagged| tagged.message.as_ref()).and_then(|m| m.component(&component.name));
        fits &= recorded.is_none_or(|recorded| Some(recorded) == head);
        if component.pinned.is_some() {
            continue;
        }
        match component.tags.candidates.get(&number) {
            Some(tagged) => fits &= Some(tagged.commit) == head,
            None => complete = false,
        }
    }
    // The app repo is tagged last. A tag of relman's there names the commit that a component has lost; one that was made by
    // hand names none, and tagging what happens to be the head would bind what nobody has said.
    let unproven = app_tag.is_some_and(|tagged| tagged.message.is_none());
    let lacking = components.iter().find(|c| c.pinned.is_none() && !c.tags.candidates.contains_key(&number));
    if let (true, true, Some(component)) = (fits, unproven, lacking) {
        return Err(Unresolved::HalfTaggedByHand {
            tag: version.candidate_tag(number),
            app: app.name.clone(),
            repository: component.name.clone(),
        });
    }
    // An app tag proves that the set exists; one whose component was added since then is no set to complete.
    let app_knows_all = app_tag.is_none_or(|tagged| {
        tagged
            .message
            .as_ref()
            .is_none_or(|m| m.components.is_empty() || components.iter().all(|c| m.component(&c.name).is_some()))
    });
    if fits && app_knows_all { Ok((number, !complete)) } else { Ok((next_number(version, highest)?, true)) }
}

/// The commits that a tag binds: as the app's tag recorded them, else where the component's own tag stands.
fn at_tag<'a>(
    tag: &TagName,
    app_tag: Option<&Tagged>,
    components: &'a [RepositoryState],
    own: impl Fn(&'a RepositoryState) -> Option<&'a Tagged>,
) -> Result<Vec<Pick>, Unresolved> {
    let message = app_tag.and_then(|tagged| tagged.message.as_ref());
    let mut picks = Vec::with_capacity(components.len());
    for component in components {
        let recorded = message.and_then(|message| message.component(&component.name));
        if let Some((pin, commit)) = &component.pinned {
            if let Some(recorded) = recorded
                && recorded != *commit
            {
                return Err(moved(pin, component, *commit, recorded));
            }
            picks.push(Pick { name: component.name.clone(), commit: *commit, reference: pin.full() });
            continue;
        }
        let commit = match (recorded, own(component)) {
            (Some(recorded), Some(tagged)) if tagged.commit != recorded => {
                return Err(moved(tag, component, tagged.commit, recorded));
            }
            (Some(recorded), Some(_)) => recorded,
            (None, Some(tagged)) => tagged.commit,
            // The app repo is tagged last, so a component that lacks the tag has lost it.
            (_, None) => {
                return Err(Unresolved::HalfTagged { tag: tag.clone(), repository: component.name.clone() });
            }
        };
        picks.push(Pick { name: component.name.clone(), commit, reference: tag.full() });
    }
    Ok(picks)
}

fn moved(tag: &TagName, component: &RepositoryState, found: CommitId, recorded: CommitId) -> Unresolved {
    Unresolved::MovedTag {
        tag: tag.clone(),
        repository: component.name.clone(),
        found: found.short(),
        recorded: recorded.short(),
    }
}
