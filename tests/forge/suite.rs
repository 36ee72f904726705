//! What every forge must do, run against each.

use relman::domain::error::{Exit, Explain as _};
use relman::domain::name::{BranchName, CommitId};
use relman::forge::text::put_into;
use relman::forge::{
    BuildState, CommitStatus, Error, Forge, ForgeKind, NewPullRequest, Outcome, State, foresee, open_or_update, origin,
    refresh,
};
use relman::http::{self, Login, Token};
use serde_json::json;

use super::server::{Fault, Reply};
use super::store::{COMMIT, KINDS, Running, TOKEN, connect};

fn branch(name: &str) -> BranchName {
    BranchName::parse(name).unwrap()
}

pub fn wanted() -> NewPullRequest {
    NewPullRequest {
        head: branch("environment/qa"),
        base: branch("environment/prod"),
        title: "Promote 1.2.0 to prod".into(),
        body: "What ships:\n\n* FOO-1\n\nVersion: 1.2.0".into(),
        draft: false,
        reviewers: vec![],
        labels: vec![],
    }
}

/// Runs a test against every kind, side by side, and says against which it failed.
pub fn each(test: impl Fn(&Running) + Sync) {
    let test = &test;
    std::thread::scope(|scope| {
        let runs = KINDS.map(|kind| (kind, scope.spawn(move || test(&Running::start(kind)))));
        for (kind, run) in runs {
            assert!(run.join().is_ok(), "it failed against {kind}");
        }
    });
}

/// The error, after a look at all it shows: there must be no token in it.
pub fn error_of<T: std::fmt::Debug>(result: Result<T, Error>) -> Error {
    let error = result.expect_err("an error");
    let shown = format!("{error} {error:?} {error:#?} {:?}", error.hints());
    assert!(!shown.contains(TOKEN), "{shown}");
    error
}

#[test]
fn one_is_opened_then_found_then_changed() {
    each(|running| {
        let forge = running.forge();
        let first = open_or_update(&*forge, &wanted()).unwrap();
        assert_eq!((first.outcome, first.notes.len()), (Outcome::Created, 0));
        let made = first.pull_request;
        assert_eq!((made.number, made.state, made.title.as_str()), (1, State::Open, "Promote 1.2.0 to prod"));
        assert!(made.url.ends_with('1') && made.same_repository && !made.draft, "{made:?}");
        assert_eq!(made.author.as_deref(), Some("jane"));
        let second = open_or_update(&*forge, &wanted()).unwrap();
        assert_eq!((second.outcome, second.pull_request.number), (Outcome::Unchanged, 1));
        let other = NewPullRequest { body: "Something else".into(), ..wanted() };
        assert_eq!(open_or_update(&*forge, &other).unwrap().outcome, Outcome::Updated);
        assert_eq!(open_or_update(&*forge, &other).unwrap().outcome, Outcome::Unchanged);
        let retitled = NewPullRequest { title: "Promote 1.2.1 to prod".into(), ..other };
        let third = open_or_update(&*forge, &retitled).unwrap();
        assert_eq!((third.outcome, third.pull_request.title.as_str()), (Outcome::Updated, "Promote 1.2.1 to prod"));
        // Another base, or another head, is another pull request.
        let elsewhere = NewPullRequest { base: branch("environment/dev"), ..wanted() };
        assert_eq!(open_or_update(&*forge, &elsewhere).unwrap().pull_request.number, 2);
        let pinned = NewPullRequest { head: branch("promote/prod/1.0"), ..wanted() };
        assert_eq!(open_or_update(&*forge, &pinned).unwrap().pull_request.number, 3);
        assert_eq!(running.store.lock().unwrap().pulls.len(), 3);
    });
}

#[test]
fn branches_with_odd_names_survive_the_way() {
    each(|running| {
        let name = "environment/größe+a&b#1%2F\"x'";
        running.store.lock().unwrap().branches.insert(name.into());
        // The fake's reading of Bitbucket Cloud's query language knows no quotes.
        let name = if running.kind == ForgeKind::BitbucketCloud { "environment/größe+a&b#1%2F" } else { name };
        running.store.lock().unwrap().branches.insert(name.into());
        let odd = NewPullRequest { head: branch(name), title: "Größe \u{1f680} \"x\"".into(), ..wanted() };
        let forge = running.forge();
        assert_eq!(open_or_update(&*forge, &odd).unwrap().outcome, Outcome::Created);
        assert_eq!(open_or_update(&*forge, &odd).unwrap().outcome, Outcome::Unchanged);
        let path = &running.server.requests()[0].raw_path;
        assert!(path.bytes().all(|b| b.is_ascii_graphic()), "{path}");
    });
}

