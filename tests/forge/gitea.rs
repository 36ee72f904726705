//! What running Gitea 1.21.11 and Forgejo 1.21.11 were seen to answer, line by line.

use relman::domain::name::BranchName;
use relman::forge::{Error, ForgeKind, NewPullRequest, Outcome, State, open_or_update};
use relman::http;
use serde_json::json;

use super::server::{Fault, Reply};
use super::store::Running;
use super::suite::{error_of, wanted};

fn both(test: impl Fn(&Running)) {
    for kind in [ForgeKind::Gitea, ForgeKind::Forgejo] {
        test(&Running::start(kind));
    }
}

#[test]
fn a_duplicate_names_the_pull_request_by_its_issue_id() {
    both(|running| {
        running.store.lock().unwrap().add("environment/qa", "environment/prod");
        let error = error_of(running.forge().create(&wanted()));
        assert!(matches!(error, Error::Duplicate { number: Some(1), .. }), "{error:?}");
        // Even where no list shows it, it is found by that number.
        running.store.lock().unwrap().hidden = 2;
        assert_eq!(open_or_update(&*running.forge(), &wanted()).unwrap().pull_request.number, 1);
    });
}

#[test]
fn a_missing_branch_and_a_missing_repository_are_told_apart() {
    both(|running| {
        let gone = NewPullRequest { head: BranchName::parse("environment/gone").unwrap(), ..wanted() };
        let said = error_of(running.forge().create(&gone)).to_string();
        assert!(said.contains("there is no branch environment/gone"), "{said}");
        let not_there = Fault::Answer(Reply::json(404, json!({"message": "The target couldn't be found."})));
        *running.server.always.lock().unwrap() = Some(not_there);
        let said = error_of(running.forge().create(&wanted())).to_string();
        assert!(said.contains("there is no repository acme/foo-release"), "{said}");
    });
}

#[test]
fn no_difference_is_nothing_to_promote() {
    both(|running| {
        running.store.lock().unwrap().empty.insert("environment/qa".into());
        assert!(matches!(error_of(running.forge().create(&wanted())), Error::Nothing { .. }));
    });
}

#[test]
fn a_bad_token_is_401() {
    both(|running| {
        let error = error_of(running.forge_with(Some("tok-wrong-wrong")).list_open());
        assert!(matches!(error, Error::Http(http::Error::Unauthorised { .. })), "{error:?}");
    });
}

#[test]
fn a_first_push_may_not_be_seen_for_a_second() {
    both(|running| {
        running.store.lock().unwrap().unseen = 2;
        assert_eq!(open_or_update(&*running.forge(), &wanted()).unwrap().outcome, Outcome::Created);
    });
}

#[test]
fn not_mergeable_yet_means_nothing() {
    both(|running| {
        // The fake always says `mergeable: false`.
        let opened = open_or_update(&*running.forge(), &wanted()).unwrap();
        assert_eq!(opened.pull_request.state, State::Open);
    });
}

#[test]
fn refusals_of_other_statuses_are_told_in_the_servers_words() {
    both(|running| {
        for (status, said) in [
            (405, "Please try again later"),
            (409, "head out of date"),
            (405, "Not allowed to push to protected branch"),
            (403, "user should have permission to write"),
        ] {
            running.server.fault([Fault::Answer(Reply::json(status, json!({"message": said})))]);
            let error = error_of(running.forge().create(&wanted()));
            assert!(error.to_string().contains(said), "{error}");
            let expected = if status == 403 { "forge-refused-access" } else { "forge-refused" };
            assert_eq!(relman::domain::error::Explain::code(&error), expected);
        }
    });
}

#[test]
fn a_reviewer_without_access_does_not_undo_the_pull_request() {
    both(|running| {
        let wanted = NewPullRequest { reviewers: vec!["alice".into(), "mallory".into()], ..wanted() };
        let opened = open_or_update(&*running.forge(), &wanted).unwrap();
        assert_eq!((opened.outcome, opened.notes[0].code), (Outcome::Created, "invalid-reviewer"));
        assert!(running.store.lock().unwrap().pulls[0].reviewers.is_empty(), "the whole call fails");
    });
}

#[test]
fn lists_ask_for_open_ones_in_the_word_that_is_known() {
    both(|running| {
        running.forge().list_open().unwrap();
        assert!(running.server.requests().iter().all(|asked| asked.query("state") == Some("open")));
        // Nor is anything asked of `pulls/{base}/{head}`, which is not there before 1.22.
        open_or_update(&*running.forge(), &wanted()).unwrap();
        assert!(running.server.requests().iter().all(|asked| asked.path.len() == 6));
    });
}

#[test]
fn an_update_answers_201_and_nulls_are_no_trouble() {
    both(|running| {
        running.store.lock().unwrap().add("environment/qa", "environment/prod");
        assert_eq!(open_or_update(&*running.forge(), &wanted()).unwrap().outcome, Outcome::Updated);
    });
}

#[test]
fn an_unknown_label_is_said() {
    both(|running| {
        let wanted = NewPullRequest { labels: vec!["Release".into(), "nope".into()], ..wanted() };
        let opened = open_or_update(&*running.forge(), &wanted).unwrap();
        assert_eq!(opened.notes[0].code, "unknown-label");
        assert_eq!(running.store.lock().unwrap().pulls[0].labels, ["release"]);
    });
}

#[test]
fn a_token_stands_in_no_address() {
    both(|running| {
        open_or_update(&*running.forge(), &wanted()).unwrap();
        for asked in running.server.requests() {
            assert!(
                !asked.raw_path.contains("tok-")
                    && asked.query("token").is_none()
                    && asked.query("access_token").is_none()
            );
        }
    });
}
