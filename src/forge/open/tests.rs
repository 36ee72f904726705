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
fn what_fits_stays_and_what_does_not_is_counted() {
    let mut notes = Vec::new();
    let short = fit(ForgeKind::BitbucketDatacenter, &wanted("A  title\nin two lines", "body"), &mut notes);
    assert_eq!((short.title.as_str(), short.body.as_str(), notes.len()), ("A title in two lines", "body", 0));
    let line = "ä".repeat(99);
    let body = format!("<!-- mark -->\n{}\n<!-- other -->", vec![line; 1_000].join("\n"));
    let long = fit(ForgeKind::BitbucketDatacenter, &wanted("T", &body), &mut notes);
    assert!(long.body.chars().count() <= 30_000, "{}", long.body.chars().count());
    assert!(long.body.ends_with("<!-- mark -->\n<!-- other -->"));
    assert_eq!(notes[0].code, "description-cut");
    let left_out = 1_000 - long.body.lines().filter(|line| line.starts_with('ä')).count();
    assert!(notes[0].message.starts_with(&left_out.to_string()), "{}", notes[0].message);
    // One line that is too long by itself leaves nothing but the words about it.
    let (text, left_out) = cut(&"x".repeat(50_000), 30_000);
    assert_eq!((left_out, text.len() < 200), (1, true));
}