#[test]
fn missing_branches_are_not_found() {
    each(|running| {
        for (head, base) in [("environment/gone", "environment/prod"), ("environment/qa", "environment/gone")] {
            let wanted = NewPullRequest { head: branch(head), base: branch(base), ..wanted() };
            let error = error_of(open_or_update(&*running.forge(), &wanted));
            assert!(matches!(error, Error::Http(http::Error::NotFound { .. })), "{error:?}");
            assert_eq!(error.exit(), Exit::NotFound);
            assert!(error.to_string().contains("environment/gone"), "{error}");
        }
    });
}

#[test]
fn a_missing_repository_is_not_found() {
    each(|running| {
        let mut location = running.location();
        location.repository.name = "other".into();
        let forge = connect(&location, Some(Login::Token(Token::new(TOKEN).unwrap())));
        let error = error_of(open_or_update(&*forge, &wanted()));
        assert_eq!((error.code(), error.exit()), ("not-on-forge", Exit::NotFound), "{error:?}");
    });
}

#[test]
fn a_lost_race_ends_in_what_the_winner_made() {
    each(|running| {
        {
            let mut store = running.store.lock().unwrap();
            let pull = store.add("environment/qa", "environment/prod");
            (pull.title, pull.body) = (wanted().title, put_into(None, &wanted().body, 10_000).0);
            store.hidden = 1;
        }
        let opened = open_or_update(&*running.forge(), &wanted()).unwrap();
        assert_eq!((opened.outcome, opened.pull_request.number), (Outcome::Unchanged, 1));
        // And the loser's newer words win, also where lists stay behind for a while.
        running.store.lock().unwrap().hidden = 2;
        let newer = NewPullRequest { body: "newer".into(), ..wanted() };
        let opened = open_or_update(&*running.forge(), &newer).unwrap();
        assert_eq!((opened.outcome, opened.pull_request.number), (Outcome::Updated, 1));
        assert_eq!(running.store.lock().unwrap().pulls.len(), 1);
    });
}

#[test]
fn ten_at_once_open_one() {
    each(|running| {
        let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
            let runs: Vec<_> = (0..10)
                .map(|_| scope.spawn(|| open_or_update(&*running.forge(), &wanted()).unwrap().outcome))
                .collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Created).count(), 1, "{outcomes:?}");
        assert_eq!(running.store.lock().unwrap().pulls.len(), 1);
    });
}

#[test]
fn nothing_to_promote_is_said() {
    each(|running| {
        if running.kind == ForgeKind::GitLab {
            // It opens a merge request without changes.
            return;
        }
        running.store.lock().unwrap().empty.insert("environment/qa".into());
        let error = error_of(open_or_update(&*running.forge(), &wanted()));
        assert!(matches!(error, Error::Nothing { .. }), "{error:?}");
    });
}

#[test]
fn a_stale_update_is_tried_on_what_is_there_now() {
    each(|running| {
        running.store.lock().unwrap().add("environment/qa", "environment/prod").reviewers =
            vec!["{11111111-aaaa}".into()];
        running.store.lock().unwrap().stale = 2;
        let opened = open_or_update(&*running.forge(), &wanted()).unwrap();
        assert_eq!(opened.outcome, Outcome::Updated);
        let store = running.store.lock().unwrap();
        assert_eq!(store.pulls[0].reviewers, ["{11111111-aaaa}"], "the reviewers stay");
        assert!(store.pulls[0].body.contains("* FOO-1"), "{}", store.pulls[0].body);
        drop(store);
        running.store.lock().unwrap().stale = 100;
        let newer = NewPullRequest { body: "newer".into(), ..wanted() };
        let error = error_of(open_or_update(&*running.forge(), &newer));
        assert!(matches!(error, Error::Stale { number: 1 }), "{error:?}");
    });
}

