//! What is printed stays readable on a terminal of 80 columns: thirty components, five hundred commits, odd messages.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;

use crate::sandbox::{Repo, Room, skip};

/// How many columns the terminal has.
const COLUMNS: usize = 80;

const COMPONENTS: usize = 30;

/// How many commits each component has for 1.1.0: some have many, some have a few, and some none. 500 in all.
fn commits_of(component: usize) -> usize {
    match component {
        0 => 149,
        1 => 100,
        2..10 => 25,
        10..17 => 7,
        17 => 2,
        _ => 0,
    }
}

/// Components as teams name them; one of them by a sentence.
fn name_of(component: usize) -> String {
    const NAMES: [&str; 6] =
        ["ledger", "checkout-service", "stock", "customer-notifications", "web", "identity-provider"];
    match component {
        5 => format!("legacy-{}", "enterprise-integration-bridge".repeat(2)),
        _ => format!("{}-{component:02}", NAMES[component % NAMES.len()]),
    }
}

/// Subjects as people write them: long, wide, and with what a terminal would act on.
fn subject(component: usize, number: usize) -> String {
    match number % 5 {
        0 => format!(
            "FOO-{} Round what is rounded already, but in the other direction, in component {component}",
            number % 60
        ),
        1 => format!(
            "Merge pull request #{number} from fork/FOO-{}-a-branch\n\nShow the total before the tax",
            number % 60
        ),
        2 => format!("FOO-{} 請求書の合計を税抜きで表示し、端数の処理を四捨五入から切り捨てに変更する", number % 60),
        3 => "fix: \u{1b}[31mred\u{1b}[0m and \u{202e}reversed\u{7}".to_owned(),
        _ => format!("chore(deps): update {} to 1.{number}.0", "a-dependency-of-ours".repeat(3)),
    }
}

/// A component with all its history in one stream: 1.0.0, a fix of its own in prod for some, and 1.1.0.
fn component<'r>(room: &'r Room, index: usize) -> (Repo<'r>, [String; 2]) {
    let repo = room.repo(&name_of(index));
    let mut stream = String::new();
    let mut write = |branch: &str, from: Option<usize>, mark: usize, message: &str| {
        let who = format!("Robin Räuberhöhle-Wallenstein <r@example.com> {} +0000", 1_767_000_000 + mark * 60);
        writeln!(stream, "commit refs/heads/{branch}\nmark :{mark}\nauthor {who}\ncommitter {who}").unwrap();
        writeln!(stream, "data {}\n{message}", message.len()).unwrap();
        from.iter().for_each(|from| writeln!(stream, "from :{from}").unwrap());
        let content = format!("{branch} {mark}");
        writeln!(stream, "M 100644 inline file-{}\ndata {}\n{content}", mark % 7, content.len()).unwrap();
    };
    write("main", None, 1, "Begin");
    let last = 1 + commits_of(index);
    (2..=last).for_each(|mark| write("main", None, mark, &subject(index, mark)));
    let fixes = if index.is_multiple_of(2) { 2 } else { 0 };
    (1..=fixes).for_each(|n| write("fixes", (n == 1).then_some(1), last + n, &format!("FOO-9{n} Fix what is urgent")));
    repo.git_fed(["fast-import", "--quiet"], stream.as_bytes());
    let young = repo.git("rev-parse main");
    let old = repo.git(if fixes > 0 { "rev-parse fixes" } else { "rev-list --max-parents=0 main" });
    repo.tag("v1.0.0-rc.1", &old);
    repo.tag("v1.0.0", &old);
    repo.tag("v1.1.0-rc.1", &young);
    (repo, [old, young])
}

