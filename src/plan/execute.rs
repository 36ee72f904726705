//! Carrying a plan out, step by step.

use std::path::Path;

use crate::domain::jira::Telling;
use crate::domain::name::{BranchName, CommitId};

use super::branches::BranchPush;
use super::tags::TagPush;
use super::{CommitPush, NewCommit, NewRepository, Plan, PullRequestWish, Step};

/// What a plan is carried out through.
pub trait Ports {
    /// Why a step failed.
    type Error;

    /// Makes a repository, whole or not at all.
    fn make_repository(&self, repository: &NewRepository) -> Result<(), Self::Error>;

    /// Makes a branch that must not exist.
    fn make_branch(
        &self,
        folder: &Path,
        branch: &BranchName,
        base: CommitId,
        commit: Option<&NewCommit>,
    ) -> Result<(), Self::Error>;

    /// Pushes branches, without force.
    fn push(&self, folder: &Path, remote: &str, branches: &[BranchName]) -> Result<(), Self::Error>;

    /// Makes a commit and moves a branch to it, if the branch is what was expected.
    fn push_commit(&self, push: &CommitPush) -> Result<(), Self::Error>;

    /// Makes a tag and pushes it, if the remote does not have one of that name.
    fn push_tag(&self, push: &TagPush) -> Result<(), Self::Error>;

    /// Pushes a new branch, if the remote does not have one of that name.
    fn push_branch(&self, push: &BranchPush) -> Result<(), Self::Error>;

    /// Finds the open pull request and brings it up to date, or opens one.
    fn pull_request(&self, wish: &PullRequestWish) -> Result<(), Self::Error>;

    /// Tells Jira, as far as that is possible.
    fn tell_jira(&self, telling: &Telling);
}

/// How a plan went.
#[derive(Debug)]
pub struct Report<'p, E> {
    /// The steps that are done.
    pub done: Vec<&'p Step>,
    /// The step that failed, and why.
    pub failed: Option<(&'p Step, E)>,
    /// The steps that were not begun.
    pub left: Vec<&'p Step>,
}

/// Carries a plan out, and stops at the first step that fails.
pub fn execute<'p, P: Ports>(plan: &'p Plan, ports: &P) -> Report<'p, P::Error> {
    let mut report = Report { done: Vec::new(), failed: None, left: Vec::new() };
    for step in &plan.steps {
        if report.failed.is_some() {
            report.left.push(step);
            continue;
        }
        let outcome = match step {
            Step::MakeRepository(repository) => ports.make_repository(repository),
            Step::Keep { .. } | Step::ByHand { .. } => Ok(()),
            Step::PushCommit(push) => ports.push_commit(push),
            Step::PushTag(push) => ports.push_tag(push),
            Step::PushBranch(push) => ports.push_branch(push),
            Step::PullRequest(wish) => ports.pull_request(wish),
            Step::TellJira(telling) => {
                ports.tell_jira(telling);
                Ok(())
            }
            Step::MakeBranch { folder, branch, base, commit } => {
                ports.make_branch(folder, branch, *base, commit.as_ref())
            }
            Step::Push { folder, remote, branches } => ports.push(folder, remote, branches),
        };
        match outcome {
            Ok(()) => report.done.push(step),
            Err(error) => report.failed = Some((step, error)),
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    struct Fake {
        fails_at_push: bool,
        log: RefCell<Vec<&'static str>>,
    }

    impl Ports for Fake {
        type Error = &'static str;
        fn make_repository(&self, _: &NewRepository) -> Result<(), Self::Error> {
            self.log.borrow_mut().push("make");
            Ok(())
        }
        fn make_branch(&self, _: &Path, _: &BranchName, _: CommitId, _: Option<&NewCommit>) -> Result<(), Self::Error> {
            self.log.borrow_mut().push("branch");
            Ok(())
        }
        fn push(&self, _: &Path, _: &str, _: &[BranchName]) -> Result<(), Self::Error> {
            self.log.borrow_mut().push("push");
            if self.fails_at_push { Err("no network") } else { Ok(()) }
        }
        fn push_commit(&self, _: &CommitPush) -> Result<(), Self::Error> {
            self.log.borrow_mut().push("push-commit");
            Ok(())
        }
        fn push_tag(&self, _: &TagPush) -> Result<(), Self::Error> {
            self.log.borrow_mut().push("push-tag");
            Ok(())
        }
        fn push_branch(&self, _: &BranchPush) -> Result<(), Self::Error> {
            self.log.borrow_mut().push("push-branch");
            Ok(())
        }
        fn pull_request(&self, _: &PullRequestWish) -> Result<(), Self::Error> {
            self.log.borrow_mut().push("pull-request");
            Ok(())
        }
        fn tell_jira(&self, _: &Telling) {
            self.log.borrow_mut().push("jira");
        }
    }

    fn push() -> Step {
        Step::Push { folder: "x".into(), remote: "origin".into(), branches: vec![] }
    }

    #[test]
    fn a_failure_stops_the_plan_and_says_what_is_left() {
        let plan = Plan { steps: vec![Step::Keep { summary: "kept".into() }, push(), push()] };
        let fake = Fake { fails_at_push: true, log: RefCell::default() };
        let report = execute(&plan, &fake);
        assert_eq!(report.done.len(), 1);
        assert_eq!(report.failed.map(|(_, error)| error), Some("no network"));
        assert_eq!(report.left.len(), 1);
        assert_eq!(*fake.log.borrow(), ["push"]);
    }

    #[test]
    fn all_steps_run_in_order() {
        let plan = Plan { steps: vec![push(), push()] };
        let fake = Fake { fails_at_push: false, log: RefCell::default() };
        let report = execute(&plan, &fake);
        assert!(report.failed.is_none() && report.left.is_empty());
        assert_eq!(report.done.len(), 2);
    }
}