#[test]
fn the_wanted_one_is_found_on_the_last_of_many_pages() {
    each(|running| {
        {
            let mut store = running.store.lock().unwrap();
            store.page = 2;
            let pull = store.add("environment/qa", "environment/prod");
            (pull.title, pull.body) = (wanted().title, put_into(None, &wanted().body, 10_000).0);
            // Newer ones come first: of other bases, and of a fork with branches of the same names.
            store.add("environment/qa", "environment/dev");
            for _ in 0..3 {
                store.add("environment/qa", "environment/prod").fork = true;
            }
        }
        let forge = running.forge();
        let found = forge.find_open(&branch("environment/qa"), &branch("environment/prod")).unwrap().unwrap();
        assert_eq!((found.number, found.same_repository), (1, true));
        assert_eq!(open_or_update(&*forge, &wanted()).unwrap().outcome, Outcome::Unchanged);
        let numbers: Vec<u64> = forge.list_open().unwrap().iter().map(|pull| pull.number).collect();
        assert_eq!(numbers, [2, 1]);
        let asked = running.server.requests();
        assert!(asked.iter().all(|asked| asked.method == "GET"));
        assert!(asked.len() >= 3, "{} requests", asked.len());
    });
}

#[test]
fn a_forks_branch_of_the_same_name_is_not_ours() {
    each(|running| {
        running.store.lock().unwrap().add("environment/qa", "environment/prod").fork = true;
        let opened = open_or_update(&*running.forge(), &wanted()).unwrap();
        assert_eq!((opened.outcome, opened.pull_request.number), (Outcome::Created, 2));
    });
}

/// Two people, in the words of a forge.
fn people(kind: ForgeKind) -> [String; 2] {
    match kind {
        ForgeKind::BitbucketCloud => ["{11111111-aaaa}".into(), "{22222222-bbbb}".into()],
        _ => ["alice".into(), "bob".into()],
    }
}

#[test]
fn reviewers_are_added_and_never_taken_away() {
    each(|running| {
        let [alice, bob] = people(running.kind);
        let forge = running.forge();
        let with = |reviewers: &[&String]| NewPullRequest {
            reviewers: reviewers.iter().map(|name| (*name).clone()).collect(),
            ..wanted()
        };
        assert_eq!(open_or_update(&*forge, &with(&[&alice])).unwrap().outcome, Outcome::Created);
        assert_eq!(open_or_update(&*forge, &with(&[&alice])).unwrap().outcome, Outcome::Unchanged);
        assert_eq!(open_or_update(&*forge, &with(&[&bob])).unwrap().outcome, Outcome::Updated);
        assert_eq!(open_or_update(&*forge, &wanted()).unwrap().outcome, Outcome::Unchanged);
        assert_eq!(running.store.lock().unwrap().pulls[0].reviewers, [alice, bob]);
    });
}

#[test]
fn a_reviewer_who_may_not_read_is_named() {
    each(|running| {
        let mallory = if running.kind == ForgeKind::BitbucketCloud { "{33333333-cccc}" } else { "mallory" };
        let wanted = NewPullRequest { reviewers: vec![mallory.into()], ..wanted() };
        let result = open_or_update(&*running.forge(), &wanted);
        match running.kind {
            // Asking is a request of its own there: the pull request stands, and what went wrong is said.
            ForgeKind::GitHub | ForgeKind::Gitea | ForgeKind::Forgejo => {
                let opened = result.unwrap();
                assert_eq!((opened.outcome, opened.notes[0].code), (Outcome::Created, "invalid-reviewer"));
                assert!(opened.notes[0].message.contains("mallory"), "{:?}", opened.notes);
            }
            _ => {
                let error = error_of(result);
                assert!(matches!(error, Error::Reviewers { .. }), "{error:?}");
                assert!(running.store.lock().unwrap().pulls.is_empty());
            }
        }
    });
    let running = Running::start(ForgeKind::BitbucketCloud);
    let named = NewPullRequest { reviewers: vec!["alice".into()], ..wanted() };
    assert!(matches!(error_of(running.forge().create(&named)), Error::Reviewers { .. }));
}