/// Everything: qa has 1.1.0, and prod 1.0.0 after a long past.
fn build(room: &Room) {
    let ids: Vec<[String; 2]> = (0..COMPONENTS).map(|index| component(room, index).1).collect();
    let names: Vec<String> = (0..COMPONENTS).map(name_of).collect();
    let app = room.repo("foo-app");
    for (side, version) in ["1.0.0", "1.1.0"].iter().enumerate() {
        let entries: String = names.iter().map(|name| format!("- name: {name}\n")).collect();
        let steps = format!("pipeline:\n  steps:\n  - {{name: deploy-{version}, run: 'true'}}\n");
        let chart = format!("name: foo\nversion: {version}\n");
        let own = app.commit_files(
            "main",
            &format!("Describe {version}"),
            &[
                ("app.yml", &format!("repositories:\n{entries}{steps}")),
                ("deploy/charts/umbrella/Chart.yaml", &chart),
                ("deploy/charts/umbrella/values.yaml", "a: 1\n"),
                ("deploy/charts/umbrella/values.prod.yaml", "b: 1\n"),
            ],
        );
        let components: Vec<(&str, &str)> =
            names.iter().zip(&ids).map(|(name, ids)| (name.as_str(), ids[side].as_str())).collect();
        app.relman_tag(&format!("v{version}-rc.1"), &own, &components);
        if side == 0 {
            app.relman_tag("v1.0.0", &own, &components);
        }
    }
    let release = room.repo("foo-release");
    release.environment("dev", "WIP", "type: dev");
    release.environment("qa", "1.1.0", "type: qa; from: [dev]");
    for minor in 0..40 {
        release.environment("prod", &format!("0.{minor}.0"), "type: prod; from: [qa]");
    }
    let prod = release.environment_saying(
        "prod",
        "1.0.0",
        "type: prod; from: [qa]",
        "Promote (#1234)\n\nVersion: 1.0.0\nCandidate: v1.0.0-rc.1\n",
    );
    let url = format!("https://ci.example.com/{}/runs/4711", "a-folder-that-is-deep/".repeat(5));
    let repositories: Vec<_> = names
        .iter()
        .zip(&ids)
        .map(|(name, ids)| serde_json::json!({"name": name, "commit": ids[0], "ref": "refs/tags/v1.0.0"}))
        .collect();
    let line = serde_json::json!({
        "at": "2026-01-05T09:30:00.000Z", "id": "1", "schema": "relman.record/1", "environment": "prod",
        "outcome": "succeeded", "version": "1.0.0", "tag": "v1.0.0", "candidate": "v1.0.0-rc.1",
        "release_commit": prod, "app_commit": app.git("rev-parse v1.0.0^0"), "repositories": repositories,
        "engine": "github-actions", "url": url, "actor": "a-robot-with-a-long-name[bot]",
    });
    release.git_args(["notes", "--ref=relman/deployments", "append", "-m", &line.to_string(), &prod]);
}

/// What stands on the terminal after a line, with no line of an answer wider than it.
fn shown(room: &Room, line: &[&str]) -> Option<String> {
    let mut call = room.call("foo-release").env("NO_COLOR", "1");
    for word in line {
        call = call.arg(word);
    }
    let shown = room.steady(&call.on_a_terminal(COLUMNS)?);
    assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{shown:?}");
    let talk = ["warning:", "hint:", "As of"];
    // A URL stays whole, so that it can be opened.
    let is_free = |line: &str| talk.iter().any(|word| line.starts_with(word)) || line.trim().starts_with("https://");
    for line in shown.lines().filter(|line| !is_free(line)) {
        assert!(console::measure_text_width(line) <= COLUMNS, "{line}");
    }
    Some(shown)
}

/// Holds what stands on the terminal to a snapshot, and to a number of lines.
macro_rules! assert_shown {
    ($name:literal, $shown:expr, $most:expr) => {
        let shown = $shown;
        assert!(shown.lines().count() <= $most, "{} lines:\n{shown}", shown.lines().count());
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!($name, shown);
        });
    };
}

#[test]
fn thirty_components_and_five_hundred_commits_on_eighty_columns() {
    let room = Room::new();
    build(&room);
    let Some(diff) = shown(&room, &["diff", "qa", "prod"]) else {
        return skip("thirty_components_and_five_hundred_commits_on_eighty_columns", "there is no program `script`");
    };
    let show = |line: &[&str]| shown(&room, line).unwrap();
    assert_shown!("wide_diff", diff, 150);
    assert_shown!("wide_where", show(&["where", "FOO-5"]), 20);
    assert_shown!("wide_where_version", show(&["where", "1.1.0"]), 22);
    assert_shown!("wide_trace", show(&["trace", "prod"]), 20);
    assert_shown!("wide_log", show(&["log", "--limit", "4"]), 12);
    assert_shown!("wide_graph", show(&["log", "--graph", "--limit", "3"]), 6);
    assert_shown!("wide_status_at", show(&["status", "--at", "2026-01-06"]), 8);
    // All of it, where that is wanted.
    assert!(show(&["diff", "qa", "prod", "--all"]).lines().count() > 500);
    assert_eq!(show(&["trace", "prod", "--all"]).matches("component  ").count(), COMPONENTS);
    assert_eq!(show(&["where", "FOO-5", "--all"]).lines().filter(|line| line.contains("FOO-5 ")).count(), 20);
    let document = room.relman("foo-release", "diff qa prod --format json").ok().json();
    let added =
        document["repositories"].as_array().unwrap()[1..].iter().map(|one| one["added"].as_array().unwrap().len());
    assert_eq!(added.sum::<usize>(), 500);
}

