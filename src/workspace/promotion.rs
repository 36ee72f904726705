//! Gathering what a promotion depends on: the two branches, the candidates, a merge that is tried out.

use crate::domain::change::Change;
use crate::domain::diff::Diff;
use crate::domain::environment::Tagging;
use crate::domain::landscape::EnvironmentBranch;
use crate::domain::name::{BranchName, CommitId, EnvironmentName, TagName};
use crate::domain::problem::Problem;
use crate::domain::promotion::{self, Ask, Choice, HeadFound, MergeRules, Simulation, Source, Trailers, Way};
use crate::domain::release_file::{Application, Via};
use crate::domain::version::{Declared, Version};
use crate::domain::yaml::edit::set_scalar;

use super::team::{Member, Question};
pub use super::wish::{Verb, Wish};
use super::{Error, Result, Workspace};

/// What was decided, with everything that is needed to carry it out or to tell of it.
#[derive(Clone, Debug)]
pub struct Decided {
    /// What is done.
    pub verb: Verb,
    /// The source, what it declares, and the tip of its branch.
    pub source: Option<Side>,
    /// The target, what it declares now, and the tip of its branch.
    pub target: Side,
    /// What the target is to declare.
    pub version: Declared,
    /// Whether it declares that already, so that there is nothing to do.
    pub already: bool,
    /// The candidate that is named.
    pub candidate: Option<TagName>,
    /// The way, and why.
    pub choice: Choice,
    /// The path of the release file on the target.
    pub path: &'static str,
    /// The release file with the version in it.
    pub text: String,
    /// The tree of the merge that was tried out.
    pub merged: Option<gix::ObjectId>,
    /// The branch that a promotion of the branch kind is proposed from.
    pub head: BranchName,
    /// What lies under that name.
    pub head_found: HeadFound,
    /// The facts that the commit carries.
    pub trailers: Trailers,
    /// What the target gains and loses.
    pub diff: Diff,
    /// The title and the body that the target's release file asks for.
    pub templates: (Option<String>, Option<String>),
    /// What the target wants before the subject of every commit.
    pub commit_prefix: String,
    /// What should be known about it.
    pub warnings: Vec<Problem>,
}

impl Decided {
    /// Says that what a forge is asked to merge changes no file: the target has the version already, and only the message
    /// tells what is new.
    pub fn changes_no_file(&self) -> Option<Problem> {
        let version = self.target.version.as_deref().filter(|_| !self.already)?;
        if self.version.text().as_deref() != Some(version) {
            return None;
        }
        let named = self.candidate.as_ref().map(|tag| format!("; only its message names {tag}")).unwrap_or_default();
        let message =
            format!("{} declares {version} already, so what is merged changes no file{named}", self.target.environment);
        let hint = "merge it by a merge commit: a squash or a rebase may leave out what changes nothing; where the forge \
                    refuses it, run this again with --direct-push";
        Some(Problem::warning("changes-no-file", message).hint(hint))
    }
}

/// One side of a promotion.
#[derive(Clone, Debug)]
pub struct Side {
    /// The environment.
    pub environment: EnvironmentName,
    /// What it declares, as text.
    pub version: Option<String>,
    /// The tip of its branch.
    pub commit: CommitId,
}

impl Side {
    fn of(branch: &EnvironmentBranch, name: &EnvironmentName) -> Self {
        Side { environment: name.clone(), version: branch.declared().and_then(Declared::text), commit: branch.commit }
    }
}

/// Commits that the target runs and that what it is to hold lacks, by content: fixes that would be lost.
fn lost_fixes(diff: &Diff, target: &EnvironmentName) -> Option<Problem> {
    let lost: Vec<String> = diff
        .repositories
        .iter()
        .filter_map(|repository| Some((&repository.name, repository.commits.as_ref()?.missing_fixes().count())))
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{count} of {name}"))
        .collect();
    (!lost.is_empty()).then(|| {
        Problem::warning(
            "missing-fixes",
            format!("commits that {target} runs are not in what is promoted: {}", lost.join(", ")),
        )
        .hint("merge them first, or they are lost; a cherry-pick counts as present")
    })
}

