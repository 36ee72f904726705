//! Finding the app commit that a version stands for: a head, a candidate, or the final tag.

use crate::domain::environment::Tagging;
use crate::domain::name::{BranchName, CommitId, TagName};
use crate::domain::problem::Problem;
use crate::domain::record::Outcome;
use crate::domain::tags::Tagged;
use crate::domain::version::Version;

use super::{AppSource, RepositoryState, SourceKind, Target, Trail, Unresolved};

/// Finds the app commit for a version, by the environment's tagging.
pub fn app_source(
    target: &Target,
    version: &Version,
    app: &RepositoryState,
    trail: &Trail,
    warnings: &mut Vec<Problem>,
) -> Result<AppSource, Unresolved> {
    match target.tagging {
        Tagging::None => head_of(app, version, target, SourceKind::Branch),
        Tagging::Candidate => match &app.tags.final_tag {
            Some(tagged) => {
                let head = app.release_head.or(app.branch.as_ref().and_then(|(_, head)| *head));
                if head.is_some_and(|head| head != tagged.commit) {
                    warnings.push(
                        Problem::warning(
                            "head-moved",
                            format!("{version} is final; commits after {} are not deployed", version.final_tag()),
                        )
                        .hint("go on with the next version"),
                    );
                }
                Ok(at_final(version, tagged))
            }
            None => head_of(app, version, target, SourceKind::CandidateHead),
        },
        Tagging::Reuse | Tagging::Final => match &app.tags.final_tag {
            Some(tagged) => approved_final(target, version, app, tagged, trail),
            None => choose_candidate(target, version, app, trail, warnings),
        },
    }
}

/// The final tag, if it is what the environment may have: on a candidate where it tags finals, and on the one that was
/// approved where one was named.
fn approved_final(
    target: &Target,
    version: &Version,
    app: &RepositoryState,
    tagged: &Tagged,
    trail: &Trail,
) -> Result<AppSource, Unresolved> {
    if trail.unproven.is_some() {
        return Ok(at_final(version, tagged));
    }
    require_proof(target, version, app, tagged)?;
    if let (Some(named), Some(number)) = (&trail.named, candidate_below(version, app, tagged))
        && !app.tags.candidates.iter().any(|(n, t)| &version.candidate_tag(*n) == named && t.commit == tagged.commit)
    {
        return Err(other_candidate(target, version, named, number));
    }
    Ok(at_final(version, tagged))
}

/// Where finals are tagged, a final tag must stand on a candidate.
pub fn require_proof(
    target: &Target,
    version: &Version,
    app: &RepositoryState,
    tagged: &Tagged,
) -> Result<(), Unresolved> {
    if target.tagging != Tagging::Final || candidate_below(version, app, tagged).is_some() {
        return Ok(());
    }
    Err(Unresolved::FinalNotOnCandidate {
        tag: version.final_tag(),
        repository: app.name.clone(),
        version: version.clone(),
    })
}

fn other_candidate(target: &Target, version: &Version, named: &TagName, on: u64) -> Unresolved {
    Unresolved::OtherCandidate {
        environment: target.environment.clone(),
        named: named.clone(),
        final_tag: version.final_tag(),
        on: version.candidate_tag(on),
    }
}

fn at_final(version: &Version, tagged: &Tagged) -> AppSource {
    AppSource { commit: tagged.commit, reference: version.final_tag().full(), kind: SourceKind::Final }
}

/// The number of the candidate that a final tag stands on: the one that its message names, else the highest on the
/// same commit.
pub fn candidate_below(version: &Version, repository: &RepositoryState, tagged: &Tagged) -> Option<u64> {
    let on_commit = |number: &u64| {
        repository.tags.candidates.get(number).is_some_and(|candidate| candidate.commit == tagged.commit)
    };
    let named = tagged.message.as_ref().and_then(|message| message.candidate.as_ref());
    let named =
        named.and_then(|tag| repository.tags.candidates.keys().copied().find(|n| &version.candidate_tag(*n) == tag));
    named
        .filter(|number| on_commit(number))
        .or_else(|| repository.tags.candidates.keys().copied().rev().find(|n| on_commit(n)))
}