#[test]
fn labels_where_there_are_any() {
    each(|running| {
        let wanted = NewPullRequest { labels: vec!["release".into(), "prod".into()], ..wanted() };
        let forge = running.forge();
        let opened = open_or_update(&*forge, &wanted).unwrap();
        let again = open_or_update(&*forge, &wanted).unwrap();
        assert_eq!((opened.outcome, again.outcome), (Outcome::Created, Outcome::Unchanged));
        let store = running.store.lock().unwrap();
        match running.kind {
            ForgeKind::BitbucketCloud | ForgeKind::BitbucketDatacenter => {
                assert_eq!(opened.notes[0].code, "no-labels");
                assert!(store.pulls[0].labels.is_empty());
            }
            _ => assert_eq!(
                (store.pulls[0].labels.as_slice(), opened.notes.len()),
                (&["release".to_owned(), "prod".into()][..], 0)
            ),
        }
    });
}

#[test]
fn drafts_come_and_go() {
    each(|running| {
        let forge = running.forge();
        let draft = NewPullRequest { draft: true, ..wanted() };
        let opened = open_or_update(&*forge, &draft).unwrap();
        assert!(opened.pull_request.draft);
        assert_eq!(opened.pull_request.title, wanted().title);
        assert_eq!(open_or_update(&*forge, &draft).unwrap().outcome, Outcome::Unchanged);
        // Nobody asked to make it ready; and what is ready becomes a draft where somebody asks.
        let newer = NewPullRequest { body: "newer".into(), ..wanted() };
        let kept = open_or_update(&*forge, &newer).unwrap();
        assert_eq!((kept.outcome, kept.pull_request.draft), (Outcome::Updated, true));
        running.store.lock().unwrap().pulls[0].draft = false;
        let held = open_or_update(&*forge, &NewPullRequest { draft: true, ..newer }).unwrap();
        if running.kind == ForgeKind::GitHub {
            assert_eq!((held.outcome, held.notes[0].code), (Outcome::Unchanged, "draft-unchanged"));
        } else {
            assert_eq!((held.outcome, held.pull_request.draft), (Outcome::Updated, true));
        }
    });
}

#[test]
fn what_a_person_has_written_stays() {
    each(|running| {
        let forge = running.forge();
        open_or_update(&*forge, &wanted()).unwrap();
        {
            let pull = &mut running.store.lock().unwrap().pulls[0];
            pull.body = format!("Not before noon!\n\n{}\nAsk Ada.", pull.body);
        }
        // A word below the facts is moved above them once: a squash takes the end for trailers.
        let newer =
            NewPullRequest { title: "Promote 1.3.0".into(), body: "Newer\n\nVersion: 1.3.0".into(), ..wanted() };
        assert_eq!(open_or_update(&*forge, &newer).unwrap().outcome, Outcome::Updated);
        assert_eq!(open_or_update(&*forge, &newer).unwrap().outcome, Outcome::Unchanged);
        let store = running.store.lock().unwrap();
        let (title, body) = (&store.pulls[0].title, &store.pulls[0].body);
        assert_eq!(title, "Promote 1.3.0");
        assert!(body.starts_with("Not before noon!") && body.contains("Ask Ada.") && body.contains("Newer"), "{body}");
        assert!(!body.contains("FOO-1") && body.trim_end().ends_with("\n\nVersion: 1.3.0"), "{body}");
    });
}

#[test]
fn a_pull_request_of_a_person_keeps_its_title_and_its_words() {
    each(|running| {
        let forge = running.forge();
        {
            let mut store = running.store.lock().unwrap();
            let pull = store.add("environment/qa", "environment/prod");
            (pull.title, pull.body, pull.draft) = ("Release week 47".into(), "Please look.".into(), true);
        }
        let found = forge.find_open(&wanted().head, &wanted().base).unwrap().unwrap();
        assert_eq!(refresh(&*forge, found, &wanted()).unwrap(), None, "nobody asked to write there");
        assert_eq!(running.store.lock().unwrap().pulls[0].body, "Please look.");
        let opened = open_or_update(&*forge, &wanted()).unwrap();
        assert_eq!((opened.outcome, opened.notes[0].code), (Outcome::Updated, "opened-by-hand"));
        let again = open_or_update(&*forge, &wanted()).unwrap();
        assert_eq!((again.outcome, again.notes.len()), (Outcome::Unchanged, 0));
        let newer = NewPullRequest { title: "Promote 1.3.0".into(), body: "Newer".into(), ..wanted() };
        let refreshed = refresh(&*forge, again.pull_request, &newer).unwrap().unwrap();
        assert_eq!(refreshed.outcome, Outcome::Updated, "it has a part of relman's now");
        let pull = &running.store.lock().unwrap().pulls[0];
        assert_eq!((pull.title.as_str(), pull.draft), ("Release week 47", true));
        assert!(pull.body.starts_with("Please look.") && pull.body.contains("Newer"), "{}", pull.body);
    });
}