impl Workspace {
    /// Decides on a promotion. `rules` is what is known of how the forge merges.
    pub fn decide_promotion(&self, wish: &Wish, rules: MergeRules) -> Result<Decided> {
        self.fetch_promotions()?;
        let landscape = self.environments().landscape()?;
        let target_branch = self.branch(&landscape, &wish.target)?;
        let source_branch = match &wish.source {
            Some(source) => Some(self.branch(&landscape, source)?),
            None => None,
        };
        let usable = |branch: &EnvironmentBranch| {
            branch.file.clone().map_err(|unusable| Error::unusable(&unusable, &branch.branch()))
        };
        let target_file = usable(target_branch)?;
        let source_file = source_branch.map(usable).transpose()?;
        let tagging = self.own_tagging(target_branch)?;
        let version = match (wish.verb, &wish.version) {
            (Verb::Rollback, None) => Some(self.version_before(target_branch, &wish.target)?),
            (_, version) => version.clone(),
        };
        let ask = Ask {
            source: source_branch.zip(wish.source.clone()).map(|(branch, name)| Source {
                declared: branch.declared().cloned().unwrap_or(Declared::Absent),
                allowed: landscape.graph.from(&wish.target).contains(&name),
                expected: landscape.graph.from(&wish.target).to_vec(),
                name,
            }),
            target: wish.target.clone(),
            tagging,
            current: target_file.version.clone(),
            version,
            allow_downgrade: wish.allow_downgrade || wish.verb == Verb::Rollback,
            allow_skip: wish.allow_skip.clone(),
        };
        let intended = promotion::intended(&ask)?;
        let mut warnings = Vec::new();
        let application = source_file.as_ref().unwrap_or(&target_file).application.clone();
        let same_application = source_file.as_ref().is_none_or(|file| file.application == target_file.application);
        let mut already = intended == ask.current;
        let old_tag = self.running_tag(&application, &landscape, target_branch)?;
        let finished = intended.version().map(Version::final_tag);
        let candidate = match (intended.version(), tagging, &wish.unproven) {
            // What is finished stays on its candidate, and what was set already needs no new look without a source.
            (Some(_), Tagging::Reuse | Tagging::Final, None)
                if already && (old_tag == finished || wish.source.is_none()) =>
            {
                None
            }
            (Some(version), Tagging::Reuse | Tagging::Final, Some(_)) => {
                let app = self.asked_app(&application, version)?;
                if app.repository.tag_commit(&version.final_tag(), app.tag_source())?.is_none() {
                    return Err(promotion::Refused::NeverReleased(version.clone()).into());
                }
                None
            }
            (Some(version), Tagging::Reuse | Tagging::Final, None) => {
                Some(self.named_candidate(&application, version, &landscape, wish, &mut warnings)?)
            }
            _ => None,
        };
        // A newer candidate of the same version is something to promote, once it has proven itself.
        let guessed = warnings.iter().any(|warning| warning.code == "candidate-unproven");
        already &= candidate.is_none() || candidate == old_tag || guessed;
        let candidate = if already { old_tag.clone().filter(|_| candidate.is_some()) } else { candidate };
        if already {
            warnings.clear();
        }
        let order = promotion::order(
            &ask.current,
            &intended,
            self.contained(&application, &ask.current, &intended, candidate.as_ref())?,
        );
        promotion::check_order(&ask, &intended, order, &mut warnings)?;

        let text = intended.text().unwrap_or_default();
        let via = wish.via.unwrap_or(if wish.source.is_none() { Via::Branch } else { target_file.promotion.via });
        let simulation = match (source_branch, already) {
            (Some(source), false) if same_application => {
                self.release.simulate_merge(target_branch.commit, source.commit, target_branch.path)?
            }
            _ => Simulation::Unrelated,
        };
        let choice = match wish.source {
            // What is there already needs no way.
            _ if already => Choice { way: Way::Branch, code: "already", reason: "the target holds it already" },
            Some(_) => promotion::choose(via, &simulation, &text, wish.version.is_some(), rules)?,
            None => Choice { way: Way::Branch, code: "version-given", reason: "a version is set by its name" },
        };
        let old_text = self.release_text(target_branch)?;
        let new_text = set_scalar(&old_text, "version", &text)
            .map_err(|cause| Error::Edit { branch: target_branch.branch(), cause })?;
        let head = promotion::head_branch("promote", &wish.target, &text)
            .ok_or_else(|| Error::NoHeadBranch { version: text.clone() })?;
        let previous = target_file.version.text();
        let mut trailers = Trailers {
            promoted_from: wish.source.clone().zip(source_branch.map(|branch| branch.commit)),
            version: text,
            previous: previous.clone(),
            candidate: candidate.clone(),
            skipped: wish.allow_skip.clone().filter(|_| ask.source.as_ref().is_some_and(|source| !source.allowed)),
            unproven: wish.unproven.clone(),
            rolled_back: previous.filter(|_| wish.verb == Verb::Rollback),
            change: match (&wish.trigger, source_branch) {
                (Some((_, change)), _) => change.clone(),
                (None, Some(source)) if wish.version.is_none() && !already => {
                    self.environments().change(source.commit)?
                }
                (None, _) => Change::default(),
            },
            trigger: wish.trigger.as_ref().map(|(trigger, _)| trigger.clone()),
            earlier: Vec::new(),
        };
        if let Some(tip) = self.tip_of_head(&head)? {
            trailers.take_over(&self.release.commit(tip)?, &wish.target);
        }
        let head_found = self.head_found(&head, target_branch, &new_text, &trailers)?;
        let diff = match (&candidate, intended.version()) {
            (Some(tag), Some(version)) if !already => {
                self.ships(&application, &landscape, target_branch, old_tag.as_ref(), (version, tag))?
            }
            _ => Diff::default(),
        };
        if wish.verb != Verb::Rollback {
            warnings.extend(lost_fixes(&diff, &wish.target));
        }
        Ok(Decided {
            verb: wish.verb,
            source: source_branch.zip(wish.source.as_ref()).map(|(branch, name)| Side::of(branch, name)),
            target: Side::of(target_branch, &wish.target),
            version: intended,
            already,
            candidate,
            choice,
            path: target_branch.path,
            text: new_text,
            merged: match simulation {
                Simulation::Clean { tree, .. } => Some(tree),
                _ => None,
            },
            head,
            head_found,
            trailers,
            diff,
            templates: (target_file.promotion.title.clone(), target_file.promotion.body.clone()),
            commit_prefix: target_file.commit_prefix.clone().unwrap_or_default(),
            warnings,
        })
    }

