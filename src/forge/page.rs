//! The ready-made pages on which a person opens a pull request: they need no token.

use super::kind::ForgeKind;
use super::locate::Location;
use super::pull_request::NewPullRequest;
use super::text::put_into;
use crate::http::percent::{encode, encode_path, query};

/// Some servers answer longer URLs with 414.
const MAX_URL: usize = 2_000;

/// The page on which this pull request can be opened; `None` where there is no forge.
///
/// Title and body are handed over where the forge takes them, and left out where the URL would become too long.
pub fn new_pull_request(location: &Location, wanted: &NewPullRequest) -> Option<String> {
    // With its marks, so that relman knows it again.
    let (text, _) = put_into(None, &wanted.body, usize::MAX);
    let (title, body) = (wanted.title.as_str(), text.as_str());
    let texts = [&[("title", title), ("body", body)][..], &[("title", title)][..], &[]];
    let mut urls = texts.iter().map(|texts| page(location, wanted, texts));
    let mut shortest = None;
    for url in urls.by_ref() {
        let url = url?;
        if url.len() <= MAX_URL {
            return Some(url);
        }
        shortest = Some(url);
    }
    shortest
}

/// The page with the texts that are named, as far as the forge takes any.
fn page(location: &Location, wanted: &NewPullRequest, texts: &[(&str, &str)]) -> Option<String> {
    let web = &location.web;
    let (owner, name) = (encode_path(&location.repository.owner), encode(&location.repository.name));
    let (head, base) = (wanted.head.as_str(), wanted.base.as_str());
    // A slash in a branch may stand in these paths, and the forges write it so themselves.
    let compare = format!("{}...{}", encode_path(base), encode_path(head));
    Some(match location.kind {
        ForgeKind::GitHub => {
            let mut pairs = vec![("expand", "1")];
            pairs.extend(texts);
            format!("{web}/{owner}/{name}/compare/{compare}{}", query(&pairs))
        }
        ForgeKind::GitLab => {
            let field = |name: &str| format!("merge_request[{name}]");
            let mut pairs = vec![(field("source_branch"), head), (field("target_branch"), base)];
            for (key, text) in texts {
                pairs.push((field(if *key == "body" { "description" } else { key }), text));
            }
            format!("{web}/{owner}/{name}/-/merge_requests/new{}", query(&pairs))
        }
        ForgeKind::Gitea | ForgeKind::Forgejo => format!("{web}/{owner}/{name}/compare/{compare}"),
        ForgeKind::BitbucketCloud => {
            let dest = format!("{}:{base}", location.repository.full());
            format!("{web}/{owner}/{name}/pull-requests/new{}", query(&[("source", head), ("dest", &dest)]))
        }
        ForgeKind::BitbucketDatacenter => {
            let project = match location.repository.owner.strip_prefix('~') {
                Some(user) => format!("users/{}", encode(user)),
                None => format!("projects/{owner}"),
            };
            let (source, target) = (wanted.head.full(), wanted.base.full());
            let pairs = [("sourceBranch", source.as_str()), ("targetBranch", target.as_str())];
            let pairs = query(&pairs).replacen('?', "?create&", 1);
            format!("{web}/{project}/repos/{name}/pull-requests{pairs}")
        }
        ForgeKind::Azure => {
            let pairs = [("sourceRef", head), ("targetRef", base)];
            format!("{web}/{owner}/_git/{name}/pullrequestcreate{}", query(&pairs))
        }
        ForgeKind::None => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::name::BranchName;
    use crate::forge::locate::{Clues, Found, locate};

    fn url(flag: &str, remote: &str, title: &str, body: &str) -> String {
        let clues = Clues { flag: Some(flag), remote: Some(remote), ..Clues::default() };
        let Found::Forge(location) = locate(&clues).expect("an answer") else { panic!("a forge") };
        let branch = |text| BranchName::parse(text).expect("a branch");
        let wanted = NewPullRequest {
            head: branch("environment/qa"),
            base: branch("environment/prod-ä"),
            title: title.into(),
            body: body.into(),
            draft: false,
            reviewers: vec![],
            labels: vec![],
        };
        new_pull_request(&location, &wanted).expect("a page")
    }

    #[test]
    fn every_forge_has_a_page() {
        for (flag, remote, expected) in [
            (
                "github",
                "git@github.com:o/r.git",
                "https://github.com/o/r/compare/environment/prod-%C3%A4...environment/qa?expand=1&title=A%20%26%20B&body=%5B%2F%2F%5D%3A%20%23%20%28relman%20begins%29%0A%0Ax%0Ay%0A%0A%5B%2F%2F%5D%3A%20%23%20%28relman%20ends%29%0A",
            ),
            (
                "gitlab",
                "git@gitlab.com:g/s/r.git",
                "https://gitlab.com/g/s/r/-/merge_requests/new?merge_request%5Bsource_branch%5D=environment%2Fqa&merge_request%5Btarget_branch%5D=environment%2Fprod-%C3%A4&merge_request%5Btitle%5D=A%20%26%20B&merge_request%5Bdescription%5D=%5B%2F%2F%5D%3A%20%23%20%28relman%20begins%29%0A%0Ax%0Ay%0A%0A%5B%2F%2F%5D%3A%20%23%20%28relman%20ends%29%0A",
            ),
            (
                "gitea",
                "https://h.example:3000/o/r",
                "https://h.example:3000/o/r/compare/environment/prod-%C3%A4...environment/qa",
            ),
            (
                "forgejo",
                "https://codeberg.org/o/r",
                "https://codeberg.org/o/r/compare/environment/prod-%C3%A4...environment/qa",
            ),
            (
                "bitbucket-cloud",
                "git@bitbucket.org:ws/r.git",
                "https://bitbucket.org/ws/r/pull-requests/new?source=environment%2Fqa&dest=ws%2Fr%3Aenvironment%2Fprod-%C3%A4",
            ),
            (
                "bitbucket-datacenter",
                "https://h.example/bb/scm/PRJ/r.git",
                "https://h.example/bb/projects/PRJ/repos/r/pull-requests?create&sourceBranch=refs%2Fheads%2Fenvironment%2Fqa&targetBranch=refs%2Fheads%2Fenvironment%2Fprod-%C3%A4",
            ),
            (
                "bitbucket-datacenter",
                "ssh://git@h.example:7999/~me/r.git",
                "https://h.example/users/me/repos/r/pull-requests?create&sourceBranch=refs%2Fheads%2Fenvironment%2Fqa&targetBranch=refs%2Fheads%2Fenvironment%2Fprod-%C3%A4",
            ),
            (
                "azure",
                "git@ssh.dev.azure.com:v3/org/my project/r",
                "https://dev.azure.com/org/my%20project/_git/r/pullrequestcreate?sourceRef=environment%2Fqa&targetRef=environment%2Fprod-%C3%A4",
            ),
        ] {
            assert_eq!(url(flag, remote, "A & B", "x\ny"), expected, "{flag}");
        }
    }

    #[test]
    fn a_long_body_is_dropped_and_then_a_long_title() {
        let long = "x".repeat(3_000);
        let remote = "git@github.com:o/r.git";
        assert!(url("github", remote, "T", &long).ends_with("?expand=1&title=T"));
        assert!(url("github", remote, &long, "b").ends_with("?expand=1"));
    }
}