#[test]
fn what_would_change_is_foreseen_and_nothing_changes_by_it() {
    each(|running| {
        let forge = running.forge();
        assert_eq!(foresee(&*forge, &wanted()).unwrap(), None);
        open_or_update(&*forge, &wanted()).unwrap();
        let asked = running.server.requests().len();
        let foreseen = |wanted: &NewPullRequest| foresee(&*forge, wanted).unwrap().map(|(pull, on)| (pull.number, on));
        assert_eq!(foreseen(&wanted()), Some((1, false)));
        let [alice, _] = people(running.kind);
        for newer in [
            NewPullRequest { title: "Promote 1.3.0".into(), ..wanted() },
            NewPullRequest { body: "Newer".into(), ..wanted() },
            NewPullRequest { reviewers: vec![alice], ..wanted() },
        ] {
            assert_eq!(foreseen(&newer), Some((1, true)), "{newer:?}");
        }
        assert!(running.server.requests()[asked..].iter().all(|asked| asked.method == "GET"));
    });
}

#[test]
fn what_has_become_of_one_can_be_read() {
    each(|running| {
        let forge = running.forge();
        {
            let mut store = running.store.lock().unwrap();
            let pull = store.add("environment/qa", "environment/prod");
            (pull.open, pull.merged) = (false, true);
            store.add("environment/dev", "environment/qa").open = false;
        }
        assert_eq!(forge.read(1).unwrap().state, State::Merged);
        assert_eq!(forge.read(2).unwrap().state, State::Closed);
        assert_eq!(error_of(forge.read(99)).exit(), Exit::NotFound);
        // A closed one is no reason not to open another.
        assert_eq!(open_or_update(&*forge, &wanted()).unwrap().pull_request.number, 3);
    });
}

#[test]
fn too_long_a_text_is_cut_in_the_same_way_each_time() {
    each(|running| {
        let forge = running.forge();
        let body: String = (0..120_000).map(|line| format!("* line {line}\n")).collect();
        let long = NewPullRequest { title: "x".repeat(400), body: format!("{body}\nVersion: 1.2.0"), ..wanted() };
        let opened = open_or_update(&*forge, &long).unwrap();
        assert_eq!(opened.notes[0].code, "description-cut");
        assert_eq!(open_or_update(&*forge, &long).unwrap().outcome, Outcome::Unchanged);
        let store = running.store.lock().unwrap();
        let made = &store.pulls[0];
        assert!(made.title.chars().count() <= 240 && made.body.trim_end().ends_with("\n\nVersion: 1.2.0"));
        assert!(made.body.contains("more lines"));
    });
}