    /// Asks the remote for the environment branches, the records, and the branches that promotions are proposed from.
    pub fn fetch_promotions(&self) -> Result<()> {
        match self.remote_name() {
            Some(remote) if !self.choices.offline => Ok(self.release.fetch_promotions(remote)?),
            _ => Ok(()),
        }
    }

    fn own_tagging(&self, branch: &EnvironmentBranch) -> Result<Tagging> {
        branch.tagging().ok_or_else(|| {
            let problem = branch.problems().into_iter().find(|problem| {
                matches!(problem.code, "branch-without-entry" | "type-without-tagging" | "type-missing")
            });
            Error::entry(problem.unwrap_or_else(|| Problem::error("invalid-entry", "the entry can't be used")))
        })
    }

    fn release_text(&self, branch: &EnvironmentBranch) -> Result<String> {
        let tree = self.release.commit(branch.commit)?.tree;
        Ok(self.release.text_at(tree, branch.path)?.unwrap_or_default())
    }

    pub(super) fn asked_app(&self, application: &Application, version: &Version) -> Result<Member> {
        let mut app = self.app(application)?;
        self.ask(&mut [&mut app], &Question { version: Some(version.clone()), heads: false })?;
        app.require_tags("the candidate")?;
        Ok(app)
    }

    /// Whether the new version's commit is contained in the running one's; `None` where the clone can't tell.
    fn contained(
        &self,
        application: &Application,
        current: &Declared,
        intended: &Declared,
        candidate: Option<&TagName>,
    ) -> Result<Option<bool>> {
        let (Some(old), Some(new)) = (current.version(), intended.version()) else { return Ok(None) };
        if old.semver().is_some() && new.semver().is_some() {
            return Ok(None);
        }
        let Some(app) = self.app_if_present(application)? else { return Ok(None) };
        let commit_of = |version: &Version, tag: Option<&TagName>| -> Result<Option<CommitId>> {
            if let Some(tag) = tag {
                return Ok(app.repository.tag_commit(tag, app.tag_source())?);
            }
            if let Some(commit) = app.repository.tag_commit(&version.final_tag(), app.tag_source())? {
                return Ok(Some(commit));
            }
            Ok(app.repository.highest_candidate(version, app.tag_source())??.map(|(_, commit)| commit))
        };
        match (commit_of(old, None)?, commit_of(new, candidate)?) {
            (Some(old), Some(new)) => Ok(Some(old != new && app.repository.reaches(old, new)?)),
            _ => Ok(None),
        }
    }