#[test]
fn lanes_make_room_for_the_words() {
    let room = Room::new();
    room.repo("foo-app").commit("main", "Begin");
    let release = room.repo("foo-release");
    for index in 1..=45 {
        release.environment(&format!("prod-region-{index:02}"), "1.0.0", "type: prod");
    }
    let draw = |limit: &str| shown(&room, &["log", "--graph", "--limit", limit]);
    let Some(some) = draw("30") else {
        return skip("lanes_make_room_for_the_words", "there is no program `script`");
    };
    // All lanes don't fit, those that change here do, and of so many that not even those fit there is none.
    assert_shown!("wide_graph_some_lanes", some, 32);
    assert_shown!("wide_graph_without_lanes", draw("45").unwrap(), 46);
}

#[test]
fn thirty_missing_clones_hide_nothing_else() {
    let room = Room::new();
    build(&room);
    for index in 1..COMPONENTS {
        std::fs::rename(room.path("work").join(name_of(index)), room.path("tmp").join(name_of(index))).unwrap();
    }
    let Some(diff) = shown(&room, &["diff", "qa", "prod"]) else {
        return skip("thirty_missing_clones_hide_nothing_else", "there is no program `script`");
    };
    assert!(diff.contains("(and 26 more like this: -v lists them)"), "{diff}");
    assert_eq!(diff.matches("warning:").count(), 3, "{diff}");
    let trace = shown(&room, &["trace", "prod"]).unwrap();
    assert!(trace.lines().count() < 40, "{trace}");
    // As many as are told, with -v.
    assert_eq!(room.relman("foo-release", "trace prod -v").err.matches("warning:").count(), COMPONENTS - 1);
    assert_shown!("wide_verify", shown(&room, &["verify", "1.0.0", "--offline"]).unwrap(), 60);
}

#[test]
fn rows_differ_where_names_begin_alike_and_columns_are_few() {
    let room = Room::new();
    let names: Vec<String> = (1..=5).map(|index| format!("component-with-a-long-name-{index:02}")).collect();
    let app = room.repo("foo-app");
    let entries: Vec<String> = names.iter().map(|name| format!("name: {name}")).collect();
    app.app_file("main", &entries.iter().map(String::as_str).collect::<Vec<_>>());
    let mut components = Vec::new();
    for name in &names {
        let repo = room.repo(name);
        components.push((name.as_str(), repo.commit("main", "FOO-1 Round what is rounded already, the other way")));
        repo.tag("v1.0.0", "main");
    }
    let components: Vec<(&str, &str)> = components.iter().map(|(name, id)| (*name, id.as_str())).collect();
    app.relman_tag("v1.0.0", "main", &components);
    room.repo("foo-release").environment("prod", "1.0.0", "type: prod");
    for columns in [60, 80] {
        for line in ["where 1.0.0", "where FOO-1", "trace prod --all", "status --at now"] {
            let call = room.call("foo-release").env("NO_COLOR", "1").words(line);
            let Some(shown) = call.on_a_terminal(columns) else {
                return skip("rows_differ_where_names_begin_alike_and_columns_are_few", "there is no program `script`");
            };
            for text in shown.lines() {
                assert!(console::measure_text_width(text) <= columns, "{columns} columns, {line}: {text}");
            }
            for index in (1..=5).filter(|_| !line.starts_with("status")) {
                let rows = shown.lines().filter(|text| text.contains(&format!("me-{index:02} "))).count();
                assert_eq!(rows, 1, "{columns} columns, {line}:\n{shown}");
            }
        }
    }
}