/// The candidate under a final tag that is only half made: components have it, and the app repo, which is tagged last,
/// has not. `None` where no component has it.
pub fn half_made_final(
    target: &Target,
    version: &Version,
    app: &RepositoryState,
    components: &[RepositoryState],
    trail: &Trail,
) -> Result<Option<AppSource>, Unresolved> {
    let unpinned = components.iter().filter(|component| component.pinned.is_none());
    let finals: Vec<_> = unpinned.filter_map(|c| c.tags.final_tag.as_ref().map(|tagged| (c, tagged))).collect();
    let Some((first, _)) = finals.first() else { return Ok(None) };
    let carries = |number: u64, candidate: &Tagged| {
        finals.iter().all(|(component, tagged)| {
            let recorded = candidate.message.as_ref().and_then(|message| message.component(&component.name));
            let own = component.tags.candidates.get(&number).map(|candidate| candidate.commit);
            recorded.or(own) == Some(tagged.commit)
        })
    };
    let fitting: Vec<(u64, &Tagged)> =
        app.tags.candidates.iter().map(|(n, t)| (*n, t)).filter(|(n, t)| carries(*n, t)).collect();
    let Some(highest) = fitting.last() else {
        return match target.tagging {
            Tagging::Final => Err(Unresolved::ForeignFinal {
                repository: first.name.clone(),
                tag: version.final_tag(),
                version: version.clone(),
            }),
            _ => Ok(None),
        };
    };
    let says = finals.iter().find_map(|(_, tagged)| tagged.message.as_ref()?.candidate.as_ref());
    let find = |tag: &TagName| fitting.iter().find(|(number, _)| &version.candidate_tag(*number) == tag);
    let (number, tagged) = match &trail.named {
        Some(named) => find(named).ok_or_else(|| other_candidate(target, version, named, highest.0))?,
        None => says.and_then(find).unwrap_or(highest),
    };
    Ok(Some(at_candidate(version, *number, tagged)))
}

fn at_candidate(version: &Version, number: u64, tagged: &Tagged) -> AppSource {
    AppSource {
        commit: tagged.commit,
        reference: version.candidate_tag(number).full(),
        kind: SourceKind::Candidate(number),
    }
}

fn head_of(
    app: &RepositoryState,
    version: &Version,
    target: &Target,
    kind: SourceKind,
) -> Result<AppSource, Unresolved> {
    if let Some(commit) = app.release_head {
        return Ok(AppSource { commit, reference: version.release_branch().full(), kind });
    }
    let (branch, commit) = branch_head(app, target.branch.as_ref())?;
    Ok(AppSource { commit, reference: branch.full(), kind })
}

/// The configured branch of a repository and its head; an error that names what is missing.
pub fn branch_head(
    repository: &RepositoryState,
    wanted: Option<&BranchName>,
) -> Result<(BranchName, CommitId), Unresolved> {
    match (&repository.branch, wanted) {
        (Some((branch, Some(commit))), _) => Ok((branch.clone(), *commit)),
        (Some((branch, None)), _) | (None, Some(branch)) => {
            Err(Unresolved::NoBranch { repository: repository.name.clone(), branch: branch.clone() })
        }
        (None, None) => Err(Unresolved::NoDefaultBranch { repository: repository.name.clone() }),
    }
}

fn choose_candidate(
    target: &Target,
    version: &Version,
    app: &RepositoryState,
    trail: &Trail,
    warnings: &mut Vec<Problem>,
) -> Result<AppSource, Unresolved> {
    let find = |tag: &TagName| app.tags.candidates.iter().find(|(number, _)| &version.candidate_tag(**number) == tag);
    if let Some(named) = trail.named.as_ref().or(trail.deployed_by_source.as_ref()) {
        return match find(named) {
            Some((number, tagged)) => Ok(at_candidate(version, *number, tagged)),
            None => {
                Err(Unresolved::NamedCandidateMissing { environment: target.environment.clone(), tag: named.clone() })
            }
        };
    }
    let Some((number, tagged)) = app.tags.candidates.last_key_value() else {
        return Err(Unresolved::NoCandidate { version: version.clone(), environment: target.environment.clone() });
    };
    let tag = version.candidate_tag(*number);
    let outcome = trail.outcomes.iter().find(|(known, _)| known == &tag).map(|(_, outcome)| *outcome);
    let state = match outcome {
        Some(Outcome::Failed) => Some("has failed"),
        Some(Outcome::Running) => Some("is still running"),
        _ => None,
    };
    if let Some(state) = state {
        return Err(Unresolved::CandidateNotGood { tag, version: version.clone(), state });
    }
    warnings.push(
        Problem::warning(
            "candidate-not-named",
            format!("nothing names a candidate of {version}, so the highest is taken: {tag}"),
        )
        .hint("a promotion by relman names the candidate that was approved"),
    );
    Ok(at_candidate(version, *number, tagged))
}
