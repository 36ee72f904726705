//! What a deployment would use: which commits, under which tag, from which candidate.
//!
//! The rules follow one table: an environment's tagging and what its branch declares decide which reference counts.
//! Everything is decided from facts that were read before; nothing here looks anything up.

use super::candidate::{NumberError, next_number};
use super::environment::{MixedPolicy, Tagging};
use super::error::{Exit, Explain};
use super::name::{BranchName, CommitId, EnvironmentName, RepositoryName, TagName};
use super::problem::Problem;
use super::record::Outcome;
use super::tags::{Tagged, VersionTags};
use super::version::Version;

/// One repository of a release, as far as a version is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryState {
    /// Its name.
    pub name: RepositoryName,
    /// The tag that a component is pinned to, and its commit.
    pub pinned: Option<(TagName, CommitId)>,
    /// The head of `release/<V>`.
    pub release_head: Option<CommitId>,
    /// The configured or default branch, and its head.
    pub branch: Option<(BranchName, CommitId)>,
    /// The tags of the version.
    pub tags: VersionTags,
}

/// A commit of a repository and the reference that it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// The repository.
    pub name: RepositoryName,
    /// The commit.
    pub commit: CommitId,
    /// The full name of the reference, or the commit id where the commit itself was asked for.
    pub reference: String,
}

/// What the history of an environment branch says about the candidate of the version that it declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trail {
    /// The candidate in the newest commit since the version came to the branch that names version and candidate.
    pub named: Option<TagName>,
    /// The candidate of the newest successful deployment of a commit that was merged.
    pub deployed_by_source: Option<TagName>,
    /// Why a final tag without a candidate is to be trusted.
    pub unproven: Option<String>,
    /// For each candidate, the outcome of its newest deployment at the tips of the environments that promotions come
    /// from.
    pub outcomes: Vec<(TagName, Outcome)>,
}

/// Why nothing can be deployed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unresolved {
    /// `WIP` where a version is needed.
    #[error("environment {environment} needs a version, and its branch says WIP")]
    WipNeedsVersion {
        /// The environment.
        environment: EnvironmentName,
    },
    /// There is no candidate to take.
    #[error("there is no candidate of {version}, so {environment} has nothing to deploy")]
    NoCandidate {
        /// The version.
        version: Version,
        /// The environment.
        environment: EnvironmentName,
    },
    /// The branch names a candidate that does not exist in the app repo.
    #[error("the branch of {environment} names the candidate {tag}, which the app repo does not have")]
    NamedCandidateMissing {
        /// The environment.
        environment: EnvironmentName,
        /// The candidate.
        tag: TagName,
    },
    /// The branch names one candidate, and the final tag stands on another.
    #[error("the branch of {environment} names {named}, but {final_tag} stands on {on}")]
    OtherCandidate {
        /// The environment.
        environment: EnvironmentName,
        /// The candidate that the branch names.
        named: TagName,
        /// The final tag.
        final_tag: TagName,
        /// The candidate that it stands on.
        on: TagName,
    },
    /// The final tag does not stand on one candidate in every repository.
    #[error("{tag} in {repository} is on no candidate of {version}")]
    FinalNotOnCandidate {
        /// The final tag.
        tag: TagName,
        /// The repository in which it does not.
        repository: RepositoryName,
        /// The version.
        version: Version,
    },
    /// A component has a final tag of this version from its own past.
    #[error("{repository} already has a tag {tag} that belongs to no candidate of {version}")]
    ForeignFinal {
        /// The component.
        repository: RepositoryName,
        /// The tag.
        tag: TagName,
        /// The version.
        version: Version,
    },
    /// The only candidate there is has failed, or is still being deployed, where it comes from.
    #[error("{tag} is the highest candidate of {version}, and its last deployment {state}")]
    CandidateNotGood {
        /// The candidate.
        tag: TagName,
        /// The version.
        version: Version,
        /// `has failed`, or `is still running`.
        state: &'static str,
    },
    /// A branch that is to be deployed does not exist.
    #[error("{repository} has no branch {branch}")]
    NoBranch {
        /// The repository.
        repository: RepositoryName,
        /// The branch.
        branch: BranchName,
    },
    /// It is not known which branch is the default one.
    #[error("the default branch of {repository} is not known")]
    NoDefaultBranch {
        /// The repository.
        repository: RepositoryName,
    },
    /// Repositories differ in whether they have a release branch, and the entry forbids that.
    #[error("release/{version} exists in {with} but not in {without}, and the entry says `mixed: refuse`")]
    Mixed {
        /// The version.
        version: Version,
        /// Repositories that have the branch.
        with: String,
        /// Repositories that have it not.
        without: String,
    },
    /// A component was tagged on another commit than the app's tag recorded.
    #[error("{tag} in {repository} is on {found}, but the app repo's tag recorded {recorded}")]
    MovedTag {
        /// The tag.
        tag: TagName,
        /// The component.
        repository: RepositoryName,
        /// Where the tag stands.
        found: String,
        /// Where it stood.
        recorded: String,
    },
    /// A component has neither a tag nor a recorded commit.
    #[error("{tag} does not exist in {repository}, so the release is only half tagged")]
    HalfTagged {
        /// The tag.
        tag: TagName,
        /// The component.
        repository: RepositoryName,
    },
    /// The tag that a component is pinned to does not exist.
    #[error("{repository} is pinned to the tag {tag}, which does not exist")]
    NoPinnedTag {
        /// The component.
        repository: RepositoryName,
        /// The tag.
        tag: TagName,
    },
    /// A number has no successor.
    #[error(transparent)]
    Number(#[from] NumberError),
}

