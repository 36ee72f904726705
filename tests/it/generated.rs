//! Files that are made from the command line's definition: they must be what the program of today would make.
//!
//! `RELMAN_UPDATE=1 cargo test generated` rewrites them.

use std::fmt::Write as _;
use std::path::Path;

use crate::sandbox::Room;
use crate::sandbox::documents::misfits;

/// Holds a file of the repository to what it should be, or writes it.
#[track_caller]
fn hold(path: &str, content: &str) {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("RELMAN_UPDATE").is_some() {
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(&full, content).unwrap();
        return;
    }
    let there = std::fs::read_to_string(&full).unwrap_or_default();
    let differs = there.lines().zip(content.lines()).position(|(a, b)| a != b);
    assert!(
        there == content,
        "{path} is not what the program makes (line {}); RELMAN_UPDATE=1 cargo test generated rewrites it",
        differs.map_or(there.lines().count().min(content.lines().count()), |at| at) + 1
    );
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let room = Room::new();
    room.relman("", "man").ok().silent().shows(".TH relman 1");
    room.relman("", "man --out pages").ok();
    let mut pages: Vec<_> =
        std::fs::read_dir(room.path("work/pages")).unwrap().map(|e| e.unwrap().file_name()).collect();
    pages.sort();
    for command in relman::cli::definition().get_subcommands() {
        let page = format!("relman-{}.1", command.get_name());
        assert!(pages.iter().any(|known| known == page.as_str()), "{page} is not among {pages:?}");
        let text = std::fs::read_to_string(room.path("work/pages").join(&page)).unwrap();
        assert!(text.contains(&format!("relman\\-{}", command.get_name().replace('-', "\\-"))), "{text}");
    }
    room.relman("", "man --out dry -n").ok().talks("would write dry/relman.1");
    assert!(!room.path("work/dry").exists());
}

#[test]
fn the_command_reference_is_made_from_the_definition() {
    let mut text = String::from(
        "# Command reference\n\n\
         <!-- Made from the program's own definition: RELMAN_UPDATE=1 cargo test generated rewrites it. -->\n\n",
    );
    let mut root = relman::cli::definition();
    root.build();
    describe(&root, "relman", &mut text);
    hold("docs/reference.md", &text);
}

#[test]
fn schemas_are_what_the_program_prints() {
    let room = Room::new();
    let names = room.relman("", "schema").ok().silent();
    let listed = room.relman("", "schema --format json").ok().silent().json();
    let ids: Vec<&str> = listed["schemas"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(names.out.lines().map(|name| format!("relman.{name}/1")).collect::<Vec<_>>(), ids);
    for name in names.out.lines() {
        let printed = room.relman("", &format!("schema {name}")).ok().silent();
        let schema = printed.json();
        assert!(jsonschema::meta::is_valid(&schema), "{name} is no schema");
        assert_eq!(schema["properties"]["schema"]["const"], format!("relman.{name}/1"));
        assert_eq!(room.relman("", &format!("schema {name} --format json")).ok().out, printed.out);
        hold(&format!("docs/schemas/{name}.json"), &printed.out);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), names.out.lines().count(), "a file is of no schema");
    room.relman("", "schema nope").ends(2).talks("[possible values: init, demo, ");
}

#[test]
fn what_is_not_as_its_schema_says_is_found() {
    let error = r#"{"schema":"relman.error/1","code":"exists","exit":5,"message":"it is there","hints":[],"new":1}"#;
    let finding = r#"{"schema":"relman.doctor/1","findings":[{"code":"git","severity":"ok","message":"","hint":""}]}"#;
    let log =
        r#"{"schema":"relman.log/1","fetched_at":"2026-03-04T08:12:00Z","entries":[],"left_out":0,"problems":[]}"#;
    for good in [error, finding, log, "nothing: {", "{}"] {
        assert_eq!(misfits(good), [""; 0]);
    }
    for (document, right, wrong) in [
        (error, r#""relman.error/1""#, r#""relman.check/1""#),
        (error, "5", r#""5""#),
        (error, r#","hints":[]"#, ""),
        (finding, r#""ok""#, r#""well""#),
        (log, "2026-03-04T08:12:00Z", "yesterday"),
        (log, r#""left_out":0"#, r#""left_out":-1"#),
        (log, r#""entries":[]"#, &format!(r#""entries":[],"inner":[{}]"#, error.replace("5", "null"))),
    ] {
        assert!(document.contains(right) && !misfits(&document.replace(right, wrong)).is_empty(), "{wrong}");
    }
}

/// One section for a command, and one for each of its subcommands.
fn describe(command: &clap::Command, name: &str, text: &mut String) {
    let is_root = !name.contains(' ');
    writeln!(text, "## {name}\n").unwrap();
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    writeln!(text, "{}\n", about.trim()).unwrap();
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").trim();
    let usage = if usage.starts_with("relman") { usage.to_owned() } else { format!("{name} {usage}") };
    writeln!(text, "```\n{usage}\n```\n").unwrap();
    let shown = |arg: &&clap::Arg| {
        let common = arg.is_global_set() && !is_root;
        !common && !matches!(arg.get_id().as_str(), "help" | "version") && !arg.is_hide_set()
    };
    let args: Vec<&clap::Arg> = command.get_arguments().filter(shown).collect();
    if !args.is_empty() {
        for arg in args {
            writeln!(text, "* `{}`: {}", spelling(arg), meaning(arg)).unwrap();
        }
        text.push('\n');
    }
    for subcommand in command.get_subcommands() {
        describe(subcommand, &format!("{name} {}", subcommand.get_name()), text);
    }
}

/// How an argument is typed: `-n, --dry-run`, `--out <DIR>`, `[ENV]...`.
fn spelling(arg: &clap::Arg) -> String {
    if arg.is_positional() {
        return arg.to_string();
    }
    let short = arg.get_short().map(|short| format!("-{short}"));
    let long = arg.get_long().map(|long| format!("--{long}"));
    let names = [short, long].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let takes = arg.get_num_args().is_some_and(|range| range.takes_values());
    let values = arg.get_value_names().filter(|_| takes).map(|names| names.join(" "));
    values.map_or(names.clone(), |values| format!("{names} <{values}>"))
}

/// What an argument means, with the words that it may hold and the one that it holds otherwise.
fn meaning(arg: &clap::Arg) -> String {
    let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let mut text = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let takes = arg.get_num_args().is_some_and(|range| range.takes_values());
    let words: Vec<String> =
        arg.get_possible_values().iter().filter(|_| takes).map(|word| format!("`{}`", word.get_name())).collect();
    if !words.is_empty() {
        write!(text, " ({})", words.join(", ")).unwrap();
    }
    let default: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if takes && !default.is_empty() {
        write!(text, "; default `{}`", default.join(" ")).unwrap();
    }
    if let Some(variable) = arg.get_env() {
        write!(text, "; or the variable `{}`", variable.to_string_lossy()).unwrap();
    }
    text
}
