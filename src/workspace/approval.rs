//! Which candidate an environment has, or gets: the approved one, the one that runs, the one that a promotion names.

use crate::domain::environment::{MixedPolicy, Tagging};
use crate::domain::landscape::{EnvironmentBranch, Landscape};
use crate::domain::name::{CommitId, TagName};
use crate::domain::problem::Problem;
use crate::domain::promotion;
use crate::domain::record::Outcome;
use crate::domain::release_file::Application;
use crate::domain::resolution::{AppSource, SourceKind, Target, Unresolved, app_source, candidate_below};
use crate::domain::version::{Declared, Version};

use super::promotion::Wish;
use super::team::Member;
use super::{Error, Result, Workspace};

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
        let deployed = match wish.source.as_ref().and_then(|source| landscape.find(source)) {
            Some(branch) => self.environments().deployed_candidates(branch, version)?,
            None => Vec::new(),
        };
        let highest = state.tags.highest().map(|number| version.candidate_tag(number));
        let exists = |tag: &TagName| state.tags.candidates.keys().any(|number| &version.candidate_tag(*number) == tag);
        let deployed: Vec<(TagName, Outcome)> = deployed.into_iter().filter(|(tag, _)| exists(tag)).collect();
        Ok(promotion::candidate(version, below, &deployed, highest, wish.source.as_ref(), &wish.target, warnings)?)
    }
}
