//! Planning promotions: the commit, the push and the pull request that a decision comes down to.

use std::path::PathBuf;

use crate::domain::name::{BranchName, CommitId, EnvironmentName};
use crate::domain::promotion::{HeadFound, Refused, Way};

use super::{CommitPush, Content, Expected, NewFile, OpenAlready, Plan, PullRequestWish, Step};

/// How what is proposed reaches the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// By a pull request that relman opens.
    PullRequest,
    /// By a pull request that a person opens.
    ByHand,
    /// By a push to the target itself.
    DirectPush,
}

/// A promotion that has been decided on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The release repo.
    pub folder: PathBuf,
    /// Its remote, where it has one.
    pub remote: Option<String>,
    /// The way.
    pub way: Way,
    /// How it reaches the target.
    pub delivery: Delivery,
    /// The target, and the tip of its branch.
    pub target: (EnvironmentName, CommitId),
    /// The source, and the tip of its branch.
    pub source: Option<(EnvironmentName, CommitId)>,
    /// The path of the release file on the target.
    pub path: &'static str,
    /// The release file with the version in it.
    pub text: String,
    /// Whether a commit of relman also continues the source: where the forge can make nothing but merge commits, that
    /// keeps the next promotion clean.
    pub continues_source: bool,
    /// The tree of the merge that was tried out.
    pub merged: Option<gix::ObjectId>,
    /// The branch that a promotion of the branch kind is proposed from.
    pub head: BranchName,
    /// What lies under that name.
    pub head_found: HeadFound,
    /// The message of a commit that relman makes.
    pub message: String,
    /// The pull request.
    pub title: String,
    /// Its body.
    pub body: String,
    /// Whether it is a draft.
    pub draft: bool,
    /// Who is asked to review it.
    pub reviewers: Vec<String>,
    /// Its labels.
    pub labels: Vec<String>,
    /// What is open already between its branches.
    pub open: OpenAlready,
    /// What a person does where relman opens no pull request.
    pub by_hand: String,
}

impl Proposal {
    /// The pull request that proposes it.
    pub fn pull_request(&self) -> PullRequestWish {
        PullRequestWish {
            head: self.head_branch(),
            base: self.target.0.branch(),
            title: self.title.clone(),
            body: self.body.clone(),
            draft: self.draft,
            reviewers: self.reviewers.clone(),
            labels: self.labels.clone(),
            open: self.open,
        }
    }

    /// The branch that the pull request is opened from.
    pub fn head_branch(&self) -> BranchName {
        match (self.way, &self.source) {
            (Way::Direct, Some((source, _))) => source.branch(),
            _ => self.head.clone(),
        }
    }
}

/// Plans a promotion.
pub fn plan(proposal: &Proposal) -> Result<Plan, Refused> {
    let mut steps = Vec::new();
    let target_branch = proposal.target.0.branch();
    match (proposal.delivery, proposal.way) {
        (Delivery::DirectPush, _) => {
            steps.push(Step::PushCommit(commit(proposal, target_branch, Expected::Parent(proposal.target.1))));
            return Ok(Plan { steps });
        }
        (_, Way::Direct) => {}
        (_, Way::Branch) => {
            let head = proposal.head.clone();
            let expected = match proposal.head_found {
                HeadFound::Absent => Some(Expected::Absent),
                HeadFound::Ours(tip) => Some(Expected::Replaced(tip)),
                HeadFound::Same => None,
                HeadFound::Foreign => {
                    return Err(Refused::ForeignHead { branch: head, remote: proposal.remote.clone() });
                }
            };
            steps.push(match expected {
                Some(expected) => Step::PushCommit(commit(proposal, head, expected)),
                None => Step::Keep { summary: format!("keep {head}, which is as it should be") },
            });
        }
    }
    steps.push(match proposal.delivery {
        Delivery::PullRequest => Step::PullRequest(proposal.pull_request()),
        _ => Step::ByHand { summary: proposal.by_hand.clone() },
    });
    Ok(Plan { steps })
}

