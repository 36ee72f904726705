//! What people have written and decided on a pull request stays, whatever runs afterwards.

use super::command::{Desk, file};
use super::sandbox::{Repo, Room};
use super::store::Running;
use super::suite::each;
use relman::forge::ForgeKind;

/// A desk whose prod is behind qa on one line, so that promotions go directly.
fn direct<'r>(room: &'r Room, running: &'r Running) -> Desk<'r> {
    let desk = Desk::new(room, running);
    desk.server.git("branch -f environment/prod environment/qa~1");
    desk
}

#[test]
fn a_draft_and_the_words_around_relmans_part_outlive_what_moves_the_environment() {
    each(|running| {
        let room = Room::new();
        let desk = direct(&room, running);
        assert_eq!(desk.relman("promote qa prod -y --draft --format json").ok().json()["via"], "direct");
        {
            let pull = &mut running.store.lock().unwrap().pulls[0];
            assert!(pull.draft);
            pull.body = format!("Not before noon!\n\n{}\nAsk Ada.\n", pull.body);
        }
        desk.relman("redeploy qa -y").ok().talks("The pull request 1 to prod is open");
        desk.relman("set qa 1.2.0 -y --direct-push").ok().talks("The pull request 1 to prod is open");
        desk.relman("promote qa prod -y").ok();
        let pull = &running.store.lock().unwrap().pulls[0];
        assert!(pull.draft, "nobody asked to make it ready");
        assert!(pull.title.contains("1.2.0"), "{}", pull.title);
        assert!(pull.body.starts_with("Not before noon!") && pull.body.contains("Ask Ada."), "{}", pull.body);
        assert!(pull.body.contains("v1.2.0-rc.1") && !pull.body.contains("v1.1.0-rc.1"), "{}", pull.body);
    });
}

#[test]
fn a_pull_request_that_a_person_opened_is_theirs() {
    each(|running| {
        let room = Room::new();
        let desk = direct(&room, running);
        {
            let mut store = running.store.lock().unwrap();
            let pull = store.add("environment/qa", "environment/prod");
            (pull.title, pull.body, pull.draft) = ("Release week 47".into(), "Please look.".into(), true);
        }
        let said = desk.relman("redeploy qa -y").ok();
        let said = said.talks("The pull request 1 to prod is open").talks("It was opened by hand");
        assert!(said.err.contains("relman promote qa prod"), "{}", said.err);
        desk.relman("set qa 1.2.0 -y --direct-push").ok().talks("It was opened by hand");
        {
            let pull = &running.store.lock().unwrap().pulls[0];
            let now = (pull.title.as_str(), pull.body.as_str(), pull.draft);
            assert_eq!(now, ("Release week 47", "Please look.", true));
        }
        // Whoever promotes wants to be told there what is promoted, and takes nothing away by it.
        let promoted = desk.relman("promote qa prod -y --format json").ok().json();
        assert_eq!((&promoted["result"], &promoted["pull_request"]["number"]), (&"updated".into(), &1.into()));
        let codes: Vec<_> = promoted["warnings"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
        assert!(codes.contains(&&"opened-by-hand".into()), "{promoted}");
        assert_eq!(desk.relman("promote qa prod -y --format json").ok().json()["result"], "unchanged");
        let pull = &running.store.lock().unwrap().pulls[0];
        assert_eq!((pull.title.as_str(), pull.draft), ("Release week 47", true));
        assert!(pull.body.starts_with("Please look.\n") && pull.body.contains("v1.2.0-rc.1"), "{}", pull.body);
    });
}

#[test]
fn each_target_is_asked_at_the_forge_that_its_own_branch_names() {
    each(|running| {
        let room = Room::new();
        let desk = direct(&room, running);
        let text = format!("{}forge:\n  type: {}\n", file("1.0.0"), running.kind.word());
        desk.server.clone_as("hand", "").git("checkout -q environment/prod");
        room.write("work/hand/release.yml", text);
        Repo::at(&room, "hand").git("commit -qam Name");
        Repo::at(&room, "hand").git("push -q origin HEAD:environment/prod");
        let clone = Repo::at(&room, "foo-release");
        clone.git("fetch -q");
        clone.git(&format!("config relman.forgeUrl {}/acme/foo-release", running.server.url));
        let call = |line: &str| desk.call(line).run();
        let made = call("promote qa prod -y --format json").ok().json();
        assert_eq!((&made["result"], &made["via"]), (&"created".into(), &"direct".into()), "{made}");
        let found = call("doctor --format json").ok().json();
        let said: Vec<_> =
            found["findings"].as_array().unwrap().iter().map(|one| one["message"].as_str().unwrap()).collect();
        assert!(said.iter().any(|text| text.starts_with("no forge of qa")), "{said:?}");
        assert!(said.iter().any(|text| text.starts_with("the forge of prod is")), "{said:?}");
        assert!(said.contains(&"the token comes from RELMAN_TOKEN"), "{said:?}");
        let status = call("status --pull-requests --format json").ok().json();
        assert_eq!(status["environments"][0]["promotions"][0]["number"], 1, "{status}");
        call("redeploy qa -y").ok().talks("The pull request 1 to prod is open");
    });
}

#[test]
fn a_second_run_needs_no_yes_and_a_plan_says_what_is_open() {
    each(|running| {
        let room = Room::new();
        let desk = direct(&room, running);
        let line = "promote qa prod --format json";
        let without_yes = desk.relman(line).ends(2);
        assert!(without_yes.err.contains("--yes"), "{}", without_yes.err);
        let made = desk.relman(&format!("{line} -y")).ok().json();
        assert!(made["plan"][0]["summary"].as_str().unwrap().starts_with("open a pull request from"), "{made}");
        let again = desk.relman(line).ok().json();
        assert_eq!((&again["result"], &again["plan"][0]["changes"]), (&"unchanged".into(), &false.into()), "{again}");
        let summary = again["plan"][0]["summary"].as_str().unwrap();
        assert!(summary.starts_with("keep the pull request 1 from environment/qa"), "{summary}");
        desk.relman("set qa 1.2.0 -y --direct-push").ok();
        running.store.lock().unwrap().pulls[0].title = "Promote 1.1.0".into();
        desk.relman(line).ends(2);
        let newer = desk.relman(&format!("{line} -y")).ok().json();
        assert_eq!(newer["result"], "updated", "{newer}");
        let summary = newer["plan"][0]["summary"].as_str().unwrap();
        assert!(summary.starts_with("bring the pull request 1 from") && summary.contains("1.2.0"), "{summary}");
        // A dry run needs no token, so it does not look.
        let planned = desk.relman(&format!("{line} -n")).ok().json();
        assert!(planned["plan"][0]["summary"].as_str().unwrap().starts_with("find or open"), "{planned}");
    });
}

#[test]
fn a_branch_that_is_replaced_brings_its_pull_request_up_to_date() {
    let room = Room::new();
    let running = Running::start(ForgeKind::Gitea);
    let desk = Desk::new(&room, &running);
    let line = "promote qa prod --via branch -y --format json";
    assert_eq!(desk.relman(line).ok().json()["result"], "created");
    assert_eq!(desk.relman(line).ok().json()["result"], "unchanged");
    desk.server.commit_files("environment/prod", "Edit prod", &[("notes.md", "by hand\n")]);
    let moved = desk.relman(line).ok().json();
    assert_eq!((&moved["result"], &moved["plan"][0]["changes"]), (&"updated".into(), &true.into()), "{moved}");
}
