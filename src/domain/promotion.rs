//! Promotions: what is brought where, which way, and what is refused.
//!
//! A promotion changes the version on one environment branch. *Direct* merges one environment branch into another;
//! *branch* puts one commit on top of the target that changes nothing but its version. The rules here decide from what
//! was read; they touch nothing.

use super::environment::Tagging;
use super::name::{BranchName, CommitId, EnvironmentName, TagName};

use super::problem::Problem;
use super::record::Outcome;
use super::release_file::Via as Wanted;
use super::version::{Declared, Version};
use super::word::words;

mod refused;
mod trailers;

pub use refused::Refused;
pub use trailers::{Trailers, Trigger};

/// What lies at the remote under the name of the branch that a promotion is proposed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadFound {
    /// Nothing.
    Absent,
    /// The commit that would be made.
    Same,
    /// A commit that relman made, for what the target held before.
    Ours(CommitId),
    /// Something else.
    Foreign,
}

words! {
    /// The way that a promotion takes.
    pub enum Way {
        /// The branches are merged.
        Direct = "direct",
        /// One commit on top of the target changes its version.
        Branch = "branch",
    }
}

/// What merging the source branch into the target's would do, tried out on their contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Simulation {
    /// The merge is clean.
    Clean {
        /// The tree that it results in.
        tree: gix::ObjectId,
        /// The value of `version:` in the result, as text.
        version: Option<String>,
        /// Whether the result differs from the target in that value alone.
        only_version: bool,
    },
    /// There are conflicts.
    Conflict,
    /// The branches have no history in common.
    Unrelated,
    /// Everything that the source has, the target has as well.
    Nothing,
    /// The installed Git can't try it out; that takes 2.38.
    GitTooOld,
}

/// What is known of how a forge merges pull requests. `None`: it is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MergeRules {
    /// Whether a merge commit can be made.
    pub merge_commits: Option<bool>,
    /// Whether the head branch is deleted after a merge.
    pub deletes_head: Option<bool>,
    /// Whether approvals stay when the head branch moves.
    pub keeps_approvals: Option<bool>,
}

/// The way, and why it was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The way.
    pub way: Way,
    /// A short, stable name of the reason.
    pub code: &'static str,
    /// The reason, as half a sentence.
    pub reason: &'static str,
}

/// Chooses the way of a promotion from one environment to another.
pub fn choose(
    wanted: Wanted,
    simulation: &Simulation,
    version: &str,
    version_given: bool,
    rules: MergeRules,
) -> Result<Choice, Refused> {
    let obstacle = obstacle(simulation, version, version_given, rules);
    match (wanted, obstacle) {
        (Wanted::Branch, _) => Ok(Choice { way: Way::Branch, code: "asked", reason: "it was asked for" }),
        (Wanted::Direct, Some((_, reason))) => Err(Refused::NotDirect { reason }),
        (Wanted::Auto, Some((code, reason))) => Ok(Choice { way: Way::Branch, code, reason }),
        (Wanted::Auto | Wanted::Direct, None) => Ok(Choice {
            way: Way::Direct,
            code: "clean",
            reason: "the merge is clean and changes nothing but the version",
        }),
    }
}

fn obstacle(
    simulation: &Simulation,
    version: &str,
    version_given: bool,
    rules: MergeRules,
) -> Option<(&'static str, &'static str)> {
    if version_given {
        return Some(("version-given", "a version was given, which is not what the source branch holds"));
    }
    match simulation {
        Simulation::GitTooOld => {
            return Some(("git-too-old", "a merge can't be tried out with this Git; that takes 2.38"));
        }
        Simulation::Conflict => {
            return Some((
                "conflict",
                "a merge would conflict: the target was squash-merged, hotfixed or edited before",
            ));
        }
        Simulation::Unrelated => return Some(("unrelated", "the branches have no history in common")),
        Simulation::Nothing => {
            return Some((
                "nothing-to-merge",
                "a merge would change nothing: what the source holds was merged and changed again",
            ));
        }
        Simulation::Clean { version: merged, .. } if merged.as_deref() != Some(version) => {
            return Some(("version-lost", "a merge would not bring the version: it was changed on the target since"));
        }
        Simulation::Clean { only_version: false, .. } => {
            return Some(("other-edits", "a merge would bring other edits of the source branch along"));
        }
        Simulation::Clean { .. } => {}
    }
    if rules.merge_commits == Some(false) {
        return Some(("no-merge-commits", "the forge makes no merge commits"));
    }
    if rules.deletes_head == Some(true) {
        return Some((
            "deletes-head",
            "the forge deletes the head branch after a merge, which would be an environment",
        ));
    }
    if rules.keeps_approvals == Some(true) {
        return Some((
            "keeps-approvals",
            "approvals stay when the source branch moves, so more could be merged than was approved",
        ));
    }
    None
}

