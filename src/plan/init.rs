//! Planning `relman init`: which repositories are made, which are kept, what stands in the way.

use std::path::{Path, PathBuf};

use crate::domain::error::{Exit, Explain};
use crate::domain::text::shell_path;

use super::{NewRepository, Plan, Step};

/// What lies where a repository is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing, or an empty folder.
    Nothing,
    /// A repository with the branches and files that would be made.
    Same,
    /// Something else.
    Other,
}

/// Places that are taken; nothing there is overwritten.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} already, and nothing that exists is overwritten", if places.len() == 1 { "this exists" } else { "these exist" })]
pub struct Taken {
    /// The folders.
    pub places: Vec<PathBuf>,
}

impl Explain for Taken {
    fn code(&self) -> &'static str {
        "exists"
    }
    fn exit(&self) -> Exit {
        Exit::Refused
    }
    fn hints(&self) -> Vec<String> {
        let mut hints: Vec<String> = self.places.iter().map(|place| place.display().to_string()).collect();
        hints.push("use another name or another --dir; --use-app DIR keeps an app repo that exists".into());
        // Nobody can tell from here what of it is somebody's own, so nothing is said to be deleted.
        let moves = self.places.iter().map(|place| {
            let mut aside = place.clone().into_os_string();
            aside.push(".old");
            format!("mv {} {}", shell_path(place), shell_path(Path::new(&aside)))
        });
        hints.push(format!(
            "where an earlier run made them of other answers, move them away: {}",
            moves.collect::<Vec<_>>().join(" && ")
        ));
        hints
    }
}

/// Plans the repositories, and where it was asked for, the push of each.
pub fn plan(wanted: Vec<(NewRepository, Found)>, push: bool) -> Result<Plan, Taken> {
    let taken = wanted.iter().filter(|(_, found)| *found == Found::Other);
    let places: Vec<PathBuf> = taken.map(|(repository, _)| repository.folder.clone()).collect();
    if !places.is_empty() {
        return Err(Taken { places });
    }
    let mut steps = Vec::new();
    let mut pushes = Vec::new();
    for (repository, found) in wanted {
        if push {
            // The default branch goes first: a server takes the first branch that it gets for the default one.
            let mut branches = vec![repository.default_branch.clone()];
            branches.extend(repository.branches.iter().map(|branch| branch.name.clone()));
            pushes.push(Step::Push { folder: repository.folder.clone(), remote: "origin".into(), branches });
        }
        steps.push(match found {
            Found::Same => {
                Step::Keep { summary: format!("keep {}, which is as it should be", repository.folder.display()) }
            }
            _ => Step::MakeRepository(repository),
        });
    }
    steps.extend(pushes);
    Ok(Plan { steps })
}

#[cfg(test)]
mod tests {
    use super::super::StepKind;
    use super::*;
    use crate::domain::name::BranchName;
    use crate::plan::{NewBranch, NewCommit};

    fn repository(folder: &str) -> NewRepository {
        let branch = |name: &str| BranchName::parse(name).expect("a branch");
        NewRepository {
            folder: folder.into(),
            default_branch: branch("main"),
            root: NewCommit { files: vec![], message: "Begin".into() },
            branches: vec![NewBranch { name: branch("environment/qa"), commit: None }],
            origin: None,
            config: vec![],
        }
    }

    #[test]
    fn what_exists_is_named_all_at_once() {
        let error =
            plan(vec![(repository("a"), Found::Other), (repository("b"), Found::Other)], false).expect_err("taken");
        assert_eq!(error.places, [PathBuf::from("a"), PathBuf::from("b")]);
        assert_eq!(error.exit(), Exit::Refused);
    }

    #[test]
    fn what_is_there_already_is_kept() {
        let plan =
            plan(vec![(repository("a"), Found::Same), (repository("b"), Found::Nothing)], false).expect("a plan");
        assert_eq!(plan.steps.iter().map(Step::kind).collect::<Vec<_>>(), [StepKind::Keep, StepKind::MakeRepository]);
    }

    #[test]
    fn the_default_branch_is_pushed_first() {
        let plan = plan(vec![(repository("a"), Found::Nothing)], true).expect("a plan");
        let Step::Push { branches, .. } = &plan.steps[1] else { panic!("{plan:?}") };
        assert_eq!(branches.iter().map(BranchName::as_str).collect::<Vec<_>>(), ["main", "environment/qa"]);
    }
}