#[test]
fn statuses_and_settings() {
    each(|running| {
        let forge = running.forge();
        let status = CommitStatus {
            state: BuildState::Succeeded,
            key: "relman/qa".into(),
            description: "1.2.0".into(),
            url: "https://ci.example/1".into(),
        };
        forge.set_status(CommitId::parse(COMMIT).unwrap(), &status).unwrap();
        assert_eq!(running.store.lock().unwrap().statuses.len(), 1);
        let strategies =
            |on: &[&str]| on.iter().map(|id| json!({"id": id, "enabled": true})).collect::<serde_json::Value>();
        let cases = match running.kind {
            ForgeKind::BitbucketDatacenter => [
                (json!({"mergeConfig": {"strategies": strategies(&["no-ff"])}, "unapproveOnUpdate": true}), None),
                (json!({"mergeConfig": {"strategies": strategies(&["squash"])}}), Some("squash-only")),
            ],
            ForgeKind::BitbucketCloud => [
                (json!({"name": "x", "merge_strategies": ["merge_commit", "squash"]}), None),
                (json!({"name": "x", "merge_strategies": ["fast_forward"]}), Some("fast-forward-only")),
            ],
            ForgeKind::GitHub => [
                (
                    json!({"allow_merge_commit": true, "allow_squash_merge": true, "delete_branch_on_merge": false}),
                    None,
                ),
                (json!({"allow_merge_commit": true, "delete_branch_on_merge": true}), Some("deletes-head-branch")),
            ],
            ForgeKind::GitLab => [
                (
                    json!({"merge_method": "merge", "squash_option": "default_off", "remove_source_branch_after_merge": false}),
                    None,
                ),
                (json!({"merge_method": "ff", "squash_option": "never"}), Some("fast-forward-only")),
            ],
            _ => [
                (json!({"allow_merge_commits": true, "default_delete_branch_after_merge": false}), None),
                (json!({"allow_merge_commits": false, "allow_squash_merge": true}), Some("squash-only")),
            ],
        };
        for (settings, against) in cases {
            running.store.lock().unwrap().settings = settings;
            let known = forge.settings(&branch("environment/prod")).unwrap();
            assert_eq!(known.against_direct().map(|(word, _)| word), against, "{known:?}");
        }
        // A token that may not look leaves them unknown, except where the repository itself is hidden.
        running.store.lock().unwrap().settings = json!({});
        let unknown = forge.settings(&branch("environment/prod")).unwrap();
        assert_eq!((unknown.merge_commits, unknown.deletes_head_branch), (None, None));
    });
}

#[test]
fn the_pull_request_behind_a_commit() {
    each(|running| {
        let commit = CommitId::parse(COMMIT).unwrap();
        let other = CommitId::parse(&"0".repeat(40)).unwrap();
        let prod = branch("environment/prod");
        {
            let mut store = running.store.lock().unwrap();
            store.add_merged("environment/qa", "environment/prod", &"1".repeat(40), &[]);
            // Promoted on, and proposed elsewhere: the commit is part of these as well.
            if !matches!(running.kind, ForgeKind::Gitea | ForgeKind::Forgejo) {
                store.add_merged("environment/prod", "environment/dev", COMMIT, &["mallory"]);
                store.add("environment/qa", "environment/prod").brought = Some(COMMIT.into());
            }
            store.add_merged("environment/qa", "environment/prod", COMMIT, &["alice", "bob"]);
        }
        let forge = running.forge();
        let found = origin(&*forge, commit, &prod).unwrap().expect("a pull request");
        let expected = if matches!(running.kind, ForgeKind::Gitea | ForgeKind::Forgejo) { 2 } else { 4 };
        assert_eq!(found.number, expected);
        assert!(found.url.as_deref().unwrap().ends_with(&expected.to_string()), "{found:?}");
        assert_eq!((found.author.as_deref(), found.merged_by.as_deref()), (Some("jane"), Some("wendy")));
        assert_eq!(found.approved_by, ["alice", "bob"]);
        // A commit that was pushed, and one that came to another branch.
        assert_eq!(origin(&*forge, other, &prod).unwrap(), None);
        assert_eq!(origin(&*forge, commit, &branch("environment/qa")).unwrap(), None);
    });
}

#[test]
fn approvals_that_may_not_be_read_leave_the_pull_request_known() {
    each(|running| {
        let commit = CommitId::parse(COMMIT).unwrap();
        running.store.lock().unwrap().add_merged("environment/qa", "environment/prod", COMMIT, &["alice"]);
        // Bitbucket Cloud names pull requests by number alone, so it is asked for each.
        let well = if running.kind == ForgeKind::BitbucketCloud { 2 } else { 1 };
        let refused = Fault::Answer(Reply::json(403, json!({"message": "no"})));
        running.server.fault((0..well).map(|_| Fault::Well).chain([refused]));
        let found = origin(&*running.forge(), commit, &branch("environment/prod")).unwrap().expect("a pull request");
        assert_eq!((found.number, found.author.as_deref(), found.approved_by.len()), (1, Some("jane"), 0));
        // The pull request itself is another matter.
        running.server.fault([Fault::Answer(Reply::json(403, json!({"message": "no"})))]);
        let error = error_of(origin(&*running.forge(), commit, &branch("environment/prod")));
        assert_eq!(error.exit(), Exit::Unauthorised);
    });
}