fn commit(proposal: &Proposal, branch: BranchName, expected: Expected) -> CommitPush {
    let mut parents = vec![proposal.target.1];
    let content = match (proposal.way, proposal.merged, &proposal.source) {
        (Way::Direct, Some(tree), Some((_, source))) => {
            parents.push(*source);
            Content::Tree(tree)
        }
        (_, _, source) => {
            if let Some((_, source)) = source
                && proposal.continues_source
                && proposal.delivery != Delivery::DirectPush
            {
                parents.push(*source);
            }
            Content::Edit(vec![NewFile {
                path: proposal.path.to_owned(),
                content: proposal.text.clone().into_bytes(),
                executable: false,
            }])
        }
    };
    CommitPush {
        folder: proposal.folder.clone(),
        remote: proposal.remote.clone(),
        branch,
        expected,
        parents,
        content,
        message: proposal.message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: char) -> CommitId {
        CommitId::parse(&digit.to_string().repeat(40)).expect("an id")
    }

    fn proposal() -> Proposal {
        Proposal {
            folder: "shop-release".into(),
            remote: Some("origin".into()),
            way: Way::Branch,
            delivery: Delivery::PullRequest,
            target: (EnvironmentName::parse("prod").expect("a name"), id('a')),
            source: Some((EnvironmentName::parse("qa").expect("a name"), id('b'))),
            path: "release.yml",
            text: "version: 1.2.0\n".into(),
            continues_source: false,
            merged: Some(id('c').object()),
            head: BranchName::parse("promote/prod/1.2.0").expect("a branch"),
            head_found: HeadFound::Absent,
            message: "Promote".into(),
            title: "Promote".into(),
            body: String::new(),
            draft: false,
            reviewers: vec![],
            labels: vec![],
            open: OpenAlready::Unknown,
            by_hand: "open it".into(),
        }
    }

    fn kinds(plan: &Plan) -> Vec<&'static str> {
        plan.steps.iter().map(|step| step.kind().as_str()).collect()
    }

    #[test]
    fn a_branch_is_pushed_and_proposed() {
        let plan = plan(&proposal()).expect("a plan");
        assert_eq!(kinds(&plan), ["push-commit", "pull-request"]);
        let Step::PushCommit(push) = &plan.steps[0] else { panic!("{plan:?}") };
        assert_eq!((push.branch.as_str(), push.expected), ("promote/prod/1.2.0", Expected::Absent));
        assert_eq!(push.parents, [id('a')]);
    }

    #[test]
    fn a_direct_promotion_proposes_the_environment_branch_itself() {
        let plan = plan(&Proposal { way: Way::Direct, ..proposal() }).expect("a plan");
        let [Step::PullRequest(wish)] = plan.steps.as_slice() else { panic!("{plan:?}") };
        assert_eq!((wish.head.as_str(), wish.base.as_str()), ("environment/qa", "environment/prod"));
    }

    #[test]
    fn a_head_branch_is_kept_replaced_or_left_alone() {
        let with = |head_found| plan(&Proposal { head_found, ..proposal() });
        assert_eq!(kinds(&with(HeadFound::Same).expect("a plan")), ["keep", "pull-request"]);
        let replaced = with(HeadFound::Ours(id('d'))).expect("a plan");
        let Step::PushCommit(push) = &replaced.steps[0] else { panic!("{replaced:?}") };
        assert_eq!(push.expected, Expected::Replaced(id('d')));
        assert!(matches!(with(HeadFound::Foreign), Err(Refused::ForeignHead { .. })));
    }

    #[test]
    fn a_direct_push_moves_the_target_from_what_was_read() {
        let pushed = |way| {
            let plan = plan(&Proposal { way, delivery: Delivery::DirectPush, ..proposal() }).expect("a plan");
            let [Step::PushCommit(push)] = plan.steps.as_slice() else { panic!("{plan:?}") };
            push.clone()
        };
        let branch = pushed(Way::Branch);
        assert_eq!((branch.branch.as_str(), branch.expected), ("environment/prod", Expected::Parent(id('a'))));
        assert_eq!(branch.parents, [id('a')]);
        let direct = pushed(Way::Direct);
        assert_eq!(direct.parents, [id('a'), id('b')], "the target comes first");
        assert_eq!(direct.content, Content::Tree(id('c').object()));
    }

    #[test]
    fn a_forge_that_makes_merge_commits_only_gets_the_source_as_second_parent() {
        let plan = plan(&Proposal { continues_source: true, ..proposal() }).expect("a plan");
        let Step::PushCommit(push) = &plan.steps[0] else { panic!("{plan:?}") };
        assert_eq!(push.parents, [id('a'), id('b')]);
    }

    #[test]
    fn a_pull_request_that_is_as_it_should_be_is_no_change() {
        let with = |open| {
            let proposal = Proposal { open, head_found: HeadFound::Same, ..proposal() };
            let plan = plan(&proposal).expect("a plan");
            (plan.changes(), plan.steps[1].summary())
        };
        let between = "promote/prod/1.2.0 to environment/prod";
        assert_eq!(
            with(OpenAlready::AsWanted(7)),
            (false, format!("keep the pull request 7 from {between}, which is as it should be"))
        );
        assert_eq!(
            with(OpenAlready::Outdated(7)),
            (true, format!("bring the pull request 7 from {between} up to date: Promote"))
        );
        assert_eq!(with(OpenAlready::Nothing), (true, format!("open a pull request from {between}: Promote")));
        assert_eq!(with(OpenAlready::Unknown), (true, format!("find or open a pull request from {between}: Promote")));
    }

    #[test]
    fn without_a_forge_a_person_opens_it() {
        let plan = plan(&Proposal { delivery: Delivery::ByHand, ..proposal() }).expect("a plan");
        assert_eq!(kinds(&plan), ["push-commit", "by-hand"]);
    }
}
