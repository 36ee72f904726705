use super::*;
use crate::domain::name::BranchName;

fn wanted(title: &str, body: &str) -> NewPullRequest {
    NewPullRequest {
        head: BranchName::parse("environment/qa").expect("a branch"),
        base: BranchName::parse("environment/prod").expect("a branch"),
        title: title.into(),
        body: body.into(),
        draft: false,
        reviewers: vec![],
        labels: vec![],
    }
}

#[test]
fn missing_names_are_told_without_regard_to_case() {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(missing(&names(&["Alice"]), &names(&["alice", "bob", "Bob"])), names(&["bob"]));
    assert!(missing(&[], &[]).is_empty());
}

#[test]
fn descriptions_are_compared_without_line_ends() {
    assert_eq!(plain("a\r\nb\r\n"), plain("a\nb"));
    assert_ne!(plain("a\n\nb"), plain("a\nb"));
}

#[test]
fn a_title_is_one_line_of_bounded_length() {
    let aim = |title: &str| Aim::new(ForgeKind::Gitea, None, &wanted(title, "body"));
    assert_eq!(aim("A  title\nin two lines").request.title, "A title in two lines");
    assert_eq!(aim(&"x".repeat(400)).request.title.chars().count(), MAX_TITLE);
}

#[test]
fn what_is_left_out_is_said() {
    let fits = Aim::new(ForgeKind::BitbucketDatacenter, None, &wanted("T", "body"));
    assert!(fits.notes.is_empty());
    let long = Aim::new(ForgeKind::BitbucketDatacenter, None, &wanted("T", &"line\n".repeat(10_000)));
    assert_eq!(long.notes[0].code, "description-cut");
    assert!(long.request.body.chars().count() <= 30_000, "{}", long.request.body.len());
}