    /// Where the branches lie that promotions are proposed from.
    fn root_of_heads(&self) -> String {
        self.remote_name().map_or("refs/heads/".to_owned(), |remote| format!("refs/remotes/{remote}/"))
    }

    /// The tip of a branch that a promotion is proposed from, if there is one.
    pub(super) fn tip_of_head(&self, head: &BranchName) -> Result<Option<CommitId>> {
        Ok(self.release.find_ref(&format!("{}{head}", self.root_of_heads()))?.map(CommitId::new))
    }

    /// Looks at the branch that a promotion of the branch kind is proposed from.
    fn head_found(
        &self,
        head: &BranchName,
        target: &EnvironmentBranch,
        text: &str,
        trailers: &Trailers,
    ) -> Result<HeadFound> {
        let root = self.root_of_heads();
        if let Some(other) = self.in_the_way_of(head, &root)? {
            return Err(promotion::Refused::BlockedHead { branch: head.clone(), other }.into());
        }
        let Some(tip) = self.tip_of_head(head)? else { return Ok(HeadFound::Absent) };
        let commit = self.release.commit(tip)?;
        let tree = self.release.commit(target.commit)?.tree;
        let same = commit.parents.first() == Some(&target.commit)
            && self.release.differ_only_in(commit.tree, tree, target.path)?
            && self.release.text_at(commit.tree, target.path)?.as_deref() == Some(text)
            && trailers.are_those_of(&commit.message);
        if same {
            return Ok(HeadFound::Same);
        }
        let ours = match commit.parents.first() {
            // One commit on top of what the target held once, which changes the version and says so.
            Some(parent) if commit.trailer("Version") == Some(trailers.version.as_str()) => {
                let before = self.release.commit(*parent)?.tree;
                self.release.differ_only_in(commit.tree, before, target.path)?
                    && self.release.reaches(target.commit, *parent)?
            }
            _ => false,
        };
        Ok(if ours { HeadFound::Ours(commit.id) } else { HeadFound::Foreign })
    }

    /// A branch that is a folder of this one's name, or the other way round; Git keeps each as a file.
    fn in_the_way_of(&self, branch: &BranchName, root: &str) -> Result<Option<String>> {
        for (at, _) in branch.as_str().match_indices('/') {
            let above = &branch.as_str()[..at];
            if self.release.find_ref(&format!("{root}{above}"))?.is_some() {
                return Ok(Some(above.to_owned()));
            }
        }
        let below = self.release.list_refs(&format!("{root}{branch}/"))?;
        Ok(below.first().map(|found| String::from_utf8_lossy(&found.name[root.len()..]).into_owned()))
    }

    /// The version that an environment held before the one that it holds now.
    fn version_before(&self, branch: &EnvironmentBranch, name: &EnvironmentName) -> Result<Declared> {
        let history = self.environments().held_versions(branch, name)?;
        let current = branch.declared().and_then(Declared::text).unwrap_or_default();
        let nothing = || Error::Promotion(promotion::Refused::NothingBefore(name.clone()));
        let before = promotion::before(&history.held, &history.rolled_back, &current).ok_or_else(nothing)?;
        Declared::parse(&before).map_err(Into::into)
    }
}
