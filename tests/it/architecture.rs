//! Who may name whom, and a few habits of the house, read from the source itself.

use std::fs;
use std::path::{Path, PathBuf};

/// Each room of the house and the rooms that it may name, itself aside.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("plan", &["domain"]),
    ("scaffold", &["domain"]),
    ("config", &["domain"]),
    ("interrupt", &[]),
    ("ui", &["domain", "interrupt"]),
    ("git", &["domain", "plan"]),
    ("http", &["domain"]),
    ("forge", &["domain", "plan", "http"]),
    ("jira", &["domain", "plan", "http"]),
    ("pipeline", &["domain", "plan", "http", "interrupt"]),
    ("workspace", &["domain", "git"]),
    ("playground", &["domain", "git", "scaffold"]),
    ("render", &["domain", "plan", "workspace", "ui"]),
    (
        "cli",
        &[
            "domain",
            "plan",
            "scaffold",
            "config",
            "ui",
            "git",
            "http",
            "forge",
            "jira",
            "pipeline",
            "workspace",
            "playground",
            "render",
        ],
    ),
];

/// A file of the program: where it lies below `src`, and its lines without its own tests.
struct Source {
    path: PathBuf,
    lines: Vec<String>,
}

impl Source {
    /// The module that the file belongs to: `domain` for `domain/yaml/edit.rs`, `ui` for `ui.rs`.
    fn room(&self) -> String {
        let first = self.path.components().next().unwrap().as_os_str().to_str().unwrap();
        first.trim_end_matches(".rs").to_owned()
    }

    fn is_test(&self) -> bool {
        self.path.components().any(|part| matches!(part.as_os_str().to_str(), Some("tests.rs" | "tests")))
    }
}

fn sources() -> Vec<Source> {
    fn gather(folder: &Path, root: &Path, found: &mut Vec<Source>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                gather(&path, root, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                // Tests stand at the end of a file.
                let lines = text.lines().take_while(|line| *line != "#[cfg(test)]").map(str::to_owned).collect();
                found.push(Source { path: path.strip_prefix(root).unwrap().to_owned(), lines });
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    gather(&root, &root, &mut found);
    found.retain(|source| !source.is_test());
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(found.len() > 40, "only {} files were found below {}", found.len(), root.display());
    found
}

/// The lines of code in a file that break a rule, as `path:line: text`.
fn offenders(rule: impl Fn(&Source, &str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources() {
        for (index, line) in source.lines.iter().enumerate() {
            if !line.trim_start().starts_with("//") && rule(&source, line) {
                found.push(format!("{}:{}: {}", source.path.display(), index + 1, line.trim()));
            }
        }
    }
    found
}

/// What stands after each `crate::` of a line: `a` and `b` for `use crate::{a::x, b};`.
fn named(line: &str) -> Vec<String> {
    let mut names = Vec::new();
    let word = |text: &str| text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>();
    for (at, _) in line.match_indices("crate::") {
        let rest = &line[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => {
                let mut depth = 0;
                let mut begins = true;
                for (index, c) in group.char_indices() {
                    if begins && depth == 0 && !c.is_whitespace() {
                        names.push(word(&group[index..]));
                        begins = false;
                    }
                    match c {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' => begins = true,
                        _ => {}
                    }
                }
            }
            None => names.push(word(rest)),
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn the_reader_of_names_reads_names() {
    assert_eq!(named("use crate::domain::name::X;"), ["domain"]);
    assert_eq!(named("use crate::{git, workspace::{a, b}, ui::C};"), ["git", "workspace", "ui"]);
    assert_eq!(named("    crate::git::x(crate::ui::y)"), ["git", "ui"]);
    assert_eq!(named("use super::x;"), [""; 0]);
}

#[test]
fn rooms_name_only_the_rooms_they_may() {
    let unknown = offenders(|source, _| {
        let room = source.room();
        !matches!(room.as_str(), "lib" | "main") && !MAY_NAME.iter().any(|(known, _)| *known == room)
    });
    assert!(unknown.is_empty(), "a new room needs a line in MAY_NAME: {}", unknown[0]);
    let broken = offenders(|source, line| {
        let room = source.room();
        let Some((_, allowed)) = MAY_NAME.iter().find(|(known, _)| *known == room) else { return false };
        named(line).iter().any(|name| *name != room && !allowed.contains(&name.as_str()))
    });
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn of_the_screen_renderers_know_the_format_alone() {
    let broken = offenders(|source, line| {
        source.room() == "render" && line.contains("crate::ui") && !line.contains("crate::ui::Format")
    });
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn the_domain_knows_of_git_only_ids_and_the_rules_for_names() {
    let broken = offenders(|source, line| {
        source.room() == "domain"
            && line.match_indices("gix::").any(|(at, _)| {
                let rest = &line[at + "gix::".len()..];
                !rest.starts_with("ObjectId") && !rest.starts_with("validate::")
            })
    });
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn the_domain_and_plans_touch_nothing_outside() {
    let outside = ["std::fs", "std::env", "std::process", "std::net", "std::io", "SystemTime", "Timestamp::now"];
    let broken = offenders(|source, line| {
        matches!(source.room().as_str(), "domain" | "plan") && outside.iter().any(|name| line.contains(name))
    });
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn clap_is_known_to_the_command_line_alone() {
    // `ui` derives the words that a flag may hold.
    let broken = offenders(|source, line| {
        !matches!(source.room().as_str(), "cli" | "ui") && (line.contains("clap::") || line.contains("clap_"))
    });
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn one_place_prints_and_nobody_exits() {
    let words = ["println!", "print!(", "eprintln!", "eprint!(", "io::stdout()", "io::stderr()", "process::exit"];
    let broken = offenders(|source, line| source.room() != "ui" && words.iter().any(|word| line.contains(word)));
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn programs_are_started_in_few_places() {
    let broken = offenders(|source, line| {
        // What clap calls a command starts nothing.
        let line = line.replace("clap::Command::new", "");
        source.path != Path::new("git/program.rs") && (line.contains("Command::new") || line.contains("process::Command"))
            // A pipeline is started as well, and so are the programs that may know a token for a forge.
            && source.room() != "pipeline"
            && source.path != Path::new("forge/runner.rs")
    });
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn every_file_opens_with_what_lives_in_it() {
    for source in sources() {
        let first = source.lines.first().map(String::as_str).unwrap_or_default();
        let says = first.strip_prefix("//! ").unwrap_or_default();
        assert!(says.len() > 15, "{} opens with {first:?}", source.path.display());
    }
}

#[test]
fn every_file_is_read_in_one_sitting() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|source| source.lines.len() > 400)
        .map(|source| format!("{}: {} lines without its tests", source.path.display(), source.lines.len()))
        .collect();
    assert!(long.is_empty(), "\n{}", long.join("\n"));
}