impl Explain for Unresolved {
    fn code(&self) -> &'static str {
        match self {
            Unresolved::WipNeedsVersion { .. } => "wip-needs-version",
            Unresolved::NoCandidate { .. } => "no-candidate",
            Unresolved::NamedCandidateMissing { .. } => "named-candidate-missing",
            Unresolved::OtherCandidate { .. } => "other-candidate",
            Unresolved::FinalNotOnCandidate { .. } => "final-not-on-candidate",
            Unresolved::ForeignFinal { .. } => "foreign-final-tag",
            Unresolved::CandidateNotGood { .. } => "candidate-not-good",
            Unresolved::NoBranch { .. } => "no-branch",
            Unresolved::NoDefaultBranch { .. } => "no-default-branch",
            Unresolved::Mixed { .. } => "mixed-release-branches",
            Unresolved::MovedTag { .. } => "moved-tag",
            Unresolved::HalfTagged { .. } => "half-tagged",
            Unresolved::NoPinnedTag { .. } => "no-pinned-tag",
            Unresolved::Number(error) => error.code(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Unresolved::WipNeedsVersion { .. } => Exit::Usage,
            Unresolved::NoCandidate { .. }
            | Unresolved::NamedCandidateMissing { .. }
            | Unresolved::NoBranch { .. }
            | Unresolved::NoDefaultBranch { .. }
            | Unresolved::HalfTagged { .. }
            | Unresolved::NoPinnedTag { .. } => Exit::NotFound,
            Unresolved::OtherCandidate { .. }
            | Unresolved::FinalNotOnCandidate { .. }
            | Unresolved::ForeignFinal { .. }
            | Unresolved::CandidateNotGood { .. }
            | Unresolved::Mixed { .. }
            | Unresolved::MovedTag { .. } => Exit::Refused,
            Unresolved::Number(error) => error.exit(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Unresolved::WipNeedsVersion { environment } => {
                vec![format!(
                    "set a version on environment/{environment}, or name one: relman resolve {environment} --version V"
                )]
            }
            Unresolved::NoCandidate { version, .. } => {
                vec![format!(
                    "a candidate of {version} is made when an environment that tags candidates (type qa) deploys it"
                )]
            }
            Unresolved::NamedCandidateMissing { .. } => vec!["relman fetch brings the clones up to date".into()],
            Unresolved::OtherCandidate { .. } => vec!["go on with the next version".into()],
            Unresolved::FinalNotOnCandidate { .. } | Unresolved::ForeignFinal { .. } => {
                vec!["go on with the next version".into()]
            }
            Unresolved::CandidateNotGood { version, .. } => {
                vec![format!("promote {version} from an environment in which a candidate has succeeded")]
            }
            Unresolved::NoBranch { branch, .. } => {
                vec![format!("push {branch}, or mend `branch` in the entry or in app.yml")]
            }
            Unresolved::NoDefaultBranch { repository } => vec![
                format!("in the clone of {repository}: git remote set-head origin --auto"),
                "or name the branch: `branch` in the entry or in app.yml".into(),
            ],
            Unresolved::Mixed { version, without, .. } => vec![format!("push release/{version} in {without} too")],
            Unresolved::MovedTag { .. } => vec!["a release tag must never move; go on with the next version".into()],
            Unresolved::HalfTagged { .. } => {
                vec!["the next deployment in qa completes the tags, or takes the next number".into()]
            }
            Unresolved::NoPinnedTag { .. } => vec!["mend `tag` in app.yml".into()],
            Unresolved::Number(error) => error.hints(),
        }
    }
}

/// What a deployment starts from in the app repo. The list of components is read from `commit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppSource {
    /// The commit.
    pub commit: CommitId,
    /// The full name of the reference that it came from.
    pub reference: String,
    /// What that reference is.
    pub kind: SourceKind,
}

/// What the app commit came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A branch that is deployed as it is.
    Branch,
    /// A branch on whose head a candidate stands or will stand.
    CandidateHead,
    /// A candidate with this number.
    Candidate(u64),
    /// The final tag.
    Final,
    /// What `ref:` names.
    Ref,
}

/// The environment, reduced to what resolving asks of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The environment.
    pub environment: EnvironmentName,
    /// What it does about tags.
    pub tagging: Tagging,
    /// The branch that its entry names.
    pub branch: Option<BranchName>,
    /// What to do about mixed release branches.
    pub mixed: MixedPolicy,
    /// Whether tags may be made; a deployment of a `ref:` makes none.
    pub makes_tags: bool,
}

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
                let head = app.release_head.or(app.branch.as_ref().map(|(_, head)| *head));
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
        (Some((branch, commit)), _) => Ok((branch.clone(), *commit)),
        (None, Some(branch)) => {
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
            let (number, creates) = candidate_for_heads(version, app, components, source.commit, &picks)?;
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
) -> Result<(u64, bool), Unresolved> {
    let highest = highest_number(std::iter::once(app).chain(components));
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
            (Some(recorded), _) => recorded,
            (None, Some(tagged)) => tagged.commit,
            (None, None) => {
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
