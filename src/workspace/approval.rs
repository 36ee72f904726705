//! Which candidate an environment has, or gets: the approved one, the one that runs, the one that a promotion names.

use crate::domain::environment::{MixedPolicy, Tagging};
use crate::domain::landscape::{EnvironmentBranch, Landscape};
use crate::domain::name::{CommitId, EnvironmentName, TagName};
use crate::domain::problem::Problem;
use crate::domain::promotion;
use crate::domain::record::Outcome;
use crate::domain::release_file::Application;
use crate::domain::resolution::{AppSource, SourceKind, Target, Unresolved, app_source, candidate_below};
use crate::domain::version::{Declared, Version};

use super::promotion::{Verb, Wish};
use super::team::Member;
use super::{Error, Result, Workspace};

/// The environments whose deployments prove a candidate: the one that is promoted from, else those that the target takes
/// promotions from.
fn proving<'a>(landscape: &'a Landscape, wish: &'a Wish) -> Vec<&'a EnvironmentName> {
    match &wish.source {
        Some(source) => vec![source],
        None => landscape.graph.from(&wish.target).iter().collect(),
    }
}

impl Workspace {
    /// The tag that a target runs, as far as its branch and the clone of the app tell.
    pub(super) fn running_tag(
        &self,
        application: &Application,
        landscape: &Landscape,
        branch: &EnvironmentBranch,
    ) -> Result<Option<TagName>> {
        let Some(version) = branch.declared().and_then(Declared::version) else { return Ok(None) };
        let Some(app) = self.app_if_present(application)? else { return Ok(None) };
        let final_tag = version.final_tag();
        if app.repository.tag_commit(&final_tag, app.tag_source())?.is_some() {
            return Ok(Some(final_tag));
        }
        if matches!(branch.tagging(), Some(Tagging::Reuse | Tagging::Final)) {
            // A version that could not be deployed now is not what runs.
            let approved = self.approved_candidate(&app, landscape, branch, version)?.ok();
            return Ok(approved.map(|(number, _)| version.candidate_tag(number)));
        }
        let highest = app.repository.highest_candidate(version, app.tag_source())??;
        Ok(highest.map(|(number, _)| version.candidate_tag(number)))
    }

    /// The candidate that a deployment to a `reuse` or `final` environment would take.
    pub(super) fn approved_candidate(
        &self,
        app: &Member,
        landscape: &Landscape,
        branch: &EnvironmentBranch,
        version: &Version,
    ) -> Result<std::result::Result<(u64, CommitId), Unresolved>> {
        let Some(name) = &branch.name else {
            return Err(Error::NoEnvironments { path: self.release.folder().to_owned() });
        };
        let state = app.state(Some(version), None, None)?;
        let trail = self.environments().trail(landscape, branch, version)?;
        let target = Target {
            environment: name.clone(),
            tagging: Tagging::Reuse,
            branch: None,
            mixed: MixedPolicy::Warn,
            makes_tags: false,
            spent: None,
        };
        Ok(match app_source(&target, version, &state, &trail, &mut Vec::new()) {
            Ok(AppSource { commit, kind: SourceKind::Candidate(number), .. }) => Ok((number, commit)),
            Ok(_) => Err(Unresolved::NoCandidate { version: version.clone(), environment: name.clone() }),
            Err(refused) => Err(refused),
        })
    }

    /// The candidate of a version that a promotion names.
    pub(super) fn named_candidate(
        &self,
        application: &Application,
        version: &Version,
        landscape: &Landscape,
        wish: &Wish,
        warnings: &mut Vec<Problem>,
    ) -> Result<TagName> {
        let app = self.asked_app(application, version)?;
        let state = app.state(Some(version), None, None)?;
        let below = match &state.tags.final_tag {
            Some(tagged) => candidate_below(version, &state, tagged).map(|number| version.candidate_tag(number)),
            None => None,
        };
        let highest = state.tags.highest().map(|number| version.candidate_tag(number));
        let exists = |tag: &TagName| state.tags.candidates.keys().any(|number| &version.candidate_tag(*number) == tag);
        let mut sources = proving(landscape, wish);
        let mut deployed = Vec::new();
        if wish.verb == Verb::Rollback {
            // It goes back to what ran here, whatever is proven elsewhere by now.
            deployed = self.environments().deployed_candidates(&[&wish.target], version)?;
            if !deployed.iter().any(|(tag, outcome)| exists(tag) && *outcome == Outcome::Succeeded) {
                deployed.clear();
            } else {
                sources = vec![&wish.target];
            }
        }
        if deployed.is_empty() && !sources.is_empty() {
            deployed = self.environments().deployed_candidates(&sources, version)?;
        }
        deployed.retain(|(tag, _)| exists(tag));
        let source = sources.first().copied();
        Ok(promotion::candidate(version, below, &deployed, highest, source, &wish.target, warnings)?)
    }
}