/// What a promotion starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The environment that the version comes from; `None` for `set` and `rollback`.
    pub source: Option<Source>,
    /// The environment that it is brought to.
    pub target: EnvironmentName,
    /// What the target does about tags.
    pub tagging: Tagging,
    /// What the target declares now.
    pub current: Declared,
    /// The version that was given.
    pub version: Option<Declared>,
    /// Whether a lower version is meant.
    pub allow_downgrade: bool,
    /// Why a step of the way may be skipped.
    pub allow_skip: Option<String>,
}

/// The environment that a version comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub name: EnvironmentName,
    /// What it declares.
    pub declared: Declared,
    /// Whether the target takes promotions from it.
    pub allowed: bool,
    /// Where the target takes promotions from.
    pub expected: Vec<EnvironmentName>,
}

/// Finds out what the target is to declare, or why nothing is promoted.
pub fn intended(ask: &Ask) -> Result<Declared, Refused> {
    if let Some(source) = &ask.source {
        if source.name == ask.target {
            return Err(Refused::Itself(ask.target.clone()));
        }
        if !source.allowed && ask.allow_skip.is_none() {
            return Err(Refused::NoEdge {
                from: source.name.clone(),
                target: ask.target.clone(),
                expected: source.expected.clone(),
            });
        }
    }
    if ask.current == Declared::Absent {
        return Err(Refused::NoKey(ask.target.clone()));
    }
    let intended = match (&ask.version, &ask.source) {
        (Some(given), _) => given.clone(),
        (None, Some(source)) => match &source.declared {
            Declared::Empty | Declared::Absent => return Err(Refused::NothingDeclared(source.name.clone())),
            declared => declared.clone(),
        },
        (None, None) => return Err(Refused::NothingDeclared(ask.target.clone())),
    };
    if matches!(intended, Declared::Wip | Declared::Ref(_)) && ask.tagging != Tagging::None {
        let text = intended.text().unwrap_or_default();
        return Err(match (&ask.version, &ask.source) {
            (None, Some(source)) => {
                Refused::NeedsVersion { from: source.name.clone(), held: text, target: ask.target.clone() }
            }
            _ => Refused::NotAVersion { target: ask.target.clone(), given: text },
        });
    }
    Ok(intended)
}

/// How a version compares with the one that the target holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// It is higher, or the target holds none.
    Forward,
    /// It is the same.
    Same,
    /// It is lower.
    Backward,
    /// Nothing tells.
    Unknown,
}

/// Compares by semantic versioning where both versions follow it, else by whether the new commit is contained in the
/// one that runs. `contained` is `None` where that is not known.
pub fn order(current: &Declared, intended: &Declared, contained: Option<bool>) -> Order {
    let (Some(old), Some(new)) = (current.version(), intended.version()) else {
        return if current == intended { Order::Same } else { Order::Forward };
    };
    if old == new {
        return Order::Same;
    }
    match (old.semver(), new.semver(), contained) {
        (Some(old), Some(new), _) if new < old => Order::Backward,
        (Some(_), Some(_), _) => Order::Forward,
        (_, _, Some(true)) => Order::Backward,
        (_, _, Some(false)) => Order::Forward,
        (_, _, None) => Order::Unknown,
    }
}

