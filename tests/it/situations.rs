//! The situations in which a plain pull request between environment branches goes wrong, under every button of a forge.
//!
//! In each of them the source carries an edit that is its own business, and that must never arrive at the target.

use crate::sandbox::Room;
use crate::shop::{BUTTONS, Button, Shop, file};

/// Plays a situation under each button, from two branches that hold the same.
fn under_each_button(play: impl Fn(&Shop<'_>, Button)) {
    for button in BUTTONS {
        let room = Room::new();
        let shop = Shop::new(&room);
        shop.server.git("branch -f environment/prod environment/qa");
        play(&shop, button);
    }
}

#[test]
fn five_in_a_row() {
    under_each_button(|shop, button| {
        for version in ["1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.5.0"] {
            shop.qa(version);
            let document = shop.promote_and_press(button);
            assert_eq!((&document["via"], &document["version"]), (&"branch".into(), &version.into()), "{document}");
            shop.prod_holds(version);
        }
        assert_eq!(shop.promote("")["result"], "unchanged");
    });
}

#[test]
fn after_a_plain_pull_request_that_was_squashed() {
    under_each_button(|shop, button| {
        shop.qa_without_an_edit("1.1.0");
        shop.press(Button::Squash, "environment/qa", "environment/prod");
        shop.qa("1.2.0");
        let document = shop.promote_and_press(button);
        assert_eq!((&document["via"], &document["reason"]), (&"branch".into(), &"conflict".into()), "{document}");
        shop.prod_holds("1.2.0");
    });
}

#[test]
fn a_hotfix_on_the_target() {
    under_each_button(|shop, button| {
        shop.server.release_file("prod", "Hotfix", &file("1.0.1", ""));
        shop.qa("1.1.0");
        assert_eq!(shop.promote_and_press(button)["reason"], "conflict");
        shop.prod_holds("1.1.0");
    });
}

#[test]
fn a_promotion_that_was_reverted() {
    under_each_button(|shop, button| {
        shop.qa("1.1.0");
        shop.promote_and_press(button);
        shop.prod_holds("1.1.0");
        shop.revert("environment/prod");
        shop.prod_holds("1.0.0");
        shop.promote_and_press(button);
        shop.prod_holds("1.1.0");
        // And on from there.
        shop.qa("1.2.0");
        shop.promote_and_press(button);
        shop.prod_holds("1.2.0");
    });
}

#[test]
fn a_plain_pull_request_that_was_merged_and_reverted() {
    under_each_button(|shop, button| {
        shop.qa("1.1.0");
        shop.press(Button::Merge, "environment/qa", "environment/prod");
        shop.revert("environment/prod");
        shop.prod_holds("1.0.0");
        let document = shop.promote_and_press(button);
        assert_eq!(document["reason"], "nothing-to-merge", "a merge would change nothing: {document}");
        shop.prod_holds("1.1.0");
    });
}

#[test]
fn work_in_progress() {
    under_each_button(|shop, button| {
        let room = shop.room;
        shop.server.release_file("dev", "An edit of dev's own", &file("WIP", "  namespace: dev-only\n"));
        room.relman("foo-release", "promote dev qa -y --format json").refused(5, "needs-version");
        room.relman("foo-release", "promote dev qa -y --version 1.1.0").ok();
        shop.press(button, "promote/qa/1.1.0", "environment/qa");
        assert_eq!(shop.server.git("show environment/qa:release.yml"), file("1.1.0", "").trim_end());
    });
}

#[test]
fn twins() {
    under_each_button(|shop, button| {
        let twin = |version: &str| {
            file(version, "").replace("- name: prod\n", "- name: prod-cn\n  type: prod\n  from: [qa]\n- name: prod\n")
        };
        let china = || shop.server.git("show environment/prod-cn:release.yml");
        let promote = |version: &str| {
            let document = shop.room.relman("foo-release", "promote qa prod-cn -y --format json").ok().json();
            assert_eq!(document["via"], "branch", "{document}");
            shop.press(button, &format!("promote/prod-cn/{version}"), "environment/prod-cn");
        };
        shop.server.branch("environment/prod-cn", &shop.server.git("rev-parse main"));
        shop.server.release_file("prod-cn", "Set 1.0.0", &twin("1.0.0"));
        shop.qa("1.1.0");
        shop.promote_and_press(button);
        shop.prod_holds("1.1.0");
        promote("1.1.0");
        assert_eq!(china(), twin("1.1.0").trim_end());
        // One ahead of the other, then together again.
        shop.qa("1.2.0");
        shop.promote_and_press(button);
        shop.prod_holds("1.2.0");
        assert_eq!(china(), twin("1.1.0").trim_end());
        promote("1.2.0");
        assert_eq!(china(), twin("1.2.0").trim_end());
    });
}