/// A restriction as a Bitbucket lists it.
pub fn restriction(kind: ForgeKind, forbids: &str, pattern: &str) -> serde_json::Value {
    match kind {
        ForgeKind::BitbucketCloud => json!({"id": 1, "kind": forbids, "branch_match_kind": "glob", "pattern": pattern,
            "type": "branchrestriction", "users": [], "groups": []}),
        _ => json!({"id": 1, "type": forbids, "scope": {"type": "PROJECT", "resourceId": 2}, "users": [], "groups": [],
            "matcher": {"id": pattern, "displayId": pattern, "type": {"id": "PATTERN", "name": "Pattern"}, "active": true}}),
    }
}

#[test]
fn bitbucket_tells_administrators_who_may_change_a_branch() {
    for (kind, push, delete) in [
        (ForgeKind::BitbucketDatacenter, "pull-request-only", "no-deletes"),
        (ForgeKind::BitbucketCloud, "push", "delete"),
    ] {
        let running = Running::start(kind);
        let forge = running.forge();
        let known = |restrictions: Option<Vec<serde_json::Value>>| {
            let mut store = running.store.lock().unwrap();
            store.restrictions = restrictions;
            // So that there are pages.
            store.page = 2;
            drop(store);
            let known = forge.settings(&branch("environment/prod")).unwrap();
            (known.base_protected, known.base_deletable)
        };
        let one = |forbids: &str, pattern: &str| restriction(kind, forbids, pattern);
        assert_eq!(known(None), (None, None), "{kind}: for administrators only");
        assert_eq!(known(Some(vec![])), (Some(false), Some(true)), "{kind}");
        let others = vec![one(push, "main"), one(delete, "release/*"), one("fast-forward-only", "*")];
        assert_eq!(known(Some(others.clone())), (Some(false), Some(true)), "{kind}: other branches are restricted");
        let last = [others, vec![one(push, "main"), one(delete, "environment/*"), one(push, "environment/*")]].concat();
        assert_eq!(known(Some(last)), (Some(true), Some(false)), "{kind}: the last page counts");
    }
    let cloud = Running::start(ForgeKind::BitbucketCloud);
    let model = json!({"id": 1, "kind": "push", "branch_match_kind": "branching_model", "branch_type": "production", "pattern": ""});
    let reset = restriction(ForgeKind::BitbucketCloud, "smart_reset_pullrequest_approvals", "environment/prod");
    for (restrictions, deletes, expected) in [
        (vec![model], "true", (None, Some(true), Some(true))),
        (vec![reset], "false", (Some(false), Some(false), Some(false))),
    ] {
        cloud.store.lock().unwrap().restrictions = Some(restrictions);
        cloud.store.lock().unwrap().settings = json!({"name": "x", "default_branch_deletion": deletes});
        let known = cloud.forge().settings(&branch("environment/prod")).unwrap();
        assert_eq!((known.base_protected, known.deletes_head_branch, known.keeps_approvals), expected);
    }
    let datacenter = Running::start(ForgeKind::BitbucketDatacenter);
    for (matcher, id, expected) in [
        ("ANY_REF", "ANY_REF_MATCHER_ID", Some(true)),
        ("BRANCH", "refs/heads/environment/prod", Some(true)),
        ("BRANCH", "refs/heads/environment/qa", Some(false)),
        ("MODEL_BRANCH", "production", None),
    ] {
        let one =
            json!({"id": 1, "type": "read-only", "matcher": {"id": id, "type": {"id": matcher, "name": matcher}}});
        datacenter.store.lock().unwrap().restrictions = Some(vec![one]);
        let known = datacenter.forge().settings(&branch("environment/prod")).unwrap();
        assert_eq!(known.base_protected, expected, "{matcher} {id}");
    }
}

#[test]
fn forges_are_objects() {
    fn takes(_: &dyn Forge) {}
    takes(&*Running::start(ForgeKind::Gitea).forge());
}