/// Refuses a downgrade that was not asked for, and warns where the order is not known.
pub fn check_order(ask: &Ask, intended: &Declared, order: Order, warnings: &mut Vec<Problem>) -> Result<(), Refused> {
    let text = |declared: &Declared| declared.text().unwrap_or_default();
    match order {
        Order::Backward if !ask.allow_downgrade => {
            Err(Refused::Downgrade { version: text(intended), current: text(&ask.current), target: ask.target.clone() })
        }
        Order::Unknown => {
            warnings.push(Problem::warning(
                "order-unknown",
                format!("nothing tells whether {} comes after {}", text(intended), text(&ask.current)),
            ));
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The candidate that a promotion names.
///
/// The one that the final tag stands on; else the newest that the source has deployed successfully; else, where there
/// are no records, the highest, with a warning.
pub fn candidate(
    version: &Version,
    below_final: Option<TagName>,
    deployed: &[(TagName, Outcome)],
    highest: Option<TagName>,
    source: Option<&EnvironmentName>,
    target: &EnvironmentName,
    warnings: &mut Vec<Problem>,
) -> Result<TagName, Refused> {
    if let Some(tag) = below_final {
        return Ok(tag);
    }
    if let Some((tag, _)) = deployed.iter().rev().find(|(_, outcome)| *outcome == Outcome::Succeeded) {
        return Ok(tag.clone());
    }
    let missing = || Refused::NoCandidate { version: version.clone(), target: target.clone() };
    match (highest, source) {
        (None, _) => Err(missing()),
        (Some(_), Some(source)) if !deployed.is_empty() => {
            Err(Refused::NotProven { version: version.clone(), from: source.clone() })
        }
        (Some(tag), _) => {
            warnings.push(
                Problem::warning(
                    "candidate-unproven",
                    format!("no deployment of {tag} is recorded; it is the highest candidate of {version}"),
                )
                .hint("records are made by relman deploy"),
            );
            Ok(tag)
        }
    }
}

/// The branch that a promotion of the branch kind is proposed from.
pub fn head_branch(verb: &str, target: &EnvironmentName, version: &str) -> Option<BranchName> {
    BranchName::parse(&format!("{verb}/{target}/{}", version.replace(':', "-"))).ok()
}

/// The version to go back to: of `held` (newest first, the current one included), the last one before the current one
/// was first set that was not rolled back from.
pub fn before(held: &[String], rolled_back: &[String], current: &str) -> Option<String> {
    let first_set = held.iter().rposition(|version| version == current)?;
    held[first_set + 1..].iter().find(|version| !rolled_back.contains(version)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::error::{Exit, Explain as _};

    fn env(name: &str) -> EnvironmentName {
        EnvironmentName::parse(name).expect("a name")
    }

    fn version(text: &str) -> Declared {
        Declared::parse(text).expect("a version")
    }

    fn ask(source: &str, current: &str) -> Ask {
        Ask {
            source: Some(Source {
                name: env("qa"),
                declared: version(source),
                allowed: true,
                expected: vec![env("qa")],
            }),
            target: env("prod"),
            tagging: Tagging::Final,
            current: version(current),
            version: None,
            allow_downgrade: false,
            allow_skip: None,
        }
    }

    fn clean(version: &str, only_version: bool) -> Simulation {
        Simulation::Clean {
            tree: gix::ObjectId::null(gix::hash::Kind::Sha1),
            version: Some(version.into()),
            only_version,
        }
    }

    #[test]
    fn a_clean_merge_goes_directly() {
        let choice =
            choose(Wanted::Auto, &clean("1.2.0", true), "1.2.0", false, MergeRules::default()).expect("a choice");
        assert_eq!((choice.way, choice.code), (Way::Direct, "clean"));
    }

    #[test]
    fn whatever_speaks_against_a_merge_makes_a_branch() {
        let rules = MergeRules::default();
        let squash = MergeRules { merge_commits: Some(false), ..rules };
        let deletes = MergeRules { deletes_head: Some(true), ..rules };
        let keeps = MergeRules { keeps_approvals: Some(true), ..rules };
        for (simulation, given, rules, code) in [
            (Simulation::Conflict, false, rules, "conflict"),
            (Simulation::Unrelated, false, rules, "unrelated"),
            (Simulation::Nothing, false, rules, "nothing-to-merge"),
            (Simulation::GitTooOld, false, rules, "git-too-old"),
            (clean("1.2.0", false), false, rules, "other-edits"),
            (clean("1.1.0", true), false, rules, "version-lost"),
            (clean("1.2.0", true), true, rules, "version-given"),
            (clean("1.2.0", true), false, squash, "no-merge-commits"),
            (clean("1.2.0", true), false, deletes, "deletes-head"),
            (clean("1.2.0", true), false, keeps, "keeps-approvals"),
        ] {
            let choice = choose(Wanted::Auto, &simulation, "1.2.0", given, rules).expect("a choice");
            assert_eq!((choice.way, choice.code), (Way::Branch, code));
            assert!(matches!(
                choose(Wanted::Direct, &simulation, "1.2.0", given, rules),
                Err(Refused::NotDirect { .. })
            ));
        }
    }

    #[test]
    fn a_branch_that_was_asked_for_is_made() {
        let choice =
            choose(Wanted::Branch, &clean("1.2.0", true), "1.2.0", false, MergeRules::default()).expect("a choice");
        assert_eq!((choice.way, choice.code), (Way::Branch, "asked"));
    }

    #[test]
    fn an_edge_that_is_not_there_needs_a_reason() {
        let mut wrong = ask("1.2.0", "1.1.0");
        wrong.source.as_mut().expect("a source").allowed = false;
        assert_eq!(intended(&wrong).expect_err("refused").code(), "no-edge");
        wrong.allow_skip = Some("a hotfix".into());
        assert_eq!(intended(&wrong), Ok(version("1.2.0")));
    }

    #[test]
    fn work_in_progress_is_promoted_nowhere_but_to_branches() {
        let mut wip = ask("WIP", "1.1.0");
        assert_eq!(intended(&wip).expect_err("refused").exit(), Exit::Refused);
        wip.version = Some(version("1.2.0"));
        assert_eq!(intended(&wip), Ok(version("1.2.0")));
        wip.version = None;
        wip.tagging = Tagging::None;
        assert_eq!(intended(&wip), Ok(Declared::Wip));
    }

    #[test]
    fn a_downgrade_must_be_meant() {
        let mut down = ask("1.1.0", "1.2.0");
        let order = order(&down.current, &version("1.1.0"), None);
        assert_eq!(order, Order::Backward);
        assert_eq!(check_order(&down, &version("1.1.0"), order, &mut vec![]).expect_err("refused").code(), "downgrade");
        down.allow_downgrade = true;
        assert_eq!(check_order(&down, &version("1.1.0"), order, &mut vec![]), Ok(()));
    }

    #[test]
    fn versions_that_are_not_semantic_are_ordered_by_their_commits() {
        let (old, new) = (version("2026.11"), version("release-7"));
        assert_eq!(order(&old, &new, Some(true)), Order::Backward);
        assert_eq!(order(&old, &new, Some(false)), Order::Forward);
        assert_eq!(order(&old, &new, None), Order::Unknown);
        assert_eq!(order(&old, &old, None), Order::Same);
        assert_eq!(order(&Declared::Empty, &new, None), Order::Forward);
        assert_eq!(order(&version("1.9.0"), &version("1.10.0"), Some(true)), Order::Forward);
    }

    #[test]
    fn the_candidate_is_what_was_proven() {
        let v = Version::parse("1.2.0").expect("a version");
        let rc = |n| v.candidate_tag(n);
        let name = |below, deployed: &[(TagName, Outcome)], highest| {
            let mut warnings = vec![];
            let named = candidate(&v, below, deployed, highest, Some(&env("qa")), &env("prod"), &mut warnings);
            (named.map_err(|refused| refused.code()), warnings.len())
        };
        assert_eq!(name(Some(rc(1)), &[(rc(2), Outcome::Succeeded)], Some(rc(3))), (Ok(rc(1)), 0));
        let records = [(rc(1), Outcome::Succeeded), (rc(2), Outcome::Succeeded), (rc(3), Outcome::Failed)];
        assert_eq!(name(None, &records, Some(rc(3))), (Ok(rc(2)), 0));
        assert_eq!(name(None, &[(rc(3), Outcome::Failed)], Some(rc(3))), (Err("not-proven"), 0));
        assert_eq!(name(None, &[], Some(rc(3))), (Ok(rc(3)), 1));
        assert_eq!(name(None, &[], None), (Err("no-candidate"), 0));
    }

    #[test]
    fn a_reason_stays_on_its_line() {
        let trailers =
            Trailers { version: "1.0.0".into(), skipped: Some("because\nVersion: 9".into()), ..Trailers::default() };
        assert_eq!(trailers.lines(), ["Version: 1.0.0", "Skipped: because Version: 9"]);
    }

    #[test]
    fn rolling_back_skips_what_was_rolled_back_from() {
        let held = |versions: &[&str]| versions.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>();
        assert_eq!(before(&held(&["1.2.0", "1.1.0", "1.0.0"]), &[], "1.2.0").as_deref(), Some("1.1.0"));
        assert_eq!(
            before(&held(&["1.1.0", "1.2.0", "1.1.0", "1.0.0"]), &held(&["1.2.0"]), "1.1.0").as_deref(),
            Some("1.0.0")
        );
        assert_eq!(before(&held(&["1.0.0"]), &[], "1.0.0"), None);
    }
}
